//! A tenant that is not what the reviewer saw.

use cxform_apply::{ConflictReason, FieldConflict, Skip, StepResult, Unmet};
use cxform_model::{CampaignStatus, Document, Kind, Precondition, RemoteId, Version, Write};
use cxform_plan::{Action, Step};
use serde_json::{Value, json};

use crate::bench::{Bench, SEEDED, StepExt, create_outcome, existing, fields, result, results, step, update};

async fn somebody_patches(bench: &Bench, values: Value) {
    let fields = fields(Kind::Campaign, &values);
    bench.connection.writer().update_campaign(&RemoteId("camp_1".into()), SEEDED, &fields).await.unwrap();
}

async fn somebody_renames(bench: &Bench, id: &str, name: &str) {
    somebody_puts(bench, id, json!({ "name": name })).await;
}

async fn somebody_puts(bench: &Bench, id: &str, values: Value) {
    let (_, whole) = bench.connection.reader().outcome_document(&RemoteId(id.into())).await.unwrap().unwrap();
    let fields = fields(Kind::Outcome, &values);
    bench.connection.writer().update_outcome(whole, &fields, None).await.unwrap();
}

#[tokio::test]
async fn a_moved_version_is_a_conflict_and_takes_only_its_dependents_along() {
    let bench = Bench::new().await;
    let q3 = bench.one(Kind::Campaign, "camp_1").await;
    let pause = Write::Transition { target: existing("camp_1"), to: CampaignStatus::Paused };
    let steps = vec![
        update(
            Document::Campaign,
            "campaign/q3",
            "update",
            existing("camp_1"),
            &json!({ "dialerSettings.callRate": 0.6 }),
        )
        .version(&q3),
        step("campaign/q3", "transition", Action::Transition, pause).needs(&["campaign/q3:update"]),
        create_outcome("NEW"),
    ];
    somebody_patches(&bench, json!({ "dialerSettings.callRate": 0.9, "dialerSettings.agentCapacity": 50 })).await;
    let report = bench.apply(steps).await;
    assert_eq!(
        results(&report),
        [("campaign/q3:update", "conflict"), ("campaign/q3:transition", "skipped"), ("outcome/NEW:create", "applied")]
    );
    let StepResult::Conflict(conflict) = &result(&report, "campaign/q3:update").result else { unreachable!() };
    assert_eq!(conflict.reason, ConflictReason::Changed);
    let versions = conflict.version.unwrap();
    assert_eq!((versions.planned, versions.found), (SEEDED, Some(Version(SEEDED.0 + 1))));
    let field = |path: &str, base, ours, theirs| FieldConflict { path: path.into(), base, ours, theirs };
    assert_eq!(
        conflict.fields,
        [
            field("dialerSettings.agentCapacity", json!(100), None, json!(50)),
            field("dialerSettings.callRate", json!(0.5), Some(json!(0.6)), json!(0.9)),
        ]
    );
    let StepResult::Skipped(skip) = &result(&report, "campaign/q3:transition").result else { unreachable!() };
    let unmet = Unmet { address: "campaign/q3".parse().unwrap(), action: Action::Update };
    assert_eq!((skip, skip.to_string()), (&Skip::Needs(unmet), "`campaign/q3` was not updated".to_owned()));
    assert_eq!(report.exit_code(), 4);
    assert_eq!(bench.row("campaigns", "name", "q3")["status"], "active");
}

#[tokio::test]
async fn an_outcome_that_somebody_changed_is_not_overwritten() {
    for narrow in [false, true] {
        let bench = Bench::new().await;
        let old = bench.one(Kind::Outcome, "out_1").await;
        let values = json!({ "description": "ours" });
        let step = update(Document::Outcome, "outcome/OLD", "update", existing("out_1"), &values).content(&old);
        let step = if narrow { step.narrow() } else { step };
        somebody_renames(&bench, "out_1", "Theirs").await;
        let before = bench.writes().len();
        let report = bench.apply(vec![step]).await;
        let StepResult::Conflict(conflict) = &report.steps[0].result else { panic!("{report:?}") };
        let written = conflict.fields.iter().find(|field| field.path == "description").unwrap();
        assert_eq!(written.ours, Some(json!("ours")));
        let name = conflict.fields.iter().find(|field| field.path == "name");
        let name = name.map(|name| (&name.base, &name.ours, &name.theirs));
        let expected = (json!("Old"), None, json!("Theirs"));
        assert_eq!(name, (!narrow).then_some((&expected.0, &expected.1, &expected.2)), "what the base tells");
        assert_eq!(bench.writes().len(), before, "nothing was sent");
    }
}

