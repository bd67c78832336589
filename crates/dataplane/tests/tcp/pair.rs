//! Two endpoints on a simulated clock, and the links between them.

use core::time::Duration;
use dataplane::terminate::tcp::{Arrival, Endpoint, IsnKey, Memory, Settings};
use etherparse::{PacketBuilder, TcpOptionElement};
use net::Timestamp;
use net::buffer::Buffer;
use net::heap::HeapPool;
use testkit::{Family, Impairment, Link};

/// An endpoint with the application that reads and writes it.
pub struct End {
    pub endpoint: Endpoint,
    pub memory: Memory,
    pub to_send: Vec<u8>,
    pub sent: usize,
    pub received: Vec<u8>,
    /// Bytes that the application reads each time it looks.
    pub read_max: usize,
    pub close_when_sent: bool,
    pub held_bytes_max: usize,
    pub frames: u64,
}

impl End {
    pub fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            memory: Memory::new(16 << 20),
            to_send: Vec::new(),
            sent: 0,
            received: Vec::new(),
            read_max: usize::MAX,
            close_when_sent: true,
            held_bytes_max: 0,
            frames: 0,
        }
    }

    pub fn work(&mut self) {
        let mut left = self.read_max;
        while left > 0 && self.endpoint.readable_bytes() > 0 {
            let readable = self.endpoint.readable();
            let count = readable.len().min(left);
            self.received.extend(&readable[..count]);
            self.endpoint.consume(&mut self.memory, count);
            left -= count;
        }
        self.sent += self.endpoint.send(&mut self.memory, &self.to_send[self.sent..]);
        if self.close_when_sent && self.sent == self.to_send.len() {
            self.endpoint.shutdown();
        }
        self.held_bytes_max = self.held_bytes_max.max(self.endpoint.held_bytes());
        assert_eq!(self.endpoint.held_bytes(), self.memory.lent_bytes());
    }

    pub fn transmit(&mut self, now: Timestamp, pool: &HeapPool, link: &mut Link) {
        while let Some(frame) = self.endpoint.poll_transmit(&mut self.memory, now, || Some(pool.alloc())) {
            self.frames += 1;
            link.send(now, frame.as_slice().to_vec());
        }
    }
}

pub struct Pair {
    pub now: Timestamp,
    pub client: End,
    pub server: Option<End>,
    pub up: Link,
    pub down: Link,
    pool: HeapPool,
    settings: Settings,
    /// Routers pass no longer IP packets, and say so.
    pub path_mtu: usize,
    pub steps: u64,
}

const ETHERNET_BYTES: usize = 14;

/// A SYN with these options.
pub fn syn(family: Family, options: &[TcpOptionElement]) -> Vec<u8> {
    let link = PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]);
    let ip = match family {
        Family::V4 => link.ipv4([10, 1, 0, 1], [10, 2, 0, 2], 61),
        Family::V6 => link.ipv6([0xfd; 16], [0xfc; 16], 61),
    };
    let mut frame = Vec::new();
    let tcp = ip.tcp(40_000, 443, 0xffff_fff0, 65_535).syn().options(options).unwrap();
    tcp.write(&mut frame, &[]).unwrap();
    frame
}

/// What a current stack offers.
pub const MODERN: [TcpOptionElement; 4] = [
    TcpOptionElement::MaximumSegmentSize(1460),
    TcpOptionElement::SelectiveAcknowledgementPermitted,
    TcpOptionElement::Timestamp(1, 0),
    TcpOptionElement::WindowScale(7),
];

impl Pair {
    pub fn new(family: Family, options: &[TcpOptionElement], impairment: Impairment, seed: u64) -> Self {
        let now = Timestamp::from_nanos(1_000_000_000);
        let settings = Settings { key: IsnKey::new([7; 16]), mtu: 1500 };
        let syn = syn(family, options);
        let client = End::new(Endpoint::connect(&Arrival::parse(&syn).unwrap(), &settings, now));
        Self {
            now,
            client,
            server: None,
            up: Link::new(impairment, seed),
            down: Link::new(impairment, seed ^ 0x5555),
            pool: HeapPool::new(),
            settings,
            path_mtu: usize::MAX,
            steps: 0,
        }
    }

    /// Lets both work at the current time; `opened` prepares the server once its SYN came.
    pub fn step(&mut self, opened: &mut dyn FnMut(&mut End)) {
        self.steps += 1;
        while let Some(frame) = self.up.receive(self.now) {
            let Ok(arrival) = Arrival::parse(&frame) else { continue };
            if frame.len() - ETHERNET_BYTES > self.path_mtu {
                self.client.endpoint.handle_too_big(arrival.segment.seq, self.path_mtu);
                continue;
            }
            let is_syn = arrival.segment.flags.any(net::tcp::Flags::SYN) && arrival.checksum_is_valid();
            if self.server.is_none() && is_syn {
                let mut end = End::new(Endpoint::accept(&arrival, &self.settings, self.now));
                end.endpoint.allow(self.now);
                opened(&mut end);
                self.server = Some(end);
            } else if let Some(server) = &mut self.server {
                let _ = server.endpoint.handle_segment(&mut server.memory, self.now, &arrival);
            }
        }
        while let Some(frame) = self.down.receive(self.now) {
            let Ok(arrival) = Arrival::parse(&frame) else { continue };
            if let Some(server) = self.server.as_mut().filter(|_| frame.len() - ETHERNET_BYTES > self.path_mtu) {
                server.endpoint.handle_too_big(arrival.segment.seq, self.path_mtu);
                continue;
            }
            let _ = self.client.endpoint.handle_segment(&mut self.client.memory, self.now, &arrival);
        }
        self.client.work();
        self.client.transmit(self.now, &self.pool, &mut self.up);
        if let Some(server) = &mut self.server {
            server.work();
            server.transmit(self.now, &self.pool, &mut self.down);
        }
    }

    /// Moves the clock to the next thing that happens; false if nothing ever will.
    pub fn advance(&mut self) -> bool {
        let server = self.server.as_ref().and_then(|server| server.endpoint.poll_at());
        let times = [self.up.poll_at(), self.down.poll_at(), self.client.endpoint.poll_at(), server];
        let ends = [Some(&self.client), self.server.as_ref()];
        let reads = ends.into_iter().flatten().any(|end| end.endpoint.readable_bytes() > 0);
        let read_at = reads.then(|| self.now.after(Duration::from_millis(1)));
        let Some(next) = times.into_iter().chain([read_at]).flatten().min() else { return false };
        // Whatever is due at once was done in this step.
        assert!(
            next > self.now || self.up.poll_at() == Some(next) || self.down.poll_at() == Some(next),
            "livelock at {next:?}"
        );
        self.now = self.now.max(next);
        true
    }

    /// Runs until `done`, or `limit` of simulated time has passed.
    pub fn run(&mut self, limit: Duration, opened: &mut dyn FnMut(&mut End), done: impl Fn(&Self) -> bool) -> bool {
        let end = self.now.after(limit);
        loop {
            self.step(opened);
            if done(self) {
                return true;
            }
            if self.now > end || !self.advance() {
                return false;
            }
        }
    }
}
