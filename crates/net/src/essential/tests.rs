use super::*;
use crate::frame::{Frame, Network, VlanTags};
use proptest::prelude::*;

const TEXT: &[u8] = b"my number is 536-90-4399, and this is what I have to say about it";

/// A frame to a group of bridges, or to everybody.
fn link(group: u8, ether_type: u16, payload: &[u8]) -> Vec<u8> {
    let to = if ether_type == 0x0806 { [0xff; 6] } else { [0x01, 0x80, 0xc2, 0, 0, group] };
    [&to[..], &[2, 0, 0, 0, 0, 1], &ether_type.to_be_bytes(), payload].concat()
}

fn arp() -> Vec<u8> {
    let addresses = [2, 0, 0, 0, 0, 1, 10, 1, 0, 1, 0, 0, 0, 0, 0, 0, 10, 1, 0, 2];
    [&[0, 1, 8, 0, 6, 4, 0, 1][..], &addresses].concat()
}

fn lldp() -> Vec<u8> {
    let chassis = [&[0x02, 7, 4][..], &[2, 0, 0, 0, 0, 1]].concat();
    let port = [0x04, 4, 7, b'e', b't', b'h'];
    let name = [&[0x0a, 6][..], b"switch"].concat();
    let vendor = [0xfe, 6, 0x00, 0x80, 0xc2, 1, 0, 1];
    [&chassis[..], &port, &[0x06, 2, 0, 120], &name, &[0x0e, 4, 0, 4, 0, 4], &vendor, &[0, 0]].concat()
}

fn stp(version: u8, kind: u8, rest: usize) -> Vec<u8> {
    [&[0x42, 0x42, 3, 0, 0, version, kind][..], &vec![0x80; rest]].concat()
}

/// A unit of multiple spanning trees: the version 3 length is that of what is common and of two trees.
fn mstp() -> Vec<u8> {
    let mut unit = stp(3, 2, 31);
    unit.extend([0, 0, 96]);
    unit.extend([7; 96]);
    unit
}

fn lacp() -> Vec<u8> {
    let mut message = vec![0; 110];
    message[..4].copy_from_slice(&[1, 1, 1, 20]);
    message[4..19].fill(0x3d);
    message[22..24].copy_from_slice(&[2, 20]);
    message[24..39].fill(0x2d);
    message[42..46].copy_from_slice(&[3, 16, 0, 5]);
    message
}

fn marker() -> Vec<u8> {
    let mut message = vec![0; 110];
    message[..4].copy_from_slice(&[2, 1, 1, 16]);
    message[4..16].fill(0x3d);
    message
}

fn bpdu(payload: &[u8]) -> Vec<u8> {
    link(0, payload.len() as u16, payload)
}

#[test]
fn what_links_need_has_its_form_and_ends_where_it_does() {
    let cases = [
        (LinkProtocol::Arp, link(0, 0x0806, &arp())),
        (LinkProtocol::Lldp, link(0x0e, 0x88cc, &lldp())),
        (LinkProtocol::Lldp, link(0x03, 0x88cc, &lldp())),
        (LinkProtocol::Stp, bpdu(&stp(0, 0, 31))),
        (LinkProtocol::Stp, bpdu(&stp(0, 0x80, 0))),
        (LinkProtocol::Stp, bpdu(&stp(2, 2, 32))),
        (LinkProtocol::Stp, bpdu(&mstp())),
        (LinkProtocol::Lacp, link(2, 0x8809, &lacp())),
        (LinkProtocol::Lacp, link(2, 0x8809, &marker())),
    ];
    for (protocol, frame) in cases {
        assert_eq!(protocol.end(&frame), Some(frame.len()), "{protocol:?}");
        let filled = 60_usize.saturating_sub(frame.len());
        // What fills the shortest frame is cut, whatever it is; what is longer is zeros.
        let padded = [&frame[..], &TEXT[..filled], &[0; 100]].concat();
        assert_eq!(protocol.end(&padded), Some(frame.len()), "{protocol:?}");
        assert_eq!(protocol.end(&[&padded[..], &[1]].concat()), None, "{protocol:?}");
        for length in 0..frame.len() {
            assert_eq!(protocol.end(&frame[..length]), None, "{protocol:?} of {length}");
        }
        let tagged = [&frame[..12], &[0x81, 0, 0, 7, 0x91, 0, 0, 0], &frame[12..]].concat();
        assert_eq!(protocol.end(&tagged), Some(tagged.len()), "{protocol:?}");
    }
}

#[test]
fn arp_is_of_ethernet_and_ipv4() {
    for (at, value) in [(1, 7), (2, 0x12), (3, 0x34), (4, 255), (5, 255), (6, 1), (7, 0), (7, 3), (7, 99)] {
        let mut message = arp();
        message[at] = value;
        assert_eq!(LinkProtocol::Arp.end(&link(0, 0x0806, &message)), None, "{at}");
    }
}

