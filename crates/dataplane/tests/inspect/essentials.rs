//! What passes without a rule because a network needs it: by its form, and nothing with it.

use crate::lab::{Lab, SSN, contains};
use net::{DropReason, Side};
use policy::Mode;
use testkit::{Ends, Family, Tcp, tagged, tcp, udp};

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

/// Everything that needs no rule, each with what names it.
fn named() -> Vec<(Vec<u8>, &'static str)> {
    let echo = |family| match family {
        Family::V4 => {
            let ip = etherparse::PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]);
            let mut frame = Vec::new();
            ip.ipv4([10, 1, 0, 1], [10, 2, 0, 2], 64).icmpv4_echo_request(1, 1).write(&mut frame, b"ping").unwrap();
            frame
        }
        Family::V6 => {
            let ip = etherparse::PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]);
            let mut frame = Vec::new();
            ip.ipv6([0xfd; 16], [0xfc; 16], 64).icmpv6_echo_request(1, 1).write(&mut frame, b"ping").unwrap();
            frame
        }
    };
    let matchers = [
        "ether_type = 0x0806",
        "vlan = [7]",
        "ether_type = 0x8809",
        "ether_type = 0x88cc",
        "protocol = \"udp\", ports = [53]",
        "protocol = \"udp\", ports = [53]",
        "ports = [123]",
    ];
    let mut named: Vec<_> = well_formed().into_iter().zip(matchers).collect();
    named[1].0 = tagged(&named[1].0, &[(0x8100, 7)]);
    named.push((echo(Family::V4), "protocol = \"icmp\""));
    named.push((echo(Family::V6), "protocol = \"icmpv6\""));
    named.push((echo(Family::V4), "ether_type = 0x0800"));
    named.push((echo(Family::V6), "ether_type = 0x86dd"));
    named.push((tagged(&arp(), &[(0x88a8, 7)]), "vlan = [7]"));
    named
}

fn one_rule(default: &str, matcher: &str, mode: &str) -> String {
    let flow = |name: &str, matcher: &str, mode: &str| {
        format!("[[flow]]\nname = \"{name}\"\nmatch = {{ {matcher} }}\nmode = \"{mode}\"\n")
    };
    let rest = flow("all", "networks = [\"0.0.0.0/0\", \"::/0\"]", "inspect");
    format!("version = \"one\"\n[default]\nmode = \"{default}\"\n{}{rest}", flow("named", matcher, mode))
}

#[test]
fn what_is_essential_does_not_pass_where_a_rule_blocks_it() {
    for (frame, matcher) in named() {
        for default in ["block", "forward"] {
            let mut lab = Lab::new(&one_rule(default, matcher, "block"));
            assert_eq!(passed(&mut lab, Side::Inside, &frame), None, "{matcher} {default}");
            assert_eq!(lab.counters().dropped_total(), 1);
            assert_eq!(lab.dropped(DropReason::EssentialForm), 0, "it is not looked into");
            assert_eq!(lab.leaked(), 0);
            let mut lab = Lab::new(&one_rule(default, matcher, "forward"));
            assert_eq!(passed(&mut lab, Side::Inside, &frame).as_deref(), Some(&frame[..]), "{matcher} {default}");
        }
    }
}

#[test]
fn a_rule_that_reads_what_it_matches_leaves_what_is_essential() {
    for mode in ["inspect", "terminate"] {
        for (frame, _) in named() {
            let policy = format!(
                "version = \"all\"\n[default]\nmode = \"forward\"\n[[flow]]\nname = \"all\"\nmatch = {{}}\nmode = \"{mode}\"\n"
            );
            let mut lab = Lab::new(&policy);
            assert!(passed(&mut lab, Side::Inside, &frame).is_some(), "{mode}");
            let other = udp(&Ends::new(Family::V4, 40_000, 9999), true, b"not essential");
            assert_eq!(passed(&mut lab, Side::Inside, &other), None, "{mode}");
            assert_eq!(passed(&mut lab, Side::Inside, &link([2, 0, 0, 0, 0, 2], 0x8847, &[0; 60])), None, "{mode}");
        }
    }
}

#[test]
fn a_rule_that_blocks_covers_what_servers_send_unasked() {
    let offer = |message: &[u8]| udp(&Ends::new(Family::V4, 68, 67), false, message);
    let mut lease = vec![0; 240];
    lease[..4].copy_from_slice(&[2, 1, 6, 0]);
    lease[236..].copy_from_slice(&[99, 130, 83, 99]);
    lease.extend([53, 1, 2, 255]);
    let mut lab = Lab::new(ESSENTIALS);
    assert!(passed(&mut lab, Side::Outside, &offer(&lease)).is_some());
    for default in ["block", "forward"] {
        let mut lab = Lab::new(&one_rule(default, "protocol = \"udp\", ports = [67]", "block"));
        assert_eq!(passed(&mut lab, Side::Outside, &offer(&lease)), None, "{default}");
        assert_eq!(lab.dropped(DropReason::PolicyBlocked), 1);
    }
}

