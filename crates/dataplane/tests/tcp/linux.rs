//! Endpoints against the kernel's TCP, over links that lose.

use super::noise;
use super::pair::{End, MODERN, syn};
use core::net::Ipv4Addr;
use dataplane::terminate::tcp::{Arrival, Endpoint, IsnKey, Settings, State};
use net::heap::HeapPool;
use std::io::{BufRead, BufReader, Read};
use std::process::Child;
use testkit::{Family, Impairment, KernelHost, Link, RealClock, can_make_hosts};

const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 1, 0, 1);
const SERVER: Ipv4Addr = Ipv4Addr::new(10, 2, 0, 2);
const CLIENT_MAC: &str = "02:00:00:00:00:01";
const SERVER_MAC: &str = "02:00:00:00:00:02";
const TIME_MAX_NANOS: u64 = 60_000_000_000;
const PEER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tcp/peer.py");
/// TCPI_OPT_TIMESTAMPS, TCPI_OPT_SACK, TCPI_OPT_WSCALE.
const OPTIONS: u8 = 7;

fn client_host() -> KernelHost {
    KernelHost::new(CLIENT, CLIENT_MAC, SERVER, SERVER_MAC)
}

fn server_host() -> KernelHost {
    KernelHost::new(SERVER, SERVER_MAC, CLIENT, CLIENT_MAC)
}

/// The kernel's end of a connection: what it sends, and what it got.
struct Peer {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
    dir: tempfile::TempDir,
}

impl Peer {
    fn start(host: &KernelHost, role: &str, text: &[u8]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        std::fs::write(path("in"), text).unwrap();
        let mut child = host.spawn("python3", &[PEER, role, &SERVER.to_string(), "443", &path("in"), &path("out")]);
        let mut output = BufReader::new(child.stdout.take().unwrap());
        if role == "serve" {
            let mut ready = String::new();
            output.read_line(&mut ready).unwrap();
        }
        Self { child, output, dir }
    }

