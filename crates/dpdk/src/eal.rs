//! DPDK's environment: started once, stopped when nothing needs it any more.

mod arguments;
mod config;
mod error;
mod hugepages;
mod log;

pub use config::{EalConfig, Hugepages, LogLevel};
pub use error::EalError;

use crate::clock::Clock;
use crate::device_name::DeviceName;
use crate::lcore::{Lcore, LcoreId};
use core::ffi::{CStr, c_char, c_int};
use core::marker::PhantomData;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, Ordering, fence};
use rustix::mm::{MlockAllFlags, mlockall};
use std::ffi::CString;
use std::sync::{Arc, Mutex, PoisonError};

/// EAL can be initialised once in the life of a process, even after it was cleaned up.
static STARTED: AtomicBool = AtomicBool::new(false);

/// What EAL takes for the program's name.
const PROGRAM: &str = "sovereign";

/// The initialised environment. The thread that made it is the main lcore.
///
/// Dropping it stops EAL if nothing of it is left: no port, no pool handle, no running lcore, no
/// mbuf. Otherwise EAL is left as it is for the process's exit to clear, because packet memory must
/// not be unmapped under an mbuf that is still somewhere.
#[derive(Debug)]
pub struct Eal {
    environment: Arc<Environment>,
    main: Lcore,
}

/// What ports, pools and running lcores hold on to so that EAL stays.
#[derive(Debug)]
pub(crate) struct Environment {
    pools: Mutex<Vec<Pool>>,
}

#[derive(Debug)]
struct Pool(NonNull<dpdk_sys::rte_mempool>);

// SAFETY: a mempool may be used from every thread; the pointer is only used to count its mbufs.
unsafe impl Send for Pool {}

impl Eal {
    /// Starts EAL with the lcores, memory and devices that `config` names.
    ///
    /// # Errors
    /// The configuration cannot work on this machine, EAL refused it, or EAL was started before in
    /// this process. [`EalError`] says which, and what to do.
    pub fn init(config: &EalConfig) -> Result<Self, EalError> {
        if STARTED.load(Ordering::SeqCst) {
            return Err(EalError::AlreadyStarted);
        }
        let arguments = config.arguments()?;
        for device in &config.devices {
            error::check_driver(device)?;
        }
        if STARTED.swap(true, Ordering::SeqCst) {
            return Err(EalError::AlreadyStarted);
        }
        let log = log::Capture::start(config.asks_for_help());
        let outcome = start(&arguments);
        let heard = log.finish();
        outcome.map_err(|errno| error::diagnose(errno, &heard, config))?;
        for device in &config.devices {
            error::find_device(device, &heard.log)?;
        }
        if config.hugepages == Hugepages::None {
            lock_memory();
        }
        let main = Lcore::current(PhantomData);
        Ok(Self { environment: Arc::new(Environment { pools: Mutex::new(Vec::new()) }), main })
    }

    /// The version of the libdpdk that is loaded, such as `DPDK 22.11.11`.
    #[must_use]
    pub fn version() -> &'static str {
        // SAFETY: returns a static, terminated string.
        let version = unsafe { dpdk_sys::rte_version() };
        // SAFETY: as above.
        unsafe { CStr::from_ptr(version) }.to_str().unwrap_or("DPDK")
    }

    /// The lcore of the thread that started EAL.
    #[must_use]
    pub const fn main_lcore(&self) -> &Lcore {
        &self.main
    }

    /// The lcores that can be given work, in ascending order.
    #[must_use]
    pub fn worker_lcores(&self) -> Vec<LcoreId> {
        let next = |id: u32| {
            // SAFETY: a look-up in EAL's table of lcores, which is there since `init`.
            unsafe { dpdk_sys::rte_get_next_lcore(id, 1, 0) }
        };
        // The search starts behind the lcore it is given, so the first comes behind "none".
        core::iter::successors(Some(next(u32::MAX)), |&id| Some(next(id)))
            .take_while(|&id| id < dpdk_sys::RTE_MAX_LCORE)
            .map(LcoreId::new)
            .collect()
    }

    /// A clock on the timeline of `CLOCK_MONOTONIC`.
    #[must_use]
    pub fn clock(&self) -> Clock {
        // SAFETY: reads the calibration that `init` made.
        Clock::new(unsafe { dpdk_sys::rte_get_tsc_hz() })
    }

    pub(crate) fn environment(&self) -> Arc<Environment> {
        Arc::clone(&self.environment)
    }
}

