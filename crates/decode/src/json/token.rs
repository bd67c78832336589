/// What the tokenizer found next. Pieces are borrowed from the input and never span two inputs.
///
/// A token is small on purpose: it is returned by value for every few bytes of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// `{`
    ObjectStart,
    /// `}`
    ObjectEnd,
    /// `[`
    ArrayStart,
    /// `]`
    ArrayEnd,
    /// The quote that opens a string.
    StringStart {
        /// True for the name of an object's member.
        key: bool,
    },
    /// A string that the input holds to its closing quote and that has no escape: what would
    /// otherwise be a start, a piece and an end.
    WholeString {
        /// True for the name of an object's member.
        key: bool,
        /// The stream offset behind the opening quote.
        at: u64,
        /// The bytes between the quotes, possibly none: whole characters of UTF-8.
        bytes: &'a [u8],
    },
    /// Characters of a string that stand for themselves. A character's bytes may be cut in two
    /// where the input was.
    StringPiece {
        /// The stream offset of the first byte.
        at: u64,
        /// The bytes, never empty.
        bytes: &'a [u8],
    },
    /// An escape; [`Tokenizer::escape_spans`](super::Tokenizer::escape_spans) says where it stands.
    StringEscape {
        /// The character it stands for. A surrogate pair is one escape; a surrogate without its
        /// other half stands for U+FFFD, as most receivers read it.
        character: char,
    },
    /// The quote that closes a string.
    StringEnd,
    /// The next byte is the first one of a number.
    NumberStart,
    /// Bytes of a number.
    NumberPiece {
        /// The stream offset of the first byte.
        at: u64,
        /// The bytes, never empty.
        bytes: &'a [u8],
    },
    /// The number is complete.
    NumberEnd,
    /// `true`
    True,
    /// `false`
    False,
    /// `null`
    Null,
    /// The top-level value is complete; it follows the token that completed it.
    End,
}

/// What the next token stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Container {
    /// Nothing: it is (or comes behind) the top-level value.
    None,
    /// An object.
    Object,
    /// An array.
    Array,
}

/// What was found next: a [`Token`] without what it carries.
///
/// It is one byte on purpose. A whole token, handed from function to function, is written in parts
/// and copied in one; the stalls of that cost more than finding it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The input is used up.
    Starved,
    ObjectStart,
    ObjectEnd,
    ArrayStart,
    ArrayEnd,
    KeyStart,
    StringStart,
    WholeKey,
    WholeString,
    StringPiece,
    StringEscape,
    StringEnd,
    NumberStart,
    NumberPiece,
    NumberEnd,
    True,
    False,
    Null,
    End,
}
