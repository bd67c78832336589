//! Bytes, characters and digit groups: the small reading steps that checks share.

use crate::window::{Undecided, Window};

/// A set of bytes that a token may be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// `0-9 a-f`
    Hex,
    /// `0-9 A-Z`
    Upper,
    /// `0-9 A-Z a-z`
    Alphanumeric,
    /// `0-9 A-Z a-z _`
    Word,
    /// `0-9 A-Z a-z _ -`: base64url (RFC 4648 section 5)
    Token,
    /// `0-9 A-Z a-z _ - .`
    Dotted,
    /// `0-9 A-Z a-z + / =`: base64 (RFC 4648 section 4)
    Base64,
    /// `0-9 A-Z a-z + / _ - = %`: base64 of both alphabets in a cookie or an address, its signs escaped or not
    Encoded,
    /// Base64 and `_`, which joins its parts
    Joined,
    /// Base64 in lines
    Lines,
    /// `0-9 A-Z a-z _ - /`: segments of a path
    Path,
    /// `0-9 A-Z a-z _ - / @`: segments of a path with an address in it
    Webhook,
    /// `0-9 A-Z a-z . : - [ ]`: host and port (RFC 3986 section 3.2)
    Authority,
    /// `0-9 A-Z a-z . / $ , = +`: hashes of passwords (crypt(5))
    Crypt,
    /// What a value of a program's text may be made of: visible ASCII but quotes, separators and brackets
    Value,
}

impl Class {
    /// Its characters, for people.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Hex => "0-9 a-f",
            Self::Upper => "0-9 A-Z",
            Self::Alphanumeric => "letters and digits",
            Self::Word => "letters, digits and `_`",
            Self::Token => "base64url",
            Self::Dotted => "base64url and dots",
            Self::Base64 => "base64",
            Self::Encoded => "base64, escaped or not",
            Self::Joined => "base64 joined by `_`",
            Self::Lines => "base64 in lines",
            Self::Path | Self::Webhook => "a path",
            Self::Authority => "host and port",
            Self::Crypt => "a hash of a password",
            Self::Value => "visible characters",
        }
    }

    /// True if the class holds `byte`.
    #[inline]
    pub(crate) const fn holds(self, byte: u8) -> bool {
        match self {
            Self::Hex => byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'),
            Self::Upper => byte.is_ascii_digit() || byte.is_ascii_uppercase(),
            Self::Alphanumeric => byte.is_ascii_alphanumeric(),
            Self::Word => byte.is_ascii_alphanumeric() || byte == b'_',
            Self::Token => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Self::Dotted => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'),
            Self::Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='),
            Self::Encoded => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'_' | b'-' | b'=' | b'%'),
            Self::Joined => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_'),
            Self::Lines => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'\n' | b'\r'),
            Self::Path => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/'),
            Self::Webhook => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/' | b'@'),
            Self::Authority => byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'-' | b'[' | b']'),
            Self::Crypt => byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | b'$' | b',' | b'=' | b'+'),
            Self::Value => {
                byte.is_ascii_alphanumeric()
                    || matches!(
                        byte,
                        b'_' | b'-' | b'+' | b'/' | b'=' | b'.' | b'~' | b'%' | b':' | b'@' | b'!' | b'#' | b'$' | b'*'
                    )
            }
        }
    }
}

/// True for a digit.
#[inline]
pub(crate) const fn digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

/// True for a letter or a digit.
#[inline]
pub(crate) const fn alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// What separates groups of digits: one character, in UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Separator {
    bytes: [u8; 3],
    len: usize,
}

impl Separator {
    /// Length in bytes.
    pub(crate) const fn len(self) -> usize {
        self.len
    }

    /// True if it is that ASCII character.
    pub(crate) const fn is(self, ascii: u8) -> bool {
        self.len == 1 && self.bytes[0] == ascii
    }

    /// True for spaces of all kinds.
    pub(crate) const fn is_space(self) -> bool {
        matches!(
            self.bytes,
            [b' ' | b'\t', ..] | [0xc2, 0xa0, _] | [0xe2, 0x80, 0x80..=0x8a | 0xaf] | [0xe2, 0x81, 0x9f]
        )
    }

    /// True for hyphens, dashes and the minus sign.
    pub(crate) const fn is_dash(self) -> bool {
        matches!(self.bytes, [b'-', ..] | [0xe2, 0x80, 0x90..=0x95] | [0xe2, 0x88, 0x92])
    }

