//! UDP datagrams: forwarded or dropped, and never read but for answers of DNS.

use super::{FORWARD_SHARE_EIGHTHS, Packet, Worker, facts_of};
use crate::flow::{Forwarded, State, UDP_IDLE_TIME_MAX};
use crate::forward::allows_unasked_udp;
use net::buffer::Buffer;
use net::checksum::{self, Sum};
use net::device::Device;
use net::{DropReason, Side, dns};
use policy::{Mode, Route};

/// The port of DNS servers.
const DNS_PORT: u16 = 53;
/// Bytes of a UDP header, and where its checksum stands.
const HEADER_BYTES: usize = 8;
const CHECKSUM_AT: usize = 6;

impl<B: Buffer> Worker<B> {
    pub(super) fn handle_udp<D: Device<Buffer = B>>(&mut self, packet: Packet<'_, B>, device: &mut D) {
        let ports = packet.frame.as_slice().get(packet.datagram.payload..).and_then(<[u8]>::first_chunk::<8>);
        let Some([a, b, c, d, ..]) = ports.filter(|_| packet.datagram.end - packet.datagram.payload >= 8) else {
            return self.context.drop(DropReason::TransportHeader);
        };
        let (source_port, destination_port) = (u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d]));
        let mut packet = packet;
        if source_port == DNS_PORT && packet.side == Side::Outside && self.context.engine.policy().terminates() {
            match remove_ech(&mut packet) {
                Ok(removed) => self.context.counters.ech_removed += removed,
                Err(dns::Malformed) => return self.context.drop(DropReason::DnsMessage),
            }
        }
        let key = packet.key(source_port, destination_port);
        let known = self.looked_up(&packet).or_else(|| self.table.find(&key));
        if let Some(flow) = known.and_then(|id| self.table.get_mut(id))
            && flow.generation == self.context.generation
        {
            flow.heard_at = self.context.now;
            return self.forward_packet(packet, device);
        }
        let facts = facts_of(&key);
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
                    && let Ok(id) = self.insert(key, State::Forward(Forwarded::default()))
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

/// Takes what is for encrypted ClientHellos out of a DNS answer and mends the datagram's checksum, right or wrong as it was;
/// returns how many parameters that were.
fn remove_ech<B: Buffer>(packet: &mut Packet<'_, B>) -> Result<u64, dns::Malformed> {
    let datagram = packet.datagram.payload..packet.datagram.end;
    let Some(datagram) = packet.frame.as_mut_slice().get_mut(datagram) else { return Err(dns::Malformed) };
    let Some((header, message)) = datagram.split_at_mut_checked(HEADER_BYTES) else { return Err(dns::Malformed) };
    let before = Sum::ZERO.add_bytes(message);
    let removed = dns::remove_ech(message)?;
    let field = header.get_mut(CHECKSUM_AT..).and_then(<[u8]>::first_chunk_mut);
    // Zero says that there is none (RFC 768).
    if removed > 0
        && let Some(field) = field.filter(|field| **field != [0; 2])
    {
        let mended = checksum::update(u16::from_be_bytes(*field), before, Sum::ZERO.add_bytes(message));
        *field = if mended == 0 { u16::MAX } else { mended }.to_be_bytes();
    }
    Ok(removed as u64)
}
