//! A tap between two ends that a test speaks for.

use crate::{Engine, Limits, Output, Peers, Pipeline, Reply, Rules, Tap};
use audit::{Record, RecordKind};
use net::{Direction, Timestamp};
use policy::{Policy, Reason};
use std::sync::Arc;

pub(super) const SSN: &str = "536-90-4399";
pub(super) const EMAIL: &str = "jane.roe@example.org";
pub(super) const OPENAI_KEY: &str = "sk-proj-Zk3vT9xQw2LmN8bR5cY7dF1gH4jK6pS0aUeIoXyVtWqBzCrM";

/// Reads requests: SSNs and keys block, addresses are masked.
pub(super) const REQUESTS: &str = r#"
version = "test-1"
[[rule]]
name = "secrets"
detect = ["SECRET", "US_SSN", "CREDIT_CARD"]
action = "block"
[[rule]]
name = "contacts"
detect = ["EMAIL_ADDRESS"]
action = "redact"
[[rule]]
name = "seen"
detect = ["IP_ADDRESS"]
action = "alert"
"#;

/// Reads answers too, the same way.
pub(super) fn both() -> String {
    REQUESTS.replace("action = ", "direction = \"both\"\naction = ")
}

/// What an end got, and what the tap said.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) upstream: Vec<u8>,
    pub(super) downstream: Vec<u8>,
    pub(super) blocked: Option<Reason>,
    pub(super) reply: Option<Vec<u8>>,
    pub(super) forward: bool,
}

/// One connection.
pub(super) struct Lab<P = Rules> {
    pub(super) engine: Engine<P>,
    pub(super) tap: Tap<P>,
    pub(super) now: Timestamp,
    pub(super) records: Vec<Record>,
    pub(super) seen: Seen,
    /// Bytes that came in and were not released, edits applied.
    waiting: [Vec<u8>; 2],
    released: [u64; 2],
}

pub(super) fn parse(policy: &str) -> Arc<Policy> {
    let policy = Policy::parse(policy, &policy::Limits::default());
    Arc::new(policy.unwrap_or_else(|problems| panic!("{problems}")))
}

pub(super) fn peers() -> Peers {
    Peers { client: "10.1.2.3:40000".parse().unwrap(), server: "10.2.0.2:80".parse().unwrap() }
}

impl<P: Pipeline + Default> Lab<P> {
    pub(super) fn new(policy: &str) -> Self {
        Self::with(policy, Limits::default())
    }

    pub(super) fn with(policy: &str, limits: Limits) -> Self {
        Self::under(parse(policy), limits)
    }

    pub(super) fn under(policy: Arc<Policy>, limits: Limits) -> Self {
        Self {
            engine: Engine::new(policy, limits, 1, [7; 32]),
            tap: Tap::new(peers(), None),
            now: Timestamp::from_nanos(1_000_000_000),
            records: Vec::new(),
            seen: Seen::default(),
            waiting: [Vec::new(), Vec::new()],
            released: [0; 2],
        }
    }

    pub(super) fn up(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.data(Direction::Upstream, bytes.as_ref())
    }

    pub(super) fn down(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.data(Direction::Downstream, bytes.as_ref())
    }

    pub(super) fn data(&mut self, direction: Direction, bytes: &[u8]) -> &mut Self {
        self.waiting[direction.index()].extend(bytes);
        self.tap.handle_data(&mut self.engine, self.now, direction, bytes);
        self.flush()
    }

    /// Hands bytes in without asking what becomes of them.
    pub(super) fn hand_in(&mut self, direction: Direction, bytes: &[u8]) {
        self.waiting[direction.index()].extend(bytes);
        self.tap.handle_data(&mut self.engine, self.now, direction, bytes);
    }

    pub(super) fn flush(&mut self) -> &mut Self {
        self.tap.flush(&mut self.engine, self.now);
        self.poll();
        self
    }

