//! A plan as one page that stands by itself: no script, and no request to anywhere. Folds and links are the browser's
//! own, so they work by keyboard.

mod tree;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cxform_plan::render::{self, Detail, DiffLine, Role, Shown};
use cxform_plan::{Change, Class, Estimate, Live, Plan, Warning};
use sha2::{Digest as _, Sha256};

use super::markup::{code, html, prose};
use super::text::counted;
use tree::{Branch, Section};

const STYLE: &str = include_str!("html/page.css");
/// A value of more characters is told over several lines.
const VALUE_WIDTH: usize = 160;
/// With more changes than this the page opens as an overview.
const OPEN: usize = 20;

/// The page.
pub fn plan(plan: &Plan) -> String {
    let Plan { project, environment, tenant, digest, warnings, live, estimate, .. } = plan;
    let sections = tree::sections(plan);
    let open = plan.changes.len() <= OPEN;
    let laxer =
        render::laxer(plan).map_or_else(String::new, |laxer| format!("<p class=\"laxer\">{}</p>\n", html(&laxer)));
    let title = format!("cxform plan: {} for {}", html(project), html(environment));
    let mut text = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>cxform plan: {} for {}</h1>\n\
         <p class=\"sum\">{}</p>\n{laxer}<p class=\"dim\">Tenant {}<br>Digest {}</p>\n",
        hash(STYLE),
        code(project),
        code(environment),
        html(&render::summary(plan)),
        code(tenant),
        code(digest),
    );
    text.push_str(&contents(plan, &sections));
    text.push_str("</header>\n<main>\n");
    if !warnings.is_empty() {
        let shown: String = warnings.iter().map(warning).collect();
        text.push_str(&format!(
            "<section id=\"warnings\">\n<h2>{}</h2>\n{shown}</section>\n",
            counted(warnings.len(), "warning")
        ));
    }
    if !live.is_empty() {
        let shown: String = live.iter().map(campaign).collect();
        text.push_str(&format!(
            "<section id=\"live\">\n<h2>Dialling while this is written</h2>\n<ul class=\"tree\">\n{shown}</ul>\n</section>\n"
        ));
    }
    for Section { id, title, branches } in &sections {
        let shown: String = branches.iter().map(|one| branch(one, open)).collect();
        text.push_str(&format!(
            "<section id=\"{id}\">\n<h2>{title}</h2>\n<ul class=\"tree\">\n{shown}</ul>\n</section>\n"
        ));
    }
    if !plan.changes.is_empty() {
        text.push_str(&effort(estimate));
    }
    text.push_str("</main>\n</body>\n</html>\n");
    text
}

/// What a browser must find in a style before it obeys it.
fn hash(style: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(style)))
}

