//! Which credential is used: the one that was asked for, or the first that the environment offers, with the reasons why
//! the ones before it were passed over.

use std::fmt;
use std::sync::Arc;

use tracing::debug;

use super::authority::{Authority, scope};
use super::issuer::EntraIssuer;
use super::kind::{CredentialChoice, CredentialKind};
use super::recipe::{Recipe, Request};
use super::renewal::RenewedTokens;
use super::surroundings::Surroundings;
use super::variable;
use crate::portal::{CredentialError, Endpoint, ReadyToken, TokenSource};

/// A kind of credential that was not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedOver {
    /// Which.
    pub kind: CredentialKind,
    /// Why, as half a sentence: "`AZURE_CLIENT_SECRET` is not set".
    pub reason: String,
}

/// The credential that is used.
#[derive(Clone)]
pub struct Selection {
    /// Which kind.
    pub kind: CredentialKind,
    /// What the person had asked for.
    pub choice: CredentialChoice,
    /// What was looked at before; empty when the kind was asked for by name.
    pub passed_over: Vec<PassedOver>,
    /// What the tokens are asked for; a ready token is what it is.
    pub scope: Option<String>,
    /// Where tokens come from.
    pub tokens: Arc<dyn TokenSource>,
}

impl fmt::Debug for Selection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Selection({}: {})", self.kind, self.tokens.describe())
    }
}

/// Selects the credential for a service. Nothing is asked of anybody yet.
///
/// A service on this machine gets nothing that the environment happens to offer except a ready token: whatever listens
/// there must not be handed the real service's.
pub fn select(
    choice: CredentialChoice,
    endpoint: &Endpoint,
    surroundings: &Surroundings,
) -> Result<Selection, CredentialError> {
    let (kind, recipe, passed_over) = match choice {
        CredentialChoice::Only(kind) => {
            let recipe = Recipe::gather(kind, Request::ByName, surroundings)
                .map_err(|missing| CredentialError::new(cannot_use(kind, &missing), how_to(kind)))?;
            (kind, recipe, Vec::new())
        }
        CredentialChoice::Auto if endpoint.is_loopback() => {
            let recipe =
                Recipe::gather(CredentialKind::Token, Request::Looking, surroundings).map_err(|_| no_token())?;
            (CredentialKind::Token, recipe, Vec::new())
        }
        CredentialChoice::Auto => look(endpoint, surroundings)?,
    };
    let description = recipe.describe();
    for PassedOver { kind, reason } in &passed_over {
        debug!("passed over the credential `{kind}`: {reason}");
    }
    debug!("the credential is `{kind}`: {description}");
    let (scope, tokens): (_, Arc<dyn TokenSource>) = match recipe {
        Recipe::Token { token } => (None, Arc::new(ReadyToken::new(token.expose(), variable::TOKEN)?)),
        recipe => {
            let authority = Authority::parse(surroundings.variable(variable::AUTHORITY_HOST).as_deref())?;
            let scope = scope(endpoint, surroundings.variable(variable::SCOPE));
            let issuer = EntraIssuer::new(recipe, scope.clone(), authority, surroundings.clone())?;
            (Some(scope), Arc::new(RenewedTokens::new(issuer, description)))
        }
    };
    Ok(Selection { kind, choice, passed_over, scope, tokens })
}

type Found = (CredentialKind, Recipe, Vec<PassedOver>);

fn look(endpoint: &Endpoint, surroundings: &Surroundings) -> Result<Found, CredentialError> {
    let mut passed_over = Vec::new();
    for kind in CredentialKind::ALL {
        match Recipe::gather(kind, Request::Looking, surroundings) {
            Ok(recipe) => return Ok((kind, recipe, passed_over)),
            Err(reason) => passed_over.push(PassedOver { kind, reason }),
        }
    }
    let reasons: Vec<_> = passed_over.iter().map(|passed| format!("{}: {}", passed.kind, passed.reason)).collect();
    Err(CredentialError::new(
        format!("there is no credential for {endpoint}\n{}", reasons.join("\n")),
        "Sign in with `az login`, or set the variables of an application that is a user of the publisher account; try things \
         out with --emulator.",
    ))
}

fn no_token() -> CredentialError {
    CredentialError::new(
        format!("there is no token for the service: {} is not set", variable::TOKEN),
        how_to(CredentialKind::Token),
    )
}

fn cannot_use(kind: CredentialKind, missing: &str) -> String {
    format!("the credential `{kind}` cannot be used: {missing}")
}

fn how_to(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::Token => {
            "Get one with `az account get-access-token --resource https://cloudpartner.azure.com --query accessToken -o tsv` \
             and put it into the variable, or try things out with --emulator."
        }
        CredentialKind::Cli => "Install the Azure CLI and sign in with `az login`.",
        CredentialKind::GitHub => {
            "Give the job `permissions: id-token: write`, and set AZURE_TENANT_ID and AZURE_CLIENT_ID to those of the \
             application that trusts it."
        }
        CredentialKind::Pipelines => {
            "Run in a task that uses the service connection, and map `SYSTEM_ACCESSTOKEN: $(System.AccessToken)`."
        }
        CredentialKind::Secret | CredentialKind::Certificate | CredentialKind::Workload | CredentialKind::Managed => {
            "Set it, or choose another credential with --auth."
        }
    }
}
