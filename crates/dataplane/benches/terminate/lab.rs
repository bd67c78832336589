//! A worker between clients and servers in memory.

use crate::support::{Issuing, authority, client, clock, leaf_params, server};
use crate::{IS_PROFILED, support};
use arc_swap::ArcSwap;
use audit::queue::{RecordReceiver, channel};
use core::net::{IpAddr, Ipv4Addr};
use core::num::NonZeroUsize;
use core::time::Duration;
use dataplane::{Config, Interception, Parts, Stats, Worker};
use net::Side;
use net::heap::{HeapBuffer, HeapPool};
use policy::{Limits, Mode, Policy, Reason};
use rustix::time::{ClockId, clock_gettime};
use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, Connection, RootCertStore, ServerConfig};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use testkit::{Host, WireDevice};
use tls::mint::Pool;

/// Whom all clients call.
const NAME: &str = "api.openai.com";
/// Bytes of a request's body.
pub(crate) const CHAT_BYTES: usize = 2048;
/// What passes between two polls.
const TURN: Duration = Duration::from_micros(200);
/// Room for a frame in a buffer of a port, and how many there are.
const BUFFER_BYTES: usize = 2048;
const BUFFER_COUNT: usize = 8192;
/// Frames that wait for a poll, at most by one connection's window more: half of what a port's ring holds.
const RING_FRAMES: usize = 512;
/// Connections that ask at once, where many do.
const AT_ONCE: usize = 32;
/// Turns without a frame after which something is wrong.
const IDLE_TURNS_MAX: usize = 100_000;
/// Records between worker and log, as the program has it.
const QUEUE_RECORDS: u64 = 4096;
/// Bytes that a host's socket holds each way: what the largest window in use takes.
const SMALL_BUFFER_BYTES: usize = 8 << 10;
const LARGE_BUFFER_BYTES: usize = 256 << 10;

/// The key exchange that both legs use.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Groups {
    /// X25519MLKEM768, which current clients and servers prefer.
    Hybrid,
    /// X25519.
    Classical,
}

/// What a server answers.
pub(crate) enum Answer {
    Chat,
    /// So many bytes of no text.
    Bytes(usize),
}

pub(crate) struct End {
    pub(crate) host: Host,
    pub(crate) tls: Connection,
    pub(crate) plain: Vec<u8>,
    /// Bytes of an answer's body that are still to be written.
    pub(crate) left: usize,
    /// It does nothing for now.
    pub(crate) is_deaf: bool,
}

/// A client and its server.
pub(crate) struct Pair {
    pub(crate) client: End,
    pub(crate) server: End,
    answer: Vec<u8>,
    pub(crate) body: usize,
    pub(crate) request_bytes: usize,
    /// Requests that were answered whole.
    pub(crate) answered: usize,
    is_closing: bool,
}

pub(crate) struct Lab {
    worker: Worker<HeapBuffer>,
    device: WireDevice,
    receiver: RecordReceiver,
    pub(crate) pairs: Vec<Option<Box<Pair>>>,
    server: Arc<ServerConfig>,
    client: Arc<ClientConfig>,
    pub(crate) request: Vec<u8>,
    /// CPU time that the worker took, in seconds.
    pub(crate) spent: f64,
    /// Frames that came to the worker.
    pub(crate) frames: usize,
    /// Bytes of answers that clients have received.
    pub(crate) received: usize,
    /// Bytes that the worker holds more than when this was set.
    pub(crate) memory: Option<i64>,
    _mint: Pool,
}

/// The shipped rules, with all of TLS opened.
fn policy() -> Policy {
    const FLOW: &str = "[[flow]]\nname = \"tls\"\nmatch = { protocol = \"tcp\", ports = [443], sni = [\"@ai\"] }\nmode = \"terminate\"\n";
    let shipped = include_str!("../../../../etc/policy.toml");
    let text = shipped.replacen("\n[[flow]]\n", &format!("\n{FLOW}[[flow]]\n"), 1);
    Policy::parse(&text, &Limits::default()).unwrap()
}

impl Lab {
    pub(crate) fn new(groups: Groups) -> Self {
        Self::with(groups, Config::default())
    }

