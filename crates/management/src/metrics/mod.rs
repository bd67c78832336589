//! Metrics for Prometheus: `GET /metrics` and `GET /healthz` over HTTP, on a thread of their own.
//!
//! Every scrape asks for one [`Snapshot`](crate::snapshot::Snapshot) and shows it; nothing is
//! counted here. The address is the machine's own unless the operator says otherwise, since there
//! is no password. Connections, their number and their time are bounded, and each serves one
//! request.

mod collector;
mod prometheus;
mod server;

pub use server::{MetricsConfig, MetricsError, MetricsListener, MetricsServer};

#[cfg(test)]
mod tests;
