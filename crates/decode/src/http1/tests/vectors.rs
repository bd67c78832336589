//! The vectors of llhttp (MIT), converted to one JSON object a line: `http1-vectors/vectors.jsonl`
//! in the folder that `SOVEREIGN_TEST_DATA` names.
//!
//! Most of their HTTP/1.1 requests have no Host field, which we refuse; so that this does not hide
//! what else is in them, each is read with a Host field put in behind its request line.

use super::*;
use serde_json::Value;
use std::collections::BTreeMap;

/// Vectors that llhttp takes and we refuse, and why, by file and line.
const STRICTER: &[(&str, Error)] = &[];

/// Vectors that llhttp takes only when told to be lenient: what we say. `None` is taken, and then
/// read as the log says.
const LENIENT: &[(&str, Option<Error>)] = &[];

#[derive(Debug)]
struct Vector {
    name: String,
    is_request: bool,
    skips_body: bool,
    lenient: bool,
    fails: bool,
    pauses: bool,
    finish: Option<u64>,
    raw: Vec<u8>,
    log: Vec<String>,
}

/// A message as the log tells it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    line: Vec<String>,
    fields: Vec<(String, String)>,
    body: String,
    complete: bool,
}

fn vectors() -> Option<Vec<Vector>> {
    let folder = std::env::var_os("SOVEREIGN_TEST_DATA")?;
    let path = std::path::Path::new(&folder).join("http1-vectors/vectors.jsonl");
    let text = std::fs::read_to_string(path).ok()?;
    Some(
        text.lines()
            .map(|line| vector(&serde_json::from_str(line).unwrap()))
            .collect(),
    )
}

fn vector(value: &Value) -> Vector {
    let text = |key: &str| value[key].as_str().unwrap().to_owned();
    Vector {
        name: format!("{}:{}", text("file"), value["line"]),
        is_request: value["kind"] == "request",
        skips_body: value["meta"]["skipBody"] == true,
        lenient: !value["lenient"].is_null(),
        fails: value["expects_error"] == true,
        pauses: !value["pause"].is_null(),
        finish: value["finish"].as_u64(),
        raw: text("raw").into_bytes(),
        log: value["log"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line.as_str().unwrap().to_owned())
            .collect(),
    }
}

impl Vector {
    /// The offset and the length in a log line; the length is 0 where there is none.
    fn place(line: &str) -> (usize, usize) {
        let number = |key: &str| {
            let behind = line.split_once(key)?.1;
            behind.split(' ').next()?.parse().ok()
        };
        (number("off=").unwrap(), number("len=").unwrap_or(0))
    }

    fn told(&self) -> Vec<Told> {
        let mut all: Vec<Told> = Vec::new();
        for line in &self.log {
            let (at, len) = Self::place(line);
            let text = || String::from_utf8_lossy(&self.raw[at..at + len]).into_owned();
            if line.ends_with("message begin") {
                all.push(Told::default());
            }
            let Some(last) = all.last_mut() else { continue };
            if line.contains("span[header_field]") {
                last.fields.push((text(), String::new()));
            } else if line.contains("span[header_value]") {
                last.fields.last_mut().unwrap().1.push_str(&text());
            } else if line.contains("span[body]") {
                last.body.push_str(&text());
            } else if line.contains("span[version]") {
                last.line.push(format!("Http{}", text().replace('.', "")));
            } else if ["[method]", "[url]", "[status]"]
                .iter()
                .any(|span| line.contains(span))
            {
                last.line.push(text());
            } else if line.ends_with("message complete") {
                last.complete = true;
            }
        }
        for (_, value) in all.iter_mut().flat_map(|told| told.fields.iter_mut()) {
            *value = value.trim_matches([' ', '\t']).to_owned();
        }
        all
    }

    /// The bytes, with a Host field behind each request line that has none.
    fn with_host(&self) -> Vec<u8> {
        let is_start = |line: &&String| line.ends_with("version complete");
        let mut out = self.raw.clone();
        for line in self.log.iter().filter(is_start).rev() {
            let (at, _) = Self::place(line);
            let head = String::from_utf8_lossy(&self.raw[at..]).to_lowercase();
            let head = head.split("\r\n\r\n").next().unwrap_or_default();
            if self.is_request && self.raw[at..].starts_with(b"\r\n") && !head.contains("\nhost:") {
                out.splice(at..at, *b"\r\nHost: host.invalid");
            }
        }
        out
    }

