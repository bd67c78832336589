//! What the records of an exchange will say.

use crate::{Head, HeadLeaves, LeafId};
use arrayvec::ArrayVec;
use audit::{Finding, Record, RecordKind, Text, UsageSource};
use core::net::{IpAddr, SocketAddr};
use core::ops::Range;
use core::str;
use llm::{Operation, Provider, Usage};
use net::{Direction, Timestamp};
use policy::{Keys, Reason, Verdict};

/// Both ends of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peers {
    /// The end that opened it.
    pub client: SocketAddr,
    /// The other end.
    pub server: SocketAddr,
}

/// Prefixes that stand for "the client's network" until identity is known: what an operator is
/// most likely to have given to one team.
const SILO_PREFIX_V4: u32 = 24;
const SILO_PREFIX_V6: u32 = 64;

/// What records call the client of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientNames {
    silo: Text<48>,
    user: Text<48>,
}

impl ClientNames {
    pub(crate) fn of(client: IpAddr) -> Self {
        Self { silo: silo(client), user: text_of(format_args!("{client}")) }
    }
}

/// Longest label of a provider, and longest name of a model, as records keep them.
const LABEL_BYTES_MAX: usize = 16;
const MODEL_BYTES_MAX: usize = 64;

/// What stands in a record for a text in which something was found.
const UNQUOTED: &str = "[REDACTED]";

/// Facts of one exchange.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) record: Record,
    /// The label of whom the request goes to, and what it takes as a key.
    pub(crate) recipient: Option<(Text<LABEL_BYTES_MAX>, &'static Keys)>,
    pub(crate) dialect: Option<Provider>,
    pub(crate) usage: Usage,
    started_at: Timestamp,
    leaves: HeadLeaves,
    /// The path names the model.
    model_from_path: bool,
    /// Where the model was named.
    model_leaf: Option<LeafId>,
    /// The body has something to prompt a model with.
    is_prompted: bool,
    /// The newest leaf in which something was found.
    found_in: Option<LeafId>,
}

impl Facts {
    pub(crate) fn new(exchange: u64, peers: &Peers, names: &ClientNames, policy_version: &str, now: Timestamp) -> Self {
        let record = Record {
            exchange,
            at: now,
            client: peers.client,
            server: peers.server,
            silo: names.silo,
            user: names.user,
            verdict: Verdict::Allow,
            policy_version: Text::new(policy_version),
            ..Record::blank(RecordKind::Admit)
        };
        Self {
            record,
            recipient: None,
            dialect: None,
            usage: Usage::default(),
            started_at: now,
            leaves: HeadLeaves::default(),
            model_from_path: false,
            model_leaf: None,
            is_prompted: false,
            found_in: None,
        }
    }

    /// The same as new facts, in place: a record is large.
    pub(crate) fn reopen(
        &mut self,
        exchange: u64,
        peers: &Peers,
        names: &ClientNames,
        policy_version: &str,
        now: Timestamp,
    ) {
        let Record {
            kind: _,
            exchange: number,
            at,
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
            findings,
            request_bytes,
            response_bytes,
            policy_version: version,
            interception,
            tls_version_client,
            tls_version_server,
            cipher,
            certificate,
        } = &mut self.record;
        (*number, *at, *client, *server) = (exchange, now, peers.client, peers.server);
        (*silo, *user) = (names.silo, names.user);
        server_name.clear();
        method.clear();
        path.clear();
        provider.clear();
        operation.clear();
        model.clear();
        (*credential, *stream, *status) = (None, false, 0);
        (*tokens_in, *tokens_out, *usage_source) = (None, None, None);
        (*latency_ns, *overhead_ns) = (0, 0);
        (*queue_ns, *handshake_ns, *scan_ns, *rewrite_ns) = (0, 0, 0, 0);
        (*verdict, *reason) = (Verdict::Allow, None);
        findings.clear();
        (*request_bytes, *response_bytes) = (0, 0);
        version.clear();
        version.push_str(policy_version);
        (*interception, *cipher, *certificate) = (None, None, None);
        (*tls_version_client, *tls_version_server) = (None, None);
        (self.recipient, self.dialect, self.usage) = (None, None, Usage::default());
        self.started_at = now;
        self.leaves = HeadLeaves::default();
        (self.model_from_path, self.model_leaf, self.found_in) = (false, None, None);
        self.is_prompted = false;
    }

