//! A string that cannot be printed by accident: it has no `Display` and no `Serialize`, and its `Debug` says nothing.

use std::fmt;
use std::sync::Arc;

use crate::offer::REDACTED;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_in_debug_and_leaves_no_trace_in_a_scrubbed_text() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret:?}"), "Secret");
        assert_eq!(secret.scrub("bad token hunter2!".into()), "bad token REDACTED!");
        assert_eq!(Secret::new("").scrub("abc".into()), "abc");
    }
}
