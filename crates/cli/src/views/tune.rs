//! What tuning saw, decided and did, for people.

use std::fmt::Write as _;

use cxform_operate::tune::{Calls, Considered, Decision, Held, Move, Sample, Seen, Verdict, Written};
use jiff::Timestamp;

use super::style::Palette;
use super::text;

/// A paragraph for each campaign.
pub fn blocks(campaigns: &[(Considered, Written)], palette: Palette) -> String {
    let mut out = String::new();
    for (at, (considered, written)) in campaigns.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        block(&mut out, considered, written, palette);
    }
    out
}

fn block(out: &mut String, considered: &Considered, written: &Written, palette: Palette) {
    let name = text::safe(considered.address.key());
    let by = palette.dim(&format!("by `{}`", text::safe(&considered.policy)));
    let word = match (&considered.verdict, written) {
        (_, Written::Tuned { run }) => format!("{} {}", palette.good("tuned"), palette.dim(&format!("in run {run}"))),
        (_, Written::Explained) => palette.attention("would be tuned"),
        (_, Written::Conflict(why)) => format!("{} {}", palette.bad("conflict:"), text::safe(why)),
        (_, Written::Failed(why)) => format!("{} {}", palette.bad("failed:"), text::safe(why)),
        (Verdict::Failed(why), Written::Nothing) => format!("{} {}", palette.bad("failed:"), text::safe(why)),
        (Verdict::Unknown(why), Written::Nothing) => format!("{} {}", palette.attention("unknown:"), text::safe(why)),
        (Verdict::Idle(why), Written::Nothing) => palette.dim(&format!("nothing to tune: {}", text::safe(why))),
        (Verdict::Decided { .. }, Written::Nothing) => palette.dim("stays as it is"),
    };
    let _ = writeln!(out, "{}  {by}  {word}", palette.bold(&name));
    let Verdict::Decided { seen, decision } = &considered.verdict else { return };
    let _ = writeln!(out, "  {}", palette.dim(&saw(seen)));
    let Decision { moves, held } = decision;
    for Move { knob, from, to, why } in moves {
        let (word, why) = (knob.word(), palette.dim(why));
        let _ = writeln!(out, "  {word:<12} {}  {why}", palette.bold(&format!("{from} -> {to}")));
    }
    for Held { knob, why } in held {
        let _ = writeln!(out, "  {:<12} stays: {}", knob.word(), palette.dim(why));
    }
}

/// A line of a log for each campaign; `quiet` keeps those that somebody should read.
pub fn lines(at: Timestamp, campaigns: &[(Considered, Written)], quiet: bool) -> String {
    let mut out = String::new();
    for (considered, written) in campaigns {
        let calm = matches!(written, Written::Nothing)
            && matches!(considered.verdict, Verdict::Idle(_) | Verdict::Decided { .. });
        if quiet && calm {
            continue;
        }
        let _ = writeln!(out, "{at:.0}  {}  {}", text::safe(considered.address.key()), said(considered, written));
    }
    out
}

fn said(considered: &Considered, written: &Written) -> String {
    let decided = match &considered.verdict {
        Verdict::Decided { decision: Decision { moves, held }, .. } => {
            let moves =
                moves.iter().map(|Move { knob, from, to, why }| format!("{} {from} -> {to} ({why})", knob.word()));
            let held = held.iter().map(|Held { knob, why }| format!("{} stays ({why})", knob.word()));
            moves.chain(held).collect::<Vec<_>>().join(", ")
        }
        Verdict::Idle(why) => format!("nothing to tune: {}", text::safe(why)),
        Verdict::Unknown(why) => format!("unknown: {}", text::safe(why)),
        Verdict::Failed(why) => format!("failed: {}", text::safe(why)),
    };
    match written {
        Written::Nothing => decided,
        Written::Explained => format!("would be tuned: {decided}"),
        Written::Tuned { run } => format!("tuned in run {run}: {decided}"),
        Written::Conflict(why) => format!("conflict: {}: {decided}", text::safe(why)),
        Written::Failed(why) => format!("failed: {}: {decided}", text::safe(why)),
    }
}

fn saw(seen: &Seen) -> String {
    let Seen { status: _, sample: Sample { lately, overall, utilization }, span } = seen;
    let percent =
        |share: Option<f64>| share.map_or_else(|| "unknown".to_owned(), |share| format!("{:.1} %", share * 100.0));
    let Calls { placed, answer_rate, abandoned } = lately;
    if *placed == 0 {
        return format!(
            "no calls since {:.0}; {} of those answered over all were abandoned",
            span.from,
            percent(overall.abandoned)
        );
    }
    format!(
        "since {:.0}: {}, {} answered, {} of those abandoned ({} over all); agents {} busy",
        span.from,
        text::counted(*placed, "call"),
        percent(*answer_rate),
        percent(*abandoned),
        percent(overall.abandoned),
        percent(*utilization),
    )
}
