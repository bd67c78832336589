//! What passes without a closer look: whole bursts under a policy that protects nothing, and what
//! forwarded flows send while nothing changes about them.

use super::Worker;
use crate::egress;
use crate::flow::{Flow, State};
use net::buffer::Buffer;
use net::device::{Burst, Device, Received};
use net::frame::{Frame, Network, protocol};
use net::tcp::is_midstream;
use net::{DropReason, Side};

/// Bursts of each port that pass at one reading of the clock: some ten microseconds of a busy port.
const PASS_ROUNDS_MAX: u64 = 32;

/// A burst whose frames begin with a cache line, wherever the stack is: behind seven words and its length.
#[repr(C, align(64))]
struct Line<B> {
    _before: [u64; 7],
    burst: Burst<B>,
}

impl<B: Buffer> Worker<B> {
    /// Nothing has to be read: bursts pass as they are, for some rounds while they keep coming. Returns
    /// how many frames passed, and in how many rounds.
    pub(super) fn pass_through<D: Device<Buffer = B>>(&mut self, device: &mut D) -> (usize, u64) {
        let (mut count, mut rounds) = (0, 0);
        while rounds < PASS_ROUNDS_MAX {
            let passed: usize = Side::BOTH.into_iter().map(|side| self.pass_burst(side, device)).sum();
            rounds += 1;
            count += passed;
            if passed == 0 {
                break;
            }
        }
        (count, rounds)
    }

    fn pass_burst<D: Device<Buffer = B>>(&mut self, side: Side, device: &mut D) -> usize {
        let mut line = Line { _before: [0; 7], burst: Burst::new() };
        let received = &mut line.burst;
        let Received { count, bytes } = device.rx_burst(side, received);
        if count > 0 {
            self.context.counters.rx_packets += count as u64;
            self.context.counters.rx_bytes += bytes as u64;
            self.context.egress.sent_count += count as u64;
            egress::send_all(device, &mut self.context.counters, side.opposite(), received, bytes);
        }
        count
    }

    /// True if the frame at this place of the burst belongs to a forwarded flow and says nothing new
    /// about it; the flow has then been heard of.
    #[inline]
    pub(super) fn is_known_to_pass(
        &mut self,
        place: usize,
        parsed: &Result<Frame, DropReason>,
        frame: &B,
        side: Side,
    ) -> bool {
        if self.table.changes() != self.looked_up_at {
            return false;
        }
        let Some(Some(id)) = self.flows.get(place) else { return false };
        let Ok(Frame { network: Network::Ip(datagram), .. }) = parsed else { return false };
        let Some(flow) = self.table.get_mut(*id) else { return false };
        let Flow { state: State::Forward(forwarded), generation, passed_in, .. } = flow else {
            return false;
        };
        if *generation != self.context.generation || datagram.protocol != protocol::TCP {
            return false;
        }
        if !is_midstream(frame.as_slice(), datagram) {
            return false;
        }
        forwarded.note_speaker(side, false);
        let step = self.context.steps.at(self.context.now);
        if *passed_in != step {
            *passed_in = step;
        }
        true
    }
}
