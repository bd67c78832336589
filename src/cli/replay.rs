//! `sovereign replay`: the data plane over a capture file, without DPDK and without root.

use super::target::{Sink, Target};
use super::{load_policy, warn_of_notes};
use crate::failure::{Context, Failure};
use crate::output;
use crate::progress::{self, Progress};
use crate::regular;
use arc_swap::ArcSwap;
use audit::Record;
use audit::queue::{RecordReceiver, channel};
use clap::Args;
use core::num::NonZeroUsize;
use core::sync::atomic::{AtomicBool, Ordering};
use dataplane::capture::{CaptureDevice, CaptureError};
use dataplane::{Config, Counters, Parts, Stats, Unread, Worker};
use management::{AuditLog, AuditLogConfig, CoreConfig, RecordClock, Recorder};
use net::DropReason;
use net::device::Device;
use net::heap::HeapBuffer;
use policy::{Limits, Reason, Verdict};
use serde_json::{Map, Value, json};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// What to replay instead of what cannot be read.
const ADVICE: &str = "name a readable capture";
/// Records between worker and log.
const QUEUE_RECORDS: usize = 1024;
/// The gateway that stands in the log of a replay.
const GATEWAY: &str = "replay";
/// Bytes of a segment of such a log.
const SEGMENT_BYTES: u64 = 4 << 20;
/// Exit code of a replay that was interrupted, as a shell has it.
const INTERRUPTED: u8 = 130;

#[derive(Debug, Args)]
#[command(after_help = "Example: sovereign replay day.pcap passed.pcap --policy etc/policy.toml --json")]
pub(crate) struct Replay {
    /// The capture to replay: pcap or pcapng, Ethernet.
    input: PathBuf,
    /// Where frames go that would have passed: pcap.
    output: PathBuf,
    /// The policy.
    #[arg(long)]
    policy: PathBuf,
    /// Write an audit log into this directory.
    #[arg(long)]
    audit_dir: Option<PathBuf>,
    /// Print the summary as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(command: Replay) -> Result<ExitCode, Failure> {
    let policy = load_policy(&command.policy, &Limits::default())?;
    warn_of_notes(&command.policy, &policy);
    let name = command.input.display();
    let open = || regular::open_or_pipe(&command.input).or_usage(format_args!("cannot read {name}"), ADVICE);
    let input = open()?;
    let metadata = input.get_ref().metadata().or_usage(format_args!("cannot read {name}"), ADVICE)?;
    Target::check(&command.output, &metadata)?;
    let reader = Progress::new(input, progress::bytes(metadata.len()));
    let (target, sink) = Target::open(&command.output)?;
    let device = CaptureDevice::new(reader, sink)
        .map_err(|error| blame(&target, &command.input, &error, "replay a pcap or pcapng file"))?;
    if command.audit_dir.is_some() && metadata.is_file() {
        // A log tells of what was done: it is not begun for what cannot be done.
        CaptureDevice::check(open()?)
            .map_err(|error| blame(&target, &command.input, &error, "replay an intact capture"))?;
    }

    let (mut senders, receiver) =
        channel(NonZeroUsize::MIN, NonZeroUsize::new(QUEUE_RECORDS).unwrap_or(NonZeroUsize::MIN));
    let mut journal = Journal::open(command.audit_dir.as_deref(), receiver)?;
    let records = senders.pop().ok_or_else(|| Failure::work("the record queue has no sender"))?;
    let parts = Parts {
        config: Config { is_recorded: true, ..Config::default() },
        policy: Arc::new(ArcSwap::new(Arc::new(policy))),
        first_exchange: 1,
        secret: secret()?,
        records,
        interception: None,
        stats: Arc::new(Stats::default()),
    };
    let interrupted = interrupts()?;
    let outcome = replay(device, parts, &mut journal, &interrupted);
    // The log ends in order whatever became of the capture.
    let records = journal.close()?;
    if interrupted.load(Ordering::Relaxed) {
        output::note("sovereign: interrupted; no output was written");
        return Ok(ExitCode::from(INTERRUPTED));
    }
    let ran = outcome.map_err(|error| blame(&target, &command.input, &error, "replay an intact capture"))?;
    refuse_gaps(&command, &ran)?;
    target.finish()?;
    output::print(&summary(&command, &ran, records))?;
    warn_of_gaps(&ran);
    Ok(ExitCode::SUCCESS)
}

/// What became of a capture.
struct Ran {
    counters: Counters,
    frames_out: u64,
    unread: Unread,
}

/// Runs the whole capture through a worker.
fn replay(
    mut device: CaptureDevice<Progress<BufReader<File>>, Sink>,
    parts: Parts,
    journal: &mut Journal,
    interrupted: &AtomicBool,
) -> Result<Ran, CaptureError> {
    device.step();
    let start = device.now();
    let mut worker: Worker<HeapBuffer> = Worker::new(parts, start);
    journal.drain();
    while !device.is_finished() && !interrupted.load(Ordering::Relaxed) {
        device.step();
        worker.poll_once(&mut device);
        journal.drain();
    }
    let unread = worker.finish(&mut device);
    journal.drain();
    let ran = Ran { counters: *worker.counters(), frames_out: device.frames_written(), unread };
    device.finish()?;
    Ok(ran)
}

/// What was blocked because its record found no room says nothing about a gateway that has some.
fn refuse_gaps(command: &Replay, ran: &Ran) -> Result<(), Failure> {
    let Some(dir) = &command.audit_dir else { return Ok(()) };
    let blocked = ran.counters.blocked.get(Reason::AuditUnavailable.index()).copied().unwrap_or(0);
    let dropped = ran.counters.dropped.get(DropReason::AuditCredit.index()).copied().unwrap_or(0);
    if blocked + dropped == 0 {
        return Ok(());
    }
    Err(Failure::work(format_args!(
        "{}: no room for all records, and what has none does not pass, so this would not be what a gateway does; \
         no output was written; free space there, or choose another directory",
        dir.display()
    )))
}

