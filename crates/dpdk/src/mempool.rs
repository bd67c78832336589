//! Packet memory: pools of mbufs of one size.

use crate::eal::{Eal, Environment, errno, explain};
use crate::mbuf::Mbuf;
use core::ffi::c_int;
use core::fmt;
use core::ptr::{NonNull, null_mut};
use core::sync::atomic::{AtomicU32, Ordering};
use std::ffi::CString;
use std::sync::Arc;
use thiserror::Error;

use dpdk_sys::{rte_mbuf, rte_mempool, rte_pktmbuf_pool_private};

/// Mbufs that an lcore keeps to itself between visits to the pool's ring.
const CACHE_SIZE: u32 = 256;

/// The smallest pool that can afford a cache per lcore.
const CACHED_COUNT_MIN: u32 = 2048;

/// The largest pool: more is a mistake in a configuration (at 2 KiB each this is 128 GiB).
const COUNT_MAX: u32 = 1 << 26;

/// The struct in front of an mbuf's buffer.
#[expect(clippy::cast_possible_truncation, reason = "two cache lines")]
const ELEMENT_HEADER_LEN: u32 = size_of::<rte_mbuf>() as u32;

/// What a pool of mbufs keeps about itself.
#[expect(clippy::cast_possible_truncation, reason = "a handful of bytes")]
const PRIVATE_LEN: u32 = size_of::<rte_pktmbuf_pool_private>() as u32;

/// Makes the names of pools unique in the process.
static NEXT_NUMBER: AtomicU32 = AtomicU32::new(0);

/// A NUMA node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum SocketId {
    /// Whichever has memory.
    #[default]
    Any,
    /// This one.
    Node(u16),
}

impl SocketId {
    /// DPDK's number: -1 is any.
    pub(crate) const fn raw(self) -> c_int {
        match self {
            Self::Any => -1,
            Self::Node(node) => node as c_int,
        }
    }

    pub(crate) fn from_raw(raw: c_int) -> Self {
        u16::try_from(raw).map_or(Self::Any, Self::Node)
    }
}

/// How many bytes of a frame an mbuf of a pool can hold, beside its headroom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum BufferSize {
    /// 2048 bytes: a frame of an ordinary MTU.
    #[default]
    Normal,
    /// 9216 bytes: a jumbo frame, or a datagram that was put together.
    Jumbo,
}

impl BufferSize {
    /// Bytes of a frame.
    #[must_use]
    pub const fn bytes(self) -> u16 {
        match self {
            Self::Normal => 2048,
            Self::Jumbo => 9216,
        }
    }
}

/// What a pool is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MempoolConfig {
    /// How many mbufs; a power of two less one fits its ring best.
    pub count: u32,
    /// What each can hold.
    pub size: BufferSize,
    /// Where the memory is.
    pub socket: SocketId,
}

/// Why a pool was not made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MempoolError {
    /// Not a number of mbufs that makes sense.
    #[error("a pool of {count} mbufs cannot be made; choose 1 to {COUNT_MAX}")]
    Count {
        /// What was asked for.
        count: u32,
    },
    /// There is not enough memory.
    #[error(
        "no memory for a pool of {count} mbufs ({megabytes} MiB); reserve more hugepages, give EAL more memory (-m) or make the pool smaller"
    )]
    NoMemory {
        /// How many mbufs.
        count: u32,
        /// What they take.
        megabytes: u32,
    },
    /// Something else.
    #[error("a pool of {count} mbufs could not be made: {cause}")]
    Refused {
        /// How many mbufs.
        count: u32,
        /// What DPDK said.
        cause: String,
    },
}

/// A handle to a pool of mbufs; clones name the same pool.
///
/// The pool itself stays until [`Eal`] is dropped, so that an [`Mbuf`] needs nothing but its
/// pointer, whatever becomes of the handles.
#[derive(Clone)]
pub struct Mempool {
    pool: NonNull<rte_mempool>,
    count: u32,
    size: BufferSize,
    _environment: Arc<Environment>,
}

// SAFETY: a mempool is made to be used by many threads at once (it is created without the
// single-producer and single-consumer flags).
unsafe impl Send for Mempool {}
// SAFETY: as above.
unsafe impl Sync for Mempool {}

impl Mempool {
    /// Makes a pool.
    ///
    /// # Errors
    /// There is not enough memory, or the number makes no sense.
    pub fn create(eal: &Eal, config: &MempoolConfig) -> Result<Self, MempoolError> {
        let count = config.count;
        if count == 0 || count > COUNT_MAX {
            return Err(MempoolError::Count { count });
        }
        let room = config.size.bytes() + dpdk_sys::DPDK_SHIM_HEADROOM;
        let pool = create_pool(count, room, config.socket).map_err(|errno| refusal(errno, count, room))?;
        let environment = eal.environment();
        environment.register(pool);
        Ok(Self { pool, count, size: config.size, _environment: environment })
    }

