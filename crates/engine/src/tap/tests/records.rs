//! What is written down, and when.

use super::lab::{EMAIL, Lab, REQUESTS, SSN, chat, peers, request};
use crate::{Engine, Output, Rules, Tap};
use audit::RecordKind;
use core::time::Duration;
use net::{Direction, Timestamp};
use policy::{Policy, Reason, Verdict};
use std::sync::Arc;

#[test]
fn nothing_of_a_request_is_released_before_its_admit_record_can_be_polled() {
    let policy = Policy::parse(REQUESTS, &policy::Limits::default()).unwrap();
    let mut engine = Engine::<Rules>::new(Arc::new(policy), crate::Limits::default(), 1, [7; 32]);
    let now = Timestamp::from_nanos(1);
    let request = chat("good morning");
    for split in 1..request.len() {
        let mut tap = Tap::new(peers(), None);
        let mut has_record = false;
        for part in [&request[..split], &request[split..]] {
            tap.handle_data(&mut engine, now, Direction::Upstream, part.as_bytes());
            tap.flush(&mut engine, now);
            while let Some(record) = tap.poll_record(&mut engine) {
                has_record |= record.kind == RecordKind::Admit;
            }
            while let Some(output) = tap.poll_output() {
                assert!(matches!(output, Output::Release { .. }));
                assert!(has_record, "released at split {split} without a record");
            }
        }
        assert!(has_record);
    }
}

