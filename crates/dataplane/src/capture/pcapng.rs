//! What a pcapng file says of its interfaces: their link layer, and what their timestamps count
//! (draft-ietf-opsawg-pcapng, sections 4.2 to 4.4 and appendix A).

use super::{CaptureError, check_link};
use core::time::Duration;
use pcap_file::pcapng::Block;
use pcap_file::pcapng::blocks::interface_description::{InterfaceDescriptionBlock, InterfaceDescriptionOption};
use pcap_file::{DataLink, Endianness, PcapError};

/// The resolution where an interface names none: microseconds.
const RESOLUTION: u8 = 6;
/// The bit of a resolution that makes it a power of 2, not of 10.
const BINARY: u8 = 0x80;

/// An interface of the section that is being read.
#[derive(Clone, Copy, Debug)]
struct Interface {
    link: DataLink,
    resolution: u8,
    /// Seconds that are added to its timestamps, as a two's complement.
    offset_seconds: u64,
    /// Bytes of a packet that were captured at most; 0 is no limit.
    snap_len: u32,
}

/// The interfaces of the section that is being read.
#[derive(Debug)]
pub(super) struct Interfaces {
    all: Vec<Interface>,
    order: Endianness,
    /// The time of the last packet: simple packets have none of their own.
    last: Duration,
}

impl Interfaces {
    /// Those of a section of this byte order, none so far.
    pub(super) const fn new(order: Endianness) -> Self {
        Self { all: Vec::new(), order, last: Duration::ZERO }
    }

    /// The packet in a block and when it was captured; `None` if the block holds none.
    ///
    /// # Errors
    /// If the packet is of no interface that was described, or that interface is not Ethernet.
    pub(super) fn packet<'b>(&mut self, block: &'b Block<'_>) -> Result<Option<(Duration, &'b [u8])>, CaptureError> {
        let (interface, units, data): (u32, u64, &[u8]) = match block {
            Block::SectionHeader(section) => {
                *self = Self { last: self.last, ..Self::new(section.endianness) };
                return Ok(None);
            }
            Block::InterfaceDescription(described) => {
                self.all.push(Interface::of(described));
                return Ok(None);
            }
            Block::SimplePacket(packet) => {
                let interface = self.find(0)?;
                let snap_len = if interface.snap_len == 0 { u32::MAX } else { interface.snap_len };
                let len = usize::try_from(packet.original_len.min(snap_len)).unwrap_or(usize::MAX);
                return Ok(Some((self.last, packet.data.get(..len).unwrap_or(&packet.data))));
            }
            // The reader takes all timestamps for nanoseconds: that gives the count back.
            Block::EnhancedPacket(packet) => {
                let units = u64::try_from(packet.timestamp.as_nanos()).unwrap_or(u64::MAX);
                (packet.interface_id, units, &packet.data)
            }
            // Its timestamp stands in two halves, the higher one first, in either byte order.
            Block::Packet(packet) => {
                let is_little = self.order == Endianness::Little;
                let units = if is_little { packet.timestamp.rotate_left(32) } else { packet.timestamp };
                (packet.interface_id.into(), units, &packet.data)
            }
            Block::NameResolution(_)
            | Block::InterfaceStatistics(_)
            | Block::SystemdJournalExport(_)
            | Block::Unknown(_) => return Ok(None),
        };
        self.last = self.find(interface)?.time(units);
        Ok(Some((self.last, data)))
    }

    fn find(&self, interface: u32) -> Result<Interface, CaptureError> {
        let found = usize::try_from(interface).ok().and_then(|place| self.all.get(place));
        let found = found.ok_or(PcapError::InvalidInterfaceId(interface))?;
        check_link(found.link)?;
        Ok(*found)
    }
}

impl Interface {
    fn of(block: &InterfaceDescriptionBlock<'_>) -> Self {
        let (link, snap_len) = (block.linktype, block.snaplen);
        let mut interface = Self { link, resolution: RESOLUTION, offset_seconds: 0, snap_len };
        for option in &block.options {
            if let InterfaceDescriptionOption::IfTsResol(resolution) = option {
                interface.resolution = *resolution;
            }
            if let InterfaceDescriptionOption::IfTsOffset(seconds) = option {
                interface.offset_seconds = *seconds;
            }
        }
        interface
    }

    /// The time, since 1970, that so many units are.
    fn time(self, units: u64) -> Duration {
        let (units, power) = (u128::from(units), u32::from(self.resolution & !BINARY));
        let nanos = match self.resolution & BINARY {
            0 if power <= 9 => units.checked_mul(10_u128.pow(9 - power)),
            0 => Some(10_u128.checked_pow(power - 9).map_or(0, |parts| units / parts)),
            _ => units.checked_mul(1_000_000_000).map(|nanos| nanos.checked_shr(power).unwrap_or(0)),
        };
        let nanos = nanos.and_then(|nanos| u64::try_from(nanos).ok()).unwrap_or(u64::MAX);
        let offset = self.offset_seconds.cast_signed();
        let moved = Duration::from_secs(offset.unsigned_abs());
        let time = Duration::from_nanos(nanos);
        if offset < 0 { time.saturating_sub(moved) } else { time.saturating_add(moved) }
    }
}

#[cfg(test)]
mod tests;
