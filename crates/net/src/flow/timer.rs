//! Timers of flows: one wheel a worker, one timer a flow, no allocation after start.

use super::FlowId;
use crate::Timestamp;

/// Resolution of the wheel. Timers guard against waiting for ever; none needs to be finer.
const TICK_NANOS: u64 = 8_000_000;
/// Slots: one turn is 32.8 s; a later deadline goes round again.
const SLOT_COUNT: u32 = 4096;
const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Node {
    next: u32,
    previous: u32,
    slot: u32,
    deadline: u64,
}

const UNLINKED: Node = Node { next: NONE, previous: NONE, slot: NONE, deadline: 0 };

/// Deadlines of flows by [`FlowId`].
///
/// Setting a timer later than the one that is set costs nothing: the flow stays where it is and is
/// moved when its slot comes up.
#[derive(Debug)]
pub struct TimerWheel {
    heads: Box<[u32]>,
    nodes: Box<[Node]>,
    /// The tick up to which all slots were visited.
    tick: u64,
}

impl TimerWheel {
    /// A wheel for flows with an index below `flow_count_max`, starting at `now`.
    #[must_use]
    pub fn new(flow_count_max: usize, now: Timestamp) -> Self {
        Self {
            heads: vec![NONE; SLOT_COUNT as usize].into_boxed_slice(),
            nodes: vec![UNLINKED; flow_count_max].into_boxed_slice(),
            tick: now.as_nanos() / TICK_NANOS,
        }
    }

    /// Sets the flow's only timer.
    pub fn set(&mut self, id: FlowId, deadline: Timestamp) {
        let tick = (deadline.as_nanos() / TICK_NANOS + 1).max(self.tick + 1);
        let Some(node) = self.nodes.get_mut(id.index()) else { return };
        let later = node.slot != NONE && tick >= node.deadline;
        node.deadline = tick;
        if later {
            return;
        }
        self.unlink(id);
        self.link(id, tick);
    }

    /// Forgets the flow's timer.
    pub fn clear(&mut self, id: FlowId) {
        self.unlink(id);
    }

    /// The next flow whose deadline has passed at `now`; its timer is no longer set.
    ///
    /// Call until `None`; a call costs at most the slots that time has passed over.
    pub fn poll_expired(&mut self, now: Timestamp) -> Option<FlowId> {
        let until = now.as_nanos() / TICK_NANOS;
        // After a pause longer than a turn every slot is visited once; that is enough.
        if until > self.tick + u64::from(SLOT_COUNT) {
            self.tick = until - u64::from(SLOT_COUNT);
        }
        while self.tick <= until {
            if let Some(id) = self.pop_due() {
                return Some(id);
            }
            if self.tick == until {
                return None;
            }
            self.tick += 1;
        }
        None
    }

    fn pop_due(&mut self) -> Option<FlowId> {
        let slot = slot_of(self.tick);
        let mut at = *self.heads.get(slot as usize)?;
        while at != NONE {
            let node = *self.nodes.get(at as usize)?;
            let id = FlowId::from_index(at);
            at = node.next;
            if node.deadline <= self.tick {
                self.unlink(id);
                return Some(id);
            }
            if slot_of(node.deadline) != slot {
                self.unlink(id);
                self.link(id, node.deadline);
            }
        }
        None
    }

    fn link(&mut self, id: FlowId, tick: u64) {
        let slot = slot_of(tick);
        let Some(head) = self.heads.get_mut(slot as usize) else { return };
        let next = core::mem::replace(head, id.number());
        if let Some(node) = self.nodes.get_mut(next as usize) {
            node.previous = id.number();
        }
        if let Some(node) = self.nodes.get_mut(id.index()) {
            *node = Node { next, previous: NONE, slot, deadline: tick };
        }
    }

    fn unlink(&mut self, id: FlowId) {
        let Some(node) = self.nodes.get_mut(id.index()) else { return };
        let Node { next, previous, slot, .. } = core::mem::replace(node, UNLINKED);
        if slot == NONE {
            return;
        }
        if let Some(node) = self.nodes.get_mut(next as usize) {
            node.previous = previous;
        }
        if let Some(node) = self.nodes.get_mut(previous as usize) {
            node.next = next;
        } else if let Some(head) = self.heads.get_mut(slot as usize) {
            *head = next;
        }
    }
}

fn slot_of(tick: u64) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "below SLOT_COUNT")]
    {
        (tick % u64::from(SLOT_COUNT)) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_nanos(millis * 1_000_000)
    }

    #[test]
    fn a_timer_that_was_moved_later_does_not_fire_early() {
        let mut wheel = TimerWheel::new(4, at(0));
        let id = FlowId::from_index(2);
        wheel.set(id, at(100));
        wheel.set(id, at(5_000));
        assert_eq!(wheel.poll_expired(at(4_900)), None);
        assert_eq!(wheel.poll_expired(at(5_100)), Some(id));
        assert_eq!(wheel.poll_expired(at(90_000)), None);
    }

    #[test]
    fn a_deadline_beyond_one_turn_waits_for_its_own_turn() {
        let mut wheel = TimerWheel::new(1, at(0));
        let id = FlowId::from_index(0);
        wheel.set(id, at(100_000));
        assert_eq!(wheel.poll_expired(at(99_000)), None);
        assert_eq!(wheel.poll_expired(at(101_000)), Some(id));
    }

    proptest! {
        #[test]
        fn every_timer_fires_once_within_a_tick_of_its_deadline(
            steps in proptest::collection::vec((0u32..16, 0u64..80_000, 1u64..5_000), 1..200)
        ) {
            let mut wheel = TimerWheel::new(16, at(0));
            let mut oracle = BTreeMap::new();
            let mut now = 0;
            for (flow, delay, advance) in steps {
                let id = FlowId::from_index(flow);
                wheel.set(id, at(now + delay));
                oracle.insert(flow, now + delay);
                now += advance;
                while let Some(id) = wheel.poll_expired(at(now)) {
                    let deadline = oracle.remove(&(id.index() as u32));
                    prop_assert!(deadline.is_some_and(|deadline| deadline <= now), "fired unasked or early");
                }
                let tick = TICK_NANOS / 1_000_000;
                prop_assert!(oracle.values().all(|deadline| deadline + 2 * tick >= now), "overdue");
            }
        }
    }
}
