//! The last outcome on a desktop: a plan takes it off only where that is what it means.

use std::time::Duration;

use cxform_apply::{ConflictReason, Report, StepResult};
use cxform_model::{Precondition, RemoteId, Write};
use cxform_plan::{Action, Step};
use serde_json::json;

use crate::bench::{Bench, existing, results, step};

/// What takes these outcomes off the seeded desktop.
async fn unassign(bench: &Bench, outcomes: &[&str]) -> Vec<Step> {
    let desktop = bench.connection.reader().desktop(&camp_1()).await.unwrap().unwrap();
    let unassign = |id: &&str| {
        let entry = desktop.iter().find(|entry| entry.outcome.0 == **id).unwrap();
        let write = Write::Unassign { campaign: existing("camp_1"), outcome: existing(id) };
        Step {
            precondition: Precondition::Content(entry.content_hash()),
            base: [("sequence".into(), json!(entry.sequence)), ("defaultSelection".into(), json!(entry.default))]
                .into(),
            ..step(&format!("assignment/q3/{id}"), "unassign", Action::Unassign, write)
        }
    };
    outcomes.iter().map(unassign).collect()
}

fn camp_1() -> RemoteId {
    RemoteId("camp_1".into())
}

async fn somebody_takes_off(bench: &Bench, outcome: &str) {
    bench.connection.writer().unassign(&camp_1(), &RemoteId(outcome.into())).await.unwrap();
}

#[track_caller]
fn assert_last_one_stays(bench: &Bench, report: &Report, outcome: &str) {
    let conflicts: Vec<_> = report
        .steps
        .iter()
        .filter_map(|step| match &step.result {
            StepResult::Conflict(conflict) => Some(conflict.reason),
            _ => None,
        })
        .collect();
    assert_eq!((conflicts, report.exit_code()), (vec![ConflictReason::LastOne], 4), "{report:?}");
    let left = bench.rows("assignments", "campaignId", "camp_1");
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(outcome.is_empty() || left[0]["outcomeId"] == outcome, "{left:?}");
}

#[tokio::test]
async fn what_has_become_the_last_one_stays() {
    let bench = Bench::new().await;
    let steps = unassign(&bench, &["out_2"]).await;
    somebody_takes_off(&bench, "out_1").await;
    let report = bench.apply(steps).await;
    assert_last_one_stays(&bench, &report, "out_2");
}

#[tokio::test]
async fn steps_side_by_side_do_not_take_each_other_for_what_stays() {
    let bench = Bench::new().await;
    bench.faults(json!([
        { "method": "DELETE", "path": "/api/v2/campaigns/*/outcomes/*", "effect": "delay", "delayMs": 100 },
    ]));
    let steps = unassign(&bench, &["out_1", "out_2"]).await;
    let report = bench.apply(steps).await;
    assert_last_one_stays(&bench, &report, "");
}

#[tokio::test]
async fn one_that_could_not_be_taken_off_stays_for_the_other() {
    let bench = Bench::new().await;
    bench.faults(json!([
        { "method": "DELETE", "path": "/api/v2/campaigns/camp_1/outcomes/out_1", "effect": "status", "status": 422 },
    ]));
    let mut steps = unassign(&bench, &["out_1"]).await;
    steps.extend(unassign(&bench, &["out_2"]).await);
    let options = cxform_apply::Options {
        parallelism: 1,
        ..cxform_apply::Options::new(std::sync::Arc::new(cxform_apply::Unrecorded))
    };
    let report = bench.run(&crate::bench::plan(steps), options, &cxform_apply::Stop::new()).await;
    assert_eq!(
        results(&report),
        [("assignment/q3/out_1:unassign", "failed"), ("assignment/q3/out_2:unassign", "applied")]
    );
}

#[tokio::test]
async fn a_lost_write_is_not_sent_again_to_what_has_become_the_last_one() {
    let mut bench = Bench::new().await;
    bench.patience.first = Duration::from_millis(300);
    bench.patience.longest = Duration::from_millis(300);
    bench.faults(json!([
        { "method": "DELETE", "path": "/api/v2/campaigns/camp_1/outcomes/out_2", "nth": 1,
          "effect": "drop-before-commit" },
    ]));
    let steps = unassign(&bench, &["out_2"]).await;
    let meanwhile = async {
        while bench.writes().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        somebody_takes_off(&bench, "out_1").await;
    };
    let (report, ()) = tokio::join!(bench.apply(steps), meanwhile);
    assert_last_one_stays(&bench, &report, "out_2");
}

#[tokio::test]
async fn a_desktop_that_is_meant_to_be_empty_is_emptied() {
    let bench = Bench::new().await;
    let steps = unassign(&bench, &["out_1", "out_2"]).await;
    let report = bench.apply(steps.into_iter().map(|step| Step { bare: true, ..step }).collect()).await;
    assert_eq!(report.counts().applied, 2, "{report:?}");
    assert!(bench.rows("assignments", "campaignId", "camp_1").is_empty());
}
