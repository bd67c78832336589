//! The file and its problems.

use crate::{App, FlowFacts, Leave, Limits, Mode, Policy, Protocol, Route, ServerName};
use proptest::prelude::*;

/// `line:column: message` of every problem.
fn problems(text: &str) -> Vec<String> {
    let problems = Policy::parse(text, &Limits::default()).unwrap_err();
    problems.list().iter().map(ToString::to_string).collect()
}

/// The policy of the operating manual's example.
const EXAMPLE: &str = r#"
version = "lab-1"

[default]
mode = "block"

[[flow]]
name = "plain-llm"
match = { protocol = "tcp", ports = [80, 8000, 8080, 11434] }
mode = "inspect"

[[flow]]
name = "tls-llm"
match = { protocol = "tcp", ports = [443], sni = ["api.openai.com", "*.anthropic.com"] }
mode = "terminate"

[[flow]]
name = "tls-other"
match = { protocol = "tcp", ports = [443], sni = ["*"] }
mode = "forward"

[[flow]]
name = "quic"
match = { protocol = "udp", ports = [443] }
mode = "block"

[[rule]]
name = "secrets"
detect = ["SECRET", "US_SSN", "CREDIT_CARD"]
direction = "request"
action = "block"

[[rule]]
name = "contacts"
detect = ["EMAIL_ADDRESS", "PHONE_NUMBER"]
direction = "both"
action = "redact"
redact = "label"

[[rule]]
name = "our-words"
detect = ["KEYWORD:watch-me"]
action = "block"

[keywords]
watch-me = ["Project Watch Me", "config.rust"]
"#;

#[test]
fn the_manuals_example_loads() {
    let policy = Policy::parse(EXAMPLE, &Limits::default()).unwrap();
    assert_eq!(policy.version(), "lab-1");
    assert_eq!(policy.default_mode(), Mode::Block);
    assert_eq!(
        policy.flows().iter().map(|flow| flow.name.as_str()).collect::<Vec<_>>(),
        ["plain-llm", "tls-llm", "tls-other", "quic"]
    );
    assert_eq!(
        policy.rules().iter().map(|rule| rule.name.as_str()).collect::<Vec<_>>(),
        ["secrets", "contacts", "our-words"]
    );
    assert!(policy.reads_responses());
    assert!(!policy.is_unprotected() && !policy.is_transparent() && policy.terminates());
    let mode = |name: &str| {
        let facts = FlowFacts { protocol: Protocol::TCP, client: None, server: None, port: 443, vlan: [0, 0] };
        policy.mode_of_name(&facts, App::Tls, Some(&ServerName::try_from(name).unwrap()))
    };
    assert_eq!(mode("api.openai.com"), Mode::Terminate);
    assert_eq!(mode("api.anthropic.com"), Mode::Terminate);
    assert_eq!(mode("anthropic.com"), Mode::Forward);
}

#[test]
fn the_shipped_policy_loads_and_protects() {
    let policy = Policy::parse(include_str!("../../../../etc/policy.toml"), &Limits::default()).unwrap();
    assert!(!policy.is_unprotected());
    assert!(!policy.is_transparent());
    assert!(!policy.reads_responses(), "answers pass compressed as long as no shipped rule reads them");
    assert!(policy.flows().iter().all(|flow| flow.mode != Mode::Forward), "nothing is forwarded unread as shipped");
}

#[test]
fn the_shipped_example_for_tls_does_what_it_says() {
    let shipped = include_str!("../../../../etc/policy.toml");
    let opened = |line: &str| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line).to_owned();
    let text = shipped.lines().map(opened).collect::<Vec<_>>().join("\n");
    let policy = Policy::parse(&text, &Limits::default()).unwrap_or_else(|problems| panic!("{problems}"));
    let names: Vec<&str> = policy.flows().iter().map(|flow| flow.name.as_str()).collect();
    assert_eq!(names, ["plain-http", "tls-llm", "tls-other", "quic"]);
    assert!(policy.terminates() && policy.notes().is_empty() && !policy.is_unprotected());
    let facts = |protocol, port| FlowFacts { protocol, client: None, server: None, port, vlan: [0, 0] };
    let tls = facts(Protocol::TCP, 443);
    let mode = |name: &str| policy.mode_of_name(&tls, App::Tls, Some(&ServerName::try_from(name).unwrap()));
    assert_eq!(policy.route(&tls), Route::Hello);
    assert_eq!(mode("api.openai.com"), Mode::Terminate);
    assert_eq!(mode("www.example.org"), Mode::Forward);
    assert_eq!(policy.leave(&facts(Protocol::UDP, 443)), Leave::Barred);
    assert_eq!(policy.route(&facts(Protocol::TCP, 80)), Route::FirstBytes, "plain text is read as before");
}

