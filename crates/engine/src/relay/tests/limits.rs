//! What a relay takes, and what becomes of more.

use super::lab::{EMAIL, Lab, OK, SSN, chat, chunked, post};
use crate::{HoldBudget, Limits};
use policy::Reason;

fn small(message_bytes_max: usize) -> Lab {
    Lab::with(Limits { message_bytes_max, ..Limits::default() }, None)
}

#[test]
fn a_message_may_be_as_long_as_its_limit_and_not_a_byte_longer() {
    let plain = post("Content-Length: 1000\r\n", &"x".repeat(1000));
    let in_chunks = post("Transfer-Encoding: chunked\r\n", &chunked(&"x".repeat(1000), 10, ""));
    for request in [plain, in_chunks] {
        let mut lab = small(request.len());
        lab.up(&request).up(&request).down(OK).down(OK);
        assert_eq!(lab.server_text(), request.repeat(2));
        let mut lab = small(request.len() - 1);
        lab.up(&request);
        lab.assert_refused(413, Reason::MessageBytes);
    }
}

#[test]
fn a_length_above_the_limit_is_refused_before_the_body_comes() {
    let mut lab = Lab::new();
    lab.up(post("Expect: 100-continue\r\nContent-Length: 9000000\r\n", ""));
    lab.assert_refused(413, Reason::MessageBytes);
}

#[test]
fn a_violation_at_the_very_end_of_the_longest_message_is_held() {
    let mut lab = Lab::new();
    let head = |len: usize| post(&format!("Content-Type: text/plain\r\nContent-Length: {len}\r\n"), "");
    let len = lab.engine.limits.message_bytes_max - head(8_000_000).len();
    let mut body = "word ".repeat(len / 5 + 1);
    body.truncate(len - SSN.len() - 1);
    lab.up(head(len));
    for piece in format!("{body} {SSN}").as_bytes().chunks(65_536) {
        assert!(lab.server.is_empty());
        lab.up(piece);
    }
    lab.assert_refused(403, Reason::Finding);
}

#[test]
fn at_the_budget_less_is_taken_and_what_stands_still_is_refused() {
    let mut lab = Lab::new();
    lab.budget = HoldBudget::new(300);
    let request = chat(&"x".repeat(1000));
    lab.up(&request);
    assert!(lab.pending[0].len() > request.len() - 301 && lab.budget.used() <= 300, "{}", lab.budget.used());
    lab.ring();
    assert_eq!(lab.now.as_nanos(), 31_000_000_000);
    lab.assert_refused(503, Reason::HoldMemory);
    lab.close();
}

#[test]
fn a_request_goes_on_once_there_is_memory() {
    let mut lab = Lab::new();
    lab.budget = HoldBudget::new(300);
    let request = chat(&"x".repeat(1000));
    lab.up(&request);
    let used = lab.budget.used();
    lab.budget = HoldBudget::new(10_000);
    let mut nothing = 0;
    lab.budget.recharge(&mut nothing, used);
    lab.settle();
    assert_eq!(lab.server_text(), request);
    lab.close();
}

#[test]
fn usual_requests_go_on_while_long_ones_use_the_budget_up() {
    let mut lab = Lab::new();
    lab.budget = HoldBudget::new(8 << 20);
    let long = chat(&"x ".repeat(4_000_000));
    lab.up(&long[..long.len() - 1]);
    let used = lab.budget.used();
    assert!(!lab.pending[0].is_empty() && used > 6 << 20, "{used}");
    let mut other = Lab::new();
    other.budget = HoldBudget::new(8 << 20);
    other.budget.recharge(&mut 0, used);
    let usual = chat(&"y ".repeat(100_000));
    other.up(&usual).down(OK);
    assert_eq!((other.server_text() == usual, other.client_text()), (true, OK.to_owned()));
}

#[test]
fn answers_go_on_while_requests_use_the_budget_up() {
    let mut lab = Lab::new();
    lab.up(chat("a"));
    lab.budget = HoldBudget::new(0);
    let body = "y".repeat(100_000);
    lab.down(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
    assert!(lab.client_text().ends_with(&body));
}

#[test]
fn a_request_that_never_ends_is_refused() {
    let mut lab = Lab::new();
    lab.up(post("Content-Length: 1000\r\n", "a few bytes"));
    lab.ring();
    lab.assert_refused(403, Reason::HoldTime);
}

#[test]
fn more_edits_than_anybody_needs_are_refused() {
    let mut lab = Lab::new();
    let count = super::super::request::EDIT_COUNT_MAX + 1;
    let body = "a@b.co ".repeat(count);
    lab.up(post(&format!("Content-Type: text/plain\r\nContent-Length: {}\r\n", body.len()), &body));
    lab.assert_refused(403, Reason::HoldBytes);
}

#[test]
fn an_idle_relay_is_small() {
    let mut lab = Lab::new();
    for _ in 0..3 {
        lab.up(chat(EMAIL)).down(OK);
    }
    assert_eq!(lab.budget.used(), 0, "buffers are given back");
    assert!(size_of::<crate::Relay>() < 4096, "{}", size_of::<crate::Relay>());
}

/// What this thread has had of its processor, whoever else wanted it.
fn processor_nanos() -> i64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

#[test]
fn time_grows_as_findings_do() {
    let spent = |item: &str, count: usize| {
        let mut lab = Lab::new();
        let body = format!("[{}]", vec![item; count].join(","));
        let begun_at = processor_nanos();
        lab.up(post(&format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()), &body));
        lab.down(OK);
        assert_eq!(lab.last_reason(), None, "{item}");
        processor_nanos() - begun_at
    };
    for item in [r#""a1@b.co""#, r#"{"a":"a1\u0040b.co"}"#, r#"{"a1":"4111111111111111"}"#, r#"["x","a1@b.co"]"#] {
        // The fastest of some: a neighbour may take the caches for a while.
        let fastest = |count| (0..3).map(|_| spent(item, count)).min().unwrap();
        let (few, many) = (fastest(3_000), fastest(48_000));
        // Sixteen times as many: with a step for each pair it would be 256 times the time.
        assert!(many < few * 64, "{item}: {few:?}, {many:?}");
    }
}
