//! What can be seen to fail before anything is touched: rights that are missing, memory that is not
//! there.

use super::ports::{Devices, plain_memory_mb};
use crate::config::{Config, Hugepages};
use crate::failure::{Context, Failure};
use crate::memory::{buffer_bytes, needed_bytes, scripts};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs;
use std::path::Path;

/// Bit numbers in a set of capabilities (capabilities(7)).
const CAPABILITIES: [(&str, u32); 2] = [("CAP_NET_ADMIN", 12), ("CAP_NET_RAW", 13)];

/// Bytes of the two sizes of huge pages.
const MEGA: u64 = 2 << 20;
const GIGA: u64 = 1 << 30;

/// Refuses interfaces of the kernel that this process may not take.
pub(super) fn check_rights(devices: &Devices) -> Result<(), Failure> {
    let Some(device) = [&devices.inside, &devices.outside].into_iter().find(|device| device.is_kernel_backed()) else {
        return Ok(());
    };
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let missing = missing_capabilities(&status);
    if missing.is_empty() {
        return Ok(());
    }
    let missing = format!("{} {}", missing.join(" and "), if missing.len() == 1 { "is" } else { "are" });
    Err(Failure::usage(format_args!(
        "port {device} cannot be opened: {missing} missing; run as root, or grant what etc/sovereign.service grants"
    )))
}

/// Capabilities that a port needs and that `/proc/self/status` does not list as effective.
fn missing_capabilities(status: &str) -> Vec<&'static str> {
    let effective = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    // Where it cannot be read, trying will tell.
    let Some(effective) = effective.and_then(|set| u64::from_str_radix(set.trim(), 16).ok()) else { return Vec::new() };
    CAPABILITIES.iter().filter(|(_, bit)| effective >> bit & 1 == 0).map(|(name, _)| *name).collect()
}

/// Files and connections that a gateway may have open: ports, the log, 16 of the admin socket, 64 for metrics, and
/// what looks after the interfaces.
const DESCRIPTORS_MIN: u64 = 256;

/// Bytes of addresses besides buffers and what workers hold: threads, libraries, policies.
const ADDRESSES_BESIDE: u64 = 1 << 30;

/// Refuses limits of the process (setrlimit(2)) that it would run into while it runs, of open files and of addresses.
pub(super) fn check_limits(config: &Config) -> Result<(), Failure> {
    let files = getrlimit(Resource::Nofile);
    if files.maximum.is_some_and(|most| most < DESCRIPTORS_MIN) {
        return Err(Failure::usage(format_args!(
            "too few files may be open: {} of {DESCRIPTORS_MIN}; raise the limit (ulimit -n, LimitNOFILE= in the unit)",
            files.maximum.unwrap_or_default()
        )));
    }
    if files.current.is_some_and(|now| now < DESCRIPTORS_MIN) {
        let raised = Rlimit { current: Some(DESCRIPTORS_MIN), ..files };
        setrlimit(Resource::Nofile, raised).or_usage("the limit of open files cannot be raised", "")?;
    }
    let needed = addresses(config);
    match getrlimit(Resource::As).current {
        Some(most) if most < needed => Err(Failure::usage(format_args!(
            "too little memory may be mapped: {} MiB, {} MiB are needed at most; raise the limit (ulimit -v, LimitAS= in the unit), or lower dataplane.hold_bytes_worker_max and store_bytes_worker_max",
            most >> 20,
            needed >> 20
        ))),
        _ => Ok(()),
    }
}

/// Bytes of addresses that the gateway may come to need.
fn addresses(config: &Config) -> u64 {
    let dataplane = &config.dataplane;
    let a_worker = dataplane.store_bytes_worker_max + dataplane.hold_bytes_worker_max;
    (a_worker as u64) * (dataplane.lcores.len() as u64) + buffer_bytes(config) + ADDRESSES_BESIDE
}

/// Refuses buffers for which there is no memory; returns the huge pages that there are for them.
pub(super) fn check_memory(config: &Config, eal_arguments: &[String]) -> Result<Pages, Failure> {
    let pages = Pages::read(Path::new("/sys/kernel/mm/hugepages"));
    let is_about_memory = |argument: &String| {
        ["-m", "--socket-mem", "--no-huge", "--legacy-mem", "--huge-dir"]
            .iter()
            .any(|option| argument.starts_with(option))
    };
    if eal_arguments.iter().any(is_about_memory) {
        return Ok(pages);
    }
    if config.dataplane.hugepages != Hugepages::None {
        return if pages.bytes_free() >= buffer_bytes(config) { Ok(pages) } else { Err(pages.too_few(config)) };
    }
    let (needed, count) = (u64::from(plain_memory_mb(config)), config.dataplane.mbuf_count);
    match available_mb() {
        Some(available) if available < needed => Err(Failure::usage(format_args!(
            "not enough memory: dataplane.mbuf_count = {count} takes {needed} MiB, {available} MiB are available; lower mbuf_count"
        ))),
        _ => Ok(pages),
    }
}

