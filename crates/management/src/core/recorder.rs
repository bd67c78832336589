use super::{AuditStats, CoreConfig, RecordClock, SyncMode};
use crate::clock;
use crate::log::{AuditLog, Closed, LogError};
use crate::snapshot::AuditState;
use audit::WallClock;
use audit::queue::RecordReceiver;
use std::sync::Arc;

/// Records that are taken at once: enough that a write or a sync is shared by many, few enough
/// that half a MiB holds them.
const BATCH_RECORDS_MAX: usize = 1024;

/// How old the pair of clocks may be that turns workers' times into wall time, and how long a segment may be gone
/// unseen.
const LOOK_NS_MAX: u64 = 1_000_000_000;

/// Credits that an exchange needs before it may begin.
const CREDITS_PER_EXCHANGE: u64 = 2;

/// The queue's end and the log, and what has to happen between them.
///
/// Invariants: what was drained is handed to the kernel before [`Recorder::poll`] returns; workers
/// are told of a commit only after a sync of everything drained; credits never exceed the room
/// that is allocated; after a failure no credit can be taken, and what still comes is counted as lost.
#[derive(Debug)]
pub struct Recorder {
    receiver: RecordReceiver,
    log: AuditLog,
    config: CoreConfig,
    wall: WallClock,
    /// When the clocks and the segment were last looked at.
    looked_ns: u64,
    /// When the oldest record was drained that is not on the disk yet.
    dirty_since_ns: Option<u64>,
    /// How long a sync takes lately: the longest one, forgotten by an eighth each time.
    sync_cost_ns: u64,
    state: AuditState,
    /// No credit is granted any more, so what may still come is bounded.
    is_ending: bool,
    lost: u64,
    stats: Arc<AuditStats>,
}

impl Recorder {
    /// Joins a queue and a log, and grants the first credits.
    #[must_use]
    pub fn new(receiver: RecordReceiver, log: AuditLog, config: CoreConfig) -> Self {
        let wall = match config.clock {
            RecordClock::Monotonic => clock::wall_clock(),
            RecordClock::Unix => clock::identity(),
        };
        let mut recorder = Self {
            receiver,
            log,
            config,
            wall,
            looked_ns: clock::monotonic_ns(),
            dirty_since_ns: None,
            sync_cost_ns: 0,
            state: AuditState::Ready,
            is_ending: false,
            lost: 0,
            stats: Arc::new(AuditStats::new()),
        };
        recorder.grant();
        recorder.stats.note_log(&recorder.log);
        recorder
    }

    /// What the log has done so far; it can be kept and asked from any thread.
    #[must_use]
    pub fn stats(&self) -> Arc<AuditStats> {
        Arc::clone(&self.stats)
    }

    /// Takes what waits into the log, commits if it is time, grants credits for what is left of
    /// the disk; returns how many records were taken.
    pub fn poll(&mut self) -> usize {
        let now = clock::monotonic_ns();
        if !self.log.has_failed() {
            self.look(now);
        }
        if self.log.has_failed() {
            self.lose();
            return 0;
        }
        let taken = self.drain(now);
        self.commit_if_due(now);
        let room = self.log.records_left();
        self.log.maintain();
        if taken > 0 || room != self.log.records_left() {
            self.stats.note_log(&self.log);
        }
        if !self.is_ending && !self.log.has_failed() {
            self.grant();
        }
        self.note_state();
        taken
    }

