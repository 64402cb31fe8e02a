//! Campaigns that dial: what a plan tells of them, what it takes to start one, and standing still for an update.

use cxform_emulator::Options;
use serde_json::{Value, json};

use crate::project::{Project, options, tenant};
use crate::tenant::Tenant;

const PAUSING: &str = "\
apiVersion: cxform/v1
kind: Campaign
metadata: { name: q3 }
spec:
  applyPolicy: pause
  targetListId: list_new
";

fn seed() -> Value {
    json!({
        "campaigns": [{ "id": "c1", "name": "q3", "type": "predictive", "status": "active", "version": 3,
                        "targetListId": "list_old", "dialerSettings": { "callRate": 0.5 } }],
        "stats": { "c1": { "totalCalls": 1204, "answeredCalls": 400, "abandonedCalls": 4, "agentUtilization": 83.25,
                           "complianceViolations": 0, "entities": [] } },
    })
}

fn row(tenant: &Tenant) -> Value {
    tenant.state()["campaigns"][0].clone()
}

fn sent(tenant: &Tenant) -> Vec<Value> {
    tenant.writes().iter().map(|write| write["body"].clone()).collect()
}

#[test]
fn a_plan_tells_how_the_campaigns_are_doing_that_it_touches() {
    let (tenant, project) = (tenant(seed()), Project::new(PAUSING));
    project
        .on(&tenant, "plan")
        .run()
        .exits(0)
        .says(&["campaign/q3  active, utilisation 83.2 %, 1204 calls; stands still for the change of targetListId"]);
    let plan = project.on(&tenant, "plan --format json").run().exits(0).json();
    assert_eq!(
        plan["live"],
        json!([{ "address": "campaign/q3", "id": "c1", "needsPause": ["targetListId"], "standsStill": true,
                 "figures": { "status": "active", "calls": 1204, "utilization": 83.25 } }])
    );
}

#[test]
fn without_the_scope_the_figures_are_unknown_and_the_plan_is_the_same() {
    let scopes = Some(["campaigns:read", "campaigns:write"].map(str::to_owned).to_vec());
    let tenant = Tenant::start(Options { scopes, ..options(seed()) });
    let project = Project::new(PAUSING);
    project.on(&tenant, "plan").run().exits(0).says(&["campaign/q3  active; utilisation and calls unknown"]);
    project.on(&tenant, "apply --auto-approve").run().exits(0);
}

#[test]
fn a_campaign_is_paused_for_its_update_and_dials_again() {
    let (tenant, project) = (tenant(seed()), Project::new(PAUSING));
    project.on(&tenant, "apply --auto-approve").run().exits(0);
    assert_eq!(
        sent(&tenant),
        [json!({ "status": "paused" }), json!({ "targetListId": "list_new" }), json!({ "status": "active" })]
    );
    assert_eq!((&row(&tenant)["status"], &row(&tenant)["version"]), (&json!("active"), &json!(6)));
    project.on(&tenant, "plan --detailed-exitcode").run().exits(0);
    project.on(&tenant, "undo last --auto-approve").run().exits(0);
    assert_eq!((&row(&tenant)["status"], &row(&tenant)["targetListId"]), (&json!("active"), &json!("list_old")));
}

#[test]
fn a_campaign_whose_update_is_refused_stays_paused_and_that_is_said_aloud() {
    let (tenant, project) = (tenant(seed()), Project::new(PAUSING));
    let second =
        json!([{ "method": "PATCH", "path": "/api/v2/campaigns/c1", "nth": 2, "effect": "status", "status": 422 }]);
    tenant.faults(&second);
    let ended = project.on(&tenant, "apply --auto-approve --format json").run().exits(3);
    let report = ended.json();
    assert_eq!(report["leftPaused"], json!(["campaign/q3"]));
    assert_eq!(row(&tenant)["status"], "paused");
    // The store knows who paused it, so the next apply makes up for it.
    project.on(&tenant, "plan").run().exits(0).says(&["paused it for an update, and"]);
    project.on(&tenant, "apply --auto-approve").run().exits(0);
    assert_eq!((&row(&tenant)["status"], &row(&tenant)["targetListId"]), (&json!("active"), &json!("list_new")));
}

