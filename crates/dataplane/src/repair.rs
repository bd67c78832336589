//! Held bytes and loss: where waiting for the sender would be waiting for ever.
//!
//! The tail of a segment can be held until the bytes behind it show whether it is part of a match.
//! If the segment behind it is lost on its way here, its sender waits for the acknowledgement of the
//! tail before it sends the lost one again, and the tail waits for the lost one. So a retransmission
//! of held bytes is answered with an acknowledgement of them: the appliance has them, and from then
//! on it is the appliance that sends them again until the receiver has acknowledged them, out of the
//! store of forwarded bytes.
//!
//! What comes beyond a hole never passes, so the receiver cannot tell the sender that it has come. The
//! appliance does, in the receiver's name: a duplicate acknowledgement for each early segment, with
//! selective ones where both ends understand them (RFC 5681 section 4.2, RFC 2018 section 4). Without
//! it every loss before the appliance would cost the sender a timeout.

use crate::context::Context;
use crate::enforce::{Own, emit, emit_own};
use crate::flow::{Debt, Inspected};
use arrayvec::ArrayVec;
use core::time::Duration;
use net::Direction;
use net::buffer::Buffer;
use net::device::Device;
use net::tcp::Flags;

/// First wait before owed bytes are sent again (RFC 6298 section 2.4 asks for a second, common
/// stacks take 200 ms); it doubles with each try.
const RETRY: Duration = Duration::from_millis(200);
/// After so many tries, 51 s in all, the receiver is gone.
const TRY_COUNT_MAX: u32 = 8;
/// So many acknowledgements of the same byte ask for it (RFC 5681 section 3.2).
const REPEAT_COUNT: u8 = 3;
/// Bytes sent again at once: what any path carries in one segment (RFC 9293 section 3.7.1).
const SEGMENT_BYTES: usize = 536;

/// Acknowledges what is held of `direction` to its sender, in the receiver's name.
pub(crate) fn acknowledge_held<B: Buffer, D: Device<Buffer = B>>(
    flow: &mut Inspected<B>,
    direction: Direction,
    context: &mut Context<B>,
    device: &mut D,
) {
    let offset = flow.connection.stream_mut(direction).own_held();
    let back = direction.opposite();
    let ack = flow.connection.stream(direction).seq_at(offset);
    let seq = flow.connection.stream(back).released_seq();
    let window = flow.connection.window_at(direction, offset);
    emit(flow, back, (seq, ack), (Flags::ACK, window), &[], context, device);
    owe(flow, direction, context);
}

/// Tells the sender of `direction` in the receiver's name what that expects of this connection: nothing that it has not
/// said itself.
pub(crate) fn challenge<B: Buffer, D: Device<Buffer = B>>(
    flow: &mut Inspected<B>,
    direction: Direction,
    context: &mut Context<B>,
    device: &mut D,
) {
    if !context.may_reset() {
        return;
    }
    let back = direction.opposite();
    let stream = flow.connection.stream(direction);
    let numbers = (flow.connection.stream(back).released_seq(), stream.seq_at(stream.acked()));
    let window = flow.connection.window_at(direction, stream.acked());
    emit(flow, back, numbers, (Flags::ACK, window), &[], context, device);
}

/// From now on the appliance answers for what it has acknowledged.
fn owe<B: Buffer>(flow: &mut Inspected<B>, direction: Direction, context: &Context<B>) {
    let acked = flow.connection.stream(direction).acked();
    let debt = Debt { retry_at: context.now.after(RETRY), tries: 0, acked, repeats: 0 };
    debt_of(flow, direction).get_or_insert(debt);
}

