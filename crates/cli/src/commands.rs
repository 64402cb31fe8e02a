//! The commands. Each returns its exit code, or the one error that ended it.

mod apply;
mod audit;
pub mod diff;
pub mod doctor;
pub mod drift;
mod emulator;
pub mod events;
pub mod explain;
pub mod export;
pub mod fmt;
pub mod graph;
pub mod history;
pub mod init;
pub mod manual;
mod plan;
pub mod policy;
mod runs;
pub mod schema;
pub mod serve;
pub mod show;
pub mod stats;
pub mod tune;
mod undo;
mod validate;

use std::process::ExitCode;

use crate::args::{Cli, Command};
use crate::project::Refused;
use crate::provenance::Stale;
use crate::terminal::{colour_on_stderr, say};
use crate::views::style::Palette;
use crate::views::text;

/// What was approved is not what would be done.
const STALE: u8 = 4;

/// Runs the command line, and tells its end.
pub fn run(cli: Cli) -> ExitCode {
    let result = match cli.command {
        Command::Validate(as_of) => validate::run(&cli.global, as_of),
        Command::Export(args) => block_on(export::run(&cli.global, args)),
        Command::Fmt(args) => fmt::run(&cli.global, &args),
        Command::Plan(args) => block_on(plan::run(&cli.global, args)),
        Command::Show(args) => show::run(&cli.global, &args),
        Command::Graph(args) => graph::run(&cli.global, &args),
        Command::Apply(args) => block_on(apply::run(&cli.global, args)),
        Command::Undo(args) => block_on(undo::run(&cli.global, args)),
        Command::Diff(args) => block_on(diff::run(&cli.global, args)),
        Command::Drift(args) => block_on(drift::run(&cli.global, *args)),
        Command::Stats(args) => block_on(stats::run(&cli.global, args)),
        Command::History(args) => block_on(history::run(&cli.global, args)),
        Command::Tune(args) => block_on(tune::run(&cli.global, args)),
        Command::Runs { command } => block_on(runs::run(&cli.global, command)),
        Command::Audit { command } => block_on(audit::run(&cli.global, command)),
        Command::Events { command } => block_on(events::run(&cli.global, command)),
        Command::Serve(args) => block_on(serve::run(&cli.global, args)),
        Command::Init(args) => init::run(&cli.global, &args),
        Command::Doctor(args) => block_on(doctor::run(&cli.global, args)),
        Command::Explain(args) => explain::run(&cli.global, &args),
        Command::Schema(args) => schema::run(&cli.global, &args),
        Command::Completions(args) => manual::completions(&args),
        Command::Man(args) => manual::man(&cli.global, &args),
        Command::Policy { command } => policy::run(&cli.global, &command),
        Command::Emulator(args) => block_on(emulator::run(*args)),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            if !error.is::<Refused>() {
                tell(&error);
            }
            ExitCode::from(if error.is::<Stale>() { STALE } else { 1 })
        }
    }
}

fn block_on(command: impl Future<Output = anyhow::Result<u8>>) -> anyhow::Result<u8> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(command)
}

/// An error, its causes, and its hints on lines of their own.
fn tell(error: &anyhow::Error) {
    let palette = Palette::new(colour_on_stderr());
    let said = text::causes(error);
    let mut lines = said.lines();
    say(&format!("{} {}", palette.bad("error:"), lines.next().unwrap_or_default()));
    for line in lines {
        say(line);
    }
}