#[test]
fn a_request_that_is_blocked_counts_its_own_bytes_whatever_comes_with_it() {
    let (clean, bad) = (chat("good morning"), chat(SSN));
    let broken = request("application/json", r#"{"model":}"#);
    let head =
        "POST /v1/chat HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n";
    let chunked = format!("{head}d\r\n\"{SSN}\"\r\n0\r\n\r\n");
    let zipped = "POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nzipp";
    for blocked in [bad.as_str(), &broken, &chunked, zipped] {
        for front in [0, 1, 2] {
            let mut lab = Lab::<Rules>::new(REQUESTS);
            lab.up([&clean.repeat(front)[..], blocked, &clean, &clean].concat());
            let bytes: Vec<u64> = lab.records.iter().map(|record| record.request_bytes).collect();
            let lengths = std::iter::repeat_n(clean.len(), front).chain([blocked.len()]);
            assert_eq!(bytes, lengths.map(|length| length as u64).collect::<Vec<_>>(), "{blocked}");
            assert!(lab.records.iter().all(|record| record.verdict == Verdict::Block), "none has left");
            let found = lab.records.iter().filter(|record| !record.findings.is_empty()).count();
            assert!(found <= 1 && (found == 0 || !lab.records[front].findings.is_empty()));
        }
    }
}

#[test]
fn an_exchange_has_an_admit_and_a_final_record_that_belong_together() {
    let mut lab = Lab::<Rules>::new(REQUESTS);
    let request = chat(&format!("write to {EMAIL} and {EMAIL}"));
    lab.up(&request);
    assert_eq!(lab.kinds(), [RecordKind::Admit]);
    lab.now = lab.now.after(Duration::from_millis(250));
    let refused = "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 3\r\n\r\nno.";
    lab.down(refused);
    assert_eq!(lab.kinds(), [RecordKind::Admit, RecordKind::Final]);
    let [admit, last] = lab.records.as_slice() else { panic!() };
    assert_eq!(admit.exchange, last.exchange);
    assert_eq!(
        (last.method.as_str(), last.path.as_str(), last.server_name.as_str()),
        ("POST", "/v1/chat/completions", "10.2.0.2")
    );
    assert_eq!((last.provider.as_str(), last.operation.as_str(), last.model.as_str()), ("openai", "chat", "gpt-4o"));
    assert_eq!(
        (last.silo.as_str(), last.user.as_str(), last.policy_version.as_str()),
        ("10.1.2.0/24", "10.1.2.3", "test-1")
    );
    assert_eq!((last.status, last.verdict, last.reason), (429, Verdict::Redact, None));
    assert_eq!(last.latency_ns, 250_000_000);
    assert_eq!(last.request_bytes, request.len() as u64);
    assert_eq!(last.response_bytes, refused.len() as u64);
    let emails = last.findings.iter().find(|finding| finding.entity.as_str() == "EMAIL_ADDRESS").unwrap();
    assert_eq!(emails.count, 2);
}

#[test]
fn a_request_that_was_delivered_is_not_blocked_for_a_later_ones_fault() {
    let mut lab = Lab::<Rules>::new(REQUESTS);
    lab.up(chat("one"))
        .up(chat("two"))
        .down("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf")
        .up(chat(SSN))
        .close(None);
    let finals: Vec<_> = lab.records.iter().filter(|record| record.kind == RecordKind::Final).collect();
    let said: Vec<_> = finals.iter().map(|record| (record.verdict, record.reason, record.status)).collect();
    let block = (Verdict::Block, Some(Reason::Finding), 0);
    assert_eq!(said, [(Verdict::Allow, None, 200), (Verdict::Allow, None, 0), block]);
    // What comes in one burst with it has not gone.
    let mut lab = Lab::<Rules>::new(REQUESTS);
    lab.up(chat("one") + &chat(SSN)).close(None);
    assert!(lab.seen.upstream.is_empty());
    let verdicts: Vec<_> = lab.records.iter().map(|record| record.verdict).collect();
    assert_eq!(verdicts, [Verdict::Block; 2]);
}

#[test]
fn a_block_is_one_final_record_with_its_reason() {
    let mut lab = Lab::<Rules>::new(REQUESTS);
    let request = chat(SSN);
    lab.up(&request).close(None);
    assert_eq!(lab.kinds(), [RecordKind::Final], "nothing was let through that had to be admitted");
    assert_eq!((lab.last().verdict, lab.last().reason), (Verdict::Block, Some(Reason::Finding)));
    assert!(!format!("{:?}", lab.last()).contains(SSN), "a record does not hold what was found");
    // The head goes on before the text comes: that has to be on record.
    let mut lab = Lab::<Rules>::new(REQUESTS);
    let (head, body) = request.split_at(request.find(SSN).unwrap());
    lab.up(head).up(body).close(None);
    assert_eq!(lab.kinds(), [RecordKind::Admit, RecordKind::Final]);
}

#[test]
fn the_record_of_a_block_counts_the_bytes_that_came() {
    let mut lab = Lab::<Rules>::new(REQUESTS);
    let request = chat(SSN);
    lab.up(&request).close(None);
    assert_eq!(lab.last().request_bytes, request.len() as u64);
}

#[test]
fn a_block_before_a_request_is_a_record_of_the_flow() {
    for bytes in ["SSH-2.0-x\r\n", "GET /\r\n\r\n"] {
        let mut lab = Lab::<Rules>::new(REQUESTS);
        lab.up(bytes);
        assert_eq!(lab.kinds(), [RecordKind::Flow], "{bytes}");
        assert_eq!(lab.records[0].verdict, Verdict::Block);
        assert!(lab.records[0].reason.is_some());
    }
}

#[test]
fn every_exchange_in_flight_gets_its_last_record_when_the_connection_goes() {
    let mut lab = Lab::<Rules>::new(REQUESTS);
    let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    lab.up(get).up(get).up("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");
    lab.down("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nxy");
    lab.close(Some(Reason::Shutdown));
    let finals: Vec<_> = lab.records.iter().filter(|record| record.kind == RecordKind::Final).collect();
    assert_eq!(finals.len(), 3);
    assert!(finals.iter().all(|record| record.reason == Some(Reason::Shutdown)));
    let mut numbers: Vec<_> = finals.iter().map(|record| record.exchange).collect();
    numbers.dedup();
    assert_eq!(numbers.len(), 3);
    assert_eq!(finals[0].status, 200);
}

#[test]
fn bytes_of_messages_that_were_cut_off_are_counted_once() {
    let mut lab = Lab::<Rules>::new(REQUESTS);
    let (get, post) =
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");
    let part = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nxy";
    lab.up(get).up(post).down(part).close(None);
    let finals: Vec<_> = lab.records.iter().filter(|record| record.kind == RecordKind::Final).collect();
    let sent: Vec<u64> = finals.iter().map(|record| record.request_bytes).collect();
    let answered: Vec<u64> = finals.iter().map(|record| record.response_bytes).collect();
    assert_eq!(sent.iter().sum::<u64>(), (get.len() + post.len()) as u64, "{sent:?}");
    assert_eq!(answered.iter().sum::<u64>(), part.len() as u64, "{answered:?}");
}

#[test]
fn a_model_name_is_kept_only_if_it_looks_like_one() {
    let mut lab = Lab::<Rules>::new(REQUESTS);
    lab.up(chat("x").replace("gpt-4o", "gp\u{e9}4o")).up("").close(None);
    lab.records.iter().for_each(|record| assert!(record.model.as_str().is_ascii()));
    let mut lab = Lab::<Rules>::new(REQUESTS);
    lab.up(chat("x").replace("gpt-4o", "a \\\" b")).close(None);
    assert_ne!(lab.records.last().unwrap().model.as_str(), "a \" b");
}

#[test]
fn a_record_quotes_nothing_that_was_found() {
    let key = "AKIAZQ3DROCKW7LMP2XN";
    for (policy, blocked) in [(REQUESTS.to_owned(), true), (REQUESTS.replace("\"block\"", "\"alert\""), false)] {
        for request in [
            format!("GET /v1/{SSN}/x?q={SSN} HTTP/1.1\r\nHost: a.example\r\n\r\n"),
            "GET /v1/5%336-90-4399/x HTTP/1.1\r\nHost: a.example\r\n\r\n".to_owned(),
            format!("GET /v1/models HTTP/1.1\r\nHost: {SSN}.example\r\n\r\n"),
            format!("GET /x/{SSN}/{key}/x HTTP/1.1\r\nHost: a.example\r\n\r\n"),
            format!("POST /v1beta/models/{key}:generateContent HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"),
            request("application/json", &format!(r#"{{"messages":[],"model":"{key}"}}"#)),
            request("application/json", &format!(r#"{{"messages":[],"model":"\u0041{}"}}"#, &key[1..])),
            request("application/json", &format!(r#"{{"messages":[{{"content":"{key}"}}],"model":"{key}-x"}}"#)),
        ] {
            for split in [request.len(), request.len() - 8, 25] {
                let mut lab = Lab::<Rules>::new(&policy);
                lab.up(&request[..split]).up(&request[split..]).close(None);
                let shown = format!("{:?}", lab.records);
                assert!(!shown.contains("4399") && !shown.contains(&key[4..]), "{request} {shown}");
                assert_eq!(lab.seen.blocked.is_some(), blocked, "{request}");
            }
        }
    }
}

#[test]
fn the_record_of_a_refused_request_has_the_status_that_its_client_got() {
    let mut lab = Lab::<Rules>::new(REQUESTS);
    lab.up(request("application/json", r#"{"messages":[{"role":"user","content":"my number is 536-90-4399"}]}"#));
    assert!(lab.seen.blocked.is_some());
    assert_eq!(lab.last().status, 403);
}

#[test]
fn a_record_says_whose_host_it_was_whatever_dialect_was_spoken() {
    for (host, provider) in [
        ("api.groq.com", "groq"),
        ("api.mistral.ai", "mistral"),
        ("api.deepseek.com:443", "deepseek"),
        ("us.openai.azure.com", "azure"),
        ("bedrock-runtime.us-east-1.amazonaws.com", "bedrock"),
        ("router.huggingface.co", "huggingface"),
        ("chatgpt.com", "openai"),
        ("llm.example.org", "own-llm"),
        ("other.example.org", "openai"),
        ("10.2.0.2:8000", "openai"),
    ] {
        let policy = format!("{REQUESTS}\n[providers]\nown-llm = [\"llm.example.org\"]\n");
        let mut lab = Lab::<Rules>::new(&policy);
        lab.up(chat("hi").replace("Host: 10.2.0.2", &format!("Host: {host}"))).close(None);
        assert_eq!(lab.last().provider.as_str(), provider, "{host}");
    }
}

#[test]
fn the_path_says_what_is_asked_for_and_of_which_model() {
    let prompt = r#"{"prompt":"x","messages":[]}"#;
    let named = r#"{"model":"m","input":"x"}"#;
    for (path, body, operation, model) in [
        ("/v1/images/generations", r#"{"model":"dall-e-3","prompt":"a cat"}"#, "image_generation", "dall-e-3"),
        ("/v1/moderations", r#"{"input":"x"}"#, "moderation", ""),
        ("/v1/audio/speech", named, "speech", "m"),
        ("/v1/batches", named, "batch", "m"),
        ("/v1/messages/count_tokens", prompt, "count_tokens", ""),
        ("/v1/responses", named, "chat", "m"),
        ("/telemetry", prompt, "", ""),
        ("/ask", r#"{"messages":[],"model":"m"}"#, "chat", "m"),
        ("/ask", r#"{"model":"m","messages":[]}"#, "chat", "m"),
        ("/ask", r#"{"model":"m"}"#, "", "m"),
        ("/openai/deployments/my-gpt/chat/completions", prompt, "chat", "my-gpt"),
        ("/openai/deployments/my-gpt/chat/completions", r#"{"model":"m","messages":[]}"#, "chat", "m"),
        ("/model/anthropic.claude-3-sonnet-v1%3A0/converse", prompt, "chat", "anthropic.claude-3-sonnet-v1:0"),
        ("/model/a%2Fb%0Ac/invoke", prompt, "chat", "[unreadable]"),
        ("/model/a%/invoke", prompt, "chat", "[unreadable]"),
    ] {
        let mut lab = Lab::<Rules>::new(REQUESTS);
        lab.up(request("application/json", body).replace("/v1/chat/completions", path)).close(None);
        let last = lab.last();
        assert_eq!((last.operation.as_str(), last.model.as_str()), (operation, model), "{path} {body}");
    }
}
