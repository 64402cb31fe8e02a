//! Campaigns: created, renamed, updated, steered within envelopes, started, paused, completed; selection rules on ours and on foreign ones.

use serde_json::{Value, json};

use super::super::tape::Tape;
use super::{document, members};

pub struct Campaigns {
    pub seed: Vec<Value>,
    pub documents: Vec<Value>,
    /// What manifests call those that exist or will.
    pub names: Vec<String>,
    /// Ids on the tenant, with the name that manifests use.
    pub living: Vec<(String, String)>,
}

pub fn generate(tape: &mut Tape) -> Campaigns {
    let mut made = Campaigns { seed: Vec::new(), documents: Vec::new(), names: Vec::new(), living: Vec::new() };
    for at in 0..1 + tape.roll(4) {
        let (present, listed) = (!tape.chance(25), !tape.chance(30));
        if !present && !listed {
            continue;
        }
        let renamed = listed && tape.chance(20);
        let name = if renamed { format!("renamed {at}") } else { format!("q{at}") };
        let status = present.then(|| tape.pick(&["draft", "active", "paused", "completed"]));
        if let Some(status) = status {
            made.seed.push(seeded(tape, at, status));
            made.living.push((format!("c{at}"), name.clone()));
        }
        if listed {
            let mut campaign = document("Campaign", &name, wanted(tape, status));
            if renamed {
                campaign["metadata"]["previousNames"] = json!([format!("q{at}")]);
            }
            made.documents.push(campaign);
        }
        if tape.chance(40) {
            let mut spec = selection(tape, !present);
            spec["campaigns"] = json!([name]);
            made.documents.push(document("SelectionRules", &format!("rules-{at}"), spec));
        }
        made.names.push(name);
    }
    made
}

fn seeded(tape: &mut Tape, at: usize, status: &str) -> Value {
    json!({
        "id": format!("c{at}"), "name": format!("q{at}"), "type": tape.pick(&["predictive", "progressive"]),
        "status": status, "version": 3 + at, "startDateTime": "2026-12-01T14:00:00Z", "vendor": { "kept": true },
        "dialerSettings": {
            "callRate": tape.pick(&[0.5, 0.60, 0.7]), "agentCapacity": 100, "concurrency": tape.pick(&[20, 100, 400]),
            "dialingMethod": "PREDICTIVE", "predictiveSettings": { "answerRate": 0.5, "vendorKnob": 1 },
        },
        "complianceSettings": compliance(tape),
        "contactSelection": selection(tape, true),
    })
}

/// The start of every window lies in the legal hours of both zones.
fn compliance(tape: &mut Tape) -> Value {
    let mut settings = members(
        tape,
        50,
        &[("pauseRules", &[json!([]), json!([{ "name": "Lunch", "startTime": "12:00", "endTime": "13:00" }])])],
    );
    settings["timeZone"] = json!("America/New_York");
    settings["regulatoryCompliance"] = tape.pick(&[json!("TCPA"), json!("tcpa")]);
    settings["doNotCallListCheck"] = json!(true);
    settings["doNotCallCompliance"] = json!(true);
    settings["timeZoneRestrictions"] =
        tape.pick(&[json!(["America/New_York", "America/Chicago"]), json!(["America/Chicago", "America/New_York"])]);
    settings["allowedCallTimes"] = tape.pick(&[
        json!([{ "days": ["mon", "tue"], "start": "10:00", "end": "17:00" }]),
        json!([{ "days": ["TUE", "mon"], "start": "10:00", "end": "17:00" }]),
        json!([{ "days": ["wed"], "start": "09:30", "end": "12:00" }, { "days": ["fri"], "start": "10:00", "end": "18:00" }]),
    ]);
    settings
}

fn wanted(tape: &mut Tape, status: Option<&str>) -> Value {
    let mut spec = members(
        tape,
        40,
        &[
            ("startDateTime", &[json!("2026-12-01T09:00:00-05:00"), json!("2027-01-01T00:00:00Z"), Value::Null]),
            ("targetListId", &[json!("t1"), json!("t9"), Value::Null]),
        ],
    );
    let new = status.is_none();
    if new || tape.chance(50) {
        spec["type"] = tape.pick(&[json!("predictive"), json!("PROGRESSIVE")]);
    }
    spec["dialerSettings"] = members(
        tape,
        40,
        &[
            ("strategy", &[json!("predictive")]),
            ("agentCapacity", &[json!(100), json!(250)]),
            ("callRate", &[json!(0.5), json!(0.6), json!(1)]),
            ("wrapUpTime", &[json!(30), Value::Null]),
            (
                "concurrency",
                &[json!({ "between": [50, 300] }), json!({ "between": [50, 60], "initial": 55 }), json!(70)],
            ),
            ("dialingMethod", &[json!("predictive"), json!("PREVIEW")]),
            (
                "predictiveSettings",
                &[json!({ "answerRate": 0.65 }), json!({ "agentEfficiency": 0.8, "maxWaitTime": 30000 })],
            ),
        ],
    );
    if new || tape.chance(50) {
        spec["complianceSettings"] = compliance(tape);
    }
    let reachable: &[&str] = match status {
        None | Some("draft") => &["draft", "active", "completed"],
        Some("active") => &["active", "paused", "completed"],
        Some("paused") => &["paused", "active", "completed"],
        Some(_) => &["completed"],
    };
    if tape.chance(75) {
        spec["status"] = tape.pick(reachable).into();
    }
    spec
}

fn selection(tape: &mut Tape, whole: bool) -> Value {
    let mut rules = members(
        tape,
        50,
        &[
            ("exclusionListIds", &[json!([]), json!(["x1", "x2"]), json!(["x2", "x1"])]),
            (
                "filterRules",
                &[
                    json!([{ "field": "status", "operator": "eq", "value": "active" }]),
                    json!([{ "field": "status", "operator": "EQ", "value": "active" },
                           { "field": "age", "operator": "gt", "value": 18 }]),
                    json!([]),
                ],
            ),
            ("priorityOrder", &[json!(["high", "default"]), json!(["default", "high"]), json!([])]),
        ],
    );
    if whole || tape.chance(60) {
        rules["targetListIds"] = tape.pick(&[json!(["t1"]), json!(["t1", "t2"]), json!(["t2", "t1"])]);
    }
    rules
}
