//! The vectors of llhttp (MIT), converted to one JSON object a line: `http1-vectors/vectors.jsonl`
//! in the folder that `SOVEREIGN_TEST_DATA` names.
//!
//! Most of their HTTP/1.1 requests have no Host field, which we refuse; so that this does not hide
//! what else is in them, each is read with a Host field put in behind its request line.

use super::*;
use serde_json::Value;

/// Vectors that llhttp takes and we refuse, and why, by file and line.
const STRICTER: &[(&str, Option<Error>)] = &[
    // An empty line before a start line.
    ("test/request/connection.md:156", Some(Error::EmptyLine)),
    ("test/request/pipelining.md:4", Some(Error::EmptyLine)),
    ("test/request/sample.md:288", Some(Error::EmptyLine)),
    ("test/request/sample.md:478", Some(Error::EmptyLine)),
    ("test/request/uri.md:52", Some(Error::EmptyLine)),
    ("test/response/connection.md:492", Some(Error::EmptyLine)),
    ("test/response/connection.md:586", Some(Error::EmptyLine)),
    ("test/response/pipelining.md:4", Some(Error::EmptyLine)),
    ("test/response/sample.md:695", Some(Error::EmptyLine)),
    // Methods outside the registry, and bytes of another protocol behind an upgrade that we do not follow.
    ("test/request/connection.md:542", Some(Error::MethodUnknown)),
    ("test/request/connection.md:753", Some(Error::MethodUnknown)),
    ("test/request/connection.md:812", Some(Error::MethodUnknown)),
    ("test/request/method.md:135", Some(Error::MethodUnknown)),
    ("test/request/method.md:344", Some(Error::MethodUnknown)),
    ("test/request/method.md:372", Some(Error::MethodUnknown)),
    ("test/request/method.md:430", Some(Error::MethodUnknown)),
    ("test/request/method.md:458", Some(Error::MethodUnknown)),
    // Leading zeros.
    ("test/request/content-length.md:4", Some(Error::ContentLength)),
    ("test/request/content-length.md:33", Some(Error::ContentLength)),
    // A tunnel: its head is shown, then the decoder stops.
    ("test/request/method.md:27", Some(Error::Connect)),
    ("test/request/method.md:62", Some(Error::Connect)),
    ("test/request/method.md:96", Some(Error::Connect)),
    ("test/request/uri.md:188", Some(Error::Connect)),
    // RTSP, ICE, HTTP/0.9 and HTTP/5.6.
    ("test/request/method.md:400", Some(Error::Version)),
    ("test/request/sample.md:314", Some(Error::Version)),
    ("test/response/sample.md:40", Some(Error::Version)),
    ("test/response/sample.md:60", Some(Error::Version)),
    ("test/response/sample.md:645", Some(Error::Version)),
    // A Host that is none.
    ("test/request/sample.md:67", Some(Error::Host)),
    ("test/request/sample.md:105", Some(Error::Host)),
    // Codings other than exactly `chunked`.
    ("test/request/transfer-encoding.md:751", Some(Error::TransferEncoding)),
    ("test/request/transfer-encoding.md:793", Some(Error::TransferEncoding)),
    ("test/response/transfer-encoding.md:43", Some(Error::TransferEncoding)),
    ("test/response/transfer-encoding.md:110", Some(Error::TransferEncoding)),
    // Content-Type and Vary in trailers.
    ("test/request/transfer-encoding.md:186", Some(Error::TrailerField)),
    // A fragment; user information.
    ("test/request/uri.md:165", Some(Error::TargetForm)),
    ("test/request/uri.md:222", Some(Error::TargetForm)),
    // A tunnel: its head is shown, then the decoder stops.
    ("test/response/connection.md:293", Some(Error::SwitchingProtocols)),
    ("test/response/connection.md:331", Some(Error::SwitchingProtocols)),
    // No space behind the status.
    ("test/response/sample.md:291", Some(Error::Status)),
    // Several fields of codings.
    ("test/response/transfer-encoding.md:74", Some(Error::TransferEncodingRepeated)),
];

