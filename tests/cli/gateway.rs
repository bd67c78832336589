//! `sovereign inline` as far as it goes without root: starts that are refused, ports that lead nowhere.

use super::*;

#[test]
fn inline_refuses_what_it_cannot_run_on_in_one_line() {
    let place = Place::new();
    let inline = |config: &str| run(&["inline", "--config", config]);
    let policy = place.path("policy.toml");
    let audit = place.path("log");
    let config = |ports: &str, rest: &str, policy: &str| {
        format!(
            "[ports]\n{ports}\n[dataplane]\nhugepages = \"none\"\n{rest}\n[audit]\ndir = \"{audit}\"\n[policy]\nfile = \"{policy}\"\n[admin]\nsocket = \"{audit}.sock\"\n"
        )
    };
    let ports = "inside = \"net_af_packet0,iface=nosuchif0\"\noutside = \"net_af_packet1,iface=nosuchif1\"";
    assert_refused(&inline(&place.path("none.toml")), &["none.toml"]);
    let bad_key = place.file("bad-key.toml", config(ports, "hold_bytes = 7", &policy));
    assert_refused(&inline(&bad_key), &["bad-key.toml:6:1", "hold_bytes"]);
    let bad_value = place.file("bad-value.toml", config(ports, "lcores = \"one\"", &policy));
    assert_refused(&inline(&bad_value), &["bad-value.toml:6:"]);
    let no_policy = place.file("no-policy.toml", config(ports, "", &place.path("none-policy.toml")));
    assert_refused(&inline(&no_policy), &["none-policy.toml"]);
    let bad_policy = place.file("bad-policy.toml", "version = \"1\"\n[default]\nmode = \"open\"\n");
    let bad = place.file("bad.toml", config(ports, "", &bad_policy));
    assert_refused(&inline(&bad), &["bad-policy.toml:3:8"]);
    let no_device = place.file("no-device.toml", config(ports, "", &policy));
    assert_refused(&inline(&no_device), &["nosuchif0"]);
}

#[test]
fn a_gateway_whose_stderr_is_full_runs_reloads_and_stops() {
    let place = Place::new();
    let config = place.null_gateway("");
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_sovereign"))
        .args(["inline", "--config", &config])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(full)
        .spawn()
        .unwrap();
    let admin = ["--admin", &place.path("admin.sock")];
    let ready = run(&[&["status", "--wait", "20"][..], &admin].concat());
    let reloaded = run(&[&["reload"][..], &admin].concat());
    let stopped = run(&[&["stop"][..], &admin].concat());
    if ready.status.code() != Some(0) {
        let _ = child.kill();
    }
    assert_eq!(child.wait().unwrap().code(), Some(0), "{}", stderr(&ready));
    assert_done(&reloaded);
    assert_done(&stopped);
}

#[test]
fn a_service_manager_that_does_not_listen_is_told_of_once() {
    let place = Place::new();
    let config = place.null_gateway("");
    let child = Command::new(env!("CARGO_BIN_EXE_sovereign"))
        .args(["inline", "--config", &config])
        .env("NOTIFY_SOCKET", "@sovereign-nobody-listens")
        .env("WATCHDOG_USEC", "100000")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let admin = ["--admin", &place.path("admin.sock")];
    let ready = run(&[&["status", "--wait", "20"][..], &admin].concat());
    (0..10).for_each(|_| wait_a_moment());
    let stopped = run(&[&["stop"][..], &admin].concat());
    let ended = child.wait_with_output().unwrap();
    assert_done(&ready);
    assert_done(&stopped);
    assert_eq!(ended.status.code(), Some(0));
    assert_eq!(stderr(&ended).matches("cannot notify the service manager").count(), 1, "{}", stderr(&ended));
}

