//! However the bytes of a connection are cut, the outcome is the same.

use super::lab::{EMAIL, Lab, SSN, Seen, answer, both, chunked, request};
use crate::Rules;
use net::Direction;
use policy::Verdict;
use proptest::prelude::*;

/// Text of a prompt: harmless, sensitive, and in between.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z ]{0,12}",
        1 => "[0-9-]{0,12}",
        1 => Just(SSN.to_owned()),
        2 => Just(EMAIL.to_owned()),
        1 => Just(SSN[..8].to_owned()),
        1 => Just("\u{e4}\u{1f600}\"\\/\n".to_owned()),
        1 => Just("198.51.100.23".to_owned()),
        3 => prop::sample::select(HIDDEN).prop_map(str::to_owned),
        1 => (prop::sample::select(HIDDEN), any::<prop::sample::Index>()).prop_map(|(text, cut)| {
            text.chars().take(cut.index(text.chars().count())).collect()
        }),
    ]
}

/// What views read as an address, or as parts of one.
const HIDDEN: &[&str] = &[
    "amFuZS5yb2VAZXhhbXBsZS5vcmc=",
    "YW1GdVpTNXliMlZBWlhoaGJYQnNaUzV2Y21jPQ==",
    "6a616e652e726f65406578616d706c652e6f7267",
    "jane.roe%40example.org",
    "jane.roe&#64;example.org",
    "jane.roe\\u0040example.org",
    "jane.roe\u{ff20}example\u{3002}org",
    "j\u{200b}ane.roe@exam\u{ad}ple.org",
    "jane.roe [at] example [dot] org",
    "j a n e . r o e @ e x a m p l e . o r g",
    "c2VydmVyIDE5OC41MS4xMDAuMjMgYW5kIGphbmVAZXhhbXBsZS5vcmc=",
];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..5).prop_map(|pieces| pieces.join(" "))
}

/// The text within a JSON string, some characters as escapes.
fn json_string(text: &str, mut seed: u64) -> String {
    let mut out = String::new();
    for character in text.chars() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out += "\\n",
            _ if seed >> 61 == 0 => {
                let mut units = [0; 2];
                character.encode_utf16(&mut units).iter().for_each(|unit| out += &format!("\\u{unit:04x}"));
            }
            _ => out.push(character),
        }
    }
    out
}

fn percent(text: &str, seed: u64) -> String {
    text.bytes()
        .enumerate()
        .map(|(at, byte)| match byte {
            b' ' => "+".to_owned(),
            _ if !byte.is_ascii_alphanumeric() || (seed >> (at % 60)) & 7 == 0 => format!("%{byte:02X}"),
            _ => char::from(byte).to_string(),
        })
        .collect()
}

