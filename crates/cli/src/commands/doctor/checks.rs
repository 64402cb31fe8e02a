//! What was checked and how it went, and the checks of this machine.

use cxform_manifest::Project;

use crate::recording::store;
use crate::views::text::counted;

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// It works, but somebody should know.
    Warning,
    /// A plan would fail.
    Failed,
    /// It could not be found out.
    Unknown,
}

impl Verdict {
    /// The word for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// One check.
#[derive(Debug)]
pub struct Check {
    /// What was checked.
    pub name: &'static str,
    /// How it went.
    pub verdict: Verdict,
    /// What was found.
    pub told: String,
    /// What to do about it.
    pub remedy: Option<String>,
}

/// The checks so far.
#[derive(Debug, Default)]
pub struct Checks(Vec<Check>);

impl Checks {
    /// In the order in which they were made.
    pub fn iter(&self) -> impl Iterator<Item = &Check> {
        self.0.iter()
    }

    /// How many failed.
    pub fn failed(&self) -> usize {
        self.0.iter().filter(|check| check.verdict == Verdict::Failed).count()
    }

    /// How many warn.
    pub fn warned(&self) -> usize {
        self.0.iter().filter(|check| check.verdict == Verdict::Warning).count()
    }

    pub fn add(&mut self, check: Check) {
        self.0.push(check);
    }

    pub fn good(&mut self, name: &'static str, told: String) {
        self.add(Check { name, verdict: Verdict::Good, told, remedy: None });
    }

    pub fn warn(&mut self, name: &'static str, told: String, remedy: &str) {
        self.add(Check { name, verdict: Verdict::Warning, told, remedy: Some(remedy.to_owned()) });
    }

    pub fn unknown(&mut self, name: &'static str, told: &str) {
        self.add(Check { name, verdict: Verdict::Unknown, told: told.to_owned(), remedy: None });
    }

    /// An error with a hint of its own keeps it.
    pub fn fail(&mut self, name: &'static str, error: &anyhow::Error, remedy: &str) {
        let told = format!("{error:#}");
        let (told, remedy) = match told.split_once("\nhint: ") {
            Some((told, hint)) => (told.to_owned(), hint.to_owned()),
            None => (told, remedy.to_owned()),
        };
        self.add(Check { name, verdict: Verdict::Failed, told, remedy: Some(remedy) });
    }
}

/// The store, looked at without making one.
pub async fn store(project: &Project, checks: &mut Checks) {
    match store::look(project).await {
        Ok(None) => checks.good("store", "none yet: the first apply makes it".to_owned()),
        Ok(Some(store)) => match store.runs(cxform_record::RunFilter::default()).await {
            Ok(runs) => checks.good("store", format!("readable, {} on record", counted(runs.len(), "run"))),
            Err(error) => checks.fail("store", &error.into(), "a plan needs no store; an apply does, or `--no-store`"),
        },
        Err(error) => {
            checks.warn("store", format!("{error:#}"), "a plan needs no store; an apply does, or `--no-store`");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_of_the_error_is_the_remedy() {
        let mut checks = Checks::default();
        checks.fail("x", &anyhow::anyhow!("no such thing\nhint: make one"), "another");
        checks.fail("y", &anyhow::anyhow!("no such thing"), "another");
        let remedies: Vec<_> = checks.iter().map(|check| check.remedy.as_deref().unwrap()).collect();
        assert_eq!(remedies, ["make one", "another"]);
        assert_eq!(checks.failed(), 2);
    }
}
