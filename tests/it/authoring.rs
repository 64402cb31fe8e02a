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
