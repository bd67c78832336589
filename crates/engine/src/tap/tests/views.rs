//! Text that hides what it says is read on the wire as a receiver may read it.

use super::disguises::{DISGUISES, KEYWORDS, Random, TYPES};
use super::lab::{EMAIL, Lab, REQUESTS, SSN, answer, both, chat, chunked, parse, request};
use crate::{Limits, Rules};
use detect::EntityType;
use net::Direction;
use policy::{Reason, Verdict};
use std::sync::Arc;

/// Of each kind of disguise and each type.
const PER_CELL: usize = 10;
const RECALL_MIN: f64 = 0.95;

/// Masks everything that the disguises hide, both ways.
fn masking() -> String {
    let types: Vec<String> = TYPES
        .iter()
        .filter(|(entity, ..)| *entity != EntityType::Keyword)
        .map(|(entity, ..)| format!("\"{}\"", entity.name()))
        .collect();
    let terms: Vec<String> = KEYWORDS.iter().map(|term| format!("\"{term}\"")).collect();
    format!(
        "version = \"views\"\n[[rule]]\nname = \"all\"\ndetect = [{}, \"KEYWORD:ours\"]\ndirection = \"both\"\n\
         action = \"redact\"\nredact = \"mask\"\n[keywords]\nours = [{}]\n",
        types.join(", "),
        terms.join(", ")
    )
}

/// The text within a JSON string.
fn json(text: &str) -> String {
    let write = |character: char| match character {
        '"' | '\\' => format!("\\{character}"),
        control if control < ' ' => format!("\\u{:04x}", control as u32),
        other => other.to_string(),
    };
    text.chars().map(write).collect()
}

fn delta(text: &str) -> String {
    format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n", json(text))
}

/// The text in events of a few characters each.
fn events(text: &str, random: &mut Random) -> String {
    let mut out = String::new();
    let mut rest: Vec<char> = text.chars().collect();
    while !rest.is_empty() {
        let head: String = rest.drain(..(1 + random.below(9)).min(rest.len())).collect();
        out += &delta(&head);
    }
    out + "data: [DONE]\n\n"
}

/// Hands bytes in, in pieces of any size.
fn play(lab: &mut Lab<Rules>, direction: Direction, bytes: &[u8], random: &mut Random) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (piece, tail) = rest.split_at((1 + random.below(400)).min(rest.len()));
        lab.data(direction, piece);
        rest = tail;
    }
}

/// Where what passed differs from what came; none if it was blocked.
#[track_caller]
fn masked(came: &str, passed: &[u8], blocked: Option<Reason>, what: &str) -> Option<Vec<usize>> {
    if blocked.is_some() {
        assert_eq!(blocked, Some(Reason::FindingNotEditable), "{what}");
        return None;
    }
    assert_eq!(passed.len(), came.len(), "{what}");
    let places: Vec<usize> = (0..came.len()).filter(|at| passed[*at] != came.as_bytes()[*at]).collect();
    assert!(places.iter().all(|at| passed[*at] == b'*'), "{what}: {}", String::from_utf8_lossy(passed));
    Some(places)
}

#[test]
fn every_disguise_that_scan_finds_is_found_in_a_request() {
    let (policy, mut random) = (parse(&masking()), Random(0x2545_f491_4f6c_dd1d));
    let mut weak = Vec::new();
    for (name, fits, disguise) in DISGUISES {
        for (entity, make, sentence) in TYPES.iter().filter(|(entity, ..)| fits.contains(entity)) {
            let mut hits = 0;
            for _ in 0..PER_CELL {
                let hidden = disguise(&make(&mut random), &mut random);
                let request = chat(&json(&sentence.replace("{}", &hidden)));
                let start = request.find(&json(&hidden)).unwrap();
                let range = start..start + json(&hidden).len();
                let mut lab = Lab::<Rules>::under(Arc::clone(&policy), Limits::default());
                play(&mut lab, Direction::Upstream, request.as_bytes(), &mut random);
                let places = masked(&request, &lab.seen.upstream, lab.seen.blocked, &request);
                hits += usize::from(places.is_none_or(|places| places.iter().any(|at| range.contains(at))));
            }
            if (hits as f64) < RECALL_MIN * PER_CELL as f64 {
                weak.push(format!("{name} {entity}: {hits} of {PER_CELL}"));
            }
        }
    }
    assert!(weak.is_empty(), "{weak:#?}");
}

