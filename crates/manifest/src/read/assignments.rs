//! `assignments` of a DispositionTree: which desktops show which outcomes.

use cxform_model::{Address, DesktopEntry, Sourced};

use super::Keys;
use super::Reader;
use super::cursor::get;
use super::disposition_tree::Tree;
use crate::catalogue::MISSING_KEY;
use crate::limits::DESKTOP_PLACE;
use crate::yaml::{Entry, Node};
use crate::{Diagnostic, Place};

impl Reader<'_> {
    pub(super) fn assignment(&mut self, node: &Node, tree: &Tree<'_, '_>) {
        let keys = Keys::new(
            "an assignment",
            &["campaigns", "campaignGroups", "outcomes", "default", "exclusive", "unassigned"],
        );
        let before = self.sink.errors();
        let Some(entries) = self.mapping(node, &keys) else { return };
        let place = entries
            .first()
            .filter(|first| first.key_place.source == node.place.source)
            .map_or(node.place, |first| first.key_place);
        let campaigns = self.addresses(entries, "campaigns", Address::campaign);
        let groups: Vec<Sourced<String>> = get(entries, "campaignGroups")
            .and_then(|node| self.names(node, "`campaignGroups`"))
            .unwrap_or_default()
            .into_iter()
            .map(|(name, node)| Sourced::new(name.to_owned(), node.place.source))
            .collect();
        let unassigned = self.addresses(entries, "unassigned", Address::outcome);
        let listed = get(entries, "outcomes").is_some();
        let outcomes = if listed {
            let outcomes = self.addresses(entries, "outcomes", Address::outcome);
            for (outcome, place) in &outcomes {
                self.links.reference(outcome.value.clone(), *place);
            }
            sourced(outcomes)
        } else {
            self.implied(tree, &unassigned, place)
        };
        let default = get(entries, "default").and_then(|node| {
            if node.is_null() {
                return Some(Sourced::new(None, node.place.source));
            }
            let outcome = Address::outcome(self.name(node, "`default`")?);
            self.links.reference(outcome.clone(), node.place);
            Some(Sourced::new(Some(outcome), node.place.source))
        });
        let exclusive = get(entries, "exclusive").and_then(|node| self.boolean(node, "`exclusive`")).unwrap_or(false);
        if campaigns.is_empty() && groups.is_empty() && self.sink.errors() == before && !self.incomplete {
            let problem =
                Diagnostic::new(&MISSING_KEY, Some(place), "an assignment names neither campaigns nor groups");
            self.report(problem.help("add `campaigns: [...]` or `campaignGroups: [...]`"));
        }
        if self.sink.errors() != before {
            return; // half an entry would claim half a desktop
        }
        self.desired.desktops.push(DesktopEntry {
            campaigns: sourced(campaigns),
            groups,
            outcomes,
            default,
            exclusive,
            unassigned: sourced(unassigned),
            source: place.source,
        });
    }

    /// An entry that lists no outcomes means all active leaves of its tree, in document order, but what it takes off.
    fn implied(
        &mut self,
        tree: &Tree<'_, '_>,
        unassigned: &[(Sourced<Address>, Place)],
        place: Place,
    ) -> Vec<Sourced<Address>> {
        if !self.afford(tree.leaves.len() * DESKTOP_PLACE, place) {
            return Vec::new();
        }
        let off: std::collections::HashSet<_> = unassigned.iter().map(|(outcome, _)| &outcome.value).collect();
        tree.leaves
            .iter()
            .filter(|leaf| !off.contains(leaf))
            .map(|leaf| Sourced::new(leaf.clone(), place.source))
            .collect()
    }

    fn addresses(
        &mut self,
        entries: &[Entry],
        key: &str,
        address: fn(String) -> Address,
    ) -> Vec<(Sourced<Address>, Place)> {
        let Some(node) = get(entries, key) else { return Vec::new() };
        self.names(node, &format!("`{key}`"))
            .unwrap_or_default()
            .into_iter()
            .map(|(name, node)| (Sourced::new(address(name.to_owned()), node.place.source), node.place))
            .collect()
    }
}

fn sourced(placed: Vec<(Sourced<Address>, Place)>) -> Vec<Sourced<Address>> {
    placed.into_iter().map(|(address, _)| address).collect()
}
