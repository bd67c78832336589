//! Blocks: the server is reset at the last byte it was really sent, the client is told.

use crate::context::Context;
use crate::flow::Inspected;
use crate::inspect::Next;
use crate::link::Link;
use crate::worker::Packet;
use core::time::Duration;
use engine::Reply;
use net::buffer::Buffer;
use net::device::Device;
use net::tcp::{Emit, Flags, Segment, Seq};
use net::{Direction, DropReason, Timestamp};

/// How long a client that is told of a block may go on sending: what it sends is acknowledged and
/// thrown away, because a reset now would make it throw the unread answer away.
const REFUSAL_TIME_MAX: Duration = Duration::from_secs(2);
/// When an answer that was not acknowledged is sent again.
const REFUSAL_RETRY: Duration = Duration::from_millis(250);
/// Window that a client is shown while it is being refused.
const REFUSAL_WINDOW: u16 = u16::MAX;

/// A client that is being told of a block, in the server's name.
#[derive(Debug)]
pub(crate) struct Refusal {
    reply: Box<Reply>,
    /// Which way the client sends.
    from_client: Direction,
    /// Sequence number of the answer's first byte.
    seq: Seq,
    /// The next byte expected of the client.
    expected: Seq,
    /// The client has acknowledged the answer and its FIN.
    is_heard: bool,
    /// The client has ended its half.
    is_ended: bool,
    retry_at: Timestamp,
    until: Timestamp,
}

impl Refusal {
    /// Sequence number behind the answer and its FIN.
    fn end(&self) -> Seq {
        #[expect(clippy::cast_possible_truncation, reason = "a reply fits one segment")]
        {
            self.seq + self.reply.bytes().len() as u32 + 1
        }
    }

    /// When the refusal wants to be called.
    pub(crate) fn timeout(&self) -> Timestamp {
        if self.is_heard { self.until } else { self.retry_at.min(self.until) }
    }
}

/// Carries a block out. Nothing of what was held leaves; what is pipelined behind is discarded.
pub(crate) fn block<B: Buffer, D: Device<Buffer = B>>(
    flow: &mut Inspected<B>,
    reply: Option<Box<Reply>>,
    context: &mut Context<B>,
    device: &mut D,
) -> Next {
    let from_client = flow.connection.initiator();
    for direction in Direction::BOTH {
        let count = flow.connection.stream_mut(direction).discard();
        context.counters.drop_many(DropReason::FlowBlocked, count as u64);
    }
    reset(flow, from_client, context, device);
    let Some(reply) = reply else {
        reset(flow, from_client.opposite(), context, device);
        return Next::Tombstone;
    };
    let refusal = Refusal {
        reply,
        from_client,
        seq: flow.connection.stream(from_client.opposite()).released_seq(),
        expected: flow.connection.stream(from_client).received_seq(),
        is_heard: false,
        is_ended: flow.connection.stream(from_client).fin_received(),
        retry_at: context.now.after(REFUSAL_RETRY),
        until: context.now.after(REFUSAL_TIME_MAX),
    };
    send_reply(flow, &refusal, context, device);
    flow.refusal = Some(refusal);
    Next::Stay
}

/// Resets the receiver of `direction`, at the number that it expects next.
pub(crate) fn reset<B: Buffer, D: Device<Buffer = B>>(
    flow: &Inspected<B>,
    direction: Direction,
    context: &mut Context<B>,
    device: &mut D,
) {
    let seq = flow.connection.stream(direction).released_seq();
    let ack = flow.connection.stream(direction.opposite()).released_seq();
    emit(flow, direction, (seq, ack), (Flags::RST.with(Flags::ACK), 0), &[], context, device);
}

/// Takes a packet of a flow whose client is being refused.
pub(crate) fn handle_refused<B: Buffer, D: Device<Buffer = B>>(
    flow: &mut Inspected<B>,
    packet: &Packet<'_, B>,
    segment: &Segment,
    context: &mut Context<B>,
    device: &mut D,
) -> Next {
    context.drop(DropReason::FlowBlocked);
    let direction = packet.direction();
    let Some(mut refusal) = flow.refusal.take() else { return Next::Stay };
    if direction != refusal.from_client {
        // The server did not hear the reset, or was faster.
        flow.refusal = Some(refusal);
        if !segment.flags.any(Flags::RST) {
            answer_with_reset(packet, segment, context, device);
        }
        return Next::Stay;
    }
    if segment.flags.any(Flags::RST) {
        return Next::Tombstone;
    }
    refusal.is_heard |= segment.flags.any(Flags::ACK) && segment.ack == refusal.end();
    let carries_more = refusal.take(segment);
    let is_over = refusal.is_heard && refusal.is_ended;
    if carries_more && refusal.is_heard {
        let numbers = (refusal.end(), refusal.expected);
        emit(flow, refusal.from_client.opposite(), numbers, (Flags::ACK, REFUSAL_WINDOW), &[], context, device);
    } else if carries_more {
        send_reply(flow, &refusal, context, device);
    }
    flow.refusal = Some(refusal);
    if is_over { Next::Tombstone } else { Next::Stay }
}

