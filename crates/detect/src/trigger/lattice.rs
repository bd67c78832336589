//! Marks at fixed distances: hardware addresses (`:` or `-` every three bytes, points five apart) and companies'
//! numbers with letters (points four apart).
//!
//! A bit a byte tells where marks stand; shifted words of bits tell where the next ones do.

use super::{Armed, Sink};
use crate::block::{BLOCK_BYTES, Either, One, Text};
use crate::detectors::ids::{br_cnpj, mac};
use crate::text::alphanumeric;
use crate::window::{Checked, Undecided, Window};

/// The detectors that share this search.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lattice {
    pub(crate) mac: Armed,
    pub(crate) cnpj: Armed,
}

/// Decides at every first mark from the cursor on; returns the hold.
pub(crate) fn scan(lattice: &Lattice, window: &Window<'_>, cursor: &mut usize, sink: &mut Sink<'_>) -> usize {
    let text = window.text();
    let (mut block, mut from) = (*cursor, *cursor);
    while block < text.len() {
        let mut places = first_marks(window.indexed(), block);
        while places != 0 {
            let mark = block + places.trailing_zeros() as usize;
            places &= places - 1;
            if mark < from || mark >= text.len() {
                continue;
            }
            sink.visit();
            match lattice.check(window, mark) {
                Err(Undecided) => {
                    *cursor = mark;
                    return may_start(text, mark);
                }
                Ok(None) => {}
                Ok(Some((armed, found))) => {
                    armed.report(&found, sink);
                    from = found.end;
                }
            }
        }
        block += BLOCK_BYTES;
    }
    *cursor = text.len().max(from);
    may_start(text, text.len())
}

impl Lattice {
    fn check(&self, window: &Window<'_>, mark: usize) -> Result<Option<(&Armed, crate::window::Match)>, Undecided> {
        let of = |armed, checked: Checked| checked.map(|found| found.map(|found| (armed, found)));
        if window.at(mark)? != b'.' {
            return of(&self.mac, (self.mac.detector.check)(window, mark));
        }
        match of(&self.mac, mac::check_quads(window, mark))? {
            None => of(&self.cnpj, br_cnpj::check_printed(window, mark)),
            found => Ok(found),
        }
    }
}

/// Places in the block from `block` on where a mark stands with others at the right distances, as far as the text
/// goes.
#[inline]
fn first_marks(text: Text<'_>, block: usize) -> u64 {
    let next = block + BLOCK_BYTES;
    let joints = text.bits(block, Either(b':', b'-'));
    let points = text.bits(block, One(b'.'));
    if joints | points == 0 {
        return 0;
    }
    // What has not arrived may be a mark.
    let known = text.len().saturating_sub(block).min(2 * BLOCK_BYTES);
    let unknown = u128::MAX.checked_shl(u32::try_from(known).unwrap_or(0)).unwrap_or(0);
    let both = |bits: u64, next: u64| u128::from(next) << BLOCK_BYTES | u128::from(bits) | unknown;
    let joints = both(joints, text.bits(next, Either(b':', b'-')));
    let points = both(points, text.bits(next, One(b'.')));
    let pairs = joints & joints >> 3 & joints >> 6 & joints >> 9 & joints >> 12;
    let quads = points & (points >> 5 | points >> 4);
    u64::try_from((pairs | quads) & u128::from(u64::MAX)).unwrap_or(0)
}

/// The first byte of a match whose first mark stands at `mark`, or would if it came next.
fn may_start(text: &[u8], mark: usize) -> usize {
    let head = text.get(..mark).unwrap_or_default();
    let length = head.iter().rev().take(mac::QUAD + 1).take_while(|byte| alphanumeric(**byte)).count();
    mark - if length > mac::QUAD { 0 } else { length }
}
