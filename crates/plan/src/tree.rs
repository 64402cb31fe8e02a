//! The tree as it will stand, and the order of moves in which no step on the way closes a circle.
//!
//! Moves go from the top of the final tree down: once everything above the new parent stands where it will stay,
//! the moved object cannot be among it.

use cxform_model::{Kind, Target};
use foldhash::{HashMap, HashMapExt as _, HashSet, HashSetExt as _};

use crate::draft::Draft;
use crate::inputs::Inputs;
use crate::refusal::{Problem, code};

/// The API knows three levels of call codes \[001\].
const LEVELS: usize = 3;

/// The final place of the managed objects of one kind.
#[derive(Default)]
pub(crate) struct Tree {
    /// Managed object to what it will hang below.
    parents: HashMap<Target, Option<Target>>,
    /// The step that moves an object to its final place.
    moves: HashMap<Target, usize>,
}

impl Tree {
    pub(crate) fn stands(&mut self, object: Target, parent: Option<Target>) {
        self.parents.insert(object, parent);
    }

    pub(crate) fn moved_by(&mut self, object: Target, step: usize) {
        self.moves.insert(object, step);
    }

    pub(crate) fn parent(&self, inputs: &Inputs<'_>, kind: Kind, object: &Target) -> Option<Target> {
        match (self.parents.get(object), object) {
            (Some(parent), _) => parent.clone(),
            (None, Target::Existing(id)) => inputs.index.id(kind, id)?.parent.clone().map(Target::Existing),
            (None, Target::Created(_)) => None,
        }
    }

    pub(crate) fn depth(&self, inputs: &Inputs<'_>, kind: Kind, object: &Target) -> usize {
        let mut depth = 0;
        let mut at = self.parent(inputs, kind, object);
        // Deep enough to sort by; a deeper tree sorts by its needs.
        while let Some(above) = at.filter(|_| depth < 64) {
            depth += 1;
            at = self.parent(inputs, kind, &above);
        }
        depth
    }

    /// Reports every circle that the final tree would have.
    pub(crate) fn circles(&self, inputs: &Inputs<'_>, kind: Kind, draft: &mut Draft) {
        let mut done: HashSet<Target> = HashSet::new();
        let mut starts: Vec<&Target> = self.parents.keys().collect();
        starts.sort_unstable();
        for start in starts {
            let mut path: Vec<Target> = Vec::new();
            let mut on_path: HashSet<Target> = HashSet::new();
            let mut at = Some(start.clone());
            while let Some(node) = at.filter(|node| !done.contains(node)) {
                if !on_path.insert(node.clone()) {
                    let circle: Vec<_> = path.iter().skip_while(|above| **above != node).collect();
                    if circle.iter().any(|node| self.parents.contains_key(node)) {
                        draft.problems.push(circle_problem(inputs, kind, &circle));
                    } else {
                        draft.warn(
                            None,
                            format!("on the tenant {} hang below each other", names(inputs, kind, &circle)),
                            None,
                        );
                    }
                    break;
                }
                at = self.parent(inputs, kind, &node);
                path.push(node);
            }
            done.extend(path);
        }
    }

    /// Reports the call codes that no manifest lists and that a move of one above them would push too deep.
    pub(crate) fn too_deep(&self, inputs: &Inputs<'_>, draft: &mut Draft) {
        if self.moves.is_empty() {
            return;
        }
        for object in inputs.observed.of(Kind::CallCode) {
            let Some(stands) = inputs.index.address_of(object).filter(|_| inputs.matches.owner(object).is_none())
            else {
                continue;
            };
            let target = Target::Existing(object.id.clone());
            let level = self.depth(inputs, Kind::CallCode, &target) + 1;
            if level <= LEVELS.max(stands.segments().len()) {
                continue;
            }
            let mut above = self.parent(inputs, Kind::CallCode, &target);
            while let Some(node) = above {
                if self.moves.contains_key(&node)
                    && let Target::Existing(id) = &node
                    && let Some(moved) = inputs.index.id(Kind::CallCode, id)
                    && let Some(address) = inputs.matches.owner(moved)
                    && let Some(listed) = inputs.desired.objects.get(address)
                {
                    draft.problems.push(
                        Problem::new(
                            code::TREE,
                            format!("`{stands}` goes along, to level `{level}` of at most `{LEVELS}`"),
                        )
                        .of(address)
                        .at(listed.source)
                        .hint("move it elsewhere first, or move less deep"),
                    );
                    break;
                }
                above = self.parent(inputs, Kind::CallCode, &node);
            }
        }
    }

