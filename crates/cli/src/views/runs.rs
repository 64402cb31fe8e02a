//! Runs, for people.

use std::fmt::Write as _;

use cxform_apply::Settled;
use cxform_plan::v1::AllowanceV1;
use cxform_record::{InFlight, Run, RunKind, RunState, Span, Stats, StepOutcome, StepRecord};

use super::style::Palette;
use super::text;

/// One line a run, the newest first.
pub fn list(runs: &[Run], palette: Palette) -> String {
    if runs.is_empty() {
        return "No run is recorded yet.\n".to_owned();
    }
    let mut out = String::new();
    for run in runs {
        let kind = match run.kind {
            RunKind::Apply => "",
            RunKind::Undo => " undo",
            RunKind::Tune => " tune",
        };
        let _ = writeln!(
            out,
            "{}  {}  {}{kind}  {}  {}",
            palette.bold(&run.id),
            text::minute(&run.started),
            text::safe(&run.environment),
            state(run.state, palette),
            palette.dim(&format!("{}by {}", text::safe(&did(run)), text::safe(&run.origin.actor))),
        );
    }
    out
}

/// One run and its steps.
pub fn show(
    run: &Run,
    allowances: &[AllowanceV1],
    steps: &[StepRecord],
    in_flight: &[InFlight],
    palette: Palette,
    width: usize,
) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{} {}", palette.bold(&run.id), state(run.state, palette));
    let commit = run.origin.git_commit.as_ref().map(|commit| {
        let author = run.origin.git_author.as_ref().map_or_else(String::new, |author| format!(" by {author}"));
        format!("{commit}{author}")
    });
    let ended = run.ended.as_deref().map(text::second);
    let resumed = (run.resumes > 0).then(|| text::counted(run.resumes, "time"));
    for (label, value) in [
        ("environment", Some(format!("{} ({})", run.environment, run.tenant))),
        ("plan", Some(run.digest.clone())),
        ("by", Some(format!("{} on {}", run.origin.actor, run.origin.host))),
        ("commit", commit),
        ("started", Some(text::second(&run.started))),
        ("ended", ended),
        ("resumed", resumed),
        ("undoes", run.undoes.clone()),
        ("superseded by", run.superseded_by.clone()),
        ("did", run.counts.is_some().then(|| did(run).trim_end().trim_end_matches(',').to_owned())),
        ("error", run.error.clone()),
        ("audit head", run.head.as_ref().map(|head| format!("sha256:{head}"))),
    ] {
        if let Some(value) = value {
            let _ = writeln!(out, "  {} {}", palette.dim(&format!("{label:<13}")), text::safe(&value));
        }
    }
    for AllowanceV1 { policy, reason } in allowances {
        let _ = writeln!(
            out,
            "  {} {}",
            palette.dim(&format!("{:<13}", "allowed")),
            text::safe(&format!("{policy}: {reason}"))
        );
    }
    if !(steps.is_empty() && in_flight.is_empty()) {
        out.push('\n');
    }
    for step in steps {
        let word = match step.outcome {
            StepOutcome::Applied | StepOutcome::Rebased | StepOutcome::Unchanged => palette.good(step.outcome.word()),
            StepOutcome::Failed | StepOutcome::Conflict => palette.bad(step.outcome.word()),
            StepOutcome::Skipped | StepOutcome::RolledBack => palette.attention(step.outcome.word()),
        };
        let tries = if step.attempts > 1 { format!("  ({} requests)", step.attempts) } else { String::new() };
        let unsettled = if step.unsettled { "  (nobody knows whether it was applied)" } else { "" };
        let _ = writeln!(out, "  {word} {}{tries}{unsettled}", text::safe(&step.step));
        if let Some(detail) = &step.detail {
            for line in text::safe(detail).lines() {
                let _ = writeln!(out, "      {}", palette.dim(&text::cut(line, width.saturating_sub(6))));
            }
        }
    }
    for flight in in_flight {
        let since = text::second(&flight.intended);
        let _ = writeln!(
            out,
            "  {} {}  (sent {since}, no known answer)",
            palette.attention("in flight"),
            text::safe(&flight.request.step)
        );
    }
    if run.state.is_unfinished() && run.kind != RunKind::Tune {
        let _ = writeln!(out, "\n`cxform apply --resume` goes on with it.");
    }
    out
}

/// Figures over one run or many.
pub fn stats(stats: &Stats, span: &Span, palette: Palette) -> String {
    let Stats { runs, steps, succeeded, success_rate, requests, retries, mean_ms, p50_ms, p95_ms } = stats;
    let mut out = String::new();
    let title = match span {
        Span::All => text::counted(*runs, "run"),
        Span::Environment(name) => format!("{} of {}", text::counted(*runs, "run"), text::safe(name)),
        Span::Run(id) => format!("Run {id}"),
    };
    let _ = writeln!(out, "{}", palette.bold(&title));
    let rate = success_rate.map_or_else(String::new, |rate| format!(", {:.1} %", rate * 100.0));
    let _ = writeln!(out, "  steps         {succeeded} of {steps} as planned{rate}");
    let _ = writeln!(out, "  writes        {}, {retries} of them repeated", text::counted(*requests, "request"));
    if let (Some(mean), Some(p50), Some(p95)) = (mean_ms, p50_ms, p95_ms) {
        let _ = writeln!(out, "  latency       {mean:.0} ms on average, half within {p50} ms, 95 % within {p95} ms");
    }
    out
}

/// What became of the requests that a run left in flight: `2 requests had been carried out, 1 had not`.
pub fn settled(settled: &Settled) -> String {
    let Settled { carried_out, not_carried_out, unknown, error: _ } = settled;
    let parts = [
        (carried_out, "had been carried out"),
        (not_carried_out, "had not been carried out"),
        (unknown, "cannot be told from what somebody else did since"),
    ];
    let said = parts.iter().filter(|(count, _)| **count > 0);
    let said: Vec<_> = said.map(|(count, what)| format!("{} {what}", text::counted(**count, "request"))).collect();
    said.join(", ")
}

fn state(state: RunState, palette: Palette) -> String {
    match state {
        RunState::Done => palette.good(state.word()),
        RunState::Partial | RunState::Failed | RunState::Conflict => palette.bad(state.word()),
        RunState::Running | RunState::Interrupted | RunState::RolledBack | RunState::Superseded => {
            palette.attention(state.word())
        }
    }
}

/// `3 applied, 1 failed, `
fn did(run: &Run) -> String {
    let Some(counts) = &run.counts else { return String::new() };
    let parts = [
        (counts.applied, "applied"),
        (counts.rebased, "rebased"),
        (counts.unchanged, "already so"),
        (counts.failed, "failed"),
        (counts.conflict, "in conflict"),
        (counts.skipped, "skipped"),
    ];
    parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}, ")).collect()
}