#[test]
fn whoever_touches_a_paused_campaign_has_the_last_word() {
    let (tenant, project) = (tenant(seed()), Project::new(PAUSING));
    let second =
        json!([{ "method": "PATCH", "path": "/api/v2/campaigns/c1", "nth": 2, "effect": "status", "status": 422 }]);
    tenant.faults(&second);
    project.on(&tenant, "apply --auto-approve").run().exits(3);
    // Pausing it once more changes nothing but the version, and means "do not dial" all the same.
    assert_eq!(tenant.by_hand("PATCH", "/api/v2/campaigns/c1", Some(&json!({ "status": "paused" }))).0, 200);
    project.on(&tenant, "apply --auto-approve").run().exits(0);
    assert_eq!((&row(&tenant)["status"], &row(&tenant)["targetListId"]), (&json!("paused"), &json!("list_new")));
}

#[test]
fn a_run_that_is_killed_around_a_pause_goes_on_or_is_made_up_for() {
    let ways = ["apply --resume --auto-approve", "apply --auto-approve"];
    for (next, request) in ways.into_iter().flat_map(|next| [1, 2, 3].map(|request| (next, request))) {
        let (tenant, project) = (tenant(seed()), Project::new(PAUSING));
        tenant.faults(&json!([{ "method": "PATCH", "path": "/api/v2/campaigns/c1", "nth": request, "effect": "delay",
                                "delayMs": 60_000 }]));
        let running = project.on(&tenant, "apply --auto-approve").start();
        while tenant.writes().len() < request {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        running.kill();
        tenant.faults(&json!([]));
        project.on(&tenant, next).run().exits(0);
        let now = row(&tenant);
        assert_eq!((&now["status"], &now["targetListId"]), (&json!("active"), &json!("list_new")), "{next}, {request}");
        project.on(&tenant, "plan --detailed-exitcode").run().exits(0);
    }
}

#[test]
fn undoing_a_run_that_left_a_campaign_paused_sets_it_dialling_again() {
    let (tenant, project) = (tenant(seed()), Project::new(PAUSING));
    let second =
        json!([{ "method": "PATCH", "path": "/api/v2/campaigns/c1", "nth": 2, "effect": "status", "status": 422 }]);
    tenant.faults(&second);
    let ended = project.on(&tenant, "apply --auto-approve").run().exits(3);
    ended.says(&["STILL PAUSED campaign/q3", "`cxform undo "]);
    project.on(&tenant, "undo last --auto-approve").run().exits(0);
    assert_eq!((&row(&tenant)["status"], &row(&tenant)["targetListId"]), (&json!("active"), &json!("list_old")));
}

#[test]
fn a_rollback_sets_it_dialling_again() {
    let (tenant, project) = (tenant(seed()), Project::new(PAUSING));
    let second =
        json!([{ "method": "PATCH", "path": "/api/v2/campaigns/c1", "nth": 2, "effect": "status", "status": 422 }]);
    tenant.faults(&second);
    let ended = project.on(&tenant, "apply --auto-approve --on-failure rollback").run();
    assert!(!ended.stdout.contains("STILL PAUSED"), "{ended}");
    assert_eq!((&row(&tenant)["status"], &row(&tenant)["targetListId"]), (&json!("active"), &json!("list_old")));
}

#[test]
fn a_start_that_is_not_fit_is_refused_at_its_line() {
    let tenant = tenant(
        json!({ "campaigns": [{ "id": "c1", "name": "q3", "type": "preview", "status": "draft", "version": 1 }] }),
    );
    let manifest = "\
apiVersion: cxform/v1
kind: Campaign
metadata: { name: q3 }
spec:
  startDateTime: 2020-01-01T09:00:00Z
  status: active
";
    let project = Project::new(manifest);
    let ended = project.on(&tenant, "plan").run().exits(1);
    for code in ["CX070", "CX071", "CX072", "CX073"] {
        assert!(ended.stderr.contains(code), "{code}: {ended}");
    }
    assert!(ended.stderr.contains("manifests/all.yaml:6:11"), "{ended}");
    assert_eq!(tenant.writes(), Vec::<Value>::new());
}

#[test]
fn a_start_whose_statistics_may_not_be_read_is_warned_about() {
    let mut seed = crate::exit_codes::seed();
    seed["campaigns"][0]["startDateTime"] = json!("2096-01-01T00:00:00Z");
    let scopes =
        Some(["campaigns:read", "outcomes:read", "outcomes:write", "campaigns:write"].map(str::to_owned).to_vec());
    let tenant = Tenant::start(Options { scopes, ..options(seed) });
    let project = Project::new(crate::exit_codes::MANIFEST);
    project.on(&tenant, "plan").run().exits(0).says(&["campaign/q3: its statistics may not be read"]);
}
