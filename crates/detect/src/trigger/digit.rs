//! The first digit of a group of digits: accounts, addresses, cards, telephone numbers.
//!
//! All detectors of numbers share this trigger, in the order of the table: the first that accepts
//! takes the range, and the search goes on behind it, unless one further up in the table accepts what
//! begins within. So a card number is no telephone number, an account's groups are neither, and
//! `002 536-90-4399` is a line number and a social security number, not a telephone number.
//!
//! Every match has at least seven digits within sixteen bytes of its first one, but for IPv4
//! addresses, which have four and two points between them. That is what is searched for: blocks of
//! 64 bytes are counted first, and in the few that have enough digits, a bit a byte tells which
//! groups do.

use super::{Armed, Sink};
use crate::block::{BLOCK_BYTES, Digit, bits_at, digit_count};
use crate::entity::EntityType;
use crate::text::{alphanumeric, digit};
use crate::window::{Match, Undecided, Window};

/// Bytes behind the first digit of a match, itself included, in which its digits are counted.
const DENSE_BYTES: usize = 16;
/// Digits that every match has there.
const DENSE_DIGITS_MIN: u32 = 7;
/// Digits of the shortest IPv4 address.
const QUAD_DIGITS_MIN: u32 = 4;
/// Digits of the shortest group inside a number at which something else than an address starts.
const JOINED_DIGITS_MIN: usize = 3;
/// Digits that are enough for a candidate without looking at what follows.
const RUN_DIGITS_MIN: usize = 7;

/// Decides at every group of digits from the cursor on; returns the hold.
pub(crate) fn scan(checks: &[Armed], window: &Window<'_>, cursor: &mut usize, sink: &mut Sink<'_>) -> usize {
    let mut groups = Groups::new(window.text(), *cursor);
    while let Some(start) = groups.next() {
        let decided = match plausible(window, start) {
            Ok(false) => continue,
            Ok(true) => {
                sink.visit();
                decide(checks, window, start)
            }
            Err(undecided) => Err(undecided),
        };
        match decided {
            Err(Undecided) => {
                *cursor = start;
                return number_may_start(window, start);
            }
            Ok(None) => {}
            Ok(Some((armed, found))) => {
                armed.report(&found, sink);
                groups.skip_to(found.end);
            }
        }
    }
    *cursor = window.len().max(groups.from);
    number_may_start(window, window.len())
}

fn decide<'c>(checks: &'c [Armed], window: &Window<'_>, start: usize) -> Result<Option<(&'c Armed, Match)>, Undecided> {
    for (rank, armed) in checks.iter().enumerate() {
        if let Some(found) = (armed.detector.check)(window, start)? {
            let (stronger, _) = checks.split_at_checked(rank).unwrap_or_default();
            let is_best = is_dense(window, start, armed, &found) && !holds_stronger(stronger, window, &found)?;
            return Ok(is_best.then_some((armed, found)));
        }
    }
    Ok(None)
}

