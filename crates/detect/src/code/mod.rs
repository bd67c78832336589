//! Code as such: what is decided line by line.
//!
//! Two things are looked for: program text of any owner ([`block`]), and lines of the owner's own
//! source trees ([`track`], against a [`fingerprint`] set). A stream is cut into lines, and a line
//! that is longer than [`LINE_BYTES_MAX`] into pieces of that length, each of which counts as a
//! line. A line is looked at once, when it has ended; so what is found does not depend on how the
//! stream was pushed. Prose is told by how few marks of code it has, and costs no more than
//! counting them.
//!
//! Both kinds of findings have no bounded length: they are reported when there is enough of them
//! and go on, line by line, as continued findings.
//!
//! Limits: what is not decided begins at most [`PENDING_BYTES_MAX`] bytes before the current line;
//! the state is a few hundred bytes and one run for each set.

mod block;
mod cues;
mod fingerprint;
mod language;
mod reader;
mod score;
mod track;
mod winnow;
mod words;

pub use fingerprint::{
    FINGERPRINT_GRAM_COUNT_MAX, FINGERPRINT_NAME_BYTES_MAX, FingerprintBuilder, FingerprintCounts, FingerprintError,
    FingerprintSet,
};

use crate::block::{LineEnd, Mark, Places, count};
use crate::trigger::{Sink, id};
use crate::window::{BOUNDARY, NUMBER_BOUNDARY, Window};
use aho_corasick::BuildError;
use block::Blocks;
use reader::{Read, Reader};
use score::Scorer;
use std::sync::Arc;
use track::Track;

pub(crate) use language::NAMES as LANGUAGES;

/// Bytes of a line; of a longer one each so many count as a line.
pub(crate) const LINE_BYTES_MAX: usize = 1024;

/// Bytes before a line that may belong to what the line decides: at least four of the longest lines,
/// and fifty of the usual.
pub(crate) const PENDING_BYTES_MAX: usize = 4096;

/// What a set looks for line by line.
#[derive(Debug)]
pub(crate) struct Stage {
    /// Program text, if it is looked for.
    scorer: Option<Scorer>,
    first_language: u16,
    sets: Vec<Arc<FingerprintSet>>,
    first_set: u16,
}

/// Where the search stands in a stream. Offsets are absolute.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// Where the current line begins, and up to where its end has been looked for.
    line: u64,
    searched: u64,
    blocks: Blocks,
    reader: Reader,
    tracks: Vec<Track>,
}

impl Progress {
    /// Entries that its buffers have room for.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.tracks.capacity()
    }

    /// Forgets the stream, keeps the memory.
    pub(crate) fn reset(&mut self) {
        (self.line, self.searched) = (0, 0);
        (self.blocks, self.reader) = (Blocks::default(), Reader::default());
        self.tracks.clear();
    }
}

impl Stage {
    /// Looks for program text, if it is wanted, and for the lines of these sets. The numbers are the
    /// indices of the first language's rule and of the first set's.
    ///
    /// # Errors
    /// If the cues could not be compiled.
    pub(crate) fn new(
        program_text: bool,
        sets: Vec<Arc<FingerprintSet>>,
        (first_language, first_set): (u16, u16),
    ) -> Result<Option<Self>, BuildError> {
        if !program_text && sets.is_empty() {
            return Ok(None);
        }
        let scorer = if program_text { Some(Scorer::new()?) } else { None };
        Ok(Some(Self { scorer, first_language, sets, first_set }))
    }

    /// Bytes that must be seen before what began with them is decided: what is pending when a line
    /// begins, that line, and the one after it, at whose start it is let go.
    pub(crate) const fn match_bytes_max() -> usize {
        PENDING_BYTES_MAX + 2 * (LINE_BYTES_MAX + 1)
    }

    /// Reads the lines that have ended; returns the hold.
    pub(crate) fn scan(&self, window: &Window<'_>, progress: &mut Progress, sink: &mut Sink<'_>) -> usize {
        let text = window.text();
        let base = sink.base;
        let place = |offset: u64| usize::try_from(offset.saturating_sub(base)).unwrap_or(usize::MAX);
        progress.tracks.resize_with(self.sets.len(), Track::default);
        let (mut start, from) = (place(progress.line), place(progress.searched));
        let mut ends = Places::new(window.indexed(), from, LineEnd).peekable();
        loop {
            let limit = start + LINE_BYTES_MAX;
            let (end, next) = match ends.next_if(|end| *end < limit) {
                Some(end) => (end, end + 1),
                None if text.len() >= limit => (limit, limit),
                None => break,
            };
            sink.visit();
            let line = text.get(start..end).unwrap_or_default();
            let marks = window.indexed().count(start, end, Mark) as usize;
            self.line(line, marks, base + start as u64, progress, sink);
            if matches!(text.get(end), Some(&BOUNDARY | &NUMBER_BOUNDARY)) && end < next {
                progress.leaf_ended(self.first_language, sink);
            }
            start = next;
        }
        (progress.line, progress.searched) = (base + start as u64, base + text.len().max(start) as u64);
        place(progress.hold())
    }

    fn line(&self, line: &[u8], marks: usize, start: u64, progress: &mut Progress, sink: &mut Sink<'_>) {
        let Progress { blocks, reader, tracks, .. } = progress;
        let end = start + line.len() as u64;
        if let Some(scorer) = &self.scorer {
            blocks.line(scorer, line, marks, (start, end), self.first_language, sink);
        }
        if self.sets.is_empty() {
            return;
        }
        let mut read = reader.forget_old(start);
        tracks.iter_mut().for_each(|track| track.forget_old(start));
        let line_read = reader.line(line, marks, (start, end), |gram| {
            for (set, track) in self.sets.iter().zip(tracks.iter_mut()) {
                if set.holds(gram.hash) {
                    track.hit(gram);
                }
            }
        });
        if line_read == Read::Restarted {
            read = Read::Restarted;
        }
        for (place, track) in tracks.iter_mut().enumerate() {
            track.line_ended(reader, id(self.first_set, place), sink);
            if read == Read::Restarted {
                track.restart();
            }
        }
    }
}

impl Progress {
    fn leaf_ended(&mut self, first_language: u16, sink: &mut Sink<'_>) {
        self.blocks.leaf_ended(first_language, sink);
        self.reader.restart();
        self.tracks.iter_mut().for_each(Track::restart);
    }

    /// The first offset that a finding to come may have.
    fn hold(&self) -> u64 {
        let tracks = self.tracks.iter().filter_map(Track::hold);
        let held = tracks.chain(self.reader.oldest()).chain(self.blocks.hold()).min();
        held.map_or(self.line, |held| held.min(self.line))
    }
}

/// How many marks of code a line has.
fn marks(line: &[u8]) -> usize {
    count(line, Mark) as usize
}

/// The lines of a whole text.
fn lines(text: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    let mut start = 0;
    core::iter::from_fn(move || {
        let rest = text.get(start..)?;
        let near = rest.get(..LINE_BYTES_MAX).unwrap_or(rest);
        let end = memchr::memchr3(b'\n', BOUNDARY, NUMBER_BOUNDARY, near);
        let line = (!rest.is_empty()).then_some((start, start + end.unwrap_or(near.len())));
        start += end.map_or(near.len(), |end| end + 1);
        line
    })
}
