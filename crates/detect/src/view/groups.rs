//! Groups of digits with separators that no detector takes: `4111/1111 - 1111_1111`, a number over two lines.
//!
//! Only groups of the usual lengths count, and only if no other number is joined to them: such a row stands in
//! a table. Commas, colons, tabs and bars separate numbers and do not join one, but for digits one by one behind a word.

use super::ViewId;
use super::complete::is_complete;
use super::outline::{Mark, Outline};
use super::respell::{Leaf, Recogniser, Types};
use crate::context::{self, Words};
use crate::text::{alphanumeric, digit};
use crate::window::{Undecided, Window};

pub(super) static RECOGNISER: Recogniser = Recogniser { view: ViewId::GROUPS, next, read, start };

/// Groups of the longest row that is read, a card's digits one by one; a longer one is a table.
const GROUPS_MAX: usize = 19;
/// Digits of the longest group.
const GROUP_DIGITS_MAX: usize = 15;
/// Bytes between two groups, and those of a line's indentation besides.
const JOINT_BYTES_MAX: usize = 4;
const INDENT_BYTES_MAX: usize = 24;
/// Bytes in which a row ends, if most rows do, that is too short to be a number.
const ROW_BYTES: usize = 24;
/// Digits of the shortest number.
const DIGITS_MIN: usize = 9;
/// Digits of the shortest international telephone number, and of the longest.
const INTERNATIONAL_DIGITS: core::ops::RangeInclusive<usize> = 9..=15;

/// Words that say what digits are that nothing but white space joins.
const CONTEXT: &Words =
    &Words::new(&[b"ssn*", b"social*", b"phone*", b"tel*", b"call", b"mobile*", b"cell*", b"fax", b"dial"]);

/// Of these, the words for a telephone.
const CALLED: &Words = &Words::new(&[b"phone*", b"tel*", b"call", b"mobile*", b"cell*", b"fax", b"dial"]);

/// Words that say that digits are a card's, wherever a line breaks in them.
pub(super) const CARD_CONTEXT: &Words = &Words::new(&[
    b"card*",
    b"credit*",
    b"debit*",
    b"visa",
    b"mastercard",
    b"amex",
    b"discover",
    b"pan",
    b"cc",
    b"karte*",
    b"kreditkarte*",
    b"carte*",
    b"tarjeta*",
    b"carta*",
]);
/// Digits of a card's number.
pub(super) const CARD_DIGITS: core::ops::RangeInclusive<usize> = 13..=19;

/// Digits of the numbers that say by themselves, or by a word before them, what they are.
const IDENTIFIER_DIGITS: core::ops::RangeInclusive<usize> = 9..=18;

/// How numbers are grouped, and what stands between the groups once detectors read them.
const SHAPES: &[(&[usize], Option<u8>)] = &[
    (&[4, 4, 4, 4], None),
    (&[4, 6, 5], None),
    (&[4, 4, 4, 4, 3], None),
    (&[2, 2, 2, 2, 2, 2, 2, 2], None),
    (&[8, 8], None),
    (&[4, 6, 4], None),
    (&[1; 16], None),
    (&[1; 15], None),
    (&[1; 9], None),
    (&[1; 10], None),
    (&[1; 11], None),
    (&[3, 2, 4], Some(b'-')),
    (&[1, 3, 3, 4], Some(b'-')),
    (&[3, 3, 4], Some(b'-')),
];

#[derive(Clone, Copy, Debug, Default)]
struct Group {
    start: usize,
    len: usize,
    /// What stands before it.
    joint: Joint,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Joint {
    bytes: [u8; JOINT_BYTES_MAX],
    len: usize,
}

impl Joint {
    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len.min(JOINT_BYTES_MAX)).unwrap_or_default()
    }

    /// True for a separator that detectors know.
    fn is_usual(self) -> bool {
        matches!(self.bytes(), [b' ' | b'-' | b'.' | b'/' | b'\t'])
    }

    /// Bytes up to the end of a line, and with it.
    fn line_end(&self) -> usize {
        self.bytes().iter().rposition(|byte| *byte == b'\n').map_or(self.len, |end| end + 1)
    }

    fn breaks_line(&self) -> bool {
        self.bytes().contains(&b'\n')
    }

    /// True if there is more than white space.
    fn is_marked(&self) -> bool {
        self.bytes().iter().any(|byte| !byte.is_ascii_whitespace())
    }
}

