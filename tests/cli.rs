//! The program as scripts see it: exit codes, lines, files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

use pcap_file::pcap::{PcapPacket, PcapReader, PcapWriter};
use serde_json::Value;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use testkit::{Conversation, Ends, Family, Tcp};

const SSN: &str = "536-90-4399";

const POLICY: &str = r#"version = "cli-1"
[[flow]]
name = "plain"
match = { protocol = "tcp", ports = [80] }
mode = "inspect"
[[rule]]
name = "secrets"
detect = ["SECRET", "US_SSN"]
action = "block"
"#;

fn run(arguments: &[&str]) -> Output {
    run_with(arguments, b"")
}

fn run_with(arguments: &[&str], stdin: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sovereign"));
    command.args(arguments).env_remove("RUST_LOG").env_remove("NOTIFY_SOCKET");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    // The program may end without having read anything.
    let _ = input.write_all(stdin);
    drop(input);
    child.wait_with_output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[track_caller]
fn assert_done(output: &Output) {
    assert_eq!(output.status.code(), Some(0), "{}", stderr(output));
}

/// Exit code 2, nothing on stdout, and one line that names what failed.
#[track_caller]
fn assert_refused(output: &Output, names: &[&str]) {
    let line = stderr(output);
    assert_eq!(output.status.code(), Some(2), "{line}");
    assert_eq!(line.lines().count(), 1, "{line}");
    assert!(line.starts_with("sovereign: "), "{line}");
    assert!(names.iter().all(|name| line.contains(name)), "{line} does not name {names:?}");
    assert_eq!(stdout(output), "");
}

/// A directory with the policy in it.
struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { dir: TempDir::new().unwrap() };
        place.file("policy.toml", POLICY);
        place
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_str().unwrap().to_owned()
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        fs::write(self.dir.path().join(name), text).unwrap();
        self.path(name)
    }

    fn capture(&self, name: &str, frames: &[Vec<u8>]) -> String {
        let mut writer = PcapWriter::new(File::create(self.path(name)).unwrap()).unwrap();
        for (number, frame) in frames.iter().enumerate() {
            let at = Duration::from_millis(1_000_000 + number as u64);
            writer.write_packet(&PcapPacket::new(at, u32::try_from(frame.len()).unwrap(), frame)).unwrap();
        }
        drop(writer);
        self.path(name)
    }

    /// The configuration of a gateway that needs no root: its ports lead nowhere.
    #[cfg(feature = "dpdk")]
    fn null_gateway(&self, dataplane: &str) -> String {
        let dir = self.dir.path().display();
        let text = format!(
            "[ports]\ninside = \"net_null0\"\noutside = \"net_null1\"\n\
             [dataplane]\nlcores = [1]\nhugepages = \"none\"\nmbuf_count = 4096\n{dataplane}\n\
             [audit]\ndir = \"{dir}/audit\"\nsegment_bytes = 1048576\n\
             [admin]\nsocket = \"{dir}/admin.sock\"\nmetrics = \"127.0.0.1:0\"\n\
             [policy]\nfile = \"{dir}/policy.toml\"\n"
        );
        self.file("gateway.toml", text)
    }

    /// Replays these frames; returns the program's output and the frames that passed.
    fn replay(&self, frames: &[Vec<u8>], more: &[&str]) -> (Output, Vec<Vec<u8>>) {
        let (input, output) = (self.capture("in.pcap", frames), self.path("out.pcap"));
        let policy = self.path("policy.toml");
        let ran = run(&[&["replay", &input, &output, "--policy", &policy], more].concat());
        assert_done(&ran);
        (ran, frames_of(Path::new(&output)))
    }
}

fn frames_of(path: &Path) -> Vec<Vec<u8>> {
    let mut reader = PcapReader::new(File::open(path).unwrap()).unwrap();
    let mut frames = Vec::new();
    while let Some(packet) = reader.next_packet() {
        let packet = packet.unwrap();
        assert_eq!(packet.orig_len as usize, packet.data.len());
        frames.push(packet.data.into_owned());
    }
    frames
}

