//! Streams and connections against a naive receiver that shares no code with them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap, reason = "test code")]

use net::buffer::Buffer;
use net::fragment::Meta;
use net::frame::{Address, Datagram, Frame, Network};
use net::heap::{HeapBuffer, HeapPool};
use net::tcp::{
    Accepted, Arrival, Chunks, Connection, Emit, Flags, Inserted, Phase, Segment, Seq, Stream, StreamLimits,
};
use net::{Direction, DropReason};
use proptest::prelude::*;
use testkit::{Conversation, Ends, Family, Receiver, Tcp, parse_tcp, tcp};

const ISN: u32 = u32::MAX - 30;
const LIMITS: StreamLimits =
    StreamLimits { hold_bytes_max: 1 << 16, store_bytes_max: 1 << 20, waiting_count_max: 4096, early_count_max: 4096 };

fn parse(frame: &[u8]) -> (Datagram, Segment) {
    let Ok(Frame { network: Network::Ip(datagram), .. }) = Frame::parse(frame) else { panic!("no datagram") };
    (datagram, Segment::parse(frame, &datagram).unwrap())
}

/// One stream, the pool of its frames, and the receiver behind it.
struct Lab {
    pool: HeapPool,
    chunks: Chunks,
    stream: Stream<HeapBuffer>,
    receiver: Receiver,
    ends: Ends,
    /// The bytes that came in first: what everything that leaves has to agree with.
    first: Vec<u8>,
    is_dead: bool,
}

impl Lab {
    fn new(family: Family) -> Self {
        let mut chunks = Chunks::new(1 << 20);
        let mut stream = Stream::new(Seq(ISN));
        stream.handle_ack(0, 1 << 20, &mut chunks);
        let (pool, receiver, ends) = (HeapPool::new(), Receiver::new(ISN), Ends::new(family, 1, 2));
        Self { pool, chunks, stream, receiver, ends, first: Vec::new(), is_dead: false }
    }

    fn insert(&mut self, at: u32, payload: &[u8], fin: bool) {
        let seq = ISN.wrapping_add(1).wrapping_add(at);
        let segment = Tcp { seq, ack: Some(1), window: 100, fin, payload: payload.to_vec(), ..Tcp::default() };
        let frame = tcp(&self.ends, true, &segment);
        let (datagram, segment) = parse(&frame);
        let arrival = Arrival { datagram, segment, start: i64::from(at), meta: Meta::default() };
        self.file(self.pool.frame(&frame).unwrap(), arrival);
        while let Some((frame, arrival)) = self.stream.take_ready() {
            self.file(frame, arrival);
        }
    }

    fn file(&mut self, frame: HeapBuffer, arrival: Arrival) {
        if self.is_dead {
            return;
        }
        match self.stream.insert(frame, arrival, &LIMITS, &self.chunks) {
            Inserted::Pass(released) => self.leave(released.frame.as_slice()),
            Inserted::Held(new) => {
                assert_eq!(new.start, self.first.len() as u64, "new bytes follow the ones that came before");
                if !new.is_empty() {
                    self.first.extend(self.stream.newest(new.start));
                    assert_eq!(self.first.len() as u64, new.end);
                }
            }
            Inserted::Early | Inserted::Dropped(_) => {}
            Inserted::Contradiction => self.is_dead = true,
        }
    }

    fn release(&mut self, up_to: u64) {
        let pool = self.pool.clone();
        while let Some(released) = self.stream.release(up_to, &mut self.chunks, || Some(pool.alloc())) {
            self.leave(released.frame.as_slice());
        }
    }

    /// A frame on its way out: its checksums are right, and it contradicts nothing.
    fn leave(&mut self, frame: &[u8]) {
        let segment = parse_tcp(frame).unwrap();
        let at = segment.seq.wrapping_sub(ISN).wrapping_sub(1) as i32;
        for (place, byte) in (i64::from(at)..).zip(&segment.payload) {
            assert!(place < self.stream.released() as i64, "byte {place} was not released");
            if place >= self.stream.acked() as i64 {
                assert_eq!(*byte, self.first[place as usize], "byte {place} is not the one that came first");
            }
        }
        self.receiver.take(&segment);
    }

    fn acknowledge(&mut self) {
        let acked = self.receiver.acknowledge().wrapping_sub(ISN).wrapping_sub(1);
        self.stream.handle_ack(u64::from(acked), 1 << 20, &mut self.chunks);
    }
}

#[derive(Clone, Debug)]
enum Step {
    Segment { at: u32, len: usize, fill: Option<u8>, fin: bool },
    Release(u16),
    Acknowledge,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0u32..400, 0usize..60, prop::option::weighted(0.05, any::<u8>()), prop::bool::weighted(0.02))
            .prop_map(|(at, len, fill, fin)| Step::Segment { at, len, fill, fin }),
        3 => (0u16..450).prop_map(Step::Release),
        1 => Just(Step::Acknowledge),
    ]
}