/// The first group of digits with enough others near it.
fn next(text: &[u8], outline: &Outline, from: usize) -> Option<usize> {
    outline.places(Mark::Group, from, text.len()).find(|at| begins(text, *at))
}

fn begins(text: &[u8], at: usize) -> bool {
    if at.checked_sub(1).and_then(|before| text.get(before)).is_some_and(|byte| alphanumeric(*byte)) {
        return false;
    }
    let head = text.get(at..).unwrap_or_default();
    let has_commas = matches!(head, [_, b',', ..] | [_]);
    let has_bars = matches!(head, [_, _, _, _, b'|', ..]);
    let in_row = |byte: u8| {
        digit(byte) || is_joint(byte) || byte == b'\t' || (has_commas && byte == b',') || (has_bars && byte == b'|')
    };
    let row = head.iter().take(ROW_BYTES).take_while(|byte| in_row(**byte)).count();
    let is_cut = row == head.len().min(ROW_BYTES);
    let digits = head.iter().take(row).filter(|byte| digit(**byte)).count();
    is_cut || digits >= DIGITS_MIN
}

/// Reads the row of groups at `at`.
fn read(window: &Window<'_>, at: usize, leaf: &mut Leaf) -> Result<usize, Undecided> {
    let mut groups = [Group::default(); GROUPS_MAX];
    let (mut count, mut place, mut joint) = (0, at, Joint::default());
    let mut is_cut = false;
    loop {
        let len = window.run(place, GROUP_DIGITS_MAX + 1, digit)?;
        let Some(group) = groups.get_mut(count).filter(|_| len <= GROUP_DIGITS_MAX) else {
            is_cut = true;
            place += len;
            break;
        };
        *group = Group { start: place, len, joint };
        (count, place) = (count + 1, place + len);
        joint = if len == 1 && window.at(place)? == b',' {
            read_comma(window, place, joint)?
        } else if len == CELL_DIGITS && window.at(place)? == BAR {
            Joint { bytes: [BAR, 0, 0, 0], len: 1 }
        } else {
            read_joint(window, place)?
        };
        if joint.len == 0 || !digit(window.at(place + joint.len)?) {
            break;
        }
        place += joint.len;
    }
    let mut ends = !alphanumeric(window.at(place)?);
    let mut groups = groups.get(..count).unwrap_or_default();
    if let Some((line, next)) = complete_line(window, groups) {
        (groups, place, is_cut, ends) = (line, next, false, true);
    }
    if groups.iter().skip(1).any(|group| group.joint.bytes() == [BAR]) {
        if !is_cut && ends && is_card_in_cells(window, groups, place)? {
            push_digits(window, groups, None, leaf);
        }
        return Ok(place);
    }
    let total: usize = groups.iter().map(|group| group.len).sum();
    let is_sum = window.starts_with(place, b" = ")? && groups.iter().skip(1).any(|group| group.joint.bytes() == SUM);
    let is_other = is_sum || are_pages(window, groups) || is_dated(window, groups) || is_factor(window, at);
    if total >= DIGITS_MIN && !is_cut && ends && !is_other {
        write(window, groups, total, leaf);
    }
    Ok(place)
}

/// The groups of the first line, if they are a whole number that does not go on in the next, and where that begins.
fn complete_line<'g>(window: &Window<'_>, groups: &'g [Group]) -> Option<(&'g [Group], usize)> {
    let count = groups.iter().position(|group| group.joint.breaks_line())?;
    let (line, next) = (groups.get(..count)?, groups.get(count)?);
    // `312-445-` and a line: the number goes on.
    let in_break = |byte: &u8| byte.is_ascii_whitespace() || matches!(*byte, QUOTE | b'#' | b'*' | INDENT);
    if !next.joint.bytes().iter().all(in_break) {
        return None;
    }
    let first = line.first()?.start;
    let mut digits = [0; GROUP_DIGITS_MAX];
    let mut total = 0;
    for group in line {
        digits.get_mut(total..total + group.len)?.copy_from_slice(window.slice(group.start, group.start + group.len));
        total += group.len;
    }
    let lengths = || line.iter().map(|group| group.len);
    let is_named = || context::precedes(window, first, CALLED);
    let is_whole = is_complete(digits.get(..total)?, lengths, window.before(first) == b'+', is_named);
    is_whole.then_some((line, next.start))
}

