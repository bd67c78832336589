use thiserror::Error;

/// The rule that a JSON text broke.
///
/// After an error nothing more of the text can be read with certainty: the tokenizer repeats the
/// error for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Error {
    /// Something other than a value where a value must stand.
    #[error("no value where one must stand")]
    Value,
    /// Something other than a key where a key must stand (behind `{` also `}`).
    #[error("no key where one must stand")]
    Key,
    /// Something other than a colon behind a key.
    #[error("no colon behind a key")]
    Colon,
    /// Something other than a comma or the closing bracket behind a value.
    #[error("neither comma nor closing bracket behind a value")]
    CommaOrClose,
    /// Something other than white space behind the text's one value.
    #[error("more than one value")]
    TrailingBytes,
    /// A byte order mark (RFC 8259 section 8.1).
    #[error("a byte order mark")]
    ByteOrderMark,
    /// A number that is not of the grammar.
    #[error("a malformed number")]
    Number,
    /// A name other than `true`, `false` and `null`.
    #[error("a name that is not true, false or null")]
    Literal,
    /// A control character in a string.
    #[error("a control character in a string")]
    ControlCharacter,
    /// A backslash that begins no escape.
    #[error("an unknown escape")]
    Escape,
    /// A `\u` without four hexadecimal digits.
    #[error("a \\u escape without four hexadecimal digits")]
    EscapeDigits,
    /// The parts of one escape are more than 4 GiB apart on the wire, or not in order.
    #[error("the parts of an escape are too far apart")]
    EscapeScattered,
    /// A string that is not UTF-8.
    #[error("a string that is not UTF-8")]
    Utf8,
    /// Nesting deeper than [`JSON_DEPTH_MAX`](super::JSON_DEPTH_MAX).
    #[error("nested too deep")]
    Depth,
    /// A line end inside a value of a newline-delimited sequence.
    #[error("a line end inside a value of a sequence")]
    LineEnd,
    /// Two values on one line of a newline-delimited sequence.
    #[error("two values on one line of a sequence")]
    SameLine,
    /// The text ended before its value did, or had none.
    #[error("the text ended before its value")]
    Truncated,
}

/// The class of an [`enum@Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// Not the one JSON text it should be.
    Syntax,
    /// Nested too deep.
    Depth,
    /// Not complete.
    Truncated,
}

impl Error {
    /// The class of the error.
    #[must_use]
    pub const fn kind(self) -> ErrorKind {
        match self {
            Self::Depth => ErrorKind::Depth,
            Self::Truncated => ErrorKind::Truncated,
            Self::Value
            | Self::Key
            | Self::Colon
            | Self::CommaOrClose
            | Self::TrailingBytes
            | Self::ByteOrderMark
            | Self::Number
            | Self::Literal
            | Self::ControlCharacter
            | Self::Escape
            | Self::EscapeDigits
            | Self::EscapeScattered
            | Self::Utf8
            | Self::LineEnd
            | Self::SameLine => ErrorKind::Syntax,
        }
    }
}
