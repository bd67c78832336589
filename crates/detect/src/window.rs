//! What a check sees of the stream, and what it answers.
//!
//! A check that needs a byte which has not arrived gets [`Undecided`] and hands it on with `?`.
//! That is the whole trick of streaming: whoever decides without meeting it has read bytes only
//! that were there, so more text cannot change the decision.

use crate::block::Text;

/// Bytes behind an undecided candidate that are kept for word boundaries and context words.
pub const CONTEXT_BYTES: usize = 64;

/// Ends a leaf. No byte of UTF-8 has this value; [`Scanner::push`](crate::Scanner::push) replaces
/// it in text that is not UTF-8.
pub(crate) const BOUNDARY: u8 = 0xff;

/// Ends a leaf that was a number.
pub(crate) const NUMBER_BOUNDARY: u8 = 0xfe;

/// What replaces the two above in text.
pub(crate) const NOT_TEXT: u8 = 0xfd;

/// The decision needs bytes that have not arrived yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Undecided;

/// What a check answers: a match, no match, or not known yet.
pub(crate) type Checked = Result<Option<Match>, Undecided>;

/// A range of the window that a check accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Index into the detector's rules.
    pub(crate) rule: usize,
    pub(crate) percent: u8,
    /// Set if the item goes on behind `end` for as long as this says.
    pub(crate) rest: Option<Rest>,
}

impl Match {
    /// A match that ends where it ends.
    pub(crate) const fn new(start: usize, end: usize, rule: usize, percent: u8) -> Self {
        Self { start, end, rule, percent, rest: None }
    }

    /// The same with an open end.
    pub(crate) const fn followed_by(self, rest: Rest) -> Self {
        Self { rest: Some(rest), ..self }
    }
}

/// How an item without a bounded length goes on behind its decided head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// While bytes are of this class.
    Class(crate::text::Class),
    /// While bytes are of base64url, and dots between them.
    Parts,
    /// While codes follow each other: what signs in without a second factor.
    Codes,
    /// Until an armour's END line, or the end of the leaf.
    Armour(crate::detectors::secret::Armour),
}

/// The text that is there, with the stream's unknown future behind it.
#[derive(Debug)]
pub(crate) struct Window<'a> {
    text: &'a [u8],
    indexed: Text<'a>,
    ended: bool,
    #[cfg(test)]
    pub(crate) reads: core::cell::Cell<u64>,
}

impl<'a> Window<'a> {
    /// A window over text that may go on.
    pub(crate) const fn open(text: &'a [u8]) -> Self {
        Self::over(Text::plain(text))
    }

    /// The same over text with an index.
    pub(crate) const fn over(text: Text<'a>) -> Self {
        Self {
            text: text.bytes(),
            indexed: text,
            ended: false,
            #[cfg(test)]
            reads: core::cell::Cell::new(0),
        }
    }

    /// A window over a whole leaf.
    pub(crate) const fn whole(text: &'a [u8]) -> Self {
        Self {
            text,
            indexed: Text::plain(text),
            ended: true,
            #[cfg(test)]
            reads: core::cell::Cell::new(0),
        }
    }