    pub(super) fn eof(&mut self, direction: Direction) -> &mut Self {
        self.tap.handle_eof(&mut self.engine, self.now, direction);
        self.flush()
    }

    pub(super) fn close(&mut self, reason: Option<Reason>) -> &mut Self {
        self.tap.handle_close(&mut self.engine, self.now, reason);
        self.poll();
        self
    }

    /// Lets the tap's timer ring, if it is set.
    pub(super) fn ring(&mut self) -> &mut Self {
        self.now = self.tap.poll_timeout(&self.engine).expect("a timer");
        self.tap.handle_timeout(&mut self.engine, self.now);
        self.poll();
        self
    }

    /// Takes over what the tap says, and holds it to its promises.
    pub(super) fn poll(&mut self) {
        while let Some(record) = self.tap.poll_record(&mut self.engine) {
            self.records.push(record.clone());
        }
        while let Some(output) = self.tap.poll_output() {
            match output {
                Output::Release { direction, up_to } => self.release(direction, up_to),
                Output::Edit { direction, range, mask } => {
                    assert!(self.seen.blocked.is_none());
                    let released = self.released[direction.index()];
                    assert!(range.start >= released, "an edit of bytes that are gone");
                    for (place, offset) in range.enumerate() {
                        self.waiting[direction.index()][(offset - released) as usize] = mask.byte(place as u64);
                    }
                }
                Output::Block { reason, reply } => {
                    assert!(self.seen.blocked.is_none(), "a block after a block");
                    self.seen.blocked = Some(reason);
                    self.seen.reply = reply.map(|reply: Box<Reply>| reply.bytes().to_vec());
                }
                Output::Forward => self.seen.forward = true,
            }
        }
        while let Some(record) = self.tap.poll_record(&mut self.engine) {
            self.records.push(record.clone());
        }
    }

    fn release(&mut self, direction: Direction, up_to: u64) {
        assert!(self.seen.blocked.is_none(), "a release after a block");
        let side = direction.index();
        let count = up_to.checked_sub(self.released[side]).filter(|count| *count > 0).expect("a release goes forward");
        let gone: Vec<u8> = self.waiting[side].drain(..count as usize).collect();
        self.released[side] = up_to;
        match direction {
            Direction::Upstream => self.seen.upstream.extend(gone),
            Direction::Downstream => self.seen.downstream.extend(gone),
        }
    }

    pub(super) fn kinds(&self) -> Vec<RecordKind> {
        self.records.iter().map(|record| record.kind).collect()
    }

    /// The last record, which has to be a final one.
    pub(super) fn last(&self) -> &Record {
        let record = self.records.last().expect("a record");
        assert_ne!(record.kind, RecordKind::Admit);
        record
    }

    pub(super) fn assert_passed(&self, upstream: &[u8]) {
        assert_eq!(self.seen.blocked, None);
        assert_eq!(String::from_utf8_lossy(&self.seen.upstream), String::from_utf8_lossy(upstream));
    }
}

/// A request with a body of this type.
pub(super) fn request(content_type: &str, body: &str) -> String {
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: 10.2.0.2\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A request with one user message; `content` is to be valid within a JSON string.
pub(super) fn chat(content: &str) -> String {
    request(
        "application/json",
        &format!(r#"{{"model":"gpt-4o","messages":[{{"role":"user","content":"{content}"}}]}}"#),
    )
}

/// An answer with a body of this type.
pub(super) fn answer(content_type: &str, body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

pub(super) fn chunked(body: &str, chunk_bytes: usize) -> String {
    let mut out = String::new();
    let mut rest = body;
    while !rest.is_empty() {
        let mut len = chunk_bytes.min(rest.len());
        while !rest.is_char_boundary(len) {
            len += 1;
        }
        let (chunk, tail) = rest.split_at(len);
        out += &format!("{:x}\r\n{chunk}\r\n", chunk.len());
        rest = tail;
    }
    out + "0\r\n\r\n"
}
