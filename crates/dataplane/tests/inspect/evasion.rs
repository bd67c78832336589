//! Every form of a request in which a secret might slip through, and its clean twin.

use crate::lab::{CARD, EMAIL, KEY, Lab, POLICY, SSN, chat, contains, post};
use net::Side;
use proptest::prelude::*;
use testkit::{Conversation, Delivered, Ends, Family, Random, Tcp, fragment, tagged};

/// Sends pieces of a request as segments at their offsets and returns what the server got.
fn exchange(pieces: &[(usize, &[u8])]) -> (Delivered, Vec<u8>, Lab) {
    let mut lab = Lab::new(POLICY);
    let mut conversation = lab.open(Family::V4, 40_000, 80);
    for (at, piece) in pieces {
        lab.send(&mut conversation, *at, piece);
    }
    (conversation.server.delivered(), conversation.server.seen(), lab)
}

fn in_pieces(request: &[u8], size: usize) -> Vec<(usize, &[u8])> {
    request.chunks(size).enumerate().map(|(number, piece)| (number * size, piece)).collect()
}

fn assert_blocked(request: &[u8], pieces: &[(usize, &[u8])], secret: &str) {
    let (delivered, seen, lab) = exchange(pieces);
    assert!(!contains(&seen, secret), "the secret reached the server");
    assert!(delivered.bytes.len() < request.len(), "the request was completed");
    assert!(delivered.is_reset, "the server was not told");
    let last = lab.records.last().unwrap();
    assert_eq!(last.verdict, policy::Verdict::Block);
    assert_eq!(lab.leaked(), 0);
}

#[test]
fn a_secret_is_blocked_whole_and_in_pieces_of_every_size() {
    let key = KEY.replace('"', "");
    for secret in [SSN, CARD, &key] {
        let request = chat(&format!("please remember {secret} for me"));
        for size in [1, 2, 3, 5, 7, 16, 50, request.len()] {
            assert_blocked(&request, &in_pieces(&request, size), secret);
        }
    }
}

#[test]
fn a_secret_is_blocked_when_cut_in_two_at_any_byte() {
    let request = chat(&format!("please remember {SSN} for me"));
    for cut in 1..request.len() {
        let (front, back) = request.split_at(cut);
        assert_blocked(&request, &[(0, front), (cut, back)], SSN);
        assert_blocked(&request, &[(cut, back), (0, front)], SSN);
    }
}

#[test]
fn a_secret_is_blocked_when_segments_come_in_reverse() {
    let request = chat(&format!("please remember {SSN} for me"));
    let mut pieces = in_pieces(&request, 9);
    pieces.reverse();
    assert_blocked(&request, &pieces, SSN);
}

#[test]
fn a_secret_is_blocked_when_segments_come_twice() {
    let request = chat(&format!("please remember {SSN} for me"));
    let pieces: Vec<_> = in_pieces(&request, 9).into_iter().flat_map(|piece| [piece, piece]).collect();
    assert_blocked(&request, &pieces, SSN);
}

#[test]
fn overlapping_segments_with_other_bytes_have_one_reading() {
    let honest = chat("please remember 000-00-0000 for me");
    let evil = chat(&format!("please remember {SSN} for me"));
    assert_eq!(honest.len(), evil.len());
    let at = honest.windows(11).position(|window| window == b"000-00-0000").unwrap();
    let (middle, end) = (at + 5, at + 11);
    // The honest bytes first, then the same range with a secret in it, and the other way round; in
    // order and as early segments.
    for (first, second) in [(&honest, &evil), (&evil, &honest)] {
        let in_order = [(0, &first[..middle]), (at, &second[at..end]), (middle, &second[middle..])];
        let early = [(at, &first[at..end]), (middle, &second[middle..]), (0, &second[..middle])];
        for pieces in [in_order, early] {
            let (delivered, seen, lab) = exchange(&pieces);
            assert!(!contains(&seen, SSN) && !contains(&delivered.bytes, SSN));
            assert_eq!(lab.leaked(), 0);
        }
    }
}

#[test]
fn clean_requests_pass_byte_exact_in_every_form() {
    let request = chat("a question without anything in it, at 12:30 on 2024-05-17, order 5369-0439");
    for size in [1, 2, 7, 50, request.len()] {
        let (delivered, _, lab) = exchange(&in_pieces(&request, size));
        assert_eq!(delivered.bytes, request);
        assert!(!delivered.is_reset);
        assert_eq!(lab.leaked(), 0);
    }
    let mut reversed = in_pieces(&request, 40);
    reversed.reverse();
    assert_eq!(exchange(&reversed).0.bytes, request);
}

