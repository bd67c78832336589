//! What the server says.

use super::lab::{EMAIL, Lab, REQUESTS, SSN, answer, both, chat, chunked, request};
use crate::Rules;
use net::Direction;
use policy::{Reason, Verdict};

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// A lab in which this request was sent.
fn asked(policy: &str, request: &str) -> Lab<Rules> {
    let mut lab = Lab::new(policy);
    lab.up(request);
    lab.assert_passed(request.as_bytes());
    lab
}

#[test]
fn answers_are_read_only_where_a_rule_says_so() {
    let leak = answer("application/json", &format!(r#"{{"text":"{SSN}"}}"#));
    let mut lab = asked(REQUESTS, GET);
    lab.down(&leak);
    assert_eq!((lab.seen.blocked, lab.seen.downstream.as_slice()), (None, leak.as_bytes()));
    assert_eq!(lab.last().verdict, Verdict::Allow);
    let mut lab = asked(&both(), GET);
    lab.down(&leak);
    assert_eq!(lab.seen.blocked, Some(Reason::Finding));
    assert!(lab.seen.downstream.len() < leak.len());
}

#[test]
fn an_answer_is_masked_in_place() {
    let text = answer("text/plain", &format!("ask {EMAIL} about it"));
    let mut lab = asked(&both(), GET);
    lab.down(&text);
    let label = format!("[REDACTED]{}", "*".repeat(EMAIL.len() - 10));
    assert_eq!(String::from_utf8_lossy(&lab.seen.downstream), text.replace(EMAIL, &label));
    assert_eq!(lab.last().verdict, Verdict::Redact);
}

#[test]
fn no_answer_is_asked_for_compressed() {
    for (asked, passed) in [
        ("gzip, deflate, br, zstd", "                       "),
        ("identity", "identity"),
        ("Identity", "Identity"),
        ("", ""),
        ("gzip", "    "),
    ] {
        let request = |value: &str| {
            format!(
                "GET /v1/models HTTP/1.1\r\nHost: a\r\nAccept-Encoding: {value}\r\nAccept: a/b\r\naccept-encoding:{value}\r\n\r\n"
            )
        };
        for split in 0..request(asked).len() {
            let mut lab = Lab::<Rules>::new(&both());
            let (first, second) = (&request(asked)[..split], &request(asked)[split..]);
            lab.up(first).up(second);
            assert_eq!(String::from_utf8_lossy(&lab.seen.upstream), request(passed), "{split}");
        }
    }
}

#[test]
fn an_offer_of_http_2_in_plain_text_is_blanked() {
    let request = |upgrade: &str, settings: &str, connection: &str| {
        format!(
            "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: {upgrade}\r\nHTTP2-Settings: {settings}\r\nConnection:{connection}\r\n\r\n"
        )
    };
    for (connection, passed) in [
        (" Upgrade, HTTP2-Settings", "                        "),
        ("Upgrade,HTTP2-Settings", "                      "),
        (" HTTP2-Settings , keep-alive, upgrade", "                  keep-alive         "),
        (" keep-alive, Upgrade, HTTP2-Settings", " keep-alive                         "),
        (" keep-alive, Upgrade, HTTP2-Settings, te", " keep-alive                         , te"),
        (" keep-alive", " keep-alive"),
        ("", ""),
    ] {
        let asked = request("h2c", "AAEAAEAAAAIAAAAB", connection);
        for split in 0..asked.len() {
            let mut lab = Lab::<Rules>::new(&both());
            lab.up(&asked[..split]).up(&asked[split..]);
            lab.assert_passed(request("   ", "                ", passed).as_bytes());
        }
    }
    for upgrade in ["websocket", "h2c, websocket", "h2c\r\nUpgrade: websocket", "TLS/1.2", "h2"] {
        let mut lab = Lab::<Rules>::new(REQUESTS);
        lab.up(request(upgrade, "x", "Upgrade"));
        assert_eq!(lab.seen.blocked, Some(Reason::HttpTunnel), "{upgrade}");
    }
    let mut lab = Lab::<Rules>::new(REQUESTS);
    lab.up(request("H2C", "AAEAAEAAAAIAAAAB", "Upgrade"));
    lab.down("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n");
    assert_eq!(lab.seen.blocked, Some(Reason::ProtocolSwitch), "nobody asked for it");
}

#[test]
fn a_word_in_one_delta_tells_what_the_number_in_the_next_is() {
    let delta =
        |text: &str| format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n");
    let body: String = ["my social security number", " is ", "536904399", " ok"].map(delta).concat();
    let mut lab = asked(&both(), &chat("hi"));
    lab.down(answer("text/event-stream", &body));
    assert_eq!(lab.seen.blocked, Some(Reason::Finding));
}

/// Pieces of an SSN, each in what `of` makes of it, and the answer that holds them between these.
fn in_pieces(media: &str, around: [&str; 3], of: impl Fn(&str) -> String) -> String {
    let pieces = ["my ssn is 536", "-9", "0-4", "399 ok"].map(of);
    let [before, between, behind] = around;
    answer(media, &format!("{before}{}{behind}", pieces.join(between)))
}

#[test]
fn a_stream_that_is_an_array_is_read_across_its_elements() {
    let element = |text: &str| format!("{{\"candidates\":[{{\"content\":{{\"parts\":[{{\"text\":\"{text}\"}}]}}}}]}}");
    let body = in_pieces("application/json", ["[", ",\r\n", "]"], element);
    let lines = r#"[{"text":"a"},{"lines":["my ssn is 536-9","0-4399"]}]"#;
    for body in [body, answer("application/json", lines)] {
        let mut lab = asked(&both(), &chat("hi"));
        lab.down(&body);
        assert_eq!(lab.seen.blocked, Some(Reason::Finding), "{body}");
    }
}

#[test]
fn a_stream_is_read_across_its_deltas_whatever_it_is_called() {
    let delta = |text: &str| format!("{{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}}}}]}}");
    let asks = request("application/json", r#"{"model":"gpt-4o","stream":true,"messages":[]}"#);
    for media in ["text/event-stream", "application/json", "text/plain", "application/octet-stream"] {
        let events = in_pieces(media, ["", "", ""], |text| format!("data: {}\n\n", delta(text)));
        let lines = in_pieces(media, ["", "\n", "\n"], delta);
        for body in [events, lines].into_iter().take(if media == "text/event-stream" { 1 } else { 2 }) {
            for size in [1, 7, body.len()] {
                let mut lab = asked(&both(), &asks);
                for piece in body.as_bytes().chunks(size) {
                    lab.down(piece);
                }
                assert_eq!(lab.seen.blocked, Some(Reason::Finding), "{size} {media} {body}");
            }
        }
    }
    for clean in ["data", "dat", "I am data: here", "[1, 2]", "{\n \"a\": 1}", "  "] {
        let mut lab = asked(&both(), &asks);
        let body = answer("text/plain", clean);
        lab.down(&body);
        assert_eq!(lab.seen.blocked, None, "{clean}");
    }
}

#[test]
fn events_of_plain_text_are_read_as_one() {
    let mut lab = asked(&both(), &chat("hi"));
    lab.down(in_pieces("text/event-stream", ["", "", ""], |text| format!("data: {text}\n\n")));
    assert_eq!(lab.seen.blocked, Some(Reason::Finding));
}

#[test]
fn another_part_between_two_deltas_hides_nothing() {
    let delta = |part: usize, text: &str| {
        format!(
            "data: {{\"type\":\"response.output_text.delta\",\"output_index\":{part},\"content_index\":0,\"delta\":\"{text}\"}}\n\n"
        )
    };
    let body = in_pieces("text/event-stream", ["", "", ""], |text| delta(0, text) + &delta(1, "z "));
    let mut lab = asked(&both(), &chat("hi"));
    lab.down(body);
    assert_eq!(lab.seen.blocked, Some(Reason::Finding));
}

#[test]
fn tokens_beside_their_likelihoods_tell_nothing_that_the_text_does_not() {
    let token = |text: &str| {
        format!(
            "{{\"token\":\"{text}\",\"logprob\":-0.1,\"top_logprobs\":[{{\"token\":\"{text}\"}},{{\"token\":\"x\"}}]}}"
        )
    };
    let whole = ["{\"choices\":[{\"logprobs\":{\"content\":[", ",", "]}}]}"];
    let event = |text: &str| {
        let [before, _, behind] = whole;
        format!("data: {before}{}{behind}\n\n", token(text))
    };
    for body in [in_pieces("application/json", whole, token), in_pieces("text/event-stream", ["", "", ""], event)] {
        let mut lab = asked(&both(), &chat("hi"));
        lab.down(&body);
        assert_eq!(lab.seen.blocked, Some(Reason::Finding), "{body}");
    }
}

#[test]
fn a_leak_across_the_deltas_of_a_stream_is_found() {
    let delta =
        |text: &str| format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n");
    let body: String = ["it is ", "536", "-9", "0-4", "399", " ok"].map(delta).concat() + "data: [DONE]\n\n";
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    let mut lab = asked(&both(), &chat("hi"));
    lab.down(head);
    for piece in chunked(&body, 50).as_bytes().chunks(40) {
        lab.down(piece);
    }
    assert_eq!(lab.seen.blocked, Some(Reason::Finding));
    let seen = String::from_utf8_lossy(&lab.seen.downstream).into_owned();
    assert!(seen.contains("\"content\":\"i") && !seen.contains("399"), "{seen}");
}

#[test]
fn a_secret_in_a_line_without_data_is_found_however_it_is_cut() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    for line in [
        format!(": {SSN}\n"),
        format!("id: {SSN}\n"),
        format!("note: {SSN}\n"),
        format!("{SSN}\n"),
        format!(":a\n:{SSN}\r\n"),
    ] {
        for split in 0..line.len() {
            let mut lab = asked(&both(), &chat("hi"));
            lab.down(head).down(&line[..split]).down(&line[split..]).down("data: x\n\n");
            assert_eq!(lab.seen.blocked, Some(Reason::Finding), "{line:?} {split}");
            assert!(!String::from_utf8_lossy(&lab.seen.downstream).contains("4399"));
        }
    }
}

#[test]
fn the_digits_of_a_number_wait_for_its_end_even_across_lines() {
    let mut lab = asked(&both(), &chat("hi"));
    lab.down("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
    lab.down("data: {\"ssn\": 536904399").down("\n");
    assert!(!String::from_utf8_lossy(&lab.seen.downstream).contains("536"));
    lab.down("data:}\n\n").eof(Direction::Downstream);
    assert!(lab.seen.blocked.is_some() || lab.seen.downstream.ends_with(b"data:}\n\n"));
}

#[test]
fn a_number_on_the_line_behind_its_key_is_found() {
    let mut lab = asked(&both(), &chat("hi"));
    lab.down("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: {\"ssn\":\ndata: 536904399}\n\n");
    assert_eq!(lab.seen.blocked, Some(Reason::Finding));
}

#[test]
fn plain_data_on_a_second_line_is_read_apart_from_its_field_name() {
    for between in ["", ": a comment\n", "id: 7\n"] {
        let mut lab = asked(&both(), &chat("hi"));
        let text = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: hello\n{between}data:536-90-4399\n\n"
        );
        for byte in text.chars() {
            lab.down(byte.to_string());
        }
        assert_eq!(lab.seen.blocked, Some(Reason::Finding), "{between:?}");
    }
}

#[test]
fn a_secret_over_two_lines_of_plain_data_is_found() {
    // What a receiver joins with a line's end (HTML Living Standard, section 9.2.6).
    for (end, data) in [("\n", "data: "), ("\r\n", "data:"), ("\r", "data: ")] {
        let mut lab = asked(&both(), &chat("hi"));
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
        let text = format!("{head}{data}the ssn is 536-90{end}{data}-4399 now{end}{end}");
        for byte in text.chars() {
            lab.down(byte.to_string());
        }
        assert_eq!(lab.seen.blocked, Some(Reason::Finding), "{end:?}");
        assert!(!String::from_utf8_lossy(&lab.seen.downstream).contains("4399"), "{end:?}");
    }
}

#[test]
fn a_stream_of_clean_events_is_not_held_back() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    let mut lab = asked(&both(), &chat("hi"));
    lab.down(head);
    let mut sent = head.to_owned();
    for word in ["Good ", "morning, ", "dear ", "reader."] {
        let event = format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{word}\"}}}}]}}\n\n");
        lab.down(&event);
        sent += &event;
        let late = sent.len() - lab.seen.downstream.len();
        assert!(late < event.len() + 80, "{late} bytes are held after {word:?}");
    }
    lab.eof(Direction::Downstream);
    assert_eq!(lab.seen.downstream, sent.as_bytes());
}

