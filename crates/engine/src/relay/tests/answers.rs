//! Answers on their way.

use super::lab::{EMAIL, Lab, OK, SSN, chat, chunked};
use crate::CloseKind;
use net::Direction;
use policy::{Policy, Reason};
use std::sync::Arc;

/// What makes an answer long enough for an error to fit in its place.
const TAIL: &str = "and so on, and on, and on, and on, and on, and on, and on, and on, and on, and on, and on.";
const STREAM: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

fn event(text: &str) -> String {
    format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n")
}

#[test]
fn every_event_of_a_stream_leaves_once_the_next_shows_that_it_may() {
    let mut lab = Lab::new();
    lab.up(chat("good morning")).down(STREAM);
    let mut sent = STREAM.to_owned();
    // A word may be the first of an address that is spelled out ("how at example dot com").
    for word in ["How ", "are ", "you? ", "I am fine, thanks. "] {
        let event = event(word);
        let chunk = format!("{:x}\r\n{event}\r\n", event.len());
        lab.down(&chunk);
        assert!(lab.client_text().starts_with(&sent), "{} behind {sent}", lab.client_text());
        sent += &chunk;
    }
    lab.down("0\r\n\r\n");
    assert_eq!(lab.client_text(), sent + "0\r\n\r\n");
}

