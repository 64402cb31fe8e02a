//! A part of `make chaos` that stands for the whole: some cut points, some fault scripts, two writers, one full disk.

#[path = "../chaos/clocks.rs"]
mod clocks;
#[path = "../chaos/crowd.rs"]
mod crowd;
#[path = "../chaos/cuts.rs"]
mod cuts;
#[path = "../chaos/disk.rs"]
mod disk;
#[path = "../chaos/judge.rs"]
mod judge;
#[path = "../chaos/reference.rs"]
mod reference;
#[path = "../chaos/relay.rs"]
mod relay;
#[path = "../chaos/sabotage.rs"]
mod sabotage;
#[path = "../chaos/scripts.rs"]
mod scripts;
#[path = "../chaos/tally.rs"]
mod tally;
#[path = "../chaos/writes.rs"]
mod writes;

use std::time::{Duration, Instant};

use cuts::{Again, Cut};
use judge::Verdict;
use reference::Reference;

const APPLY: &str = "apply --auto-approve --parallelism 1";

/// Tries all of these; nothing may go wrong.
#[track_caller]
fn holds<T: std::fmt::Debug + Sync>(items: &[T], trial: impl Fn(&T) -> Verdict + Sync) {
    let tally = tally::each(items, Instant::now() + Duration::from_secs(300), trial);
    assert_eq!((tally.trials, tally.left), (items.len(), 0));
    let found: Vec<_> = tally
        .findings
        .iter()
        .map(|(trial, finding)| format!("{:?} in {trial}: {}", finding.wrong, finding.text))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n\n"));
}

#[test]
fn a_process_killed_anywhere_is_made_good_by_the_next_one() {
    let reference = Reference::new().unwrap();
    let all = cuts::all(&reference, 4, Duration::from_millis(200));
    let some: Vec<_> = all.into_iter().step_by(17).collect();
    holds(&some, |cut| cuts::trial(&reference, cut));
}

#[test]
fn a_process_killed_anywhere_is_made_good_with_records_on_a_server() {
    let reference = Reference::new().unwrap();
    let some: Vec<_> = cuts::with_a_server(&reference).into_iter().step_by(13).collect();
    holds(&some, |cut| cuts::trial(&reference, cut));
}

#[test]
fn a_process_killed_while_it_writes_its_records_is_made_good() {
    let reference = Reference::new().unwrap();
    let some: Vec<_> = writes::in_a_file().into_iter().step_by(23).collect();
    holds(&some, |at| writes::trial_in_a_file(&reference, at));
}

#[test]
fn a_process_killed_while_a_server_keeps_its_records_is_made_good() {
    let reference = Reference::new().unwrap();
    let some: Vec<_> = writes::on_a_server().into_iter().step_by(19).collect();
    holds(&some, |at| writes::trial_on_a_server(&reference, at));
}

#[test]
fn losing_the_records_costs_history_and_nothing_else() {
    let reference = Reference::new().unwrap();
    let all = cuts::all(&reference, 0, Duration::ZERO).into_iter();
    let lost: Vec<_> = all.filter(|cut| matches!(cut, Cut::At(_, _, Again::Forgotten, ..))).step_by(4).collect();
    assert!(lost.len() > 2);
    holds(&lost, |cut| cuts::trial(&reference, cut));
}

#[test]
fn a_process_killed_on_a_tenant_that_lists_late_is_made_good_by_a_new_plan() {
    let reference = Reference::new().unwrap();
    let all = cuts::all(&reference, 0, Duration::ZERO).into_iter();
    let late: Vec<_> =
        all.filter(|cut| cut.is_late() && matches!(cut, Cut::At(_, _, Again::Plain, ..))).step_by(5).collect();
    assert!(late.len() > 2);
    holds(&late, |cut| cuts::trial(&reference, cut));
}

#[test]
fn a_tenant_that_fails_in_every_way_is_brought_to_where_it_should_be() {
    holds(&(0..40).collect::<Vec<u64>>(), |seed| scripts::trial(*seed));
}

#[test]
fn many_writers_at_once_are_one_after_the_other() {
    let reference = Reference::new().unwrap();
    holds(&crowd::all(3), |crowd| crowd::trial(&reference, crowd));
}

#[test]
fn a_disk_that_fails_stops_the_run_and_loses_nothing() {
    let reference = Reference::new().unwrap();
    let some: Vec<_> = disk::all().into_iter().step_by(5).collect();
    holds(&some, |disk| disk::trial(&reference, disk));
}

#[test]
fn clocks_may_jump() {
    holds(&clocks::all(), clocks::trial);
    let reference = Reference::new().unwrap();
    let some: Vec<_> = clocks::processes(&reference).into_iter().step_by(7).collect();
    holds(&some, |jump| clocks::process(&reference, jump));
}

/// The judges say nothing if they see nothing.
#[test]
fn the_judges_see_what_is_wrong() {
    use judge::Wrong;
    let reference = Reference::new().unwrap();
    let place = reference::Place::new();
    place.project.on(&place.tenant, APPLY).run().exits(0);
    let verdict = || {
        let mut verdict = Verdict::default();
        judge::settled(&place, &reference, &mut verdict);
        verdict.0.into_iter().map(|finding| finding.wrong).collect::<Vec<_>>()
    };
    assert_eq!(verdict(), []);
    let path = place.tenant.named("/api/v2/outcomes/{NEW}");
    let by_hand = |method, path: &str, body| assert!(place.tenant.by_hand(method, path, Some(&body)).0 < 300);
    by_hand("PUT", &path, serde_json::json!({ "name": "Other" }));
    assert!(verdict().contains(&Wrong::Lost), "a wanted change is gone");
    by_hand("PUT", "/api/v2/outcomes/o-foreign", serde_json::json!({ "description": "Touched" }));
    let seen = verdict();
    assert!(seen.iter().filter(|wrong| **wrong == Wrong::Violation).count() >= 2, "untouched and unrecorded: {seen:?}");
    let mut state = place.tenant.state();
    let seat = state["assignments"][0].clone();
    state["assignments"].as_array_mut().unwrap().push(seat);
    assert!(judge::nothing_twice(&state).is_err());
}
