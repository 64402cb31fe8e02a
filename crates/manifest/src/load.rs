//! Loading a project for one environment, and validating it for all of them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use cxform_model::{Address, Desired, Desktop, DesktopEntry};
use cxform_rules::{Context, Finding, Severity, Spot, Standing};

use crate::catalogue::{DOCUMENT, DUPLICATE_NAME, EXPIRED, OVERLAY};
use crate::diagnostic::{Diagnostic, Diagnostics, Sink};
use crate::findings::Locator;
use crate::limits::{self, Budget};
use crate::project::{Environment, Lookup, Project, Unit};
use crate::read::{DocumentKind, Reader, identity};
use crate::variables::Variables;
use crate::yaml::Node;
use crate::{overlay, suggest};

/// A project, read for one environment.
#[derive(Debug)]
pub struct Loaded {
    /// What the manifests ask for; `None` where anything is wrong with them.
    pub desired: Option<Desired>,
    /// Every problem of the project and its files.
    pub diagnostics: Diagnostics,
    /// How much was read.
    pub statistics: Statistics,
}

/// A project, checked for every environment.
#[derive(Debug)]
pub struct Validated {
    /// Every problem, each once; it says in which environments it shows where these are not all.
    pub diagnostics: Diagnostics,
    /// How much was read; objects are those of the environment that has the most.
    pub statistics: Statistics,
}

/// How much was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Files, without `cxform.yaml`.
    pub files: usize,
    /// Documents of the base and of overlays.
    pub documents: usize,
    /// Outcomes, call codes and campaigns.
    pub objects: usize,
    /// YAML nodes, aliases expanded.
    pub nodes: usize,
}

impl Project {
    /// Reads the manifests for one environment and checks them by every rule. With `lookup`, a variable that needs
    /// an unset variable of the process environment is a problem where it is used; without, its value is unknown.
    #[must_use]
    pub fn load(&self, environment: &Environment, context: &Context, lookup: Option<Lookup<'_>>) -> Loaded {
        let mut sink = self.problems.clone();
        self.check_expiry(context, &mut sink);
        let variables = environment.bind(lookup);
        let (desired, documents) = self.read(environment, &variables, context, &mut sink);
        let statistics = Statistics { files: self.files, documents, objects: desired.objects.len(), nodes: self.nodes };
        for problem in sink.problems_mut() {
            let written = problem.at.map_or("", |place| self.sources.slice(place));
            variables.explain(problem, written);
        }
        let failed = sink.errors() > 0;
        Loaded {
            desired: (!failed).then_some(desired),
            diagnostics: Diagnostics::new(self.sources.clone(), sink),
            statistics,
        }
    }

    /// Checks the manifests for every environment. Needs no process environment.
    #[must_use]
    pub fn validate_all(&self, context: &Context) -> Validated {
        let mut statistics = Statistics::default();
        let mut omitted = 0;
        let mut problems: Vec<Diagnostic> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        let environments: Vec<_> = self.environments().collect();
        for environment in &environments {
            let loaded = self.load(environment, context, None);
            statistics.objects = statistics.objects.max(loaded.statistics.objects);
            statistics = Statistics { objects: statistics.objects, ..loaded.statistics };
            omitted = omitted.max(loaded.diagnostics.omitted());
            for problem in &loaded.diagnostics {
                // Two environments may set one variable at two places: that is still one problem each.
                let key = format!("{problem:?}");
                let at = *known.entry(key).or_insert_with(|| {
                    problems.push(problem.clone());
                    problems.len() - 1
                });
                problems[at].environments.insert(environment.name.clone());
            }
        }
        let mut sink = Sink::default();
        for mut problem in problems {
            if problem.environments.len() == environments.len() {
                problem.environments = BTreeSet::new();
            }
            sink.push(problem);
        }
        sink.omit(omitted);
        Validated { diagnostics: Diagnostics::new(self.sources.clone(), sink), statistics }
    }

    fn check_expiry(&self, context: &Context, sink: &mut Sink) {
        for waiver in self.waivers.iter().filter(|waiver| !waiver.holds_on(context.as_of)) {
            let message = format!(
                "`{}` is lowered for `{}` until {} only: this has no effect any more",
                waiver.rule.id, waiver.address, waiver.expires
            );
            let place = Locator::new(self, [waiver.source.file]).find(waiver.source, "");
            sink.push(Diagnostic::new(&EXPIRED, Some(place), message).help("mend what it excuses, or decide anew"));
        }
    }

    fn read(
        &self,
        environment: &Environment,
        variables: &Variables,
        context: &Context,
        sink: &mut Sink,
    ) -> (Desired, usize) {
        let mut budget = self.copies;
        let mut documents: Vec<Cow<'_, Node>> =
            self.base.iter().map(|unit| filled(unit, variables, &mut budget, sink)).collect();
        let count = documents.len() + self.overlay(environment, variables, &mut documents, &mut budget, sink);
        let mut reader = Reader::new(sink, self.copies);
        reader.incomplete = !self.complete;
        reader.documents(documents.iter().map(|document| &**document));
        let Reader { mut desired, broken, .. } = reader;
        desired.files = self.sources.files().clone();
        let failed = sink.errors() > 0;
        let mut findings = Vec::new();
        let desktops = self.desktops(&desired, &mut findings, sink);
        let standing = Standing { desktops, ..Standing::offline(&desired) };
        findings.extend(cxform_rules::check(&standing, context));
        // After a problem of reading, what is missing may be an echo of it: a warning about the whole project, or an
        // error about an object whose own field could not be read. What could be read is judged all the same.
        let unread = |finding: &Finding| {
            std::iter::once(&finding.at)
                .chain(finding.related.iter().map(|(spot, _)| spot))
                .any(|spot| broken.contains(&spot.address) && !is_read(&desired, spot))
        };
        findings.retain(|finding| !failed || (finding.rule.severity == Severity::Error && !unread(finding)));
        for problem in self.fold(findings, context) {
            sink.push(problem);
        }
        (desired, count)
    }

