//! The word `password` in prose and commands: what follows it without a delimiter.

use super::cue::leaf_start;
use super::{Progress, Sink, id};
use crate::detectors::secret::phrase::{self, HEAD_OFFSET, HEADS};
use crate::window::Window;
use memchr::memmem;

/// The search for the word in small letters and in capitals.
#[derive(Debug)]
pub(crate) struct Phrases([memmem::Finder<'static>; HEADS.len()]);

impl Phrases {
    pub(crate) fn new() -> Self {
        Self(HEADS.map(memmem::Finder::new))
    }

    /// Decides at every word from the cursor on; returns the hold.
    pub(crate) fn scan(
        &self,
        first_id: u16,
        window: &Window<'_>,
        places: &mut [Progress],
        sink: &mut Sink<'_>,
    ) -> usize {
        let searches = self.0.iter().zip(places);
        searches.map(|(finder, progress)| scan(finder, first_id, window, progress, sink)).min().unwrap_or(window.len())
    }
}

fn scan(
    finder: &memmem::Finder<'_>,
    first_id: u16,
    window: &Window<'_>,
    progress: &mut Progress,
    sink: &mut Sink<'_>,
) -> usize {
    let text = window.text();
    while let Some(place) = text.get(progress.cursor..).and_then(|rest| finder.find(rest)) {
        let place = progress.cursor + place;
        sink.visit();
        let Ok(checked) = phrase::check(window, place + HEAD_OFFSET) else {
            progress.cursor = place;
            return leaf_start(text, place).max(place + HEAD_OFFSET);
        };
        progress.cursor = place + 1;
        if let Some(found) = checked {
            sink.push(id(first_id, found.rule), &found, false);
            progress.cursor = found.end;
        }
    }
    // The word itself may be cut, but it belongs to no finding.
    let cut = finder.needle().len() - 1;
    progress.cursor = progress.cursor.max(text.len().saturating_sub(cut));
    text.len()
}
