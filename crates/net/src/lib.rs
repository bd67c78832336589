//! Frames, flows and TCP streams: everything between the wire and the first byte of a protocol.
//!
//! In go frames (anything that implements [`buffer::Buffer`]) from a [`device::Device`]; out come
//! parsed headers, flow table entries and contiguous stream bytes. The crate knows no DPDK, no
//! policy and no clock: time is an argument, so all of it runs in tests, under miri and in fuzz
//! targets.
//!
//! Invariant: no input makes it panic, allocate without bound, or read a byte two ways. What is
//! malformed comes back as a [`DropReason`].
#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap, reason = "test code")
)]

pub mod buffer;
pub mod checksum;
pub mod device;
mod direction;
pub mod dns;
mod drop_reason;
pub mod essential;
pub mod flow;
pub mod fragment;
pub mod frame;
pub mod heap;
pub mod tcp;
mod time;

pub use direction::{Direction, Side};
pub use drop_reason::DropReason;
pub use time::Timestamp;
