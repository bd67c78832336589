//! The session with the client: we are its server, with a certificate made for the name it asked for.

use crate::certificate::{self, LeafFacts};
use crate::clock::Clock;
use crate::mint::Minted;
use crate::provider::provider;
use crate::roots::{Roots, RootsError};
use crate::session::{CacheKey, Channel, End, Facts, Session, TlsError};
use crate::verdict::Verdict;
use core::num::NonZeroUsize;
use lru::LruCache;
use rustls::crypto::CryptoProvider;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, ProducesTickets, WebPkiClientVerifier};
use rustls::sign::SingleCertAndKey;
use rustls::{ServerConfig, ServerConnection};
use std::sync::{Arc, Mutex, PoisonError};

/// Configurations that a worker keeps: one for each certificate, protocol, tenant and policy. Made
/// anew at it.
const CONFIG_COUNT_MAX: NonZeroUsize = NonZeroUsize::new(1024).unwrap();
/// Tenants and policies whose ticket keys are kept. The least recently used one's clients shake hands
/// in full at it.
const TICKET_KEY_COUNT_MAX: NonZeroUsize = NonZeroUsize::new(256).unwrap();

/// Keys of the tickets that clients resume with, apart by tenant and policy; one for all workers.
/// Each lasts six hours and is taken for six more; none is ever written down.
#[derive(Clone)]
pub struct Tickets(Arc<Mutex<LruCache<CacheKey, Arc<dyn ProducesTickets>>>>);

impl Tickets {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(LruCache::new(TICKET_KEY_COUNT_MAX))))
    }

    /// The maker of tickets for a tenant and policy. Asked once a configuration, not once a session.
    fn producer(&self, key: CacheKey) -> Result<Arc<dyn ProducesTickets>, TlsError> {
        let mut producers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let producer = producers.try_get_or_insert(key, rustls::crypto::aws_lc_rs::Ticketer::new);
        producer.map(Arc::clone).map_err(TlsError::Configuration)
    }
}

impl Default for Tickets {
    fn default() -> Self {
        Self::new()
    }
}

impl core::fmt::Debug for Tickets {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("Tickets")
    }
}

/// Which clients may come: those with a certificate of an authority.
#[derive(Clone, Debug)]
pub struct Clients(Arc<dyn ClientCertVerifier>);

impl Clients {
    /// Those with a certificate that the authorities of a PEM file issued.
    ///
    /// # Errors
    /// There is no usable certificate in it.
    pub fn of_pem(pem: &[u8]) -> Result<Self, RootsError> {
        let mut roots = Roots::none();
        roots.add_pem(pem)?;
        let provider = provider();
        let verifier = WebPkiClientVerifier::builder_with_provider(roots.store(), provider).build();
        verifier.map(Self).map_err(|error| RootsError::Unusable { number: 1, why: error.to_string() })
    }
}

/// What sessions with clients have in common; one a worker.
#[derive(Debug)]
pub struct Downstream {
    provider: Arc<CryptoProvider>,
    clock: Arc<Clock>,
    clients: Option<Clients>,
    tickets: Tickets,
    configs: LruCache<ConfigKey, Arc<ServerConfig>>,
}

/// What a configuration is made for: a session's cache, a certificate, a protocol.
type ConfigKey = (CacheKey, u64, Option<Box<[u8]>>);

impl Downstream {
    /// Lets any client come, or only some, at the time of this clock.
    #[must_use]
    pub fn new(clients: Option<Clients>, tickets: Tickets, clock: Arc<Clock>) -> Self {
        let provider = provider();
        Self { provider, clock, clients, tickets, configs: LruCache::new(CONFIG_COUNT_MAX) }
    }

    /// Begins a session with a client, which is to be fed with the client's first message. `alpn` is
    /// what the server chose.
    ///
    /// # Errors
    /// The session cannot be set up.
    pub fn accept(&mut self, key: CacheKey, minted: &Minted, alpn: Option<&[u8]>) -> Result<ClientSide, TlsError> {
        let config_key = (key, minted.id(), alpn.map(Into::into));
        let config = match self.configs.get(&config_key) {
            Some(config) => Arc::clone(config),
            None => {
                let config = Arc::new(self.config(key, minted, alpn)?);
                self.configs.put(config_key, Arc::clone(&config));
                config
            }
        };
        let connection = ServerConnection::new(config).map_err(TlsError::Configuration)?;
        Ok(ClientSide {
            channel: Channel::new(connection.into()),
            clock: Arc::clone(&self.clock),
            is_known: self.clients.is_some(),
            identity: None,
            is_open: false,
            error: None,
        })
    }

