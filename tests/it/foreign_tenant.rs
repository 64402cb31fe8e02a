//! Manifests by another hand, on a tenant that does everything else differently: it converges all the same.

use std::time::Duration;

use cxform_emulator::{Options, PutMode, Quirks};
use serde_json::json;

use crate::project::{Project, options};
use crate::tenant::Tenant;

/// Indented by four, anchors and merge by alias, folded texts, flow and block mixed, capitals where case means nothing.
const DISPOSITIONS: &str = r##"%YAML 1.2
---
kind: DispositionTree
spec:
    assignments:
      - default: 'Ja'
        campaignGroups:
          - Süd
          - g-nord
        outcomes: &shown
          - 'Ja'
          - 'Nein / später'
      - { campaigns: ["Winter %25 / Köln"], outcomes: *shown, default: 'Ja', exclusive: true }
    outcomes:
      - code: 'Ja'
        name: >-
            Kunde hat
            zugesagt
        description: |
            Erste Zeile
            zweite Zeile
        uiConfig: &look
            colorCode: '#2ecc71'
            group: "VERTRIEB"
            shortcutKey: "1"
        validationRules: {requiredFields: [b, a], retentionPeriodDays: 0x2DA}
      - code: 'Nein / später'
        name: no
        status: active
        uiConfig: {visible: true, colorCode: '#E67E22', group: VERTRIEB, shortcutKey: '2'}
        children: [{code: Nie, name: "Nie\twieder", status: inactive}]
metadata:
    name: vertrieb
apiVersion: cxform/v1
...
"##;

const CAMPAIGNS: &str = r#"{"apiVersion": "cxform/v1", "kind": "Campaign", "metadata": {"name": "Winter %25 / Köln"},
 "spec": {"type": "PREDICTIVE", "status": "ACTIVE", "startDateTime": "2096-12-01T09:00:00.000+01:00",
  "dialerSettings": {"callRate": 1, "strategy": "Predictive", "dialingMethod": "predictive", "concurrency": {"between": [10, 20]}},
  "complianceSettings": {"timeZone": "America/Denver", "regulatoryCompliance": "tcpa", "doNotCallCompliance": true, "doNotCallListCheck": true,
   "allowedCallTimes": [{"days": ["MON", "Tue"], "start": "9:00", "end": "12:30"}], "pauseRules": []}}}
---
apiVersion: cxform/v1
kind: Campaign
metadata: {name: Sommer}
spec:
  status: Paused
  dialerSettings:
    wrapUpTime: null
    callRate: 0.50
---
apiVersion: cxform/v1
kind: SelectionRules
metadata: {name: alle}
spec:
  campaigns: ["Winter %25 / Köln", Sommer]
  targetListIds: [L2, L1]
  exclusionListIds: []
  filterRules:
  - {field: plz, operator: GTE, value: "50000"}
  - {field: aktiv, operator: eq, value: true}
"#;

const CODES: &str = "
apiVersion: cxform/v1
kind: CallCodeSet
metadata: {name: ergebnisse}
spec:
  authority: category
  category: WINTER
  defaults: {type: neutral}
  codes:
  - code: OK
    name: Erfolg
    type: Success
    children:
    - {code: OK_2, name: Zweiter, children: [{code: OK_3, name: Dritter}]}
";

fn tenant(put: PutMode) -> Tenant {
    let seed = json!({
        "outcomes": [
            { "id": "o/1", "code": "Ja", "name": "alt", "status": "INACTIVE", "vendor": { "keep": 1 },
              "uiConfig": { "shortcutKey": "2", "group": "VERTRIEB", "vendorLook": "keep" } },
            { "id": "o 2", "code": "Nein / später", "name": "alt", "status": "ACTIVE",
              "uiConfig": { "shortcutKey": "1", "group": "VERTRIEB" } },
            { "id": "o3", "code": "Fremd", "name": "bleibt", "status": "ACTIVE" },
        ],
        "callcodes": [
            { "id": "p1", "code": "OK", "name": "ok", "type": "SUCCESS", "category": "WINTER", "isActive": true },
            { "id": "p2", "code": "ALT", "name": "alt", "type": "FAILURE", "category": "WINTER", "isActive": true },
        ],
        "campaigns": [{ "id": "c 1", "name": "Sommer", "type": "progressive", "status": "active", "version": 41,
                        "dialerSettings": { "wrapUpTime": 30, "callRate": 0.5 }, "vendorFlag": true }],
        "campaignGroups": [{ "id": "g-süd", "name": "Süd", "campaignIds": ["c 1"] },
                           { "id": "g-nord", "name": "Nord", "campaignIds": ["c 1"] }],
        "assignments": [{ "campaignId": "c 1", "outcomeId": "o3", "sequence": 7, "defaultSelection": true }],
    });
    let quirks = [
        "upper-case-enums",
        "short-pages",
        "extra-fields",
        "no-content",
        "no-etag",
        "no-total",
        "trim-text",
        "ignore-idempotency",
        "versions-count-assignments",
        "late-listing",
        "cursor=campaigns+callcodes",
        "entities=outcomes",
        "absolute-next=assignments",
    ];
    Tenant::start(Options { quirks: Quirks::parse(quirks).unwrap(), put, ..options(seed) })
}

