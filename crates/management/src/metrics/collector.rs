//! A snapshot as families of metrics.

use crate::admin::Control;
use crate::snapshot::{AuditSnapshot, AuditState, Counters, Counts, GatewayState, Percentiles, PortSnapshot, Snapshot};
use core::fmt;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Registry, Unit};
use std::sync::Arc;

/// What stands before every name.
const PREFIX: &str = "sovereign";

/// Nanoseconds of a second: times are shown in seconds, as Prometheus has them.
const NANOS_PER_SECOND: f64 = 1e9;

/// Labels of one value.
type Labels<'a> = Vec<(&'static str, &'a str)>;

/// The registry of a gateway, which asks it at each scrape.
pub(super) fn registry(control: Arc<dyn Control>) -> Registry {
    let mut registry = Registry::with_prefix(PREFIX);
    registry.register_collector(Box::new(Gateway(control)));
    registry
}

struct Gateway(Arc<dyn Control>);

impl fmt::Debug for Gateway {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Gateway").finish_non_exhaustive()
    }
}

impl Collector for Gateway {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let snapshot = self.0.snapshot();
        let mut families = Families(&mut encoder);
        families.gateway(&snapshot)?;
        families.lcores(&snapshot)?;
        families.ports(&snapshot)?;
        families.audit(&snapshot.audit)
    }
}

/// Where families of metrics are written to.
struct Families<'a, 'b>(&'a mut DescriptorEncoder<'b>);

impl Families<'_, '_> {
    fn gateway(&mut self, snapshot: &Snapshot) -> fmt::Result {
        let names = vec![
            ("gateway", snapshot.gateway.as_str()),
            ("version", snapshot.version.as_str()),
            ("policy_version", snapshot.policy_version.as_str()),
        ];
        let help = "What runs, and which policy is in force";
        self.0.encode_descriptor("gateway", help, None, MetricType::Info)?.encode_info(&names)?;
        let is_ready = snapshot.state == GatewayState::Ready;
        self.gauge("ready", "1 while both ports forward", None, [one(flag(is_ready))])?;
        let unprotected = flag(snapshot.unprotected);
        self.gauge("unprotected", "1 if traffic that no rule names passes", None, [one(unprotected)])?;
        let uptime = snapshot.uptime_seconds;
        self.gauge("uptime", "Time since the program was started", Some(&Unit::Seconds), [one(uptime)])
    }

    fn lcores(&mut self, snapshot: &Snapshot) -> fmt::Result {
        let lcores: Vec<_> = snapshot.lcores.iter().map(|lcore| (lcore.lcore.to_string(), &lcore.counters)).collect();
        let lcores = Lcores(&lcores);
        let bytes = Some(&Unit::Bytes);
        self.counter("rx_packets", "Frames received", None, lcores.each(|lcore| lcore.rx_packets))?;
        self.counter("rx", "Bytes received", bytes, lcores.each(|lcore| lcore.rx_bytes))?;
        self.counter("tx_packets", "Frames sent", None, lcores.each(|lcore| lcore.tx_packets))?;
        self.counter("tx", "Bytes sent", bytes, lcores.each(|lcore| lcore.tx_bytes))?;
        let dropped = lcores.named("reason", |lcore| &lcore.dropped);
        self.counter("dropped_packets", "Frames that did not go on", None, dropped)?;
        self.counter("requests", "Requests whose head was read", None, lcores.each(|lcore| lcore.requests))?;
        let verdicts = lcores.named("verdict", |lcore| &lcore.verdicts);
        self.counter("verdicts", "Final verdicts", None, verdicts)?;
        let blocked = lcores.named("reason", |lcore| &lcore.blocked);
        self.counter("blocked", "Requests and flows that were blocked", None, blocked)?;
        let contradictions = lcores.each(|lcore| lcore.contradictions);
        self.counter("contradictions", "Retransmissions with other bytes than before", None, contradictions)?;
        let unrecorded = lcores.each(|lcore| lcore.flows_unrecorded);
        self.counter("flows_unrecorded", "Connections blocked by the policy without a record", None, unrecorded)?;
        let removed = lcores.each(|lcore| lcore.ech_removed);
        self.counter("ech_removed", "Keys of encrypted ClientHellos taken out of DNS answers", None, removed)?;
        let cut = lcores.each(|lcore| lcore.icmp_cut);
        self.counter("icmp_cut", "Errors of ICMP from inside that quoted too much", None, cut)?;
        let displaced = lcores.each(|lcore| lcore.openings_displaced);
        self.counter("openings_displaced", "Connections being opened that made room for newer ones", None, displaced)?;
        self.counter("polls", "Bursts polled", None, lcores.each(|lcore| lcore.polls))?;
        let busy_polls = lcores.each(|lcore| lcore.busy_polls);
        self.counter("busy_polls", "Bursts that brought something", None, busy_polls)?;
        self.lcore_gauges(&lcores)
    }

