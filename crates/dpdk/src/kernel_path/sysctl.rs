//! The per-interface settings in `/proc/sys/net`.

use rustix::io::Errno;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Family, key and value of each setting, and what an error calls it.
const WANTED: [(&str, &str, u32, &str); COUNT] = [
    ("ipv6", "disable_ipv6", 1, "switch off IPv6"),
    ("ipv6", "forwarding", 0, "switch off IPv6 forwarding"),
    ("ipv6", "accept_ra", 0, "ignore router advertisements"),
    ("ipv6", "accept_redirects", 0, "ignore IPv6 redirects"),
    ("ipv4", "forwarding", 0, "switch off IPv4 forwarding"),
    ("ipv4", "arp_ignore", 8, "leave ARP unanswered"),
    ("ipv4", "proxy_arp", 0, "switch off proxy ARP"),
    ("ipv4", "accept_redirects", 0, "ignore IPv4 redirects"),
    ("ipv4", "accept_source_route", 0, "ignore source routes"),
    ("ipv4", "send_redirects", 0, "send no redirects"),
];
/// Settings that are looked after.
pub(super) const COUNT: usize = 10;

/// What a setting could not be given, and why.
type Refused = (&'static str, Errno);
/// What the settings were, in their order; `None` for those that this kernel does not have.
pub(super) type Before = [Option<u32>; COUNT];

/// The settings of an interface as they are.
pub(super) fn read_all(interface: &str) -> Result<Before, Refused> {
    let mut before = Before::default();
    for (slot, (family, key, _, what)) in before.iter_mut().zip(WANTED) {
        *slot = read(&path(interface, family, key)).map_err(|cause| (what, cause))?;
    }
    Ok(before)
}

/// Sets all; what a kernel without IPv6 does not have is left out.
pub(super) fn tighten(interface: &str) -> Result<(), Refused> {
    let is = read_all(interface)?;
    set(interface, WANTED.into_iter().zip(is).map(|(setting, is)| (setting, is, is.map(|_| setting.2))))
}

/// Sets all to what it was, last first; the first failure is told.
pub(super) fn restore(interface: &str, before: &Before) -> Result<(), Refused> {
    let is = read_all(interface)?;
    set(interface, WANTED.into_iter().zip(is).zip(*before).map(|((setting, is), was)| (setting, is, was)).rev())
}

/// What an error calls the first setting that is not as it should be.
pub(super) fn first_changed(interface: &str) -> Option<&'static str> {
    let as_wanted = |family: &str, key: &str, wanted: u32| {
        read(&path(interface, family, key)).is_ok_and(|found| found.is_none_or(|found| found == wanted))
    };
    WANTED.iter().find(|(family, key, wanted, _)| !as_wanted(family, key, *wanted)).map(|(_, key, ..)| *key)
}

/// Gives each setting the value that it is to have, if it has another.
fn set(
    interface: &str,
    values: impl Iterator<Item = ((&'static str, &'static str, u32, &'static str), Option<u32>, Option<u32>)>,
) -> Result<(), Refused> {
    let mut result = Ok(());
    for ((family, key, _, what), is, value) in values {
        let Some(value) = value.filter(|_| is != value) else { continue };
        if let Err(error) = fs::write(path(interface, family, key), value.to_string()) {
            result = result.and(Err((what, errno(&error))));
        }
    }
    result
}

fn path(interface: &str, family: &str, key: &str) -> PathBuf {
    Path::new("/proc/sys/net").join(family).join("conf").join(interface).join(key)
}

/// The value of a setting; `None` if this kernel does not have it.
fn read(path: &Path) -> Result<Option<u32>, Errno> {
    match fs::read_to_string(path) {
        Ok(text) => text.trim().parse().map(Some).map_err(|_| Errno::INVAL),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(errno(&error)),
    }
}

fn errno(error: &io::Error) -> Errno {
    Errno::from_io_error(error).unwrap_or(Errno::IO)
}
