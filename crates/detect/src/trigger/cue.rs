//! Words that announce a value: one packed search for all of them, where digits are near.
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
    search: Search,
    /// What each word announces, and the rule's index.
    words: Vec<(&'static Cue, DetectorId)>,
    bytes_max: usize,
}

#[derive(Debug)]
enum Search {
    Packed(packed::Searcher),
    Automaton(AhoCorasick),
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
        let bytes_max = literals.iter().map(|word| word.len()).max().unwrap_or(0);
        let search = match packed::Searcher::new(&literals) {
            Some(packed) => Search::Packed(packed),
            None => Search::Automaton(AhoCorasick::new(&literals)?),
        };
        Ok(Some(Self { search, words, bytes_max }))
    }

    /// Decides at every word from the cursor on; returns the hold.
    pub(crate) fn scan(&self, window: &Window<'_>, progress: &mut Progress, sink: &mut Sink<'_>) -> usize {
        let text = window.indexed();
        while let Some(stretch) = stretch(text, progress.cursor) {
            progress.cursor = progress.cursor.max(stretch.start);
            if let Some(hold) = self.scan_until(stretch.end, window, progress, sink) {
                return hold;
            }
            // A word may have begun that the next block ends.
            progress.cursor = progress.cursor.max(stretch.end.saturating_sub(self.bytes_max - 1));
            if stretch.end == text.len() {
                break;
            }
        }
        text.len()
    }

    /// The same up to `end`; the hold if something is undecided.
    fn scan_until(
        &self,
        end: usize,
        window: &Window<'_>,
        progress: &mut Progress,
        sink: &mut Sink<'_>,
    ) -> Option<usize> {
        let text = window.text();
        while let Some((word, start, word_end)) = self.search.next(text, progress.cursor..end) {
            let Some((cue, detector)) = self.words.get(word) else { break };
            let is_far = window.indexed().bits(start, Digit) == 0 && start + DIGIT_BYTES_MAX <= text.len();
            if is_far {
                progress.cursor = start + 1;
                continue;
            }
            sink.visit();
            match (cue.check)(window, start, word_end) {
                Err(Undecided) => {
                    progress.cursor = start;
                    return Some(word_end.max(leaf_start(text, start)));
                }
                Ok(Some(found)) if found.start >= progress.floor => {
                    sink.push(*detector, &found, false);
                    progress.floor = found.end;
                }
                Ok(_) => {}
            }
            progress.cursor = start + 1;
        }
        None
    }
}

/// Bytes from the start of a word in which a digit stands, if its value is to be found.
const DIGIT_BYTES_MAX: usize = BLOCK_BYTES;

/// The next blocks in a row, from the one of `from` on, that have digits in them or in the next block, or may have once
/// they are whole; with what of the block behind them a word may need that begins in the last one.
pub(super) fn stretch(text: Text<'_>, from: usize) -> Option<Range<usize>> {
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
    fn next(&self, text: &[u8], span: Range<usize>) -> Option<(usize, usize, usize)> {
        if span.start >= span.end {
            return None;
        }
        match self {
            Self::Packed(packed) => {
                let found = packed.find_in(text, span.into())?;
                Some((found.pattern().as_usize(), found.start(), found.end()))
            }
            Self::Automaton(words) => {
                let found = words.find(Input::new(text).range(span))?;
                Some((found.pattern().as_usize(), found.start(), found.end()))
            }
        }
    }
}
