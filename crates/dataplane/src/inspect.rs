//! Inspect mode: a flow's segments in, what the tap lets pass out.

use crate::context::Context;
use crate::flow::{CLOSING_TIME_MAX, HALF_OPEN_TIME_MAX, IDLE_TIME_MAX};
use crate::flow::{Inspected, Wait};
use crate::link::Link;
use crate::worker::Packet;
use crate::{enforce, repair};
use audit::RecordKind;
use core::time::Duration;
use engine::{Mask, Output, Peers, Tap};
use net::buffer::Buffer;
use net::device::Device;
use net::tcp::{
    Accepted, Arrival, Connection, Inserted, Phase, Released, Segment, Seq, blank_sack, blank_unread, cut_payload,
    rewrite_acknowledgement, sack_blocks,
};
use net::{Direction, DropReason, Timestamp};
use policy::{FlowFacts, Reason};

/// How long segments may wait behind a hole: a sender that is alive fills it within a few
/// retransmission timeouts.
const EARLY_TIME_MAX: Duration = Duration::from_secs(10);

/// What becomes of the flow after a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// It goes on.
    Stay,
    /// It goes on, and what came is to be decided at the end of the burst.
    Decide,
    /// It goes on, and the next poll has more to do.
    Again,
    /// It is not to be inspected after all.
    Forward,
    /// It is over in both directions.
    Close,
    /// It is blocked and everybody was told.
    Tombstone,
}

impl<B: Buffer> Inspected<B> {
    /// A flow that a SYN opens.
    pub(crate) fn open(
        packet: &Packet<'_, B>,
        segment: &Segment,
        peers: Peers,
        undetermined: Option<FlowFacts>,
        is_recorded: bool,
    ) -> Box<Self> {
        Box::new(Self {
            connection: Connection::open(packet.direction(), segment).recorded(is_recorded),
            tap: Tap::new(peers, undetermined),
            links: [Link::default(), Link::default()],
            credits: Vec::new(),
            wait: None,
            ended: [false; 2],
            opening: None,
            refusal: None,
            is_queued: false,
            is_undecided: false,
            counted_held: 0,
            counted_early: 0,
            debts: [None; 2],
            early_since: [None; 2],
        })
    }

    /// The same for a flow whose memory was used before.
    pub(crate) fn reopen(
        &mut self,
        packet: &Packet<'_, B>,
        segment: &Segment,
        peers: Peers,
        undetermined: Option<FlowFacts>,
        context: &mut Context<B>,
    ) {
        self.connection.reopen(packet.direction(), segment, &mut context.chunks);
        self.tap.reset(peers, undetermined);
        self.wait = None;
        self.ended = [false; 2];
        self.debts = [None; 2];
        self.early_since = [None; 2];
        self.refusal = None;
        context.journal.give_back(&mut self.credits);
    }

    /// Takes a packet of the flow.
    pub(crate) fn handle<D: Device<Buffer = B>>(
        &mut self,
        packet: Packet<'_, B>,
        segment: &Segment,
        context: &mut Context<B>,
        device: &mut D,
    ) -> Next {
        if self.refusal.is_some() {
            return enforce::handle_refused(self, &packet, segment, context, device);
        }
        let direction = packet.direction();
        let acked = self.connection.stream(direction.opposite()).acked();
        let accepted = match self.connection.accept(direction, segment, &mut context.chunks) {
            Ok(accepted) => accepted,
            Err(reason) => {
                context.drop(reason);
                return Next::Stay;
            }
        };
        self.note_link(direction, packet.frame.as_slice().get(..packet.datagram.header).unwrap_or_default());
        match accepted {
            Accepted::Handshake => self.pass_handshake(packet, segment, context, device),
            Accepted::Reset => self.pass_reset(packet, segment, context, device),
            Accepted::Challenge => {
                context.drop(DropReason::TcpSyn);
                repair::challenge(self, direction, context, device);
                Next::Stay
            }
            Accepted::Segment(start) => {
                let Packet { mut frame, datagram, meta, .. } = packet;
                blank_unread(frame.as_mut_slice(), segment);
                if segment.options.sack != (0, 0)
                    && !self.connection.can_have_sent(direction, sack_blocks(frame.as_slice(), segment))
                {
                    blank_sack(frame.as_mut_slice(), segment);
                }
                if let Some((ack, window)) = self.connection.owed_acknowledgement(direction, segment) {
                    rewrite_acknowledgement(frame.as_mut_slice(), segment, ack, window);
                }
                let arrival = Arrival { datagram: *datagram, segment: *segment, start, meta };
                let next = self.insert(direction, frame, arrival, context, device);
                let other = direction.opposite();
                let has_moved = self.connection.stream(other).acked() != acked;
                if has_moved {
                    repair::report_hole(self, other, context, device);
                }
                if has_moved || segment.payload_len() == 0 {
                    repair::handle_ack(self, other, has_moved, context, device);
                }
                next
            }
        }
    }

