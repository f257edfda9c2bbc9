//! Status and lists for people.

use std::fmt::Write as _;

use super::palette::Palette;
use super::remedy::{TracedComplaint, concern_text};
use super::safe::single_line;
use crate::offer::{OfferKey, OfferStatus, OfferTypeId, StageStatus, StatusReport};
use crate::portal::OfferSummary;
use crate::state::HistoryEntry;

/// How an offer stands on the service, and what was done to it from here.
#[derive(Debug)]
pub struct OfferStanding {
    /// What the service says.
    pub report: StatusReport,
    /// What the record says, the oldest first; nothing without a record.
    pub history: Vec<HistoryEntry>,
    /// What the service complains about, as far as it was traced back to fields.
    pub complaints: Vec<TracedComplaint>,
}

/// How many entries of the history are shown.
const SHOWN: usize = 5;

/// How one offer stands, stage by stage, and what was done last.
pub fn status_text(key: &OfferKey, standing: Option<&OfferStanding>, palette: &Palette) -> String {
    let mut text = String::new();
    let name = palette.paint(palette.bold, &key.to_string());
    let Some(OfferStanding { report, history, complaints }) = standing else {
        let _ = writeln!(text, "{name}: the service has no such offer");
        return text;
    };
    let _ = writeln!(text, "{name}: {}", in_words(report));
    let width = report.stages.iter().map(|stage| stage.name.chars().count()).max().unwrap_or(0);
    for stage in &report.stages {
        let colour = match stage.status {
            StageStatus::Complete => palette.added,
            StageStatus::InProgress | StageStatus::WaitingForPublisherReview | StageStatus::WaitingForApproval => {
                palette.changed
            }
            StageStatus::Blocked | StageStatus::Rejected | StageStatus::Failed | StageStatus::Canceled => palette.alarm,
            StageStatus::NotStarted | StageStatus::Unknown(_) => palette.dim,
        };
        let mut line = format!(
            "  {:<width$}  {}",
            single_line(&stage.name),
            palette.paint(colour, &single_line(&stage.status.to_string()))
        );
        if let Some(progress) = stage.progress.filter(|progress| (1..100).contains(progress)) {
            let _ = write!(line, " {progress} %");
        }
        if let Some(estimate) = stage.estimate.as_ref().filter(|_| is_ahead(&stage.status)) {
            let _ = write!(line, "  {}", palette.paint(palette.dim, &single_line(estimate)));
        }
        let _ = writeln!(text, "{}", line.trim_end());
        for message in &stage.messages {
            let _ = writeln!(text, "    {}", single_line(&message.text));
            push_place(&mut text, "      ", complaints, &message.text, palette);
        }
    }
    for message in &report.messages {
        let _ = writeln!(text, "  {}", single_line(&message.text));
        push_place(&mut text, "    ", complaints, &message.text, palette);
    }
    for (title, links) in [("preview", &report.preview_links), ("live", &report.live_links)] {
        for link in links {
            let _ = writeln!(text, "  {title}: {}", single_line(&super::Redaction::text(link)));
        }
    }
    if !history.is_empty() {
        let _ = writeln!(text, "  done last:");
    }
    for HistoryEntry { at, deed, commit, command } in &history[history.len().saturating_sub(SHOWN)..] {
        let commit = commit.as_ref().map(|commit| format!(", commit {}", single_line(commit))).unwrap_or_default();
        let by = palette.paint(palette.dim, &format!("({}{commit})", single_line(command)));
        let _ = writeln!(text, "    {}  {deed}  {by}", single_line(at));
    }
    text
}

/// Adds where a complaint belongs.
fn push_place(text: &mut String, indent: &str, complaints: &[TracedComplaint], message: &str, palette: &Palette) {
    if let Some(concern) = TracedComplaint::about(complaints, message) {
        let _ = writeln!(text, "{indent}{}", concern_text(concern, palette));
    }
}

/// Whether the service's estimate still says anything about a stage.
fn is_ahead(status: &StageStatus) -> bool {
    !matches!(
        status,
        StageStatus::Complete
            | StageStatus::Blocked
            | StageStatus::Rejected
            | StageStatus::Failed
            | StageStatus::Canceled
    )
}

