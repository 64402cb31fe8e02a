//! What a rule sees: the plan, and of each change the object as it stands and whether its campaign may be calling.

use std::collections::{BTreeMap, BTreeSet};

use cel::Context;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::hours::calls_at;
use crate::value;

/// A plan with what rules ask about it.
pub(crate) struct Subject<'p> {
    now: Timestamp,
    /// The known fields of each object, by path, as they were when the plan was made.
    objects: BTreeMap<&'p str, &'p Value>,
    /// The campaigns that dial.
    live: BTreeSet<&'p str>,
}

/// What is known of one change.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) object: Value,
    /// The name of the campaign that it is about, as addresses spell it; empty where it is about none.
    pub(crate) campaign: String,
    pub(crate) calling: bool,
}

impl<'p> Subject<'p> {
    pub(crate) fn of(plan: &'p Value, now: Timestamp) -> Self {
        let list = |name: &str| plan.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let mut objects = BTreeMap::new();
        for step in list("steps") {
            let base = step.get("base").filter(|base| base.as_object().is_some_and(|base| !base.is_empty()));
            if let (Some(address), Some(base)) = (step.get("address").and_then(Value::as_str), base) {
                objects.entry(address).or_insert(base);
            }
        }
        let live = list("live").iter().filter_map(|live| live.get("address")?.as_str()).collect();
        Self { now, objects, live }
    }

    pub(crate) fn facts(&self, change: &Value) -> Facts {
        let address = change.get("address").and_then(Value::as_str).unwrap_or_default();
        let campaign = campaign_of(address);
        let owner = format!("campaign/{campaign}");
        let dials = !campaign.is_empty() && self.live.contains(owner.as_str());
        let hours = self.objects.get(owner.as_str());
        Facts {
            object: self.objects.get(address).map_or_else(|| json!({}), |object| (*object).clone()),
            campaign: campaign.to_owned(),
            // Where the plan does not hold the campaign's hours, it may well be calling.
            calling: dials && hours.is_none_or(|campaign| calls_at(campaign, self.now)),
        }
    }
}

/// `q3` of `campaign/q3` and `assignment/q3/SI`.
pub(crate) fn campaign_of(address: &str) -> &str {
    match address.split_once('/') {
        Some(("campaign", name)) => name,
        Some(("assignment", rest)) => rest.split('/').next().unwrap_or_default(),
        _ => "",
    }
}

/// The names that every expression knows.
pub(crate) fn scope<'v>(plan: &Value, now: Timestamp) -> Context<'static, 'v> {
    let mut scope = Context::default();
    scope.add_variable_from_value("plan", value::of(plan));
    scope.add_variable_from_value("now", now.to_string());
    scope
}

/// The names that an expression about one change knows besides.
pub(crate) fn within<'b>(scope: &'b Context<'_, 'b>, change: &Value, facts: &Facts) -> Context<'b, 'b> {
    let mut inner = scope.new_inner_scope();
    inner.add_variable_from_value("change", value::of(change));
    inner.add_variable_from_value("object", value::of(&facts.object));
    inner.add_variable_from_value("campaign", facts.campaign.clone());
    inner.add_variable_from_value("calling", facts.calling);
    inner
}
