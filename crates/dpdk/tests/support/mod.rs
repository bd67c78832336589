//! Each test that needs EAL runs in a process of its own, because EAL starts once in a process;
//! those that need network interfaces run in a network namespace of their own as well, which is
//! gone when the process is.

#![allow(dead_code, reason = "each test binary uses the part it needs")]
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use dpdk::{BufferSize, Eal, EalConfig, Hugepages, Mempool, MempoolConfig, SocketId};
use net::buffer::Buffer;
use std::env;
use std::fs;
use std::process::{Command, Output};

/// Set in the process that runs a test's body.
const INSIDE: &str = "DPDK_TEST_INSIDE";

/// Runs `body` in a process of its own; `name` is the test's.
pub(crate) fn in_own_process(name: &str, body: impl FnOnce()) {
    run(name, &[], body);
}

/// Runs `body` in a process and a network namespace of its own; says so and returns where this
/// user may not make one.
pub(crate) fn in_own_network(name: &str, body: impl FnOnce()) {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: needs root");
        return;
    }
    // The namespace's interfaces are to be seen in sysfs too, so that is mounted anew.
    let enter = "mount -t sysfs sysfs /sys && exec \"$0\" \"$@\"";
    run(name, &["unshare", "--net", "--mount", "sh", "-c", enter], body);
}

fn run(name: &str, prefix: &[&str], body: impl FnOnce()) {
    if env::var_os(INSIDE).is_some() {
        body();
        return;
    }
    let output = spawn(name, prefix);
    let text = text_of(&output);
    print!("{text}");
    assert!(output.status.success(), "{}:\n{text}", output.status);
    assert!(text.contains("1 passed"), "there is no test {name}");
}

/// This test binary again, with one test.
fn spawn(name: &str, prefix: &[&str]) -> Output {
    let program = env::current_exe().unwrap();
    let mut words = prefix.iter().map(|&word| word.into()).chain([program.into_os_string()]);
    Command::new(words.next().unwrap())
        .args(words)
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(INSIDE, "1")
        .output()
        .unwrap()
}

fn text_of(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Runs `body` in a process of its own, which has to die of it; returns what it wrote.
pub(crate) fn dies_in_own_process(name: &str, body: impl FnOnce()) -> String {
    if env::var_os(INSIDE).is_some() {
        body();
        return String::new();
    }
    let output = spawn(name, &[]);
    assert!(output.status.code().is_none(), "it was not killed by a signal: {}", output.status);
    text_of(&output)
}

/// EAL without hugepages, with one worker and these devices.
pub(crate) fn eal(devices: &[&str]) -> Eal {
    Eal::init(&config(devices)).unwrap()
}

pub(crate) fn config(devices: &[&str]) -> EalConfig {
    EalConfig {
        worker_lcores: vec![0],
        hugepages: Hugepages::None,
        memory_mb: Some(256),
        devices: devices.iter().map(|name| name.parse().unwrap()).collect(),
        ..EalConfig::default()
    }
}

pub(crate) fn pool(eal: &Eal, count: u32, size: BufferSize) -> Mempool {
    Mempool::create(eal, &MempoolConfig { count, size, socket: SocketId::Any }).unwrap()
}

/// A capture file of these frames (pcap, microseconds, Ethernet).
pub(crate) fn capture<F: AsRef<[u8]>>(frames: &[F]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_ne_bytes()).collect::<Vec<u8>>();
    let mut bytes = words(&[0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, 1]);
    for frame in frames.iter().map(AsRef::as_ref) {
        let len = u32::try_from(frame.len()).unwrap();
        bytes.extend(words(&[0, 0, len, len]));
        bytes.extend_from_slice(frame);
    }
    fs::write(file.path(), bytes).unwrap();
    file
}

/// A frame of this content.
pub(crate) fn frame(pool: &Mempool, bytes: &[u8]) -> dpdk::Mbuf {
    let mut mbuf = pool.alloc().unwrap();
    assert!(mbuf.extend(bytes));
    mbuf
}
