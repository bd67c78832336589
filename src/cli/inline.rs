use crate::config::Config;
use crate::failure::Failure;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sovereign inline --config /etc/sovereign/sovereign.toml
  sovereign inline --config lab.toml --inside net_af_xdp0,iface=c0 --outside net_af_xdp1,iface=s0 -- --log-level=lib.eal:debug")]
pub(crate) struct Inline {
    /// The configuration file.
    #[arg(long, default_value = "/etc/sovereign/sovereign.toml")]
    config: PathBuf,
    /// The policy file, instead of the configured one.
    #[arg(long)]
    policy: Option<PathBuf>,
    /// The port toward the users: a PCI address or a DPDK vdev.
    #[arg(long, value_name = "DEV")]
    inside: Option<String>,
    /// The port toward the providers.
    #[arg(long, value_name = "DEV")]
    outside: Option<String>,
    /// The audit directory.
    #[arg(long, value_name = "DIR")]
    audit_dir: Option<PathBuf>,
    /// The admin socket.
    #[arg(long, value_name = "SOCKET")]
    admin: Option<PathBuf>,
    /// Arguments for DPDK's EAL; they win over those chosen from the configuration.
    #[arg(last = true, value_name = "EAL ARGS")]
    eal: Vec<String>,
}

pub(crate) fn run(command: Inline) -> Result<ExitCode, Failure> {
    let mut config = Config::read(&command.config)?;
    if let Some(policy) = command.policy {
        config.policy.file = policy;
    }
    if let Some(inside) = command.inside {
        config.ports.inside = inside;
    }
    if let Some(outside) = command.outside {
        config.ports.outside = outside;
    }
    if let Some(dir) = command.audit_dir {
        config.audit.dir = dir;
    }
    if let Some(socket) = command.admin {
        config.admin.socket = socket;
    }
    start(&config, command.eal)
}

#[cfg(feature = "dpdk")]
fn start(config: &Config, eal: Vec<String>) -> Result<ExitCode, Failure> {
    crate::gateway::run(config, eal)
}

#[cfg(not(feature = "dpdk"))]
fn start(config: &Config, _eal: Vec<String>) -> Result<ExitCode, Failure> {
    config.check()?;
    Err(Failure::usage("this build has no DPDK, which `inline` needs; build it with the feature `dpdk`"))
}
