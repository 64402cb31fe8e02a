//! The end of a run, for people.

use std::fmt::Write as _;

use cxform_apply::{Conflict, Failure, Outcome, Rebase, Report, Rollback, StepReport, StepResult};
use serde_json::Value;

use super::style::Palette;
use super::text;
use crate::recording::run::Ending;

/// Everything that did not go as planned, and what the run adds up to.
pub fn human(report: &Report, ending: Option<&Ending>, palette: Palette) -> String {
    let mut out = String::new();
    let failures = failures(report);
    for same in &failures {
        failed(&mut out, same, palette);
    }
    for step in &report.steps {
        match &step.result {
            StepResult::Conflict(conflict) => conflicting(&mut out, conflict, palette),
            StepResult::Rebased(rebase) => rebased(&mut out, step, rebase, palette),
            StepResult::Failed(_) | StepResult::Skipped(_) | StepResult::Applied | StepResult::Unchanged => {}
        }
    }
    if report.counts().conflict > 0 {
        let _ = writeln!(out, "{}\n", palette.dim("`cxform plan` shows what would change now."));
    }
    skipped(&mut out, report, palette);
    if let Some(error) = &report.ended {
        let _ = writeln!(out, "{} {}\n", palette.bad("The run ended early:"), text::safe(error));
    }
    if let Some(rollback) = &report.rollback {
        rolled_back(&mut out, rollback, palette);
    }
    left_paused(&mut out, report, ending, palette);
    let _ = writeln!(out, "{}", summary(report, ending.is_some(), palette));
    if let Some(Ending { head, resumable }) = ending {
        if let Some(head) = head {
            let _ = writeln!(out, "{}", palette.dim(&format!("Audit head sha256:{head}.")));
        }
        if *resumable {
            let _ = writeln!(
                out,
                "`cxform apply --resume` goes on with it; `cxform apply` plans anew from what the tenant holds now."
            );
        }
    }
    out
}

fn rebased(out: &mut String, step: &StepReport, rebase: &Rebase, palette: Palette) {
    let Rebase { planned, found, fields, authors } = rebase;
    let _ = writeln!(out, "{} {}", palette.attention("rebased"), palette.bold(&step.address.to_string()));
    let by = authors.iter().map(|author| text::safe(&author.actor)).collect::<Vec<_>>().join(", ");
    let by = if by.is_empty() { String::new() } else { format!(" by {by}") };
    let (planned, found) = (planned.0, found.0);
    let _ = writeln!(out, "    other fields had changed{by} between version {planned} and {found}, and stay so");
    for field in fields {
        let _ = writeln!(out, "    {}: {} -> {}", text::safe(&field.path), value(&field.base), value(&field.theirs));
    }
    out.push('\n');
}

fn rolled_back(out: &mut String, rollback: &Rollback, palette: Palette) {
    let Rollback { steps, cannot, error } = rollback;
    let back = steps.iter().filter(|step| step.result.satisfies()).count();
    let _ = writeln!(out, "{} {back} of {} steps taken back", palette.attention("rolled back"), steps.len());
    for step in steps.iter().filter(|step| !step.result.satisfies()) {
        let why = match &step.result {
            StepResult::Failed(failure) => failure.message.clone(),
            StepResult::Conflict(conflict) => conflict.reason.to_string(),
            StepResult::Skipped(skip) => skip.to_string(),
            StepResult::Applied | StepResult::Rebased(_) | StepResult::Unchanged => String::new(),
        };
        let _ = writeln!(out, "    {} {}: {}", step.result.word(), step.address, text::safe(&why));
    }
    for (address, why) in cannot {
        let _ = writeln!(out, "    stays {address}: {}", text::safe(why));
    }
    if let Some(error) = error {
        let _ = writeln!(out, "    {}", text::safe(error));
    }
    out.push('\n');
}

/// Nobody expects a campaign to stand still that dialled before.
fn left_paused(out: &mut String, report: &Report, ending: Option<&Ending>, palette: Palette) {
    let campaigns: Vec<String> = report.left_paused().into_iter().map(ToString::to_string).collect();
    if campaigns.is_empty() {
        return;
    }
    let shown = text::some_of(&campaigns, 8);
    let _ = writeln!(out, "{} {}", palette.bad("STILL PAUSED"), palette.bold(&shown));
    let _ = writeln!(
        out,
        "    paused for an update that did not get through: no calls are made until somebody resumes dialling"
    );
    let _ = match ending {
        Some(ending) if ending.resumable => {
            writeln!(out, "    `cxform apply --resume` goes on with the update, and then sets dialling again")
        }
        Some(_) => writeln!(out, "    `cxform undo {}` takes the pause back", report.run),
        None => writeln!(out, "    `status: active` and `cxform apply --allow-resume` set it dialling again"),
    };
    out.push('\n');
}

/// Steps that failed for one cause, in the order of the first of each. A cause that hits a hundred steps is read once.
fn failures(report: &Report) -> Vec<Vec<(&StepReport, &Failure)>> {
    let mut groups: Vec<(String, Vec<(&StepReport, &Failure)>)> = Vec::new();
    for step in &report.steps {
        let StepResult::Failed(failure) = &step.result else { continue };
        let cause = cause(failure);
        match groups
            .iter_mut()
            .find(|(known, same)| *known == cause && same.iter().all(|(_, one)| one.fields.is_empty()))
        {
            Some((_, same)) if failure.fields.is_empty() => same.push((step, failure)),
            _ => groups.push((cause, vec![(step, failure)])),
        }
    }
    groups.into_iter().map(|(_, same)| same).collect()
}

