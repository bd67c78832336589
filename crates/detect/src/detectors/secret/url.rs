//! Passwords in URLs: `scheme://user:password@host` (RFC 3986 section 3.2.1).
//!
//! Any scheme: databases, brokers, mail and file servers, proxies, HTTP with basic authentication.
//! What is reported is the authority: user, password and host. A password that is a template's
//! variable, a placeholder or the word itself is none.

use super::{form, placeholder};
use crate::text::Class;
use crate::window::{Checked, Match, Rest, Undecided, Window};

/// Bytes of user and password that are looked at; a JSON web token in their place is longer, and has
/// a rule of its own.
pub(crate) const USERINFO_BYTES_MAX: usize = 160;

/// Bytes of the shortest password that is not a word.
const PASSWORD_BYTES_MIN: usize = 4;

/// Words that stand for a password in examples.
const WORDS: [&[u8]; 27] = [
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
    b"required",
    b"optional",
    b"string",
    b"hidden",
    b"none",
];

/// Decides at an authority that begins at `start`.
pub(crate) fn check(window: &Window<'_>, start: usize) -> Checked {
    let variable = variable_length(window, start)?;
    let length = window.run(start + variable, USERINFO_BYTES_MAX, in_userinfo)?;
    let end = start + variable + length;
    let text = window.slice(start, end);
    // Another address has begun.
    let text = memchr::memmem::find(text, b"://").map_or(text, |next| text.get(..next).unwrap_or_default());
    if variable == 0 && text.get(..=ERROR_KEY_BYTES).is_some_and(is_error_key) {
        return error_address(window, start, start + ERROR_KEY_BYTES + 1);
    }
    let from = if variable > 0 { variable } else { user_length(text) };
    if text.get(from) != Some(&b':') || text.get(from + 1..).is_none_or(is_port) {
        return Ok(None);
    }
    let user = text.get(..from).unwrap_or_default();
    let mut at = from;
    for _ in 0..HOST_COUNT_MAX {
        let Some(next) = next_host(text, at + 1) else { break };
        at = next;
        let password = text.get(from + 1..at).unwrap_or_default();
        if is_password(user, password) && may_begin_host(window.at(start + at + 1)?) {
            let found = Match::new(start, start + at + 2, form::URL_CREDENTIALS, 90);
            return Ok(Some(found.followed_by(Rest::Class(Class::Authority))));
        }
    }
    Ok(None)
}

/// Signs that are tried as the one before the host: paths and queries of addresses have few.
const HOST_COUNT_MAX: usize = 4;

/// Bytes of the name of a template's variable.
const VARIABLE_BYTES_MAX: usize = 40;

/// Bytes of a template's variable at `start`, in the place of a user: `${USER}`, `{user}`, `{{ user }}`, `<user>`.
fn variable_length(window: &Window<'_>, start: usize) -> Result<usize, Undecided> {
    let opening = window.run(start, 3, |byte| matches!(byte, b'$' | b'#' | b'{' | b'<'))?;
    if !matches!(window.slice(start, start + opening), [.., b'{' | b'<']) {
        return Ok(0);
    }
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b' ' | b'-');
    let name = window.run(start + opening, VARIABLE_BYTES_MAX, in_name)?;
    let closing = window.run(start + opening + name, 2, |byte| matches!(byte, b'}' | b'>'))?;
    Ok(if name == 0 || closing == 0 { 0 } else { opening + name + closing })
}

/// Bytes of the user: up to the first colon that no path, query or password stands before.
fn user_length(text: &[u8]) -> usize {
    text.iter().position(|byte| matches!(byte, b':' | b'/' | b'?' | b'@' | b'(' | b'|')).unwrap_or(text.len())
}

/// True for a port and what follows it: there is no password.
fn is_port(text: &[u8]) -> bool {
    /// Digits of the largest port.
    const DIGITS_MAX: usize = 5;
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let ends = |byte: &u8| matches!(byte, b'/' | b'?' | b'#' | b'(' | b')' | b'|' | b',' | b';' | 0x80..);
    digits <= DIGITS_MAX && text.get(digits).is_none_or(ends) && (digits > 0 || text.first() == Some(&b'/'))
}

