//! What both roles have in common: a connection of rustls, fed from slices.

use super::{End, Facts};
use crate::observed::{self, Observed};
use rustls::{Connection, Error, HandshakeKind};
use std::io::{self, BufRead, Read, Write};

/// Bytes of ciphertext that wait for the driver, at most: enough for a flight of certificates, and a
/// few full records. At it `write_plain` comes back short.
const SEND_BYTES_MAX: usize = 64 << 10;

/// A connection and what became of it.
#[derive(Debug)]
pub(crate) struct Channel {
    connection: Connection,
    steps: u32,
    end: Option<End>,
}

/// What one call of [`Channel::read_tls`] did.
#[derive(Debug)]
pub(crate) struct Fed {
    pub(crate) taken: usize,
    pub(crate) observed: Observed,
    pub(crate) error: Option<Error>,
    /// The handshake was completed by it.
    pub(crate) is_completed: bool,
}

impl Channel {
    pub(crate) fn new(mut connection: Connection) -> Self {
        connection.set_buffer_limit(Some(SEND_BYTES_MAX));
        Self { connection, steps: 0, end: None }
    }

    pub(crate) fn read_tls(&mut self, bytes: &[u8]) -> Fed {
        let was_handshaking = self.connection.is_handshaking();
        // Whatever another connection of this thread left there is not ours.
        observed::take();
        let (taken, error) = self.feed(bytes);
        self.steps = self.steps.saturating_add(u32::from(was_handshaking));
        let is_completed = was_handshaking && !self.connection.is_handshaking();
        Fed { taken, observed: observed::take(), error, is_completed }
    }

    /// Feeds until all is taken, plain text waits, or it fails.
    fn feed(&mut self, bytes: &[u8]) -> (usize, Option<Error>) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let before = rest.len();
            // It fails if plain text has to be taken first; what it did not take stays in `rest`.
            let read = self.connection.read_tls(&mut rest);
            match self.connection.process_new_packets() {
                Ok(state) if state.peer_has_closed() => self.end = Some(End::CloseNotify),
                Ok(_) => {}
                Err(error) => return (bytes.len() - rest.len(), Some(error)),
            }
            if self.end.is_some() {
                // Nothing counts behind it (RFC 8446 section 6.1).
                return (bytes.len(), None);
            }
            if read.is_err() || rest.len() == before {
                break;
            }
        }
        (bytes.len() - rest.len(), None)
    }

    /// Gives back what the last record took, up to 32 KiB: the library shrinks its buffer when it
    /// begins to read, which whoever is idle does not do, and only if no plain text waits.
    pub(crate) fn trim(&mut self) {
        // That nothing came is all there is to this.
        let _nothing = self.connection.read_tls(&mut Nothing);
    }

    pub(crate) fn write_tls(&mut self, out: &mut dyn Write) -> usize {
        let mut total = 0;
        while self.connection.wants_write() {
            match self.connection.write_tls(out) {
                Ok(written @ 1..) => total += written,
                Ok(0) | Err(_) => break,
            }
        }
        total
    }

    pub(crate) fn wants_write(&self) -> bool {
        self.connection.wants_write()
    }

    pub(crate) fn plain(&mut self) -> &[u8] {
        // An error says that there is none now, or that there never will be: `end` tells which.
        self.connection.reader().into_first_chunk().unwrap_or_default()
    }

    pub(crate) fn consume(&mut self, count: usize) {
        self.connection.reader().consume(count);
    }

    pub(crate) fn write_plain(&mut self, bytes: &[u8]) -> usize {
        if self.connection.is_handshaking() {
            return 0;
        }
        self.connection.writer().write(bytes).unwrap_or(0)
    }

    pub(crate) fn is_handshaking(&self) -> bool {
        self.connection.is_handshaking()
    }

    pub(crate) const fn steps(&self) -> u32 {
        self.steps
    }

    pub(crate) fn close_notify(&mut self) {
        self.connection.send_close_notify();
    }

    pub(crate) fn handle_eof(&mut self) {
        self.end.get_or_insert(End::Truncated);
    }

    pub(crate) const fn end(&self) -> Option<End> {
        self.end
    }

    pub(crate) fn facts(&self) -> Facts {
        let connection = &self.connection;
        Facts {
            version: connection.protocol_version().and_then(|version| version.as_str()).map(dotted),
            cipher: connection.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str()),
            cipher_code: connection.negotiated_cipher_suite().map(|suite| suite.suite().into()),
            group: connection.negotiated_key_exchange_group().and_then(|group| group.name().as_str()),
            alpn: connection.alpn_protocol().map(Into::into),
            is_resumed: connection.handshake_kind() == Some(HandshakeKind::Resumed),
        }
    }

    /// The first certificate that the peer gave, now or in the session that goes on.
    pub(crate) fn peer_leaf(&self) -> Option<&[u8]> {
        self.connection.peer_certificates()?.first().map(AsRef::as_ref)
    }
}

/// A stream on which nothing came.
struct Nothing;

impl Read for Nothing {
    fn read(&mut self, _out: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::WouldBlock.into())
    }
}

/// The usual spelling of a version.
fn dotted(name: &'static str) -> &'static str {
    match name {
        "TLSv1_3" => "TLSv1.3",
        "TLSv1_2" => "TLSv1.2",
        other => other,
    }
}
