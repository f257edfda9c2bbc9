//! What each kind of credential needs from the environment, and what is missing when it is not there.

use std::path::PathBuf;

use super::kind::CredentialKind;
use super::surroundings::Surroundings;
use super::variable;
use crate::portal::Secret;

/// Everything that a kind of credential needs to obtain tokens.
#[derive(Debug, Clone)]
pub(super) enum Recipe {
    Token { token: Secret },
    Secret { application: Application, secret: Secret },
    Certificate { application: Application, file: PathBuf },
    Workload { application: Application, file: PathBuf },
    GitHub { application: Application, url: String, token: Secret },
    Pipelines { application: Application, url: String, token: Secret, connection: String },
    Managed { user_assigned: Option<String> },
    Cli { tenant: Option<String> },
}

/// Who signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Application {
    pub(super) tenant: String,
    pub(super) client: String,
}

/// Whether a kind was asked for by name, or is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Request {
    ByName,
    Looking,
}

impl Recipe {
    /// Gathers what the kind needs, or says what is missing.
    pub(super) fn gather(kind: CredentialKind, request: Request, surroundings: &Surroundings) -> Result<Self, String> {
        let mut needs = Needs::of(surroundings);
        let recipe = match kind {
            CredentialKind::Token => Self::Token { token: needs.secret(variable::TOKEN) },
            CredentialKind::Secret => {
                Self::Secret { application: needs.application(), secret: needs.secret(variable::CLIENT_SECRET) }
            }
            CredentialKind::Certificate => Self::Certificate {
                application: needs.application(),
                file: needs.text(&[variable::CLIENT_CERTIFICATE_PATH]).into(),
            },
            CredentialKind::Workload => Self::Workload {
                application: needs.application(),
                file: needs.text(&[variable::FEDERATED_TOKEN_FILE]).into(),
            },
            CredentialKind::GitHub => Self::GitHub {
                application: needs.application(),
                url: needs.text(&[variable::GITHUB_TOKEN_URL]),
                token: needs.secret(variable::GITHUB_TOKEN),
            },
            CredentialKind::Pipelines => Self::Pipelines {
                application: Application {
                    tenant: needs.text(&[variable::TENANT_ID, variable::PIPELINES_TENANT_ID]),
                    client: needs.text(&[variable::CLIENT_ID, variable::PIPELINES_CLIENT_ID]),
                },
                url: needs.text(&[variable::PIPELINES_TOKEN_URL]),
                token: needs.secret(variable::PIPELINES_TOKEN),
                connection: needs.text(&[variable::PIPELINES_CONNECTION]),
            },
            CredentialKind::Managed => {
                // A virtual machine has no sign of its identity, and asking costs seconds where there is none; so
                // there it is used only on request.
                if request == Request::Looking {
                    needs.text(&[variable::IDENTITY_ENDPOINT]);
                    needs.text(&[variable::IDENTITY_HEADER]);
                }
                Self::Managed { user_assigned: surroundings.variable(variable::CLIENT_ID) }
            }
            CredentialKind::Cli => {
                if !surroundings.has_program("az") {
                    return Err("there is no `az` on the PATH".to_owned());
                }
                Self::Cli { tenant: surroundings.variable(variable::TENANT_ID) }
            }
        };
        match needs.missing.as_slice() {
            [] => Ok(recipe),
            missing => Err(complaint(missing)),
        }
    }

    /// Who this is, for people. Never a secret.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Token { .. } => format!("the bearer token in {}", variable::TOKEN),
            Self::Secret { application, .. } => format!("the secret of {}", application.describe()),
            Self::Certificate { application, file } => {
                format!("the certificate `{}` of {}", file.display(), application.describe())
            }
            Self::Workload { application, file } => {
                format!("the federated token in `{}` for {}", file.display(), application.describe())
            }
            Self::GitHub { application, .. } => format!("this GitHub Actions job for {}", application.describe()),
            Self::Pipelines { application, connection, .. } => {
                format!("the service connection {connection} for {}", application.describe())
            }
            Self::Managed { user_assigned: Some(client) } => format!("the managed identity {client}"),
            Self::Managed { user_assigned: None } => "this machine's managed identity".to_owned(),
            Self::Cli { tenant: Some(tenant) } => format!("the Azure CLI, tenant {tenant}"),
            Self::Cli { tenant: None } => "the Azure CLI".to_owned(),
        }
    }

    /// The secret that the recipe holds, so that it can be taken out of what others echo.
    pub(super) fn secret(&self) -> Option<&Secret> {
        match self {
            Self::Token { token } | Self::GitHub { token, .. } | Self::Pipelines { token, .. } => Some(token),
            Self::Secret { secret, .. } => Some(secret),
            Self::Certificate { .. } | Self::Workload { .. } | Self::Managed { .. } | Self::Cli { .. } => None,
        }
    }
}

impl Application {
    fn describe(&self) -> String {
        format!("application {}, tenant {}", self.client, self.tenant)
    }
}

/// Collects what is missing, so that all of it is said at once.
struct Needs<'surroundings> {
    surroundings: &'surroundings Surroundings,
    missing: Vec<&'static str>,
}

impl<'surroundings> Needs<'surroundings> {
    fn of(surroundings: &'surroundings Surroundings) -> Self {
        Self { surroundings, missing: Vec::new() }
    }

    /// The first of the variables that is set; the first of all is the one to ask for.
    fn text(&mut self, names: &[&'static str]) -> String {
        names.iter().find_map(|name| self.surroundings.variable(name)).unwrap_or_else(|| {
            self.missing.extend(names.first());
            String::new()
        })
    }

    fn secret(&mut self, name: &'static str) -> Secret {
        Secret::new(self.text(&[name]))
    }

    fn application(&mut self) -> Application {
        Application { tenant: self.text(&[variable::TENANT_ID]), client: self.text(&[variable::CLIENT_ID]) }
    }
}

fn complaint(missing: &[&'static str]) -> String {
    let mut text = match missing {
        [only] => format!("{only} is not set"),
        [rest @ .., last] => format!("{} and {last} are not set", rest.join(", ")),
        [] => String::new(),
    };
    for (name, note) in [
        (variable::GITHUB_TOKEN, " (a job has it with `permissions: id-token: write`)"),
        (variable::PIPELINES_TOKEN, " (a step has it with `env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)`)"),
        (variable::IDENTITY_ENDPOINT, " (on a virtual machine, ask for it with `--auth managed`)"),
    ] {
        if missing.contains(&name) {
            text.push_str(note);
        }
    }
    text
}
