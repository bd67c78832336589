use crate::{CertificateVerdict, CipherSuite, Interception, Text, TlsVersion};
use arrayvec::ArrayVec;
use core::net::{IpAddr, Ipv4Addr, SocketAddr};
use net::Timestamp;
use policy::{Reason, Verdict};

/// Which moment of an exchange a record tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// The head of a request was read; none of its bytes has been released yet.
    Admit,
    /// The exchange is over, or was blocked.
    Final,
    /// A flow was blocked without a request that could be named (unknown protocol, no TLS ...).
    Flow,
}

/// Where token counts come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsageSource {
    /// The `usage` object of a whole answer.
    Provider,
    /// The last `usage` of a streamed answer.
    Stream,
}

/// How often one rule of one type matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Finding {
    /// Entity type, for example `EMAIL_ADDRESS`.
    pub entity: Text<24>,
    /// The detector's rule, for example `aws-access-key-id`.
    pub rule: Text<32>,
    /// Matches.
    pub count: u32,
}

/// Types and rules named in one record; what does not fit is added to its last entry's count.
pub type Findings = ArrayVec<Finding, 8>;

/// One decision, of fixed size, as a worker hands it to the management core.
///
/// No field ever holds matched text: what a peer chose is redacted by the engine first and cut by
/// [`Text`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Which moment this is.
    pub kind: RecordKind,
    /// Joins the records of one exchange; unique within one run of one gateway.
    pub exchange: u64,
    /// When, on the worker's clock; the writer turns it into wall time.
    pub at: Timestamp,
    /// The connection's client end.
    pub client: SocketAddr,
    /// The connection's server end.
    pub server: SocketAddr,
    /// Tenant; the client's network until identity is known.
    pub silo: Text<48>,
    /// User; the client's address until identity is known.
    pub user: Text<48>,
    /// Host the client named (Host field or SNI).
    pub server_name: Text<128>,
    /// Request method.
    pub method: Text<16>,
    /// Request path without its query, findings masked.
    pub path: Text<192>,
    /// Provider label, for example `openai`.
    pub provider: Text<16>,
    /// Operation label, for example `chat`.
    pub operation: Text<24>,
    /// Model as the request named it.
    pub model: Text<64>,
    /// Keyed hash of the credential that was let through to its own provider.
    pub credential: Option<[u8; 16]>,
    /// The client asked for a streamed answer.
    pub stream: bool,
    /// Status of the answer, 0 while there is none.
    pub status: u16,
    /// Input tokens, cached ones included.
    pub tokens_in: Option<u64>,
    /// Output tokens.
    pub tokens_out: Option<u64>,
    /// Where the token counts come from.
    pub usage_source: Option<UsageSource>,
    /// First byte of the request to last byte of the answer.
    pub latency_ns: u64,
    /// What the appliance added to it; where the next four are known it is their sum.
    pub overhead_ns: u64,
    /// Of it, waiting: for the audit log, for a place among the handshakes, for memory.
    pub queue_ns: u64,
    /// Of it, TLS handshakes on both sides, certificates and their verification included.
    pub handshake_ns: u64,
    /// Of it, reading messages and looking for findings.
    pub scan_ns: u64,
    /// Of it, masking findings and mending what encloses them.
    pub rewrite_ns: u64,
    /// The decision.
    pub verdict: Verdict,
    /// Why it was blocked.
    pub reason: Option<Reason>,
    /// What was found, by type and rule.
    pub findings: Findings,
    /// Request bytes, head and framing included.
    pub request_bytes: u64,
    /// Answer bytes, head and framing included.
    pub response_bytes: u64,
    /// `version` of the policy that decided.
    pub policy_version: Text<48>,
    /// How much of the flow could be read.
    pub interception: Option<Interception>,
    /// TLS toward the client; where the flow was blocked for it, the newest that it offered.
    pub tls_version_client: Option<TlsVersion>,
    /// TLS toward the server.
    pub tls_version_server: Option<TlsVersion>,
    /// Cipher suite toward the server.
    pub cipher: Option<CipherSuite>,
    /// What the verification of the server's certificate came to.
    pub certificate: Option<CertificateVerdict>,
}

impl Record {
    /// So much time has passed since the burst came that ended the exchange; what is no end is left as it is.
    pub const fn note_passed(&mut self, nanos: u64) {
        if matches!(self.kind, RecordKind::Final) {
            self.latency_ns = self.latency_ns.saturating_add(nanos);
        }
    }

    /// A record without content. Its verdict is the strictest: it stands for none that was made.
    #[must_use]
    pub const fn blank(kind: RecordKind) -> Self {
        let nowhere = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
        Self {
            kind,
            exchange: 0,
            at: Timestamp::ZERO,
            client: nowhere,
            server: nowhere,
            silo: Text::EMPTY,
            user: Text::EMPTY,
            server_name: Text::EMPTY,
            method: Text::EMPTY,
            path: Text::EMPTY,
            provider: Text::EMPTY,
            operation: Text::EMPTY,
            model: Text::EMPTY,
            credential: None,
            stream: false,
            status: 0,
            tokens_in: None,
            tokens_out: None,
            usage_source: None,
            latency_ns: 0,
            overhead_ns: 0,
            queue_ns: 0,
            handshake_ns: 0,
            scan_ns: 0,
            rewrite_ns: 0,
            verdict: Verdict::Block,
            reason: None,
            findings: Findings::new_const(),
            request_bytes: 0,
            response_bytes: 0,
            policy_version: Text::EMPTY,
            interception: None,
            tls_version_client: None,
            tls_version_server: None,
            cipher: None,
            certificate: None,
        }
    }
}
