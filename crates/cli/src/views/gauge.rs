//! How far a long read of several campaigns has come: a bar on a terminal, nothing elsewhere.

use std::cell::Cell;

use indicatif::{ProgressBar, ProgressStyle};

use super::text;
use crate::terminal::talks_to_a_person;

/// Into how many parts a campaign divides its place on the bar.
const PARTS: u64 = 1000;

/// A bar of campaigns, with what is read of the present one.
pub struct Gauge {
    bar: Option<ProgressBar>,
    campaigns: usize,
    /// Which campaign is read, from 1.
    place: Cell<u64>,
    name: Cell<String>,
    rows: Cell<usize>,
    announced: Cell<Option<u64>>,
}

impl Gauge {
    /// For so many campaigns.
    pub fn new(quiet: bool, campaigns: usize) -> Self {
        let bar = (!quiet && talks_to_a_person()).then(|| {
            let style = ProgressStyle::with_template("{bar:30} {elapsed} {wide_msg}");
            let bar = ProgressBar::new(campaigns as u64 * PARTS);
            style.map(|style| bar.clone().with_style(style)).unwrap_or(bar)
        });
        Self {
            bar,
            campaigns,
            place: Cell::new(0),
            name: Cell::default(),
            rows: Cell::new(0),
            announced: Cell::new(None),
        }
    }

    /// The next campaign begins.
    pub fn campaign(&self, name: &str, announced: Option<u64>) {
        let Some(bar) = &self.bar else { return };
        self.place.set(self.place.get() + 1);
        bar.set_position((self.place.get() - 1) * PARTS);
        self.name.set(text::cut(&text::safe(&name.replace('\n', " ")), 40));
        self.rows.set(0);
        self.announced.set(announced);
        self.rows(0);
    }

    /// So many more rows of it.
    pub fn rows(&self, more: usize) {
        let Some(bar) = &self.bar else { return };
        self.rows.set(self.rows.get() + more);
        let name = self.name.take();
        let (place, rows) = (self.place.get(), self.rows.get());
        let mut of = String::new();
        // A tenant that announces less than it tells fills no more than its part.
        if let Some(all) = self.announced.get().filter(|all| *all > 0) {
            of = format!(" of {all}");
            bar.set_position((place - 1) * PARTS + (rows as u64 * PARTS / all).min(PARTS));
        }
        bar.set_message(format!("{place}/{} {name}: {rows}{of} intervals", self.campaigns));
        self.name.set(name);
    }
}

impl Drop for Gauge {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
