//! The only place that reads the time of day.

use jiff::{SignedDuration, Timestamp, fmt::rfc2822::DateTimePrinter};

/// Milliseconds since 1970.
pub(crate) fn millis() -> i64 {
    Timestamp::now().as_millisecond()
}

/// Now as RFC 3339 with milliseconds.
pub(crate) fn now() -> String {
    format!("{:.3}", Timestamp::now())
}

/// An HTTP date so many seconds from now.
pub(crate) fn http_date_in(seconds: u64) -> String {
    let later = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    Timestamp::now()
        .checked_add(later)
        .ok()
        .and_then(|at| DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok())
        .unwrap_or_default()
}