/// What an honest sender has at this offset.
const fn honest(at: u32) -> u8 {
    (at.wrapping_mul(31) >> 2) as u8
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn what_leaves_is_what_came_first_whatever_overlaps(steps in prop::collection::vec(step(), 1..80), v6 in any::<bool>()) {
        let mut lab = Lab::new(if v6 { Family::V6 } else { Family::V4 });
        for step in steps {
            match step {
                Step::Segment { at, len, fill, fin } => {
                    // Not further ahead than a window, so that the stream moves on.
                    let at = at.min(lab.stream.next() as u32 + 80);
                    let payload: Vec<u8> = (at..).take(len).map(|at| fill.unwrap_or_else(|| honest(at))).collect();
                    lab.insert(at, &payload, fin);
                }
                Step::Release(up_to) => lab.release(u64::from(up_to)),
                Step::Acknowledge => lab.acknowledge(),
            }
            prop_assert!(lab.stream.acked() <= lab.stream.released() && lab.stream.released() <= lab.stream.next());
        }
        lab.release(u64::MAX);
        prop_assert_eq!(lab.receiver.delivered().bytes.len() as u64, lab.stream.released(), "everything released has arrived");
        lab.stream.discard();
        prop_assert_eq!(lab.pool.in_use(), 0, "no frame is lost");
    }

    #[test]
    fn a_masked_byte_stays_masked_in_every_retransmission(from in 0u64..80, len in 1u64..40, cut in 1u32..99) {
        let mut lab = Lab::new(Family::V6);
        let payload: Vec<u8> = (0..100).map(honest).collect();
        lab.insert(0, &payload[..cut as usize], false);
        lab.insert(cut, &payload[cut as usize..], false);
        let range = from..(from + len).min(100);
        lab.stream.edit(range.clone(), |_| b'*');
        range.for_each(|at| lab.first[at as usize] = b'*');
        lab.release(50);
        lab.insert(0, &payload[..50], false);
        lab.release(100);
        lab.insert(20, &payload[20..90], false);
        prop_assert!(!lab.is_dead, "an honest sender does not know of the mask");
        prop_assert_eq!(lab.receiver.delivered().bytes, lab.first);
    }

    #[test]
    fn a_segment_of_ours_is_read_back_as_it_was_meant(
        v6 in any::<bool>(), seq in any::<u32>(), ack in any::<u32>(), window in any::<u16>(),
        timestamps in prop::option::of(any::<(u32, u32)>()), payload in prop::collection::vec(any::<u8>(), 0..600), fin in any::<bool>(),
    ) {
        let mut buffer = HeapPool::new().alloc();
        let address = |last: u8| -> Address {
            let text = if v6 { format!("fd00::{last}") } else { format!("10.0.0.{last}") };
            text.parse::<core::net::IpAddr>().unwrap().into()
        };
        let kind: u16 = if v6 { 0x86dd } else { 0x0800 };
        let link = [&[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x81, 0, 0, 7][..], &kind.to_be_bytes()].concat();
        let flags = if fin { Flags::ACK.with(Flags::FIN) } else { Flags::ACK };
        let emit = Emit { link: &link, source: (address(1), 80), destination: (address(2), 4000), seq: Seq(seq), ack: Seq(ack), flags, window, timestamps, sack: &[], payload: &payload };
        prop_assert!(emit.emit(&mut buffer));
        let read = parse_tcp(buffer.as_slice()).unwrap();
        prop_assert_eq!(read, Tcp { seq, ack: Some(ack), fin, window, timestamps, payload, ..Tcp::default() });
    }
}

#[test]
fn a_retransmission_that_differs_is_replaced_once_and_kills_the_flow_twice() {
    let mut lab = Lab::new(Family::V4);
    lab.insert(0, b"abcdef", false);
    lab.release(6);
    lab.insert(0, b"abcXef", false);
    assert!(!lab.is_dead);
    assert_eq!(lab.receiver.delivered().bytes, b"abcdef");
    lab.insert(0, b"abcXef", false);
    assert!(lab.is_dead);
}

#[test]
fn a_fin_does_not_pass_held_bytes_and_nothing_comes_behind_it() {
    let mut lab = Lab::new(Family::V4);
    lab.insert(0, b"abcdef", true);
    lab.release(3);
    assert_eq!((lab.receiver.delivered().bytes.as_slice(), lab.receiver.delivered().is_complete), (&b"abc"[..], false));
    lab.insert(6, b"g", false);
    lab.insert(0, b"ab", true);
    lab.release(u64::MAX);
    assert_eq!(lab.receiver.delivered().bytes, b"abcdef");
    assert!(lab.receiver.delivered().is_complete && lab.stream.fin_released());
}

