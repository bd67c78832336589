//! What all flows of a worker share.

use crate::Config;
use crate::egress::Egress;
use crate::journal::Journal;
use crate::stats::Counters;
use engine::Engine;
use net::buffer::Buffer;
use net::device::Device;
use net::tcp::{Chunks, StreamLimits};
use net::{DropReason, Side, Timestamp};

/// Resets per second that a worker answers strangers and tombstones with: enough for every client
/// that reconnects after a restart, too few to be of use as a reflector.
const RESET_RATE_MAX: u64 = 10_000;

/// What part of the buffers that are left one direction of a flow may let wait.
const WAITING_SHARE: usize = 8;

/// A worker's shared parts.
#[derive(Debug)]
pub(crate) struct Context<B> {
    pub(crate) config: Config,
    pub(crate) engine: Engine,
    pub(crate) chunks: Chunks,
    pub(crate) counters: Counters,
    pub(crate) egress: Egress<B>,
    pub(crate) journal: Journal,
    /// Time at the start of this poll.
    pub(crate) now: Timestamp,
    /// Segments of all flows that wait behind holes.
    pub(crate) early_count: u64,
    resets: ResetBudget,
}

/// A token bucket.
#[derive(Debug)]
struct ResetBudget {
    tokens: u64,
    refilled_at: Timestamp,
}

impl<B: Buffer> Context<B> {
    pub(crate) fn new(config: Config, engine: Engine, journal: Journal, now: Timestamp, seed: u64) -> Self {
        Self {
            config,
            engine,
            chunks: Chunks::new(config.store_bytes_worker_max),
            counters: Counters::default(),
            #[expect(clippy::cast_possible_truncation, reason = "any number is a good one to begin with")]
            egress: Egress::new(seed as u32),
            journal,
            now,
            early_count: 0,
            resets: ResetBudget { tokens: RESET_RATE_MAX, refilled_at: now },
        }
    }

    pub(crate) fn send<D: Device<Buffer = B>>(&mut self, device: &mut D, side: Side, frame: B) {
        self.egress.send(device, &mut self.counters, side, frame);
    }

    pub(crate) const fn drop(&mut self, reason: DropReason) {
        self.counters.drop_one(reason);
    }

    /// Limits of a flow's next segment.
    ///
    /// One direction of a flow may let no more segments wait than a share of the buffers in which
    /// nobody's segments wait (a dynamic threshold, as switches share their buffers by), and what
    /// waits behind holes, which costs a sender nothing, has a bound of its own.
    pub(crate) fn stream_limits(&self) -> StreamLimits {
        let limits = self.config.stream;
        let share = |max: usize, used: u64| max.saturating_sub(usize::try_from(used).unwrap_or(max)) / WAITING_SHARE;
        StreamLimits {
            waiting_count_max: share(limits.waiting_count_max, self.counters.held_mbufs),
            early_count_max: share(limits.early_count_max, self.early_count),
            ..limits
        }
    }

    /// True if another reset may be sent to somebody who has no flow.
    pub(crate) fn may_reset(&mut self) -> bool {
        let nanos = self.now.nanos_since(self.resets.refilled_at);
        let refill = u128::from(nanos) * u128::from(RESET_RATE_MAX) / 1_000_000_000;
        if refill > 0 {
            let refill = u64::try_from(refill).unwrap_or(RESET_RATE_MAX);
            self.resets.tokens = self.resets.tokens.saturating_add(refill).min(RESET_RATE_MAX);
            self.resets.refilled_at = self.now;
        }
        let may = self.resets.tokens > 0;
        self.resets.tokens -= u64::from(may);
        may
    }
}
