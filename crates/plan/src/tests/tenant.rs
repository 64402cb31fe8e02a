//! A tenant in memory that takes steps and refuses what the API contract refuses.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cxform_model::{
    Address, CampaignStatus, Document, Field, Fields, Kind, NewParent, Observed, ObservedAssignment, ObservedObject,
    Ownership, Precondition, RemoteId, Target, Version, Write, canonical_field,
};
use serde_json::Value;

use crate::{Done, Plan, Step};

pub(super) struct Tenant {
    pub(super) observed: Observed,
    created: HashMap<Address, RemoteId>,
    done: BTreeSet<String>,
    written: BTreeSet<Address>,
    versions: HashMap<String, Version>,
}

impl Tenant {
    pub(super) fn new(observed: &Observed) -> Self {
        let (created, done, written) = (HashMap::new(), BTreeSet::new(), BTreeSet::new());
        Self { observed: observed.clone(), created, done, written, versions: HashMap::new() }
    }

    /// What it was told to do, as a journal would tell it.
    pub(super) fn done(&self, plan: &Plan) -> Vec<Done> {
        let done = plan.steps.iter().filter(|step| self.done.contains(&step.id));
        done.map(|step| Done {
            step: step.id.clone(),
            created: self.created.get(&step.address).filter(|_| matches!(step.write, Write::Create { .. })).cloned(),
            version: self.versions.get(&step.id).copied(),
            after: None,
        })
        .collect()
    }

    /// Applies every step, at each point choosing among those that could go: the first by default.
    pub(super) fn apply(&mut self, plan: &Plan, choose: impl FnMut(usize) -> usize) -> Result<(), String> {
        self.apply_first(plan, plan.steps.len(), choose)
    }

    /// The same, and stops after so many steps.
    pub(super) fn apply_first(
        &mut self,
        plan: &Plan,
        count: usize,
        mut choose: impl FnMut(usize) -> usize,
    ) -> Result<(), String> {
        let filled: BTreeSet<RemoteId> =
            self.observed.desktops.iter().filter(|(_, all)| !all.is_empty()).map(|(id, _)| id.clone()).collect();
        let mut emptied = BTreeSet::new();
        let mut open: Vec<&Step> = plan.steps.iter().collect();
        while !open.is_empty() && self.done.len() < count {
            let ready: Vec<usize> =
                (0..open.len()).filter(|at| open[*at].needs.iter().all(|need| self.done.contains(need))).collect();
            let at = *ready.get(choose(ready.len())).ok_or("nothing can go")?;
            let step = open.remove(at);
            self.step(step).map_err(|error| format!("{}: {error}; done {:?}", step.id, self.done))?;
            self.done.insert(step.id.clone());
            if let Write::Create { .. } | Write::Update { .. } | Write::Transition { .. } = &step.write {
                let version = self.version(step);
                self.versions.extend(version.map(|version| (step.id.clone(), version)));
            }
            self.written.insert(step.address.clone());
            emptied.extend(filled.iter().filter(|id| self.observed.desktops[*id].is_empty()).cloned());
        }
        match emptied.iter().find(|id| !self.observed.desktops[*id].is_empty()) {
            Some(id) => Err(format!("the desktop of {id} was empty in between")),
            None => Ok(()),
        }
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        self.precondition(step)?;
        match &step.write {
            Write::Create { kind, parent, fields } => self.create(step, *kind, parent.as_ref(), fields),
            Write::Update { document, target, parent, fields } => {
                self.update(*document, target, parent.as_ref(), fields)
            }
            Write::Transition { target, to } => self.transition(target, *to),
            Write::Assign { campaign, outcome, sequence, default } => {
                let outcome = self.exists(Kind::Outcome, outcome)?;
                let desktop = self.desktop(campaign)?;
                if desktop.iter().any(|one| one.outcome == outcome) {
                    return Err("already_assigned".to_owned());
                }
                desktop.push(ObservedAssignment { outcome, sequence: Some(*sequence), default: *default });
                one_default(desktop)
            }
            Write::Reassign { campaign, outcome, sequence, default } => {
                let outcome = self.exists(Kind::Outcome, outcome)?;
                let desktop = self.desktop(campaign)?;
                let one = desktop.iter_mut().find(|one| one.outcome == outcome).ok_or("not assigned")?;
                one.sequence = sequence.or(one.sequence);
                one.default = default.unwrap_or(one.default);
                one_default(desktop)
            }
            Write::Unassign { campaign, outcome } => {
                let outcome = self.id(outcome)?;
                let desktop = self.desktop(campaign)?;
                let at = desktop.iter().position(|one| one.outcome == outcome).ok_or("not assigned")?;
                desktop.remove(at);
                Ok(())
            }
        }
    }

