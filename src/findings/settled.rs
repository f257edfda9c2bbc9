//! The findings of a whole run, as they are shown: each once, the most serious first.

use std::collections::HashSet;

use super::{Finding, Level, Rule};

/// Puts findings in order and leaves out what others say better: what was found twice, and that a manifest is not covered
/// when what is wrong with manifests is told itself.
pub fn settled(mut found: Vec<Finding>) -> Vec<Finding> {
    let is_error = |finding: &Finding| matches!(finding.rule, Rule::Manifest(_)) && finding.level == Level::Error;
    if found.iter().any(is_error) {
        let is_left_out = |rule: Rule| matches!(rule, Rule::NotPlanned | Rule::NotCompared);
        found.retain(|finding| !(is_left_out(finding.rule) && finding.offer.is_none()));
    }
    let mut seen = HashSet::new();
    found.retain(|finding| seen.insert(finding.clone()));
    found.sort_by(|one, other| order(one).cmp(&order(other)));
    found
}

fn order(finding: &Finding) -> impl Ord + '_ {
    // What has no place is about everything.
    (finding.level, &finding.place, finding.rule, &finding.message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Place;

    #[test]
    fn the_most_serious_come_first_and_nothing_twice() {
        let finding = |level, file| Finding::new(Rule::Drift, level, "x").at(Place::head(file));
        let given = vec![
            finding(Level::Note, "a"),
            finding(Level::Warning, "b"),
            finding(Level::Warning, "a"),
            finding(Level::Error, "z"),
            finding(Level::Warning, "b"),
        ];
        let shown: Vec<_> = settled(given).into_iter().map(|it| (it.level, it.place.unwrap().start.file)).collect();
        assert_eq!(
            shown,
            [
                (Level::Error, "z".into()),
                (Level::Warning, "a".into()),
                (Level::Warning, "b".into()),
                (Level::Note, "a".into()),
            ]
        );
    }

    #[test]
    fn that_a_manifest_is_left_out_is_not_said_beside_what_is_wrong_with_it() {
        let left_out = || Finding::new(Rule::NotPlanned, Level::Error, "it has errors").at(Place::head("offer.yaml"));
        let wrong = Finding::new(Rule::Manifest("missing-key"), Level::Error, "`id` is missing");
        assert_eq!(settled(vec![left_out()]).len(), 1);
        assert_eq!(settled(vec![left_out(), wrong.clone()]), [wrong]);
    }
}
