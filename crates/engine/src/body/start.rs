//! What the first bytes of a request's body say of all of it: that its characters are wider than a byte, or that it is
//! compressed, whatever its head says of that.

use arrayvec::ArrayVec;
use core::str;
use policy::Reason;

/// Bytes that tell compressed data and marks of the order of bytes.
const START_BYTES: usize = 4;

/// Looks at the first bytes, piece by piece.
#[derive(Debug)]
pub(super) struct Start {
    bytes: ArrayVec<u8, START_BYTES>,
    /// Pictures, sounds and films begin with whatever their format or their first sample has.
    is_media: bool,
    /// What it is in each of the [`WIDTHS`].
    readings: [State; WIDTHS.len()],
}

/// Characters of one width and order of bytes.
struct Width {
    /// The mark of the order of bytes, which is as long as a character.
    mark: &'static [u8],
    /// Which byte of a character has what is not zero in ASCII.
    place: u8,
}

/// UTF-16 and UTF-32, the highest byte first and last.
const WIDTHS: [Width; 4] = [
    Width { mark: &[0xfe, 0xff], place: 1 },
    Width { mark: &[0xff, 0xfe], place: 0 },
    Width { mark: &[0, 0, 0xfe, 0xff], place: 3 },
    Width { mark: &[0xff, 0xfe, 0, 0], place: 0 },
];

impl Start {
    pub(super) const fn new(is_media: bool) -> Self {
        Self { bytes: ArrayVec::new_const(), is_media, readings: [State::Blank(Unit::new(true)); WIDTHS.len()] }
    }

    /// Refuses a body that counts its characters in anything but bytes: with a byte order mark, or with zeros beside what
    /// a JSON text begins with (UTF-16 and UTF-32, RFC 4627 section 3); and one that is compressed: gzip (RFC 1952),
    /// zlib (RFC 1950), Zstandard (RFC 8878).
    pub(super) fn check(&mut self, bytes: &[u8]) -> Result<(), Reason> {
        if !self.bytes.is_full() {
            let room = self.bytes.remaining_capacity().min(bytes.len());
            // It fits: no more than the room is taken.
            let _ = self.bytes.try_extend_from_slice(bytes.get(..room).unwrap_or_default());
            if is_compressed(&self.bytes) {
                return Err(Reason::ContentEncoding);
            }
            if self.is_marked() {
                return Err(Reason::Charset);
            }
        }
        let is_media = self.is_media;
        let is_wide = WIDTHS.iter().zip(&mut self.readings).any(|(width, state)| state.read(width, bytes, is_media));
        if is_wide { Err(Reason::Charset) } else { Ok(()) }
    }

    /// True for a byte order mark. Of wider characters it may be two samples of a sound.
    fn is_marked(&self) -> bool {
        match self.bytes.as_slice() {
            [0xef, 0xbb, 0xbf, ..] => true,
            [0xfe, 0xff, ..] | [0xff, 0xfe, ..] | [0, 0, 0xfe, 0xff] => !self.is_media,
            _ => false,
        }
    }
}

fn is_compressed(start: &[u8]) -> bool {
    match start {
        [0x1f, 0x8b, 8, ..] | [b'x', 0x01 | 0x9c | 0xda, ..] | [0x28, 0xb5, 0x2f, 0xfd] => true,
        // A formula begins so, too.
        [b'x', b'^', rest @ ..] => match str::from_utf8(rest) {
            Ok(text) => text.chars().any(|character| character.is_control() && !character.is_ascii_whitespace()),
            Err(error) => error.error_len().is_some(),
        },
        _ => false,
    }
}

/// The body as JSON in characters of one width, as long as it can be that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Within a character before anything that is seen.
    Blank(Unit),
    /// Within the one behind an opening bracket.
    Behind(Unit),
    /// It is something else.
    Other,
}

/// A character that has come in part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Unit {
    len: u8,
    ascii: u8,
    /// It can be ASCII, or the mark.
    is_ascii: bool,
    is_mark: bool,
}

impl Unit {
    /// Before a character; a mark is the first one.
    const fn new(is_first: bool) -> Self {
        Self { len: 0, ascii: 0, is_ascii: true, is_mark: is_first }
    }
}

