//! Desktops: entries beside the tree whose outcomes they show. Campaigns that show the same share one.

use std::collections::BTreeMap;

use cxform_model::{Address, Field, Kind, ObservedAssignment, ObservedObject, canonical_field};
use serde_json::Value;

use super::outcomes::Trees;
use super::{LeftOut, Writer, by_id};
use crate::express::text;
use crate::yaml::Node;

/// What a desktop shows, and what it selects.
type Shown = (Vec<String>, Option<String>);

impl Writer<'_> {
    pub(super) fn desktops(&mut self, trees: &mut Trees) {
        let before = self.left_out.clone();
        let campaigns = self.named(Kind::Campaign);
        // Campaigns without a name of their own are told where campaigns are written.
        self.left_out = before;
        let mut alike: BTreeMap<(Option<usize>, Shown), Vec<&str>> = BTreeMap::new();
        for (name, campaign) in campaigns {
            let Some(desktop) = self.observed.desktops.get(&campaign.id) else { continue };
            let (shown, tree) = self.shown(name, desktop, trees);
            if !shown.0.is_empty() {
                alike.entry((tree, shown)).or_default().push(name);
            }
        }
        let mut mixed = None;
        for ((tree, (outcomes, default)), campaigns) in alike {
            let at = tree.unwrap_or_else(|| *mixed.get_or_insert_with(|| self.desktop_tree(trees)));
            let list =
                |names: &mut dyn Iterator<Item = &str>| Node::sequence(true, names.map(text).collect::<Vec<_>>());
            let mut entry = vec![
                ("campaigns".to_owned(), list(&mut campaigns.iter().copied())),
                ("outcomes".to_owned(), list(&mut outcomes.iter().map(String::as_str))),
            ];
            entry.extend(default.map(|default| ("default".to_owned(), text(&default))));
            trees.documents[at].assignments.push(Node::mapping(false, entry));
        }
    }

    /// What of a desktop goes in, and the document of its outcomes where that is one.
    fn shown(&mut self, campaign: &str, desktop: &[ObservedAssignment], trees: &Trees) -> (Shown, Option<usize>) {
        let ids = by_id(self.observed, Kind::Outcome);
        let mut seats: Vec<&ObservedAssignment> = desktop.iter().collect();
        seats.sort_by_key(|seat| seat.sequence.unwrap_or(u64::MAX));
        let mut outcomes: Vec<String> = Vec::new();
        let mut tree = None;
        let mut mixed = false;
        let mut defaults = Vec::new();
        for seat in seats {
            let Some(object) = ids.get(&seat.outcome) else {
                self.omit_seat(None, campaign, &seat.outcome.0, "the outcome is not on the tenant".to_owned());
                continue;
            };
            let code = object.key.trim();
            let address = Address::assignment(campaign, code);
            if !(self.settings.picks)(&address) || outcomes.iter().any(|other| other == code) {
                continue;
            }
            if let Some(why) = self.verdicts.left_out.get(&address).cloned().or_else(|| unfit(object)) {
                self.omit_seat(Some(address), campaign, &seat.outcome.0, why);
                continue;
            }
            let Some(document) = trees.of.get(&object.id) else {
                self.omit_seat(Some(address), campaign, &seat.outcome.0, "the outcome is left out".to_owned());
                continue;
            };
            mixed |= tree.replace(*document).is_some_and(|other| other != *document);
            if seat.default {
                defaults.push(code.to_owned());
            }
            outcomes.push(code.to_owned());
            self.count(Kind::Assignment);
        }
        let selected = desktop.iter().filter(|seat| seat.default).count();
        let default = defaults.pop().filter(|_| selected == 1);
        ((outcomes, default), tree.filter(|_| !mixed))
    }

    fn omit_seat(&mut self, address: Option<Address>, campaign: &str, outcome: &str, why: String) {
        let why = format!("on the desktop of `{campaign}`: {why}");
        self.left_out.insert(LeftOut {
            kind: Kind::Assignment,
            address,
            id: Some(outcome.to_owned()),
            path: None,
            why,
        });
    }
}

/// Why no manifest may put an outcome on a desktop.
fn unfit(outcome: &ObservedObject) -> Option<String> {
    let told = |path: &str| {
        Field::find(Kind::Outcome, path).map_or(Value::Null, |field| canonical_field(field, outcome.fields.get(field)))
    };
    if told("status") == "INACTIVE" {
        return Some("the outcome is inactive".to_owned());
    }
    (told("uiConfig.visible") == false).then(|| "the outcome is hidden".to_owned())
}
