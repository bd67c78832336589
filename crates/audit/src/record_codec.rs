//! Records to fields and back.

use crate::entry::{RawEntry, begin, finish};
use crate::field::{Field, FieldWriter, split_field};
use crate::format::{kind, tag};
use crate::{CertificateVerdict, ChainHash, CipherSuite, Finding, FlawKind, Interception, Record, RecordKind};
use crate::{StoredRecord, Text, TlsVersion, UnknownFields, UsageSource};
use core::net::{IpAddr, SocketAddr};
use net::Timestamp;
use policy::{Reason, Verdict};

/// Appends `record` as an entry to `out` and returns the chain's value after it.
pub(crate) fn emit(record: &Record, seq: u64, ts_unix_ns: u64, head: &ChainHash, out: &mut Vec<u8>) -> ChainHash {
    let start = begin(kind_code(record.kind), out);
    let mut fields = FieldWriter::new(out);
    fields.u64(tag::SEQ, seq);
    fields.u64(tag::TS, ts_unix_ns);
    fields.u64(tag::EXCHANGE, record.exchange);
    emit_ends(record, &mut fields);
    emit_request(record, &mut fields);
    emit_outcome(record, &mut fields);
    emit_tls(record, &mut fields);
    emit_overhead(record, &mut fields);
    finish(out, start, head)
}

fn emit_ends(record: &Record, fields: &mut FieldWriter<'_>) {
    emit_address(tag::CLIENT, record.client, fields);
    emit_address(tag::SERVER, record.server, fields);
    fields.text(tag::SILO, record.silo.as_str());
    fields.text(tag::USER, record.user.as_str());
    fields.text(tag::SERVER_NAME, record.server_name.as_str());
}

fn emit_request(record: &Record, fields: &mut FieldWriter<'_>) {
    fields.text(tag::METHOD, record.method.as_str());
    fields.text(tag::PATH, record.path.as_str());
    fields.text(tag::PROVIDER, record.provider.as_str());
    fields.text(tag::OPERATION, record.operation.as_str());
    fields.text(tag::MODEL, record.model.as_str());
    if let Some(credential) = &record.credential {
        fields.bytes(tag::CREDENTIAL, credential);
    }
    fields.u8(tag::STREAM, u8::from(record.stream));
    fields.u16(tag::STATUS, record.status);
}

fn emit_outcome(record: &Record, fields: &mut FieldWriter<'_>) {
    if let Some(tokens) = record.tokens_in {
        fields.u64(tag::TOKENS_IN, tokens);
    }
    if let Some(tokens) = record.tokens_out {
        fields.u64(tag::TOKENS_OUT, tokens);
    }
    if let Some(source) = record.usage_source {
        fields.u8(tag::USAGE_SOURCE, usage_code(source));
    }
    fields.u64(tag::LATENCY, record.latency_ns);
    fields.u64(tag::OVERHEAD, record.overhead_ns);
    fields.u8(tag::VERDICT, verdict_code(record.verdict));
    if let Some(reason) = record.reason {
        fields.text(tag::REASON, reason.name());
    }
    for finding in &record.findings {
        emit_finding(finding, fields);
    }
    fields.u64(tag::REQUEST_BYTES, record.request_bytes);
    fields.u64(tag::RESPONSE_BYTES, record.response_bytes);
    fields.text(tag::POLICY_VERSION, record.policy_version.as_str());
}

/// Fields that came later than the others: written only if they say something.
fn emit_tls(record: &Record, fields: &mut FieldWriter<'_>) {
    if let Some(interception) = record.interception {
        fields.u8(tag::INTERCEPTION, interception.code());
    }
    if let Some(version) = record.tls_version_client {
        fields.u16(tag::TLS_VERSION_CLIENT, version.code());
    }
    if let Some(version) = record.tls_version_server {
        fields.u16(tag::TLS_VERSION_SERVER, version.code());
    }
    if let Some(CipherSuite(code)) = record.cipher {
        fields.u16(tag::CIPHER, code);
    }
    if let Some(certificate) = record.certificate {
        fields.u8(tag::CERTIFICATE, certificate.code());
    }
}

fn emit_overhead(record: &Record, fields: &mut FieldWriter<'_>) {
    let parts = [
        (tag::QUEUE, record.queue_ns),
        (tag::HANDSHAKE, record.handshake_ns),
        (tag::SCAN, record.scan_ns),
        (tag::REWRITE, record.rewrite_ns),
    ];
    for (tag, nanos) in parts {
        if nanos > 0 {
            fields.u64(tag, nanos);
        }
    }
}

fn emit_address(tag: u16, address: SocketAddr, fields: &mut FieldWriter<'_>) {
    let port = address.port().to_le_bytes();
    match address.ip() {
        IpAddr::V4(ip) => fields.parts(tag, &[&ip.octets(), &port]),
        IpAddr::V6(ip) => fields.parts(tag, &[&ip.octets(), &port]),
    }
}

