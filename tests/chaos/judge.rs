//! What must hold after every trial, whatever was done to it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::reference::{Place, Reference};
use crate::laws::{replay, scene, untouched};
use crate::project::Project;

/// How a trial went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// Something is there twice, or was made twice.
    Duplicate,
    /// A wanted change is missing, or somebody else's is.
    Lost,
    /// Any other promise was broken.
    Violation,
}

/// One thing that went wrong, in words.
#[derive(Debug, Clone)]
pub struct Finding {
    pub wrong: Wrong,
    pub text: String,
}

/// What went wrong in one trial.
#[derive(Debug, Default)]
pub struct Verdict(pub Vec<Finding>);

impl Verdict {
    pub fn expect<T>(&mut self, wrong: Wrong, result: Result<T, String>) -> Option<T> {
        result.map_err(|text| self.0.push(Finding { wrong, text })).ok()
    }

    pub fn insist(&mut self, wrong: Wrong, holds: bool, text: impl FnOnce() -> String) {
        let _ = self.expect(wrong, if holds { Ok(()) } else { Err(text()) });
    }
}

/// Nothing stands twice: objects by their key, seats by campaign and outcome.
pub fn nothing_twice(state: &Value) -> Result<(), String> {
    scene::twins(state)?;
    let mut seats = BTreeSet::new();
    let twice = |seat: &&Value| !seats.insert((seat["campaignId"].to_string(), seat["outcomeId"].to_string()));
    state["assignments"].as_array().unwrap().iter().find(twice).map_or(Ok(()), |seat| Err(format!("twice: {seat}")))
}

/// The writes that the tenant carried out. What was dropped after the commit counts: a trial drops one write at most, and
/// nothing refuses that one.
pub fn committed(writes: Vec<Value>) -> Vec<Value> {
    let accepted = |entry: &Value| match (entry["status"].as_u64(), entry["fault"].as_str()) {
        (_, Some("status" | "html-body" | "drop-before-commit")) => false,
        (None, fault) => fault == Some("drop-after-commit"),
        (Some(status), _) => status < 300 && entry["replayed"] != true,
    };
    writes.into_iter().filter(accepted).collect()
}

/// No create was carried out twice.
fn nothing_made_twice(writes: &[Value]) -> Result<(), String> {
    let mut made = BTreeSet::new();
    let twice = |write: &&Value| {
        write["method"] == "POST" && !made.insert((write["path"].to_string(), write["body"].to_string()))
    };
    writes.iter().find(twice).map_or(Ok(()), |write| Err(format!("made twice: {write:#}")))
}

/// The tenant is where the project wants it, nothing else was touched on the way, and the records tell all of it.
pub fn settled(place: &Place, reference: &Reference, verdict: &mut Verdict) {
    let writes = stands(place, reference, verdict);
    recorded(&place.project, &writes, verdict);
}

/// The same without records. Answers with the writes that the tenant carried out.
pub fn stands(place: &Place, reference: &Reference, verdict: &mut Verdict) -> Vec<Value> {
    let plan = place.project.on(&place.tenant, "plan --detailed-exitcode").run();
    verdict.insist(Wrong::Lost, plan.code == Some(0), || format!("the plan is not empty: {plan}"));
    let (after, writes) = (place.tenant.state(), committed(place.tenant.writes()));
    verdict.expect(Wrong::Duplicate, nothing_twice(&after));
    verdict.expect(Wrong::Duplicate, nothing_made_twice(&writes));
    verdict.expect(Wrong::Violation, untouched::check(&reference.desired, &reference.plan, &reference.before, &after));
    verdict.expect(Wrong::Violation, replay::check(&reference.before, &after, &writes));
    writes
}

/// The audit trail is whole, and every write of the tenant is in it.
pub fn recorded(project: &Project, writes: &[Value], verdict: &mut Verdict) {
    let verified = project.cxform("audit verify").run();
    verdict.insist(Wrong::Violation, verified.code == Some(0), || format!("the audit trail is broken: {verified}"));
    let trail = project.cxform("audit export --format jsonl").run();
    let records: Vec<Value> = trail.stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    for write in writes {
        let told = |record: &Value| record["method"] == write["method"] && record["path"] == write["path"];
        verdict.insist(Wrong::Violation, records.iter().any(told), || {
            format!("a write without a record: {write:#}\n{trail}")
        });
    }
}
