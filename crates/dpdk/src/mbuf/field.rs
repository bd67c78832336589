//! The fields of `rte_mbuf` by the offsets that the C compiler computed.

use core::ffi::c_void;
use core::marker::PhantomData;
use core::ptr::NonNull;
use dpdk_sys::rte_mbuf;

/// A field of type `T` at a fixed place in an mbuf.
pub(super) struct Field<T> {
    offset: usize,
    kind: PhantomData<T>,
}

// `dpdk-sys` asserts the size of each of these fields when the shim is compiled.
pub(super) const BUF_ADDR: Field<*mut c_void> = Field::at(dpdk_sys::DPDK_SHIM_MBUF_BUF_ADDR);
pub(super) const DATA_OFF: Field<u16> = Field::at(dpdk_sys::DPDK_SHIM_MBUF_DATA_OFF);
pub(super) const NB_SEGS: Field<u16> = Field::at(dpdk_sys::DPDK_SHIM_MBUF_NB_SEGS);
pub(super) const OL_FLAGS: Field<u64> = Field::at(dpdk_sys::DPDK_SHIM_MBUF_OL_FLAGS);
pub(super) const PKT_LEN: Field<u32> = Field::at(dpdk_sys::DPDK_SHIM_MBUF_PKT_LEN);
pub(super) const DATA_LEN: Field<u16> = Field::at(dpdk_sys::DPDK_SHIM_MBUF_DATA_LEN);
pub(super) const VLAN_TCI: Field<u16> = Field::at(dpdk_sys::DPDK_SHIM_MBUF_VLAN_TCI);
pub(super) const VLAN_TCI_OUTER: Field<u16> = Field::at(dpdk_sys::DPDK_SHIM_MBUF_VLAN_TCI_OUTER);
pub(super) const BUF_LEN: Field<u16> = Field::at(dpdk_sys::DPDK_SHIM_MBUF_BUF_LEN);

/// Four words from [`DATA_OFF`] on: the second one has [`NB_SEGS`], the last two are [`OL_FLAGS`].
pub(super) const MARKS: Field<[u32; 4]> = Field::at(dpdk_sys::DPDK_SHIM_MBUF_DATA_OFF);
/// Four words behind [`OL_FLAGS`]: the second one is [`PKT_LEN`].
pub(super) const LENGTHS: Field<[u32; 4]> = Field::at(dpdk_sys::DPDK_SHIM_MBUF_OL_FLAGS + size_of::<u64>());
// rte_mbuf_core.h fixes these places for the drivers that write them sixteen bytes at a time.
const _: () = assert!(NB_SEGS.offset == MARKS.offset + 4 && OL_FLAGS.offset == MARKS.offset + 8, "marks");
const _: () = assert!(PKT_LEN.offset == LENGTHS.offset + 4, "lengths");

impl<T: Copy> Field<T> {
    const fn at(offset: usize) -> Self {
        assert!(offset + size_of::<T>() <= size_of::<rte_mbuf>(), "the field lies inside the struct");
        assert!(offset.is_multiple_of(align_of::<T>()), "the field is aligned");
        Self { offset, kind: PhantomData }
    }

    /// Reads the field.
    ///
    /// # Safety
    /// `mbuf` is a live mbuf that no other thread writes to.
    #[inline]
    pub(super) unsafe fn read(self, mbuf: NonNull<rte_mbuf>) -> T {
        // SAFETY: `at` checked that the field lies inside the struct.
        let place = unsafe { mbuf.byte_add(self.offset) };
        // SAFETY: the mbuf is live and the field aligned.
        unsafe { place.cast::<T>().read() }
    }

    /// Writes the field.
    ///
    /// # Safety
    /// `mbuf` is a live mbuf that no other thread reads or writes.
    #[inline]
    pub(super) unsafe fn write(self, mbuf: NonNull<rte_mbuf>, value: T) {
        // SAFETY: `at` checked that the field lies inside the struct.
        let place = unsafe { mbuf.byte_add(self.offset) };
        // SAFETY: the mbuf is live and the field aligned.
        unsafe { place.cast::<T>().write(value) }
    }
}
