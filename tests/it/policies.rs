//! Policy as code: a plan that a project's own policies deny is refused, before anything is written, unless somebody says why not.

use serde_json::{Value, json};

use crate::project::{Project, tenant};
use crate::tenant::Tenant;

const STARTER: &str = include_str!("../../manifests/policies/starter.yaml");

const MANIFEST: &str = "\
apiVersion: cxform/v1
kind: Campaign
metadata: { name: q3 }
spec:
  dialerSettings:
    callRate: 0.9
";

fn scene() -> (Tenant, Project) {
    let tenant = tenant(json!({
        "campaigns": [{ "id": "c1", "name": "q3", "type": "predictive", "status": "draft", "version": 3, "dialerSettings": { "callRate": 0.5 } }],
    }));
    let project = Project::new(MANIFEST);
    project.write("policies/starter.yaml", STARTER);
    (tenant, project)
}

#[track_caller]
fn assert_untouched(tenant: &Tenant) {
    assert_eq!(tenant.writes(), Vec::<Value>::new());
}

#[test]
fn a_plan_that_a_policy_denies_is_refused_with_its_place_and_the_way_out() {
    let (tenant, project) = scene();
    for command in ["plan", "apply --auto-approve"] {
        let ended = project.on(&tenant, command).run().exits(1);
        for words in [
            "error[policy/call-rate-jump]: the call rate rises by more than a fifth in one step",
            "--> manifests/all.yaml:6:",
            "callRate: 0.9",
            "`--allow-policy call-rate-jump=REASON`",
        ] {
            assert!(ended.stderr.contains(words), "{words}: {ended}");
        }
    }
    let problems = project.on(&tenant, "plan --format json").run().exits(1).json();
    assert_eq!(
        (&problems["valid"], &problems["problems"][0]["rule"]),
        (&json!(false), &json!("policy/call-rate-jump"))
    );
    assert_untouched(&tenant);
}

#[test]
fn what_is_allowed_is_in_the_plan_with_its_reason_and_goes_on_record() {
    let (tenant, project) = scene();
    let allowed = "--allow-policy call-rate-jump=agreed";
    let plan = project.on(&tenant, &format!("plan --format json {allowed}")).run().exits(0).json();
    assert_eq!(plan["allowances"], json!([{ "policy": "call-rate-jump", "reason": "agreed" }]));
    project
        .on(&tenant, &format!("plan --out change.plan {allowed}"))
        .run()
        .exits(0)
        .says(&["warning[policy/call-rate-jump]", "(allowed: agreed)"]);
    // The plan carries it: `apply FILE` takes no flag that would widen it.
    project.on(&tenant, &format!("apply change.plan --auto-approve {allowed}")).run().exits(1);
    project.on(&tenant, "apply change.plan --auto-approve").run().exits(0).says(&["(allowed: agreed)"]);
    assert_eq!(tenant.state()["campaigns"][0]["dialerSettings"]["callRate"], json!(0.9));
    assert!(project.cxform("runs show last").run().exits(0).stdout.contains("allowed       call-rate-jump: agreed"));
}

#[test]
fn an_allowance_needs_a_reason_and_a_policy() {
    let (tenant, project) = scene();
    for flag in ["call-rate-jump", "call-rate-jump=", "=agreed"] {
        let ended = project.on(&tenant, &format!("plan --allow-policy {flag}")).run().exits(1);
        assert!(ended.stderr.contains("a reason"), "{ended}");
    }
    let ended = project.on(&tenant, "plan --allow-policy call-rate-jmup=agreed").run().exits(1);
    assert!(
        ended.stderr.contains("no policy `call-rate-jmup`") && ended.stderr.contains("`call-rate-jump`"),
        "{ended}"
    );
}

#[test]
fn a_saved_plan_is_held_against_the_policies_of_the_day() {
    let (tenant, project) = scene();
    std::fs::remove_dir_all(project.path().join("policies")).unwrap();
    project.on(&tenant, "plan --out change.plan").run().exits(0);
    project.write("policies/starter.yaml", STARTER);
    project.on(&tenant, "apply change.plan --auto-approve").run().exits(1).says(&["error[policy/call-rate-jump]"]);
    assert_untouched(&tenant);
}

