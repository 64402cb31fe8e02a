//! Files that nobody would write on purpose: a clear refusal that names the file, in bounded memory, and never a panic.

use std::fmt::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Command;

use crate::project::{Finished, Project};

/// Kilobytes of address space for one run: enough for the product, far too little for what the files below pretend to be.
const MEMORY: u32 = 1_500_000;

const TREE: &str = "apiVersion: cxform/v1\nkind: DispositionTree\nmetadata: { name: t }\nspec:\n  outcomes:\n    - { code: A, name: First }\n";

/// `validate` with little memory.
#[track_caller]
fn validate(project: &Project) -> Finished {
    let limited = format!("ulimit -v {MEMORY}; exec timeout 60 \"$0\" validate");
    let output = Command::new("sh")
        .args(["-c", &limited, env!("CARGO_BIN_EXE_cxform")])
        .current_dir(project.path())
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what is said is UTF-8, whatever was read");
    let ended = Finished {
        code: output.status.code(),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
        took: std::time::Duration::ZERO,
    };
    assert!(!ended.stderr.contains("panicked"), "{ended}");
    assert!(ended.stdout.len() < 1_000_000, "a small file makes no flood of words");
    ended
}

#[track_caller]
fn refused(content: impl AsRef<[u8]>, words: &[&str]) {
    let project = Project::new(TREE);
    project.write("manifests/bad.yaml", content);
    validate(&project).exits(1).says(&["manifests/bad.yaml"]).says(words);
}

#[track_caller]
fn accepted(content: impl AsRef<[u8]>) {
    let project = Project::new("");
    project.write("manifests/odd.yaml", content);
    validate(&project).exits(0);
}

#[test]
fn a_billion_laughs() {
    let mut bomb = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for level in 1..12 {
        let inner = format!("*a{}", level - 1);
        let _ = writeln!(bomb, "a{level}: &a{level} [{}]", [inner.as_str(); 9].join(", "));
    }
    refused(bomb, &["CX002"]);
}

#[test]
fn a_bomb_of_merged_mappings_and_long_texts() {
    let mut bomb = format!("long: &long \"{}\"\n", "x".repeat(1_000_000));
    bomb.push_str("many: &many [*long, *long, *long, *long, *long, *long, *long, *long, *long, *long]\n");
    bomb.push_str("more: &more [*many, *many, *many, *many, *many, *many, *many, *many, *many, *many]\n");
    bomb.push_str("most: [*more, *more, *more, *more, *more, *more, *more, *more, *more, *more]\n");
    refused(bomb, &["CX0"]);
}

#[test]
fn an_anchor_that_holds_itself() {
    refused("a: &a [*a]\n", &["CX001"]);
}

#[test]
fn a_huge_file() {
    let project = Project::new(TREE);
    let path = project.write("manifests/bad.yaml", "");
    // Sparse: it takes no room on the disk.
    std::fs::File::options().write(true).open(path).unwrap().set_len(100 << 20).unwrap();
    validate(&project).exits(1).says(&["manifests/bad.yaml", "CX002", "64 MiB"]);
}

#[test]
fn a_huge_project_file() {
    let project = Project::new(TREE);
    let path = project.write("cxform.yaml", "");
    std::fs::File::options().write(true).open(path).unwrap().set_len(100 << 20).unwrap();
    validate(&project).exits(1).says(&["cxform.yaml", "CX002"]);
}

#[test]
fn deep_nesting() {
    refused("[".repeat(5_000), &["CX00"]);
    refused(format!("a: {}{}", "{ a: ".repeat(5_000), "}".repeat(5_000)), &["CX00"]);
    let block: String = (0..5_000).map(|depth| format!("{:depth$}a:\n", "")).collect();
    refused(block, &["CX00"]);
    let listed = format!("{}x", "- ".repeat(5_000));
    refused(listed, &["CX00"]);
}

#[test]
fn a_tree_that_is_deeper_than_anybody_s() {
    let mut tree = String::from("apiVersion: cxform/v1\nkind: DispositionTree\nmetadata: { name: deep }\nspec:\n");
    for depth in 0..2_000 {
        let indent = 2 + depth * 4;
        let key = if depth == 0 { "outcomes" } else { "children" };
        let _ = writeln!(tree, "{:indent$}{key}:\n{:indent$}  - code: D{depth}", "", "");
    }
    refused(tree, &["CX002"]);
}

#[test]
fn bytes_that_are_no_text() {
    refused(b"apiVersion: cxform/v1\nkind: \xff\xfe\n", &["CX003"]);
    refused(b"\xff\xfea\0p\0i\0", &["CX003"]);
    refused(b"a: \"\0\"\n", &["CX001"]);
    refused(b"\0\0\0\0", &["CX001"]);
    refused(b"\x7fELF\x02\x01\x01\0\0\0", &["CX00"]);
    refused("a: \u{7}bell\n", &["CX00"]);
}

