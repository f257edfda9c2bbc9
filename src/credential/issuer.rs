//! Obtains one token, by whatever kind of credential: hands the recipe to the library (`azure_identity`), and says in
//! our words what came of it.
//!
//! A new credential is made each time. The library's keep their tokens and cannot be told that one was refused.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::credentials::TokenCredential;
use azure_core::http::{ClientOptions, RetryOptions, Transport as LibraryTransport};
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, ClientAssertionCredential, ClientAssertionCredentialOptions,
    ClientSecretCredential, ClientSecretCredentialOptions, Executor, ManagedIdentityCredential,
    ManagedIdentityCredentialOptions, UserAssignedId,
};
use futures::future::BoxFuture;

use super::assertion::{Assertion, identity_service};
use super::authority::{Authority, Detour};
use super::certificate::SigningCertificate;
use super::recipe::{Application, Recipe};
use super::refusal::{Refusal, advice_for, with_entra_code, without_tokens};
use super::surroundings::Surroundings;
use super::transport::{Encryption, Proxy, Transport, Trouble};
use super::variable;
use crate::portal::{CredentialError, Secret};

/// The Azure CLI starts an interpreter and asks Entra, and nothing else takes as long; what takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);

const UNTRUSTED_ADVICE: &str = "No secret was sent. If a proxy of your network inspects TLS, add its certificate authority to \
                                the system's; otherwise do not go on, because this is not the issuer.";

/// A token and how long it is good for.
#[derive(Debug, Clone)]
pub(super) struct Issued {
    pub(super) token: Secret,
    pub(super) lifetime: Duration,
}

/// Hands out fresh tokens, one for each question.
pub(super) trait Issuer: Send + Sync {
    fn issue(&self) -> BoxFuture<'_, Result<Issued, CredentialError>>;
}

/// Microsoft Entra, or whoever asks it on our behalf.
pub(super) struct EntraIssuer {
    recipe: Recipe,
    scope: String,
    authority: Authority,
    transport: Transport,
    surroundings: Surroundings,
    executor: Option<Arc<dyn Executor>>,
}

impl EntraIssuer {
    pub(super) fn new(
        recipe: Recipe,
        scope: String,
        authority: Authority,
        surroundings: Surroundings,
    ) -> Result<Self, CredentialError> {
        let transport = transport(&recipe, authority.detour())?;
        Ok(Self { recipe, scope, authority, transport, surroundings, executor: None })
    }

    #[cfg(test)]
    pub(super) fn with_executor(self, executor: Arc<dyn Executor>) -> Self {
        Self { executor: Some(executor), ..self }
    }

    #[cfg(test)]
    pub(super) fn with_transport(self, transport: Transport) -> Self {
        Self { transport, ..self }
    }

    async fn ask(&self) -> Result<Issued, CredentialError> {
        let credential = self.credential()?;
        let scopes = [self.scope.as_str()];
        let Ok(answer) = tokio::time::timeout(PATIENCE, credential.get_token(&scopes, None)).await else {
            let problem = format!("no token was issued for {} within {PATIENCE:?}", self.recipe.describe());
            return Err(CredentialError::new(problem, self.advice()).passing(None));
        };
        let token = answer.map_err(|error| self.explain(&error))?;
        if token.token.secret().is_empty() {
            // The library takes an answer without a token for an empty one.
            let problem = format!("no token was issued for {}: there is none in the answer", self.recipe.describe());
            return Err(CredentialError::new(problem, self.advice()));
        }
        let now = (self.surroundings.clock())();
        Ok(Issued {
            token: Secret::new(token.token.secret()),
            lifetime: SystemTime::from(token.expires_on).duration_since(now).unwrap_or_default(),
        })
    }

    fn credential(&self) -> Result<Arc<dyn TokenCredential>, CredentialError> {
        let transport = || self.transport.clone();
        Ok(match &self.recipe {
            // A ready token is never asked for.
            Recipe::Token { .. } => return Err(CredentialError::new("a ready token cannot be renewed", self.advice())),
            Recipe::Secret { application, secret } => {
                let options = ClientSecretCredentialOptions { client_options: self.client_options() };
                let Application { tenant, client } = application;
                ClientSecretCredential::new(tenant, client.clone(), secret.expose().to_owned().into(), Some(options))
                    .map_err(|error| self.explain(&error))?
            }
            Recipe::Certificate { application, file } => {
                let assertion = Assertion::Certificate {
                    certificate: SigningCertificate::read(file, &self.surroundings)?,
                    application: application.client.clone(),
                    audience: self.authority.token_url(&application.tenant),
                };
                self.by_assertion(application, assertion)?
            }
            Recipe::Workload { application, file } => self.by_assertion(application, Assertion::File(file.clone()))?,
            Recipe::GitHub { application, url, token } => {
                let url = identity_service(variable::GITHUB_TOKEN_URL, url)?;
                let assertion = Assertion::GitHub { url, token: token.clone(), transport: transport() };
                self.by_assertion(application, assertion)?
            }
            Recipe::Pipelines { application, url, token, connection } => {
                let url = identity_service(variable::PIPELINES_TOKEN_URL, url)?;
                let (token, connection) = (token.clone(), connection.clone());
                self.by_assertion(application, Assertion::Pipelines { url, connection, token, transport: transport() })?
            }
            Recipe::Managed { user_assigned } => {
                let options = ManagedIdentityCredentialOptions {
                    user_assigned_id: user_assigned.clone().map(UserAssignedId::ClientId),
                    client_options: self.client_options(),
                };
                ManagedIdentityCredential::new(Some(options)).map_err(|error| self.explain(&error))?
            }
            Recipe::Cli { tenant } => {
                let options = AzureCliCredentialOptions {
                    tenant_id: tenant.clone(),
                    executor: self.executor.clone(),
                    ..AzureCliCredentialOptions::default()
                };
                AzureCliCredential::new(Some(options)).map_err(|error| self.explain(&error))?
            }
        })
    }