#[test]
fn what_a_model_thought_does_not_hold_back_what_it_says() {
    let delta = |field: &str, text: &str| {
        format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"{field}\":\"{text}\"}}}}]}}\n\n")
    };
    for thought in ["I think.", "I think", "536-", "what"] {
        let mut lab = asked(&both(), &chat("hello"));
        lab.down("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
        lab.down(delta("reasoning_content", thought));
        let mut sent = lab.seen.downstream.len();
        for _ in 0..400 {
            let event = delta("content", "word ");
            sent += event.len();
            lab.down(&event);
            assert!(lab.seen.downstream.len() + 6000 > sent, "{thought}: {} of {sent}", lab.seen.downstream.len());
        }
    }
}

#[test]
fn a_compressed_answer_is_blocked_only_where_answers_are_read() {
    let gzip = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x0b\x08\x00";
    let mut lab = asked(REQUESTS, GET);
    lab.down(gzip);
    assert_eq!((lab.seen.blocked, lab.seen.downstream.as_slice()), (None, gzip.as_bytes()));
    let mut lab = asked(&both(), GET);
    lab.down(gzip);
    assert_eq!(lab.seen.blocked, Some(Reason::ContentEncoding));
    assert_eq!(lab.seen.downstream, b"");
    assert!(lab.seen.reply.is_some(), "nothing of the answer was sent");
}

