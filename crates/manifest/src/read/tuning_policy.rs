//! `kind: TuningPolicy`: how far, and by what, dialers may be turned while campaigns dial.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use cxform_model::{
    Address, Bounds, CallRateRule, ConcurrencyRule, Damping, Knob, OverBudget, Shape, Source, Sourced, Strategy,
    TuningPolicy, TuningRules,
};
use jiff::SignedDuration;
use serde_json::Value;

use super::cursor::get;
use super::document::Heading;
use super::{Keys, Reader};
use crate::Diagnostic;
use crate::catalogue::{ANNOTATION, DUPLICATE_OBJECT, ENVELOPE, MISSING_KEY, TUNING};
use crate::yaml::{Entry, Node};

const KEYS: &[&str] = &["campaigns", "callRate", "concurrency", "abandonment", "sample", "coolDown", "maxRisePerHour"];
const SHARE: RangeInclusive<f64> = 0.0..=1.0;
const SHORTEST: SignedDuration = SignedDuration::from_mins(1);
const LONGEST: SignedDuration = SignedDuration::from_hours(24);
/// The target of a dialer's answer rate is met within so much \[003\].
const DEAD_BAND: f64 = 0.05;

/// What a knob's mapping holds.
struct Group<'n> {
    what: String,
    entries: &'n [Entry],
    node: &'n Node,
}

