//! CANARY: strings that the owner planted to see them leave.
//!
//! A canary is a random token in a document, a repository, a row of a table. It is found whatever
//! its case, and whatever punctuation or white space stands between its letters and digits, up to
//! [`GAP_BYTES_MAX`] bytes in a row: `AB12-CD34-EF56` is also `ab12cd34ef56` and, broken over a
//! line, `AB12 CD34\nEF56`. Letters and digits of ASCII alone count. It may stand within a word.
//!
//! The text is reduced to small letters and digits, and all canaries are searched for in that
//! (Aho-Corasick). Of overlapping canaries the leftmost counts, and of those the longest, whatever
//! their lists.

use crate::trigger::{Sink, id};
use crate::window::{BOUNDARY, Match, NUMBER_BOUNDARY, Window};
use aho_corasick::{AhoCorasick, BuildError, Input, MatchKind};

/// Letters and digits of the shortest canary: fewer may be a word, or two words in a row.
pub const CANARY_LETTERS_MIN: usize = 8;

/// Letters and digits of the longest canary.
pub const CANARY_LETTERS_MAX: usize = 128;

/// Bytes that may stand between two letters of a canary: two characters of any script, or a line
/// break and an indentation.
const GAP_BYTES_MAX: usize = 6;

/// Parts what a canary does not cross; no letter in the reduced text.
const PART: u8 = b'\n';

/// What a byte is in the reduced text: itself, in small letters; [`PART`]; 0 for nothing.
#[expect(clippy::indexing_slicing, reason = "a table of all bytes, made by the compiler")]
static REDUCED: [u8; 256] = {
    let (mut table, mut byte) = ([0; 256], 0u8);
    loop {
        if byte.is_ascii_alphanumeric() {
            table[byte as usize] = byte.to_ascii_lowercase();
        }
        if byte == BOUNDARY || byte == NUMBER_BOUNDARY {
            table[byte as usize] = PART;
        }
        if byte == u8::MAX {
            break;
        }
        byte += 1;
    }
    table
};

fn reduced(byte: u8) -> u8 {
    REDUCED.get(usize::from(byte)).copied().unwrap_or(0)
}

/// The letters and digits of a canary.
pub(crate) fn letters(canary: &str) -> Vec<u8> {
    canary.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase()).collect()
}

/// All lists, compiled.
#[derive(Debug)]
pub(crate) struct Canaries {
    automaton: AhoCorasick,
    /// The list of each.
    lists: Vec<usize>,
    /// All of them, sorted.
    sorted: Vec<Vec<u8>>,
    letters_max: usize,
    first_id: u16,
}

/// Where the search stands in a stream.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) cursor: usize,
    /// The reduced text of a scan.
    text: Vec<u8>,
}

impl Progress {
    /// Entries that its buffers have room for.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.text.capacity()
    }

    /// Forgets the stream, keeps the memory up to so many bytes.
    pub(crate) fn reset(&mut self, spare_bytes_max: usize) {
        self.cursor = 0;
        self.text.clear();
        if self.text.capacity() > spare_bytes_max {
            self.text.shrink_to(spare_bytes_max);
        }
    }

    /// Reduces the text from the cursor on.
    fn reduce(&mut self, text: &[u8]) {
        self.text.clear();
        let mut gap = 0;
        for byte in text.get(self.cursor..).unwrap_or_default() {
            let reduced = reduced(*byte);
            if reduced != 0 {
                self.text.push(reduced);
                gap = 0;
            } else {
                gap += 1;
                if gap == GAP_BYTES_MAX + 1 {
                    self.text.push(PART);
                }
            }
        }
    }
}

impl Canaries {
    /// Bytes of the longest match of any list.
    pub(crate) const BYTES_MAX: usize = CANARY_LETTERS_MAX * (GAP_BYTES_MAX + 1);

    /// Compiles `lists`.
    ///
    /// # Errors
    /// If the automaton would be larger than its state numbers allow.
    pub(crate) fn new(lists: &[(String, Vec<String>)], first_id: u16) -> Result<Self, BuildError> {
        let all = lists.iter().enumerate();
        let all = all.flat_map(|(list, (_, canaries))| canaries.iter().map(move |canary| (list, letters(canary))));
        let (lists, mut sorted): (Vec<_>, Vec<_>) = all.unzip();
        let automaton = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&sorted)?;
        sorted.sort_unstable();
        let letters_max = sorted.iter().map(Vec::len).max().unwrap_or(0);
        Ok(Self { automaton, lists, sorted, letters_max, first_id })
    }

    /// Bytes of the longest match.
    pub(crate) const fn bytes_max(&self) -> usize {
        self.letters_max * (GAP_BYTES_MAX + 1)
    }

    /// Reports the canaries that begin between the cursor and the hold; returns the hold.
    pub(crate) fn scan(&self, window: &Window<'_>, progress: &mut Progress, sink: &mut Sink<'_>) -> usize {
        let text = window.text();
        progress.reduce(text);
        let open = self.open_letters(&progress.text);
        let mut hold = back(text, text.len(), open);
        let (mut from, mut end) = (0, progress.cursor);
        let mut passed = 0;
        while let Ok(Some(found)) = self.automaton.try_find(Input::new(&progress.text).range(from..)) {
            sink.visit();
            // Letters between the last end and this one, counted in the text itself.
            let before = progress.text.get(passed..found.end()).unwrap_or_default();
            end = forward(text, end, before.iter().filter(|byte| **byte != PART).count());
            (passed, from) = (found.end(), found.end());
            let start = back(text, end, found.len());
            if start >= hold {
                break;
            }
            let list = self.lists.get(found.pattern().as_usize()).copied().unwrap_or(0);
            sink.push(id(self.first_id, list), &Match::new(start, end, 0, 100), false);
            hold = hold.max(end);
        }
        progress.cursor = hold;
        hold
    }

    /// How many letters at the end of a reduced text may be the beginning of a canary; of a whole
    /// one, if it begins a longer one.
    fn open_letters(&self, text: &[u8]) -> usize {
        let from = text.len().saturating_sub(self.letters_max.saturating_sub(1));
        let begins = |start: &usize| {
            let suffix = text.get(*start..).unwrap_or_default();
            let place = self.sorted.partition_point(|canary| canary.as_slice() <= suffix);
            self.sorted.get(place).is_some_and(|canary| canary.starts_with(suffix))
        };
        (from..text.len()).find(begins).map_or(0, |start| text.len() - start)
    }
}

