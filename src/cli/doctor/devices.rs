//! The configured NICs and interfaces.

use super::finding::{Finding, quote};
use super::port::Port;
use super::system::cpu_text;
use super::{Case, System};
use core::net::Ipv6Addr;

const NIC: &str = "nic";
const NIC_NODE: &str = "nic-numa";
const NIC_LINK: &str = "nic-pci-link";
const INTERFACE: &str = "interface";
const OFFLOADS: &str = "interface-offloads";

/// Kernel drivers that DPDK works beside.
const BIFURCATED: [&str; 2] = ["mlx5_core", "mlx4_core"];

/// Offloads that merge frames: what arrives merged cannot be sent on as it was.
const MERGING: [(&str, &str); 3] =
    [("generic-receive-offload", "gro"), ("large-receive-offload", "lro"), ("rx-gro-hw", "rx-gro-hw")];

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    if case.ports.is_empty() {
        let fix = format!("{}/bind-nic", case.system.scripts);
        return vec![Finding::warn("ports", "none is configured ([ports] inside and outside)", fix)];
    }
    let findings = case.ports.iter().flat_map(|port| match port {
        Port::Pci(address) => nic(case, address),
        Port::Kernel { interfaces, .. } => interfaces.iter().flat_map(|name| interface(case, name)).collect(),
        Port::Virtual => vec![Finding::pass("ports", "a virtual device: nothing to look at")],
    });
    findings.collect()
}

/// True if DPDK drives the NIC while its kernel driver keeps it.
pub(super) fn is_bifurcated(system: &System, address: &str) -> bool {
    system.link(directory(address) + "/driver").is_some_and(|driver| BIFURCATED.contains(&driver.as_str()))
}

fn directory(address: &str) -> String {
    format!("/sys/bus/pci/devices/{address}")
}

fn nic(case: &Case<'_>, address: &str) -> Vec<Finding> {
    let system = case.system;
    let directory = directory(address);
    let list = format!("{}/bind-nic", system.scripts);
    let is_plain = address.bytes().all(|byte| byte.is_ascii_hexdigit() || b":.".contains(&byte));
    if !is_plain || !system.exists(&directory) {
        return vec![Finding::fail(NIC, format!("{address}: there is no such PCI device"), list)];
    }
    if system.text(format!("{directory}/class")).is_some_and(|class| !class.starts_with("0x02")) {
        return vec![Finding::fail(NIC, format!("{address}: not a network device"), list)];
    }
    let mut findings = vec![driver(system, address, &directory)];
    findings.extend(node(case, address, &directory));
    findings.extend(pci_link(system, address, &directory));
    findings
}

fn driver(system: &System, address: &str, directory: &str) -> Finding {
    let bind = format!("sudo {}/bind-nic {address}", system.scripts);
    match system.link(format!("{directory}/driver")).as_deref() {
        None => Finding::fail(NIC, format!("{address}: no driver is bound"), bind),
        Some("vfio-pci") => Finding::pass(NIC, format!("{address}: vfio-pci")),
        Some(driver) if BIFURCATED.contains(&driver) => {
            Finding::pass(NIC, format!("{address}: {driver}, which DPDK works beside; no binding needed"))
        }
        Some(driver @ ("igb_uio" | "uio_pci_generic")) => {
            Finding::warn(NIC, format!("{address}: {driver}, which no IOMMU confines"), bind)
        }
        Some(driver) => {
            let interfaces = system.names(format!("{directory}/net")).join(", ");
            let interfaces = if interfaces.is_empty() { String::new() } else { format!(" as {interfaces}") };
            Finding::fail(NIC, format!("{address}: still the kernel's ({driver}{interfaces})"), bind)
        }
    }
}

/// Whether the workers run where the NIC is.
fn node(case: &Case<'_>, address: &str, directory: &str) -> Option<Finding> {
    let node = u32::try_from(case.system.number(format!("{directory}/numa_node"))?).ok()?;
    let near = case.system.cpus(format!("/sys/devices/system/node/node{node}/cpulist"))?;
    let lcores = &case.config.dataplane.lcores;
    let far: Vec<u32> = lcores.iter().copied().filter(|lcore| !near.contains(lcore)).collect();
    if far.is_empty() {
        return Some(Finding::pass(NIC_NODE, format!("{address}: NUMA node {node}, as the workers")));
    }
    let detail = format!("{address}: NUMA node {node}, but lcores {} are elsewhere", cpu_text(&far));
    // CPU 0 is everything else's.
    let better: Vec<u32> = near.into_iter().filter(|cpu| *cpu != 0).take(lcores.len().max(1)).collect();
    if better.is_empty() {
        return Some(Finding::warn(NIC_NODE, detail, "lscpu | grep NUMA"));
    }
    Some(Finding::warn(NIC_NODE, detail, case.set("dataplane", "lcores", &format!("[{}]", cpu_text(&better)))))
}

