//! The kinds of credentials, their names on the command line, and the order in which they are looked for.

use std::fmt;
use std::str::FromStr;

/// A way to obtain tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CredentialKind {
    /// A bearer token that somebody else obtained.
    Token,
    /// An application with a secret.
    Secret,
    /// An application with a certificate.
    Certificate,
    /// An application that trusts the token in a file, as in Kubernetes.
    Workload,
    /// An application that trusts a GitHub Actions job.
    GitHub,
    /// An application that trusts an Azure Pipelines service connection.
    Pipelines,
    /// The managed identity of the machine or app that this runs on.
    Managed,
    /// Whoever is signed in to the Azure CLI.
    Cli,
}

impl CredentialKind {
    /// All kinds, in the order in which `auto` looks for them: what somebody set on purpose comes first, what a machine
    /// has anyway comes last.
    pub const ALL: [Self; 8] = [
        Self::Token,
        Self::Secret,
        Self::Certificate,
        Self::Workload,
        Self::GitHub,
        Self::Pipelines,
        Self::Managed,
        Self::Cli,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Secret => "secret",
            Self::Certificate => "certificate",
            Self::Workload => "workload",
            Self::GitHub => "github",
            Self::Pipelines => "pipelines",
            Self::Managed => "managed",
            Self::Cli => "cli",
        }
    }
}

impl fmt::Display for CredentialKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Which credential the person wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CredentialChoice {
    /// The first that the environment offers.
    #[default]
    Auto,
    /// This one and no other.
    Only(CredentialKind),
}

/// A name that no credential has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a credential; write auto, token, secret, certificate, workload, github, pipelines, managed or cli"
)]
pub struct UnknownCredential(String);

impl FromStr for CredentialChoice {
    type Err = UnknownCredential;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.trim().to_ascii_lowercase();
        if name == "auto" {
            return Ok(Self::Auto);
        }
        let kind = CredentialKind::ALL.into_iter().find(|kind| kind.name() == name);
        kind.map(Self::Only).ok_or_else(|| UnknownCredential(text.to_owned()))
    }
}

impl fmt::Display for CredentialChoice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => formatter.write_str("auto"),
            Self::Only(kind) => kind.fmt(formatter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_by_its_name_and_listed_when_another_is_not() {
        assert_eq!("auto".parse(), Ok(CredentialChoice::Auto));
        let listed = UnknownCredential("x".into()).to_string();
        for kind in CredentialKind::ALL {
            assert_eq!(kind.name().to_uppercase().parse(), Ok(CredentialChoice::Only(kind)));
            assert!(listed.contains(kind.name()), "{listed}");
        }
        assert!("".parse::<CredentialChoice>().is_err() && "msi".parse::<CredentialChoice>().is_err());
    }
}