    fn by_assertion(
        &self,
        application: &Application,
        assertion: Assertion,
    ) -> Result<Arc<dyn TokenCredential>, CredentialError> {
        let options = ClientAssertionCredentialOptions { client_options: self.client_options() };
        let Application { tenant, client } = application.clone();
        let credential = ClientAssertionCredential::new(tenant, client, assertion, Some(options))
            .map_err(|error| self.explain(&error))?;
        Ok(credential)
    }

    fn client_options(&self) -> ClientOptions {
        let mut cloud = CustomConfiguration::default();
        self.authority.as_str().clone_into(&mut cloud.authority_host);
        ClientOptions {
            transport: Some(LibraryTransport::new(Arc::new(self.transport.clone()))),
            // Whoever uses the token repeats what may be repeated, with the patience that is set there.
            retry: RetryOptions::none(),
            cloud: Some(Arc::new(CloudConfiguration::Custom(cloud))),
            ..ClientOptions::default()
        }
    }

    /// What went wrong, as far as anybody in the chain of causes knows.
    fn explain(&self, error: &azure_core::Error) -> CredentialError {
        let who = self.recipe.describe();
        let safe = |text: &str| {
            let text = without_tokens(text);
            self.recipe.secret().map_or(text.clone(), |secret| secret.scrub(text))
        };
        let failed = |problem: &str, advice: Option<&str>| {
            let problem = format!("no token was issued for {who}: {}", safe(problem));
            CredentialError::new(problem, advice.map_or_else(|| self.advice(), str::to_owned))
        };
        let causes = || std::iter::successors(std::error::Error::source(error), |cause| cause.source());
        if let Some(known) = causes().find_map(|cause| cause.downcast_ref::<CredentialError>()) {
            return known.clone().scrubbed(safe);
        }
        match causes().find_map(|cause| cause.downcast_ref::<Trouble>()) {
            Some(Trouble::Refused { host, refusal }) => {
                let error = failed(&format!("{host} refused: {}", refusal.describe()), refusal.advice());
                if self.may_pass(refusal) { error.passing(refusal.retry_after) } else { error }
            }
            Some(trouble @ (Trouble::Unreachable { .. } | Trouble::TimedOut { .. })) => {
                failed(&trouble.to_string(), Some(self.unreachable_advice())).passing(None)
            }
            Some(trouble @ Trouble::Untrusted { .. }) => failed(&trouble.to_string(), Some(UNTRUSTED_ADVICE)),
            Some(trouble @ Trouble::Unusable { .. }) => failed(&trouble.to_string(), None),
            None => {
                // The library wraps what happened into words of its own.
                let innermost = causes().last().map_or_else(|| error.to_string(), ToString::to_string);
                failed(&with_entra_code(&innermost), advice_for(&error.to_string()))
            }
        }
    }

    /// The machine's own identity service also answers 404 and 410 while it is being updated.
    fn may_pass(&self, refusal: &Refusal) -> bool {
        refusal.is_passing() || (matches!(self.recipe, Recipe::Managed { .. }) && matches!(refusal.status, 404 | 410))
    }

    fn unreachable_advice(&self) -> &'static str {
        match self.recipe {
            Recipe::Managed { .. } => {
                "Managed identities are handed out only on Azure. If this is an Azure machine, check that it has an \
                 identity and that nothing blocks 169.254.169.254; elsewhere choose another credential with --auth."
            }
            _ => {
                "Check the network and the proxy settings (HTTPS_PROXY, NO_PROXY), and AZURE_AUTHORITY_HOST if it is set."
            }
        }
    }

    fn advice(&self) -> String {
        match self.recipe {
            Recipe::Token { .. } => "Get a fresh token.",
            Recipe::Secret { .. } => "Check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET.",
            Recipe::Certificate { .. } => {
                "Check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_CERTIFICATE_PATH, and that the certificate is one of \
                 the application's."
            }
            Recipe::Workload { .. } | Recipe::GitHub { .. } | Recipe::Pipelines { .. } => {
                "Check AZURE_TENANT_ID and AZURE_CLIENT_ID, and the application's federated credentials."
            }
            Recipe::Managed { .. } => {
                "Check that this machine has a managed identity; a user-assigned one is named by its client id in \
                 AZURE_CLIENT_ID."
            }
            Recipe::Cli { .. } => "Sign in with `az login`, to the tenant of the publisher, and try again.",
        }
        .to_owned()
    }
}

impl Issuer for EntraIssuer {
    fn issue(&self) -> BoxFuture<'_, Result<Issued, CredentialError>> {
        Box::pin(self.ask())
    }
}

fn transport(recipe: &Recipe, detour: Option<&Detour>) -> Result<Transport, CredentialError> {
    let (proxy, encryption) = match recipe {
        // Its address is of this machine or its host, and is plain http.
        Recipe::Managed { .. } => (Proxy::None, Encryption::None),
        // Nothing is sent, the CLI does.
        Recipe::Cli { .. } | Recipe::Token { .. } => (Proxy::OfSystem, Encryption::None),
        Recipe::GitHub { url, .. } | Recipe::Pipelines { url, .. } if detour.is_some() && url.starts_with("http:") => {
            (Proxy::None, Encryption::None)
        }
        Recipe::Secret { .. } | Recipe::Certificate { .. } | Recipe::Workload { .. } if detour.is_some() => {
            (Proxy::None, Encryption::None)
        }
        _ => (Proxy::OfSystem, Encryption::Tls),
    };
    Transport::new(proxy, encryption, detour.cloned())
}