fn emit_finding(finding: &Finding, fields: &mut FieldWriter<'_>) {
    let entity = finding.entity.as_str().as_bytes();
    let rule = finding.rule.as_str().as_bytes();
    #[expect(clippy::cast_possible_truncation, reason = "an entity has at most 24 bytes")]
    let entity_len = [entity.len() as u8];
    fields.parts(tag::FINDING, &[&finding.count.to_le_bytes(), &entity_len, entity, rule]);
}

/// Reads a record of `kind` from its entry.
pub(crate) fn parse(kind: RecordKind, entry: &RawEntry<'_>) -> Result<StoredRecord, FlawKind> {
    let mut draft = Draft::new(kind);
    let mut rest = entry.fields;
    let mut last = 0;
    while !rest.is_empty() {
        let field = split_field(&mut rest).ok_or(FlawKind::Field(last))?;
        let repeatable = field.tag == tag::FINDING || field.tag > tag::RECORD_LAST;
        if field.tag < last || (field.tag == last && !repeatable) {
            return Err(FlawKind::Field(field.tag));
        }
        last = field.tag;
        draft.take(&field).ok_or(FlawKind::Field(field.tag))?;
    }
    draft.finish()
}

/// The fields of a record that were found so far; what has no default is kept apart.
struct Draft {
    seq: Option<u64>,
    ts_unix_ns: Option<u64>,
    exchange: Option<u64>,
    client: Option<SocketAddr>,
    server: Option<SocketAddr>,
    verdict: Option<Verdict>,
    record: Record,
    unknown: UnknownFields,
}

impl Draft {
    fn new(kind: RecordKind) -> Self {
        Self {
            seq: None,
            ts_unix_ns: None,
            exchange: None,
            client: None,
            server: None,
            verdict: None,
            record: Record::blank(kind),
            unknown: UnknownFields::default(),
        }
    }

    /// Takes one field in; `None` if nobody writes it so.
    fn take(&mut self, field: &Field<'_>) -> Option<()> {
        match field.tag {
            tag::SEQ => self.seq = Some(field.u64()?),
            tag::TS => self.ts_unix_ns = Some(field.u64()?),
            tag::EXCHANGE => self.exchange = Some(field.u64()?),
            tag::CLIENT => self.client = Some(parse_address(field)?),
            tag::SERVER => self.server = Some(parse_address(field)?),
            tag::VERDICT => self.verdict = Some(verdict_from_code(field.u8()?)?),
            tag::SILO..=tag::STATUS => self.take_request(field)?,
            tag::TOKENS_IN..=tag::POLICY_VERSION => self.take_outcome(field)?,
            tag::INTERCEPTION..=tag::CERTIFICATE => self.take_tls(field)?,
            tag::QUEUE..=tag::REWRITE => self.take_overhead(field)?,
            _ => self.keep(field),
        }
        Some(())
    }

    fn take_request(&mut self, field: &Field<'_>) -> Option<()> {
        let record = &mut self.record;
        match field.tag {
            tag::SILO => record.silo = parse_text(field)?,
            tag::USER => record.user = parse_text(field)?,
            tag::SERVER_NAME => record.server_name = parse_text(field)?,
            tag::METHOD => record.method = parse_text(field)?,
            tag::PATH => record.path = parse_text(field)?,
            tag::PROVIDER => record.provider = parse_text(field)?,
            tag::OPERATION => record.operation = parse_text(field)?,
            tag::MODEL => record.model = parse_text(field)?,
            tag::CREDENTIAL => record.credential = Some(field.array()?),
            tag::STREAM => record.stream = parse_bool(field)?,
            tag::STATUS => record.status = field.u16()?,
            _ => return None,
        }
        Some(())
    }

    fn take_outcome(&mut self, field: &Field<'_>) -> Option<()> {
        let record = &mut self.record;
        match field.tag {
            tag::TOKENS_IN => record.tokens_in = Some(field.u64()?),
            tag::TOKENS_OUT => record.tokens_out = Some(field.u64()?),
            tag::USAGE_SOURCE => match usage_from_code(field.u8()?) {
                Some(source) => record.usage_source = Some(source),
                None => self.keep(field),
            },
            tag::LATENCY => record.latency_ns = field.u64()?,
            tag::OVERHEAD => record.overhead_ns = field.u64()?,
            tag::REASON => match parse_reason(field)? {
                Some(reason) => record.reason = Some(reason),
                None => self.keep(field),
            },
            tag::FINDING => record.findings.try_push(parse_finding(field)?).ok()?,
            tag::REQUEST_BYTES => record.request_bytes = field.u64()?,
            tag::RESPONSE_BYTES => record.response_bytes = field.u64()?,
            tag::POLICY_VERSION => record.policy_version = parse_text(field)?,
            _ => return None,
        }
        Some(())
    }

