//! Nothing is allocated per packet once a worker is warm, and nobody is asked for anything.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "test code")]

use arc_swap::ArcSwap;
use audit::queue::channel;
use core::num::NonZeroUsize;
use core::time::Duration;
use dataplane::{Config, Parts, Stats, Worker};
use net::Timestamp;
use policy::{Limits, Policy};
use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::{Arc, mpsc};
use std::thread;
use testkit::{Order, Player, chats};

const FORWARD: &str = "version = \"f\"\n[[flow]]\nname = \"all\"\nmatch = { ports = [80] }\nmode = \"forward\"\n";
const INSPECT: &str = include_str!("../../../etc/policy.toml");
const FLOWS: u16 = 8;
const REQUESTS: usize = 60;

/// Plays all frames to a worker; `steady` is handed the last two thirds of them.
fn play(policy: &str, steady: impl FnOnce(&mut dyn FnMut())) {
    let frames = chats(FLOWS, REQUESTS, Order::Interleaved);
    let now = Timestamp::from_nanos(1_000_000_000);
    let (mut senders, mut receiver) = channel(NonZeroUsize::MIN, NonZeroUsize::new(4096).unwrap());
    let parts = Parts {
        config: Config { flow_count_max: 1024, store_bytes_worker_max: 16 << 20, ..Config::default() },
        policy: Arc::new(ArcSwap::new(Arc::new(Policy::parse(policy, &Limits::default()).unwrap()))),
        first_exchange: 1,
        secret: [7; 32],
        records: senders.pop().unwrap(),
        interception: None,
        stats: Arc::new(Stats::default()),
    };
    let mut worker = Worker::new(parts, now);
    let mut device = Player::new(&frames, now);
    receiver.grant_up_to(4096);
    while device.played() < frames.len() / 3 {
        worker.poll_once(&mut device);
    }
    steady(&mut || {
        while !device.is_finished() {
            worker.poll_once(&mut device);
        }
    });
    assert_eq!(worker.counters().dropped_total(), 0);
    assert!(worker.counters().tx_packets >= frames.len() as u64);
}

fn allocations(policy: &str) -> u64 {
    let mut count = u64::MAX;
    play(policy, |run| count = allocation_counter::measure(run).count_total);
    count
}

#[test]
fn forwarded_packets_allocate_nothing() {
    assert_eq!(allocations(FORWARD), 0);
}

#[test]
fn inspected_packets_allocate_nothing() {
    assert_eq!(allocations(INSPECT), 0);
}

/// What the child says when it has played everything.
const DONE: &[u8] = b"no system call\n";

/// From where on this thread may read and write, and nothing else: the kernel ends it if it does (seccomp, strict).
#[test]
#[ignore = "packets_make_no_system_call runs it, in a process of its own"]
fn child_of_packets_make_no_system_call() {
    let policy = if std::env::var_os("POLICY").is_some_and(|name| name == "forward") { FORWARD } else { INSPECT };
    play(policy, |run| {
        rustix::thread::set_secure_computing_mode(rustix::thread::SecureComputingMode::Strict).unwrap();
        run();
        rustix::io::write(rustix::stdio::stdout(), DONE).unwrap();
        // A thread that may not even exit waits for its parent to end it.
        loop {
            core::hint::spin_loop();
        }
    });
}

#[test]
fn packets_make_no_system_call() {
    for policy in ["forward", "inspect"] {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_of_packets_make_no_system_call", "--ignored", "--nocapture"])
            .env("POLICY", policy)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = child.stdout.take().unwrap();
        let (send, heard) = mpsc::channel();
        thread::spawn(move || {
            let mut said = Vec::new();
            let mut piece = [0; 256];
            while let Ok(count @ 1..) = output.read(&mut piece) {
                said.extend_from_slice(&piece[..count]);
                if said.ends_with(DONE) {
                    return send.send(());
                }
            }
            Ok(())
        });
        let is_done = heard.recv_timeout(Duration::from_secs(60)).is_ok();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(is_done, "{policy}: the kernel ended the thread that polls");
    }
}
