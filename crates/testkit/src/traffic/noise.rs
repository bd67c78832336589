//! Frames of no conversation: other protocols, and nothing that was ever a frame.

use super::spoil;
use super::text::random_bytes;
use crate::{Ends, Family, Random, udp};
use etherparse::PacketBuilder;
use net::Side;

const FRAME_BYTES_MAX: u64 = 1514;
/// Of the essentials, and of none.
const UDP_PORTS: [u16; 8] = [53, 67, 123, 443, 5353, 546, 4789, 9];

/// One or some frames.
pub(super) fn frames(random: &mut Random) -> Vec<(Side, Vec<u8>)> {
    let side = if random.one_in(2) { Side::Inside } else { Side::Outside };
    let frame = match random.below(6) {
        0 => random_bytes(random, FRAME_BYTES_MAX - 1),
        1 => behind_addresses(random),
        2 => arp(random),
        3 | 4 => datagram(random, side),
        _ => icmp(random, side),
    };
    let frames = if random.one_in(4) { spoil::spoiled(&frame, random) } else { vec![frame] };
    frames.into_iter().map(|frame| (side, frame)).collect()
}

/// Some Ethernet type with anything behind it.
fn behind_addresses(random: &mut Random) -> Vec<u8> {
    const TYPES: [u16; 9] = [0x0800, 0x86dd, 0x0806, 0x8100, 0x88a8, 0x9100, 0x88cc, 0x8809, 0x0026];
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
    for _ in 0..=random.below(3) {
        frame.extend(TYPES[random.below(9) as usize].to_be_bytes());
        if random.one_in(2) {
            frame.extend((random.next_u64() as u16).to_be_bytes());
        }
    }
    frame.extend(random_bytes(random, 200));
    frame
}

fn arp(random: &mut Random) -> Vec<u8> {
    let mut frame = vec![0xff; 6];
    frame.extend([2, 0, 0, 0, 0, 1, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1 + random.below(2) as u8]);
    frame.extend([2, 0, 0, 0, 0, 1, 10, 1, 0, 1, 0, 0, 0, 0, 0, 0, 10, 2, 0, 2]);
    frame
}

fn datagram(random: &mut Random, side: Side) -> Vec<u8> {
    let family = if random.one_in(2) { Family::V4 } else { Family::V6 };
    let port = UDP_PORTS[random.below(UDP_PORTS.len() as u64) as usize];
    let ends = Ends::new(family, 30_000 + random.below(500) as u16, port);
    let payload = random_bytes(random, 1400);
    udp(&ends, side == Side::Inside, &payload)
}

fn icmp(random: &mut Random, side: Side) -> Vec<u8> {
    let (source, destination) = if side == Side::Inside { (1, 2) } else { (2, 1) };
    let link = PacketBuilder::ethernet2([2, 0, 0, 0, 0, source], [2, 0, 0, 0, 0, destination]);
    let most = if random.one_in(3) { 1200 } else { 60 };
    let payload = random_bytes(random, most);
    let (kind, code) = (random.below(16) as u8, random.below(3) as u8);
    let mut frame = Vec::new();
    if random.one_in(2) {
        let step = link.ipv4([10, source, 0, source], [10, destination, 0, destination], 64);
        step.icmpv4_raw(kind, code, [0; 4]).write(&mut frame, &payload).unwrap();
    } else {
        let address = |last| [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
        let step = link.ipv6(address(source), address(destination), 64);
        step.icmpv6_raw(128 + kind, code, [0; 4]).write(&mut frame, &payload).unwrap();
    }
    frame
}
