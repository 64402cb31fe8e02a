//! Slow calls hold no slots that quick ones could use.

use std::time::{Duration, Instant};

use cxform_emulator::{Emulator, RateLimits, Seed};
use cxform_model::{Kind, Write};
use cxform_plan::{Action, Step};
use serde_json::json;

use crate::bench::{Bench, StepExt, connect_at, create_outcome, existing, seed, step};

/// 120 assignments at 100 a minute and 200 outcomes at 100 a second.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_row_of_slow_calls_does_not_hold_up_the_quick_ones() {
    let mut seed = seed();
    let outcomes = seed["outcomes"].as_array_mut().unwrap();
    outcomes.extend((0..120).map(|at| json!({ "id": format!("o{at}"), "code": format!("O{at}"), "name": "N" })));
    let options = cxform_emulator::Options {
        seed: Seed::Document(seed),
        rate_limit: RateLimits::STANDARD,
        ..cxform_emulator::Options::default()
    };
    let emulator = Emulator::start(options).await.unwrap();
    let connection = connect_at(&emulator.url(), emulator.client_secret(), cxform_model::RateLimits::default());
    let bench = Bench { emulator, connection, events: std::sync::Arc::default(), patience: crate::bench::PATIENCE };
    let assign = |at: u64| {
        let outcome = existing(&format!("o{at}"));
        let write = Write::Assign { campaign: existing("camp_1"), outcome, sequence: at + 3, default: false };
        step(&format!("assignment/q3/O{at}"), "assign", Action::Assign, write).absent()
    };
    let mut steps: Vec<Step> = (0..120).map(assign).collect();
    steps.extend((0..200).map(|at| create_outcome(&format!("N{at}"))));
    let started = Instant::now();
    let journal = Timed(started, std::sync::Mutex::default());
    let journal = std::sync::Arc::new(journal);
    let report = bench
        .apply_with(
            steps,
            std::sync::Arc::clone(&journal) as _,
            usize::from(cxform_apply::PARALLELISM),
            &cxform_apply::Stop::new(),
        )
        .await;
    assert_eq!(report.counts().applied, 320, "{:?}", report.counts());
    let quick = *journal.1.lock().unwrap();
    // 120 calls with a burst of 97 take 23 / 97 minutes; 200 outcomes with the same burst about a second.
    assert!(quick < Duration::from_secs(5), "the outcomes took {quick:?}");
    assert!(report.duration < Duration::from_secs(17), "all took {:?}", report.duration);
    let refused = bench.emulator.requests().iter().filter(|entry| entry["status"] == 429).count();
    assert_eq!(refused, 0);
}

/// When the last outcome was created.
struct Timed(Instant, std::sync::Mutex<Duration>);

impl cxform_apply::Journal for Timed {
    fn intend<'a>(&'a self, _: &'a cxform_apply::Intent) -> cxform_apply::Recording<'a> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn record<'a>(&'a self, exchange: &'a cxform_apply::Exchange) -> cxform_apply::Recording<'a> {
        if exchange.intent.address.kind() == Kind::Outcome {
            *self.1.lock().unwrap() = self.0.elapsed();
        }
        Box::pin(std::future::ready(Ok(())))
    }

    fn found_out<'a>(&'a self, _: &'a cxform_apply::Exchange) -> cxform_apply::Recording<'a> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn conclude<'a>(&'a self, _: &'a cxform_apply::StepReport) -> cxform_apply::Recording<'a> {
        Box::pin(std::future::ready(Ok(())))
    }
}
