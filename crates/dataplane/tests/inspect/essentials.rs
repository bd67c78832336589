//! What passes without a rule because a network needs it: by its form, and nothing with it.

use crate::lab::{Lab, SSN, contains};
use net::{DropReason, Side};
use policy::Mode;
use testkit::{Ends, Family, udp};

/// Blocks what is not essential.
const ESSENTIALS: &str = "version = \"essentials\"\n";
/// The same without them.
const NONE: &str = "version = \"none\"\n[essentials]\narp = false\nnd = false\nicmp = false\ndhcp = false\ndns = false\n\
                    ntp = false\nlldp = false\nstp = false\nlacp = false\n";

const QUESTION: &[u8] = b"\xab\xcd\x01\0\0\x01\0\0\0\0\0\0\x03api\x06openai\x03com\0\0\x01\0\x01";
const ANSWER: &[u8] = b"\xab\xcd\x81\x80\0\x01\0\0\0\0\0\0\x03api\x06openai\x03com\0\0\x01\0\x01";

/// What of a frame comes out on the other side.
fn passed(lab: &mut Lab, side: Side, frame: &[u8]) -> Option<Vec<u8>> {
    lab.device.inject(side, frame);
    lab.run();
    lab.device.take(side.opposite())
}

fn link(to: [u8; 6], ether_type: u16, payload: &[u8]) -> Vec<u8> {
    [&to[..], &[2, 0, 0, 0, 0, 1], &ether_type.to_be_bytes(), payload].concat()
}

fn bridges(last: u8) -> [u8; 6] {
    [0x01, 0x80, 0xc2, 0, 0, last]
}

fn arp() -> Vec<u8> {
    let message = [0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 10, 1, 0, 1, 0, 0, 0, 0, 0, 0, 10, 1, 0, 2];
    link([0xff; 6], 0x0806, &message)
}

fn well_formed() -> Vec<Vec<u8>> {
    let stp = [&[0x42, 0x42, 3, 0, 0, 2, 2][..], &[0; 32]].concat();
    let mut lacp = vec![0; 110];
    for (at, head) in [(0, [1, 1]), (2, [1, 20]), (22, [2, 20]), (42, [3, 16])] {
        lacp[at..at + 2].copy_from_slice(&head);
    }
    let lldp = [2, 2, 7, b'a', 4, 2, 7, b'b', 6, 2, 0, 120, 0, 0];
    let mut time = [0; 48];
    time[0] = 0x23;
    vec![
        arp(),
        link(bridges(0), 39, &stp),
        link(bridges(2), 0x8809, &lacp),
        link(bridges(14), 0x88cc, &lldp),
        udp(&Ends::new(Family::V4, 40_000, 53), true, QUESTION),
        udp(&Ends::new(Family::V6, 40_001, 53), true, QUESTION),
        udp(&Ends::new(Family::V4, 40_002, 123), true, &time),
    ]
}

#[test]
fn what_has_its_form_passes_and_what_is_switched_off_does_not() {
    for frame in well_formed() {
        let mut lab = Lab::new(ESSENTIALS);
        assert_eq!(passed(&mut lab, Side::Inside, &frame).as_deref(), Some(&frame[..]));
        assert_eq!(lab.leaked(), 0);
        let mut lab = Lab::new(NONE);
        assert_eq!(passed(&mut lab, Side::Inside, &frame), None);
        assert_eq!(lab.dropped(DropReason::EssentialForm), 0, "it is not essential");
        assert_eq!(lab.leaked(), 0);
    }
}

#[test]
fn text_in_the_place_of_an_essential_message_is_dropped_and_counted() {
    let text = SSN.repeat(100).into_bytes();
    for bytes in [30, 48, 100, 1000] {
        let text = &text[..bytes];
        let hardware = [&[0, 7, 0x12, 0x34, 200, 200, 0, 1][..], text].concat();
        let frames = [
            link([0xff; 6], 0x0806, &hardware),
            link([2, 0, 0, 0, 0, 2], 0x0806, &[&[0, 1, 8, 0, 255, 255, 0, 1], text].concat()),
            link(bridges(0), bytes as u16 + 3, &[&[0x42, 0x42, 3], text].concat()),
            link(bridges(2), 0x8809, &[&[1, 1], text].concat()),
            link(bridges(14), 0x88cc, text),
            udp(&Ends::new(Family::V4, 40_000, 53), true, text),
            udp(&Ends::new(Family::V6, 40_000, 123), true, text),
            udp(&Ends::new(Family::V4, 68, 67), true, text),
            udp(&Ends::new(Family::V6, 546, 547), true, text),
        ];
        let mut lab = Lab::new(ESSENTIALS);
        for (count, frame) in frames.iter().enumerate() {
            assert_eq!(passed(&mut lab, Side::Inside, frame), None, "{count}");
            assert_eq!(lab.dropped(DropReason::EssentialForm), count as u64 + 1, "{count}");
        }
        assert_eq!(lab.counters().flows[Mode::Forward.index()], 0, "no flow is kept for it");
        assert_eq!(lab.leaked(), 0);
    }
}

