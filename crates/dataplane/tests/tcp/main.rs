//! TCP endpoints of terminate mode, against each other and against what comes from a hostile wire.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "test code")]
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap, reason = "test code")]
#![allow(missing_docs, unreachable_pub, missing_debug_implementations, reason = "test code")]

mod driven;
mod linux;
mod pair;
mod rules;

use core::time::Duration;
use dataplane::terminate::tcp::{BLOCK_BYTES, Memory, Outcome, State};
use etherparse::TcpOptionElement;
use net::Timestamp;
use pair::{End, MODERN, Pair};
use proptest::prelude::*;
use testkit::{Family, Impairment, Random};

fn noise(bytes: usize, seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let mut noise: Vec<u8> = (0..bytes / 8).flat_map(|_| random.next_u64().to_le_bytes()).collect();
    noise.resize(bytes, 7);
    noise
}

/// True if the connection never opened: four segments of a handshake were lost, one after another.
fn is_unopened(pair: &Pair) -> bool {
    let ends = [Some(&pair.client), pair.server.as_ref()];
    let gave_up = |end: &End| end.endpoint.outcome() == Some(Outcome::TimedOut) && end.received.is_empty();
    pair.now <= Timestamp::from_nanos(13_000_000_000) && ends.into_iter().flatten().all(gave_up)
}

/// Moves both texts across and closes, until both ends have all of it and are closed.
fn exchange(pair: &mut Pair, up: &[u8], down: &[u8], limit: Duration, opened: &mut dyn FnMut(&mut End)) {
    pair.client.to_send = up.to_vec();
    let done = pair.run(
        limit,
        &mut |server| {
            server.to_send = down.to_vec();
            opened(server);
        },
        |pair| {
            let is_over = |end: &End| {
                matches!(end.endpoint.state(), State::TimeWait | State::Closed) && end.endpoint.readable_bytes() == 0
            };
            is_over(&pair.client) && pair.server.as_ref().is_some_and(is_over)
        },
    );
    if is_unopened(pair) {
        return;
    }
    let server = pair.server.as_ref().unwrap();
    assert!(
        done,
        "client {:?} {:?} got {}, server {:?} {:?} got {} at {:?}",
        pair.client.endpoint.state(),
        pair.client.endpoint.outcome(),
        pair.client.received.len(),
        server.endpoint.state(),
        server.endpoint.outcome(),
        server.received.len(),
        pair.now
    );
    assert!(server.received == up, "up: {} of {}", server.received.len(), up.len());
    assert!(pair.client.received == down, "down: {} of {}", pair.client.received.len(), down.len());
}

#[test]
fn bytes_go_both_ways_and_both_ends_close() {
    for family in [Family::V4, Family::V6] {
        let mut pair = Pair::new(family, &MODERN, Impairment::delay(Duration::from_millis(5)), 1);
        exchange(&mut pair, &noise(300_000, 3), &noise(2_000_000, 4), Duration::from_secs(60), &mut |_| {});
        assert_eq!(pair.client.memory.lent_bytes(), 0);
        assert_eq!(pair.server.as_ref().unwrap().memory.lent_bytes(), 0);
        let took = pair.now.as_nanos() - 1_000_000_000;
        assert!(took < 400_000_000, "{took}");
    }
}

#[test]
fn segments_become_as_short_as_the_way_asks_for() {
    for (family, path_mtu) in [(Family::V4, 1400), (Family::V4, 600), (Family::V6, 1280)] {
        for loss in [0, 20_000] {
            let impairment = Impairment { loss, ..Impairment::delay(Duration::from_millis(5)) };
            let mut pair = Pair::new(family, &MODERN, impairment, 1);
            pair.path_mtu = path_mtu;
            exchange(&mut pair, &noise(300_000, 3), &noise(500_000, 4), Duration::from_secs(120), &mut |_| {});
            let took = pair.now.as_nanos() - 1_000_000_000;
            assert!(loss > 0 || took < 1_000_000_000, "{path_mtu}: {took}");
        }
    }
}

