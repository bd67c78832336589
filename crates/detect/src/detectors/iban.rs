//! International bank account numbers (ISO 13616; lengths from the IBAN registry, release 98).
//!
//! Two letters for the country, two check digits, then the account in a length that the country
//! fixes; the whole is 1 modulo 97 once the first four characters stand at the end (ISO 7064,
//! MOD 97-10). In one run, or in groups of four with one kind of separator; small letters count. In any other
//! groups, over the end of a line, too, if it has capitals and few of them. Where a country has check digits of
//! its own in the account ([`national`]), wrong ones make it less likely.

mod national;

use super::about::{About, Detail};
use super::{Detector, Trigger};
use crate::entity::EntityType;
use crate::text::{Separator, alphanumeric, digit, separator};
use crate::window::{BOUNDARY, Checked, Match, NUMBER_BOUNDARY, Undecided, Window};

const IBAN_BYTES_MAX: usize = 33;
/// Percent of a number.
const PLAIN: u8 = 99;
/// Percent of one whose account has wrong check digits of its own: made up, or mistyped twice.
const WRONG_WITHIN: u8 = 40;
const GROUP_BYTES: usize = 4;
const SEPARATOR_BYTES_MAX: usize = 3;
const MATCH_BYTES_MAX: usize = IBAN_BYTES_MAX + IBAN_BYTES_MAX / GROUP_BYTES * SEPARATOR_BYTES_MAX + INDENT_BYTES_MAX;
/// Letters of a number in groups of any lengths; more are words.
const LETTERS_MAX: usize = 8;

/// The detector.
pub(crate) static DETECTOR: Detector = Detector {
    entity: EntityType::IbanCode,
    rules: &["iban"],
    about: &[About::new("ISO 7064 MOD 97-10; length of the country", "ISO 13616; IBAN registry, release 98")
        .detailed(detail)],
    trigger: Trigger::Digit,
    match_bytes_max: MATCH_BYTES_MAX,
    lookahead_bytes: 1,
    check,
};

/// Countries with the length of their numbers.
const LENGTHS: &[(&[u8; 2], usize)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BI", 27),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DJ", 27),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FK", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HN", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MN", 20),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NI", 28),
    (b"NL", 18),
    (b"NO", 15),
    (b"OM", 23),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"RU", 33),
    (b"SA", 24),
    (b"SC", 31),
    (b"SD", 18),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"SO", 23),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
    (b"YE", 30),
];

/// `check_digits` is the place of the first digit.
fn check(window: &Window<'_>, check_digits: usize) -> Checked {
    let is_apart = window.before(check_digits) == b' ';
    let Some(start) = check_digits.checked_sub(2 + usize::from(is_apart)) else { return Ok(None) };
    let Some(length) = country_length(window.slice(start, start + 2)) else { return Ok(None) };
    if alphanumeric(window.before(start)) || !digit(window.at(check_digits + 1)?) {
        return Ok(None);
    }
    if is_apart && !is_in_fours(window, check_digits, length)? {
        return Ok(None);
    }
    let is_valid =
        |(number, _): &([u8; IBAN_BYTES_MAX], usize)| remainder(number.get(..length).unwrap_or_default()) == 1;
    let strict = if is_apart { None } else { read(window, start, length)?.filter(is_valid) };
    let found = match strict {
        None => read_loose(window, start, length)?.filter(is_valid),
        found => found,
    };
    let Some((number, end)) = found else { return Ok(None) };
    let number = number.get(..length).unwrap_or_default();
    let percent = if national::is_wrong(number) { WRONG_WITHIN } else { PLAIN };
    Ok(Some(Match::new(start, end, 0, percent)))
}

/// Where a number ends that begins at `start`, in capitals and groups of four.
///
/// # Errors
/// [`Undecided`] while its end has not arrived.
pub(crate) fn grouped_end(window: &Window<'_>, start: usize) -> Result<Option<usize>, Undecided> {
    let Some(length) = country_length(window.slice(start, start + 2)) else { return Ok(None) };
    let Some((number, end)) = read(window, start, length)? else { return Ok(None) };
    let is_written = !window.slice(start, end).iter().any(u8::is_ascii_lowercase);
    Ok((is_written && remainder(number.get(..length).unwrap_or_default()) == 1).then_some(end))
}

/// True for check digits and then groups of four, a space before each: how a number goes on whose country stands apart.
fn is_in_fours(window: &Window<'_>, check_digits: usize, length: usize) -> Result<bool, Undecided> {
    let mut at = check_digits + 2;
    let mut rest = length - GROUP_BYTES;
    while rest > 0 {
        let group = rest.min(GROUP_BYTES);
        if window.at(at)? != b' ' || window.run(at + 1, group, |byte| digit(byte) || byte.is_ascii_uppercase())? < group
        {
            return Ok(false);
        }
        (at, rest) = (at + 1 + group, rest - group);
    }
    Ok(true)
}

