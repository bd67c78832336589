//! Both sessions against programs that people use, over loopback: OpenSSL, curl, Python.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]
#![allow(clippy::disallowed_methods, reason = "programs live in real time")]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use support::{KEY, NAME, name};
use tempfile::TempDir;
use tls::client_hello::{Progress, Reader};
use tls::keys::FileKey;
use tls::mint::{Authority, CaCurve, create_ca};
use tls::session::{End, Facts, Session};
use tls::{ClientSide, Clock, Downstream, LeafFacts, Roots, ServerSide, Tickets, TlsError, Upstream, Verdict};

/// How long anything here may take.
const PATIENCE: Duration = Duration::from_secs(20);

fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

/// Drives a session over a socket until plain text comes, the handshake is done, or it ends.
fn step(session: &mut dyn Session, socket: &mut TcpStream) -> Result<Vec<u8>, TlsError> {
    flush(session, socket);
    let mut bytes = [0; 3000];
    let len = socket.read(&mut bytes).expect("the other side is silent");
    if len == 0 {
        session.handle_eof();
        return Ok(Vec::new());
    }
    let mut plain = Vec::new();
    let result = support::fed(session, &bytes[..len], 700, &mut plain);
    flush(session, socket);
    result.map(|()| plain)
}

fn flush(session: &mut dyn Session, socket: &mut TcpStream) {
    let bytes = support::written(session, 1000);
    // A peer that went away shows when it is read from.
    let _ = socket.write_all(&bytes);
}

fn handshake(session: &mut dyn Session, socket: &mut TcpStream) -> Result<Vec<u8>, TlsError> {
    let mut plain = Vec::new();
    while session.is_handshaking() {
        plain.extend(step(session, socket)?);
        assert!(session.peer_end() != Some(End::Truncated), "cut off in the handshake");
    }
    Ok(plain)
}

fn connected(port: u16) -> TcpStream {
    let socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

/// A program that is ended with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn openssl(dir: &Path, arguments: &str) {
    let output = Command::new("openssl").args(arguments.split_whitespace()).current_dir(dir).output().unwrap();
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A root, and certificates of all sorts, all made by OpenSSL.
fn certificates() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path();
    for root in ["root", "other"] {
        openssl(
            path,
            &format!("req -x509 -newkey rsa:2048 -nodes -keyout {root}.key -out {root}.pem -days 30 -subj /CN={root}"),
        );
    }
    openssl(path, "req -newkey rsa:2048 -nodes -keyout leaf.key -out leaf.csr -subj /CN=leaf");
    for (file, san) in [("good", NAME), ("wrong", "api.example.org")] {
        std::fs::write(
            path.join(format!("{file}.ext")),
            format!("subjectAltName=DNS:{san}\nbasicConstraints=CA:FALSE\n"),
        )
        .unwrap();
    }
    let sign = |out: &str, ca: &str, extensions: &str, more: &str| {
        openssl(
            path,
            &format!(
                "x509 -req -in leaf.csr -CA {ca}.pem -CAkey {ca}.key -CAcreateserial -extfile {extensions}.ext -out {out}.pem {more}"
            ),
        );
    };
    sign("good", "root", "good", "-days 10");
    sign("wrong", "root", "wrong", "-days 10");
    sign("unknown", "other", "good", "-days 10");
    sign("sha1", "root", "good", "-days 10 -sha1");
    openssl(path, "req -newkey rsa:1024 -nodes -keyout short.key -out short.csr -subj /CN=short");
    openssl(
        path,
        "x509 -req -in short.csr -CA root.pem -CAkey root.key -CAcreateserial -extfile good.ext -out short.pem -days 10",
    );
    // OpenSSL 3.0 takes no dates for `x509 -req`, but days that count back.
    sign("expired", "root", "good", "-days -1");
    openssl(
        path,
        &format!("req -x509 -key leaf.key -out self.pem -days 10 -subj /CN=self -addext subjectAltName=DNS:{NAME}"),
    );
    dir
}

/// `openssl s_server` with a certificate; its port.
fn s_server(dir: &Path, certificate: &str, more: &[&str]) -> (Program, u16) {
    let mut command = Command::new("openssl");
    command.args(["s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", "leaf.key", "-www"]).args(more);
    command.current_dir(dir).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let port = lines.find_map(|line| line.unwrap().strip_prefix("ACCEPT ")?.rsplit(':').next()?.parse().ok());
    // Nobody reads on; what it prints further fits the pipe.
    std::mem::forget(lines);
    (Program(child), port.expect("no port"))
}

