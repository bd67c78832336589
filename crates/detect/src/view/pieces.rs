//! Base64 and hex in short pieces: `bXkgc3Nu IGlzIDUz`, `6a61 6e65`, lines that are shorter than those of mail.
//!
//! Pieces are of one length, but for the last, with the same mark between them, and all of what they stand for is
//! printable. Longer lines are `decode.rs`'s.

use super::ViewId;
use super::decode::{Digits, LINE_BYTES_MIN, in_alphabet};
use super::gate::may_be_text;
use super::outline::{Mark, Outline};
use super::respell::{Leaf, Recogniser};
use crate::simd::{base64_value, quantum};
use crate::window::{Undecided, Window};

pub(super) static RECOGNISER: Recogniser = Recogniser { view: ViewId::RAW, next, read, start };

/// Characters of the shortest piece, and what all lengths are a multiple of.
const PIECE_STEP: usize = 4;
/// Characters of the longest piece.
const PIECE_BYTES_MAX: usize = LINE_BYTES_MIN - PIECE_STEP;
/// Bytes between two pieces: a space, the end of a line.
const JOINT_BYTES_MAX: usize = 2;
/// Bytes that the shortest chain stands for, and the longest that is read at once; so many of them are read with the next
/// ones, too.
const BYTES_MIN: usize = 9;
const BYTES_MAX: usize = 360;
const BYTES_SHARED: usize = 90;
/// Bytes behind the first piece and its mark by which the outline tells a chain: two pieces of four, or one of eight.
const MARKED_BYTES: usize = 9;
/// Bytes in which a piece stands with what follows it.
const HEAD_BYTES: usize = PIECE_BYTES_MAX + JOINT_BYTES_MAX + 1;

/// The first of two pieces of the same length.
fn next(text: &[u8], outline: &Outline, from: usize) -> Option<usize> {
    outline.places(Mark::Piece, from, text.len()).find(|at| shows_text(text, *at) && head(text, *at) != Head::Other)
}

/// False if the characters there stand for no text, which is quickly told.
fn shows_text(text: &[u8], at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    // Text in base64 begins with a low value, in hex with a digit.
    if rest.first().is_none_or(|first| base64_value(*first) >= LOW && !first.is_ascii_digit()) {
        return false;
    }
    let Some(first) = rest.first_chunk::<PIECE_STEP>() else { return true };
    let is_hex = || first.iter().all(u8::is_ascii_hexdigit);
    quantum(first.map(base64_value)).iter().all(|byte| may_be_text(*byte)) || is_hex()
}

/// The first value of base64 with which no byte of ASCII begins.
const LOW: u8 = 32;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Head {
    /// A piece that has another one behind it, and what they are written in.
    Piece(usize, Digits),
    /// What may become one.
    Cut,
    Other,
}

/// What stands at a place.
fn head(text: &[u8], at: usize) -> Head {
    if at.checked_sub(1).and_then(|before| text.get(before)).is_some_and(in_alphabet) {
        return Head::Other;
    }
    let rest = text.get(at..).unwrap_or_default();
    let rest = rest.get(..HEAD_BYTES).unwrap_or(rest);
    let length = rest.iter().take_while(|byte| in_alphabet(byte)).count();
    if length == rest.len() && length <= PIECE_BYTES_MAX {
        return Head::Cut;
    }
    let (piece, behind) = rest.split_at_checked(length).unwrap_or_default();
    if length > PIECE_BYTES_MAX || length == 0 || !length.is_multiple_of(PIECE_STEP) {
        return Head::Other;
    }
    let Some(digits) = digits_of(piece) else { return Head::Other };
    let joint = joint_of(behind);
    match behind.get(joint) {
        None => Head::Cut,
        Some(next) if joint > 0 && in_alphabet(next) => Head::Piece(length, digits),
        Some(_) => Head::Other,
    }
}

/// Bytes of what stands between two pieces.
fn joint_of(behind: &[u8]) -> usize {
    match behind {
        [b' ' | b'\n', ..] => 1,
        [b'\r', b'\n', ..] => 2,
        [b'\r'] => 1,
        _ => 0,
    }
}

/// What a piece is written in, if it stands for nothing but text.
fn digits_of(piece: &[u8]) -> Option<Digits> {
    [Digits::Hex, Digits::Base64].into_iter().find(|digits| is_text(*digits, piece))
}

fn is_text(digits: Digits, piece: &[u8]) -> bool {
    piece.chunks(digits.unit()).all(|unit| {
        let (bytes, count) = digits.decode(unit);
        let is_printable = |byte: &u8| matches!(*byte, b' '..=b'~' | b'\n' | b'\r' | b'\t');
        count > 0 && unit.iter().all(|byte| digits.take(*byte)) && bytes.iter().take(count).all(is_printable)
    })
}

fn read(window: &Window<'_>, at: usize, leaf: &mut Leaf) -> Result<usize, Undecided> {
    let (length, digits) = match head(window.text(), at) {
        Head::Piece(length, digits) => (length, digits),
        Head::Cut => return Err(Undecided),
        Head::Other => return Ok(at + 1),
    };
    let (mut place, mut end, mut shared) = (at, at, at);
    let joint = window.slice(at + length, at + length + joint_of(window.slice(at + length, window.len())));
    loop {
        let run = window.run(place, length + 1, |byte| in_alphabet(&byte))?;
        let piece = window.slice(place, place + run);
        if run == 0 || run > length || !is_text(digits, piece) {
            break;
        }
        for (index, unit) in piece.chunks(digits.unit()).enumerate() {
            let start = place + index * digits.unit();
            let (bytes, count) = digits.decode(unit);
            bytes.iter().take(count).for_each(|byte| leaf.push(*byte, start, start + unit.len()));
        }
        end = place + run;
        if leaf.len() >= BYTES_MAX {
            leaf.more = digits.view();
            return Ok(shared);
        }
        if leaf.len() <= BYTES_MAX - BYTES_SHARED {
            shared = end + joint.len();
        }
        if run < length || !window.starts_with(end, joint)? {
            break;
        }
        place = end + joint.len();
    }
    if leaf.len() < BYTES_MIN {
        leaf.clear();
    } else {
        leaf.more = digits.view();
    }
    Ok(end.max(at + 1))
}

/// Where a chain begins that the end of the text may cut off.
fn start(text: &[u8], at: usize) -> usize {
    if at < text.len() {
        return at;
    }
    let from = text.len().saturating_sub(HEAD_BYTES);
    let may_begin = |start: &usize| match head(text, *start) {
        Head::Cut => true,
        // The outline marks a place once so much of what follows is there.
        Head::Piece(length, _) => {
            let behind = text.get(start + length..).unwrap_or_default();
            let behind = behind.get(joint_of(behind)..).unwrap_or_default();
            let is_joined = |byte: &u8| in_alphabet(byte) || matches!(*byte, b' ' | b'\n' | b'\r');
            behind.len() < MARKED_BYTES && behind.iter().all(is_joined)
        }
        Head::Other => false,
    };
    (from..text.len()).find(|start| shows_text(text, *start) && may_begin(start)).unwrap_or(text.len())
}
