//! What differs between two environments.

use serde_json::json;

use crate::json_output::told;
use crate::project::{Project, tenant};

const PROJECT: &str = "\
apiVersion: cxform/v1
kind: Project
metadata: { name: acme }
spec:
  overlays: { prod: overlays/prod }
  environments:
    staging: { baseUrl: \"${env.STAGING}\", auth: AUTH, variables: { rate: 0.5 } }
    prod: { baseUrl: \"${env.PROD}\", auth: AUTH, variables: { rate: 0.6 }, overlays: [overlays/prod] }
";
const MANIFEST: &str = "\
apiVersion: cxform/v1
kind: DispositionTree
metadata: { name: sales }
spec:
  outcomes: [{ code: SI, name: Interest }]
---
apiVersion: cxform/v1
kind: Campaign
metadata: { name: q3 }
spec: { type: preview, dialerSettings: { callRate: \"${var.rate}\" } }
";
const OVERLAY: &str = "\
apiVersion: cxform/v1
kind: DispositionTree
metadata: { name: sales }
spec:
  outcomes: [{ code: SI, name: Interest }, { code: NI, name: None }]
";

fn project() -> Project {
    let project = Project::empty();
    let auth = "{ clientId: emulator-client, clientSecret: \"${env.CXONE_CLIENT_SECRET}\" }";
    project.write("cxform.yaml", PROJECT.replace("  overlays: { prod: overlays/prod }\n", "").replace("AUTH", auth));
    project.write("manifests/all.yaml", MANIFEST);
    project.write("overlays/prod/sales.yaml", OVERLAY);
    project
}

#[test]
fn manifests_of_two_environments_are_compared_without_a_tenant() {
    let project = project();
    let shown = project.cxform("diff --from staging --to prod").run().exits(0);
    assert_eq!(
        shown.stdout,
        "campaign/q3\n  dialerSettings.callRate\n      staging  0.5\n      prod     0.6\noutcome/NI  only in prod\n\n\
         2 differences between the manifests of `staging` and `prod`.\n"
    );
    project.cxform("diff --from staging --to prod --detailed-exitcode").run().exits(2);
    let same = project.cxform("diff --from prod --to prod --detailed-exitcode").run().exits(0);
    assert_eq!(same.stdout, "The manifests of `prod` and `prod` do not differ.\n");
    let report = told(&project.cxform("diff --from prod --to staging --format json").run().exits(0), "diff");
    assert_eq!(
        report["differences"][0],
        json!({ "address": "campaign/q3", "path": "dialerSettings.callRate", "from": 0.6, "to": 0.5 })
    );
    assert!(report["differences"][1].get("to").is_none() && report["differences"][1]["path"].is_null(), "{report:#}");
    project.cxform("diff --from staging --to prd").run().exits(1).says(&["there is no environment `prd`", "prod"]);
    project.cxform("diff --env prod --from staging --to prod").run().exits(1).says(&["this takes two"]);
}

#[test]
fn two_tenants_are_compared_where_somebody_manages_them() {
    let seed = |rate: f64, id: &str| {
        json!({
            "outcomes": [{ "id": id, "code": "SI", "name": "Interest", "status": "ACTIVE" },
                         { "id": format!("{id}x"), "code": "FOREIGN", "name": id, "status": "ACTIVE" }],
            "campaigns": [{ "id": format!("c{id}"), "name": "q3", "type": "preview", "status": "draft", "version": 3,
                            "dialerSettings": { "callRate": rate } }],
        })
    };
    let (staging, prod, project) = (tenant(seed(0.5, "a")), tenant(seed(0.7, "b")), project());
    let run = |arguments: &str| {
        let run = project.cxform(arguments).env("STAGING", &staging.url()).env("PROD", &prod.url());
        run.env("CXONE_CLIENT_SECRET", "emulator-secret").run()
    };
    let report = told(&run("diff --live --from staging --to prod --format json").exits(0), "diff");
    assert_eq!(report["compared"], "tenants");
    assert_eq!(
        report["differences"],
        json!([{ "address": "campaign/q3", "path": "dialerSettings.callRate", "from": 0.5, "to": 0.7 }])
    );
    assert!(staging.writes().is_empty() && prod.writes().is_empty());
}

#[test]
fn what_only_one_side_manages_is_read_on_both() {
    let seed = json!({
        "outcomes": [{ "id": "o", "code": "SI", "name": "Interest", "status": "ACTIVE" }],
        "campaigns": [{ "id": "c", "name": "q3", "type": "preview", "status": "draft", "version": 3,
                        "dialerSettings": { "callRate": 0.5 } }],
        "assignments": [{ "campaignId": "c", "outcomeId": "o", "sequence": 1, "defaultSelection": true }],
    });
    let (staging, prod, project) = (tenant(seed.clone()), tenant(seed), project());
    let tree = MANIFEST.split("---\n").next().unwrap();
    project.write("manifests/all.yaml", tree);
    let shown = "  assignments: [{ campaigns: [q3], outcomes: [SI], default: SI }]\n";
    project.write("overlays/prod/sales.yaml", tree.to_owned() + shown);
    let run = project.cxform("diff --live --from staging --to prod").env("STAGING", &staging.url());
    let run = run.env("PROD", &prod.url()).env("CXONE_CLIENT_SECRET", "emulator-secret").run().exits(0);
    assert_eq!(run.stdout, "The tenants of `staging` and `prod` do not differ.\n");
}