#[test]
fn every_token_style_on_a_tenant_that_differs_in_everything() {
    for (style, path, put) in [
        ("form", "/api/v2/oauth/token", PutMode::Replace),
        ("basic", "/oauth/token", PutMode::Replace),
        ("json", "/oauth2/token", PutMode::Merge),
        ("form", "/oauth2/token", PutMode::Replace),
    ] {
        let (tenant, project) = (tenant(put), Project::empty());
        project.write("config/a/Dispositionen.yml", DISPOSITIONS);
        project.write("config/kampagnen.yaml", CAMPAIGNS);
        project.write("config/z/tief/unten/codes.yaml", CODES);
        project.write(
            "cxform.yaml",
            format!(
                "apiVersion: cxform/v1\nkind: Project\nmetadata: {{ name: fremd }}\nspec:\n  manifests: [config]\n  environments:\n    \
                 einzige:\n      baseUrl: \"{}/\"\n      campaignsPath: /api/v2/outbound/campaigns\n      \
                 auth: {{ style: {style}, tokenPath: {path}, clientId: emulator-client, clientSecret: \"${{env.GEHEIM}}\" }}\n      \
                 rateLimits: {{ outcomes: 100000/s, default: 100000/s }}\n",
                tenant.url()
            ),
        );
        let on = |arguments: &str| project.cxform(arguments).env("GEHEIM", "emulator-secret").run();
        on("validate").exits(0);
        on("plan --detailed-exitcode").exits(2);
        on("apply --auto-approve --quiet").exits(0);
        // This tenant lists new objects late.
        std::thread::sleep(Duration::from_millis(350));
        let again = on("plan --detailed-exitcode");
        assert_eq!(again.code, Some(0), "{style} {path}: {again}");
        assert_converged(&tenant);
    }
}

fn assert_converged(tenant: &Tenant) {
    let state = tenant.state();
    let row = |table: &str, name: &str, value: &str| {
        state[table].as_array().unwrap().iter().find(|row| row[name] == value).cloned().unwrap()
    };
    let ja = row("outcomes", "code", "Ja");
    assert_eq!(ja["vendor"], json!({ "keep": 1 }), "what we do not know is kept by a PUT that replaces");
    assert_eq!((&ja["uiConfig"]["vendorLook"], &ja["uiConfig"]["shortcutKey"]), (&json!("keep"), &json!("1")));
    assert_eq!(
        (&ja["validationRules"]["retentionPeriodDays"], &ja["name"]),
        (&json!(730), &json!("Kunde hat zugesagt"))
    );
    assert_eq!(row("outcomes", "code", "Nein / später")["name"], "no", "`no` is text");
    assert_eq!(row("callcodes", "code", "ALT")["isActive"], false, "the category is ours");
    let summer = row("campaigns", "name", "Sommer");
    assert_eq!((&summer["vendorFlag"], &summer["dialerSettings"]["callRate"]), (&json!(true), &json!(0.5)));
    assert!(summer["status"].as_str().unwrap().eq_ignore_ascii_case("paused"), "{summer:#}");
    let winter = row("campaigns", "name", "Winter %25 / Köln");
    assert!(winter["status"].as_str().unwrap().eq_ignore_ascii_case("active"), "{winter:#}");
    assert_eq!(winter["dialerSettings"]["concurrency"], 10);
    let seated = |campaign: &serde_json::Value| {
        let rows = state["assignments"].as_array().unwrap().iter().filter(|row| row["campaignId"] == campaign["id"]);
        rows.count()
    };
    assert_eq!((seated(&winter), seated(&summer)), (2, 3), "the foreign outcome keeps its place");
}
