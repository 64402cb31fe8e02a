use cxform_record::{AuditFilter, Mode, RunFilter, StepOutcome, StoreError, wait};

use crate::journal::{attempt, end};
use crate::place::{Backend, Place, on_both, record, run};

on_both! {
    fn a_reader_works_beside_a_writer_and_writes_nothing(place) {
        let writer = place.open();
        writer.begin(run("run-1")).wait().unwrap();
        let reader = place.try_open(|options| options.mode = Mode::ReadOnly).unwrap();
        writer.append_audit(record("run-1", "a")).wait().unwrap();
        assert_eq!(reader.runs(RunFilter::default()).wait().unwrap().len(), 1);
        assert_eq!(reader.audit(AuditFilter::default()).wait().unwrap().len(), 1);
        assert!(wait(reader.verify_audit(None)).unwrap().is_whole());
        assert_eq!(reader.begin(run("run-2")).wait(), Err(StoreError::ReadOnly));
        writer.begin(run("run-2")).wait().unwrap();
        drop(writer);
        assert_eq!(reader.runs(RunFilter::default()).wait().unwrap().len(), 2);
    }

    fn a_new_store_may_be_opened_by_many_at_once(first) {
        for _ in 0..if first.backend == Backend::Sqlite { 40 } else { 4 } {
            let place = Place::new(first.backend);
            let opened: Vec<_> = (0..3).map(|_| cxform_record::Store::open(place.options())).collect();
            for store in opened {
                store.wait().unwrap();
            }
        }
    }

    fn a_store_of_the_first_format_is_brought_up_to_date_in_the_order_of_its_times(place) {
        let store = place.open();
        for id in ["run-2", "run-1", "run-3"] {
            store.begin(run(id)).wait().unwrap();
        }
        for step in ["s-2", "s-1"] {
            store.conclude("run-1", end(step, StepOutcome::Applied)).wait().unwrap();
        }
        drop(store);
        let one = "DROP VIEW report_mappings_by_day; DROP VIEW report_mappings; DROP VIEW report_events_by_day; \
                   DROP VIEW report_campaigns; DROP TABLE events; DROP TABLE mappings; DROP INDEX runs_by_seq; ALTER TABLE runs DROP COLUMN seq; DROP INDEX steps_by_seq; \
                   ALTER TABLE steps DROP COLUMN seq; DROP TABLE counters; CREATE INDEX runs_by_start ON runs (started, id); \
                   UPDATE meta SET value = '1' WHERE name = 'format'";
        place.raw(one).unwrap();
        let refused = place.try_open(|options| options.mode = Mode::ReadOnly).unwrap_err();
        assert_eq!(refused, StoreError::Older { found: 1, known: 3 });
        let store = place.open();
        store.begin(run("run-4")).wait().unwrap();
        let runs = store.runs(RunFilter::default()).wait().unwrap();
        assert_eq!(runs.iter().map(|run| run.id.as_str()).collect::<Vec<_>>(), ["run-4", "run-3", "run-1", "run-2"]);
        store.conclude("run-1", end("s-0", StepOutcome::Applied)).wait().unwrap();
        let steps = store.steps("run-1").wait().unwrap();
        assert_eq!(steps.iter().map(|step| step.step.as_str()).collect::<Vec<_>>(), ["s-2", "s-1", "s-0"]);
    }

    fn a_store_of_a_newer_program_is_refused(place) {
        drop(place.open());
        place.raw("UPDATE meta SET value = '7' WHERE name = 'format'").unwrap();
        let refused = place.try_open(|_| ()).unwrap_err();
        assert_eq!(refused, StoreError::Newer { found: 7, known: 3 });
        place.raw("UPDATE meta SET value = 'x' WHERE name = 'format'").unwrap();
        assert!(matches!(place.try_open(|_| ()), Err(StoreError::Damaged(_))));
    }

    fn two_programs_create_one_store(place) {
        let stores: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| place.open())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        for (at, store) in stores.iter().enumerate() {
            store.begin(run(&format!("run-{at}"))).wait().unwrap();
        }
        assert_eq!(stores[0].runs(RunFilter::default()).wait().unwrap().len(), 4);
    }

    fn what_the_store_has_opened_says_where_it_is_and_no_password(place) {
        let store = place.open();
        assert!(!format!("{store:?} {:?}", place.options()).contains("test-password"));
    }
}

