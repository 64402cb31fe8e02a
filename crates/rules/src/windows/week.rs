//! Sets of seconds of a week, as sorted spans.

/// The seconds of a day.
pub(crate) const DAY: i64 = 24 * 60 * 60;

/// A set of seconds of the week that begins with Monday. Spans are half-open, and wrap from Sunday to Monday.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Week(Vec<(i64, i64)>);

impl Week {
    /// The seconds of a week.
    pub const LENGTH: i64 = 7 * DAY;

    /// All of it.
    #[must_use]
    pub fn full() -> Self {
        Self(vec![(0, Self::LENGTH)])
    }

    /// The union of spans, each a start and a length. What reaches beyond Sunday goes on with Monday.
    #[must_use]
    pub fn of(spans: impl IntoIterator<Item = (i64, i64)>) -> Self {
        let mut pieces = Vec::new();
        for (start, length) in spans {
            if length >= Self::LENGTH {
                return Self::full();
            }
            let start = start.rem_euclid(Self::LENGTH);
            let end = start + length;
            pieces.push((start, end.min(Self::LENGTH)));
            pieces.push((0, end - Self::LENGTH));
        }
        pieces.retain(|(start, end)| start < end);
        pieces.sort_unstable();
        let mut merged: Vec<(i64, i64)> = Vec::with_capacity(pieces.len());
        for (start, end) in pieces {
            match merged.last_mut() {
                Some((_, until)) if start <= *until => *until = end.max(*until),
                _ => merged.push((start, end)),
            }
        }
        Self(merged)
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it is the whole week.
    #[must_use]
    pub fn is_full(&self) -> bool {
        *self == Self::full()
    }

    /// What is in this set and not in the other.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let mut left = Vec::new();
        let mut cuts = other.0.iter().copied().peekable();
        for &(mut start, end) in &self.0 {
            while let Some(&(from, until)) = cuts.peek() {
                if from >= end {
                    break;
                }
                if start < from {
                    left.push((start, from));
                }
                start = start.max(until);
                if until > end {
                    break;
                }
                cuts.next();
            }
            if start < end {
                left.push((start, end));
            }
        }
        Self(left)
    }

    /// Whether everything in this set is in the other.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.minus(other).is_empty()
    }

    /// The set by a clock that is so many seconds ahead.
    #[must_use]
    pub(crate) fn ahead(&self, seconds: i64) -> Self {
        Self::of(self.0.iter().map(|(start, end)| (start + seconds, end - start)))
    }

    /// Its spans from one moment to another, both counted in seconds from the beginning of some week, in order.
    pub(crate) fn between(&self, from: i64, until: i64) -> impl Iterator<Item = (i64, i64)> {
        (from.div_euclid(Self::LENGTH)..=until.div_euclid(Self::LENGTH))
            .flat_map(move |week| {
                self.0.iter().map(move |(start, end)| (week * Self::LENGTH + start, week * Self::LENGTH + end))
            })
            .map(move |(start, end)| (start.max(from), end.min(until)))
            .filter(|(start, end)| start < end)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: i64 = 60 * 60;

    fn hours(spans: &[(i64, i64)]) -> Week {
        Week::of(spans.iter().map(|(start, length)| (start * HOUR, length * HOUR)))
    }

    #[test]
    fn spans_join_wrap_and_may_fill_the_week() {
        assert_eq!(hours(&[(9, 3), (12, 2), (10, 1)]), hours(&[(9, 5)]));
        assert_eq!(hours(&[(167, 2)]), hours(&[(0, 1), (167, 1)]));
        assert!(hours(&[(5, 168)]).is_full());
        assert!(hours(&[(0, 100), (100, 68)]).is_full());
        assert!(Week::of([]).is_empty());
    }

    #[test]
    fn a_span_goes_on_over_the_end_of_the_week() {
        let spans: Vec<_> = hours(&[(167, 2)]).between(166 * HOUR, 336 * HOUR).collect();
        assert_eq!(spans, [(167 * HOUR, 168 * HOUR), (168 * HOUR, 169 * HOUR), (335 * HOUR, 336 * HOUR)]);
    }

    fn weeks() -> impl Strategy<Value = Vec<(i64, i64)>> {
        prop::collection::vec((0..168_i64, 0..30_i64), 0..6)
    }

    fn members(spans: &[(i64, i64)]) -> Vec<bool> {
        let within = |hour: i64| spans.iter().any(|(start, length)| (hour - start).rem_euclid(168) < *length);
        (0..168).map(within).collect()
    }

    proptest! {
        #[test]
        fn a_set_holds_what_its_spans_hold(left in weeks(), right in weeks(), ahead in -200..200_i64) {
            let held = |week: &Week| -> Vec<bool> {
                (0..168).map(|hour| week.between(hour * HOUR, (hour + 1) * HOUR).next().is_some()).collect()
            };
            let (of_left, of_right) = (members(&left), members(&right));
            prop_assert_eq!(held(&hours(&left)), &of_left[..]);
            let minus: Vec<_> = of_left.iter().zip(&of_right).map(|(left, right)| *left && !right).collect();
            prop_assert_eq!(held(&hours(&left).minus(&hours(&right))), minus);
            let within = of_left.iter().zip(&of_right).all(|(left, right)| !left || *right);
            prop_assert_eq!(hours(&left).is_within(&hours(&right)), within);
            let moved: Vec<_> = left.iter().map(|(start, length)| (start + ahead, *length)).collect();
            prop_assert_eq!(hours(&left).ahead(ahead * HOUR), hours(&moved));
        }
    }
}
