//! Views: text that hides what it says from a search for bytes, read as whoever receives it reads it.
//!
//! A view is entered at its trigger only (a backslash, a percent sign, a byte beyond ASCII, a long run of
//! base64 characters, digits one by one), and only the stretch around it is read again. There are four
//! kinds:
//!
//! | lane | file | what | how |
//! | --- | --- | --- | --- |
//! | fold | `fold.rs`, `escape.rs`, `unicode.rs` | escapes, entities, look-alikes, invisible characters | unit by unit, for as long as units follow |
//! | decode | `decode.rs`, `gate.rs`, `wide.rs` | base64, base64url, hex | run by run; what is no text is dropped |
//! | respell | `respell.rs`, `spaced.rs`, `groups.rs`, `cells.rs`, `pairs.rs`, `codes.rs`, `pieces.rs`, `words.rs`, `mail.rs`, `tags.rs`, `turned.rs`, `mirror.rs`, `base32.rs`, `mistyped.rs`, `wrapped.rs` | numbers and words in pieces, in words, backwards | candidate by candidate |
//! | table | `table.rs` | cells far from the names of their columns | row by row |
//!
//! Fold and decode write what they read into the text of a layer below ([`layer`]), which is scanned and
//! read again, to a depth of [`VIEW_DEPTH_MAX`]. Each layer's text has a map to the bytes of the stream
//! ([`map`]). Every step looks ahead a bounded number of bytes and waits for them, so that what a layer's
//! text is does not depend on how the stream was split.

mod base32;
mod cells;
mod codes;
mod complete;
mod decode;
mod escape;
mod fold;
mod gate;
mod groups;
mod han;
mod hunt;
pub(crate) mod layer;
mod mail;
pub(crate) mod map;
mod mirror;
mod mistyped;
mod outline;
mod pairs;
mod pieces;
mod respell;
mod spaced;
mod table;
mod tags;
mod turned;
mod unicode;
mod wide;
mod words;
mod wrapped;

pub(crate) use self::mirror::Mirrored;
pub use self::respell::Speller;

use core::fmt;

/// Views of views that are read. What is hidden deeper is not found, and said to be there.
pub const VIEW_DEPTH_MAX: usize = 3;

/// Bytes that views may hold besides what detectors have to see of the text as it stands: an item of which
/// only the beginning is known, and the longest candidate with what stands before it. Escapes have more bytes
/// than they stand for: text that is nothing but escapes can hold more.
pub const VIEW_HOLD_BYTES: usize = 2048;

/// Declares the views once: constant, bit, name, what it is.
macro_rules! views {
    ($($constant:ident $bit:literal $name:literal $doc:literal)*) => {
        /// How a text was read: a set of views, empty for the text as it stands.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct ViewId(u32);

        impl ViewId {
            /// The text as it stands.
            pub const RAW: Self = Self(0);
            $(#[doc = $doc] pub const $constant: Self = Self(1 << $bit);)*

            /// All views with their names.
            pub const ALL: &[(Self, &'static str)] = &[$((Self::$constant, $name)),*];
        }
    };
}

views! {
    JSON 0 "json" "Backslash escapes of JSON, JavaScript, Python and C."
    PERCENT 1 "percent" "Percent escapes of URLs and forms."
    HTML 2 "html" "Character references of HTML, inline tags and marks of emphasis within a word."
    QUOTED_PRINTABLE 3 "quoted-printable" "Escapes and soft line breaks of mail."
    CONCATENATED 4 "concatenated" "String literals that a program joins."
    UNICODE 5 "unicode" "Look-alikes, digits of other scripts, invisible characters."
    WIDE 6 "wide" "UTF-16 and UTF-32, in either byte order."
    BASE64 7 "base64" "Runs of base64 and base64url."
    HEX 8 "hex" "Runs of hexadecimal digits."
    SPACED 9 "spaced" "Characters one by one with something between them."
    GROUPS 10 "groups" "Groups of digits with unusual separators, values that a line breaks."
    WORDS 11 "words" "Digits written as words."
    MAIL 12 "mail" "E-mail addresses with at and dot written out."
    ROT13 13 "rot13" "Letters thirteen places on."
    REVERSED 14 "reversed" "Text backwards."
    CODES 16 "codes" "Numbers of characters, one by one."
    BASE32 17 "base32" "Runs of base32."
    TABLE 15 "table" "Cells of a table behind the names of their columns, items of a list behind its name."
}

impl ViewId {
    /// Both sets of views.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// True if all views of `other` are in it.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The names of its views; none for the text as it stands.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().filter(move |(view, _)| self.contains(*view)).map(|(_, name)| *name)
    }
}

/// `raw`, `json`, `json+base64`.
impl fmt::Display for ViewId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::RAW {
            return formatter.write_str("raw");
        }
        for (place, name) in self.names().enumerate() {
            if place > 0 {
                formatter.write_str("+")?;
            }
            formatter.write_str(name)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_are_named_in_order() {
        assert_eq!(ViewId::RAW.to_string(), "raw");
        assert_eq!(ViewId::BASE64.and(ViewId::JSON).to_string(), "json+base64");
        assert_eq!(ViewId::ALL.iter().fold(ViewId::RAW, |all, (view, _)| all.and(*view)).names().count(), 18);
    }
}