#[test]
fn reading_a_store_that_nobody_has_made_says_so() {
    let place = Place::new(Backend::Sqlite);
    let error = place.try_open(|options| options.mode = Mode::ReadOnly).unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error}");
    assert!(!place.folder.path().join(".cxform").exists(), "reading makes no file");
    let place = Place::new(Backend::Postgres);
    let error = place.try_open(|options| options.mode = Mode::ReadOnly).unwrap_err();
    assert_eq!(error, StoreError::Older { found: 0, known: 3 });
}

#[test]
fn the_file_belongs_to_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new(Backend::Sqlite);
    let store = place.open();
    store.begin(run("run-1")).wait().unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = place.folder.path().join(".cxform");
    assert_eq!(mode(&folder), 0o700);
    for file in std::fs::read_dir(&folder).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
}

#[test]
fn a_damaged_file_is_an_error_and_no_panic() {
    let place = Place::new(Backend::Sqlite);
    let path = place.folder.path().join(".cxform/store.db");
    let store = place.open();
    store.begin(run("run-1")).wait().unwrap();
    let answers: Vec<_> = (0..200).map(|at| store.intend("run-1", attempt(&format!("s{at}"), 0))).collect();
    answers.into_iter().for_each(|answer| answer.wait().unwrap());
    drop(store);
    let whole = std::fs::read(&path).unwrap();
    let mut holes = whole.clone();
    holes[4096..].iter_mut().step_by(3).for_each(|byte| *byte = 0x55);
    for damaged in
        [b"this is no database, and long enough to be read as one".repeat(100), holes, whole[..5000].to_vec()]
    {
        std::fs::write(&path, damaged).unwrap();
        let error = place.try_open(|_| ()).and_then(|store| store.in_flight("run-1").wait()).unwrap_err();
        assert!(matches!(error, StoreError::Damaged(_)), "{error}");
        assert!(error.hint().is_some());
    }
}

#[test]
fn a_server_that_lets_nobody_in_is_named_without_the_password() {
    let place = Place::new(Backend::Postgres);
    let with = |setting: String| Place { setting, ..Place::new(Backend::Sqlite) }.try_open(|_| ()).unwrap_err();
    let wrong = with(place.setting.replace("test-password", "canary-4711"));
    assert!(matches!(wrong, StoreError::Forbidden(_)), "{wrong}");
    let (head, _) = place.setting.rsplit_once('@').unwrap();
    let nobody = with(format!("{head}@127.0.0.1:1/postgres"));
    assert!(matches!(nobody, StoreError::Unreachable { .. }), "{nobody}");
    assert!(nobody.to_string().contains("127.0.0.1"), "{nobody}");
    // The server of the tests has no certificate.
    let plain = with(format!("{}&sslmode=require", place.setting));
    assert!(matches!(plain, StoreError::Unreachable { .. }), "{plain}");
    for error in [wrong, nobody, plain] {
        assert!(!format!("{error}{error:?}").contains("canary-4711"));
        assert!(!format!("{error}{error:?}").contains("test-password"));
    }
}

#[test]
fn a_server_that_takes_no_writes_is_read_only() {
    let place = Place::new(Backend::Postgres);
    drop(place.open());
    let setting = format!("{}&options=-cdefault_transaction_read_only%3Don", place.setting);
    let store = Place { setting, ..place }.open();
    assert_eq!(store.begin(run("run-1")).wait(), Err(StoreError::ReadOnly));
}

#[test]
fn a_broken_session_is_replaced_by_a_new_one() {
    let place = Place::new(Backend::Postgres);
    let setting = format!("{}&application_name=victim", place.setting);
    let place = Place { setting, ..place };
    let store = place.open();
    store.begin(run("run-1")).wait().unwrap();
    let kill = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'victim'";
    for attempts in 0..3 {
        place.raw(kill).unwrap();
        store.intend("run-1", attempt("a", attempts)).wait().unwrap();
    }
    assert_eq!(store.in_flight("run-1").wait().unwrap().len(), 1);
}
