//! Carrying a plan out: show it, ask, put the run on record, go, and tell how it ended. Apply and undo share it.

use std::sync::Arc;

use cxform_apply::{Journal, OnFailure, Options, Report, ReportV1, RunId, Stop, Unrecorded};
use cxform_plan::Plan;
use cxform_record::Run;
use serde_json::Value;

use crate::approval::{self, Answer};
use crate::args::{self, Format, Global, Manner};
use crate::connect::Session;
use crate::recording::run::{Ending, Kind, Recorded, Recorder};
use crate::signals::stop_on_signals;
use crate::terminal::{colour_on_stderr, colour_on_stdout, print, say, width};
use crate::views::progress::Progress;
use crate::views::style::Palette;
use crate::{project, views};

/// A plan, and what its carrying out is part of.
pub struct Task<'a> {
    /// The plan.
    pub plan: Plan,
    /// The environment's name.
    pub environment: &'a str,
    /// Whether the environment asks for its name.
    pub protected: bool,
    /// Where the run is put on record; `None` goes without.
    pub recorder: Option<Recorder>,
    /// What the run is.
    pub kind: Kind,
    /// The run that goes on, if one does.
    pub resumed: Option<Run>,
    /// Runs that neither ended nor were superseded: all but the resumed one give way.
    pub unfinished: Vec<Run>,
}

/// Carries a plan out, once it is approved. Answers with the exit code.
pub async fn carry_out(global: &Global, session: &Session, task: Task<'_>, manner: &Manner) -> anyhow::Result<u8> {
    let Task { plan, environment, protected, recorder, kind, resumed, unfinished } = task;
    if !(global.quiet && manner.auto_approve) {
        show(&plan, global, manner.on_failure)?;
    }
    if !plan.steps.is_empty() && !manner.auto_approve {
        let wanted = if protected { Answer::Name(environment) } else { Answer::Yes };
        let question = format!("Apply this to `{environment}` ({})?", plan.tenant);
        if !approval::ask(&question, wanted)? {
            say("Not applied: nothing was written.");
            return Ok(1);
        }
    }
    let plan = Arc::new(plan);
    let connection = &session.connection;
    let mut recorded = None;
    if let Some(recorder) = recorder {
        if plan.steps.is_empty() && resumed.is_none() {
            // A run that does nothing leaves no trace, and older ones have nothing left to do.
            recorder.give_way(&unfinished, None, connection).await?;
        } else {
            recorded = Some(match &resumed {
                Some(run) => recorder.resume(&plan, run, &unfinished, connection).await?,
                None => recorder.begin(&plan, kind, &unfinished, connection).await?,
            });
        }
    }
    let report = execute(global, session, plan, manner, recorded.as_mut()).await?;
    let ending = match recorded {
        Some(recorded) => Some(recorded.finish(&report).await),
        None => None,
    };
    tell(global, &report, ending.as_ref())?;
    Ok(report.exit_code())
}

async fn execute(
    global: &Global,
    session: &Session,
    plan: Arc<Plan>,
    manner: &Manner,
    recorded: Option<&mut Recorded>,
) -> anyhow::Result<Report> {
    let progress = Progress::new(global.quiet);
    let stop = stop_on_signals()?;
    let (journal, run, resume): (Arc<dyn Journal>, _, _) = match recorded {
        Some(recorded) => {
            stop_without_lock(recorded, &stop);
            (Arc::clone(&recorded.journal) as Arc<dyn Journal>, recorded.id, recorded.past.take())
        }
        None => (Arc::new(Unrecorded), RunId::begin(), None),
    };
    let options = Options {
        run,
        resume,
        parallelism: usize::from(manner.parallelism),
        rebase: !manner.no_rebase,
        context: project::today(),
        on_failure: match manner.on_failure {
            args::OnFailure::Continue => OnFailure::Continue,
            args::OnFailure::Stop => OnFailure::Stop,
            args::OnFailure::Rollback => OnFailure::Rollback,
        },
        ..Options::new(journal)
    };
    let events = move |event| progress.show(&event);
    Ok(cxform_apply::run(plan, &session.connection, options, events, &stop).await?)
}

/// Stops at once when the lock of the tenant is lost.
pub fn stop_without_lock(recorded: &Recorded, stop: &Stop) {
    let (mut lost, stop) = (recorded.lost(), stop.clone());
    tokio::spawn(async move {
        if lost.wait_for(|lost| *lost).await.is_ok() {
            say("Stopping at once: the lock of the tenant was lost, so somebody else may be writing.");
            stop.now();
        }
    });
}

/// People see the plan before they are asked, with what nobody could take back. Where a program reads standard output,
/// the plan is talk.
fn show(plan: &Plan, global: &Global, on_failure: args::OnFailure) -> anyhow::Result<()> {
    let text = |palette| {
        let mut text = views::plan::human(plan, width(), palette);
        if on_failure == args::OnFailure::Rollback {
            text.push_str(&views::plan::irreversible(plan, palette));
        }
        text
    };
    match global.format {
        Format::Human => print(&text(Palette::new(colour_on_stdout())))?,
        Format::Json => say(&text(Palette::new(colour_on_stderr()))),
    }
    Ok(())
}

fn tell(global: &Global, report: &Report, ending: Option<&Ending>) -> anyhow::Result<()> {
    match global.format {
        Format::Json => {
            let mut document = serde_json::to_value(ReportV1::from(report))?;
            if let (Value::Object(members), Some(Ending { head, resumable })) = (&mut document, ending) {
                members.insert("auditHead".to_owned(), head.clone().into());
                members.insert("resumable".to_owned(), (*resumable).into());
            }
            print(&(serde_json::to_string_pretty(&document)? + "\n"))?;
        }
        Format::Human => print(&views::report::human(report, ending, Palette::new(colour_on_stdout())))?,
    }
    Ok(())
}
