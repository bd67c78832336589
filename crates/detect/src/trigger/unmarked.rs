//! Secrets without a prefix of their own: what a name assigns, what a keyword stands near, what a
//! URL carries.
//!
//! Three searches, each with its own trigger and its own place in the stream: assignments at the
//! delimiter behind a name, tokens at the start of a long run of letters and digits, URLs at `://`.

use super::{Progress, Sink, assign, token, url};
use crate::window::Window;

/// The index of the first rule of each search.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unmarked {
    /// Of the kinds with a keyword or a form.
    pub(crate) kinds: u16,
    /// Of the rules of assignments and URLs.
    pub(crate) forms: u16,
}

/// Where the searches stand.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cursors {
    assign: Progress,
    token: Progress,
    url: Progress,
}

impl Unmarked {
    /// Decides what can be decided; returns the hold.
    pub(crate) fn scan(self, window: &Window<'_>, cursors: &mut Cursors, sink: &mut Sink<'_>) -> usize {
        let assigned = assign::scan(self.forms, window, &mut cursors.assign, sink);
        let tokens = token::scan(self.kinds, window, &mut cursors.token, sink);
        let urls = url::scan(self.forms, window, &mut cursors.url, sink);
        assigned.min(tokens).min(urls)
    }
}

impl Cursors {
    /// Follows the text when its first bytes are dropped.
    pub(crate) fn forget(&mut self, bytes: usize) {
        for progress in [&mut self.assign, &mut self.token, &mut self.url] {
            progress.cursor = progress.cursor.saturating_sub(bytes);
            progress.floor = progress.floor.saturating_sub(bytes);
        }
    }
}
