//! A TLS session as its driver sees it: slices in, slices out.

mod channel;

pub(crate) use channel::Channel;

use crate::verdict::Verdict;
use rustls::AlertDescription;
use std::io;

/// Which sessions may be resumed as one another: those of one tenant under one policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CacheKey {
    /// The tenant.
    pub tenant: u32,
    /// The version of its policy.
    pub policy: u64,
}

/// How the peer ended its direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With a `close_notify`.
    CloseNotify,
    /// Its TCP stream ended before: what came may be cut short.
    Truncated,
}

/// What was agreed, for records. All empty until the handshake got there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// `TLSv1.2` or `TLSv1.3`.
    pub version: Option<&'static str>,
    /// The cipher suite's name at IANA.
    pub cipher: Option<&'static str>,
    /// Its number there.
    pub cipher_code: Option<u16>,
    /// The key exchange's group.
    pub group: Option<&'static str>,
    /// The application protocol.
    pub alpn: Option<Box<[u8]>>,
    /// An earlier session goes on.
    pub is_resumed: bool,
}

/// Why a session is over. The peer is at fault, but for `Configuration`.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TlsError {
    /// The peer's certificate was refused, or the server is one that is not spoken to.
    #[error("the peer was refused: {0}")]
    Refused(Verdict),
    /// The peer sent a fatal alert.
    #[error("the peer sent the alert {0:?}")]
    Alert(AlertDescription),
    /// The peer broke the protocol, or nothing could be agreed.
    #[error("{0}")]
    Protocol(rustls::Error),
    /// The session cannot be set up.
    #[error("the session cannot be set up: {0}")]
    Configuration(rustls::Error),
}

impl TlsError {
    /// What the library's error is here, if it is not about a certificate.
    pub(crate) fn of(error: rustls::Error) -> Self {
        if let rustls::Error::AlertReceived(alert) = error { Self::Alert(alert) } else { Self::Protocol(error) }
    }

    /// A stable name for records and counters.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Refused(verdict) => verdict.name(),
            Self::Alert(_) => "alert_received",
            Self::Configuration(_) => "configuration",
            Self::Protocol(rustls::Error::NoApplicationProtocol) => "no_application_protocol",
            Self::Protocol(rustls::Error::PeerIncompatible(_)) => "peer_incompatible",
            Self::Protocol(rustls::Error::DecryptError) => "decrypt",
            Self::Protocol(_) => "protocol",
        }
    }
}

/// One side of an intercepted connection.
///
/// A driver gives what TCP received to [`read_tls`](Self::read_tls), takes plain text with
/// [`plain`](Self::plain) until there is none, and sends what
/// [`write_tls`](Self::write_tls) has; also after an error, which leaves an alert to be sent.
pub trait Session {
    /// Takes bytes that the peer sent; returns how many. Fewer than given means that plain text waits
    /// to be taken first. While the handshake goes on a call is at most one step of it: it takes the
    /// bytes of one flight.
    ///
    /// # Errors
    /// The session is over; the same error again from then on. Plain text that came before what broke it is to be
    /// taken first: until then there is no error.
    fn read_tls(&mut self, bytes: &[u8]) -> Result<usize, TlsError>;

    /// Why the session is over, if it is. Plain text from before may still be there.
    fn error(&self) -> Option<&TlsError>;

    /// Writes bytes for the peer, as many as `out` takes; returns how many.
    fn write_tls(&mut self, out: &mut dyn io::Write) -> usize;

    /// True if [`write_tls`](Self::write_tls) has something.
    fn wants_write(&self) -> bool;

    /// Received plain text, as far as it lies together; nothing if there is none.
    fn plain(&mut self) -> &[u8];

    /// Drops the first `count` bytes of it.
    fn consume(&mut self, count: usize);

    /// Gives back memory that only a session that is busy needs.
    fn trim(&mut self);

    /// Encrypts plain text for the peer; returns how much of it. Fewer than given means that
    /// [`write_tls`](Self::write_tls) has to be emptied first; none is taken before the handshake is
    /// done.
    fn write_plain(&mut self, bytes: &[u8]) -> usize;

    /// True until both sides have finished the handshake.
    fn is_handshaking(&self) -> bool;

    /// How many calls of [`read_tls`](Self::read_tls) went into the handshake.
    fn handshake_steps(&self) -> u32;

    /// Ends our direction.
    fn close_notify(&mut self);

    /// Says that the peer's TCP stream has ended.
    fn handle_eof(&mut self);

    /// How the peer ended its direction, if it did. Plain text from before may still be there.
    fn peer_end(&self) -> Option<End>;

    /// What was agreed.
    fn facts(&self) -> Facts;
}

/// A record with a fatal alert, for a client that was not answered yet.
#[must_use]
pub fn alert_record(alert: AlertDescription) -> [u8; 7] {
    [21, 3, 3, 0, 2, 2, u8::from(alert)]
}
