//! The machine: `/sys` and `/proc` below a root, and what a program has to be asked for.

use crate::memory::scripts;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// CPUs of the largest machine Linux runs on: what a list may name.
const CPU_COUNT_MAX: u32 = 8192;

/// The machine that is examined.
#[derive(Debug)]
pub(super) struct System {
    root: PathBuf,
    /// What `ethtool -k` says of an interface: sysfs does not have the offloads.
    pub(super) offloads: fn(&str) -> Option<String>,
    /// The directory of the operators' scripts, as an operator would type it.
    pub(super) scripts: String,
}

impl System {
    /// This machine.
    pub(super) fn real() -> Self {
        Self { root: PathBuf::from("/"), offloads: ethtool, scripts: scripts() }
    }

    /// A machine whose files lie below a directory.
    #[cfg(test)]
    pub(super) fn below(root: &Path, offloads: fn(&str) -> Option<String>) -> Self {
        Self { root: root.to_owned(), offloads, scripts: "./scripts".to_owned() }
    }

    /// Where a file of the machine lies.
    pub(super) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = path.as_ref();
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// A small file's text without its end; `None` if it is missing or is not for us.
    pub(super) fn text(&self, path: impl AsRef<Path>) -> Option<String> {
        self.read(path).ok()
    }

    /// The same, with why it cannot be read.
    pub(super) fn read(&self, path: impl AsRef<Path>) -> io::Result<String> {
        let bytes = fs::read(self.path(path))?;
        Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
    }

    /// A file that holds one number.
    pub(super) fn number(&self, path: impl AsRef<Path>) -> Option<i64> {
        self.text(path)?.parse().ok()
    }

    /// A file that holds a list of CPUs.
    pub(super) fn cpus(&self, path: impl AsRef<Path>) -> Option<Vec<u32>> {
        self.text(path).map(|text| cpu_list(&text))
    }

    /// Names in a directory, in order.
    pub(super) fn names(&self, path: impl AsRef<Path>) -> Vec<String> {
        let entries = fs::read_dir(self.path(path)).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }

    /// Last part of what a link points to.
    pub(super) fn link(&self, path: impl AsRef<Path>) -> Option<String> {
        let target = fs::read_link(self.path(path)).ok()?;
        Some(target.file_name()?.to_string_lossy().into_owned())
    }

    pub(super) fn exists(&self, path: impl AsRef<Path>) -> bool {
        self.path(path).exists()
    }

    /// NUMA nodes; none on a machine without them.
    pub(super) fn nodes(&self) -> Vec<u32> {
        let numbers = self.names("/sys/devices/system/node");
        let mut nodes: Vec<u32> = numbers.iter().filter_map(|name| name.strip_prefix("node")?.parse().ok()).collect();
        nodes.sort_unstable();
        nodes
    }

    /// The value of a parameter of the kernel's boot line; the last one counts.
    pub(super) fn boot_parameter(&self, name: &str) -> Option<String> {
        let line = self.text("/proc/cmdline")?;
        // What stands behind `--` is for the first program.
        let words = line.split_whitespace().take_while(|word| *word != "--");
        words
            .filter_map(|word| word.split_once('='))
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned())
            .last()
    }
}

/// CPUs of a list such as `0-3,8`; words such as `managed_irq` and what makes no sense is no CPU.
pub(super) fn cpu_list(text: &str) -> Vec<u32> {
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (first.trim().parse::<u32>().ok()?, last.trim().parse::<u32>().ok()?);
        (last < CPU_COUNT_MAX).then_some(first..=last)
    };
    let mut cpus: Vec<u32> = text.split(',').filter_map(range).flatten().collect();
    cpus.sort_unstable();
    cpus.dedup();
    cpus
}

/// CPUs as such a list.
pub(super) fn cpu_text(cpus: &[u32]) -> String {
    let texts: Vec<String> = cpus.iter().map(u32::to_string).collect();
    texts.join(",")
}

fn ethtool(interface: &str) -> Option<String> {
    let run = |program: &str| {
        let mut command = Command::new(program);
        command.args(["-k", interface]).stdin(Stdio::null()).stderr(Stdio::null()).env("LC_ALL", "C");
        command.output().ok()
    };
    // An ordinary user's PATH lacks /usr/sbin.
    let output = run("ethtool").or_else(|| run("/usr/sbin/ethtool"))?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_lists_are_read_as_the_kernel_writes_them() {
        assert_eq!(cpu_list("0-3,8"), [0, 1, 2, 3, 8]);
        assert_eq!(cpu_list("managed_irq,domain,2-3,2"), [2, 3]);
        for nothing in ["", "(null)", "-", "3-1", "0-4294967295", "a-b", "-1"] {
            assert!(cpu_list(nothing).is_empty(), "{nothing}");
        }
        assert_eq!(cpu_text(&[1, 2, 8]), "1,2,8");
    }
}
