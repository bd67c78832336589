//! Two hosts in network namespaces and the gateway between them in a third.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub(crate) const CLIENT: &str = "10.77.0.1";
pub(crate) const SERVER: &str = "10.77.0.2";
pub(crate) const SERVER6: &str = "fd77::2";
pub(crate) const SSN: &str = "536-90-4399";
const CLIENT6: &str = "fd77::1";

pub(crate) const POLICY: &str = r#"
version = "lab-1"
[[flow]]
name = "plain"
match = { protocol = "tcp", ports = [80, 8000] }
mode = "inspect"
[[flow]]
name = "ssh"
match = { protocol = "tcp", ports = [22] }
mode = "forward"
[[rule]]
name = "secrets"
detect = ["SECRET", "US_SSN", "CREDIT_CARD"]
action = "block"
[[rule]]
name = "contacts"
detect = ["EMAIL_ADDRESS"]
action = "redact"
"#;

/// The driver on which the gateway's ports run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Driver {
    AfXdp,
    AfPacket,
}

/// A process that ends with its handle.
pub(crate) struct Process {
    child: Child,
}

impl Process {
    pub(crate) fn id(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap()
    }

    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").arg(format!("-{name}")).arg(self.id().to_string()).status().unwrap();
        assert!(status.success());
    }

    /// Waits for the process to end.
    pub(crate) fn wait(&mut self, patience: Duration) -> Option<i32> {
        let end = Instant::now() + patience;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status.code().unwrap_or(-1));
            }
            if Instant::now() > end {
                return None;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) struct Lab {
    name: String,
    pub(crate) dir: TempDir,
    pub(crate) driver: Driver,
    processes: Vec<Process>,
    pub(crate) gateway: Option<Process>,
}

/// True if namespaces can be made here; says so if not.
pub(crate) fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        println!("skipped: needs root");
    }
    root
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