/// True if one of these checks accepts what begins at a later group of a match.
fn holds_stronger(checks: &[Armed], window: &Window<'_>, found: &Match) -> Result<bool, Undecided> {
    for start in found.start + 1..found.end {
        if digit(window.at(start)?)
            && !digit(window.before(start))
            && plausible(window, start)?
            && decide(checks, window, start)?.is_some()
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What the search for groups relies on; without it a match could depend on where a scan began.
fn is_dense(window: &Window<'_>, start: usize, armed: &Armed, found: &Match) -> bool {
    let head = window.slice(start, found.end.min(start + DENSE_BYTES));
    armed.detector.entity == EntityType::IpAddress || digit_count(head) >= DENSE_DIGITS_MIN
}

/// Finds the places of digits that have no digit before them and enough behind them.
struct Groups<'a> {
    text: &'a [u8],
    /// Nothing before this is found any more.
    from: usize,
    /// Start of the block whose bits are at hand.
    block: usize,
    /// Places in the block where a group begins.
    starts: u64,
    /// Bits of the block and of the next one.
    digits: [u64; 2],
}

impl<'a> Groups<'a> {
    fn new(text: &'a [u8], from: usize) -> Self {
        let mut groups = Self { text, from, block: from, starts: 0, digits: [0; 2] };
        groups.load(from, groups.bits(from));
        groups
    }

    fn skip_to(&mut self, from: usize) {
        self.from = from;
        if from >= self.block + BLOCK_BYTES {
            self.load(from, self.bits(from));
        }
    }

    #[inline]
    fn next(&mut self) -> Option<usize> {
        loop {
            while self.starts != 0 {
                let place = self.starts.trailing_zeros();
                self.starts &= self.starts - 1;
                let start = self.block + place as usize;
                if start >= self.from && self.is_candidate(place, start) {
                    return Some(start);
                }
            }
            let next = self.block + BLOCK_BYTES;
            if next >= self.text.len() {
                return None;
            }
            let [_, bits] = self.digits;
            self.load(next, bits);
        }
    }

    /// True if there are enough digits behind a group's start, or may be once more text is there.
    #[inline]
    fn is_candidate(&self, place: u32, start: usize) -> bool {
        let [block, next] = self.digits;
        let both = (u128::from(next) << BLOCK_BYTES) | u128::from(block);
        let ahead = (both >> place) & ((1 << DENSE_BYTES) - 1);
        // Sixteen bits, which are cheaper to count than the 128 they came from.
        let count = u16::try_from(ahead).unwrap_or(0).count_ones();
        count >= DENSE_DIGITS_MIN
            || start + DENSE_BYTES > self.text.len()
            || (count >= QUAD_DIGITS_MIN && self.may_be_quad(ahead, start))
    }

    /// True if a point stands behind the group and behind the next one.
    fn may_be_quad(&self, ahead: u128, start: usize) -> bool {
        let point = |at: usize| self.text.get(start + at) == Some(&b'.');
        let first = ahead.trailing_ones() as usize;
        let second = first + 1 + (ahead >> (first + 1)).trailing_ones() as usize;
        point(first) && point(second)
    }

    /// Takes up the first block at or behind `block`, whose bits are these, that has enough digits
    /// together with the next one; or the last block.
    #[inline]
    fn load(&mut self, block: usize, bits: u64) {
        let (mut block, mut bits) = (block, bits);
        let next = loop {
            let next = self.bits(block + BLOCK_BYTES);
            let is_last = block + BLOCK_BYTES + DENSE_BYTES > self.text.len();
            if is_last || bits.count_ones() + next.count_ones() >= QUAD_DIGITS_MIN {
                break next;
            }
            (block, bits) = (block + BLOCK_BYTES, next);
        };
        let before = block.checked_sub(1).and_then(|before| self.text.get(before));
        let carried = u64::from(before.is_some_and(u8::is_ascii_digit));
        self.block = block;
        self.starts = bits & !((bits << 1) | carried);
        self.digits = [bits, next];
    }

    #[inline]
    fn bits(&self, block: usize) -> u64 {
        bits_at(self.text, block, Digit)
    }
}

/// False for the groups of digits that stand alone: years, counts, list items. Most groups in prose
/// and code end here.
#[inline]
fn plausible(window: &Window<'_>, start: usize) -> Result<bool, Undecided> {
    if alphanumeric(window.before(start)) {
        return Ok(account_letters(window, start) == 2);
    }
    let joined = is_joined(window, start);
    if joined && window.before(start) == b'.' {
        return Ok(false);
    }
    let run = window.run(start, RUN_DIGITS_MIN, digit)?;
    if run == RUN_DIGITS_MIN {
        return Ok(true);
    }
    if joined && run < JOINED_DIGITS_MIN && window.at(start + run)? != b'.' {
        return Ok(false);
    }
    Ok(match window.at(start + run)? {
        b' ' | b'-' | b'.' | b'/' | b'\t' | b'(' | b')' => match window.at(start + run + 1)? {
            b'0'..=b'9' => true,
            b'(' | b' ' | b'-' | b'.' | b'/' => match window.at(start + run + 2)? {
                b' ' => digit(window.at(start + run + 3)?),
                next => digit(next),
            },
            0xc2 | 0xe2 => true,
            _ => false,
        },
        0xc2 | 0xe2 => true,
        _ => false,
    })
}

/// True if a separator and a digit stand before `start`: it is not the first group of its number.
fn is_joined(window: &Window<'_>, start: usize) -> bool {
    matches!(window.before(start), b' ' | b'-' | b'.' | b'/') && start > 1 && digit(window.before(start - 1))
}

/// Letters right before `start` that could begin an account number: two at most, with no letter or
/// digit before them.
fn account_letters(window: &Window<'_>, start: usize) -> usize {
    let letter = |back: usize| window.before(start.saturating_sub(back)).is_ascii_alphabetic();
    let other = |back: usize| !alphanumeric(window.before(start.saturating_sub(back)));
    if start >= 2 && letter(0) && letter(1) && other(2) { 2 } else { usize::from(start >= 1 && letter(0) && other(1)) }
}

/// The first byte that could belong to a match whose first digit stands at `start`, or would if it
/// came next.
fn number_may_start(window: &Window<'_>, start: usize) -> usize {
    let marks = (0..2).take_while(|back| start > *back && matches!(window.before(start - back), b'+' | b'(')).count();
    start - marks.max(account_letters(window, start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Groups with enough digits behind their start, the slow way.
    fn oracle(text: &[u8], from: usize) -> Vec<usize> {
        (from..text.len())
            .filter(|start| {
                let begins = *start == 0 || !text[start - 1].is_ascii_digit();
                let head = &text[*start..text.len().min(start + DENSE_BYTES)];
                let count = head.iter().filter(|byte| byte.is_ascii_digit()).count();
                let quad = || {
                    let mut parts = head.split(|byte| !byte.is_ascii_digit());
                    let first = parts.next().unwrap().len();
                    let second = first + 1 + parts.next().unwrap_or_default().len();
                    head.get(first) == Some(&b'.') && text.get(start + second) == Some(&b'.')
                };
                let enough = count >= 7 || head.len() < DENSE_BYTES || (count >= 4 && quad());
                text[*start].is_ascii_digit() && begins && enough
            })
            .collect()
    }

    proptest! {
        #[test]
        fn every_dense_group_is_found_from_anywhere(
            text in proptest::collection::vec(prop_oneof![4 => Just(b'x'), 1 => Just(b'.'), 3 => b'0'..=b'9'], 0..400),
            from in 0usize..300, skip in 0usize..100,
        ) {
            let mut groups = Groups::new(&text, from);
            let mut found = Vec::new();
            while let Some(start) = groups.next() {
                found.push(start);
            }
            prop_assert_eq!(found, oracle(&text, from));

            let mut groups = Groups::new(&text, from);
            groups.skip_to(from + skip);
            prop_assert_eq!(groups.next(), oracle(&text, from + skip).first().copied());
        }
    }
}
