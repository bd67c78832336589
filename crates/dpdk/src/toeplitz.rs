//! The Toeplitz hash with a symmetric key: which worker a flow belongs to.
//!
//! Ports spread flows over their queues with this hash (receive side scaling); where a port cannot,
//! the same function runs in software. Only the two addresses go in, so that the fragments of a
//! datagram follow its first one, and the key repeats every 16 bits (`0x6d5a`), so that swapping
//! the addresses does not change the result: both directions of a flow land on one worker.
//!
//! With such a key bit `i` of the input selects the same window of the key as bit `i mod 16`.
//! The hash of any number of words is therefore the hash of their exclusive or, sixteen bits wide.

/// The sixteen bits that the key repeats.
pub const KEY_WORD: u16 = 0x6d5a;

/// Entries of the redirection table that every port is given: hash bits beyond these do not select
/// a queue, so that ports with tables of different sizes agree.
pub const TABLE_SIZE: usize = 64;

/// The key in the length that a port asks for.
#[must_use]
pub fn key(bytes: usize) -> Vec<u8> {
    KEY_WORD.to_be_bytes().into_iter().cycle().take(bytes).collect()
}

/// The worker of a frame: by its addresses if it is IP behind at most two VLAN tags, else 0.
#[must_use]
pub fn worker_of(frame: &[u8], workers: usize) -> usize {
    addresses(frame).map_or(0, |addresses| worker_of_hash(hash(addresses), workers))
}

/// The worker that a port's redirection table names for a hash.
#[must_use]
pub const fn worker_of_hash(hash: u32, workers: usize) -> usize {
    match (hash as usize % TABLE_SIZE).checked_rem(workers) {
        Some(worker) => worker,
        None => 0,
    }
}

/// The Toeplitz hash of the concatenated source and destination address under the symmetric key.
#[must_use]
pub fn hash(addresses: &[u8]) -> u32 {
    let mut folded = 0_u16;
    for pair in addresses.as_chunks::<2>().0 {
        folded ^= u16::from_be_bytes(*pair);
    }
    let mut window = 0_u16;
    for bit in 0..u16::BITS {
        let selected = (folded >> (u16::BITS - 1 - bit)) & 1;
        window ^= KEY_WORD.rotate_left(bit) & selected.wrapping_neg();
    }
    u32::from(window) << u16::BITS | u32::from(window)
}

/// Source and destination address, adjacent as they stand in the IP header.
fn addresses(frame: &[u8]) -> Option<&[u8]> {
    const TAGS_MAX: usize = 2;
    let mut at = 12;
    for _ in 0..=TAGS_MAX {
        match frame.get(at..at + 2)? {
            [0x81 | 0x91, 0x00] | [0x88, 0xa8] => at += 4,
            [0x08, 0x00] => return frame.get(at + 2 + 12..at + 2 + 20),
            [0x86, 0xdd] => return frame.get(at + 2 + 8..at + 2 + 40),
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::net::{Ipv4Addr, Ipv6Addr};
    use proptest::prelude::*;

    /// The key of Microsoft's RSS verification suite.
    const VERIFICATION_KEY: [u8; 40] = [
        0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca,
        0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b,
        0xbe, 0xac, 0x01, 0xfa,
    ];

    /// DPDK's hash over whole words.
    fn dpdk_hash(input: &[u8], key: &[u8]) -> u32 {
        let mut words: Vec<u32> = input.as_chunks::<4>().0.iter().map(|word| u32::from_be_bytes(*word)).collect();
        // The key is read as 32-bit words, one more than the input has.
        let key: Vec<u32> = key.as_chunks::<4>().0.iter().map(|word| u32::from_ne_bytes(*word)).collect();
        assert!(key.len() > words.len());
        let count = u32::try_from(words.len()).unwrap();
        // SAFETY: both arrays are live and aligned, and the key is longer than the input.
        unsafe { dpdk_sys::dpdk_shim_softrss(words.as_mut_ptr(), count, key.as_ptr().cast()) }
    }

    #[test]
    fn the_reference_agrees_with_the_rss_verification_suite() {
        // Source and destination address without ports, IPv4 and IPv6.
        let cases: [([u8; 4], [u8; 4], u32); 3] = [
            ([66, 9, 149, 187], [161, 142, 100, 80], 0x323e_8fc2),
            ([199, 92, 111, 2], [65, 69, 140, 83], 0xd718_262a),
            ([24, 19, 198, 95], [12, 22, 207, 184], 0xd2d0_a5de),
        ];
        for (source, destination, expected) in cases {
            assert_eq!(dpdk_hash(&[source, destination].concat(), &VERIFICATION_KEY), expected);
        }
        let source: Ipv6Addr = "3ffe:2501:200:1fff::7".parse().unwrap();
        let destination: Ipv6Addr = "3ffe:2501:200:3::1".parse().unwrap();
        let input = [source.octets(), destination.octets()].concat();
        assert_eq!(dpdk_hash(&input, &VERIFICATION_KEY), 0x2cc1_8cd5);
    }

    fn frame(tags: &[[u8; 2]], kind: [u8; 2], payload: &[u8]) -> Vec<u8> {
        let mut frame = vec![0; 12];
        for tag in tags {
            frame.extend_from_slice(tag);
            frame.extend_from_slice(&[0, 7]);
        }
        frame.extend_from_slice(&kind);
        frame.extend_from_slice(payload);
        frame
    }

    fn ipv4(source: Ipv4Addr, destination: Ipv4Addr) -> Vec<u8> {
        let mut header = vec![0x45; 12];
        header.extend_from_slice(&source.octets());
        header.extend_from_slice(&destination.octets());
        header
    }

    #[test]
    fn frames_that_are_not_ip_belong_to_worker_zero() {
        assert_eq!(worker_of(&frame(&[], [0x08, 0x06], &[0xff; 40]), 4), 0);
        assert_eq!(worker_of(&frame(&[[0x81, 0]; 3], [0x08, 0x00], &[0xff; 40]), 4), 0);
        assert_eq!(worker_of(&[0xff; 13], 4), 0);
        assert_eq!(worker_of(&frame(&[], [0x08, 0x00], &[0x45; 19]), 4), 0);
    }

    proptest! {
        #[test]
        fn the_hash_is_dpdks_with_the_symmetric_key(v4 in any::<[u8; 8]>(), v6 in any::<[u8; 32]>()) {
            prop_assert_eq!(hash(&v4), dpdk_hash(&v4, &key(40)));
            prop_assert_eq!(hash(&v6), dpdk_hash(&v6, &key(40)));
        }

        #[test]
        fn both_directions_and_any_tags_lead_to_one_worker(
            a in any::<u32>(), b in any::<u32>(), workers in 1_usize..9, tags in 0_usize..3,
        ) {
            let (a, b) = (Ipv4Addr::from(a), Ipv4Addr::from(b));
            let tags = &[[0x88, 0xa8], [0x81, 0x00]][..tags];
            let upstream = worker_of(&frame(&[], [0x08, 0x00], &ipv4(a, b)), workers);
            let downstream = worker_of(&frame(tags, [0x08, 0x00], &ipv4(b, a)), workers);
            prop_assert_eq!(upstream, downstream);
            prop_assert!(upstream < workers);
        }

        #[test]
        fn no_frame_makes_it_panic(frame in proptest::collection::vec(any::<u8>(), 0..80), workers in 0_usize..5) {
            prop_assert!(worker_of(&frame, workers) < workers.max(1));
        }
    }
}
