//! Terminated connections that end in every way there is: resets, halves, silence, restarts of the gateway.

use crate::lab::{Driver, Lab, SERVER, SSN, is_root};
use crate::tls::{CHAT, HOST, POLICY, chat, curl, lab, last_record, started};
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// What finished connections are kept for at most, late segments answered, and then some.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(25);

/// Waits until no flow is left, on either side.
fn nothing_is_left(lab: &Lab) {
    let begun = Instant::now();
    while lab.status()["total"]["flows"]["terminate"] != 0 {
        assert!(begun.elapsed() < FORGOTTEN_AFTER, "{}", lab.status()["total"]["flows"]);
        std::thread::sleep(Duration::from_millis(250));
    }
    let begun = Instant::now();
    loop {
        let open = lab.exec("sr", "ss", &["-Htan", "state", "established"]).stdout;
        if open.is_empty() {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "{}", String::from_utf8_lossy(&open));
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_client_that_resets_leaves_nothing_behind() {
    if !is_root() {
        return;
    }
    let mut lab = started(Driver::AfPacket);
    assert_eq!(lab.tls_client("reset", HOST, &[]).trim(), "reset");
    nothing_is_left(&lab);
    assert!(lab.recorded().is_empty(), "nothing of half a request");
    assert_eq!(last_record(&lab)["server_name"], HOST);
    lab.stop();
}

#[test]
fn a_server_that_resets_is_seen_to_by_the_client() {
    if !is_root() {
        return;
    }
    let mut lab = started(Driver::AfPacket);
    for path in ["/reset", "/cut"] {
        let begun = Instant::now();
        let (text, code) = curl(&lab, HOST, path, &[]);
        assert_ne!(code, 0, "{path}: {text}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{path}: at once");
        nothing_is_left(&lab);
    }
    let (text, code) = curl(&lab, HOST, CHAT, &["-w", "%{http_code}", "-d", &chat("hello")]);
    assert!(code == 0 && text.ends_with("200"), "{text}");
    lab.stop();
}

#[test]
fn half_closed_connections_are_answered() {
    if !is_root() {
        return;
    }
    let mut lab = started(Driver::AfPacket);
    // The recorder keeps one file; in plain text it listens beside TLS.
    lab.record(8000);
    assert_eq!(lab.tls_client("half", HOST, &["tls"]).trim(), "HTTP/1.1 200 OK closed");
    let plain = lab.client_command("half", 8000, SERVER, &["plain"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&plain.stdout).trim(), "HTTP/1.1 200 OK closed");
    let (text, code) = curl(&lab, HOST, "/eof", &[]);
    assert_eq!((text.as_str(), code), ("up to the end", 0));
    nothing_is_left(&lab);
    lab.stop();
}

#[test]
fn a_server_that_is_silent_is_waited_for_and_given_up() {
    if !is_root() {
        return;
    }
    let mut lab = Lab::new(Driver::AfPacket);
    lab.make_authorities();
    let config = lab.configure_tls(POLICY, "", "");
    lab.start_with(&config);
    // It takes the connection and says nothing in it.
    let listener = format!(
        "import socket,time;s=socket.create_server(('{SERVER}',443));print('listening',flush=True);c=s.accept();time.sleep(60)"
    );
    lab.spawn("sr", "python3", &["-c", &listener], "listening");
    let begun = Instant::now();
    let (text, code) = curl(&lab, HOST, CHAT, &[]);
    assert_ne!(code, 0, "{text}");
    let waited = begun.elapsed();
    assert!((Duration::from_secs(8)..Duration::from_secs(15)).contains(&waited), "{waited:?}");
    assert_eq!(last_record(&lab)["reason"], "handshake_failed");
    // It does not even take the connection: nobody has that address.
    let mac = lab.exec("sr", "cat", &["/sys/class/net/e0/address"]).stdout;
    let mac = String::from_utf8(mac).unwrap();
    lab.ip("cl", &["neigh", "add", "10.77.0.9", "lladdr", mac.trim(), "dev", "e0", "nud", "permanent"]);
    let (text, code) = lab.curl(&[
        "-k",
        "--max-time",
        "3",
        "--resolve",
        &format!("{HOST}:443:10.77.0.9"),
        &format!("https://{HOST}/"),
    ]);
    assert_eq!(code, 28, "not answered before the server is: {text}");
    lab.stop();
}

#[test]
fn a_connection_that_a_gateway_knows_nothing_of_is_reset() {
    if !is_root() {
        return;
    }
    let mut lab = lab(Driver::AfPacket);
    let config = lab.configure_tls(POLICY, "", "");
    lab.start_with(&config);
    let go_on = lab.path("go-on");
    let mut client = lab.client_command("stay", 443, HOST, &[go_on.to_str().unwrap()]);
    let mut client = client.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(client.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.next().as_deref(), Some("first"));
    let before = lab.recorded();
    lab.kill();
    lab.start_with(&config);
    std::fs::write(&go_on, b"").unwrap();
    let outcome = lines.next().unwrap();
    client.wait().unwrap();
    assert!(outcome.starts_with("broken: ") && outcome.ends_with(" at once"), "{outcome}");
    assert_eq!(lab.recorded(), before);
    let (text, code) = curl(&lab, HOST, CHAT, &["-w", "%{http_code}", "-d", &chat(SSN)]);
    assert!(code == 0 && text.ends_with("403"), "{text}");
    lab.stop();
}
