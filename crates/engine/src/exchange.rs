//! One request and its answer.

mod half;

use crate::facts::{ClientNames, Facts};
use crate::pipeline::{Pipeline, Rules, Unit};
use crate::pool::Pool;
use crate::reading::{Part, Reading};
use crate::{Cover, Decision, Event, Inlaid, LeafId, LeafKind, Limits, Peers, Ticket, UnitId, WholeLeaf};
use arrayvec::ArrayVec;
use audit::{Record, Text};
use core::task::Poll;
use detect::{EntityType, Finding, Speller, ViewId, is_unmarked};
use half::{Half, JOINED_COUNT, Place, Source, unmasked};
use llm::Join;
use net::{Direction, Timestamp};
use policy::{Action, Keys, Policy, Reason, Verdict};
use std::collections::VecDeque;
use std::sync::Arc;

/// Leaves that one finding may lie in. A joined reading can cut a match into single characters;
/// what lies in more leaves than this cannot be masked and is a block.
const PART_COUNT_MAX: usize = 64;

/// Longest text that a record quotes of a request: a path.
const QUOTED_BYTES_MAX: usize = 192;

/// What all exchanges of one worker share.
#[derive(Debug)]
pub struct Engine<P = Rules> {
    policy: Arc<Policy>,
    /// Limits of every connection.
    pub limits: Limits,
    credential_key: [u8; 32],
    next_exchange: u64,
    found: Vec<Finding>,
    speller: Box<Speller>,
    pool: Pool<Box<Exchange<P>>>,
}

impl<P> Engine<P> {
    /// An engine that decides by `policy`. Exchanges are numbered from `first_exchange`;
    /// credentials that pass are recorded as a hash under `credential_key`.
    #[must_use]
    pub fn new(policy: Arc<Policy>, limits: Limits, first_exchange: u64, credential_key: [u8; 32]) -> Self {
        Self {
            policy,
            limits,
            credential_key,
            next_exchange: first_exchange,
            found: Vec::with_capacity(64),
            speller: Box::default(),
            pool: Pool::default(),
        }
    }

    /// The policy of exchanges that begin from now on.
    #[must_use]
    pub const fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// Replaces the policy. Exchanges that have begun keep theirs.
    pub fn set_policy(&mut self, policy: Arc<Policy>) {
        self.policy = policy;
    }

    /// Begins an exchange.
    pub(crate) fn open(&mut self, peers: &Peers, names: &ClientNames, now: Timestamp) -> Box<Exchange<P>>
    where
        P: Pipeline + Default,
    {
        let number = self.next_exchange;
        self.next_exchange += 1;
        match self.pool.take() {
            Some(mut exchange) => {
                exchange.reopen(&self.policy);
                exchange.facts.reopen(number, peers, names, self.policy.version(), now);
                exchange
            }
            None => {
                let facts = Facts::new(number, peers, names, self.policy.version(), now);
                Box::new(Exchange::new(Arc::clone(&self.policy), facts))
            }
        }
    }

    /// Takes the memory of a finished exchange back.
    pub fn recycle(&mut self, exchange: Box<Exchange<P>>) {
        self.pool.give(exchange);
    }

    /// Gives memory up that nobody has needed for a while, a little at a time.
    pub fn trim(&mut self, now: Timestamp) {
        self.pool.trim(now);
    }

    /// The first record of a flow that is passed on as it is.
    #[must_use]
    pub fn bypass_record(&mut self, peers: &Peers, now: Timestamp) -> Record {
        let mut record = self.flow_record(peers, Reason::PolicyBlocked, now);
        (record.kind, record.verdict, record.reason) = (audit::RecordKind::Admit, Verdict::Allow, None);
        record
    }

    /// A record of a flow that was blocked before it had a request.
    #[must_use]
    pub fn flow_record(&mut self, peers: &Peers, reason: Reason, now: Timestamp) -> Record {
        let number = self.next_exchange;
        self.next_exchange += 1;
        let names = ClientNames::of(peers.client.ip());
        let mut facts = Facts::new(number, peers, &names, self.policy.version(), now);
        facts.finish(now, Verdict::Block, Some(reason)).kind = audit::RecordKind::Flow;
        facts.record
    }
}

