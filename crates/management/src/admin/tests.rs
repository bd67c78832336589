use super::server::{CONNECTIONS_MAX, REQUEST_BYTES_MAX};
use super::*;
use crate::snapshot::GatewayState;
use core::time::Duration;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use tempfile::TempDir;

/// A gateway that counts what it is asked.
#[derive(Default)]
struct Gateway {
    is_ready: AtomicBool,
    reloads: AtomicU64,
    stops: AtomicU64,
    waiting: AtomicU64,
    /// Held while a reload is to take long.
    gate: Mutex<()>,
}

impl Control for Gateway {
    fn snapshot(&self) -> Snapshot {
        let state = if self.is_ready.load(Ordering::Relaxed) { GatewayState::Ready } else { GatewayState::Starting };
        Snapshot { state, gateway: "lab-1".to_owned(), ..Snapshot::default() }
    }

    fn reload(&self) -> Result<String, String> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let _passed = self.gate.lock().unwrap();
        match self.reloads.fetch_add(1, Ordering::Relaxed) {
            0 => Ok("policy lab-2".to_owned()),
            _ => Err("policy.toml:3:1: unknown key".to_owned()),
        }
    }

    fn stop(&self) {
        self.stops.fetch_add(1, Ordering::Relaxed);
    }
}

struct Lab {
    dir: TempDir,
    gateway: Arc<Gateway>,
    server: Option<Server>,
}

impl Lab {
    fn new() -> Self {
        let mut lab = Self { dir: tempfile::tempdir().unwrap(), gateway: Arc::default(), server: None };
        lab.server = Some(lab.start().unwrap());
        lab
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("run/admin.sock")
    }

    fn start(&self) -> Result<Server, AdminError> {
        let config = AdminConfig { path: self.path(), mode: AdminConfig::GROUP };
        Server::start(&config, Arc::clone(&self.gateway) as _)
    }