    fn lcore_gauges(&mut self, lcores: &Lcores<'_>) -> fmt::Result {
        let flows = lcores.named("mode", |lcore| &lcore.flows);
        self.gauge("flows", "Flows in the table", None, flows.map(as_gauge))?;
        let held = lcores.each(|lcore| lcore.held_mbufs);
        self.gauge("held_mbufs", "Buffers that wait for a verdict", None, held.map(as_gauge))?;
        let in_use = lcores.each(|lcore| lcore.mbuf_in_use);
        self.gauge("mbufs_in_use", "Buffers in use", None, in_use.map(as_gauge))?;
        let busy = lcores.0.iter().map(|(name, lcore)| (vec![("lcore", name.as_str())], lcore.busy_ratio));
        self.gauge("busy_ratio", "Share of time spent on bursts that brought something", None, busy)?;
        let latency = lcores.0.iter().flat_map(|(name, lcore)| {
            quantiles(lcore.latency_ns).map(|(labels, value)| (lead(("lcore", name.as_str()), labels), value))
        });
        self.gauge("latency", "Time from receipt to sending", Some(&Unit::Seconds), latency)
    }

    fn ports(&mut self, snapshot: &Snapshot) -> fmt::Result {
        let ports = &snapshot.ports;
        let each = |field: fn(&PortSnapshot) -> u64| {
            ports.iter().map(move |(name, port)| (vec![("port", name.as_str())], field(port)))
        };
        let bytes = Some(&Unit::Bytes);
        let link = each(|port| u64::from(port.link_up)).map(as_gauge);
        self.gauge("port_link_up", "1 while the link is up", None, link)?;
        let speed = each(|port| port.speed_mbps).map(|(labels, mbps)| (labels, float(mbps) * 1e6 / 8.0));
        self.gauge("port_speed_bytes_per_second", "Speed of the link", None, speed)?;
        self.counter("port_rx_packets", "Frames received", None, each(|port| port.rx_packets))?;
        self.counter("port_rx", "Bytes received", bytes, each(|port| port.rx_bytes))?;
        self.counter("port_rx_missed", "Frames that no worker took in time", None, each(|port| port.rx_missed))?;
        self.counter("port_rx_errors", "Frames received with an error", None, each(|port| port.rx_errors))?;
        self.counter("port_rx_no_mbuf", "Frames that found no buffer", None, each(|port| port.rx_no_mbuf))?;
        self.counter("port_tx_packets", "Frames sent", None, each(|port| port.tx_packets))?;
        self.counter("port_tx", "Bytes sent", bytes, each(|port| port.tx_bytes))?;
        self.counter("port_tx_errors", "Frames that could not be sent", None, each(|port| port.tx_errors))
    }

