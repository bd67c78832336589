//! The detectors: one file each, and the table that arms them.
//!
//! A detector is data and a check. The data says what it finds, what its trigger is and how many
//! bytes it may need; the check looks at one candidate and answers match, no match, or not known
//! yet. To add one, write its file and add it to [`DETECTORS`]; kinds of secrets with a prefix of
//! their own are one line in [`secret::RULES`], those that their issuer's name tells one line in
//! [`secret::keyed`].

pub(crate) mod about;
pub(crate) mod credit_card;
pub(crate) mod cues;
pub(crate) mod drawing;
pub(crate) mod email;
pub(crate) mod iban;
pub(crate) mod ids;
pub(crate) mod ipv4;
pub(crate) mod ipv6;
pub(crate) mod phone;
pub(crate) mod secret;
pub(crate) mod us_ssn;

use self::about::About;
use crate::entity::EntityType;
use crate::window::{Checked, Window};

/// What every match of a detector contains, and where its check is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trigger {
    /// At each `@`.
    At,
    /// At each `:`.
    Colon,
    /// At the first digit of each group of digits.
    Digit,
    /// At the start of each long run of base64 characters.
    Run,
    /// At the first of marks that stand at fixed distances.
    Lattice,
}

/// One detector: data and a check.
#[derive(Debug)]
pub(crate) struct Detector {
    pub(crate) entity: EntityType,
    /// Names of its rules; a match says which.
    pub(crate) rules: &'static [&'static str],
    /// What they rest on, rule by rule.
    pub(crate) about: &'static [About],
    pub(crate) trigger: Trigger,
    /// Bytes of its longest match.
    pub(crate) match_bytes_max: usize,
    /// Bytes behind a match that its check may need to see.
    pub(crate) lookahead_bytes: usize,
    pub(crate) check: fn(&Window<'_>, usize) -> Checked,
}

/// All detectors with a check of their own. Those of one trigger are asked in this order, and the
/// first that accepts takes the range.
pub(crate) static DETECTORS: &[&Detector] = &[
    &email::DETECTOR,
    &iban::DETECTOR,
    &ipv4::DETECTOR,
    &credit_card::DETECTOR,
    &us_ssn::DETECTOR,
    &phone::DETECTOR,
    &ipv6::DETECTOR,
    &secret::aws_secret::DETECTOR,
    &ids::mac::DETECTOR,
    &ids::br_cnpj::PRINTED,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that a check may read of one candidate: a few times its longest match.
    const READS_MAX: u64 = 1500;
    /// Bytes that all identifiers and cues together may.
    const IDS_READS_MAX: u64 = 6000;

    #[test]
    fn a_check_reads_a_bounded_number_of_bytes_wherever_it_is_called() {
        let ids = ids::armed::Ids::new(0, |_| true);
        for unit in [
            "12 ",
            "a1",
            "12.3456, ",
            "born 1 Mar ",
            "44051401359 is ",
            "1°2′3″N ",
            "a",
            "1",
            "1 ",
            "1-",
            "1.",
            "(1)",
            "a@",
            "a.",
            "a@a.",
            ":",
            "a:",
            "::1.2.3.4:",
            "123-45-",
            "4111 ",
            "GB82 WEST ",
            "+1 ",
            "(0)",
            "1 - ",
            "0490 75 40 81 ",
            "+44 (0) 20 7946 0958",
            "ssn ",
            "é",
            "漢",
            "\u{2011}1",
            "sk-",
            "secret ",
            "aA0+",
        ] {
            let text = unit.repeat(2000 / unit.len());
            for detector in DETECTORS {
                for place in 1..text.len() {
                    let window = Window::open(text.as_bytes());
                    let _ = (detector.check)(&window, place);
                    let reads = window.reads.get();
                    assert!(reads <= READS_MAX, "{:?} reads {reads} at {place} of {unit:?}", detector.rules);
                }
            }
            for place in 1..text.len() {
                let window = Window::open(text.as_bytes());
                let _ = ids.numeral(&window, place);
                for end in [4, 9, 11, 14, 15, 17, 34, 42].map(|length| place + length) {
                    let _ = ids.token(&window, &ids::Token { start: place, end: end.min(text.len() - 1) });
                }
                for cue in cues::CUES {
                    let _ = (cue.check)(&window, place, place + 3);
                }
                let reads = window.reads.get();
                assert!(reads <= IDS_READS_MAX, "identifiers read {reads} at {place} of {unit:?}");
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;
    use crate::{DetectorId, DetectorSet, Scanner};
    use std::sync::LazyLock;

    static ALL: LazyLock<DetectorSet> = LazyLock::new(|| DetectorSet::builder().enable_structured().build().unwrap());

    /// What a set of all structured detectors finds in one leaf: rule, text, percent.
    pub(crate) fn find_all(text: &str) -> Vec<(String, String, u8)> {
        find_with(&ALL, text)
    }

    /// What a set finds in one leaf: rule, text, percent.
    pub(crate) fn find_with(set: &DetectorSet, text: &str) -> Vec<(String, String, u8)> {
        let mut found = Vec::new();
        let mut scanner = Scanner::new();
        scanner.push(text.as_bytes());
        scanner.boundary();
        scanner.scan(set, &mut found);
        let cut = |start, end| {
            let range = usize::try_from(start).unwrap()..usize::try_from(end).unwrap();
            String::from_utf8_lossy(&text.as_bytes()[range]).into_owned()
        };
        found
            .iter()
            .map(|finding| {
                let rule = set.rule(finding.detector).unwrap().to_owned();
                (rule, cut(finding.start, finding.end), finding.confidence.percent())
            })
            .collect()
    }

    /// Asserts that `entity` finds exactly `expected` in `text`.
    #[track_caller]
    pub(crate) fn finds(entity: EntityType, text: &str, expected: &[&str]) {
        let of = |set: &DetectorSet, rule: &str| {
            set.ids().any(|id: DetectorId| set.rule(id) == Some(rule) && set.entity(id) == Some(entity))
        };
        let all = if entity.is_statistical() {
            find_with(&DetectorSet::builder().enable(entity).build().unwrap(), text)
        } else {
            find_all(text)
        };
        let found: Vec<_> = all.into_iter().filter(|(rule, ..)| of(&ALL, rule)).map(|found| found.1).collect();
        assert_eq!(found, expected, "in {text:?}");
    }

    /// Asserts that `entity` finds the whole of each text and nothing else in it.
    #[track_caller]
    pub(crate) fn finds_whole(entity: EntityType, texts: &[&str]) {
        for text in texts {
            finds(entity, text, &[text]);
            let sentence = format!("It is ({text}), they said; \"{text}\".");
            finds(entity, &sentence, &[text, text]);
        }
    }

    /// Asserts that `entity` finds nothing in any of `texts`.
    #[track_caller]
    pub(crate) fn passes(entity: EntityType, texts: &[&str]) {
        for text in texts {
            finds(entity, text, &[]);
            finds(entity, &format!("so {text} then"), &[]);
        }
    }
}
