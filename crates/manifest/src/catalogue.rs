//! The rules of reading, below `CX030`. From `CX030` on they are those of the domain, in `cxform-rules`.

use cxform_rules::{Rule, Severity};

/// Declares the rules and the catalogue in one place, so that no rule can be missing from it.
macro_rules! rules {
    ($($constant:ident $id:literal $name:literal $severity:ident $about:literal;)*) => {
        $(pub(crate) static $constant: Rule =
            Rule { id: $id, name: $name, severity: Severity::$severity, about: $about, origin: "reading" };)*

        /// Every rule of reading, by id.
        #[must_use]
        pub fn catalogue() -> &'static [&'static Rule] {
            static ALL: &[&Rule] = &[$(&$constant),*];
            ALL
        }
    };
}

rules! {
    SYNTAX "CX001" "yaml-syntax" Error
        "A file is YAML 1.2. What the parser cannot read is refused, and so are tags of other programs and keys that are no scalars.";
    LIMIT "CX002" "too-large" Error
        "A file has at most 64 MiB, a project at most 256 MiB in 100,000 files and 16 million nodes (one that an alias copies counts eight times), and nesting ends at 128 levels, so that no input exhausts the machine.";
    ENCODING "CX003" "not-utf-8" Error
        "Files are UTF-8, with or without a byte order mark.";
    DUPLICATE_KEY "CX004" "duplicate-key" Error
        "A mapping has each key once. Readers of YAML disagree on which of two wins, so neither does.";
    UNKNOWN_KEY "CX005" "unknown-key" Error
        "Only keys that cxform knows are accepted: a misspelt key would otherwise be a setting that silently does nothing.";
    WRONG_TYPE "CX006" "wrong-type" Error
        "A value has the type of its field. YAML 1.2 decides what a plain scalar is: `yes`, `no`, `on` and `off` are text.";
    MISSING_KEY "CX007" "missing-key" Error
        "A key without which the document means nothing is present: `apiVersion`, `kind`, `metadata.name`, the `code` of a node, the members of a list entry.";
    UNKNOWN_WORD "CX008" "unknown-word" Error
        "A value of a closed vocabulary is one of its words; case does not matter where the API ignores it.";
    AMBIGUOUS "CX009" "ambiguous-scalar" Error
        "A plain scalar that readers of YAML understand differently (`012`, `1_000`, `0b11`, numbers beyond 64 bits) is quoted, or written as a plain decimal number.";
    DOCUMENT "CX010" "unknown-document" Error
        "Every document is a mapping with `apiVersion: cxform/v1` and a known `kind`; the project itself stands in `cxform.yaml` alone.";
    DUPLICATE_NAME "CX011" "duplicate-name" Error
        "`metadata.name` is unique per kind, in the project and in each overlay folder.";
    DUPLICATE_OBJECT "CX012" "two-owners" Error
        "An outcome, a call code, the selection rules and the tuning of a campaign and a category have one owner, and a list names nothing twice.";
    REFERENCE "CX013" "reference-to-nothing" Error
        "An outcome that a desktop shows or selects is declared somewhere in the project.";
    CYCLE "CX014" "parent-cycle" Error
        "No outcome is its own ancestor.";
    PREVIOUS "CX015" "previous-name" Error
        "An old name belongs to one object, and is not the name of an object that is still listed.";
    VARIABLE "CX016" "variable" Error
        "`${var.NAME}` names a variable of the environment, and its value fits where it is used; `$${` writes a literal `${`.";
    ENV_VARIABLE "CX017" "env-variable" Error
        "`${env.NAME}` stands in `cxform.yaml` alone, so that manifests read the same on every machine.";
    OVERLAY "CX018" "overlay" Error
        "An overlay document changes a document of the base, of the same kind and name.";
    PATH "CX019" "path" Error
        "What a project names lies in its folder and is a readable file or folder; symbolic links neither leave it nor lead back.";
    WAIVER "CX020" "waiver" Error
        "A lowered rule exists and is one of the domain, its address is well-formed, and it gives a reason and an expiry date.";
    EXPIRED "CX021" "expired-waiver" Warning
        "A lowered rule is in force until its expiry date; after it, it has no effect.";
    ANNOTATION "CX022" "annotation" Error
        "Annotations of cxform are `cxform/protect` and `cxform/ignore`, with values that it understands.";
    ENVELOPE "CX023" "envelope" Error
        "An envelope stands on a number, its bounds are in order, and its initial value is within them.";
    SECRET "CX024" "secret-in-file" Error
        "A client secret comes from `${env.NAME}` and never stands in a file that is kept in git.";
    PROJECT "CX025" "project-setting" Error
        "A setting of `cxform.yaml` is usable: names fit into paths, base URLs are `https` (or loopback), rates are rates.";
    NOT_CLEARABLE "CX026" "not-clearable" Error
        "`null` clears only what can be empty: not a name, a type, a code or a run state.";
    NAME "CX027" "unusable-name" Error
        "A name or code is not empty and has no white space at its ends, since the tenant trims it.";
    TUNING "CX028" "tuning-policy" Error
        "What a tuning policy says can be carried out: bounds are values that the field may have, thresholds are shares in order, times and limits are within reach, and the abandon limit is at most 3 %.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_consecutive_and_names_unique() {
        let mut names = std::collections::BTreeSet::new();
        for (at, rule) in catalogue().iter().enumerate() {
            assert_eq!(rule.id, format!("CX{:03}", at + 1));
            assert!(names.insert(rule.name), "{}", rule.name);
        }
    }
}
