//! A working day against the emulator's model of a dialer: read over the wire, decided, written by version, read again.

use cxform_emulator::{Emulator, Options, RateLimits, Running, Seed};
use cxform_model::{
    Address, Bounds, CallRateRule, ConcurrencyRule, Damping, Field, Fields, FileId, Kind, Knob, OverBudget, RemoteId,
    Source, Sourced, Strategy, TuningPolicy, TuningRules, Version,
};
use cxform_tenant::{Auth, Config, Connection, TokenStyle};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Considered, Past, Sample, Turn, Verdict, consider};

const RATE: Bounds = Bounds { min: 0.2, max: 0.9 };
const LINES: Bounds = Bounds { min: 20.0, max: 200.0 };
const LEAST: u64 = Damping::DEFAULT.least_calls;

fn policy(strategy: Strategy, over_budget: OverBudget) -> TuningPolicy {
    let source = Source { file: FileId(0), line: 1, column: 1 };
    TuningPolicy {
        name: "day".to_owned(),
        campaigns: vec![Sourced::new(Address::campaign("q3"), source)],
        rules: TuningRules {
            call_rate: Some(CallRateRule { bounds: RATE, lower: 0.3, upper: 0.6 }),
            concurrency: Some(ConcurrencyRule { bounds: LINES, target: 0.45, dead_band: 0.05, strategy }),
            abandon_budget: TuningRules::ABANDON_BUDGET,
            over_budget,
            damping: Damping::DEFAULT,
        },
        bounds: [].into(),
        source,
    }
}

/// A campaign that began to dial at nine.
struct Day {
    tenant: Running,
    connection: Connection,
    policy: TuningPolicy,
    past: Past,
    turns: Vec<Turn>,
}

