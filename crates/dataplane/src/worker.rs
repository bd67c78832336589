//! The loop of one worker.

use crate::context::Context;
use crate::enforce::answer_with_reset;
use crate::flow::{Flow, Forwarded, Inspected, State};
use crate::forward::{allows_datagram, allows_frame, allows_unasked_udp, cut_arp, ends, forward};
use crate::inspect::Next;
use crate::journal::Journal;
use crate::stats::{Counters, Stats};
use crate::{Config, egress};
use arc_swap::ArcSwap;
use audit::queue::RecordSender;
use core::time::Duration;
use engine::{Engine, Peers};
use net::buffer::Buffer;
use net::device::{BURST_SIZE, Burst, Device};
use net::flow::{FlowId, FlowKey, FlowTable, TimerWheel, Tuple};
use net::fragment::{Meta, Reassembled, Reassembler};
use net::frame::{Datagram, Frame, Network, VlanTags, blank_options, protocol};
use net::tcp::{Flags, Segment, Seq, transport_checksum_is_valid};
use net::{Direction, DropReason, Side, Timestamp};
use policy::{FlowFacts, Mode, Policy, Protocol, Reason, Route};
use std::collections::VecDeque;
use std::sync::Arc;

/// A TCP flow that never got an answer.
pub(crate) const HALF_OPEN_TIME_MAX: Duration = Duration::from_secs(10);
/// A flow that says nothing: longer than the keep-alive interval of common stacks (2 h), so that
/// idle connections survive.
pub(crate) const IDLE_TIME_MAX: Duration = Duration::from_secs(7500);
/// A UDP flow that says nothing.
const UDP_IDLE_TIME_MAX: Duration = Duration::from_secs(60);
/// A flow both of whose ends have said goodbye: late duplicates of the last segments still pass.
pub(crate) const CLOSING_TIME_MAX: Duration = Duration::from_secs(10);
/// How long a blocked flow's address answers with resets.
const TOMBSTONE_TIME_MAX: Duration = Duration::from_secs(60);
/// Inspected flows whose memory is kept for the next ones.
const POOL_COUNT_MAX: usize = 1024;
/// Polls after which a busy worker looks for a new policy: some ten microseconds.
const POLLS_PER_POLICY: u64 = 32;
/// Share of the table that flows which nobody inspects may fill, in eighths: they cannot crowd out
/// the ones that are protected.
const FORWARD_SHARE_EIGHTHS: usize = 6;

/// A frame with a datagram in it.
#[derive(Debug)]
pub(crate) struct Packet<B> {
    pub(crate) frame: B,
    pub(crate) datagram: Datagram,
    pub(crate) vlan: VlanTags,
    pub(crate) side: Side,
    pub(crate) meta: Meta,
    /// Its place in the burst that was looked up, unless it was put together from several frames.
    place: Option<usize>,
}

/// A frame that was looked at, and not handled yet.
#[derive(Debug)]
struct Arrived<B> {
    frame: B,
    parsed: Result<Frame, DropReason>,
}

impl<B> Packet<B> {
    fn key(&self, source_port: u16, destination_port: u16) -> FlowKey {
        FlowKey::new(&self.tuple(source_port, destination_port), self.side)
    }

    pub(crate) const fn direction(&self) -> Direction {
        self.side.direction()
    }

    fn tuple(&self, source_port: u16, destination_port: u16) -> Tuple {
        Tuple {
            source: self.datagram.source,
            destination: self.datagram.destination,
            source_port,
            destination_port,
            protocol: self.datagram.protocol,
            vlan: self.vlan,
        }
    }

    /// The packet as the first of a flow that the inside end opens.
    fn facts(&self, key: &FlowKey) -> FlowFacts {
        let (client, server) = ends(&self.datagram, self.side);
        FlowFacts {
            protocol: Protocol::Ip(self.datagram.protocol),
            client: Some(client),
            server: Some(server),
            port: key.end(Side::Outside).port(),
            vlan: [self.vlan.outer, self.vlan.inner],
        }
    }
}

