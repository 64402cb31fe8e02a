use cxform_record::{
    AuditFilter, ExportFormat, Fault, Flaw, NewRecord, NewRun, RunKind, StepEnd, StepOutcome, Store, Verdict,
    WriteResult, wait,
};
use jiff::Timestamp;
use serde_json::json;

use crate::place::{Backend, MIDNIGHT, Place, on_both, record, run};

fn verify(store: &Store, head: Option<&str>) -> Verdict {
    wait(store.verify_audit(head)).unwrap()
}

fn filled(place: &Place, records: usize) -> Store {
    let store = place.open();
    store.begin(run("run-1")).wait().unwrap();
    let answers: Vec<_> = (0..records).map(|at| store.append_audit(record("run-1", &format!("s{at}")))).collect();
    for answer in answers {
        answer.wait().unwrap();
    }
    store
}

/// What somebody does who has the database and knows the schema.
fn tamper(place: &Place, statements: &str) {
    place
        .raw(match place.backend {
            Backend::Sqlite => {
                "DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_deleted; DROP TRIGGER audit_is_never_replaced"
            }
            Backend::Postgres => "DROP TRIGGER audit_is_append_only ON audit",
        })
        .unwrap();
    place.raw(statements).unwrap();
}

fn flaws(verdict: &Verdict) -> Vec<(i64, Fault)> {
    verdict.flaws.iter().map(|Flaw { seq, fault }| (*seq, *fault)).collect()
}

