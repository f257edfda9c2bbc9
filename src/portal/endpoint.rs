//! Where the service is: a scheme, a host and a port. Everything the client asks for goes there and nowhere else.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// The API version that the reference documents; every call carries it.
pub(super) const API_VERSION: &str = "2017-10-31";

/// The service of Microsoft's public cloud.
const PUBLIC_CLOUD: &str = "https://cloudpartner.azure.com";

/// An address that cannot be the service's. Its text never repeats the address, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the endpoint cannot be used: {reason}. Write it like {PUBLIC_CLOUD} or, for an emulator, http://127.0.0.1:8080"
)]
pub struct InvalidEndpoint {
    reason: String,
}

/// The base URL of the service: https anywhere, plain http only to loopback. It is safe to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint(Url);

impl Endpoint {
    /// Reads a base URL.
    pub fn parse(text: &str) -> Result<Self, InvalidEndpoint> {
        let refuse = |reason: &str| Err(InvalidEndpoint { reason: reason.to_owned() });
        let url = Url::parse(text.trim())
            .map_err(|error| InvalidEndpoint { reason: format!("it is not a URL ({error})") })?;
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("it holds a user name or a password");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refuse("it has a query or a fragment");
        }
        if url.path() != "/" {
            return refuse("it has a path");
        }
        if url.host().is_none() {
            return refuse("it has no host");
        }
        let endpoint = Self(url);
        match endpoint.0.scheme() {
            "https" => Ok(endpoint),
            "http" if endpoint.is_loopback() => Ok(endpoint),
            "http" => refuse("plain http is allowed only to this machine, because the token would travel unprotected"),
            _ => refuse("it is neither https nor http"),
        }
    }

    /// Whether the service runs on this machine.
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            None => false,
        }
    }

    /// Whether this is the service's own, published host; others under `azure.com` may belong to anybody.
    pub fn is_published(&self) -> bool {
        self.0.host_str() == Self::default().0.host_str()
    }

    /// Whether requests travel without TLS.
    pub(super) fn is_plain_http(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// The URL of a call: `segments` are percent-encoded one by one, the API version is added.
    pub(super) fn call(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear().push("api").extend(segments);
        }
        url.query_pairs_mut().append_pair("api-version", API_VERSION);
        url
    }

    /// The URL of a path and query that were already checked.
    pub(super) fn with_path_and_query(&self, path: &str, query: Option<&str>) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        url.set_query(query);
        url
    }

    /// What a `Location` header means, if it stays with this scheme, host and port.
    pub(super) fn resolve(&self, reference: &str) -> Option<Url> {
        let url = self.0.join(reference.trim()).ok()?;
        let stays = url.origin() == self.0.origin() && url.username().is_empty() && url.password().is_none();
        stays.then_some(url)
    }
}

impl Default for Endpoint {
    fn default() -> Self {
        // The literal is a valid URL; the test below parses it.
        #[expect(clippy::expect_used, reason = "a constant that a test parses")]
        Self(Url::parse(PUBLIC_CLOUD).expect("the public cloud's address is a URL"))
    }
}

impl FromStr for Endpoint {
    type Err = InvalidEndpoint;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_goes_anywhere_and_http_only_to_this_machine() {
        for right in
            ["https://cloudpartner.azure.com/", "http://127.0.0.1:8080", "http://[::1]:1", "http://localhost:9"]
        {
            assert!(Endpoint::parse(right).is_ok(), "{right} was refused");
        }
        for wrong in [
            "cloudpartner.azure.com",
            "http://cloudpartner.azure.com",
            "http://localhost.example.com",
            "https://me:pass@host",
            "https://host/?sig=abc",
            "https://host/path",
            "ftp://host",
            "",
        ] {
            assert!(Endpoint::parse(wrong).is_err(), "{wrong} was accepted");
        }
        assert_eq!(Endpoint::default().to_string(), "https://cloudpartner.azure.com");
    }

    #[test]
    fn a_refused_endpoint_is_not_repeated() {
        let error = Endpoint::parse("https://me:hunter2@host").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
        insta::assert_snapshot!(error, @"the endpoint cannot be used: it holds a user name or a password. Write it like https://cloudpartner.azure.com or, for an emulator, http://127.0.0.1:8080");
    }

    #[test]
    fn every_call_carries_the_version_and_encodes_its_segments() {
        let url = Endpoint::default().call(&["publishers", "con/toso", "offers", "a b?"]);
        insta::assert_snapshot!(url, @"https://cloudpartner.azure.com/api/publishers/con%2Ftoso/offers/a%20b%3F?api-version=2017-10-31");
    }
}
