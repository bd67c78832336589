//! Both ends of a connection that is terminated.

use crate::shared_policy;
use engine::{CloseKind, Engine, HoldBudget, Limits, Peers, Relay, Rules};
use net::{Direction, Timestamp};

/// What both ends got, and whether anything was blocked.
#[derive(Debug, Default, PartialEq)]
struct Played {
    server: Vec<u8>,
    client: Vec<u8>,
    is_blocked: bool,
}

/// Pieces end at every 0xff; behind one that ends a line the other end speaks.
fn pieces(bytes: &[u8]) -> impl Iterator<Item = (Direction, &[u8])> {
    let mut direction = Direction::Upstream;
    bytes.split(|byte| *byte == 0xff).map(move |part| {
        let from = direction;
        direction = if part.last() == Some(&b'\n') { from.opposite() } else { from };
        (from, part)
    })
}

fn play(bytes: &[u8], cut: usize, taken: usize) -> Played {
    let mut engine = Engine::<Rules>::new(shared_policy(), Limits::default(), 1, [7; 32]);
    let mut budget = HoldBudget::new(1 << 20);
    let end = core::net::SocketAddr::from(([10, 0, 0, 1], 80));
    let mut relay = Relay::new(Peers { client: end, server: end }, None);
    let now = Timestamp::from_nanos(1);
    let mut played = Played::default();
    for (direction, part) in pieces(bytes) {
        for piece in part.chunks(cut) {
            let mut rest = piece;
            loop {
                let count = relay.handle_data(&mut engine, &mut budget, now, direction, rest);
                rest = rest.get(count..).unwrap_or_default();
                relay.flush(&mut engine, now);
                while let Some(record) = relay.poll_record(&mut engine) {
                    played.is_blocked |= record.reason.is_some();
                }
                relay.release(&mut engine, &mut budget, now);
                let mut sent = 0;
                for (direction, seen) in
                    [(Direction::Upstream, &mut played.server), (Direction::Downstream, &mut played.client)]
                {
                    let sendable = relay.sendable(direction);
                    let piece = sendable.get(..taken).unwrap_or(sendable);
                    seen.extend(piece);
                    let count = piece.len();
                    relay.consume(&mut budget, direction, count);
                    sent += count;
                }
                if sent + count == 0 {
                    break;
                }
            }
        }
        assert!(budget.used() <= 1 << 21, "memory is bounded");
        while relay.poll_close().is_some() {}
    }
    relay.handle_eof(&mut engine, now, Direction::Downstream, CloseKind::Cut);
    relay.handle_close(&mut engine, &mut budget, now, None);
    assert_eq!(budget.used(), 0, "memory is given back");
    played
}

/// Both directions of a connection, as with `tap`; in any pieces the server gets the same.
pub fn relay(bytes: &[u8]) {
    let whole = play(bytes, usize::MAX, 4096);
    let parts = play(bytes, 7, 11);
    assert_eq!(parts.is_blocked, whole.is_blocked, "another verdict in pieces");
    if !whole.is_blocked {
        assert_eq!(parts.server, whole.server, "other bytes in pieces");
    }
}
