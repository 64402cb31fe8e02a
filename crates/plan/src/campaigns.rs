//! Campaigns: created as drafts, changed by one merge patch with the changed fields only, started and stopped apart.

use std::collections::{BTreeMap, HashMap};

use cxform_model::{
    Address, CampaignStatus, DesiredObject, Desktop, Document, Field, Kind, ObservedObject, Precondition, Setting,
    Source, Target, Version, Write,
};
use serde_json::Value;

use crate::activity;
use crate::base::base_of;
use crate::codes::missing_fields;
use crate::diff;
use crate::direction::Direction;
use crate::draft::{Draft, DraftStep, Stage};
use crate::hints;
use crate::inputs::Inputs;
use crate::matching::Found;
use crate::pausing;
use crate::reason;
use crate::refusal::{Problem, code};
use crate::{Action, Change, FieldChange, Options, OwnPause};

pub(crate) fn plan(inputs: &Inputs<'_>, options: &Options, draft: &mut Draft) {
    for (address, object) in inputs.objects(Kind::Campaign) {
        let one = One { inputs, options, address, object };
        match inputs.matches.found(address) {
            Some(found) => one.change(&found, draft),
            None if object.declared => one.create(draft),
            None => draft.problems.push(
                Problem::new(code::NOWHERE, "no manifest declares this campaign, and it is not on the tenant")
                    .of(address)
                    .at(object.source)
                    .hint(hints::campaign(inputs, address)),
            ),
        }
    }
}

struct One<'i, 'a> {
    inputs: &'i Inputs<'a>,
    options: &'i Options,
    address: &'i Address,
    object: &'i DesiredObject,
}

/// A run state that the manifest asks for.
struct Wanted {
    field: Field,
    status: CampaignStatus,
    source: Source,
}

