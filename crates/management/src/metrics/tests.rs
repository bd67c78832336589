use super::server::CONNECTIONS_MAX;
use super::*;
use crate::admin::Control;
use crate::snapshot::*;
use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};

struct Gateway(Mutex<Snapshot>);

impl Control for Gateway {
    fn snapshot(&self) -> Snapshot {
        self.0.lock().unwrap().clone()
    }

    fn reload(&self) -> Result<String, String> {
        unreachable!("metrics only look")
    }

    fn stop(&self) {
        unreachable!("metrics only look")
    }
}

fn counts(entries: &[(&str, u64)]) -> Counts {
    entries.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

fn snapshot() -> Snapshot {
    let counters = Counters {
        rx_packets: u64::MAX,
        rx_bytes: 64_000,
        dropped: counts(&[("checksum", 3), ("a\"b\\c\nd", 1)]),
        flows: counts(&[("inspect", 7)]),
        verdicts: counts(&[("block", 2)]),
        latency_ns: Percentiles { p50: 1_500, p99: 20_000, p999: 1_000_000_000 },
        busy_ratio: 0.25,
        ..Counters::default()
    };
    Snapshot {
        state: GatewayState::Ready,
        gateway: "lab-1".to_owned(),
        policy_version: "p-1".to_owned(),
        uptime_seconds: 12.5,
        lcores: vec![LcoreSnapshot { lcore: 1, counters }, LcoreSnapshot { lcore: 2, ..LcoreSnapshot::default() }],
        ports: [("inside".to_owned(), PortSnapshot { speed_mbps: 10_000, rx_missed: 9, ..PortSnapshot::default() })]
            .into(),
        audit: AuditSnapshot { bytes: 77, state: AuditState::Low, ..AuditSnapshot::default() },
        ..Snapshot::default()
    }
}

fn start(snapshot: Snapshot) -> (Arc<Gateway>, MetricsServer) {
    let gateway = Arc::new(Gateway(Mutex::new(snapshot)));
    let config = MetricsConfig { address: "127.0.0.1:0".parse().unwrap(), is_public: false };
    let server = MetricsServer::start(&config, Arc::clone(&gateway) as _).unwrap();
    (gateway, server)
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

fn get(address: SocketAddr, target: &str) -> (String, String) {
    get_as(address, target, "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.3")
}

fn get_as(address: SocketAddr, target: &str, accept: &str) -> (String, String) {
    let mut stream = connect(address);
    write!(stream, "GET {target} HTTP/1.1\r\nHost: gateway\r\nAccept: {accept}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

/// Metric names as a value line has them, and the labels' text, to the value's text.
type Values = BTreeMap<String, String>;

/// Reads the exposition as OpenMetrics 1.0 defines it (lines, metadata before values, one
/// terminator), and nothing of how it was made.
fn parse(text: &str) -> (BTreeMap<String, String>, Values) {
    let (mut types, mut helps, mut values) = (BTreeMap::new(), BTreeSet::new(), Values::new());
    let body = text.strip_suffix("# EOF\n").expect("a terminator");
    for line in body.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(types.insert(name.to_owned(), kind.to_owned()).is_none(), "{name} is there twice");
        } else if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap();
            assert!(helps.insert(name.to_owned()) && !help.is_empty());
        } else if let Some(rest) = line.strip_prefix("# UNIT ") {
            let (name, unit) = rest.split_once(' ').unwrap();
            assert!(name.ends_with(&format!("_{unit}")), "{line}");
        } else {
            let (series, value) = line.rsplit_once(' ').unwrap();
            let name = series.split('{').next().unwrap();
            let family = ["_total", "_info"].iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name);
            let kind = types.get(family).unwrap_or_else(|| panic!("{line} has no type"));
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            assert!(name.starts_with("sovereign_") && value.parse::<f64>().is_ok(), "{line}");
            assert!(values.insert(series.to_owned(), value.to_owned()).is_none(), "{series} is there twice");
        }
    }
    assert_eq!(types.len(), helps.len());
    (types, values)
}

#[test]
fn a_scrape_shows_the_snapshot() {
    let (_gateway, server) = start(snapshot());
    let (head, body) = get(server.address(), "/metrics");
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("openmetrics-text"), "{head}");
    let (types, values) = parse(&body);
    let value = |series: &str| values.get(series).unwrap_or_else(|| panic!("{series} is missing in\n{body}")).as_str();
    assert_eq!(value("sovereign_rx_packets_total{lcore=\"1\"}"), u64::MAX.to_string());
    assert_eq!(value("sovereign_rx_bytes_total{lcore=\"1\"}"), "64000");
    assert_eq!(value("sovereign_rx_bytes_total{lcore=\"2\"}"), "0");
    assert_eq!(value("sovereign_dropped_packets_total{lcore=\"1\",reason=\"checksum\"}"), "3");
    assert_eq!(value("sovereign_verdicts_total{lcore=\"1\",verdict=\"block\"}"), "2");
    assert_eq!(value("sovereign_flows{lcore=\"1\",mode=\"inspect\"}"), "7.0");
    assert_eq!(value("sovereign_latency_seconds{lcore=\"1\",quantile=\"0.99\"}"), "0.00002");
    assert_eq!(value("sovereign_uptime_seconds"), "12.5");
    assert_eq!(value("sovereign_port_rx_missed_total{port=\"inside\"}"), "9");
    assert_eq!(value("sovereign_audit_written_bytes_total"), "77");
    assert_eq!(value("sovereign_audit_state{state=\"low\"}"), "1.0");
    assert_eq!(value("sovereign_audit_state{state=\"full\"}"), "0.0");
    assert!(body.contains("sovereign_gateway_info{gateway=\"lab-1\",version=\"\",policy_version=\"p-1\"} 1"));
    assert_eq!(types["sovereign_latency_seconds"], "gauge");
}

