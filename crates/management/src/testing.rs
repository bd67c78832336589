//! What tests in several places need: records, and a proof of the log in a directory.

use audit::{Record, RecordKind, Report, Text, VerifyError, VerifyOptions, WallClock, parse_segment_file_name};
use core::net::SocketAddr;
use policy::Verdict;
use rustix::time::{ClockId, clock_gettime};
use std::fs::File;
use std::path::Path;

/// A record that is told apart by its exchange, and stamped now.
pub(crate) fn record(exchange: u64) -> Record {
    let now = clock_gettime(ClockId::Monotonic);
    let WallClock { worker: boot, .. } = WallClock { worker: Default::default(), unix_ns: 0 };
    Record {
        exchange,
        at: boot.after(now.try_into().unwrap_or_default()),
        client: SocketAddr::from(([10, 0, 0, 1], 40_000)),
        server: SocketAddr::from(([192, 0, 2, 1], 443)),
        silo: Text::new("10.0.0.0/8"),
        user: Text::new("10.0.0.1"),
        server_name: Text::new("api.openai.com"),
        method: Text::new("POST"),
        path: Text::new("/v1/chat/completions"),
        provider: Text::new("openai"),
        operation: Text::new("chat"),
        model: Text::new("gpt-4o"),
        stream: true,
        verdict: Verdict::Allow,
        request_bytes: 512,
        policy_version: Text::new("lab-1"),
        ..Record::blank(RecordKind::Flow)
    }
}

/// Proves the log in a directory.
pub(crate) fn verify(dir: &Path) -> Result<Report, VerifyError> {
    let mut numbers: Vec<_> = std::fs::read_dir(dir)?
        .filter_map(|entry| parse_segment_file_name(entry.ok()?.file_name().to_str()?))
        .collect();
    numbers.sort_unstable();
    let open = |number| Ok((number, File::open(dir.join(audit::segment_file_name(number)))?));
    audit::verify(numbers.into_iter().map(open), &VerifyOptions::default())
}
