//! A plan as a comment under a pull request: the summary first, every change folded, cut to what a comment may hold.
//!
//! Whatever comes from manifests or a tenant stands in blocks of HTML without empty lines, or in fenced code: neither is
//! read as Markdown.

use cxform_manifest::{ProblemV1, ReportV1};
use cxform_model::Address;
use cxform_plan::render::{self, Detail, DiffLine, Shown};
use cxform_plan::{Action, Change, Live, Plan, Warning};

use super::markup::{code, fence, in_comment, prose};
use super::text::{counted, cut};

/// What a comment may hold: forges refuse a little more than this, and count in different ways, so bytes are counted.
pub const LIMIT: usize = 65_000;
/// Left for what is said about what was cut.
const RESERVE: usize = 600;
/// Beyond these a comment would tell of nothing but warnings.
const WARNINGS: usize = 50;
/// A value of more characters is told over several lines.
const VALUE_WIDTH: usize = 160;
/// What an error says beyond these characters is in the log.
const LONGEST_ERROR: usize = 4_000;

/// The comment, and the whole text where that is another one.
pub struct Comment {
    /// At most [`LIMIT`] bytes.
    pub text: String,
    /// Everything.
    pub whole: String,
}

/// The line by which a later run finds the comment of an earlier one.
fn marker(project: &str, environment: &str) -> String {
    format!("<!-- cxform:plan {} {} -->", in_comment(project), in_comment(environment))
}

/// A plan. `elsewhere` names where the whole text is.
pub fn plan(plan: &Plan, elsewhere: Option<&str>) -> Comment {
    let blocks = blocks(plan);
    let whole = assemble(plan, &blocks, usize::MAX, None);
    let text = if whole.len() <= LIMIT { whole.clone() } else { assemble(plan, &blocks, LIMIT, elsewhere) };
    Comment { text, whole }
}

/// Why no plan could be made, in the words of the error.
pub fn failed(said: &str, about: Option<(&str, &str)>) -> String {
    let lines: Vec<String> = cut(said, LONGEST_ERROR).lines().map(str::to_owned).collect();
    let fence = fence(&lines);
    format!("{}**There is no plan to show.**\n\n{fence}text\n{}\n{fence}\n", no_plan("failed", about), lines.join("\n"))
}

/// How a comment begins that holds no plan.
fn no_plan(word: &str, about: Option<(&str, &str)>) -> String {
    let (project, environment) = about.unwrap_or_default();
    let mut head = format!("{}\n<h3>cxform plan: {word}</h3>\n\n", marker(project, environment));
    if about.is_some() {
        head.push_str(&format!("<p>{} for {}</p>\n\n", code(project), code(environment)));
    }
    head
}

/// Why there is no plan. Without the names of project and environment it is about `cxform.yaml` itself.
pub fn refused(report: &ReportV1, about: Option<(&str, &str)>) -> Comment {
    let mut head = no_plan("refused", about);
    let errors = counted(report.summary.errors, "error");
    let warnings = match report.summary.warnings {
        0 => String::new(),
        some => format!(", {}", counted(some, "warning")),
    };
    head.push_str(&format!("**{errors}{warnings}. Nothing was planned.**\n\n"));
    let items: Vec<String> = report.problems.iter().map(problem).collect();
    let whole = format!("{head}{}", list(&items));
    let fitting = fitting(&items, LIMIT.saturating_sub(head.len() + RESERVE));
    let text = if whole.len() <= LIMIT {
        whole.clone()
    } else {
        let more = items.len() - fitting;
        format!(
            "{head}{}<p>And {}: <code>cxform plan</code> tells all.</p>\n",
            list(&items[..fitting]),
            counted(more, "more problem")
        )
    };
    Comment { text, whole }
}

fn problem(problem: &ProblemV1) -> String {
    let ProblemV1 { rule, severity, message, hint, at, address, environments, related: _ } = problem;
    let mut item = format!("<b>{severity}</b> {}: {}", code(rule), prose(message));
    match (at, address) {
        (Some(at), _) => item.push_str(&format!(" ({})", code(&format!("{}:{}", at.file, at.line)))),
        (None, Some(address)) => item.push_str(&format!(" (at {})", code(address))),
        (None, None) => {}
    }
    if !environments.is_empty() {
        item.push_str(&format!(
            " only in {}",
            environments.iter().map(|name| code(name)).collect::<Vec<_>>().join(", ")
        ));
    }
    if let Some(hint) = hint {
        item.push_str(&format!("<br>hint: {}", prose(hint)));
    }
    item
}

