//! The management core: it owns the audit files, the metrics and the admin socket.
//!
//! Workers hand it records over a lock-free queue and never wait for it; everything that opens a
//! file, syncs a disk or answers a client happens here, on threads of its own.
//!
//! * [`log`] keeps a directory of audit segments: allocated ahead, locked, recovered after a crash;
//! * [`core`] is the thread that drains the queue into the log, commits in groups and grants the
//!   credits without which a worker releases nothing;
//! * [`snapshot`] is what the gateway says of itself, as `status --json` prints it;
//! * [`admin`] answers control commands on a Unix socket, [`metrics`] answers Prometheus,
//!   [`notify`] tells the service manager.
//!
//! Invariants: a credit stands for a record that certainly fits on allocated disk space; what was
//! drained is handed to the kernel before the next batch is; once a write or a sync has failed no
//! credit is granted any more.
#![forbid(unsafe_code)]

pub mod admin;
mod clock;
pub mod core;
pub mod log;
pub mod metrics;
pub mod notify;
pub mod snapshot;

#[cfg(test)]
mod testing;

pub use crate::core::{Core, CoreConfig, CoreHandle, RecordClock, Recorder, SyncMode};
pub use admin::Control;
pub use log::{AuditLog, AuditLogConfig, OpenError};
pub use snapshot::{LcoreSnapshot, Snapshot};
