//! What stands inside an offer or an offer plan belongs to the service: an error is only what would do harm there.

use std::collections::HashMap;

use jiff::civil::Date;

use super::diagnostic::Diagnostic;
use super::directive;
use super::keys;
use super::media::{self, MediaFile};
use super::node::{Kind, Node};
use super::source::Span;
use super::takes::{self, Place};
use super::words;
use crate::offer::{Catalogue, Field, ListRule, OfferType, Rules, ValueKind, is_hidden, signed_until};

/// Checks the values of one definition.
pub(super) struct Values<'a> {
    /// Its offer type, when the keys of that are known.
    pub offer_type: Option<&'static OfferType>,
    /// The day on which signed addresses still have to be good.
    pub good_until: Option<Date>,
    pub faults: &'a mut Vec<Diagnostic>,
}

impl Values<'_> {
    /// Checks what is below a node, and the node's own text; `key` is the one that it stands at.
    pub fn check(&mut self, rules: Rules<'_>, node: &Node, key: Option<&str>) {
        match &node.kind {
            Kind::Text(text) if is_hidden(rules.field(), text) => {
                self.faults.push(hidden(rules.field(), text, node.span));
            }
            Kind::Text(text) => self.faults.extend(self.good_until.and_then(|day| ends_soon(text, day, node.span))),
            Kind::Media(file) => self.faults.extend(media::check(rules.field(), file, node.span)),
            // Its value is nowhere before it is sent.
            Kind::Map(entries) if directive::is_one(entries) => {}
            Kind::Map(entries) => {
                keys::check_inside(rules, entries, self.faults);
                words::check_categories(rules, entries, self.faults);
                for entry in entries {
                    let below = rules.child(&entry.key);
                    takes::check(below, &Place::Key { of: key, entry }, self.offer_type, self.faults);
                    self.check(below, &entry.value, Some(&entry.key));
                }
            }
            Kind::List(items) => {
                let field = rules.field();
                if let ListRule::Keyed(key) = &field.list
                    && rules.element().field().removal_guard.is_some()
                {
                    check_names(key, items, self.faults);
                }
                // Nothing is known of the elements when the service's pages have a map here.
                let is_map = field.takes.as_ref().is_some_and(|takes| takes.keys.is_some());
                let below = if is_map { Rules::of_nothing() } else { rules.element() };
                for item in items {
                    takes::check(below, &Place::Element { of: key, item }, self.offer_type, self.faults);
                    self.check(below, item, None);
                }
            }
            _ => {}
        }
    }
}

/// What offerctl shows in the place of a signature or a secret would be sent over the real one. In a text that only speaks
/// of addresses it may be meant as it stands.
fn hidden(field: &Field, text: &str, at: Span) -> Diagnostic {
    // Of a field that nobody knows, nobody knows either that its text is only text.
    let is_prose = field.value == ValueKind::Html || (field.value == ValueKind::Text && field.title.is_some());
    let opens_something = field.sensitive || MediaFile::is_address(text) || text.contains("Key=");
    if is_prose && !opens_something {
        let message = "a part of this text is what offerctl shows in the place of a signature";
        return Diagnostic::warning("hidden-value", message, at, "")
            .help("put the real address back, if there was one; if the text is meant so, all is well");
    }
    Diagnostic::error("hidden-value", "this value was hidden by offerctl and is not the real one", at, "")
        .help("write the real one (`{$env: NAME}`, `{$secret: NAME}`), or leave the field out to keep what is there")
}

/// The service fetches a file during the certification, days after the address was written.
fn ends_soon(text: &str, good_until: Date, at: Span) -> Option<Diagnostic> {
    let end = signed_until(Catalogue::built_in(), text).filter(|end| *end < good_until)?;
    let message = format!("this signed address ends on {end}, and a certification may need it until {good_until}");
    let diagnostic = Diagnostic::warning(Diagnostic::SAS_ENDS_SOON, message, at, "");
    Some(diagnostic.help("sign it anew; what the service fetched already does not need it any more"))
}

/// Elements without a name of their own would replace each other: images would be lost.
fn check_names(key: &str, items: &[Node], faults: &mut Vec<Diagnostic>) {
    let mut first: HashMap<String, Span> = HashMap::new();
    for item in items {
        let Some(name) = item.get(key).and_then(|entry| entry.value.name()) else {
            faults.push(
                Diagnostic::error("missing-key", format!("this element has no `{key}`"), item.span, "")
                    .help(format!("add `{key}: …`: it tells the elements of this list apart")),
            );
            continue;
        };
        if let Some(span) = first.insert(name.clone(), item.span) {
            let message = format!("two elements of this list have the `{key}` `{name}`");
            faults.push(
                Diagnostic::error("duplicate-element", message, item.span, "again here")
                    .also(span, "first here")
                    .help(format!("give each a `{key}` of its own, or make one element of them")),
            );
        }
    }
}
