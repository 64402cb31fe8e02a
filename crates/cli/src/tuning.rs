//! One look of `tune`: read, decide, and write what is to be turned as a plan of its own, carried out and put on record
//! like any other. The tenant's lock is held around the writes alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use cxform_apply::{Journal, Options, Report, StepResult, Stop, StopLevel};
use cxform_manifest::Project;
use cxform_model::{Address, Fields, RateLimits, TuningPolicy, TuningRules};
use cxform_operate::tune::{self, Considered, Past, Written};
use cxform_plan::{Retuned, retune};
use cxform_record::{RunKind, Store};
use jiff::Timestamp;

use crate::args::Wanted;
use crate::carrying::stop_without_lock;
use crate::connect::Session;
use crate::project::{self, Asked, Refused};
use crate::recording::run::{Kind, Recorder};
use crate::views::text;
use crate::{policies, provenance};

/// How often a campaign is read again and decided about anew while somebody else writes to it.
const ROUNDS: usize = 3;

/// What a look needs.
pub struct Desk<'a> {
    /// The tenant.
    pub session: &'a Session,
    /// The project.
    pub project: &'a Project,
    /// The environment's name.
    pub environment: &'a str,
    /// The policies, with the campaigns to look at.
    pub policies: &'a [TuningPolicy],
    /// What of a policy holds for a campaign.
    pub rules: &'a (dyn Fn(&TuningPolicy, &Address) -> TuningRules + Sync),
    /// Where it stands when a knob was turned; `None` where nothing was recorded yet.
    pub store: Option<Store>,
    /// What the tenant's lock is named after.
    pub lock_name: String,
    /// How long to wait for it.
    pub lock_timeout: Duration,
    /// The tenant's rates.
    pub rate_limits: RateLimits,
    /// Whether it is a look only.
    pub explain: bool,
    /// Whether to say less.
    pub quiet: bool,
    /// How somebody ends it.
    pub stop: Stop,
}

/// What a look led to.
pub struct Look {
    /// When it was made.
    pub at: Timestamp,
    /// The campaigns in the order of the policies, with what became of the decision.
    pub campaigns: Vec<(Considered, Written)>,
}