#[test]
fn frames_without_ip_are_of_their_vlan() {
    let mpls = link([2, 0, 0, 0, 0, 2], 0x8847, &[0; 60]);
    let llc = link([2, 0, 0, 0, 0, 2], 48, &[0x42; 48]);
    let frames = |id: u16| {
        [tagged(&mpls, &[(0x8100, id)]), tagged(&llc, &[(0x8100, id)]), tagged(&mpls, &[(0x88a8, 9), (0x8100, id)])]
    };
    for (default, mode) in [("forward", "block"), ("block", "forward")] {
        for (matcher, named) in [("vlan = [7]", [true; 3]), ("ether_type = 0x8847, vlan = [7]", [true, false, true])] {
            let mut lab = Lab::new(&one_rule(default, matcher, mode));
            for (frame, is_named) in frames(7).into_iter().zip(named) {
                let passes = passed(&mut lab, Side::Inside, &frame).is_some();
                assert_eq!(passes, is_named == (mode == "forward"), "{matcher} {mode}");
            }
            for frame in frames(8).into_iter().chain([mpls.clone(), llc.clone()]) {
                assert_eq!(passed(&mut lab, Side::Inside, &frame).is_some(), default == "forward", "{matcher} {mode}");
            }
            assert_eq!(lab.leaked(), 0);
        }
    }
}

/// An error about a packet of 1,280 bytes that was on its way inside.
fn too_big(is_v4: bool) -> Vec<u8> {
    let ends = Ends::new(if is_v4 { Family::V4 } else { Family::V6 }, 40_000, 80);
    let lost = tcp(&ends, false, &Tcp { seq: 1, ack: Some(1), payload: vec![b'x'; 1188], ..Tcp::default() });
    let quote = &lost[14..];
    let ethernet = etherparse::PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]);
    let mut frame = Vec::new();
    if is_v4 {
        let to = quote[12..16].try_into().unwrap();
        ethernet.ipv4([10, 1, 0, 254], to, 64).icmpv4_raw(3, 4, [0, 0, 5, 120]).write(&mut frame, quote).unwrap();
    } else {
        let to = quote[8..24].try_into().unwrap();
        ethernet.ipv6([0xfd; 16], to, 64).icmpv6_raw(2, 0, [0, 0, 5, 120]).write(&mut frame, quote).unwrap();
    }
    frame
}

#[test]
fn an_error_behind_long_extension_headers_does_not_pass() {
    let frame = too_big(false);
    let mut options = vec![58, 24, 1, 196];
    options.resize(200, 0);
    let (head, rest) = frame.split_at(14 + 40);
    let mut long = [head, &options, rest].concat();
    long[14 + 6] = 60;
    let length = u16::try_from(long.len() - 14 - 40).unwrap();
    long[14 + 4..14 + 6].copy_from_slice(&length.to_be_bytes());
    let mut lab = Lab::new(ESSENTIALS);
    assert_eq!(passed(&mut lab, Side::Inside, &long), None);
    assert_eq!(lab.dropped(DropReason::IpProtocol), 1);
    assert_eq!(lab.leaked(), 0);
}

#[test]
fn a_long_error_from_inside_passes_with_a_shorter_quotation() {
    for is_v4 in [true, false] {
        let frame = too_big(is_v4);
        let mut lab = Lab::new(ESSENTIALS);
        let cut = passed(&mut lab, Side::Inside, &frame).unwrap();
        assert_eq!(cut.len(), 14 + 128, "icmp_bytes_max");
        let sliced = etherparse::SlicedPacket::from_ethernet(&cut).unwrap();
        let quote = match (sliced.net.unwrap(), sliced.transport.unwrap()) {
            (etherparse::NetSlice::Ipv4(ip), etherparse::TransportSlice::Icmpv4(icmp)) => {
                assert_eq!(ip.header().header_checksum(), ip.header().to_header().calc_header_checksum());
                assert_eq!(etherparse::checksum::Sum16BitWords::new().add_slice(icmp.slice()).ones_complement(), 0);
                icmp.payload().to_vec()
            }
            (etherparse::NetSlice::Ipv6(ip), etherparse::TransportSlice::Icmpv6(icmp)) => {
                assert!(icmp.is_checksum_valid(ip.header().source(), ip.header().destination()));
                icmp.payload().to_vec()
            }
            other => panic!("{other:?}"),
        };
        let before = &frame[14 + if is_v4 { 28 } else { 48 }..];
        assert!(before.starts_with(&quote), "what is left of the quotation");
        assert_eq!((lab.counters().icmp_cut, lab.counters().dropped_total()), (1, 0));
        // From outside it passes as it is, and a rule lets it pass whole.
        let mut open = Lab::new(&one_rule("block", "protocol = 1", "forward"));
        if is_v4 {
            assert_eq!(passed(&mut open, Side::Inside, &frame), Some(frame.clone()));
        }
        assert_eq!(passed(&mut lab, Side::Outside, &frame), Some(frame));
        assert_eq!((lab.counters().icmp_cut, open.counters().icmp_cut), (1, 0));
        assert_eq!(lab.leaked(), 0);
    }
    // What is no error stays out.
    let mut echo = Vec::new();
    let ethernet = etherparse::PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]);
    ethernet.ipv4([10, 1, 0, 1], [10, 2, 0, 2], 64).icmpv4_echo_request(1, 1).write(&mut echo, &[b'p'; 101]).unwrap();
    let mut lab = Lab::new(ESSENTIALS);
    assert_eq!(passed(&mut lab, Side::Inside, &echo), None);
    assert_eq!((lab.dropped(DropReason::IpProtocol), lab.counters().icmp_cut), (1, 0));
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
