//! What is refused because it may be more than anybody meant, and the flags that say that it is meant.

use serde_json::{Value, json};

use crate::project::{PROJECT, Project, tenant};

fn seed(count: usize) -> Value {
    let outcomes: Vec<_> =
        (0..count).map(|at| json!({"id": format!("o{at}"), "code": format!("K{at}"), "name": "Name"})).collect();
    json!({ "outcomes": outcomes })
}

/// A tree of so many outcomes, of which the first are named anew and the last are tombstones.
fn tree(count: usize, renamed: usize, retired: usize) -> String {
    let mut text =
        "apiVersion: cxform/v1\nkind: DispositionTree\nmetadata: { name: all }\nspec:\n  outcomes:\n".to_owned();
    for at in 0..count {
        let name = if at < renamed { "New" } else { "Name" };
        let status = if at + retired >= count { ", status: INACTIVE" } else { "" };
        text.push_str(&format!("    - {{ code: K{at}, name: {name}{status} }}\n"));
    }
    text
}

#[test]
fn a_plan_that_changes_much_of_a_tenant_says_which_flag_lets_it_pass() {
    let (tenant, project) = (tenant(seed(12)), Project::new(&tree(12, 5, 2)));
    let both = ["5 of 12 managed outcomes would change (42 %", "2 of 12 managed outcomes would be retired (17 %"];
    project
        .on(&tenant, "plan")
        .run()
        .exits(1)
        .says(&both)
        .says(&["--allow-changed PERCENT", "--allow-retired PERCENT"]);
    project.on(&tenant, "apply --auto-approve --allow-changed 42").run().exits(1).says(&both[1..]);
    project.on(&tenant, "apply --auto-approve --allow-changed 42 --allow-retired 16").run().exits(1);
    project.on(&tenant, "plan --allow-changed much").run().exits(1).says(&["write a number from 0 to 100"]);
    assert!(tenant.writes().is_empty());
    project.on(&tenant, "apply --auto-approve --allow-changed 42% --allow-retired 17").run().exits(0);
    project.on(&tenant, "plan --detailed-exitcode").run().exits(0);
}

const SLOWER: &str = "\
apiVersion: cxform/v1
kind: Campaign
metadata: { name: q3 }
spec:
  dialerSettings: { callRate: 0.4, concurrency: 80 }
";

fn dialling() -> Value {
    let settings = json!({ "callRate": 0.5, "concurrency": 80 });
    json!({ "campaigns": [{ "id": "c1", "name": "q3", "type": "predictive", "status": "active", "version": 3, "dialerSettings": settings }] })
}

#[test]
fn a_plan_that_loosens_is_refused_where_that_is_forbidden() {
    let (tenant, project) = (tenant(dialling()), Project::new(SLOWER));
    project.on(&tenant, "plan --forbid-loosening").run().exits(0).says(&["0.5 -> 0.4 (tightening)"]);
    project.write("manifests/all.yaml", SLOWER.replace("0.4", "0.6"));
    for command in ["plan --forbid-loosening", "apply --auto-approve --forbid-loosening"] {
        project.on(&tenant, command).run().exits(1).says(&[
            "error[CX091]: `dialerSettings.callRate` becomes laxer: 0.5 -> 0.6",
            "--> manifests/all.yaml:5:31",
            "let somebody apply it without `--forbid-loosening`",
        ]);
    }
    let problems = project.on(&tenant, "plan --forbid-loosening --format json").run().exits(1).json();
    assert_eq!(problems["problems"][0]["address"], "campaign/q3");

    let plan = project.on(&tenant, "plan --format json").run().exits(0).json();
    assert_eq!(plan["changes"][0]["fields"][0]["class"], "loosening");
    project
        .on(&tenant, "plan --out change.plan")
        .run()
        .exits(0)
        .says(&["Loosening: 1 field becomes laxer, of campaign/q3."]);
    project.on(&tenant, "apply change.plan --auto-approve --forbid-loosening").run().exits(1).says(&["error[CX091]"]);
    assert!(tenant.writes().is_empty());
    project.on(&tenant, "apply change.plan --auto-approve").run().exits(0);
}

#[test]
fn what_an_undo_makes_laxer_again_is_refused_where_that_is_forbidden() {
    let (tenant, project) = (tenant(dialling()), Project::new(SLOWER));
    project.on(&tenant, "apply --auto-approve").run().exits(0);
    let before = tenant.writes().len();
    project
        .on(&tenant, "undo last --auto-approve --forbid-loosening")
        .run()
        .exits(1)
        .says(&["error[CX091]: `dialerSettings.callRate` becomes laxer: 0.4 -> 0.5", "at `campaign/q3`"]);
    assert_eq!(tenant.writes().len(), before);
    project.on(&tenant, "undo last --auto-approve").run().exits(0).says(&["0.4 -> 0.5 (loosening)"]);
}

#[test]
fn a_project_sets_its_own_limits() {
    let (tenant, project) = (tenant(seed(12)), Project::new(&tree(12, 5, 2)));
    let limits = "spec:\n  guard: { maxChangedPercent: 50, maxRetiredPercent: 16.7 }";
    project.write("cxform.yaml", PROJECT.replace("spec:", limits));
    project.on(&tenant, "plan").run().exits(0);
    project.write("cxform.yaml", PROJECT.replace("spec:", "spec:\n  guard: { minimumPopulation: 13 }"));
    project.on(&tenant, "plan").run().exits(0);
}
