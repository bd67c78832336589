//! A relay between two ends that a test speaks for.

use crate::{CloseKind, Engine, HoldBudget, Limits, Peers, Pipeline, Relay, Rules};
use audit::{Record, RecordKind};
use net::{Direction, Timestamp};
use policy::{Policy, Reason};
use std::sync::Arc;

pub(super) const SSN: &str = "536-90-4399";
pub(super) const EMAIL: &str = "jane.roe@example.org";
pub(super) const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Reads both directions: SSNs and keys block, addresses get a label, card numbers a mask.
pub(super) const POLICY: &str = r#"
version = "test-1"
[[rule]]
name = "secrets"
detect = ["SECRET", "US_SSN"]
direction = "both"
action = "block"
[[rule]]
name = "contacts"
detect = ["EMAIL_ADDRESS"]
direction = "both"
action = "redact"
[[rule]]
name = "cards"
detect = ["CREDIT_CARD"]
direction = "both"
action = "redact"
redact = "mask"
"#;

/// One connection.
pub(super) struct Lab<P = Rules> {
    pub(super) engine: Engine<P>,
    pub(super) budget: HoldBudget,
    pub(super) relay: Relay<P>,
    pub(super) now: Timestamp,
    pub(super) records: Vec<Record>,
    /// What each end got.
    pub(super) server: Vec<u8>,
    pub(super) client: Vec<u8>,
    pub(super) closes: Vec<(Direction, CloseKind)>,
    /// What was not taken yet.
    pub(super) pending: [Vec<u8>; 2],
    /// Bytes that each end takes at a time.
    pub(super) transmit: [usize; 2],
    /// The audit log takes records.
    pub(super) is_admitting: bool,
}

impl Lab<Rules> {
    pub(super) fn new() -> Self {
        Self::with(Limits::default(), None)
    }

    pub(super) fn with(limits: Limits, server_name: Option<&str>) -> Self {
        Self::open(limits, server_name)
    }
}

impl<P: Pipeline + Default> Lab<P> {
    pub(super) fn open(limits: Limits, server_name: Option<&str>) -> Self {
        let policy = Policy::parse(POLICY, &policy::Limits::default()).unwrap_or_else(|problems| panic!("{problems}"));
        let peers = Peers { client: "10.1.2.3:40000".parse().unwrap(), server: "10.2.0.2:80".parse().unwrap() };
        Self {
            engine: Engine::new(Arc::new(policy), limits, 1, [7; 32]),
            budget: HoldBudget::new(1 << 30),
            relay: Relay::new(peers, server_name),
            now: Timestamp::from_nanos(1_000_000_000),
            records: Vec::new(),
            server: Vec::new(),
            client: Vec::new(),
            closes: Vec::new(),
            pending: [Vec::new(), Vec::new()],
            transmit: [4096; 2],
            is_admitting: true,
        }
    }

    pub(super) fn up(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.data(Direction::Upstream, bytes.as_ref())
    }

    pub(super) fn down(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.data(Direction::Downstream, bytes.as_ref())
    }

    pub(super) fn data(&mut self, direction: Direction, bytes: &[u8]) -> &mut Self {
        self.pending[direction.index()].extend(bytes);
        self.settle()
    }

    pub(super) fn eof(&mut self, direction: Direction) -> &mut Self {
        self.end(direction, CloseKind::Clean)
    }

    pub(super) fn end(&mut self, direction: Direction, how: CloseKind) -> &mut Self {
        assert!(self.pending[direction.index()].is_empty(), "an end before its bytes");
        self.relay.handle_eof(&mut self.engine, self.now, direction, how);
        self.settle()
    }

    pub(super) fn close(&mut self) -> &mut Self {
        self.relay.handle_close(&mut self.engine, &mut self.budget, self.now, None);
        while let Some(record) = self.relay.poll_record(&mut self.engine) {
            self.records.push(record.clone());
        }
        assert_eq!(self.budget.used(), 0, "memory is given back");
        self
    }

    /// Lets the relay's timer ring.
    pub(super) fn ring(&mut self) -> &mut Self {
        self.now = self.relay.poll_timeout(&self.engine).expect("a timer");
        self.relay.handle_timeout(&mut self.engine, self.now);
        self.settle()
    }

