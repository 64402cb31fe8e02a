//! Campaigns that a run paused for an update and did not set dialling again.

use std::collections::BTreeSet;

use cxform_model::Address;

use crate::{Report, Rollback, StepReport};

impl Report {
    /// The campaigns that dialled when the plan was made, and stand still now because their update did not get through.
    #[must_use]
    pub fn left_paused(&self) -> BTreeSet<&Address> {
        let named = |name: &'static str| self.steps.iter().filter(move |step| name_of(step) == Some(name));
        let pauses: BTreeSet<&Address> = named("pause").map(|step| &step.address).collect();
        // Where the run was to make up for an earlier one, it found the campaign paused.
        let mut paused: BTreeSet<&Address> = named("resume").map(|step| &step.address).collect();
        paused.retain(|campaign| !pauses.contains(campaign));
        let back = self.rollback.iter().flat_map(|Rollback { steps, .. }| steps);
        for step in self.steps.iter().chain(back).filter(|step| step.result.satisfies()) {
            // Planners name these steps so, and their inverse after them.
            match name_of(step) {
                Some("pause" | "undo-resume") => drop(paused.insert(&step.address)),
                Some("resume" | "undo-pause") => drop(paused.remove(&step.address)),
                _ => {}
            }
        }
        paused
    }
}

fn name_of(step: &StepReport) -> Option<&str> {
    step.id.rsplit(':').next()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use cxform_model::Address;

    use crate::report::tests::{failed, report};
    use crate::{Report, Rollback, StepReport, StepResult, Written};

    fn steps(named: &[(&str, StepResult)]) -> Vec<StepReport> {
        let results = named.iter().map(|(_, result)| (result.clone(), Written::Yes)).collect();
        let mut steps = report(results, false).steps;
        for (step, (name, _)) in steps.iter_mut().zip(named) {
            step.address = Address::campaign("q");
            step.id = format!("{}:{name}", step.address);
        }
        steps
    }

    fn left(named: &[(&str, StepResult)], rollback: &[(&str, StepResult)]) -> bool {
        let rollback = Rollback { steps: steps(rollback), cannot: Vec::new(), error: None };
        let report = Report { steps: steps(named), rollback: Some(rollback), ..report(Vec::new(), false) };
        report.left_paused() == BTreeSet::from([&Address::campaign("q")])
    }

    #[test]
    fn a_campaign_is_left_paused_where_its_update_or_its_return_fails() {
        use StepResult::Applied;
        assert!(left(&[("pause", Applied), ("update", failed()), ("resume", failed())], &[]));
        assert!(left(&[("pause", Applied), ("update", Applied), ("resume", failed())], &[]));
        assert!(!left(&[("pause", Applied), ("update", Applied), ("resume", Applied)], &[]));
        assert!(!left(&[("pause", failed()), ("update", failed()), ("resume", failed())], &[]));
    }

    #[test]
    fn one_that_an_earlier_run_left_paused_counts() {
        use StepResult::Applied;
        assert!(left(&[("update", failed()), ("resume", failed())], &[]));
        assert!(!left(&[("update", Applied), ("resume", Applied)], &[]));
    }

    #[test]
    fn taking_back_counts() {
        use StepResult::Applied;
        let failing = [("pause", Applied), ("update", failed())];
        assert!(!left(&failing, &[("undo-pause", Applied)]));
        assert!(left(&failing, &[("undo-pause", failed())]));
        let done = [("pause", Applied), ("update", Applied), ("resume", Applied)];
        assert!(left(&done, &[("undo-resume", Applied), ("undo-update", failed()), ("undo-pause", failed())]));
    }
}
