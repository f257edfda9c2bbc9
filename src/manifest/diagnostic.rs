//! What is wrong with a manifest, for people: where, the line itself, what is wrong, what would be right.
//!
//! A diagnostic is plain data; [`render`] turns one into text. Nothing here knows what a manifest may contain.

use annotate_snippets::renderer::Renderer;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Snippet};
use serde::{Deserialize, Serialize};

use super::source::{Repository, Span};
use crate::offer::{SourcePosition, signature_values};

/// How much a diagnostic matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// The manifest cannot be used.
    Error,
    /// Probably not what was meant.
    Warning,
}

/// A place and what is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// A few words; may be empty.
    pub text: String,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// The stable name of the rule, for machines and for searching: `duplicate-key`.
    pub rule: &'static str,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where.
    pub primary: Label,
    /// Other places that matter.
    pub secondary: Vec<Label>,
    /// What would be right.
    pub help: Option<String>,
}

impl Diagnostic {
    /// The rule that the guard `sas-expiry` has too, there with what the service has fetched already in view.
    pub(super) const SAS_ENDS_SOON: &'static str = "sas-ends-soon";

    /// Whether a guard of the plan says the same, and knows more.
    pub fn is_left_to_a_guard(&self) -> bool {
        self.rule == Self::SAS_ENDS_SOON
    }

    pub(super) fn error(rule: &'static str, message: impl Into<String>, span: Span, label: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            rule,
            message: message.into(),
            primary: Label { span, text: label.into() },
            secondary: Vec::new(),
            help: None,
        }
    }

    pub(super) fn warning(
        rule: &'static str,
        message: impl Into<String>,
        span: Span,
        label: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Warning, ..Self::error(rule, message, span, label) }
    }

    pub(super) fn also(mut self, span: Span, label: impl Into<String>) -> Self {
        self.secondary.push(Label { span, text: label.into() });
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The place of the diagnostic, in the words of the other rooms.
    pub fn position(&self, repository: &Repository) -> SourcePosition {
        repository.position(self.primary.span)
    }

    /// What is left to tell when the repository is not at hand any more.
    pub fn placed(self, repository: &Repository) -> PlacedDiagnostic {
        let source = self.position(repository);
        let Self { severity, rule, message, help, .. } = self;
        PlacedDiagnostic { severity, rule: rule.to_owned(), message, source, help }
    }
}

/// What a [`Diagnostic`] says, and where, for whoever shows it without the file's lines. As JSON it is an entry of what
/// `validate --output json` writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedDiagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// The name of the rule.
    pub rule: String,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where.
    pub source: SourcePosition,
    /// What would be right.
    pub help: Option<String>,
}

/// Whether something was wrong enough to stop.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Soundness {
    Sound,
    Faulty,
}

impl Soundness {
    pub fn is_sound(self) -> bool {
        self == Self::Sound
    }

    pub fn of(diagnostics: &[Diagnostic]) -> Self {
        if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
            Self::Faulty
        } else {
            Self::Sound
        }
    }
}

/// Whether a text may carry colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Styled {
    /// For a terminal.
    Yes,
    /// For a file or a pipe.
    No,
}

/// Shows a diagnostic the way compilers do, with the lines it is about. The signatures of SAS URIs in them are masked.
pub fn render(diagnostic: &Diagnostic, repository: &Repository, styled: Styled) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(presentable(&diagnostic.message)).id(diagnostic.rule));
    let mut labels = vec![(AnnotationKind::Primary, &diagnostic.primary)];
    labels.extend(diagnostic.secondary.iter().map(|label| (AnnotationKind::Context, label)));
    while let Some((_, first)) = labels.first() {
        let file = first.span.file;
        let (here, elsewhere) = labels.into_iter().partition::<Vec<_>, _>(|(_, label)| label.span.file == file);
        let path = repository.path(file).as_str();
        group = match repository.text_to_show(file).filter(|text| !text.is_empty()) {
            Some(text) => group.element(excerpt(&text, &here).path(presentable(path))),
            None => group.element(Origin::path(presentable(path))),
        };
        labels = elsewhere;
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(presentable(help)));
    }
    let renderer = match styled {
        Styled::Yes => Renderer::styled(),
        Styled::No => Renderer::plain(),
    };
    renderer.render(&[group])
}

type Annotation<'a> = annotate_snippets::Annotation<'a>;

/// The lines from the first label to the last. Only they are handed on, because a file may have megabytes.
fn excerpt<'a>(text: &str, labels: &[(AnnotationKind, &'a Label)]) -> Snippet<'a, Annotation<'a>> {
    let starts = || labels.iter().map(|(_, label)| boundary(text, label.span.start));
    let (first, last) = (starts().min().unwrap_or(0), starts().max().unwrap_or(0));
    let from = text[..first].rfind('\n').map_or(0, |newline| newline + 1);
    let to = text[last..].find('\n').map_or(text.len(), |newline| last + newline);
    let line = labels.iter().map(|(_, label)| label.span.line).min().unwrap_or(1);
    let annotations = labels.iter().map(|(kind, label)| {
        let start = boundary(text, label.span.start);
        let end_of_line = text[start..].find(['\n', '\r']).map_or(text.len(), |newline| start + newline);
        let end = boundary(text, label.span.end).clamp(start, end_of_line);
        let annotation = kind.span(start - from..end - from);
        if label.text.is_empty() { annotation } else { annotation.label(presentable(&label.text)) }
    });
    Snippet::source(presentable(&text[from..to])).line_start(line as usize).annotations(annotations)
}

/// The place of a byte, moved to where a character begins: the file may have changed since it was read.
fn boundary(text: &str, offset: u32) -> usize {
    let offset = (offset as usize).min(text.len());
    (0..=offset).rev().find(|&offset| text.is_char_boundary(offset)).unwrap_or(0)
}

/// A text without signatures, and without the control characters that the renderer lets through: the C1 set, with
/// which some terminals can be steered. Every byte keeps its place, so that spans stay right.
fn presentable(text: &str) -> String {
    let c1 = |character: char| ('\u{80}'..='\u{9f}').contains(&character);
    // A middle dot has two bytes in UTF-8, as each of these has.
    mask_signatures(text).replace(c1, "\u{b7}")
}

/// Overwrites every signature and key, keeping its length so that spans stay right.
fn mask_signatures(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut from = 0;
    for value in signature_values(text) {
        masked.push_str(&text[from..value.start]);
        masked.extend(std::iter::repeat_n('*', value.len()));
        from = value.end;
    }
    masked.push_str(&text[from..]);
    masked
}

/// A text short enough for a sentence.
pub(super) fn shortened(text: &str) -> String {
    const LIMIT: usize = 60;
    if text.chars().count() <= LIMIT {
        return text.to_owned();
    }
    text.chars().take(LIMIT).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_masked_and_nothing_moves() {
        let line = "osVhdUrl: \"https://a.blob.core.windows.net/b?se=2027&SIG=aB%2Fc%3D&sp=r\" # é";
        let masked = mask_signatures(line);
        assert_eq!(masked, "osVhdUrl: \"https://a.blob.core.windows.net/b?se=2027&SIG=*********&sp=r\" # é");
        assert_eq!(mask_signatures("design: x"), "design: x");
    }
}
