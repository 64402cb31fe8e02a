//! `cxform`: arguments in, exit code out.

use std::process::ExitCode;

use clap::Parser as _;

mod approval;
mod args;
mod commands;
mod connect;
mod logging;
mod observe;
mod planning;
mod project;
mod saved;
mod signals;
mod terminal;
mod views;

fn main() -> ExitCode {
    let cli = args::Cli::parse();
    logging::start(&cli.global);
    commands::run(cli)
}
