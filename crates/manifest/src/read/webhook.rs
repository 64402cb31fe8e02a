//! `kind: WebhookSubscription`.

use cxform_model::{Address, Kind};
use serde_json::Value;

use super::document::Heading;
use super::fields::branches;
use super::{Keys, Reader};

/// Why a key of the API's subscription, or one that is missed there, is none of the manifest's.
const ELSEWHERE: &[(&str, &str)] = &[
    ("name", "the name of a subscription is `metadata.name`"),
    ("id", "manifests never hold the id of a managed object: subscriptions are found by name"),
    ("secret", "the API knows no secret of a subscription"),
];

/// The keys of a subscription's spec.
pub(crate) fn keys() -> Vec<&'static str> {
    branches(Kind::Webhook).iter().map(|branch| branch.name).filter(|name| *name != "name").collect()
}

impl Reader<'_> {
    pub(super) fn webhook(&mut self, heading: &Heading<'_>) {
        let fields = keys();
        let keys = Keys { what: "`spec` of a WebhookSubscription", known: &fields, elsewhere: ELSEWHERE };
        self.named(heading, Address::webhook(heading.name), &keys, &fields, |reader, _, object| {
            reader.activate(Kind::Webhook, "isActive", Value::Bool(true), heading.source(), &mut object.fields);
        });
    }
}