impl One<'_, '_> {
    fn wanted(&self) -> Option<Wanted> {
        let field = Field::find(Kind::Campaign, "status").filter(|field| !self.object.ignored.contains(field))?;
        let wanted = self.object.fields.get(field)?;
        let Setting::Value(Value::String(word)) = &wanted.setting else { return None };
        Some(Wanted { field, status: CampaignStatus::from_word(word)?, source: wanted.source })
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

    fn create(&self, draft: &mut Draft) {
        draft.problems.extend(missing_fields(self.inputs, self.address, self.object));
        let fields = diff::initial(self.object);
        let mut values = diff::values(&fields);
        if let Some(name) = Field::find(Kind::Campaign, "name") {
            values.insert(name, self.address.key().into());
        }
        let write = Write::Create { kind: Kind::Campaign, parent: None, fields: values };
        let mut step = self.step("create", Action::Create, Stage::Campaigns, Precondition::Absent, write);
        diff::describe(&mut step, &fields, false, self.inputs);
        let mut steps = vec![step];
        draft.changes.push(Change {
            address: self.address.clone(),
            action: Action::Create,
            reason: reason::create(&fields),
            source: Some(self.inputs.place(self.object.source)),
            fields: fields.iter().map(|one| one.change(self.inputs)).collect(),
        });
        steps.extend(self.transition(CampaignStatus::Draft, None, Target::Created(self.address.clone()), draft));
        draft.push_chain(steps);
    }

    fn change(&self, found: &Found<'_>, draft: &mut Draft) {
        let observed = found.object;
        let Some(version) = observed.version else {
            draft.problems.push(
                Problem::new(code::INTERNAL, format!("the tenant told no version of campaign id `{}`", observed.id))
                    .of(self.address)
                    .at(self.object.source),
            );
            return;
        };
        let target = Target::Existing(observed.id.clone());
        let patch = self.patch(found, &target, draft);
        if let Some((resume, change)) = self.owed(observed, &target) {
            draft.changes.push(change);
            let mut steps: Vec<_> = patch.into_iter().chain([resume]).collect();
            pin(&mut steps, observed, version);
            draft.push_chain(steps);
            return;
        }
        let transition = self.run_state(observed, &target, draft);
        // What stops dialling does not wait for settings; what starts it waits for everything.
        let mut steps: Vec<_> = match (transition, patch) {
            (Some(stop), patch) if stop.stage == Stage::Stop => std::iter::once(stop).chain(patch).collect(),
            (None, Some(mut patch)) => {
                match pausing::around(&mut patch, self.object.pause, observed, &target, self.inputs) {
                    Some((pause, resume, change)) => {
                        draft.changes.push(change);
                        vec![pause, patch, resume]
                    }
                    None => vec![patch],
                }
            }
            (start, patch) => patch.into_iter().chain(start).collect(),
        };
        if steps.is_empty() {
            draft.unchanged.push(self.address.clone());
        }
        pin(&mut steps, observed, version);
        draft.push_chain(steps);
    }

    /// The return to dialling that an earlier run owes: it paused the campaign for an update, and nobody wrote to it since.
    fn owed(&self, observed: &ObservedObject, target: &Target) -> Option<(DraftStep, Change)> {
        let policy = self.object.pause?;
        let pause = self.own_pause(observed.version).filter(|pause| pause.for_update)?;
        let stands_paused = activity::status(observed) == Some(CampaignStatus::Paused);
        let returns = self.wanted().is_none_or(|wanted| wanted.status == CampaignStatus::Active);
        (stands_paused && returns).then(|| pausing::owed(self.address, policy, pause, target, self.inputs))
    }

    /// The pause of this campaign that is cxform's own and nobody else's.
    fn own_pause(&self, version: Option<Version>) -> Option<&OwnPause> {
        self.options.own_pauses.get(self.address).filter(|pause| Some(pause.version) == version)
    }

    fn patch(&self, found: &Found<'_>, target: &Target, draft: &mut Draft) -> Option<DraftStep> {
        let observed = found.object;
        let fields = diff::differences(self.object, observed);
        let renamed = observed.key.trim() != self.address.key().trim();
        if fields.is_empty() && !renamed {
            return None;
        }
        let mut values = diff::values(&fields);
        let mut shown = Vec::new();
        let mut rename = None;
        if let Some(name) = Field::find(Kind::Campaign, "name").filter(|_| renamed) {
            values.insert(name, self.address.key().into());
            let place = self.inputs.place(self.object.source);
            shown.push(FieldChange::of(
                name,
                observed.key.clone().into(),
                self.address.key().into(),
                Some(place.clone()),
            ));
            rename = Some((name.path().to_owned(), place));
        }
        shown.extend(fields.iter().map(|one| one.change(self.inputs)));
        let write =
            Write::Update { document: Document::Campaign, target: target.clone(), parent: None, fields: values };
        let mut step = self.step("update", Action::Update, Stage::Campaigns, Precondition::Follows, write);
        diff::describe(&mut step, &fields, true, self.inputs);
        step.places.extend(rename);
        let adopts = reason::adopts(self.options, self.address, found);
        draft.changes.push(Change {
            address: self.address.clone(),
            action: Action::Update,
            reason: reason::update(found, adopts, None, &fields),
            source: Some(self.inputs.place(self.object.source)),
            fields: shown,
        });
        Some(step)
    }

    fn run_state(&self, observed: &ObservedObject, target: &Target, draft: &mut Draft) -> Option<DraftStep> {
        let wanted = self.wanted()?;
        let told = observed.value("status").and_then(Value::as_str).unwrap_or_default();
        match CampaignStatus::from_word(told) {
            Some(now) => self.transition(now, observed.version, target.clone(), draft),
            None => {
                draft.problems.push(
                    Problem::new(
                        code::TRANSITION,
                        format!(
                            "the tenant tells no run state that is known (`{told}`), so `{}` cannot be reached",
                            wanted.status
                        ),
                    )
                    .of(self.address)
                    .field(wanted.field.path())
                    .at(wanted.source),
                );
                None
            }
        }
    }

    fn transition(
        &self,
        now: CampaignStatus,
        version: Option<Version>,
        target: Target,
        draft: &mut Draft,
    ) -> Option<DraftStep> {
        let Wanted { field, status, source } = self.wanted()?;
        if status == now {
            return None;
        }
        let problem =
            |message: String| Problem::new(code::TRANSITION, message).of(self.address).field(field.path()).at(source);
        if !now.may_become(status) {
            draft.problems.push(illegal(now, status, problem));
            return None;
        }
        if status == CampaignStatus::Completed && self.object.protected && !self.options.allow_protected {
            let message = "it is protected and would be completed".to_owned();
            draft.problems.push(Problem { code: code::GUARD, ..problem(message) }.unless("--allow-protected"));
        }
        let resumes = (now, status) == (CampaignStatus::Paused, CampaignStatus::Active);
        let ours = self.own_pause(version).filter(|_| resumes);
        if resumes && ours.is_none() && !self.options.allow_resume {
            // A supervisor may have stopped it for a reason: a routine apply never undoes that.
            let message = "it is `paused`, and would dial again".to_owned();
            let guard = Problem { code: code::GUARD, ..problem(message) };
            draft.problems.push(guard.hint("leave `status` out, or ask for `paused`").unless("--allow-resume"));
        }
        let stage = if status == CampaignStatus::Active { Stage::Start } else { Stage::Stop };
        let write = Write::Transition { target, to: status };
        let mut step = self.step("transition", Action::Transition, stage, Precondition::Follows, write);
        step.places.insert(field.path().to_owned(), self.inputs.place(source));
        step.direction = Direction::of_transition(status);
        draft.changes.push(Change {
            address: self.address.clone(),
            action: Action::Transition,
            reason: match ours {
                Some(pause) => format!(
                    "the manifest asks for `{status}`; it was run {} that paused it, and nobody wrote to it since",
                    pause.run
                ),
                None => format!("the manifest asks for `{status}`"),
            },
            source: Some(self.inputs.place(self.object.source)),
            fields: vec![FieldChange::of(
                field,
                now.word().into(),
                status.word().into(),
                Some(self.inputs.place(source)),
            )],
        });
        Some(step)
    }
}

/// The first write of a campaign carries the version that was read; later ones carry what it got. The base is the
/// whole campaign: a version says that somebody wrote, and only all of the fields say what.
fn pin(steps: &mut [DraftStep], observed: &ObservedObject, version: Version) {
    for step in steps.iter_mut() {
        step.base_version = Some(version);
        step.base = base_of(observed);
    }
    if let Some(first) = steps.first_mut() {
        first.precondition = Precondition::Version(version);
    }
}

fn illegal(now: CampaignStatus, wanted: CampaignStatus, problem: impl FnOnce(String) -> Problem) -> Problem {
    let message = format!("a campaign that is `{now}` cannot become `{wanted}`");
    match detour(now, wanted) {
        Some(between) if between == CampaignStatus::Active => problem(format!("{message}: it would dial first"))
            .hint(format!("the legal path is `{now}` -> `{between}` -> `{wanted}`; leave `status` out, or ask for `{between}` first")),
        Some(between) => problem(message).hint(format!("the legal path is `{now}` -> `{between}` -> `{wanted}`")),
        None => {
            let ways: Vec<_> =
                CampaignStatus::ALL.into_iter().filter(|to| now.may_become(*to)).map(|to| format!("`{to}`")).collect();
            problem(message).hint(if ways.is_empty() {
                format!("`{now}` is final: leave `status` out, or create a new campaign")
            } else {
                format!("from `{now}` a campaign can become {}", ways.join(" or "))
            })
        }
    }
}

fn detour(now: CampaignStatus, wanted: CampaignStatus) -> Option<CampaignStatus> {
    CampaignStatus::ALL.into_iter().find(|between| now.may_become(*between) && between.may_become(wanted))
}

/// A campaign starts dialling once its desktop is complete and every outcome on it is as asked for.
pub(crate) fn order_starts(desktops: &BTreeMap<Address, Desktop>, draft: &mut Draft) {
    let mut seated: HashMap<String, Vec<usize>> = HashMap::new();
    let mut starts = Vec::new();
    for (at, step) in draft.steps.iter().enumerate() {
        if let Some(campaign) = step.address.assignment_campaign() {
            seated.entry(campaign.key().to_owned()).or_default().push(at);
        } else if step.stage == Stage::Start {
            starts.push((at, step.address.clone()));
        }
    }
    for (start, campaign) in starts {
        let outcomes = desktops.get(&campaign).into_iter().flat_map(|desktop| &desktop.outcomes);
        let ready: Vec<_> = outcomes.filter_map(|outcome| draft.milestones(&outcome.value).ready).collect();
        draft.wait(start, seated.get(campaign.key()).into_iter().flatten().copied().chain(ready));
    }
}
