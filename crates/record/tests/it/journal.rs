use cxform_record::{
    AttemptOutcome, AttemptResult, NewAttempt, NewBase, NewNotice, Origin, StepEnd, StepOutcome, StoreError, wait,
};
use serde_json::json;

use crate::child::Process;
use crate::place::{on_both, record, run};

pub fn attempt(step: &str, attempt: u32) -> NewAttempt {
    NewAttempt {
        step: step.into(),
        attempt,
        address: "outcome/SI".into(),
        endpoint: "create-outcome".into(),
        method: Some("POST".into()),
        key: "SI".into(),
        body_sha256: "abc".into(),
        precondition: "absent".into(),
        idempotency_key: Some("idem".into()),
    }
}

pub fn answer(outcome: AttemptOutcome) -> AttemptResult {
    AttemptResult {
        outcome,
        remote_id: Some("id-1".into()),
        version: Some("4".into()),
        status: Some(201),
        request_id: Some("req".into()),
        latency_ms: Some(12),
        retries: 1,
        error: None,
        audit: None,
    }
}

pub fn end(step: &str, outcome: StepOutcome) -> StepEnd {
    StepEnd {
        step: step.into(),
        address: "outcome/SI".into(),
        outcome,
        unsettled: false,
        remote_id: Some("id-1".into()),
        version: Some("4".into()),
        detail: None,
        base: None,
        audit: None,
        notices: Vec::new(),
    }
}

