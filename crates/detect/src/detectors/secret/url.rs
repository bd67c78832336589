//! Passwords in URLs: `scheme://user:password@host` (RFC 3986 section 3.2.1).
//!
//! Any scheme: databases, brokers, mail and file servers, proxies, HTTP with basic authentication.
//! What is reported is the authority: user, password and host. A password that is a template's
//! variable, a placeholder or the word itself is none.

use super::{form, placeholder};
use crate::text::Class;
use crate::window::{Checked, Match, Rest, Window};

/// Bytes of user and password that are looked at; a JSON web token in their place is longer, and has
/// a rule of its own.
pub(crate) const USERINFO_BYTES_MAX: usize = 160;

/// Bytes of the shortest password that is not a word.
const PASSWORD_BYTES_MIN: usize = 4;

/// Words that stand for a password in examples.
const WORDS: [&[u8]; 22] = [
    b"password",
    b"passwd",
    b"pass",
    b"pwd",
    b"pw",
    b"secret",
    b"token",
    b"user",
    b"username",
    b"key",
    b"apikey",
    b"api_key",
    b"example",
    b"test",
    b"guest",
    b"port",
    b"bar",
    b"foo",
    b"baz",
    b"credentials",
    b"pword",
    b"p4ssw0rd",
];

/// Decides at an authority that begins at `start`.
pub(crate) fn check(window: &Window<'_>, start: usize) -> Checked {
    let length = window.run(start, USERINFO_BYTES_MAX, in_userinfo)?;
    let end = start + length;
    if length == USERINFO_BYTES_MAX || window.at(end)? != b'@' {
        return Ok(None);
    }
    let userinfo = window.slice(start, end);
    if is_error_key(userinfo) {
        return error_address(window, start, end + 1);
    }
    let Some(colon) = memchr::memchr(b':', userinfo) else { return Ok(None) };
    let (user, password) = userinfo.split_at(colon);
    let password = password.get(1..).unwrap_or_default();
    let host = window.at(end + 1)?;
    if !is_password(user, password) || !(host.is_ascii_alphanumeric() || matches!(host, b'[' | b'_')) {
        return Ok(None);
    }
    let found = Match::new(start, end + 2, form::URL_CREDENTIALS, 90);
    Ok(Some(found.followed_by(Rest::Class(Class::Authority))))
}

/// Bytes that people write into user and password; more than the standard allows, since passwords are
/// pasted as they are.
const fn in_userinfo(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b':' | b'-'
                | b'.'
                | b'_'
                | b'~'
                | b'!'
                | b'$'
                | b'&'
                | b'*'
                | b'+'
                | b','
                | b';'
                | b'='
                | b'%'
                | b'^'
                | b'#'
        )
}

/// Bytes of the key in an address for error reports.
const ERROR_KEY_BYTES: usize = 32;

fn is_error_key(userinfo: &[u8]) -> bool {
    userinfo.len() == ERROR_KEY_BYTES && userinfo.iter().all(|byte| Class::Hex.holds(*byte))
}

/// Bytes of a host in which the name of the service stands.
const HOST_BYTES_MAX: usize = 64;

/// An address for error reports (Sentry's documentation, "DSN"): a key of 32 hexadecimal digits and a
/// host of the service.
fn error_address(window: &Window<'_>, start: usize, host: usize) -> Checked {
    let length = window.run(host, HOST_BYTES_MAX, |byte| Class::Authority.holds(byte))?;
    let name = window.slice(host, host + length);
    let is_service = [b"sentry".as_slice(), b"ingest."].iter().any(|mark| memchr::memmem::find(name, mark).is_some());
    Ok(is_service.then_some(Match::new(start, host + length, form::SENTRY_DSN, 85)))
}

fn is_password(user: &[u8], password: &[u8]) -> bool {
    let is_word = WORDS.iter().any(|word| password.eq_ignore_ascii_case(word));
    password.len() >= PASSWORD_BYTES_MIN
        && !is_word
        && !password.eq_ignore_ascii_case(user)
        && !placeholder::is_template(password)
        && !placeholder::is_filler(password)
        && !placeholder::names_itself(password)
}

#[cfg(test)]
mod tests {
    use crate::EntityType;
    use crate::detectors::testing::{find_all, passes};

    fn found(text: &str) -> Vec<String> {
        let ours = |found: &(String, String, u8)| found.0 == "url-credentials";
        find_all(text).into_iter().filter(ours).map(|found| found.1).collect()
    }

    #[test]
    fn a_password_is_found_in_a_url_of_any_scheme() {
        for scheme in ["postgres", "mysql", "mongodb+srv", "redis", "amqps", "jdbc:sqlserver", "ftp", "smtp", "https"] {
            let text = format!("url = \"{scheme}://admin:s3cr3tPw@db.internal:5432/app\"");
            assert_eq!(found(&text), ["admin:s3cr3tPw@db.internal:5432"], "{scheme}");
        }
        assert_eq!(found("redis://:kY8x-2!z@10.0.0.1/0"), [":kY8x-2!z@10.0.0.1"]);
    }

    #[test]
    fn the_key_of_an_address_for_error_reports_is_found() {
        let key = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
        let all = find_all(&format!("see https://{key}@o12345.ingest.sentry.io/67890"));
        assert!(all.contains(&("sentry-dsn".into(), format!("{key}@o12345.ingest.sentry.io"), 85)), "{all:?}");
        passes(EntityType::Secret, &[&format!("https://{key}@example.com/")]);
    }

    #[test]
    fn urls_without_a_password_pass() {
        passes(
            EntityType::Secret,
            &[
                "https://example.com:8080/a@b",
                "https://user@example.com",
                "ssh://git@host.com:22/x",
                "postgres://user:password@localhost/db",
                "postgres://user:pass@localhost/db",
                "postgres://$USER:$PASS@localhost/db",
                "postgres://u:${DB_PASS}@localhost/db",
                "https://user:********@host.com",
                "https://user:<password>@host.com",
                "http://user:your-password@host.com",
                "http://%s:%s@host",
                "://:@",
            ],
        );
    }
}
