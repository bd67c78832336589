//! Commands, one file each.

mod audit;
mod ca;
mod config;
mod control;
mod doctor;
mod fingerprint;
mod inline;
mod policy;
mod policy_files;
mod replay;
mod scan;
mod target;
mod top;

use crate::failure::Failure;
use clap::{Parser, Subcommand, ValueEnum};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Jamey's Sovereign AI Gateway: an inline firewall for AI traffic.
#[derive(Debug, Parser)]
#[command(name = "sovereign", version = env!("SOVEREIGN_VERSION"), max_term_width = 110)]
#[command(after_help = "Examples:
  sovereign doctor                                            what this machine lacks
  sovereign policy check policy.toml                          every problem of a policy
  sovereign replay day.pcap passed.pcap --policy policy.toml  what it would do to this traffic
  sovereign inline --config sovereign.toml                    do it
  sovereign status --wait 10                                  whether it does")]
pub(crate) struct Arguments {
    /// How log lines on stderr look.
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,

    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Read the audit log.
    #[command(
        subcommand,
        after_help = "Examples:\n  sovereign audit cat /var/lib/sovereign/audit\n  sovereign audit verify /var/lib/sovereign/audit"
    )]
    Audit(audit::Audit),
    /// Make, show or replace the authority whose certificates clients see where TLS is opened.
    #[command(
        subcommand,
        after_help = "Examples:\n  sudo sovereign ca init --dir /etc/sovereign\n  sovereign ca show\n  sudo sovereign ca rotate"
    )]
    Ca(ca::Ca),
    /// Show the configuration.
    #[command(subcommand, after_help = "Example: sovereign config show --config sovereign.toml")]
    Config(config::ConfigCommand),
    /// Check this machine: what keeps the gateway from running, or from running well, and what mends it.
    Doctor(doctor::Doctor),
    /// Make sets of fingerprints of your own source code.
    #[command(
        subcommand,
        after_help = "Examples:\n  sovereign fingerprint build ~/src/engine -o engine.fp --exclude 'vendor/**'\n  sovereign fingerprint show engine.fp"
    )]
    Fingerprint(fingerprint::Fingerprint),
    /// Run the bump in the wire: two ports, every flow read.
    Inline(inline::Inline),
    /// Check a policy.
    #[command(subcommand, after_help = "Example: sovereign policy check policy.toml")]
    Policy(policy::PolicyCommand),
    /// Run a capture through the data plane: what would have passed, what would have been found.
    Replay(replay::Replay),
    /// Load the policy file again; the one in force stays if it cannot be loaded.
    Reload(control::Reload),
    /// Find personal data, secrets and listed words in files.
    Scan(scan::Scan),
    /// Show what the gateway does.
    Status(control::Status),
    /// Stop the gateway: protected flows are reset, the audit log is closed.
    Stop(control::Stop),
    /// Watch the gateway live.
    Top(top::Top),
}

/// Runs the command.
pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.command {
        Command::Audit(command) => audit::run(command),
        Command::Ca(command) => ca::run(command),
        Command::Config(command) => config::run(command),
        Command::Doctor(command) => doctor::run(&command),
        Command::Fingerprint(command) => fingerprint::run(command),
        Command::Inline(command) => inline::run(command),
        Command::Policy(command) => policy::run(command),
        Command::Replay(command) => replay::run(command),
        Command::Reload(command) => control::reload(&command),
        Command::Scan(command) => scan::run(command),
        Command::Status(command) => control::status(&command),
        Command::Stop(command) => control::stop(&command),
        Command::Top(command) => top::run(&command),
    }
}

/// Sends log lines to stderr; `RUST_LOG` chooses which.
pub(crate) fn init_log(arguments: &Arguments) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    // It would tell stderr, with a panic, that nothing can be told to stderr.
    let builder = builder.log_internal_errors(false);
    match arguments.log_format {
        LogFormat::Text => builder.with_ansi(use_colour()).init(),
        LogFormat::Json => builder.json().init(),
    }
}

/// True if stderr is a terminal and colour was not declined.
fn use_colour() -> bool {
    use std::io::IsTerminal;
    std::env::var_os("NO_COLOR").is_none() && std::io::stderr().is_terminal()
}

/// Reads and checks a policy file, and the files that it names.
pub(crate) fn load_policy(path: &std::path::Path, limits: &::policy::Limits) -> Result<::policy::Policy, Failure> {
    use crate::failure::Context;
    let text = policy_files::read_policy(path).or_usage(
        format_args!("cannot read the policy {}", path.display()),
        "name a readable file, see `[policy] file` or --policy",
    )?;
    let files = policy_files::PolicyFiles::beside(path);
    ::policy::Policy::load(&text, limits, &files).map_err(|problems| policy_failure(path, &problems))
}

/// Tells of rules that may surprise whoever runs traffic through them.
pub(crate) fn warn_of_notes(path: &std::path::Path, policy: &::policy::Policy) {
    for note in policy.notes() {
        let ::policy::Problem { line, column, message } = note;
        tracing::warn!("{message} ({}:{line}:{column})", path.display());
    }
}

/// The first problem as the one line of an error; the others are counted.
fn policy_failure(path: &std::path::Path, problems: &::policy::Problems) -> Failure {
    let shown = path.display();
    let Some(first) = problems.list().first() else { return Failure::usage("the policy is unusable") };
    let ::policy::Problem { line, column, message } = first;
    let advice = match problems.list().len() - 1 {
        0 => "correct it there".to_owned(),
        count => format!("`sovereign policy check {shown}` shows this and {count} more"),
    };
    Failure::usage(format_args!("the policy cannot be loaded: {message} ({shown}:{line}:{column}); {advice}"))
}
