//! Authorities, servers and clients to test with: those of the library itself, over memory.
#![allow(dead_code, unreachable_pub, reason = "each test takes what it needs")]

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, ClientConnection, Connection, RootCertStore, ServerConfig, ServerConnection};
use std::io::{Read, Write};
use std::sync::Arc;
use time::OffsetDateTime;
use tls::keys::FileKey;
use tls::mint::{Authority, CaCurve, Minted, create_ca};
use tls::session::Session;
use tls::{CacheKey, Clock, Downstream, HostName, LeafFacts, Roots, Tickets, Upstream};

/// When all of it happens: 2026-01-02.
pub const NOW: u64 = 1_767_312_000;
pub const DAY: u64 = 86_400;
pub const KEY: CacheKey = CacheKey { tenant: 1, policy: 1 };
pub const NAME: &str = "api.example.com";

pub fn name(text: &str) -> HostName {
    HostName::try_from(text).unwrap()
}

pub fn date(secs: u64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(i64::try_from(secs).unwrap()).unwrap()
}

/// Issues certificates of servers and clients.
pub struct Issuing {
    pub issuer: Issuer<'static, KeyPair>,
    pub pem: String,
    pub der: CertificateDer<'static>,
}

/// A certificate and its key.
pub struct Issued {
    pub certificate: CertificateDer<'static>,
    pub pem: String,
    pub key_pem: String,
    key: Vec<u8>,
}

impl Issued {
    pub fn key(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key.clone()).into()
    }
}

pub fn ca_params(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.not_before = date(NOW - 365 * DAY);
    params.not_after = date(NOW + 365 * DAY);
    params
}

/// Valid for 30 days back and 60 ahead.
pub fn leaf_params(host: &str) -> CertificateParams {
    let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, host);
    params.not_before = date(NOW - 30 * DAY);
    params.not_after = date(NOW + 60 * DAY);
    params
}

impl Issuing {
    pub fn new(common_name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let params = ca_params(common_name);
        let certificate = params.self_signed(&key).unwrap();
        Self { pem: certificate.pem(), der: certificate.der().clone(), issuer: Issuer::new(params, key) }
    }

    pub fn issue(&self, params: &CertificateParams) -> Issued {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        issued(&certificate, &key)
    }

    pub fn roots(&self) -> Roots {
        let mut roots = Roots::none();
        assert_eq!(roots.add_pem(self.pem.as_bytes()), Ok(1));
        roots
    }

    pub fn store(&self) -> Arc<RootCertStore> {
        let mut store = RootCertStore::empty();
        store.add(self.der.clone()).unwrap();
        Arc::new(store)
    }
}

pub fn self_signed(params: &CertificateParams) -> Issued {
    let key = KeyPair::generate().unwrap();
    issued(&params.self_signed(&key).unwrap(), &key)
}

fn issued(certificate: &rcgen::Certificate, key: &KeyPair) -> Issued {
    Issued {
        certificate: certificate.der().clone(),
        pem: certificate.pem(),
        key_pem: key.serialize_pem(),
        key: key.serialize_der(),
    }
}

/// An authority of ours, and its certificate.
pub fn authority() -> (Authority, String) {
    let ca = create_ca("Test interception", CaCurve::P256, NOW).unwrap();
    let key = FileKey::of_pem(&ca.key).unwrap();
    (Authority::new(ca.certificate.as_bytes(), Box::new(key), NOW).unwrap(), ca.certificate)
}

pub fn clock() -> Arc<Clock> {
    Arc::new(Clock::new(NOW))
}

/// What the library's own server is to be like.
#[derive(Default)]
pub struct ServerOptions {
    pub alpn: Vec<Vec<u8>>,
    pub versions: Vec<&'static rustls::SupportedProtocolVersion>,
    pub client_roots: Option<Arc<RootCertStore>>,
    pub is_client_optional: bool,
}

pub fn server_config(issued: &Issued, options: &ServerOptions) -> Arc<ServerConfig> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let versions: &[_] = if options.versions.is_empty() { rustls::ALL_VERSIONS } else { &options.versions };
    let builder = ServerConfig::builder_with_details(Arc::clone(&provider), clock());
    let builder = builder.with_protocol_versions(versions).unwrap();
    let builder = match &options.client_roots {
        Some(roots) => {
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::clone(roots), provider);
            let verifier = if options.is_client_optional { verifier.allow_unauthenticated() } else { verifier };
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
        None => builder.with_no_client_auth(),
    };
    let mut config = builder.with_single_cert(vec![issued.certificate.clone()], issued.key()).unwrap();
    config.alpn_protocols = options.alpn.clone();
    config.ticketer = aws_lc_rs::Ticketer::new().unwrap();
    Arc::new(config)
}

pub fn server(config: &Arc<ServerConfig>) -> Connection {
    ServerConnection::new(Arc::clone(config)).unwrap().into()
}

