//! The rules of a tenant, without HTTP.

use serde_json::{Value, json};

use super::{Occasion, Refusal, Ruling, Store, assignments, callcodes, campaigns, outcomes, text};
use crate::options::PutMode;

const OCCASION: Occasion<'static> =
    Occasion { now: "2026-01-01T00:00:00.000Z", actor: "tester", put: PutMode::Merge, count_assignments: false };

/// Makes a decision true and gives the object.
fn done(store: &mut Store, ruling: Ruling) -> Value {
    let decision = ruling.unwrap();
    decision.changes.iter().for_each(|change| store.apply(change));
    decision.object
}

fn refused(ruling: Ruling) -> (u16, &'static str) {
    let Refusal { status, code, .. } = ruling.unwrap_err();
    (status, code)
}

fn outcome(store: &mut Store, code: &str, parent: Option<&str>) -> String {
    let ruling = outcomes::create(store, &json!({ "name": code, "code": code, "parentOutcomeId": parent }));
    text(&done(store, ruling), "id").to_owned()
}

fn callcode(store: &Store, code: &str, parent: Option<&str>) -> Ruling {
    let body = json!({ "name": code, "code": code, "type": "SUCCESS", "category": "Q3", "parentCallCodeId": parent });
    callcodes::create(store, &body)
}

fn campaign(store: &mut Store, name: &str) -> String {
    let ruling = campaigns::create(store, &json!({ "name": name, "type": "PREDICTIVE" }), &OCCASION);
    text(&done(store, ruling), "id").to_owned()
}

#[test]
fn an_outcome_needs_its_parent_and_a_code_of_its_own() {
    let mut store = Store::default();
    outcome(&mut store, "SI", None);
    let twin = json!({ "name": "n", "code": "SI" });
    assert_eq!(refused(outcomes::create(&store, &twin)), (409, "duplicate_code"));
    outcome(&mut store, "si", None);
    let orphan = json!({ "name": "n", "code": "X", "parentOutcomeId": "nobody" });
    assert_eq!(refused(outcomes::create(&store, &orphan)), (400, "parent_not_found"));
    assert_eq!(refused(outcomes::create(&store, &json!({ "name": "n" }))), (422, "validation_failed"));
}

#[test]
fn a_new_outcome_has_no_rules_whatever_the_body_holds() {
    let mut store = Store::default();
    let ruling = outcomes::create(&store, &json!({ "name": "n", "code": "A", "uiConfig": { "visible": false } }));
    let made = done(&mut store, ruling);
    assert_eq!((&made["status"], &made["uiConfig"]), (&json!("ACTIVE"), &Value::Null));
}

#[test]
fn an_outcome_cannot_move_below_itself() {
    let mut store = Store::default();
    let root = outcome(&mut store, "A", None);
    let child = outcome(&mut store, "B", Some(&root));
    let leaf = outcome(&mut store, "C", Some(&child));
    for parent in [&root, &child, &leaf] {
        let ruling = outcomes::put(&store, &root, &json!({ "parentOutcomeId": parent }), &OCCASION);
        assert_eq!(refused(ruling), (409, "cycle"));
    }
    let ruling = outcomes::put(&store, &leaf, &json!({ "parentOutcomeId": null }), &OCCASION);
    assert_eq!(done(&mut store, ruling)["parentOutcomeId"], Value::Null);
}

#[test]
fn a_shortcut_is_taken_once_in_a_group_by_visible_outcomes() {
    let mut store = Store::default();
    let (first, second) = (outcome(&mut store, "A", None), outcome(&mut store, "B", None));
    let desktop = |key: &str, group: &str, visible: bool| json!({ "uiConfig": { "shortcutKey": key, "group": group, "visible": visible } });
    let ruling = outcomes::patch_desktop(&store, &first, &desktop("1", "STANDARD", true));
    done(&mut store, ruling);
    // The default group and the default visibility count as if they were written.
    let bare = json!({ "uiConfig": { "shortcutKey": "1" } });
    assert_eq!(refused(outcomes::patch_desktop(&store, &second, &bare)), (409, "duplicate_shortcut"));
    assert!(outcomes::patch_desktop(&store, &second, &desktop("1", "SALES", true)).is_ok());
    assert!(outcomes::patch_desktop(&store, &second, &desktop("1", "STANDARD", false)).is_ok());
    assert!(outcomes::patch_desktop(&store, &first, &bare).is_ok(), "its own key is no clash");
    let ruling = outcomes::patch_desktop(&store, &first, &json!({ "uiConfig": { "shortcutKey": null } }));
    done(&mut store, ruling);
    assert!(outcomes::patch_desktop(&store, &second, &bare).is_ok());
}

