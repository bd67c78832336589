use super::{DATAGRAM_COUNT_MAX, FRAGMENT_COUNT_MAX, REASSEMBLY_TIME_MAX, Reassembled, Reassembler, send_in_pieces};
use crate::buffer::Buffer;
use crate::frame::{Frame, Network, VlanTags};
use crate::heap::{HeapBuffer, HeapPool};
use crate::{DropReason, Side, Timestamp};
use etherparse::{
    IpFragOffset, IpNumber, Ipv4Header, Ipv6FragmentHeader, Ipv6Header, NetSlice, PacketBuilder, SlicedPacket,
};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_nanos(1);

/// A UDP datagram in a frame.
fn whole(is_v4: bool, payload: &[u8]) -> Vec<u8> {
    let link = PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]);
    let step = if is_v4 { link.ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64) } else { link.ipv6([0xfd; 16], [0xfc; 16], 64) };
    let mut frame = Vec::new();
    step.udp(4000, 5000).write(&mut frame, payload).unwrap();
    frame
}

/// One fragment with bytes `from..to` of the datagram's payload.
fn piece(frame: &[u8], id: u32, from: usize, to: usize, more: bool) -> Vec<u8> {
    let mut out = frame[..14].to_vec();
    let offset = IpFragOffset::try_new((from / 8) as u16).unwrap();
    if frame[14] >> 4 == 4 {
        let (mut header, payload) = Ipv4Header::from_slice(&frame[14..]).unwrap();
        (header.dont_fragment, header.more_fragments) = (false, more);
        (header.identification, header.fragment_offset) = (id as u16, offset);
        header.set_payload_len(to - from).unwrap();
        header.header_checksum = header.calc_header_checksum();
        out.extend(header.to_bytes());
        out.extend(&payload[from..to]);
    } else {
        let (mut header, payload) = Ipv6Header::from_slice(&frame[14..]).unwrap();
        let fragment = Ipv6FragmentHeader::new(header.next_header, offset, more, id);
        header.next_header = IpNumber::IPV6_FRAGMENTATION_HEADER;
        header.payload_length = (8 + to - from) as u16;
        out.extend(header.to_bytes());
        fragment.write(&mut out).unwrap();
        out.extend(&payload[from..to]);
    }
    out
}

/// The datagram cut at multiples of 8.
fn cut(frame: &[u8], id: u32, cuts: &[usize]) -> Vec<Vec<u8>> {
    let len = frame.len() - 14 - if frame[14] >> 4 == 4 { 20 } else { 40 };
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut % len / 8 * 8).collect();
    places.extend([0, len]);
    places.sort_unstable();
    places.dedup();
    places.windows(2).map(|pair| piece(frame, id, pair[0], pair[1], pair[1] < len)).collect()
}

struct Lab {
    pool: HeapPool,
    reassembler: Reassembler<HeapBuffer>,
}

impl Lab {
    fn new() -> Self {
        Self { pool: HeapPool::new(), reassembler: Reassembler::new(9000) }
    }

    fn insert(&mut self, frame: &[u8], now: Timestamp) -> Result<Reassembled<HeapBuffer>, DropReason> {
        let Ok(Frame { vlan, network: Network::Ip(datagram) }) = Frame::parse(frame) else { panic!() };
        let fragment = datagram.fragment.expect("a fragment");
        let buffer = self.pool.frame(frame).unwrap();
        self.reassembler.insert(buffer, datagram, fragment, (vlan, Side::Inside), now, || Some(self.pool.alloc()))
    }

    /// Inserts all; the whole datagram has to come with the last.
    fn join(&mut self, frames: &[Vec<u8>]) -> (HeapBuffer, super::Pieces) {
        let (last, front) = frames.split_last().unwrap();
        for frame in front {
            assert!(matches!(self.insert(frame, NOW), Ok(Reassembled::Waiting)));
        }
        match self.insert(last, NOW) {
            Ok(Reassembled::Whole(frame, pieces)) => (frame, pieces),
            other => panic!("{other:?}"),
        }
    }
}

/// Payload of the datagram, its checks left to `etherparse`.
fn payload_of(frame: &[u8]) -> Vec<u8> {
    match SlicedPacket::from_ethernet(frame).unwrap().net.unwrap() {
        NetSlice::Ipv4(ip) => {
            let header = ip.header().to_header();
            assert_eq!(header.header_checksum, header.calc_header_checksum());
            assert!(!header.is_fragmenting_payload());
            ip.payload().payload.to_vec()
        }
        NetSlice::Ipv6(ip) => ip.payload().payload.to_vec(),
        NetSlice::Arp(_) => panic!(),
    }
}

