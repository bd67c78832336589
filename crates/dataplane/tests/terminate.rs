//! What comes out of a worker that opens TLS, between clients and servers in memory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "tests")]

#[path = "../benches/terminate/lab.rs"]
#[expect(dead_code, reason = "what a benchmark measures besides")]
mod lab;
#[path = "../../tls/tests/support/mod.rs"]
mod support;

use core::time::Duration;
use dataplane::Config;
use lab::{Answer, End, Groups, Lab, Pair};
use policy::Reason;
use proptest::prelude::*;
use std::io::Write;
use std::sync::atomic::AtomicBool;

static IS_PROFILED: AtomicBool = AtomicBool::new(false);

/// Bytes that wait for a client's acknowledgement, at most.
const SEND_BYTES_MAX: usize = 1 << 20;
/// What TLS 1.3 adds to a record with AES-GCM.
const RECORD_OVERHEAD_BYTES: usize = 22;

/// Bytes on the wire of an answer with a body of so many, whose client reads nothing before the server has ended.
fn answer_a_client_that_waits(lab: &mut Lab, body: usize) -> usize {
    let index = lab.open(1, &Answer::Bytes(body))[0];
    let request = lab.request.clone();
    lab.pairs[index].as_mut().unwrap().client.tls.writer().write_all(&request).unwrap();
    lab.turn(&[index]);
    lab.pairs[index].as_mut().unwrap().client.is_deaf = true;
    let mut idle = 0;
    while idle < 100 {
        idle = if lab.turn(&[index]) == 0 { idle + 1 } else { 0 };
    }
    let pair = lab.pairs[index].as_mut().unwrap();
    assert_eq!((pair.server.left, pair.server.host.to_send.len()), (0, 0), "all of the answer has gone");
    pair.server.tls.send_close_notify();
    pair.server.host.to_send.extend(support::sent(&mut pair.server.tls));
    pair.server.host.close_when_sent = true;
    for _ in 0..100 {
        lab.turn(&[index]);
    }
    let (mut wire, mut plain, mut turns) = (0, 0, 0);
    loop {
        let pair = lab.pairs[index].as_mut().unwrap();
        pair.client.host.poll(0);
        let bytes = core::mem::take(&mut pair.client.host.received);
        wire += bytes.len();
        plain += support::give(&mut pair.client.tls, &bytes).unwrap().len();
        if pair.client.host.is_at_end() {
            let state = pair.client.tls.process_new_packets().unwrap();
            assert!(state.peer_has_closed(), "{plain} of {body} bytes came, and no close_notify");
            assert!(plain > body);
            return wire;
        }
        turns += 1;
        assert!(turns < 10_000, "{plain} of {body} bytes came");
        lab.turn(&[index]);
    }
}

#[test]
fn an_answer_comes_whole_whatever_room_is_left_at_its_end() {
    let mut lab = Lab::new(Groups::Classical);
    let body = SEND_BYTES_MAX - (64 << 10);
    let wire = answer_a_client_that_waits(&mut lab, body);
    // So many bytes that the last record finds room for its text and not for what TLS adds, and some around it.
    let full = body + SEND_BYTES_MAX - wire;
    for more in (0..6 * RECORD_OVERHEAD_BYTES).step_by(RECORD_OVERHEAD_BYTES / 2) {
        answer_a_client_that_waits(&mut lab, full - 2 * RECORD_OVERHEAD_BYTES + more);
    }
}

#[test]
fn a_client_that_stops_reading_gets_the_rest_later() {
    let mut lab = Lab::new(Groups::Classical);
    let body = 6 * SEND_BYTES_MAX;
    let index = lab.open(1, &Answer::Bytes(body))[0];
    let request = lab.request.clone();
    lab.pairs[index].as_mut().unwrap().client.tls.writer().write_all(&request).unwrap();
    lab.turn(&[index]);
    for round in 0.. {
        let pair = lab.pairs[index].as_mut().unwrap();
        if pair.answered > 0 {
            break;
        }
        pair.client.is_deaf = round % 200 < 150;
        assert!(round < 20_000, "{} of {body} bytes came: {:?}", pair.client.plain.len(), pair.client.host);
        lab.turn(&[index]);
    }
}

