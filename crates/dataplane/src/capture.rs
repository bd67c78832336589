//! A device of two files: frames come from a capture, and what leaves goes into another.
//!
//! A capture does not say which of the two ports a frame came in on. The end that opens a
//! connection is the inside one: the sender of a SYN, or else of the first datagram between two
//! addresses.
//!
//! Time is the capture's, and moves when [`CaptureDevice::step`] says so: over a gap in pieces, so that what is due in
//! between is done before the next frame comes.

mod pcapng;

use crate::flow::IDLE_TIME_MAX;
use core::fmt;
use core::time::Duration;
use net::buffer::Buffer;
use net::device::{Burst, Device, Received};
use net::frame::{Address, Datagram, Frame, Network, protocol};
use net::heap::{HeapBuffer, HeapPool};
use net::tcp::{Flags, Segment};
use net::{DropReason, Side, Timestamp};
use pcap_file::pcap::{PcapHeader, PcapPacket, PcapReader, PcapWriter, RawPcapPacket};
use pcap_file::pcapng::PcapNgReader;
use pcap_file::{DataLink, PcapError, TsResolution};
use pcapng::Interfaces;
use std::collections::HashMap;
use std::io::{self, BufRead, Read, Write};

/// Pairs of addresses whose inside end is remembered.
const PAIR_COUNT_MAX: usize = 1 << 20;
/// Gaps between frames in which nothing can be due: timers are no finer.
const GAP_MAX: Duration = Duration::from_millis(8);
/// The pieces in which longer ones pass, by how long the silence is: what is due is done so much late at most.
const STEPS: [(Duration, Duration); 3] = [
    (Duration::from_secs(60), Duration::from_millis(100)),
    (Duration::from_secs(600), Duration::from_secs(1)),
    (SILENCE_MAX, Duration::from_secs(30)),
];
/// Behind so much silence everything is over that was to come, flows included: what is left of a gap passes at once.
const SILENCE_MAX: Duration = IDLE_TIME_MAX.saturating_add(Duration::from_secs(120));
/// First bytes of a pcapng file: its section header block.
const PCAPNG_MAGIC: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

/// What is wrong with a capture.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// It is no capture, or ends in the middle of one.
    #[error("is no intact capture file: {0}")]
    Format(#[from] PcapError),
    /// It holds frames of another link layer.
    #[error("holds frames of link type {0:?}; only Ethernet can be replayed")]
    LinkType(DataLink),
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
}

enum Source<R: Read> {
    Pcap(PcapReader<R>, Link),
    PcapNg(PcapNgReader<R>, Interfaces),
}

/// A capture that is being replayed.
pub struct CaptureDevice<R: Read, W: Write> {
    source: Source<R>,
    sink: PcapWriter<W>,
    pool: HeapPool,
    next: Option<(Timestamp, Side, HeapBuffer)>,
    now: Timestamp,
    /// When the last frame was due, once there was one.
    heard_at: Option<Timestamp>,
    /// True if what is due until then was done before the next frame.
    is_due: bool,
    inside: HashMap<(Address, Address), Address>,
    error: Option<CaptureError>,
    frames_written: u64,
}

impl<R: Read, W: Write> fmt::Debug for CaptureDevice<R, W> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CaptureDevice")
            .field("now", &self.now)
            .field("pool", &self.pool)
            .finish_non_exhaustive()
    }
}

impl<R: BufRead> CaptureDevice<R, io::Sink> {
    /// Reads a capture to its end.
    ///
    /// # Errors
    /// If it is not intact.
    pub fn check(input: R) -> Result<(), CaptureError> {
        let mut device = Self::new(input, io::sink())?;
        while !device.is_finished() {
            device.next = None;
        }
        device.finish().map(|_| ())
    }
}

