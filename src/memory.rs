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

/// The directory of the operators' scripts as an operator would type it: beside the program where
/// it was installed, or in the source tree it was built from.
pub(crate) fn scripts() -> String {
    let here = PathBuf::from("scripts");
    let near = std::env::current_exe().ok().and_then(|program| {
        program.ancestors().skip(1).take(4).map(|dir| dir.join("scripts")).find(|dir| dir.join("hugepages").is_file())
    });
    match near {
        _ if here.join("hugepages").is_file() => "./scripts".to_owned(),
        Some(dir) => dir.to_string_lossy().into_owned(),
        None => "./scripts".to_owned(),
    }
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
