use crate::lab::{Driver, Lab, POLICY, SERVER, SERVER6, SSN, is_root};
use std::time::Duration;

fn contains(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}

const JSON: [&str; 2] = ["-H", "Content-Type: application/json"];

fn chat(content: &str) -> String {
    format!(r#"{{"model":"gpt-4o","messages":[{{"role":"user","content":"{content}"}}]}}"#)
}

fn masks_blocks_and_records_on(driver: Driver) {
    let mut lab = Lab::new(driver);
    lab.record(80);
    lab.start(POLICY);
    let url = format!("http://{SERVER}/v1/chat/completions");

    let (clean, code) = lab.curl(&[JSON[0], JSON[1], "-d", &chat("what is the time"), &url]);
    assert_eq!(code, 0, "{clean}");
    assert!(clean.contains("chat.completion"), "{clean}");

    let (_, code) = lab.curl(&[JSON[0], JSON[1], "-d", &chat("write to jane.roe@example.org"), &url]);
    assert_eq!(code, 0);

    let (blocked, code) =
        lab.curl(&["-w", "%{http_code}", JSON[0], JSON[1], "-d", &chat(&format!("it is {SSN}")), &url]);
    assert_eq!(code, 0, "{blocked}");
    assert!(blocked.contains("blocked_by_policy") && blocked.ends_with("403"), "{blocked}");

    let recorded = lab.recorded();
    assert!(contains(&recorded, "what is the time"));
    assert!(contains(&recorded, "write to [REDACTED]"));
    assert!(!contains(&recorded, "jane.roe@") && !contains(&recorded, SSN));

    let url6 = format!("http://[{SERVER6}]/v1/chat/completions");
    let (blocked, _) = lab.curl(&["-w", "%{http_code}", JSON[0], JSON[1], "-d", &chat(&format!("it is {SSN}")), &url6]);
    assert!(blocked.ends_with("403"), "{blocked}");
    let (clean, _) = lab.curl(&[JSON[0], JSON[1], "-d", &chat("hello"), &url6]);
    assert!(clean.contains("chat.completion"), "{clean}");
    assert!(!contains(&lab.recorded(), SSN));

    let status = lab.status_once(|status| status["total"]["verdicts"]["block"] == 2);
    assert_eq!(status["state"], "ready");
    assert_eq!(status["unprotected"], false);
    assert_eq!(status["total"]["verdicts"]["block"], 2, "{status}");
    lab.stop();
    let interfaces = String::from_utf8(lab.exec("gw", "ip", &["link"]).stdout).unwrap();
    assert!(interfaces.contains("c0") && !interfaces.contains("PROMISC"), "{interfaces}");
    let records = lab.records();
    let finals: Vec<_> = records.iter().filter(|record| record["kind"] == "final").collect();
    let verdicts: Vec<_> = finals.iter().map(|record| record["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["allow", "redact", "block", "block", "allow"], "{records:#?}");
    assert_eq!(finals[0]["tokens_in"], 12);
    assert_eq!(finals[0]["model"], "gpt-4o");
}

#[test]
fn af_xdp_masks_blocks_and_records() {
    if is_root() {
        masks_blocks_and_records_on(Driver::AfXdp);
    }
}

#[test]
fn af_packet_masks_blocks_and_records() {
    if is_root() {
        masks_blocks_and_records_on(Driver::AfPacket);
    }
}

#[test]
fn an_upload_of_50_mb_passes_byte_exact() {
    if !is_root() {
        return;
    }
    let mut lab = Lab::new(Driver::AfXdp);
    lab.record(80);
    lab.start(POLICY);
    let line = b"nothing to see in this line of a long text, which goes on and on\n";
    let body: Vec<u8> = line.iter().copied().cycle().take(50 << 20).collect();
    let file = lab.path("body");
    std::fs::write(&file, &body).unwrap();
    let data = format!("@{}", file.display());
    let (answer, code) = lab.curl(&[
        "--max-time",
        "300",
        "-H",
        "Expect:",
        "-H",
        "Content-Type: text/plain",
        "--data-binary",
        &data,
        &format!("http://{SERVER}/upload"),
    ]);
    assert_eq!(code, 0, "{answer}");
    let recorded = lab.recorded();
    assert!(recorded.ends_with(&body), "{} of {}", recorded.len(), body.len());
    lab.stop();
}

#[test]
fn two_thousand_requests_on_one_connection_pass_and_the_next_is_still_read() {
    if !is_root() {
        return;
    }
    let mut lab = Lab::new(Driver::AfXdp);
    lab.record(80);
    lab.start(POLICY);
    // One curl, one connection: a config file with a request a stanza.
    let url = format!("http://{SERVER}/v1/chat/completions");
    let stanza = |content: &str| {
        let body = chat(content).replace('"', "\\\"");
        format!(
            "url = \"{url}\"\nheader = \"Content-Type: application/json\"\ndata = \"{body}\"\nwrite-out = \"%{{http_code}} %{{num_connects}}\\n\"\noutput = \"/dev/null\"\n"
        )
    };
    let mut config = vec![stanza("a question about the weather"); 2000];
    config.push(stanza(&format!("it is {SSN}")));
    let config = lab.write("curl.conf", &config.join("next\n"));
    let output = lab.exec("cl", "curl", &["-s", "-K", config.to_str().unwrap()]);
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2001);
    assert_eq!(lines[0], "200 1");
    assert!(lines[1..2000].iter().all(|line| *line == "200 0"));
    assert_eq!(lines[2000], "403 0");
    assert!(!contains(&lab.recorded(), SSN));
    lab.stop();
}

#[test]
fn a_reload_under_load_loses_no_request() {
    if !is_root() {
        return;
    }
    let mut lab = Lab::new(Driver::AfXdp);
    lab.record(80);
    lab.start(POLICY);
    let url = format!("http://{SERVER}/v1/chat/completions");
    let body = chat("hello").replace('"', "\\\"");
    let stanza = format!(
        "url = \"{url}\"\nheader = \"Content-Type: application/json\"\ndata = \"{body}\"\nwrite-out = \"%{{http_code}}\\n\"\noutput = \"/dev/null\"\n"
    );
    let config = lab.write("curl.conf", &vec![stanza; 1000].join("next\n"));
    let load = lab
        .command("cl", "curl", &["-s", "-K", config.to_str().unwrap()])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    for round in 0..10 {
        lab.write("policy.toml", &POLICY.replace("lab-1", &format!("lab-{}", round + 2)));
        if round % 2 == 0 {
            lab.gateway.as_ref().unwrap().signal("HUP");
        } else {
            assert!(lab.control(&["reload"]).status.success());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let output = load.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().filter(|line| *line == "200").count(), 1000);
    assert_eq!(lab.status()["policy_version"], "lab-11");
    // A policy that cannot be loaded leaves the one in force.
    lab.write("policy.toml", "version = 1");
    assert!(!lab.control(&["reload"]).status.success());
    assert_eq!(lab.status()["policy_version"], "lab-11");
    lab.stop();
}

#[test]
fn a_kill_leaves_the_wire_down_even_with_kernel_forwarding_on() {
    if !is_root() {
        return;
    }
    for driver in [Driver::AfXdp, Driver::AfPacket] {
        let mut lab = Lab::new(driver);
        lab.record(80);
        lab.start(POLICY);
        let url = format!("http://{SERVER}/");
        assert_eq!(lab.curl(&[&url]).1, 0);
        for setting in ["net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"] {
            lab.exec("gw", "sysctl", &["-q", "-w", setting]);
        }
        lab.gateway.as_ref().unwrap().signal("KILL");
        lab.gateway = None;
        let before = lab.recorded().len();
        let (_, code) = lab.curl(&["--max-time", "2", &url]);
        assert_ne!(code, 0, "the wire passes without the gateway");
        assert_eq!(lab.recorded().len(), before);
        // It comes back, and what it wrote before the kill is there.
        let config = lab.path("sovereign.toml");
        lab.start_with(&config);
        assert_eq!(lab.curl(&[&url]).1, 0);
        lab.stop();
        assert!(lab.records().iter().filter(|record| record["kind"] == "final").count() >= 2);
    }
}

#[test]
fn ports_that_are_bridged_while_the_gateway_runs_stay_closed() {
    if !is_root() {
        return;
    }
    let mut lab = Lab::new(Driver::AfPacket);
    lab.record(80);
    let settings = |lab: &Lab| {
        let output = lab.exec("gw", "sysctl", &["-n", "net.ipv4.conf.c0.arp_ignore", "net.ipv6.conf.s0.disable_ipv6"]);
        String::from_utf8(output.stdout).unwrap()
    };
    let before = settings(&lab);
    lab.start(POLICY);
    let url = format!("http://{SERVER}/");
    assert_eq!(lab.curl(&[&url]).1, 0);
    let isolated = settings(&lab);
    assert_ne!(isolated, before);
    lab.ip("gw", &["link", "add", "br0", "type", "bridge", "forward_delay", "0"]);
    lab.ip("gw", &["link", "set", "br0", "up"]);
    for port in ["c0", "s0"] {
        lab.ip("gw", &["link", "set", port, "master", "br0"]);
    }
    // The gateway stops by itself, since it cannot take a port out of a bridge, and opens nothing by that.
    let code = lab.gateway.take().unwrap().wait(Duration::from_secs(20));
    let log = lab.gateway_log();
    assert_eq!(code, Some(1), "{log}");
    assert!(log.contains("is a member of br0; take it out: ip link set"), "{log}");
    let recorded = lab.recorded().len();
    assert_ne!(lab.curl(&["--max-time", "2", &url]).1, 0, "the bridge passes what the gateway would have read");
    assert_eq!((lab.recorded().len(), settings(&lab)), (recorded, isolated));
    // The next one has the interfaces again, and gives them back as the first one found them.
    lab.ip("gw", &["link", "del", "br0"]);
    let config = lab.path("sovereign.toml");
    lab.start_with(&config);
    assert_eq!(lab.curl(&[&url]).1, 0);
    lab.stop();
    assert_eq!(settings(&lab), before);
}

#[test]
fn a_full_audit_disk_blocks_and_lets_nothing_pass_unrecorded() {
    if !is_root() {
        return;
    }
    let mut lab = Lab::new(Driver::AfPacket);
    lab.record(80);
    let audit = lab.path("audit");
    let _disk = Disk::mount(&audit, "256k");
    let config = lab.configure(POLICY, "audit_wait_ms_max = 500", "");
    let text = std::fs::read_to_string(&config).unwrap().replace("segment_bytes = 1048576", "segment_bytes = 65536");
    std::fs::write(&config, text).unwrap();
    lab.start_with(&config);
    let url = format!("http://{SERVER}/v1/chat/completions");
    let mut answered = 0;
    let mut refused = false;
    for number in 0..600 {
        let (text, _) = lab.curl(&[
            "-o",
            "/dev/null",
            "-w",
            "%{http_code}",
            JSON[0],
            JSON[1],
            "-d",
            &chat(&format!("question {number}")),
            &url,
        ]);
        if text != "200" {
            refused = true;
            break;
        }
        answered += 1;
    }
    assert!(refused, "256 KiB took {answered} requests");
    let (text, _) = lab.curl(&["-w", "%{http_code}", JSON[0], JSON[1], "-d", &chat("one more"), &url]);
    assert!(text.ends_with("403") && text.contains("audit_unavailable"), "{text}");
    let status = lab.status();
    assert!(status["total"]["blocked"]["audit_unavailable"].as_u64() >= Some(1), "{status}");
    assert_eq!(status["audit"]["state"], "full");
    let recorded = lab.recorded();
    let reached = recorded.windows(9).filter(|window| window == b"question ").count();
    assert!(!contains(&recorded, "one more"));
    lab.gateway = None;
    let admitted = lab.records().iter().filter(|record| record["kind"] == "admit").count();
    assert!(reached <= admitted, "{reached} requests reached the server, {admitted} were recorded");
    assert!(answered > 50, "only {answered} requests before the disk was full");
}

/// A small file system.
struct Disk(std::path::PathBuf);

impl Disk {
    fn mount(path: &std::path::Path, size: &str) -> Self {
        std::fs::create_dir_all(path).unwrap();
        let options = format!("size={size}");
        let status =
            std::process::Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(path).status();
        assert!(status.unwrap().success());
        Self(path.to_owned())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn what_cannot_be_started_says_why_and_leaves_nothing_behind() {
    if !is_root() {
        return;
    }
    let lab = Lab::new(Driver::AfXdp);
    let config = lab.configure(POLICY, "", "");
    let path = config.to_str().unwrap().to_owned();
    let refused = |arguments: &[&str], says: &str| {
        let mut all = vec!["inline", "--config", &path];
        all.extend(arguments);
        let output = lab.exec("gw", crate::lab::SOVEREIGN, &all);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
        let lines: Vec<_> = text.lines().filter(|line| line.starts_with("sovereign: ")).collect();
        assert!(lines.len() == 1 && lines[0].contains(says), "{arguments:?}: {text}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(!lab.path("audit").exists() && !lab.path("admin.sock").exists(), "{arguments:?}");
    };
    refused(&["--inside", "net_af_xdp0,iface=nosuch"], "nosuch");
    refused(&["--inside", "net_nosuch0"], "net_nosuch0");
    refused(&["--inside", "0000:ff:1f.7"], "0000:ff:1f.7");
    refused(&["--inside", "what is this"], "what is this");
    refused(&["--inside", "net_af_xdp0,iface=c0,start_queue=9"], "start_queue=9");
    refused(&["--", "--nosuch"], "--nosuch");
    refused(&["--policy", "/nosuch/policy.toml"], "/nosuch/policy.toml");
    refused(&["--audit-dir", "/proc/nosuch"], "/proc/nosuch");
    lab.write("bad.toml", "version = \"x\"\ncolour = 1\n");
    refused(&["--policy", lab.path("bad.toml").to_str().unwrap()], ":2:1");
    lab.ip("gw", &["addr", "add", "10.9.9.9/24", "dev", "c0"]);
    refused(&[], "10.9.9.9");
    lab.ip("gw", &["addr", "del", "10.9.9.9/24", "dev", "c0"]);
    // Another gateway's log.
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("id = \"lab\"", "id = \"other\"")).unwrap();
    let mut other = lab;
    other.record(80);
    other.start_with(&config);
    other.stop();
    std::fs::write(&config, text).unwrap();
    let output = other.exec("gw", crate::lab::SOVEREIGN, &["inline", "--config", &path]);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(2) && text.contains("other"), "{text}");
    // Nothing was left behind: the interfaces are the kernel's again, and a good start works.
    std::fs::remove_dir_all(other.path("audit")).unwrap();
    other.start_with(&config);
    assert_eq!(other.curl(&[&format!("http://{SERVER}/")]).1, 0);
    other.stop();
}

#[test]
fn a_log_verifies_at_any_moment_of_its_gateways_life() {
    if !is_root() {
        return;
    }
    let mut lab = Lab::new(Driver::AfPacket);
    lab.record(80);
    lab.start(POLICY);
    let body = chat("hello").replace('"', "\\\"");
    let stanza = format!(
        "url = \"http://{SERVER}/v1/chat/completions\"\nheader = \"Content-Type: application/json\"\ndata = \"{body}\"\noutput = \"/dev/null\"\n"
    );
    let config = lab.write("curl.conf", &vec![stanza; 1500].join("next\n"));
    let mut load = lab.command("cl", "curl", &["-s", "-K", config.to_str().unwrap()]).spawn().unwrap();
    let audit = lab.path("audit");
    let verify =
        || std::process::Command::new(crate::lab::SOVEREIGN).args(["audit", "verify"]).arg(&audit).output().unwrap();
    let mut looks = 0;
    while load.try_wait().unwrap().is_none() {
        let verified = verify();
        assert_eq!(verified.status.code(), Some(0), "{verified:?}");
        looks += 1;
    }
    assert!(looks > 1, "{looks} looks");
    lab.stop();
    let verified = String::from_utf8(verify().stdout).unwrap();
    let head = verified.split_whitespace().last().unwrap().to_owned();
    assert!(lab.gateway_log().contains(&head), "the head that was logged is the one that is proved: {head}");
}