#[test]
fn the_least_policy_is_a_version_and_blocks() {
    let policy = Policy::parse("version = \"1\"", &Limits::default()).unwrap();
    assert_eq!(policy.default_mode(), Mode::Block);
    assert!(policy.essentials().arp && policy.essentials().dns);
    assert!(!policy.reads_responses());
}

#[test]
fn a_forwarding_default_says_that_it_does_not_protect() {
    let policy = Policy::parse("version = \"1\"\n[default]\nmode = \"forward\"\n", &Limits::default()).unwrap();
    assert!(policy.is_unprotected() && policy.is_transparent());
    let with_rule = "version = \"1\"\n[default]\nmode = \"forward\"\n[[rule]]\nname = \"a\"\ndetect = [\"US_SSN\"]\naction = \"block\"\n";
    let policy = Policy::parse(with_rule, &Limits::default()).unwrap();
    assert!(policy.is_unprotected() && !policy.is_transparent());
}

#[test]
fn every_problem_of_a_file_is_told_at_once_in_the_order_of_its_lines() {
    let text = r#"version = 7
colour = "red"

[default]
mode = "open"

[essentials]
arp = "yes"
icmp_bytes_max = 9001

[[flow]]
name = "web"
match = { ports = [0, 80, 70000], networks = ["10.0.0.1/8", "fd00::/8"], prots = [1] }
mode = "inspekt"

[[flow]]
mode = "inspect"

[[rule]]
name = "leaks"
detect = ["SSN", "KEYWORD:none", "US_SSN"]
direction = "upward"
action = "block"
redact = "label"
"#;
    let found = problems(text);
    let places: Vec<&str> = found.iter().filter_map(|line| line.split(' ').next()).collect();
    let expected = [
        "1:11:", "2:1:", "5:8:", "8:7:", "9:18:", "13:20:", "13:27:", "13:47:", "13:74:", "14:8:", "16:1:", "16:1:",
        "21:11:", "21:18:", "22:13:", "24:10:",
    ];
    assert_eq!(places, expected, "{}", found.join("\n"));
}