/// True for capitals and digits of the length of their country whose check digits are right.
pub(crate) fn is_valid(number: &[u8]) -> bool {
    let has_check_digits = number.get(2..4).is_some_and(|digits| digits.iter().all(u8::is_ascii_digit));
    let length = number.get(..2).and_then(country_length);
    has_check_digits && length == Some(number.len()) && remainder(number) == 1
}

/// What held of a number, and what did not.
fn detail(number: &[u8]) -> Option<Detail> {
    let number = number.to_ascii_uppercase();
    let country = number.get(..2)?;
    let length = country_length(country).filter(|length| *length == number.len() && remainder(&number) == 1)?;
    let country = core::str::from_utf8(country).ok()?;
    let mut held = format!("ISO 7064 MOD 97-10; {length} characters of {country}");
    let lowered =
        national::is_wrong(&number).then(|| format!("the account's own check digits, by the rule of {country}"));
    if lowered.is_none() && national::has_rule(&number) {
        held += "; check digits of the account";
    }
    Some(Detail { held, lowered })
}

/// Length of a country's numbers.
fn country_length(letters: &[u8]) -> Option<usize> {
    if !letters.iter().all(u8::is_ascii_alphabetic) {
        return None;
    }
    let [first, second] = [letters.first()?, letters.get(1)?].map(|letter| usize::from(letter & 0x1f));
    BY_LETTERS.get(first << 5 | second).map(|length| usize::from(*length)).filter(|length| *length > 0)
}

/// The lengths again, by the country's letters, five bits each; 0 where there is no country.
static BY_LETTERS: [u8; 1024] = by_letters();

#[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
const fn by_letters() -> [u8; 1024] {
    let (mut lengths, mut place) = ([0; 1024], 0);
    while place < LENGTHS.len() {
        let ([first, second], length) = LENGTHS[place];
        lengths[((*first & 0x1f) as usize) << 5 | (*second & 0x1f) as usize] = length.to_le_bytes()[0];
        place += 1;
    }
    lengths
}

/// The `length` letters and digits from `start` on, without separators, and where they end.
fn read(window: &Window<'_>, start: usize, length: usize) -> Result<Option<([u8; IBAN_BYTES_MAX], usize)>, Undecided> {
    let mut number = [0; IBAN_BYTES_MAX];
    let grouping = if alphanumeric(window.at(start + GROUP_BYTES)?) {
        None
    } else {
        let Some(found) = separator(window, start + GROUP_BYTES)? else { return Ok(None) };
        Some(found)
    };
    let mut at = start;
    for (index, place) in number.iter_mut().take(length).enumerate() {
        if let Some(expected) = grouping
            && index > 0
            && index % GROUP_BYTES == 0
        {
            if separator(window, at)? != Some(expected) {
                return Ok(None);
            }
            at += expected.len();
        }
        let byte = window.at(at)?;
        if !alphanumeric(byte) {
            return Ok(None);
        }
        *place = byte.to_ascii_uppercase();
        at += 1;
    }
    let continued = continues(window, at, grouping, length)?;
    Ok((!continued).then_some((number, at)))
}

/// Bytes before what a line goes on with.
const INDENT_BYTES_MAX: usize = 12;

/// White space, and what quotes a line or makes it a comment.
const fn in_indent(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'>' | b'#' | b'*')
}

/// The same in groups of any lengths, with whatever separates them.
fn read_loose(
    window: &Window<'_>,
    start: usize,
    length: usize,
) -> Result<Option<([u8; IBAN_BYTES_MAX], usize)>, Undecided> {
    let mut number = [0; IBAN_BYTES_MAX];
    let (mut at, mut letters) = (start, 0);
    for (index, place) in number.iter_mut().take(length).enumerate() {
        // Three of them at the most: the end of a line, one that is doubled, one between spaces.
        let first = at;
        for _ in 0..3 {
            let is_gap = at > first + 1 && window.slice(first, at + 1).iter().all(|byte| *byte == b' ');
            if (index > 2 || (index == 2 && first == at)) && !is_gap && !alphanumeric(window.at(at)?) {
                at += match (separator(window, at)?, window.at(at)?) {
                    (Some(separator), _) => separator.len(),
                    (None, b'\n') => 1 + window.run(at + 1, INDENT_BYTES_MAX, in_indent)?,
                    (None, byte) => usize::from(matches!(byte, b'\r' | b'_' | b'|' | b'+')),
                };
            }
        }
        let byte = window.at(at)?;
        letters += usize::from(!digit(byte));
        if !matches!(byte, b'0'..=b'9' | b'A'..=b'Z') || letters > LETTERS_MAX || at - start >= MATCH_BYTES_MAX {
            return Ok(None);
        }
        *place = byte;
        at += 1;
    }
    Ok((!alphanumeric(window.at(at)?)).then_some((number, at)))
}

