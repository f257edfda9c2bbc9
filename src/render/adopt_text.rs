//! What is taken over into the files: the change of each file, and offer by offer what is and what is not.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};
use similar::TextDiff;

use super::palette::Palette;
use super::redaction::Redaction;
use super::safe::single_line;
use crate::authoring::Unadoptable;
use crate::diff::Class;
use crate::manifest::RepositoryPath;
use crate::offer::{FieldPath, OfferKey};

/// What became of the differences of one offer.
#[derive(Debug, Clone)]
pub struct AdoptReport {
    /// Which.
    pub key: OfferKey,
    /// The fields that the files then have as the service has them.
    pub adopted: Vec<FieldPath>,
    /// The fields that cannot be adopted, and why.
    pub refused: Vec<(FieldPath, Unadoptable)>,
    /// The fields that differ too, and that nobody asked for.
    pub left: Vec<(FieldPath, Class)>,
}

/// How one file changes, as a unified diff without signatures.
pub fn file_diff(path: &RepositoryPath, old: &str, new: &str) -> String {
    let [old, new] = [old, new].map(Redaction::text);
    let difference = TextDiff::from_lines(&old, &new);
    let (from, to) = (format!("a/{path}"), format!("b/{path}"));
    let text = difference.unified_diff().context_radius(3).missing_newline_hint(true).header(&from, &to).to_string();
    text.lines().map(|line| single_line(line) + "\n").collect()
}

/// The changes of all files and what becomes of each offer, for people.
pub fn adopt_text(
    reports: &[AdoptReport],
    files: &BTreeMap<RepositoryPath, (String, String)>,
    palette: &Palette,
) -> String {
    let mut text = String::new();
    for (path, (old, new)) in files {
        for line in file_diff(path, old, new).lines() {
            let colour = match line.as_bytes().first() {
                Some(b'+') => palette.added,
                Some(b'-') => palette.removed,
                Some(b'@') => palette.dim,
                _ => "",
            };
            let _ = writeln!(text, "{}", if colour.is_empty() { line.to_owned() } else { palette.paint(colour, line) });
        }
    }
    for report in reports {
        let AdoptReport { key, adopted, refused, left } = report;
        let name = palette.paint(palette.bold, &key.to_string());
        if adopted.is_empty() && refused.is_empty() && left.is_empty() {
            let _ = writeln!(text, "{name}: nothing to take over");
            continue;
        }
        let _ = writeln!(text, "{name}");
        for path in adopted {
            let _ = writeln!(text, "    taken over {}", single_line(&path.to_string()));
        }
        for (path, reason) in refused {
            let _ = writeln!(
                text,
                "    not taken over {}: {}",
                single_line(&path.to_string()),
                single_line(&reason.to_string())
            );
        }
        for (path, class) in left {
            let (name, word) = (single_line(&path.to_string()), single_line(&path.as_shell_word()));
            let _ = writeln!(text, "    left {name}: {}; `--path {word}` takes it over", because(*class));
        }
    }
    text
}

fn because(class: Class) -> &'static str {
    match class {
        Class::Pending => "the manifest changed it, not the portal",
        Class::Conflict => "the manifest and the portal both changed it",
        Class::Unattributed => "no record tells who changed it",
        Class::Drift => "the portal changed it",
    }
}

fn word(class: Class) -> &'static str {
    match class {
        Class::Pending => "pending",
        Class::Conflict => "conflict",
        Class::Unattributed => "unattributed",
        Class::Drift => "drift",
    }
}

/// The totals, and what to type next.
pub fn adopt_summary(reports: &[AdoptReport], written: usize) -> String {
    let [adopted, refused, left] = totals(reports);
    let mut text =
        format!("Adopt: {adopted} fields taken over, {refused} not, {left} left; {written} files written.\n");
    if written > 0 {
        text.push_str("Next: `offerctl plan` no longer lists these fields; look through the files and commit them.\n");
    }
    text
}

fn totals(reports: &[AdoptReport]) -> [usize; 3] {
    let sum = |count: &dyn Fn(&AdoptReport) -> usize| reports.iter().map(count).sum();
    [sum(&|report| report.adopted.len()), sum(&|report| report.refused.len()), sum(&|report| report.left.len())]
}

/// Everything, for programs.
pub fn adopt_json(
    reports: &[AdoptReport],
    files: &BTreeMap<RepositoryPath, (String, String)>,
    written: usize,
) -> Value {
    let [adopted, refused, left] = totals(reports);
    let offer = |report: &AdoptReport| {
        let refused = report.refused.iter();
        let left = report.left.iter();
        json!({
            "publisherId": report.key.publisher,
            "offerId": report.key.offer,
            "adopted": report.adopted,
            "refused": refused.map(|(path, reason)| json!({"path": path, "reason": reason.to_string()})).collect::<Vec<_>>(),
            "left": left.map(|(path, class)| json!({"path": path, "class": word(*class)})).collect::<Vec<_>>(),
        })
    };
    let file = |(path, (old, new)): (&RepositoryPath, &(String, String))| json!({"path": path.as_str(), "diff": file_diff(path, old, new)});
    json!({
        "format": "offerctl-adopt",
        "version": 1,
        "offers": reports.iter().map(offer).collect::<Vec<_>>(),
        "files": files.iter().map(file).collect::<Vec<_>>(),
        "summary": {"adopted": adopted, "refused": refused, "left": left, "filesWritten": written},
    })
}
