//! Traffic of every kind, good and bad, for a while: nothing panics, nothing leaks, nothing grows.
//!
//! 5 s of work, 60 s with `SOVEREIGN_SLOW` set. `SOVEREIGN_SEED` chooses another seed; a failure names
//! its seed and how many frames it took.
#![allow(
    clippy::cast_possible_truncation,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "test code, and it has to end"
)]

use arc_swap::ArcSwap;
use audit::queue::{RecordReceiver, channel};
use core::num::NonZeroUsize;
use core::time::Duration;
use dataplane::{Config, Parts, Stats, Worker};
use net::Side;
use net::device::Device;
use net::heap::HeapBuffer;
use net::tcp::StreamLimits;
use policy::{Limits, Policy};
use std::sync::Arc;
use std::time::Instant;
use testkit::{Random, Traffic, WireDevice};

const POLICIES: [&str; 2] = [
    r#"
version = "soak-1"
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
detect = ["SECRET", "US_SSN", "CREDIT_CARD"]
direction = "both"
action = "block"
[[rule]]
name = "contacts"
detect = ["EMAIL_ADDRESS", "PHONE_NUMBER"]
direction = "both"
action = "redact"
"#,
    r#"
version = "soak-2"
[[flow]]
name = "all"
match = { protocol = "tcp", ports = [22, 80, 443] }
mode = "inspect"
[[rule]]
name = "contacts"
detect = ["EMAIL_ADDRESS"]
action = "alert"
"#,
];

const FLOW_COUNT_MAX: u32 = 2048;
/// Records between worker and log.
const QUEUE_RECORDS: u64 = 512;
/// Buffers that a port of ours would have: with these taken, frames are lost.
const BUFFER_COUNT: usize = 4096;
const FRAMES_PER_STEP: u64 = 48;
/// How much more memory may be taken at the end than after the first two fifths: more frames held at once than ever
/// before are 64 KiB each, a few hundred of them.
const GROWTH_BYTES_MAX: usize = 48 << 20;
/// Frames of a warm-up, at least.
const WARM_UP_FRAMES: u64 = 100_000;

struct Soak {
    seed: u64,
    frames: u64,
    lost: u64,
    random: Random,
    traffic: Traffic,
    worker: Worker<HeapBuffer>,
    device: WireDevice,
    receiver: RecordReceiver,
    policy: Arc<ArcSwap<Policy>>,
    policies: [Arc<Policy>; 2],
}

impl Soak {
    fn new(seed: u64) -> Self {
        let mut device = WireDevice::new();
        device.buffer_count_max = BUFFER_COUNT;
        let (mut senders, receiver) = channel(NonZeroUsize::MIN, NonZeroUsize::new(QUEUE_RECORDS as usize).unwrap());
        let policies = POLICIES.map(|text| Arc::new(Policy::parse(text, &Limits::default()).unwrap()));
        let policy = Arc::new(ArcSwap::new(Arc::clone(&policies[0])));
        let config = Config {
            flow_count_max: FLOW_COUNT_MAX,
            stream: StreamLimits { store_bytes_max: 262_144, ..Config::default().stream },
            store_bytes_worker_max: 16 << 20,
            ..Config::default()
        };
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
        Self {
            seed,
            frames: 0,
            lost: 0,
            random: Random::new(seed),
            traffic: Traffic::new(seed),
            worker,
            device,
            receiver,
            policy,
            policies,
        }
    }

    /// Some frames, some time, and now and then something else.
    fn step(&mut self) {
        for _ in 0..=self.random.below(FRAMES_PER_STEP) {
            let (side, frame) = self.traffic.next_frame();
            self.frames += 1;
            if self.device.buffers_in_use() < BUFFER_COUNT {
                self.device.inject(side, &frame);
            } else {
                self.lost += 1;
            }
        }
        while self.device.pending() > 0 {
            self.worker.poll_once(&mut self.device);
        }
        let sent = self.sent();
        assert!(sent <= 4 * FRAMES_PER_STEP as usize + 2 * FLOW_COUNT_MAX as usize, "{sent} frames of a few");
        // The log is slow at times: then flows wait.
        if !self.random.one_in(20) {
            self.receiver.drain(usize::MAX, |_, _| {});
            self.receiver.commit();
            self.receiver.grant_up_to(QUEUE_RECORDS);
        }
        let pause = self.pause();
        self.device.advance(pause);
        if self.random.one_in(3000) {
            let other = self.random.below(2) as usize;
            self.policy.store(Arc::clone(&self.policies[other]));
        }
        self.device.is_up = !self.random.one_in(200);
        let flows: u64 = self.worker.counters().flows.iter().sum();
        assert!(flows <= u64::from(FLOW_COUNT_MAX), "{flows} flows");
    }

