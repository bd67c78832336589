//! A connection that a test writes segment by segment.

use crate::{Ends, Receiver, Tcp, parse_tcp, tcp};

/// Sequence numbers of both ends, so that a test can think in stream offsets.
#[derive(Debug)]
pub struct Conversation {
    /// Addresses and ports.
    pub ends: Ends,
    /// The client's initial sequence number.
    pub client_isn: u32,
    /// The server's initial sequence number.
    pub server_isn: u32,
    /// What reaches the server.
    pub server: Receiver,
    /// What reaches the client.
    pub client: Receiver,
}

impl Conversation {
    /// A connection between these ends. Both numbers wrap within the first bytes.
    #[must_use]
    pub const fn new(ends: Ends) -> Self {
        let (client_isn, server_isn) = (u32::MAX - 20, u32::MAX - 40);
        Self { ends, client_isn, server_isn, server: Receiver::new(client_isn), client: Receiver::new(server_isn) }
    }

    /// The client's SYN; it offers selective acknowledgements, and so does the answer.
    #[must_use]
    pub fn syn(&self) -> Vec<u8> {
        tcp(
            &self.ends,
            true,
            &Tcp { seq: self.client_isn, syn: true, window: 65_000, sack: vec![(0, 0)], ..Tcp::default() },
        )
    }

    /// The server's SYN-ACK.
    #[must_use]
    pub fn syn_ack(&self) -> Vec<u8> {
        let ack = Some(self.client_isn.wrapping_add(1));
        tcp(
            &self.ends,
            false,
            &Tcp { seq: self.server_isn, ack, syn: true, window: 65_000, sack: vec![(0, 0)], ..Tcp::default() },
        )
    }

    /// A segment of the client with its bytes from stream offset `at` on.
    #[must_use]
    pub fn from_client(&self, at: u32, payload: &[u8]) -> Tcp {
        Tcp {
            seq: self.client_isn.wrapping_add(1).wrapping_add(at),
            ack: Some(self.server_isn.wrapping_add(1)),
            window: 65_000,
            payload: payload.to_vec(),
            ..Tcp::default()
        }
    }

    /// A segment of the server with its bytes from stream offset `at` on.
    #[must_use]
    pub fn from_server(&self, at: u32, payload: &[u8]) -> Tcp {
        Tcp {
            seq: self.server_isn.wrapping_add(1).wrapping_add(at),
            ack: Some(self.client_isn.wrapping_add(1)),
            window: 65_000,
            payload: payload.to_vec(),
            ..Tcp::default()
        }
    }

    /// The frame of a client's segment.
    #[must_use]
    pub fn client_frame(&self, segment: &Tcp) -> Vec<u8> {
        tcp(&self.ends, true, segment)
    }

    /// The frame of a server's segment.
    #[must_use]
    pub fn server_frame(&self, segment: &Tcp) -> Vec<u8> {
        tcp(&self.ends, false, segment)
    }

    /// Takes a frame that reached the server.
    pub fn reach_server(&mut self, frame: &[u8]) {
        if let Some(segment) = parse_tcp(frame) {
            self.server.take(&segment);
        }
    }

    /// Takes a frame that reached the client.
    pub fn reach_client(&mut self, frame: &[u8]) {
        if let Some(segment) = parse_tcp(frame) {
            self.client.take(&segment);
        }
    }
}
