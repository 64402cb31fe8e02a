//! `kind: SelectionRules`: which contacts campaigns call. The fields join those of the campaigns \[004\].

use std::collections::BTreeSet;

use cxform_model::{Address, DesiredObject, Kind};

use super::document::Heading;
use super::fields::{DesiredFields, Scope, group};
use super::{Keys, Reader};
use crate::Diagnostic;
use crate::catalogue::{DUPLICATE_OBJECT, MISSING_KEY};

/// The keys of the spec.
pub(crate) fn keys() -> Vec<&'static str> {
    std::iter::once("campaigns")
        .chain(group(Kind::Campaign, "contactSelection").iter().map(|branch| branch.name))
        .collect()
}

impl Reader<'_> {
    pub(super) fn selection_rules(&mut self, heading: &Heading<'_>) {
        let before = self.sink.errors();
        let known = keys();
        let Some(spec) = self.spec(heading, &Keys::new("`spec` of SelectionRules", &known)) else { return };
        let mut fields = DesiredFields::default();
        self.fields(group(Kind::Campaign, "contactSelection"), spec, Scope::Object, &mut fields);
        let Some(node) = self.required(spec, "campaigns", "`spec` of SelectionRules", heading.place) else { return };
        let campaigns = self.names(node, "`campaigns`").unwrap_or_default();
        let broken = self.sink.errors() != before;
        if campaigns.is_empty() && !broken && !self.incomplete {
            let problem = Diagnostic::new(&MISSING_KEY, Some(node.place), "selection rules name no campaign");
            self.report(problem.help("list the campaigns that they are for"));
        }
        let cost: usize = spec.iter().map(|entry| entry.value.weight()).sum();
        for (name, node) in campaigns {
            let address = Address::campaign(name);
            if broken {
                self.broken.insert(address.clone());
            }
            if let Some(first) = self.links.selection(&address, node.place) {
                let message = format!("two documents hold the selection rules of `{address}`");
                self.report(
                    Diagnostic::new(&DUPLICATE_OBJECT, Some(node.place), message)
                        .related(first, "first named here")
                        .help("a campaign has one set of selection rules: join the two")
                        .of(&address),
                );
                continue;
            }
            if !self.afford(cost, node.place) {
                return;
            }
            let source = node.place.source;
            let object = self.desired.objects.entry(address).or_insert_with(|| DesiredObject {
                previous: Vec::new(),
                parent: None,
                fields: DesiredFields::default(),
                declared: false,
                protected: false,
                pause: None,
                ignored: BTreeSet::new(),
                source,
            });
            object.protected |= heading.annotations.protected();
            object.ignored.extend(&heading.annotations.ignored);
            for (field, wanted) in fields.iter() {
                object.fields.insert(field, wanted.clone());
            }
            object.fields.shrink();
        }
    }
}
