//! Somebody else changes a campaign while a plan waits: what goes on top of it, and what never does.

use std::sync::Arc;

use cxform_apply::{ConflictReason, Options, Report, StepResult, Stop, Unrecorded};
use cxform_model::{CampaignStatus, Document, Kind, RemoteId, Version, Write};
use cxform_plan::{Action, Step};
use serde_json::{Value, json};

use crate::bench::{Bench, SEEDED, StepExt, create, existing, fields, plan, results, step, update};

async fn ours(bench: &Bench) -> Vec<Step> {
    let q3 = bench.one(Kind::Campaign, "camp_1").await;
    let settings = json!({ "dialerSettings.callRate": 0.6 });
    let pause = Write::Transition { target: existing("camp_1"), to: CampaignStatus::Paused };
    vec![
        update(Document::Campaign, "campaign/q3", "update", existing("camp_1"), &settings).version(&q3),
        step("campaign/q3", "transition", Action::Transition, pause).needs(&["campaign/q3:update"]),
    ]
}

async fn after_theirs(bench: &Bench, theirs: Value, rebase: bool) -> Report {
    let plan = plan(ours(bench).await);
    let fields = fields(Kind::Campaign, &theirs);
    bench.connection.writer().update_campaign(&RemoteId("camp_1".into()), SEEDED, &fields).await.unwrap();
    bench.run(&plan, Options { rebase, ..Options::new(Arc::new(Unrecorded)) }, &Stop::new()).await
}

#[tokio::test]
async fn other_fields_go_together_and_the_report_says_who_changed_what() {
    for quirks in [&[][..], &["no-content"]] {
        let bench = Bench::with(quirks, cxform_emulator::Options::default()).await;
        let report = after_theirs(&bench, json!({ "dialerSettings.agentCapacity": 50 }), true).await;
        assert_eq!(results(&report), [("campaign/q3:update", "rebased"), ("campaign/q3:transition", "applied")]);
        let StepResult::Rebased(rebase) = &report.steps[0].result else { unreachable!() };
        assert_eq!((rebase.planned, rebase.found), (SEEDED, Version(SEEDED.0 + 1)));
        let field = &rebase.fields[0];
        assert_eq!(
            (field.path.as_str(), &field.base, &field.ours, &field.theirs),
            ("dialerSettings.agentCapacity", &json!(100), &None, &json!(50))
        );
        assert_eq!(rebase.fields.len(), 1);
        assert_eq!(rebase.authors.len(), 1);
        assert!(!rebase.authors[0].actor.is_empty() && rebase.authors[0].version == rebase.found);
        assert_eq!((report.counts().rebased, report.exit_code()), (1, 0));
        let q3 = bench.row("campaigns", "name", "q3");
        let dialer = &q3["dialerSettings"];
        assert_eq!((&dialer["callRate"], &dialer["agentCapacity"]), (&json!(0.6), &json!(50)));
    }
}

#[tokio::test]
async fn without_rebasing_any_second_writer_is_a_conflict() {
    let bench = Bench::new().await;
    let report = after_theirs(&bench, json!({ "dialerSettings.agentCapacity": 50 }), false).await;
    assert_eq!(results(&report), [("campaign/q3:update", "conflict"), ("campaign/q3:transition", "skipped")]);
    assert_eq!(report.exit_code(), 4);
}

#[tokio::test]
async fn nothing_goes_on_top_of_the_same_field_or_of_compliance() {
    for theirs in [
        json!({ "dialerSettings.callRate": 0.7 }),
        json!({ "complianceSettings.timeZone": "America/Chicago" }),
        json!({ "complianceSettings.doNotCallCompliance": true, "dialerSettings.agentCapacity": 50 }),
    ] {
        let bench = Bench::new().await;
        let report = after_theirs(&bench, theirs.clone(), true).await;
        let StepResult::Conflict(conflict) = &report.steps[0].result else { panic!("{theirs}: {report:?}") };
        assert_eq!(conflict.reason, ConflictReason::Changed);
        assert!(theirs.as_object().unwrap().keys().all(|path| conflict.fields.iter().any(|one| one.path == *path)));
        assert_eq!(bench.row("campaigns", "name", "q3")["status"], "active");
    }
}

