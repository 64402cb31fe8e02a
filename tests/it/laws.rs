//! The laws of the product, on tenants and projects that nobody thought of: from YAML through every crate to a tenant behind real sockets.
//!
//! `PROPTEST_CASES=1000` looks longer, `PROPTEST_RNG_SEED=7` looks elsewhere; without it the cases are the same in every run.

// The very loop that the command runs; the command is a binary, so nothing else can be linked.
#[path = "../../crates/cli/src/exporting.rs"]
mod exporting;
mod odd;
pub mod replay;
pub mod scene;
pub mod tape;
pub mod untouched;
pub mod world;
mod yaml;

use cxform_emulator::PutMode;
use cxform_plan::Plan;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use scene::{Scene, plan, read, twins};
use world::World;

/// Runs a law on so many worlds.
#[track_caller]
fn holds(cases: u32, law: impl Fn(&World, u16) -> Result<(), String>) {
    let number = |name| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let cases = number("PROPTEST_CASES").and_then(|cases| cases.try_into().ok()).unwrap_or(cases);
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&number("PROPTEST_RNG_SEED").unwrap_or(0).to_le_bytes());
    let config =
        ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 400, ..ProptestConfig::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let numbers = (proptest::collection::vec(any::<u16>(), 40..500), any::<u16>());
    let result = runner.run(&numbers, |(numbers, turn)| {
        let world = World::new(numbers.clone());
        law(&world, turn).map_err(|problem| {
            TestCaseError::fail(format!("{problem}\n\n{}\n\n{:#}\n{numbers:?}", world.manifest(), world.tenant))
        })
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn plan_after_apply_is_empty_and_no_write_is_refused() {
    holds(48, |world, turn| {
        let put = if turn % 2 == 0 { PutMode::Merge } else { PutMode::Replace };
        let scene = Scene::new(world, put, &[])?;
        scene.converge()?;
        let refused = |entry: &Value| entry["status"].as_u64().is_none_or(|status| status >= 400);
        scene.tenant.writes().into_iter().find(refused).map_or(Ok(()), |entry| Err(format!("refused: {entry:#}")))
    });
}

#[test]
fn plan_after_apply_is_empty_on_foreign_tenants() {
    const QUIRKS: [&str; 12] = [
        "upper-case-enums",
        "short-pages",
        "extra-fields",
        "no-content",
        "ignore-idempotency",
        "cursor",
        "entities",
        "no-total",
        "no-etag",
        "trim-text",
        "versions-count-assignments",
        "relative-next",
    ];
    holds(48, |world, turn| {
        let quirks: Vec<_> = QUIRKS.into_iter().enumerate().filter(|(at, _)| turn >> at & 1 == 1).collect();
        let quirks: Vec<_> = quirks.into_iter().map(|(_, quirk)| quirk).collect();
        let put = if turn >> 12 & 1 == 0 { PutMode::Merge } else { PutMode::Replace };
        let scene = Scene::new(world, put, &quirks)?;
        scene.converge().map(|_| ()).map_err(|problem| format!("{quirks:?} {put:?}: {problem}"))
    });
}

#[test]
fn the_order_of_files_and_documents_means_nothing() {
    holds(32, |world, turn| {
        let scene = Scene::new(world, PutMode::Merge, &[])?;
        let observed = scene.observe()?;
        let whole = plan(&scene.desired, &observed)?;
        let mut texts: Vec<String> = world.documents.iter().map(|document| yaml::file([document])).collect();
        let length = texts.len().max(1);
        texts.rotate_left(usize::from(turn) % length);
        if turn % 2 == 1 {
            texts.reverse();
        }
        let names: Vec<String> = (0..texts.len()).map(|at| format!("manifests/{at}.yml")).collect();
        let files = names.iter().map(String::as_str).zip(texts.iter().map(String::as_str));
        let split = plan(&read(files)?, &observed)?;
        if whole.digest == split.digest && whole.steps.len() == split.steps.len() {
            Ok(())
        } else {
            Err(format!("{:#?}\n{:#?}", whole.steps, split.steps))
        }
    });
}

#[test]
fn only_named_fields_of_managed_objects_are_written() {
    holds(48, |world, turn| {
        let put = if turn % 2 == 0 { PutMode::Merge } else { PutMode::Replace };
        let scene = Scene::new(world, put, &[])?;
        let before = scene.tenant.state();
        let plan = scene.converge()?;
        untouched::check(&scene.desired, &plan, &before, &scene.tenant.state())
    });
}

#[test]
fn at_every_moment_the_tenant_is_fit_to_work_with() {
    holds(48, |world, _| {
        let scene = Scene::new(world, PutMode::Merge, &[])?;
        let before = scene.tenant.state();
        scene.converge()?;
        replay::check(&before, &scene.tenant.state(), &scene.tenant.writes())
    });
}

#[test]
fn whatever_goes_wrong_the_next_run_completes_it_and_nothing_is_made_twice() {
    holds(32, |world, turn| {
        let scene = Scene::new(world, PutMode::Merge, &["ignore-idempotency"])?;
        let plan = scene.plan()?;
        let effects = ["drop-before-commit", "drop-after-commit", "truncated-body", "html-body"];
        let mut rules: Vec<_> = ["POST", "PUT", "PATCH", "DELETE"]
            .into_iter()
            .zip(effects.into_iter().cycle().skip(usize::from(turn)))
            .map(|(method, effect)| json!({ "method": method, "path": "/api/v2/*s*", "probability": 0.4, "effect": effect }))
            .collect();
        rules.push(
            json!({ "method": "POST", "path": "/api/v2/*", "probability": 0.2, "effect": "status", "status": 400 }),
        );
        scene.tenant.faults(&json!(rules));
        scene.apply(plan);
        scene.tenant.faults(&json!([]));
        scene.converge()?;
        twins(&scene.tenant.state())
    });
}

#[test]
fn what_is_exported_is_valid_and_needs_no_plan() {
    holds(64, |world, turn| {
        let mut tape =
            tape::Tape::new(vec![turn, turn / 3, turn / 7, turn / 11, turn / 13, turn % 101, turn % 97, turn % 89]);
        for world in [World { documents: Vec::new(), ..world.clone() }, odd::grown(world, &mut tape)] {
            let quirks: &[&str] = if turn % 3 == 0 { &["upper-case-enums", "extra-fields"] } else { &[] };
            let scene = Scene::new(&world, PutMode::Merge, quirks)?;
            let observed = scene.everything()?;
            let context = cxform_rules::Context { as_of: jiff::civil::date(2026, 6, 1) };
            let settings = cxform_author::export::Settings {
                project: "laws",
                environment: "test",
                remote: None,
                full: turn % 2 == 0,
                variables: turn % 5 < 2,
                picks: &|_| true,
                today: context.as_of,
            };
            let exporting::Settled { exported, waived } =
                exporting::settle(&observed, &settings, &context).map_err(|error| error.to_string())?;
            let files = exported.files.iter().map(|(name, text)| format!("{name}\n{text}")).collect::<String>();
            let told = |problem: &str| Err(format!("{problem}\n{files}\n{:#?}", exported.left_out));

            let own = exported.files["cxform.yaml"].as_bytes();
            let manifests = exported.files.iter().filter(|(name, _)| *name != "cxform.yaml");
            let (project, _) = cxform_manifest::Project::in_memory(
                Some(own),
                manifests.map(|(name, text)| (&**name, text.as_bytes())),
            );
            let Some(project) = project else { return told("it cannot be opened") };
            if project.validate_all(&context).diagnostics.has_errors() || project.waivers.iter().count() != waived.len()
            {
                return told("it is not valid");
            }
            let Some(desired) = project.load(project.environment(None).unwrap(), &context, None).desired else {
                return told("it cannot be read");
            };
            for (name, text) in exported.files.iter() {
                if cxform_author::format(text).as_deref() != Ok(text) {
                    return told(&format!("`{name}` is not in canonical form"));
                }
            }
            let waivers = project.waivers.iter().map(|waiver| cxform_plan::Waiver {
                rule: waiver.rule.id.to_owned(),
                addresses: waiver.address.parse().unwrap(),
            });
            let options = cxform_plan::Options {
                waivers: waivers.collect(),
                ..cxform_plan::Options::new("laws", "test", "tenant", context)
            };
            let reader_sees = scene.observe_for(&desired)?;
            match cxform_plan::plan(&desired, &reader_sees, &options) {
                Ok(plan) if plan.changes.is_empty() && plan.steps.is_empty() => {}
                Ok(plan) => return told(&format!("a plan of it has changes: {:#?}", plan.changes)),
                Err(refusal) => return told(&refusal.to_string()),
            }
            // Nothing is lost in silence: each object is in there, or told.
            for (kind, objects) in &observed.listings {
                for object in objects {
                    let listed = desired
                        .objects
                        .iter()
                        .any(|(address, _)| address.kind() == *kind && address.key() == object.key.trim());
                    if !listed && !exported.left_out.iter().any(|one| one.id.as_deref() == Some(&object.id.0)) {
                        return told(&format!("{kind} {} is lost", object.id));
                    }
                }
            }
        }
        Ok(())
    });
}

#[test]
fn a_saved_plan_is_the_plan() {
    holds(32, |world, _| {
        let plan = Scene::new(world, PutMode::Merge, &[])?.plan()?;
        let text = serde_json::to_string(&cxform_plan::v1::PlanV1::from(&plan)).map_err(|error| error.to_string())?;
        let read: cxform_plan::v1::PlanV1 = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let read = Plan::try_from(read).map_err(|error| error.to_string())?;
        if read == plan { Ok(()) } else { Err(format!("{plan:#?}\n{read:#?}")) }
    });
}

/// The laws say nothing if their judges see nothing.
#[test]
fn the_judges_see_what_they_are_there_for() {
    let tenant = json!({
        "outcomes": [{ "id": "o0", "code": "O0", "name": "a", "vendor": 1 }, { "id": "o1", "code": "O1", "name": "b" }],
        "campaigns": [{ "id": "c0", "name": "q0", "type": "preview", "status": "draft", "version": 1 }],
        "assignments": [{ "campaignId": "c0", "outcomeId": "o1", "sequence": 1, "defaultSelection": true }],
    });
    let spec = json!({ "outcomes": [{ "code": "O0", "name": "new" }],
                       "assignments": [{ "campaigns": ["q0"], "default": "O0", "exclusive": true }] });
    let tree =
        json!({ "apiVersion": "cxform/v1", "kind": "DispositionTree", "metadata": { "name": "t" }, "spec": spec });
    let scene = Scene::new(&World { tenant, documents: vec![tree] }, PutMode::Merge, &[]).unwrap();
    let before = scene.tenant.state();
    let plan = scene.converge().unwrap();
    let (after, writes) = (scene.tenant.state(), scene.tenant.writes());
    untouched::check(&scene.desired, &plan, &before, &after).unwrap();
    replay::check(&before, &after, &writes).unwrap();

    for (pointer, value) in
        [("/outcomes/0/vendor", json!(2)), ("/outcomes/1/name", json!("c")), ("/campaigns/0/version", json!(9))]
    {
        let mut other = after.clone();
        *other.pointer_mut(pointer).unwrap() = value;
        untouched::check(&scene.desired, &plan, &before, &other).unwrap_err();
    }
    let on_desktop = |entry: &Value| entry["path"].as_str().unwrap().contains("/campaigns/c0/outcomes");
    let desktop: Vec<Value> = writes.into_iter().filter(on_desktop).collect();
    let (last, first) = desktop.split_last().unwrap();
    let removed_first: Vec<Value> = std::iter::once(last).chain(first).cloned().collect();
    assert!(replay::check(&before, &after, &removed_first).unwrap_err().contains("empty in between"));
    assert!(replay::check(&before, &after, first).unwrap_err().contains("does not tell"));
}

/// The laws say nothing if the worlds are dull.
#[test]
fn worlds_are_worth_planning() {
    let mut runner = TestRunner::deterministic();
    let mut counts = std::collections::BTreeMap::<&str, usize>::new();
    let numbers = proptest::collection::vec(any::<u16>(), 40..500);
    for _ in 0..40 {
        let numbers = proptest::strategy::ValueTree::current(&numbers.new_tree(&mut runner).unwrap());
        let scene = Scene::new(&World::new(numbers), PutMode::Merge, &[]).unwrap();
        for change in scene.plan().unwrap().changes {
            *counts.entry(change.action.word()).or_default() += 1;
        }
    }
    let dull = cxform_plan::Action::ALL.iter().find(|action| counts.get(action.word()).is_none_or(|count| *count < 12));
    assert_eq!(dull, None, "{counts:?}");
}

/// Found by a law: pausing goes first, beside writes to the desktop; on a tenant that counts those, too, the version moves
/// twice, and nobody but this very run has moved it.
#[test]
fn a_run_is_no_second_writer_to_itself() {
    let tenant = json!({
        "outcomes": (0..6).map(|at| json!({ "id": format!("o{at}"), "code": format!("O{at}"), "name": "x" })).collect::<Vec<_>>(),
        "campaigns": [{ "id": "c0", "name": "q0", "type": "preview", "status": "active", "version": 3 }],
    });
    let codes: Vec<_> = (0..6).map(|at| json!({ "code": format!("O{at}") })).collect();
    let tree = json!({ "outcomes": codes, "assignments": [{ "campaigns": ["q0"] }] });
    let named = |kind, name, spec| json!({ "apiVersion": "cxform/v1", "kind": kind, "metadata": { "name": name }, "spec": spec });
    let documents = vec![named("DispositionTree", "t", tree), named("Campaign", "q0", json!({ "status": "paused" }))];
    let world = World { tenant, documents };
    for quirks in [&["versions-count-assignments", "no-content"][..], &["versions-count-assignments"]] {
        Scene::new(&world, PutMode::Merge, quirks).and_then(|scene| scene.converge()).unwrap();
    }
}
