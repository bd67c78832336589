//! Latitude or longitude as a member of its own: `"lat": 48.8566`, `longitude=2.3522`, `lat 48,8566`, `GPSLatitude: 48 deg 51' 30.2" N`.
//! Three decimals at least, four behind a comma.

use super::{Cue, REACH_BYTES, goes_on, value_behind};
use crate::context::Words;
use crate::detectors::about::{About, Sight};
use crate::detectors::ids::geo;
use crate::entity::EntityType;
use crate::text::{digits, value};
use crate::window::{Checked, Match, Window};

/// The detector.
pub(super) static CUE: Cue = Cue::new(EntityType::GeoCoordinates, "geo-member", ABOUT, WORDS, check);

const ABOUT: About =
    About::new("degrees of at most 180 with three decimals", "ISO 6709").raised(NAMES, Sight::Before, (85, 95));
/// The words as they are read.
const NAMES: &Words = &Words::new(&[b"lat", b"lng", b"lon", b"latitude*", b"longitude*"]);

const WORDS: &[&[u8]] = &[
    b"lat\"",
    b"lng\"",
    b"lon\"",
    b"lat\xff",
    b"lng\xff",
    b"lon\xff",
    b"lat=",
    b"lng=",
    b"lon=",
    b"lat:",
    b"lng:",
    b"lon:",
    b"lat ",
    b"lng ",
    b"lon ",
    b"lat>",
    b"lng>",
    b"lon>",
    b"GGA,",
    b"RMC,",
    b"GLL,",
    b"atitude",
    b"ongitude",
];
const DECIMALS_MIN: usize = 3;
/// In an element of its own.
const ELEMENT_DECIMALS_MIN: usize = 2;
/// Behind a comma, which parts values, too.
const COMMA_DECIMALS_MIN: usize = 4;
const DECIMALS_MAX: usize = 16;

fn check(window: &Window<'_>, word: usize, word_end: usize) -> Checked {
    if window.before(word_end) == b',' {
        return sentence(window, word, word_end);
    }
    let is_element = window.before(word_end) == b'>';
    if window.slice(word, word + 1).eq_ignore_ascii_case(b"l") && window.before(word).is_ascii_lowercase() {
        return Ok(None);
    }
    let Some(digit) = value_behind(window, word_end, word + REACH_BYTES / 2, &[b"is"])? else { return Ok(None) };
    if let Some(end) = geo::sexagesimal_end(window, digit)? {
        return Ok(Some(Match::new(digit, end, 0, 90)));
    }
    let length = digits(window, digit, 4)?;
    let point = digit + length;
    if !(1..=3).contains(&length) || value(window.slice(digit, point)) > 180 {
        return Ok(None);
    }
    let least = match window.at(point)? {
        b'.' if is_element => ELEMENT_DECIMALS_MIN,
        b'.' => DECIMALS_MIN,
        b',' => COMMA_DECIMALS_MIN,
        _ => return Ok(None),
    };
    let decimals = digits(window, point + 1, DECIMALS_MAX + 1)?;
    let end = point + 1 + decimals;
    let listed = window.at(point)? == b'.' && window.at(end)? == b',' && window.at(end + 1)?.is_ascii_digit();
    if is_element && window.at(end)? != b'<' {
        return Ok(None);
    }
    if !(least..=DECIMALS_MAX).contains(&decimals) || (!listed && goes_on(window, end)?) {
        return Ok(None);
    }
    let signed = matches!(window.before(digit), b'-' | b'+');
    Ok(Some(Match::new(digit - usize::from(signed), end, 0, 85)))
}

/// Bytes of a field before the latitude.
const FIELD_BYTES_MAX: usize = 16;

/// A receiver's sentence (NMEA 0183): `$GPGGA,123519,4807.038,N,01131.000,E,...`.
fn sentence(window: &Window<'_>, word: usize, word_end: usize) -> Checked {
    if !matches!(window.slice(word.saturating_sub(3), word), [b'$', b'G' | b'B', b'A'..=b'Z']) {
        return Ok(None);
    }
    let before = match window.slice(word, word_end) {
        b"GGA," => 1,
        b"RMC," => 2,
        _ => 0,
    };
    let mut start = word_end;
    for _ in 0..before {
        let field = window.run(start, FIELD_BYTES_MAX, |byte| byte.is_ascii_alphanumeric() || byte == b'.')?;
        if window.at(start + field)? != b',' {
            return Ok(None);
        }
        start += field + 1;
    }
    let mut at = start;
    for (count, letters) in [(4, b"NS"), (5, b"EW")] {
        let length = digits(window, at, count + 1)?;
        let point = at + length;
        if length != count || window.at(point)? != b'.' {
            return Ok(None);
        }
        let decimals = digits(window, point + 1, DECIMALS_MAX)?;
        let letter = point + 1 + decimals + 1;
        if decimals == 0 || window.at(letter - 1)? != b',' || !letters.contains(&window.at(letter)?) {
            return Ok(None);
        }
        at = letter + 2;
    }
    Ok((window.at(at - 1)? == b',').then_some(Match::new(start, at - 1, 0, 95)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::finds;

    const GEO: EntityType = EntityType::GeoCoordinates;

    #[test]
    fn members_are_found() {
        finds(GEO, "{\"lat\": 48.8566, \"lng\": -2.3522}", &["48.8566", "-2.3522"]);
        finds(GEO, "Latitude: 48.8566 and longitude is 2.352", &["48.8566", "2.352"]);
        finds(GEO, "lat 48,8584 lon 2,2945", &["48,8584", "2,2945"]);
        finds(GEO, "GPSLatitude: 48 deg 51' 30.2\" N", &["48 deg 51' 30.2\" N"]);
        finds(GEO, "Longitude: 2° 17′ 40.2″ E, x", &["2° 17′ 40.2″ E"]);
        finds(GEO, "?lat=48.8566&lon=2.3522", &["48.8566", "2.3522"]);
        finds(GEO, "<lat>48.85</lat><lon>-2.35</lon>", &["48.85", "-2.35"]);
        finds(GEO, "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9", &["4807.038,N,01131.000,E"]);
        finds(GEO, "$GNRMC,123519.00,A,4807.038,S,01131.000,W,022.4", &["4807.038,S,01131.000,W"]);
        finds(GEO, "$GPGLL,4916.45,N,12311.12,W,225444,A,*1D", &["4916.45,N,12311.12,W"]);
    }

    #[test]
    fn near_misses_pass() {
        for text in [
            "plat=48.8566",
            "<lat>48.8</lat>",
            "<flat>48.85</flat>",
            "$GPGGA,,,,,,0,,,,,,,,*66",
            "xGGA,123519,4807.038,N,01131.000,E,1",
            "lat: 48",
            "latitude 48.8",
            "lat: 248.8566",
            "lat: 1.234.5",
            "latitude of 48.8566",
            "flat 48.8566",
            "lat 48,856",
            "lat: 12,3456,7",
        ] {
            finds(GEO, text, &[]);
        }
    }
}
