//! JSON within what is no JSON as a whole: files in forms, lines among others, streams under other names.

use super::lab::{EMAIL, Lab, REQUESTS, both, chat, request};
use crate::Rules;
use net::Direction;
use policy::Reason;

const MULTIPART: &str = "multipart/form-data; boundary=b";

/// A form with a field, and a file of this name and type.
fn upload(name: &str, media: &str, content: &str) -> String {
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n\
         --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: {media}\r\n\r\n\
         {content}\r\n--b--\r\n"
    );
    request(MULTIPART, &body)
}

/// What becomes of a request, and what passes of it, whole, in pieces and cut at any place of its end.
fn outcome(request: &str) -> (Option<Reason>, String) {
    let run = |pieces: &mut dyn Iterator<Item = &[u8]>| {
        let mut lab = Lab::<Rules>::new(REQUESTS);
        pieces.for_each(|piece| {
            lab.data(Direction::Upstream, piece);
        });
        let passed = if lab.seen.blocked.is_none() { lab.seen.upstream } else { Vec::new() };
        (lab.seen.blocked, String::from_utf8_lossy(&passed).into_owned())
    };
    let bytes = request.as_bytes();
    let whole = run(&mut [bytes].into_iter());
    for piece in [1, 7] {
        assert_eq!(run(&mut bytes.chunks(piece)), whole, "in pieces of {piece}: {request}");
    }
    for cut in bytes.len().saturating_sub(70)..bytes.len() {
        let (first, second) = bytes.split_at(cut);
        assert_eq!(run(&mut [first, second].into_iter()), whole, "cut at {cut}: {request}");
    }
    whole
}

fn reason_of(request: &str) -> Option<Reason> {
    let (reason, passed) = outcome(request);
    assert!(reason.is_some() || passed == request, "{passed}");
    reason
}

/// A message in two parts, as one line of JSON.
fn in_two(first: &str, second: &str) -> String {
    format!(
        r#"{{"model":"m","messages":[{{"role":"user","content":[{{"type":"text","text":"{first}"}},{{"type":"text","text":"{second}"}}]}}]}}"#
    )
}