/// A finding that a rule asks for.
struct Judged {
    action: Action,
    parts: ArrayVec<Part, PART_COUNT_MAX>,
    place: Option<Place>,
    /// It lies in no more leaves than `parts` has room for, and none of them was let through before the next one came.
    are_all_held: bool,
    /// It lies where a credential belongs.
    is_credential: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Parked { ticket: Ticket, deadline: Timestamp, unit: UnitId, direction: Direction },
    Blocked(Reason),
    Ended,
}

/// One request and its answer: what was read of them decides what may pass.
///
/// Events go in by [`Exchange::handle`], decisions and records come out of the `poll_` functions;
/// once blocked it says nothing but its last record.
#[derive(Debug)]
pub struct Exchange<P = Rules> {
    policy: Arc<Policy>,
    pipeline: P,
    facts: Facts,
    halves: [Half; 2],
    decisions: VecDeque<(Direction, Decision)>,
    /// Since when the `admit` record is due. One that is blocked before it was polled has none.
    admit: Option<Timestamp>,
    /// Since when the last record is due, and the reason that it tells.
    last: Option<(Timestamp, Option<Reason>)>,
    verdict: Verdict,
    state: State,
    next_ticket: u64,
    is_closed: bool,
    /// The key that was found last where it belongs: a second one in its leaf does not.
    own_credential: Option<OwnCredential>,
}

/// A key that was found where it belongs.
#[derive(Clone, Copy, Debug)]
struct OwnCredential {
    part: Part,
    /// It tells of itself whose it is.
    is_marked: bool,
}

impl OwnCredential {
    /// True if all of this lies within it.
    fn holds(&self, parts: &[Part]) -> bool {
        let own = &self.part;
        parts.iter().all(|part| part.leaf == own.leaf && own.start <= part.start && part.end <= own.end)
    }

    /// True for more of it.
    fn goes_on(&self, finding: &Finding, parts: &[Part]) -> bool {
        finding.continued && parts.first().is_some_and(|part| part.start == self.part.end)
    }

    /// It and what else is found to be of it.
    fn with(self, part: &Part) -> Self {
        Self { part: Part { end: self.part.end.max(part.end), ..self.part }, ..self }
    }

    /// True for what an issuer wrote into its own token, such as its user's address, and a mask would make the token
    /// useless: what is read in it only once it is decoded.
    fn claims(&self, finding: &Finding, action: Action, parts: &[Part]) -> bool {
        self.is_marked && finding.view != ViewId::RAW && action.verdict <= Verdict::Redact && self.holds(parts)
    }
}

impl<P: Pipeline + Default> Exchange<P> {
    fn new(policy: Arc<Policy>, facts: Facts) -> Self {
        Self {
            policy,
            pipeline: P::default(),
            facts,
            halves: [Half::new(), Half::new()],
            decisions: VecDeque::new(),
            admit: None,
            last: None,
            verdict: Verdict::Allow,
            state: State::Open,
            next_ticket: 0,
            is_closed: false,
            own_credential: None,
        }
    }

    /// Makes the exchange as new; its facts are made so apart.
    fn reopen(&mut self, policy: &Arc<Policy>) {
        if !Arc::ptr_eq(&self.policy, policy) {
            self.policy = Arc::clone(policy);
        }
        self.pipeline = P::default();
        self.halves.iter_mut().for_each(Half::reset);
        self.decisions.clear();
        (self.admit, self.last) = (None, None);
        self.verdict = Verdict::Allow;
        self.state = State::Open;
        self.next_ticket = 0;
        self.is_closed = false;
        self.own_credential = None;
    }
}

