use super::*;
use proptest::prelude::*;

#[test]
fn a_server_name_is_a_dns_name_in_lower_case() {
    for (text, name) in [
        ("API.OpenAI.com", "api.openai.com"),
        ("localhost", "localhost"),
        ("_x.a-b.c3", "_x.a-b.c3"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("0xe.de", "0xe.de"),
    ] {
        assert_eq!(ServerName::try_from(text).unwrap().as_str(), name);
    }
    let long = "a".repeat(64);
    let longer = format!("{}.com", ["a"; 126].join("."));
    for text in [
        "", ".", "a.", ".a", "a..b", "a b", "a\0b", "*", "*.a", "-a.b", "a-.b", "ä.de", "1.2.3.4", "1.2", "127.1",
        "a.0x7f", "0x", "[::1]", "::1", "a:443", &long, &longer,
    ] {
        assert_eq!(ServerName::try_from(text), Err(ServerNameError), "{text}");
    }
}

#[test]
fn a_pattern_matches_whole_labels() {
    for (pattern, host) in [
        ("api.openai.com", "API.OpenAI.com"),
        ("*.anthropic.com", "api.anthropic.com"),
        ("*.anthropic.com", "a.b.Anthropic.COM"),
        ("*", "anything"),
        ("*-x.org", "eu-X.org"),
        ("a.*.org", "a.b.org"),
        ("a*c.org", "abc.org"),
        ("*.a.*.org", "x.y.a.b.org"),
    ] {
        assert!(name_matches(pattern, host), "{pattern} {host}");
    }
    for (pattern, host) in [
        ("api.openai.com", "xapi.openai.com"),
        ("api.openai.com", "api.openai.com.evil.net"),
        ("api.openai.com", "x.api.openai.com"),
        ("api.openai.com", "openai.com"),
        ("*.anthropic.com", "anthropic.com"),
        ("*.anthropic.com", ".anthropic.com"),
        ("*.anthropic.com", "xanthropic.com"),
        ("*.anthropic.com", "ä"),
        ("*-x.org", "-x.org"),
        ("*-x.org", "a.b-x.org"),
        ("a.*.org", "a.b.c.org"),
        ("a.*.org", "a.org"),
        ("a*c.org", "ac.org"),
        ("aba*aba.org", "ababa.org"),
        ("*.a.*.org", "a.b.org"),
        ("é*.org", "e.org"),
    ] {
        assert!(!name_matches(pattern, host), "{pattern} {host}");
    }
}

/// The same by another way: a pattern as a tree of choices over bytes, tried one by one.
fn oracle(pattern: &[u8], host: &[u8], is_start: bool) -> bool {
    match (pattern, host) {
        (b"*", _) if is_start => true,
        ([b'*', b'.', rest @ ..], _) if is_start => {
            (1..host.len()).any(|at| host[at] == b'.' && host[at - 1] != b'.' && oracle(rest, &host[at + 1..], false))
        }
        ([b'*', rest @ ..], _) => {
            (1..=host.len()).take_while(|at| host[at - 1] != b'.').any(|at| oracle(rest, &host[at..], false))
        }
        ([one, rest @ ..], [other, more @ ..]) => one.eq_ignore_ascii_case(other) && oracle(rest, more, false),
        ([], []) => true,
        _ => false,
    }
}

proptest! {
    #[test]
    fn matching_agrees_with_a_search_of_every_way(
        pattern in r"(\*\.)?[abA*]{1,3}(\.[ab]{0,2}\*?[ab]{0,1}){0,2}",
        host in r"[abB]{0,3}(\.[ab]{0,3}){0,4}",
    ) {
        // Two stars in one label stand in no list.
        prop_assume!(pattern.split('.').all(|label| label.matches('*').count() <= 1));
        prop_assume!(pattern == "*" || pattern.split('.').all(|label| !label.is_empty()));
        prop_assume!(pattern == "*" || !pattern.strip_prefix("*.").unwrap_or(&pattern).is_empty());
        let expected = oracle(pattern.as_bytes(), host.as_bytes(), true);
        prop_assert_eq!(name_matches(&pattern, &host), expected, "{} {}", pattern, host);
    }

    #[test]
    fn a_name_that_was_read_reads_again_as_itself(text in "[a-zA-Z0-9._-]{0,80}") {
        if let Ok(name) = ServerName::try_from(text.as_str()) {
            prop_assert_eq!(ServerName::try_from(name.as_str()), Ok(name.clone()));
            prop_assert!(name_matches(&text, name.as_str()));
        }
    }

    #[test]
    fn any_text_is_a_name_or_not(text in ".*", pattern in ".*") {
        let _ = ServerName::try_from(text.as_str());
        let _ = name_matches(&pattern, &text);
    }
}
