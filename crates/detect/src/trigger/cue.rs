//! Words that announce a value: one packed search for all of them.

use super::{Progress, Sink, id};
use crate::detectors::cues::{CUES, Cue};
use crate::entity::{DetectorId, EntityType};
use crate::window::{BOUNDARY, NUMBER_BOUNDARY, Undecided, Window};
use aho_corasick::{AhoCorasick, BuildError, Input, packed};

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
        let text = window.text();
        while let Some((word, start, end)) = self.search.next(text, progress.cursor) {
            let Some((cue, detector)) = self.words.get(word) else { break };
            sink.visit();
            match (cue.check)(window, start, end) {
                Err(Undecided) => {
                    progress.cursor = start;
                    return end.max(leaf_start(text, start));
                }
                Ok(Some(found)) if found.start >= progress.floor => {
                    sink.push(*detector, &found, false);
                    progress.floor = found.end;
                }
                Ok(_) => {}
            }
            progress.cursor = start + 1;
        }
        // A word may have begun; its value has not.
        progress.cursor = progress.cursor.max(text.len().saturating_sub(self.bytes_max - 1));
        text.len()
    }
}

/// The start of the leaf that the text ends in: no value that is undecided reaches back beyond it.
fn leaf_start(text: &[u8], from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let boundary = rest.iter().rposition(|byte| matches!(*byte, BOUNDARY | NUMBER_BOUNDARY));
    boundary.map_or(from, |place| from + place + 1)
}

impl Search {
    fn next(&self, text: &[u8], from: usize) -> Option<(usize, usize, usize)> {
        if from >= text.len() {
            return None;
        }
        let span = from..text.len();
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
