//! French social security numbers (INSEE, répertoire national d'identification des personnes physiques): sex, year and month of birth,
//! department, municipality, sequence, and a key of two digits: 97 less the first thirteen modulo 97. `2A` and `2B` of Corsica count as
//! 19 and 18 there.

use super::checks::{self, pair};
use super::numeral::{may_end, may_start};
use super::{Id, Kind, OtherGroups, judge, lengths, named};
use crate::context::Words;
use crate::entity::EntityType;
use crate::text::{digit, separator};
use crate::window::{Checked, Undecided, Window};

/// The same of those born in Corsica, in one run.
pub(super) static TOKEN: Id = Id {
    entity: EntityType::FrNir,
    rule: "fr-nir-corsica",
    about: named(
        "key of 97 less the number modulo 97; month, department",
        "INSEE, répertoire national d'identification des personnes physiques",
        WORDS,
    ),
    kind: Kind::Token(lengths(&[13, 15]), |window, token| check(window, token.start)),
};

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::FrNir,
    rule: "fr-nir",
    about: named(
        "key of 97 less the number modulo 97; month, department",
        "INSEE, répertoire national d'identification des personnes physiques",
        WORDS,
    ),
    kind: Kind::Numeral(1 << 1 | 1 << 13 | 1 << 15, |window, numeral| check(window, numeral.start)),
};

const WORDS: &Words = &Words::new(&[
    b"nir",
    b"nirs",
    b"n.i.r*",
    b"insee",
    b"s\xc3\xa9curit\xc3\xa9 sociale",
    b"securite sociale",
    b"s\xc3\xa9cu",
    b"secu",
    b"num\xc3\xa9ro de s\xc3\xa9cu*",
    b"numero de secu*",
    b"n\xc2\xb0 ss",
    b"carte vitale",
    b"french social*",
]);
/// The same in other groups.
pub(super) const REGROUPED: OtherGroups = OtherGroups {
    id: &ID,
    digits: BYTES,
    valid: |digits| digits.first_chunk().is_some_and(valid) && matches!(digits, [b'1'..=b'4' | b'7' | b'8', ..]),
    words: WORDS,
};

const BYTES: usize = 15;
/// Digits before the key.
const KEY_PLACE: usize = 13;
/// Separators of the printed form, of which one or two may be missing.
const MARKS_MIN: usize = 4;

fn check(window: &Window<'_>, start: usize) -> Checked {
    if !matches!(window.at(start)?, b'1'..=b'4' | b'7' | b'8') {
        return Ok(None);
    }
    let Some((number, end)) = read(window, start)? else { return Ok(None) };
    if !valid(&number) || !may_start(window, start) || !may_end(window, end)? {
        return Ok(None);
    }
    // Numbers of those whose month or sex is not on record need a word.
    let usual = matches!(number.first(), Some(b'1' | b'2')) && matches!(pair(&number, 3), 1..=12);
    let alone = if end - start > BYTES { 92 } else { 79 };
    judge(window, (start, end), WORDS, if usual { alone } else { 0 })
}

/// The fifteen characters from `start` on, separated where the parts of a number end if anywhere.
fn read(window: &Window<'_>, start: usize) -> Result<Option<([u8; BYTES], usize)>, Undecided> {
    let mut number = [0; BYTES];
    let (mut at, mut marks) = (start, 0);
    for (place, room) in number.iter_mut().enumerate() {
        let marks_before = marks;
        if matches!(place, 1 | 3 | 5 | 7 | 10 | 13)
            && let Some(mark) = separator(window, at)?
        {
            at += mark.len();
            marks += 1;
        }
        if place == KEY_PLACE && !digit(window.at(at)?) {
            let Some(key) = key_start(window, at)? else { return Ok(None) };
            (at, marks) = (key, marks_before + 1);
        }
        let byte = window.at(at)?;
        let corsica = place == 6 && matches!(byte, b'A' | b'B' | b'a' | b'b');
        if !digit(byte) && !corsica {
            return Ok(None);
        }
        *room = byte.to_ascii_uppercase();
        at += 1;
    }
    // All parts are separated, or the key alone.
    let is_enclosed = window.before(at - 2) == b'(';
    if is_enclosed && window.at(at)? != b')' {
        return Ok(None);
    }
    let whole = marks == 0 || marks >= MARKS_MIN || (marks == 1 && !digit(window.before(at - 2)));
    Ok(whole.then_some((number, at + usize::from(is_enclosed))))
}

