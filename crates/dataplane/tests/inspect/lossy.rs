//! Real TCP endpoints on both sides, and a wire that loses, repeats and reorders frames.

use crate::lab::{EMAIL, Lab, POLICY, SSN, chat, contains};
use core::net::IpAddr;
use core::time::Duration;
use net::Side;
use std::collections::VecDeque;
use testkit::{Conversation, Family, Host, Random, Tcp};

/// Four cables: to and from each host. Frames wait a while and may never arrive.
struct Wire {
    random: Random,
    /// One frame in so many is lost, one repeated, one overtaken; 0 for none.
    loss: u64,
    waiting: VecDeque<(u64, End, Vec<u8>)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Client,
    Server,
    Inside,
    Outside,
}

impl Wire {
    fn put(&mut self, now: u64, end: End, frame: Vec<u8>) {
        if self.loss > 0 && self.random.one_in(self.loss) {
            return;
        }
        let overtaken = self.loss > 0 && self.random.one_in(self.loss);
        let repeated = self.loss > 0 && self.random.one_in(self.loss);
        let at = now + 2 + if overtaken { 7 } else { 0 };
        if repeated {
            self.waiting.push_back((at + 3, end, frame.clone()));
        }
        self.waiting.push_back((at, end, frame));
    }

    fn due(&mut self, now: u64) -> Vec<(End, Vec<u8>)> {
        let mut due = Vec::new();
        self.waiting.retain(|(at, end, frame)| {
            if *at <= now {
                due.push((*end, frame.clone()));
            }
            *at > now
        });
        due
    }
}

struct Net {
    lab: Lab,
    client: Host,
    server: Host,
    wire: Wire,
    millis: u64,
}

impl Net {
    fn new(seed: u64, loss: u64) -> Self {
        Self::under(POLICY, seed, loss)
    }

    fn under(policy: &str, seed: u64, loss: u64) -> Self {
        let (client, server) = (IpAddr::from([10, 1, 0, 1]), IpAddr::from([10, 2, 0, 2]));
        let mut net = Self {
            lab: Lab::new(policy),
            client: Host::new(client, [2, 0, 0, 0, 0, 1], seed),
            server: Host::new(server, [2, 0, 0, 0, 0, 2], seed + 1),
            wire: Wire { random: Random::new(seed), loss, waiting: VecDeque::new() },
            millis: 0,
        };
        net.server.listen(80);
        net.client.connect(server, 80, 40_000);
        net
    }

    fn step(&mut self) {
        self.millis += 1;
        let now = self.millis;
        for (end, frame) in self.wire.due(now) {
            match end {
                End::Client => self.client.inject(frame),
                End::Server => self.server.inject(frame),
                End::Inside => self.lab.device.inject(Side::Inside, &frame),
                End::Outside => self.lab.device.inject(Side::Outside, &frame),
            }
        }
        self.client.poll(now.cast_signed());
        self.server.poll(now.cast_signed());
        self.lab.advance(Duration::from_millis(1));
        while let Some(frame) = self.client.take() {
            self.wire.put(now, End::Inside, frame);
        }
        while let Some(frame) = self.server.take() {
            self.wire.put(now, End::Outside, frame);
        }
        while let Some(frame) = self.lab.device.take(Side::Inside) {
            self.wire.put(now, End::Client, frame);
        }
        while let Some(frame) = self.lab.device.take(Side::Outside) {
            self.wire.put(now, End::Server, frame);
        }
    }

    fn run_until(&mut self, what: &str, mut done: impl FnMut(&Self) -> bool) {
        for _ in 0..400_000 {
            if done(self) {
                return;
            }
            self.step();
        }
        panic!(
            "{what}: {} of the client's and {} of the server's bytes arrived; {:?}",
            self.server.received.len(),
            self.client.received.len(),
            net::DropReason::ALL
                .iter()
                .map(|reason| (reason.name(), self.lab.dropped(*reason)))
                .filter(|(_, count)| *count > 0)
                .collect::<Vec<_>>()
        );
    }
}