#[test]
fn clients_that_do_not_read_leave_room_for_others() {
    /// More than all of them could hold otherwise.
    const DEAF_COUNT: usize = 48;
    let mut lab = Lab::with(Groups::Classical, Config { hold_bytes_worker_max: 16 << 20, ..Config::default() });
    let kept = lab.open(1, &Answer::Chat);
    lab.ask(&kept);
    for index in lab.open(DEAF_COUNT, &Answer::Bytes(8 << 20)) {
        let request = lab.request.clone();
        lab.pairs[index].as_mut().unwrap().client.tls.writer().write_all(&request).unwrap();
        lab.turn(&[index]);
        lab.pairs[index].as_mut().unwrap().client.is_deaf = true;
    }
    lab.rest(300);
    // Who has nothing gets on: a new connection, one that was there, and one with a long answer.
    lab.ask(&kept);
    let opened = lab.open(2, &Answer::Chat);
    lab.ask(&opened);
    let long = lab.open(1, &Answer::Bytes(2 << 20));
    lab.ask(&long);
    // The others go on where they were once they read.
    for pair in lab.pairs.iter_mut().flatten() {
        pair.client.is_deaf = false;
    }
    let all: Vec<usize> = (1..=DEAF_COUNT).collect();
    lab.run(&all, |pair| pair.answered > 0);
}

#[test]
fn a_client_that_never_reads_is_given_up() {
    let mut lab = Lab::new(Groups::Classical);
    let index = lab.open(1, &Answer::Bytes(8 << 20))[0];
    let request = lab.request.clone();
    let pair = lab.pairs[index].as_mut().unwrap();
    pair.client.tls.writer().write_all(&request).unwrap();
    // Its host answers, and nobody takes what it has.
    pair.client.host.is_pausing = true;
    lab.sleep(Duration::from_secs(500), LONG_STEP);
    assert_eq!(lab.flows(), 1);
    lab.sleep(Duration::from_secs(200), LONG_STEP);
    assert_eq!(lab.flows(), 0);
}

#[test]
fn a_client_that_reads_slowly_gets_all_of_an_answer_whose_server_has_gone() {
    /// A little less than a client may take nothing at all.
    const PAUSE: Duration = Duration::from_secs(29);
    let mut lab = Lab::new(Groups::Classical);
    let body = SEND_BYTES_MAX - (64 << 10);
    let index = lab.open(1, &Answer::Bytes(body))[0];
    let request = lab.request.clone();
    lab.pairs[index].as_mut().unwrap().client.tls.writer().write_all(&request).unwrap();
    lab.turn(&[index]);
    let mut pauses = 0;
    while lab.pairs[index].as_ref().unwrap().answered == 0 {
        let pair = lab.pairs[index].as_mut().unwrap();
        let server = &mut pair.server;
        let has_sent = server.left == 0 && server.host.to_send.is_empty();
        server.host.close_when_sent |= has_sent && !pair.client.plain.is_empty();
        pair.client.host.is_pausing = true;
        lab.sleep(PAUSE, LONG_STEP);
        lab.pairs[index].as_mut().unwrap().client.host.is_pausing = false;
        lab.turn(&[index]);
        pauses += 1;
        let pair = lab.pairs[index].as_ref().unwrap();
        assert!(pauses < 100, "{} of {body} bytes came: {:?}", pair.client.plain.len(), pair.client.host);
    }
    assert!(pauses > 2, "{pauses}");
}

/// A record that nobody can decrypt.
const BROKEN_RECORD: [u8; 25] = {
    let mut record = [7; 25];
    (record[0], record[1], record[2], record[3], record[4]) = (23, 3, 3, 0, 20);
    record
};

#[test]
fn an_answer_reaches_the_client_although_its_server_breaks_tls_behind_it() {
    let mut lab = Lab::new(Groups::Classical);
    let index = lab.open(1, &Answer::Chat)[0];
    let request = lab.request.clone();
    lab.pairs[index].as_mut().unwrap().client.tls.writer().write_all(&request).unwrap();
    while !lab.pairs[index].as_ref().unwrap().server.tls.wants_write() {
        lab.turn(&[index]);
    }
    let server = &mut lab.pairs[index].as_mut().unwrap().server;
    server.host.to_send.extend(support::sent(&mut server.tls));
    server.host.to_send.extend(BROKEN_RECORD);
    lab.run(&[index], |pair| pair.answered == 1);
    lab.pairs[index].as_mut().unwrap().client.host.close_when_sent = true;
    lab.sleep(FORGOTTEN_AFTER, STEP);
    assert_eq!((lab.flows(), lab.blocked(Reason::TlsBroken)), (0, 1));
}

