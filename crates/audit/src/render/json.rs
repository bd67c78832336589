use super::{Rfc3339, TypeName, is_hidden};
use crate::key::write_hex;
use crate::{CertificateVerdict, CipherSuite, Finding, Interception, RecordKind, StoredRecord, TlsVersion};
use crate::{UnknownFields, UsageSource};
use core::fmt::{self, Display};
use core::net::IpAddr;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::ser::{CompactFormatter, Formatter};
use std::io::{self, Write};

/// The record as one JSON object, without a line break.
#[must_use]
pub fn to_json(stored: &StoredRecord, gateway: &str) -> String {
    let mut out = Vec::with_capacity(1024);
    // Writing to memory does not fail, and what was written is text.
    match write_json(stored, gateway, &mut out) {
        Ok(()) => String::from_utf8(out).unwrap_or_default(),
        Err(_) => String::new(),
    }
}

/// Writes the record as one JSON object, without a line break, to `out`.
///
/// # Errors
///
/// What `out` fails with.
pub fn write_json(stored: &StoredRecord, gateway: &str, out: &mut impl Write) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(out, Visible(CompactFormatter));
    Line::new(stored, gateway).serialize(&mut serializer).map_err(io::Error::from)
}

/// A record's fields under the names and in the order in which they are shown.
#[derive(Serialize)]
struct Line<'a> {
    seq: u64,
    ts: Shown<Rfc3339>,
    gateway: &'a str,
    kind: &'static str,
    exchange: u64,
    silo: &'a str,
    user: &'a str,
    client_ip: IpAddr,
    client_port: u16,
    server_ip: IpAddr,
    server_port: u16,
    server_name: &'a str,
    method: &'a str,
    path: &'a str,
    provider: &'a str,
    operation: &'a str,
    model: &'a str,
    credential: Option<Shown<Hex<'a>>>,
    stream: bool,
    status: u16,
    tokens_in: Option<u64>,
    tokens_out: Option<u64>,
    usage_source: Option<&'static str>,
    latency_ns: u64,
    overhead_ns: u64,
    queue_ns: u64,
    handshake_ns: u64,
    scan_ns: u64,
    rewrite_ns: u64,
    verdict: &'static str,
    reason: Option<&'a str>,
    findings: FindingList<'a>,
    request_bytes: u64,
    response_bytes: u64,
    policy_version: &'a str,
    interception: Option<&'static str>,
    tls_version_client: Option<&'static str>,
    tls_version_server: Option<&'static str>,
    cipher: Option<Shown<CipherSuite>>,
    certificate: Option<&'static str>,
    #[serde(skip_serializing_if = "Unknown::is_empty")]
    unknown: Unknown<'a>,
}

impl<'a> Line<'a> {
    fn new(stored: &'a StoredRecord, gateway: &'a str) -> Self {
        let record = &stored.record;
        Self {
            seq: stored.seq,
            ts: Shown(Rfc3339(stored.ts_unix_ns)),
            gateway,
            kind: kind_name(record.kind),
            exchange: record.exchange,
            silo: record.silo.as_str(),
            user: record.user.as_str(),
            client_ip: record.client.ip(),
            client_port: record.client.port(),
            server_ip: record.server.ip(),
            server_port: record.server.port(),
            server_name: record.server_name.as_str(),
            method: record.method.as_str(),
            path: record.path.as_str(),
            provider: record.provider.as_str(),
            operation: record.operation.as_str(),
            model: record.model.as_str(),
            credential: record.credential.as_ref().map(|bytes| Shown(Hex(bytes))),
            stream: record.stream,
            status: record.status,
            tokens_in: record.tokens_in,
            tokens_out: record.tokens_out,
            usage_source: record.usage_source.map(usage_name),
            latency_ns: record.latency_ns,
            overhead_ns: record.overhead_ns,
            queue_ns: record.queue_ns,
            handshake_ns: record.handshake_ns,
            scan_ns: record.scan_ns,
            rewrite_ns: record.rewrite_ns,
            verdict: record.verdict.name(),
            reason: stored.reason(),
            findings: FindingList(&record.findings),
            request_bytes: record.request_bytes,
            response_bytes: record.response_bytes,
            policy_version: record.policy_version.as_str(),
            interception: record.interception.map(Interception::name),
            tls_version_client: record.tls_version_client.map(TlsVersion::name),
            tls_version_server: record.tls_version_server.map(TlsVersion::name),
            cipher: record.cipher.map(Shown),
            certificate: record.certificate.map(CertificateVerdict::name),
            unknown: Unknown(&stored.unknown),
        }
    }
}

/// The word for a kind of record.
pub(super) const fn kind_name(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Admit => "admit",
        RecordKind::Final => "final",
        RecordKind::Flow => "flow",
    }
}

const fn usage_name(source: UsageSource) -> &'static str {
    match source {
        UsageSource::Provider => "provider",
        UsageSource::Stream => "stream",
    }
}

/// A value that is shown as a string.
struct Shown<T>(T);

impl<T: Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

struct Hex<'a>(&'a [u8]);

impl Display for Hex<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(formatter, self.0)
    }
}

struct FindingList<'a>(&'a [Finding]);

#[derive(Serialize)]
struct FindingLine<'a> {
    r#type: Shown<TypeName<'a>>,
    rule: &'a str,
    count: u32,
}

impl Serialize for FindingList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for finding in self.0 {
            let (r#type, rule, count) = (Shown(TypeName(finding)), finding.rule.as_str(), finding.count);
            list.serialize_element(&FindingLine { r#type, rule, count })?;
        }
        list.end()
    }
}

/// Fields of a later version: an array of objects would tell no more than tag and bytes do.
struct Unknown<'a>(&'a UnknownFields);

impl Unknown<'_> {
    const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Unknown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (tag, value) in self.0.iter() {
            map.serialize_entry(&tag, &Shown(Hex(value)))?;
        }
        map.end()
    }
}

/// Compact JSON whose strings hold no hidden character, not even one that JSON would allow.
struct Visible(CompactFormatter);

impl Formatter for Visible {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + Write,
    {
        let mut shown = 0;
        for (place, character) in fragment.char_indices().filter(|(_, c)| is_hidden(*c)) {
            let plain = fragment.get(shown..place).unwrap_or_default();
            self.0.write_string_fragment(writer, plain)?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            shown = place + character.len_utf8();
        }
        self.0.write_string_fragment(writer, fragment.get(shown..).unwrap_or_default())
    }
}
