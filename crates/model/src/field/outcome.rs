//! The fields of an outcome \[000\].

use super::{Document, FieldPolicy, Ownership, Shape, Tighter};

pub(super) const TABLE: &[FieldPolicy] = &[
    FieldPolicy::new(
        "code",
        Shape::Text,
        Document::Outcome,
        "The code: unique in the tenant, case-sensitive; the identity [A].",
    )
    .owned_as(Ownership::Identity)
    .major(),
    FieldPolicy::new("name", Shape::Text, Document::Outcome, "What agents and reports call it [000].").required(),
    FieldPolicy::new("description", Shape::Text, Document::Outcome, "Free text [000]."),
    FieldPolicy::new(
        "status",
        Shape::Choice(&["ACTIVE", "INACTIVE"]),
        Document::Outcome,
        "`ACTIVE` (what a listed code is unless it says otherwise) or `INACTIVE`: retired, history kept [000].",
    )
    .major(),
    rules("validationRules.requiredFields", Shape::Set(&Shape::Text), "Contact fields that the agent must fill [000].")
        .tighter(Tighter::More)
        .critical(),
    rules(
        "validationRules.retentionPeriodDays",
        Shape::Integer { min: 1, max: i64::MAX },
        "Days that records with this outcome are kept, at least 1 [000].",
    )
    .or("365")
    .tighter(Tighter::Higher)
    .critical(),
    rules("validationRules.complianceCategory", Shape::Text, "Category of the compliance dashboard [000].")
        .or("\"INTERNAL\"")
        .tighter(Tighter::Given)
        .critical(),
    rules(
        "validationRules.blockDisqualification",
        Shape::Bool,
        "Keeps agents from marking the contact as uncallable [000].",
    )
    .tighter(Tighter::Neither)
    .critical(),
    rules(
        "validationRules.mandatoryReasonCode",
        Shape::Text,
        "Reason code that must accompany the outcome; null for none [000].",
    )
    .tighter(Tighter::Given)
    .critical(),
    desktop("uiConfig.visible", Shape::Bool, "Whether agents see it [000].").or("true").major(),
    desktop("uiConfig.group", Shape::Text, "Group on the agent's desktop [000].").or("\"STANDARD\""),
    desktop("uiConfig.colorCode", Shape::Colour, "`#RRGGBB` of the badge [000].").or("\"#4A90E2\""),
    desktop("uiConfig.icon", Shape::Text, "Name of the icon [000].").or("\"default\""),
    desktop(
        "uiConfig.shortcutKey",
        Shape::Text,
        "Key that selects it, unique among the visible outcomes of one group; null for none [000][A].",
    ),
];

const fn rules(path: &'static str, shape: Shape, about: &'static str) -> FieldPolicy {
    FieldPolicy::new(path, shape, Document::Outcome, about).after_create().inherited().critical()
}

const fn desktop(path: &'static str, shape: Shape, about: &'static str) -> FieldPolicy {
    FieldPolicy::new(path, shape, Document::Desktop, about).after_create().inherited()
}
