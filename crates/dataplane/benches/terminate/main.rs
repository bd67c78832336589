//! What opening TLS costs a worker: handshakes, bulk, requests on kept connections, flows that are idle.
//!
//! `cargo bench -p dataplane --bench terminate [-- handshakes|bulk|requests|flows|idle] [ROUNDS]` prints CPU time of
//! the worker's thread; clients and servers (TCP: smoltcp, TLS: rustls) run between its polls, off the clock.
//! Medians of rounds, least and most. Frames are copied into memory and out of it, as a software port would.
//!
//! `-- profile WHAT` runs one round of it without a clock, for a profiler:
//! `valgrind --tool=callgrind --collect-atstart=no --toggle-collect='*poll_measured*' BENCH profile requests`
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a benchmark")]
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "a benchmark")]

#[expect(dead_code, reason = "what tests need besides")]
mod lab;
#[path = "../../../tls/tests/support/mod.rs"]
mod support;

use lab::{Answer, Groups, Lab};
use std::sync::atomic::{AtomicBool, Ordering};

/// A clock that stands still while a profiler runs the program.
static IS_PROFILED: AtomicBool = AtomicBool::new(false);

const USAGE: &str = "usage: terminate [profile] [handshakes|bulk|requests|flows|idle] [ROUNDS]";
/// Connections that open at once.
const OPENING: usize = 32;
/// Bytes that one connection of the bulk measurements receives, in one answer.
const BULK_BYTES: usize = 8 << 20;

fn main() {
    let (mut what, mut rounds) = (None, 5);
    for argument in std::env::args().skip(1).filter(|argument| argument != "--bench") {
        match argument.as_str() {
            "profile" => {
                IS_PROFILED.store(true, Ordering::Relaxed);
                rounds = 1;
            }
            "handshakes" | "bulk" | "requests" | "flows" | "idle" => what = Some(argument),
            _ => rounds = argument.parse().ok().filter(|rounds| *rounds > 0).expect(USAGE),
        }
    }
    if IS_PROFILED.load(Ordering::Relaxed) {
        // Few, of what a profiler slows down by fifty.
        return match what.as_deref().expect(USAGE) {
            "handshakes" => drop(handshakes(Groups::Hybrid)),
            "bulk" => drop(bulk(2)),
            "idle" => drop(idle()),
            _ => drop(requests(64, 4)),
        };
    }
    let wanted = |name: &str| what.as_deref().is_none_or(|what| what == name);
    println!("CPU time of the worker's thread; medians of {rounds} (least to most)");
    if wanted("handshakes") {
        println!("\na connection, opened, verified, certified anew and closed (two full handshakes):");
        for (name, groups) in [("X25519MLKEM768", Groups::Hybrid), ("X25519", Groups::Classical)] {
            let spent = figures(rounds, || handshakes(groups));
            report(name, spent, 1e6, "us");
            report("", spent.map(|seconds| 1.0 / seconds), 1.0, "a second");
        }
    }
    if wanted("bulk") {
        println!("\nbytes from servers to clients, opened and sealed:");
        for count in [2, 64] {
            let spent = figures(rounds, || bulk(count));
            report(&format!("{count} connections"), spent.map(|seconds| 8.0 / seconds), 1e-9, "Gbit/s");
        }
    }
    if wanted("requests") {
        println!(
            "\na chat request of {} bytes and its answer on a kept connection, by the shipped rules:",
            lab::CHAT_BYTES
        );
        report("64 connections", figures(rounds, || requests(64, 100).0), 1e6, "us");
    }
    if wanted("flows") {
        println!("\na frame of such requests, one a connection in turn:");
        for count in [10, 1_000, 10_000] {
            let spent = figures(rounds.min(3), || requests(count, 20_000_usize.div_ceil(count)).1);
            report(&format!("{count} connections"), spent, 1e9, "ns");
        }
    }
    if wanted("idle") {
        println!(
            "\nmemory that the worker holds for a connection that has had a request and is idle, the C library's counted:"
        );
        report("1000 connections", figures(1, idle), 1.0 / 1024.0, "KiB");
    }
}

/// Median, least and most.
fn figures(rounds: usize, mut measure: impl FnMut() -> f64) -> [f64; 3] {
    let mut taken: Vec<f64> = (0..rounds).map(|_| measure()).collect();
    taken.sort_by(f64::total_cmp);
    [taken[rounds / 2], taken[0], taken[rounds - 1]]
}

fn report(name: &str, figures: [f64; 3], scale: f64, unit: &str) {
    let [median, one, other] = figures.map(|figure| figure * scale);
    println!("  {name:18} {median:9.1} {unit}  ({:.1} to {:.1})", one.min(other), one.max(other));
}

/// Seconds a connection.
fn handshakes(groups: Groups) -> f64 {
    let mut lab = Lab::new(groups);
    let open_all = |lab: &mut Lab, count: usize| {
        for _ in 0..count {
            let pairs = lab.open(OPENING, &Answer::Chat);
            lab.close(&pairs);
        }
    };
    open_all(&mut lab, 2);
    lab.spent = 0.0;
    let count = 12;
    open_all(&mut lab, count);
    lab.spent / (count * OPENING) as f64
}

/// Seconds a byte.
fn bulk(count: usize) -> f64 {
    let mut lab = Lab::new(Groups::Classical);
    let pairs = lab.open(count, &Answer::Bytes(BULK_BYTES * 8 / count.max(8)));
    lab.ask(&pairs);
    lab.spent = 0.0;
    let before = lab.received;
    lab.ask(&pairs);
    lab.spent / (lab.received - before) as f64
}

/// Seconds a request, and seconds a frame.
fn requests(count: usize, times: usize) -> (f64, f64) {
    let mut lab = Lab::new(Groups::Classical);
    let mut pairs = Vec::new();
    while pairs.len() < count {
        pairs.extend(lab.open(OPENING.min(count - pairs.len()), &Answer::Chat));
    }
    lab.ask_in_turn(&pairs);
    (lab.spent, lab.frames) = (0.0, 0);
    for _ in 0..times {
        lab.ask_in_turn(&pairs);
    }
    (lab.spent / (count * times) as f64, lab.spent / lab.frames as f64)
}

/// Bytes a connection, once what a rush of requests needed has been given up.
fn idle() -> f64 {
    let count = 1_000;
    let mut lab = Lab::new(Groups::Classical);
    let warm = lab.open(OPENING, &Answer::Chat);
    lab.ask(&warm);
    lab.memory = Some(0);
    let mut pairs = Vec::new();
    while pairs.len() < count {
        pairs.extend(lab.open(OPENING.min(count - pairs.len()), &Answer::Chat));
    }
    lab.ask(&pairs);
    lab.rest(1_500);
    lab.memory.unwrap() as f64 / count as f64
}
