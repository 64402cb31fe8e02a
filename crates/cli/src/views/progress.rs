//! A run while it goes on: a bar on a terminal, plain lines elsewhere.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use cxform_apply::{Event, StepResult};
use indicatif::{ProgressBar, ProgressStyle};

use super::text;
use crate::terminal::{say, talks_to_a_person};

/// Shows events as they come.
pub enum Progress {
    /// Nobody wants to see them.
    Quiet,
    /// A person watches.
    Bar(ProgressBar),
    /// A log is written.
    Lines(Mutex<Lines>),
}

/// What plain lines have told so far.
pub struct Lines {
    total: usize,
    done: usize,
    last: Instant,
}

/// A log that gets more than a line a second is read by nobody.
const PAUSE: Duration = Duration::from_secs(1);

impl Progress {
    /// Fits what standard error is.
    pub fn new(quiet: bool) -> Self {
        if quiet {
            Self::Quiet
        } else if talks_to_a_person() {
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {wide_msg}");
            let bar = ProgressBar::new(0);
            Self::Bar(style.map(|style| bar.clone().with_style(style)).unwrap_or(bar))
        } else {
            Self::Lines(Mutex::new(Lines { total: 0, done: 0, last: Instant::now() }))
        }
    }

    /// Takes note of one event.
    pub fn show(&self, event: &Event) {
        match self {
            Self::Quiet => {}
            Self::Bar(bar) => on_bar(bar, event),
            Self::Lines(lines) => {
                if let Ok(mut lines) = lines.lock() {
                    lines.show(event);
                }
            }
        }
    }
}

fn on_bar(bar: &ProgressBar, event: &Event) {
    match event {
        Event::RunStarted { steps, .. } => {
            bar.set_length(*steps as u64);
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Event::StepStarted { address, action, .. } => bar.set_message(format!("{} {address}", action.word())),
        Event::Settling { address, .. } => bar.set_message(format!("looking what became of {address}")),
        Event::StepFinished(step) => {
            bar.inc(1);
            if matches!(step.result, StepResult::Failed(_) | StepResult::Conflict(_)) {
                bar.suspend(|| say(&format!("{} {}", step.result.word(), step.address)));
            }
        }
        Event::RollingBack { steps, .. } => {
            bar.inc_length(*steps as u64);
            bar.suspend(|| say("taking back what was done"));
        }
        Event::Stopping { .. } | Event::Written(_) => {}
        Event::RunFinished { .. } => bar.finish_and_clear(),
    }
}

impl Lines {
    fn show(&mut self, event: &Event) {
        match event {
            Event::RunStarted { steps, .. } => {
                self.total = *steps;
                self.last = Instant::now();
            }
            Event::StepFinished(step) => {
                self.done += 1;
                let bad = matches!(step.result, StepResult::Failed(_) | StepResult::Conflict(_));
                if bad {
                    say(&format!("{} {}", step.result.word(), step.address));
                }
                if self.last.elapsed() >= PAUSE {
                    self.last = Instant::now();
                    say(&format!("{}/{} steps", self.done, self.total));
                }
            }
            Event::RollingBack { steps, .. } => {
                self.total += steps;
                say("taking back what was done");
            }
            Event::Stopping { error: Some(error), .. } => say(&format!("stopping: {}", text::safe(error))),
            Event::StepStarted { .. }
            | Event::Settling { .. }
            | Event::Stopping { error: None, .. }
            | Event::Written(_)
            | Event::RunFinished { .. } => {}
        }
    }
}
