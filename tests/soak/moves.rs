//! What moves between two applies: on the tenant by hand, in git, or on both sides, and how `drift` has to tell it.

use serde_json::{Value, json};

use crate::laws::tape::Tape;
use crate::scene::Scene;

/// A change by hand of what a manifest names.
struct Move {
    /// Address, path and side, as [`told`] writes them.
    told: &'static str,
    /// Method, path and body, with a number that makes it differ from what stood there.
    request: fn(&Ids<'_>, usize) -> (&'static str, String, Option<Value>),
}

const MOVES: [Move; 6] = [
    Move {
        told: "campaign/q4 dialerSettings.wrapUpTime tenant",
        request: |ids, n| {
            let body = json!({ "dialerSettings": { "wrapUpTime": 31 + n } });
            ("PATCH", format!("/api/v2/campaigns/{}", ids.of("campaigns", "q4")), Some(body))
        },
    },
    Move {
        told: "campaign/q4 dialerSettings.callRate tenant",
        request: |ids, n| {
            let body = json!({ "dialerSettings": { "callRate": (51 + n) as f64 / 100.0 } });
            ("PATCH", format!("/api/v2/campaigns/{}", ids.of("campaigns", "q4")), Some(body))
        },
    },
    Move {
        told: "campaign/q4 complianceSettings.timeZone tenant",
        request: |ids, n| {
            let zone = ["America/Chicago", "America/Denver", "America/Los_Angeles"][n % 3];
            let body = json!({ "complianceSettings": { "timeZone": zone } });
            ("PATCH", format!("/api/v2/campaigns/{}", ids.of("campaigns", "q4")), Some(body))
        },
    },
    Move {
        told: "outcome/SI-DEMO name tenant",
        request: |ids, n| {
            let body = json!({ "name": format!("By hand {n}") });
            ("PUT", format!("/api/v2/outcomes/{}", ids.of("outcomes", "SI-DEMO")), Some(body))
        },
    },
    Move {
        told: "callcode/DNC name tenant",
        request: |ids, n| {
            let body = json!({ "name": format!("By hand {n}") });
            ("PATCH", format!("/api/v2/callcodes/{}", ids.of("callcodes", "DNC")), Some(body))
        },
    },
    Move {
        told: "assignment/q4/SI-CALL - tenant",
        request: |ids, _| {
            let (campaign, outcome) = (ids.of("campaigns", "q4"), ids.of("outcomes", "SI-CALL"));
            ("DELETE", format!("/api/v2/campaigns/{campaign}/outcomes/{outcome}"), None)
        },
    },
];

/// Finds objects of a tenant by name or code.
struct Ids<'s>(&'s Value);

impl Ids<'_> {
    fn of(&self, table: &str, key: &str) -> &str {
        let mut rows = self.0[table].as_array().unwrap().iter();
        let found = rows.find(|row| row["code"] == key || row["name"] == key);
        found.unwrap_or_else(|| panic!("no `{key}` among the {table}"))["id"].as_str().unwrap()
    }
}

/// Something that no manifest names moves: no drift, and it has to stay.
pub fn unmanaged(scene: &mut Scene, tape: &mut Tape) {
    let n = tape.roll(1000);
    match tape.roll(3) {
        0 => {}
        1 => {
            scene.change("PATCH", "/api/v2/campaigns/c-foreign", Some(&json!({ "targetListId": format!("list-{n}") })))
        }
        _ => scene.change("PUT", "/api/v2/outcomes/o-foreign", Some(&json!({ "name": format!("By hand {n}") }))),
    }
}

/// Some of what manifests name moves. Answers with what `drift` has to tell, in order.
pub fn managed(scene: &mut Scene, tape: &mut Tape) -> Vec<String> {
    let state = scene.tenant().state();
    let mut told = Vec::new();
    for one in &MOVES {
        if tape.chance(30) {
            let (method, path, body) = (one.request)(&Ids(&state), tape.roll(30));
            scene.change(method, &path, body.as_ref());
            told.push(one.told.to_owned());
        }
    }
    let (n, side) = (tape.roll(1000), tape.pick(&["", "git", "tenant", "both"]));
    if side == "git" || side == "both" {
        scene.rename(&format!("Sales in spring {}", tape.roll(1000) + 1000 * tape.roll(1000)));
    }
    if side == "tenant" || side == "both" {
        let path = format!("/api/v2/outcomes/{}", Ids(&state).of("outcomes", "SI"));
        scene.change("PUT", &path, Some(&json!({ "name": format!("By hand {n}") })));
    }
    if !side.is_empty() {
        told.push(format!("outcome/SI name {side}"));
    }
    told.sort();
    told
}

/// The differences of a report, in order.
pub fn told(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let drifts = report["drifts"].as_array().unwrap().iter();
    let mut told: Vec<_> = drifts.map(|one| ["address", "path", "side"].map(|key| text(&one[key])).join(" ")).collect();
    told.sort();
    told
}
