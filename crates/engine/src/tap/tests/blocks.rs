//! What is refused, why, and what the client is told.

use super::lab::{EMAIL, Lab, OPENAI_KEY, REQUESTS, SSN, both, chat, chunked, request};
use crate::{Limits, Rules};
use core::time::Duration;
use net::Direction;
use policy::{App, FlowFacts, Reason, Verdict};

fn lab() -> Lab<Rules> {
    Lab::new(REQUESTS)
}

/// The reason for which these client's bytes are blocked.
fn reason_of(bytes: impl AsRef<[u8]>) -> Option<Reason> {
    let mut lab = lab();
    lab.up(bytes);
    lab.seen.blocked
}

#[test]
fn a_clean_request_passes_byte_for_byte() {
    let mut lab = lab();
    let request = chat("good morning \\u00e4 \\ud83d\\ude00 \\n");
    lab.up(&request).down("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    lab.assert_passed(request.as_bytes());
    assert_eq!(lab.seen.downstream, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    assert_eq!(lab.tap.poll_timeout(&lab.engine), None, "nothing is held");
}

#[test]
fn a_secret_blocks_wherever_it_stands() {
    let host = "Host: 10.2.0.2\r\n";
    let in_each_place = [
        chat(SSN),
        chat(&SSN.replace('-', "\\u002d")),
        request("application/json", &format!(r#"{{"{SSN}":1}}"#)),
        request("application/json", r#"{"ssn":[5.36904399e8]}"#),
        request("application/json", &format!(r#"{{"unknown":{{"deep":[["{SSN}"]]}}}}"#)),
        request("application/x-ndjson", &format!("{{\"a\":1}}\n{{\"b\":\"{SSN}\"}}\n")),
        request("application/x-www-form-urlencoded", &format!("a=1&b={}", SSN.replace('-', "%2D"))),
        request("text/plain", SSN),
        request("application/octet-stream", SSN),
        request("text/plain", &format!(r#"{{"a":"{}"}}"#, SSN.replace('-', "\\u002D"))),
        format!("GET /search?q={SSN} HTTP/1.1\r\n{host}\r\n"),
        format!("GET /{} HTTP/1.1\r\n{host}\r\n", SSN.replace('-', "%2d")),
        format!("GET / HTTP/1.1\r\n{host}X-Note: {SSN}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\n{host}X-{SSN}: note\r\n\r\n"),
        format!("POST / HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\n1;a=\"{SSN}\"\r\nx\r\n0\r\n\r\n"),
        format!("POST / HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Note: {SSN}\r\n\r\n"),
        format!(
            "POST / HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\n{}",
            chunked(&format!("note {SSN} end"), 3)
        ),
    ];
    for request in in_each_place {
        let mut lab = lab();
        lab.up(&request);
        assert_eq!(lab.seen.blocked, Some(Reason::Finding), "{request}");
        assert!(lab.seen.upstream.len() < request.len(), "the request never completes: {request}");
    }
}

#[test]
fn words_before_an_escape_count_wherever_a_segment_ends() {
    let body = r"my social security number is \u0035\u003369\u003043\u00399";
    for (body, expected) in [(body, Some(Reason::Finding)), (r"my part number is \u0035\u003369\u003043\u00399", None)]
    {
        assert_eq!(reason_of(request("text/plain", body)), expected, "whole: {body}");
        let request = request("text/plain", body);
        for cut in request.len() - body.len()..request.len() {
            let mut lab = lab();
            lab.up(&request[..cut]);
            lab.up(&request[cut..]);
            assert_eq!(lab.seen.blocked, expected, "{cut}: {body}");
        }
    }
}

#[test]
fn a_part_that_says_its_text_twice_blocks() {
    let parts = |parts: &str| format!(r#"{{"messages":[{{"role":"user","content":[{parts}]}}]}}"#);
    let first = r#"{"type":"text","text":"my ssn is 536-"}"#;
    for second in [
        r#"{"type":"text","text":"zz","text":"90-4399"}"#,
        r#"{"text":"zz","Te\u0078t":"90-4399"}"#,
        r#"{"type":"text","content":"zz","text":"90-4399"}"#,
        r#"{"text":"90-4399","content":"zz"}"#,
        r#"{"text":{"value":"zz","Value":"90-4399"}}"#,
        r#"{"text":{"text":"zz","value":"90-4399"}}"#,
    ] {
        let body = parts(&format!("{first},{second}"));
        assert_eq!(reason_of(request("application/json", &body)), Some(Reason::JsonDuplicate), "{body}");
    }
    let message = r#"{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}"#;
    for body in [
        parts(r#"{"title":"a","content":"b"},{"text":"c"}"#),
        r#"{"documents":[{"text":"a","content":"b"},{"text":"c"}]}"#.to_owned(),
        parts(r#"{"type":"text","text":{"type":"x","value":"a"}},{"type":"text","text":{"value":"b"}}"#),
        parts(r#"{"text":"a","annotations":[{"text":"b"},{"text":"c"}],"x":{"text":"d"}},{"text":"c"}"#),
        format!("{{\"messages\":[{message},{message},{message}]}}"),
        r#"[{"text":[{"text":"a"}]},{"text":[{"text":"a"}]}]"#.to_owned(),
    ] {
        assert_eq!(reason_of(request("application/json", &body)), None, "{body}");
    }
}

#[test]
fn a_secret_in_parts_that_the_model_reads_as_one_blocks() {
    let deep = |depth: usize| {
        let (open, close) = (r#"{"a":"#.repeat(depth), "}".repeat(depth));
        format!(r#"{open}[{{"text":"536-"}},{{"text":"90-4399"}}]{close}"#)
    };
    for content in [
        r#"{"type":"text","text":"536-"},{"type":"text","text":"90-4399"}"#,
        r#"{"type":"text","text":"see"},{"type":"tool_result","content":[{"type":"text","text":"536-90-"},{"type":"text","text":"4399"}]}"#,
        r#"{"text":"see"},{"toolResult":{"content":[{"text":"536-90-"},{"text":"4399"}]}}"#,
        r#"{"text":"see"},{"type":"document","source":{"type":"content","content":[{"text":"536-90-"},{"text":"4399"}]}}"#,
        r#"{"text":"see"},{"functionResponse":{"response":{"content":["536-90-","4399"]}}}"#,
        r#"{"text":"536-"},{"annotations":["x"]},{"text":"90-4399"}"#,
        r#"{"type":"text","text":{"value":"536-90-"}},{"type":"text","text":{"value":"4399"}}"#,
        r#"{"type":"section","text":{"type":"mrkdwn","text":"536-90-"}},{"text":{"type":"mrkdwn","text":"4399"}}"#,
        r#"{"text":"see"},{"text":"536-90-"},{"text":"4399"},{"text":"there"}"#,
        r#"{"a":["1 ",["2 ",["3 ",["4 ",["5 ",["536-90-","4399"]]]]]]}"#,
        deep(60).as_str(),
    ] {
        let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":[{content}]}}]}}"#);
        assert_eq!(reason_of(request("application/json", &body)), Some(Reason::Finding), "{body}");
    }
    let apart =
        r#"{"model":"m","messages":[{"role":"user","content":"536-"},{"role":"assistant","content":"90-4399"}]}"#;
    assert_eq!(reason_of(request("application/json", apart)), None);
}

/// Parts of a message with other data between them.
fn in_parts(first: &str, data_bytes: usize, second: &str) -> String {
    let image =
        format!(r#"{{"type":"image","source":{{"type":"base64","data":"{}"}}}}"#, "iVBORw0K".repeat(data_bytes / 8));
    let content = format!(r#"{{"type":"text","text":"{first}"}},{image},{{"type":"text","text":"{second}"}}"#);
    request("application/json", &format!(r#"{{"model":"m","messages":[{{"role":"user","content":[{content}]}}]}}"#))
}

#[test]
fn an_image_behind_a_text_does_not_wait_for_more_text() {
    for text in ["Describe this image.", "OCR:", "what", "536-", "write to jane.roe"] {
        let request = in_parts(text, 300_000, "thanks");
        let mut lab = lab();
        for (number, segment) in request.as_bytes().chunks(1448).enumerate() {
            lab.up(segment);
            let held = number * 1448 - lab.seen.upstream.len().min(number * 1448);
            assert!(held < 16_000, "{text}: {held} bytes behind {number} segments");
        }
        lab.assert_passed(request.as_bytes());
    }
}

#[test]
fn a_secret_in_parts_far_apart_is_a_block_however_it_is_sent() {
    let (mail, at_sign) = (EMAIL.split_at(9), Some(Reason::FindingNotEditable));
    for (first, second, near, far) in
        [("536-90-", "4399", Some(Reason::Finding), Some(Reason::Finding)), (mail.0, mail.1, None, at_sign)]
    {
        for (data_bytes, expected) in [(800, near), (2800, far), (300_000, far)] {
            let request = in_parts(first, data_bytes, second);
            assert_eq!(reason_of(&request), expected, "{first} {data_bytes}: whole");
            for segment_bytes in [100, 1448, 30_000] {
                let mut lab = lab();
                for segment in request.as_bytes().chunks(segment_bytes) {
                    lab.up(segment);
                }
                assert_eq!(lab.seen.blocked, expected, "{first} {data_bytes}: {segment_bytes}");
                let sent = String::from_utf8_lossy(&lab.seen.upstream).into_owned();
                assert!(!sent.contains(second), "{sent}");
            }
        }
    }
}

#[test]
fn what_stands_beside_a_whole_address_stays() {
    let label = format!("[REDACTED]{}", "*".repeat(EMAIL.len() - 10));
    for body in [
        format!(r#"{{"model":"m","input":["Alice","{EMAIL}","Carol"]}}"#),
        format!(
            r#"{{"messages":[{{"content":[{{"text":"Hello team"}},{{"text":"{EMAIL}"}},{{"text":"regards"}}]}}]}}"#
        ),
    ] {
        let (mut lab, request) = (lab(), request("application/json", &body));
        lab.up(&request);
        lab.assert_passed(request.replace(EMAIL, &label).as_bytes());
        lab.down("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(lab.last().findings.iter().map(|found| found.count).sum::<u32>(), 1);
    }
    // However far behind it the next one comes.
    let row = |text: &str| format!(r#"{{"text":"{text}","more":"{}"}}"#, "lorem ipsum ".repeat(200));
    let rows = format!("[{},{},{},{}]", row("Hi Bob"), row(EMAIL), row("regards"), row("12"));
    let part = format!("--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\n{rows}\r\n--b--\r\n");
    for request in [request("application/json", &rows), request("multipart/form-data; boundary=b", &part)] {
        for segment_bytes in [request.len(), 1448, 100, 7] {
            let mut lab = lab();
            for segment in request.as_bytes().chunks(segment_bytes) {
                lab.up(segment);
            }
            lab.assert_passed(request.replace(EMAIL, &label).as_bytes());
        }
    }
    // One that is whole only in two parts is masked in both.
    let (mut lab, request) = (lab(), request("application/json", r#"{"input":["jane.roe@exam","ple.org"]}"#));
    lab.up(&request);
    let passed = String::from_utf8_lossy(&lab.seen.upstream).into_owned();
    assert!(!passed.contains("jane") && !passed.contains("ple.org"), "{passed}");
}

#[test]
fn a_masked_finding_keeps_every_length() {
    let mut lab = lab();
    let request = chat(&format!("write to {EMAIL} today"));
    lab.up(&request);
    let label = format!("[REDACTED]{}", "*".repeat(EMAIL.len() - 10));
    lab.assert_passed(request.replace(EMAIL, &label).as_bytes());
    assert_eq!(lab.seen.upstream.len(), request.len());
}

#[test]
fn a_mask_covers_escapes_whole() {
    let mut lab = lab();
    let escaped = EMAIL.replace('@', "\\u0040");
    let request = chat(&escaped);
    lab.up(&request);
    let label = format!("[REDACTED]{}", "*".repeat(escaped.len() - 10));
    lab.assert_passed(request.replace(&escaped, &label).as_bytes());
}

#[test]
fn what_cannot_be_masked_is_blocked() {
    for request in [
        request("application/json", &format!(r#"{{"{EMAIL}":1}}"#)),
        format!("GET /?to={EMAIL} HTTP/1.1\r\nHost: 10.2.0.2\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: {EMAIL}\r\n\r\n"),
        format!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a=\"{EMAIL}\"\r\nx\r\n0\r\n\r\n"),
        request("image/png", &format!("PNG\r\n\0\0IHDRtEXtAuthor\0{EMAIL}")),
        request("multipart/form-data; boundary=b", &format!("--b\r\n\r\nPK\x03\x04\x14\0a.txt {EMAIL}\r\n--b--\r\n")),
    ] {
        assert_eq!(reason_of(&request), Some(Reason::FindingNotEditable), "{request}");
    }
    let text = format!("--b\r\n\r\nPK\x03\x04\x14\0\r\n--b\r\n\r\n{EMAIL}\r\n--b--\r\n");
    let request = request("multipart/form-data; boundary=b", &text);
    let mut lab = lab();
    lab.up(&request);
    let label = format!("[REDACTED]{}", "*".repeat(EMAIL.len() - 10));
    lab.assert_passed(request.replace(EMAIL, &label).as_bytes());
}

#[test]
fn a_field_that_only_carries_text_is_masked() {
    let mut lab = lab();
    let request = format!("GET / HTTP/1.1\r\nHost: 10.2.0.2\r\nFrom: {EMAIL}\r\n\r\n");
    lab.up(&request);
    let label = format!("[REDACTED]{}", "*".repeat(EMAIL.len() - 10));
    lab.assert_passed(request.replace(EMAIL, &label).as_bytes());
}

#[test]
fn a_key_passes_to_the_provider_that_handed_it_out_and_to_no_other() {
    let to = |host: &str| {
        format!(
            "POST /v1/chat/completions HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {OPENAI_KEY}\r\nContent-Length: 2\r\n\r\n{{}}"
        )
    };
    let mut own = lab();
    own.up(to("api.openai.com"));
    own.assert_passed(to("api.openai.com").as_bytes());
    own.down("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert!(own.last().credential.is_some());
    for host in ["api.anthropic.com", "evil.example.com", "notopenai.com"] {
        assert_eq!(reason_of(to(host)), Some(Reason::CredentialForeign), "{host}");
    }
    let elsewhere =
        format!("POST / HTTP/1.1\r\nHost: api.openai.com\r\nX-Note: {OPENAI_KEY}\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(reason_of(elsewhere), Some(Reason::Finding));
}

#[test]
fn a_key_that_nobody_marked_passes_in_a_credential_header_and_nowhere_else() {
    const KEY: &str = "k3Jd9x0Qpl5m2Nv8Zx81Kd93";
    for credential in [
        format!("Authorization: Bearer {KEY}"),
        "Authorization: Basic YWxpY2U6czNjcjN0UHcxMjM=".to_owned(),
        format!("X-Api-Key: {KEY}"),
    ] {
        for host in ["models.internal", "api.openai.com"] {
            let request =
                format!("POST /v1/x HTTP/1.1\r\nHost: {host}\r\n{credential}\r\nContent-Length: 2\r\n\r\n{{}}");
            let mut lab = lab();
            lab.up(&request);
            lab.assert_passed(request.as_bytes());
        }
    }
    let body = format!("{{\"api_key\": \"{KEY}\"}}");
    assert_eq!(reason_of(request("application/json", &body)), Some(Reason::Finding));
}

#[test]
fn a_key_is_no_less_anothers_for_being_written_otherwise() {
    // `user:KEY`, `KEY`, `KEY` in base64, KEY in hexadecimal, backwards.
    const KEY: &str = "ghp_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6";
    let hex: String = KEY.bytes().map(|byte| format!("{byte:02x}")).collect();
    let reversed: String = KEY.chars().rev().collect();
    let to = |host: &str, field: &str| format!("GET /v1/models HTTP/1.1\r\nHost: {host}\r\n{field}\r\n\r\n");
    for field in [
        "Authorization: Basic dXNlcjpnaHBfYUIzZEU2Z0g5aksybU41cFE4c1Qxdlc0eVo3YkMwZUYzaEo2",
        "Authorization: Basic OmdocF9hQjNkRTZnSDlqSzJtTjVwUThzVDF2VzR5WjdiQzBlRjNoSjY=",
        "Authorization: Bearer Z2hwX2FCM2RFNmdIOWpLMm1ONXBROHNUMXZXNHlaN2JDMGVGM2hKNg==",
        "X-Api-Key: Z2hwX2FCM2RFNmdIOWpLMm1ONXBROHNUMXZXNHlaN2JDMGVGM2hKNg==",
        &format!("Authorization: Bearer {hex}"),
        &format!("Authorization: Bearer {reversed}"),
    ] {
        for host in ["api.openai.com", "models.internal", "x.example"] {
            assert_eq!(reason_of(to(host, field)), Some(Reason::CredentialForeign), "{field} to {host}");
        }
    }
    let own = to(
        "api.openai.com",
        "Authorization: Basic c2stcHJvai1aazN2VDl4UXcyTG1OOGJSNWNZN2RGMWdINGpLNnBTMGFVZUlvWHlWdFdxQnpDck06",
    );
    assert_eq!(reason_of(own), None, "its own key as a user's name");
}

#[test]
fn what_a_login_that_nobody_marked_is_made_of_is_masked() {
    const LOGIN: &str = "am9lLnVzZXJAY29ycC1tYWlsLmNvbTpYazI5dlF3MkxtOCE=";
    let mut lab = lab();
    let request = format!("GET / HTTP/1.1\r\nHost: x.example\r\nAuthorization: Basic {LOGIN}\r\n\r\n");
    lab.up(&request);
    assert_eq!((lab.seen.blocked, lab.seen.upstream.len()), (None, request.len()));
    assert!(!String::from_utf8_lossy(&lab.seen.upstream).contains(LOGIN), "an address");
}

#[test]
fn a_body_that_cannot_be_read_is_blocked_with_its_reason() {
    let with = |fields: &str| format!("POST /v1/x HTTP/1.1\r\nHost: a\r\n{fields}Content-Length: 2\r\n\r\n{{}}");
    for (request, reason) in [
        (with("Content-Encoding: gzip\r\n"), Reason::ContentEncoding),
        (with("Content-Encoding: identity\r\nContent-Encoding: br\r\n"), Reason::ContentEncoding),
        (with("Content-Type: application/json; charset=utf-16\r\n"), Reason::Charset),
        (with("Content-Type: application/json\r\nContent-Type: text/plain\r\n"), Reason::HttpSyntax),
        (with("Upgrade: websocket\r\n"), Reason::HttpTunnel),
        (with("Transfer-Encoding: chunked\r\n"), Reason::HttpFraming),
        ("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n".to_owned(), Reason::HttpTunnel),
        ("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), Reason::HttpTunnel),
        ("GET / HTTP/1.1\nHost: a\n\n".to_owned(), Reason::HttpSyntax),
        (request("application/json", "{\"a\":1}}"), Reason::JsonSyntax),
        (request("application/json", "{\"a\":"), Reason::JsonSyntax),
        (request("application/json", "{\"a\":\"\u{1}\"}"), Reason::JsonSyntax),
        (request("application/json", &"[".repeat(2000)), Reason::JsonDepth),
    ] {
        assert_eq!(reason_of(&request), Some(reason), "{request}");
    }
    let identity = with("Content-Encoding: identity\r\nContent-Type: application/json; charset=UTF-8\r\n");
    assert_eq!(reason_of(identity), None);
}

#[test]
fn other_protocols_are_blocked() {
    assert_eq!(reason_of(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), Some(Reason::ProtocolUnknown));
    assert_eq!(reason_of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), Some(Reason::ProtocolUnknown));
    assert_eq!(reason_of("SSH-2.0-OpenSSH_9.6\r\n"), Some(Reason::ProtocolUnknown));
    let mut lab = lab();
    lab.up("GE").eof(Direction::Upstream);
    assert_eq!(lab.seen.blocked, Some(Reason::ProtocolUnknown), "half a method is no protocol");
    assert_eq!(lab.seen.upstream, b"");
}

#[test]
fn a_server_that_speaks_first_is_blocked_and_nobody_is_answered() {
    let mut lab = lab();
    lab.down("220 mail.example.org ESMTP\r\n");
    assert_eq!((lab.seen.blocked, lab.seen.reply.take()), (Some(Reason::ServerSpokeFirst), None));
    assert_eq!(lab.seen.downstream, b"");
}

#[test]
fn more_requests_in_flight_than_allowed_are_a_block() {
    let limits = Limits { pipeline_depth_max: 2, ..Limits::default() };
    let mut lab = Lab::<Rules>::with(REQUESTS, limits);
    let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    lab.up(get).up(get);
    assert_eq!(lab.seen.blocked, None);
    lab.down("HTTP/1.1 204 No Content\r\n\r\n").up(get);
    assert_eq!(lab.seen.blocked, None, "an answer makes room");
    lab.up(get);
    assert_eq!(lab.seen.blocked, Some(Reason::HttpPipeline));
    assert_eq!(lab.seen.upstream, get.repeat(3).as_bytes());
}

#[test]
fn an_earlier_answer_that_is_due_forbids_a_reply() {
    let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut lab = lab();
    lab.up(get).up(chat(SSN));
    assert_eq!((lab.seen.blocked, lab.seen.reply.as_ref()), (Some(Reason::Finding), None));
    let mut lab = self::lab();
    lab.up(get).down("HTTP/1.1 204 No Content\r\n\r\n").up(chat(SSN));
    assert!(lab.seen.reply.is_some(), "nothing is due any more");
}

#[test]
fn an_answer_that_is_discarded_with_the_next_one_is_recorded_so() {
    let get = |path: &str| format!("GET /{path} HTTP/1.1\r\nHost: a\r\n\r\n");
    let good = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let secret = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{SSN}", SSN.len());
    for (bad, reason) in [(&secret[..], Reason::Finding), ("HTTP/1.1 2x0\r\n\r\n", Reason::HttpSyntax)] {
        let mut lab = Lab::<Rules>::new(&both());
        lab.up(get("one") + &get("two")).down(good.to_owned() + bad);
        assert_eq!((lab.seen.blocked, lab.seen.reply.as_ref()), (Some(reason), None), "the first is still to come");
        assert_eq!(lab.seen.downstream, b"");
        let ends: Vec<_> = lab.records.iter().skip(2).map(|record| (record.verdict, record.reason)).collect();
        assert_eq!(ends, [(Verdict::Block, Some(reason)); 2], "{:?}", lab.records);
        // Once the first has passed, the second can be refused.
        let mut lab = Lab::<Rules>::new(&both());
        lab.up(get("one") + &get("two")).down(good).down(bad);
        assert_eq!(lab.seen.downstream, good.as_bytes());
        assert!(lab.seen.reply.is_some());
        assert_eq!((lab.records[2].verdict, lab.records[2].reason), (Verdict::Allow, None));
    }
    // What nobody asked for, behind an answer.
    let mut lab = lab();
    lab.up(get("one")).down(good.to_owned() + good);
    assert_eq!((lab.seen.blocked, lab.seen.reply.as_ref()), (Some(Reason::ProtocolSwitch), None));
    assert_eq!((lab.last().verdict, lab.last().reason), (Verdict::Block, Some(Reason::ProtocolSwitch)));
    assert_eq!(lab.records.len(), 2, "{:?}", lab.records);
}

#[test]
fn who_is_answered_before_its_request_ends_need_not_send_the_rest() {
    let early = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno";
    let request = chat("x y x y and more of that 12");
    let head = request.find("\r\n\r\n").unwrap() + 4;
    for end in [head, request.len() - 30, request.len() - 4, request.len() - 1] {
        let mut lab = lab();
        lab.up(&request[..end]).down(early).eof(Direction::Upstream);
        lab.assert_passed(&request.as_bytes()[..end]);
        assert_eq!(lab.seen.downstream, early.as_bytes());
        let last = lab.last();
        assert_eq!((last.verdict, last.reason, last.status), (Verdict::Allow, None, 413), "{end}");
        assert_eq!((last.request_bytes, last.response_bytes), (end as u64, early.len() as u64));
        lab.eof(Direction::Downstream).close(None);
        assert_eq!(lab.records.len(), 2);
    }
    // Not before all of the answer is there, and not with what must not pass.
    let mut half = lab();
    half.up(&request[..head]).down(&early[..20]).eof(Direction::Upstream);
    assert_eq!(half.seen.blocked, Some(Reason::Truncated));
    for (content, reason) in [(SSN, Reason::Finding), ("\\u00", Reason::Truncated)] {
        let request = chat(content);
        let end = request.find(content).unwrap() + content.len();
        let mut lab = lab();
        lab.up(&request[..end]).down(early).eof(Direction::Upstream);
        assert_eq!(lab.seen.blocked, Some(reason), "{content}");
        assert!(!lab.seen.upstream.ends_with(content.as_bytes()), "{content}");
    }
}

#[test]
fn what_was_answered_before_its_end_is_not_answered_twice() {
    let mut lab = lab();
    let request = chat(&format!("some words before {SSN}"));
    let (head, rest) = request.split_at(request.len() - 40);
    let early = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n";
    lab.up(head).down(early).up(rest);
    assert_eq!((lab.seen.blocked, lab.seen.reply.as_ref()), (Some(Reason::Finding), None));
    assert_eq!(lab.seen.downstream, early.as_bytes());
    assert_eq!((lab.last().verdict, lab.last().status), (Verdict::Block, 413));
}

#[test]
fn the_reply_has_the_providers_shape_and_fits_any_path() {
    for (path, shape) in [
        ("/v1/chat/completions", r#""code":"blocked_by_policy"}}"#),
        ("/v1/messages", r#"{"type":"error","error":{"type":"permission_error""#),
        ("/v1beta/models/g:generateContent", r#""status":"PERMISSION_DENIED"}}"#),
        ("/api/chat", r#"{"error":"Blocked by Sovereign: finding"#),
        ("/other", r#""code":"blocked_by_policy"}}"#),
    ] {
        let mut lab = lab();
        lab.up(chat(SSN).replace("/v1/chat/completions", path));
        let reply = String::from_utf8(lab.seen.reply.take().unwrap()).unwrap();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        assert!(reply.len() <= 536 && head.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{reply}");
        assert!(
            head.contains(&format!("Content-Length: {}\r\n", body.len())) && head.contains("Connection: close"),
            "{reply}"
        );
        assert!(body.contains(shape), "{path}: {body}");
        assert!(!reply.contains(SSN));
    }
}

#[test]
fn the_reply_to_head_has_no_body() {
    let mut lab = lab();
    lab.up(format!("HEAD /{SSN} HTTP/1.1\r\nHost: a\r\n\r\n"));
    let reply = String::from_utf8(lab.seen.reply.take().unwrap()).unwrap();
    assert!(reply.ends_with("\r\n\r\n") && !reply.contains("Content-Length: 0"), "{reply}");
}

#[test]
fn the_longest_reply_fits_any_path() {
    for dialect in ["/v1/chat/completions", "/v1/messages", "/v1beta/models/g:generateContent", "/api/chat"] {
        for reason in Reason::ALL {
            let mut lab = lab();
            let request = chat("good morning").replace("/v1/chat/completions", dialect);
            lab.up(&request[..request.len() - 1]);
            lab.tap.handle_block(&mut lab.engine, lab.now, Direction::Upstream, *reason);
            lab.poll();
            let reply = lab.seen.reply.take().unwrap();
            assert!(reply.len() <= 536, "{reason:?}");
        }
    }
}

#[test]
fn a_match_that_may_still_come_is_held_until_the_time_is_over() {
    let mut lab = lab();
    let request = chat("536-90-43");
    let (front, _) = request.split_at(request.len() - 4);
    lab.up(front);
    assert!(lab.seen.upstream.len() < front.len());
    assert_eq!(lab.seen.blocked, None);
    let deadline = lab.tap.poll_timeout(&lab.engine).unwrap();
    assert_eq!(deadline, lab.now.after(Duration::from_secs(30)));
    lab.ring();
    assert_eq!(lab.seen.blocked, Some(Reason::HoldTime));
}

#[test]
fn an_answer_that_hangs_on_half_a_match_is_let_go_when_its_time_is_over() {
    let mut lab = Lab::<Rules>::new(&both());
    lab.up(chat("hello")).down("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nthe number is 536-90-43");
    let held = lab.seen.downstream.len();
    assert!(!lab.seen.downstream.ends_with(b"536-90-43"));
    lab.ring();
    assert_eq!(lab.seen.blocked, None);
    assert!(lab.seen.downstream.len() > held && lab.seen.downstream.ends_with(b"536-90-43"));
}

#[test]
fn the_first_bytes_name_the_mode_where_the_policy_asks_for_them() {
    let policy = format!(
        "{REQUESTS}\n[[flow]]\nname = \"a\"\nmatch = {{ app = [\"http1\"] }}\nmode = \"inspect\"\n\
         [[flow]]\nname = \"b\"\nmatch = {{ app = [\"tls\"] }}\nmode = \"forward\"\n\
         [[flow]]\nname = \"c\"\nmatch = {{ app = [\"http2\"] }}\nmode = \"terminate\"\n"
    );
    let facts = FlowFacts { protocol: policy::Protocol::TCP, client: None, server: None, port: 80, vlan: [0, 0] };
    for (app, bytes, forward, blocked) in [
        (App::Http1, &b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"[..], false, None),
        (App::Tls, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x00", true, None),
        (App::Http2, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", false, Some(Reason::TerminateUnavailable)),
        (App::Unknown, b"\x00\x01\x02\x03\x04\x05\x06\x07", false, Some(Reason::PolicyBlocked)),
    ] {
        for split in 1..bytes.len() {
            let mut lab = Lab::<Rules>::new(&policy);
            lab.tap.reset(super::lab::peers(), Some(facts));
            lab.up(&bytes[..split]).up(&bytes[split..]);
            assert_eq!((lab.seen.forward, lab.seen.blocked), (forward, blocked), "{app:?} {split}");
            let passed = if blocked.is_none() { bytes } else { &[] };
            assert_eq!(lab.seen.upstream, passed, "{app:?} {split}");
        }
    }
}

#[test]
fn an_alert_passes_and_is_recorded() {
    let mut lab = lab();
    let request = chat("ping 198.51.100.23 please");
    lab.up(&request).down("HTTP/1.1 204 No Content\r\n\r\n");
    lab.assert_passed(request.as_bytes());
    assert_eq!(lab.last().verdict, Verdict::Alert);
    assert_eq!(lab.last().findings[0].entity.as_str(), "IP_ADDRESS");
}

#[test]
fn no_body_at_all_is_no_broken_json() {
    for request in [
        "GET /v1/models HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\r\n",
        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n",
        "DELETE /x HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ] {
        let mut lab = Lab::<Rules>::new(REQUESTS);
        lab.up(request);
        lab.assert_passed(request.as_bytes());
    }
}

#[test]
fn escapes_are_read_wherever_a_receiver_may_read_them() {
    let escaped = r"536-90-\u0034399";
    let json = format!(r#"{{"a":"{escaped}"}}"#);
    let twice = json.replace('\\', r"\\").replace('"', "\\\"");
    let part = format!("--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n{json}\r\n--b--\r\n");
    let field = |name: &str| format!("GET / HTTP/1.1\r\nHost: a\r\n{name}: {escaped}\r\n\r\n");
    let requests = [
        request("text/plain", &format!("\"{escaped}\"")),
        request("text/plain", &format!("1\n{json}\n")),
        request("application/json-seq", &format!("\u{1e}{json}\n")),
        request("text/event-stream", &json),
        request("text/event-stream", &format!("data:   {json}\n\n")),
        request("text/event-stream", &format!("data: \"{escaped}\"\n\n")),
        request("multipart/form-data; boundary=b", &part),
        request("application/x-www-form-urlencoded", &format!("a=1&payload={json}")),
        request("application/json", &format!(r#"{{"arguments":"{twice}"}}"#)),
        request("application/x-ndjson", &format!("{{\"a\":\"{}\"}}\n", escaped.replace('\\', r"\\"))),
        field("X-Note"),
        field("Cookie"),
    ];
    for request in requests {
        for cut in 1..request.len() {
            let mut lab = Lab::<Rules>::new(REQUESTS);
            lab.up(&request[..cut]).up(&request[cut..]);
            assert_eq!(lab.seen.blocked, Some(Reason::Finding), "cut at {cut}: {request}");
        }
    }
}

#[test]
fn a_finding_with_an_escape_in_text_is_masked_whole_and_counted_once() {
    let body = r"C:\new write to jane.roe\u0040example.org or joe@example.org \o/";
    let mut lab = Lab::<Rules>::new(REQUESTS);
    lab.up(request("text/plain", body));
    let masked = r"C:\new write to [REDACTED]*************** or [REDACTED]***** \o/";
    lab.assert_passed(request("text/plain", masked).as_bytes());
    lab.close(None);
    assert_eq!(lab.last().findings.iter().map(|finding| finding.count).collect::<Vec<_>>(), [2]);
}

#[test]
fn fields_that_say_nothing_hide_nothing_beside_them() {
    let head = |path: &str, more: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nAccept: application/json\r\nHost: a.example\r\nConnection: keep-alive\r\n{more}\
             Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
        )
    };
    let chat = "/v1/chat/completions";
    assert_eq!(reason_of(head(chat, "")), None);
    for (path, more) in [
        (chat, format!("X-Note: {SSN}\r\n")),
        (chat, format!("Accept: application/json, {SSN}\r\n")),
        (chat, format!("Accept: {SSN}\r\nAccept: */*\r\n")),
        (&format!("{chat}?q={SSN}"), String::new()),
        (&format!("{chat}/{SSN}"), String::new()),
    ] {
        assert_eq!(reason_of(head(path, &more)), Some(Reason::Finding), "{path} {more}");
    }
}

#[test]
fn a_compressed_body_is_blocked_though_nothing_declares_it() {
    let bodies: [&[u8]; 6] = [
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03rest",
        b"x\x9crest",
        b"x\x01rest",
        b"x^\xcbHrest",
        b"x^\x03rest",
        b"\x28\xb5\x2f\xfdrest",
    ];
    for content_type in ["text/plain", "application/octet-stream", "application/x-www-form-urlencoded"] {
        let head = |length: usize| {
            format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n")
        };
        for body in bodies {
            let whole = [head(body.len()).as_bytes(), body].concat();
            for split in [whole.len(), 1] {
                let mut lab = Lab::<Rules>::new(REQUESTS);
                whole.chunks(split).for_each(|piece| {
                    lab.data(Direction::Upstream, piece);
                });
                assert_eq!(lab.seen.blocked, Some(Reason::ContentEncoding), "{content_type} {}", body.escape_ascii());
            }
        }
        for text in ["x is a letter", "x^2 + y^2", "x^\u{b5} + 1", "x^\u{2082}", "(\u{b5}/)"] {
            let mut lab = Lab::<Rules>::new(REQUESTS);
            lab.data(Direction::Upstream, &[head(text.len()).as_bytes(), text.as_bytes()].concat());
            assert_ne!(lab.seen.blocked, Some(Reason::ContentEncoding), "{text}");
        }
    }
}

#[test]
fn characters_wider_than_a_byte_and_marks_of_their_order_are_refused() {
    let wide = |text: &str, width: usize, is_big: bool| -> Vec<u8> {
        text.bytes()
            .flat_map(|byte| {
                let mut unit = vec![0; width];
                unit[if is_big { width - 1 } else { 0 }] = byte;
                unit
            })
            .collect()
    };
    let json = format!(r#"{{"a":"{SSN}"}}"#);
    let bodies = [
        wide(&json, 2, true),
        wide(&json, 2, false),
        wide(&json, 4, true),
        wide(&json, 4, false),
        [&b"\xfe\xff"[..], &wide(&json, 2, true)].concat(),
        [&b"\xef\xbb\xbf"[..], br#"{"a":"536-90-\u0034399"}"#].concat(),
    ];
    for content_type in
        ["text/plain", "application/octet-stream", "text/event-stream", "multipart/form-data; boundary=b"]
    {
        for body in &bodies {
            let head = format!(
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let mut lab = Lab::<Rules>::new(REQUESTS);
            lab.data(Direction::Upstream, &[head.as_bytes(), body].concat());
            assert_eq!(lab.seen.blocked, Some(Reason::Charset), "{content_type} {}", body.escape_ascii());
        }
    }
}

#[test]
fn a_number_that_no_receiver_keeps_is_refused() {
    let mut lab = Lab::<Rules>::new(REQUESTS);
    lab.up(request("application/json", &format!(r#"{{"id":{}}}"#, "5".repeat(200))));
    assert_eq!(lab.seen.blocked, Some(Reason::JsonNumber));
}

#[test]
fn what_stands_between_strings_is_no_text() {
    let policy = format!(
        "{REQUESTS}\n[[rule]]\nname = \"w\"\ndetect = [\"KEYWORD:w\"]\naction = \"block\"\n[keywords]\nw = [\"true\", \"null\"]\n"
    );
    let mut lab = Lab::<Rules>::new(&policy);
    let clean = request("application/json", r#"{"a":"b","stream":true,"c":null,"d":[false,null],"e":"f"}"#);
    lab.up(&clean);
    lab.assert_passed(clean.as_bytes());
    for body in [r#"{"a":"true"}"#, r#"{"true":1}"#, r#"{"a":true,"b":"null"}"#] {
        let mut lab = Lab::<Rules>::new(&policy);
        lab.up(request("application/json", body));
        assert_eq!(lab.seen.blocked, Some(Reason::Finding), "{body}");
    }
}
