//! `sovereign replay`: captures in, captures and a log out, whole or not at all.

use super::*;
use testkit::{Order, chats};

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

/// A request in pieces, each acknowledged by the server as it came in the world that was recorded, though the replay
/// still holds the end of it.
fn acknowledged_at_once(content: &str) -> Vec<Vec<u8>> {
    let conversation = Conversation::new(Ends::new(Family::V4, 40_000, 80));
    let body = format!(r#"{{"messages":[{{"role":"user","content":"{content}"}}]}}"#);
    let head = format!("POST /v1/chat HTTP/1.1\r\nHost: 10.2.0.2\r\nContent-Length: {}\r\n\r\n", body.len());
    let request = head + &body;
    let mut frames =
        vec![conversation.syn(), conversation.syn_ack(), conversation.client_frame(&conversation.from_client(0, b""))];
    let mut at = 0;
    for piece in request.as_bytes().chunks(1000) {
        frames.push(conversation.client_frame(&conversation.from_client(at, piece)));
        at += u32::try_from(piece.len()).unwrap();
        let ack = Some(conversation.client_isn.wrapping_add(1).wrapping_add(at));
        frames.push(conversation.server_frame(&Tcp { ack, window: 1200, ..conversation.from_server(0, b"") }));
    }
    let end = conversation.from_client(at, b"");
    frames.push(conversation.client_frame(&Tcp { fin: true, ..end }));
    let ack = Some(conversation.client_isn.wrapping_add(2).wrapping_add(at));
    frames.push(conversation.server_frame(&Tcp { ack, ..conversation.from_server(0, b"") }));
    frames
}

#[test]
fn what_the_ends_of_a_capture_have_acknowledged_they_have_got() {
    let words: String = (0..200_000).map(|at| char::from(b"etaoinshrdlu"[at * 7 % 12])).collect();
    let frames = acknowledged_at_once(&words);
    let (ran, passed) = Place::new().replay(&frames, &["--json"]);
    let summary: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(summary["dropped"], serde_json::json!({}), "{summary}");
    assert_eq!(summary["requests_unread"], 0, "{summary}");
    let sent = |frames: &[Vec<u8>]| -> Vec<u8> {
        frames.iter().filter(|frame| frame[11] == 1).flat_map(|frame| frame[54..].to_vec()).collect()
    };
    assert!(sent(&passed) == sent(&frames), "a byte of the request is missing");
    assert!(stderr(&ran).is_empty(), "{}", stderr(&ran));
    let (ran, passed) = Place::new().replay(&acknowledged_at_once(&(words + " " + SSN)), &["--json"]);
    let summary: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(summary["verdicts"]["block"], 1, "{summary}");
    assert!(!contains(&passed.concat(), SSN));
}

#[test]
fn what_is_due_in_a_gap_of_a_capture_is_done_in_it() {
    // The second piece of the request comes late: the first one ends within what may become a match.
    let conversation = Conversation::new(Ends::new(Family::V4, 40_000, 80));
    let body = r#"{"messages":[{"role":"user","content":"it is 536-90-43zz"}]}"#;
    let head = format!("POST /v1/chat HTTP/1.1\r\nHost: 10.2.0.2\r\nContent-Length: {}\r\n\r\n", body.len());
    let request = head + body;
    let (front, back) = request.split_at(request.find("zz").unwrap());
    let at = u32::try_from(front.len()).unwrap();
    let frames = [
        conversation.syn(),
        conversation.syn_ack(),
        conversation.client_frame(&conversation.from_client(0, b"")),
        conversation.client_frame(&conversation.from_client(0, front.as_bytes())),
        conversation.client_frame(&conversation.from_client(at, back.as_bytes())),
    ];
    for (seconds, is_late) in [(0, false), (29, false), (31, true), (100, true), (100_000, true)] {
        let place = Place::new();
        let input = place.capture_with_gap("in.pcap", &frames, 4, Duration::from_secs(seconds));
        let (output, policy, log) = (place.path("out.pcap"), place.path("policy.toml"), place.path("log"));
        let ran = run(&["replay", &input, &output, "--policy", &policy, "--json", "--audit-dir", &log]);
        assert_done(&ran);
        let summary: Value = serde_json::from_slice(&ran.stdout).unwrap();
        assert_eq!(summary["blocked"]["hold_time"] == 1, is_late, "{seconds} s: {summary}");
        let passed = frames_of(Path::new(&output));
        assert_eq!(
            contains(&passed.concat(), "536-90-43zz") || contains(&passed.concat(), "zz\"}"),
            !is_late,
            "{seconds} s"
        );
        let records = stdout(&run(&["audit", "cat", &log, "--format", "json"]));
        let last: Value = serde_json::from_str(records.lines().last().unwrap()).unwrap();
        assert!(!is_late || last["ts"].as_str().unwrap().contains(":17:1"), "at its own time: {last}");
    }
}

#[test]
fn what_a_capture_does_not_hold_is_named() {
    let mut frames = acknowledged_at_once(&"cut ".repeat(2000));
    frames.truncate(8);
    let (ran, _) = Place::new().replay(&frames, &[]);
    assert!(stderr(&ran).contains("1 requests were not read to their end"), "{}", stderr(&ran));
    let last = frames[7].len() - 1;
    frames[7][last] ^= 1;
    let (ran, _) = Place::new().replay(&frames, &[]);
    assert!(stderr(&ran).contains("1 frames with a wrong checksum"), "{}", stderr(&ran));
}

#[test]
fn frames_that_were_captured_in_part_are_named() {
    let frames = conversation(Family::V4, "good morning");
    // tcpdump -s 100.
    let snap_len = 100;
    let header = PcapHeader { snaplen: snap_len, datalink: DataLink::ETHERNET, ..PcapHeader::default() };
    let place = Place::new();
    let input = place.path("short.pcap");
    let mut writer = PcapWriter::with_header(File::create(&input).unwrap(), header).unwrap();
    let mut cut = 0;
    for frame in &frames {
        let kept = &frame[..frame.len().min(snap_len as usize)];
        cut += usize::from(kept.len() < frame.len());
        let (incl_len, orig_len) = (u32::try_from(kept.len()).unwrap(), u32::try_from(frame.len()).unwrap());
        writer
            .write_raw_packet(&RawPcapPacket { ts_sec: 1, ts_frac: 0, incl_len, orig_len, data: kept.into() })
            .unwrap();
    }
    drop(writer);
    let ran = run(&["replay", &input, &place.path("out.pcap"), "--policy", &place.path("policy.toml")]);
    assert!(ran.status.success(), "{}", stderr(&ran));
    assert!(cut > 0 && stderr(&ran).contains(&format!("{cut} frames that were captured in part")), "{}", stderr(&ran));
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
fn a_replay_whose_log_found_no_room_is_none() {
    let place = Place::new();
    let frames: Vec<_> = chats(64, 200, Order::BackToBack).into_iter().map(|(_, frame)| frame).collect();
    let (input, output, dir) = (place.capture("in.pcap", &frames), place.path("out.pcap"), place.path("audit"));
    fs::create_dir(&dir).unwrap();
    let full = |program: &[&str]| {
        let mount = r#"mount -t tmpfs -o size=6m none "$0" && exec "$@""#;
        Command::new("unshare").args(["-rm", "sh", "-c", mount, &dir]).args(program).output().unwrap()
    };
    if !full(&["true"]).status.success() {
        eprintln!("skipped: this user may mount nothing, even in a namespace");
        return;
    }
    let program = env!("CARGO_BIN_EXE_sovereign");
    let ran = full(&[program, "replay", &input, &output, "--policy", &place.path("policy.toml"), "--audit-dir", &dir]);
    let said = stderr(&ran);
    assert_eq!(ran.status.code(), Some(1), "{said}");
    assert!(said.contains("no room for all records") && stdout(&ran).is_empty(), "{said}");
    assert!(!Path::new(&output).exists());
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
fn a_capture_that_breaks_off_begins_no_log_and_one_from_a_pipe_ends_its_own() {
    let place = Place::new();
    let whole = place.capture("whole.pcap", &[conversation(Family::V4, SSN), conversation(Family::V6, SSN)].concat());
    let bytes = fs::read(&whole).unwrap();
    let cut = place.file("cut.pcap", &bytes[..bytes.len() - 1]);
    let (out, dir, policy) = (place.path("out.pcap"), place.path("audit"), place.path("policy.toml"));
    assert_refused(&run(&["replay", &cut, &out, "--policy", &policy, "--audit-dir", &dir]), &["cut.pcap"]);
    assert!(!fs::exists(&dir).unwrap() && !fs::exists(&out).unwrap());
    let pipe = place.path("pipe.pcap");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let writer = std::thread::spawn({
        let (pipe, bytes) = (pipe.clone(), bytes[..bytes.len() - 1].to_vec());
        move || fs::write(pipe, bytes).unwrap()
    });
    assert_refused(&run(&["replay", &pipe, &out, "--policy", &policy, "--audit-dir", &dir]), &["pipe.pcap"]);
    writer.join().unwrap();
    let verified = run(&["audit", "verify", &dir]);
    assert_done(&verified);
    assert!(!stdout(&verified).starts_with("records 0 "), "{}", stdout(&verified));
}

#[test]
fn a_pipe_that_nobody_writes_into_is_refused_and_standard_input_is_read() {
    let place = Place::new();
    let (out, policy) = (place.path("out.pcap"), place.path("policy.toml"));
    let pipe = place.path("pipe.pcap");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert_refused(&run(&["replay", &pipe, &out, "--policy", &policy]), &["pipe.pcap", "nobody writes"]);
    assert_refused(&run(&["replay", "/dev/zero", &out, "--policy", &policy]), &["/dev/zero", "no regular file"]);
    let whole = place.capture("whole.pcap", &conversation(Family::V4, "hi"));
    let read = Command::new(env!("CARGO_BIN_EXE_sovereign"))
        .args(["replay", "/dev/stdin", &out, "--policy", &policy])
        .stdin(Command::new("cat").arg(&whole).stdout(Stdio::piped()).spawn().unwrap().stdout.unwrap())
        .output()
        .unwrap();
    assert_done(&read);
    assert_eq!(frames_of(Path::new(&out)).len(), 7);
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