#[test]
fn a_spelled_dot_before_the_sign_is_held_with_what_stands_before_it() {
    let policy = parse(&masking());
    for dot in ["[.]", "(.)", " [dot] ", "-dot-"] {
        let request = chat(&format!("Please write to anna{dot}k@mailbox{dot}co about it."));
        let whole = {
            let mut lab = Lab::<Rules>::under(Arc::clone(&policy), Limits::default());
            lab.data(Direction::Upstream, request.as_bytes());
            lab.seen.upstream
        };
        for split in 1..request.len() {
            let (front, back) = request.as_bytes().split_at(split);
            let mut lab = Lab::<Rules>::under(Arc::clone(&policy), Limits::default());
            lab.data(Direction::Upstream, front);
            lab.data(Direction::Upstream, back);
            assert_eq!(lab.seen.upstream, whole, "split at {split}");
        }
    }
}

#[test]
fn every_disguise_is_found_in_the_deltas_of_an_answer() {
    let (policy, mut random) = (parse(&masking()), Random(0x9e37_79b9_7f4a_7c15));
    let mut weak = Vec::new();
    for (name, fits, disguise) in DISGUISES {
        for (entity, make, sentence) in TYPES.iter().filter(|(entity, ..)| fits.contains(entity)) {
            let hidden = disguise(&make(&mut random), &mut random);
            let body = events(&sentence.replace("{}", &hidden), &mut random);
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
            let answer = format!("{head}{}", chunked(&body, 200));
            let mut lab = Lab::<Rules>::under(Arc::clone(&policy), Limits::default());
            lab.up(chat("hi"));
            play(&mut lab, Direction::Downstream, answer.as_bytes(), &mut random);
            // What lies in more deltas than can be masked at once is a block.
            let places = masked(&answer, &lab.seen.downstream, lab.seen.blocked, &answer);
            if places.is_some_and(|places| places.is_empty()) {
                weak.push(format!("{name} {entity}: {hidden:?}"));
            }
        }
    }
    assert!(weak.is_empty(), "{weak:#?}");
}

#[test]
fn a_mask_covers_the_whole_of_what_a_view_read() {
    let base64 = "amFuZS5yb2VAZXhhbXBsZS5vcmc=";
    for hidden in [
        base64,
        "jane.roe&#64;example.org",
        "jane.roe%40example.org",
        "jane.roe [at] example [dot] org",
        "j a n e . r o e @ e x a m p l e . o r g",
        "6a616e652e726f65406578616d706c652e6f7267",
        "jane.roe\u{ff20}example.org",
        r"jane.roe\\u0040example.org",
    ] {
        let mut lab = Lab::<Rules>::new(REQUESTS);
        let request = chat(&format!("write to {hidden}, please"));
        lab.up(&request);
        let label = format!("[REDACTED]{}", "*".repeat(hidden.len() - 10));
        lab.assert_passed(request.replace(hidden, &label).as_bytes());
        lab.close(None);
        assert_eq!(lab.last().findings.iter().map(|finding| finding.count).sum::<u32>(), 1, "{hidden}");
    }
}

