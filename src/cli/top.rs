//! `sovereign top`: what a running gateway does, live, from snapshots over its admin socket.
//!
//! A terminal gets a full screen ([`screen`]), a pipe one line an interval ([`plain`]). Both show a
//! [`view::View`], which is computed from two snapshots and nothing else. Snapshots are asked for on
//! a thread of their own ([`asker`]), so that a gateway that hangs does not hang the keys.

mod asker;
mod plain;
mod screen;
mod text;
mod view;

use super::control::Target;
use crate::failure::{Context, Failure};
use asker::Asker;
use clap::Args;
use core::time::Duration;
use rustix::time::{ClockId, clock_gettime};
use std::io::IsTerminal;
use std::process::ExitCode;

/// Seconds between two looks: below, the asking itself would show; above, nobody is looking.
const INTERVAL_SECONDS: core::ops::RangeInclusive<f64> = 0.1..=3600.0;

#[derive(Debug, Args)]
#[command(after_help = "Keys: q, Esc or Ctrl-C ends; arrows and page keys move through the lcores.

Examples:
  sovereign top
  sovereign top --admin /run/sovereign/admin.sock --interval 0.5
  sovereign top --interval 10 --count 6 | tee top.txt")]
pub(crate) struct Top {
    #[command(flatten)]
    target: Target,
    /// Seconds between two looks.
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = parse_interval)]
    interval: Duration,
    /// Print so many plain lines and end, on a terminal too.
    #[arg(long, value_name = "LINES", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
}

pub(crate) fn run(command: &Top) -> Result<ExitCode, Failure> {
    // Who names a wrong socket is told at once; a gateway that goes away later is waited for.
    let client = command.target.connect()?;
    let asker = Asker::start(command.target.socket()?, client).or_work("cannot start a thread", "")?;
    if command.count.is_none() && is_screen() {
        screen::run(&asker, command.interval).or_work("cannot draw on this terminal", "try: sovereign top | cat")?;
    } else {
        plain::run(&asker, command.interval, command.count).or_work("cannot print", "")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// True if stdout is a terminal that can be drawn on.
fn is_screen() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("TERM").is_some_and(|term| !term.is_empty() && term != "dumb")
}

fn parse_interval(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| INTERVAL_SECONDS.contains(seconds));
    seconds
        .map(Duration::from_secs_f64)
        .ok_or_else(|| format!("{} to {} seconds", INTERVAL_SECONDS.start(), INTERVAL_SECONDS.end()))
}

/// Time since boot, on the clock that a gateway on this machine counts its uptime with.
fn monotonic() -> Duration {
    let now = clock_gettime(ClockId::Monotonic);
    Duration::new(u64::try_from(now.tv_sec).unwrap_or(0), u32::try_from(now.tv_nsec).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_a_tenth_of_a_second_to_an_hour() {
        assert_eq!(parse_interval("0.5"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_interval("3600"), Ok(Duration::from_secs(3600)));
        for text in ["0", "-1", "0.05", "3601", "NaN", "inf", "1e400", "", "1s"] {
            assert!(parse_interval(text).is_err(), "{text}");
        }
    }
}
