//! Pages of a listing in the three documented styles and their variants. Refuses to know what is listed.

use crate::{
    http::urlencoded::{self, Pairs},
    store::Refusal,
};

/// How a listing is cut into pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// `items`, `nextPage: true` or `false`.
    Flag,
    /// `items`, `nextPage` = number of the next page, absent at the end.
    Number,
    /// `items`, `nextPage` = path and query of the next page.
    RelativeUrl,
    /// `items`, `nextPage` = full URL of the next page.
    AbsoluteUrl,
    /// `entities`, `nextPage` = full URL of the next page.
    Entities,
    /// `records`, `nextCursor`.
    Cursor,
}

impl Style {
    /// The style that a quirk flag names.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "flag-next" => Self::Flag,
            "number-next" => Self::Number,
            "relative-next" => Self::RelativeUrl,
            "absolute-next" => Self::AbsoluteUrl,
            "entities" => Self::Entities,
            "cursor" => Self::Cursor,
            _ => return None,
        })
    }
}

const DEFAULT_SIZE: usize = 50;

/// One page that is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    style: Style,
    number: usize,
    size: usize,
    offset: usize,
}

impl Page {
    /// Reads `page`, `pageSize` and `cursor`. With `short`, pages hold fewer rows than asked for.
    pub(crate) fn read(query: &Pairs, style: Style, most: usize, short: bool) -> Result<Self, Refusal> {
        let invalid = |name: &str, allowed: &str| {
            let message = format!("`{name}` must be {allowed}");
            Refusal::new(400, "invalid_paging", message)
        };
        let number = |name: &str, most: usize| match query.get(name) {
            None => Ok(None),
            Some(text) => text
                .parse::<usize>()
                .ok()
                .filter(|number| (1..=most).contains(number))
                .map(Some)
                .ok_or_else(|| invalid(name, &format!("a number from 1 to {most}"))),
        };
        let asked = number("pageSize", most)?.unwrap_or(DEFAULT_SIZE.min(most));
        let size = if short { asked.div_ceil(2) } else { asked };
        if style == Style::Cursor {
            let offset = match query.get("cursor").filter(|cursor| !cursor.is_empty()) {
                None => 0,
                Some(cursor) => read_cursor(cursor).ok_or_else(|| invalid("cursor", "one that a page gave"))?,
            };
            return Ok(Self { style, number: 1, size, offset });
        }
        let number = number("page", u32::MAX as usize)?.unwrap_or(1);
        Ok(Self { style, number, size, offset: (number - 1).saturating_mul(size) })
    }

    /// The rows of this page among so many.
    pub(crate) fn range(&self, total: usize) -> std::ops::Range<usize> {
        let start = self.offset.min(total);
        start..start.saturating_add(self.size).min(total)
    }

    /// The body: rows are JSON texts, `more` holds further members, each with a comma before it.
    pub(crate) fn body(&self, total: usize, rows: &[impl AsRef<str>], place: &Place<'_>, more: &str) -> String {
        let name = match self.style {
            Style::Flag | Style::Number | Style::RelativeUrl | Style::AbsoluteUrl => "items",
            Style::Entities => "entities",
            Style::Cursor => "records",
        };
        let length: usize = rows.iter().map(|row| row.as_ref().len() + 1).sum();
        let mut body = String::with_capacity(length + 200);
        body.push_str("{\"");
        body.push_str(name);
        body.push_str("\":[");
        for (index, row) in rows.iter().enumerate() {
            if index > 0 {
                body.push(',');
            }
            body.push_str(row.as_ref());
        }
        body.push(']');
        body.push_str(&self.mark(total, place));
        body.push_str(more);
        body.push('}');
        body
    }

    fn mark(&self, total: usize, place: &Place<'_>) -> String {
        let end = self.range(total).end;
        let last = end >= total;
        let url = || {
            let query = place.query.with("page", &(self.number + 1).to_string());
            format!("{}?{}", place.path, urlencoded::written(&query))
        };
        match self.style {
            Style::Flag => format!(",\"nextPage\":{}", !last),
            Style::Cursor if last => ",\"nextCursor\":null".to_owned(),
            Style::Cursor => format!(",\"nextCursor\":\"{}\"", cursor(end)),
            _ if last => String::new(),
            Style::Number => format!(",\"nextPage\":{}", self.number + 1),
            Style::RelativeUrl => format!(",\"nextPage\":{}", serde_json::json!(url())),
            Style::AbsoluteUrl | Style::Entities => {
                format!(",\"nextPage\":{}", serde_json::json!(format!("{}{}", place.origin, url())))
            }
        }
    }
}

/// Where the listing was asked for.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    /// Scheme, host and port.
    pub(crate) origin: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a Pairs,
}

/// Cursors look opaque, so that nobody computes one, and a made-up one is out of bounds.
const VEIL: u64 = 0x5eed_c0de_5eed_c0de;

fn cursor(offset: usize) -> String {
    format!("c{:x}", (offset as u64) ^ VEIL)
}

fn read_cursor(cursor: &str) -> Option<usize> {
    let number = u64::from_str_radix(cursor.strip_prefix('c')?, 16).ok()?;
    usize::try_from(number ^ VEIL).ok().filter(|offset| *offset < u32::MAX as usize)
}
