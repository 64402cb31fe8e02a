//! A supervisor stops a campaign that this run has created: nothing that the run does sets it dialling again.

use std::time::Duration;

use cxform_apply::{ConflictReason, Report, StepResult};
use cxform_emulator::Options;
use cxform_model::{CampaignStatus, Kind, RemoteId, Version, Write};
use cxform_plan::{Action, Step};
use serde_json::{Value, json};

use crate::bench::{Bench, StepExt, create, created, existing, fields, result, step};

/// A campaign that starts dialling once its desktop is filled.
fn steps() -> Vec<Step> {
    let assign = |code: &str, outcome, sequence| {
        let write = Write::Assign {
            campaign: created("campaign/new"),
            outcome: existing(outcome),
            sequence,
            default: sequence == 1,
        };
        step(&format!("assignment/new/{code}"), "assign", Action::Assign, write)
            .absent()
            .needs(&["campaign/new:create"])
    };
    let start = Write::Transition { target: created("campaign/new"), to: CampaignStatus::Active };
    vec![
        create(Kind::Campaign, "campaign/new", None, &json!({ "name": "new", "type": "predictive" })),
        assign("OLD", "out_1", 1),
        assign("KEEP", "out_2", 2),
        step("campaign/new", "transition", Action::Transition, start)
            .needs(&["assignment/new/OLD:assign", "assignment/new/KEEP:assign"]),
    ]
}

