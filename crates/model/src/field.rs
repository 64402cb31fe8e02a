//! Field policies: one table per kind that says, for every field, how it is written, compared and documented.
//!
//! Reading manifests, JSON Schemas, diffs, checks of ranges and wire bodies all follow these tables;
//! adding a field to the product is adding a row.

mod call_code;
mod campaign;
mod outcome;
mod webhook;

use std::fmt;

use crate::Kind;

/// The shape of a field's value: what may be written, and when two values are the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// Free text, compared after trimming white space at both ends.
    Text,
    /// `true` or `false`.
    Bool,
    /// A whole number within bounds, both included.
    Integer {
        /// The least valid value.
        min: i64,
        /// The greatest valid value.
        max: i64,
    },
    /// A number within bounds, both included.
    Number {
        /// The least valid value.
        min: f64,
        /// The greatest valid value.
        max: f64,
    },
    /// One of these words, compared without regard to case and sent as spelt here.
    Choice(&'static [&'static str]),
    /// A word of an open vocabulary, compared without regard to case.
    Word,
    /// `#RRGGBB`, compared without regard to case.
    Colour,
    /// An RFC 3339 instant, compared as an instant.
    Instant,
    /// A wall-clock time `HH:MM`; `8:00` is `08:00`.
    WallClock,
    /// An IANA time zone name, compared exactly.
    Zone,
    /// Any scalar, or a list of scalars, compared with its type: `5` is not `"5"`.
    Scalar,
    /// A set: order and repetition do not matter.
    Set(&'static Shape),
    /// A list: order matters.
    List(&'static Shape),
    /// A record with these members.
    Record(&'static [Member]),
}

/// A member of a [`Shape::Record`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Member {
    /// Its name, as in the API.
    pub name: &'static str,
    /// The shape of its value.
    pub shape: Shape,
    /// Whether a manifest must give it.
    pub required: bool,
    /// One line for editors and the manual.
    pub about: &'static str,
}

/// Who decides a field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ownership {
    /// The manifest, when it names the field.
    Managed,
    /// The natural key: written on create and by a rename, never by a field change.
    Identity,
    /// The run state: changed by transitions only.
    RunState,
}

/// The remote document that carries a field, and so the call that writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Document {
    /// The outcome itself: its create and the full `PUT`.
    Outcome,
    /// The outcome's desktop settings, with a call of their own \[000\].
    Desktop,
    /// The call code.
    CallCode,
    /// The campaign with its dialer, compliance and selection settings.
    Campaign,
    /// The webhook subscription.
    Webhook,
}

impl Document {
    /// The document of an object itself; an outcome's desktop settings are another.
    #[must_use]
    pub const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Outcome => Self::Outcome,
            Kind::CallCode => Self::CallCode,
            Kind::Campaign | Kind::Assignment => Self::Campaign,
            Kind::Webhook => Self::Webhook,
        }
    }

    /// The kind of the objects that have it.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Outcome | Self::Desktop => Kind::Outcome,
            Self::CallCode => Kind::CallCode,
            Self::Campaign => Kind::Campaign,
            Self::Webhook => Kind::Webhook,
        }
    }
}

/// Which direction of change is stricter: fewer calls to fewer people at fewer hours, records that are kept longer.
/// What has a direction and cannot be told counts as laxer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tighter {
    /// The field has no bearing on compliance.
    Neutral,
    /// It has one, and neither way is stricter.
    Neither,
    /// `true` is stricter than `false`.
    True,
    /// A lower number is stricter.
    Lower,
    /// A higher number is stricter.
    Higher,
    /// A later instant is stricter; none is at once.
    Later,
    /// A word that stands earlier in this list is stricter, whatever its case.
    Earlier(&'static [&'static str]),
    /// Any value is stricter than none, and another value than the one that is there counts as laxer.
    Given,
    /// Fewer elements are stricter: fewer minutes, zones or lists that may be dialled.
    Fewer,
    /// More elements are stricter: more exclusions, pauses or conditions.
    More,
    /// Any change counts as loosening until a person says otherwise.
    Unchanged,
}

/// How bad it is when a field is not what git says, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Texts and looks.
    Minor,
    /// How, when and whom a campaign dials, and what agents can choose.
    Major,
    /// What the law asks for.
    Critical,
}

impl Severity {
    /// Every severity, the worst first.
    pub const ALL: [Self; 3] = [Self::Critical, Self::Major, Self::Minor];

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }
}

