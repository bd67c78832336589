//! The texts of JSONTestSuite (MIT), one a file: `json-test-suite` in the folder that
//! `SOVEREIGN_TEST_DATA` names. `y_` must be taken, `n_` refused, the rest survived.

use super::*;
use std::fs;
use std::path::{Path, PathBuf};

/// More pieces than this of one text are not tried.
const PIECE_BYTES_MAX: usize = 40;

fn texts(folder: &str) -> Option<Vec<(String, Vec<u8>)>> {
    let root = PathBuf::from(std::env::var_os("SOVEREIGN_TEST_DATA")?);
    let entries = fs::read_dir(root.join("json-test-suite").join(folder)).ok()?;
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let paths = entries.map(|entry| entry.unwrap().path());
    Some(paths.map(|path| (name(&path), fs::read(&path).unwrap())).collect())
}

fn judge(name: &str, text: &[u8]) -> Option<Error> {
    let (_, verdict) = feed(Tokenizer::new(), text, &[], 0);
    for size in 1..PIECE_BYTES_MAX.min(text.len()) {
        assert_eq!(feed(Tokenizer::new(), text, &[size], 0).1, verdict, "{name} in pieces of {size}");
    }
    verdict
}

#[test]
fn the_texts_of_the_suite_get_their_verdicts_in_pieces_of_any_size() {
    let Some(texts) = texts("test_parsing") else {
        println!("skipped: SOVEREIGN_TEST_DATA names no folder with json-test-suite");
        return;
    };
    let mut counts = [0, 0, 0];
    for (name, text) in &texts {
        let verdict = judge(name, text);
        match name.as_bytes()[0] {
            b'y' => {
                counts[0] += 1;
                assert_eq!(verdict, None, "{name}");
            }
            b'n' => {
                counts[1] += 1;
                assert!(verdict.is_some(), "{name}");
            }
            _ => counts[2] += 1,
        }
    }
    assert_eq!(counts, [95, 188, 35], "accepted, refused, either");
}

#[test]
fn texts_that_readers_read_differently_are_survived() {
    let Some(texts) = texts("test_transform") else {
        println!("skipped: SOVEREIGN_TEST_DATA names no folder with json-test-suite");
        return;
    };
    for (name, text) in &texts {
        judge(name, text);
    }
    assert_eq!(texts.len(), 22);
}
