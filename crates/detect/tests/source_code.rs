//! Program text of every language is found, prose and data are not: measured over what this machine
//! has of both.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use detect::{DetectorSet, EntityType, Finding, Scanner};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Files of a kind in a folder.
const FILES_MAX: usize = 300;

fn files(root: &Path, extensions: &[&str], out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_symlink() || out.len() >= FILES_MAX {
            continue;
        }
        if path.is_dir() {
            files(&path, extensions, out);
        } else if path.extension().is_some_and(|found| extensions.iter().any(|extension| found == *extension)) {
            out.push(path);
        }
    }
}

fn set() -> DetectorSet {
    DetectorSet::builder().enable(EntityType::SourceCode).build().unwrap()
}

fn find(set: &DetectorSet, scanner: &mut Scanner, text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    scanner.reset();
    scanner.push(text.as_bytes());
    scanner.boundary();
    scanner.scan(set, &mut found);
    found
}

fn show() -> bool {
    std::env::var_os("SHOW").is_some()
}

fn covered(found: &[Finding]) -> u64 {
    found.iter().map(|finding| finding.end - finding.start).sum()
}

#[test]
#[ignore = "reads what code there is: CODE=language:folder:extension,..."]
fn code_of_each_language_is_found() {
    let set = set();
    let mut scanner = Scanner::new();
    for kind in std::env::var("CODE").unwrap_or_default().split(',').filter(|kind| !kind.is_empty()) {
        let mut parts = kind.split(':');
        let (language, root, extensions) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        let mut paths = Vec::new();
        files(Path::new(root), &extensions.split('+').collect::<Vec<_>>(), &mut paths);
        let (mut count, mut hits, mut right, mut bytes, mut inside, mut excerpts, mut excerpt_hits) =
            (0, 0, 0, 0, 0, 0, 0);
        let mut guesses: BTreeMap<String, usize> = BTreeMap::new();
        for path in paths {
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let lines: Vec<_> = text.lines().collect();
            if lines.len() < 20 {
                continue;
            }
            let found = find(&set, &mut scanner, &text);
            count += 1;
            hits += usize::from(!found.is_empty());
            bytes += text.len() as u64;
            inside += covered(&found);
            let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
            for finding in &found {
                *sums.entry(set.rule(finding.detector).unwrap()).or_default() += finding.end - finding.start;
            }
            if let Some((guess, _)) = sums.iter().max_by_key(|(_, bytes)| **bytes) {
                right += usize::from(*guess == language);
                *guesses.entry((*guess).to_owned()).or_default() += 1;
            } else if show() {
                eprintln!("MISSED {}", path.display());
            }
            for start in (0..lines.len().saturating_sub(10)).step_by(37).take(5) {
                let is_code = |line: &&&str| {
                    let line = line.trim();
                    !line.is_empty()
                        && !["//", "/*", "* ", "*/", "# ", "--", "#'"].iter().any(|head| line.starts_with(head))
                        && line != "*"
                };
                let excerpt = lines.iter().skip(start).filter(is_code).take(10).copied().collect::<Vec<_>>().join("\n");
                let prompt = format!("Please explain what this does.\n\n{excerpt}\n\nThank you!\n");
                excerpts += 1;
                let is_hit = !find(&set, &mut scanner, &prompt).is_empty();
                excerpt_hits += usize::from(is_hit);
                if show() && !is_hit && excerpts % 5 == 0 {
                    eprintln!("EXCERPT {language}\n{excerpt}");
                }
            }
        }
        eprintln!(
            "{language}: {hits} of {count} files, {right} guessed right {guesses:?}, {}% of bytes; {excerpt_hits} of {excerpts} excerpts of 10 lines",
            inside * 100 / bytes.max(1)
        );
    }
}

#[test]
#[ignore = "reads what prose there is: PROSE=folder:extension,..."]
fn prose_is_no_code() {
    let set = set();
    let mut scanner = Scanner::new();
    for kind in std::env::var("PROSE").unwrap_or_default().split(',').filter(|kind| !kind.is_empty()) {
        let (root, extensions) = kind.split_once(':').unwrap();
        let mut paths = Vec::new();
        files(Path::new(root), &extensions.split('+').collect::<Vec<_>>(), &mut paths);
        let (mut bytes, mut findings, mut inside) = (0, 0, 0);
        for path in paths {
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let found = find(&set, &mut scanner, &text);
            bytes += text.len();
            findings += found.iter().filter(|finding| !finding.continued).count();
            inside += covered(&found);
            for finding in found.iter().filter(|finding| show() && !finding.continued) {
                let at = |offset: u64| usize::try_from(offset).unwrap();
                let text = text.get(at(finding.start)..at(finding.end)).unwrap_or_default();
                eprintln!(
                    "{} {}:\n{}",
                    path.display(),
                    set.rule(finding.detector).unwrap(),
                    text.chars().take(400).collect::<String>()
                );
            }
        }
        eprintln!("{root} {extensions}: {findings} findings, {inside} of {bytes} bytes");
    }
}
