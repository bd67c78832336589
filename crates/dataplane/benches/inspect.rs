//! CPU time a request takes through a worker: 2 KB chat requests and their answers on kept
//! connections, frame by frame, in memory.
//!
//! `cargo bench -p dataplane --bench inspect [-- ROUNDS]` prints nanoseconds of thread CPU time a
//! request for inspect and forward mode, interleaved, medians. Forward mode is what the device and
//! the flow table cost here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark")]
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a benchmark")]

use arc_swap::ArcSwap;
use audit::queue::{RecordReceiver, channel};
use core::num::NonZeroUsize;
use dataplane::{Config, Parts, Stats, Worker};
use net::device::{Burst, Device};
use net::heap::{HeapBuffer, HeapPool};
use net::{Side, Timestamp};
use policy::{Limits, Policy};
use rustix::time::{ClockId, clock_gettime};
use std::sync::Arc;
use testkit::{Conversation, Ends, Family, Random, Tcp};

const FLOWS: u16 = 64;
const REQUESTS: usize = 200;
/// Requests of each flow before the clock starts: pools have grown then.
const WARM_UP: usize = 40;
const BODY_BYTES: usize = 2048;
const SEGMENT_BYTES: usize = 1448;

const RULES: &str = include_str!("../../../etc/policy.toml");
const FORWARD: &str = "version = \"forward\"\n[[flow]]\nname = \"all\"\nmatch = { ports = [80] }\nmode = \"forward\"\n";

/// A device that plays frames and throws away what it is sent.
struct Player<'f> {
    frames: &'f [(Side, Vec<u8>)],
    next: usize,
    pool: HeapPool,
    now: Timestamp,
}

impl Device for Player<'_> {
    type Buffer = HeapBuffer;

    fn rx_burst(&mut self, side: Side, burst: &mut Burst<HeapBuffer>) -> usize {
        let mut count = 0;
        while let Some((from, frame)) = self.frames.get(self.next)
            && *from == side
            && !burst.is_full()
        {
            burst.push(self.pool.frame(frame).unwrap());
            self.next += 1;
            count += 1;
        }
        count
    }

    fn tx_burst(&mut self, _side: Side, burst: &mut Burst<HeapBuffer>) -> usize {
        let count = burst.len();
        burst.clear();
        count
    }

    fn alloc(&mut self) -> Option<HeapBuffer> {
        Some(self.pool.alloc())
    }

    fn alloc_jumbo(&mut self) -> Option<HeapBuffer> {
        Some(self.pool.alloc())
    }

    fn now(&mut self) -> Timestamp {
        self.now
    }

    fn buffers_in_use(&self) -> usize {
        self.pool.in_use()
    }
}

fn main() {
    let rounds: usize = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(5);
    let frames = frames();
    let mut figures = [Vec::new(), Vec::new()];
    for _ in 0..rounds {
        for (policy, figures) in [RULES, FORWARD].iter().zip(&mut figures) {
            figures.push(measure(policy, &frames));
        }
    }
    for (name, figures) in ["inspect", "forward"].iter().zip(&mut figures) {
        figures.sort_by(f64::total_cmp);
        println!(
            "{name}: {:.0} ns a request (median of {rounds}, {:.0} to {:.0})",
            figures[rounds / 2],
            figures[0],
            figures[rounds - 1]
        );
    }
    let difference = figures[0][rounds / 2] - figures[1][rounds / 2];
    println!("inspect less forward: {difference:.0} ns a request of {BODY_BYTES} bytes");
}

