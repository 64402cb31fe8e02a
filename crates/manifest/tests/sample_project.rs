//! The sample project of the repository is read without a word.

use std::path::Path;

use cxform_manifest::{HumanStyle, Project};
use cxform_model::{Address, Field, Kind};
use cxform_rules::Context;
use serde_json::json;

fn sample() -> Project {
    let (project, diagnostics) = Project::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../manifests"));
    assert!(diagnostics.is_empty(), "{}", diagnostics.human(&HumanStyle::default()));
    project.unwrap_or_else(|| panic!("the sample project is gone"))
}

#[test]
fn the_sample_project_is_sound_in_every_environment() {
    let validated = sample().validate_all(&Context::default());
    assert!(!validated.diagnostics.has_errors(), "{}", validated.diagnostics.human(&HumanStyle::default()));
    assert_eq!((validated.statistics.files, validated.statistics.documents), (6, 9));
}

#[test]
fn an_overlay_changes_its_environment_alone() {
    let project = sample();
    let capacity = |environment| {
        let environment = project.environment(environment).unwrap();
        let desired = project.load(environment, &Context::default(), None).desired.unwrap();
        let field = Field::find(Kind::Campaign, "dialerSettings.agentCapacity").unwrap();
        let setting = desired.objects[&Address::campaign("q3-renewals")].fields.get(field).unwrap().clone();
        (setting.setting, desired.files.name(setting.source.file).to_owned())
    };
    let value = |number| cxform_model::Setting::Value(json!(number));
    assert_eq!(capacity(None), (value(120), "campaigns/sales.yaml".to_owned()));
    assert_eq!(capacity(Some("prod")), (value(300), "overlays/prod/sales.yaml".to_owned()));
}