/// What forms print before a key.
const KEYS: [&str; 10] = [" (", "(", " / ", "/ ", " - ", " clé ", " clé : ", " clé: ", " cle ", " Clé "];

/// Where a key begins behind what announces it at `at`, or behind the rest of it.
fn key_start(window: &Window<'_>, at: usize) -> Result<Option<usize>, Undecided> {
    for key in KEYS.iter().flat_map(|key| [*key, key.trim_start()]) {
        if window.starts_with(at, key.as_bytes())? && digit(window.at(at + key.len())?) {
            return Ok(Some(at + key.len()));
        }
    }
    Ok(None)
}

fn valid(number: &[u8; BYTES]) -> bool {
    let department = number.get(5..7).unwrap_or_default();
    let corsica = match department {
        b"2A" => Some(19),
        b"2B" => Some(18),
        [_, b'A' | b'B'] => return false,
        _ => None,
    };
    // Months beyond 12 stand for those that are not known.
    let month = matches!(pair(number, 3), 1..=12 | 20..=42 | 50..=99);
    month && corsica.unwrap_or_else(|| pair(number, 5)) > 0 && key(number, corsica) == pair(number, 13)
}

fn key(number: &[u8; BYTES], corsica: Option<u32>) -> u32 {
    let value = |(place, byte): (usize, &u8)| match (place, corsica) {
        (5, Some(code)) => code / 10,
        (6, Some(code)) => code % 10,
        _ => checks::number(*byte),
    };
    let rest = number.iter().enumerate().take(13).fold(0, |rest, digit| (rest * 10 + value(digit)) % 97);
    97 - rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const NIR: EntityType = EntityType::FrNir;

    #[test]
    fn numbers_are_found_whole() {
        finds_whole(
            NIR,
            &[
                "295109912611193",
                "2 95 10 99 126 111 93",
                "2951099126111 93",
                "2 95 10 99 126 111 (93)",
                "2 95 10 99 126 111 / 93",
                "2951099126111 (93)",
                "2 95 10 99 126 111 clé 93",
                "2951099126111 clé : 93",
                "2-95-10-99-126-111-93",
                "1 85 05 2A 004 123 56",
                "185052B00412383",
                "185052B004123 83",
                "185052A004123 56",
            ],
        );
        finds(NIR, "Numéro de sécurité sociale : 2 95 10 99 126 111 93", &["2 95 10 99 126 111 93"]);
    }

    #[test]
    fn a_list_by_spaces_and_a_number_before_hide_nothing() {
        let (first, second) = ("2 95 10 99 126 111 93", "1 85 05 99 126 111 68");
        finds(NIR, &format!("NIR : {first} {second} {first}"), &[first, second, first]);
        for before in ["3", "42", "2024"] {
            finds(NIR, &format!("NIR : {before} {first}"), &[first]);
        }
        finds(NIR, "NIR 29510 99126 11193, NIR 29510-99126-11193", &["29510 99126 11193", "29510-99126-11193"]);
        finds(NIR, "29510 99126 11193, nirvana 29510 99126 11193, NIR 29510 99126-11193", &[]);
    }

    #[test]
    fn near_misses_pass() {
        passes(
            NIR,
            &[
                "295109912611194",
                "595109912611193",
                "295139912611193",
                "2951099126111931",
                "2 95 10 9A 126 111 93",
                "2 95 10 99 126 111 (94)",
                "2951099126111 (93 m)",
            ],
        );
    }
}
