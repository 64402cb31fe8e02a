//! What the planner refuses, as rules that the manual lists beside all others.

use cxform_rules::{Rule, Severity};

use crate::refusal::{Problem, code};

macro_rules! rules {
    ($($id:ident $name:literal $origin:literal $about:literal;)*) => {
        mod rule {
            use super::{Rule, Severity, code};
            $(pub(super) static $id: Rule =
                Rule { id: code::$id, name: $name, severity: Severity::Error, about: $about, origin: $origin };)*
        }
        static CATALOGUE: &[&Rule] = &[$(&rule::$id),*];
    };
}

rules! {
    AMBIGUOUS "ambiguous" "[A]" "One key names one object: two objects of the tenant under a managed key are refused, with both ids.";
    RENAME "rename" "[A]" "A renamed object is found under its old name or its new one, not under both, and two names are never swapped.";
    TREE "place-in-tree" "[000]" "What an object hangs below exists, no move makes a loop, and none pushes a call code below the third level.";
    INCOMPLETE "incomplete-create" "[000]-[002]" "A new object has every field that its create call needs.";
    TRANSITION "run-state" "[002]" "A run state is reached by legal transitions only, and a campaign is never made to dial on the way.";
    DESKTOP "desktop" "[000]" "What is asked of one desktop can all be met, group members counted.";
    GROUP "campaign-group" "[000]" "A campaign group exists, under one id or name.";
    NOWHERE "unknown-campaign" "[000][004]" "A campaign that assignments or selection rules name lives on the tenant or in the manifests.";
    GUARD "guard" "product" "What may be more than anybody meant needs a flag: changes or retirements of more than `guard` lets pass, an empty \
        desired set, an empty desktop, a protected object, an outcome that an unmanaged desktop shows, a paused campaign that would dial again.";
    INTERNAL "internal" "-" "The planner was given too little or contradicts itself. Please report it.";
    SELECTION "selection" "product" "A `--target` picks something that the manifests manage.";
    LOOSENING "loosening" "product" "With `--forbid-loosening` a plan makes nothing laxer: neither whom and when campaigns call, nor what is kept of it.";
}

/// Every reason of the planner's own to refuse, by id.
#[must_use]
pub fn catalogue() -> &'static [&'static Rule] {
    CATALOGUE
}

impl Problem {
    /// The rule that the problem breaks: one of the planner's own, or one of the domain.
    #[must_use]
    pub fn rule(&self) -> &'static Rule {
        let known = || catalogue().iter().chain(cxform_rules::catalogue()).copied();
        known().find(|rule| rule.id == self.code).unwrap_or(&rule::INTERNAL)
    }

    /// What to do about it, the flag that allows it included.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        match (&self.hint, self.flag) {
            (Some(hint), Some(flag)) => Some(format!("{hint}; `{flag}` allows it")),
            (None, Some(flag)) => Some(format!("`{flag}` allows it")),
            (hint, None) => hint.clone(),
        }
    }
}
