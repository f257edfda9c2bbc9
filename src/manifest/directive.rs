//! The maps that stand for something else: `$file`, `$env`, `$media` and `$secret`.
//!
//! `$file` and `$env` are replaced by what they name, `$media` by its address and what the file holds. `$secret` is only
//! checked: its value is read when it is sent.

use std::sync::Arc;

use super::diagnostic::{Diagnostic, shortened};
use super::media::MediaFile;
use super::node::{Entry, Kind, Node};
use super::source::{Repository, RepositoryPath, Span, TEXT_LIMIT, Unreadable};
use super::suggestion::{closest, did_you_mean, listed};

const KNOWN: [&str; 4] = ["$file", "$env", "$media", "$secret"];

/// How much text the directives of one manifest may take in, in bytes.
const TAKEN_IN_LIMIT: usize = 64 * 1024 * 1024;

/// Whether a map is a directive: it has a directive's key, or its only key begins with `$`.
pub(super) fn is_one(entries: &[Entry]) -> bool {
    reads_as_directive(entries.iter().map(|entry| &*entry.key))
}

/// Whether a map with these keys stands for something else in a manifest, so that no offer can hold it as it is.
pub fn reads_as_directive<'key>(keys: impl ExactSizeIterator<Item = &'key str>) -> bool {
    let is_alone = keys.len() == 1;
    let mut keys = keys;
    keys.any(|key| KNOWN.contains(&key) || (is_alone && key.starts_with('$')))
}

/// Carries out the directives of one manifest.
pub(super) struct Directives<'a> {
    repository: &'a mut Repository,
    environment: &'a dyn Fn(&str) -> Option<String>,
    diagnostics: &'a mut Vec<Diagnostic>,
    taken_in: usize,
}

impl<'a> Directives<'a> {
    pub fn new(
        repository: &'a mut Repository,
        environment: &'a dyn Fn(&str) -> Option<String>,
        diagnostics: &'a mut Vec<Diagnostic>,
    ) -> Self {
        Self { repository, environment, diagnostics, taken_in: 0 }
    }

    /// Replaces every directive below a node. What cannot be replaced is reported.
    pub fn carry_out(&mut self, node: &mut Node) {
        match &mut node.kind {
            Kind::List(items) => items.iter_mut().for_each(|item| self.carry_out(item)),
            Kind::Map(entries) if is_one(entries) => {
                let entries = std::mem::take(entries);
                if let Some(replacement) = self.replacement(entries, node.span) {
                    *node = replacement;
                } else {
                    node.kind = Kind::Refused;
                }
            }
            Kind::Map(entries) => entries.iter_mut().for_each(|entry| self.carry_out(&mut entry.value)),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Media(_) | Kind::Refused => {}
        }
    }

    fn replacement(&mut self, entries: Vec<Entry>, span: Span) -> Option<Node> {
        let directive = entries.iter().find(|entry| entry.key.starts_with('$'))?;
        let allowed: &[&str] = match &*directive.key {
            "$env" => &["$env", "default"],
            "$file" => &["$file"],
            "$media" => &["$media", "url"],
            "$secret" => &["$secret"],
            other => {
                let message = format!("there is no directive `{}`", shortened(other));
                let help = did_you_mean(other, &KNOWN);
                self.diagnostics
                    .push(Diagnostic::error("unknown-directive", message, directive.key_span, "").help(help));
                return None;
            }
        };
        if let Some(extra) = entries.iter().find(|entry| !allowed.contains(&&*entry.key)) {
            let message = format!("`{}` cannot stand beside `{}`", shortened(&extra.key), directive.key);
            self.diagnostics.push(
                Diagnostic::error("unknown-directive", message, extra.key_span, "")
                    .also(directive.key_span, "the directive")
                    .help(format!("a map with {} has no other keys", listed(allowed))),
            );
            return None;
        }
        let Some(argument) = directive.value.as_text() else {
            let message = format!("`{}` takes text, and this is {}", directive.key, directive.value.article());
            self.diagnostics.push(Diagnostic::error("wrong-type", message, directive.value.span, ""));
            return None;
        };
        match &*directive.key {
            "$file" => self.file(argument, directive.value.span),
            "$media" => {
                let (argument, at) = (Arc::clone(argument), directive.value.span);
                let url = entries.into_iter().find(|entry| &*entry.key == "url").map(|entry| entry.value);
                self.media(&argument, at, url, span)
            }
            "$env" => {
                let default = entries.iter().find(|entry| &*entry.key == "default");
                self.environment(argument, directive.value.span, default)
            }
            _ => {
                self.check_name(argument, directive.value.span)?;
                Some(Node { kind: Kind::Map(entries), span })
            }
        }
    }

    fn file(&mut self, reference: &str, at: Span) -> Option<Node> {
        let path = self.resolve(reference, at)?;
        match self.repository.read(&path, TEXT_LIMIT) {
            Err(error) => {
                self.unreadable(&path, reference, &error, at);
                None
            }
            Ok((file, text)) => {
                self.take_in(text.len(), at)?;
                // As YAML does in block scalars: what a checkout on another system did to line ends is no content.
                let text = if text.contains('\r') { text.replace("\r\n", "\n").into() } else { text };
                Some(Node { kind: Kind::Text(text), span: Span::beginning(file) })
            }
        }
    }