    fn is_done(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Seconds it took to read everything, the options of the connection, and what was read.
    fn finish(mut self) -> (f64, u8, Vec<u8>) {
        let mut line = String::new();
        self.output.read_to_string(&mut line).unwrap();
        let mut words = line.split_whitespace();
        let seconds = words.next().unwrap().parse().unwrap();
        let options = words.next().unwrap().parse().unwrap();
        (seconds, options, std::fs::read(self.dir.path().join("out")).unwrap())
    }
}

/// One end of ours on the other end of a kernel's wire; returns seconds in which all was received here
/// and there.
fn against(mut host: KernelHost, is_server: bool, link: Impairment, ours: &[u8], theirs: &[u8], seed: u64) -> [f64; 2] {
    let settings = Settings { key: IsnKey::new([3; 16]), mtu: 1500 };
    let clock = RealClock::start();
    let pool = HeapPool::new();
    let (mut toward, mut from) = (Link::new(link, seed), Link::new(link, !seed));
    let mut peer = Peer::start(&host, if is_server { "connect" } else { "serve" }, theirs);
    let mut end: Option<End> = None;
    let with_text = |endpoint| End { to_send: ours.to_vec(), ..End::new(endpoint) };
    if !is_server {
        let syn = syn(Family::V4, &MODERN);
        let syn = Arrival::parse(&syn).unwrap();
        end = Some(with_text(Endpoint::connect(&syn, &settings, clock.now())));
    }
    let (mut opened, mut all_here) = (None, None);
    let mut is_over = false;
    while !is_over || !peer.is_done() {
        let now = clock.now();
        assert!(now.as_nanos() < TIME_MAX_NANOS, "{:?}", end.map(|end| (end.endpoint.state(), end.received.len())));
        while let Some(frame) = host.receive() {
            from.send(now, frame);
        }
        while let Some(frame) = from.receive(now) {
            let Ok(arrival) = Arrival::parse(&frame) else { continue };
            if let Some(end) = &mut end {
                let _ = end.endpoint.handle_segment(&mut end.memory, now, &arrival);
                continue;
            }
            if !arrival.checksum_is_valid() {
                continue;
            }
            let mut endpoint = Endpoint::accept(&arrival, &settings, now);
            endpoint.allow(now);
            end = Some(with_text(endpoint));
        }
        if let Some(end) = &mut end {
            end.work();
            end.transmit(now, &pool, &mut toward);
            is_over = matches!(end.endpoint.state(), State::TimeWait | State::Closed);
            if end.endpoint.state().is_synchronised() {
                opened.get_or_insert(now);
            }
            if end.endpoint.is_finished() {
                all_here.get_or_insert(now);
            }
        }
        while let Some(frame) = toward.receive(now) {
            host.send(&frame);
        }
        RealClock::pause();
    }
    let end = end.unwrap();
    let (there, options, received) = peer.finish();
    assert!(end.received == theirs, "{} of {}", end.received.len(), theirs.len());
    assert!(received == ours, "{} of {}", received.len(), ours.len());
    assert_eq!(options & OPTIONS, OPTIONS, "timestamps, SACK and scaled windows");
    assert_eq!(end.memory.lent_bytes(), 0);
    let here = all_here.unwrap().nanos_since(opened.unwrap()) as f64 / 1e9;
    [here, there]
}

/// Two kernels: the seconds in which the client's text arrived.
fn between_kernels(link: Impairment, text: &[u8], seed: u64) -> f64 {
    let (mut client, mut server) = (client_host(), server_host());
    let clock = RealClock::start();
    let (mut up, mut down) = (Link::new(link, seed), Link::new(link, !seed));
    let mut sink = Peer::start(&server, "serve", &[]);
    let mut source = Peer::start(&client, "connect", text);
    while !sink.is_done() || !source.is_done() {
        let now = clock.now();
        assert!(now.as_nanos() < TIME_MAX_NANOS);
        while let Some(frame) = client.receive() {
            up.send(now, frame);
        }
        while let Some(frame) = server.receive() {
            down.send(now, frame);
        }
        while let Some(frame) = up.receive(now) {
            server.send(&frame);
        }
        while let Some(frame) = down.receive(now) {
            client.send(&frame);
        }
        RealClock::pause();
    }
    sink.finish().0
}

#[test]
fn the_kernel_and_we_understand_each_other_in_both_roles() {
    if !can_make_hosts() {
        return;
    }
    let delay = Impairment::delay(core::time::Duration::from_millis(1));
    let rough = Impairment { loss: 5_000, duplication: 2_000, reordering: 5_000, corruption: 1_000, ..delay };
    for link in [delay, rough] {
        let (ours, theirs) = (noise(20_000_000, 1), noise(20_000_000, 2));
        println!("server {:?}", against(client_host(), true, link, &ours, &theirs, 5));
        println!("client {:?}", against(server_host(), false, link, &ours, &theirs, 6));
    }
}

/// Minutes in real time: with `SOVEREIGN_SLOW`.
#[test]
fn goodput_is_that_of_the_kernel_at_the_same_loss() {
    if std::env::var_os("SOVEREIGN_SLOW").is_none() || !can_make_hosts() {
        println!("skipped: SOVEREIGN_SLOW is not set, or not root");
        return;
    }
    for (loss, megabytes) in [(0, 60), (1_000, 60), (10_000, 10)] {
        let text = noise(megabytes * 1_000_000, 1);
        let link = Impairment::delay(core::time::Duration::from_millis(5)).with_loss(loss);
        let mut seconds = [0.0; 3];
        for seed in [11, 5_000_027, 777_777_333] {
            seconds[0] += between_kernels(link, &text, seed);
            seconds[1] += against(server_host(), false, link, &text, &[], seed)[1];
            seconds[2] += against(client_host(), true, link, &[], &text, seed)[0];
        }
        let [kernel, sent, received] = seconds.map(|seconds| 3.0 * text.len() as f64 * 8e-6 / seconds);
        println!("loss {loss}: kernel {kernel:.1}, we send {sent:.1}, we receive {received:.1} Mbit/s");
        assert!(sent >= 0.8 * kernel && received >= 0.8 * kernel, "at {loss} of a million");
    }
}
