//! What a decoded run has to show before it is read: text.
//!
//! Images and hashes are random bytes, in which texts of a few characters stand by chance. So bytes are
//! let through where so many printable ones stand in a row, or the whole run is printable; the rest is
//! dropped. Zero bytes between printable ones are those of UTF-16 and UTF-32, and are left out.

use super::ViewId;
use super::decode::Digits;
use super::map::Text;
use crate::block::{self, Printable, length_of};

/// Printable characters in a row that are text. In random bytes they stand once in a few hundred KB.
const TEXT_BYTES_MIN: usize = 12;
/// Bytes of the shortest run that is text as a whole: the shortest address has six.
pub(super) const WHOLE_BYTES_MIN: usize = 6;
/// Zero bytes between two characters of UTF-32.
const ZEROS_MAX: u8 = 3;

/// Bytes that one unit of a parent's text stands for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) start: u64,
    pub(super) end: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Held {
    byte: u8,
    start: u64,
    end: u64,
}

/// Lets text through.
#[derive(Debug)]
pub(super) struct Gate {
    view: ViewId,
    held: [Held; TEXT_BYTES_MIN],
    count: usize,
    is_open: bool,
    /// All bytes so far are text.
    is_whole: bool,
    kinds: Kinds,
    /// Range of the parent's text that is put before the first bytes: context.
    context: Option<(u64, u64)>,
}

enum Kind {
    Text,
    Zero,
    Other,
}

impl Gate {
    pub(super) fn new(view: ViewId, context: Option<(u64, u64)>) -> Self {
        Self {
            view,
            held: [Held::default(); TEXT_BYTES_MIN],
            count: 0,
            is_open: false,
            is_whole: true,
            kinds: Kinds::default(),
            context,
        }
    }

    /// The same, read through one more view.
    pub(super) fn with(self, view: ViewId) -> Self {
        Self { view: self.view.and(view), ..self }
    }

    /// Takes the run's next bytes.
    #[inline]
    pub(super) fn push(&mut self, group: Group<'_>, parent: &Text, child: &mut Text) {
        if self.is_open && self.kinds.lacking == 0 && group.bytes.iter().all(|byte| printable(*byte)) {
            child.unit(parent, group.start, group.end, group.bytes, self.view);
            self.kinds.zeros = 0;
            return;
        }
        for byte in group.bytes {
            self.push_byte(*byte, group.start, group.end, parent, child);
        }
    }

    /// True if printable bytes pass as they are.
    pub(super) const fn is_flowing(&self) -> bool {
        self.is_open && self.kinds.lacking == 0
    }

    /// Takes the bytes of up to so many whole units that begin at `start`, as long as they are printable; how many units
    /// that were.
    pub(super) fn push_row(
        &mut self,
        bytes: &[u8],
        units: usize,
        start: u64,
        digits: Digits,
        parent: &Text,
        child: &mut Text,
    ) -> usize {
        let bytes = bytes.get(..units * digits.bytes()).unwrap_or_default();
        let printables = length_of(bytes, Printable);
        let units = printables / digits.bytes();
        if units > 0 {
            let bytes = bytes.get(..units * digits.bytes()).unwrap_or_default();
            child.units(parent, start, (units, digits.unit()), bytes, self.view);
            self.kinds.zeros = 0;
        }
        units
    }

    /// Nothing more of the run is let through.
    pub(super) const fn is_over(&self) -> bool {
        !self.is_open && !self.is_whole
    }

    fn push_byte(&mut self, byte: u8, start: u64, end: u64, parent: &Text, child: &mut Text) {
        match self.kinds.next(byte) {
            Kind::Zero => self.view = self.view.and(ViewId::WIDE),
            Kind::Text if self.is_open => child.unit(parent, start, end, &[byte], self.view),
            Kind::Text => {
                if let Some(place) = self.held.get_mut(self.count) {
                    *place = Held { byte, start, end };
                    self.count += 1;
                }
                if self.count == TEXT_BYTES_MIN {
                    self.open(parent, child);
                }
            }
            Kind::Other => {
                self.close(child);
                self.is_whole = false;
            }
        }
    }

