//! Request targets and the hosts in them.

use super::{Error, Method};
use core::net::Ipv6Addr;

/// Checks that a target has one of the four forms and that its method allows it (RFC 9112
/// section 3.2). A fragment is part of none.
pub(super) fn check_target(method: Method, target: &[u8]) -> Result<(), Error> {
    let allowed = match target {
        _ if target.contains(&b'#') => false,
        _ if method == Method::Connect => has_port(target) && is_host(target),
        [b'/', ..] => true,
        [b'*'] => method == Method::Options,
        _ => absolute_authority(target).is_some_and(is_host),
    };
    if allowed { Ok(()) } else { Err(Error::TargetForm) }
}

/// The authority of a target in absolute form. Only http and https name hosts that are asked this
/// way.
pub(super) fn absolute_authority(target: &[u8]) -> Option<&[u8]> {
    let behind = |scheme: &[u8]| {
        let (start, rest) = target.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    };
    let rest = behind(b"http://").or_else(|| behind(b"https://"))?;
    rest.split(|byte| matches!(byte, b'/' | b'?')).next()
}

/// True for a name, an IPv4 address or a bracketed IPv6 address, with or without a port. Escapes,
/// user information, zone identifiers and empty parts are refused: receivers read them differently.
pub(super) fn is_host(host: &[u8]) -> bool {
    let (name, port) = match host {
        [b'[', rest @ ..] => {
            let Some(close) = rest.iter().position(|byte| *byte == b']') else {
                return false;
            };
            let (address, behind) = rest.split_at(close);
            if !is_ipv6(address) {
                return false;
            }
            (&b"address"[..], behind.get(1..).unwrap_or_default())
        }
        _ => {
            let colon = host.iter().position(|byte| *byte == b':').unwrap_or(host.len());
            host.split_at(colon)
        }
    };
    let is_name_byte = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    !name.is_empty() && name.iter().all(is_name_byte) && (port.is_empty() || is_port(port))
}

fn is_ipv6(address: &[u8]) -> bool {
    core::str::from_utf8(address).is_ok_and(|address| address.parse::<Ipv6Addr>().is_ok())
}

/// True for a colon and a port number.
fn is_port(port: &[u8]) -> bool {
    let [b':', digits @ ..] = port else {
        return false;
    };
    let number = |text: &str| text.parse::<u16>().is_ok();
    digits.iter().all(u8::is_ascii_digit) && core::str::from_utf8(digits).is_ok_and(number)
}

fn has_port(authority: &[u8]) -> bool {
    authority.iter().rposition(|byte| *byte == b':') > authority.iter().rposition(|byte| *byte == b']')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_or_addresses_with_an_optional_port() {
        for host in ["a", "api.openai.com", "a_b.example:8080", "127.0.0.1:1", "[::1]", "[2001:db8::1]:443", "a:65535"]
        {
            assert!(is_host(host.as_bytes()), "{host}");
        }
        for host in [
            "",
            ":80",
            "a:",
            "a:b",
            "a:65536",
            "a:+80",
            "a:80:80",
            "a b",
            "a,b",
            "a/b",
            "a@b",
            "a%41",
            "a\\b",
            "[",
            "[]",
            "[::1",
            "[::1]x",
            "[::1]:",
            "[fe80::1%25eth0]",
            "::1",
            "é",
            "a?b",
            "a#b",
            "[1.2.3.4]",
        ] {
            assert!(!is_host(host.as_bytes()), "{host}");
        }
    }

    #[test]
    fn each_method_allows_its_target_forms() {
        let allowed = |method, target: &str| check_target(method, target.as_bytes()).is_ok();
        assert!(allowed(Method::Get, "/"));
        assert!(allowed(Method::Get, "//x/../y?z=%00|"));
        assert!(allowed(Method::Post, "http://example.com"));
        assert!(allowed(Method::Post, "HTTPS://example.com:8443/x"));
        assert!(allowed(Method::Post, "http://[::1]?x"));
        assert!(allowed(Method::Options, "*"));
        assert!(allowed(Method::Connect, "example.com:443"));
        assert!(allowed(Method::Connect, "[::1]:443"));

        assert!(!allowed(Method::Get, "*"));
        assert!(!allowed(Method::Get, "x"));
        assert!(!allowed(Method::Get, "/#f"));
        assert!(!allowed(Method::Get, "example.com:443"));
        assert!(!allowed(Method::Get, "ftp://example.com/"));
        assert!(!allowed(Method::Get, "http:/example.com/"));
        assert!(!allowed(Method::Get, "http://user@example.com/"));
        assert!(!allowed(Method::Get, "http:///x"));
        assert!(!allowed(Method::Connect, "example.com"));
        assert!(!allowed(Method::Connect, "[::1]"));
        assert!(!allowed(Method::Connect, "/"));
        assert!(!allowed(Method::Connect, "http://example.com:443"));
    }
}
