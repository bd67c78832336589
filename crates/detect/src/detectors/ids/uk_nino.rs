//! United Kingdom national insurance numbers (HM Revenue and Customs, NIM39110): two letters, six digits, and a letter `A` to `D`. No check
//! digit; `D`, `F`, `I`, `Q`, `U`, `V` are not among the first two, `O` is not the second, and some pairs are not given.

use super::numeral::{Numeral, may_end, may_start};
use super::{Id, Kind, Token, is_of_goods, judge, judge_unchecked, lengths, unchecked};
use crate::context::Words;
use crate::entity::EntityType;
use crate::text::separator;
use crate::window::{Checked, Window};

/// Separated.
pub(super) static ID: Id = Id {
    entity: EntityType::UkNino,
    rule: "uk-nino",
    about: unchecked("letters that are given, six digits, suffix", "HM Revenue and Customs, NIM39110", WORDS),
    kind: Kind::Numeral(1 << 2 | 1 << 6, check_groups),
};

/// In one run.
pub(super) static TOKEN: Id = Id {
    entity: EntityType::UkNino,
    rule: "uk-nino-run",
    about: unchecked("letters that are given, six digits, suffix", "HM Revenue and Customs, NIM39110", WORDS),
    kind: Kind::Token(lengths(&[8, 9]), check_token),
};

/// Bytes of one in a run.
const RUN_BYTES: usize = 9;
const WORDS: &Words = &Words::new(&[
    b"nino",
    b"n.i.n*",
    b"ninos",
    b"national insurance*",
    b"ni number",
    b"ni no",
    b"ni num",
    b"insurance number",
    b"nationalinsurance*",
    b"national_insurance*",
    b"ni#",
    b"hmrc",
]);

fn check_token(window: &Window<'_>, token: &Token) -> Checked {
    let text = token.text(window);
    let Some(([a, b], rest)) = text.split_first_chunk::<2>() else { return Ok(None) };
    let Some((digits, suffix)) = rest.split_at_checked(6) else { return Ok(None) };
    if !digits.iter().all(u8::is_ascii_digit) || !is_prefix(*a, *b) || !token.stands_alone(window)? {
        return Ok(None);
    }
    match suffix {
        [] => judge_unchecked(window, token.start, token.end, WORDS),
        [suffix] if is_suffix(*suffix) => {
            let capitals = a.is_ascii_uppercase() && b.is_ascii_uppercase() && suffix.is_ascii_uppercase();
            let is_free = capitals && !is_of_goods(window, token.start);
            judge(window, (token.start, token.end), WORDS, if is_free { 80 } else { 0 })
        }
        _ => Ok(None),
    }
}

fn check_groups(window: &Window<'_>, numeral: &Numeral) -> Checked {
    let last = if numeral.begins(&[6]) { 0 } else { 2 };
    if last == 2 && (!numeral.begins(&[2, 2, 2]) || numeral.mark(0) != numeral.mark(1)) {
        return Ok(None);
    }
    let first = window.before(numeral.start);
    let mark = matches!(first, b' ' | b'-' | b'.');
    let Some(start) = numeral.start.checked_sub(2 + usize::from(mark)) else { return Ok(None) };
    let [a, b] = [start, start + 1].map(|place| window.before(place + 1));
    let end = numeral.end(last);
    let behind = separator(window, end)?.map_or(0, |mark| mark.len());
    let suffix = window.at(end + behind)?;
    let capitals = [a, b, suffix].iter().all(u8::is_ascii_uppercase);
    let end = end + behind + 1;
    let apart = end - start > RUN_BYTES;
    if !apart
        || !capitals
        || !is_prefix(a, b)
        || !is_suffix(suffix)
        || !may_start(window, start)
        || !may_end(window, end)?
    {
        return Ok(None);
    }
    judge(window, (start, end), WORDS, 85)
}

fn is_prefix(first: u8, second: u8) -> bool {
    let pair = [first, second].map(|letter| letter.to_ascii_uppercase());
    let allowed =
        |letter: &u8| letter.is_ascii_uppercase() && !matches!(letter, b'D' | b'F' | b'I' | b'Q' | b'U' | b'V');
    let given = !matches!(&pair, b"BG" | b"GB" | b"KN" | b"NK" | b"NT" | b"TN" | b"ZZ");
    pair.iter().all(allowed) && pair.last() != Some(&b'O') && given
}

const fn is_suffix(letter: u8) -> bool {
    matches!(letter, b'A'..=b'D' | b'a'..=b'd')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const NINO: EntityType = EntityType::UkNino;

    #[test]
    fn numbers_are_found_whole() {
        finds_whole(NINO, &["AB123456C", "AB 12 34 56 C", "AB-12-34-56-C", "AB 123456 C", "AB12 34 56 C"]);
        finds(NINO, "national insurance ab123456c", &["ab123456c"]);
        finds(NINO, "NINO: AB123456", &["AB123456"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(
            NINO,
            &[
                "BG123456C",
                "AO123456C",
                "AB123456E",
                "AB12345C",
                "AB1234567C",
                "ab123456c",
                "XAB 12 34 56 C",
                "AB123456",
                "item ZX648895D",
            ],
        );
    }
}
