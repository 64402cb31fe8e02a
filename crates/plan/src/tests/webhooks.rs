//! Webhook subscriptions: created, changed, renamed, switched off; never deleted.

use cxform_model::{Kind, Precondition, Write};
use serde_json::json;

use super::fixture::{ids, observed, planned, refused, told};
use crate::{Done, inverse, v1};

#[test]
fn a_new_subscription_is_created_with_its_name_and_is_active() {
    let plan = planned(&json!({ "webhooks": [{ "name": "crm" }] }), &json!({}));
    assert_eq!(told(&plan), ["webhook/crm create"]);
    let [step] = plan.steps.as_slice() else { panic!("{:?}", ids(&plan)) };
    let Write::Create { kind: Kind::Webhook, parent: None, fields } = &step.write else { panic!("{:?}", step.write) };
    assert_eq!(
        serde_json::to_value(fields.to_paths()).unwrap(),
        json!({ "name": "crm", "url": "https://crm.example/events", "events": ["CALL_ENDED"], "isActive": true })
    );
    assert_eq!(step.precondition, Precondition::Absent);
    assert_eq!(v1::read(&v1::write(&plan)).unwrap(), plan);
}

#[test]
fn a_change_is_pinned_to_the_content_that_was_seen() {
    let live = json!({ "webhooks": [{ "id": "w1", "name": "crm", "url": "https://old.example/" }] });
    let plan = planned(&json!({ "webhooks": [{ "name": "crm" }] }), &live);
    assert_eq!(told(&plan), ["webhook/crm update"]);
    let hash = observed(&live).of(Kind::Webhook)[0].content_hash();
    assert_eq!(plan.steps[0].precondition, Precondition::Content(hash));
    assert_eq!(plan.estimate.by_endpoint, [("list-webhooks".to_owned(), 1), ("update-webhook".to_owned(), 1)].into());
    assert_eq!(v1::read(&v1::write(&plan)).unwrap(), plan);
}

#[test]
fn events_are_a_set_of_words() {
    let live = json!({ "webhooks": [{ "id": "w1", "name": "crm", "events": ["b", "A"] }] });
    let plan = planned(&json!({ "webhooks": [{ "name": "crm", "events": ["a", "B", "b"] }] }), &live);
    assert_eq!(ids(&plan), <[&str; 0]>::default());
}

#[test]
fn a_subscription_that_is_kept_inactive_is_retired_once() {
    let wanted = json!({ "webhooks": [{ "name": "crm", "isActive": false }] });
    let plan = planned(&wanted, &json!({ "webhooks": [{ "id": "w1", "name": "crm" }] }));
    assert_eq!(told(&plan), ["webhook/crm retire"]);
    let again = planned(&wanted, &json!({ "webhooks": [{ "id": "w1", "name": "crm", "isActive": false }] }));
    assert_eq!(told(&again), <[&str; 0]>::default());
}

#[test]
fn a_subscription_that_git_no_longer_lists_stays() {
    let plan = planned(&json!({}), &json!({ "webhooks": [{ "id": "w1", "name": "crm" }] }));
    assert_eq!(ids(&plan), <[&str; 0]>::default());
}

#[test]
fn a_previous_name_renames_in_place() {
    let live = json!({ "webhooks": [{ "id": "w1", "name": "old" }] });
    let plan = planned(&json!({ "webhooks": [{ "name": "crm", "previous": ["old"] }] }), &live);
    assert_eq!(told(&plan), ["webhook/crm update"]);
    assert!(matches!(&plan.steps[0].write, Write::Update { fields, .. } if fields.len() == 1), "{:?}", plan.steps);
    let twins = json!({ "webhooks": [{ "id": "w1", "name": "old" }, { "id": "w2", "name": "crm" }] });
    assert_eq!(refused(&json!({ "webhooks": [{ "name": "crm", "previous": ["old"] }] }), &twins)[0].code, "CX081");
}

#[test]
fn an_undo_switches_off_what_was_created_and_says_so() {
    let plan = planned(&json!({ "webhooks": [{ "name": "crm" }] }), &json!({}));
    let done = Done {
        step: "webhook/crm:create".to_owned(),
        created: Some(cxform_model::RemoteId("w1".to_owned())),
        ..Done::default()
    };
    let back = inverse(&plan, &[done]);
    assert_eq!(told(&back.plan), ["webhook/crm retire"]);
    assert!(back.cannot[0].1.contains("it is switched off"), "{:?}", back.cannot);
}
