//! An operation that a person asked for by itself, as a job: the same lock, the same record before and after it, the same
//! settling of unclear answers and the same waiting as for a plan, and nothing put on record as applied.

use serde_json::Value;

use super::{Beginning, EditsSince, Job};
use crate::diff::{content_digest, without_service_keys};
use crate::offer::{
    Catalogue, Desired, Document, GuardSettings, InvalidIdentifier, Observed, OfferTypeId, PositionTree, Reconcile,
};
use crate::plan::{Changes, Directives, Operation, Packed, PlannedOffer, Step, command_line};
use crate::state::{Record, Subject};

impl Job {
    /// The job of an operation: what is there already, the preview for a go-live and else the draft, stands in the place
    /// of a manifest, so that a slot has to hold exactly that afterwards.
    ///
    /// Fails when the draft names no offer type.
    pub fn of_operation(
        operation: Operation,
        observed: Observed,
        steps: Vec<Step>,
        notification_emails: Vec<String>,
        record: Option<Record>,
    ) -> Result<Self, InvalidIdentifier> {
        let catalogue = Catalogue::built_in();
        let [draft, preview, submitted_content] =
            [observed.draft, observed.preview, observed.submitted_content].map(|found| found.map(Document::into_value));
        let named = draft.as_ref().and_then(|draft| draft["offerTypeId"].as_str());
        let offer_type = OfferTypeId::new(named.unwrap_or_default())?;
        let subject = if operation == Operation::GoLive { &preview } else { &draft };
        let document = subject.as_ref().map_or(Value::Null, |subject| without_service_keys(catalogue, subject));
        let position = command_line();
        let desired = Desired {
            key: observed.key.clone(),
            offer_type: offer_type.clone(),
            manifest: position.clone(),
            reconcile: Reconcile { publish_to: operation.target(), notification_emails, ..Reconcile::default() },
            document,
            positions: PositionTree { value: position.clone(), key: position.clone(), children: Vec::new() },
            secrets: Vec::new(),
            local_files: Vec::new(),
        };
        let planned = PlannedOffer {
            key: observed.key,
            offer_type,
            manifest: position,
            target: operation.target(),
            etag: observed.etag,
            content: draft.as_ref().map(|draft| content_digest(catalogue, draft)),
            version: None,
            desired: None,
            submission: None,
            replaces: None,
            changes: Changes::default(),
            secrets: Vec::new(),
            passengers: Packed::default(),
            steps,
            blocks: Vec::new(),
            allowed: Vec::new(),
            guards: GuardSettings::default(),
            notes: Vec::new(),
            listing: None,
        };
        Ok(Self {
            beginning: Beginning::OfPlan,
            subject: Subject::LiveDraft,
            desired,
            // A preview that waits for its go-live can be canceled too, and its row says that it has ended.
            publishes: observed.publishes,
            running: if operation == Operation::Cancel { observed.newest } else { observed.running },
            submitted_content: if operation == Operation::GoLive { preview.clone() } else { submitted_content },
            draft,
            preview,
            // Whoever publishes by hand after a failure asks for exactly that.
            directives: Directives { retry_failed: operation == Operation::Publish, ..Directives::default() },
            planned,
            plan: None,
            edits: EditsSince::Merged,
            record,
        })
    }
}