/// A request with this text, in one of the shapes that are read.
fn a_request(texts: &[String], shape: u8, seed: u64) -> String {
    let strings: Vec<String> = texts.iter().map(|text| json_string(text, seed)).collect();
    let parts: Vec<String> = strings.iter().map(|text| format!(r#"{{"type":"text","text":"{text}"}}"#)).collect();
    let chat = format!(r#"{{"model":"m","n":1,"messages":[{{"role":"user","content":[{}]}}]}}"#, parts.join(", "));
    let lines: String = strings.iter().map(|text| format!("{{\"line\":\"{text}\"}}\n")).collect();
    let form: Vec<String> = texts.iter().map(|text| format!("f={}", percent(text, seed))).collect();
    match shape % 8 {
        6 => request(
            "multipart/form-data; boundary=b",
            &format!(
                "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.jsonl\"\r\n\r\n{chat}\n{chat}\r\n--b--\r\n"
            ),
        ),
        7 => request("text/plain", &format!("{}\n{chat}{lines}[{chat}\n", texts[0])),
        0 => request("application/json", &chat),
        1 => format!(
            "POST /x HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{}",
            chunked(&chat, 1 + (seed % 40) as usize)
        ),
        2 => request("application/x-ndjson", &lines),
        3 => request("application/x-www-form-urlencoded", &form.join("&")),
        4 => request("text/plain", &texts.join(" ")),
        _ => format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", percent(&texts.join(" "), seed)),
    }
}

/// An answer with these texts.
fn an_answer(texts: &[String], shape: u8, seed: u64) -> String {
    let strings: Vec<String> = texts.iter().map(|text| json_string(text, seed)).collect();
    let events: String = strings
        .iter()
        .map(|text| {
            format!(
                "event: delta\n: {}\ndata: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n",
                texts[0].replace('\n', " ")
            )
        })
        .collect();
    let delta = |text: &String| format!("{{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}}}}]}}");
    match shape % 6 {
        3 => answer("text/plain", &strings.iter().map(|text| format!("0:\"{text}\"\n")).collect::<String>()),
        4 => answer("text/plain", &strings.iter().map(delta).collect::<String>()),
        5 => format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n{}",
            chunked(
                &format!(
                    "foo: x\n\n{}",
                    strings.iter().map(|text| format!("data: {}\n\n", delta(text))).collect::<String>()
                ),
                1 + (seed % 60) as usize
            )
        ),
        0 => answer(
            "application/json",
            &format!(
                r#"{{"choices":["{}"],"usage":{{"prompt_tokens":3,"completion_tokens":4}}}}"#,
                strings.join(r#"",""#)
            ),
        ),
        1 => format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n{}",
            chunked(&events, 1 + (seed % 60) as usize)
        ),
        _ => answer("text/plain; charset=utf-8", &texts.join(" ")),
    }
}

/// Cuts `bytes` at these places.
fn cut<'b>(bytes: &'b [u8], cuts: &[usize]) -> Vec<&'b [u8]> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
}

/// What is compared: on a block, how much went before it depends on the cuts.
fn outcome(lab: &Lab<Rules>) -> impl PartialEq + core::fmt::Debug + use<> {
    let Seen { upstream, downstream, blocked, .. } = &lab.seen;
    let last = lab.records.last().map(|record| {
        let findings: Vec<_> =
            record.findings.iter().map(|finding| (finding.entity.as_str().to_owned(), finding.count)).collect();
        let findings = if record.verdict == Verdict::Block { Vec::new() } else { findings };
        let tokens_in = record.tokens_in.filter(|_| record.verdict != Verdict::Block);
        // Whether a client can still be told depends on what has gone to it.
        let status = Some(record.status).filter(|_| record.verdict != Verdict::Block);
        (record.kind, record.verdict, record.reason, findings, tokens_in, status)
    });
    let passed = blocked
        .is_none()
        .then(|| (String::from_utf8_lossy(upstream).into_owned(), String::from_utf8_lossy(downstream).into_owned()));
    (*blocked, last, passed)
}

/// Plays a connection; `burst` segments are handed in before the tap is asked.
fn play(request: &[&[u8]], answer: &[&[u8]], burst: usize) -> Lab<Rules> {
    let mut lab = Lab::<Rules>::new(&both());
    for (direction, segments) in [(Direction::Upstream, request), (Direction::Downstream, answer)] {
        for segments in segments.chunks(burst) {
            for segment in segments {
                lab.hand_in(direction, segment);
            }
            lab.flush();
        }
    }
    lab
}

fn never_completes(lab: &Lab<Rules>, request: &str, answer: &str) -> bool {
    lab.seen.blocked.is_none() || lab.seen.upstream.len() < request.len() || lab.seen.downstream.len() < answer.len()
}

