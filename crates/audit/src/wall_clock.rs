use net::Timestamp;

/// What a worker's clock showed at a known wall time: turns one into the other.
///
/// The management core takes such a pair again and again, so that the log follows the wall clock
/// as it is disciplined and no worker ever reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WallClock {
    /// The worker's clock.
    pub worker: Timestamp,
    /// Wall time at that moment, nanoseconds since the Unix epoch.
    pub unix_ns: u64,
}

impl WallClock {
    /// Wall time at `at`, nanoseconds since the Unix epoch; it saturates at both ends.
    #[must_use]
    pub const fn unix_ns_at(&self, at: Timestamp) -> u64 {
        let later = at.nanos_since(self.worker);
        let earlier = self.worker.nanos_since(at);
        self.unix_ns.saturating_add(later).saturating_sub(earlier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_the_calibration_are_turned_into_wall_time() {
        let clock = WallClock { worker: Timestamp::from_nanos(1_000), unix_ns: 50_000 };
        assert_eq!(clock.unix_ns_at(Timestamp::from_nanos(1_500)), 50_500);
        assert_eq!(clock.unix_ns_at(Timestamp::from_nanos(400)), 49_400);
        assert_eq!(clock.unix_ns_at(Timestamp::from_nanos(u64::MAX)), u64::MAX);
    }
}
