//! Patterns over the names of offers: `contoso/*`, `*/vm-*`.

use std::fmt;

use globset::{GlobBuilder, GlobMatcher};

use super::OfferKey;

/// What makes a text a pattern; no name of an offer holds any of it.
const WILD: [char; 4] = ['*', '?', '[', '{'];

/// Names of offers, as a pattern of publisher and offer. The service ignores the case of letters, so does this.
#[derive(Debug, Clone)]
pub struct OfferPattern(GlobMatcher);

/// A text that is no pattern of offers.
#[derive(Debug, thiserror::Error)]
pub enum InvalidPattern {
    /// It has not two parts.
    #[error(
        "`{0}` is no pattern of offers, which has two parts: `publisher/offer`, for example `contoso/*` or `*/vm-*`"
    )]
    Parts(String),
    /// It is no glob.
    #[error("`{pattern}` is no pattern of offers: {reason}")]
    Glob {
        /// What was written.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl OfferPattern {
    /// Whether somebody who wrote this meant a pattern.
    pub fn is_meant(text: &str) -> bool {
        text.contains(WILD)
    }

    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self, InvalidPattern> {
        if text.split('/').filter(|part| !part.is_empty()).count() != 2 || text.matches('/').count() != 1 {
            return Err(InvalidPattern::Parts(text.to_owned()));
        }
        let glob = GlobBuilder::new(text).literal_separator(true).case_insensitive(true).build();
        let glob =
            glob.map_err(|error| InvalidPattern::Glob { pattern: text.to_owned(), reason: error.kind().to_string() })?;
        Ok(Self(glob.compile_matcher()))
    }

    /// Whether an offer is one of those that are meant.
    pub fn matches(&self, key: &OfferKey) -> bool {
        self.0.is_match(key.to_string())
    }
}

impl fmt::Display for OfferPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.glob().fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_publisher_and_offer_in_any_case() {
        let matches =
            |pattern: &str, key: &str| OfferPattern::parse(pattern).unwrap().matches(&OfferKey::parse(key).unwrap());
        assert!(matches("contoso/*", "contoso/vm") && matches("*/VM-*", "fabrikam/vm-1"));
        assert!(matches("contoso/{vm,app}", "contoso/app") && matches("c*/v?", "contoso/vm"));
        assert!(!matches("contoso/*", "contoso2/vm") && !matches("*/vm-*", "contoso/vm"));
        insta::assert_snapshot!(OfferPattern::parse("contoso*").unwrap_err(), @"`contoso*` is no pattern of offers, which has two parts: `publisher/offer`, for example `contoso/*` or `*/vm-*`");
        insta::assert_snapshot!(OfferPattern::parse("contoso/[").unwrap_err(), @"`contoso/[` is no pattern of offers: unclosed character class; missing ']'");
    }
}
