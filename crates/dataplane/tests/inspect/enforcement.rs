//! What both ends see of a verdict, and what stands in the records.

use crate::lab::{EMAIL, Lab, POLICY, SSN, chat, contains};
use audit::RecordKind;
use core::time::Duration;
use dataplane::Config;
use net::{DropReason, Side};
use policy::{Mode, Reason, Verdict};
use testkit::{Conversation, Ends, Family, Tcp};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 53\r\n\r\n{\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":34}}";

#[test]
fn a_finding_is_masked_in_place_and_the_answer_recorded() {
    let mut lab = Lab::new(POLICY);
    let mut conversation = lab.open(Family::V4, 40_000, 80);
    let request = chat(&format!("write to {EMAIL} please"));
    lab.send(&mut conversation, 0, &request);
    let expected = String::from_utf8(request.clone()).unwrap().replace(EMAIL, "[REDACTED]**********");
    assert_eq!(conversation.server.delivered().bytes, expected.as_bytes());
    lab.answer(&mut conversation, 0, request.len(), ANSWER);
    assert_eq!(conversation.client.delivered().bytes, ANSWER);

    let [admit, last] = &lab.records[..] else { panic!("two records: {:?}", lab.records) };
    assert_eq!((admit.kind, last.kind), (RecordKind::Admit, RecordKind::Final));
    assert_eq!(admit.exchange, last.exchange);
    assert_eq!((last.verdict, last.reason), (Verdict::Redact, None));
    assert_eq!((last.tokens_in, last.tokens_out), (Some(12), Some(34)));
    assert_eq!(
        (last.method.as_str(), last.path.as_str(), last.model.as_str()),
        ("POST", "/v1/chat/completions", "gpt-4o")
    );
    assert_eq!((last.provider.as_str(), last.operation.as_str(), last.status), ("openai", "chat", 200));
    assert_eq!((last.request_bytes, last.response_bytes), (request.len() as u64, ANSWER.len() as u64));
    assert_eq!(last.findings[0].entity.as_str(), "EMAIL_ADDRESS");
    assert_eq!(lab.leaked(), 0);
}

#[test]
fn a_masked_range_stays_masked_in_every_retransmission() {
    let mut lab = Lab::new(POLICY);
    let mut conversation = lab.open(Family::V4, 40_000, 80);
    let request = chat(&format!("write to {EMAIL} please"));
    for _ in 0..3 {
        lab.send(&mut conversation, 0, &request);
    }
    for at in (0..request.len()).step_by(7) {
        lab.send(&mut conversation, at, &request[at..]);
    }
    assert!(!contains(&conversation.server.seen(), EMAIL));
    assert_eq!(lab.counters().contradictions, 0);
    assert_eq!(conversation.server.delivered().bytes.len(), request.len());
}

#[test]
fn the_client_of_a_blocked_request_gets_a_403_and_a_fin() {
    let mut lab = Lab::new(POLICY);
    let mut conversation = lab.open(Family::V4, 40_000, 80);
    let request = chat(&format!("it is {SSN}"));
    lab.send(&mut conversation, 0, &request);
    let client = conversation.client.delivered();
    let text = String::from_utf8(client.bytes.clone()).unwrap();
    assert!(text.starts_with("HTTP/1.1 403 Forbidden\r\n") && text.contains("Connection: close"), "{text}");
    assert!(text.contains("\"code\":\"blocked_by_policy\""));
    assert!(client.is_complete && !client.is_reset);
    // The rest of the upload is acknowledged and thrown away.
    lab.send(&mut conversation, request.len(), b"more and more");
    assert!(!contains(&conversation.server.seen(), "more"));
    let ack = conversation.client.acknowledge();
    let fin = Tcp { fin: true, ack: Some(ack), ..conversation.from_client((request.len() + 13) as u32, b"") };
    let frame = conversation.client_frame(&fin);
    lab.client(&mut conversation, &frame);
    lab.advance(Duration::from_secs(3));
    lab.deliver(&mut conversation);
    assert!(!conversation.client.delivered().is_reset, "a client that has heard is not reset");
    // What still comes to the address is answered with a reset.
    lab.send(&mut conversation, request.len() + 14, b"again");
    assert!(conversation.client.delivered().is_reset);
    assert_eq!(lab.leaked(), 0);
}

#[test]
fn a_client_that_never_answers_is_reset_after_its_403_was_repeated() {
    let mut lab = Lab::new(POLICY);
    let mut conversation = lab.open(Family::V4, 40_000, 80);
    lab.send(&mut conversation, 0, &chat(&format!("it is {SSN}")));
    let before = lab.counters().tx_packets;
    for _ in 0..5 {
        lab.advance(Duration::from_millis(300));
    }
    assert!(lab.counters().tx_packets >= before + 4, "the 403 is repeated");
    lab.advance(Duration::from_secs(1));
    lab.deliver(&mut conversation);
    assert!(conversation.client.delivered().is_reset);
}

#[test]
fn a_block_behind_an_unanswered_request_resets_both_ends() {
    let mut lab = Lab::new(POLICY);
    let mut conversation = lab.open(Family::V4, 40_000, 80);
    let first = chat("hello");
    lab.send(&mut conversation, 0, &first);
    lab.send(&mut conversation, first.len(), &chat(&format!("it is {SSN}")));
    assert!(conversation.server.delivered().is_reset);
    let client = conversation.client.delivered();
    assert!(client.is_reset && client.bytes.is_empty(), "an answer now would be taken for the first one's");
}

#[test]
fn alerts_pass_and_are_recorded() {
    let mut lab = Lab::new(POLICY);
    let mut conversation = lab.open(Family::V4, 40_000, 80);
    let request = chat("tell me of project watch me");
    lab.send(&mut conversation, 0, &request);
    assert_eq!(conversation.server.delivered().bytes, request);
    lab.answer(&mut conversation, 0, request.len(), ANSWER);
    assert_eq!(lab.records[1].verdict, Verdict::Alert);
    assert_eq!(lab.records[1].findings[0].rule.as_str(), "project");
}

#[test]
fn keep_alive_goes_on_without_a_limit_and_the_last_request_is_still_read() {
    let mut lab = Lab::new(POLICY);
    let mut conversation = lab.open(Family::V4, 40_000, 80);
    let request = chat("hello again");
    let (mut sent, mut got) = (0, 0);
    for _ in 0..500 {
        let segment = Tcp {
            ack: Some(conversation.server_isn.wrapping_add(1).wrapping_add(got as u32)),
            ..conversation.from_client(sent as u32, &request)
        };
        let frame = conversation.client_frame(&segment);
        lab.client(&mut conversation, &frame);
        sent += request.len();
        lab.answer(&mut conversation, got, sent, ANSWER);
        got += ANSWER.len();
        conversation.server.acknowledge();
        conversation.client.acknowledge();
    }
    assert_eq!(conversation.server.delivered().bytes.len(), sent);
    assert_eq!(lab.records.len(), 1000);
    lab.send(&mut conversation, sent, &chat(&format!("it is {SSN}")));
    assert!(conversation.server.delivered().is_reset);
    assert!(!contains(&conversation.server.seen(), SSN));
}

#[test]
fn a_server_that_speaks_first_is_blocked() {
    let mut lab = Lab::new(POLICY);
    let mut conversation = lab.open(Family::V4, 40_000, 80);
    lab.answer(&mut conversation, 0, 0, b"220 ready\r\n");
    assert!(conversation.client.delivered().is_reset && conversation.client.seen().is_empty());
    assert_eq!(lab.records[0].reason, Some(Reason::ServerSpokeFirst));
}

#[test]
fn without_credit_nothing_is_released_and_after_a_while_it_is_blocked() {
    let mut lab = Lab::new(POLICY);
    let request = chat("hello");
    let mut conversation = use_up_credit(&mut lab, &request);
    // The client sends again; nothing is lost, nothing passes.
    lab.send(&mut conversation, 0, &request);
    assert_eq!(conversation.server.seen(), b"");
    lab.advance(Duration::from_secs(6));
    lab.deliver(&mut conversation);
    assert!(conversation.server.delivered().is_reset);
    let answer = String::from_utf8(conversation.client.delivered().bytes).unwrap();
    assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("audit_unavailable"), "{answer}");
    lab.credits = 512;
    lab.run();
    lab.run();
    let reasons: Vec<_> = lab.records.iter().filter_map(|record| record.reason).collect();
    assert!(reasons.contains(&Reason::AuditUnavailable), "{reasons:?}");
}

