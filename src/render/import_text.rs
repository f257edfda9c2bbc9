//! What an import wrote, offer by offer: for people with what to look at, for programs with every path.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::palette::Palette;
use super::safe::single_line;
use crate::authoring::{LeftOut, Secret};
use crate::offer::{FieldPath, OfferKey, Slot};

/// What became of one offer.
#[derive(Debug, Clone)]
pub struct ImportReport {
    /// Which.
    pub key: OfferKey,
    /// How it went.
    pub outcome: ImportOutcome,
}

/// How an import of one offer went.
#[derive(Debug, Clone)]
pub enum ImportOutcome {
    /// Its manifest is written. All files are relative to the root of the repository.
    Written {
        /// The manifest.
        manifest: String,
        /// The files that it takes in.
        files: Vec<String>,
        /// How far the manifest takes the offer.
        publish_to: Slot,
        /// The secrets that it names.
        secrets: Vec<Secret>,
        /// The addresses that lost their signatures.
        unsigned: Vec<FieldPath>,
        /// What it does not name.
        left_out: Vec<LeftOut>,
    },
    /// A manifest describes it already.
    Described {
        /// Which.
        manifest: String,
    },
    /// Nothing was written for it.
    Failed {
        /// Why.
        reason: String,
    },
}

/// One offer, for people.
pub fn import_text(report: &ImportReport, palette: &Palette) -> String {
    let name = palette.paint(palette.bold, &report.key.to_string());
    let ImportOutcome::Written { manifest, files, publish_to, secrets, unsigned, left_out } = &report.outcome else {
        return match &report.outcome {
            ImportOutcome::Described { manifest } => {
                format!("{name}: {} describes it already\n", single_line(manifest))
            }
            // The reason is an error, and said as one.
            _ => format!("{name}: nothing was written\n"),
        };
    };
    let mut text = format!("{name}\n");
    for file in std::iter::once(manifest).chain(files) {
        let _ = writeln!(text, "    {} {}", palette.paint(palette.added, "+"), single_line(file));
    }
    let because = match publish_to {
        Slot::Production => "what the draft says is live",
        Slot::Preview => "what the draft says is in the preview and not live; write `production` when it shall be",
        Slot::Draft => "what the draft says is not published; write `preview` or `production` when it shall be",
    };
    let _ = writeln!(text, "    publishTo: {publish_to}, for {because}");
    for secret in secrets {
        let path = single_line(&secret.path.to_string());
        let _ = writeln!(text, "    set {} when you apply, to the secret of {path}", secret.variable);
    }
    if !unsigned.is_empty() {
        let _ = writeln!(
            text,
            "    addresses without their signatures: {}; the service keeps the signatures that it has",
            unsigned.len()
        );
    }
    for LeftOut { path, reason } in left_out {
        let _ = writeln!(text, "    left out {}: {reason}", single_line(&path.to_string()));
    }
    text
}

/// The totals, and what to type next.
pub fn import_summary(reports: &[ImportReport]) -> String {
    let [written, described, failed] = totals(reports);
    let mut text = format!("Import: {written} offers written, {described} described already, {failed} failed.\n");
    if written > 0 {
        text.push_str("Next: `offerctl plan` shows that nothing differs; look through the files and commit them.\n");
    }
    text
}

fn totals(reports: &[ImportReport]) -> [usize; 3] {
    let mut totals = [0; 3];
    for report in reports {
        totals[match report.outcome {
            ImportOutcome::Written { .. } => 0,
            ImportOutcome::Described { .. } => 1,
            ImportOutcome::Failed { .. } => 2,
        }] += 1;
    }
    totals
}

/// Everything, for programs.
pub fn import_json(reports: &[ImportReport]) -> Value {
    let [written, described, failed] = totals(reports);
    json!({
        "format": "offerctl-import",
        "version": 1,
        "offers": reports.iter().map(offer_json).collect::<Vec<_>>(),
        "summary": {"written": written, "described": described, "failed": failed},
    })
}

fn offer_json(report: &ImportReport) -> Value {
    let mut offer = json!({"publisherId": report.key.publisher, "offerId": report.key.offer});
    let rest = match &report.outcome {
        ImportOutcome::Written { manifest, files, publish_to, secrets, unsigned, left_out } => json!({
            "result": "written",
            "manifest": manifest,
            "files": files,
            "publishTo": publish_to,
            "secrets": secrets.iter().map(|secret| json!({"path": secret.path, "variable": secret.variable})).collect::<Vec<_>>(),
            "withoutSignature": unsigned,
            "leftOut": left_out.iter().map(|LeftOut { path, reason }| json!({"path": path, "reason": reason.to_string()})).collect::<Vec<_>>(),
        }),
        ImportOutcome::Described { manifest } => json!({"result": "described", "manifest": manifest}),
        ImportOutcome::Failed { reason } => json!({"result": "failed", "error": reason}),
    };
    if let (Value::Object(offer), Value::Object(rest)) = (&mut offer, rest) {
        offer.extend(rest);
    }
    offer
}
