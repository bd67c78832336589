//! Names of servers, as a client may ask for them.

use core::fmt;
use std::sync::Arc;

/// Bytes of a name (RFC 1035 section 2.3.4, without the final dot).
const NAME_BYTES_MAX: usize = 253;
/// Bytes of one of its labels.
const LABEL_BYTES_MAX: usize = 63;

/// A DNS name in lower case, without a final dot: letters, digits, `-` and `_` in labels of 1 to 63
/// bytes. Never an address. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(Arc<str>);

/// Why some bytes are no name of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostNameError {
    /// Addresses are not allowed there (RFC 6066 section 3).
    #[error("it is an address")]
    Address,
    /// Empty, too long, or with a byte or label that no DNS name has.
    #[error("it is no DNS name")]
    NotDns,
}

impl HostName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&[u8]> for HostName {
    type Error = HostNameError;

    fn try_from(bytes: &[u8]) -> Result<Self, HostNameError> {
        let text = core::str::from_utf8(bytes).map_err(|_| HostNameError::NotDns)?;
        if text.parse::<core::net::IpAddr>().is_ok() {
            return Err(HostNameError::Address);
        }
        if text.is_empty() || text.len() > NAME_BYTES_MAX || !text.split('.').all(is_label) {
            return Err(HostNameError::NotDns);
        }
        // Resolvers take what ends in a number for an address, in whichever notation.
        if text.rsplit('.').next().is_some_and(is_number) {
            return Err(HostNameError::Address);
        }
        Ok(Self(text.to_ascii_lowercase().into()))
    }
}

impl TryFrom<&str> for HostName {
    type Error = HostNameError;

    fn try_from(text: &str) -> Result<Self, HostNameError> {
        Self::try_from(text.as_bytes())
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for HostName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

fn is_label(label: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=LABEL_BYTES_MAX).contains(&label.len())
        && label.bytes().all(is_inner)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// Decimal, or hexadecimal with `0x`, as `inet_aton` reads it.
fn is_number(label: &str) -> bool {
    let hex = label.strip_prefix("0x").or_else(|| label.strip_prefix("0X"));
    hex.map_or_else(
        || label.bytes().all(|byte| byte.is_ascii_digit()),
        |digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_in_lower_case() {
        assert_eq!(HostName::try_from("API.OpenAI.com").unwrap().as_str(), "api.openai.com");
        for name in ["localhost", "a_b.example", "xn--bcher-kva.example", "1.example", "3com.com"] {
            assert_eq!(HostName::try_from(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn addresses_are_no_names() {
        for name in ["1.2.3.4", "::1", "127.1", "0x7f000001", "2130706433", "a.0x1f", "example.42"] {
            assert_eq!(HostName::try_from(name), Err(HostNameError::Address), "{name}");
        }
    }

    #[test]
    fn what_is_no_dns_name_is_refused() {
        let long_label = "a".repeat(64);
        let long_name = ["a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(62)].join(".");
        for name in
            ["", ".", "a..b", "a.", ".a", "-a.b", "a-.b", "a b", "a/b", "*.a", "b\u{fc}cher.example", &long_label]
        {
            assert_eq!(HostName::try_from(name), Err(HostNameError::NotDns), "{name}");
        }
        assert_eq!(HostName::try_from(long_name.as_str()), Err(HostNameError::NotDns));
        assert_eq!(HostName::try_from(&b"a\0.example"[..]), Err(HostNameError::NotDns));
        assert_eq!(HostName::try_from(&b"a\xff.example"[..]), Err(HostNameError::NotDns));
    }
}