#[test]
fn a_policy_that_cannot_tell_passes_nothing() {
    let (tenant, project) = scene();
    let broken = "\
apiVersion: cxform/v1
kind: PolicySet
metadata: { name: broken }
spec:
  policies: [{ id: slip, severity: warning, deny: change.actoin == 'retire', message: no }]
";
    project.write("policies/starter.yaml", broken);
    let ended = project.on(&tenant, "apply --auto-approve").run().exits(1);
    assert!(ended.stderr.contains("policy `slip` cannot be evaluated on `campaign/q3`"), "{ended}");
    project.write("policies/starter.yaml", broken.replace("change.actoin == 'retire'", "chang.action == 'retire'"));
    let ended = project.on(&tenant, "plan").run().exits(1);
    assert!(ended.stderr.contains("speaks of `chang`"), "{ended}");
    assert_untouched(&tenant);
}

#[test]
fn the_starter_pack_holds_its_own_tests_and_says_which_do_not() {
    let (_, project) = scene();
    project.cxform("policy test").run().exits(0).says(&["Passed."]);
    let wrong = STARTER.replacen("expect: passed", "expect: denied", 1);
    project.write("policies/starter.yaml", wrong);
    project.cxform("policy test").run().exits(1).says(&["FAILED call-rate-jump: a fifth more is a step", "it passes"]);
    let told = project.cxform("policy test --format json").run().exits(1).json();
    assert_eq!((&told["failed"], &told["untested"]), (&json!(1), &json!([])));
    let (sample, scaffold) = (STARTER, include_str!("../../crates/cli/src/commands/init/policies/starter.yaml"));
    assert_eq!(sample.replace("../../schemas", "../schemas"), scaffold, "the sample and what `init` writes are one");
}

#[test]
fn the_default_disposition_is_guarded_on_real_plans() {
    let tenant = tenant(json!({
        "outcomes": [{ "id": "o1", "code": "A", "name": "A", "status": "ACTIVE" }, { "id": "o2", "code": "B", "name": "B", "status": "ACTIVE" }],
        "campaigns": [{ "id": "c1", "name": "q3", "type": "preview", "status": "draft", "version": 1 }],
        "assignments": [{ "campaignId": "c1", "outcomeId": "o1", "sequence": 1, "defaultSelection": true },
                        { "campaignId": "c1", "outcomeId": "o2", "sequence": 2, "defaultSelection": false }],
    }));
    let manifest = |entry: &str| {
        format!(
            "apiVersion: cxform/v1\nkind: DispositionTree\nmetadata: {{ name: t }}\nspec:\n  outcomes: [{{ code: A, name: A }}, {{ code: B, name: B }}]\n  \
             assignments: [{{ campaigns: [q3], {entry} }}]\n"
        )
    };
    let project = Project::new(&manifest("outcomes: [B], unassigned: [A]"));
    project.write("policies/starter.yaml", STARTER);
    project.on(&tenant, "plan").run().exits(1).says(&["the desktop of q3 is left without a default disposition"]);
    project.write("manifests/all.yaml", manifest("outcomes: [A, B], default: null"));
    project.on(&tenant, "plan").run().exits(1).says(&["policy/default-disposition-removed"]);
    project.write("manifests/all.yaml", manifest("outcomes: [B], default: B, unassigned: [A]"));
    project.on(&tenant, "plan").run().exits(0);
}

#[test]
fn the_schema_takes_the_starter_pack_and_no_slips() {
    let schema: Value = serde_json::from_str(include_str!("../../schemas/policy.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let starter: Value = serde_yaml::from_str(STARTER).unwrap();
    assert!(validator.is_valid(&starter));
    let slip: Value = serde_yaml::from_str(&STARTER.replacen("severity: error", "severty: error", 1)).unwrap();
    assert!(!validator.is_valid(&slip));
}
