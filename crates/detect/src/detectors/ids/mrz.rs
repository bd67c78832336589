//! The machine-readable zone of travel documents (ICAO Doc 9303, parts 4 and 5): the number of a passport or card, and the
//! date of birth, by their check digits (part 3, section 4.9).
//!
//! A passport's second line has the number, the nationality, the dates of birth and expiry, the sex between them. A card's
//! first line has the number behind the issuing state, its second one begins with the dates. Letters and digits before
//! `<` are looked at. The form of the line and the check digit of what is found in it tell it, in a card's second line both
//! check digits of its dates.

use super::checks::is_short_day;
use super::{Id, Kind, Token};
use crate::detectors::about::About;
use crate::entity::EntityType;
use crate::window::{Checked, Match, Undecided, Window};

const SOURCE: &str = "ICAO Doc 9303 parts 3, 4 and 5";
const PERCENT: u8 = 95;

/// The date of birth.
pub(super) static BIRTH: Id = Id {
    entity: EntityType::DateOfBirth,
    rule: "date-of-birth-mrz",
    about: About::new("two days with their check digits, the sex between them", SOURCE),
    kind: Kind::Zone(check_birth),
};

/// The number of the document.
pub(super) static NUMBER: Id = Id {
    entity: EntityType::UsPassport,
    rule: "passport-mrz",
    about: About::new("nine characters with their check digit, in a line's form", SOURCE),
    kind: Kind::Zone(check_number),
};

const NUMBER_BYTES: usize = 9;
const STATE_BYTES: usize = 3;
const DAY_BYTES: usize = 6;
/// Where the dates stand behind the start of a passport's number: its check digit and the nationality are between.
const DATES: usize = NUMBER_BYTES + 1 + STATE_BYTES;

fn check_birth(window: &Window<'_>, token: &Token) -> Checked {
    let Some(start) = line_start(window, token.start) else { return Ok(None) };
    let birth = match () {
        () if start != token.start => return Ok(None),
        // A card's second line.
        () if window.run(start, CARD_BYTES + 1, in_zone)? == CARD_BYTES
            && has_dates(window, start)?
            && has_check_digit(window, start + DAY_BYTES + 2, DAY_BYTES)?
            && is_state(window, start + 2 * (DAY_BYTES + 1) + 1)? =>
        {
            start
        }
        () if is_passport(window, start)? => start + DATES,
        () => return Ok(None),
    };
    Ok(Some(Match::new(birth, birth + DAY_BYTES, 0, PERCENT)))
}

fn check_number(window: &Window<'_>, token: &Token) -> Checked {
    let Some(start) = line_start(window, token.start) else { return Ok(None) };
    let number = match () {
        () if is_card(window, start)? => start + 2 + STATE_BYTES,
        () if start == token.start && is_passport(window, start)? && has_check_digit(window, start, NUMBER_BYTES)? => {
            start
        }
        () => return Ok(None),
    };
    Ok((number >= token.start).then_some(Match::new(number, number + NUMBER_BYTES, 0, PERCENT)))
}

/// Where the line begins whose kind of document, and perhaps state, stand before a token and its fillers: `I<`, `IDD<<`;
/// behind more the line above ends without a break.
fn line_start(window: &Window<'_>, token: usize) -> Option<usize> {
    const LEAD_BYTES_MAX: usize = 2 + STATE_BYTES;
    let head = window.slice(token.saturating_sub(LEAD_BYTES_MAX + 1), token);
    match head.iter().rev().take_while(|byte| in_zone(**byte)).count() {
        lead @ (0 | 2 | LEAD_BYTES_MAX) => Some(token - lead),
        lead => (lead > LEAD_BYTES_MAX).then_some(token),
    }
}

/// A passport's second line: of the check digits only that of the date of birth must be right, where the whole line is there.
fn is_passport(window: &Window<'_>, start: usize) -> Result<bool, Undecided> {
    let dates = start + DATES;
    Ok(window.run(start, LINE_BYTES + 1, in_zone)? == LINE_BYTES
        && is_state(window, start + NUMBER_BYTES + 1)?
        && has_dates(window, dates)?)
}

/// A card's first line, up to its number's check digit and the filler behind it.
fn is_card(window: &Window<'_>, start: usize) -> Result<bool, Undecided> {
    let number = start + 2 + STATE_BYTES;
    let is_zone = window.run(start, CARD_BYTES + 1, in_zone)? == CARD_BYTES;
    let is_kind = || Ok(matches!(window.at(start)?, b'I' | b'A' | b'C') && in_letters(window.at(start + 1)?));
    Ok(is_zone
        && is_kind()?
        && is_state(window, start + 2)?
        && has_check_digit(window, number, NUMBER_BYTES)?
        && window.at(number + NUMBER_BYTES + 1)? == b'<')
}

