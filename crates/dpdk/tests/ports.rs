//! Ports over virtual devices: bursts, order, what is dropped, and that no mbuf is lost.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use dpdk::{BufferSize, Mbuf, Port, PortConfig, PortError, Queues};
use net::buffer::Buffer;
use net::device::{BURST_SIZE, Burst};
use support::{capture, eal, frame, in_own_process, pool};

#[test]
fn mbufs_come_back_after_being_forwarded_and_after_being_dropped() {
    in_own_process("mbufs_come_back_after_being_forwarded_and_after_being_dropped", || {
        let eal = eal(&["net_null0,size=64"]);
        let pool = pool(&eal, 4095, BufferSize::Normal);
        let name = "net_null0".parse().unwrap();
        let (port, Queues { mut rx, mut tx }) = Port::start(&eal, &name, &PortConfig::default(), &pool).unwrap();
        let start = pool.in_use();
        let mut burst = Burst::new();
        for round in 0..1000 {
            assert_eq!(rx[0].rx_burst(&mut burst).count, BURST_SIZE);
            assert!(burst.iter().all(|mbuf| mbuf.len() == 64));
            if round % 3 == 0 {
                burst.clear();
            }
            tx[0].tx_burst(&mut burst);
            assert!(burst.is_empty());
        }
        assert_eq!(pool.in_use(), start);
        let stats = port.stats();
        assert_eq!((stats.rx_packets, stats.tx_packets), (32_000, 32_000 - 334 * 32));
        assert!(port.link().up);
        drop((port, rx, tx));
        assert_eq!(pool.in_use(), 0);
    });
}

#[test]
fn a_burst_is_filled_only_as_far_as_it_has_room() {
    in_own_process("a_burst_is_filled_only_as_far_as_it_has_room", || {
        let eal = eal(&["net_null0,size=100"]);
        let pool = pool(&eal, 1023, BufferSize::Normal);
        let name = "net_null0".parse().unwrap();
        let (_port, Queues { mut rx, .. }) = Port::start(&eal, &name, &PortConfig::default(), &pool).unwrap();
        let mut burst = Burst::new();
        burst.push(frame(&pool, b"first"));
        assert_eq!(rx[0].rx_burst(&mut burst).count, BURST_SIZE - 1);
        assert_eq!(burst[0].as_slice(), b"first");
        assert_eq!(rx[0].rx_burst(&mut burst).count, 0);
        assert_eq!(burst.len(), BURST_SIZE);
    });
}

#[test]
fn a_ring_port_loops_frames_back_in_order_and_keeps_those_it_cannot_take() {
    in_own_process("a_ring_port_loops_frames_back_in_order_and_keeps_those_it_cannot_take", || {
        let eal = eal(&["net_ring0"]);
        let pool = pool(&eal, 4095, BufferSize::Normal);
        let name = "net_ring0".parse().unwrap();
        let (port, Queues { mut rx, mut tx }) = Port::start(&eal, &name, &PortConfig::default(), &pool).unwrap();
        let mut next_sent = 0_u32;
        let mut burst = Burst::new();
        // The ring holds 1023 frames: the 32nd burst goes only in part, the next not at all.
        let mut sent = 0;
        while sent < 1023 {
            refill(&mut burst, &pool, &mut next_sent);
            let before: Vec<Vec<u8>> = burst.iter().map(|mbuf| mbuf.as_slice().to_vec()).collect();
            let went = tx[0].tx_burst(&mut burst);
            sent += went;
            let after: Vec<Vec<u8>> = burst.iter().map(|mbuf| mbuf.as_slice().to_vec()).collect();
            assert_eq!(after, before[went..], "what did not go stays in order");
        }
        assert!(!burst.is_empty(), "the last burst went in part");
        let left = burst.len();
        assert_eq!(tx[0].tx_burst(&mut burst), 0);
        assert_eq!(burst.len(), left);
        assert_eq!(pool.in_use(), 1023 + left);

        let mut expected = 0_u32;
        while expected < 1023 {
            let mut received = Burst::new();
            assert!(rx[0].rx_burst(&mut received).count > 0);
            for mbuf in received {
                assert_eq!(mbuf.as_slice(), expected.to_be_bytes());
                expected += 1;
            }
        }
        assert_eq!(pool.in_use(), left);
        burst.clear();
        drop((port, rx, tx));
        assert_eq!(pool.in_use(), 0);
    });
}