impl<R: BufRead, W: Write> CaptureDevice<R, W> {
    /// Opens a capture (pcap or pcapng) and begins another one.
    ///
    /// # Errors
    /// If `input` does not begin like a capture of Ethernet frames, or `output` cannot be written.
    pub fn new(mut input: R, output: W) -> Result<Self, CaptureError> {
        let is_pcapng = input.fill_buf()?.starts_with(&PCAPNG_MAGIC);
        let source = if is_pcapng {
            let reader = PcapNgReader::new(input)?;
            let interfaces = Interfaces::new(reader.section().endianness);
            Source::PcapNg(reader, interfaces)
        } else {
            let reader = PcapReader::new(input)?;
            let link = Link::of(reader.header().datalink.into());
            check_link(link.kind)?;
            Source::Pcap(reader, link)
        };
        let header = PcapHeader {
            ts_resolution: TsResolution::NanoSecond,
            datalink: DataLink::ETHERNET,
            ..PcapHeader::default()
        };
        let sink = PcapWriter::with_header(output, header)?;
        let mut device = Self {
            source,
            sink,
            pool: HeapPool::new(),
            next: None,
            now: Timestamp::ZERO,
            heard_at: None,
            is_due: false,
            inside: HashMap::new(),
            error: None,
            frames_written: 0,
        };
        device.advance();
        match device.error.take() {
            Some(error) => Err(error),
            None => Ok(device),
        }
    }

    /// Moves time on: to that of the next frame, or over a part of the gap before it. To be called before each poll.
    pub fn step(&mut self) {
        self.look_ahead();
        let Some(at) = self.next.as_ref().map(|(at, ..)| *at) else { return };
        let left = Duration::from_nanos(at.nanos_since(self.now));
        let Some(heard_at) = self.heard_at.filter(|_| left > GAP_MAX) else {
            self.now = self.now.max(at);
            self.heard_at = Some(self.now);
            self.is_due = true;
            return;
        };
        let silence = Duration::from_nanos(self.now.nanos_since(heard_at));
        let step = STEPS.iter().find(|(until, _)| silence <= *until).map_or(left, |(_, step)| *step);
        self.now = self.now.after(left.min(step));
        self.is_due = false;
    }

    /// True once the last frame was received.
    pub fn is_finished(&mut self) -> bool {
        self.look_ahead();
        self.next.is_none()
    }

    /// Frames written so far.
    #[must_use]
    pub const fn frames_written(&self) -> u64 {
        self.frames_written
    }

    /// Writes out what is buffered and gives the output back.
    ///
    /// # Errors
    /// If the input was not intact to its end, or the output could not be written.
    pub fn finish(self) -> Result<W, CaptureError> {
        match self.error {
            Some(error) => Err(error),
            None => {
                let mut output = self.sink.into_writer();
                output.flush()?;
                Ok(output)
            }
        }
    }

    fn look_ahead(&mut self) {
        if self.next.is_none() && self.error.is_none() {
            self.advance();
        }
    }

    /// Reads the next frame.
    fn advance(&mut self) {
        self.next = None;
        while self.next.is_none() {
            let (at, frame) = match self.source.read(&self.pool) {
                Ok(Some(read)) => read,
                Ok(None) => return,
                Err(error) => {
                    self.error = Some(error);
                    return;
                }
            };
            let side = self.side_of(frame.as_slice());
            self.next = Some((at, side, frame));
        }
    }

    fn side_of(&mut self, frame: &[u8]) -> Side {
        let Ok(Frame { network: Network::Ip(datagram), .. }) = Frame::parse(frame) else { return Side::Inside };
        let (source, destination) = (datagram.source, datagram.destination);
        let pair = if source < destination { (source, destination) } else { (destination, source) };
        let known = self.inside.get(&pair).copied();
        let inside = known.unwrap_or_else(|| if is_answer(frame, &datagram) { destination } else { source });
        if known.is_none() && self.inside.len() < PAIR_COUNT_MAX {
            self.inside.insert(pair, inside);
        }
        if inside == source { Side::Inside } else { Side::Outside }
    }

    fn write(&mut self, frame: &HeapBuffer) {
        let bytes = frame.as_slice();
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let packet = PcapPacket::new(Duration::from_nanos(self.now.as_nanos()), length, bytes);
        match self.sink.write_packet(&packet) {
            Ok(_) => self.frames_written += 1,
            Err(error) => self.error = Some(error.into()),
        }
    }
}