    fn config(&self, key: CacheKey, minted: &Minted, alpn: Option<&[u8]>) -> Result<ServerConfig, TlsError> {
        let time = Arc::clone(&self.clock) as Arc<dyn rustls::time_provider::TimeProvider>;
        let builder = ServerConfig::builder_with_details(Arc::clone(&self.provider), time)
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Configuration)?;
        let builder = match &self.clients {
            Some(Clients(verifier)) => builder.with_client_cert_verifier(Arc::clone(verifier)),
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(minted.certified_key())));
        config.alpn_protocols = alpn.map(<[u8]>::to_vec).into_iter().collect();
        config.ticketer = self.tickets.producer(key)?;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        // One is enough: it is good for as many sessions as the client likes.
        config.send_tls13_tickets = 1;
        config.ignore_client_order = true;
        // Data before the handshake's end can be replayed.
        config.max_early_data_size = 0;
        Ok(config)
    }
}

/// The session with a client.
#[derive(Debug)]
pub struct ClientSide {
    channel: Channel,
    clock: Arc<Clock>,
    /// A certificate was asked for.
    is_known: bool,
    identity: Option<Box<str>>,
    /// The handshake is done, and the client is one that may speak.
    is_open: bool,
    error: Option<TlsError>,
}

impl ClientSide {
    /// Who the client is, by its verified certificate; nothing if none was asked for.
    #[must_use]
    pub fn identity(&self) -> Option<&str> {
        self.identity.as_deref()
    }

    fn fail(&mut self, error: TlsError) -> TlsError {
        self.error = Some(error.clone());
        error
    }

    /// Takes the client's identity. In a resumed session it comes with the ticket; its certificate
    /// may have expired since.
    fn complete(&mut self) -> Result<(), TlsError> {
        if !self.is_known {
            self.is_open = true;
            return Ok(());
        }
        let leaf = self.channel.peer_leaf().unwrap_or_default();
        let now = self.clock.unix_secs();
        let is_valid = LeafFacts::read(leaf).is_some_and(|facts| facts.is_valid_at(now));
        self.identity = certificate::subject(leaf);
        let verdict = match &self.identity {
            Some(_) if is_valid => {
                self.is_open = true;
                return Ok(());
            }
            Some(_) => Verdict::Expired,
            None => Verdict::BadEncoding,
        };
        self.identity = None;
        self.channel.close_notify();
        Err(self.fail(TlsError::Refused(verdict)))
    }

    /// What an error of the library says, on this side.
    fn error_of(error: rustls::Error) -> TlsError {
        if error == rustls::Error::NoCertificatesPresented {
            return TlsError::Refused(Verdict::Missing);
        }
        if let rustls::Error::InvalidCertificate(error) = &error {
            return TlsError::Refused(Verdict::of_certificate_error(error));
        }
        TlsError::of(error)
    }
}

impl Session for ClientSide {
    fn read_tls(&mut self, bytes: &[u8]) -> Result<usize, TlsError> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        let fed = self.channel.read_tls(bytes);
        if fed.is_completed {
            self.complete()?;
        }
        if let Some(error) = fed.error {
            let error = self.fail(Self::error_of(error));
            return if self.plain().is_empty() { Err(error) } else { Ok(fed.taken) };
        }
        Ok(fed.taken)
    }

    fn error(&self) -> Option<&TlsError> {
        self.error.as_ref()
    }

    fn write_plain(&mut self, bytes: &[u8]) -> usize {
        if self.error.is_some() { 0 } else { self.channel.write_plain(bytes) }
    }

    fn write_tls(&mut self, out: &mut dyn std::io::Write) -> usize {
        self.channel.write_tls(out)
    }

    fn wants_write(&self) -> bool {
        self.channel.wants_write()
    }

    fn plain(&mut self) -> &[u8] {
        if self.is_open { self.channel.plain() } else { &[] }
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
