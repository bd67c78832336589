//! Long runs of base64 characters: keys that have no prefix.

use super::{Armed, Sink};
use crate::detectors::secret::aws_secret;
use crate::window::Window;

/// Bytes of the shortest run that a detector looks for.
const RUN_BYTES_MIN: usize = aws_secret::KEY_BYTES;

/// Decides at every run from the cursor on; returns the hold.
pub(crate) fn scan(armed: &Armed, window: &Window<'_>, cursor: &mut usize, sink: &mut Sink<'_>) -> usize {
    while let Some(start) = next(window.text(), *cursor) {
        sink.visit();
        let Ok(checked) = (armed.detector.check)(window, start) else {
            *cursor = start;
            return start;
        };
        *cursor = start + 1;
        if let Some(found) = checked {
            armed.report(&found, sink);
            *cursor = found.end;
        }
    }
    *cursor = window.len();
    window.len()
}

/// The start of the next run of at least [`RUN_BYTES_MIN`] bytes, or of a run that the end of the
/// text cuts off.
///
/// A run of that length covers every position that lies so far apart, so only those are looked at;
/// words are shorter, and most probes cost a step back to the last space.
fn next(text: &[u8], from: usize) -> Option<usize> {
    let mut start = skip_started_run(text, from);
    loop {
        let last = start + RUN_BYTES_MIN - 1;
        let probed = text.get(start..=last).unwrap_or_else(|| text.get(start..).unwrap_or_default());
        match probed.iter().rposition(|byte| !aws_secret::in_key(*byte)) {
            None => return (!probed.is_empty()).then_some(start),
            Some(outside) => start += outside + 1,
        }
    }
}

/// `from`, or the end of the run that began before it.
fn skip_started_run(text: &[u8], from: usize) -> usize {
    let before = from.checked_sub(1).and_then(|before| text.get(before));
    if !before.is_some_and(|byte| aws_secret::in_key(*byte)) {
        return from;
    }
    let rest = text.get(from..).unwrap_or_default();
    from + rest.iter().position(|byte| !aws_secret::in_key(*byte)).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// All runs, the slow way.
    fn oracle(text: &[u8]) -> Vec<usize> {
        let mut starts = Vec::new();
        let mut start = 0;
        for index in 0..=text.len() {
            if index == text.len() || !aws_secret::in_key(text[index]) {
                if index - start >= RUN_BYTES_MIN || (index == text.len() && index > start) {
                    starts.push(start);
                }
                start = index + 1;
            }
        }
        starts
    }

    proptest! {
        #[test]
        fn every_long_run_is_found(lengths in proptest::collection::vec(0usize..90, 1..12)) {
            let mut text = Vec::new();
            for length in lengths {
                text.extend(std::iter::repeat_n(b'k', length));
                text.push(b' ');
            }
            text.pop();
            let mut starts = Vec::new();
            let mut from = 0;
            while let Some(start) = next(&text, from) {
                starts.push(start);
                from = start + 1;
            }
            prop_assert_eq!(starts, oracle(&text));
        }
    }
}
