//! `sovereign doctor`: what on this machine keeps the gateway from running, or from running well.
//!
//! Looks at `/sys`, `/proc` and the configured files and changes nothing; works without root and
//! without DPDK, and says what it could not look at. Each finding that is not a PASS comes with the
//! command that mends it. Everything is read below one root, so that tests bring a machine of their
//! own. Not here: what `inline` checks itself once it has the ports.

mod cores;
mod devices;
mod files;
mod finding;
mod memory;
mod passthrough;
mod port;
mod process;
mod report;
mod system;

use crate::config::Config;
use crate::failure::Failure;
use clap::Args;
use finding::{Finding, Outcome, quote};
use port::Port;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use system::System;

/// Where the configuration is unless it is named.
const CONFIG_DEFAULT: &str = "/etc/sovereign/sovereign.toml";

#[derive(Debug, Args)]
#[command(after_help = "Exit code 0 if nothing FAILs, 1 otherwise.

Examples:
  sudo sovereign doctor
  sovereign doctor --config lab.toml --json | jq '.checks[] | select(.outcome != \"pass\") | .fix'")]
pub(crate) struct Doctor {
    /// The configuration that the machine is to run.
    #[arg(long, value_name = "FILE", default_value = CONFIG_DEFAULT)]
    config: PathBuf,
    /// Print the findings as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(command: &Doctor) -> Result<ExitCode, Failure> {
    let findings = examine(&command.config, &System::real());
    report::print(&findings, command.json)?;
    let has_failed = findings.iter().any(|finding| finding.outcome == Outcome::Fail);
    Ok(if has_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// All findings. A configuration that cannot be used is one of them; the defaults are examined then.
fn examine(path: &Path, system: &System) -> Vec<Finding> {
    let (config, finding) = configuration(path);
    let case = Case { path, ports: Port::of(&config), config, system };
    let mut findings = vec![finding];
    let parts = [process::check, memory::check, passthrough::check, devices::check, cores::check, files::check];
    findings.extend(parts.iter().flat_map(|check| check(&case)));
    findings
}

/// What is examined.
struct Case<'a> {
    path: &'a Path,
    config: Config,
    ports: Vec<Port>,
    system: &'a System,
}

impl Case<'_> {
    /// The command that gives a key of the configuration another value; the key's name occurs once.
    fn set(&self, section: &str, key: &str, value: &str) -> String {
        let path = quote(&self.path.to_string_lossy());
        let text = std::fs::read_to_string(self.path).unwrap_or_default();
        let has_key = text.lines().any(|line| line.split_once('=').is_some_and(|(name, _)| name.trim_end() == key));
        if has_key {
            format!("sudo sed -i 's|^{key} *=.*|{key} = {value}|' {path}")
        } else if text.lines().any(|line| line.trim() == format!("[{section}]")) {
            format!("sudo sed -i '/^\\[{section}\\]/a {key} = {value}' {path}")
        } else {
            format!("printf '\\n[{section}]\\n{key} = {value}\\n' | sudo tee -a {path}")
        }
    }
}

fn configuration(path: &Path) -> (Config, Finding) {
    const CHECK: &str = "configuration";
    let shown = path.display();
    if path == Path::new(CONFIG_DEFAULT) && !path.exists() {
        let detail = format!("{shown} does not exist; the defaults are examined");
        let fix = format!("sovereign config show | sudo install -D -m 0640 /dev/stdin {CONFIG_DEFAULT}");
        return (Config::default(), Finding::warn(CHECK, detail, fix));
    }
    let show = || format!("sovereign config show --config {}", quote(&path.to_string_lossy()));
    let unusable = |why: &str, more: usize| {
        let more = if more == 0 { String::new() } else { format!(" (and {more} more)") };
        Finding::fail(CHECK, format!("{why}{more}"), show())
    };
    match Config::read_leniently(path) {
        Ok((config, problems)) => match (problems.split_first(), config.check()) {
            (Some((first, more)), _) => (config, unusable(first, more.len())),
            (None, Err(failure)) => (config, unusable(&format!("{shown}: {}", failure.message()), 0)),
            (None, Ok(())) => (config, Finding::pass(CHECK, shown.to_string())),
        },
        Err(failure) => {
            let detail = format!("{}; the defaults are examined", failure.message());
            let quoted = quote(&path.to_string_lossy());
            let fix = match path.exists() {
                true => format!("ls -l {quoted}"),
                false => format!("sovereign config show | sudo install -D -m 0640 /dev/stdin {quoted}"),
            };
            (Config::default(), Finding::fail(CHECK, detail, fix))
        }
    }
}

#[cfg(test)]
mod tests;
