//! The pipelines are read as their forges would, and held to what keeps secrets where they belong.

use std::path::Path;

use serde_yaml::Value;

use super::*;
use crate::args::Cli;

const DOCKERFILE: &str = include_str!("../../../../../../docs/container/Dockerfile");
const SAME_REPOSITORY: &str = "github.event.pull_request.head.repo.full_name == github.repository";

fn scene(directory: &str) -> Scene {
    Scene {
        top: PathBuf::new(),
        directory: directory.to_owned(),
        environments: vec!["staging".to_owned(), "prod".to_owned()],
    }
}

/// Every file of every forge, parsed.
fn all() -> Vec<(String, Value)> {
    let mut files = Vec::new();
    for directory in ["", "config/outbound"] {
        for ci in [Ci::Github, Ci::Gitlab] {
            for (path, text) in scene(directory).files(ci) {
                assert!(!text.contains(['\t', '\r']), "{path}");
                let placeholders =
                    text.split('@').filter(|word| !word.is_empty() && word.chars().all(|one| one.is_ascii_uppercase()));
                assert_eq!(placeholders.collect::<Vec<_>>(), Vec::<&str>::new(), "{path}");
                files.push((
                    path.clone(),
                    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}\n{text}")),
                ));
            }
        }
    }
    files
}

fn workflows() -> Vec<(String, Value)> {
    let found: Vec<_> = all().into_iter().filter(|(path, _)| path.starts_with(".github/workflows/")).collect();
    assert_eq!(found.len(), 8);
    found
}

