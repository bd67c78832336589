use super::Counters;

/// How fast things go, from two readings of the same counters.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    /// Million frames received a second.
    pub rx_mpps: f64,
    /// Gigabits received a second.
    pub rx_gbps: f64,
    /// Million frames sent a second.
    pub tx_mpps: f64,
    /// Gigabits sent a second.
    pub tx_gbps: f64,
    /// Requests a second.
    pub requests: f64,
    /// Frames dropped a second.
    pub dropped: f64,
    /// Bursts a second that brought something.
    pub bursts: f64,
    /// Frames in a burst that brought something.
    pub burst_packets: f64,
}

impl Rates {
    /// What happened between two readings that are `seconds` apart.
    ///
    /// Counters that went back, as after a restart, count from zero.
    #[must_use]
    pub fn between(before: &Counters, after: &Counters, seconds: f64) -> Self {
        let rate = |before: u64, after: u64| per(grown(before, after), seconds);
        let dropped = |counters: &Counters| counters.dropped.values().sum::<u64>();
        Self {
            rx_mpps: rate(before.rx_packets, after.rx_packets) / 1e6,
            rx_gbps: rate(before.rx_bytes, after.rx_bytes) * 8.0 / 1e9,
            tx_mpps: rate(before.tx_packets, after.tx_packets) / 1e6,
            tx_gbps: rate(before.tx_bytes, after.tx_bytes) * 8.0 / 1e9,
            requests: rate(before.requests, after.requests),
            dropped: rate(dropped(before), dropped(after)),
            bursts: rate(before.busy_polls, after.busy_polls),
            burst_packets: per(grown(before.rx_packets, after.rx_packets), grown(before.busy_polls, after.busy_polls)),
        }
    }
}

fn grown(before: u64, after: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a rate is read by people")]
    let grown = if after >= before { after - before } else { after } as f64;
    grown
}

fn per(count: f64, of: f64) -> f64 {
    if of > 0.0 { count / of } else { 0.0 }
}