fn refill(burst: &mut Burst<Mbuf>, pool: &dpdk::Mempool, next: &mut u32) {
    while !burst.is_full() {
        burst.push(frame(pool, &next.to_be_bytes()));
        *next += 1;
    }
}

#[test]
fn scattered_and_overlong_frames_are_dropped_and_counted() {
    in_own_process("scattered_and_overlong_frames_are_dropped_and_counted", || {
        let good = [1; 1522];
        let file = capture::<&[u8]>(&[&[0; 60], &[2; 3000], &good, &[3; 1523], &[4; 9000], &[5; 60]]);
        let device = format!("net_pcap0,rx_pcap={}", file.path().display());
        let eal = eal(&[&device]);
        let pool = pool(&eal, 1023, BufferSize::Normal);
        let name = device.parse().unwrap();
        let (_port, Queues { mut rx, .. }) = Port::start(&eal, &name, &PortConfig::default(), &pool).unwrap();
        let mut burst = Burst::new();
        while rx[0].rx_burst(&mut burst).count > 0 {}
        let firsts: Vec<u8> = burst.iter().map(|mbuf| mbuf.as_slice()[0]).collect();
        assert_eq!(firsts, [0, 1, 5]);
        assert_eq!(burst[1].as_slice(), good);
        let counters = rx[0].counters();
        assert_eq!((counters.rx_segmented, counters.rx_too_long, counters.rx_untagged), (2, 1, 0));
        burst.clear();
        assert_eq!(pool.in_use(), 0, "all segments of a scattered frame come back");
    });
}

#[test]
fn a_jumbo_mtu_takes_jumbo_buffers_and_carries_jumbo_frames() {
    in_own_process("a_jumbo_mtu_takes_jumbo_buffers_and_carries_jumbo_frames", || {
        let file = capture::<&[u8]>(&[&[7; 9022], &[8; 9023]]);
        let device = format!("net_pcap0,rx_pcap={}", file.path().display());
        let eal = eal(&[&device, "net_null0"]);
        let name = device.parse().unwrap();
        let config = PortConfig { mtu: 9000, ..PortConfig::default() };
        let small = pool(&eal, 63, BufferSize::Normal);
        let null = "net_null0".parse().unwrap();
        let refused = Port::start(&eal, &null, &config, &small).unwrap_err();
        assert!(matches!(refused, PortError::BufferTooSmall { mtu: 9000, needed: 9022, room: 2048, .. }), "{refused}");

        let jumbo = pool(&eal, 511, BufferSize::Jumbo);
        let (_port, Queues { mut rx, .. }) = Port::start(&eal, &name, &config, &jumbo).unwrap();
        let mut burst = Burst::new();
        while rx[0].rx_burst(&mut burst).count > 0 {}
        assert_eq!(burst.len(), 1);
        assert_eq!(burst[0].as_slice(), [7; 9022]);
        assert_eq!(rx[0].counters().rx_too_long, 1);
    });
}

#[test]
fn a_port_is_opened_once_and_refuses_what_it_has_not() {
    in_own_process("a_port_is_opened_once_and_refuses_what_it_has_not", || {
        let eal = eal(&["net_ring0", "net_null1"]);
        let pool = pool(&eal, 255, BufferSize::Normal);
        let start = |name: &str, config: &PortConfig| Port::start(&eal, &name.parse().unwrap(), config, &pool);
        let many = PortConfig { queues: 1000, ..PortConfig::default() };
        assert!(matches!(start("net_ring0", &many).unwrap_err(), PortError::Queues { wanted: 1000, .. }));
        let _open = start("net_null1", &PortConfig::default()).unwrap();
        assert!(matches!(start("net_null1", &PortConfig::default()).unwrap_err(), PortError::AlreadyOpen { .. }));
        assert!(matches!(start("net_null7", &PortConfig::default()).unwrap_err(), PortError::Unknown { .. }));
    });
}
