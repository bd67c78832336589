//! The loop of one worker.

mod flows;
mod opening;
mod pass;
mod tcp;
mod udp;

pub(crate) use self::opening::Opening;
use self::opening::Openings;
use crate::Config;
use crate::context::Context;
use crate::flow::{DRAINS, Flow, Inspected, State};
use crate::forward::{Passage, check_datagram, check_frame, cut_padding, forward, strip};
use crate::journal::Journal;
use crate::stats::{Counters, Stats};
use crate::terminate::{Interception, Terminator};
use arc_swap::ArcSwap;
use audit::queue::RecordSender;
use engine::Engine;
use net::buffer::Buffer;
use net::device::{BURST_SIZE, Burst, Device, Received};
use net::flow::{FlowId, FlowKey, FlowTable, TimerWheel, Tuple};
use net::fragment::{Meta, Reassembled, Reassembler};
use net::frame::{Datagram, Fragment, Frame, Network, TooBig, VlanTags, protocol};
use net::{Direction, DropReason, Side, Timestamp};
use policy::{FlowFacts, Mode, Policy, Protocol};
use std::collections::VecDeque;
use std::sync::Arc;

/// Polls after which a busy worker looks for a new policy: some ten microseconds.
const POLLS_PER_POLICY: u64 = 32;

/// Frames of a burst that are decided and sent one by one: where no more come at once nothing is gained by doing them
/// together, and the receiver of the first is awake when the rest comes.
const CALM_FRAMES_MAX: usize = 4;
/// Share of the table that flows which nobody inspects may fill, in eighths: they cannot crowd out
/// the ones that are protected.
const FORWARD_SHARE_EIGHTHS: usize = 6;
/// Share of the table that flows may fill which are not open yet: a flood of SYNs, or of handshakes that stop halfway,
/// leaves room for everybody else.
const HALF_OPEN_SHARE_EIGHTHS: usize = 2;

/// A frame with a datagram in it.
#[derive(Debug)]
pub(crate) struct Packet<'p, B> {
    pub(crate) frame: B,
    pub(crate) datagram: &'p Datagram,
    pub(crate) vlan: VlanTags,
    pub(crate) side: Side,
    pub(crate) meta: Meta,
    /// Its place in the burst that was looked up, unless it was put together from several frames.
    place: Option<usize>,
}

impl<B> Packet<'_, B> {
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
}

/// What the policy decides by about a flow, as one that the inside end opens.
fn facts_of(key: &FlowKey) -> FlowFacts {
    let [client, server] = [Side::Inside, Side::Outside].map(|side| key.end(side));
    let VlanTags { outer, inner } = key.vlan();
    FlowFacts {
        protocol: Protocol::Ip(key.protocol()),
        client: Some(client.ip()),
        server: Some(server.ip()),
        port: server.port(),
        vlan: [outer, inner],
    }
}

/// One worker: its flows, its share of every limit, its end of the audit log.
#[derive(Debug)]
pub struct Worker<B> {
    policy: Arc<ArcSwap<Policy>>,
    table: FlowTable<Flow<B>>,
    timers: TimerWheel,
    openings: Openings,
    reassembler: Reassembler<B>,
    context: Context<B>,
    /// Flows to be decided at the end of the burst.
    undecided: Vec<FlowId>,
    /// Flows for which the last poll had no time.
    postponed: Vec<FlowId>,
    /// Flows that wait for the audit log.
    waiting: VecDeque<FlowId>,
    pool: Vec<Box<Inspected<B>>>,
    /// The burst in hand: what each frame is, the key that it carries, and the flow of that. Behind the last one
    /// stands what frames of other bursts were.
    parsed: Vec<Result<Frame, DropReason>>,
    keys: Vec<Option<FlowKey>>,
    flows: Vec<Option<FlowId>>,
    /// The table's changes when the flows were looked up: handling one frame may change the table for
    /// the next.
    looked_up_at: u64,
    forward_count: usize,
    /// Frames that the last poll brought, and the rounds that it went.
    last_count: usize,
    last_rounds: u64,
    latency: LatencySink,
    stats: Arc<Stats>,
}

/// What a worker leaves unread when it ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    /// Requests that did not come to their end.
    pub requests: u64,
    /// Connections that are terminated: a recording answers none of the appliance's own segments.
    pub terminated: u64,
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
    /// What opens TLS; without it flows that are to be opened are blocked.
    pub interception: Option<Interception>,
    /// Where counters are published.
    pub stats: Arc<Stats>,
}

