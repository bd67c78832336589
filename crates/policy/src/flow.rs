//! Flows: what is known of them, and the rules that name them.

use crate::name::name_matches;
use crate::shipped::{AI_LIST, ai_host};
use crate::{Network, ServerName};
use core::net::IpAddr;

/// How the bytes of a flow are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Passed on untouched.
    Forward,
    /// Read in the path; same-length masking or a block.
    Inspect,
    /// Ended in the appliance on both sides.
    Terminate,
    /// Not passed on.
    Block,
}

impl Mode {
    /// All modes, lax to strict.
    pub const ALL: [Self; 4] = [Self::Forward, Self::Inspect, Self::Terminate, Self::Block];

    /// The word in policies and counters.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Inspect => "inspect",
            Self::Terminate => "terminate",
            Self::Block => "block",
        }
    }

    /// The mode's place in [`Mode::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// What a flow carries, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum App {
    /// An HTTP/1 request line.
    Http1,
    /// The HTTP/2 connection preface with prior knowledge.
    Http2,
    /// A TLS record.
    Tls,
    /// None of these.
    Unknown,
}

impl App {
    /// The protocols that a rule can name.
    pub const NAMED: [Self; 3] = [Self::Http1, Self::Http2, Self::Tls];

    /// The word in policies.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http1 => "http1",
            Self::Http2 => "http2",
            Self::Tls => "tls",
            Self::Unknown => "unknown",
        }
    }
}

/// What a rule calls a protocol above Ethernet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// An IP protocol by number.
    Ip(u8),
    /// An Ethernet type.
    EtherType(u16),
}

impl Protocol {
    /// TCP.
    pub const TCP: Self = Self::Ip(6);
    /// UDP.
    pub const UDP: Self = Self::Ip(17);
}

/// A version of IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IpVersion {
    V4,
    V6,
}

impl IpVersion {
    pub(crate) const ALL: [Self; 2] = [Self::V4, Self::V6];

    pub(crate) const fn of(address: IpAddr) -> Self {
        if address.is_ipv4() { Self::V4 } else { Self::V6 }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        }
    }
}

/// What is known of a flow when its first packet comes.
#[derive(Clone, Copy, Debug)]
pub struct FlowFacts {
    /// Protocol.
    pub protocol: Protocol,
    /// Address of the end that opened the flow; `None` without IP.
    pub client: Option<IpAddr>,
    /// Address of the other end.
    pub server: Option<IpAddr>,
    /// Port of the other end; 0 without ports.
    pub port: u16,
    /// VLAN identifiers, outer and inner, 0 where there is none.
    pub vlan: [u16; 2],
}

/// One `[[flow]]` of the policy.
#[derive(Clone, Debug)]
pub struct FlowRule {
    /// Name, unique in the policy.
    pub name: String,
    /// The mode of flows that match.
    pub mode: Mode,
    pub(crate) protocol: Option<Protocol>,
    pub(crate) version: Option<IpVersion>,
    pub(crate) ports: Vec<u16>,
    pub(crate) networks: Vec<Network>,
    pub(crate) clients: Vec<Network>,
    pub(crate) vlan: Vec<u16>,
    pub(crate) sni: Vec<String>,
    pub(crate) app: Vec<App>,
    pub(crate) ech: Ech,
}

/// What becomes of a flow that is to be forwarded by its name when the true name may be hidden.
///
/// Clients send the extension without meaning it, too (RFC 9849 section 6.2), and nobody on the
/// path can tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Ech {
    /// It is terminated and answered under the name that shows: a client that meant another one
    /// is told so, and comes again without.
    #[default]
    Intercept,
    /// It is blocked.
    Block,
    /// It is forwarded under the name that shows.
    Bypass,
}

impl FlowRule {
    /// True if nothing that a flow's first packet shows speaks against this rule.
    pub(crate) fn matches(&self, facts: &FlowFacts) -> bool {
        let within = |networks: &[Network], address: Option<IpAddr>| {
            networks.is_empty() || address.is_some_and(|address| networks.iter().any(|net| net.contains(address)))
        };
        let has_ports = facts.protocol == Protocol::TCP || facts.protocol == Protocol::UDP;
        self.protocol.is_none_or(|protocol| protocol == facts.protocol)
            && self.version.is_none_or(|version| facts.client.map(IpVersion::of) == Some(version))
            && (self.ports.is_empty() || has_ports && self.ports.contains(&facts.port))
            && (!self.is_conditional() || facts.protocol == Protocol::TCP)
            && within(&self.networks, facts.server)
            && within(&self.clients, facts.client)
            && (self.vlan.is_empty() || facts.vlan.iter().any(|id| *id != 0 && self.vlan.contains(id)))
    }

    /// True if the rule has what it matches read, which only TCP can be.
    pub(crate) const fn reads(&self) -> bool {
        matches!(self.mode, Mode::Inspect | Mode::Terminate)
    }

    /// True if the rule asks for something that only the first bytes show.
    pub(crate) fn is_conditional(&self) -> bool {
        !self.app.is_empty() || self.asks_for_name()
    }

    /// True if the rule asks for the name in TLS.
    pub(crate) const fn asks_for_name(&self) -> bool {
        !self.sni.is_empty()
    }

    /// True if the rule can only be kept by an appliance that answers the client itself.
    pub(crate) fn needs_hello(&self) -> bool {
        self.asks_for_name() || self.mode == Mode::Terminate
    }

    /// True if the rule says nothing against what the first bytes showed.
    pub(crate) fn matches_opening(&self, app: App, name: Option<&ServerName>) -> bool {
        let names = |name: &ServerName| self.sni.iter().any(|pattern| is_named(pattern, name.as_str()));
        (self.app.is_empty() || self.app.contains(&app)) && (!self.asks_for_name() || name.is_some_and(names))
    }
}

fn is_named(pattern: &str, name: &str) -> bool {
    if pattern == AI_LIST { ai_host(name).is_some() } else { name_matches(pattern, name) }
}
