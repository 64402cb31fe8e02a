//! Writes over HTTP: versions, idempotency, put modes, and what a body may hold.

use serde_json::{Value, json};

use super::{Site, quiet, small};
use crate::{Options, PutMode, Seed};

#[tokio::test]
async fn a_patch_with_the_present_version_gives_the_next_one() {
    let site = Site::seeded(small()).await;
    assert_eq!(site.get("/api/v2/outbound/campaigns/c1").await.header("etag"), Some("\"version=7\""));
    let body = json!({ "dialerSettings": { "callRate": 0.6 } });
    let path = "/api/v2/campaigns/c1";
    let done = site.ask("PATCH", path, &[("if-match", "version=7")], &body).await.unwrap();
    assert_eq!((done.status, done.header("etag")), (200, Some("\"version=8\"")));
    assert_eq!(done.json()["dialerSettings"], json!({ "callRate": 0.6, "concurrency": 50 }));
    let stale = site.ask("PATCH", path, &[("if-match", "version=7")], &body).await.unwrap();
    assert_eq!((stale.status, stale.code().as_str()), (409, "version_conflict"));
    let odd = site.ask("PATCH", path, &[("if-match", "7")], &body).await.unwrap();
    assert_eq!((odd.status, odd.code().as_str()), (400, "invalid_if_match"));
    assert_eq!(site.patch(path, json!({ "version": 7, "name": "x" })).await.status, 409);
    assert_eq!(site.patch(path, json!({ "version": 8, "name": "x" })).await.json()["version"], json!(9));
    let header_wins = site.ask("PATCH", path, &[("if-match", "version=9")], &json!({ "version": 1 })).await.unwrap();
    assert_eq!(header_wins.json()["version"], json!(10));
    assert_eq!(site.patch(path, json!({ "name": "blind" })).await.status, 200, "no precondition at all is accepted");
}

#[tokio::test]
async fn a_patch_may_answer_without_content() {
    let site = Site::with_quirk("no-content", small()).await;
    let done = site.patch("/api/v2/campaigns/c1", json!({ "status": "paused" })).await;
    assert_eq!((done.status, done.text.as_str(), done.header("etag")), (204, "", None));
    assert_eq!(site.get("/api/v2/campaigns/c1").await.json()["version"], json!(8));
}

#[tokio::test]
async fn field_errors_name_the_dotted_path() {
    let site = Site::seeded(small()).await;
    let body = json!({
        "dialerSettings": { "callRate": 1.5, "predictiveSettings": { "agentEfficiency": 0.1 } },
        "complianceSettings": { "timeZone": "Mars/Olympus", "allowedCallTimes": [{ "days": ["mon"], "start": "25:00", "end": "9:00" }] },
        "contactSelection": { "targetListIds": [], "filterRules": [{ "field": "a", "operator": "eq" }] },
    });
    let reply = site.patch("/api/v2/campaigns/c1", body).await;
    assert_eq!((reply.status, reply.code().as_str()), (422, "validation_failed"));
    let mut fields: Vec<_> = reply.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].as_str().unwrap().to_owned())
        .collect();
    fields.sort();
    assert_eq!(
        fields,
        [
            "complianceSettings.allowedCallTimes.0.start",
            "complianceSettings.timeZone",
            "contactSelection.filterRules.0.value",
            "contactSelection.targetListIds",
            "dialerSettings.callRate",
            "dialerSettings.predictiveSettings.agentEfficiency",
        ]
    );
    assert_eq!(site.get("/api/v2/campaigns/c1").await.json()["version"], json!(7));
    let reply = site.post("/api/v2/campaigns", json!({ "type": "loud" })).await;
    let fields: Vec<_> =
        reply.json()["errors"].as_array().unwrap().iter().map(|error| error["field"].clone()).collect();
    assert_eq!(reply.status, 422);
    assert!(fields.contains(&json!("name")) && fields.contains(&json!("type")), "{fields:?}");
}

#[tokio::test]
async fn an_idempotency_key_gives_the_first_answer_or_refuses_another_body() {
    let site = Site::seeded(small()).await;
    let key = [("idempotency-key", "k1")];
    let body = json!({ "name": "Sale", "code": "SALE", "type": "SUCCESS", "category": "Q3" });
    let first = site.ask("POST", "/api/v2/callcodes", &key, &body).await.unwrap();
    let second = site.ask("POST", "/api/v2/callcodes", &key, &body).await.unwrap();
    assert_eq!((first.status, second.status, first.json()), (201, 201, second.json()));
    assert_eq!(site.running.state()["callcodes"].as_array().unwrap().len(), 1);
    let other = json!({ "name": "Sale", "code": "SOLD", "type": "SUCCESS", "category": "Q3" });
    let reused = site.ask("POST", "/api/v2/callcodes", &key, &other).await.unwrap();
    assert_eq!((reused.status, reused.code().as_str()), (422, "idempotency_key_reused"));
    let elsewhere = site.ask("POST", "/api/v2/webhooks", &key, &body).await.unwrap();
    assert_eq!(elsewhere.code(), "idempotency_key_reused");
    let refused = site.ask("POST", "/api/v2/callcodes", &[("idempotency-key", "k2")], &body).await.unwrap();
    assert_eq!(refused.code(), "duplicate_code");
    let mended = site.ask("POST", "/api/v2/callcodes", &[("idempotency-key", "k2")], &other).await.unwrap();
    assert_eq!(mended.status, 201, "a refusal does not use a key up");
}

