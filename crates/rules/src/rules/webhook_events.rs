//! A subscription that hears nothing is a mistake, and most tenants refuse it.

use cxform_model::Field;
use serde_json::Value;

use crate::{Finding, Rule, Severity, StandingObject};

pub(super) static RULE: Rule = Rule {
    id: "CX062",
    name: "webhook-events",
    severity: Severity::Error,
    about: "A webhook subscription names at least one event, and no event is empty.",
    origin: "[A]",
};

pub(super) fn judge(webhook: StandingObject<'_>, findings: &mut Vec<Finding>) {
    let Some(field) = Field::find(webhook.address.kind(), "events") else { return };
    let Some(Value::Array(events)) = webhook.value_of(field) else { return };
    let blank = |event: &Value| event.as_str().is_some_and(|event| event.trim().is_empty());
    let (inside, message) = match events.iter().position(blank) {
        Some(at) => (format!("/{at}"), "an event has no name"),
        None if events.is_empty() => (String::new(), "`events` is empty"),
        None => return,
    };
    findings.push(
        Finding::new(&RULE, webhook.spot_of(field, inside), message)
            .hint("name the events in the tenant's words; `isActive: false` switches the subscription off"),
    );
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::RULE;
    use crate::fixture::project;

    #[test]
    fn a_subscription_names_its_events() {
        let found = |events| project(json!({ "webhook/crm": { "events": events } })).found(&RULE);
        assert_eq!(found(json!([])), ["webhook/crm events"]);
        assert_eq!(found(json!(["A", " "])), ["webhook/crm events/1"]);
        assert!(found(json!(["CALL_ENDED"])).is_empty());
        assert!(project(json!({ "webhook/crm": {} })).found(&RULE).is_empty(), "an absent field is not managed");
    }
}
