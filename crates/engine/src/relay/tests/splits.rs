//! However the bytes come and go, the outcome is the same, and what the server reads is the request
//! with its edits.

use super::lab::{EMAIL, Lab, OK, SSN, post};
use super::oracle::{self, Message};
use net::Direction;
use proptest::prelude::*;

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        // Letters that form no word: one beside a number says what it is, and that may be another thing.
        4 => "[xyz ]{0,12}",
        2 => Just(EMAIL.to_owned()),
        1 => Just("a@b.co".to_owned()),
        1 => Just(SSN.to_owned()),
        1 => Just(SSN[..8].to_owned()),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..5).prop_map(|pieces| pieces.join(" "))
}

fn redacted(text: &str) -> String {
    text.replace(EMAIL, "[REDACTED]").replace("a@b.co", "[REDACTED]")
}

/// A request and what the server is to read of it.
fn a_request(text: &str, note: &str, shape: u8, chunk_bytes: usize) -> (String, Message) {
    let body = match shape % 3 {
        0 => format!(r#"{{"model":"m","messages":[{{"content":"{text}"}},"b"]}}"#),
        1 => text.to_owned(),
        _ => format!("f=1&g={}", text.replace(' ', "+")),
    };
    let media = ["application/json", "text/plain", "application/x-www-form-urlencoded"][usize::from(shape % 3)];
    let fields = format!("Content-Type: {media}\r\nX-Note: {note}\r\n");
    let expect = if shape & 8 == 0 { "" } else { "Expect: 100-continue\r\n" };
    let trailer = format!("X-Sum: {note}\r\n");
    let (request, trailers) = if shape & 4 == 0 {
        (post(&format!("{expect}{fields}Content-Length: {}\r\n", body.len()), &body), Vec::new())
    } else {
        let framed = super::lab::chunked(&body, chunk_bytes, &trailer);
        let trailers = vec![("x-sum".to_owned(), redacted(note.trim()))];
        (post(&format!("{expect}{fields}Transfer-Encoding: chunked\r\n"), &framed), trailers)
    };
    let has_body = !body.is_empty() || shape & 4 != 0;
    let mut fields = vec![("host", "10.2.0.2".to_owned())];
    if shape & 8 != 0 && !has_body {
        fields.push(("expect", "100-continue".to_owned()));
    }
    fields.extend([("content-type", media.to_owned()), ("x-note", redacted(note.trim()))]);
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let start = "POST /v1/chat/completions HTTP/1.1".to_owned();
    (request, Message { start, fields, body: redacted(&body), trailers })
}

fn cut<'b>(bytes: &'b [u8], cuts: &[usize]) -> Vec<&'b [u8]> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
}

fn play(request: &str, answer: &str, cuts: &[usize], transmit: [usize; 2]) -> Lab {
    let mut lab = Lab::new();
    lab.transmit = transmit;
    for piece in cut(request.as_bytes(), cuts) {
        lab.up(piece);
    }
    if lab.relay.has_sent_upstream() {
        for piece in cut(answer.as_bytes(), cuts) {
            lab.down(piece);
        }
    }
    lab
}

fn without_continue(client: &str) -> String {
    client.replacen("HTTP/1.1 100 Continue\r\n\r\n", "", 1)
}

fn cases() -> u32 {
    if std::env::var_os("SOVEREIGN_SLOW").is_some() { 20_000 } else { 400 }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn the_server_reads_the_request_with_its_edits_or_nothing(
        text in text(), note in text(), shape in any::<u8>(), chunk_bytes in 1usize..40,
        cuts in prop::collection::vec(any::<usize>(), 0..10), transmit in (1usize..50, 1usize..50),
    ) {
        let (request, expected) = a_request(&text, &note, shape, chunk_bytes);
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len());
        let whole = play(&request, &answer, &[], [4096; 2]);
        let parts = play(&request, &answer, &cuts, transmit.into());
        prop_assert_eq!(parts.server_text(), whole.server_text());
        prop_assert_eq!(parts.last_reason(), whole.last_reason());
        prop_assert!(!parts.client_text().contains(SSN) && !parts.client_text().contains(EMAIL));
        if whole.last_reason().is_none() {
            prop_assert_eq!(without_continue(&parts.client_text()), without_continue(&whole.client_text()));
        }
        if text.contains(SSN) || note.contains(SSN) {
            prop_assert_eq!(parts.server.len(), 0, "zero bytes of a violating request");
        } else if parts.relay.has_sent_upstream() {
            prop_assert_eq!(&oracle::read(&parts.server_text()), &[expected], "{}", parts.server_text());
        }
        let is_untouched = redacted(&text) == text && redacted(&note) == note;
        if shape & 8 == 0 && is_untouched && parts.relay.has_sent_upstream() {
            prop_assert_eq!(parts.server_text(), request, "byte for byte");
        }
    }

    #[test]
    fn random_bytes_in_both_directions_never_panic(
        segments in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..60)), 0..12),
        http in any::<bool>(), transmit in (0usize..20, 0usize..20),
    ) {
        let mut lab = Lab::new();
        lab.transmit = transmit.into();
        if http {
            lab.up("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        }
        for (upstream, bytes) in segments {
            lab.data(if upstream { Direction::Upstream } else { Direction::Downstream }, &bytes);
        }
        lab.pending = [Vec::new(), Vec::new()];
        lab.eof(Direction::Upstream).eof(Direction::Downstream);
        lab.close();
    }

    #[test]
    fn answers_of_a_kept_connection_are_not_mixed_up(texts in prop::collection::vec("[a-z ]{0,30}", 1..8), transmit in (1usize..50, 1usize..50)) {
        let mut lab = Lab::new();
        lab.transmit = transmit.into();
        let requests: Vec<String> = texts.iter().map(|text| super::lab::chat(text)).collect();
        lab.up(requests.concat());
        for _ in &requests {
            lab.down(OK);
        }
        prop_assert_eq!(lab.server_text(), requests.concat());
        prop_assert_eq!(lab.client_text(), OK.repeat(requests.len()));
    }
}
