//! Ports: opened, configured and started in one step, stopped when nothing uses them any more.

mod config;
mod error;
mod queue;

pub use config::{Capabilities, PortConfig, Rss};
pub use error::PortError;
pub use queue::{QueueCounters, Queues, RxQueue, TxQueue};

use crate::device_name::DeviceName;
use crate::eal::{Eal, Environment, port_by_name};
use crate::mempool::{Mempool, SocketId};
use crate::toeplitz;
use core::ffi::c_int;
use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};
use error::check;
use std::sync::Arc;

/// A port has one [`Port`] at a time.
static OPEN: [AtomicBool; PORT_COUNT_MAX] = [const { AtomicBool::new(false) }; PORT_COUNT_MAX];

const PORT_COUNT_MAX: usize = dpdk_sys::RTE_MAX_ETHPORTS as usize;

/// A started port: its link, its address, its counters.
///
/// Its queues are apart ([`Queues`]), so that each can go to the lcore that polls it. The port is
/// stopped and closed when the handle and all its queues are gone.
#[derive(Debug)]
pub struct Port {
    open: Arc<OpenPort>,
    mac: MacAddress,
    mtu: u16,
    rss: bool,
}

/// What the handle and the queues of a port share: while it lives, the port runs.
#[derive(Debug)]
pub(crate) struct OpenPort {
    id: u16,
    // Keep the memory that the port's rings point to.
    _pool: Mempool,
    _environment: Arc<Environment>,
}

/// An Ethernet address.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct MacAddress(pub [u8; 6]);

/// The state of a port's link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkStatus {
    /// Frames can pass.
    pub up: bool,
    /// Megabits per second; `None` where there is no such thing.
    pub speed_mbps: Option<u32>,
}

/// A port's own counters since it was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct PortStats {
    /// Frames received.
    pub rx_packets: u64,
    /// Bytes received.
    pub rx_bytes: u64,
    /// Frames lost because nobody took them from the port in time.
    pub rx_missed: u64,
    /// Frames received broken.
    pub rx_errors: u64,
    /// Frames lost because the pool was empty.
    pub rx_no_buffer: u64,
    /// Frames sent.
    pub tx_packets: u64,
    /// Bytes sent.
    pub tx_bytes: u64,
    /// Frames that could not be sent.
    pub tx_errors: u64,
}

impl Port {
    /// Configures and starts a port; each of its queues is in what is returned, once.
    ///
    /// # Errors
    /// There is no such device, it is open already, or it cannot do what `config` asks for.
    pub fn start(
        eal: &Eal,
        device: &DeviceName,
        config: &PortConfig,
        pool: &Mempool,
    ) -> Result<(Self, Queues), PortError> {
        let id = port_by_name(device).ok_or_else(|| PortError::Unknown { device: device.clone() })?;
        let open = OpenPort::claim(eal, id, device, pool)?;
        let capabilities = Capabilities::read(id, device)?;
        config.check(device, &capabilities, pool)?;
        let rss = config.rss_applies(&capabilities);
        config::configure(id, device, config, &capabilities)?;
        config::set_up_queues(id, device, config, pool)?;
        // SAFETY: the port is configured and all its queues are set up.
        check(device, "start the port", unsafe { dpdk_sys::rte_eth_dev_start(id) })?;
        if rss {
            config::spread_table(id, device, config.queues, &capabilities)?;
        }
        config::accept_all(id, device, config.promiscuous)?;
        // SAFETY: the port is there; failing leaves the counters as they are.
        unsafe { dpdk_sys::rte_eth_stats_reset(id) };
        let port = Self { mac: read_mac(id), mtu: config.mtu, rss, open };
        let queues = Queues::of(&port.open, config.queues, config.frame_bytes_max());
        Ok((port, queues))
    }

    /// What a device can do, before it is started.
    ///
    /// # Errors
    /// There is no such device.
    pub fn capabilities(_eal: &Eal, device: &DeviceName) -> Result<Capabilities, PortError> {
        let id = port_by_name(device).ok_or_else(|| PortError::Unknown { device: device.clone() })?;
        Capabilities::read(id, device)
    }

