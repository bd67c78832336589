//! Which segments count, what they are answered with, and what bounds time and memory.

use super::driven::{CLIENT_ISN, Driven, settings};
use super::pair::{MODERN, syn};
use core::time::Duration;
use dataplane::terminate::tcp::{Arrival, BLOCK_BYTES, Endpoint, Marks, Memory, Outcome, State};
use etherparse::TcpOptionElement;
use net::DropReason;
use proptest::prelude::*;
use testkit::{Ends, Family, Tcp, parse_tcp, tagged, tcp};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_held_syn_is_not_answered_until_the_server_has() {
    let mut held = Driven::held(&MODERN);
    assert!(held.frame(&syn(Family::V4, &MODERN)).is_ok(), "again");
    assert_eq!(held.wait(3 * SECOND), []);
    held.endpoint.allow(held.now);
    let answer = held.one();
    assert!(answer.syn && answer.timestamps.is_some());
    assert_eq!(answer.ack, Some(CLIENT_ISN.wrapping_add(1)));
}

#[test]
fn a_refusal_is_a_reset_that_the_client_takes() {
    let mut held = Driven::held(&MODERN);
    held.endpoint.abort(&mut held.memory);
    let reset = held.one();
    assert!(reset.rst);
    assert_eq!((reset.seq, reset.ack), (0, Some(CLIENT_ISN.wrapping_add(1))));
    assert!(held.endpoint.is_closed());
}

#[test]
fn what_the_client_did_not_offer_is_not_used() {
    let mut plain = Driven::open_with(&[]);
    plain.endpoint.send(&mut plain.memory, &[7; 5000]);
    let sent = plain.sent();
    assert!(sent.iter().all(|segment| segment.timestamps.is_none() && segment.payload.len() <= 536));
    assert!(sent[0].window > 60_000, "a window without a shift");
}

#[test]
fn a_reset_counts_at_the_exact_number_only() {
    let mut driven = Driven::open();
    for (offset, is_answered) in [(1, true), (-1, false), (3_000_000, false)] {
        driven.pass(SECOND);
        let reset = Tcp { rst: true, ..driven.tcp(offset, 0, b"") };
        assert_eq!(driven.give(&reset), Err(DropReason::TcpReset), "{offset}");
        assert_eq!(driven.sent().len(), usize::from(is_answered), "{offset}");
        assert_eq!(driven.endpoint.state(), State::Established);
    }
    let reset = Tcp { rst: true, ..driven.tcp(0, 0, b"") };
    assert!(driven.give(&reset).is_ok());
    assert_eq!(driven.endpoint.outcome(), Some(Outcome::Reset));
    assert_eq!(driven.sent(), []);
}

#[test]
fn challenges_are_few() {
    let mut driven = Driven::open();
    let mut answers = 0;
    for _ in 0..100 {
        driven.pass(Duration::from_millis(10));
        let again = Tcp { syn: true, ack: None, ..driven.tcp(500, 0, b"") };
        assert_eq!(driven.give(&again), Err(DropReason::TcpSyn));
        answers += driven.sent().len();
    }
    assert!((1..=5).contains(&answers), "{answers}");
    assert_eq!(driven.endpoint.state(), State::Established);
}

#[test]
fn an_acknowledgement_of_what_was_not_sent_moves_nothing() {
    let mut driven = Driven::open();
    driven.endpoint.send(&mut driven.memory, b"hello");
    assert_eq!(driven.one().payload, b"hello");
    assert_eq!(driven.segment(0, 6, b"early"), Err(DropReason::TcpAck));
    assert_eq!(driven.segment(0, -70_000_000, b"old"), Err(DropReason::TcpAck));
    assert_eq!((driven.endpoint.unacknowledged_bytes(), driven.endpoint.readable_bytes()), (5, 0));
    assert!(driven.segment(0, 5, b"").is_ok());
    assert_eq!(driven.endpoint.unacknowledged_bytes(), 0);
}

#[test]
fn an_older_timestamp_is_an_older_segment() {
    let mut driven = Driven::open();
    driven.clock = Some(100);
    assert!(driven.segment(0, 0, b"new").is_ok());
    driven.clock = Some(99);
    assert_eq!(driven.segment(3, 0, b"old"), Err(DropReason::TcpPaws));
    driven.clock = None;
    assert_eq!(driven.segment(3, 0, b"none"), Err(DropReason::TcpPaws));
    driven.clock = Some(101);
    assert!(driven.segment(3, 0, b"er").is_ok());
    assert_eq!(driven.read(), b"newer");
}

