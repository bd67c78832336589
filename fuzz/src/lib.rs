//! Bodies of the fuzz targets: functions of bytes that must return. A panic is a finding.
#![forbid(unsafe_code)]
#![allow(missing_docs, clippy::unwrap_used, reason = "test code")]

mod decoders;
mod endpoints;
mod fragments;
mod hello;
mod relays;

pub use decoders::{http1, json};
pub use endpoints::endpoint;
pub use fragments::fragment;
pub use hello::client_hello;
pub use relays::relay;

use audit::SegmentReader;
use engine::{Engine, Limits, Peers, Rules, Tap};
use net::essential::{IcmpMessage, LinkProtocol, UdpProtocol};
use net::frame::{Frame, Network};
use net::heap::{HeapBuffer, HeapPool};
use net::tcp::{Accepted, Arrival, Chunks, Connection, Inserted, Segment, StreamLimits};
use net::{Direction, Side, Timestamp};
use policy::{FlowFacts, Opening, Policy, Protocol, Ruling, ServerName};
use std::sync::{Arc, OnceLock};

/// Every target by the name of its seeds.
pub const TARGETS: [(&str, fn(&[u8])); 12] = [
    ("frame", frame),
    ("fragment", fragment),
    ("dns", dns),
    ("stream", stream),
    ("client_hello", client_hello),
    ("endpoint", endpoint),
    ("http1", http1),
    ("json", json),
    ("tap", tap),
    ("relay", relay),
    ("policy", policy_file),
    ("segment", segment),
];

const POLICY: &str = "version = \"fuzz\"\n[[rule]]\nname = \"a\"\ndetect = [\"SECRET\", \"US_SSN\"]\ndirection = \"both\"\naction = \"block\"\n[[rule]]\nname = \"b\"\ndetect = [\"EMAIL_ADDRESS\"]\ndirection = \"both\"\naction = \"redact\"\n";

/// An answer of DNS: what is changed keeps its length, and nothing is left to change.
pub fn dns(bytes: &[u8]) {
    let mut message = bytes.to_vec();
    let outcome = net::dns::remove_ech(&mut message);
    assert_eq!(message.len(), bytes.len());
    if outcome.is_ok() {
        assert_eq!(net::dns::remove_ech(&mut message), Ok(0));
    }
}

/// Headers of one frame.
pub fn frame(bytes: &[u8]) {
    for protocol in [LinkProtocol::Arp, LinkProtocol::Lldp, LinkProtocol::Stp, LinkProtocol::Lacp] {
        assert!(protocol.end(bytes).is_none_or(|end| end <= bytes.len()));
    }
    if let Ok(Frame { network: Network::Ip(datagram), .. }) = Frame::parse(bytes) {
        for protocol in [53, 67, 123, 547].into_iter().filter_map(UdpProtocol::at) {
            let _ = Side::BOTH.map(|side| protocol.has_form(bytes, &datagram, side));
        }
        let _ = IcmpMessage::of(bytes, &datagram)
            .map(|message| Side::BOTH.map(|side| message.has_form(bytes, &datagram, side)));
        assert!(datagram.header <= datagram.payload && datagram.payload <= datagram.end && datagram.end <= bytes.len());
        if let Ok(segment) = Segment::parse(bytes, &datagram) {
            assert!(segment.payload <= segment.end);
        }
    }
}

/// Segments of one connection: each begins with its direction, flags, a step in the sequence and a
/// length, and some of what is held is released behind it.
pub fn stream(bytes: &[u8]) {
    let pool = HeapPool::new();
    let mut chunks = Chunks::new(1 << 20);
    let Some(syn) = built(&pool, 100, 0, 2, b"") else { return };
    let mut connection: Connection<HeapBuffer> = Connection::open(Direction::Upstream, &syn.1.segment);
    let Some(answer) = built(&pool, 500, 101, 18, b"") else { return };
    let _ = connection.accept(Direction::Downstream, &answer.1.segment, &mut chunks);
    let limits =
        StreamLimits { hold_bytes_max: 4096, store_bytes_max: 65_536, waiting_count_max: 256, early_count_max: 64 };
    let mut rest = bytes;
    while let [kind, step, len, tail @ ..] = rest {
        let (payload, after) = tail.split_at_checked(usize::from(*len)).unwrap_or((tail, &[]));
        rest = after;
        let direction = if kind & 64 == 0 { Direction::Upstream } else { Direction::Downstream };
        let (own, other) = if kind & 64 == 0 { (101u32, 501) } else { (501, 101) };
        let Some((buffer, mut arrival)) =
            built(&pool, own.wrapping_add(u32::from(*step)), other, kind & 0x3f | 16, payload)
        else {
            return;
        };
        if let Ok(Accepted::Segment(start)) = connection.accept(direction, &arrival.segment, &mut chunks) {
            arrival.start = start;
            let inserted = connection.stream_mut(direction).insert(buffer, arrival, &limits, &chunks);
            let mut next = (!matches!(inserted, Inserted::Contradiction)).then_some(());
            while next.is_some()
                && let Some((buffer, arrival)) = connection.stream_mut(direction).take_ready()
            {
                next = (!matches!(
                    connection.stream_mut(direction).insert(buffer, arrival, &limits, &chunks),
                    Inserted::Contradiction
                ))
                .then_some(());
            }
        }
        let stream = connection.stream_mut(direction);
        let up_to = stream.released() + u64::from(*kind % 32);
        while stream.release(up_to, &mut chunks, || Some(pool.alloc())).is_some() {}
        assert!(stream.acked() <= stream.released() && stream.released() <= stream.next() && stream.next() <= 1 << 20);
    }
}