/// One worker: its flows, its share of every limit, its end of the audit log.
#[derive(Debug)]
pub struct Worker<B> {
    policy: Arc<ArcSwap<Policy>>,
    /// Counts policies: a flow remembers under which it was routed.
    generation: u64,
    table: FlowTable<Flow<B>>,
    timers: TimerWheel,
    reassembler: Reassembler<B>,
    context: Context<B>,
    /// Flows to be decided at the end of the burst.
    undecided: Vec<FlowId>,
    /// Flows that wait for the audit log.
    waiting: VecDeque<FlowId>,
    #[expect(clippy::vec_box, reason = "a flow's state moves between table and pool as its box")]
    pool: Vec<Box<Inspected<B>>>,
    received: Burst<B>,
    arrived: Vec<Arrived<B>>,
    /// Their keys, and the flows of these: hints, since handling one may change the table for the next.
    keys: Vec<Option<FlowKey>>,
    flows: Vec<Option<FlowId>>,
    forward_count: usize,
    /// Frames that the last poll brought.
    last_count: usize,
    latency: LatencySink,
    stats: Arc<Stats>,
}

/// Longest time that the latency histogram tells apart.
const LATENCY_NANOS_MAX: u64 = 60_000_000_000;
/// Significant digits of the latency histogram: 1 % is finer than the figures repeat.
const LATENCY_DIGITS: u8 = 2;

/// Where the time from receive to send goes: a histogram that the host reads.
pub type LatencySink = hdrhistogram::Histogram<u64>;

/// An empty histogram of the kind that every worker fills.
#[must_use]
#[expect(clippy::expect_used, reason = "the bounds are constants, and good ones")]
pub fn latency_histogram() -> LatencySink {
    LatencySink::new_with_bounds(1, LATENCY_NANOS_MAX, LATENCY_DIGITS).expect("good bounds")
}

/// What a worker is made with.
#[derive(Debug)]
pub struct Parts {
    /// Limits.
    pub config: Config,
    /// The policy in force; a new one is taken up at the next poll.
    pub policy: Arc<ArcSwap<Policy>>,
    /// Number of the first exchange, unique among the workers of one run.
    pub first_exchange: u64,
    /// Seed of the flow table and key of credential hashes.
    pub secret: [u8; 32],
    /// The worker's end of the audit log.
    pub records: RecordSender,
    /// Where counters are published.
    pub stats: Arc<Stats>,
}

impl<B: Buffer> Worker<B> {
    /// A worker with empty tables, at `now`.
    #[must_use]
    pub fn new(parts: Parts, now: Timestamp) -> Self {
        let Parts { config, policy, first_exchange, secret, records, stats } = parts;
        let engine = Engine::new(policy.load_full(), engine::Limits::default(), first_exchange, secret);
        let seed = secret.first_chunk().map_or(0, |seed| u64::from_le_bytes(*seed));
        let table = FlowTable::new(config.flow_count_max, seed);
        Self {
            policy,
            generation: 0,
            timers: TimerWheel::new(table.capacity(), now),
            table,
            reassembler: Reassembler::new(config.datagram_bytes_max),
            context: Context::new(config, engine, Journal::new(records, config.record_sync), now, seed),
            undecided: Vec::with_capacity(BURST_SIZE),
            waiting: VecDeque::new(),
            pool: Vec::new(),
            received: Burst::new(),
            arrived: Vec::with_capacity(BURST_SIZE),
            keys: Vec::with_capacity(BURST_SIZE),
            flows: Vec::with_capacity(BURST_SIZE),
            forward_count: 0,
            last_count: 0,
            latency: latency_histogram(),
            stats,
        }
    }

    /// One round: receives a burst from each port, does all there is to do, sends. Returns how many
    /// frames came.
    pub fn poll_once<D: Device<Buffer = B>>(&mut self, device: &mut D) -> usize {
        let now = device.now();
        self.account(now);
        self.context.now = now;
        // A worker that is busy looks for a new policy now and then, one that is not looks each time.
        if self.last_count == 0 || self.context.counters.polls.is_multiple_of(POLLS_PER_POLICY) {
            self.take_policy();
        }
        let count = if self.context.engine.policy().is_transparent() {
            self.pass_through(device)
        } else {
            let count = self.receive(device);
            self.resume_waiting(device);
            self.expire(device);
            count
        };
        self.context.egress.flush(device, &mut self.context.counters);
        self.context.counters.polls += 1;
        self.last_count = count;
        count
    }

