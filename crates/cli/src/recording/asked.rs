//! What a write asks for, by path: what the journal needs of a step that an earlier process has sent.

use std::collections::BTreeMap;

use cxform_model::{NewParent, Target, Write};
use serde_json::{Value, json};

/// The fields that a write sets.
pub fn asked(write: &Write) -> BTreeMap<String, Value> {
    match write {
        Write::Create { kind: _, parent, fields } => {
            let mut paths = fields.to_paths();
            if let Some(Target::Existing(id)) = parent {
                paths.insert("parent".to_owned(), json!(id.0));
            }
            paths
        }
        Write::Update { document: _, target: _, parent, fields } => {
            let mut paths = fields.to_paths();
            match parent {
                Some(NewParent::Root) => drop(paths.insert("parent".to_owned(), Value::Null)),
                Some(NewParent::Below(Target::Existing(id))) => drop(paths.insert("parent".to_owned(), json!(id.0))),
                Some(NewParent::Below(Target::Created(_))) | None => {}
            }
            paths
        }
        Write::Transition { target: _, to } => BTreeMap::from([("status".to_owned(), json!(to.word()))]),
        Write::Assign { campaign: _, outcome: _, sequence, default } => {
            BTreeMap::from([("sequence".to_owned(), json!(sequence)), ("defaultSelection".to_owned(), json!(default))])
        }
        Write::Reassign { campaign: _, outcome: _, sequence, default } => {
            let sequence = sequence.map(|sequence| ("sequence".to_owned(), json!(sequence)));
            let default = default.map(|default| ("defaultSelection".to_owned(), json!(default)));
            sequence.into_iter().chain(default).collect()
        }
        Write::Unassign { .. } => BTreeMap::new(),
    }
}

/// The object that a write is about, and the campaign of a desktop.
pub const fn targets(write: &Write) -> (Option<&Target>, Option<&Target>) {
    match write {
        Write::Create { .. } => (None, None),
        Write::Update { target, .. } | Write::Transition { target, .. } => (Some(target), None),
        Write::Assign { campaign, outcome, .. }
        | Write::Reassign { campaign, outcome, .. }
        | Write::Unassign { campaign, outcome } => (Some(outcome), Some(campaign)),
    }
}
