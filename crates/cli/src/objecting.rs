//! What stands against a plan that could be made: told like problems of manifests, at the lines that ask for it.

use cxform_manifest::{Objection, Project, Statistics};
use cxform_model::Source;
use cxform_plan::{Place, Plan, Problem, Refusal};

use crate::project::{self, Asked, Refused};

/// Refuses a plan that makes anything laxer.
pub fn loosening(project: &Project, plan: &Plan, asked: &Asked<'_>) -> anyhow::Result<()> {
    let objections = plan.loosening().map(|one| {
        let problem = one.problem();
        let sources = at(project, one.place);
        objection(Problem { sources, ..problem })
    });
    refuse(project, objections, asked)
}

/// Shows why the planner refuses.
pub fn refused<T>(project: &Project, refusal: Refusal, asked: &Asked<'_>) -> anyhow::Result<T> {
    refuse(project, refusal.problems.into_iter().map(objection), asked)?;
    Err(Refused.into())
}

fn objection(problem: Problem) -> Objection {
    Objection {
        rule: problem.rule(),
        called: None,
        hint: problem.advice(),
        message: problem.message,
        address: problem.address,
        places: problem.sources,
    }
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
