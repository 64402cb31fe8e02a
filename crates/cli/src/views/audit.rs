//! The audit trail, for people.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use cxform_record::{AsOf, AuditRecord, Fault, FieldAsOf, PutBy, Verdict, WriteResult};
use serde_json::Value;

use super::style::Palette;
use super::text;

/// One line a record.
pub fn list(records: &[AuditRecord], palette: Palette) -> String {
    if records.is_empty() {
        return "No record.\n".to_owned();
    }
    let widest = records.last().map_or(1, |last| last.seq.to_string().len());
    let mut out = String::new();
    for record in records {
        let _ = writeln!(
            out,
            "{:>widest$}  {}  {}  {} {}  {}",
            record.seq,
            text::second(&record.time),
            result(record.result, 8, palette),
            palette.dim(&record.method),
            palette.bold(&text::safe(&record.address)),
            palette.dim(&format!("by {}", text::safe(&record.actor))),
        );
    }
    out
}

/// One record in full.
pub fn show(record: &AuditRecord, palette: Palette, width: usize) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} {} {}",
        palette.bold(&format!("record {}", record.seq)),
        palette.bold(&text::safe(&record.address)),
        result(record.result, 0, palette)
    );
    let versions = match (&record.version_before, &record.version_after) {
        (None, None) => None,
        (before, after) => {
            let shown = |version: &Option<String>| version.clone().unwrap_or_else(|| "none".to_owned());
            Some(format!("{} -> {}", shown(before), shown(after)))
        }
    };
    let repeated = if record.retries > 0 { format!(", {} repetitions", record.retries) } else { String::new() };
    for (label, value) in [
        ("time", Some(text::second(&record.time))),
        ("run", Some(record.run.clone())),
        ("step", Some(record.step.clone())),
        ("plan", Some(record.plan_digest.clone())),
        ("by", Some(record.actor.clone())),
        ("commit", record.git_commit.clone()),
        ("author", record.git_author.clone()),
        ("request", Some(format!("{} {}", record.method, record.path))),
        ("request id", record.request_id.clone()),
        ("took", Some(format!("{} ms{repeated}", record.latency_ms))),
        ("version", versions),
        ("checked", checked(&record.compliance)),
        ("payload", record.payload_sha256.as_ref().map(|hash| format!("sha256:{hash}"))),
        ("previous", Some(record.previous.clone())),
        ("hash", Some(record.hash.clone())),
    ] {
        if let Some(value) = value {
            let _ = writeln!(out, "  {} {}", palette.dim(&format!("{label:<10}")), text::safe(&value));
        }
    }
    out.push('\n');
    let of = |document: &Option<Value>, path: &String| document.as_ref().and_then(|fields| fields.get(path)).cloned();
    let sides = [&record.before, &record.after].into_iter().flatten().filter_map(Value::as_object);
    let paths: BTreeSet<&String> = sides.flat_map(|fields| fields.keys()).collect();
    for path in paths {
        let value = |value: Option<Value>| {
            let shown = value.map_or_else(|| "(nothing)".to_owned(), |value| value.to_string());
            text::cut(&text::safe(&shown), width.saturating_sub(12).max(20))
        };
        let (before, after) = (of(&record.before, path), of(&record.after, path));
        let _ = writeln!(out, "  {}", text::safe(path));
        if record.before.is_some() && before != after {
            let _ = writeln!(out, "    before  {}", palette.bad(&value(before)));
        }
        let _ = writeln!(out, "    after   {}", palette.good(&value(after)));
    }
    out
}

