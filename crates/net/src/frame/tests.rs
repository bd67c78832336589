use super::{Frame, Network, Version, VlanTags};
use crate::DropReason;
use etherparse::{
    EtherType, IpNumber, Ipv4Header, Ipv4Options, Ipv6FragmentHeader, Ipv6Header, Ipv6RawExtHeader, PacketBuilder,
};
use proptest::prelude::*;

const MACS: [u8; 12] = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];

/// Ethernet header with these tags.
fn link(tags: &[(u16, u16)], ether_type: EtherType) -> Vec<u8> {
    let mut out = MACS.to_vec();
    for (kind, id) in tags {
        out.extend(kind.to_be_bytes());
        out.extend(id.to_be_bytes());
    }
    out.extend(ether_type.0.to_be_bytes());
    out
}

fn ipv4(options: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut header = Ipv4Header::new(payload.len() as u16, 64, IpNumber::UDP, [10, 0, 0, 1], [192, 0, 2, 1]).unwrap();
    header.options = Ipv4Options::try_from(options).unwrap();
    header.set_payload_len(payload.len()).unwrap();
    header.header_checksum = header.calc_header_checksum();
    let mut out = header.to_bytes().to_vec();
    out.extend(payload);
    out
}

/// A datagram with hop-by-hop and destination options of these lengths (in words behind the first).
fn ipv6(extensions: &[(u8, u8)], fragment: Option<Ipv6FragmentHeader>, payload: &[u8]) -> Vec<u8> {
    let numbers: Vec<IpNumber> = extensions.iter().map(|(kind, _)| IpNumber(*kind)).collect();
    let fragment_number = fragment.is_some().then_some(IpNumber::IPV6_FRAGMENTATION_HEADER);
    let chain: Vec<IpNumber> = numbers.iter().copied().chain(fragment_number).chain([IpNumber::UDP]).collect();
    let mut rest = Vec::new();
    for (place, (_, words)) in extensions.iter().enumerate() {
        // PadN fills the options (RFC 8200 section 4.2).
        let mut options = vec![0u8; 6 + usize::from(*words) * 8];
        options[0] = 1;
        options[1] = u8::try_from(options.len() - 2).unwrap();
        Ipv6RawExtHeader::new_raw(chain[place + 1], &options).unwrap().write(&mut rest).unwrap();
    }
    if let Some(mut fragment) = fragment {
        fragment.next_header = IpNumber::UDP;
        fragment.write(&mut rest).unwrap();
    }
    rest.extend(payload);
    let header = Ipv6Header {
        payload_length: rest.len() as u16,
        next_header: chain[0],
        hop_limit: 64,
        source: [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        destination: [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2],
        ..Ipv6Header::default()
    };
    let mut out = header.to_bytes().to_vec();
    out.extend(rest);
    out
}

fn framed(tags: &[(u16, u16)], ether_type: EtherType, packet: &[u8], padding: usize) -> Vec<u8> {
    let mut out = link(tags, ether_type);
    out.extend(packet);
    out.extend(vec![0xee; padding]);
    out
}

fn parse_ip(frame: &[u8]) -> Result<super::Datagram, DropReason> {
    let Network::Ip(datagram) = Frame::parse(frame)?.network else { panic!("no datagram") };
    Ok(datagram)
}

proptest! {
    #[test]
    fn an_ipv4_datagram_stands_where_its_builder_put_it(
        payload in prop::collection::vec(any::<u8>(), 0..200), nops in 0usize..10,
        tags in prop::collection::vec((prop::sample::select(vec![0x8100u16, 0x88a8, 0x9100]), 1u16..4095), 0..3), padding in 0usize..40,
    ) {
        let packet = ipv4(&vec![1; nops * 4], &payload);
        let frame = framed(&tags, EtherType::IPV4, &packet, padding);
        let parsed = Frame::parse(&frame).unwrap();
        let id = |place: usize| tags.get(place).map_or(0, |(_, id)| *id);
        prop_assert_eq!(parsed.vlan, VlanTags { outer: id(0), inner: id(1) });
        let datagram = parse_ip(&frame).unwrap();
        prop_assert_eq!(&frame[datagram.payload..datagram.end], &payload[..]);
        prop_assert_eq!((datagram.version, datagram.protocol, datagram.fragment), (Version::V4, 17, None));
        prop_assert_eq!(datagram.header, 14 + tags.len() * 4);
        prop_assert_eq!((datagram.source.to_string(), datagram.destination.to_string()), ("10.0.0.1".into(), "192.0.2.1".into()));
    }

    #[test]
    fn an_ipv6_datagram_is_found_behind_its_extension_headers(
        payload in prop::collection::vec(any::<u8>(), 0..200), words in prop::collection::vec(0u8..5, 0..5), hop in any::<bool>(), padding in 0usize..40,
    ) {
        let extensions: Vec<(u8, u8)> = words.iter().enumerate().map(|(place, words)| (if place == 0 && hop { 0 } else { 60 }, *words)).collect();
        let frame = framed(&[], EtherType::IPV6, &ipv6(&extensions, None, &payload), padding);
        let datagram = parse_ip(&frame).unwrap();
        prop_assert_eq!(&frame[datagram.payload..datagram.end], &payload[..]);
        prop_assert_eq!((datagram.version, datagram.protocol, datagram.fragment), (Version::V6, 17, None));
    }

    #[test]
    fn a_flipped_bit_of_an_ipv4_header_is_noticed(bit in 0usize..160) {
        let mut frame = framed(&[], EtherType::IPV4, &ipv4(&[], &[7; 32]), 0);
        frame[14 + bit / 8] ^= 1 << (bit % 8);
        prop_assert!(parse_ip(&frame).is_err());
    }

    #[test]
    fn a_frame_that_ends_early_is_never_read_beyond_its_end(cut in 0usize..200, v6 in any::<bool>()) {
        let packet = if v6 { ipv6(&[(0, 1), (60, 2)], None, &[7; 40]) } else { ipv4(&[1; 8], &[7; 40]) };
        let frame = framed(&[(0x8100, 7)], if v6 { EtherType::IPV6 } else { EtherType::IPV4 }, &packet, 0);
        let cut = cut % frame.len();
        prop_assert_eq!(Frame::parse(&frame[..cut]).map(|_| ()), Err(DropReason::Truncated));
    }

    #[test]
    fn whatever_comes_offsets_lie_within_the_frame(
        mut bytes in prop::collection::vec(any::<u8>(), 0..160), kind in prop::sample::select(vec![0x0800u16, 0x86dd, 0x8100, 0x0806, 0x0100, 0x88cc]), sum in any::<bool>(),
    ) {
        if bytes.len() >= 34 {
            bytes[12..14].copy_from_slice(&kind.to_be_bytes());
            bytes[14] = if kind == 0x0800 { 0x45 } else { 0x60 };
            if sum && kind == 0x0800 {
                bytes[16] = 0;
                bytes[24..26].fill(0);
                let sum = crate::checksum::Sum::ZERO.add_bytes(&bytes[14..34]).checksum();
                bytes[24..26].copy_from_slice(&sum.to_be_bytes());
            } else if kind == 0x86dd {
                bytes[18] = 0;
                bytes[19] %= 120;
                bytes[20] = [0, 60, 44, 6][usize::from(bytes[20] % 4)];
            }
        }
        if let Ok(Frame { network: Network::Ip(datagram), .. }) = Frame::parse(&bytes) {
            prop_assert!(datagram.header < datagram.payload && datagram.payload <= datagram.end && datagram.end <= bytes.len());
            if let Some(fragment) = datagram.fragment {
                prop_assert!(fragment.data <= bytes.len() && fragment.announced_at < fragment.data);
                if let Ok(segment) = crate::tcp::Segment::parse(&bytes, &datagram) {
                    prop_assert!(segment.payload <= segment.end);
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn what_is_midstream_is_a_segment_that_opens_and_ends_nothing(
        mut segment in prop::collection::vec(any::<u8>(), 0..80),
        words in 3u8..11, flags in prop::sample::select(vec![0x10u8, 0x18, 0x11, 0x12, 0x14, 0x02, 0x30]), stamps in any::<bool>(),
    ) {
        if segment.len() > 13 {
            segment[12] = words << 4;
            segment[13] = flags;
        }
        if let (true, Some(options)) = (stamps, segment.get_mut(20..24)) {
            options.copy_from_slice(&[1, 1, 8, 10]);
        }
        let mut packet = ipv4(&[], &segment);
        packet[9] = 6;
        crate::frame::rewrite_ipv4_lengths(&mut packet, 20 + segment.len(), None, None);
        let frame = framed(&[], EtherType::IPV4, &packet, 0);
        let datagram = parse_ip(&frame).unwrap();
        let parsed = crate::tcp::Segment::parse(&frame, &datagram);
        let is_plain = (words == 5 || words == 8 && stamps) && matches!(flags, 0x10 | 0x18);
        let is_midstream = crate::tcp::is_midstream(&frame, &datagram);
        prop_assert_eq!(is_midstream, is_plain && segment.len() >= usize::from(words) * 4);
        prop_assert!(!is_midstream || parsed.is_ok());
    }
}

#[test]
fn three_tags_are_one_too_many() {
    let frame = framed(&[(0x88a8, 1), (0x8100, 2), (0x8100, 3)], EtherType::IPV4, &ipv4(&[], &[1]), 0);
    assert_eq!(Frame::parse(&frame), Err(DropReason::VlanDepth));
}

#[test]
fn options_that_choose_the_route_are_refused() {
    for kind in [131, 137] {
        let frame = framed(&[], EtherType::IPV4, &ipv4(&[kind, 7, 4, 10, 0, 0, 9, 0], &[1]), 0);
        assert_eq!(parse_ip(&frame), Err(DropReason::IpOption));
    }
    let router_alert = framed(&[], EtherType::IPV4, &ipv4(&[148, 4, 0, 0], &[1]), 0);
    assert!(parse_ip(&router_alert).is_ok());
    for broken in [[7, 0, 0, 0], [7, 1, 0, 0], [7, 5, 0, 0], [1, 1, 1, 7]] {
        let frame = framed(&[], EtherType::IPV4, &ipv4(&broken, &[1]), 0);
        assert_eq!(parse_ip(&frame), Err(DropReason::IpHeader), "{broken:?}");
    }
}

#[test]
fn extension_headers_that_hide_something_are_refused() {
    let frame = |extensions: &[(u8, u8)]| framed(&[], EtherType::IPV6, &ipv6(extensions, None, &[1; 16]), 0);
    assert_eq!(parse_ip(&frame(&[(43, 0)])), Err(DropReason::IpOption), "a routing header");
    assert_eq!(parse_ip(&frame(&[(60, 0), (0, 0)])), Err(DropReason::IpHeader), "hop-by-hop comes first or not at all");
    assert_eq!(parse_ip(&frame(&[(60, 0); 7])), Err(DropReason::IpOption), "too long a chain");
    assert!(parse_ip(&frame(&[(60, 0); 6])).is_ok());
    let mut jumbo = frame(&[(0, 0)]);
    jumbo[14 + 40 + 2] = 0xc2;
    assert_eq!(parse_ip(&jumbo), Err(DropReason::IpOption), "a jumbogram");
    let mut long = frame(&[(60, 0)]);
    long[14 + 40 + 1] = 200;
    assert_eq!(parse_ip(&long), Err(DropReason::Truncated), "a header beyond the datagram");
}

#[test]
fn an_atomic_fragment_is_a_whole_datagram() {
    let fragment = Ipv6FragmentHeader::new(IpNumber::UDP, 0.try_into().unwrap(), false, 7);
    let frame = framed(&[], EtherType::IPV6, &ipv6(&[], Some(fragment), &[9; 24]), 0);
    let datagram = parse_ip(&frame).unwrap();
    assert_eq!((datagram.fragment, &frame[datagram.payload..datagram.end]), (None, &[9; 24][..]));
}

#[test]
fn addresses_that_no_sender_has_are_refused() {
    for source in [[224, 0, 0, 1], [255, 255, 255, 255], [127, 0, 0, 1]] {
        let mut header = Ipv4Header::new(0, 64, IpNumber::UDP, source, [192, 0, 2, 1]).unwrap();
        header.header_checksum = header.calc_header_checksum();
        let frame = framed(&[], EtherType::IPV4, &header.to_bytes(), 0);
        assert_eq!(parse_ip(&frame), Err(DropReason::IpAddress), "{source:?}");
    }
}

#[test]
fn a_multicast_or_mapped_source_of_ipv6_is_refused() {
    for source in [[0xff; 16], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1]] {
        let mut frame = Vec::new();
        PacketBuilder::ethernet2([2; 6], [4; 6])
            .ipv6(source, [0xfd; 16], 64)
            .udp(1, 2)
            .write(&mut frame, &[1])
            .unwrap();
        assert_eq!(parse_ip(&frame), Err(DropReason::IpAddress), "{source:?}");
    }
}
