//! Why EAL did not start, and what to do.

use super::config::{EalConfig, Hugepages};
use super::log::Heard;
use super::{PROGRAM, explain, port_by_name};
use crate::device_name::DeviceName;
use core::ffi::c_int;
use std::fs;
use std::path::Path;
use thiserror::Error;

/// Why EAL did not start. All of them are the operator's to mend; the text says how.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EalError {
    /// EAL starts once in a process.
    #[error("EAL was started before in this process; start a new process")]
    AlreadyStarted,
    /// No free hugepages of the wanted size.
    #[error("no free hugepages; reserve some: {} (or run slower without: hugepages = \"none\")", reserve(*wanted))]
    NoHugepages {
        /// What was asked for.
        wanted: Hugepages,
    },
    /// A CPU that is not there, or that this process may not use.
    #[error("CPU {cpu} is not available to this process; choose lcores from those that `taskset -p $$` allows")]
    CpuNotAvailable {
        /// The CPU.
        cpu: u32,
    },
    /// A worker lcore named twice or beyond what libdpdk was built for.
    #[error("lcore {cpu} cannot be a worker; name each lcore once, from 0 to {most}")]
    WorkerLcores {
        /// The lcore.
        cpu: u32,
        /// The highest number libdpdk was built for.
        most: u32,
    },
    /// One device for two ports.
    #[error("device {device} is named twice; give each port a device of its own")]
    DuplicateDevice {
        /// The device.
        device: DeviceName,
    },
    /// An argument that C cannot hold.
    #[error("an EAL argument contains a zero byte; remove it")]
    ArgumentWithNul,
    /// The system denied something.
    #[error(
        "EAL was denied what it needs ({said}); run as root or grant CAP_NET_ADMIN, CAP_NET_RAW, CAP_IPC_LOCK, CAP_BPF"
    )]
    NoPermission {
        /// What EAL said.
        said: String,
    },
    /// Memory could not be had.
    #[error("EAL could not get its memory ({said}); reserve more hugepages or ask for less")]
    NoMemory {
        /// What EAL said.
        said: String,
    },
    /// There is no such device.
    #[error(
        "device {device} does not exist; PCI devices: dpdk-devbind.py --status-dev net, virtual devices: net_<driver>0"
    )]
    UnknownDevice {
        /// The device.
        device: DeviceName,
    },
    /// The kernel's driver has the device.
    #[error("device {device} is bound to the kernel's driver {driver}; bind it to vfio: dpdk-devbind.py -b vfio-pci {}", device.name())]
    KernelDriver {
        /// The device.
        device: DeviceName,
        /// The kernel's driver.
        driver: String,
    },
    /// No driver has the device, not even one for user space.
    #[error("device {device} is bound to no driver; bind it to vfio: dpdk-devbind.py -b vfio-pci {}", device.name())]
    NoDriver {
        /// The device.
        device: DeviceName,
    },
    /// The device is there, but its driver could not start it.
    #[error("device {device} could not be started ({said}); check its arguments and whether another program uses it")]
    DeviceFailed {
        /// The device.
        device: DeviceName,
        /// What the driver said.
        said: String,
    },
    /// Something else.
    #[error("EAL did not start: {cause} ({said}); check the EAL arguments")]
    Other {
        /// What `rte_errno` means.
        cause: String,
        /// What EAL said.
        said: String,
    },
}

/// The command that reserves what is missing.
const fn reserve(wanted: Hugepages) -> &'static str {
    match wanted {
        Hugepages::OneGigabyte => "echo 2 > /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages",
        Hugepages::Auto | Hugepages::TwoMegabyte | Hugepages::None => {
            "echo 512 > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"
        }
    }
}

/// Kernel drivers beside which DPDK works: the device stays bound to them.
const BIFURCATED: [&str; 2] = ["mlx5_core", "mlx4_core"];

/// Drivers that hand a device to user space.
const USER_SPACE: [&str; 3] = ["vfio-pci", "uio_pci_generic", "igb_uio"];

/// Refuses a PCI device that DPDK cannot take, before its drivers look at it.
pub(super) fn check_driver(device: &DeviceName) -> Result<(), EalError> {
    let Some(directory) = device.sysfs() else { return Ok(()) };
    if !directory.exists() {
        return Err(EalError::UnknownDevice { device: device.clone() });
    }
    match driver(&directory) {
        None => Err(EalError::NoDriver { device: device.clone() }),
        Some(driver) if BIFURCATED.contains(&driver.as_str()) || USER_SPACE.contains(&driver.as_str()) => Ok(()),
        Some(driver) => Err(EalError::KernelDriver { device: device.clone(), driver }),
    }
}

