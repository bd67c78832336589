//! The two ports of an appliance, shared out to its workers.
//!
//! Each worker gets a [`PortPair`]: what it needs to run to completion on its own. Both directions
//! of a flow come to the same worker, by one of three ways ([`Distribution`]).

mod link;

use crate::clock::Clock;
use crate::device_name::DeviceName;
use crate::eal::Eal;
use crate::mbuf::Mbuf;
use crate::mempool::{BufferSize, Mempool, MempoolConfig, MempoolError, SocketId};
use crate::port::{Capabilities, Port, PortConfig, PortError, QueueCounters, Queues, Rss};
use link::Link;
use net::device::{Burst, Device, Received};
use net::{Side, Timestamp};
use thiserror::Error;

/// More workers than any port has queues for.
pub(crate) const WORKER_COUNT_MAX: u16 = 64;

/// What the appliance's ports are started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairConfig {
    /// The port toward the users.
    pub inside: DeviceName,
    /// The port toward the providers.
    pub outside: DeviceName,
    /// How many workers share the ports.
    pub workers: u16,
    /// The longest IP packet of a frame on either port, in bytes.
    pub mtu: u16,
    /// Buffers for frames, of all workers together. Receive rings take 1024 a worker and port.
    pub buffer_count: u32,
    /// Buffers of 9 KiB for datagrams that are put together, of all workers together.
    pub jumbo_count: u32,
}

/// How frames find their worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Distribution {
    /// There is one worker.
    Single,
    /// Both ports hash addresses by themselves, with the same key and the same table.
    Ports,
    /// The first worker polls both ports, hashes, and hands over.
    Software,
}

/// What is the same for all workers.
#[derive(Debug)]
pub struct Ports {
    /// The port toward the users.
    pub inside: Port,
    /// The port toward the providers.
    pub outside: Port,
    /// Buffers for frames.
    pub pool: Mempool,
    /// Buffers for datagrams.
    pub jumbo: Mempool,
    /// How frames find their worker.
    pub distribution: Distribution,
}

/// Why the ports could not be started.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PairError {
    /// A number of workers that cannot be.
    #[error("{workers} workers cannot share the ports; choose 1 to {WORKER_COUNT_MAX} lcores")]
    Workers {
        /// What was asked for.
        workers: u16,
    },
    /// A port.
    #[error(transparent)]
    Port(#[from] PortError),
    /// Packet memory.
    #[error(transparent)]
    Mempool(#[from] MempoolError),
}

/// One worker's share of the two ports, with packet memory and a clock.
#[derive(Debug)]
pub struct PortPair {
    inside: Link,
    outside: Link,
    pool: Mempool,
    jumbo: Mempool,
    clock: Clock,
}

/// Frames that a worker's share of the ports dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct DeviceCounters {
    /// What the receive queues dropped, both together.
    pub queues: QueueCounters,
    /// Frames for a worker whose ring was full (software distribution, counted at the first worker).
    pub rings_full: u64,
}

/// Starts both ports and returns a device for each worker.
///
/// With [`Distribution::Software`] the first device must be polled for the others to receive and
/// send anything, also when they have stopped and their last frames are still to go.
///
/// # Errors
/// A port or its memory cannot be had as configured.
pub fn open_pair(eal: &Eal, config: &PairConfig) -> Result<(Ports, Vec<PortPair>), PairError> {
    let workers = config.workers;
    if workers == 0 || workers > WORKER_COUNT_MAX {
        return Err(PairError::Workers { workers });
    }
    let abilities = [&config.inside, &config.outside].map(|device| Port::capabilities(eal, device));
    let [inside, outside] = abilities;
    let distribution = choose(workers, &inside?, &outside?);
    let (queues, rss) = match distribution {
        Distribution::Single | Distribution::Software => (1, Rss::Off),
        Distribution::Ports => (workers, Rss::Addresses),
    };
    let port_config = PortConfig { queues, mtu: config.mtu, promiscuous: true, rss };
    let socket = SocketId::Any;
    let size = port_config.buffer_size();
    let pool = Mempool::create(eal, &MempoolConfig { count: config.buffer_count, size, socket })?;
    let jumbo = MempoolConfig { count: config.jumbo_count, size: BufferSize::Jumbo, socket };
    let jumbo = Mempool::create(eal, &jumbo)?;
    let (inside, inside_queues) = Port::start(eal, &config.inside, &port_config, &pool)?;
    let (outside, outside_queues) = Port::start(eal, &config.outside, &port_config, &pool)?;
    let links =
        link_all(inside_queues, distribution, workers).into_iter().zip(link_all(outside_queues, distribution, workers));
    let pairs = links
        .map(|(inside, outside)| PortPair {
            inside,
            outside,
            pool: pool.clone(),
            jumbo: jumbo.clone(),
            clock: eal.clock(),
        })
        .collect();
    Ok((Ports { inside, outside, pool, jumbo, distribution }, pairs))
}

fn choose(workers: u16, inside: &Capabilities, outside: &Capabilities) -> Distribution {
    let able = |port: &Capabilities| port.rss_addresses && port.queues_max >= workers;
    if workers == 1 {
        Distribution::Single
    } else if able(inside) && able(outside) {
        Distribution::Ports
    } else {
        Distribution::Software
    }
}

/// One side's links, a worker each, in the order of the workers.
fn link_all(queues: Queues, distribution: Distribution, workers: u16) -> Vec<Link> {
    let direct = queues.rx.into_iter().zip(queues.tx);
    match distribution {
        Distribution::Single | Distribution::Ports => direct.map(|(rx, tx)| Link::direct(rx, tx)).collect(),
        Distribution::Software => direct.flat_map(|(rx, tx)| Link::distributed(rx, tx, workers)).collect(),
    }
}

impl PortPair {
    /// Frames dropped so far.
    #[must_use]
    pub fn counters(&self) -> DeviceCounters {
        let mut sum = DeviceCounters::default();
        for link in [&self.inside, &self.outside] {
            let (queue, rings_full) = link.counters();
            sum.queues.rx_segmented += queue.rx_segmented;
            sum.queues.rx_too_long += queue.rx_too_long;
            sum.queues.rx_untagged += queue.rx_untagged;
            sum.rings_full += rings_full;
        }
        sum
    }

    const fn link(&mut self, side: Side) -> &mut Link {
        match side {
            Side::Inside => &mut self.inside,
            Side::Outside => &mut self.outside,
        }
    }
}

impl Device for PortPair {
    type Buffer = Mbuf;

    #[inline]
    fn rx_burst(&mut self, side: Side, burst: &mut Burst<Mbuf>) -> Received {
        self.link(side).rx_burst(burst)
    }

    #[inline]
    fn tx_burst(&mut self, side: Side, burst: &mut Burst<Mbuf>) -> usize {
        self.link(side).tx_burst(burst)
    }

    #[inline]
    fn free(&mut self, burst: &mut Burst<Mbuf>) {
        Mbuf::free_burst(burst);
    }

    #[inline]
    fn alloc(&mut self) -> Option<Mbuf> {
        self.pool.alloc()
    }

    #[inline]
    fn alloc_jumbo(&mut self) -> Option<Mbuf> {
        self.jumbo.alloc()
    }

    #[inline]
    fn now(&mut self) -> Timestamp {
        self.clock.now()
    }

    fn buffers_in_use(&self) -> usize {
        self.pool.in_use() + self.jumbo.in_use()
    }
}
