use cxform_record::{
    AttemptOutcome, AttemptResult, Channel, EventFilter, ExportFormat, MappingMetrics, NewEvent, NewNotice, Reception,
    Redaction, RunEnd, RunState, StepEnd, StepOutcome, Store, payload_sha256, wait,
};
use serde_json::json;

use crate::journal::{answer, attempt, end};
use crate::place::{on_both, run};
use crate::runs::run_end;

const METRICS: MappingMetrics = MappingMetrics {
    total_attempts: 3,
    successful_assignments: 2,
    average_latency_ms: Some(12.5),
    assignment_rate: Some(0.75),
};

fn told(id: &str, body: &str) -> NewEvent {
    NewEvent {
        channel: Channel::Mapping,
        id: id.into(),
        event: "MAPPING_COMPLETED".into(),
        subject: Some(format!("MAP_{id}")),
        source: None,
        occurred: Some("2026-11-20T09:00:00Z".parse().unwrap()),
        sha256: payload_sha256(body.as_bytes()),
        body: json!({ "text": body }),
        metrics: Some(METRICS),
    }
}

fn receive(store: &Store, events: &[(&str, &str)]) -> Vec<&'static str> {
    let events = events.iter().map(|(id, body)| told(id, body)).collect();
    let word = |reception: Reception| match reception {
        Reception::Stored(_) => "stored",
        Reception::Known(_) => "known",
        Reception::IdTaken => "taken",
    };
    store.receive(events).wait().unwrap().into_iter().map(word).collect()
}

fn ids(store: &Store, filter: EventFilter) -> Vec<String> {
    store.events(filter).wait().unwrap().into_iter().map(|event| event.id).collect()
}

