//! A numeral: groups of digits with one separator between each two, read once for all identifiers.

use crate::text::{Separator, alphanumeric, digit, digits, separator};
use crate::window::{Undecided, Window};

/// Digits of the longest numeral that is kept; what is longer is cut between two groups.
pub(crate) const DIGITS_MAX: usize = 19;
/// Groups of the longest form (a French number has seven) and one that tells that it goes on.
const GROUPS_MAX: usize = 8;
/// Bytes of the longest separator in UTF-8.
const SEPARATOR_BYTES_MAX: usize = 3;
/// Bytes that are read of a numeral at most, with the digit that is one too many.
pub(crate) const NUMERAL_BYTES_MAX: usize = DIGITS_MAX + 1 + GROUPS_MAX * SEPARATOR_BYTES_MAX;
/// Bytes before a dash in which a word is told from a part of a longer identifier.
const WORD_BYTES_MAX: usize = 12;

/// What stands between two groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    None,
    Space,
    Dash,
    Dot,
    Slash,
}

impl From<Separator> for Mark {
    fn from(separator: Separator) -> Self {
        match separator {
            mark if mark.is_dash() => Self::Dash,
            mark if mark.is(b'.') => Self::Dot,
            mark if mark.is(b'/') => Self::Slash,
            _ => Self::Space,
        }
    }
}

/// One group of digits.
#[derive(Clone, Copy, Debug)]
struct Group {
    length: u8,
    /// Bytes from the numeral's start to its end.
    end: u8,
    /// What joins it to the digits behind it, if anything does.
    mark: Mark,
}

/// Digits in groups, from a place where digits begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numeral {
    pub(crate) start: usize,
    digits: [u8; DIGITS_MAX],
    total: usize,
    groups: [Group; GROUPS_MAX],
    count: usize,
}

/// The lengths of groups, a byte each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lengths(u64);

impl Lengths {
    /// Of groups, of which there are at most [`GROUPS_MAX`].
    pub(crate) fn of(groups: impl Iterator<Item = u8>) -> Self {
        Self(groups.zip(0..).fold(0, |lengths, (length, index): (u8, u32)| lengths | u64::from(length) << (8 * index)))
    }

    /// True if the first of these are `other`; no group is empty.
    #[inline]
    pub(crate) const fn begin_with(self, other: Self) -> bool {
        let unused = other.0.leading_zeros() / 8 * 8;
        let mask = match u64::MAX.checked_shr(unused) {
            Some(mask) => mask,
            None => 0,
        };
        (self.0 ^ other.0) & mask == 0
    }
}

impl Numeral {
    /// Nothing, from `start` on.
    pub(crate) const fn at(start: usize) -> Self {
        let group = Group { length: 0, end: 0, mark: Mark::None };
        Self { start, digits: [0; DIGITS_MAX], total: 0, groups: [group; GROUPS_MAX], count: 0 }
    }

    /// Reads the numeral at its start, in place, since it is large to move; false if its first group alone is too long.
    ///
    /// # Errors
    /// [`Undecided`] while its end has not arrived.
    #[inline]
    pub(crate) fn read(&mut self, window: &Window<'_>) -> Result<bool, Undecided> {
        let mut at = self.start;
        loop {
            let run = digits(window, at, DIGITS_MAX + 1 - self.total)?;
            if !self.push(window.slice(at, at + run), at + run) {
                break;
            }
            at += run;
            let Some(mark) = separator(window, at)? else { break };
            if !digit(window.at(at + mark.len())?) {
                break;
            }
            self.join(mark);
            at += mark.len();
        }
        Ok(self.count > 0)
    }

    /// False if there is no room; the last group stays joined to what has none.
    fn push(&mut self, group: &[u8], end: usize) -> bool {
        let room = self.digits.get_mut(self.total..self.total + group.len());
        let (Some(room), Some(place)) = (room, self.groups.get_mut(self.count)) else { return false };
        room.copy_from_slice(group);
        *place = Group { length: small(group.len()), end: small(end - self.start), mark: Mark::None };
        self.total += group.len();
        self.count += 1;
        true
    }

    fn join(&mut self, separator: Separator) {
        if let Some(last) = self.count.checked_sub(1).and_then(|last| self.groups.get_mut(last)) {
            last.mark = separator.into();
        }
    }

    /// The lengths of all groups.
    pub(crate) fn lengths(&self) -> Lengths {
        Lengths::of(self.groups.iter().take(self.count).map(|group| group.length))
    }

    fn group(&self, index: usize) -> Option<&Group> {
        self.groups.get(index).filter(|_| index < self.count)
    }

    /// Digits of the `index`-th group, 0 if there is none.
    pub(crate) fn length(&self, index: usize) -> usize {
        self.group(index).map_or(0, |group| usize::from(group.length))
    }

    /// What stands behind the `index`-th group, if digits follow.
    pub(crate) fn mark(&self, index: usize) -> Mark {
        self.group(index).map_or(Mark::None, |group| group.mark)
    }

    /// Where the `index`-th group ends.
    pub(crate) fn end(&self, index: usize) -> usize {
        self.start + self.group(index).map_or(0, |group| usize::from(group.end))
    }

