//! The variables of the environment that credentials are read from; most are common to all Azure tools.

/// A ready bearer token. There is no flag: a command line can be seen by others.
pub const TOKEN: &str = "OFFERCTL_TOKEN";
/// The scope that tokens are asked for, where it does not follow from the endpoint.
pub const SCOPE: &str = "OFFERCTL_SCOPE";
/// The sign-in service of a sovereign cloud; the Azure tools read it too.
pub const AUTHORITY_HOST: &str = "AZURE_AUTHORITY_HOST";
/// The tenant (directory) of the application that signs in.
pub const TENANT_ID: &str = "AZURE_TENANT_ID";
/// The application (client) that signs in, or the user-assigned managed identity.
pub const CLIENT_ID: &str = "AZURE_CLIENT_ID";
/// The application's secret.
pub const CLIENT_SECRET: &str = "AZURE_CLIENT_SECRET";
/// A PEM file with the application's certificate and its private key.
pub const CLIENT_CERTIFICATE_PATH: &str = "AZURE_CLIENT_CERTIFICATE_PATH";
/// A file with a token that the application trusts; Kubernetes renews it.
pub const FEDERATED_TOKEN_FILE: &str = "AZURE_FEDERATED_TOKEN_FILE";
/// Where a GitHub job asks for its identity token; there with `permissions: id-token: write`.
pub const GITHUB_TOKEN_URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
/// What a GitHub job asks with.
pub const GITHUB_TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
/// Where an Azure Pipelines job asks for its identity token.
pub const PIPELINES_TOKEN_URL: &str = "SYSTEM_OIDCREQUESTURI";
/// What an Azure Pipelines job asks with; a step has it only when it is mapped.
pub const PIPELINES_TOKEN: &str = "SYSTEM_ACCESSTOKEN";
/// The service connection of an Azure Pipelines step; the Azure CLI task sets it.
pub const PIPELINES_CONNECTION: &str = "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID";
/// The service connection's tenant, where `AZURE_TENANT_ID` is not set.
pub const PIPELINES_TENANT_ID: &str = "AZURESUBSCRIPTION_TENANT_ID";
/// The service connection's application, where `AZURE_CLIENT_ID` is not set.
pub const PIPELINES_CLIENT_ID: &str = "AZURESUBSCRIPTION_CLIENT_ID";
/// Where App Service and Container Apps hand out tokens of managed identities.
pub const IDENTITY_ENDPOINT: &str = "IDENTITY_ENDPOINT";
/// What App Service and Container Apps demand for it.
pub const IDENTITY_HEADER: &str = "IDENTITY_HEADER";
/// Where programs are; the Azure CLI is looked for in it.
pub const PATH: &str = "PATH";
