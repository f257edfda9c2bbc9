//! Newtypes for the names that must never be mixed up: publisher, offer, offer type, `ETag`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A publisher or offer identifier that cannot stand in a URL path of the service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not {kind}: {reason}")]
pub struct InvalidIdentifier {
    /// What was given.
    pub value: String,
    /// What it should have been, with its article: "a publisher id".
    pub kind: &'static str,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// The service accepts letters, digits, `-`, `_` and `.`; anything else could change the meaning of a URL.
fn check(value: &str, kind: &'static str) -> Result<(), InvalidIdentifier> {
    let refuse = |reason| Err(InvalidIdentifier { value: value.to_owned(), kind, reason });
    if value.is_empty() {
        return refuse("it is empty");
    }
    if value.len() > 128 {
        return refuse("it is longer than 128 characters");
    }
    if !value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')) {
        return refuse("only letters, digits, `-`, `_` and `.` are allowed");
    }
    if value.bytes().all(|byte| byte == b'.') {
        return refuse("it consists of dots only");
    }
    Ok(())
}

macro_rules! identifier {
    ($(#[$meta:meta])* $name:ident, $kind:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes the identifier as it is written, without changing its case.
            pub fn new(value: impl Into<String>) -> Result<Self, InvalidIdentifier> {
                let value = value.into();
                check(&value, $kind)?;
                Ok(Self(value))
            }

            /// The identifier as written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidIdentifier;

            fn try_from(value: String) -> Result<Self, Self::Error> {
                Self::new(value)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}

identifier!(
    /// Who publishes: `contoso`.
    PublisherId,
    "a publisher id"
);
identifier!(
    /// One offer of a publisher: `contoso-vm`.
    OfferId,
    "an offer id"
);
identifier!(
    /// What kind of offer it is: `microsoft-azure-virtualmachines`.
    OfferTypeId,
    "an offer type id"
);

/// The full name of an offer, written `publisher/offer`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OfferKey {
    /// Who publishes it.
    pub publisher: PublisherId,
    /// Which of their offers it is.
    pub offer: OfferId,
}

impl OfferKey {
    /// Reads `publisher/offer`.
    pub fn parse(text: &str) -> Result<Self, InvalidIdentifier> {
        let Some((publisher, offer)) = text.split_once('/') else {
            return Err(InvalidIdentifier {
                value: text.to_owned(),
                kind: "an offer",
                reason: "write it as publisher/offer",
            });
        };
        Ok(Self { publisher: PublisherId::new(publisher)?, offer: OfferId::new(offer)? })
    }
}

impl fmt::Display for OfferKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.publisher, self.offer)
    }
}

/// The version of a draft as the service names it: opaque, kept byte for byte, weak prefix included.
///
/// Real ones look like `W/"datetime'2017-06-07T06%3A15%3A40.4771399Z'"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ETag(String);

impl ETag {
    /// Takes the bytes as they came; an `ETag` is never decoded and never normalised.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The bytes to send back in `If-Match`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_key_is_two_identifiers_and_a_slash() {
        let key = OfferKey::parse("contoso/contoso-vm").unwrap();
        assert_eq!(key.to_string(), "contoso/contoso-vm");
        for wrong in ["contoso", "contoso/", "/vm", "con toso/vm", "contoso/a/b", "contoso/..", "contoso/a?b"] {
            assert!(OfferKey::parse(wrong).is_err(), "{wrong} was accepted");
        }
    }
}
