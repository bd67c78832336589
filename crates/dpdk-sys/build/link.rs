//! What the linker is told.
//!
//! Shared (the default): the libraries that are called; EAL loads every poll-mode driver from
//! the plugin directory that libdpdk was built with. Static: the drivers of [`DRIVERS`] whose
//! archives are installed, kept whole because they register themselves in constructors that
//! nothing refers to.

use crate::pkg_config::Library;
use std::error::Error;
use std::path::Path;

/// The libraries whose functions the binding calls.
const CALLED: &[&str] = &["rte_ethdev", "rte_mbuf", "rte_mempool", "rte_eal"];

/// Functions of EAL that are a library of their own since DPDK 23.11, where that is installed.
const LOG: &str = "rte_log";

/// Drivers that a static build carries, where installed. Left out: those that need libraries
/// beyond [`SYSTEM`] (mlx4 and mlx5 need rdma-core; use the shared build for them).
const DRIVERS: &[&str] = &[
    "rte_bus_auxiliary",
    "rte_bus_pci",
    "rte_bus_vdev",
    "rte_bus_vmbus",
    "rte_common_iavf",
    "rte_mempool_ring",
    "rte_mempool_stack",
    "rte_net_af_packet",
    "rte_net_af_xdp",
    "rte_net_e1000",
    "rte_net_ena",
    "rte_net_i40e",
    "rte_net_iavf",
    "rte_net_ice",
    "rte_net_igc",
    "rte_net_ixgbe",
    "rte_net_memif",
    "rte_net_netvsc",
    "rte_net_null",
    "rte_net_pcap",
    "rte_net_ring",
    "rte_net_tap",
    "rte_net_vhost",
    "rte_net_virtio",
    "rte_net_vmxnet3",
];

/// DPDK's own libraries behind [`CALLED`] and [`DRIVERS`].
const LIBRARIES: &[&str] = &[
    "rte_ethdev",
    "rte_mbuf",
    "rte_mempool",
    "rte_net",
    "rte_pci",
    "rte_meter",
    "rte_ring",
    "rte_rcu",
    "rte_hash",
    "rte_ip_frag",
    "rte_gso",
    "rte_vhost",
    "rte_cryptodev",
    "rte_security",
    "rte_dmadev",
    "rte_timer",
    "rte_stack",
    "rte_log",
    "rte_argparse",
    "rte_eal",
    "rte_telemetry",
    "rte_kvargs",
];

/// System libraries behind the archives; each is linked where a development file for it exists.
const SYSTEM: &[&str] = &["numa", "xdp", "bpf", "pcap", "elf", "z", "bsd", "md", "crypto", "m", "dl", "pthread"];

/// Prints the link instructions; `archives` asks for the static build.
pub(crate) fn emit(library: &Library, archives: bool) -> Result<(), Box<dyn Error>> {
    let directory = library.directory()?;
    println!("cargo::rustc-link-search=native={directory}");
    if archives {
        emit_static(Path::new(&directory))
    } else {
        let log = Path::new(&directory).join(format!("lib{LOG}.so")).exists().then_some(LOG);
        for name in CALLED.iter().copied().chain(log) {
            println!("cargo::rustc-link-lib=dylib={name}");
        }
        Ok(())
    }
}

fn emit_static(directory: &Path) -> Result<(), Box<dyn Error>> {
    let installed = |name: &&&str| directory.join(format!("lib{name}.a")).exists();
    if let Some(missing) = CALLED.iter().find(|name| !installed(name)) {
        return Err(format!("feature `static`: lib{missing}.a is not installed; build without the feature").into());
    }
    for name in DRIVERS.iter().chain(LIBRARIES).filter(installed) {
        println!("cargo::rustc-link-lib=static:+whole-archive,-bundle={name}");
    }
    for name in SYSTEM.iter().filter(|name| directory.join(format!("lib{name}.so")).exists()) {
        println!("cargo::rustc-link-lib=dylib={name}");
    }
    Ok(())
}
