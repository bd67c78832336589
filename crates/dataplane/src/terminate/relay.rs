//! Plain text through the relay: TCP to TLS to the engine, and back.

use super::account::Bypass;
use super::advance::{Step, flush, reason_of_server};
use super::flow::Terminated;
use super::stage::{Relaying, Sessions, Stage};
use super::tcp::{Endpoint, Memory};
use super::terminator::Terminator;
use crate::context::Context;
use audit::RecordKind;
use core::time::Duration;
use engine::{CloseKind, Engine, HoldBudget, Relay};
use net::buffer::Buffer;
use net::device::Device;
use net::{Direction, Side, Timestamp};
use policy::Reason;
use tls::session::End;
use tls::{Session, TlsError, server_hello};

/// Plain text that is encrypted at once: one record (RFC 8446 section 5.1).
const RECORD_BYTES: usize = 16 << 10;
/// How long a flow that was busy keeps memory which only busy ones need.
const TRIM_PAUSE: Duration = Duration::from_secs(1);
/// Turns of one flow in one poll: what a fast peer sends meanwhile waits for the next one.
const TURN_COUNT_MAX: usize = 16;

impl Relaying {
    pub(super) const fn new(relay: Relay, sessions: Option<Sessions>) -> Self {
        Self { relay, sessions, is_ended: [false; 2], closing: [None; 2], trim_at: None }
    }

    /// The flow is busy.
    fn note_busy(&mut self, now: Timestamp) {
        self.trim_at = Some(now.after(TRIM_PAUSE));
    }

    /// Gives back memory that only a busy flow needs, if it was idle for a while.
    pub(super) fn trim(&mut self, now: Timestamp) {
        if self.trim_at.is_none_or(|trim_at| trim_at > now) {
            return;
        }
        self.trim_at = None;
        if let Some(sessions) = &mut self.sessions {
            sessions.client.trim();
            sessions.server.trim();
        }
    }
}

/// One side of a relayed flow, for the time of one turn.
struct Lane<'a> {
    relay: &'a mut Relay,
    own: Leg<'a>,
    other: Leg<'a>,
    is_ended: &'a mut bool,
    closing: &'a mut Option<CloseKind>,
    memory: &'a mut Memory,
    budget: &'a mut HoldBudget,
    /// Which way the bytes go that come from this side.
    direction: Direction,
    /// What is decided may go on: no record waits for the audit log.
    is_passing: bool,
}

/// Where plain text comes from and goes to: a session, if the flow has them, and TCP.
struct Leg<'a> {
    session: Option<&'a mut dyn Session>,
    endpoint: &'a mut Endpoint,
}

impl Terminated {
    /// Moves bytes until nothing moves any more.
    pub(super) fn relay<B: Buffer, D: Device<Buffer = B>>(&mut self, context: &mut Context<B>, device: &mut D) -> Step {
        for _ in 0..TURN_COUNT_MAX {
            let begun_at = device.now();
            let mut has_moved = false;
            for side in Side::BOTH {
                if self.is_handshaking(side)
                    && !self.endpoint(side).readable().is_empty()
                    && !context.terminator.take_step()
                {
                    return Step::Pause;
                }
                let is_open = !self.is_half_open;
                let Some((mut lane, engine)) = self.lane(side, context) else { return Step::Wait };
                let now = engine.1;
                match lane.read(engine.0, now) {
                    Ok(moved) => has_moved |= moved,
                    Err(error) if side == Side::Outside && is_open => {
                        // What the server said before is the client's.
                        lane.end(engine.0, now);
                        self.note_broken(&error, context);
                        has_moved = true;
                    }
                    Err(error) => {
                        // What the client said before is decided, and written down.
                        self.flush_relay(context);
                        self.write_records(context, device);
                        self.fail(side, &error, context);
                        return Step::Again;
                    }
                }
            }
            self.note_open(context);
            self.flush_relay(context);
            let read_at = device.now();
            self.account.note_scan(read_at.nanos_since(begun_at));
            self.write_records(context, device);
            if self.wait.is_some() {
                return Step::Wait;
            }
            let decided_at = device.now();
            self.release_relay(context);
            self.account.note_rewrite(device.now().nanos_since(decided_at));
            // A release may end an exchange, whose record is kept before the next turn.
            self.write_records(context, device);
            if self.wait.is_some() {
                return Step::Wait;
            }
            for side in Side::BOTH {
                let Some((mut lane, _)) = self.lane(side, context) else { return Step::Wait };
                has_moved |= lane.write();
            }
            if self.close_ends(context) {
                return Step::Again;
            }
            let Stage::Relay(relaying) = &mut self.stage else { return Step::Wait };
            if !has_moved {
                relaying.relay.retire(&mut context.engine);
                return Step::Wait;
            }
            relaying.note_busy(context.now);
        }
        Step::Pause
    }

