use super::*;
use crate::EntityType;
use crate::detectors::testing::{find_all, passes};

/// Characters without a pattern.
fn filled(alphabet: &str, length: usize) -> String {
    let alphabet: Vec<char> = alphabet.chars().collect();
    let mut state = 7usize;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        alphabet[(state >> 33) % alphabet.len()]
    };
    (0..length).map(|_| next()).collect()
}

const LOWER: &str = "k3jd9x0qpl5m2nv8zr7w";
const MIXED: &str = "k3Jd9x0Qpl5m2Nv8Zx81Kd93mQp27Lw";
const UUID: &str = "4f1c9a02-7be3-4d58-9c6e-0b1f2a3d4c5e";

fn token(form: Form) -> String {
    match form {
        Form::Hex(from, _) => filled("0a1b2c3d4e5f9687", from),
        Form::Alphanumeric(from, _) => filled(LOWER, from),
        Form::Token(from, _) => filled(MIXED, from),
        Form::Uuid => UUID.to_owned(),
    }
}

#[test]
fn a_token_of_each_kind_is_found_behind_its_issuers_name() {
    for kind in &KINDS {
        let token = token(kind.form);
        let word = str::from_utf8(kind.word).unwrap();
        let is_digest = matches!(kind.form, Form::Hex(40 | 64, _));
        let bare =
            if is_digest || kind.is_common { format!("{word} key: {token}") } else { format!("{word}: '{token}'") };
        for text in [format!("my {word} token is {token}"), format!("{word}_api_key = \"{token}\""), bare] {
            let found = find_all(&text);
            assert!(found.iter().any(|(_, text, _)| *text == token), "{text} of {} gave {found:?}", kind.name);
        }
    }
}

#[test]
fn an_issuers_word_and_length_tell_even_of_a_typed_key() {
    for text in [
        "tomtom_key=abcdef9876543210fedcba0123456789",
        "survicate TOKEN: 1234567890abcdef1234567890abcdef",
        "buddyns PRIVATE abcdefghij1234567890abcdefghij1234567890",
    ] {
        assert_eq!(find_all(text).len(), 1, "{text}");
    }
    passes(
        EntityType::Secret,
        &[
            "daily: 4f1c9a027be34d589c6e0b1f2a3d4c5e",
            "Example author id: 3f2504e0-4f89-41d3-9a0c-0305e82c3301",
            "deeply nested path 3f2504e0-4f89-41d3-9a0c-0305e82c3301",
            "toggles keyboard 4f1c9a027be34d589c6e0b1f2a3d4c5e",
            "heroku access log request_id=3f2504e0-4f89-41d3-9a0c-0305e82c3301",
            "tomtom_key=your_tomtom_api_key_goes_here_32",
            "tomtom_key=00000000000000000000000000000000",
            "the tomtom build 4f1c9a027be34d589c6e0b1f2a3d4c5e passed",
        ],
    );
}

#[test]
fn a_hyphen_joins_an_issuers_name_to_its_token() {
    for (text, token) in [
        ("toggl-KEY-zy98wv76ut54ijklmnopqrst901234", "zy98wv76ut54ijklmnopqrst901234"),
        ("the API key is acme-key-2afddb813193eb9d3b5bd99bf5d834cd", "acme-key-2afddb813193eb9d3b5bd99bf5d834cd"),
        ("export datadog-apikey-2afddb813193eb9d3b5bd99bf5d834cd now", "2afddb813193eb9d3b5bd99bf5d834cd"),
    ] {
        let found = find_all(text);
        assert!(found.iter().any(|(_, found, _)| found == token), "{text} gave {found:?}");
    }
    passes(EntityType::Secret, &["datadog-secret-rotation-handler-function", "toggl-key-12"]);
}

#[test]
fn a_public_key_is_none() {
    for name in ["sentry-public_key=", "sentry public_key: \"", "sentryPublicKey = '"] {
        passes(EntityType::Secret, &[&format!("{name}c1135aa1100f6a6e3d3efb7ece740f88")]);
    }
}

#[test]
fn names_are_long_enough_to_be_indexed() {
    assert!(KINDS.iter().all(|kind| kind.word.len() >= 3 && kind.word.iter().all(|byte| !byte.is_ascii_uppercase())));
}