#[test]
fn the_timestamp_that_is_echoed_is_that_of_the_first_segment_without_an_answer() {
    let mut driven = Driven::open();
    driven.clock = Some(50);
    assert!(driven.segment(0, 0, b"one").is_ok());
    driven.clock = Some(60);
    assert!(driven.segment(3, 0, b"two").is_ok());
    assert_eq!(driven.one().timestamps.map(|(_, echo)| echo), Some(50));
    driven.clock = Some(70);
    assert!(driven.segment(6, 0, b"three").is_ok());
    assert_eq!(driven.one().timestamps.map(|(_, echo)| echo), Some(70));
}

#[test]
fn a_damaged_segment_touches_nothing() {
    let mut driven = Driven::open();
    let mut frame = tcp(&Ends::new(Family::V4, 40_000, 443), true, &driven.tcp(0, 0, b"hello"));
    *frame.last_mut().unwrap() ^= 1;
    assert_eq!(driven.frame(&frame), Err(DropReason::TransportChecksum));
    assert_eq!((driven.read(), driven.sent()), (vec![], vec![]));
}

#[test]
fn the_first_copy_of_a_byte_wins() {
    let mut driven = Driven::open();
    assert!(driven.segment(4, 0, b"bbbb").is_ok());
    assert!(driven.segment(2, 0, b"cccccccc").is_ok());
    assert!(driven.segment(0, 0, b"ddddddddddddd").is_ok());
    assert!(driven.segment(0, 0, b"eeeeeeeeeeeee").is_err());
    assert_eq!(driven.read(), b"ddccbbbbccddd");
}

#[test]
fn early_bytes_are_reported_before_our_own_go_out() {
    let mut driven = Driven::open();
    assert!(driven.segment(1000, 0, &[1; 500]).is_ok());
    driven.endpoint.send(&mut driven.memory, &[2; 3000]);
    let frames = driven.frames();
    let first = parse_tcp(&frames[0]).unwrap();
    assert!(first.payload.is_empty() && frames.len() > 2);
    // NOP, NOP, SACK with one block.
    let block = [1, 1, 5, 10].into_iter().chain((CLIENT_ISN.wrapping_add(1001)).to_be_bytes());
    let block: Vec<u8> = block.chain((CLIENT_ISN.wrapping_add(1501)).to_be_bytes()).collect();
    assert!(frames[0].ends_with(&block), "{:?}", frames[0]);
}

#[test]
fn a_fin_waits_for_the_bytes_before_it_and_nothing_follows_it() {
    let mut driven = Driven::open();
    let fin = Tcp { fin: true, ..driven.tcp(3, 0, b"def") };
    assert!(driven.give(&fin).is_ok());
    assert!(!driven.endpoint.is_finished());
    assert!(driven.segment(6, 0, b"beyond").is_ok());
    assert!(driven.segment(0, 0, b"abc").is_ok());
    assert!(driven.endpoint.is_finished());
    assert_eq!((driven.endpoint.state(), driven.read()), (State::CloseWait, b"abcdef".to_vec()));
    assert_eq!(Driven::acked(driven.sent().last().unwrap()), 7);
}

#[test]
fn after_the_peers_fin_we_may_go_on_and_after_ours_the_peer() {
    let mut driven = Driven::open();
    let fin = Tcp { fin: true, ..driven.tcp(0, 0, b"request") };
    assert!(driven.give(&fin).is_ok());
    driven.endpoint.send(&mut driven.memory, b"answer");
    driven.endpoint.shutdown();
    assert_eq!(driven.endpoint.send(&mut driven.memory, b"more"), 0);
    let sent = driven.sent();
    assert!(sent.iter().any(|segment| segment.payload == b"answer"));
    assert!(sent.last().unwrap().fin);
    assert_eq!(driven.endpoint.state(), State::LastAck);
    assert!(driven.segment(8, 7, b"").is_ok());
    assert_eq!((driven.endpoint.state(), driven.endpoint.outcome()), (State::Closed, Some(Outcome::Finished)));
    assert_eq!(driven.read(), b"request");

    let mut driven = Driven::open();
    driven.endpoint.shutdown();
    assert!(driven.one().fin);
    assert!(driven.segment(0, 1, b"").is_ok());
    assert_eq!(driven.endpoint.state(), State::FinWait2);
    assert!(driven.segment(0, 1, b"still here").is_ok());
    assert_eq!(driven.read(), b"still here");
    let fin = Tcp { fin: true, ..driven.tcp(10, 1, b"") };
    assert!(driven.give(&fin).is_ok());
    assert_eq!(driven.endpoint.state(), State::TimeWait);
    driven.wait(9 * SECOND);
    assert!(!driven.endpoint.is_closed());
    driven.wait(2 * SECOND);
    assert!(driven.endpoint.is_closed());
}

