//! Words that announce a value: one packed search for all of them ([`Words`]), where digits are near.
//!
//! Every value has digits, the first of them within [`DIGIT_BYTES_MAX`] behind the start of its word. So words are
//! looked for in blocks of text only that have digits, or have them in the next one; prose has few.

use super::{Progress, Sink, id};
use crate::block::{BLOCK_BYTES, Digit, Text, Traits};
use crate::detectors::cues::{CUES, Cue};
use crate::entity::{DetectorId, EntityType};
use crate::window::{BOUNDARY, NUMBER_BOUNDARY, Undecided, Window};
use aho_corasick::{AhoCorasick, BuildError, Input, packed};
use core::ops::Range;

/// The search for the words of all cues that are looked for.
#[derive(Debug)]
pub(crate) struct Cues {
    search: Words,
    /// What each word announces, and the rule's index.
    words: Vec<(&'static Cue, DetectorId)>,
}

impl Cues {
    /// Prepares the search; `None` if nothing is looked for.
    ///
    /// # Errors
    /// If the automaton of a processor without packed search could not be built.
    pub(crate) fn new(first_id: u16, enabled: impl Fn(EntityType) -> bool) -> Result<Option<Self>, BuildError> {
        let mut literals: Vec<&'static [u8]> = Vec::new();
        let mut words = Vec::new();
        for (place, cue) in CUES.iter().enumerate().filter(|(_, cue)| enabled(cue.entity)) {
            literals.extend(cue.words);
            words.extend(cue.words.iter().map(|_| (*cue, id(first_id, place))));
        }
        if literals.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self { search: Words::new(&literals)?, words }))
    }

    /// Decides at every word from the cursor on; returns the hold.
    pub(crate) fn scan(&self, window: &Window<'_>, progress: &mut Progress, sink: &mut Sink<'_>) -> usize {
        self.search.scan(window, progress, |progress, word, span| {
            let Some((cue, detector)) = self.words.get(word) else { return Ok(()) };
            sink.visit();
            match (cue.check)(window, span.start, span.end) {
                Err(Undecided) => return Err(span.end.max(leaf_start(window.text(), span.start))),
                Ok(Some(found)) if found.start >= progress.floor => {
                    sink.push(*detector, &found, false);
                    progress.floor = found.end;
                }
                Ok(_) => {}
            }
            Ok(())
        })
    }
}

/// The packed search for some words, where digits are near.
#[derive(Debug)]
pub(super) struct Words {
    search: Search,
    bytes_max: usize,
}

#[derive(Debug)]
enum Search {
    Packed(packed::Searcher),
    Automaton(AhoCorasick),
}

impl Words {
    /// # Errors
    /// If the automaton of a processor without packed search could not be built.
    pub(super) fn new(words: &[&'static [u8]]) -> Result<Self, BuildError> {
        let bytes_max = words.iter().map(|word| word.len()).max().unwrap_or(0);
        let search = match packed::Searcher::new(words) {
            Some(packed) => Search::Packed(packed),
            None => Search::Automaton(AhoCorasick::new(words)?),
        };
        Ok(Self { search, bytes_max })
    }

    /// Calls `decide` with each word that has a digit near it, or may have, from the cursor on; returns the hold,
    /// which `decide` says if something is undecided.
    pub(super) fn scan(
        &self,
        window: &Window<'_>,
        progress: &mut Progress,
        mut decide: impl FnMut(&mut Progress, usize, Range<usize>) -> Result<(), usize>,
    ) -> usize {
        let text = window.indexed();
        while let Some(stretch) = stretch(text, progress.cursor) {
            progress.cursor = progress.cursor.max(stretch.start);
            while let Some((word, span)) = self.search.next(window.text(), progress.cursor..stretch.end) {
                progress.cursor = span.start;
                let is_far = text.bits(span.start, Digit) == 0 && span.start + DIGIT_BYTES_MAX <= text.len();
                if !is_far && let Err(hold) = decide(progress, word, span) {
                    return hold;
                }
                progress.cursor += 1;
            }
            // A word may have begun that the next block ends.
            progress.cursor = progress.cursor.max(stretch.end.saturating_sub(self.bytes_max - 1));
            if stretch.end == text.len() {
                break;
            }
        }
        text.len()
    }
}

/// Bytes from the start of a word in which a digit stands, if its value is to be found.
const DIGIT_BYTES_MAX: usize = BLOCK_BYTES;

/// The next blocks in a row, from the one of `from` on, that have digits in them or in the next block, or may have once
/// they are whole; with what of the block behind them a word may need that begins in the last one.
fn stretch(text: Text<'_>, from: usize) -> Option<Range<usize>> {
    let stretch = text.stretch(from, Traits::NEAR_DIGIT)?;
    Some(stretch.start..text.len().min(stretch.end + WORD_TAIL_BYTES))
}

/// Bytes behind a block that a word may have which begins in it: more than the longest word.
const WORD_TAIL_BYTES: usize = 16;

/// The start of the leaf that the text ends in: no value that is undecided reaches back beyond it.
pub(super) fn leaf_start(text: &[u8], from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let boundary = rest.iter().rposition(|byte| matches!(*byte, BOUNDARY | NUMBER_BOUNDARY));
    boundary.map_or(from, |place| from + place + 1)
}

impl Search {
    fn next(&self, text: &[u8], span: Range<usize>) -> Option<(usize, Range<usize>)> {
        if span.start >= span.end {
            return None;
        }
        let found = match self {
            Self::Packed(packed) => packed.find_in(text, span.into())?,
            Self::Automaton(words) => words.find(Input::new(text).range(span))?,
        };
        Some((found.pattern().as_usize(), found.range()))
    }
}