on_both! {
    fn a_killed_process_leaves_its_intent_behind(place) {
        place.open().begin(run("run-1")).wait().unwrap();
        let mut process = Process::start(place, "intend");
        process.says("intended");
        process.kill();
        let store = place.open();
        let in_flight = store.in_flight("run-1").wait().unwrap();
        assert_eq!(in_flight.len(), 1);
        assert_eq!(in_flight[0].request, attempt("step-1", 0));
    }

    fn a_store_that_is_never_closed_has_stored_everything_that_it_answered(place) {
        let store = place.open();
        store.begin(run("run-1")).wait().unwrap();
        store.intend("run-1", attempt("step-1", 0)).wait().unwrap();
        std::mem::forget(store);
        assert_eq!(place.open().in_flight("run-1").wait().unwrap().len(), 1);
    }

    fn an_answer_settles_a_request_unless_it_says_that_nobody_knows(place) {
        let store = place.open();
        store.begin(run("run-1")).wait().unwrap();
        for (step, outcome) in [("a", AttemptOutcome::Accepted), ("b", AttemptOutcome::Refused), ("c", AttemptOutcome::Lost)] {
            store.intend("run-1", attempt(step, 0)).wait().unwrap();
            store.result("run-1", step, 0, answer(outcome)).wait().unwrap();
        }
        store.intend("run-1", attempt("d", 0)).wait().unwrap();
        let steps = |store: &cxform_record::Store| {
            let in_flight = store.in_flight("run-1").wait().unwrap();
            in_flight.into_iter().map(|request| request.request.step).collect::<Vec<_>>()
        };
        assert_eq!(steps(&store), ["c", "d"]);
        // The end of the step may say that even looking did not tell.
        store.conclude("run-1", StepEnd { unsettled: true, ..end("c", StepOutcome::Failed) }).wait().unwrap();
        assert_eq!(steps(&store), ["c", "d"]);
        store.conclude("run-1", end("c", StepOutcome::Applied)).wait().unwrap();
        store.conclude("run-1", end("d", StepOutcome::Failed)).wait().unwrap();
        assert!(steps(&store).is_empty());
        // Sent once more after all, and killed before the answer.
        store.intend("run-1", attempt("d", 1)).wait().unwrap();
        assert_eq!(steps(&store), ["d"]);
        assert!(store.steps("run-1").wait().unwrap().iter().all(|step| step.step != "d"));
    }

    fn a_resume_learns_of_every_request_that_was_ever_intended(place) {
        let store = place.open();
        store.begin(run("run-1")).wait().unwrap();
        for (step, outcomes) in [
            ("accepted", &[AttemptOutcome::Accepted][..]),
            ("again", &[AttemptOutcome::Lost, AttemptOutcome::Refused]),
            ("open", &[]),
        ] {
            for (number, outcome) in (0..).zip(outcomes) {
                store.intend("run-1", attempt(step, number)).wait().unwrap();
                store.result("run-1", step, number, answer(*outcome)).wait().unwrap();
            }
        }
        store.intend("run-1", attempt("open", 0)).wait().unwrap();
        let traces = store.traces("run-1").wait().unwrap();
        let told: Vec<_> = traces.iter().map(|trace| (&*trace.step, trace.attempts, trace.last)).collect();
        assert_eq!(
            told,
            [
                ("accepted", 1, Some(AttemptOutcome::Accepted)),
                ("again", 2, Some(AttemptOutcome::Refused)),
                ("open", 1, None),
            ]
        );
        assert_eq!(traces[0].remote_id.as_deref(), Some("id-1"));
    }

    fn a_notice_names_the_audit_record_of_its_step(place) {
        let store = place.open();
        store.begin(run("run-1")).wait().unwrap();
        store.append_audit(record("run-1", "other")).wait().unwrap();
        let seq = store.append_audit(record("run-1", "step-1")).wait().unwrap();
        let notice = NewNotice {
            id: "notice-1".into(),
            kind: "selection_changed".into(),
            payload: json!({ "auditId": null, "campaignId": "c" }),
        };
        let end = StepEnd { notices: vec![notice], ..end("step-1", StepOutcome::Applied) };
        store.conclude("run-1", end).wait().unwrap();
        let waiting = store.undelivered().wait().unwrap();
        assert_eq!(waiting[0].payload, json!({ "auditId": seq.to_string(), "campaignId": "c" }));
    }

    fn an_attempt_is_one_request_with_one_answer(place) {
        let store = place.open();
        store.begin(run("run-1")).wait().unwrap();
        store.intend("run-1", attempt("a", 0)).wait().unwrap();
        // A caller that could not know whether it was stored says it again.
        store.intend("run-1", attempt("a", 0)).wait().unwrap();
        let other = NewAttempt { body_sha256: "other".into(), ..attempt("a", 0) };
        assert!(matches!(store.intend("run-1", other).wait(), Err(StoreError::Contradiction(_))));
        store.result("run-1", "a", 0, answer(AttemptOutcome::Accepted)).wait().unwrap();
        let again = store.result("run-1", "a", 0, answer(AttemptOutcome::Refused)).wait();
        assert!(matches!(again, Err(StoreError::Missing(_))));
        assert!(matches!(store.intend("run-1", attempt("a", 0)).wait(), Err(StoreError::Contradiction(_))));
        assert!(matches!(store.intend("run-9", attempt("a", 0)).wait(), Err(StoreError::Contradiction(_))));
    }

    fn a_resume_finds_what_was_created(place) {
        let store = place.open();
        store.begin(run("run-1")).wait().unwrap();
        for (step, outcome) in [("b", StepOutcome::Applied), ("a", StepOutcome::Rebased), ("c", StepOutcome::Failed)] {
            store.intend("run-1", attempt(step, 0)).wait().unwrap();
            store.result("run-1", step, 0, answer(AttemptOutcome::Accepted)).wait().unwrap();
            let base = NewBase {
                tenant: "t".into(),
                address: format!("outcome/{step}"),
                fields: Some(json!({ "name": step })),
                version: None,
            };
            let base = (outcome != StepOutcome::Failed).then_some(base);
            store.conclude("run-1", StepEnd { base, ..end(step, outcome) }).wait().unwrap();
        }
        drop(store);
        let store = place.open();
        let applied = store.applied("run-1").wait().unwrap();
        assert_eq!(applied.iter().map(|step| step.step.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!((applied[0].remote_id.as_deref(), applied[0].version.as_deref()), (Some("id-1"), Some("4")));
        assert_eq!(applied[0].attempts, 1);
        assert_eq!(store.steps("run-1").wait().unwrap().len(), 3);
        let bases = store.bases("t").wait().unwrap();
        assert_eq!(bases.iter().map(|base| base.address.as_str()).collect::<Vec<_>>(), ["outcome/a", "outcome/b"]);
        assert_eq!((&bases[0].fields, bases[0].run.as_str()), (&json!({ "name": "a" }), "run-1"));
        let gone = NewBase { tenant: "t".into(), address: "outcome/a".into(), fields: None, version: None };
        store.put_base("run-1", gone).wait().unwrap();
        assert_eq!(store.bases("t").wait().unwrap().len(), 1);
        assert!(store.bases("other").wait().unwrap().is_empty());
    }

    fn an_answer_and_its_audit_record_are_stored_together_or_not_at_all(place) {
        let store = place.open();
        store.begin(run("run-1")).wait().unwrap();
        store.intend("run-1", attempt("a", 0)).wait().unwrap();
        let with = |audit| AttemptResult { audit: Some(audit), ..answer(AttemptOutcome::Accepted) };
        assert!(store.result("run-1", "a", 0, with(record("no-such-run", "a"))).wait().is_err());
        assert_eq!(store.in_flight("run-1").wait().unwrap().len(), 1);
        store.result("run-1", "a", 0, with(record("run-1", "a"))).wait().unwrap();
        assert!(store.in_flight("run-1").wait().unwrap().is_empty());
        assert_eq!(wait(store.verify_audit(None)).unwrap().records, 1);
    }

    fn one_bad_request_does_not_take_its_neighbours_with_it(place) {
        let store = place.open();
        store.begin(run("run-1")).wait().unwrap();
        // Nobody waits in between, so these share transactions.
        let answers: Vec<_> = (0..300)
            .map(|at| store.intend(if at % 50 == 7 { "no-such-run" } else { "run-1" }, attempt(&format!("s{at}"), 0)))
            .collect();
        for (at, answer) in answers.into_iter().enumerate() {
            assert_eq!(answer.wait().is_ok(), at % 50 != 7, "{at}");
        }
        assert_eq!(store.in_flight("run-1").wait().unwrap().len(), 294);
    }

    fn the_store_answers_on_a_runtime_too(place) {
        let store = place.open();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            store.begin(run("run-1")).await.unwrap();
            store.resume("run-1", Origin { actor: "bob".into(), ..Origin::default() }).await.unwrap();
            // Waiting instead of awaiting blocks the runtime, but does not panic.
            assert_eq!(store.run("run-1").wait().unwrap().origin.actor, "bob");
        });
    }
}
