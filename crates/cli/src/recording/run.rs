//! One run's records from its beginning to its end: who may write, what an earlier process left, how it ended.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use cxform_apply::{Outcome, Past, PastStep, Report, RunId, StepResult};
use cxform_manifest::{Notification, Project};
use cxform_model::{Address, RemoteId, Version};
use cxform_plan::v1::PlanV1;
use cxform_plan::{Done, Plan, Waiver};
use cxform_record::{
    AttemptOutcome, Counts, Guard, Mode, NewRun, Origin, Run, RunEnd, RunFilter, RunKind, RunState, StepEnd,
    StepOutcome, Store,
};
use cxform_tenant::Connection;
use serde_json::Value;
use tokio::sync::watch;

use super::courier::Courier;
use super::journal::{Parts, RunJournal, lost_records};
use super::notices::{About, Audience};
use super::{letters, lock, origin, store};
use crate::terminal::say;
use crate::{connect, project, views};

/// The records of a command that writes to one tenant, and the right to do so.
pub struct Recorder {
    store: Store,
    guard: Guard,
    origin: Origin,
    project: String,
    environment: String,
    tenant: String,
    notifications: Vec<Notification>,
    waivers: Vec<Waiver>,
    reveals_rules: bool,
    /// What goes on record with the writes of an object, beside what was checked.
    evidence: Arc<BTreeMap<Address, Value>>,
}

/// What a run is, beside its plan.
pub struct Kind {
    /// An apply, or an undo.
    pub kind: RunKind,
    /// The run that it takes back.
    pub undoes: Option<String>,
    /// Whether the plan came from a file.
    pub saved: bool,
}

/// A run that is under way.
pub struct Recorded {
    recorder: Recorder,
    about: About,
    resumes: u64,
    before: Counts,
    /// Its id.
    pub id: RunId,
    /// What earlier processes left; `None` for a run that begins.
    pub past: Option<Past>,
    /// Where it writes down what it does.
    pub journal: Arc<RunJournal>,
    courier: Option<Courier>,
}

/// Whether anything has been run at all.
const FIRST: RunFilter = RunFilter { environment: None, tenant: None, without: None, limit: Some(1) };

/// How a run ended, for people and programs.
#[derive(Debug, Clone, Default)]
pub struct Ending {
    /// The head of the audit chain.
    pub head: Option<String>,
    /// Whether `apply --resume` goes on with it.
    pub resumable: bool,
}

impl Recorder {
    /// Opens the store and takes the tenant's lock.
    pub async fn open(
        project: &Project,
        environment: &str,
        tenant: &str,
        lock_name: &str,
        timeout: Duration,
        quiet: bool,
    ) -> anyhow::Result<Self> {
        let store = store::open(project, Mode::ReadWrite).await?;
        let root = project.root.clone();
        let origin = tokio::task::spawn_blocking(move || origin::origin(&root)).await?;
        let guard = lock::take(&store, lock_name, origin::owner(&origin), timeout, quiet).await?;
        if !quiet && guard.is_machine_only() && !connect::is_embedded(tenant) && store.runs(FIRST).await?.is_empty() {
            say(
                "Records and the lock are kept on this machine, for this user only: `store: postgres://...` shares them.",
            );
        }
        Ok(Self {
            store,
            guard,
            origin,
            project: project.name.clone(),
            environment: environment.to_owned(),
            tenant: tenant.to_owned(),
            notifications: project.recording.notifications.clone(),
            waivers: project::waivers(project, &project::today()),
            reveals_rules: !project.recording.hashes_filter_rules,
            evidence: Arc::default(),
        })
    }

    /// Puts on record with the writes of each object what they were decided by.
    pub fn with_evidence(mut self, evidence: BTreeMap<Address, Value>) -> Self {
        self.evidence = Arc::new(evidence);
        self
    }

    /// The store.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Turns `true` when the lock is lost.
    pub fn lost(&self) -> watch::Receiver<bool> {
        self.guard.lost()
    }

    /// Runs of this project on the tenant that neither ended nor were superseded, the oldest first. Another project that
    /// shares the store goes on with its own.
    pub async fn unfinished(&self) -> anyhow::Result<Vec<Run>> {
        let mut runs = self.store.unfinished(&self.tenant).await?;
        runs.retain(|run| run.project == self.project && run.environment == self.environment);
        Ok(runs)
    }

    /// Those of them that tuned. Runs of other kinds are for people to go on with.
    pub async fn unfinished_tuning(&self) -> anyhow::Result<Vec<Run>> {
        let mut runs = self.unfinished().await?;
        runs.retain(|run| run.kind == RunKind::Tune);
        Ok(runs)
    }

