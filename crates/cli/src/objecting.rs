//! What stands against a plan that could be made: told like problems of manifests, at the lines that ask for it.

use cxform_manifest::{Objection, Project, Statistics};
use cxform_model::Source;
use cxform_plan::{Place, Plan};

use crate::project::{self, Asked, Refused};

/// Refuses a plan that makes anything laxer.
pub fn loosening(project: &Project, plan: &Plan, asked: &Asked<'_>) -> anyhow::Result<()> {
    let objections = plan.loosening().map(|one| {
        let problem = one.problem();
        Objection {
            rule: problem.rule(),
            called: None,
            hint: problem.advice(),
            message: problem.message,
            address: problem.address,
            places: at(project, one.place),
        }
    });
    refuse(project, objections, asked)
}

/// Shows objections, and ends it where there are any.
pub fn refuse(
    project: &Project,
    objections: impl IntoIterator<Item = Objection>,
    asked: &Asked<'_>,
) -> anyhow::Result<()> {
    let diagnostics = project.explain(objections);
    if diagnostics.is_empty() {
        return Ok(());
    }
    project::refuse(&diagnostics, &Statistics::default(), asked)?;
    Err(Refused.into())
}

/// Where a plan says that something is asked for, in the files of the project.
pub fn at(project: &Project, place: Option<&Place>) -> Vec<(Source, String)> {
    let source = place.and_then(|Place { file, line, column }| {
        Some(Source { file: project.files().find(file)?, line: *line, column: *column })
    });
    source.into_iter().map(|source| (source, String::new())).collect()
}
