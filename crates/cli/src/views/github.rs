//! Workflow commands of GitHub Actions: notes beside the lines of a pull request.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use cxform_manifest::{ProblemV1, ReportV1};
use cxform_plan::render::{self, Detail, Shown};
use cxform_plan::{Action, Change, Class, Place, Plan};

use super::text::safe;

/// How loud a note is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Error,
    Warning,
    Notice,
}

impl Level {
    const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

/// A file and a line, where a note has them.
type Spot<'p> = Option<(&'p str, u32)>;

/// Where projects stand below the folder that the workflow works in, so that its files are found.
pub struct Base(String);

impl Base {
    /// The folder of `-C`.
    pub fn of(directory: &Path) -> Self {
        let here = std::env::current_dir().ok();
        let below = here.and_then(|here| directory.strip_prefix(here).ok().map(Path::to_owned));
        let directory = below.as_deref().unwrap_or(directory);
        let parts = directory.components().filter(|part| *part != Component::CurDir);
        Self(parts.map(|part| format!("{}/", part.as_os_str().to_string_lossy().trim_end_matches('/'))).collect())
    }

    fn file(&self, name: &str) -> String {
        format!("{}{name}", self.0)
    }
}

/// A plan: a note on every line that changes something, the warnings first, the summary last.
pub fn plan(plan: &Plan, base: &Base) -> String {
    let mut notes: BTreeMap<(Level, Spot<'_>), Vec<String>> = BTreeMap::new();
    for warning in &plan.warnings {
        let subject = warning.address.as_ref().map_or_else(String::new, |address| format!("{address}: "));
        let rule = warning.rule.as_ref().map_or_else(String::new, |rule| format!(" [{rule}]"));
        let place = warning.source.as_ref().map(at);
        notes.entry((Level::Warning, place)).or_default().push(format!("{subject}{}{rule}", warning.message));
    }
    for change in render::in_order(plan) {
        let level = level(change);
        let why = render::why(change);
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        let place = change.source.as_ref().map(at);
        notes.entry((level, place)).or_default().push(format!("{} {}{why}", change.action.word(), change.address));
        if matches!(change.action, Action::Create | Action::Assign | Action::Unassign) {
            continue;
        }
        for detail in render::details(change, 200) {
            let note = detail.note();
            let Detail { field, shown, class } = detail;
            let level = if class == Some(Class::Loosening) { Level::Warning } else { level };
            let place = field.source.as_ref().map(at).or(place);
            let values = match shown {
                Shown::Set(after) => after,
                Shown::Changed(before, after) => format!("{before} -> {after}"),
                Shown::Lines(_) => "changes".to_owned(),
            };
            let subject =
                if place == change.source.as_ref().map(at) { String::new() } else { format!("{} ", change.address) };
            notes.entry((level, place)).or_default().push(format!("{subject}{}: {values}{note}", field.path));
        }
    }
    let title = format!("cxform plan for {}", plan.environment);
    let mut text = String::new();
    for ((level, place), messages) in notes {
        let place = place.map(|(file, line)| (base.file(file), line, None));
        text.push_str(&command(level, place, &title, &messages.join("\n")));
    }
    text.push_str(&command(Level::Notice, None, &title, &format!("{}\n{}", render::summary(plan), plan.digest)));
    text
}

/// Problems of manifests, errors first.
pub fn problems(report: &ReportV1, base: &Base) -> String {
    let mut problems: Vec<&ProblemV1> = report.problems.iter().collect();
    problems.sort_by_key(|problem| problem.severity != "error");
    let mut text = String::new();
    for ProblemV1 { rule, severity, message, hint, at, address, environments, related } in problems {
        let level = if severity == "error" { Level::Error } else { Level::Warning };
        let mut words = message.clone();
        if let (None, Some(address)) = (at, address) {
            words = format!("{address}: {words}");
        }
        if !environments.is_empty() {
            words.push_str(&format!("\nonly in environment {}", environments.join(", ")));
        }
        for other in related {
            let place = match (&other.file, other.line) {
                (Some(file), Some(line)) => format!("{}:{line}", base.file(file)),
                _ => "on the tenant".to_owned(),
            };
            words.push_str(&format!("\n{place}: {}", other.message));
        }
        if let Some(hint) = hint {
            words.push_str(&format!("\nhint: {hint}"));
        }
        let place = at.as_ref().map(|at| (base.file(&at.file), at.line, Some(at.column)));
        text.push_str(&command(level, place, rule, &words));
    }
    if report.summary.omitted > 0 {
        text.push_str(&command(Level::Error, None, "cxform", &format!("and {} more errors", report.summary.omitted)));
    }
    text
}

/// Why there is no plan.
pub fn failed(said: &str) -> String {
    command(Level::Error, None, "cxform plan", said)
}

/// What takes something away is worth a second look.
const fn level(change: &Change) -> Level {
    match change.action {
        Action::Retire | Action::Unassign => Level::Warning,
        Action::Create | Action::Update | Action::Assign | Action::Transition => Level::Notice,
    }
}

fn at(place: &Place) -> (&str, u32) {
    (&place.file, place.line)
}

fn command(level: Level, place: Option<(String, u32, Option<u32>)>, title: &str, message: &str) -> String {
    let mut properties = Vec::new();
    if let Some((file, line, column)) = place {
        properties.push(format!("file={}", property(&file)));
        properties.push(format!("line={line}"));
        properties.extend(column.map(|column| format!("col={column}")));
    }
    properties.push(format!("title={}", property(title)));
    format!("::{} {}::{}\n", level.word(), properties.join(","), data(message))
}

fn data(text: &str) -> String {
    safe(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_stays_one_command() {
        let place = Some(("a,b:c\n.yaml".to_owned(), 3, Some(4)));
        assert_eq!(
            command(Level::Error, place, "t::x", "100 %\n::set-output name=x::y\r"),
            "::error file=a%2Cb%3Ac%0A.yaml,line=3,col=4,title=t%3A%3Ax::100 %25%0A::set-output name=x::y\\u{d}\n"
        );
    }

    #[test]
    fn files_are_named_as_the_workflow_sees_them() {
        let here = std::env::current_dir().unwrap();
        for (directory, file) in [
            (Path::new("."), "manifests/a.yaml"),
            (Path::new("./config/"), "config/manifests/a.yaml"),
            (&here.join("config"), "config/manifests/a.yaml"),
        ] {
            assert_eq!(Base::of(directory).file("manifests/a.yaml"), file);
        }
    }
}
