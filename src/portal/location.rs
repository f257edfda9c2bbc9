//! Where an accepted submission can be watched. Only ever a place on the endpoint's own host: a token must not follow a
//! header to somebody else's.

use std::fmt;

use reqwest::header::HeaderMap;
use serde::{Deserialize, Serialize};
use tracing::warn;
use url::Url;

use super::endpoint::API_VERSION;
use super::error::RedactedUrl;
use super::wire::Node;
use super::{Endpoint, KnownSecrets};

/// The names of the header, the newer one first; before 2020 the service sent the other.
const HEADERS: [&str; 2] = ["location", "operation-location"];

/// The path and query of a long-running operation, without the host, so that it can be stored.
///
/// `/api/publishers/contoso/offers/contoso-vm/operations/{guid}?api-version=2017-10-31`, or for offers that were not
/// migrated to Partner Center `/api/operations/contoso$contoso-vm$2$preview?api-version=2017-10-31`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OperationLocation(String);

/// A stored location that is not a path on the service's host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the stored location of an operation is not a path that begins with one `/`")]
pub struct InvalidOperationLocation;

impl OperationLocation {
    /// Reads a path and query; the API version is added when it is missing.
    pub fn parse(path_and_query: &str) -> Result<Self, InvalidOperationLocation> {
        if !path_and_query.starts_with('/') {
            return Err(InvalidOperationLocation);
        }
        // `//host/…` and `/\host/…` are paths to the eye and hosts to a URL parser.
        let url = Endpoint::default().resolve(path_and_query).ok_or(InvalidOperationLocation)?;
        Ok(Self::of(url))
    }

    /// Whether the place is about one submission alone.
    ///
    /// `/api/operations/contoso$contoso-vm$2$preview` is about whichever is the newest, so that right after a publish
    /// it may still tell how the one before has ended.
    pub fn is_of_one_submission(&self) -> bool {
        !self.0.split('?').next().unwrap_or_default().contains('$')
    }

    /// Whether it repeats a secret.
    pub(super) fn holds_any(&self, secrets: &KnownSecrets) -> bool {
        secrets.scrub(&self.0) != self.0
    }

    /// The location that an answer names, in its headers or, as the reference says of `cancel`, in its body.
    pub(super) fn find(endpoint: &Endpoint, headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        let in_headers = HEADERS
            .into_iter()
            .filter_map(|name| headers.get(name)?.to_str().ok())
            .find_map(|reference| Self::follow(endpoint, reference));
        in_headers.or_else(|| {
            let body = serde_json::from_slice(body).ok()?;
            let body = Node::new(&body);
            let reference =
                body.field(&["location", "operationLocation", "operation-location"]).raw_text().or(body.raw_text())?;
            // A body may hold any words; only what looks like a place is one.
            if reference.starts_with('/') || reference.contains("://") {
                Self::follow(endpoint, reference)
            } else {
                None
            }
        })
    }

    fn follow(endpoint: &Endpoint, reference: &str) -> Option<Self> {
        let found = endpoint.resolve(reference);
        if found.is_none() {
            let elsewhere =
                Url::parse(reference).map_or_else(|_| "no URL".to_owned(), |url| RedactedUrl::new(&url).to_string());
            warn!(
                "the answer names a place outside {endpoint} to watch the operation, which is not followed: {elsewhere}"
            );
        }
        found.map(Self::of)
    }

    fn of(mut url: Url) -> Self {
        url.set_fragment(None);
        if !url.query_pairs().any(|(name, _)| name.eq_ignore_ascii_case("api-version")) {
            url.query_pairs_mut().append_pair("api-version", API_VERSION);
        }
        Self(format!("{}?{}", url.path(), url.query().unwrap_or_default()))
    }

    /// The URL on the given endpoint.
    pub(super) fn on(&self, endpoint: &Endpoint) -> Url {
        match self.0.split_once('?') {
            Some((path, query)) => endpoint.with_path_and_query(path, Some(query)),
            None => endpoint.with_path_and_query(&self.0, None),
        }
    }
}

impl fmt::Display for OperationLocation {
    /// The path alone: a query may hold what is nobody's business.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.split('?').next().unwrap_or_default())
    }
}

impl fmt::Debug for OperationLocation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "OperationLocation({self})")
    }
}

impl TryFrom<String> for OperationLocation {
    type Error = InvalidOperationLocation;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<OperationLocation> for String {
    fn from(location: OperationLocation) -> Self {
        location.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(headers: &[(&'static str, &str)], body: &str) -> Option<String> {
        let endpoint = Endpoint::parse("http://127.0.0.1:8080").unwrap();
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        OperationLocation::find(&endpoint, &headers, body.as_bytes()).map(|location| location.on(&endpoint).to_string())
    }

    #[test]
    fn both_headers_and_both_shapes_are_followed() {
        let migrated = "/api/publishers/contoso/offers/vm/operations/5661?api-version=2017-10-31";
        let older = "http://127.0.0.1:8080/api/operations/contoso$vm$2$preview";
        insta::assert_snapshot!(found(&[("location", migrated)], "").unwrap(), @"http://127.0.0.1:8080/api/publishers/contoso/offers/vm/operations/5661?api-version=2017-10-31");
        insta::assert_snapshot!(found(&[("Operation-Location", older)], "").unwrap(), @"http://127.0.0.1:8080/api/operations/contoso$vm$2$preview?api-version=2017-10-31");
        assert!(found(&[("location", "https://elsewhere.example/x"), ("operation-location", older)], "").is_some());
        assert!(found(&[], &format!(r#"{{"Location": "{migrated}"}}"#)).is_some());
        assert!(found(&[], &format!("\"{migrated}\"")).is_some());
    }

    #[test]
    fn nothing_leads_to_another_host() {
        for elsewhere in [
            "https://127.0.0.1:8080/api/x",
            "http://127.0.0.1:8081/api/x",
            "http://127.0.0.1:8080@evil.example/x",
            "http://me:pass@127.0.0.1:8080/api/x",
            "//evil.example/x",
            "/\\evil.example/x",
            "javascript:alert(1)",
        ] {
            assert_eq!(found(&[("location", elsewhere)], ""), None, "{elsewhere} was followed");
        }
        assert_eq!(found(&[], r#"{"location": "West Europe"}"#), None);
    }

    #[test]
    fn a_stored_location_stays_a_path_and_does_not_show_its_query() {
        let location = OperationLocation::parse("/api/operations/c$o$2$preview?sig=hunter2").unwrap();
        assert_eq!(format!("{location:?}"), "OperationLocation(/api/operations/c$o$2$preview)");
        let stored = serde_json::to_string(&location).unwrap();
        assert_eq!(serde_json::from_str::<OperationLocation>(&stored).unwrap(), location);
        for wrong in ["", "api/x", "//evil.example/x", "/\\evil.example", "https://evil.example/x"] {
            assert_eq!(OperationLocation::parse(wrong), Err(InvalidOperationLocation), "{wrong} was accepted");
        }
    }
}
