//! Packet memory: what an mbuf of a real pool can hold, and that it comes back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod support;

use dpdk::{BufferSize, Eal, EalError, Mbuf, Mempool, MempoolConfig, MempoolError, SocketId};
use net::buffer::Buffer;
use net::device::Burst;
use support::{config, eal, in_own_process, pool};

const HEADROOM: usize = 128;

#[test]
fn an_mbuf_can_be_filled_at_both_ends_to_the_last_byte() {
    in_own_process("an_mbuf_can_be_filled_at_both_ends_to_the_last_byte", || {
        let eal = eal(&[]);
        for size in [BufferSize::Normal, BufferSize::Jumbo] {
            let pool = pool(&eal, 64, size);
            let mut mbuf = pool.alloc().unwrap();
            assert!(mbuf.is_empty());
            assert_eq!((mbuf.headroom(), mbuf.tailroom()), (HEADROOM, usize::from(size.bytes())));
            fill(&mut mbuf, usize::from(size.bytes()));
        }
    });
}

fn fill(mbuf: &mut Mbuf, room: usize) {
    let content: Vec<u8> = (0..=250).cycle().take(room).collect();
    assert!(!mbuf.extend(&vec![0; room + 1]), "one byte more than there is room");
    assert!(mbuf.extend(&content));
    assert!(!mbuf.extend(&[0]));
    assert!(mbuf.prepend(HEADROOM + 1).is_none());
    mbuf.prepend(HEADROOM).unwrap().fill(0xaa);
    assert!(mbuf.prepend(1).is_none());
    assert_eq!(mbuf.len(), HEADROOM + room);
    assert_eq!(mbuf.as_slice(), [vec![0xaa; HEADROOM], content].concat());
    mbuf.wipe();
    assert!(mbuf.as_slice().iter().all(|&byte| byte == 0));
}

#[test]
fn every_mbuf_comes_back_however_it_ends() {
    in_own_process("every_mbuf_comes_back_however_it_ends", || {
        let eal = eal(&[]);
        // Large enough for a cache per lcore, so that caches are counted too.
        let pool = pool(&eal, 4095, BufferSize::Normal);
        assert_eq!((pool.in_use(), pool.available()), (0, 4095));

        let dropped: Vec<Mbuf> = (0..100).map(|_| pool.alloc().unwrap()).collect();
        assert_eq!(pool.in_use(), 100);
        drop(dropped);
        assert_eq!(pool.in_use(), 0);

        let mut burst: Burst<Mbuf> = (0..32).map(|_| pool.alloc().unwrap()).collect();
        Mbuf::free_burst(&mut burst);
        assert!(burst.is_empty());
        assert_eq!(pool.in_use(), 0);

        let raw = pool.alloc().unwrap().into_raw();
        assert_eq!(pool.in_use(), 1);
        // SAFETY: it was just given away by its only owner.
        drop(unsafe { Mbuf::from_raw(raw) });
        assert_eq!(pool.in_use(), 0);

        let elsewhere = pool.alloc().unwrap();
        std::thread::spawn(move || drop(elsewhere)).join().unwrap();
        assert_eq!(pool.in_use(), 0);
    });
}

#[test]
fn an_empty_pool_gives_none_and_recovers() {
    in_own_process("an_empty_pool_gives_none_and_recovers", || {
        let eal = eal(&[]);
        let pool = pool(&eal, 63, BufferSize::Normal);
        let mut all: Vec<Mbuf> = core::iter::from_fn(|| pool.alloc()).collect();
        assert_eq!(all.len(), 63);
        assert_eq!(pool.available(), 0);
        all.pop();
        assert!(pool.alloc().is_some());
    });
}

#[test]
fn mbufs_outlive_every_handle_and_the_environment() {
    in_own_process("mbufs_outlive_every_handle_and_the_environment", || {
        let eal = eal(&[]);
        let pool = pool(&eal, 63, BufferSize::Normal);
        let mut mbuf = support::frame(&pool, b"still here");
        drop(pool);
        drop(eal);
        mbuf.truncate(5);
        assert_eq!(mbuf.as_slice(), b"still");
    });
}

#[test]
fn a_pool_that_does_not_fit_says_how_much_memory_it_wants() {
    in_own_process("a_pool_that_does_not_fit_says_how_much_memory_it_wants", || {
        let eal = eal(&[]);
        let create = |count| {
            let config = MempoolConfig { count, size: BufferSize::Jumbo, socket: SocketId::Any };
            Mempool::create(&eal, &config).unwrap_err()
        };
        assert_eq!(create(1_000_000), MempoolError::NoMemory { count: 1_000_000, megabytes: 9034 });
        assert_eq!(create(0), MempoolError::Count { count: 0 });
        assert_eq!(create(u32::MAX), MempoolError::Count { count: u32::MAX });
    });
}

#[test]
fn eal_starts_once_in_a_process() {
    in_own_process("eal_starts_once_in_a_process", || {
        let eal = eal(&[]);
        assert_eq!(Eal::init(&config(&[])).unwrap_err(), EalError::AlreadyStarted);
        drop(eal);
        assert_eq!(Eal::init(&config(&[])).unwrap_err(), EalError::AlreadyStarted);
        assert!(Eal::version().starts_with("DPDK "));
        assert!(Eal::version().contains(dpdk::DPDK_VERSION));
    });
}

/// What EAL says of a device that cannot be had.
fn refusal(device: &str) -> String {
    Eal::init(&config(&[device])).unwrap_err().to_string()
}

#[test]
fn a_driver_that_does_not_exist_is_named() {
    in_own_process("a_driver_that_does_not_exist_is_named", || {
        let text = refusal("net_foo0");
        assert!(text.starts_with("device net_foo0 does not exist; "), "{text}");
    });
}

#[test]
fn a_driver_that_refuses_its_arguments_is_quoted() {
    in_own_process("a_driver_that_refuses_its_arguments_is_quoted", || {
        let text = refusal("net_pcap0,rx_pcap=/nope");
        assert!(text.contains("could not be started (Couldn't open /nope"), "{text}");
    });
}

#[test]
fn a_pci_device_that_does_not_exist_is_named() {
    in_own_process("a_pci_device_that_does_not_exist_is_named", || {
        let text = refusal("0000:ff:1f.7");
        assert!(text.starts_with("device 0000:ff:1f.7 does not exist; "), "{text}");
    });
}