fn nine() -> Timestamp {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

impl Day {
    async fn begin(id: &str, agents: u32, rate: f64, lines: u32, policy: TuningPolicy) -> Self {
        let campaign = json!({
            "id": id, "name": "q3", "type": "predictive", "status": "active", "version": 1,
            "startDateTime": nine().to_string(), "targetListId": "list",
            "dialerSettings": { "agentCapacity": agents, "callRate": rate, "concurrency": lines, "wrapUpTime": 30 },
        });
        let seed = Seed::Document(json!({ "campaigns": [campaign] }));
        let options = Options { seed, rate_limit: RateLimits::OFF, ..Options::default() };
        let tenant = Emulator::start(options).await.unwrap();
        let auth = Auth {
            token_path: "/api/v2/oauth/token".to_owned(),
            style: TokenStyle::Form,
            client_id: tenant.client_id().to_owned(),
            client_secret: tenant.client_secret().into(),
            scopes: Vec::new(),
        };
        let mut config = Config::new(tenant.url(), auth);
        config.rate_limits.default = "100000/s".parse().unwrap();
        let connection = Connection::new(config).unwrap();
        Self { tenant, connection, policy, past: Past::new(), turns: Vec::new() }
    }

    async fn look(&self, now: Timestamp) -> Considered {
        let policies = std::slice::from_ref(&self.policy);
        let considered =
            consider(&self.connection.reader(), policies, |policy, _| Some(policy.rules), &self.past, now).await;
        considered.unwrap().remove(0)
    }

    /// Looks every five minutes until five o'clock, and holds every look to what tuning promises.
    async fn pass(&mut self) {
        for minutes in (60..=8 * 60).step_by(5) {
            let now = nine() + SignedDuration::from_mins(minutes);
            let considered = self.look(now).await;
            let Verdict::Decided { seen, decision } = &considered.verdict else { panic!("{considered:?}") };
            let over = is_over(&seen.sample);
            for turn in &decision.moves {
                assert!(turn.to < turn.from || !over, "up while over the budget: {considered:?}");
                let bounds = if turn.knob == Knob::CallRate { RATE } else { LINES };
                assert!((bounds.min..=bounds.max).contains(&turn.to), "{turn:?}");
                let last = self.turns.iter().rfind(|past| past.knob == turn.knob);
                let rested = last.is_none_or(|last| now.duration_since(last.at) >= Damping::DEFAULT.cool_down);
                assert!(rested || over, "{turn:?} after {last:?}");
            }
            if decision.moves.is_empty() {
                continue;
            }
            let fields = decision.moves.iter().map(|turn| (turn.knob.field().unwrap(), turn.value())).collect();
            self.write(considered.id().unwrap(), considered.version().unwrap(), &fields).await;
            for turn in &decision.moves {
                self.turns.push(Turn { at: now, knob: turn.knob, from: turn.from, to: turn.to });
            }
            self.past.insert(Address::campaign("q3"), self.turns.clone());
            for turn in &decision.moves {
                assert_eq!(self.stands(turn.knob), turn.to, "as read back");
            }
        }
    }

    async fn write(&self, id: &RemoteId, version: Version, fields: &Fields<Value>) {
        let answer = self.connection.writer().update_campaign(id, version, fields).await.unwrap();
        assert_eq!(answer.version, Some(Version(version.0 + 1)));
    }

    fn stands(&self, knob: Knob) -> f64 {
        let pointer = format!("/campaigns/0/{}", knob.path().replace('.', "/"));
        self.tenant.state().pointer(&pointer).and_then(Value::as_f64).unwrap()
    }

    /// The turns of the last two hours.
    fn late(&self) -> Vec<Turn> {
        let three = nine() + SignedDuration::from_hours(6);
        self.turns.iter().filter(|turn| turn.at >= three).copied().collect()
    }
}

fn is_over(sample: &Sample) -> bool {
    [sample.lately, sample.overall]
        .iter()
        .any(|calls| calls.placed >= LEAST && calls.abandoned.is_some_and(|share| share > TuningRules::ABANDON_BUDGET))
}

/// Ids decide how many people answer in the model: these come to between a fourth and two thirds.
const IDS: [&str; 5] = ["c1", "c2", "c3", "c4", "c5"];

#[tokio::test]
async fn a_day_with_the_balanced_strategy_comes_to_rest_within_its_budget() {
    for id in IDS {
        let policy = policy(Strategy::Balanced, OverBudget::StepDown);
        let mut day = Day::begin(id, 40, 0.4, 40, policy).await;
        day.pass().await;
        assert!(!day.turns.is_empty(), "{id}: nothing was turned all day");
        let lines: Vec<_> =
            day.late().iter().filter(|turn| turn.knob == Knob::Concurrency).map(|turn| turn.to).collect();
        let spread = lines.iter().fold(0.0, |widest: f64, to| widest.max((to - day.stands(Knob::Concurrency)).abs()));
        assert!(spread <= 10.0, "{id}: it swings in the afternoon: {lines:?}");
        assert!(day.late().iter().all(|turn| turn.knob != Knob::CallRate), "{id}: {:?}", day.late());
        let evening = day.look(nine() + SignedDuration::from_hours(8)).await;
        let Verdict::Decided { seen, .. } = &evening.verdict else { panic!("{evening:?}") };
        assert!(!is_over(&seen.sample), "{id}: {seen:?}");
    }
}

#[tokio::test]
async fn a_day_with_the_rule_of_the_source_stays_within_its_bounds() {
    for id in IDS {
        let mut day = Day::begin(id, 200, 0.4, 40, policy(Strategy::AnswerRate, OverBudget::Halt)).await;
        day.pass().await;
        assert!(LINES.hold(day.stands(Knob::Concurrency)) == day.stands(Knob::Concurrency));
    }
}

#[tokio::test]
async fn a_floor_that_is_short_of_agents_is_relieved_at_once_or_left_alone_as_the_policy_says() {
    let short = |over_budget| Day::begin("c1", 4, 0.9, 200, policy(Strategy::Balanced, over_budget));
    let mut relieved = short(OverBudget::StepDown).await;
    relieved.pass().await;
    let first: Vec<_> = relieved.turns.iter().take(2).map(|turn| (turn.knob, turn.to)).collect();
    assert_eq!(first, [(Knob::CallRate, 0.2), (Knob::Concurrency, 20.0)]);
    let mut halted = short(OverBudget::Halt).await;
    halted.pass().await;
    assert!(halted.turns.is_empty());
}

#[test]
fn the_knobs_are_fields_of_a_campaign() {
    for knob in Knob::ALL {
        assert_eq!(knob.field(), Field::find(Kind::Campaign, knob.path()));
        assert!(knob.field().is_some());
    }
}
