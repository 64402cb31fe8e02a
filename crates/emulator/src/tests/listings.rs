//! Paging in all its styles, filters, figures and history.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Site, small};

fn outcomes(count: usize) -> Value {
    let row = |number| json!({ "id": format!("o{number}"), "name": "n", "code": format!("C{number}") });
    json!({ "outcomes": (0..count).map(row).collect::<Vec<_>>() })
}

/// All ids of a listing of outcomes, found by following whatever next mark there is.
async fn walk(site: &Site, size: usize) -> (Vec<String>, usize) {
    let first = format!("/api/v2/outcomes?pageSize={size}");
    let (mut path, mut page, mut pages, mut ids) = (first.clone(), 1, 0, Vec::new());
    loop {
        let body = site.get(&path).await.json();
        pages += 1;
        let rows = ["items", "records", "entities"].iter().find_map(|name| body[*name].as_array()).unwrap();
        ids.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        page += 1;
        path = match (&body["nextPage"], &body["nextCursor"]) {
            (Value::Null | Value::Bool(false), Value::Null) => return (ids, pages),
            (Value::Null, cursor) => format!("{first}&cursor={}", cursor.as_str().unwrap()),
            (Value::String(url), _) => url.trim_start_matches(&site.running.url()).to_owned(),
            (Value::Number(number), _) => format!("{first}&page={number}"),
            _ => format!("{first}&page={page}"),
        };
    }
}

#[tokio::test]
async fn every_paging_style_gives_every_row_once_and_in_order() {
    for quirk in ["flag-next", "number-next", "relative-next", "absolute-next", "entities", "cursor"] {
        let site = Site::with_quirk(&format!("{quirk}=outcomes"), outcomes(25)).await;
        let (ids, pages) = walk(&site, 10).await;
        let expected: Vec<_> = (0..25).map(|number| format!("o{number}")).collect();
        assert_eq!((ids, pages), (expected, 3), "{quirk}");
    }
}

#[tokio::test]
async fn short_pages_do_not_mean_the_end() {
    let site = Site::with_quirk("short-pages", outcomes(25)).await;
    let first = site.get("/api/v2/outcomes?pageSize=10").await.json();
    assert_eq!((first["items"].as_array().unwrap().len(), &first["nextPage"]), (5, &json!(true)));
    let (ids, pages) = walk(&site, 10).await;
    assert_eq!((ids.len(), pages), (25, 5));
}

#[tokio::test]
async fn totals_are_given_unless_the_tenant_has_none() {
    let site = Site::seeded(outcomes(3)).await;
    let body = site.get("/api/v2/outcomes?page=1&pageSize=250").await.json();
    assert_eq!((&body["total"], &body["nextPage"]), (&json!(3), &json!(false)));
    assert_eq!(site.get("/api/v2/campaigns").await.json(), json!({ "items": [], "total": 0 }));
    let site = Site::with_quirk("no-total", outcomes(3)).await;
    assert_eq!(site.get("/api/v2/outcomes").await.json().get("total"), None);
}

#[tokio::test]
async fn page_numbers_and_sizes_out_of_bounds_are_refused() {
    let site = Site::seeded(outcomes(3)).await;
    for query in ["pageSize=251", "pageSize=0", "page=0", "page=x", "pageSize=-1"] {
        let reply = site.get(&format!("/api/v2/outcomes?{query}")).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, "invalid_paging"), "{query}");
    }
    assert_eq!(site.get("/api/v2/outcomes?page=99").await.json()["items"], json!([]));
}