    fn audit(&mut self, audit: &AuditSnapshot) -> fmt::Result {
        let states = [
            ("ready", AuditState::Ready),
            ("low", AuditState::Low),
            ("full", AuditState::Full),
            ("failed", AuditState::Failed),
        ];
        let states = states.map(|(name, state)| (vec![("state", name)], flag(audit.state == state)));
        self.gauge("audit_state", "1 for what the audit log can do", None, states)?;
        self.counter("audit_records", "Records written", None, [one(audit.records)])?;
        let committed = [one(audit.records_committed)];
        self.counter("audit_records_committed", "Records on the disk for sure", None, committed)?;
        let lost = [one(audit.records_lost)];
        self.counter("audit_records_lost", "Records that a failure kept from being written", None, lost)?;
        self.counter("audit_segments", "Segments begun", None, [one(audit.segments)])?;
        self.counter("audit_written", "Bytes written", Some(&Unit::Bytes), [one(audit.bytes)])?;
        self.counter("audit_syncs", "Times that the disk was waited for", None, [one(audit.syncs)])?;
        let shortages = [one(audit.shortages)];
        self.counter("audit_shortages", "Times that no segment could be allocated", None, shortages)?;
        let left = [one(float(audit.records_left))];
        self.gauge("audit_records_left", "Records for which there is allocated room", None, left)?;
        let credits = [one(float(audit.credits_outstanding))];
        self.gauge("audit_credits_outstanding", "Records that workers may push", None, credits)?;
        let sync = quantiles(audit.sync_ns);
        self.gauge("audit_sync", "Time that a group's sync took", Some(&Unit::Seconds), sync)
    }

    fn counter<'a>(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        values: impl IntoIterator<Item = (Labels<'a>, u64)>,
    ) -> fmt::Result {
        let mut family = self.0.encode_descriptor(name, help, unit, MetricType::Counter)?;
        for (labels, value) in values {
            if labels.is_empty() {
                family.encode_counter::<NoLabelSet, _, u64>(&value, None)?;
            } else {
                family.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(&value, None)?;
            }
        }
        Ok(())
    }

    fn gauge<'a>(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        values: impl IntoIterator<Item = (Labels<'a>, f64)>,
    ) -> fmt::Result {
        let mut family = self.0.encode_descriptor(name, help, unit, MetricType::Gauge)?;
        for (labels, value) in values {
            if labels.is_empty() {
                family.encode_gauge(&value)?;
            } else {
                family.encode_family(&labels)?.encode_gauge(&value)?;
            }
        }
        Ok(())
    }
}

/// Workers by the text of their label.
struct Lcores<'a>(&'a [(String, &'a Counters)]);

impl<'a> Lcores<'a> {
    /// One value of each.
    fn each(&self, field: fn(&Counters) -> u64) -> impl Iterator<Item = (Labels<'a>, u64)> + use<'a> {
        self.0.iter().map(move |(name, lcore)| (vec![("lcore", name.as_str())], field(lcore)))
    }

    /// All values of each, told apart by a label.
    fn named(
        &self,
        label: &'static str,
        field: fn(&Counters) -> &Counts,
    ) -> impl Iterator<Item = (Labels<'a>, u64)> + use<'a> {
        self.0.iter().flat_map(move |(lcore, counters)| {
            let counts = field(counters).iter();
            counts.map(move |(name, count)| (vec![("lcore", lcore.as_str()), (label, name.as_str())], *count))
        })
    }
}

fn quantiles(percentiles: Percentiles) -> [(Labels<'static>, f64); 3] {
    let named = [("0.5", percentiles.p50), ("0.99", percentiles.p99), ("0.999", percentiles.p999)];
    named.map(|(name, nanos)| (vec![("quantile", name)], float(nanos) / NANOS_PER_SECOND))
}

fn lead<'a>(label: (&'static str, &'a str), mut labels: Labels<'a>) -> Labels<'a> {
    labels.insert(0, label);
    labels
}

const fn one<T>(value: T) -> (Labels<'static>, T) {
    (Vec::new(), value)
}

fn as_gauge((labels, value): (Labels<'_>, u64)) -> (Labels<'_>, f64) {
    (labels, float(value))
}

#[expect(clippy::cast_precision_loss, reason = "gauges are floating point to Prometheus")]
const fn float(value: u64) -> f64 {
    value as f64
}

const fn flag(is_set: bool) -> f64 {
    if is_set { 1.0 } else { 0.0 }
}