#[test]
fn every_datagram_of_an_essential_flow_has_its_form_both_ways() {
    let ends = Ends::new(Family::V4, 40_000, 53);
    let mut lab = Lab::new(ESSENTIALS);
    for is_known in [false, true] {
        assert!(passed(&mut lab, Side::Inside, &udp(&ends, true, QUESTION)).is_some(), "{is_known}");
        assert!(passed(&mut lab, Side::Outside, &udp(&ends, false, ANSWER)).is_some(), "{is_known}");
        assert!(passed(&mut lab, Side::Inside, &udp(&ends, true, SSN.as_bytes())).is_none(), "{is_known}");
        assert!(passed(&mut lab, Side::Outside, &udp(&ends, false, SSN.as_bytes())).is_none(), "{is_known}");
        // The same essentials of another policy: known flows are judged anew.
        lab.set_policy("version = \"later\"\n");
    }
    let named =
        "version = \"n\"\n[[flow]]\nname = \"dns\"\nmatch = { protocol = \"udp\", ports = [53] }\nmode = \"forward\"\n";
    lab.set_policy(named);
    assert!(passed(&mut lab, Side::Inside, &udp(&ends, true, SSN.as_bytes())).is_some(), "a rule asks for no form");
    lab.set_policy(ESSENTIALS);
    assert!(passed(&mut lab, Side::Inside, &udp(&ends, true, SSN.as_bytes())).is_none());
    assert!(passed(&mut lab, Side::Inside, &udp(&ends, true, QUESTION)).is_some());
    assert_eq!(lab.leaked(), 0);
}

#[test]
fn nothing_travels_beside_an_essential_message() {
    let padded = [&arp()[..], SSN.as_bytes()].concat();
    let mut lab = Lab::new(ESSENTIALS);
    assert_eq!(passed(&mut lab, Side::Inside, &padded), Some(arp()));
    let question = udp(&Ends::new(Family::V4, 40_000, 53), true, QUESTION);
    let trailer = [&question[..], SSN.as_bytes()].concat();
    assert_eq!(passed(&mut lab, Side::Inside, &trailer), Some(question));
    let secret = [SSN.as_bytes(), &[0]].concat();
    let mut optional = Vec::new();
    let options = etherparse::Ipv4Options::try_from(&[&[0x88, 14][..], &secret, &[0; 2]].concat()[..]).unwrap();
    let ip = etherparse::Ipv4Header {
        options,
        ..etherparse::Ipv4Header::new(0, 64, etherparse::IpNumber::ICMP, [10, 1, 0, 1], [10, 2, 0, 2]).unwrap()
    };
    etherparse::PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2])
        .ip(etherparse::IpHeaders::Ipv4(ip, etherparse::Ipv4Extensions::default()))
        .icmpv4_echo_request(1, 1)
        .write(&mut optional, b"ping")
        .unwrap();
    assert!(contains(&optional, SSN));
    let blanked = passed(&mut lab, Side::Inside, &optional).unwrap();
    assert!(blanked.len() == optional.len() && !contains(&blanked, SSN) && blanked.ends_with(b"ping"));
    assert!(etherparse::SlicedPacket::from_ethernet(&blanked).is_ok());
    assert_eq!(lab.leaked(), 0);
}

#[test]
fn of_icmp_only_what_a_network_needs_passes() {
    let frame = |kind: u8, hops: u8, message: &[u8]| {
        let address = |last| [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
        let ip = etherparse::PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]).ipv6(
            address(1),
            address(2),
            hops,
        );
        let mut frame = Vec::new();
        ip.icmpv6_raw(kind, 0, [0; 4]).write(&mut frame, message).unwrap();
        frame
    };
    let mut lab = Lab::new(ESSENTIALS);
    let target = [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
    assert!(passed(&mut lab, Side::Inside, &frame(135, 255, &target)).is_some());
    assert!(passed(&mut lab, Side::Inside, &frame(128, 64, b"ping")).is_some());
    for kind in [139, 200, 100] {
        assert!(passed(&mut lab, Side::Inside, &frame(kind, 64, SSN.as_bytes())).is_none(), "{kind}");
    }
    assert_eq!((lab.dropped(DropReason::IpProtocol), lab.dropped(DropReason::EssentialForm)), (3, 0));
    assert!(passed(&mut lab, Side::Inside, &frame(135, 64, &target)).is_none(), "neighbours of another link");
    assert!(passed(&mut lab, Side::Inside, &frame(1, 64, SSN.as_bytes())).is_none(), "an error about nothing");
    let told = [&target[..], &[14, 2], SSN.as_bytes(), &[0; 3]].concat();
    assert!(passed(&mut lab, Side::Inside, &frame(135, 255, &told)).is_none());
    assert_eq!(lab.dropped(DropReason::EssentialForm), 3);
    assert_eq!(lab.leaked(), 0);
}