    fn raw(&self) -> UnixStream {
        let stream = UnixStream::connect(self.path()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }
}

fn say(stream: &mut UnixStream, text: &[u8]) -> String {
    stream.write_all(text).unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    line
}

#[test]
fn commands_are_carried_out_and_answered() {
    let lab = Lab::new();
    let mut client = Client::connect(&lab.path()).unwrap();
    assert_eq!(client.status().unwrap(), lab.gateway.snapshot());
    assert_eq!(client.reload().unwrap(), "policy lab-2");
    let refused = client.reload().unwrap_err();
    assert_eq!(refused.to_string(), "policy.toml:3:1: unknown key");
    client.stop().unwrap();
    // It is asked once the answer was given.
    while lab.gateway.stops.load(Ordering::Relaxed) == 0 {
        thread::park_timeout(Duration::from_millis(5));
    }
    assert_eq!(lab.gateway.stops.load(Ordering::Relaxed), 1);
}

#[test]
fn only_owner_and_group_may_ask_and_the_file_goes_with_the_server() {
    let mut lab = Lab::new();
    assert_eq!(fs::metadata(lab.path()).unwrap().permissions().mode() & 0o777, 0o660);
    assert_eq!(fs::read_dir(lab.path().parent().unwrap()).unwrap().count(), 1);
    let mut connected = lab.raw();
    say(&mut connected, b"{\"command\":\"status\"}\n");
    lab.server = None;
    assert!(!lab.path().parent().unwrap().exists(), "nor is the directory left that was made for it");
    assert_eq!(connected.read(&mut [0]).unwrap(), 0, "clients are hung up on");
    let error = Client::connect(&lab.path()).unwrap_err().to_string();
    assert!(error.contains("is the gateway running?"), "{error}");
}

#[test]
fn a_socket_that_somebody_answers_on_is_not_taken() {
    let lab = Lab::new();
    let error = lab.start().unwrap_err();
    assert!(matches!(error, AdminError::InUse { .. }));
    assert!(error.to_string().contains("another process answers"), "{error}");
    Client::connect(&lab.path()).unwrap().status().unwrap();
}

#[test]
fn a_stale_socket_is_replaced() {
    let mut lab = Lab::new();
    lab.server = None;
    fs::create_dir(lab.path().parent().unwrap()).unwrap();
    drop(UnixListener::bind(lab.path()).unwrap());
    assert!(lab.path().exists());
    lab.server = Some(lab.start().unwrap());
    Client::connect(&lab.path()).unwrap().status().unwrap();
}

#[test]
fn a_file_that_is_no_socket_is_left_alone() {
    let mut lab = Lab::new();
    lab.server = None;
    fs::create_dir(lab.path().parent().unwrap()).unwrap();
    fs::write(lab.path(), "precious").unwrap();
    assert!(matches!(lab.start(), Err(AdminError::NotSocket { .. })));
    assert_eq!(fs::read(lab.path()).unwrap(), b"precious");
}

#[test]
fn paths_that_cannot_be_used_are_refused_in_one_line() {
    let long = format!("/tmp/{}", "x".repeat(200));
    for path in [long.as_str(), "/proc/self/nothing/admin.sock"] {
        let config = AdminConfig { path: path.into(), mode: AdminConfig::OWNER };
        let error = Server::start(&config, Arc::new(Gateway::default())).unwrap_err().to_string();
        assert!(error.starts_with(&format!("admin socket {path}: ")) && !error.contains('\n'), "{error}");
    }
}

#[test]
fn nonsense_is_refused_and_the_connection_goes_on() {
    let lab = Lab::new();
    let mut stream = lab.raw();
    let nonsense: [&[u8]; 7] = [
        b"\n",
        b"status\n",
        b"{\"command\":\"format\"}\n",
        b"{\"command\":\"status\",\"extra\":1}\n",
        b"\xff\xfe\x00\n",
        b"[[[[[[[[[[[[\n",
        b"{\"command\":{\"command\":\"stop\"}}\n",
    ];
    for text in nonsense {
        let answer = say(&mut stream, text);
        assert!(answer.starts_with("{\"answer\":\"refused\""), "{answer}");
    }
    assert!(say(&mut stream, b"{\"command\":\"status\"}\n").starts_with("{\"answer\":\"status\""));
    assert_eq!(lab.gateway.stops.load(Ordering::Relaxed), 0);
}

#[test]
fn a_request_without_an_end_is_cut_off() {
    let lab = Lab::new();
    let mut stream = lab.raw();
    let answer = say(&mut stream, &[b'['; 2 * REQUEST_BYTES_MAX]);
    assert!(answer.contains("at most 4096 bytes"), "{answer}");
    let mut rest = Vec::new();
    // The end, or a reset where bytes were left unread: no further answer either way.
    let _ = stream.read_to_end(&mut rest);
    assert_eq!(rest, b"");
}

#[test]
fn requests_may_come_in_pieces_or_many_at_once() {
    let lab = Lab::new();
    let mut stream = lab.raw();
    for byte in b"{\"command\":\"status\"}" {
        stream.write_all(&[*byte]).unwrap();
    }
    assert!(say(&mut stream, b"\n").starts_with("{\"answer\":\"status\""));
    stream.write_all("{\"command\":\"stop\"}\n".repeat(20).as_bytes()).unwrap();
    let mut lines = BufReader::new(stream).lines();
    for _ in 0..20 {
        assert!(lines.next().unwrap().unwrap().contains("stopping"));
    }
}

#[test]
fn clients_that_say_nothing_cannot_keep_others_out() {
    let lab = Lab::new();
    let silent: Vec<_> = (0..3 * CONNECTIONS_MAX).map(|_| lab.raw()).collect();
    for _ in 0..CONNECTIONS_MAX {
        Client::connect(&lab.path()).unwrap().status().unwrap();
    }
    drop(silent);
}

#[test]
fn a_client_that_takes_no_answers_does_not_stall_the_others() {
    let lab = Lab::new();
    let mut deaf = lab.raw();
    deaf.set_nonblocking(true).unwrap();
    let requests = "{\"command\":\"status\"}\n".repeat(1000);
    while deaf.write(requests.as_bytes()).is_ok() {}
    Client::connect(&lab.path()).unwrap().status().unwrap();
}

#[test]
fn a_long_reload_does_not_hold_up_status() {
    let lab = Lab::new();
    let gate = lab.gateway.gate.lock().unwrap();
    let path = lab.path();
    let reloading = thread::spawn(move || Client::connect(&path).unwrap().reload());
    while lab.gateway.waiting.load(Ordering::Relaxed) == 0 {
        thread::yield_now();
    }
    for _ in 0..2 * CONNECTIONS_MAX {
        let mut client = Client::connect(&lab.path()).unwrap();
        client.status().unwrap();
        let second = client.reload().unwrap_err().to_string();
        assert!(second.contains("being loaded already"), "{second}");
    }
    drop(gate);
    assert_eq!(reloading.join().unwrap().unwrap(), "policy lab-2");
}

#[test]
fn waiting_for_ready_ends_when_it_is_and_not_before() {
    let lab = Lab::new();
    let short = wait_until_ready(&lab.path(), Duration::from_millis(120)).unwrap_err();
    assert!(matches!(short, ClientError::NotReady { .. }));
    let path = lab.path();
    let waiting = thread::spawn(move || wait_until_ready(&path, Duration::from_secs(20)));
    lab.gateway.is_ready.store(true, Ordering::Relaxed);
    assert_eq!(waiting.join().unwrap().unwrap().state, GatewayState::Ready);
    let nobody = wait_until_ready(Path::new("/nonexistent/admin.sock"), Duration::from_millis(60));
    assert!(nobody.unwrap_err().to_string().contains("not ready"));
}

#[test]
fn what_does_not_speak_the_protocol_is_no_gateway() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("other.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let other = thread::spawn(move || {
        for answer in ["HTTP/1.1 400 Bad Request\r\n\r\n", "{\"answer\":\"done\",\"message\":\"\"}\n", ""] {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 21];
            stream.read_exact(&mut request).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    for _ in 0..2 {
        assert!(matches!(Client::connect(&path).unwrap().status(), Err(ClientError::Malformed { .. })));
    }
    assert!(matches!(Client::connect(&path).unwrap().status(), Err(ClientError::Broken { .. })));
    other.join().unwrap();
}