#[test]
fn desktop_settings_merge() {
    let mut store = Store::default();
    let id = outcome(&mut store, "A", None);
    for body in [
        json!({ "uiConfig": { "icon": "x", "group": "G" } }),
        json!({ "uiConfig": { "group": null, "colorCode": "#aabbcc" } }),
    ] {
        let ruling = outcomes::patch_desktop(&store, &id, &body);
        done(&mut store, ruling);
    }
    assert_eq!(
        store.object(super::Kind::Outcomes, &id).unwrap()["uiConfig"],
        json!({ "icon": "x", "colorCode": "#aabbcc" })
    );
    let colour = outcomes::patch_desktop(&store, &id, &json!({ "uiConfig": { "colorCode": "red" } })).unwrap_err();
    assert_eq!(colour.errors[0].field, "uiConfig.colorCode");
    assert_eq!(outcomes::patch_desktop(&store, &id, &json!({})).unwrap_err().errors[0].field, "uiConfig");
}

#[test]
fn a_call_code_is_unique_under_its_parent_and_three_levels_deep_at_most() {
    let mut store = Store::default();
    let ruling = callcode(&store, "DNC", None);
    let root = text(&done(&mut store, ruling), "id").to_owned();
    let ruling = callcode(&store, "DNC", Some(&root));
    let second = text(&done(&mut store, ruling), "id").to_owned();
    assert_eq!(refused(callcode(&store, "DNC", Some(&root))), (409, "duplicate_code"));
    let ruling = callcode(&store, "DNC", Some(&second));
    let third = text(&done(&mut store, ruling), "id").to_owned();
    assert_eq!(refused(callcode(&store, "DNC", Some(&third))), (400, "depth_exceeded"));
    assert_eq!(refused(callcode(&store, "DNC", Some("nobody"))), (400, "parent_not_found"));
    for code in ["a", "x", "SALE-1", "ABCDEFGHIJKLMNOPQ"] {
        assert_eq!(refused(callcode(&store, code, None)), (400, "invalid_payload"), "{code}");
    }
    // A move takes the whole branch along.
    let ruling = callcode(&store, "OTHER", None);
    let other = text(&done(&mut store, ruling), "id").to_owned();
    assert!(callcodes::patch(&store, &second, &json!({ "parentCallCodeId": other })).is_ok());
    assert_eq!(
        refused(callcodes::patch(&store, &root, &json!({ "parentCallCodeId": other }))),
        (400, "depth_exceeded")
    );
    assert_eq!(refused(callcodes::patch(&store, &root, &json!({ "parentCallCodeId": third }))), (409, "cycle"));
    assert_eq!(
        refused(callcodes::patch(&store, &second, &json!({ "parentCallCodeId": null }))),
        (409, "duplicate_code")
    );
}

#[test]
fn an_outcome_is_on_a_campaign_once_and_one_is_the_default() {
    let mut store = Store::default();
    let (first, second) = (outcome(&mut store, "A", None), outcome(&mut store, "B", None));
    let here = campaign(&mut store, "q3");
    let body =
        |outcome: &str, default: bool| json!({ "outcomeId": outcome, "sequence": 1, "defaultSelection": default });
    let ruling = assignments::create(&store, &here, &body(&first, true), &OCCASION);
    done(&mut store, ruling);
    let create = |store: &Store, campaign: &str, body: &Value| assignments::create(store, campaign, body, &OCCASION);
    assert_eq!(refused(create(&store, &here, &body(&first, false))), (409, "already_assigned"));
    assert_eq!(refused(create(&store, &here, &body(&second, true))), (409, "default_exists"));
    assert_eq!(refused(create(&store, &here, &body("nobody", false))), (400, "outcome_not_found"));
    assert_eq!(refused(create(&store, "nowhere", &body(&second, false))), (404, "not_found"));
    assert_eq!(
        refused(create(&store, &here, &json!({ "outcomeId": second, "sequence": 0 }))),
        (422, "validation_failed")
    );
    let ruling = create(&store, &here, &body(&second, false));
    done(&mut store, ruling);
    let set = |store: &Store, outcome: &str, default: bool| {
        assignments::patch(store, &here, outcome, &json!({ "defaultSelection": default }), &OCCASION)
    };
    assert_eq!(refused(set(&store, &second, true)), (409, "default_exists"));
    let ruling = set(&store, &first, false);
    done(&mut store, ruling);
    let ruling = set(&store, &second, true);
    assert_eq!(done(&mut store, ruling), json!({ "outcomeId": second, "sequence": 1, "defaultSelection": true }));
}

