//! What to correct when the service lets a caller not in, or not everywhere.
//!
//! The advice is the one of the service's own page "Troubleshooting common authentication errors", made concrete by what
//! the token says of itself.

use super::claims::Claims;
use crate::portal::{ErrorKind, PortalError};

/// What to correct after a failure, for a person.
///
/// `scope` is what the token was asked for, `publisher` whose offers were asked about.
pub fn remedy(error: &PortalError, claims: Option<&Claims>, scope: Option<&str>, publisher: Option<&str>) -> String {
    match error.kind() {
        ErrorKind::NotAuthenticated => not_authenticated(claims, scope),
        ErrorKind::NotAllowed => not_allowed(claims, publisher),
        _ => error.advice().to_owned(),
    }
}

fn not_authenticated(claims: Option<&Claims>, scope: Option<&str>) -> String {
    let resource = scope.unwrap_or("https://cloudpartner.azure.com/.default").trim_end_matches("/.default");
    let made_for = match claims.and_then(|claims| claims.audience.as_deref()) {
        Some(audience) if audience.trim_end_matches('/') != resource => {
            format!("This one was made for {audience}, which is the likely cause. ")
        }
        _ => String::new(),
    };
    format!(
        "Verify that the access token is valid: it must be made for {resource} and must not have expired. {made_for}If there \
         is no application and service principal yet, create them in the publisher's tenant, then obtain a token with the \
         tenant id, the application id and its secret to verify the access."
    )
}

fn not_allowed(claims: Option<&Claims>, publisher: Option<&str>) -> String {
    let compare = match claims.and_then(|claims| claims.object.as_deref()) {
        Some(object) => format!("The token is the one of the Object ID {object}: that one must be listed. "),
        None => String::new(),
    };
    let publisher = publisher.map_or_else(|| "the publisher id".to_owned(), |id| format!("`{id}`"));
    format!(
        "Make sure that the correct service principal was added to the publisher account. An app registration has two Object \
         IDs, and the account must list the local one: App registrations, the application, \"Managed application in local \
         directory\", Properties. {compare}Check also that {publisher} is the correct publisher id, both where the service \
         principal was added and here."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_for_something_else_is_named_as_the_cause() {
        let claims = Claims { audience: Some("https://management.azure.com/".into()), ..Claims::default() };
        insta::assert_snapshot!(not_authenticated(Some(&claims), None), @"Verify that the access token is valid: it must be made for https://cloudpartner.azure.com and must not have expired. This one was made for https://management.azure.com/, which is the likely cause. If there is no application and service principal yet, create them in the publisher's tenant, then obtain a token with the tenant id, the application id and its secret to verify the access.");
        let right = Claims { audience: Some("https://cloudpartner.azure.com".into()), ..Claims::default() };
        assert_eq!(not_authenticated(Some(&right), None), not_authenticated(None, None));
    }

    #[test]
    fn the_object_id_to_list_is_the_one_of_the_token() {
        let claims = Claims { object: Some("0b1ec7".into()), ..Claims::default() };
        insta::assert_snapshot!(not_allowed(Some(&claims), Some("contoso")), @r#"Make sure that the correct service principal was added to the publisher account. An app registration has two Object IDs, and the account must list the local one: App registrations, the application, "Managed application in local directory", Properties. The token is the one of the Object ID 0b1ec7: that one must be listed. Check also that `contoso` is the correct publisher id, both where the service principal was added and here."#);
    }
}
