//! The way from two inventories to a plan, part by part.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cxform_model::{Address, Desired, Desktop, Kind, Observed, RemoteId, Source};
use cxform_rules::Context;

use crate::draft::Draft;
use crate::index::Index;
use crate::inputs::{Inputs, Lead};
use crate::matching::Matches;
use crate::owned::Unlisted;
use crate::reach::Reached;
use crate::refusal::{Problem, Refusal, code};
use crate::scope::scope;
use crate::select::Selection;
use crate::tree::Tree;
use crate::{
    Options, Plan, activity, campaigns, codes, desktops, digest, estimate, guard, impact, join, judge, keys, launch,
    order, owned, reach, retire, shortcuts, shown,
};

/// The campaigns whose desktops a plan needs, once the listings of [`scope`](crate::scope) are read: those that entries
/// reach or manifests ask to start, and all of them where an outcome is to be retired, since any may still show it.
///
/// # Errors
/// Campaigns and groups that cannot be resolved, and objects that cannot be matched.
pub fn desktops_to_read(desired: &Desired, observed: &Observed) -> Result<BTreeSet<RemoteId>, Refusal> {
    let mut problems = unread(desired, observed);
    let index = match may_retire_outcomes(desired) {
        true => Index::of(observed),
        // Of nothing else it is asked here, and most of a tenant is no campaign.
        false => Index::of_kinds(observed, &[Kind::Campaign]),
    };
    let matches = Matches::of(desired, &index, &mut problems);
    let inputs = Inputs::new(desired, observed, &index, &matches);
    let reached = reach::reached(&inputs, &mut problems);
    if !problems.is_empty() {
        return Err(Refusal::of(problems));
    }
    let unlisted = owned::unlisted(desired, &index, &matches);
    let retired = retire::retired_outcomes(&inputs, &unlisted);
    let retiring = retired.keys().any(|id| index.id(Kind::Outcome, id).is_some_and(activity::is_active));
    Ok(if retiring {
        observed.of(Kind::Campaign).iter().map(|campaign| campaign.id.clone()).collect()
    } else {
        reached.values().filter_map(|reached| reached.id().cloned()).chain(launch::to_start(&inputs)).collect()
    })
}

fn may_retire_outcomes(desired: &Desired) -> bool {
    let tombstone = |(address, object): (&Address, _)| activity::is_tombstone(address.kind(), object);
    !desired.authorities.is_empty() || desired.objects.iter().any(tombstone)
}

/// Makes the plan that brings the tenant to what the manifests ask for.
///
/// # Errors
/// Every reason why there is none, all at once.
pub fn plan(desired: &Desired, observed: &Observed, options: &Options) -> Result<Plan, Refusal> {
    let mut draft = Draft { problems: unread(desired, observed), ..Draft::default() };
    let index = Index::of(observed);
    let matches = Matches::of(desired, &index, &mut draft.problems);
    let inputs = Inputs::new(desired, observed, &index, &matches);
    let unlisted = owned::unlisted(desired, &index, &matches);

    let Compared { outcomes, call_codes, retired, reached, joined } = compare(&inputs, options, &unlisted, &mut draft);
    shown::check(&inputs, options, &retired, &reached, &mut draft);

    keys::order(&inputs, &mut draft);
    shortcuts::order(&inputs, &mut draft);
    retire::order(&inputs, Kind::Outcome, &outcomes, &mut draft);
    retire::order(&inputs, Kind::CallCode, &call_codes, &mut draft);
    campaigns::order_starts(&joined, &mut draft);
    forgotten(&inputs, options, &mut draft);
    let launches = launch::launches(&inputs, &mut draft);
    judge::judge(&inputs, options, joined, launches, &mut draft);

    let populations = guard::populations(&inputs, &unlisted, &draft);
    finish(&inputs, options, &populations, draft)
}

/// What the parts of a comparison found out for what comes after.
struct Compared<'a> {
    outcomes: Tree,
    call_codes: Tree,
    retired: HashMap<&'a RemoteId, Source>,
    reached: BTreeMap<Address, Reached<'a>>,
    joined: BTreeMap<Address, Desktop>,
}

