//! A generated tenant, and a project that describes it exactly.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

pub struct Generated {
    pub seed: Value,
    folder: tempfile::TempDir,
}

const PER_FILE: usize = 1000;

impl Generated {
    pub fn new(objects: usize) -> Self {
        let seed = cxform_emulator::generate(objects, 7);
        let generated = Self { seed, folder: tempfile::tempdir().unwrap() };
        let project = "apiVersion: cxform/v1\nkind: Project\nmetadata: { name: bench }\nspec:\n  guard: { maxChangedPercent: 100, maxRetiredPercent: 100 }\n  environments:\n    \
                       bench: { rateLimits: { outcomes: 1000000/s, default: 1000000/s } }\n";
        std::fs::write(generated.project().join("cxform.yaml"), project).unwrap();
        std::fs::create_dir(generated.project().join("manifests")).unwrap();
        generated.write(&|_| false);
        generated
    }

    pub fn project(&self) -> &Path {
        self.folder.path()
    }

    /// One outcome in a hundred gets another name.
    pub fn change_one_percent(&self) {
        self.write(&|number| number % 100 == 0);
    }

    pub fn change_back(&self) {
        self.write(&|_| false);
    }

    fn write(&self, renamed: &dyn Fn(usize) -> bool) {
        let outcomes = self.seed["outcomes"].as_array().unwrap();
        let mut children: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut roots = Vec::new();
        for (number, outcome) in outcomes.iter().enumerate() {
            match outcome["parentOutcomeId"].as_str() {
                Some(parent) => children.entry(parent).or_default().push(number),
                None => roots.push(number),
            }
        }
        for (file, roots) in roots.chunks(PER_FILE / 31).enumerate() {
            let mut text = String::new();
            for root in roots {
                // What a tree has in common stands in `defaults`, as a person would write it.
                let (code, rules) = (&outcomes[*root]["code"], &outcomes[*root]["validationRules"]);
                let _ = writeln!(
                    text,
                    "---\napiVersion: cxform/v1\nkind: DispositionTree\nmetadata: {{ name: {code} }}\nspec:\n  defaults:\n    \
                     validationRules: {{ requiredFields: {}, complianceCategory: {}, blockDisqualification: false }}\n    uiConfig: {}\n  outcomes:",
                    rules["requiredFields"], rules["complianceCategory"], outcomes[*root]["uiConfig"],
                );
                node(&mut text, outcomes, &children, *root, 4, renamed);
            }
            std::fs::write(self.file(&format!("tree-{file:04}.yaml")), text).unwrap();
        }
        let mut text = String::from(
            "apiVersion: cxform/v1\nkind: CallCodeSet\nmetadata: { name: codes }\nspec:\n  category: GENERATED\n  codes:\n",
        );
        for code in self.seed["callcodes"].as_array().unwrap() {
            let _ =
                writeln!(text, "    - {{ code: {}, name: {}, type: {} }}", code["code"], code["name"], code["type"]);
        }
        std::fs::write(self.file("codes.yaml"), text).unwrap();
        for (file, campaigns) in self.seed["campaigns"].as_array().unwrap().chunks(PER_FILE).enumerate() {
            let text: Vec<_> = campaigns.iter().map(campaign).collect();
            std::fs::write(self.file(&format!("campaigns-{file:04}.yaml")), text.join("---\n")).unwrap();
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.project().join("manifests").join(name)
    }
}

/// JSON is YAML, so values are written as they are.
fn node(
    text: &mut String,
    outcomes: &[Value],
    children: &BTreeMap<&str, Vec<usize>>,
    number: usize,
    indent: usize,
    renamed: &dyn Fn(usize) -> bool,
) {
    let outcome = &outcomes[number];
    let suffix = if renamed(number) { " (new)" } else { "" };
    let name = format!("{}{suffix}", outcome["name"].as_str().unwrap());
    let pad = " ".repeat(indent);
    let _ = writeln!(text, "{pad}- code: {}\n{pad}  name: {name}", outcome["code"]);
    let rules = &outcome["validationRules"];
    let block = if rules["blockDisqualification"] == true { ", blockDisqualification: true" } else { "" };
    let _ =
        writeln!(text, "{pad}  validationRules: {{ retentionPeriodDays: {}{block} }}", rules["retentionPeriodDays"]);
    if let Some(below) = children.get(outcome["id"].as_str().unwrap()) {
        let _ = writeln!(text, "{pad}  children:");
        for child in below {
            node(text, outcomes, children, *child, indent + 4, renamed);
        }
    }
}

fn campaign(campaign: &Value) -> String {
    let selection = &campaign["contactSelection"];
    let name = &campaign["name"];
    format!(
        "apiVersion: cxform/v1\nkind: Campaign\nmetadata: {{ name: {name} }}\nspec:\n  type: {}\n  startDateTime: {}\n  targetListId: {}\n  \
         dialerSettings: {}\n  complianceSettings: {}\n---\napiVersion: cxform/v1\nkind: SelectionRules\nmetadata: {{ name: {name} }}\nspec:\n  \
         campaigns: [{name}]\n  targetListIds: {}\n  filterRules: {}\n  priorityOrder: {}\n",
        campaign["type"],
        campaign["startDateTime"],
        campaign["targetListId"],
        campaign["dialerSettings"],
        campaign["complianceSettings"],
        selection["targetListIds"],
        selection["filterRules"],
        selection["priorityOrder"],
    )
}
