//! Usage, configuration and policies: what is wrong with them, told once and in one line.

use super::*;

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
fn a_failure_has_its_exit_code_even_if_nobody_hears_of_it() {
    for arguments in [&["scan", "/nonexistent"][..], &["policy", "check", "/nonexistent"], &["fly"]] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_sovereign"));
        let status = command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(full).status().unwrap();
        assert_eq!(status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_file_that_may_not_grow_is_a_failure_in_one_line() {
    let place = Place::new();
    let whole = place.capture("whole.pcap", &conversation(Family::V4, "hi"));
    let policy = place.path("policy.toml");
    let limited = |arguments: &[&str]| {
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -f 0; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_sovereign")]).args(arguments);
        command.stdin(Stdio::null()).env_remove("RUST_LOG").output().unwrap()
    };
    for arguments in [
        &["replay", &whole, &place.path("out.pcap"), "--policy", &policy][..],
        &["ca", "init", "--dir", &place.path("ca")],
        &["fingerprint", "build", "src", "-o", &place.path("own.fp")],
    ] {
        let ran = limited(arguments);
        let line = stderr(&ran);
        assert_eq!(ran.status.code(), Some(1), "{arguments:?}: {line}");
        assert!(line.starts_with("sovereign: ") && line.contains("File too large"), "{arguments:?}: {line}");
        assert_eq!(line.lines().count(), 1, "{line}");
    }
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
