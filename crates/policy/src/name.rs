//! Names of servers and the patterns that stand for them.

use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

/// Bytes of a name (RFC 1035 section 2.3.4, without the final dot).
const NAME_BYTES_MAX: usize = 253;

/// Bytes of one label of a name.
const LABEL_BYTES_MAX: usize = 63;

/// The name of a server as a ClientHello asks for it: a DNS name in lower case, without a final
/// dot, never an address.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerName(Arc<str>);

/// Not the name of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no DNS name of a server")]
pub struct ServerNameError;

impl ServerName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for ServerName {
    type Error = ServerNameError;

    fn try_from(text: &str) -> Result<Self, ServerNameError> {
        if is_address(text) || !is_dns_name(text) {
            return Err(ServerNameError);
        }
        Ok(Self(text.to_ascii_lowercase().into()))
    }
}

impl fmt::Display for ServerName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for ServerName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

/// Resolvers take what ends in a number for an address, in whichever notation.
fn is_address(text: &str) -> bool {
    let last = text.rsplit('.').next().unwrap_or_default();
    match last.strip_prefix("0x").or_else(|| last.strip_prefix("0X")) {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => last.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

/// True for a host name (RFC 1123, letters in ASCII; underscores are in use).
fn is_dns_name(text: &str) -> bool {
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_label = |label: &str| {
        (1..=LABEL_BYTES_MAX).contains(&label.len())
            && label.bytes().all(is_legal)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= NAME_BYTES_MAX && text.split('.').all(is_label)
}

/// True for what a policy may write in `sni`: a name, one behind `*.`, and `*`.
pub(crate) fn is_pattern(text: &str) -> bool {
    let name = text.strip_prefix("*.").unwrap_or(text);
    text == "*" || is_dns_name(name) && !is_address(name)
}

/// True for what may stand for a host in a request, without its port: such a pattern, or an address (RFC 3986 section 3.2.2).
pub(crate) fn is_host_pattern(text: &str) -> bool {
    let v6 = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    is_pattern(text) || text.parse::<Ipv4Addr>().is_ok() || v6.is_some_and(|v6| v6.parse::<Ipv6Addr>().is_ok())
}

/// True if `host` is a name that `pattern` stands for, in whatever case.
///
/// `*` is every name; `*.example.org` every name below `example.org`, however deep. A `*` elsewhere
/// stands for one or more characters of one label: only shipped lists write it.
pub(crate) fn name_matches(pattern: &str, host: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let (is_deep, pattern) = pattern.strip_prefix("*.").map_or((false, pattern), |rest| (true, rest));
    let mut labels = host.rsplit('.');
    let all_match = pattern.rsplit('.').all(|pattern| labels.next().is_some_and(|label| label_matches(pattern, label)));
    let next = labels.next();
    all_match && if is_deep { next.is_some_and(|label| !label.is_empty()) } else { next.is_none() }
}

fn label_matches(pattern: &str, label: &str) -> bool {
    let Some((front, back)) = pattern.split_once('*') else {
        return pattern.eq_ignore_ascii_case(label);
    };
    let starts = label.get(..front.len()).is_some_and(|start| start.eq_ignore_ascii_case(front));
    let back_at = label.len().checked_sub(back.len()).filter(|at| *at > front.len());
    starts && back_at.and_then(|at| label.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(back))
}

#[cfg(test)]
mod tests;
