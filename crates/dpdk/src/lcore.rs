//! Lcores: threads of EAL, each pinned to a CPU.

use crate::eal::{Eal, Environment, explain};
use core::ffi::{c_int, c_void};
use core::fmt;
use core::marker::PhantomData;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use thiserror::Error;

/// An lcore by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LcoreId(u32);

impl LcoreId {
    pub(crate) const fn new(id: u32) -> Self {
        Self(id)
    }

    /// EAL's number of the lcore.
    #[must_use]
    pub const fn index(self) -> u32 {
        self.0
    }
}

impl fmt::Display for LcoreId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

/// The proof of running on an lcore: it cannot leave the thread that it was made on.
#[derive(Debug)]
pub struct Lcore {
    id: LcoreId,
    pinned: PhantomData<*const ()>,
}

impl Lcore {
    /// The token of the calling thread, which has to be a thread of EAL.
    pub(crate) fn current(pinned: PhantomData<*const ()>) -> Self {
        // SAFETY: reads a thread-local variable.
        Self { id: LcoreId(unsafe { dpdk_sys::dpdk_shim_lcore_id() }), pinned }
    }

    /// Which lcore this is.
    #[must_use]
    pub const fn id(&self) -> LcoreId {
        self.id
    }
}

/// Why an lcore could not be given work.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("lcore {lcore} cannot be given work: {cause}")]
pub struct LaunchError {
    /// The lcore.
    pub lcore: LcoreId,
    /// What EAL said: it is busy, or not a worker.
    pub cause: String,
}

impl Eal {
    /// Runs `work` on a worker lcore.
    ///
    /// A panic in `work` ends the process: it must not unwind into EAL's thread.
    ///
    /// # Errors
    /// The lcore is busy or none of this EAL's workers.
    pub fn launch<T, F>(&self, lcore: LcoreId, work: F) -> Result<Running<T>, LaunchError>
    where
        F: FnOnce(&Lcore) -> T + Send + 'static,
        T: Send + 'static,
    {
        if !self.worker_lcores().contains(&lcore) {
            return Err(LaunchError { lcore, cause: "it is not a worker lcore of this EAL".to_owned() });
        }
        let (sender, receiver) = sync_channel(1);
        let task = Box::into_raw(Box::new(Task { work, sender }));
        // SAFETY: `run::<F, T>` takes the task over, and this EAL's threads live as long as it does.
        let result = unsafe { dpdk_sys::rte_eal_remote_launch(Some(run::<T, F>), task.cast(), lcore.0) };
        if result != 0 {
            // SAFETY: EAL did not take the task, so it is still ours alone.
            drop(unsafe { Box::from_raw(task) });
            return Err(LaunchError { lcore, cause: explain(-result) });
        }
        Ok(Running { lcore, receiver, _environment: self.environment() })
    }
}

/// A closure on its way to an lcore, and where its result goes.
struct Task<T, F> {
    work: F,
    sender: SyncSender<T>,
}

/// What EAL's thread calls. Rust ends the process where a panic would leave an `extern "C"` function.
extern "C" fn run<T, F: FnOnce(&Lcore) -> T>(task: *mut c_void) -> c_int {
    // SAFETY: `launch` made the box, gave it away and calls this once.
    let task: Box<Task<T, F>> = unsafe { Box::from_raw(task.cast()) };
    let Task { work, sender } = *task;
    let result = work(&Lcore::current(PhantomData));
    // The receiver waits in `Running` and takes one result: there is room, or it is gone.
    let _unwanted = sender.try_send(result);
    0
}

/// Work on an lcore; dropping this waits for its end.
#[derive(Debug)]
#[must_use = "dropping this waits until the work has ended"]
pub struct Running<T> {
    lcore: LcoreId,
    receiver: Receiver<T>,
    _environment: Arc<Environment>,
}

impl<T> Running<T> {
    /// Which lcore it runs on.
    #[must_use]
    pub const fn lcore(&self) -> LcoreId {
        self.lcore
    }

    /// True once the work has ended or is about to.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        // SAFETY: reads the state of an lcore that EAL has.
        unsafe { dpdk_sys::rte_eal_get_lcore_state(self.lcore.0) != dpdk_sys::RUNNING }
    }

    /// Waits for the end of the work and returns its result; without using up this thread's CPU,
    /// unlike EAL's own wait.
    #[must_use]
    pub fn wait(self) -> Option<T> {
        self.receiver.recv().ok()
    }
}

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        // Blocks until the closure is over: it sends, or goes away with its sender.
        let _result = self.receiver.recv();
        // SAFETY: waits for an lcore that EAL has; all that is left to it is to return.
        unsafe { dpdk_sys::rte_eal_wait_lcore(self.lcore.0) };
    }
}