/// What a failure says without the call and the request that it happened to.
fn cause(failure: &Failure) -> String {
    let mut cause = failure.message.clone();
    if let Some(id) = &failure.request_id {
        cause = cause.replace(&format!(" (request {id})"), "");
    }
    match cause.strip_prefix('`').and_then(|rest| rest.split_once('`')) {
        Some((call, rest)) if call.contains(" /") => rest.trim_start().to_owned(),
        _ => cause,
    }
}

fn failed(out: &mut String, same: &[(&StepReport, &Failure)], palette: Palette) {
    let Some((step, failure)) = same.first() else { return };
    if same.len() > 1 {
        let mut addresses: Vec<String> = same.iter().map(|(step, _)| step.address.to_string()).collect();
        addresses.dedup();
        let _ = writeln!(out, "{} {}", palette.bad("failed"), palette.bold(&text::some_of(&addresses, 8)));
        let _ = writeln!(out, "    {}\n", text::safe(&cause(failure)));
        return;
    }
    let _ = writeln!(out, "{} {}", palette.bad("failed"), palette.bold(&step.address.to_string()));
    let _ = writeln!(out, "    {}", text::safe(&failure.message));
    for field in &failure.fields {
        let _ = writeln!(out, "    {}: {}", text::safe(&field.field), text::safe(&field.message));
        if let Some(place) = &field.source {
            let _ = writeln!(out, "      {}", palette.dim(&text::place(place)));
        }
    }
    if let Some(id) = failure.request_id.as_ref().filter(|id| !failure.message.contains(id.as_str())) {
        let _ = writeln!(out, "    {}", palette.dim(&format!("request {}", text::safe(id))));
    }
    out.push('\n');
}

fn conflicting(out: &mut String, conflict: &Conflict, palette: Palette) {
    let Conflict { address, reason, fields, version, findings } = conflict;
    let _ = writeln!(out, "{} {}", palette.bad("conflict"), palette.bold(&address.to_string()));
    let versions = version.map_or_else(String::new, |version| match version.found {
        Some(found) => format!(" (planned from version {}, found {found})", version.planned),
        None => format!(" (planned from version {})", version.planned),
    });
    let _ = writeln!(out, "    {reason}{versions}");
    for finding in findings {
        let _ = writeln!(out, "    {}", text::safe(finding));
    }
    for field in fields {
        let _ = writeln!(out, "    {}", field.path);
        let _ = writeln!(out, "      base    {}", value(&field.base));
        match &field.ours {
            Some(ours) => {
                let _ = writeln!(out, "      ours    {}", value(ours));
            }
            None => {
                let _ = writeln!(out, "      ours    {}", palette.dim("left alone"));
            }
        }
        let _ = writeln!(out, "      theirs  {}", value(&field.theirs));
    }
    out.push('\n');
}

/// Skipped steps, one line for each reason.
fn skipped(out: &mut String, report: &Report, palette: Palette) {
    let mut reasons: std::collections::BTreeMap<String, Vec<String>> = std::collections::BTreeMap::new();
    for step in &report.steps {
        if let StepResult::Skipped(skip) = &step.result {
            reasons.entry(skip.to_string()).or_default().push(step.address.to_string());
        }
    }
    for (reason, mut addresses) in reasons {
        addresses.dedup();
        let shown = text::some_of(&addresses, 5);
        let _ = writeln!(out, "{} {shown}\n    {}\n", palette.attention("skipped"), text::safe(&reason));
    }
}

fn summary(report: &Report, recorded: bool, palette: Palette) -> String {
    let counts = report.counts();
    let title = match report.outcome() {
        Outcome::Nothing => palette.good("Nothing to do."),
        Outcome::Applied => palette.good("Applied."),
        Outcome::Conflict => palette.bad("Conflict."),
        Outcome::Interrupted => palette.attention("Interrupted."),
        Outcome::Partial => palette.attention("Applied in part."),
        Outcome::RolledBack => palette.attention("Rolled back."),
        Outcome::Failed => palette.bad("Failed."),
    };
    let mut parts = Vec::new();
    for (count, word) in [
        (counts.applied, "applied"),
        (counts.rebased, "rebased"),
        (counts.unchanged, "already so"),
        (counts.failed, "failed"),
        (counts.conflict, "in conflict"),
        (counts.skipped, "skipped"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {word}"));
        }
    }
    let steps = if parts.is_empty() { String::new() } else { format!(" Steps: {}.", parts.join(", ")) };
    let retries = match report.retries {
        0 => String::new(),
        1 => ", 1 retry".to_owned(),
        retries => format!(", {retries} retries"),
    };
    let requests = if report.requests == 1 { "request" } else { "requests" };
    // A run that nobody put on record is no name to look for.
    let run = if recorded { palette.dim(&format!(" Run {}.", report.run)) } else { String::new() };
    format!("{title}{steps} {} {requests}{retries} in {}.{run}", report.requests, text::duration(report.duration))
}

fn value(value: &Value) -> String {
    text::cut(&text::safe(&value.to_string()), 200)
}