proptest! {
    #[test]
    fn fragments_in_any_order_are_the_datagram_again(
        is_v4 in any::<bool>(), payload in prop::collection::vec(any::<u8>(), 16..3000),
        cuts in prop::collection::vec(8usize..3000, 1..20), seed in any::<u64>(),
    ) {
        let frame = whole(is_v4, &payload);
        let mut pieces = cut(&frame, 77, &cuts);
        prop_assume!(pieces.len() > 1);
        let mut seed = seed;
        for place in (1..pieces.len()).rev() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            pieces.swap(place, (seed >> 33) as usize % (place + 1));
        }
        let mut lab = Lab::new();
        let (joined, how) = lab.join(&pieces);
        prop_assert_eq!(payload_of(joined.as_slice()), payload_of(&frame));
        prop_assert_eq!(lab.reassembler.waiting_count(), 0);

        let largest = pieces.iter().map(Vec::len).max().unwrap();
        let mut sent = Vec::new();
        let pool = lab.pool.clone();
        prop_assert!(send_in_pieces(joined, 14, &how, 5, || Some(pool.alloc()), |piece| sent.push(piece.as_slice().to_vec())));
        prop_assert!(sent.iter().all(|piece| piece.len() <= largest), "a piece larger than the largest that came");
        if let [one] = sent.as_slice() {
            prop_assert_eq!(payload_of(one), payload_of(&frame));
        } else {
            let (again, _) = lab.join(&sent);
            prop_assert_eq!(payload_of(again.as_slice()), payload_of(&frame));
        }
        prop_assert_eq!(lab.pool.in_use(), 0, "no buffer is lost");
    }

    #[test]
    fn any_overlap_drops_the_whole_datagram(
        is_v4 in any::<bool>(), cuts in prop::collection::vec(8usize..800, 1..6), from in 0usize..90, len in 1usize..90, which in any::<usize>(),
    ) {
        let frame = whole(is_v4, &[7; 800]);
        let pieces = cut(&frame, 78, &cuts);
        prop_assume!(pieces.len() > 1);
        let held = which % pieces.len();
        let mut lab = Lab::new();
        for (place, one) in pieces.iter().enumerate().filter(|(place, _)| *place != held) {
            prop_assert!(matches!(lab.insert(one, NOW), Ok(Reassembled::Waiting)), "{}", place);
        }
        // Bytes 0..808 without those of the piece that is missing are there.
        let missing = Frame::parse(&pieces[held]).unwrap();
        let Network::Ip(datagram) = missing.network else { panic!() };
        let gap = datagram.fragment.unwrap().offset..datagram.fragment.unwrap().offset + datagram.end - datagram.fragment.unwrap().data;
        let (from, to) = (from * 8, ((from + len) * 8).min(808));
        prop_assume!(from < to && to < 808 && !(gap.start <= from && to <= gap.end));
        prop_assert_eq!(lab.insert(&piece(&frame, 78, from, to, true), NOW).map(|_| ()), Err(DropReason::FragmentOverlap));
        prop_assert!(lab.insert(&pieces[held], NOW).is_err(), "it never comes together");
        prop_assert_eq!(lab.reassembler.waiting_count(), 0);
    }
}

#[test]
fn a_repeated_fragment_is_an_overlap() {
    let frame = whole(true, &[7; 64]);
    let first = piece(&frame, 1, 0, 32, true);
    let mut lab = Lab::new();
    lab.insert(&first, NOW).unwrap();
    assert_eq!(lab.insert(&first, NOW).map(|_| ()), Err(DropReason::FragmentOverlap));
}

#[test]
fn two_ends_are_a_contradiction() {
    let frame = whole(true, &[7; 64]);
    let mut lab = Lab::new();
    lab.insert(&piece(&frame, 1, 64, 72, false), NOW).unwrap();
    assert_eq!(lab.insert(&piece(&frame, 1, 32, 40, false), NOW).map(|_| ()), Err(DropReason::FragmentOverlap));
    let mut lab = Lab::new();
    lab.insert(&piece(&frame, 1, 40, 48, true), NOW).unwrap();
    assert_eq!(lab.insert(&piece(&frame, 1, 24, 32, false), NOW).map(|_| ()), Err(DropReason::FragmentOverlap));
}

#[test]
fn fragments_of_no_legal_datagram_are_refused() {
    let frame = whole(true, &[7; 64]);
    let mut lab = Lab::new();
    assert_eq!(lab.insert(&piece(&frame, 1, 8, 13, true), NOW).map(|_| ()), Err(DropReason::FragmentInvalid));
    assert_eq!(lab.insert(&piece(&frame, 1, 8, 8, false), NOW).map(|_| ()), Err(DropReason::FragmentInvalid));
    let large = whole(true, &[7; 9100]);
    assert_eq!(lab.insert(&piece(&large, 1, 8992, 9008, true), NOW).map(|_| ()), Err(DropReason::DatagramTooLong));
    assert_eq!(lab.reassembler.waiting_count(), 0);
}