/// Opens connections until one finds no credit left; returns that one.
fn use_up_credit(lab: &mut Lab, request: &[u8]) -> Conversation {
    lab.credits = 0;
    for port in 50_000..50_600 {
        let mut conversation = lab.open(Family::V4, port, 80);
        lab.send(&mut conversation, 0, request);
        if conversation.server.seen().is_empty() {
            return conversation;
        }
    }
    panic!("credit was never used up");
}

#[test]
fn a_flow_that_waited_for_credit_goes_on_where_it_was() {
    let mut lab = Lab::new(POLICY);
    let request = chat("hello");
    let mut conversation = use_up_credit(&mut lab, &request);
    lab.credits = 512;
    lab.run();
    lab.run();
    lab.deliver(&mut conversation);
    assert_eq!(conversation.server.delivered().bytes, request);
}

#[test]
fn a_stricter_policy_ends_forwarded_flows_after_the_time_to_drain() {
    let mut lab = Lab::new(POLICY);
    let mut conversation = lab.open(Family::V4, 40_000, 22);
    lab.send(&mut conversation, 0, b"SSH-2.0-x\r\n");
    assert_eq!(conversation.server.delivered().bytes, b"SSH-2.0-x\r\n");
    lab.set_policy(&POLICY.replace("ports = [22] }\nmode = \"forward\"", "ports = [22] }\nmode = \"block\""));
    lab.send(&mut conversation, 11, b"still");
    assert_eq!(conversation.server.delivered().bytes.len(), 16);
    lab.advance(Duration::from_secs(6));
    lab.send(&mut conversation, 16, b"no more");
    assert_eq!(conversation.server.delivered().bytes.len(), 16);
    assert!(conversation.client.delivered().is_reset);
}

