/// A piece of a stream and a cursor into it: where the next byte stands on the wire, and the
/// bytes from there on.
///
/// A decoder moves the cursor over what it has read. Where a decoder refuses a byte the cursor
/// stands on that byte or, where the fault shows only later, close behind it.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    at: u64,
    bytes: &'a [u8],
}

impl<'a> Input<'a> {
    /// A piece whose first byte stands at the stream offset `at`.
    #[must_use]
    pub const fn new(at: u64, bytes: &'a [u8]) -> Self {
        Self { at, bytes }
    }

    /// The stream offset of the next byte.
    #[must_use]
    pub const fn at(&self) -> u64 {
        self.at
    }

    /// The bytes that were not read yet.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// How many bytes were not read yet.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// True if every byte was read.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The next byte, which stays unread.
    #[must_use]
    pub const fn peek(&self) -> Option<u8> {
        match self.bytes.first() {
            Some(byte) => Some(*byte),
            None => None,
        }
    }

    /// Reads `count` bytes, or those that are left.
    pub fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.bytes.split_at_checked(count).unwrap_or((self.bytes, &[]));
        self.at = self.at.saturating_add(taken.len() as u64);
        self.bytes = rest;
        taken
    }
}

/// A range of bytes on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The stream offset of the first byte.
    pub at: u64,
    /// How many bytes.
    pub len: u64,
}

impl Span {
    /// The stream offset behind the last byte.
    #[must_use]
    pub const fn end(self) -> u64 {
        self.at.saturating_add(self.len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taking_more_than_there_is_takes_what_is_left() {
        let mut input = Input::new(7, b"abc");
        assert_eq!(input.take(2), b"ab");
        assert_eq!((input.at(), input.peek()), (9, Some(b'c')));
        assert_eq!(input.take(5), b"c");
        assert_eq!((input.at(), input.peek(), input.is_empty()), (10, None, true));
    }

    #[test]
    fn a_stream_at_the_end_of_the_offset_space_does_not_wrap() {
        let mut input = Input::new(u64::MAX, b"abc");
        input.take(3);
        assert_eq!(input.at(), u64::MAX);
        assert_eq!(Span { at: u64::MAX, len: 2 }.end(), u64::MAX);
    }
}