#[test]
fn tabs_and_torn_syntax() {
    refused("apiVersion: cxform/v1\n\tkind: Campaign\n", &["CX001", "bad.yaml:2"]);
    refused("a: [1, 2\n", &["CX001"]);
    refused("a: \"never closed\n", &["CX001"]);
    refused("a: !!python/object:os.system x\n", &["CX001"]);
    refused("? [complex, key]\n: x\n", &["CX001"]);
    refused("a: *nowhere\n", &["CX001"]);
    refused("%YAML 3.0\n---\n", &["CX0"]);
}

#[test]
fn one_endless_line() {
    refused(format!("a: {}\n", "x".repeat(2_000_000)), &["CX005"]);
    refused(format!("{}: a\n", "x".repeat(2_000_000)), &["CX0"]);
    refused("a: 1\n".repeat(50_000), &["CX004"]);
}

#[test]
fn what_only_looks_odd_is_read() {
    accepted(format!("\u{feff}{TREE}"));
    accepted(TREE.replace('\n', "\r\n"));
    accepted("");
    accepted("\n\n# nothing but a remark\n");
    accepted("---\n---\n...\n");
    accepted(format!("# tab in a remark:\t\n{TREE}"));
    accepted(TREE.trim_end());
}

#[test]
fn two_documents_of_one_name() {
    let project = Project::new(TREE);
    project.write("manifests/bad.yaml", TREE.replace("code: A", "code: B"));
    validate(&project).exits(1).says(&["CX011", "manifests/all.yaml", "manifests/bad.yaml"]);
}

#[test]
fn links_that_lead_back_or_away() {
    let project = Project::new(TREE);
    symlink(project.path().join("manifests"), project.path().join("manifests/loop")).unwrap();
    validate(&project).exits(1).says(&["CX019", "manifests/loop"]);

    let (project, elsewhere) = (Project::new(TREE), Project::new(TREE));
    symlink(elsewhere.path().join("manifests/all.yaml"), project.path().join("manifests/away.yaml")).unwrap();
    symlink("/etc", project.path().join("manifests/etc")).unwrap();
    symlink("nowhere.yaml", project.path().join("manifests/dangling.yaml")).unwrap();
    validate(&project).exits(1).says(&["CX019", "manifests/away.yaml", "manifests/etc", "manifests/dangling.yaml"]);

    let project = Project::new(TREE);
    std::fs::create_dir(project.path().join("shared")).unwrap();
    project.write("shared/more.yaml", TREE.replace("name: t", "name: u").replace("code: A", "code: B"));
    symlink("../shared", project.path().join("manifests/inside")).unwrap();
    validate(&project).exits(0).says(&["2 objects"]);
}

#[test]
fn what_is_no_file() {
    for (name, target) in [("endless", "/dev/zero"), ("null", "/dev/null")] {
        let project = Project::new(TREE);
        symlink(target, project.path().join(format!("manifests/{name}.yaml"))).unwrap();
        validate(&project).exits(1).says(&["CX019", name]);
    }
    let project = Project::new(TREE);
    let pipe = project.path().join("manifests/pipe.yaml");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    // Reading it would wait for a writer that never comes.
    validate(&project).exits(1).says(&["CX019", "manifests/pipe.yaml"]);
    let project = Project::new(TREE);
    std::fs::create_dir(project.path().join("manifests/folder.yaml")).unwrap();
    validate(&project).exits(0);
}

#[test]
fn a_file_that_may_not_be_read() {
    let project = Project::new(TREE);
    let path = project.write("manifests/bad.yaml", TREE);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(&path).is_ok() {
        return; // whoever runs this may read anything
    }
    validate(&project).exits(1).says(&["CX019", "manifests/bad.yaml"]);
}

#[test]
fn names_that_would_steer_a_terminal() {
    let project = Project::new(TREE);
    project.write("manifests/\u{1b}[2J.yaml", "a: [");
    project.write("manifests/evil.yaml", "\"\\e[31mkind\": x\n");
    let ended = validate(&project).exits(1);
    assert!(!ended.stdout.contains('\u{1b}') && !ended.stderr.contains('\u{1b}'), "{ended}");
}

#[test]
fn a_manifests_folder_that_is_not_there() {
    let project = Project::empty();
    project.write("cxform.yaml", crate::project::PROJECT);
    validate(&project).exits(1).says(&["cxform.yaml", "manifests"]);
    project.write("cxform.yaml", crate::project::PROJECT.replace("spec:", "spec:\n  manifests: [../elsewhere, /etc]"));
    validate(&project).exits(1).says(&["CX019"]);
}
