//! Two ports shared by several workers: both directions of a flow on one, in order, none lost.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use dpdk::toeplitz::worker_of;
use dpdk::{Distribution, Eal, EalConfig, Hugepages, PairConfig, PairError, PortPair, Ports, open_pair};
use net::Side;
use net::buffer::Buffer;
use net::device::{Burst, Device};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use support::{capture, eal, in_own_process};

const FLOWS: u8 = 40;
const PACKETS_PER_FLOW: u8 = 10;

/// An IPv4 packet of a flow, from its client or to it, behind `tags` VLAN tags.
fn packet(flow: u8, number: u8, upstream: bool, tags: usize) -> Vec<u8> {
    let (client, server) = ([10, 0, flow, 7], [203, 0, 113, flow.wrapping_mul(37)]);
    let (source, destination) = if upstream { (client, server) } else { (server, client) };
    let mut bytes = vec![0; 12];
    for _ in 0..tags {
        bytes.extend([0x81, 0x00, 0x00, 0x07]);
    }
    bytes.extend([0x08, 0x00, 0x45, 0, 0, 46, 0, 0, 0, 0, 64, 6, 0, 0]);
    bytes.extend(source);
    bytes.extend(destination);
    bytes.extend([flow, number]);
    bytes.resize(64, 0);
    bytes
}

/// All packets of all flows in one direction, the flows interleaved, with an ARP frame at the end.
fn traffic(upstream: bool, tags: usize) -> Vec<Vec<u8>> {
    let mut frames: Vec<Vec<u8>> = (0..PACKETS_PER_FLOW)
        .flat_map(|number| (0..FLOWS).map(move |flow| packet(flow, number, upstream, tags)))
        .collect();
    let mut arp = vec![0xff; 12];
    arp.extend([0x08, 0x06]);
    arp.resize(60, 0);
    frames.push(arp);
    frames
}

fn open(eal: &Eal, inside: &str, outside: &str, workers: u16) -> (Ports, Vec<PortPair>) {
    let config = PairConfig {
        inside: inside.parse().unwrap(),
        outside: outside.parse().unwrap(),
        workers,
        mtu: 1500,
        buffer_count: 4095,
        jumbo_count: 63,
    };
    open_pair(eal, &config).unwrap()
}

/// Flow and number of a packet, apart from tags; `None` for what is not IP.
fn identify(frame: &[u8]) -> Option<(u8, u8)> {
    let at = match frame.get(12..14)? {
        [0x81, 0x00] => 18,
        [0x08, 0x00] => 14,
        _ => return None,
    };
    Some((*frame.get(at + 20)?, *frame.get(at + 21)?))
}

#[test]
fn both_directions_of_a_flow_land_on_one_worker_in_order() {
    in_own_process("both_directions_of_a_flow_land_on_one_worker_in_order", || {
        let (up, down) = (capture(&traffic(true, 0)), capture(&traffic(false, 1)));
        let inside = format!("net_pcap0,rx_pcap={}", up.path().display());
        let outside = format!("net_pcap1,rx_pcap={}", down.path().display());
        let eal = eal(&[&inside, &outside]);
        let (ports, mut pairs) = open(&eal, &inside, &outside, 3);
        assert_eq!(ports.distribution, Distribution::Software);

        let mut workers_of_flow: HashMap<u8, Vec<usize>> = HashMap::new();
        let mut last: HashMap<(u8, Side), u8> = HashMap::new();
        let (mut total, mut others) = (0, Vec::new());
        // Enough rounds for the capture files to end.
        for _ in 0..100 {
            for (worker, pair) in pairs.iter_mut().enumerate() {
                for side in Side::BOTH {
                    let mut burst = Burst::new();
                    total += pair.rx_burst(side, &mut burst).count;
                    for mbuf in burst {
                        let Some((flow, number)) = identify(mbuf.as_slice()) else {
                            others.push(worker);
                            continue;
                        };
                        workers_of_flow.entry(flow).or_default().push(worker);
                        let before = last.insert((flow, side), number);
                        assert_eq!(before.map_or(0, |before| before + 1), number, "flow {flow} is in order");
                    }
                }
            }
        }
        assert_eq!(total, 2 * (usize::from(FLOWS) * usize::from(PACKETS_PER_FLOW) + 1));
        assert_eq!(others, [0, 0], "what is not IP comes to the first worker");
        let mut used = [false; 3];
        for (flow, workers) in workers_of_flow {
            assert_eq!(workers.len(), 2 * usize::from(PACKETS_PER_FLOW));
            assert!(workers.iter().all(|worker| *worker == workers[0]), "flow {flow} came to {workers:?}");
            assert_eq!(workers[0], worker_of(&packet(flow, 0, true, 2), 3));
            used[workers[0]] = true;
        }
        assert_eq!(used, [true; 3], "every worker has flows");
        assert_eq!(pairs[0].counters().rings_full, 0);
        assert_eq!(pairs[0].buffers_in_use(), 0);
    });
}

