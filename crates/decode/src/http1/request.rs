use super::authority::{absolute_authority, check_target, is_host};
use super::decoder::{Decoder, HEAD, StartLine};
use super::framing::{Framing, FramingFields, Version};
use super::section::{Place, Section};
use super::{BodyRest, Error, Event, FieldName, Fields, Method, RequestHead};
use crate::token::is_token;
use crate::{Input, scan};

/// Reads the requests of one connection.
#[derive(Debug)]
pub struct RequestDecoder {
    inner: Decoder<RequestLine>,
}

impl RequestDecoder {
    /// A decoder at the beginning of a connection. It has no memory yet.
    #[must_use]
    pub fn new() -> Self {
        Self { inner: Decoder::new() }
    }

    /// Takes all memory now that the decoder will ever use (about 43 KiB), so that no message
    /// makes it allocate.
    pub fn reserve(&mut self) {
        self.inner.reserve();
    }

    /// Starts over with another connection and keeps the memory.
    pub fn reset(&mut self) {
        self.inner.reset();
    }

    /// Reads on to the next event; `None` once the input is used up. Call it until it says so:
    /// events can be left even when no byte is.
    ///
    /// A CONNECT request ends in its [`Event::Head`]; what follows is [`Error::Connect`].
    ///
    /// # Errors
    /// The rule that the connection broke; it is repeated from then on.
    pub fn next<'a>(&mut self, input: &mut Input<'a>) -> Result<Option<Event<'a>>, Error> {
        self.inner.next(input)
    }

    /// Takes note that the connection ended; `None` if it ended between messages.
    ///
    /// # Errors
    /// [`Error::Truncated`] if a message was not complete.
    pub fn handle_eof(&mut self) -> Result<Option<Event<'static>>, Error> {
        self.inner.handle_eof()
    }

    /// The head of the current message, or of the last one while none has begun.
    #[must_use]
    pub fn head(&self) -> Option<RequestHead<'_>> {
        let (section, framing, persistent) = self.inner.complete()?;
        Some(RequestHead { section, line: &self.inner.line, framing, persistent })
    }

    /// The trailers of the message whose head [`head`](Self::head) returns; empty if it has none.
    #[must_use]
    pub fn trailers(&self) -> Fields<'_> {
        Fields::new(self.inner.trailers())
    }

    /// The stream offset of the first byte of a head or trailer section that is not complete: no
    /// event has told of its bytes yet.
    #[must_use]
    pub const fn unfinished_section(&self) -> Option<u64> {
        self.inner.unfinished_section()
    }

    /// What is to come of the body, behind an [`Event::Body`].
    #[must_use]
    pub const fn body_rest(&self) -> Option<BodyRest> {
        self.inner.body_rest()
    }

    /// True if no message has begun since the last one ended.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.inner.is_idle()
    }
}

impl Default for RequestDecoder {
    fn default() -> Self {
        Self::new()
    }
}

/// `method SP request-target SP HTTP-version CRLF` (RFC 9112 section 3).
#[derive(Debug)]
pub(super) struct RequestLine {
    part: Part,
    pub(super) method: Method,
    /// Where the target begins and ends.
    pub(super) target: (u16, u16),
    version: VersionReader,
    host: Option<Place>,
}

#[derive(Clone, Copy, Debug)]
enum Part {
    Method,
    Target,
    Version,
    Return,
    LineFeed,
}

impl Default for RequestLine {
    fn default() -> Self {
        let version = VersionReader::default();
        Self { part: Part::Method, method: Method::Get, target: (0, 0), version, host: None }
    }
}

impl StartLine for RequestLine {
    const TUNNEL: Error = Error::Connect;

    fn begin(&mut self) -> Result<(), Error> {
        *self = Self::default();
        Ok(())
    }

    fn read(&mut self, head: &mut Section, input: &mut Input<'_>) -> Result<bool, Error> {
        if head.bytes().is_empty() && self.whole_line(head, input).is_some() {
            check_target(self.method, head.slice(self.target.0, self.target.1))?;
            return Ok(true);
        }
        while let Some(next) = input.peek() {
            match self.part {
                Part::Method => self.read_method(head, input)?,
                Part::Target => self.read_target(head, input)?,
                Part::Version => self.read_version(head, input)?,
                Part::Return if next == b'\r' => {
                    head.push(input, 1, HEAD)?;
                    self.part = Part::LineFeed;
                }
                Part::Return => {
                    return Err(if next == b'\n' { Error::BareLf } else { Error::Version });
                }
                Part::LineFeed if next == b'\n' => {
                    head.push(input, 1, HEAD)?;
                    check_target(self.method, head.slice(self.target.0, self.target.1))?;
                    return Ok(true);
                }
                Part::LineFeed => return Err(Error::BareCr),
            }
        }
        Ok(false)
    }

    fn field(&mut self, head: &Section, place: Place) -> Result<(), Error> {
        if place.known != FieldName::Host {
            return Ok(());
        }
        if self.host.is_some() {
            return Err(Error::HostRepeated);
        }
        self.host = Some(place);
        if is_host(head.slice(place.value, place.end)) { Ok(()) } else { Err(Error::Host) }
    }

