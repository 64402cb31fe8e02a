//! Files on disk.

use std::fs;
use std::path::Path;

use super::*;

fn write(root: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "cxform.yaml", PROJECT);
    write(folder.path(), "manifests/a.yaml", campaign("type: preview"));
    folder
}

#[track_caller]
fn problems(root: &Path) -> Vec<String> {
    let (project, diagnostics) = Project::open(root);
    let project = project.unwrap_or_else(|| panic!("{}", human(&diagnostics)));
    lines(&project.validate_all(&Context::default()).diagnostics)
}

#[test]
fn manifests_are_found_below_their_folder_and_hidden_files_are_not() {
    let folder = folder();
    write(folder.path(), "manifests/deep/er/b.yml", campaign("type: preview").replace("name: c", "name: d"));
    write(folder.path(), "manifests/.hidden.yaml", "a: [");
    write(folder.path(), "manifests/.git/x.yaml", "a: [");
    write(folder.path(), "manifests/readme.md", "a: [");
    write(folder.path(), "elsewhere/x.yaml", "a: [");
    let (project, _) = Project::open(folder.path());
    let validated = project.unwrap().validate_all(&Context::default());
    assert!(!validated.diagnostics.has_errors(), "{}", human(&validated.diagnostics));
    assert_eq!((validated.statistics.files, validated.statistics.objects), (2, 2));
}

#[test]
fn a_bare_folder_is_read_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.yaml", campaign("type: preview"));
    write(folder.path(), "sub/b.yaml", tree("outcomes: [{ code: A }]"));
    assert!(!Project::is_project(folder.path()));
    let (project, _) = Project::bare(folder.path());
    let validated = project.unwrap().validate_all(&Context::default());
    assert_eq!(validated.statistics.objects, 2);
    let (missing, diagnostics) = Project::open(folder.path());
    assert!(missing.is_none());
    assert_eq!(lines(&diagnostics), ["cxform.yaml:1:1 CX019 `cxform.yaml` cannot be read: it does not exist"]);
}

#[test]
fn a_folder_that_is_not_there_is_told_where_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "cxform.yaml", PROJECT.replace("spec:\n", "spec:\n  manifests: [gone]\n"));
    assert_eq!(problems(folder.path()), ["cxform.yaml:5:15 CX019 `gone` cannot be opened: it does not exist"]);
}

#[test]
fn bytes_that_are_no_text_are_told_at_their_place() {
    let folder = folder();
    write(folder.path(), "manifests/b.yaml", b"a: 1\nb: caf\xe9\n");
    write(folder.path(), "manifests/c.yaml", b"\xff\xfea\0");
    write(folder.path(), "manifests/d.yaml", b"a: \0");
    assert_eq!(
        problems(folder.path()),
        [
            "manifests/b.yaml:2:7 CX003 byte `0xE9` is no UTF-8",
            "manifests/c.yaml:1:1 CX003 byte `0xFF` is no UTF-8",
            "manifests/d.yaml:1:4 CX001 a zero byte",
        ]
    );
}

#[test]
fn a_byte_order_mark_and_dos_line_ends_change_nothing() {
    let text = campaign("type: preview\ntargetListId: x\ndialerSetings: {}").replace('\n', "\r\n");
    let loaded = load(&format!("\u{feff}{text}"));
    assert_eq!(
        lines(&loaded.diagnostics),
        ["manifests/a.yaml:7:3 CX005 unknown key `dialerSetings` in `spec` of a Campaign"]
    );
    assert!(!human(&loaded.diagnostics).contains('\r'));
}

#[test]
fn a_file_beyond_the_limit_is_refused_before_it_is_read() {
    let folder = folder();
    let file = fs::File::create(folder.path().join("manifests/huge.yaml")).unwrap();
    file.set_len(100 << 20).unwrap();
    assert_eq!(problems(folder.path()), ["manifests/huge.yaml:1:1 CX002 `manifests/huge.yaml` is larger than 64 MiB"]);
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_that_leave_the_project_are_refused() {
        let outside = tempfile::tempdir().unwrap();
        write(outside.path(), "x.yaml", "a: [");
        let folder = folder();
        symlink(outside.path(), folder.path().join("manifests/out")).unwrap();
        symlink(outside.path().join("x.yaml"), folder.path().join("manifests/x.yaml")).unwrap();
        symlink("/dev/zero", folder.path().join("manifests/zero.yaml")).unwrap();
        symlink("nowhere.yaml", folder.path().join("manifests/broken.yaml")).unwrap();
        let found = problems(folder.path());
        assert_eq!(found.len(), 4, "{found:#?}");
        assert!(found.iter().all(|line| line.contains("CX019")), "{found:#?}");
    }

    #[test]
    fn a_circle_of_links_is_told_and_ends() {
        let folder = folder();
        fs::create_dir(folder.path().join("manifests/sub")).unwrap();
        symlink("..", folder.path().join("manifests/sub/up")).unwrap();
        symlink("a.yaml", folder.path().join("manifests/b.yaml")).unwrap();
        assert_eq!(
            problems(folder.path()),
            [
                "manifests/b.yaml:1:1 CX019 `manifests/b.yaml` is the same file as `manifests/a.yaml`",
                "manifests/sub/up:1:1 CX019 `manifests/sub/up` is a symbolic link that leads back to `manifests`",
            ]
        );
    }

    #[test]
    fn a_folder_that_is_named_under_two_names_is_told() {
        let folder = folder();
        symlink("manifests", folder.path().join("again")).unwrap();
        write(folder.path(), "cxform.yaml", PROJECT.replace("spec:\n", "spec:\n  manifests: [manifests, again]\n"));
        assert_eq!(problems(folder.path()), ["cxform.yaml:5:26 CX019 `again` is the same folder as `manifests`"]);
    }

    #[test]
    fn a_link_within_the_project_is_followed() {
        let folder = folder();
        write(folder.path(), "shared/s.yaml", tree("outcomes: [{ code: A }]"));
        symlink("../shared", folder.path().join("manifests/shared")).unwrap();
        assert!(problems(folder.path()).is_empty());
    }

    #[test]
    fn names_that_cannot_be_shown_are_refused() {
        use std::os::unix::ffi::OsStrExt as _;
        let folder = folder();
        let name = std::ffi::OsStr::from_bytes(b"caf\xe9.yaml");
        if fs::write(folder.path().join("manifests").join(name), "").is_ok() {
            let found = problems(folder.path());
            assert!(found.len() == 1 && found[0].contains("no printable UTF-8"), "{found:?}");
        }
    }
}
