use std::time::Duration;

use cxform_record::{NewNotice, RunEnd, RunState, StepEnd, StepOutcome, Store, StoreError};
use serde_json::json;

use crate::journal::end;
use crate::place::{on_both, run};
use crate::runs::run_end;

fn notice(id: &str) -> NewNotice {
    NewNotice { id: id.into(), kind: "run.finished".into(), payload: json!({ "event": "finished" }) }
}

const HOLD: Duration = Duration::from_secs(60);

fn ids(notices: Vec<cxform_record::Notice>) -> Vec<String> {
    notices.into_iter().map(|notice| notice.id).collect()
}

fn due(store: &Store, place: &crate::place::Place) -> Vec<String> {
    ids(store.due(place.now(), 10, HOLD).wait().unwrap())
}

on_both! {
    fn the_end_of_a_run_and_its_notices_are_one(place) {
        let store = place.open();
        let with = |notice| RunEnd { notices: vec![notice], ..run_end(RunState::Done) };
        assert!(store.finish("no-such-run", with(notice("n0"))).wait().is_err());
        store.begin(run("run-1")).wait().unwrap();
        let step = StepEnd { notices: vec![notice("n1")], ..end("a", StepOutcome::Applied) };
        store.conclude("run-1", step).wait().unwrap();
        let mut last = notice("n2");
        last.payload["auditHead"] = json!(null);
        let head = store.finish("run-1", with(last)).wait().unwrap();
        drop(store);
        let waiting = place.open().undelivered().wait().unwrap();
        assert_eq!(waiting.iter().map(|notice| notice.id.as_str()).collect::<Vec<_>>(), ["n1", "n2"]);
        assert_eq!(waiting[1].payload, json!({ "event": "finished", "auditHead": head }));
    }

    fn a_notice_is_sent_until_it_has_arrived(place) {
        let store = place.open();
        store.enqueue(notice("n1")).wait().unwrap();
        store.enqueue(notice("n1")).wait().unwrap();
        assert_eq!(due(&store, place), ["n1"]);
        assert!(due(&store, place).is_empty(), "somebody is sending it");
        // That sender died.
        place.set_clock(61);
        assert_eq!(due(&store, place), ["n1"]);
        let later = place.now() + Duration::from_secs(600);
        store.failed("n1", "503", Some(later)).wait().unwrap();
        place.set_clock(500);
        assert!(due(&store, place).is_empty());
        place.set_clock(700);
        let sent = store.due(place.now(), 10, HOLD).wait().unwrap();
        assert_eq!((sent[0].attempts, sent[0].error.as_deref()), (3, Some("503")));
        store.delivered("n1").wait().unwrap();
        store.enqueue(notice("n1")).wait().unwrap();
        place.set_clock(100_000);
        assert!(due(&store, place).is_empty(), "what has arrived is not sent again under its id");
        assert!(matches!(store.delivered("n9").wait(), Err(StoreError::Missing(_))));
        store.enqueue(notice("n2")).wait().unwrap();
        store.failed("n2", "410", None).wait().unwrap();
        place.set_clock(9_000_000);
        assert!(due(&store, place).is_empty(), "given up");
        assert_eq!(ids(store.undelivered().wait().unwrap()), ["n2"]);
    }

    fn two_senders_share_the_work(place) {
        let stores = [place.open(), place.open()];
        for at in 0..40 {
            stores[0].enqueue(notice(&format!("n{at:02}"))).wait().unwrap();
        }
        let now = place.now();
        let mut taken: Vec<String> = std::thread::scope(|scope| {
            let senders: Vec<_> = stores
                .iter()
                .map(|store| scope.spawn(|| (0..8).flat_map(|_| ids(store.due(now, 5, HOLD).wait().unwrap())).collect()))
                .collect();
            senders.into_iter().flat_map(|sender| -> Vec<String> { sender.join().unwrap() }).collect()
        });
        taken.sort();
        let length = taken.len();
        taken.dedup();
        assert_eq!((length, taken.len()), (40, 40), "each by one sender");
    }
}
