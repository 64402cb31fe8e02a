//! Order, bounds, events and the journal.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use cxform_apply::{Event, FailureCause, Options, Reply, StepResult, Stop, Unrecorded, run};
use cxform_plan::Step;

use crate::bench::{Bench, Entry, Memory, StepExt, assert_all_applied, create_outcome, plan};
use crate::whole::every_write;

fn slow() -> cxform_emulator::Options {
    cxform_emulator::Options { latency: Duration::from_millis(20), ..Default::default() }
}

fn twenty() -> Vec<Step> {
    (0..20).map(|number| create_outcome(&format!("N{number}"))).collect()
}

/// The most steps under way at once.
fn most_at_once(events: &[Event]) -> usize {
    let mut now = 0_usize;
    let mut most = 0;
    for event in events {
        match event {
            Event::StepStarted { .. } => now += 1,
            Event::StepFinished(_) => now -= 1,
            _ => {}
        }
        most = most.max(now);
    }
    most
}

#[tokio::test]
async fn steps_run_side_by_side_up_to_the_bound() {
    for parallelism in [0, 3, 64] {
        let bench = Bench::with(&[], slow()).await;
        let report = bench.apply_with(twenty(), Arc::new(Unrecorded), parallelism, &Stop::new()).await;
        assert_all_applied(&report, "twenty");
        assert_eq!(most_at_once(&bench.events.lock().unwrap()), parallelism.clamp(1, 20));
    }
}

#[tokio::test]
async fn events_tell_every_step_and_every_write() {
    let bench = Bench::new().await;
    let steps = every_write(&bench).await;
    let report = bench.apply(steps.clone()).await;
    assert_all_applied(&report, "events");
    let events = bench.events.lock().unwrap();
    assert!(matches!(events.first(), Some(Event::RunStarted { steps: 16, .. })));
    assert!(matches!(events.last(), Some(Event::RunFinished { counts, .. }) if counts.applied == 16));
    let mut finished: HashMap<&str, usize> = HashMap::new();
    for (at, event) in events.iter().enumerate() {
        match event {
            Event::StepStarted { id, .. } => {
                let step = steps.iter().find(|step| step.id == *id).unwrap();
                let open: Vec<_> = step.needs.iter().filter(|need| !finished.contains_key(need.as_str())).collect();
                assert!(open.is_empty(), "{id} started before {open:?} finished");
            }
            Event::StepFinished(report) => {
                finished.insert(&report.id, at);
            }
            _ => {}
        }
    }
    let rename = events.iter().find_map(|event| match event {
        Event::Written(exchange) if exchange.intent.step == "outcome/OLD:update" => Some(exchange),
        _ => None,
    });
    let rename = rename.unwrap();
    assert_eq!((&rename.intent.before["name"], &rename.intent.after["name"]), (&"Old".into(), &"Renamed".into()));
    assert!(matches!(&rename.reply, Reply::Accepted { id: Some(id), .. } if id.0 == "out_1"));
    assert!(rename.request_id.is_some());
}

#[tokio::test]
async fn the_journal_knows_each_write_before_it_is_sent_and_after_it_is_answered() {
    let bench = Bench::new().await;
    let journal = Arc::new(Memory::default());
    let steps = every_write(&bench).await;
    let ids: Vec<_> = steps.iter().map(|step| step.id.clone()).collect();
    let report = bench.apply_with(steps, Arc::clone(&journal) as _, 4, &Stop::new()).await;
    assert_all_applied(&report, "journal");
    let entries = journal.entries.lock().unwrap();
    for id in ids {
        let mine: Vec<_> = entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Intent(intent) if intent.step == id => Some("intent"),
                Entry::Exchange(exchange) if exchange.intent.step == id => Some("exchange"),
                Entry::Concluded(step) if *step == id => Some("concluded"),
                _ => None,
            })
            .collect();
        assert_eq!(mine, ["intent", "exchange", "concluded"], "{id}");
    }
}

#[tokio::test]
async fn what_the_journal_cannot_hold_is_not_sent() {
    let bench = Bench::new().await;
    let journal = Arc::new(Memory::default());
    journal.full.store(true, Ordering::Relaxed);
    let report = bench.apply_with(twenty(), journal, 4, &Stop::new()).await;
    assert!(bench.writes().is_empty());
    let failures: Vec<_> = report.steps.iter().filter(|step| matches!(&step.result, StepResult::Failed(_))).collect();
    assert_eq!(failures.len(), 1, "one error ends the run");
    assert!(matches!(&failures[0].result, StepResult::Failed(failure) if failure.cause == FailureCause::Journal));
    assert!(report.ended.as_deref().is_some_and(|error| error.contains("no space left")), "{:?}", report.ended);
    assert_eq!(report.exit_code(), 1);
}

#[tokio::test]
async fn a_plan_without_a_valid_order_is_refused_before_anything_is_sent() {
    let bench = Bench::new().await;
    let steps = vec![create_outcome("A"), create_outcome("B").needs(&["outcome/C:create"])];
    let options = Options::new(Arc::new(Unrecorded));
    let refused = run(Arc::new(plan(steps)), &bench.connection, options, |_| {}, &Stop::new()).await;
    assert!(refused.unwrap_err().to_string().contains("outcome/C:create"));
    assert!(bench.emulator.requests().is_empty());
}
