//! A worker between two ports in memory.

use arc_swap::ArcSwap;
use audit::Record;
use audit::queue::{RecordReceiver, channel};
use core::num::NonZeroUsize;
use core::time::Duration;
use dataplane::{Config, Counters, Parts, Stats, Worker};
use net::Side;
use net::device::Device;
use net::heap::HeapBuffer;
use policy::{Limits, Policy};
use std::sync::Arc;
use testkit::{Conversation, Ends, Family, Tcp, WireDevice};

pub(crate) const SSN: &str = "536-90-4399";
pub(crate) const CARD: &str = "4111 1111 1111 1111";
pub(crate) const EMAIL: &str = "jane.roe@example.org";
pub(crate) const KEY: &str = "sk-proj-Zk3vT9xQw2LmN8bR5cY7dF1gH4jK6pS0aUeIoXyVtWqBzCrM";

pub(crate) const POLICY: &str = r#"
version = "test-1"

[default]
mode = "block"

[[flow]]
name = "plain"
match = { protocol = "tcp", ports = [80] }
mode = "inspect"

[[flow]]
name = "any-http"
match = { protocol = "tcp", ports = [8080], app = ["http1"] }
mode = "inspect"

[[flow]]
name = "tls"
match = { protocol = "tcp", ports = [8080], app = ["tls"] }
mode = "forward"

[[flow]]
name = "ssh"
match = { protocol = "tcp", ports = [22] }
mode = "forward"

[[rule]]
name = "secrets"
detect = ["SECRET", "US_SSN", "CREDIT_CARD", "IBAN_CODE"]
action = "block"

[[rule]]
name = "contacts"
detect = ["EMAIL_ADDRESS"]
action = "redact"

[[rule]]
name = "words"
detect = ["KEYWORD:project"]
action = "alert"

[keywords]
project = ["Project Watch Me"]
"#;

pub(crate) struct Lab {
    pub(crate) worker: Worker<HeapBuffer>,
    pub(crate) device: WireDevice,
    pub(crate) records: Vec<Record>,
    receiver: RecordReceiver,
    policy: Arc<ArcSwap<Policy>>,
    /// Credits that the management core keeps granted.
    pub(crate) credits: u64,
}

pub(crate) fn parse(text: &str) -> Arc<Policy> {
    Arc::new(Policy::parse(text, &Limits::default()).unwrap())
}

impl Lab {
    pub(crate) fn new(policy: &str) -> Self {
        Self::with(policy, Config { flow_count_max: 1024, store_bytes_worker_max: 16 << 20, ..Config::default() })
    }

    pub(crate) fn with(policy: &str, config: Config) -> Self {
        let device = WireDevice::new();
        let (mut senders, receiver) = channel(NonZeroUsize::MIN, NonZeroUsize::new(1024).unwrap());
        let policy = Arc::new(ArcSwap::new(parse(policy)));
        let parts = Parts {
            config,
            policy: Arc::clone(&policy),
            first_exchange: 1,
            secret: [7; 32],
            records: senders.pop().unwrap(),
            interception: None,
            stats: Arc::new(Stats::default()),
        };
        let worker = Worker::new(parts, device.time());
        let mut lab = Self { worker, device, records: Vec::new(), receiver, policy, credits: 512 };
        lab.receiver.grant_up_to(lab.credits);
        lab
    }

    pub(crate) fn set_policy(&mut self, policy: &str) {
        self.policy.store(parse(policy));
    }

    /// Polls until nothing is left to do.
    pub(crate) fn run(&mut self) {
        loop {
            self.worker.poll_once(&mut self.device);
            let records = &mut self.records;
            let drained = self.receiver.drain(usize::MAX, |_, record| records.push(record));
            self.receiver.commit();
            self.receiver.grant_up_to(self.credits);
            if drained == 0 && self.device.pending() == 0 {
                self.worker.poll_once(&mut self.device);
                return;
            }
        }
    }

    pub(crate) fn advance(&mut self, duration: Duration) {
        self.device.advance(duration);
        self.run();
    }

    pub(crate) fn counters(&self) -> &Counters {
        self.worker.counters()
    }

    pub(crate) fn dropped(&self, reason: net::DropReason) -> u64 {
        self.counters().dropped[reason.index()]
    }

    /// Sends a client's frame and hands everything that comes out to the conversation's ends.
    pub(crate) fn client(&mut self, conversation: &mut Conversation, frame: &[u8]) {
        self.device.inject(Side::Inside, frame);
        self.run();
        self.deliver(conversation);
    }

    pub(crate) fn server(&mut self, conversation: &mut Conversation, frame: &[u8]) {
        self.device.inject(Side::Outside, frame);
        self.run();
        self.deliver(conversation);
    }

    pub(crate) fn deliver(&mut self, conversation: &mut Conversation) {
        while let Some(frame) = self.device.take(Side::Outside) {
            conversation.reach_server(&frame);
        }
        while let Some(frame) = self.device.take(Side::Inside) {
            conversation.reach_client(&frame);
        }
    }

    /// Opens a connection to port 80.
    pub(crate) fn open(&mut self, family: Family, client_port: u16, server_port: u16) -> Conversation {
        let mut conversation = Conversation::new(Ends::new(family, client_port, server_port));
        let (syn, syn_ack) = (conversation.syn(), conversation.syn_ack());
        self.client(&mut conversation, &syn);
        self.server(&mut conversation, &syn_ack);
        let ack = conversation.client_frame(&conversation.from_client(0, b""));
        self.client(&mut conversation, &ack);
        conversation
    }

    pub(crate) fn send(&mut self, conversation: &mut Conversation, at: usize, payload: &[u8]) {
        let frame = conversation.client_frame(&conversation.from_client(at as u32, payload));
        self.client(conversation, &frame);
    }

    pub(crate) fn answer(&mut self, conversation: &mut Conversation, at: usize, acked: usize, payload: &[u8]) {
        let ack = Some(conversation.client_isn.wrapping_add(1).wrapping_add(acked as u32));
        let segment = Tcp { ack, ..conversation.from_server(at as u32, payload) };
        let frame = conversation.server_frame(&segment);
        self.server(conversation, &frame);
    }

    /// Ends the worker and returns how many buffers are still in use: none may be.
    pub(crate) fn leaked(mut self) -> usize {
        self.worker.stop(&mut self.device);
        self.device.discard_sent();
        drop(self.worker);
        self.device.buffers_in_use()
    }
}

/// A POST of this body.
pub(crate) fn post(body: &str) -> Vec<u8> {
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: 10.2.0.2\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A chat request with this content, which must be valid inside a JSON string.
pub(crate) fn chat(content: &str) -> Vec<u8> {
    post(&format!(r#"{{"model":"gpt-4o","messages":[{{"role":"user","content":"{content}"}}]}}"#))
}

pub(crate) fn contains(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}
