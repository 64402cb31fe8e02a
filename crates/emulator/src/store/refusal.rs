//! Why a tenant does not do what it is asked, in the words of its error bodies.

use super::Kind;
use crate::schema::FieldError;

/// A refusal with the status that the contract gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) errors: Vec<FieldError>,
    /// The scope that is missing, where that is the reason.
    pub(crate) scope: Option<&'static str>,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), errors: Vec::new(), scope: None, headers: Vec::new() }
    }

    pub(crate) fn missing(kind: Kind, id: &str) -> Self {
        let what = match kind {
            Kind::Outcomes => "outcome",
            Kind::Callcodes => "call code",
            Kind::Campaigns => "campaign",
            Kind::Groups => "campaign group",
            Kind::Assignments => "assignment",
            Kind::Webhooks => "webhook",
        };
        Self::new(404, "not_found", format!("no {what} `{id}`"))
    }

    pub(crate) fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(409, code, message)
    }

    /// Field errors as 422.
    pub(crate) fn fields(errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::new(422, "validation_failed", "the body has invalid fields") }
    }

    /// One field error as 422.
    pub(crate) fn field(field: &str, message: impl Into<String>) -> Self {
        Self::fields(vec![FieldError { field: field.to_owned(), message: message.into() }])
    }

    /// The same refusal under another status and code.
    pub(crate) fn under(mut self, status: u16, code: &'static str) -> Self {
        self.status = status;
        self.code = code;
        self
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