#[tokio::test]
async fn what_somebody_already_made_so_is_unchanged_and_lets_dependents_go_on() {
    for narrow in [false, true] {
        let bench = Bench::new().await;
        let old = bench.one(Kind::Outcome, "out_1").await;
        let rename = update(Document::Outcome, "outcome/OLD", "update", existing("out_1"), &json!({ "name": "Same" }));
        let rename = if narrow { rename.content(&old).narrow() } else { rename.content(&old) };
        let regroup =
            update(Document::Desktop, "outcome/OLD", "desktop", existing("out_1"), &json!({ "uiConfig.group": "H" }));
        somebody_renames(&bench, "out_1", "Same").await;
        let report = bench.apply(vec![rename, regroup.needs(&["outcome/OLD:update"])]).await;
        assert_eq!(results(&report), [("outcome/OLD:update", "unchanged"), ("outcome/OLD:desktop", "applied")]);
        assert_eq!(report.exit_code(), 0);
    }
}

#[tokio::test]
async fn what_somebody_made_so_while_changing_more_is_a_conflict() {
    for narrow in [false, true] {
        let bench = Bench::new().await;
        let old = bench.one(Kind::Outcome, "out_1").await;
        let rename = update(Document::Outcome, "outcome/OLD", "update", existing("out_1"), &json!({ "name": "Same" }));
        let rename = if narrow { rename.content(&old).narrow() } else { rename.content(&old) };
        somebody_puts(&bench, "out_1", json!({ "name": "Same", "description": "theirs" })).await;
        let report = bench.apply(vec![rename]).await;
        assert_eq!(results(&report), [("outcome/OLD:update", "conflict")]);
    }
}

#[tokio::test]
async fn a_key_that_was_free_and_is_taken_is_a_conflict_even_with_the_same_content() {
    let bench = Bench::new().await;
    let theirs = fields(Kind::Outcome, &json!({ "code": "NEW", "name": "Name of NEW", "status": "ACTIVE" }));
    bench.connection.writer().create(Kind::Outcome, None, &theirs, "other").await.unwrap();
    let report = bench.apply(vec![create_outcome("NEW")]).await;
    let StepResult::Conflict(conflict) = &report.steps[0].result else { panic!("{report:?}") };
    assert_eq!((conflict.reason, conflict.fields.as_slice()), (ConflictReason::AlreadyThere, [].as_slice()));
    bench.row("outcomes", "code", "NEW");
}

#[tokio::test]
async fn a_plan_that_was_applied_before_is_refused_without_sending_anything_twice() {
    let bench = Bench::new().await;
    let codes = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"];
    let report = bench.apply(codes.into_iter().map(create_outcome).collect()).await;
    assert_eq!(report.counts().applied, 10);
    let before = bench.writes().len();
    let report = bench.apply(codes.into_iter().map(create_outcome).collect()).await;
    let told = |step: &cxform_apply::StepReport| match &step.result {
        StepResult::Conflict(conflict) => conflict.reason == ConflictReason::AlreadyThere,
        _ => false,
    };
    assert!(report.steps.iter().all(told), "{report:?}");
    assert_eq!((report.retries, report.steps.iter().map(|step| step.retries).sum::<u64>()), (0, 0));
    assert_eq!(bench.writes().len(), before + 10, "each refusal stands");
}

fn assignment(address: &str, name: &str, precondition: Precondition, write: Write) -> Step {
    Step { precondition, ..step(address, name, Action::Assign, write) }
}

