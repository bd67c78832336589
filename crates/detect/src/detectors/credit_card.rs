//! Payment card numbers (ISO/IEC 7812-1): 12 to 19 digits, an issuer's range in one of its lengths,
//! and a check digit (Luhn, annex B).
//!
//! In one run, in the groups that are printed on cards, or in other groups with one kind of
//! separator. Ranges that are wide or rarely issued count only beside a context word. Near misses:
//! UUIDs, longer numbers, decimals, telephone numbers with `+`, tables of four-digit numbers. In a row of such numbers four
//! are a card where something says so: a word, an expiry date behind them, another card beside them.

use super::about::{About, Detail, Sight};
use super::{Detector, Trigger, ids};
use crate::context::{self, Words};
use crate::entity::EntityType;
use crate::text::{Separator, alphanumeric, digit, digits, separator, value};
use crate::window::{Checked, Match, NUMBER_BOUNDARY, Undecided, Window};

const DIGITS_MIN: usize = 12;
const DIGITS_MAX: usize = 19;
const SEPARATOR_BYTES_MAX: usize = 3;
/// Percent beside a context word.
const NAMED: u8 = 99;

/// The detector.
pub(crate) static DETECTOR: Detector = Detector {
    entity: EntityType::CreditCard,
    rules: &["credit-card"],
    about: &[About::new("Luhn; range and length of an issuer", "ISO/IEC 7812-1; the networks' published ranges")
        .raised(CONTEXT, Sight::Before, (NAMED, NAMED))
        .detailed(detail)],
    trigger: Trigger::Digit,
    match_bytes_max: DIGITS_MAX + (DIGITS_MAX - 1) * SEPARATOR_BYTES_MAX,
    // The groups behind a printed form decide whether it stands in a table of numbers: another card may be there.
    lookahead_bytes: CELLS * (SEPARATOR_BYTES_MAX + CELL_DIGITS) + 1,
    check,
};

const CONTEXT: &Words = &Words::new(&[
    b"card*",
    b"cc",
    b"ccn",
    b"credit*",
    b"debit*",
    b"visa",
    b"mastercard*",
    b"maestro",
    b"amex",
    b"american express",
    b"jcb",
    b"unionpay",
    b"discover",
    b"diners",
    b"pan",
    b"cvv",
    b"cvc",
    b"expir*",
    b"payment*",
    b"kreditkart*",
    b"carte",
    b"tarjeta*",
    b"carta",
]);

/// Lengths as a bit set.
const fn lengths(of: &[u32]) -> u32 {
    let mut set = 0;
    let mut rest = of;
    while let [first, tail @ ..] = rest {
        set |= 1 << *first;
        rest = tail;
    }
    set
}

const FROM_12: u32 = lengths(&[12, 13, 14, 15, 16, 17, 18, 19]);
/// Lengths of Maestro that are issued; 17 to 19 digits are mostly numbers of accounts on the web.
const ISSUED_SHORT: u32 = lengths(&[12, 13, 14, 15, 16]);
const FROM_16: u32 = lengths(&[16, 17, 18, 19]);
const ONLY_15: u32 = lengths(&[15]);
const ONLY_16: u32 = lengths(&[16]);
const DINERS: u32 = lengths(&[14, 16, 19]);

