use cxform_record::{
    AttemptOutcome, AttemptResult, Counts, Origin, RunEnd, RunFilter, RunKind, RunState, Span, StepOutcome, Store,
    StoreError,
};

use crate::journal::{answer, attempt, end};
use crate::place::{on_both, run};

pub fn run_end(state: RunState) -> RunEnd {
    RunEnd { state, counts: Counts { applied: 2, requests: 3, ..Counts::default() }, error: None, notices: Vec::new() }
}

fn unfinished(store: &Store) -> Vec<String> {
    store.unfinished("https://tenant.example").wait().unwrap().into_iter().map(|run| run.id).collect()
}

on_both! {
    fn a_run_is_unfinished_until_it_ends_or_gives_way(place) {
        let store = place.open();
        for id in ["run-1", "run-2", "run-3"] {
            store.begin(run(id)).wait().unwrap();
        }
        assert!(store.begin(run("run-1")).wait().is_err());
        let mut elsewhere = run("run-4");
        elsewhere.tenant = "https://other.example".into();
        store.begin(elsewhere).wait().unwrap();
        assert_eq!(unfinished(&store), ["run-1", "run-2", "run-3"]);
        // Ctrl-C leaves it open.
        store.finish("run-1", run_end(RunState::Interrupted)).wait().unwrap();
        assert_eq!(unfinished(&store), ["run-1", "run-2", "run-3"]);
        let origin = Origin { actor: "bob".into(), host: "laptop".into(), pid: 7, ..Origin::default() };
        store.resume("run-1", origin).wait().unwrap();
        let resumed = store.run("run-1").wait().unwrap();
        assert_eq!((resumed.resumes, resumed.state, resumed.ended), (1, RunState::Running, None));
        assert_eq!((resumed.origin.actor.as_str(), resumed.origin.git_commit.as_deref()), ("bob", Some("c0ffee")));
        let head = store.finish("run-1", run_end(RunState::Partial)).wait().unwrap();
        store.supersede("run-2", Some("run-3")).wait().unwrap();
        assert_eq!(unfinished(&store), ["run-3"]);
        let ended = store.run("run-1").wait().unwrap();
        assert_eq!((ended.state, ended.head, ended.counts.unwrap().applied), (RunState::Partial, Some(head), 2));
        assert_eq!(store.run("run-2").wait().unwrap().superseded_by.as_deref(), Some("run-3"));
        // What has ended stays so.
        for refused in [
            store.finish("run-1", run_end(RunState::Done)).wait().map(drop),
            store.finish("run-3", run_end(RunState::Running)).wait().map(drop),
            store.supersede("run-2", None).wait(),
            store.resume("run-1", Origin::default()).wait(),
            store.finish("no-such-run", run_end(RunState::Done)).wait().map(drop),
        ] {
            assert!(matches!(refused, Err(StoreError::Missing(_) | StoreError::Contradiction(_))), "{refused:?}");
        }
    }

    fn a_saved_plan_is_spent_once_its_run_has_ended(place) {
        let store = place.open();
        let mut once = run("run-1");
        once.saved_plan = false;
        store.begin(once).wait().unwrap();
        store.finish("run-1", run_end(RunState::Done)).wait().unwrap();
        assert_eq!(store.spent("sha256:11", None).wait().unwrap(), None, "it was planned and applied in one go");
        store.begin(run("run-2")).wait().unwrap();
        assert_eq!(store.spent("sha256:11", None).wait().unwrap(), None, "it can be resumed");
        store.finish("run-2", run_end(RunState::Interrupted)).wait().unwrap();
        assert_eq!(store.spent("sha256:11", None).wait().unwrap(), None, "it can be resumed");
        store.finish("run-2", run_end(RunState::Failed)).wait().unwrap();
        assert_eq!(store.spent("sha256:11", None).wait().unwrap().unwrap().id, "run-2");
        assert_eq!(store.spent("sha256:22", None).wait().unwrap(), None);
    }

    fn plans_with_the_same_writes_are_spent_each_by_itself(place) {
        let store = place.open();
        let mut named = run("run-1");
        named.plan["id"] = "plan-1".into();
        store.begin(named).wait().unwrap();
        store.finish("run-1", run_end(RunState::Done)).wait().unwrap();
        assert_eq!(store.spent("sha256:11", Some("plan-1")).wait().unwrap().unwrap().id, "run-1");
        assert_eq!(store.spent("sha256:11", Some("plan-2")).wait().unwrap(), None);
        assert_eq!(store.spent("sha256:11", None).wait().unwrap(), None);
    }

    fn runs_are_listed_newest_first(place) {
        let store = place.open();
        for (at, environment) in [(0, "prod"), (1, "test"), (2, "prod")] {
            let mut run = run(&format!("run-{at}"));
            run.environment = environment.into();
            run.kind = if at == 2 { RunKind::Undo } else { RunKind::Apply };
            run.undoes = (at == 2).then(|| "run-0".into());
            store.begin(run).wait().unwrap();
        }
        let list = |filter| store.runs(filter).wait().unwrap().into_iter().map(|run| run.id).collect::<Vec<_>>();
        assert_eq!(list(RunFilter::default()), ["run-2", "run-1", "run-0"]);
        assert_eq!(list(RunFilter { limit: Some(1), ..RunFilter::default() }), ["run-2"]);
        assert_eq!(list(RunFilter { without: Some(RunKind::Undo), ..RunFilter::default() }), ["run-1", "run-0"]);
        assert_eq!(list(RunFilter { environment: Some("prod".into()), ..RunFilter::default() }), ["run-2", "run-0"]);
        assert!(list(RunFilter { tenant: Some("x".into()), environment: Some("prod".into()), ..RunFilter::default() }).is_empty());
        let undo = store.run("run-2").wait().unwrap();
        assert_eq!((undo.kind, undo.undoes.as_deref()), (RunKind::Undo, Some("run-0")));
        assert_eq!(store.plan_of("run-0").wait().unwrap(), run("run-0").plan);
        assert!(matches!(store.run("run-9").wait(), Err(StoreError::Missing(_))));
        assert!(matches!(store.plan_of("run-9").wait(), Err(StoreError::Missing(_))));
    }

    fn a_clock_that_steps_back_does_not_turn_the_order_round(place) {
        let store = place.open();
        for (at, seconds) in [("run-1", 600), ("run-2", 0), ("run-3", 300)] {
            place.set_clock(seconds);
            store.begin(run(at)).wait().unwrap();
        }
        for (step, seconds) in [("a", 600), ("b", 0), ("c", 300), ("a", 100)] {
            place.set_clock(seconds);
            store.conclude("run-1", end(step, StepOutcome::Applied)).wait().unwrap();
        }
        let newest = store.runs(RunFilter::default()).wait().unwrap();
        assert_eq!(newest.into_iter().map(|run| run.id).collect::<Vec<_>>(), ["run-3", "run-2", "run-1"]);
        assert_eq!(unfinished(&store), ["run-1", "run-2", "run-3"]);
        let steps = store.steps("run-1").wait().unwrap();
        assert_eq!(steps.into_iter().map(|step| step.step).collect::<Vec<_>>(), ["b", "c", "a"], "decided anew, `a` is last");
        for id in ["run-1", "run-3", "run-2"] {
            store.finish(id, run_end(RunState::Done)).wait().unwrap();
        }
        assert_eq!(store.spent("sha256:11", None).wait().unwrap().unwrap().id, "run-3");
    }

    fn runs_that_begin_at_once_in_two_processes_get_numbers_of_their_own(place) {
        let stores = [place.open(), place.open()];
        let begun: Vec<_> = (0..40).map(|at| stores[at % 2].begin(run(&format!("run-{at}")))).collect();
        for answer in begun {
            answer.wait().unwrap();
        }
        assert_eq!(stores[0].runs(RunFilter::default()).wait().unwrap().len(), 40);
    }

    fn figures_follow_from_the_journal(place) {
        let store = place.open();
        let none = store.stats(Span::All).wait().unwrap();
        assert_eq!((none.requests, none.success_rate, none.p95_ms), (0, None, None));
        store.begin(run("run-1")).wait().unwrap();
        store.begin(run("run-2")).wait().unwrap();
        for at in 1..=20_u64 {
            let step = format!("s{at}");
            let run = if at <= 10 { "run-1" } else { "run-2" };
            store.intend(run, attempt(&step, 0)).wait().unwrap();
            let answer = AttemptResult { latency_ms: Some(at * 10), retries: at % 2, ..answer(AttemptOutcome::Accepted) };
            store.result(run, &step, 0, answer).wait().unwrap();
            let outcome = match at {
                1 => StepOutcome::Failed,
                2 => StepOutcome::Skipped,
                _ => StepOutcome::Applied,
            };
            store.conclude(run, end(&step, outcome)).wait().unwrap();
        }
        store.intend("run-2", attempt("unanswered", 0)).wait().unwrap();
        store.intend("run-1", attempt("found out", 0)).wait().unwrap();
        let found = AttemptResult { latency_ms: None, retries: 0, ..answer(AttemptOutcome::Refused) };
        store.found_out("run-1", "found out", 0, found).wait().unwrap();
        let all = store.stats(Span::All).wait().unwrap();
        assert_eq!((all.runs, all.steps, all.succeeded, all.requests, all.retries), (2, 19, 18, 32, 10));
        assert_eq!((all.mean_ms, all.p50_ms, all.p95_ms), (Some(105.0), Some(100), Some(190)));
        let here = |name: &str| store.stats(Span::Environment(name.into())).wait().unwrap();
        assert_eq!((here(&run("run-1").environment), here("elsewhere").runs), (all, 0));
        let one = store.stats(Span::Run("run-1".into())).wait().unwrap();
        assert_eq!((one.runs, one.steps, one.succeeded, one.requests), (1, 9, 8, 16));
        assert_eq!((one.p50_ms, one.p95_ms), (Some(50), Some(100)));
        assert!((one.success_rate.unwrap() - 8.0 / 9.0).abs() < 1e-9);
    }
}
