//! What records tell of a terminated flow besides its exchanges.

use audit::{CertificateVerdict, CipherSuite, Interception, Record, RecordKind, Text, TlsVersion};
use net::Timestamp;
use policy::ServerName;
use tls::session::Facts;
use tls::{ClientSide, ServerSide, Session, Verdict, server_hello};

/// What is known of a flow so far.
#[derive(Debug)]
pub(super) struct Account {
    /// The name that the client asked for.
    pub(super) name: Option<ServerName>,
    /// How much of the flow can be read.
    pub(super) interception: Option<Interception>,
    /// The newest version that the client offered, or the one that was agreed on.
    pub(super) client_version: Option<TlsVersion>,
    server_version: Option<TlsVersion>,
    cipher: Option<CipherSuite>,
    certificate: Option<CertificateVerdict>,
    /// Who the client is by its certificate.
    identity: Option<Box<str>>,
    begun_at: Timestamp,
    /// The record of a flow that is passed on as it is, with what has passed so far.
    pub(super) bypass: Option<Box<Bypass>>,
    /// What the handshakes took, until a record has told it.
    handshake_nanos: u64,
    /// The same of waiting for the worker and the audit log; of opening, reading and deciding; and of rendering
    /// what goes on.
    queue_nanos: u64,
    scan_nanos: u64,
    rewrite_nanos: u64,
}

/// A flow that is passed on as it is.
#[derive(Debug)]
pub(super) struct Bypass {
    pub(super) record: Record,
    /// Reads what both ends agree on, as far as they say so in clear.
    pub(super) hello: server_hello::Reader,
}

impl Bypass {
    /// Takes note of bytes that the server says.
    pub(super) fn note_answer(&mut self, bytes: &[u8]) {
        let Self { record, hello } = self;
        record.response_bytes += bytes.len() as u64;
        if let Some(agreed) = hello.read(bytes) {
            record.cipher = Some(CipherSuite(agreed.cipher));
            record.tls_version_server = TlsVersion::from_code(agreed.version);
            record.tls_version_client = record.tls_version_server.or(record.tls_version_client);
        }
    }
}

impl Account {
    pub(super) const fn new(now: Timestamp) -> Self {
        Self {
            name: None,
            interception: None,
            client_version: None,
            server_version: None,
            cipher: None,
            certificate: None,
            identity: None,
            begun_at: now,
            bypass: None,
            handshake_nanos: 0,
            queue_nanos: 0,
            scan_nanos: 0,
            rewrite_nanos: 0,
        }
    }

    /// The session with the server stands, or does not come to stand.
    pub(super) fn note_server(&mut self, session: &ServerSide) {
        let facts = session.facts();
        self.server_version = version(&facts);
        self.cipher = facts.cipher_code.map(CipherSuite);
        self.certificate = session.verdict().and_then(word);
    }

    /// The session with the client stands.
    pub(super) fn note_client(&mut self, session: &ClientSide, now: Timestamp) {
        self.client_version = version(&session.facts());
        self.identity = session.identity().map(Into::into);
        // Whatever it waited for meanwhile is in it.
        (self.handshake_nanos, self.queue_nanos) = (now.nanos_since(self.begun_at), 0);
    }

    /// The flow waited for the worker, for the audit log, or for memory.
    pub(super) const fn note_queue(&mut self, nanos: u64) {
        self.queue_nanos = self.queue_nanos.saturating_add(nanos);
    }

    /// Bytes were opened, read and decided.
    pub(super) const fn note_scan(&mut self, nanos: u64) {
        self.scan_nanos = self.scan_nanos.saturating_add(nanos);
    }

    /// What was decided was rendered.
    pub(super) const fn note_rewrite(&mut self, nanos: u64) {
        self.rewrite_nanos = self.rewrite_nanos.saturating_add(nanos);
    }

    /// Adds to a record what it cannot know; `spent` is how long ago the burst came that it is about.
    pub(super) fn complete(&mut self, record: &mut Record, spent: u64) {
        if let Some(name) = &self.name {
            record.server_name = Text::new(name.as_str());
        }
        if let Some(identity) = &self.identity {
            record.user = Text::new(identity);
        }
        record.interception = self.interception;
        record.tls_version_client = self.client_version;
        record.tls_version_server = self.server_version;
        record.cipher = self.cipher;
        record.certificate = self.certificate;
        // Once: the first exchange is the one that waited for it.
        let handshake = core::mem::take(&mut self.handshake_nanos);
        record.handshake_ns = record.handshake_ns.saturating_add(handshake);
        if record.kind == RecordKind::Final {
            // One request at a time: what was spent since the last one was for this one.
            record.queue_ns = core::mem::take(&mut self.queue_nanos);
            record.scan_ns = core::mem::take(&mut self.scan_nanos);
            record.rewrite_ns = core::mem::take(&mut self.rewrite_nanos);
        } else {
            record.scan_ns = spent;
        }
        let parts = [record.queue_ns, record.handshake_ns, record.scan_ns, record.rewrite_ns];
        record.overhead_ns = parts.into_iter().fold(0, u64::saturating_add);
    }
}

fn version(facts: &Facts) -> Option<TlsVersion> {
    let number = facts.version?.strip_prefix("TLSv")?;
    TlsVersion::ALL.into_iter().find(|version| version.name() == number)
}

const fn word(verdict: Verdict) -> Option<CertificateVerdict> {
    Some(match verdict {
        Verdict::Valid => CertificateVerdict::Valid,
        Verdict::Expired => CertificateVerdict::Expired,
        Verdict::NotYetValid => CertificateVerdict::NotYetValid,
        Verdict::WrongHost => CertificateVerdict::WrongHost,
        Verdict::SelfSigned => CertificateVerdict::SelfSigned,
        Verdict::UnknownIssuer => CertificateVerdict::UnknownIssuer,
        Verdict::WeakSignature => CertificateVerdict::WeakSignature,
        Verdict::BadSignature => CertificateVerdict::BadSignature,
        Verdict::Revoked => CertificateVerdict::Revoked,
        Verdict::WrongPurpose => CertificateVerdict::WrongPurpose,
        Verdict::BadEncoding => CertificateVerdict::BadEncoding,
        Verdict::Other => CertificateVerdict::Other,
        // Nothing was found out about a certificate.
        Verdict::ClientCertificateWanted | Verdict::VersionTooOld | Verdict::Missing => return None,
    })
}