/// One connection with one request and its answer.
fn conversation(family: Family, content: &str) -> Vec<Vec<u8>> {
    let conversation = Conversation::new(Ends::new(family, 40_000, 80));
    let body = format!(r#"{{"model":"gpt-4o","messages":[{{"role":"user","content":"{content}"}}]}}"#);
    let request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: 10.2.0.2\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let acks = |count: usize| Some(conversation.client_isn.wrapping_add(1).wrapping_add(u32::try_from(count).unwrap()));
    let heard = conversation.server_isn.wrapping_add(1).wrapping_add(u32::try_from(answer.len()).unwrap());
    let (front, back) = request.as_bytes().split_at(request.len() / 2);
    let at = u32::try_from(front.len()).unwrap();
    vec![
        conversation.syn(),
        conversation.syn_ack(),
        conversation.client_frame(&conversation.from_client(0, b"")),
        conversation.client_frame(&conversation.from_client(0, front)),
        conversation.client_frame(&conversation.from_client(at, back)),
        conversation.server_frame(&Tcp { ack: acks(request.len()), ..conversation.from_server(0, answer.as_bytes()) }),
        conversation.client_frame(&Tcp {
            ack: Some(heard),
            ..conversation.from_client(u32::try_from(request.len()).unwrap(), b"")
        }),
    ]
}

fn contains(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[test]
fn a_clean_conversation_passes_byte_for_byte() {
    for family in [Family::V4, Family::V6] {
        let frames = conversation(family, "good morning");
        let (_, passed) = Place::new().replay(&frames, &[]);
        // Two ports have no order between them, each has its own.
        for sender in [1, 2] {
            let from = |frames: &[Vec<u8>]| -> Vec<Vec<u8>> {
                frames.iter().filter(|frame| frame[11] == sender).cloned().collect()
            };
            assert_eq!(from(&passed), from(&frames), "{family:?}");
        }
        assert_eq!(passed.len(), frames.len());
    }
}

#[test]
fn a_request_with_a_secret_is_cut() {
    let (ran, passed) = Place::new().replay(&conversation(Family::V4, SSN), &["--json"]);
    assert!(!contains(&passed.concat(), SSN));
    let summary: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(summary["frames_in"], 7);
    assert_eq!(summary["frames_out"], passed.len());
    assert_eq!(summary["requests"], 1);
    assert_eq!(summary["verdicts"]["block"], 1);
    assert_eq!(summary["blocked"]["finding"], 1);
    assert!(contains(&passed.concat(), "403 Forbidden"), "the client is told");
}

#[test]
fn the_summary_for_people_names_what_was_blocked() {
    let (ran, _) = Place::new().replay(&conversation(Family::V4, SSN), &[]);
    let text = stdout(&ran);
    assert!(text.contains("blocked    finding 1") && text.contains("requests   1"), "{text}");
}

/// Replays a clean and a bad request into an audit log.
fn audited() -> (Place, String) {
    let place = Place::new();
    let dir = place.path("audit");
    place.replay(
        &[conversation(Family::V4, "good morning"), conversation(Family::V6, SSN)].concat(),
        &["--audit-dir", &dir],
    );
    (place, dir)
}

#[test]
fn a_replay_leaves_an_audit_log_that_verifies_and_can_be_read() {
    let (_place, dir) = audited();
    let verified = run(&["audit", "verify", &dir]);
    assert_done(&verified);
    let is_hash = |word: &str| word.len() == 64 && word.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    assert!(stdout(&verified).split_whitespace().any(is_hash), "{}", stdout(&verified));
    let cat = run(&["audit", "cat", &dir, "--format", "json"]);
    assert_done(&cat);
    let records: Vec<Value> = stdout(&cat).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let blocked = records.iter().find(|record| record["verdict"] == "block").expect("the blocked request");
    for name in [
        "seq",
        "ts",
        "gateway",
        "silo",
        "user",
        "client_ip",
        "server_ip",
        "server_name",
        "method",
        "path",
        "provider",
        "model",
        "operation",
        "stream",
        "status",
        "tokens_in",
        "tokens_out",
        "usage_source",
        "latency_ns",
        "overhead_ns",
        "verdict",
        "reason",
        "findings",
        "request_bytes",
        "response_bytes",
        "policy_version",
    ] {
        assert!(blocked.get(name).is_some(), "{name} is missing in {blocked}");
    }
    assert_eq!((&blocked["client_ip"], &blocked["model"]), (&"fd00::1".into(), &"gpt-4o".into()));
    assert_eq!((&blocked["policy_version"], &blocked["reason"]), (&"cli-1".into(), &"finding".into()));
    assert!(!stdout(&cat).contains(SSN), "a log holds no secret");
    let numbers: Vec<u64> = records.iter().filter_map(|record| record["seq"].as_u64()).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
    let text = run(&["audit", "cat", &dir]);
    assert!(
        stdout(&text).lines().next().unwrap().contains("Watch Me: Cloud Sovereign Audit Trail"),
        "{}",
        stdout(&text)
    );
}

#[test]
fn one_flipped_byte_is_found() {
    let (_place, dir) = audited();
    let segment = fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| fs::metadata(path).unwrap().len() > 4096);
    let segment: PathBuf = segment.expect("a segment");
    let clean = fs::read(&segment).unwrap();
    let used = clean.iter().rposition(|byte| *byte != 0).unwrap();
    for place in [used / 3, used / 2, used, clean.len() - 1] {
        let mut bytes = clean.clone();
        bytes[place] ^= 1;
        fs::write(&segment, bytes).unwrap();
        let verified = run(&["audit", "verify", &dir]);
        assert_eq!(verified.status.code(), Some(1), "byte {place}: {}{}", stdout(&verified), stderr(&verified));
    }
    fs::write(&segment, clean).unwrap();
    assert_done(&run(&["audit", "verify", &dir]));
}

#[test]
fn a_proof_says_whose_key_it_was_and_holds_it_against_the_one_beside_the_log() {
    let (place, dir) = audited();
    let verified = run(&["audit", "verify", &dir]);
    let key = fs::read_to_string(format!("{dir}/audit.pub")).unwrap();
    let told = stderr(&verified);
    assert!(told.contains(&format!("gateway replay key {key}")) && told.contains("closed in order, runs 1"), "{told}");
    assert_eq!(stdout(&verified).lines().count(), 1, "{}", stdout(&verified));
    // Somebody wrote a log with a key of their own into the place of this one.
    let other = place.path("other");
    place.replay(&conversation(Family::V4, "hi"), &["--audit-dir", &other]);
    fs::write(format!("{other}/audit.pub"), &key).unwrap();
    let verified = run(&["audit", "verify", &other]);
    assert_eq!(verified.status.code(), Some(1));
    assert!(stdout(&verified).contains("signed by another key"), "{}", stdout(&verified));
    fs::remove_file(format!("{other}/audit.pub")).unwrap();
    assert_done(&run(&["audit", "verify", &other]));
    assert_eq!(run(&["audit", "verify", &other, "--key", key.trim()]).status.code(), Some(1));
    fs::write(format!("{other}/audit.pub"), "no key").unwrap();
    assert_eq!(run(&["audit", "verify", &other]).status.code(), Some(1));
}

#[test]
fn records_that_a_restart_signed_are_told_of() {
    let (place, dir) = audited();
    let segment = format!("{dir}/00000000000000000001.audit");
    let mut bytes = fs::read(&segment).unwrap();
    // The last checkpoint and the close are gone: the records before them are whole and unsigned.
    let lengths = |bytes: &[u8], at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let (mut at, mut ends) = (512, Vec::new());
    while lengths(&bytes, at) > 0 {
        ends.push((at, bytes[at + 4]));
        at += lengths(&bytes, at);
    }
    let last_record = ends.iter().rposition(|(_, kind)| *kind < 16).unwrap();
    let cut = ends[last_record + 1].0;
    bytes[cut..at].fill(0);
    fs::write(&segment, &bytes).unwrap();
    assert_eq!(run(&["audit", "verify", &dir]).status.code(), Some(1));
    let (again, _) = place.replay(&conversation(Family::V4, "hi"), &["--audit-dir", &dir]);
    assert!(stderr(&again).contains("records that nobody had signed"), "{}", stderr(&again));
    let verified = run(&["audit", "verify", &dir]);
    assert_done(&verified);
    assert!(stderr(&verified).contains("records signed only by the run behind the crash"), "{}", stderr(&verified));
}

#[test]
fn a_pipe_in_the_place_of_a_file_keeps_nobody_waiting() {
    let (place, dir) = audited();
    let pipe = place.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    fs::rename(&pipe, format!("{dir}/00000000000000000002.audit")).unwrap();
    for command in ["verify", "cat"] {
        assert_eq!(run(&["audit", command, &dir]).status.code(), Some(1), "{command}");
    }
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert_refused(&run(&["policy", "check", &pipe]), &["no regular file"]);
    assert_refused(&run(&["policy", "check", "/dev/zero"]), &["no regular file"]);
}

#[test]
fn an_interrupted_replay_ends_its_log_and_leaves_nothing_else() {
    let place = Place::new();
    let frames = conversation(Family::V4, "hi");
    let many: Vec<Vec<u8>> = frames.iter().cycle().take(300_000).cloned().collect();
    let (input, output, dir) = (place.capture("in.pcap", &many), place.path("out.pcap"), place.path("audit"));
    let policy = place.path("policy.toml");
    let mut command = Command::new(env!("CARGO_BIN_EXE_sovereign"));
    command.args(["replay", &input, &output, "--policy", &policy, "--audit-dir", &dir]).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    while !Path::new(&format!("{dir}/00000000000000000001.audit")).exists() {
        std::thread::park_timeout(Duration::from_millis(1));
    }
    std::thread::park_timeout(Duration::from_millis(50));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130), "{}", stderr(&ended));
    let names: Vec<_> = fs::read_dir(place.dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    let verified = run(&["audit", "verify", &dir]);
    assert_done(&verified);
    assert!(stderr(&verified).contains("closed in order"), "{}", stderr(&verified));
}

