//! The program itself in traffic of every kind: 5 s of it, 60 s with `SOVEREIGN_SLOW` set.

use crate::lab::{Driver, Lab, POLICY, is_root};
use net::Side;
use std::fs;
use std::io::{BufWriter, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::time::{Duration, Instant};
use testkit::Traffic;

/// How much more memory may be taken at the end than after the first two fifths.
const GROWTH_BYTES_MAX: u64 = 40 << 20;
/// Longer than an incomplete datagram waits.
const CALM_TIME_MAX: Duration = Duration::from_secs(40);
const FRAMES_PER_LOOK: usize = 2000;
/// Frames of a warm-up, at least.
const WARM_UP_FRAMES: usize = 40_000;
const NOTHING_PASSES: &str = "version = \"soak-2\"\n[essentials]\narp = false\ndns = false\n";

/// A process that sends what it is told to, on a host's interface.
struct Injector {
    child: Child,
    frames: BufWriter<ChildStdin>,
}

impl Injector {
    fn start(lab: &Lab, host: &str) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/e2e/inject.py");
        let mut child = lab.command(host, "python3", &[script, "e0"]).stdin(Stdio::piped()).spawn().unwrap();
        let frames = BufWriter::new(child.stdin.take().unwrap());
        Self { child, frames }
    }

    fn send(&mut self, frame: &[u8]) {
        let len = u16::try_from(frame.len()).unwrap();
        self.frames.write_all(&len.to_be_bytes()).unwrap();
        self.frames.write_all(frame).unwrap();
    }

    /// Waits until everything was sent.
    fn finish(self) {
        let Self { mut child, frames } = self;
        drop(frames);
        assert!(child.wait().unwrap().success());
    }
}

fn resident_bytes(process: i32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

fn soak(driver: Driver, seconds: u64) {
    let mut lab = Lab::new(driver);
    let config = lab.configure(POLICY, "policy_drain_ms_max = 200", "");
    lab.start_with(&config);
    let process = lab.gateway.as_ref().unwrap().id();
    let in_use = |lab: &Lab| lab.status()["total"]["mbuf_in_use"].as_u64().unwrap();
    std::thread::sleep(Duration::from_millis(100));
    let in_use_before = in_use(&lab);

    let mut inside = Injector::start(&lab, "cl");
    let mut outside = Injector::start(&lab, "sr");
    let mut traffic = Traffic::new(1);
    let start = Instant::now();
    let (all, warm_up) = (Duration::from_secs(seconds), Duration::from_secs(seconds * 2 / 5));
    let mut warm = None;
    let mut frames = 0;
    while start.elapsed() < all || frames < 2 * WARM_UP_FRAMES {
        for _ in 0..FRAMES_PER_LOOK {
            let (side, frame) = traffic.next_frame();
            let injector = if side == Side::Inside { &mut inside } else { &mut outside };
            injector.send(&frame);
        }
        frames += FRAMES_PER_LOOK;
        // On a busy machine little happens in that time, and pools have not grown to what they come to.
        if warm.is_none() && start.elapsed() > warm_up && frames > WARM_UP_FRAMES {
            warm = Some(resident_bytes(process));
        }
        assert_eq!(lab.status()["state"], "ready");
    }
    let (warm, end) = (warm.unwrap(), resident_bytes(process));
    let status = lab.status();
    println!("{} to {} MiB, {}", warm >> 20, end >> 20, status["total"]);
    assert!(end <= warm + GROWTH_BYTES_MAX, "{warm} bytes after the warm-up, {end} at the end");
    assert!(status["total"]["rx_packets"].as_u64() > Some(10_000), "{status}");
    assert!(status["total"]["requests"].as_u64() > Some(100), "{status}");

    // Under a policy that lets nothing pass every flow ends soon after it is looked at again.
    outside.finish();
    let calm_by = Instant::now() + CALM_TIME_MAX;
    while in_use(&lab) > in_use_before {
        let status = lab.status();
        assert!(Instant::now() < calm_by, "{in_use_before} buffers in use at the start, now {}", status["total"]);
        lab.write("policy.toml", NOTHING_PASSES);
        assert!(lab.control(&["reload"]).status.success());
        for (number, (_, frame)) in Traffic::farewells().enumerate() {
            inside.send(&frame);
            // The interface's queue is short, and what does not fit is lost.
            if number % 64 == 0 {
                inside.frames.flush().unwrap();
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }
    inside.finish();
    lab.stop();
}

#[test]
fn traffic_of_every_kind_neither_ends_nor_fills_the_program() {
    if is_root() {
        let seconds = if std::env::var_os("SOVEREIGN_SLOW").is_some() { 60 } else { 5 };
        soak(Driver::AfPacket, seconds);
    }
}
