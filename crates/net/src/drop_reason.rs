macro_rules! drop_reasons {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// Why a frame did not go on.
        ///
        /// Every reason has a counter of its name per lcore (`status --json`, `dropped`).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum DropReason {
            $($(#[$doc])* $variant,)*
        }

        impl DropReason {
            /// All reasons, in the order of their counters.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// How many reasons there are: the length of a counter array.
            pub const COUNT: usize = Self::ALL.len();

            /// The name under which the reason is counted.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The reason's place in a counter array.
            #[must_use]
            pub const fn index(self) -> usize {
                self as usize
            }
        }
    };
}

drop_reasons! {
    /// The frame ends before a header that it announces.
    Truncated = "truncated",
    /// An Ethernet length/type that the policy does not let past.
    EtherType = "ether_type",
    /// More than two VLAN tags.
    VlanDepth = "vlan_depth",
    /// An IP header that contradicts itself (version, header length, total length).
    IpHeader = "ip_header",
    /// The IPv4 header checksum is wrong.
    IpChecksum = "ip_checksum",
    /// An IP option or extension header that changes the route or hides the payload.
    IpOption = "ip_option",
    /// An IP protocol that the policy does not let past.
    IpProtocol = "ip_protocol",
    /// A message of a protocol that is essential to a network, without the form of that protocol.
    EssentialForm = "essential_form",
    /// A source or destination address that no unicast flow can have.
    IpAddress = "ip_address",
    /// Fragments of one datagram overlap (RFC 5722, applied to IPv4 too).
    FragmentOverlap = "fragment_overlap",
    /// A fragment that cannot be part of a legal datagram.
    FragmentInvalid = "fragment_invalid",
    /// The reassembly table or its memory is full.
    FragmentTableFull = "fragment_table_full",
    /// A datagram was not complete in time.
    FragmentTimeout = "fragment_timeout",
    /// The reassembled datagram would be longer than `datagram_bytes_max`.
    DatagramTooLong = "datagram_too_long",
    /// A TCP or UDP header that contradicts itself.
    TransportHeader = "transport_header",
    /// The TCP or UDP checksum is wrong.
    TransportChecksum = "transport_checksum",
    /// A DNS answer that contradicts itself, where what it offers for encrypted ClientHellos is to be taken out.
    DnsMessage = "dns_message",
    /// A combination of TCP flags that no sender makes.
    TcpFlags = "tcp_flags",
    /// A TCP segment with the URG flag on an inspected flow.
    TcpUrgent = "tcp_urgent",
    /// Payload on a SYN.
    TcpSynData = "tcp_syn_data",
    /// A SYN, or an answer to one, that does not fit the state of its flow.
    TcpSyn = "tcp_syn",
    /// Sequence numbers outside the receiver's window.
    TcpWindow = "tcp_window",
    /// An acknowledgement of bytes that were never forwarded, or of long ago.
    TcpAck = "tcp_ack",
    /// A timestamp that is older than the flow's latest (PAWS, RFC 7323 section 5).
    TcpPaws = "tcp_paws",
    /// An RST off the exact sequence number (RFC 5961 section 3).
    TcpReset = "tcp_reset",
    /// A FIN that contradicts an earlier one, or bytes after it.
    TcpFin = "tcp_fin",
    /// Early segments beyond what a flow may queue; the sender sends them again.
    EarlyFull = "early_full",
    /// Early segments that waited too long for the hole before them; the sender sends them again.
    EarlyTimeout = "early_timeout",
    /// A retransmission of bytes that are held: they are here already.
    HeldRetransmission = "held_retransmission",
    /// Held segments or bytes beyond what a flow may hold; the sender sends them again.
    HoldFull = "hold_full",
    /// The store of forwarded, unacknowledged bytes is at its bound; the sender sends them again.
    StoreFull = "store_full",
    /// The flow waits for the audit log's credit; the sender sends the segment again.
    AuditCredit = "audit_credit",
    /// A SYN of a client that opens too many connections.
    HalfOpen = "half_open",
    /// The flow table is full.
    FlowTableFull = "flow_table_full",
    /// No flow is known to which the segment could belong.
    FlowUnknown = "flow_unknown",
    /// The flow was blocked, or is a tombstone of one that was.
    FlowBlocked = "flow_blocked",
    /// The policy blocks this flow from its first packet on.
    PolicyBlocked = "policy_blocked",
    /// The buffer pool had no buffer left.
    NoBuffer = "no_buffer",
    /// The egress port did not take the frame.
    TxFull = "tx_full",
    /// The frame does not fit the egress port's MTU.
    TxLength = "tx_length",
    /// The worker stops.
    Shutdown = "shutdown",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_name_of_its_own() {
        let mut names: Vec<_> = DropReason::ALL.iter().map(|reason| reason.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), DropReason::COUNT);
    }

    #[test]
    fn the_index_of_a_reason_is_its_place_in_all() {
        for (place, reason) in DropReason::ALL.iter().enumerate() {
            assert_eq!(reason.index(), place);
        }
    }
}
