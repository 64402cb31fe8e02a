//! From YAML to the desired inventory, or every problem with its place.
//!
//! Owns the manifest language: files, documents, variables, overlays, environments, and what editors know of them.
//! It never talks to a tenant, never reads the process environment, and never prints: it takes a lookup, and returns values.

mod catalogue;
mod diagnostic;
mod findings;
mod limits;
mod load;
mod overlay;
mod place;
mod project;
mod read;
mod render;
mod report;
pub mod schema;
mod sources;
mod suggest;
mod variables;
mod yaml;

pub use catalogue::catalogue;
pub use diagnostic::{Diagnostic, Diagnostics, Label};
pub use findings::Objection;
pub use load::{Loaded, Statistics, Validated};
pub use place::Place;
pub use project::{
    Auth, Emulator, Environment, Lookup, NOTIFICATION_EVENTS, Notification, PROJECT_FILE, Project, Receiver, Recording,
    RecordingError, Remote, ResolveError, Resolved, ResolvedAuth, ResolvedTenant, SNOOZE_FILE, Serving, ServingKeys,
    Snooze, Template, Tenant, TokenStyle, UnknownEnvironment, Waiver, Waivers,
};
pub use render::HumanStyle;
pub use report::{FORMAT_VERSION, PlaceV1, ProblemV1, RelatedV1, ReportV1, SummaryV1};

#[cfg(test)]
mod tests;
