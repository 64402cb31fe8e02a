//! `cxform`: arguments in, exit code out.

use std::process::ExitCode;

mod approval;
mod args;
mod carrying;
mod commands;
mod connect;
mod connection;
mod drifting;
mod exporting;
mod fingerprint;
mod late;
mod live;
mod logging;
mod objecting;
mod observe;
mod placing;
mod planning;
mod policies;
mod project;
mod provenance;
mod recording;
mod saved;
mod showing;
mod signals;
mod terminal;
mod tuning;
mod views;
mod whole;

fn main() -> ExitCode {
    let cli = match args::Cli::of_process() {
        Ok(cli) => cli,
        Err(error) => return explained(&error),
    };
    no_core_dumps();
    logging::start(&cli.global);
    commands::run(cli)
}

/// A dump of this process would hold its credentials.
fn no_core_dumps() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    // Where the system does not let us, it is as it was.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
}

/// Help and versions are results. The parser's own code for a mistake is 2, which pipelines read as "changes found".
fn explained(error: &clap::Error) -> ExitCode {
    // A reader that went away has read enough.
    let _ = error.print();
    ExitCode::from(u8::from(error.use_stderr()))
}