/// A line of a policy that is otherwise fine, and what is said of it; `@` is where it is said.
const BAD: &[(&str, &str)] = &[
    ("flow = @1", "write [[flow]] with two brackets"),
    ("@[flow]\nname = \"a\"", "write [[flow]] with two brackets"),
    ("[default]\nmode = @true", "mode must be one of block, forward"),
    ("[default]\n@colour = 1", "unknown key \"colour\" in default of the policy; known are mode"),
    ("default = @7", "default must be a table"),
    ("[essentials]\ndns = @1", "dns must be true or false"),
    ("[essentials]\nicmp_bytes_max = @27", "icmp_bytes_max must be a whole number from 28 to 9000"),
    ("[essentials]\nicmp_bytes_max = @-28", "icmp_bytes_max must be a whole number from 28 to 9000"),
    ("[essentials]\nicmp_bytes_max = @99999999999999999999", "icmp_bytes_max must be a whole number"),
    ("[keywords]\na = @[]", "the keyword list \"a\" is empty"),
    ("[keywords]\na = [\"ok\", @\"x\"]", "a keyword has 2 to 256 bytes, this one has 1"),
    ("[keywords]\na = [@3, \"ok\"]", "a is a list of texts between quotes"),
    ("[keywords]\na = @\"word\"", "a must be a list in square brackets"),
    ("[canaries]\na = @[]", "the list of canaries \"a\" is empty"),
    ("[canaries]\na = [@\"a-1-b-2\"]", "a canary has 8 to 128 letters and digits, this one has 4"),
    ("@[[flow]]\nname = \"a\"\nmode = \"block\"", "match is missing: say which flows"),
    ("@[[flow]]\nname = \"a\"\nmatch = {}", "mode is missing in [[flow]]"),
    ("@[[flow]]\nmatch = {}\nmode = \"block\"", "name is missing in [[flow]]"),
    ("[[flow]]\nname = @\"  \"\nmatch = {}\nmode = \"block\"", "name must be a text between quotes"),
    ("[[flow]]\nname = \"a\"\nmatch = @7\nmode = \"block\"", "match must be a table"),
    ("[[flow]]\nname = \"a\"\nmatch = { protocol = @\"tcpp\" }\nmode = \"block\"", "protocol must be one of tcp, udp"),
    (
        "[[flow]]\nname = \"a\"\nmatch = { protocol = @256 }\nmode = \"block\"",
        "protocol must be a whole number from 0 to 255",
    ),
    (
        "[[flow]]\nname = \"a\"\nmatch = { ether_type = @0x5ff }\nmode = \"block\"",
        "ether_type must be a whole number from 1536 to 65535",
    ),
    (
        "[[flow]]\nname = \"a\"\nmatch = { vlan = [@4095] }\nmode = \"block\"",
        "vlan must be a whole number from 1 to 4094",
    ),
    (
        "[[flow]]\nname = \"a\"\nmatch = { clients = [@\"ten\"] }\nmode = \"block\"",
        "\"ten\" is no IP network; write it as 10.0.0.0/8",
    ),
    (
        "[[flow]]\nname = \"a\"\nmatch = { clients = [@\"10.0.0.0/33\"] }\nmode = \"block\"",
        "has a prefix longer than the address",
    ),
    (
        "[[flow]]\nname = \"a\"\nmatch = { app = [@\"http3\"] }\nmode = \"block\"",
        "\"http3\" is no app; known are http1, http2, tls",
    ),
    ("[[flow]]\nname = \"a\"\nmatch = { protocol = \"udp\" }\nmode = @\"inspect\"", "only TCP can be inspected"),
    (
        "[[flow]]\nname = \"a\"\nmatch = { protocol = \"udp\", app = [\"tls\"] }\nmode = @\"block\"",
        "only TCP can be inspected",
    ),
    ("[[flow]]\nname = \"a\"\nmatch = { ether_type = 0x88cc }\nmode = @\"terminate\"", "only TCP can be inspected"),
    ("[[flow]]\nname = \"a\"\nmatch = { sni = [\"*.openai.com\"] }\nmode = @\"inspect\"", "needs mode = terminate"),
    ("[[flow]]\nname = \"a\"\nmatch = { app = @[\"tls\"] }\nmode = \"inspect\"", "needs mode = terminate"),
    ("[[flow]]\nname = \"a\"\nmatch = { app = @[\"http2\"] }\nmode = \"inspect\"", "HTTP/2 cannot be inspected"),
    (
        "[[flow]]\nname = \"a\"\nmatch = { app = @[\"http1\", \"http2\"] }\nmode = \"inspect\"",
        "HTTP/2 cannot be inspected",
    ),
    (
        "[[flow]]\nname = \"a\"\nmatch = { networks = [\"10.0.0.0/8\"], clients = @[\"fd00::/8\"] }\nmode = \"block\"",
        "no flow has an IPv6 client and an IPv4 server: this rule can never match",
    ),
    (
        "[[flow]]\nname = \"a\"\nmatch = { networks = [\"fd00::/8\", \"fc00::/8\"], clients = @[\"10.0.0.1\"] }\nmode = \"block\"",
        "no flow has an IPv4 client and an IPv6 server: this rule can never match",
    ),
    (
        "[[flow]]\nname = \"a\"\nmatch = { ether_type = 0x88cc, networks = @[\"10.0.0.0/8\"] }\nmode = \"block\"",
        "frames without IP have no addresses: this rule can never match",
    ),
    (
        "[[flow]]\nname = \"a\"\nmatch = { ether_type = 0x86dd, networks = @[\"10.0.0.0/8\"] }\nmode = \"block\"",
        "ether_type names IPv6 and the addresses are of IPv4: this rule can never match",
    ),
    (
        "[[flow]]\nname = \"a\"\nmatch = { ether_type = 0x0800, clients = @[\"fd00::/8\"] }\nmode = \"block\"",
        "ether_type names IPv4 and the addresses are of IPv6: this rule can never match",
    ),
    (
        "[[flow]]\nname = \"a\"\nmatch = { ether_type = 0x88cc, protocol = @\"udp\" }\nmode = \"block\"",
        "frames without IP have no protocol of IP: this rule can never match",
    ),
    (
        "[[flow]]\nname = \"a\"\nmatch = { ether_type = @0x8100 }\nmode = \"block\"",
        "0x8100 announces a VLAN tag, and frames are matched by what stands behind it: use vlan, for example vlan = [7]",
    ),
    (
        "[[flow]]\nname = \"a\"\nmatch = { ether_type = @0x88a8, vlan = [7] }\nmode = \"block\"",
        "0x88a8 announces a VLAN",
    ),
    ("[[flow]]\nname = \"a\"\nmatch = { ether_type = @37120 }\nmode = \"block\"", "0x9100 announces a VLAN tag"),
    (
        "[[flow]]\nname = \"a\"\nmatch = { protocol = @60 }\nmode = \"block\"",
        "60 is an extension header of IPv6, where datagrams are matched by what stands behind it: for IPv4 add ether_type = 0x0800",
    ),
    ("[[flow]]\nname = \"a\"\nmatch = { protocol = @0 }\nmode = \"block\"", "0 is an extension header of IPv6"),
    ("[[flow]]\nname = \"a\"\nmatch = { protocol = @43 }\nmode = \"block\"", "43 is an extension header of IPv6"),
    ("[[flow]]\nname = \"a\"\nmatch = { protocol = @44 }\nmode = \"block\"", "44 is an extension header of IPv6"),
    (
        "[[flow]]\nname = \"a\"\nmatch = { sni = [\"*\"] }\nmode = \"terminate\"\nech = @\"bypass\"",
        "ech goes with mode = \"forward\" and a match by sni only",
    ),
    (
        "[[flow]]\nname = \"a\"\nmatch = { ports = [443] }\nmode = \"forward\"\nech = @\"bypass\"",
        "ech goes with mode = \"forward\" and a match by sni only",
    ),
    (
        "[[flow]]\nname = \"a\"\nmatch = { sni = [\"*\"] }\nmode = \"forward\"\nech = @\"pass\"",
        "ech must be one of intercept, block, bypass",
    ),
    (
        "[[flow]]\nname = \"a\"\nmatch = {}\nmode = \"terminate\"\nhold = @\"window\"",
        "hold must be one of message, prefix",
    ),
    ("[[flow]]\nname = \"a\"\nmatch = {}\nmode = \"terminate\"\nhold = @\"prefix\"", "terminate holds whole messages"),
    ("[[flow]]\nname = \"a\"\nmatch = {}\nmode = \"inspect\"\nhold = @\"message\"", "needs mode = terminate"),
    (
        "[[flow]]\nname = \"a\"\nmatch = {}\nmode = \"forward\"\nhold = @\"message\"",
        "hold goes with mode = \"inspect\" or \"terminate\" only",
    ),
    ("[[flow]]\nname = \"a\"\nmatch = { ports = @[] }\nmode = \"block\"", "ports is empty"),
    ("[[flow]]\nname = \"a\"\nmatch = { networks = @[] }\nmode = \"block\"", "networks is empty"),
    ("[[flow]]\nname = \"a\"\nmatch = { clients = @[] }\nmode = \"block\"", "clients is empty"),
    ("[[flow]]\nname = \"a\"\nmatch = { vlan = @[] }\nmode = \"block\"", "vlan is empty"),
    ("[[flow]]\nname = \"a\"\nmatch = { sni = @[] }\nmode = \"block\"", "sni is empty"),
    ("[[flow]]\nname = \"a\"\nmatch = { app = @[] }\nmode = \"block\"", "app is empty"),
    (
        "[[flow]]\nname = \"a\"\nmatch = { protocol = \"icmp\", ports = @[80] }\nmode = \"block\"",
        "only TCP and UDP are matched by ports",
    ),
    ("[[flow]]\nname = \"a\"\nmatch = { sni = [@\"a*b\"] }\nmode = \"terminate\"", "\"a*b\" is no name in TLS"),
    ("[[flow]]\nname = \"a\"\nmatch = { sni = [@\"a b.org\"] }\nmode = \"terminate\"", "is no name in TLS"),
    ("[[flow]]\nname = \"a\"\nmatch = { sni = [\"*\", @\"*.*.org\"] }\nmode = \"terminate\"", "is no name in TLS"),
    ("[[flow]]\nname = \"a\"\nmatch = { sni = [@\"a..org\"] }\nmode = \"terminate\"", "is no name in TLS"),
    ("[[rule]]\nname = \"a\"\ndetect = @[]\naction = \"block\"", "detect is empty"),
    ("@[[rule]]\nname = \"a\"\naction = \"block\"", "detect is missing: name at least one type"),
    ("@[[rule]]\nname = \"a\"\ndetect = [\"US_SSN\"]", "action is missing in [[rule]]"),
    (
        "[[rule]]\nname = \"a\"\ndetect = [\"US_SSN\"]\naction = @\"log\"",
        "action must be one of allow, alert, redact, block",
    ),
    ("[[rule]]\nname = \"a\"\ndetect = [@\"us_ssn\"]\naction = \"block\"", "\"us_ssn\" is no type; known are"),
    ("[[rule]]\nname = \"a\"\ndetect = [@\"KEYWORD\"]\naction = \"block\"", "\"KEYWORD\" is no type"),
    (
        "[[rule]]\nname = \"a\"\ndetect = [@\"KEYWORD:x\"]\naction = \"block\"",
        "there is no keyword list \"x\" under [keywords]",
    ),
    (
        "[[rule]]\nname = \"a\"\ndetect = [\"US_SSN\"]\naction = \"alert\"\nredact = @\"mask\"",
        "goes with action = \"redact\" only",
    ),
    (
        "[[rule]]\nname = \"a\"\ndetect = [\"US_SSN\"]\naction = \"redact\"\nredact = @\"hash\"",
        "redact must be one of label, type, mask",
    ),
    (
        "[[rule]]\nname = \"a\"\ndetect = [\"US_SSN\"]\naction = \"block\"\n@severity = 3",
        "unknown key \"severity\" in [[rule]]",
    ),
];

