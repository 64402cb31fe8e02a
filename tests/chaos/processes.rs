//! The same scripts against the real process. Its waits are those of a real tenant, so its faults are few.

use std::time::Duration;

use cxform_emulator::Options;
use serde_json::json;

use super::judge::{self, Verdict, Wrong};
use super::reference::{Place, Reference};
use super::scripts;
use crate::laws::tape::Tape;
use crate::laws::untouched;

/// The reference project against a tenant at fault, then in peace.
pub fn trial(reference: &Reference, seed: u64) -> Verdict {
    let mut verdict = Verdict::default();
    let mut tape = Tape::new(scripts::numbers(seed, 300));
    let place = Place::with(Options {
        token_ttl: if tape.chance(40) { Duration::from_secs(1) } else { Duration::from_secs(3600) },
        ..Options::default()
    });
    let mut rules = scripts::script(&mut tape);
    for rule in rules.as_array_mut().unwrap() {
        rule["times"] = json!(1 + tape.roll(2));
    }
    place.tenant.faults(&rules);
    let stormy = place.project.on(&place.tenant, "apply --auto-approve").run();
    let known = matches!(stormy.code, Some(0 | 1 | 3 | 4));
    verdict.insist(Wrong::Violation, known, || format!("an exit code of its own: {stormy}"));
    place.tenant.faults(&json!([]));
    let calm = place.project.on(&place.tenant, super::APPLY).run();
    verdict.insist(Wrong::Violation, calm.code == Some(0), || {
        format!("it fails in peace: {calm}\n{rules:#}\nafter {stormy}")
    });
    let plan = place.project.on(&place.tenant, "plan --detailed-exitcode").run();
    verdict.insist(Wrong::Lost, plan.code == Some(0), || format!("the plan is not empty: {plan}"));
    let after = place.tenant.state();
    verdict.expect(Wrong::Duplicate, judge::nothing_twice(&after));
    verdict.expect(Wrong::Violation, untouched::check(&reference.desired, &reference.plan, &reference.before, &after));
    // Several writes were dropped, so what the tenant refused cannot be told from what it took: the answered ones are in the log.
    let mut answered = judge::committed(place.tenant.writes());
    answered.retain(|write| !write["status"].is_null());
    judge::recorded(&place.project, &answered, &mut verdict);
    verdict
}