    /// All bytes that are there.
    pub(crate) const fn text(&self) -> &'a [u8] {
        self.text
    }

    /// The same with their index.
    pub(crate) const fn indexed(&self) -> Text<'a> {
        self.indexed
    }

    /// How many bytes are there.
    pub(crate) const fn len(&self) -> usize {
        self.text.len()
    }

    /// The byte at `index`, or that it is not known yet.
    #[inline]
    pub(crate) fn at(&self, index: usize) -> Result<u8, Undecided> {
        self.count_read();
        match self.text.get(index) {
            Some(byte) => Ok(*byte),
            None if self.ended => Ok(BOUNDARY),
            None => Err(Undecided),
        }
    }

    /// The byte before `index`; before the first byte of a stream stands a boundary.
    ///
    /// Checks may look back at most [`CONTEXT_BYTES`] from where a match of theirs could begin.
    #[inline]
    pub(crate) fn before(&self, index: usize) -> u8 {
        self.count_read();
        let before = index.checked_sub(1).and_then(|index| self.text.get(index));
        before.copied().unwrap_or(BOUNDARY)
    }

    /// The bytes from `start` to `end`, of which the caller has read the last one.
    pub(crate) fn slice(&self, start: usize, end: usize) -> &'a [u8] {
        self.text.get(start..end).unwrap_or_default()
    }

    /// The length of the run of bytes that satisfy `class` from `start` on, counted up to `max`.
    #[inline]
    pub(crate) fn run(&self, start: usize, max: usize, class: impl Fn(u8) -> bool) -> Result<usize, Undecided> {
        let rest = self.text.get(start..).unwrap_or_default();
        let near = rest.get(..max).unwrap_or(rest);
        let length = near.iter().position(|byte| !class(*byte)).unwrap_or(near.len());
        (0..=length).for_each(|_| self.count_read());
        match (length < near.len() || length == max, self.ended) {
            (true, _) => Ok(length),
            (false, true) => Ok(if class(BOUNDARY) { max } else { length }),
            (false, false) => Err(Undecided),
        }
    }

    /// True if `literal` stands at `start`; undecided only while what is there agrees with it.
    #[inline]
    pub(crate) fn starts_with(&self, start: usize, literal: &[u8]) -> Result<bool, Undecided> {
        for (index, expected) in literal.iter().enumerate() {
            if self.at(start + index)? != *expected {
                return Ok(false);
            }
        }
        Ok(true)
    }

    #[inline]
    #[cfg_attr(not(test), expect(clippy::unused_self, reason = "counts in tests only"))]
    fn count_read(&self) {
        #[cfg(test)]
        self.reads.set(self.reads.get() + 1);
    }
}

/// Characters of what is found in random bytes once in some GB; shorter ones are found in text alone.
const SURE_CHARACTERS_MIN: usize = 12;

/// How many of the [`CONTEXT_BYTES`] before it are no UTF-8 where that is no text. Control characters alone tell nothing:
/// who wants to hide something can type them, and JSON has no broken bytes.
const BROKEN_BYTES_MIN: usize = 8;

/// True for a few bytes behind others that are no text, broken ones and a control character: in images and archives every
/// few MB look like an address by chance.
pub(crate) fn is_chance(window: &Window<'_>, start: usize, end: usize) -> bool {
    let continues = |byte: &&u8| (0x80..0xc0).contains(*byte);
    let found = window.slice(start, end);
    if found.len() - found.iter().filter(continues).count() >= SURE_CHARACTERS_MIN {
        return false;
    }
    let before = window.slice(start.saturating_sub(CONTEXT_BYTES), start);
    let is_control = |byte: &u8| byte.is_ascii_control() && !matches!(byte, 0 | b'\t' | b'\n' | b'\r');
    let broken = || before.utf8_chunks().map(|chunk| chunk.invalid().len()).sum::<usize>();
    before.iter().any(is_control) && broken() >= BROKEN_BYTES_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_is_refused_at_the_first_byte_that_differs() {
        let window = Window::open(b"ghp");
        assert_eq!(window.starts_with(0, b"ghp_"), Err(Undecided));
        assert_eq!(window.starts_with(0, b"gho_"), Ok(false));
        assert_eq!(Window::whole(b"ghp").starts_with(0, b"ghp_"), Ok(false));
    }

    #[test]
    fn a_run_that_touches_the_end_is_undecided_unless_it_is_long_enough() {
        let window = Window::open(b"1234");
        assert_eq!(window.run(0, 9, |byte| byte.is_ascii_digit()), Err(Undecided));
        assert_eq!(window.run(0, 4, |byte| byte.is_ascii_digit()), Ok(4));
        assert_eq!(window.before(0), BOUNDARY);
    }
}
