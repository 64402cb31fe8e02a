//! A set of fields with their values, ordered as the kind's table.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{Field, Kind};

/// A value for each of some fields of one object. Small and sorted: a million of them must fit into memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields<V>(Vec<(Field, V)>);

impl<V> Default for Fields<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<V> Fields<V> {
    /// No fields.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The value of a field.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<&V> {
        self.position(field).ok().and_then(|at| self.0.get(at)).map(|(_, value)| value)
    }

    /// Sets a field and returns what it was.
    pub fn insert(&mut self, field: Field, value: V) -> Option<V> {
        match self.position(field) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].1, value)),
            Err(at) => {
                self.0.insert(at, (field, value));
                None
            }
        }
    }

    /// Takes a field out.
    pub fn remove(&mut self, field: Field) -> Option<V> {
        self.position(field).ok().map(|at| self.0.remove(at).1)
    }

    /// The fields in the order of the table.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Field, &V)> + ExactSizeIterator {
        self.0.iter().map(|(field, value)| (*field, value))
    }

    /// How many fields have a value.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no field has a value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Gives back memory that building it left over.
    pub fn shrink(&mut self) {
        self.0.shrink_to_fit();
    }

    fn position(&self, field: Field) -> Result<usize, usize> {
        self.0.binary_search_by_key(&field, |(field, _)| *field)
    }
}

impl<V> FromIterator<(Field, V)> for Fields<V> {
    fn from_iter<I: IntoIterator<Item = (Field, V)>>(entries: I) -> Self {
        let mut fields = Self::new();
        for (field, value) in entries {
            fields.insert(field, value);
        }
        fields
    }
}

impl Fields<Value> {
    /// Path and value, as plans and journals write them.
    #[must_use]
    pub fn to_paths(&self) -> BTreeMap<String, Value> {
        self.iter().map(|(field, value)| (field.path().to_owned(), value.clone())).collect()
    }

    /// Reads what [`Fields::to_paths`] wrote.
    ///
    /// # Errors
    /// The first path that is no field of `kind`.
    pub fn from_paths(kind: Kind, paths: BTreeMap<String, Value>) -> Result<Self, String> {
        paths
            .into_iter()
            .map(|(path, value)| match Field::find(kind, &path) {
                Some(field) => Ok((field, value)),
                None => Err(path),
            })
            .collect()
    }
}
