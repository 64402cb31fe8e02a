//! What a pull request shows: comments that update in place, notes beside changed lines, the same from a saved plan.

use serde_json::{Value, json};

use crate::exit_codes::{MANIFEST, seed};
use crate::project::{Project, tenant};

const BROKEN: &str = "\
apiVersion: cxform/v1
kind: Campaign
metadata: { name: q3 }
spec: { dialerSettings: { callRate: 7.5 } }
";

const DENIES: &str = "\
apiVersion: cxform/v1
kind: PolicySet
metadata: { name: none }
spec:
  policies:
    - id: nothing-at-all
      severity: error
      each: plan
      deny: size(plan.changes) > 0
      message: nothing may change @team
";

#[test]
fn a_comment_begins_with_its_marker_and_holds_the_digest() {
    let (tenant, project) = (tenant(seed()), Project::new(MANIFEST));
    let plan = project.on(&tenant, "plan --format json").run().exits(0).json();
    let comment = project.on(&tenant, "plan --format markdown").run().exits(0).stdout;
    assert_eq!(comment.lines().next(), Some("<!-- cxform:plan acme test -->"), "{comment}");
    assert!(comment.contains(plan["digest"].as_str().unwrap()), "{comment}");
    assert!(comment.contains("**Plan: "), "{comment}");
}

#[test]
fn a_saved_plan_shows_what_the_plan_showed() {
    let (tenant, project) = (tenant(seed()), Project::new(MANIFEST));
    for format in ["human", "markdown", "github", "html"] {
        let planned = project.on(&tenant, &format!("plan -q --out saved.json --format {format}")).run().exits(0).stdout;
        // Neither the project nor the tenant is needed.
        let elsewhere = Project::empty();
        elsewhere.write("saved.json", project.read("saved.json"));
        let shown = elsewhere.cxform(&format!("show saved.json --format {format}")).run().exits(0).stdout;
        assert_eq!(planned, shown, "{format}");
    }
    let shown = project.cxform("show saved.json --format json").run().exits(0).json();
    assert_eq!(shown, serde_json::from_str::<Value>(&project.read("saved.json")).unwrap());
}

#[test]
fn a_plan_that_somebody_touched_is_not_shown() {
    let (tenant, project) = (tenant(seed()), Project::new(MANIFEST));
    project.on(&tenant, "plan --out saved.json").run().exits(0);
    project.write("saved.json", project.read("saved.json").replace("0.6", "0.9"));
    let ended = project.cxform("show saved.json --format markdown").run().exits(1);
    assert_eq!(ended.stdout, "");
}

#[test]
fn what_does_not_fit_into_a_comment_is_in_the_artifact() {
    let codes: String =
        (0..800).map(|at| format!("    - {{ code: CODE-{at:03}, name: \"{}\" }}\n", "long ".repeat(40))).collect();
    let manifest = format!(
        "apiVersion: cxform/v1\nkind: DispositionTree\nmetadata: {{ name: many }}\nspec:\n  outcomes:\n{codes}"
    );
    let (tenant, project) = (tenant(json!({})), Project::new(&manifest));
    let comment = project.on(&tenant, "plan --format markdown --artifact whole.md").run().exits(0).stdout;
    assert!(comment.len() <= 65_000, "{}", comment.len());
    assert!(comment.contains("The whole text is in <code>whole.md</code>"), "{}", &comment[comment.len() - 800..]);
    assert!(project.read("whole.md").contains("CODE-799"));
    // Where the artifact cannot be written, no comment points to it.
    let comment = project.on(&tenant, "plan --format markdown --artifact no/such/whole.md").run().exits(1).stdout;
    assert!(comment.contains("cxform plan: failed") && !comment.contains("The whole text is in"), "{comment}");
}

#[test]
fn changed_lines_are_annotated() {
    let (tenant, project) = (tenant(seed()), Project::new(MANIFEST));
    let plan = project.on(&tenant, "plan --format json").run().exits(0).json();
    let notes = project.on(&tenant, "plan --format github").run().exits(0).stdout;
    for change in plan["changes"].as_array().unwrap() {
        let at = format!("file={},line={}", change["source"]["file"].as_str().unwrap(), change["source"]["line"]);
        let address = change["address"].as_str().unwrap();
        assert!(notes.lines().any(|line| line.contains(&at) && line.contains(address)), "{at} {address}:\n{notes}");
    }
    assert!(notes.lines().all(|line| line.starts_with("::")), "{notes}");
}