#[test]
fn an_end_before_bytes_that_have_come_is_dropped() {
    for early in [false, true] {
        let mut lab = Lab::new(Family::V4);
        if early {
            lab.insert(1, b"", true);
        }
        lab.insert(0, b"ab", false);
        lab.insert(1, b"", true);
        lab.release(u64::MAX);
        lab.insert(0, b"a", true);
        lab.insert(2, b"c", true);
        lab.release(u64::MAX);
        assert_eq!(lab.receiver.delivered().bytes, b"abc");
        assert!(lab.receiver.delivered().is_complete);
    }
}

/// What is done to a good segment, and what is said of it then.
type Change = (fn(&mut Tcp), DropReason);

/// A connection and the segments of a conversation.
struct Handshake {
    conversation: Conversation,
    chunks: Chunks,
    connection: Connection<HeapBuffer>,
}

impl Handshake {
    fn new() -> Self {
        let conversation = Conversation::new(Ends::new(Family::V4, 1, 2));
        let connection = Connection::open(Direction::Upstream, &parse(&conversation.syn()).1);
        Self { conversation, chunks: Chunks::new(1 << 20), connection }
    }

    fn done() -> Self {
        let mut handshake = Self::new();
        let syn_ack = parse(&handshake.conversation.syn_ack()).1;
        handshake.connection.accept(Direction::Downstream, &syn_ack, &mut handshake.chunks).unwrap();
        let ack = handshake.conversation.from_client(0, b"");
        handshake.client(&ack).unwrap();
        assert_eq!(handshake.connection.phase(), Phase::Established);
        handshake
    }

    fn client(&mut self, segment: &Tcp) -> Result<Accepted, DropReason> {
        let frame = self.conversation.client_frame(segment);
        self.connection.accept(Direction::Upstream, &parse(&frame).1, &mut self.chunks)
    }

    fn server(&mut self, segment: &Tcp) -> Result<Accepted, DropReason> {
        let frame = self.conversation.server_frame(segment);
        self.connection.accept(Direction::Downstream, &parse(&frame).1, &mut self.chunks)
    }
}

#[test]
fn only_a_syn_ack_that_answers_the_syn_counts() {
    let mut handshake = Handshake::new();
    let early = handshake.conversation.from_client(0, b"x");
    assert!(handshake.client(&early).is_err(), "no data before the handshake");
    let wrong = Tcp { syn: true, seq: 5, ack: Some(7), window: 9, ..Tcp::default() };
    assert_eq!(handshake.server(&wrong), Err(DropReason::TcpSyn));
    assert_eq!(handshake.connection.phase(), Phase::SynSent);
}

#[test]
fn segments_that_no_receiver_would_take_touch_nothing() {
    let changes: [Change; 9] = [
        (|segment| segment.urg = true, DropReason::TcpUrgent),
        (|segment| (segment.syn, segment.fin) = (true, true), DropReason::TcpFlags),
        (|segment| (segment.rst, segment.fin) = (true, true), DropReason::TcpFlags),
        (|segment| segment.ack = None, DropReason::TcpFlags),
        (|segment| segment.syn = true, DropReason::TcpSynData),
        (|segment| segment.seq = segment.seq.wrapping_add(70_000), DropReason::TcpWindow),
        (|segment| segment.seq = segment.seq.wrapping_sub(2), DropReason::TcpWindow),
        (|segment| segment.ack = segment.ack.map(|ack| ack.wrapping_add(1)), DropReason::TcpAck),
        (|segment| (segment.rst, segment.seq) = (true, segment.seq.wrapping_add(1)), DropReason::TcpReset),
    ];
    for (change, reason) in changes {
        let mut handshake = Handshake::done();
        let clean = handshake.conversation.from_client(0, b"abc");
        let mut segment = clean.clone();
        change(&mut segment);
        assert_eq!(handshake.client(&segment), Err(reason), "{segment:?}");
        assert_eq!(handshake.client(&clean), Ok(Accepted::Segment(0)), "the state is as before");
    }
}

#[test]
fn a_reset_counts_only_at_an_exact_number() {
    for offset in [1u32, 100, u32::MAX] {
        let mut handshake = Handshake::done();
        let reset = Tcp { rst: true, ..handshake.conversation.from_server(offset, b"") };
        assert_eq!(handshake.server(&reset), Err(DropReason::TcpReset));
        assert_eq!(handshake.connection.phase(), Phase::Established);
        let reset = Tcp { rst: true, ..handshake.conversation.from_server(0, b"") };
        assert_eq!(handshake.server(&reset), Ok(Accepted::Reset));
        let late = handshake.conversation.from_client(0, b"abc");
        assert_eq!(handshake.client(&late), Err(DropReason::FlowUnknown));
    }
}