/// Which checks held, in words.
fn checked(compliance: &Value) -> Option<String> {
    let flags = compliance.as_object().filter(|flags| !flags.is_empty())?;
    let held = |wanted: bool| {
        let named = flags.iter().filter(move |(_, value)| value.as_bool() == Some(wanted));
        named.map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let (yes, no) = (held(true), held(false));
    Some(match (yes.is_empty(), no.is_empty()) {
        (false, true) => yes,
        (true, _) => format!("nothing of {no}"),
        (false, false) => format!("{yes}; not {no}"),
    })
}

/// Whether the trail is whole.
pub fn verdict(verdict: &Verdict, against_head: bool, palette: Palette) -> String {
    let Verdict { records, head, flaws, flaw_count, clock_steps_back } = verdict;
    let mut out = String::new();
    for flaw in flaws {
        let what = match flaw.fault {
            Fault::Changed => "was changed: its content does not have the hash that was made of it".to_owned(),
            Fault::Unlinked => "does not follow the record before it".to_owned(),
            Fault::Missing => "comes after records that are missing".to_owned(),
            Fault::TailCut => "and perhaps records before it are missing: the newest ones were cut off".to_owned(),
            Fault::HeadUnknown => {
                "is the last one, and none has the given head: the tail was cut, or the chain was made anew".to_owned()
            }
        };
        let _ = writeln!(out, "{} record {} {what}", palette.bad(flaw.fault.word()), flaw.seq);
    }
    let hidden = flaw_count.saturating_sub(flaws.len() as u64);
    if hidden > 0 {
        let _ = writeln!(out, "... and {hidden} more");
    }
    if verdict.is_whole() {
        let _ = write!(
            out,
            "{} {}, every hash and link as it should be.",
            palette.good("Whole."),
            text::counted(*records, "record")
        );
    } else {
        let _ = write!(
            out,
            "{} {} in {}.",
            palette.bad("Not whole."),
            text::counted(*flaw_count, "flaw"),
            text::counted(*records, "record")
        );
    }
    if *clock_steps_back > 0 {
        let _ = write!(out, " The clock stepped back {clock_steps_back} times.");
    }
    let _ = writeln!(out, "\n  {} sha256:{head}", palette.dim("head"));
    if verdict.is_whole() && !against_head {
        let hint = "`--head HASH` with the head of an earlier result also finds a cut tail and a chain made anew.";
        let _ = writeln!(out, "  {}", palette.dim(hint));
    }
    out
}

/// What was configured at a moment.
pub fn asof(state: &AsOf, palette: Palette, width: usize) -> String {
    let AsOf { address, time, existed, last_write, version, fields, lost_writes } = state;
    let mut out = String::new();
    let _ = writeln!(out, "{} at {}", palette.bold(&text::safe(address)), text::second(time));
    match existed {
        None => out.push_str("  No record tells of it: cxform has not written it.\n"),
        Some(false) => out.push_str("  It was not there.\n"),
        Some(true) => {}
    }
    if let Some(by) = last_write {
        let version = version.as_ref().map_or_else(String::new, |version| format!(", version {version}"));
        let _ = writeln!(out, "  last written {}{version}", text::second(&by.time));
    }
    // Fields that one write put there stand together, the latest first.
    let mut groups: BTreeMap<Option<std::cmp::Reverse<i64>>, Vec<(&String, &FieldAsOf)>> = BTreeMap::new();
    for (path, field) in fields {
        groups.entry(field.put_by.as_ref().map(|by| std::cmp::Reverse(by.seq))).or_default().push((path, field));
    }
    // What nobody put there sorts first and is told last.
    let before = groups.remove(&None);
    for group in groups.into_values().chain(before) {
        let by = group.first().and_then(|(_, field)| field.put_by.as_ref());
        let by = by.map_or_else(|| "stood there before cxform's first write to it".to_owned(), put_by);
        let _ = writeln!(out, "\n  {}", palette.dim(&by));
        for (path, field) in group {
            let room = width.saturating_sub(path.chars().count() + 6).max(20);
            let value = text::cut(&text::safe(&field.value.to_string()), room);
            let _ = writeln!(out, "    {}: {}", text::safe(path), palette.bold(&value));
            if let Some(seq) = field.contradicted_by {
                let why = format!("record {seq} later found another value: somebody changed it outside of cxform");
                let _ = writeln!(out, "      {}", palette.attention(&why));
            }
        }
    }
    if !lost_writes.is_empty() {
        let numbers: Vec<_> = lost_writes.iter().map(ToString::to_string).collect();
        let why = format!("Records {} are of writes whose fate was never learnt.", numbers.join(", "));
        let _ = writeln!(out, "\n  {}", palette.attention(&why));
    }
    out
}

fn put_by(by: &PutBy) -> String {
    let PutBy { seq, time, run, actor, git_commit, git_author } = by;
    let commit = git_commit.as_ref().map_or_else(String::new, |commit| {
        let short: String = commit.chars().take(12).collect();
        let author = git_author.as_ref().map_or_else(String::new, |author| format!(" of {author}"));
        format!(", commit {short}{author}")
    });
    text::safe(&format!("{} by {actor}{commit} (record {seq}, run {run})", text::second(time)))
}

fn result(result: WriteResult, width: usize, palette: Palette) -> String {
    let word = format!("{:<width$}", result.word());
    match result {
        WriteResult::Applied | WriteResult::Rebased | WriteResult::Settled => palette.good(&word),
        WriteResult::Refused => palette.bad(&word),
        WriteResult::Lost => palette.attention(&word),
    }
}
