//! What an authority owns and no manifest lists is retired: children before parents, and off the desktops before.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cxform_model::{
    Address, Authority, AuthorityScope, Document, Field, Fields, Kind, ObservedObject, Precondition, RemoteId, Source,
    Target, Write,
};

use crate::activity;
use crate::base::base_of;
use crate::draft::{Draft, DraftStep, Stage};
use crate::inputs::Inputs;
use crate::owned::Unlisted;
use crate::refusal::{Problem, code};
use crate::tree::Tree;
use crate::{Action, Change, FieldChange, Options};

/// The outcomes that are to be inactive, by id, with the manifest that says so.
pub(crate) fn retired_outcomes<'a>(inputs: &Inputs<'a>, unlisted: &[Unlisted<'a>]) -> HashMap<&'a RemoteId, Source> {
    let listed = inputs
        .objects(Kind::Outcome)
        .filter(|(_, object)| activity::is_tombstone(Kind::Outcome, object))
        .filter_map(|(address, object)| Some((&inputs.matches.found(address)?.object.id, object.source)));
    let unlisted = unlisted
        .iter()
        .filter(|one| one.object.kind == Kind::Outcome)
        .map(|one| (&one.object.id, one.authority.source));
    listed.chain(unlisted).collect()
}

/// Plans the retirement of what is owned, unlisted and still active.
pub(crate) fn plan(inputs: &Inputs<'_>, options: &Options, unlisted: &[Unlisted<'_>], draft: &mut Draft) {
    let mut retiring: BTreeMap<Address, &ObservedObject> = BTreeMap::new();
    let mut owners: BTreeSet<usize> = BTreeSet::new();
    for one in unlisted.iter().filter(|one| activity::is_active(one.object)) {
        let Unlisted { object, authority } = one;
        owners.extend(inputs.desired.authorities.iter().position(|other| std::ptr::eq(other, *authority)));
        let Some(address) = inputs.index.address_of(object) else {
            draft.warn(
                None,
                format!(
                    "call code `{}`, id `{}`, belongs to `{}` but no root leads to it: left as it is",
                    object.key, object.id, authority.owner
                ),
                Some(inputs.place(authority.source)),
            );
            continue;
        };
        if let Some(other) = retiring.insert(address.clone(), object) {
            draft.problems.push(
                Problem::new(
                    code::AMBIGUOUS,
                    format!("two objects stand under this key: ids `{}` and `{}`", other.id, object.id),
                )
                .of(&address)
                .at(authority.source),
            );
            continue;
        }
        retire(inputs, &address, object, authority, draft);
    }
    if !options.allow_empty {
        draft.problems.extend(empty_authorities(inputs, &owners));
    }
}

fn retire(inputs: &Inputs<'_>, address: &Address, object: &ObservedObject, authority: &Authority, draft: &mut Draft) {
    let Some((field, off)) = activity::switch(object.kind) else { return };
    let document = Document::of(object.kind);
    let fields: Fields<_> = [(field, off.clone())].into_iter().collect();
    let write = Write::Update { document, target: Target::Existing(object.id.clone()), parent: None, fields };
    let precondition = Precondition::Content(object.content_hash());
    let mut step = DraftStep::new(address, "retire", Action::Retire, Stage::Retire, precondition, write);
    let before = object.fields.get(field).cloned().unwrap_or_default();
    let place = inputs.place(authority.source);
    let scope = match &authority.scope {
        AuthorityScope::Subtree(_) => "hangs below a root of".to_owned(),
        AuthorityScope::Category(category) => format!("is of the category `{category}` of"),
    };
    step.base = base_of(object);
    step.places.insert(String::new(), place.clone());
    step.places.insert(field.path().to_owned(), place.clone());
    draft.push(step);
    draft.changes.push(Change {
        address: address.clone(),
        action: Action::Retire,
        reason: format!("{scope} `{}` ({}:{}), which does not list it", authority.owner, place.file, place.line),
        source: None,
        fields: vec![FieldChange::of(field, before, off.clone(), None)],
    });
}

/// An authority whose own set is empty is more likely a mistake than a wish. Under a root that is listed it is one
/// only where something would be retired.
fn empty_authorities(inputs: &Inputs<'_>, retiring: &BTreeSet<usize>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (at, authority) in inputs.desired.authorities.iter().enumerate() {
        let (empty, what) = match &authority.scope {
            AuthorityScope::Subtree(roots) => {
                let roots: BTreeSet<_> = roots.iter().collect();
                let listed = || {
                    inputs
                        .objects(Kind::Outcome)
                        .any(|(_, object)| object.parent.as_ref().is_some_and(|parent| roots.contains(&parent.value)))
                };
                (
                    roots.is_empty() || (retiring.contains(&at) && !listed()),
                    "lists no outcome below its roots".to_owned(),
                )
            }
            AuthorityScope::Category(category) => {
                let field = Field::find(Kind::CallCode, "category");
                let listed = inputs.objects(Kind::CallCode).any(|(_, object)| {
                    field.and_then(|field| object.fields.get(field)).is_some_and(
                        |wanted| matches!(&wanted.setting, cxform_model::Setting::Value(value) if value.as_str() == Some(category)),
                    )
                });
                (!listed, format!("lists no call code of the category `{category}`"))
            }
        };
        if empty {
            problems.push(
                Problem::new(code::GUARD, format!("`{}` claims an authority but {what}", authority.owner))
                    .at(authority.source)
                    .hint("list what is to stay, or drop the authority")
                    .unless("--allow-empty"),
            );
        }
    }
    problems
}

/// Children before parents, after what moves away from them, and after they are off the desktops.
pub(crate) fn order(inputs: &Inputs<'_>, kind: Kind, tree: &Tree, draft: &mut Draft) {
    let mut retires: HashMap<Target, usize> = HashMap::new();
    for (at, step) in draft.steps.iter().enumerate() {
        if let (Stage::Retire, Write::Update { target, .. }) = (step.stage, &step.write)
            && step.address.kind() == kind
        {
            retires.insert(target.clone(), at);
        }
    }
    let mut edges = Vec::new();
    for (object, &step) in &retires {
        if let Some(above) = tree.parent(inputs, kind, object).and_then(|parent| retires.get(&parent)) {
            edges.push((*above, step));
        }
        if let (Kind::Outcome, Target::Existing(id)) = (kind, object) {
            edges.extend(draft.unassigns.get(id).into_iter().flatten().map(|unassign| (step, *unassign)));
        }
    }
    for (at, step) in draft.steps.iter().enumerate() {
        if let Write::Update { target: Target::Existing(id), parent: Some(_), .. } = &step.write
            && step.address.kind() == kind
            && let Some(above) = inputs.index.id(kind, id).and_then(|object| object.parent.clone())
            && let Some(retire) = retires.get(&Target::Existing(above))
        {
            edges.push((*retire, at));
        }
    }
    for (step, need) in edges {
        draft.wait(step, [need]);
    }
}