#[test]
fn a_secret_in_parts_of_a_message_in_a_file_of_a_form_blocks() {
    for content in [
        in_two("my ssn is 536-90", "-4399"),
        in_two("my ssn is 536-90", r"\u002d4399"),
        in_two(r"my ssn is 53\u0036-90", "-4399"),
        format!("{}\n{}\n", in_two("hello", "there"), in_two("my ssn is 536-", "90-4399")),
        format!("not json\n{{broken\n  {}", in_two("my ssn is 536-", "90-4399")),
        format!("[\n{}\n]", in_two("my ssn is 536-", "90-4399")),
        format!("[\n{}\n{}", in_two("a", "b"), in_two("my ssn is 536-", "90-4399")),
        format!("\u{1e}{}\n", in_two("my ssn is 536-", "90-4399")),
        "{\n  \"content\": [\n    {\"text\": \"536-\"},\n    {\n\"text\": \"90-4399\"}\n  ]\n}".to_owned(),
        format!(r#"{{"custom_id":"1","body":{}}}"#, in_two("my ssn is 536-", "90-4399")),
    ] {
        assert_eq!(
            reason_of(&upload("a.jsonl", "application/octet-stream", &content)),
            Some(Reason::Finding),
            "{content}"
        );
    }
}

#[test]
fn a_clean_file_in_a_form_passes_whatever_it_looks_like() {
    for content in [
        in_two("hello", "there"),
        format!("{}\n{}\n", in_two("my ssn is 536-", "hidden"), in_two("90-4399", "is left")),
        "{not json\n{\n[x\n{{name}}\n".to_owned(),
        "[1,2,3]\n{\"input\":[1,2,3]}\n{\"a\":NaN}\n{\"a\":1,\"a\":1}".to_owned(),
        "{\"items\":[{\"type\":\"x\",\"text\":\"a\",\"content\":\"b\"},{\"text\":\"c\"}]}\n".to_owned(),
        "{\"a\":\"\\ud83d\\u".to_owned(),
        format!("{}1", "[\n".repeat(300)),
        "0:\"hello\"\ndata: \"x\"\n".to_owned(),
        format!("{{\"n\":{}", "1".repeat(500)),
    ] {
        assert_eq!(reason_of(&upload("a.jsonl", "application/json", &content)), None, "{content}");
    }
}

#[test]
fn an_address_in_parts_in_a_file_is_masked_where_it_stands() {
    let label = format!("[REDACTED]{}", "*".repeat(EMAIL.len() - 10));
    // A whole one leaves what stands beside it; one in two parts is masked in both.
    let beside = upload("a.json", "application/json", &in_two("Hello team", EMAIL));
    assert_eq!(outcome(&beside), (None, beside.replace(EMAIL, &label)));
    let (reason, passed) = outcome(&upload("a.json", "application/json", &in_two("jane.roe@exam", "ple.org")));
    assert_eq!(reason, None);
    assert!(!passed.contains("jane") && !passed.contains("ple.org"), "{passed}");
    assert!(passed.contains(r#""},{"type":"text","text":""#), "{passed}");
    let (reason, passed) = outcome(&upload("a.json", "application/json", &in_two(r"jane.roe\u0040exam", "ple.org")));
    assert_eq!(reason, None);
    assert!(!passed.contains("jane") && !passed.contains("u0040") && !passed.contains("ple.org"), "{passed}");
}

#[test]
fn parts_in_a_text_behind_lines_of_json_are_read_as_one() {
    let parts = in_two("my ssn is 536-", "90-4399");
    for body in [
        format!("{{\"a\":1}}\nx\n{parts}"),
        format!("{{\"a\":1}}\n[INFO] up\n{parts}{parts}"),
        format!("hello\n{parts}\n"),
        format!("hello\n{{\"a\":1}}{parts}\n"),
    ] {
        for media in ["text/plain", "application/octet-stream", "text/event-stream"] {
            assert_eq!(reason_of(&request(media, &body)), Some(Reason::Finding), "{media}: {body}");
        }
    }
    for body in ["{\"a\":1}\nx\n{\"content\":[{\"text\":\"536-\"},{\"text\":\"hello\"}]}", "hello\n{\"a\":1}{\"b\":2}"]
    {
        assert_eq!(reason_of(&request("text/plain", body)), None, "{body}");
    }
}

#[test]
fn parts_in_json_in_a_field_of_a_form_are_read_as_one() {
    let form = |json: &str| {
        let value: String = json
            .bytes()
            .map(|byte| {
                if byte == b' ' {
                    "+".to_owned()
                } else if b"\"{}\\".contains(&byte) {
                    format!("%{byte:02X}")
                } else {
                    char::from(byte).to_string()
                }
            })
            .collect();
        request("application/x-www-form-urlencoded", &format!("a=1&payload={value}&b=2"))
    };
    for json in [in_two("my ssn is 536-90", "-4399"), in_two(r"my ssn is 53\u0036-90", "-4399")] {
        assert_eq!(reason_of(&form(&json)), Some(Reason::Finding), "{json}");
    }
    assert_eq!(reason_of(&form(&in_two("hello", "there"))), None);
    let (reason, passed) = outcome(&form(&in_two(r"jane.roe\u0040exam", "ple.org")));
    assert_eq!(reason, None);
    assert!(!passed.contains("jane") && !passed.contains("u0040") && !passed.contains("ple.org"), "{passed}");
}

#[test]
fn a_prompt_of_token_ids_in_a_file_is_blocked_if_it_is_of_a_batch() {
    for content in [
        r#"{"custom_id":"1","url":"/v1/completions","body":{"model":"m","prompt":[9906,1917]}}"#,
        "{\"a\":1}\n{\"body\":{\"input\":[[9906,1917]],\"model\":\"m\"},\"custom_id\":\"2\"}\n",
    ] {
        assert_eq!(reason_of(&upload("a.jsonl", "application/json", content)), Some(Reason::TokenIds), "{content}");
    }
    for content in [
        r#"{"model":{"name":"yolo","input":[640,640,3]}}"#,
        r#"[{"model":"resnet","input":[1,3,224,224],"output":[1,1000]}]"#,
        "{\"model\":\"sensor-0\",\"input\":[0,2,3],\"ts\":0}\n",
    ] {
        assert_eq!(reason_of(&upload("a.jsonl", "application/json", content)), None, "{content}");
    }
}

#[test]
fn a_part_in_a_file_that_says_its_text_twice_blocks() {
    let content = r#"{"content":[{"text":"536-"},{"text":"zz","text":"90-4399"}]}"#;
    let rows = r#"{"content":[{"title":"t","text":"snippet","content":"full"}]}"#;
    assert_eq!(reason_of(&upload("a.json", "application/json", rows)), None);
    assert_eq!(reason_of(&upload("a.json", "application/json", content)), Some(Reason::JsonDuplicate));
}

/// The pieces of a number, each in what `of` makes of it.
fn pieces(of: impl Fn(&str) -> String, between: &str) -> String {
    ["hello ", "my ssn is 536", "-9", "0-4", "399 ok"].map(of).join(between)
}

fn delta(text: &str) -> String {
    format!("{{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}}}}]}}")
}

fn pretty(text: &str) -> String {
    format!("{{\n \"message\": {{\n  \"content\":\n   \"{text}\"\n }}\n}}")
}

/// Streams of pieces, in every form that somebody reads.
fn streams() -> Vec<String> {
    let event = |text: &str| format!("data: {}\n\n", delta(text));
    vec![
        pieces(event, ""),
        format!("foo: x\n\n{}", pieces(event, "")),
        format!("retry: 5\n\n: hi\n\n{}", pieces(event, "")),
        format!("data\n\n{}", pieces(event, "")),
        pieces(|text| format!("data:{}\r\n\r\n", delta(text)), ""),
        pieces(|text| format!("data: \"{text}\"\n\n"), ""),
        pieces(|text| format!("data: {text}\n\n"), ""),
        pieces(|text| format!("0:\"{text}\"\n"), ""),
        pieces(delta, ""),
        pieces(delta, " "),
        pieces(delta, "\n"),
        pieces(delta, "\n\u{1e}"),
        pieces(pretty, ""),
        pieces(pretty, "\n"),
        format!("[{}]", pieces(delta, ",\n")),
    ]
}

fn of_answer(asks: &str, media: &str, body: &str, piece: usize) -> (Option<Reason>, Lab<Rules>) {
    let mut lab = Lab::<Rules>::new(&both());
    lab.up(asks);
    lab.assert_passed(asks.as_bytes());
    for piece in super::lab::answer(media, body).as_bytes().chunks(piece) {
        lab.down(piece);
    }
    (lab.seen.blocked, lab)
}

#[test]
fn a_stream_is_read_across_its_pieces_in_whatever_form_it_comes() {
    let asks = request("application/json", r#"{"model":"gpt-4o","stream":true,"messages":[]}"#);
    for body in streams() {
        for mark in ["", "\u{feff}"] {
            let body = format!("{mark}{body}");
            for media in ["text/event-stream", "application/json", "text/plain", "application/x-ndjson", ""] {
                for asks in [&asks, &chat("hi")] {
                    for piece in [body.len() + 200, 3] {
                        let (reason, lab) = of_answer(asks, media, &body, piece);
                        assert_eq!(reason, Some(Reason::Finding), "{piece} {media}: {body}\n{asks}");
                        assert!(!String::from_utf8_lossy(&lab.seen.downstream).contains("399"), "{media}: {body}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_clean_stream_passes_in_whatever_form_it_comes() {
    for body in streams() {
        let body = body.replace("399", "of them");
        for mark in ["", "\u{feff}"] {
            let body = format!("{mark}{body}");
            for media in ["text/event-stream", "application/json", "text/plain", "application/x-ndjson", ""] {
                for piece in [body.len() + 200, 3] {
                    let (reason, lab) = of_answer(&chat("hi"), media, &body, piece);
                    assert_eq!(reason, None, "{piece} {media}: {body}");
                    let sent = super::lab::answer(media, &body);
                    assert_eq!(String::from_utf8_lossy(&lab.seen.downstream), sent, "{media}");
                }
            }
        }
    }
}

#[test]
fn usage_is_counted_in_whatever_form_a_stream_comes() {
    let usage = |prefix: &str| {
        format!(
            "{prefix}{}\n\n{prefix}{{\"usage\":{{\"prompt_tokens\":12,\"completion_tokens\":34}}}}\n\n",
            delta("hi")
        )
    };
    let ends = "0:\"hi\"\ne:{\"finishReason\":\"stop\",\"usage\":{\"promptTokens\":12,\"completionTokens\":34}}\n";
    for body in [usage("data: "), usage(""), format!("foo: x\n\n{}", usage("data: ")), ends.to_owned()] {
        for media in ["text/event-stream", "application/json", "text/plain"] {
            for policy in [&both(), REQUESTS] {
                let mut lab = Lab::<Rules>::new(policy);
                lab.up(chat("hi")).down(super::lab::answer(media, &format!("\u{feff}{body}")));
                let record = lab.last();
                assert_eq!((record.tokens_in, record.tokens_out), (Some(12), Some(34)), "{media}: {body}");
            }
        }
    }
}

#[test]
fn a_number_in_broken_json_of_an_answer_is_read_with_what_follows() {
    for body in ["{\"a\": 536-90-4399}", "{\"a\": 536-90-4399", "{\"ssn\": 536904399"] {
        for piece in [body.len() + 200, 1, 3] {
            let (reason, _) = of_answer(&chat("hi"), "application/json", body, piece);
            assert!(reason.is_some(), "{body}");
        }
    }
}