/// The days of birth and expiry, the first with its check digit, the sex between.
fn has_dates(window: &Window<'_>, start: usize) -> Result<bool, Undecided> {
    let expiry = start + DAY_BYTES + 2;
    Ok(window.at(start)?.is_ascii_digit()
        && has_check_digit(window, start, DAY_BYTES)?
        && is_short_day(window.slice(start, start + DAY_BYTES))
        && matches!(window.at(expiry - 1)?, b'M' | b'F' | b'X' | b'<')
        && window.run(expiry, DAY_BYTES + 1, |byte| byte.is_ascii_digit())? == DAY_BYTES + 1
        && is_short_day(window.slice(expiry, expiry + DAY_BYTES)))
}

/// Letters and fillers of a state's code, the first a letter.
fn is_state(window: &Window<'_>, at: usize) -> Result<bool, Undecided> {
    Ok(window.at(at)?.is_ascii_uppercase() && in_letters(window.at(at + 1)?) && in_letters(window.at(at + 2)?))
}

/// True if the digit behind so many characters is their sum: weights 7, 3 and 1, letters from 10 on, modulo 10.
fn has_check_digit(window: &Window<'_>, start: usize, bytes: usize) -> Result<bool, Undecided> {
    const WEIGHTS: [u32; 3] = [7, 3, 1];
    let mut sum = 0;
    for (at, weight) in (start..start + bytes).zip(WEIGHTS.iter().cycle()) {
        let byte = window.at(at)?;
        if !in_zone(byte) {
            return Ok(false);
        }
        let value = if byte.is_ascii_digit() {
            byte - b'0'
        } else if byte == b'<' {
            0
        } else {
            byte - b'A' + 10
        };
        sum += u32::from(value) * weight;
    }
    Ok(u32::from(window.at(start + bytes)?) == u32::from(b'0') + sum % 10)
}

const fn in_zone(byte: u8) -> bool {
    byte.is_ascii_digit() || in_letters(byte)
}

const fn in_letters(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte == b'<'
}

/// Characters of a passport's line, and of a card's.
pub(crate) const LINE_BYTES: usize = 44;
const CARD_BYTES: usize = 30;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{find_all, finds};

    /// The specimens of ICAO Doc 9303, and others in their form.
    const PASSPORTS: &[(&str, &str, &str)] = &[
        ("L898902C36UTO7408122F1204159ZE184226B<<<<<10", "L898902C3", "740812"),
        ("C01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<4", "C01X00T47", "640812"),
        ("L898902C<3UTO6908061F9406236ZE184226B<<<<<14", "L898902C<", "690806"),
    ];

    #[test]
    fn both_lines_of_a_passport_are_read() {
        for (line, number, birth) in PASSPORTS {
            for text in [
                format!("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n{line}"),
                format!("mrz: \"{line}\", ok"),
                (*line).to_owned(),
                format!("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<{line}"),
            ] {
                finds(EntityType::DateOfBirth, &text, &[birth]);
                let numbers = find_all(&text).into_iter().filter(|found| found.0 == NUMBER.rule).map(|found| found.1);
                assert_eq!(numbers.collect::<Vec<_>>(), [*number], "{text}");
            }
        }
    }

    #[test]
    fn other_check_digits_may_be_misread() {
        for line in ["L898902C36UTO7408122F1204158ZE184226B<<<<<10", "L898902C35UTO7408122F1204159ZE184226B<<<<<10"] {
            finds(EntityType::DateOfBirth, line, &["740812"]);
        }
        finds(EntityType::UsPassport, "L898902C35UTO7408122F1204159ZE184226B<<<<<10", &[]);
    }

    #[test]
    fn a_card_has_its_number_in_the_line_above() {
        for (first, number) in [
            ("I<UTOD231458907<<<<<<<<<<<<<<<", "D23145890"),
            ("IDD<<T220001293<<<<<<<<<<<<<<<", "T22000129"),
            ("IDFRAX4RTBPFW46<<<<<<<<<<<<<<<", "X4RTBPFW4"),
        ] {
            let text = format!("{first}\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<");
            finds(EntityType::DateOfBirth, &text, &["740812"]);
            finds(EntityType::UsPassport, &text, &[number]);
        }
    }

    #[test]
    fn near_misses_pass() {
        for text in [
            "L898902C36UTO7408123F1204159ZE184226B<<<<<10",
            "L898902C36UTO7408122F1213159ZE184226B<<<<<10",
            "L898902C36UTO7408122F1204159ZE184226B<<<<<1",
            "L898902C36UTO7408122F1204159ZE184226B<<<<<100",
            "L898902C36UT07408122F1204159ZE184226B<<<<<10",
            "L898902C36UTO7408122Q1204159ZE184226B<<<<<10",
            "xL898902C36UTO7408122F1204159ZE184226B<<<<<10",
            "7408122F1204159123<<<<<<<<<<<6",
            "7413122F1204159UTO<<<<<<<<<<<6",
            "I<UTOD231458908<<<<<<<<<<<<<<<",
            "I<UTOD231458907</b>",
            "I<UTOD231458907<<<<<<<<<<<<<<",
            "7408122F1204159UTO<<<<<<<<<<<",
            "<b>D231458907</b>",
        ] {
            finds(EntityType::DateOfBirth, text, &[]);
            finds(EntityType::UsPassport, text, &[]);
        }
    }
}
