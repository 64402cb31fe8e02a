//! `kind: WebhookSubscription`.

use cxform_model::{Address, Setting};
use serde_json::json;

use super::{desired, lines, load};

const HEAD: &str =
    "apiVersion: cxform/v1\nkind: WebhookSubscription\nmetadata: { name: crm, previousNames: [old crm] }\n";

#[test]
fn a_subscription_is_read_and_active_unless_it_says_so() {
    let desired = desired(&format!("{HEAD}spec: {{ url: https://crm.example/x, events: [CALL_ENDED] }}\n"));
    let object = &desired.objects[&Address::webhook("crm")];
    let fields: Vec<_> = object
        .fields
        .iter()
        .map(|(field, wanted)| match &wanted.setting {
            Setting::Value(value) => (field.path(), value.clone()),
            Setting::Between(envelope) => panic!("{envelope:?}"),
        })
        .collect();
    assert_eq!(
        fields,
        [("url", json!("https://crm.example/x")), ("events", json!(["CALL_ENDED"])), ("isActive", json!(true))]
    );
    assert_eq!(object.previous[0].value, Address::webhook("old crm"));
}

#[test]
fn what_is_no_key_of_a_subscription_is_told_with_what_to_do_instead() {
    let loaded =
        load(&format!("{HEAD}spec: {{ url: https://crm.example/x, events: [A], secret: x, name: y, evnts: [B] }}\n"));
    assert_eq!(
        lines(&loaded.diagnostics),
        [
            "manifests/a.yaml:4:50 CX005 unknown key `secret` in `spec` of a WebhookSubscription",
            "manifests/a.yaml:4:61 CX005 unknown key `name` in `spec` of a WebhookSubscription",
            "manifests/a.yaml:4:70 CX005 unknown key `evnts` in `spec` of a WebhookSubscription",
        ]
    );
}

#[test]
fn a_url_with_a_credential_is_refused_at_its_place() {
    let loaded = load(&format!("{HEAD}spec:\n  url: https://crm.example/?token=abc\n  events: [A]\n"));
    assert_eq!(
        lines(&loaded.diagnostics),
        ["manifests/a.yaml:5:8 CX061 `url` holds a credential in its parameter `token`"]
    );
}
