//! `docs/rules.md`, from the rules themselves.

use std::fmt::Write as _;

use crate::Rule;
use crate::windows::{REGIMES, Regime};

const HEADER: &str = "\
# Rules

Every rule that cxform holds a project to. `cxform validate` judges the manifests alone; `cxform plan` judges each object as it
will stand, what the tenant has overlaid by what the manifests ask for, since a manifest may own only some of an object's fields.
All findings come in one run, each with its rule's id, place and hint.

An **error** refuses the project; a **warning** is shown and lets it pass. Where an object has to break a rule for a while,
`spec.rules` in `cxform.yaml` lowers that rule for that object's address (`campaign/q3-renewals`), always with a reason and an
expiry date, up to and including which it holds: an error becomes a warning, a warning disappears. Only rules of the domain, CX030 to CX079, can be
lowered. Ids are stable: one that is dropped is never given to another rule.

*Origin*: `[000]`..`[004]` are the sources that the [API contract](api-contract.md) is merged from, `[A]` is our reading where they are silent.

| id | rule | severity | what must hold | origin |
|---|---|---|---|---|
";

const REGIMES_HEADER: &str = "
## Regimes

The legal hours that CX058 knows, by the clock of the called party. `regulatoryCompliance` names one of them, whatever the case. They say when people may
be called and nothing else of these laws; other laws may bind you as well.

| regime | hours | law | since | binds |
|---|---|---|---|---|
";

/// The page about all rules of these catalogues, by id.
#[must_use]
pub fn document(catalogues: &[&[&Rule]]) -> String {
    let mut rules: Vec<&Rule> = catalogues.iter().flat_map(|rules| rules.iter().copied()).collect();
    rules.sort_by_key(|rule| rule.id);
    let rules = rules.into_iter().map(row);
    let regimes = REGIMES.iter().map(regime_row);
    [HEADER.to_owned()].into_iter().chain(rules).chain([REGIMES_HEADER.to_owned()]).chain(regimes).collect()
}

fn regime_row(regime: &Regime) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let hours = |day| regime.hours_of(day).unwrap_or_else(|| "none".to_owned());
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for day in 0..DAYS.len() {
        match spans.last_mut() {
            Some((first, last)) if hours(*first) == hours(day) => *last = day,
            _ => spans.push((day, day)),
        }
    }
    let told = |(first, last): &(usize, usize)| match (first, last) {
        (0, 6) => hours(0),
        (first, last) if first == last => format!("{} {}", DAYS[*first], hours(*first)),
        (first, last) => format!("{} to {} {}", DAYS[*first], DAYS[*last], hours(*first)),
    };
    let hours = spans.iter().map(told).collect::<Vec<_>>().join(", ");
    let Regime { name, hours: _, citation, since, about } = regime;
    format!("| `{name}` | {hours} | {citation} | {since} | {about} |\n")
}

fn row(rule: &Rule) -> String {
    let Rule { id, name, severity, about, origin } = rule;
    let cell = |text: &str| text.replace('|', "\\|");
    let mut row = String::new();
    let _ = writeln!(row, "| {id} | `{name}` | {} | {} | {} |", severity.word(), cell(about), cell(origin));
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    #[test]
    fn the_page_in_the_repository_tells_every_rule_of_the_domain() {
        let page = include_str!("../../../docs/rules.md");
        assert!(page.starts_with(HEADER), "docs/rules.md has another header");
        for rule in catalogue() {
            assert!(page.contains(&row(rule)), "docs/rules.md lacks or has an old row for {}:\n{}", rule.id, row(rule));
        }
    }

    #[test]
    fn the_page_in_the_repository_tells_every_regime() {
        let page = include_str!("../../../docs/rules.md");
        assert!(page.contains(REGIMES_HEADER), "docs/rules.md has another text about regimes");
        for regime in REGIMES {
            assert!(page.contains(&regime_row(regime)), "docs/rules.md lacks {}", regime_row(regime));
        }
    }

    #[test]
    fn rows_come_by_id_whatever_the_order_of_catalogues() {
        let (early, late) = catalogue().split_at(3);
        assert_eq!(document(&[late, early]), document(&[catalogue()]));
    }

    #[test]
    fn ids_and_names_are_unique_rising_and_well_formed() {
        let mut names = std::collections::BTreeSet::new();
        for pair in catalogue().windows(2) {
            assert!(pair[0].id < pair[1].id, "{} after {}", pair[1].id, pair[0].id);
        }
        for rule in catalogue() {
            let number: u32 = rule.id.strip_prefix("CX").unwrap().parse().unwrap();
            assert!((30..80).contains(&number), "{} is not of this catalogue", rule.id);
            assert!(rule.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", rule.name);
            assert!(names.insert(rule.name), "{} names two rules", rule.name);
            assert!(rule.about.ends_with('.') && !rule.origin.is_empty(), "{}", rule.id);
        }
    }
}