/// A range of first six digits, its lengths, whether it counts without context, and the network.
struct Issuer(u32, u32, u32, bool, &'static str);

/// Ranges as the networks publish them; where two overlap, either may accept.
const ISSUERS: &[Issuer] = &[
    Issuer(400_000, 499_999, lengths(&[13, 16, 19]), true, "Visa"),
    Issuer(510_000, 559_999, ONLY_16, true, "Mastercard"),
    Issuer(222_100, 272_099, ONLY_16, true, "Mastercard"),
    Issuer(340_000, 349_999, ONLY_15, true, "American Express"),
    Issuer(370_000, 379_999, ONLY_15, true, "American Express"),
    Issuer(601_100, 601_199, FROM_16, true, "Discover"),
    Issuer(622_126, 622_925, FROM_16, true, "Discover"),
    Issuer(644_000, 659_999, FROM_16, true, "Discover"),
    Issuer(300_000, 305_999, DINERS, true, "Diners Club"),
    Issuer(309_500, 309_599, DINERS, true, "Diners Club"),
    Issuer(360_000, 369_999, DINERS, true, "Diners Club"),
    Issuer(380_000, 399_999, DINERS, true, "Diners Club"),
    Issuer(352_800, 358_999, FROM_16, true, "JCB"),
    Issuer(180_000, 180_099, ONLY_15, true, "JCB"),
    Issuer(213_100, 213_199, ONLY_15, true, "JCB"),
    Issuer(350_000, 359_999, ONLY_16, true, "RuPay"),
    Issuer(620_000, 629_999, FROM_16, true, "UnionPay"),
    Issuer(810_000, 829_999, FROM_16, true, "UnionPay"),
    Issuer(501_800, 501_899, FROM_12, true, "Maestro"),
    Issuer(502_000, 502_099, FROM_12, true, "Maestro"),
    Issuer(503_800, 503_899, FROM_12, true, "Maestro"),
    Issuer(589_300, 589_399, FROM_12, true, "Maestro"),
    Issuer(630_400, 630_499, FROM_12, true, "Maestro"),
    Issuer(675_900, 675_999, FROM_12, true, "Maestro"),
    Issuer(676_100, 676_399, FROM_12, true, "Maestro"),
    Issuer(500_000, 509_999, FROM_12, false, "Maestro"),
    Issuer(560_000, 589_999, ISSUED_SHORT, true, "Maestro"),
    Issuer(560_000, 589_999, FROM_12, false, "Maestro"),
    Issuer(639_000, 639_099, ISSUED_SHORT, true, "Maestro"),
    Issuer(60_400, 60_499, ISSUED_SHORT, true, "Maestro"),
    Issuer(506_099, 506_198, lengths(&[16, 19]), true, "Verve"),
    Issuer(507_865, 507_964, lengths(&[16, 19]), true, "Verve"),
    Issuer(508_500, 508_999, ONLY_16, true, "RuPay"),
    Issuer(606_985, 607_984, ONLY_16, true, "RuPay"),
    Issuer(608_001, 608_500, ONLY_16, true, "RuPay"),
    Issuer(652_150, 653_149, ONLY_16, true, "RuPay"),
    Issuer(636_000, 639_999, lengths(&[16, 17, 18, 19]), true, "InterPayment"),
    Issuer(606_282, 606_282, lengths(&[16, 19]), true, "Hipercard"),
    Issuer(501_900, 501_999, ONLY_16, true, "Dankort"),
    Issuer(220_500, 220_599, ONLY_16, true, "Borica"),
    Issuer(100_000, 199_999, ONLY_15, false, "UATP"),
    Issuer(600_000, 699_999, FROM_12, false, "UATP"),
    Issuer(220_000, 220_499, FROM_16, true, "Mir"),
    Issuer(979_200, 979_289, ONLY_16, true, "Troy"),
    Issuer(860_000, 860_099, ONLY_16, false, "Uzcard"),
    Issuer(986_000, 986_099, ONLY_16, false, "Humo"),
];

/// Ranges so wide or so rarely issued that a word for something else speaks against them.
const WIDE: &[(u64, u64)] =
    &[(350_000, 352_799), (359_000, 359_999), (560_000, 589_999), (639_000, 639_999), (60_400, 60_499)];

fn is_wide(number: &[u8]) -> bool {
    let head = value(number.get(..6).unwrap_or_default());
    WIDE.iter().any(|(first, last)| (*first..=*last).contains(&head))
}

/// True if thirteen digits are the number of an article (EAN-13, GS1 General Specifications section 7.9): cards of that
/// length are rare, and one in ten of them looks like one.
fn is_article(number: &[u8]) -> bool {
    let weighted = |(place, digit): (usize, &u8)| u32::from(digit - b'0') * if place % 2 == 0 { 1 } else { 3 };
    number.len() == 13 && number.iter().enumerate().map(weighted).sum::<u32>().is_multiple_of(10)
}

/// Groups as they are printed: 16, 19, 15 and 14 digits.
const PRINTED: &[&[usize]] = &[&[4, 4, 4, 4, 3], &[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[6, 13], &[8, 8]];

/// How much a number tells about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Issued {
    Plainly,
    Maybe,
}

fn check(window: &Window<'_>, start: usize) -> Checked {
    let run = digits(window, start, DIGITS_MAX + 1)?;
    if !may_start(window, start, run) {
        return Ok(None);
    }
    if run < DIGITS_MIN {
        return check_groups(window, start, run);
    }
    let number = window.slice(start, start + run);
    if run > DIGITS_MAX || ends_inside(window, start + run)? {
        return Ok(None);
    }
    let Some(found) = accept(window, start, start + run, number, true) else { return Ok(None) };
    let wide = found.percent < NAMED && is_wide(number) && ids::is_named_otherwise(window, start);
    if wide || (found.percent < NAMED && (is_article(number) || is_traced(window, start))) {
        return Ok(None);
    }
    if found.percent < NAMED && is_dumped(window, found.end, run)? {
        return Ok(None);
    }
    if found.percent < NAMED && run >= WORD_DIGITS_MIN && is_of_words(window, start, found.end)? {
        return Ok(None);
    }
    // Constants in programs are seldom so long, and one in a hundred of those looks like a card.
    let is_short = run < LISTED_DIGITS_MIN || is_wide(number);
    let is_constant =
        |found: &Match| Ok((is_short || follows_constant(window, start)) && ids::is_listed(window, start, found.end)?);
    let constant = found.percent < NAMED && is_constant(&found)?;
    Ok((!constant).then_some(found))
}

/// Names of what tracing numbers with up to twenty digits.
const TRACES: &Words = &Words::new(&[
    b"trace_id",
    b"trace-id",
    b"trace id",
    b"traceid",
    b"span_id",
    b"span-id",
    b"span id",
    b"spanid",
    b"parent_id",
    b"parent-id",
    b"parentid",
    b"fbq",
]);

/// True right behind such a name.
fn is_traced(window: &Window<'_>, start: usize) -> bool {
    context::nearest_direct(window, start, TRACES).is_some_and(|bytes| bytes <= TRACE_NAME_BYTES_MAX)
}

/// The longest name, with what parts it from its value.
const TRACE_NAME_BYTES_MAX: usize = 16;

/// True if another group of so many digits follows that is hexadecimal: a dump.
fn is_dumped(window: &Window<'_>, end: usize, group: usize) -> Result<bool, Undecided> {
    if window.at(end)? != b' ' {
        return Ok(false);
    }
    let length = window.run(end + 1, group + 1, |byte| byte.is_ascii_hexdigit())?;
    let next = window.slice(end + 1, end + 1 + length);
    Ok(length == group && next.iter().any(u8::is_ascii_alphabetic) && next.iter().any(u8::is_ascii_digit))
}

/// Digits of the machine's words that cards seldom have: of 64 bits.
const WORD_DIGITS_MIN: usize = 17;

/// True for a number with a sign, or beside one as long that is no card: hashes and vectors in 64 bits.
fn is_of_words(window: &Window<'_>, start: usize, end: usize) -> Result<bool, Undecided> {
    let is_signed = window.before(start) == b'-' && !alphanumeric(window.before(start - 1));
    Ok(is_signed || follows_constant(window, start) || precedes_constant(window, end)?)
}

/// True before a comma, a space or none, and a number as long that is no card.
fn precedes_constant(window: &Window<'_>, end: usize) -> Result<bool, Undecided> {
    if window.at(end)? != b',' {
        return Ok(false);
    }
    let mut at = end + 1;
    for mark in [b' ', b'-'] {
        at += usize::from(window.at(at)? == mark);
    }
    let run = digits(window, at, DIGITS_MAX + 1)?;
    Ok(run >= WORD_DIGITS_MIN && !is_card(window.slice(at, at + run)))
}

/// True for digits in an issuer's range that have a check digit.
fn is_card(number: &[u8]) -> bool {
    issuer(number).is_some() && luhn(number)
}

/// Bytes before a number in which the one before it in a list is looked for: a line's indentation and twenty digits.
const ITEM_BYTES_MAX: usize = 60;

/// True behind a comma, white space and a number as long that is no card: a list of constants, not one of cards.
fn follows_constant(window: &Window<'_>, start: usize) -> bool {
    let head = window.slice(start.saturating_sub(ITEM_BYTES_MAX), start).trim_ascii_end();
    let head = head.strip_suffix(b"-").unwrap_or(head).trim_ascii_end();
    let Some((b',' | &NUMBER_BOUNDARY, head)) = head.split_last() else { return false };
    let run = head.iter().rev().take_while(|byte| digit(**byte)).count();
    let number = head.get(head.len() - run..).unwrap_or_default();
    run >= LISTED_DIGITS_MIN && !is_card(number)
}

/// Digits from which on a number in a list may be a card without a word for one.
const LISTED_DIGITS_MIN: usize = 15;

/// Digits of the longest telephone number (ITU-T E.164).
const TELEPHONE_DIGITS_MAX: usize = 15;

/// False inside of words, decimals, UUIDs and international telephone numbers.
fn may_start(window: &Window<'_>, start: usize, run: usize) -> bool {
    match window.before(start) {
        b'+' => run > TELEPHONE_DIGITS_MAX,
        b'.' => !digit(window.before(start - 1)),
        b'-' => !is_part_of_id(window, start - 1),
        before => !alphanumeric(before),
    }
}

/// True if the letters and digits that end at `end` look like a part of a UUID or a longer number,
/// not like a word.
fn is_part_of_id(window: &Window<'_>, end: usize) -> bool {
    let word = window.slice(end.saturating_sub(12), end);
    let outside = word.iter().rposition(|byte| !alphanumeric(*byte)).map_or(0, |place| place + 1);
    let word = word.get(outside..).unwrap_or_default();
    let hex_group = word.len() == 4 && word.iter().all(u8::is_ascii_hexdigit);
    word.iter().any(u8::is_ascii_digit) || hex_group
}

/// True if a number that ends at `end` goes on as something else.
fn ends_inside(window: &Window<'_>, end: usize) -> Result<bool, Undecided> {
    Ok(match window.at(end)? {
        b'-' => alphanumeric(window.at(end + 1)?),
        b'.' => digit(window.at(end + 1)?),
        b'@' => true,
        next => alphanumeric(next),
    })
}

/// The digits of groups that one separator joins.
struct Groups {
    digits: [u8; DIGITS_MAX],
    /// Digits and end offset of each group.
    groups: [(usize, usize); DIGITS_MAX],
    count: usize,
    total: usize,
    /// Digits of the group behind the last one, which had no room.
    next_group: usize,
}

impl Groups {
    fn read(window: &Window<'_>, start: usize, first: usize, mark: Separator) -> Result<Option<Self>, Undecided> {
        if mark.is(b'/') {
            return Ok(None);
        }
        let mut groups =
            Self { digits: [0; DIGITS_MAX], groups: [(0, 0); DIGITS_MAX], count: 0, total: 0, next_group: 0 };
        let (mut at, mut run) = (start, first);
        while run > 0 {
            if !groups.push(window.slice(at, at + run), at + run) {
                groups.next_group = run;
                break;
            }
            at += run;
            if separator(window, at)? != Some(mark) {
                break;
            }
            at += mark.len();
            run = digits(window, at, DIGITS_MAX + 1)?;
        }
        Ok(Some(groups))
    }

    fn push(&mut self, group: &[u8], end: usize) -> bool {
        let room = self.digits.get_mut(self.total..self.total + group.len());
        let (Some(room), Some(place)) = (room, self.groups.get_mut(self.count)) else {
            return false;
        };
        room.copy_from_slice(group);
        *place = (group.len(), end);
        self.total += group.len();
        self.count += 1;
        true
    }

    fn lengths(&self) -> impl Iterator<Item = usize> {
        self.groups.iter().take(self.count).map(|(length, _)| *length)
    }

    /// Digits of the `index`-th group, 0 behind the last.
    fn length(&self, index: usize) -> usize {
        let group = self.groups.get(index).filter(|_| index < self.count);
        group.map_or(if index == self.count { self.next_group } else { 0 }, |group| group.0)
    }

    /// True if the first `count` groups are the number of a card.
    fn is_card(&self, count: usize) -> bool {
        let number = self.digits.get(..self.lengths().take(count).sum()).unwrap_or_default();
        issuer(number).is_some() && luhn(number)
    }

    /// Total of the first `count` groups and where they end.
    fn head(&self, count: usize) -> Option<(usize, usize)> {
        let total = self.lengths().take(count).sum();
        let last = self.groups.get(count.checked_sub(1)?)?;
        Some((total, last.1))
    }
}

fn check_groups(window: &Window<'_>, start: usize, first: usize) -> Checked {
    let Some(mark) = separator(window, start + first)? else { return Ok(None) };
    // `[.4301.0020.0011.0001]`: weights of a collation.
    if window.before(start) == b'.' && window.at(start + first)? == b'.' {
        return Ok(None);
    }
    let joined = mark.joins_digit_before(window, start);
    if joined && !begins_printed(first) {
        return Ok(None);
    }
    let before = if joined { digits_before(window, start, mark) } else { 0 };
    if before == CELL_DIGITS && !may_stand_in_row(window, start, first, mark)? {
        return Ok(None);
    }
    let Some(groups) = Groups::read(window, start, first, mark)? else { return Ok(None) };
    if groups.total < DIGITS_MIN || (mark.is(b'.') && is_decimal(window, start, &groups)) {
        return Ok(None);
    }
    for printed in PRINTED {
        let alike = groups.lengths().take(printed.len()).eq(printed.iter().copied());
        let behind = groups.length(printed.len());
        let in_row = before == CELL_DIGITS || behind == CELL_DIGITS;
        if !alike || (in_row && !stands_out(window, start, &groups, printed, mark)?) {
            continue;
        }
        if let Some(found) = accept_head(window, start, &groups, printed.len(), true)? {
            let is_plain = found.percent < NAMED && groups.lengths().eq([CELL_DIGITS; CELLS]);
            if found.percent < NAMED && is_dump_row(window, start, &found)?
                || is_plain && is_in_table(window, start, found.end, mark)?
            {
                return Ok(None);
            }
            return Ok(Some(found));
        }
    }
    if joined || groups.next_group > 0 {
        return Ok(None);
    }
    accept_head(window, start, &groups, groups.count, false)
}

/// True for a fraction: one point is no grouping.
fn is_decimal(window: &Window<'_>, start: usize, groups: &Groups) -> bool {
    let halves = || groups.lengths().eq([8, 8]) && context::nearest_direct(window, start, CONTEXT).is_some();
    groups.count == 2 && groups.next_group == 0 && !halves()
}

/// Digits of a cell of most tables, and of a group of most cards.
const CELL_DIGITS: usize = 4;
/// Such groups of a card.
const CELLS: usize = 4;

/// True for a row of four numbers with rows like it above or below it, none of which is a card.
fn is_in_table(window: &Window<'_>, start: usize, end: usize, mark: Separator) -> Result<bool, Undecided> {
    let row = window.slice(start, end);
    let above = start.checked_sub(row.len() + 1).filter(|above| context::is_like(window.slice(*above, start - 1), row));
    let above = above.filter(|_| window.before(start) == b'\n');
    let below = window.at(end)? == b'\n' && context::follows_like(window, end + 1, row)?;
    let is_card = |at: usize| is_card_at(window, at, mark);
    Ok((above.is_some() || below)
        && !(above.is_some_and(|above| is_card(above) == Ok(true)) || below && is_card(end + 1)?))
}

/// False for most groups of four digits behind others: tables are full of them, so the rest is done for few.
fn may_stand_in_row(window: &Window<'_>, start: usize, first: usize, mark: Separator) -> Result<bool, Undecided> {
    let second = start + first + mark.len();
    // Digits that no network's numbers begin with.
    let is_other = matches!(window.at(start)?, b'0' | b'1' | b'7');
    Ok(first == CELL_DIGITS
        && !is_other
        && match digits(window, second, CELL_DIGITS + 3)? {
            CELL_DIGITS => is_card_at(window, start, mark)?,
            // American Express, Diners Club
            length => length == 6,
        })
}

/// Words before what people tell of a card besides its number.
const ROW_CONTEXT: &Words = &Words::new(&[b"pin", b"pin code"]);

/// True if something says that a printed form beside another group of four digits is a card, not part of a row: it has
/// groups that no table has, a word for one stands near it, an expiry date ends the row, a year begins it, or another
/// card stands beside it.
fn stands_out(
    window: &Window<'_>,
    start: usize,
    groups: &Groups,
    printed: &[usize],
    mark: Separator,
) -> Result<bool, Undecided> {
    match printed {
        [CELL_DIGITS, CELL_DIGITS, ..] => {}
        [CELL_DIGITS, ..] => return Ok(true),
        _ => return Ok(false),
    }
    let Some((_, end)) = groups.head(printed.len()) else { return Ok(false) };
    if mark.is(b'\t') || !groups.is_card(printed.len()) {
        return Ok(false);
    }
    let bytes = CELLS * (CELL_DIGITS + mark.len());
    let is_behind_card = || start.checked_sub(bytes).is_some_and(|card| is_card_at(window, card, mark) == Ok(true));
    let is_named = || [CONTEXT, ROW_CONTEXT].iter().any(|words| context::precedes(window, start, words));
    if groups.length(printed.len()) == 0 {
        return Ok(is_named() || is_behind_card() || is_behind_year(window, start, mark));
    }
    let cell = end + mark.len();
    if is_behind_card() || ends_with_expiry(window, cell, mark)? || is_card_at(window, cell, mark)? {
        return Ok(true);
    }
    // The word may belong to the group before a card that ends the row.
    let next = start + CELL_DIGITS + mark.len();
    let ends_row = digits(window, cell, CELL_DIGITS)? != CELL_DIGITS
        || window.at(cell + CELL_DIGITS)? != b' '
        || !digit(window.at(cell + CELL_DIGITS + 1)?);
    Ok(is_named() && !(ends_row && is_card_at(window, next, mark)?))
}

/// True if a year stands before `start` that no other number is joined to.
fn is_behind_year(window: &Window<'_>, start: usize, mark: Separator) -> bool {
    let Some(year) = start.checked_sub(mark.len() + CELL_DIGITS) else { return false };
    let is_year = matches!(window.slice(year, year + CELL_DIGITS), [b'1', b'9', _, _] | [b'2', b'0', _, _]);
    is_year && !alphanumeric(window.before(year)) && !mark.joins_digit_before(window, year)
}

/// True for the month and year of an expiry date at `at` that end a row, alone or before a security code.
fn ends_with_expiry(window: &Window<'_>, at: usize, mark: Separator) -> Result<bool, Undecided> {
    if digits(window, at, CELL_DIGITS + 1)? != CELL_DIGITS {
        return Ok(false);
    }
    let [month, year] = [at, at + 2].map(|part| value(window.slice(part, part + 2)));
    if !(1..=12).contains(&month) || !EXPIRY_YEARS.contains(&year) {
        return Ok(false);
    }
    let mut end = at + CELL_DIGITS;
    if separator(window, end)? == Some(mark) {
        match digits(window, end + mark.len(), CELL_DIGITS + 1)? {
            0 => return Ok(true),
            code @ 3..=4 => end += mark.len() + code,
            _ => return Ok(false),
        }
    }
    let goes_on = separator(window, end)? == Some(mark) && digit(window.at(end + mark.len())?);
    Ok(!goes_on && !alphanumeric(window.at(end)?))
}

/// Years of this century in which cards expire that are in use, or were lately.
const EXPIRY_YEARS: core::ops::RangeInclusive<u64> = 15..=60;

/// True for a card in four groups of four digits at `at`.
fn is_card_at(window: &Window<'_>, at: usize, mark: Separator) -> Result<bool, Undecided> {
    let mut number = [0; CELLS * CELL_DIGITS];
    let mut place = at;
    for (index, room) in number.chunks_exact_mut(CELL_DIGITS).enumerate() {
        if index > 0 {
            if separator(window, place)? != Some(mark) {
                return Ok(false);
            }
            place += mark.len();
        }
        if digit(window.before(place)) || digits(window, place, CELL_DIGITS + 1)? != CELL_DIGITS {
            return Ok(false);
        }
        room.copy_from_slice(window.slice(place, place + CELL_DIGITS));
        place += CELL_DIGITS;
    }
    Ok(issuer(&number).is_some() && luhn(&number))
}

/// Digits of a group of a dump.
const DUMP_DIGITS: usize = 4;

/// True for groups behind an address of a dump, or before others of it.
fn is_dump_row(window: &Window<'_>, start: usize, found: &Match) -> Result<bool, Undecided> {
    let head = window.slice(start.saturating_sub(2 * DUMP_DIGITS + 2), start);
    let is_row = matches!(head, [digits @ .., b':', b' '] if digits.len() == 2 * DUMP_DIGITS && digits.iter().all(u8::is_ascii_hexdigit));
    Ok(is_row || is_dumped(window, found.end, DUMP_DIGITS)?)
}

/// True if a printed form has a first group of `length` digits.
fn begins_printed(length: usize) -> bool {
    PRINTED.iter().any(|printed| printed.first() == Some(&length))
}

/// Digits of the group that `mark` joins to `start`, counted up to five.
fn digits_before(window: &Window<'_>, start: usize, mark: Separator) -> usize {
    let end = start.saturating_sub(mark.len());
    let group = window.slice(end.saturating_sub(5), end);
    group.iter().rev().take_while(|byte| byte.is_ascii_digit()).count()
}

fn accept_head(window: &Window<'_>, start: usize, groups: &Groups, count: usize, printed: bool) -> Checked {
    let Some((total, end)) = groups.head(count) else { return Ok(None) };
    let last_of_run = count == groups.count && groups.next_group == 0;
    if last_of_run && ends_inside(window, end)? {
        return Ok(None);
    }
    let number = groups.digits.get(..total).unwrap_or_default();
    let coarse = groups.count <= 6 && groups.lengths().all(|length| length >= 3);
    let found = accept(window, start, end, number, printed)
        .filter(|found| printed || found.percent == NAMED || !ids::is_named_otherwise(window, start));
    Ok(found.filter(|_| printed || coarse || context::precedes(window, start, CONTEXT)))
}

/// True for digits that are a card's wherever they stand.
pub(crate) fn is_plain(number: &[u8]) -> bool {
    issuer(number) == Some(Issued::Plainly) && luhn(number)
}

fn accept(window: &Window<'_>, start: usize, end: usize, number: &[u8], usual_form: bool) -> Option<Match> {
    let issued = issuer(number).filter(|_| luhn(number))?;
    if issued == Issued::Maybe && ids::is_resident(number) {
        return None;
    }
    // Thirteen digits are rarely a card: the word for one must be the last before them.
    let is_named = match number.len() {
        13 => context::nearest_direct(window, start, CONTEXT).is_some(),
        _ => context::precedes(window, start, CONTEXT),
    };
    let percent = match (is_named, issued, usual_form) {
        (true, ..) => NAMED,
        (false, Issued::Maybe, _) => return None,
        // Twelve digits are the numbers of accounts, projects and packages.
        (false, Issued::Plainly, _) if number.len() == DIGITS_MIN => return None,
        (false, Issued::Plainly, true) => 90,
        (false, Issued::Plainly, false) => 60,
    };
    Some(Match::new(start, end, 0, percent))
}

fn issuer(number: &[u8]) -> Option<Issued> {
    let head = value(number.get(..6)?);
    let mut issued = None;
    for Issuer(first, last, lengths, plainly, _) in ISSUERS {
        let in_range = (u64::from(*first)..=u64::from(*last)).contains(&head);
        if in_range && lengths >> number.len() & 1 == 1 {
            if *plainly {
                return Some(Issued::Plainly);
            }
            issued = Some(Issued::Maybe);
        }
    }
    issued
}

/// The network in whose range a number lies.
fn detail(number: &[u8]) -> Option<Detail> {
    if !number.iter().all(u8::is_ascii_digit) || !luhn(number) {
        return None;
    }
    let head = u32::try_from(value(number.get(..6)?)).ok()?;
    let fits = |issuer: &&Issuer| (issuer.0..=issuer.1).contains(&head) && issuer.2 >> number.len() & 1 == 1;
    let plain = ISSUERS.iter().filter(|issuer| issuer.3).find(fits);
    let Issuer(.., network) = plain.or_else(|| ISSUERS.iter().find(fits))?;
    let held = format!("Luhn; issuer range {network}, {} digits", number.len());
    Some(Detail { held, lowered: None })
}

/// True if the last digit is the right check digit.
fn luhn(number: &[u8]) -> bool {
    let sum: u32 = number
        .iter()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte.wrapping_sub(b'0'));
            if place % 2 == 0 { digit } else { digit * 2 - if digit > 4 { 9 } else { 0 } }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests;
