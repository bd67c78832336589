//! TLS opened on the wire: real clients, real servers, and a recorder that counts what came out of the server's TLS.

use crate::lab::{Driver, Lab, SERVER, SERVER6, SSN, is_root};
use serde_json::Value;
use std::time::{Duration, Instant};

pub(crate) const HOST: &str = "api.openai.com";
const BYPASSED: &str = "files.example.net";
pub(crate) const POLICY: &str = r#"
version = "lab-tls"
[[flow]]
name = "tls-llm"
match = { protocol = "tcp", ports = [443], sni = ["api.openai.com", "*.anthropic.com"] }
mode = "terminate"
[[flow]]
name = "tls-other"
match = { protocol = "tcp", ports = [443], sni = ["*.example.net"] }
mode = "forward"
[[flow]]
name = "plain"
match = { protocol = "tcp", ports = [8000] }
mode = "terminate"
[[rule]]
name = "secrets"
detect = ["SECRET", "US_SSN", "CREDIT_CARD"]
action = "block"
[[rule]]
name = "contacts"
detect = ["EMAIL_ADDRESS"]
action = "redact"
"#;

pub(crate) fn chat(content: &str) -> String {
    format!(r#"{{"model":"gpt-4o","messages":[{{"role":"user","content":"{content}"}}]}}"#)
}

fn contains(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}

/// A lab with authorities and a recorder for [`HOST`] on port 443.
pub(crate) fn lab(driver: Driver) -> Lab {
    let mut lab = Lab::new(driver);
    lab.make_authorities();
    lab.make_leaf("server", HOST, "roots", 30, &[]);
    lab.record_tls(443, "server", None);
    lab
}

pub(crate) fn started(driver: Driver) -> Lab {
    let mut lab = lab(driver);
    let config = lab.configure_tls(POLICY, "", "");
    lab.start_with(&config);
    lab
}

/// curl to a name on the recorder's address, trusting the gateway's authority.
pub(crate) fn curl(lab: &Lab, host: &str, path: &str, more: &[&str]) -> (String, i32) {
    curl_trusting(lab, "ca/ca.pem", host, path, more)
}

fn curl_trusting(lab: &Lab, authority: &str, host: &str, path: &str, more: &[&str]) -> (String, i32) {
    let resolve = format!("{host}:443:{SERVER}");
    let url = format!("https://{host}{path}");
    let ca = lab.path(authority);
    let mut all = vec!["--cacert", ca.to_str().unwrap(), "--resolve", &resolve];
    if !more.iter().any(|argument| argument.starts_with("Content-Type:")) {
        all.extend(["-H", "Content-Type: application/json"]);
    }
    all.extend(more);
    all.push(&url);
    lab.curl(&all)
}

pub(crate) const CHAT: &str = "/v1/chat/completions";

/// The last record about a flow or an exchange.
pub(crate) fn last_record(lab: &Lab) -> Value {
    lab.records().into_iter().rfind(|record| record["kind"] != "admit").unwrap()
}

fn opens_masks_and_blocks_on(driver: Driver) {
    let mut lab = started(driver);
    for version in [["--tlsv1.2", "--tls-max", "1.2"], ["--tlsv1.3", "--tls-max", "1.3"]] {
        std::fs::write(lab.path("recorded"), b"").unwrap();
        let (text, code) =
            curl(&lab, HOST, CHAT, &[version[0], version[1], version[2], "-d", &chat("what is the time")]);
        assert_eq!(code, 0, "{text}");
        assert!(text.contains("chat.completion"), "{text}");
        let (text, code) = curl(
            &lab,
            HOST,
            CHAT,
            &[version[0], version[1], version[2], "--compressed", "-d", &chat("write to jo@example.org, please")],
        );
        assert_eq!(code, 0, "{text}");
        let before = lab.recorded();
        assert!(contains(&before, "what is the time") && contains(&before, "write to [REDACTED], please"));
        assert!(!contains(&before, "jo@example"));
        assert!(!contains(&before, "gzip"), "an answer that is compressed cannot be accounted for");
        let (text, code) = curl(
            &lab,
            HOST,
            CHAT,
            &[version[0], version[1], version[2], "-w", "%{http_code}", "-d", &chat(&format!("it is {SSN}"))],
        );
        assert_eq!(code, 0, "{text}");
        assert!(text.contains("blocked_by_policy") && text.ends_with("403"), "{text}");
        assert_eq!(lab.recorded().len(), before.len(), "not one byte of the blocked request");
    }
    let record = last_record(&lab);
    assert_eq!(record["server_name"], HOST);
    assert_eq!(record["verdict"], "block");
    assert_eq!(record["tls_version_client"], "1.3", "{record}");
    assert_eq!(record["tls_version_server"], "1.3", "{record}");
    assert_eq!(record["interception"], "intercepted", "{record}");
    assert_eq!(record["certificate"], "valid", "{record}");
    assert!(record["scan_ns"].as_u64() > Some(0) && record["handshake_ns"].as_u64() > Some(0), "{record}");
    lab.stop();
}

#[test]
fn tls_is_opened_masked_and_blocked_over_af_packet() {
    if is_root() {
        opens_masks_and_blocks_on(Driver::AfPacket);
    }
}

#[test]
fn tls_is_opened_masked_and_blocked_over_af_xdp() {
    if is_root() {
        opens_masks_and_blocks_on(Driver::AfXdp);
    }
}

#[test]
fn over_ipv6_it_is_the_same() {
    if !is_root() {
        return;
    }
    let mut lab = started(Driver::AfPacket);
    let resolve = format!("{HOST}:443:[{SERVER6}]");
    let ca = lab.path("ca/ca.pem");
    let url = format!("https://{HOST}{CHAT}");
    let arguments = ["--cacert", ca.to_str().unwrap(), "--resolve", &resolve, "-w", "%{http_code}"];
    let send =
        |body: &str| lab.curl(&[&arguments[..], &["-H", "Content-Type: application/json", "-d", body, &url]].concat());
    assert!(send(&chat("hello")).0.ends_with("200"));
    assert!(send(&chat(SSN)).0.ends_with("403"));
    lab.stop();
}

#[test]
fn what_a_request_waited_for_is_on_its_record() {
    if !is_root() {
        return;
    }
    let mut lab = lab(Driver::AfPacket);
    let config = lab.configure_tls(POLICY, "", "");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("[audit]\n", "[audit]\nsync = \"always\"\n")).unwrap();
    lab.start_with(&config);
    let (text, code) = curl(&lab, HOST, CHAT, &["-w", "%{http_code}", "-d", &chat("jo@example.org")]);
    assert!(code == 0 && text.ends_with("200"), "{text}");
    lab.stop();
    let record = last_record(&lab);
    let nanos = |name: &str| record[name].as_u64().unwrap();
    let parts = ["queue_ns", "handshake_ns", "scan_ns", "rewrite_ns"].map(nanos);
    assert!(parts.iter().all(|part| *part > 0), "nothing leaves before its record is on disk: {record}");
    assert!(nanos("overhead_ns") >= nanos("queue_ns") + nanos("handshake_ns"), "{record}");
}

