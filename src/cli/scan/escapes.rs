//! A text as JSON means it: the escapes of its strings decoded, and the way back.
//!
//! What stands outside of strings is decoded, too: the wire is read the same way once a body is
//! taken apart, and a text file may quote half of a body. One pass; what is no escape stays.

/// A text without its escapes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unescaped {
    pub(super) text: Vec<u8>,
    escapes: Vec<Escape>,
}

/// Where an escape was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Escape {
    /// First byte and count of bytes in the text without escapes.
    at: usize,
    len: usize,
    /// The same in the original.
    original_at: usize,
    original_len: usize,
}

/// Decodes a text; `None` if there is no escape in it.
pub(super) fn decode(original: &[u8]) -> Option<Unescaped> {
    let mut decoded = Unescaped { text: Vec::new(), escapes: Vec::new() };
    let mut done = 0;
    while let Some(rest) = original.get(done..).filter(|rest| !rest.is_empty()) {
        let plain_len = rest.iter().position(|byte| *byte == b'\\').unwrap_or(rest.len());
        let (plain, rest) = rest.split_at(plain_len);
        decoded.text.extend(plain);
        done += plain_len;
        let Some((character, original_len)) = escape(rest) else {
            decoded.text.extend(rest.first());
            done += 1;
            continue;
        };
        let (at, mut bytes) = (decoded.text.len(), [0; 4]);
        decoded.text.extend(character.encode_utf8(&mut bytes).as_bytes());
        decoded.escapes.push(Escape { at, len: character.len_utf8(), original_at: done, original_len });
        done += original_len;
    }
    (!decoded.escapes.is_empty()).then_some(decoded)
}

/// The character of the escape that a text begins with, and the escape's length (RFC 8259, 7).
fn escape(text: &[u8]) -> Option<(char, usize)> {
    let character = match text.get(1)? {
        b'u' => return unicode(text),
        plain @ (b'"' | b'\\' | b'/') => char::from(*plain),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        _ => return None,
    };
    Some((character, 2))
}

/// `\uXXXX`, or two of them for a character outside the basic plane.
fn unicode(text: &[u8]) -> Option<(char, usize)> {
    let first = unit(text)?;
    if let Some(character) = char::from_u32(u32::from(first)) {
        return Some((character, 6));
    }
    let second = unit(text.get(6..)?)?;
    let character = char::decode_utf16([first, second]).next()?.ok()?;
    Some((character, 12))
}

fn unit(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |unit: u16, byte| Some(unit << 4 | u16::try_from(char::from(*byte).to_digit(16)?).ok()?))
}

impl Unescaped {
    /// The place in the original of a first byte.
    pub(super) fn start(&self, at: usize) -> usize {
        match self.escape_before(at) {
            Some(escape) if at < escape.at + escape.len => escape.original_at,
            Some(escape) => escape.original_at + escape.original_len + (at - escape.at - escape.len),
            None => at,
        }
    }

    /// The place in the original behind a last byte: all of an escape that it lies in.
    pub(super) fn end(&self, end: usize) -> usize {
        let Some(last) = end.checked_sub(1) else { return 0 };
        match self.escape_before(last) {
            Some(escape) if last < escape.at + escape.len => escape.original_at + escape.original_len,
            _ => self.start(last) + 1,
        }
    }

    /// The last escape that begins at or before a place.
    fn escape_before(&self, at: usize) -> Option<Escape> {
        let count = self.escapes.partition_point(|escape| escape.at <= at);
        self.escapes.get(count.checked_sub(1)?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_are_decoded_and_what_is_none_stays() {
        let text = br#"a\u0040b\n\"\\u0041 \ud83d\ude00 \ud83d \x \u12g4 \u00"#;
        let decoded = decode(text).unwrap();
        let expected = "a@b\n\"\\u0041 \u{1f600} \\ud83d \\x \\u12g4 \\u00";
        assert_eq!(String::from_utf8(decoded.text).unwrap(), expected);
        assert_eq!(decode(b"plain"), None);
        assert_eq!(decode(b"\\"), None);
    }

    #[test]
    fn a_place_leads_back_to_the_whole_escape() {
        let text = br"x\u00e4y\u0040z";
        let decoded = decode(text).unwrap();
        assert_eq!(decoded.text, "x\u{e4}y@z".as_bytes());
        let back = |start: usize, end: usize| &text[decoded.start(start)..decoded.end(end)];
        assert_eq!(back(0, 1), b"x");
        assert_eq!(back(1, 2), br"\u00e4");
        assert_eq!(back(2, 4), br"\u00e4y");
        assert_eq!(back(3, 6), br"y\u0040z");
        assert_eq!(back(0, 6), text);
        assert_eq!((decoded.start(6), decoded.end(0)), (text.len(), 0));
    }

    proptest! {
        #[test]
        fn decoding_is_what_a_json_parser_does(text in "[^\u{0}-\u{1f}]{0,40}") {
            let escaped: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            let decoded = decode(escaped.as_bytes()).map(|decoded| decoded.text).unwrap_or_default();
            prop_assert_eq!(decoded, text.as_bytes());
        }

        #[test]
        fn places_go_back_in_order_and_within(text in proptest::collection::vec(prop::sample::select(b"\\u00d8ne\"3f ".to_vec()), 0..60)) {
            if let Some(decoded) = decode(&text) {
                let mut before = 0;
                for end in 1..=decoded.text.len() {
                    prop_assert!(decoded.start(end - 1) < decoded.end(end));
                    prop_assert!(before <= decoded.end(end) && decoded.end(end) <= text.len());
                    before = decoded.end(end);
                }
            }
        }
    }
}
