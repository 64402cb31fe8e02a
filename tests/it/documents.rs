//! Generated documents are what the code says. `CXFORM_UPDATE_DOCS=1 make test` writes them anew.

use std::fmt::Write as _;
use std::path::Path;

use cxform_model::{FieldPolicy, Kind, Member, Ownership, Shape, Tighter, table};

#[track_caller]
fn assert_fresh(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(file);
    if std::env::var_os("CXFORM_UPDATE_DOCS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text,
        "docs/{file} is not what the code says: run `CXFORM_UPDATE_DOCS=1 make test` and read the diff"
    );
}

#[test]
fn the_list_of_rules_is_fresh() {
    assert_fresh(
        "rules.md",
        &cxform_rules::document(&[cxform_manifest::catalogue(), cxform_rules::catalogue(), cxform_plan::catalogue()]),
    );
}

#[test]
fn the_list_of_fields_is_fresh() {
    let mut text = String::from(
        "# Fields\n\nEvery field that cxform manages, from the tables in `crates/model/src/field`. \
         Written by `CXFORM_UPDATE_DOCS=1 make test`.\n\n\
         `[000]`..`[004]` and `[A]` name the source of a fact, see [api-contract.md](api-contract.md). Values that differ only in form \
         (case of a word or colour, `0.60`, the time zone of an instant, order of a set, empty and absent) are the same.\n\n\
         *Needs a pause*: while it changes, a campaign that dials should stand still (`applyPolicy: pause`, see \
         [manifests.md](manifests.md)); every other field is hot-safe: a dialer takes it up as it goes. *Stricter*: which way a change \
         is tightening; the other way is loosening, and so is what cannot be told (see [guardrails.md](guardrails.md)). A field \
         without it has no bearing on compliance.\n\n\
          *Drift*: how bad it is when the tenant has the field otherwise, see [drift.md](drift.md).\n",
    );
    for (kind, title) in [
        (Kind::Outcome, "Outcome (`DispositionTree`)"),
        (Kind::CallCode, "Call code (`CallCodeSet`)"),
        (Kind::Campaign, "Campaign (`Campaign`, and `contactSelection` by `SelectionRules`)"),
    ] {
        let _ = write!(text, "\n## {title}\n\n| field | value | default | drift | meaning |\n|---|---|---|---|---|\n");
        for policy in table(kind) {
            row(&mut text, policy);
        }
    }
    assert_fresh("fields.md", &text);
}

fn row(text: &mut String, policy: &FieldPolicy) {
    let mut notes = String::new();
    match policy.ownership {
        Ownership::Identity => notes.push_str(" Identity."),
        Ownership::RunState => notes.push_str(" Changed by transitions only."),
        Ownership::Managed => {}
    }
    if policy.required {
        notes.push_str(" A create needs it.");
    }
    if policy.inherited {
        notes.push_str(" May stand in `defaults`.");
    }
    if policy.needs_pause {
        notes.push_str(" Needs a pause.");
    }
    notes.push_str(&stricter(policy.tighter));
    let default = policy.default.map_or_else(String::new, |default| format!("`{default}`"));
    let FieldPolicy { path, about, .. } = policy;
    let (shape_of, severity) = (shape(&policy.shape), policy.severity.word());
    let _ = writeln!(text, "| `{path}` | {shape_of} | {default} | {severity} | {about}{notes} |");
    if let Shape::List(Shape::Record(members)) = policy.shape {
        for Member { name, shape: member, required, about } in *members {
            let needed = if *required { "" } else { " Optional." };
            let _ = writeln!(text, "| `{}[].{name}` | {} |  |  | {about}{needed} |", policy.path, shape(member));
        }
    }
}

fn stricter(tighter: Tighter) -> String {
    let way = match tighter {
        Tighter::Neutral => return String::new(),
        Tighter::Neither => return " Neither way is stricter.".to_owned(),
        Tighter::Unchanged => return " Stricter: no change at all.".to_owned(),
        Tighter::True => "`true`".to_owned(),
        Tighter::Lower => "lower".to_owned(),
        Tighter::Higher => "higher".to_owned(),
        Tighter::Later => "later".to_owned(),
        Tighter::Earlier(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" before "),
        Tighter::Given => "any value before none".to_owned(),
        Tighter::Fewer => "less".to_owned(),
        Tighter::More => "more".to_owned(),
    };
    format!(" Stricter: {way}.")
}

fn shape(shape: &Shape) -> String {
    match shape {
        Shape::Text => "text".to_owned(),
        Shape::Bool => "`true` or `false`".to_owned(),
        Shape::Integer { min, max: i64::MAX } => format!("whole number, at least {min}"),
        Shape::Integer { min, max } => format!("whole number, {min} to {max}"),
        Shape::Number { min, max } => format!("number, {min} to {max}"),
        Shape::Choice(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Shape::Word => "word, any case".to_owned(),
        Shape::Colour => "`#RRGGBB`".to_owned(),
        Shape::Instant => "RFC 3339 instant".to_owned(),
        Shape::WallClock => "`HH:MM`".to_owned(),
        Shape::Zone => "IANA time zone".to_owned(),
        Shape::Scalar => "any scalar, or a list of scalars".to_owned(),
        Shape::Set(item) => format!("set of: {}", self::shape(item)),
        Shape::List(Shape::Record(_)) => "list of records".to_owned(),
        Shape::List(item) => format!("list of: {}", self::shape(item)),
        Shape::Record(_) => "record".to_owned(),
    }
}

#[test]
fn every_test_that_the_security_page_names_is_there() {
    fn sources(folder: &Path, into: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, into);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                into.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut code = String::new();
    sources(&root.join("crates"), &mut code);
    sources(&root.join("tests/it"), &mut code);
    let page = std::fs::read_to_string(root.join("docs/security.md")).unwrap();
    let named: Vec<&str> = page.split('`').skip(1).step_by(2).filter(|word| word.matches('_').count() > 2).collect();
    assert!(named.len() > 20, "{named:?}");
    for name in named {
        assert!(code.contains(&format!("fn {name}(")), "there is no test `{name}`");
    }
}