    /// An mbuf with headroom and no data, or `None` if the pool is empty.
    #[must_use]
    pub fn alloc(&self) -> Option<Mbuf> {
        // SAFETY: the pool is live.
        let mbuf = NonNull::new(unsafe { dpdk_sys::dpdk_shim_mbuf_alloc(self.pool.as_ptr()) })?;
        // SAFETY: a fresh mbuf has one segment, one reference and no other owner.
        Some(unsafe { Mbuf::from_raw(mbuf) })
    }

    /// Mbufs that are somewhere else: in a port's rings, with a worker, on their way.
    #[must_use]
    pub fn in_use(&self) -> usize {
        // SAFETY: the pool is live.
        let count = unsafe { dpdk_sys::rte_mempool_in_use_count(self.pool.as_ptr()) };
        usize::try_from(count).unwrap_or(usize::MAX)
    }

    /// Mbufs that can be had.
    #[must_use]
    pub fn available(&self) -> usize {
        // SAFETY: the pool is live.
        let count = unsafe { dpdk_sys::rte_mempool_avail_count(self.pool.as_ptr()) };
        usize::try_from(count).unwrap_or(usize::MAX)
    }

    /// All mbufs of the pool.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// What each mbuf can hold.
    #[must_use]
    pub const fn size(&self) -> BufferSize {
        self.size
    }

    pub(crate) const fn as_ptr(&self) -> *mut rte_mempool {
        self.pool.as_ptr()
    }
}

impl fmt::Debug for Mempool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Mempool").field("count", &self.count).field("size", &self.size).finish_non_exhaustive()
    }
}

/// Makes and fills a pool: what `rte_pktmbuf_pool_create` does, and a flag.
///
/// Without hugepages that function keeps each mbuf inside one page of 4 KiB, for devices that need
/// physical addresses; there are none then. All headers would begin at the start of a page and share
/// one set of the first-level cache, and `net_af_xdp`, which counts on mbufs lying side by side,
/// would register too little memory.
fn create_pool(count: u32, room: u16, socket: SocketId) -> Result<NonNull<rte_mempool>, c_int> {
    let name = format!("mbufs-{}", NEXT_NUMBER.fetch_add(1, Ordering::Relaxed));
    let name = CString::new(name).map_err(|_| libc::EINVAL)?;
    let cache = if count >= CACHED_COUNT_MIN { CACHE_SIZE } else { 0 };
    let element = ELEMENT_HEADER_LEN + u32::from(room);
    // SAFETY: reads EAL's configuration.
    let scattered = unsafe { dpdk_sys::rte_eal_has_hugepages() } == 0;
    let flags = if scattered { dpdk_sys::DPDK_SHIM_MEMPOOL_NO_IOVA_CONTIG } else { 0 };
    // SAFETY: EAL runs (the caller has an `Eal`) and the name is terminated; DPDK copies it.
    let pool = unsafe {
        dpdk_sys::rte_mempool_create_empty(name.as_ptr(), count, element, cache, PRIVATE_LEN, socket.raw(), flags)
    };
    let pool = NonNull::new(pool).ok_or_else(errno)?;
    if let Err(error) = fill_pool(pool, room) {
        // SAFETY: the pool is live, and no mbuf of it has ever been out.
        unsafe { dpdk_sys::rte_mempool_free(pool.as_ptr()) };
        return Err(error);
    }
    Ok(pool)
}

/// The error is an errno: what these calls return, for they do not all set `rte_errno`.
fn fill_pool(pool: NonNull<rte_mempool>, room: u16) -> Result<(), c_int> {
    // SAFETY: returns a static, terminated string.
    let operations = unsafe { dpdk_sys::rte_mbuf_best_mempool_ops() };
    // SAFETY: the pool is live and not filled yet, the name terminated; these operations take no
    // configuration.
    let chosen = unsafe { dpdk_sys::rte_mempool_set_ops_byname(pool.as_ptr(), operations, null_mut()) };
    if chosen != 0 {
        return Err(chosen.saturating_neg());
    }
    let mut private = rte_pktmbuf_pool_private { mbuf_data_room_size: room, ..Default::default() };
    // SAFETY: the pool is live and was made with room for this struct, which is copied.
    unsafe { dpdk_sys::rte_pktmbuf_pool_init(pool.as_ptr(), (&raw mut private).cast()) };
    // SAFETY: the pool is live and not filled yet.
    let filled = unsafe { dpdk_sys::rte_mempool_populate_default(pool.as_ptr()) };
    if filled < 0 {
        return Err(filled.saturating_neg());
    }
    // SAFETY: every element of the pool is an mbuf with this room, which is what the callback takes.
    unsafe { dpdk_sys::rte_mempool_obj_iter(pool.as_ptr(), Some(dpdk_sys::rte_pktmbuf_init), null_mut()) };
    Ok(())
}

#[cold]
fn refusal(errno: c_int, count: u32, room: u16) -> MempoolError {
    let bytes = u64::from(count) * u64::from(ELEMENT_HEADER_LEN + u32::from(room));
    let megabytes = u32::try_from(bytes.div_ceil(1 << 20)).unwrap_or(u32::MAX);
    if errno == libc::ENOMEM {
        MempoolError::NoMemory { count, megabytes }
    } else {
        MempoolError::Refused { count, cause: explain(errno) }
    }
}