    /// True once all workers are gone and all their records were taken.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.log.has_failed() || self.receiver.is_finished()
    }

    /// Takes everything that still waits, commits it, and ends the log.
    ///
    /// # Errors
    ///
    /// The log had failed or could not be ended, or records were lost because of it.
    pub fn finish(mut self) -> Result<Closed, LogError> {
        self.is_ending = true;
        while self.poll() > 0 {}
        if !self.log.has_failed() {
            let result = self.log.look();
            self.survive(result, 0);
        }
        if self.log.has_failed() {
            self.lose();
            return Err(if self.lost > 0 { LogError::Lost(self.lost) } else { LogError::Failed });
        }
        let Self { log, receiver, stats, .. } = self;
        let closed = log.close()?;
        receiver.commit();
        stats.note_written(&closed.written);
        stats.note_committed(closed.written.records);
        Ok(closed)
    }

    /// What still comes of exchanges that were admitted before the log was over cannot be kept.
    fn lose(&mut self) {
        let lost = self.receiver.drain(usize::MAX, |_, _| ()) as u64;
        if lost > 0 {
            self.stats.note_lost(lost);
            self.lost += lost;
        }
    }

    /// Reads the clocks, and looks whether the segment is still there, now and then.
    fn look(&mut self, now: u64) {
        if now.saturating_sub(self.looked_ns) < LOOK_NS_MAX {
            return;
        }
        self.looked_ns = now;
        if self.config.clock == RecordClock::Monotonic {
            self.wall = clock::wall_clock();
        }
        let result = self.log.look();
        self.survive(result, 0);
    }

    fn drain(&mut self, now: u64) -> usize {
        let (log, wall) = (&mut self.log, &self.wall);
        let mut result = Ok(0);
        let taken = self.receiver.drain(BATCH_RECORDS_MAX, |_, record| {
            if result.is_ok() {
                result = log.append(&record, wall);
            }
        });
        if taken > 0 {
            self.dirty_since_ns.get_or_insert(now);
            let result = result.and_then(|_| log.write());
            self.survive(result, taken as u64);
        }
        taken
    }

    fn commit_if_due(&mut self, now: u64) {
        let Some(since) = self.dirty_since_ns else { return };
        if now.saturating_sub(since) < self.commit_after_ns() || self.log.has_failed() {
            return;
        }
        let begin = clock::monotonic_ns();
        let result = self.log.commit();
        let took = clock::monotonic_ns().saturating_sub(begin);
        if self.survive(result, 0) {
            self.receiver.commit();
            self.dirty_since_ns = None;
            self.sync_cost_ns = took.max(self.sync_cost_ns - self.sync_cost_ns / 8);
            self.stats.note_log(&self.log);
            self.stats.note_committed(self.log.written().records);
            self.stats.note_sync(took);
        }
    }

    /// How old the oldest record may get before a sync begins, so that it is over in time: a sync
    /// itself takes part of the interval, of which half is kept for it at most.
    pub(super) fn commit_after_ns(&self) -> u64 {
        match self.config.sync {
            SyncMode::Always => 0,
            SyncMode::Interval(interval) => {
                let interval_ns = u64::try_from(interval.as_nanos()).unwrap_or(u64::MAX);
                interval_ns - self.sync_cost_ns.min(interval_ns / 2)
            }
        }
    }

    /// Grants credits for the room there is, and for one segment's worth at most: so much room is
    /// there whenever a spare segment is, however little the current one has left. Were more
    /// granted, idle workers could sit on all the room that a busy one needs to get to the next
    /// segment.
    fn grant(&mut self) {
        let room = self.log.records_left().min(self.log.records_per_segment());
        self.receiver.grant_up_to(room);
        self.stats.note_credits(self.receiver.outstanding());
    }

    fn note_state(&mut self) {
        if self.log.has_failed() {
            return;
        }
        let state = self.observe_state();
        if state != self.state {
            self.state = state;
            self.stats.note_log(&self.log);
            self.stats.note_state(state, self.log.shortage().map(ToString::to_string));
        }
    }

    fn observe_state(&self) -> AuditState {
        if self.log.shortage().is_none() {
            AuditState::Ready
        } else if self.receiver.credits_min() < CREDITS_PER_EXCHANGE {
            AuditState::Full
        } else {
            AuditState::Low
        }
    }

    /// Ends everything if the log is over; `taken` records were lost then. True if it is not.
    fn survive(&mut self, result: Result<(), LogError>, taken: u64) -> bool {
        let Err(error) = result else { return true };
        tracing::error!(%error, "the audit log failed; protected flows are blocked from now on");
        self.receiver.end();
        self.lost += taken;
        self.state = AuditState::Failed;
        self.stats.note_lost(taken);
        self.stats.note_state(AuditState::Failed, Some(error.to_string()));
        false
    }
}

#[cfg(test)]
impl Recorder {
    pub(super) const fn set_sync_cost(&mut self, nanos: u64) {
        self.sync_cost_ns = nanos;
    }
}