#[test]
fn a_foreign_charset_is_blocked_only_where_answers_are_read() {
    let utf16 = answer("text/plain; charset=utf-16", "ab");
    let mut lab = asked(REQUESTS, GET);
    lab.down(&utf16);
    assert_eq!(lab.seen.blocked, None);
    let mut lab = asked(&both(), GET);
    lab.down(&utf16);
    assert_eq!(lab.seen.blocked, Some(Reason::Charset));
    for media in ["text/html; charset=iso-8859-1", ""] {
        let page = answer(media, "<p>Not Found: ");
        let mut lab = asked(&both(), GET);
        lab.down(&page);
        assert_eq!((lab.seen.blocked, lab.seen.downstream.len()), (None, page.len()));
        let mut lab = asked(&both(), GET);
        lab.down(answer(media, SSN));
        assert_eq!(lab.seen.blocked, Some(Reason::Finding));
    }
}

#[test]
fn a_switch_of_protocols_and_an_unasked_answer_are_blocked() {
    let mut lab = asked(REQUESTS, GET);
    lab.down("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n");
    assert_eq!((lab.seen.blocked, lab.seen.downstream.as_slice()), (Some(Reason::ProtocolSwitch), &[][..]));
    let mut lab = asked(REQUESTS, GET);
    let once = "HTTP/1.1 204 No Content\r\n\r\n";
    lab.down(once).down(once);
    assert_eq!((lab.seen.blocked, lab.seen.downstream.as_slice()), (Some(Reason::ProtocolSwitch), once.as_bytes()));
}