/// The next `@` at or behind `from` that a host may follow: the last one before a path or a query.
fn next_host(text: &[u8], from: usize) -> Option<usize> {
    let first = from + memchr::memchr(b'@', text.get(from..)?)?;
    let rest = text.get(first..)?;
    let authority = rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.len());
    memchr::memrchr(b'@', rest.get(..authority)?).map(|last| first + last)
}

/// True for the first byte of a host or of a template's variable for one.
const fn may_begin_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'[' | b'_' | b'$' | b'{' | b'%' | b'<' | b'#')
}

/// Bytes that people write into user and password; more than the standard allows, since passwords are
/// pasted as they are. What follows the host may be read, too.
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
                | b'@'
                | b'/'
                | b'?'
                | b'|'
                | b'('
                | b')'
                | 0x80..=0xf4
        )
}

/// Bytes of the key in an address for error reports.
const ERROR_KEY_BYTES: usize = 32;

/// True for a key and the `@` behind it.
fn is_error_key(userinfo: &[u8]) -> bool {
    matches!(userinfo, [key @ .., b'@'] if key.iter().all(|byte| Class::Hex.holds(*byte)))
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
        && (!placeholder::names_itself(password) || placeholder::goes_beyond_words(password))
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
    fn a_password_may_have_signs_that_urls_give_a_meaning() {
        for password in ["p@Xk29dkQ1", "Xk/29dkQ1", "Xk29?dkQ1", "Xk29|dkQ1", "Xk(29)dkQ1", "Xk29@dk@Q1", "pÄss29wört"]
        {
            for (behind, reported) in [("host/db", "host"), ("host:5432/db?a=b@c.de", "host:5432"), ("host", "host")] {
                let text = format!("postgres://app:{password}@{behind}");
                assert_eq!(found(&text), [format!("app:{password}@{reported}")], "{text}");
            }
        }
    }

    #[test]
    fn a_password_is_found_beside_variables() {
        for host in ["${DB_HOST}/db", "$HOST/db", "{host}/db", "%s/db", "<host>/db", "{{ host }}:5432"] {
            let text = format!("postgres://app:Xk29dkQ1@{host}");
            assert!(
                found(&text).iter().any(|found| found.starts_with("app:Xk29dkQ1@")),
                "{text}: {:?}",
                find_all(&text)
            );
        }
        for user in ["${USER}", "$USER", "{user}", "{{ user }}", "%s", "<user>"] {
            let text = format!("postgres://{user}:Xk29dkQ1@host/db");
            assert_eq!(found(&text), [format!("{user}:Xk29dkQ1@host")], "{text}");
        }
    }

    #[test]
    fn a_word_of_placeholders_may_be_a_part_of_a_password() {
        for password in ["Acme-Example-9x", "My-Default-Gw77x", "4Your-Eyes-0nly"] {
            let text = format!("amqp://app:{password}@db/v");
            assert_eq!(found(&text), [format!("app:{password}@db")], "{text}");
        }
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
                "http://${USER}:${PASS}@host",
                "http://{user}:{password}@{host}",
                "postgres://app:password@${DB_HOST}/db",
                "postgres://app:your-password-123@db/x",
                "postgres://app:example-password@db/x",
                "postgres://app:default123@db/x",
                "https://host.com:8080/a@b2c/d",
                "https://host.com:8080?mail=jane2@b.com",
                "http://localhost:3000, jane2@b.com",
                "http://例子.com:8080，联系 jane2@b.com",
                "http://host:8080)|(jane2@b.com",
                "https://host.com/v2:latest@sha256:0a1b2c",
                "docker://quay.io/a/b:v1.2.3@sha256",
                "https://medium.com/@user:x2/y@z",
                "https://a.io/?x=1:b2c3d4e@f",
                "://:@",
            ],
        );
    }
}
