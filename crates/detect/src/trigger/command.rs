//! Words of commands that take a password, where digits are near.

use super::cue::Words;
use super::{Progress, Sink, id};
use crate::block::Digit;
use crate::detectors::secret::command::{Head, SEARCHES};
use crate::needle::Family;
use crate::window::Window;

/// How many searches there are.
pub(crate) const SEARCH_COUNT: usize = SEARCHES.len();

/// The search for one group.
#[derive(Debug)]
pub(crate) struct Commands {
    search: Words,
    heads: &'static [Head],
}

impl Commands {
    /// All searches.
    pub(crate) fn all() -> Vec<Self> {
        let of = |(search, heads): (usize, &'static [Head])| {
            let words = heads.iter().map(|head| head.word).collect();
            Self { search: Words::new(Family::command(search), words), heads }
        };
        SEARCHES.into_iter().enumerate().map(of).collect()
    }

    /// What has to be searched for.
    pub(crate) fn needles(&self) -> (Family, Vec<&[u8]>) {
        self.search.needles()
    }

    /// Decides at every word from the cursor on; returns the hold.
    pub(crate) fn scan(
        &self,
        first_id: u16,
        window: &Window<'_>,
        progress: &mut Progress,
        sink: &mut Sink<'_>,
    ) -> usize {
        let text = window.text();
        if progress.resume(text, sink) {
            return progress.cursor;
        }
        self.search.scan(window, progress, |progress, word, span| {
            let Some(head) = self.heads.get(word) else { return Ok(()) };
            sink.visit();
            let checked = (head.check)(window, span.end).map_err(|_| span.end)?;
            let has_digit = window.indexed().bits(span.start, Digit) != 0;
            if let Some(found) = checked.filter(|found| has_digit && found.start >= progress.floor) {
                let detector = id(first_id, found.rule);
                if found.rest.is_some() {
                    return if progress.accept(found, detector, text, sink) { Err(progress.cursor) } else { Ok(()) };
                }
                sink.push(detector, &found, false);
                progress.floor = found.end;
            }
            Ok(())
        })
    }
}
