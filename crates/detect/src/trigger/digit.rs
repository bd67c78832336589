//! The first digit of a group of digits: accounts, addresses, cards, telephone numbers.
//!
//! All detectors of numbers share this trigger. Those of the table are asked in its order, and the first
//! that accepts stands for them; of the identifiers the likeliest does, and takes the range if it is likelier
//! than the other. The search goes on behind it, unless one further up in the table, or a likelier identifier,
//! begins within. A short group that goes on from other digits is looked at only right behind a match, where a list may go
//! on, or behind a short number that begins a row. So a card number is no telephone number, an account's groups are neither, and
//! `002 536-90-4399` is a line number and a social security number, not a telephone number.
//!
//! Every match has at least six digits within sixteen bytes of its first one, but for IPv4
//! addresses, which have four and two points between them. That is what is searched for: blocks of
//! 64 bytes are counted first, and in the few that have enough digits, a bit a byte tells which
//! groups do.

use super::{Armed, Sink, id};
use crate::block::{Alphanumeric, BLOCK_BYTES, Digit, Text, digit_count};
use crate::detectors::ids::armed::{Ids, Winner};
use crate::detectors::ids::mac;
use crate::detectors::ids::{LEAD_BYTES_MAX, SURE};
use crate::detectors::{Detector, us_ssn};
use crate::entity::EntityType;
use crate::text::{alphanumeric, digit};
use crate::traits::{DIGITS_MIN, Traits};
use crate::window::{Match, Undecided, Window};

/// Bytes behind the first digit of a match, itself included, in which its digits are counted.
const DENSE_BYTES: usize = 16;
/// Digits that every match has there.
const DENSE_DIGITS_MIN: u32 = 6;
/// Digits of the shortest IPv4 address.
const QUAD_DIGITS_MIN: u32 = DIGITS_MIN;
/// Digits of the shortest group inside a number at which something else than an address starts.
const JOINED_DIGITS_MIN: usize = 3;
/// Digits that are enough for a candidate without looking at what follows.
const RUN_DIGITS_MIN: usize = 6;

/// Digits of the longest number that is read together with another before it: a year, a number of an item.
const LED_DIGITS_MAX: usize = 4;

/// Where the search stands.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cursor {
    /// The first byte at which something may begin that is not decided.
    pub(crate) next: usize,
    /// Where the last match ended: another may follow it in a list.
    pub(crate) taken: usize,
}

/// Decides at every group of digits from the cursor on; returns the hold.
pub(crate) fn scan(
    checks: &[Armed],
    ids: &Ids,
    window: &Window<'_>,
    cursor: &mut Cursor,
    sink: &mut Sink<'_>,
) -> usize {
    let mut groups = Groups::new(window.indexed(), cursor.next);
    while let Some(start) = groups.next() {
        let follows =
            start == cursor.taken + 1 && is_joined(window, start) && matches!(window.before(start), b' ' | b'/');
        let plausible = if follows { Ok(true) } else { plausible(window, start) };
        let decided = match plausible {
            Ok(false) => continue,
            Ok(true) => {
                sink.visit();
                decide(checks, ids, window, start)
            }
            Err(undecided) => Err(undecided),
        };
        match decided {
            Err(Undecided) => {
                cursor.next = start;
                return number_may_start(window, start);
            }
            Ok(None) => {}
            Ok(Some(winner)) => {
                winner.report(sink);
                groups.skip_to(winner.found.end);
                cursor.taken = winner.found.end;
            }
        }
    }
    cursor.next = window.len().max(groups.from);
    number_may_start(window, window.len())
}

