//! TCP segments: to the flow that they belong to, or to a new one.

use super::{FORWARD_SHARE_EIGHTHS, Packet, Worker, facts_of};
use crate::enforce::answer_with_reset;
use crate::flow::{DRAINS, Flow, Forwarded, Inspected, State};
use crate::terminate::Terminated;
use crate::terminate::tcp::Arrival;
use engine::Peers;
use net::buffer::Buffer;
use net::device::Device;
use net::flow::{FlowId, FlowKey};
use net::frame::blank_options;
use net::tcp::{Flags, Segment, transport_checksum_is_valid};
use net::{DropReason, Side};
use policy::{App, FlowFacts, Mode, Reason, Route};

impl<B: Buffer> Worker<B> {
    pub(super) fn handle_tcp<D: Device<Buffer = B>>(&mut self, packet: Packet<'_, B>, device: &mut D) {
        let segment = match Segment::parse(packet.frame.as_slice(), packet.datagram) {
            Ok(segment) => segment,
            Err(reason) => return self.context.drop(reason),
        };
        if let Some(id) = self.looked_up(&packet) {
            return self.handle_known(id, packet, &segment, device);
        }
        let key = packet.key(segment.source_port, segment.destination_port);
        match self.table.find(&key) {
            Some(id) => self.handle_known(id, packet, &segment, device),
            None => self.handle_unknown(key, packet, &segment, device),
        }
    }

    fn handle_known<D: Device<Buffer = B>>(
        &mut self,
        id: FlowId,
        packet: Packet<'_, B>,
        segment: &Segment,
        device: &mut D,
    ) {
        self.note_heard(id);
        let Some(flow) = self.table.get_mut(id) else { return };
        let next = match &mut flow.state {
            State::Forward(forwarded) => {
                if is_opening(segment) && forwarded.opened_by != Some((packet.side, segment.seq)) {
                    // Another connection between the same addresses: what was decided of the one
                    // before it is not true of this one.
                    return self.handle_again(id, packet, segment, device);
                }
                let was_closing = forwarded.is_closing();
                forwarded.note(packet.direction(), segment);
                let is_due = forwarded.is_closing() != was_closing || flow.drain_until.is_some();
                self.forward_packet(packet, device);
                if is_due {
                    self.set_timer(id);
                }
                // Otherwise its timer finds out that it was heard of.
                return;
            }
            State::Inspect(inspected) => {
                if !transport_checksum_is_valid(packet.frame.as_slice(), packet.datagram) {
                    return self.context.drop(DropReason::TransportChecksum);
                }
                if inspected.is_over() && segment.flags.any(Flags::SYN) && !segment.flags.any(Flags::ACK) {
                    return self.handle_again(id, packet, segment, device);
                }
                let mut packet = packet;
                blank_options(packet.frame.as_mut_slice(), packet.datagram);
                inspected.handle(packet, segment, &mut self.context, device)
            }
            State::Terminate(terminated) => {
                let arrival = Arrival { frame: packet.frame.as_slice(), datagram: *packet.datagram, segment: *segment };
                if is_opening(segment) && terminated.is_reopened_by(&arrival) {
                    return self.handle_again(id, packet, segment, device);
                }
                terminated.handle(&packet, segment, &mut self.context)
            }
            State::Tombstone => {
                self.context.drop(DropReason::FlowBlocked);
                answer_with_reset(&packet, segment, &mut self.context, device);
                return;
            }
        };
        self.follow(id, next);
    }

    /// The addresses of a flow are used for another connection.
    fn handle_again<D: Device<Buffer = B>>(
        &mut self,
        id: FlowId,
        packet: Packet<'_, B>,
        segment: &Segment,
        device: &mut D,
    ) {
        let key = self.table.key(id).copied();
        self.remove(id);
        if let Some(key) = key {
            self.handle_unknown(key, packet, segment, device);
        }
    }

    /// A flow has sent something: it lives, and a policy that came since it last did applies to it.
    fn note_heard(&mut self, id: FlowId) {
        let now = self.context.now;
        let Some(flow) = self.table.get_mut(id) else { return };
        if matches!(flow.state, State::Tombstone) {
            // A client that tries again and again finds its address free all the same.
            return;
        }
        flow.heard_at = now;
        if core::mem::replace(&mut flow.generation, self.context.generation) == self.context.generation {
            return;
        }
        let facts = self.table.key(id).map(facts_of);
        let (Some(facts), Some(flow)) = (facts, self.table.get_mut(id)) else { return };
        let policy = self.context.engine.policy();
        let is_stricter = match (policy.route(&facts), &flow.state) {
            (Route::Hello | Route::FirstBytes, State::Terminate(flow)) => flow.is_stricter(policy),
            (Route::Hello, _) => flow.mode() < Mode::Terminate,
            // One whose first bytes are still to tell is decided by the newest policy; all others are HTTP/1.
            (Route::FirstBytes, State::Inspect(flow)) => {
                flow.tap.is_determined() && policy.mode_of_app(&facts, App::Http1) > Mode::Inspect
            }
            (Route::FirstBytes, _) => flow.granted() == Mode::Forward,
            (Route::Mode(mode), _) => mode > flow.granted(),
        };
        // A policy that comes while the time runs gives no more of it.
        let until = flow.drain_until.unwrap_or_else(|| now.after(self.context.config.policy_drain_max));
        flow.drain_until = is_stricter.then_some(until);
        if is_stricter {
            flow.generation = DRAINS;
        }
    }