    /// The address of a local file, and what the file holds.
    fn media(&mut self, reference: &str, at: Span, url: Option<Node>, span: Span) -> Option<Node> {
        let path = self.resolve(reference, at)?;
        // Named, whatever becomes of it, so that whoever asks which files belong to a manifest is told.
        self.repository.file(&path);
        let Some(mut url) = url else {
            self.diagnostics.push(
                Diagnostic::error("missing-url", "`$media` needs the address where the file is served", at, "").help(
                    format!(
                        "add `url`: `{{$media: {reference}, url: https://cdn.contoso.com/logo.png}}`; the service \
                         downloads the file from there, and offerctl sends no file"
                    ),
                ),
            );
            return None;
        };
        self.carry_out(&mut url);
        let address = match &url.kind {
            Kind::Refused => return None,
            Kind::Text(text) if MediaFile::is_address(text) => Arc::clone(text),
            _ => {
                self.diagnostics.push(
                    Diagnostic::error("invalid-url", "this is no address of a file", url.span, "")
                        .help("the service downloads it: `url: https://cdn.contoso.com/logo.png`"),
                );
                return None;
            }
        };
        match MediaFile::read(self.repository, &path, address, at) {
            Ok(media) => Some(Node { kind: Kind::Media(Arc::new(media)), span }),
            Err(error) => {
                self.unreadable(&path, reference, &error, at);
                None
            }
        }
    }

    fn resolve(&mut self, reference: &str, at: Span) -> Option<RepositoryPath> {
        match self.repository.path(at.file).resolve(reference) {
            Ok(path) => Some(path),
            Err(error) => {
                self.diagnostics.push(Diagnostic::error("path-outside-repository", error.to_string(), at, ""));
                None
            }
        }
    }

    fn unreadable(&mut self, path: &RepositoryPath, reference: &str, error: &Unreadable, at: Span) {
        let from = self.repository.path(at.file);
        let beside = self.repository.names_beside(path);
        let meant = match error {
            Unreadable::Missing(_) => closest(path.name(), beside.iter().map(String::as_str)),
            _ => None,
        };
        let help = match meant {
            Some(name) => {
                let folder = reference.rfind('/').map_or("", |end| &reference[..=end]);
                format!("did you mean `{folder}{name}`? the path is relative to `{from}`")
            }
            None => match error {
                Unreadable::Missing(_) => format!("the path is relative to `{from}`"),
                other => other.way_out().to_owned(),
            },
        };
        self.diagnostics.push(Diagnostic::error(error.rule(), error.to_string(), at, "").help(help));
    }

    fn environment(&mut self, name: &str, at: Span, default: Option<&Entry>) -> Option<Node> {
        self.check_name(name, at)?;
        if let Some(entry) = default
            && entry.value.as_text().is_none()
        {
            let message = format!("the default of `$env` is text, and this is {}", entry.value.article());
            self.diagnostics
                .push(Diagnostic::error("wrong-type", message, entry.value.span, "").help("put it in quotes"));
            return None;
        }
        let text = (self.environment)(name)
            .map(Arc::from)
            .or_else(|| default.and_then(|entry| entry.value.as_text().map(Arc::clone)));
        let Some(text) = text else {
            let message = format!("the environment variable `{name}` is not set");
            self.diagnostics.push(
                Diagnostic::error("missing-environment", message, at, "")
                    .help(format!("set it, or give a default: `{{$env: {name}, default: text}}`")),
            );
            return None;
        };
        self.take_in(text.len(), at)?;
        Some(Node { kind: Kind::Text(text), span: at })
    }

    fn check_name(&mut self, name: &str, at: Span) -> Option<()> {
        if name.starts_with("OFFERCTL_") {
            let message = format!("`{}` is a variable of offerctl itself, and no part of an offer", shortened(name));
            self.diagnostics.push(Diagnostic::error("invalid-name", message, at, "").help("name another variable"));
            return None;
        }
        let starts_well = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        if starts_well && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Some(());
        }
        let message = format!("`{}` cannot name an environment variable", shortened(name));
        self.diagnostics.push(
            Diagnostic::error("invalid-name", message, at, "")
                .help("write the name alone, without `$`: letters, digits and `_`"),
        );
        None
    }

    fn take_in(&mut self, bytes: usize, at: Span) -> Option<()> {
        self.taken_in += bytes;
        if self.taken_in <= TAKEN_IN_LIMIT {
            return Some(());
        }
        let message = format!("the manifest takes in more than {} MiB of text", TAKEN_IN_LIMIT / (1024 * 1024));
        self.diagnostics
            .push(Diagnostic::error("too-large", message, at, "the limit is reached here").help(
                "name files of text only; pictures and packages are named with `$media`, which takes nothing in",
            ));
        None
    }
}
