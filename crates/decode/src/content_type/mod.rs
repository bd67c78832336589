//! The value of a Content-Type field (RFC 9110 section 8.3), read strictly and in place.

use crate::token;
use thiserror::Error;

/// Media types of newline-delimited JSON; none of them is registered.
const NDJSON: &[&str] = &[
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonl",
    "application/jsonlines",
    "application/x-jsonlines",
    "application/json-lines",
    "application/stream+json",
    "application/x-json-stream",
];

/// A media type and what its parameters say about the character set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentType<'a> {
    essence: &'a [u8],
    charset: Charset,
}

/// The character set that a Content-Type names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Charset {
    /// None: for JSON and event streams that is UTF-8.
    Absent,
    /// UTF-8.
    Utf8,
    /// US-ASCII, a part of UTF-8.
    UsAscii,
    /// ISO-8859-1, which has US-ASCII in it; receivers take it for windows-1252 (WHATWG Encoding, section 4.2).
    Latin1,
    /// Any other.
    Other,
}

/// Why a Content-Type was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Error {
    /// Not a media type and parameters.
    #[error("the Content-Type is malformed")]
    Syntax,
    /// More than one charset parameter: receivers take the first or the last.
    #[error("the charset is repeated")]
    CharsetRepeated,
}

impl<'a> ContentType<'a> {
    /// Reads the value of a field, without white space around it.
    ///
    /// # Errors
    /// The rule that the value broke.
    pub fn parse(value: &'a [u8]) -> Result<Self, Error> {
        let mut cursor = Cursor { rest: value };
        cursor.token()?;
        cursor.expect(b'/')?;
        cursor.token()?;
        let essence = value.get(..value.len() - cursor.rest.len()).unwrap_or_default();
        let mut charset = Charset::Absent;
        while !cursor.rest.is_empty() {
            cursor.skip_white_space();
            cursor.expect(b';')?;
            cursor.skip_white_space();
            // An empty parameter is allowed.
            if matches!(cursor.rest.first(), None | Some(b';')) {
                continue;
            }
            let name = cursor.token()?;
            cursor.expect(b'=')?;
            let parameter = cursor.parameter_value()?;
            if name.eq_ignore_ascii_case(b"charset") {
                if charset != Charset::Absent {
                    return Err(Error::CharsetRepeated);
                }
                charset = parameter.charset();
            }
        }
        Ok(Self { essence, charset })
    }

    /// The media type without parameters, as it stands on the wire: in any case.
    #[must_use]
    pub const fn essence(&self) -> &'a [u8] {
        self.essence
    }

    /// True if this is the media type; case does not matter.
    #[must_use]
    pub fn is(&self, essence: &str) -> bool {
        self.essence.eq_ignore_ascii_case(essence.as_bytes())
    }

    /// The character set.
    #[must_use]
    pub const fn charset(&self) -> Charset {
        self.charset
    }

    /// True for one JSON text: `application/json`, `text/json` and every `+json` type that is not
    /// newline-delimited.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.is("application/json") || self.is("text/json") || (self.has_suffix(b"+json") && !self.is_ndjson())
    }

    /// True for newline-delimited JSON.
    #[must_use]
    pub fn is_ndjson(&self) -> bool {
        NDJSON.iter().any(|essence| self.is(essence))
    }

    /// True for server-sent events.
    #[must_use]
    pub fn is_event_stream(&self) -> bool {
        self.is("text/event-stream")
    }

    /// True for pictures, sounds and films that are no text: `image/svg+xml` is one.
    #[must_use]
    pub fn is_media(&self) -> bool {
        let begins =
            |top: &str| self.essence.get(..top.len()).is_some_and(|start| start.eq_ignore_ascii_case(top.as_bytes()));
        ["image/", "audio/", "video/"].into_iter().any(begins) && !self.essence.contains(&b'+')
    }

    fn has_suffix(&self, suffix: &[u8]) -> bool {
        let start = self.essence.len().checked_sub(suffix.len());
        let end = start.and_then(|start| self.essence.get(start..));
        end.is_some_and(|end| end.eq_ignore_ascii_case(suffix))
    }
}

/// Usual names of ISO-8859-1.
const LATIN1: [&str; 4] = ["iso-8859-1", "latin1", "iso8859-1", "windows-1252"];

#[derive(Clone, Copy, Debug)]
struct Cursor<'a> {
    rest: &'a [u8],
}

/// The value of a parameter; one in quotes may hold escapes.
#[derive(Clone, Copy, Debug)]
enum ParameterValue<'a> {
    Token(&'a [u8]),
    Quoted(&'a [u8]),
}

impl<'a> Cursor<'a> {
    fn token(&mut self) -> Result<&'a [u8], Error> {
        let len = token::run(self.rest);
        if len == 0 {
            return Err(Error::Syntax);
        }
        Ok(self.take(len))
    }

    fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at_checked(len).unwrap_or((self.rest, &[]));
        self.rest = rest;
        taken
    }

    fn expect(&mut self, expected: u8) -> Result<(), Error> {
        if self.rest.first() != Some(&expected) {
            return Err(Error::Syntax);
        }
        self.take(1);
        Ok(())
    }

    fn skip_white_space(&mut self) {
        let len = self.rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        self.take(len);
    }

    fn parameter_value(&mut self) -> Result<ParameterValue<'a>, Error> {
        if self.rest.first() != Some(&b'"') {
            return self.token().map(ParameterValue::Token);
        }
        self.take(1);
        let mut escaped = false;
        for (len, byte) in self.rest.iter().enumerate() {
            match byte {
                _ if byte.is_ascii_control() && *byte != b'\t' => return Err(Error::Syntax),
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    let text = self.take(len);
                    self.take(1);
                    return Ok(ParameterValue::Quoted(text));
                }
                _ => {}
            }
        }
        Err(Error::Syntax)
    }
}

impl ParameterValue<'_> {
    fn charset(self) -> Charset {
        if self.is("utf-8") || self.is("utf8") {
            Charset::Utf8
        } else if self.is("us-ascii") || self.is("ascii") {
            Charset::UsAscii
        } else if LATIN1.iter().any(|name| self.is(name)) {
            Charset::Latin1
        } else {
            Charset::Other
        }
    }

    /// Compares the value without its escapes; case does not matter.
    fn is(self, text: &str) -> bool {
        let text = text.as_bytes();
        match self {
            Self::Token(value) => value.eq_ignore_ascii_case(text),
            Self::Quoted(value) => {
                let mut escaped = false;
                let plain = value.iter().filter(|byte| {
                    escaped = **byte == b'\\' && !escaped;
                    !escaped
                });
                plain.map(u8::to_ascii_lowercase).eq(text.iter().copied())
            }
        }
    }
}

#[cfg(test)]
mod tests;
