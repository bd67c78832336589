//! What operators start by hand: `sovereign doctor`, `sovereign top`, `scripts/hugepages`, `scripts/bind-nic`.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use management::admin::{AdminConfig, Server};
use management::snapshot::{GatewayState, Percentiles, PortSnapshot, Snapshot};
use management::{Control, LcoreSnapshot};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::Winsize;
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Instant;
use tempfile::TempDir;

/// How long anything here may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// An ordinary user, who exists on every Debian.
const NOBODY: u32 = 65_534;

fn script(name: &str) -> Command {
    let mut command = Command::new(format!("{}/scripts/{name}", env!("CARGO_MANIFEST_DIR")));
    command.stdin(Stdio::null());
    command
}

fn sovereign(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sovereign"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Exit code, stdout, stderr.
fn outcome(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code().unwrap_or(-1), text(&stdout), text(&stderr))
}

#[track_caller]
fn assert_refused(command: &mut Command, code: i32, reason: &str) {
    let (found, stdout, stderr) = outcome(command);
    assert_eq!(found, code, "{stdout}{stderr}");
    assert!(stderr.contains(reason), "{stderr}");
    assert_eq!(stderr.trim_end().lines().count(), 1, "{stderr}");
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Runs a command as an ordinary user; on a copy of the script, which that user may read.
fn as_nobody(name: &str, directory: &Path) -> Command {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let copy = directory.join(name);
    fs::copy(format!("{}/scripts/{name}", env!("CARGO_MANIFEST_DIR")), &copy).unwrap();
    fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new("bash");
    command.arg(copy).stdin(Stdio::null());
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

// scripts

#[test]
fn scripts_are_bash_and_explain_themselves() {
    for name in ["hugepages", "bind-nic", "bench", "install", "test"] {
        let path = format!("{}/scripts/{name}", env!("CARGO_MANIFEST_DIR"));
        assert!(Command::new("bash").args(["-n", &path]).status().unwrap().success());
        let (code, stdout, stderr) = outcome(script(name).arg("--help"));
        assert_eq!((code, stderr.as_str()), (0, ""));
        assert!(stdout.contains("Usage:") && stdout.contains("Examples:"), "{stdout}");
    }
}

#[test]
fn scripts_used_wrongly_say_so_in_one_line() {
    for name in ["install", "test"] {
        assert_refused(script(name).arg("--nosuch"), 2, "--help");
    }
    assert_refused(script("install").args(["--for", "fun"]), 2, "--help");
    let hugepages: [&[&str]; 9] = [
        &["3M", "1"],
        &["2M"],
        &["2M", "many"],
        &["2M", "-5"],
        &["2M", "99999999"],
        &["2M", "1", "2"],
        &["--node", "0"],
        &["2M", "1", "--node", "x"],
        &["2M", "1", "--node", "0", "--persist"],
    ];
    for arguments in hugepages {
        assert_refused(script("hugepages").args(arguments), 2, "--help");
    }
    let bind_nic: [&[&str]; 8] = [
        &["eth0"],
        &["0000:03:00.8"],
        &["0000:03:00.0; reboot"],
        &["0000:03:00.0", "0000:03:00.1"],
        &["--yes"],
        &["0000:03:00.0", "--driver", "e1000"],
        &["--undo", "0000:03:00.0", "--no-iommu"],
        &["--force"],
    ];
    for arguments in bind_nic {
        assert_refused(script("bind-nic").args(arguments), 2, "--help");
    }
    let bench: [&[&str]; 6] =
        [&["fast"], &["--runs"], &["--runs", "0"], &["--seconds", "x"], &["flows", "latency"], &["all", "--force"]];
    for arguments in bench {
        assert_refused(script("bench").args(arguments), 2, "--help");
    }
}

#[test]
fn without_root_nothing_is_reserved_and_everything_is_shown() {
    let directory = TempDir::new().unwrap();
    assert_refused(as_nobody("hugepages", directory.path()).args(["2M", "8"]), 1, "needs root: sudo");
    assert_refused(&mut as_nobody("bench", directory.path()), 2, "run: sudo");
    for name in ["hugepages", "bind-nic"] {
        let (code, stdout, stderr) = outcome(&mut as_nobody(name, directory.path()));
        assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    }
}

#[test]
fn hugepages_are_reserved_and_given_back() {
    let file = Path::new("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages");
    if !is_root() || !file.exists() {
        println!("skipped: reserving huge pages needs root and a kernel that has them");
        return;
    }
    let reserved = || fs::read_to_string(file).unwrap().trim().parse::<u64>().unwrap();
    let before = reserved();
    let (code, stdout, stderr) = outcome(script("hugepages").args(["2M", &(before + 8).to_string()]));
    let during = reserved();
    let (back, _, _) = outcome(script("hugepages").args(["2M", &before.to_string()]));
    assert_eq!((code, during), (0, before + 8), "{stdout}{stderr}");
    assert!(stdout.contains(&format!("{before} before, {} now", before + 8)), "{stdout}");
    assert_eq!((back, reserved()), (0, before));
}

/// A sysfs of files, on which nothing comes of writing but the number itself.
fn sysfs_with_pages(count: &str) -> TempDir {
    let root = TempDir::new().unwrap();
    for base in ["kernel/mm", "devices/system/node/node0"] {
        for kilobytes in [2048, 1_048_576] {
            let directory = root.path().join(format!("{base}/hugepages/hugepages-{kilobytes}kB"));
            fs::create_dir_all(&directory).unwrap();
            fs::write(directory.join("nr_hugepages"), count).unwrap();
            fs::write(directory.join("free_hugepages"), count).unwrap();
        }
    }
    root
}

#[test]
fn hugepages_shows_each_node_and_what_1g_pages_need() {
    let root = sysfs_with_pages("7\n");
    let (code, stdout, _) = outcome(script("hugepages").env("SYSFS", root.path()));
    let rows: Vec<Vec<&str>> = stdout.lines().skip(1).map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(code, 0);
    assert_eq!(
        rows,
        [["all", "2M", "7", "7"], ["node0", "2M", "7", "7"], ["all", "1G", "7", "7"], ["node0", "1G", "7", "7"]]
    );
    let (code, stdout, _) = outcome(script("hugepages").env("SYSFS", root.path()).args(["1G", "2", "--persist"]));
    assert_eq!(code, 0);
    assert!(stdout.contains("hugepagesz=1G hugepages=2"), "{stdout}");
    assert_refused(script("hugepages").env("SYSFS", root.path()).args(["2M", "1", "--node", "5"]), 1, "no NUMA node 5");
}

#[test]
fn fewer_pages_than_asked_for_is_a_failure_that_says_how_many() {
    let root = sysfs_with_pages("3");
    // The kernel takes the number and gives less; a device that swallows writes does as much.
    let file = root.path().join("kernel/mm/hugepages/hugepages-2048kB/nr_hugepages");
    fs::remove_file(&file).unwrap();
    symlink("/dev/null", &file).unwrap();
    assert_refused(script("hugepages").env("SYSFS", root.path()).args(["2M", "8"]), 1, "only 0 of 8 pages");
}

/// A sysfs with a NIC `0000:03:00.0` that `driver` drives, as an interface that every machine has.
fn sysfs_with_nic(driver: &str) -> TempDir {
    let root = TempDir::new().unwrap();
    let device = root.path().join("bus/pci/devices/0000:03:00.0");
    fs::create_dir_all(device.join("net/lo")).unwrap();
    fs::create_dir_all(root.path().join("bus/pci/drivers").join(driver)).unwrap();
    fs::create_dir_all(root.path().join("class/net/lo")).unwrap();
    fs::create_dir_all(root.path().join("kernel/iommu_groups")).unwrap();
    fs::write(device.join("class"), "0x020000\n").unwrap();
    fs::write(device.join("numa_node"), "1\n").unwrap();
    symlink(format!("../../drivers/{driver}"), device.join("driver")).unwrap();
    root
}

fn bind_nic(root: &TempDir, arguments: &[&str]) -> Command {
    let mut command = script("bind-nic");
    command.env("SYSFS", root.path()).args(arguments);
    command
}

#[test]
fn bind_nic_lists_and_shows_what_would_change() {
    let root = sysfs_with_nic("i40e");
    let (code, stdout, _) = outcome(&mut bind_nic(&root, &[]));
    let row: Vec<&str> = stdout.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!((code, row), (0, vec!["0000:03:00.0", "i40e", "lo", "-", "1", "-"]));

    assert_refused(&mut bind_nic(&root, &["03:00.0", "--dry-run"]), 1, "the IOMMU is off");
    let (code, stdout, stderr) = outcome(&mut bind_nic(&root, &["03:00.0", "--dry-run", "--no-iommu"]));
    assert_eq!(code, 0, "{stderr}");
    for step in
        ["i40e -> vfio-pci", "modprobe vfio-pci", "enable_unsafe_noiommu_mode", "dpdk-devbind.py --bind=vfio-pci"]
    {
        assert!(stdout.contains(step), "{step}: {stdout}");
    }
    fs::create_dir(root.path().join("kernel/iommu_groups/0")).unwrap();
    let (code, stdout, _) = outcome(&mut bind_nic(&root, &["03:00.0", "--dry-run"]));
    assert_eq!((code, stdout.contains("noiommu")), (0, false));
    let (code, stdout, _) = outcome(&mut bind_nic(&sysfs_with_nic("vfio-pci"), &["--undo", "03:00.0", "--dry-run"]));
    assert!(code == 0 && stdout.contains("--unbind 0000:03:00.0") && stdout.contains("drivers_probe"), "{stdout}");
}

#[test]
fn bind_nic_refuses_what_the_kernel_uses_and_what_needs_no_binding() {
    let root = sysfs_with_nic("i40e");
    fs::create_dir(root.path().join("kernel/iommu_groups/0")).unwrap();
    symlink("../br0", root.path().join("class/net/lo/master")).unwrap();
    assert_refused(&mut bind_nic(&root, &["03:00.0", "--dry-run"]), 1, "member of br0");
    fs::remove_file(root.path().join("class/net/lo/master")).unwrap();
    symlink("../v7", root.path().join("class/net/lo/upper_v7")).unwrap();
    assert_refused(&mut bind_nic(&root, &["03:00.0", "--dry-run"]), 1, "v7 is stacked");
    assert_refused(&mut bind_nic(&root, &["04:00.0"]), 1, "no PCI device 0000:04:00.0");
    fs::write(root.path().join("bus/pci/devices/0000:03:00.0/class"), "0x010000\n").unwrap();
    assert_refused(&mut bind_nic(&root, &["03:00.0"]), 1, "not a network device");
    let (code, stdout, _) = outcome(&mut bind_nic(&sysfs_with_nic("mlx5_core"), &["03:00.0"]));
    assert!(code == 0 && stdout.contains("needs no binding"), "{stdout}");
}

#[test]
fn bind_nic_refuses_the_interface_that_carries_the_default_route() {
    // The real one, under the name of a NIC that is not.
    let root = sysfs_with_nic("i40e");
    fs::create_dir(root.path().join("kernel/iommu_groups/0")).unwrap();
    let (_, routes, _) = outcome(Command::new("ip").args(["-4", "route", "show", "default"]));
    let Some(interface) = routes.split_whitespace().skip_while(|word| *word != "dev").nth(1) else {
        println!("skipped: this machine has no default route");
        return;
    };
    let net = root.path().join("bus/pci/devices/0000:03:00.0/net");
    fs::rename(net.join("lo"), net.join(interface)).unwrap();
    assert_refused(&mut bind_nic(&root, &["03:00.0", "--dry-run"]), 1, "carries the default route");
}

// doctor

#[test]
fn doctor_examines_this_machine_and_has_a_fix_for_whatever_is_not_a_pass() {
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/etc/sovereign.toml");
    let (code, stdout, stderr) = outcome(&mut sovereign(&["doctor", "--config", config, "--json"]));
    let report: Value = serde_json::from_str(&stdout).unwrap();
    let checks = report["checks"].as_array().unwrap();
    assert!(checks.len() > 15 && stderr.is_empty(), "{stdout}{stderr}");
    for check in checks {
        let is_pass = check["outcome"] == "pass";
        assert_eq!(check["fix"].as_str().is_some_and(|fix| !fix.is_empty()), !is_pass, "{check}");
        assert!(check["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{check}");
    }
    let has_failed = report["summary"]["fail"].as_u64().unwrap() > 0;
    assert_eq!(code, i32::from(has_failed));
    let (text_code, stdout, _) = outcome(&mut sovereign(&["doctor", "--config", config]));
    assert_eq!((text_code, stdout.contains('\u{1b}')), (code, false));
    assert!(stdout.contains("PASS  ") && stdout.contains("fix: "), "{stdout}");
}

#[test]
fn doctor_does_not_mind_a_reader_that_leaves() {
    let mut child = sovereign(&["doctor"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert!(child.wait().unwrap().code().is_some() && stderr.is_empty(), "{stderr}");
}

// top

/// A gateway that only counts: each look finds a thousand requests more.
#[derive(Default)]
struct Fake {
    looks: AtomicU64,
}

impl Control for Fake {
    fn snapshot(&self) -> Snapshot {
        let looks = self.looks.fetch_add(1, Ordering::Relaxed) + 1;
        let mut snapshot = Snapshot {
            state: GatewayState::Ready,
            unprotected: true,
            gateway: "fake\u{1b}[2J\u{202e}".to_owned(),
            policy_version: "p1".to_owned(),
            uptime_seconds: f64::from(u32::try_from(looks).unwrap()) * 0.1,
            ports: [("inside".to_owned(), PortSnapshot { link_up: true, ..PortSnapshot::default() })].into(),
            ..Snapshot::default()
        };
        for lcore in 1..=40 {
            let mut worker = LcoreSnapshot { lcore, ..LcoreSnapshot::default() };
            worker.counters.requests = looks * 25;
            worker.counters.flows = [("inspect".to_owned(), 3), ("\r\nbad\u{7}".to_owned(), 1)].into();
            snapshot.lcores.push(worker);
        }
        snapshot.sum(Percentiles { p50: 1000, p99: 2000, p999: 3000 });
        snapshot
    }

    fn reload(&self) -> Result<String, String> {
        Err("a fake has no policy".to_owned())
    }

    fn stop(&self) {}
}

fn serve(path: &Path) -> Server {
    let config = AdminConfig { path: path.to_owned(), mode: AdminConfig::OWNER };
    Server::start(&config, Arc::new(Fake::default())).unwrap()
}

fn top(socket: &Path, arguments: &[&str]) -> Command {
    let mut command = sovereign(&["top", "--interval", "0.1", "--admin"]);
    command.arg(socket).args(arguments);
    command
}

#[test]
fn top_without_a_gateway_says_so_and_a_wrong_interval_is_wrong_usage() {
    let directory = TempDir::new().unwrap();
    let socket = directory.path().join("none.sock");
    assert_refused(&mut top(&socket, &[]), 1, "no answer from the gateway");
    let (code, _, _) = outcome(&mut sovereign(&["top", "--interval", "0"]));
    assert_eq!(code, 2);
}

#[test]
fn top_prints_a_plain_line_an_interval_into_a_pipe() {
    let directory = TempDir::new().unwrap();
    let socket = directory.path().join("admin.sock");
    let _server = serve(&socket);
    let (code, stdout, stderr) = outcome(&mut top(&socket, &["--count", "3"]));
    assert_eq!((code, stderr.as_str()), (0, ""));
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(lines.len(), 4, "{stdout}");
    assert!(
        lines[0].contains("rxMpps") && lines[1..].iter().all(|line| line.ends_with("ready,UNPROTECTED")),
        "{stdout}"
    );
    assert!(!stdout.contains('\u{1b}') && !stdout.contains('-'), "{stdout}");
}

#[test]
fn top_outlives_its_gateway_and_finds_the_next_one() {
    let directory = TempDir::new().unwrap();
    let socket = directory.path().join("admin.sock");
    let server = serve(&socket);
    let mut child = Running(top(&socket, &[]).stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.contains("ready")));
    drop(server);
    assert!(lines.any(|line| line.starts_with("no answer: ")));
    let _server = serve(&socket);
    let line = lines.find(|line| line.contains("ready")).unwrap();
    assert!(!line.contains(" -"), "{line}");
    // Nobody reads any more: it ends by itself, and well.
    drop(lines);
    let status = child.0.wait().unwrap();
    assert_eq!(status.code(), Some(0));
}

/// A child that does not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A terminal of its own, by tmux.
struct Tmux {
    directory: TempDir,
}

impl Tmux {
    fn start(columns: u32, lines: u32) -> Option<Self> {
        let tmux = Self { directory: TempDir::new().unwrap() };
        let size = ["-x".to_owned(), columns.to_string(), "-y".to_owned(), lines.to_string()];
        let mut command = tmux.command(&["-f", "/dev/null", "new-session", "-d"]);
        command.args(size).args(["env", "PS1=shell$ ", "sh"]);
        command.status().is_ok_and(|status| status.success()).then_some(tmux)
    }

    fn socket(&self) -> PathBuf {
        self.directory.path().join("admin.sock")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("tmux");
        command.env("LC_ALL", "C.UTF-8").env_remove("TMUX").env_remove("NO_COLOR");
        command.arg("-S").arg(self.directory.path().join("tmux.sock")).args(arguments).stdin(Stdio::null());
        command
    }

    fn keys(&self, keys: &[&str]) {
        assert!(self.command(&["send-keys"]).args(keys).status().unwrap().success());
    }

    fn seen(&self) -> String {
        text(&self.command(&["capture-pane", "-p"]).output().unwrap().stdout)
    }

    #[expect(clippy::disallowed_methods, reason = "a test that waits for a screen")]
    #[track_caller]
    fn wait(&self, what: &str, is_so: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let seen = self.seen();
            if is_so(&seen) {
                return seen;
            }
            assert!(start.elapsed() < PATIENCE, "never seen: {what}\n{seen}");
            thread::park_timeout(Duration::from_millis(50));
        }
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ = self.command(&["kill-server"]).status();
    }
}

/// Both ends of a terminal that is nobody's controlling one.
fn pseudo_terminal() -> (File, File) {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let outer = File::from(openpt(flags).unwrap());
    grantpt(&outer).and_then(|()| unlockpt(&outer)).unwrap();
    let name = ptsname(&outer, Vec::new()).unwrap();
    let inner =
        rustix::fs::open(name, rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY, rustix::fs::Mode::empty());
    let inner = File::from(inner.unwrap());
    let size = Winsize { ws_row: 40, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 };
    rustix::termios::tcsetwinsize(&inner, size).unwrap();
    (outer, inner)
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test that waits for the end of a process")]
fn top_ends_by_a_signal_and_when_its_terminal_goes_away() {
    let directory = TempDir::new().unwrap();
    let socket = directory.path().join("admin.sock");
    let _server = serve(&socket);
    for signal in [None, Some(Signal::TERM), Some(Signal::HUP)] {
        let (mut outer, inner) = pseudo_terminal();
        let mut command = top(&socket, &[]);
        let [stdin, stdout] = [inner.try_clone().unwrap(), inner.try_clone().unwrap()];
        command.env("TERM", "xterm").stdin(stdin).stdout(stdout).stderr(inner);
        let mut child = Running(command.spawn().unwrap());
        drop(command);
        let (mut seen, mut bytes) = (Vec::new(), [0; 4096]);
        while !seen.windows(7).any(|window| window == b"inspect") {
            let count = outer.read(&mut bytes).unwrap();
            seen.extend_from_slice(&bytes[..count]);
        }
        match signal {
            Some(signal) => kill_process(Pid::from_child(&child.0), signal).unwrap(),
            None => drop(outer),
        }
        let start = Instant::now();
        let status = loop {
            if let Some(status) = child.0.try_wait().unwrap() {
                break status;
            }
            assert!(start.elapsed() < PATIENCE, "it does not end: {signal:?}");
            thread::park_timeout(Duration::from_millis(20));
        };
        assert_eq!(status.code(), Some(0), "{signal:?}");
    }
}

#[test]
fn top_draws_follows_the_window_and_gives_the_terminal_back() {
    let Some(tmux) = Tmux::start(80, 24) else {
        println!("skipped: there is no tmux");
        return;
    };
    let socket = tmux.socket();
    let server = serve(&socket);
    let start = format!("{} top --interval 0.1 --admin {}", env!("CARGO_BIN_EXE_sovereign"), socket.display());
    for end in ["q", "C-c", "Escape"] {
        tmux.keys(&[&start, "Enter"]);
        let seen = tmux.wait("the screen", |seen| seen.contains("flows by mode"));
        for part in ["fake?[2J? ready", "UNPROTECTED", "inside", "??bad?", "q ends"] {
            assert!(seen.contains(part), "{part}: {seen}");
        }
        tmux.keys(&["End"]);
        tmux.wait("the last lcore", |seen| seen.lines().any(|line| line.starts_with("40 ")));
        tmux.keys(&[end]);
        tmux.wait("the shell again", |seen| !seen.contains("flows by mode") && seen.trim_end().ends_with("shell$"));
        // What is typed before the shell asks is wiped: its prompt would stand alone under the next screen, as if the
        // program had ended already.
        tmux.keys(&["clear", "Enter"]);
        tmux.wait("an empty screen", |seen| seen.trim_end() == "shell$");
    }
    tmux.keys(&[&start, "Enter"]);
    tmux.wait("the screen", |seen| seen.contains("flows by mode"));
    let resize = |columns, lines| {
        assert!(tmux.command(&["resize-window", "-x", columns, "-y", lines]).status().unwrap().success());
    };
    resize("60", "20");
    tmux.wait("that it is too small", |seen| seen.contains("needs 80x24; this is 60x20"));
    resize("100", "40");
    tmux.wait("the screen again", |seen| seen.contains("flows by mode"));
    drop(server);
    tmux.wait("that nobody answers", |seen| seen.contains("no answer for"));
    let _server = serve(&socket);
    tmux.wait("the next gateway", |seen| !seen.contains("no answer for") && seen.contains("ready"));
    tmux.keys(&["q"]);
    // What is typed is seen again: the terminal is no longer raw.
    tmux.wait("the shell again", |seen| seen.trim_end().ends_with("shell$"));
    tmux.keys(&["echo $((40 + 2))", "Enter"]);
    tmux.wait("an answer of the shell", |seen| seen.lines().any(|line| line.trim_end() == "42"));
}
