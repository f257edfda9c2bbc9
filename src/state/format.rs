//! A record as text, and what to make of a text that is none.

use std::path::PathBuf;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::{RECORD_VERSION, Record};
use crate::offer::OfferKey;

/// No honest record comes near this size, in bytes.
pub(super) const MAX_RECORD_BYTES: u64 = 64 << 20;

/// What there is about an offer.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The record, if there is one for this service and it can be read.
    pub record: Option<Record>,
    /// Why there is none although something is there.
    pub warning: Option<UnusableRecord>,
}

/// A file that is no record that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnusableRecord {
    /// It is about an offer of another service.
    #[error("the record `{}` is about {theirs} and not about {ours}: it is left aside", path.display())]
    OfOtherService {
        /// The file; in a branch, the name under which git knows it.
        path: PathBuf,
        /// Whose record it is.
        theirs: String,
        /// Whose is looked for.
        ours: String,
    },
    /// It is damaged, or of another version of this program.
    #[error(
        "the record `{}` cannot be used ({reason}): whose change a difference is cannot be told for {key}, nor whether a \
         plan of it is unfinished",
        path.display()
    )]
    Damaged {
        /// Which, as above.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
        /// The offer that it should be about.
        key: OfferKey,
    },
}

/// Reads a record, or says why the text is none.
pub(super) fn parse(text: &str) -> Result<Record, String> {
    let Head { version } = Head::of(text).map_err(|error| format!("it is damaged: {error}"))?;
    match version.as_ref().and_then(Value::as_u64) {
        Some(version) if version == u64::from(RECORD_VERSION) => {}
        Some(version) => return Err(format!("it has version {version}, and this program reads {RECORD_VERSION}")),
        None => return Err("it has no version".to_owned()),
    }
    serde_json::from_str(text).map_err(|error| format!("it is damaged: {error}"))
}

/// What of a record tells whether it can be read.
#[derive(Default, Deserialize)]
struct Head {
    version: Option<Value>,
}

impl Head {
    fn of(text: &str) -> serde_json::Result<Self> {
        if text.trim_start().starts_with('{') {
            return serde_json::from_str(text);
        }
        // Nothing else has keys.
        serde_json::from_str::<IgnoredAny>(text).map(|_| Self::default())
    }
}

/// Writes a record.
pub(super) fn text_of(record: &Record) -> serde_json::Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(record)?;
    text.push(b'\n');
    Ok(text)
}

/// What a service makes of what was found under a name.
pub(super) fn loaded(found: Result<Option<Record>, String>, service: &str, key: &OfferKey, path: PathBuf) -> Loaded {
    let warning = match found {
        Ok(None) => return Loaded::default(),
        Ok(Some(record)) if record.service == service => return Loaded { record: Some(record), warning: None },
        Ok(Some(Record { service: theirs, .. })) => {
            UnusableRecord::OfOtherService { path, theirs, ours: service.to_owned() }
        }
        Err(reason) => UnusableRecord::Damaged { path, reason, key: key.clone() },
    };
    Loaded { record: None, warning: Some(warning) }
}