fn measure(policy: &str, frames: &[(Side, Vec<u8>)]) -> f64 {
    let (mut senders, mut receiver) = channel(NonZeroUsize::MIN, NonZeroUsize::new(4096).unwrap());
    let policy = Policy::parse(policy, &Limits::default()).unwrap();
    let now = Timestamp::from_nanos(1_000_000_000);
    let parts = Parts {
        config: Config { flow_count_max: 1024, store_bytes_worker_max: 64 << 20, ..Config::default() },
        policy: Arc::new(ArcSwap::new(Arc::new(policy))),
        first_exchange: 1,
        secret: [7; 32],
        records: senders.pop().unwrap(),
        stats: Arc::new(Stats::default()),
    };
    let mut worker = Worker::new(parts, now);
    let mut device = Player { frames, next: 0, pool: HeapPool::new(), now };
    drain(&mut receiver);
    let handshakes = usize::from(FLOWS) * 3;
    let warm = handshakes + (frames.len() - handshakes) * WARM_UP / REQUESTS;
    let mut start = 0.0;
    while device.next < frames.len() {
        if start == 0.0 && device.next >= warm {
            start = thread_seconds();
        }
        worker.poll_once(&mut device);
        drain(&mut receiver);
    }
    let spent = thread_seconds() - start;
    let counters = worker.counters();
    assert_eq!(counters.dropped_total(), 0, "{counters:?}");
    spent * 1e9 / f64::from(FLOWS) / (REQUESTS - WARM_UP) as f64
}

fn drain(receiver: &mut RecordReceiver) {
    receiver.drain(usize::MAX, |_, record| {
        std::hint::black_box(record);
    });
    receiver.commit();
    receiver.grant_up_to(4096);
}

/// Handshakes of all flows, then request by request of all flows.
fn frames() -> Vec<(Side, Vec<u8>)> {
    let mut random = Random::new(1);
    let mut frames = Vec::new();
    let flows: Vec<Conversation> =
        (0..FLOWS).map(|number| Conversation::new(Ends::new(Family::V4, 40_000 + number, 80))).collect();
    for flow in &flows {
        frames.push((Side::Inside, flow.syn()));
        frames.push((Side::Outside, flow.syn_ack()));
        frames.push((Side::Inside, flow.client_frame(&flow.from_client(0, b""))));
    }
    let (mut sent, mut got) = (0, 0);
    let answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 53\r\n\r\n{\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":34}}";
    for _ in 0..REQUESTS {
        let request = request(&mut random);
        let answer_end = got + answer.len();
        for part in 0..request.len().div_ceil(SEGMENT_BYTES) {
            for flow in &flows {
                let at = part * SEGMENT_BYTES;
                let end = request.len().min(at + SEGMENT_BYTES);
                let segment = Tcp {
                    ack: Some(flow.server_isn.wrapping_add(1 + got as u32)),
                    ..flow.from_client((sent + at) as u32, &request[at..end])
                };
                frames.push((Side::Inside, flow.client_frame(&segment)));
            }
        }
        sent += request.len();
        for flow in &flows {
            let segment = Tcp {
                ack: Some(flow.client_isn.wrapping_add(1 + sent as u32)),
                ..flow.from_server(got as u32, answer)
            };
            frames.push((Side::Outside, flow.server_frame(&segment)));
        }
        got = answer_end;
        for flow in &flows {
            let segment =
                Tcp { ack: Some(flow.server_isn.wrapping_add(1 + got as u32)), ..flow.from_client(sent as u32, b"") };
            frames.push((Side::Inside, flow.client_frame(&segment)));
        }
    }
    frames
}

/// A chat request of a few turns of prose.
fn request(random: &mut Random) -> Vec<u8> {
    const WORDS: [&str; 16] = [
        "please",
        "summarise",
        "the",
        "report",
        "from",
        "last",
        "week",
        "and",
        "list",
        "every",
        "open",
        "question",
        "with",
        "its",
        "owner,",
        "thanks.",
    ];
    let mut body = String::from(
        r#"{"model":"gpt-4o","temperature":0.2,"stream":false,"messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":""#,
    );
    while body.len() < BODY_BYTES - 8 {
        body.push_str(WORDS[random.below(16) as usize]);
        body.push(' ');
    }
    body.push_str(r#""}]}"#);
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: api.openai.com\r\nUser-Agent: OpenAI/Python 1.50.0\r\nAccept: application/json\r\nAccept-Encoding: identity\r\nContent-Type: application/json\r\nAuthorization: Bearer token-of-mine\r\nX-Stainless-Lang: python\r\nConnection: keep-alive\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    (head + &body).into_bytes()
}

fn thread_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