#[test]
fn a_set_of_fingerprints_replaces_no_device() {
    let place = Place::new();
    fs::create_dir(place.path("tree")).unwrap();
    place.file(
        "tree/a.rs",
        "fn turned(widget: &Widget) -> Sprocket {\n    widget.sprocket_of(Gear::Third).turned()\n}\n",
    );
    let (tree, link) = (place.path("tree"), place.path("link.fp"));
    let full = run(&["fingerprint", "build", &tree, "-o", "/dev/full"]);
    assert_eq!(full.status.code(), Some(1), "{}", stderr(&full));
    assert!(!fs::metadata("/dev/full").unwrap().is_file());
    std::os::unix::fs::symlink(place.file("behind.fp", "old"), &link).unwrap();
    assert_done(&run(&["fingerprint", "build", &tree, "-o", &link]));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_done(&run(&["fingerprint", "show", &link]));
}

#[test]
fn what_a_name_holds_reaches_the_terminal_visibly_and_on_one_line() {
    let place = Place::new();
    let odd = place.file("a\u{1b}[2J\nb.toml", "version = 7");
    for arguments in [&["policy", "check", &odd][..], &["scan", "--bench", &place.path("none\u{1b}\n")]] {
        let ran = run(arguments);
        let said = stdout(&ran) + &stderr(&ran);
        assert!(said.contains("\\u{1b}") && !said.contains('\u{1b}') && said.lines().count() == 1, "{said:?}");
    }
}

