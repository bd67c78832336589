//! What the tests of several modules need: records of any content, and small logs.

use crate::format::HEADER_BYTES;
use crate::{CertificateVerdict, ChainHash, CipherSuite, Finding, Interception, LogConfig, Record, RecordKind};
use crate::{SegmentWriter, Text, TlsVersion, UsageSource, WallClock};
use core::net::SocketAddr;
use ed25519_dalek::SigningKey;
use net::Timestamp;
use policy::{Reason, Verdict};
use proptest::collection::vec;
use proptest::prelude::*;
use std::sync::LazyLock;

/// The wall clock of all tests: the worker's clock is at zero then.
pub(crate) const CLOCK: WallClock = WallClock { worker: Timestamp::ZERO, unix_ns: 1_767_225_600_000_000_000 };

/// The segment size of all tests.
pub(crate) const BYTES: u64 = 2 * crate::SEGMENT_BYTES_MIN;

/// The key of all tests, derived once: without optimisation that takes milliseconds.
static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_bytes(&[0x42; 32]));

pub(crate) fn key() -> SigningKey {
    KEY.clone()
}

pub(crate) fn config() -> LogConfig {
    LogConfig::new("lab-1", BYTES, 0).unwrap()
}

/// A short record, told apart by its exchange.
pub(crate) fn record(exchange: u64) -> Record {
    Record {
        exchange,
        at: Timestamp::from_nanos(exchange),
        client: SocketAddr::from(([10, 0, 0, 1], 40_000)),
        server: SocketAddr::from(([192, 0, 2, 1], 443)),
        silo: Text::new("10.0.0.0/8"),
        user: Text::new("10.0.0.1"),
        server_name: Text::new("api.openai.com"),
        method: Text::new("POST"),
        path: Text::new("/v1/chat/completions"),
        provider: Text::new("openai"),
        operation: Text::new("chat"),
        model: Text::new("gpt-4o"),
        stream: true,
        verdict: Verdict::Allow,
        request_bytes: 512,
        policy_version: Text::new("lab-1"),
        ..Record::blank(RecordKind::Admit)
    }
}

/// The longest record there can be.
pub(crate) fn longest_record() -> Record {
    let finding = Finding { entity: Text::new(&"E".repeat(24)), rule: Text::new(&"r".repeat(32)), count: u32::MAX };
    let longest = Reason::ALL.iter().max_by_key(|reason| reason.name().len());
    Record {
        client: "[2001:db8::1]:1".parse().unwrap(),
        server: "[2001:db8::2]:2".parse().unwrap(),
        silo: Text::new(&"s".repeat(48)),
        user: Text::new(&"u".repeat(48)),
        server_name: Text::new(&"n".repeat(128)),
        method: Text::new(&"M".repeat(16)),
        path: Text::new(&"/".repeat(192)),
        provider: Text::new(&"p".repeat(16)),
        operation: Text::new(&"o".repeat(24)),
        model: Text::new(&"m".repeat(64)),
        credential: Some([0xff; 16]),
        tokens_in: Some(u64::MAX),
        tokens_out: Some(u64::MAX),
        usage_source: Some(UsageSource::Stream),
        reason: longest.copied(),
        findings: core::iter::repeat_n(finding, 8).collect(),
        policy_version: Text::new(&"v".repeat(48)),
        queue_ns: u64::MAX,
        handshake_ns: u64::MAX,
        scan_ns: u64::MAX,
        rewrite_ns: u64::MAX,
        interception: Some(Interception::Intercepted),
        tls_version_client: Some(TlsVersion::Tls12),
        tls_version_server: Some(TlsVersion::Tls13),
        cipher: Some(CipherSuite(0xcca9)),
        certificate: Some(CertificateVerdict::Valid),
        ..record(1)
    }
}

/// A segment that is being written, in memory.
pub(crate) struct Disk {
    pub(crate) writer: SegmentWriter,
    /// The segment's file.
    pub(crate) bytes: Vec<u8>,
    out: Vec<u8>,
}

impl Disk {
    pub(crate) fn create(config: LogConfig, key: SigningKey) -> Self {
        let mut out = Vec::new();
        let writer = SegmentWriter::create(config, key, CLOCK.unix_ns, &mut out);
        Self::begin(writer, &out)
    }

