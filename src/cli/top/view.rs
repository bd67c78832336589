//! What is shown, computed from two looks at the gateway.
//!
//! Rates are what happened between the looks over the time between them. Without a first look, or
//! where the gateway was started anew since, they are the average since its start. A counter that
//! went back counts from zero, so no rate is ever negative.

use core::time::Duration;
use management::Snapshot;
use management::snapshot::{Counters, Counts, PortSnapshot, Rates};

/// How far apart two looks may place the gateway's start before it must have been started anew:
/// more than an answer is ever late on a busy machine.
const START_SECONDS_TOLERANCE: f64 = 2.0;

/// A snapshot and when it came.
#[derive(Clone, Debug, Default)]
pub(super) struct Look {
    pub(super) at: Duration,
    pub(super) snapshot: Snapshot,
}

/// What is shown of the gateway.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) snapshot: &'a Snapshot,
    /// True if the gateway was started anew since the first look.
    pub(super) is_restarted: bool,
    pub(super) total: Rates,
    pub(super) lcores: Vec<Lcore<'a>>,
    pub(super) ports: Vec<Port<'a>>,
    /// Flows now, by mode; busiest first, like all of these.
    pub(super) flows: Vec<Tally<'a>>,
    pub(super) verdicts: Vec<Tally<'a>>,
    pub(super) blocked: Vec<Tally<'a>>,
    pub(super) dropped: Vec<Tally<'a>>,
    /// Audit records a second.
    pub(super) audit_records: f64,
}

/// One worker.
#[derive(Debug)]
pub(super) struct Lcore<'a> {
    pub(super) lcore: u32,
    pub(super) counters: &'a Counters,
    pub(super) rates: Rates,
}

/// One port, all of it a second.
#[derive(Debug)]
pub(super) struct Port<'a> {
    pub(super) name: &'a str,
    pub(super) port: &'a PortSnapshot,
    pub(super) rates: Rates,
    /// Frames lost at the port: missed or without a buffer.
    pub(super) missed: f64,
}

/// A named count that is not zero.
#[derive(Debug, PartialEq)]
pub(super) struct Tally<'a> {
    pub(super) name: &'a str,
    pub(super) total: u64,
    /// Growth a second.
    pub(super) rate: f64,
}

impl<'a> View<'a> {
    pub(super) fn between(before: Option<&Look>, after: &'a Look) -> Self {
        let is_restarted = before.is_some_and(|before| is_restarted(before, after));
        let start = Snapshot::default();
        let (first, seconds) = match before.filter(|_| !is_restarted) {
            Some(before) => (&before.snapshot, (after.at.saturating_sub(before.at)).as_secs_f64()),
            None => (&start, after.snapshot.uptime_seconds),
        };
        let snapshot = &after.snapshot;
        let tallies = |first: &Counts, last: &'a Counts| tallies(first, last, seconds);
        Self {
            snapshot,
            is_restarted,
            total: Rates::between(&first.total, &snapshot.total, seconds),
            lcores: lcores(first, snapshot, seconds),
            ports: ports(first, snapshot, seconds),
            flows: tallies(&first.total.flows, &snapshot.total.flows),
            verdicts: tallies(&first.total.verdicts, &snapshot.total.verdicts),
            blocked: tallies(&first.total.blocked, &snapshot.total.blocked),
            dropped: tallies(&first.total.dropped, &snapshot.total.dropped),
            audit_records: rate(first.audit.records, snapshot.audit.records, seconds),
        }
    }

    /// Flows in all tables now.
    pub(super) fn flow_count(&self) -> u64 {
        sum(&self.snapshot.total.flows)
    }

    /// Frames a second that the ports lost.
    pub(super) fn missed(&self) -> f64 {
        self.ports.iter().map(|port| port.missed).sum()
    }

    /// Blocks a second.
    pub(super) fn blocks(&self) -> f64 {
        self.blocked.iter().map(|tally| tally.rate).sum()
    }
}

fn is_restarted(before: &Look, after: &Look) -> bool {
    let started_at = |look: &Look| look.at.as_secs_f64() - look.snapshot.uptime_seconds;
    let is_later = started_at(after) - started_at(before) > START_SECONDS_TOLERANCE;
    is_later || after.snapshot.uptime_seconds < before.snapshot.uptime_seconds
}

fn lcores<'a>(first: &Snapshot, last: &'a Snapshot, seconds: f64) -> Vec<Lcore<'a>> {
    let none = Counters::default();
    let rows = last.lcores.iter().map(|worker| {
        let before = first.lcores.iter().find(|before| before.lcore == worker.lcore);
        let rates = Rates::between(before.map_or(&none, |before| &before.counters), &worker.counters, seconds);
        Lcore { lcore: worker.lcore, counters: &worker.counters, rates }
    });
    rows.collect()
}

fn ports<'a>(first: &Snapshot, last: &'a Snapshot, seconds: f64) -> Vec<Port<'a>> {
    let none = PortSnapshot::default();
    let rows = last.ports.iter().map(|(name, port)| {
        let before = first.ports.get(name).unwrap_or(&none);
        let missed =
            rate(before.rx_missed, port.rx_missed, seconds) + rate(before.rx_no_mbuf, port.rx_no_mbuf, seconds);
        Port { name, port, rates: Rates::between(&traffic(before), &traffic(port), seconds), missed }
    });
    rows.collect()
}

/// What a port counts, as a worker would.
fn traffic(port: &PortSnapshot) -> Counters {
    let PortSnapshot { rx_packets, rx_bytes, tx_packets, tx_bytes, .. } = *port;
    Counters { rx_packets, rx_bytes, tx_packets, tx_bytes, ..Counters::default() }
}

fn tallies<'a>(first: &Counts, last: &'a Counts, seconds: f64) -> Vec<Tally<'a>> {
    let counted = last.iter().filter(|(_, total)| **total > 0);
    let mut rows: Vec<Tally<'a>> = counted
        .map(|(name, &total)| Tally { name, total, rate: rate(first.get(name).copied().unwrap_or(0), total, seconds) })
        .collect();
    rows.sort_by(|a, b| b.rate.total_cmp(&a.rate).then(b.total.cmp(&a.total)).then(a.name.cmp(b.name)));
    rows
}

fn rate(before: u64, after: u64, seconds: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a rate is read by people")]
    let grown = after.checked_sub(before).unwrap_or(after) as f64;
    if seconds > 0.0 { grown / seconds } else { 0.0 }
}

fn sum(counts: &Counts) -> u64 {
    counts.values().fold(0, |sum, count| sum.saturating_add(*count))
}

#[cfg(test)]
mod tests;
