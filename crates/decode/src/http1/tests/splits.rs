//! Properties: any split says the same, what is emitted is parsed back, nothing panics.

use super::*;
use proptest::prelude::*;

/// A request or response as its author means it.
#[derive(Clone, Debug)]
struct Message {
    target: String,
    fields: Vec<(String, String)>,
    body: Body,
}

#[derive(Clone, Debug)]
enum Body {
    None,
    Length(Vec<u8>),
    Chunked { chunks: Vec<(Vec<u8>, Option<String>)>, trailers: Vec<(String, String)> },
}

impl Message {
    fn content(&self) -> Vec<u8> {
        match &self.body {
            Body::None => Vec::new(),
            Body::Length(bytes) => bytes.clone(),
            Body::Chunked { chunks, .. } => chunks.iter().flat_map(|(bytes, _)| bytes.clone()).collect(),
        }
    }

    fn emit(&self, start_line: &str) -> Vec<u8> {
        let mut out = format!("{start_line}\r\n").into_bytes();
        let line =
            |out: &mut Vec<u8>, (name, value): &(String, String)| out.extend(format!("{name}: {value}\r\n").bytes());
        self.fields.iter().for_each(|field| line(&mut out, field));
        match &self.body {
            Body::None => out.extend(b"\r\n"),
            Body::Length(bytes) => {
                out.extend(format!("Content-Length: {}\r\n\r\n", bytes.len()).bytes());
                out.extend(bytes);
            }
            Body::Chunked { chunks, trailers } => {
                out.extend(b"Transfer-Encoding: chunked\r\n\r\n");
                for (bytes, extension) in chunks {
                    let extension = extension.as_ref().map(|text| format!(";x=\"{text}\"")).unwrap_or_default();
                    out.extend(format!("{:x}{extension}\r\n", bytes.len()).bytes());
                    out.extend(bytes);
                    out.extend(b"\r\n");
                }
                out.extend(b"0\r\n");
                trailers.iter().for_each(|field| line(&mut out, field));
                out.extend(b"\r\n");
            }
        }
        out
    }
}

fn fields() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::vec(("X-[a-zA-Z0-9!#$%&'*+.^_`|~-]{0,12}", "([!-~]([ -~]{0,20}[!-~])?)?"), 0..5)
}

fn message() -> impl Strategy<Value = Message> {
    let bytes = || prop::collection::vec(any::<u8>(), 1..40);
    let chunk = (bytes(), prop::option::of("[a-z ;=]{0,9}"));
    let body = prop_oneof![
        Just(Body::None),
        prop::collection::vec(any::<u8>(), 0..80).prop_map(Body::Length),
        (prop::collection::vec(chunk, 0..5), fields())
            .prop_map(|(chunks, trailers)| Body::Chunked { chunks, trailers }),
    ];
    ("/[!\"$-~]{0,30}", fields(), body).prop_map(|(target, fields, body)| Message { target, fields, body })
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![Just(vec![1]), prop::collection::vec(1..20_usize, 1..200), prop::collection::vec(1..400_usize, 1..10)]
}

fn values(lines: &[Line]) -> Vec<(String, String)> {
    lines.iter().map(|(name, value, ..)| (name.clone(), value.clone())).collect()
}

/// Checks that `outcome` shows exactly `messages`, and that every offset points at its bytes.
fn check(outcome: &Outcome, messages: &[Message], stream: &[u8]) -> Result<(), TestCaseError> {
    prop_assert_eq!(outcome.error, None);
    prop_assert_eq!(outcome.ends(), messages.len());
    let mut groups = outcome.seen.split(|seen| *seen == Seen::End);
    for message in messages {
        let (mut content, mut trailers) = (Vec::new(), Vec::new());
        for seen in groups.next().unwrap_or_default() {
            match seen {
                Seen::Head { fields, .. } => {
                    prop_assert!(values(fields).starts_with(&message.fields));
                    for (name, value, name_at, value_at) in fields {
                        let at =
                            |at: &u64, text: &str| stream[usize::try_from(*at).unwrap()..].starts_with(text.as_bytes());
                        prop_assert!(at(name_at, name) && at(value_at, value));
                    }
                }
                Seen::Body(bytes) => {
                    for (at, byte) in bytes {
                        prop_assert_eq!(stream[usize::try_from(*at).unwrap()], *byte);
                        content.push(*byte);
                    }
                }
                Seen::Trailers(fields) => trailers = values(fields),
                Seen::Extension(_) | Seen::End => {}
            }
        }
        prop_assert_eq!(content, message.content());
        let expected = if let Body::Chunked { trailers, .. } = &message.body { trailers.clone() } else { Vec::new() };
        prop_assert_eq!(trailers, expected);
    }
    Ok(())
}