#[test]
fn a_forwarded_connection_that_nobody_confirms_is_forgotten_soon() {
    let flows = |lab: &Lab| lab.counters().flows[Mode::Forward.index()];
    let mut lab = Lab::new(POLICY);
    let mut half = Conversation::new(Ends::new(Family::V4, 40_000, 22));
    let (syn, syn_ack) = (half.syn(), half.syn_ack());
    lab.client(&mut half, &syn);
    lab.server(&mut half, &syn_ack);
    // One that is whole, and says nothing, stays.
    let _open = lab.open(Family::V4, 40_001, 22);
    assert_eq!(flows(&lab), 2);
    lab.advance(Duration::from_secs(11));
    assert_eq!(flows(&lab), 1);
    lab.advance(Duration::from_secs(3600));
    assert_eq!(flows(&lab), 1);
}

#[test]
fn policies_that_keep_coming_give_no_more_time_to_drain() {
    let mut lab = Lab::new(POLICY);
    let mut conversation = lab.open(Family::V4, 40_000, 22);
    lab.send(&mut conversation, 0, b"SSH-2.0-x\r\n");
    let stricter = POLICY.replace("ports = [22] }\nmode = \"forward\"", "ports = [22] }\nmode = \"block\"");
    let mut at = 11;
    for _ in 0..8 {
        lab.set_policy(&stricter);
        lab.send(&mut conversation, at, b"still");
        at += 5;
        lab.advance(Duration::from_secs(1));
    }
    assert!(conversation.server.delivered().bytes.len() < at);
    assert!(conversation.client.delivered().is_reset);
    lab.set_policy(POLICY);
    let mut conversation = lab.open(Family::V4, 40_001, 22);
    lab.set_policy(&stricter);
    lab.send(&mut conversation, 0, b"SSH-2.0-x\r\n");
    // A policy that lets the flow be ends that.
    lab.set_policy(POLICY);
    lab.send(&mut conversation, 11, b"still");
    lab.advance(Duration::from_secs(6));
    lab.send(&mut conversation, 16, b"here");
    assert_eq!(conversation.server.delivered().bytes.len(), 20);
}

#[test]
fn a_policy_reload_is_pinned_per_message_and_loses_nothing() {
    let mut lab = Lab::new(POLICY);
    let mut conversation = lab.open(Family::V4, 40_000, 80);
    let request = chat(&format!("it is {SSN}"));
    lab.set_policy(&POLICY.replace("\"US_SSN\", ", ""));
    // Begun under the second policy, which lets it pass ...
    lab.send(&mut conversation, 0, &request[..request.len() - 1]);
    lab.set_policy(POLICY);
    // ... and decided by it to its end.
    lab.send(&mut conversation, request.len() - 1, &request[request.len() - 1..]);
    assert_eq!(conversation.server.delivered().bytes, request);
    lab.answer(&mut conversation, 0, request.len(), ANSWER);
    lab.send(&mut conversation, request.len(), &request);
    assert!(conversation.server.delivered().is_reset);
}

