//! Which desktops the entries of the manifests reach: by campaign name, and by group through its members.

use std::collections::{BTreeMap, HashMap};

use cxform_model::{Address, CampaignGroup, DesktopEntry, Kind, RemoteId, Source, Sourced, Target};

use crate::hints;
use crate::inputs::{Inputs, Lead};
use crate::refusal::{Problem, code};

/// A campaign whose desktop some entries speak of.
pub(crate) struct Reached<'a> {
    pub(crate) target: Target,
    /// The entries, in the order of file and document.
    pub(crate) entries: Vec<&'a DesktopEntry>,
    /// The name or group that reached it first.
    source: Source,
}

impl Reached<'_> {
    pub(crate) fn id(&self) -> Option<&RemoteId> {
        match &self.target {
            Target::Existing(id) => Some(id),
            Target::Created(_) => None,
        }
    }
}

/// Resolves every entry, by the address that each campaign will have.
pub(crate) fn reached<'a>(inputs: &Inputs<'a>, problems: &mut Vec<Problem>) -> BTreeMap<Address, Reached<'a>> {
    let mut reached: BTreeMap<Address, Reached<'a>> = BTreeMap::new();
    // Assignments are told by the name of their campaign, so one name must lead to one desktop.
    let mut reach = |address: Address, target: Target, source: Source, entry: &'a DesktopEntry| {
        let first = reached.entry(address.clone()).or_insert_with(|| Reached {
            target: target.clone(),
            entries: Vec::new(),
            source,
        });
        match (&first.target, &target) {
            (Target::Existing(one), Target::Existing(other)) if one != other => Err(Box::new(
                Problem::new(code::AMBIGUOUS, format!("two campaigns bear this name: ids `{one}` and `{other}`"))
                    .of(&address)
                    .at(source)
                    .and_at(first.source, format!("reaches id `{one}`"))
                    .hint("rename one of them on the tenant"),
            )),
            _ => {
                first.entries.push(entry);
                Ok(())
            }
        }
    };
    let groups = Groups::of(&inputs.observed.groups);
    for entry in &inputs.desired.desktops {
        for campaign in &entry.campaigns {
            match named(inputs, campaign) {
                Ok(Some(target)) => {
                    problems.extend(reach(campaign.value.clone(), target, campaign.source, entry).err().map(|it| *it));
                }
                Ok(None) => {}
                Err(problem) => problems.push(*problem),
            }
        }
        for group in &entry.groups {
            let found = match groups.find(group) {
                Ok(found) => found,
                Err(problem) => {
                    problems.push(*problem);
                    continue;
                }
            };
            for id in &found.campaigns {
                let member = inputs.index.id(Kind::Campaign, id).and_then(|campaign| inputs.address_of(campaign));
                match member {
                    Some(address) => {
                        let target = Target::Existing(id.clone());
                        problems.extend(reach(address, target, group.source, entry).err().map(|it| *it));
                    }
                    None => problems.push(
                        Problem::new(
                            code::GROUP,
                            format!("group `{}` holds campaign id `{id}`, which the tenant does not list", found.name),
                        )
                        .at(group.source),
                    ),
                }
            }
        }
    }
    reached
}

/// A campaign by name; none where the problem is told elsewhere.
fn named(inputs: &Inputs<'_>, campaign: &Sourced<Address>) -> Result<Option<Target>, Box<Problem>> {
    let address = &campaign.value;
    if !inputs.desired.objects.contains_key(address)
        && let [first, .., last] = inputs.index.at(address)
        && first.id != last.id
    {
        let message = format!("two campaigns bear this name: ids `{}` and `{}`", first.id, last.id);
        return Err(Box::new(Problem::new(code::AMBIGUOUS, message).of(address).at(campaign.source)));
    }
    match inputs.lead(address) {
        Lead::Lives(object) => Ok(Some(Target::Existing(object.id.clone()))),
        Lead::Created => Ok(Some(Target::Created(address.clone()))),
        Lead::Nowhere if inputs.desired.objects.contains_key(address) => Ok(None),
        Lead::Nowhere => Err(Box::new(
            Problem::new(code::NOWHERE, "this campaign is neither in the manifests nor on the tenant")
                .of(address)
                .at(campaign.source)
                .hint(hints::campaign(inputs, address)),
        )),
    }
}

struct Groups<'a> {
    by_id: HashMap<&'a str, &'a CampaignGroup>,
    by_name: HashMap<&'a str, Vec<&'a CampaignGroup>>,
}

impl<'a> Groups<'a> {
    fn of(groups: &'a [CampaignGroup]) -> Self {
        let mut by_name: HashMap<&str, Vec<&CampaignGroup>> = HashMap::new();
        let by_id: HashMap<_, _> = groups.iter().map(|group| (group.id.0.as_str(), group)).collect();
        for group in by_id.values() {
            by_name.entry(group.name.trim()).or_default().push(group);
        }
        for groups in by_name.values_mut() {
            groups.sort_by(|left, right| left.id.cmp(&right.id));
        }
        Self { by_id, by_name }
    }

    /// An id wins over a name, since ids are unique.
    fn find(&self, wanted: &Sourced<String>) -> Result<&'a CampaignGroup, Box<Problem>> {
        let name = wanted.value.trim();
        if let Some(group) = self.by_id.get(name) {
            return Ok(group);
        }
        let problem = match self.by_name.get(name).map_or(&[][..], Vec::as_slice) {
            [group] => return Ok(group),
            [] => Problem::new(code::GROUP, format!("the tenant has no campaign group with the id or name `{name}`")),
            groups => {
                let ids: Vec<_> = groups.iter().map(|group| format!("`{}`", group.id)).collect();
                Problem::new(
                    code::GROUP,
                    format!("several campaign groups are called `{name}`: ids {}", ids.join(", ")),
                )
                .hint("name the group by its id")
            }
        };
        Err(Box::new(problem.at(wanted.source)))
    }
}
