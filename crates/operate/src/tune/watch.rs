//! Looking at a campaign before anything is decided: its totals so far, and the calls of a window.

use cxform_model::{CampaignStatus, RemoteId};
use cxform_tenant::{Figures, Interval, Reader, Span, TenantError, Told};

use super::{Calls, Sample};
use crate::stats::Standing;

/// What a look at a campaign told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// Its run state, where its totals tell one.
    pub status: Option<CampaignStatus>,
    /// What there is to judge by.
    pub sample: Sample,
    /// The window.
    pub span: Span,
}

/// Looks at a campaign.
///
/// # Errors
/// Its figures cannot be read.
pub async fn look(reader: &Reader, campaign: &RemoteId, span: Span) -> Result<Told<Seen>, TenantError> {
    let figures = match reader.figures(campaign).await? {
        Told::Known(figures) => figures,
        Told::NotPermitted(refusal) => return Ok(Told::NotPermitted(refusal)),
        Told::Absent => return Ok(Told::Absent),
    };
    let mut intervals = match reader.intervals(campaign, span).await? {
        Told::Known(intervals) => intervals,
        Told::NotPermitted(refusal) => return Ok(Told::NotPermitted(refusal)),
        Told::Absent => return Ok(Told::Absent),
    };
    let mut tally = Tally::default();
    while let Some(rows) = intervals.next().await? {
        rows.iter().for_each(|row| tally.add(row));
    }
    let Figures { status, total, utilization, .. } = figures;
    let Standing { answer_rate, abandoned_of_answered, .. } = Standing::of(&figures);
    let overall = Calls { placed: total.unwrap_or_default(), answer_rate, abandoned: abandoned_of_answered };
    let utilization = utilization.map(|percent| percent / 100.0);
    Ok(Told::Known(Seen { status, sample: Sample { lately: tally.calls(), overall, utilization }, span }))
}

/// The calls of intervals, summed up as they come. What one interval with calls does not tell is unknown of all.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Tally {
    placed: u64,
    answered: f64,
    abandoned: f64,
    answers_unknown: bool,
    abandons_unknown: bool,
}

impl Tally {
    fn add(&mut self, row: &Interval) {
        let Interval { start: _, answer_rate, abandon_rate, connected: _, attempted } = row;
        let Some(attempted) = attempted.filter(|calls| *calls > 0) else { return };
        self.placed = self.placed.saturating_add(attempted);
        let calls = attempted as f64;
        self.answers_unknown |= answer_rate.is_none();
        self.abandons_unknown |= abandon_rate.is_none();
        self.answered += calls * answer_rate.unwrap_or_default();
        self.abandoned += calls * abandon_rate.unwrap_or_default();
    }

    fn calls(&self) -> Calls {
        let Self { placed, answered, abandoned, answers_unknown, abandons_unknown } = *self;
        let answer_rate = (placed > 0 && !answers_unknown).then(|| answered / placed as f64);
        let abandoned = match answer_rate {
            Some(_) if abandons_unknown => None,
            // Where nobody answers, nobody is left waiting.
            Some(_) if answered == 0.0 && abandoned == 0.0 => Some(0.0),
            Some(_) if abandoned <= answered => Some(abandoned / answered),
            _ => None,
        };
        Calls { placed, answer_rate, abandoned }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn calls(rows: &[(Option<u64>, Option<f64>, Option<f64>)]) -> Calls {
        let mut tally = Tally::default();
        for (attempted, answer_rate, abandon_rate) in rows.iter().copied() {
            tally.add(&Interval {
                start: Timestamp::UNIX_EPOCH,
                answer_rate,
                abandon_rate,
                connected: None,
                attempted,
            });
        }
        tally.calls()
    }

    #[test]
    fn busy_intervals_weigh_more_than_idle_ones() {
        let told =
            calls(&[(Some(300), Some(0.5), Some(0.02)), (Some(100), Some(0.1), Some(0.0)), (Some(0), None, None)]);
        assert_eq!((told.placed, told.answer_rate), (400, Some(0.4)));
        assert!((told.abandoned.unwrap() - 6.0 / 160.0).abs() < 1e-12, "{told:?}");
    }

    #[test]
    fn what_one_interval_hides_is_unknown_of_all() {
        let whole = (Some(100), Some(0.5), Some(0.0));
        assert_eq!(calls(&[whole, (Some(1), None, Some(0.0))]).answer_rate, None);
        assert_eq!(calls(&[whole, (Some(1), None, Some(0.0))]).abandoned, None);
        assert_eq!(calls(&[whole, (Some(1), Some(0.5), None)]).abandoned, None);
        assert_eq!(calls(&[(Some(100), Some(0.1), Some(0.2))]).abandoned, None, "more abandoned than answered");
        assert_eq!(calls(&[(None, Some(0.5), Some(0.1))]), Calls::default());
        assert_eq!(calls(&[(Some(100), Some(0.0), Some(0.0))]).abandoned, Some(0.0));
    }
}
