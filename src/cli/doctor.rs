//! x
use clap::Args;
use crate::failure::Failure;
use std::process::ExitCode;
#[derive(Debug, Args)]
pub(crate) struct Doctor {}
pub(crate) fn run(_c: &Doctor) -> Result<ExitCode, Failure> { Ok(ExitCode::SUCCESS) }