#[test]
fn text_and_foreign_groups_are_no_link_protocol() {
    let text = TEXT.repeat(20);
    for bytes in [30, 60, 100, 1000, 1300] {
        let text = &text[..bytes];
        assert_eq!(LinkProtocol::Lldp.end(&link(0x0e, 0x88cc, text)), None);
        assert_eq!(LinkProtocol::Lacp.end(&link(2, 0x8809, &[&[1, 1], text].concat())), None);
        assert_eq!(LinkProtocol::Stp.end(&bpdu(&[&[0x42, 0x42, 3], text].concat())), None);
        assert_eq!(LinkProtocol::Stp.end(&bpdu(&[&stp(2, 2, 32)[..], text].concat())), None);
    }
    assert_eq!(LinkProtocol::Lldp.end(&link(0x21, 0x88cc, &lldp())), None);
    assert_eq!(LinkProtocol::Stp.end(&link(0x21, 35, &stp(0, 0, 31))), None);
    assert_eq!(LinkProtocol::Lacp.end(&link(0x21, 0x8809, &lacp())), None);
    // A wrong place for a TLV, and text in what is reserved.
    for at in [2, 3, 19, 22, 42, 46, 58, 60, 109] {
        let mut message = lacp();
        message[at] ^= 0x40;
        assert_eq!(LinkProtocol::Lacp.end(&link(2, 0x8809, &message)), None, "{at}");
    }
}

#[test]
fn lldp_begins_with_chassis_port_and_time_and_repeats_nothing() {
    let whole = lldp();
    let end = |message: &[u8]| LinkProtocol::Lldp.end(&link(0x0e, 0x88cc, message));
    assert_eq!(end(&whole[9..]), None, "no chassis");
    assert_eq!(end(&[&whole[9..15], &whole[..9], &whole[15..]].concat()), None, "another order");
    let name = [&[0x0a, 6][..], b"switch"].concat();
    assert_eq!(end(&[&whole[..whole.len() - 2], &name, &[0, 0]].concat()), None, "two names");
    let reserved = [&[0x12, 6][..], b"switch"].concat();
    assert_eq!(end(&[&whole[..whole.len() - 2], &reserved, &[0, 0]].concat()), None, "a reserved type");
}

/// A datagram from inside or outside, in a frame.
fn udp(side: Side, client: [u8; 4], server: [u8; 4], ports: [u16; 2], message: &[u8]) -> (Vec<u8>, Datagram) {
    let ((source, from), (destination, to)) = match side {
        Side::Inside => ((client, ports[0]), (server, ports[1])),
        Side::Outside => ((server, ports[1]), (client, ports[0])),
    };
    let mut frame = Vec::new();
    let ip = etherparse::PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]).ipv4(source, destination, 64);
    ip.udp(from, to).write(&mut frame, message).unwrap();
    let datagram = datagram(&frame);
    (frame, datagram)
}

fn datagram(frame: &[u8]) -> Datagram {
    let Ok(Frame { network: Network::Ip(datagram), vlan: VlanTags { outer: 0, inner: 0 } }) = Frame::parse(frame)
    else {
        panic!("no IP")
    };
    datagram
}

fn has_form(protocol: UdpProtocol, side: Side, message: &[u8]) -> bool {
    let server_port = match protocol {
        UdpProtocol::Dns => 53,
        UdpProtocol::Ntp => 123,
        UdpProtocol::Dhcp => 67,
        UdpProtocol::Dhcpv6 => 547,
    };
    assert_eq!(UdpProtocol::at(server_port), Some(protocol));
    let (frame, datagram) = udp(side, [10, 1, 0, 5], [9, 9, 9, 9], [40_000, server_port], message);
    protocol.has_form(&frame, &datagram, side)
}

fn query(name: &[u8], additional: &[u8]) -> Vec<u8> {
    let count = u8::from(!additional.is_empty());
    [&[0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0, 0, count][..], name, &[0, 1, 0, 1], additional].concat()
}

const NAME: &[u8] = b"\x03api\x06openai\x03com\0";

fn opt(options: &[u8]) -> Vec<u8> {
    [&[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, options.len() as u8][..], options].concat()
}

