//! The service's JSON, read into the domain's types by a reader that forgives: keys in any case, numbers as text and text
//! as numbers, one where a list should be, null where anything should be. The offer's document itself is never read here.

use serde_json::Value;

use super::plain_text::{clean_text, plain_text};
use super::reading::{OfferSummary, Operation};
use crate::offer::{
    Message, MessageLevel, OfferId, OfferStatus, OfferTypeId, OperationStatus, Slot, Stage, StageStatus, StatusReport,
    Submission, SubmissionKind,
};

/// What stands where nothing stands.
static NOTHING: Value = Value::Null;

/// What a status reads as when the service sent none: unknown, hence never success.
const NO_STATUS: &str = "no status";

/// A place in an answer; a missing one reads like null.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'a>(&'a Value);

impl<'a> Node<'a> {
    pub(super) fn new(value: &'a Value) -> Self {
        Self(value)
    }

    /// The first of the named fields that is present and not null, its name in any case.
    pub(super) fn field(self, names: &[&str]) -> Self {
        let Some(map) = self.0.as_object() else { return Self(&NOTHING) };
        let find = |name: &&str| {
            map.get(*name)
                .or_else(|| map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
                .filter(|value| !value.is_null())
        };
        Self(names.iter().find_map(find).unwrap_or(&NOTHING))
    }

    /// The values of a map.
    pub(super) fn values(self) -> impl Iterator<Item = Self> + use<'a> {
        self.0.as_object().into_iter().flat_map(|map| map.values().map(Self))
    }

