//! Lists of names that come with the program, as data.

use crate::name::name_matches;
use core::cmp::Ordering;
use std::sync::LazyLock;

/// The name in a policy of the list of AI services' hosts.
pub(crate) const AI_LIST: &str = "@ai";

/// A host, or a pattern of hosts, of an AI service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AiHost {
    /// The host as `data/ai-hosts.txt` writes it.
    pub pattern: &'static str,
    /// The provider's label in records.
    pub provider: &'static str,
    /// Its last two labels.
    tail: &'static str,
}

/// In the order of their last two labels, so that few are compared with a name.
static AI_HOSTS: LazyLock<Vec<AiHost>> = LazyLock::new(|| {
    let mut hosts: Vec<AiHost> = lines(include_str!("../data/ai-hosts.txt"))
        .filter_map(|line| line.split_once(char::is_whitespace))
        .map(|(pattern, provider)| AiHost { pattern, provider: provider.trim(), tail: tail(pattern) })
        .collect();
    hosts.sort_by(|one, other| compare(one.tail, other.tail));
    hosts
});

/// The hosts that `"@ai"` stands for.
#[must_use]
pub fn ai_hosts() -> &'static [AiHost] {
    &AI_HOSTS
}

/// The entry of the list that covers `host`.
pub(crate) fn ai_host(host: &str) -> Option<&'static AiHost> {
    let end = tail(host);
    let start = AI_HOSTS.partition_point(|entry| compare(entry.tail, end).is_lt());
    let near = AI_HOSTS.get(start..).unwrap_or_default();
    let mut same = near.iter().take_while(|entry| compare(entry.tail, end).is_eq());
    same.find(|entry| name_matches(entry.pattern, host))
}

/// True if a ClientHello for `name` hides the true name.
pub(crate) fn is_ech_public_name(name: &str) -> bool {
    lines(include_str!("../data/ech-names.txt")).any(|pattern| name_matches(pattern, name))
}

/// Lines of a list, without remarks and what is empty.
fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter_map(|line| line.split('#').next()).map(str::trim).filter(|line| !line.is_empty())
}

/// The last two labels.
fn tail(name: &str) -> &str {
    let second = name.rfind('.').and_then(|last| name.get(..last)).and_then(|front| front.rfind('.'));
    second.and_then(|dot| name.get(dot + 1..)).unwrap_or(name)
}

/// An order in which letters have no case; most are told apart by their length.
fn compare(one: &str, other: &str) -> Ordering {
    let lower = |byte: u8| byte.to_ascii_lowercase();
    one.len().cmp(&other.len()).then_with(|| one.bytes().map(lower).cmp(other.bytes().map(lower)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ServerName;
    use std::collections::HashSet;

    #[test]
    fn the_list_is_well_formed_and_long_enough() {
        let mut seen = HashSet::new();
        for AiHost { pattern, provider, .. } in ai_hosts() {
            let example = pattern.replace('*', "any");
            assert_eq!(ServerName::try_from(example.as_str()).unwrap().as_str(), example, "{pattern}");
            assert!(!tail(pattern).contains('*') && pattern.contains('.'), "{pattern} covers too much");
            assert!(pattern.split('.').all(|label| label.matches('*').count() <= 1), "{pattern}");
            assert!(seen.insert(pattern), "{pattern} stands there twice");
            let is_label = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            assert!((1..=16).contains(&provider.len()) && provider.bytes().all(is_label), "{provider}");
        }
        assert!(ai_hosts().len() >= 200, "{}", ai_hosts().len());
    }

    #[test]
    fn every_host_of_the_list_is_found_with_its_provider() {
        for AiHost { pattern, provider, .. } in ai_hosts() {
            let example = pattern.replace('*', "Any");
            let found = ai_host(&example).unwrap_or_else(|| panic!("{example}"));
            let is_covered_by_both = name_matches(found.pattern, &example);
            assert!(is_covered_by_both && found.provider == *provider, "{example} is {found:?}");
        }
    }

    #[test]
    fn the_search_by_last_labels_finds_what_a_search_of_all_finds() {
        let names =
            ["openai.com", "api.OPENAI.com", "x.com", "com", "", "a.b.c.azure.com", "evil-api.openai.com", "ä.ä"];
        for name in names {
            let any = ai_hosts().iter().any(|entry| name_matches(entry.pattern, name));
            assert_eq!(ai_host(name).is_some(), any, "{name}");
        }
    }

    #[test]
    fn the_services_that_people_use_are_on_the_list_and_others_are_not() {
        for (host, provider) in [
            ("api.openai.com", "openai"),
            ("eu.api.openai.com", "openai"),
            ("our-team.openai.azure.com", "openai"),
            ("us-central1-aiplatform.googleapis.com", "gemini"),
            ("bedrock-runtime.eu-central-1.amazonaws.com", "bedrock"),
            ("vpce-1.bedrock-runtime.us-east-1.vpce.amazonaws.com", "bedrock"),
            ("api.individual.githubcopilot.com", "copilot"),
            ("claude.ai", "anthropic"),
        ] {
            assert_eq!(ai_host(host).map(|entry| entry.provider), Some(provider), "{host}");
        }
        for host in ["example.org", "www.googleapis.com", "s3.eu-central-1.amazonaws.com", "openai.com.evil.net"] {
            assert_eq!(ai_host(host), None, "{host}");
        }
    }

    #[test]
    fn public_names_of_encrypted_hellos_are_known() {
        assert!(is_ech_public_name("cloudflare-ech.com"));
        assert!(!is_ech_public_name("cloudflare.com"));
    }
}
