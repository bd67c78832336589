//! Connections that are being opened, in the order in which they came.
//!
//! A client that is there answers within a round trip, one whose address was made up never does. So where too many are
//! being opened, or the table is full, the oldest of them makes room for the newest: a flood of SYNs keeps out neither
//! those that are open nor those that come.

use super::Worker;
use crate::flow::State;
use net::DropReason;
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

/// The connections that were opened last; of those in front, the first is not open yet.
#[derive(Debug)]
pub(super) struct Openings {
    queue: VecDeque<Opening>,
    count_max: usize,
    number: u64,
}

impl Openings {
    pub(super) fn new(count_max: usize) -> Self {
        Self { queue: VecDeque::with_capacity(count_max), count_max: count_max.max(1), number: 0 }
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
        self.openings.queue.push_back(opening);
    }

    /// Sees to it that another connection finds a place, if one that is being opened has to give its own for it.
    pub(super) fn make_room<D: Device<Buffer = B>>(&mut self, device: &mut D) {
        while let Some(oldest) = self.openings.queue.front().copied() {
            let is_opening = self.is_opening(oldest);
            let is_full = self.openings.queue.len() >= self.openings.count_max;
            if is_opening && !is_full && self.table.len() < self.table.capacity() {
                return;
            }
            self.openings.queue.pop_front();
            if is_opening {
                self.context.drop(DropReason::HalfOpen);
                if let Some(State::Terminate(flow)) = self.table.get_mut(oldest.id).map(|flow| &mut flow.state) {
                    flow.make_way(&mut self.context, device);
                }
                self.remove(oldest.id);
            }
        }
    }

    fn is_opening(&self, opening: Opening) -> bool {
        match self.table.get(opening.id).map(|flow| &flow.state) {
            Some(State::Inspect(flow)) => {
                flow.opening == Some(opening) && matches!(flow.connection.phase(), Phase::SynSent | Phase::SynReceived)
            }
            Some(State::Terminate(flow)) => flow.opening == Some(opening) && flow.is_half_open(),
            Some(State::Forward(_) | State::Tombstone) | None => false,
        }
    }
}