#[test]
fn kinds_with_a_form_of_their_own_need_no_name() {
    let hex = filled("0a1b2c3d4e5f9687", 64);
    let mixed = filled(MIXED, 90);
    for (rule, text) in [
        ("twilio-api-key", format!("SK{}", &hex[..32])),
        ("twilio-account-id", format!("AC{}", &hex[..32])),
        ("mailchimp-api-key", format!("{}-us12", &hex[..32])),
        ("mailgun-sending-key", format!("{}-{}-{}", &hex[..32], &hex[1..9], &hex[2..10])),
        ("discord-bot-token", format!("MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.{}", &mixed[..27])),
        ("nuget-api-key", format!("oy2{}", filled(LOWER, 43))),
        ("azure-devops-token", format!("{}AZDO{}", filled(LOWER, 76), "1a2b")),
        ("onepassword-secret-key", "A3-ASWWYB-798JRY-LJVD4-23DC2-86TVM-H43EB".to_owned()),
    ] {
        assert_eq!(
            find_all(&format!("use {text}, please")),
            [(rule.to_owned(), text.clone(), if rule.starts_with("disc") { 95 } else { 90 })]
        );
    }
    let telegram = find_all(&format!("bot 123456789:AA{}", &mixed[..33]));
    assert!(telegram.iter().any(|found| found.0 == "telegram-bot-token"), "{telegram:?}");
    let lettered = find_all("use 7935721340:AAfn1IVbbdPiibvorbl_gwjyC3vBxznxR5U now");
    assert!(lettered.iter().any(|found| found.0 == "telegram-bot-token"), "{lettered:?}");
    let in_url = find_all(&format!("https://api.telegram.org/bot123456789:AA{}/sendMessage", &mixed[..33]));
    assert!(in_url.iter().any(|found| found.0 == "telegram-bot-token"), "{in_url:?}");
}

#[test]
fn tokens_of_several_parts_are_found() {
    let (hex, mixed) = (filled("0a1b2c3d4e5f9687", 64), filled(MIXED, 90));
    for (rule, text) in [
        ("zoho-oauth-token", format!("1000.{}.{}", &hex[..32], &hex[32..])),
        ("voiceflow-key", format!("VF.DM.{}.{}", &hex[..24], &mixed[..16])),
        ("harness-token", format!("pat.{}.{}.{}", &mixed[..22], &hex[..24], &mixed[30..50])),
        ("newrelic-mobile-key", format!("AA{}-NRMA", &hex[..40])),
        ("truenas-key", format!("8-{}", &mixed[..64])),
    ] {
        let found = find_all(&format!("use \"{text}\", please"));
        assert!(found.iter().any(|(name, found, _)| name == rule && text.ends_with(found)), "{text} gave {found:?}");
    }
    passes(EntityType::Secret, &[&format!("1000.{}", &hex[..32]), &format!("x.{}.{}", &hex[..24], &mixed[..16])]);
}

#[test]
fn a_token_behind_a_name_and_a_verb_is_found() {
    let token = filled(MIXED, 32);
    for text in [
        format!("The API key is {token}."),
        format!("our client secret was \"{token}\""),
        format!("der Token ist {token}"),
        format!("el token es {token}"),
    ] {
        assert_eq!(find_all(&text), [("secret-assignment".to_owned(), token.clone(), 85)]);
    }
}

#[test]
fn near_misses_pass() {
    let hex = filled("0a1b2c3d4e5f9687", 64);
    passes(
        EntityType::Secret,
        &[
            UUID,
            &hex[..40],
            &format!("commit {}", &hex[..40]),
            &format!("the heroku build of commit {}", &hex[..40]),
            &format!("heroku request {UUID}"),
            &format!("dropbox/{}", &hex[..40]),
            &format!("they changed the twilio api key\n{}", &hex[..32]),
            "heroku_api_key = 00000000-0000-0000-0000-000000000000",
            "datadog api key: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "the token is getAccessTokenFromStore1",
            "heroku_configuration_settings_file_2 is the key",
        ],
    );
}

#[test]
fn keys_that_everybody_may_know_are_none() {
    passes(
        EntityType::Secret,
        &[
            "data-sitekey=\"6LASoSdyiFwHEhP9Cf3SwcjSZCelm5kCXqE3HsMa\"",
            "RECAPTCHA_SITE_KEY=6LNz87-1WphFwEJBJKBhZ2hEjAwIVy9TtA2yY8MT",
            "NEXT_PUBLIC_POSTHOG_KEY=phc_pP9vbFwX3vB5J48mA5tOJBampP9vbFwX3vB5J48mA5t",
            "stripe publishable key pk_test_pP9vbFwX3vB5J48mA5tOJBam",
            "STRIPE_KEY=pk_live_pP9vbFwX3vB5J48mA5tOJBam",
            "ETag from recurly: \"fd5e45496cd96b7df36660f08a69852f\"",
        ],
    );
    assert_eq!(find_all("RECAPTCHA_SECRET_KEY=6LNz87-1WphFwEJBJKBhZ2hEjAwIVy9TtA2yY8MT").len(), 1);
    assert_eq!(find_all("recurly key: \"fd5e45496cd96b7df36660f08a69852f\"").len(), 1);
}
