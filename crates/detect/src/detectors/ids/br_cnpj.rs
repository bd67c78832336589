//! Brazilian taxpayer numbers of companies (Receita Federal, Instrução Normativa 2.119/2022, and 2.229/2024 for the form with
//! letters of July 2026): twelve digits or capital letters, then two check digits modulo 11.

use super::checks::{is_day, is_uniform, weighted};
use super::{Forms, Id, Kind, Token, bare, checks, grouped, judge, lengths, named, numeral};
use crate::context::Words;
use crate::detectors::about::About;
use crate::detectors::{Detector, Trigger};
use crate::entity::EntityType;
use crate::text::value;
use crate::window::{Checked, Match, Window};

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::BrCnpj,
    rule: "br-cnpj",
    about: named("two check digits modulo 11", "Receita Federal, Instrução Normativa 2.119/2022", WORDS),
    kind: Kind::Forms(&FORMS),
};

static FORMS: Forms = Forms {
    forms: &[
        grouped(&[2, 3, 3, 4, 2], b"../-", 93),
        bare(&[14], 60),
        grouped(&[8, 4, 2], b"/-", 90),
        grouped(&[12, 2], b"-", 75),
        grouped(&[2, 3, 3, 4, 2], b"=", 0),
    ],
    valid: |digits| valid(digits) && !is_time(digits),
    words: WORDS,
    unchecked: false,
};

const WORDS: &Words = &Words::new(&[b"cnpj", b"c.n.p.j*", b"cnpjs", b"cnpj/mf", b"cadastro nacional*", b"pessoa jur*"]);

/// The same with letters, in one run.
pub(super) static TOKEN: Id = Id {
    entity: EntityType::BrCnpj,
    rule: "br-cnpj-letters",
    about: named("two check digits modulo 11", "Receita Federal, Instrução Normativa 2.229/2024", WORDS),
    kind: Kind::Token(lengths(&[14]), check_token),
};

/// The same in its printed form.
pub(crate) static PRINTED: Detector = Detector {
    entity: EntityType::BrCnpj,
    rules: &["br-cnpj-letters-printed"],
    about: &[About::new("two check digits modulo 11", "Receita Federal, Instrução Normativa 2.229/2024")],
    trigger: Trigger::Lattice,
    match_bytes_max: PRINTED_BYTES,
    lookahead_bytes: 2,
    check: check_printed,
};

const BYTES: usize = 14;
const WEIGHTS: &[u32] = &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
/// `12.ABC.345/01DE-35`
pub(crate) const PRINTED_BYTES: usize = 18;
/// The first point of the printed form.
pub(crate) const FIRST_POINT: usize = 2;

/// True for a point in time as programs write it: `20240324103000`. Branches have low numbers.
fn is_time(digits: &[u8]) -> bool {
    let part = |from: usize, to: usize| u32::try_from(value(digits.get(from..to).unwrap_or_default())).unwrap_or(0);
    matches!(part(0, 2), 19 | 20)
        && is_day(part(0, 4), part(4, 6), part(6, 8))
        && part(8, 10) < 24
        && part(10, 12) < 60
        && part(12, 14) < 60
}

fn check_token(window: &Window<'_>, token: &Token) -> Checked {
    if !valid(token.text(window)) || !token.stands_alone(window)? {
        return Ok(None);
    }
    judge(window, (token.start, token.end), WORDS, 60)
}

/// `point` is the place of the first point of a printed number.
pub(crate) fn check_printed(window: &Window<'_>, point: usize) -> Checked {
    let Some(start) = point.checked_sub(FIRST_POINT) else { return Ok(None) };
    let end = start + PRINTED_BYTES;
    if !numeral::may_start(window, start) {
        return Ok(None);
    }
    let mut number = [0; BYTES];
    let mut places = number.iter_mut();
    for place in 0..PRINTED_BYTES {
        let byte = window.at(start + place)?;
        let expected = match place {
            2 | 6 => Some(b'.'),
            10 => Some(b'/'),
            15 => Some(b'-'),
            _ => None,
        };
        match expected {
            Some(mark) if byte == mark => {}
            None if byte.is_ascii_digit() || byte.is_ascii_uppercase() => {
                places.next().into_iter().for_each(|room| *room = byte);
            }
            _ => return Ok(None),
        }
    }
    if !numeral::may_end(window, end)? {
        return Ok(None);
    }
    let letters = number.iter().any(u8::is_ascii_uppercase);
    Ok((letters && valid(&number)).then_some(Match::new(start, end, 0, 93)))
}

/// Digits count as what they are and capital letters on from 17, as they stand in ASCII.
fn valid(number: &[u8]) -> bool {
    let Some((body, check)) = number.split_at_checked(BYTES - 2) else { return false };
    let capital = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    if !body.iter().all(capital) || !check.iter().all(u8::is_ascii_digit) || is_uniform(number) {
        return false;
    }
    let expected = |count: usize| {
        let weights = WEIGHTS.get(BYTES - 1 - count..).unwrap_or_default();
        match weighted(number, weights) % 11 {
            0 | 1 => 0,
            rest => 11 - rest,
        }
    };
    let read = |place: usize| number.get(place).map(|digit| checks::number(*digit));
    read(12) == Some(expected(12)) && read(13) == Some(expected(13))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const CNPJ: EntityType = EntityType::BrCnpj;

    #[test]
    fn numbers_are_found_whole() {
        finds_whole(CNPJ, &["11.222.333/0001-81", "11222333000181", "12.ABC.345/01DE-35", "12ABC34501DE35"]);
        finds(CNPJ, "CNPJ: 11222333/0001-81", &["11222333/0001-81"]);
        finds(CNPJ, "cnpj 11222333000181, 11 222 333 0001 81", &["11222333000181", "11 222 333 0001 81"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(
            CNPJ,
            &[
                "11.222.333/0001-82",
                "11222333000182",
                "order 11222333000181",
                "11 222 333 0001 81",
                "12.ABC.345/01DE-36",
                "12ABC34501DE36",
                "12.abc.345/01de-35",
                "20240324103000",
            ],
        );
    }
}
