//! `--target` and `--exclude`: a part of a plan that can be carried out by itself.
//!
//! Selecting works on the finished steps. What is taken takes along what it needs; what is left out takes with it what
//! needs it. A change is taken as a whole or not at all, so that what is shown is what is written; and so is a default
//! with the clearing of the one before, or a desktop would be left without any.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cxform_model::{Address, Write};

use crate::hints;
use crate::refusal::{Problem, code};
use crate::{Action, Change, Options, Selector, Step, Warning};

/// What selecting works on.
pub(crate) struct Selection<'p> {
    pub(crate) changes: &'p mut Vec<Change>,
    pub(crate) steps: &'p mut Vec<Step>,
    pub(crate) unchanged: &'p mut Vec<Address>,
    pub(crate) warnings: &'p mut Vec<Warning>,
    pub(crate) problems: &'p mut Vec<Problem>,
}

impl Selection<'_> {
    pub(crate) fn apply(mut self, options: &Options) {
        if options.target.is_empty() && options.exclude.is_empty() {
            return;
        }
        self.unknown(options);
        let planned: BTreeSet<Address> = self.steps.iter().map(|step| step.address.clone()).collect();
        if !options.target.is_empty() {
            self.target(&options.target);
        }
        self.exclude(&options.exclude);
        self.forgive(options, &planned);
    }

    /// A target that picks nothing is a slip that would look like "no changes"; pipelines pass the same `--exclude` to
    /// many projects.
    fn unknown(&mut self, options: &Options) {
        let changed = self.changes.iter().map(|change| &change.address).chain(self.unchanged.iter());
        let known: BTreeSet<String> = changed
            .chain(self.problems.iter().filter_map(|problem| problem.address.as_ref()))
            .map(ToString::to_string)
            .collect();
        let unknown = |selector: &&Selector| !known.iter().any(|address| selector.picks_text(address));
        for selector in options.target.iter().filter(unknown) {
            let hint = hints::closest(&selector.to_string(), known.iter().cloned());
            self.problems.push(
                Problem::new(code::SELECTION, format!("`--target {selector}` picks nothing"))
                    .hint(hint.unwrap_or_else(|| "a plan without `--target` shows every address".to_owned())),
            );
        }
        for selector in options.exclude.iter().filter(unknown) {
            self.warn(None, format!("`{selector}` picks nothing"));
        }
    }

    /// What only the part left out would do is no reason to refuse the rest.
    fn forgive(&mut self, options: &Options, planned: &BTreeSet<Address>) {
        let kept: BTreeSet<&Address> = self.steps.iter().map(|step| &step.address).collect();
        let retires = self.steps.iter().any(|step| step.action == Action::Retire);
        let picked = |address: &Address| {
            (options.target.is_empty() || picks(&options.target, address)) && !picks(&options.exclude, address)
        };
        self.problems.retain(|problem| {
            let domain = cxform_rules::catalogue().iter().any(|rule| rule.id == problem.code);
            if !domain && ![code::GUARD, code::TRANSITION].contains(&problem.code) {
                return true;
            }
            // An authority has no address, and does nothing but retire.
            let Some(subject) = &problem.address else { return retires };
            // The rules tell of a desktop under the name of its campaign.
            let is_about = |address: &Address| {
                address == subject || (domain && address.assignment_campaign().as_ref() == Some(subject))
            };
            let planned = planned.iter().any(is_about);
            kept.iter().any(|address| is_about(address)) || (!planned && picked(subject))
        });
    }

    fn target(&mut self, selectors: &[Selector]) {
        let graph = Graph::of(self.steps);
        let picked = graph.picked(self.steps, selectors);
        let kept = graph.closure(picked.clone(), |at| &graph.needs[at]);
        let along: BTreeSet<_> = kept.difference(&picked).map(|at| self.steps[*at].address.clone()).collect();
        for address in along {
            if !picks(selectors, &address) {
                self.warn(Some(&address), "taken along, since a target needs it".to_owned());
            }
        }
        self.keep(&kept);
        self.unchanged.retain(|address| picks(selectors, address));
    }

    fn exclude(&mut self, selectors: &[Selector]) {
        let graph = Graph::of(self.steps);
        let picked = graph.picked(self.steps, selectors);
        let dropped = graph.closure(picked, |at| &graph.dependants[at]);
        let with: BTreeSet<_> = dropped.iter().map(|at| self.steps[*at].address.clone()).collect();
        for address in with {
            if !picks(selectors, &address) {
                self.warn(Some(&address), "left out, since it needs what is excluded".to_owned());
            }
        }
        let kept = (0..self.steps.len()).filter(|at| !dropped.contains(at)).collect();
        self.keep(&kept);
        self.unchanged.retain(|address| !picks(selectors, address));
    }

    fn keep(&mut self, kept: &BTreeSet<usize>) {
        let mut at = 0..;
        self.steps.retain(|_| at.next().is_some_and(|at| kept.contains(&at)));
        let written: BTreeSet<(&Address, Action)> =
            self.steps.iter().map(|step| (&step.address, step.action)).collect();
        self.changes.retain(|change| written.contains(&(&change.address, change.action)));
    }

    fn warn(&mut self, address: Option<&Address>, message: String) {
        self.warnings.push(Warning { rule: None, address: address.cloned(), message, source: None });
    }
}

