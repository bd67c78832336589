//! How fast a set scans: thread CPU time over 2 KB chat texts, whole and by type, and over texts
//! made to be slow.
//!
//! `cargo run --release -p detect --example throughput [-- UNIT]`: with a unit, only a text that
//! repeats it.
#![expect(clippy::print_stdout, clippy::cast_precision_loss, reason = "a report for a person")]

use detect::{DetectorSet, DetectorSetBuilder, EntityType, Scanner};

const TEXT_BYTES: usize = 2048;
const TEXT_COUNT: usize = 256;
/// The kernel accounts time in ticks of some milliseconds; a run has many of them.
const RUN_NANOSECONDS_MIN: u64 = 200_000_000;
const RUN_COUNT: usize = 3;

fn main() {
    let texts = chat_texts();
    if let Some(unit) = std::env::args().nth(1) {
        let text = unit.repeat(TEXT_BYTES / unit.len().max(1)).into_bytes();
        return report(&unit, DetectorSet::builder().enable_all(), &[text]);
    }
    println!("{TEXT_COUNT} chat texts of {TEXT_BYTES} bytes, one scan each");
    let all = DetectorSet::builder().enable_all();
    report("all types", all.clone(), &texts);
    for entity in EntityType::ALL.into_iter().filter(|entity| *entity != EntityType::Keyword) {
        report(entity.name(), DetectorSet::builder().enable(entity), &texts);
    }
    report("push and forget only", DetectorSet::builder(), &texts);
    for count in [100, 5_000] {
        let words = DetectorSet::builder().keywords("list", &terms(count));
        report(&format!("{count} keywords"), words, &texts);
        report(&format!("all types, {count} keywords"), all.clone().keywords("list", &terms(count)), &texts);
    }
    println!("adversarial, all types");
    for unit in [
        "@",
        "0",
        "A",
        "eyJ",
        "-",
        "_",
        "sk-",
        ":",
        "1 ",
        "1.",
        "a@a.",
        "123-45-",
        "4111 ",
        "1234567 ",
        "536904399 ",
        "4111 1111 1111 1112 ",
        "GB82 WEST ",
        "::1.2.3.4:",
        "-----BEGIN ",
        "(415) ",
        "0a1b2c3d",
    ] {
        let text = unit.repeat(TEXT_BYTES / unit.len()).into_bytes();
        report(unit, all.clone(), std::slice::from_ref(&text));
    }
}

fn report(name: &str, builder: DetectorSetBuilder, texts: &[Vec<u8>]) {
    let Ok(set) = builder.build() else { return };
    let mut scanner = Scanner::with_capacity(2 * TEXT_BYTES);
    let mut found = Vec::with_capacity(4096);
    let (mut best, mut findings) = (f64::MAX, 0);
    for _ in 0..RUN_COUNT {
        let (mut bytes, start) = (0, cpu_nanoseconds());
        while cpu_nanoseconds() - start < RUN_NANOSECONDS_MIN {
            findings = 0;
            for text in texts.iter().cycle().take(TEXT_COUNT) {
                scanner.reset();
                scanner.push(text);
                scanner.boundary();
                scanner.scan(&set, &mut found);
                findings += found.len();
                found.clear();
                bytes += text.len();
            }
        }
        best = best.min((cpu_nanoseconds() - start) as f64 / bytes as f64);
    }
    let nanoseconds = best * TEXT_BYTES as f64;
    println!("{name:>28}  {:8.3} GB/s  {nanoseconds:8.0} ns a text  {findings} findings", 1.0 / best);
}

/// Time this thread has run, from the kernel's scheduler.
fn cpu_nanoseconds() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|first| first.parse().ok()).unwrap_or(0)
}

/// Terms such as product and project names, which the texts do not hold.
fn terms(count: usize) -> Vec<String> {
    let mut random = Random(7);
    (0..count).map(|index| format!("{} q{}{index}", random.word(), random.word())).collect()
}

/// Prose, code, lists and some base64, in the proportions of chat traffic.
fn chat_texts() -> Vec<Vec<u8>> {
    let mut random = Random(1);
    (0..TEXT_COUNT)
        .map(|_| {
            let mut text = String::new();
            while text.len() < TEXT_BYTES {
                match random.below(20) {
                    0..=12 => random.sentence(&mut text),
                    13..=16 => random.code(&mut text),
                    17 | 18 => random.list(&mut text),
                    _ => random.base64(&mut text),
                }
            }
            text.truncate(TEXT_BYTES);
            text.into_bytes()
        })
        .collect()
}

/// A small generator of its own, so that every run scans the same texts.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let place = self.below(from.len() as u64);
        usize::try_from(place).ok().and_then(|place| from.get(place)).copied().unwrap_or_default()
    }

    fn word(&mut self) -> String {
        const SYLLABLES: &[&str] = &[
            "an", "be", "con", "der", "ex", "for", "ing", "ka", "lo", "ment", "no", "or", "pre", "ri", "sta", "ter",
            "un", "ver", "wa", "y",
        ];
        (0..1 + self.below(3)).map(|_| self.pick(SYLLABLES)).collect()
    }

    fn sentence(&mut self, text: &mut String) {
        for _ in 0..6 + self.below(14) {
            text.push_str(&self.word());
            let mark = self.below(60);
            text.push_str(match mark {
                0 => ", ",
                1 => ": ",
                2 => " - ",
                3 => " (2024) ",
                4 => "'s ",
                5 => " 42 ",
                6 => "-",
                _ => " ",
            });
        }
        text.push_str(". ");
    }

    fn code(&mut self, text: &mut String) {
        let (name, kind, value) = (self.word(), self.word(), self.below(4096));
        text.push_str(&format!("    let {name}_{kind} = self.{kind}::{name}(index + {value}, \"{kind}-{name}\")?;\n"));
    }

    fn list(&mut self, text: &mut String) {
        for item in 1..=3 {
            text.push_str(&format!("{item}. **{}**: {} {}.{}\n", self.word(), self.word(), item, self.below(90)));
        }
    }

    fn base64(&mut self, text: &mut String) {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for _ in 0..60 {
            let place = usize::try_from(self.below(64)).unwrap_or(0);
            text.push(char::from(ALPHABET.get(place).copied().unwrap_or(b'A')));
        }
        text.push('\n');
    }
}
