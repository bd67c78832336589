//! The receiving half: bytes in order, bytes that came early, the window, and when to acknowledge.

use super::memory::{Memory, Queue};
use super::options::{Blocks, SACK_BLOCK_COUNT_MAX};
use core::time::Duration;
use net::Timestamp;
use net::tcp::Seq;

/// The most bytes a peer may send ahead of the reader: a busy flow at 10 ms and 800 Mbit/s.
pub(super) const RECEIVE_BYTES_MAX: usize = 1 << 20;
/// Shift of the announced window: 1 MiB needs 5; 7 is what the field sends.
pub(super) const WINDOW_SHIFT: u8 = 7;
/// The largest window without a shift.
const PLAIN_WINDOW_MAX: usize = 65_535;
/// The window of a new connection. Each time that so much was consumed it doubles: who is not read is promised no more.
const WINDOW_BYTES_FIRST: usize = 128 << 10;
/// Runs of early bytes. More holes than that are filled by the peer one after the other.
const ISLAND_COUNT_MAX: usize = 64;
/// Bytes of an island that is copied behind what comes before it: a copy with each segment.
const JOINED_BYTES_MAX: u64 = 4096;
/// How long an acknowledgement may wait for company (RFC 1122 section 4.2.3.2 allows 500 ms).
const ACK_DELAY: Duration = Duration::from_millis(40);
/// Segments at the start that are acknowledged at once, so that the peer's slow start gets going.
const QUICK_SEGMENTS: u8 = 16;
/// A window that grew by this part of the whole is announced.
const WINDOW_UPDATE_SHARE: u64 = 4;

/// When the next acknowledgement is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Never,
    At(Timestamp),
    Now,
}

/// The receiving half of one connection.
#[derive(Debug)]
pub(super) struct Receiver {
    /// Sequence number of stream offset 0.
    first: Seq,
    /// Bytes in order that were not consumed.
    queue: Queue,
    /// Bytes beyond a hole; in order, apart from each other and from `queue`.
    islands: Vec<Queue>,
    /// Where the island begins that grew last: its block is reported first (RFC 2018 section 4).
    newest: u64,
    /// What came twice, to be reported once (RFC 2883).
    duplicate: Option<(u64, u64)>,
    /// Offset of the peer's FIN, once it was seen.
    fin: Option<u64>,
    is_finished: bool,
    /// Right edge of the window that the peer knows of.
    edge: u64,
    shift: u8,
    mss: u64,
    due: Due,
    acked: u64,
    quick: u8,
    /// The largest window for now, and bytes that were consumed since it became that.
    window_max: usize,
    consumed: usize,
}

impl Receiver {
    /// A receiver of the stream whose SYN had the number before `first`.
    pub(super) const fn new(first: Seq, shift: u8, mss: u16) -> Self {
        Self {
            first,
            queue: Queue::new(0),
            islands: Vec::new(),
            newest: 0,
            duplicate: None,
            fin: None,
            is_finished: false,
            edge: 0,
            shift,
            mss: mss as u64,
            due: Due::Never,
            acked: 0,
            quick: QUICK_SEGMENTS,
            window_max: WINDOW_BYTES_FIRST,
            consumed: 0,
        }
    }

    /// Offset of the next byte in order, a FIN counted as one.
    pub(super) const fn next(&self) -> u64 {
        self.queue.end() + self.is_finished as u64
    }

    /// Offset up to which acknowledgements went out.
    pub(super) const fn acked(&self) -> u64 {
        self.acked
    }

    /// The sequence number that is acknowledged.
    pub(super) const fn next_seq(&self) -> Seq {
        self.seq(self.next())
    }

    const fn seq(&self, offset: u64) -> Seq {
        #[expect(clippy::cast_possible_truncation, reason = "sequence numbers wrap")]
        Seq(self.first.0.wrapping_add(offset as u32))
    }

    /// Stream offset of `seq`, which lies within 2 GiB of the next byte; negative for SYN.
    pub(super) fn offset(&self, seq: Seq) -> i64 {
        self.next().cast_signed() + i64::from(seq.distance(self.next_seq()))
    }

    /// Bytes in order that were not consumed, as far as they lie together.
    pub(super) fn readable(&self) -> &[u8] {
        self.queue.piece(self.queue.start())
    }

    pub(super) const fn readable_bytes(&self) -> usize {
        self.queue.len()
    }

    pub(super) fn held_bytes(&self) -> usize {
        self.queue.held_bytes() + self.islands.iter().map(Queue::held_bytes).sum::<usize>()
    }

