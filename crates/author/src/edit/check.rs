//! Believing an edit only after reading it back.

use std::collections::{BTreeMap, BTreeSet};

use cxform_manifest::{Environment, Lookup, Project};
use cxform_model::{Address, AuthorityScope, Desired, Field, Setting, same};
use cxform_rules::{Context, Severity};
use serde_json::Value;

use super::{Bench, Change, Edit, Edited, Refused, Replacement, Round, replaced};

/// Makes the edits of a round, drops those that do not read back as meant, and returns the texts of the rest.
pub(super) fn settle(
    bench: &Bench<'_>,
    environment: &Environment,
    context: &Context,
    lookup: Option<Lookup<'_>>,
    edits: &[Edit],
    mut round: Round,
    edited: &mut Edited,
) -> BTreeMap<String, String> {
    let project = bench.project;
    let before: BTreeMap<&str, Shadow> = project
        .environments()
        .filter_map(|other| {
            Some((other.name.as_str(), Shadow::of(project.load(other, context, lookup).desired.as_ref()?)))
        })
        .collect();
    loop {
        let texts = texts(project, &round);
        let culprits = match review(project, &texts, environment, context, lookup, edits, &round, &before) {
            Ok(also_in) => {
                edited.also_in.extend(also_in);
                for (at, replacements) in &round {
                    if let Some(first) = replacements.first() {
                        edited.done.insert(*at, (first.file.clone(), line(project, first)));
                    } else {
                        edited.done.entry(*at).or_insert_with(|| (String::new(), 0));
                    }
                }
                return texts;
            }
            Err(culprits) => culprits,
        };
        // Where nobody can be named, all are suspects: one after the other then.
        if culprits.is_empty() && round.len() > 1 {
            let mut whole = BTreeMap::new();
            let mut settled = Round::new();
            for (at, replacements) in round {
                let mut trial = settled.clone();
                trial.insert(at, replacements);
                let texts = self::texts(project, &trial);
                match review(project, &texts, environment, context, lookup, edits, &trial, &before) {
                    Ok(also_in) => {
                        edited.also_in.extend(also_in);
                        settled = trial;
                        whole = texts;
                    }
                    Err(_) => drop(edited.refused.insert(at, unsafe_edit(bench, edits, at))),
                }
            }
            for (at, replacements) in &settled {
                if let Some(first) = replacements.first() {
                    edited.done.insert(*at, (first.file.clone(), line(project, first)));
                }
            }
            return whole;
        }
        if culprits.is_empty() {
            for at in round.into_keys() {
                edited.refused.insert(at, unsafe_edit(bench, edits, at));
            }
            return BTreeMap::new();
        }
        for (at, refused) in culprits {
            round.remove(&at);
            edited.refused.insert(at, refused);
        }
        if round.is_empty() {
            return BTreeMap::new();
        }
    }
}

fn unsafe_edit(bench: &Bench<'_>, edits: &[Edit], at: usize) -> Refused {
    let object = edits.get(at).and_then(|edit| bench.desired.objects.get(&edit.address));
    let place = object.map_or_else(String::new, |object| bench.place(object.source));
    Refused::Unsafe { place, why: "something else would change with it".to_owned() }
}

fn line(project: &Project, first: &Replacement) -> usize {
    let file = project.files().iter().find(|(_, name)| *name == first.file).and_then(|(id, _)| project.text(id));
    1 + file.and_then(|text| text.get(..first.range.start)).unwrap_or_default().matches('\n').count()
}

fn texts(project: &Project, round: &Round) -> BTreeMap<String, String> {
    let mut by_file: BTreeMap<&str, Vec<&Replacement>> = BTreeMap::new();
    for one in round.values().flatten() {
        by_file.entry(&one.file).or_default().push(one);
    }
    let files = project.files().iter().filter_map(|(id, name)| Some((name, project.text(id)?)));
    files.filter_map(|(name, text)| Some((name.to_owned(), replaced(text, by_file.remove(name)?)))).collect()
}