    /// The elements of a list; something else than a list counts as its only element, null as none.
    pub(super) fn items(self) -> impl Iterator<Item = Self> + use<'a> {
        let elements = match self.0 {
            Value::Array(elements) => elements.as_slice(),
            Value::Null => &[],
            single => std::slice::from_ref(single),
        };
        elements.iter().map(Self)
    }

    /// The text as it came.
    pub(super) fn raw_text(self) -> Option<&'a str> {
        self.0.as_str()
    }

    /// A text or a number, as clean text; an empty text counts as none.
    pub(super) fn text(self) -> Option<String> {
        match self.0 {
            Value::String(text) => Some(clean_text(text)).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// A text that may be HTML, as plain text; an empty one counts as none.
    pub(super) fn sentence(self) -> Option<String> {
        self.raw_text().map(plain_text).filter(|text| !text.is_empty())
    }

    /// A whole number, exactly, also when it is written as text.
    fn whole(self) -> Option<u64> {
        match self.0 {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A share in percent, rounded and kept between 0 and 100.
    fn percent(self) -> Option<u8> {
        let share = match self.0 {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().trim_end_matches('%').parse().ok(),
            _ => None,
        }?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=100")]
        share.is_finite().then(|| share.clamp(0.0, 100.0).round() as u8)
    }
}

/// The rows of a publisher's offers; a row whose id cannot be one is left to the caller's count.
pub(super) fn offer_summary(row: Node<'_>) -> Option<OfferSummary> {
    Some(OfferSummary {
        id: OfferId::new(row.field(&["id"]).text()?).ok()?,
        offer_type: row.field(&["offerTypeId"]).text().and_then(|text| OfferTypeId::new(text).ok()),
        status: row.field(&["status"]).text().map(|word| OfferStatus::parse(&word)),
        version: row.field(&["version"]).whole(),
        display_text: row.field(&["definition"]).field(&["displayText"]).text(),
        changed_time: row.field(&["changedTime"]).text(),
    })
}

/// The answer of `status`, or of an operation.
pub(super) fn status_report(answer: Node<'_>) -> StatusReport {
    let mut messages = messages(answer.field(&["messages"]));
    // A failed operation may say why in a field of its own.
    let error = answer.field(&["error"]);
    let reason = error.sentence().or_else(|| error.field(&["message"]).sentence());
    messages.extend(reason.map(|text| Message { level: MessageLevel::Error, text }));
    StatusReport {
        status: OfferStatus::parse(&status_word(answer)),
        stages: answer.field(&["steps"]).items().map(stage).collect(),
        messages,
        preview_links: links(answer.field(&["previewLinks"])),
        live_links: links(answer.field(&["liveLinks"])),
        publishing_version: answer.field(&["publishingVersion"]).whole(),
    }
}

/// The answer of an operation.
pub(super) fn operation(answer: Node<'_>) -> Operation {
    Operation { status: OperationStatus::parse(&status_word(answer)), report: status_report(answer) }
}

/// One row of an offer's submissions.
pub(super) fn submission(row: Node<'_>) -> Submission {
    Submission {
        id: row.field(&["id"]).text().unwrap_or_default(),
        kind: row.field(&["submissionType"]).text().and_then(|word| submission_kind(&word)),
        state: OperationStatus::parse(&status_word(row)),
        offer_version: row.field(&["offerVersion"]).whole(),
        publishing_version: row.field(&["publishingVersion"]).whole(),
        slot: row.field(&["slot"]).text().and_then(|word| slot(&word)),
        changed_time: row.field(&["changedTime", "lastActionDateTime", "createdDateTime"]).text(),
    }
}

fn status_word(answer: Node<'_>) -> String {
    answer.field(&["submissionState", "status"]).text().unwrap_or_else(|| NO_STATUS.to_owned())
}

fn stage(step: Node<'_>) -> Stage {
    Stage {
        id: step.field(&["id"]).text().unwrap_or_default(),
        name: step.field(&["stepName", "name"]).text().unwrap_or_default(),
        status: StageStatus::parse(&step.field(&["status"]).text().unwrap_or_else(|| NO_STATUS.to_owned())),
        progress: step.field(&["progressPercentage"]).percent(),
        estimate: step.field(&["estimatedTimeFrame"]).text(),
        messages: messages(step.field(&["messages"])),
    }
}

/// Messages are objects in the reference's samples and strings in its tables.
fn messages(list: Node<'_>) -> Vec<Message> {
    let message = |item: Node<'_>| {
        let text = item.sentence().or_else(|| item.field(&["messageHtml", "message", "text"]).sentence())?;
        Some(Message { level: level(item.field(&["level"])), text })
    };
    list.items().filter_map(message).collect()
}

fn level(word: Node<'_>) -> MessageLevel {
    match word.text().unwrap_or_default().to_ascii_lowercase().as_str() {
        "error" | "critical" => MessageLevel::Error,
        "warning" | "warn" => MessageLevel::Warning,
        _ => MessageLevel::Information,
    }
}

/// Links are strings, or objects with a text and an address.
fn links(list: Node<'_>) -> Vec<String> {
    list.items().filter_map(|item| item.text().or_else(|| item.field(&["uri", "url", "href"]).text())).collect()
}

fn submission_kind(word: &str) -> Option<SubmissionKind> {
    match fold(word).as_str() {
        "publish" => Some(SubmissionKind::Publish),
        "golive" => Some(SubmissionKind::GoLive),
        _ => None,
    }
}

/// The submissions call the preview slot `staging`.
fn slot(word: &str) -> Option<Slot> {
    match fold(word).as_str() {
        "draft" => Some(Slot::Draft),
        "preview" | "staging" => Some(Slot::Preview),
        "production" => Some(Slot::Production),
        _ => None,
    }
}

fn fold(word: &str) -> String {
    word.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_submission_is_read_in_both_spellings() {
        let documented = json!({"id": "5a63", "offerVersion": 1, "submissionType": "publish", "submissionState": "running",
            "publishingVersion": 2, "slot": "staging", "version": 636_576_975_611_768_314_u64,
            "changedTime": "2018-03-26T21:46:01.179948Z"});
        let odd = json!({"ID": "5a63", "OfferVersion": "1", "SubmissionType": "Publish", "Status": "Running",
            "PublishingVersion": "2", "Slot": "Preview", "ChangedTime": "2018-03-26T21:46:01.179948Z"});
        let submission_of = |value| submission(Node::new(value));
        assert_eq!(submission_of(&documented), submission_of(&odd));
        let read = submission_of(&documented);
        assert_eq!((read.kind, read.slot), (Some(SubmissionKind::Publish), Some(Slot::Preview)));
        assert_eq!((read.offer_version, read.publishing_version), (Some(1), Some(2)));
        let large = json!({"id": 7, "publishingVersion": "636576975611768314", "submissionType": "go-live", "submissionState": null});
        let read = submission_of(&large);
        assert_eq!(read.publishing_version, Some(636_576_975_611_768_314));
        assert_eq!((read.id.as_str(), read.kind), ("7", Some(SubmissionKind::GoLive)));
        assert!(read.is_running(), "an unknown state must not read as ended");
    }

    #[test]
    fn a_report_is_read_from_the_samples_of_the_reference() {
        let answer = json!({"status": "running", "messages": [], "publishingVersion": 2, "steps": [
            {"estimatedTimeFrame": "< 5 day", "id": "displaycertify", "stepName": "Certification", "status": "blocked",
             "messages": [{"messageHtml": "<p>No image for <b>contoso</b>.</p>", "level": "error"}], "progressPercentage": 0},
            {"id": "publisher-signoff", "stepName": "Publisher signoff", "status": "notStarted", "messages": null,
             "progressPercentage": "150%"}],
            "previewLinks": ["https://a", {"displayText": "b", "uri": "https://b"}], "liveLinks": null});
        insta::assert_debug_snapshot!(status_report(Node::new(&answer)), @r#"
        StatusReport {
            status: Running,
            stages: [
                Stage {
                    id: "displaycertify",
                    name: "Certification",
                    status: Blocked,
                    progress: Some(
                        0,
                    ),
                    estimate: Some(
                        "< 5 day",
                    ),
                    messages: [
                        Message {
                            level: Error,
                            text: "No image for contoso.",
                        },
                    ],
                },
                Stage {
                    id: "publisher-signoff",
                    name: "Publisher signoff",
                    status: NotStarted,
                    progress: Some(
                        100,
                    ),
                    estimate: None,
                    messages: [],
                },
            ],
            messages: [],
            preview_links: [
                "https://a",
                "https://b",
            ],
            live_links: [],
            publishing_version: Some(
                2,
            ),
        }
        "#);
    }

    #[test]
    fn a_poor_report_is_still_going_and_a_failed_one_says_why() {
        let poor = operation(Node::new(&json!({"messages": "one \u{1b}[31mstring", "steps": [{}]})));
        assert_eq!(poor.status, OperationStatus::Unknown(NO_STATUS.into()));
        assert!(poor.report.is_running());
        assert_eq!(poor.report.messages, [Message { level: MessageLevel::Information, text: "one string".into() }]);
        let failed = operation(Node::new(&json!({"status": "not started", "error": {"message": "No <i>logo</i>"}})));
        assert_eq!(failed.status, OperationStatus::NotStarted);
        assert_eq!(failed.report.messages, [Message { level: MessageLevel::Error, text: "No logo".into() }]);
    }

    #[test]
    fn a_row_of_the_listing_is_read_without_its_definition() {
        let row = json!({"offerTypeId": "microsoft-azure-virtualmachines", "status": "neverPublished", "version": 0,
            "id": "test-vm", "definition": {"displayText": "Test"}, "changedTime": "2022-06-02T12:25:56.651"});
        let summary = offer_summary(Node::new(&row)).unwrap();
        assert_eq!(summary.id.as_str(), "test-vm");
        assert_eq!(summary.status, Some(OfferStatus::NeverPublished));
        assert_eq!((summary.version, summary.display_text.as_deref()), (Some(0), Some("Test")));
        assert!(offer_summary(Node::new(&json!({"id": "../etc"}))).is_none());
        assert!(offer_summary(Node::new(&json!({"id": "bare"}))).is_some_and(|bare| bare.status.is_none()));
    }
}