#[test]
fn addresses_of_both_versions_in_one_rule_are_fine_as_long_as_one_flow_can_match() {
    for matcher in [
        "networks = [\"10.0.0.0/8\", \"fd00::/8\"], clients = [\"fd00::/8\"]",
        "networks = [\"10.0.0.0/8\"], clients = [\"fd00::/8\", \"10.1.0.0/16\"]",
        "networks = [\"10.0.0.0/8\"], clients = [\"10.0.0.0/8\"]",
        "networks = [\"10.0.0.0/8\"], protocol = \"icmp\"",
        "clients = [\"fd00::/8\"], protocol = \"icmpv6\"",
    ] {
        let text = format!("version = \"1\"\n[[flow]]\nname = \"a\"\nmatch = {{ {matcher} }}\nmode = \"block\"\n");
        assert!(Policy::parse(&text, &Limits::default()).is_ok(), "{matcher}");
    }
}

#[test]
fn a_list_of_names_that_nobody_ships_is_refused() {
    let flow = |list: &str| {
        format!("version = \"1\"\n[[flow]]\nname = \"a\"\nmatch = {{ sni = [\"{list}\"] }}\nmode = \"terminate\"\n")
    };
    assert_eq!(problems(&flow("@foo")), ["4:18: there is no list \"@foo\"; known are @ai"]);
    assert!(Policy::parse(&flow("@ai"), &Limits::default()).is_ok());
}

