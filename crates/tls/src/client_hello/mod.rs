//! The first message of a client, read strictly from a TCP stream in pieces of any size.
//!
//! [`Reader`] takes the records of one handshake message and gives a [`ClientHello`]: the few things
//! that policy, the session with the server and the audit record need. The bytes it took are kept
//! for whoever handles the message for real, or passes it on ([`Reader::raw`]).
//!
//! Invariant: the outcome does not depend on how the stream was cut. There is one reading: lengths
//! fit exactly, no extension stands twice, the message ends where a record ends.
//!
//! Limit: [`CLIENT_HELLO_BYTES_MAX`]. It checks nothing cryptographic.

mod parse;
mod reader;

pub use reader::{CLIENT_HELLO_BYTES_MAX, Progress, Reader};

use crate::bytes::Short;
use crate::host_name::{HostName, HostNameError};

/// What a client asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientHello {
    /// `legacy_version`: 0x0303 for TLS 1.2 and later.
    pub legacy_version: u16,
    /// The server it asks for, by `server_name`. With `encrypted_client_hello` the outer name.
    pub host: Option<HostName>,
    /// Application protocols in the order of its preference; none without the extension.
    pub alpn: Vec<Box<[u8]>>,
    /// `supported_versions` in its order; none without the extension.
    pub versions: Vec<u16>,
    /// Groups of its key shares.
    pub key_shares: Vec<u16>,
    /// `encrypted_client_hello` is there, real or GREASE: they cannot be told apart.
    pub has_ech: bool,
    /// It means to send data before the server answered.
    pub has_early_data: bool,
    /// It offers to resume a session (TLS 1.3).
    pub has_psk: bool,
}

impl ClientHello {
    /// The group X25519MLKEM768, the usual post-quantum one.
    pub const X25519MLKEM768: u16 = 0x11ec;
    /// TLS 1.2.
    pub const TLS12: u16 = 0x0303;
    /// TLS 1.3.
    pub const TLS13: u16 = 0x0304;

    /// True if it accepts TLS 1.2 or 1.3: older ones are not spoken here.
    #[must_use]
    pub fn accepts_modern(&self) -> bool {
        if self.versions.is_empty() {
            return self.legacy_version >= Self::TLS12;
        }
        self.versions.iter().any(|version| [Self::TLS12, Self::TLS13].contains(version))
    }

    /// The protocols to offer to the server: those the client offers, in its order, that can be read
    /// here. Empty if the client names none.
    ///
    /// # Errors
    /// The client names protocols, and none that can be read.
    pub fn offer(&self, readable: &[&[u8]]) -> Result<Vec<Vec<u8>>, NoCommonProtocol> {
        let is_readable = |protocol: &&[u8]| readable.contains(protocol);
        let common: Vec<Vec<u8>> =
            self.alpn.iter().map(AsRef::as_ref).filter(is_readable).map(<[u8]>::to_vec).collect();
        if common.is_empty() && !self.alpn.is_empty() { Err(NoCommonProtocol) } else { Ok(common) }
    }
}

/// A client speaks only application protocols that nobody reads here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the client offers no application protocol that can be read")]
pub struct NoCommonProtocol;

impl From<Short> for HelloError {
    fn from(_: Short) -> Self {
        Self::Malformed
    }
}

/// Why a stream does not begin with a `ClientHello`. The client is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HelloError {
    /// The first bytes are no TLS record.
    #[error("no TLS")]
    NotTls,
    /// A greeting of SSL 2.
    #[error("SSL 2")]
    Sslv2,
    /// TLS, but no `ClientHello`: another record or another message.
    #[error("no ClientHello")]
    NotClientHello,
    /// More than [`CLIENT_HELLO_BYTES_MAX`].
    #[error("ClientHello too long")]
    TooLong,
    /// A length that does not fit, an empty list or record, or bytes after the end.
    #[error("malformed ClientHello")]
    Malformed,
    /// An extension stands twice.
    #[error("ClientHello with an extension twice")]
    Repeated,
    /// `server_name` with none, several, or other kinds of names.
    #[error("ClientHello without exactly one host name")]
    NameCount,
    /// `server_name` is no name of a server.
    #[error("server name: {0}")]
    Name(#[from] HostNameError),
}

impl HelloError {
    /// A stable name for records and counters.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotTls => "not_tls",
            Self::Sslv2 => "sslv2",
            Self::NotClientHello => "not_client_hello",
            Self::TooLong => "client_hello_too_long",
            Self::Malformed => "client_hello_malformed",
            Self::Repeated => "client_hello_extension_twice",
            Self::NameCount => "sni_count",
            Self::Name(HostNameError::Address) => "sni_address",
            Self::Name(HostNameError::NotDns) => "sni_not_dns",
        }
    }
}