#[test]
fn a_question_is_one_name_and_at_most_extensions() {
    let asks = |message: &[u8]| has_form(UdpProtocol::Dns, Side::Inside, message);
    let cookie = [0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8];
    for message in [
        query(NAME, &[]),
        query(b"\0", &[]),
        query(NAME, &opt(&[])),
        query(NAME, &opt(&cookie)),
        query(NAME, &opt(&[0, 12, 0, 4, 0, 0, 0, 0])),
    ] {
        assert!(asks(&message), "{message:?}");
        for length in 0..message.len() {
            assert!(!asks(&message[..length]), "{length}");
        }
        assert!(!asks(&[&message[..], b"x"].concat()), "behind the last record");
    }
    let set = |at: usize, value: u8| {
        let mut message = query(NAME, &[]);
        message[at] = value;
        message
    };
    for (at, value, what) in [
        (2, 0x81, "an answer"),
        (2, 0x29, "an update"),
        (2, 3, "cut"),
        (3, 0x40, "a reserved bit"),
        (3, 3, "an error"),
        (5, 2, "two questions"),
        (5, 0, "no question"),
        (7, 1, "an answer"),
        (9, 1, "an authority"),
        (11, 1, "an additional record"),
        (12, 0x43, "a label of another kind"),
        (12, 0xc0, "a pointer"),
    ] {
        assert!(!asks(&set(at, value)), "{what}");
    }
    assert!(!asks(&query(NAME, &opt(&[0, 12, 0, 4, b't', b'e', b'x', b't']))), "padding is zeros");
    assert!(!asks(&query(NAME, &opt(&[0, 10, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8]))), "an option that is too long");
    let label = [&[63][..], &[b'a'; 63]].concat();
    assert!(asks(&query(&[&label.repeat(3)[..], &[0]].concat(), &[])));
    assert!(!asks(&query(&[&label.repeat(4)[..], &[0]].concat(), &[])), "a name of more than 255 bytes");
    assert!(!asks(TEXT) && !asks(&TEXT.repeat(10)));
}

fn answer(flags: u8, counts: [u8; 3], records: &[u8]) -> Vec<u8> {
    let [a, b, c] = counts;
    [&[0xab, 0xcd, flags, 0x80, 0, 1, 0, a, 0, b, 0, c][..], NAME, &[0, 1, 0, 1], records].concat()
}

#[test]
fn an_answer_has_the_records_that_it_says_and_nothing_else() {
    let answers = |message: &[u8]| has_form(UdpProtocol::Dns, Side::Outside, message);
    let record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, 9];
    let whole = answer(0x81, [2, 0, 1], &[&record[..], &record, &opt(&[])].concat());
    assert!(answers(&whole) && answers(&answer(0x81, [0, 0, 0], &[])));
    assert!(answers(&[0xab, 0xcd, 0x81, 0x81, 0, 0, 0, 0, 0, 0, 0, 0]), "a refusal without its question");
    assert!(!answers(&[&whole[..], b"x"].concat()) && !answers(&query(NAME, &[])));
    for length in 0..whole.len() {
        assert!(!answers(&whole[..length]), "{length}");
    }
    let mut cut = whole[..whole.len() - 5].to_vec();
    cut[2] |= 2;
    assert!(answers(&cut), "what was cut says so");
    let mut ahead = record;
    ahead[1] = 200;
    assert!(!answers(&answer(0x81, [1, 0, 0], &ahead)), "a pointer to what comes");
    ahead[1] = 3;
    assert!(!answers(&answer(0x81, [1, 0, 0], &ahead)), "a pointer into the header");
}

fn ntp(first: u8, tail: &[u8]) -> Vec<u8> {
    let mut message = vec![0; 48];
    message[..4].copy_from_slice(&[first, 3, 6, 0xe9]);
    message[40..].fill(0xd5);
    message.extend(tail);
    message
}

fn extension(bytes: usize) -> Vec<u8> {
    let mut field = vec![0xa5; bytes];
    field[..4].copy_from_slice(&[1, 4, (bytes >> 8) as u8, bytes as u8]);
    field
}

#[test]
fn time_is_asked_for_in_48_bytes_and_what_the_rfcs_put_behind() {
    let asks = |message: &[u8]| has_form(UdpProtocol::Ntp, Side::Inside, message);
    for first in [0x1b, 0x23, 0xe3, 0x24, 0x21, 0x0b] {
        assert!(asks(&ntp(first, &[])), "{first:x}");
    }
    // Version 0, 5 and 7; modes 0, 6 and 7.
    for first in [0x03, 0x2b, 0x3b, 0x20, 0x26, 0x27] {
        assert!(!asks(&ntp(first, &[])), "{first:x}");
    }
    for code in [4, 20, 24] {
        assert!(asks(&ntp(0x23, &vec![7; code])), "{code}");
        assert!(asks(&ntp(0x1b, &[&[0x4f, 4, 0, 0][..], &[0; 68]].concat())), "of Windows");
        assert!(asks(&ntp(0x23, &[extension(16), vec![7; code]].concat())), "{code}");
    }
    assert!(
        asks(&ntp(0x23, &extension(28))) && asks(&ntp(0x23, &[extension(36), extension(104), extension(40)].concat()))
    );
    for tail in [vec![7; 8], extension(16), extension(512 + 4), [extension(30), vec![7; 2]].concat(), TEXT.to_vec()] {
        assert!(!asks(&ntp(0x23, &tail)), "{}", tail.len());
    }
    let mut reserved = ntp(0x23, &[]);
    reserved[1] = 17;
    assert!(!asks(&reserved) && !asks(&ntp(0x23, &[])[..47]));
    // The first character is a version and a mode that are in use.
    assert!(!asks(&[b"#", TEXT].concat()[..48]) && !asks(&TEXT[..48]));
}

