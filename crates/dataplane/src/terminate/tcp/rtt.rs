//! Round-trip times and the retransmission timeout (RFC 6298).

use core::time::Duration;

/// The shortest timeout. RFC 6298 says 1 s; the field has used 200 ms for two decades, and delayed
/// acknowledgements (40 ms) stay well below it.
const TIMEOUT_MIN: Duration = Duration::from_millis(200);
/// The longest timeout (RFC 6298 section 2.5).
const TIMEOUT_MAX: Duration = Duration::from_secs(60);
/// The timeout before anything was measured (RFC 6298 section 2.1).
pub(super) const TIMEOUT_INITIAL: Duration = Duration::from_secs(1);

/// What was measured on one connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rtt {
    smoothed: Option<Duration>,
    variation: Duration,
    min: Option<Duration>,
    /// The first timeout, kept ready: it is looked at with every segment.
    timeout: Duration,
}

impl Default for Rtt {
    fn default() -> Self {
        Self { smoothed: None, variation: Duration::ZERO, min: None, timeout: TIMEOUT_INITIAL }
    }
}

impl Rtt {
    pub(super) fn sample(&mut self, rtt: Duration) {
        self.min = Some(self.min.map_or(rtt, |min| min.min(rtt)));
        let smoothed = match self.smoothed {
            None => {
                self.variation = rtt / 2;
                rtt
            }
            Some(smoothed) => {
                self.variation = (self.variation * 3 + smoothed.abs_diff(rtt)) / 4;
                (smoothed * 7 + rtt) / 8
            }
        };
        self.smoothed = Some(smoothed);
        // Variation has the floor: a steady path still gets 200 ms on top of its round-trip time.
        self.timeout = (smoothed + (self.variation * 4).max(TIMEOUT_MIN)).min(TIMEOUT_MAX);
    }

    pub(super) const fn smoothed(&self) -> Option<Duration> {
        self.smoothed
    }

    pub(super) const fn min(&self) -> Option<Duration> {
        self.min
    }

    /// The timeout after `backoff` timeouts in a row.
    pub(super) fn timeout(&self, backoff: u32) -> Duration {
        if backoff == 0 {
            return self.timeout;
        }
        self.timeout.saturating_mul(1 << backoff.min(16)).min(TIMEOUT_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timeout_follows_the_path_within_its_bounds() {
        let mut rtt = Rtt::default();
        assert_eq!(rtt.timeout(0), TIMEOUT_INITIAL);
        for _ in 0..50 {
            rtt.sample(Duration::from_millis(10));
        }
        assert_eq!(rtt.timeout(0), Duration::from_millis(210));
        assert_eq!(rtt.timeout(2), Duration::from_millis(840));
        assert_eq!(rtt.timeout(40), TIMEOUT_MAX);
        rtt.sample(Duration::from_secs(2));
        assert!(rtt.timeout(0) > Duration::from_secs(2));
        assert_eq!(rtt.min(), Some(Duration::from_millis(10)));
    }
}
