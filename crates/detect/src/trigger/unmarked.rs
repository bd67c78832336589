//! Secrets without a prefix of their own: what a name assigns, what a keyword stands near, what a
//! URL carries.
//!
//! Six searches, each with its own trigger and its own place in the stream: assignments at the
//! delimiter behind a name, tokens at the start of a long run of letters and digits, passwords behind the
//! word, those behind the words of a command, URLs at `://`, names of data sources at `@tcp(`.

use super::command::{self, Commands};
use super::phrase::Phrases;
use super::{Progress, Sink, assign, dsn, token, url};
use crate::detectors::secret::dsn::MARK;
use crate::detectors::secret::phrase::HEADS;
use crate::window::Window;
use aho_corasick::BuildError;
use memchr::memmem;

/// The searches, and the index of the first rule of each.
#[derive(Debug)]
pub(crate) struct Unmarked {
    /// Of the kinds with a keyword or a form.
    kinds: u16,
    /// Of the rules of assignments and URLs.
    forms: u16,
    phrases: Phrases,
    commands: Vec<Commands>,
    names: memmem::Finder<'static>,
}

/// Where the searches stand.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cursors {
    assign: Progress,
    token: Progress,
    phrases: [Progress; HEADS.len()],
    url: Progress,
    commands: [Progress; command::SEARCH_COUNT],
    name: Progress,
}

impl Unmarked {
    /// Prepares the searches.
    ///
    /// # Errors
    /// If the automaton of a processor without packed search could not be built.
    pub(crate) fn new(kinds: u16, forms: u16) -> Result<Self, BuildError> {
        let (phrases, commands, names) = (Phrases::new(), Commands::all()?, memmem::Finder::new(MARK));
        Ok(Self { kinds, forms, phrases, commands, names })
    }

    /// Decides what can be decided; returns the hold.
    pub(crate) fn scan(&self, window: &Window<'_>, cursors: &mut Cursors, sink: &mut Sink<'_>) -> usize {
        let assigned = assign::scan(self.forms, window, &mut cursors.assign, sink);
        let tokens = token::scan(self.kinds, window, &mut cursors.token, sink);
        let urls = url::scan(self.forms, window, &mut cursors.url, sink);
        let phrases = self.phrases.scan(self.forms, window, &mut cursors.phrases, sink);
        let names = dsn::scan(&self.names, self.forms, window, &mut cursors.name, sink);
        let commands = self.commands.iter().zip(&mut cursors.commands);
        let holds = commands.map(|(command, progress)| command.scan(self.forms, window, progress, sink));
        assigned.min(names).min(tokens).min(urls).min(phrases).min(holds.min().unwrap_or(window.len()))
    }
}

impl Cursors {
    /// All of them.
    pub(crate) fn places(&self) -> impl Iterator<Item = &Progress> {
        [&self.assign, &self.token, &self.url, &self.name].into_iter().chain(&self.phrases).chain(&self.commands)
    }

    /// Follows the text when its first bytes are dropped.
    pub(crate) fn forget(&mut self, bytes: usize) {
        let phrases = self.phrases.iter_mut().chain(&mut self.commands);
        for progress in [&mut self.assign, &mut self.token, &mut self.url, &mut self.name].into_iter().chain(phrases) {
            progress.cursor = progress.cursor.saturating_sub(bytes);
            progress.floor = progress.floor.saturating_sub(bytes);
        }
    }
}
