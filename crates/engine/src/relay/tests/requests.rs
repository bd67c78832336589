//! Requests on their way: as they came, or rewritten.

use super::lab::{EMAIL, Lab, OK, SSN, chat, chunked, post};
use super::oracle;
use audit::RecordKind;
use net::Direction;
use policy::Policy;
use std::sync::Arc;

#[test]
fn what_is_allowed_goes_on_as_it_came() {
    let requests = [
        chat("good morning"),
        "GET /v1/models HTTP/1.1\r\nhost:a\r\nX-Odd:   spaces \r\n\r\n".to_owned(),
        post("Transfer-Encoding: chunked\r\n", &chunked("some text", 4, "X-Sum: 1\r\n")),
        post("Content-Length: 0\r\n", ""),
    ];
    let mut lab = Lab::new();
    for request in &requests {
        lab.up(request).down(OK);
    }
    assert_eq!(lab.server_text(), requests.concat());
    assert_eq!(lab.client_text(), OK.repeat(requests.len()));
    assert_eq!(lab.records.len(), 2 * requests.len());
    lab.close();
}

#[test]
fn no_answer_is_asked_for_compressed() {
    let mut lab = Lab::new();
    lab.up(post("Accept-Encoding: gzip, br\r\nContent-Length: 2\r\nAccept-Encoding: identity\r\n", "ok"));
    assert_eq!(
        lab.server_text(),
        post("Accept-Encoding:         \r\nContent-Length: 2\r\nAccept-Encoding: identity\r\n", "ok")
    );
    let asked = post("Accept-Encoding: br\r\nTransfer-Encoding: chunked\r\n", &chunked("some text", 4, "X-Sum: 1\r\n"));
    let mut lab = Lab::new();
    asked.as_bytes().chunks(7).for_each(|piece| {
        lab.up(piece);
    });
    assert_eq!(lab.server_text(), asked.replace("br\r", "  \r"), "nothing else is written anew");
}

#[test]
fn a_request_is_held_to_its_last_byte() {
    let mut lab = Lab::new();
    let request = chat("good morning");
    let (start, last) = request.split_at(request.len() - 1);
    lab.up(start);
    assert!(lab.server.is_empty() && !lab.relay.has_sent_upstream());
    lab.up(last);
    assert_eq!(lab.server_text(), request);
    assert!(lab.relay.has_sent_upstream());
}

#[test]
fn nothing_leaves_before_its_record_is_kept() {
    let mut lab = Lab::new();
    lab.is_admitting = false;
    lab.up(chat("good morning"));
    assert!(lab.server.is_empty());
    // Even a host that asks too early gets nothing.
    lab.relay.release(&mut lab.engine, &mut lab.budget, lab.now);
    assert_eq!(lab.relay.sendable(Direction::Upstream), b"");
    lab.is_admitting = true;
    lab.settle();
    assert_eq!(lab.server_text(), chat("good morning"));
    assert_eq!(lab.records[0].kind, RecordKind::Admit);
}

#[test]
fn nothing_leaves_that_was_not_decided() {
    let mut lab = Lab::new();
    let request = chat("good morning");
    lab.relay.handle_data(&mut lab.engine, &mut lab.budget, lab.now, Direction::Upstream, request.as_bytes());
    while lab.relay.poll_record(&mut lab.engine).is_some() {}
    lab.relay.release(&mut lab.engine, &mut lab.budget, lab.now);
    assert_eq!(lab.relay.sendable(Direction::Upstream), b"");
}

#[test]
fn a_label_is_whole_and_the_length_is_said_anew() {
    let mut lab = Lab::new();
    lab.up(chat(&format!("write to {EMAIL} or a@b.co")));
    let expected = chat("write to [REDACTED] or [REDACTED]");
    assert_eq!(lab.server_text(), expected);
    lab.down(OK);
    assert_eq!(lab.last().findings[0].count, 2);
}

#[test]
fn a_mask_is_as_long_as_what_it_covers() {
    let mut lab = Lab::new();
    lab.up(chat("pay with 4111 1111 1111 1111 now"));
    assert_eq!(lab.server_text(), chat("pay with ******************* now"));
}