/// A message of DHCP: operation, hops, address of the client, of the relay, and its type.
fn dhcp(op: u8, hops: u8, own: [u8; 4], relay: [u8; 4], what: u8) -> Vec<u8> {
    let mut message = vec![0; 300];
    message[..4].copy_from_slice(&[op, 1, 6, hops]);
    message[12..16].copy_from_slice(&own);
    message[24..28].copy_from_slice(&relay);
    message[28..34].copy_from_slice(&[2, 0, 0, 0, 0, 1]);
    message[236..].fill(0);
    let options = [99, 130, 83, 99, 53, 1, what, 55, 3, 1, 3, 6, 255];
    message[236..236 + options.len()].copy_from_slice(&options);
    message
}

const ALL: [u8; 4] = [255; 4];
const NONE: [u8; 4] = [0; 4];
const OWN: [u8; 4] = [10, 1, 0, 5];

fn leases(side: Side, client: [u8; 4], server: [u8; 4], ports: [u16; 2], message: &[u8]) -> bool {
    let (frame, datagram) = udp(side, client, server, ports, message);
    UdpProtocol::Dhcp.has_form(&frame, &datagram, side)
}

#[test]
fn addresses_are_asked_of_everybody_or_renewed_by_who_has_them() {
    let server = [10, 9, 0, 1];
    let asks = |from, to, message: &[u8]| leases(Side::Inside, from, to, [68, 67], message);
    let (discover, renewal) = (dhcp(1, 0, NONE, NONE, 1), dhcp(1, 0, OWN, NONE, 3));
    assert!(asks(NONE, ALL, &discover) && asks(OWN, server, &renewal) && asks(OWN, ALL, &renewal));
    assert!(
        !asks(NONE, server, &discover) && !asks(OWN, server, &discover),
        "to one server only what is about a lease"
    );
    assert!(!asks([10, 1, 0, 6], server, &renewal), "of another client");
    assert!(!asks(NONE, ALL, &dhcp(2, 0, NONE, NONE, 2)), "an answer");
    let relayed = dhcp(1, 1, NONE, [10, 1, 0, 1], 1);
    assert!(leases(Side::Inside, [10, 1, 0, 1], server, [67, 67], &relayed));
    assert!(!leases(Side::Inside, OWN, server, [67, 67], &discover), "no relay");
    assert!(leases(Side::Outside, ALL, server, [68, 67], &dhcp(2, 0, NONE, NONE, 2)));
    assert!(!leases(Side::Outside, ALL, server, [68, 67], &discover));
    // The kind of hardware, an address behind which there is text, a server's name, a file, the cookie, an option that
    // runs over the end, text behind the last option.
    for at in [1, 2, 40, 50, 120, 236, 241, 280] {
        let mut message = discover.clone();
        message[at] = 0xfe;
        assert!(!asks(NONE, ALL, &message), "{at}");
    }
    let long = [&discover[..249], &[60, 250][..], &[b'a'; 250], &[43, 100], &[b'b'; 100], &[255]].concat();
    assert!(!asks(NONE, ALL, &long), "{} bytes", long.len());
    for length in 0..249 {
        assert!(!asks(NONE, ALL, &discover[..length]), "{length}");
    }
    for bytes in [30, 100, 1000] {
        assert!(!asks(NONE, ALL, &TEXT.repeat(20)[..bytes]));
    }
}

const OWN_V6: [u8; 16] = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5];
const PEER_V6: [u8; 16] = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9];
const ALL_DHCP: [u8; 16] = [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2];

fn leases_v6(side: Side, source: [u8; 16], destination: [u8; 16], ports: [u16; 2], message: &[u8]) -> bool {
    let mut frame = Vec::new();
    let ip = etherparse::PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]).ipv6(source, destination, 1);
    ip.udp(ports[0], ports[1]).write(&mut frame, message).unwrap();
    UdpProtocol::Dhcpv6.has_form(&frame, &datagram(&frame), side)
}

