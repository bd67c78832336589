//! The flows of a worker: from their entry in the table to their end.

use super::Worker;
use crate::flow::{Flow, Forwarded, Inspected, State};
use crate::inspect::Next;
use net::buffer::Buffer;
use net::device::Device;
use net::flow::{FlowId, FlowKey};
use net::tcp::Seq;
use net::{DropReason, Side};
use policy::Mode;

/// Inspected flows whose memory is kept for the next ones.
const POOL_COUNT_MAX: usize = 1024;

impl<B: Buffer> Worker<B> {
    pub(super) fn insert(&mut self, key: FlowKey, state: State<B>) -> Result<FlowId, net::flow::TableFull> {
        let (generation, heard_at) = (self.context.generation, self.context.now);
        let flow = Flow { state, generation, passed_in: 0, drain_until: None, heard_at };
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
    pub(super) fn follow(&mut self, id: FlowId, next: Next) {
        match next {
            Next::Decide => {
                let is_undecided = match self.table.get_mut(id).map(|flow| &mut flow.state) {
                    Some(State::Inspect(flow)) => &mut flow.is_undecided,
                    Some(State::Terminate(flow)) => &mut flow.is_undecided,
                    Some(State::Forward(_) | State::Tombstone) | None => return,
                };
                if !core::mem::replace(is_undecided, true) {
                    self.undecided.push(id);
                }
                return;
            }
            Next::Again => {
                if let Some(Flow { state: State::Terminate(flow), .. }) = self.table.get_mut(id)
                    && !core::mem::replace(&mut flow.is_undecided, true)
                {
                    self.postponed.push(id);
                }
            }
            Next::Stay => {
                if let Some(Flow { state: State::Inspect(flow), .. }) = self.table.get_mut(id) {
                    flow.count_held(&mut self.context);
                    if flow.wait.is_some() && !flow.is_queued {
                        flow.is_queued = true;
                        self.waiting.push_back(id);
                    }
                } else if let Some(Flow { state: State::Terminate(flow), .. }) = self.table.get_mut(id)
                    && flow.wait.is_some()
                    && !core::mem::replace(&mut flow.is_queued, true)
                {
                    self.waiting.push_back(id);
                }
            }
            Next::Close => self.end_inspection(id),
            Next::Forward => {
                let opened_by = self.opened_by(id);
                self.end_inspection(id);
                let forwarded =
                    Forwarded { spoken: [true; 2], is_past_opening: true, opened_by, ..Forwarded::default() };
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
        match self.table.get_mut(id).map(|flow| &mut flow.state) {
            Some(State::Inspect(flow)) => flow.end(&mut self.context),
            Some(State::Terminate(flow)) => flow.end(&mut self.context),
            Some(State::Forward(_) | State::Tombstone) | None => {}
        }
    }

    /// From where and with which number an inspected connection was opened.
    pub(super) fn opened_by(&self, id: FlowId) -> Option<(Side, Seq)> {
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

    pub(super) fn remove(&mut self, id: FlowId) {
        self.timers.clear(id);
        self.end_inspection(id);
        let Some(flow) = self.table.remove(id) else { return };
        self.count_flow(flow.mode(), -1);
        match flow.state {
            State::Inspect(inspected) => self.recycle(inspected),
            State::Forward(_) => self.forward_count = self.forward_count.saturating_sub(1),
            State::Terminate(_) | State::Tombstone => {}
        }
    }

    fn recycle(&mut self, mut inspected: Box<Inspected<B>>) {
        inspected.release_memory(&mut self.context);
        inspected.count_held(&mut self.context);
        if self.pool.len() < POOL_COUNT_MAX {
            self.pool.push(inspected);
        }
    }

    pub(super) fn set_timer(&mut self, id: FlowId) {
        let (Some(key), Some(flow)) = (self.table.key(id), self.table.get(id)) else { return };
        let mut deadline = flow.last_heard(self.context.steps).after(flow.idle_time(key.protocol()));
        if let State::Inspect(inspected) = &flow.state
            && let Some(wanted) = inspected.timeout(&self.context)
        {
            deadline = deadline.min(wanted);
        }
        if let State::Terminate(terminated) = &flow.state
            && let Some(wanted) = terminated.timeout(&self.context)
        {
            deadline = deadline.min(wanted);
        }
        if let Some(drain) = flow.drain_until {
            deadline = deadline.min(drain);
        }
        self.timers.set(id, deadline);
    }

    pub(super) fn expire<D: Device<Buffer = B>>(&mut self, device: &mut D) {
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
            State::Terminate(flow) if must_drain => Some(flow.handle_policy_change(&mut self.context, device)),
            State::Terminate(flow) if flow.timeout(&self.context).is_some_and(|at| at <= now) => {
                Some(flow.handle_timeout(&mut self.context, device))
            }
            State::Forward(_) | State::Inspect(_) | State::Terminate(_) | State::Tombstone => None,
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
        let (Some(key), Some(flow)) = (self.table.key(id), self.table.get(id)) else { return false };
        flow.last_heard(self.context.steps).after(flow.idle_time(key.protocol())) <= self.context.now
    }

    /// Lets flows go on for which the last poll had no time.
    pub(super) fn resume_postponed<D: Device<Buffer = B>>(&mut self, device: &mut D) {
        if self.postponed.is_empty() {
            return;
        }
        self.undecided.append(&mut self.postponed);
        self.decide(device);
    }

    /// Lets flows go on for which a certificate was made.
    pub(super) fn resume_minted<D: Device<Buffer = B>>(&mut self, device: &mut D) {
        while let Some((id, ticket, minted)) = self.context.terminator.poll_minted() {
            let Some(Flow { state: State::Terminate(flow), .. }) = self.table.get_mut(id) else { continue };
            flow.handle_minted(ticket, minted, &mut self.context);
            let next = flow.carry_out(&mut self.context, device);
            self.follow(id, next);
        }
    }

    /// Lets flows go on for which the audit log has answered.
    pub(super) fn resume_waiting<D: Device<Buffer = B>>(&mut self, device: &mut D) {
        self.context.journal.poll();
        for _ in 0..self.waiting.len() {
            let Some(id) = self.waiting.pop_front() else { break };
            let next = match self.table.get_mut(id).map(|flow| &mut flow.state) {
                Some(State::Inspect(flow)) => {
                    flow.is_queued = false;
                    flow.wait.is_some().then(|| flow.handle_journal(&mut self.context, device))
                }
                Some(State::Terminate(flow)) => {
                    flow.is_queued = false;
                    flow.wait.is_some().then(|| flow.handle_journal(&mut self.context, device))
                }
                Some(State::Forward(_) | State::Tombstone) | None => None,
            };
            if let Some(next) = next {
                self.follow(id, next);
            }
        }
    }
}
