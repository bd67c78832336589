//! A word such as `secret`, and behind it a run of base64 characters: keys that have no prefix.

use super::{Armed, Sink};
use crate::detectors::secret::aws_secret::{self, KEY_BYTES, WORDS};
use crate::needle::Family;
use crate::window::{CONTEXT_BYTES, Window};

/// The search for runs behind the words.
#[derive(Debug)]
pub(crate) struct Runs {
    armed: Armed,
}

impl Runs {
    pub(crate) const fn new(armed: Armed) -> Self {
        Self { armed }
    }

    /// What has to be searched for. A run begins in the block of its word or in the next one.
    pub(crate) fn needles() -> (Family, Vec<&'static [u8]>) {
        (Family::AWS, WORDS.to_vec())
    }

    /// The detector.
    pub(crate) const fn armed(&self) -> Armed {
        self.armed
    }

    /// Decides at every run behind a word from the cursor on; returns the hold.
    pub(crate) fn scan(&self, window: &Window<'_>, cursor: &mut usize, sink: &mut Sink<'_>) -> usize {
        let text = window.indexed();
        let mut from = cursor.saturating_sub(CONTEXT_BYTES);
        let mut words = text.needles(Family::AWS, from);
        while let Some((word, _)) = words.next_from(from) {
            from = word + 1;
            *cursor = (*cursor).max(word);
            if let Some(undecided) = self.scan_behind(word, window, cursor, sink) {
                return undecided;
            }
        }
        *cursor = text.len();
        text.len()
    }

    /// Decides at every run within reach of a word; the start of one that is undecided.
    fn scan_behind(&self, word: usize, window: &Window<'_>, cursor: &mut usize, sink: &mut Sink<'_>) -> Option<usize> {
        while let Some(start) = next(window.text(), *cursor).filter(|start| start - word <= CONTEXT_BYTES) {
            sink.visit();
            let Ok(checked) = (self.armed.detector.check)(window, start) else {
                *cursor = start;
                return Some(start);
            };
            *cursor = start + 1;
            if let Some(found) = checked {
                self.armed.report(&found, sink);
                *cursor = found.end;
            }
        }
        None
    }
}

/// The start of the next run of at least [`KEY_BYTES`], or of a run that the end of the text cuts
/// off, within reach of a word before `from`.
///
/// A run of that length covers every place that lies so far apart, so only those are looked at.
fn next(text: &[u8], from: usize) -> Option<usize> {
    let mut start = skip_started_run(text, from);
    let end = from + CONTEXT_BYTES + 1;
    while start < end {
        let rest = text.get(start..).unwrap_or_default();
        let probed = rest.get(..KEY_BYTES).unwrap_or(rest);
        match probed.iter().rposition(|byte| !aws_secret::in_key(*byte)) {
            None => return (!probed.is_empty()).then_some(start),
            Some(outside) => start += outside + 1,
        }
    }
    None
}

/// `from`, or the end of the run that began before it if it is near.
fn skip_started_run(text: &[u8], from: usize) -> usize {
    let before = from.checked_sub(1).and_then(|before| text.get(before));
    if !before.is_some_and(|byte| aws_secret::in_key(*byte)) {
        return from;
    }
    let rest = text.get(from..).unwrap_or_default();
    let near = rest.get(..CONTEXT_BYTES + 1).unwrap_or(rest);
    from + near.iter().position(|byte| !aws_secret::in_key(*byte)).unwrap_or(near.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The first run at or behind `from`, the slow way.
    fn oracle(text: &[u8], from: usize) -> Option<usize> {
        (from..text.len().min(from + CONTEXT_BYTES + 1)).find(|start| {
            let begins = *start == 0 || !aws_secret::in_key(text[start - 1]);
            let run = text[*start..].iter().take_while(|byte| aws_secret::in_key(**byte)).count();
            begins && (run >= KEY_BYTES || (run > 0 && start + run == text.len()))
        })
    }

    proptest! {
        #[test]
        fn every_long_run_within_reach_is_found(
            lengths in proptest::collection::vec(0usize..90, 1..8), from in 0usize..300,
        ) {
            let mut text = Vec::new();
            for length in lengths {
                text.extend(std::iter::repeat_n(b'k', length));
                text.push(b' ');
            }
            text.pop();
            let found = next(&text, from).filter(|start| *start <= from + CONTEXT_BYTES);
            prop_assert_eq!(found, oracle(&text, from));
        }
    }
}
