//! The sending half: what was handed over, what is in flight, what was lost, and what goes next.
//!
//! Losses are found by time (RACK-TLP, RFC 8985) from what cumulative and selective acknowledgements
//! say; what is in flight is counted as RFC 6675 does; a timeout is the last resort (RFC 6298).

use super::cubic::Cubic;
use super::memory::{Memory, Queue};
use super::rtt::Rtt;
use super::scoreboard::{Fate, Newly, Scoreboard, Sent};
use core::time::Duration;
use net::Timestamp;

/// The most bytes that are queued, acknowledged ones excepted: the peer's window of a busy flow.
pub(super) const SEND_BYTES_MAX: usize = 1 << 20;
/// Segments in flight: more than a megabyte of full ones. A peer with a tiny MSS cannot make the
/// scoreboard grow, nor each of its acknowledgements dear.
const SEGMENT_COUNT_MAX: usize = 2048;
/// Timeouts in a row, or unanswered probes, after which the peer is taken for gone: over two minutes.
const RETRY_COUNT_MAX: u32 = 10;
/// How long a peer that answers may take nothing (RFC 6429): what waits for it holds memory that others need.
const SHUT_OUT_TIME_MAX: Duration = Duration::from_secs(600);
/// Duplicate acknowledgements that mean a loss (RFC 5681).
const DUPLICATE_THRESHOLD: u32 = 3;
/// The shortest time after which a tail is probed (what Linux takes, 2 clock ticks).
const PROBE_MIN: Duration = Duration::from_millis(10);
/// What a peer may wait before it acknowledges a single segment (RFC 8985 section 7.2).
const PEER_ACK_DELAY_MAX: Duration = Duration::from_millis(200);

/// What the sender waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    /// For segments that are only out of order, perhaps.
    Reorder(Timestamp),
    /// For an acknowledgement of the tail.
    Tail(Timestamp),
    /// For any acknowledgement.
    Timeout(Timestamp),
    /// For the peer's window to open.
    Window(Timestamp),
}

/// What is to be sent next: a range of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    /// Stream offset.
    pub(super) start: u64,
    /// Bytes of payload.
    pub(super) len: usize,
    /// A FIN stands behind them.
    pub(super) fin: bool,
    /// Nothing is queued behind them.
    pub(super) push: bool,
    /// An empty segment that has to be answered.
    pub(super) is_probe: bool,
}

/// What an acknowledging segment says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heard<'a> {
    /// Cumulative acknowledgement.
    pub(super) ack: u64,
    /// Selective ones, and the duplicate one.
    pub(super) blocks: &'a [(u64, u64)],
    /// The first block reports a duplicate.
    pub(super) has_duplicate: bool,
    /// The segment has no payload and does not move the window.
    pub(super) is_bare: bool,
}

