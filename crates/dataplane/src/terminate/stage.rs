//! Where a terminated flow is between its SYN and its end.

use engine::{CloseKind, Relay};
use net::Timestamp;
use policy::ServerName;
use tls::client_hello::{ClientHello, Reader};
use tls::{ClientSide, ServerSide};

/// What is being done with a flow.
///
/// ```text
///  Opening ──▶ First ──▶ Server ──▶ Minting ──▶ Relay ──▶ Closing
///     │          ├── plain text ───────────────────▲        ▲
///     │          └── forwarded name ──▶ Splice ─────────────┤
///     └── refused, silent, blocked ─────────────────────────┘
/// ```
#[derive(Debug)]
pub(super) enum Stage {
    /// The client's SYN is held until the server has answered ours.
    Opening,
    /// Both TCP connections stand; the client's first bytes tell what they carry.
    First(Reader),
    /// The session with the server is being opened, under the name that the client asked for.
    Server(Box<Greeting>, Box<ServerSide>),
    /// The server is verified; a thread makes the certificate that stands in for its own.
    Minting(Box<Greeting>, Box<ServerSide>),
    /// Plain text goes through the relay.
    Relay(Box<Relaying>),
    /// Bytes pass as they are.
    Splice,
    /// Nothing more is read; what was written is delivered.
    Closing,
}

/// What a client said first.
#[derive(Debug)]
pub(super) struct Greeting {
    /// The records of its ClientHello, as they came.
    pub(super) raw: Vec<u8>,
    pub(super) hello: Box<ClientHello>,
    pub(super) name: ServerName,
}

/// A flow whose plain text is read.
#[derive(Debug)]
pub(super) struct Relaying {
    pub(super) relay: Relay,
    /// The sessions with client and server; none where the flow is plain text itself.
    pub(super) sessions: Option<Sessions>,
    /// The relay was told that a side has ended, by side: client, server.
    pub(super) is_ended: [bool; 2],
    /// How a side is to be ended, once everything is sent.
    pub(super) closing: [Option<CloseKind>; 2],
    /// When memory that only a busy flow needs is given back.
    pub(super) trim_at: Option<Timestamp>,
}

/// Both TLS sessions of a flow.
#[derive(Debug)]
pub(super) struct Sessions {
    pub(super) client: ClientSide,
    pub(super) server: ServerSide,
}