#[test]
fn a_bypassed_name_is_not_touched() {
    if !is_root() {
        return;
    }
    let mut lab = Lab::new(Driver::AfPacket);
    lab.make_authorities();
    lab.make_leaf("server", BYPASSED, "roots", 30, &[]);
    lab.record_tls(443, "server", None);
    let config = lab.configure_tls(POLICY, "", "");
    lab.start_with(&config);
    // The client sees the real certificate: it trusts the lab's roots only.
    let (text, code) = curl_trusting(&lab, "roots.pem", BYPASSED, CHAT, &["-d", &chat(SSN)]);
    assert_eq!(code, 0, "{text}");
    assert!(contains(&lab.recorded(), SSN));
    let (text, code) = curl(&lab, BYPASSED, CHAT, &[]);
    assert_eq!(code, 60, "the gateway's authority has signed nothing here: {text}");
    // Up and down, more than any buffer holds.
    big_transfers(&lab, "roots.pem", BYPASSED, transfer_bytes());
    lab.stop();
    let records = lab.records();
    let bypassed = |kind: &str| -> Vec<&Value> {
        let is_bypassed = |record: &&Value| record["interception"] == "bypassed" && record["server_name"] == BYPASSED;
        records.iter().filter(|record| record["kind"] == kind).filter(is_bypassed).collect()
    };
    let (begun, ended) = (bypassed("admit"), bypassed("final"));
    assert!(begun.len() == ended.len() && begun.iter().all(|record| record["verdict"] == "allow"), "{records:?}");
    for (field, least) in [("request_bytes", transfer_bytes()), ("response_bytes", transfer_bytes())] {
        let most = ended.iter().filter_map(|record| record[field].as_u64()).max();
        assert!(most >= Some(least as u64) && most < Some(least as u64 * 11 / 10), "{field}: {most:?} of {least}");
    }
    assert!(ended.iter().all(|record| record["latency_ns"].as_u64() > Some(0)), "{records:?}");
    let agreed = |record: &&Value| record["tls_version_server"] == "1.3" && record["cipher"].is_string();
    assert!(ended.iter().all(agreed), "{ended:?}");
}

