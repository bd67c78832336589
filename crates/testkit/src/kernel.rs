//! A real kernel's TCP as a peer: a network namespace whose only interface ends in this process.
//!
//! The interface is a TAP device. `tap.py` carries its frames to and from sockets of this process:
//! opening the device takes a call that is `unsafe` in Rust.

use core::net::Ipv4Addr;
use core::time::Duration;
use net::Timestamp;
use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Instant;

const CARRIER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tap.py");
/// Room of the interface's queue: more than is ever in flight, so that only links lose frames.
const QUEUE_FRAMES: usize = 10_000;
static NUMBER: AtomicU16 = AtomicU16::new(0);

/// A namespace with one interface.
#[derive(Debug)]
pub struct KernelHost {
    name: String,
    carrier: Child,
    from_kernel: UnixDatagram,
    to_kernel: UnixDatagram,
    paths: [PathBuf; 2],
    buffer: Box<[u8; 2048]>,
}

/// True if namespaces can be made here; says so if not.
#[must_use]
pub fn can_make_hosts() -> bool {
    let can = rustix::process::geteuid().is_root();
    if !can {
        println!("skipped: needs root");
    }
    can
}

fn run(command: &str) {
    let mut words = command.split(' ');
    let program = words.next().unwrap();
    let output = Command::new(program).args(words).output().unwrap();
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A program in the namespace; what it prints is kept.
fn spawn(name: &str, program: &str, arguments: &[&str]) -> Child {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", name, program]).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
}

impl KernelHost {
    /// A host with this address, to which everything in 10.0.0.0/8 is the neighbour `other`.
    ///
    /// # Panics
    /// If a command fails.
    #[must_use]
    pub fn new(address: Ipv4Addr, hardware: &str, other: Ipv4Addr, other_hardware: &str) -> Self {
        let name = format!("svk{}x{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let paths = ["from", "to"].map(|way| std::env::temp_dir().join(format!("{name}-{way}")));
        let from_kernel = UnixDatagram::bind(&paths[0]).unwrap();
        from_kernel.set_nonblocking(true).unwrap();
        run(&format!("ip netns add {name}"));
        let [from, to] = [&paths[0], &paths[1]].map(|path| path.to_str().unwrap());
        let mut carrier = spawn(&name, "python3", &[CARRIER, "e0", from, to]);
        let mut ready = String::new();
        BufReader::new(carrier.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        let to_kernel = UnixDatagram::unbound().unwrap();
        to_kernel.connect(&paths[1]).unwrap();
        let within = |command: &str| run(&format!("ip -n {name} {command}"));
        within(&format!("link set e0 address {hardware} mtu 1500 txqueuelen {QUEUE_FRAMES} up"));
        within(&format!("addr add {address}/8 dev e0"));
        within(&format!("neigh add {other} lladdr {other_hardware} dev e0"));
        Self { name, carrier, from_kernel, to_kernel, paths, buffer: Box::new([0; 2048]) }
    }

    /// Starts a program in the namespace; what it prints is kept.
    ///
    /// # Panics
    /// If it cannot be started.
    #[must_use]
    pub fn spawn(&self, program: &str, arguments: &[&str]) -> Child {
        spawn(&self.name, program, arguments)
    }

    /// The next frame that the kernel sent.
    pub fn receive(&mut self) -> Option<Vec<u8>> {
        let count = self.from_kernel.recv(&mut *self.buffer).ok()?;
        Some(self.buffer[..count].to_vec())
    }

    /// A frame for the kernel.
    ///
    /// # Panics
    /// If its carrier is gone.
    pub fn send(&self, frame: &[u8]) {
        self.to_kernel.send(frame).unwrap();
    }
}

impl Drop for KernelHost {
    fn drop(&mut self) {
        drop(self.carrier.stdin.take());
        let _ = self.carrier.wait();
        let _ = Command::new("ip").args(["netns", "del", &self.name]).status();
        self.paths.iter().for_each(|path| drop(std::fs::remove_file(path)));
    }
}

/// A clock of real time for links and endpoints.
#[derive(Clone, Copy, Debug)]
pub struct RealClock(Instant);

impl RealClock {
    /// Starts at one second.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "the peer is a kernel in real time")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_nanos(1_000_000_000 + self.0.elapsed().as_nanos() as u64)
    }

    /// Lets others work for a moment that is short against any delay of a link.
    #[allow(clippy::disallowed_methods, reason = "the peer is a kernel in real time")]
    pub fn pause() {
        std::thread::sleep(Duration::from_micros(50));
    }
}
