//! Each kind of credential obtains a token from an issuer on loopback, and says what went wrong when it does not.

mod assertions;
mod errors;
mod loopback;
mod selection;

use std::path::Path;
use std::time::{Duration, SystemTime};

use super::Surroundings;
use super::authority::Authority;
use super::issuer::{EntraIssuer, Issued, Issuer as _};
use super::kind::CredentialKind;
use super::recipe::{Recipe, Request};
use crate::portal::CredentialError;
use loopback::Loopback;

const SCOPE: &str = "https://cloudpartner.azure.com/.default";
/// What no output may hold.
const SECRET: &str = "hunter2-do-not-print";

fn surroundings(variables: &[(&str, &str)]) -> Surroundings {
    let variables: Vec<(String, String)> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let find = move |name: &str| variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    Surroundings::new(find, SystemTime::now, 7)
}

const APPLICATION: [(&str, &str); 2] = [("AZURE_TENANT_ID", "tenant-1"), ("AZURE_CLIENT_ID", "client-1")];

/// The issuer of a kind, with the application and these variables, that signs in on loopback.
fn issuer(kind: CredentialKind, variables: &[(&str, &str)], entra: &Loopback) -> EntraIssuer {
    let surroundings = surroundings(&[&APPLICATION, variables].concat());
    let recipe = Recipe::gather(kind, Request::ByName, &surroundings).unwrap();
    let authority = Authority::parse(Some(entra.url())).unwrap();
    EntraIssuer::new(recipe, SCOPE.to_owned(), authority, surroundings).unwrap()
}

async fn issue(kind: CredentialKind, variables: &[(&str, &str)], entra: &Loopback) -> Result<Issued, CredentialError> {
    issuer(kind, variables, entra).issue().await
}

fn assert_token(issued: &Issued) {
    assert_eq!(issued.token.expose(), "issued-token");
    assert!(issued.lifetime > Duration::from_secs(3_500) && issued.lifetime <= Duration::from_secs(3_600));
    assert!(!format!("{issued:?}").contains("issued-token"));
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let file = folder.join(name);
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}
