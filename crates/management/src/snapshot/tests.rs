use super::*;
use serde_json::{Value, json};

fn counts(entries: &[(&str, u64)]) -> Counts {
    entries.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

fn lcore(lcore: u32, rx_packets: u64, dropped: &[(&str, u64)], busy_ratio: f64) -> LcoreSnapshot {
    let counters = Counters { rx_packets, dropped: counts(dropped), busy_ratio, ..Counters::default() };
    LcoreSnapshot { lcore, counters }
}

#[test]
fn the_total_is_the_sum_of_all_workers_with_the_given_percentiles() {
    let lcores = vec![lcore(1, 10, &[("a", 1)], 0.5), lcore(2, 5, &[("a", 2), ("b", 3)], 1.0)];
    let mut snapshot = Snapshot { lcores, ..Snapshot::default() };
    let latency = Percentiles { p50: 1, p99: 2, p999: 3 };
    snapshot.sum(latency);
    snapshot.sum(latency);
    assert_eq!(snapshot.total.rx_packets, 15);
    assert_eq!(snapshot.total.dropped, counts(&[("a", 3), ("b", 3)]));
    assert_eq!((snapshot.total.busy_ratio, snapshot.total.latency_ns), (0.75, latency));
}

#[test]
fn without_workers_the_total_is_zero() {
    let mut snapshot = Snapshot::default();
    snapshot.sum(Percentiles::default());
    assert_eq!(snapshot.total, Counters::default());
}

#[test]
fn the_json_has_the_fields_that_scripts_rely_on() {
    let snapshot = Snapshot {
        state: GatewayState::Ready,
        policy_version: "lab-1".to_owned(),
        lcores: vec![lcore(1, 10, &[], 0.5)],
        ..Snapshot::default()
    };
    let json = serde_json::to_value(&snapshot).unwrap();
    assert_eq!(json["state"], "ready");
    assert_eq!(json["unprotected"], false);
    assert_eq!(json["policy_version"], "lab-1");
    assert_eq!(json["audit"]["state"], "ready");
    let counters = [
        "rx_packets",
        "rx_bytes",
        "tx_packets",
        "tx_bytes",
        "dropped",
        "flows",
        "requests",
        "verdicts",
        "held_mbufs",
        "mbuf_in_use",
        "latency_ns",
        "busy_ratio",
    ];
    for counter in counters {
        assert_ne!(json["total"][counter], Value::Null, "{counter}");
        assert_ne!(json["lcores"][0][counter], Value::Null, "{counter}");
    }
    assert_eq!(json["lcores"][0]["lcore"], 1);
    assert_eq!(json["total"]["latency_ns"], json!({"p50": 0, "p99": 0, "p999": 0}));
}

#[test]
fn a_snapshot_is_read_back_as_it_was_written() {
    let mut snapshot = Snapshot {
        lcores: vec![lcore(1, u64::MAX / 2, &[("a", 1)], 0.25)],
        ports: [("inside".to_owned(), PortSnapshot { link_up: true, rx_missed: 7, ..PortSnapshot::default() })].into(),
        audit: AuditSnapshot {
            state: AuditState::Full,
            detail: Some("no room".to_owned()),
            ..AuditSnapshot::default()
        },
        uptime_seconds: 1.5,
        ..Snapshot::default()
    };
    snapshot.sum(Percentiles::default());
    let text = serde_json::to_string(&snapshot).unwrap();
    assert_eq!(serde_json::from_str::<Snapshot>(&text).unwrap(), snapshot);
}

#[test]
fn versions_that_know_more_or_less_are_understood() {
    let snapshot: Snapshot = serde_json::from_value(json!({"state": "ready", "later": [1]})).unwrap();
    assert_eq!(snapshot, Snapshot { state: GatewayState::Ready, ..Snapshot::default() });
}

#[test]
fn rates_are_differences_over_time_and_survive_a_restart() {
    let before = Counters { rx_packets: 1_000_000, rx_bytes: 0, busy_polls: 10, ..Counters::default() };
    let after = Counters { rx_packets: 5_000_000, rx_bytes: 1_000_000_000, busy_polls: 30, ..Counters::default() };
    let rates = Rates::between(&before, &after, 2.0);
    assert_eq!((rates.rx_mpps, rates.rx_gbps, rates.bursts), (2.0, 4.0, 10.0));
    assert_eq!(rates.burst_packets, 200_000.0);
    let restarted = Rates::between(&after, &before, 1.0);
    assert_eq!(restarted.rx_mpps, 1.0);
    assert_eq!(Rates::between(&before, &after, 0.0).rx_mpps, 0.0);
}