impl Desk<'_> {
    /// Looks once; `None` where somebody stopped it before it had seen anything.
    ///
    /// # Errors
    /// The tenant or the store cannot be read.
    pub async fn look(&self) -> anyhow::Result<Option<Look>> {
        if !self.explain && self.unless_stopped(self.settle()).await?.is_none() {
            return Ok(None);
        }
        let at = Timestamp::now();
        let mut done: BTreeMap<Address, (Considered, Written)> = BTreeMap::new();
        let mut again: Option<BTreeSet<Address>> = None;
        for round in 1..=ROUNDS {
            let Some(considered) = self.unless_stopped(self.consider(again.as_ref())).await? else { break };
            let mut conflicts = BTreeSet::new();
            for considered in considered.chunk_by(|one, other| one.policy == other.policy) {
                let written = self.write(considered).await;
                for (considered, written) in considered.iter().zip(written) {
                    if matches!(written, Written::Conflict(_)) {
                        conflicts.insert(considered.address.clone());
                    }
                    done.insert(considered.address.clone(), (considered.clone(), written));
                }
            }
            if conflicts.is_empty() || round == ROUNDS {
                break;
            }
            again = Some(conflicts);
        }
        if done.is_empty() {
            return Ok(None);
        }
        let order = self.policies.iter().flat_map(|policy| &policy.campaigns);
        Ok(Some(Look { at, campaigns: order.filter_map(|campaign| done.remove(&campaign.value)).collect() }))
    }

    /// What only reads is cut off when somebody stops it; what writes comes to its end.
    async fn unless_stopped<T>(&self, reading: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<Option<T>> {
        tokio::select! {
            biased;
            () = self.stop.raised() => Ok(None),
            read = reading => read.map(Some),
        }
    }

    async fn consider(&self, only: Option<&BTreeSet<Address>>) -> anyhow::Result<Vec<Considered>> {
        let now = Timestamp::now();
        let past = match &self.store {
            Some(store) => tune::past(store, &self.session.tenant, self.policies, now).await?,
            None => Past::new(),
        };
        let rules = |policy: &TuningPolicy, campaign: &Address| {
            only.is_none_or(|only| only.contains(campaign)).then(|| (self.rules)(policy, campaign))
        };
        tune::consider(&self.session.connection.reader(), self.policies, rules, &past, now)
            .await
            .with_context(|| format!("the campaigns of `{}` could not be read", self.session.tenant))
    }

    /// What became of the decision about each campaign of one policy.
    async fn write(&self, considered: &[Considered]) -> Vec<Written> {
        let mut written: Vec<_> = considered
            .iter()
            .map(|one| match (one.to_write().is_some(), self.explain) {
                (false, _) => Written::Nothing,
                (true, true) => Written::Explained,
                (true, false) => Written::Failed("it was stopped before anything was written".to_owned()),
            })
            .collect();
        let stopped = self.stop.level() > StopLevel::Run;
        if self.explain || stopped || considered.iter().all(|one| one.to_write().is_none()) {
            return written;
        }
        let told = match self.carry_out(considered).await {
            Ok(report) => Ok(report),
            Err(error) if error.is::<Refused>() => Err("a policy of the project denies it".to_owned()),
            // What stands in the way of one policy is told beside what became of the others.
            Err(error) => Err(text::causes(&error).replace('\n', "; ")),
        };
        for (considered, written) in considered.iter().zip(&mut written) {
            match &told {
                Ok(report) => {
                    if let Some(step) = report.steps.iter().find(|step| step.address == considered.address) {
                        *written = outcome(&step.result, report);
                    }
                }
                Err(why) if considered.to_write().is_some() => *written = Written::Failed(why.clone()),
                Err(_) => {}
            }
        }
        written
    }

    /// Writes, as a run of its own.
    async fn carry_out(&self, considered: &[Considered]) -> anyhow::Result<Report> {
        let evidence = considered.iter().filter_map(|one| Some((one.address.clone(), tune::evidence(one)?))).collect();
        let retuned = considered.iter().filter_map(retuned);
        let tenant = &self.session.tenant;
        let mut plan = retune(&self.project.name, self.environment, tenant, &self.rate_limits, retuned);
        plan.provenance = provenance::of(self.project).await?;
        // A refusal is told to people: standard output is one document for each look.
        let about = Some((self.project.name.as_str(), self.environment));
        let asked = Asked { wanted: Wanted::Human, folder: &self.project.root, about };
        policies::hold(self.project, &mut plan, &[], &asked).await?;
        let plan = Arc::new(plan);
        let connection = &self.session.connection;
        let recorder = self.recorder().await?.with_evidence(evidence);
        let kind = Kind { kind: RunKind::Tune, undoes: None, saved: false };
        let recorded = recorder.begin(&plan, kind, &[], connection).await?;
        stop_without_lock(&recorded, &self.stop);
        let options = Options {
            run: recorded.id,
            // What somebody else wrote is looked at before anything is turned on top of it.
            rebase: false,
            context: project::today(),
            ..Options::new(Arc::clone(&recorded.journal) as Arc<dyn Journal>)
        };
        let report = cxform_apply::run(plan, connection, options, |_| {}, &self.stop).await?;
        recorded.finish(&report).await;
        Ok(report)
    }

    /// Finds out what became of what an earlier process left in flight, so that the next decision knows of it.
    async fn settle(&self) -> anyhow::Result<()> {
        let Some(store) = &self.store else { return Ok(()) };
        let left = store.unfinished(&self.session.tenant).await?;
        if !left.iter().any(|run| run.kind == RunKind::Tune && run.project == self.project.name) {
            return Ok(());
        }
        // Whoever is still at it holds the lock.
        let recorder = self.recorder().await?;
        let left = recorder.unfinished_tuning().await?;
        let connection = &self.session.connection;
        recorder.settle(&left, connection, self.quiet).await?;
        recorder.give_way(&left, None, connection).await
    }

    async fn recorder(&self) -> anyhow::Result<Recorder> {
        let (tenant, lock) = (&self.session.tenant, &self.lock_name);
        Recorder::open(self.project, self.environment, tenant, lock, self.lock_timeout, self.quiet).await
    }
}

fn retuned(considered: &Considered) -> Option<Retuned<'_>> {
    let (campaign, decision, _) = considered.to_write()?;
    let fields: Fields<_> = decision.moves.iter().filter_map(|turn| Some((turn.knob.field()?, turn.value()))).collect();
    let why: Vec<_> = decision.moves.iter().map(|turn| format!("{}: {}", turn.knob.word(), turn.why)).collect();
    Some(Retuned {
        address: &considered.address,
        campaign,
        version: campaign.version?,
        fields,
        reason: format!("tuned by `{}`; {}", considered.policy, why.join("; ")),
    })
}

fn outcome(result: &StepResult, report: &Report) -> Written {
    match result {
        StepResult::Applied | StepResult::Rebased(_) | StepResult::Unchanged => {
            Written::Tuned { run: report.run.to_string() }
        }
        StepResult::Conflict(conflict) => Written::Conflict(conflict.reason.to_string()),
        StepResult::Failed(failure) => Written::Failed(failure.message.clone()),
        StepResult::Skipped(_) => Written::Failed("it was stopped before it was written".to_owned()),
    }
}
