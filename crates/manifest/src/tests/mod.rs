//! Behaviour of the crate as a whole, on projects that live in memory.

mod desired;
mod documents;
mod environments;
mod files;
mod human;
mod laws;
mod limits;
mod project_file;
mod tuning;
mod values;
mod variables;
mod webhooks;

use cxform_model::{Address, Desired, DesiredObject, Field, Setting};
use cxform_rules::Context;
use serde_json::Value;

use crate::{Diagnostics, HumanStyle, Loaded, Project};

/// The manifests of the manual.
pub(crate) const MANUAL: &str = include_str!("manual.yaml");
/// The `cxform.yaml` of the manual.
pub(crate) const MANUAL_PROJECT: &str = include_str!("manual-project.yaml");

pub(crate) const PROJECT: &str = "apiVersion: cxform/v1\nkind: Project\nmetadata: { name: test }\nspec:\n  environments:\n    local: { emulator: {}, variables: { rate: 0.5, list: list_1, lists: [a, b], flag: true, word: '5' } }\n";

/// A project of these files; `cxform.yaml` has one environment with a few variables.
pub(crate) fn project(files: &[(&str, &str)]) -> Project {
    let project = files.iter().find(|(name, _)| *name == "cxform.yaml").map_or(PROJECT, |(_, text)| text);
    let others = files.iter().filter(|(name, _)| *name != "cxform.yaml").map(|(name, text)| (*name, text.as_bytes()));
    let (project, diagnostics) = Project::in_memory(Some(project.as_bytes()), others);
    project.unwrap_or_else(|| panic!("{}", human(&diagnostics)))
}

pub(crate) fn human(diagnostics: &Diagnostics) -> String {
    diagnostics.human(&HumanStyle::default())
}

/// Loads one file in the only environment.
pub(crate) fn load(text: &str) -> Loaded {
    let project = project(&[("manifests/a.yaml", text)]);
    project.load(project.environment(None).unwrap(), &Context::default(), None)
}

/// Loads one file that is expected to be without errors.
#[track_caller]
pub(crate) fn desired(text: &str) -> Desired {
    let Loaded { desired, diagnostics, .. } = load(text);
    desired.unwrap_or_else(|| panic!("{}", human(&diagnostics)))
}

/// The problems as `file:line:column rule message`, warnings left out.
pub(crate) fn lines(diagnostics: &Diagnostics) -> Vec<String> {
    diagnostics
        .iter()
        .filter(|problem| problem.severity == cxform_rules::Severity::Error)
        .map(|problem| {
            let place = problem.at.unwrap();
            let name = diagnostics.file(place);
            let (line, column) = (place.source.line, place.source.column);
            format!("{name}:{line}:{column} {} {}", problem.rule.id, problem.message)
        })
        .collect()
}

/// The one error of a file, as `line:column rule message`.
#[track_caller]
pub(crate) fn error(text: &str) -> String {
    let loaded = load(text);
    let errors = lines(&loaded.diagnostics);
    assert_eq!(errors.len(), 1, "{}", human(&loaded.diagnostics));
    assert!(loaded.desired.is_none());
    errors[0].trim_start_matches("manifests/a.yaml:").to_owned()
}

/// A campaign with this spec, one key a line.
pub(crate) fn campaign(spec: &str) -> String {
    format!("apiVersion: cxform/v1\nkind: Campaign\nmetadata: {{ name: c }}\nspec:\n  {}\n", spec.replace('\n', "\n  "))
}

/// A tree with this spec.
pub(crate) fn tree(spec: &str) -> String {
    named_tree("t", spec)
}

pub(crate) fn named_tree(name: &str, spec: &str) -> String {
    let spec = spec.replace('\n', "\n  ");
    format!("apiVersion: cxform/v1\nkind: DispositionTree\nmetadata: {{ name: {name} }}\nspec:\n  {spec}\n")
}

pub(crate) fn codes(spec: &str) -> String {
    let spec = spec.replace('\n', "\n  ");
    format!("apiVersion: cxform/v1\nkind: CallCodeSet\nmetadata: {{ name: s }}\nspec:\n  {spec}\n")
}

pub(crate) fn selection(name: &str, spec: &str) -> String {
    let spec = spec.replace('\n', "\n  ");
    format!("apiVersion: cxform/v1\nkind: SelectionRules\nmetadata: {{ name: {name} }}\nspec:\n  {spec}\n")
}

#[track_caller]
pub(crate) fn object<'d>(desired: &'d Desired, address: &str) -> &'d DesiredObject {
    let address: Address = address.parse().unwrap();
    desired.objects.get(&address).unwrap_or_else(|| panic!("no {address}"))
}

pub(crate) fn setting(object: &DesiredObject, kind: cxform_model::Kind, path: &str) -> Option<Setting> {
    let field = Field::find(kind, path).unwrap_or_else(|| panic!("no field {path}"));
    object.fields.get(field).map(|field| field.setting.clone())
}

/// The exact value that is asked of a field; `None` where it is not managed.
pub(crate) fn value(desired: &Desired, address: &str, path: &str) -> Option<Value> {
    let kind = address.parse::<Address>().unwrap().kind();
    match setting(object(desired, address), kind, path)? {
        Setting::Value(value) => Some(value),
        Setting::Between(envelope) => panic!("{envelope:?}"),
    }
}
