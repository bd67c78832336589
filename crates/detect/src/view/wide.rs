//! UTF-16 in base64 and hex (RFC 2781): runs that begin with characters that a text in disguise has.
//!
//! What is ASCII in UTF-16 is text with zeros between its bytes, which the gate leaves out. Other characters are told here
//! from the random bytes of images: by those that stand for ASCII ones, all of the first. Any two bytes are some character:
//! the first that stands for none ends it.

use super::decode::{Digits, in_alphabet};
use super::gate::Group;
use super::unicode::{self, Fold};

/// Characters of a run that tell, and bytes that at least have to do so.
const CHARACTERS: usize = 32;
const BYTES_MIN: usize = 12;

/// The mark at the beginning of a text that tells its order.
const ORDER_MARK: char = '\u{feff}';

/// In which order the bytes of a character stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    LowFirst,
    HighFirst,
}

impl Order {
    const fn unit(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::LowFirst => u16::from_le_bytes(bytes),
            Self::HighFirst => u16::from_be_bytes(bytes),
        }
    }
}

/// What a run begins with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// More bytes must be seen.
    Cut,
    /// UTF-16 behind so many bytes of the first unit.
    Wide(Digits, Order, usize),
    Other,
}

/// Looks at the first characters of a run.
pub(super) fn read(run: &[u8]) -> Opening {
    let near = run.get(..CHARACTERS).unwrap_or(run);
    let length = near.iter().take_while(|byte| in_alphabet(byte)).count();
    if length == near.len() && length < CHARACTERS {
        return Opening::Cut;
    }
    let characters = near.get(..length).unwrap_or_default();
    let digits = if characters.iter().all(u8::is_ascii_hexdigit) { Digits::Hex } else { Digits::Base64 };
    let mut bytes = [0; CHARACTERS];
    let mut count = 0;
    for unit in characters.chunks(digits.unit()) {
        let (decoded, length) = digits.decode(unit);
        bytes.iter_mut().skip(count).zip(decoded.iter().take(length)).for_each(|(place, byte)| *place = *byte);
        count += length;
    }
    let bytes = bytes.get(..count).unwrap_or_default();
    // Behind other text it may begin at any byte.
    let orders = (0..digits.bytes()).flat_map(|skip| [Order::LowFirst, Order::HighFirst].map(|order| (skip, order)));
    let mut texts = orders.filter(|(skip, order)| is_text(bytes.get(*skip..).unwrap_or_default(), *order));
    texts.next().map_or(Opening::Other, |(skip, order)| Opening::Wide(digits, order, skip))
}

/// True for bytes that are text in an order, and none in UTF-8.
fn is_text(bytes: &[u8], order: Order) -> bool {
    let (pairs, _) = bytes.as_chunks();
    let mut characters = char::decode_utf16(pairs.iter().map(|pair| order.unit(*pair))).peekable();
    let mut is_beyond_ascii = false;
    while let Some(character) = characters.next() {
        match character {
            Ok(character) if stands_for_ascii(character) => is_beyond_ascii |= !character.is_ascii(),
            // The last one may be cut.
            Err(_) if characters.peek().is_none() => {}
            _ => return false,
        }
    }
    bytes.len() >= BYTES_MIN && is_beyond_ascii && !is_utf8(bytes)
}

/// True for characters of ASCII that are printed, and for others that stand for them or for nothing.
fn stands_for_ascii(character: char) -> bool {
    matches!(character, ' '..='~' | '\t' | '\n' | '\r') || unicode::fold(character) != Fold::Itself
}

/// True for text in UTF-8, whose last character may be cut.
fn is_utf8(bytes: &[u8]) -> bool {
    let whole = match core::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            let known = bytes.get(..error.valid_up_to()).unwrap_or_default();
            core::str::from_utf8(known).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !whole.contains(|character: char| character.is_control() && !character.is_ascii_whitespace())
}

/// Puts characters together, byte by byte.
#[derive(Debug)]
pub(super) struct Wide {
    order: Order,
    /// The first byte of a unit, and where it stands.
    byte: Option<(u8, u64)>,
    /// The first half of a character beyond the basic plane.
    half: Option<(u16, u64)>,
    is_over: bool,
}

impl Wide {
    pub(super) const fn new(order: Order) -> Self {
        Self { order, byte: None, half: None, is_over: false }
    }

    /// A character came that stands for none of ASCII: what follows may be anything, and is looked at anew.
    pub(super) const fn is_over(&self) -> bool {
        self.is_over
    }

    /// Takes bytes; `give` gets the characters that they end, in UTF-8.
    pub(super) fn push(&mut self, group: Group<'_>, mut give: impl FnMut(Group<'_>)) {
        for byte in group.bytes {
            let Some((first, start)) = self.byte.take() else {
                self.byte = Some((*byte, group.start));
                continue;
            };
            let unit = self.order.unit([first, *byte]);
            let (half, start) = self.half.take().map_or((None, start), |(half, start)| (Some(half), start));
            if half.is_none() && (0xd800..0xdc00).contains(&unit) {
                self.half = Some((unit, start));
                continue;
            }
            let mut units = char::decode_utf16(half.into_iter().chain([unit]));
            let character = units.next().and_then(Result::ok).unwrap_or(char::REPLACEMENT_CHARACTER);
            if !stands_for_ascii(character) {
                self.is_over = true;
                return;
            }
            if character != ORDER_MARK {
                let mut text = [0; 4];
                give(Group { bytes: character.encode_utf8(&mut text).as_bytes(), start, end: group.end });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str, order: Order) -> String {
        let bytes = text.encode_utf16().flat_map(|unit| match order {
            Order::LowFirst => unit.to_le_bytes(),
            Order::HighFirst => unit.to_be_bytes(),
        });
        bytes.map(|byte| format!("{byte:02x}")).collect::<String>() + " "
    }

    #[test]
    fn text_in_disguise_is_told_from_other_bytes() {
        for order in [Order::LowFirst, Order::HighFirst] {
            for text in [
                "a card \u{ff14}\u{ff15}\u{ff13}\u{ff19}",
                "\u{feff}\u{ff14}539 5277",
                "\u{1d7d2}\u{1d7d3}\u{1d7d2}\u{1d7d3}",
            ] {
                assert_eq!(read(hex(text, order).as_bytes()), Opening::Wide(Digits::Hex, order, 0), "{text}");
            }
            assert_eq!(read(hex("\u{4f60}\u{597d}\u{4f60}\u{597d}\u{4f60}\u{597d}", order).as_bytes()), Opening::Other);
        }
        assert_eq!(read(b"bXkgY2FyZCBpcyA0NTM5IDUyNzcgMjA0MCA1NjA4 "), Opening::Other);
        assert_eq!(read(b"MSAyIDMgNCA1IDYgNyA4IDkgMCAxIDIgMyA0IDUg "), Opening::Other);
        assert_eq!(read(b"bXkgY2FyZ"), Opening::Cut);
    }

    #[test]
    fn characters_are_put_together_from_bytes_in_any_pieces() {
        let bytes: Vec<u8> = "a\u{ff14}\u{1d7d2}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for size in 1..4 {
            let (mut wide, mut text) = (Wide::new(Order::LowFirst), Vec::new());
            for (start, bytes) in (0..).step_by(10).zip(bytes.chunks(size)) {
                wide.push(Group { bytes, start, end: start + 10 }, |group| text.extend_from_slice(group.bytes));
            }
            assert_eq!(String::from_utf8(text).unwrap(), "a\u{ff14}\u{1d7d2}");
        }
    }
}
