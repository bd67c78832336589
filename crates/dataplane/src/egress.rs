//! Frames on their way out: collected for a burst, sent together.

use crate::stats::Counters;
use net::buffer::Buffer;
use net::device::{Burst, Device};
use net::fragment::send_in_pieces;
use net::frame::Frame;
use net::tcp::Released;
use net::{DropReason, Side};

/// Both ports' outgoing bursts.
#[derive(Debug)]
pub(crate) struct Egress<B> {
    bursts: [Burst<B>; 2],
    /// Identification of the next datagram that is sent in pieces.
    next_id: u32,
    /// Frames put into the bursts since the start of the current poll.
    pub(crate) sent_count: u64,
}

impl<B: Buffer> Egress<B> {
    /// Datagrams that leave in pieces are numbered from `first_id` on.
    pub(crate) fn new(first_id: u32) -> Self {
        Self { bursts: [Burst::new(), Burst::new()], next_id: first_id, sent_count: 0 }
    }

    /// Puts a frame into the burst of a port; a full burst goes out first.
    pub(crate) fn send<D: Device<Buffer = B>>(
        &mut self,
        device: &mut D,
        counters: &mut Counters,
        side: Side,
        frame: B,
    ) {
        let burst = burst_of(&mut self.bursts, side);
        if burst.is_full() {
            flush(device, counters, side, burst);
        }
        self.sent_count += 1;
        burst.push(frame);
    }

    /// Sends what was held or passes, in the pieces in which it came if it came in any.
    pub(crate) fn send_released<D: Device<Buffer = B>>(
        &mut self,
        device: &mut D,
        counters: &mut Counters,
        side: Side,
        released: Released<B>,
    ) {
        let Some(pieces) = released.meta.pieces else {
            return self.send(device, counters, side, released.frame);
        };
        let Ok(Frame { network: net::frame::Network::Ip(datagram), .. }) = Frame::parse(released.frame.as_slice())
        else {
            return counters.drop_one(DropReason::IpHeader);
        };
        let mut cut = Burst::<B>::new();
        self.next_id = self.next_id.wrapping_add(1);
        let mut is_cut = true;
        let is_whole = send_in_pieces(
            released.frame,
            datagram.header,
            &pieces,
            self.next_id,
            || device.alloc(),
            |piece| is_cut &= cut.try_push(piece).is_ok(),
        );
        // All pieces or none: what is missing of one datagram another one could be made to complete.
        if !is_whole || !is_cut {
            return counters.drop_one(DropReason::NoBuffer);
        }
        for piece in cut {
            self.send(device, counters, side, piece);
        }
    }

    /// Sends everything.
    pub(crate) fn flush<D: Device<Buffer = B>>(&mut self, device: &mut D, counters: &mut Counters) {
        for side in Side::BOTH {
            flush(device, counters, side, burst_of(&mut self.bursts, side));
        }
    }
}

const fn burst_of<B>(bursts: &mut [Burst<B>; 2], side: Side) -> &mut Burst<B> {
    let [inside, outside] = bursts;
    match side {
        Side::Inside => inside,
        Side::Outside => outside,
    }
}

/// Sends a burst. What the port does not take at the second try is freed and counted: never kept,
/// never spun on.
pub(crate) fn flush<D: Device>(device: &mut D, counters: &mut Counters, side: Side, burst: &mut Burst<D::Buffer>) {
    if !burst.is_empty() {
        let bytes = burst.iter().map(Buffer::len).sum();
        send_all(device, counters, side, burst, bytes);
    }
}

/// The same for a burst of so many bytes.
pub(crate) fn send_all<D: Device>(
    device: &mut D,
    counters: &mut Counters,
    side: Side,
    burst: &mut Burst<D::Buffer>,
    bytes: usize,
) {
    let mut sent = device.tx_burst(side, burst);
    if !burst.is_empty() {
        sent += device.tx_burst(side, burst);
    }
    let unsent: usize = burst.iter().map(Buffer::len).sum();
    counters.tx_packets += sent as u64;
    counters.tx_bytes += (bytes - unsent) as u64;
    counters.drop_many(DropReason::TxFull, burst.len() as u64);
    burst.clear();
}