/// True for pages and a year, as articles are quoted: `395-406 (1996)`, `473-490. (1999)`.
fn are_pages(window: &Window<'_>, groups: &[Group]) -> bool {
    let [_, last, year] = groups else { return false };
    let is_year =
        matches!(window.slice(year.start, year.start + year.len), [b'1', b'8' | b'9', _, _] | [b'2', b'0', _, _]);
    let gap = year.joint.bytes();
    let has = |one: u8, other: u8| gap.contains(&one) || gap.contains(&other);
    let is_gap = gap.iter().all(|byte| matches!(byte, b' ' | b'.' | b'(')) && has(b'.', b'(') && has(b' ', b'(');
    last.joint.bytes() == b"-" && is_gap && is_year
}

/// True for the number of a standard and its month: `T.871 (05/2011)`.
fn is_dated(window: &Window<'_>, groups: &[Group]) -> bool {
    let [_, month, year] = groups else { return false };
    let is_month =
        matches!(window.slice(month.start, month.start + month.len), [b'0', b'1'..=b'9'] | [b'1', b'0'..=b'2']);
    let is_year = matches!(window.slice(year.start, year.start + year.len), [b'1', b'9', _, _] | [b'2', b'0', _, _]);
    is_month && is_year && year.joint.bytes() == b"/" && month.joint.bytes() != b"/"
}

/// True behind a term and the sign that multiplies it: `j*100)*23*3603`.
fn is_factor(window: &Window<'_>, at: usize) -> bool {
    window.before(at) == b'*' && (alphanumeric(window.before(at - 1)) || window.before(at - 1) == b')')
}

fn is_joint(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'.' | b'-' | b'/' | b'_' | b'*' | b'~' | b'\n' | b'\r' | b'\\' | b'+' | b'(' | b')' | b'#' | QUOTE
    )
}

/// What joins the terms of a sum, whose result follows a sign of its own.
const SUM: &[u8] = b" + ";

/// What stands for a line's indentation in a joint.
const INDENT: u8 = 0;

/// What begins a line that is quoted, as `#` begins a comment; elsewhere it compares numbers.
const QUOTE: u8 = b'>';

/// A comma, and a space behind it, between two digits one by one that are all joined so.
fn read_comma(window: &Window<'_>, start: usize, before: Joint) -> Result<Joint, Undecided> {
    let len = 1 + usize::from(window.at(start + 1)? == b' ');
    let mut joint = Joint { len, ..Joint::default() };
    joint.bytes.iter_mut().zip(window.slice(start, start + len)).for_each(|(place, byte)| *place = *byte);
    Ok(if before.len == 0 || before == joint { joint } else { Joint::default() })
}

fn read_joint(window: &Window<'_>, start: usize) -> Result<Joint, Undecided> {
    let mut joint = Joint::default();
    let len = window.run(start, JOINT_BYTES_MAX + INDENT_BYTES_MAX + 1, |byte| is_joint(byte) || byte == b'\t')?;
    let joined = window.slice(start, start + len);
    let indent = joined.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let is_indented = joined.len() > indent && joined.get(joined.len() - indent - 1) == Some(&b'\n');
    let bytes = if is_indented { joined.get(..joined.len() - indent).unwrap_or_default() } else { joined };
    let is_quoted = bytes.iter().any(|byte| matches!(*byte, QUOTE | b'#')) && !bytes.contains(&b'\n');
    // Nothing goes on behind an empty line.
    let is_apart = bytes.iter().filter(|byte| **byte == b'\n').count() > 1;
    let is_tabbed = !is_indented && bytes.contains(&b'\t');
    if bytes.len() <= JOINT_BYTES_MAX && !(is_quoted || is_apart || is_tabbed) {
        joint.len = len;
        joint.bytes.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
    }
    Ok(joint)
}

