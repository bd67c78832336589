//! Owning handles over libdpdk: the environment, lcores, packet memory, ports and their queues.
//!
//! In go typed configurations ([`EalConfig`], [`PortConfig`], [`PairConfig`]); out come values that
//! own what they name and give it back when dropped. [`PortPair`] implements
//! [`net::device::Device`] for one worker and [`Mbuf`] implements [`net::buffer::Buffer`]: above
//! those two traits nothing knows DPDK.
//!
//! This is the only crate of the project with unsafe code. What it holds to:
//!
//! - An [`Mbuf`] has one owner, one segment and one reference. It leaves by being dropped, by
//!   [`Mbuf::into_raw`] or by being sent; a burst that is sent forgets its mbufs first and takes
//!   back those that the port did not want.
//! - Packet memory is mapped from [`Mempool::create`] until [`Eal`] is dropped, and is unmapped then
//!   only if every mbuf has come back; otherwise it is left to the end of the process. So an mbuf
//!   needs neither a lifetime nor a count.
//! - A port runs until its [`Port`] handle and all its queues are gone; each queue exists once and
//!   is used through `&mut`.
//! - Nothing allocates, locks, logs or makes a system call per packet, unless the poll-mode driver
//!   itself does.
//!
//! Not here: flow rules, interrupts, secondary processes, scattered frames.

mod clock;
mod device_name;
mod eal;
pub mod kernel_path;
mod lcore;
mod mbuf;
mod mempool;
mod pair;
mod port;
pub mod toeplitz;

pub use clock::Clock;
pub use device_name::{DeviceName, InvalidDeviceName};
pub use eal::{Eal, EalConfig, EalError, Hugepages, LogLevel};
pub use lcore::{LaunchError, Lcore, LcoreId, Running};
pub use mbuf::Mbuf;
pub use mempool::{BufferSize, Mempool, MempoolConfig, MempoolError, SocketId};
pub use pair::{DeviceCounters, Distribution, PairConfig, PairError, PortPair, Ports, open_pair};
pub use port::{
    Capabilities, LinkStatus, MacAddress, Port, PortConfig, PortError, PortStats, QueueCounters, Queues, Rss, RxQueue,
    TxQueue,
};

/// The version of libdpdk that this crate was compiled against.
pub const DPDK_VERSION: &str = dpdk_sys::VERSION;