#[test]
fn a_campaign_begins_as_a_draft_of_version_one() {
    let mut store = Store::default();
    let body = json!({ "name": "q3", "type": "PREDICTIVE", "status": "active", "version": 9, "id": "mine", "colour": "red",
        "dialerSettings": { "callRate": 0.6, "unknown": 1 } });
    let ruling = campaigns::create(&store, &body, &OCCASION);
    let made = done(&mut store, ruling);
    assert_eq!((&made["status"], &made["version"]), (&json!("draft"), &json!(1)));
    assert_eq!((made.get("colour"), &made["dialerSettings"]), (None, &json!({ "callRate": 0.6 })));
    assert_ne!(made["id"], "mine");
    let twin = campaigns::create(&store, &json!({ "name": "q3", "type": "preview" }), &OCCASION);
    assert_eq!(refused(twin), (409, "duplicate_name"));
}

#[test]
fn only_the_listed_transitions_are_allowed() {
    const STATES: [&str; 4] = ["draft", "active", "paused", "completed"];
    let allowed = [
        ("draft", "active"),
        ("draft", "completed"),
        ("active", "paused"),
        ("active", "completed"),
        ("paused", "active"),
        ("paused", "completed"),
    ];
    for from in STATES {
        let seed = json!({ "campaigns": [{ "id": "c", "name": "n", "type": "preview", "status": from }] });
        let store = Store::from_document(&seed).unwrap();
        for to in STATES {
            let ruling = campaigns::patch(&store, "c", Some(1), &json!({ "status": to.to_uppercase() }), &OCCASION);
            if from == to || allowed.contains(&(from, to)) {
                let row = ruling.unwrap().object;
                assert_eq!((&row["status"], &row["version"]), (&json!(to), &json!(2)), "{from} {to}");
            } else {
                assert_eq!(refused(ruling), (422, "invalid_transition"), "{from} {to}");
            }
        }
    }
}

#[test]
fn a_patch_merges_objects_replaces_lists_and_clears_with_null() {
    let seed = json!({ "campaigns": [{ "id": "c", "name": "n", "type": "preview", "version": 3, "createdAt": "then", "legacy": 1,
        "dialerSettings": { "callRate": 2.5, "concurrency": 50 }, "contactSelection": { "targetListIds": ["a", "b"] } }] });
    let store = Store::from_document(&seed).unwrap();
    let body = json!({ "createdAt": "now", "contactSelection": { "targetListIds": ["c"] }, "dialerSettings": { "concurrency": null, "wrapUpTime": 5 } });
    let row = campaigns::patch(&store, "c", Some(3), &body, &OCCASION).unwrap().object;
    assert_eq!(row["dialerSettings"], json!({ "callRate": 2.5, "wrapUpTime": 5 }), "what was broken before may stay");
    assert_eq!(row["contactSelection"], json!({ "targetListIds": ["c"] }));
    assert_eq!((&row["createdAt"], &row["legacy"], &row["version"]), (&json!("then"), &json!(1), &json!(4)));
    for field in ["name", "type", "status"] {
        let refusal = campaigns::patch(&store, "c", None, &json!({ field: null }), &OCCASION).unwrap_err();
        assert_eq!((refusal.status, refusal.errors[0].field.as_str()), (422, field));
    }
}

#[test]
fn a_key_is_forgotten_after_a_day() {
    let mut store = Store::default();
    let remembered = super::Remembered { key: "k".to_owned(), fingerprint: String::new(), body: Value::Null, at: 0 };
    store.apply(&super::Change::Remember(remembered));
    let day = 24 * 60 * 60 * 1000;
    assert!(store.remembered("k", day - 1).is_some());
    assert!(store.remembered("k", day).is_none());
}
