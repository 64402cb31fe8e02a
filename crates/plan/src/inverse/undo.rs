//! The inverse of one write, and what it cannot give back.

use cxform_model::{
    CampaignStatus, Document, Field, Fields, Kind, NewParent, Precondition, RemoteId, Target, Write, canonical_field,
    same,
};
use serde_json::Value;

use super::done::{Event, History, Key, Paths};
use crate::activity;
use crate::base::{DEFAULT, PARENT, SEQUENCE, assignment_from, observed_from};
use crate::{Action, Change, FieldChange, Step};

/// What undoes a step.
pub(super) struct Undone {
    pub(super) step: Option<Step>,
    pub(super) change: Change,
    pub(super) caveat: Option<String>,
}

/// A write that takes back another one.
struct Back {
    action: Action,
    write: Write,
}

pub(super) fn undo(history: &History<'_>, event: &Event<'_>) -> Undone {
    let Event { step: done, key, before } = event;
    let left = history.left(key);
    let (back, caveat) = match &done.write {
        Write::Create { kind: Kind::Campaign, .. } => {
            (None, Some("a campaign cannot be deleted, so it stays, as a draft unless it was started".to_owned()))
        }
        Write::Create { kind, .. } => retire(*kind, key, left),
        Write::Update { document: Document::Desktop, target: Target::Created(_), fields, .. } => {
            (let_go(key, fields), None)
        }
        Write::Update { target: Target::Created(_), .. } => (None, None),
        Write::Update { document, parent, fields, .. } => (restore(event, *document, parent.is_some(), fields), None),
        Write::Transition { to, .. } => turn_back(key, status(before), *to),
        Write::Assign { .. } => (assignment(key, |campaign, outcome| Write::Unassign { campaign, outcome }), None),
        Write::Unassign { .. } => {
            let (sequence, default) = placed(before);
            let write = |campaign, outcome| Write::Assign {
                campaign,
                outcome,
                sequence: sequence.unwrap_or(1),
                default: default.unwrap_or_default(),
            };
            (assignment(key, write), None)
        }
        Write::Reassign { sequence, default, .. } => {
            let (old_sequence, old_default) = placed(before);
            let sequence = old_sequence.filter(|_| sequence.is_some());
            let default = old_default.filter(|_| default.is_some());
            let write = |campaign, outcome| Write::Reassign { campaign, outcome, sequence, default };
            (assignment(key, write).filter(|_| sequence.is_some() || default.is_some()), None)
        }
    };
    let mut change = Change {
        address: done.address.clone(),
        action: Action::Update,
        reason: format!("takes back `{}`", done.id),
        source: None,
        fields: Vec::new(),
    };
    let Some(Back { action, write }) = back else { return Undone { step: None, change, caveat } };
    let Some(precondition) = precondition(history, key, &write, left) else {
        let caveat = Some("the version that the run left is not known".to_owned());
        return Undone { step: None, change, caveat };
    };
    change.action = action;
    change.fields = match (&write, &done.write) {
        // A campaign that was paused for an update turns twice: each way back starts from where its own step led.
        (Write::Transition { to, .. }, Write::Transition { to: from, .. }) => {
            vec![FieldChange {
                path: "status".to_owned(),
                before: from.word().into(),
                after: to.word().into(),
                source: None,
            }]
        }
        _ => fields(done.address.kind(), &write, before, left),
    };
    let name = done.id.strip_prefix(&format!("{}:", done.address)).unwrap_or(&done.id);
    let step = Step {
        id: format!("{}:undo-{name}", done.address),
        address: done.address.clone(),
        action,
        needs: Vec::new(),
        precondition,
        base: left.clone(),
        base_version: history.version(key),
        bare: done.bare,
        write,
        places: std::collections::BTreeMap::new(),
    };
    Undone { step: Some(step), change, caveat }
}

/// New codes and subscriptions are not deleted: they are switched off, children first.
fn retire(kind: Kind, key: &Key, left: &Paths) -> (Option<Back>, Option<String>) {
    let caveat = Some(match kind {
        Kind::Webhook => "it is not deleted: it is switched off, and its name stays taken".to_owned(),
        _ => "it cannot be deleted: it is retired, and its code stays taken".to_owned(),
    });
    let Some((field, off)) = activity::switch(kind) else { return (None, caveat) };
    if canonical_field(field, left.get(field.path())) == *off {
        return (None, caveat);
    }
    let fields = [(field, off.clone())].into_iter().collect();
    (update(key, Document::of(kind), fields, None).map(|write| Back { action: Action::Retire, write }), caveat)
}

/// A retired outcome would keep its shortcut from the one that had it before.
fn let_go(key: &Key, written: &Fields<Value>) -> Option<Back> {
    let shortcut = Field::find(Kind::Outcome, "uiConfig.shortcutKey")?;
    written.get(shortcut).filter(|value| !value.is_null())?;
    let fields = [(shortcut, Value::Null)].into_iter().collect();
    Some(Back { action: Action::Retire, write: update(key, Document::Desktop, fields, None)? })
}

