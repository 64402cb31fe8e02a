//! Outcomes and call codes: two trees of codes that are created, changed, moved, renamed and retired alike. Webhook
//! subscriptions are planned like codes that all stand at the root.
//!
//! What differs between them, such as which call carries which field, is in the tables of fields.

use cxform_model::{
    Address, DesiredObject, Document, Field, Fields, Kind, NewParent, Precondition, Source, Target, Write,
};
use serde_json::Value;

use crate::activity;
use crate::base::base_of;
use crate::diff::{self, Difference};
use crate::draft::{Draft, DraftStep, Stage};
use crate::hints;
use crate::inputs::{self, Inputs};
use crate::matching::Found;
use crate::reason;
use crate::refusal::{Problem, code};
use crate::tree::Tree;
use crate::{Action, Change, FieldChange, Options};

/// Plans every managed object of one of these kinds, and returns the tree as it will stand.
pub(crate) fn plan(inputs: &Inputs<'_>, options: &Options, kind: Kind, draft: &mut Draft) -> Tree {
    let mut tree = Tree::default();
    for (address, object) in inputs.objects(kind) {
        let parent = match parent(inputs, address, object) {
            Ok(parent) => parent,
            Err(problem) => {
                draft.problems.push(*problem);
                continue;
            }
        };
        let one = One { inputs, options, kind, address, object, parent };
        match inputs.matches.found(address) {
            Some(found) => one.change(&found, draft, &mut tree),
            None if inputs::created(address, object) => one.create(draft, &mut tree),
            None => draft.unchanged.push(address.clone()),
        }
    }
    tree.circles(inputs, kind, draft);
    if kind == Kind::CallCode {
        tree.too_deep(inputs, draft);
        tree.order_exits(inputs, draft);
    }
    for step in draft.steps.iter_mut().filter(|step| step.address.kind() == kind) {
        step.depth = inputs.target(&step.address).map_or(0, |target| tree.depth(inputs, kind, &target));
    }
    tree.order_moves(inputs, kind, draft);
    tree
}

/// Where a managed object will hang, and who says so.
struct Parent {
    target: Option<Target>,
    name: Value,
    source: Source,
}

fn parent(inputs: &Inputs<'_>, address: &Address, object: &DesiredObject) -> Result<Parent, Box<Problem>> {
    let (above, source) = match address.kind() {
        Kind::CallCode => (address.parent_call_code(), object.source),
        _ => match &object.parent {
            Some(parent) => (Some(parent.value.clone()), parent.source),
            None => (None, object.source),
        },
    };
    let Some(above) = above else { return Ok(Parent { target: None, name: Value::Null, source }) };
    match inputs.target(&above) {
        Some(target) => Ok(Parent { target: Some(target), name: above.segments().join("/").into(), source }),
        None => Err(Box::new(
            Problem::new(code::TREE, format!("`{above}` is neither on the tenant nor created by this plan"))
                .of(address)
                .field("parent")
                .at(source)
                .hint(hints::nearest(inputs, &above).unwrap_or_else(|| "list the parent, too".to_owned())),
        )),
    }
}

/// One managed object on its way into the draft.
struct One<'i, 'a> {
    inputs: &'i Inputs<'a>,
    options: &'i Options,
    kind: Kind,
    address: &'i Address,
    object: &'i DesiredObject,
    parent: Parent,
}

impl One<'_, '_> {
    /// The document of the object itself; an outcome's desktop settings are another.
    const fn document(&self) -> Document {
        Document::of(self.kind)
    }

    fn identity(&self) -> Option<Field> {
        Field::identity(self.kind)
    }

    fn step(
        &self,
        name: &'static str,
        action: Action,
        stage: Stage,
        precondition: Precondition,
        write: Write,
    ) -> DraftStep {
        let mut step = DraftStep::new(self.address, name, action, stage, precondition, write);
        step.places.insert(String::new(), self.inputs.place(self.object.source));
        step
    }

