//! How fast secrets are searched: bytes a second over a seeded mixture of prose, code and base64, and
//! over texts made to cost as much as possible.
//!
//! `cargo bench -p detect --bench secrets`; with the names of files, those are measured instead.
#![expect(clippy::print_stdout, reason = "a program that prints what it measures")]

use detect::{DetectorSet, EntityType, Finding, Scanner};
use rustix::time::{ClockId, clock_gettime};

/// Bytes of each text; it fits into the second cache, as a message does.
const TEXT_BYTES: usize = 256 * 1024;

/// Bytes that are pushed between two scans: a TLS record.
const PIECE_BYTES: usize = 16 * 1024;

/// How often a text is measured; the fastest counts, since others use the processor's caches as well.
const RUN_COUNT: usize = 20;

const PROSE: &str = "We met on Tuesday to talk about the release, and everybody agreed that the tests are \
    the part that takes longest. Could you look at the second chapter, please? It says that the engine is fast, \
    but not why: what does it skip, and when does it look twice? I would rather have three short sentences there. ";

const CODE: &str = "    let mut cursor = progress.cursor;\n    while let Some(place) = self.next(text, cursor) {\n        \
    match self.decide(window, place) {\n            Err(start) => return start,\n            Ok(None) => cursor += 1,\n        \
    }\n    }\n    if (key in cache) { return cache[key]; } // token: see parser\n    \"name\": \"value\", \"count\": 12,\n";

/// Texts made to cost as much as possible, as the unit that is repeated.
const UNITS: &[&str] = &[
    "=",
    "token=",
    "key:",
    "password=\"a1!",
    "token=a1B2c3D4e5F6g7H8 ",
    "a1b2c3d4e5f6a1b2c3d4 ",
    "://a:b",
    "://a:b1c2@c ",
    "twilio key a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4 ",
    "sk-",
    "eyJ",
    "AKIA",
    "secret ",
    "-----BEGIN ",
    "heroku ",
    "\",\"token",
    "api_key = 4f1c9a02-7be3-4d58-9c6e-0b1f2a3d4c5e\n",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n",
];

fn main() -> Result<(), detect::Error> {
    let set = DetectorSet::builder().enable(EntityType::Secret).build()?;
    let files: Vec<String> = std::env::args().skip(1).filter(|name| !name.starts_with('-')).collect();
    for (name, text) in files.iter().filter_map(|name| Some((name, std::fs::read(name).ok()?))) {
        report(name, &set, &text);
    }
    if !files.is_empty() {
        return Ok(());
    }
    for (name, parts) in [("prose", [1, 0, 0]), ("code", [0, 1, 0]), ("base64", [0, 0, 1]), ("mixture", [5, 3, 2])] {
        report(name, &set, &mixture(parts));
    }
    for unit in UNITS {
        report(&format!("{unit:.24?}"), &set, unit.repeat(TEXT_BYTES / unit.len()).as_bytes());
    }
    Ok(())
}

/// Paragraphs of each sort, so many of ten, in an order that a seed gives.
fn mixture(parts: [u64; 3]) -> Vec<u8> {
    let mut state = 1u64;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let mut text = Vec::new();
    while text.len() < TEXT_BYTES {
        let chosen = random() % parts.iter().sum::<u64>();
        if chosen < parts[0] {
            text.extend_from_slice(PROSE.as_bytes());
        } else if chosen < parts[0] + parts[1] {
            text.extend_from_slice(CODE.as_bytes());
        } else {
            const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
            text.extend((0..500).filter_map(|_| ALPHABET.get(usize::try_from(random() % 64).ok()?)));
            text.push(b'\n');
        }
    }
    text
}

fn report(name: &str, set: &DetectorSet, text: &[u8]) {
    let (mut scanner, mut found) = (Scanner::with_capacity(4 * PIECE_BYTES), Vec::new());
    let mut fastest = f64::MAX;
    for _ in 0..RUN_COUNT {
        fastest = fastest.min(run(set, text, &mut scanner, &mut found));
    }
    let rate = text.len() as f64 / fastest / 1e9;
    println!("{rate:7.3} GB/s  {name}  ({} findings)", found.len());
}

fn run(set: &DetectorSet, text: &[u8], scanner: &mut Scanner, found: &mut Vec<Finding>) -> f64 {
    scanner.reset();
    found.clear();
    let start = seconds();
    for piece in text.chunks(PIECE_BYTES) {
        scanner.push(piece);
        scanner.scan(set, found);
    }
    scanner.boundary();
    scanner.scan(set, found);
    seconds() - start
}

/// The time that this thread has used, in seconds.
fn seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
