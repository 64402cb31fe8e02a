//! What was approved is what is applied: the files, the tenant, the digest, and where credentials go.

use std::process::Command;

use serde_json::json;

use crate::project::{PROJECT, Project, tenant};

const TREE: &str = "\
apiVersion: cxform/v1
kind: DispositionTree
metadata: { name: sales }
spec: { outcomes: [{ code: SALE, name: Sold }] }
";

fn git(project: &Project, arguments: &str) {
    let done = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"])
        .args(arguments.split_whitespace())
        .current_dir(project.path())
        .output()
        .unwrap();
    assert!(done.status.success(), "git {arguments}: {}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn a_saved_plan_is_refused_when_the_files_are_others_than_those_reviewed() {
    let tenant = tenant(json!({}));
    let project = Project::new(TREE);
    git(&project, "init -q");
    project.write(".gitignore", ".cxform/\n*.json\n");
    git(&project, "add -A");
    git(&project, "commit -qm one");
    project.on(&tenant, "plan --out p.json").run().exits(0).says(&["From commit ", "Digest sha256:"]);
    project.write("manifests/all.yaml", TREE.replace("Sold", "Sale made"));
    let refused = project.on(&tenant, "apply p.json --auto-approve").run().exits(4);
    refused.says(&["from other files than these", "git diff --stat"]);
    assert_eq!(tenant.writes().len(), 0);
    // Another commit of the same files is told, and changes nothing.
    project.write("manifests/all.yaml", TREE);
    git(&project, "commit -q --allow-empty -m two");
    project.on(&tenant, "apply p.json --auto-approve").run().exits(0).says(&["the files are the same"]);
    assert_eq!(tenant.state()["outcomes"][0]["name"], "Sold");
}

#[test]
fn only_the_approved_digest_is_applied() {
    let tenant = tenant(json!({}));
    let project = Project::new(TREE);
    let plan: serde_json::Value =
        serde_json::from_str(&project.on(&tenant, "plan --format json").run().exits(0).stdout).unwrap();
    let digest = plan["digest"].as_str().unwrap();
    project
        .on(&tenant, "apply --auto-approve --expect-digest sha256:12")
        .run()
        .exits(1)
        .says(&["64 hexadecimal digits"]);
    project.write("manifests/all.yaml", TREE.replace("Sold", "Sale made"));
    let other = format!("apply --auto-approve --expect-digest {digest}");
    project.on(&tenant, &other).run().exits(4).says(&["not the plan that was approved"]);
    assert_eq!(tenant.writes().len(), 0);
    project.write("manifests/all.yaml", TREE);
    project.on(&tenant, &other).run().exits(0);
    assert_eq!(tenant.writes().len(), 1);
}

#[test]
fn a_tenant_that_is_not_the_pinned_one_is_refused_before_anything_is_written() {
    let seed = |id: &str| json!({ "outcomes": [{ "id": id, "code": "SALE", "name": "Sale", "status": "ACTIVE" }] });
    let (right, wrong) = (tenant(seed("o1")), tenant(seed("o2")));
    let project = Project::new(TREE);
    project.write("cxform.yaml", PROJECT.replace("test: {", "test: { fingerprint: { outcome/SALE: o1 },"));
    for command in ["plan", "apply --auto-approve"] {
        let refused = project.on(&wrong, command).run().exits(1);
        refused.says(&["another tenant than environment `test` says", "`outcome/SALE` has the id `o1`"]);
    }
    assert_eq!(wrong.writes().len(), 0);
    // A saved plan carries the mark too, whatever the project says by then.
    project.on(&right, "plan --out p.json").run().exits(0);
    let text = project.read("p.json").replace(&right.url(), &wrong.url());
    project.write("p.json", text);
    project.on(&wrong, "apply p.json --auto-approve").run().exits(1);
    assert_eq!(wrong.writes().len(), 0);
    project.on(&right, "apply --auto-approve").run().exits(0);
}

#[test]
fn nothing_connects_where_a_change_under_review_says_where_credentials_go() {
    let tenant = tenant(json!({}));
    let project = Project::new(TREE);
    git(&project, "init -q");
    git(&project, "add -A");
    git(&project, "commit -qm base");
    let plan = "plan --connection-base main";
    project.on(&tenant, plan).run().exits(0);
    project.write("cxform.yaml", PROJECT.replace("test: {", "test: { baseUrl: https://evil.example.com,"));
    git(&project, "checkout -qb change");
    git(&project, "commit -qam change");
    let before = tenant.requests().len();
    let refused = project.on(&tenant, plan).run().exits(1);
    refused.says(&["where the credentials of `test` go is not what it is at `main`", "environments.test.baseUrl"]);
    project.on(&tenant, "plan --connection-base nowhere").run().exits(1).says(&["cannot be compared with `nowhere`"]);
    assert_eq!(tenant.requests().len(), before, "not one request");
}