#[test]
fn what_may_surprise_is_noted() {
    let notes = |text: &str| -> Vec<String> {
        let policy = Policy::parse(text, &Limits::default()).unwrap();
        policy.notes().iter().map(ToString::to_string).collect()
    };
    assert_eq!(notes(EXAMPLE), [""; 0]);
    let forwarding = EXAMPLE.replacen("mode = \"block\"", "mode = \"forward\"", 1);
    let found = notes(&forwarding);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("7:1: UDP to the ports where TCP is terminated or named (QUIC) is blocked"),
        "{found:?}"
    );
    let named = "version = \"1\"\n[[flow]]\nname = \"a\"\nmatch = { sni = \"@ai\" }\nmode = \"terminate\"\n";
    let found = notes(&format!("{named}[[rule]]\nname = \"r\"\ndetect = [\"US_SSN\"]\naction = \"block\"\n"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("4:9: flow \"a\" asks for the name in TLS and names no ports"), "{found:?}");
}

#[test]
fn one_name_needs_no_brackets() {
    let text =
        "version = \"1\"\n[[flow]]\nname = \"a\"\nmatch = { ports = [443], sni = \"@ai\" }\nmode = \"terminate\"\n";
    let policy = Policy::parse(text, &Limits::default()).unwrap();
    assert_eq!(policy.flows()[0].sni, ["@ai"]);
    assert_eq!(problems(&text.replace("\"@ai\"", "7")), ["4:32: sni must be a list in square brackets"]);
}

#[test]
fn each_problem_is_told_where_it_stands() {
    for (marked, message) in BAD {
        let before = marked.find('@').unwrap();
        let text = format!("version = \"1\"\n{}", marked.replacen('@', "", 1));
        let line = 2 + marked[..before].matches('\n').count();
        let column = before - marked[..before].rfind('\n').map_or(0, |newline| newline + 1) + 1;
        let found = problems(&text);
        let place = format!("{line}:{column}: ");
        let is_told = found.iter().any(|problem| problem.starts_with(&place) && problem.contains(message));
        assert!(is_told, "expected {place}{message}\n{text}\nfound:\n{}", found.join("\n"));
        assert_eq!(found.len(), 1, "one mistake, one problem\n{text}\nfound:\n{}", found.join("\n"));
    }
}

#[test]
fn a_mistake_of_syntax_does_not_hide_the_others() {
    let found = problems("version = \"1\"\nfree = ]\n[default]\nmode = \"open\"\n");
    assert_eq!(found.iter().filter(|problem| problem.starts_with("2:")).count(), 1, "{found:?}");
    assert!(found.iter().any(|problem| problem.starts_with("2:8: ")), "{found:?}");
    assert!(found.iter().any(|problem| problem.starts_with("4:8: mode must be one of block, forward")), "{found:?}");
}

#[test]
fn a_column_counts_characters_not_bytes() {
    let found = problems("version = \"1\"\n[keywords]\na = [\"ÄÖÜ\", 3]\n");
    assert_eq!(found, ["3:13: a is a list of texts between quotes"]);
}

#[test]
fn a_missing_version_is_told_even_of_an_empty_file() {
    let found = problems("");
    assert!(found[0].starts_with("1:1: version is missing"), "{found:?}");
}