#[test]
fn a_closed_window_is_probed_until_it_opens() {
    let mut driven = Driven::open();
    let shut = Tcp { window: 0, ..driven.tcp(0, 0, b"") };
    assert!(driven.give(&shut).is_ok());
    driven.endpoint.send(&mut driven.memory, b"waiting");
    let probes = driven.wait(5 * SECOND);
    assert!((2..6).contains(&probes.len()), "{probes:?}");
    assert!(probes.iter().all(|probe| probe.payload.is_empty() && driven.offset(probe) == -1));
    for _ in 0..50 {
        assert!(driven.give(&shut).is_ok());
        driven.wait(10 * SECOND);
    }
    assert_eq!(driven.endpoint.state(), State::Established, "a peer that answers is not gone");
    assert!(driven.segment(0, 0, b"").is_ok());
    assert_eq!(driven.one().payload, b"waiting");
    // One that never takes anything is given up in the end, and the time begins anew with what it takes.
    assert!(driven.segment(0, 7, b"").is_ok());
    driven.endpoint.send(&mut driven.memory, b"more");
    let shut = Tcp { window: 0, ..driven.tcp(0, 7, b"") };
    for _ in 0..50 {
        assert!(driven.give(&shut).is_ok());
        driven.wait(10 * SECOND);
    }
    assert_eq!(driven.endpoint.state(), State::Established);
    for _ in 0..20 {
        let _closed = driven.give(&shut);
        driven.wait(10 * SECOND);
    }
    assert_eq!(driven.endpoint.state(), State::Closed);
}

#[test]
fn a_probe_of_our_closed_window_and_a_keep_alive_are_answered() {
    let mut driven = Driven::open();
    driven.pass(SECOND);
    assert_eq!(driven.segment(-1, 0, b""), Err(DropReason::TcpWindow));
    assert_eq!(Driven::acked(&driven.one()), 0);
    driven.pass(SECOND);
    assert_eq!(driven.segment(-1, 0, b"x"), Err(DropReason::TcpWindow));
    assert_eq!(Driven::acked(&driven.one()), 0);
}

#[test]
fn a_slow_reader_closes_the_window_and_no_memory_grows() {
    let mut driven = Driven::open();
    driven.memory = Memory::new(16 << 20);
    let mut offset = 0;
    while driven.segment(offset, 0, &[3; 1024]).is_ok() {
        offset += 1024;
        driven.sent();
        assert!(driven.endpoint.held_bytes() <= (128 << 10) + 2 * BLOCK_BYTES);
        assert!(offset < 2 << 20);
    }
    assert_eq!(offset, 128 << 10, "so much may be ahead at first");
    let last = driven.one();
    assert!(u64::from(last.window) << 7 < 1024);
    // What is read makes the window grow, up to a megabyte.
    let mut window = 0;
    for _ in 0..4 {
        driven.read();
        window = u64::from(driven.one().window) << 7;
        let end = offset + i64::try_from(window).unwrap();
        while offset < end {
            assert!(driven.segment(offset, 0, &[3; 1024]).is_ok());
            offset += 1024;
            driven.sent();
        }
    }
    assert!(window > 1_000_000, "{window}");
    driven.read();
    assert_eq!(driven.memory.lent_bytes(), 0);
}

