//! What a look at some campaigns led to, for programs, and the evidence that goes on record with a write.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Considered, Decision, Held, Move, Sample, Seen, Verdict};

/// The document, as `schemas/tune.schema.json` describes it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TuneV1 {
    /// 1.
    pub format_version: u32,
    /// The environment's name.
    pub environment: String,
    /// What identifies the tenant.
    pub tenant: String,
    /// When the tenant was read.
    pub read_at: String,
    /// Whether it was a look only.
    pub explained: bool,
    /// The campaigns, by policy.
    pub campaigns: Vec<CampaignV1>,
}

/// One campaign.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CampaignV1 {
    /// Its address.
    pub address: String,
    /// The policy's name.
    pub policy: String,
    /// The tenant's id.
    pub id: Option<String>,
    /// The version that it was read with.
    pub version: Option<u64>,
    /// `tuned`, `decided` (a look only), `held`, `idle`, `unknown`, `conflict` or `failed`.
    pub result: &'static str,
    /// Why nothing could be turned.
    pub reason: Option<String>,
    /// The run that wrote.
    pub run: Option<String>,
    /// What was seen.
    pub seen: Option<Value>,
    /// The knobs.
    pub knobs: Vec<KnobV1>,
}

/// One knob.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KnobV1 {
    /// The field.
    pub path: &'static str,
    /// Where it stood; `null` where it stays.
    pub from: Option<Value>,
    /// Where it goes.
    pub to: Option<Value>,
    /// Why.
    pub why: String,
}

/// What became of the decision about a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// Nothing was to be written.
    Nothing,
    /// It was a look only.
    Explained,
    /// The tenant is as decided.
    Tuned {
        /// The run.
        run: String,
    },
    /// Somebody else kept writing to the campaign.
    Conflict(String),
    /// The write failed.
    Failed(String),
}

impl CampaignV1 {
    /// One campaign.
    #[must_use]
    pub fn of(considered: &Considered, written: &Written) -> Self {
        let mut seen_json = None;
        let mut knobs = Vec::new();
        let (mut result, mut reason) = match &considered.verdict {
            Verdict::Decided { seen, decision } => {
                seen_json = Some(evidence_of(seen));
                knobs = knobs_of(decision);
                ("held", None)
            }
            Verdict::Idle(why) => ("idle", Some(why.clone())),
            Verdict::Unknown(why) => ("unknown", Some(why.clone())),
            Verdict::Failed(why) => ("failed", Some(why.clone())),
        };
        let mut run = None;
        match written {
            Written::Nothing => {}
            Written::Explained => result = "decided",
            Written::Tuned { run: by } => {
                result = "tuned";
                run = Some(by.clone());
            }
            Written::Conflict(why) => (result, reason) = ("conflict", Some(why.clone())),
            Written::Failed(why) => (result, reason) = ("failed", Some(why.clone())),
        }
        Self {
            address: considered.address.to_string(),
            policy: considered.policy.clone(),
            id: considered.id().map(|id| id.0.clone()),
            version: considered.version().map(|version| version.0),
            result,
            reason,
            run,
            seen: seen_json,
            knobs,
        }
    }
}

fn knobs_of(decision: &Decision) -> Vec<KnobV1> {
    let moves = decision.moves.iter().map(|turn| {
        let Move { knob, from, to, why } = turn;
        let value = |at: f64| Some(knob.value(at));
        KnobV1 { path: knob.path(), from: value(*from), to: value(*to), why: why.clone() }
    });
    let held = decision.held.iter().map(|held| {
        let Held { knob, why } = held;
        KnobV1 { path: knob.path(), from: None, to: None, why: why.clone() }
    });
    moves.chain(held).collect()
}

/// What a decision was made from. What is unknown is `null`.
#[must_use]
pub fn evidence_of(seen: &Seen) -> Value {
    let Seen { status: _, sample: Sample { lately, overall, utilization }, span } = seen;
    let share = |share: Option<f64>| share.map(|share| (share * 1e6).round() / 1e6);
    json!({
        "from": format!("{:.0}", span.from),
        "until": format!("{:.0}", span.until),
        "calls": lately.placed,
        "answerRate": share(lately.answer_rate),
        "abandonedOfAnswered": share(lately.abandoned),
        "overallCalls": overall.placed,
        "overallAbandonedOfAnswered": share(overall.abandoned),
        "agentUtilization": share(*utilization),
    })
}

/// What goes on record with a write: the policy, what was seen, and why each knob is turned.
#[must_use]
pub fn evidence(considered: &Considered) -> Option<Value> {
    let (_, decision, seen) = considered.to_write()?;
    let why = |turn: &Move| (turn.knob.path().to_owned(), Value::from(turn.why.clone()));
    let mut evidence = evidence_of(seen);
    evidence["policy"] = considered.policy.clone().into();
    evidence["why"] = Value::Object(decision.moves.iter().map(why).collect());
    Some(evidence)
}

impl TuneV1 {
    /// The document of one look.
    #[must_use]
    pub fn new(environment: &str, tenant: &str, at: Timestamp, explained: bool, campaigns: Vec<CampaignV1>) -> Self {
        Self {
            format_version: 1,
            environment: environment.to_owned(),
            tenant: tenant.to_owned(),
            read_at: format!("{at:.0}"),
            explained,
            campaigns,
        }
    }
}
