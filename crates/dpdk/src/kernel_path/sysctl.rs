//! The per-interface settings in `/proc/sys/net`.

use rustix::io::Errno;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Family, key and value of each setting, and what an error calls it.
const WANTED: &[(&str, &str, &str, &str)] = &[
    ("ipv6", "disable_ipv6", "1", "switch off IPv6"),
    ("ipv6", "forwarding", "0", "switch off IPv6 forwarding"),
    ("ipv6", "accept_ra", "0", "ignore router advertisements"),
    ("ipv6", "accept_redirects", "0", "ignore IPv6 redirects"),
    ("ipv4", "forwarding", "0", "switch off IPv4 forwarding"),
    ("ipv4", "arp_ignore", "8", "leave ARP unanswered"),
    ("ipv4", "proxy_arp", "0", "switch off proxy ARP"),
    ("ipv4", "accept_redirects", "0", "ignore IPv4 redirects"),
    ("ipv4", "accept_source_route", "0", "ignore source routes"),
    ("ipv4", "send_redirects", "0", "send no redirects"),
];

/// The settings of an interface, and what they were.
#[derive(Debug)]
pub(super) struct Settings {
    interface: String,
    /// Path and earlier value of each setting that was changed, and what an error calls it.
    changed: Vec<(PathBuf, String, &'static str)>,
}

impl Settings {
    pub(super) fn new(interface: &str) -> Self {
        Self { interface: interface.to_owned(), changed: Vec::new() }
    }

    /// Sets all; what a kernel without IPv6 does not have is left out.
    pub(super) fn apply(&mut self) -> Result<(), (&'static str, Errno)> {
        for &(family, key, value, what) in WANTED {
            let path = self.path(family, key);
            let Some(before) = read(&path).map_err(|cause| (what, cause))? else { continue };
            if before != value {
                fs::write(&path, value).map_err(|error| (what, errno(&error)))?;
                // What it was at first counts, not what someone made of it since.
                if !self.changed.iter().any(|(known, ..)| *known == path) {
                    self.changed.push((path, before, what));
                }
            }
        }
        Ok(())
    }

    /// What an error calls the first setting that is not as it should be.
    pub(super) fn first_changed(&self) -> Option<&'static str> {
        let as_wanted = |family: &str, key: &str, value: &str| {
            read(&self.path(family, key)).is_ok_and(|found| found.is_none_or(|found| found == value))
        };
        WANTED.iter().find(|(family, key, value, _)| !as_wanted(family, key, value)).map(|(_, key, ..)| *key)
    }

    /// Sets all that was changed to what it was, last first; the first failure is told.
    pub(super) fn restore(&self) -> Result<(), (&'static str, Errno)> {
        let mut result = Ok(());
        for (path, before, what) in self.changed.iter().rev() {
            if let Err(error) = fs::write(path, before) {
                result = result.and(Err((*what, errno(&error))));
            }
        }
        result
    }

    fn path(&self, family: &str, key: &str) -> PathBuf {
        Path::new("/proc/sys/net").join(family).join("conf").join(&self.interface).join(key)
    }
}

/// The value of a setting; `None` if this kernel does not have it.
fn read(path: &Path) -> Result<Option<String>, Errno> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(errno(&error)),
    }
}

fn errno(error: &io::Error) -> Errno {
    Errno::from_io_error(error).unwrap_or(Errno::IO)
}