/// Tells the sender of `direction` that something is missing before what has come, once the receiver has acknowledged
/// all that was forwarded: before that its own acknowledgements are on their way.
pub(crate) fn report_hole<B: Buffer, D: Device<Buffer = B>>(
    flow: &mut Inspected<B>,
    direction: Direction,
    context: &mut Context<B>,
    device: &mut D,
) {
    let stream = flow.connection.stream(direction);
    if stream.early_count() == 0 || stream.acked() < stream.released() {
        return;
    }
    if stream.is_holding() {
        flow.connection.stream_mut(direction).own_held();
        owe(flow, direction, context);
    }
    let stream = flow.connection.stream(direction);
    let offset = stream.next();
    let back = direction.opposite();
    let sack = if flow.connection.uses_sack() { stream.early_ranges() } else { ArrayVec::new() };
    let segment = Own {
        numbers: (flow.connection.stream(back).released_seq(), stream.seq_at(offset)),
        flags: Flags::ACK,
        window: flow.connection.window_at(direction, offset),
        sack: &sack,
        payload: &[],
    };
    emit_own(flow, back, &segment, context, device);
}

/// The receiver of `direction` has spoken. Whoever acknowledges part of what is sent again gets the next part at once, and
/// who asks for the same byte three times gets it (RFC 6582 section 3.2).
pub(crate) fn handle_ack<B: Buffer, D: Device<Buffer = B>>(
    flow: &mut Inspected<B>,
    direction: Direction,
    moved: bool,
    context: &mut Context<B>,
    device: &mut D,
) {
    let Some(mut debt) = *debt_of(flow, direction) else { return };
    if !flow.connection.stream(direction).is_owing() {
        return;
    }
    debt.repeats = if moved { 0 } else { debt.repeats.saturating_add(1) };
    let asks = if moved { debt.tries > 0 } else { debt.repeats == REPEAT_COUNT };
    if asks {
        send_again(flow, direction, context, device);
        debt.tries = debt.tries.max(1);
        debt.retry_at = context.now.after(RETRY);
    }
    *debt_of(flow, direction) = Some(debt);
}

/// Sends again what is owed; false if a receiver is gone.
pub(crate) fn handle_timeout<B: Buffer, D: Device<Buffer = B>>(
    flow: &mut Inspected<B>,
    context: &mut Context<B>,
    device: &mut D,
) -> bool {
    for direction in Direction::BOTH {
        let Some(mut debt) = *debt_of(flow, direction) else { continue };
        if debt.retry_at > context.now {
            continue;
        }
        let stream = flow.connection.stream(direction);
        if stream.acked() > debt.acked {
            // The receiver is there.
            debt = Debt { acked: stream.acked(), tries: 0, ..debt };
        }
        if debt.tries == TRY_COUNT_MAX {
            return false;
        }
        if stream.is_owing() {
            send_again(flow, direction, context, device);
            debt.tries += 1;
        } else if !stream.is_holding() {
            *debt_of(flow, direction) = None;
            continue;
        }
        debt.retry_at = context.now.after(RETRY.saturating_mul(1 << debt.tries));
        *debt_of(flow, direction) = Some(debt);
    }
    true
}

fn send_again<B: Buffer, D: Device<Buffer = B>>(
    flow: &Inspected<B>,
    direction: Direction,
    context: &mut Context<B>,
    device: &mut D,
) {
    let mut bytes = [0; SEGMENT_BYTES];
    let stream = flow.connection.stream(direction);
    let (offset, len) = stream.owed(&context.chunks, &mut bytes);
    let back = flow.connection.stream(direction.opposite());
    let numbers = (stream.seq_at(offset), back.seq_at(back.acked()));
    let window = flow.connection.window_of(direction);
    let payload = bytes.get(..len).unwrap_or_default();
    emit(flow, direction, numbers, (Flags::ACK.with(Flags::PSH), window), payload, context, device);
}

const fn debt_of<B>(flow: &mut Inspected<B>, direction: Direction) -> &mut Option<Debt> {
    let [upstream, downstream] = &mut flow.debts;
    match direction {
        Direction::Upstream => upstream,
        Direction::Downstream => downstream,
    }
}
