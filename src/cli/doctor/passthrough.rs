//! IOMMU, vfio-pci and AF_XDP: what the kernel must bring for each kind of port.

use super::finding::{Finding, Need, boot_line};
use super::port::{Port, need};
use super::{Case, System, devices};

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    // A NIC that stays with its kernel driver needs neither.
    let is_bound = |port: &Port| matches!(port, Port::Pci(address) if !devices::is_bifurcated(case.system, address));
    let need_vfio = need(&case.ports, is_bound);
    vec![iommu(case.system, need_vfio), vfio(case.system, need_vfio), af_xdp(case)]
}

fn iommu(system: &System, need: Need) -> Finding {
    const CHECK: &str = "iommu";
    let groups = system.names("/sys/kernel/iommu_groups").len();
    if groups > 0 {
        let pass_through = system.boot_parameter("iommu").is_some_and(|value| value == "pt");
        let note = if pass_through { ", iommu=pt" } else { "" };
        return Finding::pass(CHECK, format!("on, {groups} groups{note}"));
    }
    let reboot = "sudo systemctl reboot --firmware-setup";
    for (name, value) in [("amd_iommu", "off"), ("intel_iommu", "off"), ("iommu", "off")] {
        if system.boot_parameter(name).is_some_and(|found| found == value) {
            let fix = format!(
                "sudo sed -i 's/ *\\b{name}={value}\\b//' /etc/default/grub && sudo update-grub && sudo reboot"
            );
            return Finding::missing(CHECK, need, format!("off: the boot line has {name}={value}"), fix);
        }
    }
    // AMD's is on wherever the firmware offers it.
    let is_amd = system.text("/proc/cpuinfo").is_some_and(|text| text.contains("AuthenticAMD"));
    if is_amd {
        return Finding::missing(
            CHECK,
            need,
            "off: a NIC could write anywhere in memory; switch on AMD-Vi in the firmware",
            reboot,
        );
    }
    if system.boot_parameter("intel_iommu").is_some_and(|value| value.starts_with("on")) {
        let detail = "off, although the boot line has intel_iommu=on: switch on VT-d in the firmware";
        return Finding::missing(CHECK, need, detail, reboot);
    }
    Finding::missing(CHECK, need, "off: a NIC could write anywhere in memory", boot_line("intel_iommu=on iommu=pt"))
}

fn vfio(system: &System, need: Need) -> Finding {
    const CHECK: &str = "vfio-pci";
    if system.exists("/sys/bus/pci/drivers/vfio-pci") {
        return Finding::pass(CHECK, "loaded");
    }
    Finding::missing(CHECK, need, "not loaded", "sudo modprobe vfio-pci")
}

fn af_xdp(case: &Case<'_>) -> Finding {
    const CHECK: &str = "af-xdp";
    let need = need(&case.ports, |port| matches!(port, Port::Kernel { driver, .. } if driver == "net_af_xdp"));
    let Some(protocols) = case.system.text("/proc/net/protocols") else {
        return Finding::missing(
            CHECK,
            need,
            "cannot look: /proc/net/protocols is unreadable",
            "sudo sovereign doctor",
        );
    };
    if protocols.lines().any(|line| line.split_whitespace().next() == Some("XDP")) {
        return Finding::pass(CHECK, "the kernel has AF_XDP sockets");
    }
    let path = super::quote(&case.path.to_string_lossy());
    // AF_PACKET does the same work without it, more slowly.
    let fix = format!("sudo sed -i 's/net_af_xdp/net_af_packet/' {path}");
    Finding::missing(CHECK, need, "the kernel has no AF_XDP sockets (CONFIG_XDP_SOCKETS)", fix)
}