    fn begin(writer: SegmentWriter, out: &[u8]) -> Self {
        let mut bytes = vec![0; writer.segment_bytes() as usize];
        bytes[..out.len()].copy_from_slice(out);
        Self { writer, bytes, out: Vec::new() }
    }

    /// The segment that follows, and the sealed one's bytes.
    pub(crate) fn rotate(mut self) -> (Self, Vec<u8>) {
        let place = self.writer.position() as usize;
        let sealed = self.writer.seal(CLOCK.unix_ns, &mut self.out);
        self.bytes[place..place + self.out.len()].copy_from_slice(&self.out);
        self.out.clear();
        let writer = sealed.start_next(CLOCK.unix_ns, &mut self.out);
        (Self::begin(writer, &self.out), self.bytes)
    }

    /// Appends a group of records and commits it.
    pub(crate) fn commit(&mut self, records: &[Record]) {
        self.append(records);
        self.writer.checkpoint(CLOCK.unix_ns, &mut self.out);
        self.flush();
        self.writer.set_synced(self.writer.position());
    }

    /// Appends records that nothing signs yet.
    pub(crate) fn append(&mut self, records: &[Record]) {
        for record in records {
            self.writer.append(record, &CLOCK, &mut self.out).unwrap();
        }
        self.flush();
    }

    pub(crate) fn close(mut self) -> Vec<u8> {
        let place = self.writer.position() as usize;
        self.writer.close(CLOCK.unix_ns, &mut self.out);
        self.bytes[place..place + self.out.len()].copy_from_slice(&self.out);
        self.bytes
    }

    fn flush(&mut self) {
        let end = self.writer.position() as usize;
        self.bytes[end - self.out.len()..end].copy_from_slice(&self.out);
        self.out.clear();
    }
}

/// A closed log of one segment with four short records in two groups.
pub(crate) fn small_log() -> Vec<u8> {
    let mut disk = Disk::create(config(), key());
    disk.commit(&[record(1), record(2)]);
    disk.commit(&[record(3), record(4)]);
    disk.close()
}

/// A log of one mark, one record that is signed and one that is not: for tests of every byte.
pub(crate) fn tiny_log() -> Vec<u8> {
    let mut disk = Disk::create(config(), key());
    disk.commit(&[record(1)]);
    disk.append(&[record(2)]);
    disk.bytes
}

/// The places at which entries begin and end, by their length fields alone.
pub(crate) fn borders(segment: &[u8]) -> Vec<usize> {
    let mut borders = vec![HEADER_BYTES];
    let mut place = HEADER_BYTES;
    while let Some(len) = segment.get(place..place + 4) {
        let len = u32::from_le_bytes(len.try_into().unwrap()) as usize;
        if len == 0 {
            break;
        }
        place += len;
        borders.push(place);
    }
    borders
}

/// What somebody without the key can do: entries changed at will, and everything but the
/// signatures made right again. `edit` sees each entry without its hash and checksum.
pub(crate) fn forge(segment: &[u8], edit: impl FnOnce(&mut Vec<Vec<u8>>)) -> Vec<u8> {
    let borders = borders(segment);
    let mut entries: Vec<_> = borders.windows(2).map(|ends| segment[ends[0]..ends[1] - 36].to_vec()).collect();
    edit(&mut entries);
    let previous = ChainHash::from_bytes(segment[48..80].try_into().unwrap());
    let mut head = previous.after(&segment[..HEADER_BYTES - 4]);
    let mut out = segment[..HEADER_BYTES].to_vec();
    for mut entry in entries {
        let is_mark = entry[4] >= 16;
        if is_mark {
            entry[36..68].copy_from_slice(head.as_bytes());
        }
        let start = out.len();
        out.extend_from_slice(&entry);
        head = crate::entry::finish(&mut out, start, &head);
    }
    out.resize(segment.len(), 0);
    out
}

/// Makes a header's checksum right.
pub(crate) fn mend_header(segment: &mut [u8]) {
    let checksum = crc32c::crc32c(&segment[..HEADER_BYTES - 4]);
    segment[HEADER_BYTES - 4..HEADER_BYTES].copy_from_slice(&checksum.to_le_bytes());
}

fn any_text<const N: usize>() -> impl Strategy<Value = Text<N>> {
    prop_oneof![
        vec(any::<char>(), 0..=N).prop_map(|chars| Text::new(&String::from_iter(chars))),
        vec(any::<u8>(), 0..=N).prop_map(|bytes| Text::from_bytes(&bytes)),
        Just(Text::EMPTY),
    ]
}

