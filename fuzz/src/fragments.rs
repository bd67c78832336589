//! Fragments of datagrams, put together and sent on in pieces.

use net::buffer::Buffer;
use net::fragment::{Reassembled, Reassembler, send_in_pieces};
use net::frame::{Frame, Network};
use net::heap::{HeapBuffer, HeapPool};
use net::{Side, Timestamp};

const DATAGRAM_BYTES_MAX: usize = 9216;
/// Fragments that the reassembler may keep, of all datagrams.
const FRAGMENT_TOTAL_MAX: usize = 1024;
const DATAGRAM: [u8; 34] =
    [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 10, 1, 0, 1, 10, 2, 0, 2];
const DATAGRAM6: [u8; 62] = {
    let mut frame = [0; 62];
    let link = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x86, 0xdd, 0x60, 0, 0, 0, 0, 0, 44, 64, 0xfd];
    let mut at = 0;
    while at < link.len() {
        frame[at] = link[at];
        at += 1;
    }
    (frame[37], frame[38], frame[53], frame[54]) = (1, 0xfd, 2, 17);
    frame
};

/// Fragments: each is a byte of flags (bit 0 more, bit 1 IPv6, bit 2 the other side, bits 3 and 4 the
/// identification, bit 5 time passes, bit 7 the next bytes are the frame as it is), one of offset in units
/// of 8 bytes, one of length, and its payload.
pub fn fragment(bytes: &[u8]) {
    let pool = HeapPool::new();
    let mut reassembler = Reassembler::<HeapBuffer>::new(DATAGRAM_BYTES_MAX);
    let mut now = Timestamp::from_nanos(1);
    let mut rest = bytes;
    while let [kind, offset, len, tail @ ..] = rest {
        let (payload, behind) = tail.split_at_checked(usize::from(*len)).unwrap_or((tail, &[]));
        rest = behind;
        if kind & 32 != 0 {
            now = now.after(core::time::Duration::from_secs(4));
            reassembler.handle_timeout(now);
        }
        let frame = if kind & 128 != 0 { payload.to_vec() } else { built(*kind, *offset, payload) };
        let side = if kind & 4 == 0 { Side::Inside } else { Side::Outside };
        insert(&pool, &mut reassembler, &frame, side, now);
        assert!(reassembler.waiting_count() <= FRAGMENT_TOTAL_MAX);
        assert_eq!(reassembler.waiting_count(), pool.in_use(), "what waits is what is kept");
    }
    reassembler.handle_timeout(Timestamp::from_nanos(u64::MAX));
    assert_eq!((reassembler.waiting_count(), pool.in_use()), (0, 0), "everything is given back");
}

fn insert(pool: &HeapPool, reassembler: &mut Reassembler<HeapBuffer>, frame: &[u8], side: Side, now: Timestamp) {
    let Ok(Frame { vlan, network: Network::Ip(datagram) }) = Frame::parse(frame) else { return };
    let (Some(fragment), Some(buffer)) = (datagram.fragment, pool.frame(frame)) else { return };
    let whole = reassembler.insert(buffer, datagram, fragment, (vlan, side), now, || Some(pool.alloc()));
    let Ok(Reassembled::Whole(whole, pieces)) = whole else { return };
    let Ok(Frame { network: Network::Ip(datagram), .. }) = Frame::parse(whole.as_slice()) else { return };
    assert!(datagram.end - datagram.payload <= DATAGRAM_BYTES_MAX);
    let (source, payload) = (datagram.source, datagram.end - datagram.payload);
    let mut sent = 0;
    let is_sent = send_in_pieces(
        whole,
        datagram.header,
        &pieces,
        7,
        || Some(pool.alloc()),
        |piece| {
            let Ok(Frame { network: Network::Ip(part), .. }) = Frame::parse(piece.as_slice()) else {
                panic!("a piece that nobody can read");
            };
            assert_eq!(part.source, source);
            sent += part.fragment.map_or(part.end - part.payload, |fragment| part.end - fragment.data);
        },
    );
    // IPv6: pieces carry the extension headers behind the Fragment header, too.
    assert!(!is_sent || sent >= payload, "{sent} of {payload} bytes went on");
}

fn built(kind: u8, offset: u8, payload: &[u8]) -> Vec<u8> {
    let (id, more) = (kind >> 3 & 3, kind & 1);
    if kind & 2 != 0 {
        let mut frame = DATAGRAM6.to_vec();
        frame[18..20].copy_from_slice(&(8 + payload.len() as u16).to_be_bytes());
        frame[56..58].copy_from_slice(&(u16::from(offset) << 3 | u16::from(more)).to_be_bytes());
        frame[61] = id;
        frame.extend(payload);
        return frame;
    }
    let mut frame = DATAGRAM.to_vec();
    frame[16..18].copy_from_slice(&(20 + payload.len() as u16).to_be_bytes());
    frame[19] = id;
    frame[20..22].copy_from_slice(&(u16::from(more) << 13 | u16::from(offset)).to_be_bytes());
    let sum: u32 = frame[14..34].chunks(2).map(|word| u32::from(word[0]) << 8 | u32::from(word[1])).sum();
    let sum = (sum & 0xffff) + (sum >> 16);
    frame[24..26].copy_from_slice(&(!((sum & 0xffff) + (sum >> 16)) as u16).to_be_bytes());
    frame.extend(payload);
    frame
}
