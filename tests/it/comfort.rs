//! The commands around the main job: a project from nothing, a diagnosis, explanations, schemas, completions, the manual.

use cxform_emulator::Options;
use serde_json::{Value, json};

use crate::exit_codes::{MANIFEST, seed};
use crate::project::{Project, options, tenant};
use crate::tenant::Tenant;

#[test]
fn a_new_project_is_valid_plans_and_applies_as_it_is() {
    let project = Project::empty();
    project.cxform("init --name acme").run().exits(0).says(&["cxform.yaml", "cxform plan"]);
    project.cxform("validate").run().exits(0).says(&["Valid."]);
    project.cxform("apply --auto-approve").run().exits(0);
    project.cxform("plan --detailed-exitcode").run().exits(0);
    assert!(project.read(".gitignore").contains(".cxform/"));
}

#[test]
fn init_touches_nothing_that_is_there() {
    let project = Project::empty();
    project.write(".gitignore", "mine\n");
    project.write("manifests/campaigns.yaml", "# mine\n");
    project
        .cxform("init")
        .run()
        .exits(0)
        .says(&["left as it is  .gitignore", "left as it is  manifests/campaigns.yaml"]);
    assert_eq!(project.read(".gitignore"), "mine\n");
    assert_eq!(project.read("manifests/campaigns.yaml"), "# mine\n");
    project.cxform("init").run().exits(1).says(&["is a project already", "cxform validate"]);
}

#[test]
fn init_makes_the_folder_and_quotes_what_it_is_given() {
    let project = Project::empty();
    project.cxform("-C new/place init --base-url https://x.example:8443").run().exits(0);
    project.cxform("-C new/place validate").run().exits(0);
    assert!(project.read("new/place/cxform.yaml").contains("name: \"place\""));
    project.cxform("-C other init --base-url https://x.example/?a=b").run().exits(1).says(&["CX025", "baseUrl"]);
    assert!(!project.path().join("other").exists(), "nothing half-written");
}

#[test]
fn the_embedded_schema_is_the_one_that_editors_get() {
    let project = Project::empty();
    project.cxform("init").run().exits(0);
    project.cxform("schema --out all").run().exits(0);
    let editor = project.read("schemas/cxform.schema.json");
    assert_eq!(editor, project.read("all/cxform.schema.json"));
    assert_eq!(editor, project.cxform("schema").run().exits(0).stdout);
    for name in ["campaign", "disposition-tree", "plan", "validate", "apply"] {
        let text = project.cxform(&format!("schema {name}")).run().exits(0).stdout;
        jsonschema::validator_for(&serde_json::from_str::<Value>(&text).unwrap()).unwrap();
    }
    project.cxform("schema nothing").run().exits(1).says(&["there is no schema `nothing`", "`plan`"]);
}

#[test]
fn fields_are_explained_and_slips_get_a_hint() {
    let project = Project::empty();
    project.cxform("explain").run().exits(0).says(&["DispositionTree", "Campaign"]);
    project.cxform("explain Campaign.dialerSettings.callRate").run().exits(0).says(&[
        "Campaign.spec.dialerSettings.callRate",
        "number from 0.1 to 1.0",
        "between",
    ]);
    let json = project.cxform("explain campaign.dialerSettings --format json").run().exits(0).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert!(json["members"].as_array().unwrap().iter().any(|member| member["name"] == "concurrency"));
    project.cxform("explain Campaign.dialerSetings").run().exits(1).says(&["did you mean `dialerSettings`?"]);
}

fn diagnosis(project: &Project, tenant: &Tenant, code: i32) -> Vec<(String, String, String)> {
    let report = project.on(tenant, "doctor --format json").run().exits(code).stdout;
    let report: Value = serde_json::from_str(&report).unwrap();
    let text = |check: &Value, name: &str| check[name].as_str().unwrap_or_default().to_owned();
    let checks = report["checks"].as_array().unwrap().iter();
    checks.map(|check| (text(check, "check"), text(check, "verdict"), text(check, "remedy"))).collect()
}

#[test]
fn a_sound_tenant_passes_every_check_and_is_only_read() {
    let (tenant, project) = (tenant(seed()), Project::new(MANIFEST));
    project.on(&tenant, "doctor").run().exits(0).says(&["All is well", "campaigns"]);
    for (check, verdict, remedy) in diagnosis(&project, &tenant, 0) {
        assert_eq!((verdict.as_str(), remedy.as_str()), ("ok", ""), "{check}");
    }
    assert!(tenant.writes().is_empty());
    assert!(!project.path().join(".cxform").exists(), "looking makes no store");
}

#[test]
fn a_missing_scope_is_named_with_its_remedy() {
    let scopes = ["outcomes:read", "callcodes:read"].map(str::to_owned).to_vec();
    let tenant = Tenant::start(Options { scopes: Some(scopes), ..options(seed()) });
    let checks = diagnosis(&Project::new(MANIFEST), &tenant, 1);
    let of = |name: &str| checks.iter().find(|(check, ..)| check == name).unwrap();
    assert_eq!(of("outcomes").1, "ok");
    assert_eq!(of("campaigns").1, "failed");
    assert!(of("campaigns").2.contains("campaigns:read"), "{checks:?}");
    assert_eq!(of("write scopes").1, "warning");
}

#[test]
fn wrong_credentials_and_a_wrong_address_get_a_remedy_and_show_no_secret() {
    let (tenant, project) = (tenant(json!({})), Project::new(MANIFEST));
    let ended = project.on(&tenant, "doctor").env("CXONE_CLIENT_SECRET", "canary-7f3a").run().exits(1).says(&[
        "failed",
        "token",
        "CXONE_CLIENT_ID",
    ]);
    assert!(!format!("{}{}", ended.stdout, ended.stderr).contains("canary-7f3a"));
    project.cxform("doctor").run().exits(1).says(&["failed", "environment", "CXONE_CLIENT_SECRET"]);
    Project::empty().cxform("doctor").run().exits(1).says(&["failed", "project", "`-C DIR`"]);
}

#[test]
fn every_shell_gets_completions_and_every_command_a_page() {
    let project = Project::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        project.cxform(&format!("completions {shell}")).run().exits(0).says(&["cxform", "validate"]);
    }
    project.cxform("man --out pages").run().exits(0);
    let help = project.cxform("--help").run().exits(0).stdout;
    let commands = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| !line.starts_with("   "));
    let names: Vec<_> = commands.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.contains(&"plan"), "{help}");
    for name in names.iter().filter(|name| **name != "help") {
        let page = project.read(&format!("pages/cxform-{name}.1"));
        assert!(page.contains(".SH SYNOPSIS"), "{name}");
    }
}

#[test]
fn pipelines_stand_at_the_top_of_the_repository() {
    let project = Project::empty();
    std::fs::create_dir(project.path().join(".git")).unwrap();
    project.write(".pre-commit-config.yaml", "mine\n");
    project
        .cxform("-C config/outbound init --ci github")
        .run()
        .exits(0)
        .says(&["written  .github/workflows/cxform-plan.yml", "left as it is  .pre-commit-config.yaml"]);
    project.cxform("-C config/outbound validate").run().exits(0);
    assert!(project.read(".github/workflows/cxform-apply-prod.yml").contains("\"config/outbound\""));
    // A project that is there gets them as well, and nothing else is touched.
    let before = project.read("config/outbound/cxform.yaml");
    project.cxform("-C config/outbound init --ci gitlab").run().exits(0).says(&["written  .gitlab-ci.yml"]);
    assert_eq!(before, project.read("config/outbound/cxform.yaml"));
}
