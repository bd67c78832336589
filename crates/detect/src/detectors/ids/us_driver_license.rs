//! United States driver licence numbers (American Association of Motor Vehicle Administrators: each state has forms of its own). From 6 to 14 digits, mostly with letters
//! before them, without a public check digit, so a word must stand right before them.

use super::checks::is_varied;
use super::numeral::{Mark, Numeral, may_end, may_start};
use super::{Forms, Id, Kind, Token, bare, grouped, judge_unchecked, lengths, unchecked};
use crate::context::Words;
use crate::entity::EntityType;
use crate::text;
use crate::window::{Checked, Match, Undecided, Window};

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::UsDriverLicense,
    rule: "us-driver-license",
    about: unchecked(
        "a form of a state; the word right before",
        "American Association of Motor Vehicle Administrators",
        WORDS,
    ),
    kind: Kind::Forms(&FORMS),
};

static FORMS: Forms = Forms {
    forms: &[
        bare(&[6], 0),
        bare(&[7], 0),
        bare(&[8], 0),
        bare(&[9], 0),
        bare(&[10], 0),
        bare(&[11], 0),
        bare(&[12], 0),
        bare(&[13], 0),
        bare(&[14], 0),
        grouped(&[3, 3, 3], b"=", 0),
        grouped(&[2, 3, 3], b"=", 0),
        grouped(&[2, 3, 4], b"-", 0),
        grouped(&[3, 2, 4], b"=", 0),
        grouped(&[4, 2, 4], b"-", 0),
    ],
    valid: is_varied,
    words: WORDS,
    unchecked: true,
};

const WORDS: &Words = &Words::new(&[
    b"driver's*",
    b"driver\xe2\x80\x99s*",
    b"drivers licen*",
    b"driver licen*",
    b"driver_licen*",
    b"driverlicen*",
    b"driverslicen*",
    b"drivers_licen*",
    b"driving licen*",
    b"driver id",
    b"license number",
    b"licence number",
    b"license no",
    b"license #",
    b"dl #*",
    b"dl#*",
    b"dl:*",
    b"dl *",
    b"dl=*",
    b"dl\":*",
    b"dl\",*",
    b"dl,*",
    b"my dl",
    b"his dl",
    b"her dl",
    b"dln",
    b"oln",
    b"oln#",
    b"dmv licen*",
    b"dmv id",
    b"d.l.*",
    b"d.l",
    b"d/l",
    b"lic#",
    b"operator licen*",
    b"lic no",
]);

/// A letter and four groups of three, as Michigan prints them.
pub(super) static PARTED: Id = Id {
    entity: EntityType::UsDriverLicense,
    rule: "us-driver-license-parted",
    about: unchecked(
        "a form of a state; the word right before",
        "American Association of Motor Vehicle Administrators",
        WORDS,
    ),
    kind: Kind::Numeral(1 << 3, check_parted),
};

fn check_parted(window: &Window<'_>, numeral: &Numeral) -> Checked {
    const GROUPS: &[u8] = &[3, 3, 3, 3];
    let formed = numeral.begins(GROUPS) && (0..GROUPS.len() - 1).all(|gap| numeral.mark(gap) == Mark::Space);
    let lead = window.slice(numeral.start.saturating_sub(2), numeral.start);
    let Some(start) = numeral.start.checked_sub(2) else { return Ok(None) };
    let end = numeral.end(GROUPS.len() - 1);
    if !formed || !matches!(lead, [b'A'..=b'Z', b' ']) || !may_start(window, start) || !may_end(window, end)? {
        return Ok(None);
    }
    // Three groups of three are a form, too: all of them are likelier.
    let found = judge_unchecked(window, start, end, WORDS)?;
    Ok(found.map(|found| Match { percent: found.percent + 1, ..found }))
}

/// Letters and digits.
pub(super) static TOKEN: Id = Id {
    entity: EntityType::UsDriverLicense,
    rule: "us-driver-license-letters",
    about: unchecked(
        "a form of a state; the word right before",
        "American Association of Motor Vehicle Administrators",
        WORDS,
    ),
    kind: Kind::Token(lengths(&[4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]), check_token),
};

fn check_token(window: &Window<'_>, token: &Token) -> Checked {
    let number = token.text(window);
    let Some(end) = printed_end(window, token)? else { return Ok(None) };
    let whole = Token { start: token.start, end };
    let short = number.len() <= 5 && end == token.end;
    if short || !(is_formed(number) || end > token.end) || !whole.stands_alone(window)? {
        return Ok(None);
    }
    judge_unchecked(window, whole.start, whole.end, WORDS)
}