/// The values from before, in the fields that the step wrote.
fn restore(event: &Event<'_>, document: Document, moved: bool, written: &Fields<Value>) -> Option<Back> {
    let Event { key, before, .. } = event;
    let fields: Fields<Value> = written
        .iter()
        .map(|(field, value)| (field, before.get(field.path()).cloned().unwrap_or_default(), value))
        .filter(|(field, old, value)| !same(*field, Some(old), Some(value)))
        .map(|(field, old, _)| (field, old))
        .collect();
    let parent = moved.then(|| match before.get(PARENT).and_then(Value::as_str) {
        Some(id) => NewParent::Below(Target::Existing(RemoteId(id.to_owned()))),
        None => NewParent::Root,
    });
    if fields.is_empty() && parent.is_none() {
        return None;
    }
    Some(Back { action: Action::Update, write: update(key, document, fields, parent)? })
}

fn update(key: &Key, document: Document, fields: Fields<Value>, parent: Option<NewParent>) -> Option<Write> {
    let Key::Object(_, id) = key else { return None };
    Some(Write::Update { document, target: Target::Existing(id.clone()), parent, fields })
}

/// Nothing that was dialled is taken back; what is not dialling yet is kept from it.
fn turn_back(key: &Key, before: CampaignStatus, to: CampaignStatus) -> (Option<Back>, Option<String>) {
    use CampaignStatus::{Active, Completed, Draft, Paused};
    let (back, caveat) = match (before, to) {
        (_, Completed) => (None, Some("a completed campaign cannot be started again")),
        (Draft, Active) => (
            Some(Paused),
            Some("it was a draft and cannot become one again: it is paused, and calls that it made stay made"),
        ),
        (Paused, Active) => (Some(Paused), Some("calls that it made meanwhile stay made")),
        (Active, Paused) => (Some(Active), None),
        _ => (None, None),
    };
    let write = match key {
        Key::Object(_, id) => back.map(|to| Write::Transition { target: Target::Existing(id.clone()), to }),
        Key::Assignment { .. } => None,
    };
    (write.map(|write| Back { action: Action::Transition, write }), caveat.map(str::to_owned))
}

fn status(paths: &Paths) -> CampaignStatus {
    let told = paths.get("status").and_then(Value::as_str).unwrap_or_default();
    CampaignStatus::from_word(told).unwrap_or(CampaignStatus::Draft)
}

fn placed(paths: &Paths) -> (Option<u64>, Option<bool>) {
    (paths.get(SEQUENCE).and_then(Value::as_u64), paths.get(DEFAULT).and_then(Value::as_bool))
}

fn assignment(key: &Key, write: impl FnOnce(Target, Target) -> Write) -> Option<Back> {
    let Key::Assignment { campaign, outcome } = key else { return None };
    let write = write(Target::Existing(campaign.clone()), Target::Existing(outcome.clone()));
    let action = match &write {
        Write::Assign { .. } => Action::Assign,
        Write::Unassign { .. } => Action::Unassign,
        _ => Action::Update,
    };
    Some(Back { action, write })
}

/// What the run left is what must still be there. Later inverse steps on the same object follow the first.
fn precondition(history: &History<'_>, key: &Key, write: &Write, left: &Paths) -> Option<Precondition> {
    Some(match key {
        _ if matches!(write, Write::Assign { .. }) => Precondition::Absent,
        Key::Object(Kind::Campaign, _) => Precondition::Version(history.version(key)?),
        Key::Object(kind, id) => Precondition::Content(observed_from(*kind, id.clone(), None, left).content_hash()),
        Key::Assignment { outcome, .. } => Precondition::Content(assignment_from(outcome.clone(), left).content_hash()),
    })
}

fn fields(kind: Kind, write: &Write, before: &Paths, left: &Paths) -> Vec<FieldChange> {
    let mut paths: Vec<String> = match write {
        Write::Update { fields, .. } => fields.iter().map(|(field, _)| field.path().to_owned()).collect(),
        Write::Create { .. } | Write::Transition { .. } => Vec::new(),
        Write::Assign { .. } | Write::Reassign { .. } | Write::Unassign { .. } => {
            vec![SEQUENCE.to_owned(), DEFAULT.to_owned()]
        }
    };
    if let Write::Update { parent: Some(_), .. } = write {
        paths.insert(0, PARENT.to_owned());
    }
    paths
        .into_iter()
        .map(|path| {
            let next = match write {
                Write::Update { fields, .. } => {
                    Field::find(kind, &path).and_then(|field| fields.get(field)).or(before.get(&path)).cloned()
                }
                _ => before.get(&path).cloned(),
            };
            FieldChange {
                before: left.get(&path).cloned().unwrap_or_default(),
                after: next.unwrap_or_default(),
                path,
                source: None,
            }
        })
        .filter(|change| change.before != change.after)
        .collect()
}
