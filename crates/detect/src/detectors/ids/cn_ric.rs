//! Chinese resident identity numbers (GB 11643-1999): six digits for the place, the day of birth, a sequence of three, and a check
//! digit or `X` (ISO 7064, MOD 11-2).

use super::checks::{is_birth_day, number, pair, weighted};
use super::numeral::{Mark, Numeral, may_end, may_start};
use super::{Id, Kind, OtherGroups, checks, judge, named};
use crate::context::Words;
use crate::entity::EntityType;
use crate::window::{Checked, Window};

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::CnRic,
    rule: "cn-resident-id",
    about: named("ISO 7064 MOD 11-2; day of birth", "GB 11643-1999", WORDS),
    kind: Kind::Numeral(1 << 17 | 1 << 18 | 1 << 6, check),
};

const WORDS: &Words = &Words::new(&[
    b"\xe8\xba\xab\xe4\xbb\xbd\xe8\xaf\x81",
    b"\xe8\xba\xab\xe4\xbb\xbd\xe8\xaf\x81\xe5\x8f\xb7\xe7\xa0\x81",
    b"\xe5\x85\xac\xe6\xb0\x91\xe8\xba\xab\xe4\xbb\xbd\xe5\x8f\xb7\xe7\xa0\x81",
    b"\xe8\xaf\x81\xe4\xbb\xb6\xe5\x8f\xb7",
    b"resident id*",
    b"identity card*",
    b"chinese id*",
    b"china*",
    b"id card*",
    b"shenfenzheng*",
]);
/// The same in other groups.
pub(super) const REGROUPED: OtherGroups = OtherGroups {
    id: &ID,
    digits: 18,
    valid: |digits| digits.split_at_checked(17).is_some_and(|(body, last)| valid(body, checks::last(last))),
    words: WORDS,
};

const WEIGHTS: &[u32] = &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

fn check(window: &Window<'_>, numeral: &Numeral) -> Checked {
    let Some((last, marked)) = last_group(numeral) else { return Ok(None) };
    let (body, mut end) = (numeral.digits(17), numeral.end(last));
    let check = if marked {
        if !matches!(window.at(end)?, b'X' | b'x') {
            return Ok(None);
        }
        end += 1;
        10
    } else {
        numeral.digits(18).last().map_or(0, |digit| number(*digit))
    };
    let apart = matches!(numeral.mark(last), Mark::None | Mark::Space) && may_start(window, numeral.start);
    if !valid(body, check) || !apart || !may_end(window, end)? {
        return Ok(None);
    }
    judge(window, (numeral.start, end), WORDS, 92)
}

/// The index of the last group of one of the forms, and whether an `X` must follow it.
fn last_group(numeral: &Numeral) -> Option<(usize, bool)> {
    let forms: [(&[u8], bool); 4] = [(&[18], false), (&[17], true), (&[6, 8, 4], false), (&[6, 8, 3], true)];
    let form = forms.into_iter().find(|(groups, _)| numeral.begins(groups))?;
    Some((form.0.len() - 1, form.1))
}

fn valid(body: &[u8], check: u32) -> bool {
    let region = matches!(pair(body, 0), 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83 | 91);
    let year = pair(body, 6) * 100 + pair(body, 8);
    body.len() == 17
        && region
        && is_birth_day(year, pair(body, 10), pair(body, 12))
        && (weighted(body, WEIGHTS) + check) % 11 == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const RIC: EntityType = EntityType::CnRic;

    #[test]
    fn numbers_are_found_whole() {
        finds_whole(RIC, &["11010519491231002X", "11010519491231002x", "440524188001010014", "110105 19491231 002X"]);
        finds(RIC, "身份证号码：11010519491231002X。", &["11010519491231002X"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(
            RIC,
            &[
                "110105194912310021",
                "11010519491331002X",
                "99010519491231002X",
                "11010519491231002XY",
                "1101051949123100211",
            ],
        );
    }
}
