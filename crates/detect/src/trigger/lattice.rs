//! Marks at fixed distances: hardware addresses (`:` or `-` every three bytes, points five apart) and companies'
//! numbers with letters (points four apart).
//!
//! A bit a byte tells where marks stand; shifted words of bits tell where the next ones do.

use super::{Armed, Sink};
use crate::block::{BLOCK_BYTES, Either, One, Text};
use crate::detectors::ids::{br_cnpj, mac};
use crate::text::alphanumeric;
use crate::traits::{self, Traits};
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
    let mut from = *cursor;
    let mut block = window.indexed().next_with(from, Traits::LATTICE);
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
        block = window.indexed().next_with(block + BLOCK_BYTES, Traits::LATTICE);
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
    let unknown =
        |from: usize| u64::MAX.checked_shl(u32::try_from(text.len().saturating_sub(from)).unwrap_or(u32::MAX));
    let (unknown, unknown_next) = (unknown(block).unwrap_or(0), unknown(next).unwrap_or(0));
    // Behind the first mark stands what it parts: no mark.
    let behind = text.bits(block + 1, Either(b':', b'-')) | text.bits(block + 1, One(b'.'));
    let places = traits::lattice(
        (joints | unknown, text.bits(next, Either(b':', b'-')) | unknown_next),
        (points | unknown, text.bits(next, One(b'.')) | unknown_next),
    );
    places & !behind
}

/// The first byte of a match whose first mark stands at `mark`, or would if it came next.
fn may_start(text: &[u8], mark: usize) -> usize {
    let head = text.get(..mark).unwrap_or_default();
    let length = head.iter().rev().take(mac::QUAD + 1).take_while(|byte| alphanumeric(**byte)).count();
    mark - if length > mac::QUAD { 0 } else { length }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::index_of;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_mark_is_found_with_an_index_that_is_found_without(
            text in proptest::collection::vec(prop_oneof![4 => Just(b'x'), 1 => Just(b'.'), 2 => Just(b':')], 0..400),
            cut in 0usize..300,
        ) {
            let (plain, index) = (Text::plain(&text), index_of(&text, cut));
            for block in (0..text.len()).step_by(BLOCK_BYTES) {
                let places = first_marks(plain, block);
                let known = (text.len() - block).min(BLOCK_BYTES);
                let arrived = u64::MAX >> (BLOCK_BYTES - known);
                prop_assert_eq!(first_marks(index.of(&text), block) & arrived, places & arrived);
                let is_passed = index.of(&text).next_with(block, Traits::LATTICE) != block;
                prop_assert!(!is_passed || places & arrived == 0, "{} {:x}", block, places);
            }
        }
    }
}
