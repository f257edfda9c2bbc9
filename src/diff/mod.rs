//! Comparison: what differs between desired, observed and applied, by meaning and not by bytes.
//!
//! Pure: no clock, no file, no network. This room decides *that* values differ and *whose* change it is; what to do
//! about it is the planner's. Which field follows which rule is the catalogue's ([`crate::offer::Catalogue`]).

mod between;
mod clean;
mod compare;
mod content;
mod elements;
mod equality;
mod gone;
mod lookup;
mod media;
mod patch;
mod secrets;
#[cfg(test)]
mod tests;
mod url;
mod verdict;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

pub use between::{between, missing};
pub(crate) use clean::fit_for_record_at;
pub use clean::{content_digest, fit_for_record, without_service_keys};
pub use compare::{compare, trace};
pub use content::FileContent;
pub(crate) use equality::{is_unset, mean_the_same, set_value};
pub use gone::gone_since;
pub(crate) use lookup::walk;
pub use lookup::{stated_at, value_at};
pub(crate) use media::is_served;
pub use media::{MediaRecord, MediaRecords, MediaTrust, Sending, record_media};
pub(crate) use patch::lenders;
pub use patch::{PatchError, body_for_create, body_for_update};
pub(crate) use secrets::unseen_in;
pub use secrets::{SecretVerdict, UnseenSecret, unseen_secrets};
pub(crate) use url::signed_file;
pub use verdict::{Doubt, Judgement, Sameness, Trace, Unlikeness, Verdict};

use crate::offer::{Catalogue, Desired, FieldPath, IgnoredField, LocalFile, OfferPlansPolicy};

/// The three sides of a comparison, as whole documents.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'value> {
    /// What the manifest says.
    pub desired: &'value Value,
    /// What the service says; `None` when there is no such offer.
    pub observed: Option<&'value Value>,
    /// What offerctl last wrote; `None` when no record tells.
    pub applied: Option<&'value Value>,
}

/// What a comparison needs to know besides the documents.
#[derive(Debug, Clone, Copy)]
pub struct Context<'value> {
    /// Which field follows which rule.
    pub catalogue: &'value Catalogue,
    /// Which served file came from which source.
    pub media: &'value MediaRecords,
    /// What to think of a served file that no record names.
    pub media_trust: MediaTrust,
    /// What the local files hold that the desired document names by their addresses.
    pub local_files: &'value [LocalFile],
    /// Fields that others own.
    pub ignore: &'value [IgnoredField],
    /// What an offer plan is that the manifest does not name.
    pub offer_plans: OfferPlansPolicy,
}

impl<'value> Context<'value> {
    /// What the comparison of a draft with a manifest goes by.
    pub fn of(
        catalogue: &'value Catalogue,
        desired: &'value Desired,
        media: &'value MediaRecords,
        media_trust: MediaTrust,
    ) -> Self {
        Self {
            catalogue,
            media,
            media_trust,
            local_files: &desired.local_files,
            ignore: &desired.reconcile.ignore,
            offer_plans: desired.reconcile.offer_plans,
        }
    }

    /// What the comparison of a slot goes by, where that of the draft goes by this.
    #[must_use]
    pub fn in_slot(self) -> Self {
        Self { media_trust: MediaTrust::InSlot, ..self }
    }
}

/// What a comparison found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparison {
    /// Everything that is not in sync, in the order of the manifest; then fields whose local file alone changed.
    pub differences: Vec<Difference>,
    /// Values that nobody can compare: counted as in sync, and worth saying.
    pub unverifiable: Vec<FieldPath>,
}

impl Comparison {
    /// The differences that are to be written: all but the waived ones.
    pub fn to_write(&self) -> impl Iterator<Item = &Difference> {
        self.differences.iter().filter(|difference| difference.is_written())
    }

    /// Whether nothing is to be written.
    pub fn is_in_sync(&self) -> bool {
        self.to_write().next().is_none()
    }
}

/// One field on which desired and observed disagree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Where.
    pub path: FieldPath,
    /// What writing the desired value does there.
    pub operation: Operation,
    /// Whose change it is.
    pub class: Class,
    /// The observed value.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "there")]
    pub before: Option<Value>,
    /// The desired value, without the removals that it declares inside.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "there")]
    pub after: Option<Value>,
    /// Why it is not written although it differs: the reason of the waiver.
    pub waived: Option<String>,
    /// The local file behind the address, where the manifest names one.
    pub content: Option<FileContent>,
}

/// A value that stands there, be it `null`: only what is left out is none.
fn there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Difference {
    /// Whether it is to be written; a waived one is only shown.
    pub fn is_written(&self) -> bool {
        self.waived.is_none()
    }

    /// Whether no answer of the service can show that it arrived: it takes away a secret, or brings nothing but another
    /// signature to the same file.
    pub fn is_unseen(&self) -> bool {
        match (&self.before, &self.after) {
            (Some(Value::String(before)), Some(Value::String(after))) => {
                signed_file(after).is_some() && signed_file(before) == signed_file(after)
            }
            _ => self.removes_secret(),
        }
    }

    /// Whether it takes away a secret that was sent; the service keeps it unseen until then.
    pub fn removes_secret(&self) -> bool {
        self.operation == Operation::Remove && self.before.as_ref().is_some_and(is_secret_placeholder)
    }
}

/// What a change does to a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Operation {
    /// There was nothing.
    Add,
    /// There was another value.
    Replace,
    /// There shall be nothing.
    Remove,
}

/// Whose change a difference is, told from what was applied last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Class {
    /// Ours: the manifest changed since the last apply.
    Pending,
    /// Somebody else's: the service changed since the last apply.
    Drift,
    /// Both changed.
    Conflict,
    /// No record tells.
    Unattributed,
}

/// Whether a value of the manifest stands for a secret: `{"$secret": "NAME"}`.
pub(crate) fn is_secret_placeholder(value: &Value) -> bool {
    value.as_object().is_some_and(|map| map.len() == 1 && map.contains_key("$secret"))
}
