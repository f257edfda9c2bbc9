//! The executor: does the steps of a plan, each after a look at what is there now, and waits for the service.
//!
//! It makes no choices of its own: what to do and in which order is the plan's. It knows no terminal; what happens is
//! told as [`Event`]s.

mod cancel;
mod check;
mod error;
mod identity;
mod job;
mod merge;
mod operation;
mod planning;
mod progress;
mod repeat;
mod scrub;
mod sent;
mod standing;
mod submit;
mod wait;
mod write;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};

pub use error::ExecuteError;
pub use job::{Beginning, EditsSince, Job};
pub use merge::BothSides;
pub use planning::{AtHand, Basis, what_is_in_flight};
pub use wait::Pace;

use crate::diff::{Context, MediaRecords, MediaTrust};
use crate::offer::{Catalogue, Desired, ETag, Message, OfferKey, Stage};
use crate::plan::{Action, Goal};
use crate::portal::{Precondition, Secret, WritingClient};
use crate::state::{Fingerprinter, Holder, State};

/// What became of one offer.
#[derive(Debug)]
pub enum OfferOutcome {
    /// Every step is done.
    Done,
    /// The wait ended before the submission did; the service goes on by itself.
    StillGoing {
        /// What was waited for.
        goal: Goal,
    },
    /// The person stopped the run; nothing was left half done.
    Interrupted,
    /// A step failed; the steps after it were not begun.
    Failed(Box<ExecuteError>),
}

/// Something that happened to an offer, for whoever watches.
#[derive(Debug, Clone)]
pub enum Event {
    /// A step begins.
    StepStarted {
        /// What it does.
        action: Action,
        /// What it waits for, if it is a wait.
        goal: Option<Goal>,
    },
    /// A step is done.
    StepDone {
        /// What it did.
        action: Action,
        /// What was waited for, if it was a wait.
        goal: Option<Goal>,
        /// Anything worth knowing about how: a version, an address to look at.
        note: Option<String>,
    },
    /// A stage of a submission stands otherwise than before.
    StageMoved(StageNews),
    /// A stage of a submission came further and stands as before.
    StageProgressed(StageNews),
    /// The service warned of something, about the submission or one of its stages.
    Said(Message),
    /// The service describes the submission with a word that nobody knows: it is taken as still going.
    UnknownWord(String),
    /// Somebody edited fields that the manifest does not name since the plan was made; the write keeps their edits.
    Merged {
        /// Where they edited, one line each.
        changed: Vec<String>,
    },
    /// A file that cannot be used as a record was moved away before a new one is written.
    RecordSetAside {
        /// Where it is now.
        place: PathBuf,
    },
    /// The answer to a write does not tell whether it was done; the service is asked.
    Unclear(String),
    /// Waiting goes on although the service could not be asked.
    Unreachable(String),
    /// What was done is on record on this machine, and other machines could not be told.
    Unshared(String),
}

/// A stage, and which of the submission's stages it is.
#[derive(Debug, Clone)]
pub struct StageNews {
    /// How it stands.
    pub stage: Stage,
    /// Its place among the stages, counted from 1.
    pub number: usize,
    /// How many stages there are.
    pub of: usize,
}

/// Tells events to whoever watches; called from several tasks.
pub type Watcher = Arc<dyn Fn(&OfferKey, Event) + Send + Sync>;

/// Does the steps of plans.
#[derive(Clone)]
pub struct Executor {
    client: WritingClient,
    state: State,
    catalogue: &'static Catalogue,
    settings: ExecuteSettings,
    watcher: Watcher,
    /// One place for each offer that is being worked on; a waiting offer holds none.
    places: Arc<Semaphore>,
    stop: watch::Receiver<bool>,
    /// Whether it was told that records cannot be shared, so that it is told once.
    told_unshared: Arc<AtomicBool>,
}

/// How the executor goes about it. Everything that could differ between two runs comes in here.
#[derive(Clone)]
pub struct ExecuteSettings {
    /// How many offers are worked on at once.
    pub parallelism: usize,
    /// How long one offer is waited for.
    pub wait: Duration,
    /// How often the service is asked meanwhile.
    pub pace: Pace,
    /// Write over what others wrote: `If-Match: *`.
    pub concurrency: Concurrency,
    /// Reads a secret from a variable of the environment.
    pub environment: fn(&str) -> Option<Secret>,
    /// Makes what is recorded of secrets.
    pub fingerprinter: Arc<Fingerprinter>,
    /// The current time, as an RFC 3339 time stamp, for records.
    pub now: fn() -> String,
    /// Who works on the offers, for whoever comes second.
    pub holder: Holder,
    /// The commit of the checkout that manifests come from, if there is one, for records.
    pub commit: Option<String>,
}

/// How a draft is protected from lost updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concurrency {
    /// Only the draft that was read is written over.
    Optimistic,
    /// The write is not refused when somebody writes between the last look and it. What they wrote before is merged and
    /// told all the same, and shipped only as without.
    LastWriteWins,
}

impl Executor {
    /// Makes an executor. `stop` turns true when the person wants it to end.
    pub fn new(
        client: WritingClient,
        state: impl Into<State>,
        settings: ExecuteSettings,
        watcher: Watcher,
        stop: watch::Receiver<bool>,
    ) -> Self {
        let places = Arc::new(Semaphore::new(settings.parallelism.max(1)));
        Self {
            client,
            state: state.into(),
            catalogue: Catalogue::built_in(),
            settings,
            watcher,
            places,
            stop,
            told_unshared: Arc::default(),
        }
    }

    fn tell(&self, key: &OfferKey, event: Event) {
        (self.watcher)(key, event);
    }

    fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    fn context<'value>(
        &self,
        desired: &'value Desired,
        media: &'value MediaRecords,
        media_trust: MediaTrust,
    ) -> Context<'value> {
        Context::of(self.catalogue, desired, media, media_trust)
    }
}

impl Concurrency {
    /// Which precondition a draft with this `ETag` is written under.
    fn precondition(self, etag: Option<ETag>) -> Precondition {
        match (self, etag) {
            (Self::LastWriteWins, _) => Precondition::LastWriteWins,
            (Self::Optimistic, Some(etag)) => Precondition::Matches(etag),
            (Self::Optimistic, None) => Precondition::Unversioned,
        }
    }
}

/// The default time for which one offer is waited for.
pub const DEFAULT_WAIT: Duration = Duration::from_secs(30 * 60);
