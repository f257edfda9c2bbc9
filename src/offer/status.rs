//! The service's words for how a submission stands, read in any spelling, and never read as success by mistake.

use std::fmt;

use super::Slot;

/// Defines a set of status words with an `Unknown` case that keeps what the service said.
macro_rules! status_words {
    ($(#[$meta:meta])* $name:ident { $($(#[$case_meta:meta])* $case:ident = $($word:literal)|+,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$case_meta])* $case,)+
            /// A word that we do not know, as the service wrote it: still going, and worth saying.
            Unknown(String),
        }

        impl $name {
            /// The word as the service's wire has it: `waitingForPublisherReview`.
            pub fn word(&self) -> String {
                match self {
                    Self::Unknown(word) => word.clone(),
                    known => {
                        let name = format!("{known:?}");
                        let (first, rest) = name.split_at(1);
                        first.to_ascii_lowercase() + rest
                    }
                }
            }

            /// Reads a word in any capitalisation; the tables print `PascalCase`, the wire is `camelCase`.
            pub fn parse(word: &str) -> Self {
                let folded: String = word.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
                match folded.as_str() {
                    $($($word)|+ => Self::$case,)+
                    _ => Self::Unknown(word.to_owned()),
                }
            }
        }
    };
}

status_words!(
    /// How a long-running operation or a submission stands.
    OperationStatus {
        /// Accepted, not begun.
        NotStarted = "notstarted" | "queued" | "pending",
        /// Going on.
        Running = "running" | "inprogress",
        /// The stages before the sign-off are done; somebody must go live.
        WaitingForPublisherReview = "waitingforpublisherreview",
        /// Ended well.
        Succeeded = "succeeded" | "completed" | "complete" | "published",
        /// Ended badly.
        Failed = "failed",
        /// Ended by somebody.
        Canceled = "canceled" | "cancelled",
    }
);

status_words!(
    /// How an offer as a whole stands.
    OfferStatus {
        /// Nothing was ever submitted.
        NeverPublished = "neverpublished",
        /// Accepted, not begun.
        NotStarted = "notstarted",
        /// Ready to go live.
        WaitingForPublisherReview = "waitingforpublisherreview",
        /// A submission goes on.
        Running = "running" | "inprogress",
        /// The newest submission ended well.
        Succeeded = "succeeded" | "published" | "completed" | "complete",
        /// The newest submission was ended by somebody.
        Canceled = "canceled" | "cancelled",
        /// The newest submission ended badly.
        Failed = "failed",
    }
);

status_words!(
    /// How one stage of a submission stands.
    StageStatus {
        /// Its turn has not come.
        NotStarted = "notstarted",
        /// Going on.
        InProgress = "inprogress" | "running",
        /// Waits for the publisher to go live.
        WaitingForPublisherReview = "waitingforpublisherreview",
        /// Waits for somebody at Microsoft.
        WaitingForApproval = "waitingforapproval",
        /// Needs a person.
        Blocked = "blocked",
        /// Refused by a person.
        Rejected = "rejected",
        /// Ended badly; the service does not list this word, other clients have seen it.
        Failed = "failed",
        /// Done.
        Complete = "complete" | "completed" | "succeeded",
        /// Ended by somebody.
        Canceled = "canceled" | "cancelled",
    }
);

/// Splits camel case into words, for people: `waitingForApproval` reads "waiting for approval".
fn spaced(word: &str, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, character) in word.char_indices() {
        if character.is_ascii_uppercase() && index > 0 {
            write!(formatter, " {}", character.to_ascii_lowercase())?;
        } else {
            write!(formatter, "{}", character.to_ascii_lowercase())?;
        }
    }
    Ok(())
}

macro_rules! display_by_debug_name {
    ($($name:ident),+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    Self::Unknown(word) => write!(formatter, "\"{word}\""),
                    known => spaced(&format!("{known:?}"), formatter),
                }
            }
        }
    )+};
}

display_by_debug_name!(OperationStatus, OfferStatus, StageStatus);

/// How much a message of the service matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageLevel {
    /// Good to know.
    Information,
    /// Worth a look.
    Warning,
    /// Stops the submission.
    Error,
}

/// What the service says about a submission or a stage, as plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// How much it matters.
    pub level: MessageLevel,
    /// The text, without HTML and control characters.
    pub text: String,
}

/// One part of a submission; the service calls it a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// The service's id: `displaycertify`. May be empty.
    pub id: String,
    /// The name for people: `Certification`.
    pub name: String,
    /// How it stands.
    pub status: StageStatus,
    /// How far it is, in percent, when the service tells.
    pub progress: Option<u8>,
    /// How long the service expects it to take, in its words: `< 5 day`.
    pub estimate: Option<String>,
    /// What the service says about it.
    pub messages: Vec<Message>,
}

impl Stage {
    /// Whether this is the stage that waits for the publisher's go-live.
    ///
    /// Matched by id, else by name (portal reference, "Retrieve operations").
    pub fn is_signoff(&self) -> bool {
        self.matches("publisher-signoff", "Publisher signoff")
    }

    /// Whether this is the last stage, at whose end the offer is live.
    pub fn is_live(&self) -> bool {
        self.matches("live", "Live")
    }

    fn matches(&self, id: &str, name: &str) -> bool {
        let fold =
            |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        self.id.eq_ignore_ascii_case(id) || (self.id.is_empty() && fold(&self.name) == fold(name))
    }
}

