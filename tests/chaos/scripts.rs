//! Tenants that fail in every way at once, by a script that a seed makes, while somebody else works on them.

use std::time::Duration;

use cxform_emulator::Options;
use serde_json::{Value, json};

use super::judge::{self, Verdict, Wrong};
use crate::laws::scene::Scene;
use crate::laws::tape::Tape;
use crate::laws::untouched;
use crate::laws::world::World;
use crate::tenant::Tenant;

/// Applies against a tenant at fault before it is left in peace.
const STORMS: usize = 3;

/// Applies in peace within which it has to be done.
const CALMS: usize = 2;

/// A stream of numbers that the seed alone decides (SplitMix64).
pub fn numbers(seed: u64, count: usize) -> Vec<u16> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u16::try_from((mixed ^ (mixed >> 31)) & 0xffff).unwrap_or_default()
    };
    (0..count).map(|_| next()).collect()
}

/// Up to a third of all requests fail, each in one of several ways.
pub fn script(tape: &mut Tape) -> Value {
    let ways = [
        json!({ "effect": "status", "status": 429, "headers": { "Retry-After": "0" } }),
        json!({ "effect": "status", "status": 429 }),
        json!({ "effect": "status", "status": 500 }),
        json!({ "effect": "status", "status": 503, "headers": { "Retry-After": "0" } }),
        json!({ "effect": "status", "status": 504, "commit": true }),
        json!({ "effect": "status", "status": 408 }),
        json!({ "effect": "drop-before-commit" }),
        json!({ "effect": "drop-after-commit" }),
        json!({ "effect": "truncated-body" }),
        json!({ "effect": "html-body" }),
        json!({ "effect": "html-body", "status": 200, "commit": true }),
        json!({ "effect": "status", "status": 401 }),
    ];
    let mut chosen = tape.some(&ways, 40);
    if chosen.is_empty() {
        chosen.push(tape.pick(&ways));
    }
    let share = f64::from(u32::try_from(5 + tape.roll(29)).unwrap_or(5))
        / 100.0
        / f64::from(u32::try_from(chosen.len()).unwrap_or(1));
    let mut rules: Vec<Value> = chosen;
    for rule in &mut rules {
        rule["probability"] = json!(share);
        rule["path"] = json!("/api/v2/*");
    }
    rules.push(json!({ "effect": "delay", "delayMs": tape.roll(12), "probability": 0.2 }));
    json!(rules)
}

/// One world, one script, in this process: storms, somebody else in between, then peace.
pub fn trial(seed: u64) -> Verdict {
    let mut verdict = Verdict::default();
    let all = numbers(seed, 900);
    let (for_world, for_script) = all.split_at(600);
    let (world, mut tape) = (World::new(for_world.to_vec()), Tape::new(for_script.to_vec()));
    let quirks = tape.some(&["ignore-idempotency", "no-content"], 30);
    // Tokens that run out in the middle of a run. On a busy machine they run out before they are used as well, in peace too.
    let short_lived = tape.chance(40);
    let calms = if short_lived { 10 * CALMS } else { CALMS };
    let oddities = Options {
        quirks: cxform_emulator::Quirks::parse(quirks).unwrap(),
        token_ttl: if short_lived { Duration::from_millis(40) } else { Duration::from_secs(3600) },
        ..Options::default()
    };
    let result = Scene::with(&world, oddities).and_then(|mut scene| {
        let mut before = scene.tenant.state();
        let plan = scene.plan()?;
        let rules = script(&mut tape);
        for _ in 0..STORMS {
            scene.reconnect();
            scene.tenant.faults(&rules);
            // A tenant that cannot even be read is a fine answer.
            if let Ok(plan) = scene.plan() {
                std::thread::scope(|scope| {
                    let run = scope.spawn(|| scene.apply(plan));
                    if tape.chance(50) {
                        // The faults are for cxform alone, not for the other's hand.
                        somebody_else(&scene.tenant, &mut tape, &mut before, &["campaigns"], &rules);
                    }
                    run.join().map(drop).map_err(|_| "apply panicked".to_owned())
                })?;
            }
            somebody_else(&scene.tenant, &mut tape, &mut before, &["campaigns", "outcomes", "callcodes"], &json!([]));
            verdict.expect(Wrong::Duplicate, judge::nothing_twice(&scene.tenant.state()));
        }
        scene.tenant.faults(&json!([]));
        scene.reconnect();
        let mut errors = Vec::new();
        let calm = (0..calms).any(|_| scene.converge().map_err(|error| errors.push(error)).is_ok());
        verdict.insist(Wrong::Lost, calm, || format!("it does not converge: {}\n{rules:#}", errors.join("\n")));
        let after = scene.tenant.state();
        verdict.expect(Wrong::Duplicate, judge::nothing_twice(&after));
        let touched = untouched::check(&scene.desired, &plan, &before, &after);
        verdict.expect(Wrong::Lost, touched);
        Ok(())
    });
    verdict.expect(Wrong::Violation, result);
    verdict
}

/// A change by hand: to something, managed or not. What stood there before is then `before` as well.
fn somebody_else(tenant: &Tenant, tape: &mut Tape, before: &mut Value, tables: &[&str], rules: &Value) {
    let table = tape.pick(tables);
    let rows = before[table].as_array().unwrap();
    if rows.is_empty() {
        return;
    }
    let id = tape.pick(rows)["id"].as_str().unwrap().to_owned();
    let (method, field, value) = match table {
        "campaigns" => ("PATCH", "targetListId", format!("by-hand-{}", tape.roll(1000))),
        "callcodes" => ("PATCH", "name", format!("By hand {}", tape.roll(1000))),
        _ => ("PUT", "description", format!("by hand {}", tape.roll(1000))),
    };
    tenant.faults(&json!([]));
    let (status, _) = tenant.by_hand(method, &format!("/api/v2/{table}/{id}"), Some(&json!({ field: value })));
    tenant.faults(rules);
    if status >= 300 {
        return;
    }
    let state = tenant.state();
    let find = |state: &Value| state[table].as_array().unwrap().iter().position(|row| row["id"] == id.as_str());
    let (Some(at), Some(now)) = (find(before), find(&state)) else { return };
    for name in [field, "version", "updatedAt"] {
        if let Some(value) = state[table][now].get(name) {
            before[table][at][name] = value.clone();
        }
    }
    before[table][at][field] = json!(value);
}