/// What takes the range that begins at `start`.
fn decide(checks: &[Armed], ids: &Ids, window: &Window<'_>, start: usize) -> Result<Option<Winner>, Undecided> {
    if is_hardware_address(window, start)? {
        return Ok(None);
    }
    let first = accept(checks, window, start)?;
    let sure = first.is_some_and(|(rank, found)| checks.get(rank).is_some_and(|armed| is_sure(armed.detector, &found)));
    let likeliest = if sure { None } else { ids.numeral(window, start)? };
    let likeliest = if likeliest.is_none() && first.is_none() { led(ids, window, start)? } else { likeliest };
    let likeliest = likeliest.filter(|winner| is_dense(window, start, &winner.found));
    if let Some(winner) = likeliest
        && first.is_none_or(|(_, found)| winner.found.percent > found.percent)
    {
        let outdone = holds_likelier(checks, ids, window, &winner.found)?;
        return Ok((!outdone).then_some(winner));
    }
    let Some((rank, found)) = first else { return Ok(None) };
    let (stronger, rest) = checks.split_at_checked(rank).unwrap_or_default();
    let Some(armed) = rest.first() else { return Ok(None) };
    let dense = armed.detector.entity == EntityType::IpAddress || is_dense(window, start, &found);
    if !dense || holds_stronger(stronger, ids, window, &found)? {
        return Ok(None);
    }
    Ok(Some(Winner { detector: id(armed.first_id, found.rule), reports: armed.reports, found }))
}

/// An identifier with a word before it behind a short number, where its own first group is so short that nothing else
/// looks at it: `NIR: 3 2 95 10 99 126 111 93`.
fn led(ids: &Ids, window: &Window<'_>, start: usize) -> Result<Option<Winner>, Undecided> {
    if is_joined(window, start) {
        return Ok(None);
    }
    let run = window.run(start, LED_DIGITS_MAX + 1, digit)?;
    if run > LED_DIGITS_MAX || window.at(start + run)? != b' ' {
        return Ok(None);
    }
    let next = start + run + 1;
    if !(1..JOINED_DIGITS_MIN).contains(&window.run(next, JOINED_DIGITS_MIN, digit)?) {
        return Ok(None);
    }
    let found = ids.numeral(window, next)?;
    Ok(found.filter(|winner| winner.found.percent >= SURE && is_dense(window, next, &winner.found)))
}

/// True for what no identifier looks like, and for a social security number with its dashes: a word before it, which
/// may be there to make it something else, does not.
fn is_sure(detector: &Detector, found: &Match) -> bool {
    let is_printed_ssn = detector.entity == EntityType::UsSsn && found.rule == us_ssn::FORMATTED;
    is_printed_ssn || matches!(detector.entity, EntityType::IpAddress | EntityType::IbanCode)
}

/// The first of the checks that accepts, by its place.
fn accept(checks: &[Armed], window: &Window<'_>, start: usize) -> Result<Option<(usize, Match)>, Undecided> {
    for (rank, armed) in checks.iter().enumerate() {
        if let Some(found) = (armed.detector.check)(window, start)? {
            return Ok(Some((rank, found)));
        }
    }
    Ok(None)
}

/// True for pairs of digits that are a hardware address, which another search finds.
fn is_hardware_address(window: &Window<'_>, start: usize) -> Result<bool, Undecided> {
    let mark = start + mac::PAIR;
    Ok(window.at(start + 1)?.is_ascii_digit() && window.at(mark)? == b'-' && mac::check_pairs(window, mark)?.is_some())
}

