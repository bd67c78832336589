//! What must be read, and how.

use super::*;

#[test]
fn pipelined_requests_come_one_after_the_other_with_their_offsets() {
    let stream = "POST /v1/chat HTTP/1.1\r\nHost: api.example\r\nContent-Length:  5\t\r\n\r\nhelloGET /x?y HTTP/1.1\r\nhost:b:80\r\n\r\n";
    let outcome = requests(stream);
    let at = |part: &str| 1000 + stream.find(part).unwrap() as u64;
    let text = str::to_owned;
    let second = at("GET");
    assert_eq!(
        outcome.seen,
        [
            Seen::Head {
                start: 1000,
                end: at("hello"),
                line: vec![text("POST"), text("/v1/chat"), text("Http11")],
                fields: vec![
                    (text("Host"), text("api.example"), at("Host"), at("api")),
                    (text("Content-Length"), text("5"), at("Content"), at("5\t")),
                ],
                framing: Framing::Length(5),
            },
            Seen::Body((at("hello")..).zip(*b"hello").collect()),
            Seen::End,
            Seen::Head {
                start: second,
                end: 1000 + stream.len() as u64,
                line: vec![text("GET"), text("/x?y"), text("Http11")],
                fields: vec![(text("host"), text("b:80"), at("host:b"), at("b:80"))],
                framing: Framing::None,
            },
            Seen::End,
        ]
    );
    assert_eq!((outcome.error, outcome.eof), (None, Some(Ok(false))));
}

#[test]
fn chunks_are_unwrapped_and_extensions_and_trailers_shown() {
    let stream = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;n=\"v; \\\" \";m\r\nabc\r\n2\r\nde\r\n0;last\r\nX-Sum: 1\r\nY:\r\n\r\n";
    let outcome = requests(stream);
    let at = |part: &str| 1000 + stream.find(part).unwrap() as u64;
    assert_eq!(outcome.bodies(), ["abcde"]);
    let extension = |text: &str| Seen::Extension((at(text)..).zip(text.bytes()).collect());
    assert_eq!(outcome.seen[1], extension("n=\"v; \\\" \";m"));
    assert_eq!(outcome.seen[3], extension("last"));
    let lines = vec![
        ("X-Sum".to_owned(), "1".to_owned(), at("X-Sum"), at("1\r\nY")),
        ("Y".to_owned(), String::new(), at("Y:"), at("Y:") + 2),
    ];
    assert_eq!(outcome.seen[4], Seen::Trailers(lines));
    assert_eq!(outcome.seen[5], Seen::End);
    let Seen::Body(body) = &outcome.seen[2] else { panic!("{:?}", outcome.seen) };
    let offsets: Vec<u64> = body.iter().map(|(offset, _)| *offset).collect();
    let (first, second) = (at("abc"), at("de\r\n0"));
    assert_eq!(offsets, [first, first + 1, first + 2, second, second + 1]);
}

#[test]
fn a_message_without_trailers_does_not_show_those_of_the_last() {
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let stream = format!("{head}0\r\nX: 1\r\n\r\n{head}0\r\n\r\n");
    let mut decoder = RequestDecoder::new();
    let outcome = feed(&mut decoder, 0, stream.as_bytes(), &[]);
    assert_eq!(outcome.ends(), 2);
    assert!(decoder.trailers().is_empty());
}

#[test]
fn twenty_thousand_requests_pass_through_one_decoder() {
    let mut decoder = RequestDecoder::new();
    let request = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
    let mut at = 0;
    for _ in 0..20_000 {
        let mut input = Input::new(at, request);
        let mut ends = 0;
        while let Some(event) = decoder.next(&mut input).unwrap() {
            ends += usize::from(event == Event::End);
        }
        assert_eq!(ends, 1);
        at = input.at();
    }
    assert!(decoder.is_idle());
    assert_eq!(decoder.handle_eof(), Ok(None));
}

#[test]
fn a_connect_request_is_shown_and_nothing_behind_it() {
    let outcome = requests("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n\u{16}\u{3}\u{1}");
    assert_eq!(outcome.seen.len(), 1);
    assert_eq!(outcome.error, Some(Error::Connect));
}

#[test]
fn the_end_of_a_response_depends_on_its_request() {
    let stream = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    let outcome = responses(&[Method::Head, Method::Get], stream);
    assert_eq!(outcome.bodies(), ["", "hello"]);
    assert_eq!((outcome.ends(), outcome.error), (2, None));
}

#[test]
fn responses_with_204_and_304_have_no_body() {
    let stream = "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\nHTTP/1.1 304 x\r\nTransfer-Encoding: chunked\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
    let outcome = responses(&[], stream);
    assert_eq!(outcome.bodies(), ["", "", "", "x"]);
    assert_eq!((outcome.ends(), outcome.error), (4, None));
}

#[test]
fn interim_responses_come_before_the_final_one() {
    let stream = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    let outcome = responses(&[Method::Head, Method::Get], stream);
    let framings: Vec<Framing> = outcome
        .seen
        .iter()
        .filter_map(|seen| if let Seen::Head { framing, .. } = seen { Some(*framing) } else { None })
        .collect();
    assert_eq!(framings, [Framing::Interim, Framing::Interim, Framing::None]);
    assert_eq!((outcome.ends(), outcome.eof), (1, Some(Ok(false))));

    let cut = responses(&[], "HTTP/1.1 100 Continue\r\n\r\n");
    assert_eq!(cut.eof, Some(Err(Error::Truncated)));
}

