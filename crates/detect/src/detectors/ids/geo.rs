//! Pairs of latitude and longitude: decimals (ISO 6709 annex H writes the latitude first), degrees with
//! minutes and seconds, and a letter for the hemisphere.
//!
//! A hemisphere or the degree sign speaks for itself; so do two decimals of four places, one of them beyond ten degrees, that
//! no list goes on around. All else needs a word.

use super::numeral::{Numeral, may_start};
use super::{Id, Kind};
use crate::context::{self, Words};
use crate::detectors::about::{About, Sight};
use crate::entity::EntityType;
use crate::text::{alphanumeric, digit, digits, value};
use crate::window::{Checked, Match, Undecided, Window};

/// The detector.
pub(super) static ID: Id =
    Id {
        entity: EntityType::GeoCoordinates,
        rule: "geo-coordinates",
        about: About::new("ranges of latitude and longitude; hemisphere, degree sign or four decimals", "ISO 6709")
            .raised(WORDS, Sight::Before, (NAMED_PAIR, NAMED_PAIR)),
        kind: Kind::Numeral(1 << 1 | 1 << 2 | 1 << 3, check),
    };

/// Percent of a pair of decimals beside a word.
const NAMED_PAIR: u8 = 95;

const WORDS: &Words = &Words::new(&[
    b"lat*",
    b"lng*",
    b"long",
    b"longitude*",
    b"lon",
    b"coord*",
    b"gps",
    b"geo*",
    b"location*",
    b"position*",
    b"located",
    b"koordinaten",
    b"coordenadas",
    b"map*",
    b"point",
    b"place",
]);
/// Decimals that nobody writes of anything but a place: eleven metres.
const DECIMALS_MIN: usize = 4;
/// More than a nanometre of the Earth needs.
const DECIMALS_MAX: usize = 12;
const SPACES_MAX: usize = 2;

/// One angle.
#[derive(Clone, Copy, Debug, Default)]
struct Angle {
    start: usize,
    degrees: u64,
    decimals: usize,
    /// True with a degree sign and minutes.
    sexagesimal: bool,
    hemisphere: Option<u8>,
    end: usize,
}

fn check(window: &Window<'_>, numeral: &Numeral) -> Checked {
    let signed = matches!(window.before(numeral.start), b'-' | b'+');
    let start = numeral.start - usize::from(signed);
    if alphanumeric(window.before(start)) || (!signed && !may_start(window, start)) || window.before(start) == b'.' {
        return Ok(None);
    }
    let Some(first) = angle(window, numeral.start)? else { return Ok(None) };
    let Some(next) = between(window, first.end)? else { return Ok(None) };
    let Some(second) = angle(window, next)? else { return Ok(None) };
    let after = window.at(second.end)?;
    let goes_on = alphanumeric(after) || (after == b'.' && digit(window.at(second.end + 1)?));
    if goes_on || !is_place(&first, &second) {
        return Ok(None);
    }
    Ok(percent(window, start, &first, &second)?.map(|percent| Match::new(start, second.end, 0, percent)))
}

/// True if one angle may be a latitude and the other a longitude.
fn is_place(first: &Angle, second: &Angle) -> bool {
    let north = |angle: &Angle| angle.degrees < 90 && !matches!(angle.hemisphere, Some(b'E' | b'W'));
    let east = |angle: &Angle| angle.degrees < 180 && !matches!(angle.hemisphere, Some(b'N' | b'S'));
    let alike = first.hemisphere.is_some() == second.hemisphere.is_some();
    let order = (north(first) && east(second)) || (east(first) && north(second));
    alike && order && first.sexagesimal == second.sexagesimal
}

fn percent(window: &Window<'_>, start: usize, first: &Angle, second: &Angle) -> Result<Option<u8>, Undecided> {
    let plain = first.hemisphere.is_none();
    // `+40.7128-74.0060` of ISO 6709: nothing else is written so.
    let signs = first.decimals >= DECIMALS_MIN && second.start == first.end + 1;
    if plain
        && signs
        && matches!(window.at(first.end)?, b'+' | b'-')
        && matches!(window.before(first.start), b'+' | b'-')
    {
        return Ok(Some(96));
    }
    let fine = first.decimals.min(second.decimals);
    if plain && first.sexagesimal {
        return Ok(None);
    }
    if !plain && (first.sexagesimal || fine >= 2) {
        return Ok(Some(90));
    }
    if fine == 0 || is_listed(window, start, second.end)? {
        return Ok(None);
    }
    if context::precedes(window, start, WORDS) {
        return Ok((fine >= 2).then_some(NAMED_PAIR));
    }
    let far = first.degrees.max(second.degrees) >= 10;
    Ok((fine >= DECIMALS_MIN && far).then_some(60))
}