    /// Time has passed.
    pub(crate) fn handle_timeout<D: Device<Buffer = B>>(&mut self, context: &mut Context<B>, device: &mut D) -> Next {
        if self.refusal.is_some() {
            return enforce::handle_refusal_timeout(self, context, device);
        }
        if let Some((_, until)) = &self.wait
            && *until <= context.now
        {
            self.wait = None;
            self.tap.handle_block(&mut context.engine, context.now, Direction::Upstream, Reason::AuditUnavailable);
        }
        self.drop_late_early(context);
        if !repair::handle_timeout(self, context, device) {
            return Next::Close;
        }
        self.tap.handle_timeout(&mut context.engine, context.now);
        self.carry_out(context, device)
    }

    /// The policy does not let the flow go on.
    pub(crate) fn handle_policy_change<D: Device<Buffer = B>>(
        &mut self,
        context: &mut Context<B>,
        device: &mut D,
    ) -> Next {
        self.tap.handle_block(&mut context.engine, context.now, Direction::Upstream, Reason::PolicyChanged);
        self.carry_out(context, device)
    }

    /// What the flow waited for may have come.
    pub(crate) fn handle_journal<D: Device<Buffer = B>>(&mut self, context: &mut Context<B>, device: &mut D) -> Next {
        if !context.journal.go_on(&mut self.wait, &mut self.credits) {
            return Next::Stay;
        }
        self.carry_out(context, device)
    }

    /// Brings the gauges of waiting segments up to date with this flow.
    pub(crate) fn count_held(&mut self, context: &mut Context<B>) {
        let [upstream, downstream] = Direction::BOTH.map(|direction| self.connection.stream(direction));
        let held = (upstream.waiting_count() + downstream.waiting_count()) as u64;
        let early = (upstream.early_count() + downstream.early_count()) as u64;
        let held_mbufs = &mut context.counters.held_mbufs;
        *held_mbufs = *held_mbufs + held - core::mem::replace(&mut self.counted_held, held);
        context.early_count = context.early_count + early - core::mem::replace(&mut self.counted_early, early);
    }

    /// True once both ends are done: the addresses may be used again.
    pub(crate) fn is_over(&self) -> bool {
        self.refusal.is_none() && self.connection.is_finished()
    }

    /// True while a request was not read to its end.
    pub(crate) fn is_mid_request(&self) -> bool {
        self.refusal.is_none() && self.tap.is_mid_request()
    }

    /// How long the flow may be silent.
    pub(crate) fn idle_time(&self) -> Duration {
        match self.connection.phase() {
            _ if self.is_over() => CLOSING_TIME_MAX,
            Phase::SynSent | Phase::SynReceived => HALF_OPEN_TIME_MAX,
            Phase::Established | Phase::Closed => IDLE_TIME_MAX,
        }
    }

    /// When the flow wants to be called, apart from silence.
    pub(crate) fn timeout(&self, context: &Context<B>) -> Option<Timestamp> {
        if let Some(refusal) = &self.refusal {
            return Some(refusal.timeout());
        }
        let waits = self.wait.as_ref().map(|(_, until)| *until);
        let debts = self.debts.iter().flatten().map(|debt| debt.retry_at);
        let early = self.early_since.iter().flatten().map(|since| since.after(EARLY_TIME_MAX));
        debts.chain(waits).chain(early).chain(self.tap.poll_timeout(&context.engine)).min()
    }

    /// The connection is gone: open exchanges get their last records.
    pub(crate) fn end(&mut self, context: &mut Context<B>) {
        if let Some((Wait::Credit(_), _)) = self.wait.take() {
            // An exchange that was never admitted let nothing pass and leaves no record.
            context.counters.drop_one(DropReason::AuditCredit);
        }
        self.tap.handle_close(&mut context.engine, context.now, None);
        while let Some(record) = self.tap.poll_record(&mut context.engine) {
            if record.kind != RecordKind::Admit {
                context.journal.finish(record, &mut self.credits, &mut context.counters);
            }
        }
        context.journal.give_back(&mut self.credits);
    }

