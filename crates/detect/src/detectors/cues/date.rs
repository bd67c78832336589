//! A calendar date in any common form, in the languages whose words announce a birth.

use crate::detectors::ids::checks::is_birth_day;
use crate::text::{alphanumeric, digit, digits, value};
use crate::window::{Undecided, Window};

/// Heads of the names of months, by month: English, German, French, Spanish, Italian, Dutch, Portuguese, Polish, Swedish.
const MONTHS: [&[&str]; 12] = [
    &["jan", "jän", "ene", "gen", "sty"],
    &["feb", "fév", "fev", "lut"],
    &["mar", "mär", "maa", "mrt"],
    &["apr", "avr", "abr", "kwi"],
    &["may", "mai", "mei", "mag", "maj"],
    &["jun", "juin", "giu", "cze"],
    &["jul", "juil", "lug", "lip"],
    &["aug", "aoû", "aou", "ago", "sie"],
    &["sep", "set", "wrz"],
    &["oct", "okt", "ott", "out", "paź", "paz"],
    &["nov", "lis"],
    &["dec", "dez", "déc", "dic", "gru"],
];
/// Bytes of the longest name: `października`.
const MONTH_BYTES_MAX: usize = 14;
/// Two-digit years above this are of the last century.
const SHORT_YEAR_MAX: u64 = 35;

/// The end of a date that begins at `start` with a digit or a letter.
pub(crate) fn date_end(window: &Window<'_>, start: usize) -> Result<Option<usize>, Undecided> {
    let end = if digit(window.at(start)?) { from_digits(window, start)? } else { from_month(window, start)? };
    let Some(end) = end else { return Ok(None) };
    // Behind a comma stands the next cell of a row.
    let ends = window.at(end)? == b',' || !super::goes_on(window, end)?;
    Ok((has_time(window, end)? || ends).then_some(end))
}

/// True if a time of the day follows, as ISO 8601 writes it.
fn has_time(window: &Window<'_>, end: usize) -> Result<bool, Undecided> {
    Ok(window.at(end)? == b'T' && digits(window, end + 1, 3)? == 2 && window.at(end + 3)? == b':')
}

fn from_digits(window: &Window<'_>, start: usize) -> Result<Option<usize>, Undecided> {
    let run = digits(window, start, 9)?;
    let end = start + run;
    match run {
        8 => Ok(is_compact(window.slice(start, end)).then_some(end)),
        4 => from_year(window, start, end),
        1 | 2 => match numeric(window, start, end)? {
            None => with_month_name(window, start, end),
            found => Ok(found),
        },
        _ => Ok(None),
    }
}

/// True for eight digits that are a day: its year first or last.
pub(crate) fn is_compact(digits: &[u8]) -> bool {
    let part = |from: usize, to: usize| value(digits.get(from..to).unwrap_or_default());
    is_date(part(0, 4), part(4, 6), part(6, 8))
        || is_date(part(4, 8), part(2, 4), part(0, 2))
        || is_date(part(4, 8), part(0, 2), part(2, 4))
}

/// `1985-03-12`, `1985/3/12`, `1985年3月12日`, `1985 March 12`
fn from_year(window: &Window<'_>, start: usize, end: usize) -> Result<Option<usize>, Undecided> {
    let year = value(window.slice(start, end));
    let marks = ["年", "년", "-", "/", ".", " "];
    let Some(month_start) = mark_end(window, end, &marks)? else { return Ok(None) };
    let month_start = spaces_end(window, month_start)?;
    if let Some((month, month_end)) = month_name(window, month_start)? {
        let day_start = spaces_end(window, month_end)?;
        let length = digits(window, day_start, 3)?;
        let day = value(window.slice(day_start, day_start + length));
        return Ok((matches!(length, 1 | 2) && is_date(year, month, day)).then_some(day_start + length));
    }
    let length = digits(window, month_start, 3)?;
    let month_end = month_start + length;
    let Some(day_start) = mark_end(window, month_end, &["月", "월", "-", "/", "."])? else { return Ok(None) };
    let day_start = spaces_end(window, day_start)?;
    let day_length = digits(window, day_start, 3)?;
    let day_end = day_start + day_length;
    let formed = matches!(length, 1 | 2) && matches!(day_length, 1 | 2);
    let (month, day) = (value(window.slice(month_start, month_end)), value(window.slice(day_start, day_end)));
    if !formed || !is_date(year, month, day) {
        return Ok(None);
    }
    Ok(Some(mark_end(window, day_end, &["日", "일"])?.unwrap_or(day_end)))
}

/// `12/03/1985`, `12.3.85`, `12-03-1985`, `12 03 1985`, `12 / 03 / 1985`
fn numeric(window: &Window<'_>, start: usize, end: usize) -> Result<Option<usize>, Undecided> {
    let Some((mark, second)) = joint(window, end)? else { return Ok(None) };
    let length = digits(window, second, 3)?;
    let second_end = second + length;
    if !matches!(length, 1 | 2) {
        return Ok(None);
    }
    let Some((_, year_start)) = joint(window, second_end)?.filter(|joint| joint.0 == mark) else { return Ok(None) };
    let Some((year, year_end)) = year(window, year_start)? else { return Ok(None) };
    let [a, b] = [(start, end), (second, second_end)].map(|(start, end)| value(window.slice(start, end)));
    Ok((is_date(year, b, a) || is_date(year, a, b)).then_some(year_end))
}