/// Pieces of HTTP that, glued together at random, reach deep into the decoder.
fn scraps() -> impl Strategy<Value = Vec<u8>> {
    let scrap = prop::sample::select(vec![
        "GET / HTTP/1.1\r\n",
        "POST /x HTTP/1.1\r\nHost: a\r\n",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 100 x\r\n\r\n",
        "Host: a\r\n",
        "Content-Length: 3\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Connection: close\r\n",
        "\r\n",
        "\r",
        "\n",
        " ",
        "\t",
        "0",
        "3",
        "abc",
        "0\r\n\r\n",
        "3\r\nabc\r\n",
        "1;a=\"b\"\r\n",
        ";",
        "=",
        "\"",
        ":",
        "X: y\r\n",
        "\0",
        "PRI * HTTP/2.0\r\n",
        "CONNECT a:1 HTTP/1.1\r\n",
    ]);
    let noise = prop::collection::vec(any::<u8>(), 0..4);
    let part = prop_oneof![8 => scrap.prop_map(|text| text.as_bytes().to_vec()), 1 => noise];
    prop::collection::vec(part, 0..14).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn requests_that_were_emitted_are_parsed_back_from_any_split(
        messages in prop::collection::vec(message(), 1..4), sizes in sizes(),
    ) {
        let mut messages = messages;
        messages.iter_mut().for_each(|message| message.fields.insert(0, ("Host".into(), "a".into())));
        let line = |message: &Message| format!("POST {} HTTP/1.1", message.target);
        let stream: Vec<u8> = messages.iter().flat_map(|message| message.emit(&line(message))).collect();
        check(&feed(&mut RequestDecoder::new(), 0, &stream, &sizes), &messages, &stream)?;
    }

    #[test]
    fn responses_that_were_emitted_are_parsed_back_from_any_split(
        messages in prop::collection::vec(message(), 1..4), sizes in sizes(), head in any::<bool>(),
    ) {
        let mut messages = messages;
        let line = |message: &Message| if matches!(message.body, Body::None) { "HTTP/1.1 304 x" } else { "HTTP/1.1 200 OK" };
        let mut stream: Vec<u8> = messages.iter().flat_map(|message| message.emit(line(message))).collect();
        let mut methods = vec![Method::Get; messages.len()];
        if head {
            // A message behind the others that says a length and has no body.
            let last = Message { target: String::new(), fields: vec![("Content-Length".into(), "9".into())], body: Body::None };
            stream.extend(last.emit("HTTP/1.1 200 OK"));
            messages.push(last);
            methods.push(Method::Head);
        }
        check(&feed(&mut Responses::to(&methods), 0, &stream, &sizes), &messages, &stream)?;
    }

    #[test]
    fn any_bytes_are_survived_and_any_split_of_them_says_the_same(bytes in scraps(), sizes in sizes()) {
        let whole = feed(&mut RequestDecoder::new(), 5, &bytes, &[]);
        prop_assert_eq!(feed(&mut RequestDecoder::new(), 5, &bytes, &sizes), whole);
        let whole = feed(&mut Responses::to(&[Method::Get, Method::Head]), 5, &bytes, &[]);
        prop_assert_eq!(feed(&mut Responses::to(&[Method::Get, Method::Head]), 5, &bytes, &sizes), whole);
    }
}
