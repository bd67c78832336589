//! What time it is, as the driver last said.

use core::sync::atomic::{AtomicU64, Ordering};
use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;
use std::time::Duration;

/// The time that certificates and sessions are judged by: seconds since 1970, set by the driver.
/// Before it was set nothing is valid.
#[derive(Debug, Default)]
pub struct Clock(AtomicU64);

impl Clock {
    /// A clock at a time.
    #[must_use]
    pub const fn new(unix_secs: u64) -> Self {
        Self(AtomicU64::new(unix_secs))
    }

    /// Sets it.
    pub fn set(&self, unix_secs: u64) {
        self.0.store(unix_secs, Ordering::Relaxed);
    }

    /// The time.
    #[must_use]
    pub fn unix_secs(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        let secs = self.unix_secs();
        (secs > 0).then(|| UnixTime::since_unix_epoch(Duration::from_secs(secs)))
    }
}
