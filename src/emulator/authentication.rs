//! Who may ask: the bearer token, the publisher, the version of the API.
//!
//! Any non-empty token is good unless one was demanded; any publisher exists unless some were named.

use axum::http::StatusCode;
use serde_json::json;

use super::reply::Reply;

/// The only version of the API (portal reference, "API considerations").
pub(super) const API_VERSION: &str = "2017-10-31";

/// What the emulator demands of who asks.
pub(super) struct Demands {
    pub(super) token: Option<String>,
    pub(super) publishers: Vec<String>,
}

impl Demands {
    /// Checks the `Authorization` header; the refusal has the body that the service was seen to send.
    pub(super) fn check_token(&self, authorization: Option<&str>) -> Result<(), Reply> {
        let given = authorization.and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
        });
        match (given, &self.token) {
            (Some(_), None) => Ok(()),
            (Some(given), Some(demanded)) if given == demanded => Ok(()),
            _ => {
                let message = "Authorization has been denied for this request.";
                Err(Reply::json(StatusCode::UNAUTHORIZED, json!({"Message": message}))
                    .with_header("www-authenticate", "Bearer"))
            }
        }
    }

    /// Checks the publisher that is addressed.
    pub(super) fn check_publisher(&self, publisher: &str) -> Result<(), Reply> {
        if self.publishers.is_empty() || self.publishers.iter().any(|allowed| allowed == publisher) {
            return Ok(());
        }
        Err(Reply::refused(StatusCode::FORBIDDEN, "Forbidden", "User does not have the required permissions"))
    }
}

/// Checks the `api-version` of the query.
pub(super) fn check_api_version(query: &[(String, String)]) -> Result<(), Reply> {
    if query.iter().any(|(name, value)| name == "api-version" && value == API_VERSION) {
        return Ok(());
    }
    let message = format!("Invalid api version. Allowed values are [{API_VERSION}]");
    Err(Reply::refused(StatusCode::BAD_REQUEST, "InvalidAPIVersion", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demanded_token_must_be_the_one() {
        let demands = |token: Option<&str>| Demands { token: token.map(str::to_owned), publishers: Vec::new() };
        assert!(demands(None).check_token(Some("Bearer anything")).is_ok());
        assert!(demands(Some("right")).check_token(Some("bearer right")).is_ok());
        for bad in [None, Some("Bearer "), Some("Bearer wrong"), Some("Basic right"), Some("right")] {
            assert!(demands(Some("right")).check_token(bad).is_err(), "{bad:?}");
        }
        assert!(demands(None).check_token(Some("Bearer ")).is_err());
    }
}
