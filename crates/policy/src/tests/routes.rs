//! Which flows go which way.

use crate::{App, FlowFacts, Leave, Limits, Mode, Policy, Protocol, Route};
use core::net::IpAddr;

fn policy(flows: &[(&str, &str)], default: &str) -> Policy {
    let mut text = format!("version = \"1\"\n[default]\nmode = \"{default}\"\n");
    for (number, (matcher, mode)) in flows.iter().enumerate() {
        text += &format!("[[flow]]\nname = \"flow-{number}\"\nmatch = {{ {matcher} }}\nmode = \"{mode}\"\n");
    }
    Policy::parse(&text, &Limits::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn facts(protocol: Protocol, client: &str, server: &str, port: u16) -> FlowFacts {
    let address = |text: &str| -> Option<IpAddr> { text.parse().ok() };
    FlowFacts { protocol, client: address(client), server: address(server), port, vlan: [0, 0] }
}

fn to(port: u16) -> FlowFacts {
    facts(Protocol::TCP, "10.1.0.1", "192.0.2.1", port)
}

#[test]
fn the_first_flow_rule_that_matches_wins_even_if_a_later_one_is_stricter() {
    let policy = policy(
        &[("ports = [80]", "forward"), ("ports = [80, 81]", "block"), ("protocol = \"tcp\"", "inspect")],
        "block",
    );
    assert_eq!(policy.route(&to(80)), Route::Mode(Mode::Forward));
    assert_eq!(policy.route(&to(81)), Route::Mode(Mode::Block));
    assert_eq!(policy.route(&to(82)), Route::Mode(Mode::Inspect));
}

#[test]
fn what_no_rule_names_goes_the_default_way() {
    assert_eq!(policy(&[("ports = [80]", "inspect")], "block").route(&to(81)), Route::Mode(Mode::Block));
    assert_eq!(policy(&[("ports = [80]", "inspect")], "forward").route(&to(81)), Route::Mode(Mode::Forward));
}

#[test]
fn an_empty_match_matches_everything() {
    let policy = policy(&[("", "forward")], "block");
    assert_eq!(policy.route(&to(1)), Route::Mode(Mode::Forward));
    let arp = FlowFacts { protocol: Protocol::EtherType(0x88cc), client: None, server: None, port: 0, vlan: [0, 0] };
    assert_eq!(policy.leave(&arp), Leave::Free);
}

#[test]
fn ports_are_those_of_tcp_and_udp_alone() {
    let policy = policy(&[("ports = [53]", "forward")], "block");
    assert_eq!(policy.leave(&facts(Protocol::UDP, "10.1.0.1", "192.0.2.1", 53)), Leave::Free);
    assert_eq!(policy.route(&to(53)), Route::Mode(Mode::Forward));
    assert_eq!(policy.leave(&facts(Protocol::Ip(47), "10.1.0.1", "192.0.2.1", 53)), Leave::Essential);
}

#[test]
fn protocols_are_matched_by_name_number_and_ethernet_type() {
    let policy = policy(
        &[("protocol = \"gre\"", "forward"), ("protocol = 132", "forward"), ("ether_type = 0x88cc", "forward")],
        "block",
    );
    let leave = |protocol| policy.leave(&facts(protocol, "10.1.0.1", "192.0.2.1", 0));
    assert_eq!(leave(Protocol::Ip(47)), Leave::Free);
    assert_eq!(leave(Protocol::Ip(132)), Leave::Free);
    assert_eq!(leave(Protocol::EtherType(0x88cc)), Leave::Free);
    assert_eq!(leave(Protocol::EtherType(0x88cd)), Leave::Essential);
    assert_eq!(policy.route(&to(0)), Route::Mode(Mode::Block));
}

#[test]
fn networks_are_the_servers_and_clients_the_clients() {
    let policy = policy(
        &[("networks = [\"192.0.2.0/24\", \"fd00::/8\"], clients = [\"10.1.0.0/16\", \"fd01::/16\"]", "inspect")],
        "block",
    );
    let route = |client, server| policy.route(&facts(Protocol::TCP, client, server, 80));
    assert_eq!(route("10.1.9.9", "192.0.2.200"), Route::Mode(Mode::Inspect));
    assert_eq!(route("fd01::1", "fdff::1"), Route::Mode(Mode::Inspect));
    assert_eq!(route("10.2.9.9", "192.0.2.200"), Route::Mode(Mode::Block), "another client");
    assert_eq!(route("10.1.9.9", "192.0.3.1"), Route::Mode(Mode::Block), "another server");
    assert_eq!(route("192.0.2.200", "10.1.9.9"), Route::Mode(Mode::Block), "the other way round");
    assert_eq!(route("none", "192.0.2.1"), Route::Mode(Mode::Block), "no address matches no network");
}

#[test]
fn either_vlan_tag_matches_and_no_tag_matches_none() {
    let policy = policy(&[("vlan = [7]", "inspect")], "block");
    let route = |vlan| policy.route(&FlowFacts { vlan, ..to(80) });
    assert_eq!(route([7, 0]), Route::Mode(Mode::Inspect));
    assert_eq!(route([100, 7]), Route::Mode(Mode::Inspect));
    assert_eq!(route([0, 0]), Route::Mode(Mode::Block));
    assert_eq!(route([8, 0]), Route::Mode(Mode::Block));
}

#[test]
fn a_rule_by_app_waits_for_the_first_bytes() {
    let policy = policy(
        &[("app = [\"http1\"]", "inspect"), ("ports = [443], app = [\"tls\"]", "forward"), ("ports = [22]", "forward")],
        "block",
    );
    assert_eq!(policy.route(&to(443)), Route::FirstBytes);
    assert_eq!(policy.mode_of_app(&to(443), App::Http1), Mode::Inspect);
    assert_eq!(policy.mode_of_app(&to(443), App::Tls), Mode::Forward);
    assert_eq!(policy.mode_of_app(&to(443), App::Http2), Mode::Block);
    assert_eq!(policy.mode_of_app(&to(80), App::Tls), Mode::Block);
    assert_eq!(policy.mode_of_app(&to(22), App::Unknown), Mode::Forward);
    assert_eq!(policy.mode_of_app(&to(22), App::Http1), Mode::Inspect, "the first rule knows better");
    assert_eq!(policy.leave(&facts(Protocol::UDP, "10.1.0.1", "192.0.2.1", 22)), Leave::Free);
}

#[test]
fn an_unconditional_rule_in_front_leaves_no_question_open() {
    let policy = policy(&[("ports = [80]", "inspect"), ("app = [\"tls\"]", "forward")], "block");
    assert_eq!(policy.route(&to(80)), Route::Mode(Mode::Inspect));
    assert_eq!(policy.route(&to(443)), Route::FirstBytes);
    assert_eq!(policy.mode_of_app(&to(443), App::Unknown), Mode::Block);
}

/// What is no TCP: datagrams of UDP and ICMP, a frame without IP.
fn others() -> [FlowFacts; 3] {
    let [udp, icmp] = [Protocol::UDP, Protocol::Ip(1)].map(|it| facts(it, "10.1.0.1", "192.0.2.1", 53));
    let arp = FlowFacts { protocol: Protocol::EtherType(0x0806), client: None, server: None, port: 0, vlan: [7, 0] };
    [FlowFacts { vlan: [7, 0], ..udp }, FlowFacts { port: 0, vlan: [7, 0], ..icmp }, arp]
}

#[test]
fn what_a_rule_names_is_decided_before_anything_is_essential() {
    for (matchers, named) in [
        (["protocol = \"udp\"", "ports = [53]", "networks = [\"192.0.2.0/24\"]"], 0),
        (["protocol = \"icmp\"", "protocol = 1", "clients = [\"10.1.0.1\"]"], 1),
        (["ether_type = 0x0806", "ether_type = 2054, vlan = [7]", "vlan = [7]"], 2),
    ] {
        for (matcher, default) in matchers.into_iter().flat_map(|it| [(it, "block"), (it, "forward")]) {
            let facts = others()[named];
            let leave = |mode| policy(&[(matcher, mode), ("", "inspect")], default).leave(&facts);
            assert_eq!(leave("block"), Leave::Barred, "{matcher}");
            assert_eq!(leave("forward"), Leave::Free, "{matcher}");
        }
    }
    for facts in others() {
        assert_eq!(policy(&[("ports = [80]", "block")], "block").leave(&facts), Leave::Essential);
        assert_eq!(policy(&[("ports = [80]", "block")], "forward").leave(&facts), Leave::Free);
    }
}

#[test]
fn a_rule_that_reads_tcp_lets_nothing_else_pass_and_takes_nothing_away() {
    let everything = ["", "vlan = [7]", "vlan = [7, 8]"];
    for (matcher, mode) in everything.into_iter().flat_map(|it| [(it, "inspect"), (it, "terminate")]) {
        for facts in others() {
            for default in ["block", "forward"] {
                let alone = policy(&[(matcher, mode)], default);
                assert_eq!(alone.leave(&facts), Leave::Essential, "{matcher} {mode} {default}");
                let opened = policy(&[(matcher, mode), ("", "forward")], default);
                assert_eq!(opened.leave(&facts), Leave::Essential, "the first one wins: {matcher} {mode} {default}");
                let barred = policy(&[(matcher, mode), ("", "block")], default);
                assert_eq!(barred.leave(&facts), Leave::Barred, "it says nothing of this: {matcher} {mode} {default}");
            }
        }
    }
}

#[test]
fn the_types_of_ip_match_its_datagrams_of_that_version() {
    for (ether_type, own, other) in [("0x0800", "10.1.0.1", "fd00::1"), ("0x86dd", "fd00::1", "10.1.0.1")] {
        let matcher = format!("ether_type = {ether_type}");
        let policy = policy(&[(&matcher, "block")], "forward");
        let tcp = |address| policy.route(&facts(Protocol::TCP, address, address, 22));
        assert_eq!(tcp(own), Route::Mode(Mode::Block));
        assert_eq!(tcp(other), Route::Mode(Mode::Forward));
        for protocol in [Protocol::UDP, Protocol::Ip(1), Protocol::Ip(58), Protocol::Ip(47)] {
            assert_eq!(policy.leave(&facts(protocol, own, own, 53)), Leave::Barred);
            assert_eq!(policy.leave(&facts(protocol, other, other, 53)), Leave::Free);
        }
        assert_eq!(policy.leave(&others()[2]), Leave::Free, "it is neither");
    }
    let hop_by_hop = policy(&[("ether_type = 0x0800, protocol = 0", "block")], "forward");
    assert_eq!(hop_by_hop.leave(&facts(Protocol::Ip(0), "10.1.0.1", "10.1.0.2", 0)), Leave::Barred);
    let policy = policy(&[("ether_type = 0x86dd, protocol = \"tcp\", ports = [80]", "inspect")], "block");
    assert_eq!(policy.route(&facts(Protocol::TCP, "fd00::1", "fd00::2", 80)), Route::Mode(Mode::Inspect));
    assert_eq!(policy.route(&to(80)), Route::Mode(Mode::Block));
}

#[test]
fn dhcp_dns_and_ntp_are_essential_only_between_their_ports() {
    let essentials =
        *Policy::parse("version = \"1\"\n[essentials]\nntp = false\n", &Limits::default()).unwrap().essentials();
    assert!(essentials.allows_udp(40_000, 53) && essentials.allows_udp(68, 67) && essentials.allows_udp(546, 547));
    assert!(!essentials.allows_udp(40_000, 123), "switched off");
    assert!(
        !essentials.allows_udp(40_000, 67) && !essentials.allows_udp(53, 40_000) && !essentials.allows_udp(40_000, 443)
    );
}
