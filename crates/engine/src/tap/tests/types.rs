//! What the type that a body declares has to say, and what it has not.

use super::lab::{EMAIL, Lab, REQUESTS, SSN, chunked, request};
use crate::Rules;
use net::Direction;
use policy::Reason;

fn reason_of(request: &[u8]) -> Option<Reason> {
    let reasons = [request.len(), 1, 5].map(|piece| {
        let mut lab = Lab::<Rules>::new(REQUESTS);
        request.chunks(piece).for_each(|piece| {
            lab.data(Direction::Upstream, piece);
        });
        if lab.seen.blocked.is_none() {
            assert_eq!(lab.seen.upstream, request, "in pieces of {piece}");
        }
        lab.seen.blocked
    });
    assert_eq!([reasons[0]; 3], reasons);
    reasons[0]
}

fn of_type(content_type: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST /v1/x HTTP/1.1\r\nHost: 10.2.0.2\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

#[test]
fn a_request_that_says_it_is_a_stream_of_events_is_a_text() {
    for body in [
        "password: Xk39!vQz7#pLm2wT\nssn: 536904399\n",
        "ssn: 536904399",
        "data: {\"ssn\": \"536904399\"}\n\n",
        "data: {\"a\":\"536-90-\\u0034399\"}\n\n",
        "data: {\"key\":\"sk-proj-Zk3vT9xQw2LmN8bR5cY7dF1gH4jK6pS0aUeIoXyVtWqBzCrM\"}\n\n",
        "event: x\nid: 536-90-4399\n\n",
        ": 536-90-4399\n",
        "{\"ssn\":536904399}",
    ] {
        for content_type in ["text/event-stream", "text/event-stream; charset=utf-8", "text/plain"] {
            let request = request(content_type, body);
            assert_eq!(reason_of(request.as_bytes()), Some(Reason::Finding), "{content_type}: {body}");
        }
    }
    let mut lab = Lab::<Rules>::new(REQUESTS);
    lab.up(request("text/event-stream", &format!("data: write to {EMAIL}\n\n")));
    lab.assert_passed(request("text/event-stream", "data: write to [REDACTED]**********\n\n").as_bytes());
}

#[test]
fn a_file_that_begins_with_zeros_is_no_text_in_wide_characters() {
    let mp4 = b"\0\0\0 ftypisom\0\0\x02\0isomiso2avc1mp41\0\0\0\x08free\x81\x82";
    for content_type in ["video/mp4", "image/heic", "application/octet-stream"] {
        assert_eq!(reason_of(&of_type(content_type, mp4)), None, "{content_type}");
    }
    for pcm in [&b"\x0a\0\x09\0\x81\x0c"[..], b"\xfe\xff\x03\0", b"{\x01\x02\0", b"[\0\x05\0\x81\0"] {
        assert_eq!(reason_of(&of_type("audio/l16; rate=16000", pcm)), None, "{}", pcm.escape_ascii());
    }
    let inside = [&mp4[..], b" it is 536-90-4399 "].concat();
    assert_eq!(reason_of(&of_type("video/mp4", &inside)), Some(Reason::Finding), "they are read");
    let json = r#"{"ssn":"536904399"}"#;
    let wide: Vec<u8> = json.bytes().flat_map(|byte| [byte, 0]).collect();
    assert_eq!(reason_of(&of_type("video/mp4", &wide)), Some(Reason::Charset), "a server may read it as JSON");
    assert_eq!(reason_of(&of_type("video/mp4", json.as_bytes())), Some(Reason::Finding));
}

#[test]
fn a_text_that_begins_like_json_is_a_text_and_all_of_it_is_read() {
    for text in [
        "[INFO] 2026 all fine",
        "[Docs](http://x/)\nhello",
        "[2026-01-01 12:00:00] started",
        "[ ] to do",
        "[1] a note",
        "{{ name }}, hello",
        "{",
        " \r\n[x",
    ] {
        for content_type in
            ["text/plain", "text/markdown", "application/octet-stream", "application/x-www-form-urlencoded"]
        {
            assert_eq!(reason_of(request(content_type, text).as_bytes()), None, "{content_type}: {text}");
        }
        assert_eq!(reason_of(request("text/json", text).as_bytes()), Some(Reason::JsonSyntax), "{text}");
        let before = format!("{text} {SSN}");
        assert_eq!(reason_of(request("text/plain", &before).as_bytes()), Some(Reason::Finding), "{before}");
    }
    for text in [
        format!("[{SSN}](page)"),
        format!("[\"{SSN}\"] x"),
        format!("[ssn: {}]", SSN.replace('-', "")),
        r"[INFO] 536-90-\u0034399".to_owned(),
        format!("{{{SSN}}}"),
    ] {
        assert_eq!(reason_of(request("text/plain", &text).as_bytes()), Some(Reason::Finding), "{text}");
    }
}

#[test]
fn a_number_is_read_wherever_it_stands() {
    for body in ["536904399", " \n536904399", "[536904399]", "[[536904399],1]", "[1,536904399]", r#"{"a":[536904399]}"#]
    {
        assert_eq!(reason_of(request("application/json", body).as_bytes()), Some(Reason::Finding), "{body}");
    }
}

#[test]
fn json_under_another_type_is_read_as_json_and_has_to_be() {
    for body in [
        r#"{"id":536904399}"#,
        r#"{"id":5.36904399e8}"#,
        r#"[{"id":536904399}]"#,
        "[536904399]",
        "[[536904399], 1]",
        r#"{"a":"x","a":"536-90-\u0034399"}"#,
        "[\"536-90-\",\n\"4399\"]",
    ] {
        assert_eq!(reason_of(request("text/plain", body).as_bytes()), Some(Reason::Finding), "{body}");
    }
    for body in [r#"{"a":NaN,"id":5.36904399e8}"#, r#"{"a":1} {"id":2}"#, r#"[{"a":1,}]"#, r#"{"a"#] {
        assert_eq!(reason_of(request("text/plain", body).as_bytes()), Some(Reason::JsonSyntax), "{body}");
    }
}

#[test]
fn lines_of_json_under_another_type_are_read_and_so_is_a_text_behind_them() {
    let of = |body: &str| {
        let found = ["text/plain", "application/octet-stream"].map(|media| {
            let whole = request(media, body);
            let found = [1, 5, whole.len()].map(|piece| {
                let mut lab = Lab::<Rules>::new(REQUESTS);
                whole.as_bytes().chunks(piece).for_each(|piece| {
                    lab.data(Direction::Upstream, piece);
                });
                lab.seen.blocked
            });
            assert_eq!(found, [found[2]; 3], "{body}");
            found[2]
        });
        assert_eq!(found[0], found[1], "{body}");
        found[0]
    };
    for body in [
        "{\"a\":1}\n{\"b\":2}\n",
        "{\n \"a\": 1\n}\n\n[\n]\n",
        "{\"log\":\"x\"}\n2026-11-28 started\n{not json}",
        "{\"log\":\"x\"}\n[INFO] up\n{{name}}",
        "{\"log\":\"x\"}\n{not json}",
        "{\"a\":1}\n",
    ] {
        assert_eq!(of(body), None, "{body}");
    }
    for body in [
        "{\"a\":1}\n{\"ssn\":536904399}\n",
        "{\"a\":1}\nhello\n536-90-4399",
        "{\"a\":1}\n[INFO] 536-90-4399",
        "{\"a\":1}\n{\"b\":\"536-90-\\u0034399\"}",
        "{\"content\":[{\"text\":\"a\"}]}\n{\"content\":[{\"text\":\"my ssn is 536-\"},{\"text\":\"90-4399\"}]}",
    ] {
        assert_eq!(of(body), Some(Reason::Finding), "{body}");
    }
    for body in ["{\"a\":1}\n[536-90-4399]", "{\"a\":1}\n{\"b\":\"536-\n90-4399\"}", "{\"a\":1}\n{\"b\"", "{\"a\":1} x"]
    {
        assert_eq!(of(body), Some(Reason::JsonSyntax), "{body}");
    }
}

#[test]
fn a_mask_in_what_waited_lies_where_it_belongs() {
    let body = format!("[{EMAIL}](page)");
    let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n";
    for chunk in [1, 2, 7, body.len()] {
        let request = format!("{head}{}", chunked(&body, chunk));
        let masked = format!("{head}{}", chunked("[[REDACTED]**********](page)", chunk));
        for piece in [1, 3, request.len()] {
            let mut lab = Lab::<Rules>::new(REQUESTS);
            request.as_bytes().chunks(piece).for_each(|piece| {
                lab.data(Direction::Upstream, piece);
            });
            lab.assert_passed(masked.as_bytes());
        }
    }
}

#[test]
fn a_number_is_a_setting_only_where_a_format_has_it_and_of_its_size() {
    for fields in [
        r#""seed":536904399"#,
        r#""options":{"seed":536904399,"num_ctx":131072}"#,
        r#""generationConfig":{"seed":536904399,"maxOutputTokens":8192}"#,
        r#""max_tokens":4096,"total_tokens":99999999"#,
        r#""metadata":{"created":1700000000}"#,
    ] {
        let body = format!(r#"{{"messages":[{{"role":"user","content":"hi","index":12}}],{fields}}}"#);
        assert_eq!(reason_of(request("application/json", &body).as_bytes()), None, "{body}");
    }
    for fields in [
        r#""created":536904399"#,
        r#""max_tokens":536904399"#,
        r#""total_tokens":5.36904399e8"#,
        r#""options":{"num_ctx":536904399}"#,
        r#""tools":[{"seed":536904399}]"#,
        r#""options":{"seed":7,"seed":536904399}"#,
        r#""seed":7,"seed":536904399"#,
        r#""x":{"options":{"seed":536904399}}"#,
        r#""prompt_tokens":536904399"#,
        r#""usage":{"prompt_tokens":536904399}"#,
        r#""index":536904399"#,
        r#""x":{"index":[536904399]}"#,
        r#""total_duration":536904399"#,
    ] {
        let body = format!(r#"{{"messages":[{{"role":"user","content":"hi"}}],{fields}}}"#);
        assert_eq!(reason_of(request("application/json", &body).as_bytes()), Some(Reason::Finding), "{body}");
    }
}
