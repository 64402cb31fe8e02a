//! An ordered, indexed collection of objects. Rows are kept as JSON text: a third of the memory of parsed values, and a
//! page of a listing is mere copying. The order is that of creation; a page costs the same wherever it lies.

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

use serde_json::Value;

/// How long a new row stays out of the listings of a tenant with that quirk.
const SETTLING: Duration = Duration::from_millis(300);

/// One kind of objects.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Option<Box<str>>>,
    live: Vec<u32>,
    by_id: HashMap<Box<str>, u32>,
    index: HashMap<String, Vec<u32>>,
    keys: fn(&Value) -> Vec<String>,
    newest: VecDeque<(Instant, u32)>,
}

impl Table {
    /// A table whose rows are found by the keys that the function gives.
    pub(crate) fn new(keys: fn(&Value) -> Vec<String>) -> Self {
        Self {
            rows: Vec::new(),
            live: Vec::new(),
            by_id: HashMap::new(),
            index: HashMap::new(),
            keys,
            newest: VecDeque::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.live.len()
    }

    pub(crate) fn has(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    pub(crate) fn get(&self, id: &str) -> Option<Value> {
        self.by_id.get(id).and_then(|position| self.parsed(*position))
    }

    /// The positions of all rows in the order of creation.
    pub(crate) fn live(&self) -> &[u32] {
        &self.live
    }

    /// The positions of the rows with that key, in the order of creation.
    pub(crate) fn find(&self, key: &str) -> &[u32] {
        self.index.get(key).map_or(&[], Vec::as_slice)
    }

    /// The objects with that key.
    pub(crate) fn found<'a>(&'a self, key: &str) -> impl Iterator<Item = Value> + 'a {
        self.find(key).iter().filter_map(|position| self.parsed(*position))
    }

    /// The text of the row at a position.
    pub(crate) fn text(&self, position: u32) -> &str {
        self.rows.get(position as usize).and_then(Option::as_deref).unwrap_or("null")
    }

    /// Takes all rows for old ones, as those of a seed are.
    pub(crate) fn settle(&mut self) {
        self.newest.clear();
    }

    /// The positions without the rows that are younger than a moment; positions are sorted, so those are at the end.
    pub(crate) fn settled<'a>(&self, positions: &'a [u32]) -> &'a [u32] {
        let young = self.newest.iter().find(|(since, _)| since.elapsed() < SETTLING);
        let end = young.map_or(positions.len(), |(_, first)| positions.partition_point(|position| position < first));
        &positions[..end]
    }

    pub(crate) fn put(&mut self, id: &str, row: &Value) {
        let position = match self.by_id.get(id) {
            Some(position) => {
                let position = *position;
                self.forget_keys(position);
                position
            }
            None => {
                let position = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
                self.rows.push(None);
                let now = Instant::now();
                while self.newest.front().is_some_and(|(since, _)| now.duration_since(*since) >= SETTLING) {
                    self.newest.pop_front();
                }
                self.newest.push_back((now, position));
                self.live.push(position);
                self.by_id.insert(id.into(), position);
                position
            }
        };
        for key in (self.keys)(row) {
            let positions = self.index.entry(key).or_default();
            if let Err(place) = positions.binary_search(&position) {
                positions.insert(place, position);
            }
        }
        if let Some(slot) = self.rows.get_mut(position as usize) {
            *slot = Some(row.to_string().into());
        }
    }

    pub(crate) fn remove(&mut self, id: &str) {
        let Some(position) = self.by_id.remove(id) else { return };
        self.forget_keys(position);
        if let Ok(place) = self.live.binary_search(&position) {
            self.live.remove(place);
        }
        if let Some(slot) = self.rows.get_mut(position as usize) {
            *slot = None;
        }
    }

    fn parsed(&self, position: u32) -> Option<Value> {
        serde_json::from_str(self.text(position)).ok()
    }

    fn forget_keys(&mut self, position: u32) {
        let Some(row) = self.parsed(position) else { return };
        for key in (self.keys)(&row) {
            let Some(positions) = self.index.get_mut(&key) else { continue };
            if let Ok(place) = positions.binary_search(&position) {
                positions.remove(place);
            }
            if positions.is_empty() {
                self.index.remove(&key);
            }
        }
    }
}
