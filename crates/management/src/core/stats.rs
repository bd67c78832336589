//! What the audit log has done so far: written by the core, read by anyone.

use crate::log::{AuditLog, Written};
use crate::snapshot::{AuditSnapshot, AuditState, Percentiles};
use core::sync::atomic::{AtomicU64, Ordering};
use hdrhistogram::Histogram;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The longest sync that is told from longer ones: a minute.
const SYNC_NS_MAX: u64 = 60_000_000_000;

/// The shortest sync that is told from shorter ones.
const SYNC_NS_MIN: u64 = 1_000;

/// The core's counters.
#[derive(Debug)]
pub struct AuditStats {
    records: AtomicU64,
    bytes: AtomicU64,
    segments: AtomicU64,
    syncs: AtomicU64,
    shortages: AtomicU64,
    records_committed: AtomicU64,
    records_lost: AtomicU64,
    records_left: AtomicU64,
    credits_outstanding: AtomicU64,
    segment: AtomicU64,
    slow: Mutex<Slow>,
}

/// What changes rarely.
#[derive(Debug)]
struct Slow {
    state: AuditState,
    detail: Option<String>,
    sync_ns: Histogram<u64>,
}

impl AuditStats {
    pub(super) fn new() -> Self {
        #[expect(clippy::expect_used, reason = "the bounds are constants, and right")]
        let sync_ns = Histogram::new_with_bounds(SYNC_NS_MIN, SYNC_NS_MAX, 2).expect("constant bounds");
        Self {
            records: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            segments: AtomicU64::new(0),
            syncs: AtomicU64::new(0),
            shortages: AtomicU64::new(0),
            records_committed: AtomicU64::new(0),
            records_lost: AtomicU64::new(0),
            records_left: AtomicU64::new(0),
            credits_outstanding: AtomicU64::new(0),
            segment: AtomicU64::new(0),
            slow: Mutex::new(Slow { state: AuditState::Ready, detail: None, sync_ns }),
        }
    }

    /// All of it at once; counters may be one batch apart from each other.
    #[must_use]
    pub fn snapshot(&self) -> AuditSnapshot {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (records_committed, records) = (load(&self.records_committed), load(&self.records));
        let slow = self.slow();
        AuditSnapshot {
            state: slow.state,
            detail: slow.detail.clone(),
            records,
            records_committed,
            records_lost: load(&self.records_lost),
            records_left: load(&self.records_left),
            credits_outstanding: load(&self.credits_outstanding),
            segment: load(&self.segment),
            segments: load(&self.segments),
            bytes: load(&self.bytes),
            syncs: load(&self.syncs),
            shortages: load(&self.shortages),
            sync_ns: percentiles(&slow.sync_ns),
        }
    }

    pub(super) fn note_log(&self, log: &AuditLog) {
        self.note_written(log.written());
        self.records_left.store(log.records_left(), Ordering::Relaxed);
        self.segment.store(log.segment(), Ordering::Relaxed);
    }

    pub(super) fn note_written(&self, written: &Written) {
        let store = |counter: &AtomicU64, value| counter.store(value, Ordering::Relaxed);
        store(&self.records, written.records);
        store(&self.bytes, written.bytes);
        store(&self.segments, written.segments);
        store(&self.syncs, written.syncs);
        store(&self.shortages, written.shortages);
    }

    pub(super) fn note_committed(&self, records: u64) {
        self.records_committed.store(records, Ordering::Relaxed);
    }

    pub(super) fn note_sync(&self, sync_ns: u64) {
        self.slow().sync_ns.saturating_record(sync_ns);
    }

    pub(super) fn note_lost(&self, records: u64) {
        self.records_lost.fetch_add(records, Ordering::Relaxed);
    }

    pub(super) fn note_credits(&self, outstanding: u64) {
        self.credits_outstanding.store(outstanding, Ordering::Relaxed);
    }

    pub(super) fn note_state(&self, state: AuditState, detail: Option<String>) {
        let mut slow = self.slow();
        (slow.state, slow.detail) = (state, detail);
    }

    fn slow(&self) -> MutexGuard<'_, Slow> {
        self.slow.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn percentiles(histogram: &Histogram<u64>) -> Percentiles {
    let at = |quantile| if histogram.is_empty() { 0 } else { histogram.value_at_quantile(quantile) };
    Percentiles { p50: at(0.5), p99: at(0.99), p999: at(0.999) }
}
