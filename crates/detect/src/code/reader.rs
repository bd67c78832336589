//! Lines in, chosen grams out: what building a set and looking for it have in common.

use super::PENDING_BYTES_MAX;
use super::winnow::{Gram, Line, Winnow};
use super::words::{self, Kind};

/// Lines of prose in a row that part what stands before them from what follows.
const PROSE_LINES_MAX: u32 = 2;

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// It goes on with the row of words before it.
    Continued,
    /// The row before it has ended.
    Restarted,
}

/// Reads the lines of one text after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Reader {
    winnow: Winnow,
    line_number: u64,
    prose_lines: u32,
}

impl Reader {
    /// Forgets the text.
    pub(super) fn restart(&mut self) {
        self.winnow.restart();
        self.prose_lines = 0;
    }

    /// Words seen since the start.
    pub(super) const fn words(&self) -> u64 {
        self.winnow.count()
    }

    /// Lines of code seen since the start.
    pub(super) const fn lines(&self) -> u64 {
        self.line_number
    }

    /// Where the oldest line begins that may be part of a gram to come.
    pub(super) fn oldest(&self) -> Option<u64> {
        self.winnow.oldest()
    }

    /// Parts the row of words where it would reach back too far from a line that starts here.
    pub(super) fn forget_old(&mut self, start: u64) -> Read {
        if self.oldest().is_some_and(|oldest| oldest + PENDING_BYTES_MAX as u64 <= start) {
            self.winnow.restart();
            return Read::Restarted;
        }
        Read::Continued
    }

    /// Reads a line with so many marks of code that stands at these offsets.
    pub(super) fn line(
        &mut self,
        text: &[u8],
        marks: usize,
        (start, end): (u64, u64),
        mut chosen: impl FnMut(&Gram),
    ) -> Read {
        match words::kind(text, marks) {
            Kind::Nothing => Read::Continued,
            Kind::Prose => {
                self.prose_lines += 1;
                if self.prose_lines < PROSE_LINES_MAX {
                    return Read::Continued;
                }
                self.winnow.restart();
                Read::Restarted
            }
            Kind::Code(text) => {
                self.prose_lines = 0;
                self.line_number += 1;
                let line = Line { number: self.line_number, start, end };
                for word in words::words(text) {
                    if let Some(gram) = self.winnow.push(word, line) {
                        chosen(&gram);
                    }
                }
                Read::Continued
            }
        }
    }
}