#[test]
fn a_text_with_half_a_surrogate_is_read() {
    let ran = run_with(&["scan", "--jsonl"], format!("{{\"id\": 1, \"text\": \"\\ud800 {SSN}\"}}\n").as_bytes());
    assert_done(&ran);
    let found: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!((&found["findings"][0]["start"], &found["findings"][0]["end"]), (&4.into(), &15.into()));
    let wrong = run_with(&["scan", "--jsonl"], b"{\"id\": 1, \"text\": [1, 2]}\n");
    assert_refused(&wrong, &["stdin:1:"]);
}

#[test]
fn a_capture_that_cannot_be_read_is_refused_in_one_line() {
    let place = Place::new();
    let policy = place.path("policy.toml");
    let out = place.path("out.pcap");
    let replay = |input: &str| run(&["replay", input, &out, "--policy", &policy]);
    assert_refused(&replay(&place.path("none.pcap")), &["none.pcap"]);
    assert_refused(&replay(&place.file("text.pcap", "this is no capture at all")), &["text.pcap"]);
    assert_refused(&replay(&place.file("empty.pcap", "")), &["empty.pcap"]);
    let whole = place.capture("whole.pcap", &conversation(Family::V4, "hi"));
    let bytes = fs::read(&whole).unwrap();
    for cut in [bytes.len() - 1, bytes.len() - 20, 30] {
        assert_refused(&replay(&place.file("cut.pcap", &bytes[..cut])), &["cut.pcap"]);
    }
    assert_refused(&run(&["replay", &whole, &place.path("no/such/dir.pcap"), "--policy", &policy]), &["dir.pcap"]);
    assert_refused(&run(&["replay", &whole, &whole, "--policy", &policy]), &["overwritten"]);
    assert_eq!(fs::read(&whole).unwrap(), bytes);
    assert_refused(&run(&["replay", &whole, &out, "--policy", &place.path("none.toml")]), &["none.toml"]);
}

#[test]
fn a_policy_check_answers_yes_no_or_cannot_tell() {
    let place = Place::new();
    let good = run(&["policy", "check", &place.path("policy.toml")]);
    assert_done(&good);
    assert!(stdout(&good).contains("cli-1"));
    let bad = place.file("bad.toml", "version = 1\n[default]\nmode = \"open\"\ncolour = 3\n");
    let refused = run(&["policy", "check", &bad]);
    assert_eq!(refused.status.code(), Some(1));
    let lines: Vec<String> = stdout(&refused).lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    for (line, place) in lines.iter().zip([":1:11: ", ":3:8: ", ":4:1: "]) {
        assert!(line.contains(&format!("bad.toml{place}")), "{line}");
    }
    assert_refused(&run(&["policy", "check", &place.path("none.toml")]), &["none.toml"]);
}

