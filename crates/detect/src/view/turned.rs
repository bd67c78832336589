//! Text that a screen shows backwards: behind a right-to-left override (Unicode Standard Annex 9, U+202E), up to its end.

use super::ViewId;
use super::outline::Outline;
use super::respell::{Leaf, Recogniser};
use crate::window::{BOUNDARY, NUMBER_BOUNDARY, Undecided, Window};

pub(super) static RECOGNISER: Recogniser = Recogniser { view: ViewId::REVERSED, next, read, start };

/// The override, in UTF-8.
const HEAD: [u8; 3] = [0xe2, 0x80, 0xae];
/// The mark for its end, U+202C.
const TAIL: [u8; 3] = [0xe2, 0x80, 0xac];
/// Bytes of the shortest text and of the longest one.
const BYTES_MIN: usize = 6;
const BYTES_MAX: usize = 240;

fn next(text: &[u8], _: &Outline, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let first =
        memchr::memchr_iter(HEAD[0], rest).find(|place| rest.get(*place..).is_some_and(|at| at.starts_with(&HEAD)));
    first.map(|place| from + place)
}

fn read(window: &Window<'_>, at: usize, leaf: &mut Leaf) -> Result<usize, Undecided> {
    let from = at + HEAD.len();
    let mut end = from;
    while end - from < BYTES_MAX {
        let length = match window.at(end)? {
            b'\n' | b'\r' | BOUNDARY | NUMBER_BOUNDARY => break,
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => 1,
        };
        let character = window.run(end, length, |byte| !matches!(byte, BOUNDARY | NUMBER_BOUNDARY))?;
        // Another override begins a text of its own.
        if [TAIL, HEAD].iter().any(|mark| window.slice(end, end + character) == mark) {
            break;
        }
        // Backwards, its bytes stand as they do forwards.
        for place in (end..end + character).rev() {
            leaf.push(window.at(place)?, end, end + character);
        }
        end += character;
    }
    if end - from < BYTES_MIN {
        leaf.clear();
    }
    leaf.reverse();
    leaf.is_text = true;
    Ok(end)
}

/// Where an override begins that the end of the text may cut off.
fn start(text: &[u8], at: usize) -> usize {
    let cut = (1..HEAD.len()).rev().find(|bytes| HEAD.get(..*bytes).is_some_and(|head| text.ends_with(head)));
    if at < text.len() { at } else { text.len() - cut.unwrap_or(0) }
}