    fn precondition(&self, step: &Step) -> Result<(), String> {
        let holds = match (&step.precondition, &step.write) {
            (Precondition::Absent, _) => true, // the writes themselves tell duplicates
            (Precondition::Follows, _) => self.written.contains(&step.address),
            (Precondition::Version(version), Write::Update { target, .. } | Write::Transition { target, .. }) => {
                self.object(Kind::Campaign, target)?.version == Some(*version)
            }
            (Precondition::Content(hash), Write::Update { target, .. }) => {
                !self.written.contains(&step.address)
                    && self.object(step.address.kind(), target)?.content_hash() == *hash
            }
            (
                Precondition::Content(hash),
                Write::Reassign { campaign, outcome, .. } | Write::Unassign { campaign, outcome },
            ) => {
                let outcome = self.id(outcome)?;
                let desktop = &self.observed.desktops[&self.id(campaign)?];
                desktop.iter().any(|one| one.outcome == outcome && one.content_hash() == *hash)
            }
            _ => false,
        };
        if holds { Ok(()) } else { Err(format!("precondition {:?}", step.precondition)) }
    }

    fn create(
        &mut self,
        step: &Step,
        kind: Kind,
        parent: Option<&Target>,
        fields: &Fields<Value>,
    ) -> Result<(), String> {
        let parent = parent.map(|parent| self.exists(kind, parent)).transpose().map_err(|_| "parent_not_found")?;
        let id = RemoteId(format!("new-{}", self.created.len()));
        let mut object = ObservedObject {
            kind,
            id: id.clone(),
            key: String::new(),
            parent,
            version: (kind == Kind::Campaign).then_some(Version(1)),
            fields: Fields::new(),
        };
        for (field, value) in fields.iter() {
            if !field.policy().on_create {
                return Err(format!("create takes no {field}"));
            }
            put(&mut object, field, value)?;
        }
        if object.key.is_empty() {
            return Err("no key".to_owned());
        }
        if kind == Kind::Campaign {
            object.fields.insert(Field::find(kind, "status").unwrap(), "draft".into());
            self.observed.desktops.insert(id.clone(), Vec::new());
        }
        self.observed.listings.entry(kind).or_default().push(object);
        self.created.insert(step.address.clone(), id);
        self.unique()
    }

    fn update(
        &mut self,
        document: Document,
        target: &Target,
        parent: Option<&NewParent>,
        fields: &Fields<Value>,
    ) -> Result<(), String> {
        let kind = document.kind();
        let parent = match parent {
            None => None,
            Some(NewParent::Root) => Some(None),
            Some(NewParent::Below(above)) => Some(Some(self.exists(kind, above).map_err(|_| "parent_not_found")?)),
        };
        if fields.is_empty() && parent.is_none() {
            return Err("empty update".to_owned());
        }
        let id = self.exists(kind, target)?;
        let object = self.observed.listings.get_mut(&kind).unwrap().iter_mut().find(|one| one.id == id).unwrap();
        for (field, value) in fields.iter() {
            if field.policy().document != document || field.policy().ownership == Ownership::RunState {
                return Err(format!("{field} is of another document"));
            }
            put(object, field, value)?;
        }
        if let Some(parent) = parent {
            object.parent = parent;
        }
        object.version = object.version.map(|version| Version(version.0 + 1));
        self.unique()?;
        self.no_circle(kind, &id)
    }

