//! UDP datagrams: forwarded or dropped, and never read but for answers of DNS and the form of what is essential.

use super::{FORWARD_SHARE_EIGHTHS, Packet, Worker, facts_of};
use crate::flow::{Forwarded, State, UDP_IDLE_TIME_MAX};
use crate::forward::{Passage, allows_unasked_udp};
use net::buffer::Buffer;
use net::checksum::{self, Sum};
use net::device::Device;
use net::essential::UdpProtocol;
use net::flow::{FlowId, FlowKey};
use net::{DropReason, Side, dns};
use policy::{Leave, Mode};

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
            let State::Forward(Forwarded { is_essential: true, .. }) = flow.state else {
                return self.forward_packet(packet, device);
            };
            let passage = check_form(&packet, key.end(Side::Outside).port());
            return self.pass_or_drop(passage, packet, device);
        }
        match (known, packet.side) {
            (Some(id), _) => self.reconsider(id, &key, packet, device),
            (None, Side::Inside) => self.open_udp(key, packet, device),
            (None, Side::Outside) => {
                let passage = self.check_unasked(&packet, &key);
                self.pass_or_drop(passage, packet, device);
            }
        }
    }

    /// A datagram of a flow that an earlier policy let pass.
    fn reconsider<D: Device<Buffer = B>>(&mut self, id: FlowId, key: &FlowKey, packet: Packet<'_, B>, device: &mut D) {
        let passage = self.check_udp(&packet, key);
        if passage == Err(DropReason::PolicyBlocked) {
            self.remove(id);
        } else if let Ok(passage) = passage
            && let Some(flow) = self.table.get_mut(id)
        {
            (flow.heard_at, flow.generation) = (self.context.now, self.context.generation);
            if let State::Forward(forwarded) = &mut flow.state {
                forwarded.is_essential = passage == Passage::Essential;
            }
        }
        self.pass_or_drop(passage, packet, device);
    }

    /// The first datagram of a flow, from inside.
    fn open_udp<D: Device<Buffer = B>>(&mut self, key: FlowKey, packet: Packet<'_, B>, device: &mut D) {
        let passage = self.check_udp(&packet, &key);
        if let Ok(passage) = passage
            && self.forward_count < self.table.capacity() * FORWARD_SHARE_EIGHTHS / 8
        {
            let forwarded = Forwarded { is_essential: passage == Passage::Essential, ..Forwarded::default() };
            if let Ok(id) = self.insert(key, State::Forward(forwarded)) {
                self.forward_count += 1;
                self.timers.set(id, self.context.now.after(UDP_IDLE_TIME_MAX));
            }
        }
        self.pass_or_drop(passage, packet, device);
    }

    /// By which right a datagram of a flow passes that the inside end opens.
    fn check_udp(&self, packet: &Packet<'_, B>, key: &FlowKey) -> Result<Passage, DropReason> {
        let policy = self.context.engine.policy();
        match policy.leave(&facts_of(key)) {
            Leave::Free => return Ok(Passage::Free),
            Leave::Barred => return Err(DropReason::PolicyBlocked),
            Leave::Essential => {}
        }
        let [client_port, server_port] = [Side::Inside, Side::Outside].map(|side| key.end(side).port());
        if !policy.essentials().allows_udp(client_port, server_port) {
            return Err(DropReason::PolicyBlocked);
        }
        check_form(packet, server_port)
    }

    /// By which right a datagram from outside passes that nobody asked for: not by a rule, which speaks of what is asked
    /// for, though one that blocks all that these ends say blocks this, too.
    fn check_unasked(&self, packet: &Packet<'_, B>, key: &FlowKey) -> Result<Passage, DropReason> {
        let policy = self.context.engine.policy();
        if policy.leave(&facts_of(key)) == Leave::Barred {
            return Err(DropReason::PolicyBlocked);
        }
        if policy.default_mode() == Mode::Forward {
            return Ok(Passage::Free);
        }
        let [client_port, server_port] = [Side::Inside, Side::Outside].map(|side| key.end(side).port());
        if !allows_unasked_udp(policy, server_port, client_port) {
            return Err(DropReason::PolicyBlocked);
        }
        check_form(packet, server_port)
    }
}

/// Holds an essential datagram to the form of what a server speaks on this port.
fn check_form<B: Buffer>(packet: &Packet<'_, B>, server_port: u16) -> Result<Passage, DropReason> {
    let protocol = UdpProtocol::at(server_port);
    let has_form =
        protocol.is_some_and(|protocol| protocol.has_form(packet.frame.as_slice(), packet.datagram, packet.side));
    if has_form { Ok(Passage::Essential) } else { Err(DropReason::EssentialForm) }
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
