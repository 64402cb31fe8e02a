//! `kind: TuningPolicy`.

use cxform_model::{Address, Bounds, Damping, Knob, OverBudget, Strategy};
use jiff::SignedDuration;

use super::{campaign, desired, error, lines, load};

const HEAD: &str = "apiVersion: cxform/v1\nkind: TuningPolicy\nmetadata: { name: calm }\n";

fn policy(spec: &str) -> String {
    format!("{HEAD}spec:\n  {}\n", spec.replace('\n', "\n  "))
}

#[test]
fn a_policy_is_read_whole() {
    let desired = desired(&policy(
        "campaigns: [q3, q4]\ncallRate: { between: [0.3, 0.8], lower: 0.3, upper: 0.6 }\n\
         concurrency: { between: [50, 300], target: 0.45, deadBand: 0.1, strategy: answer-rate }\n\
         abandonment: { limit: 0.02, beyond: step-down }\nsample: { window: 2h, minimumCalls: 500 }\n\
         coolDown: 20m\nmaxRisePerHour: 0.25",
    ));
    let policy = &desired.tuning[0];
    let names: Vec<_> = policy.campaigns.iter().map(|campaign| campaign.value.clone()).collect();
    assert_eq!(names, [Address::campaign("q3"), Address::campaign("q4")]);
    let rules = policy.rules;
    let (call_rate, concurrency) = (rules.call_rate.unwrap(), rules.concurrency.unwrap());
    assert_eq!((call_rate.bounds, call_rate.lower, call_rate.upper), (Bounds { min: 0.3, max: 0.8 }, 0.3, 0.6));
    assert_eq!(concurrency.bounds, Bounds { min: 50.0, max: 300.0 });
    assert_eq!((concurrency.target, concurrency.dead_band), (0.45, 0.1));
    assert_eq!(concurrency.strategy, Strategy::AnswerRate);
    assert_eq!((rules.abandon_budget, rules.over_budget), (0.02, OverBudget::StepDown));
    let expected = Damping {
        cool_down: SignedDuration::from_mins(20),
        window: SignedDuration::from_hours(2),
        least_calls: 500,
        most_per_hour: 0.25,
    };
    assert_eq!(rules.damping, expected);
    assert_eq!(policy.bounds[&Knob::Concurrency].line, 7);
}

#[test]
fn what_is_left_out_is_the_safe_choice() {
    let desired = desired(&policy("campaigns: [q3]\nconcurrency: { between: [50, 300], target: 0.45 }"));
    let rules = desired.tuning[0].rules;
    assert_eq!(rules.concurrency.unwrap().strategy, Strategy::Balanced);
    assert_eq!((rules.abandon_budget, rules.over_budget, rules.damping), (0.03, OverBudget::Halt, Damping::DEFAULT));
    assert!(rules.call_rate.is_none());
}

#[test]
fn what_cannot_be_carried_out_is_told_at_its_place() {
    for (spec, expected) in [
        ("callRate: { between: [0.3, 1.8], lower: 0.3, upper: 0.6 }", "6 CX028 `callRate` cannot be `1.8`"),
        (
            "callRate: { between: [0.8, 0.3], lower: 0.3, upper: 0.6 }",
            "6 CX023 the lower bound `0.8` is above the upper bound `0.3`",
        ),
        (
            "callRate: { between: [0.3, 0.8], lower: 0.6, upper: 0.6 }",
            "6 CX028 `lower` is `0.6`, which is not below `upper`, `0.6`",
        ),
        ("callRate: { between: [0.3, 0.8], upper: 0.6 }", "6 CX007 `callRate` has no `lower`"),
        ("concurrency: { between: [50, 300], target: 45 }", "6 CX028 `target` cannot be `45`"),
        ("concurrency: { between: [50, 300], target: 0.4, strategy: bold }", "6 CX008 `strategy` cannot be `bold`"),
        (
            "concurrency: { between: [50, 300], target: 0.4 }\nabandonment: { limit: 0.05 }",
            "7 CX028 `limit` cannot be `0.05`",
        ),
        (
            "concurrency: { between: [50, 300], target: 0.4 }\ncoolDown: 5s",
            "7 CX028 `coolDown` is `5s`, which is no time that it may be",
        ),
        (
            "concurrency: { between: [50, 300], target: 0.4 }\nsample: { minimumCalls: 0 }",
            "7 CX028 `minimumCalls` cannot be `0`",
        ),
        ("coolDown: 5m", "3 CX007 a TuningPolicy names nothing to tune"),
    ] {
        let told = error(&policy(&format!("campaigns: [q3]\n{spec}")));
        let (line, rest) = told.split_once(':').unwrap();
        let (_column, rest) = rest.split_once(' ').unwrap();
        assert_eq!(format!("{line} {rest}"), expected);
    }
}

#[test]
fn a_campaign_is_tuned_by_one_policy() {
    let one = policy("campaigns: [q3]\nconcurrency: { between: [50, 300], target: 0.4 }");
    let two = one.replace("calm", "bold");
    assert_eq!(
        lines(&load(&format!("{one}---\n{two}")).diagnostics),
        ["manifests/a.yaml:12:15 CX012 two documents tune `campaign/q3`"]
    );
}

#[test]
fn bounds_beyond_those_of_the_campaign_are_told_with_both_places() {
    let tuned = policy("campaigns: [c]\nconcurrency: { between: [50, 300], target: 0.4 }");
    let managed = campaign("type: predictive\ndialerSettings: { concurrency: { between: [60, 300] } }");
    let loaded = load(&format!("{tuned}---\n{managed}"));
    assert_eq!(
        lines(&loaded.diagnostics),
        [
            "manifests/a.yaml:6:27 CX063 `calm` tunes `concurrency` between `50` and `300`, and the campaign wants it between `60` and `300`"
        ]
    );
    let problem = loaded.diagnostics.iter().find(|problem| problem.rule.id == "CX063").unwrap();
    assert_eq!(problem.related[0].at.unwrap().source.line, 13);
}

#[test]
fn a_policy_with_a_variable_that_is_not_known_is_no_policy() {
    let loaded = load(&policy("campaigns: [q3]\nconcurrency: { between: [50, 300], target: \"${var.nowhere}\" }"));
    assert!(loaded.desired.is_none());
    assert_eq!(lines(&loaded.diagnostics).len(), 1, "{:?}", lines(&loaded.diagnostics));
}