#[test]
fn who_has_filled_the_window_is_heard_while_a_hole_is_open() {
    let mut driven = Driven::open();
    driven.endpoint.send(&mut driven.memory, &[7; 1000]);
    let sent = driven.one();
    assert_eq!(sent.payload.len(), 1000);
    let (mut window, mut offset, mut held) = (i64::from(sent.window) << 7, 1024, 0);
    // Everything but the first segment comes.
    while offset < window {
        let end = window.min(offset + 1024);
        assert!(driven.segment(offset, 0, &vec![3; (end - offset) as usize]).is_ok());
        (offset, held) = (end, driven.endpoint.held_bytes());
        window = driven.sent().iter().fold(window, |window, answer| window.max(i64::from(answer.window) << 7));
    }
    assert!(driven.segment(window, 1000, b"").is_ok());
    assert_eq!(driven.endpoint.held_bytes(), held - BLOCK_BYTES, "what was sent is acknowledged");
    assert_eq!(driven.segment(window + 1, 1000, b""), Err(DropReason::TcpWindow));
}

#[test]
fn a_worker_without_memory_loses_segments_and_nothing_else() {
    let mut driven = Driven::open();
    driven.memory = Memory::new(2 * BLOCK_BYTES);
    let mut drops = 0;
    for offset in (0..10_000).step_by(1000) {
        drops += usize::from(driven.segment(offset, 0, &[(offset / 1000) as u8; 1000]).is_err());
    }
    assert!(drops > 0 && driven.memory.lent_bytes() <= 2 * BLOCK_BYTES);
    let read = driven.read();
    assert!(!read.is_empty());
    assert!(driven.segment(read.len() as i64, 0, &[9; 1000]).is_ok());
    assert_eq!(driven.read(), [9; 1000]);
    assert_eq!(driven.endpoint.send(&mut driven.memory, &[0; 100_000]), BLOCK_BYTES, "one is left to receive");
}

#[test]
fn early_bytes_make_room_for_those_that_are_next() {
    let mut driven = Driven::open();
    driven.memory = Memory::new(2 * BLOCK_BYTES);
    assert!(driven.segment(1000, 0, &[1; 10]).is_ok());
    assert!(driven.segment(2000, 0, &[2; 10]).is_ok());
    assert_eq!(driven.segment(3000, 0, &[3; 10]), Err(DropReason::EarlyFull));
    assert!(driven.segment(0, 0, &[7; 1000]).is_ok());
    assert_eq!(driven.read(), [[7; 1000].as_slice(), &[1; 10]].concat());
    assert_eq!(driven.memory.lent_bytes(), 0);
}

#[test]
fn handshakes_that_stop_halfway_are_forgotten() {
    let mut held = Driven::held(&MODERN);
    let sent = held.wait(31 * SECOND);
    assert!(sent.len() == 1 && sent[0].rst && held.endpoint.is_closed());

    let mut held = Driven::held(&MODERN);
    held.endpoint.allow(held.now);
    let sent = held.wait(11 * SECOND);
    assert!((4..8).contains(&sent.len()) && sent.last().unwrap().rst, "{sent:?}");
    assert_eq!((held.endpoint.is_closed(), held.endpoint.outcome()), (true, Some(Outcome::TimedOut)));

    let frame = syn(Family::V4, &MODERN);
    let mut asked = Driven::held(&MODERN);
    asked.endpoint = Endpoint::connect(&Arrival::parse(&frame).unwrap(), &settings(), asked.now);
    let sent = asked.wait(11 * SECOND);
    assert!((3..6).contains(&sent.len()) && sent.iter().all(|segment| segment.syn), "{sent:?}");
    assert_eq!((asked.endpoint.is_closed(), asked.endpoint.outcome()), (true, Some(Outcome::TimedOut)));
}

#[test]
fn a_peer_that_is_gone_is_given_up() {
    let mut driven = Driven::open();
    driven.endpoint.send(&mut driven.memory, &[1; 100]);
    let sent = driven.wait(600 * SECOND);
    assert!((8..16).contains(&sent.len()), "{}", sent.len());
    assert!(sent.last().unwrap().rst);
    assert_eq!(driven.endpoint.outcome(), Some(Outcome::TimedOut));
    assert_eq!(driven.memory.lent_bytes(), 0);
}