#[test]
fn names_are_given_once() {
    let flow = "[[flow]]\nname = \"a\"\nmatch = {}\nmode = \"block\"\n";
    let rule = "[[rule]]\nname = \"b\"\ndetect = [\"US_SSN\"]\naction = \"block\"\n";
    let found = problems(&format!("version = \"1\"\n{flow}{flow}{rule}{rule}"));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].ends_with("two [[flow]] are named \"a\"") && found[1].ends_with("two [[rule]] are named \"b\""));
    let at: Vec<_> = found.iter().map(|problem| problem.split(": ").next().unwrap()).collect();
    assert_eq!(at, ["7:8", "15:8"], "the second of each is at fault");
}

#[test]
fn a_detector_that_has_to_see_more_than_inspect_holds_needs_terminate() {
    let text = "version = \"1\"\n[[flow]]\nname = \"a\"\nmatch = {}\nmode = \"MODE\"\n[[rule]]\nname = \"b\"\ndetect = [\"SECRET\"]\naction = \"block\"\n";
    let inspect = text.replace("MODE", "inspect");
    let problems = Policy::parse(&inspect, &Limits { hold_bytes_max: 16 }).unwrap_err();
    let problem = &problems.list()[0];
    assert_eq!((problem.line, problem.column), (8, 10));
    assert!(problem.message.contains("inspect may hold 16: this needs mode = terminate"), "{}", problem.message);
    assert!(Policy::parse(&inspect, &Limits::default()).is_ok());
    let without_views = Limits { hold_bytes_max: detect::VIEW_HOLD_BYTES };
    assert!(Policy::parse(&inspect, &without_views).is_err(), "views hold bytes, too");
    let terminate = text.replace("MODE", "terminate");
    assert!(Policy::parse(&terminate, &Limits { hold_bytes_max: 16 }).is_ok(), "nothing is inspected there");
}

#[test]
fn hex_octal_and_binary_numbers_are_numbers() {
    let text = "version = \"1\"\n[[flow]]\nname = \"a\"\nmatch = { protocol = \"tcp\", ports = [0x50, 0o120, 0b1010000, 8_0] }\nmode = \"block\"\n";
    let policy = Policy::parse(text, &Limits::default()).unwrap();
    assert_eq!(policy.flows()[0].ports, [80; 4]);
}

/// Text that looks like a policy at least in part.
fn policy_like() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "version",
        "= ",
        "\"1\"",
        "[default]",
        "[[flow]]",
        "[[rule]]",
        "[keywords]",
        "[providers]",
        "\n",
        "name",
        "mode",
        "match",
        "{",
        "}",
        "[",
        "]",
        ",",
        "\"inspect\"",
        "detect",
        "\"SECRET\"",
        "\"KEYWORD:a\"",
        "action",
        "\"block\"",
        "0x",
        "-1",
        "1e9",
        "2020-01-01",
        "'",
        "\"\"\"",
        "\\u",
        "ä",
        "\u{0}",
        "ports",
        "[essentials]",
        "true",
        ".",
        "#",
    ]);
    prop::collection::vec(word, 0..40).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn any_text_loads_or_has_problems_within_it(text in prop_oneof![".{0,200}", policy_like()]) {
        if let Err(problems) = Policy::parse(&text, &Limits::default()) {
            prop_assert!(!problems.list().is_empty());
            let lines = text.matches('\n').count() + 1;
            let are_within = problems.list().iter().all(|problem| (1..=lines).contains(&problem.line) && problem.column >= 1);
            prop_assert!(are_within);
            prop_assert!(problems.list().is_sorted_by_key(|problem| (problem.line, problem.column)));
        }
    }

    #[test]
    fn a_broken_example_never_panics(at in 0usize..1200, with in any::<char>()) {
        let text: String = EXAMPLE.chars().enumerate().map(|(place, own)| if place == at { with } else { own }).collect();
        let _ = Policy::parse(&text, &Limits::default());
    }
}

#[test]
fn canaries_are_looked_for_if_a_rule_says_so() {
    let rule = "version = \"1\"\n[[rule]]\nname = \"c\"\ndetect = [\"CANARY\"]\naction = \"block\"\n";
    let policy = Policy::parse(&format!("{rule}[canaries]\nplanted = [\"7f3a-90c2-e41b\"]\n"), &Limits::default());
    assert!(policy.unwrap().detectors().is_enabled(detect::EntityType::Canary));
    let without = problems(rule);
    assert_eq!(without.len(), 1, "{without:?}");
    assert!(without[0].ends_with("CANARY needs a list under [canaries], for example planted = [\"7f3a-90c2-e41b\"]"));
}