impl Reader<'_> {
    pub(super) fn tuning_policy(&mut self, heading: &Heading<'_>) {
        let before = self.sink.errors();
        if heading.annotations.protected() || !heading.annotations.ignored.is_empty() {
            let problem =
                Diagnostic::new(&ANNOTATION, Some(heading.place), "a TuningPolicy has no annotation of cxform");
            self.report(problem.help("`cxform/ignore` on a campaign keeps its fields from being tuned"));
        }
        let Some(spec) = self.spec(heading, &Keys::new("`spec` of a TuningPolicy", KEYS)) else { return };
        let campaigns = self.tuned_campaigns(heading, spec);
        let mut bounds = BTreeMap::new();
        let call_rate = self.part(spec, "callRate", &["between", "lower", "upper"]);
        let call_rate = call_rate.map(|group| self.call_rate(&group, &mut bounds));
        let concurrency = self.part(spec, "concurrency", &["between", "target", "deadBand", "strategy"]);
        let concurrency = concurrency.map(|group| self.concurrency(&group, &mut bounds));
        if call_rate.is_none() && concurrency.is_none() && self.sink.errors() == before {
            let problem = Diagnostic::new(&MISSING_KEY, Some(heading.place), "a TuningPolicy names nothing to tune");
            self.report(problem.help("add `callRate` or `concurrency`"));
        }
        let (budget, over_budget) = self.abandonment(spec);
        let damping = self.damping(spec);
        // A half-read policy would turn dialers by something that nobody wrote; what depends on a variable is read with it.
        let (Some(budget), Some(damping)) = (budget, damping) else { return };
        if self.sink.errors() != before || call_rate == Some(None) || concurrency == Some(None) {
            return;
        }
        self.desired.tuning.push(TuningPolicy {
            name: heading.name.to_owned(),
            campaigns,
            rules: TuningRules {
                call_rate: call_rate.flatten(),
                concurrency: concurrency.flatten(),
                abandon_budget: budget,
                over_budget,
                damping,
            },
            bounds,
            source: heading.source(),
        });
    }

    /// A campaign is tuned by one policy: two would turn its knobs to and fro.
    fn tuned_campaigns(&mut self, heading: &Heading<'_>, spec: &[Entry]) -> Vec<Sourced<Address>> {
        let what = "`spec` of a TuningPolicy";
        let Some(node) = self.required(spec, "campaigns", what, heading.place) else { return Vec::new() };
        let before = self.sink.errors();
        let names = self.names(node, "`campaigns`").unwrap_or_default();
        if names.is_empty() && self.sink.errors() == before && !node.is_unknown() {
            let problem = Diagnostic::new(&MISSING_KEY, Some(node.place), "a TuningPolicy names no campaign");
            self.report(problem.help("list the campaigns that it is for"));
        }
        let mut campaigns = Vec::new();
        for (name, node) in names {
            let address = Address::campaign(name);
            if let Some(first) = self.links.tuning(&address, node.place) {
                let message = format!("two documents tune `{address}`");
                let problem = Diagnostic::new(&DUPLICATE_OBJECT, Some(node.place), message);
                self.report(problem.related(first, "first named here").help("join the two").of(&address));
                continue;
            }
            campaigns.push(Sourced::new(address, node.place.source));
        }
        campaigns
    }

    fn part<'n>(&mut self, spec: &'n [Entry], key: &str, known: &[&str]) -> Option<Group<'n>> {
        let node = get(spec, key)?;
        let what = format!("`{key}`");
        let entries = self.mapping(node, &Keys::new(&what, known)).unwrap_or_default();
        Some(Group { what, entries, node })
    }

    fn call_rate(&mut self, group: &Group<'_>, places: &mut BTreeMap<Knob, Source>) -> Option<CallRateRule> {
        let bounds = self.knob_bounds(group, Knob::CallRate, places);
        let lower = self.needed_share(group, "lower");
        let upper = self.needed_share(group, "upper");
        let rule = CallRateRule { bounds: bounds?, lower: lower?, upper: upper? };
        if rule.lower >= rule.upper {
            let message = format!("`lower` is `{}`, which is not below `upper`, `{}`", rule.lower, rule.upper);
            let at = get(group.entries, "lower").map_or(group.node.place, |node| node.place);
            let problem = Diagnostic::new(&TUNING, Some(at), message);
            self.report(problem.help("between the two nothing is turned, so leave room"));
            return None;
        }
        Some(rule)
    }

    fn concurrency(&mut self, group: &Group<'_>, places: &mut BTreeMap<Knob, Source>) -> Option<ConcurrencyRule> {
        let bounds = self.knob_bounds(group, Knob::Concurrency, places);
        let target = self.needed_share(group, "target");
        let dead_band = self.within(group.entries, "deadBand", 0.0..=0.5, DEAD_BAND);
        let strategy = match get(group.entries, "strategy") {
            Some(node) => self.word(node, "`strategy`", Strategy::WORDS).and_then(Strategy::from_word),
            None => Some(Strategy::default()),
        };
        Some(ConcurrencyRule { bounds: bounds?, target: target?, dead_band: dead_band?, strategy: strategy? })
    }

    /// Bounds in the form of an envelope, within what the field itself may be.
    fn knob_bounds(&mut self, group: &Group<'_>, knob: Knob, places: &mut BTreeMap<Knob, Source>) -> Option<Bounds> {
        let node = self.required(group.entries, "between", &group.what, group.node.place)?;
        let [low, high] = self.list(node, "`between`")? else {
            let problem = Diagnostic::new(&ENVELOPE, Some(node.place), "`between` takes two numbers");
            self.report(problem.help("write `between: [low, high]`"));
            return None;
        };
        let shape = &knob.field()?.policy().shape;
        let mut bound = |node: &Node, name: &str| match self.value(shape, node, name)? {
            Value::Number(number) => number.as_f64().map(|number| (number, node.place)),
            _ => None,
        };
        let (low, high) = (bound(low, "the lower bound"), bound(high, "the upper bound"));
        let (low, high) = (low?, high?);
        let possible = match shape {
            Shape::Integer { min, max } => *min as f64..=*max as f64,
            Shape::Number { min, max } => *min..=*max,
            _ => f64::MIN..=f64::MAX,
        };
        for (bound, place) in [low, high] {
            if !possible.contains(&bound) {
                let message = format!("`{}` cannot be `{bound}`", knob.word());
                let hint = format!("it lies between {} and {}", possible.start(), possible.end());
                self.report(Diagnostic::new(&TUNING, Some(place), message).hint(hint));
                return None;
            }
        }
        if low.0 > high.0 {
            let message = format!("the lower bound `{}` is above the upper bound `{}`", low.0, high.0);
            let problem = Diagnostic::new(&ENVELOPE, Some(node.place), message);
            self.report(problem.help("write `between: [low, high]`"));
            return None;
        }
        places.insert(knob, node.place.source);
        Some(Bounds { min: low.0, max: high.0 })
    }

    fn abandonment(&mut self, spec: &[Entry]) -> (Option<f64>, OverBudget) {
        const LIMIT: f64 = TuningRules::ABANDON_BUDGET;
        let Some(group) = self.part(spec, "abandonment", &["limit", "beyond"]) else {
            return (Some(LIMIT), OverBudget::default());
        };
        let limit = self.within(group.entries, "limit", 0.001..=LIMIT, LIMIT);
        let beyond = match get(group.entries, "beyond") {
            Some(node) => self.word(node, "`beyond`", OverBudget::WORDS).and_then(OverBudget::from_word),
            None => Some(OverBudget::default()),
        };
        (limit.filter(|_| beyond.is_some()), beyond.unwrap_or_default())
    }

    fn damping(&mut self, spec: &[Entry]) -> Option<Damping> {
        const DEFAULT: Damping = Damping::DEFAULT;
        let sample = self.part(spec, "sample", &["window", "minimumCalls"]);
        let sample = sample.as_ref().map_or(&[][..], |group| group.entries);
        let window = self.time(sample, "window", DEFAULT.window);
        let least_calls = match get(sample, "minimumCalls") {
            Some(node) => self.least_calls(node),
            None => Some(DEFAULT.least_calls),
        };
        let cool_down = self.time(spec, "coolDown", DEFAULT.cool_down);
        let most_per_hour = self.within(spec, "maxRisePerHour", 0.01..=1.0, DEFAULT.most_per_hour);
        Some(Damping {
            cool_down: cool_down?,
            window: window?,
            least_calls: least_calls?,
            most_per_hour: most_per_hour?,
        })
    }

    fn least_calls(&mut self, node: &Node) -> Option<u64> {
        let value = self.value(&Shape::Integer { min: 1, max: i64::MAX }, node, "`minimumCalls`")?;
        let calls = value.as_u64().filter(|calls| *calls > 0);
        if calls.is_none() {
            let problem = Diagnostic::new(&TUNING, Some(node.place), format!("`minimumCalls` cannot be `{value}`"));
            self.report(problem.help("write how many calls it takes to judge, at least 1"));
        }
        calls
    }

    fn needed_share(&mut self, group: &Group<'_>, key: &str) -> Option<f64> {
        self.required(group.entries, key, &group.what, group.node.place)?;
        self.within(group.entries, key, SHARE, 0.0)
    }

    /// A number within a range, or what holds where it is left out.
    fn within(&mut self, entries: &[Entry], key: &str, range: RangeInclusive<f64>, default: f64) -> Option<f64> {
        let Some(node) = get(entries, key) else { return Some(default) };
        let number = self.number(node, &format!("`{key}`"))?.as_f64()?;
        if range.contains(&number) {
            return Some(number);
        }
        let hint = format!("it lies between {} and {}", range.start(), range.end());
        self.report(Diagnostic::new(&TUNING, Some(node.place), format!("`{key}` cannot be `{number}`")).hint(hint));
        None
    }

    fn time(&mut self, entries: &[Entry], key: &str, default: SignedDuration) -> Option<SignedDuration> {
        let Some(node) = get(entries, key) else { return Some(default) };
        let text = self.text(node, &format!("`{key}`"))?;
        let time = text.trim().parse::<SignedDuration>().ok();
        let time = time.filter(|time| (SHORTEST..=LONGEST).contains(time));
        if time.is_none() {
            let message = format!("`{key}` is {}, which is no time that it may be", crate::suggest::shown(text));
            let problem = Diagnostic::new(&TUNING, Some(node.place), message);
            self.report(problem.help("write a time from `1m` to `24h`, such as `15m`"));
        }
        time
    }
}