impl Environment {
    /// Remembers a pool, so that its memory is not unmapped while mbufs of it are out.
    pub(crate) fn register(&self, pool: NonNull<dpdk_sys::rte_mempool>) {
        self.pools.lock().unwrap_or_else(PoisonError::into_inner).push(Pool(pool));
    }

    fn is_idle(&mut self) -> bool {
        let pools = self.pools.get_mut().unwrap_or_else(PoisonError::into_inner);
        pools.iter().all(|pool| {
            // SAFETY: pools are not freed before EAL is cleaned up.
            unsafe { dpdk_sys::rte_mempool_in_use_count(pool.0.as_ptr()) == 0 }
        })
    }
}

impl Drop for Eal {
    /// Mbufs that other threads free while this runs are no danger: lcores with a cache of mbufs
    /// have ended (a running one holds the environment), this thread is the main lcore (`Eal` is
    /// not `Send`), and any other thread counts as having given an mbuf back only once it is done
    /// with the pool's ring.
    fn drop(&mut self) {
        let Some(environment) = Arc::get_mut(&mut self.environment) else { return };
        if environment.is_idle() {
            fence(Ordering::Acquire);
            // SAFETY: no handle and no mbuf is left that could lead to EAL's memory.
            unsafe { dpdk_sys::rte_eal_cleanup() };
        }
    }
}

/// Runs `rte_eal_init`; the error is its `rte_errno`.
fn start(arguments: &[String]) -> Result<(), c_int> {
    // EAL keeps pointers into its arguments and may reorder them: they live as long as the process.
    let mut argv: Vec<*mut c_char> =
        arguments.iter().filter_map(|argument| CString::new(argument.as_str()).ok()).map(CString::into_raw).collect();
    let argc = c_int::try_from(argv.len()).unwrap_or(c_int::MAX);
    argv.push(core::ptr::null_mut());
    let argv = argv.leak();
    // SAFETY: `argv` has `argc` terminated strings and a null behind them, all of static lifetime.
    let parsed = unsafe { dpdk_sys::rte_eal_init(argc, argv.as_mut_ptr()) };
    if parsed < 0 { Err(errno()) } else { Ok(()) }
}

/// Keeps ordinary pages in memory, as hugepages are by themselves: the data plane must not wait for
/// the disk, and payload must not reach it.
fn lock_memory() {
    // Without the right to lock, everything still works.
    let _refused = mlockall(MlockAllFlags::CURRENT);
}

/// `rte_errno` of this thread.
pub(crate) fn errno() -> c_int {
    // SAFETY: reads a thread-local variable.
    unsafe { dpdk_sys::dpdk_shim_errno() }
}

/// What DPDK or the system says about an error number.
pub(crate) fn explain(errno: c_int) -> String {
    // SAFETY: returns a terminated string that lives until this thread's next call.
    let text = unsafe { dpdk_sys::rte_strerror(errno) };
    if text.is_null() {
        return format!("error {errno}");
    }
    // SAFETY: as above, and it is not null.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

/// The ethdev port of a device, if a driver made one.
pub(crate) fn port_by_name(device: &DeviceName) -> Option<u16> {
    let name = CString::new(device.name()).ok()?;
    let mut port = 0;
    // SAFETY: the name is terminated and `port` is live.
    let found = unsafe { dpdk_sys::rte_eth_dev_get_port_by_name(name.as_ptr(), &raw mut port) };
    (found == 0).then_some(port)
}
