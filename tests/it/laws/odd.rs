//! What tenants gather over the years: orphans, circles, clashing names, states and values that no manifest knows.

use serde_json::{Value, json};

use super::tape::Tape;
use super::world::World;

const TEXTS: &[&str] = &[
    "  both ends ",
    "a\tb",
    "line one\nline two",
    "\u{1b}[31mred",
    "no",
    "007",
    "1_000",
    "<<",
    "- a",
    "a: b",
    "#x",
    "\u{2028}",
    "${var.list}",
    "$${x}",
    "\"quoted\"",
    "it's",
    "ü ß 語",
    "null",
    "%",
    "@",
    "",
    "2026-12-01",
];

/// The same world, odder.
pub fn grown(world: &World, tape: &mut Tape) -> World {
    let mut tenant = world.tenant.clone();
    let rows = |tenant: &Value, table: &str| tenant[table].as_array().map_or(0, Vec::len);
    for _ in 0..tape.roll(12) {
        let table = tape.pick(&["outcomes", "callcodes", "campaigns", "campaigns", "outcomes"]);
        let count = rows(&tenant, table);
        if count == 0 {
            continue;
        }
        let (at, other) = (tape.roll(count), tape.roll(count));
        let id = tenant[table][other]["id"].clone();
        let text = json!(tape.pick(TEXTS));
        let blank = text.as_str().is_some_and(|text| text.trim().is_empty());
        let parent = if table == "outcomes" { "parentOutcomeId" } else { "parentCallCodeId" };
        let key = if table == "campaigns" { "name" } else { "code" };
        let row = &mut tenant[table][at];
        match (tape.roll(8), table) {
            (0, "outcomes" | "callcodes") => row[parent] = json!("gone"),
            (1, "outcomes" | "callcodes") => row[parent] = id,
            // A code that is nothing but white space fails the whole read already.
            (2, _) if !blank => row[key] = text,
            (3, "outcomes") => {
                row["status"] = tape.pick(&[json!("PENDING"), json!("Active"), json!("inactive"), Value::Null])
            }
            (3, "callcodes") => row["isActive"] = tape.pick(&[json!(false), Value::Null]),
            (3, _) => row["status"] = json!("draft"),
            (4, "outcomes") => row["description"] = text,
            (4, "callcodes") => row["category"] = tape.pick(&[json!("OTHER"), json!(" SPACED "), Value::Null]),
            (4, _) => row["targetListId"] = text,
            (5, "outcomes") => row["uiConfig"] = json!({ "visible": false, "colorCode": "red", "shortcutKey": "1" }),
            (5, "campaigns") => row["dialerSettings"]["callRate"] = tape.pick(&[json!(7), json!("fast"), json!(0.25)]),
            (6, "campaigns") => {
                row["contactSelection"] = json!({ "targetListIds": [text], "filterRules": [{ "field": "x" }] })
            }
            (7, "campaigns") => {
                row["complianceSettings"] =
                    json!({ "timeZone": "Mars/Base", "regulatoryCompliance": "TCPA", "doNotCallListCheck": false })
            }
            _ if !blank => row["name"] = text,
            _ => {}
        }
        if tape.chance(20) {
            let mut twin = tenant[table][at].clone();
            twin["id"] = json!(format!("twin{}", rows(&tenant, table)));
            if let Some(rows) = tenant[table].as_array_mut() {
                rows.push(twin);
            }
        }
    }
    World { tenant, documents: Vec::new() }
}
