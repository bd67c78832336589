//! The inspect mode from frame to frame: what attackers send, and what reaches the other side.
#![allow(
    clippy::cast_possible_truncation,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod enforcement;
mod essentials;
mod evasion;
mod header;
mod lab;
mod lossy;