    pub(crate) fn head(&mut self, head: &Head<'_>) {
        match head {
            Head::Request { method, path, host, call, leaves } => {
                self.leaves = *leaves;
                self.record.method.push_str(method);
                self.record.path.push_str(path);
                self.record.server_name.push_str(host);
                self.dialect = call.dialect;
                let provider = call.provider.or(call.dialect.map(Provider::name));
                set(&mut self.record.provider, provider.unwrap_or_default());
                if let Some(operation) = call.operation {
                    set(&mut self.record.operation, operation.name());
                }
                self.model_from_path = call.model.is_some();
                if let Some(model) = call.model {
                    self.model(str::from_utf8(&percent_decoded(model)).unwrap_or_default());
                }
                self.record.stream |= call.stream;
            }
            Head::Answer { status } => self.record.status = *status,
        }
    }

    /// A model's name is kept only if it looks like one: it is a peer's text.
    pub(crate) fn model(&mut self, model: &str) {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/@".contains(&byte);
        set(&mut self.record.model, if model.bytes().all(is_plain) { model } else { "[unreadable]" });
    }

    /// The same, with where it was read.
    pub(crate) fn model_named(&mut self, leaf: LeafId, name: &str) {
        self.model_leaf = Some(leaf);
        self.model(if self.found_in == Some(leaf) { UNQUOTED } else { name });
        self.recognise();
    }

    /// Something was found in these bytes of a leaf: records do not quote them.
    pub(crate) fn unquote(&mut self, leaf: LeafId, range: Range<u64>) {
        self.found_in = Some(leaf);
        if leaf == self.leaves.path {
            self.record.path.mask(usize::try_from(range.start).unwrap_or(0)..usize::try_from(range.end).unwrap_or(0));
        } else if Some(leaf) == self.leaves.decoded {
            set(&mut self.record.path, UNQUOTED);
        } else if Some(leaf) == self.leaves.host {
            set(&mut self.record.server_name, UNQUOTED);
        } else if Some(leaf) == self.model_leaf {
            set(&mut self.record.model, UNQUOTED);
        }
        if self.model_from_path && (leaf == self.leaves.path || Some(leaf) == self.leaves.decoded) {
            set(&mut self.record.model, UNQUOTED);
        }
    }

    /// The same wherever else the text stands that was found.
    pub(crate) fn unquote_text(&mut self, found: &[u8]) {
        let Ok(found) = str::from_utf8(found) else { return };
        mask_text(&mut self.record.path, found);
        mask_text(&mut self.record.server_name, found);
        mask_text(&mut self.record.model, found);
    }

    /// True if a leaf names the host and is the address of the server itself.
    pub(crate) fn is_own_address(&self, leaf: LeafId, text: &[u8]) -> bool {
        let address = str::from_utf8(text).ok().and_then(host_address);
        Some(leaf) == self.leaves.host && address == Some(self.record.server.ip())
    }

    pub(crate) fn prompted(&mut self) {
        self.is_prompted = true;
        self.recognise();
    }

    /// A path that nobody knows is that of a call if the body names a model and prompts it.
    fn recognise(&mut self) {
        if self.is_prompted && self.record.operation.is_empty() && !self.record.model.is_empty() {
            set(&mut self.record.operation, Operation::Chat.name());
        }
    }

    pub(crate) const fn bytes(&mut self, direction: Direction, count: u64) {
        match direction {
            Direction::Upstream => self.record.request_bytes += count,
            Direction::Downstream => self.record.response_bytes += count,
        }
    }

    /// Counts a finding; what does not fit into the record is counted with its last entry.
    pub(crate) fn finding(&mut self, entity: &str, rule: &str) {
        let known =
            self.record.findings.iter().position(|one| one.entity.as_str() == entity && one.rule.as_str() == rule);
        let new = Finding { entity: Text::new(entity), rule: Text::new(rule), count: 0 };
        if known.is_none() {
            // A full list keeps counting in its last entry.
            let _ = self.record.findings.try_push(new);
        }
        let last = self.record.findings.len().saturating_sub(1);
        if let Some(entry) = self.record.findings.get_mut(known.unwrap_or(last)) {
            entry.count = entry.count.saturating_add(1);
        }
    }

