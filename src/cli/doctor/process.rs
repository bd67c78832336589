//! What this process may do and how much it may have.

use super::finding::Finding;
use super::port::Port;
use super::{Case, System};

/// Capabilities that the gateway uses, as capabilities(7) numbers them.
const CAPABILITIES: [(u32, &str); 4] =
    [(12, "CAP_NET_ADMIN"), (13, "CAP_NET_RAW"), (14, "CAP_IPC_LOCK"), (21, "CAP_SYS_ADMIN")];
const CAP_IPC_LOCK: u32 = 14;

/// Open files: EAL keeps one for each huge page of 2 MiB, the gateway some dozens.
const FILES_MIN: u64 = 4096;

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    vec![privileges(case.system), memory_lock(case), files(case.system)]
}

/// The effective capabilities; all of them for root.
pub(super) fn effective(system: &System) -> Option<u64> {
    let status = system.text("/proc/self/status")?;
    let value = status.lines().find_map(|line| line.strip_prefix("CapEff:"))?;
    u64::from_str_radix(value.trim(), 16).ok()
}

/// True if this process is root's.
pub(super) fn is_root(system: &System) -> bool {
    let status = system.text("/proc/self/status").unwrap_or_default();
    let ids = status.lines().find_map(|line| line.strip_prefix("Uid:")).unwrap_or_default();
    ids.split_whitespace().nth(1) == Some("0")
}

fn privileges(system: &System) -> Finding {
    const CHECK: &str = "privileges";
    const FIX: &str = "sudo sovereign doctor";
    let Some(effective) = effective(system) else {
        return Finding::warn(CHECK, "cannot look: /proc/self/status has no capabilities", FIX);
    };
    let missing: Vec<&str> =
        CAPABILITIES.iter().filter(|(bit, _)| effective & (1 << bit) == 0).map(|(_, name)| *name).collect();
    match (missing.is_empty(), is_root(system)) {
        (true, true) => Finding::pass(CHECK, "root"),
        (true, false) => Finding::pass(CHECK, "not root, with the capabilities that count"),
        (false, true) => {
            Finding::fail(CHECK, format!("root without {}", missing.join(", ")), "sudo systemctl start sovereign")
        }
        (false, false) => {
            let detail = format!("not root, without {}: parts of this were not looked at", missing.join(", "));
            Finding::warn(CHECK, detail, FIX)
        }
    }
}

fn memory_lock(case: &Case<'_>) -> Finding {
    const CHECK: &str = "limit-memlock";
    if effective(case.system).is_some_and(|effective| effective & (1 << CAP_IPC_LOCK) != 0) {
        return Finding::pass(CHECK, "does not bind: CAP_IPC_LOCK");
    }
    let is_locking = |port: &Port| match port {
        Port::Pci(_) => true,
        Port::Kernel { driver, .. } => driver == "net_af_xdp",
        Port::Virtual => false,
    };
    match limit(case.system, "Max locked memory") {
        Some(u64::MAX) => Finding::pass(CHECK, "unlimited"),
        Some(bytes) if !case.ports.is_empty() && !case.ports.iter().any(is_locking) => {
            Finding::pass(CHECK, format!("{bytes} bytes; the configured ports lock none"))
        }
        Some(bytes) => Finding::warn(CHECK, format!("{bytes} bytes: ports lock their buffers"), "ulimit -l unlimited"),
        None => Finding::warn(CHECK, "cannot look: /proc/self/limits is unreadable", "ulimit -l unlimited"),
    }
}

fn files(system: &System) -> Finding {
    const CHECK: &str = "limit-nofile";
    let fix = format!("ulimit -n {FILES_MIN}");
    match limit(system, "Max open files") {
        Some(u64::MAX) => Finding::pass(CHECK, "unlimited"),
        Some(count) if count >= FILES_MIN => Finding::pass(CHECK, format!("{count} open files")),
        Some(count) => Finding::warn(CHECK, format!("{count} open files, a huge page of 2M takes one each"), fix),
        None => Finding::warn(CHECK, "cannot look: /proc/self/limits is unreadable", fix),
    }
}

/// The soft limit of a line of `/proc/self/limits`; `u64::MAX` is none.
fn limit(system: &System, name: &str) -> Option<u64> {
    let limits = system.text("/proc/self/limits")?;
    let value = limits.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?;
    if value == "unlimited" { Some(u64::MAX) } else { value.parse().ok() }
}