    fn flush_relay<B: Buffer>(&mut self, context: &mut Context<B>) {
        if let Stage::Relay(relaying) = &mut self.stage {
            relaying.relay.flush(&mut context.engine, context.now);
        }
    }

    fn release_relay<B: Buffer>(&mut self, context: &mut Context<B>) {
        if let Stage::Relay(relaying) = &mut self.stage {
            relaying.relay.release(&mut context.engine, &mut context.terminator.budget, context.now);
        }
    }

    fn is_handshaking(&self, side: Side) -> bool {
        let Stage::Relay(relaying) = &self.stage else { return false };
        relaying.sessions.as_ref().is_some_and(|sessions| match side {
            Side::Inside => sessions.client.is_handshaking(),
            Side::Outside => sessions.server.is_handshaking(),
        })
    }

    pub(super) const fn endpoint(&self, side: Side) -> &Endpoint {
        match side {
            Side::Inside => &self.client,
            Side::Outside => &self.server,
        }
    }

    fn lane<'a, B: Buffer>(
        &'a mut self,
        side: Side,
        context: &'a mut Context<B>,
    ) -> Option<(Lane<'a>, (&'a mut Engine, Timestamp))> {
        let is_passing = self.wait.is_none();
        let Stage::Relay(relaying) = &mut self.stage else { return None };
        let Relaying { relay, sessions, is_ended, closing, trim_at: _ } = &mut **relaying;
        let [client_ended, server_ended] = is_ended;
        let [client_closing, server_closing] = closing;
        let (client_session, server_session) = match sessions {
            Some(Sessions { client, server }) => (Some(client as &mut dyn Session), Some(server as &mut dyn Session)),
            None => (None, None),
        };
        let client = Leg { session: client_session, endpoint: &mut self.client };
        let server = Leg { session: server_session, endpoint: &mut self.server };
        let (own, other, is_ended, closing, direction) = match side {
            Side::Inside => (client, server, client_ended, client_closing, Direction::Upstream),
            Side::Outside => (server, client, server_ended, server_closing, Direction::Downstream),
        };
        let Terminator { memory, budget, .. } = &mut context.terminator;
        let lane = Lane { relay, own, other, is_ended, closing, memory, budget, direction, is_passing };
        Some((lane, (&mut context.engine, context.now)))
    }

    /// The client has finished its handshake, or has nothing to finish: the flow is open.
    fn note_open<B: Buffer>(&mut self, context: &mut Context<B>) {
        if !self.is_half_open {
            return;
        }
        let Stage::Relay(relaying) = &self.stage else { return };
        match &relaying.sessions {
            Some(sessions) if sessions.client.is_handshaking() => return,
            Some(sessions) => self.account.note_client(&sessions.client, context.now),
            None => {}
        }
        self.deadline = None;
        self.settle(context);
    }

    /// Ends the directions that the relay ends; true once both are ended.
    fn close_ends<B: Buffer>(&mut self, context: &mut Context<B>) -> bool {
        let Stage::Relay(relaying) = &mut self.stage else { return false };
        while let Some((direction, kind)) = relaying.relay.poll_close() {
            let [client, server] = &mut relaying.closing;
            *(if direction == Direction::Downstream { client } else { server }) = Some(kind);
        }
        let mut is_over = true;
        for side in Side::BOTH {
            let Some((mut lane, _)) = self.lane(side, context) else { return false };
            is_over &= lane.close();
        }
        if is_over {
            self.close_records(None, context);
            self.linger(context);
        }
        is_over
    }

    /// A session is broken, and all ends with it: the client's, or one before the client's is open.
    fn fail<B: Buffer>(&mut self, side: Side, error: &TlsError, context: &mut Context<B>) {
        match (side, error) {
            (Side::Inside, TlsError::Refused(_)) => self.fail_client_for(Reason::ClientCertificateMissing, context),
            (Side::Outside, TlsError::Refused(_)) => self.fail_client_for(Reason::CertificateOther, context),
            (_, TlsError::Alert(_) | TlsError::Protocol(_) | TlsError::Configuration(_)) if self.is_half_open => {
                self.fail_client_for(Reason::HandshakeFailed, context);
            }
            (_, TlsError::Alert(_)) => self.part(context),
            (_, TlsError::Protocol(_) | TlsError::Configuration(_)) => {
                self.note_broken(error, context);
                self.close_records(Some(Reason::TlsBroken), context);
                self.hang_up(context);
            }
        }
    }

    /// A record of a session that a peer broke once it was open; its alerts are its own matter.
    fn note_broken<B: Buffer>(&mut self, error: &TlsError, context: &mut Context<B>) {
        match error {
            TlsError::Alert(_) => {}
            TlsError::Refused(_) => self.record_block(reason_of_server(error), context),
            TlsError::Protocol(_) | TlsError::Configuration(_) => self.record_block(Reason::TlsBroken, context),
        }
    }

    /// The client's handshake failed: there was no exchange yet.
    pub(super) fn fail_client<B: Buffer>(&mut self, context: &mut Context<B>) {
        self.fail_client_for(Reason::HandshakeFailed, context);
    }

    fn fail_client_for<B: Buffer>(&mut self, reason: Reason, context: &mut Context<B>) {
        self.record_block(reason, context);
        self.close_records(None, context);
        self.hang_up(context);
    }

    /// The client hears what its session has to say last.
    fn hang_up<B: Buffer>(&mut self, context: &mut Context<B>) {
        self.flush_sessions(context);
        self.server.abort(&mut context.terminator.memory);
        self.linger(context);
        self.client.shutdown();
    }

    /// A peer has ended its session with an alert: so does the other side, without a word about it.
    fn part<B: Buffer>(&mut self, context: &mut Context<B>) {
        self.close_records(None, context);
        self.abort(context);
    }

    fn flush_sessions<B: Buffer>(&mut self, context: &mut Context<B>) {
        let Stage::Relay(relaying) = &mut self.stage else { return };
        if let Some(sessions) = &mut relaying.sessions {
            let memory = &mut context.terminator.memory;
            flush(&mut sessions.client, &mut self.client, memory);
            flush(&mut sessions.server, &mut self.server, memory);
        }
    }

    fn write_records<B: Buffer, D: Device<Buffer = B>>(&mut self, context: &mut Context<B>, device: &mut D) {
        while self.wait.is_none() {
            let Stage::Relay(relaying) = &mut self.stage else { return };
            context.counters.requests += relaying.relay.take_request_count();
            let Some(record) = relaying.relay.poll_record(&mut context.engine) else { return };
            let spent = device.now().nanos_since(context.now);
            record.note_passed(spent);
            self.account.complete(record, spent);
            if record.kind == RecordKind::Admit {
                let wait = context.journal.admit(record, &mut self.credits);
                self.wait = wait.map(|wait| (wait, context.now.after(context.config.audit_wait_max)));
            } else {
                context.journal.finish(record, &mut self.credits, &mut context.counters);
            }
        }
    }

    /// The exchanges of the flow are over: their last records are kept.
    pub(super) fn close_records<B: Buffer>(&mut self, reason: Option<Reason>, context: &mut Context<B>) {
        let Stage::Relay(relaying) = &mut self.stage else { return };
        relaying.relay.handle_close(&mut context.engine, &mut context.terminator.budget, context.now, reason);
        self.wait = None;
        while let Some(record) = relaying.relay.poll_record(&mut context.engine) {
            self.account.complete(record, 0);
            if record.kind != RecordKind::Admit {
                context.journal.finish(record, &mut self.credits, &mut context.counters);
            }
        }
    }

    /// A record of a flow that is blocked before it had a request.
    pub(super) fn record_block<B: Buffer>(&mut self, reason: Reason, context: &mut Context<B>) {
        if !context.may_record_flow() {
            return;
        }
        let mut record = context.engine.flow_record(&self.peers, reason, context.now);
        self.account.complete(&mut record, 0);
        context.journal.finish(&record, &mut self.credits, &mut context.counters);
    }

    /// The first record of a flow that is passed on as it is.
    pub(super) fn record_bypass<B: Buffer>(&mut self, context: &mut Context<B>) {
        if self.account.name.is_none() || !context.may_record_flow() {
            return;
        }
        self.account.interception = Some(audit::Interception::Bypassed);
        let mut record = context.engine.bypass_record(&self.peers, context.now);
        self.account.complete(&mut record, 0);
        context.journal.finish(&record, &mut self.credits, &mut context.counters);
        self.account.bypass = Some(Box::new(Bypass { record, hello: server_hello::Reader::new() }));
    }

    /// The last one, if there was a first: how many bytes passed, and for how long.
    pub(super) fn close_bypass<B: Buffer>(&mut self, context: &mut Context<B>) {
        let Some(mut record) = self.account.bypass.take().map(|bypass| bypass.record) else { return };
        (record.kind, record.latency_ns) = (RecordKind::Final, context.now.nanos_since(record.at));
        record.at = context.now;
        context.journal.finish(&record, &mut self.credits, &mut context.counters);
    }
}

