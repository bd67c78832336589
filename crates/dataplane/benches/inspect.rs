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
use net::heap::HeapBuffer;
use net::{Side, Timestamp};
use policy::{Limits, Policy};
use std::sync::Arc;
use testkit::{CHAT_BODY_BYTES, Player, chats};

const FLOWS: u16 = 64;
const REQUESTS: usize = 200;
/// Requests of each flow before the clock starts: pools have grown then.
const WARM_UP: usize = 40;

const RULES: &str = include_str!("../../../etc/policy.toml");
const FORWARD: &str = "version = \"forward\"\n[[flow]]\nname = \"all\"\nmatch = { ports = [80] }\nmode = \"forward\"\n";

fn main() {
    let rounds: usize = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(5);
    let frames = chats(FLOWS, REQUESTS);
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
    println!("inspect less forward: {difference:.0} ns a request of {CHAT_BODY_BYTES} bytes");
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
    let mut device = Player::new(frames, now);
    drain(&mut receiver);
    let handshakes = usize::from(FLOWS) * 3;
    let warm = handshakes + (frames.len() - handshakes) * WARM_UP / REQUESTS;
    play(&mut worker, &mut device, &mut receiver, warm);
    let start = thread_seconds();
    play_measured(&mut worker, &mut device, &mut receiver);
    let spent = thread_seconds() - start;
    let counters = worker.counters();
    assert_eq!(counters.dropped_total(), 0, "{counters:?}");
    spent * 1e9 / f64::from(FLOWS) / (REQUESTS - WARM_UP) as f64
}

fn play(worker: &mut Worker<HeapBuffer>, device: &mut Player<'_>, receiver: &mut RecordReceiver, until: usize) {
    while device.played() < until {
        worker.poll_once(device);
        drain(receiver);
    }
}

/// A name of its own, for `valgrind --tool=callgrind --toggle-collect='*play_measured*'`.
#[inline(never)]
fn play_measured(worker: &mut Worker<HeapBuffer>, device: &mut Player<'_>, receiver: &mut RecordReceiver) {
    play(worker, device, receiver, device.len());
}

fn drain(receiver: &mut RecordReceiver) {
    receiver.drain(usize::MAX, |_, record| {
        std::hint::black_box(record);
    });
    receiver.commit();
    receiver.grant_up_to(4096);
}

fn thread_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    stat.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
}