#[test]
fn a_policy_that_asks_for_nothing_leaves_what_has_begun_as_it_is() {
    const TRANSPARENT: &str = "version = \"t\"\n[default]\nmode = \"forward\"\n";
    let request = chat(&format!("it is {SSN}"));
    let cut = request.len() - 8;
    let mut lab = Lab::new(POLICY);
    let mut conversation = lab.open(Family::V4, 40_000, 80);
    lab.send(&mut conversation, 0, &request[..cut]);
    lab.set_policy(TRANSPARENT);
    lab.send(&mut conversation, cut, &request[cut..]);
    assert!(conversation.server.delivered().is_reset && !contains(&conversation.server.seen(), SSN));
    // What a later policy finds of it is what it was.
    lab.set_policy(POLICY);
    let mut conversation = lab.open(Family::V4, 40_001, 80);
    lab.send(&mut conversation, 0, &chat("good morning"));
    lab.answer(&mut conversation, 0, chat("good morning").len(), ANSWER);
    for policy in [TRANSPARENT, POLICY, TRANSPARENT] {
        lab.set_policy(policy);
        let at = conversation.server.delivered().bytes.len();
        let answered = conversation.client.delivered().bytes.len();
        lab.send(&mut conversation, at, &chat("good morning"));
        assert_eq!(conversation.server.delivered().bytes.len(), at + chat("good morning").len());
        lab.answer(&mut conversation, answered, at + chat("good morning").len(), ANSWER);
    }
    // Once all that is over, nothing is looked at.
    for _ in 0..4 {
        lab.advance(Duration::from_secs(3 * 3600));
    }
    let flows = |lab: &Lab| lab.worker.counters().flows.iter().sum::<u64>();
    let before = flows(&lab);
    let mut conversation = lab.open(Family::V4, 40_002, 80);
    lab.send(&mut conversation, 0, &request);
    assert_eq!((before, flows(&lab)), (0, 0));
    assert_eq!(conversation.server.delivered().bytes, request);
}

#[test]
fn first_bytes_decide_where_the_rule_asks_for_them() {
    let mut lab = Lab::new(POLICY);
    let hello = b"\x16\x03\x01\x00\x7a\x01\x00\x00\x76\x03\x03 and anything else that follows";
    let mut tls = lab.open(Family::V4, 40_000, 8080);
    for (at, byte) in hello.iter().enumerate() {
        lab.send(&mut tls, at, &[*byte]);
    }
    assert_eq!(tls.server.delivered().bytes, hello);
    lab.answer(&mut tls, 0, hello.len(), b"\x16\x03\x03 anything");
    assert_eq!(tls.client.delivered().bytes, b"\x16\x03\x03 anything");
    let mut http = lab.open(Family::V4, 40_001, 8080);
    lab.send(&mut http, 0, &chat(&format!("it is {SSN}")));
    assert!(http.server.delivered().is_reset && !contains(&http.server.seen(), SSN));
    let mut other = lab.open(Family::V4, 40_002, 8080);
    lab.send(&mut other, 0, b"\0\x01\x02\x03\x04\x05\x06\x07\x08\x09");
    assert!(other.server.delivered().is_reset && other.server.seen().is_empty());
}

#[test]
fn the_last_acknowledgement_of_a_connection_passes() {
    let mut lab = Lab::new(POLICY);
    let mut conversation = lab.open(Family::V4, 40_000, 80);
    let fin = Tcp { fin: true, ..conversation.from_client(0, b"") };
    let frame = conversation.client_frame(&fin);
    lab.client(&mut conversation, &frame);
    let answer =
        Tcp { fin: true, ack: Some(conversation.client_isn.wrapping_add(2)), ..conversation.from_server(0, b"") };
    let frame = conversation.server_frame(&answer);
    lab.server(&mut conversation, &frame);
    assert!(conversation.client.delivered().is_complete && conversation.server.delivered().is_complete);
    let sent = lab.counters().tx_packets;
    let last = Tcp { ack: Some(conversation.server_isn.wrapping_add(2)), ..conversation.from_client(1, b"") };
    let frame = conversation.client_frame(&last);
    lab.client(&mut conversation, &frame);
    assert_eq!(lab.counters().tx_packets, sent + 1);
    assert_eq!(lab.counters().dropped_total(), 0);
    // The address may be used again at once.
    let mut again = lab.open(Family::V4, 40_000, 80);
    let request = chat("hello");
    lab.send(&mut again, 0, &request);
    assert_eq!(again.server.delivered().bytes, request);
}

#[test]
fn early_segments_of_many_flows_leave_room_for_others_and_do_not_wait_for_ever() {
    let config = Config { flow_count_max: 4096, store_bytes_worker_max: 16 << 20, ..Config::default() };
    let mut lab = Lab::with(POLICY, config);
    let early_max = config.stream.early_count_max;
    for port in 0..1000 {
        let conversation = lab.open(Family::V4, 20_000 + port, 80);
        for segment in 0..100 {
            let early = conversation.from_client(100 + segment * 2, b"x");
            lab.device.inject(Side::Inside, &conversation.client_frame(&early));
        }
        lab.run();
    }
    assert!(lab.counters().held_mbufs <= early_max as u64, "{} wait", lab.counters().held_mbufs);
    assert!(lab.dropped(DropReason::EarlyFull) > 0);
    // Somebody else's request still passes, half a match and all.
    let request = chat("write to jane.roe or not, as you like");
    let mut conversation = lab.open(Family::V4, 50_000, 80);
    let (front, back) = request.split_at(request.len() - 30);
    lab.send(&mut conversation, 0, front);
    assert!(lab.counters().held_mbufs > 0);
    lab.send(&mut conversation, front.len(), back);
    assert_eq!(conversation.server.delivered().bytes, request);
    lab.advance(Duration::from_secs(11));
    assert_eq!(lab.counters().held_mbufs, 0);
    assert!(lab.dropped(DropReason::EarlyTimeout) > 1000);
    assert_eq!(lab.leaked(), 0);
}

