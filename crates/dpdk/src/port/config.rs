//! What is asked of a port, and how it is asked for.
//!
//! Offloads: none. Frames arrive as they were on the wire (tags not stripped, segments not merged or
//! scattered), and leave with the checksums that stand in them: `net` updates those incrementally,
//! which is cheaper than a transmit path with offloads. Fast-free in particular stays off, because
//! mbufs of two pools leave through one queue.

use super::error::{PortError, check, check_optional};
use super::{socket_of, table_entry};
use crate::device_name::DeviceName;
use crate::mempool::{BufferSize, Mempool};
use crate::toeplitz;
use core::ffi::CStr;
use dpdk_sys::{rte_eth_conf, rte_eth_dev_info, rte_eth_rss_reta_entry64};

/// Descriptors of a receive and of a transmit ring, where the driver has no other opinion: a
/// millisecond of 1 Mpps.
const DESCRIPTOR_COUNT: u16 = 1024;

/// Ethernet header and two VLAN tags.
const LINK_HEADER_LEN: u32 = 14 + 2 * 4;

/// The RSS key of most ports; those that say nothing about theirs take this length.
const RSS_KEY_LEN: u8 = 40;

/// The longest redirection table that is written.
const RETA_SIZE_MAX: u16 = 4096;

/// What is asked of a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortConfig {
    /// Receive queues, and as many transmit queues: one of each per worker.
    pub queues: u16,
    /// The longest IP packet of a frame, in bytes.
    pub mtu: u16,
    /// Take frames for all addresses.
    pub promiscuous: bool,
    /// Who spreads flows over the queues.
    pub rss: Rss,
}

/// Whether a port spreads flows over its queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Rss {
    /// It does not: one queue, or whoever is behind the port spreads by its own rule.
    #[default]
    Off,
    /// By the symmetric hash over IP addresses, if the port can and has more than one queue.
    Addresses,
}

impl Default for PortConfig {
    fn default() -> Self {
        Self { queues: 1, mtu: 1500, promiscuous: true, rss: Rss::Off }
    }
}

/// What a device can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The name of its driver.
    pub driver: String,
    /// Queues of each kind.
    pub queues_max: u16,
    /// The smallest MTU.
    pub mtu_min: u16,
    /// The largest MTU.
    pub mtu_max: u16,
    /// True if it can hash IPv4 and IPv6 by their addresses alone.
    pub rss_addresses: bool,
    rss_key_len: u8,
    reta_size: u16,
}

impl Capabilities {
    pub(super) fn read(id: u16, device: &DeviceName) -> Result<Self, PortError> {
        let raw = read_info(id, device)?;
        const ADDRESSES: u64 = dpdk_sys::DPDK_SHIM_RSS_IPV4 | dpdk_sys::DPDK_SHIM_RSS_IPV6;
        let driver = if raw.driver_name.is_null() {
            String::new()
        } else {
            // SAFETY: a driver's name is a static, terminated string.
            unsafe { CStr::from_ptr(raw.driver_name) }.to_string_lossy().into_owned()
        };
        Ok(Self {
            driver,
            queues_max: raw.max_rx_queues.min(raw.max_tx_queues),
            mtu_min: raw.min_mtu,
            mtu_max: raw.max_mtu,
            rss_addresses: raw.flow_type_rss_offloads & ADDRESSES == ADDRESSES && raw.reta_size > 0,
            rss_key_len: if raw.hash_key_size == 0 { RSS_KEY_LEN } else { raw.hash_key_size },
            reta_size: raw.reta_size.min(RETA_SIZE_MAX),
        })
    }
}

impl PortConfig {
    /// The longest frame of the MTU: with Ethernet header and two VLAN tags, without checksum.
    pub(super) const fn frame_bytes_max(&self) -> u32 {
        self.mtu as u32 + LINK_HEADER_LEN
    }

    /// The smallest mbuf that a frame of the MTU fits.
    pub(crate) const fn buffer_size(&self) -> BufferSize {
        if self.frame_bytes_max() <= BufferSize::Normal.bytes() as u32 { BufferSize::Normal } else { BufferSize::Jumbo }
    }

    pub(super) fn check(&self, device: &DeviceName, can: &Capabilities, pool: &Mempool) -> Result<(), PortError> {
        let device = || device.clone();
        if self.queues == 0 || self.queues > can.queues_max {
            return Err(PortError::Queues { device: device(), wanted: self.queues, most: can.queues_max });
        }
        if self.mtu < can.mtu_min || self.mtu > can.mtu_max {
            return Err(PortError::Mtu { device: device(), wanted: self.mtu, least: can.mtu_min, most: can.mtu_max });
        }
        let (needed, room) = (self.frame_bytes_max(), pool.size().bytes());
        if needed > u32::from(room) {
            return Err(PortError::BufferTooSmall { device: device(), mtu: self.mtu, needed, room });
        }
        Ok(())
    }

    pub(super) const fn rss_applies(&self, can: &Capabilities) -> bool {
        matches!(self.rss, Rss::Addresses) && self.queues > 1 && can.rss_addresses
    }
}

fn read_info(id: u16, device: &DeviceName) -> Result<rte_eth_dev_info, PortError> {
    let mut raw = rte_eth_dev_info::default();
    // SAFETY: the struct is live; an unknown port is an error.
    check(device, "read its capabilities", unsafe { dpdk_sys::rte_eth_dev_info_get(id, &raw mut raw) })?;
    Ok(raw)
}

