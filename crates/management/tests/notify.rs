//! What the service manager hears.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use core::time::Duration;
use management::notify;
use std::env;
use std::ffi::OsStr;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::process::{Command, Stdio};

/// Tells this program that it is the child of a test.
const IS_CHILD: &str = "SOVEREIGN_TEST_NOTIFY";

fn child() -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", "child_that_notifies", "--ignored", "--nocapture"])
        .env(IS_CHILD, "1")
        .env_remove("NOTIFY_SOCKET")
        .env_remove("WATCHDOG_PID")
        .env_remove("WATCHDOG_USEC")
        .stdout(Stdio::piped());
    command
}

/// Not a test of its own: the environment can only be set for another process.
#[test]
#[ignore = "the_service_manager_hears_each_step and the two behind it run it, in a process of its own"]
fn child_that_notifies() {
    if env::var_os(IS_CHILD).is_none() {
        return;
    }
    println!("\nwatchdog {:?}", notify::watchdog_interval());
    notify::status("two\nlines");
    notify::ready();
    notify::reloading();
    notify::alive();
    notify::stopping();
}

fn watchdog(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success());
    let output = String::from_utf8(output.stdout).unwrap();
    output.lines().find_map(|line| line.strip_prefix("watchdog ")).unwrap().to_owned()
}

#[test]
fn the_service_manager_hears_each_step() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    hears_each_step(&manager, path.as_os_str());
}

#[test]
fn a_socket_without_a_file_is_heard_too() {
    let name = format!("sovereign-notify-{}", std::process::id());
    let manager = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    hears_each_step(&manager, format!("@{name}").as_ref());
}

fn hears_each_step(manager: &UnixDatagram, name: &OsStr) {
    manager.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    assert!(child().env("NOTIFY_SOCKET", name).status().unwrap().success());
    let hear = || {
        let mut message = [0; 256];
        let len = manager.recv(&mut message).unwrap();
        String::from_utf8(message.get(..len).unwrap().to_vec()).unwrap()
    };
    assert_eq!(hear(), "STATUS=two lines\n");
    assert_eq!(hear(), "READY=1\n");
    let reloading = hear();
    let usec = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").unwrap();
    assert!(usec.trim().parse::<u64>().unwrap() > 0);
    assert_eq!(hear(), "WATCHDOG=1\n");
    assert_eq!(hear(), "STOPPING=1\n");
}

#[test]
fn without_a_service_manager_nothing_is_said_and_nothing_fails() {
    assert_eq!(watchdog(&mut child()), "None");
    assert_eq!(watchdog(child().env("NOTIFY_SOCKET", "/nonexistent/socket")), "None");
}

#[test]
fn the_watchdog_is_fed_in_half_the_time_it_waits() {
    assert_eq!(watchdog(child().env("WATCHDOG_USEC", "30000000")), "Some(15s)");
    assert_eq!(watchdog(child().env("WATCHDOG_USEC", "0")), "None");
    assert_eq!(watchdog(child().env("WATCHDOG_USEC", "soon")), "None");
    let other = child().env("WATCHDOG_USEC", "30000000").env("WATCHDOG_PID", "1").output().unwrap();
    assert!(String::from_utf8(other.stdout).unwrap().contains("watchdog None"));
}
