//! Prints the secrets in the files that are named, or below the folders that are: rule, file, text.
//!
//! For looking at false findings in trees of code and prose, and at what is missed in a file of secrets:
//! `cargo run --release -p detect --example secrets -- DIR ...`, or `-- --missed FILE ...` to print the
//! lines in which nothing is found.
#![expect(clippy::print_stdout, reason = "a program that prints what it finds")]

use detect::{DetectorSet, EntityType, Finding, Scanner};
use std::path::PathBuf;

/// Bytes of the largest file that is read.
const FILE_BYTES_MAX: u64 = 4 << 20;

fn main() -> Result<(), detect::Error> {
    let set = DetectorSet::builder().enable(EntityType::Secret).build()?;
    let mut arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let is_by_line = arguments.iter().any(|argument| argument == "--missed");
    arguments.retain(|argument| argument != "--missed");
    let mut pending: Vec<PathBuf> = arguments.into_iter().map(PathBuf::from).collect();
    let (mut scanner, mut found) = (Scanner::new(), Vec::new());
    let (mut bytes, mut findings) = (0, 0);
    while let Some(path) = pending.pop() {
        if let Ok(entries) = std::fs::read_dir(&path) {
            pending.extend(entries.flatten().map(|entry| entry.path()).filter(|path| !path.is_symlink()));
            continue;
        }
        let is_small = path.metadata().is_ok_and(|data| data.is_file() && data.len() <= FILE_BYTES_MAX);
        let Some(text) = std::fs::read_to_string(&path).ok().filter(|_| is_small) else { continue };
        bytes += text.len();
        if is_by_line {
            for line in text.lines() {
                scan(&set, &mut scanner, line, &mut found);
                findings += usize::from(!found.is_empty());
                if found.is_empty() {
                    println!("missed\t{line}");
                }
            }
            continue;
        }
        scan(&set, &mut scanner, &text, &mut found);
        for finding in found.iter().filter(|finding| !finding.continued) {
            findings += 1;
            let value = String::from_utf8_lossy(scanner.text(finding.start.saturating_sub(30), finding.end));
            let rule = set.rule(finding.detector).unwrap_or_default();
            println!("{rule}\t{}\t{}", path.display(), value.escape_debug());
        }
    }
    println!("{findings} findings in {bytes} bytes");
    Ok(())
}

fn scan(set: &DetectorSet, scanner: &mut Scanner, text: &str, found: &mut Vec<Finding>) {
    scanner.reset();
    found.clear();
    scanner.push(text.as_bytes());
    scanner.boundary();
    scanner.scan(set, found);
}
