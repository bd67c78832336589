//! Text in base32 (RFC 4648 section 6): a whole word of capitals and digits from 2 to 7, or of small letters and these.
//!
//! Words of letters alone have the alphabet, too, and keys of one-time passwords; neither means text.

use super::ViewId;
use super::respell::Leaf;

/// Characters of the shortest text.
const CHARACTERS_MIN: usize = 16;
/// Bits of a character, and of a byte.
const CHARACTER_BITS: usize = 5;
const BYTE_BITS: usize = 8;

/// Writes what a word that begins at `start` means, if it means text; a name may stand before it: `text=...`.
pub(super) fn read(word: &[u8], start: usize, leaf: &mut Leaf) {
    let padded = word.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last + 1);
    let word = word.get(..padded).unwrap_or_default();
    let name = memchr::memrchr(b'=', word).map_or(0, |mark| mark + 1);
    let (start, word) = (start + name, word.get(name..).unwrap_or_default());
    if word.len() < CHARACTERS_MIN || !means_text(word) {
        return;
    }
    for (place, byte) in bytes(word).enumerate() {
        let from = place * BYTE_BITS / CHARACTER_BITS;
        let to = ((place + 1) * BYTE_BITS).div_ceil(CHARACTER_BITS);
        leaf.push(byte, start + from, start + to);
    }
    leaf.more = ViewId::BASE32;
}

/// True if all characters are of the alphabet, of one size, and all bytes are text. Most words are told by what joins
/// their parts, and base64 by its first letters.
fn means_text(word: &[u8]) -> bool {
    let is_small = word.iter().find(|byte| byte.is_ascii_alphabetic()).is_some_and(u8::is_ascii_lowercase);
    let in_alphabet = |byte: &u8| {
        matches!(byte, b'2'..=b'7') || (byte.is_ascii_alphabetic() && byte.is_ascii_lowercase() == is_small)
    };
    let is_text = |byte: u8| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t');
    word.iter().all(in_alphabet) && bytes(word).all(is_text)
}

/// The bytes of a word, as many as are whole.
fn bytes(word: &[u8]) -> impl Iterator<Item = u8> {
    let bit = |place: usize| {
        let character = word.get(place / CHARACTER_BITS).copied().unwrap_or(0);
        value(character) >> (CHARACTER_BITS - 1 - place % CHARACTER_BITS) & 1
    };
    let count = word.len() * CHARACTER_BITS / BYTE_BITS;
    (0..count).map(move |byte| (0..BYTE_BITS).fold(0, |value, place| value << 1 | bit(byte * BYTE_BITS + place)))
}

const fn value(character: u8) -> u8 {
    match character {
        b'2'..=b'7' => character - b'2' + 26,
        _ => (character | 0x20).wrapping_sub(b'a'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(word: &str) -> Option<String> {
        let mut leaf = Leaf::default();
        read(word.as_bytes(), 0, &mut leaf);
        (leaf.len() > 0).then(|| String::from_utf8_lossy(leaf.bytes()).into_owned())
    }

    #[test]
    fn words_that_mean_text_are_read() {
        for word in [
            "NJQW4ZJOOJXWKQDFPBQW24DMMUXGG33N",
            "njqw4zjoojxwkqdfpbqw24dmmuxgg33n",
            "x=NJQW4ZJOOJXWKQDFPBQW24DMMUXGG33N",
        ] {
            assert_eq!(text(word).as_deref(), Some("jane.roe@example.com"), "{word}");
        }
        for word in ["JBSWY3DPEHPK3PXP", "internationalization", "NJQW4ZJOOJXWKQDF", "njqw4zjOOJXWKQDFPBQW24DM"] {
            assert!(text(word).is_none_or(|text| text == "jane.roe@e"), "{word}");
        }
    }
}
