//! `make soak`: nothing wears out. For ten minutes `cxform tune --interval` keeps turning dialers, while round after round
//! somebody changes the tenant, `drift` has to see exactly that, and `apply` has to make it good; requests fail, processes are
//! killed and the tenant restarts meanwhile. Prints a report, and fails unless every promise held.
//!
//! `CXFORM_SOAK` is how long (`10m`), `CXFORM_SOAK_SEED` makes other rounds (0).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs,
    reason = "a round that panics has failed"
)]

#[path = "../chaos/judge.rs"]
#[allow(dead_code, reason = "chaos uses the rest")]
mod judge;
#[path = "../it/laws"]
#[allow(dead_code, reason = "the laws use the rest")]
mod laws {
    pub mod replay;
    pub mod scene;
    pub mod tape;
    pub mod untouched;
    pub mod world;
    mod yaml;
}
mod moves;
#[path = "../it/project.rs"]
#[allow(dead_code, reason = "the end-to-end tests use the rest")]
mod project;
#[path = "../chaos/reference.rs"]
#[allow(dead_code, reason = "chaos uses it; its judges know it")]
mod reference;
mod rounds;
#[path = "../chaos/sabotage.rs"]
#[allow(dead_code, reason = "chaos uses it")]
mod sabotage;
mod scene;
#[path = "../chaos/scripts.rs"]
#[allow(dead_code, reason = "chaos uses the rest")]
mod scripts;
#[path = "../postgres/server.rs"]
#[allow(dead_code, reason = "chaos uses it")]
mod server;
#[path = "../chaos/tally.rs"]
#[allow(dead_code, reason = "chaos uses the rest")]
mod tally;
#[path = "../it/tenant.rs"]
#[allow(dead_code, reason = "the end-to-end tests use the rest")]
mod tenant;
#[path = "../it/tune.rs"]
#[allow(dead_code, unused_imports, reason = "the end-to-end tests use the rest")]
mod tune;
mod tuner;
mod watch;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use judge::{Verdict, Wrong};
use rounds::Soak;
use watch::Trend;

/// What reference applies run, for the judges.
const APPLY: &str = "apply --auto-approve --parallelism 1";

/// Less tells nothing about growth.
const SHORTEST: Duration = Duration::from_secs(60);

/// What the last round and the end may take beyond the time that was asked for.
const GRACE: Duration = Duration::from_secs(600);

/// Enough to know that something is wrong.
const FINDINGS: usize = 20;

fn main() -> ExitCode {
    let text = std::env::var("CXFORM_SOAK").unwrap_or_else(|_| "10m".to_owned());
    let time = text.parse::<SignedDuration>().ok().and_then(|time| Duration::try_from(time).ok());
    let Some(time) = time.filter(|time| *time >= SHORTEST) else {
        eprintln!("CXFORM_SOAK is `{text}`: it takes a duration of 60s at least, such as 10m");
        return ExitCode::FAILURE;
    };
    let seed = std::env::var("CXFORM_SOAK_SEED").map_or(0, |text| text.parse().expect("a whole number"));
    std::thread::spawn(move || {
        std::thread::sleep(time + GRACE);
        // Whatever was started ends with this process.
        eprintln!("the soak hangs");
        std::process::exit(1);
    });
    // Panics are findings; the report tells them.
    std::panic::set_hook(Box::new(|_| ()));
    run(time, seed)
}

fn run(time: Duration, seed: u64) -> ExitCode {
    let until = Instant::now() + time;
    let mut verdict = Verdict::default();
    let mut soak = Soak::new(seed);
    let mut told = Instant::now();
    while Instant::now() < until && verdict.0.len() < FINDINGS {
        verdict.0.extend(tally::caught(|| soak.round()).0);
        if told.elapsed() > Duration::from_secs(30) {
            told = Instant::now();
            println!("{} rounds, {} findings", soak.counts.rounds, verdict.0.len());
        }
    }
    let counts = soak.counts.clone();
    let mut trends = Vec::new();
    let end = tally::caught(|| {
        let (verdict, measured) = soak.end();
        trends = measured;
        verdict
    });
    verdict.0.extend(end.0);
    for trend in &trends {
        verdict.expect(Wrong::Violation, trend.flat());
    }
    for finding in &verdict.0 {
        println!("\n{:?}:\n{}\n", finding.wrong, finding.text.chars().take(4000).collect::<String>());
    }
    report(&counts, &trends, &verdict, time);
    if verdict.0.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn report(counts: &rounds::Counts, trends: &[Trend], verdict: &Verdict, time: Duration) {
    let of = |wrong| verdict.0.iter().filter(|finding| finding.wrong == wrong).count();
    let line = |name: &str, value: usize| println!("{name:<40} {value:>8}");
    line("seconds", usize::try_from(time.as_secs()).unwrap_or(usize::MAX));
    line("rounds", counts.rounds);
    line("rounds with requests that fail", counts.storms);
    line("applies killed", counts.killed);
    line("restarts of `tune`", counts.tuners);
    line("restarts of the tenant", counts.tenants);
    line("looks of `tune`", counts.looks);
    line("knobs turned", counts.turned);
    line("differences made", counts.made);
    line("looks that a failing tenant refused", counts.refused);
    line("drifts missed or made up", counts.missed);
    line("duplicates", of(Wrong::Duplicate));
    line("lost", of(Wrong::Lost));
    line("violations", of(Wrong::Violation));
    println!("\n{:<40} {:>8} {:>8} {:>8}", "", "first", "last", "at most");
    for trend in trends {
        let Trend { name, first, last, most } = trend;
        println!("{name:<40} {first:>8.1} {last:>8.1} {most:>8.1}");
    }
}