#[test]
fn what_was_decided_of_a_connection_is_not_true_of_the_next_one_between_the_same_addresses() {
    let hello = b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00";
    let mut lab = Lab::new(POLICY);
    let mut first = lab.open(Family::V4, 40_000, 8080);
    lab.send(&mut first, 0, hello);
    assert!(contains(&first.server.seen(), "\u{16}\u{3}"), "TLS is forwarded here");
    // The same addresses, another number: no FIN, no RST was seen of the first connection.
    let mut second = Conversation::new(first.ends);
    (second.client_isn, second.server_isn) = (7_000_000, 9_000_000);
    (second.server, second.client) = (testkit::Receiver::new(7_000_000), testkit::Receiver::new(9_000_000));
    let (syn, syn_ack) = (second.syn(), second.syn_ack());
    lab.client(&mut second, &syn);
    lab.server(&mut second, &syn_ack);
    lab.send(&mut second, 0, &chat(SSN));
    assert!(!contains(&second.server.seen(), SSN));
    assert_eq!(lab.records.last().unwrap().reason, Some(Reason::Finding));
    assert_eq!(lab.leaked(), 0);
}

#[test]
fn white_space_before_a_request_does_not_make_it_something_else() {
    for start in ["\r\n", " ", "\n\n\n", "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"] {
        let mut lab = Lab::new(
            "version = \"f\"\n[default]\nmode = \"forward\"\n[[flow]]\nname = \"h\"\nmatch = { app = [\"http1\"] }\nmode = \"inspect\"\n[[rule]]\nname = \"s\"\ndetect = [\"US_SSN\"]\naction = \"block\"\n",
        );
        let mut conversation = lab.open(Family::V4, 40_000, 80);
        lab.send(&mut conversation, 0, &[start.as_bytes(), &chat(SSN)].concat());
        assert!(!contains(&conversation.server.seen(), SSN), "{start:?}");
        assert_eq!(lab.leaked(), 0);
    }
}

/// A client that forgot its connection and opens another one between the same addresses.
fn reborn(conversation: &Conversation) -> Conversation {
    let mut reborn = Conversation::new(conversation.ends);
    (reborn.client_isn, reborn.server_isn) = (7_000_000, 9_000_000);
    (reborn.server, reborn.client) = (testkit::Receiver::new(7_000_000), testkit::Receiver::new(9_000_000));
    reborn
}

fn opens(lab: &mut Lab, conversation: &mut Conversation) -> bool {
    let (syn, syn_ack) = (conversation.syn(), conversation.syn_ack());
    lab.client(conversation, &syn);
    lab.server(conversation, &syn_ack);
    let request = chat("good morning");
    lab.send(conversation, 0, &request);
    conversation.server.delivered().bytes == request
}

#[test]
fn a_client_that_lost_its_connection_gets_another_one() {
    // Whether the server has lost it, too: the client is told what is expected, and resets that.
    for request in [&b""[..], &chat("good morning")[..40], &chat("good morning")] {
        let mut lab = Lab::new(POLICY);
        let mut old = lab.open(Family::V4, 40_000, 80);
        lab.send(&mut old, 0, request);
        let mut new = reborn(&old);
        let syn = new.syn();
        lab.device.inject(Side::Inside, &syn);
        lab.run();
        assert!(lab.device.take(Side::Outside).is_none(), "the server is asked when nothing stands any more");
        let challenge = lab.device.take(Side::Inside).unwrap();
        let challenge = testkit::parse_tcp(&challenge).unwrap();
        assert!(!challenge.syn && !challenge.rst && challenge.payload.is_empty());
        assert_eq!(challenge.seq, old.server_isn.wrapping_add(1));
        let reset = Tcp { seq: challenge.ack.unwrap(), rst: true, ack: None, ..Tcp::default() };
        lab.device.inject(Side::Inside, &old.client_frame(&reset));
        lab.run();
        assert!(lab.device.take(Side::Outside).is_some(), "it ends the server's, if that has one");
        assert!(opens(&mut lab, &mut new), "with the SYN that is sent again");
        assert_eq!(lab.leaked(), 0);
    }
}

