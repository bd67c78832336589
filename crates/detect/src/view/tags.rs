//! Text in tag characters (Unicode, U+E0020 to U+E007E) and in variation selectors, each of which has a byte for its
//! number (U+E0100 and on, from 16): ASCII that no screen shows and models read.
//!
//! A few of them between other characters are noise and are left out as such; a run of them is a text.

use super::ViewId;
use super::outline::Outline;
use super::respell::{Leaf, Recogniser};
use crate::window::{Undecided, Window};

pub(super) static RECOGNISER: Recogniser = Recogniser { view: ViewId::UNICODE, next, read, start };

/// What all of them begin with, in UTF-8.
const HEAD: [u8; 2] = [0xf3, 0xa0];
/// Bytes of one.
const TAG_BYTES: usize = 4;
/// Characters of the shortest text.
const CHARACTERS_MIN: usize = 6;
/// Characters of the longest one that is read at once, the last of which are read with the next one, too.
const CHARACTERS_MAX: usize = 240;
const CHARACTERS_SHARED: usize = 80;

fn next(text: &[u8], _: &Outline, from: usize) -> Option<usize> {
    let mut from = from;
    loop {
        let at = from + memchr::memchr(HEAD[0], text.get(from..)?)?;
        if text.get(at + 1).is_none_or(|byte| *byte == HEAD[1]) {
            return Some(at);
        }
        from = at + 1;
    }
}

fn read(window: &Window<'_>, at: usize, leaf: &mut Leaf) -> Result<usize, Undecided> {
    let mut place = at;
    while leaf.len() < CHARACTERS_MAX {
        let Some(byte) = tag(window, place)? else { break };
        leaf.push(byte, place, place + TAG_BYTES);
        place += TAG_BYTES;
    }
    if leaf.len() < CHARACTERS_MIN {
        leaf.clear();
    }
    let shared = if leaf.len() < CHARACTERS_MAX { 0 } else { CHARACTERS_SHARED * TAG_BYTES };
    Ok((place - shared).max(at + 1))
}

/// What the tag at `at` stands for, if there is one.
fn tag(window: &Window<'_>, at: usize) -> Result<Option<u8>, Undecided> {
    if window.at(at)? != HEAD[0] || window.at(at + 1)? != HEAD[1] {
        return Ok(None);
    }
    let high = window.at(at + 2)?;
    if !matches!(high, 0x80 | 0x81 | 0x84 | 0x85) {
        return Ok(None);
    }
    let low = window.at(at + 3)?;
    Ok(match (high, low) {
        (0x80, 0xa0..=0xbf) => Some(low - 0x80),
        (0x81, 0x80..=0xbe) => Some(low - 0x40),
        (0x84, 0x90..=0xbf) => Some(low - 0x70),
        (0x85, 0x80..=0xae) => Some(low - 0x30),
        _ => None,
    })
}

const fn start(_: &[u8], at: usize) -> usize {
    at
}
