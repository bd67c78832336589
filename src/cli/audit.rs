//! `sovereign audit`: reads and proves the audit log.

mod follow;
mod verify;

use crate::failure::{Context, Failure};
use crate::output::{self, Stopped};
use crate::regular;
use audit::render::{self, TITLE};
use audit::{ChainHash, Entry, PublicKey, SEGMENT_BYTES_MAX, SegmentReader, parse_segment_file_name};
use clap::{Subcommand, ValueEnum};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Print records.
    #[command(after_help = "Example: sovereign audit cat /var/lib/sovereign/audit --format json | jq .verdict")]
    Cat {
        /// The audit directory.
        dir: PathBuf,
        /// Go on as records come, until interrupted.
        #[arg(long)]
        follow: bool,
        /// How records are printed.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Prove that nothing was changed, removed or reordered.
    ///
    /// Prints records, segments and head hash and, on stderr, whose key it was and how the log ends; names the first bad
    /// place and exits with 1 otherwise. Without --key the log has to be signed by the key in `audit.pub` beside it, if
    /// that is there.
    #[command(
        after_help = "Example: sovereign audit verify /var/lib/sovereign/audit --anchor $(cat head-of-yesterday)"
    )]
    Verify {
        /// The audit directory.
        dir: PathBuf,
        /// A head hash that was written down before: the log must contain it.
        #[arg(long)]
        anchor: Option<ChainHash>,
        /// The gateway's public key, written down before.
        #[arg(long)]
        key: Option<PublicKey>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
}

pub(crate) fn run(command: Audit) -> Result<ExitCode, Failure> {
    match command {
        Audit::Cat { dir, follow, format } => cat(&dir, follow, format),
        Audit::Verify { dir, anchor, key } => verify::run(&dir, anchor, key),
    }
}

/// Numbers and paths of all segments, oldest first.
fn segments(dir: &Path) -> Result<Vec<(u64, PathBuf)>, Failure> {
    let advice = "name an audit directory, for example /var/lib/sovereign/audit";
    let entries = std::fs::read_dir(dir).map_err(|error| {
        if error.kind() == ErrorKind::PermissionDenied {
            return Failure::unreadable(dir, &error);
        }
        Failure::usage(format_args!("cannot read {}: {error}; {advice}", dir.display()))
    })?;
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.or_usage(format_args!("cannot read {}", dir.display()), advice)?;
        if let Some(number) = entry.file_name().to_str().and_then(parse_segment_file_name) {
            found.push((number, entry.path()));
        }
    }
    if found.is_empty() {
        return Err(Failure::usage(format_args!("{} holds no audit segments; {advice}", dir.display())));
    }
    found.sort_unstable();
    Ok(found)
}

fn cat(dir: &Path, follow: bool, format: Format) -> Result<ExitCode, Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    output::end(print_log(dir, follow, format, &mut out), "cannot print records")
}

fn print_log(dir: &Path, follow: bool, format: Format, out: &mut impl Write) -> Result<(), Stopped> {
    segments(dir)?;
    if format == Format::Text {
        writeln!(out, "{TITLE}")?;
        writeln!(out, "{}", render::TEXT_COLUMNS)?;
    }
    if follow { follow::run(dir, format, out) } else { print_all(dir, format, out) }
}

/// Prints every record that is there, and says if some are not.
fn print_all(dir: &Path, format: Format, out: &mut impl Write) -> Result<(), Stopped> {
    let (mut expected, mut missing) = (1, None);
    for (number, path) in segments(dir)? {
        if number != expected {
            missing.get_or_insert(expected);
        }
        expected = number + 1;
        let bytes = regular::read(&path, SEGMENT_BYTES_MAX).map_err(|error| Failure::unreadable(&path, &error))?;
        let reader = SegmentReader::new(number, &bytes)
            .or_work(format_args!("{} is no intact segment", path.display()), "run `sovereign audit verify`")?;
        let gateway = reader.header().gateway;
        for entry in reader {
            let entry = entry.or_work(path.display(), "run `sovereign audit verify`")?;
            let Entry::Record(record) = entry else { continue };
            match format {
                Format::Json => writeln!(out, "{}", render::to_json(&record, gateway.as_str()))?,
                Format::Text => writeln!(out, "{}", render::to_text(&record))?,
            }
        }
    }
    out.flush()?;
    let advice = "run `sovereign audit verify`";
    let told = |missing| Failure::work(format_args!("{}: segment {missing} is missing; {advice}", dir.display()));
    missing.map_or(Ok(()), |missing| Err(told(missing).into()))
}