#[test]
fn scanned_lines_keep_order_identity_and_offsets() {
    let lines = [
        serde_json::json!({"id": 7, "text": "nothing here"}),
        serde_json::json!({"id": {"any": ["thing"]}, "text": format!("\u{e4}\u{1f600} my ssn is {SSN}.")}),
        serde_json::json!({"id": null, "text": ""}),
        serde_json::json!({"id": "last", "text": "write to jane.roe@example.org"}),
    ];
    let input: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let ran = run_with(&["scan", "--jsonl"], input.as_bytes());
    assert_done(&ran);
    let found: Vec<Value> = stdout(&ran).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(found.len(), lines.len());
    for (out, line) in found.iter().zip(&lines) {
        assert_eq!(out["id"], line["id"]);
        let text = line["text"].as_str().unwrap();
        for finding in out["findings"].as_array().unwrap() {
            let at = |name: &str| usize::try_from(finding[name].as_u64().unwrap()).unwrap();
            let cut = &text[at("start")..at("end")];
            assert!([SSN, "jane.roe@example.org"].contains(&cut), "{finding}: {cut:?}");
            assert!(
                finding["rule"].is_string()
                    && finding["view"].is_string()
                    && finding["confidence"].as_f64().unwrap() <= 1.0
            );
        }
    }
    let types = |place: usize| -> Vec<&str> {
        found[place]["findings"].as_array().unwrap().iter().map(|finding| finding["type"].as_str().unwrap()).collect()
    };
    assert_eq!((types(0), types(1), types(3)), (vec![], vec!["US_SSN"], vec!["EMAIL_ADDRESS"]));
}

#[test]
fn the_configuration_that_is_shown_loads_again_and_is_the_same() {
    let place = Place::new();
    let shown = run(&["config", "show"]);
    if shown.status.code() == Some(2) {
        panic!("{}", stderr(&shown));
    }
    assert_done(&shown);
    let again = run(&["config", "show", "--config", &place.file("shown.toml", stdout(&shown))]);
    assert_done(&again);
    assert_eq!(stdout(&again), stdout(&shown));
    for name in ["hold_bytes_max = 65536", "sync = \"50ms\"", "[admin]"] {
        assert!(stdout(&shown).contains(name), "{name}");
    }
}

#[test]
fn every_problem_of_a_configuration_is_told_by_whoever_reads_it() {
    let place = Place::new();
    let bad =
        place.file("bad.toml", "[dataplane]\nlcores = []\nmbuf_count = 1\n[audit]\nsync = \"soon\"\ncolour = 1\n");
    for arguments in
        [&["config", "show", "--config", &bad][..], &["inline", "--config", &bad], &["stop", "--config", &bad]]
    {
        let ran = run(arguments);
        assert_eq!((ran.status.code(), stdout(&ran).as_str()), (Some(2), ""), "{arguments:?}");
        let lines: Vec<String> = stderr(&ran).lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 4, "{lines:#?}");
        for (line, at) in lines.iter().zip(["2:10", "3:14", "5:8", "6:1"]) {
            assert!(line.starts_with("sovereign: ") && line.contains(&format!("({bad}:{at}); ")), "{line}");
        }
    }
}