/// True if what follows belongs to a longer run or to a group that was not full.
fn continues(window: &Window<'_>, end: usize, grouping: Option<Separator>, length: usize) -> Result<bool, Undecided> {
    let next = window.at(end)?;
    if matches!(next, BOUNDARY | NUMBER_BOUNDARY) {
        return Ok(false);
    }
    let glued = grouping.is_some_and(|dash| dash.is_dash()) && length.is_multiple_of(GROUP_BYTES);
    Ok(alphanumeric(next) || (glued && next == b'-' && digit(window.at(end + 1)?)))
}

/// The number modulo 97, its first four characters moved to the end and letters counted from 10.
fn remainder(number: &[u8]) -> u32 {
    let (head, account) = number.split_at_checked(4).unwrap_or_default();
    account.iter().chain(head).fold(0, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte.wrapping_sub(b'A')) + 10) % 97,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const IBAN: EntityType = EntityType::IbanCode;

    #[test]
    fn groups_may_be_joined_as_a_form_encodes_spaces() {
        finds(IBAN, "iban=LT12+1000+0111+0100+1000&a=b", &["LT12+1000+0111+0100+1000"]);
        passes(IBAN, &["LT13+1000+0111+0100+1000"]);
    }

    #[test]
    fn the_table_is_sorted_and_within_bounds() {
        assert!(LENGTHS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(LENGTHS.iter().all(|(_, length)| (15..=IBAN_BYTES_MAX).contains(length)));
    }

    #[test]
    fn account_numbers_are_found_whole() {
        finds_whole(
            IBAN,
            &[
                "GB82WEST12345698765432",
                "GB82 WEST 1234 5698 7654 32",
                "gb82-west-1234-5698-7654-32",
                "DE89370400440532013000",
                "DE89 3704 0044 0532 0130 00",
                "DE89\u{a0}3704\u{a0}0044\u{a0}0532\u{a0}0130\u{a0}00",
                "NO9386011117947",
                "MT84MALT011000012345MTLCAST001S",
                "DE89 37040 0440 5320 1300 0",
                "DE89 3704-0044-0532-0130-00",
                "DE89 370400440532013000",
                "DE89 3704 0044 0532\n0130 00",
                "GB82 WEST 123456 98765432",
                "FR1420041010050500013M02606",
                "DE 89 3704 0044 0532 0130 00",
                "GB 82 WEST 1234 5698 7654 32",
                "FR 14 2004 1010 0505 0001 3M02 606",
            ],
        );
        finds(IBAN, "IBAN:DE89370400440532013000, BIC", &["DE89370400440532013000"]);
        finds(IBAN, "NL91 ABNA 0417 1643 00 to me", &["NL91 ABNA 0417 1643 00"]);
    }

    #[test]
    fn an_account_number_is_neither_card_nor_telephone() {
        let found = crate::detectors::testing::find_all("call DE89 3704 0044 0532 0130 00 now");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, "iban");
    }

    #[test]
    fn wrong_check_digits_of_the_account_lower_the_confidence() {
        let percent = |text: &str| {
            let found = crate::detectors::testing::find_all(&format!("pay {text} now"));
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!((found[0].0.as_str(), found[0].1.as_str()), ("iban", text));
            found[0].2
        };
        assert_eq!(percent("ES91 2100 0418 4502 0005 1332"), PLAIN);
        assert_eq!(percent("ES29 2100 0418 4602 0005 1332"), WRONG_WITHIN);
        assert_eq!(percent("BE68539007547034"), PLAIN);
        assert_eq!(percent("BE41539007547035"), WRONG_WITHIN);
        assert_eq!(percent("DE89370400440532013000"), PLAIN);
    }

    #[test]
    fn near_misses_pass() {
        passes(
            IBAN,
            &[
                "GB82WEST12345698765433",
                "DE8937040044053201300",
                "DE893704004405320130001",
                "XDE89370400440532013000",
                "ZZ89370400440532013000",
                "DE89 37040 0440 5320 1300 1",
                "DE89 3704   0044 0532 0130 00",
                "de89 37040 0440 5320 1300 0",
                "DEAD370400440532013000",
                "DE 89 3704 0044 0532 0130 01",
                "de 89 3704 0044 0532 0130 00",
                "DE 893704 0044 0532 0130 00",
                "NO 93 86011117947",
            ],
        );
    }
}
