//! https in earnest: a certificate must be of a trusted authority and of the name that is called.
//!
//! Trust comes from the system's store. A child process is given a store of its own through
//! `SSL_CERT_FILE`, because a test must not change the environment that others read.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use postern_outbound::{Error, Outbound};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::kit::{Script, Server, outbound};

const CHILD_PORT: &str = "OUTBOUND_TEST_TLS_PORT";

/// A server with a certificate for `idp.test`, and the authority's certificate as PEM.
async fn server() -> (Server, String) {
    let key = KeyPair::generate().expect("a key");
    let mut authority = CertificateParams::new([]).expect("parameters");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = authority.self_signed(&key).expect("a certificate");
    let issuer = Issuer::new(authority, key);
    let key = KeyPair::generate().expect("a key");
    let leaf = CertificateParams::new(["idp.test".to_owned()])
        .and_then(|it| it.signed_by(&key, &issuer))
        .expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.into()], key)
        .expect("a key that fits");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    (Server::start_tls(acceptor).await, root.pem())
}

fn client(port: u16) -> Outbound {
    let allow = [format!("idp.test:{port}"), format!("other.test:{port}")];
    outbound(&[&allow[0], &allow[1]], &Script::new(&[&["127.0.0.1"]]))
}

/// The outcome for the certificate's name and for another name at the same place.
async fn outcomes(port: u16) -> [Result<(), Error>; 2] {
    let client = client(port);
    let own = client.get(&format!("https://idp.test:{port}/")).await;
    let other = client.get(&format!("https://other.test:{port}/")).await;
    [own.map(drop), other.map(drop)]
}

#[tokio::test]
async fn attack_63_a_certificate_of_nobody_we_trust_is_refused() {
    let (server, _) = server().await;

    for outcome in outcomes(server.port).await {
        assert!(matches!(outcome, Err(Error::Connect { .. })), "{outcome:?}");
    }
    assert_eq!(server.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn attack_63_a_trusted_certificate_counts_for_its_name_only() {
    if let Some(port) = std::env::var(CHILD_PORT)
        .ok()
        .and_then(|it| it.parse().ok())
    {
        let [own, other] = outcomes(port).await;
        assert_eq!(own, Ok(()));
        assert!(matches!(other, Err(Error::Connect { .. })), "{other:?}");
        return;
    }
    let (server, root) = server().await;
    let name = "tls::attack_63_a_trusted_certificate_counts_for_its_name_only";
    let file = format!("root-{}.pem", server.port);
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(file);
    std::fs::write(&file, root).expect("a file");

    let port = server.port.to_string();
    let store = file.clone();
    let child = tokio::task::spawn_blocking(move || {
        Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", name])
            .env(CHILD_PORT, port)
            .env("SSL_CERT_FILE", store)
            .env_remove("SSL_CERT_DIR")
            .output()
            .expect("the child ends")
    });
    let output = child.await.expect("the child was started");
    std::fs::remove_file(file).expect("removed");

    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("1 passed"), "{told}");
    assert_eq!(server.requests().len(), 1);
}
