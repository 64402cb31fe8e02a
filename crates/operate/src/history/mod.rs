//! What happened to a campaign, as the tenant remembers it: which of it somebody asks for, and its forms for programs.

mod csv;
mod document;

use cxform_tenant::HistoryRecord;
use jiff::Timestamp;

pub use csv::{HEADER, csv};
pub use document::{ChangeV1, HistoryV1, RecordV1};

/// Which records somebody asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Not before.
    pub since: Option<Timestamp>,
    /// Not after.
    pub until: Option<Timestamp>,
    /// By one of these, whatever the case; by anybody where there is none.
    pub actors: Vec<String>,
}

/// The records that pass, the oldest first as far as they tell when they were.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Picked {
    /// The records.
    pub records: Vec<HistoryRecord>,
    /// How many were left out because nobody knows when they were.
    pub undated: usize,
}

/// When a record was, where the tenant tells it in a form that can be read.
#[must_use]
pub fn time(record: &HistoryRecord) -> Option<Timestamp> {
    record.time.trim().parse().ok()
}

impl Filter {
    /// The records that pass.
    #[must_use]
    pub fn pick(&self, records: Vec<HistoryRecord>) -> Picked {
        let Self { since, until, actors } = self;
        let by = |record: &HistoryRecord| {
            let actor = record.actor.trim().to_lowercase();
            actors.is_empty() || actors.iter().any(|wanted| wanted.trim().to_lowercase() == actor)
        };
        let mut picked = Picked::default();
        for record in records.into_iter().filter(by) {
            match time(&record) {
                None if since.is_some() || until.is_some() => picked.undated += 1,
                Some(at) if since.is_some_and(|since| at < since) || until.is_some_and(|until| at > until) => {}
                _ => picked.records.push(record),
            }
        }
        // Each write leaves a higher version, whatever a clock said.
        picked.records.sort_by_key(|record| record.version);
        picked
    }
}

#[cfg(test)]
mod tests {
    use cxform_model::Version;

    use super::*;

    fn record(version: u64, time: &str, actor: &str) -> HistoryRecord {
        HistoryRecord {
            time: time.to_owned(),
            actor: actor.to_owned(),
            action: "UPDATE".to_owned(),
            version: Version(version),
            changes: Vec::new(),
        }
    }

    fn picked(filter: &Filter) -> (Vec<u64>, usize) {
        let records = vec![
            record(4, "2026-11-03T00:00:00Z", "ada"),
            record(2, "2026-11-01T02:00:00+02:00", "Ada"),
            record(3, "2026-11-02T00:00:00Z", "bob"),
            record(5, "yesterday", "ada"),
        ];
        let Picked { records, undated } = filter.pick(records);
        (records.iter().map(|record| record.version.0).collect(), undated)
    }

    #[test]
    fn both_ends_of_the_time_are_in_and_a_record_without_one_is_counted() {
        let at = |text: &str| Some(text.parse().unwrap());
        assert_eq!(picked(&Filter::default()), (vec![2, 3, 4, 5], 0));
        let since = at("2026-11-01T00:00:00Z");
        assert_eq!(picked(&Filter { since, ..Filter::default() }), (vec![2, 3, 4], 1));
        let until = at("2026-11-02T00:00:00Z");
        assert_eq!(picked(&Filter { since, until, ..Filter::default() }), (vec![2, 3], 1));
    }

    #[test]
    fn people_are_found_whatever_the_case() {
        let actors = vec!["ADA".to_owned()];
        assert_eq!(picked(&Filter { actors, ..Filter::default() }), (vec![2, 4, 5], 0));
        let actors = vec!["carol".to_owned()];
        assert_eq!(picked(&Filter { actors, ..Filter::default() }), (vec![], 0));
    }
}
