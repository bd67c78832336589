//! The audit directory, the admin socket's directory and the policy.

use super::finding::{Finding, quote};
use super::process::is_root;
use super::{Case, System};
use crate::cli::load_policy;
use policy::Limits;
use rustix::fs::{Access, access, statvfs};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Segments for which there should be room: hours of busy logging, for somebody to react in.
const SEGMENTS_MIN: u64 = 10;
/// Segments without which it cannot begin: one, and the next that is allocated ahead.
const SEGMENTS_START: u64 = 2;

pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = audit(case);
    findings.push(admin(case));
    findings.push(policy(case));
    findings
}

fn audit(case: &Case<'_>) -> Vec<Finding> {
    const CHECK: &str = "audit-dir";
    let dir = &case.config.audit.dir;
    let (shown, quoted) = (dir.display(), quote(&dir.to_string_lossy()));
    let path = case.system.path(dir);
    let is_there = path.exists();
    let make = format!("sudo install -d -m 0750 {quoted}");
    let directory = if path.is_dir() {
        match may_write(&path) {
            true => Finding::pass(CHECK, format!("{shown}: writable")),
            false => {
                unwritable(case.system, CHECK, &format!("{shown}: not writable"), &format!("sudo chmod u+rwx {quoted}"))
            }
        }
    } else if is_there {
        Finding::fail(
            CHECK,
            format!("{shown}: not a directory"),
            case.set("audit", "dir", "\"/var/lib/sovereign/audit\""),
        )
    } else {
        Finding::warn(CHECK, format!("{shown}: does not exist yet; the gateway makes it if it may"), make)
    };
    let mut findings = vec![directory];
    if let Some(present) = nearest(&path) {
        findings.push(space(case, &present));
        findings.push(file_system(case, dir));
    }
    findings
}

fn space(case: &Case<'_>, present: &Path) -> Finding {
    const CHECK: &str = "audit-space";
    let segment_bytes = case.config.audit.segment_bytes.max(1);
    let fix = format!("df -h {}", quote(&case.config.audit.dir.to_string_lossy()));
    let free = match statvfs(present) {
        Ok(stat) => stat.f_bavail.saturating_mul(stat.f_frsize),
        Err(error) => return Finding::warn(CHECK, format!("cannot look: {error}"), fix),
    };
    let segments = free / segment_bytes;
    let detail = format!("room for {segments} segments of {} MiB", segment_bytes >> 20);
    let least = case.config.segment_bytes_min().max(1 << 20);
    let smaller = || case.set("audit", "segment_bytes", &(free / (2 * SEGMENTS_MIN)).max(least).to_string());
    match segments {
        0..SEGMENTS_START => Finding::fail(CHECK, format!("{detail}, {SEGMENTS_START} are needed to begin"), fix),
        SEGMENTS_START..SEGMENTS_MIN => Finding::warn(CHECK, format!("{detail}, fewer than {SEGMENTS_MIN}"), smaller()),
        _ => Finding::pass(CHECK, detail),
    }
}

/// What the log lies on: records must be there after a power cut.
fn file_system(case: &Case<'_>, dir: &Path) -> Finding {
    const CHECK: &str = "audit-file-system";
    let fix = || case.set("audit", "dir", "\"/var/lib/sovereign/audit\"");
    let Some((kind, place)) = mount(case.system, dir) else {
        return Finding::warn(CHECK, "cannot look: /proc/self/mountinfo is unreadable", "findmnt");
    };
    let shown = format!("{kind} at {place}");
    match kind.as_str() {
        "tmpfs" | "ramfs" => Finding::warn(CHECK, format!("{shown}: lost when the machine stops"), fix()),
        "nfs" | "nfs4" | "cifs" | "smb3" | "9p" | "fuse.sshfs" | "ceph" => {
            Finding::warn(CHECK, format!("{shown}: each commit waits for the network"), fix())
        }
        "vfat" | "exfat" | "msdos" => {
            Finding::warn(CHECK, format!("{shown}: cannot allocate ahead or keep permissions"), fix())
        }
        _ => Finding::pass(CHECK, shown),
    }
}