    /// True once the FIN came in order.
    pub(super) const fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// The first `count` readable bytes are done with.
    pub(super) fn consume(&mut self, memory: &mut Memory, count: usize) {
        self.queue.trim(memory, self.queue.start() + count as u64);
        self.consumed += count;
        if self.consumed >= self.window_max && self.window_max < RECEIVE_BYTES_MAX {
            (self.window_max, self.consumed) = (self.window_max * 2, 0);
        }
        // Memory may have been short when the hole before them was filled.
        self.drain_islands(memory);
        if !self.is_finished && self.fin == Some(self.queue.end()) {
            (self.is_finished, self.due) = (true, Due::Now);
        }
        let (known, now) = (self.edge.saturating_sub(self.next()), self.allowed_edge(memory) - self.next());
        let grown = now.saturating_sub(known);
        let whole = self.limit() as u64;
        if !self.is_finished && (grown >= whole / WINDOW_UPDATE_SHARE || known < 2 * self.mss && grown >= 2 * self.mss)
        {
            self.due = Due::Now;
        }
    }

    const fn limit(&self) -> usize {
        if self.shift == 0 { PLAIN_WINDOW_MAX } else { self.window_max }
    }

    /// The right edge that may be announced; never left of what was.
    fn allowed_edge(&self, memory: &Memory) -> u64 {
        let allowance = self.limit().min(self.held_bytes().max(memory.window_bytes()));
        (self.queue.start() + allowance as u64).max(self.edge).max(self.next())
    }

    /// The window field of a segment that is about to be sent, without shift for a SYN.
    pub(super) fn announce(&mut self, memory: &Memory, is_syn: bool) -> u16 {
        let shift = if is_syn { 0 } else { self.shift };
        let window = (self.allowed_edge(memory) - self.next()) >> shift;
        let window = u16::try_from(window).unwrap_or(u16::MAX);
        self.edge = self.edge.max(self.next() + (u64::from(window) << shift));
        window
    }

    /// True if a segment of `len` sequence numbers from `start` on lies at least partly in the window
    /// (RFC 9293 section 3.10.7.4), or has none and stands at its end: so acknowledges who has filled the window, and two
    /// ends that both have would wait for each other.
    pub(super) fn accepts(&self, start: i64, len: u64) -> bool {
        let (next, edge) = (self.next().cast_signed(), self.edge.max(self.next()).cast_signed());
        if len == 0 {
            return (next..=edge).contains(&start);
        }
        start < edge && start + len.cast_signed() > next
    }

    /// Puts payload, and a FIN behind it, in its place; false if there was no room for all of it.
    pub(super) fn insert(
        &mut self,
        memory: &mut Memory,
        now: Timestamp,
        start: i64,
        payload: &[u8],
        fin: bool,
    ) -> bool {
        let (start, payload, fin) = self.clip(start, payload, fin);
        let before = self.next();
        let end = start + payload.len() as u64;
        if fin && self.fin.is_none() && self.islands.last().is_none_or(|last| last.end() <= end) {
            self.fin = Some(end);
        }
        let is_early = start > before;
        let mut placed = self.place_range(memory, start, payload);
        // Bytes in order come first: early ones give their memory up (RFC 2018 section 8).
        while !placed
            && !is_early
            && let Some(mut last) = self.islands.pop()
        {
            last.clear(memory);
            let at = start.max(self.queue.end());
            let rest = usize::try_from(at - start).ok().and_then(|gone| payload.get(gone..)).unwrap_or_default();
            placed = self.place_range(memory, at, rest);
        }
        let had_islands = !self.islands.is_empty();
        self.drain_islands(memory);
        self.is_finished |= self.fin == Some(self.queue.end());
        if is_early || had_islands || self.is_finished || !placed {
            self.due = Due::Now;
        } else {
            self.on_progress(now);
        }
        placed
    }

    /// A segment outside the window is answered; bytes that are all here already are reported once.
    pub(super) fn reject(&mut self, start: i64, numbers: u64) {
        let end = start.saturating_add_unsigned(numbers);
        if let Ok(start) = u64::try_from(start)
            && end <= self.next().cast_signed()
        {
            self.duplicate = Some((start, start + numbers));
        }
        self.due = Due::Now;
    }

