//! Campaigns with their selection rules, one file each, and webhook subscriptions.

use cxform_model::{Address, Kind};

use super::fields::{Activity, Said, nest};
use super::{Writer, document};
use crate::express::text;
use crate::yaml::Node;

const SELECTION: &str = "contactSelection.";

impl Writer<'_> {
    pub(super) fn campaigns(&mut self) {
        for (name, object) in self.named(Kind::Campaign) {
            let address = Address::campaign(name);
            if !self.wanted(&address, object) {
                continue;
            }
            self.count(Kind::Campaign);
            let said = self.said(&address, object, &[]);
            let (selection, own): (Said, Said) =
                said.into_iter().partition(|(field, _)| field.path().starts_with(SELECTION));
            let mut documents = vec![document("Campaign", text(name), nest(own, "", 1))];
            if !selection.is_empty() {
                let mut spec = vec![("campaigns".to_owned(), Node::sequence(true, [text(name)]))];
                spec.extend(nest(selection, SELECTION, 1));
                documents.push(document("SelectionRules", text(name), spec));
            }
            let file = self.names.file("campaigns", name);
            self.file(format!("manifests/campaigns/{file}.yaml"), documents);
        }
    }

    pub(super) fn webhooks(&mut self) {
        for (name, object) in self.named(Kind::Webhook) {
            let address = Address::webhook(name);
            if !self.wanted(&address, object) {
                continue;
            }
            self.count(Kind::Webhook);
            let mut spec = nest(self.said(&address, object, &["isActive"]), "", 0);
            let mut annotations = None;
            match self.activity(&address, object, "isActive") {
                Activity::Active => {}
                Activity::Inactive(word) => spec.push(("isActive".to_owned(), word)),
                Activity::Unknown(note) => annotations = Some(note),
            }
            let mut root = document("WebhookSubscription", text(name), spec);
            if let Some(note) = annotations {
                let metadata = Node::mapping(true, [("name".to_owned(), text(name)), ("annotations".to_owned(), note)]);
                root.set("metadata", metadata);
            }
            let file = self.names.file("webhooks", name);
            self.file(format!("manifests/webhooks/{file}.yaml"), vec![root]);
        }
    }
}
