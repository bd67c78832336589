//! What opening a connection costs: CPU time of this thread, best of several runs, of both sessions
//! of a flow and of the peers that they are driven with.
//!
//! `cargo run --profile quick -p tls --example costs`
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

#[path = "../tests/support/mod.rs"]
mod support;

use rustix::time::{ClockId, clock_gettime};
use rustls::Connection;
use std::sync::Arc;
use support::*;
use tls::session::Session;
use tls::{ClientSide, Downstream, ServerSide, Upstream};

/// Runs of each measurement.
const RUNS: usize = 7;

/// CPU time of one call in nanoseconds: the best of all runs of so many calls.
fn measure(count: u32, mut call: impl FnMut()) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..RUNS {
        let start = cpu_time();
        (0..count).for_each(|_| call());
        best = best.min((cpu_time() - start) / f64::from(count));
    }
    best
}

/// CPU time of this thread in nanoseconds.
#[expect(clippy::cast_precision_loss, reason = "a few significant digits")]
fn cpu_time() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// What is only needed to drive a session, and is taken off: CPU time of the peer alone.
#[derive(Default)]
struct Timed {
    ours: f64,
}

impl Timed {
    fn ours<T>(&mut self, call: impl FnOnce() -> T) -> T {
        let start = cpu_time();
        let result = call();
        self.ours += cpu_time() - start;
        result
    }

    /// Shakes hands; only our side's calls count.
    fn handshake(&mut self, side: &mut dyn Session, peer: &mut Connection) {
        loop {
            let to_peer = self.ours(|| written(side, 16_384));
            give(peer, &to_peer).unwrap();
            let from_peer = sent(peer);
            self.ours(|| fed(side, &from_peer, 16_384, &mut Vec::new())).unwrap();
            if to_peer.is_empty() && from_peer.is_empty() {
                return;
            }
        }
    }
}

struct World {
    upstream: Upstream,
    downstream: Downstream,
    minted: tls::mint::Minted,
    server: Arc<rustls::ServerConfig>,
    client: Arc<rustls::ClientConfig>,
}

impl World {
    fn sides(&mut self, timed: &mut Timed, key: tls::CacheKey) -> (ServerSide, ClientSide, Connection, Connection) {
        let mut server = server(&self.server);
        let mut client = client(&self.client, NAME);
        let mut outer = timed.ours(|| self.upstream.connect(key, &name(NAME), vec![]).unwrap());
        timed.handshake(&mut outer, &mut server);
        let mut inner = timed.ours(|| self.downstream.accept(key, &self.minted, None).unwrap());
        timed.handshake(&mut inner, &mut client);
        (outer, inner, server, client)
    }

    /// Microseconds of a flow's two handshakes, best of all runs.
    fn handshakes(&mut self, is_resumed: bool) -> f64 {
        let mut best = f64::MAX;
        for run in 0..RUNS * 40 {
            // Sessions of a new tenant cannot be resumed.
            let tenant = if is_resumed { 0 } else { 1 + u32::try_from(run).unwrap() };
            let mut timed = Timed::default();
            let (outer, inner, ..) = self.sides(&mut timed, tls::CacheKey { tenant, policy: 0 });
            if outer.facts().is_resumed == is_resumed && inner.facts().is_resumed == is_resumed {
                best = best.min(timed.ours / 1e3);
            }
        }
        best
    }
}

fn main() {
    let ca = Issuing::new("root");
    let (authority, pem) = authority();
    let mut world = World {
        upstream: upstream(&ca),
        downstream: downstream(),
        minted: minted(&authority, NAME),
        server: server_config(&ca.issue(&leaf_params(NAME)), &ServerOptions::default()),
        client: client_config(&pem, &[], rustls::ALL_VERSIONS, None),
    };
    let mint = measure(200, || drop(minted(&authority, NAME)));
    println!("mint                     {:8.1} us", mint / 1e3);
    // A client's configuration keeps its own sessions: it is new where none may be resumed.
    println!("two resumed handshakes   {:8.1} us", world.handshakes(true));
    let mut full = f64::MAX;
    for _ in 0..RUNS {
        world.client = client_config(&pem, &[], rustls::ALL_VERSIONS, None);
        full = full.min(world.handshakes(false));
    }
    println!("two full handshakes      {full:8.1} us");
    let key = tls::CacheKey { tenant: 0, policy: 0 };
    let (mut outer, mut inner, mut server, _client) = world.sides(&mut Timed::default(), key);
    println!("suite                    {:?}", outer.facts());
    // Down: decrypted from the server, encrypted for the client.
    let text = vec![7; 16_384];
    let mut timed = Timed::default();
    let mut plain = vec![0; 16_384];
    let mut best = f64::MAX;
    for _ in 0..200 {
        server.set_buffer_limit(None);
        say(&mut server, &text.repeat(16));
        let bytes = sent(&mut server);
        timed.ours = 0.0;
        timed.ours(|| relay(&mut outer, &bytes, &mut inner, &mut plain));
        best = best.min(timed.ours / (16.0 * 16_384.0));
    }
    println!("relayed                  {:8.2} Gbit/s", 8.0 / best);
}

/// Moves all plain text from one session to the other, and its ciphertext to nowhere.
fn relay(from: &mut dyn Session, bytes: &[u8], to: &mut dyn Session, plain: &mut [u8]) {
    let mut rest = bytes;
    let mut out = [0; 16_384];
    while !rest.is_empty() {
        let taken = from.read_tls(rest).unwrap();
        rest = &rest[taken..];
        loop {
            let len = read_plain(from, plain);
            if len == 0 {
                break;
            }
            assert_eq!(to.write_plain(&plain[..len]), len);
            while to.write_tls(&mut &mut out[..]) > 0 {}
        }
    }
}