#[tokio::test]
async fn call_codes_are_narrowed_and_page_size_counts_what_was_found() {
    let site = Site::seeded(json!({ "callcodes": [
        { "id": "k1", "name": "n", "code": "DNC" },
        { "id": "k2", "name": "n", "code": "STATE", "parentCallCodeId": "k1" },
        { "id": "k3", "name": "n", "code": "STATE" },
    ] }))
    .await;
    let ids = async |query: &str| {
        let body = site.get(&format!("/api/v2/callcodes?{query}")).await.json();
        let ids: Vec<_> = body["items"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect();
        assert_eq!(body["pageSize"], json!(ids.len()));
        ids
    };
    assert_eq!(ids("").await, ["k1", "k2", "k3"]);
    assert_eq!(ids("filter=code=STATE").await, ["k2", "k3"]);
    assert_eq!(ids("filter=code%3DSTATE&parentCallCodeId=").await, ["k3"]);
    assert_eq!(ids("parentCallCodeId=k1&pageSize=1").await, ["k2"]);
    assert_eq!(ids("filter=code=NONE").await, [] as [Value; 0]);
    assert_eq!(site.get("/api/v2/callcodes?filter=name=x").await.code(), "invalid_filter");
}

#[tokio::test]
async fn assignments_and_groups_are_listed() {
    let site = Site::seeded(small()).await;
    let body = site.get("/api/v2/campaigns/c1/outcomes").await.json();
    assert_eq!(body["items"], json!([{ "outcomeId": "o2", "sequence": 1, "defaultSelection": true }]));
    assert_eq!(site.get("/api/v2/campaigns/zz/outcomes").await.status, 404);
    assert_eq!(site.get("/api/v2/campaign-groups/g1").await.json()["campaignIds"], json!(["c1"]));
    assert_eq!(site.get("/api/v2/campaign-groups").await.json()["items"][0]["name"], "East");
}

#[tokio::test]
async fn a_new_object_may_be_late_in_listings_but_is_there_by_id() {
    let site = Site::with_quirk("late-listing", small()).await;
    let id = site.post("/api/v2/outcomes", json!({ "name": "n", "code": "NEW" })).await.json()["id"].clone();
    assert_eq!(site.get("/api/v2/outcomes").await.json()["items"].as_array().unwrap().len(), 2);
    assert_eq!(site.get(&format!("/api/v2/outcomes/{}", id.as_str().unwrap())).await.status, 200);
    tokio::time::sleep(Duration::from_millis(350)).await;
    assert_eq!(site.get("/api/v2/outcomes").await.json()["items"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn enums_may_be_upper_case_and_objects_may_hold_unknown_fields() {
    let site = Site::with_quirk("upper-case-enums", small()).await;
    let campaign = site.get("/api/v2/outbound/campaigns/c1").await.json();
    assert_eq!((&campaign["type"], &campaign["status"]), (&json!("PREDICTIVE"), &json!("ACTIVE")));
    let site = Site::with_quirk("extra-fields", small()).await;
    assert_eq!(site.get("/api/v2/outcomes").await.json()["items"][1]["tenantId"], "T-4711");
    assert_eq!(site.running.state()["outcomes"][1].get("tenantId"), None);
}

#[tokio::test]
async fn seeded_statistics_are_shown_as_they_are() {
    let mut seed = small();
    let rows: Vec<_> = (0..3)
        .map(|hour| json!({ "startTime": format!("2026-12-01T0{hour}:00:00Z"), "answerRate": 0.4, "abandonRate": 0.01, "connectedCalls": 4, "attemptedCalls": 10 }))
        .collect();
    seed["stats"] = json!({ "c1": { "totalCalls": 200, "answeredCalls": 80, "abandonedCalls": 5, "agentUtilization": 71.5, "complianceViolations": 1, "entities": rows } });
    let site = Site::seeded(seed).await;
    let stats = site.get("/api/v2/outbound/campaigns/c1/stats").await.json();
    assert_eq!(
        stats,
        json!({ "version": 7, "status": "active", "totalCalls": 200, "answeredCalls": 80, "abandonedCalls": 5, "agentUtilization": 71.5, "complianceViolations": 1 })
    );
    let path = "/api/v2/campaigns/c1/analytics?metric=answerRate,efficiencyScore&startTime=2026-12-01T01:00:00Z&endTime=2026-12-01T03:00:00Z&pageSize=1";
    let first = site.get(path).await.json();
    assert_eq!(first["summary"], json!({ "answerRate": 0.4, "abandonRate": 0.025 }));
    assert_eq!(first["entities"], json!([{ "startTime": "2026-12-01T01:00:00Z", "answerRate": 0.4 }]));
    let next = first["nextPage"].as_str().unwrap().strip_prefix(&site.running.url()).unwrap();
    let second = site.get(next).await.json();
    assert_eq!(second["entities"][0]["startTime"], "2026-12-01T02:00:00Z");
    assert_eq!(second.get("nextPage"), None);
}

#[tokio::test]
async fn a_simulated_dialer_answers_the_same_twice_and_reacts_to_its_settings() {
    let site = Site::seeded(small()).await;
    let stats = "/api/v2/outbound/campaigns/c1/stats";
    let before = site.get(stats).await.json();
    assert_eq!(before, site.get(stats).await.json());
    assert!(before["totalCalls"].as_u64().unwrap() >= before["answeredCalls"].as_u64().unwrap());
    assert!(before["answeredCalls"].as_u64().unwrap() > 0);
    site.patch("/api/v2/campaigns/c1", json!({ "dialerSettings": { "callRate": 0.9 } })).await;
    let after = site.get(stats).await.json();
    assert!(after["totalCalls"].as_u64() > before["totalCalls"].as_u64());
    assert!(after["agentUtilization"].as_f64() >= before["agentUtilization"].as_f64());
    let analytics = site.get("/api/v2/campaigns/c1/analytics").await.json();
    let attempted: u64 =
        analytics["entities"].as_array().unwrap().iter().map(|row| row["attemptedCalls"].as_u64().unwrap()).sum();
    assert_eq!(json!(attempted), after["totalCalls"]);
}

#[tokio::test]
async fn history_tells_who_changed_what() {
    let site = Site::seeded(small()).await;
    site.patch("/api/v2/campaigns/c1", json!({ "dialerSettings": { "callRate": 0.6 } })).await;
    site.patch("/api/v2/campaigns/c1", json!({ "status": "paused" })).await;
    let first = site.get("/api/v2/outbound/campaigns/c1/history?pageSize=1").await.json();
    let record = &first["records"][0];
    assert_eq!(
        (&record["actor"], &record["action"], &record["version"]),
        (&json!("emulator-client"), &json!("UPDATE"), &json!(8))
    );
    assert_eq!(record["changes"], json!([{ "field": "dialerSettings.callRate", "before": 0.5, "after": 0.6 }]));
    let cursor = first["nextCursor"].as_str().unwrap();
    let second = site.get(&format!("/api/v2/outbound/campaigns/c1/history?pageSize=1&cursor={cursor}")).await.json();
    assert_eq!((&second["records"][0]["action"], &second["nextCursor"]), (&json!("TRANSITION"), &Value::Null));
    assert_eq!(site.get("/api/v2/outbound/campaigns/c1/history?cursor=c0").await.status, 400);
}
