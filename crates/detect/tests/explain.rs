//! Why there is a finding: the facts of every rule, and the words and validators that counted.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use detect::{DetectorSet, EntityType, Explanation, Finding, Reader};

fn all() -> DetectorSet {
    DetectorSet::builder().enable_all().keywords("ours", &["watch me".to_owned()]).build().unwrap()
}

/// The explanation of what a rule finds in a text.
#[track_caller]
fn explained(set: &DetectorSet, text: &str, rule: &str) -> Explanation {
    let mut found: Vec<Finding> = Vec::new();
    let mut reader = Reader::new();
    reader.push(text.as_bytes());
    reader.boundary();
    reader.scan(set, &mut found);
    let of_rule: Vec<_> = found.iter().filter(|finding| set.rule(finding.detector) == Some(rule)).collect();
    assert_eq!(of_rule.len(), 1, "{rule} in {text:?}: {found:?}");
    set.explain(of_rule[0], text.as_bytes()).unwrap()
}

/// The word that raised the confidence, as the offsets say.
fn word<'t>(explanation: &Explanation, text: &'t str) -> Option<&'t str> {
    let raised = explanation.raised.as_ref()?;
    let place = |at: u64| usize::try_from(at).unwrap();
    let word = &text[place(raised.start)..place(raised.end)];
    assert_eq!(word, raised.word);
    Some(word)
}

#[test]
fn every_rule_says_what_it_rests_on_and_how_far_it_reaches() {
    let set = all();
    for id in set.ids() {
        let rule = set.rule(id).unwrap();
        let facts = set.facts(id).unwrap();
        assert!(facts.validator.len() > 3 && facts.source.len() > 3, "{rule}: {facts:?}");
        assert!(facts.match_bytes_max > 0, "{rule}");
        if set.entity(id) != Some(EntityType::Keyword) {
            assert!(facts.match_bytes_max <= set.match_bytes_max(), "{rule} {}", facts.match_bytes_max);
            assert!(facts.lookahead_bytes <= set.lookahead_bytes(), "{rule} {}", facts.lookahead_bytes);
        }
    }
}

#[test]
fn facts_stand_at_the_rule_that_they_are_about() {
    let set = all();
    let validator = |rule: &str| {
        let id = set.ids().find(|id| set.rule(*id) == Some(rule)).unwrap();
        set.facts(id).unwrap().validator
    };
    for (rule, part) in [
        ("email", "dot-atom"),
        ("aws-secret-access-key", "40 characters"),
        ("mac-address", "pairs"),
        ("in-aadhaar", "Verhoeff"),
        ("ethereum", "EIP-55"),
        ("date-of-birth", "birth"),
        ("geo-member", "three decimals"),
        ("person", "random field"),
        ("post-box", "grammar"),
        ("python", "language"),
        ("marking-tlp", "marking"),
        ("huggingface-token", "`hf_`"),
        ("mailgun-sending-key", "50 characters"),
        ("sentry-dsn", "project of a URL"),
        ("ours", "the list"),
    ] {
        assert!(validator(rule).contains(part), "{rule}: {}", validator(rule));
    }
}

#[test]
fn validators_say_what_held_of_a_number() {
    let set = all();
    let card = explained(&set, "pay 4111 1111 1111 1111 now", "credit-card");
    assert_eq!(card.validator, "Luhn; issuer range Visa, 16 digits");
    let iban = explained(&set, "to DE89 3704 0044 0532 0130 00 now", "iban");
    assert_eq!((iban.validator.as_str(), iban.lowered), ("ISO 7064 MOD 97-10; 22 characters of DE", None));
    let text = "to BE68 5390 0754 7034 now";
    let iban = explained(&set, text, "iban");
    assert_eq!(iban.validator, "ISO 7064 MOD 97-10; 16 characters of BE; check digits of the account");
    let iban = explained(&set, "to BE41 5390 0754 7035 now", "iban");
    assert_eq!(iban.lowered.unwrap(), "the account's own check digits, by the rule of BE");
}

#[test]
fn the_word_that_raised_the_confidence_is_named_with_its_place() {
    let set = all();
    for (text, rule, expected) in [
        ("her NHS number is 943 476 5919.", "uk-nhs", Some("NHS number")),
        ("943 175 5912 is fine", "uk-nhs", None),
        ("9434765919 is her NHS number", "uk-nhs", Some("NHS number")),
        ("EIN: 12-3456789", "us-ein", Some("EIN")),
        ("536904399 is my social security number", "us-ssn-bare", Some("social security")),
        ("order 536-90-4399 shipped", "us-ssn", None),
        ("{\"userSsn\": \"536-90-4399\"}", "us-ssn", Some("Ssn")),
        ("credit card 4111 1111 1111 1111", "credit-card", Some("card")),
        ("she was born on 1 March 1985 in York", "date-of-birth", Some("born")),
        ("write to jane@example.org", "email", None),
    ] {
        let explanation = explained(&set, text, rule);
        assert_eq!(word(&explanation, text), expected, "in {text:?}");
    }
}

#[test]
fn what_a_view_decoded_is_not_explained_by_the_code_around_it() {
    let set = all();
    // "ssn is 536-90-4399 ok?" in base64.
    let text = "card c3NuIGlzIDUzNi05MC00Mzk5IG9rPw== card";
    let explanation = explained(&set, text, "us-ssn");
    assert_eq!(explanation.raised, None);
    assert!(explanation.validator.contains("serial"));
}

#[test]
fn a_foreign_finding_or_text_is_no_panic() {
    let set = all();
    let mut found = Vec::new();
    let mut reader = Reader::new();
    reader.push(b"her NHS number is 943 476 5919.");
    reader.boundary();
    reader.scan(&set, &mut found);
    let finding = found[0];
    assert_eq!(set.explain(&finding, b"short"), None);
    assert_eq!(set.explain(&Finding { start: 9, end: 3, ..finding }, b"0123456789"), None);
    assert_eq!(set.explain(&Finding { start: u64::MAX, end: u64::MAX, ..finding }, b"0123456789"), None);
    for start in 0..20 {
        let _ = set.explain(&Finding { start, end: 20, ..finding }, &[0xff; 24]);
    }
}
