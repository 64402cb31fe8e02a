//! Call codes: paths of at most three codes, moved, renamed, retired; one category that may be wholly ours.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::tape::Tape;
use super::document;

pub struct CallCodes {
    pub seed: Vec<Value>,
    pub documents: Vec<Value>,
}

struct Standing {
    path: String,
    leaf: bool,
}

pub fn generate(tape: &mut Tape) -> CallCodes {
    let count = tape.roll(7);
    let mut seed: Vec<Value> = Vec::new();
    let mut standing: Vec<Option<Standing>> = Vec::new();
    for at in 0..count {
        if tape.chance(30) {
            standing.push(None);
            continue;
        }
        let parents: Vec<usize> =
            (0..at).filter(|at| standing[*at].as_ref().is_some_and(|code| depth(&code.path) < 3)).collect();
        let parent = (!parents.is_empty() && tape.chance(60)).then(|| tape.pick(&parents));
        let mut one = json!({
            "id": format!("p{at}"), "code": format!("C{at}"), "name": tape.pick(&["First", "Second"]),
            "type": tape.pick(&["SUCCESS", "FAILURE", "NEUTRAL"]), "category": tape.pick(&["Q3", "OTHER"]),
            "isActive": !tape.chance(25), "vendor": "kept",
        });
        let mut path = format!("C{at}");
        if let Some(parent) = parent {
            one["parentCallCodeId"] = format!("p{parent}").into();
            let above = standing[parent].as_mut().unwrap();
            above.leaf = false;
            path = format!("{}/{path}", above.path);
        }
        seed.push(one);
        standing.push(Some(Standing { path, leaf: true }));
    }
    let listed: Vec<usize> = (0..count).filter(|_| !tape.chance(30)).collect();
    let order = tape.shuffled(listed);
    let taken: BTreeSet<String> = standing.iter().flatten().map(|code| code.path.clone()).collect();
    let mut written: Vec<(Vec<usize>, String, Value)> = Vec::new();
    for at in order {
        let above: Vec<usize> = (0..written.len()).filter(|place| written[*place].0.len() < 3).collect();
        let above = (!above.is_empty() && tape.chance(60)).then(|| tape.pick(&above));
        // Only what nothing hangs below is moved or renamed, so that no foreign code gets too deep.
        let old = standing[at].as_ref().filter(|code| code.leaf);
        let renamed = old.is_some() && tape.chance(20);
        let code = if renamed { format!("D{at}") } else { format!("C{at}") };
        let path = above.map_or_else(|| code.clone(), |above| format!("{}/{code}", written[above].1));
        let mut own = json!({ "code": code, "name": tape.pick(&["First", "Third"]) });
        if let Some(old) = old.filter(|old| old.path != path && !taken.contains(&path))
            && (renamed || tape.chance(60))
        {
            own["previousCode"] = old.path.clone().into();
        }
        if tape.chance(50) {
            own["type"] = tape.pick(&["success", "NEUTRAL"]).into();
        }
        if tape.chance(20) {
            own["isActive"] = json!(false);
        }
        let mut place = above.map_or_else(Vec::new, |above| written[above].0.clone());
        place.push(written.len());
        written.push((place, path, own));
    }
    // A path that stays listed is nobody's old one.
    let paths: BTreeSet<String> = written.iter().map(|(_, path, _)| path.clone()).collect();
    for (_, _, own) in &mut written {
        if own.get("previousCode").and_then(Value::as_str).is_some_and(|old| paths.contains(old)) {
            own.as_object_mut().unwrap().remove("previousCode");
        }
    }
    let mut spec = json!({ "category": "Q3", "defaults": { "type": "FAILURE" } });
    if tape.chance(40) && !written.is_empty() {
        spec["authority"] = json!("category");
    }
    spec["codes"] = nested(written);
    CallCodes { seed, documents: if count == 0 { Vec::new() } else { vec![document("CallCodeSet", "q3", spec)] } }
}

fn depth(path: &str) -> usize {
    path.split('/').count()
}

fn nested(mut written: Vec<(Vec<usize>, String, Value)>) -> Value {
    for at in (0..written.len()).rev() {
        if let [.., above, _] = written[at].0[..] {
            let child = written[at].2.take();
            let parent = written[above].2.as_object_mut().unwrap();
            parent.entry("children").or_insert_with(|| json!([])).as_array_mut().unwrap().insert(0, child);
        }
    }
    written.into_iter().map(|(_, _, own)| own).filter(|own| !own.is_null()).collect()
}
