//! One terminated flow: two TCP endpoints, and what lies between them.

use super::account::Account;
use super::stage::Stage;
use super::tcp::{Arrival, Endpoint, Outcome, State};
use crate::context::Context;
use crate::flow::{CLOSING_TIME_MAX, IDLE_TIME_MAX, Wait};
use crate::inspect::Next;
use crate::worker::{Opening, Packet};
use audit::queue::Credit;
use core::time::Duration;
use engine::Peers;
use net::buffer::Buffer;
use net::device::Device;
use net::flow::FlowId;
use net::frame::TooBig;
use net::tcp::Segment;
use net::{Side, Timestamp};
use policy::{App, FlowFacts, Mode, Policy, Reason};
use tls::client_hello::Reader;
use tls::mint::Ticket;

/// How long a client may take for its first bytes, a whole ClientHello: every stack sends it at once.
const FIRST_TIME_MAX: Duration = Duration::from_secs(10);
/// How long a server may take for its handshake, and the threads for a certificate.
pub(super) const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(10);
/// How long a peer may take to acknowledge more of what was written, once nothing more is read.
const LINGER_TIME_MAX: Duration = Duration::from_secs(30);

/// A flow that ends in the appliance, on both sides.
#[derive(Debug)]
pub(crate) struct Terminated {
    pub(super) id: Option<FlowId>,
    pub(super) peers: Peers,
    /// What the policy decides by.
    pub(super) facts: FlowFacts,
    /// The side toward the client, and the one toward the server.
    pub(super) client: Endpoint,
    pub(super) server: Endpoint,
    pub(super) stage: Stage,
    /// What its first bytes showed, and whether they may have hidden the name.
    pub(super) shown: Option<(App, bool)>,
    pub(super) account: Account,
    pub(super) credits: Vec<Credit>,
    pub(crate) wait: Option<(Wait, Timestamp)>,
    /// When the stage has to be over.
    pub(super) deadline: Option<Timestamp>,
    /// Bytes that both peers had still to acknowledge when the flow was closing.
    undelivered: usize,
    /// Since when the flow waits for the worker, the audit log, or memory.
    paused_at: Option<Timestamp>,
    pub(super) ticket: Option<Ticket>,
    pub(super) is_half_open: bool,
    /// Its place among those that were opened last.
    pub(crate) opening: Option<Opening>,
    /// The flow stands in the queue of those that wait for the audit log.
    pub(crate) is_queued: bool,
    /// The flow stands in the list of those to be decided at the end of the burst.
    pub(crate) is_undecided: bool,
}

impl Terminated {
    /// A flow that a client's SYN opens; the server is asked before the client is answered.
    pub(crate) fn open<B: Buffer>(
        syn: &Arrival<'_>,
        peers: Peers,
        facts: FlowFacts,
        context: &mut Context<B>,
    ) -> Box<Self> {
        let (settings, now) = (context.terminator.settings, context.now);
        Box::new(Self {
            id: None,
            peers,
            facts,
            client: Endpoint::accept(syn, &settings, now),
            server: Endpoint::connect(syn, &settings, now).deferred(),
            stage: Stage::Opening,
            shown: None,
            account: Account::new(now),
            credits: Vec::new(),
            wait: None,
            deadline: None,
            undelivered: 0,
            paused_at: None,
            ticket: None,
            is_half_open: true,
            opening: None,
            is_queued: false,
            is_undecided: false,
        })
    }

    /// Where the flow stands in the table.
    pub(crate) const fn set_id(&mut self, id: FlowId) {
        self.id = Some(id);
    }

    /// What the policy that decided lets it do.
    pub(crate) const fn granted(&self) -> Mode {
        if matches!(self.stage, Stage::Splice) { Mode::Forward } else { Mode::Terminate }
    }

    /// True if a policy would let it do less. What has not shown anything yet is decided by the newest one.
    pub(crate) fn is_stricter(&self, policy: &Policy) -> bool {
        let Some((app, has_ech)) = self.shown else { return false };
        let name = self.account.name.as_ref();
        let opening = if app == App::Tls { policy::Opening::tls(name, has_ech) } else { policy::Opening::of(app) };
        policy.ruling(&self.facts, &opening).mode() > self.granted()
    }

    /// True until both handshakes are over.
    pub(crate) const fn is_half_open(&self) -> bool {
        self.is_half_open
    }

    /// True once the client's TCP handshake is over.
    pub(crate) const fn has_answered(&self) -> bool {
        self.client.state().is_synchronised()
    }

    /// Another flow needs the place: both ends are told.
    pub(crate) fn make_way<B: Buffer, D: Device<Buffer = B>>(&mut self, context: &mut Context<B>, device: &mut D) {
        self.abort(context);
        self.transmit(context, device);
    }

