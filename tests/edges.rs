//! The workspace is put together as its plan says: who may depend on whom, and who may do what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Which crate of the workspace may depend on which others, in what is shipped. An edge that is not
/// here is a decision: it is to be written down before it is added.
const EDGES: &[(&str, &[&str])] = &[
    ("dpdk-sys", &[]),
    ("net", &[]),
    ("decode", &[]),
    ("detect", &[]),
    ("tls", &[]),
    ("dpdk", &["dpdk-sys", "net"]),
    ("llm", &["decode"]),
    ("policy", &["detect"]),
    ("audit", &["net", "policy"]),
    ("engine", &["net", "decode", "llm", "detect", "policy", "audit"]),
    ("identity", &["policy", "tls"]),
    ("dataplane", &["net", "tls", "policy", "engine", "audit"]),
    ("proxy", &["net", "tls", "policy", "engine", "audit"]),
    ("management", &["audit", "policy", "identity"]),
    ("orchestrator", &["policy", "identity"]),
    // The program is where hosts, control and device meet: it hands values of these to one another.
    (
        "sovereign",
        &["dataplane", "proxy", "management", "orchestrator", "dpdk", "net", "policy", "audit", "engine", "tls"],
    ),
    // Of the tests alone.
    ("testkit", &["net"]),
    // Trains what `detect` ships; no part of the program.
    ("names-train", &["detect"]),
];

/// Crates that hold no clock, no socket, no file and no runtime: time is an argument, bytes come in
/// and go out.
const SANS_IO: [&str; 6] = ["net", "decode", "detect", "llm", "policy", "engine"];

/// The only crates with `unsafe` in them.
const UNSAFE: [&str; 3] = ["detect", "dpdk", "dpdk-sys"];
/// Of this one only this file.
const UNSAFE_FILE: (&str, &str) = ("detect", "src/simd/x86.rs");

/// Normal dependencies within the workspace, by crate.
fn edges() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let members: BTreeSet<String> = packages.iter().map(name).collect();
    let of = |package: &Value| {
        let dependencies = package["dependencies"].as_array().unwrap().iter().filter(|edge| edge["kind"].is_null());
        dependencies.map(name).filter(|dependency| members.contains(dependency)).collect()
    };
    packages.iter().map(|package| (name(package), of(package))).collect()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below `dir`.
fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// Lines of shipped code: no comments, and nothing from the first test module of a file on.
fn code(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
    shipped.lines().map(|line| line.split("//").next().unwrap_or_default().to_owned()).collect()
}

fn crates() -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(root().join("crates")).unwrap().map(Result::unwrap);
    entries.map(|entry| (entry.file_name().into_string().unwrap(), entry.path())).collect()
}

#[test]
fn crates_depend_on_each_other_as_planned_and_no_other_way() {
    let allowed: BTreeMap<&str, &[&str]> = EDGES.iter().copied().collect();
    let mut wrong = Vec::new();
    for (from, dependencies) in edges() {
        let Some(allowed) = allowed.get(from.as_str()) else {
            wrong.push(format!("{from} is not in the plan"));
            continue;
        };
        wrong.extend(
            dependencies.iter().filter(|to| !allowed.contains(&to.as_str())).map(|to| format!("{from} -> {to}")),
        );
    }
    assert!(wrong.is_empty(), "edges that nobody planned: {wrong:?}");
}

#[test]
fn the_plan_has_no_circle() {
    let mut left: BTreeMap<&str, &[&str]> = EDGES.iter().copied().collect();
    while !left.is_empty() {
        let leaves: Vec<&str> =
            left.iter().filter(|(_, to)| to.iter().all(|to| !left.contains_key(to))).map(|(from, _)| *from).collect();
        assert!(!leaves.is_empty(), "a circle among {:?}", left.keys());
        left.retain(|from, _| !leaves.contains(from));
    }
}

#[test]
fn only_the_program_reaches_dpdk() {
    for (from, dependencies) in edges() {
        let reaches = dependencies.contains("dpdk") || dependencies.contains("dpdk-sys");
        assert!(!reaches || from == "sovereign" || from == "dpdk", "{from} reaches DPDK");
    }
}

#[test]
fn nothing_that_is_shipped_depends_on_the_test_kit() {
    assert!(edges().iter().all(|(_, dependencies)| !dependencies.contains("testkit")));
}

#[test]
fn unsafe_code_is_forbidden_everywhere_but_at_the_hardware() {
    for (name, path) in crates() {
        let lib = fs::read_to_string(path.join("src/lib.rs")).unwrap();
        let is_forbidden = lib.contains("#![forbid(unsafe_code)]");
        assert_eq!(is_forbidden, !UNSAFE.contains(&name.as_str()), "{name}");
    }
    for path in sources(&root().join("src")) {
        assert!(!code(&path).iter().any(|line| line.contains("unsafe ")), "{}", path.display());
    }
    let (name, file) = UNSAFE_FILE;
    let crate_root = root().join("crates").join(name);
    assert!(fs::read_to_string(crate_root.join("src/lib.rs")).unwrap().contains("#![deny(unsafe_code)]"));
    for path in sources(&crate_root.join("src")).into_iter().filter(|path| *path != crate_root.join(file)) {
        let allows = |line: &String| line.contains("(unsafe_code") && !line.contains("deny(unsafe_code)");
        assert!(!code(&path).iter().any(allows), "{}", path.display());
    }
}

#[test]
fn what_decides_knows_no_clock_no_socket_no_file_and_no_runtime() {
    let forbidden = [
        "tokio",
        "std::net",
        "std::fs",
        "std::io",
        "std::thread",
        "Instant",
        "SystemTime",
        "std::process",
        "std::env",
        "rustix",
        "libc::",
    ];
    for name in SANS_IO {
        for path in sources(&root().join("crates").join(name).join("src")) {
            let is_test = path.components().any(|part| part.as_os_str().to_string_lossy().starts_with("tests"));
            for (number, line) in code(&path).iter().enumerate().filter(|_| !is_test) {
                let found = forbidden.iter().find(|word| line.contains(*word));
                assert!(found.is_none(), "{}:{}: {}", path.display(), number + 1, line.trim());
            }
        }
    }
}

#[test]
fn only_hosts_pull_a_runtime() {
    for (name, path) in crates() {
        let manifest = fs::read_to_string(path.join("Cargo.toml")).unwrap();
        let shipped = manifest.split("[dev-dependencies]").next().unwrap();
        let is_host = ["management", "proxy", "identity", "orchestrator"].contains(&name.as_str());
        assert!(is_host || !shipped.contains("tokio"), "{name}");
    }
}