#[test]
fn addresses_of_ipv6_are_asked_of_all_servers() {
    let solicit = [1, 1, 2, 3, 0, 1, 0, 4, 0, 3, 0, 1, 0, 8, 0, 2, 0, 0];
    let asks = |to, message: &[u8]| leases_v6(Side::Inside, OWN_V6, to, [546, 547], message);
    assert!(asks(ALL_DHCP, &solicit) && !asks(PEER_V6, &solicit));
    for length in (0..4).chain(5..12) {
        assert!(!asks(ALL_DHCP, &solicit[..length]), "{length}");
    }
    assert!(!asks(ALL_DHCP, &[&[2], &solicit[1..]].concat()), "of a server");
    assert!(!asks(ALL_DHCP, TEXT));
    let relayed = [&[12, 0][..], &OWN_V6, &PEER_V6, &[0, 9, 0, 18], &solicit].concat();
    let relays = |message: &[u8]| leases_v6(Side::Inside, OWN_V6, PEER_V6, [547, 547], message);
    assert!(relays(&relayed) && !relays(&solicit) && !relays(&[&[12, 9], &relayed[2..]].concat()));
    let advertise = [&[2], &solicit[1..]].concat();
    assert!(leases_v6(Side::Outside, PEER_V6, OWN_V6, [547, 546], &advertise));
    assert!(!leases_v6(Side::Outside, PEER_V6, OWN_V6, [547, 546], &solicit));
}

#[test]
fn a_datagram_ends_where_its_packet_does() {
    let message = query(NAME, &[]);
    let (mut frame, _) = udp(Side::Inside, OWN, [9, 9, 9, 9], [40_000, 53], &message);
    assert!(UdpProtocol::Dns.has_form(&frame, &datagram(&frame), Side::Inside));
    frame[39] -= 1;
    assert!(!UdpProtocol::Dns.has_form(&frame, &datagram(&frame), Side::Inside));
}

/// Header that follows the extension header, if there is one, which is one of eight bytes.
fn icmp_v6(hops: u8, extension: &[u8], message: &[u8]) -> Vec<u8> {
    let next = if extension.is_empty() { 58 } else { 0 };
    let length = (extension.len() + message.len()) as u16;
    let header = [&[0x60, 0, 0, 0][..], &length.to_be_bytes(), &[next, hops], &OWN_V6, &PEER_V6].concat();
    [&[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x86, 0xdd][..], &header, extension, message].concat()
}

fn purpose(frame: &[u8]) -> (Option<IcmpMessage>, bool) {
    let datagram = datagram(frame);
    let message = IcmpMessage::of(frame, &datagram);
    (message, message.is_some_and(|message| message.has_form(frame, &datagram, Side::Outside)))
}

fn solicitation(options: &[u8]) -> Vec<u8> {
    [&[135, 0, 0, 0, 0, 0, 0, 0][..], &PEER_V6, options].concat()
}

#[test]
fn neighbours_are_looked_for_on_the_link_alone() {
    let address = [1, 1, 2, 0, 0, 0, 0, 1];
    let nonce = [14, 1, 1, 2, 3, 4, 5, 6];
    let found = Some(IcmpMessage::Neighbours);
    for options in [&[][..], &address, &[address, nonce].concat()] {
        assert_eq!(purpose(&icmp_v6(255, &[], &solicitation(options))), (found, true));
        assert_eq!(purpose(&icmp_v6(64, &[], &solicitation(options))), (found, false), "passed on by a router");
    }
    let advertisement = [&[134, 0, 0, 0, 64, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0][..], &address].concat();
    let prefix = [&[3, 4, 64, 0xc0][..], &[0; 28]].concat();
    let servers = [&[25, 3, 0, 0, 0, 0, 2, 88][..], &PEER_V6].concat();
    let router = [&advertisement[..], &[5, 1, 0, 0, 0, 0, 5, 220], &prefix, &servers].concat();
    assert_eq!(purpose(&icmp_v6(255, &[], &router)), (found, true));
    assert_eq!(purpose(&icmp_v6(255, &[], &router[..router.len() - 1])), (found, false));
    let says = |destination: [u8; 2]| {
        let mut frame = icmp_v6(255, &[], &router);
        frame[14 + 24..14 + 26].copy_from_slice(&destination);
        IcmpMessage::Neighbours.has_form(&frame, &datagram(&frame), Side::Inside)
    };
    assert!(says([0xff, 2]) && says([0xfe, 0x80]));
    assert!(!says([0x20, 1]) && !says([0xff, 0x0e]), "a router inside has nothing to say beyond the link");
    assert_eq!(purpose(&icmp_v6(255, &[], &[133, 0, 0, 0, 0, 0, 0, 0])), (found, true));
    let secret = [&[14, 2][..], &TEXT[..14]].concat();
    for options in [&secret[..], &[1, 0, 2, 0, 0, 0, 0, 1], &[25, 1, 0, 0, 0, 0, 0, 0], &[1, 1, 2], &nonce.repeat(3)] {
        assert_eq!(purpose(&icmp_v6(255, &[], &solicitation(options))), (found, false), "{options:?}");
    }
    let mut code = solicitation(&[]);
    code[1] = 1;
    assert_eq!(purpose(&icmp_v6(255, &[], &code)), (found, false));
    assert_eq!(purpose(&icmp_v6(255, &[58, 0, 1, 4, 0, 0, 0, 0], &solicitation(&[]))), (found, false));
}