    /// A value that this version has no word for is kept as an unknown field.
    fn take_tls(&mut self, field: &Field<'_>) -> Option<()> {
        let record = &mut self.record;
        let is_known = match field.tag {
            tag::INTERCEPTION => {
                record.interception = Interception::from_code(field.u8()?);
                record.interception.is_some()
            }
            tag::TLS_VERSION_CLIENT => {
                record.tls_version_client = TlsVersion::from_code(field.u16()?);
                record.tls_version_client.is_some()
            }
            tag::TLS_VERSION_SERVER => {
                record.tls_version_server = TlsVersion::from_code(field.u16()?);
                record.tls_version_server.is_some()
            }
            tag::CIPHER => {
                record.cipher = Some(CipherSuite(field.u16()?));
                true
            }
            tag::CERTIFICATE => {
                record.certificate = CertificateVerdict::from_code(field.u8()?);
                record.certificate.is_some()
            }
            _ => return None,
        };
        if !is_known {
            self.keep(field);
        }
        Some(())
    }

    fn take_overhead(&mut self, field: &Field<'_>) -> Option<()> {
        let record = &mut self.record;
        let part = match field.tag {
            tag::QUEUE => &mut record.queue_ns,
            tag::HANDSHAKE => &mut record.handshake_ns,
            tag::SCAN => &mut record.scan_ns,
            tag::REWRITE => &mut record.rewrite_ns,
            _ => return None,
        };
        *part = field.u64()?;
        Some(())
    }

    fn keep(&mut self, field: &Field<'_>) {
        self.unknown.push(field);
    }

    fn finish(mut self) -> Result<StoredRecord, FlawKind> {
        let ts_unix_ns = self.ts_unix_ns.ok_or(FlawKind::Field(tag::TS))?;
        self.record.at = Timestamp::from_nanos(ts_unix_ns);
        self.record.exchange = self.exchange.ok_or(FlawKind::Field(tag::EXCHANGE))?;
        self.record.client = self.client.ok_or(FlawKind::Field(tag::CLIENT))?;
        self.record.server = self.server.ok_or(FlawKind::Field(tag::SERVER))?;
        self.record.verdict = self.verdict.ok_or(FlawKind::Field(tag::VERDICT))?;
        let seq = self.seq.ok_or(FlawKind::Field(tag::SEQ))?;
        Ok(StoredRecord { seq, ts_unix_ns, record: self.record, unknown: self.unknown })
    }
}

fn parse_text<const N: usize>(field: &Field<'_>) -> Option<Text<N>> {
    Text::from_stored(field.value).filter(|text| !text.is_empty())
}

fn parse_bool(field: &Field<'_>) -> Option<bool> {
    match field.u8()? {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

fn parse_address(field: &Field<'_>) -> Option<SocketAddr> {
    let (ip, port) = field.value.split_last_chunk::<2>()?;
    let port = u16::from_le_bytes(*port);
    if let Ok(octets) = <[u8; 4]>::try_from(ip) {
        return Some(SocketAddr::from((octets, port)));
    }
    <[u8; 16]>::try_from(ip).ok().map(|octets| SocketAddr::from((octets, port)))
}

fn parse_finding(field: &Field<'_>) -> Option<Finding> {
    let (count, rest) = field.value.split_first_chunk::<4>()?;
    let (entity_len, rest) = rest.split_first()?;
    let (entity, rule) = rest.split_at_checked(usize::from(*entity_len))?;
    Some(Finding {
        entity: Text::from_stored(entity)?,
        rule: Text::from_stored(rule)?,
        count: u32::from_le_bytes(*count),
    })
}

/// The reason of that name; `Some(None)` if this version has none of that name.
fn parse_reason(field: &Field<'_>) -> Option<Option<Reason>> {
    let name: Text<{ crate::format::REASON_BYTES_MAX }> = parse_text(field)?;
    Some(Reason::ALL.iter().copied().find(|reason| reason.name() == name.as_str()))
}

const fn kind_code(kind: RecordKind) -> u8 {
    match kind {
        RecordKind::Admit => kind::ADMIT,
        RecordKind::Final => kind::FINAL,
        RecordKind::Flow => kind::FLOW,
    }
}

/// The kind of record that an entry's kind stands for; `None` for marks and unknown kinds.
pub(crate) const fn kind_from_code(code: u8) -> Option<RecordKind> {
    match code {
        kind::ADMIT => Some(RecordKind::Admit),
        kind::FINAL => Some(RecordKind::Final),
        kind::FLOW => Some(RecordKind::Flow),
        _ => None,
    }
}

const fn usage_code(source: UsageSource) -> u8 {
    match source {
        UsageSource::Provider => 1,
        UsageSource::Stream => 2,
    }
}

const fn usage_from_code(code: u8) -> Option<UsageSource> {
    match code {
        1 => Some(UsageSource::Provider),
        2 => Some(UsageSource::Stream),
        _ => None,
    }
}

const fn verdict_code(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Allow => 1,
        Verdict::Alert => 2,
        Verdict::Redact => 3,
        Verdict::Block => 4,
    }
}

const fn verdict_from_code(code: u8) -> Option<Verdict> {
    match code {
        1 => Some(Verdict::Allow),
        2 => Some(Verdict::Alert),
        3 => Some(Verdict::Redact),
        4 => Some(Verdict::Block),
        _ => None,
    }
}
