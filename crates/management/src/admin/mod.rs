//! The admin socket: control commands over a Unix socket, one line of JSON each way.
//!
//! A client sends `{"command":"status"}` (or `reload`, `stop`) and a newline; the answer is one
//! line, `{"answer":"status","snapshot":{...}}`, `{"answer":"done","message":"..."}` or
//! `{"answer":"refused","message":"..."}`. A connection may ask again.
//!
//! The socket's file permissions say who may ask. Even so no client can stall the gateway or
//! another client: a request's length, the time it may take and the number of connections are
//! bounded, and where all places are taken the connection that has been quiet the longest gives
//! way.

mod client;
mod error;
mod line;
mod server;
mod socket;

pub use client::{Client, wait_until_ready};
pub use error::{AdminError, ClientError};
pub use server::{Bound, Server};

use crate::snapshot::Snapshot;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What the gateway can be asked to do; called from threads of the admin socket and of the metrics.
pub trait Control: Send + Sync {
    /// What the gateway says of itself now.
    fn snapshot(&self) -> Snapshot;

    /// Loads the policy anew and says which one is in force.
    ///
    /// # Errors
    ///
    /// Why the policy was refused; the old one stays in force.
    fn reload(&self) -> Result<String, String>;

    /// Asks the gateway to stop; returns before it has.
    fn stop(&self);
}

/// Where the admin socket is and who may use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminConfig {
    /// The socket's path; its directory is created if it is missing.
    pub path: PathBuf,
    /// The socket's permissions: [`AdminConfig::OWNER`] or [`AdminConfig::GROUP`].
    pub mode: u32,
}

impl AdminConfig {
    /// The gateway's own user may ask, nobody else.
    pub const OWNER: u32 = 0o600;

    /// The gateway's group may ask, too.
    pub const GROUP: u32 = 0o660;
}

/// A command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
enum Request {
    Status {},
    Reload {},
    Stop {},
}

/// What came of a command.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
enum Answer {
    Status { snapshot: Box<Snapshot> },
    Done { message: String },
    Refused { message: String },
}

#[cfg(test)]
mod tests;