#[test]
fn listeners_report_groups_behind_a_router_alert() {
    let found = Some(IcmpMessage::Listeners);
    let alert = [58, 0, 5, 2, 0, 0, 1, 0];
    let record = [&[4, 0, 0, 0][..], &ALL_DHCP].concat();
    let report = [&[143, 0, 0, 0, 0, 0, 0, 1][..], &record].concat();
    assert_eq!(purpose(&icmp_v6(1, &alert, &report)), (found, true));
    assert_eq!(purpose(&icmp_v6(1, &[58, 0, 1, 0, 5, 2, 0, 0], &report)), (found, true));
    let first = [&[131, 0, 0, 0, 0, 0, 0, 0][..], &ALL_DHCP].concat();
    let query = [&[130, 0, 0, 0, 0, 0, 0, 0][..], &ALL_DHCP, &[2, 125, 0, 0]].concat();
    assert_eq!(purpose(&icmp_v6(1, &alert, &first)), (found, true));
    assert_eq!(purpose(&icmp_v6(1, &alert, &query)), (found, true));
    assert_eq!(purpose(&icmp_v6(1, &[], &report)), (found, false));
    assert_eq!(purpose(&icmp_v6(255, &alert, &report)), (found, false));
    assert_eq!(purpose(&icmp_v6(1, &alert, &[&report[..], TEXT].concat())), (found, false));
    let mut auxiliary = report.clone();
    auxiliary[9] = 1;
    assert_eq!(purpose(&icmp_v6(1, &alert, &[&auxiliary[..], b"text"].concat())), (found, false));
}

#[test]
fn errors_quote_a_packet_of_whom_they_go_to() {
    let quote = [&[0x60, 0, 0, 0, 0, 8, 17, 64][..], &PEER_V6, &OWN_V6, &[1; 8]].concat();
    let error = |quote: &[u8], code: u8| icmp_v6(64, &[], &[&[1, code, 0, 0, 0, 0, 0, 0][..], quote].concat());
    let found = Some(IcmpMessage::Error);
    assert_eq!(purpose(&error(&quote, 4)), (found, true));
    assert_eq!(purpose(&error(&quote, 9)), (found, false), "a code that nobody knows");
    assert_eq!(purpose(&error(TEXT, 4)), (found, false));
    let foreign = [&quote[..8], &OWN_V6, &PEER_V6].concat();
    assert_eq!(purpose(&error(&foreign, 4)), (found, false));
    assert_eq!(purpose(&icmp_v6(64, &[], &[128, 0, 0, 0, 0, 1, 0, 1])), (Some(IcmpMessage::Echo), true));
    assert_eq!(purpose(&icmp_v6(64, &[], &[128, 1, 0, 0, 0, 1, 0, 1])), (Some(IcmpMessage::Echo), false));
    for kind in [0, 5, 100, 127, 138, 139, 140, 141, 144, 155, 200] {
        assert_eq!(purpose(&icmp_v6(64, &[], &[&[kind, 0][..], TEXT].concat())), (None, false), "{kind}");
    }
}

#[test]
fn errors_of_ipv4_quote_too() {
    let frame = |kind: u8, code: u8, quote: &[u8]| {
        let mut frame = Vec::new();
        let ip =
            etherparse::PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]).ipv4(OWN, [10, 9, 0, 1], 64);
        ip.icmpv4_raw(kind, code, [0; 4]).write(&mut frame, quote).unwrap();
        frame
    };
    let quote = [&[0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 9, 0, 1, 10, 1, 0, 5][..], &[1; 8]].concat();
    for (kind, code) in [(3, 3), (3, 13), (11, 0), (12, 0), (5, 1)] {
        assert_eq!(purpose(&frame(kind, code, &quote)), (Some(IcmpMessage::Error), true), "{kind}");
        assert_eq!(purpose(&frame(kind, 16, &quote)), (Some(IcmpMessage::Error), false), "{kind}");
        assert_eq!(purpose(&frame(kind, code, TEXT)), (Some(IcmpMessage::Error), false), "{kind}");
    }
    assert_eq!(purpose(&frame(8, 0, TEXT)), (Some(IcmpMessage::Echo), true));
    for kind in [1, 2, 6, 9, 10, 13, 15, 17, 30, 40, 200] {
        assert_eq!(purpose(&frame(kind, 0, TEXT)), (None, false), "{kind}");
    }
}

/// An error in a frame, built by foreign code; the quoted packet goes to `OWN` or `PEER_V6`.
fn error(version: Version, kind: u8, word: [u8; 4], quote: &[u8], trailer: &[u8]) -> Vec<u8> {
    let ethernet = etherparse::PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]);
    let mut frame = Vec::new();
    match version {
        Version::V4 => ethernet.ipv4(OWN, [10, 9, 0, 1], 64).icmpv4_raw(kind, 4, word).write(&mut frame, quote),
        Version::V6 => ethernet.ipv6(OWN_V6, PEER_V6, 64).icmpv6_raw(kind, 0, word).write(&mut frame, quote),
    }
    .unwrap();
    frame.extend(trailer);
    frame
}

