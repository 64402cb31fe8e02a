//! Laws of planning, on random inventories and in every order that the steps allow.

use std::collections::BTreeSet;

use cxform_model::{Desired, Field, Observed, same};
use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Value, json};

use super::fixture::{self, options};
use super::tenant::Tenant;
use crate::{Options, Plan, v1};

const CODES: usize = 7;

/// A permutation and for each place after the first maybe a place before it: a random forest.
fn forest() -> impl Strategy<Value = Vec<(usize, Option<usize>)>> {
    let order = Just((0..CODES).collect::<Vec<_>>()).prop_shuffle();
    let parents = proptest::collection::vec(proptest::option::weighted(0.6, any::<proptest::sample::Index>()), CODES);
    (order, parents).prop_map(|(order, parents)| {
        (0..CODES).map(|at| (order[at], parents[at].filter(|_| at > 0).map(|pick| order[pick.index(at)]))).collect()
    })
}

fn subset() -> impl Strategy<Value = BTreeSet<usize>> {
    subsequence((0..CODES).collect::<Vec<_>>(), 0..=CODES).prop_map(|all| all.into_iter().collect())
}

fn keys() -> impl Strategy<Value = Vec<usize>> {
    Just((0..CODES + 2).collect::<Vec<_>>()).prop_shuffle()
}

/// Keys 0 and 1 of a permutation stand for no key.
fn key(keys: &[usize], code: usize) -> Value {
    if keys[code] < 2 { Value::Null } else { keys[code].to_string().into() }
}

fn near(mut forest: Vec<(usize, Option<usize>)>, present: &BTreeSet<usize>) -> Vec<(usize, Option<usize>)> {
    forest.retain(|(code, _)| present.contains(code));
    for (_, parent) in &mut forest {
        *parent = parent.filter(|parent| present.contains(parent));
    }
    forest
}

fn observed() -> impl Strategy<Value = Value> {
    let desktops = proptest::collection::vec(
        (Just((0..CODES).collect::<Vec<_>>()).prop_shuffle(), 0..4_usize, 0..6_usize, 1..4_u64),
        3,
    );
    let states = proptest::collection::vec(0..4_usize, 3);
    (forest(), subset(), keys(), subset(), desktops, states).prop_map(
        |(forest, present, keys, retired, desktops, states)| {
            let forest = near(forest, &present);
            let outcomes: Vec<_> = forest
                .iter()
                .map(|(code, parent)| {
                    let mut one = json!({
                        "id": format!("o{code}"), "code": format!("K{code}"), "uiConfig.shortcutKey": key(&keys, *code),
                        "status": if retired.contains(code) && code % 2 == 0 { "INACTIVE" } else { "ACTIVE" },
                        "description": "kept", "name": if code % 3 == 0 { "Name" } else { "Other" },
                    });
                    if let Some(parent) = parent {
                        one["parent"] = format!("o{parent}").into();
                    }
                    one
                })
                .collect();
            let call_codes: Vec<_> = forest
                .iter()
                .map(|(code, parent)| {
                    let mut one = json!({"id": format!("p{code}"), "code": format!("K{code}")});
                    if let Some(parent) = parent {
                        one["parent"] = format!("p{parent}").into();
                    }
                    one
                })
                .collect();
            let words = ["draft", "active", "paused", "completed"];
            let campaigns: Vec<_> = (0..3).map(|at| json!({
            "id": format!("c{at}"), "name": format!("q{at}"), "status": words[states[at]], "version": 5 + at,
            "type": "predictive", "dialerSettings.callRate": 0.5, "dialerSettings.wrapUpTime": 30,
        })).collect();
            let desktops: serde_json::Map<_, _> = desktops
                .into_iter()
                .enumerate()
                .map(|(at, (order, length, default, step))| {
                    let seated: Vec<_> = order
                        .iter()
                        .filter(|code| present.contains(code))
                        .take(length)
                        .enumerate()
                        .map(|(place, code)| {
                            json!([format!("o{code}"), ((place as u64 * step) % 5) + 1, place == default])
                        })
                        .collect();
                    (format!("c{at}"), Value::Array(seated))
                })
                .collect();
            json!({"outcomes": outcomes, "callCodes": call_codes, "campaigns": campaigns, "desktops": desktops,
               "groups": [{"id": "g", "name": "Group", "campaigns": ["c0", "c1"]}]})
        },
    )
}