fn built(pool: &HeapPool, seq: u32, ack: u32, flags: u8, payload: &[u8]) -> Option<(HeapBuffer, Arrival)> {
    use net::buffer::Buffer;
    use net::tcp::{Emit, Flags, Seq};
    let link = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0];
    let address = |last| core::net::IpAddr::from([10, 0, 0, last]).into();
    let mut buffer = pool.alloc();
    let emit = Emit {
        link: &link,
        source: (address(1), 1),
        destination: (address(2), 2),
        seq: Seq(seq),
        ack: Seq(ack),
        flags: Flags(flags),
        window: 60_000,
        timestamps: None,
        sack: &[],
        payload,
    };
    let Network::Ip(datagram) = (emit.emit(&mut buffer).then(|| Frame::parse(buffer.as_slice()).ok())??).network else {
        return None;
    };
    let segment = Segment::parse(buffer.as_slice(), &datagram).ok()?;
    Some((buffer, Arrival { datagram, segment, start: 0, meta: Default::default() }))
}

fn shared_policy() -> Arc<Policy> {
    static SHARED: OnceLock<Arc<Policy>> = OnceLock::new();
    Arc::clone(SHARED.get_or_init(|| Arc::new(Policy::parse(POLICY, &policy::Limits::default()).unwrap())))
}

/// Both directions of a connection: lines are cut at every 0xff, whose next byte says which way.
pub fn tap(bytes: &[u8]) {
    let mut engine = Engine::<Rules>::new(shared_policy(), Limits::default(), 1, [7; 32]);
    let end = core::net::SocketAddr::from(([10, 0, 0, 1], 80));
    let mut tap = Tap::new(Peers { client: end, server: end }, None);
    let mut released = [0; 2];
    let now = Timestamp::from_nanos(1);
    let mut direction = Direction::Upstream;
    for part in bytes.split(|byte| *byte == 0xff) {
        tap.handle_data(&mut engine, now, direction, part);
        tap.flush(&mut engine, now);
        while tap.poll_record(&mut engine).is_some() {}
        while let Some(output) = tap.poll_output() {
            match output {
                engine::Output::Release { direction, up_to } => released[direction.index()] = up_to,
                engine::Output::Edit { direction, range, .. } => assert!(range.start >= released[direction.index()]),
                engine::Output::Block { .. } | engine::Output::Forward => {}
            }
        }
        direction = if part.last() == Some(&b'\n') { direction.opposite() } else { direction };
    }
    tap.handle_close(&mut engine, now, None);
}

/// The text of a policy, which is then asked about the names between its quotes.
pub fn policy_file(bytes: &[u8]) {
    let Ok(text) = core::str::from_utf8(bytes) else { return };
    let Ok(policy) = Policy::parse(text, &policy::Limits::default()) else { return };
    let facts = FlowFacts { protocol: Protocol::TCP, client: None, server: None, port: 443, vlan: [0, 0] };
    for name in text.split('"').filter_map(|word| ServerName::try_from(word).ok()) {
        let shown = policy.ruling(&facts, &Opening::tls(Some(&name), false));
        let hidden = policy.ruling(&facts, &Opening::tls(Some(&name), true));
        assert!(shown == hidden || shown == Ruling::Forward, "a hidden name only matters where one is forwarded");
    }
}

/// A segment of the audit log.
pub fn segment(bytes: &[u8]) {
    if let Ok(reader) = SegmentReader::new(1, bytes) {
        for entry in reader.take(10_000) {
            if entry.is_err() {
                return;
            }
        }
    }
}
