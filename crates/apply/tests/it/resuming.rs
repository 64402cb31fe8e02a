//! The law of resuming: stopped anywhere and resumed, a run ends where it would have ended, and does nothing twice.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use cxform_apply::{Options, Past, PastResult, PastStep, Report, RunId, Stop};
use cxform_emulator::PutMode;
use cxform_model::{Document, Kind, RemoteId};
use cxform_plan::Plan;
use serde_json::json;

use crate::bench::{Bench, StepExt, create_outcome, existing, fields, plan, results, update};
use crate::diary::{Death, Diary};
use crate::whole::{assert_every_write_stands_once, every_write};

/// Runs a plan in as many processes as it takes, each dying where `deaths` say, the last one living.
pub(crate) async fn live(
    bench: &Bench,
    plan: &Plan,
    deaths: impl IntoIterator<Item = (usize, Death)>,
    options: impl Fn(Options) -> Options,
) -> (Vec<Report>, Past) {
    let run = RunId::begin();
    let mut past = None;
    let mut reports = Vec::new();
    for death in deaths.into_iter().map(Some).chain([None]) {
        let stop = Stop::new();
        let diary = Arc::new(Diary::new(past.clone().unwrap_or_default(), death, &stop));
        let journal = Arc::clone(&diary);
        let options = options(Options { run, resume: past.take(), parallelism: 4, ..Options::new(journal) });
        reports.push(bench.run(plan, options, &stop).await);
        past = Some(diary.past());
    }
    (reports, past.unwrap())
}

async fn calls(quirks: &[&str]) -> usize {
    let bench = Bench::with(quirks, cxform_emulator::Options::default()).await;
    let plan = plan(every_write(&bench).await);
    let diary = Arc::new(Diary::new(Past::default(), None, &Stop::new()));
    bench.run(&plan, Options::new(Arc::clone(&diary) as _), &Stop::new()).await;
    diary.calls()
}

#[track_caller]
fn assert_whole(bench: &Bench, reports: &[Report], context: &str) {
    let last = reports.last().unwrap();
    for step in &last.steps {
        assert_eq!(step.result.word(), "applied", "{context}: {}: {:?}", step.id, step.result);
    }
    assert_eq!(last.exit_code(), 0, "{context}");
    assert_every_write_stands_once(bench, context);
    for (table, count) in [("outcomes", 4), ("callcodes", 3), ("campaigns", 2), ("assignments", 3)] {
        assert_eq!(bench.emulator.state()[table].as_array().unwrap().len(), count, "{context}: {table}");
    }
}

/// Each create was carried out at most once, and none was sent again after it had been.
#[track_caller]
fn assert_no_create_was_repeated(bench: &Bench, context: &str) {
    let mut accepted: HashMap<String, u32> = HashMap::new();
    for (method, path, entry) in bench.writes() {
        if method == "POST" && entry["status"].as_u64().is_some_and(|status| status < 300) {
            *accepted.entry(format!("{path} {}", entry["idempotencyKey"])).or_default() += 1;
        }
    }
    assert_eq!(accepted.len(), 7, "{context}");
    assert!(accepted.values().all(|count| *count == 1), "{context}: {accepted:?}");
}

async fn every_cut_point(quirks: &[&str], put: PutMode, death: Death) {
    let total = calls(quirks).await;
    assert!(total >= 48, "{total}");
    for at in 0..total {
        let context = format!("{death:?} at {at}, {quirks:?}");
        let options = cxform_emulator::Options { put, latency: Duration::from_millis(1), ..Default::default() };
        let bench = Bench::with(quirks, options).await;
        let plan = plan(every_write(&bench).await);
        let (reports, _) = live(&bench, &plan, [(at, death)], |options| options).await;
        assert_whole(&bench, &reports, &context);
        if death != Death::Stopped {
            assert_no_create_was_repeated(&bench, &context);
        }
    }
}

#[tokio::test]
async fn a_process_that_dies_before_any_entry_of_its_journal_is_resumed() {
    every_cut_point(&[], PutMode::Replace, Death::Before).await;
}

#[tokio::test]
async fn a_process_that_dies_after_any_entry_of_its_journal_is_resumed() {
    every_cut_point(&["no-content"], PutMode::Merge, Death::After).await;
}

#[tokio::test]
async fn a_tenant_that_ignores_idempotency_keys_gets_nothing_twice_either() {
    every_cut_point(&["ignore-idempotency"], PutMode::Merge, Death::Before).await;
    every_cut_point(&["ignore-idempotency", "versions-count-assignments"], PutMode::Replace, Death::After).await;
}

#[tokio::test]
async fn a_run_that_is_stopped_at_once_anywhere_is_resumed() {
    every_cut_point(&[], PutMode::Merge, Death::Stopped).await;
    every_cut_point(&["ignore-idempotency"], PutMode::Merge, Death::Stopped).await;
}

