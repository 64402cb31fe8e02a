//! What is tuned stays where the manifest of the campaign wants it: otherwise each apply takes back what tuning did.

use cxform_model::{Bounds, Knob, Setting, Sourced, TuningPolicy};

use crate::quote::quote_text;
use crate::{Finding, Rule, Severity, Spot, Standing, StandingObject, spot_at};

pub(super) static RULE: Rule = Rule {
    id: "CX063",
    name: "tuning-envelope",
    severity: Severity::Error,
    about: "The bounds of a tuning policy lie inside the `between` of each campaign that it names, as far as a manifest manages the \
            field, and the campaign does not ignore it: what is tuned is in sync then.",
    origin: "[002][003]",
};

pub(super) fn judge(standing: &Standing<'_>, findings: &mut Vec<Finding>) {
    for policy in standing.tuning {
        for campaign in &policy.campaigns {
            let Some(object) = standing.objects.get(&campaign.value) else { continue };
            for knob in Knob::ALL {
                if let Some(bounds) = policy.rules.bounds(knob) {
                    findings.extend(find(policy, knob, bounds, campaign, *object));
                }
            }
        }
    }
}

fn find(
    policy: &TuningPolicy,
    knob: Knob,
    bounds: Bounds,
    campaign: &Sourced<cxform_model::Address>,
    object: StandingObject<'_>,
) -> Option<Finding> {
    let field = knob.field()?;
    let (name, word) = (quote_text(&policy.name), knob.word());
    let at = Spot {
        field: Some(field),
        ..spot_at(campaign.value.clone(), policy.bounds.get(&knob).copied().unwrap_or(campaign.source))
    };
    let there = object.spot_of(field, "");
    if object.desired.ignored.contains(&field) {
        let message = format!("{name} tunes `{word}` of a campaign that is told to ignore it");
        let finding = Finding::new(&RULE, at, message).related(object.whole(), "`cxform/ignore` is written here");
        return Some(finding.hint("take the field out of one of the two"));
    }
    match &object.desired.fields.get(field)?.setting {
        Setting::Value(value) => {
            let message = format!("{name} tunes `{word}`, which the manifest of the campaign fixes at `{value}`");
            let hint = format!("write `{word}: {{ between: [{}, {}] }}` there", bounds.min, bounds.max);
            Some(Finding::new(&RULE, at, message).related(there, "fixed here").hint(hint))
        }
        Setting::Between(envelope) => {
            let (low, high) = (envelope.low.as_f64()?, envelope.high.as_f64()?);
            if low <= bounds.min && bounds.max <= high {
                return None;
            }
            let message = format!(
                "{name} tunes `{word}` between `{}` and `{}`, and the campaign wants it between `{low}` and `{high}`",
                bounds.min, bounds.max
            );
            let finding = Finding::new(&RULE, at, message).related(there, "the campaign's own bounds");
            Some(finding.hint("keep the bounds of the policy inside those of the campaign"))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use cxform_model::{
        Address, Bounds, CallRateRule, Damping, Field, FileId, Kind, Knob, OverBudget, Source, Sourced, TuningPolicy,
        TuningRules,
    };
    use serde_json::{Value, json};

    use super::RULE;
    use crate::fixture::project;

    const PATH: &str = "dialerSettings.callRate";

    fn found(campaign: &Value, ignored: bool) -> Vec<String> {
        let mut project = project(json!({ "campaign/q3": campaign }));
        let source = Source { file: FileId(0), line: 90, column: 1 };
        let call_rate = CallRateRule { bounds: Bounds { min: 0.3, max: 0.8 }, lower: 0.3, upper: 0.6 };
        project.desired.tuning.push(TuningPolicy {
            name: "calm".to_owned(),
            campaigns: ["q3", "not managed here"].map(|name| Sourced::new(Address::campaign(name), source)).into(),
            rules: TuningRules {
                call_rate: Some(call_rate),
                concurrency: None,
                abandon_budget: 0.03,
                over_budget: OverBudget::Halt,
                damping: Damping::DEFAULT,
            },
            bounds: BTreeMap::from([(Knob::CallRate, source)]),
            source,
        });
        if ignored {
            let field = Field::find(Kind::Campaign, PATH).unwrap();
            project.desired.objects.values_mut().for_each(|object| object.ignored.extend([field]));
        }
        let findings = project.findings(&RULE);
        assert!(findings.iter().all(|finding| finding.at.source == Some(source) && finding.related.len() == 1));
        findings.into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn bounds_lie_inside_those_of_the_campaign() {
        let between = |low: f64, high: f64| json!({ PATH: { "between": [low, high] } });
        assert!(found(&between(0.3, 0.8), false).is_empty());
        assert!(found(&between(0.1, 1.0), false).is_empty());
        for campaign in [between(0.4, 0.8), between(0.3, 0.7), between(0.4, 0.7)] {
            assert_eq!(found(&campaign, false).len(), 1, "{campaign}");
        }
    }

    #[test]
    fn a_fixed_value_cannot_be_tuned_and_an_unmanaged_one_can() {
        assert_eq!(
            found(&json!({ PATH: 0.5 }), false),
            ["`calm` tunes `callRate`, which the manifest of the campaign fixes at `0.5`"]
        );
        assert!(found(&json!({}), false).is_empty());
    }

    #[test]
    fn what_is_to_be_left_alone_is() {
        assert_eq!(found(&json!({}), true).len(), 1);
    }
}
