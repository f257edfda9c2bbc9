//! Findings: what a run found that a person has to look at, each at the place in the repository that it is about.
//!
//! Pure, and blind to where a finding is shown: reports for code scanning and the annotations of CI systems are made of them
//! elsewhere. A **rule** is what was looked for; a **finding** is one time that it was found.

mod complained;
mod diagnosed;
mod drifted;
mod place;
mod planned;
mod rule;
mod settled;

pub use complained::of_complaint;
pub use diagnosed::of_diagnostic;
pub use drifted::of_drift;
pub use place::Place;
pub use planned::of_plan;
pub use rule::Rule;
pub use settled::{Findings, MOST};

use crate::offer::{FieldPath, OfferKey};

/// One thing that a person has to look at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Finding {
    /// What was looked for.
    pub rule: Rule,
    /// How much it matters.
    pub level: Level,
    /// What was found, in one sentence without a full stop.
    pub message: String,
    /// What a person can do about it.
    pub help: Option<String>,
    /// Where the repository says what it is about; `None` when no file of it does.
    pub place: Option<Place>,
    /// Other places that matter, each with a few words.
    pub related: Vec<(Place, String)>,
    /// The offer that it is about, when it is about one.
    pub offer: Option<OfferKey>,
    /// The field of the offer that it is about, when it is about one.
    pub field: Option<FieldPath>,
}

/// How much a finding matters; the most serious first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Something is not done, or cannot be.
    Error,
    /// Somebody should look before the next step.
    Warning,
    /// Good to know.
    Note,
}

impl Finding {
    /// A finding with nothing but its rule, its level and its sentence.
    pub fn new(rule: Rule, level: Level, message: impl Into<String>) -> Self {
        Self {
            rule,
            level,
            message: message.into(),
            help: None,
            place: None,
            related: Vec::new(),
            offer: None,
            field: None,
        }
    }

    /// The same finding in other words: each of its texts passes through `change`.
    #[must_use]
    pub fn with_texts(self, change: impl Fn(&str) -> String) -> Self {
        let related = self.related.into_iter().map(|(place, words)| (place, change(&words))).collect();
        Self { message: change(&self.message), help: self.help.as_deref().map(&change), related, ..self }
    }

    /// The same finding, in the repository that holds this one in a folder.
    #[must_use]
    pub fn below(self, folder: &str) -> Self {
        let related = self.related.into_iter().map(|(place, words)| (place.below(folder), words)).collect();
        Self { place: self.place.map(|place| place.below(folder)), related, ..self }
    }

    /// Says where the repository speaks of it.
    #[must_use]
    pub fn at(self, place: impl Into<Place>) -> Self {
        Self { place: Some(place.into()), ..self }
    }

    /// Says what a person can do about it.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Says which offer it is about.
    #[must_use]
    pub fn of(self, offer: OfferKey) -> Self {
        Self { offer: Some(offer), ..self }
    }

    /// Says which field of the offer it is about.
    #[must_use]
    pub fn on(self, field: FieldPath) -> Self {
        Self { field: Some(field), ..self }
    }
}
