//! How connections end.

use super::lab::{Lab, OK, chat};
use crate::CloseKind;
use net::Direction;
use policy::Reason;

const CLEAN: [(Direction, CloseKind); 2] =
    [(Direction::Upstream, CloseKind::Clean), (Direction::Downstream, CloseKind::Clean)];

#[test]
fn ends_between_exchanges_travel_both_ways() {
    let mut lab = Lab::new();
    lab.up(chat("a")).eof(Direction::Upstream);
    assert_eq!(lab.closes, CLEAN[..1]);
    lab.down(OK).eof(Direction::Downstream);
    assert_eq!(lab.client_text(), OK);
    assert_eq!(lab.closes.last(), Some(&CLEAN[1]));
    lab.close();
    let mut idle = Lab::new();
    idle.eof(Direction::Downstream);
    assert_eq!(idle.closes, CLEAN);
}

#[test]
fn an_end_waits_for_what_is_to_be_sent() {
    let mut lab = Lab::new();
    lab.transmit = [0, 4096];
    lab.up(chat("a")).eof(Direction::Upstream);
    assert_eq!(lab.closes, []);
    lab.transmit = [5, 4096];
    lab.settle();
    assert_eq!(lab.server_text(), chat("a"));
    assert_eq!(lab.closes, CLEAN[..1]);
}

#[test]
fn a_request_that_is_cut_off_is_refused() {
    let mut lab = Lab::new();
    let request = chat("good morning");
    lab.up(&request[..request.len() - 1]).eof(Direction::Upstream);
    lab.assert_refused(403, Reason::Truncated);
}

#[test]
fn an_answer_that_is_cut_off_stays_one() {
    let mut lab = Lab::new();
    lab.up(chat("a")).down(&OK[..OK.len() - 1]).eof(Direction::Downstream);
    assert_eq!(lab.client_text(), OK[..OK.len() - 1]);
    assert_eq!(lab.closes, CLEAN, "as its server ended it");
    let mut lab = Lab::new();
    lab.up(chat("a")).down(&OK[..20]).eof(Direction::Downstream);
    assert_eq!(lab.client_text(), "", "half a head is none");
    assert_eq!(lab.closes.last(), Some(&(Direction::Downstream, CloseKind::Cut)));
    let mut lab = Lab::new();
    let answer = "HTTP/1.1 200 OK\r\n\r\nuntil the end";
    lab.up(chat("a")).down(answer).end(Direction::Downstream, CloseKind::Cut);
    assert_eq!(lab.client_text(), answer);
    assert_eq!(lab.closes.last(), Some(&(Direction::Downstream, CloseKind::Cut)));
}

#[test]
fn a_server_that_goes_while_a_request_is_held_takes_the_client_along() {
    let mut lab = Lab::new();
    let request = chat("a");
    let (start, rest) = request.split_at(request.len() - 3);
    lab.up(start).eof(Direction::Downstream);
    assert_eq!(lab.closes, CLEAN);
    lab.up(rest);
    assert!(lab.server.is_empty() && lab.pending[0].is_empty());
    lab.close();
    assert_eq!(lab.records.last().map(|record| record.request_bytes), Some(start.len() as u64));
}

#[test]
fn a_server_may_answer_and_go_before_it_has_the_whole_request() {
    let mut lab = Lab::new();
    lab.transmit = [40, 4096];
    lab.pending[0].extend(chat("a").as_bytes());
    lab.step();
    lab.transmit = [0, 4096];
    lab.down(OK).eof(Direction::Downstream);
    assert_eq!((lab.client_text().as_str(), lab.server.len()), (OK, 40));
    assert_eq!(lab.closes, CLEAN);
}

#[test]
fn a_reset_takes_the_place_of_what_was_not_sent() {
    let mut lab = Lab::new();
    lab.transmit = [4096, 0];
    lab.up(chat("a")).down(OK).end(Direction::Downstream, CloseKind::Reset);
    assert_eq!(lab.closes, [(Direction::Downstream, CloseKind::Reset)]);
    lab.transmit = [4096, 4096];
    lab.settle().close();
    assert_eq!(lab.client_text(), "");
}
