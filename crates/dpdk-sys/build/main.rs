//! Generates the binding to the libdpdk that pkg-config names, compiles the shim and links both.

mod link;
mod pkg_config;

use pkg_config::Library;
use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

/// What to do without libdpdk.
const MISSING: &str = "libdpdk was not found; install it (Debian: apt-get install libdpdk-dev clang libclang-dev pkg-config) \
     or build without DPDK: --no-default-features";

/// The functions that `dpdk` calls; types follow by themselves.
const FUNCTIONS: &[&str] = &[
    "dpdk_shim_.*",
    "rte_eal_cleanup",
    "rte_eal_get_lcore_state",
    "rte_eal_init",
    "rte_eal_remote_launch",
    "rte_eal_wait_lcore",
    "rte_eth_allmulticast_enable",
    "rte_eth_dev_adjust_nb_rx_tx_desc",
    "rte_eth_dev_close",
    "rte_eth_dev_configure",
    "rte_eth_dev_get_mtu",
    "rte_eth_dev_get_port_by_name",
    "rte_eth_dev_info_get",
    "rte_eth_dev_rss_reta_update",
    "rte_eth_dev_set_mtu",
    "rte_eth_dev_socket_id",
    "rte_eth_dev_start",
    "rte_eth_dev_stop",
    "rte_eth_macaddr_get",
    "rte_eth_promiscuous_enable",
    "rte_eth_rx_queue_setup",
    "rte_eth_stats_get",
    "rte_eth_stats_reset",
    "rte_eth_tx_queue_setup",
    "rte_get_next_lcore",
    "rte_get_tsc_hz",
    "rte_eal_has_hugepages",
    "rte_mbuf_best_mempool_ops",
    "rte_mempool_avail_count",
    "rte_mempool_create_empty",
    "rte_mempool_free",
    "rte_mempool_in_use_count",
    "rte_mempool_obj_iter",
    "rte_mempool_populate_default",
    "rte_mempool_set_ops_byname",
    "rte_openlog_stream",
    "rte_pktmbuf_free_bulk",
    "rte_pktmbuf_init",
    "rte_pktmbuf_pool_init",
    "rte_strerror",
    "rte_version",
];

/// Types that `dpdk` fills in and that no function names.
const TYPES: &[&str] = &["rte_pktmbuf_pool_private"];

/// The variables and constants that `dpdk` reads.
const VARIABLES: &[&str] = &["DPDK_SHIM_.*", "RTE_MAX_ETHPORTS", "RTE_MAX_LCORE", "rte_eth_fp_ops"];

/// Types whose fields are none of ours.
///
/// `rte_mbuf` is laid out differently from release to release; its fields are reached through the
/// offsets that the C compiler computes (`DPDK_SHIM_MBUF_*`). The others are packed and aligned,
/// which a Rust struct cannot be.
const OPAQUE: &[&str] =
    &["rte_mbuf", "rte_mempool", "rte_arp_.*", "rte_l2tpv2.*", "rte_gtp_psc.*", "rte_device", "_IO_FILE"];

fn main() {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=c");
    println!("cargo::rerun-if-env-changed=PKG_CONFIG");
    println!("cargo::rerun-if-env-changed=PKG_CONFIG_PATH");
    println!("cargo::rerun-if-env-changed=PKG_CONFIG_LIBDIR");
    match Library::find("libdpdk") {
        Ok(library) => {
            if let Err(error) = build(&library) {
                println!("cargo::error=the binding to libdpdk {} could not be built: {error}", library.version);
            }
        }
        Err(error) => println!("cargo::error={MISSING} ({error})"),
    }
}

fn build(library: &Library) -> Result<(), Box<dyn Error>> {
    println!("cargo::rustc-env=DPDK_SYS_VERSION={}", library.version);
    println!("cargo::metadata=version={}", library.version);
    generate(library)?;
    compile(library)?;
    link::emit(library, env::var_os("CARGO_FEATURE_STATIC").is_some())
}

/// Writes the declarations to `$OUT_DIR/bindings.rs`.
fn generate(library: &Library) -> Result<(), Box<dyn Error>> {
    let mut builder = bindgen::Builder::default()
        .header("c/shim.h")
        .clang_args(&library.cflags)
        .rust_edition(bindgen::RustEdition::Edition2024)
        .use_core()
        .prepend_enum_name(false)
        .generate_comments(false)
        .derive_default(true)
        .derive_debug(false)
        .formatter(bindgen::Formatter::None)
        .parse_callbacks(Box::new(bindgen::CargoCallbacks::new()));
    for function in FUNCTIONS {
        builder = builder.allowlist_function(function);
    }
    for kind in TYPES {
        builder = builder.allowlist_type(kind);
    }
    for variable in VARIABLES {
        builder = builder.allowlist_var(variable);
    }
    for opaque in OPAQUE {
        builder = builder.opaque_type(opaque);
    }
    let path = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?).join("bindings.rs");
    fs::write(path, builder.generate()?.to_string())?;
    Ok(())
}

/// Compiles the shim with the flags that libdpdk itself asks for.
fn compile(library: &Library) -> Result<(), Box<dyn Error>> {
    let mut build = cc::Build::new();
    build.file("c/shim.c").warnings(false).opt_level(3);
    for flag in &library.cflags {
        build.flag(flag);
    }
    build.try_compile("dpdk_shim")?;
    Ok(())
}
