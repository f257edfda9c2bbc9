//! What a token says about itself: who it is for and until when. Nothing is verified; the service does that.

use std::time::{Duration, SystemTime};

use azure_core::base64::decode_url_safe;
use serde_json::Value;

use crate::portal::{Secret, clean_text};

/// The claims of a token that tell a person who is asking.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// The application (client) that the token was issued to.
    pub application: Option<String>,
    /// The application's name.
    pub application_name: Option<String>,
    /// The object id of the service principal or user, which is what the publisher account must list.
    pub object: Option<String>,
    /// The tenant (directory).
    pub tenant: Option<String>,
    /// The name that a user signs in with.
    pub user: Option<String>,
    /// What the token is good for.
    pub audience: Option<String>,
    /// When it ends.
    pub expires: Option<SystemTime>,
}

impl Claims {
    /// Reads a token's claims, or `None` when it is none that can be read: its makers promise no format.
    pub fn read(token: &Secret) -> Option<Self> {
        let mut parts = token.expose().split('.');
        let (_header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
        let claims: Value = serde_json::from_slice(&decode_url_safe(payload).ok()?).ok()?;
        let text = |names: &[&str]| {
            let value = names.iter().find_map(|name| claims.get(name)?.as_str())?;
            Some(clean_text(value)).filter(|value| !value.is_empty())
        };
        claims.is_object().then(|| Self {
            application: text(&["appid", "azp"]),
            application_name: text(&["app_displayname"]),
            object: text(&["oid"]),
            tenant: text(&["tid"]),
            user: text(&["upn", "preferred_username", "unique_name", "email"]),
            audience: text(&["aud"]),
            expires: claims.get("exp").and_then(moment),
        })
    }
}

/// A number of seconds since 1970 as a moment, if there is such a moment.
fn moment(value: &Value) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(value.as_u64()?))
}

#[cfg(test)]
mod tests {
    use azure_core::base64::encode_url_safe;

    use super::*;

    fn token(payload: &str) -> Secret {
        Secret::new(format!("eyJhbGciOiJub25lIn0.{}.c2ln", encode_url_safe(payload)))
    }

    #[test]
    fn a_token_says_who_and_until_when() {
        let claims =
            Claims::read(&token(r#"{"appid":"a-1","oid":"o-1","tid":"t-1","exp":4000000000,"aud":"https://x"}"#))
                .unwrap();
        assert_eq!(claims.object.as_deref(), Some("o-1"));
        assert_eq!(claims.expires, Some(SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000)));
        let user = Claims::read(&token("{\"upn\":\"me@contoso.com\\u001b[31m\",\"exp\":\"soon\"}")).unwrap();
        assert_eq!((user.user.as_deref(), user.expires), (Some("me@contoso.com"), None));
    }

    #[test]
    fn what_is_no_token_of_claims_says_nothing() {
        for opaque in ["", "opaque", "a.b", "a.b.c", "a.%.c"] {
            assert_eq!(Claims::read(&Secret::new(opaque)), None, "{opaque}");
        }
        assert_eq!(Claims::read(&token("[1]")), None);
        assert_eq!(Claims::read(&token(r#"{"exp":18446744073709551615}"#)).and_then(|claims| claims.expires), None);
    }
}