    /// True if it stands right before `index`.
    pub(crate) fn stands_before(self, window: &Window<'_>, index: usize) -> bool {
        let bytes = self.bytes.get(..self.len).unwrap_or_default();
        index.checked_sub(self.len).is_some_and(|start| window.slice(start, index) == bytes)
    }

    /// True if a digit and this separator stand right before `index`.
    pub(crate) fn joins_digit_before(self, window: &Window<'_>, index: usize) -> bool {
        self.stands_before(window, index) && digit(window.before(index.saturating_sub(self.len)))
    }
}

/// The separator at `index`, if there is one: space, tab, `-`, `.`, `/`, a no-break or thin space,
/// or a dash of General Punctuation.
#[inline]
pub(crate) fn separator(window: &Window<'_>, index: usize) -> Result<Option<Separator>, Undecided> {
    let first = window.at(index)?;
    if matches!(first, b' ' | b'\t' | b'-' | b'.' | b'/') {
        return Ok(Some(Separator { bytes: [first, 0, 0], len: 1 }));
    }
    if !matches!(first, 0xc2 | 0xe2) {
        return Ok(None);
    }
    let second = window.at(index + 1)?;
    if second & 0xc0 != 0x80 {
        return Ok(None);
    }
    let candidate = if first == 0xc2 {
        Separator { bytes: [first, second, 0], len: 2 }
    } else {
        Separator { bytes: [first, second, window.at(index + 2)?], len: 3 }
    };
    Ok((candidate.is_space() || candidate.is_dash()).then_some(candidate))
}

/// The number of digits from `start` on, counted up to `max`.
#[inline]
pub(crate) fn digits(window: &Window<'_>, start: usize, max: usize) -> Result<usize, Undecided> {
    window.run(start, max, digit)
}

/// The value of up to 19 digits; what is no digit counts as its low bits.
pub(crate) fn value(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |value: u64, digit| value.wrapping_mul(10).wrapping_add(u64::from(digit.wrapping_sub(b'0'))))
}

/// The character that begins at `index` and its length in bytes; `None` if the bytes there are no
/// UTF-8.
pub(crate) fn character(window: &Window<'_>, index: usize) -> Result<Option<(char, usize)>, Undecided> {
    let len = match window.at(index)? {
        0x00..=0x7f => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Ok(None),
    };
    for place in 1..len {
        if window.at(index + place)? & 0xc0 != 0x80 {
            return Ok(None);
        }
    }
    Ok(decode(window.slice(index, index + len)).map(|character| (character, len)))
}

/// The character that ends before `index` and its length in bytes.
pub(crate) fn character_before(window: &Window<'_>, index: usize) -> Option<(char, usize)> {
    let len = (1..=4usize.min(index))
        .find(|len| window.slice(index - len, index).first().is_some_and(|b| b & 0xc0 != 0x80))?;
    decode(window.slice(index - len, index)).map(|character| (character, len))
}

fn decode(bytes: &[u8]) -> Option<char> {
    let mut characters = core::str::from_utf8(bytes).ok()?.chars();
    let first = characters.next()?;
    characters.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_told_by_kind() {
        let of = |text: &str| separator(&Window::whole(text.as_bytes()), 0).unwrap();
        assert!(of("-1").unwrap().is_dash() && of("–1").unwrap().is_dash());
        assert!(of("\u{a0}1").unwrap().is_space() && of("\u{2009}1").unwrap().is_space());
        assert_eq!(of("…1"), None);
        assert_eq!(of("_1"), None);
        assert_eq!(separator(&Window::open(b"\xe2\x80"), 0), Err(Undecided));
    }

    #[test]
    fn characters_are_read_both_ways() {
        let text = "aé漢🦀".as_bytes();
        let window = Window::whole(text);
        let (mut forward, mut backward) = (Vec::new(), Vec::new());
        let mut at = 0;
        while let Some((character, len)) = character(&window, at).unwrap() {
            forward.push(character);
            at += len;
        }
        while let Some((character, len)) = character_before(&window, at) {
            backward.insert(0, character);
            at -= len;
        }
        assert_eq!(forward, ['a', 'é', '漢', '🦀']);
        assert_eq!(backward, forward);
        assert_eq!(character(&Window::whole(b"\xed\xa0\x80"), 0), Ok(None));
    }
}