fn picks(selectors: &[Selector], address: &Address) -> bool {
    let text = address.to_string();
    selectors.iter().any(|selector| selector.picks_text(&text))
}

/// Whether a write sets a default or clears one.
const fn selects(write: &Write) -> Option<bool> {
    match write {
        Write::Assign { default: true, .. } => Some(true),
        Write::Reassign { default, .. } => *default,
        _ => None,
    }
}

struct Graph {
    needs: Vec<Vec<usize>>,
    dependants: Vec<Vec<usize>>,
    /// The steps of the same change.
    fellows: Vec<usize>,
    changes: Vec<Vec<usize>>,
    /// The steps that set a default, by those that clear the one before, and the other way round.
    partners: Vec<Vec<usize>>,
}

impl Graph {
    fn of(steps: &[Step]) -> Self {
        let at: HashMap<&str, usize> = steps.iter().enumerate().map(|(at, step)| (step.id.as_str(), at)).collect();
        let needs: Vec<Vec<usize>> = steps
            .iter()
            .map(|step| step.needs.iter().filter_map(|need| at.get(need.as_str()).copied()).collect())
            .collect();
        let mut dependants = vec![Vec::new(); steps.len()];
        let mut partners = vec![Vec::new(); steps.len()];
        let mut by_change: BTreeMap<(&Address, Action), usize> = BTreeMap::new();
        let mut fellows = Vec::with_capacity(steps.len());
        let mut changes: Vec<Vec<usize>> = Vec::new();
        for (at, step) in steps.iter().enumerate() {
            for &need in &needs[at] {
                dependants[need].push(at);
                if selects(&step.write) == Some(true) && selects(&steps[need].write) == Some(false) {
                    partners[at].push(need);
                    partners[need].push(at);
                }
            }
            let change = *by_change.entry((&step.address, step.action)).or_insert_with(|| {
                changes.push(Vec::new());
                changes.len() - 1
            });
            changes[change].push(at);
            fellows.push(change);
        }
        Self { needs, dependants, fellows, changes, partners }
    }

    fn picked(&self, steps: &[Step], selectors: &[Selector]) -> BTreeSet<usize> {
        (0..steps.len()).filter(|at| picks(selectors, &steps[*at].address)).collect()
    }

    /// Some steps with all that `along` leads to, and the fellows and partners of each.
    fn closure<'g>(&'g self, start: BTreeSet<usize>, along: impl Fn(usize) -> &'g Vec<usize>) -> BTreeSet<usize> {
        let mut open: Vec<usize> = start.iter().copied().collect();
        let mut closed = start;
        while let Some(at) = open.pop() {
            for &next in along(at).iter().chain(&self.changes[self.fellows[at]]).chain(&self.partners[at]) {
                if closed.insert(next) {
                    open.push(next);
                }
            }
        }
        closed
    }
}