#[test]
fn the_end_of_the_connection_ends_a_response_without_length() {
    let outcome = responses(&[], "HTTP/1.1 200 OK\r\n\r\nas long\r\nas it goes");
    assert_eq!(outcome.bodies(), ["as long\r\nas it goes"]);
    assert_eq!((outcome.ends(), outcome.eof), (1, Some(Ok(true))));
}

#[test]
fn the_end_of_the_connection_inside_a_message_is_a_truncation() {
    let request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab";
    for len in 1..request.len() {
        assert_eq!(requests(&request[..len]).eof, Some(Err(Error::Truncated)), "{len}");
    }
    let response = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\nx\r\n0\r\nT: u\r\n\r\n";
    for len in 1..response.len() {
        assert_eq!(responses(&[], &response[..len]).eof, Some(Err(Error::Truncated)), "{len}");
    }
    assert_eq!(requests("").eof, Some(Ok(false)));
}

#[test]
fn a_switch_of_protocols_is_shown_and_nothing_behind_it() {
    let switching = responses(&[], "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\u{1}\u{2}");
    assert_eq!((switching.seen.len(), switching.error), (1, Some(Error::SwitchingProtocols)));
    let tunnel = responses(&[Method::Connect], "HTTP/1.1 200 Established\r\n\r\nabc");
    assert_eq!((tunnel.seen.len(), tunnel.error), (1, Some(Error::SwitchingProtocols)));
    let refusal = responses(&[Method::Connect], "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
    assert_eq!((refusal.bodies(), refusal.error), (vec!["no".to_owned()], None));
}

#[test]
fn a_response_that_nobody_asked_for_is_refused() {
    let mut decoder = ResponseDecoder::new();
    let mut input = Input::new(0, b"HTTP/1.1 200 OK\r\n\r\n");
    assert_eq!(decoder.next(&mut input), Err(Error::Unrequested));
    assert_eq!(input.at(), 0);

    let mut decoder = ResponseDecoder::new();
    decoder.expect(Method::Get);
    let two = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n";
    let mut input = Input::new(0, two);
    assert_eq!(decoder.next(&mut input), Ok(Some(Event::Head)));
    assert_eq!(decoder.next(&mut input), Ok(Some(Event::End)));
    assert_eq!(decoder.next(&mut input), Err(Error::Unrequested));
}

#[test]
fn bytes_behind_the_last_response_are_refused() {
    let outcome = responses(&[], "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nxy");
    assert_eq!((outcome.ends(), outcome.error), (1, Some(Error::AfterClose)));
    let outcome = responses(&[], "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nxy");
    assert_eq!((outcome.ends(), outcome.error), (1, Some(Error::AfterClose)));
    let kept = "HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: Keep-Alive\r\n\r\nx";
    assert_eq!(responses(&[], &kept.repeat(2)).ends(), 2);
}

#[test]
fn fields_are_found_by_name_in_any_case() {
    let mut decoder = RequestDecoder::new();
    let mut input = Input::new(0, b"GET / HTTP/1.1\r\nHost: a\r\nAccept: b\r\nX-Key: \xe9 \r\naccept: c\r\n\r\n");
    assert_eq!(decoder.next(&mut input), Ok(Some(Event::Head)));
    let head = decoder.head().unwrap();
    let fields = head.fields();
    assert_eq!((fields.len(), fields.named("ACCEPT").count(), fields.named("Via").count()), (4, 2, 0));
    assert!(fields.known(FieldName::Host).map(|field| field.value).eq([b"a"]));
    assert_eq!(fields.single("x-key").unwrap().unwrap().value, b"\xe9");
    assert_eq!(fields.single("via"), Ok(None));
    assert_eq!(fields.single("accept"), Err(Error::FieldRepeated));
    assert_eq!(fields.named("accept").map(|field| field.value).collect::<Vec<_>>(), [b"b", b"c"]);
    assert!(head.is_persistent());
    assert!(head.target() == b"/" && head.target_at() == 4);
    let shown = format!("{head:?} {fields:?} {:?} {decoder:?}", fields.single("x-key"));
    assert!(!shown.contains("xe9"), "values are not shown: {shown}");
}

#[test]
fn a_reset_decoder_is_a_new_one() {
    let mut decoder = RequestDecoder::new();
    decoder.reserve();
    assert_eq!(decoder.next(&mut Input::new(0, b"\n")), Err(Error::EmptyLine));
    decoder.reset();
    assert!(decoder.head().is_none() && decoder.is_idle());
    let outcome = feed(&mut decoder, 77, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", &[3]);
    assert_eq!((outcome.ends(), outcome.error), (1, None));
}

#[test]
fn a_gap_in_the_stream_is_refused() {
    let mut decoder = RequestDecoder::new();
    assert_eq!(decoder.next(&mut Input::new(10, b"GET")), Ok(None));
    assert_eq!(decoder.next(&mut Input::new(99, b"")), Ok(None));
    assert_eq!(decoder.next(&mut Input::new(14, b" /")), Err(Error::Gap));
    assert_eq!(decoder.next(&mut Input::new(13, b" /")), Err(Error::Gap));
}
