//! Manifests that cxform itself writes: their canonical form.

use crate::exit_codes::MANIFEST;
use crate::project::Project;

#[test]
fn what_init_writes_is_in_its_canonical_form() {
    let project = Project::empty();
    project.cxform("init --name acme").run().exits(0);
    project.cxform("fmt --check").run().exits(0).says(&["0 of 3 files not in canonical form"]);
}

#[test]
fn fmt_writes_what_check_lists_and_nothing_else() {
    let project = Project::new(MANIFEST);
    project.write(
        "manifests/odd.yaml",
        "# mine\napiVersion:   cxform/v1\nkind: CallCodeSet\nmetadata: {name: q}\nspec: {}\n",
    );
    let before = project.read("manifests/odd.yaml");
    project.cxform("fmt --check").run().exits(1).says(&["manifests/odd.yaml"]);
    assert_eq!(project.read("manifests/odd.yaml"), before);
    project.cxform("fmt").run().exits(0).says(&["manifests/odd.yaml"]);
    assert!(project.read("manifests/odd.yaml").starts_with("# mine\napiVersion: cxform/v1\n"));
    project.cxform("fmt --check").run().exits(0);
    project.cxform("fmt -").typing("a:   1 # one\n").run().exits(0).says(&["a: 1 # one"]);
}

#[test]
fn where_one_file_is_broken_none_is_written() {
    let project = Project::new(MANIFEST);
    project.write("manifests/a.yaml", "a:   1\n");
    project.write("manifests/b.yaml", "a: [1\nb: 2\n");
    project.cxform("fmt manifests").run().exits(1).says(&["b.yaml", "nothing was written"]);
    assert_eq!(project.read("manifests/a.yaml"), "a:   1\n");
    project.cxform("fmt manifests/a.yaml").run().exits(0);
    assert_eq!(project.read("manifests/a.yaml"), "a: 1\n");
    project.cxform("fmt nowhere").run().exits(1).says(&["nowhere"]);
}

fn lived_in() -> serde_json::Value {
    serde_json::from_str(include_str!("../../manifests/emulator/seed.json")).unwrap()
}

#[test]
fn a_living_tenant_becomes_a_project_whose_plan_is_empty() {
    let tenant = crate::project::tenant(lived_in());
    let project = Project::empty();
    let on = |arguments: &str| project.on(&tenant, &format!("{arguments} --base-url {}", tenant.url()));
    let ended = on("export --out acme").run().exits(0);
    assert!(ended.stdout.starts_with("Exported "), "{ended}");
    assert!(tenant.writes().is_empty());
    project.cxform("validate -C acme").run().exits(0);
    project.cxform("fmt --check -C acme").run().exits(0);
    project.on(&tenant, "plan -C acme --detailed-exitcode").run().exits(0).says(&["No changes."]);
    assert!(project.read("acme/schemas/cxform.schema.json").contains("$schema"));
    // A second one overwrites nothing.
    on("export --out acme").run().exits(1).says(&["cxform.yaml", "nothing is overwritten"]);
    // Ids in one place, and every field.
    on("export --out lifted --variables --full").run().exits(0);
    assert!(project.read("lifted/cxform.yaml").contains("variables:"));
    project.on(&tenant, "plan -C lifted --detailed-exitcode").run().exits(0);
}

#[test]
fn an_export_takes_what_is_asked_for_and_tells_what_it_leaves() {
    let mut seed = lived_in();
    let mut orphan = seed["outcomes"][0].clone();
    (orphan["id"], orphan["code"], orphan["parentOutcomeId"]) = ("orphan".into(), "ORPHAN".into(), "gone".into());
    seed["outcomes"].as_array_mut().unwrap().push(orphan);
    let tenant = crate::project::tenant(seed);
    let project = Project::empty();
    let on = |arguments: &str| project.on(&tenant, &format!("{arguments} --base-url {}", tenant.url()));
    let report = on("export --out some --kind campaign --format json").run().exits(0).stdout;
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let schema: serde_json::Value = serde_json::from_str(include_str!("../../schemas/export.schema.json")).unwrap();
    jsonschema::validator_for(&schema).unwrap().validate(&report).unwrap();
    assert_eq!(report["objects"].as_object().unwrap().keys().collect::<Vec<_>>(), ["campaign"]);
    on("export outcome/ORPHAN --out none").run().exits(1).says(&[
        "outcome/ORPHAN (id orphan)",
        "is not on the tenant",
        "nothing to export",
    ]);
    assert!(!project.path().join("none").exists());
    on("export list/x --out none").run().exits(1).says(&["list/x"]);
    let report = on("export --out all --format json").run().exits(0).stdout;
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    jsonschema::validator_for(&schema).unwrap().validate(&report).unwrap();
    assert!(report["leftOut"].as_array().unwrap().iter().any(|one| one["address"] == "outcome/ORPHAN"), "{report}");
}

#[test]
fn an_export_stays_in_its_folder() {
    let tenant = crate::project::tenant(lived_in());
    let project = Project::empty();
    std::fs::create_dir_all(project.path().join("elsewhere")).unwrap();
    std::fs::create_dir_all(project.path().join("here")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", project.path().join("here/manifests")).unwrap();
    project.on(&tenant, &format!("export --out here --base-url {}", tenant.url())).run().exits(1).says(&["is a link"]);
    assert_eq!(std::fs::read_dir(project.path().join("elsewhere")).unwrap().count(), 0);
    assert_eq!(std::fs::read_dir(project.path().join("here")).unwrap().count(), 1, "nothing half-written");
}