/// What the service says about an offer's newest submission: the answer of `status`, or of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusReport {
    /// The word at the top level.
    pub status: OfferStatus,
    /// The stages, in the service's order.
    pub stages: Vec<Stage>,
    /// What it says about the submission as a whole.
    pub messages: Vec<Message>,
    /// Where the preview can be seen.
    pub preview_links: Vec<String>,
    /// Where the live offer can be seen.
    pub live_links: Vec<String>,
    /// Grows with each submission, when the service tells it.
    pub publishing_version: Option<u64>,
}

impl StatusReport {
    /// A report that says this one word and nothing else.
    pub fn of(status: OfferStatus) -> Self {
        Self {
            status,
            stages: Vec::new(),
            messages: Vec::new(),
            preview_links: Vec::new(),
            live_links: Vec::new(),
            publishing_version: None,
        }
    }

    /// Whether the submission waits for the publisher to go live.
    ///
    /// The stage decides; the top level may still say `running` then.
    pub fn awaits_signoff(&self) -> bool {
        let signoff = self.stages.iter().find(|stage| stage.is_signoff());
        match signoff {
            Some(stage) => stage.status == StageStatus::WaitingForPublisherReview,
            None => self.status == OfferStatus::WaitingForPublisherReview,
        }
    }

    /// Whether a submission goes on that will move without anybody's go-live.
    pub fn is_running(&self) -> bool {
        match self.status {
            OfferStatus::NotStarted | OfferStatus::Running | OfferStatus::Unknown(_) => !self.awaits_signoff(),
            OfferStatus::NeverPublished
            | OfferStatus::WaitingForPublisherReview
            | OfferStatus::Succeeded
            | OfferStatus::Canceled
            | OfferStatus::Failed => false,
        }
    }

    /// Everything worth reading that the service says, a line each: about the whole, and what stages warn of.
    pub fn worth_reading(&self) -> Vec<String> {
        let own = self.messages.iter().map(|message| message.text.clone());
        let of_stages = self.stages.iter().flat_map(|stage| {
            let warnings = stage.messages.iter().filter(|message| message.level >= MessageLevel::Warning);
            warnings.map(|message| format!("{}: {}", stage.name, message.text))
        });
        own.chain(of_stages).collect()
    }

    /// The stages that need a person: blocked, rejected, failed, or with an error message.
    pub fn stages_in_trouble(&self) -> impl Iterator<Item = &Stage> {
        self.stages.iter().filter(|stage| {
            matches!(stage.status, StageStatus::Blocked | StageStatus::Rejected | StageStatus::Failed)
                || (stage.status != StageStatus::Complete
                    && stage.messages.iter().any(|message| message.level == MessageLevel::Error))
        })
    }
}

/// What a submission does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubmissionKind {
    /// Takes the draft to the preview slot.
    Publish,
    /// Takes the preview to the production slot.
    GoLive,
}

/// A publish or go-live run on the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// The service's id.
    pub id: String,
    /// What it does; `None` when the service used a word that we do not know.
    pub kind: Option<SubmissionKind>,
    /// How it stands.
    pub state: OperationStatus,
    /// The version of the offer's document that was submitted.
    pub offer_version: Option<u64>,
    /// Grows with each submission.
    pub publishing_version: Option<u64>,
    /// The slot that it leads to.
    pub slot: Option<Slot>,
    /// When it last changed, in the service's spelling.
    pub changed_time: Option<String>,
}

impl Submission {
    /// What puts submissions in order, the newest last: the one that runs, else the highest publishing version, which the
    /// service counts up.
    pub fn age(&self) -> impl Ord + use<> {
        (self.is_running(), self.publishing_version, self.changed_time.clone())
    }

    /// Whether two rows, read at different times, are about one submission. A row may be used again for the next one.
    pub fn is_same(&self, later: &Self) -> bool {
        if self.id.is_empty() {
            return self == later;
        }
        let began_again = later.is_running() && !self.is_running();
        self.id == later.id && self.publishing_version == later.publishing_version && !began_again
    }

    /// Whether it will still move. An unknown word counts as running: never read as success what is not known.
    pub fn is_running(&self) -> bool {
        matches!(self.state, OperationStatus::NotStarted | OperationStatus::Running | OperationStatus::Unknown(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_in_any_spelling_and_unknown_ones_are_kept() {
        assert_eq!(OfferStatus::parse("WaitingForPublisherReview"), OfferStatus::WaitingForPublisherReview);
        assert_eq!(StageStatus::parse("waitingforapproval"), StageStatus::WaitingForApproval);
        assert_eq!(OperationStatus::parse("Complete"), OperationStatus::Succeeded);
        assert_eq!(OfferStatus::parse("mystery"), OfferStatus::Unknown("mystery".into()));
        assert_eq!(StageStatus::WaitingForApproval.to_string(), "waiting for approval");
        assert_eq!(OfferStatus::parse("mystery").to_string(), "\"mystery\"");
    }

    #[test]
    fn the_signoff_stage_decides_whatever_the_top_level_says() {
        let stage = |status| Stage {
            id: "publisher-signoff".into(),
            name: "Publisher signoff".into(),
            status,
            progress: None,
            estimate: None,
            messages: Vec::new(),
        };
        let mut report = StatusReport {
            status: OfferStatus::Running,
            stages: vec![stage(StageStatus::WaitingForPublisherReview)],
            messages: Vec::new(),
            preview_links: Vec::new(),
            live_links: Vec::new(),
            publishing_version: None,
        };
        assert!(report.awaits_signoff() && !report.is_running());
        report.stages = vec![stage(StageStatus::NotStarted)];
        assert!(!report.awaits_signoff() && report.is_running());
    }
}
