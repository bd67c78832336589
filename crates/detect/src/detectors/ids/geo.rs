//! Pairs of latitude and longitude: decimals (ISO 6709 annex H writes the latitude first), degrees with
//! minutes and seconds, and a letter for the hemisphere before or behind them.
//!
//! A hemisphere or the degree sign speaks for itself; so do two decimals of four places, one of them beyond ten degrees, that
//! no list goes on around and no bracket or call holds. All else needs a word.

use super::numeral::{Numeral, may_start};
use super::{Id, Kind, Token, lengths};
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

/// With the hemisphere right before the degrees: `N48.8566 E2.3522`.
pub(super) static TOKEN: Id = Id {
    entity: EntityType::GeoCoordinates,
    rule: "geo-hemisphere",
    about: About::new("ranges of latitude and longitude; hemispheres", "ISO 6709").raised(
        WORDS,
        Sight::Before,
        (NAMED_PAIR, NAMED_PAIR),
    ),
    kind: Kind::Token(lengths(&[2, 3, 4]), check_token),
};

/// Percent of a pair of decimals beside a word.
const NAMED_PAIR: u8 = 95;

const WORDS: &Words = &Words::new(&[
    b"lat",
    b"lats",
    b"latitud*",
    b"latlng*",
    b"latlon*",
    b"lat_lon*",
    b"lng*",
    b"long:",
    b"long=",
    b"long\"",
    b"longitud*",
    b"lon",
    b"coord*",
    b"gps",
    b"geo",
    b"geoloc*",
    b"geocod*",
    b"geohash*",
    b"geopoint*",
    b"geopos*",
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
/// The same beside a word, in brackets or a call.
const DECIMALS_HELD_MIN: usize = 3;
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
    /// True if the hemisphere stands before the degrees.
    leads: bool,
    end: usize,
}

fn check(window: &Window<'_>, numeral: &Numeral) -> Checked {
    let signed = matches!(window.before(numeral.start), b'-' | b'+');
    let start = match numeral.start.checked_sub(2) {
        Some(letter)
            if is_hemisphere(window, letter)
                && window.before(numeral.start) == b' '
                && !alphanumeric(window.before(letter)) =>
        {
            letter
        }
        _ => numeral.start - usize::from(signed),
    };
    // `/@48.8566,2.3522` in the address of a map.
    let mapped = window.slice(start.saturating_sub(2), start) == b"/@";
    let starts = signed || mapped || may_start(window, start);
    if alphanumeric(window.before(start)) || !starts || window.before(start) == b'.' {
        return Ok(None);
    }
    pair(window, start, if is_hemisphere(window, start) { start } else { numeral.start })
}

/// `N48`, `S3`: the first degrees of a pair.
fn check_token(window: &Window<'_>, token: &Token) -> Checked {
    let joined = matches!(window.before(token.start), b'_' | b'-' | b'.' | b'$' | b'@' | b'\\');
    let next = window.at(token.end)?;
    if joined || !is_hemisphere(window, token.start) || !matches!(next, b'.' | b' ' | 0xc2 | 0xcb) {
        return Ok(None);
    }
    pair(window, token.start, token.start)
}

/// True if a capital for a hemisphere stands at `at`.
fn is_hemisphere(window: &Window<'_>, at: usize) -> bool {
    matches!(window.slice(at, at + 1), b"N" | b"S" | b"E" | b"W")
}

/// The pair that begins at `start`, its first angle at `at`.
fn pair(window: &Window<'_>, start: usize, at: usize) -> Checked {
    let Some(first) = angle(window, at)? else { return Ok(None) };
    let Some(next) = between(window, first.end)? else { return Ok(None) };
    let Some(second) = angle(window, next)? else { return Ok(None) };
    let after = window.at(second.end)?;
    let goes_on = alphanumeric(after) || (matches!(after, b'.' | b'*') && digit(window.at(second.end + 1)?));
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
    if first.leads != second.leads {
        return Ok(None);
    }
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
    let far = first.degrees.max(second.degrees) >= 10;
    let is_held = is_held(window, start);
    if context::precedes(window, start, WORDS) {
        // `Point(0.25, 0.75)` is one of a drawing.
        let is_drawn = is_held && !(far && fine >= DECIMALS_HELD_MIN);
        return Ok((fine >= 2 && !is_drawn).then_some(NAMED_PAIR));
    }
    let gap = window.slice(first.end, second.start);
    // Finer than most measurements, two numbers side by side are a place.
    let is_parted = gap.iter().any(|byte| *byte != b' ') || fine >= DECIMALS_FINE;
    let is_other = is_held || is_command(window, start) || is_measure(window, start);
    Ok((fine >= DECIMALS_MIN && far && is_parted && !is_other).then_some(60))
}

/// Words before two numbers of a statistic, a drawing or a run of a program.
const MEASURES: &Words = &Words::new(&[
    b"ratio*",
    b"mean*",
    b"median*",
    b"avg",
    b"average*",
    b"sd",
    b"std*",
    b"stdev*",
    b"variance*",
    b"deviation*",
    b"loss*",
    b"score*",
    b"accurac*",
    b"precision",
    b"recall",
    b"auc",
    b"rmse",
    b"mae",
    b"ci",
    b"quantile*",
    b"percentile*",
    b"weights",
    b"scale*",
    b"roi",
    b"bbox*",
    b"viewport*",
    b"vertex",
    b"vertices",
]);

/// Bytes from the start of such a word to what it names.
const MEASURE_BYTES_MAX: usize = 16;

/// True right behind such a word.
fn is_measure(window: &Window<'_>, start: usize) -> bool {
    context::nearest_direct(window, start, MEASURES).is_some_and(|bytes| bytes <= MEASURE_BYTES_MAX)
}

/// Decimals of both numbers of a pair that nothing but spaces part.
const DECIMALS_FINE: usize = 5;

/// True behind a letter and a space: a step of a path that is drawn, `L 49.515625 64.59375`.
fn is_command(window: &Window<'_>, start: usize) -> bool {
    match window.slice(start.saturating_sub(3), start) {
        [before, letter, b' '] => letter.is_ascii_alphabetic() && !alphanumeric(*before),
        [letter, b' '] => letter.is_ascii_alphabetic(),
        _ => false,
    }
}

/// True for a pair in brackets or a call: points of drawings and of programs.
fn is_held(window: &Window<'_>, start: usize) -> bool {
    let start = start - usize::from(window.before(start) == b' ');
    match window.before(start) {
        b'[' | b'{' => true,
        b'(' => alphanumeric(window.before(start - 1)) || window.before(start - 1) == b'_',
        _ => false,
    }
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

fn angle(window: &Window<'_>, at: usize) -> Result<Option<Angle>, Undecided> {
    let letter = matches!(window.at(at)?, b'N' | b'S' | b'E' | b'W').then_some(window.at(at)?);
    let start = match letter {
        Some(_) => at + 1 + usize::from(window.at(at + 1)? == b' '),
        None => at,
    };
    let run = digits(window, start, 4)?;
    if !(1..=3).contains(&run) {
        return Ok(None);
    }
    let mut angle =
        Angle { start, degrees: value(window.slice(start, start + run)), end: start + run, ..Angle::default() };
    if letter.is_none()
        && let Some(end) = spaced(window, angle.end)?
    {
        (angle.end, angle.sexagesimal) = (end, true);
        let hemisphere = hemisphere(window, end)?;
        return Ok(hemisphere.map(|(letter, end)| Angle { hemisphere: Some(letter), end, ..angle }));
    }
    if window.at(angle.end)? == b'.' {
        angle.decimals = digits(window, angle.end + 1, DECIMALS_MAX + 1)?;
        if angle.decimals == 0 || angle.decimals > DECIMALS_MAX {
            return Ok(None);
        }
        angle.end += 1 + angle.decimals;
    }
    if let Some(end) = sign(window, angle.end, &["°", "º", "˚", " deg"])? {
        angle.end = parts_end(window, end, letter.is_some())?;
        angle.sexagesimal = angle.end > end;
    }
    if letter.is_some() {
        (angle.hemisphere, angle.leads) = (letter, true);
    } else if let Some((letter, end)) = hemisphere(window, angle.end)? {
        (angle.hemisphere, angle.end) = (Some(letter), end);
    }
    Ok(Some(angle))
}

/// The end of degrees with minutes and a hemisphere that begin at `start`.
///
/// # Errors
/// [`Undecided`] while their end has not arrived.
pub(crate) fn sexagesimal_end(window: &Window<'_>, start: usize) -> Result<Option<usize>, Undecided> {
    let whole = |angle: &Angle| angle.sexagesimal && angle.hemisphere.is_some() && angle.degrees <= 180;
    Ok(angle(window, start)?.filter(whole).map(|angle| angle.end))
}

/// The hemisphere behind an angle that ends at `end`, and its end.
fn hemisphere(window: &Window<'_>, end: usize) -> Result<Option<(u8, usize)>, Undecided> {
    let at = end + usize::from(window.at(end)? == b' ');
    let letter = window.at(at)?.to_ascii_uppercase();
    let is_letter = matches!(letter, b'N' | b'S' | b'E' | b'W') && !alphanumeric(window.at(at + 1)?);
    Ok(is_letter.then_some((letter, at + 1)))
}

/// The end of ` 51 30.2`: minutes and seconds behind spaces.
fn spaced(window: &Window<'_>, start: usize) -> Result<Option<usize>, Undecided> {
    let mut at = start;
    for _ in 0..2 {
        if window.at(at)? != b' ' {
            return Ok(None);
        }
        let run = digits(window, at + 1, 3)?;
        if !(1..=2).contains(&run) || value(window.slice(at + 1, at + 1 + run)) > 59 {
            return Ok(None);
        }
        at += 1 + run;
    }
    if window.at(at)? == b'.' {
        at += 1 + digits(window, at + 1, DECIMALS_MAX)?;
    }
    Ok(Some(at))
}

/// The end of minutes and seconds behind a degree sign at `start`; behind a hemisphere, minutes may lack their mark.
fn parts_end(window: &Window<'_>, start: usize, unmarked: bool) -> Result<usize, Undecided> {
    if unmarked && let Some(end) = minutes(window, start)? {
        return Ok(end);
    }
    let mut at = start;
    // Doubled, as CSV and SQL write them within quotation marks.
    for marks in [&["''", "'", "′", "’"] as &[&str], &["\"\"", "\"", "″", "”", "''"]] {
        at = part(window, at, marks)?.unwrap_or(at);
    }
    Ok(at)
}

/// The end of ` 51.504`: minutes with decimals and without a mark.
fn minutes(window: &Window<'_>, start: usize) -> Result<Option<usize>, Undecided> {
    let at = start + usize::from(window.at(start)? == b' ');
    let run = digits(window, at, 3)?;
    if !(1..=2).contains(&run) || value(window.slice(at, at + run)) > 59 || window.at(at + run)? != b'.' {
        return Ok(None);
    }
    let decimals = digits(window, at + run + 1, DECIMALS_MAX)?;
    let end = at + run + 1 + decimals;
    Ok((decimals >= 2 && !matches!(window.at(end)?, b'\'' | 0xe2)).then_some(end))
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
                "48°51''24\"N 2°21''03\"E",
                "48°51'24\"\"N 2°21'03\"\"E",
            ],
        );
        finds_whole(
            GEO,
            &[
                "N40.92630 E100.53781",
                "N48.85840° E2.29450°",
                "S3.85840, W12.29450",
                "N 48° 51.504 E 2° 17.670",
                "48 51 30.2 N, 2 17 40.2 E",
                "48 deg 51' 30.2\" N, 2 deg 17' 40.2\" E",
            ],
        );
        finds(GEO, "at GPS 64.5548, 32.288820 now", &["64.5548, 32.288820"]);
        finds(GEO, "we meet at 55.755826 37.617300 then", &["55.755826 37.617300"]);
        finds(GEO, "it read 23.0911 105.9778 then", &[]);
        finds(GEO, "GPS: N40.92630 E100.53781", &["N40.92630 E100.53781"]);
        finds(GEO, "https://www.google.com/maps/@48.8584,2.2945,17z", &["48.8584,2.2945"]);
        finds(GEO, "\"coordinates\": [11.9176, 46.9941]", &["11.9176, 46.9941"]);
        finds(GEO, "coordinates: 48.85, 2.35", &["48.85, 2.35"]);
        finds(GEO, "lat/long 48.85, 2.35", &["48.85, 2.35"]);
        finds(GEO, "at latitude and longitude 48.85, 2.35", &["48.85, 2.35"]);
        finds(GEO, "a 48.8566 2.3522", &[]);
        finds(GEO, "geo:48.2010,16.3695", &["48.2010,16.3695"]);
        finds(GEO, "Point(48.8566, 2.3522)", &["48.8566, 2.3522"]);
        finds(GEO, "geohash(48.8566, 2.3522)", &["48.8566, 2.3522"]);
        finds(GEO, "the ratio of visitors who live at 48.8566, 2.3522", &["48.8566, 2.3522"]);
        finds(GEO, "mean position 48.8566, 2.3522", &["48.8566, 2.3522"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(
            GEO,
            &[
                "23.0911 105.9778",
                "0.1234, 0.5678",
                "ratio 0.8510, 23.9578 (mean, sd)",
                "ROI (77.50105, 32.20732)",
                "Point(0.25, 0.75)",
                "position([0.001, 0.002])",
                "torus geometry 0.045, 0.006",
                "-0.0174+0.1555*1j",
                "-0.0174+0.1555*2",
                "12.5, 13.5",
                "[10.1234, 20.5678, 30.9012]",
                "91.1234, 191.1234",
                "changed, d=\"M 10.796875 72.90625 \nL 49.515625 72.90625 \nQ 49.515625 64.59375\"",
                "wrap long lines in entries: 3.107, 2.10.",
                "the latest versions: 3.107, 2.10",
                "192.168.0.1, 10.0.0.1",
                "12.3456 of 45.6789",
                "1.2345.6, 12.3456",
                "20° and 30°",
                "[11.9176, 46.9941]",
                "{11.9176, 46.9941}",
                "Vec2(11.9176, 46.9941)",
                "N48.8 E2.2",
                "N48 E2",
                "N48.8566 2.3522",
                "W12.2945 E2.2945",
                "48 61 30.2 N, 2 17 40.2 E",
                "1 2 3 N, 4 5 6",
                "x@48.8584,2.2945",
            ],
        );
    }
}
