//! From documents to the desired inventory.
//!
//! Reading never stops at a problem: it tells it, leaves the value out, and goes on.

mod annotations;
mod assignments;
mod call_code_set;
mod campaign;
mod cursor;
mod disposition_tree;
mod document;
mod fields;
mod links;
mod named;
mod selection_rules;
mod shape;
mod tuning_policy;
mod webhook;

use std::collections::{HashMap, HashSet};

use cxform_model::{Address, Desired, DesiredObject};

pub(crate) use campaign::{APPLY_POLICIES, keys as campaign_keys};
pub(crate) use cursor::Keys;
pub(crate) use document::{API_VERSION, DocumentKind, identity};
pub(crate) use fields::{Branch, Slot, branches, group, is_clearable};
pub(crate) use webhook::keys as webhook_keys;

use crate::catalogue::{DUPLICATE_OBJECT, LIMIT};
use crate::diagnostic::Sink;
use crate::limits::Budget;
use crate::yaml::Node;
use crate::{Diagnostic, Place};

/// What reading leaves behind.
#[derive(Debug)]
pub(crate) struct Reader<'s> {
    pub(crate) sink: &'s mut Sink,
    pub(crate) desired: Desired,
    /// Objects with a problem of their own: what rules say of them may be an echo of it.
    pub(crate) broken: HashSet<Address>,
    /// Whether something may be missing that other documents refer to.
    pub(crate) incomplete: bool,
    copies: Budget,
    /// Where each object is declared.
    owners: HashMap<Address, Place>,
    links: links::Links,
}

impl<'s> Reader<'s> {
    /// Copies that no file writes out are taken from `copies`.
    pub(crate) fn new(sink: &'s mut Sink, copies: Budget) -> Self {
        Self {
            sink,
            desired: Desired::default(),
            broken: HashSet::new(),
            incomplete: false,
            copies,
            owners: HashMap::new(),
            links: links::Links::default(),
        }
    }

    /// Reads all documents of one environment, in the order of file and document.
    pub(crate) fn documents<'n>(&mut self, documents: impl IntoIterator<Item = &'n Node>) {
        let headings: Vec<_> = documents.into_iter().filter_map(|document| self.heading(document)).collect();
        self.check_names(&headings);
        // Selection rules come last: they join the campaigns that are declared.
        for heading in headings.iter().filter(|heading| heading.kind != DocumentKind::SelectionRules) {
            match heading.kind {
                DocumentKind::DispositionTree => self.disposition_tree(heading),
                DocumentKind::CallCodeSet => self.call_code_set(heading),
                DocumentKind::Campaign => self.campaign(heading),
                DocumentKind::WebhookSubscription => self.webhook(heading),
                DocumentKind::TuningPolicy => self.tuning_policy(heading),
                DocumentKind::SelectionRules => {}
            }
        }
        for heading in headings.iter().filter(|heading| heading.kind == DocumentKind::SelectionRules) {
            self.selection_rules(heading);
        }
        self.check_links();
    }

    /// Adds an object, unless another document has it already.
    fn declare(&mut self, address: Address, place: Place, mut object: DesiredObject) {
        object.fields.shrink();
        if let Some(&first) = self.owners.get(&address) {
            let message = format!("`{address}` is listed twice");
            self.report(
                Diagnostic::new(&DUPLICATE_OBJECT, Some(place), message)
                    .related(first, "first listed here")
                    .help("an object has one owner: remove one of the two")
                    .of(&address),
            );
            self.broken.insert(address);
            return;
        }
        self.owners.insert(address.clone(), place);
        self.desired.objects.insert(address, object);
    }

    fn report(&mut self, problem: Diagnostic) {
        self.sink.push(problem);
    }

    /// Counts copies that are not written out in any file; `false` once there are too many.
    fn afford(&mut self, amount: usize, place: Place) -> bool {
        let told = self.copies.is_exhausted();
        if self.copies.take(amount) {
            return true;
        }
        if !told {
            let limit = self.copies.limit();
            let message =
                format!("inherited defaults, desktops and shared selection rules expand to more than {limit} values");
            self.report(Diagnostic::new(&LIMIT, Some(place), message).help("split the project"));
        }
        false
    }
}
