use super::decoder::{BodyRest, Decoder, HEAD, StartLine};
use super::framing::{Framing, FramingFields, Version};
use super::request::VersionReader;
use super::section::{Place, Section};
use super::{Error, Event, Fields, Method, ResponseHead};
use crate::{Input, scan};

/// Reads the responses of one connection.
///
/// Where a response ends depends on the request it answers: before each response the caller says
/// its method with [`expect`](Self::expect). A byte that nobody expects is [`Error::Unrequested`].
#[derive(Debug)]
pub struct ResponseDecoder {
    inner: Decoder<StatusLine>,
}

impl ResponseDecoder {
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

    /// The next response to begin answers a request of this method. Interim responses do not use
    /// the expectation up; a response that has begun is not affected.
    pub fn expect(&mut self, method: Method) {
        self.inner.line.expected = Some(method);
    }

    /// True if a response may begin.
    #[must_use]
    pub fn is_expecting(&self) -> bool {
        self.inner.line.expected.is_some()
    }

    /// Reads on to the next event; `None` once the input is used up. Call it until it says so:
    /// events can be left even when no byte is.
    ///
    /// A 101 and a 2xx to CONNECT end in their [`Event::Head`]; what follows is
    /// [`Error::SwitchingProtocols`].
    ///
    /// # Errors
    /// The rule that the connection broke; it is repeated from then on.
    pub fn next<'a>(&mut self, input: &mut Input<'a>) -> Result<Option<Event<'a>>, Error> {
        self.inner.next(input)
    }

    /// Takes note that the connection ended: [`Event::End`] if that completes a response, `None`
    /// if it ended between messages.
    ///
    /// # Errors
    /// [`Error::Truncated`] if a message was not complete.
    pub fn handle_eof(&mut self) -> Result<Option<Event<'static>>, Error> {
        self.inner.handle_eof()
    }

    /// The head of the current message, or of the last one while none has begun.
    #[must_use]
    pub fn head(&self) -> Option<ResponseHead<'_>> {
        let (section, framing, persistent) = self.inner.complete()?;
        Some(ResponseHead { section, line: &self.inner.line, framing, persistent })
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

impl Default for ResponseDecoder {
    fn default() -> Self {
        Self::new()
    }
}

/// `HTTP-version SP status-code SP [ reason-phrase ] CRLF` (RFC 9112 section 4).
#[derive(Debug)]
pub(super) struct StatusLine {
    part: Part,
    version: VersionReader,
    pub(super) status: u16,
    /// Where the reason phrase begins and ends.
    pub(super) reason: (u16, u16),
    /// The method of the request that the next response answers.
    expected: Option<Method>,
    /// The method of the request that the current response answers; stays over interim responses.
    answered: Option<Method>,
}

#[derive(Clone, Copy, Debug)]
enum Part {
    Version,
    VersionSpace,
    /// So many digits were read.
    Status(u8),
    Reason,
    LineFeed,
}

impl Default for StatusLine {
    fn default() -> Self {
        Self {
            part: Part::Version,
            version: VersionReader::default(),
            status: 0,
            reason: (0, 0),
            expected: None,
            answered: None,
        }
    }
}

impl StartLine for StatusLine {
    const TUNNEL: Error = Error::SwitchingProtocols;

    fn begin(&mut self) -> Result<(), Error> {
        let answered = match self.answered {
            None => self.expected.take().ok_or(Error::Unrequested)?,
            Some(method) => method,
        };
        *self = Self { expected: self.expected, answered: Some(answered), ..Self::default() };
        Ok(())
    }

    fn read(&mut self, head: &mut Section, input: &mut Input<'_>) -> Result<bool, Error> {
        if head.bytes().is_empty() && self.whole_line(head, input).is_some() {
            return Ok(true);
        }
        while let Some(next) = input.peek() {
            match self.part {
                Part::Version => {
                    if self.version.read(head, input)? {
                        self.part = Part::VersionSpace;
                    }
                }
                Part::VersionSpace => {
                    if next != b' ' {
                        return Err(Error::Version);
                    }
                    head.push(input, 1, HEAD)?;
                    self.part = Part::Status(0);
                }
                Part::Status(digits) => {
                    self.part = self.status(digits, next)?;
                    head.push(input, 1, HEAD)?;
                    self.reason.0 = head.len(HEAD)?;
                }
                Part::Reason => self.read_reason(head, input)?,
                Part::LineFeed if next == b'\n' => {
                    head.push(input, 1, HEAD)?;
                    return Ok(true);
                }
                Part::LineFeed => return Err(Error::BareCr),
            }
        }
        Ok(false)
    }

