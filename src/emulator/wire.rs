//! How the service spells an offer, its status, its submissions and operations in JSON.
//!
//! Shapes after the portal reference ("Retrieve a specific offer", "Retrieve offer status", "Retrieve operations") and
//! recordings of the service; quirks of spelling are applied here and nowhere else.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::clock::Moment;
use super::normalize::{self, Context};
use super::quirks::{Quirk, Quirks};
use super::record::{Record, Version};
use super::store::Address;
use super::submission::{Kind, StageId, Standing, Submission, Verdict};

/// Signatures of served media end this long after they were made, as in the reference's samples.
const MEDIA_LIFETIME: Duration = Duration::from_secs(2 * 365 * 24 * 3600);

/// One offer, at one moment, for one answer.
pub(super) struct View<'a> {
    pub(super) address: &'a Address,
    pub(super) record: &'a Record,
    pub(super) quirks: &'a Quirks,
    pub(super) seed: u64,
    pub(super) now: Moment,
    /// Differs from answer to answer.
    pub(super) nonce: &'a str,
}

/// `W/"datetime'2017-06-07T06%3A15%3A40.4771399Z'"`: weak, and percent-encoded inside.
pub(super) fn etag(version: &Version) -> String {
    format!("W/\"datetime'{}'\"", version.changed.full().replace(':', "%3A"))
}