    /// True if this SYN is of another connection, and this one is over.
    pub(crate) fn is_reopened_by(&self, syn: &Arrival<'_>) -> bool {
        self.client.is_reopened_by(syn) && (self.server.is_closed() || self.server.state() == State::TimeWait)
    }

    /// Takes a packet of the flow; what it means is decided at the end of the burst.
    pub(crate) fn handle<B: Buffer>(
        &mut self,
        packet: &Packet<'_, B>,
        segment: &Segment,
        context: &mut Context<B>,
    ) -> Next {
        let arrival = Arrival { frame: packet.frame.as_slice(), datagram: *packet.datagram, segment: *segment };
        let memory = &mut context.terminator.memory;
        let (own, other) = match packet.side {
            Side::Inside => (&mut self.client, &mut self.server),
            Side::Outside => (&mut self.server, &mut self.client),
        };
        match own.handle_segment(memory, context.now, &arrival) {
            Ok(()) => other.stand_in_for(own),
            Err(reason) => context.drop(reason),
        }
        Next::Decide
    }

    /// A router says that a segment to the end on `side` was too big.
    pub(crate) fn handle_too_big(&mut self, side: Side, message: &TooBig) -> Next {
        let endpoint = if side == Side::Inside { &mut self.client } else { &mut self.server };
        endpoint.handle_too_big(message.seq, usize::try_from(message.mtu).unwrap_or(usize::MAX));
        Next::Decide
    }

    /// Time has passed.
    pub(crate) fn handle_timeout<B: Buffer, D: Device<Buffer = B>>(
        &mut self,
        context: &mut Context<B>,
        device: &mut D,
    ) -> Next {
        if let Some((_, until)) = &self.wait
            && *until <= context.now
        {
            self.wait = None;
            self.block(Reason::AuditUnavailable, context);
        }
        if self.deadline.is_some_and(|deadline| deadline <= context.now) {
            self.deadline = None;
            self.handle_deadline(context);
        }
        if let Stage::Relay(relaying) = &mut self.stage {
            relaying.relay.handle_timeout(&mut context.engine, context.now);
            relaying.trim(context.now);
        }
        self.carry_out(context, device)
    }

    fn handle_deadline<B: Buffer>(&mut self, context: &mut Context<B>) {
        match self.stage {
            Stage::First(_) => self.block(Reason::TlsHelloTimeout, context),
            Stage::Server(..) | Stage::Minting(..) => self.block(Reason::HandshakeFailed, context),
            // A client that does not go on after our part of the handshake.
            Stage::Relay(_) if self.is_half_open => self.fail_client(context),
            Stage::Closing => self.abort(context),
            Stage::Opening | Stage::Relay(_) | Stage::Splice => {}
        }
    }

    /// The policy does not let the flow go on.
    pub(crate) fn handle_policy_change<B: Buffer, D: Device<Buffer = B>>(
        &mut self,
        context: &mut Context<B>,
        device: &mut D,
    ) -> Next {
        self.block(Reason::PolicyChanged, context);
        self.carry_out(context, device)
    }

    /// What the flow waited for may have come.
    pub(crate) fn handle_journal<B: Buffer, D: Device<Buffer = B>>(
        &mut self,
        context: &mut Context<B>,
        device: &mut D,
    ) -> Next {
        if !context.journal.go_on(&mut self.wait, &mut self.credits) {
            return Next::Stay;
        }
        self.carry_out(context, device)
    }

    /// Does what can be done, and sends what there is to send.
    pub(crate) fn carry_out<B: Buffer, D: Device<Buffer = B>>(
        &mut self,
        context: &mut Context<B>,
        device: &mut D,
    ) -> Next {
        if let Some(paused_at) = self.paused_at.take() {
            self.account.note_queue(context.now.nanos_since(paused_at));
        }
        let mut is_paused = self.advance(context, device);
        self.transmit(context, device);
        // An end that was sent to in vain is given up as it is sent to again: the other one is told at once.
        if self.is_broken() {
            is_paused = self.advance(context, device);
            self.transmit(context, device);
        }
        let is_waiting = is_paused || self.wait.is_some() || self.is_starved();
        self.paused_at = is_waiting.then_some(context.now);
        match (self.is_over(), is_paused) {
            (true, _) => Next::Close,
            (false, true) => Next::Again,
            (false, false) => Next::Stay,
        }
    }

    const fn is_starved(&self) -> bool {
        if let Stage::Relay(relaying) = &self.stage { relaying.relay.is_starved() } else { false }
    }

