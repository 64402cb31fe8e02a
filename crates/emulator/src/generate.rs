//! Large plausible seeds, for benchmarks and demonstrations.

use serde_json::{Value, json};

use crate::hash;

const PER_TREE: usize = 31;
const GROUPS: [&str; 4] = ["SALES_OUTBOUND", "COLLECTIONS", "RETENTION", "SURVEY"];
const ZONES: [&str; 4] = ["America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"];

/// A seed with about so many objects: outcome trees of three levels with rules and desktop settings, one campaign and
/// one call code for every fifty outcomes, and an assignment for each campaign. The same arguments give the same seed.
#[must_use]
pub fn generate(objects: usize, seed: u64) -> Value {
    let mut outcomes = Vec::with_capacity(objects);
    let mut callcodes = Vec::new();
    let mut campaigns = Vec::new();
    let mut assignments = Vec::new();
    while outcomes.len() + callcodes.len() + campaigns.len() + assignments.len() < objects {
        let number = outcomes.len();
        let outcome = outcome(number, seed);
        if number % 50 == 0 {
            let serial = campaigns.len();
            campaigns.push(campaign(serial, seed));
            callcodes.push(callcode(serial, seed));
            assignments.push(json!({
                "campaignId": id(seed, "campaign", serial),
                "outcomeId": outcome["id"],
                "sequence": 1,
                "defaultSelection": true,
            }));
        }
        outcomes.push(outcome);
    }
    json!({ "outcomes": outcomes, "callcodes": callcodes, "campaigns": campaigns, "assignments": assignments })
}

fn id(seed: u64, kind: &str, number: usize) -> String {
    hash::uuid(hash::mix(seed ^ hash::text(kind.as_bytes())).wrapping_add(number as u64))
}

/// A tree has a root, five branches below it and five leaves below each branch.
fn outcome(number: usize, seed: u64) -> Value {
    let (tree, place) = (number / PER_TREE, number % PER_TREE);
    let first = tree * PER_TREE;
    let (code, parent) = match place {
        0 => (format!("T{tree}"), None),
        1..=5 => (format!("T{tree}-B{place}"), Some(first)),
        _ => {
            let branch = (place - 6) / 5 + 1;
            (format!("T{tree}-B{branch}-L{}", (place - 6) % 5 + 1), Some(first + branch))
        }
    };
    let group = GROUPS[tree % GROUPS.len()];
    json!({
        "id": id(seed, "outcome", number),
        "name": format!("Outcome {code}"),
        "code": code,
        "description": "",
        "status": "ACTIVE",
        "parentOutcomeId": parent.map(|parent| id(seed, "outcome", parent)),
        "validationRules": {
            "requiredFields": ["agent_notes", "contact_consent"],
            "retentionPeriodDays": 365 + 365 * (hash::mix(seed ^ number as u64) % 3),
            "complianceCategory": "GDPR",
            "blockDisqualification": place == 0,
            "mandatoryReasonCode": Value::Null,
        },
        "uiConfig": { "visible": true, "group": group, "colorCode": "#2ECC71", "icon": "phone-forwarded", "shortcutKey": Value::Null },
    })
}

fn callcode(serial: usize, seed: u64) -> Value {
    let kind = ["SUCCESS", "FAILURE", "NEUTRAL"][serial % 3];
    json!({
        "id": id(seed, "callcode", serial),
        "name": format!("Call code {serial}"),
        "code": format!("CC_{serial}"),
        "type": kind,
        "category": "GENERATED",
        "isActive": true,
    })
}

fn campaign(serial: usize, seed: u64) -> Value {
    let status = ["draft", "active", "paused"][serial % 3];
    json!({
        "id": id(seed, "campaign", serial),
        "version": 1 + hash::mix(seed ^ serial as u64) % 20,
        "name": format!("campaign-{serial}"),
        "type": "predictive",
        "status": status,
        "startDateTime": "2026-12-01T14:00:00Z",
        "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-01-01T00:00:00Z",
        "targetListId": id(seed, "list", serial),
        "dialerSettings": { "strategy": "predictive", "agentCapacity": 20 + serial % 200, "callRate": 0.6, "wrapUpTime": 30, "concurrency": 50 + serial % 100 },
        "complianceSettings": {
            "timeZone": ZONES[serial % ZONES.len()],
            "doNotCallListCheck": true,
            "doNotCallCompliance": true,
            "regulatoryCompliance": "TCPA",
            "allowedCallTimes": [{ "days": ["mon", "tue", "wed", "thu", "fri"], "start": "09:00", "end": "20:00" }],
        },
        "contactSelection": {
            "targetListIds": [id(seed, "list", serial)],
            "filterRules": [{ "field": "status", "operator": "eq", "value": "active" }],
            "priorityOrder": ["high_value", "default"],
        },
    })
}