    /// Goes on until nothing moves.
    pub(super) fn settle(&mut self) -> &mut Self {
        while self.step() {}
        self
    }

    pub(super) fn step(&mut self) -> bool {
        let mut moves = false;
        for direction in Direction::BOTH {
            let pending = core::mem::take(&mut self.pending[direction.index()]);
            let taken = if direction == Direction::Downstream && self.is_admitting {
                let (client, max) = (&mut self.client, self.transmit[direction.index()] / 2);
                self.relay.pass_answer(&mut self.engine, &mut self.budget, self.now, &pending, |bytes| {
                    let bytes = &bytes[..bytes.len().min(max)];
                    client.extend(bytes);
                    bytes.len()
                })
            } else {
                self.relay.handle_data(&mut self.engine, &mut self.budget, self.now, direction, &pending)
            };
            self.pending[direction.index()] = pending[taken..].to_vec();
            moves |= taken > 0;
        }
        self.relay.flush(&mut self.engine, self.now);
        if self.is_admitting {
            while let Some(record) = self.relay.poll_record(&mut self.engine) {
                self.records.push(record.clone());
            }
            self.relay.release(&mut self.engine, &mut self.budget, self.now);
        }
        for direction in Direction::BOTH {
            let sendable = self.relay.sendable(direction);
            let count = sendable.len().min(self.transmit[direction.index()]);
            let seen = if direction == Direction::Upstream { &mut self.server } else { &mut self.client };
            seen.extend(&sendable[..count]);
            self.relay.consume(&mut self.budget, direction, count);
            moves |= count > 0;
        }
        while let Some(close) = self.relay.poll_close() {
            self.closes.push(close);
            moves = true;
        }
        moves
    }

    /// The last record, which has to be a final one.
    pub(super) fn last(&self) -> &Record {
        let record = self.records.last().expect("a record");
        assert_ne!(record.kind, RecordKind::Admit);
        record
    }

    pub(super) fn last_reason(&self) -> Option<Reason> {
        self.records.last().and_then(|record| record.reason)
    }

    pub(super) fn client_text(&self) -> String {
        String::from_utf8_lossy(&self.client).into_owned()
    }

    pub(super) fn server_text(&self) -> String {
        String::from_utf8_lossy(&self.server).into_owned()
    }

    /// The connection ended with a refusal, of which the server knows nothing.
    pub(super) fn assert_refused(&self, status: u16, reason: Reason) {
        assert_eq!(self.server_text(), "");
        assert!(!self.relay.has_sent_upstream());
        self.assert_refused_behind("", status, reason);
    }

    /// The same behind answers that the client got before.
    pub(super) fn assert_refused_behind(&self, before: &str, status: u16, reason: Reason) {
        let text = self.client_text();
        let refusal = text.strip_prefix(before).expect("what came before");
        assert!(refusal.starts_with(&format!("HTTP/1.1 {status} ")), "{text}");
        assert!(refusal.contains(reason.name()), "{text}");
        assert_eq!(self.last().reason, Some(reason));
        assert_eq!(self.closes, [(Direction::Upstream, CloseKind::Clean), (Direction::Downstream, CloseKind::Clean)]);
    }
}

/// A request with a JSON body of one message; `content` is to be valid within a JSON string.
pub(super) fn chat(content: &str) -> String {
    let body = format!(r#"{{"model":"gpt-4o","messages":[{{"role":"user","content":"{content}"}}]}}"#);
    post(&format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()), &body)
}

/// A request with these fields.
pub(super) fn post(fields: &str, body: &str) -> String {
    format!("POST /v1/chat/completions HTTP/1.1\r\nHost: 10.2.0.2\r\n{fields}\r\n{body}")
}

/// A body in chunks of so many bytes, with an extension in each.
pub(super) fn chunked(body: &str, chunk_bytes: usize, trailers: &str) -> String {
    let chunks = body.as_bytes().chunks(chunk_bytes);
    let chunks: Vec<u8> =
        chunks.flat_map(|chunk| [format!("{:X};n=1\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat()).collect();
    String::from_utf8(chunks).expect("ASCII") + "0\r\n" + trailers + "\r\n"
}