    /// The run has ended.
    pub(super) fn finish(&mut self, parent: &Text, child: &mut Text) {
        if !self.is_open && self.is_whole && self.count >= WHOLE_BYTES_MIN {
            self.open(parent, child);
        }
        self.close(child);
    }

    fn open(&mut self, parent: &Text, child: &mut Text) {
        if let Some((start, end)) = self.context.take() {
            child.copy_leaf_of_context(parent, start, end);
        }
        let held = self.held.get(..self.count).unwrap_or_default();
        for group in held.chunk_by(|a, b| (a.start, a.end) == (b.start, b.end)) {
            let mut bytes = [0; TEXT_BYTES_MIN];
            bytes.iter_mut().zip(group).for_each(|(place, held)| *place = held.byte);
            if let (Some(first), Some(bytes)) = (group.first(), bytes.get(..group.len())) {
                child.unit(parent, first.start, first.end, bytes, self.view);
            }
        }
        (self.count, self.is_open) = (0, true);
    }

    fn close(&mut self, child: &mut Text) {
        if self.is_open {
            child.scanner.boundary();
        }
        (self.count, self.is_open, self.kinds) = (0, false, Kinds::default());
    }
}

/// What the bytes of a run are, one behind the other.
#[derive(Clone, Copy, Debug, Default)]
struct Kinds {
    /// Bytes that a character beyond ASCII still lacks.
    lacking: u8,
    /// Zeros since the last character.
    zeros: u8,
}

impl Kinds {
    /// What the next byte is.
    #[inline]
    fn next(&mut self, byte: u8) -> Kind {
        if byte == 0 && self.lacking == 0 && self.zeros < ZEROS_MAX {
            self.zeros += 1;
            return Kind::Zero;
        }
        let text = match byte {
            0x80..=0xbf => self.lacking > 0,
            _ if self.lacking > 0 => false,
            0xc2..=0xf4 => true,
            _ => printable(byte),
        };
        if !text {
            return Kind::Other;
        }
        self.zeros = 0;
        self.lacking = match byte {
            0xc2..=0xdf => 1,
            0xe0..=0xef => 2,
            0xf0..=0xf4 => 3,
            0x80..=0xbf => self.lacking - 1,
            _ => 0,
        };
        Kind::Text
    }
}

/// What a gate does with bytes that begin there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// It lets them through.
    Text,
    /// The one behind so many is no text, and too few are before it.
    Other(usize),
    /// They end before that is known, or are too few.
    Short,
}

/// What a gate does with text that begins with these bytes; `whole` is how many are enough if no more follow.
pub(super) fn opening(bytes: impl Iterator<Item = u8>, whole: Option<usize>) -> Opening {
    let (mut kinds, mut count) = (Kinds::default(), 0);
    for (row, byte) in bytes.enumerate() {
        match kinds.next(byte) {
            Kind::Text => count += 1,
            Kind::Zero => {}
            Kind::Other => return Opening::Other(row),
        }
        if row + 1 == TEXT_BYTES_MIN {
            return Opening::Text;
        }
    }
    if whole.is_some_and(|whole| count >= whole) { Opening::Text } else { Opening::Short }
}

/// True for bytes that text with something to find consists of, for the most part.
#[inline]
pub(super) const fn may_be_text(byte: u8) -> bool {
    TEXT >> (byte & 0x7f) & 1 == 1 && byte < 0x80
}

/// One bit for each printable character of ASCII, and for zero.
const TEXT: u128 = (u128::MAX << 32 & !(1 << 127)) | 1 | 1 << b'\t' | 1 << b'\n' | 1 << b'\r';

#[inline]
fn printable(byte: u8) -> bool {
    block::Kind::holds(Printable, byte)
}