/// A packet of so many bytes that an error may be about.
fn lost(version: Version, options: usize, bytes: usize) -> Vec<u8> {
    let mut packet = match version {
        Version::V4 => {
            let first = 0x45 + (options / 4) as u8;
            [&[first, 0, 5, 220, 0, 0, 64, 0, 64, 6, 0, 0, 10, 9, 0, 1, 10, 1, 0, 5][..], &vec![1; options]].concat()
        }
        Version::V6 => [&[0x60, 0, 0, 0, 5, 0, 6, 64][..], &PEER_V6, &OWN_V6].concat(),
    };
    packet.extend((packet.len()..bytes).map(|at| (at * 7) as u8));
    packet
}

/// The quotation of an error whose checksums and lengths are right, to foreign eyes, in a frame without anything behind.
fn quotation(frame: &[u8]) -> ([u8; 4], Vec<u8>) {
    let sliced = etherparse::SlicedPacket::from_ethernet(frame).unwrap();
    let (ip_bytes, transport) = match sliced.net.unwrap() {
        etherparse::NetSlice::Ipv4(ip) => {
            assert_eq!(ip.header().header_checksum(), ip.header().to_header().calc_header_checksum());
            (usize::from(ip.header().total_len()), sliced.transport)
        }
        etherparse::NetSlice::Ipv6(ip) => (usize::from(ip.header().payload_length()) + 40, sliced.transport),
        etherparse::NetSlice::Arp(_) => panic!("no IP"),
    };
    assert_eq!(ip_bytes + 14, frame.len());
    match transport.unwrap() {
        etherparse::TransportSlice::Icmpv4(icmp) => {
            let sum = etherparse::checksum::Sum16BitWords::new().add_slice(icmp.slice()).ones_complement();
            assert_eq!(sum, 0, "its checksum");
            (icmp.bytes5to8(), icmp.payload().to_vec())
        }
        etherparse::TransportSlice::Icmpv6(icmp) => {
            assert!(icmp.is_checksum_valid(OWN_V6, PEER_V6));
            (icmp.bytes5to8(), icmp.payload().to_vec())
        }
        etherparse::TransportSlice::Igmp(_)
        | etherparse::TransportSlice::Udp(_)
        | etherparse::TransportSlice::Tcp(_) => {
            panic!("no ICMP")
        }
    }
}

fn shortened(frame: &[u8], bytes_max: usize) -> Option<Vec<u8>> {
    let mut frame = frame.to_vec();
    let datagram = datagram(&frame);
    let end = shorten_quote(&mut frame, &datagram, bytes_max)?;
    frame.truncate(end);
    Some(frame)
}

#[test]
fn what_an_error_quotes_is_cut_to_what_may_pass() {
    for (version, kind, header_bytes) in [(Version::V4, 3, 20), (Version::V6, 2, 40)] {
        for (bytes, bytes_max) in
            [(576, 128), (1280, 128), (577, 128), (575, 131), (900, 9000), (128, 28), (1240, 1279)]
        {
            let quote = lost(version, 0, bytes - header_bytes - 8);
            let frame = error(version, kind, [0, 0, 5, 120], &quote, b"");
            let least = header_bytes + 8 + header_bytes + 8;
            let Some(cut) = shortened(&frame, bytes_max) else {
                assert!(bytes <= bytes_max.max(least), "{version:?} {bytes} {bytes_max}");
                continue;
            };
            let (word, rest) = quotation(&cut);
            assert_eq!(word, [0, 0, 5, 120], "the MTU");
            assert!(quote.starts_with(&rest) && rest.len() < quote.len());
            let packet_bytes = cut.len() - 14;
            assert!(packet_bytes <= bytes_max.max(least) && packet_bytes + 4 > bytes_max.min(bytes), "{packet_bytes}");
        }
    }
}

#[test]
fn an_error_keeps_the_header_that_it_quotes_and_eight_bytes() {
    for options in [0, 4, 40] {
        let quote = lost(Version::V4, options, 500);
        let (_, rest) = quotation(&shortened(&error(Version::V4, 3, [0; 4], &quote, b""), 28).unwrap());
        assert_eq!(rest, &quote[..28 + options]);
    }
    let quote = lost(Version::V6, 0, 500);
    let (_, rest) = quotation(&shortened(&error(Version::V6, 1, [0; 4], &quote, b""), 28).unwrap());
    assert_eq!(rest, &quote[..48]);
}