impl<B: Buffer> Worker<B> {
    /// A worker with empty tables, at `now`.
    #[must_use]
    pub fn new(parts: Parts, now: Timestamp) -> Self {
        let Parts { config, policy, first_exchange, secret, records, interception, stats } = parts;
        let limits = engine::Limits { message_bytes_max: config.message_bytes_max, ..engine::Limits::default() };
        let engine = Engine::new(policy.load_full(), limits, first_exchange, secret);
        let seed = secret.first_chunk().map_or(0, |seed| u64::from_le_bytes(*seed));
        let table = FlowTable::new(config.flow_count_max, seed);
        let isn_secret = *secret.last_chunk().unwrap_or(&[0; 16]);
        let half_open_max = table.capacity() * HALF_OPEN_SHARE_EIGHTHS / 8;
        let terminator = Terminator::new(interception, isn_secret, config.hold_bytes_worker_max, config.mtu, now);
        let journal = Journal::new(records, config.record_sync);
        Self {
            policy,
            timers: TimerWheel::new(table.capacity(), now),
            openings: Openings::new(half_open_max),
            table,
            reassembler: Reassembler::new(config.datagram_bytes_max),
            context: Context::new(config, engine, journal, terminator, now, seed),
            undecided: Vec::with_capacity(BURST_SIZE),
            postponed: Vec::new(),
            waiting: VecDeque::new(),
            pool: Vec::new(),
            parsed: vec![Err(DropReason::Truncated); BURST_SIZE],
            keys: Vec::with_capacity(BURST_SIZE),
            flows: Vec::with_capacity(BURST_SIZE),
            looked_up_at: 0,
            forward_count: 0,
            last_count: 0,
            last_rounds: 1,
            latency: latency_histogram(),
            stats,
        }
    }

    /// Receives a burst from each port, does all there is to do, sends. Returns how many frames came.
    pub fn poll_once<D: Device<Buffer = B>>(&mut self, device: &mut D) -> usize {
        let now = device.now();
        self.account(now);
        self.context.now = now;
        // A worker that is busy looks for a new policy now and then, one that is not looks each time.
        if self.last_count == 0 || self.context.counters.polls.is_multiple_of(POLLS_PER_POLICY) {
            self.take_policy();
        }
        (self.last_count, self.last_rounds) = if self.may_pass_through() {
            self.pass_through(device)
        } else {
            self.context.terminator.begin();
            let count = self.receive(device);
            self.resume_postponed(device);
            self.resume_minted(device);
            self.resume_waiting(device);
            self.expire(device);
            self.context.engine.trim(now);
            self.context.egress.flush(device, &mut self.context.counters);
            (count, 1)
        };
        self.context.counters.polls += self.last_rounds;
        self.last_count
    }

    /// True if nothing needs to be looked at: the policy asks for nothing, and what an earlier one asked for is over.
    fn may_pass_through(&self) -> bool {
        let flows = &self.context.counters.flows;
        let is_protected = |mode: Mode| flows.get(mode.index()).is_some_and(|count| *count > 0);
        self.context.engine.policy().is_transparent()
            && ![Mode::Inspect, Mode::Terminate, Mode::Block].into_iter().any(is_protected)
            && self.reassembler.waiting_count() == 0
            && self.context.journal.is_idle()
    }

