//! Lists of names that come with the program, as data.

use crate::keys::Keys;
use crate::name::name_matches;
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
    /// What it takes as a key.
    pub keys: &'static Keys,
    form: Form,
}

/// What a pattern looks like: most names are compared as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// A name.
    Name,
    /// All names that end in this, which begins with a dot.
    Below(&'static str),
    /// There is another `*` in it.
    Other,
}

impl AiHost {
    fn covers(&self, host: &str) -> bool {
        match self.form {
            Form::Name => self.pattern.eq_ignore_ascii_case(host),
            Form::Below(end) => host.len().checked_sub(end.len()).and_then(|at| host.split_at_checked(at)).is_some_and(
                |(front, rest)| !front.is_empty() && !front.ends_with('.') && rest.eq_ignore_ascii_case(end),
            ),
            Form::Other => name_matches(self.pattern, host),
        }
    }
}

/// The list, and where in it hosts stand that end in the same two labels: few are compared with a name.
struct Index {
    /// In the order of their slots.
    hosts: Vec<AiHost>,
    /// Where the hosts of each slot begin; those of the next one end them.
    starts: Box<[u16; SLOT_COUNT + 1]>,
}

/// About twice as many as there are last labels.
const SLOT_COUNT: usize = 512;

static AI_HOSTS: LazyLock<Index> = LazyLock::new(|| {
    let mut hosts: Vec<AiHost> = lines(include_str!("../data/ai-hosts.txt")).filter_map(host).collect();
    hosts.sort_by_key(|host| slot(tail(host.pattern)));
    let mut starts = Box::new([0; SLOT_COUNT + 1]);
    for (place, start) in starts.iter_mut().enumerate() {
        *start = u16::try_from(hosts.partition_point(|host| slot(tail(host.pattern)) < place)).unwrap_or(u16::MAX);
    }
    Index { hosts, starts }
});

fn host(line: &'static str) -> Option<AiHost> {
    let mut words = line.split_whitespace();
    let (pattern, provider) = (words.next()?, words.next()?);
    let keys = Keys::of(words.next().unwrap_or(provider));
    let form = match pattern.strip_prefix('*').filter(|end| end.starts_with('.')).unwrap_or(pattern) {
        rest if rest.contains('*') => Form::Other,
        rest if rest.len() < pattern.len() => Form::Below(rest),
        _ => Form::Name,
    };
    Some(AiHost { pattern, provider, keys, form })
}

/// The hosts that `"@ai"` stands for.
#[must_use]
pub fn ai_hosts() -> &'static [AiHost] {
    &AI_HOSTS.hosts
}

/// The entry of the list that covers `host`.
pub(crate) fn ai_host(host: &str) -> Option<&'static AiHost> {
    let index = &*AI_HOSTS;
    let [start, next] = *index.starts.get(slot(tail(host))..)?.first_chunk()?;
    let near = index.hosts.get(usize::from(start)..usize::from(next))?;
    near.iter().find(|entry| entry.covers(host))
}

/// The slot of the last two labels, in whatever case.
fn slot(tail: &str) -> usize {
    let mixed = tail.bytes().fold(0u32, |mixed, byte| mixed.wrapping_mul(31).wrapping_add(u32::from(byte | 0x20)));
    // The upper bits of a product depend on all of its factor's (Knuth, 6.4).
    mixed.wrapping_mul(0x9e37_79b1) as usize >> (u32::BITS - SLOT_COUNT.ilog2())
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
    let mut dots = name.bytes().enumerate().rev().filter(|(_, byte)| *byte == b'.').map(|(place, _)| place);
    let second = dots.nth(1);
    second.and_then(|dot| name.get(dot + 1..)).unwrap_or(name)
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
        let words = lines(include_str!("../data/ai-hosts.txt")).map(|line| line.split_whitespace().count());
        assert!(words.into_iter().all(|count| (2..=3).contains(&count)));
    }

    #[test]
    fn of_hosts_of_one_label_some_take_other_keys() {
        let keys = |host: &str| ai_host(host).map(|entry| entry.keys);
        assert_eq!(keys("chatgpt.com"), Some(Keys::of("chatgpt")));
        assert_eq!(keys("api.openai.com"), Some(Keys::of("openai")));
        assert_ne!(keys("chatgpt.com"), keys("api.openai.com"));
        assert_eq!(keys("anybody.hf.space"), Some(Keys::of("none")));
        assert_ne!(keys("oai.helicone.ai"), keys("gateway.helicone.ai"));
    }

    #[test]
    fn few_hosts_share_a_slot() {
        let starts = &AI_HOSTS.starts;
        let tails = |slot: usize| {
            let range = usize::from(starts[slot])..usize::from(starts[slot + 1]);
            ai_hosts()[range].iter().map(|host| tail(host.pattern)).collect::<HashSet<_>>().len()
        };
        let most = (0..SLOT_COUNT).map(tails).max();
        assert!(most <= Some(4), "{most:?}");
        assert_eq!(usize::from(starts[SLOT_COUNT]), ai_hosts().len());
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
        let names = [
            "openai.com",
            "api.OPENAI.com",
            "x.com",
            "com",
            "",
            "a.b.c.azure.com",
            "evil-api.openai.com",
            "ä.ä",
            ".",
            "..",
            ".api.openai.com",
            "..api.openai.com",
            "x.y.Api.openai.com",
            "äapi.openai.com",
            "api.openai.com.",
        ];
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
            ("our-team.openai.azure.com", "azure"),
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
