//! From a session to the differences between git and a tenant, and what is known of each: which side moved, who did it,
//! whether somebody accepts it for a while. Reads the tenant only.

pub mod adopting;
pub mod agreed;
mod authors;
pub mod v1;

use anyhow::Context as _;
use cxform_manifest::{Diagnostics, Project, SNOOZE_FILE, Snooze, Statistics};
use cxform_model::{Desired, Observed};
use cxform_plan::{Agreed, Drifted};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::connect::Session;
use crate::objecting;
use crate::observe::{ObserveError, observe};
use crate::project::{self, Asked, Refused};
use agreed::Memory;
use v1::{DriftReportV1, DriftV1, SnoozedV1};

/// What is compared.
pub struct Request<'a> {
    /// The project.
    pub project: &'a Project,
    /// The environment's name.
    pub environment: &'a str,
    /// What the manifests ask for.
    pub desired: &'a Desired,
    /// The day that counts as today.
    pub today: Date,
    /// How a refusal is shown.
    pub asked: &'a Asked<'a>,
}

/// Reads what is to be compared.
pub async fn read(session: &Session, request: &Request<'_>) -> anyhow::Result<Observed> {
    match observe(&session.connection.reader(), request.desired).await {
        Ok(observed) => Ok(observed),
        Err(ObserveError::Refusal(refusal)) => objecting::refused(request.project, refusal, request.asked),
        Err(ObserveError::Tenant(error)) => Err(error)
            .with_context(|| format!("the tenant `{}` could not be read, so nothing was compared", session.tenant)),
    }
}

/// The differences. Why there can be no comparison is shown.
pub fn compare(request: &Request<'_>, observed: &Observed, agreed: Option<&Agreed<'_>>) -> anyhow::Result<Drifted> {
    cxform_plan::drift(request.desired, observed, agreed)
        .or_else(|refusal| objecting::refused(request.project, refusal, request.asked))
}

/// Compares, and remembers in the store what is in sync: that is what both sides agree on.
pub async fn report(
    session: &Session,
    request: &Request<'_>,
    memory: Option<&Memory>,
) -> anyhow::Result<DriftReportV1> {
    let Request { project, environment, desired: _, today, asked } = request;
    let snoozes = snoozes(project, asked)?;
    let began = Timestamp::now();
    let observed = read(session, request).await?;
    let kept =
        |path: &str, value: &serde_json::Value| memory.map_or_else(|| value.clone(), |memory| memory.kept(path, value));
    let agreed = memory.map(|memory| Agreed { objects: memory.objects(), kept: &kept });
    let Drifted { drifts, in_sync } = compare(request, &observed, agreed.as_ref())?;
    let reader = session.connection.reader();
    let authors = authors::of(&drifts, &reader).await;
    let mut report = DriftReportV1 {
        project: project.name.clone(),
        environment: (*environment).to_owned(),
        tenant: session.tenant.clone(),
        comparison: if memory.is_some() { "three-way" } else { "two-way" }.to_owned(),
        in_sync: in_sync.len(),
        ..DriftReportV1::default()
    };
    for (drift, author) in drifts.into_iter().zip(authors) {
        let covers = |snooze: &&Snooze| {
            snooze.holds_on(*today) && snooze.covers(environment, &drift.address, drift.path.as_deref())
        };
        let snoozed = snoozes.iter().find(covers).map(SnoozedV1::from);
        let since = memory.and_then(|memory| memory.since(&drift.address));
        report.drifts.push(DriftV1::of(drift, author, snoozed, since));
    }
    let expired = snoozes.iter().filter(|snooze| {
        !snooze.holds_on(*today) && snooze.environment.as_deref().is_none_or(|name| name == *environment)
    });
    report.expired = expired.map(SnoozedV1::from).collect();
    if let Some(memory) = memory {
        memory.remember(in_sync, began).await;
    }
    Ok(report.counted())
}

/// The snoozed differences of the project; a file that cannot be read ends it.
pub fn snoozes(project: &Project, asked: &Asked<'_>) -> anyhow::Result<Vec<Snooze>> {
    if !Project::is_project(&project.root) {
        return Ok(Vec::new());
    }
    Snooze::of_project(&project.root).or_else(|diagnostics: Diagnostics| {
        project::refuse(&diagnostics, &Statistics::default(), asked)?;
        Err(anyhow::Error::from(Refused).context(format!("`{SNOOZE_FILE}` cannot be read")))
    })
}