/// The other environments that change as well; or who is to blame, which may be nobody in particular.
#[expect(clippy::too_many_arguments, reason = "one question with all that it depends on")]
fn review<'p>(
    project: &'p Project,
    texts: &BTreeMap<String, String>,
    environment: &Environment,
    context: &Context,
    lookup: Option<Lookup<'_>>,
    edits: &[Edit],
    round: &Round,
    before: &BTreeMap<&'p str, Shadow>,
) -> Result<BTreeSet<String>, BTreeMap<usize, Refused>> {
    let nobody = BTreeMap::new;
    let Some(revised) = project.revised(texts).0 else { return Err(nobody()) };
    let wanted: Vec<(usize, &Edit)> = round.keys().filter_map(|at| Some((*at, edits.get(*at)?))).collect();
    let mut also_in = BTreeSet::new();
    for other in revised.environments() {
        let Some(before) = before.get(other.name.as_str()) else { continue };
        let loaded = revised.load(other, context, lookup);
        let Some(desired) = &loaded.desired else {
            let errors = loaded.diagnostics.iter().filter(|problem| problem.severity == Severity::Error);
            let mut culprits = BTreeMap::new();
            for problem in errors {
                for (at, edit) in &wanted {
                    if problem.address.as_ref() == Some(&edit.address) {
                        let told = format!("{} ({})", problem.message, problem.rule.id);
                        culprits.entry(*at).or_insert_with(|| Refused::Invalid(told));
                    }
                }
            }
            return Err(culprits);
        };
        let here = other.name == environment.name;
        let mut expected = before.clone();
        let after = Shadow::of(desired);
        let mut missed = BTreeMap::new();
        for (at, edit) in &wanted {
            let met = match &edit.change {
                Change::Field(field, value) => expected.accept_field(&after, &edit.address, *field, value),
                Change::Desktop { .. } => expected.accept_desktop(&after, &edit.address),
            };
            if here && !met {
                let why = "it would not read back as the tenant has it".to_owned();
                missed.insert(*at, Refused::Unsafe { place: format!("`{}`", edit.address), why });
            }
        }
        if !missed.is_empty() {
            return Err(missed);
        }
        if expected != after {
            return Err(nobody());
        }
        if !here && *before != after {
            also_in.insert(other.name.clone());
        }
    }
    Ok(also_in)
}

/// What manifests ask for, without the places where they do.
#[derive(Debug, Clone, PartialEq)]
struct Shadow {
    objects: BTreeMap<Address, Object>,
    authorities: Vec<(AuthorityScope, String)>,
    desktops: BTreeMap<Address, Vec<Entry>>,
    groups: Vec<(Vec<String>, Entry)>,
}

#[derive(Debug, Clone, PartialEq)]
struct Object {
    previous: Vec<Address>,
    parent: Option<Address>,
    fields: Vec<(Field, Setting)>,
    flags: (bool, bool, BTreeSet<Field>),
}

type Entry = (Vec<Address>, Option<Option<Address>>, bool, Vec<Address>);

impl Shadow {
    fn of(desired: &Desired) -> Self {
        let objects = desired.objects.iter().map(|(address, object)| {
            let shadow = Object {
                previous: object.previous.iter().map(|previous| previous.value.clone()).collect(),
                parent: object.parent.as_ref().map(|parent| parent.value.clone()),
                fields: object.fields.iter().map(|(field, wanted)| (field, wanted.setting.clone())).collect(),
                flags: (object.declared, object.protected, object.ignored.clone()),
            };
            (address.clone(), shadow)
        });
        let mut desktops: BTreeMap<Address, Vec<Entry>> = BTreeMap::new();
        let mut groups = Vec::new();
        for entry in &desired.desktops {
            let shadow = (
                entry.outcomes.iter().map(|outcome| outcome.value.clone()).collect(),
                entry.default.as_ref().map(|default| default.value.clone()),
                entry.exclusive,
                entry.unassigned.iter().map(|outcome| outcome.value.clone()).collect(),
            );
            for campaign in &entry.campaigns {
                desktops.entry(campaign.value.clone()).or_default().push(shadow.clone());
            }
            if !entry.groups.is_empty() {
                groups.push((entry.groups.iter().map(|group| group.value.clone()).collect(), shadow));
            }
        }
        let authorities = desired.authorities.iter().map(|one| (one.scope.clone(), one.owner.clone())).collect();
        Self { objects: objects.collect(), authorities, desktops, groups }
    }

    /// Takes over one field as it is afterwards, and tells whether that is the value which was asked for.
    fn accept_field(&mut self, after: &Self, address: &Address, field: Field, value: &Value) -> bool {
        let (Some(mine), Some(theirs)) = (self.objects.get_mut(address), after.objects.get(address)) else {
            return false;
        };
        let Some((_, setting)) = theirs.fields.iter().find(|(other, _)| *other == field) else { return false };
        match mine.fields.iter_mut().find(|(other, _)| *other == field) {
            Some((_, slot)) => slot.clone_from(setting),
            None => return false,
        }
        match setting {
            Setting::Value(wanted) => same(field, Some(wanted), Some(value)),
            Setting::Between(_) => setting.satisfied_by(field, Some(value)),
        }
    }

    fn accept_desktop(&mut self, after: &Self, campaign: &Address) -> bool {
        match after.desktops.get(campaign) {
            Some(entries) => drop(self.desktops.insert(campaign.clone(), entries.clone())),
            None => drop(self.desktops.remove(campaign)),
        }
        true
    }
}