/// The mark between two parts of a date, with the spaces around it, and where the next part begins.
fn joint(window: &Window<'_>, end: usize) -> Result<Option<(u8, usize)>, Undecided> {
    let spaced = window.at(end)? == b' ' && matches!(window.at(end + 1)?, b'/' | b'-' | b'.');
    let at = end + usize::from(spaced);
    let mark = window.at(at)?;
    if !matches!(mark, b'/' | b'-' | b'.' | b' ') {
        return Ok(None);
    }
    let next = at + 1;
    let follows = (mark == b'.' || spaced) && window.at(next)? == b' ';
    Ok((!spaced || follows).then_some((mark, next + usize::from(follows))))
}

/// `12 March 1985`, `12th of March, 1985`, `12-Mar-85`, `12. März 1985`, `12 de marzo de 1985`
pub(crate) fn with_month_name(window: &Window<'_>, start: usize, end: usize) -> Result<Option<usize>, Undecided> {
    let day = value(window.slice(start, end));
    let at = ordinal_end(window, end)?;
    let at = filler_end(window, at)?;
    let Some((month, at)) = month_name(window, at)? else { return Ok(None) };
    let at = filler_end(window, at)?;
    let Some((year, end)) = year(window, at)? else { return Ok(None) };
    Ok(is_date(year, month, day).then_some(end))
}

/// `March 12, 1985`, `Mar. 12th 1985`
fn from_month(window: &Window<'_>, start: usize) -> Result<Option<usize>, Undecided> {
    let Some((month, at)) = month_name(window, start)? else { return Ok(None) };
    let day_start = filler_end(window, at)?;
    let length = digits(window, day_start, 3)?;
    if !matches!(length, 1 | 2) {
        return Ok(None);
    }
    let day = value(window.slice(day_start, day_start + length));
    let at = ordinal_end(window, day_start + length)?;
    let at = filler_end(window, at)?;
    let Some((year, end)) = year(window, at)? else { return Ok(None) };
    Ok((at > day_start + length && is_date(year, month, day)).then_some(end))
}

/// A year of four digits, or of two, and where it ends.
fn year(window: &Window<'_>, start: usize) -> Result<Option<(u64, usize)>, Undecided> {
    let start = start + usize::from(window.at(start)? == b'\'');
    let length = digits(window, start, 5)?;
    let year = value(window.slice(start, start + length));
    Ok(match length {
        4 => Some((year, start + 4)),
        2 if year > SHORT_YEAR_MAX => Some((1900 + year, start + 2)),
        2 => Some((2000 + year, start + 2)),
        _ => None,
    })
}

/// The month whose name stands at `start`, and where it ends.
fn month_name(window: &Window<'_>, start: usize) -> Result<Option<(u64, usize)>, Undecided> {
    let length =
        window.run(start, MONTH_BYTES_MAX, |byte| byte.is_ascii_alphabetic() || (0x80..0xfd).contains(&byte))?;
    let word = window.slice(start, start + length);
    let named = |head: &&str| word.get(..head.len()).is_some_and(|word| word.eq_ignore_ascii_case(head.as_bytes()));
    let found = (1..).zip(MONTHS).find(|(_, heads)| heads.iter().any(named));
    Ok(found.map(|(month, _)| (month, start + length)))
}

/// The end of `st`, `nd`, `rd`, `th`, `er`, `º` at `start`, or `start`.
fn ordinal_end(window: &Window<'_>, start: usize) -> Result<usize, Undecided> {
    let length = window.run(start, 3, |byte| byte.is_ascii_alphabetic())?;
    let word = window.slice(start, start + length);
    let ordinals: [&[u8]; 5] = [b"st", b"nd", b"rd", b"th", b"er"];
    if ordinals.iter().any(|ordinal| word.eq_ignore_ascii_case(ordinal)) {
        return Ok(start + length);
    }
    Ok(mark_end(window, start, &["º", "°"])?.unwrap_or(start))
}

/// The end of marks, spaces and one of `of`, `de`, `del`, `di` at `start`.
fn filler_end(window: &Window<'_>, start: usize) -> Result<usize, Undecided> {
    let marks = |byte: u8| matches!(byte, b' ' | b'-' | b'.' | b',' | b'/');
    let at = start + window.run(start, 3, marks)?;
    let length = window.run(at, 4, |byte| byte.is_ascii_alphabetic())?;
    let word = window.slice(at, at + length);
    let fillers: [&[u8]; 4] = [b"of", b"de", b"del", b"di"];
    if !fillers.iter().any(|filler| word.eq_ignore_ascii_case(filler)) {
        return Ok(at);
    }
    Ok(at + length + window.run(at + length, 2, marks)?)
}

fn spaces_end(window: &Window<'_>, start: usize) -> Result<usize, Undecided> {
    Ok(start + usize::from(window.at(start)? == b' '))
}

fn mark_end(window: &Window<'_>, start: usize, marks: &[&str]) -> Result<Option<usize>, Undecided> {
    for mark in marks {
        if window.starts_with(start, mark.as_bytes())? {
            return Ok(Some(start + mark.len()));
        }
    }
    Ok(None)
}

fn is_date(year: u64, month: u64, day: u64) -> bool {
    let [year, month, day] = [year, month, day].map(|part| u32::try_from(part).unwrap_or(0));
    is_birth_day(year, month, day)
}

/// True if a date may begin at `start`.
pub(crate) fn may_start(window: &Window<'_>, start: usize) -> bool {
    let before = window.before(start);
    !(alphanumeric(before) || matches!(before, b'.' | b'-' | b'/') && digit(window.before(start - 1)))
}
