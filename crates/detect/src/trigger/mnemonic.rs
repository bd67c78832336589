//! Words of a usual length in a row: seed phrases.

use super::{Progress, Sink, id};
use crate::block::BLOCK_BYTES;
use crate::detectors::secret::mnemonic::{self, Read};
use crate::traits::Traits;
use crate::window::Window;

/// Decides at every word from the cursor on, where many words stand that are not short; returns the hold.
pub(crate) fn scan(first_id: u16, window: &Window<'_>, progress: &mut Progress, sink: &mut Sink<'_>) -> usize {
    let (text, index) = (window.text(), window.indexed());
    loop {
        let block = index.next_with(progress.cursor, Traits::WORDS);
        progress.cursor = progress.cursor.max(block);
        let end = text.len().min((block / BLOCK_BYTES + 1) * BLOCK_BYTES);
        if progress.cursor >= text.len() {
            return text.len();
        }
        while let Some(start) = word_start(text, progress.cursor, end) {
            sink.visit();
            progress.cursor = start;
            match mnemonic::read(window, start) {
                Err(_) => return start,
                Ok(Read::Nothing(next)) => progress.cursor = next,
                Ok(Read::Phrase(found)) => {
                    sink.push(id(first_id, found.rule), &found, false);
                    progress.cursor = found.end;
                }
            }
        }
        progress.cursor = progress.cursor.max(end);
    }
}

/// The first letter from `from` on, and before `end`, that has none before it.
fn word_start(text: &[u8], from: usize, end: usize) -> Option<usize> {
    let is_letter = |place: usize| text.get(place).is_some_and(u8::is_ascii_alphabetic);
    (from..end).find(|place| is_letter(*place) && !place.checked_sub(1).is_some_and(is_letter))
}
