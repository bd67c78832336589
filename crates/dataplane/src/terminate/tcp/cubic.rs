//! Congestion control: CUBIC (RFC 9438), in bytes, with slow start that leaves early when delay grows
//! (HyStart++, RFC 9406).

use super::rtt::Rtt;
use core::time::Duration;
use net::Timestamp;

/// Segments of the first window (RFC 6928).
const INITIAL_SEGMENTS: f64 = 10.0;
/// Segments below which no loss takes the window.
const SEGMENTS_MIN: f64 = 2.0;
/// CUBIC's constant C, in segments a second cubed (RFC 9438 section 5).
const C: f64 = 0.4;
/// What is left of the window after a loss (RFC 9438 section 4.6).
const BETA: f64 = 0.7;
/// Growth of the Reno-friendly estimate before it has caught up (RFC 9438 section 4.3).
const ALPHA: f64 = 3.0 * (1.0 - BETA) / (1.0 + BETA);
/// Growth of slow start once delay has grown is divided by this (RFC 9406 section 4.3, limited there to
/// five rounds).
const CONSERVATIVE_DIVISOR: f64 = 4.0;
const CONSERVATIVE_ROUNDS: u8 = 5;
/// Samples a round needs before its delay counts (RFC 9406 section 4.3).
const ROUND_SAMPLES_MIN: u32 = 8;
const RTT_THRESHOLD_MIN: Duration = Duration::from_millis(4);
const RTT_THRESHOLD_MAX: Duration = Duration::from_millis(16);

/// The congestion window of one connection.
#[derive(Clone, Debug)]
pub(super) struct Cubic {
    mss: f64,
    window: f64,
    threshold: f64,
    /// The window before the last loss.
    before_loss: f64,
    /// What Reno would have by now.
    friendly: f64,
    /// When the cubic curve began, and in how many seconds it is back at `before_loss`.
    epoch: Option<(Timestamp, f64)>,
    start: SlowStart,
}

/// HyStart++'s view of the current round.
#[derive(Clone, Debug, Default)]
struct SlowStart {
    /// Stream offset that ends the round once acknowledged.
    round_end: u64,
    samples: u32,
    min: Option<Duration>,
    last_min: Option<Duration>,
    /// Rounds of conservative slow start that are left, if it is that.
    conservative: Option<u8>,
    baseline: Option<Duration>,
}

impl Cubic {
    pub(super) fn new(mss: usize) -> Self {
        let mss = as_float(mss as u64);
        Self {
            mss,
            window: mss * INITIAL_SEGMENTS,
            threshold: f64::INFINITY,
            before_loss: 0.0,
            friendly: 0.0,
            epoch: None,
            start: SlowStart::default(),
        }
    }

    /// Bytes that may be in flight.
    pub(super) const fn window(&self) -> u64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, and saturates")]
        {
            self.window as u64
        }
    }

    /// A round-trip time was measured: slow start looks whether a queue builds up.
    pub(super) fn on_sample(&mut self, rtt: Duration) {
        if self.window < self.threshold {
            self.start.samples += 1;
            self.start.min = Some(self.start.min.map_or(rtt, |min| min.min(rtt)));
        }
    }

    /// `bytes` more were acknowledged, up to stream offset `acked`, while the window was the limit.
    pub(super) fn on_ack(&mut self, now: Timestamp, bytes: u64, acked: u64, sent: u64, rtt: &Rtt) {
        let bytes = as_float(bytes);
        if self.window < self.threshold {
            let divisor = if self.start.conservative.is_some() { CONSERVATIVE_DIVISOR } else { 1.0 };
            self.window += bytes / divisor;
            self.watch_delay(acked, sent);
            return;
        }
        self.grow(now, bytes, rtt.smoothed().unwrap_or_default());
    }

    fn watch_delay(&mut self, acked: u64, sent: u64) {
        let start = &mut self.start;
        if start.samples >= ROUND_SAMPLES_MIN
            && let (Some(min), Some(last)) = (start.min, start.last_min)
        {
            let threshold = (last / 8).clamp(RTT_THRESHOLD_MIN, RTT_THRESHOLD_MAX);
            match start.baseline {
                None if min >= last + threshold => {
                    (start.conservative, start.baseline) = (Some(CONSERVATIVE_ROUNDS), Some(min));
                }
                // The queue was a burst, not the path.
                Some(baseline) if min < baseline => (start.conservative, start.baseline) = (None, None),
                _ => {}
            }
        }
        if acked < start.round_end {
            return;
        }
        start.round_end = sent;
        start.samples = 0;
        start.last_min = start.min.take();
        start.conservative = match start.conservative {
            Some(0) => {
                self.threshold = self.window;
                None
            }
            rounds => rounds.map(|rounds| rounds - 1),
        };
    }

    /// RFC 9438 sections 4.2 to 4.5.
    fn grow(&mut self, now: Timestamp, bytes: f64, rtt: Duration) {
        let mss = self.mss;
        let (began, k) = *self.epoch.get_or_insert_with(|| {
            self.before_loss = self.before_loss.max(self.window);
            self.friendly = self.window;
            (now, ((self.before_loss - self.window) / mss / C).cbrt())
        });
        let seconds = as_float(now.nanos_since(began)) / 1e9;
        let ahead = seconds + rtt.as_secs_f64() - k;
        let target = (C * ahead * ahead * ahead).mul_add(mss, self.before_loss).clamp(self.window, self.window * 1.5);
        let alpha = if self.friendly < self.before_loss { ALPHA } else { 1.0 };
        self.friendly += alpha * bytes * mss / self.window;
        self.window += (target - self.window) * bytes / self.window;
        self.window = self.window.max(self.friendly);
    }

    /// Something was lost.
    pub(super) fn on_loss(&mut self) {
        // Fast convergence: a window that shrinks leaves room to others (section 4.7).
        let shrinks = self.window < self.before_loss;
        self.before_loss = if shrinks { self.window * (1.0 + BETA) / 2.0 } else { self.window };
        self.window = (self.window * BETA).max(self.mss * SEGMENTS_MIN);
        self.threshold = self.window;
        self.epoch = None;
    }

    /// Nothing was heard for a whole timeout.
    pub(super) fn on_timeout(&mut self, is_first: bool) {
        if is_first {
            self.on_loss();
        }
        self.window = self.mss;
        self.epoch = None;
    }

    /// Nothing was sent for longer than a timeout: what the path bears is not known any more.
    pub(super) fn on_idle(&mut self) {
        self.threshold = self.threshold.max(self.window * 0.75);
        self.window = self.window.min(self.mss * INITIAL_SEGMENTS);
        self.epoch = None;
    }
}

const fn as_float(number: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "windows and spans of time are far below 2^52")]
    {
        number as f64
    }
}
