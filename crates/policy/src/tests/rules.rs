//! What is done about findings.

use crate::{Action, Limits, Masking, Policy, Verdict};
use detect::{Confidence, DetectorId, EntityType};

const SURE: Confidence = Confidence::new(100);

fn policy(rules: &[(&str, &str)]) -> Policy {
    let mut text = "version = \"1\"\n[keywords]\none = [\"Project One\"]\ntwo = [\"Project Two\"]\n[providers]\nopenai = [\"llm.example.org\", \"*.gpt.example.org\"]\n".to_owned();
    for (number, (detect, rest)) in rules.iter().enumerate() {
        text += &format!("[[rule]]\nname = \"rule-{number}\"\ndetect = [{detect}]\n{rest}\n");
    }
    Policy::parse(&text, &Limits::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn of(policy: &Policy, entity: EntityType) -> Vec<DetectorId> {
    policy.detectors().ids().filter(|id| policy.detectors().entity(*id) == Some(entity)).collect()
}

fn action(policy: &Policy, entity: EntityType, in_response: bool) -> Option<Action> {
    let ids = of(policy, entity);
    assert!(!ids.is_empty());
    let actions: Vec<_> = ids.into_iter().map(|id| policy.action(id, in_response, SURE)).collect();
    assert!(actions.windows(2).all(|pair| pair[0] == pair[1]), "all detectors of a type do the same");
    actions[0]
}

#[test]
fn the_strictest_action_wins_whatever_the_order() {
    let rules = [
        ("\"US_SSN\"", "action = \"alert\""),
        ("\"US_SSN\"", "action = \"block\""),
        ("\"US_SSN\"", "action = \"redact\""),
        ("\"US_SSN\"", "action = \"allow\""),
    ];
    for turn in 0..rules.len() {
        let mut order = rules;
        order.rotate_left(turn);
        let found = action(&policy(&order), EntityType::UsSsn, false).unwrap();
        assert_eq!(found.verdict, Verdict::Block);
    }
}

#[test]
fn a_rule_may_ask_for_confidence() {
    let policy = policy(&[
        ("\"CA_SIN\"", "action = \"block\"\nconfidence_min = 0.65"),
        ("\"CA_SIN\", \"IN_AADHAAR\"", "action = \"alert\""),
        ("\"IN_AADHAAR\"", "action = \"block\"\nconfidence_min = 1"),
    ]);
    let verdict = |entity, percent| {
        of(&policy, entity).first().map(|id| policy.action(*id, false, Confidence::new(percent)).unwrap().verdict)
    };
    assert_eq!(verdict(EntityType::CaSin, 64), Some(Verdict::Alert));
    assert_eq!(verdict(EntityType::CaSin, 65), Some(Verdict::Block));
    assert_eq!(verdict(EntityType::InAadhaar, 99), Some(Verdict::Alert));
    assert_eq!(verdict(EntityType::InAadhaar, 100), Some(Verdict::Block));
    for wrong in ["1.5", "-0.1", "\"high\"", "65", "nan"] {
        let text = format!(
            "version = \"1\"\n[[rule]]\nname = \"a\"\ndetect = [\"CA_SIN\"]\naction = \"block\"\nconfidence_min = {wrong}\n"
        );
        let problems = Policy::parse(&text, &Limits::default()).unwrap_err().to_string();
        assert!(problems.contains("6:") && problems.contains("from 0.0 to 1.0"), "{problems}");
    }
}

#[test]
fn of_two_maskings_the_one_wins_that_tells_less() {
    let typed = ("\"EMAIL_ADDRESS\"", "action = \"redact\"\nredact = \"type\"");
    let label = ("\"EMAIL_ADDRESS\"", "action = \"redact\"\nredact = \"label\"");
    let mask = ("\"EMAIL_ADDRESS\"", "action = \"redact\"\nredact = \"mask\"");
    for rules in [[label, mask], [mask, label]] {
        assert_eq!(action(&policy(&rules), EntityType::EmailAddress, false).unwrap().masking, Masking::Mask);
    }
    for rules in [[label, typed], [typed, label]] {
        assert_eq!(action(&policy(&rules), EntityType::EmailAddress, false).unwrap().masking, Masking::Label);
    }
    assert_eq!(action(&policy(&[typed]), EntityType::EmailAddress, false).unwrap().masking, Masking::Type);
    assert_eq!(action(&policy(&[label]), EntityType::EmailAddress, false).unwrap().masking, Masking::Label);
    let unsaid = ("\"EMAIL_ADDRESS\"", "action = \"redact\"");
    assert_eq!(action(&policy(&[unsaid]), EntityType::EmailAddress, false).unwrap().masking, Masking::Label);
}

#[test]
fn a_rule_without_a_direction_reads_requests() {
    let policy = policy(&[("\"US_SSN\"", "action = \"block\"")]);
    assert!(action(&policy, EntityType::UsSsn, false).is_some());
    assert!(action(&policy, EntityType::UsSsn, true).is_none());
    assert!(!policy.reads_responses());
}

#[test]
fn each_direction_has_its_own_strictest_action() {
    let policy = policy(&[
        ("\"US_SSN\"", "direction = \"both\"\naction = \"alert\""),
        ("\"US_SSN\"", "direction = \"response\"\naction = \"block\""),
        ("\"IBAN_CODE\"", "direction = \"request\"\naction = \"redact\""),
    ]);
    assert_eq!(action(&policy, EntityType::UsSsn, false).unwrap().verdict, Verdict::Alert);
    assert_eq!(action(&policy, EntityType::UsSsn, true).unwrap().verdict, Verdict::Block);
    assert_eq!(action(&policy, EntityType::IbanCode, true), None);
    assert!(policy.reads_responses());
}

#[test]
fn keyword_lists_are_told_apart_and_unused_ones_cost_nothing() {
    let policy = policy(&[("\"KEYWORD:one\"", "action = \"block\"")]);
    let one = policy.detectors().keyword_list("one").unwrap();
    assert_eq!(policy.action(one, false, SURE).unwrap().verdict, Verdict::Block);
    assert_eq!(policy.detectors().keyword_list("two"), None);
}

#[test]
fn a_host_of_the_operators_own_stands_for_its_provider() {
    let policy = policy(&[]);
    let label = |host: &str| policy.provider_of_host(host).map(|provider| provider.label);
    assert_eq!(label("LLM.example.org"), Some("openai"));
    assert_eq!(label("eu.gpt.example.org"), Some("openai"));
    assert_eq!(label("gpt.example.org"), None);
    assert_eq!(label("llm.example.org.evil.net"), None);
}