impl State {
    /// True once it is such JSON. What is said to be media has to begin an object or an array, and what is in it.
    fn read(&mut self, width: &Width, bytes: &[u8], is_media: bool) -> bool {
        for byte in bytes {
            let (Self::Blank(unit) | Self::Behind(unit)) = self else { return false };
            unit.is_mark &= width.mark.get(usize::from(unit.len)) == Some(byte);
            if unit.len == width.place {
                unit.ascii = *byte;
            } else {
                unit.is_ascii &= *byte == 0;
            }
            unit.len += 1;
            let is_whole = usize::from(unit.len) == width.mark.len();
            if !unit.is_ascii && !unit.is_mark {
                *self = Self::Other;
            } else if is_whole && unit.is_mark {
                *self = Self::Blank(Unit::new(false));
            } else if is_whole {
                let (character, is_behind) = (unit.ascii, matches!(self, Self::Behind(_)));
                let begins = b"{[\"-0123456789tfn".contains(&character);
                *self = match character {
                    b' ' | b'\t' | b'\r' | b'\n' if is_behind => Self::Behind(Unit::new(false)),
                    b' ' | b'\t' | b'\r' | b'\n' => Self::Blank(Unit::new(false)),
                    b']' | b'}' if is_behind => return true,
                    _ if begins && (is_behind || !is_media) => return true,
                    b'{' | b'[' => Self::Behind(Unit::new(false)),
                    _ => Self::Other,
                };
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], is_media: bool) -> Option<Reason> {
        let results = [1, 3, bytes.len().max(1)].map(|piece| {
            let mut start = Start::new(is_media);
            bytes.chunks(piece).find_map(|piece| start.check(piece).err())
        });
        assert_eq!(results[0], results[1]);
        assert_eq!(results[0], results[2]);
        results[0]
    }

    fn wide(text: &str, width: usize, is_big: bool) -> Vec<u8> {
        let unit = |byte: u8| {
            let mut unit = vec![0; width];
            unit[if is_big { width - 1 } else { 0 }] = byte;
            unit
        };
        text.bytes().flat_map(unit).collect()
    }

    #[test]
    fn json_in_wide_characters_is_told_under_any_type() {
        for (width, is_big) in [(2, true), (2, false), (4, true), (4, false)] {
            for text in ["{\"a\":1}", " \r\n\t { } ", "[[1]]", "[]"] {
                let body = wide(text, width, is_big);
                let mark: &[u8] = match (width, is_big) {
                    (2, true) => b"\xfe\xff",
                    (2, _) => b"\xff\xfe",
                    (_, true) => b"\0\0\xfe\xff",
                    (..) => b"\xff\xfe\0\0",
                };
                for is_media in [true, false] {
                    assert_eq!(check(&body, is_media), Some(Reason::Charset), "{text} {width} {is_big}");
                    assert_eq!(
                        check(&[mark, &body].concat(), is_media),
                        Some(Reason::Charset),
                        "{text} {width} {is_big}"
                    );
                }
            }
            for text in ["\"a\"", "  1", "null"] {
                let body = wide(text, width, is_big);
                assert_eq!(check(&body, false), Some(Reason::Charset), "{text} {width} {is_big}");
                assert_eq!(check(&body, true), None, "{text} {width} {is_big}");
            }
        }
        assert_eq!(check(b"\xef\xbb\xbf{}", true), Some(Reason::Charset));
    }

    #[test]
    fn what_begins_with_zeros_and_goes_on_as_something_else_is_no_text() {
        for body in [&b"\0\0\0 ftypisom\0\0\x02\0"[..], b"\x0a\0\x09\0\x81\x0c", b"\0\0\0\0", b"\0 \0\0", b"II*\0"] {
            for is_media in [true, false] {
                assert_eq!(check(body, is_media), None, "{}", body.escape_ascii());
            }
        }
        for body in [&b"\xfe\xff\x03\0"[..], b"\xff\xfe\x90\x64", b"0\0\x31\0\xfe\xff"] {
            assert_eq!(check(body, true), None, "{}", body.escape_ascii());
            assert_eq!(check(body, false), Some(Reason::Charset), "{}", body.escape_ascii());
        }
    }
}
