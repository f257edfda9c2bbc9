//! The disagreements about the service, each a switch: what its reference says is the default, what others saw of it is a quirk.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A quirk's name that the emulator does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is no quirk of the emulator; it knows {}", known_names())]
pub struct UnknownQuirk {
    /// What was given.
    pub name: String,
}

fn known_names() -> String {
    Quirk::ALL.iter().map(|quirk| quirk.name()).collect::<Vec<_>>().join(", ")
}

macro_rules! quirks {
    ($($case:ident = $name:literal, $description:literal;)+) => {
        /// One way in which the service may behave other than its reference says.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum Quirk {
            $(#[doc = $description] $case,)+
        }

        impl Quirk {
            /// Every quirk, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$case,)+];

            /// The name on the command line.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$case => $name,)+
                }
            }

            /// One sentence about what changes.
            pub fn description(self) -> &'static str {
                match self {
                    $(Self::$case => $description,)+
                }
            }
        }
    };
}

quirks! {
    CreateAnswers200 = "create-answers-200", "A PUT that creates an offer answers 200 instead of 201.";
    MissingIfMatchConflicts = "missing-if-match-conflicts", "A PUT without If-Match on an existing offer answers 409 `InvalidResourceId` instead of 400.";
    MissingIfMatchAccepted = "missing-if-match-accepted", "A PUT without If-Match on an existing offer is accepted.";
    PutRefusedWhileRunning = "put-refused-while-running", "A PUT is refused with 409 while a submission of the offer runs.";
    ETagInBody = "etag-in-body", "The ETag comes as eTag in the body and in no header.";
    CapitalETagInBody = "capital-etag-in-body", "The ETag comes as Etag in the body and in no header.";
    NoETag = "no-etag", "No ETag comes at all, and a PUT needs no If-Match.";
    HugeVersions = "huge-versions", "Versions of a draft count on from 636576975611768314, above 2^53.";
    ListingVersionZero = "listing-version-zero", "Rows of the offers listing carry version 0.";
    LocationOnly = "location-only", "A submission is announced by a Location header without an Operation-Location beside it.";
    AbsoluteOperationLocation = "absolute-operation-location", "A submission is announced by an absolute Operation-Location header and no Location.";
    NonMigratedLocation = "non-migrated-location", "A submission is announced as /api/operations/{publisher}${offer}$2$preview.";
    NoLocation = "no-location", "A submission is announced without any location.";
    ServiceErrorBodies = "service-error-bodies", "What is not found is told as {\"Product\":{…}} with a stack trace instead of {\"error\":{…}}.";
    BusyAnswers400 = "busy-answers-400", "Publishing while a submission runs answers 400 instead of 409.";
    CancelIsImmediate = "cancel-is-immediate", "A cancel takes effect at once and answers 200.";
    PascalCaseStatus = "pascal-case-status", "Status words are `PascalCase` instead of `camelCase`.";
    OperationArray = "operation-array", "An operation answers an array of one instead of an object.";
    OperationSaysComplete = "operation-says-complete", "A finished operation says complete instead of completed.";
    OperationSaysSucceeded = "operation-says-succeeded", "A finished operation says succeeded instead of completed.";
    SignoffSaysRunning = "signoff-says-running", "Everything but the stage says running while the sign-off waits.";
    UnknownWords = "unknown-words", "What runs is described with words that no reference lists.";
    PublishedWord = "published-word", "An offer that is live says published instead of succeeded.";
    ProgressStaysZero = "progress-stays-zero", "The progress of every stage stays at 0, even of complete ones.";
    MessagesAsStrings = "messages-as-strings", "Messages of stages are strings instead of objects.";
    ExtraStage = "extra-stage", "A stage that no reference lists appears among the others.";
    StageNamesOnly = "stage-names-only", "Stages have no id; their stepName holds the word that the id would be.";
    LinksAsStrings = "links-as-strings", "Preview and live links are strings instead of objects.";
    ReorderCollections = "reorder-collections", "Sets, map keys and offer plans come back in another order than they were sent.";
    UnsetSpeltOtherwise = "unset-spelt-otherwise", "Unset values come back spelt another way: null is left out, empty values become null.";
}

impl fmt::Display for Quirk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Quirk {
    type Err = UnknownQuirk;

    fn from_str(name: &str) -> Result<Self, UnknownQuirk> {
        Self::ALL
            .iter()
            .copied()
            .find(|quirk| quirk.name() == name)
            .ok_or_else(|| UnknownQuirk { name: name.to_owned() })
    }
}

impl TryFrom<String> for Quirk {
    type Error = UnknownQuirk;

    fn try_from(name: String) -> Result<Self, UnknownQuirk> {
        name.parse()
    }
}

impl From<Quirk> for String {
    fn from(quirk: Quirk) -> Self {
        quirk.name().to_owned()
    }
}

/// The quirks that an emulator shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quirks(BTreeSet<Quirk>);

impl Quirks {
    /// Whether the emulator shows this quirk.
    pub fn has(&self, quirk: Quirk) -> bool {
        self.0.contains(&quirk)
    }

    /// The quirks, in the order of the documentation.
    pub fn iter(&self) -> impl Iterator<Item = Quirk> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<Quirk> for Quirks {
    fn from_iter<I: IntoIterator<Item = Quirk>>(quirks: I) -> Self {
        Self(quirks.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_and_is_what_json_calls_it() {
        for quirk in Quirk::ALL {
            assert_eq!(quirk.name().parse(), Ok(*quirk));
            assert!(quirk.description().ends_with('.'));
        }
        assert_eq!(serde_json::to_value(Quirk::ETagInBody).unwrap(), "etag-in-body");
        assert!("create".parse::<Quirk>().unwrap_err().to_string().starts_with("`create` is no quirk"));
    }
}
