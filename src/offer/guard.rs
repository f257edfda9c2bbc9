//! Guards: named rules that block an offer's steps until somebody allows them by name, and how a repository sets them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::OfferKey;

/// A rule that can block an offer's steps. In formats it has the id that it has in flags and output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guard {
    /// A field was changed both here and on the service.
    Conflict,
    /// An offer plan would be removed; its customers lose it.
    RemoveOfferPlan,
    /// An image or package version would be removed.
    RemoveImage,
    /// An edit that is not the manifest's would be shipped with it.
    Passengers,
    /// A price would change by more than the threshold, or by a factor of ten.
    PriceChange,
    /// More or fewer people than before would see or buy something.
    AudienceChange,
    /// An update would blank a secret that the service keeps and never returns.
    BlankSecret,
    /// A signed address ends before a certification would.
    SasExpiry,
    /// The run would change a large share of the offers.
    MassChange,
    /// The last submission failed or was canceled, and nothing changed since.
    FailedSubmission,
    /// The manifest names another offer type than the service has.
    OfferType,
}

impl Guard {
    /// The guards that can be allowed by name. The other blocks have ways out of their own, or none.
    pub const ALLOWABLE: [Self; 9] = [
        Self::Conflict,
        Self::Passengers,
        Self::RemoveOfferPlan,
        Self::RemoveImage,
        Self::PriceChange,
        Self::AudienceChange,
        Self::BlankSecret,
        Self::SasExpiry,
        Self::MassChange,
    ];

    /// Whether it looks at a run as a whole, so that no single offer can have a say in it.
    pub fn is_of_a_run(self) -> bool {
        self == Self::MassChange
    }

    /// The id in flags and output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::RemoveOfferPlan => "remove-offer-plan",
            Self::RemoveImage => "remove-image",
            Self::Passengers => "passengers",
            Self::PriceChange => "price-change",
            Self::AudienceChange => "audience-change",
            Self::BlankSecret => "blank-secret",
            Self::SasExpiry => "sas-expiry",
            Self::MassChange => "mass-change",
            Self::FailedSubmission => "failed-submission",
            Self::OfferType => "offer-type",
        }
    }

    /// The threshold when nobody sets another one; `None` for a guard that has none.
    pub fn threshold(self) -> Option<Threshold> {
        match self {
            Self::PriceChange => Some(Threshold { default: 20, unit: "percent" }),
            Self::SasExpiry => Some(Threshold { default: 21, unit: "days" }),
            Self::MassChange => Some(Threshold { default: 50, unit: "percent" }),
            _ => None,
        }
    }

    /// What a person can do about the block of this offer.
    pub fn way_out(self, key: &OfferKey) -> String {
        match self {
            Self::Conflict => format!(
                "take their values into the manifest, or write yours over them with `--allow {}:{key}`",
                self.as_str()
            ),
            Self::RemoveOfferPlan | Self::RemoveImage => {
                format!("put it back into the manifest, or let it go with `--allow {}:{key}`", self.as_str())
            }
            Self::Passengers => format!(
                "take the fields into the manifest with `offerctl adopt {key} --path PATH` when they are right, take them \
                 back in the portal when they are not, or ship them as they are with `--allow {}:{key}`",
                self.as_str()
            ),
            Self::PriceChange | Self::AudienceChange => {
                format!("correct the manifest, or let it pass with `--allow {}:{key}`", self.as_str())
            }
            Self::BlankSecret => format!(
                "name the secret in the manifest with `$secret: NAME`, so that each update sends it; to remove it, say `null` \
                 in its place, or let it go with `--allow {}:{key}`",
                self.as_str()
            ),
            Self::SasExpiry => format!(
                "sign the address anew, for at least three weeks, or let it pass with `--allow {}:{key}`",
                self.as_str()
            ),
            Self::MassChange => {
                "look at what all of them have in common; apply some of them by name first, fewer than five at a time, or \
                 let all pass with `--allow mass-change`"
                    .to_owned()
            }
            Self::FailedSubmission => {
                "change what the service complains about, or submit the same again with `--retry-failed`".to_owned()
            }
            Self::OfferType => {
                "correct `offerTypeId`; the service cannot change an offer's type, so another type needs another `id`"
                    .to_owned()
            }
        }
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// From which value on a guard blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold {
    /// When nobody sets another one.
    pub default: u32,
    /// What it counts: "percent".
    pub unit: &'static str,
}

/// What a repository or a manifest says about one guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuardSetting {
    /// It blocks, as it does when nothing is said.
    Block,
    /// It lets everything pass.
    Allow,
    /// It blocks from this value on.
    From(u32),
}

/// What a repository or a manifest says about guards; those that are not named are as they are by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GuardSettings(BTreeMap<Guard, GuardSetting>);

impl GuardSettings {
    /// Says something about a guard.
    pub fn set(&mut self, guard: Guard, setting: GuardSetting) {
        self.0.insert(guard, setting);
    }

    /// These, and what the others say about guards that are not named here.
    #[must_use]
    pub fn over(&self, others: &Self) -> Self {
        let mut settings = others.clone();
        settings.0.extend(&self.0);
        settings
    }

    /// Whether the guard lets everything pass.
    pub fn allows(&self, guard: Guard) -> bool {
        self.0.get(&guard) == Some(&GuardSetting::Allow)
    }

    /// From which value on the guard blocks.
    pub fn threshold(&self, guard: Guard) -> u32 {
        match self.0.get(&guard) {
            Some(GuardSetting::From(threshold)) => *threshold,
            _ => guard.threshold().map_or(0, |threshold| threshold.default),
        }
    }
}
