//! First answers under their idempotency keys, for 24 hours.

use std::collections::{HashMap, VecDeque};

use serde_json::{Value, json};

const LIFE_MS: i64 = 24 * 60 * 60 * 1000;

/// The first answer to a create: what was created.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Remembered {
    pub(crate) key: String,
    /// Of path and body: the same key for anything else is a mistake of the caller.
    pub(crate) fingerprint: String,
    pub(crate) body: Value,
    pub(crate) at: i64,
}

impl Remembered {
    pub(crate) fn to_json(&self) -> Value {
        json!({ "key": self.key, "fingerprint": self.fingerprint, "body": self.body, "at": self.at })
    }

    pub(crate) fn from_json(value: &Value) -> Option<Self> {
        Some(Self {
            key: value.get("key")?.as_str()?.to_owned(),
            fingerprint: value.get("fingerprint")?.as_str()?.to_owned(),
            body: value.get("body")?.clone(),
            at: value.get("at")?.as_i64()?,
        })
    }
}

/// All remembered answers, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    by_key: HashMap<String, Remembered>,
    ages: VecDeque<(i64, String)>,
}

impl Memory {
    pub(crate) fn find(&self, key: &str, now: i64) -> Option<&Remembered> {
        self.by_key.get(key).filter(|remembered| now - remembered.at < LIFE_MS)
    }

    pub(crate) fn keep(&mut self, remembered: Remembered) {
        while self.ages.front().is_some_and(|(at, _)| remembered.at - at >= LIFE_MS) {
            let Some((at, key)) = self.ages.pop_front() else { break };
            if self.by_key.get(&key).is_some_and(|kept| kept.at == at) {
                self.by_key.remove(&key);
            }
        }
        self.ages.push_back((remembered.at, remembered.key.clone()));
        self.by_key.insert(remembered.key.clone(), remembered);
    }

    pub(crate) fn oldest_first(&self) -> impl Iterator<Item = &Remembered> {
        let current = |(at, key): &(i64, String)| self.by_key.get(key).filter(|kept| kept.at == *at);
        self.ages.iter().filter_map(current)
    }
}