#[test]
fn what_a_worker_sends_leaves_through_the_first_one_and_a_full_ring_pushes_back() {
    in_own_process("what_a_worker_sends_leaves_through_the_first_one_and_a_full_ring_pushes_back", || {
        let eal = eal(&["net_ring0", "net_ring1"]);
        let (ports, mut pairs) = open(&eal, "net_ring0", "net_ring1", 2);
        let [first, second] = pairs.as_mut_slice() else { unreachable!() };
        let mut burst = Burst::new();
        let (mut sent, mut number) = (0, 0_u32);
        // The ring between the workers holds 1024 frames.
        while sent < 1024 {
            while !burst.is_full() {
                let mut mbuf = second.alloc().unwrap();
                assert!(mbuf.extend(&number.to_be_bytes()));
                burst.push(mbuf);
                number += 1;
            }
            sent += second.tx_burst(Side::Outside, &mut burst);
        }
        burst.push(second.alloc().unwrap());
        assert_eq!(second.tx_burst(Side::Outside, &mut burst), 0, "the ring is full");
        assert_eq!(burst.len(), 1);
        burst.clear();
        assert_eq!(ports.outside.stats().tx_packets, 0);

        // The first worker takes a burst on each poll; the port is a loop, so what it sends comes in.
        let mut expected = 0_u32;
        let mut rounds = 0;
        while expected < 1024 {
            first.rx_burst(Side::Outside, &mut burst);
            for mbuf in burst.drain(..) {
                assert_eq!(mbuf.as_slice(), expected.to_be_bytes());
                expected += 1;
            }
            rounds += 1;
            assert!(rounds < 100, "{expected} of 1024 came");
        }
        assert_eq!(ports.outside.stats().tx_packets, 1024);
        assert_eq!(first.buffers_in_use(), 0);
    });
}

#[test]
fn a_worker_that_does_not_take_its_frames_loses_them_counted_and_no_one_elses() {
    in_own_process("a_worker_that_does_not_take_its_frames_loses_them_counted_and_no_one_elses", || {
        let frames = traffic(true, 0);
        let file = capture(&frames);
        let inside = format!("net_pcap0,rx_pcap={},infinite_rx=1", file.path().display());
        let eal = eal(&[&inside, "net_null1"]);
        let (ports, mut pairs) = open(&eal, &inside, "net_null1", 2);
        let start = ports.pool.in_use();
        let second = pairs.pop().unwrap();
        let first = &mut pairs[0];
        let mut burst = Burst::new();
        let mut own = 0;
        while first.counters().rings_full == 0 {
            own += first.rx_burst(Side::Inside, &mut burst).count;
            assert!(burst.iter().all(|mbuf| worker_of(mbuf.as_slice(), 2) == 0));
            burst.clear();
        }
        assert!(own > 0);
        assert_eq!(ports.pool.in_use() - start, 1024, "as many as the ring holds");
        let _still_here = second;
    });
}