    fn create(&self, draft: &mut Draft, tree: &mut Tree) {
        let fields = diff::initial(self.object);
        draft.problems.extend(missing_fields(self.inputs, self.address, self.object));
        let parent = &self.parent;
        let target = Target::Created(self.address.clone());

        let (at_once, later): (Vec<_>, Vec<_>) = fields.iter().partition(|one| one.field.policy().on_create);
        let mut values = diff::values(at_once.iter().copied());
        if let Some(identity) = self.identity() {
            values.insert(identity, self.address.key().into());
        }
        let write = Write::Create { kind: self.kind, parent: parent.target.clone(), fields: values };
        let mut create = self.step("create", Action::Create, Stage::Codes, Precondition::Absent, write);
        diff::describe(&mut create, at_once, false, self.inputs);
        if parent.target.is_some() {
            create.places.insert("parent".to_owned(), self.inputs.place(parent.source));
        }
        let mut steps = vec![create];
        for (document, name) in [(self.document(), "rules"), (Document::Desktop, "desktop")] {
            let part: Vec<_> = later.iter().copied().filter(|one| one.field.policy().document == document).collect();
            if !part.is_empty() {
                steps.push(self.update(name, Action::Create, document, target.clone(), &part, false));
            }
        }
        let chain = draft.push_chain(steps);
        tree.stands(target.clone(), parent.target.clone());
        tree.moved_by(target, chain[0]);

        let mut shown: Vec<_> = fields.iter().map(|one| one.change(self.inputs)).collect();
        if parent.target.is_some() {
            shown.insert(0, self.parent_change(Value::Null));
        }
        draft.changes.push(Change {
            address: self.address.clone(),
            action: Action::Create,
            reason: reason::create(&fields),
            source: Some(self.inputs.place(self.object.source)),
            fields: shown,
        });
    }

    fn change(&self, found: &Found<'_>, draft: &mut Draft, tree: &mut Tree) {
        let observed = found.object;
        let target = Target::Existing(observed.id.clone());
        tree.stands(target.clone(), self.parent.target.clone());

        let fields = diff::differences(self.object, observed);
        let renamed = observed.key.trim() != self.address.key().trim();
        let moved = self.parent.target != observed.parent.clone().map(Target::Existing);
        if fields.is_empty() && !renamed && !moved {
            draft.unchanged.push(self.address.clone());
            return;
        }
        let retiring = activity::is_tombstone(self.kind, self.object) && activity::is_active(observed);
        if retiring && self.object.protected && !self.options.allow_protected {
            draft.problems.push(
                Problem::new(code::GUARD, "it is protected and would be retired")
                    .of(self.address)
                    .at(self.object.source)
                    .unless("--allow-protected"),
            );
        }
        let action = if retiring { Action::Retire } else { Action::Update };
        let mut steps = self.steps(&target, &fields, Shift { renamed, moved, retiring });
        for step in &mut steps {
            step.base = base_of(observed);
        }
        if let Some(first) = steps.first_mut() {
            first.precondition = Precondition::Content(observed.content_hash());
        }
        let chain = draft.push_chain(steps);
        if moved {
            for &step in &chain {
                if let Write::Update { parent: Some(_), .. } = &draft.steps[step].write {
                    tree.moved_by(target.clone(), step);
                }
            }
        }

        let mut shown = Vec::new();
        if let Some(identity) = self.identity().filter(|_| renamed) {
            shown.push(FieldChange::of(
                identity,
                observed.key.clone().into(),
                self.address.key().into(),
                Some(self.inputs.place(self.object.source)),
            ));
        }
        let moved = moved.then(|| self.parent_change(self.inputs.parent_name(self.kind, observed.parent.as_ref())));
        shown.extend(moved.clone());
        shown.extend(fields.iter().map(|one| one.change(self.inputs)));
        let adopted = reason::adopts(self.options, self.address, found);
        draft.changes.push(Change {
            address: self.address.clone(),
            action,
            reason: if retiring {
                reason::tombstone()
            } else {
                reason::update(found, adopted, moved.as_ref(), &fields)
            },
            source: Some(self.inputs.place(self.object.source)),
            fields: shown,
        });
    }