/// Writes the row if it is one number.
fn write(window: &Window<'_>, groups: &[Group], total: usize, leaf: &mut Leaf) {
    let Some(first) = groups.first() else { return };
    let is_plus = window.before(first.start) == b'+';
    // `ZIP+4 72177-5897`, `1E+501 2132572`
    let before_plus = if is_plus { window.before(first.start - 1) } else { b' ' };
    if before_plus.is_ascii_alphabetic() && first.len == 1 || before_plus.eq_ignore_ascii_case(&b'e') {
        return;
    }
    if is_plus && INTERNATIONAL_DIGITS.contains(&total) && groups.len() > 1 {
        leaf.push(b'+', first.start - 1, first.start);
        push_digits(window, groups, None, leaf);
        return;
    }
    if groups.get(1).is_some_and(|second| second.joint.bytes().first() == Some(&b',')) {
        write_listed(window, groups, leaf);
        return;
    }
    let before = window.before(first.start);
    let joined = matches!(before, b',' | b':' | b'|' | b'\t') && digit(window.before(first.start.saturating_sub(1)));
    let shape = SHAPES.iter().find(|(shape, _)| groups.iter().map(|group| group.len).eq(shape.iter().copied()));
    // Pairs over two indented lines are days of a calendar.
    let is_indented = groups.iter().any(|group| group.joint.breaks_line() && group.joint.len > group.joint.line_end());
    let shape = shape.filter(|(shape, _)| !is_indented || shape.first() != Some(&2));
    let named = || context::precedes(window, first.start, CONTEXT);
    let is_broken = || groups.iter().filter(|group| group.joint.breaks_line()).count() == 1;
    let is_stacked = are_stacked(groups);
    if let Some((_, mark)) = shape.filter(|_| !joined && is_unusual(groups, total, named)) {
        push_digits(window, groups, *mark, leaf);
    } else if CARD_DIGITS.contains(&total)
        && !joined
        && (is_broken() || is_stacked)
        && context::precedes(window, first.start, CARD_CONTEXT)
    {
        push_digits(window, groups, None, leaf);
    } else if IDENTIFIER_DIGITS.contains(&total) && !joined && (is_broken() || is_stacked || are_spread(groups)) {
        // Dashes say what a number is; one at the end of a line by itself says that a word goes on.
        let unbroken = || groups.iter().skip(1).filter(|group| !group.joint.breaks_line());
        let keeps_dashes =
            are_spread(groups) || unbroken().count() > 0 && unbroken().all(|group| group.joint.bytes() == b"-");
        for group in groups {
            if keeps_dashes && group.joint.bytes().contains(&b'-') {
                leaf.push_mark(b'-');
            }
            push_group(window, group, leaf);
        }
        leaf.types = match named() {
            _ if is_stacked => Types::Checked,
            true => Types::Usual,
            false if is_broken() && !are_spread(groups) => Types::Named,
            false => Types::Identifiers,
        };
    }
}

/// True if dashes between spaces join all groups: `621103 - 1027119`.
fn are_spread(groups: &[Group]) -> bool {
    groups.len() > 1 && groups.iter().skip(1).all(|group| group.joint.bytes() == b" - ")
}

/// Digits of a line of a number that stands over some.
const LINE_DIGITS: core::ops::RangeInclusive<usize> = 3..=6;

/// True for a number over three lines and more, each with as many digits as the first, but for the last.
fn are_stacked(groups: &[Group]) -> bool {
    let [first, second, .., last] = groups else { return false };
    let joints = || groups.iter().skip(1).map(|group| group.joint);
    let is_full = |group: &Group| group.len == first.len;
    LINE_DIGITS.contains(&first.len)
        && last.len <= first.len
        && joints().all(|joint| joint == second.joint && joint.breaks_line() && !joint.is_marked())
        && groups.iter().take(groups.len() - 1).all(is_full)
}

/// Digits of a cell of a card's number, and what stands before each cell.
const CELL_DIGITS: usize = 4;
const BAR: u8 = b'|';

