//! What follows from a campaign's totals: rates, a score, and how much of the abandon budget is used up \[002\].

use cxform_model::TuningRules;
use cxform_tenant::Figures;

/// The share of answered calls that may be abandoned: 3 per cent, the telemarketing limit of 47 CFR 64.1200(a)(7).
pub const ABANDON_BUDGET: f64 = TuningRules::ABANDON_BUDGET;

/// What the totals of a campaign amount to. What cannot be known is `None`, never nought.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Standing {
    /// Answered calls as a share of all.
    pub answer_rate: Option<f64>,
    /// Abandoned calls as a share of all.
    pub abandonment_rate: Option<f64>,
    /// Calls that broke a rule as a share of all.
    pub violation_rate: Option<f64>,
    /// From 0 to 100, to two decimals; without calls there is no score.
    pub efficiency: Option<f64>,
    /// Abandoned calls as a share of the answered ones: what the law counts. Never less than the share of all.
    pub abandoned_of_answered: Option<f64>,
}

impl Standing {
    /// The standing that totals amount to.
    #[must_use]
    pub fn of(figures: &Figures) -> Self {
        let Figures { version: _, status: _, total, answered, abandoned, utilization: _, violations } = figures;
        let rate = |part: &Option<u64>| share((*part)?, (*total)?);
        let (answer_rate, abandonment_rate, violation_rate) = (rate(answered), rate(abandoned), rate(violations));
        Self {
            answer_rate,
            abandonment_rate,
            violation_rate,
            efficiency: efficiency(answer_rate, abandonment_rate, violation_rate),
            abandoned_of_answered: answered.zip(*abandoned).and_then(|(answered, lost)| share(lost, answered)),
        }
    }

    /// The used part of the budget: 1 is all of it.
    #[must_use]
    pub fn budget_used(&self) -> Option<f64> {
        self.abandoned_of_answered.map(|rate| rate / ABANDON_BUDGET)
    }

    /// Whether more calls were abandoned than may be.
    #[must_use]
    pub fn over_budget(&self) -> bool {
        self.abandoned_of_answered.is_some_and(|rate| rate > ABANDON_BUDGET)
    }
}

/// More of a part than of the whole is nonsense, and so unknown.
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0 && part <= whole).then(|| part as f64 / whole as f64)
}

fn efficiency(answer: Option<f64>, abandonment: Option<f64>, violation: Option<f64>) -> Option<f64> {
    let score = answer? * 50.0 - abandonment? * 30.0 - violation? * 20.0;
    Some((score.clamp(0.0, 100.0) * 100.0).round() / 100.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn figures(total: u64, answered: u64, abandoned: u64, violations: u64) -> Figures {
        Figures {
            total: Some(total),
            answered: Some(answered),
            abandoned: Some(abandoned),
            violations: Some(violations),
            ..Figures::default()
        }
    }

    #[test]
    fn the_score_is_the_formula_of_the_source() {
        let standing = Standing::of(&figures(200, 120, 3, 1));
        assert_eq!(standing.efficiency, Some(29.45));
        assert_eq!(standing.answer_rate, Some(0.6));
        assert_eq!(standing.abandoned_of_answered, Some(0.025));
        assert!(!standing.over_budget());
        assert_eq!(Standing::of(&figures(100, 0, 0, 90)).efficiency, Some(0.0), "never below nought");
    }

    #[test]
    fn without_calls_there_is_no_score() {
        assert_eq!(Standing::of(&figures(0, 0, 0, 0)), Standing::default());
        assert_eq!(Standing::of(&Figures::default()), Standing::default());
    }

    #[test]
    fn one_unknown_total_leaves_the_others_known() {
        let standing = Standing::of(&Figures { violations: None, ..figures(200, 120, 3, 0) });
        assert_eq!((standing.answer_rate, standing.violation_rate, standing.efficiency), (Some(0.6), None, None));
        assert_eq!(Standing::of(&figures(100, 101, 0, 0)).answer_rate, None, "more answered than placed");
    }

    proptest! {
        #[test]
        fn rates_lie_between_nought_and_one(total in 0..9u64, answered in 0..12u64, abandoned in 0..12u64, broken in 0..12u64) {
            let standing = Standing::of(&figures(total, answered, abandoned, broken));
            let Standing { answer_rate, abandonment_rate, violation_rate, efficiency, abandoned_of_answered } = standing;
            for rate in [answer_rate, abandonment_rate, violation_rate, abandoned_of_answered].into_iter().flatten() {
                prop_assert!((0.0..=1.0).contains(&rate));
            }
            prop_assert!(efficiency.is_none_or(|score| (0.0..=100.0).contains(&score)));
            if let (Some(of_all), Some(of_answered), Some(_)) = (abandonment_rate, abandoned_of_answered, answer_rate) {
                prop_assert!(of_answered >= of_all, "the budget is never judged more kindly than by all calls");
            }
        }
    }
}