    pub(crate) fn with(groups: Groups, config: Config) -> Self {
        let ca = Issuing::new("root");
        let (authority, pem) = authority();
        let mint = Pool::start(Arc::new(authority), NonZeroUsize::MIN).unwrap();
        let interception = Interception {
            upstream: support::upstream(&ca),
            downstream: support::downstream(),
            minter: mint.minter(),
            clock: clock(),
        };
        let (mut senders, receiver) = channel(NonZeroUsize::MIN, NonZeroUsize::new(QUEUE_RECORDS as usize).unwrap());
        let pool = HeapPool::with_frame_bytes(BUFFER_BYTES);
        // As a port has it: no buffer is new when it is asked for.
        drop((0..BUFFER_COUNT).map(|_| pool.alloc()).collect::<Vec<_>>());
        let device = WireDevice::with_pool(pool);
        let parts = Parts {
            config: Config { flow_count_max: 32_768, ..config },
            policy: Arc::new(ArcSwap::new(Arc::new(policy()))),
            first_exchange: 1,
            secret: [7; 32],
            records: senders.pop().unwrap(),
            interception: Some(interception),
            stats: Arc::new(Stats::default()),
        };
        let (server, client) = peers(&ca, &pem, groups);
        let mut lab = Self {
            worker: Worker::new(parts, device.time()),
            device,
            receiver,
            pairs: Vec::new(),
            server,
            client,
            request: request(),
            spent: 0.0,
            frames: 0,
            received: 0,
            memory: None,
            _mint: mint,
        };
        lab.drain();
        lab
    }

    /// Opens connections, up to the end of both handshakes of each.
    pub(crate) fn open(&mut self, count: usize, answer: &Answer) -> Vec<usize> {
        let opened = self.dial(count, answer);
        self.run(&opened, |pair| !pair.client.tls.is_handshaking() && !pair.server.tls.is_handshaking());
        opened
    }

    /// One request on each of these connections, and its answer.
    pub(crate) fn ask(&mut self, pairs: &[usize]) {
        for index in pairs {
            let pair = self.pairs[*index].as_mut().unwrap();
            pair.client.tls.writer().write_all(&self.request).unwrap();
        }
        let before: Vec<usize> = pairs.iter().map(|index| self.pairs[*index].as_ref().unwrap().answered).collect();
        let least = before.first().copied().unwrap_or(0);
        self.run(pairs, move |pair| pair.answered > least);
    }

    /// The same, a few connections at a time: no more frames are on their way than a port's ring holds.
    pub(crate) fn ask_in_turn(&mut self, pairs: &[usize]) {
        pairs.chunks(AT_ONCE).for_each(|pairs| self.ask(pairs));
    }

    /// Ends connections, up to the last frame.
    pub(crate) fn close(&mut self, pairs: &[usize]) {
        for index in pairs {
            let pair = self.pairs[*index].as_mut().unwrap();
            pair.client.tls.send_close_notify();
            pair.client.host.close_when_sent = true;
            pair.is_closing = true;
        }
        self.run(pairs, |pair| pair.client.host.is_at_end() && pair.server.host.is_at_end());
        self.rest(10);
        for index in pairs {
            self.pairs[*index] = None;
        }
    }

    /// Lets time pass: acknowledgements that were late, connections that waited, memory that is given back.
    pub(crate) fn rest(&mut self, turns: u32) {
        for _ in 0..turns {
            self.device.advance(Duration::from_millis(10));
            let all: Vec<usize> = (0..self.pairs.len()).collect();
            self.turn(&all);
        }
    }

    /// Connections, the clients' SYNs not sent yet.
    pub(crate) fn dial(&mut self, count: usize, answer: &Answer) -> Vec<usize> {
        let opened: Vec<usize> = (self.pairs.len()..self.pairs.len() + count).collect();
        for index in &opened {
            let pair = self.pair(*index, answer);
            self.pairs.push(Some(pair));
        }
        opened
    }

    /// Terminated flows in the worker's table.
    pub(crate) fn flows(&self) -> u64 {
        self.worker.counters().flows[Mode::Terminate.index()]
    }

    /// How often the worker blocked for a reason.
    pub(crate) fn blocked(&self, reason: Reason) -> u64 {
        self.worker.counters().blocked[reason.index()]
    }

    /// Lets so much time pass, in steps.
    pub(crate) fn sleep(&mut self, time: Duration, step: Duration) {
        let until = self.device.time().after(time);
        while self.device.time() < until {
            self.device.advance(step);
            let all: Vec<usize> = (0..self.pairs.len()).collect();
            self.turn(&all);
        }
    }

