//! The main job on real input: two namespaces, a real curl, a recording server, real DPDK between
//! them.
#![cfg(feature = "dpdk")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]
#![allow(clippy::disallowed_methods, reason = "test code waits for processes")]

mod ends;
mod inline;
mod lab;
mod soak;
mod tls;