    /// When the last poll began.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.context.now
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
            match self.table.get_mut(id).map(|flow| &mut flow.state) {
                Some(State::Inspect(flow)) => flow.stop(&mut self.context, device),
                Some(State::Terminate(flow)) => flow.stop(&mut self.context, device),
                Some(State::Forward(_) | State::Tombstone) | None => {}
            }
        }
        self.finish(device);
    }

    /// Ends all flows without a word to anybody: for a capture that is over. Says what it leaves unread.
    pub fn finish<D: Device<Buffer = B>>(&mut self, device: &mut D) -> Unread {
        let ids: Vec<FlowId> = self.table.ids().collect();
        let mut unread = Unread::default();
        for id in ids {
            match self.table.get_mut(id).map(|flow| &flow.state) {
                Some(State::Inspect(flow)) => unread.requests += u64::from(flow.is_mid_request()),
                Some(State::Terminate(_)) => unread.terminated += 1,
                Some(State::Forward(_) | State::Tombstone) | None => {}
            }
            self.remove(id);
        }
        self.reassembler.handle_timeout(Timestamp::from_nanos(u64::MAX));
        self.context.egress.flush(device, &mut self.context.counters);
        self.context.journal.poll();
        self.publish(device);
        unread
    }

    fn receive<D: Device<Buffer = B>>(&mut self, device: &mut D) -> usize {
        let mut count = 0;
        for side in Side::BOTH {
            let mut received = Burst::new();
            let Received { count: frames, bytes } = device.rx_burst(side, &mut received);
            if frames == 0 {
                continue;
            }
            count += frames;
            self.context.counters.rx_packets += frames as u64;
            self.context.counters.rx_bytes += bytes as u64;
            self.look_up(&received, side);
            let is_calm = frames <= CALM_FRAMES_MAX;
            let mut refused = Burst::new();
            // Lent for the burst: a packet refers to its headers.
            let parsed = core::mem::take(&mut self.parsed);
            for ((place, frame), parsed) in received.into_iter().enumerate().zip(&parsed) {
                if self.is_known_to_pass(place, parsed, &frame, side) {
                    forward(frame, side, &mut self.context, device);
                } else {
                    match self.accept(parsed, &frame) {
                        Ok(parsed) => self.handle_frame(frame, parsed, place, side, device),
                        Err(reason) => {
                            self.context.drop(reason);
                            refused.push(frame);
                        }
                    }
                }
                if is_calm {
                    self.decide(device);
                    self.context.egress.flush(device, &mut self.context.counters);
                }
            }
            self.parsed = parsed;
            self.decide(device);
            if !refused.is_empty() {
                device.free(&mut refused);
            }
        }
        count
    }

    /// The headers of a frame, unless they alone tell that it goes nowhere.
    #[inline]
    fn accept<'p>(&self, parsed: &'p Result<Frame, DropReason>, frame: &B) -> Result<&'p Frame, DropReason> {
        let parsed = parsed.as_ref().map_err(|reason| *reason)?;
        match &parsed.network {
            Network::Ip(_) => Ok(parsed),
            Network::Arp | Network::Llc | Network::Other(_) => {
                check_frame(self.context.engine.policy(), parsed, frame.as_slice()).map(|_| parsed)
            }
        }
    }

    /// Reads the headers of a burst and finds its flows, before any of them is handled: the searches do
    /// not depend on each other, so the processor waits for many of them at once.
    fn look_up(&mut self, received: &Burst<B>, side: Side) {
        let Self { parsed, keys, flows, table, .. } = self;
        for (place, frame) in parsed.iter_mut().zip(received) {
            Frame::parse_into(place, frame.as_slice());
        }
        keys.clear();
        keys.extend(parsed.iter().zip(received).map(|(parsed, frame)| key_of(parsed, frame.as_slice(), side)));
        table.find_burst(keys, flows);
        self.looked_up_at = table.changes();
        let touched = flows.iter().filter_map(|flow| table.get((*flow)?)).map(|flow| flow.generation);
        core::hint::black_box(touched.fold(0, u32::wrapping_add));
    }

    /// Decides about every flow that got something in this burst, once.
    fn decide<D: Device<Buffer = B>>(&mut self, device: &mut D) {
        while let Some(id) = self.undecided.pop() {
            let next = match self.table.get_mut(id).map(|flow| &mut flow.state) {
                Some(State::Inspect(flow)) => {
                    flow.is_undecided = false;
                    flow.carry_out(&mut self.context, device)
                }
                Some(State::Terminate(flow)) => {
                    flow.is_undecided = false;
                    flow.carry_out(&mut self.context, device)
                }
                Some(State::Forward(_) | State::Tombstone) | None => continue,
            };
            self.follow(id, next);
        }
    }

    /// Takes a frame that its headers do not refuse.
    fn handle_frame<D: Device<Buffer = B>>(
        &mut self,
        frame: B,
        Frame { network, vlan }: &Frame,
        place: usize,
        side: Side,
        device: &mut D,
    ) {
        let meta = Meta { received_at: self.context.now, pieces: None };
        match network {
            Network::Ip(datagram) => {
                let packet = Packet { frame, datagram, vlan: *vlan, side, meta, place: Some(place) };
                match packet.datagram.fragment {
                    None => self.handle_datagram(packet, device),
                    Some(fragment) => self.handle_fragment(packet, fragment, device),
                }
            }
            Network::Arp | Network::Llc | Network::Other(_) => {
                let mut frame = frame;
                cut_padding(&mut frame, network);
                forward(frame, side, &mut self.context, device);
            }
        }
    }

    /// Puts fragments together; what becomes whole goes on. Apart from the way of the others, whose packets then need not
    /// be moved.
    #[cold]
    fn handle_fragment<D: Device<Buffer = B>>(&mut self, packet: Packet<'_, B>, fragment: Fragment, device: &mut D) {
        let Packet { frame, datagram, vlan, side, mut meta, .. } = packet;
        let place = (vlan, side);
        let joined =
            self.reassembler.insert(frame, *datagram, fragment, place, self.context.now, || device.alloc_jumbo());
        let (frame, pieces) = match joined {
            Ok(Reassembled::Whole(frame, pieces)) => (frame, pieces),
            Ok(Reassembled::Waiting) => return,
            Err(reason) => return self.context.drop(reason),
        };
        meta.pieces = Some(pieces);
        match Frame::parse(frame.as_slice()) {
            Ok(Frame { network: Network::Ip(datagram), .. }) if datagram.fragment.is_none() => {
                self.handle_datagram(Packet { frame, datagram: &datagram, vlan, side, meta, place: None }, device);
            }
            Ok(_) => self.context.drop(DropReason::FragmentInvalid),
            Err(reason) => self.context.drop(reason),
        }
    }

    fn handle_datagram<D: Device<Buffer = B>>(&mut self, packet: Packet<'_, B>, device: &mut D) {
        match packet.datagram.protocol {
            protocol::TCP => self.handle_tcp(packet, device),
            protocol::UDP => self.handle_udp(packet, device),
            _ => {
                if self.handle_too_big(&packet) {
                    return;
                }
                let policy = self.context.engine.policy();
                let frame = packet.frame.as_slice();
                let passage = check_datagram(policy, packet.datagram, frame, packet.side, packet.vlan);
                self.pass_or_drop(passage, packet, device);
            }
        }
    }

    /// Tells a terminated flow that one of its segments was too big; false if the packet says no such thing.
    fn handle_too_big(&mut self, packet: &Packet<'_, B>) -> bool {
        let Some(message) = TooBig::read(packet.frame.as_slice(), packet.datagram, packet.vlan) else { return false };
        // The segment went the other way.
        let Some(id) = self.table.find(&FlowKey::new(&message.tuple, packet.side.opposite())) else { return false };
        let Some(Flow { state: State::Terminate(flow), .. }) = self.table.get_mut(id) else { return false };
        let next = flow.handle_too_big(packet.side, &message);
        self.follow(id, next);
        true
    }

    /// The flow that was looked up for a packet with its burst, if it still is the packet's.
    #[inline]
    fn looked_up(&self, packet: &Packet<'_, B>) -> Option<FlowId> {
        if self.table.changes() != self.looked_up_at {
            return None;
        }
        *self.flows.get(packet.place?)?
    }

    fn pass_or_drop<D: Device<Buffer = B>>(
        &mut self,
        passage: Result<Passage, DropReason>,
        packet: Packet<'_, B>,
        device: &mut D,
    ) {
        match passage {
            Ok(passage) => self.forward_as(passage, packet, device),
            Err(reason) => self.context.drop(reason),
        }
    }

    /// Sends a datagram on, by the right by which it passes.
    fn forward_as<D: Device<Buffer = B>>(&mut self, passage: Passage, packet: Packet<'_, B>, device: &mut D) {
        let mut packet = packet;
        if passage == Passage::Essential {
            let essentials = self.context.engine.policy().essentials();
            let is_cut = strip(&mut packet.frame, packet.datagram, packet.side, essentials);
            self.context.counters.icmp_cut += u64::from(is_cut);
        }
        self.forward_packet(packet, device);
    }

    fn forward_packet<D: Device<Buffer = B>>(&mut self, packet: Packet<'_, B>, device: &mut D) {
        let Packet { frame, side, meta, .. } = packet;
        if meta.pieces.is_none() {
            return forward(frame, side, &mut self.context, device);
        }
        let released = net::tcp::Released { frame, meta };
        self.context.egress.send_released(device, &mut self.context.counters, side.opposite(), released);
    }

    fn take_policy(&mut self) {
        let current = self.policy.load();
        if !Arc::ptr_eq(&current, self.context.engine.policy()) {
            self.context.generation = (self.context.generation + 1) % DRAINS;
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
        counters.busy_polls += self.last_rounds;
        counters.busy_nanos += nanos;
        self.latency.saturating_record_n((nanos / self.last_rounds).max(1), sent);
    }
}

/// The flow that a frame belongs to, if it carries the ports of one.
#[inline]
fn key_of(parsed: &Result<Frame, DropReason>, frame: &[u8], side: Side) -> Option<FlowKey> {
    let Ok(Frame { network: Network::Ip(datagram), vlan }) = parsed else { return None };
    if datagram.fragment.is_some() || !matches!(datagram.protocol, protocol::TCP | protocol::UDP) {
        return None;
    }
    let [a, b, c, d] = *frame.get(datagram.payload..datagram.end)?.first_chunk::<4>()?;
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