#[tokio::test]
async fn nothing_goes_on_top_of_a_stopped_campaign() {
    let bench = Bench::new().await;
    let plan = plan(ours(&bench).await);
    let camp_1 = RemoteId("camp_1".into());
    bench.connection.writer().transition(&camp_1, SEEDED, CampaignStatus::Paused).await.unwrap();
    let report = bench.run(&plan, Options::new(Arc::new(Unrecorded)), &Stop::new()).await;
    assert_eq!(results(&report), [("campaign/q3:update", "conflict"), ("campaign/q3:transition", "skipped")]);
}

#[tokio::test]
async fn what_they_made_so_already_is_no_overlap() {
    let bench = Bench::new().await;
    let report =
        after_theirs(&bench, json!({ "dialerSettings.callRate": 0.60, "dialerSettings.wrapUpTime": 20 }), true).await;
    assert_eq!(report.steps[0].result.word(), "rebased", "{:?}", report.steps[0]);
}

#[tokio::test]
async fn both_changes_together_must_keep_the_rules() {
    let bench = Bench::new().await;
    let q3 = bench.one(Kind::Campaign, "camp_1").await;
    let ours = json!({ "contactSelection.exclusionListIds": ["list_b"] });
    let plan = plan(vec![update(Document::Campaign, "campaign/q3", "update", existing("camp_1"), &ours).version(&q3)]);
    let theirs = fields(Kind::Campaign, &json!({ "contactSelection.targetListIds": ["list_a", "list_b"] }));
    bench.connection.writer().update_campaign(&RemoteId("camp_1".into()), SEEDED, &theirs).await.unwrap();
    let report = bench.run(&plan, Options::new(Arc::new(Unrecorded)), &Stop::new()).await;
    let StepResult::Conflict(conflict) = &report.steps[0].result else { panic!("{report:?}") };
    assert_eq!(conflict.reason, ConflictReason::Unlawful);
    assert!(conflict.findings.iter().any(|finding| finding.contains("list_b")), "{conflict:?}");
    let selection = bench.row("campaigns", "name", "q3")["contactSelection"].clone();
    assert!(selection["exclusionListIds"].is_null(), "{selection}");
}

#[tokio::test]
async fn a_tenant_that_hides_its_history_is_rebased_all_the_same() {
    let bench = Bench::new().await;
    bench.faults(
        json!([{ "method": "GET", "path": "/api/v2/outbound/campaigns/*/history", "effect": "status", "status": 404 }]),
    );
    let report = after_theirs(&bench, json!({ "dialerSettings.agentCapacity": 50 }), true).await;
    let StepResult::Rebased(rebase) = &report.steps[0].result else { panic!("{report:?}") };
    assert!(rebase.authors.is_empty());
}

#[tokio::test]
async fn a_narrow_base_tells_too_little_to_go_on_top() {
    let bench = Bench::new().await;
    let steps = ours(&bench).await.into_iter().map(StepExt::narrow).collect();
    let theirs = fields(Kind::Campaign, &json!({ "complianceSettings.timeZone": "America/Chicago" }));
    bench.connection.writer().update_campaign(&RemoteId("camp_1".into()), SEEDED, &theirs).await.unwrap();
    let report = bench.run(&plan(steps), Options::new(Arc::new(Unrecorded)), &Stop::new()).await;
    assert_eq!(report.steps[0].result.word(), "conflict");
}