#[test]
fn an_address_that_comes_letter_by_letter_is_covered() {
    let mut lab = Lab::new();
    let events: String =
        "write to jane.doe.roe@mail.example.org please".chars().map(|letter| event(&letter.to_string())).collect();
    lab.up(chat("who?")).down(format!("{STREAM}{}", chunked(&events, 1000, "")));
    let text = lab.client_text();
    let read: String = text.split("\"content\":\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(read.starts_with("write to ") && read.ends_with(" please"), "{read}");
    assert!(!read.contains('@') && !read.contains("jane") && !read.contains("example"), "{read}");
    assert_eq!(lab.last().verdict, policy::Verdict::Redact);
}

#[test]
fn a_finding_over_several_events_is_covered() {
    let mut lab = Lab::new();
    let parts = ["write to jane.", "roe@exam", "ple.org please"].map(event);
    let framed = |parts: [String; 3]| format!("{STREAM}{}", chunked(&parts.concat(), 1000, ""));
    lab.up(chat("who?")).down(framed(parts));
    let text = lab.client_text();
    assert!(!text.contains("jane") && !text.contains("roe@exam") && !text.contains("ple.org"), "{text}");
    assert!(text.contains("please"));
}

#[test]
fn an_answer_with_a_length_keeps_it() {
    let mut lab = Lab::new();
    let answer = |body: &str| format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    lab.up(chat("who?")).down(answer(&format!("ask {EMAIL} then")));
    assert_eq!(lab.client_text(), answer("ask [REDACTED]********** then"));
}

#[test]
fn answers_without_a_body_are_told_apart() {
    let mut lab = Lab::new();
    let head = "HEAD /v1/models HTTP/1.1\r\nHost: a\r\n\r\n";
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n";
    lab.up(head).down(answer).up(chat("a")).down("HTTP/1.1 204 No Content\r\n\r\n");
    lab.up(chat("b")).down("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n").up(chat("c")).down(OK);
    assert!(lab.client_text().ends_with(OK));
    assert_eq!(lab.server_text(), format!("{head}{}{}{}", chat("a"), chat("b"), chat("c")));
}

#[test]
fn an_answer_until_the_end_ends_with_the_connection() {
    let mut lab = Lab::new();
    let answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nall of it";
    lab.up(chat("a")).down(answer).eof(Direction::Downstream);
    assert_eq!(lab.client_text(), answer);
    assert_eq!(lab.closes, [(Direction::Upstream, CloseKind::Clean), (Direction::Downstream, CloseKind::Clean)]);
    lab.close();
}

#[test]
fn a_violating_answer_is_cut_off_with_a_reset() {
    let mut lab = Lab::new();
    lab.up(chat("who?")).down(format!("{STREAM}{}", chunked(&event(SSN), 1000, "")));
    assert!(!lab.client_text().contains(SSN));
    assert_eq!(lab.last().reason, Some(Reason::Finding));
    assert!(lab.closes.contains(&(Direction::Upstream, CloseKind::Reset)));
}

/// An answer that streams `events` and its head alone, in whatever framing.
fn framings(media: &str, events: &[String]) -> [(String, String); 4] {
    let body = events.concat();
    let head = |framing: &str| format!("HTTP/1.1 200 OK\r\nContent-Type: {media}\r\n{framing}\r\n");
    let chunked_head = head("Transfer-Encoding: chunked\r\n");
    let each: String = events.iter().map(|event| format!("{:x}\r\n{event}\r\n", event.len())).collect();
    let length = head(&format!("Content-Length: {}\r\n", body.len()));
    [
        (chunked_head.clone(), format!("{each}0\r\n\r\n")),
        (chunked_head, chunked(&body, 1000, "")),
        (length, body.clone()),
        (head("Connection: close\r\n"), body),
    ]
}

/// The body of an answer that a client reads as its head says; it has to be whole.
fn body(answer: &[u8]) -> String {
    let mut decoder = decode::http1::ResponseDecoder::new();
    decoder.expect(decode::http1::Method::Post);
    let mut input = decode::Input::new(0, answer);
    let (mut body, mut is_whole) = (Vec::new(), false);
    while let Some(event) = decoder.next(&mut input).unwrap() {
        match event {
            decode::http1::Event::Body { bytes, .. } => body.extend_from_slice(bytes),
            decode::http1::Event::End => {
                is_whole = true;
                break;
            }
            decode::http1::Event::Head
            | decode::http1::Event::ChunkExtension { .. }
            | decode::http1::Event::Trailers => {}
        }
    }
    is_whole |= decoder.handle_eof().is_ok();
    assert!(is_whole && input.is_empty(), "{}", String::from_utf8_lossy(answer));
    String::from_utf8(body).unwrap()
}

#[test]
fn a_stream_that_is_blocked_ends_with_an_error_of_its_provider() {
    let words = ["Good ", "morning. ", "Her number is ", SSN, " as you know. ", "Bye."].map(event);
    for (head, rest) in framings("text/event-stream", &words) {
        for pieces in [1, 7, 100, 9999] {
            let mut lab = Lab::new();
            lab.up(chat("who?")).down(&head);
            for piece in rest.as_bytes().chunks(pieces) {
                lab.down(piece);
            }
            let told = body(&lab.client);
            assert!(!told.contains(SSN) && !told.contains("Bye"), "{told}");
            let last = told.trim_end().lines().last().unwrap();
            assert!(last.starts_with("data: {\"error\":{\"message\":\"Blocked by Sovereign: finding"), "{told}");
            assert!(told.ends_with("}\n\n"), "{told}");
            let whole: Vec<&str> = told.split("\n\n").filter(|event| !event.is_empty()).collect();
            assert!(whole[..whole.len() - 1].iter().zip(&words).all(|(told, word)| *told == word.trim_end()), "{told}");
            assert!(pieces > 100 || whole.len() > 2, "{told}");
            assert!(lab.closes.contains(&(Direction::Downstream, CloseKind::Clean)), "{:?}", lab.closes);
            assert!(lab.closes.contains(&(Direction::Upstream, CloseKind::Reset)), "{:?}", lab.closes);
            assert_eq!((lab.last().reason, lab.last().status), (Some(Reason::Finding), 200));
        }
    }
}

#[test]
fn so_do_lines_of_json_and_events_of_others() {
    let line = |text: &str| format!("{{\"message\":{{\"content\":\"{text}\"}},\"done\":false}}\n");
    let ask = |path: &str, body: &str| {
        format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    };
    let messages = r#"{"model":"m","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"who?"}]}"#;
    let cases = [
        (ask("/api/chat", messages), "application/x-ndjson", ["Good ", SSN, TAIL].map(line), "{\"error\":\"Blocked"),
        (
            ask("/v1/messages", messages),
            "text/event-stream",
            ["Good ", SSN, TAIL].map(event),
            "event: error\ndata: {\"type\":\"error\"",
        ),
    ];
    for (request, media, units, error) in cases {
        for (head, rest) in framings(media, &units) {
            let mut lab = Lab::new();
            lab.up(&request).down(&head).down(&rest);
            let told = body(&lab.client);
            assert!(told.trim_start_matches([':', ' ', '\n']).starts_with(error) && !told.contains(SSN), "{told}");
        }
    }
}

#[test]
fn half_an_event_goes_with_the_end_of_its_server() {
    for (head, rest) in framings("text/event-stream", &["Good morning. ", "And more. ", "And still more."].map(event))
        .into_iter()
        .skip(1)
    {
        let half = &rest[..rest.len() - 30];
        let mut lab = Lab::new();
        lab.up(chat("who?")).down(&head).down(half);
        let sent = lab.client_text();
        assert!(sent.len() < head.len() + half.len() && sent.len() > head.len(), "{sent}");
        lab.eof(Direction::Downstream);
        assert_eq!(lab.client_text(), format!("{head}{half}"));
    }
}

#[test]
fn a_long_event_goes_as_it_comes() {
    let mut lab = Lab::new();
    let long = event(&"all is well ".repeat(4000));
    lab.up(chat("who?")).down(format!("{STREAM}{:x}\r\n", long.len()));
    lab.down(&long[..long.len() - 9]);
    assert!(lab.client.len() > 40_000, "{}", lab.client.len());
    lab.down(format!("{}\r\n", &long[long.len() - 9..]));
    // What ends in a word waits for the next one.
    let chunk = |text: &str| format!("{:x}\r\n{}\r\n", event(text).len(), event(text));
    lab.down(chunk("That is all. ")).down(chunk(SSN)).down("0\r\n\r\n");
    let told = body(&lab.client);
    assert!(told.starts_with(&long) && told.ends_with("\n\n") && told.contains("Blocked"));
}

#[test]
fn a_stream_of_nothing_that_makes_sense_passes_where_nobody_reads_it() {
    let mut lab = Lab::new();
    let rules = "version = \"up\"\n[[rule]]\nname = \"a\"\ndetect = [\"US_SSN\"]\naction = \"block\"\n";
    lab.engine.set_policy(Arc::new(Policy::parse(rules, &policy::Limits::default()).unwrap()));
    let body: String = "\u{1}\u{7f}no colon ".repeat(400);
    let answer = format!("{STREAM}{}", chunked(&body, 500, ""));
    lab.up(chat("who?")).down(&answer);
    assert_eq!(lab.client_text(), answer);
}

#[test]
fn a_slow_client_makes_the_server_wait() {
    let mut lab = Lab::new();
    lab.transmit = [4096, 0];
    let body = "x".repeat(1 << 20);
    lab.up(chat("a")).down(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()));
    lab.down(&body);
    assert!(lab.pending[1].len() > 800_000, "the rest was not taken");
    assert!(lab.budget.used() <= 2 * super::super::answer::ANSWER_BYTES_MAX, "{}", lab.budget.used());
    lab.transmit = [4096, 777];
    lab.settle();
    assert!(lab.client_text().ends_with(&body) && lab.pending[1].is_empty());
    lab.up(chat("b"));
    assert!(lab.server_text().ends_with(&chat("b")));
}
