//! `sovereign scan` and `fingerprint`: texts in, findings out.

use super::*;

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
fn a_text_with_half_a_surrogate_is_read() {
    let ran = run_with(&["scan", "--jsonl"], format!("{{\"id\": 1, \"text\": \"\\ud800 {SSN}\"}}\n").as_bytes());
    assert_done(&ran);
    let found: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!((&found["findings"][0]["start"], &found["findings"][0]["end"]), (&4.into(), &15.into()));
    let wrong = run_with(&["scan", "--jsonl"], b"{\"id\": 1, \"text\": [1, 2]}\n");
    assert_refused(&wrong, &["stdin:1:"]);
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
