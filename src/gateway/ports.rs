//! Devices by name, and the kernel kept off those it knows.

use super::preflight::Pages;
use crate::config::Config;
use crate::failure::{Context, Failure};
use crate::memory::buffer_bytes;
use dpdk::kernel_path::{self, Isolation};
use dpdk::{DeviceName, Eal, EalConfig, EalError, Hugepages, LogLevel};

/// Memory without huge pages, in MiB: all there will ever be.
const PLAIN_MEMORY_MB: u32 = 512;

/// Both devices.
pub(crate) struct Devices {
    pub(crate) inside: DeviceName,
    pub(crate) outside: DeviceName,
}

impl Devices {
    pub(crate) fn parse(config: &Config) -> Result<Self, Failure> {
        let advice = "write a PCI address such as 0000:03:00.0 or a vdev such as net_af_xdp0,iface=eth1";
        let parse = |what: &str, name: &str| name.parse().or_usage(format_args!("ports.{what} = \"{name}\""), advice);
        let devices =
            Self { inside: parse("inside", &config.ports.inside)?, outside: parse("outside", &config.ports.outside)? };
        match devices.shared_interface() {
            Some(interface) => Err(Failure::usage(format_args!(
                "ports.inside and ports.outside are both interface {interface}; give each side a port of its own"
            ))),
            None => Ok(devices),
        }
    }

    /// An interface that both devices take their frames from, each by a driver of its own.
    fn shared_interface(&self) -> Option<&str> {
        let is_inside = |interface: &&str| self.inside.kernel_interfaces().any(|inside| inside == *interface);
        self.outside.kernel_interfaces().find(is_inside)
    }

    /// Refuses interfaces that the kernel uses for anything of its own.
    pub(crate) fn inspect(&self) -> Result<(), Failure> {
        for interface in self.kernel_interfaces() {
            kernel_path::inspect(interface).or_usage("a port cannot be used", "")?;
        }
        Ok(())
    }

    /// Takes interfaces away from the kernel; if one cannot be, those before are given back.
    pub(crate) fn isolate(&self) -> Result<Vec<Isolation>, Failure> {
        let mut done = Vec::new();
        for interface in self.kernel_interfaces() {
            match Isolation::apply(interface) {
                Ok(isolation) => done.push(isolation),
                Err(error) => {
                    give_back(done);
                    return Err(Failure::usage(format_args!("a port cannot be used: {error}")));
                }
            }
        }
        Ok(done)
    }

    fn kernel_interfaces(&self) -> impl Iterator<Item = &str> {
        self.inside.kernel_interfaces().chain(self.outside.kernel_interfaces())
    }
}

/// Gives interfaces back to the kernel.
pub(crate) fn give_back(isolations: Vec<Isolation>) {
    for isolation in isolations {
        let interface = isolation.interface().to_owned();
        if let Err(error) = isolation.undo() {
            tracing::warn!(interface, %error, "the interface was not given back to the kernel");
        }
    }
}

/// Starts EAL for these devices.
pub(crate) fn start_eal(config: &Config, devices: &Devices, pages: &Pages, extra: Vec<String>) -> Result<Eal, Failure> {
    use crate::config::Hugepages as Wanted;
    let hugepages = match config.dataplane.hugepages {
        Wanted::Auto => Hugepages::Auto,
        Wanted::Giga => Hugepages::OneGigabyte,
        Wanted::Mega => Hugepages::TwoMegabyte,
        Wanted::None => Hugepages::None,
    };
    let eal = EalConfig {
        main_lcore: None,
        worker_lcores: config.dataplane.lcores.clone(),
        hugepages,
        memory_mb: (hugepages == Hugepages::None).then(|| plain_memory_mb(config)),
        devices: vec![devices.inside.clone(), devices.outside.clone()],
        log_level: LogLevel::Error,
        extra_args: extra,
    };
    match Eal::init(&eal) {
        Err(error @ (EalError::NoHugepages { .. } | EalError::NoMemory { .. })) => {
            let refused = || Failure::usage(format_args!("DPDK did not start: {error}"));
            Err(pages.explain(config).unwrap_or_else(refused))
        }
        other => other.or_usage("DPDK did not start", ""),
    }
}

/// Memory that the configured buffers take without huge pages, in MiB, and as much for the drivers.
pub(super) fn plain_memory_mb(config: &Config) -> u32 {
    let megabytes = u32::try_from(buffer_bytes(config) >> 20).unwrap_or(u32::MAX / 2);
    megabytes.saturating_mul(2).max(PLAIN_MEMORY_MB)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_interface_is_not_both_sides_by_whatever_drivers() {
        let shared = |inside: &str, outside: &str| {
            let devices = Devices { inside: inside.parse().unwrap(), outside: outside.parse().unwrap() };
            devices.shared_interface().map(str::to_owned)
        };
        assert_eq!(shared("net_af_xdp0,iface=c0", "net_af_packet3,iface=c0").as_deref(), Some("c0"));
        assert_eq!(shared("net_af_xdp0,iface=c0", "net_af_packet3,iface=c1"), None);
        assert_eq!(shared("0000:03:00.0", "0000:03:00.1"), None);
    }
}
