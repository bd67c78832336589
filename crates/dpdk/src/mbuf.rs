//! One frame's packet memory.

mod field;
pub(crate) mod vlan;

use core::fmt;
use core::mem::ManuallyDrop;
use core::ptr::NonNull;
use core::slice;
use net::buffer::Buffer;
use net::device::Burst;

use dpdk_sys::rte_mbuf;

/// A frame in packet memory: contiguous, owned by this handle alone, given back to its pool when
/// dropped.
///
/// The handle is the pointer, so that an array of them is what a poll-mode driver takes and fills.
/// It cannot be cloned or shared; it leaves by being dropped, sent, or by [`Mbuf::into_raw`].
#[repr(transparent)]
pub struct Mbuf(NonNull<rte_mbuf>);

// SAFETY: the handle is the only one to its mbuf, and pools take mbufs back from any thread.
unsafe impl Send for Mbuf {}

impl Mbuf {
    /// Takes over an mbuf.
    ///
    /// # Safety
    /// - `mbuf` is an mbuf of a pool of this process's EAL, and nothing else will use or free it.
    /// - It has one segment, one reference, and its data lie inside its buffer.
    #[must_use]
    pub const unsafe fn from_raw(mbuf: NonNull<rte_mbuf>) -> Self {
        Self(mbuf)
    }

    /// Gives the mbuf away: it is the caller's to free.
    #[must_use]
    pub fn into_raw(self) -> NonNull<rte_mbuf> {
        ManuallyDrop::new(self).0
    }

    /// Bytes that can be added in front.
    #[must_use]
    pub fn headroom(&self) -> usize {
        usize::from(self.get(field::DATA_OFF))
    }

    /// Bytes that can be added at the end.
    #[must_use]
    pub fn tailroom(&self) -> usize {
        usize::from(self.get(field::BUF_LEN)).saturating_sub(self.headroom() + self.data_len())
    }

    /// Gives all mbufs of a burst back at once, which costs less than one by one.
    pub fn free_burst(burst: &mut Burst<Self>) {
        let count = u32::try_from(burst.len()).unwrap_or(0);
        // SAFETY: shrinking; from here on the mbufs belong to the call below, which is given
        // exactly as many as there were.
        unsafe { burst.set_len(0) };
        // SAFETY: an `Mbuf` is a pointer, and the first `count` of the array are live mbufs that
        // nothing else owns now.
        unsafe { dpdk_sys::rte_pktmbuf_free_bulk(burst.as_mut_ptr().cast(), count) };
    }

    /// Segments of the frame; more than one never leaves this crate.
    pub(crate) fn segments(&self) -> u16 {
        self.get(field::NB_SEGS)
    }

    /// DPDK's flags.
    pub(crate) fn flags(&self) -> u64 {
        self.get(field::OL_FLAGS)
    }

    /// Bytes of all segments.
    pub(crate) fn packet_len(&self) -> u32 {
        self.get(field::PKT_LEN)
    }

    /// What says how the frame came, sixteen bytes at a time: marks and lengths.
    #[inline]
    pub(crate) fn arrival(&self) -> [[u32; 4]; 2] {
        [self.get(field::MARKS), self.get(field::LENGTHS)]
    }

    fn data_len(&self) -> usize {
        usize::from(self.get(field::DATA_LEN))
    }

    /// Where the frame's bytes begin. Valid for `data_len` bytes.
    fn data(&self) -> *mut u8 {
        let buffer = self.get(field::BUF_ADDR).cast::<u8>();
        // SAFETY: the data of an mbuf begin inside its buffer.
        unsafe { buffer.add(self.headroom()) }
    }

    fn set_data(&mut self, offset: usize, len: usize) {
        let narrow = |value: usize| u16::try_from(value).unwrap_or(u16::MAX);
        debug_assert!(offset + len <= usize::from(self.get(field::BUF_LEN)), "data outside the buffer");
        self.set(field::DATA_OFF, narrow(offset));
        self.set(field::DATA_LEN, narrow(len));
        self.set(field::PKT_LEN, u32::from(narrow(len)));
    }

    #[inline]
    fn get<T: Copy>(&self, field: field::Field<T>) -> T {
        // SAFETY: the handle owns a live mbuf.
        unsafe { field.read(self.0) }
    }

    #[inline]
    fn set<T: Copy>(&mut self, field: field::Field<T>, value: T) {
        // SAFETY: the handle owns a live mbuf, and nothing else reads or writes it.
        unsafe { field.write(self.0, value) }
    }
}

impl Drop for Mbuf {
    fn drop(&mut self) {
        // SAFETY: the handle owns the mbuf and ends here.
        unsafe { dpdk_sys::dpdk_shim_mbuf_free(self.0.as_ptr()) }
    }
}

impl Buffer for Mbuf {
    #[inline]
    fn as_slice(&self) -> &[u8] {
        // SAFETY: the frame's bytes are inside the mbuf's buffer, which is mapped and initialised
        // memory and, behind a shared reference to the only handle, not changed by anyone.
        unsafe { slice::from_raw_parts(self.data(), self.data_len()) }
    }

    #[inline]
    fn as_mut_slice(&mut self) -> &mut [u8] {
        // SAFETY: as above, and behind an exclusive reference not read by anyone either.
        unsafe { slice::from_raw_parts_mut(self.data(), self.data_len()) }
    }

    #[inline]
    fn len(&self) -> usize {
        self.data_len()
    }

    fn truncate(&mut self, len: usize) {
        if len < self.data_len() {
            self.set_data(self.headroom(), len);
        }
    }

    fn trim_front(&mut self, count: usize) {
        let count = count.min(self.data_len());
        self.set_data(self.headroom() + count, self.data_len() - count);
    }

    fn prepend(&mut self, count: usize) -> Option<&mut [u8]> {
        let offset = self.headroom().checked_sub(count)?;
        self.set_data(offset, self.data_len() + count);
        self.as_mut_slice().get_mut(..count)
    }

    fn extend(&mut self, bytes: &[u8]) -> bool {
        if bytes.len() > self.tailroom() {
            return false;
        }
        let len = self.data_len();
        self.set_data(self.headroom(), len + bytes.len());
        if let Some(room) = self.as_mut_slice().get_mut(len..) {
            room.copy_from_slice(bytes);
        }
        true
    }
}

impl fmt::Debug for Mbuf {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Mbuf")
            .field("len", &self.data_len())
            .field("headroom", &self.headroom())
            .field("tailroom", &self.tailroom())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