    /// The worker stops: both ends are reset.
    pub(crate) fn stop<D: Device<Buffer = B>>(&mut self, context: &mut Context<B>, device: &mut D) {
        if self.refusal.is_none() && !self.is_over() {
            for direction in Direction::BOTH {
                self.connection.stream_mut(direction).discard();
                enforce::reset(self, direction, context, device);
            }
        }
        self.tap.handle_close(&mut context.engine, context.now, Some(Reason::Shutdown));
    }

    /// Gives back what the flow has borrowed.
    pub(crate) fn release_memory(&mut self, context: &mut Context<B>) {
        for direction in Direction::BOTH {
            self.connection.stream_mut(direction).reset(Seq::default(), &mut context.chunks);
        }
        self.links.iter_mut().for_each(Link::clear);
        self.is_queued = false;
        self.is_undecided = false;
    }

    fn pass_handshake<D: Device<Buffer = B>>(
        &mut self,
        packet: Packet<'_, B>,
        segment: &Segment,
        context: &mut Context<B>,
        device: &mut D,
    ) -> Next {
        let direction = packet.direction();
        let Packet { mut frame, datagram, meta, .. } = packet;
        cut_payload(&mut frame, *datagram, segment);
        blank_unread(frame.as_mut_slice(), &Segment { end: segment.payload, ..*segment });
        self.release(direction, Released { frame, meta }, context, device);
        Next::Stay
    }

    /// A valid reset passes; it takes the place of everything that was held.
    fn pass_reset<D: Device<Buffer = B>>(
        &mut self,
        packet: Packet<'_, B>,
        segment: &Segment,
        context: &mut Context<B>,
        device: &mut D,
    ) -> Next {
        let direction = packet.direction();
        let stream = self.connection.stream(direction);
        if segment.seq == stream.received_seq() && segment.seq != stream.released_seq() {
            // Its number counts bytes that the receiver will never see.
            enforce::reset(self, direction, context, device);
        } else {
            // What a reset carries is for nobody, and nobody has read it.
            let Packet { mut frame, datagram, meta, .. } = packet;
            cut_payload(&mut frame, *datagram, segment);
            blank_unread(frame.as_mut_slice(), &Segment { end: segment.payload, ..*segment });
            self.release(direction, Released { frame, meta }, context, device);
        }
        Next::Close
    }

    fn insert<D: Device<Buffer = B>>(
        &mut self,
        direction: Direction,
        frame: B,
        arrival: Arrival,
        context: &mut Context<B>,
        device: &mut D,
    ) -> Next {
        let mut segment = Some((frame, arrival));
        while let Some((frame, arrival)) = segment {
            if self.would_overflow(direction, &arrival, context) {
                context.drop(DropReason::AuditCredit);
                break;
            }
            let limits = context.stream_limits();
            let stream = self.connection.stream_mut(direction);
            match stream.insert(frame, arrival, &limits, &context.chunks) {
                Inserted::Pass(released) => self.release(direction, released, context, device),
                Inserted::Held(new) => {
                    let bytes = stream.newest(new.start);
                    self.tap.handle_data(&mut context.engine, context.now, direction, bytes);
                    self.note_end(direction, context);
                }
                Inserted::Early => {
                    self.note_early(direction, context.now);
                    repair::report_hole(self, direction, context, device);
                    break;
                }
                Inserted::Dropped(reason) => {
                    context.drop(reason);
                    if reason == DropReason::HeldRetransmission {
                        repair::acknowledge_held(self, direction, context, device);
                    }
                }
                Inserted::Contradiction => {
                    context.counters.contradictions += 1;
                    self.tap.handle_block(&mut context.engine, context.now, direction, Reason::TcpContradiction);
                    break;
                }
            }
            segment = self.connection.stream_mut(direction).take_ready();
            self.note_early(direction, context.now);
        }
        Next::Decide
    }

    /// True if the segment would make a flow that waits for the audit log hold too much: it is not
    /// the sender's fault, so the segment is dropped and comes again.
    fn would_overflow(&self, direction: Direction, arrival: &Arrival, context: &Context<B>) -> bool {
        let stream = self.connection.stream(direction);
        let held = stream.next() - stream.released();
        self.wait.is_some() && held + arrival.segment.payload_len() as u64 > context.config.stream.hold_bytes_max as u64
    }

    /// Starts, keeps or ends the time that segments wait behind a hole.
    fn note_early(&mut self, direction: Direction, now: Timestamp) {
        let is_waiting = self.connection.stream(direction).early_count() > 0;
        if let Some(since) = self.early_since.get_mut(direction.index()) {
            *since = if is_waiting { since.or(Some(now)) } else { None };
        }
    }

