//! What git and the tenant agreed on last, kept in the store: what a run wrote, and what was once seen to be the same.

use std::collections::BTreeMap;

use cxform_manifest::Project;
use cxform_model::Address;
use cxform_plan::InSync;
use cxform_record::{Base, Mode, NewBase, Store};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::recording::{letters, store};

/// Who wrote down what was only looked at, where other records name a run.
const LOOKED: &str = "drift";

/// The memory of one tenant.
pub struct Memory {
    store: Store,
    tenant: String,
    bases: BTreeMap<Address, Base>,
}

impl Memory {
    /// Opens the store of a project.
    pub async fn open(project: &Project, tenant: &str) -> anyhow::Result<Self> {
        let store = store::open(project, Mode::ReadWrite).await?;
        let bases = store.bases(tenant).await?;
        let bases = bases.into_iter().filter_map(|base| Some((base.address.parse().ok()?, base))).collect();
        Ok(Self { store, tenant: tenant.to_owned(), bases })
    }

    /// The store.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Every object that is known, by path.
    pub fn objects(&self) -> BTreeMap<Address, BTreeMap<String, Value>> {
        let fields = |base: &Base| {
            let fields = base.fields.as_object().into_iter().flatten();
            fields.map(|(path, value)| (path.clone(), value.clone())).collect()
        };
        self.bases.iter().map(|(address, base)| (address.clone(), fields(base))).collect()
    }

    /// The form in which the store keeps the value of a field.
    pub fn kept(&self, path: &str, value: &Value) -> Value {
        let mut kept = self.store.kept_form(&json!({ path: value }));
        kept.get_mut(path).map(Value::take).unwrap_or_default()
    }

    /// Since when both sides agreed on an object.
    pub fn since(&self, address: &Address) -> Option<String> {
        self.bases.get(address).map(|base| base.time.clone())
    }

    /// Remembers what is in sync, where the store does not know it so already. A store that cannot be written to is no
    /// reason to hide what was found.
    pub async fn remember(&self, in_sync: Vec<InSync>, seen: Timestamp) {
        let news: Vec<NewBase> = in_sync.into_iter().filter_map(|object| self.news(object)).collect();
        if news.is_empty() {
            return;
        }
        if let Err(error) = self.store.put_bases(LOOKED, seen, news).await {
            tracing::warn!(%error, "what is in sync could not be remembered");
        }
    }

    fn news(&self, object: InSync) -> Option<NewBase> {
        let InSync { address, fields, version } = object;
        let fields: Value = fields.into_iter().collect::<Map<_, _>>().into();
        let known = self.bases.get(&address).is_some_and(|base| base.fields == self.store.kept_form(&fields));
        (!known).then(|| NewBase {
            tenant: self.tenant.clone(),
            address: address.to_string(),
            fields: Some(fields),
            version: letters::version(version),
        })
    }
}
