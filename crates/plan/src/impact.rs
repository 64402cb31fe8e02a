//! What a plan means for campaigns that dial right now. The figures come from elsewhere: the planner knows no clock.

use std::collections::BTreeMap;

use cxform_model::{Address, CampaignStatus, Kind, RemoteId, Target, Write};
use serde_json::Value;

use crate::{Plan, Step};

/// A campaign that dials and that the plan touches: its settings, its run state or its desktop.
#[derive(Debug, Clone, PartialEq)]
pub struct Live {
    /// The campaign.
    pub address: Address,
    /// The tenant's id, to ask for its figures by.
    pub id: RemoteId,
    /// The changed fields under which it should stand still.
    pub needs_pause: Vec<String>,
    /// Whether it stands still while they change.
    pub stands_still: bool,
    /// How it is doing; `None` where nobody asked, or may.
    pub figures: Option<Figures>,
}

/// How a campaign is doing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    /// Its run state when it was asked.
    pub status: Option<CampaignStatus>,
    /// Calls so far.
    pub calls: Option<u64>,
    /// How busy its agents are, in per cent.
    pub utilization: Option<f64>,
}

/// The campaigns among `dialling` that some steps touch, by address.
pub(crate) fn live(steps: &[Step], dialling: impl Fn(&Address) -> Option<RemoteId>) -> Vec<Live> {
    let mut touched: BTreeMap<Address, Option<Live>> = BTreeMap::new();
    for step in steps {
        let campaign = match step.address.kind() {
            Kind::Campaign => step.address.clone(),
            _ => match step.address.assignment_campaign() {
                Some(campaign) => campaign,
                None => continue,
            },
        };
        let live = touched.entry(campaign).or_insert_with_key(|address| {
            let id = dialling(address)?;
            Some(Live { address: address.clone(), id, needs_pause: Vec::new(), stands_still: false, figures: None })
        });
        let Some(live) = live else { continue };
        match &step.write {
            Write::Transition { to: CampaignStatus::Paused | CampaignStatus::Completed, .. } => {
                // What stops it goes before what needs it to stand still.
                live.stands_still = true;
            }
            Write::Update { fields, .. } if step.address.kind() == Kind::Campaign => {
                let needing = fields.iter().filter(|(field, _)| field.policy().needs_pause);
                live.needs_pause.extend(needing.map(|(field, _)| field.path().to_owned()));
            }
            _ => {}
        }
    }
    touched.into_values().flatten().collect()
}

impl Plan {
    /// The campaigns that the plan starts, each with its id where it has one yet. One that only stands still for an update
    /// is none of them.
    #[must_use]
    pub fn starting(&self) -> Vec<(Address, Option<RemoteId>)> {
        let starts = self.steps.iter().filter_map(|step| {
            let Write::Transition { target, to: CampaignStatus::Active } = &step.write else { return None };
            let told = step.base.get("status").and_then(Value::as_str).and_then(CampaignStatus::from_word);
            let id = match target {
                Target::Existing(id) => Some(id.clone()),
                Target::Created(_) => None,
            };
            (told != Some(CampaignStatus::Active)).then(|| (step.address.clone(), id))
        });
        starts.collect()
    }
}
