//! How fast the decoders read: `cargo bench -p decode [-- NAME]`. Medians of several runs, in one
//! thread.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::expect_used, reason = "what is measured is known to be well-formed")]

use decode::json::Tokenizer;
use decode::{Input, http1, sse};
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// One TCP segment: the size in which bytes arrive.
const SEGMENT_BYTES: usize = 1448;
const RUNS: usize = 9;
const BYTES_PER_RUN: usize = 64 << 20;

fn main() {
    let prompt = "The quick brown fox jumps over the lazy dog, and then it does so again. ";
    let long = format!("{{\"content\":\"{}\"}}", prompt.repeat(2000));
    let escaped = format!("{{\"content\":\"{}\"}}", "A line of some fifty letters and then its end.\\n".repeat(2000));
    let foreign = format!("{{\"content\":\"{}\"}}", "数据不得离开这个网络，除非规则允许。".repeat(2000));
    let chat = chat(prompt);
    let numbers =
        format!("[{}]", (0..20_000).map(|n| (n * 7919 % 1_000_003).to_string()).collect::<Vec<_>>().join(","));
    for (name, text) in [
        ("json, one long ASCII string", &long),
        ("json, a string with an escape every 48 bytes", &escaped),
        ("json, one long Chinese string", &foreign),
        ("json, a chat request of 2 KB", &chat),
        ("json, integers", &numbers),
    ] {
        measure(name, text.len(), || json(text.as_bytes()));
    }
    let head = "POST /v1/chat/completions HTTP/1.1\r\nHost: api.example.com\r\nUser-Agent: OpenAI/Python 1.99.1\r\nAccept: application/json\r\nAccept-Encoding: identity\r\nContent-Type: application/json\r\nAuthorization: Bearer sk-0000000000000000000000000000000000000000\r\nX-Stainless-Lang: python\r\nX-Stainless-OS: Linux\r\nX-Stainless-Runtime: CPython\r\nX-Stainless-Runtime-Version: 3.12.3\r\nConnection: keep-alive\r\n";
    let request = format!("{head}Content-Length: {}\r\n\r\n{chat}", chat.len());
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{chat}\r\n0\r\n\r\n", chat.len());
    let mut decoder = http1::RequestDecoder::new();
    measure("http1, the same request with its head", request.len(), || {
        http1_request(&mut decoder, request.as_bytes(), false)
    });
    let mut decoder = http1::RequestDecoder::new();
    measure("http1, chunked", chunked.len(), || http1_request(&mut decoder, chunked.as_bytes(), false));
    let mut decoder = http1::RequestDecoder::new();
    measure("http1 and json", request.len(), || http1_request(&mut decoder, request.as_bytes(), true));
    let event =
        "event: delta\ndata: {\"type\":\"delta\",\"index\":0,\"delta\":{\"text\":\" wonderful\"}}\n\n".repeat(200);
    measure("sse, 200 deltas", event.len(), || events(event.as_bytes()));
}

fn chat(prompt: &str) -> String {
    let mut out =
        "{\"model\":\"gpt-4o\",\"stream\":false,\"temperature\":0.7,\"max_tokens\":512,\"messages\":[".to_owned();
    for (turn, role) in ["system", "user", "assistant", "user"].iter().enumerate() {
        let comma = if turn == 0 { "" } else { "," };
        write!(out, "{comma}{{\"role\":\"{role}\",\"content\":\"{}\\n\"}}", prompt.repeat(6))
            .expect("a string takes all");
    }
    out + "]}"
}

fn json(text: &[u8]) -> usize {
    let mut tokenizer = Tokenizer::new();
    text.chunks(SEGMENT_BYTES).map(|piece| tokens(&mut tokenizer, Input::new(0, piece))).sum()
}

fn tokens(tokenizer: &mut Tokenizer, mut input: Input<'_>) -> usize {
    let mut count = 0;
    while let Some(token) = tokenizer.next(&mut input).expect("well-formed") {
        black_box(&token);
        count += 1;
    }
    count
}

fn http1_request(decoder: &mut http1::RequestDecoder, stream: &[u8], with_json: bool) -> usize {
    decoder.reset();
    let (mut count, mut at) = (0, 0);
    let mut tokenizer = Tokenizer::new();
    for piece in stream.chunks(SEGMENT_BYTES) {
        let mut input = Input::new(at, piece);
        while let Some(event) = decoder.next(&mut input).expect("well-formed") {
            black_box(&event);
            count += 1;
            if let http1::Event::Body { at, bytes } = event
                && with_json
            {
                count += tokens(&mut tokenizer, Input::new(at, bytes));
            }
        }
        at = input.at();
    }
    count
}

fn events(stream: &[u8]) -> usize {
    let mut decoder = sse::EventStream::new();
    let mut count = 0;
    for piece in stream.chunks(SEGMENT_BYTES) {
        let mut input = Input::new(0, piece);
        while let Some(event) = decoder.next(&mut input).expect("well-formed") {
            black_box(&event);
            count += 1;
        }
    }
    count
}

/// Prints the median of the runs: throughput, time a pass, events a pass, time an event.
fn measure(name: &str, len: usize, mut pass: impl FnMut() -> usize) {
    let mut filters = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).peekable();
    if filters.peek().is_some() && !filters.any(|filter| name.contains(&filter)) {
        return;
    }
    let passes = BYTES_PER_RUN / len;
    let count = pass();
    let mut runs: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            (0..passes).for_each(|_| {
                black_box(pass());
            });
            start.elapsed()
        })
        .collect();
    runs.sort_unstable();
    let median = runs.into_iter().nth(RUNS / 2).unwrap_or_default().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "figures for reading")]
    let (bytes, passes, events) = ((passes * len) as f64, passes as f64, count as f64);
    println!(
        "{name:46} {:7.2} GB/s {:9.3} us/pass {count:6} events {:6.1} ns/event",
        bytes / median / 1e9,
        median / passes * 1e6,
        median / passes / events * 1e9
    );
}