    fn handle_unknown<D: Device<Buffer = B>>(
        &mut self,
        key: FlowKey,
        packet: Packet<'_, B>,
        segment: &Segment,
        device: &mut D,
    ) {
        let facts = facts_of(&key);
        let policy = self.context.engine.policy();
        // Rules speak of connections that clients inside open; one that is opened from outside is
        // named by none.
        let route = match packet.side {
            Side::Inside => policy.route(&facts),
            Side::Outside if is_opening(segment) => Route::Mode(policy.default_mode()),
            Side::Outside => policy.route(&facts),
        };
        match route {
            Route::Mode(Mode::Forward) => {
                self.open_forward(key, &packet, segment);
                self.forward_packet(packet, device);
            }
            Route::Mode(Mode::Block) if packet.side == Side::Inside && is_opening(segment) => {
                self.refuse_flow(&key, &packet, segment, Reason::PolicyBlocked, device);
            }
            Route::Mode(Mode::Block) => {
                self.context.drop(DropReason::PolicyBlocked);
                answer_with_reset(&packet, segment, &mut self.context, device);
            }
            Route::Mode(Mode::Terminate) | Route::Hello if is_opening(segment) => {
                self.open_terminate(key, facts, &packet, segment, device);
            }
            Route::Mode(Mode::Inspect) if is_opening(segment) => self.open_inspect(key, None, packet, segment, device),
            Route::FirstBytes if is_opening(segment) => {
                self.open_inspect(key, Some(facts), packet, segment, device);
            }
            Route::Mode(Mode::Inspect | Mode::Terminate) | Route::FirstBytes | Route::Hello => {
                // State was lost, or never was: both ends are told.
                self.context.drop(DropReason::FlowUnknown);
                answer_with_reset(&packet, segment, &mut self.context, device);
            }
        }
    }

    fn open_forward(&mut self, key: FlowKey, packet: &Packet<'_, B>, segment: &Segment) {
        // A flow that finds no place passes without one: nothing is promised about it.
        if self.forward_count >= self.table.capacity() * FORWARD_SHARE_EIGHTHS / 8 {
            return;
        }
        let opened_by = is_opening(segment).then_some((packet.side, segment.seq));
        let mut forwarded = Forwarded { opened_by, ..Forwarded::default() };
        forwarded.note(packet.direction(), segment);
        if let Ok(id) = self.insert(key, State::Forward(forwarded)) {
            self.forward_count += 1;
            self.set_timer(id);
        }
    }

    fn open_inspect<D: Device<Buffer = B>>(
        &mut self,
        key: FlowKey,
        undetermined: Option<FlowFacts>,
        packet: Packet<'_, B>,
        segment: &Segment,
        device: &mut D,
    ) {
        if !transport_checksum_is_valid(packet.frame.as_slice(), packet.datagram) {
            return self.context.drop(DropReason::TransportChecksum);
        }
        if segment.payload_len() > 0 {
            // Fast Open: the client sends the bytes again once the handshake is over.
            return self.context.drop(DropReason::TcpSynData);
        }
        if !self.context.journal.can_open() {
            return self.context.drop(DropReason::AuditCredit);
        }
        let peers = Peers { client: key.end(Side::Inside), server: key.end(Side::Outside) };
        self.make_room(device);
        let inspected = match self.pool.pop() {
            Some(mut inspected) => {
                inspected.reopen(&packet, segment, peers, undetermined, &mut self.context);
                inspected
            }
            None => Inspected::open(&packet, segment, peers, undetermined, self.context.config.is_recorded),
        };
        let Ok(id) = self.insert(key, State::Inspect(inspected)) else {
            return self.context.drop(DropReason::FlowTableFull);
        };
        self.note_opening(id);
        self.handle_known(id, packet, segment, device);
        self.set_timer(id);
    }

    fn open_terminate<D: Device<Buffer = B>>(
        &mut self,
        key: FlowKey,
        facts: FlowFacts,
        packet: &Packet<'_, B>,
        segment: &Segment,
        device: &mut D,
    ) {
        if !transport_checksum_is_valid(packet.frame.as_slice(), packet.datagram) {
            return self.context.drop(DropReason::TransportChecksum);
        }
        let peers = Peers { client: key.end(Side::Inside), server: key.end(Side::Outside) };
        if !self.context.terminator.may_open(peers.client.ip(), self.context.now) {
            return self.context.drop(DropReason::HalfOpen);
        }
        if !self.context.journal.can_open() {
            return self.context.drop(DropReason::AuditCredit);
        }
        self.make_room(device);
        let syn = Arrival { frame: packet.frame.as_slice(), datagram: *packet.datagram, segment: *segment };
        let flow = Terminated::open(&syn, peers, facts, &mut self.context);
        let Ok(id) = self.insert(key, State::Terminate(flow)) else {
            return self.context.drop(DropReason::FlowTableFull);
        };
        self.note_opening(id);
        let Some(Flow { state: State::Terminate(flow), .. }) = self.table.get_mut(id) else { return };
        flow.set_id(id);
        let next = flow.carry_out(&mut self.context, device);
        self.follow(id, next);
    }

    /// A flow that is not even opened: recorded, and its client told.
    fn refuse_flow<D: Device<Buffer = B>>(
        &mut self,
        key: &FlowKey,
        packet: &Packet<'_, B>,
        segment: &Segment,
        reason: Reason,
        device: &mut D,
    ) {
        self.context.drop(DropReason::PolicyBlocked);
        let peers = Peers { client: key.end(Side::Inside), server: key.end(Side::Outside) };
        if self.context.may_record_flow() {
            let record = self.context.engine.flow_record(&peers, reason, self.context.now);
            self.context.journal.finish(&record, &mut Vec::new(), &mut self.context.counters);
        }
        answer_with_reset(packet, segment, &mut self.context, device);
    }
}

/// True for the first segment of a connection.
const fn is_opening(segment: &Segment) -> bool {
    segment.flags.any(Flags::SYN) && !segment.flags.any(Flags::ACK.with(Flags::RST).with(Flags::FIN))
}
