use cxform_record::{NewBase, NewNotice, NewRecord, Redaction, RunEnd, RunState, StepEnd, StepOutcome, StoreError};
use serde_json::json;

use crate::journal::end;
use crate::place::{on_both, record, run};
use crate::runs::run_end;

const CANARY: &str = "canary-4711";

on_both! {
    fn no_secret_is_ever_stored(place) {
        let store = place.open();
        let mut refused = run("run-1");
        refused.plan = json!({ "steps": [{ "fields": { "clientSecret": CANARY } }] });
        assert_eq!(store.begin(refused).wait(), Err(StoreError::Secret("clientSecret".into())));
        let mut refused = run("run-1");
        refused.tenant = format!("https://user:{CANARY}@tenant.example");
        assert!(matches!(store.begin(refused).wait(), Err(StoreError::Secret(_))));

        store.begin(run("run-1")).wait().unwrap();
        let secrets = json!({ "name": "crm", "secret": CANARY, "headers": { "Authorization": CANARY, "X-CXone-Sync-Token": CANARY } });
        let written = NewRecord {
            before: Some(secrets.clone()),
            after: Some(secrets.clone()),
            compliance: json!({ "accessToken": CANARY }),
            path: format!("/api/v2/webhooks?access_token={CANARY}"),
            ..record("run-1", "a")
        };
        store.append_audit(written).wait().unwrap();
        let base = NewBase { tenant: "t".into(), address: "webhook/crm".into(), fields: Some(secrets.clone()), version: None };
        store.put_base("run-1", base).wait().unwrap();
        store.enqueue(NewNotice { id: "n".into(), kind: "k".into(), payload: secrets.clone() }).wait().unwrap();
        assert_eq!(store.audit_record(1).wait().unwrap().path, "/api/v2/webhooks");
        assert_eq!(store.bases("t").wait().unwrap()[0].fields, store.kept_form(&secrets));
        drop(store);
        let everything = place.everything();
        assert!(everything.contains("webhook/crm"), "the search itself works");
        assert!(!everything.contains(CANARY));
        assert!(!everything.contains("test-password"));
    }

    fn values_of_selection_rules_are_kept_as_hashes_where_the_store_is_set_so(place) {
        let rules = json!([{ "field": "phone", "operator": "eq", "value": CANARY }]);
        let fields = json!({ "contactSelection.filterRules": rules, "name": "readable-name" });
        let store = place.try_open(|options| options.redaction = Redaction::HashOnly).unwrap();
        let mut planned = run("run-1");
        planned.plan = json!({ "changes": [{ "fields": [{ "path": "contactSelection.filterRules", "before": null, "after": rules }] }] });
        store.begin(planned.clone()).wait().unwrap();
        assert_eq!(store.plan_of("run-1").wait().unwrap(), planned.plan, "a resume needs the values");
        let written = NewRecord { before: Some(fields.clone()), after: Some(fields.clone()), ..record("run-1", "a") };
        let base = NewBase { tenant: "t".into(), address: "campaign/q3".into(), fields: Some(fields.clone()), version: None };
        let notice = NewNotice { id: "n".into(), kind: "k".into(), payload: fields.clone() };
        let step = StepEnd {
            audit: Some(written),
            base: Some(base),
            notices: vec![notice.clone()],
            ..end("a", StepOutcome::Applied)
        };
        store.conclude("run-1", step).wait().unwrap();
        let notices = vec![NewNotice { id: "m".into(), ..notice }];
        store.finish("run-1", RunEnd { notices, ..run_end(RunState::Done) }).wait().unwrap();
        planned.id = "run-2".into();
        store.begin(planned).wait().unwrap();
        store.supersede("run-2", None).wait().unwrap();
        // Drift compares the live object in the form that was kept.
        assert_eq!(store.bases("t").wait().unwrap()[0].fields, store.kept_form(&fields));
        assert_ne!(store.kept_form(&fields), fields);
        drop(store);
        let everything = place.everything();
        assert!(everything.contains("readable-name"));
        assert!(!everything.contains(CANARY));
    }
}