fn list(items: &[String]) -> String {
    let items: String = items.iter().map(|item| format!("<li>{item}</li>\n")).collect();
    format!("<ul>\n{items}</ul>\n\n")
}

/// How many items fit.
fn fitting(items: &[String], room: usize) -> usize {
    let mut used = 0;
    items
        .iter()
        .take_while(|item| {
            used += item.len() + "<li></li>\n".len();
            used <= room
        })
        .count()
}

/// One folded part.
struct Block {
    head: String,
    lines: Vec<String>,
}

impl Block {
    fn folded(&self) -> String {
        if self.lines.is_empty() {
            return self.bare();
        }
        let fence = fence(&self.lines);
        format!(
            "<details><summary>{}</summary>\n\n{fence}diff\n{}\n{fence}\n\n</details>\n\n",
            self.head,
            self.lines.join("\n")
        )
    }

    /// Without what is folded.
    fn bare(&self) -> String {
        format!("<p>{}</p>\n\n", self.head)
    }
}

fn assemble(plan: &Plan, blocks: &[Block], limit: usize, elsewhere: Option<&str>) -> String {
    let mut text = head(plan);
    let warnings: Vec<String> = plan.warnings.iter().map(warning).collect();
    if !warnings.is_empty() {
        // Half of the room is the changes'.
        let shown = if limit == usize::MAX { warnings.len() } else { fitting(&warnings, limit / 2).min(WARNINGS) };
        text.push_str(&format!(
            "<details open><summary>⚠️ <b>{}</b></summary>\n{}",
            counted(warnings.len(), "warning"),
            list(&warnings[..shown]).trim_end()
        ));
        if shown < warnings.len() {
            text.push_str(&format!("\n<p>And {}.</p>", counted(warnings.len() - shown, "more warning")));
        }
        text.push_str("\n</details>\n\n");
    }
    if !plan.live.is_empty() {
        let live: Vec<String> = plan.live.iter().map(campaign).collect();
        let shown = if limit == usize::MAX { live.len() } else { fitting(&live, limit / 4) };
        let more = match live.len() - shown {
            0 => String::new(),
            some => format!("<p>And {}.</p>\n", counted(some, "more campaign")),
        };
        text.push_str(&format!(
            "<details><summary><b>{}</b> while this is written</summary>\n{}\n{more}</details>\n\n",
            match live.len() {
                1 => "1 campaign dials".to_owned(),
                many => format!("{many} campaigns dial"),
            },
            list(&live[..shown]).trim_end()
        ));
    }
    let room = limit.saturating_sub(RESERVE).max(text.len()) - text.len();
    let bare: Vec<usize> = blocks.iter().map(|block| block.bare().len()).collect();
    let mut headings: usize = 0;
    let told = bare
        .iter()
        .take_while(|size| {
            headings += **size;
            headings <= room
        })
        .count();
    // Every heading first: a reader who sees what changes can look up how.
    let mut spare = room.saturating_sub(bare[..told].iter().sum());
    let mut cut = 0;
    for (block, bare) in blocks[..told].iter().zip(&bare) {
        let folded = block.folded();
        match folded.len().saturating_sub(*bare) {
            extra if extra <= spare => {
                spare -= extra;
                text.push_str(&folded);
            }
            _ => {
                cut += 1;
                text.push_str(&block.bare());
            }
        }
    }
    let left_out = blocks.len() - told;
    if cut + left_out > 0 {
        let mut parts = Vec::new();
        if cut > 0 {
            parts.push(format!("{cut} without details"));
        }
        if left_out > 0 {
            parts.push(format!("{left_out} left out"));
        }
        let where_else = match elsewhere {
            Some(file) => format!("The whole text is in {}.", code(file)),
            None => "<code>--artifact FILE</code> writes the whole text.".to_owned(),
        };
        text.push_str(&format!(
            "<p>✂️ <b>Cut to fit into a comment</b>: of {}, {}. {where_else}</p>\n\n",
            counted(blocks.len(), "part"),
            parts.join(" and ")
        ));
    }
    text.push_str(&foot(plan));
    text
}

fn head(plan: &Plan) -> String {
    let Plan { project, environment, .. } = plan;
    let laxer = render::laxer(plan).map_or_else(String::new, |laxer| format!("<p>🔓 {}</p>\n\n", prose(&laxer)));
    format!(
        "{}\n<h3>cxform plan: {} for {}</h3>\n\n**{}**\n\n{laxer}",
        marker(project, environment),
        code(project),
        code(environment),
        render::summary(plan)
    )
}