/// More with `SOVEREIGN_SLOW`: what a few thousand cases do not show, a few ten thousand have.
fn cases() -> u32 {
    if std::env::var_os("SOVEREIGN_SLOW").is_some() { 40_000 } else { 1_000 }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn any_split_gives_the_outcome_of_the_whole(
        texts in prop::collection::vec(text(), 1..4), answered in prop::collection::vec(text(), 1..4),
        shapes in any::<(u8, u8)>(), seed in any::<u64>(),
        cuts in prop::collection::vec(any::<usize>(), 0..12), burst in 1usize..5,
    ) {
        let request = a_request(&texts, shapes.0, seed);
        let answer = an_answer(&answered, shapes.1, seed);
        let whole = play(&[request.as_bytes()], &[answer.as_bytes()], 1);
        let parts = play(&cut(request.as_bytes(), &cuts), &cut(answer.as_bytes(), &cuts), burst);
        prop_assert_eq!(outcome(&parts), outcome(&whole), "{}\n{}", request, answer);
        prop_assert!(never_completes(&parts, &request, &answer));
        let mut leaked = String::from_utf8_lossy(&parts.seen.upstream).into_owned();
        leaked += &String::from_utf8_lossy(&parts.seen.downstream);
        prop_assert!(!leaked.contains(SSN) && !leaked.contains(EMAIL), "{leaked} {:?}", parts.records);
        prop_assert!(!HIDDEN.iter().any(|hidden| leaked.contains(hidden)), "{leaked} {:?}", parts.records);
    }

    #[test]
    fn byte_by_byte_gives_the_outcome_of_the_whole(
        texts in prop::collection::vec(text(), 1..3), shapes in any::<(u8, u8)>(), seed in any::<u64>(),
    ) {
        let request = a_request(&texts, shapes.0, seed);
        let answer = an_answer(&texts, shapes.1, seed);
        let whole = play(&[request.as_bytes()], &[answer.as_bytes()], 1);
        let single = |text: &str| -> Vec<Vec<u8>> { text.bytes().map(|byte| vec![byte]).collect() };
        let (up, down) = (single(&request), single(&answer));
        let up: Vec<&[u8]> = up.iter().map(Vec::as_slice).collect();
        let down: Vec<&[u8]> = down.iter().map(Vec::as_slice).collect();
        prop_assert_eq!(outcome(&play(&up, &down, 1)), outcome(&whole), "{}\n{}", request, answer);
    }

    #[test]
    fn a_length_never_changes_and_everything_unmasked_is_as_it_came(
        texts in prop::collection::vec(text(), 1..4), shape in any::<u8>(), seed in any::<u64>(),
    ) {
        let request = a_request(&texts, shape, seed);
        let lab = play(&[request.as_bytes()], &[], 1);
        if lab.seen.blocked.is_none() {
            prop_assert_eq!(lab.seen.upstream.len(), request.len());
            let changed = lab.seen.upstream.iter().zip(request.as_bytes()).filter(|(out, came)| out != came);
            let is_masked = changed.into_iter().all(|(out, _)| b"[REDACTED]*".contains(out));
            prop_assert!(is_masked);
        }
    }

    #[test]
    fn random_bytes_in_both_directions_never_panic(
        segments in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..60)), 0..12), http in any::<bool>(),
    ) {
        let mut lab = Lab::<Rules>::new(&both());
        if http {
            lab.up("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        }
        for (upstream, bytes) in segments {
            lab.data(if upstream { Direction::Upstream } else { Direction::Downstream }, &bytes);
        }
        lab.eof(Direction::Upstream).eof(Direction::Downstream).close(None);
        prop_assert!(lab.records.iter().filter(|record| record.kind == audit::RecordKind::Admit).count() <= lab.records.len());
    }
}

#[test]
fn what_lies_in_two_leaves_is_counted_once_however_it_comes() {
    let texts = ["c2VydmVyIDE5OC41MS4xMDAuMjMgYW5kIGphbmVAZXhhbXBsZS5vc", "a b"].map(str::to_owned);
    for shape in 0..16 {
        let (request, answer) = (a_request(&texts, shape, 0), an_answer(&texts, shape, 0));
        let whole = play(&[request.as_bytes()], &[answer.as_bytes()], 1);
        let [up, down] = [&request, &answer].map(|text| text.as_bytes().chunks(1).collect::<Vec<_>>());
        assert_eq!(outcome(&play(&up, &down, 1)), outcome(&whole), "{request}\n{answer}");
    }
}