#[test]
fn interim_answers_pass_and_the_final_one_counts() {
    let mut lab = asked(&both(), GET);
    let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    let last = "HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nx";
    lab.down(interim);
    assert_eq!(lab.seen.downstream, interim.as_bytes());
    assert_eq!(lab.records.len(), 1);
    lab.down(last);
    assert_eq!(lab.seen.downstream, format!("{interim}{last}").as_bytes());
    assert_eq!((lab.last().status, lab.last().response_bytes), (404, (interim.len() + last.len()) as u64));
}

#[test]
fn answers_without_a_body_end_at_their_heads() {
    let head = GET.replace("GET", "HEAD");
    for (request, answer) in [
        (head.as_str(), "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"),
        (GET, "HTTP/1.1 204 No Content\r\n\r\n"),
        (GET, "HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n"),
    ] {
        let mut lab = asked(&both(), request);
        lab.up(GET).down(answer).down(self::answer("text/plain", "next"));
        assert_eq!(lab.seen.blocked, None, "{answer}");
        let finals: Vec<_> = lab.records.iter().filter(|record| record.kind == audit::RecordKind::Final).collect();
        assert_eq!(finals.len(), 2, "{answer}");
        assert_eq!(finals[0].response_bytes, answer.len() as u64);
    }
}