on_both! {
    fn an_event_is_stored_once_however_often_it_is_told(place) {
        let store = place.open();
        assert_eq!(receive(&store, &[("a", "1"), ("b", "2"), ("a", "1")]), ["stored", "stored", "known"]);
        assert_eq!(receive(&store, &[("c", "3"), ("b", "2")]), ["stored", "known"]);
        drop(store);
        let store = place.open();
        assert_eq!(receive(&store, &[("a", "1")]), ["known"], "a restart forgets nothing");
        assert_eq!(ids(&store, EventFilter::default()), ["a", "b", "c"]);
        assert_eq!(receive(&store, &[]).len(), 0);
    }

    fn the_same_bytes_under_another_id_are_no_new_event_and_other_bytes_never_hide_behind_an_id(place) {
        let store = place.open();
        assert_eq!(receive(&store, &[("a", "1"), ("x", "1"), ("a", "2")]), ["stored", "known", "taken"]);
        let elsewhere = NewEvent { channel: Channel::Campaign, ..told("a", "1") };
        assert!(matches!(store.receive(vec![elsewhere]).wait().unwrap()[..], [Reception::Stored(_)]));
        assert_eq!(ids(&store, EventFilter::default()), ["a", "a"]);
    }

    fn many_tellers_at_once_get_numbers_of_their_own(place) {
        let stores = [place.open(), place.open()];
        std::thread::scope(|scope| {
            for store in &stores {
                scope.spawn(move || {
                    for at in 0..20 {
                        let batch: Vec<_> = (0..10).map(|of| told(&format!("{at}-{of}"), &format!("{at}-{of}"))).collect();
                        store.receive(batch).wait().unwrap();
                    }
                });
            }
        });
        let events = stores[0].events(EventFilter::default()).wait().unwrap();
        assert_eq!(events.len(), 200, "both told the same");
        assert!(events.is_sorted_by(|a, b| a.seq < b.seq));
        assert_eq!(place.text("SELECT COUNT(*) FROM mappings"), ["200"]);
    }

    fn a_batch_of_any_size_comes_back_page_by_page(place) {
        let store = place.open();
        let events: Vec<_> = (0..1234).map(|at| told(&format!("{at:04}"), &at.to_string())).collect();
        assert_eq!(store.receive(events).wait().unwrap().len(), 1234);
        let page = |after, limit| EventFilter { after, limit: Some(limit), ..EventFilter::default() };
        let first = store.events(page(None, 1000)).wait().unwrap();
        assert_eq!(first.len(), 1000);
        assert_eq!(ids(&store, page(Some(first[999].seq), 1000)).len(), 234);
        let newest = EventFilter { newest_first: true, ..page(None, 2) };
        assert_eq!(ids(&store, newest), ["1233", "1232"]);
        let mut lines = Vec::new();
        assert_eq!(wait(store.export_events(ExportFormat::Jsonl, EventFilter::default(), &mut lines)).unwrap(), 1234);
        let lines = String::from_utf8(lines).unwrap();
        assert_eq!(lines.lines().count(), 1234);
        let line: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
        assert_eq!((&line["id"], &line["body"]["text"], &line["channel"]), (&json!("0000"), &json!("0"), &json!("mapping")));
        let mut table = Vec::new();
        let three = EventFilter { limit: Some(3), ..EventFilter::default() };
        assert_eq!(wait(store.export_events(ExportFormat::Csv, three, &mut table)).unwrap(), 3);
        assert_eq!(String::from_utf8(table).unwrap().lines().count(), 4);
    }

    fn events_are_found_by_what_they_are_and_when_they_came(place) {
        let store = place.open();
        for (at, (id, event)) in [("a", "campaign_created"), ("b", "campaign_tuned"), ("c", "conflict")].into_iter().enumerate() {
            place.set_clock(100 * i64::try_from(at).unwrap());
            let channel = if id == "c" { Channel::Run } else { Channel::Campaign };
            store.receive(vec![NewEvent { channel, event: event.into(), metrics: None, ..told(id, id) }]).wait().unwrap();
        }
        let all = EventFilter::default;
        let after = |seconds: i64| Some(jiff::Timestamp::from_second(crate::place::MIDNIGHT + seconds).unwrap());
        assert_eq!(ids(&store, EventFilter { channel: Some(Channel::Campaign), ..all() }), ["a", "b"]);
        assert_eq!(ids(&store, EventFilter { events: ["conflict".into(), "campaign_tuned".into()].into(), ..all() }), ["b", "c"]);
        assert_eq!(ids(&store, EventFilter { since: after(50), until: after(150), ..all() }), ["b"]);
        assert_eq!(ids(&store, EventFilter { subject: Some("MAP_c".into()), ..all() }), ["c"]);
        let one = store.events(EventFilter { limit: Some(1), ..all() }).wait().unwrap().remove(0);
        assert_eq!(one.occurred.as_deref(), Some("2026-11-20T09:00:00.000000Z"));
        assert!(one.received.starts_with("2026-11-21T00:00:00"));
    }

    fn what_is_kept_as_a_hash_or_not_at_all_is_so_in_events_too(place) {
        let store = place.try_open(|options| options.redaction = Redaction::HashOnly).unwrap();
        let body = json!({ "filterRules": [{ "field": "phone", "value": "personal" }], "apiToken": "hidden", "nul": "a\0b" });
        let event = NewEvent { body, ..told("a\0", "1") };
        store.receive(vec![event]).wait().unwrap();
        let stored = store.events(EventFilter::default()).wait().unwrap().remove(0);
        assert_eq!((stored.id.as_str(), &stored.body["nul"]), ("a\u{fffd}", &json!("a\0b")));
        drop(store);
        let everything = place.everything();
        assert!(everything.contains("phone") && !everything.contains("personal") && !everything.contains("hidden"));
    }

    fn the_figures_of_a_run_are_on_record_and_in_what_is_told(place) {
        let store = place.open();
        let notice = |id: &str| NewNotice {
            id: id.into(),
            kind: "mapping_completed".into(),
            payload: json!({ "event": "MAPPING_COMPLETED", "mappingId": id, "metrics": null }),
        };
        let finish = |id: &str, state| {
            let end = RunEnd { notices: vec![notice(id)], ..run_end(state) };
            store.finish(id, end).wait().unwrap();
        };
        let steps = [
            ("s1", "outcome/A", StepOutcome::Applied),
            ("s2", "callcode/A/B", StepOutcome::Failed),
            ("s3", "assignment/q3/A", StepOutcome::Unchanged),
            ("s4", "outcome/C", StepOutcome::Skipped),
            ("s5", "campaign/q3", StepOutcome::Applied),
            ("undo-s1", "outcome/A", StepOutcome::Applied),
        ];
        for id in ["run-1", "run-2"] {
            store.begin(run(id)).wait().unwrap();
            let mut sent = attempt("s1", 1);
            sent.address = "outcome/A".into();
            store.intend(id, sent).wait().unwrap();
            let answer = AttemptResult { latency_ms: Some(30), ..answer(AttemptOutcome::Accepted) };
            store.result(id, "s1", 1, answer).wait().unwrap();
            for (step, address, outcome) in steps {
                let step = StepEnd { address: address.into(), ..end(step, outcome) };
                store.conclude(id, step).wait().unwrap();
            }
        }
        finish("run-1", RunState::Interrupted);
        store.resume("run-1", run("run-1").origin).wait().unwrap();
        assert!(store.undelivered().wait().unwrap().is_empty(), "it is not over");
        finish("run-1", RunState::Partial);
        finish("run-2", RunState::RolledBack);
        store.begin(run("run-3")).wait().unwrap();
        finish("run-3", RunState::Done);
        let notices = store.undelivered().wait().unwrap();
        assert_eq!(notices.len(), 1, "{notices:?}");
        assert_eq!(notices[0].payload["metrics"]["totalAttempts"], 3);
        assert_eq!(notices[0].payload["metrics"]["successfulAssignments"], 2);
        assert_eq!(notices[0].payload["metrics"]["averageLatencyMs"], 30.0);
        assert_eq!(notices[0].payload["metrics"]["assignmentRate"], 2.0 / 3.0);
        assert!(notices[0].payload.get("auditHead").is_none(), "what nobody asked for does not come");
        // Told by itself as well: the run's own figures stand.
        let told = NewEvent { subject: Some("run-1".into()), ..told("x", "x") };
        store.receive(vec![told]).wait().unwrap();
        let report = "SELECT mapping || ' ' || origin || ' ' || project || ' ' || total_attempts FROM report_mappings";
        assert_eq!(place.text(report), ["run-1 run acme 3"]);
    }

    fn reports_add_up(place) {
        let store = place.open();
        receive(&store, &[("a", "1"), ("b", "2")]);
        place.set_clock(86_400);
        let none = MappingMetrics { average_latency_ms: None, assignment_rate: None, ..MappingMetrics::default() };
        store.receive(vec![NewEvent { metrics: Some(none), ..told("c", "3") }]).wait().unwrap();
        let campaign = |id: &str| NewEvent { channel: Channel::Campaign, event: "campaign_tuned".into(), subject: Some("7".into()), metrics: None, ..told(id, id) };
        store.receive(vec![campaign("d"), campaign("e")]).wait().unwrap();
        let by_day = "SELECT day || ' ' || mappings || ' ' || total_attempts || ' ' || successful_assignments || ' ' || \
                      COALESCE(CAST(ROUND(CAST(average_latency_ms * 10 AS NUMERIC), 0) AS INTEGER), -1) || ' ' || \
                      COALESCE(CAST(ROUND(CAST(assignment_rate * 100 AS NUMERIC), 0) AS INTEGER), -1) FROM report_mappings_by_day ORDER BY day";
        assert_eq!(place.text(by_day), ["2026-11-21 2 6 4 125 67", "2026-11-22 1 0 0 -1 -1"]);
        let events = "SELECT day || ' ' || channel || ' ' || event || ' ' || events FROM report_events_by_day ORDER BY day, channel";
        assert_eq!(place.text(events), [
            "2026-11-21 mapping MAPPING_COMPLETED 2",
            "2026-11-22 campaign campaign_tuned 2",
            "2026-11-22 mapping MAPPING_COMPLETED 1",
        ]);
        let campaigns = "SELECT campaign || ' ' || event || ' ' || events FROM report_campaigns";
        assert_eq!(place.text(campaigns), ["7 campaign_tuned 2"]);
    }
}