#[tokio::test]
async fn a_run_whose_processes_die_again_and_again_gets_through() {
    for step in 3..=7 {
        let bench = Bench::with(&["ignore-idempotency"], cxform_emulator::Options::default()).await;
        let plan = plan(every_write(&bench).await);
        let deaths = (0..40).map(|turn| (step, if turn % 2 == 0 { Death::Before } else { Death::After }));
        let (reports, _) = live(&bench, &plan, deaths, |options| options).await;
        assert_whole(&bench, &reports, &format!("every {step} calls"));
        assert_no_create_was_repeated(&bench, &format!("every {step} calls"));
    }
}

#[tokio::test]
async fn what_is_applied_is_not_sent_again_and_not_concluded_again() {
    let bench = Bench::new().await;
    let plan = plan(every_write(&bench).await);
    let (_, past) = live(&bench, &plan, [], |options| options).await;
    let before = bench.emulator.requests().len();
    let journal = Arc::new(Diary::new(past.clone(), Some((0, Death::Before)), &Stop::new()));
    let options = Options { resume: Some(past), ..Options::new(Arc::clone(&journal) as _) };
    let report = bench.run(&plan, options, &Stop::new()).await;
    assert!(report.steps.iter().all(|step| step.earlier && step.result.word() == "applied"), "{report:?}");
    assert_eq!((report.requests, journal.calls(), bench.emulator.requests().len()), (0, 0, before));
    let q4 = report.steps.iter().find(|step| step.id == "campaign/q4:create").unwrap();
    assert!(q4.created.is_some() && q4.version.is_some());
}

#[tokio::test]
async fn an_attempt_in_flight_is_settled_by_looking_and_numbered_on() {
    let bench = Bench::new().await;
    let plan = plan(vec![create_outcome("A"), create_outcome("B")]);
    let run = RunId::begin();
    let values = fields(Kind::Outcome, &json!({ "code": "A", "name": "Name of A", "status": "ACTIVE" }));
    let key = run.idempotency_key("outcome/A:create");
    bench.connection.writer().create(Kind::Outcome, None, &values, &key).await.unwrap();
    let in_flight = PastStep { attempts: 2, in_flight: true, ..PastStep::default() };
    let steps = ["outcome/A:create", "outcome/B:create"].map(|step| (step.to_owned(), in_flight.clone()));
    let past = Past { steps: steps.into() };
    let diary = Arc::new(Diary::new(past.clone(), None, &Stop::new()));
    let options = Options { run, resume: Some(past), ..Options::new(Arc::clone(&diary) as _) };
    let report = bench.run(&plan, options, &Stop::new()).await;
    assert_eq!(results(&report), [("outcome/A:create", "applied"), ("outcome/B:create", "applied")]);
    assert_eq!((report.steps[0].settled, report.steps[1].settled), (true, false), "A was found, B was sent");
    let attempts = |step: &str| diary.past().steps[step].attempts;
    assert_eq!((attempts("outcome/A:create"), attempts("outcome/B:create")), (2, 3));
    assert_eq!(bench.writes().len(), 2);
}

#[tokio::test]
async fn what_somebody_wrote_while_no_process_lived_is_a_conflict() {
    let bench = Bench::new().await;
    let old = bench.one(Kind::Outcome, "out_1").await;
    let rename = update(Document::Outcome, "outcome/OLD", "update", existing("out_1"), &json!({ "name": "Ours" }));
    let regroup =
        update(Document::Desktop, "outcome/OLD", "desktop", existing("out_1"), &json!({ "uiConfig.group": "H" }));
    let plan = plan(vec![rename.content(&old), regroup.content(&old).needs(&["outcome/OLD:update"])]);
    let mut plan = plan;
    plan.steps[1].precondition = cxform_model::Precondition::Follows;
    let (_, whole) = bench.connection.reader().outcome_document(&RemoteId("out_1".into())).await.unwrap().unwrap();
    let theirs = fields(Kind::Outcome, &json!({ "name": "Ours", "description": "theirs" }));
    bench.connection.writer().update_outcome(whole, &theirs, None).await.unwrap();
    let applied = PastStep { result: Some(PastResult::Applied), attempts: 1, ..PastStep::default() };
    let past = Past { steps: [("outcome/OLD:update".to_owned(), applied)].into() };
    let options = Options { resume: Some(past), ..Options::new(Arc::new(cxform_apply::Unrecorded)) };
    let report = bench.run(&plan, options, &Stop::new()).await;
    assert_eq!(results(&report), [("outcome/OLD:update", "applied"), ("outcome/OLD:desktop", "conflict")]);
}
