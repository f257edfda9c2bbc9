//! The submissions of an offer: a table for people, rows for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::palette::Palette;
use super::safe::single_line;
use crate::offer::{OfferKey, OperationStatus, Slot, Submission, SubmissionKind};

const HEAD: [&str; 7] = ["what", "state", "slot", "offer version", "publishing version", "last change", "id"];

/// The submissions in the given order, one a line; `None` when there is no such offer.
pub fn submissions_text(key: &OfferKey, submissions: Option<&[Submission]>, palette: &Palette) -> String {
    let name = palette.paint(palette.bold, &key.to_string());
    let Some(submissions) = submissions else { return format!("{name}: the service has no such offer\n") };
    if submissions.is_empty() {
        return format!("{name}: never submitted\n");
    }
    let rows: Vec<_> = submissions.iter().map(cells).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([HEAD[column].len()]).max().unwrap_or_default()
    };
    let line = |row: &[String; 7], paint: &dyn Fn(usize, &str) -> String| {
        let mut line = String::from(" ");
        for (column, cell) in row.iter().enumerate() {
            // Padded before it is painted, for escape sequences take no room.
            let _ = write!(line, " {} ", paint(column, &format!("{cell:<width$}", width = width(column))));
        }
        line.trim_end().to_owned()
    };
    let mut text = format!("{name}: {}\n", counted(submissions.len()));
    let _ = writeln!(text, "{}", line(&HEAD.map(str::to_owned), &|_, cell| palette.paint(palette.dim, cell)));
    for (submission, row) in submissions.iter().zip(&rows) {
        let colour = colour(submission, palette);
        let paint = |column, cell: &str| if column == 1 { palette.paint(colour, cell) } else { cell.to_owned() };
        let _ = writeln!(text, "{}", line(row, &paint));
    }
    text
}

fn counted(count: usize) -> String {
    if count == 1 { "1 submission".to_owned() } else { format!("{count} submissions, the newest first") }
}

fn cells(submission: &Submission) -> [String; 7] {
    let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    [
        kind(submission).unwrap_or("unknown").to_owned(),
        single_line(&submission.state.to_string()),
        submission.slot.map_or("", Slot::as_str).to_owned(),
        number(submission.offer_version),
        number(submission.publishing_version),
        single_line(submission.changed_time.as_deref().unwrap_or_default()),
        single_line(&submission.id),
    ]
}

fn kind(submission: &Submission) -> Option<&'static str> {
    Some(match submission.kind? {
        SubmissionKind::Publish => "publish",
        SubmissionKind::GoLive => "go live",
    })
}

fn colour(submission: &Submission, palette: &Palette) -> &'static str {
    match submission.state {
        OperationStatus::Succeeded => palette.added,
        OperationStatus::Failed | OperationStatus::Canceled => palette.alarm,
        OperationStatus::NotStarted
        | OperationStatus::Running
        | OperationStatus::WaitingForPublisherReview
        | OperationStatus::Unknown(_) => palette.changed,
    }
}

/// The same for programs.
pub fn submissions_json(key: &OfferKey, submissions: Option<&[Submission]>) -> Value {
    let mut whole = json!({"publisherId": key.publisher, "offerId": key.offer, "exists": submissions.is_some()});
    let Some(submissions) = submissions else { return whole };
    whole["submissions"] = submissions.iter().map(row).collect();
    whole
}

fn row(submission: &Submission) -> Value {
    let kind = submission.kind.map(|kind| match kind {
        SubmissionKind::Publish => "publish",
        SubmissionKind::GoLive => "goLive",
    });
    json!({
        "id": submission.id,
        "kind": kind,
        "state": submission.state.word(),
        "slot": submission.slot,
        "offerVersion": submission.offer_version,
        "publishingVersion": submission.publishing_version,
        "changedTime": submission.changed_time,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_service_does_not_tell_is_left_open() {
        let key = OfferKey::parse("contoso/contoso-vm").unwrap();
        let told_little = Submission {
            id: "5a63\u{1b}[2J".into(),
            kind: None,
            state: OperationStatus::parse("pondering"),
            offer_version: None,
            publishing_version: Some(7),
            slot: None,
            changed_time: None,
        };
        let told_little = Some(std::slice::from_ref(&told_little));
        insta::assert_snapshot!(submissions_text(&key, told_little, &Palette::PLAIN), @r#"
        contoso/contoso-vm: 1 submission
          what     state        slot  offer version  publishing version  last change  id
          unknown  "pondering"                       7                                5a63[2J
        "#);
        insta::assert_snapshot!(submissions_json(&key, told_little), @r#"{"publisherId":"contoso","offerId":"contoso-vm","exists":true,"submissions":[{"id":"5a63\u001b[2J","kind":null,"state":"pondering","slot":null,"offerVersion":null,"publishingVersion":7,"changedTime":null}]}"#);
    }
}
