//! Fingerprints of a source tree: its excerpts are found, whatever became of their white space;
//! the code of others and prose are not.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use detect::{DetectorSet, EntityType, Finding, FingerprintBuilder, FingerprintSet, Scanner};
use std::fs;
use std::path::{Path, PathBuf};

fn files(root: &Path, extension: &str, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            files(&path, extension, out);
        } else if path.extension().is_some_and(|found| found == extension) {
            out.push(path);
        }
    }
}

fn texts(root: &Path, extension: &str) -> Vec<(PathBuf, String)> {
    let mut paths = Vec::new();
    files(root, extension, &mut paths);
    paths.into_iter().filter_map(|path| fs::read_to_string(&path).ok().map(|text| (path, text))).collect()
}

fn fingerprints(texts: &[(PathBuf, String)]) -> FingerprintSet {
    let mut builder = FingerprintBuilder::new("ours", [7; 16]).unwrap();
    texts.iter().for_each(|(_, text)| builder.add(text.as_bytes()));
    builder.finish().unwrap()
}

fn set(fingerprints: FingerprintSet) -> DetectorSet {
    DetectorSet::builder().fingerprints("ours", fingerprints).build().unwrap()
}

fn find(set: &DetectorSet, scanner: &mut Scanner, text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    scanner.reset();
    scanner.push(text.as_bytes());
    scanner.boundary();
    scanner.scan(set, &mut found);
    found
}

/// Our own sources: a tree that is always there.
fn own() -> Vec<(PathBuf, String)> {
    texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "rs")
}

/// A row of numbers that looks random and is always the same (xorshift).
fn random(state: &mut u64, below: usize) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state % below as u64).unwrap()
}

/// An excerpt says enough if its code has ten words and forty letters, comments not counted.
fn has_substance(lines: &[&str]) -> bool {
    let code = |line: &&&str| {
        let line = line.trim();
        line.contains(['(', '{', '[', '=', ';', '<'])
            && !["//", "#", "use ", "import ", "from ", "pub use ", "*", "/*"].iter().any(|head| line.starts_with(head))
    };
    let code: Vec<&str> = lines.iter().filter(code).copied().collect();
    let words =
        |line: &&str| line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).count();
    let letters: usize = code
        .iter()
        .flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'))
        .filter(|word| word.len() > 3)
        .map(str::len)
        .sum();
    code.len() == lines.len() && code.iter().map(words).sum::<usize>() >= 12 && letters >= 50
}

fn recall(texts: &[(PathBuf, String)], set: &DetectorSet, change: impl Fn(&[&str]) -> String) -> (usize, usize) {
    let (mut state, mut tried, mut hit) = (0x2545_f491_4f6c_dd1d, 0, 0);
    let mut scanner = Scanner::new();
    for _ in 0..4_000 {
        let text = &texts[random(&mut state, texts.len())].1;
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        if lines.len() < 10 {
            continue;
        }
        let first = random(&mut state, lines.len() - 3);
        let excerpt = &lines[first..first + 3];
        if !has_substance(excerpt) {
            continue;
        }
        tried += 1;
        let prompt = format!("Can you tell me what this does?\n{}\nThank you very much.", change(excerpt));
        let is_hit = !find(set, &mut scanner, &prompt).is_empty();
        if !is_hit && std::env::var_os("SHOW").is_some() && tried % 20 == 0 {
            eprintln!("MISSED\n{}", excerpt.join("\n"));
        }
        hit += usize::from(is_hit);
    }
    (tried, hit)
}

fn registry() -> Vec<PathBuf> {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let sources = home.map(|home| home.join("registry/src")).into_iter().flat_map(fs::read_dir).flatten().flatten();
    let mut crates: Vec<PathBuf> =
        sources.flat_map(|index| fs::read_dir(index.path())).flatten().flatten().map(|entry| entry.path()).collect();
    crates.sort();
    crates
}

#[test]
fn excerpts_of_three_lines_are_found_whatever_their_white_space() {
    let own = own();
    let set = set(fingerprints(&own));
    let plain = |lines: &[&str]| lines.join("\n");
    let indented =
        |lines: &[&str]| lines.iter().map(|line| format!("\t\t{}   \r\n\n", line.trim())).collect::<String>();
    let in_one_line = |lines: &[&str]| lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
    let commented =
        |lines: &[&str]| lines.iter().map(|line| format!("{line} // as it was\n// and is\n")).collect::<String>();
    for (name, (tried, hit)) in [
        ("plain", recall(&own, &set, plain)),
        ("indented", recall(&own, &set, indented)),
        ("in one line", recall(&own, &set, in_one_line)),
        ("commented", recall(&own, &set, commented)),
    ] {
        eprintln!("{name}: {hit} of {tried}");
        assert!(hit * 100 >= tried * 95, "{name}: {hit} of {tried}");
    }
}

