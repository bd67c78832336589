//! Which flows with TLS go which way.

use crate::ServerName;
use crate::{App, FlowFacts, Leave, Limits, Mode, ObservedAddresses, Opening, Policy, Protocol, Reason, Route, Ruling};
use core::time::Duration;
use proptest::prelude::*;

fn policy(flows: &[(&str, &str)], default: &str) -> Policy {
    let mut text = format!("version = \"1\"\n[default]\nmode = \"{default}\"\n");
    for (number, (matcher, mode)) in flows.iter().enumerate() {
        text += &format!("[[flow]]\nname = \"flow-{number}\"\nmatch = {{ {matcher} }}\nmode = {mode}\n");
    }
    Policy::parse(&text, &Limits::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn to(protocol: Protocol, port: u16) -> FlowFacts {
    let address = |text: &str| text.parse().ok();
    FlowFacts { protocol, client: address("10.1.0.1"), server: address("192.0.2.1"), port, vlan: [0, 0] }
}

fn tcp(port: u16) -> FlowFacts {
    to(Protocol::TCP, port)
}

fn name(text: &str) -> ServerName {
    ServerName::try_from(text).unwrap()
}

/// The ruling over a ClientHello to port 443 with this name.
fn hello(policy: &Policy, text: &str) -> Ruling {
    policy.ruling(&tcp(443), &Opening::tls(Some(&name(text)), false))
}

/// The same with the extension for an encrypted ClientHello.
fn hidden(policy: &Policy, text: &str) -> Ruling {
    policy.ruling(&tcp(443), &Opening::tls(Some(&name(text)), true))
}

/// Models are terminated, a bank is passed by, a third name is blocked; others by the last rule.
const NAMED: [(&str, &str); 3] = [
    ("protocol = \"tcp\", ports = [443], sni = [\"@ai\", \"*.llm.example\"]", "\"terminate\""),
    ("protocol = \"tcp\", ports = [443], sni = [\"bank.example\"]", "\"forward\""),
    ("protocol = \"tcp\", ports = [443], sni = [\"*.bad.example\"]", "\"block\""),
];

#[test]
fn the_first_rule_with_the_name_wins_and_an_unlisted_name_goes_the_default_way() {
    for (default, unlisted) in [("block", Ruling::Block(Reason::PolicyBlocked)), ("forward", Ruling::Forward)] {
        let policy = policy(&NAMED, default);
        assert_eq!(policy.route(&tcp(443)), Route::Hello);
        assert_eq!(hello(&policy, "API.openai.com"), Ruling::Terminate);
        assert_eq!(hello(&policy, "eu.llm.example"), Ruling::Terminate);
        assert_eq!(hello(&policy, "bank.example"), Ruling::Forward);
        assert_eq!(hello(&policy, "very.bad.example"), Ruling::Block(Reason::PolicyBlocked));
        assert_eq!(hello(&policy, "llm.example"), unlisted);
        assert_eq!(hello(&policy, "api.openai.com.evil.example"), unlisted);
        let api = name("api.openai.com");
        assert_eq!(policy.mode_of_name(&tcp(443), App::Tls, Some(&api)), Mode::Terminate);
        assert_eq!(policy.mode_of_name(&tcp(443), App::Tls, None), Mode::Block);
    }
}

#[test]
fn an_earlier_name_wins_over_a_later_star_and_a_later_one_does_not() {
    let star = ("ports = [443], sni = \"*\"", "\"forward\"");
    assert_eq!(hello(&policy(&[NAMED[0], star], "block"), "api.openai.com"), Ruling::Terminate);
    assert_eq!(hello(&policy(&[NAMED[0], star], "block"), "other.example"), Ruling::Forward);
    assert_eq!(hello(&policy(&[star, NAMED[0]], "block"), "api.openai.com"), Ruling::Forward);
}

#[test]
fn on_a_port_with_names_what_is_no_tls_or_has_no_name_is_blocked_whatever_else_is_said() {
    let before = ("app = [\"http1\"]", "\"inspect\"");
    let nameless = ("app = [\"tls\"]", "\"terminate\"");
    let behind = ("ports = [443]", "\"forward\"");
    for rules in [&[NAMED[0]][..], &[before, NAMED[1]], &[nameless, NAMED[0]], &[NAMED[2], behind]] {
        for default in ["block", "forward"] {
            let policy = policy(rules, default);
            assert_eq!(policy.route(&tcp(443)), Route::Hello);
            for app in [App::Http1, App::Http2, App::Unknown] {
                let ruling = policy.ruling(&tcp(443), &Opening::of(app));
                assert_eq!(ruling, Ruling::Block(Reason::TlsRequired), "{rules:?} {app:?}");
            }
            for has_ech in [false, true] {
                let ruling = policy.ruling(&tcp(443), &Opening::tls(None, has_ech));
                assert_eq!(ruling, Ruling::Block(Reason::SniMissing), "{rules:?}");
            }
        }
    }
}

#[test]
fn names_of_other_ports_networks_and_clients_do_not_count() {
    let rules = [
        ("ports = [8443], sni = \"*\"", "\"terminate\""),
        ("networks = [\"198.51.100.0/24\"], sni = \"*\"", "\"terminate\""),
        ("clients = [\"10.2.0.0/16\"], sni = \"*\"", "\"terminate\""),
        ("vlan = [7], sni = \"*\"", "\"terminate\""),
        ("app = [\"http1\"]", "\"inspect\""),
    ];
    let policy = policy(&rules, "block");
    assert_eq!(policy.route(&tcp(443)), Route::FirstBytes);
    assert_eq!(policy.mode_of_app(&tcp(443), App::Http1), Mode::Inspect);
    assert_eq!(policy.route(&FlowFacts { vlan: [7, 0], ..tcp(443) }), Route::Hello);
    let elsewhere = FlowFacts { server: "198.51.100.1".parse().ok(), ..tcp(443) };
    assert_eq!(policy.route(&elsewhere), Route::Hello);
}

#[test]
fn a_rule_without_conditions_in_front_excludes_its_flows_from_names() {
    let printers = ("ports = [443], clients = [\"10.1.0.0/24\"]", "\"forward\"");
    let policy = policy(&[printers, NAMED[0]], "block");
    assert_eq!(policy.route(&tcp(443)), Route::Mode(Mode::Forward));
    assert_eq!(policy.route(&FlowFacts { client: "10.1.1.1".parse().ok(), ..tcp(443) }), Route::Hello);
}

#[test]
fn a_rule_that_terminates_without_names_is_certain_and_opens_tls_too() {
    let policy = policy(&[("protocol = \"tcp\", ports = [8000]", "\"terminate\"")], "block");
    assert_eq!(policy.route(&tcp(8000)), Route::Mode(Mode::Terminate));
    let rule = |opening: &Opening<'_>| policy.ruling(&tcp(8000), opening);
    assert_eq!(rule(&Opening::of(App::Http1)), Ruling::Terminate);
    assert_eq!(rule(&Opening::tls(Some(&name("llm.example")), true)), Ruling::Terminate);
    assert_eq!(rule(&Opening::tls(None, false)), Ruling::Block(Reason::SniMissing));
    assert_eq!(rule(&Opening::of(App::Unknown)), Ruling::Block(Reason::ProtocolUnknown));
}

#[test]
fn a_rule_that_terminates_tls_by_its_first_bytes_needs_the_hello() {
    let http = ("app = [\"http1\"]", "\"inspect\"");
    let policy = policy(&[http, ("app = [\"tls\"]", "\"terminate\"")], "block");
    assert_eq!(policy.route(&tcp(443)), Route::Hello);
    assert_eq!(hello(&policy, "any.example"), Ruling::Terminate);
    let plain = policy.ruling(&tcp(443), &Opening::of(App::Http1));
    assert_eq!(plain, Ruling::Terminate, "the flow is terminated already, which keeps more than inspect would");
    assert_eq!(policy.ruling(&tcp(443), &Opening::of(App::Unknown)), Ruling::Block(Reason::PolicyBlocked));
}

#[test]
fn tls_by_an_unlisted_name_is_never_read_from_outside() {
    let policy = policy(&[NAMED[0], ("ports = [443]", "\"inspect\"")], "block");
    assert_eq!(hello(&policy, "other.example"), Ruling::Block(Reason::ProtocolUnknown));
}

#[test]
fn what_may_be_hidden_under_a_forwarded_name_follows_ech() {
    let rules = |ech: &str| {
        [NAMED[0], ("ports = [443], sni = \"*\"", ech)].map(|(matcher, mode)| (matcher.to_owned(), mode.to_owned()))
    };
    for (mode, expected) in [
        ("\"forward\"", Ruling::Terminate),
        ("\"forward\"\nech = \"intercept\"", Ruling::Terminate),
        ("\"forward\"\nech = \"block\"", Ruling::Block(Reason::EchBlocked)),
        ("\"forward\"\nech = \"bypass\"", Ruling::Forward),
    ] {
        let owned = rules(mode);
        let rules: Vec<(&str, &str)> = owned.iter().map(|(one, two)| (one.as_str(), two.as_str())).collect();
        let policy = policy(&rules, "block");
        assert_eq!(hidden(&policy, "other.example"), expected, "{mode}");
        assert_eq!(hello(&policy, "other.example"), Ruling::Forward, "{mode}");
        assert_eq!(hidden(&policy, "api.openai.com"), Ruling::Terminate, "the name that shows is terminated anyway");
    }
    assert_eq!(hidden(&policy(&NAMED, "forward"), "other.example"), Ruling::Terminate, "by default, too");
}

#[test]
fn public_names_of_encrypted_hellos_are_blocked_unless_they_are_written_out() {
    for mode in ["\"forward\"\nech = \"bypass\"", "\"terminate\""] {
        let star = policy(&[("ports = [443], sni = \"*\"", mode)], "block");
        for ruling in [hello(&star, "cloudflare-ech.com"), hidden(&star, "Cloudflare-ECH.com")] {
            assert_eq!(ruling, Ruling::Block(Reason::EchBlocked));
        }
    }
    let written = policy(&[("ports = [443], sni = \"cloudflare-ech.com\"", "\"terminate\"")], "block");
    assert_eq!(hidden(&written, "cloudflare-ech.com"), Ruling::Terminate);
}

#[test]
fn udp_to_flows_whose_tls_is_read_passes_only_if_a_rule_says_so_of_udp() {
    let udp = |policy: &Policy, port| policy.leave(&to(Protocol::UDP, port));
    let (forward, block) = (Leave::Free, Leave::Essential);
    let any = ("", "\"forward\"");
    let ports = ("ports = [443]", "\"forward\"");
    let meant = ("protocol = \"udp\", ports = [443]", "\"forward\"");
    assert_eq!(udp(&policy(&NAMED, "forward"), 443), block);
    assert_eq!(udp(&policy(&NAMED, "forward"), 444), forward, "no rule reads TCP there");
    assert_eq!(udp(&policy(&[NAMED[0], any], "block"), 443), block, "a rule of everything does not mean QUIC");
    assert_eq!(udp(&policy(&[NAMED[0], ports], "block"), 443), block);
    assert_eq!(udp(&policy(&[NAMED[0], meant], "block"), 443), forward);
    assert_eq!(udp(&policy(&[meant, NAMED[0]], "block"), 443), forward);
    assert_eq!(udp(&policy(&[ports, NAMED[0]], "block"), 443), forward, "nothing is read in TCP either");
    let portless = policy(&[("sni = \"@ai\"", "\"terminate\"")], "forward");
    assert_eq!(udp(&portless, 443), block);
    assert_eq!(udp(&portless, 53), forward, "a rule without ports means QUIC's, not all of UDP");
    let other_network = policy(&[("networks = [\"198.51.100.0/24\"], ports = [443]", "\"terminate\"")], "forward");
    assert_eq!(udp(&other_network, 443), forward);
    let plain = policy(&[("protocol = \"tcp\", ports = [443]", "\"inspect\"")], "forward");
    assert_eq!(udp(&plain, 443), forward, "inspected flows are not TLS");
}

#[test]
fn a_policy_that_may_terminate_says_so() {
    for (matcher, mode, terminates) in [
        ("ports = [8000]", "\"terminate\"", true),
        ("app = [\"tls\"]", "\"terminate\"", true),
        ("sni = \"*\"", "\"forward\"", true),
        ("sni = \"*\"", "\"block\"", true),
        ("app = [\"tls\"]", "\"forward\"", false),
        ("app = [\"http1\"]", "\"inspect\"", false),
        ("", "\"block\"", false),
    ] {
        assert_eq!(policy(&[(matcher, mode)], "block").terminates(), terminates, "{matcher} {mode}");
    }
}

#[test]
fn a_forwarded_name_must_not_lead_to_where_a_protected_one_was_seen() {
    let now = Duration::from_secs(1);
    let facts = tcp(443);
    let server = facts.server.unwrap();
    let mut observed = ObservedAddresses::new();
    let policy = policy(&NAMED, "block");
    let bank = name("bank.example");
    assert_eq!(policy.forwards(&facts, &bank, &observed, now), Ok(()));
    observed.insert(server, &name("api.openai.com"), now);
    assert_eq!(policy.forwards(&facts, &bank, &observed, now), Err(Reason::ForwardedNameProtected));
    let elsewhere = FlowFacts { server: "192.0.2.2".parse().ok(), ..facts };
    assert_eq!(policy.forwards(&elsewhere, &bank, &observed, now), Ok(()));
    observed.insert(server, &bank, now);
    assert_eq!(policy.forwards(&facts, &bank, &observed, now), Ok(()), "it is the name that was seen");
    observed.insert(server, &name("other.example"), now);
    assert_eq!(policy.forwards(&facts, &bank, &observed, now), Ok(()), "no rule of this policy terminates that name");
}

#[test]
fn hosts_of_the_shipped_list_have_providers_and_the_operators_own_come_first() {
    let text = "version = \"1\"\n[providers]\nanthropic = [\"proxy.openai.azure.com\"]\n";
    let policy = Policy::parse(text, &Limits::default()).unwrap();
    let label = |host: &str| policy.provider_of_host(host).map(|provider| provider.label);
    assert_eq!(label("us-east4-aiplatform.googleapis.com"), Some("gemini"));
    assert_eq!(label("team.OpenAI.azure.com"), Some("azure"));
    assert_eq!(label("proxy.openai.azure.com"), Some("anthropic"));
    assert_eq!(label("www.example.org"), None);
}

/// What one rule of a small policy asks for.
#[derive(Clone, Copy, Debug)]
struct Small {
    ports: bool,
    app: Option<App>,
    sni: Option<&'static str>,
    mode: Mode,
}

fn small() -> impl Strategy<Value = Small> {
    let app = prop::option::of(prop::sample::select(&App::NAMED[..]));
    let sni = prop::option::of(prop::sample::select(&["a.example", "*.example", "*"][..]));
    let mode = prop::sample::select(&Mode::ALL[..]);
    (any::<bool>(), app, sni, mode).prop_map(|(ports, app, sni, mode)| Small { ports, app, sni, mode })
}

fn built(rules: &[Small], default: Mode) -> Option<Policy> {
    let mut text = format!("version = \"1\"\n[default]\nmode = \"{}\"\n", default.name());
    for (number, rule) in rules.iter().enumerate() {
        let mut matcher = vec!["protocol = \"tcp\"".to_owned()];
        matcher.extend(rule.ports.then(|| "ports = [443]".to_owned()));
        matcher.extend(rule.app.map(|app| format!("app = [\"{}\"]", app.name())));
        matcher.extend(rule.sni.map(|sni| format!("sni = \"{sni}\"")));
        let (matcher, mode) = (matcher.join(", "), rule.mode.name());
        text += &format!("[[flow]]\nname = \"{number}\"\nmatch = {{ {matcher} }}\nmode = \"{mode}\"\n");
    }
    Policy::parse(&text, &Limits::default()).ok()
}

/// The same decision told from the rules' text, one rule after the other.
fn told(rules: &[Small], default: Mode, app: App, shown: Option<&str>) -> Ruling {
    let end = rules.iter().position(|rule| rule.app.is_none() && rule.sni.is_none());
    let possible = end.map_or(rules, |end| &rules[..=end]);
    let is_named = |sni| {
        matches!(
            (sni, shown),
            ("*", Some(_)) | ("*.example", Some("a.example" | "b.example")) | ("a.example", Some("a.example"))
        )
    };
    if possible.iter().any(|rule| rule.sni.is_some()) {
        match (app, shown) {
            (App::Tls, Some(_)) => {}
            (App::Tls, None) => return Ruling::Block(Reason::SniMissing),
            _ => return Ruling::Block(Reason::TlsRequired),
        }
    }
    let first = possible.iter().find(|rule| rule.app.is_none_or(|own| own == app) && rule.sni.is_none_or(is_named));
    match (first.map_or(default, |rule| rule.mode), app, shown) {
        (Mode::Block, ..) => Ruling::Block(Reason::PolicyBlocked),
        (Mode::Forward, ..) => Ruling::Forward,
        (Mode::Inspect, App::Tls, _) => Ruling::Block(Reason::ProtocolUnknown),
        (_, App::Unknown, _) => Ruling::Block(Reason::ProtocolUnknown),
        (_, App::Tls, None) => Ruling::Block(Reason::SniMissing),
        _ => Ruling::Terminate,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_ruling_is_the_one_that_the_rules_tell(
        rules in prop::collection::vec(small(), 0..4),
        default in prop::sample::select(vec![Mode::Block, Mode::Forward]),
    ) {
        let Some(policy) = built(&rules, default) else { return Ok(()) };
        let (a, b, c) = (name("a.example"), name("b.example"), name("c.test"));
        let mut openings: Vec<(Opening<'_>, App, Option<&str>)> = [App::Http1, App::Http2, App::Unknown]
            .map(|app| (Opening::of(app), app, None)).to_vec();
        for shown in [None, Some(&a), Some(&b), Some(&c)] {
            openings.push((Opening::tls(shown, false), App::Tls, shown.map(ServerName::as_str)));
        }
        for (opening, app, shown) in openings {
            let ruling = policy.ruling(&tcp(443), &opening);
            prop_assert_eq!(ruling, told(&rules, default, app, shown), "{:?} {:?}", rules, opening);
            // What the route promised of the first packet is kept.
            match policy.route(&tcp(443)) {
                Route::Mode(Mode::Terminate) => prop_assert!(policy.terminates() && ruling != Ruling::Forward),
                Route::Mode(mode) => prop_assert_eq!(policy.mode_of_app(&tcp(443), app), mode),
                Route::FirstBytes => prop_assert!(policy.mode_of_app(&tcp(443), app) != Mode::Terminate),
                Route::Hello => prop_assert!(policy.terminates()),
            }
        }
    }
}
