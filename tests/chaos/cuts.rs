//! The process is killed at every request of the reference apply, and at moments in between; then it is run again.

use std::time::{Duration, Instant};

use cxform_emulator::Options;
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
    /// Planned anew, and the records are gone as well: that costs history and nothing else.
    Forgotten,
}

/// What a tenant is like, in the words of the emulator.
type Quirks = &'static [&'static str];

/// Nothing but looking protects against a second create here.
const FORGETFUL: Quirks = &["ignore-idempotency"];

/// Even looking does not help at once.
const LATE: Quirks = &["ignore-idempotency", "late-listing"];

/// Where the records are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Records {
    File,
    Server,
}

/// One cut.
#[derive(Debug, Clone)]
pub enum Cut {
    /// At a request, on a tenant with these quirks.
    At(Request, Moment, Again, Quirks, Records),
    /// After so many microseconds.
    After(u64, Again),
}

impl Cut {
    pub fn is_late(&self) -> bool {
        matches!(self, Self::At(_, _, _, quirks, _) if *quirks == LATE)
    }
}

/// Every request, before and after, resumed and planned anew; reads change nothing, so one cut each is all there is. Then so
/// many moments, evenly spread over what the reference apply takes.
pub fn all(reference: &Reference, moments: u64, takes: Duration) -> Vec<Cut> {
    let mut cuts = Vec::new();
    for (at, request) in reference.requests.iter().enumerate() {
        let mut cut = |moment, again, quirks| cuts.push(Cut::At(request.clone(), moment, again, quirks, Records::File));
        if !request.is_write() {
            cut(Moment::Before, if at % 2 == 0 { Again::Resume } else { Again::Plain }, &[]);
            continue;
        }
        cut(Moment::After, Again::Forgotten, FORGETFUL);
        for again in [Again::Resume, Again::Plain] {
            cut(Moment::Before, again, &[]);
            cut(Moment::After, again, &[]);
            cut(Moment::After, again, FORGETFUL);
            cut(Moment::Answered, again, &[]);
            if request.method == "POST" {
                cut(Moment::After, again, LATE);
                cut(Moment::Answered, again, LATE);
            }
        }
    }
    let micros = u64::try_from(takes.as_micros()).unwrap_or(u64::MAX);
    for at in 0..moments {
        let again = if at % 2 == 0 { Again::Resume } else { Again::Plain };
        cuts.push(Cut::After(micros * at / moments.max(1), again));
    }
    cuts
}

/// Right after each write, on a tenant like any other.
pub fn after(reference: &Reference, again: Again) -> Vec<Cut> {
    let writes = reference.requests.iter().filter(|request| request.is_write());
    writes.map(|request| Cut::At(request.clone(), Moment::After, again, &[], Records::File)).collect()
}

/// The writes once more, with records in PostgreSQL.
pub fn with_a_server(reference: &Reference) -> Vec<Cut> {
    let writes = reference.requests.iter().filter(|request| request.is_write());
    let each = |request: &Request| {
        let moments = [Moment::Before, Moment::After, Moment::Answered].into_iter();
        let cut = |moment, again| Cut::At(request.clone(), moment, again, FORGETFUL, Records::Server);
        moments.flat_map(|moment| [Again::Resume, Again::Plain].map(|again| cut(moment, again))).collect::<Vec<_>>()
    };
    writes.flat_map(each).collect()
}

/// Makes the cut, goes on, and judges.
pub fn trial(reference: &Reference, cut: &Cut) -> Verdict {
    let (quirks, records): (Quirks, _) =
        if let Cut::At(.., quirks, records) = cut { (quirks, *records) } else { (&[], Records::File) };
    let quirks = cxform_emulator::Quirks::parse(quirks.iter().copied()).unwrap();
    let mut place = Place::with(Options { quirks, ..Options::default() });
    if records == Records::Server {
        place = place.on_a_server();
    }
    in_place(&place, reference, cut)
}

/// The same in a place that somebody else has prepared.
pub fn in_place(place: &Place, reference: &Reference, cut: &Cut) -> Verdict {
    let mut verdict = Verdict::default();
    let again = match cut {
        Cut::At(request, moment, again, ..) => {
            let reached = kill_at(place, request, *moment);
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
    go_on(place, again, &mut verdict);
    if cut.is_late() {
        // What was made last is listed by then.
        std::thread::sleep(Duration::from_millis(400));
    }
    if again == Again::Forgotten {
        judge::stands(place, reference, &mut verdict);
    } else {
        judge::settled(place, reference, &mut verdict);
    }
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

/// The next process.
pub fn go_on(place: &Place, again: Again, verdict: &mut Verdict) {
    let mut plain = again != Again::Resume;
    if again == Again::Forgotten {
        std::fs::remove_dir_all(place.project.path().join(".cxform")).unwrap();
    }
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
