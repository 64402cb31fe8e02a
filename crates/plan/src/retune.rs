//! A plan that no manifest asks for: settings of campaigns that are turned within their envelopes while they dial.
//!
//! It is carried out, guarded and put on record like any other. What it turns is in sync for the planner, so that the two
//! never work against each other.

use std::collections::BTreeMap;

use cxform_model::{
    Address, Document, Fields, ObservedObject, Precondition, RateLimits, Target, Version, Write, canonical_field,
};
use serde_json::Value;

use crate::base::base_of;
use crate::{Action, Change, FieldChange, Plan, Provenance, Step, digest, estimate};

/// A campaign, and the settings that are to be turned.
#[derive(Debug, Clone, PartialEq)]
pub struct Retuned<'a> {
    /// Its address.
    pub address: &'a Address,
    /// The campaign as it was read.
    pub campaign: &'a ObservedObject,
    /// The version that it was read with.
    pub version: Version,
    /// The new values.
    pub fields: Fields<Value>,
    /// Why.
    pub reason: String,
}

/// The plan that turns them.
#[must_use]
pub fn retune<'a>(
    project: &str,
    environment: &str,
    tenant: &str,
    rates: &RateLimits,
    retuned: impl IntoIterator<Item = Retuned<'a>>,
) -> Plan {
    let (mut changes, mut steps) = (Vec::new(), Vec::new());
    for Retuned { address, campaign, version, fields, reason } in retuned {
        let before = |field| canonical_field(field, campaign.fields.get(field));
        changes.push(Change {
            address: address.clone(),
            action: Action::Update,
            reason,
            source: None,
            fields: fields
                .iter()
                .map(|(field, after)| FieldChange::of(field, before(field), after.clone(), None))
                .collect(),
        });
        steps.push(Step {
            id: format!("{address}:tune"),
            address: address.clone(),
            action: Action::Update,
            needs: Vec::new(),
            precondition: Precondition::Version(version),
            write: Write::Update {
                document: Document::Campaign,
                target: Target::Existing(campaign.id.clone()),
                parent: None,
                fields,
            },
            base: base_of(campaign),
            base_version: Some(version),
            bare: false,
            places: BTreeMap::new(),
        });
    }
    let mut plan = Plan {
        id: None,
        project: project.to_owned(),
        environment: environment.to_owned(),
        tenant: tenant.to_owned(),
        changes,
        estimate: estimate::estimate(&steps, rates),
        live: Vec::new(),
        steps,
        allowances: Vec::new(),
        unchanged: 0,
        warnings: Vec::new(),
        digest: String::new(),
        provenance: Provenance::default(),
    };
    plan.digest = digest::digest(&plan);
    plan
}

#[cfg(test)]
mod tests {
    use cxform_model::{Field, Kind, RemoteId};
    use serde_json::json;

    use super::*;
    use crate::v1::PlanV1;

    #[test]
    fn it_is_a_plan_like_any_other_and_can_be_undone() {
        let field = Field::find(Kind::Campaign, "dialerSettings.callRate").unwrap();
        let campaign = ObservedObject {
            kind: Kind::Campaign,
            id: RemoteId("c1".into()),
            key: "q3".into(),
            parent: None,
            version: Some(Version(7)),
            fields: [(field, json!(0.5))].into_iter().collect(),
        };
        let address = Address::campaign("q3");
        let retuned = Retuned {
            address: &address,
            campaign: &campaign,
            version: Version(7),
            fields: [(field, json!(0.6))].into_iter().collect(),
            reason: "many answer".to_owned(),
        };
        let plan = retune("p", "e", "t", &RateLimits::default(), [retuned]);
        let read = Plan::try_from(PlanV1::from(&plan)).unwrap();
        assert_eq!(read, plan);
        assert_eq!(plan.steps[0].precondition, Precondition::Version(Version(7)));
        let done =
            crate::Done { step: "campaign/q3:tune".to_owned(), created: None, version: Some(Version(8)), after: None };
        let undone = crate::inverse(&plan, &[done]).plan;
        assert_eq!(undone.changes[0].fields[0].after, json!(0.5));
        assert_eq!(undone.steps[0].precondition, Precondition::Version(Version(8)));
    }
}
