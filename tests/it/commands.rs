//! What the commands promise beside their exit codes: saved plans, protected environments, where the tenant is, and clean output.

use std::process::Stdio;

use serde_json::json;

use crate::exit_codes::{MANIFEST, seed};
use crate::project::{PROJECT, Project, tenant};

fn protected() -> Project {
    let project = Project::new(MANIFEST);
    project.write("cxform.yaml", PROJECT.replace("test: {", "test: { protected: true,"));
    project
}

#[test]
fn a_protected_environment_asks_for_its_name() {
    let (tenant, project) = (tenant(seed()), protected());
    project.on(&tenant, "apply").typing("yes\n").run().exits(1).says(&["Only `test` will be accepted"]);
    assert!(tenant.writes().is_empty());
    project.on(&tenant, "apply").typing("test\n").run().exits(0);
}

#[test]
fn a_protected_environment_takes_auto_approve_with_a_saved_plan_alone() {
    let (tenant, project) = (tenant(seed()), protected());
    let ended = project.on(&tenant, "apply --auto-approve").run().exits(1).says(&["protected", "--out"]);
    assert!(tenant.requests().is_empty(), "refused before anything is sent: {ended}");
    project.on(&tenant, "plan --out saved.json").run().exits(0);
    project.on(&tenant, "apply saved.json --auto-approve").run().exits(0).says(&["Applied."]);
}

#[test]
fn a_saved_plan_speaks_of_one_project_one_environment_and_one_tenant() {
    let (first, second, project) = (tenant(seed()), tenant(seed()), Project::new(MANIFEST));
    project.on(&first, "plan --out saved.json").run().exits(0);
    project.on(&second, "apply saved.json --auto-approve").run().exits(1).says(&["made for the tenant", &first.url()]);
    project.write("cxform.yaml", PROJECT.replace("name: acme", "name: other"));
    project.on(&first, "apply saved.json --auto-approve").run().exits(1).says(&["made for the project `acme`"]);
    project.write("cxform.yaml", PROJECT.replace("test", "live"));
    project.on(&first, "apply saved.json --auto-approve").run().exits(1).says(&["made for the environment `test`"]);
    assert!(first.writes().is_empty() && second.writes().is_empty());
}

#[test]
fn a_saved_plan_that_somebody_touched_is_refused() {
    let (tenant, project) = (tenant(seed()), Project::new(MANIFEST));
    project.on(&tenant, "plan --out saved.json").run().exits(0);
    let saved = project.read("saved.json");
    for (what, text) in [
        ("a value", saved.replace("0.6", "0.9")),
        ("an address", saved.replace("\"SI\"", "\"SX\"")),
        ("the tenant", saved.replace(&tenant.url(), "http://127.0.0.1:1")),
        ("the digest", saved.replacen("sha256:", "sha256:0", 1)),
        ("the format", saved.replace("\"formatVersion\": 1", "\"formatVersion\": 99")),
        ("half of it", saved[..saved.len() / 2].to_owned()),
        ("no plan", "not a plan at all".to_owned()),
        ("another document", "{}".to_owned()),
        ("nothing", String::new()),
    ] {
        assert_ne!(text, saved, "{what}");
        project.write("touched.json", text);
        let ended = project.on(&tenant, "apply touched.json --auto-approve").run();
        assert_eq!(ended.code, Some(1), "{what}: {ended}");
        assert!(ended.stderr.contains("touched.json"), "{what}: {ended}");
    }
    project.on(&tenant, "apply nowhere.json --auto-approve").run().exits(1).says(&["nowhere.json"]);
    project.on(&tenant, "apply manifests --auto-approve").run().exits(1).says(&["manifests"]);
    assert!(tenant.writes().is_empty());
    project.on(&tenant, "apply saved.json --auto-approve").run().exits(0);
}

#[test]
fn a_saved_plan_is_applied_as_it_is_or_not_at_all() {
    let (tenant, project) = (tenant(seed()), Project::new(MANIFEST));
    project.on(&tenant, "plan --out saved.json").run().exits(0);
    for flag in [
        "--target outcome/SI",
        "--exclude outcome/SI",
        "--allow-resume",
        "--allow-empty",
        "--allow-protected",
        "--allow-changed 50",
        "--allow-retired 50",
    ] {
        project
            .on(&tenant, &format!("apply saved.json --auto-approve {flag}"))
            .run()
            .exits(1)
            .says(&["cannot be used with"]);
    }
    assert!(tenant.requests().iter().filter(|entry| entry["method"] != "GET").count() <= 1, "one token, for the plan");
}

