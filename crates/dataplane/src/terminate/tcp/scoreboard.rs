//! What is in flight: every segment that was sent and not acknowledged in order, and its fate.

use super::rtt::Rtt;
use core::time::Duration;
use net::Timestamp;
use std::collections::VecDeque;

/// Early segments that mean a loss before any reordering was seen (RFC 8985 section 6.2).
const EARLY_THRESHOLD: usize = 3;
/// Places that an empty board may keep.
const IDLE_PLACES_MAX: usize = 16;

/// What is known of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It may still arrive.
    InFlight,
    /// It arrived beyond a hole.
    Early,
    /// It is to be sent again.
    Lost,
}

/// One segment that was sent: a range of the stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    pub(super) start: u64,
    pub(super) end: u64,
    /// When it was sent last.
    pub(super) sent_at: Timestamp,
    pub(super) fate: Fate,
    /// It was sent more than once.
    pub(super) is_again: bool,
}

impl Sent {
    pub(super) const fn len(&self) -> u64 {
        self.end - self.start
    }
}

/// What an acknowledgement said that was not known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Newly {
    /// Bytes that were acknowledged in order.
    pub(super) acked: u64,
    /// Time since the latest of the newly acknowledged segments that were sent only once.
    pub(super) rtt: Option<Duration>,
}

/// The latest segment, by time sent, that is known to have arrived (RFC 8985 section 6.1).
#[derive(Clone, Copy, Debug, Default)]
struct Latest {
    sent_at: Timestamp,
    end: u64,
    rtt: Duration,
}

/// Segments in flight, in the order of the stream.
#[derive(Debug, Default)]
pub(super) struct Scoreboard {
    segments: VecDeque<Sent>,
    in_flight: u64,
    lost: usize,
    early: usize,
    /// Offset behind the highest early segment.
    early_end: u64,
    latest: Latest,
    /// No segment before this offset is lost.
    lost_from: u64,
    /// When the next segment will have had its time to arrive.
    suspect_at: Option<Timestamp>,
    /// Segments were seen to overtake others.
    has_reordering: bool,
}

impl Scoreboard {
    pub(super) fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    pub(super) fn count(&self) -> usize {
        self.segments.len()
    }

    /// Offset of the first byte in flight.
    pub(super) fn start(&self) -> Option<u64> {
        self.segments.front().map(|sent| sent.start)
    }

    /// Bytes that may be on the way: neither arrived nor lost.
    pub(super) const fn in_flight(&self) -> u64 {
        self.in_flight
    }

    pub(super) const fn has_lost(&self) -> bool {
        self.lost > 0
    }

    pub(super) const fn has_early(&self) -> bool {
        self.early > 0
    }

    pub(super) fn last(&self) -> Option<Sent> {
        self.segments.back().copied().filter(|sent| sent.fate == Fate::InFlight)
    }

    pub(super) fn push(&mut self, sent: Sent) {
        self.in_flight += sent.len();
        self.segments.push_back(sent);
    }

    fn index_of(&self, offset: u64) -> usize {
        self.segments.partition_point(|sent| sent.end <= offset)
    }

    pub(super) fn on_sent_again(&mut self, start: u64, now: Timestamp) {
        let index = self.index_of(start);
        let Some(sent) = self.segments.get_mut(index) else { return };
        (sent.sent_at, sent.is_again) = (now, true);
        if sent.fate == Fate::Lost {
            sent.fate = Fate::InFlight;
            self.in_flight += sent.len();
            self.lost -= 1;
            self.lost_from = sent.end;
        }
    }

    /// The first segment that is to be sent again.
    pub(super) fn first_lost(&mut self) -> Option<Sent> {
        if self.lost == 0 {
            return None;
        }
        let from = self.index_of(self.lost_from);
        let found = self.segments.iter().skip(from).find(|sent| sent.fate == Fate::Lost).copied()?;
        self.lost_from = found.start;
        Some(found)
    }

    /// Everything before `ack` arrived.
    pub(super) fn acknowledge(&mut self, ack: u64, now: Timestamp) -> Newly {
        let mut newly = Newly::default();
        while let Some(front) = self.segments.front_mut()
            && front.start < ack
        {
            let sent = *front;
            let gone = sent.end.min(ack) - sent.start;
            newly.acked += gone;
            if sent.fate == Fate::InFlight {
                self.in_flight -= gone;
            }
            if sent.end > ack {
                front.start = ack;
                break;
            }
            self.segments.pop_front();
            self.uncount(sent.fate);
            if sent.fate != Fate::Early {
                self.on_arrival(&sent, now, &mut newly);
            }
        }
        if self.segments.is_empty() && self.segments.capacity() > IDLE_PLACES_MAX {
            self.segments = VecDeque::new();
        }
        newly
    }

    const fn uncount(&mut self, fate: Fate) {
        match fate {
            Fate::InFlight => {}
            Fate::Early => self.early -= 1,
            Fate::Lost => self.lost -= 1,
        }
    }

