//! Parses the files of a project on all cores. What any file does wrong is left to be told in order, by parsing it again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use cxform_model::FileId;

use super::store::Unit;
use crate::diagnostic::Sink;
use crate::limits::{Budget, NODES};
use crate::variables::is_template;
use crate::yaml::{self, Parsed};

/// Bytes of text for each value that a file may hold here. Fewer means aliases, or a text that is denser than anybody writes.
const DENSEST: usize = 4;
/// Texts together so small that another thread would take longer to start, in bytes.
const SMALL: usize = 128 << 10;

/// The documents of a file without problems, and what they take from the budget.
pub(super) struct Clean {
    pub(super) units: Vec<Unit>,
    pub(super) nodes: usize,
}

/// Each file's documents; `None` where anything is wrong, and for all of them where they are too small or too large for this.
pub(super) fn parse_clean(texts: &[(FileId, Arc<str>)]) -> Vec<Option<Clean>> {
    let mut parsed: Vec<Option<Clean>> = texts.iter().map(|_| None).collect();
    let bytes: usize = texts.iter().map(|(_, text)| text.len()).sum();
    let threads = thread::available_parallelism().map_or(1, usize::from).min(texts.len());
    // Together they hold no more than one project may.
    if threads < 2 || bytes < SMALL || bytes / DENSEST > NODES {
        return parsed;
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some((at, (file, text))) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, texts.get(at)?)))
        {
            done.push((at, clean(*file, text)));
        }
        done
    };
    thread::scope(|scope| {
        let others: Vec<_> =
            (1..threads).map_while(|_| thread::Builder::new().spawn_scoped(scope, work).ok()).collect();
        let own = work();
        // Files of a thread that broke are parsed again.
        for (at, file) in others.into_iter().filter_map(|other| other.join().ok()).flatten().chain(own) {
            if let Some(slot) = parsed.get_mut(at) {
                *slot = file;
            }
        }
    });
    parsed
}

fn clean(file: FileId, text: &str) -> Option<Clean> {
    let mut budget = Budget::new(text.len() / DENSEST);
    let mut sink = Sink::default();
    let parsed = yaml::parse(file, text, &mut budget, &mut sink);
    (parsed.complete && sink.is_empty()).then(|| Clean { units: units(parsed), nodes: budget.used() })
}

/// The documents that say anything.
pub(super) fn units(parsed: Parsed) -> Vec<Unit> {
    let said = parsed.documents.into_iter().filter(|document| !document.root.is_null());
    said.map(|document| {
        let mut template = false;
        document.root.visit(&mut |node| template |= node.text().is_some_and(is_template));
        Unit { root: document.root, template }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: Vec<String>) -> Vec<(FileId, Arc<str>)> {
        (1..).map(FileId).zip(texts.into_iter().map(Arc::from)).collect()
    }

    fn large(name: usize) -> String {
        (0..10_000).map(|number| format!("key-{number}: value of {name}\n")).collect()
    }

    #[test]
    fn every_clean_file_is_what_it_is_alone_and_a_broken_one_is_left() {
        let mut files: Vec<_> = (0..8).map(large).collect();
        files[3].push_str("key-1: again\n");
        files[5].push_str("}\n");
        let texts = texts(files);
        let parsed = parse_clean(&texts);
        for (at, ((file, text), clean)) in texts.iter().zip(&parsed).enumerate() {
            let (mut budget, mut sink) = (Budget::new(NODES), Sink::default());
            let alone = yaml::parse(*file, text, &mut budget, &mut sink);
            assert_eq!(clean.is_some(), ![3, 5].contains(&at));
            if let Some(clean) = clean {
                assert_eq!(clean.nodes, budget.used());
                assert_eq!(format!("{:?}", clean.units), format!("{:?}", units(alone)));
            }
        }
    }

    #[test]
    fn what_aliases_copy_is_left_to_the_one_budget_of_the_project() {
        let bomb = format!("a: &a [{}]\nb: [{}]\n", "x,".repeat(1000), "*a,".repeat(100));
        let parsed = parse_clean(&texts(vec![large(1), large(2), bomb]));
        assert_eq!(parsed.iter().map(Option::is_some).collect::<Vec<_>>(), [true, true, false]);
    }
}
