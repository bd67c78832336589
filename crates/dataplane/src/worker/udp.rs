//! UDP datagrams: forwarded or dropped, never read.

use super::{FORWARD_SHARE_EIGHTHS, Packet, Worker};
use crate::flow::{Forwarded, State, UDP_IDLE_TIME_MAX};
use crate::forward::allows_unasked_udp;
use net::buffer::Buffer;
use net::device::Device;
use net::{DropReason, Side};
use policy::{Mode, Route};

impl<B: Buffer> Worker<B> {
    pub(super) fn handle_udp<D: Device<Buffer = B>>(&mut self, packet: Packet<B>, device: &mut D) {
        let ports = packet.frame.as_slice().get(packet.datagram.payload..).and_then(<[u8]>::first_chunk::<8>);
        let Some([a, b, c, d, ..]) = ports.filter(|_| packet.datagram.end - packet.datagram.payload >= 8) else {
            return self.context.drop(DropReason::TransportHeader);
        };
        let (source_port, destination_port) = (u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d]));
        let key = packet.key(source_port, destination_port);
        let known = self.looked_up(&packet).or_else(|| self.table.find(&key));
        if let Some(flow) = known.and_then(|id| self.table.get_mut(id))
            && flow.generation == self.context.generation
        {
            flow.heard_at = self.context.now;
            return self.forward_packet(packet, device);
        }
        let facts = packet.facts(&key);
        let ports = match packet.side {
            Side::Inside => (source_port, destination_port),
            Side::Outside => (destination_port, source_port),
        };
        let policy = self.context.engine.policy();
        let is_allowed =
            policy.route(&facts) == Route::Mode(Mode::Forward) || policy.essentials().allows_udp(ports.0, ports.1);
        if let Some(id) = known {
            let Some(flow) = self.table.get_mut(id) else { return };
            if is_allowed {
                (flow.heard_at, flow.generation) = (self.context.now, self.context.generation);
                return self.forward_packet(packet, device);
            }
            // A policy that came since the flow last said something does not let it pass.
            self.remove(id);
            return self.context.drop(DropReason::PolicyBlocked);
        }
        match packet.side {
            Side::Inside if is_allowed => {
                if self.forward_count < self.table.capacity() * FORWARD_SHARE_EIGHTHS / 8
                    && let Ok(id) = self.insert(key, State::Forward(Forwarded::default()), facts)
                {
                    self.forward_count += 1;
                    self.timers.set(id, self.context.now.after(UDP_IDLE_TIME_MAX));
                }
                self.forward_packet(packet, device);
            }
            Side::Outside
                if policy.default_mode() == Mode::Forward
                    || allows_unasked_udp(policy, source_port, destination_port) =>
            {
                self.forward_packet(packet, device);
            }
            Side::Inside | Side::Outside => self.context.drop(DropReason::PolicyBlocked),
        }
    }
}
