//! Which credential is used, and why not another.

use super::super::{CredentialChoice, Selection, select};
use super::*;
use crate::portal::Endpoint;

fn selected(
    choice: CredentialChoice,
    endpoint: &str,
    variables: &[(&str, &str)],
) -> Result<Selection, CredentialError> {
    select(choice, &Endpoint::parse(endpoint).unwrap(), &surroundings(variables))
}

fn automatic(variables: &[(&str, &str)]) -> Result<Selection, CredentialError> {
    selected(CredentialChoice::Auto, "https://cloudpartner.azure.com", variables)
}

/// The variables of each kind that `auto` finds by variables alone.
fn offers() -> [(CredentialKind, Vec<(&'static str, &'static str)>); 7] {
    let application = |more: &[(&'static str, &'static str)]| [&APPLICATION, more].concat();
    [
        (CredentialKind::Token, vec![("OFFERCTL_TOKEN", SECRET)]),
        (CredentialKind::Secret, application(&[("AZURE_CLIENT_SECRET", SECRET)])),
        (CredentialKind::Certificate, application(&[("AZURE_CLIENT_CERTIFICATE_PATH", "/app.pem")])),
        (CredentialKind::Workload, application(&[("AZURE_FEDERATED_TOKEN_FILE", "/token")])),
        (
            CredentialKind::GitHub,
            application(&[
                ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://github"),
                ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", SECRET),
            ]),
        ),
        (
            CredentialKind::Pipelines,
            vec![
                ("SYSTEM_OIDCREQUESTURI", "https://dev.azure.com"),
                ("SYSTEM_ACCESSTOKEN", SECRET),
                ("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "connection-1"),
                ("AZURESUBSCRIPTION_TENANT_ID", "tenant-1"),
                ("AZURESUBSCRIPTION_CLIENT_ID", "client-1"),
            ],
        ),
        (CredentialKind::Managed, vec![("IDENTITY_ENDPOINT", "http://127.0.0.1:1"), ("IDENTITY_HEADER", SECRET)]),
    ]
}

#[test]
fn the_first_kind_that_the_environment_offers_is_used() {
    let offers = offers();
    for (index, (kind, _)) in offers.iter().enumerate() {
        let everything: Vec<_> = offers[index..].iter().flat_map(|(_, variables)| variables.clone()).collect();
        let selection = automatic(&everything).unwrap();
        assert_eq!(selection.kind, *kind);
        assert_eq!(selection.passed_over.len(), index);
        let shown = format!("{selection:?} {}", selection.tokens.describe());
        assert!(!shown.contains(SECRET), "{shown}");
    }
}

#[test]
fn each_kind_that_was_passed_over_says_what_it_lacks() {
    let error = automatic(&[("GITHUB_ACTIONS", "true"), ("AZURE_CLIENT_ID", "client-1"), ("AZURE_CLIENT_SECRET", "")])
        .unwrap_err();
    insta::assert_snapshot!(error, @"
    there is no credential for https://cloudpartner.azure.com
    token: OFFERCTL_TOKEN is not set
    secret: AZURE_TENANT_ID and AZURE_CLIENT_SECRET are not set
    certificate: AZURE_TENANT_ID and AZURE_CLIENT_CERTIFICATE_PATH are not set
    workload: AZURE_TENANT_ID and AZURE_FEDERATED_TOKEN_FILE are not set
    github: AZURE_TENANT_ID, ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN are not set (a job has it with `permissions: id-token: write`)
    pipelines: AZURE_TENANT_ID, SYSTEM_OIDCREQUESTURI, SYSTEM_ACCESSTOKEN and AZURESUBSCRIPTION_SERVICE_CONNECTION_ID are not set (a step has it with `env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)`)
    managed: IDENTITY_ENDPOINT and IDENTITY_HEADER are not set (on a virtual machine, ask for it with `--auth managed`)
    cli: there is no `az` on the PATH
    ");
}

#[cfg(unix)]
#[test]
fn the_azure_cli_is_the_last_resort() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "az", "#!/bin/sh\n");
    let path = folder.path().to_str().unwrap();
    let selection = automatic(&[("PATH", path)]).unwrap();
    assert_eq!((selection.kind, selection.passed_over.len()), (CredentialKind::Cli, 7));
    assert_eq!(selection.scope.as_deref(), Some(SCOPE));
}

#[test]
fn a_kind_that_was_asked_for_is_the_only_one_considered() {
    let offers = offers();
    let everything: Vec<_> = offers.iter().flat_map(|(_, variables)| variables.clone()).collect();
    let only = |kind| selected(CredentialChoice::Only(kind), "https://cloudpartner.azure.com", &everything);
    for kind in CredentialKind::ALL.into_iter().filter(|kind| *kind != CredentialKind::Cli) {
        let selection = only(kind).unwrap();
        assert_eq!((selection.kind, selection.passed_over), (kind, Vec::new()));
    }
    insta::assert_snapshot!(only(CredentialKind::Cli).unwrap_err(), @"the credential `cli` cannot be used: there is no `az` on the PATH");
}

#[test]
fn what_listens_on_this_machine_gets_only_a_ready_token_unless_asked_for() {
    let secret = [&APPLICATION[..], &[("AZURE_CLIENT_SECRET", SECRET)]].concat();
    let local = |choice| selected(choice, "http://127.0.0.1:8080", &secret);
    insta::assert_snapshot!(local(CredentialChoice::Auto).unwrap_err(), @"there is no token for the service: OFFERCTL_TOKEN is not set");
    let asked_for = local(CredentialChoice::Only(CredentialKind::Secret)).unwrap();
    assert_eq!(asked_for.scope.as_deref(), Some(SCOPE));
}

#[test]
fn the_scope_and_the_authority_can_be_set() {
    let given =
        |name, value| automatic(&[&APPLICATION[..], &[("AZURE_CLIENT_SECRET", SECRET), (name, value)]].concat());
    assert_eq!(given("OFFERCTL_SCOPE", "api://x/.default").unwrap().scope.as_deref(), Some("api://x/.default"));
    assert!(given("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/").is_ok());
    assert!(given("AZURE_AUTHORITY_HOST", "http://login.microsoftonline.us").is_err());
}
