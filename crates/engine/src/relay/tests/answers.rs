//! Answers on their way.

use super::lab::{EMAIL, Lab, OK, SSN, chat, chunked};
use crate::CloseKind;
use net::Direction;
use policy::Reason;

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
