//! The findings of a whole run, as they are shown: each once, the most serious first.

use std::collections::HashSet;
use std::hash::BuildHasher as _;

use foldhash::fast::RandomState;

use super::{Finding, Level, Rule};

/// How many findings of a run any report shows: GitHub takes no more of a SARIF file.
pub const MOST: usize = 5_000;

/// The findings of a run. A thousand manifests may have something in each line, so that no more are kept than are shown, the
/// most serious; the others are counted.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    found: Vec<Finding>,
    beyond: [usize; 3],
    /// A digest of each that was taken in. Each manifest that extends a part tells what is wrong with the part.
    seen: HashSet<u64>,
    /// What was met, also among those that are not shown.
    met: HashSet<(Rule, Level)>,
    hasher: RandomState,
}

impl Findings {
    /// Takes a finding in, unless it is in. What is wrong with manifests comes first: offers that could not be planned because
    /// of it are not told once more, and are not counted either.
    pub fn add(&mut self, finding: Finding) {
        if !self.seen.insert(self.hasher.hash_one(&finding)) {
            return;
        }
        self.met.insert((finding.rule, finding.level));
        self.found.push(finding);
        // Not at each one, for it takes all of them to put one in its place.
        if self.found.len() >= 2 * MOST {
            self.settle();
        }
    }

    /// Puts them in order and leaves out what others say better: that a manifest is not covered when what is wrong with
    /// manifests is told itself.
    #[must_use]
    pub fn settled(mut self) -> Self {
        self.settle();
        self
    }

    /// The same findings in other words: each of their texts passes through `change`.
    #[must_use]
    pub fn with_texts(self, change: impl Fn(&str) -> String) -> Self {
        Self { found: self.found.into_iter().map(|finding| finding.with_texts(&change)).collect(), ..self }
    }

    /// Those that are shown.
    pub fn shown(&self) -> &[Finding] {
        &self.found
    }

    /// Whether any that was taken in, shown or not, is of such a rule and level.
    pub fn any(&self, is_meant: impl Fn(Rule, Level) -> bool) -> bool {
        self.met.iter().any(|(rule, level)| is_meant(*rule, *level))
    }

    /// How many there are besides, none of them more serious.
    pub fn beyond(&self) -> usize {
        self.beyond.iter().sum()
    }

    /// How many there are besides of a level.
    pub fn beyond_of(&self, level: Level) -> usize {
        self.beyond[level as usize]
    }

    fn settle(&mut self) {
        let found = &mut self.found;
        let is_error = |(rule, level): &(Rule, Level)| matches!(rule, Rule::Manifest(_)) && *level == Level::Error;
        if self.met.iter().any(is_error) {
            let is_left_out = |rule: Rule| matches!(rule, Rule::NotPlanned | Rule::NotCompared);
            found.retain(|finding| !(is_left_out(finding.rule) && finding.offer.is_none()));
        }
        found.sort_by(|one, other| order(one).cmp(&order(other)));
        for finding in found.drain(MOST.min(found.len())..) {
            self.beyond[finding.level as usize] += 1;
        }
    }
}

impl FromIterator<Finding> for Findings {
    fn from_iter<Found: IntoIterator<Item = Finding>>(found: Found) -> Self {
        let mut findings = Self::default();
        found.into_iter().for_each(|finding| findings.add(finding));
        findings
    }
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
        let given: Findings = given.into_iter().collect();
        let shown = given.settled().found.into_iter();
        let shown: Vec<_> = shown.map(|it| (it.level, it.place.unwrap().start.file)).collect();
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
        let settled = |found: Vec<Finding>| found.into_iter().collect::<Findings>().settled().found;
        assert_eq!(settled(vec![left_out()]).len(), 1);
        assert_eq!(settled(vec![left_out(), wrong.clone()]), [wrong]);
    }

    #[test]
    fn of_very_many_the_most_serious_are_shown_and_the_others_counted() {
        let finding = |level, number: usize| Finding::new(Rule::Drift, level, format!("{number:06}"));
        let warnings = (0..3 * MOST).map(|number| finding(Level::Warning, number));
        let late = (0..2).map(|number| finding(Level::Error, number));
        // Each manifest tells again what is wrong with a part.
        let found = warnings.clone().chain(warnings).chain(late).chain([finding(Level::Note, 0)]);
        let found = found.collect::<Findings>().settled();
        assert_eq!(found.shown().len(), MOST);
        assert_eq!(
            found.shown()[..3],
            [finding(Level::Error, 0), finding(Level::Error, 1), finding(Level::Warning, 0)]
        );
        assert_eq!(
            [Level::Error, Level::Warning, Level::Note].map(|level| found.beyond_of(level)),
            [0, 2 * MOST + 2, 1]
        );
        assert_eq!(found.beyond(), 2 * MOST + 3);
        assert!(found.any(|rule, level| (rule, level) == (Rule::Drift, Level::Note)), "it is not shown, and was there");
    }
}
