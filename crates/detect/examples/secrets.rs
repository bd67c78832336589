//! Prints the secrets in the files that are named, or below the folders that are: rule, file, text.
//!
//! For looking at false findings in trees of code and prose:
//! `cargo run --release -p detect --example secrets -- DIR ...`
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a program that prints what it measures")]

use detect::{DetectorSet, EntityType, Scanner};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Bytes of the largest file that is read.
const FILE_BYTES_MAX: u64 = 4 << 20;

fn main() -> Result<(), detect::Error> {
    let set = DetectorSet::builder().enable(EntityType::Secret).build()?;
    let (mut scanner, mut found) = (Scanner::new(), Vec::new());
    let mut pending: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let (mut bytes, mut findings, mut spent) = (0, 0, Duration::ZERO);
    while let Some(path) = pending.pop() {
        if let Ok(entries) = std::fs::read_dir(&path) {
            pending.extend(entries.flatten().map(|entry| entry.path()).filter(|path| !path.is_symlink()));
            continue;
        }
        let is_small = path.metadata().is_ok_and(|data| data.is_file() && data.len() <= FILE_BYTES_MAX);
        let Some(text) = std::fs::read(&path).ok().filter(|text| is_small && core::str::from_utf8(text).is_ok()) else {
            continue;
        };
        scanner.reset();
        found.clear();
        let start = Instant::now();
        scanner.push(&text);
        scanner.boundary();
        scanner.scan(&set, &mut found);
        spent += start.elapsed();
        bytes += text.len();
        for finding in found.iter().filter(|finding| !finding.continued) {
            findings += 1;
            let value = String::from_utf8_lossy(scanner.text(finding.start.saturating_sub(30), finding.end));
            let rule = set.rule(finding.detector).unwrap_or_default();
            println!("{rule}\t{}\t{}", path.display(), value.escape_debug());
        }
    }
    println!("{findings} findings in {bytes} bytes, {spent:?}");
    Ok(())
}
