//! What is said: requests and answers in every form, and things that are none.

use crate::Random;

const REQUESTS: [&str; 24] = [
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /v1/models HTTP/1.1\r\nHost: api.openai.com\r\nAuthorization: Bearer token-of-mine\r\n\r\n",
    "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "DELETE /v1/files/x HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.0\r\n\r\n",
    "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /two HTTP/1.1\r\nHost: a\r\n\r\nGET /three HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=\"y\"\r\n there \r\n0\r\nX-Sum: 1\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\u{1f}\u{8b}\u{8}\u{0}",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 51\r\n\r\n--b\r\nContent-Disposition: form-data; name=f\r\n\r\nx\r\n--b--",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
    "GET / HTTP/1.1\nHost: a\n\n",
    "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
    "GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n",
    "BREW / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "\u{16}\u{3}\u{1}\u{1}0\u{1}\u{0}",
];

const ANSWERS: [&str; 12] = [
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 53\r\n\r\n{\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":34}}",
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n2e\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\r\ne\r\ndata: [DONE]\n\n\r\n0\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "HTTP/1.1 204 No Content\r\n\r\n",
    "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n",
    "HTTP/1.1 200 OK\r\n\r\nuntil the end of the connection",
    "HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nold",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\u{1}\u{2}\u{3}",
    "HTTP/1.1 500 Oops\r\nContent-Length: 9\r\nContent-Type: text/plain\r\n\r\nwent away",
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
    "SSH-2.0-none\r\n",
];

/// Harmless, some of it only nearly.
const WORDS: [&str; 16] = [
    "please ", "the ", "report ", "of ", "last ", "week ", "12 ", "me@ ", "\\n", "\\\"", "é", "日本 ", "sk-", "eyJ",
    "x.y ", "0 ",
];

/// Found, or nearly, whole or in another form.
const FINDINGS: [&str; 10] = [
    "536-90-4399 ",
    "jane.roe@example.org ",
    "jane.roe\\u0040example.org ",
    "4111 1111 1111 1111 ",
    "+1 415 555 0100 ",
    "sk-proj-Zk3vT9xQw2LmN8bR5cY7dF1gH4jK6pS0aUeIoXyVtWqBzCrM ",
    "jane.roe@",
    "536-90-",
    "\\ud83d\\ude00",
    "\\ud83d ",
];

/// A request and what comes back.
pub(super) fn exchange(random: &mut Random) -> (Vec<u8>, Vec<u8>) {
    let request = match random.below(8) {
        0..5 => chat(random),
        5 => upload(random),
        6 if random.one_in(6) => random_bytes(random, 3000),
        _ => latin1(REQUESTS[random.below(REQUESTS.len() as u64) as usize]),
    };
    let answer = if random.one_in(8) { stream(random) } else { latin1(pick(random, &ANSWERS)) };
    (request, answer)
}

pub(super) fn random_bytes(random: &mut Random, most: u64) -> Vec<u8> {
    (0..=random.below(most)).map(|_| random.next_u64() as u8).collect()
}

fn pick<'t>(random: &mut Random, from: &[&'t str]) -> &'t str {
    from[random.below(from.len() as u64) as usize]
}

/// A byte a character.
fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|character| character as u8).collect()
}

fn words(random: &mut Random, most: u64) -> String {
    let mut text: String = (0..random.below(most)).map(|_| pick(random, &WORDS)).collect();
    if random.one_in(10) {
        text += pick(random, &FINDINGS);
    }
    text
}

/// A model call, good or with something in it, its body of known length or in chunks.
fn chat(random: &mut Random) -> Vec<u8> {
    let mut body = String::from("{\"model\":\"gpt-4o\",\"messages\":[");
    for turn in 0..=random.below(3) {
        let comma = if turn > 0 { "," } else { "" };
        body += &format!("{comma}{{\"role\":\"user\",\"content\":\"{}\"}}", words(random, 120));
    }
    body += match random.below(40) {
        0 => "],\"n\":536904399}",
        1 => "],}",
        2 => "]",
        3 => "],\"n\":-1.5e300,\"a\":[[[[null,true,false]]]]}",
        _ => "]}",
    };
    let head = "POST /v1/chat/completions HTTP/1.1\r\nHost: api.openai.com\r\nContent-Type: application/json\r\n";
    if random.one_in(3) { chunked(head, body.as_bytes(), random) } else { counted(head, body.as_bytes()) }
}

/// Text of some length.
fn upload(random: &mut Random) -> Vec<u8> {
    let body = words(random, 3000);
    counted("POST /up HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n", body.as_bytes())
}

/// Server-sent events.
fn stream(random: &mut Random) -> Vec<u8> {
    let mut body = String::new();
    for _ in 0..random.below(30) {
        body += &format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n", words(random, 4));
    }
    chunked("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n", body.as_bytes(), random)
}

fn counted(head: &str, body: &[u8]) -> Vec<u8> {
    let mut out = format!("{head}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    out.extend(body);
    out
}

fn chunked(head: &str, body: &[u8], random: &mut Random) -> Vec<u8> {
    let mut out = format!("{head}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    let mut rest = body;
    while !rest.is_empty() {
        let (chunk, behind) = rest.split_at(rest.len().min(1 + random.below(600) as usize));
        let extension = if random.one_in(10) { ";a=\"b c\"" } else { "" };
        out.extend(format!("{:x}{extension}\r\n", chunk.len()).bytes());
        out.extend(chunk);
        out.extend(b"\r\n");
        rest = behind;
    }
    out.extend(if random.one_in(5) { &b"0\r\nX-Sum: abc\r\nX-Time: 1\r\n\r\n"[..] } else { b"0\r\n\r\n" });
    out
}
