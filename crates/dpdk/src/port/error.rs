//! Why a port cannot be used.

use crate::device_name::DeviceName;
use crate::eal::explain;
use core::ffi::c_int;
use thiserror::Error;

/// Why a port cannot be used. The operator's to mend, or the device's limit.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PortError {
    /// EAL has no port of that name.
    #[error("port {device} does not exist; name it among EAL's devices")]
    Unknown {
        /// The device.
        device: DeviceName,
    },
    /// The port has been started before in this process.
    #[error("port {device} was opened before; give each side a port of its own")]
    AlreadyOpen {
        /// The device.
        device: DeviceName,
    },
    /// More queues than the device has.
    #[error("port {device} has {most} queues, not {wanted}; use fewer lcores")]
    Queues {
        /// The device.
        device: DeviceName,
        /// What was asked for.
        wanted: u16,
        /// What it has.
        most: u16,
    },
    /// An MTU outside the device's limits.
    #[error("port {device} cannot have an MTU of {wanted}; choose {least} to {most}")]
    Mtu {
        /// The device.
        device: DeviceName,
        /// What was asked for.
        wanted: u16,
        /// The smallest.
        least: u16,
        /// The largest.
        most: u16,
    },
    /// Frames of that MTU do not fit the pool's mbufs.
    #[error("port {device}: a frame of MTU {mtu} takes {needed} bytes, the pool's mbufs hold {room}; use a jumbo pool")]
    BufferTooSmall {
        /// The device.
        device: DeviceName,
        /// The MTU.
        mtu: u16,
        /// What a frame takes.
        needed: u32,
        /// What an mbuf holds.
        room: u16,
    },
    /// The driver refused a step.
    #[error("port {device}: could not {step}: {cause}")]
    Refused {
        /// The device.
        device: DeviceName,
        /// What was tried.
        step: &'static str,
        /// What the driver said.
        cause: String,
    },
}

/// The error of a call that returns 0 or a negative errno.
pub(super) fn check(device: &DeviceName, step: &'static str, result: c_int) -> Result<(), PortError> {
    if result == 0 {
        return Ok(());
    }
    Err(PortError::Refused { device: device.clone(), step, cause: explain(result.saturating_neg()) })
}

/// Like [`check`], but a driver that does not know the call is fine.
pub(super) fn check_optional(device: &DeviceName, step: &'static str, result: c_int) -> Result<(), PortError> {
    if result == -libc::ENOTSUP { Ok(()) } else { check(device, step, result) }
}
