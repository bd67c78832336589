use core::net::IpAddr;

/// Whose dialect a model call speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Provider {
    /// OpenAI and whatever speaks its API.
    OpenAi,
    /// Anthropic.
    Anthropic,
    /// Google Gemini.
    Gemini,
    /// Ollama.
    Ollama,
}

/// Names below which every host belongs to one provider.
const DOMAINS: [(&str, Provider); 5] = [
    ("openai.com", Provider::OpenAi),
    ("anthropic.com", Provider::Anthropic),
    ("generativelanguage.googleapis.com", Provider::Gemini),
    ("aiplatform.googleapis.com", Provider::Gemini),
    ("ollama.com", Provider::Ollama),
];

/// Top-level names that are never delegated in the public DNS (RFC 2606, 6761, 8375, 6762, ICANN).
const PRIVATE_SUFFIXES: [&str; 8] = ["localhost", "local", "internal", "lan", "home.arpa", "test", "corp", "intranet"];

impl Provider {
    /// The label in records and policies of whose own hosts they are.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Ollama => "ollama",
        }
    }

    /// The provider to which a host name belongs.
    #[must_use]
    pub fn of_host(host: &str) -> Option<Self> {
        DOMAINS.iter().find(|(domain, _)| is_below(host, domain)).map(|(_, provider)| *provider)
    }
}

/// True for a host that can only be on the operator's own network: a private address, a single label, or
/// a name that the public DNS does not know. Its dialect tells whose client speaks to it.
pub(crate) fn is_private_host(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return is_private_address(address.to_canonical());
    }
    // A label of digits is an address in another spelling.
    let is_label = !host.contains(['.', ':']) && !host.starts_with(|first: char| first.is_ascii_digit());
    is_label || PRIVATE_SUFFIXES.iter().any(|suffix| is_below(host, suffix))
}

/// RFC 1918, RFC 6598, RFC 4193, and those of a link or of the machine itself.
fn is_private_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let is_shared = address.octets()[0] == 100 && address.octets()[1] & 0xc0 == 64;
            address.is_private() || address.is_loopback() || address.is_link_local() || is_shared
        }
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local(),
    }
}

/// True if `host` is `domain` or a name below it.
fn is_below(host: &str, domain: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let Some(split) = host.len().checked_sub(domain.len()) else {
        return false;
    };
    let Some((front, tail)) = host.split_at_checked(split) else {
        return false;
    };
    tail.eq_ignore_ascii_case(domain) && (front.is_empty() || front.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_only_ends_like_a_provider_is_not_one() {
        assert_eq!(Provider::of_host("api.OpenAI.com"), Some(Provider::OpenAi));
        assert_eq!(Provider::of_host("openai.com."), Some(Provider::OpenAi));
        assert_eq!(Provider::of_host("notopenai.com"), None);
        assert_eq!(Provider::of_host("openai.com.example.net"), None);
    }

    #[test]
    fn addresses_and_private_names_are_private_and_public_names_are_not() {
        for host in [
            "10.0.0.2",
            "100.64.0.9",
            "127.0.0.1",
            "[fd00::1]",
            "[::1]",
            "[::ffff:192.168.0.1]",
            "ollama",
            "llm.internal",
            "a.b.local",
        ] {
            assert!(is_private_host(host), "{host}");
        }
        for host in [
            "evil.example.com",
            "api.openai.com",
            "internal.example.com",
            "8.8.8.8",
            "100.128.0.1",
            "[2001:4860:4860::8888]",
            "[::ffff:8.8.8.8]",
            "134744072",
            "0x08080808",
            "[fd00::1",
            "127.1",
        ] {
            assert!(!is_private_host(host), "{host}");
        }
    }
}