#[test]
fn only_what_is_on_its_way_can_have_been_too_big() {
    let mut pair = Pair::new(Family::V4, &MODERN, Impairment::delay(Duration::from_millis(5)), 1);
    pair.client.to_send = noise(20_000, 3);
    pair.client.close_when_sent = false;
    let done = pair.run(Duration::from_secs(5), &mut |_| {}, |pair| {
        pair.server.as_ref().is_some_and(|server| server.received.len() == 20_000)
    });
    assert!(done);
    // Whoever does not see the connection guesses: nothing is in flight, and no packet is that short.
    let frames = pair.client.frames;
    (0..=u16::MAX).for_each(|high| pair.client.endpoint.handle_too_big(net::tcp::Seq(u32::from(high) << 16), 68));
    pair.client.to_send = noise(40_000, 3);
    let done = pair.run(Duration::from_secs(5), &mut |_| {}, |pair| {
        pair.server.as_ref().is_some_and(|server| server.received.len() == 40_000)
    });
    assert!(done && pair.client.frames - frames < 25, "{}", pair.client.frames - frames);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_the_wire_does_bytes_arrive_as_they_were_sent(
        seed in 1u64.., up in 0usize..200_000, down in 0usize..200_000, loss in 0u64..150_000, duplication in 0u64..100_000,
        reordering in 0u64..300_000, corruption in 0u64..50_000, delay in 0u64..20_000, read_max in 100usize..100_000, kinds in 0usize..16,
        blocks in prop::sample::select(vec![4usize, 16, 100, 8192]),
        path_mtu in prop::sample::select(vec![usize::MAX, 1400, 552]),
    ) {
        let delay = Duration::from_micros(delay);
        let impairment = Impairment { loss, duplication, reordering, corruption, ..Impairment::delay(delay) };
        let options: Vec<TcpOptionElement> = MODERN.into_iter().enumerate().filter(|(place, _)| kinds >> place & 1 == 1).map(|(_, option)| option).collect();
        let mut pair = Pair::new(Family::V4, &options, impairment, seed);
        pair.client.read_max = read_max;
        pair.client.memory = Memory::new(blocks * BLOCK_BYTES);
        pair.path_mtu = path_mtu;
        let (up, down) = (noise(up, seed), noise(down, !seed));
        exchange(&mut pair, &up, &down, Duration::from_secs(3600), &mut |server| {
            server.read_max = read_max;
            server.memory = Memory::new(blocks * BLOCK_BYTES);
        });
        prop_assume!(!is_unopened(&pair));
        prop_assert_eq!(pair.client.memory.lent_bytes(), 0);
        prop_assert_eq!(pair.server.as_ref().unwrap().memory.lent_bytes(), 0);
    }
}

/// What Reno would have is `1.22 / sqrt(loss)` segments a round trip (RFC 3649 section 2); CUBIC is no
/// worse, a sender that waits for timeouts far below.
#[test]
fn losses_cost_no_more_than_the_window_that_they_halve() {
    for (loss, floor) in [(0, 400.0), (1_000, 40.0), (10_000, 13.0)] {
        let link = Impairment::delay(Duration::from_millis(5)).with_loss(loss);
        let mut seconds = 0.0;
        let text = noise(20_000_000, 3);
        for seed in [11, 5_000_027, 777_777_333] {
            let mut pair = Pair::new(Family::V4, &MODERN, link, seed);
            exchange(&mut pair, &text, &[], Duration::from_secs(600), &mut |_| {});
            seconds += (pair.now.as_nanos() - 1_000_000_000) as f64 / 1e9;
        }
        let rate = 3.0 * text.len() as f64 * 8e-6 / seconds;
        println!("loss {loss} of a million: {rate:.1} Mbit/s");
        assert!(rate > floor, "{rate:.1} Mbit/s at {loss} of a million");
    }
}