/// Vectors that llhttp takes only when told to be lenient: what we say. `None` is taken, and then
/// read as the log says.
const LENIENT: &[(&str, Option<Error>)] = &[
    // Bytes behind the last message.
    ("test/request/connection.md:107", Some(Error::AfterClose)),
    ("test/request/connection.md:392", Some(Error::AfterClose)),
    ("test/response/connection.md:191", Some(Error::AfterClose)),
    ("test/response/connection.md:260", Some(Error::AfterClose)),
    // Folded lines.
    ("test/request/connection.md:481", Some(Error::ObsFold)),
    ("test/request/connection.md:576", Some(Error::ObsFold)),
    ("test/request/invalid.md:686", Some(Error::ObsFold)),
    ("test/request/sample.md:333", Some(Error::ObsFold)),
    ("test/request/sample.md:571", Some(Error::ObsFold)),
    ("test/response/transfer-encoding.md:389", Some(Error::ObsFold)),
    // A space before the colon.
    ("test/request/connection.md:637", Some(Error::FieldName)),
    ("test/request/content-length.md:189", Some(Error::FieldName)),
    // Two framings.
    ("test/request/content-length.md:229", Some(Error::LengthAndCoding)),
    // A bare CR.
    ("test/request/content-length.md:519", Some(Error::BareCr)),
    ("test/request/lenient-headers.md:109", Some(Error::BareCr)),
    ("test/request/sample.md:454", Some(Error::BareCr)),
    ("test/request/transfer-encoding.md:1025", Some(Error::BareCr)),
    ("test/response/invalid.md:151", Some(Error::BareCr)),
    // A bare LF.
    ("test/request/invalid.md:568", Some(Error::BareLf)),
    ("test/response/invalid.md:304", Some(Error::BareLf)),
    ("test/response/invalid.md:348", Some(Error::BareLf)),
    ("test/response/sample.md:351", Some(Error::BareLf)),
    // A form feed in a value.
    ("test/request/lenient-header-value-relaxed.md:8", Some(Error::FieldValue)),
    ("test/request/lenient-headers.md:6", Some(Error::FieldValue)),
    // An empty line before a start line.
    ("test/request/lenient-headers.md:34", Some(Error::EmptyLine)),
    // RTSP, ICE, HTTP/0.9 and HTTP/5.6.
    ("test/request/lenient-version.md:4", Some(Error::Version)),
    ("test/response/lenient-version.md:4", Some(Error::Version)),
    // Codings other than exactly `chunked`.
    ("test/request/transfer-encoding.md:530", Some(Error::TransferEncoding)),
    ("test/request/transfer-encoding.md:680", Some(Error::TransferEncoding)),
    // Several fields of codings.
    ("test/request/transfer-encoding.md:713", Some(Error::TransferEncodingRepeated)),
    // A space behind the chunk size.
    ("test/request/transfer-encoding.md:1215", Some(Error::ChunkSize)),
    // No CRLF behind chunk data.
    ("test/request/transfer-encoding.md:1140", Some(Error::ChunkEnd)),
];

/// Stands behind a Host field that was put in, so that both are known again.
const ADDED: &str = "\r\nX-Added: 1";

#[derive(Debug)]
struct Vector {
    name: String,
    is_request: bool,
    skips_body: bool,
    lenient: bool,
    fails: bool,
    pauses: bool,
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
    Some(text.lines().map(|line| vector(&serde_json::from_str(line).unwrap())).collect())
}

fn vector(value: &Value) -> Vector {
    let text = |key: &str| value[key].as_str().unwrap().to_owned();
    let mut raw = text("raw");
    if text("file").ends_with("transfer-encoding.md") {
        // Many targets there carry a fragment, which would hide what is said about codings.
        raw = raw.replace("?q=search#", "?q=search_");
    }
    Vector {
        name: format!("{}:{}", text("file"), value["line"]),
        is_request: value["kind"] == "request",
        skips_body: value["meta"]["skipBody"] == true,
        lenient: !value["lenient"].is_null(),
        fails: value["expects_error"] == true,
        pauses: !value["pause"].is_null(),
        raw: raw.into_bytes(),
        log: value["log"].as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect(),
    }
}

