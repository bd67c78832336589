use crate::capture::CaptureDevice;
use net::Side;
use net::buffer::Buffer;
use net::device::{Burst, Device};

/// A section of blocks as the format lays them out, in either byte order.
struct Section {
    bytes: Vec<u8>,
    is_little: bool,
}

impl Section {
    fn new(is_little: bool) -> Self {
        let section = Self { bytes: Vec::new(), is_little };
        let body = [section.u32(0x1a2b_3c4d), section.u16(1), section.u16(0), vec![0xff; 8]].concat();
        section.block(0x0a0d_0d0a, &body)
    }

    fn u16(&self, value: u16) -> Vec<u8> {
        if self.is_little { value.to_le_bytes().to_vec() } else { value.to_be_bytes().to_vec() }
    }

    fn u32(&self, value: u32) -> Vec<u8> {
        if self.is_little { value.to_le_bytes().to_vec() } else { value.to_be_bytes().to_vec() }
    }

    fn block(mut self, kind: u32, body: &[u8]) -> Self {
        let mut body = body.to_vec();
        body.resize(body.len().next_multiple_of(4), 0);
        let len = self.u32(12 + body.len() as u32);
        self.bytes.extend([self.u32(kind), len.clone(), body, len].concat());
        self
    }

    fn interface(self, link: u16, snap_len: u32, options: &[(u16, &[u8])]) -> Self {
        let mut body = [self.u16(link), self.u16(0), self.u32(snap_len)].concat();
        for (code, value) in options {
            body.extend([self.u16(*code), self.u16(value.len() as u16), value.to_vec()].concat());
            body.resize(body.len().next_multiple_of(4), 0);
        }
        body.extend([0; 4]);
        self.block(1, &body)
    }

    /// An enhanced packet.
    fn packet(self, interface: u32, units: u64, frame: &[u8]) -> Self {
        let halves = [self.u32((units >> 32) as u32), self.u32(units as u32)].concat();
        let len = self.u32(frame.len() as u32);
        let body = [self.u32(interface), halves, len.clone(), len, frame.to_vec()].concat();
        self.block(6, &body)
    }
}

const FRAME: [u8; 61] = [7; 61];

/// When each frame was captured, nanoseconds, and its bytes; or what is wrong.
fn replayed(section: &Section) -> Result<Vec<(u64, usize)>, String> {
    let device = CaptureDevice::new(section.bytes.as_slice(), Vec::new());
    let mut device = device.map_err(|error| error.to_string())?;
    let mut frames = Vec::new();
    while !device.is_finished() {
        device.step();
        let at = device.now().as_nanos();
        for side in [Side::Inside, Side::Outside] {
            let mut burst = Burst::default();
            device.rx_burst(side, &mut burst);
            frames.extend(burst.drain(..).map(|frame| (at, frame.as_slice().len())));
        }
    }
    device.finish().map(|_| frames).map_err(|error| error.to_string())
}

const SECONDS: u64 = 1_700_000_000;

#[test]
fn timestamps_count_what_their_interface_says() {
    for is_little in [true, false] {
        for (resolution, units, expected) in [
            (None, SECONDS * 1_000_000 + 5, SECONDS * 1_000_000_000 + 5_000),
            (Some(6), SECONDS * 1_000_000 + 5, SECONDS * 1_000_000_000 + 5_000),
            (Some(9), SECONDS * 1_000_000_000 + 5, SECONDS * 1_000_000_000 + 5),
            (Some(12), 1_234_567_890_123_999, 1_234_567_890_123),
            (Some(3), SECONDS * 1_000, SECONDS * 1_000_000_000),
            (Some(0x80 | 20), (SECONDS << 20) + 6, SECONDS * 1_000_000_000 + 5_722),
            (Some(0xff), u64::MAX, 0),
            (Some(0x7f), u64::MAX, 0),
        ] {
            let resolution = resolution.map(|resolution| [resolution]);
            let options: Vec<(u16, &[u8])> = resolution.iter().map(|value| (9, value.as_slice())).collect();
            let section = Section::new(is_little).interface(1, 0, &options).packet(0, units, &FRAME);
            assert_eq!(replayed(&section).unwrap(), [(expected, FRAME.len())], "{resolution:?} {is_little}");
        }
    }
}

#[test]
fn an_offset_moves_the_time_both_ways() {
    for (offset, expected) in [(100_i64, 1_100), (-100, 900)] {
        let option = offset.to_le_bytes();
        let section = Section::new(true).interface(1, 0, &[(14, &option), (9, &[0])]).packet(0, 1_000, &FRAME);
        assert_eq!(replayed(&section).unwrap(), [(expected * 1_000_000_000, FRAME.len())]);
    }
}

#[test]
fn packets_of_every_kind_are_read() {
    for is_little in [true, false] {
        let section = Section::new(is_little).interface(1, 60, &[]).packet(0, SECONDS * 1_000_000, &FRAME);
        let simple = [section.u32(1500), FRAME.to_vec()].concat();
        let halves = [section.u32(((SECONDS * 1_000_000) >> 32) as u32), section.u32((SECONDS * 1_000_000 + 1) as u32)];
        let len = section.u32(FRAME.len() as u32);
        let old = [section.u16(0), section.u16(0), halves.concat(), len.clone(), len, FRAME.to_vec()].concat();
        let section = section.block(3, &simple).block(2, &old).block(0x0bad, &[1, 2, 3]);
        let start = SECONDS * 1_000_000_000;
        assert_eq!(replayed(&section).unwrap(), [(start, 61), (start, 60), (start + 1_000, 61)]);
    }
}

#[test]
fn a_packet_of_no_interface_is_refused() {
    let refused = |section: Section| replayed(&section).unwrap_err();
    let none = refused(Section::new(true).packet(0, 1, &FRAME));
    assert!(none.contains("no intact capture"), "{none}");
    refused(Section::new(true).interface(1, 0, &[]).packet(1, 1, &FRAME));
    refused(Section::new(true).block(3, &[1; 20]));
    let of = |interface| Section::new(true).interface(1, 0, &[]).interface(113, 0, &[]).packet(interface, 1, &FRAME);
    let link = refused(of(1));
    assert!(link.contains("only Ethernet"), "{link}");
    assert_eq!(replayed(&of(0)).unwrap().len(), 1, "nothing was captured on the other one");
    // A new section begins without the interfaces of the one before.
    let mut two = Section::new(true).interface(1, 0, &[]).packet(0, 1, &FRAME);
    two.bytes.extend(Section::new(true).packet(0, 1, &FRAME).bytes);
    refused(two);
}
