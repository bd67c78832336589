//! Secrets without a prefix of their own: what a name assigns, what a keyword stands near, what a
//! URL carries.
//!
//! Six searches, each with its own trigger and its own place in the stream: assignments at the
//! delimiter behind a name, tokens at the start of a long run of letters and digits, passwords behind the
//! word, those behind the words of a command, URLs at `://`, names of data sources at `@tcp(`.

use super::command::{self, Commands};
use super::{Progress, Sink, assign, dsn, phrase, token, url};
use crate::detectors::secret::assign::name;
use crate::named::Endings;
use crate::needle::Family;
use crate::window::Window;

/// The searches, and the index of the first rule of each.
#[derive(Debug)]
pub(crate) struct Unmarked {
    /// Of the kinds with a keyword or a form.
    kinds: u16,
    /// Of the rules of assignments and URLs.
    forms: u16,
    commands: Vec<Commands>,
    endings: Endings,
}

/// Where the searches stand.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cursors {
    assign: Progress,
    token: Progress,
    phrase: Progress,
    url: Progress,
    commands: [Progress; command::SEARCH_COUNT],
    name: Progress,
}

impl Unmarked {
    pub(crate) fn new(kinds: u16, forms: u16) -> Self {
        Self { kinds, forms, commands: Commands::all(), endings: name::endings() }
    }

    /// What names end in that something secret stands behind.
    pub(crate) const fn endings(&self) -> &Endings {
        &self.endings
    }

    /// What has to be searched for.
    pub(crate) fn needles(&self) -> impl Iterator<Item = (Family, Vec<&[u8]>)> {
        self.commands.iter().map(Commands::needles)
    }

    /// Decides what can be decided; returns the hold.
    pub(crate) fn scan(&self, window: &Window<'_>, cursors: &mut Cursors, sink: &mut Sink<'_>) -> usize {
        let assigned = assign::scan(self.forms, window, &mut cursors.assign, sink);
        let tokens = token::scan(self.kinds, window, &mut cursors.token, sink);
        let urls = url::scan(self.forms, window, &mut cursors.url, sink);
        let phrases = phrase::scan(self.forms, window, &mut cursors.phrase, sink);
        let names = dsn::scan(self.forms, window, &mut cursors.name, sink);
        let commands = self.commands.iter().zip(&mut cursors.commands);
        let holds = commands.map(|(command, progress)| command.scan(self.forms, window, progress, sink));
        assigned.min(names).min(tokens).min(urls).min(phrases).min(holds.min().unwrap_or(window.len()))
    }
}

impl Cursors {
    /// All of them.
    pub(crate) fn places(&self) -> impl Iterator<Item = &Progress> {
        [&self.assign, &self.token, &self.url, &self.name, &self.phrase].into_iter().chain(&self.commands)
    }

    /// Follows the text when its first bytes are dropped.
    pub(crate) fn forget(&mut self, bytes: usize) {
        let others = [&mut self.assign, &mut self.token, &mut self.url, &mut self.name, &mut self.phrase];
        for progress in others.into_iter().chain(&mut self.commands) {
            progress.cursor = progress.cursor.saturating_sub(bytes);
            progress.floor = progress.floor.saturating_sub(bytes);
        }
    }
}