impl View<'_> {
    /// A whole document: the draft, a slot, or a version.
    pub(super) fn document(&self, number: u64, version: &Version) -> Value {
        let context = Context {
            seed: self.seed,
            publisher: &self.address.publisher,
            offer: &self.address.offer,
            offer_type: &self.record.offer_type,
        };
        let expires = format!("{}Z", self.now.after(MEDIA_LIFETIME).seconds()).replace(':', "%3A");
        let mut definition = context.show((*version.definition).clone(), &expires, self.nonce);
        if self.quirks.has(Quirk::UnsetSpeltOtherwise) {
            normalize::respell_unset(&mut definition);
        }
        if self.quirks.has(Quirk::ReorderCollections) {
            normalize::reorder(&mut definition);
        }
        let mut document = self.envelope();
        document.insert("version".to_owned(), json!(number));
        document.insert("id".to_owned(), json!(self.address.offer));
        document.insert("definition".to_owned(), definition);
        document.insert("changedTime".to_owned(), json!(version.changed.full()));
        for (quirk, key) in [(Quirk::ETagInBody, "eTag"), (Quirk::CapitalETagInBody, "Etag")] {
            if self.quirks.has(quirk) {
                document.insert(key.to_owned(), json!(etag(version)));
            }
        }
        Value::Object(document)
    }

    /// A row of the offers listing.
    pub(super) fn row(&self, version: &Version) -> Value {
        let mut row = self.envelope();
        for (key, value) in [
            ("lockStatus", json!("none")),
            ("offerTypeChanges", json!([])),
            ("pricingNotRecalculatedRegions", json!([])),
            ("offerTypeVersionsOverride", json!({})),
        ] {
            row.insert(key.to_owned(), value);
        }
        let number = if self.quirks.has(Quirk::ListingVersionZero) { 0 } else { self.record.version() };
        row.insert("version".to_owned(), json!(number));
        row.insert("id".to_owned(), json!(self.address.offer));
        let display_text = version.definition.get("displayText").cloned().unwrap_or_default();
        row.insert("definition".to_owned(), json!({"displayText": display_text}));
        row.insert("changedTime".to_owned(), json!(version.changed.listing()));
        Value::Object(row)
    }

    fn envelope(&self) -> Map<String, Value> {
        let mut envelope = Map::new();
        let mut add = |key: &str, value: Value| envelope.insert(key.to_owned(), value);
        add("offerTypeId", json!(self.record.offer_type));
        add("publisherId", json!(self.address.publisher));
        add("status", self.word(self.offer_word()));
        if self.quirks.has(Quirk::NonMigratedLocation) {
            add("pcMigrationStatus", json!("none"));
        } else {
            let overview = "https://partner.microsoft.com/en-us/dashboard/commercial-marketplace/offers";
            add("pcMigrationStatus", json!("migrated"));
            add("pcRedirectUri", json!(format!("{overview}/{}/overview", self.address.offer)));
        }
        add("isvUpgradeRequest", json!(false));
        envelope
    }

    /// The answer of `status`.
    pub(super) fn status(&self) -> Value {
        let newest = self.record.newest();
        let mut status = self.report(newest, self.offer_word());
        if let Some(newest) = newest {
            status.insert("publishingVersion".to_owned(), json!(newest.publishing_version));
            status.insert("notificationEmails".to_owned(), json!(newest.emails));
        }
        Value::Object(status)
    }

    /// A row of the submissions.
    pub(super) fn submission(&self, submission: &Submission) -> Value {
        let (kind, slot) = match submission.kind {
            Kind::Publish => ("publish", "staging"),
            Kind::GoLive => ("goLive", "production"),
        };
        json!({
            "id": submission.id,
            "offerId": self.address.offer,
            "offerVersion": submission.offer_version,
            "offerTypeId": self.record.offer_type,
            "publisherId": self.address.publisher,
            "submissionType": kind,
            "submissionState": self.word(self.operation_word(self.record.standing(submission, self.now))),
            "publishingVersion": submission.publishing_version,
            "slot": slot,
            "version": submission.started.big_number(),
            "definition": {"metadata": {"emails": submission.emails}},
            "changedTime": submission.changed(self.now).full(),
        })
    }

    /// The answer of an operation that publishes or goes live.
    pub(super) fn operation(&self, submission: &Submission) -> Value {
        let standing = self.record.standing(submission, self.now);
        let mut operation = self.report(Some(submission), self.operation_word(standing));
        let can_cancel = match (&submission.cancel, standing) {
            (None, Standing::Running { .. } | Standing::HeldUp { .. }) => "canCancel",
            (Some(_), Standing::Running { .. } | Standing::HeldUp { .. }) => "cancelRequested",
            _ => "cannotCancel",
        };
        operation.insert("publishingVersion".to_owned(), json!(submission.publishing_version));
        operation.insert("offerVersion".to_owned(), json!(submission.offer_version));
        operation.insert("cancellationRequestState".to_owned(), json!(can_cancel));
        self.as_operation(Value::Object(operation))
    }

    /// The answer of an operation that cancels.
    pub(super) fn cancellation(&self, done: Moment) -> Value {
        let word = if self.now < done { "running" } else { self.completed_word() };
        self.as_operation(json!({
            "status": self.word(word), "messages": [], "steps": [], "previewLinks": [], "liveLinks": [],
        }))
    }

    fn as_operation(&self, operation: Value) -> Value {
        if self.quirks.has(Quirk::OperationArray) { json!([operation]) } else { operation }
    }

    fn report(&self, submission: Option<&Submission>, word: &str) -> Map<String, Value> {
        let mut stages: Vec<Value> = StageId::ALL.into_iter().map(|stage| self.stage(submission, stage)).collect();
        if self.quirks.has(Quirk::ExtraStage) {
            let mut extra = self.stage(submission, StageId::Validation);
            extra["id"] = json!("displayinfluencedrevenue");
            extra["stepName"] = json!("Validate influenced revenue settings");
            stages.insert(1, extra);
        }
        if self.quirks.has(Quirk::StageNamesOnly) {
            for stage in stages.iter_mut().filter_map(Value::as_object_mut) {
                if let Some(id) = stage.shift_remove("id") {
                    stage.insert("stepName".to_owned(), id);
                }
            }
        }
        let shown = |is_there: bool, place: &str| {
            let uri = format!("https://{place}/marketplace/apps/{}.{}", self.address.publisher, self.address.offer);
            match is_there {
                false => json!([]),
                true if self.quirks.has(Quirk::LinksAsStrings) => json!([uri]),
                true => json!([{"displayText": self.address.offer, "uri": uri}]),
            }
        };
        let mut report = Map::new();
        report.insert("status".to_owned(), self.word(word));
        report.insert("messages".to_owned(), json!([]));
        report.insert("steps".to_owned(), Value::Array(stages));
        let has_preview = self.record.preview(self.now).is_some();
        report.insert("previewLinks".to_owned(), shown(has_preview, "preview.azuremarketplace.microsoft.com"));
        let is_live = self.record.production(self.now).is_some();
        report.insert("liveLinks".to_owned(), shown(is_live, "azuremarketplace.microsoft.com"));
        report
    }

    fn stage(&self, submission: Option<&Submission>, stage: StageId) -> Value {
        let (id, name, estimate, description) = stage_texts(stage);
        let (word, percent) = match submission {
            Some(submission) => stage_word(self.record, submission, self.record.standing(submission, self.now), stage),
            None => ("notStarted", 0),
        };
        let mut messages = submission.map(|submission| messages(submission, stage, word)).unwrap_or_default();
        if self.quirks.has(Quirk::MessagesAsStrings) {
            for message in &mut messages {
                *message = message["messageHtml"].take();
            }
        }
        let percent = if self.quirks.has(Quirk::ProgressStaysZero) { 0 } else { percent };
        let word = if word == "inProgress" && self.quirks.has(Quirk::UnknownWords) { "underReview" } else { word };
        json!({
            "estimatedTimeFrame": estimate,
            "id": id,
            "stepName": name,
            "description": description,
            "status": self.word(word),
            "messages": messages,
            "progressPercentage": percent,
        })
    }

    fn offer_word(&self) -> &'static str {
        let Some(newest) = self.record.newest() else { return "neverPublished" };
        match newest.standing(self.now) {
            Standing::AwaitingSignoff if self.quirks.has(Quirk::SignoffSaysRunning) => "running",
            Standing::AwaitingSignoff => "waitingForPublisherReview",
            Standing::Completed if self.quirks.has(Quirk::PublishedWord) => "published",
            Standing::Completed => "succeeded",
            other => self.operation_word(other),
        }
    }

    fn operation_word(&self, standing: Standing) -> &'static str {
        match standing {
            Standing::Running { .. } if self.quirks.has(Quirk::UnknownWords) => "processing",
            Standing::Running { .. } | Standing::HeldUp { .. } => "running",
            Standing::AwaitingSignoff if self.quirks.has(Quirk::SignoffSaysRunning) => "running",
            Standing::AwaitingSignoff | Standing::Completed => self.completed_word(),
            Standing::Failed { .. } => "failed",
            Standing::Canceled { .. } => "canceled",
        }
    }

    fn completed_word(&self) -> &'static str {
        if self.quirks.has(Quirk::OperationSaysComplete) {
            "complete"
        } else if self.quirks.has(Quirk::OperationSaysSucceeded) {
            "succeeded"
        } else {
            "completed"
        }
    }

    fn word(&self, word: &str) -> Value {
        let mut letters = word.chars();
        match letters.next() {
            Some(first) if self.quirks.has(Quirk::PascalCaseStatus) => {
                json!(format!("{}{}", first.to_ascii_uppercase(), letters.as_str()))
            }
            _ => json!(word),
        }
    }
}

