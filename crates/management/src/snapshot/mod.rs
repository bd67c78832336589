//! What the gateway says of itself at one moment: `status --json`, `top` and the metrics.
//!
//! The gateway fills it in; names of reasons, modes, verdicts and ports are map keys, so that this
//! crate knows none of them. Counters only grow; what a table or a pool holds right now is said so.
//! Fields may be added; one that is missing reads as zero, so old and new versions understand each
//! other.

mod rates;

pub use rates::Rates;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Counts by name.
pub type Counts = BTreeMap<String, u64>;

/// Where the gateway is in its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GatewayState {
    /// Not forwarding yet.
    #[default]
    Starting,
    /// Both ports forward.
    Ready,
    /// Flows are being ended.
    Stopping,
}

/// What the audit log can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditState {
    /// It takes records, and the next segment is allocated or being allocated.
    #[default]
    Ready,
    /// It takes records, but there is no room on the disk for the next segment.
    Low,
    /// The disk is full, and a worker has used up its share of what was left: its protected flows wait, then are blocked,
    /// until there is room again.
    Full,
    /// A write or sync failed: protected flows are blocked until the gateway is started again.
    Failed,
}

/// The gateway at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Snapshot {
    /// Where the gateway is in its life.
    pub state: GatewayState,
    /// True if traffic that no rule names passes.
    pub unprotected: bool,
    /// `version` of the policy in force.
    pub policy_version: String,
    /// The gateway's id.
    pub gateway: String,
    /// Version of the program.
    pub version: String,
    /// Seconds since the program was started.
    pub uptime_seconds: f64,
    /// All workers together.
    pub total: Counters,
    /// Each worker.
    pub lcores: Vec<LcoreSnapshot>,
    /// The audit log.
    pub audit: AuditSnapshot,
    /// The ports, by name (`inside`, `outside`).
    pub ports: BTreeMap<String, PortSnapshot>,
}

/// One worker.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LcoreSnapshot {
    /// The worker's lcore.
    pub lcore: u32,
    /// What it counted.
    #[serde(flatten)]
    pub counters: Counters,
}

/// What workers count.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counters {
    /// Frames received.
    pub rx_packets: u64,
    /// Bytes received, from the Ethernet header on.
    pub rx_bytes: u64,
    /// Frames sent.
    pub tx_packets: u64,
    /// Bytes sent.
    pub tx_bytes: u64,
    /// Frames that did not go on, by reason.
    pub dropped: Counts,
    /// Flows in the table now, by mode.
    pub flows: Counts,
    /// Requests whose head was read.
    pub requests: u64,
    /// Final verdicts.
    pub verdicts: Counts,
    /// Blocks, by reason.
    pub blocked: Counts,
    /// Retransmissions that carried other bytes than the first time.
    pub contradictions: u64,
    /// Connections that the policy blocked without a record.
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
    /// Buffers that wait for a verdict now.
    pub held_mbufs: u64,
    /// Buffers in use now, by whomever.
    pub mbuf_in_use: u64,
    /// Nanoseconds from receipt to sending.
    pub latency_ns: Percentiles,
    /// Share of its time that a worker spent on bursts that brought something, lately.
    pub busy_ratio: f64,
}

/// Three values of a distribution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Percentiles {
    /// Half are at most this.
    pub p50: u64,
    /// Ninety-nine of a hundred are at most this.
    pub p99: u64,
    /// All but one of a thousand are at most this.
    pub p999: u64,
}

/// The audit log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuditSnapshot {
    /// What it can do.
    pub state: AuditState,
    /// Why, unless it is ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Records written since the start.
    pub records: u64,
    /// Of these, on the disk for sure.
    pub records_committed: u64,
    /// Records that a failure kept from being written.
    pub records_lost: u64,
    /// Records for which there is allocated room now.
    pub records_left: u64,
    /// Records that workers may still push without asking, now.
    pub credits_outstanding: u64,
    /// Number of the segment that is being written.
    pub segment: u64,
    /// Segments begun since the start.
    pub segments: u64,
    /// Bytes written since the start.
    pub bytes: u64,
    /// Times that the disk was waited for.
    pub syncs: u64,
    /// Times that the next segment could not be allocated.
    pub shortages: u64,
    /// Nanoseconds that a group's sync took.
    pub sync_ns: Percentiles,
}

/// One port.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PortSnapshot {
    /// True if the link is up.
    pub link_up: bool,
    /// Speed of the link in Mbit/s, 0 if it is not known.
    pub speed_mbps: u64,
    /// Frames received.
    pub rx_packets: u64,
    /// Bytes received.
    pub rx_bytes: u64,
    /// Frames that the port dropped because no worker took them in time.
    pub rx_missed: u64,
    /// Frames received with an error.
    pub rx_errors: u64,
    /// Frames that found no buffer.
    pub rx_no_mbuf: u64,
    /// Frames sent.
    pub tx_packets: u64,
    /// Bytes sent.
    pub tx_bytes: u64,
    /// Frames that could not be sent.
    pub tx_errors: u64,
}

impl Snapshot {
    /// Fills in `total` from `lcores`.
    ///
    /// Percentiles cannot be added up: `latency_ns` is that of all workers' latencies together,
    /// which only who has the histograms knows. `busy_ratio` of the total is the mean.
    pub fn sum(&mut self, latency_ns: Percentiles) {
        let mut total = Counters::default();
        for lcore in &self.lcores {
            total.add(&lcore.counters);
        }
        total.busy_ratio = mean(self.lcores.iter().map(|lcore| lcore.counters.busy_ratio));
        total.latency_ns = latency_ns;
        self.total = total;
    }
}

impl Counters {
    /// Adds what can be added.
    fn add(&mut self, other: &Self) {
        self.rx_packets += other.rx_packets;
        self.rx_bytes += other.rx_bytes;
        self.tx_packets += other.tx_packets;
        self.tx_bytes += other.tx_bytes;
        self.requests += other.requests;
        self.contradictions += other.contradictions;
        self.flows_unrecorded += other.flows_unrecorded;
        self.ech_removed += other.ech_removed;
        self.icmp_cut += other.icmp_cut;
        self.openings_displaced += other.openings_displaced;
        self.polls += other.polls;
        self.busy_polls += other.busy_polls;
        self.held_mbufs += other.held_mbufs;
        self.mbuf_in_use += other.mbuf_in_use;
        add_counts(&mut self.dropped, &other.dropped);
        add_counts(&mut self.flows, &other.flows);
        add_counts(&mut self.verdicts, &other.verdicts);
        add_counts(&mut self.blocked, &other.blocked);
    }
}

fn add_counts(to: &mut Counts, from: &Counts) {
    for (name, count) in from {
        match to.get_mut(name) {
            Some(sum) => *sum += count,
            None => {
                to.insert(name.clone(), *count);
            }
        }
    }
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = u32::try_from(values.len()).unwrap_or(u32::MAX).max(1);
    values.sum::<f64>() / f64::from(count)
}

#[cfg(test)]
mod tests;
