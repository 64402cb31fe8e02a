//! Runs many trials, a few at a time, and keeps count of what went wrong.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::judge::{Finding, Verdict, Wrong};

/// What came of the trials of one part.
#[derive(Debug, Default)]
pub struct Tally {
    pub trials: usize,
    /// Those for which the time did not suffice.
    pub left: usize,
    /// By the trial that it came from.
    pub findings: Vec<(String, Finding)>,
}

/// One trial; a panic is a violation as well.
pub fn caught(trial: impl FnOnce() -> Verdict) -> Verdict {
    catch_unwind(AssertUnwindSafe(trial)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Verdict(vec![Finding { wrong: Wrong::Violation, text: text.unwrap_or_default() }])
    })
}

/// Tries each one until the deadline.
pub fn each<T: std::fmt::Debug + Sync>(items: &[T], until: Instant, trial: impl Fn(&T) -> Verdict + Sync) -> Tally {
    let (next, tally) = (AtomicUsize::new(0), Mutex::new(Tally::default()));
    let work = || {
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            if Instant::now() > until {
                tally.lock().unwrap().left += 1;
                continue;
            }
            let verdict = caught(|| trial(item));
            let mut tally = tally.lock().unwrap();
            tally.trials += 1;
            tally.findings.extend(verdict.0.into_iter().map(|finding| (format!("{item:?}"), finding)));
        }
    };
    let processors = || std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
    let threads =
        std::env::var("CXFORM_CHAOS_THREADS").ok().and_then(|text| text.parse().ok()).unwrap_or_else(processors);
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    tally.into_inner().unwrap()
}
