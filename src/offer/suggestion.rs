//! "Did you mean": the known word that a misspelt one is closest to.

/// The closest of the known words, unless none is close.
pub(crate) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let fold = |text: &str| text.to_ascii_lowercase().replace(['-', '_'], "");
    let wanted = fold(word);
    let allowed = (wanted.len() / 3).max(1);
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
}
