//! The writes of a run, one by one in the order in which they came in, against a model of the desktops.

use std::collections::BTreeMap;

use serde_json::Value;

/// Outcomes of a desktop, and which of them it selects.
type Desktop = BTreeMap<String, bool>;

/// No desktop is empty in between or selects two outcomes, children retire before their parents, and every campaign is
/// written under the version that was seen, its run state apart from its settings.
pub fn check(before: &Value, after: &Value, writes: &[Value]) -> Result<(), String> {
    let mut desktops = desktops(before);
    let last = self::desktops(after);
    for write in writes {
        let method = write["method"].as_str().unwrap();
        let path: Vec<&str> = write["path"].as_str().unwrap().trim_start_matches("/api/v2/").split('/').collect();
        match (method, &path[..]) {
            ("POST", ["campaigns", campaign, "outcomes"]) => {
                let outcome = write["body"]["outcomeId"].as_str().unwrap().to_owned();
                let selected = write["body"]["defaultSelection"] == true;
                desktops.entry((*campaign).to_owned()).or_default().insert(outcome, selected);
            }
            ("PATCH", ["campaigns", campaign, "outcomes", outcome]) => {
                if let Some(selected) = write["body"]["defaultSelection"].as_bool() {
                    *desktops.get_mut(*campaign).and_then(|desktop| desktop.get_mut(*outcome)).unwrap() = selected;
                }
            }
            ("DELETE", ["campaigns", campaign, "outcomes", outcome]) => {
                let desktop = desktops.get_mut(*campaign).unwrap();
                desktop.remove(*outcome);
                if desktop.is_empty() && last.get(*campaign).is_some_and(|desktop| !desktop.is_empty()) {
                    return Err(format!("the desktop of {campaign} is empty in between"));
                }
            }
            ("PATCH", ["campaigns", campaign]) => {
                if write["ifMatch"].is_null() {
                    return Err(format!("{campaign} is written without a version: {write:#}"));
                }
                let body = write["body"].as_object().unwrap();
                if body.contains_key("status") && body.len() > 1 {
                    return Err(format!("run state and settings of {campaign} at once: {write:#}"));
                }
            }
            _ => {}
        }
        if let Some((campaign, _)) = desktops.iter().find(|(_, desktop)| selected(desktop) > 1) {
            return Err(format!("the desktop of {campaign} selects two outcomes"));
        }
    }
    desktops.retain(|_, desktop| !desktop.is_empty());
    if desktops != last {
        return Err(format!("the log does not tell how the desktops came to be: {desktops:?} {last:?}"));
    }
    children_retire_first(before, after, writes)
}

fn desktops(state: &Value) -> BTreeMap<String, Desktop> {
    let mut desktops: BTreeMap<String, Desktop> = BTreeMap::new();
    for entry in state["assignments"].as_array().unwrap() {
        let text = |name: &str| entry[name].as_str().unwrap().to_owned();
        desktops.entry(text("campaignId")).or_default().insert(text("outcomeId"), entry["defaultSelection"] == true);
    }
    desktops.retain(|_, desktop| !desktop.is_empty());
    desktops
}

fn selected(desktop: &Desktop) -> usize {
    desktop.values().filter(|selected| **selected).count()
}

fn children_retire_first(before: &Value, after: &Value, writes: &[Value]) -> Result<(), String> {
    let row =
        |state: &Value, id: &str| state["outcomes"].as_array().unwrap().iter().find(|row| row["id"] == id).cloned();
    let retired: BTreeMap<String, usize> = writes
        .iter()
        .enumerate()
        .filter(|(_, write)| write["body"]["status"] == "INACTIVE")
        .filter_map(|(at, write)| Some((write["path"].as_str()?.strip_prefix("/api/v2/outcomes/")?.to_owned(), at)))
        .filter(|(id, _)| row(before, id).is_some_and(|row| row["status"] == "ACTIVE"))
        .rev()
        .collect();
    for (id, at) in &retired {
        let parent = row(after, id).and_then(|row| Some(row["parentOutcomeId"].as_str()?.to_owned()));
        if parent.and_then(|parent| retired.get(&parent).copied()).is_some_and(|above| above < *at) {
            return Err(format!("{id} retires after what it hangs below"));
        }
    }
    Ok(())
}