/// More than any buffer holds; much more where there is time.
fn transfer_bytes() -> usize {
    if std::env::var_os("SOVEREIGN_SLOW").is_some() { 200_000_000 } else { 20_000_000 }
}

/// So many bytes each way, compared.
fn big_transfers(lab: &Lab, authority: &str, host: &str, bytes: usize) {
    let block: Vec<u8> = (0..=255).collect();
    let down = lab.path("down");
    let (text, code) = curl_trusting(
        lab,
        authority,
        host,
        &format!("/bytes/{bytes}"),
        &["--max-time", "120", "-o", down.to_str().unwrap()],
    );
    assert_eq!(code, 0, "{text}");
    let got = std::fs::read(&down).unwrap();
    assert_eq!(got.len(), bytes);
    assert!(got.chunks(256).all(|chunk| chunk == &block[..chunk.len()]));
    let up = lab.path("up");
    let mut state = 7u32;
    let text: Vec<u8> = (0..bytes)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b"etaoin shrdlu\n"[(state >> 24) as usize % 14]
        })
        .collect();
    std::fs::write(&up, &text).unwrap();
    let data = format!("@{}", up.display());
    let (text, code) = curl_trusting(
        lab,
        authority,
        host,
        "/length",
        &["--max-time", "120", "-H", "Content-Type: text/plain", "-H", "Expect:", "--data-binary", &data],
    );
    assert_eq!(code, 0, "{text}");
    let sum = std::process::Command::new("sha256sum").arg(&up).output().unwrap();
    let sum = String::from_utf8(sum.stdout).unwrap();
    let expected = format!("{bytes} {}", sum.split_whitespace().next().unwrap());
    assert_eq!(text, expected);
}

#[test]
fn a_long_message_passes_byte_exact_through_tls() {
    if !is_root() {
        return;
    }
    let mut lab = lab(Driver::AfPacket);
    let config = lab.configure_tls(POLICY, "message_bytes_max = 268435456", "");
    lab.start_with(&config);
    big_transfers(&lab, "ca/ca.pem", HOST, transfer_bytes());
    lab.stop();
}

#[test]
fn a_message_that_is_too_long_is_413_and_nothing_of_it_passes() {
    if !is_root() {
        return;
    }
    let mut lab = lab(Driver::AfPacket);
    let config = lab.configure_tls(POLICY, "message_bytes_max = 100000", "");
    lab.start_with(&config);
    let body = lab.write("long", &chat(&"word ".repeat(40_000)));
    let data = format!("@{}", body.display());
    let (text, _) = curl(&lab, HOST, CHAT, &["-w", "%{http_code}", "--data-binary", &data]);
    assert!(text.ends_with("413"), "{text}");
    assert!(lab.recorded().is_empty());
    assert_eq!(last_record(&lab)["reason"], "message_bytes");
    lab.stop();
}

/// A certificate's name, the reason under which it is blocked, and how it is made.
type Case<'a> = (&'a str, &'a str, &'a dyn Fn(&Lab));