    /// What of a segment is new, inside the window and before the FIN.
    fn clip<'p>(&self, start: i64, payload: &'p [u8], fin: bool) -> (u64, &'p [u8], bool) {
        let next = self.next();
        let old = usize::try_from(next.cast_signed() - start).unwrap_or(0).min(payload.len());
        let start = u64::try_from(start).unwrap_or(0).max(if old > 0 { next } else { 0 });
        let payload = payload.get(old..).unwrap_or_default();
        let stop = self.fin.unwrap_or(u64::MAX).min(self.edge.max(next));
        let kept = payload.len().min(usize::try_from(stop.saturating_sub(start)).unwrap_or(usize::MAX));
        (start, payload.get(..kept).unwrap_or_default(), fin && kept == payload.len())
    }

    /// Fills what is still empty of the range: the first copy of a byte stays.
    fn place_range(&mut self, memory: &mut Memory, start: u64, bytes: &[u8]) -> bool {
        let end = start + bytes.len() as u64;
        let (mut at, mut index) = (start, 0);
        while at < end {
            let stop = match self.islands.get(index) {
                Some(island) if island.start() <= at => {
                    at = at.max(island.end());
                    index += 1;
                    continue;
                }
                Some(island) => island.start().min(end),
                None => end,
            };
            let slice = |offset: u64| usize::try_from(offset - start).unwrap_or(usize::MAX);
            let Some(gap) = bytes.get(slice(at)..slice(stop)) else { return false };
            if !self.place(memory, index, at, gap) {
                return false;
            }
            at = stop;
        }
        true
    }

    /// Puts bytes that touch nothing but their neighbours before the island with this index.
    fn place(&mut self, memory: &mut Memory, index: usize, at: u64, gap: &[u8]) -> bool {
        let floor = memory.floor(self.held_bytes());
        let before = match index.checked_sub(1) {
            Some(before) => self.islands.get_mut(before),
            None => Some(&mut self.queue),
        };
        if let Some(queue) = before.filter(|queue| queue.end() == at) {
            self.newest = queue.start();
            return queue.push_above(memory, floor, gap) == gap.len();
        }
        if self.islands.len() == ISLAND_COUNT_MAX {
            return false;
        }
        let mut island = Queue::new(at);
        let placed = island.push_above(memory, floor, gap);
        if placed > 0 {
            self.newest = at;
            self.join_next(memory, index, &mut island);
            self.islands.insert(index, island);
        }
        placed == gap.len()
    }

    /// Moves the island with this index behind a new one that ends where it begins, if it is short: segments of a few
    /// bytes that come in reverse are one island then.
    fn join_next(&mut self, memory: &mut Memory, index: usize, island: &mut Queue) {
        let Some(next) = self.islands.get_mut(index) else { return };
        if next.start() != island.end() || next.end() - next.start() > JOINED_BYTES_MAX {
            return;
        }
        while !next.is_empty() {
            let taken = island.push(memory, next.piece(next.start()));
            if taken == 0 {
                return;
            }
            next.trim(memory, next.start() + taken as u64);
        }
        self.islands.remove(index);
    }

    /// Moves what has become contiguous behind the bytes in order.
    fn drain_islands(&mut self, memory: &mut Memory) {
        while let Some(island) = self.islands.first_mut()
            && island.start() == self.queue.end()
        {
            if self.queue.is_empty() {
                core::mem::swap(&mut self.queue, island);
            }
            while !island.is_empty() {
                let taken = self.queue.push(memory, island.piece(island.start()));
                if taken == 0 {
                    return;
                }
                island.trim(memory, island.start() + taken as u64);
            }
            self.islands.remove(0);
        }
        if self.islands.is_empty() {
            self.islands = Vec::new();
        }
    }

    fn on_progress(&mut self, now: Timestamp) {
        let is_quick = self.quick > 0;
        self.quick = self.quick.saturating_sub(1);
        if is_quick || self.next() - self.acked >= 2 * self.mss {
            self.due = Due::Now;
        } else if self.due == Due::Never {
            self.due = Due::At(now.after(ACK_DELAY));
        }
    }

    /// An acknowledgement is to be sent, whatever came.
    pub(super) const fn acknowledge(&mut self) {
        self.due = Due::Now;
    }

    pub(super) fn wants_ack(&self, now: Timestamp) -> bool {
        match self.due {
            Due::Never => false,
            Due::At(at) => at <= now,
            Due::Now => true,
        }
    }

    pub(super) const fn poll_at(&self) -> Option<Timestamp> {
        match self.due {
            Due::Never => None,
            Due::At(at) => Some(at),
            Due::Now => Some(Timestamp::ZERO),
        }
    }

    /// A segment went out that acknowledges everything in order.
    pub(super) const fn on_acked(&mut self) {
        self.due = Due::Never;
        self.acked = self.next();
        self.duplicate = None;
    }

    /// True if there are early or duplicate bytes to report.
    pub(super) const fn has_report(&self) -> bool {
        !self.islands.is_empty() || self.duplicate.is_some()
    }

    /// What to report of early and duplicate bytes, the most recent first.
    pub(super) fn sack_blocks(&self) -> Blocks {
        let mut blocks = Blocks::new();
        if !self.has_report() {
            return blocks;
        }
        if let Some((start, end)) = self.duplicate {
            blocks.push((self.seq(start), self.seq(end)));
        }
        let newest = self.islands.iter().position(|island| island.start() == self.newest).unwrap_or(0);
        let order = core::iter::once(newest).chain((0..self.islands.len()).filter(|index| *index != newest));
        for island in order.filter_map(|index| self.islands.get(index)).take(SACK_BLOCK_COUNT_MAX - blocks.len()) {
            blocks.push((self.seq(island.start()), self.seq(island.end())));
        }
        blocks
    }

    /// Gives all memory back.
    pub(super) fn clear(&mut self, memory: &mut Memory) {
        self.queue.clear(memory);
        self.islands.drain(..).for_each(|mut island| island.clear(memory));
    }
}
