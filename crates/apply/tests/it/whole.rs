//! One plan with every kind of write, on tenants of every kind.

use cxform_emulator::{Options, PutMode};
use cxform_model::{CampaignStatus, Document, Kind, ObservedAssignment, Precondition, RemoteId, Version, Write};
use cxform_plan::{Action, Step};
use serde_json::json;

use crate::bench::{
    Bench, SEEDED, StepExt, assert_all_applied, create, create_outcome, created, existing, result, step, update,
};

/// Every kind of write, every kind of precondition, and ids that only this run knows.
pub(crate) async fn every_write(bench: &Bench) -> Vec<Step> {
    let old = bench.one(Kind::Outcome, "out_1").await;
    let sale = bench.one(Kind::CallCode, "cc_1").await;
    let q3 = bench.one(Kind::Campaign, "camp_1").await;
    let desktop = bench.connection.reader().desktop(&RemoteId("camp_1".into())).await.unwrap().unwrap();
    let assigned = |mut step: Step, outcome: &str| {
        let entry = desktop.iter().find(|entry| entry.outcome.0 == outcome).unwrap();
        let ObservedAssignment { outcome: _, sequence, default } = entry;
        step.precondition = Precondition::Content(entry.content_hash());
        step.base = [("sequence".into(), json!(sequence)), ("defaultSelection".into(), json!(default))].into();
        step
    };
    let child = json!({ "code": "NEW-A", "name": "A", "status": "ACTIVE" });
    let rules = json!({ "validationRules.retentionPeriodDays": 730, "validationRules.requiredFields": ["note"] });
    let ui = json!({ "uiConfig.group": "SALES", "uiConfig.shortcutKey": "1", "uiConfig.colorCode": "#2ecc71" });
    let code =
        |code: &str| json!({ "code": code, "name": code, "type": "FAILURE", "category": "Q3", "isActive": true });
    let q4 = json!({ "name": "q4", "type": "predictive", "dialerSettings.callRate": 0.4 });
    let assign = |address: &str, campaign, sequence, default| {
        let write = Write::Assign { campaign, outcome: created("outcome/NEW-A"), sequence, default };
        step(address, "assign", Action::Assign, write).absent()
    };
    let transition =
        |address: &str, target, to| step(address, "transition", Action::Transition, Write::Transition { target, to });
    let (camp_1, out_1, out_2) = (|| existing("camp_1"), existing("out_1"), existing("out_2"));
    vec![
        create_outcome("NEW"),
        create(Kind::Outcome, "outcome/NEW-A", Some(created("outcome/NEW")), &child).needs(&["outcome/NEW:create"]),
        update(Document::Outcome, "outcome/NEW-A", "rules", created("outcome/NEW-A"), &rules)
            .needs(&["outcome/NEW-A:create"]),
        update(Document::Desktop, "outcome/NEW-A", "desktop", created("outcome/NEW-A"), &ui)
            .needs(&["outcome/NEW-A:rules"]),
        update(Document::Outcome, "outcome/OLD", "update", out_1.clone(), &json!({ "name": "Renamed" })).content(&old),
        create(Kind::CallCode, "callcode/DNC", None, &code("DNC")),
        create(Kind::CallCode, "callcode/DNC/STATE", Some(created("callcode/DNC")), &code("STATE"))
            .needs(&["callcode/DNC:create"]),
        update(Document::CallCode, "callcode/SALE", "update", existing("cc_1"), &json!({ "name": "Sold" }))
            .content(&sale),
        update(Document::Campaign, "campaign/q3", "update", camp_1(), &json!({ "dialerSettings.callRate": 0.6 }))
            .version(&q3),
        create(Kind::Campaign, "campaign/q4", None, &q4),
        Step { bare: true, ..assign("assignment/q4/NEW-A", created("campaign/q4"), 1, true) }
            .needs(&["campaign/q4:create", "outcome/NEW-A:desktop"]),
        transition("campaign/q4", created("campaign/q4"), CampaignStatus::Active)
            .needs(&["assignment/q4/NEW-A:assign"]),
        assign("assignment/q3/NEW-A", camp_1(), 3, false).needs(&["outcome/NEW-A:desktop"]),
        assigned(
            step(
                "assignment/q3/KEEP",
                "update",
                Action::Update,
                Write::Reassign { campaign: camp_1(), outcome: out_2, sequence: Some(9), default: None },
            ),
            "out_2",
        ),
        assigned(
            step(
                "assignment/q3/OLD",
                "unassign",
                Action::Unassign,
                Write::Unassign { campaign: camp_1(), outcome: out_1 },
            )
            .needs(&["assignment/q3/NEW-A:assign", "assignment/q3/KEEP:update"]),
            "out_1",
        ),
        transition("campaign/q3", camp_1(), CampaignStatus::Paused)
            .needs(&["campaign/q3:update", "assignment/q3/OLD:unassign"]),
    ]
}