    fn conclude(&mut self, head: &Section, fields: &FramingFields) -> Result<Framing, Error> {
        let host = self.host.map(|place| head.slice(place.value, place.end));
        let target = head.slice(self.target.0, self.target.1);
        match (host, absolute_authority(target)) {
            (None, _) if self.version() == Version::Http11 => return Err(Error::HostMissing),
            (Some(host), Some(authority)) if !host.eq_ignore_ascii_case(authority) => {
                return Err(Error::HostMismatch);
            }
            _ => {}
        }
        let announced = fields.announced(self.version())?;
        let framing = announced.unwrap_or(Framing::None);
        Ok(if self.method == Method::Connect { Framing::Tunnel } else { framing })
    }

    fn version(&self) -> Version {
        self.version.version
    }

    fn is_owed(&self) -> bool {
        false
    }
}

impl RequestLine {
    /// Reads a request line that the input holds to its end and that breaks no rule: the usual
    /// case. Anything else is left to the reading step by step, which knows what to say of it.
    fn whole_line(&mut self, head: &mut Section, input: &mut Input<'_>) -> Option<()> {
        let bytes = input.bytes();
        let name = bytes.iter().take(Method::BYTES_MAX + 1).take_while(|byte| is_token(**byte)).count();
        let (name, rest) = bytes.split_at_checked(name)?;
        let method = Method::parse(name).ok()?;
        let rest = rest.strip_prefix(b" ")?;
        let target = scan::visible_ascii(rest);
        let version = match rest.get(target..)?.first_chunk::<11>()? {
            b" HTTP/1.1\r\n" => Version::Http11,
            b" HTTP/1.0\r\n" => Version::Http10,
            _ => return None,
        };
        let start = name.len() + 1;
        let (from, to) = (u16::try_from(start).ok()?, u16::try_from(start + target).ok()?);
        if target == 0 || !head.push_line(input, start + target + 11, HEAD) {
            return None;
        }
        (self.method, self.target, self.version.version) = (method, (from, to), version);
        Some(())
    }

    fn read_method(&mut self, head: &mut Section, input: &mut Input<'_>) -> Result<(), Error> {
        // One byte more than any method has is enough to know.
        let room = (Method::BYTES_MAX + 1).saturating_sub(head.bytes().len());
        let token = input.bytes().iter().take(room).take_while(|byte| is_token(**byte)).count();
        head.push(input, token, HEAD)?;
        if head.bytes().len() > Method::BYTES_MAX {
            return Err(Error::MethodUnknown);
        }
        let Some(next) = input.peek() else {
            return Ok(());
        };
        if next != b' ' || head.bytes().is_empty() {
            return Err(Error::MethodSyntax);
        }
        // The HTTP/2 preface looks like a request; its version will tell.
        if head.bytes() != b"PRI" {
            self.method = Method::parse(head.bytes())?;
        }
        head.push(input, 1, HEAD)?;
        self.target.0 = head.len(HEAD)?;
        self.part = Part::Target;
        Ok(())
    }

    fn read_target(&mut self, head: &mut Section, input: &mut Input<'_>) -> Result<(), Error> {
        head.push(input, scan::visible_ascii(input.bytes()), HEAD)?;
        let Some(next) = input.peek() else {
            return Ok(());
        };
        self.target.1 = head.len(HEAD)?;
        match next {
            b' ' if self.target.0 < self.target.1 => {}
            // HTTP/0.9: a target and nothing more.
            b'\r' | b'\n' if self.target.0 < self.target.1 => return Err(Error::Version),
            _ => return Err(Error::TargetSyntax),
        }
        head.push(input, 1, HEAD)?;
        self.part = Part::Version;
        Ok(())
    }

    fn read_version(&mut self, head: &mut Section, input: &mut Input<'_>) -> Result<(), Error> {
        let is_preface = head.bytes().starts_with(b"PRI ");
        let complete = self.version.read(head, input).map_err(|error| {
            if is_preface && head.slice(self.target.0, self.target.1) == b"*" { Error::Http2Preface } else { error }
        })?;
        if complete {
            if is_preface {
                return Err(Error::MethodUnknown);
            }
            self.part = Part::Return;
        }
        Ok(())
    }
}

/// Reads `HTTP/1.0` or `HTTP/1.1` and nothing else.
#[derive(Debug)]
pub(super) struct VersionReader {
    matched: usize,
    pub(super) version: Version,
}

const VERSION_PREFIX: &[u8] = b"HTTP/1.";

impl Default for VersionReader {
    fn default() -> Self {
        Self { matched: 0, version: Version::Http10 }
    }
}

impl VersionReader {
    /// True once the version is complete.
    pub(super) fn read(&mut self, head: &mut Section, input: &mut Input<'_>) -> Result<bool, Error> {
        while let Some(next) = input.peek() {
            match VERSION_PREFIX.get(self.matched) {
                Some(expected) if next == *expected => self.matched += 1,
                Some(_) => return Err(Error::Version),
                None => {
                    self.version = match next {
                        b'0' => Version::Http10,
                        b'1' => Version::Http11,
                        _ => return Err(Error::Version),
                    };
                    head.push(input, 1, HEAD)?;
                    return Ok(true);
                }
            }
            head.push(input, 1, HEAD)?;
        }
        Ok(false)
    }
}