#[test]
fn who_knows_no_number_of_a_connection_cannot_end_it() {
    let mut lab = Lab::new(POLICY);
    let mut conversation = lab.open(Family::V4, 40_000, 80);
    let blind = reborn(&conversation);
    for _ in 0..3 {
        lab.device.inject(Side::Inside, &blind.syn());
        lab.device.inject(Side::Outside, &blind.syn_ack());
        let guess = Tcp { seq: blind.client_isn.wrapping_add(1), rst: true, ack: None, ..Tcp::default() };
        lab.device.inject(Side::Inside, &conversation.client_frame(&guess));
        lab.run();
    }
    assert!(lab.device.take(Side::Outside).is_none());
    while let Some(frame) = lab.device.take(Side::Inside) {
        conversation.reach_client(&frame);
    }
    assert!(!conversation.client.delivered().is_reset);
    let request = chat("good morning");
    lab.send(&mut conversation, 0, &request);
    assert_eq!(conversation.server.delivered().bytes, request);
    assert_eq!(lab.leaked(), 0);
}

#[test]
fn forwarded_flows_leave_room_for_inspected_ones() {
    let config = Config { flow_count_max: 64, store_bytes_worker_max: 1 << 20, ..Config::default() };
    let mut lab = Lab::with(POLICY, config);
    for port in 0..200 {
        lab.open(Family::V4, 10_000 + port, 22);
    }
    let forwarded = lab.counters().flows[Mode::Forward.index()];
    assert_eq!(forwarded, 48, "six eighths of the table, however many pass");
    let request = chat("good morning");
    for port in 0..16 {
        let mut conversation = lab.open(Family::V4, 40_000 + port, 80);
        lab.send(&mut conversation, 0, &request);
        assert_eq!(conversation.server.delivered().bytes, request);
    }
    assert_eq!(lab.leaked(), 0);
}

#[test]
fn a_flood_of_connections_that_are_never_opened_keeps_nobody_out() {
    let policy = POLICY.replace("ports = [80]", "ports = [80, 8000]");
    for mode in ["inspect", "terminate"] {
        let policy = policy.replacen("mode = \"inspect\"", &format!("mode = \"{mode}\""), 1);
        let config = Config { flow_count_max: 64, store_bytes_worker_max: 1 << 20, ..Config::default() };
        let mut lab = Lab::with(&policy, config);
        let request = chat("good morning");
        let mut first = lab.open(Family::V4, 9_000, 80);
        for port in 0..400 {
            let mut flood = Conversation::new(Ends::new(Family::V4, 10_000 + port, 80));
            let (syn, syn_ack) = (flood.syn(), flood.syn_ack());
            lab.client(&mut flood, &syn);
            if mode == "inspect" {
                lab.server(&mut flood, &syn_ack);
            }
        }
        assert!(lab.counters().openings_displaced >= 400 - 16, "{mode}");
        assert_eq!(lab.dropped(DropReason::HalfOpen), 0, "{mode}: a frame that went on is none that was dropped");
        assert_eq!(lab.dropped(DropReason::FlowTableFull), 0, "{mode}");
        if mode == "inspect" {
            lab.send(&mut first, 0, &request);
            assert_eq!(first.server.delivered().bytes, request, "one that is open goes on");
            let mut next = lab.open(Family::V4, 9_001, 80);
            lab.send(&mut next, 0, &request);
            assert_eq!(next.server.delivered().bytes, request, "one that comes is opened");
        } else {
            let next = Conversation::new(Ends::new(Family::V4, 9_001, 80));
            let syn = next.syn();
            lab.device.inject(Side::Inside, &syn);
            lab.run();
            assert!(lab.device.take(Side::Outside).is_some(), "the server is asked");
        }
        assert_eq!(lab.leaked(), 0);
    }
}

#[test]
fn a_request_in_segments_of_one_byte_the_last_one_first_is_read() {
    let secret = chat("my number is 078-05-1120, or 219-09-9998");
    let request = chat("good morning, this is a text of a few hundred bytes".repeat(4).as_str());
    for (sent, passes) in [(request, true), (secret, false)] {
        let mut lab = Lab::new(POLICY);
        let mut conversation = lab.open(Family::V4, 40_000, 80);
        for at in (0..sent.len()).rev() {
            lab.send(&mut conversation, at, &sent[at..=at]);
        }
        let delivered = conversation.server.delivered().bytes;
        assert_eq!(delivered == sent, passes, "{} of {}", delivered.len(), sent.len());
        assert_eq!(lab.dropped(DropReason::EarlyFull), 0);
        assert_eq!(lab.leaked(), 0);
    }
}