#[test]
fn datagrams_are_told_apart_by_addresses_identification_tag_and_side() {
    let frame = whole(true, &[7; 64]);
    let mut lab = Lab::new();
    lab.insert(&piece(&frame, 1, 0, 32, true), NOW).unwrap();
    assert!(matches!(lab.insert(&piece(&frame, 2, 32, 72, false), NOW), Ok(Reassembled::Waiting)));
    let Ok(Frame { network: Network::Ip(datagram), .. }) = Frame::parse(&piece(&frame, 1, 32, 72, false)) else {
        panic!()
    };
    for place in [(VlanTags { outer: 7, inner: 0 }, Side::Inside), (VlanTags::default(), Side::Outside)] {
        let buffer = lab.pool.frame(&piece(&frame, 1, 32, 72, false)).unwrap();
        let inserted = lab.reassembler.insert(buffer, datagram, datagram.fragment.unwrap(), place, NOW, || None);
        assert!(matches!(inserted, Ok(Reassembled::Waiting)));
    }
    assert!(matches!(lab.insert(&piece(&frame, 1, 32, 72, false), NOW), Ok(Reassembled::Whole(..))));
}

#[test]
fn what_is_not_complete_in_time_is_dropped() {
    let frame = whole(false, &[7; 64]);
    let mut lab = Lab::new();
    lab.insert(&piece(&frame, 1, 0, 32, true), NOW).unwrap();
    let later = NOW.after(REASSEMBLY_TIME_MAX);
    assert_eq!(lab.reassembler.handle_timeout(NOW.after(REASSEMBLY_TIME_MAX / 2)), 0);
    assert_eq!(lab.reassembler.handle_timeout(later), 1);
    assert!(matches!(lab.insert(&piece(&frame, 1, 32, 72, false), later), Ok(Reassembled::Waiting)));
    assert_eq!(lab.pool.in_use(), 1);
}

#[test]
fn the_table_and_each_datagram_are_bounded() {
    let frame = whole(true, &[7; 2000]);
    let mut lab = Lab::new();
    for id in 0..DATAGRAM_COUNT_MAX as u32 {
        lab.insert(&piece(&frame, id, 0, 8, true), NOW).unwrap();
    }
    assert_eq!(lab.insert(&piece(&frame, 60_000, 0, 8, true), NOW).map(|_| ()), Err(DropReason::FragmentTableFull));
    let mut lab = Lab::new();
    for place in 0..FRAGMENT_COUNT_MAX {
        lab.insert(&piece(&frame, 1, place * 16, place * 16 + 8, true), NOW).unwrap();
    }
    assert_eq!(lab.insert(&piece(&frame, 1, 1600, 1608, true), NOW).map(|_| ()), Err(DropReason::FragmentTableFull));
    for id in 2.. {
        if lab.reassembler.waiting_count() >= super::FRAGMENT_TOTAL_MAX {
            assert_eq!(lab.insert(&piece(&frame, id, 0, 8, true), NOW).map(|_| ()), Err(DropReason::FragmentTableFull));
            break;
        }
        for place in 0..FRAGMENT_COUNT_MAX {
            let _ = lab.insert(&piece(&frame, id, place * 16, place * 16 + 8, true), NOW);
        }
    }
    assert!(lab.pool.in_use() <= super::FRAGMENT_TOTAL_MAX);
}

#[test]
fn a_datagram_that_would_leave_in_more_pieces_than_may_come_is_refused() {
    // The first header is full of options: its pieces would have room for eight bytes each.
    let options = [1u8; 40];
    let header = |options: &[u8], id: u16, offset: u16, more: bool, len: usize| {
        let mut ip = Ipv4Header::new(len as u16, 64, etherparse::ip_number::TCP, [10, 1, 0, 1], [10, 2, 0, 2]).unwrap();
        ip.options = options.try_into().unwrap();
        ip.total_len += options.len() as u16;
        (ip.identification, ip.more_fragments, ip.dont_fragment) = (id, more, false);
        ip.fragment_offset = (offset / 8).try_into().unwrap();
        ip.header_checksum = ip.calc_header_checksum();
        let mut frame = vec![2; 12];
        frame.extend([8, 0]);
        ip.write(&mut frame).unwrap();
        frame
    };
    let mut lab = Lab::new();
    let mut first = header(&options, 9, 0, true, 8);
    first.extend([7; 8]);
    assert!(matches!(lab.insert(&first, NOW), Ok(Reassembled::Waiting)));
    let count = 31;
    for number in 0..count {
        let mut frame = header(&[], 9, 8 + number * 48, number + 1 < count, 48);
        frame.extend([7; 48]);
        let outcome = lab.insert(&frame, NOW).map(|_| ());
        assert_eq!(outcome, if number + 1 < count { Ok(()) } else { Err(DropReason::FragmentInvalid) });
    }
    assert_eq!((lab.pool.in_use(), lab.reassembler.waiting_count()), (0, 0));
}
