//! A journal in memory that dies with its process, and of which the next process makes its past.

use std::sync::{Mutex, PoisonError};

use cxform_apply::{
    Exchange, Intent, Journal, JournalError, Past, PastResult, PastStep, Recording, Reply, StepReport, StepResult, Stop,
};

/// How a process dies at a call of its journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    /// The entry was not written yet.
    Before,
    /// The entry is written, and nobody lived to know.
    After,
    /// Somebody stopped it at once; the journal stands.
    Stopped,
}

pub(crate) struct Diary {
    pages: Mutex<Pages>,
    death: Option<(usize, Death)>,
    stop: Stop,
}

#[derive(Default)]
struct Pages {
    past: Past,
    calls: usize,
    is_dead: bool,
}

impl Diary {
    /// Goes on where `past` ends, and dies at the call of this number.
    pub(crate) fn new(past: Past, death: Option<(usize, Death)>, stop: &Stop) -> Self {
        Self { pages: Mutex::new(Pages { past, ..Pages::default() }), death, stop: stop.clone() }
    }

    pub(crate) fn past(&self) -> Past {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner).past.clone()
    }

    pub(crate) fn calls(&self) -> usize {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner).calls
    }

    fn write(&self, step: &str, note: impl FnOnce(&mut PastStep)) -> Recording<'static> {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let here = self.death.filter(|(at, _)| *at == pages.calls).map(|(_, death)| death);
        pages.calls += 1;
        if !pages.is_dead && here != Some(Death::Before) {
            note(pages.past.steps.entry(step.to_owned()).or_default());
        }
        match here {
            Some(Death::Before | Death::After) => pages.is_dead = true,
            Some(Death::Stopped) => self.stop.now(),
            None => {}
        }
        let result = if pages.is_dead { Err(JournalError("the process has died".into())) } else { Ok(()) };
        Box::pin(std::future::ready(result))
    }
}

impl Journal for Diary {
    fn intend<'a>(&'a self, intent: &'a Intent) -> Recording<'a> {
        self.write(&intent.step, |step| {
            assert_eq!(intent.attempt, step.attempts, "{}: every request has a number of its own", intent.step);
            *step = PastStep {
                attempts: step.attempts + 1,
                in_flight: true,
                payload_sha256: intent.payload_sha256.clone(),
                ..PastStep::default()
            };
        })
    }

    fn record<'a>(&'a self, exchange: &'a Exchange) -> Recording<'a> {
        self.write(&exchange.intent.step, |step| {
            assert!(step.in_flight);
            step.in_flight = !matches!(exchange.reply, Reply::Refused(_));
        })
    }

    fn found_out<'a>(&'a self, exchange: &'a Exchange) -> Recording<'a> {
        self.write(&exchange.intent.step, |step| {
            assert!(step.in_flight);
            assert_eq!(
                (exchange.intent.attempt + 1, &exchange.intent.payload_sha256),
                (step.attempts, &step.payload_sha256)
            );
            step.in_flight = !matches!(exchange.reply, Reply::Refused(_));
        })
    }

    fn conclude<'a>(&'a self, report: &'a StepReport) -> Recording<'a> {
        self.write(&report.id, |step| {
            assert!(!report.earlier || report.rolled_back, "{}: the journal knows it already", report.id);
            step.result = match &report.result {
                _ if report.rolled_back => Some(PastResult::RolledBack),
                StepResult::Applied => Some(PastResult::Applied),
                StepResult::Rebased(_) => Some(PastResult::Rebased),
                StepResult::Unchanged => Some(PastResult::Unchanged),
                StepResult::Failed(_) | StepResult::Conflict(_) | StepResult::Skipped(_) => None,
            };
            step.in_flight = report.is_unsettled();
            step.object.clone_from(&report.object);
            step.version = report.version;
        })
    }
}