    /// What the worker has counted so far.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.context.counters
    }

    /// Time from receive to send, in nanoseconds.
    #[must_use]
    pub const fn latency(&self) -> &LatencySink {
        &self.latency
    }

    /// Publishes counters for other threads.
    pub fn publish<D: Device<Buffer = B>>(&mut self, device: &D) {
        let counters = &mut self.context.counters;
        counters.mbuf_in_use = device.buffers_in_use() as u64;
        let fragments = self.reassembler.waiting_count() as u64;
        self.stats.publish(&Counters { held_mbufs: counters.held_mbufs + fragments, ..*counters });
    }

    /// The worker stops: protected flows are reset, what is held is freed, exchanges get their last
    /// record.
    pub fn stop<D: Device<Buffer = B>>(&mut self, device: &mut D) {
        self.context.now = device.now();
        let ids: Vec<FlowId> = self.table.ids().collect();
        for id in ids {
            if let Some(Flow { state: State::Inspect(flow), .. }) = self.table.get_mut(id) {
                flow.stop(&mut self.context, device);
            }
        }
        self.finish(device);
    }

    /// Ends all flows without a word to anybody: for a capture that is over.
    pub fn finish<D: Device<Buffer = B>>(&mut self, device: &mut D) {
        let ids: Vec<FlowId> = self.table.ids().collect();
        for id in ids {
            self.remove(id);
        }
        self.reassembler.handle_timeout(Timestamp::from_nanos(u64::MAX));
        self.context.egress.flush(device, &mut self.context.counters);
        self.context.journal.poll();
        self.publish(device);
    }

    /// Nothing has to be read: bursts pass as they are.
    fn pass_through<D: Device<Buffer = B>>(&mut self, device: &mut D) -> usize {
        let mut count = 0;
        for side in Side::BOTH {
            let received = device.rx_burst(side, &mut self.received);
            if received == 0 {
                continue;
            }
            count += received;
            let bytes: usize = self.received.iter().map(Buffer::len).sum();
            self.context.counters.rx_packets += received as u64;
            self.context.counters.rx_bytes += bytes as u64;
            self.context.egress.sent_count += received as u64;
            egress::send_all(device, &mut self.context.counters, side.opposite(), &mut self.received, bytes);
        }
        count
    }

    fn receive<D: Device<Buffer = B>>(&mut self, device: &mut D) -> usize {
        let mut count = 0;
        for side in Side::BOTH {
            let received = device.rx_burst(side, &mut self.received);
            if received == 0 {
                continue;
            }
            count += received;
            self.look_up(side);
            let mut arrived = core::mem::take(&mut self.arrived);
            for (place, arrived) in arrived.drain(..).enumerate() {
                self.handle_frame(arrived, place, side, device);
            }
            self.arrived = arrived;
            self.decide(device);
        }
        count
    }

    /// Reads the headers of a burst and finds its flows, before any of them is handled: the searches do
    /// not depend on each other, so the processor waits for many of them at once.
    fn look_up(&mut self, side: Side) {
        let Self { received, arrived, keys, flows, table, context, .. } = self;
        context.counters.rx_packets += received.len() as u64;
        for frame in received.drain(..) {
            context.counters.rx_bytes += frame.len() as u64;
            let parsed = Frame::parse(frame.as_slice());
            arrived.push(Arrived { frame, parsed });
        }
        keys.clear();
        keys.extend(arrived.iter().map(|arrived| key_of(arrived, side)));
        table.find_burst(keys, flows);
        let touched = flows.iter().filter_map(|flow| table.get((*flow)?)).map(|flow| flow.generation);
        core::hint::black_box(touched.fold(0, u64::wrapping_add));
    }

    /// Decides about every flow that got something in this burst, once.
    fn decide<D: Device<Buffer = B>>(&mut self, device: &mut D) {
        while let Some(id) = self.undecided.pop() {
            let Some(Flow { state: State::Inspect(flow), .. }) = self.table.get_mut(id) else { continue };
            flow.is_undecided = false;
            let next = flow.carry_out(&mut self.context, device);
            self.follow(id, next);
        }
    }

    fn handle_frame<D: Device<Buffer = B>>(&mut self, arrived: Arrived<B>, place: usize, side: Side, device: &mut D) {
        let Arrived { frame, parsed } = arrived;
        let parsed = match parsed {
            Ok(parsed) => parsed,
            Err(reason) => return self.context.drop(reason),
        };
        let meta = Meta { received_at: self.context.now, pieces: None };
        match parsed.network {
            Network::Ip(datagram) => {
                let packet = Packet { frame, datagram, vlan: parsed.vlan, side, meta, place: Some(place) };
                if let Some(packet) = self.reassemble(packet, device) {
                    self.handle_datagram(packet, device);
                }
            }
            other @ (Network::Arp | Network::Llc | Network::Other(_)) => {
                if allows_frame(self.context.engine.policy(), &other, frame.as_slice()) {
                    let mut frame = frame;
                    if other == Network::Arp {
                        cut_arp(&mut frame);
                    }
                    forward(frame, side, &mut self.context, device);
                } else {
                    self.context.drop(DropReason::EtherType);
                }
            }
        }
    }

    /// Puts fragments together; everything else goes straight on.
    fn reassemble<D: Device<Buffer = B>>(&mut self, packet: Packet<B>, device: &mut D) -> Option<Packet<B>> {
        let Some(fragment) = packet.datagram.fragment else { return Some(packet) };
        let Packet { frame, datagram, vlan, side, mut meta, .. } = packet;
        let place = (vlan, side);
        let joined =
            self.reassembler.insert(frame, datagram, fragment, place, self.context.now, || device.alloc_jumbo());
        let (frame, pieces) = match joined {
            Ok(Reassembled::Whole(frame, pieces)) => (frame, pieces),
            Ok(Reassembled::Waiting) => return None,
            Err(reason) => {
                self.context.drop(reason);
                return None;
            }
        };
        meta.pieces = Some(pieces);
        match Frame::parse(frame.as_slice()) {
            Ok(Frame { network: Network::Ip(datagram), .. }) if datagram.fragment.is_none() => {
                Some(Packet { frame, datagram, vlan, side, meta, place: None })
            }
            Ok(_) => {
                self.context.drop(DropReason::FragmentInvalid);
                None
            }
            Err(reason) => {
                self.context.drop(reason);
                None
            }
        }
    }

    fn handle_datagram<D: Device<Buffer = B>>(&mut self, packet: Packet<B>, device: &mut D) {
        match packet.datagram.protocol {
            protocol::TCP => self.handle_tcp(packet, device),
            protocol::UDP => self.handle_udp(packet, device),
            _ => {
                let vlan = [packet.vlan.outer, packet.vlan.inner];
                let policy = self.context.engine.policy();
                if allows_datagram(policy, &packet.datagram, packet.frame.as_slice(), packet.side, vlan) {
                    self.forward_packet(packet, device);
                } else {
                    self.context.drop(DropReason::IpProtocol);
                }
            }
        }
    }

    fn handle_tcp<D: Device<Buffer = B>>(&mut self, packet: Packet<B>, device: &mut D) {
        let segment = match Segment::parse(packet.frame.as_slice(), &packet.datagram) {
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

    /// The flow that was looked up for a packet with its burst, if it still is the packet's.
    #[inline]
    fn looked_up(&self, packet: &Packet<B>) -> Option<FlowId> {
        let place = packet.place?;
        let id = (*self.flows.get(place)?)?;
        (self.table.key(id) == self.keys.get(place)?.as_ref()).then_some(id)
    }

    fn handle_known<D: Device<Buffer = B>>(
        &mut self,
        id: FlowId,
        packet: Packet<B>,
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
                if !transport_checksum_is_valid(packet.frame.as_slice(), &packet.datagram) {
                    return self.context.drop(DropReason::TransportChecksum);
                }
                if inspected.is_over() && segment.flags.any(Flags::SYN) && !segment.flags.any(Flags::ACK) {
                    return self.handle_again(id, packet, segment, device);
                }
                let mut packet = packet;
                blank_options(packet.frame.as_mut_slice(), &packet.datagram);
                inspected.handle(packet, segment, &mut self.context, device)
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
        packet: Packet<B>,
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
        flow.heard_at = now;
        if flow.generation == self.generation {
            return;
        }
        flow.generation = self.generation;
        let is_stricter = match self.context.engine.policy().route(&flow.facts) {
            Route::Mode(mode) => mode > flow.mode(),
            Route::FirstBytes => flow.mode() == Mode::Forward,
        };
        flow.drain_until = is_stricter.then(|| now.after(self.context.config.policy_drain_max));
    }

    fn handle_unknown<D: Device<Buffer = B>>(
        &mut self,
        key: FlowKey,
        packet: Packet<B>,
        segment: &Segment,
        device: &mut D,
    ) {
        let facts = packet.facts(&key);
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
                self.open_forward(key, facts, &packet, segment);
                self.forward_packet(packet, device);
            }
            Route::Mode(Mode::Block) => {
                self.context.drop(DropReason::PolicyBlocked);
                answer_with_reset(&packet, segment, &mut self.context, device);
            }
            Route::Mode(Mode::Terminate) if is_opening(segment) => {
                self.refuse_flow(&key, &packet, segment, Reason::TerminateUnavailable, device);
            }
            Route::Mode(Mode::Inspect) if is_opening(segment) => {
                self.open_inspect(key, facts, None, packet, segment, device)
            }
            Route::FirstBytes if is_opening(segment) => {
                self.open_inspect(key, facts, Some(facts), packet, segment, device);
            }
            Route::Mode(Mode::Inspect | Mode::Terminate) | Route::FirstBytes => {
                // State was lost, or never was: both ends are told.
                self.context.drop(DropReason::FlowUnknown);
                answer_with_reset(&packet, segment, &mut self.context, device);
            }
        }
    }

    fn open_forward(&mut self, key: FlowKey, facts: FlowFacts, packet: &Packet<B>, segment: &Segment) {
        // A flow that finds no place passes without one: nothing is promised about it.
        if self.forward_count >= self.table.capacity() * FORWARD_SHARE_EIGHTHS / 8 {
            return;
        }
        let opened_by = is_opening(segment).then_some((packet.side, segment.seq));
        let mut forwarded = Forwarded { opened_by, ..Forwarded::default() };
        forwarded.note(packet.direction(), segment);
        if let Ok(id) = self.insert(key, State::Forward(forwarded), facts) {
            self.forward_count += 1;
            self.set_timer(id);
        }
    }

    fn open_inspect<D: Device<Buffer = B>>(
        &mut self,
        key: FlowKey,
        facts: FlowFacts,
        undetermined: Option<FlowFacts>,
        packet: Packet<B>,
        segment: &Segment,
        device: &mut D,
    ) {
        if !transport_checksum_is_valid(packet.frame.as_slice(), &packet.datagram) {
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
        let inspected = match self.pool.pop() {
            Some(mut inspected) => {
                inspected.reopen(&packet, segment, peers, undetermined, &mut self.context);
                inspected
            }
            None => Inspected::open(&packet, segment, peers, undetermined),
        };
        let Ok(id) = self.insert(key, State::Inspect(inspected), facts) else {
            return self.context.drop(DropReason::FlowTableFull);
        };
        self.handle_known(id, packet, segment, device);
        self.set_timer(id);
    }

    /// A flow that is not even opened: recorded, and its client told.
    fn refuse_flow<D: Device<Buffer = B>>(
        &mut self,
        key: &FlowKey,
        packet: &Packet<B>,
        segment: &Segment,
        reason: Reason,
        device: &mut D,
    ) {
        self.context.drop(DropReason::PolicyBlocked);
        let peers = Peers { client: key.end(Side::Inside), server: key.end(Side::Outside) };
        if self.context.journal.can_open() {
            let record = self.context.engine.flow_record(&peers, reason, self.context.now);
            self.context.journal.finish(&record, &mut Vec::new(), &mut self.context.counters);
        }
        answer_with_reset(packet, segment, &mut self.context, device);
    }

    fn handle_udp<D: Device<Buffer = B>>(&mut self, packet: Packet<B>, device: &mut D) {
        let ports = packet.frame.as_slice().get(packet.datagram.payload..).and_then(<[u8]>::first_chunk::<8>);
        let Some([a, b, c, d, ..]) = ports.filter(|_| packet.datagram.end - packet.datagram.payload >= 8) else {
            return self.context.drop(DropReason::TransportHeader);
        };
        let (source_port, destination_port) = (u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d]));
        let key = packet.key(source_port, destination_port);
        let known = self.looked_up(&packet).or_else(|| self.table.find(&key));
        if let Some(flow) = known.and_then(|id| self.table.get_mut(id))
            && flow.generation == self.generation
        {
            flow.heard_at = self.context.now;
            return self.forward_packet(packet, device);
        }
        let facts = packet.facts(&key);
        let ports = match packet.side {
            Side::Inside => (source_port, destination_port),
            Side::Outside => (destination_port, source_port),
        };
        let policy = self.context.engine.policy();
        let is_allowed =
            policy.route(&facts) == Route::Mode(Mode::Forward) || policy.essentials().allows_udp(ports.0, ports.1);
        if let Some(id) = known {
            let Some(flow) = self.table.get_mut(id) else { return };
            if is_allowed {
                (flow.heard_at, flow.generation) = (self.context.now, self.generation);
                return self.forward_packet(packet, device);
            }
            // A policy that came since the flow last said something does not let it pass.
            self.remove(id);
            return self.context.drop(DropReason::PolicyBlocked);
        }
        match packet.side {
            Side::Inside if is_allowed => {
                if self.forward_count < self.table.capacity() * FORWARD_SHARE_EIGHTHS / 8
                    && let Ok(id) = self.insert(key, State::Forward(Forwarded::default()), facts)
                {
                    self.forward_count += 1;
                    self.timers.set(id, self.context.now.after(UDP_IDLE_TIME_MAX));
                }
                self.forward_packet(packet, device);
            }
            Side::Outside
                if policy.default_mode() == Mode::Forward
                    || allows_unasked_udp(policy, source_port, destination_port) =>
            {
                self.forward_packet(packet, device);
            }
            Side::Inside | Side::Outside => self.context.drop(DropReason::PolicyBlocked),
        }
    }

    fn forward_packet<D: Device<Buffer = B>>(&mut self, packet: Packet<B>, device: &mut D) {
        let Packet { frame, side, meta, .. } = packet;
        if meta.pieces.is_none() {
            return forward(frame, side, &mut self.context, device);
        }
        let released = net::tcp::Released { frame, meta };
        self.context.egress.send_released(device, &mut self.context.counters, side.opposite(), released);
    }

    fn insert(&mut self, key: FlowKey, state: State<B>, facts: FlowFacts) -> Result<FlowId, net::flow::TableFull> {
        let flow = Flow { state, facts, generation: self.generation, drain_until: None, heard_at: self.context.now };
        let mode = flow.mode();
        let id = self.table.insert(key, flow)?;
        self.count_flow(mode, 1);
        Ok(id)
    }

    fn count_flow(&mut self, mode: Mode, change: i64) {
        if let Some(count) = self.context.counters.flows.get_mut(mode.index()) {
            *count = count.saturating_add_signed(change);
        }
    }

    /// Does to the flow what its last packet or timer called for.
    fn follow(&mut self, id: FlowId, next: Next) {
        match next {
            Next::Decide => {
                if let Some(Flow { state: State::Inspect(flow), .. }) = self.table.get_mut(id)
                    && !core::mem::replace(&mut flow.is_undecided, true)
                {
                    self.undecided.push(id);
                }
                return;
            }
            Next::Stay => {
                if let Some(Flow { state: State::Inspect(flow), .. }) = self.table.get_mut(id) {
                    flow.count_held(&mut self.context);
                    if flow.wait.is_some() && !flow.is_queued {
                        flow.is_queued = true;
                        self.waiting.push_back(id);
                    }
                }
            }
            Next::Close => self.end_inspection(id),
            Next::Forward => {
                let opened_by = self.opened_by(id);
                self.end_inspection(id);
                let forwarded = Forwarded { is_answered: true, opened_by, ..Forwarded::default() };
                self.replace(id, State::Forward(forwarded));
                self.forward_count += 1;
            }
            Next::Tombstone => {
                self.end_inspection(id);
                self.replace(id, State::Tombstone);
            }
        }
        self.set_timer(id);
    }

    /// Tells the tap that its connection is over, and keeps its last records.
    fn end_inspection(&mut self, id: FlowId) {
        if let Some(Flow { state: State::Inspect(flow), .. }) = self.table.get_mut(id) {
            flow.end(&mut self.context);
        }
    }

    /// From where and with which number an inspected connection was opened.
    fn opened_by(&self, id: FlowId) -> Option<(Side, Seq)> {
        let Some(Flow { state: State::Inspect(flow), .. }) = self.table.get(id) else { return None };
        let initiator = flow.connection.initiator();
        Some((initiator.ingress(), flow.connection.stream(initiator).isn()))
    }

    fn replace(&mut self, id: FlowId, state: State<B>) {
        let Some(flow) = self.table.get_mut(id) else { return };
        let before = flow.mode();
        let old = core::mem::replace(&mut flow.state, state);
        let after = flow.mode();
        self.count_flow(before, -1);
        self.count_flow(after, 1);
        if let State::Inspect(inspected) = old {
            self.recycle(inspected);
        }
    }

    fn remove(&mut self, id: FlowId) {
        self.timers.clear(id);
        self.end_inspection(id);
        let Some(flow) = self.table.remove(id) else { return };
        self.count_flow(flow.mode(), -1);
        match flow.state {
            State::Inspect(inspected) => self.recycle(inspected),
            State::Forward(_) => self.forward_count = self.forward_count.saturating_sub(1),
            State::Tombstone => {}
        }
    }

    fn recycle(&mut self, mut inspected: Box<Inspected<B>>) {
        inspected.release_memory(&mut self.context);
        inspected.count_held(&mut self.context);
        if self.pool.len() < POOL_COUNT_MAX {
            self.pool.push(inspected);
        }
    }

    fn set_timer(&mut self, id: FlowId) {
        let Some(flow) = self.table.get(id) else { return };
        let idle = match &flow.state {
            State::Forward(forwarded) if forwarded.is_closing() => CLOSING_TIME_MAX,
            State::Forward(_) if flow.facts.protocol == Protocol::UDP => UDP_IDLE_TIME_MAX,
            State::Forward(forwarded) if !forwarded.is_answered => HALF_OPEN_TIME_MAX,
            State::Forward(_) => IDLE_TIME_MAX,
            State::Inspect(inspected) => inspected.idle_time(),
            State::Tombstone => TOMBSTONE_TIME_MAX,
        };
        let mut deadline = flow.heard_at.after(idle);
        if let State::Inspect(inspected) = &flow.state
            && let Some(wanted) = inspected.timeout(&self.context)
        {
            deadline = deadline.min(wanted);
        }
        if let Some(drain) = flow.drain_until {
            deadline = deadline.min(drain);
        }
        self.timers.set(id, deadline);
    }

    fn expire<D: Device<Buffer = B>>(&mut self, device: &mut D) {
        let now = self.context.now;
        while let Some(id) = self.timers.poll_expired(now) {
            self.handle_timer(id, device);
        }
        let late = self.reassembler.handle_timeout(now);
        self.context.counters.drop_many(DropReason::FragmentTimeout, late as u64);
    }

    fn handle_timer<D: Device<Buffer = B>>(&mut self, id: FlowId, device: &mut D) {
        let now = self.context.now;
        let Some(flow) = self.table.get_mut(id) else { return };
        let must_drain = flow.drain_until.is_some_and(|until| until <= now);
        let next = match &mut flow.state {
            State::Forward(_) if must_drain => Some(Next::Tombstone),
            State::Inspect(inspected) if must_drain => Some(inspected.handle_policy_change(&mut self.context, device)),
            State::Inspect(inspected) if inspected.timeout(&self.context).is_some_and(|at| at <= now) => {
                Some(inspected.handle_timeout(&mut self.context, device))
            }
            State::Forward(_) | State::Inspect(_) | State::Tombstone => None,
        };
        match next {
            Some(next) => {
                if must_drain {
                    flow.drain_until = None;
                }
                flow.heard_at = now;
                self.follow(id, next);
            }
            None if self.is_idle(id) => self.remove(id),
            None => self.set_timer(id),
        }
    }

    fn is_idle(&self, id: FlowId) -> bool {
        let Some(flow) = self.table.get(id) else { return false };
        let idle = match &flow.state {
            State::Forward(forwarded) if forwarded.is_closing() => CLOSING_TIME_MAX,
            State::Forward(_) if flow.facts.protocol == Protocol::UDP => UDP_IDLE_TIME_MAX,
            State::Forward(forwarded) if !forwarded.is_answered => HALF_OPEN_TIME_MAX,
            State::Forward(_) => IDLE_TIME_MAX,
            State::Inspect(inspected) => inspected.idle_time(),
            State::Tombstone => TOMBSTONE_TIME_MAX,
        };
        flow.heard_at.after(idle) <= self.context.now
    }

    /// Lets flows go on for which the audit log has answered.
    fn resume_waiting<D: Device<Buffer = B>>(&mut self, device: &mut D) {
        self.context.journal.poll();
        for _ in 0..self.waiting.len() {
            let Some(id) = self.waiting.pop_front() else { break };
            let Some(Flow { state: State::Inspect(flow), .. }) = self.table.get_mut(id) else { continue };
            flow.is_queued = false;
            if flow.wait.is_none() {
                continue;
            }
            let next = flow.handle_journal(&mut self.context, device);
            self.follow(id, next);
        }
    }

    fn take_policy(&mut self) {
        let current = self.policy.load();
        if !Arc::ptr_eq(&current, self.context.engine.policy()) {
            self.generation += 1;
            self.context.engine.set_policy(Arc::clone(&current));
        }
    }

    /// Accounts for the poll before, which ended where this one begins.
    fn account(&mut self, now: Timestamp) {
        let counters = &mut self.context.counters;
        let sent = core::mem::take(&mut self.context.egress.sent_count);
        if self.last_count == 0 && sent == 0 {
            return;
        }
        let nanos = now.nanos_since(self.context.now);
        counters.busy_polls += 1;
        counters.busy_nanos += nanos;
        self.latency.saturating_record_n(nanos.max(1), sent);
    }
}

/// The flow that a frame belongs to, if it carries the ports of one.
fn key_of<B: Buffer>(arrived: &Arrived<B>, side: Side) -> Option<FlowKey> {
    let Ok(Frame { network: Network::Ip(datagram), vlan }) = &arrived.parsed else { return None };
    if datagram.fragment.is_some() || !matches!(datagram.protocol, protocol::TCP | protocol::UDP) {
        return None;
    }
    let ports = arrived.frame.as_slice().get(datagram.payload..datagram.end)?.first_chunk::<4>()?;
    let [a, b, c, d] = *ports;
    let tuple = Tuple {
        source: datagram.source,
        destination: datagram.destination,
        source_port: u16::from_be_bytes([a, b]),
        destination_port: u16::from_be_bytes([c, d]),
        protocol: datagram.protocol,
        vlan: *vlan,
    };
    Some(FlowKey::new(&tuple, side))
}

/// True for the first segment of a connection.
const fn is_opening(segment: &Segment) -> bool {
    segment.flags.any(Flags::SYN) && !segment.flags.any(Flags::ACK.with(Flags::RST).with(Flags::FIN))
}
