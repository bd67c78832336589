//! Commands that talk to a running gateway over its admin socket.

use crate::config::Config;
use crate::failure::{Context, Failure};
use clap::Args;
use core::time::Duration;
use management::Snapshot;
use management::admin::{Client, wait_until_ready};
use management::snapshot::Counters;
use std::path::PathBuf;
use std::process::ExitCode;

const ADVICE: &str = "is a gateway running? name its socket with --admin or its configuration with --config";

/// Which gateway is meant.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// The admin socket.
    #[arg(long, value_name = "SOCKET")]
    admin: Option<PathBuf>,
    /// The configuration that names the socket.
    #[arg(long, default_value = "/etc/sovereign/sovereign.toml")]
    config: PathBuf,
}

impl Target {
    /// The socket: as given, or as configured, or the default.
    pub(crate) fn socket(&self) -> Result<PathBuf, Failure> {
        match &self.admin {
            Some(socket) => Ok(socket.clone()),
            None if self.config.exists() => Ok(Config::read(&self.config)?.admin.socket),
            None => Ok(Config::default().admin.socket),
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
        println!("{}", serde_json::to_string(&snapshot).or_work("cannot print the status", "")?);
    } else {
        print(&snapshot);
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
    println!("policy {version}");
    Ok(ExitCode::SUCCESS)
}

#[derive(Debug, Args)]
pub(crate) struct Stop {
    #[command(flatten)]
    target: Target,
}

pub(crate) fn stop(command: &Stop) -> Result<ExitCode, Failure> {
    command.target.connect()?.stop().or_work("the gateway was not stopped", ADVICE)?;
    Ok(ExitCode::SUCCESS)
}

fn print(snapshot: &Snapshot) {
    let Snapshot { gateway, version, policy_version, unprotected, total, audit, .. } = snapshot;
    let state = serde_json::to_value(snapshot.state).unwrap_or_default();
    println!("gateway    {gateway} ({}), up {:.0} s, sovereign {version}", state.as_str().unwrap_or_default(), snapshot.uptime_seconds);
    let warning = if *unprotected { ": UNPROTECTED, what no rule names passes" } else { "" };
    println!("policy     {policy_version}{warning}");
    println!("frames     {} in, {} out, {} held", total.rx_packets, total.tx_packets, total.held_mbufs);
    println!("requests   {}", total.requests);
    print_counts(total);
    let latency = total.latency_ns;
    println!("latency    p50 {} ns, p99 {} ns, p99.9 {} ns", latency.p50, latency.p99, latency.p999);
    for lcore in &snapshot.lcores {
        println!("lcore {:<4} {:.0} % busy", lcore.lcore, lcore.counters.busy_ratio * 100.0);
    }
    for (name, port) in &snapshot.ports {
        let link = if port.link_up { "up" } else { "down" };
        println!("{name:10} link {link}, {} in, {} out, {} missed", port.rx_packets, port.tx_packets, port.rx_missed);
    }
    let state = serde_json::to_value(audit.state).unwrap_or_default();
    println!("audit      {}, {} records, segment {}", state.as_str().unwrap_or_default(), audit.records, audit.segment);
}

fn print_counts(total: &Counters) {
    let lists = [("flows", &total.flows), ("verdicts", &total.verdicts), ("blocked", &total.blocked), ("dropped", &total.dropped)];
    for (title, counts) in lists {
        let list: Vec<String> =
            counts.iter().filter(|(_, count)| **count > 0).map(|(name, count)| format!("{name} {count}")).collect();
        println!("{title:10} {}", if list.is_empty() { "none".to_owned() } else { list.join(", ") });
    }
}