#[test]
fn a_server_whose_certificate_is_no_good_is_not_spoken_to() {
    if !is_root() {
        return;
    }
    let mut lab = Lab::new(Driver::AfPacket);
    lab.make_authorities();
    lab.make_authority("others");
    let config = lab.configure_tls(POLICY, "", "");
    let cases: [Case<'_>; 5] = [
        ("expired", "certificate_expired", &|lab| lab.make_leaf("expired", HOST, "roots", -1, &[])),
        ("wrong", "certificate_name", &|lab| lab.make_leaf("wrong", "api.other.org", "roots", 30, &[])),
        ("self", "certificate_unknown_issuer", &|lab| lab.make_self_signed("self", HOST)),
        ("unknown", "certificate_unknown_issuer", &|lab| lab.make_leaf("unknown", HOST, "others", 30, &[])),
        ("sha1", "certificate_weak", &|lab| lab.make_leaf("sha1", HOST, "roots", 30, &["-sha1"])),
    ];
    // Before the gateway, whose clock moves by seconds: a certificate of this second may not be valid by it yet.
    cases.iter().for_each(|(_, _, make)| make(&lab));
    lab.start_with(&config);
    for (number, (name, reason, _)) in cases.into_iter().enumerate() {
        // Each has an address of its own: what was learnt about one server is not asked of another.
        let address = format!("10.77.0.{}", 20 + number);
        lab.ip("sr", &["addr", "add", &format!("{address}/24"), "dev", "e0"]);
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/e2e/recorder.py");
        let paths = ["recorded".to_owned(), format!("{name}.pem"), format!("{name}.key")];
        let paths = paths.map(|path| lab.path(&path).to_str().unwrap().to_owned());
        lab.spawn("sr", "python3", &[script, &address, "443", &paths[0], &paths[1], &paths[2]], "listening");
        let resolve = format!("{HOST}:443:{address}");
        let (text, code) =
            lab.curl(&["-k", "--resolve", &resolve, "-d", &chat("hello"), &format!("https://{HOST}{CHAT}")]);
        assert_ne!(code, 0, "{name}: {text}");
        let record = last_record(&lab);
        assert_eq!(record["reason"], reason, "{name}: {record}");
        assert_eq!(record["server_name"], HOST, "{name}: {record}");
        assert!(lab.recorded().is_empty(), "{name}");
    }
    lab.stop();
}

#[test]
fn what_is_no_tls_or_names_nobody_is_blocked() {
    if !is_root() {
        return;
    }
    let mut lab = started(Driver::AfPacket);
    let (text, code) = lab.curl(&["-w", "%{http_code}", "-d", "hello", &format!("http://{SERVER}:443/")]);
    assert!(code != 0 || text.ends_with("403"), "{text}");
    assert_eq!(last_record(&lab)["reason"], "tls_required");
    let (_, code) = lab.curl(&["-k", "-d", "hello", &format!("https://{SERVER}/")]);
    assert_ne!(code, 0);
    assert_eq!(last_record(&lab)["reason"], "sni_missing");
    let (_, code) = curl(&lab, "www.example.com", "/", &["-k"]);
    assert_ne!(code, 0);
    assert_eq!(last_record(&lab)["reason"], "policy_blocked");
    assert!(lab.recorded().is_empty());
    lab.stop();
}

#[test]
fn a_hello_in_any_pieces_is_read() {
    if !is_root() {
        return;
    }
    let mut lab = started(Driver::AfPacket);
    for (mode, size) in [("segments", "1"), ("segments", "100"), ("records", "24"), ("records", "1")] {
        let text = lab.tls_client(mode, HOST, &[size, "hello there"]);
        assert_eq!(text.trim(), "TLSv1.3 HTTP/1.1 200 OK", "{mode} of {size}");
    }
    lab.stop();
}

#[test]
fn sessions_are_resumed_and_connections_kept() {
    if !is_root() {
        return;
    }
    let mut lab = started(Driver::AfPacket);
    assert_eq!(lab.tls_client("resume", HOST, &[]).trim(), "[False, True, True]");
    assert_eq!(lab.tls_client("resume", HOST, &["1.2"]).trim(), "[False, True, True]");
    assert_eq!(lab.tls_client("keepalive", HOST, &["300", SSN]).trim(), "300 HTTP/1.1 403 Forbidden");
    assert!(!contains(&lab.recorded(), SSN));
    lab.stop();
}

