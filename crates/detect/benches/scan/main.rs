//! How fast text is scanned: bytes a second of CPU time over texts of several sorts, drawn from a seed, and over
//! texts made to cost as much as possible; beside them what copying them costs.
//!
//! `cargo bench -p detect --bench scan`; behind `--` come words, and only rows that have one of them in their names
//! are measured; or `--once`: each text is scanned once, in small pieces and without a clock, under a counter of
//! instructions.
#![expect(clippy::print_stdout, reason = "a program that prints what it measures")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

mod texts;

use detect::{DetectorSet, EntityType, Finding, Scanner};
use rustix::time::{ClockId, clock_gettime};

/// Bytes that are pushed between two scans: the payload of a full-sized segment, and a large buffer's.
const PIECE_BYTES: [usize; 2] = [1448, 64 * 1024];

/// How often a row is measured; the fastest counts, since others use the processor's caches as well.
const RUN_COUNT: usize = 20;

/// Terms of the dictionary.
const TERM_COUNT: usize = 5_000;

/// What is measured, and how.
struct Choice {
    words: Vec<String>,
    once: bool,
}

impl Choice {
    fn read() -> Self {
        let mut choice = Self { words: Vec::new(), once: false };
        for arg in std::env::args().skip(1) {
            match arg.as_str() {
                "--once" => choice.once = true,
                word if !word.starts_with('-') => choice.words.push(arg),
                _ => {}
            }
        }
        choice
    }

    fn has(&self, name: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| name.contains(word))
    }

    /// Measures a row: all that is looked for in a text, in pieces of each size, and a copy of it.
    fn row(&self, name: &str, set: &DetectorSet, text: &[u8]) {
        if !self.has(name) {
            return;
        }
        let (mut scanner, mut found) = (Scanner::with_capacity(2 * PIECE_BYTES[1]), Vec::new());
        if self.once {
            return scan(set, text, PIECE_BYTES[0], &mut scanner, &mut found);
        }
        let mut rate = |piece| text.len() as f64 / fastest(|| scan(set, text, piece, &mut scanner, &mut found));
        let [small, large] = PIECE_BYTES.map(|piece| rate(piece) / 1e9);
        let mut copy = Vec::with_capacity(text.len());
        let copied = text.len() as f64
            / 1e9
            / fastest(|| {
                copy.clear();
                copy.extend_from_slice(std::hint::black_box(text));
                std::hint::black_box(&mut copy);
            });
        println!("| {name} | {small:.2} | {large:.2} | {copied:.0} | {} |", found.len());
    }
}

/// The least CPU time of all runs, in seconds.
fn fastest(mut run: impl FnMut()) -> f64 {
    let timed = |_| {
        let start = seconds();
        run();
        seconds() - start
    };
    (0..RUN_COUNT).map(timed).fold(f64::MAX, f64::min)
}

fn main() -> Result<(), detect::Error> {
    let choice = Choice::read();
    println!("| text | pieces of {} bytes, GB/s | of {} | copied | findings |", PIECE_BYTES[0], PIECE_BYTES[1]);
    println!("| --- | --- | --- | --- | --- |");
    let structured = DetectorSet::builder().enable_structured().build()?;
    for (name, text) in texts::usual() {
        choice.row(name, &structured, &text);
    }
    // What a set costs that the secrets' names and program text are left out of.
    let is_left = |entity: &EntityType| matches!(entity, EntityType::SourceCode | EntityType::Confidential);
    let types = EntityType::ALL.into_iter().filter(|entity| !entity.is_statistical() && !is_left(entity));
    let marked = types.fold(DetectorSet::builder().marked_secrets_only(), |set, entity| set.enable(entity)).build()?;
    for (name, text) in texts::usual() {
        choice.row(&format!("{name}; types with a structure and prefixes of secrets alone"), &marked, &text);
    }
    let chat = texts::chat();
    let dictionary = DetectorSet::builder().enable_structured().keywords("terms", &texts::terms(TERM_COUNT)).build()?;
    choice.row("chat, with a dictionary of 5,000 terms", &dictionary, &chat);
    let person = DetectorSet::builder().enable_structured().enable(EntityType::Person).build()?;
    choice.row("chat, with PERSON", &person, &chat);
    for unit in texts::WORST {
        choice.row(&format!("worst {unit:.32?}"), &structured, &texts::repeated(unit));
    }
    Ok(())
}

fn scan(set: &DetectorSet, text: &[u8], piece: usize, scanner: &mut Scanner, found: &mut Vec<Finding>) {
    scanner.reset();
    found.clear();
    for piece in text.chunks(piece) {
        scanner.push(piece);
        scanner.scan(set, found);
    }
    scanner.boundary();
    scanner.scan(set, found);
}

/// The time that this thread has used, in seconds.
fn seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