#[test]
fn problems_are_annotated_where_they_are() {
    let project = Project::new(BROKEN);
    let notes = project.cxform("validate --format github").run().exits(1).stdout;
    assert!(notes.starts_with("::error file=manifests/all.yaml,line=4,col=37,title=CX"), "{notes}");
    let below = Project::empty();
    for file in ["cxform.yaml", "manifests/all.yaml"] {
        below.write(&format!("outbound/{file}"), project.read(file));
    }
    let notes = below.cxform("validate -C outbound --format github").run().exits(1).stdout;
    assert!(notes.starts_with("::error file=outbound/manifests/all.yaml,line=4,"), "{notes}");
}

#[test]
fn a_plan_that_is_refused_takes_the_place_of_the_one_before() {
    let tenant = tenant(seed());
    let (invalid, denied) = (Project::new(BROKEN), Project::new(MANIFEST));
    denied.write("policies/none.yaml", DENIES);
    for (project, words) in [(invalid, "callRate"), (denied, "nothing may change @&#8203;team")] {
        let comment = project.on(&tenant, "plan --format markdown").run().exits(1).stdout;
        assert_eq!(comment.lines().next(), Some("<!-- cxform:plan acme test -->"), "{comment}");
        assert!(comment.contains("Nothing was planned") && comment.contains(words), "{comment}");
        let notes = project.on(&tenant, "plan --format github").run().exits(1).stdout;
        assert!(notes.starts_with("::error "), "{notes}");
    }
}

#[test]
fn a_plan_that_cannot_be_made_says_so_where_the_one_before_stands() {
    let (tenant, project) = (tenant(seed()), Project::new(MANIFEST));
    let refused = |format: &str| {
        project.on(&tenant, &format!("plan --format {format}")).env("CXONE_CLIENT_SECRET", "wrong-one").run().exits(1)
    };
    let comment = refused("markdown");
    assert!(comment.stdout.starts_with("<!-- cxform:plan acme test -->\n<h3>cxform plan: failed</h3>"), "{comment}");
    assert!(comment.stdout.contains("invalid_client") && comment.stderr.contains("error:"), "{comment}");
    assert!(!comment.stdout.contains("wrong-one"), "{comment}");
    assert!(refused("github").stdout.starts_with("::error title=cxform plan::"));
    assert_eq!(refused("json").stdout, "");
}

#[test]
fn a_command_names_the_formats_that_it_has() {
    let project = Project::new(MANIFEST);
    for (command, words) in [
        ("validate --format markdown", "it has `human`, `json`, `github`"),
        ("runs list --format github", "it has `human`, `json`"),
        ("plan --format csv", "it has `human`, `json`, `markdown`, `github`, `html`"),
    ] {
        let ended = project.cxform(command).run().exits(1);
        assert!(ended.stderr.contains(words), "{ended}");
    }
}

#[test]
fn a_graph_needs_no_tenant_and_shows_what_a_plan_changes() {
    let (tenant, project) = (tenant(seed()), Project::new(MANIFEST));
    let graph = project.cxform("graph").run().exits(0).stdout;
    assert!(graph.starts_with("Outcomes\n├─ NI  Not interested\n└─ SI  Sales Inquiry\n"), "{graph}");
    project.on(&tenant, "plan --out change.plan").run().exits(0);
    project.cxform("graph --plan change.plan").run().exits(0).says(&["SI  Sales Inquiry  [+ create]"]);
    let json = project.cxform("graph --plan change.plan --format json").run().exits(0).json();
    let schema = project.cxform("schema graph").run().exits(0).json();
    jsonschema::validator_for(&schema).unwrap().validate(&json).unwrap();
    assert_eq!(
        json["parts"][0]["nodes"][1],
        json!({ "address": "outcome/SI", "key": "SI", "notes": ["Sales Inquiry"], "changes": ["create"] })
    );
    let diagram = project.cxform("graph outcome/N* --plan change.plan --format mermaid").run().exits(0).stdout;
    assert!(
        diagram.starts_with("flowchart TB\n") && diagram.contains("create") && !diagram.contains("SI"),
        "{diagram}"
    );
    project.cxform("graph outcome/X*").run().exits(1).says(&["nothing here is picked by outcome/X*"]);
    project.write("cxform.yaml", project.read("cxform.yaml").replace("acme", "other"));
    project
        .cxform("graph --plan change.plan")
        .run()
        .exits(1)
        .says(&["the plan is for the environment `test` of `acme`"]);
}
