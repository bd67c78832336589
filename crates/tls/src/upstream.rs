//! The session with the real server: we are its client.

mod verifier;

use crate::certificate::LeafFacts;
use crate::clock::Clock;
use crate::host_name::HostName;
use crate::provider::provider;
use crate::roots::Roots;
use crate::session::{CacheKey, Channel, End, Facts, Session, TlsError};
use crate::verdict::Verdict;
use core::num::NonZeroUsize;
use lru::LruCache;
use rustls::client::{ClientSessionMemoryCache, Resumption};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};
use std::sync::Arc;
use verifier::{NoCertificate, Verifier};

/// Tenants and policies whose sessions are kept apart by one worker. The least recently used one's
/// are forgotten at it.
const CACHE_COUNT_MAX: NonZeroUsize = NonZeroUsize::new(64).unwrap();
/// Sessions that may be resumed, per tenant and policy: one server takes up to eight.
const SESSION_COUNT_MAX: usize = 512;

/// What sessions with servers have in common; one a worker.
#[derive(Debug)]
pub struct Upstream {
    base: ClientConfig,
    clock: Arc<Clock>,
    configs: LruCache<CacheKey, Arc<ClientConfig>>,
}

impl Upstream {
    /// Trusts these roots, at the time of this clock.
    ///
    /// # Errors
    /// There is no root, or a list of revoked certificates cannot be read.
    pub fn new(roots: &Roots, clock: Arc<Clock>) -> Result<Self, TlsError> {
        let provider = provider();
        let verifier = Arc::new(Verifier::new(roots, Arc::clone(&provider))?);
        let time = Arc::clone(&clock) as Arc<dyn rustls::time_provider::TimeProvider>;
        let base = ClientConfig::builder_with_details(provider, time)
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Configuration)?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_client_cert_resolver(Arc::new(NoCertificate));
        Ok(Self { base, clock, configs: LruCache::new(CACHE_COUNT_MAX) })
    }

    /// Begins a session with the server of that name. `alpn` is what is offered, in that order.
    ///
    /// # Errors
    /// The session cannot be set up.
    pub fn connect(&mut self, key: CacheKey, name: &HostName, alpn: Vec<Vec<u8>>) -> Result<ServerSide, TlsError> {
        let config = self.config(key);
        let name = ServerName::try_from(name.as_str().to_owned())
            .map_err(|_| TlsError::Configuration(rustls::Error::General("no server name".to_owned())))?;
        let connection = ClientConnection::new_with_alpn(config, name, alpn).map_err(TlsError::Configuration)?;
        Ok(ServerSide {
            channel: Channel::new(connection.into()),
            clock: Arc::clone(&self.clock),
            leaf: None,
            verdict: None,
            error: None,
        })
    }

    /// The configuration of a tenant and policy: it owns their cache of sessions.
    fn config(&mut self, key: CacheKey) -> Arc<ClientConfig> {
        let made = || {
            let store = Arc::new(ClientSessionMemoryCache::new(SESSION_COUNT_MAX));
            let mut config = self.base.clone();
            config.resumption = Resumption::store(store);
            Arc::new(config)
        };
        Arc::clone(self.configs.get_or_insert(key, made))
    }
}

/// The session with a real server.
#[derive(Debug)]
pub struct ServerSide {
    channel: Channel,
    clock: Arc<Clock>,
    leaf: Option<LeafFacts>,
    verdict: Option<Verdict>,
    /// It is over.
    error: Option<TlsError>,
}

impl ServerSide {
    /// The server's certificate, as soon as it was seen, also if it was refused.
    #[must_use]
    pub const fn leaf(&self) -> Option<&LeafFacts> {
        self.leaf.as_ref()
    }

    /// What was found about the server. Nothing before the handshake is done, or if it failed for a
    /// reason that is not the server's certificate or version.
    #[must_use]
    pub const fn verdict(&self) -> Option<Verdict> {
        self.verdict
    }

    /// The invariant of this crate, in one place: plain text goes to and comes from a server that was
    /// found good, and no other.
    fn is_open(&self) -> bool {
        self.is_good() && self.error.is_none()
    }

    /// What came before an error counts.
    fn is_good(&self) -> bool {
        self.verdict == Some(Verdict::Valid)
    }

    fn refuse(&mut self, verdict: Verdict) -> TlsError {
        self.verdict = Some(verdict);
        self.fail(TlsError::Refused(verdict))
    }

    fn fail(&mut self, error: TlsError) -> TlsError {
        self.error = Some(error.clone());
        error
    }

    /// Judges a completed handshake. A resumed one verified nothing: its certificate was verified
    /// when the session began, under the same name and the same roots, but may have expired since.
    fn complete(&mut self) -> Result<(), TlsError> {
        if self.leaf.is_none() {
            self.leaf = self.channel.peer_leaf().and_then(LeafFacts::read);
        }
        let verdict = match &self.leaf {
            None => Verdict::BadEncoding,
            Some(leaf) if leaf.is_valid_at(self.clock.unix_secs()) => Verdict::Valid,
            Some(_) => Verdict::Expired,
        };
        if verdict == Verdict::Valid {
            self.verdict = Some(verdict);
            return Ok(());
        }
        self.channel.close_notify();
        Err(self.refuse(verdict))
    }
}

impl Session for ServerSide {
    fn read_tls(&mut self, bytes: &[u8]) -> Result<usize, TlsError> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        let fed = self.channel.read_tls(bytes);
        self.leaf = fed.observed.leaf.or(self.leaf);
        if fed.observed.is_certificate_wanted && fed.error.is_none() {
            self.channel.close_notify();
            return Err(self.refuse(Verdict::ClientCertificateWanted));
        }
        if fed.is_completed && !fed.observed.is_certificate_wanted {
            self.complete()?;
        }
        if let Some(error) = fed.error {
            if self.is_good() {
                let error = self.fail(TlsError::of(error));
                return if self.plain().is_empty() { Err(error) } else { Ok(fed.taken) };
            }
            let refused = fed.observed.verdict.filter(|verdict| *verdict != Verdict::Valid);
            let refused = refused.or_else(|| Verdict::of_handshake(&error));
            return Err(match refused {
                Some(verdict) => self.refuse(verdict),
                None => self.fail(TlsError::of(error)),
            });
        }
        Ok(fed.taken)
    }

    fn error(&self) -> Option<&TlsError> {
        self.error.as_ref()
    }

    fn write_plain(&mut self, bytes: &[u8]) -> usize {
        if self.is_open() { self.channel.write_plain(bytes) } else { 0 }
    }

    fn write_tls(&mut self, out: &mut dyn std::io::Write) -> usize {
        self.channel.write_tls(out)
    }

    fn wants_write(&self) -> bool {
        self.channel.wants_write()
    }

    fn plain(&mut self) -> &[u8] {
        if self.is_good() { self.channel.plain() } else { &[] }
    }

    fn consume(&mut self, count: usize) {
        self.channel.consume(count);
    }

    fn trim(&mut self) {
        self.channel.trim();
    }

    fn is_handshaking(&self) -> bool {
        self.channel.is_handshaking()
    }

    fn handshake_steps(&self) -> u32 {
        self.channel.steps()
    }

    fn close_notify(&mut self) {
        self.channel.close_notify();
    }

    fn handle_eof(&mut self) {
        self.channel.handle_eof();
    }

    fn peer_end(&self) -> Option<End> {
        self.channel.end()
    }

    fn facts(&self) -> Facts {
        self.channel.facts()
    }
}
