//! The kinds of manifests as schemas.

use cxform_model::Kind;
use serde_json::{Map, Value, json};

use super::{described, object, properties, shape};
use crate::read::{API_VERSION, APPLY_POLICIES, Branch, Slot, branches, campaign_keys, group, webhook_keys};

/// A document of a kind.
pub(super) fn document(kind: &str, metadata: Value, spec: Value) -> Value {
    let known = properties([
        ("apiVersion", json!({ "const": API_VERSION })),
        ("kind", json!({ "const": kind })),
        ("metadata", metadata),
        ("spec", spec),
    ]);
    object(known, &["apiVersion", "kind", "metadata", "spec"])
}

/// A name or a code.
pub(super) fn name(about: &str) -> Value {
    json!({ "type": ["string", "number"], "pattern": r"\S", "description": about })
}

pub(super) fn names(about: &str) -> Value {
    json!({
        "anyOf": [
            { "type": "array", "items": { "type": ["string", "number"] }, "uniqueItems": true },
            { "$ref": "#/$defs/variable" }
        ],
        "description": about
    })
}

pub(super) fn boolean(about: &str) -> Value {
    json!({ "anyOf": [{ "type": "boolean" }, { "$ref": "#/$defs/variable" }], "description": about })
}

pub(super) fn metadata(previous_names: bool) -> Value {
    let mut known = properties([
        ("name", name("Unique among the documents of this kind.")),
        ("annotations", json!({ "$ref": "#/$defs/annotations" })),
    ]);
    if previous_names {
        known.insert("previousNames".to_owned(), names("What it was called before: it is renamed in place."));
    }
    object(known, &["name"])
}

/// The branches of a table as properties, those only that `keep` keeps.
fn fields(branches: &[Branch], keep: &dyn Fn(&Branch) -> bool) -> Map<String, Value> {
    let kept = branches.iter().filter(|branch| keep(branch));
    kept.map(|branch| (branch.name.to_owned(), branch_schema(branch, keep))).collect()
}

fn branch_schema(branch: &Branch, keep: &dyn Fn(&Branch) -> bool) -> Value {
    match &branch.slot {
        Slot::Field(field) => shape::field(*field),
        Slot::Group(group) => {
            let group = object(fields(group, keep), &[]);
            json!({ "anyOf": [group, { "type": "null" }], "description": "`null` clears every field of it." })
        }
    }
}

fn everything(_: &Branch) -> bool {
    true
}

/// What `defaults` may hold.
fn inherited(branch: &Branch) -> bool {
    match &branch.slot {
        Slot::Field(field) => field.policy().inherited,
        Slot::Group(group) => group.iter().any(inherited),
    }
}

pub(super) fn definitions() -> Map<String, Value> {
    properties([
        ("annotations", annotations()),
        ("outcome", outcome(false)),
        ("rootOutcome", outcome(true)),
        (
            "outcomeDefaults",
            described(object(fields(branches(Kind::Outcome), &inherited), &[]), "Inherited by every node below."),
        ),
        ("assignment", assignment()),
        ("callCode", call_code(false)),
        ("rootCallCode", call_code(true)),
    ])
}

fn annotations() -> Value {
    json!({
        "type": "object",
        "properties": {
            "cxform/protect": { "enum": ["true", "false", true, false], "description": "Refuses any retirement or completion." },
            "cxform/ignore": { "type": "string", "description": "Paths of fields to leave alone, separated by commas." }
        },
        "patternProperties": { "^(?!cxform/)": {} },
        "additionalProperties": false
    })
}

fn outcome(root: bool) -> Value {
    let mut known = fields(branches(Kind::Outcome), &everything);
    known.extend(properties([
        (
            "children",
            json!({ "type": "array", "items": { "$ref": "#/$defs/outcome" }, "description": "The outcomes below." }),
        ),
        ("defaults", json!({ "$ref": "#/$defs/outcomeDefaults" })),
        ("previousCode", name("Its code before: it is renamed in place.")),
        ("annotations", json!({ "$ref": "#/$defs/annotations" })),
    ]));
    if root {
        known.insert("parent".to_owned(), name("The code that it hangs below, if that is not listed here."));
    }
    object(known, &["code"])
}