    /// Goes on until something holds for all of these.
    pub(crate) fn run(&mut self, pairs: &[usize], is_done: impl Fn(&Pair) -> bool) {
        let mut left = pairs.to_vec();
        let mut idle = 0;
        while !left.is_empty() {
            idle = if self.turn(&left) == 0 { idle + 1 } else { 0 };
            assert!(idle < IDLE_TURNS_MAX, "{} connections do not go on: {:?}", left.len(), self.worker.counters());
            left.retain(|index| !is_done(self.pairs[*index].as_ref().unwrap()));
        }
    }

    /// Clients and servers send what they have, the worker takes all of it, they get what it has sent.
    pub(crate) fn turn(&mut self, pairs: &[usize]) -> usize {
        let millis = i64::try_from(self.device.time().as_nanos() / 1_000_000).unwrap();
        let mut moved = 0;
        for index in pairs {
            let Some(pair) = &mut self.pairs[*index] else { continue };
            self.received += pair.work(millis);
            for (end, side) in [(&mut pair.client, Side::Inside), (&mut pair.server, Side::Outside)] {
                while let Some(frame) = end.host.take() {
                    self.device.inject(side, &frame);
                    moved += 1;
                }
            }
            if self.device.pending() >= RING_FRAMES {
                self.poll();
            }
        }
        self.frames += moved;
        self.poll();
        for side in Side::BOTH {
            while let Some(frame) = self.device.take(side) {
                moved += 1;
                let Some(Some(pair)) = place(&frame).and_then(|index| self.pairs.get_mut(index)) else { continue };
                let end = if side == Side::Inside { &mut pair.client } else { &mut pair.server };
                end.host.inject(frame);
            }
        }
        self.device.advance(TURN);
        moved
    }

    fn poll(&mut self) {
        let before = self.memory.map(|_| heap_bytes());
        let start = thread_seconds();
        poll_measured(&mut self.worker, &mut self.device);
        self.spent += thread_seconds() - start;
        if let (Some(memory), Some(before)) = (&mut self.memory, before) {
            *memory += heap_bytes() - before;
        }
        self.drain();
    }

    /// The log's end of the queue: the work of another core.
    fn drain(&mut self) {
        self.receiver.drain(usize::MAX, |_, record| {
            std::hint::black_box(&record);
        });
        self.receiver.commit();
        self.receiver.grant_up_to(QUEUE_RECORDS);
    }

    fn pair(&self, index: usize, answer: &Answer) -> Box<Pair> {
        let (body, buffer) = match answer {
            Answer::Chat => (0, SMALL_BUFFER_BYTES),
            Answer::Bytes(count) => (*count, LARGE_BUFFER_BYTES),
        };
        let end = |network, tls| End {
            host: Host::with_buffers(address(network, index), hardware(network, index), index as u64 + 1, buffer),
            tls,
            plain: Vec::new(),
            left: 0,
            is_deaf: false,
        };
        let mut client = end(1, client(&self.client, NAME));
        let mut server = end(2, server(&self.server));
        server.tls.set_buffer_limit(Some(LARGE_BUFFER_BYTES));
        client.tls.set_buffer_limit(None);
        server.host.listen(443);
        client.host.connect(address(2, index), 443, 40_000);
        let answer = match body {
            0 => ANSWER.replace("{len}", &ANSWER_BODY.len().to_string()).into_bytes(),
            count => {
                format!("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {count}\r\n\r\n")
                    .into_bytes()
            }
        };
        let request_bytes = self.request.len();
        Box::new(Pair { client, server, answer, body, request_bytes, answered: 0, is_closing: false })
    }
}

const ANSWER_BODY: &str = r#"{"id":"chatcmpl-1","object":"chat.completion","model":"gpt-4o-2024-08-06","choices":[{"index":0,"message":{"role":"assistant","content":"Noted."},"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":2,"total_tokens":14}}"#;
const ANSWER: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len}\r\n\r\n{body}";

impl Pair {
    /// Lets both ends work; bytes of answers that the client received.
    fn work(&mut self, millis: i64) -> usize {
        self.client.pump(millis);
        self.server.pump(millis);
        while self.server.plain.len() >= self.request_bytes {
            self.server.plain.drain(..self.request_bytes);
            let head = String::from_utf8(self.answer.clone()).unwrap().replace("{body}", ANSWER_BODY);
            self.server.tls.writer().write_all(head.as_bytes()).unwrap();
            self.server.left += self.body;
        }
        self.server.write_body();
        if self.is_closing && self.server.host.is_at_end() {
            self.server.host.close_when_sent = true;
        }
        let whole = self.answer_bytes();
        let mut received = 0;
        while self.client.plain.len() >= whole {
            self.client.plain.drain(..whole);
            self.answered += 1;
            received += whole;
        }
        received
    }