#[test]
fn a_violating_request_is_recorded_although_its_client_breaks_tls_behind_it() {
    let mut lab = Lab::new(Groups::Classical);
    let index = lab.open(1, &Answer::Chat)[0];
    lab.ask(&[index]);
    let body = r#"{"model":"gpt-4o","messages":[{"role":"user","content":"ssn 536-90-4399"}]}"#;
    let head = "POST /v1/chat/completions HTTP/1.1\r\nHost: api.openai.com\r\nContent-Type: application/json\r\n";
    let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    let client = &mut lab.pairs[index].as_mut().unwrap().client;
    client.tls.writer().write_all(request.as_bytes()).unwrap();
    client.host.to_send.extend(support::sent(&mut client.tls));
    client.host.to_send.extend(BROKEN_RECORD);
    lab.sleep(FORGOTTEN_AFTER, STEP);
    assert_eq!((lab.blocked(Reason::Finding), lab.blocked(Reason::TlsBroken)), (1, 1));
    assert!(lab.pairs[index].as_ref().unwrap().server.plain.is_empty());
}

/// What finished connections are kept for: late segments are answered (10 s), and then the flow is forgotten (10 s).
const FORGOTTEN_AFTER: Duration = Duration::from_secs(25);
/// What the slowest of our own tries takes.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(900);
/// The longest that a flow may be silent, and then some.
const IDLE_AFTER: Duration = Duration::from_secs(7600);
const STEP: Duration = Duration::from_millis(50);
const LONG_STEP: Duration = Duration::from_secs(1);

/// How a peer ends a connection.
#[derive(Clone, Copy, Debug)]
enum Ending {
    /// By a close_notify and a FIN.
    Clean,
    /// By a FIN alone, as many clients do.
    Cut,
}

#[test]
fn connections_that_ended_leave_the_table() {
    for (ending, by_server) in
        [(Ending::Clean, false), (Ending::Clean, true), (Ending::Cut, false), (Ending::Cut, true)]
    {
        let mut lab = Lab::new(Groups::Classical);
        let pairs = lab.open(3, &Answer::Chat);
        lab.ask(&pairs);
        for pair in lab.pairs.iter_mut().take(2) {
            let pair = pair.as_mut().unwrap();
            let (end, other) =
                if by_server { (&mut pair.server, &mut pair.client) } else { (&mut pair.client, &mut pair.server) };
            match ending {
                Ending::Clean => close(end),
                Ending::Cut => end.host.close_when_sent = true,
            }
            other.host.close_when_sent = true;
        }
        lab.sleep(FORGOTTEN_AFTER, STEP);
        assert_eq!(lab.flows(), 1, "{ending:?} by the server: {by_server}");
    }
}

/// Where a peer falls silent for ever.
#[derive(Clone, Copy, Debug)]
enum Silence {
    /// The server does not answer the SYN.
    Server,
    /// The client says nothing behind its SYN.
    ClientAfterSyn,
    /// The client says nothing behind its ClientHello.
    ClientAfterHello,
    /// The server says nothing behind a request.
    ServerAfterRequest,
    /// Neither end says anything behind a request.
    BothAfterRequest,
}

