//! The `sovereign` program: parse, load, check, run, exit code.
#![forbid(unsafe_code)]

mod cli;
mod config;
mod failure;
#[cfg(feature = "dpdk")]
mod gateway;
mod interception;
mod memory;
mod output;
mod progress;
mod regular;
mod usage;

use clap::Parser;
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    // A file that grows beyond what the process may write is then an error as others are, not its end without a word.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
    let arguments = match cli::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage::end(&error),
    };
    cli::init_log(&arguments);
    match cli::run(arguments) {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}
