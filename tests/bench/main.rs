//! `make bench`: how close an apply comes to the tenant's rates, how a plan compares with Terraform's, and how validate, the planner and a whole `plan` process grow with the number of objects.
//!
//! Machines differ and share their cores, so what counts are the ratios, all measured in one run. `CXFORM_BENCH_SIZES=1000,10000`
//! chooses other sizes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark ends at the first surprise"
)]

mod applying;
mod child;
mod generated;
mod planner;
mod receiving;
mod tenant;
mod terraform;

use std::time::Duration;

use generated::Generated;

fn main() {
    // Minutes at a tenant's real rates: `CXFORM_BENCH_APPLY=0` leaves it out.
    if std::env::var("CXFORM_BENCH_APPLY").is_ok_and(|text| text == "0") {
        println!("apply at the tenant's rates: left out");
    } else {
        applying::all();
    }
    receiving::all();
    terraform::all();
    let sizes = std::env::var("CXFORM_BENCH_SIZES").unwrap_or_else(|_| "1000,10000,100000".to_owned());
    let sizes: Vec<usize> = sizes.split(',').map(|size| size.trim().parse().expect("a number of objects")).collect();
    println!("{:<34} {:>8} {:>10} {:>10} {:>9} {:>8}", "", "objects", "time", "x before", "peak MiB", "requests");
    let mut before: Vec<(String, f64)> = Vec::new();
    for objects in sizes {
        let generated = Generated::new(objects);
        let mut row = |name: &str, seconds: f64, peak: Option<u64>, requests: Option<usize>| {
            let last = before.iter().find(|(known, _)| known == name).map(|(_, seconds)| *seconds);
            let ratio = last.map_or_else(String::new, |last| format!("{:.1}", seconds / last));
            let number = |value: Option<String>| value.unwrap_or_default();
            println!(
                "{name:<34} {objects:>8} {:>8.1}ms {ratio:>10} {:>9} {:>8}",
                seconds * 1000.0,
                number(peak.map(|kib| format!("{:.0}", kib as f64 / 1024.0))),
                number(requests.map(|count| count.to_string())),
            );
            before.retain(|(known, _)| known != name);
            before.push((name.to_owned(), seconds));
        };

        let validate = child::best_of(3, || child::run(generated.project(), &["validate"], None));
        row("validate", validate.seconds, Some(validate.peak_kib), None);

        for latency in [0, 5] {
            let tenant = tenant::start(&generated, Duration::from_millis(latency));
            let download = tenant.download();
            row(&format!("bare download, latency {latency} ms"), download.seconds, None, Some(download.requests));
            let plan = child::best_of(3, || {
                let before = tenant.requests();
                let run = child::run(
                    generated.project(),
                    &["plan", "--format", "json", "--detailed-exitcode"],
                    Some(&tenant),
                );
                assert_eq!(run.code, 0, "there is nothing to change");
                run.with_requests(tenant.requests() - before)
            });
            row(
                &format!("plan, no change, latency {latency} ms"),
                plan.seconds,
                Some(plan.peak_kib),
                Some(plan.requests),
            );
            println!("{:<34} {:>8} {:>9.2}x", "  plan / bare download", objects, plan.seconds / download.seconds);
            if latency == 0 {
                let unchanged = planner::time(&generated, &tenant);
                row("planner alone, no change", unchanged.as_secs_f64(), None, None);
                generated.change_one_percent();
                let changed = planner::time(&generated, &tenant);
                row("planner alone, 1 % changed", changed.as_secs_f64(), None, None);
                let run =
                    child::best_of(3, || child::run(generated.project(), &["plan", "--format", "json"], Some(&tenant)));
                row("plan, 1 % changed", run.seconds, Some(run.peak_kib), None);
                generated.change_back();
            }
        }
        println!();
    }
}