    /// Frames of both endpoints.
    fn transmit<B: Buffer, D: Device<Buffer = B>>(&mut self, context: &mut Context<B>, device: &mut D) {
        for (endpoint, side) in [(&mut self.client, Side::Inside), (&mut self.server, Side::Outside)] {
            while let Some(frame) =
                endpoint.poll_transmit(&mut context.terminator.memory, context.now, || device.alloc())
            {
                context.egress.send(device, &mut context.counters, side, frame);
            }
        }
    }

    /// How long the flow may be silent.
    pub(crate) fn idle_time(&self) -> Duration {
        if self.is_over() { CLOSING_TIME_MAX } else { IDLE_TIME_MAX }
    }

    /// Both ends are gone, and have been told.
    fn is_over(&self) -> bool {
        self.client.is_closed() && self.server.is_closed()
    }

    /// An end is gone, and the flow does not know yet.
    fn is_broken(&self) -> bool {
        self.broken().is_some() && !matches!(self.stage, Stage::Closing)
    }

    /// When the flow wants to be called, apart from silence. One that is over waits for nothing but to be forgotten.
    pub(crate) fn timeout<B>(&self, context: &Context<B>) -> Option<Timestamp> {
        if self.is_over() {
            return None;
        }
        let waits = self.wait.as_ref().map(|(_, until)| *until);
        let relaying = if let Stage::Relay(relaying) = &self.stage { Some(relaying) } else { None };
        let relay = relaying.and_then(|relaying| relaying.relay.poll_timeout(&context.engine));
        let own = [self.deadline, waits, relay, relaying.and_then(|relaying| relaying.trim_at)];
        own.into_iter().chain([self.client.poll_at(), self.server.poll_at()]).flatten().min()
    }

    /// The flow leaves the table: its exchanges get their last records, its memory goes back.
    pub(crate) fn end<B: Buffer>(&mut self, context: &mut Context<B>) {
        self.close_records(None, context);
        self.close_bypass(context);
        self.settle(context);
        context.journal.give_back(&mut self.credits);
        self.client.release(&mut context.terminator.memory);
        self.server.release(&mut context.terminator.memory);
    }

    /// The worker stops: both ends are reset.
    pub(crate) fn stop<B: Buffer, D: Device<Buffer = B>>(&mut self, context: &mut Context<B>, device: &mut D) {
        self.close_records(Some(Reason::Shutdown), context);
        self.abort(context);
        self.transmit(context, device);
    }

    /// Resets both ends.
    pub(super) fn abort<B: Buffer>(&mut self, context: &mut Context<B>) {
        self.close_bypass(context);
        self.settle(context);
        self.stage = Stage::Closing;
        self.client.abort(&mut context.terminator.memory);
        self.server.abort(&mut context.terminator.memory);
    }

    /// Nothing more is read; what was written is delivered, as long as a peer takes some of it in time.
    pub(super) fn linger<B: Buffer>(&mut self, context: &mut Context<B>) {
        self.settle(context);
        self.stage = Stage::Closing;
        self.undelivered = usize::MAX;
        self.note_delivered(context.now);
    }

    /// A peer that took more of what was written while the flow is closing has its time anew. It cannot take more than
    /// was written.
    pub(super) fn note_delivered(&mut self, now: Timestamp) {
        let left = self.client.unacknowledged_bytes() + self.server.unacknowledged_bytes();
        if left < self.undelivered {
            self.undelivered = left;
            self.deadline = Some(now.after(LINGER_TIME_MAX));
        }
    }

    /// The flow is open, or is not to be opened any more: it stops being counted among those that are being opened.
    pub(super) fn settle<B: Buffer>(&mut self, context: &mut Context<B>) {
        self.is_half_open = false;
        if let Some(ticket) = self.ticket.take() {
            context.terminator.forget(ticket);
        }
    }

    /// Both TCP connections stand.
    pub(super) fn begin_reading<B: Buffer>(&mut self, context: &Context<B>) {
        self.stage = Stage::First(Reader::new());
        self.deadline = Some(context.now.after(FIRST_TIME_MAX));
    }

    /// An end of the flow that is gone for good by its own doing, and how. One that was reset from here is not: the
    /// other one may still have something to hear.
    pub(super) fn broken(&self) -> Option<(Side, Outcome)> {
        let is_own_doing = |outcome: &Outcome| !matches!(outcome, Outcome::Finished | Outcome::Aborted);
        let broken = |endpoint: &Endpoint, side| endpoint.outcome().filter(is_own_doing).map(|outcome| (side, outcome));
        broken(&self.client, Side::Inside).or_else(|| broken(&self.server, Side::Outside))
    }
}
