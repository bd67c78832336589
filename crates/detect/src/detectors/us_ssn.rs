//! United States social security numbers (Social Security Administration, POMS RM 10201.030,
//! 20 CFR 422.103).
//!
//! Area, group, serial: 3-2-4 digits. Never issued: area 000, 666 and 900 to 999, group 00, serial
//! 0000. Numbers that were printed in advertisements (078-05-1120) are flagged all the same: they
//! stand for a real one wherever they are used. With separators the form speaks for itself; nine
//! bare digits need a context word, or to be a whole JSON number.

use super::about::{About, Sight};
use super::drawing::is_drawn;
use super::{Detector, Trigger, ids};
use crate::context::{self, Words};
use crate::entity::EntityType;
use crate::text::{alphanumeric, digit, digits, separator, value};
use crate::window::{BOUNDARY, Checked, Match, NUMBER_BOUNDARY, Undecided, Window};

const DIGITS: usize = 9;
/// A JSON number has no leading zeros, so up to two of nine digits may be missing from it.
const NUMBER_DIGITS_MIN: usize = 7;
const SEPARATOR_BYTES_MAX: usize = 3;
/// How far behind nine bare digits a context word may begin and end.
const CONTEXT_AFTER_BYTES: usize = 32;

const SOURCE: &str = "Social Security Administration, POMS RM 10201.030; 20 CFR 422.103";

/// The rule of numbers with separators.
pub(crate) const FORMATTED: usize = 0;
const BARE: usize = 1;
const NUMBER: usize = 2;

/// The detector.
pub(crate) static DETECTOR: Detector = Detector {
    entity: EntityType::UsSsn,
    rules: &["us-ssn", "us-ssn-bare", "us-ssn-number"],
    about: &[
        About::new("area, group and serial that may be issued; one kind of separator", SOURCE).raised(
            CONTEXT,
            Sight::Before,
            (99, 99),
        ),
        About::new("area, group and serial that may be issued; a word beside it", SOURCE).raised(
            CONTEXT,
            Sight::Around(CONTEXT_AFTER_BYTES),
            (90, 94),
        ),
        About::new("area, group and serial that may be issued; a whole JSON number", SOURCE).raised(
            CONTEXT,
            Sight::Before,
            (95, 95),
        ),
    ],
    trigger: Trigger::Digit,
    match_bytes_max: DIGITS + (GROUPS_MAX - 1) * SEPARATOR_BYTES_MAX,
    lookahead_bytes: CONTEXT_AFTER_BYTES,
    check,
};

const CONTEXT: &Words = &Words::new(&[
    b"ssn",
    b"ssns",
    b"social security",
    b"social_security*",
    b"social-security",
    b"socialsecurity*",
    b"social sec*",
    b"soc sec*",
    b"soc. sec*",
    b"soc.sec*",
    b"ss#",
    b"ss number",
    b"ss no",
    b"ss num",
    b"ss #",
    b"ssno",
    b"s.s.n*",
    b"social:",
    b"social #",
    b"social number",
    b"social is",
    b"ss=",
    b"ss =",
    b"seguro social",
    b"tax id",
    b"taxpayer*",
]);

/// `ss` as the name of a column, and what parts the columns of a statement from their values.
const COLUMN: &Words = &Words::new(&[b"ss,", b"ss)", b"ss`", b"ss\""]);
const VALUES: &Words = &Words::new(&[b"values*"]);

fn check(window: &Window<'_>, start: usize) -> Checked {
    let before = window.before(start);
    if digit(before) || matches!(before, b'-' | b'+') && digit(window.before(start - 1)) {
        return Ok(None);
    }
    let is_joined = alphanumeric(before) || matches!(before, b'.' | b'/') && digit(window.before(start - 1));
    let follows_number = before == b' ' && digit(window.before(start.saturating_sub(1)));
    match digits(window, start, DIGITS + 1)? {
        3 => match check_formatted(window, start)? {
            None if !follows_number => check_regrouped(window, start, 3),
            found => Ok(found),
        },
        run @ 1..DIGITS if !is_joined && !follows_number && separator(window, start + run)?.is_some() => {
            check_regrouped(window, start, run)
        }
        run @ NUMBER_DIGITS_MIN..=DIGITS if !is_joined => check_bare(window, start, run),
        _ => Ok(None),
    }
}