#[test]
fn a_saved_plan_never_follows_the_manifests() {
    let (tenant, project) = (tenant(seed()), Project::new(MANIFEST));
    project.on(&tenant, "plan --out saved.json").run().exits(0);
    project.write("manifests/all.yaml", MANIFEST.replace("0.6", "0.9"));
    project.on(&tenant, "apply saved.json --auto-approve").run().exits(4).says(&["from other files than these"]);
    project.write("manifests/all.yaml", MANIFEST);
    project.on(&tenant, "apply saved.json --auto-approve").run().exits(0);
    assert_eq!(tenant.state()["campaigns"][0]["dialerSettings"]["callRate"], 0.6);
}

#[test]
fn a_plan_of_a_part_leaves_the_rest_alone() {
    let (tenant, project) = (tenant(seed()), Project::new(MANIFEST));
    project.on(&tenant, "apply --auto-approve --target outcome/SI").run().exits(0);
    let codes = |tenant: &crate::tenant::Tenant| tenant.state()["outcomes"].as_array().unwrap().len();
    assert_eq!(codes(&tenant), 2);
    project.on(&tenant, "apply --auto-approve --exclude campaign/*").run().exits(0);
    assert_eq!(codes(&tenant), 3);
    assert_eq!(tenant.state()["campaigns"][0]["version"], 3);
    project.on(&tenant, "plan --target no-address").run().exits(1).says(&["no-address"]);
}

#[test]
fn a_stray_base_url_never_gets_the_secrets_of_another_tenant() {
    let (ours, stray, project) = (tenant(seed()), tenant(seed()), Project::new(MANIFEST));
    project.write("cxform.yaml", PROJECT.replace("test: {", &format!("test: {{ baseUrl: \"{}\",", ours.url())));
    let ended = project.on(&stray, "plan").run().exits(1);
    assert!(ended.stderr.contains(&ours.url()) && ended.stderr.contains(&stray.url()), "{ended}");
    assert!(stray.requests().is_empty() && ours.requests().is_empty());
    project.on(&ours, "plan").run().exits(0);
}

#[test]
fn an_unset_variable_matters_only_to_who_needs_it() {
    let (tenant, project) = (tenant(seed()), Project::new(MANIFEST));
    let auth = "test: { auth: { clientId: \"${env.ACME_ID}\", clientSecret: \"${env.ACME_SECRET}\" },";
    project.write("cxform.yaml", PROJECT.replace("test: {", auth));
    project.cxform("validate").run().exits(0);
    project.on(&tenant, "plan").run().exits(1).says(&["ACME_ID", "not set"]);
    let on = || project.on(&tenant, "plan").env("ACME_ID", "emulator-client");
    on().run().exits(1).says(&["ACME_SECRET", "not set"]);
    on().env("ACME_SECRET", "").run().exits(1).says(&["ACME_SECRET", "not set"]);
    on().env("ACME_SECRET", "emulator-secret").run().exits(0);
}

#[test]
fn a_first_try_needs_no_project_file() {
    let (tenant, project) = (tenant(seed()), Project::empty());
    project.write("somewhere/sales.yaml", MANIFEST);
    let credentials = |arguments: &str| {
        let arguments = format!("{arguments} --base-url {} -C somewhere", tenant.url());
        let invocation = project.cxform(&arguments).env("CXONE_CLIENT_ID", "emulator-client");
        invocation.env("CXONE_CLIENT_SECRET", "emulator-secret")
    };
    credentials("plan --detailed-exitcode").run().exits(2).says(&["somewhere", "outcome/SI"][1..]);
    credentials("apply --auto-approve").run().exits(0);
    credentials("plan --detailed-exitcode").run().exits(0);
    project.cxform("validate -C somewhere").run().exits(0);
    project.cxform("plan -C somewhere").run().exits(1).says(&["there is no `cxform.yaml`", "--base-url"]);
}

#[test]
fn what_the_server_says_about_a_field_is_shown_at_the_line_that_set_it() {
    let (tenant, project) = (tenant(seed()), Project::new(MANIFEST));
    let body = json!({ "code": "validation_failed", "message": "invalid",
                       "errors": [{ "field": "dialerSettings.callRate", "message": "too fast for this licence" }] });
    tenant.faults(
        &json!([{ "method": "PATCH", "path": "/api/v2/campaigns/*", "effect": "status", "status": 422, "body": body }]),
    );
    let ended = project.on(&tenant, "apply --auto-approve").run().exits(3);
    let line = MANIFEST.lines().position(|line| line.contains("callRate")).unwrap() + 1;
    for words in
        [format!("manifests/all.yaml:{line}:15"), "too fast for this licence".to_owned(), "request req-".to_owned()]
    {
        assert!(ended.stdout.contains(&words), "{words}: {ended}");
    }
}