/// Every text in a document, with the key that it stands under.
fn texts(value: &Value) -> Vec<(String, String)> {
    fn walk(key: &str, value: &Value, found: &mut Vec<(String, String)>) {
        match value {
            Value::String(text) => found.push((key.to_owned(), text.clone())),
            Value::Sequence(items) => items.iter().for_each(|item| walk(key, item, found)),
            Value::Mapping(members) => {
                for (name, value) in members {
                    walk(name.as_str().unwrap_or_default(), value, found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk("", value, &mut found);
    found
}

fn scripts(value: &Value) -> Vec<String> {
    let is_script = |key: &str| ["run", "script", "entry"].contains(&key);
    texts(value).into_iter().filter(|(key, _)| is_script(key)).map(|(_, text)| text).collect()
}

fn jobs(workflow: &Value) -> Vec<(String, Value)> {
    let jobs = workflow["jobs"].as_mapping().unwrap();
    jobs.iter().map(|(name, job)| (name.as_str().unwrap().to_owned(), job.clone())).collect()
}

fn mentions(value: &Value, what: &str) -> bool {
    texts(value).iter().any(|(_, text)| text.contains(what))
}

#[test]
fn every_command_line_is_one_that_cxform_takes() {
    let mut seen = std::collections::BTreeSet::new();
    for (path, file) in all() {
        for line in scripts(&file).iter().flat_map(|script| script.lines()) {
            let Some(line) = line.trim().strip_prefix("cxform ") else { continue };
            let line = line.split(['>', '|', '&', ';']).next().unwrap();
            let words = line.split_whitespace().map(|word| word.trim_matches('"'));
            let parsed = Cli::of(std::iter::once("cxform").chain(words));
            assert!(parsed.is_ok(), "{path}: cxform {line}: {}", parsed.unwrap_err());
            seen.insert(line.split_whitespace().next().unwrap().to_owned());
        }
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["apply", "drift", "fmt", "plan", "show", "validate"]);
}

#[test]
fn nothing_with_secrets_runs_for_a_fork() {
    for (path, workflow) in workflows() {
        let on = &workflow["on"];
        assert!(on.get("pull_request_target").is_none() && on.get("workflow_run").is_none(), "{path}");
        if on.get("pull_request").is_none() {
            continue;
        }
        let mut guarded = 0;
        for (name, job) in jobs(&workflow) {
            if mentions(&job, "secrets.") {
                let condition = job["if"].as_str().unwrap_or_default();
                assert!(condition.split(" && ").any(|part| part == SAME_REPOSITORY), "{path}: {name}: {condition}");
                assert!(
                    condition.split(" && ").any(|part| part == "needs.connection.outputs.same == 'true'"),
                    "{path}: {name} runs although the change moves the connection"
                );
                let built =
                    job["steps"].as_sequence().unwrap().iter().find(|step| step["uses"] == "./.github/actions/cxform");
                assert_eq!(
                    built.unwrap()["with"]["cache"],
                    "false",
                    "{path}: an earlier commit may have filled the cache"
                );
                guarded += 1;
            }
        }
        assert_eq!(guarded, 1, "{path}");
    }
}

#[test]
fn secrets_reach_the_steps_of_cxform_alone_and_only_through_the_environment() {
    for (path, workflow) in workflows() {
        assert!(!mentions(&workflow["env"], "secrets."), "{path}");
        for (name, job) in jobs(&workflow) {
            assert!(!mentions(&job["env"], "secrets."), "{path}: {name}");
            for step in job["steps"].as_sequence().unwrap() {
                if mentions(step, "secrets.") {
                    assert!(scripts(step).iter().all(|script| script.contains("cxform ")), "{path}: {name}");
                    assert!(
                        mentions(&step["env"], "secrets.") && !mentions(&step["run"], "secrets."),
                        "{path}: {name}"
                    );
                    assert!(job.get("environment").is_some(), "{path}: {name}: secrets come from an environment");
                }
            }
        }
    }
}

#[test]
fn no_script_is_put_together_from_what_others_write() {
    for (path, file) in all() {
        for script in scripts(&file) {
            assert!(!script.contains("${{"), "{path}: {script}");
        }
    }
}

#[test]
fn rights_are_given_job_by_job() {
    for (path, workflow) in workflows() {
        assert_eq!(workflow["permissions"], Value::Mapping(serde_yaml::Mapping::new()), "{path}");
        for (name, job) in jobs(&workflow) {
            for (right, level) in job["permissions"].as_mapping().unwrap() {
                let right = (right.as_str().unwrap(), level.as_str().unwrap());
                assert!([("contents", "read"), ("pull-requests", "write")].contains(&right), "{path}: {name}");
            }
        }
        let checkouts = texts(&workflow).iter().filter(|(_, text)| text.starts_with("actions/checkout@")).count();
        let text = serde_yaml::to_string(&workflow).unwrap();
        assert_eq!(checkouts, text.matches("persist-credentials: false").count(), "{path}");
    }
}

/// A tag can be moved by whoever owns it, a commit cannot.
#[test]
fn actions_of_others_are_pinned_to_a_commit() {
    let mut pinned = 0;
    for (path, file) in all() {
        for (_, text) in texts(&file).iter().filter(|(key, text)| key == "uses" && !text.starts_with("./")) {
            let (_, commit) = text.split_once('@').unwrap();
            assert!(commit.len() == 40 && commit.chars().all(|one| one.is_ascii_hexdigit()), "{path}: {text}");
            pinned += 1;
        }
    }
    assert!(pinned > 10, "{pinned}");
}

#[test]
fn a_run_that_writes_is_never_cut_off_and_never_alone_with_another() {
    for (path, file) in all() {
        if path.contains("cxform-apply-") {
            assert_eq!(file["concurrency"]["cancel-in-progress"], Value::Bool(false), "{path}");
        } else if path == ".gitlab/cxform.yml" {
            for name in ["staging", "prod"] {
                let job = &file[format!("cxform apply {name}").as_str()];
                assert_eq!(job["resource_group"], Value::from(format!("cxform-{name}")));
                assert_eq!(job["interruptible"], Value::Bool(false));
            }
        } else {
            assert!(!scripts(&file).iter().any(|script| script.contains("cxform apply")), "{path}");
        }
    }
}

#[test]
fn merge_requests_that_could_move_secrets_get_no_plan() {
    let text = scene("config/outbound").files(Ci::Gitlab).remove(0).1;
    let file: Value = serde_yaml::from_str(&text).unwrap();
    let rules = file["cxform plan prod"]["rules"].as_sequence().unwrap();
    assert!(rules[0]["if"].as_str().unwrap().contains("CI_MERGE_REQUEST_SOURCE_PROJECT_ID != $CI_PROJECT_ID"));
    assert_eq!((&rules[0]["when"], &rules[1]["when"]), (&Value::from("never"), &Value::from("never")));
    assert_eq!(rules[1]["changes"][0], Value::from("config/outbound/cxform.yaml"));
}

#[test]
fn the_image_is_built_from_what_is_there_and_runs_as_nobody() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let copied =
        DOCKERFILE.lines().filter_map(|line| line.strip_prefix("COPY ")).filter(|line| !line.starts_with("--from"));
    for line in copied {
        let names: Vec<_> = line.split_whitespace().collect();
        for name in &names[..names.len() - 1] {
            assert!(top.join(name).exists(), "{name}");
        }
    }
    let (_, last) = DOCKERFILE.rsplit_once("\nFROM ").unwrap();
    assert!(last.contains("\nUSER 10001\n") && last.contains("COPY --from=build"), "{last}");
    assert!(DOCKERFILE.contains(&format!("rust:{}", env!("CARGO_PKG_RUST_VERSION"))), "the compiler is the project's");
}

#[test]
fn folders_that_a_script_would_misread_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    for (name, is_fine) in [("config/a-b_1.x", true), ("a b", false), ("a;b", false), ("$(x)", false), ("-x", false)] {
        let scene = Scene::of(&folder.path().join(name), vec!["prod".to_owned()]);
        assert_eq!(scene.is_ok(), is_fine, "{name}");
        if let Ok(scene) = scene {
            assert_eq!(scene.directory, name);
        }
    }
}

/// What the step that compares says of a merge that brings these files: the script itself, on a repository of its own.
fn compared(files: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let mut command = std::process::Command::new(program);
        command.args(arguments).current_dir(folder.path()).env("GIT_CONFIG_GLOBAL", "/dev/null");
        for (name, value) in
            [("GIT_AUTHOR_NAME", "x"), ("GIT_AUTHOR_EMAIL", "x@x.example"), ("CXFORM_DIRECTORY", "config")]
        {
            command.env(name, value);
        }
        command.env("GIT_COMMITTER_NAME", "x").env("GIT_COMMITTER_EMAIL", "x@x.example");
        command.env("GITHUB_OUTPUT", folder.path().join("output"));
        let ended = command.output().unwrap();
        assert!(ended.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&ended.stderr));
    };
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::remove_file(&path).ok();
        match text.strip_prefix("-> ") {
            Some(target) => std::os::unix::fs::symlink(target, path).unwrap(),
            None => std::fs::write(path, text).unwrap(),
        }
    };
    write("config/cxform.yaml", "here\n");
    write("config/manifests/a.yaml", "a\n");
    write(".github/workflows/a.yml", "a\n");
    run("git", &["init", "-q", "-b", "main"]);
    run("git", &["add", "-A"]);
    run("git", &["commit", "-qm", "one"]);
    run("git", &["checkout", "-qb", "change"]);
    files.iter().for_each(|(name, text)| write(name, text));
    run("git", &["add", "-A"]);
    run("git", &["commit", "-qm", "two"]);
    run("git", &["checkout", "-q", "main"]);
    run("git", &["merge", "-q", "--no-ff", "--no-edit", "change"]);
    let workflow: Value = serde_yaml::from_str(&scene("").files(Ci::Github).remove(1).1).unwrap();
    let steps = workflow["jobs"]["connection"]["steps"].as_sequence().unwrap();
    let step = steps.iter().find(|step| step["id"] == "compare").unwrap();
    run("bash", &["-e", "-c", step["run"].as_str().unwrap()]);
    std::fs::read_to_string(folder.path().join("output")).unwrap()
}

#[test]
fn a_change_of_the_connection_or_of_the_pipeline_is_noticed() {
    assert_eq!(compared(&[("config/manifests/a.yaml", "b\n")]), "same=true\n");
    for (name, text) in [
        ("config/cxform.yaml", "elsewhere\n"),
        ("config/cxform.yaml", "-> manifests/a.yaml"),
        (".github/workflows/a.yml", "b\n"),
        (".github/actions/cxform/action.yml", "b\n"),
    ] {
        assert_eq!(compared(&[(name, text)]), "same=false\n", "{name} {text}");
    }
}
