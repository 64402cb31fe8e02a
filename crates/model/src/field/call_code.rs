//! The fields of a call code \[001\].

use super::{Document, FieldPolicy, Ownership, Shape};

pub(super) const TABLE: &[FieldPolicy] = &[
    FieldPolicy::new("code", Shape::Text, Document::CallCode, "`^[A-Z0-9_]{2,16}$`, unique under its parent [001].")
        .owned_as(Ownership::Identity)
        .major(),
    FieldPolicy::new("name", Shape::Text, Document::CallCode, "What reports call it [001].").required(),
    FieldPolicy::new(
        "type",
        Shape::Choice(&["SUCCESS", "FAILURE", "NEUTRAL"]),
        Document::CallCode,
        "How the dialer counts a call that ends so [001].",
    )
    .required()
    .inherited()
    .major(),
    FieldPolicy::new(
        "category",
        Shape::Text,
        Document::CallCode,
        "Groups codes in reports; set once for a whole set [001].",
    )
    .required()
    .major(),
    FieldPolicy::new(
        "isActive",
        Shape::Bool,
        Document::CallCode,
        "`false` retires the code; a listed code is active unless it says so [001].",
    )
    .major(),
];