/// Names the cause of a failed `rte_eal_init` by its error number and its messages.
pub(super) fn diagnose(errno: c_int, heard: &Heard, config: &EalConfig) -> EalError {
    let log = heard.log.as_str();
    let unknown = |device: &&DeviceName| log.contains(&format!("failed to parse device \"{}\"", device.name()));
    if let Some(device) = config.devices.iter().find(unknown) {
        return EalError::UnknownDevice { device: device.clone() };
    }
    // Of arguments that it does not know, the parser of options writes before EAL does.
    let option = heard.console.lines().find_map(|line| line.strip_prefix(PROGRAM)?.strip_prefix(": "));
    let said = option.map_or_else(|| first_line(log.lines()), str::to_owned);
    match errno {
        libc::EACCES | libc::EPERM => EalError::NoPermission { said },
        libc::ENOMEM => EalError::NoMemory { said },
        libc::EALREADY => EalError::AlreadyStarted,
        _ => EalError::Other { cause: explain(errno), said },
    }
}

/// Finds the port of a configured device, or the reason why there is none: EAL starts all the same
/// when a driver could not start its device.
pub(super) fn find_device(device: &DeviceName, log: &str) -> Result<(), EalError> {
    if port_by_name(device).is_some() {
        return Ok(());
    }
    check_driver(device)?;
    Err(EalError::DeviceFailed { device: device.clone(), said: driver_said(log, device) })
}

/// The first line that a driver wrote before the bus gave its device up.
fn driver_said(log: &str, device: &DeviceName) -> String {
    let given_up = format!("failed to initialize {} device", device.name());
    let before = log.lines().take_while(|line| !line.contains(&given_up));
    let all: Vec<&str> = before.collect();
    let start = all.iter().rposition(|line| line.contains("failed to initialize")).map_or(0, |place| place + 1);
    first_line(all.into_iter().skip(start))
}

/// The first line that says something, without the function that said it.
fn first_line<'a>(mut lines: impl Iterator<Item = &'a str>) -> String {
    let line = lines.find(|line| !line.trim().is_empty()).unwrap_or("no message");
    let (front, rest) = line.split_once(": ").unwrap_or(("", line));
    if front.ends_with("()") || front == "EAL" { rest.trim().to_owned() } else { line.trim().to_owned() }
}

/// The driver a PCI device is bound to.
fn driver(directory: &Path) -> Option<String> {
    let target = fs::read_link(directory.join("driver")).ok()?;
    Some(target.file_name()?.to_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "init_internals(): Failed to get channel info of interface: nope\n\
        rte_pmd_af_xdp_probe(): Failed to init internals\n\
        vdev_probe(): failed to initialize net_af_xdp0 device\n\
        open_packet_iface(): Could not open AF_PACKET socket\n\
        vdev_probe(): failed to initialize net_af_packet1 device\n\
        vdev_probe(): failed to initialize net_null2 device\nEAL: Bus (vdev) probe failed.\n";

    #[test]
    fn an_error_quotes_the_driver_of_its_own_device() {
        let said = |name: &str| driver_said(LOG, &name.parse().unwrap());
        assert_eq!(said("net_af_xdp0,iface=nope"), "Failed to get channel info of interface: nope");
        assert_eq!(said("net_af_packet1,iface=c0"), "Could not open AF_PACKET socket");
        assert_eq!(said("net_null2,bad=1"), "no message");
    }

    #[test]
    fn the_cause_is_named_by_message_and_error_number() {
        let config = EalConfig { devices: vec!["net_foo0".parse().unwrap()], ..EalConfig::default() };
        let diagnose = |errno, log: &str, config: &EalConfig| {
            diagnose(errno, &Heard { log: log.to_owned(), console: String::new() }, config)
        };
        let log = "EAL: failed to parse device \"net_foo0\"\nEAL: Unable to parse device 'net_foo0'\n";
        assert!(matches!(diagnose(libc::ENODEV, log, &config), EalError::UnknownDevice { .. }));
        let log = "EAL: FATAL: Cannot init memory\n";
        let expected = EalError::NoMemory { said: "FATAL: Cannot init memory".to_owned() };
        assert_eq!(diagnose(libc::ENOMEM, log, &config), expected);
        assert!(matches!(diagnose(libc::EACCES, "", &config), EalError::NoPermission { .. }));
        assert!(matches!(diagnose(libc::EINVAL, "", &config), EalError::Other { .. }));
    }
    #[test]
    fn an_option_that_nobody_knows_is_quoted() {
        let heard = Heard {
            log: "EAL: FATAL: Invalid 'command line' arguments.\n".to_owned(),
            console: format!("{PROGRAM}: unrecognized option '--nosuch'\n\nUsage: {PROGRAM} [options]\n"),
        };
        let EalError::Other { said, .. } = diagnose(libc::EINVAL, &heard, &EalConfig::default()) else { panic!() };
        assert_eq!(said, "unrecognized option '--nosuch'");
    }
}
