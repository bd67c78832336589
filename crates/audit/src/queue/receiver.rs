use super::Lane;
use crate::Record;
use core::sync::atomic::Ordering;
use std::sync::Arc;

/// The management core's end of the queue.
#[derive(Debug)]
pub struct RecordReceiver {
    lanes: Vec<ReceiverLane>,
    /// The lane that is served first next time.
    next: usize,
}

#[derive(Debug)]
struct ReceiverLane {
    lane: Arc<Lane>,
    granted: u64,
    drained: u64,
}

impl RecordReceiver {
    pub(super) fn new(lanes: Vec<Arc<Lane>>) -> Self {
        let lane = |lane| ReceiverLane { lane, granted: 0, drained: 0 };
        Self { lanes: lanes.into_iter().map(lane).collect(), next: 0 }
    }

    /// Grants credits until `records` are outstanding, an equal share to each worker; returns how
    /// many were granted.
    ///
    /// `records` is what there is preallocated room for on disk beyond what was drained already.
    /// Credits are not taken back one by one: if it is less than what is outstanding, nothing is granted.
    /// An idle worker keeps its share, and cannot gather more.
    pub fn grant_up_to(&mut self, records: u64) -> u64 {
        let mut budget = records.saturating_sub(self.outstanding());
        let before = budget;
        let share = records / self.lanes.len() as u64;
        for lane in &mut self.lanes {
            let wanted = share.saturating_sub(lane.outstanding());
            let granted = wanted.min(budget);
            lane.grant(granted);
            budget -= granted;
        }
        before - budget
    }

    /// Records that may still come: credits granted and not yet drained.
    #[must_use]
    pub fn outstanding(&self) -> u64 {
        self.lanes.iter().map(ReceiverLane::outstanding).sum()
    }

    /// Credits that the worker with the fewest can still take; a moment ago.
    #[must_use]
    pub fn credits_min(&self) -> u64 {
        let left = |lane: &ReceiverLane| lane.granted.saturating_sub(lane.lane.taken.load(Ordering::Relaxed));
        self.lanes.iter().map(left).min().unwrap_or(0)
    }

    /// Takes up to `max` records out, each lane's in order, and hands them to `take` with their
    /// worker's number; returns how many.
    ///
    /// Lanes take turns record by record, so no worker waits for another's whole backlog.
    pub fn drain(&mut self, max: usize, mut take: impl FnMut(usize, Record)) -> usize {
        let mut count = 0;
        let mut empty = 0;
        while count < max && empty < self.lanes.len() {
            let worker = self.next;
            self.turn();
            match self.lanes.get_mut(worker).and_then(ReceiverLane::pop) {
                Some(record) => {
                    take(worker, record);
                    (count, empty) = (count + 1, 0);
                }
                None => empty += 1,
            }
        }
        count
    }

    /// Tells every worker that all records drained so far are durable.
    pub fn commit(&self) {
        for lane in &self.lanes {
            lane.lane.committed.store(lane.drained, Ordering::Release);
        }
    }

    /// Nothing is recorded any more: workers take no credits from now on. Those that they have taken stay good.
    pub fn end(&self) {
        for lane in &self.lanes {
            lane.lane.is_over.store(true, Ordering::Release);
        }
    }

    /// True if no record is waiting.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lanes.iter().all(|lane| lane.lane.ring.is_empty())
    }

    /// True once all workers are gone and all their records were drained.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        // The flag is read first: what was pushed before it was set is seen by the second check.
        self.lanes.iter().all(|lane| lane.lane.is_closed.load(Ordering::Acquire)) && self.is_empty()
    }

    /// How many workers there are.
    #[must_use]
    pub const fn workers(&self) -> usize {
        self.lanes.len()
    }

    const fn turn(&mut self) {
        self.next = if self.next + 1 < self.lanes.len() { self.next + 1 } else { 0 };
    }
}

impl ReceiverLane {
    const fn outstanding(&self) -> u64 {
        self.granted - self.drained
    }

    fn grant(&mut self, credits: u64) {
        if credits > 0 {
            self.granted += credits;
            self.lane.granted.store(self.granted, Ordering::Release);
        }
    }

    fn pop(&mut self) -> Option<Record> {
        let record = self.lane.ring.pop()?;
        self.drained += 1;
        Some(record)
    }
}
