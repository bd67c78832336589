//! One `[[flow]]` of the file.

use super::Loader;
use super::section::Section;
use crate::flow::IpVersion;
use crate::name::is_pattern;
use crate::problem::Collector;
use crate::shipped::AI_LIST;
use crate::{App, Ech, Essentials, FlowRule, Mode, Network, Protocol};
use core::ops::Range;
use toml::de::DeValue;

/// Rules that are held against all before them: their pairs are many, and a gateway that loads its policy
/// again has no more than a moment for it.
const COMPARED_COUNT_MAX: usize = 1024;

/// Ports named by a rule.
const PORT_COUNT_MAX: usize = 1024;

const PROTOCOLS: [(&str, Protocol); 9] = [
    ("tcp", Protocol::TCP),
    ("udp", Protocol::UDP),
    ("icmp", Protocol::Ip(1)),
    ("icmpv6", Protocol::Ip(58)),
    ("igmp", Protocol::Ip(2)),
    ("gre", Protocol::Ip(47)),
    ("esp", Protocol::Ip(50)),
    ("ah", Protocol::Ip(51)),
    ("sctp", Protocol::Ip(132)),
];

/// The types of Ethernet that IP has, and those that announce a VLAN tag (IANA, IEEE 802.1Q).
const IP_TYPES: [(u16, IpVersion); 2] = [(0x0800, IpVersion::V4), (0x86dd, IpVersion::V6)];
const TAG_TYPES: [u16; 3] = [0x8100, 0x88a8, 0x9100];
/// Extension headers of IPv6 that are read over, up to what a datagram carries (RFC 8200 section 4).
const EXTENSION_HEADERS: [u8; 4] = [0, 43, 44, 60];

/// The lists of names that come with the program.
const SHIPPED_LISTS: [&str; 1] = [AI_LIST];

impl Loader<'_> {
    pub(super) fn flow(&mut self, mut section: Section<'_>) -> Option<(FlowRule, Range<usize>)> {
        let name = self.unique_name(&mut section, "[[flow]]");
        let problems = &mut self.problems;
        let modes = Mode::ALL.map(|mode| (mode.name(), mode));
        let mode = section.required_word("mode", &modes, problems);
        let Some(mut matcher) = section.table("match", problems) else {
            if !section.has("match") {
                problems.add(section.span(), "match is missing: say which flows, for example match = { ports = [80] }");
            }
            section.finish(problems);
            return None;
        };
        let matcher_span = matcher.span();
        for key in ["ports", "networks", "clients", "vlan", "sni", "app"] {
            if matcher.peek(key).and_then(DeValue::as_array).is_some_and(|list| list.is_empty()) {
                problems.add(matcher.span_of(key), format!("{key} is empty: leave it out to match any"));
            }
        }
        let (protocol, version) = protocol(&mut matcher, problems);
        let rule = FlowRule {
            name: name.unwrap_or_default(),
            mode: mode.unwrap_or(Mode::Block),
            protocol,
            version,
            ports: ports(&mut matcher, problems),
            networks: networks(&mut matcher, "networks", problems),
            clients: networks(&mut matcher, "clients", problems),
            vlan: vlans(&mut matcher, problems),
            sni: names(&mut matcher, problems),
            app: apps(&mut matcher, problems),
            ech: ech(&mut section, mode, problems),
        };
        check_hold(&mut section, mode, problems);
        check_mode(&rule, &section, &matcher, problems);
        check_addresses(&rule, &matcher, problems);
        matcher.finish(problems);
        section.finish(problems);
        if rule.asks_for_name() && rule.ports.is_empty() {
            let note = format!(
                "flow \"{}\" asks for the name in TLS and names no ports: of the flows it may match only TLS with a name passes, on every port",
                rule.name
            );
            self.notes.add(matcher_span.clone(), note);
        }
        mode.map(|_| (rule, matcher_span))
    }

    /// A rule that an earlier one leaves nothing to is a mistake more often than not.
    pub(super) fn note_unreachable(&mut self, flows: &[(FlowRule, Range<usize>)]) {
        for (place, (flow, span)) in flows.iter().take(COMPARED_COUNT_MAX).enumerate() {
            let earlier = flows.iter().take(place).map(|(earlier, _)| earlier);
            if let Some(first) = earlier.into_iter().find(|earlier| earlier.covers(flow)) {
                let note = format!(
                    "flow \"{}\" is never asked: flow \"{}\" before it matches all of it",
                    flow.name, first.name
                );
                self.notes.add(span.clone(), note);
            }
        }
    }

    /// Who blocks everything at the end of the list may think of flows alone.
    pub(super) fn note_essentials(&mut self, flows: &[(FlowRule, Range<usize>)], essentials: &Essentials) {
        if !essentials.is_any() {
            return;
        }
        for (flow, span) in flows.iter().filter(|(flow, _)| flow.mode == Mode::Block && flow.matches_everything()) {
            let note = format!(
                "flow \"{}\" blocks everything, what [essentials] lets past (ARP, DNS and the like), too; where that is not meant, leave it to [default] mode = \"block\"",
                flow.name
            );
            self.notes.add(span.clone(), note);
        }
    }

    /// QUIC is blocked where TLS is opened, though nothing in the file says so.
    pub(super) fn note_quic(&mut self, span: Range<usize>, flows: &[FlowRule], default: Mode) {
        let passes_udp = |rule: &FlowRule| rule.mode == Mode::Forward && rule.protocol.is_none();
        let is_surprising = default == Mode::Forward || flows.iter().any(passes_udp);
        if is_surprising && flows.iter().any(FlowRule::needs_hello) {
            let note = "UDP to the ports where TCP is terminated or named (QUIC) is blocked, unless a rule of protocol = \"udp\" says otherwise";
            self.notes.add(span, note);
        }
    }
}

