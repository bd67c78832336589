//! Reads pkg-config's answers unfiltered.
//!
//! The `pkg-config` crate keeps only include paths, defines and libraries; DPDK's headers also need
//! `-include rte_config.h` and the `-march` that the library was built with.

use std::env;
use std::process::Command;

/// An installed library as pkg-config describes it.
pub(crate) struct Library {
    name: &'static str,
    /// Its version.
    pub(crate) version: String,
    /// Compiler flags, unfiltered and in order.
    pub(crate) cflags: Vec<String>,
}

impl Library {
    /// Asks pkg-config for the library.
    pub(crate) fn find(name: &'static str) -> Result<Self, String> {
        let version = ask(&["--modversion", name])?.join(" ");
        let cflags = ask(&["--cflags", name])?;
        Ok(Self { name, version, cflags })
    }

    /// The directory of the library's files.
    pub(crate) fn directory(&self) -> Result<String, String> {
        Ok(ask(&["--variable=libdir", self.name])?.join(" "))
    }
}

fn ask(arguments: &[&str]) -> Result<Vec<String>, String> {
    let program = env::var("PKG_CONFIG").unwrap_or_else(|_| "pkg-config".to_owned());
    let output = Command::new(&program)
        .args(arguments)
        .output()
        .map_err(|error| format!("{program} could not be run: {error}"))?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        return Err(reason.lines().next().unwrap_or("pkg-config says no").to_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).split_whitespace().map(str::to_owned).collect())
}
