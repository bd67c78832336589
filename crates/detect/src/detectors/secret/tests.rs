use super::*;
use crate::EntityType;
use crate::detectors::testing::{find_all, finds, passes};

const SECRET: EntityType = EntityType::Secret;

/// Characters without a pattern, enough for the longest shortest form.
fn body(class: Class, length: usize) -> String {
    let alphabet: Vec<char> =
        (0..=127u8).filter(|byte| class.holds(*byte) && byte.is_ascii_alphanumeric()).map(char::from).collect();
    (0..length).map(|place| alphabet[(place * place * 7 + place * 3 + 5) % alphabet.len()]).collect()
}

fn token(rule: &Rule) -> Option<String> {
    let prefix = core::str::from_utf8(rule.prefix).unwrap();
    match rule.body {
        Body::Exactly(class, length) | Body::AtLeast(class, length) => Some(format!("{prefix}{}", body(class, length))),
        Body::Checked(..) => None,
    }
}

#[test]
fn a_token_of_each_rule_is_found_whole_and_named() {
    for rule in &RULES {
        let Some(token) = token(rule) else { continue };
        let found = find_all(&format!("key=\"{token}\"; next"));
        assert!(
            found.iter().any(|(name, text, _)| name == rule.name && *text == token),
            "{token} of {} gave {found:?}",
            rule.name
        );
    }
}

#[test]
fn a_token_that_lacks_a_byte_or_stands_inside_a_word_passes() {
    for rule in &RULES {
        let Some(token) = token(rule) else { continue };
        let named = |text: &str| find_all(text).iter().any(|found| found.0 == rule.name);
        assert!(!named(&token[..token.len() - 1]), "short {token}");
        assert!(!named(&format!("x{token}")), "inside x{token}");
        assert!(named(&format!("\\n{token}")), "behind an escape \\n{token}");
    }
}

#[test]
fn placeholders_pass() {
    for rule in &RULES {
        let prefix = core::str::from_utf8(rule.prefix).unwrap();
        for filler in ["x", "X", "*", "0", "A", "your-key-", "<key>"] {
            let text = format!("{prefix}{}", filler.repeat(120 / filler.len()));
            passes(SECRET, &[&text]);
        }
    }
}

#[test]
fn documented_examples_are_flagged() {
    finds(SECRET, "AKIAIOSFODNN7EXAMPLE", &["AKIAIOSFODNN7EXAMPLE"]);
    finds(SECRET, "sk_test_4eC39HqLyjWDarjtT1zdp7dc", &["sk_test_4eC39HqLyjWDarjtT1zdp7dc"]);
}

#[test]
fn keys_that_begin_with_sk_are_told_apart() {
    let random = body(Class::Alphanumeric, 48);
    let old = format!("sk-{}T3BlbkFJ{}", &random[..20], &random[20..40]);
    for (key, rule, providers) in [
        (old, "openai-api-key", ["openai", "openai"]),
        (format!("sk-proj-{random}"), "openai-project-key", ["openai", "openai"]),
        (format!("sk-ant-api03-{random}-AA"), "anthropic-api-key", ["anthropic", "anthropic"]),
        (format!("sk-{}", &random[..32]), "sk-api-key", ["openai", "deepseek"]),
        (format!("sk-test-{}", &random[..24]), "sk-api-key", ["openai", "deepseek"]),
    ] {
        assert_eq!(classify_secret(key.as_bytes()), Some(rule), "{key}");
        assert_eq!(classify_secret(format!("Bearer {key}").as_bytes()), Some(rule));
        assert!(providers.iter().all(|label| provider_accepts(rule, label)), "{rule}");
        assert!(!provider_accepts(rule, "google"));
        finds(SECRET, &format!("key {key}."), &[&key]);
    }
    passes(SECRET, &["sk-fading-circle-container-element-2", "task-0123456789abcdef0123", "sk-learn"]);
}

#[test]
fn what_is_no_credential_has_no_rule() {
    assert_eq!(classify_secret(b""), None);
    assert_eq!(classify_secret(b"Bearer hello"), None);
    assert_eq!(classify_secret(b"pk_live_51HqLyjWDarjtT1zdp7dc4eC39"), None);
    assert_eq!(provider("jwt"), None);
    assert_eq!(provider("no-such-rule"), None);
    assert_eq!(provider("github-personal-token"), Some("github"));
}

#[test]
fn a_prefix_with_a_sign_of_its_own_is_no_part_of_other_base64() {
    let token = format!("hf_{}", "nCpEvZPLSTYElEVFiIkwHyGWqYbzUFjcRW");
    for text in [format!("+{token}"), format!("https://x.io/a/{token}/b"), format!("backup {token}.txt")] {
        finds(SECRET, &text, &[&token]);
    }
}