/// What a rule matches has to go with its mode.
fn check_mode(rule: &FlowRule, section: &Section<'_>, matcher: &Section<'_>, problems: &mut Collector<'_>) {
    let has_ports = |protocol| protocol == Protocol::TCP || protocol == Protocol::UDP;
    if !rule.ports.is_empty() && rule.protocol.is_some_and(|protocol| !has_ports(protocol)) {
        problems.add(matcher.span_of("ports"), "only TCP and UDP are matched by ports");
    }
    let needs_tcp = rule.is_conditional() || matches!(rule.mode, Mode::Inspect | Mode::Terminate);
    if needs_tcp && rule.protocol.is_some_and(|protocol| protocol != Protocol::TCP) {
        problems.add(section.span_of("mode"), "only TCP can be inspected, terminated or matched by app or sni");
    }
    if rule.mode != Mode::Inspect {
        return;
    }
    if rule.app.contains(&App::Tls) {
        let why = "what TLS carries cannot be inspected from outside: this rule needs mode = terminate";
        problems.add(matcher.span_of("app"), why);
    }
    if rule.app.contains(&App::Http2) {
        let why = "HTTP/2 cannot be inspected: leave it out here, and give it a rule of mode = block or forward";
        problems.add(matcher.span_of("app"), why);
    }
    if rule.asks_for_name() {
        let why = "a name in TLS cannot be inspected from outside: this rule needs mode = terminate";
        problems.add(section.span_of("mode"), why);
    }
}

/// The addresses that a rule names have to be ones that a flow can have.
fn check_addresses(rule: &FlowRule, matcher: &Section<'_>, problems: &mut Collector<'_>) {
    let (servers, clients) = (version(&rule.networks), version(&rule.clients));
    let key = if rule.clients.is_empty() { "networks" } else { "clients" };
    let is_other = |named: Option<IpVersion>| rule.version.zip(named).filter(|(own, named)| own != named);
    let why = match (rule.protocol, servers, clients) {
        (Some(Protocol::EtherType(_)), ..) if !rule.networks.is_empty() || !rule.clients.is_empty() => {
            "frames without IP have no addresses".to_owned()
        }
        (_, Some(IpVersion::V4), Some(IpVersion::V6)) => "no flow has an IPv6 client and an IPv4 server".to_owned(),
        (_, Some(IpVersion::V6), Some(IpVersion::V4)) => "no flow has an IPv4 client and an IPv6 server".to_owned(),
        _ => match is_other(servers).or_else(|| is_other(clients)) {
            Some((own, named)) => format!("ether_type names {} and the addresses are of {}", own.name(), named.name()),
            None => return,
        },
    };
    problems.add(matcher.span_of(key), format!("{why}: this rule can never match"));
}

/// The version that all of these networks are of; nothing if they are of both, or none are named.
fn version(networks: &[Network]) -> Option<IpVersion> {
    let version = networks.first()?.version();
    networks.iter().all(|network| network.version() == version).then_some(version)
}

/// What `protocol` and `ether_type` name. The types of IP are not above it: they go with all that IP has.
fn protocol(matcher: &mut Section<'_>, problems: &mut Collector<'_>) -> (Option<Protocol>, Option<IpVersion>) {
    let named = matcher.integer("ether_type", 0x600..=0xffff, problems);
    let named = named.map(|(ether_type, span)| (u16::try_from(ether_type).unwrap_or_default(), span));
    let of_type = |ether_type| IP_TYPES.iter().find(|(known, _)| *known == ether_type).map(|(_, version)| *version);
    let version = named.as_ref().and_then(|(ether_type, _)| of_type(*ether_type));
    let ip = ip_protocol(matcher, version == Some(IpVersion::V4), problems);
    let Some((ether_type, span)) = named.filter(|_| version.is_none()) else { return (ip, version) };
    if TAG_TYPES.contains(&ether_type) {
        let why = "announces a VLAN tag, and frames are matched by what stands behind it";
        problems.add(span, format!("{ether_type:#x} {why}: use vlan, for example vlan = [7]"));
    } else if matcher.has("protocol") {
        let why = "frames without IP have no protocol of IP: this rule can never match";
        problems.add(matcher.span_of("protocol"), why);
    }
    (Some(Protocol::EtherType(ether_type)), None)
}

