//! "Did you mean": the nearest of some known words, and lists of words in sentences.

/// The candidate nearest to `word`, if it is near enough to be a slip.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 64; // the distance is quadratic in the length
    if word.chars().count() > LONGEST {
        return None;
    }
    let lower = word.to_lowercase();
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST)
        .filter_map(|candidate| {
            let distance = strsim::damerau_levenshtein(&lower, &candidate.to_lowercase());
            let longest = word.chars().count().max(candidate.chars().count());
            (distance * 3 <= longest.max(3)).then_some((distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// A hint that names the nearest candidate, or else lists a few of them under `label`.
pub(crate) fn hint<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str> + Clone,
    label: &str,
) -> Option<String> {
    if let Some(nearest) = nearest(word, candidates.clone()) {
        return Some(format!("did you mean `{nearest}`?"));
    }
    let mut candidates = candidates.into_iter().peekable();
    candidates.peek()?;
    Some(format!("{label}: {}", listed(candidates)))
}

/// Words in backticks; a long list is cut.
pub(crate) fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 16;
    let mut words = words.into_iter();
    let mut shown: Vec<String> = words.by_ref().take(SHOWN).map(|word| format!("`{word}`")).collect();
    if words.next().is_some() {
        shown.push("...".to_owned());
    }
    shown.join(", ")
}

/// A value from a file, short enough for a message.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST {
        return format!("`{text}`");
    }
    format!("`{}...`", text.chars().take(LONGEST).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word_and_a_stranger_finds_none() {
        let words = ["dialerSettings", "complianceSettings", "status"];
        assert_eq!(nearest("dialerSetings", words), Some("dialerSettings"));
        assert_eq!(nearest("STATUS", words), Some("status"));
        assert_eq!(nearest("colour", words), None);
    }
}
