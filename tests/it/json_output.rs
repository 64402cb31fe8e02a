//! JSON output is an interface: exactly one document on standard output, and each is what its schema says.

use std::path::Path;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::exit_codes::{MANIFEST, seed};
use crate::project::{Finished, PROJECT, Project, tenant};
use crate::recorded::{self, Desk};
use crate::tune;

fn schema(name: &str) -> Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas").join(format!("{name}.schema.json"));
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{name}: {error}"));
    jsonschema::draft202012::new(&schema).unwrap()
}

/// The one document on standard output, which the schema accepts.
#[track_caller]
pub fn told(ended: &Finished, name: &str) -> Value {
    let document = ended.json();
    let problems: Vec<_> =
        schema(name).iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(problems.is_empty(), "{problems:#?}\n{document:#}");
    document
}

#[test]
fn validate_tells_in_one_document() {
    let project = Project::new(MANIFEST);
    let good = told(&project.cxform("validate --format json").run().exits(0), "validate");
    assert_eq!((&good["valid"], &good["summary"]["objects"]), (&json!(true), &json!(3)));
    for (what, manifest) in [
        ("a value", MANIFEST.replace("0.6", "6")),
        ("no YAML", "a: [".to_owned()),
        ("twice", format!("{MANIFEST}---\n{MANIFEST}")),
        ("unknown key", MANIFEST.replace("callRate", "callRat")),
        ("a warning", MANIFEST.replace("TCPA", "OFCOM").replace("Compliance: true", "Compliance: false")),
    ] {
        let project = Project::new(&manifest);
        let document = told(&project.cxform("validate --format json").run(), "validate");
        assert!(!document["problems"].as_array().unwrap().is_empty(), "{what}: {document:#}");
    }
    let project = Project::new(MANIFEST);
    project.write("cxform.yaml", PROJECT.replace("test: {", "live: {}\n    test: { variables: { a: 1 },"));
    project.write("manifests/all.yaml", MANIFEST.replace("callRate: 0.6", "callRate: \"${var.a}\""));
    let some = told(&project.cxform("validate --format json").run().exits(1), "validate");
    assert_eq!(some["problems"][0]["environments"], json!(["live"]), "{some:#}");
    project.write("cxform.yaml", "a: [");
    told(&project.cxform("validate --format json").run().exits(1), "validate");
}

#[test]
fn plan_tells_in_one_document() {
    let (tenant, project) = (tenant(seed()), Project::new(MANIFEST));
    let plan = told(&project.on(&tenant, "plan --format json --out saved.json").run().exits(0), "plan");
    assert_eq!((&plan["summary"]["create"], &plan["project"]), (&json!(2), &json!("acme")));
    let mut saved: Value = serde_json::from_str(&project.read("saved.json")).unwrap();
    assert!(saved.as_object_mut().unwrap().remove("id").is_some(), "a saved plan is told from another by its id");
    assert_eq!(saved, plan, "what is saved is what was shown");
    told(&project.on(&tenant, "plan --format json --detailed-exitcode -vv").run().exits(2), "plan");
    project.on(&tenant, "apply --auto-approve").run().exits(0);
    let empty = told(&project.on(&tenant, "plan --format json").run().exits(0), "plan");
    assert_eq!((&empty["changes"], &empty["steps"]), (&json!([]), &json!([])));
}

#[test]
fn a_refused_plan_tells_why_in_the_form_of_problems() {
    let (tenant, project) = (tenant(seed()), Project::new(&MANIFEST.replace("0.6", "6")));
    for command in ["plan --format json", "apply --format json --auto-approve"] {
        let document = told(&project.on(&tenant, command).run().exits(1), "validate");
        assert_eq!(document["problems"][0]["rule"], "CX033");
    }
    // Only the planner can know that this parent lives nowhere.
    project.write("manifests/all.yaml", MANIFEST.replace("code: SI,", "code: SI, parent: NOWHERE,"));
    for command in ["plan --format json", "apply --format json --auto-approve"] {
        let document = told(&project.on(&tenant, command).run().exits(1), "validate");
        assert_eq!((&document["valid"], &document["problems"][0]["line"]), (&json!(false), &json!(6)), "{document:#}");
        assert!(document["summary"]["errors"].as_u64().unwrap() > 0, "{document:#}");
    }
}

