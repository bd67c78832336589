//! What the fields of a head say about the end of its message and of the connection.

use super::{BODY_BYTES_MAX, Error, FieldName};

/// The version that a start line names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// HTTP/1.0
    Http10,
    /// HTTP/1.1
    Http11,
}

/// How the end of a message is found (RFC 9112 section 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Framing {
    /// There is no body: the message ends with its head.
    None,
    /// The body has this many bytes.
    Length(u64),
    /// The body comes in chunks; trailers may follow it.
    Chunked,
    /// The body goes on until the connection ends. Only responses have this.
    UntilEof,
    /// An interim response (1xx): no body, and the next head answers the same request.
    Interim,
    /// What follows is no longer HTTP: the decoder reads no further.
    Tunnel,
}

/// The framing fields of one head, taken up line by line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FramingFields {
    length: Option<u64>,
    chunked: bool,
    close: bool,
    keep_alive: bool,
}

impl FramingFields {
    /// Takes up one field; most say nothing about framing.
    pub(super) fn take(&mut self, known: FieldName, name: &[u8], value: &[u8]) -> Result<(), Error> {
        if known == FieldName::Connection {
            return self.take_connection(value);
        }
        if known == FieldName::ContentLength {
            return self.take_length(value);
        }
        if known == FieldName::TransferEncoding {
            return self.take_coding(value);
        }
        if known == FieldName::Other && is_lookalike(name) { Err(Error::FramingLookalike) } else { Ok(()) }
    }

    /// The framing that the fields ask for, if they ask for one.
    pub(super) fn announced(&self, version: Version) -> Result<Option<Framing>, Error> {
        match (self.length, self.chunked, version) {
            (_, true, Version::Http10) => Err(Error::TransferEncodingVersion),
            (_, true, Version::Http11) => Ok(Some(Framing::Chunked)),
            (Some(length), false, _) => Ok(Some(Framing::Length(length))),
            (None, false, _) => Ok(None),
        }
    }

    /// True if another message may follow on the connection (RFC 9112 section 9.3).
    pub(super) const fn is_persistent(&self, version: Version) -> bool {
        match version {
            Version::Http11 => !self.close,
            Version::Http10 => self.keep_alive && !self.close,
        }
    }

    fn take_length(&mut self, value: &[u8]) -> Result<(), Error> {
        if self.length.is_some() {
            return Err(Error::ContentLengthRepeated);
        }
        if self.chunked {
            return Err(Error::LengthAndCoding);
        }
        self.length = Some(parse_length(value)?);
        Ok(())
    }

    fn take_coding(&mut self, value: &[u8]) -> Result<(), Error> {
        if self.chunked {
            return Err(Error::TransferEncodingRepeated);
        }
        if self.length.is_some() {
            return Err(Error::LengthAndCoding);
        }
        if !value.eq_ignore_ascii_case(b"chunked") {
            return Err(Error::TransferEncoding);
        }
        self.chunked = true;
        Ok(())
    }

    fn take_connection(&mut self, value: &[u8]) -> Result<(), Error> {
        for option in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
            let is = |name: &str| option.eq_ignore_ascii_case(name.as_bytes());
            self.close |= is("close");
            self.keep_alive |= is("keep-alive");
            if is("content-length") || is("transfer-encoding") || is("host") {
                return Err(Error::ConnectionOption);
            }
        }
        Ok(())
    }
}

/// True for a name that some receivers take for one of the fields that say what a body is.
fn is_lookalike(name: &[u8]) -> bool {
    match name.len() {
        14 => imitates(name, b"content-length"),
        16 => imitates(name, b"content-encoding"),
        17 => imitates(name, b"transfer-encoding"),
        _ => false,
    }
}

/// True if `name` becomes `original` where `_` is read as `-`, as gateways to CGI do.
fn imitates(name: &[u8], original: &[u8]) -> bool {
    let same = |(left, right): (&u8, &u8)| left.eq_ignore_ascii_case(right) || (*left == b'_' && *right == b'-');
    name.len() == original.len() && name.iter().zip(original).all(same)
}

/// Digits only. A leading zero makes some receivers read octal.
fn parse_length(value: &[u8]) -> Result<u64, Error> {
    match value {
        [b'0'] => return Ok(0),
        [] | [b'0', ..] => return Err(Error::ContentLength),
        _ if !value.iter().all(u8::is_ascii_digit) => return Err(Error::ContentLength),
        _ => {}
    }
    value
        .iter()
        .try_fold(0_u64, |length, digit| length.checked_mul(10)?.checked_add(u64::from(digit - b'0')))
        .filter(|length| *length <= BODY_BYTES_MAX)
        .ok_or(Error::ContentLengthTooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_a_plain_decimal_number_that_fits_63_bits() {
        assert_eq!(parse_length(b"0"), Ok(0));
        assert_eq!(parse_length(b"42"), Ok(42));
        assert_eq!(parse_length(b"9223372036854775807"), Ok(BODY_BYTES_MAX));
        for huge in ["9223372036854775808", "18446744073709551616", "99999999999999999999999"] {
            assert_eq!(parse_length(huge.as_bytes()), Err(Error::ContentLengthTooLarge), "{huge}");
        }
        for odd in ["", "00", "007", "+5", "-5", "5 5", "5,5", "0x5", "5.0", "1e3", "5;", "\u{665}"] {
            assert_eq!(parse_length(odd.as_bytes()), Err(Error::ContentLength), "{odd:?}");
        }
    }

    #[test]
    fn only_underscores_make_a_lookalike() {
        let mut fields = FramingFields::default();
        assert_eq!(
            fields.take(FieldName::of(b"Content_Length"), b"Content_Length", b"5"),
            Err(Error::FramingLookalike)
        );
        assert_eq!(
            fields.take(FieldName::of(b"Transfer_Encoding"), b"Transfer_Encoding", b"x"),
            Err(Error::FramingLookalike)
        );
        assert_eq!(fields.take(FieldName::of(b"Transfer+Encoding"), b"Transfer+Encoding", b"x"), Ok(()));
        assert_eq!(fields.take(FieldName::of(b"Content-Length-X"), b"Content-Length-X", b"x"), Ok(()));
    }

    #[test]
    fn persistence_follows_version_and_connection() {
        let persistent = |value: &[u8], version| {
            let mut fields = FramingFields::default();
            fields.take(FieldName::Connection, b"Connection", value).map(|()| fields.is_persistent(version))
        };
        assert_eq!(persistent(b"", Version::Http11), Ok(true));
        assert_eq!(persistent(b"foo, Close", Version::Http11), Ok(false));
        assert_eq!(persistent(b"keep-alive, close", Version::Http11), Ok(false));
        assert_eq!(persistent(b"", Version::Http10), Ok(false));
        assert_eq!(persistent(b"x,,Keep-Alive", Version::Http10), Ok(true));
        assert_eq!(persistent(b"close, Content-Length", Version::Http11), Err(Error::ConnectionOption));
    }
}
