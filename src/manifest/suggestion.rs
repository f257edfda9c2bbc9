//! "Did you mean": the known word that a misspelt one is closest to.

/// The closest of the known words, unless none is close.
pub(super) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
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

/// The sentence for a help line: the closest word, or all of them.
pub(super) fn did_you_mean(word: &str, known: &[&str]) -> String {
    match closest(word, known.iter().copied()) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => format!("known are {}", listed(known)),
    }
}

/// `a`, `b` and `c`, each in backquotes.
pub(super) fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
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
        assert_eq!(listed(&["a", "b", "c"]), "`a`, `b` and `c`");
    }
}
