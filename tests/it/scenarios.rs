//! Scenarios: a project, a tenant, a script of command lines, and the transcript that a person would see.
//!
//! Ids of the tenant depend on the order of creates, so scripts apply with `--parallelism 1`, and `{NAME}` stands for the id of the
//! campaign or outcome of that name or code.
//!
//! A folder of `tests/scenarios/` holds `project/`, `seed.json`, `script` and `transcript.snap`. Lines of the script:
//! `$ cxform ...` runs the real binary, `@ METHOD PATH [JSON]` is a person's hand on the tenant, `? POINTER` shows a part of the
//! tenant's state, `% put=replace quirk=...` sets up the tenant, `> FILE` and what follows up to `.` writes a file of the project.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use cxform_emulator::{Options, PutMode, Quirks, Seed};

use crate::tenant::Tenant;

fn run(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios").join(name);
    let script = std::fs::read_to_string(folder.join("script")).unwrap();
    let project = tempfile::tempdir().unwrap();
    copy(&folder.join("project"), project.path());
    let tenant = Tenant::start(options(&script, &folder));

    let mut transcript = String::new();
    let mut lines = script.lines();
    while let Some(line) = lines.next() {
        match line.split_once(' ') {
            Some(("$", command)) => {
                let _ = writeln!(transcript, "$ {command}");
                transcript.push_str(&cxform(command, project.path(), &tenant));
            }
            Some(("@", call)) => {
                let mut parts = call.splitn(3, ' ');
                let method = parts.next().unwrap();
                let path = &tenant.named(parts.next().unwrap());
                let body = parts.next().map(|body| serde_json::from_str(body).unwrap());
                let (status, _) = tenant.by_hand(method, path, body.as_ref());
                let _ = writeln!(transcript, "@ {call}\n{status}\n");
            }
            Some(("?", pointer)) => {
                let state = tenant.state();
                let value = without_times(state.pointer(&tenant.named(pointer)).cloned().unwrap_or_default());
                let _ = writeln!(transcript, "? {pointer}\n{value:#}\n");
            }
            Some((">", file)) => {
                let text: Vec<_> = lines.by_ref().take_while(|line| *line != ".").collect();
                std::fs::write(project.path().join(file), text.join("\n") + "\n").unwrap();
                let _ = writeln!(transcript, "> {file}\n");
            }
            _ => {
                if !line.starts_with('%') {
                    let _ = writeln!(transcript, "{line}");
                }
            }
        }
    }

    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(&folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT");
    settings.add_filter(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "[run]");
    settings.add_filter(r"sha256:[0-9a-f]{64}", "sha256:[digest]");
    settings.add_filter(r"in \d+(\.\d+)? (ms|s)\b", "in [time]");
    settings.add_filter(r#""(seconds|latencyMs)": [0-9.]+"#, "\"$1\": \"[time]\"");
    settings.add_filter(&regex_of(project.path()), "[project]");
    settings.bind(|| insta::assert_snapshot!("transcript", transcript));
}

/// When something was written is the one thing that a state does not repeat.
fn without_times(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Array(items) => items.into_iter().map(without_times).collect(),
        serde_json::Value::Object(members) => {
            let kept = members.into_iter().filter(|(name, _)| !matches!(name.as_str(), "createdAt" | "updatedAt"));
            kept.map(|(name, value)| (name, without_times(value))).collect::<serde_json::Map<_, _>>().into()
        }
        other => other,
    }
}

fn regex_of(path: &Path) -> String {
    path.display().to_string().replace('.', r"\.")
}

fn options(script: &str, folder: &Path) -> Options {
    let mut options = Options { seed: Seed::File(folder.join("seed.json")), ..Options::default() };
    let words = script.lines().filter_map(|line| line.strip_prefix("% ")).flat_map(str::split_whitespace);
    let mut quirks = Vec::new();
    for word in words {
        match word.split_once('=') {
            Some(("put", mode)) => options.put = PutMode::parse(mode).unwrap(),
            Some(("quirk", quirk)) => quirks.push(quirk),
            _ => panic!("`{word}` sets up nothing"),
        }
    }
    options.quirks = Quirks::parse(quirks).unwrap();
    options
}

fn cxform(command: &str, project: &Path, tenant: &Tenant) -> String {
    let words: Vec<_> = command.split_whitespace().collect();
    let output = Command::new(PathBuf::from(env!("CARGO_BIN_EXE_cxform")))
        .args(&words[1..])
        .current_dir(project)
        .env_clear()
        .env("CXONE_BASE_URL", tenant.url())
        .env("CXONE_CLIENT_ID", "emulator-client")
        .env("CXONE_CLIENT_SECRET", "emulator-secret")
        .env("HOME", project)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    let talk = String::from_utf8_lossy(&output.stderr);
    if !talk.is_empty() {
        let _ = write!(text, "--- stderr\n{talk}");
    }
    let _ = writeln!(text, "--- exit {}\n", output.status.code().unwrap_or(-1));
    text
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

macro_rules! scenarios {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            run(&stringify!($name).replace('_', "-"));
        })*
    };
}

scenarios! {
    outcome_tree,
    call_code_matrix,
    campaign_create_and_update,
    dialer_and_compliance,
    selection_rules,
}
