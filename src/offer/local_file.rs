//! Local files that stand for what the service downloads: which field, from which address, with what content.
//!
//! A file itself is never sent. Its digest is compared with that of the file that was there when the address was sent.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::FieldPath;

/// What a file holds: `sha256:` and 64 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileDigest(String);

/// How many hex digits tell two contents apart for people.
const SHORT: usize = 12;

const ALGORITHM: &str = "sha256:";

impl FileDigest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let digest = Sha256::digest(bytes);
        Self(digest.iter().fold(String::from(ALGORITHM), |text, byte| text + &format!("{byte:02x}")))
    }

    /// As many hex digits as a person compares.
    pub fn short(&self) -> &str {
        let digits = self.0.strip_prefix(ALGORITHM).unwrap_or(&self.0);
        digits.get(..SHORT).unwrap_or(digits)
    }
}

impl fmt::Display for FileDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A file of the repository that is served at the address which a field names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalFile {
    /// The field.
    pub field: FieldPath,
    /// The address from which the service downloads it: the field's value.
    pub url: String,
    /// The file, relative to the repository root, with `/` between its parts.
    pub file: Arc<str>,
    /// What it holds now.
    pub digest: FileDigest,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_told_in_full_and_in_short() {
        let digest = FileDigest::of(b"abc");
        assert_eq!(digest.to_string(), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(digest.short(), "ba7816bf8f01");
        assert_ne!(FileDigest::of(b"abd"), digest);
    }
}
