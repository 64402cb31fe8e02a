//! Codes and names are unique: what frees one comes before what takes it.

use std::collections::HashMap;

use cxform_model::{Field, Fields, Kind, NewParent, RemoteId, Target, Write};
use serde_json::Value;

use crate::draft::Draft;
use crate::inputs::Inputs;

/// Kind, the object above where that is part of the key, and the code or name.
type Key = (Kind, Option<Target>, String);

/// Adds what freed keys make necessary to wait for.
pub(crate) fn order(inputs: &Inputs<'_>, draft: &mut Draft) {
    let mut freed: HashMap<Key, usize> = HashMap::new();
    let mut taken: Vec<(usize, Key)> = Vec::new();
    for (at, step) in draft.steps.iter().enumerate() {
        let kind = step.address.kind();
        match &step.write {
            Write::Create { parent, fields, .. } => {
                taken.push((at, key(kind, parent.clone(), code(kind, fields).unwrap_or_default())));
            }
            Write::Update { target: Target::Existing(id), parent, fields, .. } => {
                let code = code(kind, fields);
                if code.is_none() && (parent.is_none() || kind != Kind::CallCode) {
                    continue;
                }
                let Some((above, old)) = standing(inputs, kind, id) else { continue };
                let below = match parent {
                    None => above.clone(),
                    Some(NewParent::Root) => None,
                    Some(NewParent::Below(target)) => Some(target.clone()),
                };
                let new = code.unwrap_or_else(|| old.clone());
                freed.insert(key(kind, above, old), at);
                taken.push((at, key(kind, below, new)));
            }
            _ => {}
        }
    }
    for (step, key) in taken {
        draft.wait(step, freed.get(&key).copied());
    }
}

fn key(kind: Kind, above: Option<Target>, code: String) -> Key {
    (kind, above.filter(|_| kind == Kind::CallCode), code)
}

fn code(kind: Kind, fields: &Fields<Value>) -> Option<String> {
    Some(fields.get(Field::identity(kind)?)?.as_str()?.trim().to_owned())
}

fn standing(inputs: &Inputs<'_>, kind: Kind, id: &RemoteId) -> Option<(Option<Target>, String)> {
    let object = inputs.index.id(kind, id)?;
    Some((object.parent.clone().map(Target::Existing), object.key.trim().to_owned()))
}
