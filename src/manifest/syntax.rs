//! The parser's syntax errors in sentences that tell a person what to do.

use granit_parser::{ErrorKind, ScanError};

use super::diagnostic::Diagnostic;
use super::loader::span_of;
use super::source::FileId;

/// The diagnostic for a text that is no YAML.
pub(super) fn describe(file: FileId, error: &ScanError) -> Diagnostic {
    let at = span_of(file, *error.marker(), *error.marker());
    let (message, help) = sentence(error.kind());
    let diagnostic = Diagnostic::error("invalid-yaml", message, at, "here");
    match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

fn sentence(kind: &ErrorKind) -> (String, Option<&'static str>) {
    let (message, help) = match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar => {
            ("a tab stands where YAML allows only spaces".to_owned(), "indent with spaces")
        }
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => (
            "a `:` stands where no key can be".to_owned(),
            "check the indentation; text that contains `: ` needs quotes, and a bracket above may never be closed",
        ),
        ErrorKind::SimpleKeyExpected
        | ErrorKind::InvalidSimpleKey
        | ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::MappingKeyNotAllowed => (
            "a `key: value` is expected here".to_owned(),
            "check the indentation: the keys of one map begin in the same column",
        ),
        ErrorKind::ExpectedBlockSequenceEntry | ErrorKind::BlockSequenceEntryNotAllowed => (
            "a `- ` of a list stands where none can be, or one is missing".to_owned(),
            "check the indentation: the `- ` of one list begin in the same column",
        ),
        ErrorKind::InvalidIndentation => {
            ("the indentation does not fit the lines above".to_owned(), "align it with the keys it belongs to")
        }
        ErrorKind::UnclosedQuotedScalar => ("a quote is never closed".to_owned(), "add the closing quote"),
        ErrorKind::UnclosedFlowCollection { open } => {
            (format!("the `{open}` is never closed"), "add the closing bracket")
        }
        ErrorKind::UnexpectedEofFlowSequence | ErrorKind::ExpectedFlowSequenceSeparator => {
            ("a `,` or a `]` is expected here".to_owned(), "close the list, or separate its elements")
        }
        ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::ExpectedFlowMappingSeparator => {
            ("a `,` or a `}` is expected here".to_owned(), "close the map, or separate its keys")
        }
        ErrorKind::UnexpectedCharacter { character } => {
            (format!("`{}` cannot begin a text", character.escape_default()), "put the text in quotes")
        }
        ErrorKind::UnknownQuotedScalarEscape => (
            "there is no such escape".to_owned(),
            "write `\\\\` for a backslash, or use single quotes, in which `\\` means itself",
        ),
        ErrorKind::RecursionLimitExceeded => {
            ("maps and lists stand too deep in each other".to_owned(), "write them flatter")
        }
        other => return (format!("this is not YAML: {other}"), None),
    };
    (message, Some(help))
}