#[test]
fn jumbo_frames_pass_where_the_ports_are_set_to_their_mtu() {
    let place = Place::new();
    place.file("policy.toml", "version = \"open\"\n[default]\nmode = \"forward\"\n");
    let config = place.null_gateway("");
    let text = fs::read_to_string(&config).unwrap().replace("net_null0\"", "net_null0,size=8000\"");
    for (mtu, passes) in [(1500, false), (9000, true)] {
        place.file("gateway.toml", text.replace("[ports]\n", &format!("[ports]\nmtu = {mtu}\n")));
        let mut child = Command::new(env!("CARGO_BIN_EXE_sovereign"))
            .args(["inline", "--config", &config])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let admin = ["--admin", &place.path("admin.sock")];
        let ready = run(&[&["status", "--wait", "20"][..], &admin].concat());
        let total = || {
            let status = run(&[&["status", "--json"][..], &admin].concat());
            let status: Value = serde_json::from_slice(&status.stdout).unwrap();
            let count = |name: &str| status["total"][name].as_u64().unwrap();
            (count("rx_packets"), count("rx_bytes"), count("tx_bytes"))
        };
        for _ in 0..200 {
            if total().0 >= 1000 {
                break;
            }
            wait_a_moment();
        }
        let (packets, bytes, sent) = total();
        let _ = run(&[&["stop"][..], &admin].concat());
        assert_eq!(child.wait().unwrap().code(), Some(0), "{}", stderr(&ready));
        // The other port's frames are ordinary ones.
        assert!(packets >= 1000 && sent > 0, "{packets} frames, {sent} bytes sent");
        assert_eq!(bytes > packets * 2000, passes, "mtu {mtu}: {bytes} bytes in {packets} frames");
    }
}

#[expect(clippy::disallowed_methods, reason = "a test that waits for another process")]
fn wait_a_moment() {
    std::thread::sleep(Duration::from_millis(50));
}

/// A start that is refused: one line, exit code 2, and nothing there that was not there before.
#[track_caller]
fn assert_not_started(place: &Place, arguments: &[&str], names: &[&str]) {
    let before = names_in(place.dir.path());
    let config = place.path("gateway.toml");
    assert_refused(&run(&[&["inline", "--config", &config][..], arguments].concat()), names);
    assert_eq!(names_in(place.dir.path()), before, "{arguments:?}");
}

#[test]
fn a_start_that_fails_says_why_in_one_line_and_leaves_nothing() {
    let place = Place::new();
    place.null_gateway("");
    assert_not_started(&place, &["--inside", "net_nosuch0"], &["net_nosuch0"]);
    assert_not_started(&place, &["--inside", "net_pcap0,rx_pcap=/nosuch.pcap"], &["/nosuch.pcap"]);
    assert_not_started(&place, &["--inside", "net_null0,bad=1"], &["net_null0"]);
    assert_not_started(&place, &["--inside", "0000:ff:1f.7"], &["0000:ff:1f.7"]);
    assert_not_started(&place, &["--", "--nosuch"], &["--nosuch"]);
    assert_not_started(&place, &["--", "-l", "999"], &["999"]);
    assert_not_started(&place, &["--audit-dir", "/proc/nosuch"], &["/proc/nosuch"]);
    assert_not_started(&place, &["--admin", "/proc/nosuch/admin.sock"], &["/proc/nosuch/admin.sock"]);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let text = fs::read_to_string(place.path("gateway.toml")).unwrap();
    place.file("gateway.toml", text.replace("127.0.0.1:0", &address));
    assert_not_started(&place, &[], &[&address]);
    place.file("gateway.toml", text.replace("mbuf_count = 4096", "mbuf_count = 16777216"));
    assert_not_started(&place, &[], &["mbuf_count = 16777216", "MiB are available"]);
}

#[test]
fn a_stop_while_dpdk_starts_leaves_nothing() {
    let place = Place::new();
    let config = place.null_gateway("");
    // A secondary process waits for its primary one, which here never gets as far as to say that it is ready.
    let runtime = place.path("run");
    fs::create_dir_all(format!("{runtime}/dpdk/waits")).unwrap();
    File::create(format!("{runtime}/dpdk/waits/config")).unwrap().set_len(64 << 20).unwrap();
    let before = names_in(place.dir.path());
    let mut child = Command::new(env!("CARGO_BIN_EXE_sovereign"))
        .args(["inline", "--config", &config, "--", "--proc-type=secondary", "--file-prefix=waits"])
        .env("RUNTIME_DIRECTORY", &runtime)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    for _ in 0..400 {
        if fs::exists(place.path("admin.sock")).unwrap() {
            break;
        }
        wait_a_moment();
    }
    wait_a_moment();
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    for _ in 0..100 {
        if child.try_wait().unwrap().is_some() {
            break;
        }
        wait_a_moment();
    }
    let _over = child.kill();
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{}", stderr(&ended));
    assert!(!stderr(&ended).contains("ready"), "{}", stderr(&ended));
    assert_eq!(names_in(place.dir.path()), before);
}
