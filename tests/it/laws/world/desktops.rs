//! Desktops: as they are, and as entries by campaign or by group want them.

use serde_json::{Value, json};

use super::super::tape::Tape;
use super::campaigns::Campaigns;
use super::outcomes::Outcomes;

pub struct Desktops {
    pub seed: Vec<Value>,
    pub groups: Vec<Value>,
    pub entries: Vec<Value>,
}

pub fn generate(tape: &mut Tape, outcomes: &Outcomes, campaigns: &Campaigns) -> Desktops {
    let mut seed = Vec::new();
    for (campaign, _) in &campaigns.living {
        let seated = tape.some(&outcomes.ids, 50);
        let default = tape.chance(60).then(|| tape.roll(seated.len()));
        let gap = 1 + tape.roll(3);
        // People leave gaps, and the same number twice.
        let twice = tape.chance(15);
        for (at, outcome) in seated.iter().enumerate() {
            let sequence = if twice { 1 + at / 2 } else { (at + 1) * gap };
            seed.push(json!({
                "campaignId": campaign, "outcomeId": outcome, "sequence": sequence, "defaultSelection": default == Some(at),
            }));
        }
    }
    let members: Vec<_> = campaigns.living.iter().take(2).collect();
    let groups = vec![
        json!({ "id": "g0", "name": "Group 0", "campaignIds": members.iter().map(|(id, _)| id).collect::<Vec<_>>() }),
        json!({ "id": "g1", "name": "Group 1", "campaignIds": [] }),
    ];
    let mut entries = Vec::new();
    let mut free: Vec<&String> = campaigns.names.iter().collect();
    if !outcomes.assignable.is_empty() {
        if tape.chance(30) {
            let mut entry = entry(tape, outcomes);
            entry["campaignGroups"] = json!([tape.pick(&["g0", "Group 0"])]);
            entries.push(entry);
            free.retain(|name| !members.iter().any(|(_, member)| member == *name));
        }
        while let Some(name) = free.pop() {
            if tape.chance(60) {
                let mut entry = entry(tape, outcomes);
                let second = tape.chance(20).then(|| free.pop()).flatten();
                entry["campaigns"] = std::iter::once(name).chain(second).cloned().collect();
                entries.push(entry);
            }
        }
    }
    Desktops { seed, groups, entries }
}

fn entry(tape: &mut Tape, outcomes: &Outcomes) -> Value {
    let mut chosen = tape.some(&outcomes.assignable, 60);
    if chosen.is_empty() {
        chosen.push(outcomes.assignable[0].clone());
    }
    let mut entry = json!({ "outcomes": chosen });
    match tape.roll(3) {
        1 => entry["default"] = tape.pick(&chosen).into(),
        2 => entry["default"] = Value::Null,
        _ => {}
    }
    if tape.chance(25) {
        entry["exclusive"] = json!(true);
    } else {
        let rest: Vec<String> = outcomes.listed.iter().filter(|code| !chosen.contains(code)).cloned().collect();
        let off = tape.some(&rest, 30);
        if !off.is_empty() {
            entry["unassigned"] = json!(off);
        }
    }
    if tape.chance(10) {
        // All active leaves, whatever they are.
        entry = json!({});
    }
    entry
}