#[test]
fn escapes_are_covered_whole() {
    let mut lab = Lab::new();
    lab.up(chat("\\u006aane.roe\\u0040example.org, bye"));
    assert_eq!(lab.server_text(), chat("[REDACTED], bye"));
}

#[test]
fn a_field_is_edited_to_any_length() {
    let mut lab = Lab::new();
    lab.up(format!("GET / HTTP/1.1\r\nHost: a\r\nFrom: {EMAIL}\r\nX-More: 1\r\n\r\n"));
    assert_eq!(lab.server_text(), "GET / HTTP/1.1\r\nHost: a\r\nFrom: [REDACTED]\r\nX-More: 1\r\n\r\n");
}

#[test]
fn chunks_are_framed_anew_and_trailers_pass() {
    let body = format!("mail to {EMAIL} today");
    for chunk_bytes in [1, 3, 7, 100] {
        let mut lab = Lab::new();
        let framed = chunked(&body, chunk_bytes, &format!("X-Sum: 1\r\nX-From: {EMAIL}\r\n"));
        lab.up(post("Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n", &framed)).up(chat("next")).down(OK);
        let messages = oracle::read(&lab.server_text());
        assert_eq!(messages.len(), 2, "{}", lab.server_text());
        assert_eq!(messages[0].body, "mail to [REDACTED] today");
        let trailers = [("x-sum", "1"), ("x-from", "[REDACTED]")].map(|(name, value)| (name.into(), value.into()));
        assert_eq!(messages[0].trailers, trailers);
    }
}

#[test]
fn a_body_that_is_waited_for_is_asked_for_once_the_head_is_kept() {
    let body = "a body";
    let request = post(&format!("Expect: 100-continue\r\nContent-Length: {}\r\n", body.len()), "");
    let mut lab = Lab::new();
    lab.is_admitting = false;
    lab.up(&request);
    assert_eq!(lab.client_text(), "");
    lab.is_admitting = true;
    lab.settle();
    assert_eq!(lab.client_text(), "HTTP/1.1 100 Continue\r\n\r\n");
    lab.up(body);
    assert_eq!(lab.server_text(), post("Content-Length: 6\r\n", body));
    // The server's own is not passed on.
    lab.down("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n").down(OK);
    assert_eq!(lab.client_text(), format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n{OK}"));
    lab.up(chat("next")).down(format!("HTTP/1.1 100 Continue\r\n\r\n{OK}"));
    assert!(lab.client_text().ends_with(&format!("{OK}HTTP/1.1 100 Continue\r\n\r\n{OK}")));
}

#[test]
fn a_wish_for_a_100_goes_with_other_edits() {
    let body = format!("from {EMAIL}");
    let request = post(&format!("Expect: 100-continue\r\nFrom: {EMAIL}\r\nContent-Length: {}\r\n", body.len()), &body);
    let mut lab = Lab::new();
    lab.up(request);
    assert_eq!(lab.server_text(), post("From: [REDACTED]\r\nContent-Length: 15\r\n", "from [REDACTED]"));
}

#[test]
fn pipelined_requests_go_one_after_the_other() {
    let mut lab = Lab::new();
    let requests: Vec<String> = (0..100).map(|number| chat(&format!("number {number}"))).collect();
    lab.up(requests.concat());
    assert_eq!(lab.server_text(), requests[0], "the second waits for the answer to the first");
    for _ in &requests {
        lab.down(OK);
    }
    assert_eq!(lab.server_text(), requests.concat());
    assert_eq!(lab.client_text(), OK.repeat(100));
}

#[test]
fn a_label_may_name_the_type() {
    let rules = "version = \"1\"\n[[rule]]\nname = \"a\"\ndetect = [\"EMAIL_ADDRESS\", \"US_SSN\"]\naction = \"redact\"\nredact = \"type\"\n";
    let mut lab = Lab::new();
    lab.engine.set_policy(Arc::new(Policy::parse(rules, &policy::Limits::default()).unwrap()));
    lab.up(chat(&format!("write to {EMAIL} of {SSN}, a\\u0040b.co"))).down(OK);
    assert_eq!(
        lab.server_text(),
        chat("write to [REDACTED:EMAIL_ADDRESS] of [REDACTED:US_SSN], [REDACTED:EMAIL_ADDRESS]")
    );
}
