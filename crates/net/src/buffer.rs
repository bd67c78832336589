//! What a frame's memory can do, apart from who owns it.
//!
//! `dpdk::Mbuf` implements [`Buffer`] for packet memory of a port, `testkit::Frame` and the pcap
//! device for plain memory, so that every line above this trait is the same code in all of them.

/// Owned memory of one frame: contiguous bytes from the Ethernet header on, with room at both ends.
///
/// Dropping a buffer gives its memory back to where it came from.
pub trait Buffer: Sized {
    /// The frame's bytes.
    fn as_slice(&self) -> &[u8];

    /// The frame's bytes, to be changed in place.
    fn as_mut_slice(&mut self) -> &mut [u8];

    /// Frame length in bytes.
    fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// True if the frame has no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Cuts the frame to its first `len` bytes; no effect if it is not longer.
    fn truncate(&mut self, len: usize);

    /// Removes `count` bytes (at most all) from the front.
    fn trim_front(&mut self, count: usize);

    /// Adds `count` bytes in front, of any content, and returns them; `None` without headroom.
    fn prepend(&mut self, count: usize) -> Option<&mut [u8]>;

    /// Adds `bytes` at the end; false, with nothing changed, without tailroom.
    fn extend(&mut self, bytes: &[u8]) -> bool;

    /// Overwrites every byte of the frame with zeros: for payload that must not linger in a pool.
    fn wipe(&mut self) {
        self.as_mut_slice().fill(0);
    }
}