    /// Frees early segments whose hole nobody fills: the sender sends them again if it is still there.
    fn drop_late_early(&mut self, context: &mut Context<B>) {
        for direction in Direction::BOTH {
            let Some(since) = self.early_since.get_mut(direction.index()) else { continue };
            if since.is_some_and(|since| since.after(EARLY_TIME_MAX) <= context.now) {
                *since = None;
                let count = self.connection.stream_mut(direction).discard_early();
                context.counters.drop_many(DropReason::EarlyTimeout, count as u64);
            }
        }
    }

    fn note_end(&mut self, direction: Direction, context: &mut Context<B>) {
        let [upstream, downstream] = &mut self.ended;
        let ended = if direction == Direction::Upstream { upstream } else { downstream };
        if !*ended && self.connection.stream(direction).fin_received() {
            *ended = true;
            self.tap.handle_eof(&mut context.engine, context.now, direction);
        }
    }

    /// Decides about what came, and does what the tap says: records first, then everything else in
    /// its order.
    pub(crate) fn carry_out<D: Device<Buffer = B>>(&mut self, context: &mut Context<B>, device: &mut D) -> Next {
        self.tap.flush(&mut context.engine, context.now);
        context.counters.requests += self.tap.take_request_count();
        self.write_records(context, device);
        if self.wait.is_some() {
            return Next::Stay;
        }
        let mut next = Next::Stay;
        while let Some(output) = self.tap.poll_output() {
            match output {
                Output::Edit { direction, range, mask } => self.edit(direction, range, mask),
                Output::Release { direction, up_to } => self.release_up_to(direction, up_to, context, device),
                Output::Forward => next = Next::Forward,
                Output::Block { reason: _, reply } => return enforce::block(self, reply, context, device),
            }
        }
        self.release_acknowledgements(context, device);
        if next == Next::Stay { self.check_hold(context, device) } else { next }
    }

    fn check_hold<D: Device<Buffer = B>>(&mut self, context: &mut Context<B>, device: &mut D) -> Next {
        for direction in Direction::BOTH {
            let stream = self.connection.stream(direction);
            if stream.next() - stream.released() > context.config.stream.hold_bytes_max as u64 {
                self.tap.handle_block(&mut context.engine, context.now, direction, Reason::HoldBytes);
                return self.carry_out(context, device);
            }
        }
        if self.connection.is_finished() { Next::Close } else { Next::Stay }
    }

    fn write_records<D: Device<Buffer = B>>(&mut self, context: &mut Context<B>, device: &mut D) {
        while self.wait.is_none()
            && let Some(record) = self.tap.poll_record(&mut context.engine)
        {
            let spent = device.now().nanos_since(context.now);
            record.note_passed(spent);
            record.scan_ns = record.scan_ns.saturating_add(spent);
            if record.kind == RecordKind::Final {
                // An exchange that came and went in one burst had only that one.
                record.scan_ns = record.scan_ns.min(record.latency_ns);
            }
            record.overhead_ns = record.scan_ns;
            if record.kind == RecordKind::Admit {
                let wait = context.journal.admit(record, &mut self.credits);
                self.wait = wait.map(|wait| (wait, context.now.after(context.config.audit_wait_max)));
            } else {
                context.journal.finish(record, &mut self.credits, &mut context.counters);
            }
        }
    }

    fn edit(&mut self, direction: Direction, range: core::ops::Range<u64>, mask: Mask) {
        let start = range.start;
        self.connection.stream_mut(direction).edit(range, |at| mask.byte(at - start));
    }

    fn release_up_to<D: Device<Buffer = B>>(
        &mut self,
        direction: Direction,
        up_to: u64,
        context: &mut Context<B>,
        device: &mut D,
    ) {
        loop {
            let stream = self.connection.stream_mut(direction);
            let released = stream.release(up_to, &mut context.chunks, || device.alloc());
            let Some(released) = released else { return };
            self.release(direction, released, context, device);
        }
    }

    /// Acknowledgements and FINs that wait behind nothing any more.
    fn release_acknowledgements<D: Device<Buffer = B>>(&mut self, context: &mut Context<B>, device: &mut D) {
        for direction in Direction::BOTH {
            let released = self.connection.stream(direction).released();
            if self.connection.stream(direction).is_holding() {
                self.release_up_to(direction, released, context, device);
            }
        }
    }

    fn release<D: Device<Buffer = B>>(
        &mut self,
        direction: Direction,
        released: Released<B>,
        context: &mut Context<B>,
        device: &mut D,
    ) {
        let side = direction.ingress().opposite();
        context.egress.send_released(device, &mut context.counters, side, released);
    }
}
