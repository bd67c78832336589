//! `:`: IPv6 addresses.
//!
//! An address has two colons at most five bytes apart; only such pairs are looked at.

use super::{Armed, Sink};
use crate::block::{ColonBefore, One, PAIR_BYTES, Places, Text};
use crate::detectors::ipv6;
use crate::window::Window;

/// Decides at every `:` from the cursor on; returns the hold.
pub(crate) fn scan(armed: &Armed, window: &Window<'_>, cursor: &mut usize, sink: &mut Sink<'_>) -> usize {
    let text = window.text();
    let mut from = *cursor;
    while let Some(colon) = next(window.indexed(), from) {
        from = colon + 1;
        if !may_be_pair(text, colon) {
            continue;
        }
        sink.visit();
        let Ok(checked) = (armed.detector.check)(window, colon) else {
            *cursor = colon;
            return ipv6::address_may_start(window, colon);
        };
        if let Some(found) = checked {
            armed.report(&found, sink);
            from = found.end;
        }
    }
    *cursor = window.len();
    ipv6::address_may_start(window, window.len())
}

/// The next colon at or behind `from` that may be one of a pair; of the last ones it is not known.
#[inline]
fn next(text: Text<'_>, from: usize) -> Option<usize> {
    let last = text.len().saturating_sub(PAIR_BYTES);
    let paired = Places::within(text, from..last, ColonBefore::Colon).next().filter(|colon| *colon < last);
    paired.or_else(|| Places::new(text, from.max(last), One(b':')).next())
}

/// False if there is no other colon in the five bytes behind `colon`.
#[inline]
fn may_be_pair(text: &[u8], colon: usize) -> bool {
    const COLONS: u64 = 0x3a3a_3a3a_3a3a_3a3a;
    const FIVE_HIGH_BITS: u64 = 0x0080_8080_8080;
    let Some(behind) = text.get(colon + 1..).and_then(|rest| rest.first_chunk()) else { return true };
    // A byte that was a colon is zero now; what borrows below it can only add false alarms.
    let differs = u64::from_le_bytes(*behind) ^ COLONS;
    differs.wrapping_sub(0x0101_0101_0101_0101) & !differs & FIVE_HIGH_BITS != 0
}