/// What `protocol` names, given whether the rule is of IPv4 alone.
fn ip_protocol(matcher: &mut Section<'_>, is_v4: bool, problems: &mut Collector<'_>) -> Option<Protocol> {
    if matches!(matcher.peek("protocol"), Some(DeValue::Integer(_))) {
        let (number, span) = matcher.integer("protocol", 0..=255, problems)?;
        let number = u8::try_from(number).ok()?;
        if EXTENSION_HEADERS.contains(&number) && !is_v4 {
            let why = "is an extension header of IPv6, where datagrams are matched by what stands behind it";
            problems.add(span, format!("{number} {why}: for IPv4 add ether_type = 0x0800"));
        }
        return Some(Protocol::Ip(number));
    }
    matcher.word("protocol", &PROTOCOLS, problems)
}

fn ports(matcher: &mut Section<'_>, problems: &mut Collector<'_>) -> Vec<u16> {
    let ports = matcher.integers("ports", 1..=65_535, problems);
    if ports.len() > PORT_COUNT_MAX {
        problems.add(matcher.span_of("ports"), format!("a rule names at most {PORT_COUNT_MAX} ports"));
    }
    ports.into_iter().filter_map(|port| u16::try_from(port).ok()).collect()
}

fn vlans(matcher: &mut Section<'_>, problems: &mut Collector<'_>) -> Vec<u16> {
    matcher.integers("vlan", 1..=4094, problems).into_iter().filter_map(|id| u16::try_from(id).ok()).collect()
}

fn networks(matcher: &mut Section<'_>, key: &str, problems: &mut Collector<'_>) -> Vec<Network> {
    let texts = matcher.texts(key, problems);
    let parse = |(text, span): (String, Range<usize>)| match text.parse() {
        Ok(network) => Some(network),
        Err(error) => {
            let error: crate::network::NetworkError = error;
            problems.add(span, format!("\"{text}\" {error}"));
            None
        }
    };
    texts.into_iter().filter_map(parse).collect()
}

fn names(matcher: &mut Section<'_>, problems: &mut Collector<'_>) -> Vec<String> {
    let texts = matcher.text_or_texts("sni", problems);
    let check = |(text, span): (String, Range<usize>)| {
        if text.starts_with('@') {
            if !SHIPPED_LISTS.contains(&text.as_str()) {
                problems.add(span, format!("there is no list \"{text}\"; known are {}", SHIPPED_LISTS.join(", ")));
            }
        } else if !is_pattern(&text) {
            let message = "is no name in TLS; write api.example.org, *.example.org for all below it, or * for any";
            problems.add(span, format!("\"{text}\" {message}"));
        }
        text
    };
    texts.into_iter().map(check).collect()
}

/// What becomes of a hidden name: only flows that are forwarded by their name leave the choice.
fn ech(section: &mut Section<'_>, mode: Option<Mode>, problems: &mut Collector<'_>) -> Ech {
    let words = [("intercept", Ech::Intercept), ("block", Ech::Block), ("bypass", Ech::Bypass)];
    let ech = section.word("ech", &words, problems);
    let has_names = section.peek("match").and_then(DeValue::as_table).is_some_and(|table| table.contains_key("sni"));
    if ech.is_some() && mode.is_some() && (mode != Some(Mode::Forward) || !has_names) {
        problems.add(section.span_of("ech"), "ech goes with mode = \"forward\" and a match by sni only");
    }
    ech.unwrap_or_default()
}

/// How much of a message is held until its verdict follows from the mode; what is written is held
/// to it.
fn check_hold(section: &mut Section<'_>, mode: Option<Mode>, problems: &mut Collector<'_>) {
    let words = [("message", Mode::Terminate), ("prefix", Mode::Inspect)];
    let held_in = section.word("hold", &words, problems);
    let why = match (held_in, mode) {
        (Some(Mode::Terminate), Some(Mode::Inspect)) => {
            "inspect cannot hold whole messages: this rule needs mode = terminate"
        }
        (Some(Mode::Inspect), Some(Mode::Terminate)) => "terminate holds whole messages: hold is \"message\" there",
        (Some(_), Some(Mode::Forward | Mode::Block)) => "hold goes with mode = \"inspect\" or \"terminate\" only",
        _ => return,
    };
    problems.add(section.span_of("hold"), why);
}

fn apps(matcher: &mut Section<'_>, problems: &mut Collector<'_>) -> Vec<App> {
    let texts = matcher.texts("app", problems);
    let parse = |(text, span): (String, Range<usize>)| {
        let app = App::NAMED.into_iter().find(|app| app.name() == text);
        if app.is_none() {
            problems.add(span, format!("\"{text}\" is no app; known are http1, http2, tls"));
        }
        app
    };
    texts.into_iter().filter_map(parse).collect()
}
