//! Words of commands that take a password: one packed search for each group of them, where digits are near.

use super::{Progress, Sink, cue, id};
use crate::block::Digit;
use crate::detectors::secret::command::{DIGIT_BYTES_MAX, Head, SEARCHES};
use crate::window::Window;
use aho_corasick::packed;
use memchr::memmem;

/// How many searches there are.
pub(crate) const SEARCH_COUNT: usize = SEARCHES.len();

/// The search for one group.
#[derive(Debug)]
pub(crate) struct Commands {
    search: Search,
    heads: &'static [Head],
    bytes_max: usize,
}

#[derive(Debug)]
enum Search {
    Packed(packed::Searcher),
    /// Where the processor has no packed search.
    Each(Vec<memmem::Finder<'static>>),
}

impl Commands {
    /// Prepares all searches.
    pub(crate) fn all() -> [Self; SEARCH_COUNT] {
        SEARCHES.map(|heads| {
            let words = heads.iter().map(|head| head.word);
            let bytes_max = words.clone().map(<[u8]>::len).max().unwrap_or(0);
            let search = match packed::Searcher::new(words.clone()) {
                Some(packed) => Search::Packed(packed),
                None => Search::Each(words.map(memmem::Finder::new).collect()),
            };
            Self { search, heads, bytes_max }
        })
    }

    /// Decides at every word from the cursor on; returns the hold.
    pub(crate) fn scan(
        &self,
        first_id: u16,
        window: &Window<'_>,
        progress: &mut Progress,
        sink: &mut Sink<'_>,
    ) -> usize {
        let text = window.indexed();
        while let Some(stretch) = cue::stretch(text, progress.cursor) {
            progress.cursor = progress.cursor.max(stretch.start);
            if let Some(hold) = self.scan_until(stretch.end, first_id, window, progress, sink) {
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
        first_id: u16,
        window: &Window<'_>,
        progress: &mut Progress,
        sink: &mut Sink<'_>,
    ) -> Option<usize> {
        let text = window.text();
        while let Some((place, start)) = self.search.next(text, progress.cursor, end) {
            let Some(head) = self.heads.get(place) else { break };
            let digits = window.indexed().bits(start, Digit);
            if digits == 0 && start + DIGIT_BYTES_MAX <= text.len() {
                progress.cursor = start + 1;
                continue;
            }
            sink.visit();
            let behind = start + head.word.len();
            let Ok(checked) = (head.check)(window, behind) else {
                progress.cursor = start;
                return Some(behind);
            };
            progress.cursor = start + 1;
            if let Some(found) = checked.filter(|found| digits != 0 && found.start >= progress.floor) {
                sink.push(id(first_id, found.rule), &found, false);
                progress.floor = found.end;
            }
        }
        None
    }
}

impl Search {
    /// The next word from `from` on that ends by `end`: which one, and where.
    fn next(&self, text: &[u8], from: usize, end: usize) -> Option<(usize, usize)> {
        if from >= end {
            return None;
        }
        match self {
            Self::Packed(packed) => {
                let found = packed.find_in(text, (from..end).into())?;
                Some((found.pattern().as_usize(), found.start()))
            }
            Self::Each(finders) => {
                let span = text.get(from..end)?;
                let first = |(place, finder): (usize, &memmem::Finder<'_>)| Some((from + finder.find(span)?, place));
                finders.iter().enumerate().filter_map(first).min().map(|(start, place)| (place, start))
            }
        }
    }
}
