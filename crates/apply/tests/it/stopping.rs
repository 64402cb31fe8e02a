//! Ctrl-C, once and twice.

use std::sync::Arc;
use std::time::Duration;

use cxform_apply::{FailureCause, Outcome, Report, Skip, StepResult, Stop, Unrecorded, Written};
use cxform_plan::Step;
use cxform_tenant::RetryPolicy;
use serde_json::json;

use crate::bench::{Bench, create_outcome};

fn many() -> Vec<Step> {
    (0..40).map(|number| create_outcome(&format!("N{number}"))).collect()
}

async fn slow() -> Bench {
    Bench::with(&[], cxform_emulator::Options { latency: Duration::from_millis(150), ..Default::default() }).await
}

/// Applies many steps, four at a time, and stops once the first write has reached the tenant.
async fn stopped(bench: &Bench, how: impl Fn(&Stop)) -> Report {
    let stop = Stop::new();
    let meanwhile = async {
        while bench.writes().is_empty() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        how(&stop);
    };
    tokio::join!(bench.apply_with(many(), Arc::new(Unrecorded), 4, &stop), meanwhile).0
}

#[tokio::test]
async fn a_first_stop_lets_requests_in_flight_finish() {
    let bench = slow().await;
    let report = stopped(&bench, Stop::finish).await;
    let counts = report.counts();
    assert_eq!((counts.applied, counts.skipped), (4, 36), "{counts:?}");
    assert_eq!(report.steps[39].result, StepResult::Skipped(Skip::Interrupted));
    assert_eq!((report.outcome(), report.exit_code()), (Outcome::Interrupted, 3));
    assert_eq!(bench.emulator.state()["outcomes"].as_array().unwrap().len(), 2 + 4);
}

#[tokio::test]
async fn a_stop_does_not_sit_out_the_patience_with_a_sick_tenant() {
    let mut bench = slow().await;
    bench.patience = RetryPolicy { first: Duration::from_secs(60), longest: Duration::from_secs(60), ..bench.patience };
    bench.patience.budget = Duration::from_secs(600);
    bench.faults(json!([{ "method": "POST", "path": "/api/v2/outcomes", "effect": "status", "status": 503 }]));
    let report = tokio::time::timeout(Duration::from_secs(20), stopped(&bench, Stop::finish)).await.unwrap();
    assert_eq!(bench.writes().len(), 4, "nothing is sent again");
    for step in &report.steps[..4] {
        let StepResult::Failed(failure) = &step.result else { panic!("{step:?}") };
        assert_eq!(failure.cause, FailureCause::Unsettled);
    }
    assert_eq!((report.outcome(), report.exit_code()), (Outcome::Interrupted, 3));
}

#[tokio::test]
async fn a_second_stop_ends_at_once_and_says_what_is_in_doubt() {
    let bench = slow().await;
    let report = stopped(&bench, |stop| {
        stop.finish();
        stop.now();
    })
    .await;
    let doubtful: Vec<_> = report.steps.iter().filter(|step| step.written == Written::Perhaps).collect();
    assert!(!doubtful.is_empty(), "{:?}", report.counts());
    for step in doubtful {
        let StepResult::Failed(failure) = &step.result else { panic!("{step:?}") };
        assert_eq!(failure.cause, FailureCause::Interrupted);
    }
    assert!(report.duration < Duration::from_millis(1500), "{:?}", report.duration);
    assert_eq!((report.outcome(), report.exit_code()), (Outcome::Interrupted, 3));
    assert_eq!(report.steps.len(), 40);
}

#[tokio::test]
async fn a_run_that_is_stopped_before_it_begins_sends_nothing() {
    let bench = Bench::new().await;
    let stop = Stop::new();
    stop.finish();
    let report = bench.apply_with(many(), Arc::new(Unrecorded), 4, &stop).await;
    assert_eq!(report.counts().skipped, 40);
    assert_eq!((report.outcome(), report.exit_code()), (Outcome::Interrupted, 1));
    assert!(bench.emulator.requests().is_empty());
}

#[tokio::test]
async fn a_stop_that_comes_when_everything_is_under_way_interrupts_nothing() {
    let bench = slow().await;
    let stop = Stop::new();
    let meanwhile = async {
        while bench.writes().is_empty() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        stop.finish();
    };
    let steps = vec![create_outcome("A"), create_outcome("B")];
    let (report, ()) = tokio::join!(bench.apply_with(steps, Arc::new(Unrecorded), 4, &stop), meanwhile);
    assert_eq!((report.outcome(), report.exit_code()), (Outcome::Applied, 0));
}

#[tokio::test]
async fn a_stop_that_comes_during_a_look_sends_nothing_again() {
    let bench = Bench::new().await;
    bench.faults(json!([
        { "method": "POST", "path": "/api/v2/outcomes", "nth": 1, "effect": "drop-before-commit" },
        { "method": "GET", "path": "/api/v2/outcomes*", "effect": "delay", "delayMs": 200 },
    ]));
    let stop = Stop::new();
    let meanwhile = async {
        while bench.writes().is_empty() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        stop.finish();
    };
    let apply = bench.apply_with(vec![create_outcome("A")], Arc::new(Unrecorded), 4, &stop);
    let (report, ()) = tokio::join!(apply, meanwhile);
    let StepResult::Failed(failure) = &report.steps[0].result else { panic!("{report:?}") };
    assert_eq!(failure.cause, FailureCause::Unsettled);
    assert_eq!(bench.writes().len(), 1, "a resume looks again, and sends it then");
}
