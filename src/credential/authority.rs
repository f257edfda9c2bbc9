//! Who issues tokens, and for what: the authority's address and the scope that follows from the service's.

use url::{Host, Url};

use super::variable;
use crate::portal::{CredentialError, Endpoint};

/// Microsoft Entra of the public cloud.
const PUBLIC_CLOUD: &str = "https://login.microsoftonline.com";

/// The sign-in service. It is https; a test authority on this machine may be plain http.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Authority {
    https: Url,
    detour: Option<Detour>,
}

/// A host that is called by another address than the one that the library knows.
///
/// The library takes only https authorities; a test authority on loopback speaks http.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Detour {
    from: Url,
    to: Url,
}

impl Detour {
    pub(super) fn new(from: Url, to: Url) -> Self {
        Self { from, to }
    }

    /// The address that is really called.
    pub(super) fn apply(&self, url: &Url) -> Url {
        if url.origin() != self.from.origin() {
            return url.clone();
        }
        let mut real = self.to.clone();
        real.set_path(url.path());
        real.set_query(url.query());
        real
    }
}

impl Authority {
    /// Reads `AZURE_AUTHORITY_HOST`; a name without a scheme is https.
    pub(super) fn parse(text: Option<&str>) -> Result<Self, CredentialError> {
        let text = text.unwrap_or(PUBLIC_CLOUD);
        let with_scheme = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let refuse = |reason: &str| {
            CredentialError::new(
                format!("the authority in {} cannot be used: {reason}", variable::AUTHORITY_HOST),
                "Write it like https://login.microsoftonline.us, or remove the variable to sign in to the public cloud.",
            )
        };
        let url = Url::parse(&with_scheme).map_err(|error| refuse(&format!("it is not a URL ({error})")))?;
        if url.host().is_none() || url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("it is more than a scheme, a host and a port"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("it holds a user name or a password"));
        }
        match url.scheme() {
            "https" => Ok(Self { https: url, detour: None }),
            "http" if is_loopback(&url) => {
                // http's own port would be taken for https's.
                let port = url.port_or_known_default().unwrap_or(80);
                let https = Url::parse(&format!("https://{}:{port}", url.host_str().unwrap_or_default()))
                    .map_err(|error| refuse(&error.to_string()))?;
                Ok(Self { https: https.clone(), detour: Some(Detour::new(https, url)) })
            }
            _ => Err(refuse("it is not https, and secrets would travel unprotected")),
        }
    }

    /// The address as the library takes it.
    pub(super) fn as_str(&self) -> &str {
        self.https.as_str().trim_end_matches('/')
    }

    /// The address that is really called, where that differs.
    pub(super) fn detour(&self) -> Option<&Detour> {
        self.detour.as_ref()
    }

    /// Where an application asks for tokens; an assertion is made for this address.
    pub(super) fn token_url(&self, tenant: &str) -> String {
        format!("{}/{tenant}/oauth2/v2.0/token", self.as_str())
    }
}

/// Whether an address is on this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

/// What a token must be good for: the service at the endpoint, unless the person says otherwise.
///
/// A service on this machine stands in for the real one, so it is given the real one's.
pub(super) fn scope(endpoint: &Endpoint, given: Option<String>) -> String {
    given.unwrap_or_else(|| {
        let service = if endpoint.is_loopback() { Endpoint::default() } else { endpoint.clone() };
        format!("{service}/.default")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scope_follows_the_endpoint() {
        let scope = |endpoint: &str| scope(&Endpoint::parse(endpoint).unwrap(), None);
        assert_eq!(scope("https://cloudpartner.azure.com/"), "https://cloudpartner.azure.com/.default");
        assert_eq!(scope("https://cloudpartner.azure.us:8443"), "https://cloudpartner.azure.us:8443/.default");
        assert_eq!(scope("http://127.0.0.1:8080"), "https://cloudpartner.azure.com/.default");
        assert_eq!(super::scope(&Endpoint::default(), Some("api://x/.default".into())), "api://x/.default");
    }

    #[test]
    fn an_authority_is_https_or_on_this_machine() {
        let parse = |text| Authority::parse(Some(text));
        assert_eq!(Authority::parse(None).unwrap().as_str(), "https://login.microsoftonline.com");
        assert_eq!(parse("login.microsoftonline.us").unwrap().as_str(), "https://login.microsoftonline.us");
        for wrong in
            ["http://login.microsoftonline.com", "https://me:hunter2@host", "https://host/tenant", "ftp://h", ""]
        {
            let error = parse(wrong).unwrap_err();
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
        let local = parse("http://127.0.0.1").unwrap();
        assert_eq!(local.token_url("t"), "https://127.0.0.1:80/t/oauth2/v2.0/token");
        let called = |url: &str| local.detour().unwrap().apply(&Url::parse(url).unwrap()).to_string();
        assert_eq!(called("https://127.0.0.1:80/t/oauth2?x=1"), "http://127.0.0.1/t/oauth2?x=1");
        assert_eq!(called("https://login.microsoftonline.com/t"), "https://login.microsoftonline.com/t");
    }
}