    /// Ethdev's number of the port.
    #[must_use]
    pub fn id(&self) -> u16 {
        self.open.id
    }

    /// The port's own Ethernet address.
    #[must_use]
    pub const fn mac(&self) -> MacAddress {
        self.mac
    }

    /// The longest IP packet of a frame, in bytes.
    #[must_use]
    pub const fn mtu(&self) -> u16 {
        self.mtu
    }

    /// True if the port spreads flows over its queues by itself.
    #[must_use]
    pub const fn has_rss(&self) -> bool {
        self.rss
    }

    /// The link now.
    #[must_use]
    pub fn link(&self) -> LinkStatus {
        let (mut up, mut speed) = (false, 0);
        // SAFETY: the port is open and both places are live.
        let result = unsafe { dpdk_sys::dpdk_shim_link(self.open.id, &raw mut up, &raw mut speed) };
        let known = result == 0 && speed != 0 && speed != u32::MAX;
        LinkStatus { up: result == 0 && up, speed_mbps: known.then_some(speed) }
    }

    /// The port's counters now.
    #[must_use]
    pub fn stats(&self) -> PortStats {
        let mut raw = dpdk_sys::rte_eth_stats::default();
        // SAFETY: the port is open and the struct is live; failing leaves it at zero.
        unsafe { dpdk_sys::rte_eth_stats_get(self.open.id, &raw mut raw) };
        PortStats {
            rx_packets: raw.ipackets,
            rx_bytes: raw.ibytes,
            rx_missed: raw.imissed,
            rx_errors: raw.ierrors,
            rx_no_buffer: raw.rx_nombuf,
            tx_packets: raw.opackets,
            tx_bytes: raw.obytes,
            tx_errors: raw.oerrors,
        }
    }

    /// Where the port's memory is best taken from.
    #[must_use]
    pub fn socket(&self) -> SocketId {
        socket_of(self.open.id)
    }
}

impl OpenPort {
    fn claim(eal: &Eal, id: u16, device: &DeviceName, pool: &Mempool) -> Result<Arc<Self>, PortError> {
        let free = OPEN.get(usize::from(id)).is_some_and(|open| !open.swap(true, Ordering::AcqRel));
        if !free {
            return Err(PortError::AlreadyOpen { device: device.clone() });
        }
        Ok(Arc::new(Self { id, _pool: pool.clone(), _environment: eal.environment() }))
    }

    pub(crate) const fn id(&self) -> u16 {
        self.id
    }
}

impl Drop for OpenPort {
    fn drop(&mut self) {
        // SAFETY: the port is open, and its queues are gone: nobody polls it.
        unsafe { dpdk_sys::rte_eth_dev_stop(self.id) };
        // SAFETY: as above. A closed port is gone for this process, so `OPEN` stays set.
        unsafe { dpdk_sys::rte_eth_dev_close(self.id) };
    }
}

impl fmt::Display for MacAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, f] = self.0;
        write!(formatter, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}")
    }
}

impl fmt::Debug for MacAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

pub(crate) fn socket_of(id: u16) -> SocketId {
    // SAFETY: a look-up by number; an unknown one is answered with -1.
    let socket: c_int = unsafe { dpdk_sys::rte_eth_dev_socket_id(id) };
    SocketId::from_raw(socket)
}

/// The port's address, all zeros if it has none.
fn read_mac(id: u16) -> MacAddress {
    let mut address = dpdk_sys::rte_ether_addr::default();
    // SAFETY: the port is open and the struct is live.
    unsafe { dpdk_sys::rte_eth_macaddr_get(id, &raw mut address) };
    MacAddress(address.addr_bytes)
}

/// The redirection table's entry for each hash value.
pub(crate) fn table_entry(index: usize, queues: u16) -> u16 {
    u16::try_from((index % toeplitz::TABLE_SIZE) % usize::from(queues.max(1))).unwrap_or(0)
}
