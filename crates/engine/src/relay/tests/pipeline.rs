//! Requests that wait for a check beyond the rules.

use super::lab::{Lab, chat};
use crate::{Limits, Pipeline, Ticket, Unit};
use core::task::Poll;
use net::Direction;
use policy::{Reason, Verdict};

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

fn parked() -> Lab<Asking> {
    let mut lab = Lab::<Asking>::open(Limits::default(), None);
    lab.up(chat("good morning"));
    assert!(lab.server.is_empty() && lab.closes.is_empty());
    lab
}

#[test]
fn a_parked_request_is_held_whole_until_it_may_go() {
    let mut lab = parked();
    lab.relay.resume(&mut lab.engine, lab.now, 1, Ticket(0), Ok::<_, &str>(Verdict::Allow));
    lab.settle();
    assert_eq!(lab.server_text(), chat("good morning"));
}

#[test]
fn a_parked_request_is_refused_by_a_bad_answer_or_by_silence() {
    let mut lab = parked();
    lab.relay.resume(&mut lab.engine, lab.now, 1, Ticket(0), Ok::<_, &str>(Verdict::Block));
    lab.settle().assert_refused(403, Reason::Finding);
    let mut lab = parked();
    lab.ring().assert_refused(403, Reason::CheckTimeout);
}
