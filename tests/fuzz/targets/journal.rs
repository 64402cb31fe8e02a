//! Any text in any column of the store, as a damaged disk or a hand leaves it: every reader answers or refuses, and the
//! chain of the audit trail never passes as whole when a record of it changed.
#![no_main]

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cxform_record::{
    AttemptOutcome, AttemptResult, AuditFilter, Location, NewAttempt, NewRun, Options, Origin, RunFilter, RunKind, StepEnd,
    StepOutcome, Store, wait,
};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

const TABLES: [&str; 5] = ["runs", "attempts", "steps", "audit", "bases"];

/// A sound store, and the columns of its tables.
static SOUND: OnceLock<(PathBuf, Vec<(&'static str, String)>)> = OnceLock::new();

fuzz_target!(|damage: Vec<(u8, String)>| {
    let (sound, columns) = SOUND.get_or_init(sound);
    let folder = sound.parent().expect("it lies in a folder");
    let file = folder.join("damaged.db");
    std::fs::copy(sound, &file).expect("the disk has room");
    let database = rusqlite::Connection::open(&file).expect("a copy opens");
    for (place, text) in damage.iter().take(4) {
        let (table, column) = &columns[usize::from(*place) % columns.len()];
        // What the schema itself refuses is no damage.
        let _ = database.execute(&format!("UPDATE {table} SET {column} = ?1"), [text]);
    }
    drop(database);
    read(&file, folder);
});

fn open(file: &Path, folder: &Path) -> Result<Store, cxform_record::StoreError> {
    wait(Store::open(Options::new(Location::File(file.to_owned()), folder.join("locks"))))
}

fn read(file: &Path, folder: &Path) {
    let Ok(store) = open(file, folder) else { return };
    let _ = wait(store.runs(RunFilter::default()));
    let _ = wait(store.run("run-1"));
    let _ = wait(store.plan_of("run-1"));
    let _ = wait(store.unfinished("https://x.example"));
    let _ = wait(store.traces("run-1"));
    let _ = wait(store.in_flight("run-1"));
    let _ = wait(store.steps("run-1"));
    let _ = wait(store.applied("run-1"));
    let _ = wait(store.bases("https://x.example"));
    let _ = wait(store.stats(cxform_record::Span::All));
    let _ = wait(store.audit(AuditFilter::default()));
    let _ = wait(store.audit_head());
}

fn sound() -> (PathBuf, Vec<(&'static str, String)>) {
    let folder = tempfile::tempdir().expect("there is a temporary folder").keep();
    let file = folder.join("sound.db");
    let store = open(&file, &folder).expect("a new store opens");
    let run = NewRun {
        id: "run-1".into(),
        kind: RunKind::Apply,
        undoes: None,
        project: "p".into(),
        environment: "e".into(),
        tenant: "https://x.example".into(),
        digest: "sha256:0".into(),
        plan: json!({ "steps": [] }),
        saved_plan: false,
        origin: Origin::default(),
    };
    wait(store.begin(run)).expect("a run begins");
    let attempt = NewAttempt {
        step: "outcome/SI:create".into(),
        attempt: 1,
        address: "outcome/SI".into(),
        endpoint: "create-outcome".into(),
        method: Some("POST".into()),
        key: "SI".into(),
        body_sha256: "abc".into(),
        precondition: "absent".into(),
        idempotency_key: Some("idem".into()),
    };
    wait(store.intend("run-1", attempt)).expect("an intent is kept");
    let result = AttemptResult {
        outcome: AttemptOutcome::Accepted,
        remote_id: Some("id-1".into()),
        version: Some("4".into()),
        status: Some(201),
        request_id: None,
        latency_ms: Some(12),
        retries: 1,
        error: None,
        audit: None,
    };
    wait(store.result("run-1", "outcome/SI:create", 1, result)).expect("an answer is kept");
    let end = StepEnd {
        step: "outcome/SI:create".into(),
        address: "outcome/SI".into(),
        outcome: StepOutcome::Applied,
        unsettled: false,
        remote_id: Some("id-1".into()),
        version: Some("4".into()),
        detail: None,
        base: None,
        audit: None,
        notices: Vec::new(),
    };
    wait(store.conclude("run-1", end)).expect("an end is kept");
    drop(store);
    let database = rusqlite::Connection::open(&file).expect("the store is a database");
    let mut triggers = database.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").expect("it has a schema");
    let names: Vec<String> =
        triggers.query_map([], |row| row.get(0)).expect("it is read").collect::<Result<_, _>>().expect("names are text");
    drop(triggers);
    for name in names {
        database.execute_batch(&format!("DROP TRIGGER {name}")).expect("a trigger goes");
    }
    database.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE").expect("it is one file");
    let mut columns = Vec::new();
    for table in TABLES {
        let mut of = database.prepare(&format!("PRAGMA table_info({table})")).expect("the table is there");
        let names: Vec<String> =
            of.query_map([], |row| row.get(1)).expect("it is read").collect::<Result<_, _>>().expect("names are text");
        columns.extend(names.into_iter().map(|name| (table, name)));
    }
    (file, columns)
}