fn contents(plan: &Plan, sections: &[Section<'_>]) -> String {
    let mut links = Vec::new();
    if !plan.warnings.is_empty() {
        links.push(("warnings", counted(plan.warnings.len(), "warning")));
    }
    if !plan.live.is_empty() {
        links.push(("live", "Dialling now".to_owned()));
    }
    links.extend(sections.iter().map(|section| (section.id, section.title.clone())));
    if !plan.changes.is_empty() {
        links.push(("estimate", "Estimate".to_owned()));
    }
    let links: String = links.iter().map(|(id, words)| format!("<li><a href=\"#{id}\">{words}</a></li>\n")).collect();
    if links.is_empty() { links } else { format!("<nav aria-label=\"Contents\">\n<ul>\n{links}</ul>\n</nav>\n") }
}

fn warning(warning: &Warning) -> String {
    let Warning { rule, address, message, source } = warning;
    let rule = rule.as_ref().map_or_else(String::new, |rule| format!(" {}", code(rule)));
    let address = address.as_ref().map_or_else(String::new, |address| format!(" {}:", code(&address.to_string())));
    let place = source
        .as_ref()
        .map_or_else(String::new, |place| format!(" <span class=\"dim\">{}</span>", html(&render::where_is(place))));
    format!("<p class=\"warn\"><b>Warning</b>{rule}{address} {}{place}</p>\n", prose(message))
}

fn campaign(live: &Live) -> String {
    let how: String = render::how(live).spans.iter().map(|(_, text)| text.as_str()).collect();
    format!("<li class=\"bare\">{}: {}</li>\n", code(&live.address.to_string()), prose(&how))
}

fn branch(branch: &Branch<'_>, open: bool) -> String {
    let Branch { name, change, below } = branch;
    let below: String = below.iter().map(|one| self::branch(one, open)).collect();
    let below = if below.is_empty() { below } else { format!("<ul>\n{below}</ul>\n") };
    let Some(change) = change else {
        return format!("<li><div class=\"bare\">{}</div>\n{below}</li>\n", code(name));
    };
    let (sign, role) = render::sign(change.action);
    let why = render::why(change);
    let why = if why.is_empty() { String::new() } else { format!(": {}", prose(&why)) };
    let place = change
        .source
        .as_ref()
        .map_or_else(String::new, |place| format!(" <span class=\"dim\">{}</span>", html(&render::where_is(place))));
    let class = class(role);
    let head = format!(
        "<span class=\"sign {class}\">{}</span> {} <span class=\"act {class}\">{}</span>{why}{place}",
        html(&sign.to_string()),
        code(name),
        change.action.word()
    );
    let details = render::details(change, VALUE_WIDTH);
    if details.is_empty() {
        return format!("<li><div class=\"bare\">{head}</div>\n{below}</li>\n");
    }
    let fields: String = details.iter().map(|detail| field(change, detail)).collect();
    let open = if open { " open" } else { "" };
    format!(
        "<li><details{open}><summary>{head}</summary>\n<div class=\"fields\"><dl>\n{fields}</dl></div>\n</details>\n{below}</li>\n"
    )
}

const fn class(role: Role) -> &'static str {
    match role {
        Role::Create | Role::After => "create",
        Role::Retire | Role::Before => "retire",
        Role::Update | Role::Warning | Role::Plain | Role::Bold | Role::Dim => "update",
    }
}

/// Signs tell before from after where colour does not.
fn field(change: &Change, detail: &Detail<'_>) -> String {
    let Detail { field, shown, class } = detail;
    let place = field.source.as_ref().filter(|place| Some(*place) != change.source.as_ref());
    let place = place
        .map_or_else(String::new, |place| format!(" <span class=\"dim\">{}</span>", html(&render::where_is(place))));
    let before = |text: &str| format!("<del>- {}</del>", html(text));
    let after = |text: &str| format!("<ins>+ {}</ins>", html(text));
    let values = match shown {
        Shown::Set(value) => after(value),
        Shown::Changed(old, new) => before(old) + &after(new),
        Shown::Lines(lines) => lines
            .iter()
            .map(|line| match line {
                DiffLine::Before(text) => before(text),
                DiffLine::After(text) => after(text),
                DiffLine::Same(text) => format!("<span class=\"same\">  {}</span>", html(text)),
                DiffLine::Gap => "<span class=\"same\">  …</span>".to_owned(),
            })
            .collect(),
    };
    let note = class.map_or_else(String::new, |class| {
        let look = if class == Class::Loosening { "laxer" } else { "dim" };
        format!(" <span class=\"{look}\">{}</span>", class.word())
    });
    format!("<dt>{}{note}{place}</dt>\n<dd>{values}</dd>\n", html(&field.path))
}

fn effort(estimate: &Estimate) -> String {
    let Estimate { requests, by_endpoint, seconds } = estimate;
    let rows: String = by_endpoint
        .iter()
        .map(|(name, count)| format!("<tr><td>{}</td><td class=\"number\">{count}</td></tr>\n", html(name)))
        .collect();
    format!(
        "<section id=\"estimate\">\n<h2>Estimate</h2>\n<p>About {}, {} in all.</p>\n<table>\n\
         <thead><tr><th scope=\"col\">endpoint</th><th scope=\"col\" class=\"number\">requests</th></tr></thead>\n\
         <tbody>\n{rows}</tbody>\n</table>\n</section>\n",
        render::time(*seconds),
        match requests {
            1 => "1 request".to_owned(),
            many => format!("{many} requests"),
        }
    )
}

#[cfg(test)]
mod tests;
