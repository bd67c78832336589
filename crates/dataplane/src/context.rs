//! What all flows of a worker share.

use crate::Config;
use crate::egress::Egress;
use crate::flow::Steps;
use crate::journal::Journal;
use crate::stats::Counters;
use crate::terminate::Terminator;
use engine::Engine;
use net::buffer::Buffer;
use net::device::Device;
use net::tcp::{Chunks, StreamLimits};
use net::{DropReason, Side, Timestamp};

/// Resets per second that a worker answers strangers and tombstones with: enough for every client
/// that reconnects after a restart, too few to be of use as a reflector.
const RESET_RATE_MAX: u64 = 10_000;
/// Records per second that a worker writes of connections which the policy blocks: enough to show who
/// tries what, too few for a scan to fill the log's disk.
const FLOW_RECORD_RATE_MAX: u64 = 100;

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
    /// What terminated flows share.
    pub(crate) terminator: Terminator,
    /// Counts policies: a flow remembers under which it was routed.
    pub(crate) generation: u32,
    /// What passing frames are timed by.
    pub(crate) steps: Steps,
    /// Time at the start of this poll.
    pub(crate) now: Timestamp,
    /// Segments of all flows that wait behind holes.
    pub(crate) early_count: u64,
    resets: Budget<RESET_RATE_MAX>,
    flow_records: Budget<FLOW_RECORD_RATE_MAX>,
}

/// A token bucket of so many a second, which holds a second's worth.
#[derive(Debug)]
struct Budget<const RATE: u64> {
    tokens: u64,
    refilled_at: Timestamp,
}

impl<const RATE: u64> Budget<RATE> {
    const fn new(now: Timestamp) -> Self {
        Self { tokens: RATE, refilled_at: now }
    }

    /// Takes a token, if there is one.
    fn take(&mut self, now: Timestamp) -> bool {
        let nanos = now.nanos_since(self.refilled_at);
        let refill = u128::from(nanos) * u128::from(RATE) / 1_000_000_000;
        if refill > 0 {
            let refill = u64::try_from(refill).unwrap_or(RATE);
            self.tokens = self.tokens.saturating_add(refill).min(RATE);
            self.refilled_at = now;
        }
        let may = self.tokens > 0;
        self.tokens -= u64::from(may);
        may
    }
}

impl<B: Buffer> Context<B> {
    pub(crate) fn new(
        config: Config,
        engine: Engine,
        journal: Journal,
        terminator: Terminator,
        now: Timestamp,
        seed: u64,
    ) -> Self {
        Self {
            config,
            engine,
            chunks: Chunks::new(config.store_bytes_worker_max),
            counters: Counters::default(),
            #[expect(clippy::cast_possible_truncation, reason = "any number is a good one to begin with")]
            egress: Egress::new(seed as u32),
            journal,
            terminator,
            generation: 0,
            steps: Steps { start: now },
            now,
            early_count: 0,
            resets: Budget::new(now),
            flow_records: Budget::new(now),
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
        self.resets.take(self.now)
    }

    /// True if another connection that is not opened may leave a record; counted if not.
    pub(crate) fn may_record_flow(&mut self) -> bool {
        let may = self.journal.can_open() && self.flow_records.take(self.now);
        self.counters.flows_unrecorded += u64::from(!may);
        may
    }
}
