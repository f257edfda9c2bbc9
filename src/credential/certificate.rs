//! An application's certificate, and the assertions that its private key signs.
//!
//! The format is the one of "Microsoft identity platform application authentication certificate credentials": a JWT
//! signed with PS256 whose header names the certificate by its SHA-256 thumbprint.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use azure_core::base64::encode_url_safe;
use rustls::SignatureScheme;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::Signer;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::surroundings::Surroundings;
use super::variable::CLIENT_CERTIFICATE_PATH;
use crate::portal::CredentialError;

/// How long an assertion is good for; Entra advises five to ten minutes.
const LIFETIME: Duration = Duration::from_secs(10 * 60);
/// A PEM bundle with a chain has some kilobytes.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// A certificate with its key, ready to sign.
#[derive(Clone)]
pub(super) struct SigningCertificate {
    thumbprint: String,
    signer: Arc<dyn Signer>,
    now: fn() -> SystemTime,
    chance: Arc<Mutex<fastrand::Rng>>,
}

impl SigningCertificate {
    /// Reads a PEM file with the certificate first and its RSA key, as `AZURE_CLIENT_CERTIFICATE_PATH` names it.
    pub(super) fn read(file: &Path, surroundings: &Surroundings) -> Result<Self, CredentialError> {
        let refuse = |problem: &str| {
            CredentialError::new(
                format!("the certificate `{}` cannot be used: {problem}", file.display()),
                format!(
                    "{CLIENT_CERTIFICATE_PATH} must name a PEM file with the certificate and its RSA key, without a \
                     password; `openssl pkcs12 -in app.pfx -out app.pem -nodes` makes one from a PFX file."
                ),
            )
        };
        let length = std::fs::metadata(file).map_err(|error| refuse(&error.to_string()))?.len();
        if length > MAX_FILE_BYTES {
            return Err(refuse("it is too large to be one"));
        }
        let pem = std::fs::read(file).map_err(|error| refuse(&error.to_string()))?;
        // What the parser says may quote the file, which holds a key.
        let certificate =
            CertificateDer::from_pem_slice(&pem).map_err(|_| refuse("there is no PEM certificate in it"))?;
        let key = PrivateKeyDer::from_pem_slice(&pem).map_err(|_| {
            let is_locked = pem.windows(9).any(|window| window == b"ENCRYPTED");
            refuse(if is_locked { "its key has a password" } else { "there is no PEM key in it" })
        })?;
        let signer = any_supported_type(&key)
            .ok()
            .and_then(|key| key.choose_scheme(&[SignatureScheme::RSA_PSS_SHA256]))
            .ok_or_else(|| refuse("its key is no RSA key"))?;
        Ok(Self {
            thumbprint: encode_url_safe(Sha256::digest(&certificate)),
            signer: Arc::from(signer),
            now: surroundings.clock(),
            chance: Arc::new(Mutex::new(fastrand::Rng::with_seed(surroundings.seed()))),
        })
    }

    /// A signed statement that this is the application, for one audience.
    pub(super) fn assert(&self, application: &str, audience: &str) -> Result<String, CredentialError> {
        let now = (self.now)().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        // A generator that a panicking thread left behind is as good as any.
        let identifier = self.chance.lock().unwrap_or_else(PoisonError::into_inner).u128(..);
        let header = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint});
        let claims = json!({
            "aud": audience, "iss": application, "sub": application, "jti": format!("{identifier:032x}"),
            "nbf": now, "iat": now, "exp": now.saturating_add(LIFETIME.as_secs()),
        });
        let statement = format!("{}.{}", encode_url_safe(header.to_string()), encode_url_safe(claims.to_string()));
        let signature = self.signer.sign(statement.as_bytes()).map_err(|error| {
            CredentialError::new(
                format!("the certificate's key cannot sign: {error}"),
                format!("Check the file that {CLIENT_CERTIFICATE_PATH} names."),
            )
        })?;
        Ok(format!("{statement}.{}", encode_url_safe(signature)))
    }
}

impl fmt::Debug for SigningCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SigningCertificate").field("thumbprint", &self.thumbprint).finish_non_exhaustive()
    }
}
