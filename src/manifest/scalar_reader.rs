//! One scalar of the YAML text → its value: quotes, tags, and the lints for text that other tools read differently.

use std::sync::Arc;

use granit_parser::{ScalarStyle, Tag};

use super::diagnostic::{Diagnostic, shortened};
use super::node::{Kind, Node};
use super::scalar::{self, Unrepresentable};
use super::source::Span;

/// A scalar as the parser delivers it.
pub(super) struct ScalarReader<'a> {
    pub text: &'a str,
    pub style: ScalarStyle,
    pub tag: Option<&'a Tag>,
    pub span: Span,
    /// The tag, or the value when there is none.
    pub tag_span: Span,
}

impl ScalarReader<'_> {
    pub fn is_plain(&self) -> bool {
        self.style == ScalarStyle::Plain
    }

    /// Its value; `under` is the key that it stands at. What is wrong with it is reported.
    pub fn read(&self, under: Option<&str>, diagnostics: &mut Vec<Diagnostic>) -> Node {
        let kind = match self.tag {
            Some(tag) => self.tagged(tag, diagnostics),
            None if self.is_plain() => self.plain(under, diagnostics),
            None => Kind::Text(Arc::from(self.text)),
        };
        Node { kind, span: self.span }
    }

    fn plain(&self, under: Option<&str>, diagnostics: &mut Vec<Diagnostic>) -> Kind {
        let kind = self.resolved(diagnostics);
        let Some(key) = under else { return kind };
        if matches!(&kind, Kind::Number(number) if number.is_f64()) && is_version_key(key) {
            diagnostics.push(self.unquoted_version());
        }
        if let Some(meant) = scalar::resembles_boolean(self.text) {
            diagnostics.push(self.ambiguous_boolean(meant));
        }
        kind
    }

    fn resolved(&self, diagnostics: &mut Vec<Diagnostic>) -> Kind {
        scalar::resolve(self.text).unwrap_or_else(|why| {
            diagnostics.push(self.unrepresentable(why));
            Kind::Refused
        })
    }

    fn tagged(&self, tag: &Tag, diagnostics: &mut Vec<Diagnostic>) -> Kind {
        // A lone `!` asks for no guessing, which for a scalar means text.
        let non_specific = tag.handle().is_empty() && tag.suffix() == "!" || tag.parts() == ("!", "");
        let suffix = if non_specific { Some("str") } else { tag.core_suffix() };
        let kind = match suffix {
            Some("str") => return Kind::Text(Arc::from(self.text)),
            Some("null" | "bool" | "int" | "float") => self.resolved(diagnostics),
            _ => {
                diagnostics.push(wrong_tag(tag, self.tag_span));
                return Kind::Refused;
            }
        };
        let fits = match (suffix, &kind) {
            (Some("null"), Kind::Null) | (Some("bool"), Kind::Bool(_)) | (Some("float"), Kind::Number(_)) => true,
            (Some("int"), Kind::Number(number)) => !number.is_f64(),
            _ => false,
        };
        if fits || matches!(kind, Kind::Refused) {
            return kind;
        }
        diagnostics.push(wrong_tag(tag, self.tag_span));
        Kind::Refused
    }

    fn unrepresentable(&self, why: Unrepresentable) -> Diagnostic {
        let text = shortened(self.text);
        let message = match why {
            Unrepresentable::TooLarge => format!("`{text}` is too large for a number of 64 bits"),
            Unrepresentable::TooPrecise => format!("`{text}` has more digits than a number keeps"),
            Unrepresentable::NotFinite => format!("`{text}` is not a number that JSON knows"),
        };
        Diagnostic::error("unrepresentable-number", message, self.span, "")
            .help(format!("quote it if it is meant as text: \"{text}\""))
    }

    fn unquoted_version(&self) -> Diagnostic {
        let text = shortened(self.text);
        let message = format!("`{text}` is read as a number, although it looks like a version");
        Diagnostic::warning("unquoted-version", message, self.span, "zeros at its end are lost")
            .help(format!("quote it: \"{text}\""))
    }

    fn ambiguous_boolean(&self, meant: bool) -> Diagnostic {
        let message = format!("`{}` is text here, although other YAML tools read it as a boolean", self.text);
        Diagnostic::warning("ambiguous-boolean", message, self.span, "")
            .help(format!("write `{meant}` for the boolean, or \"{}\" for the text", self.text))
    }
}

/// A tag that is not known, or that its value does not fit.
pub(super) fn wrong_tag(tag: &Tag, span: Span) -> Diagnostic {
    let written = shortened(&tag.original());
    if tag.core_suffix().is_some() {
        return Diagnostic::error("wrong-tag", format!("the tag `{written}` does not fit its value"), span, "")
            .help("delete the tag, or correct the value");
    }
    Diagnostic::error("unknown-tag", format!("the tag `{written}` has no meaning here"), span, "")
        .help("delete the tag; text that starts with `!` needs quotes")
}

/// Whether a version stands under a key of this name, by which a bare number would be suspicious.
pub fn is_version_key(key: &str) -> bool {
    key.to_ascii_lowercase().ends_with("version")
}
