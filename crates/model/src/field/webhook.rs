//! The fields of a webhook subscription \[004\]\[A\].

use super::{Document, FieldPolicy, Ownership, Shape};

pub(super) const TABLE: &[FieldPolicy] = &[
    field("name", Shape::Text, "Unique name; the identity [A].").owned_as(Ownership::Identity),
    field("url", Shape::Text, "Where the tenant posts events: `https`, without credentials [A].").required().critical(),
    field("events", Shape::Set(&Shape::Word), "The events that it posts, in the tenant's words; at least one [A].")
        .required(),
    field("isActive", Shape::Bool, "`false` retires the subscription; a listed one is active unless it says so [A]."),
];

const fn field(path: &'static str, shape: Shape, about: &'static str) -> FieldPolicy {
    FieldPolicy::new(path, shape, Document::Webhook, about).major()
}
