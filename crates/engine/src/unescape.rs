//! JSON escapes in text that is not known to be JSON: what a receiver may read there that reads it
//! once more.
//!
//! Tool arguments are JSON in a JSON string; a part of a form, a line under another content type,
//! the value of a cookie may be. So text with backslashes in it is read twice: as it stands, and with
//! its escapes decoded (RFC 8259 section 7). What is no escape stands for itself.

use arrayvec::ArrayVec;

/// A surrogate pair, `\ud83d\ude00`.
const ESCAPE_BYTES_MAX: usize = 12;

/// Decodes the escapes of one leaf, in pieces of any size.
#[derive(Debug, Default)]
pub(crate) struct Unescaper {
    /// The beginning of an escape at the end of the last piece.
    pending: ArrayVec<u8, ESCAPE_BYTES_MAX>,
    /// Offset of the next byte in the leaf.
    next: u64,
}

/// A run of decoded text, and where it stands in the leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decoded<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) at: u64,
    /// Bytes of the leaf that the text stands for.
    pub(crate) source: u64,
}

enum Step {
    /// The bytes may be the beginning of an escape.
    Cut,
    /// The backslash stands for itself.
    Literal,
    Escape(char, usize),
}

impl Unescaper {
    /// Begins at an offset of a leaf.
    pub(crate) fn begin(&mut self, at: u64) {
        self.pending.clear();
        self.next = at;
    }

    /// Where the beginning of an escape stands that is not complete.
    pub(crate) fn unfinished(&self) -> Option<u64> {
        (!self.pending.is_empty()).then(|| self.next - self.pending.len() as u64)
    }

