//! Shortcut keys are unique among the visible outcomes of one group: what frees one comes before what takes it,
//! and where outcomes pass keys around in a circle, one of them lets go first.

use std::collections::{BTreeMap, HashMap, HashSet};

use cxform_model::{
    Document, Field, Fields, Kind, ObservedObject, Precondition, RemoteId, Target, Write, canonical_field,
};
use serde_json::Value;

use crate::base::base_of;
use crate::direction::Direction;
use crate::draft::{Draft, DraftStep, Stage};
use crate::inputs::Inputs;

/// Group and key.
type Slot = (String, String);

struct Columns {
    visible: Field,
    group: Field,
    key: Field,
}

impl Columns {
    fn find() -> Option<Self> {
        let field = |path| Field::find(Kind::Outcome, path);
        Some(Self {
            visible: field("uiConfig.visible")?,
            group: field("uiConfig.group")?,
            key: field("uiConfig.shortcutKey")?,
        })
    }

    /// The slot that an outcome holds with some fields changed.
    fn slot(&self, observed: Option<&ObservedObject>, changed: Option<&Fields<Value>>) -> Option<Slot> {
        let value = |field| {
            let standing = observed.and_then(|observed| observed.fields.get(field));
            canonical_field(field, changed.and_then(|changed| changed.get(field)).or(standing))
        };
        let text = |field| value(field).as_str().map(str::to_owned);
        if value(self.visible) == Value::Bool(false) {
            return None;
        }
        Some((text(self.group)?, text(self.key)?))
    }
}

/// Orders the steps that pass keys on, and adds the steps that clear one where they do so in a circle.
pub(crate) fn order(inputs: &Inputs<'_>, draft: &mut Draft) {
    let Some(columns) = Columns::find() else { return };
    // Who takes a slot that it does not hold, and by which step each outcome gets its desktop settings.
    let mut takers: BTreeMap<usize, Slot> = BTreeMap::new();
    let mut writers: HashMap<&RemoteId, usize> = HashMap::new();
    let mut lets_go: HashSet<usize> = HashSet::new();
    for (at, step) in draft.steps.iter().enumerate() {
        let Write::Update { document: Document::Desktop, target, fields, .. } = &step.write else { continue };
        let observed = match target {
            Target::Existing(id) => inputs.index.id(Kind::Outcome, id),
            Target::Created(_) => None,
        };
        let before = columns.slot(observed, None);
        let after = columns.slot(observed, Some(fields));
        if before != after {
            if before.is_some() {
                lets_go.insert(at);
            }
            if let Some(slot) = after {
                takers.insert(at, slot);
            }
        }
        if let Some(observed) = observed {
            writers.insert(&observed.id, at);
        }
    }
    if takers.is_empty() {
        return;
    }
    let mut holders: HashMap<Slot, Vec<&ObservedObject>> = HashMap::new();
    for outcome in inputs.observed.of(Kind::Outcome) {
        if let Some(slot) = columns.slot(Some(outcome), None) {
            holders.entry(slot).or_default().push(outcome);
        }
    }
    let mut waits: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut warnings = Vec::new();
    for (&taker, slot) in &takers {
        for holder in holders.get(slot).into_iter().flatten() {
            match writers.get(&holder.id).filter(|step| lets_go.contains(step)) {
                Some(&step) if step != taker => waits.entry(taker).or_default().push(step),
                Some(_) => {}
                None if inputs.matches.owner(holder).is_none() => warnings.push((taker, slot.clone(), *holder)),
                None => {} // a clash among managed outcomes is for the rules to tell
            }
        }
    }
    for (taker, (group, key), holder) in warnings {
        let address = draft.steps[taker].address.clone();
        let place = draft.steps[taker].places.get(columns.key.path()).cloned();
        let holder = inputs.address_of(holder).map_or_else(String::new, |address| address.to_string());
        let message = format!(
            "shortcut key `{key}` of group `{group}` is held by `{holder}`, which no manifest lists; the tenant may refuse it"
        );
        draft.warn(Some(&address), message, place);
    }
    for waits in waits.values_mut() {
        waits.sort_unstable();
        waits.dedup();
    }
    let clears = clear_circles(inputs, &columns, &waits, draft);
    for (taker, frees) in waits {
        for free in frees {
            // A cleared key is free from then on: whoever waits for it need not wait for the rest.
            draft.wait(taker, [clears.get(&free).copied().unwrap_or(free)]);
        }
    }
}