#[test]
fn peers_that_fall_silent_are_given_up_and_leave_the_table() {
    use Silence::{BothAfterRequest, ClientAfterHello, ClientAfterSyn, Server, ServerAfterRequest};
    for silence in [Server, ClientAfterSyn, ClientAfterHello, ServerAfterRequest, BothAfterRequest] {
        let mut lab = Lab::new(Groups::Classical);
        let index = match silence {
            Server | ClientAfterSyn | ClientAfterHello => lab.dial(1, &Answer::Chat)[0],
            ServerAfterRequest | BothAfterRequest => lab.open(1, &Answer::Bytes(1 << 20))[0],
        };
        fn pair(lab: &mut Lab, index: usize) -> &mut Pair {
            lab.pairs[index].as_mut().unwrap()
        }
        match silence {
            Server | ClientAfterSyn => {
                while lab.flows() == 0 {
                    lab.turn(&[index]);
                }
            }
            ClientAfterHello => {
                // Until its host has taken the hello.
                let has_sent = |client: &End| !client.tls.wants_write() && client.host.to_send.is_empty();
                while !has_sent(&pair(&mut lab, index).client) {
                    lab.turn(&[index]);
                }
                assert!(pair(&mut lab, index).client.tls.is_handshaking());
            }
            ServerAfterRequest | BothAfterRequest => {
                let request = lab.request.clone();
                pair(&mut lab, index).client.tls.writer().write_all(&request).unwrap();
            }
        }
        let ends = pair(&mut lab, index);
        ends.client.is_deaf = matches!(silence, ClientAfterSyn | ClientAfterHello);
        ends.server.is_deaf = matches!(silence, Server | ServerAfterRequest | BothAfterRequest);
        lab.turn(&[index]);
        pair(&mut lab, index).client.is_deaf |= matches!(silence, BothAfterRequest);
        assert_eq!(lab.flows(), 1, "{silence:?}");
        let time = match silence {
            Server | ClientAfterSyn | ClientAfterHello => Duration::from_secs(60),
            ServerAfterRequest | BothAfterRequest => GIVEN_UP_AFTER,
        };
        lab.sleep(time, LONG_STEP);
        assert_eq!(lab.flows(), 0, "{silence:?}");
        let pair = lab.pairs[index].as_ref().unwrap();
        for end in [&pair.client, &pair.server] {
            assert!(end.is_deaf || end.host.is_closed(), "{silence:?}: the other end is told: {:?}", end.host);
        }
    }
}

/// How an answer says where it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Length,
    Chunked,
    UntilEnd,
}

/// One request and what is answered.
#[derive(Clone, Debug)]
struct Turn {
    request: Vec<u8>,
    answer: Vec<u8>,
    framing: Framing,
}