impl Vector {
    /// The offset and the length in a log line; the length is 0 where there is none.
    fn place(line: &str) -> (usize, usize) {
        let number = |key: &str| {
            let behind = line.split_once(key)?.1;
            behind.split(' ').next()?.parse().ok()
        };
        (number("off=").unwrap_or(0), number("len=").unwrap_or(0))
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
            } else if ["[method]", "[url]", "[status]"].iter().any(|span| line.contains(span)) {
                last.line.push(text());
            } else if line.ends_with("message complete") {
                last.complete = true;
            }
        }
        all.iter_mut().for_each(|told| told.line.retain(|part| !part.is_empty()));
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
            let (before, behind) = self.raw.split_at(at);
            let head = String::from_utf8_lossy(behind).to_lowercase();
            let head = head.split("\r\n\r\n").next().unwrap_or_default();
            if self.is_request && behind.starts_with(b"\r\n") && !head.contains("\nhost:") {
                let line = String::from_utf8_lossy(before).into_owned();
                let authority = line.rsplit('\n').next().and_then(|line| line.split("http://").nth(1));
                let host = authority.and_then(|rest| rest.split(['/', '?', ' ']).next()).unwrap_or("a");
                out.splice(at..at, format!("\r\nHost: {host}{ADDED}").into_bytes());
            }
        }
        out
    }

    fn outcome(&self, size: usize) -> Outcome {
        let bytes = self.with_host();
        if self.is_request {
            feed(&mut RequestDecoder::new(), 0, &bytes, &[size])
        } else {
            let method = if self.skips_body { Method::Head } else { Method::Get };
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
                assert!(ours.complete == told.complete || outcome.eof == Some(Ok(true)), "{}: {told:?}", self.name);
            }
        }
        assert!(self.pauses || ours.len() <= told.len(), "{}: {ours:?}", self.name);
    }
}

fn tell(outcome: &Outcome) -> Vec<Told> {
    let mut all: Vec<Told> = Vec::new();
    for seen in &outcome.seen {
        match seen {
            Seen::Head { line, fields, framing, .. } => {
                let added = fields.get(1).is_some_and(|field| field.0 == "X-Added");
                let fields = fields
                    .iter()
                    .skip(if added { 2 } else { 0 })
                    .map(|(name, value, ..)| (name.clone(), value.clone()))
                    .collect();
                // The log has a response's version and reason; the status is in no span.
                let line =
                    line.iter().filter(|part| part.parse::<u16>().is_err() && !part.is_empty()).cloned().collect();
                all.push(Told { line, fields, body: String::new(), complete: *framing == Framing::Interim });
            }
            Seen::Body(bytes) => {
                let bytes: Vec<u8> = bytes.iter().map(|(_, byte)| *byte).collect();
                all.last_mut().unwrap().body.push_str(&String::from_utf8_lossy(&bytes));
            }
            Seen::Trailers(fields) => {
                let fields = fields.iter().map(|(name, value, ..)| (name.clone(), value.clone()));
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
            assert_eq!(vector.outcome(size), outcome, "{} in pieces of {size}", vector.name);
        }
        let exception = |list: &[(&str, Option<Error>)]| {
            list.iter().find(|(name, _)| *name == vector.name).map(|(_, verdict)| *verdict)
        };
        let expected = if vector.fails {
            let refused = outcome.error.is_some_and(|error| error != Error::HostMissing);
            assert!(refused, "{} is taken: {outcome:?}", vector.name);
            continue;
        } else if vector.lenient {
            exception(LENIENT).unwrap_or_else(|| panic!("{} is on no list: {outcome:?}", vector.name))
        } else {
            exception(STRICTER).unwrap_or(None)
        };
        assert_eq!(outcome.error, expected, "{}", vector.name);
        if vector.skips_body && vector.is_request {
            // llhttp was told that there is no body; a request says that only by its fields.
            continue;
        }
        if expected.is_none() || (vector.pauses && !outcome.seen.is_empty()) {
            vector.check_reading(&outcome);
        }
    }
    let known = |name: &str| vectors.iter().any(|vector| vector.name == name && !vector.fails);
    assert!(STRICTER.iter().chain(LENIENT).all(|(name, _)| known(name)), "a list names a vector that is not there");
}