fn stage_word(record: &Record, submission: &Submission, standing: Standing, stage: StageId) -> (&'static str, u8) {
    let at = match standing {
        Standing::Running { stage, .. }
        | Standing::HeldUp { stage, .. }
        | Standing::Failed { stage }
        | Standing::Canceled { stage } => stage,
        Standing::AwaitingSignoff => StageId::Signoff,
        Standing::Completed => match submission.kind {
            Kind::GoLive => return ("complete", 100),
            // A publish that something came after: signed off if that was a go-live, superseded if it was not.
            Kind::Publish if stage < StageId::Signoff => return ("complete", 100),
            Kind::Publish => {
                let is_signed_off = record.submissions().iter().any(|later| {
                    later.kind == Kind::GoLive && later.publishing_version == submission.publishing_version + 1
                });
                return if stage == StageId::Signoff && is_signed_off { ("complete", 100) } else { ("notStarted", 0) };
            }
        },
    };
    if stage < at {
        return ("complete", 100);
    }
    if stage > at {
        return ("notStarted", 0);
    }
    match standing {
        Standing::Running { percent, .. } => ("inProgress", percent),
        Standing::HeldUp { verdict: Verdict::Rejected, .. } => ("rejected", 0),
        Standing::HeldUp { .. } => ("blocked", 0),
        Standing::Failed { .. } => ("failed", 0),
        Standing::Canceled { .. } => ("canceled", 0),
        Standing::AwaitingSignoff | Standing::Completed => ("waitingForPublisherReview", 0),
    }
}

fn messages(submission: &Submission, stage: StageId, word: &str) -> Vec<Value> {
    let message =
        |html: &str, level: &str, at: Moment| json!({"messageHtml": html, "level": level, "timestamp": at.full()});
    let scripted = submission.outcome.as_ref().filter(|outcome| outcome.stage == stage);
    match (word, scripted) {
        ("complete", _) if submission.kind.stages().contains(&stage) => {
            vec![message("Step completed.", "information", submission.stage_ends(stage))]
        }
        ("waitingForPublisherReview", _) => {
            let html = "<p>Your offer is available in preview. <b>Go live</b> when everything looks good.</p>";
            vec![message(html, "information", submission.stage_ends(StageId::Packaging))]
        }
        ("blocked" | "rejected" | "failed", Some(outcome)) => {
            outcome.messages.iter().map(|html| message(html, "error", submission.strikes(stage))).collect()
        }
        _ => Vec::new(),
    }
}

fn stage_texts(stage: StageId) -> (&'static str, &'static str, &'static str, &'static str) {
    match stage {
        StageId::Validation => {
            ("displaydummycertify", "Validate Pre-Requisites", "< 15 min", "Offer settings provided are validated.")
        }
        StageId::Certification => (
            "displaycertify",
            "Certification",
            "< 5 day",
            "Your offer is analyzed by our certification systems for issues.",
        ),
        StageId::Provisioning => (
            "displayprovision",
            "Provisioning",
            "< 1 day",
            "Your virtual machine is being replicated in our production systems.",
        ),
        StageId::Packaging => (
            "displaypackage",
            "Packaging and Lead Generation Registration",
            "< 1 hour",
            "Your virtual machine is being packaged for customers. Additionally, lead systems are being configured and set up.",
        ),
        StageId::Signoff => (
            "publisher-signoff",
            "Publisher signoff",
            "< 1 hour",
            "Offer is available to preview. Ensure that everything looks good before making your offer live.",
        ),
        StageId::Live => ("live", "Live", "~2-5 days", "Offer is publicly visible and is available for purchase."),
    }
}
