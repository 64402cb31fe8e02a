//! Outcomes: a forest on the tenant, another one in git; moves, renames, retirements, revivals, inherited defaults, swapped shortcut keys.

use serde_json::{Value, json};

use super::super::tape::Tape;
use super::{document, members};

pub struct Outcomes {
    pub seed: Vec<Value>,
    /// Codes that are listed, stay active, and so may stand on a desktop.
    pub assignable: Vec<String>,
    /// Listed codes that may be taken off a desktop.
    pub listed: Vec<String>,
    /// Ids on the tenant.
    pub ids: Vec<String>,
    roots: Vec<Value>,
    defaults: Value,
    subtree: bool,
    split: usize,
}

impl Outcomes {
    /// The trees; the first one holds the desktops.
    pub fn documents(&self, entries: Vec<Value>) -> Vec<Value> {
        let (first, second) = self.roots.split_at(self.split.min(self.roots.len()));
        let mut spec = json!({ "outcomes": first, "assignments": entries });
        if self.subtree && !first.is_empty() {
            spec["authority"] = json!("subtree");
        }
        if !self.defaults.is_null() {
            spec["defaults"] = self.defaults.clone();
        }
        let mut documents = vec![document("DispositionTree", "main", spec)];
        if !second.is_empty() {
            documents.push(document("DispositionTree", "second", json!({ "outcomes": second })));
        }
        documents
    }
}

struct Node {
    present: bool,
    above: Option<usize>,
    listed: bool,
    renamed: bool,
    retired: bool,
    key: Option<usize>,
}

pub fn generate(tape: &mut Tape) -> Outcomes {
    let count = 2 + tape.roll(7);
    let mut nodes: Vec<Node> = Vec::new();
    for at in 0..count {
        let above = (at > 0 && tape.chance(60)).then(|| tape.roll(at)).filter(|above| nodes[*above].present);
        let (present, listed) = (!tape.chance(30), !tape.chance(30));
        let (renamed, retired) = (listed && tape.chance(15), listed && tape.chance(20));
        nodes.push(Node { present, above, listed, renamed, retired, key: tape.chance(60).then_some(at) });
    }
    let keys: Option<Vec<usize>> = tape.chance(60).then(|| tape.shuffled(0..count));
    let seed = nodes.iter().enumerate().filter(|(_, node)| node.present).map(|(at, node)| seeded(tape, at, node));
    let seed: Vec<Value> = seed.collect();

    let order = tape.shuffled((0..count).filter(|at| nodes[*at].listed));
    let mut written: Vec<(Option<usize>, Value)> = Vec::new();
    for (place, at) in order.iter().enumerate() {
        let above = (place > 0 && tape.chance(60)).then(|| tape.roll(place));
        let mut own = wanted(tape, *at, &nodes[*at], keys.as_deref());
        if above.is_none() && tape.chance(25) {
            // A root may hang below a code that is listed nowhere, if nothing that we move is above that.
            let foreign: Vec<usize> = (0..count).filter(|other| is_foreign(&nodes, *other)).collect();
            if !foreign.is_empty() {
                own["parent"] = code(tape.pick(&foreign), false).into();
            }
        }
        written.push((above, own));
    }
    let name = |at: &usize| code(*at, nodes[*at].renamed);
    let listed = order.iter().map(name).collect();
    let assignable = order.iter().filter(|at| !nodes[**at].retired).map(name).collect();
    let roots = nested(written);
    let subtree = tape.chance(40);
    let split = if tape.chance(25) { roots.len() / 2 } else { roots.len() };
    let defaults = if tape.chance(50) { inherited(tape) } else { Value::Null };
    let ids = (0..count).filter(|at| nodes[*at].present).map(|at| format!("o{at}")).collect();
    Outcomes { seed, assignable, listed, ids, roots, defaults, subtree, split }
}

fn code(at: usize, renamed: bool) -> String {
    if renamed { format!("N{at}") } else { format!("O{at}") }
}