fn any_address() -> impl Strategy<Value = SocketAddr> {
    prop_oneof![any::<([u8; 4], u16)>().prop_map(SocketAddr::from), any::<([u8; 16], u16)>().prop_map(SocketAddr::from),]
}

fn any_finding() -> impl Strategy<Value = Finding> {
    (any_text(), any_text(), any::<u32>()).prop_map(|(entity, rule, count)| Finding { entity, rule, count })
}

/// A record of any content. Its time is one that wall time can tell apart.
pub(crate) fn any_record() -> impl Strategy<Value = Record> {
    let kind = prop_oneof![Just(RecordKind::Admit), Just(RecordKind::Final), Just(RecordKind::Flow)];
    let numbers = any::<[u64; 5]>();
    let time = 0..u64::MAX - CLOCK.unix_ns;
    let ends = (any_address(), any_address(), any_text(), any_text(), any_text());
    let request = (any_text(), any_text(), any_text(), any_text(), any_text(), any_text());
    let credential = any::<Option<[u8; 16]>>();
    let status = any::<(bool, u16, Option<u64>, Option<u64>)>();
    let source = prop::option::of(prop_oneof![Just(UsageSource::Provider), Just(UsageSource::Stream)]);
    let verdict = prop::sample::select(&Verdict::ALL[..]);
    let reason = prop::option::of(prop::sample::select(Reason::ALL));
    let findings = vec(any_finding(), 0..=8);
    let outcome = (credential, status, source, verdict, reason, findings);
    let tls = (any_version(), any_version(), any::<Option<u16>>(), any_certificate(), any_interception());
    let overhead = any::<[u64; 4]>().prop_map(|parts| parts.map(|part| if part & 1 == 0 { part } else { 0 }));
    let late = (tls, overhead);
    (kind, numbers, time, ends, request, outcome, late).prop_map(assemble)
}

fn any_version() -> impl Strategy<Value = Option<TlsVersion>> {
    prop::option::of(prop::sample::select(&TlsVersion::ALL[..]))
}

fn any_certificate() -> impl Strategy<Value = Option<CertificateVerdict>> {
    prop::option::of(prop::sample::select(CertificateVerdict::ALL))
}

fn any_interception() -> impl Strategy<Value = Option<Interception>> {
    prop::option::of(prop::sample::select(Interception::ALL))
}

type Ends = (SocketAddr, SocketAddr, Text<48>, Text<48>, Text<128>);
type Request = (Text<16>, Text<192>, Text<16>, Text<24>, Text<64>, Text<48>);
type Status = (bool, u16, Option<u64>, Option<u64>);
type Outcome = (Option<[u8; 16]>, Status, Option<UsageSource>, Verdict, Option<Reason>, Vec<Finding>);
type Tls = (Option<TlsVersion>, Option<TlsVersion>, Option<u16>, Option<CertificateVerdict>, Option<Interception>);
type Parts = (RecordKind, [u64; 5], u64, Ends, Request, Outcome, (Tls, [u64; 4]));

fn assemble((kind, numbers, time, ends, request, outcome, late): Parts) -> Record {
    let [exchange, latency_ns, overhead_ns, request_bytes, response_bytes] = numbers;
    let (client, server, silo, user, server_name) = ends;
    let (method, path, provider, operation, model, policy_version) = request;
    let (credential, (stream, status, tokens_in, tokens_out), usage_source, verdict, reason, found) = outcome;
    let ((tls_version_client, tls_version_server, cipher, certificate, interception), overhead) = late;
    let [queue_ns, handshake_ns, scan_ns, rewrite_ns] = overhead;
    Record {
        kind,
        exchange,
        at: Timestamp::from_nanos(time),
        client,
        server,
        silo,
        user,
        server_name,
        method,
        path,
        provider,
        operation,
        model,
        credential,
        stream,
        status,
        tokens_in,
        tokens_out,
        usage_source,
        latency_ns,
        overhead_ns,
        queue_ns,
        handshake_ns,
        scan_ns,
        rewrite_ns,
        verdict,
        reason,
        findings: found.into_iter().collect(),
        request_bytes,
        response_bytes,
        policy_version,
        interception,
        tls_version_client,
        tls_version_server,
        cipher: cipher.map(CipherSuite),
        certificate,
    }
}
