//! Requests that do not go on.

use super::lab::{EMAIL, Lab, OK, SSN, chat, chunked, post};
use crate::{CloseKind, Limits};
use net::Direction;
use policy::{Reason, Verdict};

#[test]
fn a_violating_request_is_refused_and_the_server_sees_nothing() {
    let mut lab = Lab::new();
    lab.up(chat(&format!("my number is {SSN}")));
    lab.assert_refused(403, Reason::Finding);
    assert_eq!(lab.last().verdict, Verdict::Block);
    lab.close();
}

#[test]
fn a_finding_in_a_trailer_or_behind_an_edit_is_refused() {
    let mut lab = Lab::new();
    let body = chunked("harmless", 3, &format!("X-Note: {SSN}\r\n"));
    lab.up(post("Transfer-Encoding: chunked\r\n", &body));
    lab.assert_refused(403, Reason::Finding);
    let mut lab = Lab::new();
    lab.up(chat(&format!("{EMAIL} {SSN}")));
    lab.assert_refused(403, Reason::Finding);
}

#[test]
fn what_cannot_be_edited_is_refused() {
    for request in [
        format!("GET /{EMAIL} HTTP/1.1\r\nHost: a\r\n\r\n"),
        post("Content-Type: application/json\r\nContent-Length: 26\r\n", r#"{"jane.roe@example.org":1}"#),
    ] {
        let mut lab = Lab::new();
        lab.up(&request);
        lab.assert_refused(403, Reason::FindingNotEditable);
    }
}

#[test]
fn a_refusal_comes_behind_the_answers_before_it() {
    let mut lab = Lab::new();
    let (first, second) = (chat("one"), chat("two"));
    lab.up(format!("{first}{second}{}{}", chat(SSN), chat("four")));
    assert_eq!(lab.client_text(), "");
    lab.down(OK).down(OK);
    assert_eq!(lab.server_text(), format!("{first}{second}"));
    lab.assert_refused_behind(&OK.repeat(2), 403, Reason::Finding);
    assert!(lab.relay.has_sent_upstream());
}

#[test]
fn a_refused_client_may_go_on_sending_for_a_while() {
    let mut lab = Lab::new();
    let head = post("Content-Length: 999999\r\nX-Note: 536-90-4399\r\n", "");
    lab.up(&head);
    lab.assert_refused(403, Reason::Finding);
    lab.up("more").up("and more");
    assert!(lab.pending[0].is_empty() && lab.server.is_empty());
    lab.ring();
    assert_eq!(lab.closes.last(), Some(&(Direction::Downstream, CloseKind::Reset)));
    assert_eq!(lab.relay.poll_timeout(&lab.engine), None);
    let mut patient = Lab::new();
    patient.up(&head).eof(Direction::Upstream);
    assert_eq!(patient.relay.poll_timeout(&patient.engine), None, "it has ended by itself");
}

#[test]
fn a_refused_client_that_never_stops_is_reset() {
    let mut lab = Lab::new();
    lab.up(chat(SSN));
    let piece = vec![0; 1 << 20];
    for _ in 0..17 {
        lab.up(&piece);
    }
    lab.ring();
    assert_eq!(lab.now.as_nanos(), 1_000_000_000, "no time has passed");
    assert_eq!(lab.closes.last(), Some(&(Direction::Downstream, CloseKind::Reset)));
}

#[test]
fn a_request_for_another_server_is_refused() {
    let named = |host: &str| {
        let mut lab = Lab::with(Limits::default(), Some("api.openai.com"));
        lab.up(format!("GET /v1/models HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        lab
    };
    for host in ["api.openai.com", "API.openai.com:443", "api.openai.com."] {
        let mut lab = named(host);
        assert!(lab.relay.has_sent_upstream(), "{host}");
        lab.down(OK);
        assert_eq!(lab.last().server_name.as_str(), "api.openai.com");
    }
    for host in ["evil.example", "api.openai.com.evil.example", "10.2.0.2"] {
        let lab = named(host);
        lab.assert_refused(403, Reason::HostMismatch);
        assert_eq!(lab.last().server_name.as_str(), "api.openai.com");
    }
    let mut lab = Lab::with(Limits::default(), Some("api.openai.com"));
    lab.up("GET http://api.openai.com/ HTTP/1.0\r\n\r\n");
    lab.assert_refused(403, Reason::HostMismatch);
}

#[test]
fn what_is_no_http_is_blocked() {
    let mut lab = Lab::new();
    lab.up("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    assert!(lab.server.is_empty());
    assert_eq!(lab.last().reason, Some(Reason::ProtocolUnknown));
    assert!(lab.closes.contains(&(Direction::Downstream, CloseKind::Reset)));
}

#[test]
fn an_answer_that_nobody_asked_for_is_a_block() {
    let mut lab = Lab::new();
    lab.down(OK);
    assert_eq!(lab.last().reason, Some(Reason::ServerSpokeFirst));
    let mut lab = Lab::new();
    let request = chat("good morning");
    lab.up(&request[..request.len() - 3]).down(OK);
    lab.assert_refused(403, Reason::ProtocolSwitch);
    let mut lab = Lab::new();
    lab.up(&request).down(OK).down(OK);
    assert_eq!(lab.client_text(), OK);
    assert_eq!(lab.last().reason, Some(Reason::ProtocolSwitch));
}

#[test]
fn what_a_server_says_behind_a_whole_answer_takes_nothing_from_it() {
    for stray in ["junk", "\r\n", "HTTP/1.1 200 OK\r\n"] {
        let mut lab = Lab::new();
        lab.up(chat("good morning")).down(format!("{OK}{stray}"));
        assert_eq!(lab.client_text(), OK, "{stray:?}");
        assert!(lab.closes.contains(&(Direction::Downstream, CloseKind::Clean)), "{stray:?} {:?}", lab.closes);
        let reason = if stray.starts_with('\r') { Reason::HttpSyntax } else { Reason::ProtocolSwitch };
        assert_eq!(lab.last().reason, Some(reason), "{stray:?}");
        lab.close();
    }
}
