//! What a run may not touch: compares the tenant before and after it, value by value.

use std::collections::{BTreeMap, BTreeSet};

use cxform_model::{Address, Desired, Kind};
use cxform_plan::Plan;
use serde_json::{Map, Value};

/// Every value that no manifest names is what it was, unknown fields included; objects that nobody manages, to the byte.
pub fn check(desired: &Desired, plan: &Plan, before: &Value, after: &Value) -> Result<(), String> {
    let tables = [
        ("outcomes", Kind::Outcome),
        ("callcodes", Kind::CallCode),
        ("campaigns", Kind::Campaign),
        ("webhooks", Kind::Webhook),
    ];
    for (table, kind) in tables {
        let rows = before[table].as_array().unwrap();
        let later = by_id(after, table);
        let later_address = |id: &str| address(kind, later.get(id)?, &later);
        for row in rows {
            let id = row["id"].as_str().unwrap();
            let Some(now) = later.get(id) else { return Err(format!("{id} is gone")) };
            let Some(address) = later_address(id) else { return Err(format!("{id} lost its place")) };
            let named = named(desired, plan, kind, &address);
            if named.is_empty() && &row != now {
                return Err(format!("{address} is not managed, but changed: {row:#} {now:#}"));
            }
            if let Some(path) = difference("", row, now, &named) {
                return Err(format!("{address}: `{path}` is named nowhere, but changed: {row:#} {now:#}"));
            }
        }
    }
    foreign_desktops(desired, plan, before, after)
}

fn by_id<'s>(state: &'s Value, table: &str) -> BTreeMap<&'s str, &'s Value> {
    state[table].as_array().unwrap().iter().map(|row| (row["id"].as_str().unwrap(), row)).collect()
}

fn address(kind: Kind, row: &Value, rows: &BTreeMap<&str, &Value>) -> Option<Address> {
    Some(match kind {
        Kind::Outcome => Address::outcome(row["code"].as_str()?),
        Kind::Campaign => Address::campaign(row["name"].as_str()?),
        Kind::Webhook => Address::webhook(row["name"].as_str()?),
        _ => {
            let above = |row: &&Value| rows.get(row["parentCallCodeId"].as_str()?).copied();
            let mut path: Vec<_> =
                std::iter::successors(Some(row), above).map(|row| row["code"].as_str().unwrap()).collect();
            path.reverse();
            Address::call_code(path)
        }
    })
}

/// The paths that may differ.
fn named(desired: &Desired, plan: &Plan, kind: Kind, address: &Address) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    if let Some(object) = desired.objects.get(address) {
        let fields = object.fields.iter().map(|(field, _)| field).filter(|field| !object.ignored.contains(field));
        named.extend(fields.map(|field| field.path().to_owned()));
        if object.declared {
            let identity: &[&str] = match kind {
                Kind::Outcome => &["code", "parentOutcomeId"],
                Kind::CallCode => &["code", "parentCallCodeId"],
                _ => &["name"],
            };
            named.extend(identity.iter().map(|path| (*path).to_owned()));
        }
    }
    // Below an authority what is not listed retires: that, and nothing else.
    if plan.changes.iter().any(|change| &change.address == address && change.action == cxform_plan::Action::Retire) {
        named.insert(if kind == Kind::CallCode { "isActive" } else { "status" }.to_owned());
    }
    if kind == Kind::Campaign && !named.is_empty() {
        named.extend(["version", "updatedAt"].map(str::to_owned));
    }
    named
}

/// The first path with a difference that nobody asked for. A list is one value.
fn difference(path: &str, before: &Value, after: &Value, named: &BTreeSet<String>) -> Option<String> {
    if named.contains(path) {
        return None;
    }
    let empty = Map::new();
    let members = |value: &Value| value.as_object().cloned();
    if before.is_object() || after.is_object() {
        let (before, after) = (members(before), members(after));
        let (before, after) = (before.as_ref().unwrap_or(&empty), after.as_ref().unwrap_or(&empty));
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        return names.into_iter().find_map(|name| {
            let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            difference(&below, before.get(name).unwrap_or(&Value::Null), after.get(name).unwrap_or(&Value::Null), named)
        });
    }
    (!same(before, after)).then(|| path.to_owned())
}

fn same(before: &Value, after: &Value) -> bool {
    let empty = |value: &Value| value.is_null() || value == "" || value.as_array().is_some_and(Vec::is_empty);
    before == after || (empty(before) && empty(after))
}

/// A desktop that no entry reaches stays as it is, numbers and default included.
fn foreign_desktops(desired: &Desired, plan: &Plan, before: &Value, after: &Value) -> Result<(), String> {
    let later = by_id(after, "campaigns");
    let groups = before["campaignGroups"].as_array().unwrap();
    for (id, row) in &later {
        let reached = desired.desktops.iter().any(|entry| {
            entry.campaigns.iter().any(|campaign| campaign.value.key() == row["name"])
                || entry.groups.iter().any(|wanted| {
                    groups.iter().any(|group| {
                        (group["id"] == wanted.value.as_str() || group["name"] == wanted.value.as_str())
                            && group["campaignIds"].as_array().unwrap().iter().any(|member| member == id)
                    })
                })
        });
        let entries = |state: &Value| -> Vec<Value> {
            state["assignments"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|entry| entry["campaignId"] == *id)
                .cloned()
                .collect()
        };
        if !reached && entries(before) != entries(after) {
            return Err(format!("the desktop of {id} is not managed, but changed ({} steps)", plan.steps.len()));
        }
    }
    Ok(())
}
