//! Which flows are forwarded, inspected, terminated or blocked.

use crate::Network;
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
    pub(crate) ports: Vec<u16>,
    pub(crate) networks: Vec<Network>,
    pub(crate) clients: Vec<Network>,
    pub(crate) vlan: Vec<u16>,
    pub(crate) sni: Vec<String>,
    pub(crate) app: Vec<App>,
}

/// What to do with the first packet of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// The mode is certain.
    Mode(Mode),
    /// Only the first bytes can tell: read them before anything passes on.
    FirstBytes,
}

impl FlowRule {
    fn matches(&self, facts: &FlowFacts) -> bool {
        let within = |networks: &[Network], address: Option<IpAddr>| {
            networks.is_empty() || address.is_some_and(|address| networks.iter().any(|net| net.contains(address)))
        };
        let has_ports = facts.protocol == Protocol::TCP || facts.protocol == Protocol::UDP;
        let needs_tcp = !self.app.is_empty() || !self.sni.is_empty();
        self.protocol.is_none_or(|protocol| protocol == facts.protocol)
            && (self.ports.is_empty() || has_ports && self.ports.contains(&facts.port))
            && (!needs_tcp || facts.protocol == Protocol::TCP)
            && within(&self.networks, facts.server)
            && within(&self.clients, facts.client)
            && (self.vlan.is_empty() || facts.vlan.iter().any(|id| *id != 0 && self.vlan.contains(id)))
    }

    /// True if the rule asks for something that only the first bytes show.
    fn is_conditional(&self) -> bool {
        !self.app.is_empty() || !self.sni.is_empty()
    }
}

pub(crate) fn route(flows: &[FlowRule], default: Mode, facts: &FlowFacts) -> Route {
    match flows.iter().find(|rule| rule.matches(facts)) {
        Some(rule) if rule.is_conditional() => Route::FirstBytes,
        Some(rule) => Route::Mode(rule.mode),
        None => Route::Mode(default),
    }
}

/// The first rule that matches with the first bytes known.
///
/// A name cannot be read before TLS is opened, so a rule that asks for one stands for the strictest
/// reading: on a port with such rules everything is to be terminated, and what is not TLS is a
/// block.
pub(crate) fn mode_of_app(flows: &[FlowRule], default: Mode, facts: &FlowFacts, app: App) -> Mode {
    let candidates = flows.iter().filter(|rule| rule.matches(facts));
    for rule in candidates {
        if !rule.sni.is_empty() {
            return if app == App::Tls { Mode::Terminate } else { Mode::Block };
        }
        if rule.app.is_empty() || rule.app.contains(&app) {
            return rule.mode;
        }
    }
    default
}

/// True if `host` is the name `pattern` stands for; `*.example.org` stands for every name below
/// `example.org`, `*` for every name.
pub(crate) fn name_matches(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some("") => true,
        Some(suffix) => {
            let split = host.len().checked_sub(suffix.len());
            split
                .and_then(|at| host.split_at_checked(at))
                .is_some_and(|(label, tail)| !label.is_empty() && tail.eq_ignore_ascii_case(suffix))
        }
        None => pattern.eq_ignore_ascii_case(host),
    }
}