#[tokio::test]
async fn a_desktop_that_somebody_changed_is_judged_assignment_by_assignment() {
    let bench = Bench::new().await;
    let (reader, writer) = (bench.connection.reader(), bench.connection.writer());
    let camp_1 = RemoteId("camp_1".into());
    let desktop = reader.desktop(&camp_1).await.unwrap().unwrap();
    let hash =
        |id: &str| Precondition::Content(desktop.iter().find(|entry| entry.outcome.0 == id).unwrap().content_hash());
    let (campaign, outcome) = (|| existing("camp_1"), existing);
    let base = |mut step: Step, sequence: u64, default: bool| {
        step.base = [("sequence".into(), json!(sequence)), ("defaultSelection".into(), json!(default))].into();
        step
    };
    let move_to = |sequence| Write::Reassign {
        campaign: campaign(),
        outcome: outcome("out_2"),
        sequence: Some(sequence),
        default: None,
    };
    let steps = vec![
        base(
            assignment(
                "assignment/q3/OLD",
                "unassign",
                hash("out_1"),
                Write::Unassign { campaign: campaign(), outcome: outcome("out_1") },
            ),
            1,
            true,
        ),
        base(assignment("assignment/q3/KEEP", "update", hash("out_2"), move_to(5)), 2, false),
    ];
    writer.unassign(&camp_1, &RemoteId("out_1".into())).await.unwrap();
    writer.reassign(&camp_1, &RemoteId("out_2".into()), Some(7), None).await.unwrap();
    let report = bench.apply(steps).await;
    assert_eq!(
        results(&report),
        [("assignment/q3/OLD:unassign", "unchanged"), ("assignment/q3/KEEP:update", "conflict")]
    );
    let StepResult::Conflict(conflict) = &report.steps[1].result else { unreachable!() };
    let sequence = conflict.fields.iter().find(|field| field.path == "sequence").unwrap();
    assert_eq!((&sequence.base, &sequence.ours, &sequence.theirs), (&json!(2), &Some(json!(5)), &json!(7)));
}

#[tokio::test]
async fn a_second_default_on_the_desktop_is_refused_with_the_tenants_words() {
    let bench = Bench::new().await;
    let hash = bench.connection.reader().desktop(&RemoteId("camp_1".into())).await.unwrap().unwrap();
    let hash = hash.iter().find(|entry| entry.outcome.0 == "out_2").unwrap().content_hash();
    let write = Write::Reassign {
        campaign: existing("camp_1"),
        outcome: existing("out_2"),
        sequence: None,
        default: Some(true),
    };
    let report =
        bench.apply(vec![assignment("assignment/q3/KEEP", "default", Precondition::Content(hash), write)]).await;
    let StepResult::Failed(failure) = &report.steps[0].result else { panic!("{report:?}") };
    assert_eq!(failure.status, Some(409));
    assert_eq!(report.exit_code(), 1, "nothing was written");
}

#[tokio::test]
async fn desktops_are_read_once_for_all_their_assignments() {
    let bench = Bench::new().await;
    let codes = ["A", "B", "C", "D", "E", "F"];
    let mut steps: Vec<Step> = codes.into_iter().map(create_outcome).collect();
    for (code, sequence) in codes.into_iter().zip(3..) {
        let outcome = crate::bench::created(&format!("outcome/{code}"));
        let write = Write::Assign { campaign: existing("camp_1"), outcome, sequence, default: false };
        let address = format!("assignment/q3/{code}");
        steps.push(
            assignment(&address, "assign", Precondition::Absent, write).needs(&[&format!("outcome/{code}:create")]),
        );
    }
    let report = bench.apply(steps).await;
    assert_eq!(report.counts().applied, 12, "{report:?}");
    let reads = bench.emulator.requests();
    let reads =
        reads.iter().filter(|entry| entry["method"] == "GET" && entry["path"] == "/api/v2/campaigns/camp_1/outcomes");
    assert_eq!(reads.count(), 1);
}
