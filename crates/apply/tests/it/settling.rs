//! The law of settling: whatever a run left in flight, looking tells what became of it, and sends nothing.

use std::sync::Arc;
use std::time::Duration;

use cxform_apply::{Options, Past, PastStep, RunId, Settled, Stop, settle};
use cxform_model::{Document, Kind, RemoteId};
use cxform_plan::Plan;
use serde_json::json;

use crate::bench::{Bench, StepExt, create_outcome, existing, fields, plan, update};
use crate::diary::{Death, Diary};
use crate::whole::every_write;

async fn settled(bench: &Bench, plan: &Plan, run: RunId, past: Past) -> (Settled, Past) {
    let diary = Arc::new(Diary::new(past.clone(), None, &Stop::new()));
    let options =
        Options { run, resume: Some(past), patience: bench.patience, ..Options::new(Arc::clone(&diary) as _) };
    let settled = settle(Arc::new(plan.clone()), &bench.connection, options).await.unwrap();
    (settled, diary.past())
}

/// Whether the object of a create is on the tenant.
fn exists(bench: &Bench, step: &str) -> bool {
    let (address, _) = step.split_once(':').unwrap();
    let (kind, key) = address.split_once('/').unwrap();
    match kind {
        "outcome" => !bench.rows("outcomes", "code", key).is_empty(),
        "campaign" => !bench.rows("campaigns", "name", key).is_empty(),
        _ => !bench.rows("callcodes", "code", key.rsplit('/').next().unwrap()).is_empty(),
    }
}

async fn every_cut_point(quirks: &[&str], death: Death) {
    let mut seen = Settled::default();
    for at in 0.. {
        let context = format!("{death:?} at {at}, {quirks:?}");
        let bench = Bench::with(quirks, cxform_emulator::Options::default()).await;
        let plan = plan(every_write(&bench).await);
        let (run, stop) = (RunId::begin(), Stop::new());
        let diary = Arc::new(Diary::new(Past::default(), Some((at, death)), &stop));
        let options = Options { run, parallelism: 4, ..Options::new(Arc::clone(&diary) as _) };
        bench.run(&plan, options, &stop).await;
        if diary.calls() <= at {
            break;
        }
        let (before, writes) = (diary.past(), bench.writes().len());
        let in_flight = before.steps.values().filter(|step| step.in_flight).count();
        let (found, after) = settled(&bench, &plan, run, before).await;
        assert_eq!(bench.writes().len(), writes, "{context}: settling writes");
        assert_eq!((found.carried_out + found.not_carried_out, found.unknown), (in_flight, 0), "{context}: {found:?}");
        assert_eq!(found.error, None, "{context}");
        for (id, step) in &after.steps {
            assert!(!step.in_flight, "{context}: {id} is in flight still");
            if id.ends_with(":create") {
                assert_eq!(step.result.is_some(), exists(&bench, id), "{context}: {id}");
            }
        }
        seen.carried_out += found.carried_out;
        seen.not_carried_out += found.not_carried_out;
    }
    assert!(seen.carried_out > 0 && seen.not_carried_out + seen.carried_out > 10, "{seen:?}");
}

#[tokio::test]
async fn what_a_dead_process_left_in_flight_is_found_out_at_every_cut_point() {
    every_cut_point(&[], Death::Before).await;
    every_cut_point(&["ignore-idempotency", "no-content"], Death::After).await;
}

#[tokio::test]
async fn a_tenant_that_lists_late_is_looked_at_until_it_does() {
    let mut bench = Bench::with(&["ignore-idempotency", "late-listing"], cxform_emulator::Options::default()).await;
    bench.patience.first = Duration::from_millis(200);
    bench.patience.longest = Duration::from_millis(400);
    let plan = plan(vec![create_outcome("A"), create_outcome("B")]);
    let run = RunId::begin();
    let values = fields(Kind::Outcome, &json!({ "code": "A", "name": "Name of A", "status": "ACTIVE" }));
    bench.connection.writer().create(Kind::Outcome, None, &values, "key").await.unwrap();
    let in_flight = PastStep { attempts: 1, in_flight: true, ..PastStep::default() };
    let steps = ["outcome/A:create", "outcome/B:create"].map(|step| (step.to_owned(), in_flight.clone()));
    let (found, after) = settled(&bench, &plan, run, Past { steps: steps.into() }).await;
    assert_eq!((found.carried_out, found.not_carried_out), (1, 1));
    assert!(after.steps["outcome/A:create"].object.is_some());
}

#[tokio::test]
async fn what_somebody_else_overwrote_will_never_be_known() {
    let bench = Bench::new().await;
    let old = bench.one(Kind::Outcome, "out_1").await;
    let rename = update(Document::Outcome, "outcome/OLD", "update", existing("out_1"), &json!({ "name": "Ours" }));
    let plan = plan(vec![rename.content(&old)]);
    let (_, whole) = bench.connection.reader().outcome_document(&RemoteId("out_1".into())).await.unwrap().unwrap();
    let theirs = fields(Kind::Outcome, &json!({ "name": "Theirs" }));
    bench.connection.writer().update_outcome(whole, &theirs, None).await.unwrap();
    let in_flight = PastStep { attempts: 1, in_flight: true, ..PastStep::default() };
    let past = Past { steps: [("outcome/OLD:update".to_owned(), in_flight)].into() };
    let (found, _) = settled(&bench, &plan, RunId::begin(), past).await;
    assert_eq!((found.unknown, found.error), (1, None));
}

#[tokio::test]
async fn a_tenant_that_is_down_leaves_everything_as_it_was() {
    let bench = Bench::new().await;
    let plan = plan(vec![create_outcome("A")]);
    bench.faults(json!([{ "method": "GET", "path": "/api/v2/*", "effect": "status", "status": 503 }]));
    let in_flight = PastStep { attempts: 1, in_flight: true, ..PastStep::default() };
    let past = Past { steps: [("outcome/A:create".to_owned(), in_flight)].into() };
    let (found, after) = settled(&bench, &plan, RunId::begin(), past.clone()).await;
    assert!(found.error.is_some(), "{found:?}");
    assert_eq!(after, past);
}