    /// Milliseconds mostly; sometimes as long as timers run.
    fn pause(&mut self) -> Duration {
        match self.random.below(2000) {
            0 => Duration::from_secs(8000),
            1..5 => Duration::from_secs(61),
            5..14 => Duration::from_secs(11),
            14..64 => Duration::from_millis(600),
            _ => Duration::from_micros(self.random.below(4000)),
        }
    }

    /// How many frames left since the last time; none is longer than what came.
    fn sent(&mut self) -> usize {
        let mut count = 0;
        for side in Side::BOTH {
            while let Some(frame) = self.device.take(side) {
                assert!(frame.len() <= 9300, "a frame of {} bytes", frame.len());
                count += 1;
            }
        }
        count
    }

    fn summary(&self) -> String {
        let counters = self.worker.counters();
        let dropped: Vec<_> = net::DropReason::ALL
            .iter()
            .map(|reason| (reason.name(), counters.dropped[reason.index()]))
            .filter(|(_, count)| *count > 0)
            .collect();
        format!(
            "{} lost, {} requests, verdicts {:?}, blocked {:?}, flows {:?}, {} held, dropped {dropped:?}",
            self.lost, counters.requests, counters.verdicts, counters.blocked, counters.flows, counters.held_mbufs
        )
    }

    /// Ends everything; what is in use then has leaked.
    fn finish(mut self, in_order: bool) -> usize {
        self.device.is_up = true;
        if in_order {
            self.worker.stop(&mut self.device);
        } else {
            self.worker.finish(&mut self.device);
        }
        let flows: u64 = self.worker.counters().flows.iter().sum();
        assert_eq!(flows, 0, "flows after the end");
        assert_eq!(self.worker.counters().held_mbufs, 0, "held after the end");
        self.device.discard_sent();
        self.device.buffers_in_use()
    }
}

impl Drop for Soak {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("seed {}, {} frames, {}", self.seed, self.frames, self.summary());
        }
    }
}

/// Resident memory of this process.
fn resident_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() << 10
}

#[test]
fn nothing_panics_leaks_or_grows_whatever_comes() {
    let seconds = if std::env::var_os("SOVEREIGN_SLOW").is_some() { 60 } else { 5 };
    let seed = std::env::var("SOVEREIGN_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let (all, warm_up) = (Duration::from_secs(seconds), Duration::from_secs(seconds * 2 / 5));
    let start = Instant::now();
    let mut soak = Soak::new(seed);
    // On a busy machine little happens in that time, and pools have not grown to what they come to.
    while start.elapsed() < warm_up || soak.frames < WARM_UP_FRAMES {
        soak.step();
    }
    let warm = resident_bytes();
    while start.elapsed() < all || soak.frames < 2 * WARM_UP_FRAMES {
        soak.step();
    }
    let end = resident_bytes();
    let counters = *soak.worker.counters();
    println!("{} frames, {} to {} MiB, {}", soak.frames, warm >> 20, end >> 20, soak.summary());
    assert!(end <= warm + GROWTH_BYTES_MAX, "{warm} bytes after the warm-up, {end} at the end");
    // It was not nothing.
    assert!(counters.requests > 100 && counters.verdicts.iter().all(|count| *count > 0), "{counters:?}");
    assert!(counters.dropped.iter().filter(|count| **count > 0).count() > 15, "{counters:?}");
    assert_eq!(soak.finish(true), 0, "buffers leaked");
}

#[test]
fn a_worker_that_is_dropped_in_the_middle_of_anything_gives_everything_back() {
    for seed in 1..12 {
        let mut soak = Soak::new(seed);
        for _ in 0..40 * seed {
            soak.step();
        }
        assert_eq!(soak.finish(seed % 2 == 0), 0, "seed {seed}: buffers leaked");
    }
}