/// The end of the groups of digits that dashes join to a letter and three digits (Florida, Illinois, Wisconsin), or spaces or
/// dashes two of five to a letter and four (New Jersey).
fn printed_end(window: &Window<'_>, token: &Token) -> Result<Option<usize>, Undecided> {
    let mut end = token.end;
    let [letter, digits @ ..] = token.text(window) else { return Ok(None) };
    if !letter.is_ascii_alphabetic() || !digits.iter().all(u8::is_ascii_digit) {
        return Ok(Some(end));
    }
    if digits.len() == 4 {
        for _ in 0..2 {
            if !matches!(window.at(end)?, b'-' | b' ') || text::digits(window, end + 1, 6)? != 5 {
                return Ok(Some(token.end));
            }
            end += 6;
        }
        return Ok(Some(end));
    }
    if digits.len() != 3 {
        return Ok(Some(end));
    }
    for _ in 0..GROUPS_MAX {
        let mark = window.at(end)?;
        if !matches!(mark, b'-' | b' ') {
            break;
        }
        let run = text::digits(window, end + 1, 5)?;
        if !(1..=4).contains(&run) {
            break;
        }
        end += 1 + run;
    }
    Ok(Some(end))
}

/// Groups of digits behind the first: `F255-921-50-094-0` has four.
const GROUPS_MAX: usize = 4;

/// True for one to three letters and digits, for digits and one or two letters, and for the forms of New Hampshire, Iowa and Washington.
fn is_formed(text: &[u8]) -> bool {
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = text.len() - digits;
    let head = text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let tail = text.iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let inner = text.len() == head + tail + digits;
    // The first name's letters, or since 2018 `WDL` and any.
    let washington = text.len() == 12 && head >= 3 && digits >= 3
        || matches!(text.len(), 11 | 12) && text.starts_with(b"WDL") && digits >= 2;
    let new_hampshire = text.len() == 10 && letters == 3 && head == 0;
    let iowa = text.len() == 9 && letters == 2 && head == 0;
    washington || new_hampshire || iowa || (inner && digits >= 4 && head <= 3 && tail <= 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const DL: EntityType = EntityType::UsDriverLicense;

    #[test]
    fn numbers_are_found_behind_a_word() {
        finds(DL, "driver's license D1234567", &["D1234567"]);
        finds(DL, "D/L No.: D1234567, D.L. D1234567, {\"dl\": \"D1234567\"}", &["D1234567"; 3]);
        finds(DL, "driver's licenses D1234567, D1234568 and D1234569", &["D1234567", "D1234568", "D1234569"]);
        finds(DL, "my driver license number is 123456789.", &["123456789"]);
        finds(DL, "DL: S123-456-78-901-0", &["S123-456-78-901-0"]);
        finds(DL, "driving licence 99AAA12345 of NH", &["99AAA12345"]);
        finds(DL, "DL: V5905 36000 23465", &["V5905 36000 23465"]);
        finds(DL, "driver license V5905-36000-23465.", &["V5905-36000-23465"]);
        finds(DL, "DL 17-048-3184", &["17-048-3184"]);
        finds(DL, "WA driver license WDLFYQ116DB", &["WDLFYQ116DB"]);
        finds(DL, "Michigan driver's license: J 130 526 344 556.", &["J 130 526 344 556"]);
        for label in
            ["dl=", "DL#", "DL# ", "OLN: ", "OLN# ", "DMV license ", "license_no: ", "\"license_no\": \"", "OLN "]
        {
            finds(DL, &format!("{label}D1234567"), &["D1234567"]);
        }
        finds_whole(DL, &[]);
    }

    #[test]
    fn near_misses_pass() {
        passes(DL, &["D1234567", "123456789", "V5905 36000 23465", "J 130 526 344 556", "17-048-3184"]);
        finds(DL, "driver version ab12cd34ef", &[]);
        finds(DL, "driver 1234", &[]);
        finds(DL, "{\"email\":\"d.lang@company.co.uk\",\"ssn\":\"798440381\"}", &[]);
        finds(DL, "DL: 12345678 bytes, UL: 2345678 bytes", &[]);
        finds(DL, "<x type=\"a-DL\" code=\"12345678\"/>", &[]);
        finds(DL, "GL(dl_phnum) for static builds.  Closes: #1028200", &[]);
    }
}