fn check_formatted(window: &Window<'_>, start: usize) -> Checked {
    let Some(mark) = separator(window, start + 3)? else { return Ok(None) };
    let group = start + 3 + mark.len();
    if mark.is(b'\t') || digits(window, group, 3)? != 2 || separator(window, group + 2)? != Some(mark) {
        return Ok(None);
    }
    let serial = group + 2 + mark.len();
    if digits(window, serial, 5)? != 4 {
        return Ok(None);
    }
    let end = serial + 4;
    let before = window.before(start);
    let follows_number = mark.joins_digit_before(window, start);
    if continues(window, end, mark.is_dash())?
        || follows_number && !(mark.is(b' ') && context::precedes(window, start, CONTEXT))
        || !mark.is_dash() && matches!(before, b'.' | b'/') && digit(window.before(start - 1))
    {
        return Ok(None);
    }
    let digit_groups = [(start, 3), (group, 2), (serial, 4)];
    let [area, group, serial] = digit_groups.map(|(place, length)| value(window.slice(place, place + length)));
    if !is_issuable(area, group, serial) {
        return Ok(None);
    }
    let percent = match context::precedes(window, start, CONTEXT) {
        true => 99,
        // Part of a word that says nothing.
        false if alphanumeric(before) => return Ok(None),
        false if ids::is_of_thing(window, start) => return Ok(None),
        false if mark.is_dash() => 85,
        false if is_named_otherwise(window, start) || is_drawn(window, start) => return Ok(None),
        false if is_in_row(window, end)? => return Ok(None),
        false => 60,
    };
    Ok(Some(Match::new(start, end, FORMATTED, percent)))
}

/// True right behind a word for something else: `ref 805.40.5756`. Dashes say more than such a word.
fn is_named_otherwise(window: &Window<'_>, start: usize) -> bool {
    context::nearest_direct(window, start, ids::OTHERWISE).is_some_and(|bytes| bytes <= OTHER_BYTES)
}

/// Bytes from the start of such a word to the number.
const OTHER_BYTES: usize = 12;

/// True if two numbers follow by spaces: columns of a table.
fn is_in_row(window: &Window<'_>, end: usize) -> Result<bool, Undecided> {
    let mut at = end;
    for _ in 0..2 {
        let run = if window.at(at)? == b' ' { digits(window, at + 1, DIGITS + 1)? } else { 0 };
        if run == 0 {
            return Ok(false);
        }
        at += 1 + run;
    }
    Ok(true)
}

/// Nine digits in other groups that one kind of separator joins, right behind the word.
fn check_regrouped(window: &Window<'_>, start: usize, first: usize) -> Checked {
    let Some(mark) = separator(window, start + first)?.filter(|mark| mark.is_space() || mark.is_dash()) else {
        return Ok(None);
    };
    if mark.joins_digit_before(window, start) {
        return Ok(None);
    }
    let (mut number, mut total, mut end) = (0, 0, start);
    for _ in 0..GROUPS_MAX {
        let run = digits(window, end, DIGITS + 1 - total)?;
        number = window.slice(end, end + run).iter().fold(number, |number, digit| number * 10 + value(&[*digit]));
        (total, end) = (total + run, end + run);
        if total >= DIGITS || separator(window, end)? != Some(mark) {
            break;
        }
        end += mark.len();
    }
    let goes_on = total != DIGITS || continues(window, end, false)?;
    if goes_on || mark.is_space() && separator(window, end)? == Some(mark) && digit(window.at(end + mark.len())?) {
        return Ok(None);
    }
    let before = |words| context::nearest_direct(window, start, words);
    let is_named = before(NAMES)
        .is_some_and(|bytes| bytes <= NAME_BYTES && before(ids::OTHERWISE).is_none_or(|other| other > bytes));
    let is_issued = is_issuable(number / 1_000_000, number / 10_000 % 100, number % 10_000);
    Ok((is_issued && is_named).then_some(Match::new(start, end, BARE, 88)))
}

