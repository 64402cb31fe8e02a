//! The IANA time zones, from the database that is built in: the same answer on every machine.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);
static NAMES: LazyLock<BTreeSet<String>> =
    LazyLock::new(|| DATABASE.available().map(|name| name.as_str().to_owned()).collect());

/// Whether a zone of exactly this name exists.
pub(crate) fn exists(name: &str) -> bool {
    NAMES.contains(name)
}

/// The zone of exactly this name.
pub(crate) fn get(name: &str) -> Option<TimeZone> {
    if exists(name) { DATABASE.get(name).ok() } else { None }
}

/// The zone that was probably meant: another case, a missing region, or a slip of the pen.
pub(crate) fn nearest(name: &str) -> Option<&'static str> {
    // Among three-letter names every other one is a slip away, and a wrong zone is worse than no hint.
    const SHORTEST: usize = 5;
    let plain = plain(name);
    let names = || NAMES.iter().map(|known| (known.as_str(), self::plain(known)));
    let same = names().find(|(_, known)| *known == plain);
    let city = || names().find(|(_, known)| known.rsplit('/').next() == Some(&plain));
    let slip = || {
        (plain.len() >= SHORTEST)
            .then(|| names().map(|(name, known)| (strsim::osa_distance(&known, &plain), name)).min())
            .flatten()
            .filter(|(distance, _)| *distance <= 2)
            .map(|(_, name)| name)
    };
    same.or_else(city).map(|(name, _)| name).or_else(slip)
}

fn plain(name: &str) -> String {
    name.to_lowercase().replace([' ', '-'], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_exists_under_its_exact_name_only() {
        assert!(exists("America/New_York") && exists("UTC") && exists("Asia/Kolkata"));
        assert!(!exists("America/new_york") && !exists("America/Atlantis") && !exists(""));
    }

    #[test]
    fn the_nearest_zone_is_offered() {
        assert_eq!(nearest("america/new york"), Some("America/New_York"));
        assert_eq!(nearest("Chicago"), Some("America/Chicago"));
        assert_eq!(nearest("Amercia/Denver"), Some("America/Denver"));
        assert_eq!(nearest("PST"), None);
        assert_eq!(nearest("Mars/Olympus_Mons"), None);
    }
}
