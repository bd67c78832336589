//! Which hugepages the kernel has to give.

use std::fs;

/// Free hugepages of each size, over all NUMA nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Free {
    /// Pages of 1 GiB.
    pub(super) gigabyte: u64,
    /// Pages of 2 MiB.
    pub(super) two_megabyte: u64,
}

impl Free {
    /// What sysfs says now.
    pub(super) fn read() -> Self {
        Self { gigabyte: free(1024 * 1024), two_megabyte: free(2 * 1024) }
    }
}

fn free(size_kb: u64) -> u64 {
    let path = format!("/sys/kernel/mm/hugepages/hugepages-{size_kb}kB/free_hugepages");
    fs::read_to_string(path).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}