    fn outcome(&self, size: usize) -> Outcome {
        let bytes = self.with_host();
        if self.is_request {
            feed(&mut RequestDecoder::new(), 0, &bytes, &[size])
        } else {
            let method = if self.skips_body {
                Method::Head
            } else {
                Method::Get
            };
            feed(&mut Responses::to(&[method; 8]), 0, &bytes, &[size])
        }
    }

    fn check_reading(&self, outcome: &Outcome) {
        let mut told = self.told();
        if self.pauses {
            // llhttp stops behind the head of the first message; we read on or refuse to.
            told.truncate(1);
            told[0].body.clear();
        }
        let ours = tell(outcome);
        for (place, told) in told.iter().enumerate() {
            let Some(ours) = ours.get(place) else {
                assert!(!told.complete, "{}: we do not see {told:?}", self.name);
                continue;
            };
            assert_eq!(ours.line, told.line, "{}", self.name);
            assert_eq!(ours.fields, told.fields, "{}", self.name);
            if !self.pauses {
                assert_eq!(ours.body, told.body, "{}", self.name);
                assert!(
                    ours.complete == told.complete || self.finish == Some(1),
                    "{}: {told:?}",
                    self.name
                );
            }
        }
        assert!(
            self.pauses || ours.len() <= told.len(),
            "{}: {ours:?}",
            self.name
        );
    }
}

fn tell(outcome: &Outcome) -> Vec<Told> {
    let mut all: Vec<Told> = Vec::new();
    for seen in &outcome.seen {
        match seen {
            Seen::Head { line, fields, .. } => {
                let fields = fields.iter().filter(|field| field.1 != "host.invalid");
                let fields = fields
                    .map(|(name, value, ..)| (name.clone(), value.clone()))
                    .collect();
                // The log has a response's version and reason; the status is in no span.
                let line = line
                    .iter()
                    .filter(|part| part.parse::<u16>().is_err() && !part.is_empty())
                    .cloned()
                    .collect();
                all.push(Told {
                    line,
                    fields,
                    ..Told::default()
                });
            }
            Seen::Body(bytes) => {
                let bytes: Vec<u8> = bytes.iter().map(|(_, byte)| *byte).collect();
                all.last_mut()
                    .unwrap()
                    .body
                    .push_str(&String::from_utf8_lossy(&bytes));
            }
            Seen::Trailers(fields) => {
                let fields = fields
                    .iter()
                    .map(|(name, value, ..)| (name.clone(), value.clone()));
                all.last_mut().unwrap().fields.extend(fields);
            }
            Seen::Extension(_) => {}
            Seen::End => all.last_mut().unwrap().complete = true,
        }
    }
    all
}

#[test]
fn vectors_of_another_parser_are_read_as_it_reads_them_or_refused() {
    let Some(vectors) = vectors() else {
        println!("skipped: SOVEREIGN_TEST_DATA names no folder with http1-vectors/vectors.jsonl");
        return;
    };
    for vector in &vectors {
        let outcome = vector.outcome(usize::MAX);
        for size in 1..vector.raw.len() {
            assert_eq!(
                vector.outcome(size),
                outcome,
                "{} in pieces of {size}",
                vector.name
            );
        }
        let stricter: BTreeMap<_, _> = STRICTER.iter().copied().collect();
        let kind = if vector.fails {
            "FAIL"
        } else if vector.lenient {
            "LENIENT"
        } else {
            "STRICT"
        };
        println!(
            "{kind} {:?} {:?} {:?} {:?} pause={} ends={} stricter={}",
            vector.name,
            outcome.error,
            outcome.eof,
            String::from_utf8_lossy(&vector.raw[..vector.raw.len().min(100)]),
            vector.pauses,
            outcome.ends(),
            stricter.len() + LENIENT.len()
        );
        if !vector.fails && outcome.error.is_none() {
            let r = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                vector.check_reading(&outcome)
            }));
            if r.is_err() {
                println!("MISREAD {}", vector.name);
            }
        }
    }
}