    fn answer_bytes(&self) -> usize {
        match self.body {
            0 => self.answer.len() - "{body}".len() + ANSWER_BODY.len(),
            count => self.answer.len() + count,
        }
    }
}

impl End {
    fn pump(&mut self, millis: i64) {
        if self.is_deaf {
            return;
        }
        self.host.poll(millis);
        if !self.host.received.is_empty() {
            let bytes = core::mem::take(&mut self.host.received);
            match support::give(&mut self.tls, &bytes) {
                Ok(plain) => self.plain.extend(plain),
                // The other end was told by an alert, or tells by one.
                Err(_) => self.host.close_when_sent = true,
            }
        }
        if self.tls.wants_write() && self.host.to_send.len() < LARGE_BUFFER_BYTES {
            self.host.to_send.extend(support::sent(&mut self.tls));
            self.host.poll(millis);
        }
    }

    fn write_body(&mut self) {
        while self.left > 0 && self.host.to_send.len() < LARGE_BUFFER_BYTES {
            let chunk = [0x80; 16 << 10];
            let count = self.tls.writer().write(&chunk[..chunk.len().min(self.left)]).unwrap();
            self.left -= count;
            self.host.to_send.extend(support::sent(&mut self.tls));
        }
    }
}

fn address(network: u8, index: usize) -> IpAddr {
    Ipv4Addr::new(10, network, (index >> 8) as u8, index as u8).into()
}

fn hardware(network: u8, index: usize) -> [u8; 6] {
    [2, 0, 0, network, (index >> 8) as u8, index as u8]
}

/// Whose frame it is: the last two bytes of the address that it goes to, in ARP and in IPv4.
fn place(frame: &[u8]) -> Option<usize> {
    let at = if frame.get(12..14)? == [8, 6] { 40 } else { 32 };
    frame.get(at..at + 2).map(|bytes| usize::from(bytes[0]) << 8 | usize::from(bytes[1]))
}

/// A chat request without anything to find.
fn request() -> Vec<u8> {
    let words = "The meeting moved to Thursday because the room was taken and nobody had asked for another one. ";
    let body = r#"{"model":"gpt-4o","stream":false,"messages":[{"role":"user","content":"{}"}]}"#;
    let room = CHAT_BYTES - (body.len() - 2);
    let text: String = words.chars().cycle().take(room).collect();
    let body = body.replace("{}", &text);
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: {NAME}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Peers that resume nothing.
fn peers(ca: &Issuing, pem: &str, groups: Groups) -> (Arc<ServerConfig>, Arc<ClientConfig>) {
    let mut provider = aws_lc_rs::default_provider();
    if groups == Groups::Classical {
        provider.kx_groups = vec![aws_lc_rs::kx_group::X25519];
    }
    let provider = Arc::new(provider);
    let issued = ca.issue(&leaf_params(NAME));
    let server = ServerConfig::builder_with_details(Arc::clone(&provider), clock());
    let mut server = server
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![issued.certificate.clone()], issued.key())
        .unwrap();
    server.send_tls13_tickets = 0;
    server.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    let client = ClientConfig::builder_with_details(provider, clock());
    let mut client =
        client.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots).with_no_client_auth();
    client.resumption = Resumption::disabled();
    (Arc::new(server), Arc::new(client))
}

/// A name of its own, for the profiler.
#[inline(never)]
fn poll_measured(worker: &mut Worker<HeapBuffer>, device: &mut WireDevice) {
    loop {
        let count = worker.poll_once(device);
        if count == 0 && device.pending() == 0 {
            return;
        }
    }
}

/// Bytes in use of the C library's heap, which Rust's are part of.
fn heap_bytes() -> i64 {
    // SAFETY: it only reads counters.
    let info = unsafe { libc::mallinfo2() };
    (info.uordblks + info.hblkhd).cast_signed() as i64
}

/// CPU time of this thread; none while a profiler runs it.
fn thread_seconds() -> f64 {
    if IS_PROFILED.load(Ordering::Relaxed) {
        return 0.0;
    }
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