    /// The writes of a change. A rename that is also a move is two writes, so that what waits for the free code need
    /// not wait for the move, and a retirement comes last, so that nothing early has to wait for desktops.
    fn steps(
        &self,
        target: &Target,
        fields: &[Difference<'_>],
        Shift { renamed, moved, retiring }: Shift,
    ) -> Vec<DraftStep> {
        let action = if retiring { Action::Retire } else { Action::Update };
        let document = self.document();
        let (own, desktop): (Vec<_>, Vec<_>) = fields.iter().partition(|one| one.field.policy().document == document);
        let rename_alone = renamed && self.kind == Kind::Outcome && (moved || retiring);
        let mut steps = Vec::new();
        if rename_alone {
            let mut step = self.update("rename", action, document, target.clone(), &[], true);
            self.rename(&mut step);
            steps.push(step);
        }
        let early: &[_] = if retiring { &[] } else { &own };
        if !early.is_empty() || moved || (renamed && !rename_alone) {
            let mut step = self.update("update", action, document, target.clone(), early, true);
            if renamed && !rename_alone {
                self.rename(&mut step);
            }
            if moved {
                self.relocate(&mut step);
            }
            steps.push(step);
        }
        if !desktop.is_empty() {
            steps.push(self.update("desktop", action, Document::Desktop, target.clone(), &desktop, true));
        }
        if retiring {
            let mut step = self.update("retire", action, document, target.clone(), &own, true);
            step.stage = Stage::Retire;
            steps.push(step);
        }
        steps
    }

    fn update(
        &self,
        name: &'static str,
        action: Action,
        document: Document,
        target: Target,
        part: &[&Difference<'_>],
        on_tenant: bool,
    ) -> DraftStep {
        let fields: Fields<Value> = diff::values(part.iter().copied());
        let write = Write::Update { document, target, parent: None, fields };
        let mut step = self.step(name, action, Stage::Codes, Precondition::Follows, write);
        diff::describe(&mut step, part.iter().copied(), on_tenant, self.inputs);
        step
    }

    fn rename(&self, step: &mut DraftStep) {
        if let (Some(identity), Write::Update { fields, .. }) = (self.identity(), &mut step.write) {
            fields.insert(identity, self.address.key().into());
            step.places.insert(identity.path().to_owned(), self.inputs.place(self.object.source));
        }
    }

    fn relocate(&self, step: &mut DraftStep) {
        if let Write::Update { parent, .. } = &mut step.write {
            *parent = Some(self.parent.target.clone().map_or(NewParent::Root, NewParent::Below));
            step.places.insert("parent".to_owned(), self.inputs.place(self.parent.source));
        }
    }

    fn parent_change(&self, before: Value) -> FieldChange {
        FieldChange {
            path: "parent".to_owned(),
            before,
            after: self.parent.name.clone(),
            source: Some(self.inputs.place(self.parent.source)),
        }
    }
}

/// What a change is besides its fields.
#[derive(Clone, Copy)]
struct Shift {
    renamed: bool,
    moved: bool,
    retiring: bool,
}

/// The required fields that a new object lacks.
pub(crate) fn missing_fields(inputs: &Inputs<'_>, address: &Address, object: &DesiredObject) -> Vec<Problem> {
    Field::all(address.kind())
        .filter(|field| field.policy().required)
        .filter(|field| {
            object.fields.get(*field).is_none_or(
                |wanted| matches!(&wanted.setting, cxform_model::Setting::Value(value) if cxform_model::same(*field, Some(value), None)),
            )
        })
        .map(|field| {
            let hint = hints::nearest(inputs, address).unwrap_or_else(|| {
                "give it, or name the key under which the object already lives on the tenant".to_owned()
            });
            Problem::new(code::INCOMPLETE, format!("it is not on the tenant and cannot be created without `{field}`"))
                .of(address)
                .field(field.path())
                .at(object.fields.get(field).map_or(object.source, |wanted| wanted.source))
                .hint(hint)
        })
        .collect()
}
