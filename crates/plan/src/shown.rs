//! Outcomes that are retired while an unmanaged desktop still shows them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cxform_model::{Address, Kind, RemoteId, Source};

use crate::Options;
use crate::activity;
use crate::draft::Draft;
use crate::inputs::Inputs;
use crate::reach::Reached;
use crate::refusal::{Problem, code};

/// Refuses, or with the flag warns of, every retirement that an unmanaged desktop would notice.
pub(crate) fn check(
    inputs: &Inputs<'_>,
    options: &Options,
    retired: &HashMap<&RemoteId, Source>,
    reached: &BTreeMap<Address, Reached<'_>>,
    draft: &mut Draft,
) {
    let retiring: HashMap<&RemoteId, Source> = retired
        .iter()
        .filter(|(id, _)| inputs.index.id(Kind::Outcome, id).is_some_and(activity::is_active))
        .map(|(id, source)| (*id, *source))
        .collect();
    if retiring.is_empty() {
        return;
    }
    let managed: BTreeSet<&RemoteId> = reached.values().filter_map(Reached::id).collect();
    let mut showing: BTreeMap<&RemoteId, BTreeSet<String>> = BTreeMap::new();
    for campaign in inputs.observed.of(Kind::Campaign).iter().filter(|campaign| !managed.contains(&campaign.id)) {
        let Some(desktop) = inputs.observed.desktops.get(&campaign.id) else {
            draft.problems.push(Problem::new(
                code::INTERNAL,
                format!("the desktop of campaign `{}`, id `{}`, was not read", campaign.key, campaign.id),
            ));
            continue;
        };
        for assignment in desktop {
            if let Some((id, _)) = retiring.get_key_value(&assignment.outcome) {
                showing.entry(id).or_default().insert(format!("`{}`", Address::campaign(campaign.key.trim())));
            }
        }
    }
    for (id, campaigns) in showing {
        let Some(address) = inputs.index.id(Kind::Outcome, id).and_then(|outcome| inputs.address_of(outcome)) else {
            continue;
        };
        let Some(source) = retiring.get(id) else { continue };
        let campaigns = campaigns.into_iter().collect::<Vec<_>>().join(", ");
        if options.allow_assigned {
            let message = format!("it is retired while unmanaged desktops still show it: {campaigns}");
            draft.warn(Some(&address), message, Some(inputs.place(*source)));
        } else {
            draft.problems.push(
                Problem::new(
                    code::GUARD,
                    format!("it would be retired while unmanaged desktops still show it: {campaigns}"),
                )
                .of(&address)
                .at(*source)
                .hint("list it under `unassigned` of these campaigns")
                .unless("--allow-assigned"),
            );
        }
    }
}
