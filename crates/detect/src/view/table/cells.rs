//! Cells of a line, and what is around their text.

use core::ops::Range;

/// What parts the lines of a list.
pub(super) const NOTHING: u8 = 0;
/// What begins a row of SQL's values, and one of JSON's.
pub(super) const PARENTHESIS: u8 = b'(';
pub(super) const BRACKET: u8 = b'[';
/// What parts a row of a wiki's table: two bars.
pub(super) const BARS: u8 = 1;
/// What parts a row of LaTeX's, which ends with two backslashes.
pub(super) const AMPERSAND: u8 = b'&';
/// What parts aligned columns: two of them, or more.
pub(super) const SPACES: u8 = b' ';

/// Bytes of a line of a list, and digits of its number.
const ITEM_BYTES_MAX: usize = 64;
const NUMBER_DIGITS_MAX: usize = 3;

/// True for quotes, emphasis and spaces around a name or a value.
const fn is_dress(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'`' | b'*' | b'#' | b':')
}

/// The cells of a line. A mark between quotes parts nothing; bars at the ends of a line stand for nothing, and so do
/// spaces.
#[derive(Clone)]
pub(super) struct Cells<'a> {
    line: &'a [u8],
    mark: u8,
    /// Where the next cell begins, if there is one.
    next: Option<usize>,
    end: usize,
    /// What cells stand between, if some do.
    quote: Option<u8>,
}

impl<'a> Cells<'a> {
    pub(super) fn of(line: &'a [u8], mark: u8) -> Self {
        let (mut from, mut end) = (0, line.len());
        if mark == b'|' {
            let kept = line.trim_ascii_end();
            // A quoted table has its mark before each row.
            let lead = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'>')).count();
            from = lead + usize::from(line.get(lead) == Some(&b'|'));
            end = kept.len() - usize::from(kept.len() > from && kept.ends_with(b"|"));
        }
        if mark == SPACES {
            end = line.trim_ascii_end().len();
            from = line.len() - line.trim_ascii_start().len();
        }
        if mark == BARS {
            from = usize::from(line.starts_with(b"|"));
        }
        if mark == AMPERSAND {
            end = memchr::memmem::find(line, b"\\\\").unwrap_or(end);
        }
        let has_quotes = !matches!(mark, b'|' | SPACES | BARS | AMPERSAND) && memchr::memchr(b'"', line).is_some();
        Self { line, mark, next: Some(from.min(end)), end, quote: has_quotes.then_some(b'"') }
    }

    /// The values of a row of SQL or of JSON, which begins with this mark.
    pub(super) fn of_group(group: &'a [u8], mark: u8) -> Self {
        Self { line: group, mark: b',', next: Some(0), end: group.len(), quote: Some(quote_in(mark)) }
    }

    /// The first mark at or behind `from` that stands between no quotes.
    fn mark_from(&self, from: usize) -> Option<usize> {
        let rest = self.line.get(from..self.end).unwrap_or_default();
        match self.mark {
            NOTHING => return None,
            SPACES => return memchr::memmem::find(rest, b"  ").map(|place| from + place),
            BARS => return memchr::memmem::find(rest, b"||").map(|place| from + place),
            _ => {}
        }
        let Some(quote) = self.quote else { return memchr::memchr(self.mark, rest).map(|place| from + place) };
        let mut outside = outside(quote);
        rest.iter().position(|byte| outside(*byte) && *byte == self.mark).map(|place| from + place)
    }
}

impl Iterator for Cells<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let from = self.next?;
        let mark = self.mark_from(from);
        let is_other = |byte: &u8| self.mark != SPACES || *byte != SPACES;
        self.next = mark.map(|mark| {
            let behind = mark + if self.mark == BARS { 2 } else { 1 };
            let rest = self.line.get(behind..).unwrap_or_default();
            behind + rest.iter().position(is_other).unwrap_or(rest.len())
        });
        Some(from..mark.unwrap_or(self.end))
    }
}

/// A cell without white space, quotes, emphasis, and what begins an item of a list.
pub(super) fn bare(line: &[u8], cell: Range<usize>) -> Range<usize> {
    let text = line.get(cell.clone()).unwrap_or_default();
    let Some(first) = text.iter().position(|byte| !is_dress(*byte) && *byte != b'-') else { return cell.end..cell.end };
    let last = text.iter().rposition(|byte| !is_dress(*byte) && *byte != b',').unwrap_or(first);
    cell.start + first..cell.start + last + 1
}

/// The same without what a list stands between, and what ends a sentence.
fn unwrapped(line: &[u8], cell: Range<usize>) -> Range<usize> {
    let text = line.get(cell.clone()).unwrap_or_default();
    let wraps = |byte: &u8| matches!(byte, b'[' | b']' | b'(' | b')' | b'{' | b'}' | b'.' | b';') || is_dress(*byte);
    let Some(first) = text.iter().position(|byte| !wraps(byte)) else { return cell.end..cell.end };
    let last = text.iter().rposition(|byte| !wraps(byte)).unwrap_or(first);
    cell.start + first..cell.start + last + 1
}

