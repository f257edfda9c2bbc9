//! Where a place is: a scheme, a host, a port and the path of its API. The token goes there and nowhere else.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// The base address of a place: https anywhere, plain http only to this machine. It is safe to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(Url);

/// An address that cannot be used. Its text never repeats the address, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidAddress(String);

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = |reason: &str| Err(InvalidAddress(reason.to_owned()));
        let url = Url::parse(text.trim()).map_err(|error| InvalidAddress(format!("it is not a URL ({error})")))?;
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("it holds a user name or a password");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refuse("it has a query or a fragment");
        }
        if url.host().is_none() {
            return refuse("it has no host");
        }
        let address = Self(url);
        match address.0.scheme() {
            "https" => Ok(address),
            "http" if address.is_loopback() => Ok(address),
            "http" => refuse("plain http is allowed only to this machine, because the token would travel unprotected"),
            _ => refuse("it is neither https nor http"),
        }
    }
}

impl Address {
    /// Whether it is on this machine.
    pub(super) fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            None => false,
        }
    }

    pub(super) fn is_plain_http(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// The address below it; each segment is percent-encoded as a whole.
    pub(super) fn below(&self, segments: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// The same place with another path instead of one that ends with `end`.
    pub(super) fn replacing_end(&self, end: &str, other: &[&str]) -> Option<Url> {
        let path = self.0.path().trim_end_matches('/').strip_suffix(end)?.to_owned();
        let mut base = self.clone();
        base.0.set_path(&path);
        Some(base.below(other, &[]))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_goes_anywhere_and_http_only_to_this_machine() {
        for right in ["https://api.github.com", "https://h/api/v3/", "http://127.0.0.1:8/x", "http://localhost/"] {
            assert!(right.parse::<Address>().is_ok(), "{right}");
        }
        for wrong in ["api.github.com", "http://api.github.com", "https://me:pass@h", "https://h/?a=b", "ftp://h", ""] {
            let error = wrong.parse::<Address>().unwrap_err();
            assert!(!error.to_string().contains("pass@"), "{error}");
        }
    }

    #[test]
    fn what_is_below_stays_below() {
        let address: Address = "https://dev.azure.com/contoso/".parse().unwrap();
        let url = address.below(&["a b", "../c", "group/project"], &[("page", "1&2")]);
        insta::assert_snapshot!(url, @"https://dev.azure.com/contoso/a%20b/..%2Fc/group%2Fproject?page=1%262");
        let home: Address = "https://github.contoso.com/api/v3".parse().unwrap();
        let moved = home.replacing_end("/api/v3", &["api", "graphql"]).unwrap();
        insta::assert_snapshot!(moved, @"https://github.contoso.com/api/graphql");
        assert_eq!(address.replacing_end("/api/v3", &["x"]), None);
    }
}
