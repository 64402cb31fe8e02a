//! What a tenant refuses, accepts without doing, or cannot answer at all.

use cxform_apply::{FailureCause, Skip, StepResult, Stop, Unrecorded, Written};
use cxform_model::{CampaignStatus, Document, Kind, Write};
use cxform_plan::{Action, Step};
use serde_json::{Value, json};

use crate::bench::{Bench, StepExt, connect, create, create_outcome, existing, result, results, step, update};

#[tokio::test]
async fn a_complaint_about_a_field_is_shown_where_the_field_is_set() {
    let bench = Bench::new().await;
    let values = json!({
        "name": "q4", "type": "predictive", "dialerSettings.callRate": 5,
        "contactSelection.filterRules": [{ "field": "a", "operator": "eq", "value": 1 }, { "field": "b" }],
    });
    let step = create(Kind::Campaign, "campaign/q4", None, &values);
    let places = step.places.clone();
    let report = bench.apply(vec![step, create_outcome("NEW")]).await;
    let StepResult::Failed(failure) = &report.steps[0].result else { panic!("{report:?}") };
    assert_eq!((failure.cause, failure.status), (FailureCause::Refused, Some(422)));
    for path in ["dialerSettings.callRate", "contactSelection.filterRules"] {
        let field = failure.fields.iter().find(|field| field.field == path).unwrap_or_else(|| panic!("{failure:?}"));
        assert_eq!(field.source.as_ref(), places.get(path));
    }
    assert!(!failure.message.contains("callRate"), "fields stand beside the message: {}", failure.message);
    assert_eq!(result(&report, "outcome/NEW:create").result, StepResult::Applied, "others go on");
    assert_eq!(report.exit_code(), 3);
}

async fn accepted_only(rule: Value, step: Step, bench: &Bench) {
    bench.faults(json!([rule]));
    let report = bench.apply(vec![step]).await;
    let StepResult::Failed(failure) = &report.steps[0].result else { panic!("{rule}: {report:?}") };
    assert_eq!(failure.cause, FailureCause::NotApplied, "{rule}: {failure:?}");
    assert_eq!(report.steps[0].written, Written::Yes, "{rule}");
    assert_eq!(report.exit_code(), 3);
}

fn pretends(method: &str, path: &str, status: u16, body: Value) -> Value {
    json!({ "method": method, "path": path, "effect": "status", "status": status, "body": body, "commit": false })
}

#[tokio::test]
async fn what_is_accepted_but_not_applied_is_an_error_of_its_own() {
    let bench = Bench::new().await;
    let old = bench.one(Kind::Outcome, "out_1").await;
    let q3 = bench.one(Kind::Campaign, "camp_1").await;
    let whole = bench.row("campaigns", "name", "q3");
    let settings = json!({ "dialerSettings.callRate": 0.6 });
    accepted_only(
        pretends("PATCH", "/api/v2/campaigns/camp_1", 200, whole),
        update(Document::Campaign, "campaign/q3", "update", existing("camp_1"), &settings).version(&q3),
        &bench,
    )
    .await;
    let pause = Write::Transition { target: existing("camp_1"), to: CampaignStatus::Paused };
    accepted_only(
        json!({ "method": "PATCH", "path": "/api/v2/campaigns/camp_1", "effect": "status", "status": 204 }),
        step("campaign/q3", "transition", Action::Transition, pause).version(&q3),
        &bench,
    )
    .await;
    let whole = bench.row("outcomes", "code", "OLD");
    let name = json!({ "name": "New name" });
    accepted_only(
        pretends("PUT", "/api/v2/outcomes/out_1", 200, whole.clone()),
        update(Document::Outcome, "outcome/OLD", "update", existing("out_1"), &name).content(&old),
        &bench,
    )
    .await;
    let write = Write::Assign { campaign: existing("camp_1"), outcome: existing("out_9"), sequence: 4, default: false };
    accepted_only(
        pretends("POST", "/api/v2/campaigns/camp_1/outcomes", 201, json!({ "outcomeId": "out_9", "sequence": 1 })),
        step("assignment/q3/NINE", "assign", Action::Assign, write).absent(),
        &bench,
    )
    .await;
    accepted_only(pretends("POST", "/api/v2/outcomes", 201, json!({ "id": "out_1" })), create_outcome("NEW"), &bench)
        .await;
    accepted_only(pretends("POST", "/api/v2/outcomes", 201, json!({ "id": "nowhere" })), create_outcome("NEW"), &bench)
        .await;
}

#[tokio::test]
async fn the_fields_that_were_not_applied_are_named_with_both_values() {
    let bench = Bench::new().await;
    let q3 = bench.one(Kind::Campaign, "camp_1").await;
    let whole = bench.row("campaigns", "name", "q3");
    bench.faults(json!([pretends("PATCH", "/api/v2/campaigns/camp_1", 200, whole)]));
    let values = json!({ "dialerSettings.callRate": 0.6, "dialerSettings.agentCapacity": 100 });
    let step = update(Document::Campaign, "campaign/q3", "update", existing("camp_1"), &values).version(&q3);
    let report = bench.apply(vec![step]).await;
    let StepResult::Failed(failure) = &report.steps[0].result else { panic!("{report:?}") };
    assert_eq!(failure.fields.len(), 1, "{failure:?}");
    assert_eq!(failure.fields[0].field, "dialerSettings.callRate");
    assert_eq!(failure.fields[0].message, "asked for 0.6, the tenant has 0.5");
    assert!(failure.fields[0].source.is_some());
}

