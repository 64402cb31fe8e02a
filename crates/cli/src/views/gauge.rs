//! How far a long read of several campaigns has come: a bar on a terminal, nothing elsewhere.

use std::cell::Cell;

use indicatif::{ProgressBar, ProgressStyle};

use super::text;
use crate::terminal::talks_to_a_person;

/// A bar of campaigns, with what is read of the present one.
pub struct Gauge {
    bar: Option<ProgressBar>,
    begun: Cell<bool>,
    name: Cell<String>,
    rows: Cell<usize>,
    announced: Cell<Option<u64>>,
}

impl Gauge {
    /// For so many campaigns.
    pub fn new(quiet: bool, campaigns: usize) -> Self {
        let bar = (!quiet && talks_to_a_person()).then(|| {
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {wide_msg}");
            let bar = ProgressBar::new(campaigns as u64);
            style.map(|style| bar.clone().with_style(style)).unwrap_or(bar)
        });
        Self { bar, begun: Cell::new(false), name: Cell::default(), rows: Cell::new(0), announced: Cell::new(None) }
    }

    /// The next campaign begins.
    pub fn campaign(&self, name: &str, announced: Option<u64>) {
        let Some(bar) = &self.bar else { return };
        if self.begun.replace(true) {
            bar.inc(1);
        }
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
        let of = self.announced.get().map_or_else(String::new, |all| format!(" of {all}"));
        bar.set_message(format!("{name}: {}{of} intervals", self.rows.get()));
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
