//! From one manifest, or from the rest of a plan, to a job: looks at the offer, plans it, and keeps what the steps need.

use jiff::{SignedDuration, Timestamp};

use super::{Beginning, Job};
use crate::observe::{InFlight, observe};
use crate::offer::{Catalogue, Desired, Document};
use crate::plan::{Directives, Known, plan_offer};
use crate::portal::{PortalError, ReadingClient};
use crate::state::{Record, Rest, Subject};

/// What a job is planned from.
#[derive(Debug, Clone, Copy)]
pub enum Basis<'record> {
    /// A manifest.
    Manifest,
    /// What is left of a plan that was begun.
    RestOf(&'record Rest),
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
        basis: Basis<'_>,
        now: Timestamp,
    ) -> Result<Self, PortalError> {
        let target = desired.reconcile.publish_to;
        let target = directives.until.map_or(target, |until| until.min(target));
        let in_flight = record.as_ref().map_or(InFlight::Unknown, |record| what_is_in_flight(record, now));
        let observed = observe(client, &desired.key, target, in_flight).await?;
        let (subject, beginning) = match basis {
            Basis::Manifest => (Subject::Manifest, Beginning::OfPlan),
            Basis::RestOf(rest) => (rest.subject, Beginning::OfRest),
        };
        let known = record.as_ref().map(Record::known).unwrap_or_default();
        let known = match subject {
            // A record of an offer that is gone tells nothing about the one that would be created now.
            _ if observed.draft.is_none() => Known::default(),
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
        Ok(Self {
            subject,
            beginning,
            desired,
            draft,
            preview,
            running: observed.running,
            publishes: observed.publishes,
            submitted_content,
            directives,
            planned,
            record,
        })
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
