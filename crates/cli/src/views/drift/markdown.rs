//! Differences as a text for an issue, a comment or a summary of a run.

use super::{author, moved, summary, value};
use crate::drifting::v1::{DriftReportV1, DriftV1, SnoozedV1};
use crate::views::markdown::LIMIT;
use crate::views::markup::{code, html, in_comment, prose};
use crate::views::text::counted;

/// Beyond so many characters a value is cut.
const VALUE: usize = 400;
/// Left for what comes after the table.
const RESERVE: usize = 4_000;
/// So many accepted differences are told one by one.
const SNOOZED: usize = 20;

/// The report, cut to what a comment may hold. Whatever comes from manifests or a tenant is code in HTML.
pub fn report(report: &DriftReportV1) -> String {
    let DriftReportV1 { project, environment, tenant, .. } = report;
    let mut text = format!(
        "<!-- cxform:drift {} {} -->\n<h3>cxform drift</h3>\n\n<p>{} for {} on {}</p>\n\n<p><b>{}</b></p>\n\n",
        in_comment(project),
        in_comment(environment),
        code(project),
        code(environment),
        code(tenant),
        html(&summary(report))
    );
    let rows: Vec<String> = report.awake().map(row).collect();
    if !rows.is_empty() {
        text.push_str("<table>\n<tr><th>severity</th><th>what</th><th>git</th><th>tenant</th></tr>\n");
        let mut shown = 0;
        for row in &rows {
            if text.len() + row.len() > LIMIT - RESERVE {
                break;
            }
            text.push_str(row);
            shown += 1;
        }
        text.push_str("</table>\n\n");
        if shown < rows.len() {
            let more = counted(rows.len() - shown, "more difference");
            text.push_str(&format!("<p>And {more}: <code>cxform drift</code> tells all.</p>\n\n"));
        }
    }
    let snoozed = report.drifts.iter().filter_map(|drift| Some((drift, drift.snoozed.as_ref()?)));
    let mut items: Vec<String> = snoozed
        .map(|(drift, snoozed)| {
            let what = drift.path.as_deref().map_or_else(String::new, |path| format!(" {}", code(path)));
            let SnoozedV1 { until, why, .. } = snoozed;
            format!(
                "<li>{}{what} is snoozed until {until}: {}</li>\n",
                code(&drift.address.to_string()),
                cut(why, prose)
            )
        })
        .collect();
    items.extend(report.expired.iter().map(|SnoozedV1 { address, field: _, until, why }| {
        format!("<li>{} was snoozed until {until}: {}</li>\n", code(&address.to_string()), cut(why, prose))
    }));
    let mut told = 0;
    for item in items.iter().take(SNOOZED) {
        if text.len() + item.len() > LIMIT - 200 {
            break;
        }
        if told == 0 {
            text.push_str("<ul>\n");
        }
        told += 1;
        text.push_str(item);
    }
    if told > 0 {
        text.push_str("</ul>\n");
    }
    text
}

fn row(drift: &DriftV1) -> String {
    let path = drift.path.as_deref().map_or_else(String::new, |path| format!("<br>{}", code(path)));
    let source = drift.source.as_ref();
    let source = source.map_or_else(String::new, |at| format!("<br>{}", code(&format!("{}:{}", at.file, at.line))));
    let author = author(drift).map_or_else(String::new, |author| format!("<br>{}", prose(&author)));
    format!(
        "<tr><td>{}</td><td>{}{path}<br>{}</td><td>{}{source}</td><td>{}{author}</td></tr>\n",
        drift.severity,
        code(&drift.address.to_string()),
        moved(drift),
        cut(&value(&drift.git), code),
        cut(&value(&drift.tenant), code),
    )
}

fn cut(text: &str, dress: fn(&str) -> String) -> String {
    dress(&crate::views::text::cut(&text.replace('\n', " "), VALUE))
}
