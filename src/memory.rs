//! How much memory packets take: what is asked for before a start, and what `doctor` compares with.

use crate::config::Config;
use std::path::PathBuf;

/// Buffers for reassembled datagrams: as many as may wait at once, and a burst.
pub(crate) const JUMBO_COUNT: u32 = 1023;
/// A packet buffer with its headers, in bytes.
const BUFFER_BYTES: u64 = 2560;
/// A buffer for a reassembled datagram.
const JUMBO_BYTES: u64 = 10_240;
/// What drivers and EAL take for themselves, in bytes.
const DRIVER_BYTES: u64 = 64 << 20;

/// Longest IP packet whose frame fits an ordinary buffer: 2048 bytes, Ethernet header, two VLAN tags.
const ORDINARY_MTU_MAX: u16 = 2026;

/// Bytes of the configured buffers: with less there is no start.
pub(crate) fn buffer_bytes(config: &Config) -> u64 {
    let frame_bytes = if config.ports.mtu > ORDINARY_MTU_MAX { JUMBO_BYTES } else { BUFFER_BYTES };
    u64::from(config.dataplane.mbuf_count) * frame_bytes + u64::from(JUMBO_COUNT) * JUMBO_BYTES
}

/// Bytes of the configured buffers and of what stands beside them.
pub(crate) fn needed_bytes(config: &Config) -> u64 {
    buffer_bytes(config) + DRIVER_BYTES
}

/// Where the operators' scripts are installed, from a directory above the program's: as [`INSTALLED`] has them.
const SHARED: &str = "share/sovereign/scripts";

/// The same with the usual prefix.
const INSTALLED: &str = "/usr/local/share/sovereign/scripts";

/// The directory of the operators' scripts as an operator would type it: in the source tree, or where they were installed
/// with the program.
pub(crate) fn scripts() -> String {
    let is_there = |dir: &PathBuf| dir.join("hugepages").is_file();
    if is_there(&PathBuf::from("scripts")) {
        return "./scripts".to_owned();
    }
    let near = std::env::current_exe().ok().and_then(|program| {
        let above = program.ancestors().skip(1).take(4);
        above.flat_map(|dir| [dir.join("scripts"), dir.join(SHARED)]).find(is_there)
    });
    near.map_or_else(|| INSTALLED.to_owned(), |dir| dir.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_that_fit_no_ordinary_buffer_take_a_jumbo_one() {
        let bytes = |mtu| {
            let mut config = Config::default();
            config.ports.mtu = mtu;
            buffer_bytes(&config)
        };
        assert_eq!(bytes(1500), bytes(ORDINARY_MTU_MAX));
        assert!(bytes(ORDINARY_MTU_MAX + 1) > 3 * bytes(1500));
    }
}