    /// The unfinished run that applies this saved plan. A plan whose run has ended is refused.
    pub async fn saved(&self, plan: &Plan, unfinished: &[Run]) -> anyhow::Result<Option<Run>> {
        if let Some(run) = self.store.spent(&plan.digest, plan.id.as_deref()).await? {
            bail!(
                "the plan is spent: run {} has applied it, which ended as `{}` at {}\n\
                 hint: `cxform plan --out FILE` makes a new one from what the tenant holds now",
                run.id,
                run.state,
                run.ended.unwrap_or(run.started)
            );
        }
        for run in unfinished.iter().rev().filter(|run| run.saved_plan && run.digest == plan.digest) {
            if self.plan_of(run).await?.id == plan.id {
                return Ok(Some(run.clone()));
            }
        }
        Ok(None)
    }

    /// The objects that these runs wrote.
    pub async fn written(&self, runs: &[Run]) -> anyhow::Result<Vec<(cxform_model::Kind, RemoteId)>> {
        let mut written = Vec::new();
        for run in runs {
            for step in self.store.applied(&run.id).await? {
                if let (Ok(address), Some(id)) = (step.address.parse::<Address>(), step.remote_id) {
                    written.push((address.kind(), RemoteId(id)));
                }
            }
        }
        Ok(written)
    }

    /// The plan of a run, as it was approved.
    pub async fn plan_of(&self, run: &Run) -> anyhow::Result<Plan> {
        plan_of(&self.store, run).await
    }

    /// How many steps of a run are as it wants them, and how many have a request of unknown fate.
    pub async fn progress(&self, run: &Run) -> anyhow::Result<(usize, usize)> {
        let past = self.past(&run.id).await?;
        let done = past.steps.values().filter(|step| step.result.is_some()).count();
        Ok((done, past.steps.values().filter(|step| step.in_flight).count()))
    }

    /// What earlier processes of a run left, as the journal tells it.
    async fn past(&self, run: &str) -> anyhow::Result<Past> {
        let mut past = Past::default();
        for trace in self.store.traces(run).await? {
            let step = PastStep {
                result: None,
                object: trace.remote_id.map(RemoteId),
                version: version(trace.version.as_deref()),
                attempts: trace.attempts,
                in_flight: trace.last != Some(AttemptOutcome::Refused),
                payload_sha256: Some(trace.body_sha256),
            };
            past.steps.insert(trace.step, step);
        }
        for record in self.store.steps(run).await? {
            let step = past.steps.entry(record.step).or_default();
            step.result = letters::past(record.outcome);
            step.in_flight = record.unsettled;
            step.object = record.remote_id.map(RemoteId).or_else(|| step.object.take());
            step.version = version(record.version.as_deref()).or(step.version);
        }
        Ok(past)
    }

    /// A new run. Unfinished ones give way to it, with a record of every write whose fate nobody learnt.
    pub async fn begin(
        self,
        plan: &Arc<Plan>,
        kind: Kind,
        unfinished: &[Run],
        connection: &Connection,
    ) -> anyhow::Result<Recorded> {
        let id = RunId::begin();
        let Kind { kind, undoes, saved } = kind;
        let run = NewRun {
            id: id.to_string(),
            kind,
            undoes,
            project: plan.project.clone(),
            environment: plan.environment.clone(),
            tenant: plan.tenant.clone(),
            digest: plan.digest.clone(),
            plan: serde_json::to_value(PlanV1::from(&**plan))?,
            saved_plan: saved,
            origin: self.origin.clone(),
        };
        self.store.begin(run).await.map_err(|error| store::explain(error, Mode::ReadWrite))?;
        self.give_way(unfinished, Some(&id.to_string()), connection).await?;
        self.recorded(plan, id, None, 0, Counts::default(), connection).await
    }

    /// A run that goes on. Other unfinished ones give way to it.
    pub async fn resume(
        self,
        plan: &Arc<Plan>,
        run: &Run,
        unfinished: &[Run],
        connection: &Connection,
    ) -> anyhow::Result<Recorded> {
        let id: RunId = run.id.parse().with_context(|| format!("run `{}` has no id that a run has", run.id))?;
        let past = self.past(&run.id).await?;
        self.store.resume(&run.id, self.origin.clone()).await?;
        let others: Vec<_> = unfinished.iter().filter(|other| other.id != run.id).cloned().collect();
        self.give_way(&others, Some(&run.id), connection).await?;
        let before = run.counts.unwrap_or_default();
        self.recorded(plan, id, Some(past), run.resumes + 1, before, connection).await
    }

