//! Connections that are being opened, in the order in which they came.
//!
//! A client that is there answers within a round trip, one whose address was made up never does. So where too many are
//! being opened, or the table is full, the oldest of them makes room for the newest: a flood of SYNs keeps out neither
//! those that are open nor those that come.

use super::Worker;
use crate::flow::State;
use net::buffer::Buffer;
use net::device::Device;
use net::flow::FlowId;
use net::tcp::Phase;
use std::collections::VecDeque;

/// A connection by its place in the table and its number: places are used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Opening {
    id: FlowId,
    number: u64,
}

/// Connections that may not be open yet. The first of either queue is not.
#[derive(Debug)]
pub(super) struct Openings {
    /// In the order of their SYNs.
    asked: VecDeque<Opening>,
    /// Those of them whose client has answered, and whose handshake of TLS goes on.
    answered: VecDeque<Opening>,
    count_max: usize,
    number: u64,
}

impl Openings {
    pub(super) fn new(count_max: usize) -> Self {
        let queue = || VecDeque::with_capacity(count_max);
        Self { asked: queue(), answered: queue(), count_max: count_max.max(1), number: 0 }
    }
}

impl<B: Buffer> Worker<B> {
    /// The flow is being opened from now on.
    pub(super) fn note_opening(&mut self, id: FlowId) {
        self.openings.number += 1;
        let opening = Opening { id, number: self.openings.number };
        match self.table.get_mut(id).map(|flow| &mut flow.state) {
            Some(State::Inspect(flow)) => flow.opening = Some(opening),
            Some(State::Terminate(flow)) => flow.opening = Some(opening),
            Some(State::Forward(_) | State::Tombstone) | None => return,
        }
        self.openings.asked.push_back(opening);
    }

    /// Sees to it that another connection finds a place, if one that is being opened has to give its own for it: first
    /// one whose client has not answered.
    pub(super) fn make_room<D: Device<Buffer = B>>(&mut self, device: &mut D) {
        while let Some(oldest) = self.openings.asked.front().copied() {
            let stage = self.stage(oldest);
            let must_go = self.openings.asked.len() >= self.openings.count_max || self.is_full();
            if stage == Stage::Asked && !must_go {
                break;
            }
            self.openings.asked.pop_front();
            match stage {
                Stage::Asked => self.give_way(oldest, device),
                Stage::Answered => self.openings.answered.push_back(oldest),
                Stage::Open => {}
            }
        }
        while let Some(oldest) = self.openings.answered.front().copied() {
            let is_open = self.stage(oldest) == Stage::Open;
            if !is_open && self.openings.answered.len() < self.openings.count_max && !self.is_full() {
                break;
            }
            self.openings.answered.pop_front();
            if !is_open {
                self.give_way(oldest, device);
            }
        }
    }

    fn is_full(&self) -> bool {
        self.table.len() >= self.table.capacity()
    }

    fn give_way<D: Device<Buffer = B>>(&mut self, opening: Opening, device: &mut D) {
        self.context.counters.openings_displaced += 1;
        if let Some(State::Terminate(flow)) = self.table.get_mut(opening.id).map(|flow| &mut flow.state) {
            flow.make_way(&mut self.context, device);
        }
        self.remove(opening.id);
    }

    fn stage(&self, opening: Opening) -> Stage {
        match self.table.get(opening.id).map(|flow| &flow.state) {
            Some(State::Inspect(flow)) if flow.opening == Some(opening) => match flow.connection.phase() {
                Phase::SynSent | Phase::SynReceived => Stage::Asked,
                Phase::Established | Phase::Closed => Stage::Open,
            },
            Some(State::Terminate(flow)) if flow.opening == Some(opening) && flow.is_half_open() => {
                if flow.has_answered() { Stage::Answered } else { Stage::Asked }
            }
            Some(State::Inspect(_) | State::Terminate(_) | State::Forward(_) | State::Tombstone) | None => Stage::Open,
        }
    }
}

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Its client has sent a SYN and nothing else.
    Asked,
    /// It is there, and a handshake of TLS goes on.
    Answered,
    Open,
}