#[tokio::test]
async fn a_tenant_may_ignore_idempotency_keys() {
    let site = Site::with_quirk("ignore-idempotency", small()).await;
    let key = [("idempotency-key", "k1")];
    let body = json!({ "name": "n", "code": "A" });
    assert_eq!(site.ask("POST", "/api/v2/outcomes", &key, &body).await.unwrap().status, 201);
    assert_eq!(site.ask("POST", "/api/v2/outcomes", &key, &body).await.unwrap().status, 409);
}

#[tokio::test]
async fn a_put_merges_or_replaces() {
    let rules = json!({ "validationRules": { "retentionPeriodDays": 30 } });
    let mut seed = small();
    seed["outcomes"][1]["uiConfig"] = json!({ "shortcutKey": "1" });
    seed["outcomes"][1]["externalRef"] = json!("crm-7");

    let site = Site::seeded(seed.clone()).await;
    let merged = site.ask("PUT", "/api/v2/outcomes/o2", &[], &rules).await.unwrap().json();
    assert_eq!((&merged["name"], &merged["externalRef"]), (&json!("Demo"), &json!("crm-7")));
    assert_eq!(merged["uiConfig"], json!({ "shortcutKey": "1" }));

    let options = Options { put: PutMode::Replace, seed: Seed::Document(seed), ..quiet() };
    let site = Site::start(options).await;
    let partial = site.ask("PUT", "/api/v2/outcomes/o2", &[], &rules).await.unwrap();
    assert_eq!(partial.status, 422, "a partial body would blank the name");
    let body = json!({ "id": "o2", "name": "Demo", "code": "SI-DEMO", "extra": 1, "validationRules": { "retentionPeriodDays": 30 } });
    let replaced = site.ask("PUT", "/api/v2/outcomes/o2", &[], &body).await.unwrap().json();
    assert_eq!((&replaced["uiConfig"], &replaced["parentOutcomeId"]), (&Value::Null, &Value::Null));
    assert_eq!((replaced.get("externalRef"), &replaced["extra"]), (None, &json!(1)));
    let other =
        site.ask("PUT", "/api/v2/outcomes/o2", &[], &json!({ "id": "o1", "name": "n", "code": "c" })).await.unwrap();
    assert_eq!(other.code(), "id_mismatch");
}

#[tokio::test]
async fn assignments_touch_the_version_only_where_the_tenant_counts_them() {
    for (quirk, expected) in [("no-total", 7), ("versions-count-assignments", 10)] {
        let site = Site::with_quirk(quirk, small()).await;
        let path = "/api/v2/campaigns/c1/outcomes";
        assert_eq!(site.post(path, json!({ "outcomeId": "o1", "sequence": 2 })).await.status, 201);
        assert_eq!(site.patch(&format!("{path}/o1"), json!({ "sequence": 3 })).await.status, 200);
        let gone = site.ask("DELETE", &format!("{path}/o1"), &[], &Value::Null).await.unwrap();
        assert_eq!(gone.status, 204);
        let again = site.ask("DELETE", &format!("{path}/o1"), &[], &Value::Null).await.unwrap();
        assert_eq!(again.status, 404);
        assert_eq!(site.get("/api/v2/campaigns/c1").await.json()["version"], json!(expected), "{quirk}");
    }
}

#[tokio::test]
async fn text_may_come_back_trimmed() {
    let site = Site::with_quirk("trim-text", small()).await;
    let made = site.post("/api/v2/outcomes", json!({ "name": " padded ", "code": "P" })).await;
    assert_eq!(made.json()["name"], "padded");
}

#[tokio::test]
async fn webhooks_live_and_die() {
    let site = Site::seeded(small()).await;
    let body = json!({ "name": "crm", "url": "https://crm.example/hook", "events": ["campaign.updated"] });
    let made = site.post("/api/v2/webhooks", body.clone()).await;
    assert_eq!((made.status, &made.json()["isActive"]), (201, &json!(true)));
    assert_eq!(site.post("/api/v2/webhooks", body).await.code(), "duplicate_name");
    let path = format!("/api/v2/webhooks/{}", made.json()["id"].as_str().unwrap());
    assert_eq!(site.patch(&path, json!({ "isActive": false })).await.json()["url"], "https://crm.example/hook");
    assert_eq!(site.patch(&path, json!({ "url": "ftp://x" })).await.json()["errors"][0]["field"], "url");
    assert_eq!(site.ask("DELETE", &path, &[], &Value::Null).await.unwrap().status, 204);
    assert_eq!(site.get("/api/v2/webhooks").await.json()["total"], json!(0));
    assert_eq!(site.ask("DELETE", &path, &[], &Value::Null).await.unwrap().status, 404);
}
