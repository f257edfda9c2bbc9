//! Why no token was issued, in the issuer's words and with its code, and what a person can do about it.
//!
//! Entra numbers its errors (`AADSTS7000215`); the number is what support and search engines understand, so it is found
//! wherever it stands and whatever surrounds it.

use std::time::Duration;

use serde_json::Value;

use crate::offer::REDACTED;
use crate::portal::{clean_text, plain_text};

/// What each of Entra's numbers asks a person to do (Microsoft Entra authentication error codes).
const ADVICE: [(u32, &str); 27] = [
    (50034, "The user is unknown in this tenant. Check AZURE_TENANT_ID."),
    (50057, "The user's account is disabled. Ask an administrator of the tenant."),
    (
        50076,
        "A user must prove itself again (multi-factor authentication): run `az login` again, or sign in as an application.",
    ),
    (50079, "A user must enrol in multi-factor authentication: run `az login` again, or sign in as an application."),
    (50173, "The sign-in was revoked, for example by a new password: run `az login` again."),
    (53000, "A conditional access policy demands a managed device. Ask an administrator of the tenant."),
    (
        53003,
        "A conditional access policy of the tenant blocks this sign-in, often because of the network it comes from. Ask an administrator to let the application in, or run where it is allowed.",
    ),
    (65001, "Nobody consented to this application. Ask an administrator of the tenant to grant consent."),
    (
        70021,
        "The application trusts no federated token like this one: the issuer, subject and audience of a federated credential must match letter by letter. Add or correct it under Certificates & secrets, Federated credentials.",
    ),
    (70043, "The sign-in has become too old for the tenant's policy: run `az login` again."),
    (
        90002,
        "There is no such tenant in this cloud. Check AZURE_TENANT_ID, and AZURE_AUTHORITY_HOST if the tenant is in a sovereign cloud.",
    ),
    (
        500_011,
        "The tenant does not know the service that the token is asked for. Check the endpoint and OFFERCTL_SCOPE, and that the tenant is the publisher's.",
    ),
    (
        700_016,
        "There is no such application in this tenant. Check AZURE_CLIENT_ID (the application id, not an object id) and AZURE_TENANT_ID.",
    ),
    (700_024, "The assertion is outside of its time. Check the clock of this machine."),
    (
        700_027,
        "The certificate is not one of the application's. Upload its public part under Certificates & secrets, Certificates.",
    ),
    (700_082, "The sign-in has expired because it was not used: run `az login` again."),
    (
        700_211,
        "The application trusts no federated token of this issuer. Correct the issuer of the federated credential.",
    ),
    (
        700_212,
        "The application trusts no federated token for this audience. Correct the audience of the federated credential: api://AzureADTokenExchange.",
    ),
    (
        700_213,
        "The application trusts no federated token with this subject. The subject names the repository and the branch, tag, pull request or environment: it must match the federated credential letter by letter.",
    ),
    (900_021, "This is no tenant. Check AZURE_TENANT_ID."),
    (900_023, "This is no tenant: it must be a tenant id or a domain name. Check AZURE_TENANT_ID."),
    (900_382, "Confidential clients are not supported across clouds. Check AZURE_AUTHORITY_HOST."),
    (1_002_012, "The scope is not usable here; it must end in /.default. Check OFFERCTL_SCOPE."),
    (7_000_112, "The application is disabled. Ask an administrator of the tenant."),
    (
        7_000_215,
        "The secret is wrong. AZURE_CLIENT_SECRET must hold the secret's value, which the portal shows only once, and not its id.",
    ),
    (
        7_000_222,
        "The secret has expired. Make a new one under Certificates & secrets and put its value into AZURE_CLIENT_SECRET, or go over to a federated credential, which does not expire.",
    ),
    (
        7_000_229,
        "The application has no service principal in this tenant. Check AZURE_TENANT_ID; an administrator can add one.",
    ),
];

/// An issuer's answer that holds no token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    /// `AADSTS7000215`, or what another issuer calls its error.
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    pub(super) retry_after: Option<Duration>,
}