impl Turn {
    fn new(words: usize, answer: usize, framing: Framing) -> Self {
        let content = "all quiet on this line ".repeat(words);
        let body = format!(r#"{{"model":"gpt-4o","messages":[{{"role":"user","content":"{content}"}}]}}"#);
        let head = "POST /v1/chat/completions HTTP/1.1\r\nHost: api.openai.com\r\nContent-Type: application/json\r\n";
        let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes();
        let body: Vec<u8> = (0..answer).map(|place| (place % 251) as u8).collect();
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n";
        let answer = match framing {
            Framing::Length => [format!("{head}Content-Length: {answer}\r\n\r\n").as_bytes(), &body].concat(),
            Framing::UntilEnd => [format!("{head}Connection: close\r\n\r\n").as_bytes(), &body].concat(),
            Framing::Chunked => {
                let mut all = format!("{head}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
                for chunk in body.chunks(40_000) {
                    all.extend([format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat());
                }
                all.extend(b"0\r\n\r\n");
                all
            }
        };
        Self { request, answer, framing }
    }
}

fn write(end: &mut End, pending: &mut Vec<u8>) {
    let count = end.tls.writer().write(pending).unwrap();
    pending.drain(..count);
}

fn close(end: &mut End) {
    end.tls.send_close_notify();
    end.host.to_send.extend(support::sent(&mut end.tls));
    end.host.close_when_sent = true;
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let framing = prop_oneof![Just(Framing::Length), Just(Framing::Chunked)];
    let turn = (0usize..3000, prop_oneof![0usize..2000, 0usize..400_000], framing);
    let turns = prop::collection::vec(turn, 1..5);
    let last = prop_oneof![Just(Framing::Length), Just(Framing::Chunked), Just(Framing::UntilEnd)];
    (turns, last).prop_map(|(mut turns, last)| {
        if let Some(turn) = turns.last_mut() {
            turn.2 = last;
        }
        turns.into_iter().map(|(words, answer, framing)| Turn::new(words, answer, framing)).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whoever falls silent, and whenever: no flow stays.
    #[test]
    fn no_flow_outlives_its_peers(
        silent in any::<[bool; 2]>(), after in 0u32..40, asks in any::<bool>(), closes in any::<[Option<bool>; 2]>(),
    ) {
        let mut lab = Lab::new(Groups::Classical);
        let index = lab.dial(1, &Answer::Bytes(100_000))[0];
        for _ in 0..after {
            lab.turn(&[index]);
        }
        let request = lab.request.clone();
        let pair = lab.pairs[index].as_mut().unwrap();
        if asks {
            pair.client.tls.writer().write_all(&request).unwrap();
        }
        for (end, closing) in [&mut pair.client, &mut pair.server].into_iter().zip(closes) {
            match closing {
                Some(true) if !end.tls.is_handshaking() => close(end),
                Some(_) => end.host.close_when_sent = true,
                None => {}
            }
        }
        (pair.client.is_deaf, pair.server.is_deaf) = (silent[0], silent[1]);
        lab.sleep(Duration::from_secs(60), STEP);
        lab.sleep(GIVEN_UP_AFTER, LONG_STEP);
        lab.sleep(IDLE_AFTER, LONG_STEP);
        prop_assert_eq!(lab.flows(), 0);
    }

    /// Whoever is slow, and whoever ends: each end gets what the other said, to the last byte, and is told that it was.
    #[test]
    fn both_ends_get_everything(
        turns in turns(), are_pipelined in any::<bool>(), server_ends in any::<bool>(),
        deaf in prop::collection::vec((any::<bool>(), 0usize..40, 0usize..40), 1..12),
    ) {
        let mut lab = Lab::new(Groups::Classical);
        let index = lab.open(1, &Answer::Bytes(0))[0];
        let said: Vec<u8> = turns.iter().flat_map(|turn| turn.request.clone()).collect();
        let answered: Vec<u8> = turns.iter().flat_map(|turn| turn.answer.clone()).collect();
        let does_server_end = server_ends || turns.last().is_some_and(|turn| turn.framing == Framing::UntilEnd);
        let (mut to_server, mut to_client) = (Vec::new(), Vec::new());
        let (mut asked, mut served, mut is_ended) = (0, 0, false);
        let mut deaf: Vec<_> = deaf.into_iter().rev().collect();
        let mut current = deaf.pop().unwrap();
        for round in 0.. {
            prop_assert!(round < 50_000, "it does not come to an end");
            let pair: &mut Pair = lab.pairs[index].as_mut().unwrap();
            (pair.request_bytes, pair.body) = (usize::MAX, usize::MAX / 2);
            let heard: usize = turns[..asked].iter().map(|turn| turn.answer.len()).sum();
            if asked < turns.len() && (are_pipelined || pair.client.plain.len() >= heard) {
                to_server.extend(&turns[asked].request);
                asked += 1;
            }
            let due: usize = turns[..served].iter().map(|turn| turn.request.len()).sum();
            if served < turns.len() && pair.server.plain.len() >= due + turns[served].request.len() {
                to_client.extend(&turns[served].answer);
                served += 1;
            }
            write(&mut pair.client, &mut to_server);
            write(&mut pair.server, &mut to_client);
            let is_served = served == turns.len() && to_client.is_empty();
            if !is_ended && is_served && does_server_end {
                close(&mut pair.server);
                is_ended = true;
            } else if !is_ended && pair.client.plain.len() == answered.len() {
                close(&mut pair.client);
                is_ended = true;
            }
            let (is_client, for_rounds, pause) = &mut current;
            (pair.client.is_deaf, pair.server.is_deaf) = (*is_client && *for_rounds > 0, !*is_client && *for_rounds > 0);
            match (*for_rounds, *pause) {
                (1.., _) => *for_rounds -= 1,
                (_, 1..) => *pause -= 1,
                _ => current = deaf.pop().unwrap_or((false, 0, 1)),
            }
            let (end, other) = if does_server_end { (&mut pair.client, answered.len()) } else { (&mut pair.server, said.len()) };
            if is_ended && end.host.is_at_end() && !end.is_deaf {
                prop_assert_eq!(end.plain.len(), other);
                prop_assert!(end.tls.process_new_packets().unwrap().peer_has_closed(), "no close_notify");
                break;
            }
            lab.turn(&[index]);
        }
        let pair = lab.pairs[index].as_ref().unwrap();
        prop_assert!(pair.server.plain == said, "the server was told something else");
        prop_assert!(pair.client.plain == answered, "the client was answered something else");
    }
}