on_both! {
    fn a_whole_trail_is_whole_with_and_without_a_head(place) {
        let empty = place.open();
        let head = empty.audit_head().wait().unwrap();
        assert!(verify(&empty, Some(&head)).is_whole());
        let store = filled(place, 1203);
        let early = store.audit_record(600).wait().unwrap().hash;
        let last = store.audit_head().wait().unwrap();
        for known in [&head, &early, &last] {
            let verdict = verify(&store, Some(known));
            assert!(verdict.is_whole(), "{verdict:?}");
            assert_eq!((verdict.records, &verdict.head), (1203, &last));
        }
    }

    fn what_tuning_turned_is_told_since_a_moment_and_what_was_refused_is_not(place) {
        let store = place.open();
        store.begin(run("run-1")).wait().unwrap();
        store.begin(NewRun { kind: RunKind::Tune, ..run("run-2") }).wait().unwrap();
        let start = Timestamp::from_second(MIDNIGHT).unwrap();
        store.append_audit(record("run-1", "by an apply")).wait().unwrap();
        store.append_audit(NewRecord { result: WriteResult::Refused, ..record("run-2", "a") }).wait().unwrap();
        for result in [WriteResult::Applied, WriteResult::Lost] {
            store.append_audit(NewRecord { result, ..record("run-2", "b") }).wait().unwrap();
        }
        let told = |tenant: &str, since: Timestamp| store.tuned(tenant, "campaign/q3", since).wait().unwrap();
        let tuned = told("https://tenant.example", start);
        assert_eq!(tuned.len(), 2, "one of unknown fate counts");
        assert_eq!(tuned[0].before, Some(json!({ "dialerSettings.callRate": 0.5 })));
        assert!(told("https://other.example", start).is_empty());
        let later = tuned[1].time.checked_add(jiff::SignedDuration::from_secs(1)).unwrap();
        assert!(told("https://tenant.example", later).is_empty());
    }

    fn the_last_word_is_ours_until_somebody_else_writes(place) {
        let store = place.open();
        store.begin(run("run-1")).wait().unwrap();
        let wrote = |step: &str, path: &str, sides: [&str; 2], versions: [Option<u32>; 2]| {
            let version = |version: Option<u32>| version.map(|version| version.to_string());
            let [before, after] = sides.map(|value| Some(json!({ path: value })));
            let [version_before, version_after] = versions.map(version);
            let record = NewRecord { before, after, version_before, version_after, ..record("run-1", step) };
            store.append_audit(record).wait().unwrap();
        };
        let word = || store.last_word("https://tenant.example", "campaign/q3", "status").wait().unwrap();
        let said = || word().map(|word| (word.value, word.version));
        assert_eq!(said(), None);
        wrote("a", "status", ["active", "paused"], [Some(3), Some(4)]);
        assert_eq!(said(), Some((json!("paused"), "4".to_owned())));
        wrote("b", "name", ["x", "y"], [Some(4), Some(5)]);
        assert_eq!(said(), Some((json!("paused"), "5".to_owned())), "our own write");
        assert_eq!(store.last_word("https://other.example", "campaign/q3", "status").wait().unwrap(), None);
        wrote("c", "name", ["y", "z"], [Some(7), Some(8)]);
        assert_eq!(said(), None, "somebody wrote in between");
        wrote("d", "status", ["active", "paused"], [Some(8), None]);
        assert_eq!(said(), None, "which version it left is not known");
        // The answer told no version; the step was concluded with the one that was read.
        let end = |version: &str| StepEnd {
            step: "d".into(),
            address: "campaign/q3".into(),
            outcome: StepOutcome::Applied,
            unsettled: false,
            remote_id: None,
            version: Some(version.into()),
            detail: None,
            base: None,
            audit: None,
            notices: Vec::new(),
        };
        store.conclude("run-1", end("9")).wait().unwrap();
        assert_eq!(said(), Some((json!("paused"), "9".to_owned())));
        store.conclude("run-1", end("11")).wait().unwrap();
        assert_eq!(said(), None, "two more writes than ours");
    }

    fn the_database_itself_refuses_to_change_the_trail(place) {
        let store = filled(place, 3);
        let mut attempts = vec!["UPDATE audit SET actor = 'eve' WHERE seq = 2", "DELETE FROM audit WHERE seq = 3"];
        attempts.push(match place.backend {
            Backend::Sqlite => "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 2",
            Backend::Postgres => "TRUNCATE audit",
        });
        for attempt in attempts {
            let refused = place.raw(attempt).unwrap_err();
            assert!(refused.contains("append-only"), "{attempt}: {refused}");
        }
        assert!(verify(&store, None).is_whole());
    }

    fn a_changed_record_is_found(place) {
        let store = filled(place, 5);
        tamper(place, "UPDATE audit SET after_doc = '{}' WHERE seq = 3");
        assert_eq!(flaws(&verify(&store, None)), [(3, Fault::Changed)]);
        place.raw("UPDATE audit SET git_author = NULL WHERE seq = 4").unwrap();
        assert_eq!(flaws(&verify(&store, None)), [(3, Fault::Changed), (4, Fault::Changed)]);
        place.raw("UPDATE audit SET hash = 'made up' WHERE seq = 1").unwrap();
        assert_eq!(verify(&store, None).flaws[..2], [
            Flaw { seq: 1, fault: Fault::Changed },
            Flaw { seq: 2, fault: Fault::Unlinked },
        ]);
    }

    fn a_missing_record_is_found(place) {
        let store = filled(place, 5);
        tamper(place, "DELETE FROM audit WHERE seq = 3");
        assert_eq!(flaws(&verify(&store, None)), [(4, Fault::Missing)]);
        place.raw("DELETE FROM audit WHERE seq = 1").unwrap();
        assert_eq!(flaws(&verify(&store, None)), [(2, Fault::Missing), (4, Fault::Missing)]);
    }

    fn records_that_changed_places_are_found(place) {
        let store = filled(place, 5);
        tamper(
            place,
            "UPDATE audit SET seq = 99 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 4; \
             UPDATE audit SET seq = 4 WHERE seq = 99",
        );
        let found = flaws(&verify(&store, None));
        assert!(found.contains(&(2, Fault::Changed)) && found.contains(&(4, Fault::Changed)), "{found:?}");
        assert!(found.contains(&(2, Fault::Unlinked)), "{found:?}");
    }

    fn a_cut_tail_is_found_even_by_itself_and_surely_with_the_head(place) {
        let store = filled(place, 5);
        let (head, fourth) = (store.audit_head().wait().unwrap(), store.audit_record(4).wait().unwrap().hash);
        tamper(place, "DELETE FROM audit WHERE seq = 5");
        assert_eq!(flaws(&verify(&store, None)), [(5, Fault::TailCut)]);
        place.raw(&format!("UPDATE chain SET seq = 4, hash = '{fourth}'")).unwrap();
        assert!(verify(&store, None).is_whole(), "nothing inside tells it any more");
        assert_eq!(flaws(&verify(&store, Some(&head))), [(4, Fault::HeadUnknown)]);
    }

    fn a_chain_that_was_made_anew_is_found_with_the_head(place) {
        let head = filled(place, 3).audit_head().wait().unwrap();
        let anew = Place::new(place.backend);
        let store = anew.open();
        store.begin(run("run-1")).wait().unwrap();
        for (at, actor) in ["s0", "s1 with another content", "s2"].into_iter().enumerate() {
            assert_eq!(store.append_audit(record("run-1", actor)).wait().unwrap(), at as i64 + 1);
        }
        assert!(verify(&store, None).is_whole());
        assert_eq!(flaws(&verify(&store, Some(&head))), [(3, Fault::HeadUnknown)]);
        assert_eq!(flaws(&verify(&store, Some("nonsense"))), [(3, Fault::HeadUnknown)]);
    }

    fn two_programs_append_to_one_chain_without_losing_a_link(place) {
        let stores: Vec<Store> = (0..3).map(|_| place.open()).collect();
        stores[0].begin(run("run-1")).wait().unwrap();
        std::thread::scope(|scope| {
            for (who, store) in stores.iter().enumerate() {
                scope.spawn(move || {
                    for at in 0..40 {
                        store.append_audit(record("run-1", &format!("{who}-{at}"))).wait().unwrap();
                    }
                });
            }
        });
        let verdict = verify(&stores[1], None);
        assert!(verdict.is_whole(), "{verdict:?}");
        assert_eq!(verdict.records, 120);
    }

    fn a_clock_that_steps_back_is_no_flaw_but_is_told(place) {
        let store = filled(place, 2);
        place.set_clock(-3600);
        store.append_audit(record("run-1", "back")).wait().unwrap();
        let verdict = verify(&store, None);
        assert!(verdict.is_whole());
        assert_eq!(verdict.clock_steps_back, 1);
    }

    fn a_record_says_who_and_is_found_by_every_filter(place) {
        let store = place.open();
        store.begin(run("run-1")).wait().unwrap();
        let mut other = run("run-2");
        other.origin.actor = "ada".into();
        store.begin(other).wait().unwrap();
        for at in 0..6 {
            place.set_clock(at * 100);
            let run = if at % 2 == 0 { "run-1" } else { "run-2" };
            let address = format!("campaign/c{}", at / 2);
            store.append_audit(NewRecord { address, ..record(run, "s") }).wait().unwrap();
        }
        let first = store.audit_record(1).wait().unwrap();
        assert_eq!((first.actor.as_str(), first.git_commit.as_deref(), first.git_author.as_deref()), ("ci-bot", Some("c0ffee"), Some("Ada")));
        assert_eq!((first.plan_digest.as_str(), first.time.as_str()), ("sha256:11", "2026-11-21T00:00:00.000000Z"));
        assert_eq!((first.before, first.after), (record("", "").before, record("", "").after));
        let list = |filter| store.audit(filter).wait().unwrap().iter().map(|record| record.seq).collect::<Vec<_>>();
        let at = |seconds: i64| Some(Timestamp::from_second(MIDNIGHT + seconds).unwrap());
        assert_eq!(list(AuditFilter { run: Some("run-1".into()), ..AuditFilter::default() }), [1, 3, 5]);
        assert_eq!(list(AuditFilter { actor: Some("ada".into()), limit: Some(2), ..AuditFilter::default() }), [2, 4]);
        assert_eq!(list(AuditFilter { address: Some("campaign/c1".into()), ..AuditFilter::default() }), [3, 4]);
        assert_eq!(list(AuditFilter { since: at(100), until: at(300), ..AuditFilter::default() }), [2, 3, 4]);
        assert_eq!(list(AuditFilter { after: Some(4), ..AuditFilter::default() }), [5, 6]);
        assert!(store.audit_record(7).wait().is_err());
    }

    fn an_export_is_whole_and_harmless(place) {
        let store = filled(place, 1001);
        let mut hostile = run("run-2");
        hostile.origin.actor = "=HYPERLINK(\"http://evil.example\")".into();
        hostile.origin.git_author = Some("two\nlines, and a NUL \0".into());
        store.begin(hostile).wait().unwrap();
        store.append_audit(record("run-2", "@step")).wait().unwrap();
        let export = |format, filter| {
            let mut out = Vec::new();
            let written = wait(store.export_audit(format, filter, &mut out)).unwrap();
            (written, String::from_utf8(out).unwrap())
        };
        let (written, lines) = export(ExportFormat::Jsonl, AuditFilter::default());
        assert_eq!((written, lines.lines().count()), (1002, 1002));
        let last: serde_json::Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
        assert_eq!((&last["seq"], &last["hash"]), (&json!(1002), &json!(store.audit_head().wait().unwrap())));
        assert_eq!(last["actor"], "=HYPERLINK(\"http://evil.example\")");
        let (_, csv) = export(ExportFormat::Csv, AuditFilter { run: Some("run-2".into()), ..AuditFilter::default() });
        assert!(csv.starts_with("seq,time,run,step,planDigest,"), "{csv}");
        assert!(csv.contains(r#""'=HYPERLINK(""http://evil.example"")""#) && csv.contains("\"'@step\""), "{csv}");
        let (written, _) = export(ExportFormat::Csv, AuditFilter { limit: Some(600), ..AuditFilter::default() });
        assert_eq!(written, 600);
        assert!(verify(&store, None).is_whole(), "what a database cannot hold was replaced before it was hashed");
    }

    fn the_trail_answers_what_was_configured_and_who_put_it_there(place) {
        let store = place.open();
        for (id, actor) in [("run-1", "ada"), ("run-2", "bob")] {
            let mut run = run(id);
            run.origin.actor = actor.into();
            store.begin(run).wait().unwrap();
        }
        let rate = |value: f64| json!({ "dialerSettings.callRate": value });
        let write = |seconds, run, before, after, version: &str, result| {
            place.set_clock(seconds);
            let written = NewRecord { before, after, version_after: Some(version.into()), result, ..record(run, "s") };
            store.append_audit(written).wait().unwrap();
        };
        let both = json!({ "dialerSettings.callRate": 0.5, "name": "q3" });
        write(100, "run-1", None, Some(both), "1", WriteResult::Applied);
        write(200, "run-2", Some(rate(0.5)), Some(rate(0.6)), "2", WriteResult::Applied);
        write(300, "run-2", Some(rate(0.6)), Some(rate(9.9)), "3", WriteResult::Refused);
        write(310, "run-2", Some(rate(0.6)), Some(rate(0.7)), "3", WriteResult::Lost);
        write(320, "run-2", Some(rate(0.6)), Some(rate(0.7)), "3", WriteResult::Settled);
        // Somebody changed it by hand to 0.8 before this one.
        write(400, "run-1", Some(json!({ "dialerSettings.callRate": 0.8, "wrapUpTime": 30 })), Some(rate(0.9)), "5", WriteResult::Applied);
        write(500, "run-1", Some(rate(0.9)), None, "", WriteResult::Applied);
        let asof = |seconds: i64| {
            wait(store.audit_asof(Timestamp::from_second(MIDNIGHT + seconds).unwrap(), "campaign/q3")).unwrap()
        };
        let by = |field: &cxform_record::FieldAsOf| field.put_by.as_ref().map(|by| (by.seq, by.actor.clone()));

        let before = asof(50);
        assert_eq!((before.existed, before.fields.len(), before.last_write), (Some(false), 0, None));
        let first = asof(150);
        assert_eq!(first.fields["dialerSettings.callRate"].value, json!(0.5));
        assert_eq!(first.document(), json!({ "dialerSettings.callRate": 0.5, "name": "q3", "wrapUpTime": 30 }));
        let second = asof(300);
        assert_eq!((second.existed, second.version.as_deref()), (Some(true), Some("2")));
        assert_eq!(by(&second.fields["dialerSettings.callRate"]), Some((2, "bob".into())));
        assert_eq!(by(&second.fields["name"]), Some((1, "ada".into())), "the other write did not touch it");
        assert_eq!(by(&second.fields["wrapUpTime"]), None, "cxform never wrote it");
        assert_eq!(asof(315).lost_writes, [4]);
        let third = asof(350);
        assert_eq!(third.fields["dialerSettings.callRate"].value, json!(0.7));
        assert_eq!(third.fields["dialerSettings.callRate"].contradicted_by, Some(6));
        assert!(third.lost_writes.is_empty(), "it was settled");
        assert_eq!(second.fields["dialerSettings.callRate"].contradicted_by, None, "the next write found it so");
        assert_eq!((asof(600).existed, asof(600).fields.len()), (Some(false), 0));
        let unknown = wait(store.audit_asof(place.now(), "campaign/never")).unwrap();
        assert_eq!((unknown.existed, unknown.last_write), (None, None));
    }
}