#[test]
fn a_connection_that_the_policy_blocks_is_recorded_as_far_as_the_rate_allows() {
    let mut lab = Lab::new(POLICY);
    let attempt = |lab: &mut Lab, port| {
        let mut conversation = Conversation::new(Ends::new(Family::V4, port, 9999));
        let syn = conversation.syn();
        lab.client(&mut conversation, &syn);
        assert!(conversation.client.delivered().is_reset);
    };
    for port in 0..250 {
        attempt(&mut lab, 20_000 + port);
    }
    assert_eq!((lab.records.len(), lab.counters().flows_unrecorded), (100, 150));
    let first = &lab.records[0];
    assert_eq!((first.kind, first.verdict), (RecordKind::Flow, Verdict::Block));
    assert_eq!((first.reason, first.client.port(), first.server.port()), (Some(Reason::PolicyBlocked), 20_000, 9999));
    lab.advance(Duration::from_millis(20));
    attempt(&mut lab, 30_000);
    assert_eq!(lab.records.len(), 101);
    assert_eq!(lab.dropped(DropReason::PolicyBlocked), 251);
}

/// An answer of a DNS server with one HTTPS record: application protocols, and `ech` (RFC 9460, parameters 1 and 5).
fn https_answer(ech: &[u8]) -> Vec<u8> {
    let name = b"\x03api\x06openai\x03com\0";
    let value = |key: u8, value: &[u8]| [&[0, key, 0, value.len() as u8], value].concat();
    let data = [&[0, 1, 0][..], &value(1, b"\x02h2"), &value(5, ech)].concat();
    let record = [&[0xc0, 12, 0, 65, 0, 1, 0, 0, 1, 44, 0, data.len() as u8][..], &data].concat();
    [&[0xab, 0xcd, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0][..], name, &[0, 65, 0, 1], &record].concat()
}

const QUESTION: &[u8] = b"\xab\xcd\x01\0\0\x01\0\0\0\0\0\0\x03api\x06openai\x03com\0\0\x41\0\x01";

#[test]
fn answers_of_dns_offer_no_encrypted_hellos_where_tls_is_opened() {
    let frame = |side: Side, payload: &[u8], family: Family| {
        let (inside, outside) = ((5000, 10), (53, 53));
        let ((source, from), (destination, to)) =
            if side == Side::Inside { (inside, outside) } else { (outside, inside) };
        let builder = etherparse::PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]);
        let builder = match family {
            Family::V4 => builder.ipv4([10, 0, 0, from], [10, 0, 0, to], 64),
            Family::V6 => {
                let host = |last| [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
                builder.ipv6(host(from), host(to), 64)
            }
        };
        let mut frame = Vec::new();
        builder.udp(source, destination).write(&mut frame, payload).unwrap();
        frame
    };
    let opens = "version = \"a\"\n[[flow]]\nname = \"t\"\nmatch = { protocol = \"tcp\", ports = [443], sni = [\"@ai\"] }\n\
                 mode = \"terminate\"\n";
    let key = b"encrypted hello key";
    for family in [Family::V4, Family::V6] {
        for (policy, is_opened) in [(opens, true), ("version = \"b\"\n", false)] {
            let mut lab = Lab::new(policy);
            lab.device.inject(Side::Inside, &frame(Side::Inside, QUESTION, family));
            lab.run();
            assert!(lab.device.take(Side::Outside).is_some());
            let answer = frame(Side::Outside, &https_answer(key), family);
            lab.device.inject(Side::Outside, &answer);
            lab.run();
            let passed = lab.device.take(Side::Inside).unwrap();
            assert_eq!(passed.len(), answer.len());
            assert_eq!(passed.windows(key.len()).any(|window| window == key), !is_opened);
            assert_eq!(passed == answer, !is_opened);
            assert!(passed.windows(2).any(|window| window == b"h2"), "what else it says stays");
            let sliced = etherparse::SlicedPacket::from_ethernet(&passed).unwrap();
            let Some(etherparse::TransportSlice::Udp(udp)) = sliced.transport else { panic!("no UDP") };
            let expected = match sliced.net.unwrap() {
                etherparse::NetSlice::Ipv4(ip) => {
                    udp.to_header().calc_checksum_ipv4(&ip.header().to_header(), udp.payload()).unwrap()
                }
                etherparse::NetSlice::Ipv6(ip) => {
                    udp.to_header().calc_checksum_ipv6(&ip.header().to_header(), udp.payload()).unwrap()
                }
                etherparse::NetSlice::Arp(_) => panic!("no IP"),
            };
            assert_eq!(udp.checksum(), expected);
            assert_eq!(lab.counters().ech_removed, u64::from(is_opened));
            // What clients could read in two ways does not pass in either case.
            let whole = https_answer(key);
            lab.device.inject(Side::Outside, &frame(Side::Outside, &whole[..whole.len() - 1], family));
            lab.run();
            assert!(lab.device.take(Side::Inside).is_none());
            assert_eq!(lab.dropped(DropReason::DnsMessage), u64::from(is_opened));
            assert_eq!(lab.dropped(DropReason::EssentialForm), u64::from(!is_opened));
            assert_eq!(lab.leaked(), 0);
        }
    }
}