/// Pausing a paused campaign once more changes nothing but its version, and means "do not dial" all the same.
#[tokio::test]
async fn nothing_is_set_dialling_on_top_of_anybody_elses_write() {
    let bench = Bench::new().await;
    let (camp_1, writer) = (RemoteId("camp_1".into()), bench.connection.writer());
    writer.transition(&camp_1, SEEDED, CampaignStatus::Paused).await.unwrap();
    let q3 = bench.one(Kind::Campaign, "camp_1").await;
    let resume = Write::Transition { target: existing("camp_1"), to: CampaignStatus::Active };
    let plan = plan(vec![step("campaign/q3", "resume", Action::Transition, resume).version(&q3)]);
    writer.transition(&camp_1, q3.version.unwrap(), CampaignStatus::Paused).await.unwrap();
    let report = bench.run(&plan, Options::new(Arc::new(Unrecorded)), &Stop::new()).await;
    assert_eq!(results(&report), [("campaign/q3:resume", "conflict")]);
    assert_eq!(bench.row("campaigns", "name", "q3")["status"], "paused");
}

/// Where nobody tells what happened to a campaign that stands still for its update, it may have been a second brake.
#[tokio::test]
async fn nothing_goes_on_top_of_anybody_elses_write_to_a_campaign_that_is_to_dial_again() {
    for hidden in [false, true] {
        let bench = Bench::new().await;
        if hidden {
            bench.faults(json!([{ "method": "GET", "path": "/api/v2/outbound/campaigns/*/history", "effect": "status", "status": 404 }]));
        }
        let (camp_1, writer) = (RemoteId("camp_1".into()), bench.connection.writer());
        writer.transition(&camp_1, SEEDED, CampaignStatus::Paused).await.unwrap();
        let q3 = bench.one(Kind::Campaign, "camp_1").await;
        let settings = json!({ "dialerSettings.callRate": 0.6 });
        let resume = Write::Transition { target: existing("camp_1"), to: CampaignStatus::Active };
        let plan = plan(vec![
            update(Document::Campaign, "campaign/q3", "update", existing("camp_1"), &settings).version(&q3),
            step("campaign/q3", "resume", Action::Transition, resume).needs(&["campaign/q3:update"]),
        ]);
        writer.transition(&camp_1, q3.version.unwrap(), CampaignStatus::Paused).await.unwrap();
        let report = bench.run(&plan, Options::new(Arc::new(Unrecorded)), &Stop::new()).await;
        assert_eq!(results(&report), [("campaign/q3:update", "conflict"), ("campaign/q3:resume", "skipped")]);
        assert_eq!(bench.row("campaigns", "name", "q3")["status"], "paused");
    }
}

/// Nobody looks again before the start, so what would keep the campaign from starting counts here.
#[tokio::test]
async fn nothing_goes_on_top_of_a_draft_that_could_no_longer_start() {
    let bench = Bench::new().await;
    let writer = bench.connection.writer();
    let draft = json!({ "name": "q4", "type": "preview", "contactSelection.targetListIds": ["l"], "dialerSettings.callRate": 0.5 });
    let create = plan(vec![create(Kind::Campaign, "campaign/q4", None, &draft)]);
    let report = bench.run(&create, Options::new(Arc::new(Unrecorded)), &Stop::new()).await;
    let id = report.steps[0].created.clone().unwrap();
    let q4 = bench.one(Kind::Campaign, &id.0).await;
    let ours = json!({ "dialerSettings.callRate": 0.6 });
    let start = Write::Transition { target: existing(&id.0), to: CampaignStatus::Active };
    let plan = plan(vec![
        update(Document::Campaign, "campaign/q4", "update", existing(&id.0), &ours).version(&q4),
        step("campaign/q4", "transition", Action::Transition, start).needs(&["campaign/q4:update"]),
    ]);
    let theirs = fields(Kind::Campaign, &json!({ "contactSelection.targetListIds": null }));
    writer.update_campaign(&id, q4.version.unwrap(), &theirs).await.unwrap();
    let report = bench.run(&plan, Options::new(Arc::new(Unrecorded)), &Stop::new()).await;
    let StepResult::Conflict(conflict) = &report.steps[0].result else { panic!("{report:?}") };
    assert_eq!(conflict.reason, ConflictReason::Unlawful);
    assert!(conflict.findings[0].starts_with("CX070"), "{conflict:?}");
    assert_eq!(bench.row("campaigns", "name", "q4")["status"], "draft");
}
