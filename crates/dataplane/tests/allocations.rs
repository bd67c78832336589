//! Nothing is allocated per packet once a worker is warm.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "test code")]

use arc_swap::ArcSwap;
use audit::queue::channel;
use core::num::NonZeroUsize;
use dataplane::{Config, Parts, Stats, Worker};
use net::Timestamp;
use policy::{Limits, Policy};
use std::sync::Arc;
use testkit::{Order, Player, chats};

const FLOWS: u16 = 8;
const REQUESTS: usize = 60;

/// Allocations while the last two thirds of the requests pass.
fn allocations(policy: &str) -> u64 {
    let frames = chats(FLOWS, REQUESTS, Order::Interleaved);
    let now = Timestamp::from_nanos(1_000_000_000);
    let (mut senders, mut receiver) = channel(NonZeroUsize::MIN, NonZeroUsize::new(4096).unwrap());
    let parts = Parts {
        config: Config { flow_count_max: 1024, store_bytes_worker_max: 16 << 20, ..Config::default() },
        policy: Arc::new(ArcSwap::new(Arc::new(Policy::parse(policy, &Limits::default()).unwrap()))),
        first_exchange: 1,
        secret: [7; 32],
        records: senders.pop().unwrap(),
        stats: Arc::new(Stats::default()),
    };
    let mut worker = Worker::new(parts, now);
    let mut device = Player::new(&frames, now);
    receiver.grant_up_to(4096);
    while device.played() < frames.len() / 3 {
        worker.poll_once(&mut device);
    }
    let measured = allocation_counter::measure(|| {
        while !device.is_finished() {
            worker.poll_once(&mut device);
        }
    });
    assert_eq!(worker.counters().dropped_total(), 0);
    assert!(worker.counters().tx_packets >= frames.len() as u64);
    measured.count_total
}

#[test]
fn forwarded_packets_allocate_nothing() {
    let policy = "version = \"f\"\n[[flow]]\nname = \"all\"\nmatch = { ports = [80] }\nmode = \"forward\"\n";
    assert_eq!(allocations(policy), 0);
}

#[test]
fn inspected_packets_allocate_nothing() {
    assert_eq!(allocations(include_str!("../../../etc/policy.toml")), 0);
}