impl Lab {
    /// Namespaces, cables and addresses; nothing runs yet.
    pub(crate) fn new(driver: Driver) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("sv{}x{number}", std::process::id());
        let lab = Self { name, dir: TempDir::new().unwrap(), driver, processes: Vec::new(), gateway: None };
        for host in ["cl", "gw", "sr"] {
            run("ip", &["netns", "add", &lab.ns(host)]);
            lab.ip(host, &["link", "set", "lo", "up"]);
        }
        for (host, port, v4, v6) in [("cl", "c0", CLIENT, CLIENT6), ("sr", "s0", SERVER, SERVER6)] {
            let (host_ns, gateway_ns) = (lab.ns(host), lab.ns("gw"));
            run(
                "ip",
                &["link", "add", "e0", "netns", &host_ns, "type", "veth", "peer", "name", port, "netns", &gateway_ns],
            );
            lab.ip("gw", &["link", "set", port, "up"]);
            lab.ip(host, &["addr", "add", &format!("{v4}/24"), "dev", "e0"]);
            lab.ip(host, &["addr", "add", &format!("{v6}/64"), "dev", "e0", "nodad"]);
            lab.ip(host, &["link", "set", "e0", "up"]);
            // Frames must carry whole checksums and be no longer than the wire's.
            for (ns, device) in [(host, "e0"), ("gw", port)] {
                lab.exec(
                    ns,
                    "ethtool",
                    &["-K", device, "tx", "off", "rx", "off", "tso", "off", "gso", "off", "gro", "off"],
                );
            }
        }
        lab
    }

    pub(crate) fn ns(&self, host: &str) -> String {
        format!("{}-{host}", self.name)
    }

    pub(crate) fn ip(&self, host: &str, arguments: &[&str]) {
        let ns = self.ns(host);
        let mut all = vec!["-n", &ns];
        all.extend(arguments);
        run("ip", &all);
    }

    /// A command on a host.
    pub(crate) fn command(&self, host: &str, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.ns(host), program]).args(arguments);
        command
    }

    pub(crate) fn exec(&self, host: &str, program: &str, arguments: &[&str]) -> Output {
        self.command(host, program, arguments).stdin(Stdio::null()).output().unwrap()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// Starts something in the background.
    pub(crate) fn spawn(&mut self, host: &str, program: &str, arguments: &[&str], ready: &str) -> PathBuf {
        let log = self.path(&format!("{}.log", self.processes.len()));
        let process = start(self.command(host, program, arguments), &log, ready);
        self.processes.push(process);
        log
    }

    /// Starts the recording server on this port of both addresses.
    pub(crate) fn record(&mut self, port: u16) {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/e2e/recorder.py");
        let file = self.path("recorded");
        fs::write(&file, b"").unwrap();
        for address in [SERVER, SERVER6] {
            let arguments = [script, address, &port.to_string(), file.to_str().unwrap()];
            self.spawn("sr", "python3", &arguments, "listening");
        }
    }

    /// The same in TLS, with the certificate of that name; clients need one of `clients`, if that is given.
    pub(crate) fn record_tls(&mut self, port: u16, leaf: &str, clients: Option<&str>) {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/e2e/recorder.py");
        let file = self.path("recorded");
        if !file.exists() {
            fs::write(&file, b"").unwrap();
        }
        let paths = [file, self.path(&format!("{leaf}.pem")), self.path(&format!("{leaf}.key"))];
        let paths = paths.map(|path| path.to_str().unwrap().to_owned());
        let clients = clients.map(|name| self.path(&format!("{name}.pem")).to_str().unwrap().to_owned());
        for address in [SERVER, SERVER6] {
            let port = port.to_string();
            let mut arguments = vec![script, address, &port];
            arguments.extend(paths.iter().map(String::as_str));
            arguments.extend(clients.as_deref());
            self.spawn("sr", "python3", &arguments, "listening");
        }
    }

    /// Certificates: `roots` is the authority of the lab's internet, `ca` the gateway's own.
    pub(crate) fn make_authorities(&self) {
        self.make_authority("roots");
        let dir = self.path("ca");
        let output = Command::new(SOVEREIGN).args(["ca", "init", "--dir"]).arg(&dir).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }

    /// An authority of that name, with its key.
    pub(crate) fn make_authority(&self, name: &str) {
        let (subject, key, pem) = (format!("/CN=Lab {name}"), format!("{name}.key"), format!("{name}.pem"));
        self.openssl(
            &["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"],
            &["-subj", &subject, "-keyout", &key, "-out", &pem, "-addext", "keyUsage=critical,keyCertSign"],
        );
    }

    /// A server's certificate `NAME.pem` with its key, from an authority, valid for so many days, with more options of
    /// `openssl x509`.
    pub(crate) fn make_leaf(&self, name: &str, host: &str, authority: &str, days: i32, more: &[&str]) {
        let (key, request, pem) = (format!("{name}.key"), format!("{name}.csr"), format!("{name}.pem"));
        let subject = format!("/CN={host}");
        self.openssl(
            &["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
            &["-subj", &subject, "-keyout", &key, "-out", &request],
        );
        self.write(
            &format!("{name}.ext"),
            &format!("subjectAltName=DNS:{host}\nextendedKeyUsage=serverAuth,clientAuth\n"),
        );
        let (authority_pem, authority_key) = (format!("{authority}.pem"), format!("{authority}.key"));
        let extensions = format!("{name}.ext");
        let days = days.to_string();
        let mut arguments = vec![
            "-req",
            "-in",
            &request,
            "-CA",
            &authority_pem,
            "-CAkey",
            &authority_key,
            "-CAcreateserial",
            "-days",
            &days,
            "-extfile",
            &extensions,
            "-out",
            &pem,
        ];
        arguments.extend(more);
        self.openssl(&["x509"], &arguments);
    }

    /// A certificate that has signed itself.
    pub(crate) fn make_self_signed(&self, name: &str, host: &str) {
        let subject = format!("/CN={host}");
        let alternative = format!("subjectAltName=DNS:{host}");
        let (key, pem) = (format!("{name}.key"), format!("{name}.pem"));
        self.openssl(
            &["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"],
            &["-subj", &subject, "-addext", &alternative, "-keyout", &key, "-out", &pem],
        );
    }

    fn openssl(&self, command: &[&str], arguments: &[&str]) {
        let output =
            Command::new("openssl").args(command).args(arguments).current_dir(self.dir.path()).output().unwrap();
        assert!(output.status.success(), "{command:?} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// A client of ours that does what no library does; what it prints.
    pub(crate) fn tls_client(&self, mode: &str, host: &str, arguments: &[&str]) -> String {
        let output = self.client_command(mode, 443, host, arguments).stdin(Stdio::null()).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
    }

    pub(crate) fn client_command(&self, mode: &str, port: u16, host: &str, arguments: &[&str]) -> Command {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/e2e/tls_client.py");
        let (ca, port) = (self.path("ca/ca.pem"), port.to_string());
        let mut all = vec![script, mode, SERVER, &port, host, ca.to_str().unwrap()];
        all.extend(arguments);
        self.command("cl", "python3", &all)
    }

    /// What reached the recording server.
    pub(crate) fn recorded(&self) -> Vec<u8> {
        fs::read(self.path("recorded")).unwrap()
    }

    /// The gateway's configuration, with lines added to [dataplane].
    pub(crate) fn configure(&self, policy: &str, dataplane: &str, audit: &str) -> PathBuf {
        let policy = self.write("policy.toml", policy);
        let dir = self.dir.path().display();
        let driver = match self.driver {
            Driver::AfXdp => "net_af_xdp",
            Driver::AfPacket => "net_af_packet",
        };
        let text = format!(
            "[gateway]\nid = \"lab\"\n[ports]\ninside = \"{driver}0,iface=c0\"\noutside = \"{driver}1,iface=s0\"\n\
             [dataplane]\nlcores = [1]\nhugepages = \"none\"\nmbuf_count = 16384\n{dataplane}\n\
             [audit]\ndir = \"{dir}/audit\"\nsegment_bytes = 1048576\n{audit}\n\
             [admin]\nsocket = \"{dir}/admin.sock\"\nmetrics = \"127.0.0.1:0\"\n\
             [policy]\nfile = \"{}\"\n",
            policy.display()
        );
        self.write("sovereign.toml", &text)
    }

    /// The same with an authority, and lines added to [tls].
    pub(crate) fn configure_tls(&self, policy: &str, dataplane: &str, tls: &str) -> PathBuf {
        let dir = self.dir.path().display();
        let section = format!(
            "[tls]\nca_cert = \"{dir}/ca/ca.pem\"\nca_key = \"file:{dir}/ca/ca.key\"\nextra_roots = [\"{dir}/roots.pem\"]\n{tls}\n"
        );
        self.configure(policy, dataplane, &section)
    }

    /// Starts the gateway and waits until it is ready.
    pub(crate) fn start(&mut self, policy: &str) {
        let config = self.configure(policy, "", "");
        self.start_with(&config);
    }

    pub(crate) fn start_with(&mut self, config: &Path) {
        let command = self.command("gw", SOVEREIGN, &["inline", "--config", config.to_str().unwrap()]);
        let log = self.path("gateway.log");
        self.gateway = Some(start(command, &log, "ready"));
    }

    /// Sends SIGTERM and expects an orderly end.
    pub(crate) fn stop(&mut self) {
        let mut gateway = self.gateway.take().expect("a running gateway");
        gateway.signal("TERM");
        let code = gateway.wait(Duration::from_secs(20));
        assert_eq!(code, Some(0), "{}", self.gateway_log());
    }

    /// Ends the gateway without a word.
    pub(crate) fn kill(&mut self) {
        let mut gateway = self.gateway.take().expect("a running gateway");
        gateway.signal("KILL");
        gateway.wait(Duration::from_secs(5));
    }

    pub(crate) fn gateway_log(&self) -> String {
        fs::read_to_string(self.path("gateway.log")).unwrap_or_default()
    }

    /// curl on the client; its output and exit code.
    pub(crate) fn curl(&self, arguments: &[&str]) -> (String, i32) {
        let mut all = vec!["-s", "-S", "--max-time", "20"];
        all.extend(arguments);
        let output = self.exec("cl", "curl", &all);
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (text, output.status.code().unwrap_or(-1))
    }

    /// A control command.
    pub(crate) fn control(&self, arguments: &[&str]) -> Output {
        let socket = self.path("admin.sock");
        Command::new(SOVEREIGN).args(arguments).arg("--admin").arg(socket).output().unwrap()
    }

    pub(crate) fn status(&self) -> serde_json::Value {
        let output = self.control(&["status", "--json"]);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
    }

    /// The status once `done` holds of it, or after a second.
    pub(crate) fn status_once(&self, done: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
        for _ in 0..20 {
            let status = self.status();
            if done(&status) {
                return status;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        self.status()
    }

    /// All records, once the log has caught up.
    pub(crate) fn records(&self) -> Vec<serde_json::Value> {
        std::thread::sleep(Duration::from_millis(300));
        let output = Command::new(SOVEREIGN)
            .args(["audit", "cat", "--format", "json"])
            .arg(self.path("audit"))
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

pub(crate) const SOVEREIGN: &str = env!("CARGO_BIN_EXE_sovereign");

impl Drop for Lab {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("gateway said:\n{}", self.gateway_log());
        }
        self.gateway = None;
        self.processes.clear();
        for host in ["cl", "gw", "sr"] {
            let _ = Command::new("ip").args(["netns", "del", &self.ns(host)]).status();
        }
    }
}

fn start(mut command: Command, log: &Path, ready: &str) -> Process {
    let file = fs::File::create(log).unwrap();
    let child = command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap();
    let mut process = Process { child };
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let text = fs::read_to_string(log).unwrap_or_default();
        if text.lines().any(|line| line == ready) {
            return process;
        }
        let is_over = process.child.try_wait().unwrap().is_some();
        assert!(!is_over && Instant::now() < end, "not ready: {command:?}\n{text}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}