pub(crate) fn text(random: &mut Random, bytes: usize) -> Vec<u8> {
    let words = ["some", "words", "that", "could", "be", "a", "name", "12", "5369", "call", "me@", "sk-", "eyJ", "x.y"];
    let mut out = Vec::new();
    while out.len() < bytes {
        out.extend(words[random.below(words.len() as u64) as usize].bytes());
        out.push(b' ');
    }
    out.truncate(bytes);
    out
}

/// Bytes both ways; the simulated milliseconds that they took.
fn transfer(seed: u64, loss: u64, bytes: usize) -> u64 {
    transfer_over(Net::new(seed, loss), seed, bytes)
}

fn transfer_over(mut net: Net, seed: u64, bytes: usize) -> u64 {
    let mut random = Random::new(seed);
    let body = text(&mut random, bytes);
    let mut request =
        format!("POST /up HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n", body.len())
            .into_bytes();
    request.extend(&body);
    net.client.to_send.extend(&request);
    let expected = request.len();
    net.run_until("upload", |net| net.server.received.len() >= expected);
    assert_eq!(net.server.received, request);
    let body = text(&mut random, bytes);
    let mut answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
    answer.extend(&body);
    net.server.to_send.extend(&answer);
    let expected = answer.len();
    net.run_until("download", |net| net.client.received.len() >= expected);
    assert_eq!(net.client.received, answer);
    // One after the other: smoltcp does not hear a FIN that crosses its own and comes with an older acknowledgement.
    net.client.close_when_sent = true;
    net.run_until("close", |net| net.server.is_at_end());
    net.server.close_when_sent = true;
    net.run_until("close", |net| net.client.is_at_end());
    drop((net.client, net.server));
    assert_eq!(net.lab.leaked(), 0);
    net.millis
}

#[test]
fn without_loss_everything_arrives() {
    transfer(1, 0, 500_000);
}

#[test]
fn with_loss_repetition_and_reordering_everything_arrives_byte_exact() {
    for seed in 1..12 {
        transfer(seed, 25, 60_000);
    }
}

