use super::policy_files::{PolicyFiles, read_policy};
use crate::config::Config;
use crate::failure::{Context, Failure};
use crate::output::print_line;
use clap::Subcommand;
use policy::{Limits, Policy, Problem};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// List every problem of a policy file with line and column.
    ///
    /// Exit code 0 if there is none, 1 if there is one, 2 if the file cannot be read.
    #[command(after_help = "Example: sovereign policy check /etc/sovereign/policy.toml")]
    Check {
        /// The policy file.
        file: PathBuf,
        /// Configuration whose limits the policy has to respect.
        #[arg(long)]
        config: Option<PathBuf>,
    },
}

pub(crate) fn run(command: PolicyCommand) -> Result<ExitCode, Failure> {
    let PolicyCommand::Check { file, config } = command;
    let limits = match config {
        Some(path) => Limits { hold_bytes_max: Config::read(&path)?.dataplane.hold_bytes_max },
        None => Limits::default(),
    };
    let text =
        read_policy(&file).or_usage(format_args!("cannot read {}", file.display()), "name a readable policy file")?;
    match Policy::load(&text, &limits, &PolicyFiles::beside(&file)) {
        Ok(policy) => {
            let unprotected = if policy.is_unprotected() { ", unprotected: unknown TCP traffic passes" } else { "" };
            print_line(format_args!("{}: ok, version {}{unprotected}", file.display(), policy.version()))?;
            for note in policy.notes() {
                let Problem { line, column, message } = note;
                print_line(format_args!("{}:{line}:{column}: note: {message}", file.display()))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(problems) => {
            for problem in problems.list() {
                print_line(format_args!("{}:{problem}", file.display()))?;
            }
            Ok(ExitCode::from(1))
        }
    }
}
