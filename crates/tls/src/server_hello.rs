//! What a server says in clear when it answers a `ClientHello`: all that is known of a session that nobody opens here.
//!
//! [`Reader`] takes a stream in pieces of any size and gives the version and the cipher suite that were agreed on (RFC 8446
//! section 4.1.3, RFC 5246 section 7.4.1.3); a `HelloRetryRequest` names the same two. Whatever else a server says is
//! nothing to it, and it keeps [`SERVER_HELLO_BYTES_MAX`] at the most.

use crate::bytes::{Bytes, Short};

/// Bytes of the message that are kept: with a post-quantum key share it has 1.2 KB.
pub const SERVER_HELLO_BYTES_MAX: usize = 4 << 10;

/// `ContentType`, `HandshakeType`, and the extension that names the version of TLS 1.3.
const HANDSHAKE: u8 = 22;
const SERVER_HELLO: u8 = 2;
const SUPPORTED_VERSIONS: u16 = 43;
/// Bytes before a record's content, and before a message's.
const RECORD_HEADER_BYTES: usize = 5;
const MESSAGE_HEADER_BYTES: usize = 4;

/// What was agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerHello {
    /// The version's number: 0x0303 for TLS 1.2, 0x0304 for TLS 1.3.
    pub version: u16,
    /// The cipher suite's number at IANA.
    pub cipher: u16,
}

/// Looks for a `ServerHello` at the start of a stream.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    header: Vec<u8>,
    /// Bytes of the record in work that have not come.
    left: usize,
    message: Vec<u8>,
    is_over: bool,
}

impl Reader {
    /// A reader at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes of the stream; the message, once it is complete. From then on, and from anything that is no
    /// such message on, there is nothing more.
    pub fn read(&mut self, bytes: &[u8]) -> Option<ServerHello> {
        let mut rest = bytes;
        while !self.is_over && !rest.is_empty() {
            let lacking = if self.left > 0 { self.left } else { RECORD_HEADER_BYTES - self.header.len() };
            let (now, later) = rest.split_at_checked(lacking).unwrap_or((rest, &[]));
            rest = later;
            if self.left > 0 {
                let room = SERVER_HELLO_BYTES_MAX - self.message.len();
                self.message.extend_from_slice(now.get(..room).unwrap_or(now));
                self.left -= now.len();
            } else {
                self.header.extend_from_slice(now);
            }
            if let &[kind, _, _, high, low] = self.header.as_slice() {
                self.left = usize::from(u16::from_be_bytes([high, low]));
                self.header.clear();
                self.is_over = kind != HANDSHAKE || self.left == 0;
            }
            if let Some(hello) = self.hello() {
                self.end();
                return Some(hello);
            }
            self.is_over |= self.message.len() == SERVER_HELLO_BYTES_MAX;
        }
        if self.is_over {
            self.end();
        }
        None
    }

    /// Gives its memory back.
    fn end(&mut self) {
        *self = Self { is_over: true, ..Self::default() };
    }

    fn hello(&mut self) -> Option<ServerHello> {
        let &[kind, high, middle, low, ref content @ ..] = self.message.as_slice() else { return None };
        let len = u32::from_be_bytes([0, high, middle, low]) as usize;
        self.is_over |= kind != SERVER_HELLO || len > SERVER_HELLO_BYTES_MAX - MESSAGE_HEADER_BYTES;
        let body = content.get(..len).filter(|_| !self.is_over)?;
        parse(body).ok()
    }
}

fn parse(body: &[u8]) -> Result<ServerHello, Short> {
    let mut body = Bytes(body);
    let mut version = body.u16()?;
    body.take(32)?; // random
    body.vector8()?; // session id
    let cipher = body.u16()?;
    body.u8()?; // compression
    // A server of TLS 1.2 may have none.
    if !body.is_empty() {
        let mut extensions = body.vector16()?;
        while !extensions.is_empty() {
            let kind = extensions.u16()?;
            let mut content = extensions.vector16()?;
            if kind == SUPPORTED_VERSIONS {
                version = content.u16()?;
            }
        }
    }
    Ok(ServerHello { version, cipher })
}