#[test]
fn a_receiver_whose_window_closed_goes_on_when_it_opens() {
    for seed in 1..8 {
        let mut net = Net::new(seed, 0);
        let body = text(&mut Random::new(seed), 1_000_000);
        let head = "POST /up HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n";
        let mut request = format!("{head}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
        request.extend(&body);
        net.client.to_send.extend(&request);
        net.run_until("upload", |net| net.server.received.len() >= 100_000);
        net.server.is_pausing = true;
        let from = net.millis;
        net.run_until("pause", |net| net.millis >= from + 6_000);
        net.server.is_pausing = false;
        net.run_until("upload", |net| net.server.received.len() >= request.len() || net.millis >= from + 20_000);
        assert_eq!(net.server.received.len(), request.len(), "seed {seed}");
        assert_eq!(net.server.received, request);
    }
}

#[test]
fn a_loss_before_the_appliance_costs_no_timeout() {
    // Twelve times 300 kB; each timeout of a sender would be a second.
    let millis: u64 = (100..112).map(|seed| transfer(seed, 400, 300_000)).sum();
    println!("{millis} ms");
    assert!(millis < 12_000, "{millis} ms");
}

#[test]
fn with_loss_a_secret_never_arrives_and_a_finding_is_masked() {
    for seed in 1..20 {
        let mut net = Net::new(seed, 8);
        let request = chat(&format!("{} {EMAIL} then", String::from_utf8(text(&mut Random::new(seed), 4000)).unwrap()));
        net.client.to_send.extend(&request);
        let expected = request.len();
        net.run_until("redact", |net| net.server.received.len() >= expected);
        let tail = String::from_utf8_lossy(&net.server.received[expected - 80..]).into_owned();
        assert!(tail.contains("[REDACTED]") && !contains(&net.server.received, EMAIL), "seed {seed}: {tail}");
        net.server.to_send.extend(b"HTTP/1.1 204 No Content\r\n\r\n");
        net.run_until("answer", |net| !net.client.received.is_empty());
        net.client.to_send.extend(chat(&format!("it is {SSN}")));
        net.run_until("block", |net| net.server.is_closed());
        assert!(!contains(&net.server.received, SSN));
    }
}

#[test]
fn a_held_tail_is_acknowledged_when_it_comes_again_and_owed_from_then_on() {
    let mut lab = Lab::new(POLICY);
    let mut conversation = lab.open(Family::V4, 40_000, 80);
    let head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n";
    lab.send(&mut conversation, 0, &[&head[..], b"mail jane"].concat());
    let held = head.len() + 5;
    assert_eq!(conversation.server.delivered().bytes.len(), held, "the word could begin an address");
    // What follows is lost; the client repeats its oldest unacknowledged bytes.
    lab.device.inject(Side::Inside, &conversation.client_frame(&conversation.from_client(held as u32, b"jane")));
    lab.run();
    let reply = testkit::parse_tcp(&lab.device.take(Side::Inside).expect("an acknowledgement")).unwrap();
    assert_eq!(reply.ack, Some(conversation.client_isn.wrapping_add(1 + held as u32 + 4)));
    assert!(reply.payload.is_empty() && !reply.rst && !reply.fin);
    // The client goes on behind it, and the server does not get it at first.
    lab.device
        .inject(Side::Inside, &conversation.client_frame(&conversation.from_client(held as u32 + 4, b" and others")));
    lab.run();
    while lab.device.take(Side::Outside).is_some() {}
    lab.advance(Duration::from_secs(1));
    lab.deliver(&mut conversation);
    assert!(contains(&conversation.server.delivered().bytes, "mail jane"), "the appliance sends it again");
    let ack = Tcp {
        ack: Some(conversation.client_isn.wrapping_add(1 + (head.len() + 20) as u32)),
        ..conversation.from_server(0, b"")
    };
    lab.send(&mut conversation, held + 4, b" and others");
    let frame = conversation.server_frame(&ack);
    lab.server(&mut conversation, &frame);
    let sent = lab.counters().tx_packets;
    lab.advance(Duration::from_secs(5));
    assert_eq!(lab.counters().tx_packets, sent, "what is acknowledged is owed no more");
    assert_eq!(conversation.server.delivered().bytes.len(), head.len() + 20);
    assert_eq!(lab.leaked(), 0);
}

#[test]
fn a_window_that_opens_behind_bytes_that_were_acknowledged_is_told() {
    let mut lab = Lab::new(POLICY);
    let mut conversation = lab.open(Family::V4, 40_000, 80);
    let head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n";
    lab.send(&mut conversation, 0, &[&head[..], b"mail jane"].concat());
    let held = head.len() + 5;
    let number = |offset: usize| Some(conversation.client_isn.wrapping_add(1 + offset as u32));
    let (received, owed) = (number(held), number(held + 4));
    let to_client = |lab: &mut Lab| {
        lab.run();
        testkit::parse_tcp(&lab.device.take(Side::Inside).expect("an acknowledgement")).unwrap()
    };
    lab.device.inject(Side::Inside, &conversation.client_frame(&conversation.from_client(held as u32, b"jane")));
    assert_eq!(to_client(&mut lab).ack, owed, "the held tail came again");
    // The server has what it had, and more room. An acknowledgement of less than the client knows would say nothing.
    let update = Tcp { ack: received, window: 65_535, ..conversation.from_server(0, b"") };
    lab.device.inject(Side::Outside, &conversation.server_frame(&update));
    let told = to_client(&mut lab);
    assert_eq!((told.ack, told.window), (owed, 65_535 - 4));
    let answer = Tcp { ack: received, window: 50_000, ..conversation.from_server(0, b"HTTP/1.1 100 Continue\r\n\r\n") };
    lab.device.inject(Side::Outside, &conversation.server_frame(&answer));
    assert_eq!(to_client(&mut lab).ack, owed, "with what it carries, too");
    // A client that was told of no room asks for it, with the number of a byte that it knows to have arrived.
    let probe = Tcp { seq: owed.unwrap() - 1, ..conversation.from_client(0, b"") };
    lab.device.inject(Side::Inside, &conversation.client_frame(&probe));
    assert_eq!(to_client(&mut lab).ack, owed, "a probe is answered");
    assert!(lab.device.take(Side::Outside).is_none());
}

/// The same flows, ended in the appliance.
fn terminated() -> String {
    POLICY.replace("mode = \"inspect\"", "mode = \"terminate\"")
}

#[test]
fn a_terminated_flow_delivers_what_is_allowed_byte_exact() {
    transfer_over(Net::under(&terminated(), 1, 0), 1, 500_000);
    for seed in 1..12 {
        transfer_over(Net::under(&terminated(), seed, 25), seed, 60_000);
    }
}

#[test]
fn of_a_terminated_request_with_a_secret_nothing_arrives_and_a_finding_is_replaced() {
    for seed in 1..20 {
        let mut net = Net::under(&terminated(), seed, 8);
        let prose = String::from_utf8(text(&mut Random::new(seed), 4000)).unwrap();
        net.client.to_send.extend(&chat(&format!("{prose} {EMAIL} then")));
        net.run_until("redact", |net| contains(&net.server.received, "then"));
        assert!(contains(&net.server.received, "[REDACTED] then\"") && !contains(&net.server.received, EMAIL));
        let received = net.server.received.len();
        net.server.to_send.extend(b"HTTP/1.1 204 No Content\r\n\r\n");
        net.run_until("answer", |net| !net.client.received.is_empty());
        net.client.to_send.extend(chat(&format!("{prose} it is {SSN}")));
        net.run_until("block", |net| net.server.is_at_end() && contains(&net.client.received, "403"));
        assert_eq!(net.server.received.len(), received, "seed {seed}: nothing of it");
    }
}

#[test]
fn a_hole_before_what_has_come_is_reported_in_the_receivers_name() {
    let mut lab = Lab::new(POLICY);
    let mut conversation = lab.open(Family::V4, 40_000, 80);
    let request = chat(&"word ".repeat(200));
    let first = conversation.client_isn.wrapping_add(1);
    let numbers = |from: usize, to: usize| (first.wrapping_add(from as u32), first.wrapping_add(to as u32));
    let server = conversation.from_server(0, b"");
    let pieces =
        [(0, 300), (300, 600), (600, 900), (900, 1100), (1100, request.len())].map(|(from, to)| numbers(from, to));
    let ack_of = |at: usize| Tcp { ack: Some(numbers(at, at).0), ..server.clone() };
    let last_ack = ack_of(request.len());
    let piece = |lab: &mut Lab, conversation: &Conversation, from: usize, to: usize| {
        lab.device.inject(
            Side::Inside,
            &conversation.client_frame(&conversation.from_client(from as u32, &request[from..to])),
        );
        lab.run();
        lab.device.take(Side::Inside).map(|frame| testkit::parse_tcp(&frame).unwrap())
    };
    assert_eq!(piece(&mut lab, &conversation, 0, 300), None);
    // The second one is lost. As long as the receiver has not answered to the first, it will.
    assert_eq!(piece(&mut lab, &conversation, 600, 900), None);
    lab.deliver(&mut conversation);
    let first_ack = ack_of(conversation.server.delivered().bytes.len());
    lab.device.inject(Side::Outside, &conversation.server_frame(&first_ack));
    lab.run();
    let own = testkit::parse_tcp(&lab.device.take(Side::Inside).expect("the server's own")).unwrap();
    assert_eq!((own.ack, own.sack.len()), (first_ack.ack, 0));
    let report = testkit::parse_tcp(&lab.device.take(Side::Inside).expect("a report")).unwrap();
    assert_eq!((report.ack, &report.sack[..]), (Some(pieces[1].0), &pieces[2..3]), "what is held has come, too");
    assert!(report.payload.is_empty() && report.seq == own.seq);
    let report = piece(&mut lab, &conversation, 1100, request.len()).expect("another one");
    assert_eq!(report.sack, [pieces[2], pieces[4]]);
    let report = piece(&mut lab, &conversation, 900, 1100).expect("one that joins both");
    assert_eq!(report.sack, [(pieces[2].0, pieces[4].1)]);
    // It comes again, and everything is there.
    assert_eq!(piece(&mut lab, &conversation, 300, 600), None);
    lab.deliver(&mut conversation);
    assert_eq!(conversation.server.delivered().bytes, request);
    let frame = conversation.server_frame(&last_ack);
    lab.server(&mut conversation, &frame);
    assert_eq!(lab.leaked(), 0);
}
