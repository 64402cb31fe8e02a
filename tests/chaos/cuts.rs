//! The process is killed at every request of the reference apply, and at moments in between; then it is run again.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::judge::{self, Verdict, Wrong};
use super::reference::{Place, Reference, Request};

/// Where in the life of a request the process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It has arrived, and is never carried out.
    Before,
    /// It has been carried out; the answer never comes.
    After,
    /// The answer has just been sent: somewhere around what the journal says of it, and the next intent.
    Answered,
}

/// How the next process goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    Resume,
    Plain,
}

/// One cut.
#[derive(Debug, Clone)]
pub enum Cut {
    At(Request, Moment, Again),
    /// After so many microseconds.
    After(u64, Again),
}

/// Every request, before and after, resumed and planned anew; reads change nothing, so one cut each is all there is. Then so
/// many moments, evenly spread over what the reference apply takes.
pub fn all(reference: &Reference, moments: u64, takes: Duration) -> Vec<Cut> {
    let mut cuts = Vec::new();
    for (at, request) in reference.requests.iter().enumerate() {
        if request.is_write() {
            for moment in [Moment::Before, Moment::After, Moment::Answered] {
                for again in [Again::Resume, Again::Plain] {
                    cuts.push(Cut::At(request.clone(), moment, again));
                }
            }
        } else {
            let again = if at % 2 == 0 { Again::Resume } else { Again::Plain };
            cuts.push(Cut::At(request.clone(), Moment::Before, again));
        }
    }
    let micros = u64::try_from(takes.as_micros()).unwrap_or(u64::MAX);
    for at in 0..moments {
        let again = if at % 2 == 0 { Again::Resume } else { Again::Plain };
        cuts.push(Cut::After(micros * at / moments.max(1), again));
    }
    cuts
}

/// Makes the cut, goes on, and judges.
pub fn trial(reference: &Reference, cut: &Cut) -> Verdict {
    let place = Place::new();
    let mut verdict = Verdict::default();
    let again = match cut {
        Cut::At(request, moment, again) => {
            let reached = kill_at(&place, request, *moment);
            verdict.insist(Wrong::Violation, reached, || "the request never came".to_owned());
            *again
        }
        Cut::After(micros, again) => {
            let running = place.project.on(&place.tenant, super::APPLY).start();
            std::thread::sleep(Duration::from_micros(*micros));
            running.kill();
            *again
        }
    };
    place.tenant.faults(&json!([]));
    go_on(&place, again, &mut verdict);
    judge::settled(&place, reference, &mut verdict);
    verdict
}

fn kill_at(place: &Place, request: &Request, moment: Moment) -> bool {
    let Request { method, path, nth } = request;
    let rule = |effect: &str, delay: u64| json!([{ "method": method, "path": path, "nth": nth, "effect": effect, "delayMs": delay }]);
    match moment {
        // The tenant never carries out what waits here when the caller is gone.
        Moment::Before => place.tenant.faults(&rule("drop-before-commit", 60_000)),
        Moment::After => place.tenant.faults(&rule("drop-after-commit", 0)),
        Moment::Answered => {}
    }
    let struck = |entry: &Value| match moment {
        Moment::Before => true,
        Moment::After => !entry["fault"].is_null(),
        Moment::Answered => !entry["status"].is_null(),
    };
    let running = place.project.on(&place.tenant, super::APPLY).start();
    let reached = wait_for(place, |entries| {
        entries.iter().filter(|entry| request.is_like(entry)).nth(nth - 1).is_some_and(struck)
    });
    running.kill();
    reached
}

fn wait_for(place: &Place, seen: impl Fn(&[Value]) -> bool) -> bool {
    let began = Instant::now();
    while !seen(&place.tenant.requests()) {
        if began.elapsed() > Duration::from_secs(30) {
            return false;
        }
        std::thread::sleep(Duration::from_micros(500));
    }
    true
}

fn go_on(place: &Place, again: Again, verdict: &mut Verdict) {
    let mut plain = again == Again::Plain;
    if again == Again::Resume {
        let resumed = place.project.on(&place.tenant, "apply --resume --auto-approve").run();
        verdict.insist(Wrong::Violation, resumed.code == Some(0), || format!("the resume fails: {resumed}"));
        // Killed before the run began, or after its end.
        plain = resumed.stdout.contains("Nothing to resume") || resumed.stderr.contains("Nothing to resume");
    }
    if plain {
        let applied = place.project.on(&place.tenant, super::APPLY).run();
        verdict.insist(Wrong::Violation, applied.code == Some(0), || format!("the next apply fails: {applied}"));
    }
}
