//! `sovereign scan`: the detectors over files, off line.

mod bench;
mod explain;
mod lines;

use self::explain::Why;
use super::{fingerprint, load_policy};
use crate::failure::{Context, Failure};
use crate::output::{self, Stopped, note, one_line};
use crate::regular;
use clap::{Args, ValueEnum};
use policy::detect::{DetectorSet, DetectorSetBuilder, EntityType, Finding, Reader, VIEW_DEPTH_MAX};
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Bytes of the longest text that is read at once, into memory: what has no end must not fill that.
const TEXT_BYTES_MAX: u64 = 1 << 30;
/// Bytes of the longest file of canaries: a set holds far fewer.
const CANARIES_BYTES_MAX: u64 = 64 << 20;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  sovereign scan notes.txt\n  echo 'call 555-867-5309' | sovereign scan --format json\n  sovereign scan --explain notes.txt\n  sovereign scan --jsonl < texts.jsonl\n  sovereign scan --fingerprints engine.fp --canaries planted.txt prompt.txt"
)]
pub(crate) struct Scan {
    /// Files to read; stdin if there are none, or for `-`.
    files: Vec<PathBuf>,
    /// Look for what this policy names; everything that is known otherwise.
    #[arg(long)]
    policy: Option<PathBuf>,
    /// Look for lines of the source tree that this set of fingerprints was made of, too.
    #[arg(long, value_name = "FILE", conflicts_with = "policy")]
    fingerprints: Vec<PathBuf>,
    /// Look for the strings of this file, one a line, too.
    #[arg(long, value_name = "FILE", conflicts_with = "policy")]
    canaries: Vec<PathBuf>,
    /// How findings are printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Say why each finding is one: what held, who says so, which word counted.
    #[arg(long, conflicts_with_all = ["redact", "bench"])]
    explain: bool,
    /// Print the text with its findings masked instead.
    #[arg(long, conflicts_with_all = ["jsonl", "bench", "format"])]
    redact: bool,
    /// Read lines {"id": any, "text": "..."}, print lines {"id": any, "findings": [...]}.
    #[arg(long, conflicts_with = "bench")]
    jsonl: bool,
    /// Scan one file again and again on one thread and print the speed as JSON. Without a policy it looks for
    /// structured types and secrets, which are what the wire is searched for at its speed.
    #[arg(long)]
    bench: bool,
    /// Let --bench read the text's views, too: escapes, encodings, look-alikes.
    #[arg(long, requires = "bench")]
    views: bool,
    /// How long --bench runs.
    #[arg(long, default_value_t = 3, requires = "bench", value_parser = clap::value_parser!(u64).range(1..=86_400))]
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
    view: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    explain: Option<Why>,
}

pub(crate) fn run(command: Scan) -> Result<ExitCode, Failure> {
    let set = detectors(&command)?;
    if command.bench {
        return bench::run(&set, &command.files, command.seconds, command.views);
    }
    let mut out = BufWriter::new(io::stdout().lock());
    output::end(print_all(&command, &set, &mut out), "cannot write the findings")
}

fn print_all(command: &Scan, set: &DetectorSet, out: &mut impl Write) -> Result<(), Stopped> {
    if command.jsonl {
        lines::scan(set, command.explain, &command.files, out)?;
    } else {
        for (name, text) in read_all(&command.files)? {
            print_text(command, set, &name, &text, out)?;
        }
    }
    out.flush()?;
    Ok(())
}

fn detectors(command: &Scan) -> Result<Arc<DetectorSet>, Failure> {
    if let Some(path) = &command.policy {
        return Ok(Arc::clone(load_policy(path, &policy::Limits::default())?.detectors()));
    }
    let is_measured = |entity: &EntityType| {
        !entity.is_statistical() && !matches!(entity, EntityType::SourceCode | EntityType::Confidential)
    };
    let types = EntityType::ALL.into_iter().filter(|entity| !command.bench || is_measured(entity));
    let mut builder = types.fold(DetectorSet::builder(), DetectorSetBuilder::enable);
    for path in &command.fingerprints {
        let set = fingerprint::load(path)?;
        let name = set.name().to_owned();
        builder = builder.fingerprints(&name, set);
    }
    for path in &command.canaries {
        let shown = path.display();
        let text = regular::read_text(path, CANARIES_BYTES_MAX)
            .or_usage(format_args!("cannot read the canaries {shown}"), "name a file with one string a line")?;
        let canaries: Vec<String> =
            text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        let name = path.file_stem().map_or_else(|| shown.to_string(), |name| name.to_string_lossy().into_owned());
        builder = builder.canaries(&name, &canaries);
    }
    builder.build().map(Arc::new).or_usage("the detectors cannot be built", "correct the file that it names")
}

