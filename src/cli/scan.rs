//! `sovereign scan`: the detectors over files, off line.

mod bench;

use super::load_policy;
use crate::failure::{Context, Failure};
use clap::{Args, ValueEnum};
use policy::detect::{DetectorSet, EntityType, Finding, Scanner};
use serde::Serialize;
use std::io::{self, BufRead, BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  sovereign scan notes.txt\n  echo 'call 555-867-5309' | sovereign scan --format json\n  sovereign scan --jsonl < texts.jsonl"
)]
pub(crate) struct Scan {
    /// Files to read; stdin if there are none.
    files: Vec<PathBuf>,
    /// Look for what this policy names; everything that is known otherwise.
    #[arg(long)]
    policy: Option<PathBuf>,
    /// How findings are printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Print the text with its findings masked instead.
    #[arg(long, conflicts_with_all = ["jsonl", "bench"])]
    redact: bool,
    /// Read lines {"id": any, "text": "..."}, print lines {"id": any, "findings": [...]}.
    #[arg(long, conflicts_with = "bench")]
    jsonl: bool,
    /// Scan one file again and again on one thread and print the speed as JSON.
    #[arg(long)]
    bench: bool,
    /// How long --bench runs.
    #[arg(long, default_value_t = 3, requires = "bench")]
    seconds: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// A finding as it is printed.
#[derive(Debug, Serialize)]
struct Found {
    start: u64,
    end: u64,
    #[serde(rename = "type")]
    entity: String,
    rule: String,
    confidence: f64,
    view: &'static str,
}

pub(crate) fn run(command: Scan) -> Result<ExitCode, Failure> {
    let set = detectors(&command)?;
    if command.bench {
        return bench::run(&set, &command.files, command.seconds);
    }
    let mut out = BufWriter::new(io::stdout().lock());
    if command.jsonl {
        scan_lines(&set, &command.files, &mut out)?;
    } else {
        for (name, text) in read_all(&command.files)? {
            print_text(&command, &set, &name, &text, &mut out).or_work("cannot write the findings", "")?;
        }
    }
    out.flush().or_work("cannot write the findings", "")?;
    Ok(ExitCode::SUCCESS)
}

fn detectors(command: &Scan) -> Result<Arc<DetectorSet>, Failure> {
    match &command.policy {
        Some(path) => Ok(Arc::clone(load_policy(path, &policy::Limits::default())?.detectors())),
        None => DetectorSet::builder().enable_all().build().map(Arc::new).or_work("the detectors cannot be built", ""),
    }
}

fn read_all(files: &[PathBuf]) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    if files.is_empty() {
        let mut text = Vec::new();
        io::stdin().lock().read_to_end(&mut text).or_work("cannot read stdin", "")?;
        return Ok(vec![("-".to_owned(), text)]);
    }
    let read = |path: &PathBuf| {
        let text =
            std::fs::read(path).or_usage(format_args!("cannot read {}", path.display()), "name readable files")?;
        Ok((path.display().to_string(), text))
    };
    files.iter().map(read).collect()
}

/// All findings of one text, the pieces of an unbounded one joined.
fn find(set: &DetectorSet, scanner: &mut Scanner, text: &[u8]) -> Vec<Finding> {
    let mut found = Vec::new();
    scanner.reset();
    scanner.push(text);
    scanner.boundary();
    scanner.scan(set, &mut found);
    let mut joined: Vec<Finding> = Vec::with_capacity(found.len());
    for finding in found {
        let before =
            joined.iter_mut().rev().find(|before| before.detector == finding.detector && before.end == finding.start);
        match before {
            Some(before) if finding.continued => before.end = finding.end,
            _ => joined.push(finding),
        }
    }
    joined
}

fn found(set: &DetectorSet, finding: &Finding) -> Found {
    let entity = set.entity(finding.detector);
    let rule = set.rule(finding.detector).unwrap_or_default();
    let name = match entity {
        Some(EntityType::Keyword) => format!("KEYWORD:{rule}"),
        Some(entity) => entity.name().to_owned(),
        None => String::new(),
    };
    Found {
        start: finding.start,
        end: finding.end,
        entity: name,
        rule: rule.to_owned(),
        confidence: f64::from(finding.confidence.percent()) / 100.0,
        view: "raw",
    }
}

fn print_text(command: &Scan, set: &DetectorSet, name: &str, text: &[u8], out: &mut impl Write) -> io::Result<()> {
    let findings = find(set, &mut Scanner::new(), text);
    if command.redact {
        return out.write_all(&redacted(text, &findings));
    }
    for finding in &findings {
        let found = found(set, finding);
        match command.format {
            Format::Json => {
                let mut line = serde_json::to_value(&found)?;
                if let Some(object) = line.as_object_mut() {
                    object.insert("file".to_owned(), name.into());
                }
                writeln!(out, "{line}")?;
            }
            Format::Text => {
                let Found { start, end, entity, rule, confidence, .. } = found;
                writeln!(out, "{name}:{start}-{end} {entity} {rule} {confidence:.2}")?;
            }
        }
    }
    Ok(())
}

fn redacted(text: &[u8], findings: &[Finding]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut done = 0;
    for finding in findings {
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).clamp(done, text.len());
        let (start, end) = (place(finding.start), place(finding.end));
        out.extend(text.get(done..start).unwrap_or_default());
        if end > start {
            out.extend(b"[REDACTED]");
        }
        done = end;
    }
    out.extend(text.get(done..).unwrap_or_default());
    out
}

#[derive(serde::Deserialize)]
struct Line {
    id: serde_json::Value,
    text: String,
}

#[derive(Serialize)]
struct Answer {
    id: serde_json::Value,
    findings: Vec<Found>,
}

fn scan_lines(set: &DetectorSet, files: &[PathBuf], out: &mut impl Write) -> Result<(), Failure> {
    let mut scanner = Scanner::new();
    let mut scan = |name: &str, reader: &mut dyn BufRead| -> Result<(), Failure> {
        for (number, line) in (1..).zip(reader.lines()) {
            let line = line.or_work(format_args!("cannot read {name}"), "")?;
            if line.trim().is_empty() {
                continue;
            }
            let Line { id, text } = serde_json::from_str(&line)
                .or_usage(format_args!("{name}:{number}: no line of {{\"id\": any, \"text\": \"...\"}}"), "")?;
            let findings = find(set, &mut scanner, text.as_bytes()).iter().map(|finding| found(set, finding)).collect();
            let answer = serde_json::to_string(&Answer { id, findings }).or_work("cannot print a finding", "")?;
            writeln!(out, "{answer}").or_work("cannot write the findings", "")?;
        }
        Ok(())
    };
    if files.is_empty() {
        return scan("stdin", &mut io::stdin().lock());
    }
    for path in files {
        let file = std::fs::File::open(path)
            .or_usage(format_args!("cannot read {}", path.display()), "name readable files")?;
        scan(&path.display().to_string(), &mut io::BufReader::new(file))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_findings_are_masked_once() {
        let set = DetectorSet::builder().enable(EntityType::EmailAddress).build().unwrap();
        let text = b"to a.b@example.org and c@example.com.";
        let findings = find(&set, &mut Scanner::new(), text);
        assert_eq!(redacted(text, &findings), b"to [REDACTED] and [REDACTED].");
    }
}