/// Sends the answer again, or gives up.
pub(crate) fn handle_refusal_timeout<B: Buffer, D: Device<Buffer = B>>(
    flow: &mut Inspected<B>,
    context: &mut Context<B>,
    device: &mut D,
) -> Next {
    let Some(mut refusal) = flow.refusal.take() else { return Next::Stay };
    if refusal.until <= context.now {
        let seq = if refusal.is_heard { refusal.end() } else { refusal.seq };
        let numbers = (seq, refusal.expected);
        emit(flow, refusal.from_client.opposite(), numbers, (Flags::RST.with(Flags::ACK), 0), &[], context, device);
        return Next::Tombstone;
    }
    if !refusal.is_heard && refusal.retry_at <= context.now {
        refusal.retry_at = context.now.after(REFUSAL_RETRY);
        send_reply(flow, &refusal, context, device);
    }
    flow.refusal = Some(refusal);
    Next::Stay
}

impl Refusal {
    /// Moves on over what the client still sends; true if it sent anything that wants an answer.
    fn take(&mut self, segment: &Segment) -> bool {
        let has_fin = segment.flags.any(Flags::FIN);
        let len = u32::try_from(segment.payload_len()).unwrap_or(u32::MAX);
        let end = segment.seq + len;
        let is_next = !self.expected.is_before(segment.seq);
        if is_next && self.expected.is_before(end) {
            self.expected = end;
        }
        if has_fin && end == self.expected && !self.is_ended {
            self.is_ended = true;
            self.expected = self.expected + 1;
        }
        len > 0 || has_fin
    }
}

fn send_reply<B: Buffer, D: Device<Buffer = B>>(
    flow: &Inspected<B>,
    refusal: &Refusal,
    context: &mut Context<B>,
    device: &mut D,
) {
    let flags = Flags::ACK.with(Flags::PSH).with(Flags::FIN);
    let numbers = (refusal.seq, refusal.expected);
    emit(
        flow,
        refusal.from_client.opposite(),
        numbers,
        (flags, REFUSAL_WINDOW),
        refusal.reply.bytes(),
        context,
        device,
    );
}

/// Sends a segment of our own in the name of the sender of `direction`.
pub(crate) fn emit<B: Buffer, D: Device<Buffer = B>>(
    flow: &Inspected<B>,
    direction: Direction,
    (seq, ack): (Seq, Seq),
    (flags, window): (Flags, u16),
    payload: &[u8],
    context: &mut Context<B>,
    device: &mut D,
) {
    let segment = Own { numbers: (seq, ack), flags, window, sack: &[], payload };
    emit_own(flow, direction, &segment, context, device);
}

/// A segment of our own, apart from whose name it bears.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Own<'a> {
    /// Sequence and acknowledgement number.
    pub(crate) numbers: (Seq, Seq),
    pub(crate) flags: Flags,
    pub(crate) window: u16,
    pub(crate) sack: &'a [(Seq, Seq)],
    pub(crate) payload: &'a [u8],
}

/// The same with all that a segment can say.
pub(crate) fn emit_own<B: Buffer, D: Device<Buffer = B>>(
    flow: &Inspected<B>,
    direction: Direction,
    own_segment: &Own<'_>,
    context: &mut Context<B>,
    device: &mut D,
) {
    let peers = flow.tap.peers();
    let (source, destination) = if direction == flow.connection.initiator() {
        (peers.client, peers.server)
    } else {
        (peers.server, peers.client)
    };
    let [upstream, downstream] = &flow.links;
    let link = if direction == Direction::Upstream { upstream } else { downstream };
    let segment = Emit {
        link: link.to_peer(),
        source: (source.ip().into(), source.port()),
        destination: (destination.ip().into(), destination.port()),
        seq: own_segment.numbers.0,
        ack: own_segment.numbers.1,
        flags: own_segment.flags,
        window: own_segment.window,
        timestamps: flow.connection.timestamps(direction),
        sack: own_segment.sack,
        payload: own_segment.payload,
    };
    send(&segment, direction, context, device);
}

/// Answers a segment that belongs to nothing with a reset to its sender (RFC 9293 section 3.5.2).
pub(crate) fn answer_with_reset<B: Buffer, D: Device<Buffer = B>>(
    packet: &Packet<'_, B>,
    segment: &Segment,
    context: &mut Context<B>,
    device: &mut D,
) {
    if segment.flags.any(Flags::RST) || !context.may_reset() {
        return;
    }
    let link = Link::answering(packet.frame.as_slice().get(..packet.datagram.header).unwrap_or_default());
    let has_ack = segment.flags.any(Flags::ACK);
    let counted = u32::from(segment.flags.any(Flags::SYN)) + u32::from(segment.flags.any(Flags::FIN));
    let len = u32::try_from(segment.payload_len()).unwrap_or(0);
    let reply = Emit {
        link: link.to_peer(),
        source: (packet.datagram.destination, segment.destination_port),
        destination: (packet.datagram.source, segment.source_port),
        seq: if has_ack { segment.ack } else { Seq(0) },
        ack: if has_ack { Seq(0) } else { segment.seq + len + counted },
        flags: if has_ack { Flags::RST } else { Flags::RST.with(Flags::ACK) },
        window: 0,
        timestamps: None,
        sack: &[],
        payload: &[],
    };
    send(&reply, packet.direction().opposite(), context, device);
}

fn send<B: Buffer, D: Device<Buffer = B>>(
    segment: &Emit<'_>,
    direction: Direction,
    context: &mut Context<B>,
    device: &mut D,
) {
    let Some(mut frame) = device.alloc() else {
        return context.drop(DropReason::NoBuffer);
    };
    if segment.emit(&mut frame) {
        context.send(device, direction.ingress().opposite(), frame);
    } else {
        context.drop(DropReason::NoBuffer);
    }
}
