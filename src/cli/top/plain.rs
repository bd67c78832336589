//! One line an interval, as vmstat prints them.
//!
//! The first line is the average since the gateway's start. Ends without a word once nobody reads.

use super::asker::{Answer, Asker};
use super::monotonic;
use super::text::{count, percent, printable, short};
use super::view::{Look, View};
use core::time::Duration;
use management::snapshot::{AuditState, GatewayState};
use std::io::{self, ErrorKind, Write};

/// Lines between two headings: a screen of the smallest terminal.
const HEADING_LINES: u64 = 20;

/// How long an answer is waited for at least before the line says that there is none.
const ANSWER_TIME_MIN: Duration = Duration::from_secs(2);

/// Most characters of a reason.
const REASON_CHARS_MAX: usize = 200;

/// Prints a line an interval until `lines` are printed or nobody reads any more.
pub(super) fn run(asker: &Asker, interval: Duration, lines: Option<u64>) -> io::Result<()> {
    match print(asker, interval, lines, &mut io::stdout().lock()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

fn print(asker: &Asker, interval: Duration, lines: Option<u64>, out: &mut impl Write) -> io::Result<()> {
    let mut before: Option<Look> = None;
    let mut is_asked = false;
    for number in 0..lines.unwrap_or(u64::MAX) {
        let next = monotonic() + interval;
        // A question that is still unanswered is not asked twice.
        if !is_asked {
            asker.ask();
        }
        let answer = asker.wait(interval.max(ANSWER_TIME_MIN));
        is_asked = answer.is_none();
        if number % HEADING_LINES == 0 {
            writeln!(out, "{}", heading())?;
        }
        match answer {
            Some(Answer::Look(look)) => {
                writeln!(out, "{}", line(&View::between(before.as_ref(), &look)))?;
                before = Some(*look);
            }
            Some(Answer::None(why)) => writeln!(out, "no answer: {}", printable(&why, REASON_CHARS_MAX))?,
            None => writeln!(out, "no answer: the gateway is connected but silent")?,
        }
        out.flush()?;
        if lines != Some(number + 1) {
            wait(next);
        }
    }
    Ok(())
}

/// Waits until a point in time.
fn wait(until: Duration) {
    while let Some(left) = until.checked_sub(monotonic()).filter(|left| !left.is_zero()) {
        std::thread::park_timeout(left);
    }
}

fn heading() -> String {
    columns(
        ["busy", "burst/s", "rxMpps", "rxGbps", "txMpps", "txGbps", "flows"],
        ["req/s", "block/s", "drop/s", "miss/s", "p50us", "p99us", "p999us"],
        "state",
    )
}

fn line(view: &View<'_>) -> String {
    let (total, rates) = (&view.snapshot.total, &view.total);
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let micros = |nanos: u64| short(nanos as f64 / 1e3);
    let [rx_mpps, rx_gbps] = [rates.rx_mpps, rates.rx_gbps].map(short);
    let [tx_mpps, tx_gbps] = [rates.tx_mpps, rates.tx_gbps].map(short);
    let [p50, p99, p999] = [total.latency_ns.p50, total.latency_ns.p99, total.latency_ns.p999].map(micros);
    let busy = percent(total.busy_ratio);
    let flows = count(view.flow_count());
    let [bursts, requests, dropped] = [rates.bursts, rates.requests, rates.dropped].map(short);
    let [blocks, missed] = [view.blocks(), view.missed()].map(short);
    let traffic = [busy, bursts, rx_mpps, rx_gbps, tx_mpps, tx_gbps, flows];
    columns(traffic, [requests, blocks, dropped, missed, p50, p99, p999], &state(view))
}

/// What the gateway is, in words, and what somebody should look at.
fn state(view: &View<'_>) -> String {
    let mut words = vec![match view.snapshot.state {
        GatewayState::Starting => "starting",
        GatewayState::Ready => "ready",
        GatewayState::Stopping => "stopping",
    }];
    let notes = [
        (view.is_restarted, "restarted"),
        (view.snapshot.unprotected, "UNPROTECTED"),
        (view.snapshot.audit.state == AuditState::Low, "audit-low"),
        (view.snapshot.audit.state == AuditState::Full, "AUDIT-FULL"),
        (view.snapshot.audit.state == AuditState::Failed, "AUDIT-FAILED"),
        (view.ports.iter().any(|port| !port.port.link_up), "LINK-DOWN"),
    ];
    words.extend(notes.iter().filter(|(is_so, _)| *is_so).map(|(_, word)| *word));
    words.join(",")
}

fn columns<T: AsRef<str>>(first: [T; 7], second: [T; 7], state: &str) -> String {
    let mut line = String::new();
    for cell in first.iter().chain(&second) {
        let cell = cell.as_ref();
        line.push_str(&format!("{cell:>7} "));
    }
    line + state
}

#[cfg(test)]
mod tests {
    use super::*;
    use management::Snapshot;

    #[test]
    fn a_line_stands_under_its_heading() {
        let look = Look { snapshot: Snapshot { unprotected: true, ..Snapshot::default() }, ..Look::default() };
        let line = line(&View::between(None, &look));
        assert_eq!(line.find("starting,UNPROTECTED"), heading().find("state"));
        assert_eq!(line.split_whitespace().count(), heading().split_whitespace().count());
    }

    #[test]
    fn what_needs_attention_is_named() {
        let mut snapshot = Snapshot { state: GatewayState::Ready, ..Snapshot::default() };
        snapshot.audit.state = AuditState::Full;
        snapshot.ports.insert("inside".to_owned(), Default::default());
        let look = Look { snapshot, ..Look::default() };
        assert_eq!(state(&View::between(None, &look)), "ready,AUDIT-FULL,LINK-DOWN");
    }
}