    /// Unfinished runs give way to a newer one, or to the tenant as it is.
    pub async fn give_way(&self, unfinished: &[Run], by: Option<&str>, connection: &Connection) -> anyhow::Result<()> {
        for run in unfinished {
            let in_flight = self.store.in_flight(&run.id).await?;
            if !in_flight.is_empty() {
                // Its records are the poorer for a plan that cannot be read, and nothing else is.
                let plan = self.plan_of(run).await.ok();
                for record in lost_records(&run.id, plan.as_ref(), &in_flight, connection) {
                    self.store.append_audit(record).await?;
                }
            }
            self.store.supersede(&run.id, by).await?;
        }
        Ok(())
    }

    /// Finds out what became of the requests that runs left in flight which now give way, and puts it on record. Nothing is
    /// sent. A run whose plan cannot be read is left to [`Recorder::give_way`].
    ///
    /// # Errors
    /// The tenant or the store does not answer: the runs are as unfinished as before.
    pub async fn settle<'a>(
        &self,
        runs: impl IntoIterator<Item = &'a Run>,
        connection: &Connection,
        quiet: bool,
    ) -> anyhow::Result<()> {
        for run in runs {
            let past = self.past(&run.id).await?;
            if past.steps.values().all(|step| !step.in_flight) {
                continue;
            }
            let (Ok(plan), Ok(id)) = (self.plan_of(run).await, run.id.parse()) else { continue };
            let plan = Arc::new(plan);
            let options = cxform_apply::Options {
                run: id,
                context: project::today(),
                ..cxform_apply::Options::new(Arc::new(self.journal(&plan, &run.id, Some(&past), connection)))
            };
            let options = cxform_apply::Options { resume: Some(past), ..options };
            let Ok(settled) = cxform_apply::settle(plan, connection, options).await else { continue };
            if let Some(error) = settled.error {
                bail!(
                    "what became of the requests that run {} left in flight could not be found out: {error}\n\
                     hint: nothing was written; try again when the tenant answers",
                    run.id
                );
            }
            if !quiet {
                say(&format!("Found out: {}.", views::runs::settled(&settled)));
            }
        }
        Ok(())
    }

    /// What a run writes down.
    fn journal(&self, plan: &Arc<Plan>, run: &str, past: Option<&Past>, connection: &Connection) -> RunJournal {
        RunJournal::new(Parts {
            store: self.store.clone(),
            about: About {
                run: run.to_owned(),
                project: plan.project.clone(),
                environment: plan.environment.clone(),
                tenant: plan.tenant.clone(),
            },
            plan: Arc::clone(plan),
            connection: connection.clone(),
            waivers: self.waivers.clone(),
            audience: Audience::new(&self.notifications),
            reveals_rules: self.reveals_rules,
            lost: self.guard.lost(),
            ids: ids(plan, past),
            evidence: Arc::clone(&self.evidence),
        })
    }

    async fn recorded(
        self,
        plan: &Arc<Plan>,
        id: RunId,
        past: Option<Past>,
        resumes: u64,
        before: Counts,
        connection: &Connection,
    ) -> anyhow::Result<Recorded> {
        let about = About {
            run: id.to_string(),
            project: plan.project.clone(),
            environment: plan.environment.clone(),
            tenant: plan.tenant.clone(),
        };
        let audience = Audience::new(&self.notifications);
        for notice in audience.run_started(&about, resumes, plan.steps.len(), &plan.digest) {
            self.store.enqueue(notice).await?;
        }
        let journal = self.journal(plan, &about.run, past.as_ref(), connection);
        let courier = Courier::start(self.store.clone(), &self.notifications);
        Ok(Recorded { recorder: self, about, resumes, before, id, past, journal: Arc::new(journal), courier })
    }
}

impl Recorded {
    /// Turns `true` when the lock is lost.
    pub fn lost(&self) -> watch::Receiver<bool> {
        self.recorder.lost()
    }

