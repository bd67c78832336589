//! Postal codes by their form: which no other number has, and which say that a whole address stands before them.
//!
//! Facts from the Universal Postal Union's country pages: ZIP codes behind a state, Canadian ones behind a province, Australian ones
//! behind a state, and the Dutch, whose letters are never `SA`, `SD` or `SS`.

use super::words::holds;

/// States, territories and the forces' regions of the United States (USPS publication 28, appendix B).
const STATES: &[&str] = &[
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA",
    "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR",
    "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY", "PR", "VI", "GU", "AS", "MP", "FM",
    "MH", "PW", "AA", "AE", "AP",
];

/// Provinces and territories of Canada.
const PROVINCES: &[&str] = &["AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"];
/// States and territories of Australia.
const AUSTRALIAN: &[&str] = &["NSW", "VIC", "QLD", "SA", "WA", "TAS", "NT", "ACT"];
/// Pairs of letters that stand behind years and times, and those that are not given.
const NOT_DUTCH: &[&str] = &["SA", "SD", "SS", "AD", "BC", "CE", "AM", "PM", "UK", "US", "EU"];

/// What stands before a code and says whose it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Region<'a> {
    /// A word in capitals.
    pub(super) code: Option<&'a [u8]>,
    /// True for the name of a region in full.
    pub(super) named: bool,
}

/// True if the code, of one word or two, belongs behind that region.
pub(super) fn is_of_region(code: &[u8], region: Region<'_>) -> bool {
    let of = |list: &[&str]| region.code.is_some_and(|code| holds(list, code));
    is_zip(code) && (of(STATES) || region.named)
        || is_canadian(code) && of(PROVINCES)
        || matches!(code, [_, _, _, _] if code.iter().all(u8::is_ascii_digit)) && of(AUSTRALIAN)
}

/// Five digits, or nine in two groups.
fn is_zip(code: &[u8]) -> bool {
    let (zip, rest) = code.split_at_checked(5).unwrap_or_default();
    let more = matches!(rest, [b'-', four @ ..] if four.len() == 4 && four.iter().all(u8::is_ascii_digit));
    zip.len() == 5 && zip.iter().all(u8::is_ascii_digit) && (rest.is_empty() || more)
}

/// `K1A 0B1`, with or without the space.
pub(super) fn is_canadian(code: &[u8]) -> bool {
    let mut letters = code.iter().filter(|byte| **byte != b' ').enumerate();
    let formed =
        letters.all(|(place, byte)| if place % 2 == 0 { byte.is_ascii_uppercase() } else { byte.is_ascii_digit() });
    formed && matches!(code, [_, _, _, _, _, _] | [_, _, _, b' ', _, _, _])
}

/// `560001`, India's: six digits.
pub(super) fn is_indian(code: &[u8]) -> bool {
    matches!(code, [b'1'..=b'8', rest @ ..] if rest.len() == 5 && rest.iter().all(u8::is_ascii_digit))
}

/// `Bengaluru-560001`: the same joined to its town.
pub(super) fn is_indian_town(word: &[u8]) -> bool {
    let (town, code) = word.split_at_checked(word.len().saturating_sub(6)).unwrap_or_default();
    let name = town.strip_suffix(b"-").unwrap_or_default();
    is_indian(code)
        && name.first().is_some_and(u8::is_ascii_uppercase)
        && name.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'-')
}

/// `01310-100`.
pub(super) fn is_brazilian(code: &[u8]) -> bool {
    matches!(code, [area @ .., b'-', _, _, _] if area.len() == 5)
        && code.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-')
}

/// `D-70173`, `B-2000`: behind the sign of a country on vehicles, as letters over borders had it.
pub(super) fn is_of_country(code: &[u8]) -> bool {
    let Some(hyphen) = memchr::memchr(b'-', code) else { return false };
    let (country, digits) = code.split_at_checked(hyphen).unwrap_or_default();
    let digits = digits.get(1..).unwrap_or_default();
    (1..=3).contains(&country.len())
        && country.iter().all(u8::is_ascii_uppercase)
        && (4..=5).contains(&digits.len())
        && digits.iter().all(u8::is_ascii_digit)
}

/// True if a word of a text is a code of Brazil or Portugal: `01310-100`, `1200-195`.
pub(super) fn has_dashed(text: &[u8]) -> bool {
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_code = |word: &[u8]| {
        is_brazilian(word)
            || matches!(word, [_, _, _, _, b'-', _, _, _])
                && word.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-')
    };
    line.split(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'-')).any(is_code)
}

/// `1012LG` or `1012 LG`.
pub(super) fn is_dutch(code: &[u8]) -> bool {
    let (digits, rest) = code.split_at_checked(4).unwrap_or_default();
    let letters = rest.strip_prefix(b" ").unwrap_or(rest);
    let formed = matches!(digits, [b'1'..=b'9', ..]) && digits.iter().all(u8::is_ascii_digit);
    formed && letters.len() == 2 && letters.iter().all(u8::is_ascii_uppercase) && !holds(NOT_DUTCH, letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_by_their_form() {
        assert!(is_dutch(b"2031KM") && is_dutch(b"2031 KM"));
        assert!(is_indian_town(b"Dhule-407767") && is_indian_town(b"Kalyan-Dombivli-407614"));
        assert!(!is_indian_town(b"Dhule407767") && !is_indian_town(b"A1-407767") && !is_indian_town(b"dhule-407767"));
        assert!(is_of_country(b"D-70173") && is_of_country(b"B-2000") && is_of_country(b"FIN-00100"));
        assert!(!is_of_country(b"D-701") && !is_of_country(b"d-70173") && !is_of_country(b"COVID-2019"));
        assert!(has_dashed(b"RJ, 22021-001") && has_dashed(b"Centro, 1200-195 Lisboa") && !has_dashed(b"RJ, 22021"));
        assert!(is_brazilian(b"01310-100") && !is_brazilian(b"01310100") && !is_brazilian(b"01310-1000"));
        assert!(!is_dutch(b"2031 AD") && !is_dutch(b"0031KM") && !is_dutch(b"2031km") && !is_dutch(b"2031"));
        assert!(
            is_canadian(b"K2B7C4") && is_canadian(b"K2B 7C4") && !is_canadian(b"K2B-7C4") && !is_canadian(b"2K7B4C")
        );
    }

    #[test]
    fn codes_belong_to_a_region() {
        let of = |code: &[u8], region| is_of_region(code, Region { code: Some(region), named: false });
        assert!(of(b"40817", b"RI") && of(b"40817-0021", b"RI") && of(b"K2B7C4", b"ON") && of(b"2955", b"NSW"));
        assert!(!of(b"40817", b"RX") && !of(b"40817-002", b"RI") && !of(b"2955", b"RI") && !of(b"K2B7C4", b"NY"));
        assert!(is_of_region(b"40817", Region { code: None, named: true }));
    }
}