/// Groups of a number that has not its own.
const GROUPS_MAX: usize = 5;
/// How far before such a number its name begins, at most: `social security number (SSN): `.
const NAME_BYTES: usize = 32;

/// Of the words, those that name nothing else.
const NAMES: &Words = &Words::new(&[
    b"ssn",
    b"ssns",
    b"social security*",
    b"socialsecurity*",
    b"social sec*",
    b"soc sec*",
    b"soc. sec*",
    b"ss#",
    b"ss number",
    b"ss no",
    b"ss #",
    b"ssno",
    b"s.s.n*",
]);

fn check_bare(window: &Window<'_>, start: usize, run: usize) -> Checked {
    let end = start + run;
    let number = value(window.slice(start, end));
    if !is_issuable(number / 1_000_000, number / 10_000 % 100, number % 10_000) {
        return Ok(None);
    }
    let is_leaf = matches!(window.before(start), BOUNDARY | NUMBER_BOUNDARY) && window.at(end)? == NUMBER_BOUNDARY;
    // Words are looked for last, since most digits are of another length.
    let in_context = (is_leaf || run == DIGITS)
        && (context::precedes(window, start, CONTEXT) || is_in_column(window, start) || is_qualified(window, start));
    if is_leaf && (in_context || run == DIGITS && !is_structural(number)) {
        return Ok(Some(Match::new(start, end, NUMBER, if in_context { 95 } else { 40 })));
    }
    let before = window.before(start);
    if run != DIGITS || continues(window, end, false)? || before == b'+' {
        return Ok(None);
    }
    if before == b',' && digit(window.before(start - 1)) {
        // A number in a row of numbers, unless a word stands right before it.
        let accepted = in_context && context::nearest_direct(window, start, CONTEXT).is_some();
        return Ok(accepted.then_some(Match::new(start, end, BARE, 90)));
    }
    let accepted = in_context || context::follows(window, end, CONTEXT_AFTER_BYTES, CONTEXT)?;
    Ok(accepted.then_some(Match::new(start, end, BARE, 90)))
}

/// True for what programs are full of: sizes, limits and masks around a power of two, and thousands, kibibytes and hours.
const fn is_structural(number: u64) -> bool {
    let is_mask = number.is_power_of_two() || (number + 1).is_power_of_two();
    is_mask || number.is_multiple_of(1000) || number.is_multiple_of(1024) || number.is_multiple_of(3600)
}

/// True behind the qualifier of ASC X12 (data element 128, code SY).
fn is_qualified(window: &Window<'_>, start: usize) -> bool {
    const QUALIFIER: &[u8] = b"REF*SY*";
    window.slice(start.saturating_sub(QUALIFIER.len()), start) == QUALIFIER
}

/// True for a value of a statement that has a column `ss`.
fn is_in_column(window: &Window<'_>, start: usize) -> bool {
    let nearest = |words| context::nearest(window, start, words);
    nearest(VALUES).is_some_and(|values| nearest(COLUMN).is_some_and(|column| column > values))
}

/// True if the digits before `end` go on: in a word, or behind a dash, a point or a slash. What has dashes of its own
/// does not behind a slash.
fn continues(window: &Window<'_>, end: usize, has_dashes: bool) -> Result<bool, Undecided> {
    let next = window.at(end)?;
    if alphanumeric(next) {
        return Ok(true);
    }
    if next == b'.' && window.at(end + 1)? == b'0' && !alphanumeric(window.at(end + 2)?) {
        // What a table has made a decimal of.
        return Ok(false);
    }
    let joined = separator(window, end)?.filter(|mark| !(mark.is_space() || has_dashes && mark.is(b'/')));
    Ok(match joined {
        Some(mark) => digit(window.at(end + mark.len())?),
        None => next == b'@',
    })
}