/// The place of the first of so many letters before `end`; `end` for none.
fn back(text: &[u8], end: usize, letters: usize) -> usize {
    let head = text.get(..end).unwrap_or_default();
    let places = head.iter().enumerate().rev().filter(|(_, byte)| byte.is_ascii_alphanumeric());
    letters.checked_sub(1).and_then(|skipped| places.map(|(place, _)| place).nth(skipped)).unwrap_or(end)
}

/// The place behind the last of so many letters from `start` on.
fn forward(text: &[u8], start: usize, letters: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let places = rest.iter().enumerate().filter(|(_, byte)| byte.is_ascii_alphanumeric());
    letters.checked_sub(1).and_then(|skipped| places.map(|(place, _)| start + place + 1).nth(skipped)).unwrap_or(start)
}

#[cfg(test)]
mod tests {
    use crate::{DetectorSet, EntityType, Scanner};
    use proptest::prelude::*;

    fn found_in(canaries: &[&str], pieces: &[&str]) -> Vec<String> {
        let canaries: Vec<_> = canaries.iter().map(|canary| (*canary).to_owned()).collect();
        let set = DetectorSet::builder().canaries("planted", &canaries).build().unwrap();
        assert!(set.is_enabled(EntityType::Canary));
        let (mut scanner, mut found) = (Scanner::new(), Vec::new());
        for piece in pieces {
            scanner.push(piece.as_bytes());
            scanner.scan(&set, &mut found);
        }
        scanner.boundary();
        scanner.scan(&set, &mut found);
        let text = pieces.concat();
        let place = |offset: u64| usize::try_from(offset).unwrap();
        found.iter().map(|finding| text[place(finding.start)..place(finding.end)].to_owned()).collect()
    }

    #[test]
    fn a_canary_is_found_whatever_its_case_and_punctuation() {
        let canary = &["AB12-CD34-EF56"];
        for text in
            ["AB12-CD34-EF56", "ab12cd34ef56", "Ab12 Cd34\n    Ef56", "a.b.1.2.c.d.3.4.e.f.5.6", "AB12–CD34–EF56"]
        {
            assert_eq!(found_in(canary, &[&format!("see ({text}), then")]), [text]);
            assert_eq!(found_in(canary, &[&format!("x{text}y")]), [text]);
        }
        for text in ["ab12cd34ef5", "ab12cd34 x ef56", "ab12        cd34ef56", "ab12cd34ef65"] {
            assert_eq!(found_in(canary, &[text]), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn the_longest_of_overlapping_canaries_counts() {
        let canaries = &["abcd1234", "abcd12345678", "12345678zz"];
        assert_eq!(found_in(canaries, &["abcd-1234-5678-zz abcd1234"]), ["abcd-1234-5678", "abcd1234"]);
        assert_eq!(found_in(canaries, &["abcd1234", "56", "9"]), ["abcd1234"]);
    }

    #[test]
    fn canaries_that_would_be_found_by_chance_are_refused() {
        let build =
            |canary: &str| DetectorSet::builder().canaries("a", &["planted-1".to_owned(), canary.to_owned()]).build();
        assert_eq!(
            build("a-1-b-2").unwrap_err().to_string(),
            "canary 2 of the list \"a\" has 4 letters and digits; 8 to 128 are possible"
        );
        assert!(build(&"x".repeat(129)).is_err() && build("x2345678").is_ok());
        assert!(DetectorSet::builder().canaries("a", &[]).build().is_err());
    }

    proptest! {
        #[test]
        fn splits_change_nothing(pieces in proptest::collection::vec("[abA\\- ]{0,9}", 0..16)) {
            let canaries = &["aaaaaaaa", "abababab", "ababababab", "bbaaaaaa"];
            let pieces: Vec<_> = pieces.iter().map(String::as_str).collect();
            let whole = pieces.concat();
            prop_assert_eq!(found_in(canaries, &pieces), found_in(canaries, &[&whole]));
        }
    }
}
