//! What comes out of a worker that opens TLS, between clients and servers in memory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "tests")]

#[path = "../benches/terminate/lab.rs"]
#[expect(dead_code, reason = "what a benchmark measures besides")]
mod lab;
#[path = "../../tls/tests/support/mod.rs"]
mod support;

use lab::{Answer, Groups, Lab};
use std::io::Write;
use std::sync::atomic::AtomicBool;

static IS_PROFILED: AtomicBool = AtomicBool::new(false);

/// Bytes that wait for a client's acknowledgement, at most.
const SEND_BYTES_MAX: usize = 1 << 20;
/// What TLS 1.3 adds to a record with AES-GCM.
const RECORD_OVERHEAD_BYTES: usize = 22;

/// Bytes on the wire of an answer with a body of so many, whose client reads nothing before the server has ended.
fn answer_a_client_that_waits(lab: &mut Lab, body: usize) -> usize {
    let index = lab.open(1, &Answer::Bytes(body))[0];
    let request = lab.request.clone();
    lab.pairs[index].as_mut().unwrap().client.tls.writer().write_all(&request).unwrap();
    lab.turn(&[index]);
    lab.pairs[index].as_mut().unwrap().is_deaf = true;
    let mut idle = 0;
    while idle < 100 {
        idle = if lab.turn(&[index]) == 0 { idle + 1 } else { 0 };
    }
    let pair = lab.pairs[index].as_mut().unwrap();
    assert_eq!((pair.server.left, pair.server.host.to_send.len()), (0, 0), "all of the answer has gone");
    pair.server.tls.send_close_notify();
    pair.server.host.to_send.extend(support::sent(&mut pair.server.tls));
    pair.server.host.close_when_sent = true;
    for _ in 0..100 {
        lab.turn(&[index]);
    }
    let (mut wire, mut plain, mut turns) = (0, 0, 0);
    loop {
        let pair = lab.pairs[index].as_mut().unwrap();
        pair.client.host.poll(0);
        let bytes = core::mem::take(&mut pair.client.host.received);
        wire += bytes.len();
        plain += support::give(&mut pair.client.tls, &bytes).unwrap().len();
        if pair.client.host.is_at_end() {
            let state = pair.client.tls.process_new_packets().unwrap();
            assert!(state.peer_has_closed(), "{plain} of {body} bytes came, and no close_notify");
            assert!(plain > body);
            return wire;
        }
        turns += 1;
        assert!(turns < 10_000, "{plain} of {body} bytes came");
        lab.turn(&[index]);
    }
}

#[test]
fn an_answer_comes_whole_whatever_room_is_left_at_its_end() {
    let mut lab = Lab::new(Groups::Classical);
    let body = SEND_BYTES_MAX - (64 << 10);
    let wire = answer_a_client_that_waits(&mut lab, body);
    // So many bytes that the last record finds room for its text and not for what TLS adds, and some around it.
    let full = body + SEND_BYTES_MAX - wire;
    for more in (0..6 * RECORD_OVERHEAD_BYTES).step_by(RECORD_OVERHEAD_BYTES / 2) {
        answer_a_client_that_waits(&mut lab, full - 2 * RECORD_OVERHEAD_BYTES + more);
    }
}