#[test]
fn rules_that_are_never_asked_are_told_of() {
    let notes = |flows: &str| -> Vec<String> {
        let rule = "[[rule]]\nname = \"r\"\ndetect = [\"US_SSN\"]\naction = \"block\"\n";
        let policy = Policy::parse(&format!("version = \"1\"\n{rule}{flows}"), &Limits::default()).unwrap();
        policy.notes().iter().map(ToString::to_string).collect()
    };
    let flow = |name: &str, matcher: &str, mode: &str| {
        format!("[[flow]]\nname = \"{name}\"\nmatch = {{ {matcher} }}\nmode = \"{mode}\"\n")
    };
    let both = |first: &str, second: &str| flow("a", first, "forward") + &flow("b", second, "inspect");
    for (first, second) in [
        ("", "ports = [80]"),
        ("protocol = \"tcp\"", "protocol = \"tcp\", ports = [80]"),
        ("protocol = \"tcp\"", "app = [\"http1\"]"),
        ("networks = [\"10.0.0.0/8\", \"fd00::/8\"]", "networks = [\"10.1.0.0/16\", \"fd12::/16\"]"),
        ("ports = [80, 443]", "ports = [443], clients = [\"10.0.0.0/8\"]"),
        ("vlan = [3, 4]", "vlan = [4]"),
        ("ether_type = 0x0800", "ether_type = 0x0800, ports = [80]"),
    ] {
        let notes = notes(&both(first, second));
        let told = "flow \"b\" is never asked: flow \"a\" before it matches all of it";
        assert!(
            notes.iter().any(|note| note.starts_with("12:9: ") && note.contains(told)),
            "{first} {second}: {notes:?}"
        );
    }
    for (first, second) in [
        ("ports = [80]", ""),
        ("protocol = \"udp\"", "app = [\"http1\"]"),
        ("protocol = \"tcp\"", "ports = [80]"),
        ("app = [\"http1\"]", "protocol = \"tcp\""),
        ("networks = [\"10.1.0.0/16\"]", "networks = [\"10.0.0.0/8\"]"),
        ("networks = [\"10.0.0.0/8\"]", "clients = [\"10.0.0.0/8\"]"),
        ("ether_type = 0x0800", "ports = [80]"),
        ("ether_type = 0x0800", "ether_type = 0x86dd"),
    ] {
        let notes = notes(&both(first, second));
        assert!(notes.iter().all(|note| !note.contains("never asked")), "{first} {second}: {notes:?}");
    }
    let named = |first: &str, second: &str| {
        let flow = |name: &str, sni: &str, mode: &str| flow(name, &format!("ports = [443], sni = [\"{sni}\"]"), mode);
        notes(&(flow("a", first, "forward") + &flow("b", second, "terminate"))).join("").contains("never asked")
    };
    for (first, second) in [("*", "@ai"), ("*.a.org", "*.b.a.org"), ("*.a.org", "x.a.org"), ("A.org", "a.org")] {
        assert!(named(first, second), "{first} {second}");
    }
    for (first, second) in [("@ai", "*"), ("*.a.org", "a.org"), ("*.a.org", "ba.org"), ("x.a.org", "*.a.org")] {
        assert!(!named(first, second), "{first} {second}");
    }
}

#[test]
fn a_rule_that_takes_essentials_away_with_all_else_is_noted() {
    let notes = |matcher: &str, mode: &str, essentials: &str| -> Vec<String> {
        let text = format!(
            "version = \"1\"\n{essentials}[[flow]]\nname = \"a\"\nmatch = {{ {matcher} }}\nmode = \"{mode}\"\n"
        );
        Policy::parse(&text, &Limits::default()).unwrap().notes().iter().map(ToString::to_string).collect()
    };
    let told = "4:9: flow \"a\" blocks everything, what [essentials] lets past (ARP, DNS and the like), too";
    let found = notes("", "block", "");
    assert!(found.len() == 1 && found[0].starts_with(told), "{found:?}");
    assert!(notes("protocol = \"tcp\"", "block", "").is_empty());
    assert!(notes("ether_type = 0x0800", "block", "").is_empty(), "who names a protocol means it");
    assert!(notes("", "forward", "").is_empty());
    let none = ["arp", "nd", "icmp", "dhcp", "dns", "ntp", "lldp", "stp", "lacp"].map(|it| format!("{it} = false\n"));
    assert!(notes("", "block", &format!("[essentials]\n{}", none.concat())).is_empty());
}

#[test]
fn a_rule_of_what_no_tcp_is_behind_one_that_reads_is_asked() {
    let notes = |second: &str| {
        let text = format!(
            "version = \"1\"\n[[flow]]\nname = \"a\"\nmatch = {{}}\nmode = \"inspect\"\n\
             [[flow]]\nname = \"b\"\nmatch = {{ {second} }}\nmode = \"block\"\n"
        );
        let policy = Policy::parse(&text, &Limits::default()).unwrap();
        policy.notes().iter().any(|note| note.message.contains("never asked"))
    };
    for second in ["protocol = \"udp\", ports = [53]", "ether_type = 0x0806", "vlan = [7]", "ports = [53]"] {
        assert!(!notes(second), "{second}");
    }
    for second in ["protocol = \"tcp\"", "app = [\"http1\"]"] {
        assert!(notes(second), "{second}");
    }
}

