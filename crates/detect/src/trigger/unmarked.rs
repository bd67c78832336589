//! Secrets without a prefix of their own: what a name assigns, what a keyword stands near, what a
//! URL carries.
//!
//! Four searches, each with its own trigger and its own place in the stream: assignments at the
//! delimiter behind a name, tokens at the start of a long run of letters and digits, passwords behind the
//! word, URLs at `://`.

use super::phrase::Phrases;
use super::{Progress, Sink, assign, token, url};
use crate::detectors::secret::phrase::HEADS;
use crate::window::Window;

/// The searches, and the index of the first rule of each.
#[derive(Debug)]
pub(crate) struct Unmarked {
    /// Of the kinds with a keyword or a form.
    kinds: u16,
    /// Of the rules of assignments and URLs.
    forms: u16,
    phrases: Phrases,
}

/// Where the searches stand.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cursors {
    assign: Progress,
    token: Progress,
    phrases: [Progress; HEADS.len()],
    url: Progress,
}

impl Unmarked {
    /// Prepares the searches.
    pub(crate) fn new(kinds: u16, forms: u16) -> Self {
        Self { kinds, forms, phrases: Phrases::new() }
    }

    /// Decides what can be decided; returns the hold.
    pub(crate) fn scan(&self, window: &Window<'_>, cursors: &mut Cursors, sink: &mut Sink<'_>) -> usize {
        let assigned = assign::scan(self.forms, window, &mut cursors.assign, sink);
        let tokens = token::scan(self.kinds, window, &mut cursors.token, sink);
        let urls = url::scan(self.forms, window, &mut cursors.url, sink);
        let phrases = self.phrases.scan(self.forms, window, &mut cursors.phrases, sink);
        assigned.min(tokens).min(urls).min(phrases)
    }
}

impl Cursors {
    /// All of them.
    pub(crate) fn places(&self) -> impl Iterator<Item = &Progress> {
        [&self.assign, &self.token, &self.url].into_iter().chain(&self.phrases)
    }

    /// Follows the text when its first bytes are dropped.
    pub(crate) fn forget(&mut self, bytes: usize) {
        let phrases = self.phrases.iter_mut();
        for progress in [&mut self.assign, &mut self.token, &mut self.url].into_iter().chain(phrases) {
            progress.cursor = progress.cursor.saturating_sub(bytes);
            progress.floor = progress.floor.saturating_sub(bytes);
        }
    }
}
