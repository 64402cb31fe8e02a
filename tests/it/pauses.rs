//! Whose pause it is: a campaign that cxform paused dials again when git says so, one that somebody else stopped does not.

use serde_json::{Value, json};

use crate::project::{Finished, Project, tenant};
use crate::tenant::Tenant;

/// A campaign that is fit to start, dialling.
fn seed() -> Value {
    json!({
        "outcomes": [{ "id": "o1", "code": "SALE", "name": "Sale", "status": "ACTIVE" }],
        "campaigns": [{ "id": "c1", "name": "q3", "type": "preview", "status": "active", "version": 3,
            "startDateTime": "2096-12-01T14:00:00Z", "targetListId": "list_1",
            "complianceSettings": {
                "timeZone": "America/New_York", "doNotCallListCheck": true, "regulatoryCompliance": "TCPA",
                "allowedCallTimes": [{ "days": ["mon"], "start": "10:00", "end": "17:00" }] },
            "contactSelection": { "targetListIds": ["list_1"], "filterRules": [], "priorityOrder": ["high_value"] } }],
        "assignments": [{ "campaignId": "c1", "outcomeId": "o1", "sequence": 1, "defaultSelection": true }],
    })
}

struct Scene {
    tenant: Tenant,
    project: Project,
}

impl Scene {
    fn new() -> Self {
        Self { tenant: tenant(seed()), project: Project::new("") }
    }

    fn want(&self, spec: &str) {
        let manifest = format!("apiVersion: cxform/v1\nkind: Campaign\nmetadata: {{ name: q3 }}\nspec: {{ {spec} }}\n");
        self.project.write("manifests/all.yaml", manifest);
    }

    fn apply(&self) -> Finished {
        self.project.on(&self.tenant, "apply --auto-approve").run()
    }

    fn by_hand(&self, body: &Value) {
        assert_eq!(self.tenant.by_hand("PATCH", "/api/v2/campaigns/c1", Some(body)).0, 200);
    }

    fn status(&self) -> Value {
        self.tenant.state()["campaigns"][0]["status"].clone()
    }
}

#[test]
fn what_cxform_paused_dials_again_without_a_flag() {
    let scene = Scene::new();
    scene.want("status: paused");
    scene.apply().exits(0);
    // Further writes of its own change nothing about whose pause it is.
    scene.want("status: paused, targetListId: list_2");
    scene.apply().exits(0);
    assert_eq!(scene.status(), "paused");
    scene.want("status: active, targetListId: list_2");
    scene.project.on(&scene.tenant, "plan").run().exits(0).says(&["that paused it, and nobody wrote to it since"]);
    scene.apply().exits(0);
    assert_eq!(scene.status(), "active");
}

#[test]
fn what_somebody_else_stopped_or_touched_stays_paused() {
    let stopped = [json!({ "status": "paused" })];
    let stopped_again = [json!({ "status": "active" }), json!({ "status": "paused" })];
    let touched = [json!({ "targetListId": "list_9" })];
    for (first, hands) in [(false, &stopped[..]), (true, &stopped_again[..]), (true, &touched[..])] {
        let scene = Scene::new();
        if first {
            scene.want("status: paused");
            scene.apply().exits(0);
        }
        hands.iter().for_each(|body| scene.by_hand(body));
        scene.want("status: active");
        scene.apply().exits(1).says(&["would dial again", "--allow-resume"]);
        assert_eq!(scene.status(), "paused", "{hands:?}");
    }
    // An own write on top of theirs does not make their pause ours.
    let scene = Scene::new();
    scene.want("status: paused");
    scene.apply().exits(0);
    stopped_again.iter().for_each(|body| scene.by_hand(body));
    scene.want("status: paused, targetListId: list_2");
    scene.apply().exits(0);
    scene.want("status: active, targetListId: list_2");
    scene.apply().exits(1).says(&["--allow-resume"]);
    // Without records nobody knows.
    let scene = Scene::new();
    scene.want("status: paused");
    scene.apply().exits(0);
    std::fs::remove_dir_all(scene.project.path().join(".cxform")).unwrap();
    scene.want("status: active");
    scene.apply().exits(1).says(&["--allow-resume"]);
}