#[test]
fn a_policy_that_finds_nothing_or_passes_all_says_so() {
    let parse = |text: &str| Policy::parse(&format!("version = \"1\"\n{text}"), &Limits::default()).unwrap();
    let flow = |matcher: &str, mode: &str| {
        format!(
            "[[flow]]\nname = \"{matcher}{mode}\"\nmatch = {{ {} }}\nmode = \"{mode}\"\n",
            matcher.replace('\'', "\"")
        )
    };
    let rule = "[[rule]]\nname = \"r\"\ndetect = [\"US_SSN\"]\naction = \"block\"\n";
    let told = |text: &str, what: &str| parse(text).notes().iter().any(|note| note.message.contains(what));
    assert!(told(&flow("ports = [80]", "inspect"), "there is no [[rule]]"));
    assert!(told(rule, "no [[rule]] is ever asked"));
    assert!(parse(&(flow("ports = [80]", "inspect") + rule)).notes().is_empty());
    let (tcp, web) = ("protocol = 'tcp'", "app = ['http1']");
    for (flows, unprotected) in [
        (flow("", "forward"), true),
        (flow(tcp, "forward"), true),
        (flow(web, "inspect") + &flow(tcp, "forward"), true),
        (flow(web, "inspect"), false),
        (flow("ports = [22]", "forward"), false),
        (flow(tcp, "block") + &flow("", "forward"), false),
        (flow("ether_type = 0x86dd", "forward"), true),
        (flow("ether_type = 0x0800", "block") + &flow("", "forward"), true),
        (flow("ether_type = 0x0800", "block") + &flow("ether_type = 0x86dd", "block") + &flow("", "forward"), false),
    ] {
        assert_eq!(parse(&flows).is_unprotected(), unprotected, "{flows}");
    }
    let closed = format!("[default]\nmode = \"forward\"\n{}", flow(tcp, "block"));
    assert!(!parse(&closed).is_unprotected());
}

#[test]
fn a_host_of_a_provider_is_a_name_or_an_address_and_one_providers() {
    let text = |hosts: &str| format!("version = \"1\"\n[providers]\na = [{hosts}]\nb = [\"LLM.example.org\"]\n");
    for host in [
        "api.openai.com:443",
        "http://api.openai.com/",
        "ex ample.com",
        "a..b",
        "a.example.",
        "a.*.example",
        "fd00::1",
        "a/b",
    ] {
        let problems = problems(&text(&format!("\"{host}\"")));
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with(&format!("3:6: \"{host}\" is no host; write it as ")), "{problems:?}");
    }
    for host in ["api.openai.com", "*.example.org", "*", "localhost", "10.0.0.1", "[fd00::1]", "my_host"] {
        Policy::parse(&text(&format!("\"{host}\"")), &Limits::default()).unwrap();
    }
    assert_eq!(
        problems(&text("\"llm.example.org\"")),
        ["4:6: \"LLM.example.org\" is a host of two providers, \"a\" and \"b\""]
    );
    assert_eq!(problems(&text("")), ["3:5: the provider \"a\" has no host"]);
}

#[test]
fn a_network_that_no_frame_is_of_is_refused() {
    let text =
        "version = \"1\"\n[[flow]]\nname = \"f\"\nmatch = { networks = [\"::ffff:10.0.0.0/104\"] }\nmode = \"block\"\n";
    let found = problems(text);
    assert!(
        found.len() == 1 && found[0].starts_with("4:") && found[0].ends_with("write it as 10.0.0.0/8"),
        "{found:?}"
    );
}

#[test]
fn a_version_fits_into_a_record_and_onto_a_line() {
    for version in ["a\\u001b[2Jb", "a\\nb", &"x".repeat(49)] {
        let problems = Policy::parse(&format!("version = \"{version}\""), &Limits::default()).unwrap_err();
        assert!(problems.to_string().starts_with("1:11: the version has to be"), "{problems}");
    }
    Policy::parse(&format!("version = \"{}\"", "x".repeat(48)), &Limits::default()).unwrap();
}

#[test]
fn a_cause_is_told_once() {
    let text = "version = \"1\"\n[keywords]\nempty = []\n[[rule]]\nname = \"r\"\ndetect = [\"KEYWORD:empty\"]\naction = \"block\"\n";
    let problems = Policy::parse(text, &Limits::default()).unwrap_err();
    assert_eq!(problems.list().len(), 1, "{problems}");
}
