//! What a failure means for the rest of a run, and the way back.

use std::sync::Arc;

use cxform_apply::{Event, OnFailure, Options, Outcome, Report, Skip, StepResult, Stop, Unmet, Unrecorded};
use cxform_model::{Kind, RemoteId};
use cxform_plan::{Action, Done, Plan, inverse};
use serde_json::{Value, json};

use crate::bench::{Bench, assert_all_applied, create_outcome, plan, results, seed};
use crate::diary::Death;
use crate::resuming::live;
use crate::whole::every_write;

/// Every field that a plan can write is as it was seeded; what was created is retired, and nothing new dials.
#[track_caller]
fn assert_as_it_was(bench: &Bench, context: &str) {
    let before = seed();
    let state = bench.emulator.state();
    let rows = |document: &Value, table: &str| document[table].as_array().cloned().unwrap_or_default();
    for (table, active) in [("outcomes", "status"), ("callcodes", "isActive")] {
        for row in rows(&state, table) {
            match rows(&before, table).into_iter().find(|was| was["id"] == row["id"]) {
                Some(was) => {
                    for (name, value) in was.as_object().unwrap() {
                        assert_eq!(&row[name], value, "{context}: {name} of {}", row["code"]);
                    }
                }
                None => assert!([json!("INACTIVE"), json!(false)].contains(&row[active]), "{context}: {row}"),
            }
        }
    }
    for row in rows(&state, "campaigns") {
        if row["id"] == "camp_1" {
            assert_eq!(row["dialerSettings"]["callRate"], 0.5, "{context}");
            assert_eq!(row["status"], "active", "{context}");
        } else {
            assert_ne!(row["status"], "active", "{context}: a new campaign dials");
        }
    }
    let mut desktop = rows(&state, "assignments");
    desktop.sort_by_key(|entry| entry["sequence"].as_u64());
    assert_eq!(desktop, rows(&before, "assignments"), "{context}");
}

fn rollback(options: Options) -> Options {
    Options { on_failure: OnFailure::Rollback, ..options }
}

async fn apply_and(bench: &Bench, plan: &Plan, on_failure: OnFailure) -> Report {
    bench.run(plan, Options { on_failure, ..Options::new(Arc::new(Unrecorded)) }, &Stop::new()).await
}

#[tokio::test]
async fn a_whole_run_is_undone_by_its_inverse() {
    for quirks in [&[][..], &["no-content", "versions-count-assignments"]] {
        for is_told_all in [true, false] {
            let bench = Bench::with(quirks, cxform_emulator::Options::default()).await;
            let plan = plan(every_write(&bench).await);
            let report = apply_and(&bench, &plan, OnFailure::Continue).await;
            assert_all_applied(&report, "forth");
            let done: Vec<Done> = report
                .steps
                .iter()
                .map(|step| Done {
                    step: step.id.clone(),
                    created: step.created.clone(),
                    version: step.version,
                    after: step.after.clone().filter(|_| is_told_all),
                })
                .collect();
            let back = inverse(&plan, &done);
            let report = apply_and(&bench, &back.plan, OnFailure::Continue).await;
            assert_eq!(report.exit_code(), 0, "{quirks:?}: {:?}", results(&report));
            assert_as_it_was(&bench, &format!("{quirks:?} {is_told_all}"));
        }
    }
}

const REFUSED: [(&str, &str); 8] = [
    ("PUT", "/api/v2/outcomes/out_1"),
    ("PATCH", "/api/v2/outcomes/*/desktop-config"),
    ("PATCH", "/api/v2/callcodes/cc_1"),
    ("PATCH", "/api/v2/campaigns/camp_1"),
    ("POST", "/api/v2/campaigns"),
    ("POST", "/api/v2/campaigns/*/outcomes"),
    ("PATCH", "/api/v2/campaigns/camp_1/outcomes/out_2"),
    ("DELETE", "/api/v2/campaigns/camp_1/outcomes/out_1"),
];

fn refuse(bench: &Bench, method: &str, path: &str) {
    bench.faults(json!([{ "method": method, "path": path, "nth": 1, "effect": "status", "status": 422 }]));
}

