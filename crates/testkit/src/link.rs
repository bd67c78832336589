//! One way between two hosts that delays, loses, repeats, reorders and damages frames.
//!
//! It holds frames and tells when the next one arrives; it moves nothing by itself, so that the same
//! link serves a simulated clock and a relay between real interfaces.

use crate::Random;
use core::time::Duration;
use net::Timestamp;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// What a link does to frames; chances are parts of a million.
#[derive(Clone, Copy, Debug)]
pub struct Impairment {
    /// How long each frame is on the way.
    pub delay: Duration,
    /// Chance that a frame is lost.
    pub loss: u64,
    /// Chance that a frame arrives twice.
    pub duplication: u64,
    /// Chance that a frame takes up to twice as long, and others overtake it.
    pub reordering: u64,
    /// Chance that a bit of a frame is flipped.
    pub corruption: u64,
    /// Bits a second; 0 for as many as come.
    pub rate: u64,
    /// Frames that may wait for their turn where there is a rate.
    pub queue_count_max: usize,
}

impl Impairment {
    /// A link that only delays.
    #[must_use]
    pub const fn delay(delay: Duration) -> Self {
        Self { delay, loss: 0, duplication: 0, reordering: 0, corruption: 0, rate: 0, queue_count_max: usize::MAX }
    }

    /// The same link, with this many frames of a million lost.
    #[must_use]
    pub const fn with_loss(self, loss: u64) -> Self {
        Self { loss, ..self }
    }
}

const MILLION: u64 = 1_000_000;

/// Frames on their way in one direction.
#[derive(Debug)]
pub struct Link {
    impairment: Impairment,
    random: Random,
    /// Frames that arrive one after the other, and those that do not keep the order.
    line: VecDeque<(Timestamp, Vec<u8>)>,
    strays: BinaryHeap<Reverse<(Timestamp, Vec<u8>)>>,
    free_at: Timestamp,
    /// Frames that were lost, by chance or by a full queue.
    pub lost: u64,
    /// Frames that came in.
    pub count: u64,
}

impl Link {
    /// An empty link.
    #[must_use]
    pub const fn new(impairment: Impairment, seed: u64) -> Self {
        Self {
            impairment,
            random: Random::new(seed),
            line: VecDeque::new(),
            strays: BinaryHeap::new(),
            free_at: Timestamp::ZERO,
            lost: 0,
            count: 0,
        }
    }

    fn happens(&mut self, chance: u64) -> bool {
        chance > 0 && self.random.below(MILLION) < chance
    }

    /// A frame enters the link.
    pub fn send(&mut self, now: Timestamp, mut frame: Vec<u8>) {
        self.count += 1;
        let is_full = self.impairment.rate > 0 && self.line.len() >= self.impairment.queue_count_max;
        if is_full || self.happens(self.impairment.loss) {
            self.lost += 1;
            return;
        }
        if self.happens(self.impairment.corruption) {
            let bit = self.random.below(frame.len() as u64 * 8) as usize;
            frame[bit / 8] ^= 1 << (bit % 8);
        }
        let arrives = self.turn(now, frame.len()).after(self.impairment.delay);
        if self.happens(self.impairment.duplication) {
            let at = self.later(arrives);
            self.strays.push(Reverse((at, frame.clone())));
        }
        if self.happens(self.impairment.reordering) {
            let at = self.later(arrives);
            self.strays.push(Reverse((at, frame)));
        } else {
            self.line.push_back((arrives, frame));
        }
    }

    /// When a frame of this length has left the sender.
    fn turn(&mut self, now: Timestamp, bytes: usize) -> Timestamp {
        if self.impairment.rate == 0 {
            return now;
        }
        let nanos = bytes as u64 * 8 * 1_000_000_000 / self.impairment.rate;
        self.free_at = self.free_at.max(now).after(Duration::from_nanos(nanos));
        self.free_at
    }

    fn later(&mut self, at: Timestamp) -> Timestamp {
        let nanos = self.impairment.delay.as_nanos() as u64 + 1000;
        at.after(Duration::from_nanos(self.random.below(nanos)))
    }

    /// The next frame that has arrived.
    pub fn receive(&mut self, now: Timestamp) -> Option<Vec<u8>> {
        let stray = self.strays.peek().map(|Reverse((at, _))| *at);
        let first = self.line.front().map(|(at, _)| *at);
        let takes_stray = stray.is_some_and(|at| first.is_none_or(|first| at < first));
        if self.poll_at()? > now {
            return None;
        }
        if takes_stray {
            return self.strays.pop().map(|Reverse((_, frame))| frame);
        }
        self.line.pop_front().map(|(_, frame)| frame)
    }

    /// When the next frame arrives.
    #[must_use]
    pub fn poll_at(&self) -> Option<Timestamp> {
        let stray = self.strays.peek().map(|Reverse((at, _))| *at);
        [stray, self.line.front().map(|(at, _)| *at)].into_iter().flatten().min()
    }

    /// Frames on the way.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.line.len() + self.strays.len()
    }
}
