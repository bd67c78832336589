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
    b"atitude",
    b"ongitude",
];
const DECIMALS_MIN: usize = 3;
/// Behind a comma, which parts values, too.
const COMMA_DECIMALS_MIN: usize = 4;
const DECIMALS_MAX: usize = 16;

fn check(window: &Window<'_>, word: usize, word_end: usize) -> Checked {
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
        b'.' => DECIMALS_MIN,
        b',' => COMMA_DECIMALS_MIN,
        _ => return Ok(None),
    };
    let decimals = digits(window, point + 1, DECIMALS_MAX + 1)?;
    let end = point + 1 + decimals;
    let listed = window.at(point)? == b'.' && window.at(end)? == b',' && window.at(end + 1)?.is_ascii_digit();
    if !(least..=DECIMALS_MAX).contains(&decimals) || (!listed && goes_on(window, end)?) {
        return Ok(None);
    }
    let signed = matches!(window.before(digit), b'-' | b'+');
    Ok(Some(Match::new(digit - usize::from(signed), end, 0, 85)))
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
    }

    #[test]
    fn near_misses_pass() {
        for text in [
            "plat=48.8566",
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
