//! From one manifest, or from the rest of a plan, to a job: looks at the offer, plans it, and keeps what the steps need.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Beginning, EditsSince, Job};
use crate::observe::{InFlight, observe};
use crate::offer::{Catalogue, Desired, Document, Observed};
use crate::plan::{Directives, Known, TodaysSecret, plan_offer};
use crate::portal::{PortalError, ReadingClient, Secret};
use crate::processors::compute;
use crate::state::{Fingerprinter, Record, Rest, Subject};

/// What a job is planned from.
#[derive(Debug, Clone)]
pub enum Basis {
    /// A manifest.
    Manifest,
    /// What is left of a plan that was begun.
    RestOf(Box<Rest>),
}

/// What a plan depends on besides the manifest, the record and the service.
#[derive(Clone)]
pub struct AtHand {
    /// The moment at which it is made.
    pub now: Timestamp,
    /// Looks up the environment variable of a secret.
    pub environment: fn(&str) -> Option<Secret>,
    /// Compares secrets with those that were sent.
    pub fingerprinter: Arc<Fingerprinter>,
}

impl Job {
    /// Looks at one offer and plans it. Only a reading client comes in, so nothing is written.
    ///
    /// Fails when the service cannot be read.
    pub async fn plan(
        client: &ReadingClient,
        desired: Desired,
        record: Option<Record>,
        directives: Directives,
        basis: Basis,
        at_hand: &AtHand,
    ) -> Result<Self, PortalError> {
        let target = desired.reconcile.publish_to;
        let target = directives.until.map_or(target, |until| until.min(target));
        let in_flight = record.as_ref().map_or(InFlight::Unknown, |record| what_is_in_flight(record, at_hand.now));
        let observed = observe(client, &desired.key, target, in_flight).await?;
        let at_hand = at_hand.clone();
        Ok(compute(move || Self::of(desired, observed, record, directives, basis, &at_hand)).await)
    }

    /// What follows from all that was read.
    fn of(
        desired: Desired,
        observed: Observed,
        record: Option<Record>,
        directives: Directives,
        basis: Basis,
        at_hand: &AtHand,
    ) -> Self {
        let (subject, beginning) = match &basis {
            Basis::Manifest => (Subject::Manifest, Beginning::OfPlan),
            Basis::RestOf(rest) => (rest.subject, Beginning::OfRest),
        };
        let known = match (&basis, &record) {
            // A secret that changed after the draft was written is for the next plan.
            (Basis::RestOf(rest), Some(record)) if !rest.writes() => record.known(),
            (_, Some(record)) => at_hand.known_today(&desired, record),
            (_, None) => Known::default(),
        };
        let known = match subject {
            // A record of an offer that is gone tells nothing about the one that would be created now.
            _ if observed.draft.is_none() => Known::default(),
            // What is carried on with takes nobody's place.
            Subject::Manifest if matches!(basis, Basis::RestOf(_)) => Known { unwritten: None, ..known },
            Subject::Manifest => known,
            // What a manifest once said about the draft does not matter to whoever takes the draft as it is.
            Subject::LiveDraft => Known { applied: None, ..known },
        };
        let mut planned = plan_offer(Catalogue::built_in(), &desired, &observed, &known, &directives);
        if let Basis::RestOf(rest) = basis {
            rest.without_new_writes(&mut planned.steps);
        }
        let [draft, preview, submitted_content] =
            [observed.draft, observed.preview, observed.submitted_content].map(|found| found.map(Document::into_value));
        Self {
            subject,
            beginning,
            desired: desired.without_positions(),
            draft,
            preview,
            running: observed.running,
            publishes: observed.publishes,
            submitted_content,
            directives,
            planned,
            plan: None,
            edits: EditsSince::Merged,
            record,
        }
    }
}

impl AtHand {
    /// What the record knows, and what the environment holds today of the secrets that it knows. Fingerprints take a
    /// processor a good while.
    pub fn known_today(&self, desired: &Desired, record: &Record) -> Known {
        let mut known = record.known();
        if !known.secrets.is_empty() {
            self.look_up(desired, record, &mut known);
            known.weak_fingerprints = self.fingerprinter.would_strengthen(record);
        }
        known
    }

    /// What the environment holds today for the secrets that the record knows.
    fn look_up(&self, desired: &Desired, record: &Record, known: &mut Known) {
        for known in &mut known.secrets {
            let is_named = desired.secrets.iter().any(|(path, name)| *path == known.path && *name == known.variable);
            if let Some(value) = (self.environment)(&known.variable).filter(|_| is_named) {
                let fingerprint = self.fingerprinter.of(record, &known.path, value.expose());
                known.today = fingerprint.map_or(TodaysSecret::OtherKey, TodaysSecret::Value);
            }
        }
    }
}

/// For how long after a submission was taken a list that does not show it only lags.
const LIST_LAGS: SignedDuration = SignedDuration::from_mins(10);

/// What a record says about submissions that nobody has seen end.
pub fn what_is_in_flight(record: &Record, now: Timestamp) -> InFlight {
    let accepted = record.in_flight.as_ref().filter(|it| it.is_accepted);
    let age = |started_at: &str| Some(now.duration_since(started_at.parse().ok()?));
    match accepted {
        Some(it) if age(&it.started_at).is_some_and(|age| age < LIST_LAGS) => {
            InFlight::JustAccepted { kind: it.kind.into(), after: it.after }
        }
        _ if record.is_settled() => InFlight::Unknown,
        _ => InFlight::Recorded,
    }
}