#[tokio::test]
async fn a_failure_takes_everything_back() {
    for (method, path) in REFUSED {
        let context = format!("{method} {path}");
        let bench = Bench::new().await;
        let plan = plan(every_write(&bench).await);
        refuse(&bench, method, path);
        let report = apply_and(&bench, &plan, OnFailure::Rollback).await;
        let rollback = report.rollback.as_ref().unwrap_or_else(|| panic!("{context}: {report:?}"));
        assert!(rollback.is_complete(), "{context}: {rollback:?}");
        assert_eq!((report.outcome(), report.exit_code()), (Outcome::RolledBack, 3), "{context}");
        assert_as_it_was(&bench, &context);
        let events = bench.events.lock().unwrap();
        assert!(events.iter().any(|event| matches!(event, Event::RollingBack { .. })), "{context}");
        let taken = report.steps.iter().filter(|step| step.rolled_back).count();
        assert!(taken >= rollback.steps.len().saturating_sub(1), "{context}: {taken}");
    }
}

#[tokio::test]
async fn a_rollback_that_dies_anywhere_goes_on_rolling_back() {
    let (method, path) = REFUSED[7];
    for death in [Death::Before, Death::After, Death::Stopped] {
        for at in 30..75 {
            let context = format!("{death:?} at {at}");
            let bench = Bench::with(&["ignore-idempotency"], cxform_emulator::Options::default()).await;
            let plan = plan(every_write(&bench).await);
            // Refused for good: a run that is resumed before it turned round fails again.
            bench.faults(json!([{ "method": method, "path": path, "effect": "status", "status": 422 }]));
            let (reports, _) = live(&bench, &plan, [(at, death)], rollback).await;
            let last = reports.last().unwrap();
            let taken = last.rollback.as_ref().unwrap_or_else(|| panic!("{context}: {last:?}"));
            assert!(taken.is_complete(), "{context}: {taken:?}");
            assert_eq!(last.exit_code(), 3, "{context}");
            assert_as_it_was(&bench, &context);
        }
    }
}

#[tokio::test]
async fn what_somebody_wrote_on_top_is_not_taken_back() {
    let bench = Bench::new().await;
    let plan = plan(every_write(&bench).await);
    let report = apply_and(&bench, &plan, OnFailure::Continue).await;
    let done: Vec<Done> = report
        .steps
        .iter()
        .map(|step| Done {
            step: step.id.clone(),
            created: step.created.clone(),
            version: step.version,
            after: step.after.clone(),
        })
        .collect();
    let (_, whole) = bench.connection.reader().outcome_document(&RemoteId("out_1".into())).await.unwrap().unwrap();
    let theirs = crate::bench::fields(Kind::Outcome, &json!({ "name": "Theirs" }));
    bench.connection.writer().update_outcome(whole, &theirs, None).await.unwrap();
    let report = apply_and(&bench, &inverse(&plan, &done).plan, OnFailure::Continue).await;
    let step = report.steps.iter().find(|step| step.id == "outcome/OLD:undo-update").unwrap();
    assert!(matches!(step.result, StepResult::Conflict(_)), "{step:?}");
    assert_eq!(bench.row("outcomes", "code", "OLD")["name"], "Theirs");
    assert_eq!(report.exit_code(), 4);
}

#[tokio::test]
async fn a_run_that_stops_at_the_first_failure_starts_nothing_more() {
    let bench = Bench::new().await;
    bench
        .faults(json!([{ "method": "POST", "path": "/api/v2/outcomes", "nth": 3, "effect": "status", "status": 422 }]));
    let steps = (0..9).map(|at| create_outcome(&format!("N{at}"))).collect();
    let options = Options { on_failure: OnFailure::Stop, parallelism: 1, ..Options::new(Arc::new(Unrecorded)) };
    let report = bench.run(&plan(steps), options, &Stop::new()).await;
    let counts = report.counts();
    assert_eq!((counts.applied, counts.failed, counts.skipped), (2, 1, 6));
    let unmet = Unmet { address: "outcome/N2".parse().unwrap(), action: Action::Create };
    assert_eq!(report.steps[8].result, StepResult::Skipped(Skip::Stopped(unmet)));
    assert_eq!((report.outcome(), report.exit_code()), (Outcome::Partial, 3));
    assert_eq!(bench.writes().len(), 3);
}

#[tokio::test]
async fn a_run_that_wrote_nothing_has_nothing_to_take_back() {
    let bench = Bench::new().await;
    bench.faults(json!([{ "method": "POST", "path": "/api/v2/outcomes", "effect": "status", "status": 422 }]));
    let report = apply_and(&bench, &plan(vec![create_outcome("A")]), OnFailure::Rollback).await;
    assert_eq!((report.rollback.is_none(), report.outcome(), report.exit_code()), (true, Outcome::Failed, 1));
}
