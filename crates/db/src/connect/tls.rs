//! TLS to the database: rustls, TLS 1.2 and 1.3, certificates always verified.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::Error;

/// Makes a connector that trusts the certificates in `roots`, or the system's.
pub(super) fn connector(roots: Option<&Path>) -> Result<MakeRustlsConnect, Error> {
    let mut store = RootCertStore::empty();
    match roots {
        Some(path) => {
            for certificate in CertificateDer::pem_file_iter(path).map_err(trouble(path))? {
                let certificate = certificate.map_err(trouble(path))?;
                store.add(certificate).map_err(trouble(path))?;
            }
        }
        None => {
            let loaded = rustls_native_certs::load_native_certs();
            store.add_parsable_certificates(loaded.certs);
        }
    }
    if store.is_empty() {
        return Err(Error::Address {
            reason: "no trusted certificates were found to verify the database server with; \
                     name a PEM file with `sslrootcert=`"
                .into(),
        });
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Address {
            reason: format!("TLS cannot be set up: {error}"),
        })?
        .with_root_certificates(store)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn trouble<E: std::fmt::Display>(path: &Path) -> impl Fn(E) -> Error {
    let path = path.display().to_string();
    move |error| Error::Address {
        reason: format!("the certificates in `{path}` cannot be read: {error}"),
    }
}