impl Lane<'_> {
    /// Hands plain text that came to the relay; true if anything moved.
    fn read(&mut self, engine: &mut Engine, now: Timestamp) -> Result<bool, TlsError> {
        let mut has_moved = false;
        while self.read_piece(engine, now)? {
            has_moved = true;
        }
        Ok(self.read_end(engine, now) || has_moved)
    }

    /// Hands on the plain text that lies together, or opens the next piece of it.
    fn read_piece(&mut self, engine: &mut Engine, now: Timestamp) -> Result<bool, TlsError> {
        let plain = match &mut self.own.session {
            Some(_) if *self.is_ended => return Ok(false),
            Some(session) => session.plain(),
            None => self.own.endpoint.readable(),
        };
        if !plain.is_empty() {
            let (memory, other) = (&mut *self.memory, &mut self.other);
            let taken = if self.is_passing && self.direction == Direction::Downstream {
                let send = |bytes: &[u8]| other.send(memory, bytes);
                self.relay.pass_answer(engine, self.budget, now, plain, send)
            } else {
                self.relay.handle_data(engine, self.budget, now, self.direction, plain)
            };
            self.own.consume(self.memory, taken);
            return Ok(taken > 0);
        }
        let Some(session) = &mut self.own.session else { return Ok(false) };
        if let Some(error) = session.error() {
            return Err(error.clone());
        }
        let bytes = self.own.endpoint.readable();
        if bytes.is_empty() {
            return Ok(false);
        }
        let taken = session.read_tls(bytes)?;
        self.own.endpoint.consume(self.memory, taken);
        Ok(taken > 0)
    }

    /// Tells the relay that this side has ended, once.
    fn read_end(&mut self, engine: &mut Engine, now: Timestamp) -> bool {
        let Leg { session, endpoint } = &mut self.own;
        if *self.is_ended || session.as_mut().is_some_and(|session| !session.plain().is_empty()) {
            return false;
        }
        let is_finished = endpoint.is_finished() && endpoint.readable_bytes() == 0;
        let has_said_goodbye = session.as_mut().is_some_and(|session| {
            if is_finished {
                session.handle_eof();
            }
            session.peer_end() == Some(End::CloseNotify)
        });
        if !is_finished && !has_said_goodbye {
            return false;
        }
        *self.is_ended = true;
        let how = if has_said_goodbye || session.is_none() { CloseKind::Clean } else { CloseKind::Cut };
        self.relay.handle_eof(engine, now, self.direction, how);
        true
    }

    /// This side ends in the middle of what it said, whatever came behind it.
    fn end(&mut self, engine: &mut Engine, now: Timestamp) {
        *self.is_ended = true;
        let waiting = self.own.endpoint.readable_bytes();
        self.own.endpoint.consume(self.memory, waiting);
        self.relay.handle_eof(engine, now, self.direction, CloseKind::Cut);
    }

    /// Sends what the relay has for this side; true if anything moved.
    fn write(&mut self) -> bool {
        let direction = self.direction.opposite();
        let mut has_moved = false;
        loop {
            let taken = self.own.send(self.memory, self.relay.sendable(direction));
            if taken == 0 {
                return has_moved;
            }
            self.relay.consume(self.budget, direction, taken);
            has_moved = true;
        }
    }

    /// Ends this side as the relay asked for; true once it is ended.
    fn close(&mut self) -> bool {
        let Some(kind) = *self.closing else { return false };
        if kind == CloseKind::Reset {
            self.own.endpoint.abort(self.memory);
            return true;
        }
        // Nothing goes behind a FIN.
        if !self.own.flush(self.memory) {
            return false;
        }
        if let Some(session) = &mut self.own.session
            && kind == CloseKind::Clean
            && session.error().is_none()
        {
            session.close_notify();
        }
        let is_flushed = self.own.flush(self.memory);
        if is_flushed {
            self.own.endpoint.shutdown();
        }
        is_flushed
    }
}

impl Leg<'_> {
    /// Drops plain text that was read.
    fn consume(&mut self, memory: &mut Memory, count: usize) {
        match &mut self.session {
            Some(session) => session.consume(count),
            None => self.endpoint.consume(memory, count),
        }
    }

    /// Sends as much plain text as this leg takes now, and at most what makes one record.
    fn send(&mut self, memory: &mut Memory, plain: &[u8]) -> usize {
        if !self.flush(memory) {
            return 0;
        }
        let room = self.endpoint.send_capacity().min(memory.available_bytes()).min(RECORD_BYTES);
        let plain = plain.get(..room).unwrap_or(plain);
        let taken = match &mut self.session {
            _ if plain.is_empty() => 0,
            Some(session) => session.write_plain(plain),
            None => self.endpoint.send(memory, plain),
        };
        self.flush(memory);
        taken
    }

    /// Moves what the session has to say to TCP; true once it has nothing more.
    fn flush(&mut self, memory: &mut Memory) -> bool {
        let Some(session) = &mut self.session else { return true };
        flush(*session, self.endpoint, memory);
        !session.wants_write()
    }
}
