//! The groups of digits that make up a candidate.

use super::DIGITS_MAX;
use crate::text::{Separator, digit, digits, separator, value};
use crate::window::{Undecided, Window};

/// Bytes of the longest candidate: every digit a group of its own, with a separator of three bytes
/// between two spaces, a pair of parentheses around the first group and `(0)` behind it.
pub(super) const BYTES_MAX: usize = DIGITS_MAX * 6 + "+()  (0)".len();

/// Groups, each joined to the one before by a separator or a parenthesis.
#[derive(Debug)]
pub(super) struct Groups {
    start: usize,
    first: usize,
    digits: [u8; DIGITS_MAX],
    groups: [Group; DIGITS_MAX],
    count: usize,
    total: usize,
    cut: bool,
    /// True if `(0)` was read.
    trunk: bool,
    /// True if a parenthesis closes right behind the first group.
    first_closes: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Group {
    length: usize,
    /// Offset behind the group and its closing parenthesis.
    end: usize,
    /// What stands between the group before and this one.
    before: Joint,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Joint {
    #[default]
    Start,
    Parenthesis,
    Separator(Separator),
}

impl Groups {
    /// Reads the candidate whose first digit stands at `first`, its parenthesis perhaps at `start`.
    pub(super) fn read(window: &Window<'_>, first: usize, start: usize) -> Result<Self, Undecided> {
        let mut groups = Self {
            start,
            first,
            digits: [0; DIGITS_MAX],
            groups: [Group::default(); DIGITS_MAX],
            count: 0,
            total: 0,
            cut: false,
            trunk: false,
            first_closes: false,
        };
        let mut open = window.slice(start, first).contains(&b'(');
        let mut at = first;
        let mut before = Joint::Start;
        let mut is_prefixed = false;
        loop {
            let length = digits(window, at, DIGITS_MAX + 1)?;
            let closes = open && window.at(at + length)? == b')';
            if open && !closes && before != Joint::Start {
                break;
            }
            let end = at + length + usize::from(closes);
            let trunk = before != Joint::Start && closes && window.slice(at, at + length) == b"0";
            if trunk && groups.trunk {
                break;
            }
            groups.trunk |= trunk;
            if trunk {
                groups.extend_last(end);
            } else if !groups.push(window.slice(at, at + length), end, before) {
                break;
            }
            groups.first_closes |= closes && (before == Joint::Start || is_prefixed);
            let Some((joint, opens, next)) = joint(window, end, closes)? else { break };
            // `(06 1) 237 5890`: the digit that is dialled before an area stands in its parenthesis.
            is_prefixed = open && !closes && before == Joint::Start && window.slice(at, at + length) == b"06";
            (open, at, before) = (opens || is_prefixed, next, joint);
        }
        groups.leave_parenthesis(window);
        Ok(groups)
    }

    /// Leaves a parenthesis outside that is not the area code's: one around the whole number, or
    /// around more than it.
    fn leave_parenthesis(&mut self, window: &Window<'_>) {
        let lead = window.slice(self.start, self.first);
        let Some(place) = lead.iter().rposition(|byte| *byte == b'(') else { return };
        if self.first_closes && self.count > 1 {
            return;
        }
        if let Some(group) = self.groups.first_mut().filter(|_| self.first_closes) {
            group.end -= 1;
        }
        self.start += place + 1;
    }

    fn push(&mut self, digits: &[u8], end: usize, before: Joint) -> bool {
        let room = self.digits.get_mut(self.total..self.total + digits.len());
        let (Some(room), Some(group)) = (room, self.groups.get_mut(self.count)) else {
            self.cut = true;
            return false;
        };
        room.copy_from_slice(digits);
        *group = Group { length: digits.len(), end, before };
        self.total += digits.len();
        self.count += 1;
        true
    }

    /// `(0)` in `+46 (0)8`: written, but not dialled from abroad.
    fn extend_last(&mut self, end: usize) {
        if let Some(last) = self.count.checked_sub(1).and_then(|last| self.groups.get_mut(last)) {
            last.end = end;
        }
    }

    /// Where the number starts, its `+` and the area code's parenthesis included.
    pub(super) const fn start(&self) -> usize {
        self.start
    }

    pub(super) const fn first(&self) -> usize {
        self.first
    }

    pub(super) const fn count(&self) -> usize {
        self.count
    }

    pub(super) const fn total(&self) -> usize {
        self.total
    }

    /// True if more groups followed than there was room for.
    pub(super) const fn is_cut(&self) -> bool {
        self.cut
    }

    pub(super) fn digits(&self) -> &[u8] {
        self.digits.get(..self.total).unwrap_or_default()
    }

    pub(super) fn length(&self, index: usize) -> usize {
        self.group(index).map_or(0, |group| group.length)
    }

    pub(super) fn end(&self, index: usize) -> Option<usize> {
        self.group(index).map(|group| group.end)
    }

    /// Totals and ends after each group, the longest first.
    pub(super) fn ends_longest_first(&self) -> impl Iterator<Item = (usize, usize)> {
        let mut total = self.total;
        self.groups.iter().take(self.count).rev().map(move |group| {
            let head = (total, group.end);
            total -= group.length;
            head
        })
    }

    /// True if the three groups from `from` on are joined as telephone numbers are: all alike, or
    /// the area code apart.
    pub(super) fn is_consistent(&self, from: usize) -> bool {
        match (self.joint(from + 1), self.joint(from + 2)) {
            (Some(Joint::Parenthesis), Some(Joint::Separator(_))) => true,
            (Some(Joint::Separator(first)), Some(Joint::Separator(second))) => {
                first == second || (second.is_dash() && (first.is_space() || first.is(b'/')))
            }
            _ => false,
        }
    }

    /// True if slashes join the groups from `from` on.
    pub(super) fn is_slashed(&self, from: usize) -> bool {
        (from + 1..self.count).all(|index| matches!(self.joint(index), Some(Joint::Separator(mark)) if mark.is(b'/')))
    }

    /// True if a space joins the group at `index` to the one behind it.
    pub(super) fn is_spaced(&self, index: usize) -> bool {
        matches!(self.joint(index + 1), Some(Joint::Separator(mark)) if mark.is_space())
    }

    /// True for a last `2024-10-12`: behind a version, a count.
    pub(super) fn ends_like_date(&self) -> bool {
        let Some(first) = self.count.checked_sub(3) else { return false };
        let at = self.total.saturating_sub(8);
        [0, 1, 2].map(|index| self.length(first + index)) == [4, 2, 2]
            && self.digits().get(at..at + 2).is_some_and(|century| century == b"19" || century == b"20")
    }

    /// True for `2024-10-12`, `12.10.2024` and the like, alone or before a time.
    pub(super) fn looks_like_date(&self) -> bool {
        let part = |index: usize| {
            let before: usize = (0..index).map(|group| self.length(group)).sum();
            value(self.digits.get(before..before + self.length(index)).unwrap_or_default())
        };
        let is_year = |index: usize| (1900..=2100).contains(&part(index));
        let is_day = |index: usize| (1..=31).contains(&part(index));
        match [self.length(0), self.length(1), self.length(2)] {
            [4, 2, 2] => is_year(0) && is_day(1) && is_day(2),
            [1 | 2, 1 | 2, 4] => is_day(0) && is_day(1) && is_year(2),
            [8, ..] => {
                let number = part(0);
                (1900..=2100).contains(&(number / 10_000)) && (1..=12).contains(&(number / 100 % 100))
            }
            [4, 4, 0] => is_year(0) && is_year(1),
            _ => false,
        }
    }

    /// True for fractions and versions: two groups with a point between them, or a point first and
    /// other marks behind it.
    pub(super) fn is_decimal(&self) -> bool {
        let pointed = |index| matches!(self.joint(index), Some(Joint::Separator(mark)) if mark.is(b'.'));
        pointed(1) && (self.count == 2 || !(2..self.count).all(pointed))
    }

    /// Digits of the longest group.
    pub(super) fn longest(&self) -> usize {
        self.groups.iter().take(self.count).map(|group| group.length).max().unwrap_or(0)
    }

    /// True if the digits look dialled without a word that says so: an area code with its trunk
    /// prefix 0 or in parentheses, and a few groups behind it. `02110-1301` is a postcode.
    pub(super) fn look_dialled(&self) -> bool {
        let trunk = matches!(self.digits(), [b'0', b'1'..=b'9', ..]);
        let area = self.length(0);
        if self.first_closes {
            let tail = [self.length(1), self.length(2), self.length(3)];
            let plain = (1..=2).contains(&area) && matches!(tail, [4, 4, 0]) || area == 2 && tail == [5, 4, 0];
            return plain || (trunk && (2..=6).contains(&area) && self.are_plain(8..=12));
        }
        let is_postcode = area == 5 && self.length(1) == 4 && self.count == 2;
        trunk && (2..=6).contains(&area) && !is_postcode && !self.begins_with_birth() && self.are_plain(9..=11)
    }

    /// True for six digits that are a date, and four: a personal number of the North.
    fn begins_with_birth(&self) -> bool {
        if self.shape() != [6, 4, 0, 0, 0] {
            return false;
        }
        let part = |at: usize| value(self.digits.get(at..at + 2).unwrap_or_default());
        let is_date = |day: u64, month: u64| (1..=31).contains(&day) && (1..=12).contains(&month);
        is_date(part(0), part(2)) || is_date(part(4), part(2))
    }

    /// True for 3-3-4 digits with points or dashes between them, as in North America.
    pub(super) fn is_north_american_form(&self) -> bool {
        self.shape() == [3, 3, 4, 0, 0] && self.is_consistent(0) && !self.is_spaced(0) && !self.is_spaced(1)
    }

    /// True if there is one digit only, over and over: a placeholder.
    pub(super) fn is_one_digit(&self) -> bool {
        let digits = self.digits();
        digits.iter().all(|digit| Some(digit) == digits.first())
    }

    /// True for groups as people write them: not too short, and joined alike behind the area code.
    fn are_plain(&self, total: core::ops::RangeInclusive<usize>) -> bool {
        let lengths = || (1..self.count).map(|index| self.length(index));
        let pairs = self.count == 5 && lengths().chain([self.length(0)]).all(|length| length == 2);
        let single = lengths().any(|length| length == 1) && !self.is_spaced(0);
        total.contains(&self.total)
            && (2..=5).contains(&self.count)
            && self.length(self.count - 1) >= 2
            && !single
            && (pairs || self.longest() >= 3)
            && (2..self.count).all(|index| self.joint(index) == self.joint(2))
    }

    /// True if all groups have so many digits, as in dumps and tables.
    pub(super) fn are_of(&self, length: usize) -> bool {
        self.groups.iter().take(self.count).all(|group| group.length == length)
    }

    /// True if a parenthesis closes behind the first group.
    pub(super) const fn first_closes(&self) -> bool {
        self.first_closes
    }

    /// Lengths of the first five groups.
    pub(super) fn shape(&self) -> [usize; 5] {
        [0, 1, 2, 3, 4].map(|index| self.length(index))
    }

    /// Takes the last group away, if there is one before it and a space between them.
    pub(super) fn drop_last(&mut self) -> bool {
        let Some(last) = self.count.checked_sub(1).filter(|last| *last > 0 && self.is_spaced(last - 1)) else {
            return false;
        };
        self.total -= self.length(last);
        self.count = last;
        true
    }

    /// True if the last groups have the form of a social security number, which weighs more.
    pub(super) fn ends_like_ssn(&self) -> bool {
        let Some(first) = self.count.checked_sub(3) else { return false };
        let lengths = [0, 1, 2].map(|index| self.length(first + index));
        lengths == [3, 2, 4] && self.joint(first + 1) == self.joint(first + 2)
    }

    /// What stands before the group at `index`.
    fn joint(&self, index: usize) -> Option<Joint> {
        self.group(index).map(|group| group.before)
    }

    fn group(&self, index: usize) -> Option<&Group> {
        self.groups.get(index).filter(|_| index < self.count)
    }
}

/// What joins the group that ends at `end` to a next one: the joint, whether it opens a
/// parenthesis, and where the next digit stands.
fn joint(window: &Window<'_>, end: usize, closed: bool) -> Result<Option<(Joint, bool, usize)>, Undecided> {
    let mut mark = separator(window, end)?.filter(|mark| !mark.is(b'\t'));
    let mut at = end + mark.map_or(0, Separator::len);
    if mark.is_some_and(|mark| mark.is(b' '))
        && let Some(inner) = separator(window, at)?.filter(|inner| inner.is_dash() || inner.is(b'/'))
        && separator(window, at + inner.len())?.is_some_and(|last| last.is(b' '))
    {
        // `0711 / 123456`, `040 - 123456`
        mark = Some(inner);
        at += inner.len() + 1;
    }
    let opens = window.at(at)? == b'(';
    at += usize::from(opens);
    if !digit(window.at(at)?) {
        return Ok(None);
    }
    Ok(match mark {
        _ if opens || closed => Some((Joint::Parenthesis, opens, at)),
        Some(mark) => Some((Joint::Separator(mark), false, at)),
        None => None,
    })
}
