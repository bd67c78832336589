//! The word `password` in prose and commands: what follows it without a delimiter.

use super::cue::leaf_start;
use super::{Progress, Sink, id};
use crate::detectors::secret::phrase::{self, HEAD_BYTES, HEADS};
use crate::needle::Family;
use crate::window::Window;

/// What has to be searched for.
pub(crate) fn needles() -> (Family, Vec<&'static [u8]>) {
    (Family::PASSWORD, HEADS.to_vec())
}

/// Decides at every word from the cursor on; returns the hold.
pub(crate) fn scan(first_id: u16, window: &Window<'_>, progress: &mut Progress, sink: &mut Sink<'_>) -> usize {
    let text = window.text();
    if progress.resume(text, sink) {
        return progress.cursor;
    }
    let mut words = window.indexed().needles(Family::PASSWORD, progress.cursor);
    while let Some((place, _)) = words.next_from(progress.cursor) {
        sink.visit();
        let Ok(checked) = phrase::check(window, place + HEAD_BYTES) else {
            progress.cursor = place;
            return leaf_start(text, place).max(place + HEAD_BYTES);
        };
        progress.cursor = place + 1;
        if let Some(found) = checked
            && progress.accept(found, id(first_id, found.rule), text, sink)
        {
            return progress.cursor;
        }
    }
    // The word itself may be cut, but it belongs to no finding.
    progress.cursor = progress.cursor.max((text.len() + 1).saturating_sub(HEAD_BYTES));
    text.len()
}
