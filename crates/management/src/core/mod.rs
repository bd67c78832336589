//! The management core: one thread between the workers' queue and the audit log.
//!
//! Again and again it drains the queue into the log, hands the bytes to the kernel, commits the
//! group when its time has come, and grants credits for the room that is left. While records come
//! it never waits; when none come it looks ever more rarely, down to once in four
//! milliseconds, since no worker can afford the system call that would wake it.
//!
//! [`Recorder`] is the same without a thread, for hosts that drain when they please.

mod idle;
mod recorder;
mod stats;

pub use recorder::Recorder;
pub use stats::AuditStats;

use crate::clock;
use crate::log::{AuditLog, Closed, LogError};
use ::core::str::FromStr;
use ::core::sync::atomic::{AtomicU64, Ordering};
use ::core::time::Duration;
use audit::queue::RecordReceiver;
use idle::Idle;
use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

/// When records have to be on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncMode {
    /// Before anything waits for them: after every batch.
    Always,
    /// At the latest this long after they were drained: so much is at risk in a power cut.
    Interval(Duration),
}

/// A text that is no sync mode.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither `always` nor a time from 1ms to 10s, such as `50ms`")]
pub struct ParseSyncModeError(String);

/// The longest interval: what longer is at risk is no audit log.
const INTERVAL_MS_MAX: u64 = 10_000;

impl FromStr for SyncMode {
    type Err = ParseSyncModeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "always" {
            return Ok(Self::Always);
        }
        let (digits, scale) = match text.strip_suffix("ms") {
            Some(digits) => (digits, 1),
            None => (text.strip_suffix('s').unwrap_or_default(), 1000),
        };
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let millis = digits.parse().ok().filter(|_| is_number).and_then(|count: u64| count.checked_mul(scale));
        match millis.filter(|millis| (1..=INTERVAL_MS_MAX).contains(millis)) {
            Some(millis) => Ok(Self::Interval(Duration::from_millis(millis))),
            None => Err(ParseSyncModeError(text.to_owned())),
        }
    }
}

/// The clock that records' times are read from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecordClock {
    /// Nanoseconds since boot (`CLOCK_MONOTONIC`), as ports count: turned into wall time here.
    #[default]
    Monotonic,
    /// Nanoseconds since the Unix epoch, as captures count: kept as they are.
    Unix,
}

/// How the core works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoreConfig {
    /// When records have to be on the disk.
    pub sync: SyncMode,
    /// The clock that records' times are read from.
    pub clock: RecordClock,
}

impl Default for CoreConfig {
    fn default() -> Self {
        Self { sync: SyncMode::Interval(Duration::from_millis(50)), clock: RecordClock::default() }
    }
}

/// The management core's thread.
#[derive(Debug)]
pub struct Core;

impl Core {
    /// Starts the thread; the first credits are granted at once.
    ///
    /// # Errors
    ///
    /// A thread cannot be started.
    pub fn start(receiver: RecordReceiver, mut log: AuditLog, config: CoreConfig) -> io::Result<CoreHandle> {
        log.prepare_in_background()?;
        let recorder = Recorder::new(receiver, log, config);
        let stats = recorder.stats();
        let stop = Arc::new(StopAt::default());
        let seen = Arc::clone(&stop);
        let builder = thread::Builder::new().name("audit-core".to_owned());
        let idle = Idle::new(config.sync);
        let thread = builder.spawn(move || run(recorder, idle, &seen))?;
        Ok(CoreHandle { thread: Some(thread), stop, stats })
    }
}

/// A running core.
///
/// Dropped without [`CoreHandle::stop`], it ends the log with what was pushed until then.
#[derive(Debug)]
pub struct CoreHandle {
    thread: Option<JoinHandle<Result<Closed, LogError>>>,
    stop: Arc<StopAt>,
    stats: Arc<AuditStats>,
}

impl CoreHandle {
    /// What the log has done so far; it can be kept and asked from any thread.
    #[must_use]
    pub fn stats(&self) -> Arc<AuditStats> {
        Arc::clone(&self.stats)
    }

    /// True while the thread runs: it ends early only by a defect of its own.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Waits until all workers are gone and all their records are in the log, at most `patience`,
    /// ends the log and the thread. No credit is granted behind that.
    ///
    /// # Errors
    ///
    /// The log had failed or could not be ended, or records were lost because of it.
    pub fn stop(mut self, patience: Duration) -> Result<Closed, LogError> {
        self.join(patience).unwrap_or(Err(LogError::Failed))
    }

    fn join(&mut self, patience: Duration) -> Option<Result<Closed, LogError>> {
        let thread = self.thread.take()?;
        self.stop.set(patience);
        thread.thread().unpark();
        Some(thread.join().unwrap_or(Err(LogError::Failed)))
    }
}

impl Drop for CoreHandle {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.join(Duration::ZERO) {
            tracing::error!(%error, "the audit log was not ended as it should");
        }
    }
}

/// When the core has to be done; zero while nobody wants it to be.
#[derive(Debug, Default)]
struct StopAt(AtomicU64);

impl StopAt {
    fn set(&self, patience: Duration) {
        let patience_ns = u64::try_from(patience.as_nanos()).unwrap_or(u64::MAX);
        self.0.store(clock::monotonic_ns().saturating_add(patience_ns).max(1), Ordering::Release);
    }

    /// Whether to end: everything is done, or the time is over.
    fn is_due(&self, is_done: impl FnOnce() -> bool) -> bool {
        let at = self.0.load(Ordering::Acquire);
        at != 0 && (is_done() || clock::monotonic_ns() >= at)
    }
}

fn run(mut recorder: Recorder, mut idle: Idle, stop: &StopAt) -> Result<Closed, LogError> {
    loop {
        let taken = recorder.poll();
        if stop.is_due(|| taken == 0 && recorder.is_finished()) {
            return recorder.finish();
        }
        if taken > 0 { idle.reset() } else { idle.wait() }
    }
}

#[cfg(test)]
mod tests;
