//! Frames of a TCP connection, built and read with `etherparse`.

use etherparse::{
    IpFragOffset, Ipv4Header, NetSlice, PacketBuilder, SlicedPacket, TcpHeaderSlice, TcpOptionElement, TransportSlice,
};

/// IP version of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

/// Both ends of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// IP version.
    pub family: Family,
    /// Client's port.
    pub client_port: u16,
    /// Server's port.
    pub server_port: u16,
}

const CLIENT_MAC: [u8; 6] = [2, 0, 0, 0, 0, 1];
const SERVER_MAC: [u8; 6] = [2, 0, 0, 0, 0, 2];

impl Ends {
    /// Client 10.1.0.1 (fd00::1) to server 10.2.0.2 (fd00::2).
    #[must_use]
    pub const fn new(family: Family, client_port: u16, server_port: u16) -> Self {
        Self { family, client_port, server_port }
    }

    fn builder(&self, from_client: bool) -> etherparse::PacketBuilderStep<etherparse::IpHeaders> {
        let (source, destination) = if from_client { (CLIENT_MAC, SERVER_MAC) } else { (SERVER_MAC, CLIENT_MAC) };
        let link = PacketBuilder::ethernet2(source, destination);
        match (self.family, from_client) {
            (Family::V4, true) => link.ipv4([10, 1, 0, 1], [10, 2, 0, 2], 64),
            (Family::V4, false) => link.ipv4([10, 2, 0, 2], [10, 1, 0, 1], 64),
            (Family::V6, true) => link.ipv6(address(1), address(2), 64),
            (Family::V6, false) => link.ipv6(address(2), address(1), 64),
        }
    }

    const fn ports(&self, from_client: bool) -> (u16, u16) {
        if from_client { (self.client_port, self.server_port) } else { (self.server_port, self.client_port) }
    }
}

const fn address(last: u8) -> [u8; 16] {
    [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]
}

/// A segment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tcp {
    /// Sequence number.
    pub seq: u32,
    /// Acknowledgement, where the flag is set.
    pub ack: Option<u32>,
    /// SYN flag.
    pub syn: bool,
    /// FIN flag.
    pub fin: bool,
    /// RST flag.
    pub rst: bool,
    /// URG flag.
    pub urg: bool,
    /// Window field.
    pub window: u16,
    /// TSval and TSecr.
    pub timestamps: Option<(u32, u32)>,
    /// Selective acknowledgements; of a SYN, one empty block stands for the offer.
    pub sack: Vec<(u32, u32)>,
    /// Payload.
    pub payload: Vec<u8>,
}

/// A frame with this segment.
#[must_use]
pub fn tcp(ends: &Ends, from_client: bool, segment: &Tcp) -> Vec<u8> {
    let (source, destination) = ends.ports(from_client);
    let mut step = ends.builder(from_client).tcp(source, destination, segment.seq, segment.window);
    if let Some(ack) = segment.ack {
        step = step.ack(ack);
    }
    if segment.syn {
        step = step.syn();
    }
    if segment.fin {
        step = step.fin();
    }
    if segment.rst {
        step = step.rst();
    }
    if segment.urg {
        step = step.urg(1);
    }
    let mut options = Vec::new();
    options.extend(segment.timestamps.map(|(value, echo)| TcpOptionElement::Timestamp(value, echo)));
    match segment.sack.as_slice() {
        [] => {}
        _ if segment.syn => options.push(TcpOptionElement::SelectiveAcknowledgementPermitted),
        [first, more @ ..] => {
            let more = [0, 1, 2].map(|place| more.get(place).copied());
            options.push(TcpOptionElement::SelectiveAcknowledgement(*first, more));
        }
    }
    if !options.is_empty() {
        step = step.options(&options).unwrap();
    }
    let mut frame = Vec::new();
    step.write(&mut frame, &segment.payload).unwrap();
    frame
}

/// A frame with a UDP datagram.
#[must_use]
pub fn udp(ends: &Ends, from_client: bool, payload: &[u8]) -> Vec<u8> {
    let (source, destination) = ends.ports(from_client);
    let mut frame = Vec::new();
    ends.builder(from_client).udp(source, destination).write(&mut frame, payload).unwrap();
    frame
}

/// The frame with VLAN tags, outer first.
#[must_use]
pub fn tagged(frame: &[u8], tags: &[(u16, u16)]) -> Vec<u8> {
    let mut out = frame[..12].to_vec();
    for (ether_type, id) in tags {
        out.extend(ether_type.to_be_bytes());
        out.extend(id.to_be_bytes());
    }
    out.extend(&frame[12..]);
    out
}

/// An untagged IPv4 frame cut into fragments of `payload_bytes` (a multiple of 8).
#[must_use]
pub fn fragment(frame: &[u8], payload_bytes: usize) -> Vec<Vec<u8>> {
    let (mut header, payload) = Ipv4Header::from_slice(&frame[14..]).unwrap();
    let count = payload.chunks(payload_bytes).count();
    let piece = |(number, part): (usize, &[u8])| {
        header.dont_fragment = false;
        header.identification = 0x4711;
        header.more_fragments = number + 1 < count;
        header.fragment_offset = IpFragOffset::try_new((number * payload_bytes / 8) as u16).unwrap();
        header.set_payload_len(part.len()).unwrap();
        header.header_checksum = header.calc_header_checksum();
        let mut out = frame[..14].to_vec();
        out.extend(header.to_bytes());
        out.extend(part);
        out
    };
    payload.chunks(payload_bytes).enumerate().map(piece).collect()
}

/// Reads a TCP frame; checks all of its checksums and lengths. `None` for other frames.
///
/// # Panics
/// If the frame is broken.
#[must_use]
pub fn parse_tcp(frame: &[u8]) -> Option<Tcp> {
    let packet = SlicedPacket::from_ethernet(frame).expect("a frame that can be parsed");
    let Some(TransportSlice::Tcp(slice)) = packet.transport else { return None };
    let header = TcpHeaderSlice::from_slice(slice.slice()).unwrap();
    let sum = match packet.net.as_ref().unwrap() {
        NetSlice::Ipv4(ip) => {
            let header_of_ip = ip.header().to_header();
            assert_eq!(header_of_ip.header_checksum, header_of_ip.calc_header_checksum(), "IPv4 checksum");
            slice.calc_checksum_ipv4(ip.header().source(), ip.header().destination()).unwrap()
        }
        NetSlice::Ipv6(ip) => slice.calc_checksum_ipv6(ip.header().source(), ip.header().destination()).unwrap(),
        NetSlice::Arp(_) => return None,
    };
    assert_eq!(sum, header.checksum(), "TCP checksum");
    let options = || header.options_iterator().filter_map(Result::ok);
    let timestamps = options().find_map(|option| {
        if let TcpOptionElement::Timestamp(value, echo) = option { Some((value, echo)) } else { None }
    });
    let sack = options().find_map(|option| {
        if let TcpOptionElement::SelectiveAcknowledgement(first, more) = option {
            return Some(core::iter::once(first).chain(more.into_iter().flatten()).collect());
        }
        (option == TcpOptionElement::SelectiveAcknowledgementPermitted).then(|| vec![(0, 0)])
    });
    Some(Tcp {
        seq: header.sequence_number(),
        ack: header.ack().then(|| header.acknowledgment_number()),
        syn: header.syn(),
        fin: header.fin(),
        rst: header.rst(),
        urg: header.urg(),
        window: header.window_size(),
        timestamps,
        sack: sack.unwrap_or_default(),
        payload: slice.payload().to_vec(),
    })
}
