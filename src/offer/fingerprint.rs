//! What is kept of a secret in its place: enough to tell whether a value is the same, and not the value.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The fingerprint of a secret. It says nothing but whether another value is the same, and is as long for any value.
///
/// How it is made is not this room's business; two can be compared when they were made in the same way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Takes what was computed, in hexadecimal digits.
    pub fn new(digits: impl Into<String>) -> Self {
        Self(digits.into())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