    /// Lets a move that goes deeper wait for the moves out of what it takes along, where that would be too deep meanwhile.
    pub(crate) fn order_exits(&self, inputs: &Inputs<'_>, draft: &mut Draft) {
        if self.moves.is_empty() {
            return;
        }
        for object in inputs.observed.of(Kind::CallCode) {
            let mut exit = None;
            let mut at = Some(object);
            for below in 0..LEVELS {
                let Some(node) = at else { break };
                let target = Target::Existing(node.id.clone());
                if let Some(&step) = self.moves.get(&target) {
                    if let Some(exit) = exit
                        && self.depth(inputs, Kind::CallCode, &target) + 1 + below > LEVELS
                    {
                        draft.wait(step, [exit]);
                    }
                    exit = exit.or(Some(step));
                }
                at = node.parent.as_ref().and_then(|id| inputs.index.id(Kind::CallCode, id));
            }
        }
    }

    /// Lets every moved or created object wait for the nearest object above it that this plan moves or creates.
    pub(crate) fn order_moves(&self, inputs: &Inputs<'_>, kind: Kind, draft: &mut Draft) {
        let mut nearest: HashMap<Target, Option<usize>> = HashMap::new();
        let mut moves: Vec<_> = self.moves.iter().collect();
        moves.sort_by_key(|(_, step)| **step);
        for (object, &step) in moves {
            if let Some(parent) = self.parent(inputs, kind, object) {
                let created = draft.creation(&parent);
                let moved = self.nearest_move(inputs, kind, parent, &mut nearest);
                draft.wait(step, created.into_iter().chain(moved));
            }
        }
    }

    /// The step that moves this object, or else the nearest one above it.
    fn nearest_move(
        &self,
        inputs: &Inputs<'_>,
        kind: Kind,
        start: Target,
        nearest: &mut HashMap<Target, Option<usize>>,
    ) -> Option<usize> {
        let mut path: HashSet<Target> = HashSet::new();
        let mut at = Some(start);
        let found = loop {
            let Some(node) = at else { break None };
            if let Some(&step) = self.moves.get(&node) {
                break Some(step);
            }
            if let Some(&known) = nearest.get(&node) {
                break known;
            }
            at = self.parent(inputs, kind, &node);
            if !path.insert(node) {
                break None; // a circle, reported elsewhere
            }
        };
        nearest.extend(path.into_iter().map(|node| (node, found)));
        found
    }
}

fn name(inputs: &Inputs<'_>, kind: Kind, target: &Target) -> String {
    match target {
        Target::Created(address) => address.to_string(),
        Target::Existing(id) => inputs
            .index
            .id(kind, id)
            .and_then(|object| inputs.address_of(object))
            .map_or_else(|| id.0.clone(), |address| address.to_string()),
    }
}

fn names(inputs: &Inputs<'_>, kind: Kind, circle: &[&Target]) -> String {
    let mut names: Vec<_> = circle.iter().map(|target| format!("`{}`", name(inputs, kind, target))).collect();
    names.sort();
    names.join(", ")
}

fn circle_problem(inputs: &Inputs<'_>, kind: Kind, circle: &[&Target]) -> Problem {
    let shown = names(inputs, kind, circle);
    let mut problem = Problem::new(code::TREE, format!("{shown} would hang below each other"));
    let mut members: Vec<_> = circle.iter().map(|target| name(inputs, kind, target)).collect();
    members.sort();
    for name in &members {
        if let Ok(address) = name.parse()
            && let Some(object) = inputs.desired.objects.get(&address)
        {
            problem.address.get_or_insert(address);
            let source = object.parent.as_ref().map_or(object.source, |parent| parent.source);
            problem = problem.and_at(source, format!("`{name}`"));
        }
    }
    problem
}
