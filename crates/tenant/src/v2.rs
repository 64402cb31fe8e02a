//! The dialect `v2` of the remote API: every path, header and JSON name of it lives in here, and nothing is sent from here.

mod decode;
mod figures;
mod line;
mod page;
mod paths;
mod refusal;
mod token;
mod write;

pub(crate) use decode::{Malformed, assignment, created_id, group, history_record, object, representation, version};
pub(crate) use figures::{figures, interval, summary};
pub(crate) use page::{Next, Page, page};
pub(crate) use paths::{Paths, next_cursor, next_page, next_url};
pub(crate) use refusal::{Facts, conflict_kind, is_credentials, refusal};
pub(crate) use token::{grant, token_request};
pub(crate) use write::{NewAssignment, Writes};

/// The path of campaigns where the environment names none.
pub(crate) const DEFAULT_CAMPAIGNS_PATH: &str = "/api/v2/campaigns";