/// Findings a MB of other people's code, at most: idiom and copied code are shared, most of all by trees of traits.
const OTHERS_FINDINGS_PER_MB_MAX: usize = 6;

/// Reads hundreds of megabytes of other people's code: with `SOVEREIGN_SLOW`.
#[test]
fn the_code_of_others_is_not_ours() {
    if std::env::var_os("SOVEREIGN_SLOW").is_none() {
        println!("skipped: SOVEREIGN_SLOW is not set");
        return;
    }
    for name in std::env::var("TREES")
        .unwrap_or_else(|_| {
            "smoltcp-0.14.0 toml_edit-0.25.18+spec-1.1.0 regex-automata-0.4.19 signal-hook-0.4.6".to_owned()
        })
        .split(' ')
    {
        let crates = registry();
        let Some(tree) = crates.iter().find(|path| path.ends_with(name)) else {
            println!("skipped: {name} is not there");
            continue;
        };
        let ours = texts(tree, "rs");
        let set = set(fingerprints(&ours));
        let (tried, hit) = recall(&ours, &set, |lines| lines.join("\n"));
        eprintln!("{name}: recall {hit} of {tried}");
        let (mut bytes, mut findings) = (0, 0);
        let mut scanner = Scanner::new();
        let stem = name.split('-').next().unwrap();
        let mut others: Vec<(PathBuf, String)> = Vec::new();
        for other in &crates {
            if !other.file_name().unwrap().to_string_lossy().starts_with(stem) {
                others.extend(texts(other, "rs"));
            }
        }
        others.extend(texts(Path::new("/usr/lib/python3"), "py"));
        for (path, text) in others {
            let found = find(&set, &mut scanner, &text);
            bytes += text.len();
            let count = found.iter().filter(|finding| !finding.continued).count();
            findings += count;
            if count > 0 && std::env::var_os("SHOW").is_some() {
                for finding in found.iter().take(2) {
                    let at = |offset: u64| usize::try_from(offset).unwrap();
                    eprintln!("{}: {}", path.display(), &text[at(finding.start)..at(finding.end)]);
                }
            }
        }
        eprintln!("{name}: {findings} findings in {bytes} bytes of others");
        assert!(hit * 100 >= tried * 85, "{name}: {hit} of {tried}");
        assert!(findings <= (bytes >> 20) * OTHERS_FINDINGS_PER_MB_MAX, "{name}: {findings} in {bytes} bytes");
    }
}

#[test]
fn prose_is_nobodys_code() {
    let set = set(fingerprints(&own()));
    let mut scanner = Scanner::new();
    for (path, text) in texts(Path::new("/usr/share/doc"), "txt") {
        assert_eq!(find(&set, &mut scanner, &text), [], "{}", path.display());
    }
}

#[test]
fn a_set_is_what_its_file_says() {
    let made = fingerprints(&own());
    let bytes = made.to_bytes();
    let read = FingerprintSet::from_bytes(&bytes).unwrap();
    assert_eq!((read.name(), read.counts()), ("ours", made.counts()));
    assert_eq!(read.to_bytes(), bytes);
    let set = set(read);
    assert_eq!(set.rule(set.ids().last().unwrap()), Some("ours"));
    assert!(set.is_enabled(EntityType::Fingerprint));
}

#[test]
fn a_file_that_is_not_whole_is_refused() {
    let bytes = fingerprints(&own()).to_bytes();
    for len in (0..bytes.len()).step_by(997).chain([0, 7, 8, 9, 10, bytes.len() - 1]) {
        FingerprintSet::from_bytes(&bytes[..len]).unwrap_err();
    }
    for place in (0..bytes.len()).step_by(499) {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        FingerprintSet::from_bytes(&changed).unwrap_err();
    }
    let message = |bytes: &[u8]| FingerprintSet::from_bytes(bytes).unwrap_err().to_string();
    assert_eq!(message(b"#!/bin/sh\n"), "this is no set of fingerprints");
    assert_eq!(message(&[&bytes[..], b"more"].concat()), "the set is damaged; build it again");
}

#[test]
fn a_tree_without_code_is_no_set() {
    let mut builder = FingerprintBuilder::new("ours", [0; 16]).unwrap();
    builder.add(b"Only prose is here.\nAnd more of it.\n}\n}\n");
    assert!(builder.finish().is_err());
    assert!(FingerprintBuilder::new("", [0; 16]).is_err());
}