/// Type and place of the mount that a path lies in.
fn mount(system: &System, dir: &Path) -> Option<(String, String)> {
    let table = system.text("/proc/self/mountinfo")?;
    let mounts = table.lines().filter_map(|line| {
        let (front, back) = line.split_once(" - ")?;
        let place = unescape(front.split_whitespace().nth(4)?);
        dir.starts_with(&place).then(|| Some((back.split_whitespace().next()?.to_owned(), place)))?
    });
    // Of mounts on one place the last one is seen.
    mounts.max_by_key(|(_, place)| place.len())
}

/// The kernel writes blanks and the like in octal (proc(5)).
fn unescape(text: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .iter()
        .fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}

fn admin(case: &Case<'_>) -> Finding {
    const CHECK: &str = "admin-socket";
    let socket = &case.config.admin.socket;
    let dir = socket.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (shown, quoted) = (dir.display(), quote(&dir.to_string_lossy()));
    let path = case.system.path(dir);
    let Some(present) = nearest(&path) else {
        return Finding::fail(CHECK, format!("{shown}: cannot be made"), format!("sudo install -d -m 0750 {quoted}"));
    };
    if !present.is_dir() {
        return Finding::fail(
            CHECK,
            format!("{shown}: not a directory"),
            case.set("admin", "socket", "\"/run/sovereign/admin.sock\""),
        );
    }
    match (may_write(&present), present == path) {
        (true, true) => Finding::pass(CHECK, format!("{shown}: writable")),
        (true, false) => Finding::pass(CHECK, format!("{shown}: the gateway makes it")),
        (false, _) => unwritable(
            case.system,
            CHECK,
            &format!("{shown}: not writable"),
            &format!("sudo install -d -m 0750 {quoted}"),
        ),
    }
}

/// Root's failure; for anybody else it says nothing about the service, which runs as root.
fn unwritable(system: &System, check: &'static str, detail: &str, fix: &str) -> Finding {
    if is_root(system) {
        return Finding::fail(check, detail, fix);
    }
    Finding::warn(check, format!("{detail} for this user; what root may was not looked at"), "sudo sovereign doctor")
}

fn policy(case: &Case<'_>) -> Finding {
    const CHECK: &str = "policy";
    let file = &case.config.policy.file;
    let (shown, quoted) = (file.display(), quote(&file.to_string_lossy()));
    match std::fs::File::open(case.system.path(file)).map_err(|error| error.kind()) {
        Err(ErrorKind::NotFound) => {
            let beside = Path::new(&case.system.scripts).with_file_name("etc/policy.toml");
            let fix = format!("sudo install -D -m 0640 {} {quoted}", quote(&beside.to_string_lossy()));
            return Finding::fail(CHECK, format!("{shown}: does not exist"), fix);
        }
        Err(ErrorKind::PermissionDenied) => {
            return Finding::warn(CHECK, format!("{shown}: cannot look: not for this user"), "sudo sovereign doctor");
        }
        _ => {}
    }
    let limits = Limits { hold_bytes_max: case.config.dataplane.hold_bytes_max };
    match load_policy(&case.system.path(file), &limits) {
        Ok(policy) if policy.is_unprotected() => {
            let detail = format!("{shown}: version {}, but unknown TCP traffic passes", policy.version());
            Finding::warn(
                CHECK,
                detail,
                format!("sudo sed -i '/^\\[default\\]/,/^mode/s/^mode *=.*/mode = \"block\"/' {quoted}"),
            )
        }
        Ok(policy) => Finding::pass(CHECK, format!("{shown}: version {}", policy.version())),
        Err(failure) => Finding::fail(CHECK, failure.message(), format!("sovereign policy check {quoted}")),
    }
}

fn may_write(path: &Path) -> bool {
    access(path, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

/// The path, or the nearest above it that is there.
fn nearest(path: &Path) -> Option<PathBuf> {
    path.ancestors().find(|path| path.exists()).map(Path::to_owned)
}