/// Says what the summary does not cover, and why.
fn warn_of_gaps(ran: &Ran) {
    let dropped = |reason: DropReason| ran.counters.dropped.get(reason.index()).copied().unwrap_or(0);
    let checksums = dropped(DropReason::TransportChecksum) + dropped(DropReason::IpChecksum);
    if checksums > 0 {
        output::note(format_args!(
            "sovereign: {checksums} frames with a wrong checksum were dropped: a sender's own capture shows frames before \
             its port fills checksums in; capture elsewhere, or after `ethtool -K DEV tx off`"
        ));
    }
    let truncated = dropped(DropReason::Truncated);
    if truncated > 0 {
        output::note(format_args!(
            "sovereign: {truncated} frames that were captured in part were dropped; capture whole ones: tcpdump -s 0"
        ));
    }
    if ran.unread.requests > 0 {
        output::note(format_args!(
            "sovereign: {} requests were not read to their end: the capture ends before, or frames of them are missing or \
             were dropped; their verdict is about what was read",
            ran.unread.requests
        ));
    }
    if ran.unread.terminated > 0 {
        output::note(format_args!(
            "sovereign: {} connections of mode terminate were not read: a capture cannot answer the gateway's own \
             segments; replay them with mode inspect",
            ran.unread.terminated
        ));
    }
}

/// What the first interrupt sets; a second one ends the program.
fn interrupts() -> Result<Arc<AtomicBool>, Failure> {
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_shutdown(signal, INTERRUPTED.into(), Arc::clone(&interrupted))
            .and_then(|_| flag::register(signal, Arc::clone(&interrupted)))
            .or_work("cannot take signals", "")?;
    }
    Ok(interrupted)
}

/// The file that is at fault: the output if it could not be written, or else the capture.
fn blame(target: &Target, input: &Path, error: &CaptureError, advice: &str) -> Failure {
    let of_input = || Failure::usage(format_args!("{}: {error}; {advice}", input.display()));
    target.failure().unwrap_or_else(of_input)
}

fn secret() -> Result<[u8; 32], Failure> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).or_work("no random numbers", "")?;
    Ok(secret)
}

/// Where the records of a replay go.
enum Journal {
    /// Nowhere: they are counted.
    Count { receiver: RecordReceiver, count: u64 },
    /// Into an audit log.
    Log(Box<Recorder>),
}

impl Journal {
    fn open(dir: Option<&Path>, receiver: RecordReceiver) -> Result<Self, Failure> {
        let Some(dir) = dir else { return Ok(Self::Count { receiver, count: 0 }) };
        let config = AuditLogConfig { dir: dir.to_owned(), gateway: GATEWAY.to_owned(), segment_bytes: SEGMENT_BYTES };
        let (log, recovery) = AuditLog::open(&config).or_usage("the audit log cannot be opened", "")?;
        recovery.warn();
        let core = CoreConfig { clock: RecordClock::Unix, ..CoreConfig::default() };
        Ok(Self::Log(Box::new(Recorder::new(receiver, log, core))))
    }

    /// Takes what has come and grants credit for more.
    fn drain(&mut self) {
        match self {
            Self::Count { receiver, count } => {
                *count += receiver.drain(usize::MAX, |_, _record: Record| ()) as u64;
                receiver.commit();
                receiver.grant_up_to(QUEUE_RECORDS as u64);
            }
            Self::Log(recorder) => {
                recorder.poll();
            }
        }
    }

    /// Ends the log; returns how many records there were.
    fn close(self) -> Result<u64, Failure> {
        match self {
            Self::Count { count, .. } => Ok(count),
            Self::Log(recorder) => {
                let stats = recorder.stats();
                recorder.finish().or_work("the audit log was not closed in order", "")?;
                Ok(stats.snapshot().records)
            }
        }
    }
}

fn summary(command: &Replay, ran: &Ran, records: u64) -> String {
    let Ran { counters, frames_out, unread } = ran;
    let named = |pairs: Vec<(&'static str, u64)>| -> Map<String, Value> {
        pairs.into_iter().filter(|(_, count)| *count > 0).map(|(name, count)| (name.to_owned(), count.into())).collect()
    };
    let dropped = named(DropReason::ALL.iter().map(|reason| reason.name()).zip(counters.dropped).collect());
    let verdicts = named(Verdict::ALL.iter().map(|verdict| verdict.name()).zip(counters.verdicts).collect());
    let blocked = named(Reason::ALL.iter().map(|reason| reason.name()).zip(counters.blocked).collect());
    if command.json {
        let summary = json!({
            "frames_in": counters.rx_packets, "bytes_in": counters.rx_bytes,
            "frames_out": frames_out, "bytes_out": counters.tx_bytes,
            "requests": counters.requests, "requests_unread": unread.requests, "verdicts": verdicts, "blocked": blocked,
            "dropped": dropped, "records": records,
        });
        return format!("{summary}\n");
    }
    let mut text =
        format!("frames     {} in, {frames_out} out\nrequests   {}\n", counters.rx_packets, counters.requests);
    for (title, map) in [("verdicts", verdicts), ("blocked", blocked), ("dropped", dropped)] {
        let list: Vec<String> = map.iter().map(|(name, count)| format!("{name} {count}")).collect();
        text += &format!("{title:10} {}\n", if list.is_empty() { "none".to_owned() } else { list.join(", ") });
    }
    text + &format!("records    {records}\n")
}
