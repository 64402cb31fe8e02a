//! A place for one test's store, in either database, with a clock that the test owns.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use cxform_record::{
    Clock, Location, NewRecord, NewRun, Options, Origin, Owner, RunKind, Store, StoreError, WriteResult,
};
use jiff::Timestamp;
use serde_json::json;

#[path = "../../../../tests/postgres/server.rs"]
mod server;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// Runs a test on both.
macro_rules! on_both {
    ($(fn $name:ident($place:ident) $body:block)*) => { $(
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            fn body($place: &crate::place::Place) $body
            #[test]
            fn sqlite() { body(&crate::place::Place::new(crate::place::Backend::Sqlite)); }
            #[test]
            fn postgres() { body(&crate::place::Place::new(crate::place::Backend::Postgres)); }
        }
    )* };
}
pub(crate) use on_both;

pub struct Place {
    pub backend: Backend,
    pub folder: tempfile::TempDir,
    pub setting: String,
    pub schema: String,
    /// Microseconds; every look moves it on by one.
    pub time: Arc<AtomicI64>,
}

/// 2026-11-21T00:00:00Z.
pub const MIDNIGHT: i64 = 1_795_219_200;

impl Place {
    pub fn new(backend: Backend) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let schema = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let setting = match backend {
            Backend::Sqlite => "sqlite:.cxform/store.db".to_owned(),
            Backend::Postgres => format!("{}?schema={schema}", server::address()),
        };
        let time = Arc::new(AtomicI64::new(MIDNIGHT * 1_000_000));
        Self { backend, folder: tempfile::tempdir().unwrap(), setting, schema, time }
    }

    pub fn options(&self) -> Options {
        let location = Location::parse(Some(&self.setting), self.folder.path()).unwrap();
        let time = Arc::clone(&self.time);
        let clock = Clock::new(move || Timestamp::from_microsecond(time.fetch_add(1, Ordering::SeqCst)).unwrap());
        Options { clock, ..Options::new(location, self.folder.path().join("locks")) }
    }

    pub fn try_open(&self, change: impl FnOnce(&mut Options)) -> Result<Store, StoreError> {
        let mut options = self.options();
        change(&mut options);
        Store::open(options).wait()
    }

    pub fn open(&self) -> Store {
        self.try_open(|_| ()).unwrap()
    }

    pub fn set_clock(&self, seconds_after_midnight: i64) {
        self.time.store((MIDNIGHT + seconds_after_midnight) * 1_000_000, Ordering::SeqCst);
    }

    pub fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.time.load(Ordering::SeqCst)).unwrap()
    }

    /// Statements past the store, as somebody with the database's password could run them.
    pub fn raw(&self, statements: &str) -> Result<(), String> {
        match self.backend {
            Backend::Sqlite => {
                let connection = rusqlite::Connection::open(self.folder.path().join(".cxform/store.db")).unwrap();
                connection.busy_timeout(Duration::from_secs(5)).unwrap();
                connection.execute_batch(statements).map_err(|error| error.to_string())
            }
            Backend::Postgres => {
                let mut client = postgres::Client::connect(server::address(), postgres::NoTls).unwrap();
                client.batch_execute(&format!("SET search_path TO {}; {statements}", self.schema)).map_err(|error| {
                    error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
                })
            }
        }
    }

    /// The one column of a query, as somebody with the database's password could ask.
    pub fn text(&self, query: &str) -> Vec<String> {
        match self.backend {
            Backend::Sqlite => {
                let connection = rusqlite::Connection::open(self.folder.path().join(".cxform/store.db")).unwrap();
                let mut statement =
                    connection.prepare(&format!("SELECT CAST(x AS TEXT) FROM ({})", named(query))).unwrap();
                let rows = statement.query_map([], |row| row.get(0)).unwrap();
                rows.map(Result::unwrap).collect()
            }
            Backend::Postgres => {
                let mut client = postgres::Client::connect(server::address(), postgres::NoTls).unwrap();
                client.batch_execute(&format!("SET search_path TO {}", self.schema)).unwrap();
                let rows = client.query(&format!("SELECT CAST(x AS TEXT) FROM ({}) AS t", named(query)), &[]);
                rows.unwrap().iter().map(|row| row.get(0)).collect()
            }
        }
    }

    /// Everything that is stored, as text.
    pub fn everything(&self) -> String {
        match self.backend {
            Backend::Sqlite => {
                let files = std::fs::read_dir(self.folder.path().join(".cxform")).unwrap();
                files
                    .map(|file| String::from_utf8_lossy(&std::fs::read(file.unwrap().path()).unwrap()).into_owned())
                    .collect()
            }
            Backend::Postgres => {
                let mut client = postgres::Client::connect(server::address(), postgres::NoTls).unwrap();
                let tables = "SELECT tablename FROM pg_tables WHERE schemaname = $1";
                let tables = client.query(tables, &[&self.schema]).unwrap();
                let mut text = String::new();
                for table in tables {
                    let name: String = table.get(0);
                    let rows = client.query(&format!("SELECT CAST(t AS TEXT) FROM {}.{name} t", self.schema), &[]);
                    rows.unwrap().iter().for_each(|row| text.push_str(row.get(0)));
                }
                text
            }
        }
    }
}

/// A query with its one column named `x`.
fn named(query: &str) -> String {
    query.replacen(" FROM ", " AS x FROM ", 1)
}

pub fn run(id: &str) -> NewRun {
    NewRun {
        id: id.into(),
        kind: RunKind::Apply,
        undoes: None,
        project: "acme".into(),
        environment: "prod".into(),
        tenant: "https://tenant.example".into(),
        digest: "sha256:11".into(),
        plan: json!({ "formatVersion": 1, "steps": [] }),
        saved_plan: true,
        origin: Origin {
            git_commit: Some("c0ffee".into()),
            git_author: Some("Ada".into()),
            actor: "ci-bot".into(),
            host: "build-1".into(),
            pid: 42,
        },
    }
}

pub fn record(run: &str, step: &str) -> NewRecord {
    NewRecord {
        run: run.into(),
        step: step.into(),
        address: "campaign/q3".into(),
        endpoint: "update-campaign".into(),
        method: "PATCH".into(),
        path: "/api/v2/campaigns/7".into(),
        before: Some(json!({ "dialerSettings.callRate": 0.5 })),
        after: Some(json!({ "dialerSettings.callRate": 0.6 })),
        version_before: Some("3".into()),
        version_after: Some("4".into()),
        result: WriteResult::Applied,
        latency_ms: 12,
        retries: 0,
        request_id: Some("req-1".into()),
        compliance: json!({ "overlap": true, "windows": true }),
        payload_sha256: Some(cxform_record::payload_sha256(b"{}")),
    }
}

pub fn owner(actor: &str) -> Owner {
    Owner { actor: actor.into(), host: "build-1".into(), pid: std::process::id(), run: Some("run-1".into()) }
}