#[test]
fn apply_tells_in_one_document() {
    let project = Project::new(MANIFEST);
    let first = tenant(seed());
    let apply = "apply --auto-approve --format json";
    let good = told(&project.on(&first, apply).run().exits(0), "apply");
    assert_eq!((&good["outcome"], &good["counts"]["applied"]), (&json!("applied"), &json!(4)));
    let nothing = told(&project.on(&first, apply).run().exits(0), "apply");
    assert_eq!(nothing["steps"], json!([]));

    let refusing = tenant(seed());
    let body = json!({ "code": "x", "message": "no", "errors": [{ "field": "dialerSettings.callRate", "message": "too fast" }] });
    refusing.faults(
        &json!([{ "method": "PATCH", "path": "/api/v2/campaigns/*", "effect": "status", "status": 422, "body": body }]),
    );
    let failed = told(&project.on(&refusing, apply).run().exits(3), "apply");
    let step = failed["steps"].as_array().unwrap().iter().find(|step| step["result"] == "failed").unwrap();
    assert_eq!(step["error"]["fields"][0]["source"]["line"], 15, "{failed:#}");
    assert_eq!(failed["counts"]["skipped"], 1);

    let stale = tenant(seed());
    project.on(&stale, "plan --out saved.json").run().exits(0);
    stale.by_hand("PATCH", "/api/v2/campaigns/c1", Some(&json!({ "dialerSettings": { "callRate": 0.3 } })));
    let conflict = told(&project.on(&stale, "apply saved.json --auto-approve --format json").run().exits(4), "apply");
    let step = conflict["steps"].as_array().unwrap().iter().find(|step| step["result"] == "conflict").unwrap();
    let field = json!({ "path": "dialerSettings.callRate", "base": 0.5, "ours": 0.6, "theirs": 0.3 });
    assert!(step["conflict"]["fields"].as_array().unwrap().contains(&field), "{conflict:#}");
    assert_eq!((&step["conflict"]["plannedVersion"], &step["conflict"]["foundVersion"]), (&json!(3), &json!(4)));
}

#[test]
fn records_tell_in_one_document_each() {
    let desk = Desk::new("");
    told(&desk.run("runs list --format json").exits(0), "runs");
    desk.run("apply --auto-approve").exits(0);
    desk.project.write("manifests/all.yaml", recorded::MANIFEST.replace("Two", "Deux"));
    let put = |effect| json!([{ "method": "PUT", "path": "/api/v2/outcomes/*", "effect": effect, "delayMs": 60_000 }]);
    desk.tenant.faults(&put("drop-before-commit"));
    let running = desk.cxform("apply --auto-approve").start();
    desk.until_writes(desk.tenant.writes().len() + 1);
    running.kill();
    desk.quick();
    for command in ["runs list", "runs stats", "runs stats last", "runs stats --env test"] {
        told(&desk.run(&format!("{command} --format json")).exits(0), "runs");
    }
    let shown = told(&desk.run("runs show last --format json").exits(0), "runs");
    assert_eq!(shown["inFlight"][0]["address"], "outcome/A-2", "{shown:#}");
    desk.run("apply --auto-approve").exits(0);
    for command in ["list", "show 1", "asof 2999-01-01T00:00:00Z outcome/A-2", "verify", "verify --head 00"] {
        told(&desk.run(&format!("audit {command} --format json")), "audit");
    }
    let lines = desk.run("audit export --format jsonl").exits(0).stdout;
    for line in lines.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        assert!(schema("audit").is_valid(&json!({ "formatVersion": 1, "record": record })), "{line}");
    }
}

#[test]
fn the_last_run_is_that_of_the_environment() {
    let desk = Desk::new("");
    desk.run("apply --auto-approve").exits(0);
    let settings = desk.project.read("cxform.yaml").replace("test: {", "other: {}\n    test: {");
    desk.project.write("cxform.yaml", settings);
    desk.run("runs show last --env test").exits(0);
    let of_other = desk.run("undo last --env other --auto-approve").exits(1);
    of_other.says(&["no run of environment `other` is recorded yet"]);
    let stats = told(&desk.run("runs stats --env other --format json").exits(0), "runs");
    assert_eq!((&stats["environment"], &stats["stats"]["runs"]), (&json!("other"), &json!(0)));
}