/// Adds one clearing step for each circle of waiting steps, and returns it by the step that it goes before.
fn clear_circles(
    inputs: &Inputs<'_>,
    columns: &Columns,
    waits: &BTreeMap<usize, Vec<usize>>,
    draft: &mut Draft,
) -> HashMap<usize, usize> {
    let mut clears = HashMap::new();
    let mut done: HashSet<usize> = HashSet::new();
    for &start in waits.keys() {
        // Depth first without recursion: a step that waits for one on the path closes a circle.
        let mut path: Vec<(usize, usize)> = vec![(start, 0)];
        while let Some((step, next)) = path.last().copied() {
            let need = waits.get(&step).and_then(|needs| needs.get(next)).copied();
            if done.contains(&step) || need.is_none() {
                done.insert(step);
                path.pop();
                continue;
            }
            if let Some(last) = path.last_mut() {
                last.1 += 1;
            }
            let Some(need) = need.filter(|need| !done.contains(need) && !clears.contains_key(need)) else { continue };
            match path.iter().position(|(on_path, _)| *on_path == need) {
                None => path.push((need, 0)),
                Some(first) => {
                    let circle: Vec<usize> = path[first..].iter().map(|(step, _)| *step).collect();
                    let chosen = choose(&circle, columns, draft);
                    clears.extend(chosen.map(|chosen| (chosen, clear(inputs, columns, chosen, draft))));
                }
            }
        }
    }
    clears
}

/// The outcome that lets go: one whose key changes anyway, by address.
fn choose(circle: &[usize], columns: &Columns, draft: &Draft) -> Option<usize> {
    circle.iter().copied().min_by_key(|step| {
        let step = &draft.steps[*step];
        let changes = matches!(&step.write, Write::Update { fields, .. } if fields.get(columns.key).is_some());
        (!changes, step.address.clone())
    })
}

fn clear(inputs: &Inputs<'_>, columns: &Columns, step: usize, draft: &mut Draft) -> usize {
    let DraftStep { address, action, write, .. } = &draft.steps[step];
    let (address, action) = (address.clone(), *action);
    let Write::Update { target: Target::Existing(id), .. } = write else { return step };
    let Some(observed) = inputs.index.id(Kind::Outcome, id) else { return step };
    let held = observed.fields.get(columns.key).cloned().unwrap_or_default();
    let target = Target::Existing(id.clone());

    // Where only the group changes, the key must come back.
    if let Write::Update { fields, .. } = &mut draft.steps[step].write
        && fields.get(columns.key).is_none()
    {
        fields.insert(columns.key, held);
    }
    let fields: Fields<Value> = [(columns.key, Value::Null)].into_iter().collect();
    let write = Write::Update { document: Document::Desktop, target, parent: None, fields };
    let precondition = Precondition::Content(observed.content_hash());
    let mut clear = DraftStep::new(&address, "desktop-clear", action, Stage::Codes, precondition, write);
    clear.base = base_of(observed);
    clear.places = draft.steps[step].places.clone();
    clear.places.retain(|path, _| path.is_empty() || path == columns.key.path());
    clear.depth = draft.steps[step].depth;
    clear.direction = Direction::Neutral;
    let first = draft.milestones(&address).first;
    let ready = draft.milestones(&address).ready;
    let clear = draft.push(clear);
    if let Some(first) = first {
        draft.wait(first, [clear]);
        draft.steps[first].precondition = Precondition::Follows;
    }
    // The clearing step is the first of its object, not the last.
    let milestones = draft.milestones.entry(address).or_default();
    milestones.first = Some(clear);
    milestones.ready = ready;
    clear
}
