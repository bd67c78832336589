//! Time for a worker: the processor's cycle counter, in nanoseconds of `CLOCK_MONOTONIC`.

use net::Timestamp;
use rustix::time::{ClockId, clock_gettime};

/// How often the counter is compared with the system's clock. The system's clock is slewed by at
/// most 500 ppm, so between two comparisons the two are never further apart than half a
/// millisecond, and in practice (a few ppm) by microseconds.
const ANCHOR_INTERVAL_NANOS: u64 = 1_000_000_000;

/// How far the measured rate may be from the one that EAL found, as a fraction of it: a larger
/// difference is a processor that was suspended or moved, not a rate.
const RATE_TOLERANCE: u64 = 100;

/// Fraction bits of the rate.
const RATE_SHIFT: u32 = 32;

/// Nanoseconds on the timeline of `CLOCK_MONOTONIC`, read without a system call.
///
/// Every clock of the process, and `CLOCK_MONOTONIC` as any other thread reads it, tell the same
/// time to within microseconds. A clock never goes back.
#[derive(Clone, Debug)]
pub struct Clock {
    anchor_cycles: u64,
    anchor_nanos: u64,
    interval_cycles: u64,
    /// Nanoseconds per cycle, `RATE_SHIFT` bits behind the point.
    rate: u64,
    nominal_rate: u64,
    last_nanos: u64,
}

impl Clock {
    /// A clock that starts at the time it is now; `cycles_per_second` is EAL's calibration.
    pub(crate) fn new(cycles_per_second: u64) -> Self {
        let hertz = cycles_per_second.max(1);
        let rate = u64::try_from((1_000_000_000_u128 << RATE_SHIFT) / u128::from(hertz)).unwrap_or(u64::MAX);
        let nanos = monotonic_nanos();
        Self {
            anchor_cycles: cycles(),
            anchor_nanos: nanos,
            interval_cycles: hertz.saturating_mul(ANCHOR_INTERVAL_NANOS / 1_000_000_000),
            rate,
            nominal_rate: rate,
            last_nanos: nanos,
        }
    }

    /// Time now.
    #[inline]
    pub fn now(&mut self) -> Timestamp {
        let elapsed = cycles().saturating_sub(self.anchor_cycles);
        if elapsed > self.interval_cycles {
            self.anchor(cycles(), monotonic_nanos());
            return Timestamp::from_nanos(self.last_nanos);
        }
        self.advance(self.anchor_nanos + scale(elapsed, self.rate))
    }

    /// Takes the system's time as the truth, and the rate since the last comparison for the next.
    #[cold]
    fn anchor(&mut self, now_cycles: u64, now_nanos: u64) {
        let elapsed_cycles = now_cycles.saturating_sub(self.anchor_cycles);
        let elapsed_nanos = now_nanos.saturating_sub(self.anchor_nanos);
        let measured = (u128::from(elapsed_nanos) << RATE_SHIFT) / u128::from(elapsed_cycles.max(1));
        let measured = u64::try_from(measured).unwrap_or(u64::MAX);
        if measured.abs_diff(self.nominal_rate) <= self.nominal_rate / RATE_TOLERANCE {
            self.rate = measured;
        }
        self.anchor_cycles = now_cycles;
        self.anchor_nanos = now_nanos;
        self.advance(now_nanos);
    }

    fn advance(&mut self, nanos: u64) -> Timestamp {
        self.last_nanos = self.last_nanos.max(nanos);
        Timestamp::from_nanos(self.last_nanos)
    }
}

/// `cycles` at `rate`; the product of a second's cycles and the rate needs more than 64 bits.
fn scale(cycles: u64, rate: u64) -> u64 {
    let nanos = (u128::from(cycles) * u128::from(rate)) >> RATE_SHIFT;
    u64::try_from(nanos).unwrap_or(u64::MAX)
}

#[cfg(target_arch = "x86_64")]
#[inline]
fn cycles() -> u64 {
    // SAFETY: reads the cycle counter, nothing else; every x86-64 processor has it.
    unsafe { core::arch::x86_64::_rdtsc() }
}

#[cfg(not(target_arch = "x86_64"))]
fn cycles() -> u64 {
    // SAFETY: reads the cycle counter, nothing else.
    unsafe { dpdk_sys::dpdk_shim_rdtsc() }
}

fn monotonic_nanos() -> u64 {
    let time = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(time.tv_nsec).unwrap_or(0);
    seconds * 1_000_000_000 + nanos
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cycles a second, measured over 20 ms: good to a fraction of a percent.
    fn hertz() -> u64 {
        let (cycles_start, nanos_start) = (cycles(), monotonic_nanos());
        while monotonic_nanos() - nanos_start < 20_000_000 {}
        (cycles() - cycles_start) * 1_000_000_000 / (monotonic_nanos() - nanos_start)
    }

    #[test]
    fn the_clock_follows_the_monotonic_clock_and_never_goes_back() {
        let mut clock = Clock::new(hertz());
        let end = monotonic_nanos() + 1_200_000_000;
        let mut last = Timestamp::ZERO;
        while monotonic_nanos() < end {
            let before = monotonic_nanos();
            let now = clock.now();
            assert!(now >= last);
            assert!(now.as_nanos().abs_diff(before) < 50_000_000, "{now:?} is far from {before}");
            last = now;
        }
    }

    #[test]
    fn a_wrong_calibration_is_mended_at_the_first_comparison() {
        let hertz = hertz();
        let mut clock = Clock::new(hertz - hertz / 200);
        let wrong = clock.rate;
        clock.anchor(clock.anchor_cycles + hertz, clock.anchor_nanos + 1_000_000_000);
        assert!(clock.rate < wrong);
        assert!(scale(hertz, clock.rate).abs_diff(1_000_000_000) <= 1);
    }

    #[test]
    fn a_comparison_after_a_suspension_does_not_change_the_rate() {
        let mut clock = Clock::new(2_000_000_000);
        let rate = clock.rate;
        clock.anchor(clock.anchor_cycles + 2_000_000_000, clock.anchor_nanos + 3_600_000_000_000);
        assert_eq!(clock.rate, rate);
    }

    #[test]
    fn a_system_clock_behind_the_counter_does_not_move_time_back() {
        let mut clock = Clock::new(1_000_000_000);
        let ahead = clock.last_nanos + 500;
        clock.last_nanos = ahead;
        clock.anchor(clock.anchor_cycles + 1_000_000_000, clock.anchor_nanos);
        assert_eq!(clock.last_nanos, ahead);
    }
}
