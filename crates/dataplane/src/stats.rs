//! What a worker counts.

use core::sync::atomic::{AtomicU64, Ordering};
use net::DropReason;
use policy::{Mode, Reason, Verdict};

/// Counters of one worker; they only grow, except for the gauges at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counters {
    /// Frames received.
    pub rx_packets: u64,
    /// Bytes received, from the Ethernet header on.
    pub rx_bytes: u64,
    /// Frames sent.
    pub tx_packets: u64,
    /// Bytes sent.
    pub tx_bytes: u64,
    /// Frames that did not go on, by [`DropReason`].
    pub dropped: [u64; DropReason::COUNT],
    /// Requests whose head was read.
    pub requests: u64,
    /// Final verdicts, by [`Verdict`].
    pub verdicts: [u64; Verdict::ALL.len()],
    /// Blocks, by [`Reason`].
    pub blocked: [u64; Reason::COUNT],
    /// Retransmissions that carried other bytes than the first time.
    pub contradictions: u64,
    /// Connections that the policy blocked without a record: more than a worker writes a second.
    pub flows_unrecorded: u64,
    /// Parameters for encrypted ClientHellos that were taken out of DNS answers.
    pub ech_removed: u64,
    /// Errors of ICMP from inside whose quotation was cut.
    pub icmp_cut: u64,
    /// Connections that were being opened and made room for newer ones.
    pub openings_displaced: u64,
    /// Bursts polled.
    pub polls: u64,
    /// Bursts that brought something.
    pub busy_polls: u64,
    /// Nanoseconds spent on bursts that brought something.
    pub busy_nanos: u64,
    /// Flows in the table, by [`Mode`] (a tombstone counts as block).
    pub flows: [u64; Mode::ALL.len()],
    /// Buffers that wait for a verdict.
    pub held_mbufs: u64,
    /// Buffers in use, by whomever.
    pub mbuf_in_use: u64,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            rx_packets: 0,
            rx_bytes: 0,
            tx_packets: 0,
            tx_bytes: 0,
            dropped: [0; DropReason::COUNT],
            requests: 0,
            verdicts: [0; Verdict::ALL.len()],
            blocked: [0; Reason::COUNT],
            contradictions: 0,
            flows_unrecorded: 0,
            ech_removed: 0,
            icmp_cut: 0,
            openings_displaced: 0,
            polls: 0,
            busy_polls: 0,
            busy_nanos: 0,
            flows: [0; Mode::ALL.len()],
            held_mbufs: 0,
            mbuf_in_use: 0,
        }
    }
}

impl Counters {
    pub(crate) const fn drop_one(&mut self, reason: DropReason) {
        self.drop_many(reason, 1);
    }

    pub(crate) const fn drop_many(&mut self, reason: DropReason, count: u64) {
        // The index of a reason is below the length by construction.
        if let Some((_, tail)) = self.dropped.split_at_mut_checked(reason.index())
            && let Some(counter) = tail.first_mut()
        {
            *counter += count;
        }
    }

    /// Frames dropped, for whatever reason.
    #[must_use]
    pub fn dropped_total(&self) -> u64 {
        self.dropped.iter().sum()
    }

    fn words(&self) -> impl Iterator<Item = u64> + '_ {
        let head = [self.rx_packets, self.rx_bytes, self.tx_packets, self.tx_bytes, self.requests, self.contradictions];
        let tail = [
            self.flows_unrecorded,
            self.ech_removed,
            self.icmp_cut,
            self.openings_displaced,
            self.polls,
            self.busy_polls,
            self.busy_nanos,
            self.held_mbufs,
            self.mbuf_in_use,
        ];
        let lists = self.dropped.iter().chain(&self.verdicts).chain(&self.blocked).chain(&self.flows).copied();
        head.into_iter().chain(tail).chain(lists)
    }

    fn words_mut(&mut self) -> impl Iterator<Item = &mut u64> {
        let head = [
            &mut self.rx_packets,
            &mut self.rx_bytes,
            &mut self.tx_packets,
            &mut self.tx_bytes,
            &mut self.requests,
            &mut self.contradictions,
        ];
        let tail = [
            &mut self.flows_unrecorded,
            &mut self.ech_removed,
            &mut self.icmp_cut,
            &mut self.openings_displaced,
            &mut self.polls,
            &mut self.busy_polls,
            &mut self.busy_nanos,
            &mut self.held_mbufs,
            &mut self.mbuf_in_use,
        ];
        let lists = self.dropped.iter_mut().chain(&mut self.verdicts).chain(&mut self.blocked).chain(&mut self.flows);
        head.into_iter().chain(tail).chain(lists)
    }
}

const WORDS: usize = 15 + DropReason::COUNT + Verdict::ALL.len() + Reason::COUNT + Mode::ALL.len();

/// The last counters that a worker published, readable by any thread.
///
/// The worker stores plain words now and then; no reader can slow it down, and a reader sees each
/// counter whole though not all of the same instant.
#[derive(Debug)]
pub struct Stats {
    words: [AtomicU64; WORDS],
}

impl Default for Stats {
    fn default() -> Self {
        Self { words: [const { AtomicU64::new(0) }; WORDS] }
    }
}

impl Stats {
    /// Stores a worker's counters.
    pub fn publish(&self, counters: &Counters) {
        for (word, value) in self.words.iter().zip(counters.words()) {
            word.store(value, Ordering::Relaxed);
        }
    }

    /// The counters as they were last published.
    #[must_use]
    pub fn read(&self) -> Counters {
        let mut counters = Counters::default();
        for (value, word) in counters.words_mut().zip(&self.words) {
            *value = word.load(Ordering::Relaxed);
        }
        counters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_published_is_what_is_read() {
        let mut counters = Counters::default();
        for (value, word) in (1..).zip(counters.words_mut()) {
            *word = value;
        }
        assert_eq!(counters.words().count(), WORDS);
        let stats = Stats::default();
        stats.publish(&counters);
        assert_eq!(stats.read(), counters);
    }
}
