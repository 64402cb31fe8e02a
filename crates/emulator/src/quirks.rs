//! Ways in which a foreign tenant may differ from the documents and that a client must survive.

use crate::{error::EmulatorError, paging::Style};

/// The listings whose paging style can be chosen.
pub(crate) const LISTINGS: [&str; 6] =
    ["outcomes", "callcodes", "campaigns", "campaign-groups", "assignments", "webhooks"];

/// The switched-on quirks of a tenant; see `docs/emulator.md`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quirks {
    pub(crate) upper_case_enums: bool,
    pub(crate) short_pages: bool,
    pub(crate) extra_fields: bool,
    pub(crate) no_content: bool,
    pub(crate) ignore_idempotency: bool,
    pub(crate) no_total: bool,
    pub(crate) no_etag: bool,
    pub(crate) versions_count_assignments: bool,
    pub(crate) trim_text: bool,
    pub(crate) no_retry_after: bool,
    pub(crate) retry_after_date: bool,
    pub(crate) late_listing: bool,
    styles: Vec<(Style, Vec<String>)>,
}

impl Quirks {
    /// Reads quirk flags such as `short-pages` or `cursor=campaigns+webhooks`; a paging style without listings holds for all.
    ///
    /// # Errors
    /// When a quirk or a listing is unknown.
    pub fn parse<'a>(flags: impl IntoIterator<Item = &'a str>) -> Result<Self, EmulatorError> {
        let mut quirks = Self::default();
        for flag in flags {
            quirks.switch_on(flag.trim())?;
        }
        Ok(quirks)
    }

    fn switch_on(&mut self, flag: &str) -> Result<(), EmulatorError> {
        let (name, listings) = match flag.split_once('=') {
            Some((name, listings)) => (name, Some(listings)),
            None => (flag, None),
        };
        if let Some(style) = Style::named(name) {
            let listings: Vec<String> =
                listings.map_or_else(|| LISTINGS.join("+"), str::to_owned).split('+').map(str::to_owned).collect();
            if let Some(unknown) = listings.iter().find(|listing| !LISTINGS.contains(&listing.as_str())) {
                return Err(refused(format!("unknown listing `{unknown}`; there are {}", LISTINGS.join(", "))));
            }
            self.styles.push((style, listings));
            return Ok(());
        }
        if listings.is_some() {
            return Err(refused(format!("`{name}` takes no value")));
        }
        let switch = match name {
            "upper-case-enums" => &mut self.upper_case_enums,
            "short-pages" => &mut self.short_pages,
            "extra-fields" => &mut self.extra_fields,
            "no-content" => &mut self.no_content,
            "ignore-idempotency" => &mut self.ignore_idempotency,
            "no-total" => &mut self.no_total,
            "no-etag" => &mut self.no_etag,
            "versions-count-assignments" => &mut self.versions_count_assignments,
            "trim-text" => &mut self.trim_text,
            "no-retry-after" => &mut self.no_retry_after,
            "retry-after-date" => &mut self.retry_after_date,
            "late-listing" => &mut self.late_listing,
            other => return Err(refused(format!("unknown quirk `{other}`"))),
        };
        *switch = true;
        Ok(())
    }

    /// The style of a listing: the last flag that names it, else plain pages.
    pub(crate) fn style(&self, listing: &str) -> Style {
        let chosen = self.styles.iter().rev().find(|(_, listings)| listings.iter().any(|name| name == listing));
        // Both truthy forms of a next mark are documented, so both are served.
        chosen.map_or(if listing == "outcomes" { Style::Flag } else { Style::Number }, |(style, _)| *style)
    }

    /// Whether answers differ from the stored text at all.
    pub(crate) fn dresses(&self) -> bool {
        self.upper_case_enums || self.extra_fields
    }
}

fn refused(message: String) -> EmulatorError {
    EmulatorError::Option { option: "quirk", message }
}