fn upstream(dir: &Path) -> Upstream {
    let mut roots = Roots::built_in();
    roots.add_pem(&std::fs::read(dir.join("root.pem")).unwrap()).unwrap();
    Upstream::new(&roots, Arc::new(Clock::new(now()))).unwrap()
}

/// Connects, asks for a page, and reads it to its end.
fn ask(upstream: &mut Upstream, port: u16) -> Result<(ServerSide, Vec<u8>), TlsError> {
    let mut socket = connected(port);
    let mut side = upstream.connect(KEY, &name(NAME), vec![]).unwrap();
    let mut page = handshake(&mut side, &mut socket)?;
    assert_eq!(side.write_plain(b"GET / HTTP/1.0\r\n\r\n"), 18);
    while side.peer_end().is_none() {
        page.extend(step(&mut side, &mut socket)?);
    }
    Ok((side, page))
}

#[test]
fn openssl_servers_of_both_versions_are_spoken_to_and_resumed() {
    let dir = certificates();
    for (option, version) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
        let (_server, port) = s_server(dir.path(), "good.pem", &[option]);
        let mut upstream = upstream(dir.path());
        for is_resumed in [false, true] {
            let (side, page) = ask(&mut upstream, port).unwrap();
            assert!(page.starts_with(b"HTTP/1.0 200 ok"), "{}", String::from_utf8_lossy(&page));
            let facts = side.facts();
            assert_eq!((facts.version, facts.is_resumed), (Some(version), is_resumed));
            let der = rustls::pki_types::CertificateDer::from(
                x509_parser::pem::parse_x509_pem(&std::fs::read(dir.path().join("good.pem")).unwrap())
                    .unwrap()
                    .1
                    .contents,
            );
            assert_eq!(side.leaf().copied(), LeafFacts::read(&der), "also of a resumed session");
        }
    }
}

#[test]
fn openssl_servers_that_are_bad_have_their_verdicts() {
    let dir = certificates();
    let wants = ["-Verify", "1", "-CAfile", "root.pem"];
    let cases: [(&str, &[&str], Verdict); 10] = [
        ("expired.pem", &[], Verdict::Expired),
        ("wrong.pem", &[], Verdict::WrongHost),
        ("self.pem", &[], Verdict::SelfSigned),
        ("unknown.pem", &[], Verdict::UnknownIssuer),
        ("sha1.pem", &["-cipher", "DEFAULT@SECLEVEL=0"], Verdict::WeakSignature),
        ("short.pem", &["-key", "short.key", "-cipher", "DEFAULT@SECLEVEL=0"], Verdict::WeakSignature),
        ("short.pem", &["-key", "short.key", "-tls1_2", "-cipher", "DEFAULT@SECLEVEL=0"], Verdict::WeakSignature),
        ("good.pem", &wants, Verdict::ClientCertificateWanted),
        ("good.pem", &["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"], Verdict::VersionTooOld),
        ("good.pem", &[], Verdict::Valid),
    ];
    for (certificate, options, verdict) in cases {
        let (_server, port) = s_server(dir.path(), certificate, options);
        match ask(&mut upstream(dir.path()), port) {
            Ok((side, _)) => assert_eq!((side.verdict(), Verdict::Valid), (Some(verdict), verdict), "{certificate}"),
            Err(error) => assert_eq!(error, TlsError::Refused(verdict), "{certificate} {options:?}"),
        }
    }
}

/// An authority, its file, and what accepts clients with it.
struct Front {
    authority: Authority,
    dir: TempDir,
    downstream: Downstream,
    listener: TcpListener,
}

