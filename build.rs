//! Stamps the version: crate version, commit, and the DPDK it is built with.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=.git/HEAD");
    println!("cargo::rerun-if-changed=.git/logs/HEAD");
    println!("cargo::rerun-if-env-changed=PKG_CONFIG_PATH");
    let commit = output("git", &["rev-parse", "--short=12", "HEAD"]).unwrap_or_else(|| "no commit".to_owned());
    let dpdk = if std::env::var_os("CARGO_FEATURE_DPDK").is_some() {
        let version = output("pkg-config", &["--modversion", "libdpdk"]);
        format!("DPDK {}", version.unwrap_or_else(|| "unknown".to_owned()))
    } else {
        "without DPDK".to_owned()
    };
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    println!("cargo::rustc-env=SOVEREIGN_VERSION={version} ({commit}, {dpdk})");
}

fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
