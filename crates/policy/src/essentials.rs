/// What a network needs to live, let past where no rule names it and the default is `block`.
///
/// Everything here is held to the form of its protocol (`net::essential`): it is no free carrier, though what a form leaves
/// open stays a narrow channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a table of switches, as the file has it")]
pub struct Essentials {
    /// Address resolution (ARP).
    pub arp: bool,
    /// IPv6 neighbour and router discovery (ICMPv6 133 to 137, RFC 4861), and that of listeners (130 to 132 and 143, RFC 3810).
    pub nd: bool,
    /// ICMP and ICMPv6 echo and errors; of ICMP redirects, too.
    pub icmp: bool,
    /// Longest ICMP message from the users, in bytes of IP packet.
    pub icmp_bytes_max: u16,
    /// DHCP and DHCPv6.
    pub dhcp: bool,
    /// DNS over UDP.
    pub dns: bool,
    /// NTP.
    pub ntp: bool,
    /// LLDP.
    pub lldp: bool,
    /// Spanning tree, in LLC frames to 01:80:c2:00:00:00/28.
    pub stp: bool,
    /// Link aggregation (LACP and its marker protocol).
    pub lacp: bool,
}

impl Default for Essentials {
    fn default() -> Self {
        Self {
            arp: true,
            nd: true,
            icmp: true,
            icmp_bytes_max: 128,
            dhcp: true,
            dns: true,
            ntp: true,
            lldp: true,
            stp: true,
            lacp: true,
        }
    }
}

impl Essentials {
    /// True if anything at all may pass without a rule.
    pub(crate) const fn is_any(&self) -> bool {
        let Self { arp, nd, icmp, icmp_bytes_max: _, dhcp, dns, ntp, lldp, stp, lacp } = *self;
        arp || nd || icmp || dhcp || dns || ntp || lldp || stp || lacp
    }

    /// True if a UDP datagram to or from this server port may pass without a rule.
    #[must_use]
    pub const fn allows_udp(&self, client_port: u16, server_port: u16) -> bool {
        match server_port {
            53 => self.dns,
            123 => self.ntp,
            67 => self.dhcp && matches!(client_port, 67 | 68),
            547 => self.dhcp && matches!(client_port, 546 | 547),
            _ => false,
        }
    }
}
