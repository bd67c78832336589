//! One isolation of an interface at a time, whoever begins it.
//!
//! Between the look at an interface and the filter on it another process could do both, and each would take what the other
//! has set for how the interface was. A name among abstract sockets (unix(7)) is of the network namespace, as the interface
//! is, is taken or not, and is free again when its process ends, however it ends.

use core::time::Duration;
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, socket_with};

/// How long another one may take: it makes some twenty system calls.
const WAIT_MAX: Duration = Duration::from_secs(2);
const WAIT_STEP: Duration = Duration::from_millis(5);

/// The turn, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn(#[expect(dead_code, reason = "it is closed when the turn is over")] OwnedFd);

impl Turn {
    /// Waits for the turn at the interface with this index.
    ///
    /// # Errors
    /// `EADDRINUSE` if it does not come; what the system refused.
    pub(super) fn wait(index: u32) -> Result<Self, Errno> {
        let address = SocketAddrUnix::new_abstract_name(format!("sovereign-isolation-{index}").as_bytes())?;
        let socket = socket_with(AddressFamily::UNIX, SocketType::DGRAM, SocketFlags::CLOEXEC, None)?;
        let mut waited = Duration::ZERO;
        loop {
            match bind(&socket, &address) {
                Err(Errno::ADDRINUSE) if waited < WAIT_MAX => {
                    #[expect(clippy::disallowed_methods, reason = "nobody tells that an address is free")]
                    std::thread::sleep(WAIT_STEP);
                    waited += WAIT_STEP;
                }
                other => return other.map(|()| Self(socket)),
            }
        }
    }
}