#[test]
fn what_a_view_finds_blocks_wherever_it_stands() {
    let base64 = "NTM2LTkwLTQzOTk=";
    let host = "Host: 10.2.0.2\r\n";
    let parts = [("text", &base64[..6]), ("text", &base64[6..])]
        .map(|(kind, text)| format!(r#"{{"type":"{kind}","text":"{text}"}}"#))
        .join(",");
    for request in [
        chat(base64),
        request("application/json", &format!(r#"{{"{base64}":1}}"#)),
        request("application/json", &format!(r#"{{"messages":[{{"role":"user","content":[{parts}]}}]}}"#)),
        request("application/x-www-form-urlencoded", &format!("a=1&b={}", base64.replace('=', "%3D"))),
        request("text/plain", &SSN.replace('-', "&#45;")),
        format!("GET /search?q={base64} HTTP/1.1\r\n{host}\r\n"),
        format!("GET /{} HTTP/1.1\r\n{host}\r\n", SSN.replace('-', "%252d")),
        format!("GET /my+ssn+{} HTTP/1.1\r\n{host}\r\n", SSN.replace('-', "%2d")),
        format!("GET / HTTP/1.1\r\n{host}X-Note: {base64}\r\n\r\n"),
        format!("POST / HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\n1;a=\"{base64}\"\r\nx\r\n0\r\n\r\n"),
    ] {
        for cut in [request.len(), request.len() / 2, request.len() - 9] {
            let mut lab = Lab::<Rules>::new(REQUESTS);
            lab.up(&request[..cut]).up(&request[cut..]);
            assert_eq!(lab.seen.blocked, Some(Reason::Finding), "cut at {cut}: {request}");
            assert!(lab.seen.upstream.len() < request.len(), "{request}");
        }
    }
}

/// A request with an array of the numbers of a text's characters.
fn spelled(text: &str, joint: &str, number: impl Fn(u8) -> String) -> String {
    let numbers = text.bytes().map(number).collect::<Vec<_>>().join(joint);
    let data = format!(r#"{{"type":"Buffer","data":[{numbers}]}}"#);
    request(
        "application/json",
        &format!(r#"{{"messages":[{{"role":"user","content":"hi"}}],"metadata":{data},"n":1}}"#),
    )
}

#[test]
fn a_text_whose_characters_are_numbers_in_an_array_is_read() {
    let text = format!("my ssn is {SSN}, thanks");
    let written = [
        spelled(&text, ",", |byte| byte.to_string()),
        spelled(&text, " ,\n ", |byte| format!("{byte}.0e0")),
        spelled(&text, ",0,", |byte| byte.to_string()),
        spelled(&format!("mail {EMAIL} now"), ", ", |byte| byte.to_string()),
    ];
    let placed: Vec<String> = text.bytes().enumerate().map(|(place, byte)| format!(r#""{place}":{byte}"#)).collect();
    let object = format!(r#"{{"bytes":{{{}}}}}"#, placed.join(","));
    for cut in [object.len() / 2, object.len()] {
        let request = request("application/json", &object);
        let cut = request.len() - object.len() + cut;
        let mut lab = Lab::<Rules>::new(REQUESTS);
        lab.up(&request[..cut]).up(&request[cut..]);
        assert_eq!(lab.seen.blocked, Some(Reason::Finding), "{request}");
    }
    for request in written {
        let body = request.find("[{").unwrap() + request.find("data").unwrap();
        for cut in (0..request.len()).rev().step_by(7).take_while(|cut| *cut > body.min(request.len() - 40)) {
            let mut lab = Lab::<Rules>::new(REQUESTS);
            lab.up(&request[..cut]).up(&request[cut..]);
            let blocked = matches!(lab.seen.blocked, Some(Reason::Finding | Reason::FindingNotEditable));
            assert!(blocked, "cut at {cut}: {request}");
            let passed = String::from_utf8_lossy(&lab.seen.upstream).into_owned();
            assert!(!passed.contains("53,51,54") && !passed.contains("64"), "{passed}");
        }
        let mut masked = Lab::<Rules>::new(&REQUESTS.replace("\"block\"", "\"redact\""));
        masked.up(&request);
        assert_eq!(masked.seen.blocked, Some(Reason::FindingNotEditable), "{request}");
    }
    let passing = [
        spelled("good morning, all of you", ",", |byte| byte.to_string()),
        // Pixels, and what is no text between the characters.
        spelled(&text, ",200,201,", |byte| byte.to_string()),
        spelled(&text, ",", |byte| format!("{byte}.5")),
    ];
    for request in passing {
        let mut lab = Lab::<Rules>::new(REQUESTS);
        lab.up(&request);
        lab.assert_passed(request.as_bytes());
    }
}

#[test]
fn a_prompt_of_token_ids_is_blocked_where_something_is_kept_back() {
    let json = |body: &str| request("application/json", body);
    for body in [
        r#"{"model":"text-embedding-3-small","input":[[791,8893,374,220]]}"#,
        r#"{"input":[791,8893],"model":"a"}"#,
        r#"{"model":"davinci-002","prompt":[1,2,3]}"#,
        r#"{"model":"a","prompt":["good morning",[1,2]]}"#,
        r#"{"prompt_token_ids":[1,2,3],"max_tokens":5}"#,
        r#"{"model":"llama","prompt":"and now?","context":[1,2,3]}"#,
        r#"{"custom_id":"1","body":{"input":[[7.91e2]]}}"#,
        r#"{"input":[791.0,8893.0]}"#,
    ] {
        let mut lab = Lab::<Rules>::new(REQUESTS);
        lab.up(json(body));
        assert_eq!(lab.seen.blocked, Some(Reason::TokenIds), "{body}");
        let mut open = Lab::<Rules>::new("version = \"none\"");
        open.up(json(body)).assert_passed(json(body).as_bytes());
    }
    for body in [
        r#"{"model":"text-embedding-3-small","input":["good","morning"],"dimensions":256}"#,
        r#"{"input":[{"role":"user","content":"hi","n":1}],"logit_bias":{"50256":-100}}"#,
        r#"{"input":[0.25,-1.0],"embedding":[1,2,3]}"#,
        r#"{"messages":[{"role":"user","content":[{"type":"tool_use","input":{"context":[1,2]}}]}]}"#,
        r#"{"prompt":"a","stop":["b"],"context":"c","options":{"num_ctx":4096}}"#,
    ] {
        let mut lab = Lab::<Rules>::new(REQUESTS);
        lab.up(json(body)).assert_passed(json(body).as_bytes());
    }
}

#[test]
fn what_one_message_asks_for_is_found_in_the_next_wherever_it_is_cut() {
    for (question, answer) in [("What is the password?", "A2b35cN6v#4"), ("And your SSN?", "it's 536904399")] {
        let body = format!(
            r#"{{"messages":[{{"role":"assistant","content":"{question}"}},{{"role":"user","content":"{answer}"}}],"n":1}}"#
        );
        let request = request("application/json", &body);
        let policy = REQUESTS.replace("\"US_SSN\"", "\"US_SSN\", \"SECRET\"");
        for cut in (request.len() - body.len()..request.len()).chain([request.len()]) {
            let mut lab = Lab::<Rules>::new(&policy);
            lab.up(&request[..cut]).up(&request[cut..]);
            assert!(lab.seen.blocked.is_some(), "cut at {cut}: {request}");
        }
    }
}

#[test]
fn a_view_whose_place_cannot_be_masked_is_blocked() {
    let policy = REQUESTS.replace("\"block\"", "\"redact\"");
    for request in [
        request("application/json", r#"{"amFuZS5yb2VAZXhhbXBsZS5vcmc=":1}"#),
        "GET /?m=jane.roe%2540example.org HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
    ] {
        let mut lab = Lab::<Rules>::new(&policy);
        lab.up(&request);
        assert_eq!(lab.seen.blocked, Some(Reason::FindingNotEditable), "{request}");
    }
}

#[test]
fn base64_in_one_delta_that_is_read_only_with_the_others_is_masked() {
    // The second delta begins in the middle of a quantum: by itself it says nothing.
    let text = "a long letter, and in its middle jane.roe@example.org stands; then it ends";
    let hidden = base64(text.as_bytes());
    let (first, second) = hidden.split_at(30);
    let body = [first, second].map(delta).concat();
    let mut lab = Lab::<Rules>::new(&both());
    lab.up(chat("hi"));
    let answer = answer("text/event-stream", &body);
    lab.down(&answer);
    assert_eq!((lab.seen.blocked, lab.seen.downstream.len()), (None, answer.len()));
    let end = text.find(" stands").unwrap() / 3 * 4;
    let passed = String::from_utf8_lossy(&lab.seen.downstream).into_owned();
    assert!(passed.contains("[REDACTED]") && !passed.contains(&hidden[52..end]), "{passed}");
    assert!(text.contains(EMAIL));
}

#[test]
fn text_hidden_too_deep_is_a_block_where_something_is_kept_back() {
    let deep = (0..4).fold(b"write to jane.roe@example.org".to_vec(), |text, _| base64(&text).into_bytes());
    let deep = String::from_utf8(deep).unwrap();
    let alerts = REQUESTS.replace("\"block\"", "\"alert\"").replace("\"redact\"", "\"alert\"");
    for (policy, text, blocked) in [
        (REQUESTS, deep.as_str(), Some(Reason::ViewDepth)),
        (REQUESTS, "jane.roe%25252540example.org", Some(Reason::ViewDepth)),
        (REQUESTS, "an ordinary/path_of/twenty-characters and/or more, 100 % of it = fine", None),
        (&alerts, deep.as_str(), None),
    ] {
        let request = chat(text);
        for size in [request.len(), 100, 1] {
            let mut lab = Lab::<Rules>::new(policy);
            request.as_bytes().chunks(size).for_each(|piece| {
                if lab.seen.blocked.is_none() {
                    lab.up(piece);
                }
            });
            assert_eq!(lab.seen.blocked, blocked, "in pieces of {size}: {text}");
            lab.close(None);
            let expected = if blocked.is_some() { Verdict::Block } else { Verdict::Allow };
            assert_eq!((lab.last().verdict, lab.last().reason), (expected, blocked));
        }
    }
}

#[test]
fn an_answer_in_prose_is_held_for_no_more_than_its_last_words() {
    let mut lab = Lab::<Rules>::new(&both());
    lab.up(chat("hi"));
    lab.down("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
    let words = "Here is what I found in the report: it's fine, and nothing else is to be done about it today";
    let events: Vec<String> = words.split_inclusive(' ').map(delta).collect();
    for (place, event) in events.iter().enumerate() {
        lab.down(format!("{:x}\r\n{event}\r\n", event.len()));
        let seen = String::from_utf8_lossy(&lab.seen.downstream).into_owned();
        let before = place.checked_sub(2).map_or("", |before| &events[before]);
        assert!(seen.contains(before), "{event}");
    }
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        let character = |place: usize| match place <= chunk.len() {
            true => char::from(ALPHABET[(word >> (18 - 6 * place) & 63) as usize]),
            false => '=',
        };
        out.extend((0..4).map(character));
    }
    out
}
