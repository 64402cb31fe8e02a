//! Documents that are one object, found by the document's own name.

use cxform_model::{Address, DesiredObject};

use super::document::Heading;
use super::fields::{DesiredFields, Scope, branches};
use super::{Keys, Reader};
use crate::yaml::Entry;

impl Reader<'_> {
    /// Reads the spec of such a document, of whose keys `managed` are fields, and declares its object. `settle` sees the
    /// spec and the object before that.
    pub(super) fn named(
        &mut self,
        heading: &Heading<'_>,
        address: Address,
        keys: &Keys<'_>,
        managed: &[&str],
        settle: impl FnOnce(&mut Self, &[Entry], &mut DesiredObject),
    ) {
        let before = self.sink.errors();
        let spec = self.spec(heading, keys).unwrap_or_default();
        let mut fields = DesiredFields::default();
        for entry in spec.iter().filter(|entry| managed.contains(&&*entry.key)) {
            self.fields(branches(address.kind()), std::slice::from_ref(entry), Scope::Object, &mut fields);
        }
        for (old, place) in &heading.previous {
            self.links.previous(old.value.clone(), *place, address.clone());
        }
        let mut object = DesiredObject {
            previous: heading.previous.iter().map(|(old, _)| old.clone()).collect(),
            parent: None,
            fields,
            declared: true,
            protected: heading.annotations.protected(),
            pause: None,
            ignored: heading.annotations.ignored.clone(),
            source: heading.source(),
        };
        settle(self, spec, &mut object);
        if self.sink.errors() != before {
            self.broken.insert(address.clone());
        }
        // Two documents of one name are told by their headings already.
        if !self.desired.objects.contains_key(&address) {
            self.declare(address, heading.place, object);
        }
    }
}