/// The items of a list within a line, from `from` on: `A, B`, `["A", "B"]`, `('A', 'B')`.
pub(super) fn items(line: &[u8], from: usize) -> impl Iterator<Item = Range<usize>> {
    let rest = line.get(from..).unwrap_or_default();
    let quote = [b'"', b'\''].into_iter().find(|quote| memchr::memchr(*quote, rest).is_some());
    let cells = Cells { line: rest, mark: b',', next: Some(0), end: rest.len(), quote };
    cells.map(move |cell| unwrapped(line, from + cell.start..from + cell.end))
}

/// True if two spaces stand in a line, and not at its ends.
pub(super) fn is_parted(line: &[u8]) -> bool {
    memchr::memmem::find(line.trim_ascii(), b"  ").is_some()
}

/// The characters of a line of UTF-8 before a cell, and up to its end.
pub(super) fn characters(line: &[u8], cell: &Range<usize>) -> (u16, u16) {
    let count = |end: usize| {
        let begins = |byte: &&u8| (**byte).cast_signed() >= -0x40;
        u16::try_from(line.iter().take(end).filter(begins).count()).unwrap_or(u16::MAX)
    };
    (count(cell.start), count(cell.end))
}

/// Where the character of this number stands, if it does, or the line's end.
fn place_of(line: &[u8], number: u16) -> Option<usize> {
    let begins = |byte: &u8| byte.cast_signed() >= -0x40;
    let starts = line.iter().enumerate().filter(|(_, byte)| begins(byte)).map(|(place, _)| place);
    starts.chain([line.len()]).nth(usize::from(number))
}

/// The cell that begins at this character: up to two spaces.
pub(super) fn cell_from(line: &[u8], number: u16) -> Option<Range<usize>> {
    let start = place_of(line, number)?;
    let is_start = line.get(start).is_some_and(|byte| *byte != SPACES);
    let begins = start.checked_sub(1).is_none_or(|before| line.get(before) == Some(&SPACES));
    let rest = line.get(start..)?;
    (is_start && begins).then(|| start..start + memchr::memmem::find(rest, b"  ").unwrap_or(rest.len()))
}

/// The word that ends before this character.
pub(super) fn cell_to(line: &[u8], number: u16) -> Option<Range<usize>> {
    let end = place_of(line, number)?;
    let text = line.get(..end)?;
    let ends = text.last().is_some_and(|byte| *byte != SPACES) && line.get(end).is_none_or(|byte| *byte == SPACES);
    ends.then(|| memchr::memrchr(SPACES, text).map_or(0, |place| place + 1)..end)
}

/// What an item of a list says, without its number: `1. C03005988`.
pub(super) fn item(line: &[u8]) -> Range<usize> {
    let all = bare(line, 0..line.len());
    let text = line.get(all.clone()).unwrap_or_default();
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let all = match text.get(digits..) {
        Some([b'.' | b')', b' ', ..]) if (1..=NUMBER_DIGITS_MAX).contains(&digits) => {
            bare(line, all.start + digits + 2..all.end)
        }
        _ => all,
    };
    // Whose it is may stand before it: `Jane Roe: C03005988`, `Jane Roe - C03005988`.
    let text = line.get(all.clone()).unwrap_or_default();
    let behind = [b": ".as_slice(), b" - "].iter().filter_map(|mark| memchr::memmem::rfind(text, mark)).max();
    match behind {
        Some(place) => bare(line, all.start + place + 2..all.end),
        None => all,
    }
}

/// True for a line of a list: one word, or groups of digits.
pub(super) fn is_item(line: &[u8]) -> bool {
    let text = line.get(item(line)).unwrap_or_default();
    let is_word = |part: &[u8]| part.len() > 2 && part.iter().all(u8::is_ascii_alphabetic);
    let has_words = text.contains(&b' ') && text.split(|byte| *byte == b' ').any(is_word);
    // What ends a list is no item.
    (1..=ITEM_BYTES_MAX).contains(&text.len()) && !has_words && !matches!(text, [b']' | b')' | b'}', ..])
}

/// What the values are quoted with in a row that begins with this mark.
const fn quote_in(mark: u8) -> u8 {
    if mark == BRACKET { b'"' } else { b'\'' }
}

/// Says of one byte after another whether it stands between no quotes. One behind a backslash is none.
pub(super) fn outside(quote: u8) -> impl FnMut(u8) -> bool {
    let (mut is_quoted, mut is_escaped) = (false, false);
    move |byte| {
        is_quoted ^= byte == quote && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        !is_quoted
    }
}

/// What stands between parentheses or brackets, the innermost ones, and between no quotes.
pub(super) fn groups(line: &[u8], mark: u8) -> impl Iterator<Item = Range<usize>> {
    let close = if mark == BRACKET { b']' } else { b')' };
    let mut at = 0;
    core::iter::from_fn(move || {
        let mut open = at + memchr::memchr(mark, line.get(at..)?)? + 1;
        let mut outside = outside(quote_in(mark));
        for (place, byte) in line.iter().enumerate().skip(open) {
            match outside(*byte) {
                true if *byte == close => {
                    at = place + 1;
                    return Some(open..place);
                }
                true if *byte == mark && mark == BRACKET => open = place + 1,
                _ => {}
            }
        }
        None
    })
}

/// True for the line between the names and the rows: `|---|:--:|`, `-----+----`.
pub(super) fn is_ruler(line: &[u8]) -> bool {
    line.iter().all(|byte| b"|-:+=> \r".contains(byte)) && line.contains(&b'-')
}