const fn is_issuable(area: u64, group: u64, serial: u64) -> bool {
    area != 0 && area != 666 && area < 900 && group != 0 && serial != 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};
    use crate::{DetectorSet, Scanner};

    const SSN: EntityType = EntityType::UsSsn;

    fn numbers(key: &str, number: &str) -> Vec<(u64, u64, u8)> {
        let set = DetectorSet::builder().enable(SSN).build().unwrap();
        let (mut scanner, mut found) = (Scanner::new(), Vec::new());
        scanner.push(key.as_bytes());
        scanner.boundary();
        scanner.push_number(number.as_bytes());
        scanner.boundary();
        scanner.scan(&set, &mut found);
        found.iter().map(|finding| (finding.start, finding.end, finding.confidence.percent())).collect()
    }

    #[test]
    fn a_word_that_makes_it_something_else_does_not_hide_it() {
        for word in ["dl", "dl:", "license number", "my dl", "passport", "account number", "EIN", "member id", "NHS"] {
            finds(EntityType::UsSsn, &format!("{word} 536-90-4399"), &["536-90-4399"]);
            finds(EntityType::UsSsn, &format!("{word}  536 90 4399"), &["536 90 4399"]);
        }
    }

    #[test]
    fn what_is_read_from_a_thing_is_none() {
        for text in ["meter reading 402 53 1354", "locker 689.69.2257", "the counter shows 328-16-1808"] {
            finds(SSN, text, &[]);
        }
        for text in ["ref 805.40.5756", "lot 487 30 9822"] {
            finds(SSN, text, &[]);
        }
        finds(SSN, "ref 536-90-4399", &["536-90-4399"]);
        finds(SSN, "locker 12, 536-90-4399", &["536-90-4399"]);
        finds(SSN, "ssn behind the locker 536-90-4399", &["536-90-4399"]);
    }

    #[test]
    fn separated_numbers_are_found_whole() {
        finds_whole(
            SSN,
            &[
                "536-90-4399",
                "078-05-1120",
                "219-09-9999",
                "536 90 4399",
                "536.90.4399",
                "536–90–4399",
                "536\u{2011}90\u{2011}4399",
                "536\u{a0}90\u{a0}4399",
            ],
        );
        finds(SSN, "SSN-536-90-4399", &["536-90-4399"]);
        finds(SSN, "ssn_536-90-4399.", &["536-90-4399"]);
        finds(SSN, "号码536-90-4399。", &["536-90-4399"]);
    }

    #[test]
    fn a_path_or_a_word_that_names_it_hides_nothing() {
        for text in ["/v1/536-90-4399", "ssn 1.536-90-4399", "2024/536-90-4399.pdf", "my SSN is536-90-4399"] {
            finds(SSN, text, &["536-90-4399"]);
        }
        finds(SSN, "536-90-4399/2 and /v1/536-90-4399/3", &["536-90-4399", "536-90-4399"]);
        finds(SSN, "1/536 90 4399, 1.536.90.4399, 7/536904399, part A536-90-4399", &[]);
    }

    #[test]
    fn a_number_before_it_makes_it_no_telephone_number() {
        for before in ["002", "00 2", "002 5", "00536", "1", "+1 2"] {
            finds(SSN, &format!("{before} 536-90-4399"), &["536-90-4399"]);
        }
        finds(EntityType::PhoneNumber, "002 536-90-4399", &[]);
    }

    #[test]
    fn bare_digits_need_a_context_word_on_either_side() {
        finds(SSN, "my SSN is 536904399.", &["536904399"]);
        finds(SSN, "S.S.N. 536904399, SS #: 536904398, social: 536904397", &["536904399", "536904398", "536904397"]);
        finds(SSN, "my social is 536904399, soc. sec. # 536904398", &["536904399", "536904398"]);
        finds(SSN, "INSERT INTO people (name, ssn) VALUES ('Jane Doe', 536904399)", &["536904399"]);
        finds(SSN, "INSERT INTO people (id, ss) VALUES (7, '536904399')", &["536904399"]);
        finds(SSN, "INSERT INTO p (`ss`, city) VALUES (536904399, 'Rome')", &["536904399"]);
        finds(SSN, "values of HH:mm:ss, 536904399", &[]);
        finds(SSN, "UPDATE people SET ss = '536904399' WHERE id = 7", &["536904399"]);
        finds(SSN, "name,ssn\nJane,536904399.0\n", &["536904399"]);
        finds(SSN, "ssn 536904399.05 and 536904399.0a", &[]);
        finds(SSN, "{\"userSsn\": \"536904399\"}", &["536904399"]);
        finds(SSN, "536904399 is my social security number", &["536904399"]);
        finds(SSN, "REF*SY*536904399~REF*EI*536904399~", &["536904399"]);
        finds(SSN, "order 536904399 shipped", &[]);
        finds(SSN, "ssn 123456789012", &[]);
    }

    #[test]
    fn a_whole_number_leaf_of_nine_digits_counts_without_context() {
        assert_eq!(numbers("id", "536904399"), [(3, 12, 40)]);
        assert_eq!(numbers("ssn", "536904399"), [(4, 13, 95)]);
        assert_eq!(numbers("id", "5369043990"), []);
        assert_eq!(numbers("id", "900904399"), []);
    }

    #[test]
    fn sizes_and_limits_are_none_without_the_word() {
        for number in [
            "134217728",
            "268435456",
            "536870912",
            "134217727",
            "268435455",
            "536870911",
            "104857600",
            "314572800",
            "123456000",
            "567648000",
        ] {
            assert_eq!(numbers("size", number), [], "{number}");
            assert_eq!(numbers("ssn", number), [(4, 13, 95)], "{number}");
        }
        for number in ["268435457", "536870913", "536870910", "104857601", "567648001"] {
            assert_eq!(numbers("size", number), [(5, 14, 40)], "{number}");
        }
    }

    #[test]
    fn a_number_leaf_may_have_lost_its_leading_zeros() {
        assert_eq!(numbers("ssn", "78051120"), [(4, 12, 95)]);
        assert_eq!(numbers("count", "78051120"), []);
    }

    #[test]
    fn numbers_in_a_list_and_behind_others_are_found_beside_the_word() {
        let (first, second, third) = ("465 94 6397", "399 32 8231", "680 44 0990");
        finds(SSN, &format!("SSNs: {first} {second} {third}"), &[first, second, third]);
        for before in ["42", "3", "2024"] {
            finds(SSN, &format!("SSN: {before} {first}"), &[first]);
            finds(SSN, &format!("{before} {first}"), &[]);
        }
    }

    #[test]
    fn columns_of_numbers_are_none() {
        finds(SSN, "515 49 0329 189 305 680", &[]);
        finds(SSN, "515 49 0329 42 Main Street", &["515 49 0329"]);
        finds(SSN, "ssn 515 49 0329 189 305 680", &["515 49 0329"]);
    }

    #[test]
    fn other_groups_need_the_word_right_before_them() {
        for number in [
            "611 276 235",
            "61 127 6235",
            "6112 76235",
            "611-276-235",
            "61 12 76 235",
            "61 12 76 23 5",
            "611\u{a0}276\u{a0}235",
        ] {
            finds(SSN, &format!("SSN {number}, social security number: {number}."), &[number, number]);
            for text in ["@", "so @", "SSN 5, @", "ssn or phone @", "lesson @", "tax id @", "SSN 1 @"] {
                finds(SSN, &text.replace('@', number), &[]);
            }
        }
        finds(SSN, "SSN 666 276 235, SSN 611.276.235, SSN 611 276-235, SSN 611 276 2351, SSN 611 276 235 7", &[]);
    }

    #[test]
    fn near_misses_pass() {
        passes(
            SSN,
            &[
                "000-12-3456",
                "666-12-3456",
                "900-12-3456",
                "123-00-4567",
                "123-45-0000",
                "123-45-67890",
                "1123-45-6789",
                "1-123-45-6789",
                "123-45-6789-1",
                "123-45 6789",
                "123-456-789",
                "a123-45-6789",
                "123-45-6789b",
                "12 123 45 6789",
                "123456789",
            ],
        );
    }
}