impl<P: Pipeline> Exchange<P> {
    /// The exchange's number, which joins its records.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.facts.record.exchange
    }

    /// The policy that decides about this exchange, to its end.
    #[must_use]
    pub const fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// Whose dialect the request speaks, for the shape of a refusal.
    #[must_use]
    pub const fn dialect(&self) -> Option<llm::Provider> {
        self.facts.dialect
    }

    /// True if the request asked for a streamed answer.
    #[must_use]
    pub const fn is_streamed(&self) -> bool {
        self.facts.record.stream
    }

    /// True if the request asked for a streamed answer, which may be lines of JSON. Gemini's is one array.
    #[must_use]
    pub const fn is_streamed_in_lines(&self) -> bool {
        self.is_streamed() && !matches!(self.facts.dialect, Some(llm::Provider::Gemini))
    }

    /// The client is answered with this status in the server's place.
    pub const fn note_refusal(&mut self, status: u16) {
        self.facts.record.status = status;
    }

    /// True if the request was recognised as a model call.
    #[must_use]
    pub const fn is_model_call(&self) -> bool {
        !self.facts.record.operation.is_empty()
    }

    /// Why the exchange is blocked, if it is.
    #[must_use]
    pub const fn blocked(&self) -> Option<Reason> {
        match self.state {
            State::Blocked(reason) => Some(reason),
            State::Open | State::Parked { .. } | State::Ended => None,
        }
    }

    /// Says whether a direction is read at all; one that is not is released as it is framed.
    pub const fn set_read(&mut self, direction: Direction, is_read: bool) {
        self.half_mut(direction).is_read = is_read;
    }

    /// Says to whom the request goes, by the label of the host and what it takes as a key, before its fields are read.
    pub fn set_recipient(&mut self, recipient: Option<(&str, &'static Keys)>) {
        self.facts.recipient = recipient.map(|(label, keys)| (Text::new(label), keys));
    }

    /// Counts bytes on the wire.
    pub const fn note_bytes(&mut self, direction: Direction, count: u64) {
        self.facts.bytes(direction, count);
    }

    /// Takes an event. `engine` is the one that opened the exchange.
    pub fn handle(&mut self, engine: &mut Engine<P>, now: Timestamp, direction: Direction, event: Event<'_>) {
        if self.blocked().is_some() {
            return;
        }
        match event {
            Event::Head(head) => {
                self.facts.head(head);
                if direction == Direction::Upstream {
                    self.admit = Some(now);
                }
            }
            Event::Leaf { id, kind, join, text, is_plain, last } => {
                self.leaf(direction, (id, kind, join), text, is_plain, last);
            }
            Event::Leaves { first, text, leaves, is_plain } => {
                self.leaves(direction, first, text, leaves, is_plain);
            }
            Event::Inlaid { id, kind, inlaid } => self.inlaid(direction, id, kind, &inlaid),
            Event::Aside(text) => self.aside(engine, direction, text),
            Event::Character { id, join, text } => self.character(direction, id, join, text),
            Event::TokenIds => self.block_unread(direction, Reason::TokenIds),
            Event::JoinEnd(join) => {
                let joined = self.half_mut(direction).joined.iter_mut();
                joined.skip(join.index()).step_by(Join::COUNT).flatten().for_each(|reading| reading.boundary());
            }
            Event::Model { leaf, name } => self.facts.model_named(leaf, name),
            Event::ModelCall => self.facts.prompted(),
            Event::Stream(stream) => self.facts.record.stream = stream,
            Event::Usage(field, tokens) => self.facts.usage.set(field, tokens),
            Event::UnitStart(_) => {}
            Event::UnitEnd(unit) => self.unit_end(engine, now, direction, unit),
            Event::End => self.end(engine, now, direction),
        }
    }

    /// Scans what has come since the last call; decisions are then to be polled.
    pub fn scan(&mut self, engine: &mut Engine<P>, direction: Direction) {
        if self.blocked().is_some() || !self.half(direction).is_read {
            return;
        }
        let set = Arc::clone(self.policy.detectors());
        let half = self.half_mut(direction);
        let mut found = core::mem::take(&mut engine.found);
        found.clear();
        let mut undecided = half.main.scan(&set, &mut found, &mut engine.speller);
        let (decided, mut open) = (undecided, undecided);
        self.judge(engine, direction, Source::Main, &found);
        for join in 0..JOINED_COUNT {
            found.clear();
            let half = self.half_mut(direction);
            let position = half.main.position();
            let Some(Some(reading)) = half.joined.get_mut(join) else { continue };
            let place = reading.scan(&set, &mut found, &mut engine.speller);
            let early = reading.keep_early(decided, &mut found);
            let waiting = place.filter(|_| reading.may_wait(position));
            undecided = undecided.into_iter().chain(waiting).chain(early).min();
            open = open.into_iter().chain(place).chain(early).min();
            self.judge(engine, direction, Source::Joined(join), &found);
        }
        engine.found = found;
        self.check_depth(direction);
        let half = self.half_mut(direction);
        let (leaf, up_to) = undecided.unwrap_or(half.end).max(half.settled);
        half.settled = (leaf, up_to);
        // What was let through may still be found in a text that goes on much later.
        let known_from = open.map_or((leaf, up_to), |open| open.min((leaf, up_to)));
        half.found.retain(|place| place.range.end > known_from);
        half.ahead.retain(|place| place.range.end > (leaf, up_to));
        self.decisions.push_back((direction, Decision::Settled { leaf, up_to }));
    }

    /// What is hidden deeper than views go is not read, and so does not pass where something is kept back.
    fn check_depth(&mut self, direction: Direction) {
        if !self.half(direction).is_capped() {
            return;
        }
        self.block_unread(direction, Reason::ViewDepth);
    }

    /// Blocks what nobody has read if something is kept back in this direction at all.
    fn block_unread(&mut self, direction: Direction, reason: Reason) {
        let in_response = direction == Direction::Downstream;
        let action = |id| self.policy.action(id, in_response, detect::Confidence::new(100));
        let keeps_back = |action: Action| action.verdict >= Verdict::Redact;
        if self.policy.detectors().ids().filter_map(action).any(keeps_back) {
            self.block(direction, reason);
        }
    }

    /// Decides what is there as if the text ended here: for an answer that hangs on a match which
    /// does not come.
    pub fn settle_now(&mut self, engine: &mut Engine<P>, direction: Direction) {
        let half = self.half_mut(direction);
        half.main.boundary();
        half.others_mut().for_each(Reading::boundary);
        self.scan(engine, direction);
    }

    /// The next decision.
    pub fn poll_decision(&mut self) -> Option<(Direction, Decision)> {
        self.decisions.pop_front()
    }

    /// True if there is a record to poll.
    #[must_use]
    pub const fn has_record(&self) -> bool {
        self.last.is_some() || self.admit.is_some() && self.blocked().is_none()
    }

    /// The next record; an `admit` has to be kept before any byte of the exchange is released.
    ///
    /// It is the exchange's own: whoever keeps it copies it.
    pub fn poll_record(&mut self) -> Option<&mut Record> {
        if let Some(at) = self.admit.take().filter(|_| self.blocked().is_none()) {
            return Some(self.facts.admit(at, self.verdict));
        }
        let (at, reason) = self.last.take()?;
        Some(self.facts.finish(at, self.verdict, reason))
    }

    /// The exchange cannot go on, or what was its end does not reach the client; its last record comes with
    /// [`Exchange::close`].
    pub fn block(&mut self, direction: Direction, reason: Reason) {
        if self.blocked().is_some() || self.state == State::Ended && self.last.is_none() {
            return;
        }
        self.is_closed = false;
        self.state = State::Blocked(reason);
        self.verdict = Verdict::Block;
        self.decisions.push_back((direction, Decision::Block(reason)));
    }

    /// The exchange is over, whatever it was: its last record is made, once.
    pub fn close(&mut self, now: Timestamp, reason: Option<Reason>) {
        if core::mem::replace(&mut self.is_closed, true) {
            return;
        }
        // Nothing was let through of an exchange whose beginning was not put on record by now.
        self.admit = None;
        let reason = self.blocked().or(reason);
        if self.blocked().is_none() {
            self.state = State::Ended;
        }
        self.last = Some((now, reason));
    }

    /// The answer to a parked question.
    pub fn resume<E>(&mut self, ticket: Ticket, answer: Result<Verdict, E>) {
        let State::Parked { ticket: asked, unit, direction, .. } = self.state else { return };
        if asked != ticket {
            return;
        }
        self.state = State::Open;
        self.conclude(direction, unit, answer);
    }

    /// When the exchange has to hear an answer at the latest.
    #[must_use]
    pub const fn poll_timeout(&self) -> Option<Timestamp> {
        match self.state {
            State::Parked { deadline, .. } => Some(deadline),
            State::Open | State::Blocked(_) | State::Ended => None,
        }
    }

    /// Silence until the deadline is a block.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        if let State::Parked { deadline, direction, .. } = self.state
            && deadline <= now
        {
            self.block(direction, Reason::CheckTimeout);
        }
    }

    fn leaf(
        &mut self,
        direction: Direction,
        (id, kind, join): (LeafId, LeafKind, Option<Join>),
        text: &[u8],
        is_plain: bool,
        last: bool,
    ) {
        let half = self.half_mut(direction);
        if !half.is_read {
            return;
        }
        let before = half.main.position();
        let (open, decoded) = half.end;
        let decoded = if open == id { decoded } else { 0 };
        half.end = if last { (LeafId(id.0 + 1), 0) } else { (id, decoded + text.len() as u64) };
        if !text.is_empty() {
            half.main.push(id, kind, text, is_plain);
        }
        if last {
            half.main.boundary();
        }
        if let Some(join) = join.filter(|_| !text.is_empty()) {
            let beside = (before, half.main.position());
            let mut slots = half.joined.iter_mut().skip(join.index()).step_by(Join::COUNT);
            if let Some(slot) = slots.next() {
                slot.get_or_insert_with(Box::default).join(beside, id, kind, text, is_plain);
            }
            if let Some(slot) = slots.next().filter(|_| join.are_parts()) {
                let reading = slot.get_or_insert_with(Box::default);
                if decoded == 0 {
                    reading.line();
                }
                reading.join(beside, id, kind, text, is_plain);
            }
        }
    }

    fn inlaid(&mut self, direction: Direction, id: LeafId, kind: LeafKind, inlaid: &Inlaid<'_>) {
        let half = self.half_mut(direction);
        if !half.is_read {
            return;
        }
        // The leaf's text up to here was read by the main reading, byte by byte.
        let (_, decoded) = half.end;
        let start = half.main.position().saturating_sub(decoded.saturating_sub(inlaid.start));
        let beside = (start, start + inlaid.len);
        let mut slots = half.joined.iter_mut().skip(inlaid.join.index()).step_by(Join::COUNT);
        if let Some(slot) = slots.next() {
            slot.get_or_insert_with(Box::default).join_within(beside, id, kind, inlaid);
        }
        if let Some(slot) = slots.next().filter(|_| inlaid.join.are_parts()) {
            let reading = slot.get_or_insert_with(Box::default);
            if inlaid.begins {
                reading.line();
            }
            reading.join_within(beside, id, kind, inlaid);
        }
    }

    fn character(&mut self, direction: Direction, id: LeafId, join: Join, text: &[u8]) {
        let half = self.half_mut(direction);
        if !half.is_read {
            return;
        }
        half.end = (LeafId(id.0 + 1), 0);
        let position = half.main.position();
        if let Some(slot) = half.joined.get_mut(join.index()) {
            slot.get_or_insert_with(Box::default).join((position, position), id, LeafKind::Number, text, true);
        }
    }

    fn leaves(&mut self, direction: Direction, first: LeafId, text: &[u8], leaves: &[WholeLeaf], is_plain: bool) {
        let half = self.half_mut(direction);
        if !half.is_read {
            return;
        }
        half.main.push_leaves(first, text, leaves, is_plain);
        half.end = (LeafId(first.0 + leaves.len() as u64), 0);
    }

    /// Decides about text that is complete and can only be blocked.
    fn aside(&mut self, engine: &mut Engine<P>, direction: Direction, text: &[u8]) {
        let set = Arc::clone(self.policy.detectors());
        let half = self.half_mut(direction);
        if !half.is_read {
            return;
        }
        let mut found = core::mem::take(&mut engine.found);
        found.clear();
        let aside = half.aside.get_or_insert_with(Box::default);
        aside.push(LeafId(0), LeafKind::Fixed, text, false);
        aside.boundary();
        aside.scan(&set, &mut found, &mut engine.speller);
        self.judge(engine, direction, Source::Aside, &found);
        engine.found = found;
    }

    fn unit_end(&mut self, engine: &mut Engine<P>, now: Timestamp, direction: Direction, unit: UnitId) {
        self.scan(engine, direction);
        if self.blocked().is_some() {
            return;
        }
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        match self.pipeline.sanitize(&Unit { direction, verdict: self.verdict, ticket }) {
            Ok(Poll::Pending) => {
                let deadline = now.after(engine.limits.check_time_max);
                self.state = State::Parked { ticket, deadline, unit, direction };
                self.decisions.push_back((direction, Decision::Park { ticket, deadline }));
            }
            Ok(Poll::Ready(verdict)) => self.conclude::<P::Error>(direction, unit, Ok(verdict)),
            Err(error) => self.conclude(direction, unit, Err(error)),
        }
    }

    /// The one place where a verdict on a whole unit, or the lack of one, takes effect.
    fn conclude<E>(&mut self, direction: Direction, unit: UnitId, answer: Result<Verdict, E>) {
        match answer {
            Ok(Verdict::Block) => self.block(direction, Reason::Finding),
            Ok(verdict) => {
                self.verdict = self.verdict.max(verdict);
                self.decisions.push_back((direction, Decision::Release(unit)));
            }
            Err(_) => self.block(direction, Reason::PipelineFailed),
        }
    }

    fn end(&mut self, engine: &mut Engine<P>, now: Timestamp, direction: Direction) {
        self.scan(engine, direction);
        if direction == Direction::Downstream {
            self.close(now, None);
        }
    }

    /// Turns findings into decisions. Once one blocks, the others are only kept out of the record.
    fn judge(&mut self, engine: &Engine<P>, direction: Direction, source: Source, found: &[Finding]) {
        for finding in found {
            if let Some(judged) = self.weigh(engine, direction, source, finding)
                && self.blocked().is_none()
            {
                self.act(direction, source, finding, judged);
            }
        }
    }

    /// What a finding calls for and where it lies; `None` if it may stand there. From here on the
    /// record does not quote it.
    fn weigh(&mut self, engine: &Engine<P>, direction: Direction, source: Source, finding: &Finding) -> Option<Judged> {
        let is_request = direction == Direction::Upstream;
        let action = self.policy.action(finding.detector, !is_request, finding.confidence)?;
        let half = self.half(direction);
        let reading = match source {
            Source::Main => &half.main,
            Source::Aside => half.aside.as_ref()?,
            Source::Joined(join) => half.joined.get(join)?.as_ref()?,
        };
        let are_all_held = !reading.is_apart(finding);
        let mut judged = Judged { action, parts: ArrayVec::new(), place: None, are_all_held, is_credential: false };
        for part in reading.parts(finding) {
            match judged.parts.last_mut() {
                Some(last) if last.leaf == part.leaf && last.end == part.start => last.end = part.end,
                _ => judged.are_all_held &= judged.parts.try_push(part).is_ok(),
            }
        }
        let parts = &judged.parts;
        // What stands between leaves is nobody's text.
        let first = Some(parts.first()?.leaf);
        let is_elsewhere = matches!(source, Source::Joined(_)) && parts.iter().all(|part| Some(part.leaf) == first);
        let ends = parts.first().zip(parts.last());
        let range = ends.map(|(first, last)| (first.leaf, first.start)..(last.leaf, last.end));
        let place = range.map(|range| Place { detector: finding.detector, range, verdict: action.verdict });
        let is_found = |place: &Place| half.found.iter().any(|found| found.settles(place));
        if is_elsewhere && place.as_ref().is_some_and(is_found) {
            return None;
        }
        let entity = self.policy.detectors().entity(finding.detector);
        if is_request
            && matches!(source, Source::Joined(_))
            && entity == Some(EntityType::EmailAddress)
            && half.has_whole(finding.detector, parts)
        {
            // Any word that is glued to an address makes a longer one: what stands beside a whole one is no part of it.
            return None;
        }
        let whole = reading.text_around(finding.start);
        judged.is_credential = is_request && parts.iter().any(|part| part.kind == LeafKind::Credential);
        let own = self.own_credential.filter(|own| judged.is_credential && Some(own.part.leaf) == first);
        let is_second = own.is_some_and(|own| !own.holds(parts) && !own.goes_on(finding, parts));
        if judged.is_credential && !is_second && self.is_own_credential(finding) {
            // Equal ones can be told to be equal, no more.
            let hash = blake3::keyed_hash(&engine.credential_key, whole);
            self.facts.record.credential = hash.as_bytes().first_chunk().copied();
            let is_marked = !self.is_unmarked(finding);
            self.own_credential = parts.first().map(|part| match own {
                Some(own) => own.with(part),
                None => OwnCredential { part: *part, is_marked },
            });
            return None;
        }
        if own.is_some_and(|own| own.claims(finding, action, parts)) {
            return None;
        }
        if is_request && parts.iter().all(|part| part.kind == LeafKind::Nonce) && self.is_unmarked(finding) {
            return None;
        }
        if is_request
            && entity == Some(EntityType::IpAddress)
            && parts.iter().any(|part| self.facts.is_own_address(part.leaf, whole))
        {
            // Where a request goes is no news to whom it goes to.
            return None;
        }
        if is_request {
            let found: ArrayVec<u8, QUOTED_BYTES_MAX> =
                reading.text(finding).iter().copied().take(QUOTED_BYTES_MAX).collect();
            self.facts.unquote_text(&found);
            parts.iter().for_each(|part| self.facts.unquote(part.leaf, part.start..part.end));
        }
        judged.place = place;
        Some(judged)
    }

    /// Does what a finding calls for.
    fn act(&mut self, direction: Direction, source: Source, finding: &Finding, judged: Judged) {
        let Judged { action, parts, place, are_all_held, is_credential } = judged;
        let set = Arc::clone(self.policy.detectors());
        let is_ahead = |place: &Place| self.half(direction).is_ahead(place);
        let is_counted = finding.continued || source != Source::Aside && place.as_ref().is_some_and(is_ahead);
        if let (false, Some(entity), Some(rule)) =
            (is_counted, set.entity(finding.detector), set.rule(finding.detector))
        {
            self.facts.finding(entity.name(), rule);
        }
        self.verdict = self.verdict.max(action.verdict);
        match action.verdict {
            Verdict::Allow | Verdict::Alert => {}
            Verdict::Block if is_credential => self.block(direction, Reason::CredentialForeign),
            Verdict::Block => self.block(direction, Reason::Finding),
            Verdict::Redact if !are_all_held || parts.iter().any(|part| !part.kind.is_editable()) => {
                self.block(direction, Reason::FindingNotEditable);
            }
            Verdict::Redact => {
                let whole = Cover { masking: action.masking, entity: set.entity(finding.detector) };
                let cover = if finding.continued { Cover::STARS } else { whole };
                // What the main reading finds in the text as it stands is masked whole; what is found there
                // otherwise leaves that as it is.
                let is_first = source == Source::Main && finding.view == ViewId::RAW;
                let [request, response] = &self.halves;
                let half = if direction == Direction::Upstream { request } else { response };
                for part in parts {
                    let replace = |range| (direction, Decision::Replace { leaf: part.leaf, range, cover });
                    if is_first {
                        self.decisions.push_back(replace(part.start..part.end));
                    } else {
                        self.decisions.extend(unmasked(&part, &half.found).map(replace));
                    }
                }
            }
        }
        if let Some(place) = place {
            self.half_mut(direction).note(source, place);
        }
    }

    /// True if the finding is a key that the provider itself, to whom the request goes, handed out; or one that
    /// nothing but its header tells of, which is no other one's for all that can be known.
    fn is_own_credential(&self, finding: &Finding) -> bool {
        if self.is_unmarked(finding) {
            return true;
        }
        let set = self.policy.detectors();
        let Some(rule) = set.rule(finding.detector) else { return false };
        let Some((label, keys)) = &self.facts.recipient else { return false };
        set.entity(finding.detector) == Some(EntityType::Secret) && keys.take(label.as_str(), rule)
    }

    /// True if nothing but its name told that it is a secret.
    fn is_unmarked(&self, finding: &Finding) -> bool {
        self.policy.detectors().rule(finding.detector).is_some_and(is_unmarked)
    }

    const fn half(&self, direction: Direction) -> &Half {
        let [request, response] = &self.halves;
        match direction {
            Direction::Upstream => request,
            Direction::Downstream => response,
        }
    }

    const fn half_mut(&mut self, direction: Direction) -> &mut Half {
        let [request, response] = &mut self.halves;
        match direction {
            Direction::Upstream => request,
            Direction::Downstream => response,
        }
    }
}
