//! From records to a handshake message (RFC 8446 sections 4 and 5.1).

use super::{ClientHello, HelloError, parse};

/// Bytes of the stream that a `ClientHello` may take, record headers included. With two post-quantum
/// key shares and a large ticket it has about 5 KB.
pub const CLIENT_HELLO_BYTES_MAX: usize = 16 << 10;

/// Bytes before a record's content: type, version, length.
const RECORD_HEADER_BYTES: usize = 5;
/// Bytes before a message's content: type, length.
const MESSAGE_HEADER_BYTES: usize = 4;
/// Content of a plain record (RFC 8446 section 5.1).
const RECORD_BYTES_MAX: usize = 1 << 14;
/// `ContentType`.
const HANDSHAKE: u8 = 22;
/// `HandshakeType`.
const CLIENT_HELLO: u8 = 1;

/// Puts a `ClientHello` together.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    /// What was taken from the stream.
    raw: Vec<u8>,
    /// The message, without the headers of the records it came in.
    message: Vec<u8>,
    /// Where in `raw` the record in work begins; what is before it stands in `message`.
    record_start: usize,
}

/// How far a reader got.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Progress {
    /// All bytes were taken; the message is not complete.
    NeedMore,
    /// The message, and how many of the bytes belonged to it. The others are the caller's.
    Hello {
        /// The message.
        hello: Box<ClientHello>,
        /// How many of the bytes given last were taken.
        taken: usize,
    },
}

impl Reader {
    /// A reader at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The bytes taken so far: exactly the records of the message, once it is complete.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// Those bytes, and an end.
    #[must_use]
    pub fn into_raw(self) -> Vec<u8> {
        self.raw
    }

    /// Takes the next bytes of the stream. After a message or an error there is nothing more to read.
    ///
    /// # Errors
    /// The stream does not begin with a `ClientHello`, or with one that can be read two ways.
    pub fn read(&mut self, bytes: &[u8]) -> Result<Progress, HelloError> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let wanted = self.wanted()?;
            let (now, later) = rest.split_at_checked(wanted).unwrap_or((rest, &[]));
            if self.raw.len() + now.len() > CLIENT_HELLO_BYTES_MAX {
                return Err(HelloError::TooLong);
            }
            self.raw.extend_from_slice(now);
            rest = later;
            if self.take_record()? && self.is_complete()? {
                let hello =
                    Box::new(parse::client_hello(self.message.get(MESSAGE_HEADER_BYTES..).unwrap_or_default())?);
                return Ok(Progress::Hello { hello, taken: bytes.len() - rest.len() });
            }
        }
        // What is wrong with a header is told when it is there, not when the next byte is.
        self.wanted().map(|_| Progress::NeedMore)
    }

    /// How many bytes the record in work lacks, or its header.
    fn wanted(&self) -> Result<usize, HelloError> {
        let record = self.raw.get(self.record_start..).unwrap_or_default();
        self.check_first_bytes(record)?;
        let &[_, _, _, high, low, ref content @ ..] = record else {
            return Ok(RECORD_HEADER_BYTES - record.len());
        };
        let len = usize::from(u16::from_be_bytes([high, low]));
        match len {
            0 => Err(HelloError::Malformed),
            1..=RECORD_BYTES_MAX => Ok(len - content.len()),
            _ => Err(HelloError::TooLong),
        }
    }

    /// Checks what is there of a record's type and version.
    fn check_first_bytes(&self, record: &[u8]) -> Result<(), HelloError> {
        let is_first = self.record_start == 0;
        match record {
            [] | [HANDSHAKE] | [HANDSHAKE, 3, ..] => Ok(()),
            // A length of two bytes with its highest bit set, then CLIENT-HELLO.
            [0x80..=0xff, _, 1, ..] if is_first => Err(HelloError::Sslv2),
            [0x80..=0xff] | [0x80..=0xff, _] if is_first => Ok(()),
            // Alert, change cipher spec, application data, heartbeat.
            [20 | 21 | 23 | 24, 3, ..] => Err(HelloError::NotClientHello),
            [20 | 21 | 23 | 24] => Ok(()),
            _ if is_first => Err(HelloError::NotTls),
            _ => Err(HelloError::Malformed),
        }
    }

    /// Moves a complete record's content to the message; true if there was one.
    fn take_record(&mut self) -> Result<bool, HelloError> {
        let header_is_there = self.raw.len() >= self.record_start + RECORD_HEADER_BYTES;
        if !header_is_there || self.wanted()? > 0 {
            return Ok(false);
        }
        let content = self.raw.get(self.record_start + RECORD_HEADER_BYTES..).unwrap_or_default();
        self.message.extend_from_slice(content);
        self.record_start = self.raw.len();
        Ok(true)
    }

    /// True if the message is there; it has to end with its last record.
    fn is_complete(&self) -> Result<bool, HelloError> {
        let Some(&kind) = self.message.first() else { return Ok(false) };
        if kind != CLIENT_HELLO {
            return Err(HelloError::NotClientHello);
        }
        let &[_, high, middle, low, ref content @ ..] = self.message.as_slice() else { return Ok(false) };
        let len = u32::from_be_bytes([0, high, middle, low]) as usize;
        match content.len().cmp(&len) {
            core::cmp::Ordering::Less if len > CLIENT_HELLO_BYTES_MAX => Err(HelloError::TooLong),
            core::cmp::Ordering::Less => Ok(false),
            core::cmp::Ordering::Equal => Ok(true),
            core::cmp::Ordering::Greater => Err(HelloError::Malformed),
        }
    }
}