#[test]
fn results_are_on_stdout_and_talk_is_on_stderr() {
    let (tenant, project) = (tenant(seed()), Project::new(MANIFEST));
    let ended = project.on(&tenant, "plan").run().exits(0);
    assert_eq!(ended.stderr, "");
    let ended = project.on(&tenant, "apply --auto-approve --quiet").run().exits(0);
    assert_eq!(ended.stderr, "");
    assert_eq!(ended.stdout.lines().count(), 2, "the outcome, and the head of the audit trail: {ended}");
}

#[test]
fn no_escape_codes_reach_a_pipe() {
    let (tenant, project) = (tenant(seed()), Project::new(&MANIFEST.replace("name: Not interested", "nmae: x")));
    for command in ["validate", "plan", "apply --auto-approve", "plan -vv"] {
        for (name, value) in [("NO_COLOR", "1"), ("TERM", "xterm-256color")] {
            let ended = project.on(&tenant, command).env(name, value).run();
            assert!(!ended.stdout.contains('\u{1b}') && !ended.stderr.contains('\u{1b}'), "{command}: {ended}");
        }
    }
    project.write("manifests/all.yaml", MANIFEST);
    let ended = project.on(&tenant, "apply --auto-approve -vv").env("TERM", "xterm").run().exits(0);
    assert!(!ended.stdout.contains('\u{1b}') && !ended.stderr.contains('\u{1b}'), "{ended}");
}

/// What a terminal would show; nothing where this machine has no `script` to play one.
fn on_a_terminal(project: &Project, variables: &[(&str, &str)]) -> Option<String> {
    let command = format!("{} validate", env!("CARGO_BIN_EXE_cxform"));
    let mut terminal = std::process::Command::new("script");
    terminal.args(["-qec", &command, "/dev/null"]).current_dir(project.path()).env_clear().env("PATH", "/usr/bin:/bin");
    let output = terminal.envs(variables.iter().copied()).stdin(Stdio::null()).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn colour_is_for_terminals_that_want_it() {
    let project = Project::new(MANIFEST);
    let Some(coloured) = on_a_terminal(&project, &[("TERM", "xterm-256color")]) else { return };
    assert!(coloured.contains('\u{1b}') && coloured.contains("Valid."), "{coloured:?}");
    for unwanted in [&[("TERM", "xterm-256color"), ("NO_COLOR", "1")][..], &[("TERM", "dumb")]] {
        let plain = on_a_terminal(&project, unwanted).unwrap();
        assert!(!plain.contains('\u{1b}') && plain.contains("Valid."), "{unwanted:?}: {plain:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let (tenant, project) = (tenant(seed()), Project::new(MANIFEST));
    for arguments in [&["plan"][..], &["plan", "--format", "json"], &["validate"], &["--help"]] {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_cxform"))
            .args(arguments)
            .current_dir(project.path())
            .env_clear()
            .env("CXONE_BASE_URL", tenant.url())
            .env("CXONE_CLIENT_ID", "emulator-client")
            .env("CXONE_CLIENT_SECRET", "emulator-secret")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(0), "{arguments:?}: {said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[test]
fn text_of_a_tenant_cannot_steer_a_terminal() {
    let mut seed = seed();
    seed["campaigns"][0]["targetListId"] = json!("\u{1b}[2J\u{202e}evil");
    let manifest = MANIFEST.replace("spec:\n  dialer", "spec:\n  targetListId: good\n  dialer");
    let (tenant, project) = (tenant(seed), Project::new(&manifest));
    let ended = project.on(&tenant, "plan").run().exits(0).says(&["evil"]);
    assert!(!ended.stdout.contains('\u{1b}') && !ended.stdout.contains('\u{202e}'), "{ended}");
}

#[test]
fn a_wrong_folder_is_not_a_valid_project() {
    let project = Project::new(MANIFEST);
    project
        .cxform("validate -C manifests")
        .run()
        .exits(1)
        .says(&["no `cxform.yaml` in `manifests`", "add `-C manifests/..`"]);
    std::fs::create_dir_all(project.path().join("elsewhere/empty")).unwrap();
    project
        .cxform("validate -C elsewhere/empty")
        .run()
        .exits(1)
        .says(&["there is no manifest below `elsewhere/empty`"]);
    project.write("elsewhere/cxform.yml", "");
    project.cxform("validate -C elsewhere").run().exits(1).says(&["rename `cxform.yml`"]);
    project.write("elsewhere/bare/all.yaml", MANIFEST);
    project.cxform("validate -C elsewhere/bare").run().exits(0).says(&["checked as a bare folder"]);
}

#[test]
fn a_saved_plan_says_how_it_is_applied_from_here() {
    let (tenant, project) = (tenant(seed()), Project::new(MANIFEST));
    let ended = project.on(&tenant, "plan --env test --out change.plan").run().exits(0);
    assert!(ended.stderr.contains("`cxform apply --env test change.plan`"), "{ended}");
}