/// The library's own client, trusting the certificates of a PEM file.
pub fn client_config(
    pem: &str,
    alpn: &[&[u8]],
    versions: &[&'static rustls::SupportedProtocolVersion],
    identity: Option<&Issued>,
) -> Arc<ClientConfig> {
    use rustls::pki_types::pem::PemObject;
    let mut store = RootCertStore::empty();
    store.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    let builder = ClientConfig::builder_with_details(Arc::new(aws_lc_rs::default_provider()), clock())
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(store);
    let mut config = match identity {
        Some(issued) => builder.with_client_auth_cert(vec![issued.certificate.clone()], issued.key()).unwrap(),
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    Arc::new(config)
}

pub fn client(config: &Arc<ClientConfig>, host: &str) -> Connection {
    ClientConnection::new(Arc::clone(config), host.to_owned().try_into().unwrap()).unwrap().into()
}

/// What a connection has to send.
pub fn sent(connection: &mut Connection) -> Vec<u8> {
    let mut bytes = Vec::new();
    while connection.wants_write() {
        connection.write_tls(&mut bytes).unwrap();
    }
    bytes
}

/// Gives bytes to a connection; its plain text.
pub fn give(connection: &mut Connection, mut bytes: &[u8]) -> Result<Vec<u8>, rustls::Error> {
    let mut plain = Vec::new();
    while !bytes.is_empty() {
        connection.read_tls(&mut bytes).unwrap();
        connection.process_new_packets()?;
        let mut chunk = [0; 4096];
        while let Ok(len @ 1..) = connection.reader().read(&mut chunk) {
            plain.extend_from_slice(&chunk[..len]);
        }
    }
    Ok(plain)
}

/// What a session has to send, in pieces of that many bytes.
pub fn written(session: &mut dyn Session, piece: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut chunk = vec![0; piece];
    loop {
        let len = session.write_tls(&mut &mut chunk[..]);
        if len == 0 {
            return bytes;
        }
        bytes.extend_from_slice(&chunk[..len]);
    }
}

/// Moves plain text of a session to `out`; how much.
pub fn read_plain(session: &mut dyn Session, out: &mut [u8]) -> usize {
    let plain = session.plain();
    let len = plain.len().min(out.len());
    out[..len].copy_from_slice(&plain[..len]);
    session.consume(len);
    len
}

/// Gives bytes to a session in pieces; adds its plain text.
pub fn fed(session: &mut dyn Session, bytes: &[u8], piece: usize, plain: &mut Vec<u8>) -> Result<(), tls::TlsError> {
    for part in bytes.chunks(piece) {
        let mut rest = part;
        while !rest.is_empty() {
            let taken = session.read_tls(rest)?;
            rest = &rest[taken..];
            let mut chunk = [0; 1000];
            let mut read = 0;
            loop {
                let len = read_plain(session, &mut chunk);
                if len == 0 {
                    break;
                }
                read += len;
                plain.extend_from_slice(&chunk[..len]);
            }
            assert!(taken + read > 0, "neither side moves");
        }
    }
    Ok(())
}

/// What came out of exchanging bytes until nobody has more to send.
#[derive(Debug, Default)]
pub struct Exchanged {
    pub ours: Vec<u8>,
    pub theirs: Vec<u8>,
    pub our_error: Option<tls::TlsError>,
    pub their_error: Option<rustls::Error>,
}

pub fn exchange(session: &mut dyn Session, peer: &mut Connection, piece: usize) -> Exchanged {
    let mut result = Exchanged::default();
    loop {
        let to_peer = written(session, piece);
        let from_peer = if to_peer.is_empty() { Vec::new() } else { to_peer.clone() };
        match give(peer, &from_peer) {
            Ok(plain) => result.theirs.extend(plain),
            Err(error) => {
                result.their_error.get_or_insert(error);
            }
        }
        let to_session = sent(peer);
        if let Err(error) = fed(session, &to_session, piece, &mut result.ours) {
            result.our_error.get_or_insert(error);
        }
        if to_peer.is_empty() && to_session.is_empty() {
            return result;
        }
    }
}

pub fn upstream(issuing: &Issuing) -> Upstream {
    Upstream::new(&issuing.roots(), clock()).unwrap()
}

pub fn downstream() -> Downstream {
    Downstream::new(None, Tickets::new(), clock())
}

pub fn real_facts() -> LeafFacts {
    LeafFacts { not_before: NOW - 30 * DAY, not_after: NOW + 60 * DAY, sha256: [7; 32] }
}

pub fn minted(authority: &Authority, host: &str) -> Minted {
    authority.mint(&name(host), &real_facts(), NOW).unwrap()
}

pub fn say(connection: &mut Connection, bytes: &[u8]) {
    connection.writer().write_all(bytes).unwrap();
}
