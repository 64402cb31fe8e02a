//! The rules of the domain on everything as it will stand.

use std::collections::{BTreeMap, BTreeSet};

use cxform_model::{Address, Desktop, Kind};
use cxform_rules::{Finding, Launch, Severity, Standing, check};

use crate::draft::Draft;
use crate::inputs::Inputs;
use crate::refusal::Problem;
use crate::{Options, Warning};

/// Runs every rule: errors refuse the plan unless the project waives them, warnings travel with it.
pub(crate) fn judge(
    inputs: &Inputs<'_>,
    options: &Options,
    desktops: BTreeMap<Address, Desktop>,
    launches: BTreeMap<Address, Launch>,
    draft: &mut Draft,
) {
    let mut standing = Standing::offline(inputs.desired);
    for (address, object) in &mut standing.objects {
        object.observed = inputs.matches.found(address).map(|found| found.object);
    }
    standing.desktops = desktops;
    standing.desktops_complete = true;
    standing.launches = launches;
    standing.foreign = Some(foreign(inputs));
    for finding in check(&standing, &options.context) {
        let waived = options
            .waivers
            .iter()
            .any(|waiver| waiver.rule == finding.rule.id && waiver.addresses.picks(&finding.at.address));
        if finding.rule.severity == Severity::Error && !waived {
            draft.problems.push(problem(finding));
        } else {
            draft.warnings.push(Warning {
                rule: Some(finding.rule.id.to_owned()),
                address: Some(finding.at.address),
                message: finding.message,
                source: finding.at.source.map(|source| inputs.place(source)),
            });
        }
    }
}

fn foreign(inputs: &Inputs<'_>) -> BTreeSet<Address> {
    [Kind::Outcome, Kind::CallCode, Kind::Campaign, Kind::Webhook]
        .into_iter()
        .flat_map(|kind| inputs.observed.of(kind))
        .filter(|object| inputs.matches.owner(object).is_none())
        .filter_map(|object| inputs.index.address_of(object))
        .collect()
}

fn problem(finding: Finding) -> Problem {
    let Finding { rule, at, message, hint, related } = finding;
    let mut problem = Problem::new(rule.id, message).of(&at.address);
    problem.path = at.field.map(|field| field.path().to_owned());
    problem.hint = hint;
    problem.sources.extend(at.source.map(|source| (source, String::new())));
    problem.sources.extend(related.into_iter().filter_map(|(spot, words)| Some((spot.source?, words))));
    problem
}
