//! Text that a screen shows backwards: behind a right-to-left override (Unicode Standard Annex 9, U+202E), up to its end.

use super::ViewId;
use super::outline::Outline;
use super::respell::{Leaf, Recogniser};
use crate::window::{BOUNDARY, NUMBER_BOUNDARY, Undecided, Window};

pub(super) static RECOGNISER: Recogniser = Recogniser { view: ViewId::REVERSED, next, read, start };

/// The override, in UTF-8.
const HEAD: [u8; 3] = [0xe2, 0x80, 0xae];
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
    // A character beyond ASCII ends it, as does the mark for its end.
    let in_text = |byte: u8| byte.is_ascii() && !matches!(byte, b'\n' | b'\r' | BOUNDARY | NUMBER_BOUNDARY);
    let length = window.run(from, BYTES_MAX, in_text)?;
    if length >= BYTES_MIN {
        for (place, byte) in window.slice(from, from + length).iter().enumerate() {
            leaf.push(*byte, from + place, from + place + 1);
        }
        leaf.reverse();
    }
    Ok(from + length)
}

/// Where an override begins that the end of the text may cut off.
fn start(text: &[u8], at: usize) -> usize {
    let cut = (1..HEAD.len()).rev().find(|bytes| HEAD.get(..*bytes).is_some_and(|head| text.ends_with(head)));
    if at < text.len() { at } else { text.len() - cut.unwrap_or(0) }
}
