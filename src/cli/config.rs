use crate::config::Config;
use crate::failure::{Context, Failure};
use crate::output;
use clap::Subcommand;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print every value in force: defaults, or defaults and what a file changes.
    ///
    /// A file that `inline` would refuse is refused, with every problem.
    #[command(after_help = "Example: sovereign config show --config /etc/sovereign/sovereign.toml")]
    Show {
        /// The configuration file.
        #[arg(long)]
        config: Option<PathBuf>,
    },
}

pub(crate) fn run(command: ConfigCommand) -> Result<ExitCode, Failure> {
    let ConfigCommand::Show { config } = command;
    let config = config.map_or_else(|| Ok(Config::default()), |path| Config::read(&path))?;
    output::print(&toml::to_string(&config).or_work("cannot print the configuration", "")?)?;
    Ok(ExitCode::SUCCESS)
}