/// The new campaign once it stands, in this state.
async fn standing(bench: &Bench, status: &str) -> (RemoteId, Version) {
    for _ in 0..2000 {
        if let Some(row) = bench.rows("campaigns", "name", "new").first()
            && row["status"] == status
        {
            return (RemoteId(row["id"].as_str().unwrap().to_owned()), Version(row["version"].as_u64().unwrap()));
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("no new campaign is {status}");
}

/// Starts the campaign and stops it again, with a change of whom it may call in between, or without.
async fn stop(bench: &Bench, compliance: Option<Value>) {
    let writer = bench.connection.writer();
    let (id, version) = standing(bench, "draft").await;
    let mut version = writer.transition(&id, version, CampaignStatus::Active).await.unwrap().version.unwrap();
    if let Some(compliance) = compliance {
        let fields = fields(Kind::Campaign, &compliance);
        version = writer.update_campaign(&id, version, &fields).await.unwrap().version.unwrap();
    }
    writer.transition(&id, version, CampaignStatus::Paused).await.unwrap();
}

#[track_caller]
fn assert_stopped(bench: &Bench, report: &Report, step: &str, context: &str) -> ConflictReason {
    let StepResult::Conflict(conflict) = &result(report, step).result else { panic!("{context}: {report:?}") };
    assert!(conflict.fields.iter().any(|field| field.path == "status"), "{context}: {conflict:?}");
    assert_eq!(bench.row("campaigns", "name", "new")["status"], "paused", "{context}");
    assert_eq!(report.exit_code(), 4, "{context}");
    conflict.reason
}

fn changes() -> [Option<Value>; 2] {
    [None, Some(json!({ "complianceSettings.timeZone": "America/Chicago" }))]
}

#[tokio::test]
async fn a_campaign_that_was_stopped_while_its_desktop_was_filled_stays_stopped() {
    for compliance in changes() {
        let context = format!("{compliance:?}");
        let bench = Bench::new().await;
        bench.faults(json!([
            { "method": "POST", "path": "/api/v2/campaigns/*/outcomes", "effect": "delay", "delayMs": 300 },
        ]));
        let (report, ()) = tokio::join!(bench.apply(steps()), stop(&bench, compliance));
        let reason = assert_stopped(&bench, &report, "campaign/new:transition", &context);
        assert_eq!(reason, ConflictReason::Changed);
    }
}

#[tokio::test]
async fn a_lost_create_that_is_found_stopped_is_not_taken_up() {
    for compliance in changes() {
        let context = format!("{compliance:?}");
        let mut bench = Bench::new().await;
        bench.patience.first = Duration::from_millis(400);
        bench.patience.longest = Duration::from_millis(400);
        bench.faults(json!([
            { "method": "POST", "path": "/api/v2/campaigns", "nth": 1, "effect": "drop-after-commit" },
        ]));
        let (report, ()) = tokio::join!(bench.apply(steps()), stop(&bench, compliance));
        let reason = assert_stopped(&bench, &report, "campaign/new:create", &context);
        assert_eq!(reason, ConflictReason::Unexplained);
    }
}

/// The id that the first create gets.
async fn first_id() -> String {
    let bench = Bench::new().await;
    bench.apply(steps()[..1].to_vec()).await;
    bench.row("campaigns", "name", "new")["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_create_of_which_the_answer_tells_little_is_read_back_and_not_taken_up_stopped() {
    let id = first_id().await;
    for compliance in changes() {
        let context = format!("{compliance:?}");
        let bench = Bench::new().await;
        bench.faults(json!([
            { "method": "POST", "path": "/api/v2/campaigns", "nth": 1, "effect": "status", "status": 201,
              "body": { "id": id }, "commit": true },
            { "method": "GET", "path": "/api/v2/campaigns/*", "nth": 1, "effect": "delay", "delayMs": 300 },
        ]));
        let (report, ()) = tokio::join!(bench.apply(steps()), stop(&bench, compliance));
        let reason = assert_stopped(&bench, &report, "campaign/new:create", &context);
        assert_eq!(reason, ConflictReason::SecondWriter);
        assert!(result(&report, "campaign/new:create").created.is_some(), "{context}: it exists all the same");
    }
}

#[tokio::test]
async fn a_start_without_an_answer_body_is_not_taken_for_whole_when_somebody_changed_more() {
    let bench = Bench::with(&["no-content"], Options::default()).await;
    bench.faults(json!([
        { "method": "GET", "path": "/api/v2/campaigns/*", "nth": 1, "effect": "delay", "delayMs": 300 },
    ]));
    let theirs = async {
        let (id, version) = standing(&bench, "active").await;
        let theirs = fields(Kind::Campaign, &json!({ "complianceSettings.timeZone": "America/Chicago" }));
        bench.connection.writer().update_campaign(&id, version, &theirs).await.unwrap();
    };
    let mut steps = steps();
    steps.truncate(1);
    let start = Write::Transition { target: created("campaign/new"), to: CampaignStatus::Active };
    steps.push(step("campaign/new", "transition", Action::Transition, start).needs(&["campaign/new:create"]));
    let (report, ()) = tokio::join!(bench.apply(steps), theirs);
    let StepResult::Conflict(conflict) = &result(&report, "campaign/new:transition").result else {
        panic!("{report:?}")
    };
    assert_eq!(conflict.reason, ConflictReason::SecondWriter);
    assert!(conflict.fields.iter().any(|field| field.path == "complianceSettings.timeZone"), "{conflict:?}");
}

#[tokio::test]
async fn a_lost_start_is_told_from_somebody_elses() {
    let bench = Bench::new().await;
    let q3 = bench.one(Kind::Campaign, "camp_1").await;
    let values = json!({ "dialerSettings.callRate": 0.6 });
    let ours =
        crate::bench::update(cxform_model::Document::Campaign, "campaign/q3", "update", existing("camp_1"), &values);
    bench.faults(json!([
        { "method": "PATCH", "path": "/api/v2/campaigns/camp_1", "nth": 1, "effect": "drop-before-commit" },
    ]));
    let theirs = json!({ "dialerSettings.callRate": 0.6, "complianceSettings.timeZone": "America/Chicago" });
    let theirs = fields(Kind::Campaign, &theirs);
    let camp_1 = RemoteId("camp_1".into());
    let writer = bench.connection.writer();
    let meanwhile = async {
        while bench.writes().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        writer.update_campaign(&camp_1, crate::bench::SEEDED, &theirs).await.unwrap();
    };
    let (report, ()) = tokio::join!(bench.apply(vec![ours.version(&q3)]), meanwhile);
    let StepResult::Conflict(conflict) = &report.steps[0].result else { panic!("{report:?}") };
    assert_eq!(conflict.reason, ConflictReason::Unexplained, "one version on and what we asked, but not ours alone");
}

/// The desktop of a paused campaign is filled, then the campaign starts again.
async fn restart(bench: &Bench) -> Vec<Step> {
    let writer = bench.connection.writer();
    let camp_1 = RemoteId("camp_1".into());
    writer.transition(&camp_1, crate::bench::SEEDED, CampaignStatus::Paused).await.unwrap();
    bench.connection.writer().unassign(&camp_1, &RemoteId("out_2".into())).await.unwrap();
    let q3 = bench.one(Kind::Campaign, "camp_1").await;
    let write = Write::Assign { campaign: existing("camp_1"), outcome: existing("out_2"), sequence: 2, default: false };
    let assign = step("assignment/q3/KEEP", "assign", Action::Assign, write).absent();
    let start = Write::Transition { target: existing("camp_1"), to: CampaignStatus::Active };
    let start = step("campaign/q3", "transition", Action::Transition, start).version(&q3);
    vec![assign, start.needs(&["assignment/q3/KEEP:assign"])]
}

/// Starts the paused campaign and stops it again, while the run writes its desktop.
async fn start_and_stop(bench: &Bench) {
    while bench.writes().iter().filter(|(method, ..)| method == "POST").count() == 0 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let (writer, camp_1) = (bench.connection.writer(), RemoteId("camp_1".into()));
    let mut version = bench.one(Kind::Campaign, "camp_1").await.version.unwrap();
    for to in [CampaignStatus::Active, CampaignStatus::Paused] {
        version = writer.transition(&camp_1, version, to).await.unwrap().version.unwrap();
    }
}

#[tokio::test]
async fn a_campaign_that_was_started_and_stopped_again_meanwhile_stays_stopped() {
    let slow = json!({ "method": "POST", "path": "/api/v2/campaigns/*/outcomes", "effect": "delay", "delayMs": 400 });
    let hidden = |status: u16| json!({ "method": "GET", "path": "/api/v2/outbound/campaigns/*/history", "effect": "status", "status": status });
    for quirks in [&[][..], &["versions-count-assignments"]] {
        for rules in [json!([slow]), json!([slow, hidden(403)]), json!([slow, hidden(404)])] {
            let bench = Bench::with(quirks, Options::default()).await;
            let steps = restart(&bench).await;
            bench.faults(rules.clone());
            let (report, ()) = tokio::join!(bench.apply(steps), start_and_stop(&bench));
            let context = format!("{quirks:?} {rules}");
            let step = &result(&report, "campaign/q3:transition").result;
            assert!(matches!(step, StepResult::Conflict(_)), "{context}: {step:?}");
            assert_eq!(bench.row("campaigns", "id", "camp_1")["status"], "paused", "{context}");
        }
    }
}

#[tokio::test]
async fn own_desktop_writes_that_move_the_version_stop_no_restart_that_the_history_vouches_for() {
    let bench = Bench::with(&["versions-count-assignments"], Options::default()).await;
    let steps = restart(&bench).await;
    let report = bench.apply(steps).await;
    crate::bench::assert_all_applied(&report, "its history names nobody");
    assert_eq!(bench.row("campaigns", "id", "camp_1")["status"], "active");
}

#[tokio::test]
async fn a_setting_that_was_changed_and_changed_back_is_nobodys_to_merge() {
    let bench = Bench::new().await;
    let q3 = bench.one(Kind::Campaign, "camp_1").await;
    let values = json!({ "dialerSettings.callRate": 0.6 });
    let ours =
        crate::bench::update(cxform_model::Document::Campaign, "campaign/q3", "update", existing("camp_1"), &values);
    let ours = ours.version(&q3);
    let (writer, camp_1) = (bench.connection.writer(), RemoteId("camp_1".into()));
    let mut version = crate::bench::SEEDED;
    for to in [CampaignStatus::Paused, CampaignStatus::Active] {
        version = writer.transition(&camp_1, version, to).await.unwrap().version.unwrap();
    }
    let report = bench.apply(vec![ours]).await;
    assert!(matches!(report.steps[0].result, StepResult::Conflict(_)), "{report:?}");
    assert_eq!(bench.row("campaigns", "id", "camp_1")["dialerSettings"]["callRate"], 0.5);
}
