//! A TCP endpoint under any sequence of segments, reads, writes and pauses.

use core::time::Duration;
use dataplane::terminate::tcp::{Arrival, BLOCK_BYTES, Endpoint, IsnKey, Memory, Settings};
use net::Timestamp;
use net::buffer::Buffer;
use net::frame::{Frame, Network, rewrite_ipv4_lengths};
use net::heap::HeapPool;
use net::tcp::rewrite_checksum;

const LINK_BYTES: usize = 14;
const MEMORY_BYTES: usize = 1 << 20;
const CLIENT_ISN: u32 = u32::MAX - 3;
/// Frames of one poll: a window of congestion that has grown to all that may be queued.
const FRAME_COUNT_MAX: usize = 40_000;

struct Fuzzed {
    endpoint: Endpoint,
    memory: Memory,
    now: Timestamp,
    /// The endpoint's first sequence number, and the latest it sent.
    numbers: [u32; 2],
    pool: HeapPool,
}

/// Steps of nine bytes each: what happens, flags, and numbers; SYN options come first.
pub fn endpoint(bytes: &[u8]) {
    let Some((options, steps)) = bytes.split_at_checked(20) else { return };
    let syn = frame(CLIENT_ISN, 0, 2, 65_535, options, &[]);
    let Ok(arrival) = Arrival::parse(&syn) else { return };
    let now = Timestamp::from_nanos(1_000_000_000);
    let settings = Settings { key: IsnKey::new([1; 16]), mtu: 1500 };
    let endpoint = Endpoint::accept(&arrival, &settings, now);
    let mut fuzzed =
        Fuzzed { endpoint, memory: Memory::new(MEMORY_BYTES), now, numbers: [0; 2], pool: HeapPool::new() };
    fuzzed.endpoint.allow(now);
    for step in steps.as_chunks::<9>().0 {
        fuzzed.step(step);
        fuzzed.transmit();
        let held = fuzzed.endpoint.held_bytes();
        assert!(held == fuzzed.memory.lent_bytes() && held <= MEMORY_BYTES);
        assert!(fuzzed.endpoint.unacknowledged_bytes() <= MEMORY_BYTES);
    }
    fuzzed.endpoint.release(&mut fuzzed.memory);
    assert_eq!(fuzzed.memory.lent_bytes(), 0);
}

impl Fuzzed {
    fn step(&mut self, step: &[u8; 9]) {
        let [kind, flags, seq, ack, window, length, a, b, c] = *step;
        match kind % 8 {
            0 => {
                let bytes = vec![a; usize::from(length) * BLOCK_BYTES / 16];
                self.endpoint.send(&mut self.memory, &bytes);
            }
            1 => {
                let count = self.endpoint.readable().len().min(usize::from(length) * 64);
                self.endpoint.consume(&mut self.memory, count);
            }
            2 => self.now = self.now.after(Duration::from_millis(u64::from(length) * u64::from(a))),
            3 if length > 250 => self.endpoint.shutdown(),
            3 if length < 3 => self.endpoint.abort(&mut self.memory),
            _ => {
                let seq = CLIENT_ISN.wrapping_add(1).wrapping_add(u32::from(seq) << (a % 24));
                let newest = self.numbers[usize::from(ack & 1)];
                let ack = newest.wrapping_add(u32::from(ack >> 1)).wrapping_sub(u32::from(b));
                let start = self.numbers[0].wrapping_add(u32::from(b) << 6);
                let mut options = vec![1, 1, 8, 10, 0, 0, c, a, 0, 0, 0, 0];
                if kind & 16 != 0 {
                    options.extend([1, 1, 5, 10]);
                    options.extend(start.to_be_bytes());
                    options.extend(start.wrapping_add(u32::from(c) << 6).to_be_bytes());
                }
                let payload = vec![b; usize::from(length) << (kind >> 6)];
                let frame = frame(seq, ack, flags, u16::from(window) << 6, &options, &payload);
                if let Ok(arrival) = Arrival::parse(&frame) {
                    let _ = self.endpoint.handle_segment(&mut self.memory, self.now, &arrival);
                }
            }
        }
    }

    fn transmit(&mut self) {
        let pool = self.pool.clone();
        for count in 0.. {
            assert!(count < FRAME_COUNT_MAX, "it never stops");
            let frame = self.endpoint.poll_transmit(&mut self.memory, self.now, || Some(pool.alloc()));
            let Some(frame) = frame else { break };
            let sent = Arrival::parse(frame.as_slice()).unwrap();
            assert!(sent.segment.end - sent.datagram.header <= 1500, "longer than the MTU");
            let behind = sent.segment.seq.0.wrapping_add(u32::try_from(sent.segment.payload_len()).unwrap());
            if self.numbers[0] == 0 {
                self.numbers[0] = behind.wrapping_add(1);
            }
            self.numbers[1] = behind;
        }
        assert!(self.endpoint.poll_at().is_none_or(|at| at > self.now), "nothing that is due stays due");
    }
}

/// A frame from the client with these options, padded.
fn frame(seq: u32, ack: u32, flags: u8, window: u16, options: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0];
    frame.extend([0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0x9c, 0x40, 1, 0xbb]);
    frame.extend(seq.to_be_bytes());
    frame.extend(ack.to_be_bytes());
    let words = 5 + options.len().div_ceil(4);
    frame.extend([u8::try_from(words << 4).unwrap_or(0xf0), flags]);
    frame.extend(window.to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(options);
    frame.resize(LINK_BYTES + 20 + words * 4, 0);
    frame.extend(payload);
    let total = frame.len() - LINK_BYTES;
    rewrite_ipv4_lengths(&mut frame[LINK_BYTES..], total, None, None);
    if let Ok(Frame { network: Network::Ip(datagram), .. }) = Frame::parse(&frame) {
        rewrite_checksum(&mut frame, &datagram);
    }
    frame
}