/// Whether the slot gives the NIC what it could take.
fn pci_link(system: &System, address: &str, directory: &str) -> Option<Finding> {
    let text = |name: &str| system.text(format!("{directory}/{name}"));
    let (speed, width) = (text("current_link_speed")?, text("current_link_width")?);
    let (speed_max, width_max) = (text("max_link_speed")?, text("max_link_width")?);
    let gigatransfers = |text: &str| text.split_whitespace().next().and_then(|number| number.parse::<f64>().ok());
    let lanes = |text: &str| text.parse::<u32>().ok();
    let is_slower = gigatransfers(&speed)? < gigatransfers(&speed_max)? || lanes(&width)? < lanes(&width_max)?;
    if !is_slower {
        return Some(Finding::pass(NIC_LINK, format!("{address}: {speed} x{width}")));
    }
    let detail =
        format!("{address}: {speed} x{width}, the card can {speed_max} x{width_max}: another slot, or firmware");
    Some(Finding::warn(NIC_LINK, detail, format!("sudo lspci -vv -s {address} | grep -E 'LnkCap|LnkSta'")))
}

fn interface(case: &Case<'_>, name: &str) -> Vec<Finding> {
    let system = case.system;
    let directory = format!("/sys/class/net/{name}");
    let is_name = !name.is_empty() && name.len() < 16 && !name.contains('/') && name != "." && name != "..";
    if !is_name || !system.exists(&directory) {
        return vec![Finding::fail(INTERFACE, format!("{name}: there is no such interface"), "ip -brief link")];
    }
    let quoted = quote(name);
    let master = system.link(format!("{directory}/master"));
    let upper = system.names(&directory).into_iter().find_map(|entry| entry.strip_prefix("upper_").map(str::to_owned));
    let finding = if let Some(master) = master {
        let fix = format!("sudo ip link set {quoted} nomaster");
        Finding::fail(INTERFACE, format!("{name}: a member of {master}, so the kernel passes frames itself"), fix)
    } else if let Some(upper) = upper {
        let fix = format!("sudo ip link del {}", quote(&upper));
        Finding::fail(INTERFACE, format!("{name}: {upper} is stacked on it, so the kernel takes frames itself"), fix)
    } else if let Some(address) = address(system, name) {
        let fix = format!("sudo ip addr flush dev {quoted}");
        Finding::fail(INTERFACE, format!("{name}: the kernel uses it ({address})"), fix)
    } else {
        Finding::pass(INTERFACE, format!("{name}: exists, no route or address of the kernel, no master"))
    };
    vec![finding, offloads(system, name)]
}

/// What shows that the kernel has an address there. IPv6's are listed; of IPv4 only routes name the
/// interface, which every address but a /32 brings with it.
fn address(system: &System, name: &str) -> Option<String> {
    let routes = system.text("/proc/net/route").unwrap_or_default();
    if routes.lines().skip(1).any(|line| line.split_whitespace().next() == Some(name)) {
        return Some("IPv4 routes lead through it".to_owned());
    }
    let addresses = system.text("/proc/net/if_inet6").unwrap_or_default();
    addresses.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (bits, device) = (u128::from_str_radix(fields.first()?, 16).ok()?, fields.get(5)?);
        let address = Ipv6Addr::from(bits);
        // Every interface has a link-local address.
        (*device == name && !address.is_unicast_link_local()).then(|| address.to_string())
    })
}

fn offloads(system: &System, name: &str) -> Finding {
    let quoted = quote(name);
    let Some(features) = (system.offloads)(name) else {
        let fix = format!("sudo apt-get install -y ethtool && ethtool -k {quoted}");
        return Finding::warn(OFFLOADS, format!("{name}: cannot look: ethtool did not answer"), fix);
    };
    let is_on = |feature: &str| {
        let value = features.lines().find_map(|line| line.trim().strip_prefix(feature)?.strip_prefix(':'));
        value.is_some_and(|value| value.trim_start().starts_with("on") && !value.contains("[fixed]"))
    };
    let on: Vec<&str> = MERGING.iter().filter(|(feature, _)| is_on(feature)).map(|(_, short)| *short).collect();
    if on.is_empty() {
        return Finding::pass(OFFLOADS, format!("{name}: none that merges frames"));
    }
    let settings: Vec<String> = on.iter().map(|short| format!("{short} off")).collect();
    let detail = format!("{name}: {} merges frames, which then do not fit on the wire", on.join(", "));
    Finding::warn(OFFLOADS, detail, format!("sudo ethtool -K {quoted} {}", settings.join(" ")))
}