fn desired() -> impl Strategy<Value = Value> {
    let desktop = (Just((0..CODES).collect::<Vec<_>>()).prop_shuffle(), 0..4_usize, 0..5_usize, 0..4_usize);
    let desktops = proptest::collection::vec(desktop, 4);
    let campaigns = proptest::collection::vec((0..6_usize, 0..3_usize), 4);
    (forest(), subset(), keys(), subset(), subset(), desktops, campaigns, 0..4_usize).prop_map(
        |(forest, present, keys, renamed, retired, desktops, campaigns, authority)| {
            let forest = near(forest, &present);
            let active: BTreeSet<_> = present.difference(&retired).copied().collect();
            // A rename passes a code on to the next one where that is not listed itself, so that chains come up.
            let name = |code: usize| if renamed.contains(&code) { format!("N{code}") } else { format!("K{code}") };
            let mut outcomes = Vec::new();
            let mut paths: std::collections::BTreeMap<usize, String> = std::collections::BTreeMap::new();
            let mut call_codes = Vec::new();
            for (code, parent) in &forest {
                let mut one = json!({
                    "code": name(*code), "uiConfig.shortcutKey": key(&keys, *code),
                    "validationRules.retentionPeriodDays": 365 + code,
                    "status": if active.contains(code) { "ACTIVE" } else { "INACTIVE" },
                });
                if renamed.contains(code) {
                    one["previous"] = json!([format!("K{code}")]);
                }
                if let Some(parent) = parent {
                    one["parent"] = name(*parent).into();
                }
                outcomes.push(one);
                let path = parent.map_or_else(|| name(*code), |parent| format!("{}/{}", paths[&parent], name(*code)));
                let mut one = json!({"path": path, "isActive": active.contains(code), "name": format!("Name {}", code % 2)});
                if renamed.contains(code) {
                    one["previous"] = json!([format!("K{code}")]);
                }
                call_codes.push(one);
                paths.insert(*code, path);
            }
            let words = ["draft", "active", "paused", "completed"];
            let listed: Vec<_> = campaigns.iter().enumerate().filter(|(_, (_, kind))| *kind > 0).map(|(at, (state, kind))| {
                let mut one = json!({"name": format!("q{at}"), "type": "predictive", "dialerSettings.callRate": 0.1 * (*kind as f64 + 3.0)});
                if let Some(word) = words.get(*state) {
                    one["status"] = (*word).into();
                }
                one
            }).collect();
            let entries: Vec<_> = desktops.into_iter().enumerate().filter_map(|(at, (order, length, default, form))| {
                let mut codes: Vec<_> = order.iter().filter(|code| active.contains(code)).map(|code| name(*code)).collect();
                let rest = codes.split_off(length.min(codes.len()));
                let mut one = json!({"outcomes": codes});
                let campaign = if at < 3 { format!("q{at}") } else { return None };
                if at == 0 && form == 3 {
                    one["groups"] = json!(["Group"]);
                } else {
                    one["campaigns"] = json!([campaign]);
                }
                if form == 1 && !codes.is_empty() {
                    one["exclusive"] = true.into();
                } else if form == 2 {
                    one["unassigned"] = json!(rest);
                }
                if default == 4 {
                    one["default"] = Value::Null;
                } else if let Some(code) = codes.get(default) {
                    one["default"] = code.clone().into();
                }
                Some(one)
            }).collect();
            let authorities = match (authority, forest.first()) {
                (0, Some((root, _))) => json!([{"subtree": [name(*root)]}]),
                _ => json!([]),
            };
            json!({"outcomes": outcomes, "callCodes": call_codes, "campaigns": listed, "desktops": entries, "authorities": authorities})
        },
    )
}

fn lenient() -> Options {
    Options { allow_assigned: true, allow_empty: true, allow_resume: true, ..options() }
}

fn random_plan(desired: &Desired, observed: &Observed) -> Option<Plan> {
    let plan = crate::plan(desired, observed, &lenient()).ok()?;
    // Keys that unmanaged outcomes hold are warned of, and the tenant would refuse them.
    (!plan.warnings.iter().any(|warning| warning.message.contains("shortcut key"))).then_some(plan)
}

fn without_authorities(json: &Value) -> Value {
    let mut json = json.clone();
    json["authorities"] = json!([]);
    json
}