#[test]
fn datagrams_obey_a_stricter_policy_at_once() {
    let udp = |side: Side| {
        let (from, to) = ([10, 1, 0, 1], [10, 2, 0, 2]);
        let (from, to, source, destination) =
            if side == Side::Inside { (from, to, 5000, 9999) } else { (to, from, 9999, 5000) };
        let mut frame = Vec::new();
        etherparse::PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2])
            .ipv4(from, to, 64)
            .udp(source, destination)
            .write(&mut frame, b"hello")
            .unwrap();
        frame
    };
    let allowed =
        "version = \"a\"\n[[flow]]\nname = \"u\"\nmatch = { protocol = \"udp\", ports = [9999] }\nmode = \"forward\"\n";
    let mut lab = Lab::new(allowed);
    let passes = |lab: &mut Lab, side: Side| {
        lab.device.inject(side, &udp(side));
        lab.run();
        lab.device.take(side.opposite()).is_some()
    };
    assert!(passes(&mut lab, Side::Inside) && passes(&mut lab, Side::Outside));
    lab.set_policy("version = \"b\"\n");
    assert!(!passes(&mut lab, Side::Outside) && !passes(&mut lab, Side::Inside));
    lab.set_policy(allowed);
    assert!(!passes(&mut lab, Side::Outside), "nobody inside has asked");
    assert!(passes(&mut lab, Side::Inside) && passes(&mut lab, Side::Outside));
    assert_eq!(lab.leaked(), 0);
}

#[test]
fn a_timer_of_the_flow_does_not_make_it_outlive_a_stricter_policy() {
    for is_owed in [false, true] {
        let mut lab = Lab::new(POLICY);
        let mut conversation = lab.open(Family::V4, 40_000, 80);
        let head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n";
        lab.send(&mut conversation, 0, &[&head[..], b"mail jane"].concat());
        let held = head.len() + 5;
        if is_owed {
            // The held tail comes again: from now on the appliance owes it and sends it again.
            lab.send(&mut conversation, held, b"jane");
        }
        lab.send(&mut conversation, held + 4, b" and others");
        lab.set_policy("version = \"2\"\n");
        for step in 0..70 {
            lab.send(&mut conversation, held + 15 + step, b"x");
            lab.advance(Duration::from_millis(100));
        }
        assert_eq!(lab.counters().blocked[Reason::PolicyChanged.index()], 1, "owed: {is_owed}");
        assert_eq!(lab.leaked(), 0);
    }
}

#[test]
fn a_flow_told_by_its_first_bytes_does_not_outlive_a_stricter_policy() {
    let policy = |mode: &str| {
        format!("version = \"{mode}\"\n[[flow]]\nname = \"h\"\nmatch = {{ app = [\"http1\"] }}\nmode = \"{mode}\"\n")
    };
    let head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n";
    for (mode, count) in [("block", 1), ("inspect", 0)] {
        let mut lab = Lab::new(&policy("inspect"));
        let mut conversation = lab.open(Family::V4, 40_000, 80);
        lab.send(&mut conversation, 0, head);
        lab.set_policy(&policy(mode));
        for step in 0..70 {
            lab.send(&mut conversation, head.len() + step, b"x");
            lab.advance(Duration::from_millis(100));
        }
        assert_eq!(lab.counters().blocked[Reason::PolicyChanged.index()], count, "{mode}");
        assert_eq!(lab.leaked(), 0);
    }
}

#[test]
fn a_blocked_address_is_free_again_however_often_it_is_tried() {
    let mut lab = Lab::new(POLICY);
    let mut conversation = lab.open(Family::V4, 40_000, 80);
    lab.send(&mut conversation, 0, &chat(&format!("it is {SSN}")));
    for _ in 0..14 {
        lab.advance(Duration::from_secs(5));
        lab.device.inject(Side::Inside, &conversation.syn());
        lab.run();
    }
    assert!(lab.device.take(Side::Outside).is_some(), "the last of them opens a connection");
    assert_eq!(lab.leaked(), 0);
}
