//! What is wrong with manifests and settings, as findings.

use super::{Finding, Level, Place, Rule};
use crate::manifest::{Diagnostic, Label, Repository, Severity};

/// A diagnostic, at the place in the file that it points at.
pub fn of_diagnostic(diagnostic: &Diagnostic, repository: &Repository) -> Finding {
    let level = match diagnostic.severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
    };
    let place =
        |label: &Label| Place { start: repository.position(label.span), behind: repository.column_behind(label.span) };
    let message = match diagnostic.primary.text.as_str() {
        "" => diagnostic.message.clone(),
        label => format!("{} ({label})", diagnostic.message),
    };
    Finding {
        help: diagnostic.help.clone(),
        related: diagnostic.secondary.iter().map(|label| (place(label), label.text.clone())).collect(),
        ..Finding::new(Rule::Manifest(diagnostic.rule), level, message).at(place(&diagnostic.primary))
    }
}
