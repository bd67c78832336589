//! Brazilian taxpayer numbers of persons (Receita Federal, Cadastro de Pessoas Físicas): nine digits and two check
//! digits modulo 11.

use super::checks::{is_uniform, number, weighted};
use super::{Forms, Id, Kind, bare, grouped, named};
use crate::context::Words;
use crate::entity::EntityType;

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::BrCpf,
    rule: "br-cpf",
    about: named("two check digits modulo 11", "Receita Federal, Cadastro de Pessoas Físicas", WORDS),
    kind: Kind::Forms(&FORMS),
};

static FORMS: Forms = Forms {
    forms: &[
        grouped(&[3, 3, 3, 2], b"..-", 92),
        bare(&[11], 52),
        grouped(&[9, 2], b"-", 82),
        grouped(&[3, 3, 3, 2], b"=", 70),
        grouped(&[3, 3, 3, 2], b"  -", 85),
    ],
    valid,
    words: WORDS,
    unchecked: false,
};

const WORDS: &Words = &Words::new(&[
    b"cpf",
    b"c.p.f*",
    b"cpfs",
    b"cpf/mf",
    b"cadastro de pessoa*",
    b"contribuinte*",
    b"brazilian tax*",
    b"receita federal",
]);

const WEIGHTS: &[u32] = &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2];

fn valid(digits: &[u8]) -> bool {
    let check = |count: usize| {
        let weights = WEIGHTS.get(10 - count..).unwrap_or_default();
        weighted(digits, weights) * 10 % 11 % 10
    };
    let read = |place: usize| digits.get(place).map(|digit| number(*digit));
    !is_uniform(digits) && read(9) == Some(check(9)) && read(10) == Some(check(10))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const CPF: EntityType = EntityType::BrCpf;

    #[test]
    fn numbers_are_found_whole() {
        finds_whole(CPF, &["390.533.447-05", "39053344705", "390533447-05"]);
        finds(CPF, "CPF: 390.533.447-05.", &["390.533.447-05"]);
        finds(CPF, "CPF 390533447 05", &["390533447 05"]);
        finds(CPF, "o titular 39053344705", &["39053344705"]);
    }

    #[test]
    fn near_misses_pass() {
        passes(CPF, &["390.533.447-06", "390.533.447-15", "111.111.111-11", "39053344706", "invoice 39053344705"]);
        finds(CPF, "pedido 39053344705", &[]);
    }
}
