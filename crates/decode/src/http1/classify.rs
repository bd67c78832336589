use super::Method;
use crate::token::is_token;

/// The most bytes [`classify`] ever needs to decide.
pub const CLASSIFY_BYTES_MAX: usize = 18;

/// The part of the HTTP/2 preface that no HTTP/1 request can begin with (RFC 9113 section 3.4).
const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0";

/// Handshake record, major version 3, any minor version so far; then two bytes of length; then
/// the handshake type (RFC 8446 sections 4 and 5.1).
const TLS_HANDSHAKE: u8 = 0x16;
const TLS_MAJOR: u8 = 3;
const TLS_MINOR_MAX: u8 = 4;
const TLS_CLIENT_HELLO: u8 = 1;

/// What the first bytes of a client say it speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Classified {
    /// More bytes are needed; never said of [`CLASSIFY_BYTES_MAX`] bytes or more.
    NeedMore,
    /// A known HTTP method and a space, or white space as far as is looked.
    Http1,
    /// The HTTP/2 connection preface.
    Http2Preface,
    /// A TLS record with a ClientHello.
    Tls,
    /// Nothing of these.
    Unknown,
}

/// Classifies a connection by the first bytes that its client sent, whatever its port. More bytes
/// never change an answer once it is given.
#[must_use]
pub fn classify(first: &[u8]) -> Classified {
    let start = first.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(first.len());
    if start == 0 {
        return classify_text(first);
    }
    // Servers skip empty lines before a request, and some any white space, so what follows it
    // counts. The decoder refuses it.
    match first.get(start..).map(classify_method) {
        None | Some(Classified::NeedMore) if first.len() >= CLASSIFY_BYTES_MAX => Classified::Http1,
        None => Classified::NeedMore,
        Some(classified) => classified,
    }
}

fn classify_text(first: &[u8]) -> Classified {
    match first {
        [] => Classified::NeedMore,
        [TLS_HANDSHAKE, rest @ ..] => classify_tls(rest),
        _ if HTTP2_PREFACE.starts_with(first) => Classified::NeedMore,
        _ if first.starts_with(HTTP2_PREFACE) => Classified::Http2Preface,
        _ => classify_method(first),
    }
}

fn classify_tls(rest: &[u8]) -> Classified {
    match rest {
        [TLS_MAJOR, 0..=TLS_MINOR_MAX, _, _, TLS_CLIENT_HELLO, ..] => Classified::Tls,
        [] | [TLS_MAJOR] | [TLS_MAJOR, 0..=TLS_MINOR_MAX] => Classified::NeedMore,
        [TLS_MAJOR, 0..=TLS_MINOR_MAX, _] | [TLS_MAJOR, 0..=TLS_MINOR_MAX, _, _] => Classified::NeedMore,
        _ => Classified::Unknown,
    }
}

fn classify_method(first: &[u8]) -> Classified {
    let end = first.iter().take(Method::BYTES_MAX + 1).position(|byte| !is_token(*byte));
    let name = end.and_then(|end| first.get(..end)).unwrap_or(first);
    match end.and_then(|end| first.get(end)) {
        None if Method::begins_with(name) => Classified::NeedMore,
        Some(b' ') if Method::parse(name).is_ok() => Classified::Http1,
        None | Some(_) => Classified::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn first_bytes_tell_the_protocols_apart() {
        let cases: &[(&[u8], Classified)] = &[
            (b"GET / HTTP/1.1\r\n", Classified::Http1),
            (b"POST ", Classified::Http1),
            (b"\r\n\r\n \tPOST ", Classified::Http1),
            (b"\r\n", Classified::NeedMore),
            (b"                  ", Classified::Http1),
            (b"\r\n\r\n\r\n\r\n\r\n\r\n\r\nPROP", Classified::Http1),
            (b"\n\x16\x03\x01\x02\x00\x01", Classified::Unknown),
            (b"UPDATEREDIRECTREF ", Classified::Http1),
            (b"P", Classified::NeedMore),
            (b"PRI", Classified::NeedMore),
            (b"PRI * HTTP/2.", Classified::NeedMore),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Classified::Http2Preface),
            (b"PRI * HTTP/1.1\r\n", Classified::Unknown),
            (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", Classified::Tls),
            (b"\x16\x03\x01\x02\x00", Classified::NeedMore),
            (b"\x16\x03\x01\x02\x00\x02", Classified::Unknown),
            (b"\x16\x03\x09", Classified::Unknown),
            (b"\x16\x02", Classified::Unknown),
            (b"SSH-2.0-OpenSSH_9.2\r\n", Classified::Unknown),
            (b"EHLO example.com\r\n", Classified::Unknown),
            (b"get / HTTP/1.1\r\n", Classified::Unknown),
            (b"GET\t/", Classified::Unknown),
            (b"\r\nGET / HTTP/1.1\r\n", Classified::Http1),
            (b" GET", Classified::NeedMore),
            (b"\x00\x00\x00", Classified::Unknown),
        ];
        for (first, expected) in cases {
            assert_eq!(classify(first), *expected, "{}", first.escape_ascii());
        }
    }

    fn starts() -> impl Strategy<Value = Vec<u8>> {
        let known = ["GET", "POST ", "VERSION-CONTROL", "PRI * HTTP/2.0", "PRI ", "\x16\x03\x01\x02\x03\x01"];
        let known = prop::sample::select(known.to_vec()).prop_map(|text| text.as_bytes().to_vec());
        let noise = prop::collection::vec(any::<u8>(), 0..24);
        (prop_oneof![known, Just(Vec::new())], noise).prop_map(|(start, noise)| [start, noise].concat())
    }

    proptest! {
        #[test]
        fn an_answer_is_given_in_time_and_never_changes(bytes in starts()) {
            let mut settled = Classified::NeedMore;
            for len in 0..=bytes.len() {
                let now = classify(&bytes[..len]);
                prop_assert!(settled == Classified::NeedMore || settled == now);
                prop_assert!(len < CLASSIFY_BYTES_MAX || now != Classified::NeedMore);
                settled = now;
            }
        }
    }
}
