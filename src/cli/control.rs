//! Commands that talk to a running gateway over its admin socket.

use crate::config::Config;
use crate::failure::{Context, Failure};
use crate::output::{self, print_line};
use clap::Args;
use core::fmt::{self, Write};
use core::time::Duration;
use management::Snapshot;
use management::admin::{Client, wait_until_ready};
use management::snapshot::Counters;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Where the configuration is unless it is named.
const CONFIG_DEFAULT: &str = "/etc/sovereign/sovereign.toml";

const ADVICE: &str = "name its socket with --admin or its configuration with --config";

/// Which gateway is meant.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// The admin socket.
    #[arg(long, value_name = "SOCKET")]
    admin: Option<PathBuf>,
    /// The configuration that names the socket; /etc/sovereign/sovereign.toml where that exists.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Target {
    /// The socket: as given, or as configured, or the default.
    pub(crate) fn socket(&self) -> Result<PathBuf, Failure> {
        let usual = Path::new(CONFIG_DEFAULT);
        match (&self.admin, &self.config) {
            (Some(socket), _) => Ok(socket.clone()),
            (None, Some(config)) => Ok(Config::read(config)?.admin.socket),
            (None, None) if usual.exists() => Ok(Config::read(usual)?.admin.socket),
            (None, None) => Ok(Config::default().admin.socket),
        }
    }

    pub(crate) fn connect(&self) -> Result<Client, Failure> {
        let socket = self.socket()?;
        Client::connect(&socket).or_work("no answer from the gateway", ADVICE)
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Example: sovereign status --wait 10 --json | jq .total.verdicts")]
pub(crate) struct Status {
    #[command(flatten)]
    target: Target,
    /// Print everything as JSON.
    #[arg(long)]
    json: bool,
    /// Wait so many seconds until the gateway is ready.
    #[arg(long, value_name = "SECONDS")]
    wait: Option<u64>,
}

pub(crate) fn status(command: &Status) -> Result<ExitCode, Failure> {
    let snapshot = match command.wait {
        Some(seconds) => wait_until_ready(&command.target.socket()?, Duration::from_secs(seconds))
            .or_work("the gateway is not ready", ADVICE)?,
        None => command.target.connect()?.status().or_work("no answer from the gateway", ADVICE)?,
    };
    if command.json {
        print_line(serde_json::to_string(&snapshot).or_work("cannot print the status", "")?)?;
    } else {
        let mut text = String::new();
        describe(&snapshot, &mut text).or_work("cannot print the status", "")?;
        output::print(&text)?;
    }
    Ok(ExitCode::SUCCESS)
}

#[derive(Debug, Args)]
#[command(after_help = "Example: sovereign reload --admin /run/sovereign/admin.sock")]
pub(crate) struct Reload {
    #[command(flatten)]
    target: Target,
}

pub(crate) fn reload(command: &Reload) -> Result<ExitCode, Failure> {
    let version = command.target.connect()?.reload().or_work("the policy was not loaded", "the one in force stays")?;
    print_line(format_args!("policy {version}"))?;
    Ok(ExitCode::SUCCESS)
}

#[derive(Debug, Args)]
#[command(after_help = "Example: sovereign stop --admin /run/sovereign/admin.sock")]
pub(crate) struct Stop {
    #[command(flatten)]
    target: Target,
}

pub(crate) fn stop(command: &Stop) -> Result<ExitCode, Failure> {
    command.target.connect()?.stop().or_work("the gateway was not stopped", ADVICE)?;
    Ok(ExitCode::SUCCESS)
}

fn describe(snapshot: &Snapshot, out: &mut String) -> fmt::Result {
    let Snapshot { gateway, version, policy_version, unprotected, total, audit, .. } = snapshot;
    let state = serde_json::to_value(snapshot.state).unwrap_or_default();
    writeln!(
        out,
        "gateway    {gateway} ({}), up {:.0} s, sovereign {version}",
        state.as_str().unwrap_or_default(),
        snapshot.uptime_seconds
    )?;
    let warning = if *unprotected { ": UNPROTECTED, unknown TCP traffic passes" } else { "" };
    writeln!(out, "policy     {policy_version}{warning}")?;
    writeln!(out, "frames     {} in, {} out, {} held", total.rx_packets, total.tx_packets, total.held_mbufs)?;
    writeln!(out, "requests   {}", total.requests)?;
    describe_counts(total, out)?;
    let latency = total.latency_ns;
    writeln!(out, "latency    p50 {} ns, p99 {} ns, p99.9 {} ns", latency.p50, latency.p99, latency.p999)?;
    for lcore in &snapshot.lcores {
        writeln!(out, "lcore {:<4} {:.0} % busy", lcore.lcore, lcore.counters.busy_ratio * 100.0)?;
    }
    for (name, port) in &snapshot.ports {
        let link = if port.link_up { "up" } else { "down" };
        writeln!(
            out,
            "{name:10} link {link}, {} in, {} out, {} missed",
            port.rx_packets, port.tx_packets, port.rx_missed
        )?;
    }
    let state = serde_json::to_value(audit.state).unwrap_or_default();
    writeln!(
        out,
        "audit      {}, {} records, segment {}",
        state.as_str().unwrap_or_default(),
        audit.records,
        audit.segment
    )
}

fn describe_counts(total: &Counters, out: &mut String) -> fmt::Result {
    let lists = [
        ("flows", &total.flows),
        ("verdicts", &total.verdicts),
        ("blocked", &total.blocked),
        ("dropped", &total.dropped),
    ];
    for (title, counts) in lists {
        let list: Vec<String> =
            counts.iter().filter(|(_, count)| **count > 0).map(|(name, count)| format!("{name} {count}")).collect();
        writeln!(out, "{title:10} {}", if list.is_empty() { "none".to_owned() } else { list.join(", ") })?;
    }
    Ok(())
}