#[test]
fn an_answer_until_the_end_ends_with_the_connection() {
    let mut lab = asked(&both(), GET);
    let text = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello 536-90-43";
    lab.down(text);
    assert!(lab.seen.downstream.len() < text.len(), "what may still become a finding is held");
    lab.eof(Direction::Downstream);
    assert_eq!((lab.seen.blocked, lab.seen.downstream.as_slice()), (None, text.as_bytes()));
    assert_eq!((lab.last().status, lab.last().response_bytes), (200, text.len() as u64));
}

#[test]
fn a_secret_before_the_end_of_the_connection_is_found() {
    let mut lab = asked(&both(), GET);
    lab.down(format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n{SSN}")).eof(Direction::Downstream);
    assert_eq!(lab.seen.blocked, Some(Reason::Finding));
    assert!(!String::from_utf8_lossy(&lab.seen.downstream).contains("4399"));
}

#[test]
fn a_truncated_answer_stays_one() {
    let mut lab = asked(REQUESTS, GET);
    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc";
    lab.down(cut).eof(Direction::Downstream).close(None);
    assert_eq!((lab.seen.blocked, lab.seen.downstream.as_slice()), (None, cut.as_bytes()));
    assert_eq!(lab.last().response_bytes, cut.len() as u64);
}

#[test]
fn the_end_of_a_truncated_answer_decides_what_it_ends_in() {
    let mut lab = asked(&both(), GET);
    let cut =
        "HTTP/1.1 200 OK\r\nContent-Length: 50\r\nContent-Type: application/json\r\n\r\n{\"a\":\"mail bob.smith@acm";
    lab.down(cut);
    assert!(lab.seen.downstream.len() < cut.len(), "it could become an address");
    lab.eof(Direction::Downstream).close(None);
    assert_eq!((lab.seen.blocked, lab.seen.downstream.as_slice()), (None, cut.as_bytes()));
}

#[test]
fn what_a_strict_reader_refuses_is_blocked_in_answers_too() {
    for (answer, reason) in [
        ("HTTP/1.1 200 OK\nContent-Length: 0\n\n", Reason::HttpSyntax),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", Reason::HttpFraming),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", Reason::HttpFraming),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", Reason::HttpFraming),
    ] {
        let mut lab = asked(REQUESTS, GET);
        lab.down(answer);
        assert_eq!(lab.seen.blocked, Some(reason), "{answer}");
        assert_eq!(lab.seen.downstream, b"", "{answer}");
        assert!(lab.seen.reply.is_some());
    }
}

#[test]
fn the_reason_phrase_of_an_answer_is_read() {
    for head in ["HTTP/1.1 200 536-90-4399\r\n", "HTTP/1.1 103 see 536-90-4399\r\n"] {
        let mut lab = asked(&both(), &chat("good morning"));
        lab.down(format!("{head}Content-Length: 0\r\n\r\n"));
        assert_eq!(lab.seen.blocked, Some(Reason::Finding), "{head}");
        assert!(lab.seen.downstream.is_empty());
    }
}

#[test]
fn a_block_at_the_end_of_an_answer_does_not_write_into_it() {
    let text = format!("hello world, {SSN}");
    for answer in [
        answer("text/plain", &text),
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}", chunked(&text, 99)),
    ] {
        let mut lab = asked(&both(), &chat("good morning"));
        let cut = answer.find("world").unwrap();
        lab.down(&answer[..cut]).down(&answer[cut..]);
        assert_eq!(lab.seen.blocked, Some(Reason::Finding));
        assert!(lab.seen.reply.is_none(), "the client has part of an answer already");
    }
}
