//! Words that announce a value ([`Words`]), where digits are near.
//!
//! Every value has digits, the first of them within [`DIGIT_BYTES_MAX`] behind the start of its word; in prose few words
//! have that.

use super::{Progress, Sink, id};
use crate::block::{BLOCK_BYTES, Digit};
use crate::detectors::cues::{CUES, Cue};
use crate::entity::{DetectorId, EntityType};
use crate::needle::Family;
use crate::window::{BOUNDARY, NUMBER_BOUNDARY, Undecided, Window};
use core::ops::Range;

/// The words of all cues that are looked for.
#[derive(Debug)]
pub(crate) struct Cues {
    search: Words,
    /// What each word announces, and the rule's index.
    words: Vec<(&'static Cue, DetectorId)>,
}

impl Cues {
    /// `None` if nothing is looked for.
    pub(crate) fn new(first_id: u16, enabled: impl Fn(EntityType) -> bool) -> Option<Self> {
        let mut literals: Vec<&'static [u8]> = Vec::new();
        let mut words = Vec::new();
        for (place, cue) in CUES.iter().enumerate().filter(|(_, cue)| enabled(cue.entity)) {
            literals.extend(cue.words);
            words.extend(cue.words.iter().map(|_| (*cue, id(first_id, place))));
        }
        (!literals.is_empty()).then(|| Self { search: Words::new(Family::CUE, literals), words })
    }

    /// What has to be searched for.
    pub(crate) fn needles(&self) -> (Family, Vec<&[u8]>) {
        self.search.needles()
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

/// Words behind which a digit stands.
#[derive(Debug)]
pub(super) struct Words {
    family: Family,
    words: Vec<&'static [u8]>,
    bytes_max: usize,
}

impl Words {
    pub(super) fn new(family: Family, words: Vec<&'static [u8]>) -> Self {
        let bytes_max = words.iter().map(|word| word.len()).max().unwrap_or(0);
        Self { family, words, bytes_max }
    }

    /// What has to be searched for.
    pub(super) fn needles(&self) -> (Family, Vec<&[u8]>) {
        (self.family, self.words.clone())
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
        let mut words = text.needles(self.family, progress.cursor);
        while let Some((place, word)) = words.next_from(progress.cursor) {
            progress.cursor = place;
            let is_far = text.bits(place, Digit) == 0 && place + DIGIT_BYTES_MAX <= text.len();
            let end = place + self.words.get(word).map_or(0, |word| word.len());
            if !is_far && let Err(hold) = decide(progress, word, place..end) {
                return hold;
            }
            // An item with an open end has moved on by itself.
            progress.cursor = progress.cursor.max(place + 1);
        }
        // A word may have begun that the text's end cuts off.
        progress.cursor = progress.cursor.max((text.len() + 1).saturating_sub(self.bytes_max));
        text.len()
    }
}

/// Bytes from the start of a word in which a digit stands, if its value is to be found.
const DIGIT_BYTES_MAX: usize = BLOCK_BYTES;

/// The start of the leaf that the text ends in: no value that is undecided reaches back beyond it.
pub(super) fn leaf_start(text: &[u8], from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let boundary = rest.iter().rposition(|byte| matches!(*byte, BOUNDARY | NUMBER_BOUNDARY));
    boundary.map_or(from, |place| from + place + 1)
}
