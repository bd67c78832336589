//! CPU time that a request takes through a worker: 2 KB chat requests and their answers on kept
//! connections, frame by frame, in memory.
//!
//! `cargo bench -p dataplane --bench inspect [-- ROUNDS]` prints nanoseconds of thread CPU time a
//! request, medians of interleaved rounds, and where they go. A request is two segments, an answer
//! and an acknowledgement: four frames. The device copies each of them, as a capture would be.
//!
//! `-- profile` inspects once, or `-- profile NUMBER` so many times, and prints nothing, for a profiler; `-- profile
//! forward` forwards:
//! `valgrind --tool=callgrind --collect-atstart=no --toggle-collect='*poll_some*' BENCH profile`
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark")]
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a benchmark")]

#[allow(clippy::panic, reason = "a benchmark")]
mod stages;

use arc_swap::ArcSwap;
use audit::queue::{RecordReceiver, channel};
use core::num::NonZeroUsize;
use core::sync::atomic::{AtomicBool, Ordering};
use dataplane::{Config, Parts, Stats, Worker};
use net::device::{Burst, Device};
use net::heap::HeapBuffer;
use net::{Side, Timestamp};
use policy::{Limits, Policy};
use rustix::time::{ClockId, clock_gettime};
use std::sync::Arc;
use testkit::{CHAT_BODY_BYTES, Order, Player, chats};

pub(crate) const FLOWS: u16 = 64;
pub(crate) const REQUESTS: usize = 200;
/// Requests of each flow before the clock starts: pools have grown then.
pub(crate) const WARM_UP: usize = 40;
/// Laps over the frames; each one is a worker of its own.
const LAPS: usize = 4;
/// Records between worker and log, as the program has it.
const QUEUE_RECORDS: u64 = 4096;
/// Polls between two looks at the queue: a poll brings at most two bursts, and a request, which has
/// two records, is no less than three frames.
const POLLS_PER_DRAIN: usize = 64;

static IS_PROFILED: AtomicBool = AtomicBool::new(false);

const RULES: &str = include_str!("../../../../etc/policy.toml");
const FORWARD: &str = "version = \"forward\"\n[[flow]]\nname = \"all\"\nmatch = { ports = [80] }\nmode = \"forward\"\n";
const NO_RULES: &str = "version = \"none\"\n[[flow]]\nname = \"all\"\nmatch = { ports = [80] }\nmode = \"inspect\"\n";

fn main() {
    let number: Option<usize> = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    if std::env::args().any(|argument| argument == "profile") {
        IS_PROFILED.store(true, Ordering::Relaxed);
        let rules = if std::env::args().any(|argument| argument == "forward") { FORWARD } else { RULES };
        let frames = chats(FLOWS, REQUESTS, Order::BackToBack);
        for _ in 0..number.unwrap_or(1) {
            worker(rules, &frames);
        }
        return;
    }
    let rounds = number.unwrap_or(5);
    println!("ns of CPU a request of {CHAT_BODY_BYTES} bytes, {FLOWS} connections, median of {rounds} (least to most)");
    for order in [Order::BackToBack, Order::Interleaved] {
        let frames = chats(FLOWS, REQUESTS, order);
        match order {
            Order::BackToBack => println!("\nboth segments of a request in one burst:"),
            Order::Interleaved => println!("\neach segment in a burst of its own, among those of other connections:"),
        }
        report(rounds, &frames);
    }
}

/// What is measured, in the order in which it is printed.
#[derive(Clone, Copy)]
enum Figure {
    Device,
    Parse,
    Flow,
    Reassembly,
    Decode,
    Forward,
    WithoutRules,
    Inspect,
}

const FIGURES: [Figure; 8] = [
    Figure::Device,
    Figure::Parse,
    Figure::Flow,
    Figure::Reassembly,
    Figure::Decode,
    Figure::Forward,
    Figure::WithoutRules,
    Figure::Inspect,
];

fn report(rounds: usize, frames: &[(Side, Vec<u8>)]) {
    let mut figures = [const { Vec::new() }; FIGURES.len()];
    for _ in 0..rounds {
        for (figure, taken) in FIGURES.into_iter().zip(&mut figures) {
            taken.push(measure(figure, frames));
        }
    }
    let medians = figures.each_mut().map(|taken| {
        taken.sort_by(f64::total_cmp);
        taken[taken.len() / 2]
    });
    let [device, parse, flow, reassembly, decode, forward, without_rules, inspect] = medians;
    let [.., all] = &figures;
    println!("  inspect        {inspect:6.0}  ({:.0} to {:.0})", all[0], all[rounds - 1]);
    println!("  forward        {forward:6.0}");
    println!("where it goes:");
    println!("  device         {device:6.0}  frames copied in, thrown away");
    println!("  parse          {parse:6.0}  Ethernet, IP, TCP, both checksums");
    println!("  flow           {flow:6.0}  key, table, timer");
    println!("  reassembly     {reassembly:6.0}  state, order, store of what was sent");
    println!("  decode         {decode:6.0}  HTTP/1 and JSON");
    println!("  scan           {:6.0}  detectors: with the rules less without", inspect - without_rules);
    let rest = without_rules - device - parse - flow - reassembly - decode;
    println!("  enforce        {rest:6.0}  the rest: leaves, decisions, records, release");
}

