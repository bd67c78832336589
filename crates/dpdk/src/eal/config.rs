//! How EAL is to be started.

use crate::device_name::DeviceName;

/// What EAL is started with.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct EalConfig {
    /// The CPU of the main lcore; by default the lowest that no worker has, or, where workers have
    /// them all, one that it shares with a worker.
    pub main_lcore: Option<u32>,
    /// The CPUs that get a worker lcore of the same number each.
    pub worker_lcores: Vec<u32>,
    /// What packet memory is made of.
    pub hugepages: Hugepages,
    /// Memory in MiB to take at start. Needed without hugepages (64 if not given), where it is all
    /// there will ever be; with hugepages EAL takes what it needs when it needs it.
    pub memory_mb: Option<u32>,
    /// The ports to attach. Without a PCI address among them the PCI bus is not looked at.
    pub devices: Vec<DeviceName>,
    /// What EAL and the drivers write to stderr.
    pub log_level: LogLevel,
    /// Further EAL arguments. They win: what they say is left out of what the rest of this
    /// configuration would have said.
    pub extra_args: Vec<String>,
}

/// What packet memory is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Hugepages {
    /// Hugepages of whichever size is free, the larger first; an error if none is.
    #[default]
    Auto,
    /// Requires free pages of 1 GiB.
    OneGigabyte,
    /// Requires free pages of 2 MiB. EAL has no switch to leave free pages of 1 GiB alone.
    TwoMegabyte,
    /// Ordinary pages: slower, and no device that needs physical addresses.
    None,
}

/// The least important messages of EAL that are still written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum LogLevel {
    /// Only what failed.
    #[default]
    Error,
    /// What may fail soon.
    Warning,
    /// What an operator may want to know.
    Info,
    /// Everything.
    Debug,
}

impl LogLevel {
    /// EAL's word for it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }
}
