//! United States driver licence numbers (American Association of Motor Vehicle Administrators: each state has forms of its own). From 6 to 14 digits, mostly with letters
//! before them, without a public check digit, so a word must stand right before them.

use super::checks::is_varied;
use super::{Forms, Id, Kind, Token, bare, grouped, judge_unchecked, lengths, unchecked};
use crate::context::Words;
use crate::entity::EntityType;
use crate::text;
use crate::window::{Checked, Undecided, Window};

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
    b"dl\"*",
    b"dl,*",
    b"my dl",
    b"his dl",
    b"her dl",
    b"dln",
    b"d.l*",
    b"lic#",
    b"operator licen*",
    b"lic no",
]);

/// Letters and digits.
pub(super) static TOKEN: Id = Id {
    entity: EntityType::UsDriverLicense,
    rule: "us-driver-license-letters",
    about: unchecked(
        "a form of a state; the word right before",
        "American Association of Motor Vehicle Administrators",
        WORDS,
    ),
    kind: Kind::Token(lengths(&[4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]), check_token),
};

fn check_token(window: &Window<'_>, token: &Token) -> Checked {
    let number = token.text(window);
    let Some(end) = printed_end(window, token)? else { return Ok(None) };
    let whole = Token { start: token.start, end };
    let short = number.len() == 4 && end == token.end;
    if short || !(is_formed(number) || end > token.end) || !whole.stands_alone(window)? {
        return Ok(None);
    }
    judge_unchecked(window, whole.start, whole.end, WORDS)
}

/// The end of the groups of digits that dashes join to a letter and three digits (Florida, Illinois, Wisconsin).
fn printed_end(window: &Window<'_>, token: &Token) -> Result<Option<usize>, Undecided> {
    let mut end = token.end;
    let [letter, digits @ ..] = token.text(window) else { return Ok(None) };
    if digits.len() != 3 || !letter.is_ascii_alphabetic() || !digits.iter().all(u8::is_ascii_digit) {
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
    let washington = text.len() == 12 && head >= 3 && digits >= 3;
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
        finds(DL, "my driver license number is 123456789.", &["123456789"]);
        finds(DL, "DL: S123-456-78-901-0", &["S123-456-78-901-0"]);
        finds(DL, "driving licence 99AAA12345 of NH", &["99AAA12345"]);
        finds_whole(DL, &[]);
    }

    #[test]
    fn near_misses_pass() {
        passes(DL, &["D1234567", "123456789"]);
        finds(DL, "driver version ab12cd34ef", &[]);
        finds(DL, "driver 1234", &[]);
    }
}
