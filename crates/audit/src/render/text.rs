use super::json::kind_name;
use super::{Rfc3339, TypeName, is_hidden};
use crate::{CertificateVerdict, Interception, StoredRecord, TlsVersion};
use core::fmt::{self, Display, Write};

/// The line of column titles that stands above lines of [`write_text`].
pub const TEXT_COLUMNS: &str = "TIME                           SEQ        KIND  VERDICT STATUS \
     CLIENT                SERVER                DETAILS";

/// The record as one line, without a line break.
#[must_use]
pub fn to_text(stored: &StoredRecord) -> String {
    let mut out = String::with_capacity(256);
    // Writing to memory does not fail.
    let _ = write_text(stored, &mut out);
    out
}

/// Writes the record as one line, without a line break, to `out`.
///
/// Time, number, kind, verdict, status and both ends stand in columns; what differs from record to
/// record follows as `name=value`. A value with a space, a quote or a hidden character in it is
/// quoted, so that it cannot pass for another field.
///
/// # Errors
///
/// What `out` fails with.
pub fn write_text(stored: &StoredRecord, out: &mut impl Write) -> fmt::Result {
    let record = &stored.record;
    write!(out, "{} {:<10} ", Rfc3339(stored.ts_unix_ns), stored.seq)?;
    write!(out, "{:<5} {:<7} ", kind_name(record.kind), record.verdict.name())?;
    match record.status {
        0 => write!(out, "{:<6} ", "-")?,
        status => write!(out, "{status:<6} ")?,
    }
    write!(out, "{:<21} {:<21}", record.client, record.server)?;
    write_request(stored, out)?;
    write_tls(stored, out)?;
    write_outcome(stored, out)
}

fn write_request(stored: &StoredRecord, out: &mut impl Write) -> fmt::Result {
    let record = &stored.record;
    let texts = [
        ("reason", stored.reason().unwrap_or_default()),
        ("host", record.server_name.as_str()),
        ("method", record.method.as_str()),
        ("path", record.path.as_str()),
        ("provider", record.provider.as_str()),
        ("operation", record.operation.as_str()),
        ("model", record.model.as_str()),
        ("silo", record.silo.as_str()),
        ("user", record.user.as_str()),
        ("policy", record.policy_version.as_str()),
    ];
    for (name, text) in texts {
        if !text.is_empty() {
            write!(out, " {name}={}", Quoted(text))?;
        }
    }
    if record.stream { out.write_str(" stream") } else { Ok(()) }
}

fn write_tls(stored: &StoredRecord, out: &mut impl Write) -> fmt::Result {
    let record = &stored.record;
    let words = [
        ("interception", record.interception.map(Interception::name)),
        ("tls_client", record.tls_version_client.map(TlsVersion::name)),
        ("tls_server", record.tls_version_server.map(TlsVersion::name)),
        ("certificate", record.certificate.map(CertificateVerdict::name)),
    ];
    for (name, word) in words {
        if let Some(word) = word {
            write!(out, " {name}={word}")?;
        }
    }
    record.cipher.map_or(Ok(()), |cipher| write!(out, " cipher={cipher}"))
}

fn write_outcome(stored: &StoredRecord, out: &mut impl Write) -> fmt::Result {
    let record = &stored.record;
    let numbers = [
        ("tokens_in", record.tokens_in),
        ("tokens_out", record.tokens_out),
        ("request_bytes", Some(record.request_bytes).filter(|bytes| *bytes > 0)),
        ("response_bytes", Some(record.response_bytes).filter(|bytes| *bytes > 0)),
    ];
    for (name, number) in numbers {
        if let Some(number) = number {
            write!(out, " {name}={number}")?;
        }
    }
    let times = [
        ("latency", record.latency_ns),
        ("overhead", record.overhead_ns),
        ("queue", record.queue_ns),
        ("handshake", record.handshake_ns),
        ("scan", record.scan_ns),
        ("rewrite", record.rewrite_ns),
    ];
    for (name, nanos) in times {
        if nanos > 0 {
            write!(out, " {name}={}.{:03}ms", nanos / 1_000_000, nanos / 1000 % 1000)?;
        }
    }
    for finding in &record.findings {
        let (name, rule, count) = (TypeName(finding).to_string(), finding.rule.as_str(), finding.count);
        write!(out, " finding={}/{}:{count}", Quoted(&name), Quoted(rule))?;
    }
    write!(out, " exchange={}", record.exchange)
}

/// A text as it is, or quoted and escaped if it could be taken for more than one value.
struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = |c: char| !c.is_whitespace() && !is_hidden(c) && c != '"' && c != '\\';
        if !self.0.is_empty() && self.0.chars().all(is_plain) {
            return formatter.write_str(self.0);
        }
        formatter.write_char('"')?;
        for character in self.0.chars() {
            match character {
                '"' | '\\' => write!(formatter, "\\{character}")?,
                ' ' => formatter.write_char(' ')?,
                hidden if is_hidden(hidden) || hidden.is_whitespace() => {
                    write!(formatter, "\\u{{{:x}}}", u32::from(hidden))?;
                }
                shown => formatter.write_char(shown)?,
            }
        }
        formatter.write_char('"')
    }
}
