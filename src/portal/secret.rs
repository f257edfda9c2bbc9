//! Strings that cannot be printed by accident: they have no `Display` and no `Serialize`, and their `Debug` says nothing.
//!
//! Whoever is sent a secret may echo it. So all secrets of a run are gathered in [`KnownSecrets`], which takes them out of
//! what others say; this is a net below the types and never a reason to hand a secret on as plain text.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::offer::{REDACTED, without_signatures};

/// Nothing shorter is taken out of texts: it would not be a secret, and every output would be in shreds.
const SHORTEST: usize = 4;
/// A line of a secret with several lines, such as a key, is taken out by itself from this length on.
const SHORTEST_LINE: usize = 8;

/// A bearer token or another secret. Cloning shares the text.
#[derive(Clone)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Takes the secret as it is.
    pub fn new(value: impl Into<Arc<str>>) -> Self {
        Self(value.into())
    }

    /// The text itself. Whoever calls this must not store, print or log it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text with every occurrence of this secret taken out: a service may echo what it was sent.
    pub fn scrub(&self, text: String) -> String {
        if self.0.is_empty() || !text.contains(&*self.0) { text } else { text.replace(&*self.0, REDACTED) }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret")
    }
}

/// The secrets that a run has met so far, in every spelling in which somebody may repeat them. Clones share them.
#[derive(Clone, Default)]
pub struct KnownSecrets(Arc<RwLock<Vec<String>>>);

impl KnownSecrets {
    /// Remembers a secret.
    pub fn keep(&self, secret: &Secret) {
        let fresh: Vec<String> = {
            let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
            spellings(secret.expose()).into_iter().filter(|spelling| !known.contains(spelling)).collect()
        };
        if !fresh.is_empty() {
            let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
            known.extend(fresh);
            // A secret may be part of another one, of which nothing must be left over.
            known.sort_by_key(|spelling| std::cmp::Reverse(spelling.len()));
            known.dedup();
        }
    }

    /// The text without any of them, and without signatures, which are known by their looks.
    pub fn scrub(&self, text: &str) -> String {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.iter().fold(without_signatures(text).into_owned(), |text, spelling| {
            if text.contains(spelling) { text.replace(spelling, REDACTED) } else { text }
        })
    }

    /// The value without any of them, in its texts and in the names of its fields.
    pub fn scrub_value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.scrub(&text)),
            Value::Array(items) => items.into_iter().map(|item| self.scrub_value(item)).collect(),
            Value::Object(map) => {
                map.into_iter().map(|(name, item)| (self.scrub(&name), self.scrub_value(item))).collect()
            }
            scalar => scalar,
        }
    }
}

impl fmt::Debug for KnownSecrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KnownSecrets")
    }
}

/// A secret as it is, as JSON and Rust's `Debug` write it, as forms and addresses write it, as HTML and HTML inside an
/// attribute write it, and line by line.
fn spellings(secret: &str) -> Vec<String> {
    let secret = secret.trim();
    if secret.len() < SHORTEST {
        return Vec::new();
    }
    let as_json = Value::from(secret).to_string();
    let encoded = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
    let as_html = escaped_for_html(secret);
    let mut all = vec![
        secret.to_owned(),
        as_json[1..as_json.len() - 1].to_owned(),
        encoded.to_ascii_lowercase(),
        encoded,
        url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
        escaped_for_html(&as_html),
        as_html,
    ];
    if secret.contains('\n') {
        all.extend(secret.lines().map(str::trim).filter(|line| line.len() >= SHORTEST_LINE).map(str::to_owned));
    }
    all
}

fn escaped_for_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_does_not_show_in_debug_and_leaves_no_trace_in_a_scrubbed_text() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret:?}"), "Secret");
        assert_eq!(secret.scrub("bad token hunter2!".into()), "bad token REDACTED!");
        assert_eq!(Secret::new("").scrub("abc".into()), "abc");
    }

    #[test]
    fn known_secrets_are_taken_out_in_every_spelling() {
        let known = KnownSecrets::default();
        let of_others = known.clone();
        known.keep(&Secret::new("hunter2\"a+b/c="));
        known.keep(&Secret::new("hunter2"));
        known.keep(&Secret::new("-----BEGIN KEY-----\nMIIEvQIBADAN\nab\n-----END KEY-----"));
        known.keep(&Secret::new("abc"));
        assert_eq!(
            of_others.scrub(r#"raw hunter2"a+b/c= json hunter2\"a+b/c= short abc"#),
            "raw REDACTED json REDACTED short abc"
        );
        assert_eq!(of_others.scrub("page hunter2&quot;a+b/c= hunter2&amp;quot;a+b/c="), "page REDACTED REDACTED");
        assert_eq!(of_others.scrub("form hunter2%22a%2Bb%2Fc%3D line MIIEvQIBADAN"), "form REDACTED line REDACTED");
        assert_eq!(of_others.scrub("lower hunter2%22a%2bb%2fc%3d part hunter2!"), "lower REDACTED part REDACTED!");
        let value = json!({"hunter2": ["a hunter2", 636_576_975_611_768_314_u64, null]});
        assert_eq!(
            of_others.scrub_value(value),
            json!({"REDACTED": ["a REDACTED", 636_576_975_611_768_314_u64, null]})
        );
        assert_eq!(of_others.scrub("https://a/b?sig=abc&x=1"), "https://a/b?sig=REDACTED&x=1");
        assert_eq!(format!("{known:?}"), "KnownSecrets");
    }
}