#[test]
fn wrong_usage_is_exit_code_2() {
    for arguments in
        [&["fly"][..], &["replay"], &["scan", "--jsonl", "--redact"], &["audit"], &["inline", "--no-such"], &[]]
    {
        let ran = run(arguments);
        assert_eq!(ran.status.code(), Some(2), "{arguments:?}");
        assert!(!ran.stderr.is_empty() && ran.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn an_audit_directory_without_a_log_is_refused() {
    let place = Place::new();
    let dir = place.dir.path().to_str().unwrap();
    assert_refused(&run(&["audit", "verify", dir]), &[dir]);
    let cat = run(&["audit", "cat", &place.path("none")]);
    assert_eq!((cat.status.code(), stderr(&cat).lines().count()), (Some(2), 1), "{}", stderr(&cat));
}

#[cfg(feature = "dpdk")]
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
fn a_failure_has_its_exit_code_even_if_nobody_hears_of_it() {
    for arguments in [&["scan", "/nonexistent"][..], &["policy", "check", "/nonexistent"], &["fly"]] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_sovereign"));
        let status = command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(full).status().unwrap();
        assert_eq!(status.code(), Some(2), "{arguments:?}");
    }
}

#[cfg(feature = "dpdk")]
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

/// Names in a directory, in order.
fn names_in(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = entries.collect();
    names.sort();
    names
}

#[test]
fn a_replay_that_fails_leaves_its_output_as_it_was() {
    let place = Place::new();
    let policy = place.path("policy.toml");
    let whole = place.capture("whole.pcap", &conversation(Family::V4, SSN));
    let bytes = fs::read(&whole).unwrap();
    let mut foreign = bytes.clone();
    foreign[20] = 101;
    fs::create_dir(place.path("dir")).unwrap();
    place.file("empty", "");
    place.file("text", "this is no capture at all");
    place.file("foreign", foreign);
    place.file("cut", &bytes[..bytes.len() - 1]);
    let kept = place.file("kept.pcap", "do not touch");
    let names = names_in(place.dir.path());
    for input in ["dir", "empty", "text", "foreign", "cut", "none"] {
        for output in [&kept, &place.path("new.pcap")] {
            let ran = run(&["replay", &place.path(input), output, "--policy", &policy]);
            assert_refused(&ran, &[input]);
        }
        assert_eq!(fs::read_to_string(&kept).unwrap(), "do not touch", "{input}");
        assert_eq!(names_in(place.dir.path()), names, "{input}");
    }
    // The capture itself under another name.
    fs::hard_link(&whole, place.path("linked.pcap")).unwrap();
    assert_refused(&run(&["replay", &whole, &place.path("linked.pcap"), "--policy", &policy]), &["linked.pcap"]);
    assert_eq!(fs::read(&whole).unwrap(), bytes);
}

#[test]
fn the_log_of_a_replay_that_breaks_off_still_verifies() {
    let place = Place::new();
    let whole = place.capture("whole.pcap", &[conversation(Family::V4, SSN), conversation(Family::V6, SSN)].concat());
    let bytes = fs::read(&whole).unwrap();
    let cut = place.file("cut.pcap", &bytes[..bytes.len() - 1]);
    let (out, dir, policy) = (place.path("out.pcap"), place.path("audit"), place.path("policy.toml"));
    assert_refused(&run(&["replay", &cut, &out, "--policy", &policy, "--audit-dir", &dir]), &["cut.pcap"]);
    let verified = run(&["audit", "verify", &dir]);
    assert_done(&verified);
    assert!(!stdout(&verified).starts_with("records 0 "), "{}", stdout(&verified));
}

#[test]
fn an_output_that_cannot_be_written_is_to_blame_itself() {
    let place = Place::new();
    let policy = place.path("policy.toml");
    let whole = place.capture("whole.pcap", &conversation(Family::V4, "hi"));
    let full = run(&["replay", &whole, "/dev/full", "--policy", &policy]);
    assert_eq!(full.status.code(), Some(1), "{}", stderr(&full));
    assert!(
        stderr(&full).contains("cannot write /dev/full") && stderr(&full).lines().count() == 1,
        "{}",
        stderr(&full)
    );
    assert_done(&run(&["replay", &whole, "/dev/null", "--policy", &policy]));
    let link = place.path("link.pcap");
    std::os::unix::fs::symlink(place.file("behind.pcap", "old"), &link).unwrap();
    assert_done(&run(&["replay", &whole, &link, "--policy", &policy]));
    assert_eq!(frames_of(Path::new(&place.path("behind.pcap"))).len(), 7);
}

#[cfg(feature = "dpdk")]
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

#[cfg(feature = "dpdk")]
#[expect(clippy::disallowed_methods, reason = "a test that waits for another process")]
fn wait_a_moment() {
    std::thread::sleep(Duration::from_millis(50));
}

/// A start that is refused: one line, exit code 2, and nothing there that was not there before.
#[cfg(feature = "dpdk")]
#[track_caller]
fn assert_not_started(place: &Place, arguments: &[&str], names: &[&str]) {
    let before = names_in(place.dir.path());
    let config = place.path("gateway.toml");
    assert_refused(&run(&[&["inline", "--config", &config][..], arguments].concat()), names);
    assert_eq!(names_in(place.dir.path()), before, "{arguments:?}");
}

#[cfg(feature = "dpdk")]
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
fn a_policy_finds_the_code_whose_fingerprints_lie_beside_it() {
    let place = Place::new();
    let code = "fn frobnicate(widget: &Widget) -> Sprocket {\n    let sprocket = widget.sprocket_of(Gear::Third);\n    \
                sprocket.turned(widget.angle_degrees, widget.speed)\n}\n";
    fs::create_dir(place.path("tree")).unwrap();
    fs::write(place.path("tree") + "/a.rs", code).unwrap();
    let policy = place.path("policy.toml");
    let text = "version = \"1\"\n[[rule]]\nname = \"ours\"\ndetect = [\"FINGERPRINT:engine\"]\naction = \"block\"\n\
                [fingerprints]\nengine = \"engine.fp\"\n";
    fs::write(&policy, text).unwrap();
    let without = run(&["policy", "check", &policy]);
    assert_eq!(without.status.code(), Some(1));
    assert!(stdout(&without).contains(":7:10: the file \"engine.fp\" cannot be read"), "{}", stdout(&without));
    assert_done(&run(&["fingerprint", "build", &place.path("tree"), "-o", &place.path("engine.fp")]));
    assert_done(&run(&["policy", "check", &policy]));
    let scan = run_with(&["scan", "--format", "json", "--policy", &policy], code.as_bytes());
    let found: Value = serde_json::from_slice(&scan.stdout).unwrap();
    assert_eq!((&found["type"], &found["rule"]), (&Value::from("FINGERPRINT"), &Value::from("engine")));
}

#[test]
fn scan_explains_its_findings_and_nothing_else() {
    let text = "her NHS number is 943 476 5919, not 943 476 5918";
    let ran = run_with(&["scan", "--explain"], text.as_bytes());
    let shown = String::from_utf8(ran.stdout).unwrap();
    let expected = "-:18-30 UK_NHS uk-nhs 0.98\n    view       raw\n    validator  check digit modulo 11\n    \
                    source     NHS Data Dictionary\n    raised     by \"NHS number\" at 4-14\n";
    assert!(shown.contains(expected) && shown.matches("uk-nhs").count() == 1, "{shown}");
    let line = format!("{{\"id\": 1, \"text\": \"{text}\"}}\n");
    for arguments in [&["scan", "--jsonl", "--explain"][..], &["scan", "--format", "json", "--explain"]] {
        let input = if arguments.contains(&"--jsonl") { line.as_bytes() } else { text.as_bytes() };
        let ran = run_with(arguments, input);
        let lines = stdout(&ran);
        let found: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let found = found
            .iter()
            .flat_map(|found| found["findings"].as_array().map_or(std::slice::from_ref(found), Vec::as_slice));
        let found = found.into_iter().find(|found| found["rule"] == "uk-nhs").unwrap();
        assert_eq!(found["explain"]["raised"]["word"], "NHS number", "{found}");
        assert_eq!(found["explain"]["raised"]["start"], 4, "{found}");
        assert_eq!(found["explain"]["validator"], "check digit modulo 11");
        assert!(found["explain"]["lowered"].is_null());
    }
    let ran = run_with(&["scan", "--format", "json"], text.as_bytes());
    assert!(!String::from_utf8(ran.stdout).unwrap().contains("explain"));
}

#[test]
fn scan_does_not_mind_a_reader_that_leaves() {
    let place = Place::new();
    let text = place.file("text", format!("{SSN} and jane.roe@example.org\n").repeat(20_000));
    let lines = place.file("lines", format!("{{\"id\": 1, \"text\": \"{SSN}\"}}\n").repeat(20_000));
    for arguments in [
        &["scan", &text][..],
        &["scan", "--format", "json", &text],
        &["scan", "--redact", &text],
        &["scan", "--jsonl", &lines],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sovereign"));
        let mut child = command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let ran = child.wait_with_output().unwrap();
        assert_eq!((ran.status.code(), stderr(&ran).as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn an_identity_comes_back_as_it_was_written() {
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let ids = ["12345678901234567890123", "-0", "1e2", "1.0", "{\"b\": 1, \"a\":2}", "\"\\u0041\"", "null", &deep];
    let input: String = ids.iter().map(|id| format!("{{\"id\": {id}, \"text\": \"\"}}\r\n")).collect();
    let ran = run_with(&["scan", "--jsonl"], format!("\u{feff}{input}").as_bytes());
    assert_done(&ran);
    let expected: String = ids.iter().map(|id| format!("{{\"id\":{id},\"findings\":[]}}\n")).collect();
    assert_eq!(stdout(&ran), expected);
}

#[test]
fn a_line_that_cannot_be_read_is_named_once_and_those_before_it_are_answered() {
    let ran = run_with(&["scan", "--jsonl"], b"{\"id\": 1, \"text\": \"\"}\n\n{\"id\": 2, \"txt\": \"\"}\n");
    assert_eq!((ran.status.code(), stdout(&ran).lines().count()), (Some(2), 1));
    let line = stderr(&ran);
    assert!(line.contains("(stdin:3:20); write one ") && line.matches("line").count() == 2, "{line}");
}

#[test]
fn a_program_that_waits_for_each_answer_gets_it() {
    use std::io::{BufRead, BufReader};
    let mut command = Command::new(env!("CARGO_BIN_EXE_sovereign"));
    let mut child =
        command.args(["scan", "--jsonl", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut asks, mut answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    for id in 0..3 {
        writeln!(asks, "{{\"id\": {id}, \"text\": \"{SSN}\"}}").unwrap();
        let mut answer = String::new();
        answers.read_line(&mut answer).unwrap();
        assert!(answer.starts_with(&format!("{{\"id\":{id},")) && answer.contains("US_SSN"), "{answer}");
    }
    drop(asks);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn what_json_escapes_hide_is_found_and_masked_in_the_original() {
    let text = r#"{"mail": "jane.roe\u0040example.org"}"#;
    let ran = run_with(&["scan", "--format", "json", "-"], text.as_bytes());
    let found: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!((&found["view"], &found["start"], &found["end"]), (&"json".into(), &10.into(), &35.into()));
    let masked = run_with(&["scan", "--redact"], text.as_bytes());
    assert_eq!(stdout(&masked), r#"{"mail": "[REDACTED]"}"#);
}

#[test]
fn what_may_surprise_in_a_policy_is_noted_and_the_policy_is_good() {
    let place = Place::new();
    let flow = "[[flow]]\nname = \"tls\"\nmatch = { sni = \"@ai\" }\nmode = \"terminate\"\n";
    let policy = place.file("terminate.toml", format!("{POLICY}{flow}"));
    let checked = run(&["policy", "check", &policy]);
    assert_done(&checked);
    assert!(stdout(&checked).contains("terminate.toml:12:9: note: flow \"tls\""), "{}", stdout(&checked));
    let whole = place.capture("whole.pcap", &conversation(Family::V4, "hi"));
    let replayed = run(&["replay", &whole, "/dev/null", "--policy", &policy]);
    assert_done(&replayed);
    assert!(stderr(&replayed).contains("only TLS with a name passes"), "{}", stderr(&replayed));
}

#[test]
fn a_word_of_a_list_has_the_same_type_in_the_log_and_in_a_scan() {
    let place = Place::new();
    let words = "[[rule]]\nname = \"words\"\ndetect = [\"KEYWORD:ours\"]\naction = \"block\"\n[keywords]\nours = [\"Watch Me\"]\n";
    place.file("policy.toml", format!("{POLICY}{words}"));
    let dir = place.path("audit");
    place.replay(&conversation(Family::V4, "project Watch Me"), &["--audit-dir", &dir]);
    let cat = stdout(&run(&["audit", "cat", &dir, "--format", "json"]));
    let scan = run_with(&["scan", "--format", "json", "--policy", &place.path("policy.toml")], b"project Watch Me");
    let found: Value = serde_json::from_slice(&scan.stdout).unwrap();
    assert_eq!(found["type"], "KEYWORD:ours");
    assert!(cat.contains("\"type\":\"KEYWORD:ours\""), "{cat}");
    assert!(stdout(&run(&["audit", "cat", &dir])).contains("finding=KEYWORD:ours/ours:1"));
}

#[test]
fn following_a_log_prints_what_is_there_and_what_comes() {
    use std::io::{BufRead, BufReader};
    let (place, dir) = audited();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sovereign"));
    command.args(["audit", "cat", &dir, "--follow", "--format", "json"]).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let before = stdout(&run(&["audit", "cat", &dir, "--format", "json"]));
    for expected in before.lines() {
        assert_eq!(lines.next().unwrap().unwrap(), expected);
    }
    place.replay(&conversation(Family::V4, "good evening"), &["--audit-dir", &dir]);
    let after = stdout(&run(&["audit", "cat", &dir, "--format", "json"]));
    let new: Vec<&str> = after.lines().skip(before.lines().count()).collect();
    assert!(!new.is_empty());
    for expected in new {
        assert_eq!(lines.next().unwrap().unwrap(), expected);
    }
    let _ = child.kill();
    let _ = child.wait();
}

#[test]
fn a_configuration_that_is_named_must_be_there() {
    for command in ["status", "reload", "stop"] {
        assert_refused(&run(&[command, "--config", "/nonexistent.toml"]), &["/nonexistent.toml"]);
    }
}

#[test]
fn wrong_usage_is_told_in_one_line_and_help_as_ever() {
    for arguments in [&["fly"][..], &["replay"], &["scan", "--bench", "--seconds", "0", "x"], &["inline", "--no-such"]]
    {
        assert_refused(&run(arguments), &["; ", "--help`"]);
    }
    for arguments in [&["--help"][..], &["scan", "--help"], &["--version"]] {
        let ran = run(arguments);
        assert_done(&ran);
        assert!(!ran.stdout.is_empty() && ran.stderr.is_empty());
    }
}