    /// The ranges arrived beyond a hole.
    pub(super) fn acknowledge_early(&mut self, blocks: &[(u64, u64)], now: Timestamp, mut newly: Newly) -> Newly {
        for (start, end) in blocks.iter().copied() {
            let mut index = self.segments.partition_point(|sent| sent.start < start);
            while let Some(sent) = self.segments.get_mut(index)
                && sent.end <= end
            {
                index += 1;
                if sent.fate == Fate::Early {
                    continue;
                }
                let before = core::mem::replace(&mut sent.fate, Fate::Early);
                let sent = *sent;
                if before == Fate::InFlight {
                    self.in_flight -= sent.len();
                }
                self.uncount(before);
                self.early += 1;
                self.on_arrival(&sent, now, &mut newly);
                self.early_end = self.early_end.max(sent.end);
            }
        }
        newly
    }

    fn on_arrival(&mut self, sent: &Sent, now: Timestamp, newly: &mut Newly) {
        let rtt = Duration::from_nanos(now.nanos_since(sent.sent_at));
        if sent.is_again {
            // The acknowledgement may be that of the first copy.
            if rtt < self.latest.rtt / 2 {
                return;
            }
        } else {
            newly.rtt = Some(rtt);
            self.has_reordering |= sent.end < self.early_end && sent.fate != Fate::Lost;
        }
        if (sent.sent_at, sent.end) > (self.latest.sent_at, self.latest.end) {
            self.latest = Latest { sent_at: sent.sent_at, end: sent.end, rtt };
        }
    }

    /// How much later than one sent after it a segment may still arrive (RFC 8985 section 6.2).
    fn reorder_window(&self, rtt: &Rtt, is_recovering: bool) -> Duration {
        if !self.has_reordering && (is_recovering || self.early >= EARLY_THRESHOLD) {
            return Duration::ZERO;
        }
        let quarter = rtt.min().unwrap_or_default() / 4;
        rtt.smoothed().map_or(quarter, |smoothed| quarter.min(smoothed))
    }

    /// Segments that have had time to arrive, before one that did, are lost.
    pub(super) fn find_losses(&mut self, now: Timestamp, rtt: &Rtt, is_recovering: bool) {
        let patience = self.latest.rtt + self.reorder_window(rtt, is_recovering);
        let latest = self.latest;
        self.suspect_at = None;
        for sent in self.segments.iter_mut().take_while(|sent| sent.start < latest.end) {
            if sent.fate != Fate::InFlight || (sent.sent_at, sent.end) >= (latest.sent_at, latest.end) {
                continue;
            }
            let at = sent.sent_at.after(patience);
            if at > now {
                self.suspect_at = Some(self.suspect_at.map_or(at, |first| first.min(at)));
                continue;
            }
            sent.fate = Fate::Lost;
            self.in_flight -= sent.len();
            self.lost += 1;
            self.lost_from = self.lost_from.min(sent.start);
        }
    }

    /// When losses are to be looked for again; earlier than needed where acknowledgements came since.
    pub(super) const fn suspect_at(&self) -> Option<Timestamp> {
        self.suspect_at
    }

    /// Segments longer than so many bytes do not fit their way: they are to be sent again, in pieces.
    pub(super) fn resegment(&mut self, bytes_max: u64) {
        let segments = core::mem::take(&mut self.segments);
        for sent in segments {
            if sent.len() <= bytes_max || sent.fate == Fate::Early {
                self.segments.push_back(sent);
                continue;
            }
            if sent.fate == Fate::InFlight {
                self.in_flight -= sent.len();
            } else {
                self.lost -= 1;
            }
            let mut start = sent.start;
            while start < sent.end {
                let end = sent.end.min(start + bytes_max);
                self.segments.push_back(Sent { start, end, fate: Fate::Lost, ..sent });
                self.lost += 1;
                start = end;
            }
            self.lost_from = self.lost_from.min(sent.start);
        }
    }

    /// Nothing was heard in time: everything that has not arrived is to be sent again.
    pub(super) fn lose_all(&mut self) {
        // A peer that throws early bytes away does not acknowledge them in order (RFC 2018 section 8).
        if self.segments.front().is_some_and(|sent| sent.fate == Fate::Early) {
            self.forget_early();
        }
        for sent in self.segments.iter_mut().filter(|sent| sent.fate == Fate::InFlight) {
            sent.fate = Fate::Lost;
            self.lost += 1;
        }
        (self.in_flight, self.lost_from, self.suspect_at) = (0, 0, None);
    }

    /// The first segment is lost (RFC 6582).
    pub(super) fn lose_first(&mut self) {
        if let Some(first) = self.segments.front_mut()
            && first.fate == Fate::InFlight
            && !first.is_again
        {
            first.fate = Fate::Lost;
            self.in_flight -= first.len();
            self.lost += 1;
            self.lost_from = 0;
        }
    }

    /// One more segment behind the first arrived, nobody knows which.
    pub(super) fn assume_early(&mut self) {
        if let Some(sent) = self.segments.iter_mut().skip(1).find(|sent| sent.fate == Fate::InFlight) {
            sent.fate = Fate::Early;
            self.in_flight -= sent.len();
            self.early += 1;
        }
    }

    /// What is known of early segments does not hold any more.
    pub(super) fn forget_early(&mut self) {
        if self.early == 0 {
            return;
        }
        for sent in self.segments.iter_mut().filter(|sent| sent.fate == Fate::Early) {
            sent.fate = Fate::InFlight;
            self.in_flight += sent.len();
        }
        self.early = 0;
        self.early_end = 0;
    }
}