/// The sending half of one connection.
#[derive(Debug)]
pub(super) struct Sender {
    queue: Queue,
    /// No more bytes follow; a FIN stands behind the last one.
    is_shut: bool,
    /// Offset of the next new byte.
    next: u64,
    /// Right edge of the peer's window.
    edge: u64,
    /// Bytes of payload of a full segment.
    mss: usize,
    board: Scoreboard,
    cubic: Cubic,
    rtt: Rtt,
    /// The peer reports early bytes; without, duplicate acknowledgements are counted.
    has_sack: bool,
    duplicates: u32,
    /// Losses up to here belong to one event.
    recovery: Option<Recovery>,
    /// A probe of the tail is out: the offset behind it, and whether it was sent before.
    probe: Option<(u64, bool)>,
    wants_probe: Probe,
    /// Timeouts in a row.
    backoff: u32,
    /// When the peer last made progress, or the flight began.
    progress_at: Timestamp,
    sent_at: Timestamp,
    /// Since when the peer's window is closed, as far as it was asked.
    shut_out_since: Option<Timestamp>,
    is_window_limited: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Recovery {
    until: u64,
    is_timeout: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Probe {
    None,
    /// New bytes, or the last segment once more, whatever the window of congestion says.
    Tail,
    /// A segment without new bytes that has to be answered.
    Window,
}

impl Sender {
    /// A sender of segments with `mss` bytes of payload.
    pub(super) fn new(mss: usize, has_sack: bool) -> Self {
        Self {
            queue: Queue::new(0),
            is_shut: false,
            next: 0,
            edge: 0,
            mss,
            board: Scoreboard::default(),
            cubic: Cubic::new(mss),
            rtt: Rtt::default(),
            has_sack,
            duplicates: 0,
            recovery: None,
            probe: None,
            wants_probe: Probe::None,
            backoff: 0,
            progress_at: Timestamp::ZERO,
            sent_at: Timestamp::ZERO,
            shut_out_since: None,
            is_window_limited: false,
        }
    }

    /// The handshake settled what the peer takes and how long its way is.
    pub(super) fn open(&mut self, now: Timestamp, mss: usize, has_sack: bool, rtt: Option<Duration>) {
        (self.mss, self.has_sack) = (mss, has_sack);
        self.cubic = Cubic::new(mss);
        self.progress_at = now;
        if let Some(rtt) = rtt {
            self.rtt.sample(rtt);
        }
    }

    /// The way takes no longer segments: what is on it and longer is lost, which says nothing of congestion.
    pub(super) fn shorten(&mut self, mss: usize) {
        // One that was taken for arrived may turn out to be too long later.
        self.mss = self.mss.min(mss);
        self.board.resegment(self.mss as u64);
        if self.board.has_lost() {
            self.recovery.get_or_insert(Recovery { until: self.next, is_timeout: false });
        }
    }

    pub(super) const fn queue(&self) -> &Queue {
        &self.queue
    }

    /// Offset of the oldest byte that is not acknowledged.
    pub(super) fn unacked(&self) -> u64 {
        self.board.start().unwrap_or(self.next)
    }

    /// Offset behind the last byte that was sent, a FIN counted as one.
    pub(super) const fn next(&self) -> u64 {
        self.next
    }

    pub(super) const fn in_flight(&self) -> u64 {
        self.board.in_flight()
    }

    /// Takes as many of `bytes` as there is room for, and says how many.
    pub(super) fn push(&mut self, memory: &mut Memory, bytes: &[u8]) -> usize {
        let room = self.capacity().min(self.queue.free_bytes() + memory.spare_bytes(self.queue.held_bytes()));
        self.queue.push(memory, bytes.get(..room).unwrap_or(bytes))
    }

    pub(super) const fn capacity(&self) -> usize {
        if self.is_shut { 0 } else { SEND_BYTES_MAX - self.queue.len() }
    }

    pub(super) const fn shut(&mut self) {
        self.is_shut = true;
    }

    /// True once a FIN went out.
    pub(super) const fn fin_is_sent(&self) -> bool {
        self.is_shut && self.next > self.queue.end()
    }

    /// True once everything, the FIN included, is acknowledged.
    pub(super) fn fin_is_acked(&self) -> bool {
        self.fin_is_sent() && self.board.is_empty()
    }

    /// Offset behind everything that is to be sent.
    const fn end(&self) -> u64 {
        self.queue.end() + self.is_shut as u64
    }

    /// The peer's window reaches to `edge`; true if that moved it.
    pub(super) const fn set_edge(&mut self, edge: u64) -> bool {
        let moved = edge != self.edge;
        self.edge = edge;
        moved
    }

    /// Bytes were acknowledged, in order or not.
    pub(super) fn on_ack(&mut self, memory: &mut Memory, now: Timestamp, heard: &Heard<'_>) {
        let newly = self.board.acknowledge(heard.ack, now);
        self.queue.trim(memory, heard.ack);
        let blocks = heard.blocks.get(usize::from(heard.has_duplicate)..).unwrap_or_default();
        let newly = self.board.acknowledge_early(blocks, now, newly);
        if newly.acked > 0 {
            (self.backoff, self.progress_at) = (0, now);
            (self.wants_probe, self.shut_out_since) = (Probe::None, None);
        }
        if !self.has_sack {
            self.count_duplicates(heard, &newly);
        }
        if let Some(rtt) = newly.rtt {
            self.rtt.sample(rtt);
            self.cubic.on_sample(rtt);
        }
        self.settle_probe(heard);
        self.leave_recovery(heard.ack);
        self.find_losses(now);
        let may_grow = self.recovery.is_none_or(|recovery| recovery.is_timeout);
        if newly.acked > 0 && may_grow && self.is_window_limited {
            self.cubic.on_ack(now, newly.acked, heard.ack, self.next, &self.rtt);
        }
    }

    /// Without selective acknowledgements every duplicate one stands for a segment that arrived.
    fn count_duplicates(&mut self, heard: &Heard<'_>, newly: &Newly) {
        if newly.acked > 0 {
            self.duplicates = 0;
            self.board.forget_early();
            if self.recovery.is_some_and(|recovery| heard.ack < recovery.until) {
                self.board.lose_first();
            }
        } else if heard.is_bare && !self.board.is_empty() {
            self.duplicates += 1;
            self.board.assume_early();
            if self.duplicates >= DUPLICATE_THRESHOLD {
                self.board.lose_first();
            }
        }
    }

    /// A probe that was acknowledged, and not as a duplicate, has mended a loss nobody else saw.
    fn settle_probe(&mut self, heard: &Heard<'_>) {
        let Some((end, was_sent)) = self.probe else { return };
        if heard.ack >= end || heard.has_duplicate {
            self.probe = None;
            if was_sent && !heard.has_duplicate && self.recovery.is_none() {
                self.cubic.on_loss();
            }
        }
    }

    fn leave_recovery(&mut self, ack: u64) {
        if self.recovery.is_some_and(|recovery| ack >= recovery.until) {
            self.recovery = None;
            self.duplicates = 0;
        }
    }

    fn find_losses(&mut self, now: Timestamp) {
        self.board.find_losses(now, &self.rtt, self.recovery.is_some());
        if self.board.has_lost() && self.recovery.is_none() {
            self.recovery = Some(Recovery { until: self.next, is_timeout: false });
            self.cubic.on_loss();
        }
    }

    /// What the sender waits for, if it waits.
    fn wait(&self) -> Option<Wait> {
        let timeout = self.progress_at.after(self.rtt.timeout(self.backoff));
        if self.board.is_empty() {
            let is_shut_out = self.next < self.end() && self.next >= self.edge;
            return is_shut_out.then_some(Wait::Window(timeout));
        }
        if let Some(at) = self.board.suspect_at() {
            return Some(Wait::Reorder(at.min(timeout)));
        }
        let may_probe = self.probe.is_none()
            && self.wants_probe == Probe::None
            && self.backoff == 0
            && self.recovery.is_none()
            && self.has_sack
            && !self.board.has_early();
        if may_probe && let Some(smoothed) = self.rtt.smoothed() {
            let delay = if self.board.count() == 1 { PEER_ACK_DELAY_MAX } else { Duration::ZERO };
            let at = self.sent_at.max(self.progress_at).after((smoothed * 2).max(PROBE_MIN) + delay);
            if at < timeout {
                return Some(Wait::Tail(at));
            }
        }
        Some(Wait::Timeout(timeout))
    }

    pub(super) fn poll_at(&self) -> Option<Timestamp> {
        self.wait().map(|wait| match wait {
            Wait::Reorder(at) | Wait::Tail(at) | Wait::Timeout(at) | Wait::Window(at) => at,
        })
    }

    /// Does what is due; false once the peer is taken for gone.
    pub(super) fn handle_timeout(&mut self, now: Timestamp) -> bool {
        match self.wait() {
            Some(Wait::Reorder(at)) if at <= now => {
                self.find_losses(now);
                if self.board.has_lost() || self.progress_at.after(self.rtt.timeout(self.backoff)) > now {
                    return true;
                }
                self.on_timeout(now)
            }
            Some(Wait::Tail(at)) if at <= now => {
                self.wants_probe = Probe::Tail;
                true
            }
            Some(Wait::Timeout(at)) if at <= now => self.on_timeout(now),
            Some(Wait::Window(at)) if at <= now => {
                self.wants_probe = Probe::Window;
                let since = *self.shut_out_since.get_or_insert(now);
                self.retry(now) && now < since.after(SHUT_OUT_TIME_MAX)
            }
            _ => true,
        }
    }

    fn on_timeout(&mut self, now: Timestamp) -> bool {
        self.cubic.on_timeout(self.recovery.is_none_or(|recovery| !recovery.is_timeout));
        self.board.lose_all();
        self.recovery = Some(Recovery { until: self.next, is_timeout: true });
        (self.probe, self.wants_probe) = (None, Probe::None);
        self.retry(now)
    }

    const fn retry(&mut self, now: Timestamp) -> bool {
        self.backoff += 1;
        self.progress_at = now;
        self.backoff <= RETRY_COUNT_MAX
    }

    /// The peer answered a probe of its closed window.
    pub(super) fn on_window_answer(&mut self) {
        if self.board.is_empty() {
            // The pause stays as long as it has become; only giving up moves away.
            self.backoff = self.backoff.min(RETRY_COUNT_MAX / 2);
        }
    }

    /// The segment that goes next, if one may.
    pub(super) fn choose(&mut self, now: Timestamp) -> Option<Chosen> {
        if self.board.is_empty() && self.next > 0 && self.next < self.end() {
            self.resume_after_idle(now);
        }
        if self.wants_probe == Probe::Window {
            if self.next >= self.edge {
                return Some(Chosen { start: self.next, len: 0, fin: false, push: false, is_probe: true });
            }
            self.wants_probe = Probe::None;
        }
        if let Some(lost) = self.board.first_lost() {
            let may = self.may_fly(lost.len());
            self.is_window_limited |= !may;
            return may.then(|| self.piece(lost.start, lost.end));
        }
        self.choose_new().or_else(|| {
            let last = (self.wants_probe == Probe::Tail).then(|| self.board.last()).flatten()?;
            Some(self.piece(last.start, last.end))
        })
    }

    fn resume_after_idle(&mut self, now: Timestamp) {
        let idle = now.nanos_since(self.sent_at.max(self.progress_at));
        if u128::from(idle) > self.rtt.timeout(0).as_nanos() && self.next < self.edge {
            self.cubic.on_idle();
        }
    }

    fn choose_new(&mut self) -> Option<Chosen> {
        let left = self.end().saturating_sub(self.next);
        let window = self.edge.saturating_sub(self.next);
        let whole = left.min(self.mss as u64);
        let len = whole.min(window);
        if len == 0 {
            self.is_window_limited = self.in_flight() * 2 > self.cubic.window();
            return None;
        }
        if self.board.count() >= SEGMENT_COUNT_MAX {
            return None;
        }
        // Silly window: a part of a segment waits for the window while others are in flight.
        if len < whole && !self.board.is_empty() {
            return None;
        }
        if !self.may_fly(len) && self.wants_probe != Probe::Tail {
            self.is_window_limited = true;
            return None;
        }
        Some(self.piece(self.next, self.next + len))
    }

    const fn may_fly(&self, len: u64) -> bool {
        self.in_flight() == 0 || self.in_flight() + len <= self.cubic.window()
    }

    /// The range as payload and FIN.
    fn piece(&self, start: u64, end: u64) -> Chosen {
        let data_end = self.queue.end();
        let len = usize::try_from(end.min(data_end).saturating_sub(start)).unwrap_or(0);
        Chosen { start, len, fin: end > data_end, push: end >= data_end, is_probe: false }
    }

    /// What was chosen went out.
    pub(super) fn on_sent(&mut self, now: Timestamp, chosen: &Chosen) {
        let end = chosen.start + chosen.len as u64 + u64::from(chosen.fin);
        if end == chosen.start {
            self.wants_probe = Probe::None;
            return;
        }
        if self.wants_probe == Probe::Tail {
            self.wants_probe = Probe::None;
            self.probe = Some((end, chosen.start < self.next));
        }
        if self.board.is_empty() {
            self.progress_at = now;
            self.backoff = 0;
        }
        self.sent_at = now;
        if chosen.start < self.next {
            self.board.on_sent_again(chosen.start, now);
        } else {
            self.next = end;
            self.board.push(Sent { start: chosen.start, end, sent_at: now, fate: Fate::InFlight, is_again: false });
        }
    }

    /// Gives all memory back.
    pub(super) fn clear(&mut self, memory: &mut Memory) {
        self.queue.clear(memory);
        self.board = Scoreboard::default();
        self.next = self.end();
    }
}
