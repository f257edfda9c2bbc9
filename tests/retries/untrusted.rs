//! Something that speaks TLS with a certificate that nobody vouches for is not the service, and is not asked twice.

use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection};

/// A certificate of nobody in particular, with its key.
const CERTIFICATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/credential/tests/certificate.pem");

/// Shakes hands with whoever comes, and counts them.
fn impostor() -> (String, Arc<AtomicUsize>) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let chain = CertificateDer::pem_file_iter(CERTIFICATE).unwrap().collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_file(CERTIFICATE).unwrap();
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let came = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&came);
    thread::spawn(move || {
        for stream in listener.incoming() {
            count.fetch_add(1, Ordering::SeqCst);
            let mut connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            // The other side hangs up, as it should.
            let _ = connection.complete_io(&mut stream.unwrap());
        }
    });
    (url, came)
}

#[test]
fn what_is_not_trusted_is_not_the_service_and_not_asked_again() {
    let (url, came) = impostor();
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_offerctl"))
        .args(["list", "contoso"])
        .current_dir(folder.path())
        .env_clear()
        .env("OFFERCTL_ENDPOINT", url)
        .env("OFFERCTL_TOKEN", "token")
        .env("SSL_CERT_FILE", CERTIFICATE)
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("invalid peer certificate") && told.contains("because this is not the service"), "{told}");
    assert_eq!(came.load(Ordering::SeqCst), 1, "{told}");
}