    fn field(&mut self, _head: &Section, _place: Place) -> Result<(), Error> {
        Ok(())
    }

    fn conclude(&mut self, _head: &Section, fields: &FramingFields) -> Result<Framing, Error> {
        let announced = fields.announced(self.version())?;
        let framing = self.framing(announced)?;
        if framing != Framing::Interim {
            self.answered = None;
        }
        Ok(framing)
    }

    fn version(&self) -> Version {
        self.version.version
    }

    fn is_owed(&self) -> bool {
        self.answered.is_some()
    }
}

impl StatusLine {
    /// Reads a status line that the input holds to its end and that breaks no rule: the usual
    /// case. Anything else is left to the reading step by step, which knows what to say of it.
    fn whole_line(&mut self, head: &mut Section, input: &mut Input<'_>) -> Option<()> {
        /// `HTTP/1.1 200 `
        const REASON_AT: usize = 13;
        let (start, rest) = input.bytes().split_first_chunk::<REASON_AT>()?;
        let version = match start {
            [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'1', b' ', ..] => Version::Http11,
            [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'0', b' ', ..] => Version::Http10,
            _ => return None,
        };
        let [.., hundreds @ b'1'..=b'5', tens @ b'0'..=b'9', ones @ b'0'..=b'9', b' '] = start else { return None };
        let reason = scan::field_value(rest);
        let to = u16::try_from(REASON_AT + reason).ok()?;
        if !rest.get(reason..)?.starts_with(b"\r\n") || !head.push_line(input, REASON_AT + reason + 2, HEAD) {
            return None;
        }
        let digit = |byte: &u8| u16::from(byte - b'0');
        self.status = digit(hundreds) * 100 + digit(tens) * 10 + digit(ones);
        self.version.version = version;
        self.reason = (13, to);
        Some(())
    }

    fn status(&mut self, digits: u8, next: u8) -> Result<Part, Error> {
        if digits == 3 {
            return match next {
                b' ' if matches!(self.status, 100..=599) => Ok(Part::Reason),
                _ => Err(Error::Status),
            };
        }
        if !next.is_ascii_digit() {
            return Err(Error::Status);
        }
        self.status = self.status * 10 + u16::from(next - b'0');
        Ok(Part::Status(digits + 1))
    }

    fn read_reason(&mut self, head: &mut Section, input: &mut Input<'_>) -> Result<(), Error> {
        head.push(input, scan::field_value(input.bytes()), HEAD)?;
        match input.peek() {
            None => Ok(()),
            Some(b'\t') => head.push(input, 1, HEAD),
            Some(b'\r') => {
                self.reason.1 = head.len(HEAD)?;
                self.part = Part::LineFeed;
                head.push(input, 1, HEAD)
            }
            Some(b'\n') => Err(Error::BareLf),
            Some(_) => Err(Error::ReasonPhrase),
        }
    }

    /// The rules of RFC 9112 section 6.3, in their order.
    fn framing(&self, announced: Option<Framing>) -> Result<Framing, Error> {
        let announces_body = !matches!(announced, None | Some(Framing::Length(0)));
        match (self.status, self.answered) {
            (101, _) | (200..=299, Some(Method::Connect)) => Ok(Framing::Tunnel),
            (100..=199 | 204, _) if announces_body => Err(Error::BodyNotAllowed),
            (100..=199, _) => Ok(Framing::Interim),
            (204 | 304, _) | (_, Some(Method::Head)) => Ok(Framing::None),
            _ => Ok(announced.unwrap_or(Framing::UntilEof)),
        }
    }
}
