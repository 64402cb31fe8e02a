//! Exit codes are an interface: pipelines branch on them. 0 done, 1 error or refused, 2 changes, 3 in part, 4 stale.

use std::time::Duration;

use serde_json::{Value, json};

use crate::project::{Project, options, tenant};
use crate::tenant::Tenant;

pub const MANIFEST: &str = "\
apiVersion: cxform/v1
kind: DispositionTree
metadata: { name: sales }
spec:
  outcomes:
    - { code: SI, name: Sales Inquiry }
    - { code: NI, name: Not interested }
---
apiVersion: cxform/v1
kind: Campaign
metadata: { name: q3 }
spec:
  dialerSettings:
    agentCapacity: 120
    callRate: 0.6
  complianceSettings:
    timeZone: America/New_York
    regulatoryCompliance: TCPA
    doNotCallListCheck: true
    doNotCallCompliance: true
    allowedCallTimes: [{ days: [mon], start: \"10:00\", end: \"12:00\" }]
  status: active
";

/// One draft campaign that may start, and the outcome on its desktop, none of it as [`MANIFEST`] wants it.
pub fn seed() -> Value {
    json!({
        "outcomes": [{ "id": "o1", "code": "OLD", "name": "Old", "status": "ACTIVE" }],
        "campaigns": [{ "id": "c1", "name": "q3", "type": "predictive", "status": "draft", "version": 3,
                        "dialerSettings": { "callRate": 0.5 }, "contactSelection": { "targetListIds": ["l1"] } }],
        "assignments": [{ "campaignId": "c1", "outcomeId": "o1", "sequence": 1, "defaultSelection": true }],
    })
}

fn scene() -> (Tenant, Project) {
    (tenant(seed()), Project::new(MANIFEST))
}

#[track_caller]
fn assert_untouched(tenant: &Tenant) {
    assert_eq!(tenant.writes(), Vec::<Value>::new());
}

#[test]
fn changes_are_0_or_2_as_asked_and_none_are_0() {
    let (tenant, project) = scene();
    project.on(&tenant, "plan").run().exits(0).says(&["Plan: 2 to create"]);
    project.on(&tenant, "plan --detailed-exitcode").run().exits(2);
    assert_untouched(&tenant);
    project.on(&tenant, "apply --auto-approve").run().exits(0);
    project.on(&tenant, "plan --detailed-exitcode").run().exits(0).says(&["No changes"]);
    let writes = tenant.writes().len();
    project.on(&tenant, "apply").run().exits(0).says(&["Nothing to do"]);
    assert_eq!(tenant.writes().len(), writes, "nothing to do is nothing to ask, and nothing to write");
}

#[test]
fn only_yes_is_yes() {
    let (tenant, project) = scene();
    for answer in ["no\n", "\n", "y\n", "YES\n"] {
        project.on(&tenant, "apply").typing(answer).run().exits(1).says(&["Not applied: nothing was written."]);
    }
    assert_untouched(&tenant);
    project.on(&tenant, "apply").typing("yes\n").run().exits(0).says(&["Applied."]);
}

#[test]
fn where_nobody_can_answer_nothing_is_written() {
    let (tenant, project) = scene();
    let ended = project.on(&tenant, "apply").run().exits(1);
    assert!(ended.stderr.contains("hint: `--auto-approve`"), "{ended}");
    assert_untouched(&tenant);
}

#[test]
fn a_stale_plan_is_4_shows_three_values_and_skips_what_depends_on_it() {
    let (tenant, project) = scene();
    project.on(&tenant, "plan --out saved.json").run().exits(0);
    let theirs = json!({ "dialerSettings": { "callRate": 0.3 } });
    assert_eq!(tenant.by_hand("PATCH", "/api/v2/campaigns/c1", Some(&theirs)).0, 200);
    let ended = project.on(&tenant, "apply saved.json --auto-approve").run().exits(4);
    for words in ["base    0.5", "ours    0.6", "theirs  0.3", "planned from version 3, found 4", "skipped campaign/q3"]
    {
        assert!(ended.stdout.contains(words), "{words}: {ended}");
    }
    let state = tenant.state();
    assert_eq!(state["outcomes"].as_array().unwrap().len(), 3, "what does not depend on it is applied");
    assert_eq!(state["campaigns"][0]["dialerSettings"]["callRate"], 0.3, "theirs stays");
    assert_eq!(state["campaigns"][0]["status"], "draft", "and nothing starts to dial");
}

#[test]
fn applied_in_part_is_3_and_nothing_applied_is_1() {
    let (tenant, project) = scene();
    let refuses = |path: &str| json!({ "method": "POST", "path": path, "effect": "status", "status": 400 });
    tenant.faults(&json!([{ "method": "PATCH", "path": "/api/v2/campaigns/*", "effect": "status", "status": 400 }]));
    project.on(&tenant, "apply --auto-approve").run().exits(3).says(&["Applied in part.", "2 applied", "1 failed"]);
    let tenant = self::tenant(seed());
    tenant.faults(&json!([
        refuses("/api/v2/outcomes"),
        { "method": "PATCH", "path": "/api/v2/campaigns/*", "effect": "status", "status": 400 },
    ]));
    project.on(&tenant, "apply --auto-approve").run().exits(1).says(&["Failed."]);
    assert_eq!(tenant.state()["outcomes"].as_array().unwrap().len(), 1);
}

#[test]
fn a_listing_that_cannot_be_read_is_1_with_the_tenant_s_own_words() {
    let busy = json!({ "Retry-After": "0.01" });
    for (rules, words) in [
        (
            json!([{ "path": "/api/v2/campaigns", "effect": "status", "status": 500, "headers": busy,
                     "body": { "code": "boom", "message": "the shard is down" } }]),
            vec!["/api/v2/campaigns", "500", "the shard is down"],
        ),
        (
            json!([{ "path": "/api/v2/outcomes", "effect": "html-body", "status": 400 }]),
            vec!["/api/v2/outcomes", "400"],
        ),
        (
            json!([{ "path": "/api/v2/outcomes", "effect": "truncated-body", "times": 1 },
                   { "path": "/api/v2/outcomes", "effect": "status", "status": 403, "body": "not json" }]),
            vec!["/api/v2/outcomes", "403", "not json"],
        ),
    ] {
        let (tenant, project) = scene();
        tenant.faults(&rules);
        for command in ["plan", "plan --detailed-exitcode", "plan --out saved.json", "apply --auto-approve"] {
            let ended = project.on(&tenant, command).run().exits(1).says(&words);
            assert!(ended.stderr.contains("nothing was planned"), "{ended}");
            assert_eq!(ended.stdout, "", "{command} says nothing that could be taken for a plan");
        }
        assert!(!project.path().join("saved.json").exists(), "half a plan is no plan");
        assert_untouched(&tenant);
    }
}

#[test]
fn one_bad_page_of_many_is_no_shorter_listing() {
    let outcomes = (0..300).map(|at| json!({ "id": format!("o{at}"), "code": format!("O{at}"), "name": "x" }));
    let mut seed = seed();
    seed["outcomes"] = outcomes.collect();
    let (tenant, project) = (tenant(seed), Project::new(MANIFEST));
    tenant.faults(&json!([{ "path": "/api/v2/outcomes", "nth": 2, "times": 20, "effect": "status", "status": 403 }]));
    project.on(&tenant, "apply --auto-approve").run().exits(1).says(&["403"]);
    assert_untouched(&tenant);
}

#[test]
fn a_missing_scope_is_1_and_named() {
    let scopes = ["outcomes:read", "campaigns:read", "campaigns:write", "desktop:write"].map(str::to_owned);
    let tenant = Tenant::start(cxform_emulator::Options { scopes: Some(scopes.to_vec()), ..options(seed()) });
    let project = Project::new(MANIFEST);
    project.on(&tenant, "plan").run().exits(0);
    let ended = project.on(&tenant, "apply --auto-approve").run().exits(3);
    assert!(ended.stdout.contains("`outcomes:write`"), "{ended}");

    let scopes = ["outcomes:read".to_owned()];
    let tenant = Tenant::start(cxform_emulator::Options { scopes: Some(scopes.to_vec()), ..options(seed()) });
    project.on(&tenant, "apply --auto-approve").run().exits(1).says(&["`campaigns:read`"]);
    assert_untouched(&tenant);
}

#[test]
fn wrong_credentials_are_1_at_once() {
    let (tenant, project) = scene();
    let ended = project.on(&tenant, "plan").env("CXONE_CLIENT_SECRET", "wrong-secret").run().exits(1);
    assert!(ended.stderr.contains("does not know this client id and secret"), "{ended}");
    assert!(ended.took < Duration::from_secs(5), "{ended}");
    assert!(tenant.requests().len() <= 2, "nobody tries a wrong secret again and again: {:?}", tenant.requests());
}

#[test]
fn a_tenant_that_is_not_there_is_1_and_says_where_it_looked() {
    // A port that was free a moment ago: nobody listens there.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let project = Project::new(MANIFEST);
    let ended = project
        .cxform("plan")
        .env("CXONE_BASE_URL", &format!("http://{free}"))
        .env("CXONE_CLIENT_ID", "id")
        .env("CXONE_CLIENT_SECRET", "a secret")
        .run()
        .exits(1);
    assert!(ended.stderr.contains("was not sent") && ended.stderr.contains("refused"), "{ended}");
    assert!(ended.stderr.contains(&free.to_string()), "{ended}");
    assert!(ended.took < Duration::from_secs(60), "{ended}");
}

#[test]
fn a_project_with_errors_is_1_for_every_command() {
    let tenant = tenant(seed());
    let project = Project::new(&MANIFEST.replace("callRate: 0.6", "callRate: 6"));
    for command in ["validate", "plan", "plan --detailed-exitcode", "apply --auto-approve"] {
        project.on(&tenant, command).run().exits(1).says(&["CX033", "manifests/all.yaml:15:15"]);
    }
    assert_eq!(tenant.requests(), Vec::<Value>::new(), "a broken project asks the tenant nothing");
}

#[test]
fn a_command_line_that_means_nothing_is_1() {
    let project = Project::new(MANIFEST);
    // 2 would tell a pipeline that there are changes.
    for command in
        ["", "plna", "plan --no-such-flag", "plan --format xml", "apply --parallelism 0", "-C nowhere validate"]
    {
        project.cxform(command).run().exits(1);
    }
    for command in ["--help", "plan --help", "--version"] {
        let ended = project.cxform(command).run().exits(0);
        assert!(ended.stderr.is_empty() && !ended.stdout.is_empty(), "{ended}");
    }
}

#[test]
fn a_stale_outcome_shows_what_they_changed_and_nothing_else() {
    let (tenant, project) = scene();
    project.write(
        "manifests/all.yaml",
        "apiVersion: cxform/v1\nkind: DispositionTree\nmetadata: { name: t }\nspec:\n  outcomes: [{ code: OLD, name: Ours }]\n",
    );
    tenant.by_hand("PUT", "/api/v2/outcomes/o1", Some(&json!({ "uiConfig": { "icon": "phone" } })));
    project.on(&tenant, "plan --out saved.json").run().exits(0);
    tenant.by_hand("PUT", "/api/v2/outcomes/o1", Some(&json!({ "name": "Theirs" })));
    let ended = project.on(&tenant, "apply saved.json --auto-approve").run().exits(4);
    assert!(ended.stdout.contains("base    \"Old\"") && ended.stdout.contains("theirs  \"Theirs\""), "{ended}");
    assert!(!ended.stdout.contains("uiConfig"), "nobody touched that: {ended}");
}
