//! What the admin socket, the metrics and the signals ask of a running gateway.

use super::worker::Window;
use crate::cli::{load_policy, warn_of_notes};
use arc_swap::ArcSwap;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use dataplane::{Counters as Counted, LatencySink};
use dpdk::Ports;
use management::core::AuditStats;
use management::snapshot::{Counters, Counts, GatewayState, LcoreSnapshot, Percentiles, PortSnapshot, Snapshot};
use net::DropReason;
use policy::{Limits, Mode, Policy, Reason, Verdict};
use std::path::PathBuf;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Something that the main thread has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    Stop,
    Reload,
}

/// A running gateway, as other threads see it.
pub(crate) struct Host {
    pub(crate) gateway: String,
    pub(crate) policy: Arc<ArcSwap<Policy>>,
    pub(crate) policy_file: PathBuf,
    pub(crate) limits: Limits,
    /// What certificates are judged by; none if TLS is not opened.
    pub(crate) clock: Option<Arc<tls::Clock>>,
    pub(crate) workers: Vec<(u32, Arc<Window>)>,
    pub(crate) ports: Ports,
    pub(crate) audit: Arc<AuditStats>,
    pub(crate) is_ready: AtomicBool,
    pub(crate) is_stopping: AtomicBool,
    pub(crate) requests: SyncSender<Request>,
    pub(crate) started_at: Instant,
    /// Held while a policy is loaded.
    loading: Mutex<()>,
    views: Mutex<Views>,
}

/// What has to be remembered from one look to the next.
struct Views {
    latencies: Vec<LatencySink>,
    busy: Vec<(Instant, u64, f64)>,
    /// Policies that a worker may still hold: freed here, never on a worker.
    retired: Vec<Arc<Policy>>,
}

/// The parts of a host that are known once everything was started.
pub(crate) struct HostParts {
    pub(crate) gateway: String,
    pub(crate) policy: Arc<ArcSwap<Policy>>,
    pub(crate) policy_file: PathBuf,
    pub(crate) limits: Limits,
    /// What certificates are judged by; none if TLS is not opened.
    pub(crate) clock: Option<Arc<tls::Clock>>,
    pub(crate) workers: Vec<(u32, Arc<Window>)>,
    pub(crate) ports: Ports,
    pub(crate) audit: Arc<AuditStats>,
    pub(crate) requests: SyncSender<Request>,
    pub(crate) now: Instant,
}

impl Host {
    pub(crate) fn new(parts: HostParts) -> Self {
        let HostParts { gateway, policy, policy_file, limits, clock, workers, ports, audit, requests, now } = parts;
        let views = Views {
            latencies: workers.iter().map(|_| dataplane::latency_histogram()).collect(),
            busy: workers.iter().map(|_| (now, 0, 0.0)).collect(),
            retired: Vec::new(),
        };
        Self {
            gateway,
            policy,
            policy_file,
            limits,
            clock,
            workers,
            ports,
            audit,
            is_ready: AtomicBool::new(false),
            is_stopping: AtomicBool::new(false),
            requests,
            started_at: now,
            loading: Mutex::new(()),
            views: Mutex::new(views),
        }
    }

    /// Loads the policy file again; the one in force stays if it cannot be loaded. Who asks while another one loads waits:
    /// the file that was read last is what counts.
    pub(crate) fn load(&self) -> Result<String, String> {
        let _turn = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        let policy = load_policy(&self.policy_file, &self.limits).map_err(|failure| failure.message().to_owned())?;
        if policy.terminates() && self.clock.is_none() {
            return Err(
                "the policy opens TLS, and this gateway was started without an authority; restart it".to_owned()
            );
        }
        warn_of_notes(&self.policy_file, &policy);
        let version = policy.version().to_owned();
        let old = self.policy.swap(Arc::new(policy));
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        views.retired.push(old);
        tracing::info!(version, "policy loaded");
        Ok(version)
    }

    /// Tells those who judge certificates what time it is.
    pub(crate) fn set_clock(&self) {
        if let Some(clock) = &self.clock {
            clock.set(super::opener::unix_secs());
        }
    }

    /// Frees policies that nobody holds any more.
    pub(crate) fn free_retired(&self) {
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        views.retired.retain(|policy| Arc::strong_count(policy) > 1);
    }