    /// Where it ends, if it has several groups that are all joined alike and nothing is joined to the last.
    pub(crate) fn regular_end(&self) -> Option<usize> {
        let last = self.count.checked_sub(1).filter(|last| *last > 0 && self.mark(*last) == Mark::None)?;
        let alike = (1..last).all(|gap| self.mark(gap) == self.mark(0));
        (alike && self.mark(0) != Mark::Slash).then(|| self.end(last))
    }

    /// The first `count` digits, or fewer if there are not so many.
    pub(crate) fn digits(&self, count: usize) -> &[u8] {
        self.digits.get(..count.min(self.total)).unwrap_or_default()
    }

    /// True if the first groups have these lengths.
    pub(crate) fn begins(&self, lengths: &[u8]) -> bool {
        lengths.len() <= self.count && lengths.iter().zip(&self.groups).all(|(length, group)| *length == group.length)
    }
}

/// A number below [`NUMERAL_BYTES_MAX`].
fn small(number: usize) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

/// True if an identifier may begin at `start`: not inside of a word, a decimal, a longer number.
pub(crate) fn may_start(window: &Window<'_>, start: usize) -> bool {
    match window.before(start) {
        b'+' | b'_' | b'$' | b'@' | b'%' | b'\\' => false,
        b'.' => !alphanumeric(window.before(start.saturating_sub(1))),
        b'/' => !digit(window.before(start.saturating_sub(1))),
        b'-' => !is_part_of_id(window, start.saturating_sub(1)),
        before => !alphanumeric(before),
    }
}

/// True if a separator and a digit stand before `start`.
pub(crate) fn is_crowded_before(window: &Window<'_>, start: usize) -> bool {
    matches!(window.before(start), b' ' | b'#') && digit(window.before(start.saturating_sub(1)))
        || window.before(start) == b'#'
}

/// True if the word that ends before a dash at `dash` has digits: a part of a longer identifier.
fn is_part_of_id(window: &Window<'_>, dash: usize) -> bool {
    let word = window.slice(dash.saturating_sub(WORD_BYTES_MAX), dash);
    word.iter().rev().take_while(|byte| alphanumeric(**byte)).any(u8::is_ascii_digit)
}

/// True if an identifier may end at `end`.
///
/// # Errors
/// [`Undecided`] while what follows has not arrived.
pub(crate) fn may_end(window: &Window<'_>, end: usize) -> Result<bool, Undecided> {
    Ok(match window.at(end)? {
        b'_' | b'@' | b'%' | b'+' | b'=' => false,
        b'-' => !alphanumeric(window.at(end + 1)?),
        b'.' | b':' => !digit(window.at(end + 1)?),
        next => !alphanumeric(next),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Numeral {
        let mut numeral = Numeral::at(0);
        assert!(numeral.read(&Window::whole(text.as_bytes())).unwrap());
        numeral
    }

    #[test]
    fn groups_and_marks_are_told() {
        let numeral = read("12.345.678/0001-95 x");
        assert!(numeral.begins(&[2, 3, 3, 4, 2]) && numeral.begins(&[2, 3]) && !numeral.begins(&[2, 4]));
        assert_eq!([0, 2, 3, 4].map(|index| numeral.mark(index)), [Mark::Dot, Mark::Slash, Mark::Dash, Mark::None]);
        assert_eq!(numeral.digits(14), b"12345678000195");
        assert_eq!(numeral.end(4), 18);
    }

    #[test]
    fn lengths_are_compared_as_far_as_they_go() {
        let of = |groups: &[u8]| Lengths::of(groups.iter().copied());
        assert_eq!(read("12.345.678/0001-95 x").lengths(), of(&[2, 3, 3, 4, 2]));
        assert!(
            of(&[4, 4, 4]).begin_with(of(&[4, 4])) && of(&[4]).begin_with(of(&[4])) && of(&[4]).begin_with(of(&[]))
        );
        assert!(!of(&[4, 4]).begin_with(of(&[4, 4, 4])) && !of(&[4, 4, 4]).begin_with(of(&[4, 3])));
        let eight = [1, 2, 3, 4, 5, 6, 7, 8];
        assert!(of(&eight).begin_with(of(&eight)) && !of(&eight[..7]).begin_with(of(&eight)));
    }

    #[test]
    fn a_numeral_without_room_ends_joined() {
        assert_eq!(read("12345678901 123456789012").mark(0), Mark::Space);
        assert_eq!(Numeral::at(0).read(&Window::whole(b"12345678901234567890")), Ok(false));
        assert_eq!(Numeral::at(0).read(&Window::open(b"123 ")), Err(Undecided));
    }

    #[test]
    fn identifiers_stand_apart_from_words_and_decimals() {
        let may = |text: &str, start| may_start(&Window::whole(text.as_bytes()), start);
        assert!(may("SSN-1", 4) && may("id=1", 3) && may("a,1", 2) && may("x/1", 2));
        assert!(!may("a1-1", 3) && !may("0.1", 2) && !may("a1", 1) && !may("_1", 1));
        let end = |text: &str| may_end(&Window::whole(text.as_bytes()), 1).unwrap();
        assert!(end("1.") && end("1, ") && end("1)") && !end("1a") && !end("1-a") && !end("1.5") && !end("1:2"));
    }
}
