//! TLS towards a database server: always verified, against the system's roots or a given file.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_postgres_rustls::MakeRustlsConnect;

pub(super) fn connector(root_certificates: Option<&Path>) -> Result<MakeRustlsConnect, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?;
    let builder = match root_certificates {
        None => builder.with_platform_verifier().map_err(|error| error.to_string())?,
        Some(file) => builder.with_root_certificates(roots(file)?),
    };
    Ok(MakeRustlsConnect::new(builder.with_no_client_auth()))
}

fn roots(file: &Path) -> Result<RootCertStore, String> {
    let in_file = |error: &dyn std::fmt::Display| format!("`sslrootcert` `{}`: {error}", file.display());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| in_file(&error))? {
        roots.add(certificate.map_err(|error| in_file(&error))?).map_err(|error| in_file(&error))?;
    }
    if roots.is_empty() { Err(in_file(&"holds no certificate")) } else { Ok(roots) }
}