#[test]
fn an_abort_is_told_again_to_a_peer_that_goes_on() {
    let mut driven = Driven::open();
    driven.endpoint.abort(&mut driven.memory);
    let reset = driven.one();
    assert!(reset.rst && driven.offset(&reset) == 0);
    assert_eq!(driven.segment(0, 0, b"more"), Err(DropReason::FlowUnknown));
    assert!(driven.one().rst);
}

#[test]
fn a_servers_answer_is_acknowledged_once_the_client_has_answered() {
    let frame = syn(Family::V4, &MODERN);
    let mut asked = Driven::held(&MODERN);
    asked.endpoint = Endpoint::connect(&Arrival::parse(&frame).unwrap(), &settings(), asked.now).deferred();
    let out = asked.one();
    let answer = Tcp { seq: 9_000, syn: true, ack: Some(out.seq.wrapping_add(1)), window: 65_535, ..Tcp::default() };
    let answer = tcp(&Ends::new(Family::V4, 40_000, 443), false, &answer);
    assert!(asked.frame(&answer).is_ok());
    assert!(asked.wait(2 * SECOND).is_empty());
    // Told again, it says nothing either.
    let _ = asked.frame(&answer);
    assert!(asked.wait(2 * SECOND).is_empty());
    asked.endpoint.send(&mut asked.memory, b"hello");
    asked.endpoint.confirm();
    let sent = asked.sent();
    assert!(!sent.is_empty() && sent.iter().all(|segment| segment.ack == Some(9_001)), "{sent:?}");
    assert!(sent.iter().any(|segment| segment.payload == b"hello"), "{sent:?}");
}

#[test]
fn segments_of_one_byte_that_come_in_reverse_are_one_island() {
    let mut driven = Driven::open();
    let bytes: Vec<u8> = (0..2000u32).map(|at| (at % 251) as u8).collect();
    for at in (0..bytes.len()).rev() {
        assert!(driven.segment(at as i64, 0, &bytes[at..=at]).is_ok(), "{at}");
    }
    assert_eq!(driven.read(), bytes);
    assert_eq!(driven.memory.lent_bytes(), 0);
}

#[test]
fn the_servers_refusal_and_its_reset_are_known() {
    let frame = syn(Family::V4, &MODERN);
    let mut asked = Driven::held(&MODERN);
    asked.endpoint = Endpoint::connect(&Arrival::parse(&frame).unwrap(), &settings(), asked.now);
    let out = asked.one();
    let ends = Ends::new(Family::V4, 40_000, 443);
    let refusal = |ack: u32| Tcp { rst: true, ack: Some(ack), ..Tcp::default() };
    let stray = tcp(&ends, false, &refusal(out.seq));
    assert_eq!(asked.frame(&stray), Err(DropReason::TcpReset));
    assert!(asked.frame(&tcp(&ends, false, &refusal(out.seq.wrapping_add(1)))).is_ok());
    assert_eq!(asked.endpoint.outcome(), Some(Outcome::Refused));
    assert!(asked.endpoint.is_closed());
}

/// RFC 9293 section 3.10.7.3 and RFC 1337: what a server in TIME-WAIT answers to a SYN that it takes for an old one.
#[test]
fn a_server_that_has_the_last_connection_still_is_told_and_asked_again() {
    let frame = syn(Family::V4, &MODERN);
    let mut asked = Driven::held(&MODERN);
    asked.endpoint = Endpoint::connect(&Arrival::parse(&frame).unwrap(), &settings(), asked.now);
    let out = asked.one();
    let ends = Ends::new(Family::V4, 40_000, 443);
    let old = tcp(&ends, false, &Tcp { seq: 7_000, ack: Some(out.seq.wrapping_sub(90_000)), ..Tcp::default() });
    assert_eq!(asked.frame(&old), Err(DropReason::TcpSyn));
    let [reset, again] = &asked.sent()[..] else { panic!("a reset and a SYN") };
    assert!(reset.rst && reset.seq == out.seq.wrapping_sub(90_000), "{reset:?}");
    assert!(again.syn && again.seq == out.seq, "{again:?}");
    // Not as often as it likes.
    assert_eq!(asked.frame(&old), Err(DropReason::TcpSyn));
    assert!(asked.sent().is_empty());
    // A reset at our SYN's number is a refusal; the stray one is none.
    assert_eq!(asked.endpoint.outcome(), None);
    assert_eq!(asked.endpoint.state(), State::SynSent);
}