/// How an offer stands, in words that say what that means.
fn in_words(report: &StatusReport) -> String {
    if report.awaits_signoff() {
        return "the preview is ready and waits for the go-live".to_owned();
    }
    if report.is_running() && report.stages_in_trouble().next().is_some() {
        return "a submission is held up and needs a person".to_owned();
    }
    match &report.status {
        OfferStatus::NeverPublished => "never published".to_owned(),
        OfferStatus::NotStarted => "a submission is about to start".to_owned(),
        OfferStatus::WaitingForPublisherReview => "the preview is ready and waits for the go-live".to_owned(),
        OfferStatus::Running => "a submission runs".to_owned(),
        OfferStatus::Succeeded => "the last submission succeeded".to_owned(),
        OfferStatus::Canceled => "the last submission was canceled".to_owned(),
        OfferStatus::Failed => "the last submission failed".to_owned(),
        OfferStatus::Unknown(word) => {
            format!("\"{}\", a word that offerctl does not know: taken as still going", single_line(word))
        }
    }
}

/// The offers of a publisher, one a line.
pub fn list_text(rows: &[(OfferKey, OfferSummary)], palette: &Palette) -> String {
    let mut text = String::new();
    let status = |summary: &OfferSummary| {
        summary.status.as_ref().map(|status| single_line(&status.to_string())).unwrap_or_default()
    };
    let width = |of: &dyn Fn(&(OfferKey, OfferSummary)) -> usize| rows.iter().map(of).max().unwrap_or(0);
    let key_width = width(&|row| row.0.to_string().chars().count());
    let type_width = width(&|row| row.1.offer_type.as_ref().map_or("", OfferTypeId::as_str).chars().count());
    let status_width = width(&|row| status(&row.1).chars().count());
    for (key, summary) in rows {
        let line = format!(
            "{:<key_width$}  {}  {:<status_width$}  {}",
            key.to_string(),
            palette.paint(
                palette.dim,
                &format!("{:<type_width$}", single_line(summary.offer_type.as_ref().map_or("", OfferTypeId::as_str)))
            ),
            status(summary),
            single_line(summary.display_text.as_deref().unwrap_or("")),
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offer::{Message, MessageLevel, Stage};
    use crate::state::Deed;

    fn stage(name: &str, status: StageStatus, progress: Option<u8>, estimate: Option<&str>, says: &[&str]) -> Stage {
        let message = |text: &&str| Message { level: MessageLevel::Warning, text: (*text).to_owned() };
        Stage {
            id: String::new(),
            name: name.to_owned(),
            status,
            progress,
            estimate: estimate.map(str::to_owned),
            messages: says.iter().map(message).collect(),
        }
    }

    #[test]
    fn how_an_offer_stands_is_told_stage_by_stage() {
        let key = OfferKey::parse("contoso/contoso-vm").unwrap();
        let report = StatusReport {
            status: OfferStatus::Running,
            stages: vec![
                stage("Validate Pre-Requisites", StageStatus::Complete, Some(100), Some("< 15 min"), &[]),
                stage("Certification", StageStatus::InProgress, Some(40), Some("< 5 day"), &["Slow\u{1b}[2J today."]),
                stage("Live", StageStatus::parse("pondering"), Some(0), None, &[]),
            ],
            messages: Vec::new(),
            preview_links: vec!["https://portal.example/preview".to_owned()],
            live_links: Vec::new(),
            publishing_version: None,
        };
        let entry = |minute: u8, deed, commit: Option<&str>| HistoryEntry {
            at: format!("2026-11-22T10:{minute:02}:00Z"),
            deed,
            commit: commit.map(str::to_owned),
            command: "offerctl apply".to_owned(),
        };
        let mut history: Vec<_> = (0..4).map(|minute| entry(minute, Deed::Begun, Some("3f2a"))).collect();
        history.extend([entry(4, Deed::Written, None), entry(5, Deed::Published, Some("3f2a-dirty"))]);
        let standing = OfferStanding { report, history, complaints: Vec::new() };
        insta::assert_snapshot!(status_text(&key, Some(&standing), &Palette::PLAIN), @r#"
        contoso/contoso-vm: a submission runs
          Validate Pre-Requisites  complete
          Certification            in progress 40 %  < 5 day
            Slow[2J today.
          Live                     "pondering"
          preview: https://portal.example/preview
          done last:
            2026-11-22T10:01:00Z  plan begun  (offerctl apply, commit 3f2a)
            2026-11-22T10:02:00Z  plan begun  (offerctl apply, commit 3f2a)
            2026-11-22T10:03:00Z  plan begun  (offerctl apply, commit 3f2a)
            2026-11-22T10:04:00Z  draft written  (offerctl apply)
            2026-11-22T10:05:00Z  publish submitted  (offerctl apply, commit 3f2a-dirty)
        "#);
        insta::assert_snapshot!(status_text(&key, None, &Palette::PLAIN), @"contoso/contoso-vm: the service has no such offer");
    }
}