#[test]
fn of_a_violating_request_no_byte_arrives_in_any_split() {
    if !is_root() {
        return;
    }
    let mut lab = started(Driver::AfPacket);
    for (seed, size) in [(1, 0), (2, 10), (3, 1000), (4, 20_000), (5, 200_000), (6, 1_000_000), (7, 4_000_000)] {
        let text = lab.tls_client("splits", HOST, &[&seed.to_string(), &size.to_string(), SSN]);
        assert!(text.starts_with("HTTP/1.1 403"), "{size}: {text}");
        assert!(lab.recorded().is_empty(), "{size}");
    }
    lab.stop();
}

#[test]
fn a_block_ends_the_connection_cleanly() {
    if !is_root() {
        return;
    }
    let mut lab = started(Driver::AfPacket);
    assert_eq!(lab.tls_client("end", HOST, &[SSN]).trim(), "HTTP/1.1 403 Forbidden closed");
    lab.stop();
}

#[test]
fn the_name_that_was_called_is_the_name_that_is_asked() {
    if !is_root() {
        return;
    }
    let mut lab = started(Driver::AfPacket);
    let (text, _) = curl(&lab, HOST, CHAT, &["-w", "%{http_code}", "-H", "Host: api.anthropic.com", "-d", &chat("hi")]);
    assert!(text.ends_with("403"), "{text}");
    assert_eq!(last_record(&lab)["reason"], "host_mismatch");
    assert!(lab.recorded().is_empty());
    lab.stop();
}

#[test]
fn a_stricter_policy_ends_what_was_decided_by_its_name() {
    if !is_root() {
        return;
    }
    let blocked = POLICY.replacen("mode = \"terminate\"", "mode = \"block\"", 1);
    let intercepted = POLICY.replacen("mode = \"forward\"", "mode = \"terminate\"", 1);
    for (name, authority, policy, outcome) in [
        (HOST, "ca/ca.pem", &blocked, "ended"),
        (BYPASSED, "roots.pem", &intercepted, "ended"),
        (HOST, "ca/ca.pem", &intercepted, "open"),
        (BYPASSED, "roots.pem", &blocked, "open"),
    ] {
        let mut lab = Lab::new(Driver::AfPacket);
        lab.make_authorities();
        lab.make_leaf("server", name, "roots", 30, &[]);
        lab.record_tls(443, "server", None);
        let config = lab.configure_tls(POLICY, "policy_drain_ms_max = 200", "");
        lab.start_with(&config);
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/e2e/tls_client.py");
        let authority = lab.path(authority);
        // What is to end has time to.
        let seconds = if outcome == "ended" { "30" } else { "3" };
        let arguments = [script, "on", SERVER, "443", name, authority.to_str().unwrap(), seconds];
        let log = lab.spawn("cl", "python3", &arguments, "asked");
        lab.write("policy.toml", policy);
        assert!(lab.control(&["reload"]).status.success());
        let begun = Instant::now();
        let said = loop {
            let said = std::fs::read_to_string(&log).unwrap();
            let last = said.lines().last().unwrap_or_default().to_owned();
            if last != "asked" {
                break last;
            }
            assert!(begun.elapsed() < Duration::from_secs(40), "{said}");
            std::thread::sleep(Duration::from_millis(50));
        };
        assert_eq!(said, outcome, "{name}");
        if outcome == "ended" {
            lab.stop();
            assert!(name == BYPASSED || last_record(&lab)["reason"] == "policy_changed", "{}", last_record(&lab));
        }
    }
}

