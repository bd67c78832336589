//! Indian Aadhaar numbers (Unique Identification Authority of India): twelve digits, the first 2 to 9, with
//! Verhoeff's check digit; palindromes are not issued.

use super::checks::verhoeff;
use super::{Forms, Id, Kind, bare, grouped, named};
use crate::context::Words;
use crate::entity::EntityType;

/// The detector.
pub(super) static ID: Id = Id {
    entity: EntityType::InAadhaar,
    rule: "in-aadhaar",
    about: named("Verhoeff", "Unique Identification Authority of India", WORDS),
    kind: Kind::Forms(&FORMS),
};

static FORMS: Forms = Forms {
    forms: &[
        grouped(&[4, 4, 4], b" ", 60),
        grouped(&[4, 4, 4], b"-", 60),
        grouped(&[4, 4, 4], b".", 0),
        bare(&[12], 0),
    ],
    valid,
    words: WORDS,
    unchecked: false,
};

const WORDS: &Words = &Words::new(&[
    b"aadhaar*",
    b"aadhar*",
    b"adhaar*",
    b"adhar*",
    b"uidai*",
    b"uid",
    b"unique identification*",
    "आधार".as_bytes(),
    "ଆଧାର".as_bytes(),
    "આધાર".as_bytes(),
    "ആധാർ".as_bytes(),
    "ஆதார்".as_bytes(),
    "ఆధార్".as_bytes(),
    "ಆಧಾರ್".as_bytes(),
    "ਆਧਾਰ".as_bytes(),
    "আধার".as_bytes(),
    "آدھار".as_bytes(),
]);

fn valid(digits: &[u8]) -> bool {
    let palindrome = digits.iter().eq(digits.iter().rev());
    matches!(digits.first(), Some(b'2'..=b'9')) && !palindrome && verhoeff(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detectors::testing::{finds, finds_whole, passes};

    const AADHAAR: EntityType = EntityType::InAadhaar;

    #[test]
    fn numbers_are_found() {
        finds_whole(AADHAAR, &["2341 2341 2346", "2341-2341-2346"]);
        finds(AADHAAR, "Aadhaar number 234123412346", &["234123412346"]);
        finds(AADHAAR, "Aadhaar number 2341.2341.2346", &["2341.2341.2346"]);
        for word in ["आधार", "ଆଧାର", "આધાર", "ആധാർ", "ஆதார்", "ఆధార్", "ಆಧಾರ್", "ਆਧਾਰ", "আধার", "آدھار"]
        {
            finds(AADHAAR, &format!("{word} 234123412346"), &["234123412346"]);
        }
    }

    #[test]
    fn rows_of_a_table_are_none_and_a_list_is_a_list() {
        let (first, second) = ("2341 2341 2346", "2341 2341 2351");
        for text in ["@ 1111", "1111 @", "@\n4812 3341 0917", "4812 3341 0917\n@", "@\n5511 2341 0917\n"] {
            finds(AADHAAR, &text.replace('@', first), &[]);
        }
        finds(AADHAAR, "1111\t2341\t2341\t2346, 2341\t2341\t2346\t1111", &[]);
        finds(AADHAAR, &format!("17\t{first}\t42\n18\t{first}\t43"), &[first, first]);
        finds(AADHAAR, &format!("{first}\n{second}\n{first}\n"), &[first, second, first]);
        finds(AADHAAR, &format!("Jane 17\n{first}\n42"), &[first]);
    }

    #[test]
    fn near_misses_pass() {
        passes(AADHAAR, &["234123412346", "2341.2341.2346", "2341 2341 2347", "1341 2341 2346", "2341 2341 2346 1111"]);
        finds(AADHAAR, "aadhaar 234123412347", &[]);
    }
}