    /// Takes the leaf's next bytes.
    pub(crate) fn push(&mut self, text: &[u8], mut emit: impl FnMut(Decoded<'_>)) {
        let mut text = text;
        while !self.pending.is_empty() && !text.is_empty() {
            text = self.resume(text, &mut emit);
        }
        let mut rest = text;
        while let Some(place) = memchr::memchr(b'\\', rest) {
            let (literal, tail) = rest.split_at_checked(place).unwrap_or((rest, &[]));
            self.literal(literal, &mut emit);
            rest = match step(tail) {
                Step::Cut => {
                    // It fits: what is longer is complete.
                    let _ = self.pending.try_extend_from_slice(tail);
                    self.next += tail.len() as u64;
                    return;
                }
                Step::Literal => {
                    self.literal(b"\\", &mut emit);
                    tail.get(1..).unwrap_or_default()
                }
                Step::Escape(character, len) => {
                    self.escape(character, len, &mut emit);
                    tail.get(len..).unwrap_or_default()
                }
            };
        }
        self.literal(rest, &mut emit);
    }

    /// The leaf has ended: what was begun stands for itself.
    pub(crate) fn finish(&mut self, mut emit: impl FnMut(Decoded<'_>)) {
        let pending = core::mem::take(&mut self.pending);
        self.next -= pending.len() as u64;
        self.literal(&pending, &mut emit);
    }

    /// Goes on with the escape that was begun, byte by byte; returns what is left of the text.
    fn resume<'t>(&mut self, text: &'t [u8], emit: &mut impl FnMut(Decoded<'_>)) -> &'t [u8] {
        let Some((first, rest)) = text.split_first() else { return text };
        let mut begun = core::mem::take(&mut self.pending);
        self.next -= begun.len() as u64;
        if begun.try_push(*first).is_err() {
            self.literal(&begun, emit);
            return text;
        }
        let mut bytes = begun.as_slice();
        while let [head, tail @ ..] = bytes {
            let (taken, left) = match (head, step(bytes)) {
                (b'\\', Step::Cut) => {
                    // No longer than what was taken out of it.
                    let _ = self.pending.try_extend_from_slice(bytes);
                    self.next += bytes.len() as u64;
                    return rest;
                }
                (b'\\', Step::Escape(character, len)) => {
                    self.escape(character, len, emit);
                    (0, bytes.get(len..).unwrap_or_default())
                }
                _ => (1, tail),
            };
            if taken == 1 {
                self.literal(core::slice::from_ref(head), emit);
            }
            bytes = left;
        }
        rest
    }

    fn literal(&mut self, text: &[u8], emit: &mut impl FnMut(Decoded<'_>)) {
        if !text.is_empty() {
            emit(Decoded { text, at: self.next, source: text.len() as u64 });
            self.next += text.len() as u64;
        }
    }

    fn escape(&mut self, character: char, len: usize, emit: &mut impl FnMut(Decoded<'_>)) {
        let mut utf8 = [0; 4];
        let text = character.encode_utf8(&mut utf8).as_bytes();
        emit(Decoded { text, at: self.next, source: len as u64 });
        self.next += len as u64;
    }
}

/// What begins with the backslash at the start of `bytes`.
fn step(bytes: &[u8]) -> Step {
    let Some(kind) = bytes.get(1) else { return Step::Cut };
    let short = match kind {
        b'"' | b'\\' | b'/' => char::from(*kind),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(bytes),
        _ => return Step::Literal,
    };
    Step::Escape(short, 2)
}

fn unicode(bytes: &[u8]) -> Step {
    let unit = match unit(bytes) {
        Ok(unit) => unit,
        Err(step) => return step,
    };
    if !(0xd800..0xdc00).contains(&unit) {
        return Step::Escape(char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER), 6);
    }
    let second = bytes.get(6..).unwrap_or_default();
    let lone = Step::Escape(char::REPLACEMENT_CHARACTER, 6);
    match second {
        [] | [b'\\'] => return Step::Cut,
        [b'\\', b'u', ..] => {}
        _ => return lone,
    }
    match self::unit(second) {
        Ok(low) => match char::decode_utf16([unit, low]).next() {
            Some(Ok(character)) => Step::Escape(character, ESCAPE_BYTES_MAX),
            _ => lone,
        },
        Err(Step::Cut) => Step::Cut,
        Err(_) => lone,
    }
}

/// The four digits of `\uXXXX`.
fn unit(bytes: &[u8]) -> Result<u16, Step> {
    let digits = bytes.get(2..bytes.len().min(6)).unwrap_or_default();
    let value = digits.iter().try_fold(0u16, |value, digit| {
        let digit = char::from(*digit).to_digit(16).and_then(|digit| u16::try_from(digit).ok())?;
        Some(value << 4 | digit)
    });
    match value {
        None => Err(Step::Literal),
        Some(_) if digits.len() < 4 => Err(Step::Cut),
        Some(value) => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(pieces: &[&[u8]]) -> (Vec<u8>, Vec<(u64, u64)>) {
        let (mut text, mut sources) = (Vec::new(), Vec::new());
        let mut emit = |decoded: Decoded<'_>| {
            text.extend(decoded.text);
            let is_escape = decoded.source != decoded.text.len() as u64;
            sources.extend(is_escape.then_some((decoded.at, decoded.source)));
        };
        let mut unescaper = Unescaper::default();
        unescaper.begin(0);
        for piece in pieces {
            unescaper.push(piece, &mut emit);
        }
        unescaper.finish(&mut emit);
        (text, sources)
    }

    #[test]
    fn escapes_are_decoded_and_what_is_none_is_kept() {
        for (text, expected) in [
            (&br"536-90-\u0034399"[..], "536-90-4399"),
            (br#"{\"a\":\"b\\c\"}"#, r#"{"a":"b\c"}"#),
            (br"\ud83d\ude00!", "😀!"),
            (br"\ud83d\u0041", "\u{fffd}A"),
            (br"\ud83d\n", "\u{fffd}\n"),
            (br"\u12x4 \q \", r"\u12x4 \q \"),
            (br"C:\new\u00", "C:\new\\u00"),
        ] {
            assert_eq!(String::from_utf8(decode(&[text]).0).unwrap(), expected, "{}", text.escape_ascii());
        }
        assert_eq!(decode(&[br"ab\u0040c"]).1, [(2, 6)]);
    }

    proptest! {
        #[test]
        fn any_split_decodes_to_the_same(
            parts in prop::collection::vec(prop::sample::select(vec!["\\", "u", "0", "d83d", "de00", "\\u0041", "n", "x", "\\ud83d"]), 0..12),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        ) {
            let text = parts.concat();
            let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
            places.extend([0, text.len()]);
            places.sort_unstable();
            let pieces: Vec<&[u8]> = places.windows(2).map(|pair| &text.as_bytes()[pair[0]..pair[1]]).collect();
            prop_assert_eq!(decode(&pieces), decode(&[text.as_bytes()]));
        }
    }
}