/// What the kernel can give without swapping, in MiB.
fn available_mb() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kilobytes| kilobytes >> 10)
}

/// Huge pages of all nodes, as they were before anything was started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pages {
    mega_reserved: u64,
    mega_free: u64,
    giga_reserved: u64,
    giga_free: u64,
}

impl Pages {
    fn read(directory: &Path) -> Self {
        let number = |size: &str, name: &str| {
            let text = fs::read_to_string(directory.join(size).join(name)).ok();
            text.and_then(|text| text.trim().parse().ok()).unwrap_or(0)
        };
        let (mega, giga) = ("hugepages-2048kB", "hugepages-1048576kB");
        Self {
            mega_reserved: number(mega, "nr_hugepages"),
            mega_free: number(mega, "free_hugepages"),
            giga_reserved: number(giga, "nr_hugepages"),
            giga_free: number(giga, "free_hugepages"),
        }
    }

    /// EAL takes pages of both sizes.
    const fn bytes_free(&self) -> u64 {
        self.mega_free * MEGA + self.giga_free * GIGA
    }

    /// The failure of a start that was refused memory, if too few pages are the likely reason.
    pub(super) fn explain(&self, config: &Config) -> Option<Failure> {
        let is_short = config.dataplane.hugepages != Hugepages::None && self.bytes_free() < needed_bytes(config);
        is_short.then(|| self.too_few(config))
    }

    fn too_few(&self, config: &Config) -> Failure {
        let is_giga = match config.dataplane.hugepages {
            Hugepages::Giga => true,
            Hugepages::Auto => self.giga_reserved > 0,
            Hugepages::Mega | Hugepages::None => false,
        };
        let (name, bytes, reserved, free) = match is_giga {
            true => ("1G", GIGA, self.giga_reserved, self.giga_free),
            false => ("2M", MEGA, self.mega_reserved, self.mega_free),
        };
        let needed = needed_bytes(config).div_ceil(bytes);
        // Pages that another program has stay reserved for it.
        let total = reserved.saturating_sub(free) + needed;
        Failure::usage(format_args!(
            "too few hugepages: {needed} of {name} are needed, {free} of {reserved} are free; reserve them: sudo {}/hugepages {name} {total} (or lower mbuf_count, or run slower without: hugepages = \"none\")",
            scripts()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_that_are_not_effective_are_named() {
        let status = |set: &str| format!("Name:\tx\nCapPrm:\tffff\nCapEff:\t{set}\n");
        assert!(missing_capabilities(&status("000001ffffffffff")).is_empty());
        assert_eq!(missing_capabilities(&status("0000000000000000")), ["CAP_NET_ADMIN", "CAP_NET_RAW"]);
        assert_eq!(missing_capabilities(&status("0000000000001000")), ["CAP_NET_RAW"]);
        assert!(missing_capabilities("").is_empty(), "nobody knows");
    }

    #[test]
    fn what_workers_hold_is_counted_for_each() {
        let mut config = Config::default();
        let one = addresses(&config);
        config.dataplane.lcores.push(2);
        let held = config.dataplane.store_bytes_worker_max + config.dataplane.hold_bytes_worker_max;
        assert!(addresses(&config) - one >= held as u64);
        assert!(check_limits(&config).is_ok(), "nothing limits the tests");
    }

    #[test]
    fn too_few_pages_are_told_with_the_number_that_is_enough() {
        let mut config = Config::default();
        let pages = Pages { mega_reserved: 20, mega_free: 18, ..Pages::default() };
        assert!(pages.bytes_free() < buffer_bytes(&config));
        let failure = pages.too_few(&config);
        let needed = needed_bytes(&config).div_ceil(MEGA);
        let (says, command) = (format!("{needed} of 2M are needed, 18 of 20"), format!("hugepages 2M {}", needed + 2));
        assert!(failure.message().contains(&says) && failure.message().contains(&command), "{}", failure.message());
        assert!(Pages { mega_free: needed, mega_reserved: needed, ..pages }.explain(&config).is_none());
        config.dataplane.hugepages = Hugepages::Giga;
        assert!(pages.too_few(&config).message().contains("1 of 1G are needed, 0 of 0"));
        assert!(Pages { giga_free: 1, giga_reserved: 1, ..pages }.explain(&config).is_none());
    }
}
