//! Answers that do not arrive: what was written is found, what was not is sent again, and nothing is written twice.

use std::time::Duration;

use cxform_apply::{ConflictReason, StepResult};
use cxform_emulator::{Options, PutMode};
use cxform_model::{Kind, RemoteId};
use serde_json::{Value, json};

use crate::bench::{Bench, assert_all_applied, create_outcome, fields, result};
use crate::whole::{assert_every_write_stands_once, every_write};

/// One call of every kind that `every_write` makes.
const CALLS: [(&str, &str); 10] = [
    ("POST", "/api/v2/outcomes"),
    ("PUT", "/api/v2/outcomes/out_1"),
    ("PATCH", "/api/v2/outcomes/*/desktop-config"),
    ("POST", "/api/v2/callcodes"),
    ("PATCH", "/api/v2/callcodes/cc_1"),
    ("POST", "/api/v2/campaigns"),
    ("PATCH", "/api/v2/campaigns/camp_1"),
    ("POST", "/api/v2/campaigns/*/outcomes"),
    ("PATCH", "/api/v2/campaigns/camp_1/outcomes/out_2"),
    ("DELETE", "/api/v2/campaigns/camp_1/outcomes/out_1"),
];

async fn survive(fault: Value, quirks: &[&str]) {
    let rules: Vec<Value> = CALLS
        .iter()
        .map(|(method, path)| {
            let mut rule = fault.clone();
            rule["method"] = json!(method);
            rule["path"] = json!(path);
            rule
        })
        .collect();
    let bench = Bench::with(quirks, Options { put: PutMode::Replace, ..Options::default() }).await;
    let steps = every_write(&bench).await;
    bench.faults(json!(rules));
    let report = bench.apply(steps).await;
    let context = format!("{fault} {quirks:?}");
    let struck = bench.writes().iter().filter(|(_, _, entry)| !entry["fault"].is_null()).count();
    assert!(struck >= CALLS.len(), "{context}: only {struck} faults struck");
    assert_all_applied(&report, &context);
    assert_every_write_stands_once(&bench, &context);
}

#[tokio::test]
async fn a_write_that_was_applied_is_found_and_not_repeated() {
    for effect in [
        json!({ "effect": "drop-after-commit" }),
        json!({ "effect": "truncated-body" }),
        json!({ "effect": "status", "status": 503, "commit": true }),
        json!({ "effect": "html-body", "commit": true }),
    ] {
        for quirks in
            [&[][..], &["ignore-idempotency"], &["ignore-idempotency", "no-content", "versions-count-assignments"]]
        {
            let mut fault = effect.clone();
            fault["nth"] = json!(1);
            survive(fault, quirks).await;
        }
    }
}

#[tokio::test]
async fn a_write_that_was_not_applied_is_sent_again() {
    for effect in [json!({ "effect": "drop-before-commit" }), json!({ "effect": "status", "status": 504 })] {
        for quirks in [&[][..], &["ignore-idempotency"], &["versions-count-assignments"]] {
            let mut fault = effect.clone();
            fault["nth"] = json!(1);
            fault["times"] = json!(2);
            survive(fault, quirks).await;
        }
    }
}

#[tokio::test]
async fn a_lost_create_is_found_although_the_tenant_lists_it_late() {
    let mut bench = Bench::with(&["late-listing", "ignore-idempotency"], Options::default()).await;
    bench.patience.first = Duration::from_millis(100);
    bench.patience.longest = Duration::from_millis(400);
    bench.faults(json!([{ "method": "POST", "path": "/api/v2/outcomes", "nth": 1, "effect": "drop-after-commit" }]));
    let report = bench.apply(vec![create_outcome("NEW")]).await;
    assert_all_applied(&report, "late listing");
    bench.row("outcomes", "code", "NEW");
    assert_eq!(bench.writes().len(), 1, "it was found, not sent again");
}

#[tokio::test]
async fn an_object_of_other_content_is_never_taken_for_a_lost_create() {
    let bench = Bench::new().await;
    let theirs = fields(Kind::Outcome, &json!({ "code": "NEW", "name": "Theirs", "status": "ACTIVE" }));
    bench.connection.writer().create(Kind::Outcome, None, &theirs, "other").await.unwrap();
    bench.faults(json!([{ "method": "POST", "path": "/api/v2/outcomes", "nth": 1, "effect": "drop-before-commit" }]));
    let report = bench.apply(vec![create_outcome("NEW")]).await;
    let StepResult::Conflict(conflict) = &result(&report, "outcome/NEW:create").result else { panic!("{report:?}") };
    assert_eq!(conflict.reason, ConflictReason::Appeared);
    assert_eq!(bench.row("outcomes", "code", "NEW")["name"], "Theirs");
    assert_eq!(report.exit_code(), 4);
}

#[tokio::test]
async fn a_lost_patch_under_which_somebody_else_wrote_is_a_conflict() {
    let bench = Bench::new().await;
    let steps = every_write(&bench).await;
    let step = steps.into_iter().find(|step| step.id == "campaign/q3:update").unwrap();
    bench.faults(
        json!([{ "method": "PATCH", "path": "/api/v2/campaigns/camp_1", "nth": 1, "effect": "drop-before-commit" }]),
    );
    let theirs = fields(Kind::Campaign, &json!({ "dialerSettings.callRate": 0.9 }));
    let writer = bench.connection.writer();
    let camp_1 = RemoteId("camp_1".into());
    let meanwhile = async {
        // Their write meets the emulator after ours was dropped and before it is sent again.
        while bench.writes().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        writer.update_campaign(&camp_1, crate::bench::SEEDED, &theirs).await.unwrap();
    };
    let (report, ()) = tokio::join!(bench.apply(vec![step]), meanwhile);
    let StepResult::Conflict(conflict) = &report.steps[0].result else { panic!("{report:?}") };
    let field = conflict.fields.iter().find(|field| field.path == "dialerSettings.callRate").unwrap();
    assert_eq!((&field.base, &field.ours, &field.theirs), (&json!(0.5), &Some(json!(0.6)), &json!(0.9)));
    assert_eq!(bench.row("campaigns", "name", "q3")["dialerSettings"]["callRate"], 0.9, "theirs stands");
}

#[tokio::test]
async fn a_write_that_never_gets_through_fails_with_what_looking_showed() {
    let bench = Bench::new().await;
    bench.faults(json!([{ "method": "POST", "path": "/api/v2/outcomes", "effect": "drop-before-commit" }]));
    let report = bench.apply(vec![create_outcome("NEW")]).await;
    let StepResult::Failed(failure) = &report.steps[0].result else { panic!("{report:?}") };
    assert_eq!(failure.cause, cxform_apply::FailureCause::Unsettled);
    assert!(failure.message.contains("from before"), "{}", failure.message);
    assert_eq!(bench.writes().len(), 4, "as often as patience says");
    assert_eq!((report.retries, report.steps[0].retries), (3, 3), "each but the first");
    assert_eq!(report.exit_code(), 3, "the last answer was lost, so nobody swears that nothing was written");
}
