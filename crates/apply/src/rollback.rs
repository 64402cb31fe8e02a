//! Takes back what a run did, when it was told to and a step failed.
//!
//! The inverse plan goes the way of every plan: guarded, journalled under the same run, looked after. It knows of the
//! run only what its plan says, so that it goes on in another process as well as in this one.

use std::collections::HashMap;
use std::sync::Arc;

use cxform_model::{Target, Write};
use cxform_plan::{Done, Inverse, Plan, inverse};

use crate::execution::{Shared, starting};
use crate::queue::Queue;
use crate::run::Crew;
use crate::streak::Streak;
use crate::{Event, Past, Rollback, StepReport, StepResult, Stop, Written, seed};

/// A run that is to be taken back.
pub(crate) struct WayBack<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) past: &'a Arc<Past>,
    pub(crate) shared: &'a Arc<Shared>,
    pub(crate) parallelism: usize,
    pub(crate) stop: &'a Stop,
}

/// How far it came.
pub(crate) struct Taken {
    /// `None` where there was nothing to take back.
    pub(crate) rollback: Option<Rollback>,
    pub(crate) interrupted: bool,
    pub(crate) ended: Option<String>,
}

impl WayBack<'_> {
    /// Takes back what `steps` did, and marks those of which nothing is left.
    pub(crate) async fn take(self, steps: &mut [StepReport]) -> Taken {
        let Some(Inverse { plan, cannot }) = self.inverse(steps) else {
            return Taken { rollback: None, interrupted: false, ended: None };
        };
        self.shared.emit(Event::RollingBack { steps: plan.steps.len(), cannot: cannot.clone() });
        let shared = self.shared_by(&plan);
        let queue = match Queue::new(&plan.steps) {
            Ok(queue) => queue,
            Err(malformed) => {
                let rollback = Rollback { steps: Vec::new(), cannot, error: Some(malformed.to_string()) };
                return Taken { rollback: Some(rollback), interrupted: false, ended: None };
            }
        };
        let mut crew = Crew::new(Arc::new(plan), Arc::clone(self.past), Arc::clone(&shared), queue);
        crew.work(self.parallelism, self.stop).await;
        let Crew { reports, interrupted, mut ended, .. } = crew;
        let reports: Vec<StepReport> = reports.into_iter().flatten().collect();
        if let Err(error) = self.mark(steps, &reports).await {
            ended.get_or_insert(error);
        }
        let rollback = Rollback { steps: reports, cannot, error: ended.clone() };
        Taken { rollback: Some(rollback), interrupted, ended }
    }

    /// The run ended for a reason that lets nothing be taken back either.
    pub(crate) fn blocked(self, steps: &[StepReport], error: &str) -> Option<Rollback> {
        let Inverse { plan: _, cannot } = self.inverse(steps)?;
        let error = format!("nothing was taken back: {error}");
        Some(Rollback { steps: Vec::new(), cannot, error: Some(error) })
    }

    /// What the steps of the way back share.
    pub(crate) fn shared_by(&self, inverse: &Plan) -> Arc<Shared> {
        let desktops = inverse.steps.iter().filter_map(|step| match &step.write {
            Write::Assign { campaign: Target::Existing(id), .. }
            | Write::Reassign { campaign: Target::Existing(id), .. }
            | Write::Unassign { campaign: Target::Existing(id), .. } => Some(id.clone()),
            _ => None,
        });
        let Shared {
            reader,
            writer,
            journal,
            run,
            patience,
            stop,
            ledger: _,
            rebase,
            starting: _,
            only_looks,
            context,
            events,
            streak: _,
            resent,
        } = &**self.shared;
        Arc::new(Shared {
            reader: reader.clone(),
            writer: writer.clone(),
            journal: Arc::clone(journal),
            run: *run,
            patience: *patience,
            stop: stop.clone(),
            ledger: seed::for_rollback(inverse, self.past, desktops),
            rebase: *rebase,
            starting: starting(inverse),
            only_looks: *only_looks,
            context: *context,
            events: Arc::clone(events),
            streak: Streak::default(),
            resent: Arc::clone(resent),
        })
    }

    /// The way back from what is known to be done; nothing where nothing may have been written.
    pub(crate) fn inverse(&self, steps: &[StepReport]) -> Option<Inverse> {
        if steps.iter().all(|step| step.written == Written::No) {
            return None;
        }
        let was_applied = |step: &&StepReport| matches!(step.result, StepResult::Applied | StepResult::Rebased(_));
        let done: Vec<Done> = steps
            .iter()
            .filter(was_applied)
            .map(|step| Done {
                step: step.id.clone(),
                created: step.created.clone(),
                version: step.version,
                after: step.after.clone(),
            })
            .collect();
        let mut inverse = inverse(self.plan, &done);
        let doubtful = steps.iter().filter(|step| !was_applied(step) && step.written > Written::No);
        inverse.cannot.extend(doubtful.map(|step| {
            let why = format!("what `{}` left is not known, so it is left alone", step.id);
            (step.address.clone(), why)
        }));
        Some(inverse)
    }

    /// Marks the steps that were taken back, here and in the journal.
    async fn mark(&self, steps: &mut [StepReport], inverse: &[StepReport]) -> Result<(), String> {
        let undone: HashMap<&str, bool> =
            inverse.iter().map(|step| (step.id.as_str(), step.result.satisfies())).collect();
        for step in steps {
            let name = step.id.strip_prefix(&format!("{}:", step.address)).unwrap_or(&step.id);
            let id = format!("{}:undo-{name}", step.address);
            if undone.get(id.as_str()) == Some(&true) && !step.rolled_back {
                step.rolled_back = true;
                self.shared.journal.conclude(step).await.map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    }
}
