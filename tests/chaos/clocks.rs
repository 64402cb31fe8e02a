//! Clocks that jump, back and forth, by years: what is in flight, the chain of records and the lock do not hang on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use cxform_record::{
    AttemptOutcome, AttemptResult, AuditFilter, Clock, Counts, Location, NewAttempt, NewRecord, NewRun, Options,
    Origin, Owner, RunEnd, RunKind, RunState, Store, WriteResult,
};
use jiff::Timestamp;
use serde_json::json;

use super::cuts::{self, Again, Cut};
use super::judge::{Verdict, Wrong};
use super::reference::{Place, Reference};

const TENANT: &str = "https://tenant.example";
const STEPS: i64 = 12;

/// By so many seconds, between any two looks at the clock.
pub fn all() -> Vec<i64> {
    vec![0, -1, 3_600, -3_600, 86_400 * 400, -86_400 * 400]
}

/// The real process under such clocks, killed at some of its writes.
pub fn processes(reference: &Reference) -> Vec<(i64, Cut)> {
    let jumps = all().into_iter().filter(|jump| *jump != 0);
    let cuts = |again| cuts::after(reference, again).into_iter().step_by(9);
    let under = |jump: i64| {
        [Again::Resume, Again::Plain].into_iter().flat_map(cuts).map(move |cut| (jump, cut)).collect::<Vec<_>>()
    };
    jumps.flat_map(under).collect()
}

/// The tenant ends as it should, and the chain is whole, whatever the clock says.
pub fn process(reference: &Reference, (jump, cut): &(i64, Cut)) -> Verdict {
    cuts::in_place(&Place::new().under_a_jumping_clock(*jump), reference, cut)
}

/// A run of several steps is begun, left, resumed and ended under such a clock.
pub fn trial(jump: &i64) -> Verdict {
    let mut verdict = Verdict::default();
    let result = under(*jump);
    verdict.expect(Wrong::Violation, result);
    verdict
}

fn under(jump: i64) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let look = Arc::new(AtomicI64::new(0));
    let clock = Clock::new(move || {
        // Forth and back, so that no two neighbours are in order.
        let look = look.fetch_add(1, Ordering::SeqCst);
        Timestamp::from_second(1_795_219_200 + look + if look % 2 == 0 { jump } else { 0 }).unwrap()
    });
    let open = || {
        let location = Location::parse(None, folder.path()).unwrap();
        Store::open(Options { clock: clock.clone(), ..Options::new(location, folder.path().join("locks")) }).wait()
    };
    let told = |error: &dyn std::fmt::Display| error.to_string();
    let (store, other) = (open().map_err(|error| told(&error))?, open().map_err(|error| told(&error))?);
    let guard = store.acquire(TENANT, owner("ada"), Duration::from_millis(50)).wait().map_err(|error| told(&error))?;
    store.begin(run()).wait().map_err(|error| told(&error))?;
    for at in 0..STEPS {
        store.intend("run-1", attempt(at)).wait().map_err(|error| told(&error))?;
        // Of each third the answer never comes.
        if at % 3 != 2 {
            store.result("run-1", &step(at), 0, accepted(at)).wait().map_err(|error| told(&error))?;
        }
    }
    if other.acquire(TENANT, owner("bob"), Duration::from_millis(50)).wait().is_ok() {
        return Err("two hold one lock".to_owned());
    }
    let mut lost: Vec<String> = store
        .in_flight("run-1")
        .wait()
        .map_err(|error| told(&error))?
        .into_iter()
        .map(|one| one.request.step)
        .collect();
    // Each step looks for its own; in which order they are told is the clock's business.
    lost.sort();
    let expected: Vec<String> = (0..STEPS).filter(|at| at % 3 == 2).map(step).collect();
    same("what is in flight", &lost, &expected)?;
    let open_runs = other.unfinished(TENANT).wait().map_err(|error| told(&error))?;
    same("unfinished runs", &open_runs.len(), &1)?;
    store.resume("run-1", origin()).wait().map_err(|error| told(&error))?;
    for at in (0..STEPS).filter(|at| at % 3 == 2) {
        store.result("run-1", &step(at), 0, accepted(at)).wait().map_err(|error| told(&error))?;
    }
    let end = RunEnd { state: RunState::Done, counts: Counts::default(), error: None, notices: Vec::new() };
    let head = store.finish("run-1", end).wait().map_err(|error| told(&error))?;
    same("the head", &store.audit_head().wait().map_err(|error| told(&error))?, &head)?;
    let records = store.audit(AuditFilter::default()).wait().map_err(|error| told(&error))?;
    let mut sequence: Vec<i64> = records.iter().map(|record| record.seq).collect();
    sequence.sort_unstable();
    same("records", &sequence, &(1..=STEPS).collect())?;
    let whole = cxform_record::wait(store.verify_audit(Some(&head))).map_err(|error| told(&error))?;
    if !whole.is_whole() {
        return Err(format!("the chain is broken: {whole:?}"));
    }
    if !guard.is_held() {
        return Err("the lock is lost".to_owned());
    }
    drop(guard);
    other.acquire(TENANT, owner("bob"), Duration::from_secs(5)).wait().map(drop).map_err(|error| told(&error))
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, left: &T, right: &T) -> Result<(), String> {
    if left == right { Ok(()) } else { Err(format!("{what}: {left:?}, not {right:?}")) }
}

fn step(at: i64) -> String {
    format!("step-{at:02}")
}

fn origin() -> Origin {
    Origin { git_commit: None, git_author: None, actor: "ada".into(), host: "build-1".into(), pid: std::process::id() }
}

fn owner(actor: &str) -> Owner {
    Owner { actor: actor.into(), host: "build-1".into(), pid: std::process::id(), run: Some("run-1".into()) }
}

fn run() -> NewRun {
    NewRun {
        id: "run-1".into(),
        kind: RunKind::Apply,
        undoes: None,
        project: "acme".into(),
        environment: "test".into(),
        tenant: TENANT.into(),
        digest: "sha256:11".into(),
        plan: json!({ "formatVersion": 1, "steps": [] }),
        saved_plan: false,
        origin: origin(),
    }
}

fn attempt(at: i64) -> NewAttempt {
    NewAttempt {
        step: step(at),
        attempt: 0,
        address: format!("outcome/O{at}"),
        endpoint: "create-outcome".into(),
        method: Some("POST".into()),
        key: format!("O{at}"),
        body_sha256: cxform_record::payload_sha256(b"{}"),
        precondition: "absent".into(),
        idempotency_key: None,
    }
}

fn accepted(at: i64) -> AttemptResult {
    let record = NewRecord {
        run: "run-1".into(),
        step: step(at),
        address: format!("outcome/O{at}"),
        endpoint: "create-outcome".into(),
        method: "POST".into(),
        path: "/api/v2/outcomes".into(),
        before: None,
        after: Some(json!({ "name": "x" })),
        version_before: None,
        version_after: None,
        result: WriteResult::Applied,
        latency_ms: 1,
        retries: 0,
        request_id: None,
        compliance: json!({}),
        payload_sha256: None,
    };
    AttemptResult {
        outcome: AttemptOutcome::Accepted,
        remote_id: Some(format!("o{at}")),
        version: None,
        status: Some(201),
        request_id: None,
        latency_ms: Some(1),
        retries: 0,
        error: None,
        audit: Some(record),
    }
}
