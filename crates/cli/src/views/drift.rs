//! Differences between git and a tenant, for people and for what watches.

pub mod markdown;
pub mod prometheus;

use cxform_plan::render::inline;
use serde_json::Value;

use super::style::Palette;
use super::text::{counted, folded, minute, safe};
use crate::drifting::v1::{DriftReportV1, DriftV1, SnoozedV1};

/// Differences object by object, the accepted ones in short, and a summary.
pub fn human(report: &DriftReportV1, width: usize, palette: Palette) -> String {
    let mut text = String::new();
    let mut last = None;
    for drift in report.awake() {
        if last != Some(&drift.address) {
            if last.is_some() {
                text.push('\n');
            }
            text.push_str(&format!("{}\n", palette.bold(&safe(&drift.address.to_string()))));
            last = Some(&drift.address);
        }
        one(drift, palette, &mut text);
    }
    if last.is_some() {
        text.push('\n');
    }
    for drift in report.drifts.iter() {
        if let Some(SnoozedV1 { until, why, .. }) = &drift.snoozed {
            let path = drift.path.as_deref().map_or_else(String::new, |path| format!(" {path}"));
            let line = format!("snoozed until {until}: {}{path}: {}", drift.address, why);
            text.push_str(&palette.dim(&folded(&safe(&line), width, 0)));
        }
    }
    for SnoozedV1 { address, field, until, why } in &report.expired {
        let field = field.as_deref().map_or_else(String::new, |field| format!(" {field}"));
        let line = format!("snoozed until {until}, which is over: {address}{field}: {why}");
        text.push_str(&palette.attention(&folded(&safe(&line), width, 0)));
    }
    text.push_str(&format!("{}\n", palette.bold(&summary(report))));
    text
}

/// The last line.
pub fn summary(report: &DriftReportV1) -> String {
    let awake = report.awake().count();
    let in_sync = match report.summary.in_sync {
        1 => "1 object is in sync".to_owned(),
        some => format!("{some} objects are in sync"),
    };
    let snoozed = match report.summary.snoozed {
        0 => String::new(),
        some => format!(", {some} snoozed"),
    };
    if awake == 0 {
        return format!("No drift{snoozed}. {in_sync}.");
    }
    let (critical, major, minor) = (report.summary.critical, report.summary.major, report.summary.minor);
    format!(
        "Drift: {} ({critical} critical, {major} major, {minor} minor){snoozed}; {in_sync}.",
        counted(awake, "difference")
    )
}

/// What somebody can do about it.
pub const WAYS_OUT: &str = "`cxform apply` brings back what git says; `cxform drift adopt ADDRESS` puts what the tenant has into the manifests; \
                            `cxform drift snooze` accepts it for a while.";

/// Why nobody knows who moved.
pub const TWO_WAY: &str =
    "Without a store nobody knows what both sides agreed on, so no difference says which side moved.";

fn one(drift: &DriftV1, palette: Palette, text: &mut String) {
    let severity = match drift.severity {
        "critical" => palette.bad(drift.severity),
        "major" => palette.attention(drift.severity),
        other => palette.dim(other),
    };
    let what = drift.path.as_deref().map_or_else(String::new, |path| format!("  {}", safe(path)));
    text.push_str(&format!("  {severity}{what}  {}\n", moved(drift)));
    let source = drift.source.as_ref();
    let source = source.map_or_else(String::new, |at| format!("   {}:{}", safe(&at.file), at.line));
    let author = author(drift).map_or_else(String::new, |author| format!("   {}", safe(&author)));
    text.push_str(&format!("      git     {}{}\n", value(&drift.git), palette.dim(&source)));
    text.push_str(&format!("      tenant  {}{}\n", value(&drift.tenant), palette.dim(&author)));
    if drift.side == Some("both") {
        text.push_str(&format!("      before  {}\n", value(&drift.base)));
    }
}

/// Which side moved, in words.
pub fn moved(drift: &DriftV1) -> &'static str {
    let (git, tenant) = (drift.git.is_null(), drift.tenant.is_null());
    match (drift.path.is_some(), drift.side) {
        (true, Some("git")) => "changed in git",
        (true, Some("tenant")) => "changed on the tenant",
        (true, Some(_)) => "changed on both sides",
        (true, None) => "differs",
        (false, Some("git")) if git => "no longer in git",
        (false, Some("git")) => "new in git",
        (false, _) if tenant => "missing on the tenant",
        (false, Some(_)) => "made on the tenant",
        (false, None) => "on the tenant only",
    }
}

/// Who did it, and when.
pub fn author(drift: &DriftV1) -> Option<String> {
    let who = drift.who.as_deref()?;
    let when = drift.when.as_deref().map_or_else(String::new, |when| format!(", {}", minute(when)));
    Some(format!("by {who}{when}"))
}

/// A value in a line; of an object its fields.
pub fn value(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Object(fields) => {
            fields.iter().map(|(path, value)| format!("{path}: {}", inline(value))).collect::<Vec<_>>().join(", ")
        }
        other => inline(other),
    }
}
