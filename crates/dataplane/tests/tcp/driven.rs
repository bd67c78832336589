//! One endpoint whose peer is the test, segment by segment.

use super::pair::{MODERN, syn};
use core::time::Duration;
use dataplane::terminate::tcp::{Arrival, Endpoint, IsnKey, Memory, Settings, State};
use etherparse::TcpOptionElement;
use net::buffer::Buffer;
use net::heap::HeapPool;
use net::{DropReason, Timestamp};
use testkit::{Ends, Family, Tcp, parse_tcp, tcp};

/// The client's initial sequence number (see [`syn`]).
pub const CLIENT_ISN: u32 = 0xffff_fff0;

pub fn settings() -> Settings {
    Settings { key: IsnKey::new([9; 16]), mtu: 1500 }
}

pub struct Driven {
    pub endpoint: Endpoint,
    pub memory: Memory,
    pub now: Timestamp,
    pool: HeapPool,
    /// First sequence number behind the endpoint's SYN.
    pub own: u32,
    /// The clock of the peer's timestamps, where it has one.
    pub clock: Option<u32>,
}

impl Driven {
    /// A held SYN with these options.
    pub fn held(options: &[TcpOptionElement]) -> Self {
        let now = Timestamp::from_nanos(5_000_000_000);
        let frame = syn(Family::V4, options);
        let arrival = Arrival::parse(&frame).unwrap();
        let clock = arrival.segment.options.timestamps.map(|(value, _)| value);
        let endpoint = Endpoint::accept(&arrival, &settings(), now);
        Self { endpoint, memory: Memory::new(1 << 20), now, pool: HeapPool::new(), own: 0, clock }
    }

    /// An open connection, as the server.
    pub fn open() -> Self {
        Self::open_with(&MODERN)
    }

    pub fn open_with(options: &[TcpOptionElement]) -> Self {
        let mut driven = Self::held(options);
        driven.endpoint.allow(driven.now);
        let answer = driven.one();
        assert!(answer.syn && answer.ack == Some(CLIENT_ISN.wrapping_add(1)));
        driven.own = answer.seq.wrapping_add(1);
        driven.segment(0, 0, b"").unwrap();
        assert_eq!(driven.endpoint.state(), State::Established);
        driven
    }

    /// A segment of the peer at stream offsets, with a window of 64 KiB (scaled: 8 MiB).
    pub fn tcp(&self, offset: i64, ack: i64, payload: &[u8]) -> Tcp {
        Tcp {
            seq: CLIENT_ISN.wrapping_add(1).wrapping_add(offset as u32),
            ack: Some(self.own.wrapping_add(ack as u32)),
            window: 65_535,
            timestamps: self.clock.map(|value| (value, 0)),
            payload: payload.to_vec(),
            ..Tcp::default()
        }
    }

    pub fn segment(&mut self, offset: i64, ack: i64, payload: &[u8]) -> Result<(), DropReason> {
        self.give(&self.tcp(offset, ack, payload))
    }

    pub fn give(&mut self, segment: &Tcp) -> Result<(), DropReason> {
        self.frame(&tcp(&Ends::new(Family::V4, 40_000, 443), true, segment))
    }

    pub fn frame(&mut self, frame: &[u8]) -> Result<(), DropReason> {
        self.endpoint.handle_segment(&mut self.memory, self.now, &Arrival::parse(frame).unwrap())
    }

    /// Frames that go out now.
    pub fn frames(&mut self) -> Vec<Vec<u8>> {
        let pool = self.pool.clone();
        core::iter::from_fn(|| self.endpoint.poll_transmit(&mut self.memory, self.now, || Some(pool.alloc())))
            .map(|frame| frame.as_slice().to_vec())
            .collect()
    }

    /// Segments that go out now.
    pub fn sent(&mut self) -> Vec<Tcp> {
        self.frames().iter().map(|frame| parse_tcp(frame).unwrap()).collect()
    }

    /// The only segment that goes out now.
    pub fn one(&mut self) -> Tcp {
        let mut sent = self.sent();
        assert_eq!(sent.len(), 1, "{sent:?}");
        sent.remove(0)
    }

    pub fn pass(&mut self, time: Duration) {
        self.now = self.now.after(time);
    }

    /// Lets time pass, step by step as the endpoint asks for it; what goes out meanwhile.
    pub fn wait(&mut self, time: Duration) -> Vec<Tcp> {
        let end = self.now.after(time);
        let mut sent = self.sent();
        while let Some(at) = self.endpoint.poll_at().filter(|at| *at <= end) {
            assert!(at > self.now, "nothing that is due stays due");
            self.now = at;
            sent.extend(self.sent());
        }
        self.now = end;
        sent
    }

    pub fn read(&mut self) -> Vec<u8> {
        let mut read = Vec::new();
        while self.endpoint.readable_bytes() > 0 {
            let piece = self.endpoint.readable().to_vec();
            self.endpoint.consume(&mut self.memory, piece.len());
            read.extend(piece);
        }
        read
    }

    /// The offset that a segment acknowledges.
    pub fn acked(segment: &Tcp) -> i64 {
        i64::from(segment.ack.unwrap().wrapping_sub(CLIENT_ISN.wrapping_add(1)).cast_signed())
    }

    /// The stream offset at which a segment begins.
    pub fn offset(&self, segment: &Tcp) -> i64 {
        i64::from(segment.seq.wrapping_sub(self.own).cast_signed())
    }
}