    fn look(&self, now: Instant) -> Snapshot {
        let policy = self.policy.load();
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = dataplane::latency_histogram();
        let mut lcores = Vec::with_capacity(self.workers.len());
        let Views { latencies, busy, .. } = &mut *views;
        for ((lcore, window), (latency, busy)) in self.workers.iter().zip(latencies.iter_mut().zip(busy)) {
            window.take_latency(latency);
            // Both have the same bounds, so nothing can fail.
            let _ = all.add(&*latency);
            let counted = window.stats.read();
            let counters = counters(&counted, percentiles(latency), busy_ratio(busy, now, counted.busy_nanos));
            lcores.push(LcoreSnapshot { lcore: *lcore, counters });
        }
        drop(views);
        let mut snapshot = Snapshot {
            state: self.state(),
            unprotected: policy.is_unprotected(),
            policy_version: policy.version().to_owned(),
            gateway: self.gateway.clone(),
            version: env!("SOVEREIGN_VERSION").to_owned(),
            uptime_seconds: now.duration_since(self.started_at).as_secs_f64(),
            lcores,
            audit: self.audit.snapshot(),
            ports: [("inside", &self.ports.inside), ("outside", &self.ports.outside)]
                .map(|(name, port)| (name.to_owned(), port_snapshot(port)))
                .into(),
            ..Snapshot::default()
        };
        snapshot.sum(percentiles(&all));
        snapshot
    }

    fn state(&self) -> GatewayState {
        if self.is_stopping.load(Ordering::Relaxed) {
            GatewayState::Stopping
        } else if self.is_ready.load(Ordering::Relaxed) {
            GatewayState::Ready
        } else {
            GatewayState::Starting
        }
    }
}

impl management::Control for Host {
    fn snapshot(&self) -> Snapshot {
        self.look(super::start::now())
    }

    fn reload(&self) -> Result<String, String> {
        self.load()
    }

    fn stop(&self) {
        // A full queue already holds a request to stop, or will be served in a moment.
        let _ = self.requests.try_send(Request::Stop);
    }
}

/// The share of time since the last look, at least a little while ago, that was spent on bursts.
fn busy_ratio(last: &mut (Instant, u64, f64), now: Instant, busy_nanos: u64) -> f64 {
    let (at, before, ratio) = *last;
    let passed = now.duration_since(at);
    if passed < Duration::from_millis(200) {
        return ratio;
    }
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let ratio = ((busy_nanos - before) as f64 / passed.as_nanos() as f64).clamp(0.0, 1.0);
    *last = (now, busy_nanos, ratio);
    ratio
}

fn counters(counted: &Counted, latency_ns: Percentiles, busy_ratio: f64) -> Counters {
    Counters {
        rx_packets: counted.rx_packets,
        rx_bytes: counted.rx_bytes,
        tx_packets: counted.tx_packets,
        tx_bytes: counted.tx_bytes,
        dropped: named(DropReason::ALL.iter().map(|reason| reason.name()), &counted.dropped),
        flows: named(Mode::ALL.iter().map(|mode| mode.name()), &counted.flows),
        requests: counted.requests,
        verdicts: named(Verdict::ALL.iter().map(|verdict| verdict.name()), &counted.verdicts),
        blocked: named(Reason::ALL.iter().map(|reason| reason.name()), &counted.blocked),
        contradictions: counted.contradictions,
        flows_unrecorded: counted.flows_unrecorded,
        ech_removed: counted.ech_removed,
        icmp_cut: counted.icmp_cut,
        openings_displaced: counted.openings_displaced,
        polls: counted.polls,
        busy_polls: counted.busy_polls,
        held_mbufs: counted.held_mbufs,
        mbuf_in_use: counted.mbuf_in_use,
        latency_ns,
        busy_ratio,
    }
}

fn named<'a>(names: impl Iterator<Item = &'a str>, counts: &[u64]) -> Counts {
    names.map(str::to_owned).zip(counts.iter().copied()).collect()
}

fn percentiles(histogram: &LatencySink) -> Percentiles {
    let at = |quantile| if histogram.is_empty() { 0 } else { histogram.value_at_quantile(quantile) };
    Percentiles { p50: at(0.5), p99: at(0.99), p999: at(0.999) }
}

fn port_snapshot(port: &dpdk::Port) -> PortSnapshot {
    let link = port.link();
    let stats = port.stats();
    PortSnapshot {
        link_up: link.up,
        speed_mbps: u64::from(link.speed_mbps.unwrap_or(0)),
        rx_packets: stats.rx_packets,
        rx_bytes: stats.rx_bytes,
        rx_missed: stats.rx_missed,
        rx_errors: stats.rx_errors,
        rx_no_mbuf: stats.rx_no_buffer,
        tx_packets: stats.tx_packets,
        tx_bytes: stats.tx_bytes,
        tx_errors: stats.tx_errors,
    }
}
