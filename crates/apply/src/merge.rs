//! Two changes of one campaign, ours and somebody else's: whether they leave each other alone, and whether both together
//! keep the rules.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use cxform_model::{
    Address, CampaignStatus, DesiredField, DesiredObject, Field, Fields, FileId, Kind, ObservedObject, RemoteId,
    Setting, Source,
};
use cxform_plan::observed_from;
use cxform_rules::{Launch, Severity, Standing, StandingObject, check};
use cxform_tenant::HistoryRecord;

use crate::conflict::{Paths, STATUS, same_at};
use crate::execution::Execution;
use crate::{Author, FieldConflict};

/// What is never merged: somebody who stops a campaign, or changes whom and when it may call, has the last word.
fn is_untouchable(path: &str) -> bool {
    path == STATUS || path.starts_with("complianceSettings.")
}

/// Whether a base shows the whole campaign; plans of earlier versions hold the written fields alone.
pub(crate) fn is_picture(base: &Paths) -> bool {
    base.contains_key("name")
}

/// What they changed, where it leaves alone what we write and what is never merged.
pub(crate) fn theirs(base: &Paths, ours: &Paths, theirs: &Paths) -> Option<Vec<FieldConflict>> {
    let kind = Kind::Campaign;
    let paths: BTreeSet<&String> = base.keys().chain(theirs.keys()).collect();
    let mut changed = Vec::new();
    for path in paths {
        if same_at(kind, path, base.get(path), theirs.get(path)) {
            continue;
        }
        // Even where they made it what we want: it may have been more than that in between.
        if is_untouchable(path) {
            return None;
        }
        if let Some(ours) = ours.get(path) {
            if same_at(kind, path, Some(ours), theirs.get(path)) {
                continue;
            }
            return None;
        }
        changed.push(FieldConflict {
            path: path.clone(),
            base: base.get(path).cloned().unwrap_or_default(),
            ours: None,
            theirs: theirs.get(path).cloned().unwrap_or_default(),
        });
    }
    Some(changed)
}

/// The rules that our change breaks on top of theirs and did not break on top of the base, each with its id. What the
/// project waives was broken there, too.
pub(crate) fn new_errors(
    step: &Execution<'_>,
    id: &RemoteId,
    base: &Paths,
    ours: &Paths,
    found: &Paths,
) -> Vec<String> {
    let address = &step.planned.address;
    let judge = |standing: &Paths| {
        let observed = observed_from(Kind::Campaign, id.clone(), None, standing);
        errors(step, address, &asked(ours), &observed)
    };
    let known: HashSet<_> = judge(base).into_iter().map(|(key, _)| key).collect();
    judge(found).into_iter().filter(|(key, _)| !known.contains(key)).map(|(_, message)| message).collect()
}

type ErrorKey = (&'static str, Option<Field>);

fn errors(
    step: &Execution<'_>,
    address: &Address,
    desired: &DesiredObject,
    observed: &ObservedObject,
) -> Vec<(ErrorKey, String)> {
    let object = StandingObject { address, desired, observed: Some(observed) };
    let mut standing = Standing { objects: BTreeMap::from([(address, object)]), ..Standing::default() };
    if object.value(STATUS).and_then(serde_json::Value::as_str).and_then(CampaignStatus::from_word)
        == Some(CampaignStatus::Draft)
    {
        // A later step may start it, and nobody looks again before it does. Its desktop is no part of the campaign.
        let launch = Launch { from: CampaignStatus::Draft, shown: 1, selected: true };
        standing.launches.insert(address.clone(), launch);
    }
    check(&standing, &step.shared.context)
        .into_iter()
        .filter(|finding| finding.rule.severity == Severity::Error)
        .map(|finding| ((finding.rule.id, finding.at.field), format!("{}: {}", finding.rule.id, finding.message)))
        .collect()
}

/// What the step asks for, as a manifest would.
fn asked(ours: &Paths) -> DesiredObject {
    let source = Source { file: FileId(0), line: 0, column: 0 };
    let fields: Fields<DesiredField> = ours
        .iter()
        .filter_map(|(path, value)| Some((Field::find(Kind::Campaign, path)?, value.clone())))
        .map(|(field, value)| (field, DesiredField { setting: Setting::Value(value), source }))
        .collect();
    DesiredObject {
        previous: Vec::new(),
        parent: None,
        fields,
        declared: true,
        protected: false,
        pause: None,
        ignored: BTreeSet::new(),
        source,
    }
}

/// Who made a change.
pub(crate) fn author(record: &HistoryRecord) -> Author {
    let HistoryRecord { time, actor, action: _, version, changes: _ } = record.clone();
    Author { actor, time, version }
}

/// Whether a record speaks of the campaign itself and not of its desktop. One that names no field could be either, so it
/// counts.
pub(crate) fn is_of_the_campaign(record: &HistoryRecord) -> bool {
    let group = |path: &str| path.split('.').next().unwrap_or_default().to_owned();
    let known: BTreeSet<String> = Field::all(Kind::Campaign).map(|field| group(field.path())).collect();
    record.changes.is_empty() || record.changes.iter().any(|(path, ..)| known.contains(&group(path)))
}

/// Whether a record speaks of what is never merged.
pub(crate) fn touches_untouchable(record: &HistoryRecord) -> bool {
    record.changes.iter().any(|(path, ..)| is_untouchable(path) || path == "complianceSettings")
}

/// Whether a campaign with these fields is in this run state.
pub(crate) fn has_status(fields: &Paths, status: CampaignStatus) -> bool {
    let status = serde_json::Value::String(status.word().to_owned());
    same_at(Kind::Campaign, STATUS, fields.get(STATUS), Some(&status))
}
