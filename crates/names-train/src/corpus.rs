//! Labelled corpora in columns: a token and its tag a line, a blank line between sentences.
//!
//! Tokens are joined to a text again, so that the tagger reads what it would read in the world.
//! Handles (`@name`) are no names here, though one corpus labels them so: they are addresses.
//! The blocks of sentences take turns: those of one turn are held out, and those of each other may be, to
//! compare ways of training without a look at the former.

use crate::document::{Document, Kind};
use std::path::Path;

/// Sentences of a block: neighbours of one text stay on one side.
const BLOCK_SENTENCES: usize = 20;
/// Turns that blocks take.
const TURN_COUNT: usize = 10;
/// The turn that is held out.
pub const HELD_OUT: usize = TURN_COUNT - 1;
/// The file of a corpus that is held out as a whole: it is of another kind than those beside it.
const HELD_OUT_FILE: &str = "wnut17/dev.conll";

/// A file's name, and its documents with their turns.
pub type Corpus = (&'static str, Vec<(usize, Document)>);

const FILES: &[&str] = &[
    "wnut17/train.conll",
    "wnut17/dev.conll",
    "btc/a.conll",
    "btc/b.conll",
    "btc/e.conll",
    "btc/f.conll",
    "btc/g.conll",
    "btc/h.conll",
    "wikigold/train.conll",
];

/// Reads all corpora under `folder`.
///
/// # Errors
/// If a file cannot be read.
pub fn read(folder: &Path) -> std::io::Result<Vec<Corpus>> {
    let corpus = |name: &&'static str| {
        let content = std::fs::read(folder.join(name))?;
        let content = String::from_utf8_lossy(&content).replace("\r\n", "\n");
        let turn = |place: usize| if *name == HELD_OUT_FILE { HELD_OUT } else { place / BLOCK_SENTENCES % TURN_COUNT };
        let sentences = content.split("\n\n").enumerate().map(|(place, lines)| (turn(place), sentence(lines)));
        Ok((*name, sentences.filter(|made| !made.1.text.is_empty()).collect()))
    };
    FILES.iter().map(corpus).collect()
}

/// Lines of a text without names.
const PLAIN_LINES: usize = 8;

/// Texts without names: source code under `folder`, in pieces, every so many of them.
///
/// # Errors
/// If a file cannot be read.
pub fn read_plain(folder: &Path, every: usize) -> std::io::Result<Vec<Document>> {
    let (mut folders, mut files) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            match path.extension().and_then(|end| end.to_str()) {
                _ if path.is_dir() => folders.push(path),
                Some("rs" | "md" | "toml") => files.push(path),
                _ => {}
            }
        }
    }
    files.sort();
    let mut made = Vec::new();
    for file in files {
        let content = std::fs::read_to_string(file)?;
        let lines: Vec<&str> = content.lines().collect();
        let pieces = lines.chunks(PLAIN_LINES).step_by(every);
        made.extend(pieces.map(|piece| Document { text: piece.join("\n").into_bytes(), ..Document::default() }));
    }
    Ok(made)
}

/// The kind that a tag names, whatever the corpus calls it.
fn kind(tag: &str) -> Option<Kind> {
    match tag.get(2..)? {
        "PER" | "person" => Some(Kind::Person),
        "ORG" | "corporation" | "group" => Some(Kind::Organization),
        "LOC" | "location" => Some(Kind::Location),
        _ => None,
    }
}

fn sentence(lines: &str) -> Document {
    let mut made = Document::default();
    let (mut before, mut open): (&str, Option<Kind>) = ("", None);
    for line in lines.lines() {
        let Some((token, tag)) = line.trim().rsplit_once(['\t', ' ']) else { continue };
        let token = token.trim();
        if is_spaced(before, token) && !made.text.is_empty() {
            made.push(" ");
        }
        let is_handle = before == "@" || token.starts_with('@');
        let start = made.text.len();
        made.push(token);
        let found = kind(tag).filter(|_| !is_handle && token != "@");
        match (found, made.spans.last_mut()) {
            (Some(kind), Some(last)) if open == Some(kind) && !tag.starts_with("B-") => {
                last.1 = start + token.len();
            }
            (Some(kind), _) => made.spans.push((start, start + token.len(), kind)),
            (None, _) => {}
        }
        (before, open) = (token, found);
    }
    made
}

/// True if a space stands between two tokens.
fn is_spaced(before: &str, token: &str) -> bool {
    let closes = matches!(
        token,
        "." | "," | "!" | "?" | ":" | ";" | ")" | "]" | "'s" | "n't" | "'m" | "'re" | "'ve" | "'ll" | "'d" | "'"
    );
    let opened = matches!(before, "(" | "[" | "@" | "#" | "$") || (before == "'" && token.len() <= 2);
    !closes && !opened
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_become_a_text_with_names() {
        let made = sentence("Hi\tO\n,\tO\nJane\tB-person\nDoe\tI-person\n's\tO\n@\tB-PER\nhandle\tB-PER\n");
        assert_eq!(String::from_utf8_lossy(&made.text), "Hi, Jane Doe's @handle");
        assert_eq!(made.spans, [(4, 12, Kind::Person)]);
        let plain = sentence("The I-ORG\nMad I-ORG\n. O\nParis I-LOC");
        assert_eq!(plain.spans, [(0, 7, Kind::Organization), (9, 14, Kind::Location)]);
    }
}