#[track_caller]
pub(crate) fn assert_every_write_stands_once(bench: &Bench, context: &str) {
    let parent = bench.row("outcomes", "code", "NEW");
    let child = bench.row("outcomes", "code", "NEW-A");
    assert_eq!(child["parentOutcomeId"], parent["id"], "{context}");
    assert_eq!(child["validationRules"]["retentionPeriodDays"], 730, "{context}");
    assert_eq!(child["uiConfig"]["shortcutKey"], "1", "{context}");
    let old = bench.row("outcomes", "code", "OLD");
    assert_eq!(old["name"], "Renamed", "{context}");
    assert_eq!(old["vendorTag"], json!({ "keep": [1, 2] }), "{context}: what we do not know is kept");
    assert_eq!(old["validationRules"]["vendorRule"], "keep", "{context}");
    assert_eq!(old["uiConfig"]["group"], "G", "{context}");
    let dnc = bench.row("callcodes", "code", "DNC");
    assert_eq!(bench.row("callcodes", "code", "STATE")["parentCallCodeId"], dnc["id"], "{context}");
    assert_eq!(bench.row("callcodes", "code", "SALE")["name"], "Sold", "{context}");
    let q3 = bench.row("campaigns", "name", "q3");
    assert_eq!((&q3["dialerSettings"]["callRate"], &q3["dialerSettings"]["agentCapacity"]), (&json!(0.6), &json!(100)));
    assert_eq!(q3["status"], "paused", "{context}");
    let q4 = bench.row("campaigns", "name", "q4");
    assert_eq!(q4["status"], "active", "{context}");
    let on_q4 = bench.row("assignments", "campaignId", q4["id"].as_str().unwrap());
    assert_eq!((&on_q4["outcomeId"], &on_q4["defaultSelection"]), (&child["id"], &json!(true)), "{context}");
    let mut on_q3 = bench.rows("assignments", "campaignId", "camp_1");
    on_q3.sort_by_key(|entry| entry["sequence"].as_u64());
    let on_q3: Vec<_> = on_q3.iter().map(|entry| (&entry["outcomeId"], &entry["sequence"])).collect();
    assert_eq!(on_q3, [(&child["id"], &json!(3)), (&json!("out_2"), &json!(9))], "{context}");
}

#[tokio::test]
async fn every_kind_of_write_is_applied_in_the_order_of_its_needs() {
    let bench = Bench::new().await;
    let report = bench.apply(every_write(&bench).await).await;
    assert_all_applied(&report, "plain");
    assert_every_write_stands_once(&bench, "plain");
    assert_eq!(result(&report, "campaign/q3:update").version, Some(Version(SEEDED.0 + 1)));
    assert_eq!(result(&report, "campaign/q3:transition").version, Some(Version(SEEDED.0 + 2)));
    assert!(result(&report, "campaign/q4:create").created.is_some());
    assert!(report.requests >= 16 && report.retries == 0, "{report:?}");
}

#[tokio::test]
async fn every_campaign_patch_names_the_version_that_the_reviewer_or_this_run_saw() {
    let bench = Bench::new().await;
    bench.apply(every_write(&bench).await).await;
    let patches: Vec<_> = bench
        .writes()
        .into_iter()
        .filter(|(method, path, _)| method == "PATCH" && path.ends_with("camp_1"))
        .map(|(_, _, entry)| entry["ifMatch"].clone())
        .collect();
    assert_eq!(patches, [json!("version=3"), json!("version=4")]);
    let writes = bench.writes();
    let creates: Vec<_> = writes.iter().filter(|(method, _, _)| method == "POST").collect();
    assert_eq!(creates.len(), 7);
    assert!(creates.iter().all(|(_, _, entry)| entry["idempotencyKey"].is_string()), "every POST may be recognised");
}

#[tokio::test]
async fn tenants_of_every_kind_end_in_the_same_state() {
    for (quirks, put) in [
        (&[][..], PutMode::Replace),
        (&["no-content"], PutMode::Merge),
        (&["no-content", "versions-count-assignments"], PutMode::Replace),
        (&["versions-count-assignments"], PutMode::Merge),
        (&["extra-fields", "upper-case-enums", "no-etag", "no-total"], PutMode::Replace),
        (&["trim-text", "ignore-idempotency", "late-listing"], PutMode::Merge),
    ] {
        let bench = Bench::with(quirks, Options { put, ..Options::default() }).await;
        let report = bench.apply(every_write(&bench).await).await;
        let context = format!("{quirks:?} {put:?}");
        assert_all_applied(&report, &context);
        if !quirks.contains(&"upper-case-enums") {
            assert_every_write_stands_once(&bench, &context);
        }
    }
}
