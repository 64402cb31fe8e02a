//! The campaigns that dial while a plan is carried out, and how they are doing.

use cxform_model::CampaignStatus;

use super::lines::{Line, Role};
use crate::{Figures, Live};

/// Adds a paragraph on live campaigns, where there are any.
pub(super) fn live(live: &[Live], width: usize, all: &mut Vec<Line>) {
    if live.is_empty() {
        return;
    }
    all.push(Line::of(Role::Plain, "Live now:"));
    for one in live {
        let head = Line::of(Role::Plain, "  ").with(Role::Bold, one.address.to_string()).with(Role::Plain, "  ");
        all.extend(how(one).spans.into_iter().fold(head, |line, (role, text)| line.with(role, text)).fold(width, 6));
    }
    all.push(Line::default());
}

/// How a live campaign is doing, and whether it stands still meanwhile.
#[must_use]
pub fn how(live: &Live) -> Line {
    let Live { address: _, id: _, needs_pause, stands_still, figures } = live;
    let line = Line::of(Role::Plain, doing(figures.as_ref()));
    if needs_pause.is_empty() {
        return line;
    }
    let fields = needs_pause.join(", ");
    if *stands_still {
        line.with(Role::Plain, format!("; stands still for the change of {fields}"))
    } else {
        line.with(Role::Warning, format!("; changed while it dials: {fields}"))
            .with(Role::Dim, " (`applyPolicy: pause` stops it meanwhile)")
    }
}

/// `active, 83.2 % of agents' time taken, 1204 calls`.
fn doing(figures: Option<&Figures>) -> String {
    let Some(Figures { status, calls, utilization }) = figures else {
        return "active; utilisation and calls unknown".to_owned();
    };
    let status = status.map_or("active", CampaignStatus::word);
    let utilization = match utilization {
        Some(share) => format!("utilisation {share:.1} %"),
        None => "utilisation unknown".to_owned(),
    };
    let calls = match calls {
        Some(1) => "1 call".to_owned(),
        Some(calls) => format!("{calls} calls"),
        None => "calls unknown".to_owned(),
    };
    format!("{status}, {utilization}, {calls}")
}