#[test]
fn a_connection_outlives_a_change_of_addresses_below_it() {
    if !is_root() {
        return;
    }
    let mut lab = started(Driver::AfPacket);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/e2e/tls_client.py");
    let authority = lab.path("ca/ca.pem");
    let arguments = [script, "on", SERVER, "443", HOST, authority.to_str().unwrap(), "60"];
    let log = lab.spawn("cl", "python3", &arguments, "asked");
    // The server's, of which only the client hears; and the client's, of which only the server does.
    for (host, mac, other) in [("sr", "02:aa:bb:cc:00:01", "cl"), ("cl", "02:aa:bb:cc:00:02", "sr")] {
        let asked = || std::fs::read_to_string(&log).unwrap().matches("asked").count();
        let before = asked();
        lab.ip(host, &["link", "set", "e0", "address", mac]);
        lab.ip(other, &["neigh", "flush", "dev", "e0"]);
        let begun = Instant::now();
        while asked() < before + 4 {
            assert!(begun.elapsed() < Duration::from_secs(15), "{host}: {} requests were answered", asked() - before);
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

#[test]
fn a_stream_in_which_something_is_found_ends_with_an_error() {
    if !is_root() {
        return;
    }
    let mut lab = lab(Driver::AfPacket);
    let both = POLICY.replace("action = \"block\"", "direction = \"both\"\naction = \"block\"");
    let config = lab.configure_tls(&both, "", "");
    lab.start_with(&config);
    let (text, code) = curl(&lab, HOST, "/leak", &["-N", "-d", &chat("what is it")]);
    assert_eq!(code, 0, "{text}");
    let events: Vec<&str> = text.split("\n\n").collect();
    let [hello, .., error, ""] = events[..] else { panic!("{text}") };
    assert!(hello.contains("Hello. ") && !text.contains(SSN) && !text.contains("bye"), "{text}");
    assert!(error.starts_with("data: {\"error\":{") && error.contains("blocked_by_policy"), "{text}");
    let record = last_record(&lab);
    assert_eq!((record["verdict"].as_str(), record["status"].as_u64()), (Some("block"), Some(200)), "{record}");
    lab.stop();
}

#[test]
fn a_server_that_refuses_or_is_silent_stays_so() {
    if !is_root() {
        return;
    }
    let mut lab = Lab::new(Driver::AfPacket);
    lab.make_authorities();
    let config = lab.configure_tls(POLICY, "", "");
    lab.start_with(&config);
    let begun = Instant::now();
    let (text, code) = curl(&lab, HOST, CHAT, &[]);
    assert_eq!(code, 7, "connection refused: {text}");
    assert!(begun.elapsed() < Duration::from_secs(5));
    lab.stop();
}

#[test]
fn plain_text_is_terminated_too() {
    if !is_root() {
        return;
    }
    let mut lab = Lab::new(Driver::AfPacket);
    lab.make_authorities();
    lab.record(8000);
    let config = lab.configure_tls(POLICY, "", "");
    lab.start_with(&config);
    let url = format!("http://{SERVER}:8000{CHAT}");
    let send =
        |body: &str| lab.curl(&["-w", "%{http_code}", "-H", "Content-Type: application/json", "-d", body, &url]).0;
    assert!(send(&chat("write to jo@example.org, please")).ends_with("200"));
    let before = lab.recorded();
    assert!(contains(&before, "write to [REDACTED], please"));
    assert!(send(&chat(SSN)).ends_with("403"));
    assert_eq!(lab.recorded(), before);
    lab.stop();
}

#[test]
fn a_server_that_wants_to_see_a_certificate_is_blocked() {
    if !is_root() {
        return;
    }
    let mut lab = Lab::new(Driver::AfPacket);
    lab.make_authorities();
    lab.make_leaf("server", HOST, "roots", 30, &[]);
    lab.record_tls(443, "server", Some("roots"));
    let config = lab.configure_tls(POLICY, "", "");
    lab.start_with(&config);
    let (text, code) = curl(&lab, HOST, CHAT, &["-d", &chat("hello")]);
    assert_ne!(code, 0, "{text}");
    assert_eq!(last_record(&lab)["reason"], "client_certificate_wanted");
    assert!(lab.recorded().is_empty());
    lab.stop();
}

#[test]
fn only_clients_with_a_certificate_come_where_one_is_asked_for() {
    if !is_root() {
        return;
    }
    let mut lab = lab(Driver::AfPacket);
    lab.make_authority("staff");
    lab.make_leaf("alice", "alice", "staff", 30, &[]);
    lab.make_leaf("mallory", "mallory", "roots", 30, &[]);
    let staff = format!("[tls.clients]\nca = \"{}\"", lab.path("staff.pem").display());
    let config = lab.configure_tls(POLICY, "", &staff);
    lab.start_with(&config);
    let path = |name: &str| lab.path(name).to_str().unwrap().to_owned();
    let as_client = |name: &str| {
        let (pem, key) = (path(&format!("{name}.pem")), path(&format!("{name}.key")));
        curl(&lab, HOST, CHAT, &["--cert", &pem, "--key", &key, "-w", "%{http_code}", "-d", &chat("hello")])
    };
    let (text, code) = curl(&lab, HOST, CHAT, &["-d", &chat("hello")]);
    assert_ne!(code, 0, "{text}");
    assert_eq!(last_record(&lab)["reason"], "client_certificate_missing");
    assert_ne!(as_client("mallory").1, 0);
    assert!(lab.recorded().is_empty());
    let (text, code) = as_client("alice");
    assert!(code == 0 && text.ends_with("200"), "{text}");
    assert_eq!(last_record(&lab)["user"], "alice");
    lab.stop();
}

#[test]
fn handshakes_that_stop_halfway_leave_room_for_others() {
    if !is_root() {
        return;
    }
    let mut lab = lab(Driver::AfPacket);
    let config = lab.configure_tls(POLICY, "flow_count_max = 1024", "");
    lab.start_with(&config);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/e2e/tls_client.py");
    let ca = lab.path("ca/ca.pem").to_str().unwrap().to_owned();
    // As many as may be half open at once, and they stay so.
    lab.spawn("cl", "python3", &[script, "stop", SERVER, "443", HOST, &ca, "200", "100", "15"], "open");
    let (text, code) = curl(&lab, HOST, CHAT, &["-w", "%{http_code}", "-d", &chat("hello")]);
    assert!(code == 0 && text.ends_with("200"), "{text}");
    std::thread::sleep(Duration::from_secs(12));
    let status = lab.status();
    assert!(status["total"]["blocked"]["tls_hello_timeout"].as_u64() >= Some(100), "{status}");
    let (text, code) = curl(&lab, HOST, CHAT, &["-w", "%{http_code}", "-d", &chat("hello again")]);
    assert!(code == 0 && text.ends_with("200"), "{text}");
    lab.stop();
}

/// A client whose only group is X25519MLKEM768, which makes its hello longer than most; it leaves in two segments.
#[test]
fn a_post_quantum_hello_in_two_segments_is_read() {
    if !is_root() {
        return;
    }
    let mut lab = started(Driver::AfPacket);
    let program = std::env::current_exe().unwrap();
    let child = ["--exact", "tls::child_that_is_a_post_quantum_client", "--ignored", "--nocapture"];
    let mut command = lab.command("cl", program.to_str().unwrap(), &child);
    let output = command.env("POST_QUANTUM_CA", lab.path("ca/ca.pem")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("X25519MLKEM768 HTTP/1.1 200 OK"), "{said}");
    assert!(contains(&lab.recorded(), "after quantum"));
    lab.stop();
}

#[test]
#[ignore = "a_post_quantum_hello_in_two_segments_is_read runs it, in a namespace of its own"]
fn child_that_is_a_post_quantum_client() {
    use rustls::crypto::aws_lc_rs;
    use rustls::pki_types::{CertificateDer, pem::PemObject};
    use std::io::{Read, Write};
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(std::env::var_os("POST_QUANTUM_CA").unwrap()).unwrap()).unwrap();
    let mut provider = aws_lc_rs::default_provider();
    provider.kx_groups = vec![aws_lc_rs::kx_group::X25519MLKEM768];
    let config = rustls::ClientConfig::builder_with_provider(std::sync::Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut tls = rustls::ClientConnection::new(std::sync::Arc::new(config), HOST.try_into().unwrap()).unwrap();
    let mut socket = std::net::TcpStream::connect((SERVER, 443)).unwrap();
    socket.set_nodelay(true).unwrap();
    let mut hello = Vec::new();
    tls.write_tls(&mut hello).unwrap();
    assert!(hello.len() > 1300, "the key share alone has 1216 bytes");
    let (first, second) = hello.split_at(700);
    socket.write_all(first).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    socket.write_all(second).unwrap();
    let mut stream = rustls::Stream::new(&mut tls, &mut socket);
    let body = chat("after quantum");
    let request = format!(
        "POST {CHAT} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = [0; 15];
    stream.read_exact(&mut answer).unwrap();
    let group = tls.negotiated_key_exchange_group().unwrap().name();
    println!("{group:?} {}", String::from_utf8_lossy(&answer));
}
