//! Checks beyond the rules.

use super::lab::{Lab, REQUESTS, SSN, chat};
use crate::{Pipeline, Ticket, Unit};
use audit::RecordKind;
use core::task::Poll;
use net::Direction;
use policy::{Reason, Verdict};

/// A step that fails.
#[derive(Debug, Default)]
struct Failing;

impl Pipeline for Failing {
    type Error = &'static str;

    fn sanitize(&mut self, _unit: &Unit) -> Result<Poll<Verdict>, Self::Error> {
        Err("the model of the check is not loaded")
    }
}

/// A step that asks somebody else about requests.
#[derive(Debug, Default)]
struct Asking;

impl Pipeline for Asking {
    type Error = &'static str;

    fn sanitize(&mut self, unit: &Unit) -> Result<Poll<Verdict>, Self::Error> {
        let is_request = unit.direction == Direction::Upstream;
        Ok(if is_request { Poll::Pending } else { Poll::Ready(unit.verdict) })
    }
}

/// A step that knows better than the rules.
#[derive(Debug, Default)]
struct Stricter;

impl Pipeline for Stricter {
    type Error = &'static str;

    fn sanitize(&mut self, _unit: &Unit) -> Result<Poll<Verdict>, Self::Error> {
        Ok(Poll::Ready(Verdict::Block))
    }
}

#[test]
fn a_failing_pipeline_blocks_and_stays_blocked() {
    let mut lab = Lab::<Failing>::new(REQUESTS);
    let request = chat("good morning");
    lab.up(&request);
    assert_eq!(lab.seen.blocked, Some(Reason::PipelineFailed));
    assert!(lab.seen.upstream.len() < request.len(), "the request's last byte is held");
    assert_eq!(lab.kinds(), [RecordKind::Final]);
    assert_eq!((lab.last().verdict, lab.last().reason), (Verdict::Block, Some(Reason::PipelineFailed)));
    let before = lab.seen.upstream.clone();
    lab.up(&request).down("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").eof(Direction::Upstream);
    lab.tap.resume(&mut lab.engine, lab.now, 1, Ticket(0), Ok::<_, &str>(Verdict::Allow));
    lab.close(None);
    assert_eq!((lab.seen.upstream.as_slice(), lab.seen.downstream.as_slice()), (before.as_slice(), &[][..]));
    assert_eq!(lab.records.len(), 1, "nothing more is said");
}

#[test]
fn a_stricter_pipeline_wins_over_the_rules() {
    let mut lab = Lab::<Stricter>::new(REQUESTS);
    lab.up(chat("good morning"));
    assert_eq!(lab.seen.blocked, Some(Reason::Finding));
    assert!(lab.seen.reply.is_some());
}

fn parked() -> (Lab<Asking>, String) {
    let mut lab = Lab::<Asking>::new(REQUESTS);
    let request = chat("good morning");
    lab.up(&request);
    assert_eq!(lab.seen.blocked, None);
    assert!(lab.seen.upstream.len() < request.len(), "the last byte waits for the answer");
    (lab, request)
}

#[test]
fn a_parked_request_goes_on_when_the_answer_comes() {
    let (mut lab, request) = parked();
    lab.tap.resume(&mut lab.engine, lab.now, 1, Ticket(0), Ok::<_, &str>(Verdict::Alert));
    lab.poll();
    lab.assert_passed(request.as_bytes());
    lab.down("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(lab.last().verdict, Verdict::Alert);
}

#[test]
fn a_parked_request_is_blocked_by_a_bad_answer_or_a_failed_check() {
    let (mut lab, _) = parked();
    lab.tap.resume(&mut lab.engine, lab.now, 1, Ticket(0), Ok::<_, &str>(Verdict::Block));
    lab.poll();
    assert_eq!(lab.seen.blocked, Some(Reason::Finding));
    let (mut lab, _) = parked();
    lab.tap.resume(&mut lab.engine, lab.now, 1, Ticket(0), Err("no answer"));
    lab.poll();
    assert_eq!(lab.seen.blocked, Some(Reason::PipelineFailed));
}

#[test]
fn silence_until_the_deadline_is_a_block_and_a_late_answer_changes_nothing() {
    let (mut lab, _) = parked();
    let deadline = lab.tap.poll_timeout(&lab.engine).unwrap();
    assert_eq!(deadline, lab.now.after(lab.engine.limits.check_time_max));
    lab.ring();
    assert_eq!(lab.seen.blocked, Some(Reason::CheckTimeout));
    assert_eq!(lab.tap.poll_timeout(&lab.engine), None);
    let before = lab.seen.upstream.len();
    lab.tap.resume(&mut lab.engine, lab.now, 1, Ticket(0), Ok::<_, &str>(Verdict::Allow));
    lab.poll();
    assert_eq!(lab.seen.upstream.len(), before);
    assert_eq!(lab.last().reason, Some(Reason::CheckTimeout));
}

#[test]
fn answers_to_other_questions_are_ignored() {
    let (mut lab, _) = parked();
    let before = lab.seen.upstream.len();
    lab.tap.resume(&mut lab.engine, lab.now, 1, Ticket(7), Ok::<_, &str>(Verdict::Allow));
    lab.tap.resume(&mut lab.engine, lab.now, 2, Ticket(0), Ok::<_, &str>(Verdict::Allow));
    lab.poll();
    assert_eq!(lab.seen.upstream.len(), before);
}

#[test]
fn a_request_behind_a_parked_one_does_not_overtake_it() {
    let (mut lab, first) = parked();
    let second = chat("good evening");
    lab.up(&second);
    assert!(lab.seen.upstream.len() < first.len());
    lab.tap.resume(&mut lab.engine, lab.now, 1, Ticket(0), Ok::<_, &str>(Verdict::Allow));
    lab.poll();
    assert!(lab.seen.upstream.starts_with(first.as_bytes()));
    assert!(lab.seen.upstream.len() < first.len() + second.len(), "the second has its own question");
    lab.tap.resume(&mut lab.engine, lab.now, 2, Ticket(0), Ok::<_, &str>(Verdict::Allow));
    lab.poll();
    lab.assert_passed(format!("{first}{second}").as_bytes());
}

#[test]
fn the_answer_to_the_second_question_does_not_free_the_first() {
    let (mut lab, first) = parked();
    lab.up(chat("good evening"));
    lab.tap.resume(&mut lab.engine, lab.now, 2, Ticket(0), Ok::<_, &str>(Verdict::Allow));
    lab.poll();
    assert!(lab.seen.upstream.len() < first.len(), "the first request still waits for its verdict");
    lab.tap.resume(&mut lab.engine, lab.now, 1, Ticket(0), Ok::<_, &str>(Verdict::Block));
    lab.poll();
    assert_eq!(lab.seen.blocked, Some(Reason::Finding));
}

#[test]
fn findings_block_while_a_request_is_parked() {
    let (mut lab, first) = parked();
    lab.up(chat(SSN));
    assert!(lab.seen.upstream.len() < first.len());
    assert_eq!(lab.seen.blocked, Some(Reason::Finding));
}
