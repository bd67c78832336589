//! What the service manager is told, over `$NOTIFY_SOCKET` (`sd_notify(3)`); nothing without one.
//!
//! A message that cannot be sent is logged once, until one can be sent again, and otherwise ignored: a service manager that
//! does not listen is no reason to stop forwarding.

use crate::clock;
use core::fmt::Write as _;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use sd_notify::NotifyState;
use std::env;
use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// True while nobody hears.
static IS_UNHEARD: AtomicBool = AtomicBool::new(false);

/// The gateway is up: both ports forward.
pub fn ready() {
    send(&[NotifyState::Ready]);
}

/// The policy is being loaded anew; [`ready`] ends that.
///
/// The time goes with it, as units of `Type=notify-reload` ask for.
pub fn reloading() {
    let usec = i128::from(clock::monotonic_ns() / 1000);
    send(&[NotifyState::Reloading, NotifyState::MonotonicUsec(usec)]);
}

/// The gateway ends its flows and its log.
pub fn stopping() {
    send(&[NotifyState::Stopping]);
}

/// One line on how things are, which `systemctl status` shows.
pub fn status(line: &str) {
    // A line break would begin another message.
    let line: String = line.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    send(&[NotifyState::Status(&line)]);
}

/// The gateway is alive; to be said once every [`watchdog_interval`].
pub fn alive() {
    send(&[NotifyState::Watchdog]);
}

/// How often [`alive`] has to be called: half of what the service manager waits
/// (`$WATCHDOG_USEC`); `None` if it does not wait for this process.
#[must_use]
pub fn watchdog_interval() -> Option<Duration> {
    sd_notify::watchdog_enabled().filter(|limit| !limit.is_zero()).map(|limit| limit / 2)
}

fn send(states: &[NotifyState<'_>]) {
    let Some(name) = env::var_os("NOTIFY_SOCKET") else { return };
    match send_to(&name, states) {
        Ok(()) => IS_UNHEARD.store(false, Ordering::Relaxed),
        Err(error) if !IS_UNHEARD.swap(true, Ordering::Relaxed) => {
            tracing::warn!(%error, "cannot notify the service manager");
        }
        Err(_) => {}
    }
}

/// One datagram, a line a state.
fn send_to(name: &OsStr, states: &[NotifyState<'_>]) -> io::Result<()> {
    let mut message = String::new();
    for state in states {
        writeln!(message, "{state}").map_err(io::Error::other)?;
    }
    UnixDatagram::unbound()?.send_to_addr(message.as_bytes(), &address(name)?).map(drop)
}

/// The path of a socket, or behind `@` the name of an abstract one.
fn address(name: &OsStr) -> io::Result<SocketAddr> {
    match name.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name),
        _ => SocketAddr::from_pathname(name),
    }
}