#[test]
fn two_workers_on_lcores_forward_everything_and_lose_no_mbuf() {
    in_own_process("two_workers_on_lcores_forward_everything_and_lose_no_mbuf", || {
        let (up, down) = (capture(&traffic(true, 0)), capture(&traffic(false, 2)));
        let inside = format!("net_pcap0,rx_pcap={},tx_pcap=/dev/null", up.path().display());
        let outside = format!("net_pcap1,rx_pcap={},tx_pcap=/dev/null", down.path().display());
        let eal = Eal::init(&EalConfig {
            hugepages: Hugepages::None,
            memory_mb: Some(256),
            devices: vec![inside.parse().unwrap(), outside.parse().unwrap()],
            // Two workers on whatever CPU there is.
            extra_args: vec!["--lcores=0@0,1@0,2@0".to_owned()],
            ..EalConfig::default()
        })
        .unwrap();
        let (ports, pairs) = open(&eal, &inside, &outside, 2);
        let stop = Arc::new(AtomicBool::new(false));
        let running: Vec<_> = eal
            .worker_lcores()
            .into_iter()
            .zip(pairs)
            .map(|(lcore, mut pair)| {
                let stop = Arc::clone(&stop);
                eal.launch(lcore, move |_| {
                    while !stop.load(Ordering::Relaxed) {
                        forward(&mut pair);
                    }
                    pair
                })
                .unwrap()
            })
            .collect();
        assert_eq!(running.len(), 2);
        let expected = u64::from(FLOWS) * u64::from(PACKETS_PER_FLOW) + 1;
        let mut clock = eal.clock();
        let end = clock.now().after(core::time::Duration::from_secs(20));
        let sent = || (ports.inside.stats().tx_packets, ports.outside.stats().tx_packets);
        while sent() != (expected, expected) && clock.now() < end {
            std::thread::yield_now();
        }
        stop.store(true, Ordering::Relaxed);
        let pairs: Vec<PortPair> = running.into_iter().map(|running| running.wait().unwrap()).collect();
        assert_eq!(sent(), (expected, expected));
        assert_eq!(pairs[0].buffers_in_use(), 0);
    });
}

fn forward(pair: &mut PortPair) {
    for side in Side::BOTH {
        let mut burst = Burst::new();
        pair.rx_burst(side, &mut burst);
        while !burst.is_empty() {
            pair.tx_burst(side.opposite(), &mut burst);
        }
    }
}

#[test]
fn one_worker_has_the_ports_to_itself_and_none_is_refused() {
    in_own_process("one_worker_has_the_ports_to_itself_and_none_is_refused", || {
        let eal = eal(&["net_null0", "net_null1"]);
        let config = |workers| PairConfig {
            inside: "net_null0".parse().unwrap(),
            outside: "net_null1".parse().unwrap(),
            workers,
            mtu: 1500,
            buffer_count: 1023,
            jumbo_count: 63,
        };
        assert_eq!(open_pair(&eal, &config(0)).unwrap_err(), PairError::Workers { workers: 0 });
        let (ports, mut pairs) = open_pair(&eal, &config(1)).unwrap();
        assert_eq!(ports.distribution, Distribution::Single);
        assert_eq!(pairs.len(), 1);
        let jumbo = pairs[0].alloc_jumbo().unwrap();
        assert!(jumbo.tailroom() >= 9000);
        assert_eq!(pairs[0].buffers_in_use(), 1);
    });
}

#[test]
fn ports_that_hash_addresses_give_each_worker_queues_of_its_own() {
    in_own_process("ports_that_hash_addresses_give_each_worker_queues_of_its_own", || {
        // These ports take the key and the table, though they have no flows to spread.
        let eal = eal(&["net_null0", "net_null1"]);
        let (ports, mut pairs) = open(&eal, "net_null0", "net_null1", 3);
        assert_eq!(ports.distribution, Distribution::Ports);
        assert!(ports.inside.has_rss() && ports.outside.has_rss());
        assert_eq!(pairs.len(), 3);
        for pair in &mut pairs {
            forward(pair);
        }
        assert_eq!(ports.inside.stats().rx_packets, 3 * 32);
        assert_eq!(ports.outside.stats().tx_packets, 3 * 32);
        assert_eq!(pairs[0].buffers_in_use(), 0);
    });
}
