//! What opens TLS: loaded before anything is touched, started with the workers.

use crate::config::Config;
use crate::failure::{Context, Failure};
use crate::interception::Interception;
use core::num::NonZeroUsize;
use policy::Policy;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tls::mint::Pool;
use tls::{Clients, Clock, Downstream, Roots, Tickets, Upstream};

/// Threads that make certificates: each makes thousands a second, and they are made once a name and week.
const MINT_THREADS: NonZeroUsize = NonZeroUsize::MIN;

/// An authority and roots that were found good.
pub(super) struct Opener {
    loaded: Interception,
    clock: Arc<Clock>,
}

/// The same with its threads running.
pub(super) struct Opening {
    pool: Pool,
    roots: Roots,
    clients: Option<Clients>,
    tickets: Tickets,
    clock: Arc<Clock>,
}

impl Opener {
    /// Loads what `[tls]` names. Where the policy terminates nothing it may be missing: then no policy that
    /// does can be loaded later.
    pub(super) fn load(config: &Config, policy: &Policy) -> Result<Option<Self>, Failure> {
        let now = unix_secs();
        let loaded = match Interception::load(&config.tls, now) {
            Ok(loaded) => loaded,
            Err(failure) if policy.terminates() => return Err(failure),
            Err(_) => return Ok(None),
        };
        Ok(Some(Self { loaded, clock: Arc::new(Clock::new(now)) }))
    }

    pub(super) fn clock(&self) -> Arc<Clock> {
        Arc::clone(&self.clock)
    }

    /// Starts the threads that make certificates.
    pub(super) fn start(self) -> Result<Opening, Failure> {
        let Interception { authority, roots, clients, .. } = self.loaded;
        let pool = Pool::start(Arc::new(authority), MINT_THREADS)
            .or_work("the threads that make certificates cannot be started", "")?;
        Ok(Opening { pool, roots, clients, tickets: Tickets::new(), clock: self.clock })
    }
}

impl Opening {
    /// One worker's part.
    pub(super) fn for_worker(&self) -> Result<dataplane::Interception, Failure> {
        let clock = || Arc::clone(&self.clock);
        Ok(dataplane::Interception {
            upstream: Upstream::new(&self.roots, clock()).or_usage("servers cannot be verified", "")?,
            downstream: Downstream::new(self.clients.clone(), self.tickets.clone(), clock()),
            minter: self.pool.minter(),
            clock: clock(),
        })
    }
}

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the host reads the clock for everybody")]
pub(super) fn unix_secs() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}