    fn transition(&mut self, target: &Target, to: CampaignStatus) -> Result<(), String> {
        let id = self.exists(Kind::Campaign, target)?;
        let campaigns = self.observed.listings.get_mut(&Kind::Campaign).unwrap();
        let campaign = campaigns.iter_mut().find(|one| one.id == id).unwrap();
        let now = CampaignStatus::from_word(campaign.value("status").unwrap().as_str().unwrap()).unwrap();
        if !now.may_become(to) {
            return Err("invalid_transition".to_owned());
        }
        campaign.fields.insert(Field::find(Kind::Campaign, "status").unwrap(), to.word().into());
        campaign.version = campaign.version.map(|version| Version(version.0 + 1));
        Ok(())
    }

    fn version(&self, step: &Step) -> Option<Version> {
        let target = match &step.write {
            Write::Update { target, .. } | Write::Transition { target, .. } => target.clone(),
            _ => Target::Created(step.address.clone()),
        };
        self.object(step.address.kind(), &target).ok()?.version
    }

    fn id(&self, target: &Target) -> Result<RemoteId, String> {
        match target {
            Target::Existing(id) => Ok(id.clone()),
            Target::Created(address) => self.created.get(address).cloned().ok_or(format!("{address} is not created")),
        }
    }

    fn object(&self, kind: Kind, target: &Target) -> Result<&ObservedObject, String> {
        let id = self.id(target)?;
        self.observed.of(kind).iter().find(|one| one.id == id).ok_or(format!("404 {id}"))
    }

    fn exists(&self, kind: Kind, target: &Target) -> Result<RemoteId, String> {
        self.object(kind, target).map(|object| object.id.clone())
    }

    fn desktop(&mut self, campaign: &Target) -> Result<&mut Vec<ObservedAssignment>, String> {
        let id = self.exists(Kind::Campaign, campaign)?;
        self.observed.desktops.get_mut(&id).ok_or_else(|| "no desktop".to_owned())
    }

    fn no_circle(&self, kind: Kind, start: &RemoteId) -> Result<(), String> {
        let mut at = Some(start.clone());
        for _ in 0..=self.observed.of(kind).len() {
            let Some(id) = at else { return Ok(()) };
            at = self.observed.of(kind).iter().find(|one| one.id == id).and_then(|one| one.parent.clone());
        }
        Err("cycle".to_owned())
    }

    /// Codes, names and shortcut keys.
    fn unique(&self) -> Result<(), String> {
        let mut seen = BTreeSet::new();
        for object in self.observed.listings.values().flatten() {
            let above = object.parent.as_ref().filter(|_| object.kind == Kind::CallCode);
            if !seen.insert((object.kind, above, object.key.trim())) {
                return Err(format!("duplicate_code {}", object.key));
            }
        }
        let mut keys = BTreeMap::new();
        for outcome in self.observed.of(Kind::Outcome) {
            let value = |path| {
                let field = Field::find(Kind::Outcome, path).unwrap();
                canonical_field(field, outcome.fields.get(field))
            };
            let key = value("uiConfig.shortcutKey");
            if value("uiConfig.visible") == Value::Bool(true)
                && !key.is_null()
                && let Some(other) = keys.insert((value("uiConfig.group").to_string(), key.to_string()), &outcome.key)
            {
                return Err(format!("duplicate shortcut of {} and {other}", outcome.key));
            }
        }
        Ok(())
    }
}

fn put(object: &mut ObservedObject, field: Field, value: &Value) -> Result<(), String> {
    match (field.policy().ownership, value) {
        (Ownership::Identity, Value::String(key)) => object.key.clone_from(key),
        (Ownership::Managed, Value::Null) => {
            object.fields.remove(field);
        }
        (Ownership::Managed, value) => {
            object.fields.insert(field, value.clone());
        }
        _ => return Err(format!("{field} cannot be {value}")),
    }
    Ok(())
}

fn one_default(desktop: &[ObservedAssignment]) -> Result<(), String> {
    if desktop.iter().filter(|one| one.default).count() > 1 { Err("default_exists".to_owned()) } else { Ok(()) }
}
