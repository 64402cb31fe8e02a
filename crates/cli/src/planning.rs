//! From a session and desired manifests to a plan, or to everything that stands in its way.

use anyhow::Context as _;
use cxform_manifest::{Objection, Project, Statistics};
use cxform_model::{Desired, RateLimits};
use cxform_plan::{Options, Plan, Refusal, Selector};

use crate::args::{Format, Shape};
use crate::connect::Session;
use crate::live;
use crate::observe::{ObserveError, observe};
use crate::policies;
use crate::project::{self, Refused};

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
    /// How a refusal is shown.
    pub format: Format,
}

/// Reads the tenant and plans. A refusal is shown, and ends it.
pub async fn plan(session: &Session, request: &Request<'_>) -> anyhow::Result<Plan> {
    let Request { project, environment, desired, rate_limits, shape, format } = request;
    let Shape { target, exclude, allow_assigned, allow_empty, allow_protected, allow_resume, allow_policy } = shape;
    let options = Options {
        rate_limits: *rate_limits,
        target: selectors(target)?,
        exclude: selectors(exclude)?,
        allow_assigned: *allow_assigned,
        allow_empty: *allow_empty,
        allow_protected: *allow_protected,
        allow_resume: *allow_resume,
        waivers: project::waivers(project),
        ..Options::new(&project.name, *environment, &session.tenant, project::context())
    };
    let observed = match observe(&session.connection.reader(), desired).await {
        Ok(observed) => observed,
        Err(ObserveError::Refusal(refusal)) => return refused(project, refusal, *format),
        Err(ObserveError::Tenant(error)) => {
            return Err(error)
                .with_context(|| format!("the tenant `{}` could not be read, so nothing was planned", session.tenant));
        }
    };
    match cxform_plan::plan(desired, &observed, &options) {
        Ok(mut plan) => {
            let reader = session.connection.reader();
            live::figures(&mut plan, &reader).await;
            live::watched(&mut plan, &observed, &reader).await;
            policies::hold(&project.root, &mut plan, allow_policy, *format).await?;
            Ok(plan)
        }
        Err(refusal) => refused(project, refusal, *format),
    }
}

fn selectors(texts: &[String]) -> anyhow::Result<Vec<Selector>> {
    texts.iter().map(|text| text.parse().with_context(|| format!("`{text}` selects nothing"))).collect()
}

fn refused(project: &Project, refusal: Refusal, format: Format) -> anyhow::Result<Plan> {
    let objections = refusal.problems.into_iter().map(|problem| Objection {
        rule: problem.rule(),
        hint: problem.advice(),
        message: problem.message,
        address: problem.address,
        places: problem.sources,
    });
    project::refuse(&project.explain(objections), &Statistics::default(), format)?;
    Err(Refused.into())
}