fn measure(figure: Figure, frames: &[(Side, Vec<u8>)]) -> f64 {
    let spent: f64 = (0..LAPS)
        .map(|_| match figure {
            Figure::Device => device(frames),
            Figure::Parse => stages::parse(frames),
            Figure::Flow => stages::flow(frames),
            Figure::Reassembly => stages::reassembly(frames),
            Figure::Decode => stages::decode(frames),
            Figure::Forward => worker(FORWARD, frames),
            Figure::WithoutRules => worker(NO_RULES, frames),
            Figure::Inspect => worker(RULES, frames),
        })
        .sum();
    spent * 1e9 / f64::from(FLOWS) / (REQUESTS - WARM_UP) as f64 / LAPS as f64
}

/// How many frames are played before the clock starts.
pub(crate) fn warm_frames(frames: &[(Side, Vec<u8>)]) -> usize {
    let handshakes = usize::from(FLOWS) * 3;
    handshakes + (frames.len() - handshakes) * WARM_UP / REQUESTS
}

/// Receives and throws away.
fn device(frames: &[(Side, Vec<u8>)]) -> f64 {
    let mut device = Player::new(frames, Timestamp::from_nanos(1));
    let mut burst = Burst::new();
    let mut play = |until| {
        while device.played() < until {
            for side in Side::BOTH {
                device.rx_burst(side, &mut burst);
                device.tx_burst(side.opposite(), &mut burst);
            }
        }
    };
    play(warm_frames(frames));
    let start = thread_seconds();
    play(frames.len());
    thread_seconds() - start
}

fn worker(policy: &str, frames: &[(Side, Vec<u8>)]) -> f64 {
    let capacity = NonZeroUsize::new(QUEUE_RECORDS as usize).unwrap();
    let (mut senders, mut receiver) = channel(NonZeroUsize::MIN, capacity);
    let policy = Policy::parse(policy, &Limits::default()).unwrap();
    let now = Timestamp::from_nanos(1_000_000_000);
    let parts = Parts {
        config: Config { flow_count_max: 1024, store_bytes_worker_max: 16 << 20, ..Config::default() },
        policy: Arc::new(ArcSwap::new(Arc::new(policy))),
        first_exchange: 1,
        secret: [7; 32],
        records: senders.pop().unwrap(),
        interception: None,
        stats: Arc::new(Stats::default()),
    };
    let mut worker = Worker::new(parts, now);
    let mut device = Player::new(frames, now);
    drain(&mut receiver);
    play(&mut worker, &mut device, &mut receiver, warm_frames(frames));
    let spent = play_measured(&mut worker, &mut device, &mut receiver);
    let counters = worker.counters();
    assert_eq!(counters.dropped_total(), 0, "{counters:?}");
    spent
}

/// Seconds that the worker took. Its records are taken off the queue between its polls, without the
/// clock: that is the work of another core.
fn play(worker: &mut Worker<HeapBuffer>, device: &mut Player<'_>, receiver: &mut RecordReceiver, until: usize) -> f64 {
    let mut spent = 0.0;
    while device.played() < until {
        let start = thread_seconds();
        poll_some(worker, device, until);
        spent += thread_seconds() - start;
        drain(receiver);
    }
    spent
}

/// A name of its own, for the profiler.
#[inline(never)]
fn play_measured(worker: &mut Worker<HeapBuffer>, device: &mut Player<'_>, receiver: &mut RecordReceiver) -> f64 {
    play(worker, device, receiver, device.len())
}

/// Polls, as many as the queue has room for the records of.
#[inline(never)]
fn poll_some(worker: &mut Worker<HeapBuffer>, device: &mut Player<'_>, until: usize) {
    for _ in 0..POLLS_PER_DRAIN {
        if device.played() < until {
            worker.poll_once(device);
        }
    }
}

/// The log's end of the queue.
fn drain(receiver: &mut RecordReceiver) {
    receiver.drain(usize::MAX, |_, record| {
        std::hint::black_box(&record);
    });
    receiver.commit();
    receiver.grant_up_to(QUEUE_RECORDS);
}

/// CPU time of this thread; none while valgrind runs it, which has no such clock.
pub(crate) fn thread_seconds() -> f64 {
    if IS_PROFILED.load(Ordering::Relaxed) {
        return 0.0;
    }
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
