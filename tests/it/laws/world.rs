//! A tenant as it is and a project as it is wanted, valid by construction: whatever the tape says, the plan has to exist and to work.

mod call_codes;
mod campaigns;
mod desktops;
mod outcomes;
mod webhooks;

use serde_json::{Value, json};

use super::tape::Tape;
use super::yaml;

/// Both sides of a plan.
#[derive(Debug, Clone)]
pub struct World {
    /// The tenant, in the emulator's form.
    pub tenant: Value,
    /// The documents of the project. No two of them speak of one desktop, so their order means nothing.
    pub documents: Vec<Value>,
}

impl World {
    pub fn new(numbers: Vec<u16>) -> Self {
        let mut tape = Tape::new(numbers);
        let outcomes = outcomes::generate(&mut tape);
        let campaigns = campaigns::generate(&mut tape);
        let desktops = desktops::generate(&mut tape, &outcomes, &campaigns);
        let call_codes = call_codes::generate(&mut tape);
        let webhooks = webhooks::generate(&mut tape);
        let mut documents = outcomes.documents(desktops.entries);
        documents.extend(campaigns.documents);
        documents.extend(call_codes.documents);
        documents.extend(webhooks.documents);
        let tenant = json!({
            "outcomes": outcomes.seed, "callcodes": call_codes.seed, "campaigns": campaigns.seed,
            "campaignGroups": desktops.groups, "assignments": desktops.seed,
            "webhooks": webhooks.seed,
        });
        Self { tenant, documents }
    }

    /// The project as one file.
    pub fn manifest(&self) -> String {
        yaml::file(&self.documents)
    }
}

fn document(kind: &str, name: &str, spec: Value) -> Value {
    json!({ "apiVersion": "cxform/v1", "kind": kind, "metadata": { "name": name }, "spec": spec })
}

/// Each of these members that the tape wants, with one of its values.
fn members(tape: &mut Tape, percent: usize, choices: &[(&str, &[Value])]) -> Value {
    let mut members = serde_json::Map::new();
    for (name, values) in choices {
        if tape.chance(percent) {
            members.insert((*name).to_owned(), tape.pick(values));
        }
    }
    members.into()
}