impl<R: Read> Source<R> {
    fn read(&mut self, pool: &HeapPool) -> Result<Option<(Timestamp, HeapBuffer)>, CaptureError> {
        loop {
            let (at, frame) = match self {
                Self::Pcap(reader, link) => {
                    let PcapHeader { ts_resolution, snaplen, .. } = reader.header();
                    // Writers that set no limit say 0.
                    let snaplen = if snaplen == 0 { u32::MAX } else { snaplen };
                    let Some(raw) = reader.next_raw_packet().transpose()? else { return Ok(None) };
                    let original = raw.orig_len;
                    // How long a frame was of which a part was captured is not asked: its headers tell.
                    let raw = RawPcapPacket { orig_len: raw.incl_len, ..raw };
                    let packet = raw.try_into_pcap_packet(ts_resolution, snaplen)?;
                    (packet.timestamp, pool.frame(link.frame(&packet.data, original)))
                }
                Self::PcapNg(reader, interfaces) => {
                    let Some(block) = reader.next_block().transpose()? else { return Ok(None) };
                    let Some((at, data)) = interfaces.packet(&block)? else { continue };
                    (at, pool.frame(data))
                }
            };
            let at = Timestamp::ZERO.after(at);
            if let Some(frame) = frame {
                return Ok(Some((at, frame)));
            }
        }
    }
}

/// What the last field of a pcap file's header says (draft-ietf-opsawg-pcap section 4).
#[derive(Clone, Copy, Debug)]
struct Link {
    kind: DataLink,
    /// Bytes of the frame check sequence that stands behind each frame.
    check_bytes: usize,
}

impl Link {
    /// The lower 16 bits are the type; the upper 4, if the bit for them is set, count 16-bit words of a frame check sequence.
    fn of(field: u32) -> Self {
        const KIND: u32 = 0xffff;
        const HAS_CHECK: u32 = 1 << 26;
        let [upper, ..] = field.to_be_bytes();
        let check_words = if field & HAS_CHECK == 0 { 0 } else { usize::from(upper >> 4) };
        Self { kind: DataLink::from(field & KIND), check_bytes: check_words * 2 }
    }

    /// The frame in what was captured of `original` bytes: without its check sequence, if that is there. Some writers announce
    /// one and leave it out: then the frame's IP packet goes to the last byte.
    fn frame(self, captured: &[u8], original: u32) -> &[u8] {
        let original = usize::try_from(original).unwrap_or(usize::MAX).max(captured.len());
        let cut = captured.get(..original.saturating_sub(self.check_bytes)).unwrap_or(captured);
        let is_short = |frame| matches!(Frame::parse(frame), Err(DropReason::Truncated));
        if cut.len() < captured.len() && is_short(cut) && !is_short(captured) { captured } else { cut }
    }
}

fn check_link(link: DataLink) -> Result<(), CaptureError> {
    if link == DataLink::ETHERNET { Ok(()) } else { Err(CaptureError::LinkType(link)) }
}

/// True if the first frame of a pair looks like an answer: a SYN-ACK, or something from a
/// well-known port to one that is not.
fn is_answer(frame: &[u8], datagram: &Datagram) -> bool {
    if datagram.protocol == protocol::TCP
        && let Ok(segment) = Segment::parse(frame, datagram)
    {
        if segment.flags.any(Flags::SYN) {
            return segment.flags.any(Flags::ACK);
        }
        return segment.source_port < segment.destination_port;
    }
    let ports = frame.get(datagram.payload..).and_then(<[u8]>::first_chunk::<4>);
    match (datagram.protocol, ports) {
        (protocol::UDP, Some([a, b, c, d])) => {
            let (source, destination) = (u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d]));
            source < 1024 && destination >= 1024
        }
        _ => false,
    }
}

impl<R: BufRead, W: Write> Device for CaptureDevice<R, W> {
    type Buffer = HeapBuffer;

    /// One frame a call, so that each is seen at its own time.
    fn rx_burst(&mut self, side: Side, burst: &mut Burst<HeapBuffer>) -> Received {
        match self.next.take() {
            Some((at, from, frame)) if from == side && self.is_due && at <= self.now && !burst.is_full() => {
                let received = Received::of(core::slice::from_ref(&frame));
                burst.push(frame);
                received
            }
            other => {
                self.next = other;
                Received::default()
            }
        }
    }

    fn tx_burst(&mut self, _side: Side, burst: &mut Burst<HeapBuffer>) -> usize {
        let count = burst.len();
        for frame in burst.drain(..) {
            self.write(&frame);
        }
        count
    }

    fn alloc(&mut self) -> Option<HeapBuffer> {
        Some(self.pool.alloc())
    }

    fn alloc_jumbo(&mut self) -> Option<HeapBuffer> {
        Some(self.pool.alloc())
    }

    fn now(&mut self) -> Timestamp {
        self.now
    }

    fn buffers_in_use(&self) -> usize {
        self.pool.in_use() - usize::from(self.next.is_some())
    }
}

#[cfg(test)]
mod tests;
