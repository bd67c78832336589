//! The way of a packet: one worker, run to completion, over any device.
//!
//! [`Worker::poll_once`] is the whole of it: frames come from one port of a [`net::device::Device`],
//! are parsed, put into their flow, inspected where the policy says so, and leave by the other port;
//! decisions become records for the audit log before their bytes leave. A worker owns its flows
//! alone: no locks, no sharing, nothing allocated per packet once its pools have grown.
//!
//! The crate knows no DPDK. [`capture`] is a device of files, so that a replay is the same code.
#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap, reason = "test code")
)]

pub mod capture;
mod config;
mod context;
mod egress;
mod enforce;
mod flow;
mod forward;
mod inspect;
mod journal;
mod link;
mod repair;
mod stats;
pub mod terminate;
mod worker;

pub use config::{Config, RecordSync};
pub use stats::{Counters, Stats};
pub use terminate::Interception;
pub use worker::{LatencySink, Parts, Unread, Worker, latency_histogram};
