//! Bytes in hex, one by one: `6a 61 6e 65`, `6a:61:6e:65`.
//!
//! At least six pairs of digits with the same mark between them that mean characters of text. A hardware
//! address has six, too, and hardly ever means text.

use super::ViewId;
use super::outline::{Mark, Outline};
use super::respell::{Leaf, Recogniser};
use crate::text::alphanumeric;
use crate::window::{Undecided, Window};

pub(super) static RECOGNISER: Recogniser = Recogniser { view: ViewId::HEX, next, read, start };

/// Pairs of the shortest chain.
const PAIRS_MIN: usize = 6;
/// Pairs of the longest chain, the last of which are read with the next one, too.
const PAIRS_MAX: usize = 240;
const PAIRS_SHARED: usize = 80;
/// Bytes of a pair and the mark behind it.
const STEP_BYTES: usize = 3;

/// The first of three pairs.
fn next(text: &[u8], outline: &Outline, from: usize) -> Option<usize> {
    outline.places(Mark::Pairs, from, text.len()).find(|at| begins(text, *at))
}

fn begins(text: &[u8], at: usize) -> bool {
    let inside = at.checked_sub(1).and_then(|before| text.get(before)).is_some_and(|byte| alphanumeric(*byte));
    let Some([a, b, first, c, d, second, ..]) = text.get(at..) else { return false };
    !inside && first == second && [a, b, c, d].into_iter().all(u8::is_ascii_hexdigit)
}

fn read(window: &Window<'_>, at: usize, leaf: &mut Leaf) -> Result<usize, Undecided> {
    let mark = window.at(at + 2)?;
    // Bytes that the character begun last still needs.
    let mut needed = 0;
    let (mut place, mut shared) = (at, at);
    while leaf.len() < PAIRS_MAX {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let Some(high) = digit(window.at(place)?) else { break };
        let Some(low) = digit(window.at(place + 1)?) else { break };
        let byte = high << 4 | low;
        let next = window.at(place + 2)?;
        let is_last = matches!(byte, 0x80..=0xbf);
        if is_last != (needed > 0) || alphanumeric(next) {
            break;
        }
        needed = match byte {
            0x80..=0xbf => needed - 1,
            0xc2..=0xdf => 1,
            0xe0..=0xef => 2,
            0xf0..=0xf4 => 3,
            b' '..=b'~' | b'\n' | b'\r' | b'\t' => 0,
            _ => break,
        };
        if leaf.len() <= PAIRS_MAX - PAIRS_SHARED && !is_last {
            shared = place;
        }
        leaf.push(byte, place, place + 2);
        place += STEP_BYTES;
        if next != mark {
            break;
        }
    }
    let is_full = leaf.len() >= PAIRS_MAX;
    // What is no character ends it, as does one that is cut; the search goes on there.
    let valid = core::str::from_utf8(leaf.bytes()).map_or_else(|error| error.valid_up_to(), str::len);
    let end = leaf.cut(valid).unwrap_or(place.saturating_sub(1));
    let end = if is_full { end.min(shared) } else { end };
    if leaf.len() < PAIRS_MIN {
        leaf.clear();
    }
    leaf.is_text = true;
    Ok(end.max(at + 1))
}

/// Where a chain begins that the end of the text may cut off.
fn start(text: &[u8], at: usize) -> usize {
    if at < text.len() {
        return at;
    }
    let from = text.len().saturating_sub(3 * STEP_BYTES);
    let may_begin = |start: &usize| {
        let inside = start.checked_sub(1).and_then(|before| text.get(before)).is_some_and(|byte| alphanumeric(*byte));
        let tail = text.get(*start..).unwrap_or_default();
        let fits = |(place, byte): (usize, &u8)| {
            if place % STEP_BYTES == 2 { !alphanumeric(*byte) && *byte < 0x80 } else { byte.is_ascii_hexdigit() }
        };
        !inside && tail.iter().enumerate().all(fits)
    };
    (from..text.len()).find(may_begin).unwrap_or(text.len())
}