/// True for four cells of four digits behind a word for a card, or in a row that has no others and none beside it.
fn is_card_in_cells(window: &Window<'_>, groups: &[Group], end: usize) -> Result<bool, Undecided> {
    const CELLS: usize = 4;
    const NEAR_BYTES: usize = 8;
    let Some(first) = groups.first().filter(|_| groups.len() == CELLS) else { return Ok(false) };
    let is_cell =
        |group: &Group| group.len == CELL_DIGITS && (group.start == first.start || group.joint.bytes() == [BAR]);
    if !groups.iter().all(is_cell) || window.before(first.start) != BAR {
        return Ok(false);
    }
    if context::precedes(window, first.start, CARD_CONTEXT) {
        return Ok(true);
    }
    let head = window.slice(first.start.saturating_sub(NEAR_BYTES), first.start - 1);
    let begins_row = head.last().is_none_or(|byte| *byte == b'\n');
    let above = head.trim_ascii_end();
    let is_below_row = matches!(above, [.., b'0'..=b'9', BAR] | [.., b'0'..=b'9']);
    if !begins_row || is_below_row || window.at(end)? != BAR {
        return Ok(false);
    }
    let gap = window.run(end + 1, NEAR_BYTES, |byte| byte.is_ascii_whitespace())?;
    let ends_row = window.slice(end + 1, end + 1 + gap).contains(&b'\n');
    let next = end + 1 + gap;
    Ok(ends_row && !(window.at(next)? == BAR && digit(window.at(next + 1)?)))
}

/// Writes digits that commas part, if all are one by one and a word says what they are: other lists have commas, too.
fn write_listed(window: &Window<'_>, groups: &[Group], leaf: &mut Leaf) {
    let Some(first) = groups.first() else { return };
    if groups.iter().any(|group| group.len != 1) {
        return;
    }
    let is_behind = |words| context::precedes(window, first.start, words);
    match groups.len() {
        count if CARD_DIGITS.contains(&count) && is_behind(CARD_CONTEXT) => push_digits(window, groups, None, leaf),
        DIGITS_MIN if is_behind(CONTEXT) => {
            push_digits(window, groups, None, leaf);
            leaf.group(b'-', &[3, 2]);
        }
        count if IDENTIFIER_DIGITS.contains(&count) => {
            push_digits(window, groups, None, leaf);
            leaf.types = Types::Checked;
        }
        _ => {}
    }
}

/// True if detectors do not read such a row as it stands, and it may be one number.
fn is_unusual(groups: &[Group], total: usize, named: impl Fn() -> bool) -> bool {
    let joints = || groups.iter().skip(1).map(|group| group.joint);
    let alike = joints().all(|joint| groups.get(1).is_some_and(|second| second.joint == joint));
    let breaks = joints().filter(Joint::breaks_line).count();
    let is_card = total > 11;
    let is_usual = alike && joints().all(Joint::is_usual) && !(is_card && joints().all(|joint| joint.bytes() == b"/"));
    // `252.227-7013` is a paragraph of a law.
    let is_paragraph = !is_card && joints().any(|joint| joint.bytes() == b".") && !alike;
    let is_joined = is_card || (joints().any(|joint| joint.is_marked()) && !is_paragraph) || named();
    !is_usual && is_joined && (breaks <= 1 || alike)
}

fn push_digits(window: &Window<'_>, groups: &[Group], mark: Option<u8>, leaf: &mut Leaf) {
    for (index, group) in groups.iter().enumerate() {
        if let Some(mark) = mark.filter(|_| index > 0) {
            leaf.push_mark(mark);
        }
        push_group(window, group, leaf);
    }
}

fn push_group(window: &Window<'_>, group: &Group, leaf: &mut Leaf) {
    for (offset, byte) in window.slice(group.start, group.start + group.len).iter().enumerate() {
        leaf.push(*byte, group.start + offset, group.start + offset + 1);
    }
}

/// A candidate begins at its first digit, or at a plus sign before it.
fn start(text: &[u8], at: usize) -> usize {
    let before = at.checked_sub(1).and_then(|before| text.get(before));
    if before == Some(&b'+') { at - 1 } else { at }
}
