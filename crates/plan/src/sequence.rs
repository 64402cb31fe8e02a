//! The numbers of one desktop: which outcomes keep theirs and what the others get, with the fewest writes.

/// A place in the listed order: a new outcome, or one that stands there with the number that the tenant tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seat {
    New,
    Standing(Option<u64>),
}

/// The numbers of the listed outcomes, in their order. `foreign` are the numbers of all others, which keep theirs.
///
/// In sync means: listed outcomes rise in the listed order. New ones go after the highest number, so whatever is
/// listed after a new one follows it there.
pub(crate) fn number(seats: &[Seat], foreign: &[u64]) -> Vec<u64> {
    let mut foreign: Vec<u64> = foreign.to_vec();
    foreign.sort_unstable();
    foreign.dedup();
    let standing = seats.iter().filter_map(|seat| match seat {
        Seat::Standing(number) => *number,
        Seat::New => None,
    });
    let mut highest = standing.chain(foreign.last().copied()).max().unwrap_or(0);

    let known = seats.iter().take_while(|seat| **seat != Seat::New).count();
    let (before, after) = seats.split_at(known);
    let kept = keep(before, &foreign);
    let last_kept = kept.iter().rposition(Option::is_some);
    let mut numbers = Vec::with_capacity(seats.len());
    let mut previous = 0;
    for (at, kept) in kept.iter().enumerate() {
        previous = match kept {
            Some(number) => *number,
            None if last_kept.is_some_and(|last| at < last) => next_free(previous, &foreign),
            None => {
                highest = highest.saturating_add(1);
                highest
            }
        };
        numbers.push(previous);
    }
    for _ in after {
        highest = highest.saturating_add(1);
        numbers.push(highest);
    }
    numbers
}

/// The numbers that can stay so that those between them find free ones: all of them where they rise, else the
/// longest rising run that leaves room.
fn keep(seats: &[Seat], foreign: &[u64]) -> Vec<Option<u64>> {
    let told: Vec<Option<u64>> = seats
        .iter()
        .map(|seat| match seat {
            Seat::Standing(number) => *number,
            Seat::New => None,
        })
        .collect();
    if told.iter().all(Option::is_some) && told.is_sorted_by(|left, right| left < right) {
        return told;
    }
    // How many free numbers up to this one are left over once all before it have theirs. Two seats leave room for
    // those between them exactly where this does not fall.
    let slack = |at: usize, number: u64| -> Option<u64> {
        if foreign.binary_search(&number).is_ok() {
            return None;
        }
        let free = number - foreign.partition_point(|taken| *taken < number) as u64;
        free.checked_sub(at as u64 + 1)
    };
    // Longest run that never falls: `ends[n]` is the seat on which the run of n+1 with the lowest slack ends.
    let mut ends: Vec<(u64, usize)> = Vec::new();
    let mut came_from: Vec<Option<usize>> = vec![None; seats.len()];
    for (at, number) in told.iter().enumerate() {
        let Some(slack) = number.and_then(|number| slack(at, number)) else { continue };
        let length = ends.partition_point(|(end, _)| *end <= slack);
        came_from[at] = length.checked_sub(1).map(|before| ends[before].1);
        match ends.get_mut(length) {
            Some(end) => *end = (slack, at),
            None => ends.push((slack, at)),
        }
    }
    let mut kept = vec![None; seats.len()];
    let mut at = ends.last().map(|(_, at)| *at);
    while let Some(seat) = at {
        kept[seat] = told[seat];
        at = came_from[seat];
    }
    kept
}

fn next_free(after: u64, foreign: &[u64]) -> u64 {
    let mut number = after.saturating_add(1);
    while foreign.binary_search(&number).is_ok() {
        number = number.saturating_add(1);
    }
    number
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Seat::{New, Standing};
    use super::*;

    fn at(number: u64) -> Seat {
        Standing(Some(number))
    }

    #[test]
    fn what_rises_stays() {
        assert_eq!(number(&[at(2), at(7)], &[5]), [2, 7]);
        assert_eq!(number(&[at(2), at(7), New, New], &[9]), [2, 7, 10, 11]);
    }

    #[test]
    fn what_is_listed_after_a_new_one_follows_it() {
        assert_eq!(number(&[at(1), New, at(2)], &[]), [1, 3, 4]);
    }

    #[test]
    fn the_fewest_are_moved() {
        assert_eq!(number(&[at(2), at(3), at(1)], &[]), [2, 3, 4]);
        assert_eq!(number(&[at(1), at(9), at(5)], &[]), [1, 2, 5]);
        assert_eq!(number(&[at(1), at(9), at(2)], &[]), [1, 9, 10]);
        assert_eq!(number(&[at(1), at(9), at(5), at(6)], &[2]), [1, 3, 5, 6]);
    }

    #[test]
    fn equal_and_unknown_numbers_are_out_of_order() {
        assert_eq!(number(&[at(1), at(1)], &[]), [1, 2]);
        assert_eq!(number(&[Standing(None), at(4)], &[]), [1, 4]);
        assert_eq!(number(&[at(3), at(2)], &[2]), [3, 4]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn numbers_rise_apart_from_foreign_ones_and_stay_once_given(
            seats in proptest::collection::vec(prop_oneof![
                1 => Just(New), 1 => Just(Standing(None)), 8 => (0u64..12).prop_map(at)], 0..10),
            foreign in proptest::collection::vec(0u64..12, 0..5),
        ) {
            let numbers = number(&seats, &foreign);
            prop_assert!(numbers.is_sorted_by(|left, right| left < right), "{numbers:?}");
            for (seat, given) in seats.iter().zip(&numbers) {
                prop_assert!(*seat == at(*given) || !foreign.contains(given), "{numbers:?}");
            }
            let again: Vec<_> = numbers.iter().map(|number| at(*number)).collect();
            prop_assert_eq!(number(&again, &foreign), numbers);
        }
    }
}
