//! What findings can be about, by the name that each has in reports, flags and documents.

use std::fmt;

use crate::offer::Guard;

/// What was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// A rule about manifests, by its name in `docs/rules.md`.
    Manifest(&'static str),
    /// A guard: its block waits for a person, or both sides changed a field.
    Guard(Guard),
    /// An offer could not be planned.
    NotPlanned,
    /// An offer could not be compared.
    NotCompared,
    /// A field was edited elsewhere, or its offer is gone.
    Drift,
    /// A field differs, and no record tells who changed it.
    Unattributed,
    /// The service failed or rejected a submission.
    CertificationFailed,
}

impl Rule {
    /// The name of the rule, which does not change from one version to the next.
    pub fn id(self) -> &'static str {
        match self {
            Self::Manifest(name) => name,
            Self::Guard(guard) => guard.as_str(),
            Self::NotPlanned => "not-planned",
            Self::NotCompared => "not-compared",
            Self::Drift => "drift",
            Self::Unattributed => "unattributed",
            Self::CertificationFailed => "certification-failed",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}