#[tokio::test]
async fn an_object_that_has_gone_fails_its_step_alone() {
    let bench = Bench::new().await;
    let old = bench.one(Kind::Outcome, "out_1").await;
    let q3 = bench.one(Kind::Campaign, "camp_1").await;
    let name = json!({ "name": "New name" });
    let report = bench
        .apply(vec![
            update(Document::Outcome, "outcome/GONE", "update", existing("out_404"), &name).content(&old),
            update(
                Document::Campaign,
                "campaign/gone",
                "update",
                existing("camp_404"),
                &json!({ "targetListId": "l" }),
            )
            .version(&q3),
            create_outcome("NEW"),
        ])
        .await;
    for id in ["outcome/GONE:update", "campaign/gone:update"] {
        let StepResult::Failed(failure) = &result(&report, id).result else { panic!("{report:?}") };
        assert_eq!(failure.cause, FailureCause::Gone);
        assert!(failure.message.contains("has gone since the plan was made"), "{}", failure.message);
    }
    assert_eq!(result(&report, "outcome/NEW:create").result, StepResult::Applied);
}

fn many() -> Vec<Step> {
    (0..60).map(|number| create_outcome(&format!("N{number}"))).collect()
}

#[tokio::test]
async fn a_tenant_that_cannot_be_reached_is_one_error_and_not_sixty() {
    let bench = Bench::new().await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let bench = Bench { connection: connect(&format!("http://{nobody}"), "x"), ..bench };
    let report = bench.apply(many()).await;
    assert_eq!(report.counts().failed, 1, "{:?}", report.counts());
    assert_eq!(report.counts().skipped, 59);
    let error = report.ended.clone().unwrap();
    assert_eq!(report.steps[59].result, StepResult::Skipped(Skip::Ended(error)));
    assert_eq!(report.exit_code(), 1);
}

#[tokio::test]
async fn credentials_that_the_tenant_does_not_know_are_one_error() {
    let bench = Bench::new().await;
    let bench = Bench { connection: connect(&bench.emulator.url(), "wrong"), ..bench };
    let report = bench.apply(many()).await;
    assert_eq!((report.counts().failed, report.counts().skipped), (1, 59));
    assert!(report.ended.unwrap().contains("client id and secret"));
}

#[tokio::test]
async fn a_hiccup_that_drops_everything_in_flight_is_no_outage() {
    let bench = Bench::new().await;
    // More at once than the failures in a row that end a run; none is answered before all have come.
    bench.faults(json!([
        { "method": "POST", "path": "/api/v2/outcomes", "times": 40, "effect": "drop-after-commit", "delayMs": 400 }
    ]));
    let report = bench.apply_with(many(), std::sync::Arc::new(Unrecorded), 40, &Stop::new()).await;
    assert_eq!((report.ended.as_deref(), report.counts().applied), (None, 60), "{:?}", report.counts());
    assert_eq!(bench.emulator.state()["outcomes"].as_array().unwrap().len(), 62);
}

#[tokio::test]
async fn an_outage_in_the_middle_ends_the_run_after_twenty_failures_in_a_row() {
    let bench = Bench::new().await;
    bench.faults(
        json!([{ "path": "/api/v2/outcomes*", "nth": 6, "times": 100_000, "effect": "status", "status": 503 }]),
    );
    let report = bench.apply(many()).await;
    let counts = report.counts();
    assert!(report.ended.as_deref().is_some_and(|error| error.contains("20 times in a row")), "{:?}", report.ended);
    assert!(counts.applied >= 1 && counts.skipped >= 30, "{counts:?}");
    assert_eq!(report.exit_code(), 3);
    assert!(report.steps.iter().any(|step| matches!(step.result, StepResult::Skipped(Skip::Ended(_)))));
}

#[tokio::test]
async fn a_step_that_follows_nothing_is_malformed_and_sends_nothing() {
    let bench = Bench::new().await;
    let report = bench
        .apply(vec![
            update(Document::Outcome, "outcome/OLD", "update", existing("out_1"), &json!({ "name": "x" })),
            update(Document::Campaign, "campaign/q3", "update", existing("camp_1"), &json!({ "targetListId": "l" })),
            update(
                Document::Desktop,
                "outcome/X",
                "desktop",
                crate::bench::created("outcome/X"),
                &json!({ "uiConfig.icon": "i" }),
            ),
        ])
        .await;
    assert!(results(&report).iter().all(|(_, result)| *result == "failed"), "{report:?}");
    assert!(bench.writes().is_empty());
}