#[test]
fn frames_follow_the_peers_router_and_carry_the_marks_they_are_given() {
    let mut driven = Driven::open();
    let segment = driven.tcp(0, 0, b"hello");
    let mut frame = tagged(&tcp(&Ends::new(Family::V4, 40_000, 443), true, &segment), &[(0x8100, 0x2007)]);
    frame[6..12].copy_from_slice(&[2, 9, 9, 9, 9, 9]);
    assert!(driven.frame(&frame).is_ok());
    driven.endpoint.set_marks(Marks { hop_limit: 57, dscp: 46, flow_label: 0 });
    let answer = driven.frames().remove(0);
    // Tags are the other end's to change.
    assert_eq!(answer[..14], [2, 9, 9, 9, 9, 9, 2, 0, 0, 0, 0, 2, 8, 0]);
    assert_eq!((answer[14 + 1], answer[14 + 8]), (46 << 2, 57));
    assert_eq!(driven.endpoint.peer_marks(), Marks { hop_limit: 64, dscp: 0, flow_label: 0 });
}

#[test]
fn a_finished_connection_makes_room_for_the_next_one() {
    let mut driven = Driven::open();
    let next = syn(Family::V4, &MODERN);
    assert!(!driven.endpoint.is_reopened_by(&Arrival::parse(&next).unwrap()));
    driven.endpoint.abort(&mut driven.memory);
    assert!(driven.endpoint.is_reopened_by(&Arrival::parse(&next).unwrap()));
}

#[test]
fn a_tiny_mss_does_not_multiply_what_is_in_flight() {
    let mut driven = Driven::open_with(&[TcpOptionElement::MaximumSegmentSize(1), TcpOptionElement::WindowScale(14)]);
    driven.memory = Memory::new(4 << 20);
    let text = vec![1; 1 << 20];
    let (mut acked, mut sent, mut in_flight_max) = (0, 0, 0);
    for _ in 0..200 {
        driven.endpoint.send(&mut driven.memory, &text);
        let segments = driven.sent();
        assert!(segments.iter().all(|segment| segment.payload.len() <= 64));
        sent += segments.iter().map(|segment| segment.payload.len() as i64).sum::<i64>();
        in_flight_max = in_flight_max.max(sent - acked);
        // Half of what is in flight at a time, so that the window of congestion grows.
        acked += (sent - acked + 1) / 2;
        driven.pass(Duration::from_millis(1));
        driven.segment(0, acked, b"").unwrap();
    }
    assert!((2047 * 64..=2048 * 64).contains(&in_flight_max), "{in_flight_max}");
}

#[test]
fn an_idle_endpoint_is_small() {
    assert!(size_of::<Endpoint>() <= 1024, "{}", size_of::<Endpoint>());
}

proptest! {
    #[test]
    fn whatever_the_peer_sends_nothing_panics_and_memory_stays_bounded(
        steps in prop::collection::vec((-3000i64..60_000, -70_000i64..70_000, 0u8..64, 0usize..1400, 0u16.., 0u64..400), 1..80), sent in 0usize..40_000,
    ) {
        let mut driven = Driven::open();
        driven.memory = Memory::new(64 * BLOCK_BYTES);
        driven.endpoint.send(&mut driven.memory, &vec![1; sent]);
        for (offset, ack, flags, len, window, millis) in steps {
            let [fin, syn, rst, urg] = [1, 2, 4, 32].map(|bit| flags & bit != 0);
            // Few resets, or nothing but resets is tried.
            let rst = rst && offset % 8 == 0;
            let near = if ack % 3 == 0 { ack } else { ack.rem_euclid(sent as i64 + 1) };
            let segment = Tcp { fin, syn, rst, urg, window, ..driven.tcp(offset, near, &vec![2; len]) };
            let _ = driven.give(&segment);
            driven.wait(Duration::from_millis(millis));
            prop_assert!(driven.memory.lent_bytes() <= 64 * BLOCK_BYTES);
            prop_assert_eq!(driven.endpoint.held_bytes(), driven.memory.lent_bytes());
            if offset % 5 == 0 {
                driven.read();
            }
        }
        driven.endpoint.release(&mut driven.memory);
        prop_assert_eq!(driven.memory.lent_bytes(), 0);
    }
}