fn foot(plan: &Plan) -> String {
    format!("<sub>Tenant {} · digest {}</sub>\n", code(&plan.tenant), code(&plan.digest))
}

fn warning(warning: &Warning) -> String {
    let Warning { rule, address, message, source } = warning;
    let rule = rule.as_ref().map_or_else(String::new, |rule| format!("{} ", code(rule)));
    let address = address.as_ref().map_or_else(String::new, |address| format!("{}: ", code(&address.to_string())));
    let place = source.as_ref().map_or_else(String::new, |place| format!(" ({})", code(&render::where_is(place))));
    format!("{rule}{address}{}{place}", prose(message))
}

fn campaign(live: &Live) -> String {
    let how: String = render::how(live).spans.iter().map(|(_, text)| text.as_str()).collect();
    format!("{}: {}", code(&live.address.to_string()), prose(&how))
}

fn blocks(plan: &Plan) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut desktop: Option<(Address, Vec<&Change>)> = None;
    for change in render::in_order(plan) {
        let campaign = change.address.assignment_campaign();
        match (&mut desktop, campaign) {
            (Some((shown, changes)), Some(campaign)) if *shown == campaign => changes.push(change),
            (open, campaign) => {
                blocks.extend(open.take().map(|(campaign, changes)| of_desktop(&campaign, &changes)));
                match campaign {
                    Some(campaign) => *open = Some((campaign, vec![change])),
                    None => blocks.push(of_change(change)),
                }
            }
        }
    }
    blocks.extend(desktop.map(|(campaign, changes)| of_desktop(&campaign, &changes)));
    blocks
}

fn of_change(change: &Change) -> Block {
    let (sign, _) = render::sign(change.action);
    let why = render::why(change);
    let why = if why.is_empty() { String::new() } else { format!(": {}", prose(&why)) };
    let place = change
        .source
        .as_ref()
        .map_or_else(String::new, |place| format!(" <sub>{}</sub>", code(&render::where_is(place))));
    let head = format!(
        "{} {} <b>{}</b>{why}{place}",
        code(&sign.to_string()),
        code(&change.address.to_string()),
        change.action.word()
    );
    let details = render::details(change, VALUE_WIDTH);
    Block { head, lines: details.iter().flat_map(|detail| diff(change, detail)).collect() }
}

/// The outcomes that come to a desktop, move on it or leave it, as one part.
fn of_desktop(campaign: &Address, changes: &[&Change]) -> Block {
    let counts: Vec<String> = Action::ALL
        .into_iter()
        .filter_map(|action| {
            let count = changes.iter().filter(|change| change.action == action).count();
            (count > 0).then(|| format!("{count} to <b>{}</b>", action.word()))
        })
        .collect();
    let head = format!("{} desktop of {}: {}", code(">"), code(&campaign.to_string()), counts.join(", "));
    let mut lines = Vec::new();
    for change in changes {
        let sign = match change.action {
            Action::Retire | Action::Unassign => '-',
            Action::Update | Action::Transition => '!',
            Action::Create | Action::Assign => '+',
        };
        let why = render::why(change);
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        lines.push(format!("{sign} {} {}{why}", change.action.word(), render::printable(change.address.key())));
        lines.extend(render::details(change, VALUE_WIDTH).iter().flat_map(|detail| diff(change, detail)));
    }
    Block { head, lines }
}

/// A field as lines of a diff.
fn diff(change: &Change, detail: &Detail<'_>) -> Vec<String> {
    let Detail { field, shown, class: _ } = detail;
    let note = detail.note();
    let path = &field.path;
    let place =
        field.source.as_ref().filter(|place| Some(*place) != change.source.as_ref() && change.action != Action::Create);
    let place = place.map_or_else(String::new, |place| format!("    ({})", render::where_is(place)));
    match shown {
        Shown::Set(after) => vec![format!("+ {path}: {after}")],
        Shown::Changed(before, after) => vec![format!("- {path}: {before}"), format!("+ {path}: {after}{note}{place}")],
        Shown::Lines(lines) => {
            let mut shown = vec![format!("  {path}:{note}{place}")];
            shown.extend(lines.iter().map(|line| match line {
                DiffLine::Before(text) => format!("-   {text}"),
                DiffLine::After(text) => format!("+   {text}"),
                DiffLine::Same(text) => format!("    {text}"),
                DiffLine::Gap => "    ...".to_owned(),
            }));
            shown
        }
    }
}

#[cfg(test)]
mod tests;
