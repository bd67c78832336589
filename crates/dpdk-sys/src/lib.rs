//! Raw declarations of libdpdk: what [bindgen](https://docs.rs/bindgen) reads from the installed
//! headers, and a C shim (`c/shim.c`) for what those headers inline.
//!
//! No logic, no safety: `dpdk` is the layer to use. Only what `dpdk` calls is declared; the lists
//! are in `build/main.rs`. The fields of an mbuf are given as offsets (`DPDK_SHIM_MBUF_*`), so that
//! the layer above compiles against every release whose fields have the same names and types.

/// The version of libdpdk that this binding was generated from.
pub const VERSION: &str = env!("DPDK_SYS_VERSION");

#[allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    unsafe_op_in_unsafe_fn,
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    clippy::restriction,
    reason = "generated from C headers: names and shapes are DPDK's"
)]
mod bindings {
    include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
}

pub use bindings::*;