/// What cxform knows about one field of one kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FieldPolicy {
    /// The path in manifests, plans and bodies: `dialerSettings.callRate`.
    pub path: &'static str,
    /// What may be written.
    pub shape: Shape,
    /// Who decides the value.
    pub ownership: Ownership,
    /// The remote document that carries it.
    pub document: Document,
    /// Whether the create call takes it; what it does not take is written by an update right after.
    pub on_create: bool,
    /// Whether a create is impossible without it.
    pub required: bool,
    /// The documented default as JSON text: an absent field equals it.
    pub default: Option<&'static str>,
    /// Whether `defaults` of a tree may set it for every node below.
    pub inherited: bool,
    /// Which direction of change is stricter.
    pub tighter: Tighter,
    /// Whether a campaign that dials should stand still while it changes; else a dialer takes it up as it goes.
    pub needs_pause: bool,
    /// How bad it is when the tenant has it otherwise.
    pub severity: Severity,
    /// One line for editors and the manual, with unit and source.
    pub about: &'static str,
}

impl FieldPolicy {
    /// A managed field that create takes, with no default: the row that the tables vary.
    const fn new(path: &'static str, shape: Shape, document: Document, about: &'static str) -> Self {
        Self {
            path,
            shape,
            ownership: Ownership::Managed,
            document,
            on_create: true,
            required: false,
            default: None,
            inherited: false,
            tighter: Tighter::Neutral,
            needs_pause: false,
            severity: Severity::Minor,
            about,
        }
    }

    const fn owned_as(mut self, ownership: Ownership) -> Self {
        self.ownership = ownership;
        self
    }

    const fn after_create(mut self) -> Self {
        self.on_create = false;
        self
    }

    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    const fn inherited(mut self) -> Self {
        self.inherited = true;
        self
    }

    const fn hot_safe(mut self) -> Self {
        self.needs_pause = false;
        self
    }

    const fn major(mut self) -> Self {
        self.severity = Severity::Major;
        self
    }

    const fn critical(mut self) -> Self {
        self.severity = Severity::Critical;
        self
    }

    const fn tighter(mut self, tighter: Tighter) -> Self {
        self.tighter = tighter;
        self
    }
}

/// One row of the table of one kind. Fields order as their table does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Field {
    kind: Kind,
    row: u8,
}

impl Field {
    /// The field of `kind` at `path`.
    #[must_use]
    pub fn find(kind: Kind, path: &str) -> Option<Self> {
        let row = table(kind).iter().position(|policy| policy.path == path)?;
        Some(Self { kind, row: u8::try_from(row).ok()? })
    }

    /// Every field of `kind`, in the order of the table.
    pub fn all(kind: Kind) -> impl DoubleEndedIterator<Item = Self> {
        (0..u8::try_from(table(kind).len()).unwrap_or(u8::MAX)).map(move |row| Self { kind, row })
    }

    /// The field that bears the natural key of `kind`; assignments have none of their own.
    #[must_use]
    pub fn identity(kind: Kind) -> Option<Self> {
        Self::all(kind).find(|field| field.policy().ownership == Ownership::Identity)
    }

    /// The kind it belongs to.
    #[must_use]
    pub const fn kind(self) -> Kind {
        self.kind
    }

    /// Its row of the table.
    #[must_use]
    pub fn policy(self) -> &'static FieldPolicy {
        &table(self.kind)[usize::from(self.row)]
    }

    /// Its path: `dialerSettings.callRate`.
    #[must_use]
    pub fn path(self) -> &'static str {
        self.policy().path
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.path())
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.path())
    }
}

/// The field policies of a kind.
#[must_use]
pub const fn table(kind: Kind) -> &'static [FieldPolicy] {
    match kind {
        Kind::Outcome => outcome::TABLE,
        Kind::CallCode => call_code::TABLE,
        Kind::Campaign => campaign::TABLE,
        Kind::Assignment => ASSIGNMENT,
        Kind::Webhook => webhook::TABLE,
    }
}

/// Assignments have no document of their own in manifests; their two fields are diffed like any other.
const ASSIGNMENT: &[FieldPolicy] = &[
    FieldPolicy::new(
        "sequence",
        Shape::Integer { min: 1, max: i64::MAX },
        Document::Campaign,
        "Place on the agent's desktop, from 1 [000].",
    ),
    FieldPolicy::new(
        "defaultSelection",
        Shape::Bool,
        Document::Campaign,
        "Whether the desktop selects it when the outcome panel opens; at most one per campaign [000].",
    )
    .or("false")
    .major(),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_found_by_its_own_path() {
        for kind in Kind::ALL {
            for field in Field::all(kind) {
                assert_eq!(Field::find(kind, field.path()), Some(field));
            }
        }
    }

    #[test]
    fn every_default_is_in_canonical_form() {
        for kind in Kind::ALL {
            for policy in table(kind) {
                if let Some(default) = policy.default {
                    let value: serde_json::Value = serde_json::from_str(default).unwrap();
                    assert_eq!(crate::canonical(&policy.shape, &value), value, "{}", policy.path);
                }
            }
        }
    }
}
