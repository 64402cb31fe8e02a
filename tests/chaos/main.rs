//! `make chaos`: whatever breaks, nothing is lost and nothing happens twice. Prints a report, and fails unless all is zero.
//!
//! `CXFORM_CHAOS_SCRIPTS` is the number of fault scripts (600), `CXFORM_CHAOS_SECONDS` the most that all of it may take (2400),
//! `CXFORM_CHAOS_SEED` where the scripts begin (0), `CXFORM_CHAOS_THREADS` how many trials are under way at once (as many as
//! there are processors).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a trial that panics has failed"
)]

mod clocks;
mod crowd;
mod cuts;
mod disk;
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
mod processes;
#[path = "../it/project.rs"]
#[allow(dead_code, reason = "the end-to-end tests use the rest")]
mod project;
mod reference;
mod relay;
mod sabotage;
mod scripts;
#[path = "../postgres/server.rs"]
mod server;
mod tally;
#[path = "../it/tenant.rs"]
#[allow(dead_code, reason = "the end-to-end tests use the rest")]
mod tenant;
mod writes;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use judge::Wrong;
use reference::Reference;
use tally::Tally;

/// One step after the other, so that the nth request is always the same.
const APPLY: &str = "apply --auto-approve --parallelism 1";

fn main() -> ExitCode {
    let number = |name: &str, otherwise: u64| {
        std::env::var(name).map_or(otherwise, |text| text.parse().expect("a whole number"))
    };
    let (scripts, seed) = (number("CXFORM_CHAOS_SCRIPTS", 600), number("CXFORM_CHAOS_SEED", 0));
    let began = Instant::now();
    let until = began + Duration::from_secs(number("CXFORM_CHAOS_SECONDS", 2400));
    // Panics are findings; the report tells them.
    std::panic::set_hook(Box::new(|_| ()));

    let reference = Reference::new().unwrap();
    let takes = began.elapsed();
    let writes = reference.requests.iter().filter(|request| request.is_write()).count();
    println!(
        "the reference apply: {} requests, {writes} of them writes, {} steps",
        reference.requests.len(),
        reference.plan.steps.len()
    );

    let mut clean = true;
    let mut total = Tally::default();
    let mut part = |name: &str, tally: Tally| {
        line(name, &tally, began);
        for (trial, finding) in tally.findings.iter().take(5) {
            println!("\n{:?} in {trial}:\n{}\n", finding.wrong, finding.text.chars().take(4000).collect::<String>());
        }
        clean &= tally.findings.is_empty();
        total.trials += tally.trials;
        total.left += tally.left;
        total.findings.extend(tally.findings);
    };
    println!("{:<28} {:>7} {:>7} {:>10} {:>6} {:>10}", "", "trials", "left", "duplicates", "lost", "violations");
    let cuts = cuts::all(&reference, 60, takes);
    part("cut points", tally::each(&cuts, until, |cut| cuts::trial(&reference, cut)));
    let cuts = cuts::with_a_server(&reference);
    part("cut points, PostgreSQL", tally::each(&cuts, until, |cut| cuts::trial(&reference, cut)));
    let syncs = writes::in_a_file();
    part("writes of the journal", tally::each(&syncs, until, |at| writes::trial_in_a_file(&reference, at)));
    let commits = writes::on_a_server();
    part("the same, PostgreSQL", tally::each(&commits, until, |at| writes::trial_on_a_server(&reference, at)));
    let seeds: Vec<u64> = (seed..seed + scripts).collect();
    part("fault scripts", tally::each(&seeds, until, |seed| scripts::trial(*seed)));
    let seeds: Vec<u64> = (seed..seed + scripts / 20).collect();
    part("fault scripts, processes", tally::each(&seeds, until, |seed| processes::trial(&reference, *seed)));
    let crowds: Vec<crowd::Crowd> = crowd::all(6);
    part("many writers at once", tally::each(&crowds, until, |crowd| crowd::trial(&reference, crowd)));
    part("disks that fail", tally::each(&disk::all(), until, |disk| disk::trial(&reference, disk)));
    part("clocks that jump", tally::each(&clocks::all(), until, clocks::trial));
    let jumps = clocks::processes(&reference);
    part("the same, processes", tally::each(&jumps, until, |jump| clocks::process(&reference, jump)));
    line("all", &total, began);
    if total.left > 0 {
        println!("the time did not suffice for {} trials: CXFORM_CHAOS_SECONDS gives more", total.left);
    }
    if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn line(name: &str, tally: &Tally, began: Instant) {
    let [duplicates, lost, violations] = [Wrong::Duplicate, Wrong::Lost, Wrong::Violation]
        .map(|wrong| tally.findings.iter().filter(|(_, finding)| finding.wrong == wrong).count());
    let Tally { trials, left, .. } = tally;
    let seconds = began.elapsed().as_secs();
    println!("{name:<28} {trials:>7} {left:>7} {duplicates:>10} {lost:>6} {violations:>10}   after {seconds} s");
}
