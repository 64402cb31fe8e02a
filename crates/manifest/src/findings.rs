//! From what rules find to where it is written.

use std::collections::{BTreeSet, HashMap};

use cxform_model::{Address, FileId, Source};
use cxform_rules::{Context, Finding, Rule, Spot};

use crate::diagnostic::{Diagnostic, Diagnostics, Label, Sink};
use crate::sources::Sources;
use crate::yaml::Node;
use crate::{Place, Project};

/// Finds the value that starts at a place. Built for the files that are asked for, since it is as large as they are.
#[derive(Debug, Default)]
pub(crate) struct Locator<'p> {
    nodes: HashMap<Source, &'p Node>,
    sources: Option<&'p Sources>,
}

impl<'p> Locator<'p> {
    pub(crate) fn new(project: &'p Project, files: impl IntoIterator<Item = FileId>) -> Self {
        let files: BTreeSet<_> = files.into_iter().collect();
        let units = project.base.iter().chain(project.overlays.values().flatten()).map(|unit| &unit.root);
        let mut nodes = HashMap::new();
        for root in project.file.iter().chain(units).filter(|root| files.contains(&root.place.source.file)) {
            // The outermost value of those that start at one place.
            root.visit(&mut |node| {
                nodes.entry(node.place.source).or_insert(node);
            });
        }
        Self { nodes, sources: Some(&project.sources) }
    }

    /// The deepest value on the way of a JSON pointer below the value that starts here.
    pub(crate) fn find(&self, source: Source, inside: &str) -> Place {
        match (self.nodes.get(&source), self.sources) {
            (Some(node), _) => node.deepest(inside).place,
            (None, Some(sources)) => sources.place_of(source),
            (None, None) => Place { source, start: 0, end: 0 },
        }
    }

    fn spot(&self, spot: &Spot) -> Option<Place> {
        spot.source.map(|source| self.find(source, &spot.inside))
    }
}

impl Project {
    /// Findings as problems with places; what waivers silence is left out.
    pub(crate) fn fold(&self, findings: Vec<Finding>, context: &Context) -> Vec<Diagnostic> {
        let spots = findings
            .iter()
            .flat_map(|finding| std::iter::once(&finding.at).chain(finding.related.iter().map(|(spot, _)| spot)));
        let files: BTreeSet<_> = spots.filter_map(|spot| spot.source).map(|source| source.file).collect();
        let locator = Locator::new(self, files);
        let mut problems = Vec::new();
        for finding in findings {
            let Some(severity) = self.waivers.severity(&finding, context.as_of) else { continue };
            let Finding { rule, at, message, hint, related } = finding;
            let mut problem = Diagnostic::new(rule, locator.spot(&at), message).hint(hint).of(&at.address);
            problem.severity = severity;
            problem.related = related.into_iter().map(|(spot, text)| Label { at: locator.spot(&spot), text }).collect();
            problems.push(problem);
        }
        problems
    }
}

/// A problem that somebody else has with what the manifests ask for: a planner that knows the tenant, say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// The rule that is broken.
    pub rule: &'static Rule,
    /// Its id where it is one of the project's own.
    pub called: Option<String>,
    /// The fact, as a lower-case fragment with values in backticks.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The object it speaks of.
    pub address: Option<Address>,
    /// Where its causes are written, the main one first, each with a few words that may be empty.
    pub places: Vec<(Source, String)>,
}

impl Project {
    /// Objections as problems with their places.
    #[must_use]
    pub fn explain(&self, objections: impl IntoIterator<Item = Objection>) -> Diagnostics {
        let objections: Vec<_> = objections.into_iter().collect();
        let files = objections.iter().flat_map(|objection| &objection.places).map(|(source, _)| source.file);
        let locator = Locator::new(self, files);
        let mut sink = Sink::default();
        for Objection { rule, called, message, hint, address, places } in objections {
            let at = places.first().map(|(source, _)| locator.find(*source, ""));
            let mut problem = Diagnostic::new(rule, at, message).hint(hint);
            problem.called = called;
            problem.address = address;
            for (source, words) in places.into_iter().filter(|(_, words)| !words.is_empty()) {
                problem = problem.related(locator.find(source, ""), words);
            }
            sink.push(problem);
        }
        Diagnostics::new(self.sources.clone(), sink)
    }
}
