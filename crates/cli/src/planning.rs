//! From a session and desired manifests to a plan, or to everything that stands in its way.

use anyhow::Context as _;
use cxform_manifest::Project;
use cxform_model::{Desired, Fingerprint, Guard, RateLimits};
use cxform_plan::{Options, Plan, Provenance, Selector};
use cxform_rules::Context;

use crate::args::{Shape, Wanted};
use crate::connect::Session;
use crate::live;
use crate::observe::{ObserveError, observe};
use crate::project::{self, Asked};
use crate::recording::pauses;
use crate::{objecting, policies, provenance};

/// What a plan is made of besides the tenant.
pub struct Request<'a> {
    /// The project.
    pub project: &'a Project,
    /// The environment's name.
    pub environment: &'a str,
    /// What the manifests ask for.
    pub desired: &'a Desired,
    /// The environment's rates.
    pub rate_limits: RateLimits,
    /// The flags that shape the plan.
    pub shape: &'a Shape,
    /// What rules are judged with.
    pub context: Context,
    /// How a refusal is shown.
    pub wanted: Wanted,
    /// What the environment pins its tenant by.
    pub fingerprint: &'a Fingerprint,
}

impl Request<'_> {
    fn asked(&self) -> Asked<'_> {
        Asked { wanted: self.wanted, folder: &self.project.root, about: Some((&self.project.name, self.environment)) }
    }
}

/// Reads the tenant and plans. A refusal is shown, and ends it.
pub async fn plan(session: &Session, request: &Request<'_>) -> anyhow::Result<Plan> {
    let Request { project, environment, desired, rate_limits, shape, context, wanted: _, fingerprint } = request;
    let Shape {
        target,
        exclude,
        allow_assigned,
        allow_empty,
        allow_protected,
        allow_resume,
        allow_changed,
        allow_retired,
        allow_policy,
        forbid_loosening,
    } = shape;
    let mut options = Options {
        rate_limits: *rate_limits,
        guard: raised(project.guard, *allow_changed, *allow_retired),
        target: selectors(target)?,
        exclude: selectors(exclude)?,
        allow_assigned: *allow_assigned,
        allow_empty: *allow_empty,
        allow_protected: *allow_protected,
        allow_resume: *allow_resume,
        waivers: project::waivers(project, context),
        ..Options::new(&project.name, *environment, &session.tenant, *context)
    };
    let observed = match observe(&session.connection.reader(), desired).await {
        Ok(observed) => observed,
        Err(ObserveError::Refusal(refusal)) => return objecting::refused(project, refusal, &request.asked()),
        Err(ObserveError::Tenant(error)) => {
            return Err(error)
                .with_context(|| format!("the tenant `{}` could not be read, so nothing was planned", session.tenant));
        }
    };
    options.own_pauses = pauses::own(project, &session.tenant, desired, &observed).await;
    match cxform_plan::plan(desired, &observed, &options) {
        Ok(mut plan) => {
            let fingerprint = match fingerprint.is_empty() {
                true => cxform_plan::fingerprint(desired, &observed),
                false => (*fingerprint).clone(),
            };
            plan.provenance = Provenance { fingerprint, ..provenance::of(project).await? };
            let reader = session.connection.reader();
            live::figures(&mut plan, &reader).await;
            live::watched(&mut plan, &observed, &reader).await;
            let asked = request.asked();
            if *forbid_loosening {
                objecting::loosening(project, &plan, &asked)?;
            }
            policies::hold(project, &mut plan, allow_policy, &asked).await?;
            Ok(plan)
        }
        Err(refusal) => objecting::refused(project, refusal, &request.asked()),
    }
}

/// The project's limits, as far as nobody allows more.
fn raised(guard: Guard, changed: Option<f64>, retired: Option<f64>) -> Guard {
    Guard {
        max_changed_percent: guard.max_changed_percent.max(changed.unwrap_or_default()),
        max_retired_percent: guard.max_retired_percent.max(retired.unwrap_or_default()),
        ..guard
    }
}

fn selectors(texts: &[String]) -> anyhow::Result<Vec<Selector>> {
    texts.iter().map(|text| text.parse().with_context(|| format!("`{text}` selects nothing"))).collect()
}