/// True if a list of numbers goes on before or behind the pair.
fn is_listed(window: &Window<'_>, start: usize, end: usize) -> Result<bool, Undecided> {
    let head = window.slice(start.saturating_sub(3), start);
    let mut before = head.iter().rev().skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\n'));
    let mut listed = match before.next() {
        Some(b',' | b';') => before.next().is_some_and(u8::is_ascii_digit),
        Some(last) => digit(*last) && !head.is_empty(),
        None => false,
    };
    let mut at = end;
    if matches!(window.at(at)?, b',' | b';') {
        at += 1;
    }
    for _ in 0..SPACES_MAX {
        if matches!(window.at(at)?, b' ' | b'\n') {
            at += 1;
        }
    }
    if matches!(window.at(at)?, b'-' | b'+') {
        at += 1;
    }
    let run = digits(window, at, 4)?;
    listed |= at > end && run > 0 && window.at(at + run)? == b'.';
    Ok(listed)
}

/// The start of the second angle's digits: behind a comma, spaces, a sign.
fn between(window: &Window<'_>, end: usize) -> Result<Option<usize>, Undecided> {
    let mut at = end;
    if matches!(window.at(at)?, b',' | b';') {
        at += 1;
    }
    for _ in 0..SPACES_MAX {
        if window.at(at)? == b' ' {
            at += 1;
        }
    }
    if matches!(window.at(at)?, b'-' | b'+') {
        at += 1;
    }
    Ok((at > end).then_some(at))
}

fn angle(window: &Window<'_>, start: usize) -> Result<Option<Angle>, Undecided> {
    let run = digits(window, start, 4)?;
    if !(1..=3).contains(&run) {
        return Ok(None);
    }
    let mut angle =
        Angle { start, degrees: value(window.slice(start, start + run)), end: start + run, ..Angle::default() };
    if window.at(angle.end)? == b'.' {
        angle.decimals = digits(window, angle.end + 1, DECIMALS_MAX + 1)?;
        if angle.decimals == 0 || angle.decimals > DECIMALS_MAX {
            return Ok(None);
        }
        angle.end += 1 + angle.decimals;
    }
    if let Some(end) = sign(window, angle.end, &["°", "º", "˚"])? {
        angle.end = end;
        for marks in [&["'", "′", "’"] as &[&str], &["\"", "″", "”", "''"]] {
            if let Some(end) = part(window, angle.end, marks)? {
                (angle.end, angle.sexagesimal) = (end, true);
            }
        }
    }
    let letter = angle.end + usize::from(window.at(angle.end)? == b' ');
    let hemisphere = window.at(letter)?.to_ascii_uppercase();
    if matches!(hemisphere, b'N' | b'S' | b'E' | b'W') && !alphanumeric(window.at(letter + 1)?) {
        angle.hemisphere = Some(hemisphere);
        angle.end = letter + 1;
    }
    Ok(Some(angle))
}

/// The end of minutes or seconds at `start`, with their mark.
fn part(window: &Window<'_>, start: usize, marks: &[&str]) -> Result<Option<usize>, Undecided> {
    let mut at = start + usize::from(window.at(start)? == b' ');
    let run = digits(window, at, 3)?;
    if !(1..=2).contains(&run) || value(window.slice(at, at + run)) > 59 {
        return Ok(None);
    }
    at += run;
    if window.at(at)? == b'.' {
        at += 1 + digits(window, at + 1, DECIMALS_MAX)?;
    }
    sign(window, at, marks)
}

/// The end of one of `marks` at `start`.
fn sign(window: &Window<'_>, start: usize, marks: &[&str]) -> Result<Option<usize>, Undecided> {
    for mark in marks {
        if window.starts_with(start, mark.as_bytes())? {
            return Ok(Some(start + mark.len()));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const GEO: EntityType = EntityType::GeoCoordinates;

    #[test]
    fn pairs_are_found_whole() {
        finds_whole(
            GEO,
            &[
                "48.8566, 2.3522",
                "-33.8688, 151.2093",
                "40.7128,-74.0060",
                "40.7128° N, 74.0060° W",
                "48°51'24\"N 2°21'03\"E",
                "40° 26′ 46″ N, 79° 58′ 56″ W",
                "51.50 N, 0.12 W",
                "+40.7128-74.0060",
            ],
        );
        finds(GEO, "coordinates: 48.85, 2.35", &["48.85, 2.35"]);
        finds(GEO, "geo:48.2010,16.3695", &["48.2010,16.3695"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(
            GEO,
            &[
                "0.1234, 0.5678",
                "12.5, 13.5",
                "[10.1234, 20.5678, 30.9012]",
                "91.1234, 191.1234",
                "192.168.0.1, 10.0.0.1",
                "12.3456 of 45.6789",
                "1.2345.6, 12.3456",
                "20° and 30°",
            ],
        );
    }
}