    /// Puts the end on record, and sends what is to be told, for a bounded time. A store that fails here loses the end
    /// of the story and nothing else: the next run finds this one unfinished and looks at the tenant.
    pub async fn finish(self, report: &Report) -> Ending {
        let Self { recorder, about, resumes, before, id, past: _, journal, courier } = self;
        let state = state(report);
        let counts = counts(report, &before);
        let head = async {
            if !state.is_unfinished() {
                put_skipped(&recorder.store, &about.run, report).await?;
            }
            let audience = Audience::new(&recorder.notifications);
            let told = serde_json::to_value(counts).unwrap_or_default();
            let mut notices = audience.run_finished(&about, resumes, report.outcome().word(), told);
            notices.extend(audience.mapping_completed(&about));
            let end = RunEnd { state, counts, error: report.ended.clone(), notices };
            recorder.store.finish(&about.run, end).await
        };
        let ending = match head.await {
            Ok(head) => Ending { head: Some(head), resumable: state == RunState::Interrupted },
            Err(error) => {
                tracing::error!(%error, "the end of run {id} could not be recorded");
                Ending { head: None, resumable: !report.steps.is_empty() }
            }
        };
        drop(journal);
        if let Some(courier) = courier {
            courier.finish().await;
        }
        ending
    }
}

/// The plan of a run, as it was approved.
pub async fn plan_of(store: &Store, run: &Run) -> anyhow::Result<Plan> {
    let document = store.plan_of(&run.id).await?;
    if document.to_string().contains("\"salted-sha256:") {
        return Err(anyhow!(
            "run {} touched campaigns with contact selection rules, and this store keeps their values as hashes only: \
             its plan can no longer be read\nhint: put the manifests back in git, and apply those",
            run.id
        ));
    }
    let plan: PlanV1 = serde_json::from_value(document).with_context(|| format!("the plan of run {}", run.id))?;
    Plan::try_from(plan).with_context(|| format!("the plan of run {} cannot be used", run.id))
}

/// What a run has done, for the way back.
pub async fn done(store: &Store, run: &Run, plan: &Plan) -> anyhow::Result<Vec<Done>> {
    let applied = store.applied(&run.id).await?;
    let made = applied.into_iter().filter(|step| matches!(step.outcome, StepOutcome::Applied | StepOutcome::Rebased));
    let creates = |id: &str| {
        let step = plan.steps.iter().find(|step| step.id == id);
        step.is_some_and(|step| matches!(step.write, cxform_model::Write::Create { .. }))
    };
    Ok(made
        .map(|step| Done {
            created: step.remote_id.filter(|_| creates(&step.step)).map(RemoteId),
            version: version(step.version.as_deref()),
            step: step.step,
            after: None,
        })
        .collect())
}

/// The ids that earlier processes got for what they created.
fn ids(plan: &Plan, past: Option<&Past>) -> HashMap<Address, RemoteId> {
    let Some(past) = past else { return HashMap::new() };
    let known = |step: &cxform_plan::Step| Some((step.address.clone(), past.steps.get(&step.id)?.object.clone()?));
    plan.steps.iter().filter_map(known).collect()
}

fn version(text: Option<&str>) -> Option<Version> {
    text.and_then(|text| text.parse().ok()).map(Version)
}

/// A run that an error ended, such as a tenant that is down, may be resumed like one that somebody stopped.
fn state(report: &Report) -> RunState {
    match report.outcome() {
        Outcome::Nothing | Outcome::Applied => RunState::Done,
        Outcome::RolledBack => RunState::RolledBack,
        _ if report.interrupted || report.ended.is_some() => RunState::Interrupted,
        Outcome::Conflict => RunState::Conflict,
        Outcome::Interrupted => RunState::Interrupted,
        Outcome::Partial => RunState::Partial,
        Outcome::Failed => RunState::Failed,
    }
}

fn counts(report: &Report, before: &Counts) -> Counts {
    let cxform_apply::Counts { applied, rebased, unchanged, failed, conflict, skipped } = report.counts();
    let count = |steps: usize| steps as u64;
    Counts {
        applied: count(applied),
        rebased: count(rebased),
        unchanged: count(unchanged),
        failed: count(failed),
        conflict: count(conflict),
        skipped: count(skipped),
        requests: before.requests + report.requests,
        retries: before.retries + report.retries,
    }
}

/// Steps that were never tried have no place in the journal until it is sure that they never will be.
async fn put_skipped(store: &Store, run: &str, report: &Report) -> Result<(), cxform_record::StoreError> {
    let skipped = report.steps.iter().filter(|step| matches!(step.result, StepResult::Skipped(_)) && !step.earlier);
    let put = skipped.map(|step| {
        store.conclude(
            run,
            StepEnd {
                step: step.id.clone(),
                address: step.address.to_string(),
                outcome: StepOutcome::Skipped,
                unsettled: false,
                remote_id: None,
                version: None,
                detail: letters::detail(&step.result, true).map(|detail| views::text::safe(&detail)),
                base: None,
                audit: None,
                notices: Vec::new(),
            },
        )
    });
    futures_util::future::try_join_all(put).await.map(drop)
}