/// True if one of these checks accepts what begins at a later group of a match, or an identifier does that is
/// likelier.
fn holds_stronger(checks: &[Armed], ids: &Ids, window: &Window<'_>, found: &Match) -> Result<bool, Undecided> {
    for start in found.start + 1..found.end {
        if !is_group(window, start)? {
            continue;
        }
        if let Some((rank, inner)) = accept(checks, window, start)? {
            let (stronger, rest) = checks.split_at_checked(rank).unwrap_or_default();
            let address = rest.first().is_some_and(|armed| armed.detector.entity == EntityType::IpAddress);
            if (address || is_dense(window, start, &inner)) && !holds_stronger(stronger, ids, window, &inner)? {
                return Ok(true);
            }
        }
        if is_likelier(ids.numeral(window, start)?, window, start, found) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// True if anything that begins at a later group of an identifier is likelier.
fn holds_likelier(checks: &[Armed], ids: &Ids, window: &Window<'_>, found: &Match) -> Result<bool, Undecided> {
    for start in found.start + 1..found.end {
        if !is_group(window, start)? {
            continue;
        }
        let other = accept(checks, window, start)?.is_some_and(|(_, inner)| inner.percent > found.percent);
        if other || is_likelier(ids.numeral(window, start)?, window, start, found) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_likelier(inner: Option<Winner>, window: &Window<'_>, start: usize, found: &Match) -> bool {
    inner.is_some_and(|winner| winner.found.percent > found.percent && is_dense(window, start, &winner.found))
}

/// True if a group at which something may begin stands at `start`.
fn is_group(window: &Window<'_>, start: usize) -> Result<bool, Undecided> {
    Ok(digit(window.at(start)?) && !digit(window.before(start)) && plausible(window, start)?)
}

/// True if a match that begins with this text has the digits that the search for groups relies on.
pub(crate) fn is_dense_text(text: &[u8]) -> bool {
    digit_count(text.get(..DENSE_BYTES).unwrap_or(text)) >= DENSE_DIGITS_MIN
}

/// What the search for groups relies on; without it a match could depend on where a scan began.
fn is_dense(window: &Window<'_>, start: usize, found: &Match) -> bool {
    digit_count(window.slice(start, found.end.min(start + DENSE_BYTES))) >= DENSE_DIGITS_MIN
}

/// Finds the places of digits that begin a number, or the digits of an account, and have enough behind them.
struct Groups<'a> {
    text: Text<'a>,
    /// Nothing before this is found any more.
    from: usize,
    /// Start of the block whose bits are at hand, a multiple of a block's length.
    block: usize,
    /// Places in the block where a group begins.
    starts: u64,
    /// Bits of the block and of the next one.
    digits: [u64; 2],
}

impl<'a> Groups<'a> {
    fn new(text: Text<'a>, from: usize) -> Self {
        let block = from - from % BLOCK_BYTES;
        let mut groups = Self { text, from, block, starts: 0, digits: [0; 2] };
        groups.load(block, groups.bits(block));
        groups
    }

    fn skip_to(&mut self, from: usize) {
        self.from = from;
        if from >= self.block + BLOCK_BYTES {
            let block = from - from % BLOCK_BYTES;
            self.load(block, self.bits(block));
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

    /// True if a point, or one in brackets or as a word, stands behind the group and behind the next one.
    fn may_be_quad(&self, ahead: u128, start: usize) -> bool {
        let point = |at: usize| match self.text.bytes().get(start + at..).unwrap_or_default() {
            [b'.', ..] => 1,
            [b'[' | b'(' | b'{', b'.', ..] => 3,
            [b'[' | b'(' | b'{' | b' ', b'd', b'o', b't', ..] => 5,
            _ => 0,
        };
        let first = ahead.trailing_ones() as usize;
        let next = first + point(first);
        let second = next + (ahead >> next).trailing_ones() as usize;
        next > first && point(second) > 0
    }

    /// Takes up the first block at or behind `block`, whose bits are these, that has enough digits
    /// together with the next one.
    #[inline]
    fn load(&mut self, block: usize, bits: u64) {
        let found = self.text.next_with(block, Traits::DIGITS);
        let bits = if found == block { bits } else { self.bits(found) };
        self.block = found;
        self.starts = if bits == 0 { 0 } else { self.starts(found, bits) };
        self.digits = [bits, self.bits(found + BLOCK_BYTES)];
    }

    /// Where groups begin: behind no letter or digit, or behind the two letters of an account number.
    #[inline]
    fn starts(&self, block: usize, digits: u64) -> u64 {
        let words = self.text.bits(block, Alphanumeric);
        let (words_before, digits_before) = match block.checked_sub(BLOCK_BYTES) {
            Some(before) => (self.text.bits(before, Alphanumeric), self.bits(before)),
            None => (0, 0),
        };
        let back = |bits: u64, before: u64, by: usize| bits << by | before >> (BLOCK_BYTES - by);
        let behind = |by| back(words, words_before, by);
        digits & !back(digits, digits_before, 1) & (!behind(1) | behind(2) & !behind(3))
    }

    #[inline]
    fn bits(&self, block: usize) -> u64 {
        self.text.bits(block, Digit)
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
    let run = window.run(start, RUN_DIGITS_MIN, digit)?;
    if joined && window.before(start) == b'.' {
        return Ok(run == JOINED_DIGITS_MIN && window.at(start + run)? == b'-');
    }
    if run == RUN_DIGITS_MIN {
        return Ok(true);
    }
    if joined && run < JOINED_DIGITS_MIN && window.at(start + run)? != b'.' {
        return Ok(false);
    }
    if is_defanged(window, start + run)? {
        return Ok(true);
    }
    Ok(match window.at(start + run)? {
        b'+' => digit(window.at(start + run + 1)?),
        b' ' | b'-' | b'.' | b'/' | b'\t' | b'(' | b')' => match window.at(start + run + 1)? {
            b'0'..=b'9' => true,
            b'(' | b' ' | b'-' | b'.' | b'/' => match window.at(start + run + 2)? {
                b' ' => digit(window.at(start + run + 3)?),
                next => digit(next),
            },
            0xc2 | 0xe2 => true,
            // The bank of an account number whose country stands apart: `GB 82 WEST`.
            b'A'..=b'Z' => run == 2 && lead_bytes(window, start) == LEAD_BYTES_MAX,
            // An angle: `48 deg 51'`.
            b'd' => window.starts_with(start + run + 1, b"deg ")?,
            _ => false,
        },
        0xc2 | 0xe2 => true,
        // A passenger's date of birth: `/12MAR85/M/`.
        b'A'..=b'Z' => run == 2 && window.before(start) == b'/',
        _ => false,
    })
}

/// True for an address's point in brackets or as a word.
#[inline]
fn is_defanged(window: &Window<'_>, at: usize) -> Result<bool, Undecided> {
    Ok(match window.at(at)? {
        b'[' | b'(' | b'{' => match window.at(at + 1)? {
            b'.' => matches!(window.at(at + 2)?, b']' | b')' | b'}'),
            b'd' => window.starts_with(at + 1, b"dot")?,
            _ => false,
        },
        b' ' if window.at(at + 1)? == b'd' => window.starts_with(at, b" dot ")?,
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
    let mark = |place: usize| start > place && matches!(window.before(start - place), b'+' | b'(' | b'-');
    let marks = (0..2).take_while(|back| mark(*back)).count();
    start - marks.max(account_letters(window, start)).max(lead_bytes(window, start))
}

/// Bytes of one or two letters that a separator parts from `start`: `X-`, `AB `.
fn lead_bytes(window: &Window<'_>, start: usize) -> usize {
    if !matches!(window.before(start), b' ' | b'-' | b'.') {
        return 0;
    }
    let letters =
        (1..LEAD_BYTES_MAX).take_while(|back| start > *back && window.before(start - back).is_ascii_alphabetic());
    match letters.count() {
        0 => 0,
        count if alphanumeric(window.before(start.saturating_sub(count + 1))) => 0,
        count => count + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::index_of;
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
                let enough = count >= 6 || head.len() < DENSE_BYTES || (count >= 4 && quad());
                let word = |back: usize| *start >= back && alphanumeric(text[start - back]);
                let begins = begins && (!word(1) || word(2) && !word(3));
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
            let index = index_of(&text, from);
            for indexed in [Text::plain(&text), index.of(&text)] {
                let mut groups = Groups::new(indexed, from);
                let found: Vec<_> = std::iter::from_fn(|| groups.next()).collect();
                prop_assert_eq!(found, oracle(&text, from));
                let mut groups = Groups::new(indexed, from);
                groups.skip_to(from + skip);
                prop_assert_eq!(groups.next(), oracle(&text, from + skip).first().copied());
            }
        }
    }
}