#[test]
fn what_stands_behind_a_quotation_goes_first_and_is_no_longer_announced() {
    let extension = [&[0x20, 0, 0, 0, 0, 40, 1, 1][..], &TEXT[..36]].concat();
    for (version, kind, at, unit) in [(Version::V4, 3, 5, 4), (Version::V4, 11, 5, 4), (Version::V6, 1, 4, 8)] {
        let quote = lost(version, 0, 128);
        let mut word = [0; 4];
        word[at - 4] = (quote.len() / unit) as u8;
        let frame = error(version, kind, word, &[&quote[..], &extension].concat(), b"");
        for bytes_max in [128, 190] {
            let (word, rest) = quotation(&shortened(&frame, bytes_max).unwrap());
            assert_eq!(word, [0; 4], "{version:?}");
            assert!(quote.starts_with(&rest), "{version:?} {bytes_max}");
        }
        assert_eq!(shortened(&frame, 400), None, "it is short enough");
    }
    // A redirect has an address there, a pointer is what it is.
    let (word, _) =
        quotation(&shortened(&error(Version::V4, 5, [10, 1, 0, 254], &lost(Version::V4, 0, 500), b""), 128).unwrap());
    assert_eq!(word, [10, 1, 0, 254]);
}

#[test]
fn a_damaged_error_stays_damaged() {
    for (version, kind) in [(Version::V4, 3), (Version::V6, 2)] {
        let frame = error(version, kind, [0; 4], &lost(version, 0, 600), b"");
        for at in [frame.len() - 1, 14 + if version == Version::V4 { 30 } else { 60 }] {
            let mut damaged = frame.clone();
            damaged[at] ^= 0x10;
            let cut = shortened(&damaged, 128).unwrap();
            assert!(std::panic::catch_unwind(|| quotation(&cut)).is_err(), "{version:?} {at}");
        }
    }
}

proptest! {
    #[test]
    fn any_error_that_is_cut_is_right_and_short(
        is_v4 in any::<bool>(), kind in 1u8..13, word in any::<[u8; 4]>(), options in 0usize..11,
        bytes in 0usize..1200, bytes_max in 28usize..1300, tail in prop::collection::vec(any::<u8>(), 0..9),
    ) {
        let version = if is_v4 { Version::V4 } else { Version::V6 };
        let quote = [lost(version, options * 4, bytes), tail].concat();
        let frame = error(version, kind, word, &quote, b"behind");
        match shortened(&frame, bytes_max) {
            Some(cut) => {
                let (_, rest) = quotation(&cut);
                prop_assert!(quote.starts_with(&rest) && rest.len() < quote.len());
                prop_assert!(cut.len() - 14 <= bytes_max.max(116));
            }
            None => prop_assert!(frame.len() - 20 <= bytes_max.max(116)),
        }
        let mut bytes = frame;
        let datagram = datagram(&bytes);
        if let Some(byte) = bytes.get_mut(datagram.payload + usize::from(word[0])) {
            *byte = word[1];
        }
        let _ = shorten_quote(&mut bytes, &datagram, bytes_max);
    }

    #[test]
    fn no_bytes_make_a_form_panic(
        kind in prop::sample::select(vec![0x0806u16, 0x88cc, 0x8809, 0x0026, 0x8100]),
        bytes in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let frame = link(0, kind, &bytes);
        for protocol in [LinkProtocol::Arp, LinkProtocol::Lldp, LinkProtocol::Stp, LinkProtocol::Lacp] {
            prop_assert!(protocol.end(&frame).is_none_or(|end| end <= frame.len()));
            let _ = protocol.end(&bytes);
        }
        for side in Side::BOTH {
            for protocol in [UdpProtocol::Dns, UdpProtocol::Ntp, UdpProtocol::Dhcp] {
                let _ = has_form(protocol, side, &bytes);
            }
            let _ = leases_v6(side, OWN_V6, ALL_DHCP, [546, 547], &bytes);
        }
    }

    #[test]
    fn no_change_of_a_byte_makes_a_form_panic(at in 0usize..300, value in any::<u8>()) {
        let router = [&[134, 0, 0, 0, 64, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0][..], &[3, 4], &[0; 30]].concat();
        let listeners = [&[143, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 1][..], &ALL_DHCP, &OWN_V6].concat();
        for message in [router, listeners] {
            let mut frame = icmp_v6(255, &[], &message);
            if let Some(byte) = frame[54..].get_mut(at) {
                *byte = value;
            }
            let _ = purpose(&frame);
        }
        for (protocol, side, mut message) in [
            (UdpProtocol::Dns, Side::Inside, query(NAME, &opt(&[0, 10, 0, 0]))),
            (UdpProtocol::Dns, Side::Outside, answer(0x81, [1, 0, 0], &[0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 0])),
            (UdpProtocol::Ntp, Side::Inside, ntp(0x23, &extension(28))),
            (UdpProtocol::Dhcp, Side::Inside, dhcp(1, 0, NONE, NONE, 1)),
        ] {
            if let Some(byte) = message.get_mut(at) {
                *byte = value;
            }
            let _ = has_form(protocol, side, &message);
        }
    }
}