fn read_all(files: &[PathBuf]) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let stdin = [PathBuf::from("-")];
    let files = if files.is_empty() { &stdin } else { files };
    let read = |path: &PathBuf| {
        let shown = path.display().to_string();
        let text = if shown == "-" {
            regular::read_stream(io::stdin().lock(), TEXT_BYTES_MAX).or_work("cannot read stdin", "")?
        } else {
            read_file(path)?
        };
        Ok((shown, text))
    };
    files.iter().map(read).collect()
}

/// Reads a text to its end, of a pipe too.
fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    let read = File::open(path).and_then(|file| regular::read_stream(file, TEXT_BYTES_MAX));
    read.or_usage(format_args!("cannot read {}", path.display()), "name readable files of at most a gibibyte")
}

/// All findings of one text and its views, by their places in it, the pieces of an unbounded one joined.
fn find(set: &DetectorSet, reader: &mut Reader, text: &[u8]) -> Vec<Finding> {
    let mut found = Vec::new();
    reader.reset();
    reader.push(text);
    reader.boundary();
    reader.scan(set, &mut found);
    let mut joined: Vec<Finding> = Vec::with_capacity(found.len());
    for finding in found {
        let goes_on = |before: &&mut Finding| before.detector == finding.detector && before.end == finding.start;
        let earlier = if finding.continued { joined.as_mut_slice() } else { &mut [] };
        match earlier.iter_mut().rev().find(goes_on) {
            Some(before) => {
                before.end = finding.end;
                before.view = before.view.and(finding.view);
            }
            None => joined.push(finding),
        }
    }
    joined
}

/// A finding as it is printed, with why it is one if the text is given.
fn found(set: &DetectorSet, finding: &Finding, explained: Option<&[u8]>) -> Found {
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
        view: finding.view.to_string(),
        explain: explained.and_then(|text| Why::of(set, finding, text)),
    }
}

fn print_text(command: &Scan, set: &DetectorSet, name: &str, text: &[u8], out: &mut impl Write) -> Result<(), Stopped> {
    let mut reader = Reader::new();
    let findings = find(set, &mut reader, text);
    if reader.is_capped() {
        note(format_args!("{name}: text is hidden more than {VIEW_DEPTH_MAX} deep; what is below was not read"));
    }
    if command.redact {
        let places = findings.iter().map(|finding| (finding.start, finding.end));
        out.write_all(&redacted(text, places))?;
        return Ok(());
    }
    for finding in &findings {
        let found = found(set, finding, command.explain.then_some(text));
        match command.format {
            Format::Json => {
                let mut line = serde_json::to_value(&found).or_work("cannot print a finding", "")?;
                if let Some(object) = line.as_object_mut() {
                    object.insert("file".to_owned(), name.into());
                }
                writeln!(out, "{line}")?;
            }
            Format::Text => {
                let Found { start, end, entity, rule, confidence, view, explain } = found;
                writeln!(out, "{}:{start}-{end} {entity} {rule} {confidence:.2}", one_line(name))?;
                if let Some(why) = explain {
                    why.print(&view, out)?;
                }
            }
        }
    }
    Ok(())
}

/// The text with what lies in these places masked, once where they overlap; ascending by start.
fn redacted(text: &[u8], places: impl Iterator<Item = (u64, u64)>) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut done = 0;
    for (start, end) in places {
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
        let (start, end) = (place(start), place(end));
        if start < done {
            // The rest of what overlaps is under the same mask.
            done = done.max(end);
            continue;
        }
        out.extend(text.get(done..start).unwrap_or_default());
        if end > start {
            out.extend(b"[REDACTED]");
        }
        done = end;
    }
    out.extend(text.get(done..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_findings_are_masked_once() {
        let set = DetectorSet::builder().enable(EntityType::EmailAddress).build().unwrap();
        let text = b"to a.b@example.org and c@example.com.";
        let findings = find(&set, &mut Reader::new(), text);
        let places = findings.iter().map(|finding| (finding.start, finding.end));
        assert_eq!(redacted(text, places), b"to [REDACTED] and [REDACTED].");
        let overlapping = [(3, 10), (5, 18), (9, 12)].into_iter();
        assert_eq!(redacted(text, overlapping), b"to [REDACTED] and c@example.com.");
    }

    #[test]
    fn what_json_hides_is_found_where_it_stands() {
        let set = DetectorSet::builder().enable(EntityType::EmailAddress).build().unwrap();
        let text = br#"{"a": "jane.roe\u0040example.org", "b": "x@example.com"}"#;
        let found = find(&set, &mut Reader::new(), text);
        let cut = |finding: &Finding| {
            let place = |at: u64| usize::try_from(at).unwrap();
            &text[place(finding.start)..place(finding.end)]
        };
        let found: Vec<_> = found.iter().map(|finding| (cut(finding), finding.view.to_string())).collect();
        let expected = [(&br"jane.roe\u0040example.org"[..], "json"), (b"x@example.com", "raw")];
        assert_eq!(found, expected.map(|(text, view)| (text, view.to_owned())));
    }
}
