//! Private keys in base64 without the lines around them: how their DER begins (RFC 8017 appendix A.1.2, RFC 5958, RFC 5915,
//! RFC 8410).
//!
//! An RSA key says its length first, so two characters of the beginning differ from key to key; the others begin with
//! what [`rules`](super::rules) knows as prefixes. A certificate and a public key go on otherwise.

use super::is_random;
use crate::text::Class;
use crate::window::{CONTEXT_BYTES, Checked, Match, Rest, Window};

/// Characters between the first four of an RSA key and its tail: the rest of its length.
const LENGTH_BYTES: usize = 2;

/// What follows the length: version 0 and a modulus of so many bits, or version 0, the algorithm and its key.
const TAILS: [&[u8]; 5] = [b"IBAAKBgQ", b"IBAAKCAQEA", b"IBAAKCAYEA", b"IBAAKCAgEA", b"IBADANBgkqhkiG9w0BAQEFAASC"];

/// Bytes behind a prefix that decide.
pub(super) const BYTES_MAX: usize = LENGTH_BYTES + TAILS[4].len();

/// Decides behind the first four characters of an RSA key.
pub(super) fn rsa(window: &Window<'_>, start: usize, length: usize) -> Checked {
    let tail = length + LENGTH_BYTES;
    if window.run(length, LENGTH_BYTES, |byte| Class::Base64.holds(byte))? < LENGTH_BYTES {
        return Ok(None);
    }
    for known in TAILS {
        if window.starts_with(tail, known)? {
            return Ok(found(window, start, tail + known.len()));
        }
    }
    Ok(None)
}

/// Decides behind the beginning of another key.
pub(super) fn other(window: &Window<'_>, start: usize, rest: usize) -> Checked {
    /// Characters of the rest that are looked at.
    const REST_BYTES: usize = 20;
    let length = window.run(rest, REST_BYTES, |byte| Class::Base64.holds(byte))?;
    let is_key = length == REST_BYTES && is_random(Class::Base64, window.slice(rest, rest + length));
    Ok(if is_key { found(window, start, rest) } else { None })
}

/// The key up to `end`, and what follows of it. What stands in armour is found with it.
fn found(window: &Window<'_>, start: usize, end: usize) -> Option<Match> {
    let before = window.slice(start.saturating_sub(CONTEXT_BYTES), start);
    let is_armoured = before.trim_ascii_end().ends_with(b"-----");
    (!is_armoured).then(|| Match::new(start, end, 0, 97).followed_by(Rest::Class(Class::Lines)))
}

#[cfg(test)]
mod tests {
    use crate::EntityType;
    use crate::detectors::testing::{find_all, passes};

    #[test]
    fn keys_are_found_without_their_armour() {
        let rest = "wBx1Qm9Zk3vT9xQw2LmN8bR5cY7dF1gH4jK6pS0a";
        for (head, rule) in [
            ("MIIEpAIBAAKCAQEA", "bare-rsa-key-2048"),
            ("MIIEogIBAAKCAQEA", "bare-rsa-key-2048"),
            ("MIIEvgIBADANBgkqhkiG9w0BAQEFAASC", "bare-rsa-key-2048"),
            ("MIIJKQIBAAKCAgEA", "bare-rsa-key-4096"),
            ("MIIG5AIBAAKCAYEA", "bare-rsa-key-3072"),
            ("MIICXQIBAAKBgQ", "bare-rsa-key-1024"),
            ("MHcCAQEEI", "bare-ec-key-256"),
            ("MIGHAgEAMBMGByqGSM49", "bare-pkcs8-ec-key-256"),
            ("MC4CAQAwBQYDK2VwBCIE", "bare-ed25519-key"),
            ("b3BlbnNzaC1rZXktdjEA", "bare-openssh-key"),
        ] {
            let key = format!("{head}{rest}\n{rest}==");
            let found = find_all(&format!("here it is:\n{key} and more"));
            assert_eq!(found, [(rule.to_owned(), key, 97)], "{head}");
        }
    }

    #[test]
    fn what_is_in_armour_or_public_is_no_bare_key() {
        let rest = "wBx1Qm9Zk3vT9xQw2LmN8bR5cY7dF1gH4jK6pS0a";
        let armoured =
            format!("-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA{rest}\n-----END RSA PRIVATE KEY-----");
        assert_eq!(find_all(&armoured).len(), 1);
        passes(
            EntityType::Secret,
            &[
                &format!("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA{rest}"),
                &format!("MIIEpDCCA4ygAwIBAgIQ{rest}"),
                "MIIEpAIBAAKC",
            ],
        );
    }
}
