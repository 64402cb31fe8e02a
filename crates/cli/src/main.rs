//! `cxform`: arguments in, exit code out.

use std::process::ExitCode;

mod approval;
mod args;
mod carrying;
mod commands;
mod connect;
mod logging;
mod observe;
mod planning;
mod project;
mod recording;
mod saved;
mod signals;
mod terminal;
mod views;

fn main() -> ExitCode {
    let cli = args::Cli::of_process();
    logging::start(&cli.global);
    commands::run(cli)
}