impl Front {
    fn new() -> Self {
        let ca = create_ca("Front", CaCurve::P384, now()).unwrap();
        let key = FileKey::of_pem(&ca.key).unwrap();
        let authority = Authority::new(ca.certificate.as_bytes(), Box::new(key), now()).unwrap();
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("ca.pem"), ca.certificate).unwrap();
        let downstream = Downstream::new(None, Tickets::new(), Arc::new(Clock::new(now())));
        Self { authority, dir, downstream, listener: TcpListener::bind("127.0.0.1:0").unwrap() }
    }

    fn port(&self) -> u16 {
        self.listener.local_addr().unwrap().port()
    }

    /// Accepts one client, the way it goes in the path; also what it said right behind the handshake.
    fn accept(&mut self, alpn: Option<&[u8]>) -> Result<(ClientSide, TcpStream, Vec<u8>), TlsError> {
        let mut socket = self.listener.accept().unwrap().0;
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut reader = Reader::new();
        let hello = loop {
            let mut byte = [0];
            socket.read_exact(&mut byte).unwrap();
            if let Progress::Hello { hello, .. } = reader.read(&byte).unwrap() {
                break hello;
            }
        };
        let real = LeafFacts { not_before: now() - 60, not_after: now() + 60, sha256: [1; 32] };
        let minted = self.authority.mint(&hello.host.unwrap(), &real, now()).unwrap();
        let mut side = self.downstream.accept(KEY, &minted, alpn).unwrap();
        support::fed(&mut side, reader.raw(), 24, &mut Vec::new())?;
        flush(&mut side, &mut socket);
        let said = handshake(&mut side, &mut socket)?;
        Ok((side, socket, said))
    }

    /// Accepts one client and answers its request.
    fn answer(&mut self, alpn: Option<&[u8]>) -> Facts {
        let (mut side, mut socket, mut request) = self.accept(alpn).unwrap();
        while !request.ends_with(b"\r\n\r\n") {
            request.extend(step(&mut side, &mut socket).unwrap());
        }
        assert!(request.starts_with(b"GET /"), "{}", String::from_utf8_lossy(&request));
        side.write_plain(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nfine");
        side.close_notify();
        flush(&mut side, &mut socket);
        side.facts()
    }

    fn spawn(&self, program: &str, arguments: &[&str]) -> Program {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.dir.path());
        Program(command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }
}

/// What a program printed until its end.
fn printed(mut program: Program) -> String {
    let mut text = String::new();
    program.0.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn curl_is_served_with_both_versions() {
    let mut front = Front::new();
    let port = front.port();
    for (option, version) in [("--tls-max=1.2", "TLSv1.2"), ("--tlsv1.3", "TLSv1.3")] {
        let resolve = format!("{NAME}:{port}:127.0.0.1");
        let url = format!("https://{NAME}:{port}/");
        let option: Vec<&str> = option.split('=').collect();
        let mut arguments = vec!["-sS", "--cacert", "ca.pem", "--resolve", &resolve, &url];
        arguments.extend(option);
        let curl = front.spawn("curl", &arguments);
        let facts = front.answer(Some(b"http/1.1"));
        assert_eq!((facts.version, facts.alpn.as_deref()), (Some(version), Some(&b"http/1.1"[..])));
        assert_eq!(printed(curl), "fine");
    }
}

#[test]
fn openssl_comes_back_with_its_session() {
    let mut front = Front::new();
    let connect = format!("127.0.0.1:{}", front.port());
    for option in ["-tls1_2", "-tls1_3"] {
        for (file, is_resumed) in [("-sess_out", false), ("-sess_in", true)] {
            let arguments = [
                "s_client",
                "-connect",
                &connect,
                "-servername",
                NAME,
                "-CAfile",
                "ca.pem",
                "-verify_return_error",
                "-verify_hostname",
                NAME,
                "-ign_eof",
                option,
                file,
                "session",
            ];
            let mut client = front.spawn("openssl", &arguments);
            client.0.stdin.as_mut().unwrap().write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
            assert_eq!(front.answer(None).is_resumed, is_resumed, "{option}");
            let text = printed(client);
            assert!(text.contains("Verify return code: 0 (ok)") && text.contains("fine"), "{text}");
        }
    }
}

#[test]
fn python_is_served_and_a_client_without_the_authority_says_so() {
    let mut front = Front::new();
    let script = format!(
        "import socket, ssl, sys\n\
         context = ssl.create_default_context(cafile=sys.argv[1] or None)\n\
         s = context.wrap_socket(socket.create_connection(('127.0.0.1', {})), server_hostname='{NAME}')\n\
         s.sendall(b'GET / HTTP/1.1\\r\\n\\r\\n')\n\
         print(s.version(), s.read(1000).decode()[-4:])\n",
        front.port()
    );
    let python = front.spawn("python3", &["-c", &script, "ca.pem"]);
    front.answer(None);
    assert_eq!(printed(python), "TLSv1.3 fine\n");
    let _python = front.spawn("python3", &["-c", &script, ""]);
    assert!(matches!(front.accept(None), Err(TlsError::Alert(tls::AlertDescription::UnknownCA))));
}