impl Refusal {
    /// Reads an answer in whatever shape it comes. It may still repeat what it was sent.
    pub(super) fn read(status: u16, body: &[u8], retry_after: Option<Duration>) -> Self {
        let text = String::from_utf8_lossy(body);
        let (code, message) = match serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) {
            Ok(answer) => (named_code(&answer), message(&answer)),
            Err(_) => (None, Some(plain_text(&text))),
        };
        Self {
            status,
            code: entra_code(&text).map(|number| format!("AADSTS{number}")).or(code),
            message: message.filter(|message| !message.is_empty()),
            retry_after,
        }
    }

    /// Whether the issuer may do better when it is asked again.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self.status, 408 | 429 | 500..=599)
    }

    /// What happened, as half a sentence that holds the code.
    pub(super) fn describe(&self) -> String {
        let message = self.message.as_deref().unwrap_or("it gave no reason").trim_end_matches('.');
        match &self.code {
            Some(code) if message.contains(code.as_str()) => format!("{message} (status {})", self.status),
            Some(code) => format!("{code}: {message} (status {})", self.status),
            None => format!("{message} (status {})", self.status),
        }
    }

    /// What to do about a code of Entra's that is known.
    pub(super) fn advice(&self) -> Option<&'static str> {
        advice_for(self.code.as_deref()?)
    }
}

/// What to do about the first of Entra's codes in a text.
pub(super) fn advice_for(text: &str) -> Option<&'static str> {
    let number = entra_code(text)?;
    ADVICE.iter().find(|(known, _)| *known == number).map(|(_, advice)| *advice)
}

/// A text cleaned and cut to a sane length, in front of it Entra's first code when the cut has lost it.
pub(super) fn with_entra_code(text: &str) -> String {
    let shown = clean_text(text);
    match entra_code(text).map(|number| format!("AADSTS{number}")) {
        Some(code) if !shown.contains(&code) => format!("{code}: {shown}"),
        _ => shown,
    }
}

/// The number behind the first `AADSTS`, else the first of `error_codes`.
fn entra_code(text: &str) -> Option<u32> {
    let behind = |sign: &str| {
        text.match_indices(sign).find_map(|(at, _)| {
            let rest = text[at + sign.len()..].trim_start_matches([' ', '[', ':', '"']);
            rest[..rest.find(|next: char| !next.is_ascii_digit()).unwrap_or(rest.len())].parse().ok()
        })
    };
    behind("AADSTS").or_else(|| behind("error_codes"))
}

fn named_code(answer: &Value) -> Option<String> {
    let code = answer.get("error").and_then(|error| error.as_str().or_else(|| error.get("code")?.as_str()))?;
    Some(clean_text(code)).filter(|code| !code.is_empty())
}

fn message(answer: &Value) -> Option<String> {
    let nested = answer.get("error").and_then(|error| error.get("message"));
    let flat = ["error_description", "message", "Message"].into_iter().find_map(|name| answer.get(name));
    Some(clean_text(flat.or(nested)?.as_str()?))
}

/// The text without anything that looks like a token: three parts of base64 with dots between, which begin as JSON does.
pub(super) fn without_tokens(text: &str) -> String {
    let is_part = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.' | '=');
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("eyJ") {
        let (before, token) = rest.split_at(start);
        let length = token.find(|character| !is_part(character)).unwrap_or(token.len());
        safe.push_str(before);
        safe.push_str(REDACTED);
        rest = &token[length..];
    }
    safe + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Refusal {
        Refusal::read(401, body.as_bytes(), None)
    }

    #[test]
    fn the_code_reaches_the_reader_whatever_surrounds_it() {
        let bodies = [
            r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided.","error_codes":[7000215]}"#,
            r#"{"error":"invalid_client","error_description":"AADSTS7000215: \"Invalid\"\r\nTrace ID: \u00e9","error_codes":[7000215]}"#,
            r#"{"error_codes": [7000215]}"#,
            "<html><body>Sign-in failed: AADSTS7000215</body></html>",
            r#"{"error":"invalid_client","error_description":"AADSTS7000215: cut of"#,
            "AADSTS7000215",
        ];
        for body in bodies {
            let refusal = read(body);
            assert!(refusal.describe().contains("AADSTS7000215"), "{refusal:?}");
            assert!(refusal.advice().unwrap().starts_with("The secret is wrong"), "{refusal:?}");
        }
    }

    #[test]
    fn other_issuers_are_quoted_as_they_are() {
        insta::assert_snapshot!(
            read("{\"error\":\"invalid_request\",\"error_description\":\"Identity\\r\\nnot found\\u001b[31m\"}").describe(),
            @"invalid_request: Identity not found (status 401)"
        );
        insta::assert_snapshot!(
            read(r#"{"error":{"code":"Unauthenticated","message":"No."}}"#).describe(),
            @"Unauthenticated: No (status 401)"
        );
        insta::assert_snapshot!(read("").describe(), @"it gave no reason (status 401)");
        assert_eq!(read("AADSTS1").advice(), None);
    }

    #[test]
    fn tokens_do_not_stay_in_a_text() {
        assert_eq!(without_tokens("bad assertion 'eyJh.eyJi-_.c2ln', eyJ"), "bad assertion 'REDACTED', REDACTED");
    }
}
