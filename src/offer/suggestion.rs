//! "Did you mean": the known word that a misspelt one is closest to.

/// The closest of the known words, unless none is close.
pub(crate) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    within(|length| (length / 3).max(1), word, known)
}

/// The closest of words that are not all there are: another one may look much like them and be right.
pub(crate) fn closest_of_few<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    within(|length| if length < 8 { 1 } else { 2 }, word, known)
}

/// The closest of the known words that takes no more edits than are allowed for a word of a length.
fn within<'a>(
    allowed: impl Fn(usize) -> usize,
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let fold = |text: &str| text.to_ascii_lowercase().replace(['-', '_'], "");
    let wanted = fold(word);
    let allowed = allowed(wanted.len());
    // A long word of a hostile file would make the comparison slow, and resembles no key.
    if wanted.len() > 64 {
        return None;
    }
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&wanted, &fold(candidate)), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_words_are_found_whatever_their_case_and_far_ones_are_not() {
        assert_eq!(closest("publisherID", ["publisherId", "id"]), Some("publisherId"));
        assert_eq!(closest("publish-to", ["publishTo"]), Some("publishTo"));
        assert_eq!(closest("ofer", ["offer", "plans"]), Some("offer"));
        assert_eq!(closest("colour", ["offer", "plans"]), None);
    }

    #[test]
    fn of_few_words_that_are_known_only_a_slip_of_the_hand_is_one() {
        assert_eq!(closest("applicationId", ["applicationKey"]), Some("applicationKey"));
        assert_eq!(closest_of_few("applicationId", ["applicationKey"]), None);
        assert_eq!(closest_of_few("aplicatoinKey", ["applicationKey"]), Some("applicationKey"));
        assert_eq!(closest_of_few("isBYOL", ["isByol"]), Some("isByol"));
        assert_eq!(closest_of_few("isByl", ["isByol"]), Some("isByol"));
        assert_eq!(closest_of_few("isBy", ["isByol"]), None);
    }
}