    /// Merges the environment's overlays over the base, and tells how many documents they have.
    fn overlay<'p>(
        &'p self,
        environment: &Environment,
        variables: &Variables,
        documents: &mut [Cow<'p, Node>],
        budget: &mut Budget,
        sink: &mut Sink,
    ) -> usize {
        let mut base: HashMap<(DocumentKind, String), usize> = HashMap::new();
        for (at, document) in documents.iter().enumerate() {
            if let Some((kind, name)) = identity(document) {
                base.entry((kind, name.to_owned())).or_insert(at);
            }
        }
        let mut count = 0;
        for units in environment.overlays.iter().filter_map(|folder| self.overlays.get(folder)) {
            let mut seen: HashMap<(DocumentKind, String), crate::Place> = HashMap::new();
            for unit in units {
                count += 1;
                let over = filled(unit, variables, budget, sink);
                let Some((kind, name)) = identity(&over) else {
                    let problem = Diagnostic::new(
                        &DOCUMENT,
                        Some(head(&over)),
                        "an overlay document has no usable `apiVersion`, `kind` and `metadata.name`",
                    );
                    sink.push(problem.help("they say which document it changes"));
                    continue;
                };
                let key = (kind, name.to_owned());
                let place = over
                    .get("metadata")
                    .and_then(|metadata| metadata.get("name"))
                    .map_or(over.place, |name| name.place);
                if let Some(first) = seen.get(&key) {
                    let message =
                        format!("two documents of one overlay folder change {} {}", kind.word(), suggest::shown(name));
                    sink.push(Diagnostic::new(&DUPLICATE_NAME, Some(place), message).related(*first, "the first one"));
                    continue;
                }
                seen.insert(key.clone(), place);
                match base.get(&key).and_then(|&at| documents.get_mut(at)) {
                    Some(document) => overlay::merge(document.to_mut(), &over),
                    None if !self.complete => {}
                    None => {
                        let names = base.keys().filter(|(other, _)| *other == kind).map(|(_, name)| name.as_str());
                        let mut names: Vec<_> = names.collect();
                        names.sort_unstable();
                        let message = format!("there is no {} {} to change", kind.word(), suggest::shown(name));
                        let hint = suggest::hint(name, names, "documents of this kind");
                        sink.push(Diagnostic::new(&OVERLAY, Some(place), message).hint(hint));
                    }
                }
            }
        }
        count
    }

    /// The desktop of each campaign that entries name. What they reach through groups only a plan knows.
    fn desktops(&self, desired: &Desired, findings: &mut Vec<Finding>, sink: &mut Sink) -> BTreeMap<Address, Desktop> {
        let mut reaching: BTreeMap<&Address, Vec<&DesktopEntry>> = BTreeMap::new();
        for entry in &desired.desktops {
            for campaign in &entry.campaigns {
                reaching.entry(&campaign.value).or_default().push(entry);
            }
        }
        let mut budget = self.copies;
        let mut desktops = BTreeMap::new();
        for (campaign, entries) in reaching {
            let cost: usize = entries.iter().map(|entry| 1 + entry.outcomes.len() + entry.unassigned.len()).sum();
            if !budget.take(cost * limits::DESKTOP_PLACE) {
                let place = self.sources.place_of(entries[0].source);
                let limit = budget.limit() / limits::DESKTOP_PLACE;
                let message = format!("the desktops hold more than {limit} outcomes together");
                sink.push(Diagnostic::new(&crate::catalogue::LIMIT, Some(place), message).help("split the project"));
                break;
            }
            match Desktop::join(entries) {
                Ok(desktop) => drop(desktops.insert(campaign.clone(), desktop)),
                Err(clashes) => findings.extend(clashes.iter().map(|clash| cxform_rules::clash(campaign, clash))),
            }
        }
        desktops
    }
}

/// A document with its variables put in.
fn filled<'p>(unit: &'p Unit, variables: &Variables, budget: &mut Budget, sink: &mut Sink) -> Cow<'p, Node> {
    let mut document = Cow::Borrowed(&unit.root);
    if unit.template {
        variables.fill(document.to_mut(), budget, sink);
    }
    document
}

fn is_read(desired: &Desired, spot: &Spot) -> bool {
    let object = desired.objects.get(&spot.address);
    object.zip(spot.field).is_some_and(|(object, field)| object.fields.get(field).is_some())
}

/// The first key of a document, rather than all of its lines.
fn head(document: &Node) -> crate::Place {
    document.entries().and_then(<[_]>::first).map_or(document.place, |entry| entry.key_place)
}

impl Project {
    /// Puts the findings of a plan, which sees what the tenant holds, to their places; waivers hold as they do offline.
    #[must_use]
    pub fn diagnose(&self, findings: Vec<cxform_rules::Finding>, context: &Context) -> Diagnostics {
        self.diagnostics(self.fold(findings, context))
    }

    /// Binds problems to the texts of this project, so that they can be shown.
    #[must_use]
    pub fn diagnostics(&self, problems: impl IntoIterator<Item = Diagnostic>) -> Diagnostics {
        let mut sink = Sink::default();
        problems.into_iter().for_each(|problem| sink.push(problem));
        Diagnostics::new(Arc::clone(&self.sources), sink)
    }

    /// The place of a value: `inside` is a JSON pointer below the value that is written at `source`.
    #[must_use]
    pub fn locate(&self, source: cxform_model::Source, inside: &str) -> crate::Place {
        Locator::new(self, [source.file]).find(source, inside)
    }
}