/// What is no result is talk: a program that reads standard output finds a document there, or nothing.
#[test]
fn errors_leave_standard_output_alone() {
    let (tenant, project) = (tenant(seed()), Project::new(MANIFEST));
    tenant.faults(&json!([{ "path": "/api/v2/outcomes", "effect": "status", "status": 403 }]));
    for command in [
        "plan --format json",
        "apply --auto-approve --format json",
        "apply nowhere.json --format json",
        "plan --format json --env other",
    ] {
        let ended = project.on(&tenant, command).run().exits(1);
        assert_eq!(ended.stdout, "", "{command}");
        assert!(ended.stderr.contains("error: "), "{ended}");
    }
    tenant.faults(&json!([]));
    let ended = project.on(&tenant, "apply --format json").typing("no\n").run().exits(1);
    assert_eq!(ended.stdout, "", "{ended}");
}

/// A schema that accepts everything proves nothing.
#[test]
fn schemas_are_strict() {
    let (tenant, project) = (tenant(seed()), Project::new(MANIFEST));
    for (name, command, member) in
        [("validate", "validate", "valid"), ("plan", "plan", "digest"), ("apply", "apply --auto-approve", "outcome")]
    {
        let document = told(&project.on(&tenant, &format!("{command} --format json")).run().exits(0), name);
        let changed = |change: &dyn Fn(&mut Value)| {
            let mut other = document.clone();
            change(&mut other);
            !schema(name).is_valid(&other)
        };
        assert!(changed(&|other| other["unknown"] = json!(1)), "{name}: an unknown member");
        assert!(changed(&|other| other[member] = json!(["x"])), "{name}: a wrong type");
        assert!(changed(&|other| drop(other.as_object_mut().unwrap().remove(member))), "{name}: a missing member");
        assert!(changed(&|other| other["formatVersion"] = json!(2)), "{name}: another format");
    }
}

#[test]
fn stats_tell_in_one_document() {
    let (tenant, project) = (tenant(seed()), Project::new(MANIFEST));
    let stats = told(&project.on(&tenant, "stats --format json").run().exits(0), "stats");
    assert_eq!((&stats["formatVersion"], &stats["environment"]), (&json!(1), &json!("test")));
    assert!(!stats["campaigns"].as_array().unwrap().is_empty(), "{stats:#}");
}

#[test]
fn tune_tells_in_one_document() {
    let (tenant, project) = (tenant(seed()), Project::new(""));
    let policy = "apiVersion: cxform/v1\nkind: TuningPolicy\nmetadata: { name: calm }\nspec:\n  campaigns: [q3, gone]\n  concurrency: { between: [10, 90], target: 0.4 }\n";
    project.write("manifests/all.yaml", policy);
    let told = told(&project.on(&tenant, "tune --once --explain --format json").run().exits(1), "tune");
    assert_eq!(told["campaigns"][1]["result"], "failed", "{told:#}");
    assert!(schema("tune").validate(&json!({ "formatVersion": 1 })).is_err());
    let (tenant, project) =
        (crate::project::tenant(tune::seed("active", tune::lately(0.7, 0.005))), Project::new(tune::POLICY));
    for (command, result) in [("tune --once --explain", "decided"), ("tune --once", "tuned"), ("tune --once", "held")] {
        let document = self::told(&project.on(&tenant, &format!("{command} --format json")).run().exits(0), "tune");
        assert_eq!(document["campaigns"][0]["result"], result, "{document:#}");
    }
}

#[test]
fn history_tells_in_one_document() {
    let (tenant, project) = (tenant(seed()), Project::new(MANIFEST));
    project.on(&tenant, "apply --auto-approve").run().exits(0);
    let history = told(&project.on(&tenant, "history q3 --format json").run().exits(0), "history");
    assert!(!history["records"][0]["changes"].as_array().unwrap().is_empty(), "{history:#}");
}

#[test]
fn an_export_of_intervals_is_one_document() {
    let (tenant, project) = (tenant(seed()), Project::new(MANIFEST));
    let command =
        "stats export --from 2020-01-01 --to 2100-01-01 --time-zone Europe/Berlin --format json --out rows.json";
    let mut ended = project.on(&tenant, command).run().exits(0);
    assert_eq!(ended.stdout, "");
    ended.stdout = project.read("rows.json");
    assert_eq!(told(&ended, "intervals")["timeZone"], "Europe/Berlin");
}
