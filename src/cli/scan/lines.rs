//! `sovereign scan --jsonl`: a line in, a line out, for programs; also for one that waits for each
//! answer before it asks on.

use super::{Found, find, found};
use crate::failure::{Context, Failure};
use crate::output::Stopped;
use core::fmt;
use policy::detect::{DetectorSet, Reader};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

/// Bytes of the longest line: what has no end must not fill the memory.
const LINE_BYTES_MAX: u64 = 256 << 20;

/// What some editors put in front of a text.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

#[derive(Deserialize)]
struct Line<'a> {
    /// As it was written: no number or order of keys means anything here.
    #[serde(borrow)]
    id: &'a RawValue,
    text: Text,
}

/// A string of JSON, in UTF-8; half of a pair of surrogates, which JSON may name, as its three bytes.
struct Text(Vec<u8>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Text;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a string")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Text, E> {
                Ok(Text(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    id: &'a RawValue,
    findings: Vec<Found>,
}

pub(super) fn scan(set: &DetectorSet, explain: bool, files: &[PathBuf], out: &mut impl Write) -> Result<(), Stopped> {
    let mut asker = Asker { set, explain, reader: Reader::new() };
    if files.is_empty() {
        return asker.answer_all("stdin", io::stdin().lock(), out);
    }
    for path in files {
        if path == Path::new("-") {
            asker.answer_all("stdin", io::stdin().lock(), out)?;
            continue;
        }
        let name = path.display().to_string();
        let file = File::open(path).or_usage(format_args!("cannot read {name}"), "name readable files")?;
        asker.answer_all(&name, file, out)?;
    }
    Ok(())
}

/// What answers every line.
struct Asker<'s> {
    set: &'s DetectorSet,
    explain: bool,
    reader: Reader,
}

impl Asker<'_> {
    fn answer_all(&mut self, name: &str, input: impl Read, out: &mut impl Write) -> Result<(), Stopped> {
        let mut input = BufReader::new(input);
        let mut line = Vec::new();
        for number in 1_u64.. {
            if !input.buffer().contains(&b'\n') {
                // Whoever asks may wait for the answers before asking on.
                out.flush()?;
            }
            line.clear();
            let read = (&mut input).take(LINE_BYTES_MAX + 1).read_until(b'\n', &mut line);
            let len = read.or_work(format_args!("cannot read {name}"), "")?;
            if len == 0 {
                break;
            }
            if len as u64 > LINE_BYTES_MAX {
                out.flush()?;
                let why = format!("cannot read a line: it has more than {LINE_BYTES_MAX} bytes ({name}:{number}:1)");
                return Err(Failure::usage(format_args!("{why}; write a text in several lines")).into());
            }
            let start = if number == 1 && line.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
            let asked = line.get(start..).unwrap_or_default();
            if asked.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            match serde_json::from_slice(asked) {
                Ok(asked) => self.answer(&asked, out)?,
                Err(error) => {
                    // What was asked before is answered.
                    out.flush()?;
                    return Err(malformed(&error, name, number).into());
                }
            }
        }
        Ok(())
    }

    fn answer(&mut self, asked: &Line<'_>, out: &mut impl Write) -> Result<(), Stopped> {
        let text = asked.text.0.as_slice();
        let findings = find(self.set, &mut self.reader, text);
        let explained = self.explain.then_some(text);
        let findings = findings.iter().map(|finding| found(self.set, finding, explained)).collect();
        let answer = Answer { id: asked.id, findings };
        let answer = serde_json::to_string(&answer).or_work("cannot print a finding", "")?;
        writeln!(out, "{answer}")?;
        Ok(())
    }
}

/// One place: serde's own counts lines within the line.
fn malformed(error: &serde_json::Error, name: &str, number: u64) -> Failure {
    let (said, column) = (error.to_string(), error.column());
    let why = said.rsplit_once(" at line ").map_or(said.as_str(), |(why, _)| why);
    Failure::usage(format_args!(
        "cannot read a line: {why} ({name}:{number}:{column}); write one {{\"id\": any, \"text\": \"...\"}} a line"
    ))
}