#[test]
fn who_does_not_ask_for_openmetrics_gets_what_every_prometheus_reads() {
    let (_gateway, server) = start(snapshot());
    let (_, openmetrics) = get(server.address(), "/metrics");
    for accept in ["*/*", "text/plain", "application/openmetrics-text;q=0"] {
        let (head, body) = get_as(server.address(), "/metrics", accept);
        assert!(head.contains("content-type: text/plain; version=0.0.4; charset=utf-8"), "{head}");
        let mut kinds = BTreeMap::new();
        for line in body.lines() {
            assert!(line != "# EOF" && !line.starts_with("# UNIT"), "{line}");
            if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
                assert!(["counter", "gauge"].contains(&kind), "{line}");
                kinds.insert(name, kind);
            } else if !line.starts_with('#') {
                let name = line.split(['{', ' ']).next().unwrap();
                assert_eq!(kinds.get(name) == Some(&"counter"), name.ends_with("_total"), "{line}");
                assert!(kinds.contains_key(name), "{line}");
            }
        }
        let values = |text: &str| text.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(values(&body), values(&openmetrics));
    }
}

#[test]
fn names_that_somebody_chose_cannot_break_a_line() {
    let (_gateway, server) = start(snapshot());
    let (_, body) = get(server.address(), "/metrics");
    assert!(body.contains(r#"reason="a\"b\\c\nd""#), "{body}");
}

#[test]
fn every_scrape_asks_anew() {
    let (gateway, server) = start(snapshot());
    get(server.address(), "/metrics");
    gateway.0.lock().unwrap().uptime_seconds = 99.0;
    let (_, body) = get(server.address(), "/metrics");
    assert!(body.contains("sovereign_uptime_seconds 99.0"), "{body}");
}

#[test]
fn health_tells_whether_the_gateway_does_its_work() {
    let (gateway, server) = start(snapshot());
    let look = |state, audit| {
        let mut snapshot = gateway.0.lock().unwrap();
        (snapshot.state, snapshot.audit.state) = (state, audit);
        drop(snapshot);
        let (head, body) = get(server.address(), "/healthz");
        (head.starts_with("HTTP/1.1 200"), body)
    };
    assert_eq!(look(GatewayState::Ready, AuditState::Low), (true, "ready\n".to_owned()));
    assert_eq!(look(GatewayState::Starting, AuditState::Ready), (false, "starting\n".to_owned()));
    assert_eq!(look(GatewayState::Stopping, AuditState::Ready), (false, "stopping\n".to_owned()));
    assert!(!look(GatewayState::Ready, AuditState::Full).0);
    assert!(!look(GatewayState::Ready, AuditState::Failed).0);
}

#[test]
fn what_is_not_there_or_not_asked_for_with_get_is_refused() {
    let (_gateway, server) = start(snapshot());
    assert!(get(server.address(), "/").0.starts_with("HTTP/1.1 404"));
    assert!(get(server.address(), "/metrics/../etc/passwd").0.starts_with("HTTP/1.1 404"));
    let mut stream = connect(server.address());
    stream.write_all(b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello").unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    assert!(answer.starts_with("HTTP/1.1 405") && answer.contains("allow: GET, HEAD"), "{answer}");
}

#[test]
fn addresses_that_other_machines_reach_need_a_word_of_the_operator() {
    let gateway = Arc::new(Gateway(Mutex::new(Snapshot::default())));
    let start = |address: &str, is_public| {
        let config = MetricsConfig { address: address.parse().unwrap(), is_public };
        MetricsServer::start(&config, Arc::clone(&gateway) as _)
    };
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "[::ffff:192.0.2.1]:0"] {
        let error = start(address, false).unwrap_err();
        assert!(matches!(error, MetricsError::Public(_)), "{error}");
        assert!(error.to_string().contains("loopback"), "{error}");
    }
    start("127.0.0.9:0", false).unwrap();
    start("0.0.0.0:0", true).unwrap();
}

#[test]
fn an_address_in_use_is_refused_in_one_line() {
    let (_gateway, server) = start(snapshot());
    let config = MetricsConfig { address: server.address(), is_public: false };
    let gateway = Arc::new(Gateway(Mutex::new(Snapshot::default())));
    let error = MetricsServer::start(&config, gateway).unwrap_err().to_string();
    assert!(error.contains("in use") && error.contains("[admin] metrics") && !error.contains('\n'), "{error}");
}

#[test]
fn hostile_connections_neither_stall_nor_end_the_server() {
    let (_gateway, server) = start(snapshot());
    let mut endless = connect(server.address());
    endless.write_all(b"GET /metrics HTTP/1.1\r\n").unwrap();
    while endless.write_all(&[b'a'; 4096]).is_ok() {}
    let mut binary = connect(server.address());
    binary.write_all(&[0x16, 0x03, 0x01, 0x00]).unwrap();
    let silent: Vec<_> = (0..CONNECTIONS_MAX + 4).map(|_| connect(server.address())).collect();
    let (head, _) = get(server.address(), "/metrics");
    assert!(head.starts_with("HTTP/1.1 200"));
    drop(silent);
}

#[test]
fn the_server_ends_with_its_handle() {
    let (_gateway, server) = start(snapshot());
    let address = server.address();
    let mut open = connect(address);
    drop(server);
    assert!(TcpStream::connect(address).is_err());
    assert!(!matches!(open.read(&mut [0]), Ok(1)));
}
