//! A project: its `cxform.yaml`, its files, its environments.

mod connection;
mod discover;
mod environment;
mod file;
mod file_environments;
mod file_recording;
mod file_waivers;
mod parsing;
mod recording;
mod resolve;
mod serving;
mod snooze;
mod store;
mod template;
mod waiver;

pub use environment::{Auth, Emulator, Environment, Remote, Tenant, TokenStyle};
pub use recording::{NOTIFICATION_EVENTS, Notification, Receiver, Recording, RecordingError};
pub use resolve::{ResolveError, Resolved, ResolvedAuth, ResolvedTenant};
pub use serving::{Serving, ServingKeys};
pub use snooze::{SNOOZE_FILE, Snooze};
pub use store::{Project, UnknownEnvironment};
pub use template::{Lookup, Template};
pub use waiver::{Waiver, Waivers};

pub(crate) use store::Unit;

/// The file that makes a folder a project.
pub const PROJECT_FILE: &str = "cxform.yaml";