/// More where somebody asks for more: `PROPTEST_CASES=20000`.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(256)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, max_global_rejects: cases() * 50, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_order_of_steps_plan_after_apply_is_empty(desired in desired(), observed in observed(), seed in any::<u64>()) {
        let (desired, observed) = (fixture::desired(&desired), fixture::observed(&observed));
        let plan = random_plan(&desired, &observed);
        prop_assume!(plan.is_some());
        let plan = plan.unwrap();
        let mut state = seed;
        for round in 0..4 {
            let mut tenant = Tenant::new(&observed);
            let applied = tenant.apply(&plan, |ready| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                if round == 0 { 0 } else { (state >> 33) as usize % ready.max(1) }
            });
            prop_assert!(applied.is_ok(), "{}\n{:#?}", applied.unwrap_err(), fixture::ids(&plan));
            let again = crate::plan(&desired, &tenant.observed, &lenient());
            match again {
                Ok(again) => prop_assert!(again.changes.is_empty() && again.steps.is_empty(), "{:#?}", again.changes),
                Err(refusal) => prop_assert!(false, "{refusal}"),
            }
        }
    }

    #[test]
    fn the_inverse_of_any_part_of_a_run_brings_back_what_was(desired in desired(), observed in observed(), part in 0..=100_usize, seed in any::<u64>()) {
        let (desired, observed) = (fixture::desired(&desired), fixture::observed(&observed));
        let plan = random_plan(&desired, &observed);
        prop_assume!(plan.is_some());
        let plan = plan.unwrap();
        let mut state = seed;
        let mut pick = |ready: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % ready.max(1)
        };
        let mut tenant = Tenant::new(&observed);
        tenant.apply_first(&plan, plan.steps.len() * part / 100, &mut pick).unwrap();
        let back = crate::inverse(&plan, &tenant.done(&plan));
        prop_assert_eq!(v1::read(&v1::write(&back.plan)).unwrap(), back.plan.clone());
        for round in 0..3 {
            let mut undone = Tenant::new(&tenant.observed);
            let applied = undone.apply(&back.plan, |ready| if round == 0 { 0 } else { pick(ready) });
            prop_assert!(applied.is_ok(), "{}\n{:#?}\n{:#?}", applied.unwrap_err(), fixture::ids(&plan), fixture::ids(&back.plan));
            let wrong = super::inverse::differences(&observed, &undone.observed, &back);
            prop_assert!(wrong.is_empty(), "{wrong:#?}\n{:#?}\n{:#?}", fixture::ids(&plan), back);
        }
    }

    #[test]
    fn only_named_fields_of_managed_objects_are_written(desired in desired(), observed in observed()) {
        let (desired, observed) = (fixture::desired(&without_authorities(&desired)), fixture::observed(&observed));
        let plan = random_plan(&desired, &observed);
        prop_assume!(plan.is_some());
        let mut tenant = Tenant::new(&observed);
        tenant.apply(&plan.unwrap(), |_| 0).unwrap();
        for before in observed.listings.values().flatten() {
            let after = tenant.observed.of(before.kind).iter().find(|one| one.id == before.id).unwrap();
            let managed = desired.objects.iter().find(|(address, _)| address.kind() == before.kind && address.key() == after.key);
            for field in Field::all(before.kind) {
                let named = managed.is_some_and(|(_, object)| object.fields.get(field).is_some());
                prop_assert!(named || same(field, before.fields.get(field), after.fields.get(field)), "{field} of {}", before.key);
            }
            if managed.is_none() {
                prop_assert_eq!(before, after);
            }
        }
    }

    #[test]
    fn a_plan_does_not_depend_on_the_order_of_listings(desired in desired(), observed in observed(), turn in 0..7_usize) {
        let desired = fixture::desired(&desired);
        let observed = fixture::observed(&observed);
        let mut turned = observed.clone();
        for listing in turned.listings.values_mut() {
            let length = listing.len().max(1);
            listing.rotate_left(turn % length);
            listing.reverse();
        }
        for desktop in turned.desktops.values_mut() {
            desktop.reverse();
        }
        prop_assert_eq!(crate::plan(&desired, &observed, &lenient()), crate::plan(&desired, &turned, &lenient()));
    }

    #[test]
    fn a_plan_survives_being_written_and_read(desired in desired(), observed in observed()) {
        let plan = random_plan(&fixture::desired(&desired), &fixture::observed(&observed));
        prop_assume!(plan.is_some());
        let plan = plan.unwrap();
        prop_assert_eq!(v1::read(&v1::write(&plan)).unwrap(), plan);
    }

    #[test]
    fn what_is_told_to_loosen_is_what_the_writes_loosen(desired in desired(), observed in observed()) {
        let observed = fixture::observed(&observed);
        let plan = random_plan(&fixture::desired(&desired), &observed);
        prop_assume!(plan.is_some());
        let plan = plan.unwrap();
        let mut tenant = Tenant::new(&observed);
        tenant.apply(&plan, |_| 0).unwrap();
        for plan in [&plan, &crate::inverse(&plan, &tenant.done(&plan)).plan] {
            let told: BTreeSet<_> = plan.changes.iter().flat_map(|change| change.loosened().map(|field| (&change.address, field.path.as_str()))).collect();
            let written: BTreeSet<_> = plan.loosening().map(|one| (one.address, one.path)).collect();
            prop_assert_eq!(told, written);
        }
    }

    #[test]
    fn parents_come_before_children(desired in desired(), observed in observed()) {
        let desired = fixture::desired(&desired);
        let plan = random_plan(&desired, &fixture::observed(&observed));
        prop_assume!(plan.is_some());
        let plan = plan.unwrap();
        let at = |id: String| plan.steps.iter().position(|step| step.id == id);
        for (address, object) in &desired.objects {
            let parent = object.parent.as_ref().map(|parent| parent.value.clone()).or_else(|| address.parent_call_code());
            let created = at(format!("{address}:create"));
            if let (Some(child), Some(parent)) = (created, parent.and_then(|parent| at(format!("{parent}:create")))) {
                prop_assert!(parent < child);
            }
        }
    }
}

/// The laws above say nothing if the random inventories are refused or in sync most of the time.
#[test]
fn random_inventories_are_worth_planning() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut planned, mut steps) = (0, 0);
    for _ in 0..200 {
        let desired = desired().new_tree(&mut runner).unwrap().current();
        let observed = observed().new_tree(&mut runner).unwrap().current();
        if let Some(plan) = random_plan(&fixture::desired(&desired), &fixture::observed(&observed)) {
            planned += 1;
            steps += plan.steps.len();
        }
    }
    assert!(planned >= 40 && steps > planned * 6, "{planned} planned, {steps} steps");
}