#[test]
fn chunked_bodies_are_read_through_their_framing() {
    let body = format!(r#"{{"messages":[{{"role":"user","content":"it is {SSN}"}}]}}"#);
    for size in [1, 3, 10, body.len()] {
        let mut request =
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        for chunk in body.as_bytes().chunks(size) {
            request.extend(format!("{:x};note=x\r\n", chunk.len()).bytes());
            request.extend(chunk);
            request.extend(b"\r\n");
        }
        request.extend(b"0\r\n\r\n");
        for pieces in [1, 11, request.len()] {
            assert_blocked(&request, &in_pieces(&request, pieces), SSN);
        }
    }
}

#[test]
fn escapes_numbers_keys_and_duplicates_are_read() {
    let escaped: String = SSN.bytes().map(|byte| format!("\\u00{byte:02x}")).collect();
    let bodies = [
        format!(r#"{{"messages":[{{"content":"{escaped}"}}]}}"#),
        r#"{"messages":[],"ssn":536904399}"#.to_owned(),
        r#"{"messages":[],"ssn":5.36904399e8}"#.to_owned(),
        r#"{"messages":[],"n":4111111111111111}"#.to_owned(),
        format!(r#"{{"messages":[],"{SSN}":1}}"#),
        format!(r#"{{"a":"x","a":"{SSN}","a":"y"}}"#),
        format!(r#"{{"deep":[[[[[[{{"x":["{SSN}"]}}]]]]]]}}"#),
        r#"{"messages":[{"content":[{"type":"text","text":"536-90-"},{"type":"text","text":"4399"}]}]}"#.to_owned(),
    ];
    for body in bodies {
        let request = post(&body);
        for size in [1, 4, request.len()] {
            assert_blocked(&request, &in_pieces(&request, size), SSN);
        }
    }
}

#[test]
fn paths_queries_headers_trailers_and_extensions_are_read() {
    let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let requests = [
        format!("GET /{SSN} HTTP/1.1\r\nHost: a\r\n\r\n"),
        format!("GET /?q={SSN} HTTP/1.1\r\nHost: a\r\n\r\n"),
        "GET /?q=536%2D90%2D4399 HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        format!("GET / HTTP/1.1\r\nHost: a\r\nX-Note: {SSN}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: a\r\nX-{SSN}: x\r\n\r\n"),
        format!("{chunked}3;n={SSN}\r\nabc\r\n0\r\n\r\n"),
        format!("{chunked}3\r\nabc\r\n0\r\nX-Note: {SSN}\r\n\r\n"),
        format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 19\r\n\r\nplain {SSN}. "),
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 17\r\n\r\nx=536%2d90%2d4399".to_owned(),
    ];
    for request in requests {
        let request = request.into_bytes();
        for size in [1, 13, request.len()] {
            assert_blocked(&request, &in_pieces(&request, size), SSN);
        }
    }
}

#[test]
fn a_key_passes_to_its_own_provider_only() {
    let head = |host: &str, field: &str| {
        format!("POST /v1/chat/completions HTTP/1.1\r\nHost: {host}\r\n{field}\r\nContent-Length: 2\r\n\r\n{{}}")
            .into_bytes()
    };
    let anthropic = "sk-ant-api03-Zk3vT9xQw2LmN8bR5cY7dF1gH4jK6pS0aUeIoXyVtWqBzCrMZk3vT9xQw2LmN8bR5cY7dF1gH4jK6pS0aUeIoXyVtWq-AbCdEfGh1AA";
    let passes = [
        head("api.openai.com", &format!("Authorization: Bearer {KEY}")),
        head("10.2.0.2", &format!("Authorization: Bearer {KEY}")),
        head("api.anthropic.com", &format!("x-api-key: {anthropic}")),
    ];
    for request in passes {
        let (delivered, _, lab) = exchange(&in_pieces(&request, request.len()));
        assert_eq!(delivered.bytes, request, "{}", String::from_utf8_lossy(&request));
        assert!(lab.records[0].credential.is_some());
    }
    let blocked = [
        (head("api.anthropic.com", &format!("Authorization: Bearer {KEY}")), KEY),
        (head("evil.example.com", &format!("Authorization: Bearer {KEY}")), KEY),
        (head("api.openai.com", &format!("x-api-key: {anthropic}")), anthropic),
        (head("api.openai.com", &format!("X-Other: {KEY}")), KEY),
    ];
    for (request, key) in blocked {
        assert_blocked(&request, &in_pieces(&request, request.len()), key);
    }
}

#[test]
fn ipv6_vlan_and_fragments_hide_nothing() {
    let request = chat(&format!("please remember {SSN} for me"));
    let clean = chat("please remember my dog for me, it is a good one");
    for (family, tags) in
        [(Family::V6, &[][..]), (Family::V4, &[(0x8100, 7)]), (Family::V4, &[(0x88a8, 7), (0x8100, 9)])]
    {
        for (bytes, is_clean) in [(&request, false), (&clean, true)] {
            let mut lab = Lab::new(POLICY);
            let mut conversation = Conversation::new(Ends::new(family, 40_000, 80));
            let tag = |frame: Vec<u8>| tagged(&frame, tags);
            let untag = |frame: Vec<u8>| [&frame[..12], &frame[12 + 4 * tags.len()..]].concat();
            for (side, frame) in [
                (Side::Inside, conversation.syn()),
                (Side::Outside, conversation.syn_ack()),
                (Side::Inside, conversation.client_frame(&conversation.from_client(0, b""))),
                (Side::Inside, conversation.client_frame(&conversation.from_client(0, bytes))),
            ] {
                lab.device.inject(side, &tag(frame));
                lab.run();
                while let Some(frame) = lab.device.take(Side::Outside) {
                    conversation.reach_server(&untag(frame));
                }
                while let Some(frame) = lab.device.take(Side::Inside) {
                    conversation.reach_client(&untag(frame));
                }
            }
            assert!(!contains(&conversation.server.seen(), SSN));
            assert_eq!(conversation.server.delivered().bytes == clean, is_clean, "{family:?} {tags:?}");
            assert_eq!(lab.leaked(), 0);
        }
    }
}

#[test]
fn fragments_are_put_together_and_leave_no_larger_than_they_came() {
    for (content, is_clean) in [("please remember my dog for me, it is a good one", true), (SSN, false)] {
        let request = chat(content);
        for reversed in [false, true] {
            let mut lab = Lab::new(POLICY);
            let mut conversation = lab.open(Family::V4, 40_000, 80);
            let frame = conversation.client_frame(&conversation.from_client(0, &request));
            let mut pieces = fragment(&frame, 64);
            if reversed {
                pieces.reverse();
            }
            for piece in &pieces {
                lab.device.inject(Side::Inside, piece);
            }
            lab.run();
            let mut sent = Vec::new();
            while let Some(frame) = lab.device.take(Side::Outside) {
                assert!(frame.len() <= 14 + 20 + 64);
                sent.push(frame);
            }
            lab.deliver(&mut conversation);
            let bytes: Vec<u8> = sent.iter().flat_map(|frame| frame[34..].to_vec()).collect();
            assert_eq!(contains(&bytes, "my dog"), is_clean);
            assert!(!contains(&bytes, SSN));
            if is_clean {
                assert_eq!(sent.len(), pieces.len());
                assert_eq!(bytes[20..], request[..]);
            }
            assert_eq!(lab.leaked(), 0);
        }
    }
}

#[test]
fn overlapping_fragments_drop_the_datagram() {
    let mut lab = Lab::new(POLICY);
    let conversation = lab.open(Family::V4, 40_000, 80);
    let frame = conversation.client_frame(&conversation.from_client(0, &chat("nothing in it at all")));
    let pieces = fragment(&frame, 64);
    lab.device.inject(Side::Inside, &pieces[0]);
    lab.device.inject(Side::Inside, &pieces[0]);
    pieces[1..].iter().for_each(|piece| lab.device.inject(Side::Inside, piece));
    lab.run();
    assert!(lab.device.take(Side::Outside).is_none());
    assert!(lab.dropped(net::DropReason::FragmentOverlap) > 1);
    assert_eq!(lab.leaked(), 0);
}

#[test]
fn pipelined_requests_behind_a_blocked_one_are_discarded() {
    let mut request = chat(&format!("it is {SSN}"));
    request.extend(chat("hello there"));
    let (delivered, seen, _) = exchange(&in_pieces(&request, request.len()));
    assert!(!contains(&seen, "hello there") && !contains(&seen, SSN));
    assert!(delivered.is_reset);
}

#[test]
fn what_is_no_http_or_is_tls_or_http2_is_blocked_on_an_inspected_port() {
    for first in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"SSH-2.0-x\r\n",
        b"\0\0\0\0\0\0\0\0",
    ] {
        let (delivered, _, lab) = exchange(&in_pieces(first, first.len()));
        assert!(delivered.bytes.is_empty() && delivered.is_reset, "{first:?}");
        assert_eq!(lab.records.last().unwrap().reason, Some(policy::Reason::ProtocolUnknown));
    }
}

#[test]
fn segments_that_do_not_fit_the_connection_are_not_forwarded() {
    let mut lab = Lab::new(POLICY);
    let mut conversation = lab.open(Family::V4, 40_000, 80);
    let good = conversation.from_client(0, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    let bad = [
        Tcp { seq: good.seq.wrapping_add(70_000), ..good.clone() },
        Tcp { ack: Some(conversation.server_isn.wrapping_add(500)), ..good.clone() },
        Tcp { urg: true, ..good.clone() },
        Tcp { ack: None, rst: true, seq: good.seq.wrapping_add(1), payload: Vec::new(), ..good.clone() },
        Tcp { syn: true, ..good.clone() },
        Tcp { syn: true, fin: true, ..good.clone() },
        Tcp { ack: None, ..good.clone() },
    ];
    for segment in bad {
        let frame = conversation.client_frame(&segment);
        lab.client(&mut conversation, &frame);
        assert_eq!(conversation.server.seen(), b"", "{segment:?}");
        assert!(!conversation.server.delivered().is_reset, "{segment:?}");
    }
    let mut broken = conversation.client_frame(&good);
    *broken.last_mut().unwrap() ^= 1;
    lab.client(&mut conversation, &broken);
    assert_eq!(lab.dropped(net::DropReason::TransportChecksum), 1);
    let frame = conversation.client_frame(&good);
    lab.client(&mut conversation, &frame);
    assert_eq!(conversation.server.delivered().bytes, good.payload);
}

#[test]
fn a_flow_that_was_not_seen_from_its_syn_is_reset() {
    let mut lab = Lab::new(POLICY);
    let mut conversation = Conversation::new(Ends::new(Family::V4, 40_000, 80));
    lab.send(&mut conversation, 0, &chat("hello"));
    assert_eq!(conversation.server.seen(), b"");
    assert!(conversation.client.delivered().is_reset);
}

#[test]
fn a_finding_late_in_a_long_text_is_masked_where_it_stands() {
    for seed in 1..100 {
        let mut random = Random::new(seed);
        let filler = String::from_utf8(crate::lossy::text(&mut random, 4000)).unwrap();
        let request = chat(&format!("{filler} {EMAIL} then"));
        let mut pieces = Vec::new();
        let mut at = 0;
        while at < request.len() {
            let end = (at + 1 + random.below(1447) as usize).min(request.len());
            pieces.push((at, &request[at..end]));
            at = end;
        }
        let (delivered, _, _) = exchange(&pieces);
        let expected = String::from_utf8(request.clone()).unwrap().replace(EMAIL, "[REDACTED]**********");
        assert_eq!(String::from_utf8(delivered.bytes).unwrap(), expected, "seed {seed}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_split_order_and_repetition_gives_the_same_verdict(
        cuts in proptest::collection::vec(1usize..400, 0..12),
        order in proptest::collection::vec(any::<u16>(), 24),
        content in prop_oneof![Just("a clean question of someone"), Just("my number is 536-90-4399, keep it"), Just("mail \\u006aane.roe@example.org now")],
    ) {
        let request = chat(content);
        let mut cuts: Vec<usize> = cuts.into_iter().filter(|cut| *cut < request.len()).collect();
        cuts.extend([0, request.len()]);
        cuts.sort_unstable();
        cuts.dedup();
        let mut pieces: Vec<(usize, &[u8])> = cuts.windows(2).map(|ends| (ends[0], &request[ends[0]..ends[1]])).collect();
        let again = pieces.clone();
        pieces.extend(again.iter().take(3));
        let mut keyed: Vec<_> = pieces.into_iter().zip(order.iter().cycle()).collect();
        keyed.sort_by_key(|(_, key)| **key);
        let pieces: Vec<_> = keyed.into_iter().map(|(piece, _)| piece).collect();
        let (delivered, seen, lab) = exchange(&pieces);
        prop_assert!(!contains(&seen, SSN));
        prop_assert!(!contains(&seen, EMAIL) && !contains(&seen, "ane.roe@"));
        if content.starts_with("a clean") {
            prop_assert_eq!(delivered.bytes, request);
        } else if content.starts_with("mail") {
            prop_assert_eq!(delivered.bytes.len(), request.len());
            prop_assert!(contains(&delivered.bytes, "[REDACTED]"));
        } else {
            prop_assert!(delivered.is_reset);
        }
        prop_assert_eq!(lab.leaked(), 0);
    }
}