fn assignment() -> Value {
    let default = json!({ "type": ["string", "number", "null"], "description": "The outcome that the desktop selects; `null`: none. Left out: untouched." });
    object(
        properties([
            ("campaigns", names("Campaigns by name, managed here or only living on the tenant.")),
            (
                "campaignGroups",
                names("Campaign groups by id or name: every campaign that is in them when the plan is made."),
            ),
            ("outcomes", names("Codes in desktop order. Left out: all active leaves of this tree, in document order.")),
            ("default", default),
            ("exclusive", boolean("`true`: any other outcome is taken off these desktops.")),
            ("unassigned", names("Codes to take off.")),
        ]),
        &[],
    )
}

fn call_code(root: bool) -> Value {
    let mut known = fields(branches(Kind::CallCode), &|branch| branch.name != "category");
    known.extend(properties([
        (
            "children",
            json!({ "type": "array", "items": { "$ref": "#/$defs/callCode" }, "description": "The codes below." }),
        ),
        ("previousCode", name("Its path before, such as `DNC/DNC_STATE`: it is renamed or moved in place.")),
        ("annotations", json!({ "$ref": "#/$defs/annotations" })),
    ]));
    if root {
        known.insert("parent".to_owned(), name("The path of codes that it hangs below, if that is not listed here."));
    }
    object(known, &["code"])
}

fn authority(all: &str, about: &str) -> Value {
    json!({ "enum": ["listed", all], "default": "listed", "description": about })
}

pub(super) fn disposition_tree() -> Value {
    let spec = properties([
        (
            "authority",
            authority(
                "subtree",
                "`subtree`: whatever hangs below our roots is ours, and what is not listed is retired.",
            ),
        ),
        ("defaults", json!({ "$ref": "#/$defs/outcomeDefaults" })),
        (
            "outcomes",
            json!({ "type": "array", "items": { "$ref": "#/$defs/rootOutcome" }, "description": "The tree." }),
        ),
        (
            "assignments",
            json!({ "type": "array", "items": { "$ref": "#/$defs/assignment" }, "description": "Which outcomes stand on which desktops." }),
        ),
    ]);
    document("DispositionTree", metadata(false), object(spec, &[]))
}

pub(super) fn call_code_set() -> Value {
    let defaults = object(fields(branches(Kind::CallCode), &inherited), &[]);
    let spec = properties([
        (
            "authority",
            authority(
                "category",
                "`category`: every code of this category is ours, and what is not listed is retired.",
            ),
        ),
        ("category", name("The category of every code of the set.")),
        ("defaults", described(defaults, "Inherited by every code below.")),
        ("codes", json!({ "type": "array", "items": { "$ref": "#/$defs/rootCallCode" }, "description": "The tree." })),
    ]);
    document("CallCodeSet", metadata(false), object(spec, &[]))
}

fn apply_policy() -> Value {
    json!({
        "anyOf": [{ "enum": APPLY_POLICIES }, { "$ref": "#/$defs/variable" }],
        "default": "live",
        "description": "`pause`: while fields change that need it, a campaign that dials stands still, and dials again once they are as asked for. `live`: it dials on."
    })
}

pub(super) fn campaign() -> Value {
    let mut spec = known(Kind::Campaign, &campaign_keys());
    spec.insert("applyPolicy".to_owned(), apply_policy());
    document("Campaign", metadata(true), object(spec, &[]))
}

pub(super) fn webhook_subscription() -> Value {
    document("WebhookSubscription", metadata(true), object(known(Kind::Webhook, &webhook_keys()), &[]))
}

fn known(kind: Kind, keys: &[&str]) -> Map<String, Value> {
    let known = branches(kind).iter().filter(|branch| keys.contains(&branch.name));
    known.map(|branch| (branch.name.to_owned(), branch_schema(branch, &everything))).collect()
}

pub(super) fn selection_rules() -> Value {
    let mut spec = fields(group(Kind::Campaign, "contactSelection"), &everything);
    spec.insert("campaigns".to_owned(), names("Campaigns by name, managed here or only living on the tenant."));
    document("SelectionRules", metadata(false), object(spec, &[]))
}
