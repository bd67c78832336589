//! Glue between the data plane, the ports and the management core: what `sovereign inline` runs.

mod host;
mod opener;
mod ports;
mod preflight;
mod start;
mod worker;

pub(crate) use start::run;