/// Every object and every desktop, as manifests ask for it and as the tenant has it.
fn compare<'a>(inputs: &Inputs<'a>, options: &Options, unlisted: &[Unlisted<'a>], draft: &mut Draft) -> Compared<'a> {
    let outcomes = codes::plan(inputs, options, Kind::Outcome, draft);
    let call_codes = codes::plan(inputs, options, Kind::CallCode, draft);
    codes::plan(inputs, options, Kind::Webhook, draft);
    campaigns::plan(inputs, options, draft);
    retire::plan(inputs, options, unlisted, draft);

    let retired = retire::retired_outcomes(inputs, unlisted);
    let reached = reach::reached(inputs, &mut draft.problems);
    let joined = join::join(&reached, &mut draft.problems);
    for (campaign, desktop) in &joined {
        if let Some(reached) = reached.get(campaign) {
            desktops::plan(inputs, options, campaign, reached, desktop, &retired, draft);
        }
    }
    Compared { outcomes, call_codes, retired, reached, joined }
}

/// Everything that differs, whether a plan might change it or not: no guard and no rule speaks here. `look` gets it
/// together with what it was found in.
///
/// # Errors
/// What cannot be compared at all.
pub(crate) fn survey<T>(
    desired: &Desired,
    observed: &Observed,
    look: impl FnOnce(&Inputs<'_>, Draft) -> T,
) -> Result<T, Refusal> {
    let options = Options {
        allow_assigned: true,
        allow_empty: true,
        allow_protected: true,
        allow_resume: true,
        ..Options::new("", "", "", Context::default())
    };
    let mut draft = Draft { problems: unread(desired, observed), ..Draft::default() };
    let index = Index::of(observed);
    let matches = Matches::of(desired, &index, &mut draft.problems);
    let inputs = Inputs::new(desired, observed, &index, &matches);
    compare(&inputs, &options, &owned::unlisted(desired, &index, &matches), &mut draft);
    // That something cannot be written is no reason not to tell that it differs.
    draft.problems.retain(|problem| ![code::TRANSITION, code::INCOMPLETE, code::GUARD].contains(&problem.code));
    match draft.problems.is_empty() {
        true => Ok(look(&inputs, draft)),
        false => Err(Refusal::of(draft.problems)),
    }
}

/// A listing that was not read is never taken for an empty one.
fn unread(desired: &Desired, observed: &Observed) -> Vec<Problem> {
    scope(desired)
        .listings
        .into_iter()
        .filter(|kind| !observed.listings.contains_key(kind))
        .map(|kind| Problem::new(code::INTERNAL, format!("the {} of the tenant were not read", kind.plural())))
        .collect()
}

/// Objects that an earlier run managed and no manifest lists any more stay as they are, and the plan says so.
fn forgotten(inputs: &Inputs<'_>, options: &Options, draft: &mut Draft) {
    let previous: BTreeSet<_> =
        inputs.desired.objects.values().flat_map(|object| &object.previous).map(|previous| &previous.value).collect();
    let retired: BTreeSet<_> = draft.changes.iter().map(|change| change.address.clone()).collect();
    for address in options.known.iter().flatten() {
        let listed =
            inputs.desired.objects.contains_key(address) || previous.contains(address) || retired.contains(address);
        if !listed && inputs.index.at(address).iter().any(|object| activity::is_active(object)) {
            draft.warn(Some(address), "no manifest lists it any more: it stays on the tenant as it is", None);
        }
    }
}

fn finish(
    inputs: &Inputs<'_>,
    options: &Options,
    populations: &BTreeMap<Kind, usize>,
    mut draft: Draft,
) -> Result<Plan, Refusal> {
    let ordered = order::steps(&mut draft);
    let Draft { mut changes, mut unchanged, mut problems, mut warnings, .. } = draft;
    let mut steps = match ordered {
        Ok(steps) => steps,
        Err(problem) => {
            // A circle among steps is worth telling only where nothing explains it.
            if problems.is_empty() {
                problems.push(*problem);
            }
            return Err(Refusal::of(problems));
        }
    };
    changes.sort_by(|left, right| (&left.address, left.action).cmp(&(&right.address, right.action)));
    Selection {
        changes: &mut changes,
        steps: &mut steps,
        unchanged: &mut unchanged,
        warnings: &mut warnings,
        problems: &mut problems,
    }
    .apply(options);
    problems.extend(guard::check(&changes, populations, &options.guard));
    if !problems.is_empty() {
        return Err(Refusal::of(problems));
    }
    warnings.sort_by(|left, right| {
        (&left.address, &left.rule, &left.message, &left.source).cmp(&(
            &right.address,
            &right.rule,
            &right.message,
            &right.source,
        ))
    });
    warnings.dedup();
    let mut plan = Plan {
        id: None,
        project: options.project.clone(),
        environment: options.environment.clone(),
        tenant: options.tenant.clone(),
        changes,
        estimate: estimate::estimate(&steps, &options.rate_limits),
        live: impact::live(&steps, |campaign| match inputs.lead(campaign) {
            Lead::Lives(object) if activity::is_dialling(object) => Some(object.id.clone()),
            _ => None,
        }),
        steps,
        allowances: Vec::new(),
        unchanged: unchanged.len(),
        warnings,
        digest: String::new(),
        provenance: crate::Provenance::default(),
    };
    plan.digest = digest::digest(&plan);
    Ok(plan)
}