    /// The record as it is to be kept before anything is released.
    pub(crate) const fn admit(&mut self, now: Timestamp, verdict: Verdict) -> &mut Record {
        let record = &mut self.record;
        (record.kind, record.at, record.verdict) = (RecordKind::Admit, now, verdict);
        record
    }

    /// The record as it is to be kept at the end.
    pub(crate) fn finish(&mut self, now: Timestamp, verdict: Verdict, reason: Option<Reason>) -> &mut Record {
        let record = &mut self.record;
        (record.kind, record.at, record.verdict, record.reason) = (RecordKind::Final, now, verdict, reason);
        record.latency_ns = now.nanos_since(self.started_at);
        record.tokens_in = self.usage.tokens_in();
        record.tokens_out = self.usage.tokens_out();
        let source = if record.stream { UsageSource::Stream } else { UsageSource::Provider };
        record.usage_source = self.usage.is_known().then_some(source);
        // In an order that does not depend on which segment something came in.
        record
            .findings
            .sort_unstable_by(|a, b| (a.entity.as_str(), a.rule.as_str()).cmp(&(b.entity.as_str(), b.rule.as_str())));
        record
    }
}

/// What fits of a part of a path, its escapes (RFC 3986 section 2.1) decoded.
fn percent_decoded(text: &str) -> ArrayVec<u8, MODEL_BYTES_MAX> {
    let mut rest = text.as_bytes();
    let mut decoded = ArrayVec::new();
    while let [first, tail @ ..] = rest {
        let escape = escaped_byte(tail).filter(|_| *first == b'%');
        let (byte, next) = escape.unwrap_or((*first, tail));
        if decoded.try_push(byte).is_err() {
            break;
        }
        rest = next;
    }
    decoded
}

/// The byte that two hexadecimal digits stand for, and what stands behind them.
fn escaped_byte(digits: &[u8]) -> Option<(u8, &[u8])> {
    let (digits, rest) = digits.split_first_chunk::<2>()?;
    let digits = str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    Some((u8::from_str_radix(digits, 16).ok()?, rest))
}

fn mask_text<const N: usize>(text: &mut Text<N>, found: &str) {
    while let Some(at) = text.as_str().find(found).filter(|_| !found.is_empty()) {
        text.mask(at..at + found.len());
    }
}

/// The address in a host as fields name it, with or without a port.
fn host_address(host: &str) -> Option<IpAddr> {
    let socket = host.parse::<SocketAddr>().map(|socket| socket.ip());
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    socket.or_else(|_| bracketed.unwrap_or(host).parse()).ok()
}

fn set<const N: usize>(text: &mut Text<N>, to: &str) {
    text.clear();
    text.push_str(to);
}

/// The client's network, as long as nobody says who the client is.
fn silo(client: IpAddr) -> Text<48> {
    match client {
        IpAddr::V4(v4) => {
            let network = v4.to_bits() & u32::MAX << (32 - SILO_PREFIX_V4);
            text_of(format_args!("{}/{SILO_PREFIX_V4}", core::net::Ipv4Addr::from_bits(network)))
        }
        IpAddr::V6(v6) => {
            let network = v6.to_bits() & u128::MAX << (128 - SILO_PREFIX_V6);
            text_of(format_args!("{}/{SILO_PREFIX_V6}", core::net::Ipv6Addr::from_bits(network)))
        }
    }
}

fn text_of<const N: usize>(arguments: core::fmt::Arguments<'_>) -> Text<N> {
    struct Sink<const N: usize>(Text<N>);
    impl<const N: usize> core::fmt::Write for Sink<N> {
        fn write_str(&mut self, text: &str) -> core::fmt::Result {
            self.0.push_str(text);
            Ok(())
        }
    }
    let mut sink = Sink(Text::EMPTY);
    let _ = core::fmt::write(&mut sink, arguments);
    sink.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_silo_is_the_clients_network() {
        assert_eq!(silo("10.1.2.3".parse().unwrap()).as_str(), "10.1.2.0/24");
        assert_eq!(silo("fd00:1:2:3:4::5".parse().unwrap()).as_str(), "fd00:1:2:3::/64");
    }
}