/// Asks for queues, MTU and RSS.
pub(super) fn configure(
    id: u16,
    device: &DeviceName,
    config: &PortConfig,
    can: &Capabilities,
) -> Result<(), PortError> {
    let mut key = toeplitz::key(usize::from(can.rss_key_len));
    let mut raw = rte_eth_conf::default();
    raw.rxmode.mtu = u32::from(config.mtu);
    raw.rxmode.mq_mode = dpdk_sys::RTE_ETH_MQ_RX_NONE;
    if config.rss_applies(can) {
        raw.rxmode.mq_mode = dpdk_sys::RTE_ETH_MQ_RX_RSS;
        raw.rx_adv_conf.rss_conf.rss_key = key.as_mut_ptr();
        raw.rx_adv_conf.rss_conf.rss_key_len = can.rss_key_len;
        raw.rx_adv_conf.rss_conf.rss_hf = dpdk_sys::DPDK_SHIM_RSS_IPV4 | dpdk_sys::DPDK_SHIM_RSS_IPV6;
    }
    // SAFETY: the configuration is live, the key behind it too; both are copied.
    let result = unsafe { dpdk_sys::rte_eth_dev_configure(id, config.queues, config.queues, &raw const raw) };
    check(device, "configure the port", result)?;
    set_mtu(id, device, config.mtu)
}

/// Sets the MTU where the driver did not take it from the configuration.
fn set_mtu(id: u16, device: &DeviceName, wanted: u16) -> Result<(), PortError> {
    let mut mtu = 0;
    // SAFETY: the port is there and the place is live.
    let known = unsafe { dpdk_sys::rte_eth_dev_get_mtu(id, &raw mut mtu) } == 0;
    if known && mtu == wanted {
        return Ok(());
    }
    // SAFETY: the port is configured and not started.
    check_optional(device, "set the MTU", unsafe { dpdk_sys::rte_eth_dev_set_mtu(id, wanted) })
}

/// Gives every queue its ring, and the receiving ones the pool.
pub(super) fn set_up_queues(
    id: u16,
    device: &DeviceName,
    config: &PortConfig,
    pool: &Mempool,
) -> Result<(), PortError> {
    let (mut rx_count, mut tx_count) = (DESCRIPTOR_COUNT, DESCRIPTOR_COUNT);
    // SAFETY: the port is configured and both places are live.
    let result = unsafe { dpdk_sys::rte_eth_dev_adjust_nb_rx_tx_desc(id, &raw mut rx_count, &raw mut tx_count) };
    check(device, "size its rings", result)?;
    let socket = socket_of(id).raw().cast_unsigned();
    let info = read_info(id, device)?;
    let mut rx = info.default_rxconf;
    rx.offloads = 0;
    let mut tx = info.default_txconf;
    tx.offloads = 0;
    for queue in 0..config.queues {
        // SAFETY: the queue exists by `configure`; the pool outlives the port by `OpenPort`.
        let result =
            unsafe { dpdk_sys::rte_eth_rx_queue_setup(id, queue, rx_count, socket, &raw const rx, pool.as_ptr()) };
        check(device, "set up a receive queue", result)?;
        // SAFETY: the queue exists by `configure`.
        let result = unsafe { dpdk_sys::rte_eth_tx_queue_setup(id, queue, tx_count, socket, &raw const tx) };
        check(device, "set up a transmit queue", result)?;
    }
    Ok(())
}

/// Writes the redirection table, so that all ports send a hash to the queue of the same number.
pub(super) fn spread_table(id: u16, device: &DeviceName, queues: u16, can: &Capabilities) -> Result<(), PortError> {
    let group_len = usize::from(dpdk_sys::DPDK_SHIM_RETA_GROUP_SIZE);
    let groups = usize::from(can.reta_size).div_ceil(group_len);
    let mut table = vec![rte_eth_rss_reta_entry64::default(); groups];
    for index in 0..usize::from(can.reta_size) {
        let Some(group) = table.get_mut(index / group_len) else { break };
        group.mask |= 1 << (index % group_len);
        if let Some(entry) = group.reta.get_mut(index % group_len) {
            *entry = table_entry(index, queues);
        }
    }
    // SAFETY: the port is started and the table has a group for each of its entries.
    let result = unsafe { dpdk_sys::rte_eth_dev_rss_reta_update(id, table.as_mut_ptr(), can.reta_size) };
    check(device, "spread flows over its queues", result)
}

/// Takes frames for all addresses, or only for the port's own.
pub(super) fn accept_all(id: u16, device: &DeviceName, promiscuous: bool) -> Result<(), PortError> {
    if !promiscuous {
        return Ok(());
    }
    // SAFETY: the port is started.
    let result = unsafe { dpdk_sys::rte_eth_promiscuous_enable(id) };
    check_optional(device, "take frames for all addresses", result)?;
    // SAFETY: the port is started.
    let result = unsafe { dpdk_sys::rte_eth_allmulticast_enable(id) };
    check_optional(device, "take frames for all groups", result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_with_tables_of_different_sizes_agree_with_the_software() {
        for queues in 1..=8 {
            for hash in 0..10_000_u32 {
                let expected = toeplitz::worker_of_hash(hash, usize::from(queues));
                for reta_size in [64, 128, 512, 2048] {
                    let entry = table_entry(hash as usize % reta_size, queues);
                    assert_eq!(usize::from(entry), expected);
                }
            }
        }
    }
}
