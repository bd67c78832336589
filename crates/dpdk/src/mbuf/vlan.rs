//! Puts stripped VLAN tags back into a frame.
//!
//! Ports are never asked to strip tags, but the kernel behind `net_af_packet` and some drivers do
//! it anyway and report the tag beside the frame (rte_mbuf_core.h, `RTE_MBUF_F_RX_VLAN_STRIPPED` and
//! `RTE_MBUF_F_RX_QINQ_STRIPPED`). They do not report its type: a single or inner tag is taken for
//! an IEEE 802.1Q customer tag (0x8100), an outer one for a service tag (0x88a8).

use super::{Mbuf, field};
use net::buffer::Buffer;

/// Both MAC addresses, behind which tags stand.
const ADDRESSES_LEN: usize = 12;
const TAG_LEN: usize = 4;
const CUSTOMER_TAG: u16 = 0x8100;
const SERVICE_TAG: u16 = 0x88a8;

const STRIPPED: u64 = dpdk_sys::DPDK_SHIM_RX_VLAN_STRIPPED | dpdk_sys::DPDK_SHIM_RX_QINQ_STRIPPED;
const REPORTED: u64 = STRIPPED | dpdk_sys::DPDK_SHIM_RX_VLAN | dpdk_sys::DPDK_SHIM_RX_QINQ;

/// True if the flags, of one mbuf or of many at once, tell of a stripped tag.
pub(crate) const fn is_stripped(flags: u64) -> bool {
    flags & STRIPPED != 0
}

impl Mbuf {
    /// Makes the frame what it was on the wire; false, with nothing changed, without the room.
    #[must_use]
    pub(crate) fn restore_tags(&mut self) -> bool {
        let flags = self.flags();
        let inner =
            (flags & dpdk_sys::DPDK_SHIM_RX_VLAN_STRIPPED != 0).then(|| (CUSTOMER_TAG, self.get(field::VLAN_TCI)));
        let outer =
            (flags & dpdk_sys::DPDK_SHIM_RX_QINQ_STRIPPED != 0).then(|| (SERVICE_TAG, self.get(field::VLAN_TCI_OUTER)));
        let added = (usize::from(inner.is_some()) + usize::from(outer.is_some())) * TAG_LEN;
        if self.data_len() < ADDRESSES_LEN || self.prepend(added).is_none() {
            return false;
        }
        self.as_mut_slice().copy_within(added..added + ADDRESSES_LEN, 0);
        // The outer tag comes first on the wire.
        let mut at = ADDRESSES_LEN;
        for (kind, control) in outer.into_iter().chain(inner) {
            self.write_tag(at, kind, control);
            at += TAG_LEN;
        }
        self.set(field::OL_FLAGS, flags & !REPORTED);
        true
    }

    fn write_tag(&mut self, at: usize, kind: u16, control: u16) {
        let [a, b] = kind.to_be_bytes();
        let [c, d] = control.to_be_bytes();
        if let Some(tag) = self.as_mut_slice().get_mut(at..at + TAG_LEN) {
            tag.copy_from_slice(&[a, b, c, d]);
        }
    }
}