fn is_foreign(nodes: &[Node], at: usize) -> bool {
    nodes[at].present && std::iter::successors(Some(at), |at| nodes[*at].above).all(|at| !nodes[at].listed)
}

fn seeded(tape: &mut Tape, at: usize, node: &Node) -> Value {
    let mut outcome = json!({
        "id": format!("o{at}"), "code": format!("O{at}"), "name": tape.pick(&["First", "Second"]),
        "description": tape.pick(&["", "As it was"]), "status": if tape.chance(25) { "INACTIVE" } else { "ACTIVE" },
        "parentOutcomeId": node.above.map(|above| format!("o{above}")), "vendor": { "kept": [at, { "deep": true }] },
    });
    if tape.chance(60) {
        outcome["validationRules"] = rules(tape, 50);
        outcome["validationRules"]["vendorRule"] = json!("kept");
    }
    let mut desktop = desktop(tape, 50);
    if node.listed {
        if let Some(key) = node.key {
            desktop["shortcutKey"] = format!("{key}").into();
        }
    } else {
        desktop["visible"] = json!(!tape.chance(20));
        desktop["shortcutKey"] = format!("u{at}").into();
    }
    outcome["uiConfig"] = desktop;
    outcome
}

fn wanted(tape: &mut Tape, at: usize, node: &Node, keys: Option<&[usize]>) -> Value {
    let mut own = json!({ "code": code(at, node.renamed) });
    if node.renamed {
        own["previousCode"] = code(at, false).into();
    }
    if !node.present || tape.chance(50) {
        own["name"] = tape.pick(&["First", "Third \"quoted\": #1"]).into();
    }
    if tape.chance(30) {
        own["description"] = tape.pick(&[json!("As it shall be"), Value::Null, json!("two\nlines")]);
    }
    if node.retired {
        own["status"] = json!("INACTIVE");
    }
    if tape.chance(50) {
        own["validationRules"] = rules(tape, 40);
    }
    let mut desktop = desktop(tape, 30);
    if let Some(keys) = keys {
        desktop["shortcutKey"] = if keys[at].is_multiple_of(4) { Value::Null } else { format!("{}", keys[at]).into() };
    }
    own["uiConfig"] = desktop;
    if tape.chance(20) {
        own["defaults"] = inherited(tape);
    }
    if tape.chance(10) {
        own["annotations"] = json!({ "cxform/ignore": "name,uiConfig.icon" });
        own["name"] = json!("Ignored, but needed for a create");
    }
    own
}

fn inherited(tape: &mut Tape) -> Value {
    json!({ "validationRules": rules(tape, 40), "uiConfig": desktop(tape, 30) })
}

fn rules(tape: &mut Tape, percent: usize) -> Value {
    members(
        tape,
        percent,
        &[
            ("requiredFields", &[json!([]), json!(["a", "b"]), json!(["b", "a"]), json!(["c"])]),
            ("retentionPeriodDays", &[json!(365), json!(730)]),
            ("complianceCategory", &[json!("INTERNAL"), json!("GDPR")]),
            ("blockDisqualification", &[json!(false), json!(true)]),
            ("mandatoryReasonCode", &[Value::Null, json!("REASON")]),
        ],
    )
}

fn desktop(tape: &mut Tape, percent: usize) -> Value {
    members(
        tape,
        percent,
        &[
            ("group", &[json!("STANDARD"), json!("SALES")]),
            ("colorCode", &[json!("#4A90E2"), json!("#4a90e2"), json!("#000000")]),
            ("icon", &[json!("default"), json!("phone")]),
        ],
    )
}

/// Children go below their parents, which come before them.
fn nested(mut written: Vec<(Option<usize>, Value)>) -> Vec<Value> {
    for at in (0..written.len()).rev() {
        if let Some(above) = written[at].0 {
            let child = written[at].1.take();
            let parent = &mut written[above].1;
            let children = parent.as_object_mut().unwrap().entry("children").or_insert_with(|| json!([]));
            children.as_array_mut().unwrap().insert(0, child);
        }
    }
    written.into_iter().filter(|(above, _)| above.is_none()).map(|(_, own)| own).collect()
}
